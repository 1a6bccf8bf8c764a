#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: numpy scipy
"""How leads I and II follow from V1 to V6, fitted by least squares: the numbers of
src/signal/electrodes.c.

    python3 test/fit_chest.py PTBXL/records100

Takes the 100 Hz records of even ecg_id; the odd ones stay for counting how often
the flag is wrong. Every record counts alike: it is scaled by the root mean square
of its I and II after a high-pass of 0.5 Hz."""
import glob
import os
import sys

import numpy as np
from scipy.signal import butter, filtfilt

NAMES = "I II V1 V2 V3 V4 V5 V6".split()


def read(header):
    lines = open(header).read().splitlines()
    n = int(lines[0].split()[1])
    signal = [line.split() for line in lines[1:1 + n]]
    data = np.fromfile(header[:-4] + ".dat", "<i2").reshape(-1, n).astype(float)
    column = {s[-1].upper(): (i, float(s[2].split("(")[0].split("/")[0]))
              for i, s in enumerate(signal)}
    return np.stack([data[:, column[name][0]] / column[name][1] for name in NAMES])


def main():
    b, a = butter(2, 0.5 / 50, "high")
    gram, cross, count = np.zeros((6, 6)), np.zeros((2, 6)), 0
    for header in sorted(glob.glob(os.path.join(sys.argv[1], "*", "*.hea"))):
        if int(os.path.basename(header)[:5]) % 2:
            continue
        x = filtfilt(b, a, read(header), axis=1)
        x /= np.sqrt((x[:2] ** 2).mean())
        gram += x[2:] @ x[2:].T
        cross += x[:2] @ x[2:].T
        count += 1
    print(f"{count} records; rows I and II, columns V1 to V6")
    print(np.array2string(np.linalg.solve(gram, cross.T).T, precision=3, suppress_small=True))


main()
