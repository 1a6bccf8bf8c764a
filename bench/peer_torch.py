# SPDX-License-Identifier: MIT
# needs: torch
"""The same network in PyTorch, for `leadseq bench --peer`: built, evaluated and trained as its user
would, in whichever way of those PyTorch offers is the fastest here.

Answers lines on standard input (src/train/bench.h tells which). The words of the command line say
what: stage=step|forward threads=2 precision=f32|bf16 type=convlstm|cnn leads=12 channels=1
height=512 width=512 batch=2 hidden=10 stem= kernel=3 bias=1 head=flatten pool_time=0 dropout=0
logits=0 optimizer=adam lr=1e-6. The ways (channels last, inference mode, torch.compile, and the best
of these with freed memory kept) are tried in processes of their own before the first answer, so that
memory is that of the best way."""
import ctypes
import os
import signal
import subprocess
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def numbers(text):
    return [int(n) for n in text.split(",") if n]


class ConvNorm(nn.Sequential):
    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class ConvLSTM(nn.Module):
    """(T, N, C, H, W) to h of every step."""

    def __init__(self, inputs, hidden, kernel, bias):
        super().__init__()
        self.hidden = hidden
        self.gates = nn.Conv2d(inputs + hidden, 4 * hidden, kernel, padding=kernel // 2, bias=bias)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[1], self.hidden, *x.shape[3:])
        steps = []
        for x_t in x:
            i, f, o, g = self.gates(torch.cat([x_t, h], 1)).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            steps.append(h)
        return steps


class Head(nn.Module):
    def __init__(self, kind, channels, size, dropout):
        super().__init__()
        features = {"flatten": channels * size, "mean-max": 2 * channels}.get(kind, channels)
        self.kind, self.dropout = kind, nn.Dropout(dropout)
        self.dense = nn.Linear(features, 1)

    def forward(self, h):
        """(N, T, K, H, W) to (N)."""
        if self.kind == "flatten":
            pooled = h.flatten(1)
        else:
            parts = {"mean": (h.mean((1, 3, 4)),), "max": (h.amax((1, 3, 4)),)}
            pooled = torch.cat(parts.get(self.kind) or parts["mean"] + parts["max"], 1)
        return self.dense(self.dropout(pooled)).squeeze(1)


def halved(n, times):
    for _ in range(times):
        n = (n + 1) // 2
    return n


class Sequence(nn.Module):
    def __init__(self, o):
        super().__init__()
        stem, hidden = numbers(o["stem"]), numbers(o["hidden"])
        channels = [int(o["channels"]), *stem]
        self.stem = nn.Sequential(*(ConvNorm(a, b, 3, 2) for a, b in zip(channels, stem)))
        inputs = [channels[-1], *hidden]
        self.layers = nn.ModuleList(ConvLSTM(a, b, int(o["kernel"]), o["bias"] == "1")
                                    for a, b in zip(inputs, hidden))
        self.all_steps = o["pool_time"] == "1"
        size = halved(int(o["height"]), len(stem)) * halved(int(o["width"]), len(stem))
        steps = int(o["leads"]) if self.all_steps and o["head"] == "flatten" else 1
        self.head = Head(o["head"], hidden[-1], steps * size, float(o["dropout"]))

    def forward(self, x):
        if len(self.stem):
            y = self.stem(x.flatten(0, 1))
            x = y.view(x.shape[0], x.shape[1], *y.shape[1:])
        for layer in self.layers:
            steps = layer(x)
            x = steps if layer is self.layers[-1] else torch.stack(steps)
        return self.head(torch.stack(x, 1) if self.all_steps else x[-1].unsqueeze(1))


class Stages(nn.Module):
    def __init__(self, o):
        super().__init__()
        stem, hidden = numbers(o["stem"]), numbers(o["hidden"])
        channels = [int(o["leads"]) * int(o["channels"]), *stem]
        layers = [ConvNorm(a, b, 3, 2) for a, b in zip(channels, stem)]
        for a, b in zip([channels[-1], *hidden], hidden):
            layers += [ConvNorm(a, b, int(o["kernel"])), nn.MaxPool2d(2)]
        self.body = nn.Sequential(*layers)
        size = [halved(int(o[k]), len(stem)) >> len(hidden) for k in ("height", "width")]
        self.head = Head(o["head"], hidden[-1], size[0] * size[1], float(o["dropout"]))

    def forward(self, x):
        return self.head(self.body(x).unsqueeze(1))


KEPT = "memory kept"


def keep_memory():
    """Large tensors from the heap, which is never given back: else the system maps and zeroes the
    pages of every one anew in every step. mallopt()'s numbers are those of <malloc.h>."""
    trim_threshold, mmap_max = -1, -4
    libc = ctypes.CDLL(None)
    libc.mallopt(mmap_max, 0)
    libc.mallopt(trim_threshold, -1)


class Work:
    """The network and a batch of images, used in one way."""

    def __init__(self, o, way):
        torch.set_num_threads(int(o["threads"]))
        if KEPT in way:
            keep_memory()
        torch.manual_seed(1)
        self.o, self.way = o, way
        sequence = o["type"] == "convlstm"
        self.model = (Sequence if sequence else Stages)(o)
        size = int(o["height"]), int(o["width"])
        shape = (int(o["leads"]), int(o["batch"]), int(o["channels"])) if sequence else \
            (int(o["batch"]), int(o["leads"]) * int(o["channels"]))
        self.images = torch.rand(*shape, *size)
        self.target = torch.arange(float(o["batch"])) % 2
        if "channels last" in way:
            self.model = self.model.to(memory_format=torch.channels_last)
            flat = self.images.view(-1, shape[-1], *size)
            flat = flat.contiguous(memory_format=torch.channels_last)
            self.images = flat.view(*shape, *size)
        self.bf16 = o["precision"] == "bf16"
        self.run = torch.compile(self.model) if "compiled" in way else self.model
        self.parts = (self.step if o["stage"] == "step" else self.evaluate)
        self.model.train(o["stage"] == "step")
        kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
        self.optimizer = kinds[o["optimizer"]](self.model.parameters(), lr=float(o["lr"]))

    def logits(self):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            return self.run(self.images).float()

    def loss(self):
        if self.o["logits"] == "1":
            return F.binary_cross_entropy_with_logits(self.logits(), self.target)
        return F.binary_cross_entropy(torch.sigmoid(self.logits()), self.target)

    def step(self):
        begun = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss()
        forward = time.perf_counter()
        loss.backward()
        backward = time.perf_counter()
        self.optimizer.step()
        end = time.perf_counter()
        return end - begun, forward - begun, backward - forward, end - backward

    def evaluate(self):
        begun = time.perf_counter()
        with torch.inference_mode() if "inference mode" in self.way else torch.no_grad():
            self.logits()
        return (time.perf_counter() - begun,)

    def settle(self):
        """Runs until one is not 3 % faster than the one before, at most six: its tensors are new
        memory every time, which after a pause the system gives out slowly."""
        last = float("inf")
        for _ in range(6):
            now = self.parts()[0]
            if now > 0.97 * last:
                return
            last = now

    def mean(self, times):
        self.settle()
        all_parts = [self.parts() for _ in range(times)]
        return [sum(part) / times for part in zip(*all_parts)]


def peak_bytes():
    """High-water mark since exec(): ru_maxrss would count the process that started us."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def ways(stage):
    modes = [["inference mode"]] if stage == "forward" else [[]]
    if stage == "forward":
        modes.append(["no grad"])
    layouts = [["contiguous"], ["channels last"]]
    compiled = [[], ["compiled"]] if hasattr(torch, "compile") else [[]]
    return [", ".join(a + b + c) for c in compiled for a in layouts for b in modes]


def attempt(words, way):
    """Best seconds of a few runs in a process of its own; None where this way does not work."""
    command = [sys.executable, os.path.abspath(__file__), *words, f"trial={way}"]
    found = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
    return float(found.stdout) if found.returncode == 0 else None


def best_way(words, o):
    timed = {way: attempt(words, way) for way in ways(o["stage"])}
    for way in sorted((w for w in timed if timed[w] is not None), key=timed.get)[:1]:
        timed[f"{way}, {KEPT}"] = attempt(words, f"{way}, {KEPT}")
    good = {way: seconds for way, seconds in timed.items() if seconds is not None}
    if not good:
        raise RuntimeError(f"{o['stage']} in {o['precision']} works in none of its ways")
    return min(good, key=good.get)


def trial(o, way):
    work = Work(o, way)
    work.settle()
    print(min(work.parts()[0] for _ in range(2)))


def answer(line, words, o, state):
    if line == "open":
        way, empty = best_way(words, o), peak_bytes()
        state["work"] = Work(o, way)
        return f"PyTorch {torch.__version__}, {way} ({empty / 1e6:.0f} MB before its network)"
    if line == "peak":
        return str(peak_bytes())
    return " ".join(f"{s:.9g}" for s in state["work"].mean(int(line.split()[1])))


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    words = sys.argv[1:]
    o = dict(word.split("=", 1) for word in words)
    if "trial" in o:
        trial(o, o["trial"])
        return
    state = {}
    for line in sys.stdin:
        try:
            print("ok", answer(line.strip(), words, o, state), flush=True)
        except Exception as error:  # whatever it is, the one who asked is told
            print("failed", " ".join(str(error).split()) or repr(error), flush=True)


if __name__ == "__main__":
    main()
