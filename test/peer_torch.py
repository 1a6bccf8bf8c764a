# SPDX-License-Identifier: MIT
# needs: numpy torch
"""Both models against PyTorch: the same weights and images, written out here in
PyTorch's own layers; outputs, every gradient, running statistics."""
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
BOUND = 2e-4


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


def dump(spec):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump.txt")
        pairs = [f"{k}={v}" for k, v in spec.items()]
        subprocess.run([os.path.join(BUILD, "test/model_dump"), path, *pairs], check=True)
        return read_dump(path)


class Peer:
    """The network of a spec on tensors called as leadseq calls them."""

    def __init__(self, spec, found):
        self.spec = spec
        self.w = {k: torch.tensor(v, requires_grad=True) for k, v in found["param"].items()}
        self.s = {k: torch.tensor(v) for k, v in found.get("state", {}).items()}

    def conv_norm(self, x, name, stride, training):
        kernel = self.w[f"{name}.conv.weight"]
        x = F.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2)
        return F.relu(F.batch_norm(
            x, self.s[f"{name}.norm.running_mean"], self.s[f"{name}.norm.running_var"],
            self.w[f"{name}.norm.weight"], self.w[f"{name}.norm.bias"], training))

    def stem(self, x, training):
        for i in range(len(str(self.spec.get("stem_channels", "")).split(",")) if self.spec.get("stem") else 0):
            x = self.conv_norm(x, f"stem{i}", 2, training)
        return x

    def convlstm(self, x, name):
        """(T, N, C, H, W) to the same of h; gates in the order i f o g."""
        w, b = self.w[f"{name}.weight"], self.w.get(f"{name}.bias")
        h = c = x.new_zeros(x.shape[1], w.shape[0] // 4, *x.shape[3:])
        steps = []
        for x_t in x:
            i, f, o, g = F.conv2d(torch.cat([x_t, h], 1), w, b, padding=w.shape[-1] // 2).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            steps.append(h)
        return torch.stack(steps)

    def head(self, h):
        """(N, T, K, H, W) to (N)."""
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
        return self.head((x if s.get("pool_time") else x[-1:]).transpose(0, 1))

    def stages(self, images, training):
        s = self.spec
        x = self.stem(images.reshape(s["batch"], -1, s["height"], s["width"]), training)
        for i in range(len(str(s["hidden"]).split(","))):
            x = F.max_pool2d(self.conv_norm(x, f"stage{i}", 1, training), 2)
        return self.head(x.unsqueeze(1))

    def forward(self, images, training):
        run = self.sequence if self.spec["type"] == CONVLSTM else self.stages
        return run(torch.tensor(images), training)


def difference(ours, theirs):
    theirs = np.asarray(theirs)
    return float(np.abs(ours.ravel() - theirs.ravel()).max() / max(np.abs(theirs).max(), 1e-30))


def compare(spec):
    """name -> worst relative difference."""
    found = dump(spec)
    peer = Peer(spec, found)
    arrays = found["array"]
    z = peer.forward(arrays["images"], True)
    z.backward(torch.tensor(arrays["dlogits"]))
    apart = {"logits": difference(arrays["logits"], z.detach())}
    for name, ours in found["gradient"].items():
        apart[f"gradient of {name}"] = difference(ours, peer.w[name].grad)
    for name, ours in found.get("after", {}).items():
        apart[name] = difference(ours, peer.s[name])
    with torch.no_grad():
        apart["evaluated"] = difference(arrays["evaluated"], peer.forward(arrays["images"], False))
    return apart


LSTM = {"type": CONVLSTM, "leads": 12, "channels": 1, "height": 24, "width": 20, "batch": 2,
        "kernel": 3, "bias": 1}
IMAGES = {"type": CNN, "leads": 12, "channels": 1, "height": 36, "width": 33, "batch": 3,
          "kernel": 3}
CASES = {
    "the paper's network": LSTM | {"hidden": 10, "head": FLATTEN},
    "three colours, two layers, mean": LSTM | {"channels": 3, "hidden": "10,7", "head": MEAN},
    "pooled over time, no bias": LSTM | {"hidden": 9, "bias": 0, "head": MEAN_MAX, "pool_time": 1},
    "a stem before, maximum": LSTM | {"hidden": 16, "stem": 1, "stem_channels": "12,20,9", "head": MAX},
    "flattened over time, 5 x 5": LSTM | {"hidden": 3, "kernel": 5, "head": FLATTEN,
                                          "pool_time": 1, "leads": 3},
    "CNN": IMAGES | {"hidden": "16,32,64", "head": MEAN},
    "CNN behind a stem, mean and maximum": IMAGES | {"hidden": "10,20", "stem": 1,
                                                     "stem_channels": "8,8", "head": MEAN_MAX},
    "CNN flattened": IMAGES | {"hidden": "6,5", "head": FLATTEN},
}


def main():
    torch.set_num_threads(2)
    print(f"1..{len(CASES)}")
    failed = False
    for number, (name, spec) in enumerate(CASES.items(), 1):
        apart = compare(spec)
        worst = max(apart, key=apart.get)
        good = apart[worst] < BOUND
        failed |= not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}: worst relative difference "
              f"{apart[worst]:.1e}, {worst}")
        for key, value in apart.items():
            if value >= BOUND:
                print(f"# {key}: {value:.2e}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
