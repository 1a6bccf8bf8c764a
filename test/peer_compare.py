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


def main():
    with tempfile.TemporaryDirectory() as folder:
        report, rows = compare(folder)
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
