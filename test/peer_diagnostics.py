# SPDX-License-Identifier: MIT
# needs: h5py numpy
"""diagnostics.h5 read by h5py alone, during the run and after it: every data set has its axes, unit
and meaning and is documented; numbers that follow from others are computed again and compared."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

LEADSEQ = os.environ.get("LEADSEQ", "leadseq")
TOP = pathlib.Path(os.environ.get("srcdir", "."))
count = 0


def check(name, passed, detail=""):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}{'' if passed else ': ' + str(detail)}")


def leadseq(*arguments, **more):
    return subprocess.run([LEADSEQ, *arguments], check=True, capture_output=True, **more)


def documented():
    text = (TOP / "doc/diagnostics.md").read_text(encoding="utf-8")
    return set(re.findall(r"`([a-z_]+(?:/[a-z_]+)?)`", text))


def read_while_it_grows(command, path):
    """Opens the file again and again until the run ends: rows seen each time, and what failed."""
    rows, failures = [], []
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None:
        if path.exists():
            try:
                with h5py.File(path, "r") as f:
                    rows.append(len(f["output/cost"]))
                    assert len(f["output/step"]) == rows[-1]
            except (OSError, KeyError, AssertionError) as error:
                failures.append(error)
        time.sleep(0.02)
    return run.returncode, rows, failures


def check_sets(f):
    words, undescribed, unknown, ragged = documented(), [], [], []
    for group in f.values():
        if group.attrs["status"] != b"measured":
            continue
        rows = len(group["step"])
        for name, data in group.items():
            if name == "step":
                continue
            axes = data.attrs["axes"].decode().split()
            if axes[0] != "row" or len(axes) != data.ndim or not data.attrs["meaning"]:
                undescribed.append(data.name)
            if name not in words and data.name[1:] not in words:
                unknown.append(data.name)
            if data.shape[0] != rows or not data.chunks or data.maxshape[0] is not None:
                ragged.append(data.name)
    check("every quantity has its axes, unit and meaning", not undescribed, undescribed)
    check("every quantity is in doc/diagnostics.md", not unknown, unknown)
    check("every quantity has one row per step, in chunks, and can grow", not ragged, ragged)


def check_figures(f):
    head, flow, gates, step = f["head"], f["flow"], f["gates"], f["step"]
    split = head["dw_h"][:] + head["w_dh"][:] + head["dw_dh"][:] + head["db"][:][:, None]
    measured = head["measured"][:]
    records = f["output/records"][:]
    there = np.arange(measured.shape[1]) < records[:, None]
    check("records a batch does not have are NaN, the others are not",
          np.array_equal(np.isfinite(measured), there))
    check("the displacement splits into its terms",
          np.allclose(split[there], measured[there], rtol=0.01, atol=1e-5))
    check("the coming step is predicted",
          np.allclose(head["predicted"][:][there], (head["dw_h"][:] + head["db"][:][:, None])[there],
                      rtol=1e-4, atol=1e-6))
    norm = flow["norm"][:].astype(float)
    lead = np.arange(norm.shape[-1])
    slope = np.array([[np.polyfit(lead, np.log(y), 1)[0] for y in row[0]] for row in norm])
    check("the factor is numpy's regression",
          np.allclose(flow["factor"][:][:, 0], np.exp(-slope), rtol=1e-4))
    f_mean = gates["mean"][:][:, 0, 1:, 1, :].mean(axis=1)
    check("the memory time is that of the forget gates",
          np.allclose(gates["memory"][:][:, 0], 1 / (1 - f_mean), rtol=1e-4))
    points = np.array(step.attrs["points"].split(), dtype=float)
    check("the best point is the cheapest",
          np.array_equal(step["best"][:], points[np.argmin(step["line_cost"][:], axis=1)]))
    tensors = [name.decode() for name in f.attrs["tensors"]]
    counts = f["histograms/gradient"][:].sum(axis=2) + f["histograms/gradient_zero"][:]
    check("every gradient is counted once",
          np.all(counts.sum(axis=1) == f.attrs["parameters"]) and counts.shape[1] == len(tensors))


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        leadseq("synth", "--out", work / "records", "--patients", "30", "--seed", "3")
        leadseq("render", "--ptbxl", work / "records", "--out", work / "stack.h5", "--size", "24x20")
        (work / "e.yaml").write_text(
            "model: {type: convlstm, hidden: [3], head: flatten}\n"
            "data: {train: [1, 2, 3, 4, 5, 6, 7, 8], valid: [9, 10], test: []}\n"
            "train: {batch: 4, epochs: 6, threads: 1}\n"
            "diagnose: {probes: full, every: 1, groups: [output, head, flow, parameters, gates, step]}\n",
            encoding="utf-8")
        command = [LEADSEQ, "train", work / "e.yaml", "--data", work / "stack.h5", "--out", work / "run"]
        path = work / "run/diagnostics.h5"
        status, rows, failures = read_while_it_grows(command, path)
        check("the run ends well", status == 0, status)
        check("the file was whole whenever it was opened", rows and not failures, failures[:1])
        check("it grew meanwhile", rows and min(rows) < max(rows), rows)
        with h5py.File(path, "r") as f:
            check("kind and schema", f.attrs["kind"] == b"leadseq diagnostics" and f.attrs["schema"] == 1)
            check("a group that was not asked for says so",
                  f["recurrence"].attrs["reason"] == b"not in diagnose.groups"
                  and "singular" not in f["recurrence"])
            check_sets(f)
            check_figures(f)
    print(f"1..{count}")


if __name__ == "__main__":
    sys.exit(main())
