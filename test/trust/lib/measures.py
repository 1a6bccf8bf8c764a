# SPDX-License-Identifier: MIT
"""The figures of doc/statistics.md from their definitions, over all pairs and all thresholds, in
counts of records where a border decides."""
import numpy as np
from scipy import optimize, special, stats

Z = stats.norm.ppf(.975)
FEWEST = 10  # patients of a class, below which reports show no interval that needs them


def points(p, y):
    """Of each threshold from high to low, before it none: true and false positives."""
    at = np.sort(np.unique(p))[::-1]
    tp = np.array([0] + [int(((p >= t) & (y == 1)).sum()) for t in at])
    fp = np.array([0] + [int(((p >= t) & (y == 0)).sum()) for t in at])
    return at, tp, fp


def youden(p, y):
    at, tp, fp = points(p, y)
    m, n = int(y.sum()), int((1 - y).sum())
    gain = tp[1:] * n - fp[1:] * m
    return at[np.argmax(gain)]


def kernel(p, y):
    a, b = p[y == 1], p[y == 0]
    return (a[:, None] > b).astype(float) + .5 * (a[:, None] == b)


def bins_of(p, how):
    if how == "mass":
        middle = np.array([(p < v).sum() + .5 * (p == v).sum() for v in p])
        at = np.minimum(9, np.floor(10 * middle / len(p)).astype(int))
    else:
        at = np.clip([int(np.searchsorted(np.arange(1, 10) / 10, v, side="left")) for v in p], 0, 9)
    return [np.flatnonzero(at == k) for k in range(10) if (at == k).any()]


def ece(p, y, how):
    total = 0
    for i in bins_of(p, how):
        gap, share, n = abs(y[i].mean() - p[i].mean()), y[i].mean(), len(i)
        sd = np.sqrt(share * (1 - share) / n)
        mean = gap
        if sd > 0:  # E|X|
            mean = sd * np.sqrt(2 / np.pi) * np.exp(-gap ** 2 / (2 * sd ** 2)) + gap * special.erf(gap / sd / np.sqrt(2))
        total += n * (2 * gap - mean)
    return max(0, total) / len(p)


def logit(p):
    return special.logit(np.clip(p, 1e-7, 1 - 1e-7))


def separated(x, y):
    a, b = x[y == 1], x[y == 0]
    return a.min() >= b.max() or b.min() >= a.max()


def newton(x, y, offset, columns):
    """Logistic regression by Newton's method in double, steps halved; parameters and their errors."""
    design = np.stack(columns)
    theta = np.zeros(len(columns))
    cost = lambda t: np.logaddexp(0, -(2 * y - 1) * (t @ design + offset)).sum()
    for _ in range(200):
        q = special.expit(theta @ design + offset)
        information = (design * q * (1 - q)) @ design.T
        step = np.linalg.solve(information, design @ (y - q))
        while cost(theta + step) > cost(theta) * (1 + 1e-14) and abs(step).max() > 1e-15:
            step /= 2
        theta = theta + step
        if abs(step).max() < 1e-14 * max(1, abs(theta).max()):
            break
    return theta, np.sqrt(np.diag(np.linalg.inv(information)))


def calibration(p, y):
    """slope, its error, in the large, its error; NaN where there is none."""
    x = logit(p)
    slope = error = large = large_error = np.nan
    if 0 < y.sum() < len(y):
        large = optimize.brentq(lambda a: (special.expit(a + x) - y).sum(), -60, 60, xtol=1e-14)
        q = special.expit(large + x)
        large_error = (q * (1 - q)).sum() ** -.5
        if not separated(x, y) and x.min() < x.max():
            theta, errors = newton(x, y, 0, [np.ones_like(x), x])
            slope, error = theta[1], errors[1]
    return slope, error, large, large_error


def temperature(p, y):
    x = logit(p)
    sign = 2 * y - 1
    if not 0 < y.sum() < len(y) or (sign * x).sum() <= 0 or (sign * x >= 0).all():
        return np.nan
    slope = lambda b: ((special.expit(b * x) - y) * x).sum()
    top = 1.
    while slope(top) < 0 and top < 1e9:
        top *= 2
    return 1 / optimize.brentq(slope, 0, top, xtol=1e-16, rtol=1e-15) if slope(top) >= 0 else np.nan


def ratio(a, b):
    return a / b if b else np.nan


def confusion(p, y, threshold):
    called = p >= threshold
    return [int(v) for v in ((called & (y == 1)).sum(), (called & (y == 0)).sum(),
                             (~called & (y == 1)).sum(), (~called & (y == 0)).sum())]


def decisions(p, y, threshold):
    tp, fp, fn, tn = confusion(p, y, threshold)
    n = tp + fp + fn + tn
    expected = ((tp + fp) * (tp + fn) + (tn + fp) * (tn + fn)) / n ** 2
    return {
        "sensitivity": ratio(tp, tp + fn), "specificity": ratio(tn, tn + fp),
        "precision": ratio(tp, tp + fp), "npv": ratio(tn, tn + fn), "accuracy": (tp + tn) / n,
        "balanced_accuracy": (ratio(tp, tp + fn) + ratio(tn, tn + fp)) / 2,
        "f1": ratio(2 * tp, 2 * tp + fp + fn if tp + fn else 0),
        "mcc": ratio(tp * tn - fp * fn, float((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) ** .5),
        "kappa": ratio((tp + tn) / n - expected, 1 - expected),
        "lr_positive": ratio(ratio(tp, tp + fn), ratio(fp, fp + tn)),
        "lr_negative": ratio(ratio(fn, tp + fn), ratio(tn, fp + tn)),
    }


def figures(p, y, threshold):
    at, tp, fp = points(p, y)
    m, n = int(y.sum()), int(len(y) - y.sum())
    pairs = kernel(p, y)
    slope, _, large, _ = calibration(p, y)
    precision = tp[1:] / (tp[1:] + fp[1:])
    return {
        "auc": pairs.mean() if pairs.size else np.nan,
        "average_precision": (np.diff(tp) / m * precision).sum() if m else np.nan,
        "sensitivity_at_90_specificity": ratio(tp[10 * (n - fp) >= 9 * n].max(), m),
        "sensitivity_at_95_specificity": ratio(tp[20 * (n - fp) >= 19 * n].max(), m),
        "specificity_at_90_sensitivity": 1 - ratio(fp[10 * tp >= 9 * m].min(), n),
        "specificity_at_95_sensitivity": 1 - ratio(fp[20 * tp >= 19 * m].min(), n),
        "f_max": (2 * tp[1:] / (2 * tp[1:] + fp[1:] + m - tp[1:])).max() if m else np.nan,
        "brier": ((p - y) ** 2).mean(),
        "ece_equal_mass": ece(p, y, "mass"), "ece_equal_width": ece(p, y, "width"),
        "calibration_slope": slope, "calibration_intercept": large,
    } | decisions(p, y, threshold)


# --- Intervals and tests --------------------------------------------------------------------------

def wilson(k, n):
    """The roots of (p - k/n)² = z² p (1 - p)/n."""
    if not n:
        return np.nan, np.nan
    roots = np.sort(np.roots([1 + Z * Z / n, -(2 * k / n + Z * Z / n), (k / n) ** 2]).real)
    return (0. if k == 0 else roots[0]), (1. if k == n else roots[1])


def log_method(k1, n1, k2, n2):
    if not k1 or not k2:
        return np.nan, np.nan
    variance = 1 / k1 - 1 / n1 + 1 / k2 - 1 / n2
    if variance <= 0:
        return np.nan, np.nan
    r = k1 / n1 / (k2 / n2)
    return r * np.exp(-Z * variance ** .5), r * np.exp(Z * variance ** .5)


def binomial_tail(b, c):
    """Exact McNemar and mid-p from the terms of the binomial."""
    if b + c == 0:
        return 1., 1.
    terms = np.exp(special.gammaln(b + c + 1) - special.gammaln(np.arange(b + c + 1) + 1) -
                   special.gammaln(b + c - np.arange(b + c + 1) + 1) - (b + c) * np.log(2))
    exact = min(1., 2 * terms[:min(b, c) + 1].sum())
    return exact, 1 - terms[b] / 2 if b == c else exact - terms[min(b, c)]


def newcombe(a, b, c, d):
    n = a + b + c + d
    (l1, u1), (l2, u2) = wilson(a + b, n), wilson(a + c, n)
    p1, p2 = (a + b) / n, (a + c) / n
    product = float((a + b) * (c + d)) * float((a + c) * (b + d))
    excess = a * d - b * c
    excess = max(0, excess - n / 2) if excess > 0 else excess
    phi = excess / product ** .5 if product else 0
    low = ((p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2) ** .5
    high = ((u1 - p1) ** 2 - 2 * phi * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2) ** .5
    return p1 - p2 - low, p1 - p2 + high


def placements(p, y):
    """Of each positive the share of negatives below it, of each negative that of positives above it;
    equal ones half: the means of the kernel's rows and columns."""
    a, b = p[y == 1], p[y == 0]
    low, high = np.sort(b), np.sort(a)
    of = lambda v, many: (np.searchsorted(many, v, "left") + np.searchsorted(many, v, "right")) / 2 / len(many)
    return of(a, low), 1 - of(b, high)


class Areas:
    """AUCs of several scores of the same records, their covariance by patients (Obuchowski), intervals."""

    def __init__(self, scores, y, patient):
        names, member = np.unique(patient, return_inverse=True)
        m, n = int(y.sum()), int(len(y) - y.sum())
        self.auc, sums = [], []
        for p in scores:
            above, below = placements(p, y)
            self.auc.append(above.mean())
            sums.append([np.bincount(member[y == k], v - v.mean(), len(names)) / len(v)
                         for k, v in ((1, above), (0, below))])
        of = [len(np.unique(member[y == k])) for k in (1, 0)]
        factor = [k / max(k - 1, 1) for k in (*of, len(names))]
        self.fewest = min(of)
        self.rarer = of[0] if m <= n else of[1]
        self.ends_by = min(of)
        self.cov = np.array([[factor[0] * (a[0] @ b[0]) + factor[1] * (a[1] @ b[1]) +
                              factor[2] * (a[0] @ b[1] + a[1] @ b[0]) for b in sums] for a in sums])

    def ends(self, i, alpha=.05):
        area, k = self.auc[i], self.ends_by
        if area in (0, 1):
            exact = (alpha / 2) ** (1 / k)
            return (exact, 1.) if area else (0., 1 - exact)
        half = stats.t.isf(alpha / 2, k - 1) * self.cov[i, i] ** .5 / (area * (1 - area))
        return special.expit(special.logit(area) - half), special.expit(special.logit(area) + half)

    def difference(self, i, j, alpha=.05):
        (la, ua), (lb, ub) = self.ends(i, alpha), self.ends(j, alpha)
        a, b = self.auc[i], self.auc[j]
        both = self.cov[i, i] * self.cov[j, j]
        r = self.cov[i, j] / both ** .5 if both > 0 else 0
        root = lambda x, z: (x * x - 2 * r * x * z + z * z) ** .5
        return a - b - root(a - la, ub - b), a - b + root(ua - a, b - lb)

    def p(self, i, j):
        d = self.auc[i] - self.auc[j]
        if d == 0:
            return 1.
        end = lambda t: self.difference(i, j, np.exp(t))[0 if d > 0 else 1]
        if end(-1e-13) * d <= 0:  # an exact bound leaves a width at every level
            return 1.
        if end(-230) * d > 0:  # smaller than 1e-100
            return 0.
        return float(np.exp(optimize.brentq(end, -230, -1e-13, xtol=1e-14)))


def holm(ps):
    """By definition: the largest of what any smaller or equal p gives."""
    return [min(1, max((sum(1 for q in ps if q >= r)) * r for r in ps if r <= p)) for p in ps]
