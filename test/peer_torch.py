# SPDX-License-Identifier: MIT
# needs: numpy torch
"""Both models against PyTorch: the same weights and images, written out here in
PyTorch's own layers; outputs, every gradient, running statistics, and parameters
after 20 steps of Adam. With --table the worst differences as Markdown."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch.nn import functional as F

BUILD = os.path.dirname(os.environ.get("LEADSEQ", "./leadseq"))
CONVLSTM, CNN = 0, 1
FLATTEN, MEAN, MAX, MEAN_MAX = range(4)
NONE, CONV, PATCH = range(3)
F32, BF16, BF16_EMULATED = range(3)
STEPS, BATCHES = 20, 4
# Relative to the largest value of a tensor: of one pass, and after STEPS steps of Adam, in
# which a gradient near zero, all rounding, still moves its weight by up to the rate of 1e-3.
BOUND, TRAINED = 2e-4, 1e-3
# How far bfloat16 takes a network from float32 depends on the network: a maximum or a ReLU
# may choose another value altogether. PyTorch's own autocast is the measure: our distance from
# PyTorch's float32 may be AS_FAR times that of its bfloat16.
AS_FAR = 1.5


def read_dump(path):
    """kind -> name -> array, of a file of model_dump's."""
    found = {}
    with open(path) as lines:
        for line in lines:
            head, _, values = line.partition(" :")
            kind, name, *dims = head.split()
            flat = np.array([float.fromhex(v) for v in values.split()], dtype=np.float32)
            found.setdefault(kind, {})[name] = flat.reshape([int(d) for d in dims])
    return found


WORDS = {"type": ("convlstm", "cnn"), "head": ("flatten", "mean", "max", "mean-max"),
         "stem": ("none", "conv", "patch"), "cell_norm": ("none", "layer"),
         "bias": ("false", "true"), "pool_time": ("false", "true"), "head_norm": ("false", "true")}


def pair(key, value):
    """As model_dump reads it: "model.hidden=[4,6]"."""
    text = WORDS[key][int(value)] if key in WORDS else value
    if key in ("hidden", "stem_channels"):
        text = f"[{value}]"
    section = "model." if key in WORDS or key in ("hidden", "stem_channels", "kernel", "patch") else ""
    return f"type={text}" if key == "type" else f"{section}{key}={text}"


def dump(spec):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump.txt")
        pairs = [pair(k, spec[k]) for k in sorted(spec, key=lambda k: k != "type")]
        subprocess.run([os.path.join(BUILD, "test/model_dump"), path, *pairs], check=True)
        return read_dump(path)


class Peer:
    """The network of a spec on tensors called as leadseq calls them."""

    def __init__(self, spec, found):
        self.spec = spec
        self.w = {k: torch.tensor(v, requires_grad=True) for k, v in found["param"].items()}
        self.s = {k: torch.tensor(v) for k, v in found.get("state", {}).items()}

    def norm(self, x, name, training):
        return F.batch_norm(x, self.s[f"{name}.running_mean"], self.s[f"{name}.running_var"],
                            self.w[f"{name}.weight"], self.w[f"{name}.bias"], training)

    def conv_norm(self, x, name, stride, training):
        """A patch's kernel meets each pixel once; all others have the same padding."""
        kernel = self.w[f"{name}.conv.weight"]
        pad = 0 if stride == kernel.shape[-1] else kernel.shape[-1] // 2
        return F.relu(self.norm(F.conv2d(x, kernel, stride=stride, padding=pad), f"{name}.norm",
                                training))

    def stem(self, x, training):
        kind = self.spec.get("stem", NONE)
        if kind == PATCH:
            return self.conv_norm(x, "stem0", self.spec["patch"], training)
        for i in range(len(str(self.spec["stem_channels"]).split(",")) if kind else 0):
            x = self.conv_norm(x, f"stem{i}", 2, training)
        return x

    def convlstm(self, x, name):
        """(T, N, C, H, W) to the same of h; gates in the order i f o g."""
        w, b = self.w[f"{name}.weight"], self.w.get(f"{name}.bias")
        gain, shift = self.w.get(f"{name}.norm_weight"), self.w.get(f"{name}.norm_bias")
        h = c = x.new_zeros(x.shape[1], w.shape[0] // 4, *x.shape[3:])
        steps = []
        for x_t in x:
            a = F.conv2d(torch.cat([x_t, h], 1), w, b, padding=w.shape[-1] // 2)
            if gain is not None:
                a = F.group_norm(a.float(), 4, gain, shift)
            i, f, o, g = a.chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            steps.append(h)
        return torch.stack(steps)

    def head(self, h, training):
        """(N, T, K, H, W) to (N)."""
        if self.spec.get("head_norm"):
            h = self.norm(h.flatten(0, 1), "head_norm", training).reshape(h.shape)
        mean, most = h.mean((1, 3, 4)), h.transpose(1, 2).flatten(2).max(2).values
        features = {FLATTEN: h.flatten(1), MEAN: mean, MAX: most,
                    MEAN_MAX: torch.cat([mean, most], 1)}[self.spec["head"]]
        return F.linear(features, self.w["head.weight"], self.w["head.bias"]).squeeze(1)

    def sequence(self, images, training):
        s = self.spec
        x = self.stem(images.reshape(-1, s["channels"], s["height"], s["width"]), training)
        x = x.reshape(s["leads"], s["batch"], *x.shape[1:])
        for i in range(len(str(s["hidden"]).split(","))):
            x = self.convlstm(x, f"convlstm{i}")
        return self.head((x if s.get("pool_time") else x[-1:]).transpose(0, 1), training)

    def stages(self, images, training):
        s = self.spec
        x = self.stem(images.reshape(s["batch"], -1, s["height"], s["width"]), training)
        for i in range(len(str(s["hidden"]).split(","))):
            x = F.max_pool2d(self.conv_norm(x, f"stage{i}", 1, training), 2)
        return self.head(x.unsqueeze(1), training)

    def forward(self, images, training):
        run = self.sequence if self.spec["type"] == CONVLSTM else self.stages
        return run(torch.tensor(images), training)

    def train(self, arrays):
        """STEPS of Adam, as the program takes them."""
        adam = torch.optim.Adam(self.w.values(), lr=1e-3)
        target = torch.tensor([1.0 - n % 2 for n in range(self.spec["batch"])])
        for step in range(STEPS):
            adam.zero_grad()
            z = self.forward(arrays[f"batch{step % BATCHES}"], True)
            F.binary_cross_entropy_with_logits(z.float(), target).backward()
            adam.step()


def difference(ours, theirs):
    theirs = np.asarray(theirs)
    return float(np.abs(ours.ravel() - theirs.ravel()).max() / max(np.abs(theirs).max(), 1e-30))


def autocast(spec, found):
    """What -> the largest relative difference of PyTorch's own bfloat16 from its float32."""
    exact, rough = Peer(spec, found), Peer(spec, found)
    arrays = found["array"]
    z = [exact.forward(arrays["images"], True)]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        z.append(rough.forward(arrays["images"], True).float())
    for one in z:
        one.backward(torch.tensor(arrays["dlogits"]))
    apart = {"outputs": difference(z[1].detach().numpy(), z[0].detach()),
             "gradients": max(difference(rough.w[k].grad.numpy(), exact.w[k].grad) for k in exact.w)}
    exact.train(arrays)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough.train(arrays)
    apart["trained"] = max(difference(rough.w[k].detach().numpy(), exact.w[k].detach()) for k in exact.w)
    return apart


def compare(spec):
    """What -> {tensor: relative difference}, of outputs, gradients, trained; and their bounds."""
    found = dump(spec | {"steps": STEPS, "threads": 2})
    peer = Peer(spec, found)
    arrays = found["array"]
    z = peer.forward(arrays["images"], True)
    z.backward(torch.tensor(arrays["dlogits"]))
    outputs = {"logits": difference(arrays["logits"], z.detach())}
    gradients = {name: difference(ours, peer.w[name].grad) for name, ours in found["gradient"].items()}
    for name, ours in found.get("after", {}).items():
        outputs[name] = difference(ours, peer.s[name])
    with torch.no_grad():
        outputs["evaluated"] = difference(arrays["evaluated"], peer.forward(arrays["images"], False))
    peer.train(arrays)
    trained = {name: difference(ours, peer.w[name].detach()) for name, ours in found["trained"].items()}
    for name, ours in found.get("trained_state", {}).items():
        trained[name] = difference(ours, peer.s[name])
    bounds = {"outputs": BOUND, "gradients": BOUND, "trained": TRAINED}
    if spec.get("precision"):
        bounds = {what: AS_FAR * far for what, far in autocast(spec, found).items()}
    return {"outputs": outputs, "gradients": gradients, "trained": trained}, bounds


LSTM = {"type": CONVLSTM, "leads": 12, "channels": 1, "height": 24, "width": 20, "batch": 2,
        "kernel": 3, "bias": 1}
IMAGES = {"type": CNN, "leads": 12, "channels": 1, "height": 36, "width": 33, "batch": 3,
          "kernel": 3}
PAPER = LSTM | {"hidden": 10, "head": FLATTEN}
CASES = {
    "the paper's network": PAPER,
    "the same, low memory": PAPER | {"memory": 1},
    "the same, wider than a band of rows": PAPER | {"height": 70, "width": 130, "leads": 4},
    "17 hidden channels, one record": LSTM | {"hidden": 17, "head": FLATTEN, "batch": 1, "leads": 5},
    "three colours, two layers, mean": LSTM | {"channels": 3, "hidden": "10,7", "head": MEAN},
    "pooled over time, no bias": LSTM | {"hidden": 9, "bias": 0, "head": MEAN_MAX, "pool_time": 1},
    "a stem before, maximum": LSTM | {"hidden": 16, "stem": CONV, "stem_channels": "12,20,9",
                                      "head": MAX},
    "patches before, norm before the head": LSTM | {"hidden": 8, "stem": PATCH, "stem_channels": "6",
                                                    "patch": 4, "head": FLATTEN, "head_norm": 1},
    "flattened over time, 5 x 5": LSTM | {"hidden": 3, "kernel": 5, "head": FLATTEN,
                                          "pool_time": 1, "leads": 3},
    "layer norm in the cell": PAPER | {"cell_norm": 1},
    "the same, two layers, low memory, mean": LSTM | {"cell_norm": 1, "hidden": "6,17", "head": MEAN,
                                                      "memory": 1},
    "CNN": IMAGES | {"hidden": "16,32,64", "head": MEAN},
    "CNN after a stem, mean and maximum": IMAGES | {"hidden": "10,20", "stem": CONV,
                                                     "stem_channels": "8,8", "head": MEAN_MAX},
    "CNN flattened": IMAGES | {"hidden": "6,5", "head": FLATTEN},
    "the paper's network, bf16": PAPER | {"precision": BF16_EMULATED},
    "layer norm in the cell, bf16": PAPER | {"cell_norm": 1, "precision": BF16_EMULATED},
    "CNN, bf16": IMAGES | {"hidden": "16,32,64", "head": MEAN, "precision": BF16_EMULATED},
}


def print_table():
    print(f"| network | outputs | gradients | parameters after {STEPS} steps of Adam |")
    print("| --- | --- | --- | --- |")
    for name, spec in CASES.items():
        apart, most = compare(spec)
        print(f"| {name} | {' | '.join(f'{max(part.values()):.1e}' for part in apart.values())} |")
        if spec.get("precision"):
            own = [f"{most[what] / AS_FAR:.1e}" for what in apart]
            print(f"| PyTorch's own bf16 for it | {' | '.join(own)} |")


def main():
    torch.set_num_threads(2)
    if "--table" in sys.argv[1:]:
        return print_table()
    print(f"1..{len(CASES)}")
    failed = False
    for number, (name, spec) in enumerate(CASES.items(), 1):
        apart, most = compare(spec)
        beyond = [(what, key, value) for what, part in apart.items() for key, value in part.items()
                  if not value < most[what]]
        worst = ", ".join(f"{what} {max(part.values()):.1e} (at most {most[what]:.0e})"
                          for what, part in apart.items())
        failed |= bool(beyond)
        print(f"{'not ok' if beyond else 'ok'} {number} - {name}: worst relative difference: {worst}")
        for what, key, value in beyond:
            print(f"# {what}: {key}: {value:.2e}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
