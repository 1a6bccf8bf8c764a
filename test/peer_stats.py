# SPDX-License-Identifier: MIT
# needs: numpy scipy sklearn
"""Our statistics against scikit-learn's and SciPy's; where they have none,
against the definition written out here in another way than ours: DeLong's
variance as loops over all pairs."""
import os
import subprocess
import sys
import warnings

import numpy as np
from scipy import optimize, special, stats
from sklearn import metrics

BUILD = os.path.dirname(os.environ.get("LEADSEQ", "./leadseq"))
Z = stats.norm.ppf(0.975)


def ours(a, b, y, patient, resamples=20):
    rows = zip(a.tolist(), b.tolist(), y.tolist(), patient.tolist())
    text = "".join(f"{u!r} {v!r} {t} {p}\n" for u, v, t, p in rows)
    run = subprocess.run([os.path.join(BUILD, "test/stats_driver"), str(resamples)], input=text, text=True,
                         capture_output=True, check=True)
    return {k: float(v) for k, v in (line.split() for line in run.stdout.splitlines())}


# --- Areas ------------------------------------------------------------------------------

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
    d, e = auc[0] - auc[1], np.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    half = Z * np.sqrt(s[0, 0])
    t = stats.t.ppf(0.975, min((y == 1).sum(), (y == 0).sum()) - 1)
    logit, error = special.logit(auc[0]), np.sqrt(s[0, 0]) / (auc[0] * (1 - auc[0]))
    return {
        "delong": metrics.roc_auc_score(y, a),
        "delong_low": max(0, auc[0] - half), "delong_high": min(1, auc[0] + half),
        "delong_logit_low": special.expit(logit - t * error),
        "delong_logit_high": special.expit(logit + t * error),
        "delong_difference": d, "delong_difference_low": d - Z * e,
        "delong_difference_high": d + Z * e, "delong_difference_p": 2 * stats.norm.sf(abs(d / e)),
    }


def obuchowski(a, b, y, patient):
    """Variances clustered by patient, patient by patient; the difference's ends from both areas'."""
    names = np.unique(patient)
    owned = {1: patient[y == 1], 0: patient[y == 0]}
    auc, sums = [], []
    for score in (a, b):
        v10, v01 = structural_components(score, y)
        auc.append(v10.mean())
        sums.append([[(v10[owned[1] == k] - auc[-1]).sum() for k in names],
                     [(v01[owned[0] == k] - auc[-1]).sum() for k in names]])
    sums, m, n = np.array(sums), (y == 1).sum(), (y == 0).sum()
    i10, i01, i = len(set(owned[1])), len(set(owned[0])), len(names)
    cov = lambda p, q: (i10 / (i10 - 1) * (p[0] * q[0]).sum() / m**2 +
                        i01 / (i01 - 1) * (p[1] * q[1]).sum() / n**2 +
                        i / (i - 1) * (p[0] * q[1] + p[1] * q[0]).sum() / (m * n))
    va, vb, vab = cov(sums[0], sums[0]), cov(sums[1], sums[1]), cov(sums[0], sums[1])

    def ends(area, variance, alpha):
        half = stats.t.isf(alpha / 2, min(i10, i01) - 1) * np.sqrt(variance) / (area - area**2)
        return special.expit(special.logit(area) - half), special.expit(special.logit(area) + half)

    def difference(alpha):
        (la, ua), (lb, ub) = ends(auc[0], va, alpha), ends(auc[1], vb, alpha)
        r, d = vab / np.sqrt(va * vb), auc[0] - auc[1]
        w, x, y, z = auc[0] - la, ua - auc[0], auc[1] - lb, ub - auc[1]
        return (d - np.sqrt(w * w - 2 * r * w * z + z * z),
                d + np.sqrt(x * x - 2 * r * x * y + y * y))

    low, high = ends(auc[0], va, 0.05)
    d_low, d_high = difference(0.05)
    inner = 0 if auc[0] > auc[1] else 1
    p = optimize.brentq(lambda t: difference(np.exp(t))[inner], -200, -1e-12)
    return {"obuchowski": auc[0], "obuchowski_low": low, "obuchowski_high": high,
            "obuchowski_difference": auc[0] - auc[1], "obuchowski_difference_low": d_low,
            "obuchowski_difference_high": d_high, "obuchowski_difference_p": np.exp(p)}


def youden(score, y):
    fpr, tpr, thresholds = metrics.roc_curve(y, score, drop_intermediate=False)
    return thresholds[1:][np.argmax((tpr - fpr)[1:])]


# --- Metrics of one model ---------------------------------------------------------------

def bins(p, y, how):
    """The indices of each bin's records: by the middle rank of equal p, or by tenths."""
    if how == "mass":
        at = np.minimum(9, np.floor(10 * (stats.rankdata(p) - 0.5) / len(p)))
    else:
        at = np.digitize(p, np.arange(1, 10) / 10, right=True)
    return [np.flatnonzero(at == k) for k in range(10) if (at == k).any()]


def ece(p, y, how):
    """Less what sampling adds: the mean of |X|, X normal about the gap found, in place of it."""
    total = 0
    for i in bins(p, y, how):
        gap, share = y[i].mean() - p[i].mean(), y[i].mean()
        error = np.sqrt(share * (1 - share) / len(i))
        found = stats.foldnorm(abs(gap) / error, scale=error).mean() if error > 0 else abs(gap)
        total += len(i) * (2 * abs(gap) - found)
    return max(0, total) / len(p)


def recalibration(p, y):
    """Slope, offset and their errors by a general optimiser; in the large by bisection."""
    x = special.logit(np.clip(p, 1e-7, 1 - 1e-7))
    design = np.stack([np.ones_like(x), x])
    cost = lambda t: np.logaddexp(0, -(2 * y - 1) * (t @ design)).sum()
    slope_of = lambda t: design @ (special.expit(t @ design) - y)
    found = optimize.root(slope_of, optimize.minimize(cost, [0, 1], jac=slope_of).x, tol=1e-13).x
    q = special.expit(found @ design)
    error = np.sqrt(np.diag(np.linalg.inv((design * q * (1 - q)) @ design.T)))
    large = optimize.brentq(lambda t: (special.expit(t + x) - y).sum(), -30, 30, xtol=1e-13)
    return found[::-1], error[::-1], large, 1 / np.sqrt((lambda r: r * (1 - r))(
        special.expit(large + x)).sum())


def metrics_of(p, y, threshold):
    fpr, tpr, _ = metrics.roc_curve(y, p, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(y, p)
    f = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    called = p >= threshold
    tn, fp, fn, tp = metrics.confusion_matrix(y, called, labels=[0, 1]).ravel()
    out = {
        "auc": metrics.roc_auc_score(y, p),
        "average_precision": metrics.average_precision_score(y, p),
        "sensitivity_at_90_specificity": tpr[1 - fpr >= 0.9 - 1e-12].max(),
        "sensitivity_at_95_specificity": tpr[1 - fpr >= 0.95 - 1e-12].max(),
        "specificity_at_90_sensitivity": 1 - fpr[tpr >= 0.9 - 1e-12].min(),
        "specificity_at_95_sensitivity": 1 - fpr[tpr >= 0.95 - 1e-12].min(),
        "f_max": f.max(),
        "brier": metrics.brier_score_loss(y, p),
        "ece_equal_mass": ece(p, y, "mass"), "ece_equal_width": ece(p, y, "width"),
        "sensitivity": metrics.recall_score(y, called),
        "specificity": metrics.recall_score(y, called, pos_label=0),
        "precision": metrics.precision_score(y, called) if called.any() else np.nan,
        "npv": metrics.precision_score(y, called, pos_label=0) if not called.all() else np.nan,
        "accuracy": metrics.accuracy_score(y, called),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, called),
        "f1": metrics.f1_score(y, called),
        "mcc": metrics.matthews_corrcoef(y, called),
        "kappa": metrics.cohen_kappa_score(y, called),
        "lr_positive": (tp / (tp + fn)) / (fp / (fp + tn)) if fp else np.nan,
        "lr_negative": (fn / (tp + fn)) / (tn / (fp + tn)) if tn else np.nan,
    }
    return out


# --- Closed forms -----------------------------------------------------------------------

def decisions(a, y):
    t = youden(a, y)
    tn, fp, fn, tp = metrics.confusion_matrix(y, a >= t).ravel()
    wilson = stats.binomtest(int(tp), int(tp + fn)).proportion_ci(method="wilson")
    out = {"youden": t, "tp": tp, "fp": fp, "fn": fn, "tn": tn,
           "wilson_low": wilson.low, "wilson_high": wilson.high}
    for name, k1, k2 in (("lr+", tp, fp), ("lr-", fn, tn)):
        if k1 and k2:
            ratio = stats.contingency.relative_risk(int(k1), int(tp + fn), int(k2), int(fp + tn))
            interval = ratio.confidence_interval(0.95)
            out |= {name: ratio.relative_risk, name + "_low": interval.low,
                    name + "_high": interval.high}
    return out


def calibration(p, y):
    (slope, offset), error, large, large_error = recalibration(p, y)
    out = {"slope": slope, "slope_low": slope - Z * error[0], "slope_high": slope + Z * error[0],
           "offset": offset, "offset_low": offset - Z * error[1],
           "offset_high": offset + Z * error[1], "in_the_large": large,
           "in_the_large_low": large - Z * large_error,
           "in_the_large_high": large + Z * large_error,
           "calibration_slope": slope, "calibration_intercept": large}
    x = special.logit(np.clip(p, 1e-7, 1 - 1e-7))
    gradient = lambda b: ((special.expit(b * x) - y) * x).sum()
    b = optimize.brentq(gradient, 1e-6, 1e3, xtol=1e-14) if gradient(0) < 0 else np.nan
    half = Z / np.sqrt((special.expit(b * x) * special.expit(-b * x) * x * x).sum())
    out |= {"temperature": 1 / b, "temperature_low": 1 / (b + half) if half < b else np.nan,
            "temperature_high": 1 / (b - half) if half < b else np.nan}
    for how in ("mass", "width"):
        parts = bins(p, y, how)
        weight = np.array([len(i) / len(p) for i in parts])
        mean = np.array([p[i].mean() for i in parts])
        share = np.array([y[i].mean() for i in parts])
        out |= {how + "_bins": len(parts), how + "_ece": ece(p, y, how),
                how + "_largest": abs(mean - share).max(),
                how + "_reliability": weight @ (mean - share) ** 2,
                how + "_resolution": weight @ (share - y.mean()) ** 2,
                how + "_uncertainty": np.var(y),
                how + "_variance": weight @ [np.var(p[i]) for i in parts],
                how + "_covariance": 2 * weight @ [np.cov(p[i], y[i], bias=True)[0, 1]
                                                   for i in parts]}
    return out


def newcombe(right_a, right_b):
    """By complex numbers and SciPy's score interval; the correlation from the 0/1 vectors."""
    n = len(right_a)
    interval = [stats.binomtest(int(r.sum()), n).proportion_ci(method="wilson")
                for r in (right_a, right_b)]
    share = [right_a.mean(), right_b.mean()]
    table = metrics.confusion_matrix(right_a, right_b, labels=[1, 0])
    product = np.prod(np.float64([*table.sum(axis=0), *table.sum(axis=1)]))
    phi = 0
    if product > 0:
        excess = np.linalg.det(table)
        phi = (excess if excess < 0 else max(0, excess - n / 2)) / np.sqrt(product)
    side = lambda u, v: abs(u - v * complex(phi, np.sqrt(1 - phi * phi)))
    d, (low, high) = share[0] - share[1], interval
    b, c = table[0, 1], table[1, 0]
    p = stats.binomtest(int(b), int(b + c)).pvalue if b + c else 1
    point = stats.binom.pmf(b, b + c, 0.5)
    mid = 1 if b + c == 0 else 1 - point / 2 if b == c else p - point
    return (d, d - side(share[0] - low.low, high.high - share[1]),
            d + side(low.high - share[0], share[1] - high.low), p, mid)


def pairs(a, b, y):
    out = {}
    right = [(s >= youden(s, y)) == y for s in (a, b)]
    for name, label in (("sensitivity", 1), ("specificity", 0)):
        d, low, high, p, mid = newcombe(*(r[y == label] for r in right))
        name_ = "newcombe_" + name
        out |= {name_: d, name_ + "_low": low, name_ + "_high": high, name_ + "_p": p,
                "mcnemar_mid_" + name: mid}
    return out


def benefit(p, y):
    out = {}
    for k, t in enumerate((0.05, 0.1, 0.25, 0.5)):
        cost = t / (1 - t)
        out[f"benefit_{k}"] = np.mean((p >= t) * np.where(y == 1, 1, -cost))
        out[f"benefit_all_{k}"] = np.mean(np.where(y == 1, 1, -cost))
    return out


def classes(a, b, y):
    truth, called = np.where(y == 1, 1 + (b > 0.6), 0), 1 * (a > 0.4) + (a > 0.7)
    if len(set(truth) & set(called)) < 3:
        return {}
    return {"classes_accuracy": metrics.accuracy_score(truth, called),
            "classes_balanced": metrics.balanced_accuracy_score(truth, called),
            "classes_f1": metrics.f1_score(truth, called, average="macro"),
            "classes_precision": metrics.precision_score(truth, called, average="macro"),
            "classes_kappa": metrics.cohen_kappa_score(truth, called),
            "classes_mcc": metrics.matthews_corrcoef(truth, called)}


def seeds(a, b):
    x, y = a[:6], b[:5]
    low, high = stats.t.interval(0.95, 5, x.mean(), stats.sem(x))
    test = stats.ttest_ind(x, y, equal_var=False)
    error = (x.mean() - y.mean()) / test.statistic
    u, v = stats.sem(x) ** 2, stats.sem(y) ** 2
    half = abs(error) * stats.t.ppf(0.975, (u + v) ** 2 / (u * u / 5 + v * v / 4))
    d, order = x.mean() - y.mean(), np.argsort(a[:5])
    adjusted = np.minimum(1, np.maximum.accumulate(a[:5][order] * np.arange(5, 0, -1)))
    return {"seeds_low": low, "seeds_high": high, "seeds_sd": np.std(x, ddof=1), "welch": d,
            "welch_p": test.pvalue, "welch_low": d - half, "welch_high": d + half,
            } | {f"holm_{k}": v for k, v in zip(order, adjusted)}


def sample(seed, n, share, decimals):
    """Two correlated probabilities of the same records; few decimals make ties."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    y[:2], y[2:4] = 1, 0
    base = rng.normal(size=n) + 1.2 * y
    a, b = (1 / (1 + np.exp(-(base + s * rng.normal(size=n)))) for s in (0.6, 1.1))
    patient = np.cumsum(rng.random(n) < 0.7) * 7919 % 10007
    return np.round(a, decimals), np.round(b, decimals), y, patient


CASES = [("plain", 1, 500, .25, 12), ("many ties", 2, 400, .3, 1), ("ties", 3, 900, .5, 2),
         ("few positives", 4, 218, .05, 12), ("small", 5, 24, .5, 3), ("large", 6, 4000, .25, 6)]


def differing(got, want):
    return [k for k in want
            if not np.isclose(got[k], want[k], rtol=1e-7, atol=1e-9, equal_nan=True)]


def main():
    warnings.simplefilter("ignore")
    print(f"1..{len(CASES)}")
    failed = False
    for number, (name, *how) in enumerate(CASES, 1):
        a, b, y, patient = sample(*how)
        got = ours(a, b, y, patient)
        want = (delong(a, b, y) | obuchowski(a, b, y, patient) | decisions(a, y) | metrics_of(a, y, youden(a, y)) |
                calibration(a, y) | pairs(a, b, y) | benefit(a, y) | classes(a, b, y) |
                seeds(a, b))
        wrong = differing(got, want)
        failed |= bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}: {len(want)} figures")
        for k in wrong:
            print(f"# {k}: leadseq {got[k]!r}, expected {want[k]!r}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
