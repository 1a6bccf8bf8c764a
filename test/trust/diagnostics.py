# SPDX-License-Identifier: MIT
# needs: numpy scipy torch h5py
# seconds: 420
"""diagnostics.h5 of the second step of trainings against autograd in float64: output, head, flow,
gates, parameters, histograms, recurrence (whole Jacobians, their singular values and eigenvalues,
Lyapunov exponents, fields), step, input.

The weights and moments before that step are those of the same training stopped after the first. The
step's own decisions about ReLUs and maxima are taken (step_dump), so that nothing but rounding remains;
what float32 must lose by that is shown by the same program in float32."""
import json
import os
import subprocess

import h5py
import numpy as np
import torch
from scipy import stats

from lib.draws import PROBES, Stream
from lib.network import Network, cost_of
from lib.step import Dump
from lib.trust import Trust

trust = Trust()
torch.set_num_threads(2)
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
    """One precision: everything that follows from weights, moments, images, targets. Its gradients are
    of the network that decided as `decided` says; what is computed forward alone decides itself,
    since values do not jump there. `delta` is what the weights moved by as they are kept, in float32,
    `intended` what the optimiser is to move them by."""

    def __init__(self, case, before, images, targets, dtype, decided, moved):
        self.case, self.dtype = case, dtype
        self.train = {"loss": "bce", "optimizer": "adam", "weight_decay": 0, "clip_norm": 0, "positive_weight": 1} | case.get("train", {})
        weights, self.state, self.m, self.v = before
        self.x = torch.tensor(images, dtype=dtype, requires_grad=True)
        self.t = torch.tensor(targets, dtype=dtype)
        self.net = Network(case["model"], weights, self.state, dtype, decided)
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
        self.intended = {k: self.update(k) for k in self.g}
        self.delta = {k: torch.tensor(moved[k].astype(float) - weights[k]).to(dtype) for k in self.g}

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


def decisions(case, stack, folder, x):
    """The second step by step_dump: what it decided about ReLUs and maxima, as the network here has
    it; which of our records each of its records is; and the dump."""
    path = folder + ".f32"
    program = os.path.join(os.path.dirname(os.path.abspath(trust.leadseq)), "test/trust/step_dump")
    with open(folder + ".txt", "w") as out:
        subprocess.run([program, folder + ".yaml", stack, path, "step=2"], stdout=out, check=True)
    dump = Dump(folder + ".txt", path)
    n, leads = x.shape[:2]
    recurrent = case["model"].get("type", "convlstm") == "convlstm"
    images = dump.tensor["array"]["images"].reshape(*((leads, n) if recurrent else (n, leads)), -1)
    images = np.moveaxis(images, 1, 0) if recurrent else images
    far = np.abs(images[:, None] - x.reshape(n, leads, -1)[None]).max((2, 3))
    order = far.argmin(1)
    if sorted(order) != list(range(n)) or far.min(1).max() > 1e-5:
        raise RuntimeError(f"{folder}: its images are not those of its step")
    place, decided = np.argsort(order), {}
    for name, value in dump.tensor.get("decided", {}).items():
        each = len(value) // n  # images of a record, which are the outer index
        value = value.reshape(each, n, *value.shape[1:]).swapaxes(0, 1)[place]
        if name == "most pool":  # over all images of a record
            value = value.swapaxes(1, 2).reshape(n, value.shape[2], -1)
        else:
            value = value.reshape(n * each, *value.shape[2:])
        decided[name] = np.ascontiguousarray(value)
    return decided, order, dump


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
    p.ends = np.array([costs[0], costs[3]])
    whole = torch.cat([g.flatten() for g in p.raw.values()]).double()
    out = {"line_cost": costs, "change": costs[3] - costs[0],
           "best": POINTS[int(np.argmin(costs))] if max(costs) > min(costs) else np.nan,
           "first_order": sum(float((p.raw[k].double() * p.delta[k].double()).sum()) for k in p.raw)}
    if n > 1:
        m = n // 2
        first = np.zeros(n)
        first[order[:m]] = 1
        first = torch.tensor(first, dtype=p.dtype)
        a, b = p.gradient(first / m), p.gradient((1 - first) / (n - m))
        square = float(whole @ whole)
        p.squares = np.array([float(a @ a), float(b @ b), square]), m, n - m
        variance = sum((float(h @ h) - square) / (1 / k - 1 / n) for h, k in ((a, m), (b, n - m))) / 2
        out |= {"grad_variance": variance, "grad_square": square - variance / n,
                "agreement": float(a @ b / a.norm() / b.norm())}
    return {f"step/{k}": v for k, v in out.items()}


def noise_errors(exact, rough):
    """What errors of two costs, and of the three squares |g_a|², |g_b|², |g|², make of their
    differences, at most: in a single computation they cancel or not by luck."""
    change = abs(exact.ends - rough.ends).sum() + 2 ** -23 * exact.ends.max()
    if len(exact.x) < 2:
        return {"step/change": change}
    (aa, bb, gg), a, b = exact.squares
    da, db, dg = abs(rough.squares[0] - exact.squares[0])
    n = a + b
    variance = ((da + dg) / (1 / a - 1 / n) + (db + dg) / (1 / b - 1 / n)) / 2
    product, cosine = (n * n * gg - a * a * aa - b * b * bb) / (2 * a * b), (aa * bb) ** -.5
    off = (n * n * dg + a * a * da + b * b * db) / (2 * a * b)
    cosine *= off + abs(product) * (da / aa + db / bb) / 2
    return {"step/change": change, "step/grad_variance": variance, "step/grad_square": dg + variance / n,
            "step/agreement": cosine}


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


def lyapunov(p, record, seed):
    """Of each layer three exponents, from directions as the program draws them, and the impulse's
    spread: the products of Jacobians of all leads, by differentiating twice."""
    exponents, spreads = [], []
    for layer, (name, seen) in enumerate(p.net.seen.items()):
        h, c = ([v[record:record + 1].detach() for v in seen[what]] for what in "hc")
        n, shape = h[0].numel(), h[0].shape
        q = np.stack([2 * Stream(seed, PROBES, layer, 2 + k).uniform(2 * n) - 1 for k in range(3)], 1)
        q = np.linalg.qr(q)[0]
        impulse = np.zeros((2, *shape))
        impulse[0, :, :, shape[2] // 2, shape[3] // 2] = 1
        impulse, grown = impulse.reshape(-1), np.zeros(3)
        for t in range(1, len(h)):
            x_t = seen["x"][t][record:record + 1].detach()
            step_of = lambda *state: p.net.cell(x_t, *state, name)[:2]

            def times(v):
                parts = tuple(torch.tensor(part, dtype=p.dtype).reshape(shape) for part in np.split(v, 2))
                out = torch.autograd.functional.jvp(step_of, (h[t - 1], c[t - 1]), parts)[1]
                return torch.cat([part.flatten() for part in out]).double().numpy()

            q, r = np.linalg.qr(np.stack([times(column) for column in q.T], 1))
            grown += np.log(np.abs(np.diag(r)))
            impulse = times(impulse)
        exponents.append(grown / (len(h) - 1))
        spreads.append(rings(np.abs(impulse[:n]).reshape(shape)[0].sum(0)))
    return np.array(exponents), spreads


def rings(size):
    """Shares inside the centred squares of radius 0, 1, …"""
    y, x = (abs(np.arange(n) - n // 2) for n in size.shape)
    far = np.maximum(y[:, None], x[None])
    return np.array([size[far <= r].sum() for r in range(far.max() + 1)]) / size.sum()


def between(values, borders, slack):
    """Of each border how many values are below it, at least and at most, given its relative slack."""
    values = np.sort(values)
    wide = np.abs(borders) * slack
    return np.searchsorted(values, borders - wide, "left"), np.searchsorted(values, borders + wide, "right")


def try_histograms(found, dump, weights, names):
    """The bins of the step's own float32 values."""
    wrong = []
    decades = 10. ** np.arange(-19.5, 4, .5)
    for i, name in enumerate(names):
        g = np.abs(dump.tensor["gradient"][name].astype(float).ravel())
        w = weights[name].astype(float).ravel()
        size = np.abs(w).max()
        if found["histograms/gradient_zero"][i] != (g == 0).sum() or \
                abs(found["histograms/weight_range"][i] - size) > 1e-6 * size:
            wrong.append(f"histograms of {name}: zeros or range")
        for what, values, borders in (("gradient", g[g > 0], decades),
                                      ("weight", w + 2 * size, size * (1 + np.arange(1, 40) / 20))):
            low, high = between(values, borders, 1e-6)
            counts = found[f"histograms/{what}"][i]
            below = np.cumsum(counts)
            if below[-1] != len(values) or (below[:-1] < low).any() or (below[:-1] > high).any():
                wrong.append(f"histograms/{what} of {name}: {counts}")
    return wrong


def validation(case, before, part, paper, dtype):
    x, t = part
    net = Network(case["model"], before[0], before[1], dtype)
    net.training = False
    leads, how = x.shape[1], {"loss": "bce", "positive_weight": 1} | case.get("train", {})

    def ask(images):
        with torch.no_grad():
            return net(torch.tensor(images, dtype=dtype)).double()

    z = ask(x)
    cost = cost_of(how["loss"], z, torch.tensor(t), torch.as_tensor(how["positive_weight"]).double()).mean()

    def shift(images):
        return (torch.sqrt(((ask(images) - z) ** 2).sum(0) / ((z - z.mean(0)) ** 2).sum(0))).numpy()

    def blank(k):
        images = x.copy()
        images[:, k] = paper
        return images

    drawn = [x[:, Stream(case["seed"], PROBES, 1000, k).permutation(leads)] for k in (1, 2, 3)]
    return {"input/records": len(x), "input/cost": cost,
            "input/occluded_shift": np.stack([shift(blank(k)) for k in range(leads)], 1),
            "input/reversed_shift": shift(x[:, ::-1].copy()),
            "input/permuted_shift": np.mean([shift(images) for images in drawn], 0),
            "input/auc": areas(z, t), "input/reversed_auc": areas(ask(x[:, ::-1].copy()), t),
            "input/occluded_auc": np.stack([areas(ask(blank(k)), t) for k in range(leads)], 1),
            "input/permuted_auc": np.mean([areas(ask(images), t) for images in drawn], 0)}


def areas(z, t):
    """AUC of each output, of known targets; NaN with one class."""
    out = []
    for score, y in zip(z.numpy().T, t.T):
        a, b = score[y > .5], score[(y <= .5) & (y >= 0)]
        pairs = (a[:, None] > b) + .5 * (a[:, None] == b)
        out.append(pairs.mean() if pairs.size else np.nan)
    return np.array(out)


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
EXACT = ("gates/dead", "gates/duplicate", "output/target_mean", "output/records", "input/records", "output/dead",
         "input/auc", "input/occluded_auc", "input/reversed_auc", "input/permuted_auc", "recurrence/field",
         "step/best")


def bound_of(key, own, pixels, size):
    if key in EXACT:
        return 1e-7  # shares may be stored in float32
    if key in COUNTED:
        return 2.1 / pixels / size
    return max(AS_FAR * own, LEAST)


def fields(case, p):
    """Strides of the stem, and the recurrent layers' fields, in pixels."""
    o, stride, own = p.net.o, 1, 1
    for _ in o["stem_channels"] if o["stem"] == "conv" else ():
        own, stride = own + 2 * stride, stride * 2
    if o["stem"] == "patch":
        own, stride = o["patch"], o["patch"]
    if case["model"].get("cell_norm"):
        return stride, [max(p.x.shape[3:])] * len(p.net.seen)
    return stride, [own + stride * (p.x.shape[1] + k) * (o["kernel"] - 1) for k in range(len(p.net.seen))]


def everything(p, case, order, start, names, paper):
    out = output(p)  # these two first: other passes add to what nodes keep
    if p.net.seen:
        out |= flow(p) | gates(p)
    out |= head(p, order) | parameters(p, start, names) | images(p, order, paper) | step(p, order)
    if p.net.seen:
        exponents, p.spreads = lyapunov(p, order[0], case["seed"])
        out |= {"recurrence/lyapunov": exponents, "recurrence/field": fields(case, p)[1]}
    return out


def measured(folder):
    """The second step's quantities, the first step's of the batch's noise, names of tensors."""
    found, noise = {}, {}
    with h5py.File(os.path.join(folder, "diagnostics.h5")) as f:
        for group in f.values():
            if group.attrs["status"] == b"measured":
                found |= {d.name[1:]: d[1] for d in group.values() if d.ndim > 0 and len(d) > 1}
        for k in ("variance", "square"):
            noise[k] = f[f"step/grad_{k}"][()].astype(float)
        return found, noise, [k.decode() for k in f.attrs["tensors"]]


def differ(case, found, want, rough, errors, pixels):
    """Quantities that are further off than float32 explains."""
    wrong = []
    for key, value in want.items():
        value, got, peer = (np.asarray(v[key], float) for v in (want, found, rough))
        if key.startswith("head/") and got.ndim and got.shape[-1] == 16:
            got = got[..., :case["n"]]
        if key == "input/pixel_mean":  # of the deviation, as it may be 0
            got, value, peer = (v + float(want["input/pixel_sd"]) for v in (got, value, peer))
        far, own = off(got, value), off(peer, value)
        if key in errors:
            own = errors[key] / abs(float(value))
        limit = bound_of(key, own, pixels, max(np.nanmax(np.abs(value)), 1e-30))
        if not far <= limit:
            wrong.append(f"{key}: off by {far:.1e}, at most {limit:.1e}")
        group = key.split("/")[0]
        if key not in COUNTED:
            GROUPS[group] = max(GROUPS.get(group, (0, 0, "")), (far, own, f"{key}, {case['name']}"))
    return wrong


def try_updates(exact, rough):
    """What the optimiser is to do, by what the weights did: to float32's rounding of a weight."""
    wrong = []
    for k, want in exact.intended.items():
        w, size = exact.net.w[k].detach(), max(float(want.abs().max()), 1e-300)
        half = 2 ** -24 * torch.maximum(w.abs(), (w + exact.delta[k]).abs())
        far = float((abs(exact.delta[k] - want) - 1.01 * half).clamp(min=0).max()) / size
        own = float(abs(rough.intended[k].double() - want).max()) / size
        if not far <= max(AS_FAR * own, LEAST):
            wrong.append(f"update of {k}: off by {far:.1e}, PyTorch's float32 {own:.1e}")
        GROUPS["updates"] = max(GROUPS.get("updates", (0, 0, "")), (far, own, f"{k}, {case_name(exact)}"))
    return wrong


def case_name(p):
    return p.case["name"]


def try_derived(case, found, noise, exact):
    """Quantities that follow from others: ratios of the noise, sides of fields, the beat."""
    wrong = []
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = noise["variance"] / noise["square"] if noise["square"][1] > 0 else np.full(2, np.inf)
        sums = {k: np.nansum(v) for k, v in noise.items()}
        both = sums["variance"] / sums["square"] if min(sums.values()) > 0 else np.nan
    for key, value in (("noise_scale", scale[1]), ("batch_suggested", both)):
        if not np.isclose(found[f"step/{key}"], value, rtol=1e-5, equal_nan=True) and len(exact.x) > 1:
            wrong.append(f"step/{key}: {found[f'step/{key}']}, expected {value}")
    if not exact.net.seen:
        return wrong
    stride = fields(case, exact)[0]
    for k, share in enumerate(exact.spreads):
        radius = int(round((found["recurrence/field_effective"][k] / stride - 1) / 2))
        if share[radius] < .95 - 1e-5 or (radius and share[radius - 1] > .95 + 1e-5):
            wrong.append(f"recurrence/field_effective of layer {k}: radius {radius} holds {share}")
    beat = int(case["size"].split("x")[0]) * .775 / 1.1 * .08
    if not np.isclose(found["recurrence/beat"], beat, rtol=1e-6):
        wrong.append(f"recurrence/beat: {found['recurrence/beat']}, expected {beat}")
    return wrong


def compare(case, number):
    stack = stack_of(case["size"], number)
    name = f"case{number}"
    start = checkpoint(train(case, stack, name + "-start", 1, 1e-37))[0]
    before = checkpoint(train(case, stack, name + "-before", 1, case["lr"]))
    folder = train(case, stack, name, 2, case["lr"])
    (part, valid), paper = fed(case, stack, folder)
    found, noise, names = measured(folder)
    decided, order, dump = decisions(case, stack, folder, part[0])
    exact, rough = (Pass(case, before, *part, dtype, decided, dump.tensor["moved"])
                    for dtype in (torch.float64, torch.float32))
    want, peer = (everything(p, case, order, start, names, paper) | validation(case, before, valid, paper, p.dtype)
                  for p in (exact, rough))
    wrong = differ(case, found, want, peer, noise_errors(exact, rough), case["n"] * exact.x[0, 0].numel() / 16)
    wrong += try_updates(exact, rough) + try_histograms(found, dump, before[0], names)
    wrong += try_derived(case, found, noise, exact) + try_jacobians(exact, rough, order[0], found)
    trust.check(f"{case['name']}: {len(want)} quantities", not wrong, "; ".join(wrong))


MATRICES = {"count": 0, "singular": 0., "radius": 0., "error": 0.}


def largest(matrix):
    return {"singular": np.linalg.norm(matrix, 2), "radius": np.abs(np.linalg.eigvals(matrix)).max()}


def try_jacobians(exact, rough, record, found):
    wrong = []
    for (layer, t, matrix), (_, _, peer) in zip(jacobians(exact, record), jacobians(rough, record)):
        peer = largest(peer.astype(float))
        for key, want in largest(matrix).items():
            got = float(found[f"recurrence/{key}"][layer, t])
            left = float(found["recurrence/" + {"singular": "singular_residual", "radius": "radius_error"}[key]][layer, t])
            far, own = abs(got - want) / want, abs(peer[key] - want) / want
            MATRICES[key] = max(far, MATRICES[key])
            if key == "radius":
                MATRICES["error"] = max(MATRICES["error"], left)
            if not far <= max(LEAST, AS_FAR * own, left):
                wrong.append(f"recurrence/{key} layer {layer} lead {t}: {got}, off by {far:.1e}; error {left:.1e}, "
                             f"PyTorch's float32 {own:.1e}")
        MATRICES["count"] += 1
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


def main():
    done = 0
    for number, case in enumerate(CASES):
        if trust.left() <= 0:
            break
        compare({"seed": 900 + 7 * number, **case}, number)
        done += 1
    trust.check(f"{done} of {len(CASES)} networks in the time given", done == len(CASES))
    for group, (far, own, where) in GROUPS.items():
        trust.row(f"diagnostics, {group}", f"autograd in float64, second step of {done} trainings",
                  f"{far:.1e} of the largest value ({where}; PyTorch's float32 {own:.1e})")
    trust.row("diagnostics, histograms, effective fields", f"counted again, {done} trainings", "exact but for values at a border")
    trust.row("diagnostics, recurrence", f"{MATRICES['count']} whole Jacobians in float64",
              f"singular value {MATRICES['singular']:.1e}, spectral radius {MATRICES['radius']:.1e} "
              f"(largest error shown {MATRICES['error']:.1e})")
    return trust.done()


if __name__ == "__main__":
    raise SystemExit(main())
