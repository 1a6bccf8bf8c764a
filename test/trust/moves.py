# SPDX-License-Identifier: MIT
# needs: numpy torch
# seconds: 120
"""Optimisers, schedules and clipping over 100 steps against torch.optim in float64; losses and their
derivatives against autograd in float64. Gradients are of every size, some all zero, some steps too."""
import os
import subprocess

import numpy as np
import torch
from torch.nn import functional as F
from torch.optim import lr_scheduler as lrs

from lib.trust import Trust

STEPS, EPOCH, COUNT = 100, 7, 67
AS_FAR = 3  # times what PyTorch's float32 is off from its float64

trust = Trust()
DRIVER = os.path.join(os.path.dirname(os.path.abspath(trust.leadseq)), "test/engine_driver")


def driver(words, numbers):
    text = "\n".join(" ".join(f"{v:.9g}" for v in row) for row in numbers)
    return subprocess.run([DRIVER, *map(str, words)], input=text, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


# --- Optimisers and schedules -----------------------------------------------------------------

def walk_of(seed):
    """Values and gradients in float32: sizes from 1e-9 to 1e3, an eighth of them zero, two idle steps."""
    rng = np.random.default_rng(seed)
    size = 10 ** rng.uniform(-9, 3, 2 * COUNT)
    g = rng.normal(size=(STEPS, 2 * COUNT)) * size + .3 * size
    g[rng.random(g.shape) < .125] = 0
    g[[3, 50]] = 0
    return rng.normal(size=2 * COUNT).astype(np.float32), g.astype(np.float32)


def make(kind, lr, decay, w, b, **options):
    groups = [{"params": [w], "weight_decay": decay}, {"params": [b], "weight_decay": 0}]
    return {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind](
        groups, lr=lr, **options)


def theirs(start, gradients, kind, lr, decay, clip, schedule, options, dtype):
    w, b = (torch.nn.Parameter(torch.tensor(part, dtype=dtype))
            for part in (start[:COUNT], start[COUNT:]))
    o = make(kind, lr, decay, w, b, **options)
    per_epoch, scheduler = schedule
    s = scheduler(o)
    norms = []
    for step, g in enumerate(gradients):
        w.grad, b.grad = (torch.tensor(part, dtype=dtype) for part in (g[:COUNT], g[COUNT:]))
        norms.append(float(torch.cat([w.grad, b.grad]).norm()))
        if clip:
            torch.nn.utils.clip_grad_norm_([w, b], clip)
        o.step()
        if step + 1 < STEPS and (not per_epoch or (step + 1) % EPOCH == 0):
            s.step()
    return torch.cat([w, b]).detach().double().numpy(), np.array(norms)


def warmed(w, then):
    rise = lambda o: lrs.LinearLR(o, start_factor=1 / w, total_iters=w - 1)
    return lambda o: lrs.SequentialLR(o, [rise(o), then(o)], milestones=[w])


SCHEDULES = {
    "constant": ({}, (False, lambda o: lrs.LambdaLR(o, lambda step: 1))),
    "constant after a warm-up": ({"warmup": 30}, (False, warmed(
        30, lambda o: lrs.LambdaLR(o, lambda step: 1)))),
    "step": ({"schedule": "step", "step_size": 3, "gamma": .3},
             (True, lambda o: lrs.StepLR(o, step_size=3, gamma=.3))),
    "cosine after a warm-up": (
        {"schedule": "cosine", "min_lr": 1e-4, "warmup": 9},
        (False, warmed(9, lambda o: lrs.CosineAnnealingLR(o, T_max=STEPS - 9, eta_min=1e-4)))),
    "one-cycle": ({"schedule": "one-cycle"},
                  (False, lambda o: lrs.OneCycleLR(o, max_lr=[.02, .02], total_steps=STEPS))),
    "one-cycle, plain momentum": (
        {"schedule": "one-cycle", "cycle_momentum": "false", "warmup": 41},
        (False, lambda o: lrs.OneCycleLR(o, max_lr=[.02, .02], total_steps=STEPS, pct_start=.41,
                                         cycle_momentum=False))),
}
OPTIMIZERS = [
    ("sgd", {}, {}), ("sgd", {"momentum": .97}, {"momentum": .97}),
    ("adam", {}, {}), ("adam", {"betas": "[0.3, 0.5]", "epsilon": .01},
                       {"betas": (.3, .5), "eps": .01}),
    ("adamw", {}, {}), ("adamw", {"betas": "[0, 0.9999]", "epsilon": 1e-12},
                        {"betas": (0, .9999), "eps": 1e-12}),
]


def distance(found, exact, start):
    """Of the largest step a value could show: how far it moved, or its own size if larger."""
    return float((np.abs(found - exact) / np.maximum(np.abs(exact - start), np.abs(exact)).clip(1e-30)).max())


def try_optimizers():
    worst, worst_torch, worst_norm, count = 0, 0, 0, 0
    for number, (kind, options, torchs) in enumerate(OPTIMIZERS):
        for at, (name, (pairs, schedule)) in enumerate(SCHEDULES.items()):
            if "one-cycle" == name and kind == "sgd" and not torchs:
                schedule = SCHEDULES["one-cycle, plain momentum"][1]
                pairs = SCHEDULES["one-cycle, plain momentum"][0]
            for decay, clip in ((0, 0), (.3, 0), (.3, 20)):
                start, g = walk_of(number * 100 + at * 10 + bool(decay) + bool(clip))
                if kind == "sgd":
                    g /= 300
                words = {"lr": .02, "optimizer": kind, "weight_decay": decay, "clip_norm": clip,
                         **pairs, **options}
                lines = driver(["steps", EPOCH, STEPS, COUNT,
                                *(f"train.{k}={v}" for k, v in words.items())], [start, *g]).split()
                found = np.array(lines, dtype=float)
                exact, norms = theirs(start, g, kind, .02, decay, clip, schedule, torchs, torch.float64)
                rough, _ = theirs(start, g, kind, .02, decay, clip, schedule, torchs, torch.float32)
                off, own = distance(found[STEPS:], exact, start), distance(rough, exact, start)
                norm = float(np.abs(found[:STEPS] / np.where(norms > 0, norms, 1) - (norms > 0)).max())
                good = off <= max(AS_FAR * own, 2e-6) and norm < 1e-6
                if not good:
                    trust.check(f"{kind} {options}, {name}, decay {decay}, clip {clip}", False,
                                f"off by {off:.1e}, PyTorch's float32 by {own:.1e}; norm by {norm:.1e}")
                worst, worst_torch = max(worst, off), max(worst_torch, own)
                worst_norm, count = max(worst_norm, norm), count + 1
    trust.check(f"optimisers with schedules: {count} walks of {STEPS} steps", count == 108)
    trust.row("sgd, adam, adamw with all schedules, decay, clipping",
              f"{count} walks of {STEPS} steps against torch.optim in float64, gradients of 1e-9 to 1e3",
              f"{worst:.1e} of a value or its way (PyTorch's float32 {worst_torch:.1e}); norms {worst_norm:.1e}")


# --- Losses -----------------------------------------------------------------------------------

def cost_of(name, z, t, weight, e):
    """A record's cost in float64, unknown targets left out, and what the mean divides by."""
    known = t >= 0
    if name == "softmax":  # CrossEntropyLoss(weight, label_smoothing=e); unknown: cost 0, weight 1
        two = len(z[0]) == 1
        logits, yes = (torch.cat([z, 0 * z], 1), t[:, 0] != 1) if two else (z, t.argmax(1))
        weight = torch.cat([weight, torch.ones(1)]).double() if two else weight
        whole, classes = known.all(1), yes.long()
        cost = F.cross_entropy(logits, classes, weight, reduction="none", label_smoothing=e)
        return torch.where(whole, cost, 0 * cost), torch.where(whole, weight[classes], torch.ones(len(z)).double()).sum()
    t = t.clamp(min=0) * (1 - e) + e / 2
    if name == "bce":
        part = F.binary_cross_entropy(torch.sigmoid(z), t, reduction="none")
    else:
        part = F.binary_cross_entropy_with_logits(z, t, pos_weight=weight, reduction="none")
    return (part * known).sum(1), len(z)


def try_losses():
    rng = np.random.default_rng(77)
    # "bce" is float32 by definition: 1 - p has lost its digits beyond 8 (doc/mathematics.md)
    for name, far, bound in (("bce", 5, 2e-5), ("bce-logits", 80, 1e-6), ("softmax", 80, 1e-6)):
        worst = [0, 0, 0]
        for outputs, n, e in ((1, 1, 0), (1, 501, 0), (2, 333, 0), (5, 64, 0), (64, 17, 0), (1, 97, .2), (5, 128, .1)):
            z = rng.uniform(-far, far, (n, outputs)).astype(np.float32)
            z[0, 0] = 0
            t = (rng.random((n, outputs)) < .4).astype(np.float32)
            if name == "softmax" and outputs > 1:
                t = np.eye(outputs, dtype=np.float32)[rng.integers(outputs, size=n)]
            t[rng.random(t.shape) < .1] = -1
            weight = 10 ** rng.uniform(-3, 3, outputs) if name != "bce" else np.ones(outputs)
            weight = weight.astype(np.float32)
            rows = [np.concatenate(pair) for pair in zip(z, t)]
            lines = driver(["loss", name, outputs, e, *(f"{w:.9g}" for w in weight)], rows).splitlines()
            found = np.array([line.split() for line in lines[1:]], dtype=float)
            x = torch.tensor(z).double().requires_grad_()
            cost, all_weights = cost_of(name, x, torch.tensor(t).double(), torch.tensor(weight).double(), e)
            mean = cost.sum() / all_weights
            mean.backward()
            if name == "softmax" and e and outputs > 1:  # PyTorch's own mean, of the known records
                whole = torch.tensor((t >= 0).all(1))
                own = F.cross_entropy(x[whole], torch.tensor(t).argmax(1)[whole], torch.tensor(weight).double(),
                                      label_smoothing=e).item() * float(all_weights - (~whole).sum()) / float(all_weights)
                trust.check("softmax: the mean is CrossEntropyLoss's", abs(own - mean.item()) < 1e-9 * own, f"{own}")
            mean, cost, slope = mean.item(), cost.detach().numpy(), x.grad.numpy()
            most = np.maximum(weight, 1).max() if name == "softmax" else np.maximum(weight, 1)
            off = [abs(float(lines[0]) - mean) / max(mean, 1e-3),
                   (np.abs(found[:, 0] - cost) / np.maximum(cost, 1e-3)).max(),
                   (np.abs(found[:, 1:] - slope) * float(all_weights) / most).max()]
            worst = [max(pair) for pair in zip(worst, off)]
        trust.check(f"{name}: mean, costs, derivatives", max(worst) < bound, f"off by {worst}")
        trust.row(f"loss {name}, 1 to 64 outputs, weights 1e-3 to 1e3, smoothed and not, unknown targets",
                  f"autograd in float64, logits within ±{far}",
                  f"mean {worst[0]:.1e}, costs {worst[1]:.1e}, derivatives {worst[2]:.1e} of max(weight, 1)/N")


try_optimizers()
try_losses()
raise SystemExit(trust.done())
