# SPDX-License-Identifier: MIT
# needs: numpy torch
# seconds: 2100
"""The first training step of every experiments/*/experiment.yaml at its own image size and batch,
taken by the program with one, two and three threads, and again by PyTorch in float64 and float32 from
the same weights and images of simulated records.

A tensor's error is that of its gradient's norm against float64, relative. Two comparisons: "free",
where each program decides about ReLUs and maxima itself, so that a value that is zero but for rounding
changes gradients by more than rounding; and "same decisions", which leaves rounding alone.

With the same decisions the largest error of a network's tensors must be at most PyTorch's float32's, and
all numbers of threads must give the same bits. Of a single tensor both errors are chance where they are
roundings of single values, 1e-7 or so: where ours is the larger one the table says so."""
import glob
import os
import re
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
from step import Dump  # noqa: E402
from trust import Trust  # noqa: E402

ROOT = os.path.join(HERE, "..", "..")
THREADS = 1, 2, 3
RECORDS = 140  # eight of ten folds train: more than a batch
# TRUST_SEED: another draw of records; TRUST_STEPS: these experiments alone.
SEED, ALONE = int(os.environ.get("TRUST_SEED", 1)), os.environ.get("TRUST_STEPS", "").split()
SUMS = 1e-6  # of batch norms: means by the deviation, variances, backward sums by absolute terms


def step_dump(trust, *words):
    program = os.path.join(os.path.dirname(trust.leadseq), "test", "trust", "step_dump")
    done = subprocess.run([program, *map(str, words)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def quickstart_size():
    """Of experiments that leave the size to the stack."""
    with open(os.path.join(ROOT, "quickstart")) as text:
        return re.search(r"\bSIZE=(\d+x\d+)", text.read()).group(1)


def stack_for(trust, option):
    """A stack as the experiment wants it, drawn once for all that want the same."""
    size = option["data.size"] if "x" in option["data.size"] else quickstart_size()
    style = [] if option["data.style"] == "any" else ["--style", option["data.style"]]
    if option["data.profile"] != "any":
        style += ["--profile", option["data.profile"]]
    records = os.path.join(trust.work, "records")
    path = os.path.join(trust.work, "-".join([size, *style[1::2]]) + ".h5")
    if not os.path.exists(records):
        trust.run("synth", "--out", records, "--patients", RECORDS, "--seed", SEED)
    if not os.path.exists(path):
        trust.run("render", "--ptbxl", records, "--out", path, "--size", size, *style)
    return path


class Step:
    """One experiment's step: ours by the number of threads, and PyTorch's."""

    def __init__(self, trust, path, option, batch):
        self.trust, self.path, self.batch = trust, path, batch
        self.stack = stack_for(trust, option)
        self.ours = {n: self.take(n) for n in THREADS}

    def file(self, name):
        return os.path.join(self.trust.work, name)

    def take(self, threads):
        lines = step_dump(self.trust, self.path, self.stack, self.file(f"{threads}.f32"),
                          f"train.threads={threads}", f"train.batch={self.batch}",
                          "train.accumulate=1", "train.precision=f32")
        with open(self.file(f"{threads}.txt"), "w") as out:
            out.write(lines)
        dump = Dump(self.file(f"{threads}.txt"), self.file(f"{threads}.f32"))
        if threads != THREADS[0]:
            os.remove(self.file(f"{threads}.f32"))
            dump.tensor.pop("decided", None)
            dump.tensor["array"].pop("images")
        return dump

    def theirs(self, kind, decisions):
        """PyTorch's; None where its memory does not suffice."""
        out = self.file("theirs.npz")
        done = subprocess.run([sys.executable, os.path.join(HERE, "lib", "step.py"),
                               self.file("1.txt"), self.file("1.f32"), out, kind, "2", decisions],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1] if done.stderr else str(done.returncode)
            if re.search("memory|alloc|Unable to", last):
                return None
            raise RuntimeError(last)
        return dict(np.load(out))


def norm(x):
    return float(np.linalg.norm(np.asarray(x, dtype=np.float64)))


def errors(found, exact):
    """name -> relative error of the gradient's norm; a gradient of zeros must be zeros."""
    of = {}
    for name, ours in found.items():
        right = norm(exact[f"gradient {name}"])
        of[name] = abs(norm(ours) - right) / right if right else (0. if norm(ours) == 0 else np.inf)
    return of


def where_larger(ours, theirs):
    """In words: the tensors where ours is farther off, and the farthest of them."""
    more = {k: ours[k] / theirs[k] if theirs[k] else np.inf for k in ours if ours[k] > theirs[k]}
    if not more:
        return f"at most PyTorch's in all {len(ours)} tensors"
    ratio, name = worst(more)
    return (f"more than PyTorch's in {len(more)} of {len(ours)} tensors, at most {ratio:.1f} times "
            f"({name}: {ours[name]:.1e}, {theirs[name]:.1e}), the largest of them "
            f"{max(ours[k] for k in more):.1e}")


def gradients(arrays):
    return {k[len("gradient "):]: v for k, v in arrays.items() if k.startswith("gradient ")}


def worst(of):
    name = max(of, key=of.get)
    return of[name], name


def statistics(norms, exact, before):
    """Errors of batch norms' means, by the deviation, of variances, relative, and of backward sums, by
    the sum of absolute terms: of the doubles that the layers have before they round."""
    worst = dict.fromkeys(("mean", "var", "dshift", "dscale"), 0.)
    for name, ours in norms.items():
        after = {k: (exact[f"after {name}.running_{k}"] - .9 * before[f"{name}.running_{k}"].astype(float)) / .1
                 for k in ("mean", "var")}
        m = ours["values"][0]
        variance = after["var"] * (m - 1) / m
        gradient = {"dshift": exact[f"gradient {name}.bias"], "dscale": exact[f"gradient {name}.weight"]}
        off = {"mean": (ours["mean"] - after["mean"]) / np.sqrt(variance),
               "var": (ours["var"] - variance) / variance}
        off |= {k: (ours[k] - v) / np.maximum(exact[f"terms {name}.{k}"], 1e-300)
                for k, v in gradient.items()}
        worst = {k: max(v, float(abs(off[k]).max())) for k, v in worst.items()}
    return worst


def moved(found, exact, before):
    """Worst error of a tensor's update, relative to the update."""
    return worst({k: norm(v - exact[f"moved {k}"]) / norm(before[k] - exact[f"moved {k}"])
                  for k, v in found.items() if norm(before[k] - exact[f"moved {k}"]) > 0})[0]


class Report:
    """What one experiment's comparisons say, as verdicts and as cells of its row."""

    def __init__(self, trust, name, step):
        self.trust, self.name, self.step = trust, name, step

    def compare(self, how, exact, rough):
        ours = {n: errors(d.tensor["gradient"], exact) for n, d in self.step.ours.items()}
        theirs = errors(gradients(rough), exact)
        own = max((worst(of) for of in ours.values()))
        best = worst(theirs)
        first = ours[THREADS[0]]
        text = (f"{how}: worst gradient norm {own[0]:.1e} ({own[1]}), PyTorch f32 {best[0]:.1e} "
                f"({best[1]}); {where_larger(first, theirs)}")
        return own[0], best[0], text

    def threads(self):
        """Tensors of the gradient, and logits, that are not the same bits with every number of threads."""
        dumps = list(self.step.ours.values())
        kinds = [("gradient", k) for k in dumps[0].tensor["gradient"]] + [("array", "logits")]
        return [name for kind, name in kinds
                if any(not np.array_equal(d.tensor[kind][name], dumps[0].tensor[kind][name])
                       for d in dumps[1:])]

    def write(self, exact, rough, free):
        ours = self.step.ours[THREADS[0]]
        check, name = self.trust.check, self.name
        own, best, text = self.compare("same decisions", exact, rough)
        check(f"{name}: gradient norms", own <= best, text)
        apart = self.threads()
        check(f"{name}: {len(THREADS)} numbers of threads", not apart,
              f"other bits: {', '.join(apart)}")
        loss = abs(ours.numbers["cost"] - float(exact["loss"])) / abs(float(exact["loss"]))
        check(f"{name}: loss", loss <= 1e-6, f"off by {loss:.1e}")
        norms = statistics(ours.norm, exact, ours.tensor.get("state", {}))
        told = (f"batch norm means {norms['mean']:.1e} of the deviation, variances {norms['var']:.1e}, "
                f"backward sums {norms['dshift']:.1e} and {norms['dscale']:.1e} of the sum of absolute terms")
        check(f"{name}: batch norm", max(norms.values()) <= SUMS, told)
        before = ours.tensor["param"]
        update = moved(ours.tensor["moved"], exact, before)
        peer = moved({k[len("moved "):]: v for k, v in rough.items() if k.startswith("moved ")},
                     exact, before)
        check(f"{name}: updates", update <= max(2 * peer, 1e-4),
              f"off by {update:.1e}, PyTorch f32 {peer:.1e}")
        cells = [text, "same bits with 1, 2, 3 threads" if not apart else
                 f"other bits with other numbers of threads: {', '.join(apart)}", f"loss {loss:.1e}",
                 f"update of a tensor {update:.1e} (PyTorch f32 {peer:.1e})"]
        if ours.tensor.get("state"):
            cells.append(told)
        if free:
            cells.insert(1, self.compare("free", *free)[2])
        n = ours.numbers
        size = f"{int(n['width'])}x{int(n['height'])}, batch {int(n['records'])}"
        self.trust.row(f"first step of {name}, {size}", "PyTorch in float64", "; ".join(cells))
        print(f"# {name}: " + "; ".join(cells), flush=True)


def batch_of(option):
    return int(option["train.batch"]) // int(option["train.accumulate"])


def cost_of(option):
    """In proportion to the time a step takes, roughly."""
    size = option["data.size"] if "x" in option["data.size"] else quickstart_size()
    return int(np.prod([int(side) for side in size.split("x")])) * batch_of(option)


def study(trust, name, path, option, share):
    """The whole batch or, where float64 does not fit, the largest half of it that does."""
    batch = batch_of(option)
    until = trust.left() - share
    while True:
        step = Step(trust, path, option, batch)
        exact = step.theirs("float64", "ours")
        if exact:
            break
        if batch == 1:
            raise RuntimeError("float64 does not fit the memory, even with one record")
        batch //= 2
    rough, free = step.theirs("float32", "ours"), None
    if trust.left() > until + share / 2:  # there is time for as much again
        free = step.theirs("float64", "free"), step.theirs("float32", "free")
    Report(trust, name, step).write(exact, rough, free)


def experiments(trust):
    """cost, name, path, options of each, the cheapest first."""
    for path in glob.glob(os.path.join(ROOT, "experiments", "*", "experiment.yaml")):
        option = dict(line.split("\t")[1:] for line in step_dump(trust, path).splitlines())
        yield cost_of(option), os.path.basename(os.path.dirname(path)), path, option


def main():
    trust = Trust()
    found = sorted((one for one in experiments(trust) if one[1] in (ALONE or [one[1]])),
                   key=lambda one: one[:2])
    for i, (_, name, path, option) in enumerate(found):
        try:
            if trust.left() <= 0:
                raise RuntimeError("no time was left")
            study(trust, name, path, option, trust.left() / (len(found) - i))
        except (RuntimeError, OSError) as error:
            trust.check(f"{name}: a step to compare", False, error)
    return trust.done()


if __name__ == "__main__":
    sys.exit(main())
