# SPDX-License-Identifier: MIT
# needs: numpy torch
"""The networks of bench/peers/ are leadseq's: for each option of each type, the same number of
parameters, and with the same weights the same logits. A peer that does not know an option refuses
it, and so does a type without a peer. TAP."""
import importlib.util
import os
import sys
import tempfile
import time

import torch

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench", "peer_torch.py")
SPEC = importlib.util.spec_from_file_location("bench_peer", DRIVER)
bench_peer = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bench_peer)

BUILD = os.path.dirname(os.environ.get("LEADSEQ", "./leadseq"))
BOUND = 2e-5
SIZES = {"leads": 3, "channels": 1, "height": 19, "width": 14, "outputs": 1, "batch": 3}
HEAD = {"head": "benchmark", "head_norm": "false", "dropout": "0", "head_features": "9",
        "head_dropout": "0"}
HEAD_LAST = {**HEAD, "head": "benchmark-last"}
DEFAULTS = {
    "convlstm": {"hidden": "[3]", "kernel": "3", "bias": "true", "forget_bias": "0",
                 "cell_norm": "none", "recurrent_init": "uniform", "pool_time": "false",
                 "stem": "none", "stem_channels": "[4, 5]", "patch": "4", "head": "flatten",
                 "head_norm": "false", "dropout": "0"},
    "cnn": {"hidden": "[4, 5]", "kernel": "3", "stem": "none", "stem_channels": "[4, 3]",
            "patch": "3", "head": "mean", "head_norm": "false", "dropout": "0"},
    "resnet1d": {"width": "6", "blocks": "[1, 2]", "kernels": "[5, 3]", **HEAD},
    "xresnet1d": {"width": "4", "blocks": "[2, 1]", "kernels": "[5, 3]", **HEAD},
    "lstm1d": {"hidden": "[5, 5]", **HEAD_LAST},
    "gru1d": {"hidden": "[5, 5]", **HEAD_LAST},
}
SIGNAL_SIZES = {"height": 1, "width": 37, "outputs": 5}
CHANGES = {
    "convlstm": [{}, {"stem": "patch"}, {"stem": "conv"}, {"head_norm": "true"},
                 {"head_norm": "true", "pool_time": "true"}, {"cell_norm": "layer"},
                 {"cell_norm": "layer", "bias": "false"}, {"forget_bias": "2"}, {"bias": "false"},
                 {"hidden": "[3, 2]", "head": "mean-max"}, {"pool_time": "true", "head": "max"},
                 {"recurrent_init": "orthogonal"}, {"kernel": "5", "head": "mean"}],
    "cnn": [{}, {"stem": "patch"}, {"stem": "conv"}, {"head_norm": "true"}, {"head": "max"},
            {"head": "flatten", "kernel": "5"}, {"head": "mean-max", "hidden": "[4]"}],
    "resnet1d": [{}, {"kernels": "[3, 7]"}],
    "xresnet1d": [{}, {"kernels": "[3, 7]", "blocks": "[1, 1, 1]"}],
    "lstm1d": [{}, {"hidden": "[5, 7, 3]"}],
    "gru1d": [{}, {"hidden": "[5, 7, 3]"}],
}
done = []


def report(name, problem):
    done.append(problem is None)
    print(f"{'ok' if problem is None else 'not ok'} {len(done)} - {name}")
    if problem:
        print(f"# {problem}")


def words(kind, options, **sizes):
    both = {**SIZES, **sizes}
    return [f"type={kind}", *(f"{k}={v}" for k, v in both.items()),
            *(f"model.{k}={v}" for k, v in options.items())]


def dump(kind, options, **sizes):
    """kind -> name -> list of numbers, of test/model_dump; evaluation after one training pass."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump.txt")
        line = [os.path.join(BUILD, "test/model_dump"), path, *words(kind, options, **sizes)]
        if os.spawnv(os.P_WAIT, line[0], line):
            raise RuntimeError("model_dump failed")
        with open(path) as lines:
            for row in lines:
                head, _, values = row.partition(" :")
                group, name, *dims = head.split()
                found.setdefault(group, {})[name] = torch.tensor(
                    [float.fromhex(v) for v in values.split()]).view([int(d) for d in dims])
    return found


def build(kind, options, **sizes):
    o = bench_peer.read_words(words(kind, options, **sizes))
    torch.manual_seed(1)
    return o, bench_peer.find_peer(o), bench_peer.find_peer(o).build(o)


def difference(kind, change, **sizes):
    """What is wrong with a peer, None if nothing is."""
    options = {**DEFAULTS[kind], **change}
    found = dump(kind, options, **sizes)
    o, peer, network = build(kind, options, **sizes)
    ours, theirs = list(found["param"].values()), list(network.parameters())
    if [tuple(w.shape) for w in ours] != [tuple(w.shape) for w in theirs]:
        return f"parameters {[tuple(w.shape) for w in theirs]}, expected {[tuple(w.shape) for w in ours]}"
    with torch.no_grad():
        for mine, other in zip(ours, theirs):
            other.copy_(mine)
    images = found["array"]["images"]
    size = o["height"], o["width"]
    shape = (o["leads"], o["batch"], o["channels"]) if peer.INPUT == "sequence" else \
        (o["batch"], o["leads"] * o["channels"])
    network.train()
    logits = network(images.view(*shape, *size)).detach().flatten()
    off = (logits - found["array"]["logits"].flatten()).abs().max() / logits.abs().max()
    return None if off < BOUND else f"logits differ by {off:.2g} of the largest"


def forget_bias(norm):
    """The bias, or the norm's shift, begins where leadseq's does."""
    options = {**DEFAULTS["convlstm"], "forget_bias": "2", "cell_norm": norm}
    name = "convlstm0.norm_bias" if norm == "layer" else "convlstm0.bias"
    ours = dump("convlstm", options)["param"][name].view(4, -1).mean(1)
    cell = build("convlstm", options)[2].cells[0]
    theirs = (cell.norm.bias if norm == "layer" else cell.gates.bias).detach().view(4, -1).mean(1)
    apart = (ours - theirs).abs().max().item()
    return None if apart < 0.5 and theirs[1] > 1.5 else f"{theirs.tolist()}, expected {ours.tolist()}"


def refused(kind, options, *expected):
    try:
        build(kind, options)
    except RuntimeError as error:
        return None if all(text in str(error) for text in expected) else str(error)
    return "was not refused"


def counted(parameters):
    """What is said of a network that is announced with this number of parameters."""
    o, _, network = build("cnn", DEFAULTS["cnn"])
    try:
        bench_peer.check_parameters(network, {**o, "parameters": parameters(network)})
    except RuntimeError as error:
        return str(error)
    return "accepted"


def size(network):
    return sum(p.numel() for p in network.parameters())


class FixedTrial:
    """A way that takes as long to begin, and for a step, as it is told."""

    begins, steps, begun = 0.01, {}, []

    def __init__(self, _, way):
        self.way = way
        self.begun.append(way)

    def send(self, _):
        pass

    def ask(self, _):
        return f"{self.steps[self.way]} 0"

    def receive(self, limit=None):
        if self.steps[self.way] is None:
            raise RuntimeError(f"{self.way} does not work")
        if limit is not None and limit < self.begins:
            raise TimeoutError(f"{self.way} takes too long")
        time.sleep(self.begins)
        return str(self.steps[self.way])

    def end(self):
        pass


def fastest(steps, seconds=None, known=None):
    """What is chosen of ways that take `steps` seconds, how many were tried, and in which order."""
    words = ["stage=step", "precision=f32"] + ([f"seconds={seconds}"] if seconds else [])
    saved = bench_peer.Trial, bench_peer.ways, os.environ.get("TORCHINDUCTOR_CACHE_DIR")
    FixedTrial.steps, FixedTrial.begun = steps, []
    bench_peer.Trial, bench_peer.ways = FixedTrial, lambda stage: list(steps)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
        for way, s in (known or {}).items():
            bench_peer.Times(words).add(way, s)
        contest = bench_peer.Contest(words, bench_peer.read_words(words))
        way, tried = contest.fastest().way, contest.tried
        kept = bench_peer.Times(words).of_ways()
    bench_peer.Trial, bench_peer.ways = saved[:2]
    if saved[2] is None:
        del os.environ["TORCHINDUCTOR_CACHE_DIR"]
    else:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = saved[2]
    return way, tried, list(FixedTrial.begun), kept


def expect(found, expected):
    return None if found == expected else f"{found}, expected {expected}"


STEPS = {"a": 3., "b": 2., "c": 4.}
report("without a limit every way is tried, and the fastest answers",
       expect(fastest(STEPS), ("b", 3, ["a", "b", "c"], STEPS)))
report("no way is begun that would not be done in a third of the time",
       expect(fastest(STEPS, seconds=0.03), ("a", 1, ["a"], {"a": 3.})))
report("one that is not compiled in time is given up for one that need not be",
       expect(fastest({"compiled, a": 1., "compiled, b": 1., "a": 3.}, seconds=0.001)[:3],
              ("a", 1, ["compiled, a", "compiled, b", "a"])))
report("another run begins with the fastest, then tries what was left",
       expect(fastest(STEPS, known={"a": 3., "b": 2.})[2], ["b", "c", "a"]))
report("a way that does not work is left out",
       expect(fastest({"a": None, "b": 2.})[:2], ("b", 1)))


for kind, changes in CHANGES.items():
    for change in changes:
        text = " ".join(f"{k}={v}" for k, v in change.items()) or "defaults"
        sizes = SIGNAL_SIZES if kind.endswith("1d") else {}
        report(f"{kind}, {text}: the same network", difference(kind, change, **sizes))
report("convlstm, five outputs: the same network", difference("convlstm", {}, outputs=5))
report("the forget gate's bias begins as ours", forget_bias("none"))
report("... and that of its norm", forget_bias("layer"))
report("an option that the peer does not know is refused",
       refused("cnn", {**DEFAULTS["cnn"], "cell_norm": "layer"}, "model.cell_norm", "cnn.py"))
report("a network of as many parameters as announced is accepted",
       expect(counted(size), "accepted"))
report("one of another number is refused, with both numbers",
       None if "found" in counted(lambda n: size(n) + 1) else "it was accepted")
report("a type without a peer is refused and named",
       refused("lead-cnn", {}, "model.type lead-cnn", os.path.join("peers", "lead-cnn.py")))
print(f"1..{len(done)}")
sys.exit(0 if all(done) else 1)
