#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: numpy wfdb
"""Records that the WFDB package of PhysioNet writes, read by us: every sample, in
every format it writes; those it only reads, and real records of several sets, read
by both."""
import glob
import os
import subprocess
import sys
import tempfile

import numpy as np
import wfdb

LEADS = "I II III AVR AVL AVF V1 V2 V3 V4 V5 V6".split()
WRITTEN = {"16": 16, "24": 24, "32": 32, "80": 8}  # bits
SOURCE = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), ".."))
REAL = ["other-ecg/*.hea", "ptbxl-original/records500/*/*.hea"]

results = []


def check(name, bad):
    results.append(not bad)
    print(f"{'not ok' if bad else 'ok'} {len(results)} - {name}", flush=True)
    for line in bad[:5]:
        print("#", line)


def ours(path):
    run = subprocess.run(["test/record_dump", path], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    if run.returncode:
        return None, run.stderr.decode().strip()
    rate, n = run.stderr.split()
    return float(rate), np.frombuffer(run.stdout, "<f4").reshape(12, int(n))


def compare(path, rate, mv):
    """mv: (12, n) in the order of LEADS."""
    found_rate, found = ours(path)
    if found_rate is None:
        return [found]
    if found_rate != rate or found.shape != mv.shape:
        return [f"{found_rate} Hz, {found.shape} for {rate} Hz, {mv.shape}"]
    if not np.array_equal(np.isnan(found), np.isnan(mv)):
        return ["missing samples are others"]
    error = np.nanmax(np.abs(found - mv) / (1e-3 + np.abs(mv)), initial=0)
    return [f"{error:.2e} away"] if error > 1e-5 else []


def write(folder, fmt, n, missing):
    """Leads in reverse order, gains and baselines of their own, uV for the last."""
    bits = WRITTEN[fmt]
    random = np.random.default_rng(n)
    digital = random.integers(-2 ** (bits - 1) + 1, 2 ** (bits - 1), (n, 12), dtype=np.int64)
    if missing:
        digital[n // 2, 3] = -2 ** (bits - 1)
    gain = [100.0 + 7 * i for i in range(11)] + [0.5]
    base = [i - 5 for i in range(12)]
    mv = (digital - base) / gain
    mv[:, 11] /= 1000
    mv[digital == -2 ** (bits - 1)] = np.nan
    wfdb.wrsamp(f"r{fmt}", fs=360, units=["mV"] * 11 + ["uV"], sig_name=LEADS[::-1],
                d_signal=digital, fmt=[fmt] * 12, adc_gain=gain, baseline=base, write_dir=folder)
    return mv.T[::-1]


def pack(fmt, digital):
    """(n, 12) samples as the bytes of formats that wfdb does not write."""
    flat = digital.reshape(-1)
    if fmt == "61":
        return flat.astype(">i2").tobytes()
    pairs = np.append(flat, 0)[:len(flat) + len(flat) % 2].reshape(-1, 2) & 0xfff
    triples = np.stack([pairs[:, 0] & 0xff, pairs[:, 0] >> 8 | pairs[:, 1] >> 8 << 4,
                        pairs[:, 1] & 0xff], axis=1)
    return triples.astype(np.uint8).tobytes()


def write_by_hand(folder, fmt, bits, n):
    digital = np.random.default_rng(n).integers(-2 ** (bits - 1), 2 ** (bits - 1), (n, 12))
    with open(os.path.join(folder, f"r{fmt}.dat"), "wb") as data:
        data.write(pack(fmt, digital))
    with open(os.path.join(folder, f"r{fmt}.hea"), "w") as header:
        header.write(f"r{fmt} 12 250 {n}\n")
        for i, lead in enumerate(LEADS):
            total = int(digital[:, i].sum()) & 0xffff
            header.write(f"r{fmt}.dat {fmt} {200 + i}({i})/mV 12 0 {digital[0, i]} {total} 0 "
                         f"{lead}\n")
    return os.path.join(folder, f"r{fmt}.hea")


def by_wfdb(header):
    record = wfdb.rdrecord(header[:-4])
    scale = {"mv": 1, "uv": 1e-3, "v": 1e3}
    names = [name.upper() for name in record.sig_name]
    columns = [names.index(lead) for lead in LEADS]
    signal = record.p_signal * [scale.get(u.lower(), np.nan) for u in record.units]
    return record.fs, signal[:, columns].T


def main():
    if not os.path.exists("test/record_dump"):
        print("1..0 # SKIP test/record_dump is not built")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for fmt in WRITTEN:
            bad = []
            for n in (1, 2, 7, 1000, 1001):
                mv = write(folder, fmt, n, missing=n > 2)
                bad += [f"{n} samples: {text}"
                        for text in compare(os.path.join(folder, f"r{fmt}"), 360, mv)]
            check(f"format {fmt} as wfdb {wfdb.__version__} writes it", bad)
        for fmt, bits in (("61", 16), ("212", 12)):
            bad = []
            for n in (1, 2, 7, 1000, 1001):
                header = write_by_hand(folder, fmt, bits, n)
                bad += [f"{n} samples: {text}" for text in compare(header, *by_wfdb(header))]
            check(f"format {fmt} as wfdb {wfdb.__version__} reads it", bad)
    for pattern in REAL:
        headers = sorted(glob.glob(os.path.join(SOURCE, "..", "shared", pattern)))
        bad, read = [], 0
        for header in headers:
            try:
                rate, mv = by_wfdb(header)
            except wfdb.io.header.HeaderSyntaxError:
                continue  # wfdb takes no name such as E00009.mat within a header
            read += 1
            bad += [f"{header}: {text}" for text in compare(header, rate, mv)]
        if headers:
            check(f"{read} records of {pattern.split('/')[0]} are read alike", bad)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


sys.exit(main())
