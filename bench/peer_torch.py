# SPDX-License-Identifier: MIT
# needs: torch
"""The same network in PyTorch, for `leadseq bench --peer`: built, evaluated and trained as its user
would, in whichever way of those PyTorch offers is the fastest here.

Answers lines on standard input (src/bench/bench_private.h explains them). The words of the command
line say what: stage=step|forward threads=2 precision=f32|bf16 type=convlstm leads=12 channels=1
height=512 width=512 outputs=1 batch=2 loss=bce optimizer=adam lr=1e-6, and every option of the
model's type under its key, as model.hidden=[10]. The network is that of peers/TYPE.py, which has

    INPUT    "sequence": images (T, N, C, H, W); "channels": (N, T*C, H, W)
    OPTIONS  names of the type's options that it heeds; another one is refused
    build    a function of the words, as read_words() has them, that returns a module: images to
             logits (N, outputs)

The ways (channels last, inference mode, torch.compile, and the best of these with freed memory kept)
are tried in processes of their own before the first answer, so that memory is that of the best way."""
import ctypes
import importlib.util
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def path_of(type_name):
    return os.path.join(HERE, "peers", f"{type_name}.py")


def refuse_unknown_type():
    """Before PyTorch is imported, which takes seconds where it is installed at all."""
    for word in sys.argv[1:]:
        name = word[len("type="):] if word.startswith("type=") else None
        if name and not os.path.exists(path_of(name)):
            sys.stdin.readline()
            print(f"failed model.type {name} has no peer: expected {path_of(name)}", flush=True)
            sys.exit(1)


refuse_unknown_type()
import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

NUMBERS = {"threads", "leads", "channels", "height", "width", "outputs", "batch"}


def read_value(text):
    """A value as leadseq prints it: true, 3, 0.5, [16, 32], or a word."""
    if text.startswith("["):
        return [read_value(item.strip()) for item in text[1:-1].split(",") if item.strip()]
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def read_words(words):
    """The words of the command line; options of the model's type are o["model"]["hidden"]."""
    o = {"model": {}}
    for word in words:
        key, _, text = word.partition("=")
        if key.startswith("model."):
            o["model"][key[len("model."):]] = read_value(text)
        else:
            o[key] = int(text) if key in NUMBERS else text
    return o


def find_peer(o):
    """The module of peers/TYPE.py."""
    path = path_of(o["type"])
    if not os.path.exists(path):
        raise RuntimeError(f"model.type {o['type']} has no peer: expected {path}")
    if HERE not in sys.path:
        sys.path.insert(0, HERE)
    spec = importlib.util.spec_from_file_location("peer", path)
    peer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peer)
    unknown = sorted(set(o["model"]) - set(peer.OPTIONS))
    if unknown:
        raise RuntimeError(f"{path}: does not heed model.{', model.'.join(unknown)}; it would build "
                           f"another network")
    return peer


KEPT = "memory kept"


def keep_memory():
    """Takes large tensors from the heap, which is never returned to the system: otherwise the system
    maps and zeroes their pages again in every step. mallopt()'s numbers are those of <malloc.h>."""
    trim_threshold, mmap_max = -1, -4
    libc = ctypes.CDLL(None)
    libc.mallopt(mmap_max, 0)
    libc.mallopt(trim_threshold, -1)


class Work:
    """The network and a batch of images, used in one way."""

    def __init__(self, o, way):
        torch.set_num_threads(o["threads"])
        if KEPT in way:
            keep_memory()
        torch.manual_seed(1)
        self.o, self.way = o, way
        peer = find_peer(o)
        self.model = peer.build(o)
        size = o["height"], o["width"]
        shape = (o["leads"], o["batch"], o["channels"]) if peer.INPUT == "sequence" else \
            (o["batch"], o["leads"] * o["channels"])
        self.images = torch.rand(*shape, *size)
        self.target = (torch.arange(float(o["batch"])) % 2).unsqueeze(1).expand(-1, o["outputs"])
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
        weight = torch.tensor(read_value(self.o["positive_weight"]), dtype=torch.float32)
        if self.o["loss"] == "bce-logits":
            return F.binary_cross_entropy_with_logits(self.logits(), self.target, pos_weight=weight)
        if self.o["loss"] == "bce":
            return F.binary_cross_entropy(torch.sigmoid(self.logits()), self.target)
        raise RuntimeError(f"train.loss {self.o['loss']}: expected bce or bce-logits")

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
        """Runs until one is not 3 % faster than the previous one, at most six: its tensors are new
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
        raise RuntimeError(f"{o['stage']} in {o['precision']} works in none of its variants")
    return min(good, key=good.get)


def trial(o, way):
    work = Work(o, way)
    work.settle()
    print(min(work.parts()[0] for _ in range(2)))


def answer(line, words, o, state):
    if line == "open":
        find_peer(o)  # refused before any way is tried
        way, empty = best_way(words, o), peak_bytes()
        state["work"] = Work(o, way)
        return f"PyTorch {torch.__version__}, {way} ({empty / 1e6:.0f} MB before its network)"
    if line == "peak":
        return str(peak_bytes())
    return " ".join(f"{s:.9g}" for s in state["work"].mean(int(line.split()[1])))


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    words = sys.argv[1:]
    o = read_words(words)
    if "trial" in o:
        trial(o, o["trial"])
        return
    state = {}
    for line in sys.stdin:
        try:
            print("ok", answer(line.strip(), words, o, state), flush=True)
        except Exception as error:  # whatever it is, leadseq is told
            print("failed", " ".join(str(error).split()) or repr(error), flush=True)


if __name__ == "__main__":
    main()
