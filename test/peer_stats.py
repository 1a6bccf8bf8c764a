# SPDX-License-Identifier: MIT
# needs: numpy scipy sklearn
"""Our statistics against scikit-learn's and SciPy's, and DeLong's variance
against the definition of 1988, written out here as loops over all pairs."""
import os
import subprocess
import sys

import numpy as np
from scipy import stats
from sklearn import metrics

BUILD = os.path.dirname(os.environ.get("LEADSEQ", "./leadseq"))


def ours(a, b, y):
    text = "".join(f"{u!r} {v!r} {t}\n" for u, v, t in zip(a.tolist(), b.tolist(), y.tolist()))
    run = subprocess.run([os.path.join(BUILD, "test/stats_driver")], input=text, text=True,
                         capture_output=True, check=True)
    return {k: float(v) for k, v in (line.split() for line in run.stdout.splitlines())}


def structural_components(score, y):
    """V10 and V01 from the kernel psi(X, Y) = 1, 1/2 or 0 of every pair."""
    x, z = score[y == 1], score[y == 0]
    psi = (x[:, None] > z[None, :]) + 0.5 * (x[:, None] == z[None, :])
    return psi.mean(axis=1), psi.mean(axis=0)


def delong(a, b, y):
    parts = [structural_components(s, y) for s in (a, b)]
    s10 = np.cov(np.stack([p[0] for p in parts]))
    s01 = np.cov(np.stack([p[1] for p in parts]))
    s = s10 / (y == 1).sum() + s01 / (y == 0).sum()
    auc = [p[0].mean() for p in parts]
    z = stats.norm.ppf(0.975)
    d, e = auc[0] - auc[1], np.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    return {
        "auc_low": max(0, auc[0] - z * np.sqrt(s[0, 0])),
        "auc_high": min(1, auc[0] + z * np.sqrt(s[0, 0])),
        "difference": d, "difference_low": d - z * e, "difference_high": d + z * e,
        "difference_p": 2 * stats.norm.sf(abs(d / e)),
    }


def expected(a, b, y):
    fpr, tpr, thresholds = metrics.roc_curve(y, a, drop_intermediate=False)
    youden = thresholds[1:][np.argmax((tpr - fpr)[1:])]
    tn, fp, fn, tp = metrics.confusion_matrix(y, a >= youden).ravel()
    wilson = stats.binomtest(int(tp), int(tp + fn)).proportion_ci(method="wilson")
    return delong(a, b, y) | {
        "auc": metrics.roc_auc_score(y, a),
        "average_precision": metrics.average_precision_score(y, a),
        "brier": metrics.brier_score_loss(y, a),
        "tp": tp, "fp": fp, "fn": fn, "tn": tn, "youden": youden,
        "f1": metrics.f1_score(y, a >= youden),
        "precision": metrics.precision_score(y, a >= youden),
        "sensitivity": tp / (tp + fn),
        "sensitivity_low": wilson.low, "sensitivity_high": wilson.high,
        "mcnemar": stats.binomtest(int(fp), int(fp + fn)).pvalue,
    }


def sample(seed, n, share, decimals):
    """Two correlated probabilities of the same records; few decimals make ties."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    y[:2], y[2:4] = 1, 0
    base = rng.normal(size=n) + 1.2 * y
    a, b = (1 / (1 + np.exp(-(base + s * rng.normal(size=n)))) for s in (0.6, 1.1))
    return np.round(a, decimals), np.round(b, decimals), y


CASES = [("plain", 1, 500, .25, 12), ("many ties", 2, 400, .3, 1), ("ties", 3, 900, .5, 2),
         ("few positives", 4, 218, .05, 12), ("small", 5, 12, .5, 3), ("large", 6, 4000, .25, 6)]


def main():
    print(f"1..{len(CASES)}")
    failed = False
    for number, (name, *how) in enumerate(CASES, 1):
        a, b, y = sample(*how)
        got, want = ours(a, b, y), expected(a, b, y)
        wrong = [k for k in want if not np.isclose(got[k], want[k], rtol=1e-9, atol=1e-12)]
        failed |= bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for k in wrong:
            print(f"# {k}: leadseq {got[k]!r}, expected {want[k]!r}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
