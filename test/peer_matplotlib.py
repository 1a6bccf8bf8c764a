#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: numpy matplotlib
"""Draws the same signals with matplotlib, as the published code did, and compares:
structural similarity >= .999, ink share within 3 %, extremes within half a pixel; with 16 grey
levels at 512 x 512 the similarity to all 256 is above .995.
Real records are added where a PTB-XL folder is at hand."""
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp())
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

SIZES = [(640, 480), (512, 512), (256, 192), (128, 128)]
SOURCE = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), ".."))
RECORDS = os.environ.get("LEADSEQ_PTBXL", os.path.join(SOURCE, "..", "shared", "ptbxl"))


def ours(mv, profile, width, height):
    out = subprocess.run(["test/draw_lead", profile, str(width), str(height)],
                         input=mv.astype("<f4").tobytes(), stdout=subprocess.PIPE, check=True)
    return np.frombuffer(out.stdout, np.uint8).reshape(height, width, -1).astype(float)


def theirs(mv, colour, width, height):
    """The published figure on white: default axes, no ticks, no spines, 1.5 pt at 640 px."""
    figure = plt.figure(figsize=(width / 100, height / 100), dpi=100, frameon=False)
    axes = figure.add_subplot(111)
    axes.plot(mv.astype("<f4").astype(float), linewidth=1.5 * width / 640,
              color=[c / 255 for c in colour])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.patch.set_visible(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.canvas.draw()
    rgba = np.asarray(figure.canvas.buffer_rgba()).astype(float)
    plt.close(figure)
    alpha = rgba[..., 3:] / 255
    return rgba[..., :3] * alpha + 255 * (1 - alpha)


def smooth(image):
    """Gaussian window of 11 samples, sigma 1.5, both ways, as SSIM's authors use."""
    t = np.arange(-5, 6)
    window = np.exp(-t * t / (2 * 1.5 ** 2))
    window /= window.sum()
    for axis in (0, 1):
        image = np.apply_along_axis(np.convolve, axis, image, window, "valid")
    return image


def ssim(a, b):
    """Wang, Bovik, Sheikh & Simoncelli 2004, mean over the image."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = smooth(a), smooth(b)
    va, vb, cov = smooth(a * a) - ma * ma, smooth(b * b) - mb * mb, smooth(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) /
                   ((ma * ma + mb * mb + c1) * (va + vb + c2)))


def extremes(image):
    """Left, right, top, bottom of the ink, in fractions of a pixel: a border pixel
    counts as far as it is inked, relative to the darkest of its row or column."""
    ink = 255 - image
    edges = []
    for axis in (0, 1):
        line = ink.max(axis=axis)
        full = line.max()
        inked = np.flatnonzero(line > 0.02 * full)
        first, last = inked[0], inked[-1]
        edges += [first + 1 - line[first] / full, last + line[last] / full]
    return np.array(edges)


def synthetic():
    """Leads by name, drawn from a fixed seed."""
    random = np.random.default_rng(5)
    t = np.arange(1000) / 100
    beat = (t * 1.2) % 1
    heart = (0.12 * np.exp(-((beat - .25) / .03) ** 2) + 1.1 * np.exp(-((beat - .4) / .012) ** 2)
             - .3 * np.exp(-((beat - .43) / .012) ** 2) + .3 * np.exp(-((beat - .7) / .06) ** 2))
    gaps = heart.copy()
    gaps[:37] = gaps[500:520] = gaps[700] = gaps[702] = gaps[-5:] = np.nan
    return {
        "beats": heart,
        "beats with noise": heart + 0.02 * random.standard_normal(1000),
        "noise alone": random.standard_normal(1000),
        "a spike": np.where(np.arange(1000) == 500, 5.0, 0.0),
        "a slow wave": np.sin(t),
        "a flat lead": np.full(1000, 0.7),
        "missing samples": gaps,
        "500 Hz": np.interp(np.arange(5000) / 5, np.arange(1000), heart)
                  + 0.01 * random.standard_normal(5000),
        "fifty samples": random.standard_normal(50),
        "two samples": np.array([0.0, 1.0]),
    }


def real():
    leads = {}
    folder = os.path.join(RECORDS, "records100", "00000")
    names = sorted(n for n in os.listdir(folder) if n.endswith(".dat")) if os.path.isdir(folder) else []
    for i, name in enumerate(names[:12]):
        samples = np.fromfile(os.path.join(folder, name), "<i2").reshape(-1, 12)
        leads[f"{name[:5]} lead {i}"] = samples[:, i] / 1000
    return leads


def compare(mv, width, height):
    """Complaints about one lead at one size, and its structural similarity."""
    bad, worst = [], 1
    for profile, colour in (("paper-code", (31, 119, 180)), ("paper-text", (99, 99, 99))):
        a, b = ours(mv, profile, width, height), theirs(mv, colour, width, height)
        for c in range(a.shape[2]):
            worst = min(worst, ssim(a[..., c], b[..., c]))
        ink = (a[..., 0] < 250).mean() / (b[..., 0] < 250).mean() - 1
        moved = np.abs(extremes(a[..., 0]) - extremes(b[..., 0])).max()
        if abs(ink) > 0.03:
            bad.append(f"{profile}: {100 * ink:+.1f} % ink")
        if moved > 0.5:
            bad.append(f"{profile}: an extreme is {moved:.2f} px away")
    if worst < 0.999:
        bad.append(f"similarity {worst:.4f}")
    return bad, worst


def with_levels(leads, levels):
    """The leads, twelve at a time, as leadseq draws them with `levels` grey levels: (n, 512, 512)."""
    out = subprocess.run(["test/draw_record", "dataset4", "paper-text", "512", "512", "1", "1",
                          str(levels)], input=np.concatenate(leads).astype("<f4").tobytes(),
                         stdout=subprocess.PIPE, check=True)
    return np.frombuffer(out.stdout, np.uint8).reshape(12, 512, 512).astype(float)


def compare_levels(leads):
    """The least similarity of 16 levels to all, and how many values there are."""
    twelve = [mv for mv in leads if len(mv) == 1000][:12]
    twelve += twelve[:12 - len(twelve)]
    few, all_of_them = with_levels(twelve, 16), with_levels(twelve, 0)
    return min(ssim(a, b) for a, b in zip(few, all_of_them)), len(np.unique(few))


def main():
    if not os.path.exists("test/draw_lead") or not os.path.exists("test/draw_record"):
        print("1..0 # SKIP test/draw_lead and test/draw_record are not built")
        return 0
    leads = {**synthetic(), **real()}
    failed = 0
    print(f"1..{len(leads) + 1}")
    for i, (name, mv) in enumerate(leads.items(), 1):
        bad, worst = [], 1
        for width, height in SIZES:
            some, similarity = compare(mv, width, height)
            bad += [f"{width}x{height} {text}" for text in some]
            worst = min(worst, similarity)
        failed += bool(bad)
        print(f"{'not ok' if bad else 'ok'} {i} - {name}: similarity {worst:.4f} or more", flush=True)
        for text in bad:
            print("#", text)
    similarity, values = compare_levels([*real().values(), *synthetic().values()])
    bad = not 0.995 < similarity < 1 or not 8 <= values <= 16
    print(f"{'not ok' if bad else 'ok'} {len(leads) + 1} - 16 levels: similarity {similarity:.5f}, "
          f"{values} values")
    return 1 if failed or bad else 0


sys.exit(main())
