# SPDX-License-Identifier: MIT
"""Both kinds of network, written in PyTorch from doc/mathematics.md, in any precision; every state
of the recurrence stays a node whose gradient can be asked for."""
import torch
from torch.nn import functional as F


class Network:
    """`model`: the options of an experiment that are not at their defaults; weights by their names.
    `decided`: NAME -> what decides in place of this network's own values about ReLUs ("relu LAYER":
    where it is positive) and maxima ("most LAYER": where it is largest), in this network's shapes."""

    def __init__(self, model, weights, state, dtype, decided=None):
        self.o = {"type": "convlstm", "kernel": 3, "stem": "none", "stem_channels": [16, 16], "patch": 8,
                  "head": "flatten" if model.get("type", "convlstm") == "convlstm" else "mean",
                  "pool_time": False} | model
        self.w = {k: torch.tensor(v, dtype=dtype, requires_grad=True) for k, v in weights.items()}
        self.state = {k: torch.tensor(v, dtype=dtype) for k, v in state.items()}
        self.training = True
        self.decided = {k: torch.tensor(v) for k, v in (decided or {}).items()}

    def relu(self, x, name):
        chosen = self.decided.get(f"relu {name}")
        return F.relu(x) if chosen is None else x * (chosen > 0).to(x.dtype)

    def most(self, x, name):
        """The maximum over the last dimension."""
        chosen = self.decided.get(f"most {name}")
        return x.max(-1).values if chosen is None else x.gather(-1, chosen.argmax(-1, keepdim=True))[..., 0]

    def pool(self, x, name):
        chosen = self.decided.get(f"most {name}")
        if chosen is None:
            return F.max_pool2d(x, 2)
        at = F.max_pool2d(chosen, 2, return_indices=True)[1]
        return x.flatten(2).gather(2, at.flatten(2)).reshape(at.shape)

    def norm(self, x, name):
        mean, var = (self.state[f"{name}.running_{what}"].clone() for what in ("mean", "var"))
        return F.batch_norm(x, mean, var, self.w[f"{name}.weight"], self.w[f"{name}.bias"], self.training)

    def conv_norm(self, x, name, stride, pad):
        x = F.conv2d(x, self.w[f"{name}.conv.weight"], stride=stride, padding=pad)
        return self.relu(self.norm(x, f"{name}.norm"), f"{name}.norm")

    def stem(self, x):
        if self.o["stem"] == "patch":
            return self.conv_norm(x, "stem0", self.o["patch"], 0)
        for i in range(len(self.o["stem_channels"]) if self.o["stem"] == "conv" else 0):
            x = self.conv_norm(x, f"stem{i}", 2, 1)
        return x

    def cell(self, x_t, h, c, name):
        """Next h and c, and what the activations see, in the order i f o g."""
        w = self.w[f"{name}.weight"]
        a = F.conv2d(torch.cat([x_t, h], 1), w, self.w.get(f"{name}.bias"), padding=w.shape[-1] // 2)
        if f"{name}.norm_weight" in self.w:
            a = F.group_norm(a, 4, self.w[f"{name}.norm_weight"], self.w[f"{name}.norm_bias"])
        i, f, o, g = a.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c, a

    def convlstm(self, x, name):
        """(T, N, C, H, W); returns the list of h and keeps what was seen."""
        k = self.w[f"{name}.weight"].shape[0] // 4
        h = c = x[0].new_zeros(x[0].shape[0], k, *x[0].shape[2:])
        seen = {"x": x, "h": [], "c": [], "a": []}
        for x_t in x:
            h, c, a = self.cell(x_t, h, c, name)
            for what, value in (("h", h), ("c", c), ("a", a)):
                if value.requires_grad:
                    value.retain_grad()
                seen[what].append(value)
        self.seen[name] = seen
        return seen["h"]

    def head(self, h):
        """(N, T, K, H, W)."""
        if self.o.get("head_norm"):
            h = self.norm(h.flatten(0, 1), "head_norm").reshape(h.shape)
        mean = h.mean((1, 3, 4))
        most = self.most(h.transpose(1, 2).flatten(2), "pool") if "max" in self.o["head"] else mean
        self.features = {"flatten": h.flatten(1), "mean": mean, "max": most,
                         "mean-max": torch.cat([mean, most], 1)}[self.o["head"]]
        return F.linear(self.features, self.w["head.weight"], self.w["head.bias"])

    def __call__(self, images):
        """(N, T, C, H, W) to (N, outputs)."""
        self.seen = {}
        n, leads = images.shape[:2]
        if self.o["type"] == "cnn":
            x = self.stem(images.flatten(1, 2))
            for i in range(len(self.o["hidden"])):
                x = self.pool(self.conv_norm(x, f"stage{i}", 1, self.o["kernel"] // 2), f"stage{i}.pool")
            return self.head(x.unsqueeze(1))
        x = self.stem(images.flatten(0, 1))
        x = list(x.reshape(n, leads, *x.shape[1:]).unbind(1))
        for i in range(len(self.o["hidden"])):
            x = self.convlstm(x, f"convlstm{i}")
        return self.head(torch.stack(x if self.o["pool_time"] else x[-1:], 1))


def cost_of(loss, z, t, weight):
    """Of each record, unknown targets (-1) left out."""
    known = (t >= 0).to(z.dtype)
    t = t.clamp(min=0)
    if loss == "softmax":
        return -(t * F.log_softmax(z, 1)).sum(1)
    if loss == "bce":
        return (F.binary_cross_entropy(torch.sigmoid(z), t, reduction="none") * known).sum(1)
    return (F.binary_cross_entropy_with_logits(z, t, reduction="none", pos_weight=weight) * known).sum(1)
