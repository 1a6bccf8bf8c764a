# SPDX-License-Identifier: MIT
# needs: numpy torch torchvision
"""train.recipe: fastai-fine-tune against plain PyTorch: a residual network of depth 18 at 64 x 64
with fastai's head, 50 steps of which 10 are frozen, without augmentation. The same learning rates
and momenta to 1e-7; all parameters and running statistics of the end to 1e-4, or twice what
PyTorch's float32 is off, whichever is larger (norm of the difference over the norm; the reference is
float64). Images and order are the program's own.

Over 50 steps rounding grows: a ReLU near zero decides otherwise, and Adam divides the gradient by
its size, so that PyTorch's float32 is off by 1e-6 in one run and by 1e-1 in the next, whose kernels
sum in another order. Its error is therefore the largest of three: as it is, with channels last, and
without oneDNN. `peer_fastai.py WIDTH SEED...` runs other networks (64 is
torchvision's; make check has 16) and prints also how often one float32 run alone is enough."""
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch.nn import functional as F

import peer_resnet as resnet

BUILD = os.path.abspath(os.path.dirname(os.environ.get("LEADSEQ", "./leadseq")))
LEADSEQ = os.path.join(BUILD, "leadseq")
FROZEN, STEPS, BASE = 10, 50, 2e-3
WIDTH = 16
SPEC = resnet.case(18, 64, 64, 4, "fastai", leads=3, channels=1, **resnet.SOFTMAX)
GROUPS = (("conv1.", "bn1.", "layer1.", "layer2."), ("layer3.", "layer4."))


def read(path):
    found, rates = {}, []
    with open(path, "rb") as file:
        while line := file.readline():
            kind, name, *rest = line.decode().split(" :")[0].split()
            if kind == "rate":
                rates.append([float(v) for v in rest])
                continue
            dims = [int(d) for d in rest]
            flat = np.frombuffer(file.read(4 * int(np.prod(dims))), np.float32)
            found.setdefault(kind, {})[name] = flat.reshape(dims)
    return found, rates


def train(width, seeds):
    """seed -> what its training had and left."""
    with tempfile.TemporaryDirectory() as folder:
        run = lambda *words: subprocess.run(words, check=True, cwd=folder, capture_output=True)
        with open(os.path.join(folder, "net.yaml"), "w") as file:
            file.write("train: {recipe: fastai-fine-tune, batch: 4, epochs: 5}\n"
                       f"model: {{type: resnet, head_dropout: 0, width: {width}}}\n"
                       "data: {leads: [I, II, V1], augment: none, limit: 42, "
                       "train: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], valid: [], test: []}\n"
                       "diagnose: {probes: none}\n")
        run(LEADSEQ, "synth", "--out", "sim", "--patients", "50", "--seed", "4")
        run(LEADSEQ, "render", "--ptbxl", "sim", "--out", "stack.h5", "--size", "64x64")
        for seed in seeds:
            run(os.path.join(BUILD, "test/fine_tune_dump"), "dump", "net.yaml", "stack.h5", f"run{seed}",
                f"seed={seed}")
            yield seed, *read(os.path.join(folder, "dump"))


def cosine(start, end, s):
    return start + (1 + math.cos(math.pi * (1 - s))) * (end - start) / 2


def one_cycle(most, div, rise, s):
    """Rate and momentum at the share s of a phase."""
    if s < rise:
        return cosine(most / div, most, s / rise), cosine(.95, .85, s / rise)
    s = (s - rise) / (1 - rise)
    return cosine(most, most / 1e5, s), cosine(.85, .95, s)


def schedule(step):
    """The rates of the three groups, and the momentum."""
    if step < FROZEN:
        top, m = one_cycle(BASE, 25, .99, step / FROZEN)
        return [top / 10, top / 10, top], m
    rates, m = [], 0
    for most in (BASE / 200, BASE / 20, BASE / 2):
        rate, m = one_cycle(most, 5, .3, (step - FROZEN) / (STEPS - FROZEN))
        rates.append(rate)
    return rates, m


class Peer(resnet.Peer):
    def group(self, key):
        return next((i for i, names in enumerate(GROUPS) if key.startswith(names)), 2)

    def repeat(self, found):
        norms = {f"{n}.{p}" for n, module in self.net.named_modules()
                 if isinstance(module, torch.nn.modules.batchnorm._BatchNorm) for p in ("weight", "bias")}
        moments = {}
        for step in range(STEPS):
            if step == FROZEN:
                moments = {}
            rates, beta = schedule(step)
            x = torch.tensor(found["images"][str(step + 1)]).to(self.dtype).reshape(-1, 3, 64, 64)
            target = torch.tensor(found["target"][str(step + 1)]).long()
            self.net.train()
            self.net.zero_grad()
            F.cross_entropy(self.run(x), 1 - target).backward()  # mi is class 0
            with torch.no_grad():
                for key, p in self.net.named_parameters():
                    if step < FROZEN and self.group(key) < 2 and key not in norms:
                        continue
                    decay = key not in norms and not key.endswith("bias")
                    self.adam(key, p, rates[self.group(key)], beta, decay, moments)

    @staticmethod
    def adam(key, p, lr, beta, decay, moments):
        mean, square, n = moments.get(key, (torch.zeros_like(p), torch.zeros_like(p), 0))
        mean = beta * mean + (1 - beta) * p.grad
        square = .99 * square + .01 * p.grad ** 2
        moments[key] = mean, square, n + 1
        if decay:
            p.mul_(1 - lr * .01)
        root = (square / (1 - .99 ** (n + 1))).sqrt() + 1e-5
        p.sub_(lr / (1 - beta ** (n + 1)) * mean / root)

    def tensors(self):
        return {k: v.detach().numpy() for k, v in (self.gather(True) | self.gather(False)).items()}


def ends(found, dtype, **how):
    peer = Peer(SPEC, found, dtype, **how)
    peer.repeat(found)
    return peer.tensors()


def judge(found):
    """(name, our error, the largest of PyTorch's in float32, each of these) of all tensors."""
    exact = ends(found, torch.float64)
    single = [ends(found, torch.float32, **how) for how in resnet.ORDERS]
    ours = found["trained"] | found["trained_state"]
    tensors = []
    for name, value in exact.items():
        theirs = [resnet.error(one[name], value) for one in single]
        tensors.append((name, resnet.error(ours[name], value), max(theirs), theirs))
    return tensors


def main(width=WIDTH, *seeds):
    torch.set_num_threads(resnet.THREADS)
    seeds = [int(s) for s in seeds] or [1]
    SPEC["model.width"] = int(width)
    print(f"1..{3 * len(seeds)}")
    number, failed = 0, False

    def verdict(good, words):
        nonlocal number, failed
        number, failed = number + 1, failed or not good
        print(f"{'ok' if good else 'not ok'} {number} - {words}", flush=True)

    for seed, found, rates in train(int(width), seeds):
        verdict(len(rates) == STEPS, f"{len(rates)} steps, an incomplete batch left out")
        off = max(max(abs(lr - schedule(k)[0][2]), abs(m - schedule(k)[1]))
                  for k, (lr, m) in enumerate(rates))
        verdict(off <= 1e-7, f"learning rates and momenta to {off:.1e}")
        tensors = judge(found)
        beyond = [t for t in tensors if not t[1] <= resnet.bound(t[2])]
        name, mine, theirs, _ = max(tensors, key=lambda t: t[1] / resnet.bound(t[2]))
        verdict(not beyond, f"seed {seed}: parameters and statistics, the worst {name} to {mine:.1e} "
                f"(PyTorch f32 {theirs:.1e})")
        for name, mine, theirs, _ in beyond:
            print(f"# {name}: {mine:.2e}, PyTorch f32 {theirs:.2e}")
        print(resnet.chances(tensors), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
