# SPDX-License-Identifier: MIT
# needs: torch
"""model.type lstm1d as a PyTorch user would write it."""
from functools import partial

from torch import nn

from peer_signals import HEAD, Recurrent

INPUT = "channels"
OPTIONS = HEAD | {"hidden"}
build = partial(Recurrent, nn.LSTM)
