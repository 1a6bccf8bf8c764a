#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: numpy scipy
"""How wide QRS is in records that say NORM and no other class, by one definition for all.

    /usr/bin/python3 test/peer_qrs.py FOLDER [100|500 [CODE]]

prints quantiles of a PTB-XL-shaped folder. Without arguments it simulates one and compares its
quantiles with REAL.

Every lead is brought to 500 Hz and low-passed at 40 Hz (Butterworth, second order, forwards and
back), so that both rates and all sources have the same band. Beats lie where the vector of I,
II, V1 ... V6 moves fastest; they are aligned by correlation, and the median of those that
resemble it (r > .9) is the record's beat. Of its speed the quiet share (10th percentile) is taken
away. QRS goes from the fastest moment outwards until the speed stays below a share of its
maximum for 12 ms. Two shares, 5 and 10 %: agreement must not depend on one threshold."""
import ast
import csv
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy import signal

RATE = 500
SHARES = (0.05, 0.10)
BEFORE, AFTER = 60, 75  # samples of a beat searched for QRS: 120 ms and 150 ms
INDEPENDENT = [0, 1, 6, 7, 8, 9, 10, 11]
QUIET = 0.012  # s below the threshold that end QRS
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# ms, of 771 records of PTB-XL 1.0.3 at 100 Hz, for each of SHARES; doc/simulator.md has the
# command. The 48 at hand as published at 500 Hz have 73 78 84 88 95 and 64 68 74 80 85.
REAL = ((70, 78, 84, 90, 98), (62, 68, 74, 80, 88))
# What 2 ms of sampling and 200 records allow; the tails of few records are less certain.
TOLERANCE = (6, 4, 4, 4, 6)


def read(path):
    """(8, n) at 500 Hz, in mV: I, II, V1 ... V6."""
    with open(path + ".hea", encoding="ascii") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    leads, rate, n = int(lines[0][1]), float(lines[0][2]), int(lines[0][3])
    gain = np.array([float(line[2].split("(")[0].split("/")[0]) for line in lines[1:leads + 1]])
    mv = np.fromfile(path + ".dat", "<i2").reshape(n, leads).T / gain[:, None]
    mv = mv[INDEPENDENT]
    if rate != RATE:
        mv = signal.resample_poly(mv - mv[:, :1], RATE, int(rate), axis=1)
    return mv


def speed(v):
    return np.sqrt((np.gradient(v, axis=1) ** 2).sum(axis=0)) * RATE  # mV/s


def beat(mv):
    """The median beat, (8, BEFORE + AFTER), its fastest moment at BEFORE; None without one."""
    fast = speed(mv)
    margin = BEFORE + 10
    most = np.median([part.max() for part in np.array_split(fast, 8)])
    at, _ = signal.find_peaks(fast, height=0.5 * most, distance=int(0.3 * RATE))
    at = at[(at >= margin) & (at < mv.shape[1] - AFTER - 10)]
    if len(at) < 4:
        return None
    for _ in range(3):
        cut = np.array([mv[:, k - BEFORE:k + AFTER] for k in at])
        cut -= np.median(cut, axis=2, keepdims=True)
        middle = np.median(cut, axis=0)
        flat = middle.ravel() / np.linalg.norm(middle)
        moved, likeness = [], []
        for k in at:
            tries = [mv[:, k + d - BEFORE:k + d + AFTER] for d in range(-8, 9)]
            tries = [t - np.median(t, axis=1, keepdims=True) for t in tries]
            r = [t.ravel() @ flat / np.linalg.norm(t) for t in tries]
            moved.append(k + int(np.argmax(r)) - 8)
            likeness.append(max(r))
        keep = np.array(likeness) > 0.9
        if keep.sum() < 4:
            return None
        at = np.array(moved)[keep]
        at = at[(at >= margin) & (at < mv.shape[1] - AFTER - 10)]
    return np.median([mv[:, k - BEFORE:k + AFTER]
                      - np.median(mv[:, k - BEFORE:k + AFTER], axis=1, keepdims=True)
                      for k in at], axis=0)


def edge(active, start, step):
    """The last active sample from `start` on, before QUIET seconds of none."""
    last, k = start, start
    while 0 <= k < len(active) and abs(k - last) <= QUIET * RATE:
        if active[k]:
            last = k
        k += step
    return last


def widths(mv):
    """Seconds of QRS, one for each of SHARES; None where no beat repeats."""
    b = beat(signal.filtfilt(*signal.butter(2, 40, fs=RATE), mv, axis=1))
    if b is None:
        return None
    fast = speed(b)
    fast -= np.quantile(fast, 0.1)
    start = BEFORE - 20 + int(np.argmax(fast[BEFORE - 20:BEFORE + 20]))
    out = []
    for share in SHARES:
        active = fast > share * fast[start]
        out.append((edge(active, start, 1) - edge(active, start, -1)) / RATE)
    return out


def chosen(root, code):
    """Paths and codes of the records that have `code`; of NORM, those of no other class."""
    with open(os.path.join(root, "scp_statements.csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("diagnostic_class")
    class_of = {row[0]: row[column] for row in rows[1:] if row[column]}
    with open(os.path.join(root, "ptbxl_database.csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            codes = ast.literal_eval(row["scp_codes"])
            if code not in codes:
                continue
            if code == "NORM" and {class_of[c] for c in codes if c in class_of} != {"NORM"}:
                continue
            yield row


def measure(root, rate, code="NORM"):
    """(records, SHARES) in ms."""
    column = "filename_lr" if rate == 100 else "filename_hr"
    out = []
    for row in chosen(root, code):
        path = os.path.join(root, row[column])
        if os.path.exists(path + ".dat"):
            out.append(widths(read(path)))
    return 1000 * np.array([w for w in out if w])


def show(name, ms):
    for share, w in zip(SHARES, ms.T):
        q = " ".join(f"{x:.0f}" for x in np.quantile(w, QUANTILES))
        print(f"{name}, {100 * share:.0f} %: {len(w)} records, 5 25 50 75 95 %: {q} ms, "
              f"standard deviation {w.std():.1f}")


def compare():
    leadseq = os.path.abspath("leadseq")
    with tempfile.TemporaryDirectory() as folder:
        ecg = os.path.join(folder, "ecg")
        run = subprocess.run([leadseq, "synth", "--out", ecg, "--patients", "300", "--mi-share",
                              "0", "--seed", "7"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if run.returncode:
            print("Bail out!", run.stderr.decode().strip())
            return 1
        ms = measure(ecg, 500)
    failed = 0
    for n, (share, w, real) in enumerate(zip(SHARES, ms.T, REAL), 1):
        found = np.quantile(w, QUANTILES)
        good = len(w) > 150 and (np.abs(found - real) <= TOLERANCE).all()
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - QRS at {100 * share:.0f} % of its speed is as "
              "wide as in real normal records")
        print(f"# {len(w)} records: {found.round(1)}, real {real}, ms")
    print(f"1..{len(SHARES)}")
    return failed


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(1 if compare() else 0)
    rate, code = (sys.argv[2:] + ["100", "NORM"][len(sys.argv[2:]):])[:2]
    show(sys.argv[1], measure(sys.argv[1], int(rate), code))
