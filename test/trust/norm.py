# SPDX-License-Identifier: MIT
# needs: sys
# seconds: 180
"""Batch norm's sums over 10^6 … 10^9 values of a channel of white paper, against sums in integers
(norm_sums.c)."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trust import Trust  # noqa: E402

BOUND = 1e-6
BYTES = 4  # of a value


def memory():
    with open("/proc/meminfo") as text:
        return next(int(line.split()[1]) * 1024 for line in text if line.startswith("MemAvailable"))


def main():
    trust = Trust()
    program = os.path.join(os.path.dirname(trust.leadseq), "test", "trust", "norm_sums")
    for count in (10**6, 10**7, 10**8, 10**9):
        if count * BYTES > .9 * memory():
            trust.check(f"{count:.0e} values", False, f"memory: {memory() / 1e9:.1f} GB are free")
            continue
        done = subprocess.run([program, str(count)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True)
        if done.returncode:
            trust.check(f"{count:.0e} values", False, done.stderr.strip())
            continue
        n, mean, variance, first, second, same = (float(v) for v in done.stdout.split())
        text = (f"mean {mean:.1e} of the deviation, variance {variance:.1e}, backward sums {first:.1e} "
                f"and {second:.1e} of the sum of absolute terms, "
                f"{'the same' if same else 'other'} bits with 1 and 3 threads")
        trust.check(f"{n:.2e} values", max(mean, variance, first, second) <= BOUND and same, text)
        trust.row(f"batch norm's sums, {n:.2e} values of a channel, mean 45 times the deviation",
                  "sums in integers", text)
    return trust.done()


if __name__ == "__main__":
    sys.exit(main())
