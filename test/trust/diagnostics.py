# SPDX-License-Identifier: MIT
# needs: numpy scipy torch h5py
# seconds: 420
"""diagnostics.h5 of the second step of trainings against autograd in float64: output, head, flow,
gates, parameters, recurrence (whole Jacobians, their singular values and eigenvalues), step, input.
The weights and moments before that step are those of the same training stopped after the first; what
float32 must lose is shown by the same program in float32."""
import json
import os

import h5py
import numpy as np
import torch
from scipy import optimize, stats

from lib.network import Network, cost_of
from lib.trust import Trust

trust = Trust()
torch.set_num_threads(1)
AS_FAR, LEAST = 4, 2e-5  # times PyTorch's float32; relative to a quantity's largest value
BETA1, BETA2, EPSILON, POINTS = .9, .999, 1e-8, [0, .25, .5, 1, 2, 4]
GROUPS = {}

TASKS = {"mi": ["label/mi"], "superclass": None}


# --- A training -------------------------------------------------------------------------------

def stack_of(size, number):
    path = os.path.join(trust.work, f"{size}.h5")
    if not os.path.exists(path):
        records = os.path.join(trust.work, f"records-{size}")
        trust.run("synth", "--out", records, "--patients", 40, "--seed", 100 + number)
        trust.run("render", "--ptbxl", records, "--out", path, "--size", size)
    return path


def train(case, stack, name, epochs, lr):
    folder = os.path.join(trust.work, name)
    lines = [f"seed: {case['seed']}", f"model: {json.dumps(case['model'])}",
             f"data: {json.dumps({'train': [1, 2, 3, 4, 5, 6, 7, 8], 'valid': [9, 10], 'test': [], 'limit': case['n']} | case.get('data', {}))}",
             f"train: {json.dumps({'batch': case['n'], 'epochs': epochs, 'threads': 1, 'lr': lr} | case.get('train', {}))}",
             f"diagnose: {json.dumps({'probes': 'full' if epochs > 1 else 'none', 'every': 1})}"]
    with open(folder + ".yaml", "w") as out:
        out.write("\n".join(lines) + "\n")
    trust.run("train", folder + ".yaml", "--data", stack, "--out", folder)
    return folder


def checkpoint(folder):
    with h5py.File(os.path.join(folder, "checkpoints/last.h5")) as f:
        read = lambda group: {k: v[()] for k, v in f[group].items()} if group in f else {}
        return read("weights"), read("state"), read("optimizer/m"), read("optimizer/v")


def fed(case, stack, folder):
    """(N, T, C, H, W) and targets of the training records, of the validation records; paper."""
    with open(os.path.join(folder, "input.json")) as f:
        told = json.load(f)
    with h5py.File(stack) as f:
        fold, pixels = f["strat_fold"][:], f["images"][:].astype(np.float64) / 255
        labels = f["label/mi"][:][:, None] if case.get("data", {}).get("task", "mi") == "mi" else f["label/superclass"][:]
        ids = f["ecg_id"][:]
    turn = (lambda p: 1 - p) if case.get("data", {}).get("invert") else lambda p: p
    scale = lambda p: (turn(p) - told["mean"]) / told["deviation"]
    pixels = scale(pixels)[:, :, None]
    targets = np.where(labels == 255, -1., labels)
    parts = [np.flatnonzero(fold <= 8), np.flatnonzero(fold > 8)]
    parts = [p[np.argsort(ids[p], kind="stable")] for p in parts]
    parts[0] = parts[0][np.arange(case["n"]) * len(parts[0]) // case["n"]]
    return [(pixels[p], targets[p]) for p in parts], scale(1.)


# --- What is to be found ----------------------------------------------------------------------

class Pass:
    """One precision: everything that follows from weights, moments, images, targets."""

    def __init__(self, case, before, images, targets, dtype):
        self.case, self.dtype = case, dtype
        self.train = {"loss": "bce", "optimizer": "adam", "weight_decay": 0, "clip_norm": 0, "positive_weight": 1} | case.get("train", {})
        weights, self.state, self.m, self.v = before
        self.x = torch.tensor(images, dtype=dtype, requires_grad=True)
        self.t = torch.tensor(targets, dtype=dtype)
        self.net = Network(case["model"], weights, self.state, dtype)
        self.weight = torch.as_tensor(self.train["positive_weight"], dtype=dtype)
        self.z = self.net(self.x)
        self.costs = cost_of(self.train["loss"], self.z, self.t, self.weight)
        self.z.retain_grad()
        self.costs.mean().backward(retain_graph=True)
        self.norm = float(torch.sqrt(sum((w.grad.double() ** 2).sum() for w in self.net.w.values())))
        self.raw = {k: w.grad.clone() for k, w in self.net.w.items()}
        clip = self.train["clip_norm"]
        by = min(1, clip / (self.norm + 1e-6)) if clip else 1
        self.g = {k: by * g for k, g in self.raw.items()}
        self.delta = {k: self.update(k) for k in self.g}

    def update(self, k):
        """Of the second step."""
        lr, decay = self.case["lr"], self.train["weight_decay"] if k.endswith(".weight") and "norm" not in k else 0
        w, g = self.net.w[k].detach(), self.g[k]
        m = torch.tensor(self.m[k], dtype=self.dtype)
        if self.train["optimizer"] == "sgd":
            return -lr * (self.train.get("momentum", 0) * m + g + decay * w)
        v = torch.tensor(self.v[k], dtype=self.dtype)
        keep = 1
        if self.train["optimizer"] == "adamw":
            keep = 1 - lr * decay
        else:
            g = g + decay * w
        m, v = BETA1 * m + (1 - BETA1) * g, BETA2 * v + (1 - BETA2) * g * g
        return (keep - 1) * w - lr / (1 - BETA1 ** 2) * m / (v.sqrt() / (1 - BETA2 ** 2) ** .5 + EPSILON)

    def moved(self, alpha):
        weights = {k: (w.detach() + alpha * self.delta[k]).numpy() for k, w in self.net.w.items()}
        net = Network(self.case["model"], weights, self.state, self.dtype)
        with torch.no_grad():
            z = net(self.x)
        return z, net.features, float(cost_of(self.train["loss"], z, self.t, self.weight).double().mean())

    def gradient(self, weights_of_records):
        for w in self.net.w.values():
            w.grad = None
        (self.costs * weights_of_records).sum().backward(retain_graph=True)
        return torch.cat([w.grad.flatten() for w in self.net.w.values()]).double()


def records_of(p):
    """head/*: (N, K) each."""
    phi, w, g = (x.detach().double() for x in (p.net.features, p.net.w["head.weight"], p.g["head.weight"]))
    dw, db = p.delta["head.weight"].double(), p.delta["head.bias"].double()
    z_after, phi_after, _ = p.moved(1)
    dphi, lr = phi_after.double() - phi, p.case["lr"]
    return {"predicted": phi @ dw.T + db, "sign": -lr * phi @ g.sign().T,
            "bound": lr * phi.abs().sum(1, keepdim=True).expand(-1, len(w)),
            "reach": phi.abs() @ dw.abs().T, "measured": z_after.double() - p.z.detach().double(),
            "dw_h": phi @ dw.T, "w_dh": dphi @ w.T, "dw_dh": dphi @ dw.T}, phi, db


def find_order(found, p, n):
    """Which of our records each of theirs is."""
    ours = records_of(p)[0]
    columns = [np.concatenate([ours[k].numpy().reshape(n, -1) for k in ("predicted", "bound", "measured")], 1)]
    columns.append(np.concatenate([np.moveaxis(found[k].reshape(-1, found[k].shape[-1])[:, :n], 0, 1)
                                   for k in ("head/predicted", "head/bound", "head/measured")], 1))
    size = np.abs(columns[0]).max(0)
    far = np.abs(columns[1][:, None] / size - columns[0][None] / size).sum(2)
    return optimize.linear_sum_assignment(far)[1]


def head(p, order):
    rows, phi, db = records_of(p)
    out = {f"head/{k}": v[order].T for k, v in rows.items()}
    mean = phi.mean(0)
    out |= {"head/db": db, "head/feature_sum": phi.abs().sum(1).mean(),
            "head/feature_variation": torch.sqrt(((phi - mean) ** 2).sum() / (phi ** 2).sum()),
            "head/update_max": p.delta["head.weight"].double().abs().max(1).values}
    for k in ("predicted", "bound", "measured"):
        out[f"head/{k}_max"] = rows[k].abs().max(0).values
    out["head/lr_one"] = p.case["lr"] / out["head/predicted_max"]
    out["head/lr_one_bound"] = p.case["lr"] / out["head/bound_max"]
    return out


def output(p):
    z, t, dz = p.z.detach().double().numpy(), p.t.numpy(), p.z.grad.numpy()
    out = {"output/cost": p.costs.detach().double().mean(), "output/records": len(z)}
    parts = {"logit_mean": z.mean, "logit_min": z.min, "logit_max": z.max, "logit_sd": z.std}
    out |= {f"output/{k}": of(axis=0) for k, of in parts.items()}
    out["output/spread"] = z.std(axis=0) / abs(z.mean(axis=0))
    out["output/target_mean"] = (t > .5).mean(axis=0)
    out["output/dead"] = (dz == 0).mean(axis=0)
    with np.errstate(invalid="ignore"):
        for name, of in (("positive", t > .5), ("negative", t <= .5)):
            out[f"output/logit_{name}"] = (z * of).sum(axis=0) / of.sum(axis=0)
    return out


def flow(p):
    norms = np.array([[[float(v.grad.double().norm()) for v in seen[what]] for what in "hca"]
                      for seen in p.net.seen.values()])
    out = {"flow/norm": norms, "flow/first_share": norms[..., 0] / norms[..., -1],
           "flow/first_part": norms[..., 0] ** 2 / (norms ** 2).sum(-1)}
    fits = [[stats.linregress(np.arange(len(y)), np.log(y)) for y in layer] for layer in norms]
    out["flow/factor"] = np.exp([[-f.slope for f in layer] for layer in fits])
    out["flow/factor_se"] = out["flow/factor"] * [[f.stderr for f in layer] for layer in fits]
    out["flow/mean_factor"] = out["flow/first_share"] ** (1 / (norms.shape[-1] - 1))
    return out


def gates(p):
    """With NaN for channels a layer does not have."""
    most = max(seen["h"][0].shape[1] for seen in p.net.seen.values())
    pad = lambda x: np.concatenate([x, np.full((*x.shape[:-1], most - x.shape[-1]), np.nan)], -1)
    out = {k: [] for k in ("mean", "low", "high", "saturated", "h_mean", "h_sd", "h_max", "memory", "dead",
                           "duplicate")}
    for seen in p.net.seen.values():
        h = torch.stack(seen["h"]).detach().double()  # (T, N, K, H, W)
        a = torch.stack(seen["a"]).detach().double().unflatten(2, (4, -1)).transpose(1, 2)
        signals = torch.stack([*(torch.sigmoid(a[:, k]) for k in range(3)), torch.tanh(a[:, 3]),
                               torch.tanh(torch.stack(seen["c"]).detach().double())], 1)  # (T, 5, N, K, H, W)
        low = torch.tensor([.1, .1, .1, -.9, -.9]).double().reshape(5, 1, 1, 1, 1)
        share = lambda x: x.double().mean((2, 4, 5)).numpy()
        low, high = share(signals < low), share(signals > .9)
        mean = share(signals)
        leads = len(h)
        out["mean"].append(pad(mean)), out["low"].append(pad(low)), out["high"].append(pad(high))
        out["saturated"].append([(low + high)[int(k == 1):, k].mean() for k in range(5)])
        out["h_mean"].append(pad(h.mean((1, 3, 4)).numpy()))
        sd = np.sqrt(h.transpose(1, 2).flatten(2).var(2, unbiased=False).numpy())
        out["h_sd"].append(pad(sd))
        out["h_max"].append(pad(h.abs().amax((1, 3, 4)).numpy()))
        out["memory"].append(pad(1 / (1 - mean[1:, 1].mean(0))) if leads > 1 else pad(mean[0, 1] * np.nan))
        out["dead"].append(pad((sd <= 1e-6).all(0).astype(float)))
        last = h[-1].transpose(0, 1).flatten(1).numpy()
        with np.errstate(invalid="ignore", divide="ignore"):
            r = np.atleast_2d(np.abs(np.corrcoef(last)))
        out["duplicate"].append(pad(np.array([next((j for j in range(k) if r[j, k] > .999), -1)
                                              for k in range(len(r))], dtype=float)))
    return {f"gates/{k}": np.array(v) for k, v in out.items()}


def parameters(p, start, names):
    g, w, d = ([of[k].detach().double() for k in names] for of in (p.g, p.net.w, p.delta))
    norm = lambda parts: np.array([float(x.norm()) for x in parts])
    out = {"grad_norm": norm(g), "weight_norm": norm(w), "update_norm": norm(d),
           "grad_max": [float(x.abs().max()) for x in g], "weight_max": [float(x.abs().max()) for x in w],
           "distance": norm([x - torch.tensor(start[k]).double() for k, x in zip(names, w)]),
           "total_grad_norm": p.norm}
    with np.errstate(divide="ignore", invalid="ignore"):
        out["update_ratio"] = np.where(out["weight_norm"] > 0, out["update_norm"] / out["weight_norm"], np.nan)
    out["total_update_ratio"] = np.sqrt((out["update_norm"] ** 2).sum() / (out["weight_norm"] ** 2).sum())
    return {f"parameters/{k}": v for k, v in out.items()}


def step(p, order):
    n, costs = len(p.x), [p.moved(a)[2] for a in POINTS]
    whole = torch.cat([g.flatten() for g in p.raw.values()]).double()
    out = {"line_cost": costs, "change": costs[3] - costs[0],
           "first_order": sum(float((p.raw[k].double() * p.delta[k].double()).sum()) for k in p.raw)}
    if n > 1:
        m = n // 2
        first = np.zeros(n)
        first[order[:m]] = 1
        first = torch.tensor(first, dtype=p.dtype)
        a, b = p.gradient(first / m), p.gradient((1 - first) / (n - m))
        square = float(whole @ whole)
        variance = sum((float(h @ h) - square) / (1 / k - 1 / n) for h, k in ((a, m), (b, n - m))) / 2
        out |= {"grad_variance": variance, "grad_square": square - variance / n,
                "agreement": float(a @ b / a.norm() / b.norm())}
    return {f"step/{k}": v for k, v in out.items()}


def images(p, order, paper):
    x = p.x.detach().double()
    # without batch norm the first record alone is asked
    rows = torch.arange(len(x)) if p.state else torch.tensor(order[:1].copy())
    norms, products = [], []
    for k in range(p.z.shape[1]):
        d = torch.autograd.grad(p.z[rows, k].sum(), p.x, retain_graph=True)[0][rows].double()
        norms.append((d ** 2).sum((2, 3, 4)).sqrt().mean(0).numpy())
        products.append(((x[rows] - paper) * d).sum((2, 3, 4)).abs().mean(0).numpy())
    return {"input/pixel_mean": x.mean(), "input/pixel_sd": x.std(unbiased=False),
            "input/gradient_norm": np.array(norms), "input/gradient_input": np.array(products)}


def jacobians(p, record):
    """Whole matrices of three leads, of layers that are small enough: one copy of the state a row."""
    for layer, (name, seen) in enumerate(p.net.seen.items()):
        h, c = ([v[record:record + 1].detach() for v in seen[what]] for what in "hc")
        n = 2 * h[0].numel()
        for t in (1, len(h) // 2, len(h) - 1) if n <= 1000 else ():
            state = [v[t - 1].expand(n, -1, -1, -1).clone().requires_grad_() for v in (h, c)]
            x_t = seen["x"][t][record:record + 1].detach().expand(n, -1, -1, -1)
            new = torch.cat([v.flatten(1) for v in p.net.cell(x_t, *state, name)[:2]], 1)
            parts = torch.autograd.grad(new.diagonal().sum(), state)
            yield layer, t, torch.cat([v.flatten(1) for v in parts], 1).numpy()


def validation(case, before, part, paper):
    x, t = part
    net = Network(case["model"], before[0], before[1], torch.float64)
    net.training = False
    leads, how = x.shape[1], {"loss": "bce", "positive_weight": 1} | case.get("train", {})

    def ask(images):
        with torch.no_grad():
            return net(torch.tensor(images))

    z = ask(x)
    cost = cost_of(how["loss"], z, torch.tensor(t), torch.as_tensor(how["positive_weight"]).double()).mean()

    def shift(images):
        return (torch.sqrt(((ask(images) - z) ** 2).sum(0) / ((z - z.mean(0)) ** 2).sum(0))).numpy()

    def blank(k):
        images = x.copy()
        images[:, k] = paper
        return images

    return {"input/records": len(x), "input/cost": cost,
            "input/occluded_shift": np.stack([shift(blank(k)) for k in range(leads)], 1),
            "input/reversed_shift": shift(x[:, ::-1].copy())}


# --- The comparison ---------------------------------------------------------------------------

def off(found, want):
    """Relative to the quantity's largest value."""
    found, want = np.asarray(found, float).ravel(), np.asarray(want, float).ravel()
    if found.shape != want.shape or not np.array_equal(np.isnan(found), np.isnan(want)):
        return np.inf
    if np.isnan(want).all():
        return 0.
    return float(np.nanmax(np.abs(found - want)) / max(np.nanmax(np.abs(want)), 1e-30))


COUNTED = ("gates/low", "gates/high", "gates/saturated")  # a pixel may lie at the border
EXACT = ("gates/dead", "gates/duplicate", "output/target_mean", "output/records", "input/records", "output/dead")


def bound_of(key, own, pixels, size):
    if key in EXACT:
        return 1e-7  # shares may be stored in float32
    if key in COUNTED:
        return 2.1 / pixels / size
    return max(AS_FAR * own, LEAST)


def everything(p, order, start, names, paper):
    out = output(p)  # these two first: other passes add to what nodes keep
    if p.net.seen:
        out |= flow(p) | gates(p)
    out |= head(p, order) | parameters(p, start, names) | images(p, order, paper)
    return out | step(p, order)


def compare(case, number):
    stack = stack_of(case["size"], number)
    name = f"case{number}"
    start = checkpoint(train(case, stack, name + "-start", 1, 1e-37))[0]
    before = checkpoint(train(case, stack, name + "-before", 1, case["lr"]))
    folder = train(case, stack, name, 2, case["lr"])
    (part, valid), paper = fed(case, stack, folder)
    found = {}
    with h5py.File(os.path.join(folder, "diagnostics.h5")) as f:
        names = [k.decode() for k in f.attrs["tensors"]]
        for group in f.values():
            if group.attrs["status"] == b"measured":
                found |= {d.name[1:]: d[1] for d in group.values() if d.ndim > 0 and len(d) > 1}
    exact = Pass(case, before, *part, torch.float64)
    order = find_order(found, exact, case["n"])
    want = everything(exact, order, start, names, paper) | validation(case, before, valid, paper)
    rough = everything(Pass(case, before, *part, torch.float32), order, start, names, paper)
    wrong, worst = [], {}
    for key, value in want.items():
        value = np.asarray(value, float)
        got = np.asarray(found[key], float)
        if key.startswith("head/") and got.ndim and got.shape[-1] == 16:
            got = got[..., :case["n"]]
        if key == "input/pixel_mean":  # of the deviation, as it may be 0
            got, value = (v + float(want["input/pixel_sd"]) for v in (got, value))
            rough[key] = rough[key] + float(want["input/pixel_sd"])
        far, own = off(got, value), off(rough[key], value) if key in rough else 0
        if key == "step/grad_square":  # the difference of two sizes that may be close
            share = abs(float(value)) / (abs(float(value)) + float(want["step/grad_variance"]) / case["n"])
            far, own = far * share, own * share
        pixels = case["n"] * exact.x[0, 0].numel()
        limit = bound_of(key, own, pixels / 16, max(np.nanmax(np.abs(value)), 1e-30))
        if not far <= limit:
            wrong.append(f"{key}: off by {far:.1e}, at most {limit:.1e}")
        group = key.split("/")[0]
        if key not in COUNTED:
            GROUPS[group] = max(GROUPS.get(group, (0, 0, "")), (far, own, f"{key}, case {number}"))
    wrong += try_jacobians(exact, order[0], found)
    trust.check(f"{case['name']}: {len(want)} quantities", not wrong, "; ".join(wrong))


MATRICES = [0, 0., 0., 0.]


def try_jacobians(p, record, found):
    wrong = []
    for layer, t, matrix in jacobians(p, record):
        singular = np.linalg.norm(matrix, 2)
        radius = np.abs(np.linalg.eigvals(matrix)).max()
        for key, want in (("singular", singular), ("radius", radius)):
            got = float(found[f"recurrence/{key}"][layer, t])
            left = float(found[f"recurrence/{key}_residual"][layer, t])
            far = abs(got - want) / want
            MATRICES[1 if key == "singular" else 2] = max(far, MATRICES[1 if key == "singular" else 2])
            if key == "radius":
                MATRICES[3] = max(MATRICES[3], left)
            if not far <= max(1e-4, 2 * left):
                wrong.append(f"recurrence/{key} layer {layer} lead {t}: {got}, expected {want}; residual {left:.1e}")
        MATRICES[0] += 1
    return wrong


SMALL = {"hidden": [3]}
CASES = [
    {"name": "ConvLSTM, flattened, Adam", "size": "14x10", "n": 5, "model": SMALL, "lr": .003},
    {"name": "ConvLSTM, two layers of 4 and 2, 5 x 5, mean over leads, SGD", "size": "11x9", "n": 6, "lr": .1,
     "model": {"hidden": [4, 2], "kernel": 5, "head": "mean", "pool_time": True},
     "train": {"optimizer": "sgd", "momentum": .9, "weight_decay": .01, "loss": "bce-logits", "positive_weight": 2.5},
     "data": {"standardise": True}},
    {"name": "ConvLSTM, layer norm, forget bias, no bias, mean and maximum, AdamW, clipped", "size": "12x8", "n": 4,
     "lr": .01, "model": {"hidden": [3, 3], "cell_norm": "layer", "forget_bias": 1.5, "bias": False,
                           "head": "mean-max", "recurrent_init": "orthogonal"},
     "train": {"optimizer": "adamw", "weight_decay": .2, "clip_norm": .05}, "data": {"invert": True}},
    {"name": "ConvLSTM after a stem, norm before its maximum, five outputs", "size": "40x28", "n": 14, "lr": .001,
     "model": {"hidden": [5], "stem": "conv", "stem_channels": [6, 4], "head": "max", "head_norm": True},
     "data": {"task": "superclass"}},
    {"name": "ConvLSTM after patches, flattened over leads", "size": "40x28", "n": 3, "lr": .001,
     "model": {"hidden": [2], "stem": "patch", "stem_channels": [5], "patch": 5, "head": "flatten", "pool_time": True},
     "data": {"invert": True}, "train": {"memory": "low"}},
    {"name": "CNN", "size": "40x28", "n": 9, "lr": .002, "model": {"type": "cnn", "hidden": [8, 12, 6]},
     "data": {"standardise": True}},
    {"name": "CNN after a stem, 5 x 5, flattened, five outputs, SGD", "size": "67x45", "n": 16, "lr": .01,
     "model": {"type": "cnn", "hidden": [4, 7], "kernel": 5, "stem": "conv", "stem_channels": [5], "head": "flatten"},
     "train": {"optimizer": "sgd", "weight_decay": .1, "clip_norm": .3}, "data": {"task": "superclass", "invert": True}},
    {"name": "CNN, mean and maximum after a norm", "size": "67x45", "n": 4, "lr": .001,
     "model": {"type": "cnn", "hidden": [9], "head": "mean-max", "head_norm": True}},
    {"name": "ConvLSTM driven into saturation", "size": "14x10", "n": 5, "lr": 30.,
     "model": {"hidden": [3, 2], "head": "mean", "forget_bias": 4}, "train": {"optimizer": "sgd", "loss": "bce-logits"}},
    {"name": "ConvLSTM with 17 channels, mid-sized", "size": "67x45", "n": 3, "lr": .001,
     "model": {"hidden": [17], "head": "mean-max", "pool_time": True},
     "data": {"standardise": True}, "train": {"memory": "high", "loss": "bce-logits"}},
]

done = 0
for number, case in enumerate(CASES):
    if trust.left() < 60 and done:
        break
    compare({"seed": 900 + 7 * number, **case}, number)
    done += 1
trust.check(f"{done} of {len(CASES)} networks in the time given", done >= 4)
for group, (far, own, where) in GROUPS.items():
    trust.row(f"diagnostics, {group}", f"autograd in float64, second step of {done} trainings",
              f"{far:.1e} of the largest value ({where}; PyTorch's float32 {own:.1e})")
trust.row("diagnostics, recurrence", f"{MATRICES[0]} whole Jacobians in float64",
          f"singular value {MATRICES[1]:.1e}, spectral radius {MATRICES[2]:.1e} (largest residual shown {MATRICES[3]:.1e})")
raise SystemExit(trust.done())
