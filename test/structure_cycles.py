#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No cycles between files: neither of includes, read from the sources, nor of calls, read by nm
from the objects of the build. Across folders and inside one. TAP.

    python3 test/structure_cycles.py [BUILD]     BUILD: the build's folder, at first the working one

A cycle is printed with the includes or symbols that close it. What usually opens it: what both
sides need moves into a third file below them. A table of types names its types' files, so those
must not call the table's file."""
import os
import re
import shutil
import subprocess
import sys

# Cycles that are still there, each the files that take part: to be emptied, never to be added to.
KNOWN_CALLS = [
]

root = os.environ.get("srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
source = os.path.join(root, "src")
build = sys.argv[1] if len(sys.argv) > 1 else "."


def files_of(folder, endings):
    for at, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith(endings):
                yield os.path.join(at, name)


def cycles_of(graph):
    """Sets of more than one node that all reach each other (Tarjan 1972), without recursion."""
    index, low, on_stack, stack, found = {}, {}, set(), [], []
    for start in sorted(graph):
        work = [] if start in index else [(start, iter(sorted(graph[start])))]
        if work:
            index[start] = low[start] = len(index)
            stack.append(start)
            on_stack.add(start)
        while work:
            node, rest = work[-1]
            for to in rest:
                if to not in index:
                    index[to] = low[to] = len(index)
                    stack.append(to)
                    on_stack.add(to)
                    work.append((to, iter(sorted(graph.get(to, ())))))
                    break
                if to in on_stack:
                    low[node] = min(low[node], index[to])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members = set()
                    while node not in members:
                        members.add(stack.pop())
                    on_stack -= members
                    if len(members) > 1 or node in graph.get(node, ()):
                        found.append(members)
    return found


def includes():
    """{file: {included file: the header as written}}"""
    graph = {}
    for path in files_of(source, (".c", ".h")):
        name = os.path.relpath(path, source)
        graph[name] = {}
        with open(path, encoding="utf-8") as file:
            for header in re.findall(r'^ *# *include *"([^"]+)"', file.read(), re.M):
                for folder in (os.path.dirname(path), source):
                    to = os.path.normpath(os.path.join(folder, header))
                    if os.path.exists(to):
                        graph[name][os.path.relpath(to, source)] = header
                        break
    return graph


def calls():
    """{object: {object whose symbols it needs: the symbols}}; objects named as their sources."""
    defined, needed = {}, {}
    for path in files_of(os.path.join(build, "src"), (".o",)):
        name = re.sub(r"lib\w+_a-", "", os.path.relpath(path, os.path.join(build, "src")))[:-2]
        if not os.path.exists(os.path.join(source, name + ".c")):
            continue  # left from a file that is gone
        needed[name] = set()
        for line in subprocess.run(["nm", path], capture_output=True, text=True,
                                   check=True).stdout.splitlines():
            kind, symbol = line.split()[-2:]
            if kind == "U":
                needed[name].add(symbol)
            elif kind in "TDBRC":
                defined.setdefault(symbol, []).append(name)
    graph = {}
    for name, symbols in needed.items():
        graph[name] = {}
        for symbol in sorted(symbols):
            for to in defined.get(symbol, []):
                if to != name:
                    graph[name].setdefault(to, []).append(symbol)
    return graph


def report(number, what, graph, known):
    bad = [c for c in cycles_of(graph) if not any(c <= set(k.split()) for k in known)]
    print(f"{'not ok' if bad else 'ok'} {number} - {what}")
    for cycle in bad:
        print(f"#   {' '.join(sorted(cycle))}")
        for name in sorted(cycle):
            for to in sorted(set(graph[name]) & cycle):
                via = graph[name][to]
                print(f"#     {name} -> {to}: {via if isinstance(via, str) else ' '.join(via)}")
    return not bad


def main():
    print("1..2")
    report(1, "no file is included by what it includes", includes(), [])
    graph = calls() if shutil.which("nm") else {}
    if len(graph) < 50:
        why = "no nm" if not shutil.which("nm") else f"no objects in {os.path.abspath(build)}/src"
        print(f"ok 2 # SKIP calls: {why}")
        return
    report(2, "no file is called by what it calls", graph, KNOWN_CALLS)
    found = cycles_of(graph)
    for known in KNOWN_CALLS:
        if not any(c <= set(known.split()) for c in found):
            print(f"# gone, to be removed from KNOWN_CALLS: {known}")


main()
