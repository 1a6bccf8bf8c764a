# SPDX-License-Identifier: MIT
# needs: numpy h5py torch torchvision
"""A stack and a run's weights in PyTorch: leadseq export RUN --format safetensors --out NET, then
torch_model.py STACK.h5 NET DEPTH, for a run of model.type resnet, head linear, data.invert true."""
import json
import sys

import h5py
import numpy as np
import torch
import torchvision


def read_safetensors(path):  # as safetensors.torch.load_file(), of float32
    with open(path, "rb") as file:
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        body = file.read()
    return {name: torch.tensor(np.frombuffer(body[slice(*t["data_offsets"])], "<f4").reshape(t["shape"]))
            for name, t in head.items() if name != "__metadata__"}


def main(stack, weights, depth):
    state = read_safetensors(weights)
    net = getattr(torchvision.models, f"resnet{depth}")(num_classes=state["fc.weight"].shape[0])
    channels = state["conv1.weight"].shape[1]
    net.conv1 = torch.nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
    net.load_state_dict(state)
    net.eval()
    with h5py.File(stack) as file, torch.no_grad():
        images = 1 - torch.tensor(file["images"][:]).float() / 255  # ink is 1
        logits = net(images.reshape(len(images), channels, *images.shape[2:4]))
        for name, z in zip(file["ecg_id"][:], logits):
            print(name, *z.tolist(), sep="\t")


if __name__ == "__main__":
    main(*sys.argv[1:])
