# SPDX-License-Identifier: MIT
# needs: numpy scipy
# seconds: 240
"""How often intervals of AUCs hold the truth: cells of test/coverage drawn and computed again here,
and scores of shapes that it does not have; and BCa intervals and permutation tests of a report
against others' resamples, within what chance allows."""
import csv
import json
import os
import subprocess

import numpy as np
from scipy import stats

from lib.measures import Areas, Z, figures, youden
from lib.trust import Trust

trust = Trust()
DRIVER = os.path.join(os.path.dirname(os.path.abspath(trust.leadseq)), "test/coverage")
REPETITIONS, FIRSTS = 2000, [3, 27, 84, 122, 168, 201, 247, 290]
FEWEST = 1000  # samples of a cell or a shape, below which it tells too little


# --- Cells ------------------------------------------------------------------------------------

def normal(auc):
    return lambda z, positive: z + np.sqrt(2) * stats.norm.ppf(auc) * positive


def exponential(auc):
    return lambda z, positive: stats.norm.logsf(z) * -np.where(positive, auc / (1 - auc), 1)


def draw(rng, m, n, per, of, mixed=False):
    """Scores of two models, of correlation ½; patients' records too, of one class unless mixed."""
    y = np.repeat([1, 0], [m, n])
    place = np.concatenate([np.arange(m), np.arange(n)])
    patient = place // per * 2 + (0 if mixed else y)
    z = rng.normal(size=(2, m + n))
    if per > 1:
        z = np.sqrt(.5) * (z + rng.normal(size=(2, patient.max() + 1))[:, patient])
    return of[0](z[0], y), of[1](.5 * z[0] + np.sqrt(.75) * z[1], y), y, patient


def holds(low, high, truth):
    return low <= truth <= high


def simulate(rng, cell, truth, repetitions, most):
    """Coverage of the plain interval, the one shown, that of the difference; and repetitions, in
    `most` seconds, or as long as FEWEST take."""
    held, done, end = np.zeros(3), 0, trust.left() - most
    while done < repetitions and (done < FEWEST or trust.left() > end):
        a, b, y, patient = draw(rng, *cell)
        areas = Areas([a, b], y, patient)
        alone = Areas([a], y, np.arange(len(y))) if cell[2] > 1 or len(cell) > 4 else areas
        half = Z * alone.cov[0, 0] ** .5
        held += [holds(max(0, areas.auc[0] - half), min(1, areas.auc[0] + half), truth[0]),
                 holds(*areas.ends(0), truth[0]), holds(*areas.difference(0, 1), truth[0] - truth[1])]
        done += 1
    return held / done, done


def program(first):
    """The first line from there."""
    run = subprocess.Popen([DRIVER, str(REPETITIONS), str(first)], stdout=subprocess.PIPE, text=True)
    run.stdout.readline()
    line = run.stdout.readline().split("\t")
    run.kill()
    run.wait()
    run.stdout.close()
    return line


def try_cells():
    rng, wrong, worst, count = np.random.default_rng(5), [], 0, 0
    begun = trust.left()
    for number, first in enumerate(FIRSTS):
        line = program(first)
        auc, m, n, per = float(line[1]), int(line[2]), int(line[3]), int(line[4])
        second = stats.norm.cdf(stats.norm.ppf(auc) - .15)
        of = exponential if line[0] == "exponential" else normal
        found = [float(line[i]) for i in (5, 6, 9)]
        want, done = simulate(rng, (m, n, per, (of(auc), of(second))), (auc, second), REPETITIONS,
                              begun * .3 / len(FIRSTS))
        for what, a, b in zip(("plain", "shown", "difference"), found, want):
            error = np.sqrt(max(b * (1 - b), .02) * (1 / REPETITIONS + 1 / done))
            worst = max(worst, abs(a - b) / error)
            if abs(a - b) > 4.2 * error:
                wrong.append(f"{line[:5]} {what}: {a}, here {b} ± {error:.3f}")
        count += 1
    trust.check(f"{count} cells of test/coverage, {REPETITIONS} samples each, drawn again", not wrong, "; ".join(wrong))
    trust.row("coverage of AUC intervals: the program's simulation", f"{count} of its cells with other random numbers and an own "
              f"implementation, {REPETITIONS} samples each", f"largest difference {worst:.1f} Monte-Carlo errors (each about .007)")


# --- Other shapes -----------------------------------------------------------------------------

def heavy(shift):
    return lambda z, y: stats.t.ppf(stats.norm.cdf(z), 3) + shift * y


def wide(shift):
    return lambda z, y: z * np.where(y == 1, 2, 1) + shift * y


def tenths(shift):
    return lambda z, y: np.round(1 / (1 + np.exp(-(z + shift * y))), 1)


def two_kinds(shift):
    """A third of the positives are as far again; the other two thirds are hardly above the negatives."""
    return lambda z, y: z + y * np.where(np.abs(z) % .3 < .1, 2 * shift, shift / 2)


SHAPES = [
    ("heavy tails (t of 3), 1 record each", (40, 200, 1), heavy, 1.5, False),
    ("positives twice as spread", (30, 150, 1), wide, 2, False),
    ("rounded to tenths, ties", (40, 160, 1), tenths, 1.6, False),
    ("two kinds of positives", (60, 180, 1), two_kinds, 1.6, False),
    ("normal, 3 records of a patient, of both classes", (60, 180, 3), lambda d: lambda z, y: z + d * y, 1.3, True),
    ("rounded to tenths, 2 records of a patient", (40, 200, 2), tenths, 2, False),
    ("heavy tails, 20 positives, 4 records of a patient", (80, 240, 4), heavy, 2, False),
]


def true_areas(of):
    """Of a million scores of each class: an error of .0003."""
    rng, out = np.random.default_rng(1), []
    for score in of:
        pairs = [score(rng.normal(size=10 ** 6), np.full(10 ** 6, k)) for k in (1, 0)]
        out.append(stats.mannwhitneyu(*pairs).statistic / 1e12)
    return out


def try_shapes():
    rng, cells, begun = np.random.default_rng(6), [], trust.left()
    for number, (name, size, make, shift, mixed) in enumerate(SHAPES):
        of = (make(shift), make(shift * .85))
        truth = true_areas(of)
        cell = (*size, of, mixed) if mixed else (*size, of)
        held, done = simulate(rng, cell, truth, 4000, begun * .8 / len(SHAPES))
        error = np.sqrt(.05 * .95 / done)
        cells.append((name, truth[0], held, done, error))
        trust.row(f"coverage of AUC intervals, {name}, {size[0]} against {size[1]}, AUC {truth[0]:.3f}",
                  f"{done} samples, Monte-Carlo error {error:.3f}",
                  f"shown {held[1]:.3f}, difference {held[2]:.3f} (plain {held[0]:.3f})")
    far = [f"{name}: {held[1]:.3f}, {held[2]:.3f}" for name, _, held, _, error in cells
           if min(held[1:]) < .92 - 3 * error or max(held[1:]) > .98 + 3 * error]
    trust.check(f"{len(cells)} shapes of scores not in test/coverage: .92 to .98 are held", cells and not far, "; ".join(far))


# --- BCa and permutations ---------------------------------------------------------------------

def sample(seed, n=180):
    rng = np.random.default_rng(seed)
    patient = np.cumsum(rng.random(n) < .6)
    y = (rng.random(n) < .35).astype(int)
    x = rng.normal(size=n) + 1.1 * y + rng.normal(size=patient.max() + 1)[patient]
    p = [np.round(1 / (1 + np.exp(-(x + s * rng.normal(size=n)))), 3) for s in (.5, 1.2)]
    return p, y, patient


def report_of(seed, p, y, patient, threshold):
    paths = []
    for k, score in enumerate(p):
        paths.append(os.path.join(trust.work, f"s{seed}-m{k}.csv"))
        with open(paths[-1], "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["ecg_id", "patient_id", "split", "label", "probability"])
            out.writerows([i + 1, patient[i], "test", y[i], repr(float(score[i]))] for i in range(len(y)))
            # by these the threshold is what it is to be
            out.writerows([10 ** 6 + i, 10 ** 6 + i, "valid", int(i < 20), threshold[k] if i < 20 else 0.] for i in range(40))
    folder = os.path.join(trust.work, f"s{seed}")
    trust.run("compare", *paths, "--out", folder, "--resamples", 4000)
    with open(os.path.join(folder, "report.json")) as f:
        return json.load(f)


ASKED = ["auc", "brier", "average_precision", "accuracy", "f1", "mcc", "balanced_accuracy"]


def quick(p, y, threshold):
    """Those asked for, without those that take long."""
    order = np.argsort(-p, kind="stable")
    last = np.append(np.diff(p[order]) != 0, True)
    tp, fp = np.cumsum(y[order])[last], np.cumsum(1 - y[order])[last]
    called = p >= threshold
    a, b = int((called & (y == 1)).sum()), int((called & (y == 0)).sum())
    c, d = int(y.sum()) - a, int((1 - y).sum()) - b
    return np.array([np.trapz(np.append(0, tp), np.append(0, fp)) / (tp[-1] * fp[-1]), ((p - y) ** 2).mean(),
                     (np.diff(np.append(0, tp)) / tp[-1] * tp / (tp + fp)).sum(), (a + d) / len(y), 2 * a / (2 * a + b + c),
                     (a * d - b * c) / max(float((a + b) * (a + c)) * float((d + b) * (d + c)), 1e-300) ** .5,
                     (a / (a + c) + d / (b + d)) / 2])


def bca(value, draws, left):
    z0 = stats.norm.ppf((np.mean(draws < value) + np.mean(draws <= value)) / 2)
    d = left.mean() - left
    a = (d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5)
    u = z0 + stats.norm.ppf([.025, .975])
    return np.quantile(draws, stats.norm.cdf(z0 + u / (1 - a * u)))


def try_resampling(seed, blocks):
    rng = np.random.default_rng(seed + 50)
    p, y, patient = sample(seed)
    threshold = [youden(v, y) for v in p]
    names, member = np.unique(patient, return_inverse=True)
    rows = [np.flatnonzero(member == k) for k in range(len(names))]
    figure = lambda i: np.stack([quick(v[i], y[i], t) for v, t in zip(p, threshold)])
    whole, everyone = figure(np.arange(len(y))), np.arange(len(y))
    long = figures(p[0], y, threshold[0])
    wrong = [k for k, v in zip(ASKED, whole[0]) if abs(long[k] - v) > 1e-12]
    left = np.stack([figure(np.delete(everyone, r)) for r in rows])
    draws = np.stack([figure(np.concatenate([rows[k] for k in rng.integers(len(rows), size=len(rows))]))
                      for _ in range(1000 * blocks)])
    report, worst = report_of(seed, p, y, patient, threshold), 0
    for j, name in enumerate(ASKED):
        for what, of, found in (("", lambda x: x[..., 0, j], report["models"][0]["metrics"][name]),
                                (" difference", lambda x: x[..., 0, j] - x[..., 1, j], report["pairs"][0]["metrics"][name])):
            parts = np.array([bca(of(whole), of(part), of(left)) for part in np.split(draws, blocks)])
            ends = bca(of(whole), of(draws), of(left))
            errors = parts.std(0, ddof=1) * np.sqrt(1 / 4 + 1 / blocks)
            errors = np.maximum(errors, (ends[1] - ends[0]) * .004)  # figures of counts jump
            for end, e, key in zip(ends, errors, ("bootstrap_low", "bootstrap_high")):
                worst = max(worst, abs(found[key] - end) / e)
                if abs(found[key] - end) > 5 * e:
                    wrong.append(f"{name}{what} {key}: {found[key]}, here {end} ± {e}")
    wrong += try_exchange(rng, report, p, y, member, threshold)
    trust.check(f"BCa and permutations of a report, sample {seed}", not wrong, "; ".join(wrong))
    return worst


def try_exchange(rng, report, p, y, member, threshold, n=1500):
    """Of ranks for orders, probabilities for Brier, calls for the rest."""
    rank = [stats.rankdata(v) for v in p]
    calls = [(v >= t).astype(float) for v, t in zip(p, threshold)]
    base = {"auc": rank, "average_precision": rank, "brier": p, "accuracy": calls, "f1": calls, "mcc": calls}
    at = {k: ASKED.index(k) for k in base}
    difference = lambda k, u, v: quick(u, y, .5)[at[k]] - quick(v, y, .5)[at[k]]
    seen = {k: abs(difference(k, *of)) for k, of in base.items()}
    extreme = dict.fromkeys(base, 0)
    for _ in range(n):
        swap = rng.integers(0, 2, member.max() + 1)[member] == 1
        for k, (u, v) in base.items():
            extreme[k] += abs(difference(k, np.where(swap, v, u), np.where(swap, u, v))) >= seen[k] - 1e-12
    wrong = []
    for k, e in extreme.items():
        want, found = (1 + e) / (1 + n), report["pairs"][0]["metrics"][k]["p_exchange"]
        error = np.sqrt(max(want * (1 - want), 1e-3) * (1 / n + 1 / 4000))
        if abs(found - want) > 4.5 * error:
            wrong.append(f"{k} p_exchange {found}, here {want} ± {error}")
    return wrong


worst, resampled = 0, 0
try_cells()
try_shapes()
for seed in (61, 62, 63):
    if trust.left() > 60 or not resampled:
        worst, resampled = max(worst, try_resampling(seed, 6)), resampled + 1
trust.row("BCa intervals of patients, and tests by exchange, of a report", f"{resampled} samples of 180 records, own bootstrap of 6,000 draws",
          f"ends within {worst:.1f} Monte-Carlo errors")
raise SystemExit(trust.done())
