# SPDX-License-Identifier: MIT
# needs: torch
"""Pieces that the networks of bench/peers/ share: stem and head of their options, in PyTorch's own
layers. Parameters are registered in the order leadseq has them."""
import torch
from torch import nn

STEM = {"stem", "stem_channels", "patch"}
HEAD = {"head", "head_norm", "dropout"}


class ConvNorm(nn.Sequential):
    """Convolution without bias, batch norm, ReLU; same padding unless told otherwise."""

    def __init__(self, inputs, outputs, kernel, stride=1, padding=None):
        padding = kernel // 2 if padding is None else padding
        super().__init__(nn.Conv2d(inputs, outputs, kernel, stride, padding=padding, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def stem(model, inputs):
    """The stem's layers and the channels that leave it."""
    channels = model["stem_channels"]
    if model["stem"] == "patch":
        patch = model["patch"]
        return [ConvNorm(inputs, channels[0], patch, patch, padding=0)], channels[0]
    if model["stem"] == "conv":
        return ([ConvNorm(a, b, 3, 2) for a, b in zip([inputs, *channels], channels)],
                channels[-1])
    return [], inputs


def stem_side(model, side):
    """A side of the image after the stem."""
    if model["stem"] == "patch":
        return side // model["patch"]
    for _ in model["stem_channels"] if model["stem"] == "conv" else []:
        side = (side + 1) // 2
    return side


class Most(nn.Module):
    """The maximum of each channel over images, rows and columns."""

    def forward(self, h):
        return h.amax((1, 3, 4))


class Head(nn.Module):
    """(N, T, K, H, W) to (N, outputs). size: rows times columns times images."""

    def __init__(self, model, channels, size, outputs):
        super().__init__()
        self.kind = model["head"]
        features = {"flatten": channels * size, "mean": channels, "max": channels,
                    "mean-max": 2 * channels}[self.kind]
        self.norm = nn.BatchNorm2d(channels) if model["head_norm"] else None
        self.most = Most()
        self.dropout = nn.Dropout(model["dropout"])
        self.dense = nn.Linear(features, outputs)

    def forward(self, h):
        if self.norm is not None:
            h = self.norm(h.flatten(0, 1)).view(h.shape)
        if self.kind == "flatten":
            pooled = h.flatten(1)
        elif self.kind == "mean-max":
            pooled = torch.cat([h.mean((1, 3, 4)), self.most(h)], 1)
        else:
            pooled = h.mean((1, 3, 4)) if self.kind == "mean" else self.most(h)
        return self.dense(self.dropout(pooled))
