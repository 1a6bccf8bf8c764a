# SPDX-License-Identifier: MIT
# needs: numpy torch torchvision
# seconds: 1500
"""Residual networks of all depths, heads and kinds of input against torchvision's, as
test/peer_resnet.py holds two small ones: the cases there that take minutes, as many as time
allows."""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
parser = argparse.ArgumentParser()
for option in ("leadseq", "work", "table"):
    parser.add_argument(f"--{option}", required=True)
parser.add_argument("--seconds", type=float, default=1500)
options = parser.parse_args()
os.environ["LEADSEQ"] = options.leadseq

import torch  # noqa: E402

import peer_resnet as peer  # noqa: E402

torch.set_num_threads(peer.THREADS)
end = time.monotonic() + options.seconds
cases = peer.CASES | peer.LONG
print(f"1..{len(cases)}")
failed, longest = False, 0
for number, (name, spec) in enumerate(cases.items(), 1):
    begun = time.monotonic()
    if end - begun < 2 * longest:
        print(f"ok {number} - {name} # SKIP no time is left", flush=True)
        continue
    found = peer.compare(spec)
    longest = max(longest, time.monotonic() - begun)
    failed |= peer.verdict(number, name, found)
    worst, _ = peer.judge(found)
    words = ", ".join(f"{what} {one[1]:.1e} ({one[2]:.1e})" for what, one in worst.items())
    with open(options.table, "a") as table:
        print(f"| resnet, {name} | torchvision in float64; relative error of the worst tensor, in brackets "
              f"the largest of three of PyTorch's float32 | {words} |", file=table)
sys.exit(failed)
