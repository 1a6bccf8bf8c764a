# SPDX-License-Identifier: MIT
# needs: numpy torch torchvision
"""Residual networks against torchvision's own: the same random weights and images; outputs, all
gradients, running statistics, and all parameters after 20 steps. The reference is PyTorch in
float64. Our error of a tensor, the norm of the difference over the norm, may be 1e-4 or twice that
of PyTorch in float32, whichever is larger.

A ReLU whose input is nearer to 0 than rounding decides by chance, and moves gradients by up to
several per cent where images are small: PyTorch's float32 is off by 1e-6 in one network and by 1e-2
in the next, and so is the same PyTorch with its sums in another order. Its error is therefore the
largest of three: as it is, with channels last, and (small images) without oneDNN. How many tensors
twice the first alone would not cover, of ours and of the other two, is told in a comment.

With --long also the depths and sizes that take minutes (test/trust/resnet.py runs them, too); with
--table the largest errors as Markdown; with --seeds DEPTH FIRST LAST networks of a depth at 64 x 64."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

BUILD = os.path.dirname(os.environ.get("LEADSEQ", "./leadseq"))
STEPS, BATCHES, BOUND = 20, 4, 1e-4
THREADS = int(os.environ.get("OMP_NUM_THREADS", 2))


def read_dump(path):
    """kind -> name -> array, of a binary file of model_dump's."""
    found = {}
    with open(path, "rb") as file:
        while line := file.readline():
            kind, name, *dims = line.decode().split(" :")[0].split()
            dims = [int(d) for d in dims]
            flat = np.frombuffer(file.read(4 * int(np.prod(dims))), dtype=np.float32)
            found.setdefault(kind, {})[name] = flat.reshape(dims)
    return found


def type_of(spec):
    return spec.get("type", "resnet")


def dump(spec):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump")
        pairs = [f"{k}={v}" for k, v in spec.items() if k != "type"]
        subprocess.run([os.path.join(BUILD, "test/model_dump"), path, f"type={type_of(spec)}",
                        "binary=1", "random=1", f"threads={THREADS}", *pairs], check=True)
        return read_dump(path)


def of_width(depth, width):
    """torchvision's network of a depth, whose layers have width / 64 times as many channels."""
    net = getattr(torchvision.models, f"resnet{depth}")(weights=None)
    if width == 64:
        return net

    class Scaled(torchvision.models.ResNet):
        def _make_layer(self, block, planes, *more, **how):
            self.inplanes = width if planes == 64 else self.inplanes
            return super()._make_layer(block, planes * width // 64, *more, **how)

    layers = (net.layer1, net.layer2, net.layer3, net.layer4)
    scaled = Scaled(type(net.layer1[0]), [len(layer) for layer in layers])
    scaled.bn1 = nn.BatchNorm2d(width)
    scaled.fc = nn.Linear(net.fc.in_features * width // 64, 1000)
    return scaled


class Pooled(nn.Module):
    """fastai's AdaptiveConcatPool2d."""

    def forward(self, x):
        return torch.cat([F.adaptive_max_pool2d(x, 1), F.adaptive_avg_pool2d(x, 1)], 1)


def build(spec):
    """torchvision's network with the head of the spec, and our names of its tensors."""
    width = spec.get("model.width", 64)
    net = of_width(spec["model.depth"], width)
    net.conv1 = nn.Conv2d(spec.get("channels", 3) * spec["leads"], width, 7, 2, 3, bias=False)
    units = 2 if spec.get("train.loss") == "softmax" else 1
    features = net.fc.in_features
    if spec["model.head"] == "linear":
        net.fc = nn.Linear(features, units)
        return net, {"fc.weight": "head.weight", "fc.bias": "head.bias"}
    net.avgpool = Pooled()
    net.fc = nn.Sequential(nn.BatchNorm1d(2 * features), nn.Linear(2 * features, 512, bias=False),
                           nn.ReLU(), nn.BatchNorm1d(512), nn.Linear(512, units, bias=False))
    names = {"fc.1.weight": "head_linear1.weight", "fc.4.weight": "head.weight"}
    for place, name in (("fc.0", "head_norm1"), ("fc.3", "head_norm2")):
        for part in ("weight", "bias", "running_mean", "running_var"):
            names[f"{place}.{part}"] = f"{name}.{part}"
    return net, names


BUILDERS = {"resnet": build}  # the network of a spec and our names of its tensors, by model type


class Peer:
    def __init__(self, spec, found, dtype, last=False, dnn=True):
        self.spec, self.dtype, self.dnn = spec, dtype, dnn
        self.format = torch.channels_last if last else torch.contiguous_format
        self.net, self.names = BUILDERS[type_of(spec)](spec)
        tensors = found["param"] | found.get("state", {})
        state = {k: torch.tensor(tensors[self.name(k)]).reshape(v.shape)
                 for k, v in self.net.state_dict().items() if "num_batches" not in k}
        missing = self.net.load_state_dict(state, strict=False)
        assert not missing.unexpected_keys
        assert all("num_batches" in k for k in missing.missing_keys), missing
        assert len(state) == len(tensors), set(tensors) - {self.name(k) for k in state}
        self.net = self.net.to(dtype).to(memory_format=self.format)

    def name(self, key):
        return self.names.get(key, key)

    def forward(self, images, training):
        s = self.spec
        x = torch.tensor(images).to(self.dtype)
        self.net.train(training)
        rows = (s["height"],) if s["height"] > 1 else ()
        z = self.run(x.reshape(s["batch"], -1, *rows, s["width"]))
        odds = s.get("train.loss") == "softmax"
        return z[:, :1] - z[:, 1:] if odds else z  # the logarithm of the odds

    def run(self, x):
        x = x.contiguous(memory_format=self.format) if x.dim() == 4 else x
        with torch.backends.mkldnn.flags(enabled=self.dnn):
            return self.net(x)

    def gather(self, kind):
        return {self.name(k): v for k, v in self.net.named_parameters()} if kind else \
            {self.name(k): v for k, v in self.net.named_buffers() if "num_batches" not in k}

    def train(self, arrays):
        s = self.spec
        how = {"lr": float(s["train.lr"])}
        if s["train.optimizer"] == "sgd":
            optimizer = torch.optim.SGD(self.net.parameters(), momentum=0.9, **how)
        else:
            optimizer = torch.optim.Adam(self.net.parameters(), **how)
        outputs = s.get("outputs", 1)
        target = torch.tensor([1.0 - n % 2 for n in range(s["batch"] * outputs)]).to(self.dtype)
        target = target.reshape(-1, outputs)
        for step in range(STEPS):
            optimizer.zero_grad()
            z = self.forward(arrays[f"batch{step % BATCHES}"], True)
            loss = F.binary_cross_entropy_with_logits(z, target, reduction="sum") / s["batch"]
            loss.backward()
            optimizer.step()

    def results(self, arrays):
        """what -> name -> array"""
        z = self.forward(arrays["images"], True)
        z.backward(torch.tensor(arrays["dlogits"]).to(self.dtype).reshape(z.shape))
        keep = lambda tensors: {k: v.detach().numpy().copy() for k, v in tensors.items()}
        found = {"outputs": {"logits": z.detach().numpy()},
                 "gradients": keep({k: v.grad for k, v in self.gather(True).items()}),
                 "statistics": keep(self.gather(False))}
        with torch.no_grad():
            found["outputs"]["evaluated"] = self.forward(arrays["images"], False).numpy()
        if self.spec.get("steps"):
            self.train(arrays)
            found["trained"] = keep(self.gather(True) | self.gather(False))
        return found


def error(ours, exact):
    exact = np.asarray(exact, np.float64).ravel()
    return float(np.linalg.norm(np.asarray(ours, np.float64).ravel() - exact)
                 / max(np.linalg.norm(exact), 1e-300))


def ours_of(found):
    arrays = found["array"]
    ours = {"outputs": {k: arrays[k] for k in ("logits", "evaluated")},
            "gradients": found["gradient"], "statistics": found.get("after", {})}
    if "trained" in found:
        ours["trained"] = found["trained"] | found.get("trained_state", {})
    return ours


def bound(theirs):
    return max(BOUND, 2 * theirs)


def orders_of(spec):
    if spec["height"] == 1:  # signals: channels last is for images
        return ORDERS[::2]
    return ORDERS if spec["height"] <= 64 else ORDERS[:2]


ORDERS = ({}, {"last": True}, {"dnn": False})


def compare(spec):
    """what -> [(name, our error, the largest of PyTorch's in float32, each of these)]"""
    found = dump(spec)
    exact = Peer(spec, found, torch.float64).results(found["array"])
    single = [Peer(spec, found, torch.float32, **how).results(found["array"]) for how in orders_of(spec)]
    ours = ours_of(found)
    compared = {}
    for what, part in exact.items():
        assert part.keys() == ours[what].keys(), (what, part.keys() ^ ours[what].keys())
        compared[what] = []
        for name, value in part.items():
            theirs = [error(one[what][name], value) for one in single]
            compared[what].append((name, error(ours[what][name], value), max(theirs), theirs))
    return compared


def chances(tensors):
    """What twice the error of one float32 run does not cover."""
    ours = sum(mine > bound(theirs[0]) for _, mine, _, theirs in tensors)
    others = [sum(theirs[i] > bound(theirs[0]) for *_, theirs in tensors)
              for i in range(1, len(tensors[0][3]))]
    return (f"# beyond twice PyTorch's first float32 run: {ours} of {len(tensors)} tensors of ours; "
            f"of its others: {', '.join(map(str, others))}")


def case(depth, height, width, batch, head="linear", leads=1, channels=3, **more):
    spec = {"model.depth": depth, "model.head": head, "leads": leads, "channels": channels,
            "height": height, "width": width, "batch": batch}
    if head == "fastai":
        spec["model.head_dropout"] = 0
    return spec | more


ADAM = {"steps": STEPS, "train.optimizer": "adam", "train.lr": "1e-4"}
SGD = {"steps": STEPS, "train.optimizer": "sgd", "train.lr": "1e-3"}
SOFTMAX = {"train.loss": "softmax"}
CASES = {
    "depth 18, 64 x 64, sigmoid, 20 steps of Adam": case(18, 64, 64, 4, **ADAM),
    "depth 50, 64 x 64, softmax of two": case(50, 64, 64, 2, **SOFTMAX),
}
LONG = {
    "depth 18, 64 x 64, fastai's head, softmax, 20 steps of Adam":
        case(18, 64, 64, 8, "fastai", **SOFTMAX, **ADAM),
    "depth 18, twelve grey leads of 96 x 80, 20 steps of SGD":
        case(18, 96, 80, 4, leads=12, channels=1, **SGD),
    "depth 34, grey page of 224 x 224, 20 steps of SGD": case(34, 224, 224, 4, channels=1, **SGD),
    "depth 50, 224 x 224, fastai's head, softmax, 20 steps of SGD":
        case(50, 224, 224, 4, "fastai", **SOFTMAX, **SGD),
    "depth 50, page of 97 x 131": case(50, 97, 131, 3),
    "depth 101, 160 x 160": case(101, 160, 160, 3),
    "depth 152, 160 x 160, fastai's head": case(152, 160, 160, 3, "fastai"),
}


def judge(found):
    """The worst tensor of each kind in words, and the tensors beyond the bound."""
    worst = {what: max(part, key=lambda one: one[1] / bound(one[2]))
             for what, part in found.items() if part}
    beyond = [(what, *one) for what, part in found.items() for one in part if not one[1] <= bound(one[2])]
    return worst, beyond


def print_table(cases):
    print("| network | outputs | gradients | statistics | after 20 steps |\n"
          "| --- | --- | --- | --- | --- |")
    for name, spec in cases.items():
        worst, _ = judge(compare(spec))
        cells = [f"{worst[w][1]:.1e} ({worst[w][2]:.1e})" if w in worst else ""
                 for w in ("outputs", "gradients", "statistics", "trained")]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def verdict(number, name, found):
    """Prints it; whether a tensor is beyond the bound."""
    worst, beyond = judge(found)
    words = ", ".join(f"{what} {one[1]:.1e} (PyTorch f32 {one[2]:.1e})" for what, one in worst.items())
    print(f"{'not ok' if beyond else 'ok'} {number} - {name}: {words}", flush=True)
    for what, key, mine, theirs, _ in beyond:
        print(f"# {what}: {key}: {mine:.2e}, PyTorch f32 {theirs:.2e}")
    print(chances([one for part in found.values() for one in part]), flush=True)
    return bool(beyond)


def main(cases, long, *words):
    torch.set_num_threads(THREADS)
    cases = cases | (long if "--long" in words else {})
    if "--seeds" in words:
        depth, first, last = map(int, words[-3:])
        cases = {f"depth {depth}, 64 x 64, seed {seed}": case(depth, 64, 64, 4, seed=seed)
                 for seed in range(first, last + 1)}
    if "--table" in words:
        return print_table(cases)
    print(f"1..{len(cases)}")
    failed = [verdict(number, name, compare(spec)) for number, (name, spec) in enumerate(cases.items(), 1)]
    return any(failed)


if __name__ == "__main__":
    sys.exit(main(CASES, LONG, *sys.argv[1:]))
