# SPDX-License-Identifier: MIT
# needs: numpy torch
"""A training step of step_dump's, taken once more by PyTorch on the network of bench/peers/TYPE.py,
in float32 or float64: step.py LINES VALUES OUT.npz float64 THREADS free|ours, in a process of its
own because its memory is bounded. OUT has each tensor as "kind name", and "loss".

Where a ReLU's input is zero but for rounding, or two values are largest but for rounding, float32
and float64 may decide otherwise, and what follows differs by whole values. "free": each decides for
itself; "ours": as the step decided, so that nothing but rounding remains.

Parameters and running statistics are matched in their order, and their sizes must agree. What
dropout left out is read from the features that the last layer saw."""
import math
import os
import resource
import sys

import numpy as np

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "bench")
MOST_BYTES = 16 << 30


class Dump:
    """options, numbers, tensor[kind][name] and norm[layer][quantity] of a file of step_dump's."""

    def __init__(self, lines, values):
        self.options, self.numbers, self.tensor, self.decays, self.norm = {}, {}, {}, {}, {}
        flat, at = np.fromfile(values, dtype=np.float32), 0
        with open(lines) as text:
            for line in text:
                kind, name, *rest = line.rstrip("\n").split("\t")
                if kind == "option":
                    self.options[name] = rest[0]
                elif kind == "number":
                    self.numbers[name] = float(rest[0])
                elif kind == "norm":
                    self.norm.setdefault(name, {})[rest[0]] = np.array(rest[1:], dtype=np.float64)
                else:
                    dims = [int(d) for d in rest[1:]]
                    count = int(np.prod(dims))
                    self.tensor.setdefault(kind, {})[name] = flat[at:at + count].reshape(dims)
                    self.decays[name] = rest[0] == "1"
                    at += count
        if at != flat.size:
            raise RuntimeError(f"{values}: expected {at} values, found {flat.size}")


def words(dump):
    """As `leadseq bench --peer` describes a network to its peer."""
    sizes = {k: int(dump.numbers[k]) for k in ("leads", "channels", "height", "width", "outputs")}
    sizes |= {"type": dump.options["model.type"], "batch": int(dump.numbers["records"])}
    model = {k: v for k, v in dump.options.items() if k.startswith("model.") and k != "model.type"}
    return [f"{k}={v}" for k, v in (sizes | model).items()]


def decided(dump, model):
    """Replaces dropout by what was dropped and, unless `dump` has no decisions, ReLUs and maxima by
    what was decided."""
    import torch
    from torch import nn
    from torch.nn import functional as F
    from peer_layers import Most

    class Times(nn.Module):
        def __init__(self, factor):
            super().__init__()
            self.register_buffer("factor", factor, persistent=False)

        def forward(self, x):
            return x * self.factor.reshape(x.shape).to(x.dtype)

    class Chosen(nn.Module):
        """The values at the places of the largest of `ours`."""

        def __init__(self, ours, pool):
            super().__init__()
            self.ours, self.pool = ours, pool

        def forward(self, x):
            if self.pool:
                at = self.pool(self.ours)[1]
                return x.flatten(2).gather(2, at.flatten(2)).reshape(at.shape)
            n, images, channels = x.shape[:3]
            ours = self.ours.reshape(images, n, channels, -1).permute(1, 2, 0, 3).flatten(2)
            return x.transpose(1, 2).flatten(2).gather(2, ours.argmax(2, keepdim=True))[..., 0]

    values = dump.tensor.get("decided", {})
    relu, most = (iter([torch.tensor(v) for k, v in values.items() if k.startswith(word)])
                  for word in ("relu ", "most "))

    def replacement(child):
        if isinstance(child, nn.Dropout) and child.p > 0:
            kept = dump.tensor["array"]["features"].reshape(int(dump.numbers["records"]), -1) != 0
            return Times(torch.tensor(kept) / (1 - child.p))
        if values and isinstance(child, nn.ReLU):
            return Times(next(relu) > 0)
        if values and isinstance(child, nn.MaxPool2d):
            child.return_indices = True
            return Chosen(next(most), child)
        if values and isinstance(child, Most) and "max" in dump.options["model.head"]:
            return Chosen(next(most), None)
        return child

    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            setattr(module, name, replacement(child))
    left = [len(list(rest)) for rest in (relu, most)]
    if any(left):
        raise RuntimeError(f"{left} of our decisions have no place in the peer")


def network(dump, dtype):
    """The peer's module with our initial values, and its input."""
    import torch
    sys.path.insert(0, BENCH)
    import peer_torch

    o = peer_torch.read_words(words(dump))
    peer = peer_torch.find_peer(o)
    model = peer.build(o)
    decided(dump, model)
    model = model.to(dtype).train()
    load(list(model.parameters()), dump.tensor["param"])
    load(running(model), dump.tensor.get("state", {}))
    lead = (o["leads"], o["batch"], o["channels"]) if peer.INPUT == "sequence" else \
        (o["batch"], o["leads"] * o["channels"])
    images = dump.tensor["array"]["images"].reshape(*lead, o["height"], o["width"])
    return model, torch.tensor(images).to(dtype)


def running(model):
    return [b for name, b in model.named_buffers() if name.split(".")[-1].startswith("running_")]


def watch(model, found, names):
    """Of each batch norm, in the order of `names`: the size of what its backward sums add up, the
    sums over a channel of |d| and |d (x - mean)| / deviation, as "terms NAME.dshift" and so on."""
    import torch

    def keep(module, name):
        seen = []
        module.register_forward_hook(lambda _, x, y: seen.append(x[0].detach()))

        def back(_, dx, dy):
            x, axes = seen.pop(), (0, 2, 3)
            variance, mean = torch.var_mean(x, axes, unbiased=False, keepdim=True)
            sizes = sum(torch.stack([one.abs().sum((1, 2)), (one * (v - mean[0])).abs().sum((1, 2))])
                        for one, v in zip(dy[0], x))
            deviation = (variance.flatten() + module.eps).sqrt()
            found[f"terms {name}.dshift"] = sizes[0].numpy()
            found[f"terms {name}.dscale"] = (sizes[1] / deviation).numpy()

        module.register_full_backward_hook(back)

    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for module, name in zip(norms, names):
        keep(module, name)


def load(theirs, ours):
    import torch
    if len(theirs) != len(ours):
        raise RuntimeError(f"{len(ours)} tensors of ours, {len(theirs)} of the peer's")
    with torch.no_grad():
        for to, (name, value) in zip(theirs, ours.items()):
            if to.numel() != value.size:
                raise RuntimeError(f"{name}: {value.shape} here, {tuple(to.shape)} in the peer")
            to.copy_(torch.tensor(value).reshape(to.shape))


def cost(dump, z, target):
    """The mean over records of the sum over outputs whose target is known."""
    import torch
    from torch.nn import functional as F
    known, kind = target >= 0, dump.options["train.loss"]
    e = float(dump.options.get("train.label_smoothing", 0))
    weights = [float(w) for w in dump.options["train.positive_weight"].strip("[]").split(",")]
    weight = torch.tensor(weights, dtype=z.dtype)
    if kind == "softmax":
        whole, right = known.all(1), target.argmax(1)
        weight = weight.expand(z.shape[1])
        each = F.cross_entropy(z, right, weight, reduction="none", label_smoothing=e)
        return each[whole].sum() / (weight[right][whole].sum() + (~whole).sum())
    t = torch.where(known, target * (1 - e) + e / 2, torch.zeros_like(target))
    if kind == "bce":
        each = F.binary_cross_entropy(torch.sigmoid(z), t, reduction="none")
    elif kind == "bce-logits":
        each = F.binary_cross_entropy_with_logits(z, t, reduction="none", pos_weight=weight)
    else:
        raise RuntimeError(f"train.loss {kind}: expected bce, bce-logits or softmax")
    return torch.where(known, each, torch.zeros_like(each)).sum() / len(z)


def optimizer(dump, parameters):
    import torch
    option = dump.options
    decay = float(option["train.weight_decay"])
    names = list(dump.tensor["param"])
    groups = [{"params": [p for n, p in zip(names, parameters) if dump.decays[n] == yes],
               "weight_decay": decay if yes else 0.} for yes in (True, False)]
    lr, momentum = dump.numbers["lr"], dump.numbers["momentum"]
    kind = option["train.optimizer"]
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=lr, momentum=momentum,
                               nesterov=option.get("train.nesterov") == "true" and momentum > 0)
    beta2 = float(option["train.betas"].strip("[]").split(",")[1])
    make = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind]
    return make(groups, lr=lr, betas=(momentum, beta2), eps=float(option["train.epsilon"]))


def step(dump, dtype):
    """kind name -> array, of the whole step."""
    import torch
    model, images = network(dump, dtype)
    found = {}
    if "decided" in dump.tensor and dtype == torch.float64:  # ReLUs that overwrite do not let us look
        watch(model, found, dump.norm)
    parameters = list(model.parameters())
    target = torch.tensor(dump.tensor["array"]["target"]).to(dtype).reshape(len(images), -1) \
        if images.dim() == 4 else \
        torch.tensor(dump.tensor["array"]["target"]).to(dtype).reshape(images.shape[1], -1)
    z = model(images).reshape(target.shape)
    loss = cost(dump, z, target)
    loss.backward()
    found |= {"loss": np.float64(loss.item()), "array logits": z.detach().numpy()}
    most = float(dump.options["train.clip_norm"])
    norm = math.sqrt(sum(float((p.grad.double() ** 2).sum()) for p in parameters))
    found["grad_norm"] = np.float64(norm)
    if most > 0 and most / (norm + 1e-6) < 1:
        for p in parameters:
            p.grad.mul_(most / (norm + 1e-6))
    names = list(dump.tensor["param"])
    for name, p in zip(names, parameters):
        found[f"gradient {name}"] = p.grad.numpy().reshape(dump.tensor["param"][name].shape).copy()
    optimizer(dump, parameters).step()
    for name, p in zip(names, parameters):
        found[f"moved {name}"] = p.detach().numpy().reshape(dump.tensor["param"][name].shape)
    for name, value in zip(dump.tensor.get("state", {}), running(model)):
        found[f"after {name}"] = value.numpy()
    return found


def main():
    lines, values, out, kind, threads, decisions = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    sys.argv = sys.argv[:1]
    import torch
    torch.set_num_threads(int(threads))
    dump = Dump(lines, values)
    if decisions == "free":
        dump.tensor.pop("decided", None)
    np.savez(out, **step(dump, getattr(torch, kind)))


if __name__ == "__main__":
    main()
