#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drawing Dataset 4 and compressing it: leadseq against the paper's method, which saves a matplotlib
figure as PNG, with one process per processor. The two take turns on the same records and processors.

    make bench-render [BENCH_PTBXL=DIR] [BENCH_ROUNDS=5] [BENCH_RECORDS=200] [BENCH_WORKERS=N]

leadseq is timed as a whole program: reading records, drawing, compressing, writing the stack.
matplotlib is timed without its start: records are in memory, figures drawn once before. Prints a table
and writes bench-results/render.tsv; fails where the median ratio is below 20."""
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp())
LEADS, SIDE, PEER_RECORDS = 12, 512, 2


def setting(name, default):
    return int(os.environ.get(name) or default)


def records_folder(leadseq, work):
    """BENCH_PTBXL, a PTB-XL folder beside the source, or simulated records."""
    source = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), ".."))
    beside = os.path.join(source, "..", "shared", "ptbxl")
    given = os.environ.get("BENCH_PTBXL") or (beside if os.path.isdir(beside) else "")
    if given:
        return given, "real records"
    folder = os.path.join(work, "records")
    subprocess.run([leadseq, "synth", "--out", folder, "--patients", "200", "--seed", "1"],
                   check=True, stderr=subprocess.DEVNULL)
    return folder, "simulated records"


def read_leads(folder, count):
    """(count * 12, samples) millivolts of the first records there are at 100 Hz."""
    import numpy as np
    found = []
    for where, _, names in sorted(os.walk(os.path.join(folder, "records100"))):
        for name in sorted(n for n in names if n.endswith(".dat")):
            found.append(np.fromfile(os.path.join(where, name), "<i2").reshape(-1, LEADS).T / 1000)
            if len(found) == count:
                return np.concatenate(found)
    raise SystemExit(f"{folder}: expected {count} records under records100, found {len(found)}")


def draw(mv, path):
    """One image as the published code made it."""
    import matplotlib.pyplot as plt
    figure = plt.figure(figsize=(SIDE / 100, SIDE / 100), dpi=100, frameon=False)
    plt.plot(mv)
    plt.xticks([])
    plt.yticks([])
    for spine in plt.gca().spines.values():
        spine.set_visible(False)
    figure.savefig(path)
    plt.close(figure)


def peer(job):
    """Seconds and processor seconds of drawing the leads of a few records."""
    leads, folder = job
    import matplotlib
    matplotlib.use("Agg")
    draw(leads[0], os.path.join(folder, f"{os.getpid()}.png"))
    begin, cpu = time.perf_counter(), time.process_time()
    for i, mv in enumerate(leads):
        draw(mv, os.path.join(folder, f"{os.getpid()}_{i}.png"))
    return time.perf_counter() - begin, time.process_time() - cpu


def time_peer(leads, workers, work):
    with multiprocessing.Pool(workers) as pool:
        times = pool.map(peer, [(leads, work)] * workers, chunksize=1)
    images = len(leads) * workers
    return max(t[0] for t in times) / images, sum(t[1] for t in times) / images


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def time_ours(leadseq, folder, records, workers, work):
    out = os.path.join(work, "stack.h5")
    begin, cpu = time.perf_counter(), children_cpu()
    subprocess.run([leadseq, "render", "--ptbxl", folder, "--out", out, "--size", f"{SIDE}x{SIDE}",
                    "--limit", str(records), "--workers", str(workers)],
                   check=True, stderr=subprocess.DEVNULL)
    took, used = time.perf_counter() - begin, children_cpu() - cpu
    size = os.path.getsize(out)
    os.unlink(out)
    return took / (records * LEADS), used / (records * LEADS), size / records


def spread(values):
    """Median and range of some numbers as text."""
    return f"{statistics.median(values):.4g} [{min(values):.4g}, {max(values):.4g}]"


def report(rows, what, workers):
    columns = list(zip(*rows))
    ratio = [a / b for a, b in zip(columns[0], columns[2])]
    cpu_ratio = [a / b for a, b in zip(columns[1], columns[3])]
    rate = [1 / (LEADS * s) for s in columns[2]]
    print(f"Dataset 4, {SIDE}x{SIDE}, {what}, {workers} processes or threads, {len(rows)} rounds in "
          f"turn; median [least, most]; load average {os.getloadavg()[0]:.1f}")
    for name, values in (("matplotlib, ms an image", [1e3 * v for v in columns[0]]),
                         ("leadseq, ms an image", [1e3 * v for v in columns[2]]),
                         ("ratio of times", ratio),
                         ("matplotlib, processor ms an image", [1e3 * v for v in columns[1]]),
                         ("leadseq, processor ms an image", [1e3 * v for v in columns[3]]),
                         ("ratio of processor times", cpu_ratio),
                         ("leadseq, records a second", rate),
                         ("leadseq, minutes for 21,799 records", [21799 / r / 60 for r in rate]),
                         ("leadseq, bytes a record", columns[4])):
        print(f"  {name:36} {spread(values)}")
    return statistics.median(ratio)


def main():
    try:
        import matplotlib  # noqa: F401
        import numpy  # noqa: F401
    except ImportError as absent:
        raise SystemExit(f"bench-render: {absent}; Debian has it as python3-matplotlib")
    leadseq = os.path.abspath("leadseq")
    workers = setting("BENCH_WORKERS", len(os.sched_getaffinity(0)))
    rounds, records = setting("BENCH_ROUNDS", 5), setting("BENCH_RECORDS", 200)
    os.makedirs("bench-results", exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        folder, what = records_folder(leadseq, work)
        leads = read_leads(folder, PEER_RECORDS)
        rows = []
        for i in range(rounds):
            both = {}
            for turn in ("peer", "ours") if i % 2 == 0 else ("ours", "peer"):
                both[turn] = (time_peer(leads, workers, work) if turn == "peer" else
                              time_ours(leadseq, folder, records, workers, work))
            rows.append(both["peer"] + both["ours"])
    with open("bench-results/render.tsv", "w") as out:
        print("round", "matplotlib_s", "matplotlib_cpu_s", "leadseq_s", "leadseq_cpu_s",
              "leadseq_record_bytes", sep="\t", file=out)
        for i, row in enumerate(rows, 1):
            print(i, *(f"{v:.6g}" for v in row), sep="\t", file=out)
    return 0 if report(rows, what, workers) >= 20 else 1


sys.exit(main())
