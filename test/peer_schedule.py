# SPDX-License-Identifier: MIT
# needs: torch
"""Every schedule against torch.optim.lr_scheduler, step by step."""
import os
import subprocess
import sys

import torch
from torch.optim import lr_scheduler as lrs

BUILD = os.path.dirname(os.environ.get("LEADSEQ", "./leadseq"))
LR, EPOCH = 3e-3, 11


def ours(total, **options):
    pairs = [f"train.{k}={v}" for k, v in {"lr": LR, **options}.items()]
    text = subprocess.run([os.path.join(BUILD, "test/schedule_dump"), str(EPOCH), str(total), *pairs],
                          check=True, capture_output=True, text=True).stdout
    return [tuple(map(float, line.split())) for line in text.splitlines()]


def theirs(total, scheduler, every=1, optimizer=torch.optim.Adam):
    o = optimizer([torch.nn.Parameter(torch.zeros(1))], lr=LR)
    s = scheduler(o)
    rates = []
    for step in range(total):
        group = o.param_groups[0]
        rates.append((group["lr"], group["betas"][0]))
        o.step()
        if (step + 1) % every == 0 and step + 1 < total:
            s.step()
    return rates


def rising(w):
    """Torch's LinearLR to the full rate at step w - 1."""
    return lambda o: lrs.LinearLR(o, start_factor=1 / w, total_iters=w - 1)


def warmed_up(w, scheduler):
    """A linear rise over w steps, then another schedule from its beginning."""
    return lambda o: lrs.SequentialLR(o, [rising(w)(o), scheduler(o)], milestones=[w])


CASES = [
    ("constant", {}, 50, lambda o: lrs.LambdaLR(o, lambda step: 1), 1),
    ("constant with a warm-up", {"warmup": 20}, 60, rising(20), 1),
    ("step", {"schedule": "step", "step_size": 2, "gamma": .5}, 77,
     lambda o: lrs.StepLR(o, step_size=2, gamma=.5), EPOCH),
    ("cosine", {"schedule": "cosine", "min_lr": 1e-5}, 97,
     lambda o: lrs.CosineAnnealingLR(o, T_max=97, eta_min=1e-5), 1),
    ("cosine with a warm-up", {"schedule": "cosine", "min_lr": 1e-5, "warmup": 13}, 97,
     warmed_up(13, lambda o: lrs.CosineAnnealingLR(o, T_max=84, eta_min=1e-5)), 1),
    ("one-cycle", {"schedule": "one-cycle"}, 97,
     lambda o: lrs.OneCycleLR(o, max_lr=LR, total_steps=97), 1),
    ("one-cycle with a warm-up", {"schedule": "one-cycle", "warmup": 12}, 100,
     lambda o: lrs.OneCycleLR(o, max_lr=LR, total_steps=100, pct_start=.12), 1),
]


def main():
    failed = 0
    for n, (name, options, total, scheduler, every) in enumerate(CASES, 1):
        a, b = ours(total, **options), theirs(total, scheduler, every)
        worst = max(max(abs(x[0] - y[0]) / LR, abs(x[1] - y[1])) for x, y in zip(a, b))
        good = len(a) == len(b) and worst < 1e-12
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - {name}: {total} steps, worst difference {worst:.1e}")
    print(f"1..{len(CASES)}")
    return failed


sys.exit(1 if main() else 0)
