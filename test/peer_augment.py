# SPDX-License-Identifier: MIT
# needs: numpy torch
"""data.augment: fastai2 against PyTorch: from the same draws the same images, written out as fastai
2 has them: affine_grid, a homography of the grid, grid_sample with reflection, then brightness and
contrast on logits. In float64; ours to 2e-5 of white."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch.nn import functional as F

BUILD = os.path.dirname(os.environ.get("LEADSEQ", "./leadseq"))
N, BOUND = 24, 2e-5
SIZES = {"wide, grey": (41, 27, 1), "high, in colour": (30, 52, 3), "a page of 160 x 120": (160, 120, 3)}


def homography(src, dst):
    rows, right = [], []
    for (a, b), (c, d) in zip(src, dst):
        rows += [[a, b, 1, 0, 0, 0, -c * a, -c * b], [0, 0, 0, a, b, 1, -d * a, -d * b]]
        right += [c, d]
    return np.linalg.solve(np.array(rows), np.array(right))


def see(image, draw):
    degrees, zoom, u, v, x, y, brightness, contrast = draw
    h, w = image.shape[2:]
    angle, s = np.radians(degrees), 1 / zoom
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    scale = np.array([[s, 0, (1 - s) * (2 * u - 1)], [0, s, (1 - s) * (2 * v - 1)], [0, 0, 1]])
    matrix = (turn @ scale)[:2]
    matrix[0, 1] *= h / w
    matrix[1, 0] *= w / h
    grid = F.affine_grid(torch.tensor(matrix)[None], image.shape, align_corners=True)
    c = homography([(-1 - y, -1 - x), (-1 + y, 1 + x), (1 + y, -1 + x), (1 - y, 1 - x)],
                   [(-1, -1), (-1, 1), (1, -1), (1, 1)])
    p, q = grid[..., 0], grid[..., 1]
    below = c[6] * p + c[7] * q + 1
    grid = torch.stack([(c[0] * p + c[1] * q + c[2]) / below, (c[3] * p + c[4] * q + c[5]) / below], -1)
    seen = F.grid_sample(image, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
    if brightness == 0.5 and contrast == 1:
        return seen
    z = torch.logit(seen.clamp(1e-7, 1 - 1e-7)) + np.log(brightness / (1 - brightness))
    return torch.sigmoid(contrast * z)


def judge(width, height, channels):
    count, worst, kinds = width * height * channels, 0, set()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump")
        subprocess.run([os.path.join(BUILD, "test/augment_dump"), path, str(width), str(height),
                        str(channels), str(N)], check=True)
        with open(path, "rb") as file:
            image = np.frombuffer(file.read(count), np.uint8).reshape(height, width, channels)
            x = torch.tensor(image / 255).permute(2, 0, 1)[None]
            for _ in range(N):
                draw = [float(v) for v in file.readline().split()]
                ours = np.frombuffer(file.read(4 * count), np.float32).reshape(height, width, channels)
                kinds |= {i for i, none in ((0, 0), (1, 1), (4, 0), (5, 0), (6, .5), (7, 1))
                          if draw[i] != none}
                theirs = see(x, draw)[0].permute(1, 2, 0).numpy()
                worst = max(worst, np.abs(theirs - ours).max())
    return worst if len(kinds) == 6 else np.inf


def main():
    print(f"1..{len(SIZES)}")
    failed = False
    for number, (name, size) in enumerate(SIZES.items(), 1):
        worst = judge(*size)
        failed |= not worst <= BOUND
        print(f"{'ok' if worst <= BOUND else 'not ok'} {number} - {name}: to {worst:.1e}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
