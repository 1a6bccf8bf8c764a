# SPDX-License-Identifier: MIT
"""Processor time of a training step of programs, or of one program with other options, taken in turn
so that what else runs on the machine meets all alike:

  turns.py --data STACK.h5 EXPERIMENT.yaml  PROGRAM [KEY=VALUE …]  -- PROGRAM [KEY=VALUE …]  [-- …]

Each is a training of 2 steps and one of 2 + STEPS with one thread: user and system time of the second
less the first, by STEPS. With --whole it is one run's, by its steps. Prints medians with quartiles, and
those of the ratios to the first program's in the same round."""
import argparse
import os
import resource
import subprocess
import sys
import tempfile

import numpy as np


def processor_time(words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr.strip()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


class Turns:
    def __init__(self, options):
        self.o = options
        self.folder = tempfile.TemporaryDirectory()
        self.count = 0

    def train(self, program, values, steps):
        self.count += 1
        return processor_time([program, "train", self.o.experiment, "--data", self.o.data, "--out",
                               os.path.join(self.folder.name, str(self.count)), f"train.max_steps={steps}",
                               "train.threads=1", "train.epochs=1000", *values])

    def step(self, program, *values):
        """Seconds."""
        if self.o.whole:
            return self.train(program, values, self.o.steps) / self.o.steps
        return (self.train(program, values, 2 + self.o.steps) - self.train(program, values, 2)) / self.o.steps


def shown(values, unit=1.):
    low, middle, high = (v * unit for v in np.quantile(values, [.25, .5, .75]))
    return f"{middle:.4g} [{low:.4g}, {high:.4g}]"


def main():
    parts = [[]]
    for word in sys.argv[1:]:
        parts[-1:] = [parts[-1] + [word]] if word != "--" else [parts[-1], []]
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("experiment")
    parser.add_argument("program", nargs="+")
    turns = Turns(parser.parse_args(parts[0]))
    all_words = [turns.o.program, *parts[1:]]
    os.environ["OMP_NUM_THREADS"] = "1"
    times = []
    for _ in range(turns.o.rounds):
        times.append([turns.step(*words) for words in all_words])
        print("#", *(f"{t:.4f}" for t in times[-1]), "s", file=sys.stderr, flush=True)
    for words, of in zip(all_words, np.array(times).T):
        print(f"{' '.join(words)}: {shown(of, 1e3)} ms a step, {shown(of / np.array(times)[:, 0])} of the first's, "
              f"{len(of)} rounds")


if __name__ == "__main__":
    main()
