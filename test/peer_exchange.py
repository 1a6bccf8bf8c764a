# SPDX-License-Identifier: MIT
# needs: numpy torch h5py
"""Weights to PyTorch and back: networks written out in PyTorch, a ConvLSTM with the names and the
order of ndrplz' ConvLSTM (cell_list.0.conv, x before h, gates i f o g), load what `leadseq export`
writes, strictly, and give the logits that `leadseq evaluate` writes, to 1e-5 of max(1, |logit|).
Random weights of theirs then go into a run and give their logits, too."""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import torch
from torch import nn

LEADSEQ = os.path.abspath(os.environ.get("LEADSEQ", "./leadseq"))
PARTS = ["data.train=[1,2,3,4,5,6,7,8,9,10]", "data.valid=[]", "data.test=[]",
         "diagnose.probes=none", "train.threads=1", "train.batch=4", "train.max_steps=2"]


class Cell(nn.Module):
    def __init__(self, inputs, hidden, kernel, bias):
        super().__init__()
        self.hidden = hidden
        self.conv = nn.Conv2d(inputs + hidden, 4 * hidden, kernel, padding=kernel // 2, bias=bias)

    def forward(self, sequence):
        states = []
        h = c = sequence[0].new_zeros(len(sequence[0]), self.hidden, *sequence[0].shape[2:])
        for x in sequence:
            i, f, o, g = torch.split(self.conv(torch.cat([x, h], 1)), self.hidden, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        return states


class ConvLSTM(nn.Module):
    def __init__(self, hidden, kernel, bias, height, width):
        super().__init__()
        inputs = [1, *hidden[:-1]]
        self.cell_list = nn.ModuleList(
            Cell(n, k, kernel, bias) for n, k in zip(inputs, hidden))
        self.head = nn.Linear(hidden[-1] * height * width, 1)

    def forward(self, images):
        sequence = [images[:, t, None] for t in range(images.shape[1])]
        for cell in self.cell_list:
            sequence = cell(sequence)
        return self.head(sequence[-1].flatten(1))


class CNN(nn.Module):
    """Stages of convolution, norm, ReLU and maxima of 2 x 2."""

    def __init__(self, hidden):
        super().__init__()
        for i, (n, k) in enumerate(zip([12, *hidden[:-1]], hidden)):
            stage = nn.Module()
            stage.conv = nn.Conv2d(n, k, 3, padding=1, bias=False)
            stage.norm = nn.BatchNorm2d(k)
            setattr(self, f"stage{i}", stage)
        self.stages = len(hidden)
        self.head = nn.Linear(hidden[-1], 1)

    def forward(self, x):
        for i in range(self.stages):
            stage = getattr(self, f"stage{i}")
            x = nn.functional.max_pool2d(torch.relu(stage.norm(stage.conv(x))), 2)
        return self.head(x.mean((2, 3)))


CASES = {
    "ConvLSTM": (["model.type=convlstm", "model.hidden=[4]"],
                 lambda h, w: ConvLSTM([4], 3, True, h, w)),
    "ConvLSTM of two layers, 5 x 5, without bias":
        (["model.type=convlstm", "model.hidden=[3,5]", "model.kernel=5", "model.bias=false"],
         lambda h, w: ConvLSTM([3, 5], 5, False, h, w)),
    "CNN": (["model.type=cnn", "model.hidden=[4,6]"], lambda h, w: CNN([4, 6])),
}


def run(*words):
    done = subprocess.run([LEADSEQ, *words], capture_output=True, text=True)
    assert not done.returncode, (words, done.stderr)


def read(path):
    with open(path, "rb") as file:
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        body = file.read()
    return {name: torch.tensor(np.frombuffer(body[slice(*t["data_offsets"])], "<f4").copy()
                               .reshape(t["shape"]))
            for name, t in head.items() if name != "__metadata__"}


def write(path, state):
    head, body = {}, b""
    for name, tensor in state.items():
        data = tensor.detach().numpy().astype("<f4").tobytes()
        head[name] = {"dtype": "F32", "shape": list(tensor.shape),
                      "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(head).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + body)


def logits_of_run(name):
    run("evaluate", name, "--data", "stack.h5", "--split", "train", "--checkpoint", "last")
    with open(f"{name}/predictions-train.tsv") as file:
        return {int(r["ecg_id"]): float(r["logit"]) for r in csv.DictReader(file, delimiter="\t")}


def distance(net, name):
    with h5py.File("stack.h5") as file, torch.no_grad():
        ids = file["ecg_id"][:]
        z = net.eval()(torch.tensor(file["images"][:]).float() / 255)[:, 0]
    theirs = dict(zip(map(int, ids), z.tolist()))
    ours = logits_of_run(name)
    assert len(ours) > 3
    return max(abs(v - theirs[k]) / max(1, abs(v)) for k, v in ours.items())


def outward(options, net):
    run("train", "net.yaml", *options, *PARTS, "train.lr=1e-2", "--data", "stack.h5",
        "--out", "run")
    run("export", "run", "--format", "safetensors", "--checkpoint", "last", "--out", "net", "--force")
    missing = net.load_state_dict(read("net"), strict=False)
    assert not missing.unexpected_keys, missing
    assert all("num_batches" in k for k in missing.missing_keys), missing
    return distance(net, "run")


def inward(options, net):
    """A step of no size, which moves running statistics: these go back out."""
    write("theirs", net.state_dict())
    run("train", "net.yaml", *options, *PARTS, "train.lr=1e-30", "model.weights=theirs",
        "model.weights_strict=true", "--data", "stack.h5", "--out", "back")
    run("export", "back", "--format", "safetensors", "--checkpoint", "last", "--out", "moved", "--force")
    moved = read("moved")
    for name, tensor in net.state_dict().items():
        if "running" in name:
            tensor.copy_(moved[name])
        elif "num_batches" not in name:
            assert torch.allclose(tensor, moved[name], rtol=0, atol=1e-20), name
    return distance(net, "back")


def main():
    os.chdir(tempfile.mkdtemp())
    torch.manual_seed(1)
    with open("net.yaml", "w") as file:
        file.write("seed: 3\n")
    run("synth", "--out", "sim", "--patients", "8", "--seed", "4")
    run("render", "--ptbxl", "sim", "--out", "stack.h5", "--size", "24x20")
    print(f"1..{2 * len(CASES)}")
    number, failed = 0, False
    for name, (options, make) in CASES.items():
        for title, way in (("a run's weights in PyTorch", outward), ("PyTorch's in a run", inward)):
            number += 1
            for folder in ("run", "back"):
                shutil.rmtree(folder, ignore_errors=True)
            error = way(options, make(20, 24))
            failed |= not error <= 1e-5
            print(f"{'ok' if error <= 1e-5 else 'not ok'} {number} - {name}: {title}, "
                  f"logits to {error:.1e}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
