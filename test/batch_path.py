#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How often a reader who follows one training batch comes back to a file already visited. TAP.

The path is the call order of one step: from take_steps() in src/train/loop.c, which asks the
reader for a batch, to the optimiser's step. A function's calls are followed in the order in which
they are written, each as often as it is written, with every branch taken; calls by a pointer are
followed where INDIRECT names one implementation. Files of the reader (src/dataset), of training
(src/train) and of the optimisers (src/optim) are visited; a call into another folder (the model's
passes, the loss, clocks) is one line to read and no visit, because there the batch is somebody
else's. Ranks are those over MPI, which do something.

Entering a function of another file is a visit to that file, and so is continuing after the call. A
visit to a file that has been visited before counts as a return. A path in one file would have 0.

    python3 test/batch_path.py             the test
    python3 test/batch_path.py -v [TREE]   the path itself, of TREE, as an indented list

Before training was divided into files by idea, the same count was
29: `git worktree add old 25fd0ef && python3 test/batch_path.py -v old`. Half of it is allowed.
"""
import os
import re
import sys

BEFORE = 29
START = ("train/loop.c", "take_steps")
STOP = {"leadseq_optimizer_step", "train_optimizer_step"}
FOLDERS = {"dataset", "train", "optim"}
INDIRECT = {"rate": ("optim/constant.c", "rate"), "momentum": ("optim/sgd.c", "momentum")}
NOT_BUILT = {"train/ranks_one.c"}
WORDS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else"}


def code_of(path):
    """The text of a file without comments and what strings say."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\])*"', '""', text)


class Tree:
    def __init__(self, root):
        self.public, self.own = {}, {}
        source = os.path.join(root, "src")
        for folder, _, names in os.walk(source):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    path = os.path.join(folder, name)
                    self.read(os.path.relpath(path, source), code_of(path))

    def read(self, file, code):
        # A definition: its head begins a line, its braces are alone in the first column.
        for m in re.finditer(r"^(\w[^;{}()]*?)(\w+)\(([^;{}]*)\)\s*\n\{\n(.*?)^\}", code, re.M | re.S):
            self.own[file, m.group(2)] = m.group(4)
            if "static" not in m.group(1) and file not in NOT_BUILT:
                self.public[m.group(2)] = file
            elif file.endswith(".h"):
                self.public.setdefault(m.group(2), file)

    def find(self, file, name):
        """Where a call of `name` in `file` goes: (file, function), or None."""
        if (file, name) in self.own:
            return file, name
        return (self.public[name], name) if name in self.public else None

    def calls(self, file, name):
        """(file, function) in the order they are written."""
        for m in re.finditer(r"(->|\.)?\b(\w+)\s*\(", self.own[file, name]):
            word = m.group(2)
            if m.group(1):
                if word in INDIRECT and INDIRECT[word] in self.own:
                    yield INDIRECT[word]
            elif word not in WORDS:
                to = self.find(file, word)
                if to and to != (file, name):
                    yield to


def path_of(tree):
    """[(depth, file, function, whether it continues there after a call)]"""
    path = []

    def enter(depth, file, name, above):
        if file.split("/")[0] not in FOLDERS or (file, name) in above:
            return False
        path.append((depth, file, name, False))
        if name in STOP:
            return True
        for to in tree.calls(file, name):
            before = len(path)
            if enter(depth + 1, *to, above | {(file, name)}):
                return True
            if len(path) > before:
                path.append((depth, file, name, True))
        return False

    if START not in tree.own:
        sys.exit(f"Bail out! src/{START[0]} has no function {START[1]}()")
    reached = enter(0, *START, frozenset())
    return path, reached


def returns_in(path):
    visited, present, returns = {path[0][1]}, path[0][1], 0
    for _, file, _, _ in path:
        if file != present:
            returns += file in visited
            visited.add(file)
            present = file
    return returns, visited


def show(path):
    for depth, file, name, again in path:
        print("  " * depth + (f"... {file} {name}" if again else f"{file} {name}"))


def main():
    verbose = sys.argv[1:2] == ["-v"]
    root = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("srcdir") or os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..")
    path, reached = path_of(Tree(root))
    returns, visited = returns_in(path)
    if verbose:
        show(path)
        print(f"{returns} returns, {len(visited)} files")
        return
    print("1..2")
    print(f"{'ok' if reached else 'not ok'} 1 - the path of a batch ends at the optimiser's step")
    good = 2 * returns <= BEFORE
    print(f"{'ok' if good else 'not ok'} 2 - it returns to files already visited at most {BEFORE // 2} "
          f"times ({BEFORE} before)")
    print(f"# {returns} returns, files: {' '.join(sorted(visited))}")


main()
