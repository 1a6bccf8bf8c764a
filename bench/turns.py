# SPDX-License-Identifier: MIT
"""Processor time of programs, or of one program with other options, taken in turn so that what else
runs on the machine meets all alike:

  turns.py --shape NAME                      PROGRAM [KEY=VALUE …]  -- PROGRAM [KEY=VALUE …]  [-- …]
  turns.py --data STACK.h5 EXPERIMENT.yaml   PROGRAM [KEY=VALUE …]  -- PROGRAM [KEY=VALUE …]  [-- …]

With --shape it is `leadseq bench`, whose clock is made to show processor time: step, evaluation and
memory. With --data it is `leadseq train`, whatever its options do: a training of 2 steps and one of
2 + STEPS, user and system time of the second less the first, by STEPS; with --whole one run's, by its
steps. One thread, since threads that wait for each other use processor time. Prints medians with
quartiles, and those of the ratios to the first program's in the same round."""
import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile

import numpy as np

# The monotonic clock of a program that loads this is its processor time.
CLOCK = """#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
    if (id == CLOCK_MONOTONIC) id = CLOCK_PROCESS_CPUTIME_ID;
    return (int)syscall(SYS_clock_gettime, id, t);
}
"""
SHOWN = {"train_step_s": (1e3, "ms a step"), "forward_s": (1e3, "ms an evaluation"),
         "peak_bytes": (1e-6, "MB of a step"), "forward_peak_bytes": (1e-6, "MB of an evaluation")}


def run(words, **environment):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, env={**os.environ, "OMP_NUM_THREADS": "1", **environment})
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr.strip()}")


def processor_time(words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


class Shape:
    """What `leadseq bench` measures, by processor time."""

    def __init__(self, o, folder):
        self.o, self.out, self.clock = o, os.path.join(folder, "bench"), os.path.join(folder, "clock.so")
        compiler = os.environ.get("CC", "cc").split()
        subprocess.run([*compiler, "-O2", "-shared", "-fPIC", "-x", "c", "-", "-o", self.clock], input=CLOCK,
                       text=True, check=True)

    def measure(self, program, *values):
        run([program, "bench", "--shape", self.o.shape, "--threads", "1", "--repeat", "2", "--records", "32",
             "--out", self.out, "--force", *values], LD_PRELOAD=self.clock)
        with open(os.path.join(self.out, "bench.tsv")) as table:
            rows = list(csv.DictReader(table, delimiter="\t"))
        return {r["quantity"]: float(r["median"]) for r in reversed(rows) if r["quantity"] in SHOWN}


class Training:
    """A step of `leadseq train`, with all that its experiment does beside it."""

    def __init__(self, o, folder):
        self.o, self.folder, self.count = o, folder, 0

    def train(self, program, values, steps):
        self.count += 1
        return processor_time([program, "train", self.o.experiment, "--data", self.o.data, "--out",
                               os.path.join(self.folder, str(self.count)), f"train.max_steps={steps}",
                               "train.threads=1", "train.epochs=1000", *values])

    def measure(self, program, *values):
        o = self.o
        took = self.train(program, values, o.steps if o.whole else 2 + o.steps)
        return {"train_step_s": (took if o.whole else took - self.train(program, values, 2)) / o.steps}


def shown(values, unit=1.):
    low, middle, high = (v * unit for v in np.quantile(values, [.25, .5, .75]))
    return f"{middle:.4g} [{low:.4g}, {high:.4g}]"


def split(words):
    """Options and the first program; the others."""
    parts = [[]]
    for word in words:
        parts[-1:] = [parts[-1] + [word]] if word != "--" else [parts[-1], []]
    return parts


def read_options(words):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape")
    parser.add_argument("--data")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("program", nargs="+")
    o = parser.parse_args(words)
    if bool(o.shape) == bool(o.data):
        parser.error("expected --shape or --data")
    if o.data:
        o.experiment, *o.program = o.program
    return o


def main():
    first, *others = split(sys.argv[1:])
    o = read_options(first)
    all_words, rounds = [o.program, *others], []
    with tempfile.TemporaryDirectory() as folder:
        measured = Shape(o, folder) if o.shape else Training(o, folder)
        for _ in range(o.rounds):
            rounds.append([measured.measure(*words) for words in all_words])
            print("#", *(f"{found['train_step_s']:.4f}" for found in rounds[-1]), "s", file=sys.stderr, flush=True)
    for quantity, (unit, name) in SHOWN.items():
        if quantity not in rounds[0][0]:
            continue
        values = np.array([[found[quantity] for found in turn] for turn in rounds])
        for words, of in zip(all_words, values.T):
            print(f"{' '.join(words)}: {shown(of, unit)} {name}, {shown(of / values[:, 0])} of the first's, "
                  f"{len(of)} rounds")


if __name__ == "__main__":
    main()
