# SPDX-License-Identifier: MIT
# needs: torch
"""The same network in PyTorch, for `leadseq bench --peer`: built, evaluated and trained as its user
would, in whichever way of those PyTorch offers is the fastest here.

Answers lines on standard input (src/bench/bench_private.h explains them). The words of the command
line say what: stage=step|forward threads=2 precision=f32|bf16 type=convlstm leads=12 channels=1
height=512 width=512 outputs=1 batch=2 loss=bce optimizer=adam lr=1e-6, and every option of the
model's type under its key, as model.hidden=[10]. A network that has not as many trained values as the
word parameters=N says is refused. The network is that of peers/TYPE.py, which has

    INPUT    "sequence": images (T, N, C, H, W); "channels": (N, T*C, H, W), of signals H is 1
    OPTIONS  names of the type's options that it heeds; another one is refused
    build    a function of the words, as read_words() has them, that returns a module: images to
             logits (N, outputs)

The ways (channels last, torch.compile, in evaluation with its weights as constants, so that norms are
folded into convolutions) are tried in processes of their own, all of which keep freed
memory; the fastest of them then answers, so that memory is that of the best way. The word seconds=S
limits that: no further way is begun that a third of it would not suffice for, and a compiled one that is not done in S is given
up.
What is compiled, and how fast each way was, stays in $TORCHINDUCTOR_CACHE_DIR: another run begins with
the fastest and tries those that are left."""
import ctypes
import importlib.util
import json
import logging
import os
import select
import signal
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

NUMBERS = {"threads", "leads", "channels", "height", "width", "outputs", "batch", "parameters"}


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


def check_parameters(model, o):
    found = sum(p.numel() for p in model.parameters())
    if found != o.get("parameters", found):
        raise RuntimeError(f"{path_of(o['type'])}: expected a network of {o['parameters']} "
                           f"parameters, found {found}")


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
        keep_memory()
        torch.manual_seed(1)
        self.o, self.way = o, way
        peer = find_peer(o)
        self.model = peer.build(o)
        check_parameters(self.model, o)
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
        if "frozen" in way:
            torch._inductor.config.freezing = True
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
        with torch.no_grad():
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


# --- Ways ---------------------------------------------------------------------------------

def ways(stage):
    """From the one that is most often the fastest."""
    layouts = ["channels last", "contiguous"]
    means = ["compiled, frozen", "compiled"] if stage == "forward" else ["compiled"]
    compiled = [f"{how}, {layout}" for how in means for layout in layouts]
    return (compiled if hasattr(torch, "compile") else []) + layouts


class Times:
    """Seconds of the ways of a stage that were tried in earlier runs, in a file beside the compiled
    code; none where that has no folder."""

    def __init__(self, words):
        folder = os.environ.get("TORCHINDUCTOR_CACHE_DIR")
        self.path = folder and os.path.join(folder, "ways.json")
        self.key = " ".join([torch.__version__, *(w for w in words if not w.startswith("seconds="))])

    def read(self):
        try:
            with open(self.path) as file:
                return json.load(file)
        except (TypeError, OSError, ValueError):
            return {}

    def of_ways(self):
        return self.read().get(self.key, {})

    def add(self, way, seconds):
        everything = self.read()
        everything.setdefault(self.key, {})[way] = seconds
        if self.path:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            with open(f"{self.path}.{os.getpid()}", "w") as file:
                json.dump(everything, file, indent=1)
            os.replace(file.name, self.path)


class Trial:
    """A way in a process of its own, which answers lines as this one does."""

    def __init__(self, o, way):
        self.way = way
        (asked, self.ask_fd), (self.reply_fd, replying) = os.pipe(), os.pipe()
        self.pid = os.fork()  # nothing has computed here, so there are no threads to lose
        if self.pid:
            os.close(asked), os.close(replying)
            self.replies = os.fdopen(self.reply_fd)
            return
        os.close(self.ask_fd), os.close(self.reply_fd)
        with os.fdopen(asked) as requests, os.fdopen(replying, "w") as replies:
            serve(requests, replies, Network(o, way).answer)
        os._exit(0)

    def send(self, line):
        os.write(self.ask_fd, f"{line}\n".encode())

    def receive(self, limit=None):
        """The text after "ok"; fails where the answer is another, or is not there in time."""
        if not select.select([self.reply_fd], [], [], limit)[0]:
            raise TimeoutError(f"{self.way}: not ready in time")
        word, _, text = self.replies.readline().strip().partition(" ")
        if word != "ok":
            raise RuntimeError(text or f"{self.way}: its process ended")
        return text

    def ask(self, line):
        self.send(line)
        return self.receive()

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.ask_fd), self.replies.close()


class Network:
    """What a trial answers."""

    def __init__(self, o, way):
        self.o, self.way, self.work = o, way, None

    def answer(self, line):
        if line == "open":
            self.work = Work(self.o, self.way)
            self.work.parts()  # compiles
            return str(min(self.work.parts()[0] for _ in range(2)))
        if line == "peak":
            return str(peak_bytes())
        return " ".join(f"{s:.9g}" for s in self.work.mean(int(line.split()[1])))


def in_order(stage, known):
    """The fastest of earlier runs, the ways that were not tried, the others."""
    order = sorted(ways(stage), key=lambda way: known.get(way, float("inf")))
    return sorted(order, key=lambda way: 0 if way == order[0] else 1 if way not in known else 2)


class Contest:
    """Tries ways, one after the other."""

    def __init__(self, words, o):
        self.o, self.times, self.begun = o, Times(words), time.monotonic()
        self.limit = float(o.get("seconds", 1e6))
        self.order = in_order(o["stage"], self.times.of_ways())
        self.trial, self.seconds, self.tried, self.failure = None, float("inf"), 0, "none"

    def start(self, way):
        trial = Trial(self.o, way)
        trial.send("open")
        return trial

    def passed(self):
        return time.monotonic() - self.begun

    def judge(self, trial):
        """Waits for a trial that has begun, and keeps the faster one."""
        began = self.passed()
        try:
            # what need not be compiled is soon there, and there must be one
            limit = max(0, self.limit - began) if "compiled" in trial.way else None
            seconds = float(trial.receive(limit))
        except (RuntimeError, TimeoutError) as error:
            self.failure = str(error)
            trial.end()
            return
        self.tried += 1
        self.times.add(trial.way, seconds)
        print(f"{self.o['stage']}, {self.o['precision']}, {trial.way}: {seconds:.4g} s", file=sys.stderr)
        slower = trial if seconds >= self.seconds else self.trial
        if seconds < self.seconds:
            self.trial, self.seconds = trial, seconds
        if slower:
            slower.end()

    def fastest(self):
        """The trial that is left."""
        for way in self.order:
            # the longest so far, roughly, is all that has passed over the ways that were tried
            more = self.passed() / max(1, self.tried)
            if self.trial and self.passed() + more > self.limit / 3:
                break
            if not self.trial and "compiled" in way and self.passed() > self.limit / 2:
                continue
            self.judge(self.start(way))
        if not self.trial:
            raise RuntimeError(f"{self.o['stage']} in {self.o['precision']} works in none of its ways: "
                               f"{self.failure}")
        return self.trial


class Peer:
    """What leadseq is answered."""

    def __init__(self, words):
        self.empty, self.contest, self.trial = peak_bytes(), None, None
        o = read_words(words)
        try:
            find_peer(o)  # refused before any way is tried
            self.contest = Contest(words, o)
        except RuntimeError as error:
            self.refusal = error

    def answer(self, line):
        if line != "open":
            return self.trial.ask(line)
        if not self.contest:
            raise self.refusal
        self.trial = self.contest.fastest()
        return (f"PyTorch {torch.__version__}, {self.trial.way}, memory kept (the fastest of "
                f"{self.contest.tried} of {len(ways(self.contest.o['stage']))} ways; {self.empty / 1e6:.0f} MB before its network)")


def serve(requests, replies, answer):
    for line in requests:
        try:
            print("ok", answer(line.strip()), file=replies, flush=True)
        except Exception as error:  # whatever it is, leadseq is told
            print("failed", " ".join(str(error).split()) or repr(error), file=replies, flush=True)


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    logging.disable(logging.WARNING)  # of absent graphics cards
    serve(sys.stdin, sys.stdout, Peer(sys.argv[1:]).answer)


if __name__ == "__main__":
    main()
