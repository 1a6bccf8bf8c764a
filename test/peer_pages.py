#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: numpy matplotlib
"""Draws whole pages with matplotlib, as the published code did, and compares pixel by
pixel. Dataset 2: the axes, limits and both grids of the published figure; at most 20 of
307,200 pixels may differ, and those by 1 of 255. Dataset 1: Dataset 4's figure in grey,
resized by Lanczos's kernel (a = 4, eight taps) in double precision, tiled 3 x 4."""
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp())
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

SOURCE = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), ".."))
RECORDS = os.environ.get("LEADSEQ_PTBXL", os.path.join(SOURCE, "..", "shared", "ptbxl"))
MINOR, MAJOR = "#ededed", "#bababa"


def ours(mv, style, width, height, channels):
    out = subprocess.run(["test/draw_record", style, "paper-code", str(width), str(height), "1"],
                         input=mv.astype("<f4").tobytes(), stdout=subprocess.PIPE, check=True)
    return np.frombuffer(out.stdout, np.uint8).reshape(height, width, channels).astype(int)


def lines(axes, ticks, ends, colour, order, upright):
    for tick in ticks:
        at = [tick, tick]
        x, y = (at, ends) if upright else (ends, at)
        axes.plot(x, y, color=colour, marker="|" if upright else "_", zorder=order)


def grid(axes, unit_s):
    """Lines every .2 and .04 of the unit in time, .5 and .125 mV, over the limits there are."""
    (_, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    end = 0.2 * unit_s * np.ceil(right / (0.2 * unit_s))
    low, high = 0.5 * np.floor(low / 0.5), 0.5 * np.ceil(high / 0.5)
    times = [np.arange(0, end + 1e-4, step * unit_s) for step in (0.04, 0.2)]
    levels = [np.arange(low, high + 1e-4, step) for step in (0.125, 0.5)]
    limits = axes.get_xlim(), axes.get_ylim()
    for k, (colour, order) in enumerate(((MINOR, 1), (MAJOR, 2))):
        lines(axes, times[k], [levels[0].min(), levels[0].max()], colour, order, True)
        lines(axes, levels[k], [times[0].min(), times[0].max()], colour, order, False)
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])


def dataset2(mv):
    figure = plt.figure(figsize=(6.4, 4.8), dpi=100)
    for lead in range(12):
        axes = figure.add_subplot(12, 1, lead + 1)
        axes.plot(np.arange(mv.shape[1]) / 100, mv[lead], color=(31 / 255, 119 / 255, 180 / 255),
                  linewidth=1.5, zorder=3)
        grid(axes, 1)
        axes.set_ylim([-1, 1])
        grid(axes, 100)  # the published code counted seconds as samples here
        axes.set_axis_off()
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
    plt.close(figure)
    return pixels


def figure_in_grey(mv):
    figure = plt.figure(frameon=False)
    axes = figure.add_subplot(111)
    axes.plot(mv, color=(31 / 255, 119 / 255, 180 / 255))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.canvas.draw()
    rgba = np.asarray(figure.canvas.buffer_rgba()).astype(float)
    plt.close(figure)
    alpha = rgba[..., 3:] / 255
    rgb = np.floor(rgba[..., :3] * alpha + 255 * (1 - alpha) + 0.5)
    return np.floor(rgb @ [0.299, 0.587, 0.114] + 1e-6)


def taps(source, target):
    """(target, source): the weights that make one side `target` long; edges repeated."""
    weights = np.zeros((target, source))
    for i in range(target):
        at = (i + 0.5) * source / target - 0.5
        k = int(np.floor(at)) + np.arange(-3, 5)
        w = np.sinc(at - k) * np.sinc((at - k) / 4)
        np.add.at(weights[i], np.clip(k, 0, source - 1), w / w.sum())
    return weights


def dataset1(mv):
    down, across = taps(480, 512), taps(640, 512)
    tiles = [np.clip(down @ figure_in_grey(lead) @ across.T, 0, 255) for lead in mv]
    return np.vstack([np.hstack(tiles[row:row + 4]) for row in (0, 4, 8)])


def synthetic():
    random = np.random.default_rng(5)
    t = np.arange(1000) / 100
    beat = (t * 1.2) % 1
    heart = (0.12 * np.exp(-((beat - .25) / .03) ** 2) + 1.1 * np.exp(-((beat - .4) / .012) ** 2)
             - .3 * np.exp(-((beat - .43) / .012) ** 2) + .3 * np.exp(-((beat - .7) / .06) ** 2))
    mv = np.outer(np.linspace(-0.8, 2.5, 12), heart) + 0.02 * random.standard_normal((12, 1000))
    odd = mv.copy()
    odd[0], odd[1], odd[4] = 0, 0.3, -2.5
    odd[2, :40] = odd[3, 500:600] = odd[3, 702] = np.nan
    odd[5] *= 20
    return {"beats": mv, "odd leads": odd}


def real():
    folder = os.path.join(RECORDS, "records100", "00000")
    names = sorted(n for n in os.listdir(folder) if n.endswith(".dat")) if os.path.isdir(folder) else []
    return {name[:5]: np.fromfile(os.path.join(folder, name), "<i2").reshape(-1, 12).T / 1000
            for name in names[:2]}


def complaint(style, mv):
    """What is wrong with a page, or what was found if nothing is."""
    mv = mv.astype("<f4").astype(float)
    if style == "dataset2":
        away = np.abs(ours(mv, style, 640, 480, 3) - dataset2(mv)).max(axis=2)
        return (away > 0).sum() > 20 or away.max() > 1, f"{(away > 0).sum()} pixels differ by {away.max()}"
    away = np.abs(ours(mv, style, 2048, 1536, 1)[..., 0] - dataset1(mv))
    return away.max() > 5 or away.mean() > 0.1, f"mean {away.mean():.3f}, at most {away.max():.1f} of 255"


def main():
    if not os.path.exists("test/draw_record"):
        print("1..0 # SKIP test/draw_record is not built")
        return 0
    records, failed, i = {**synthetic(), **real()}, 0, 0
    print(f"1..{len(records) + 1}")
    for name, mv in list(records.items()) + [("beats", records["beats"])]:
        i += 1
        style = "dataset1" if i > len(records) else "dataset2"
        bad, text = complaint(style, mv)
        failed += bad
        print(f"{'not ok' if bad else 'ok'} {i} - {style}, {name}: {text}", flush=True)
    return 1 if failed else 0


sys.exit(main())
