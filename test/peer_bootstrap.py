# SPDX-License-Identifier: MIT
# needs: numpy scipy sklearn
"""Our bootstrap and permutations against SciPy's, within what chance allows;
and exactly, against scikit-learn's metrics of records copied as often as our
random streams, written out here, draw their patients."""
import sys

sys.dont_write_bytecode = True

import warnings

import numpy as np
from scipy import special, stats

from peer_stats import differing, metrics_of, ours, recalibration, sample, youden

GOLDEN = np.uint64(0x9e3779b97f4a7c15)
BOOTSTRAP = np.uint64(9)


# --- Random streams (SplitMix64) --------------------------------------------------------

def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return z ^ (z >> np.uint64(31))


def stream(seed, purpose, a, b, count):
    key = mix(np.uint64(seed) + GOLDEN)
    for part in (purpose, np.uint64(a)):
        key = mix(key ^ part) + GOLDEN
    state = mix(key ^ np.uint64(b))
    return mix(state + GOLDEN * np.arange(1, count + 1, dtype=np.uint64))


def drawn(clusters, resample):
    """How often each cluster is drawn; a draw that ours would repeat has a chance of 1e-17."""
    bits = stream(1, BOOTSTRAP, resample, 0, clusters)
    return np.bincount((bits % np.uint64(clusters)).astype(int), minlength=clusters)


# --- BCa --------------------------------------------------------------------------------

def bca(value, draws, left):
    below = np.mean(draws < value - 1e-12) / 2 + np.mean(draws <= value + 1e-12) / 2
    z0, d = stats.norm.ppf(below), left.mean() - left
    a = (d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5)
    u = z0 + stats.norm.ppf([0.025, 0.975])
    return np.quantile(draws, stats.norm.cdf(z0 + u / (1 - a * u)))


def figures(p, y, threshold):
    (slope, _), _, large, _ = recalibration(p, y)
    return metrics_of(p, y, threshold) | {"calibration_slope": slope,
                                          "calibration_intercept": large}


def exact_intervals(a, b, y, patient, resamples):
    member = np.unique(patient, return_inverse=True)[1]
    clusters = member.max() + 1
    thresholds = youden(a, y), youden(b, y)
    times = [np.ones(clusters, int)] + [drawn(clusters, r) for r in range(resamples)]
    times += list(1 - np.eye(clusters, dtype=int))
    found = []
    for t in times:
        rows = np.repeat(np.arange(len(y)), t[member])
        found.append([figures(p[rows], y[rows], threshold)
                      for p, threshold in zip((a, b), thresholds)])
    out = {}
    for name in found[0][0]:
        of = np.array([[model[name] for model in row] for row in found])
        for suffix, x in (("", of[:, 0]), ("_difference", of[:, 0] - of[:, 1])):
            low, high = bca(x[0], x[1:resamples + 1], x[resamples + 1:])
            if name.startswith("ece"): # biased: none is given
                low = high = np.nan
            out |= {name + suffix: x[0], name + suffix + "_low": low,
                    name + suffix + "_high": high}
    return out


# --- Chance allowed ---------------------------------------------------------------------

def auc(score, y):
    rank, m = stats.rankdata(score), (y == 1).sum()
    return (rank[y == 1].sum() - m * (m + 1) / 2) / (m * (len(y) - m))


def scipys_bootstrap(a, b, y):
    """Each within six hundredths of its width of ours: five errors of 5000 resamples each."""
    out = {}
    for name, figure in (("auc", lambda a, b, y: auc(a, y)),
                         ("auc_difference", lambda a, b, y: auc(a, y) - auc(b, y)),
                         ("brier", lambda a, b, y: np.mean((a - y) ** 2))):
        found = stats.bootstrap((a, b, y), figure, paired=True, vectorized=False,
                                n_resamples=5000, method="BCa", random_state=1)
        out[name] = found.confidence_interval
    return out


def scipys_permutations(a, b, y, patient):
    """Sums of patients, exchanged as a whole."""
    member = np.unique(patient, return_inverse=True)[1]
    out = {}
    for name, x in (("accuracy", [(s >= youden(s, y)) == y for s in (a, b)]),
                    ("brier", [(s - y) ** 2 for s in (a, b)])):
        sums = [np.bincount(member, weights=v.astype(float)) for v in x]
        test = stats.permutation_test(sums, lambda u, v, axis: u.sum(axis) - v.sum(axis),
                                      permutation_type="samples", vectorized=True,
                                      n_resamples=9999, random_state=1)
        out[name] = test.pvalue
    return out


def rank_permutation(a, b, y, patient, permutations):
    member = np.unique(patient, return_inverse=True)[1]
    rank, rng = [stats.rankdata(a), stats.rankdata(b)], np.random.default_rng(1)
    found, extreme = abs(auc(a, y) - auc(b, y)), 0
    for _ in range(permutations):
        swap = rng.integers(0, 2, member.max() + 1)[member] == 1
        u, v = np.where(swap, rank[1], rank[0]), np.where(swap, rank[0], rank[1])
        extreme += abs(auc(u, y) - auc(v, y)) >= found - 1e-12
    return (1 + extreme) / (1 + permutations)


# --- Tests ------------------------------------------------------------------------------

def test_exact():
    a, b, y, patient = sample(11, 130, .4, 2)
    want = exact_intervals(a, b, y, patient, 150)
    got = ours(a, b, y, patient, 150)
    return [f"{k}: leadseq {got[k]!r}, expected {want[k]!r}" for k in differing(got, want)]


def test_few():
    a, b, y, patient = sample(5, 90, .05, 6)
    got = ours(a, b, y, patient)
    if len(set(patient[y == 1])) >= 10:
        return ["the sample is not what the test is of"]
    return [k for k in ("auc", "f1", "sensitivity", "mcc_difference")
            if np.isnan(got[k]) or not np.isnan(got[k + "_low"])]


def test_bootstrap():
    a, b, y, _ = sample(12, 300, .3, 12)
    got, want = ours(a, b, y, np.arange(300), 5000), scipys_bootstrap(a, b, y)
    return [f"{k}: leadseq {got[k + '_low']} {got[k + '_high']}, SciPy {low} {high}"
            for k, (low, high) in want.items()
            if max(abs(got[k + "_low"] - low), abs(got[k + "_high"] - high)) > .06 * (high - low)]


def test_permutations():
    wrong = []
    for seed in (13, 14):
        a, b, y, patient = sample(seed, 160, .4, 12)
        b = (a + b) / 2 if seed == 14 else b
        want = scipys_permutations(a, b, y, patient)
        want["auc"] = rank_permutation(a, b, y, patient, 4000)
        got = ours(a, b, y, patient)
        for k, p in want.items():
            error = np.sqrt(max(p * (1 - p), 1e-3) * (1 / 4000 + 1 / 4000))
            if abs(got[k + "_permutation"] - p) > 4 * error:
                wrong.append(f"{k}: leadseq {got[k + '_permutation']}, expected {p} ± {error}")
    return wrong


TESTS = [("BCa intervals of every metric and difference, exactly", test_exact),
         ("no interval with fewer than ten patients of a class", test_few),
         ("SciPy's BCa intervals, within chance", test_bootstrap),
         ("permutations, within chance", test_permutations)]


def main():
    warnings.simplefilter("ignore")
    print(f"1..{len(TESTS)}")
    failed = False
    for number, (name, test) in enumerate(TESTS, 1):
        wrong = test()
        failed |= bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}", flush=True)
        for line in wrong:
            print("#", line)
    return failed


if __name__ == "__main__":
    sys.exit(main())
