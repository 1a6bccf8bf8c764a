# SPDX-License-Identifier: MIT
# needs: numpy scipy sklearn
"""report.json of leadseq compare against scikit-learn and SciPy on the same
predictions, read from the tables the comparison itself wrote."""
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy import stats
from sklearn import linear_model, metrics

LEADSEQ = os.environ.get("LEADSEQ", "./leadseq")
CASES = 0


def check(name, ok, detail=""):
    global CASES
    CASES += 1
    print(f"{'ok' if ok else 'not ok'} {CASES} - {name}")
    if not ok:
        print(f"#   {detail}")


def close(name, found, expected, tolerance=1e-9):
    check(name, found is not None and abs(found - expected) <= tolerance,
          f"found {found}, expected {expected}")


def write_predictions(path, seed, skill):
    """Three records a patient in places; ties; a validation part."""
    rng, labels = np.random.default_rng(seed), np.random.default_rng(1)
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["", "probability", "split", "ecg_id", "label", "patient_id"])
        for i in range(900):
            y = int(labels.random() < .3)
            p = 1 / (1 + np.exp(-(rng.normal() * 1.2 + skill * y - 1)))
            out.writerow([i, round(float(p), 3), "test" if i < 600 else "valid", i + 1, y,
                          1000 + i * 2 // 3 + (5000 if i >= 600 else 0)])


def compare(folder):
    paths = [os.path.join(folder, name) for name in ("a.csv", "b.csv")]
    write_predictions(paths[0], 2, 1.8)
    write_predictions(paths[1], 3, 1.1)
    out = os.path.join(folder, "out")
    subprocess.run([LEADSEQ, "compare", *paths, "--out", out], check=True, capture_output=True)
    with open(os.path.join(out, "report.json")) as f:
        report = json.load(f)
    with open(os.path.join(out, "tables", "predictions.tsv"), newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    return report, rows


def check_model(m, y, p):
    name = m["name"]
    called = p >= m["threshold"]
    value = {k: v["value"] for k, v in m["metrics"].items()}
    tn, fp, fn, tp = metrics.confusion_matrix(y, called).ravel()
    close(f"{name}: AUC", value["auc"], metrics.roc_auc_score(y, p))
    close(f"{name}: average precision", value["average_precision"],
          metrics.average_precision_score(y, p))
    close(f"{name}: Brier score", value["brier"], metrics.brier_score_loss(y, p))
    close(f"{name}: F1", value["f1"], metrics.f1_score(y, called))
    close(f"{name}: MCC", value["mcc"], metrics.matthews_corrcoef(y, called))
    close(f"{name}: kappa", value["kappa"], metrics.cohen_kappa_score(y, called))
    close(f"{name}: balanced accuracy", value["balanced_accuracy"],
          metrics.balanced_accuracy_score(y, called))
    close(f"{name}: NPV", value["npv"], tn / (tn + fn))
    close(f"{name}: LR+", value["lr_positive"], (tp / (tp + fn)) / (fp / (fp + tn)))
    fpr, tpr, _ = metrics.roc_curve(y, p, drop_intermediate=False)
    close(f"{name}: sensitivity at 90 % specificity", value["sensitivity_at_90_specificity"],
          tpr[1 - fpr >= .9 - 1e-12].max())
    precision, recall, _ = metrics.precision_recall_curve(y, p)
    both = precision + recall > 0
    close(f"{name}: F-max", value["f_max"],
          (2 * precision[both] * recall[both] / (precision + recall)[both]).max())
    logit = np.log(np.clip(p, 1e-7, 1 - 1e-7) / (1 - np.clip(p, 1e-7, 1 - 1e-7)))
    fit = linear_model.LogisticRegression(C=1e12, tol=1e-10, max_iter=1000)
    close(f"{name}: calibration slope", value["calibration_slope"],
          fit.fit(logit[:, None], y).coef_[0, 0], 1e-4)
    for metric, v in m["metrics"].items():
        if v["low"] is not None and not v["low"] <= v["value"] <= v["high"]:
            check(f"{name}: {metric} lies in its interval", False, v)


CLASSES = ["NORM", "MI", "STTC", "CD"]


def write_outputs(path, seed, skill, exclusive):
    """Four outputs; of classes that exclude each other also the name. Some labels are unknown."""
    rng, labels = np.random.default_rng(seed), np.random.default_rng(1)
    with open(path, "w", newline="") as f:
        out = csv.writer(f, delimiter="\t")
        out.writerow(["ecg_id", "record", "patient_id", "fold", "split"] +
                     (["label"] if exclusive else []) +
                     [f"{what}_{c}" for c in CLASSES for what in ("label", "logit", "probability")])
        for i in range(700):
            k = int(labels.integers(4))
            y = np.eye(4, dtype=int)[k] if exclusive else (labels.random(4) < .3).astype(int)
            known = labels.random(4) > (0 if exclusive else .1)
            z = rng.normal(size=4) + skill * y - 1
            p = np.exp(z) / np.exp(z).sum() if exclusive else 1 / (1 + np.exp(-z))
            row = [i + 1, f"r{i}", 1000 + i * 2 // 3, 10, "test" if i < 450 else "valid"]
            row += [CLASSES[k]] if exclusive else []
            for j in range(4):
                row += [y[j] if known[j] else "", z[j], round(float(p[j]), 6)]
            out.writerow(row)


def check_outputs(folder, exclusive):
    what = "classes" if exclusive else "outputs"
    paths = [os.path.join(folder, f"{name}_{what}.tsv") for name in "ab"]
    write_outputs(paths[0], 2, 1.8, exclusive)
    write_outputs(paths[1], 3, 1.1, exclusive)
    out = os.path.join(folder, what)
    subprocess.run([LEADSEQ, "compare", *paths, "--out", out], check=True, capture_output=True)
    with open(os.path.join(out, "report.json")) as f:
        report = json.load(f)
    for path, m in zip(paths, report["models"]):
        with open(path, newline="") as f:
            rows = [r for r in csv.DictReader(f, delimiter="\t") if r["split"] == "test"]
        auc, f1 = [], []
        for c, of in zip(CLASSES, m["outputs"]):
            known = [r for r in rows if r[f"label_{c}"] != ""]
            y = np.array([int(r[f"label_{c}"]) for r in known])
            p = np.array([float(r[f"probability_{c}"]) for r in known])
            auc.append(metrics.roc_auc_score(y, p))
            f1.append(metrics.f1_score(y, p >= of["threshold"]))
            close(f"{m['name']} {c}: AUC", of["metrics"]["auc"]["value"], auc[-1])
            close(f"{m['name']} {c}: F1", of["metrics"]["f1"]["value"], f1[-1])
        close(f"{m['name']}: mean AUC", m["metrics"]["auc"]["value"], np.mean(auc))
        close(f"{m['name']}: mean F1", m["metrics"]["f1"]["value"], np.mean(f1))
        check_together(m, rows)
        if exclusive:
            check_called(m, rows)


def check_called(m, rows):
    """Classes called by the largest probability."""
    truth = [r["label"] for r in rows]
    p = np.array([[float(r[f"probability_{c}"]) for c in CLASSES] for r in rows])
    called = [CLASSES[k] for k in p.argmax(axis=1)]
    found = {name: v["value"] for name, v in m["together"].items()}
    for name, v in m["together"].items():
        check(f"{m['name']}: {name} of the calls has an interval", v["low"] < v["value"] < v["high"], v)
    close(f"{m['name']}: accuracy", found["accuracy"], metrics.accuracy_score(truth, called))
    close(f"{m['name']}: mean F1 of the calls", found["macro_f1"],
          metrics.f1_score(truth, called, average="macro"))
    close(f"{m['name']}: kappa", found["kappa"], metrics.cohen_kappa_score(truth, called))
    close(f"{m['name']}: MCC", found["mcc"], metrics.matthews_corrcoef(truth, called))
    matrix = [[row[c] for c in CLASSES] for row in m["confusion"]]
    expected = metrics.confusion_matrix(truth, called, labels=CLASSES).tolist()
    check(f"{m['name']}: confusion matrix", matrix == expected, f"{matrix}, {expected}")
    shares = [[row[c] for c in CLASSES] for row in m["confusion_shares"]]
    expected = metrics.confusion_matrix(truth, called, labels=CLASSES, normalize="true")
    check(f"{m['name']}: its shares", np.allclose(shares, expected, atol=1e-12), shares)


def f_max_over_records(y, p):
    """Over every threshold; y: NaN where it is not known."""
    best = 0
    for t in np.unique(p[~np.isnan(y)]):
        called = (p >= t) & ~np.isnan(y)
        right, true = (called & (y == 1)).sum(1), (y == 1).sum(1)
        precision = (right[called.any(1)] / called.sum(1)[called.any(1)]).mean()
        recall = (right[true > 0] / true[true > 0]).mean()
        if precision + recall > 0:
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


def mean_auc_variance(y, p, patient):
    """Of the mean AUC of outputs of the same records, by what it owes to each patient."""
    owed = {}
    for k in range(y.shape[1]):
        known = ~np.isnan(y[:, k])
        pos, neg = known & (y[:, k] == 1), known & (y[:, k] == 0)
        wins = (p[pos, k][:, None] > p[neg, k]) + .5 * (p[pos, k][:, None] == p[neg, k])
        for index, v in ((np.flatnonzero(pos), wins.mean(1)), (np.flatnonzero(neg), wins.mean(0))):
            for i, one in zip(index, v):
                owed[patient[i]] = owed.get(patient[i], 0) + \
                    (one - wins.mean()) / len(index) / y.shape[1]
    return sum(v ** 2 for v in owed.values())


def check_together(m, rows):
    def number(text):
        return float(text) if text != "" else np.nan

    y = np.array([[number(r[f"label_{c}"]) for c in CLASSES] for r in rows])
    p = np.array([[float(r[f"probability_{c}"]) for c in CLASSES] for r in rows])
    close(f"{m['name']}: F-max over records", m["together"]["f_max_samples"]["value"],
          f_max_over_records(y, p))
    auc = m["metrics"]["auc"]
    width = 2 * 1.96 * mean_auc_variance(y, p, [r["patient_id"] for r in rows]) ** .5
    check(f"{m['name']}: the mean AUC's interval is as wide as DeLong's variance says",
          abs((auc["high"] - auc["low"]) / width - 1) < .05, (auc, width))


def main():
    with tempfile.TemporaryDirectory() as folder:
        report, rows = compare(folder)
        check_outputs(folder, False)
        check_outputs(folder, True)
    y = np.array([int(r["label"]) for r in rows])
    check("the test part alone is compared", len(y) == 600 and report["records"] == 600)
    check("patients are counted", report["patients"] == len({r["patient_id"] for r in rows}))
    p = {m["name"]: np.array([float(r[m["name"]]) for r in rows]) for m in report["models"]}
    for m in report["models"][:2]:
        check_model(m, y, p[m["name"]])
    pair = report["pairs"][0]
    right = [(p[m["name"]] >= m["threshold"]) == y for m in report["models"][:2]]
    b, c = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    close("McNemar's p", pair["mcnemar"]["p"], stats.binomtest(b, b + c).pvalue)
    close("McNemar's mid-p", pair["mcnemar"]["mid_p"],
          stats.binomtest(b, b + c).pvalue - stats.binom.pmf(b, b + c, .5))
    auc = pair["metrics"]["auc"]
    check("the better model is told from the other by both tests",
          auc["p"] < .001 and auc["p_exchange"] < .01 and auc["low"] > 0, auc)
    constant = report["models"][2]
    close("the constant's AUC", constant["metrics"]["auc"]["value"], .5)
    print(f"1..{CASES}")


sys.exit(main())
