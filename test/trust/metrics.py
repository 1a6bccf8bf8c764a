# SPDX-License-Identifier: MIT
# needs: numpy scipy h5py
# seconds: 240
"""Every figure, interval and test of report.json and metrics.json against its definition, on tables
made to be difficult: ties, constants, probabilities of exactly 0 and 1, one record of a class,
separated classes, several records per patient, several outputs with unknown labels."""
import csv
import json
import os

import numpy as np
from scipy import special

from lib import measures
from lib.trust import Trust

trust = Trust()
WORST, COUNT = {}, {}
BOUND = {"values": 1e-11, "intervals": 1e-8, "tests": 1e-7, "calibration": 1e-7}


def hold(kind, where, found, want, wrong, rounding=0.):
    """Relative, beyond `rounding`, by which the number may be off for its own condition; a NaN is null."""
    if found is None or want is None or np.isnan(want):
        if not (found is None and (want is None or np.isnan(want))):
            wrong.append(f"{where}: found {found}, expected {want}")
        return
    far = max(abs(found - want) - rounding, 0.) / max(abs(want), 1e-3)
    WORST[kind] = max(WORST.get(kind, (0, "")), (far, where))
    COUNT[kind] = COUNT.get(kind, 0) + 1
    if not far <= BOUND[kind]:
        wrong.append(f"{where}: found {found}, expected {want}")


# --- Tables -----------------------------------------------------------------------------------

def scores_of(shape, rng, y):
    n = len(y)
    x = rng.normal(size=n) + y
    return {
        "smooth": lambda: special.expit(x - .5), "tenths": lambda: np.round(special.expit(x - .5), 1),
        "two values": lambda: np.where(x > .7, .75, .25), "constant": lambda: np.full(n, .3),
        "zeros and ones": lambda: np.clip(np.round(.5 + .45 * x, 2), 0, 1),
        "only 0 and 1": lambda: (x > .4).astype(float), "separated": lambda: .1 * rng.random(n) + .6 * y,
        "reversed": lambda: .9 - .1 * rng.random(n) - .6 * y, "near 1": lambda: 1 - 10 ** rng.uniform(-16, -1, n) * (2 - y) / 2,
        "tiny": lambda: 10 ** (rng.uniform(-320, -300, n)), "skewed": lambda: rng.random(n) ** np.where(y == 1, .2, 4),
        "borders of bins": lambda: rng.integers(0, 21, n) / 20,
        "touching": lambda: np.where(y == 1, .5 + .5 * rng.random(n).round(1), .5 * rng.random(n).round(1)),
    }[shape]()


SHAPES = ["smooth", "tenths", "two values", "constant", "zeros and ones", "only 0 and 1", "separated", "reversed",
          "near 1", "tiny", "skewed", "borders of bins", "touching"]
# records, positives, records per patient at most
TABLES = [(40, 20, 1), (31, 1, 1), (400, 37, 3), (200, 190, 2), (24, 12, 1), (1500, 400, 4), (2, 1, 1), (6, 3, 2),
          (250, 10, 1), (250, 9, 1), (100, 50, 1), (3000, 61, 2)]


def labels_of(n, m, rng):
    y = np.zeros(n, int)
    y[rng.permutation(n)[:m]] = 1
    return y


def patients_of(n, most, rng):
    sizes = rng.integers(1, most + 1, n)
    return np.repeat(np.arange(n), sizes)[:n] * 37 % 100003


def write(path, parts):
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["ecg_id", "patient_id", "split", "label", "probability"])
        at = 0
        for split, (patient, y, p) in parts.items():
            for row in zip(patient, y, p):
                at += 1
                out.writerow([at, row[0] + (10 ** 6 if split == "valid" else 0), split, row[1], repr(float(row[2]))])


def compared(folder, paths):
    out = os.path.join(folder, "report")
    trust.run("compare", *paths, "--out", out, "--resamples", 2000)
    with open(os.path.join(out, "report.json")) as f:
        return json.load(f)


# --- One table --------------------------------------------------------------------------------

def check_model(name, m, p, y, patient, valid, wrong):
    threshold = measures.youden(*valid)
    want, found = measures.figures(p, y, threshold), m["metrics"]
    hold("values", f"{name} threshold", m["threshold"], threshold, wrong)
    degree = measures.temperature(*valid)
    hold("calibration", f"{name} temperature", m["temperature"]["value"], degree, wrong)
    if not np.isnan(degree):
        q = special.expit(measures.logit(p) / degree)
        tempered = measures.figures(q, y, .5)
        for k in ("brier", "ece_equal_width"):
            hold("calibration", f"{name} {k} tempered", found[k + "_tempered"]["value"], tempered[k], wrong)
    slope, error, large, large_error = measures.calibration(p, y)
    # The intercept is where the probabilities' sum is the positives'. Of records that are all but certain
    # the sum hardly moves with it, and a rounding of each is divided by how much: large_error² is 1 / that.
    rounding = {"calibration_intercept": len(y) * np.finfo(float).eps * large_error ** 2}
    for k, v in want.items():
        hold("calibration" if k.startswith("calibration") else "values", f"{name} {k}", found[k]["value"], v, wrong,
             rounding.get(k, 0.))
    few = min(len(set(patient[y == k])) for k in (0, 1)) < measures.FEWEST
    tp, fp, fn, tn = measures.confusion(p, y, threshold)
    interval = {"sensitivity": measures.wilson(tp, tp + fn), "specificity": measures.wilson(tn, tn + fp),
                "precision": measures.wilson(tp, tp + fp), "npv": measures.wilson(tn, tn + fn),
                "accuracy": measures.wilson(tp + tn, len(y)),
                "lr_positive": measures.log_method(tp, tp + fn, fp, fp + tn),
                "lr_negative": measures.log_method(fn, tp + fn, tn, fp + tn)}
    kind = {"calibration_slope": "calibration", "calibration_intercept": "calibration"}
    nothing = (np.nan, np.nan)
    interval["calibration_slope"] = nothing if few else (slope - measures.Z * error, slope + measures.Z * error)
    interval["calibration_intercept"] = nothing if few else (large - measures.Z * large_error, large + measures.Z * large_error)
    areas = measures.Areas([p], y, patient) if not few else None
    interval["auc"] = nothing if few or p.min() == p.max() else areas.ends(0)
    for k, ends in interval.items():
        if k.startswith(("sens", "spec", "prec", "npv", "acc", "lr")) and few and found[k]["low"] is None:
            continue  # a report of few may leave those out too
        for end, v in zip(("low", "high"), ends):
            hold(kind.get(k, "intervals"), f"{name} {k} {end}", found[k][end], v, wrong)
    for k, v in found.items():
        for low, high in (("low", "high"), ("bootstrap_low", "bootstrap_high")):
            if v.get(low) is not None and not v[low] <= v["value"] <= v[high]:
                wrong.append(f"{name} {k}: {v[low]} to {v[high]} does not hold {v['value']}")
    check_parts(name, m, p, y, wrong)


def check_parts(name, m, p, y, wrong):
    parts = measures.bins_of(p, "mass")
    share, mean = (np.array([v[i].mean() for i in parts]) for v in (y, p))
    weight = np.array([len(i) for i in parts]) / len(p)
    want = {"bins": len(parts), "reliability": weight @ (mean - share) ** 2,
            "resolution": weight @ (share - y.mean()) ** 2, "uncertainty": y.mean() * (1 - y.mean())}
    for k, v in want.items():
        hold("values", f"{name} Brier's {k}", m["brier_parts"][k], v, wrong)


def check_pair(name, pair, p, y, patient, thresholds, wrong):
    right = [(v >= t) == y for v, t in zip(p, thresholds)]
    for where, of in (("mcnemar", y >= 0), ("mcnemar_positive", y == 1), ("mcnemar_negative", y == 0)):
        a, b = (r[of] for r in right)
        table = [int(v.sum()) for v in (a & b, a & ~b, ~a & b, ~a & ~b)]
        exact, mid = measures.binomial_tail(*table[1:3])
        hold("tests", f"{name} {where}", pair[where]["p"], exact, wrong)
        hold("tests", f"{name} {where} mid", pair[where]["mid_p"], mid, wrong)
        metric = {"mcnemar": "accuracy", "mcnemar_positive": "sensitivity", "mcnemar_negative": "specificity"}[where]
        d = pair["metrics"][metric]
        if d["low"] is not None:
            for end, v in zip(("low", "high"), measures.newcombe(*table)):
                hold("intervals", f"{name} {metric} {end}", d[end], v, wrong)
    d = pair["metrics"]["auc"]
    areas = measures.Areas(p, y, patient)
    hold("values", f"{name} auc difference", d["difference"], areas.auc[0] - areas.auc[1], wrong)
    constant = any(v.min() == v.max() for v in p)
    if areas.fewest >= measures.FEWEST and not constant and d["low"] is not None:
        for end, v in zip(("low", "high"), areas.difference(0, 1)):
            hold("intervals", f"{name} auc difference {end}", d[end], v, wrong)
        hold("tests", f"{name} auc p", d["p"], areas.p(0, 1), wrong)
    elif areas.fewest >= measures.FEWEST and not constant and not 0 == areas.auc[0] - areas.auc[1]:
        wrong.append(f"{name}: no interval of the AUCs' difference: {d['method']}")


def try_table(number, n, m, most, shapes):
    rng = np.random.default_rng(4000 + number)
    folder = os.path.join(trust.work, f"table{number}")
    os.makedirs(folder)
    y, patient = labels_of(n, m, rng), patients_of(n, most, rng)
    y_valid = labels_of(60, 25, rng)
    p = [scores_of(s, rng, y) for s in shapes]
    valid = [scores_of(s, rng, y_valid) for s in shapes]
    paths = []
    for k, (a, b) in enumerate(zip(p, valid)):
        paths.append(os.path.join(folder, f"m{k}.csv"))
        write(paths[-1], {"test": (patient, y, a), "valid": (np.arange(60), y_valid, b)})
    report = compared(folder, paths)
    wrong, thresholds = [], []
    for k, shape in enumerate(shapes):
        model = report["models"][k]
        thresholds.append(measures.youden(valid[k], y_valid))
        check_model(f"{shape} {n}/{m}", model, p[k], y, patient, (valid[k], y_valid), wrong)
    index = {f"m{k}": k for k in range(len(shapes))}
    tests = {}
    for pair in report["pairs"]:
        if pair["a"] not in index or pair["b"] not in index:
            continue
        i, j = index[pair["a"]], index[pair["b"]]
        check_pair(f"{shapes[i]}, {shapes[j]} {n}/{m}", pair, [p[i], p[j]], y, patient, [thresholds[i], thresholds[j]], wrong)
        for k, d in pair["metrics"].items():
            if d["p"] is not None:
                tests.setdefault(k, []).append((d["p"], d["p_holm"]))
    for k, pairs in tests.items():
        for found, want in zip((h for _, h in pairs), measures.holm([q for q, _ in pairs])):
            hold("tests", f"Holm of {k} {n}/{m}", found, want, wrong)
    trust.check(f"{n} records, {m} positive, up to {most} a patient: {', '.join(shapes)}", not wrong, "; ".join(wrong[:8]))


# --- Several outputs --------------------------------------------------------------------------

NAMES = ["NORM", "MI", "STTC", "CD"]


def try_outputs(number, exclusive):
    rng = np.random.default_rng(4500 + number)
    folder = os.path.join(trust.work, f"outputs{number}")
    os.makedirs(folder)
    n = 260
    truth = rng.integers(0, 4, n)
    y = np.eye(4, dtype=int)[truth] if exclusive else (rng.random((n, 4)) < [.1, .3, .5, .9]).astype(int)
    known = np.ones((n, 4), bool) if exclusive else rng.random((n, 4)) < .9
    split = np.where(np.arange(n) < 180, "test", "valid")
    patient = np.arange(n) // 2
    paths, models = [], []
    for k in range(2):
        z = rng.normal(size=(n, 4)) + (1 + k) * y
        p = special.softmax(z, 1) if exclusive else np.round(special.expit(z), 2)
        if exclusive:
            p[::7] = np.repeat(p[::7, :1], 4, 1)  # ties of all classes: the first is called
        models.append(p)
        paths.append(os.path.join(folder, f"m{k}.tsv"))
        with open(paths[-1], "w", newline="") as f:
            out = csv.writer(f, delimiter="\t")
            out.writerow(["ecg_id", "patient_id", "split"] + (["label"] if exclusive else []) +
                         [f"{what}_{c}" for c in NAMES for what in ("label", "probability")])
            for i in range(n):
                out.writerow([i + 1, patient[i], split[i]] + ([NAMES[truth[i]]] if exclusive else []) +
                             [v for j in range(4) for v in (y[i, j] if known[i, j] else "", repr(float(p[i, j])))])
    report, wrong = compared(folder, paths), []
    for k, p in enumerate(models):
        model, rows = report["models"][k], []
        for j, of in enumerate(model["outputs"]):
            test, valid = (known[:, j] & (split == s) for s in ("test", "valid"))
            threshold = measures.youden(p[valid, j], y[valid, j])
            want = measures.figures(p[test, j], y[test, j], threshold)
            rows.append(want)
            for name, v in want.items():
                hold("calibration" if name.startswith("calib") else "values", f"{NAMES[j]} {name}", of["metrics"][name]["value"], v, wrong)
        for name in rows[0]:
            hold("calibration" if name.startswith("calib") else "values", f"mean {name}", model["metrics"][name]["value"],
                 np.mean([r[name] for r in rows]), wrong)
        if exclusive:
            check_called(model, p[split == "test"], truth[split == "test"], wrong)
    trust.check(f"four outputs{', of which one is true' if exclusive else ', labels unknown'}", not wrong, "; ".join(wrong[:8]))


def check_called(model, p, truth, wrong):
    called = p.argmax(1)
    table = np.array([[((truth == i) & (called == j)).sum() for j in range(4)] for i in range(4)])
    found = [[row[c] for c in NAMES] for row in model["confusion"]]
    if found != table.tolist():
        wrong.append(f"confusion of classes: {found}, {table.tolist()}")
    s, c, t, q = table.sum(), np.trace(table), table.sum(1), table.sum(0)
    recall, precision = np.diag(table) / t, np.diag(table) / q
    want = {"accuracy": c / s, "balanced_accuracy": recall.mean(), "macro_f1": (2 * np.diag(table) / (t + q)).mean(),
            "kappa": (c * s - t @ q) / (s * s - t @ q),
            "mcc": (c * s - t @ q) / (float(s * s - q @ q) * float(s * s - t @ t)) ** .5}
    for k, v in want.items():
        hold("values", f"calls {k}", model["together"][k]["value"], v, wrong)


# --- metrics.json -----------------------------------------------------------------------------

def try_run(task):
    stack = os.path.join(trust.work, "runs.h5")
    if not os.path.exists(stack):
        records = os.path.join(trust.work, "records")
        trust.run("synth", "--out", records, "--patients", 150, "--seed", 31)
        trust.run("render", "--ptbxl", records, "--out", stack, "--size", "16x12")
    folder = os.path.join(trust.work, f"run-{task}")
    with open(folder + ".yaml", "w") as f:
        f.write(f"model: {{type: cnn, hidden: [4]}}\ndata: {{task: {task}, train: [1, 2, 3, 4], valid: [5, 6, 7], test: [8, 9, 10]}}\n"
                "train: {batch: 8, epochs: 2, threads: 1, lr: .01}\ndiagnose: {probes: none}\n")
    trust.run("train", folder + ".yaml", "--data", stack, "--out", folder)
    with open(os.path.join(folder, "metrics.json")) as f:
        parts = json.load(f)["parts"]
    wrong, valid = [], None
    for part in ("valid", "test"):
        with open(os.path.join(folder, f"predictions-{part}.tsv"), newline="") as f:
            rows = list(csv.DictReader(f, delimiter="\t"))
        found = parts[part]
        suffixes = [k[len("probability"):] for k in rows[0] if k.startswith("probability")]
        column = lambda name: np.array([float(r[name]) if r[name] != "" else -1 for r in rows])
        outputs = found["outputs"] if "outputs" in found else {"": found}
        single, valid_before, valid = "outputs" not in found, valid, {}
        for suffix in suffixes:
            one = outputs[suffix.lstrip("_")]
            p = column("probability" + suffix)
            y = column("label" + suffix).astype(int) if single or task == "superclass" else np.array([r["label"] == suffix[1:] for r in rows]).astype(int)
            p, y = p[y >= 0].astype(np.float32).astype(float), y[y >= 0]  # nine digits are of float32
            valid[suffix] = (p, y)
            threshold = float(np.float32(one["threshold"]))
            chosen = (valid_before or valid)[suffix]
            if 0 < chosen[1].sum() < len(chosen[1]):
                hold("values", f"{task}{suffix} {part} threshold", threshold, measures.youden(*chosen), wrong)
            want = {k: v for k, v in measures.figures(p, y, threshold).items() if k in one}
            if y.sum() in (0, len(y)):
                want["auc"] = np.nan
                want.pop("average_precision", None)
            for k, v in want.items():
                hold("values", f"{task}{suffix} {part} {k}", one[k], v, wrong)
            table = dict(zip(("tp", "fp", "fn", "tn"), measures.confusion(p, y, threshold)))
            if one["confusion"] != table:
                wrong.append(f"{task}{suffix} {part}: {one['confusion']}, expected {table}")
    trust.check(f"metrics.json of a run on {task}", not wrong, "; ".join(wrong[:8]))


for task in ("mi", "superclass", "superclass-single"):
    try_run(task)
try_outputs(0, False)
try_outputs(1, True)
done = 0
for number, table in enumerate(TABLES * 3):
    if trust.left() < 20 and done >= 4:
        break
    shapes = [SHAPES[(3 * number + k * (1 + number // 12)) % len(SHAPES)] for k in range(3)]
    try_table(number, *table, shapes)
    done += 1
for kind in WORST:
    trust.row(f"report.json and metrics.json: {kind}",
              f"definitions over all pairs and thresholds, {COUNT[kind]} figures of {done} tables, 2 sets of 4 outputs, 3 runs",
              f"{WORST[kind][0]:.1e} relative ({WORST[kind][1]})")
raise SystemExit(trust.done())
