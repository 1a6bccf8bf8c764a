# SPDX-License-Identifier: MIT
# needs: numpy pandas
"""What pandas writes is compared, and what a comparison writes is read by pandas."""
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd

LEADSEQ = os.environ.get("LEADSEQ", "./leadseq")
CASES = 0


def check(name, ok, detail=""):
    global CASES
    CASES += 1
    print(f"{'ok' if ok else 'not ok'} {CASES} - {name}")
    if not ok:
        print(f"#   {detail}")


def predictions():
    rng = np.random.default_rng(1)
    label = rng.random(400) < .3
    logit = rng.normal(size=400) + 1.5 * label - 1
    return pd.DataFrame({
        "probability": 1 / (1 + np.exp(-logit)), "note": ["a, \"b\"\nc"] * 400,
        "label": label, "ecg_id": np.arange(1.0, 401), "split": np.where(np.arange(400) % 4, "test",
                                                                          "valid")})


FORMS = {
    "plain.csv": {}, "noindex.csv": {"index": False}, "tabs.tsv": {"sep": "\t", "index": False},
    "bom.csv": {"encoding": "utf-8-sig"}, "windows.csv": {"lineterminator": "\r\n"},
    "semicolon.csv": {"sep": ";"}, "quoted.csv": {"quoting": 1}, "digits.csv": {"float_format": "%.17g"},
}


def main():
    table = predictions()
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in FORMS]
        for path, options in zip(paths, FORMS.values()):
            table.sample(frac=1, random_state=len(path)).to_csv(path, **options)
        out = os.path.join(folder, "out")
        run = subprocess.run([LEADSEQ, "compare", *paths, "--out", out], capture_output=True, text=True)
        check("every form that pandas writes is read", run.returncode == 0, run.stderr)
        with open(os.path.join(out, "report.json")) as f:
            report = json.load(f)
        values = {m["metrics"]["auc"]["value"] for m in report["models"][:-1]}
        check("... alike", len(values) == 1 and report["records"] == 300, values)
        for path in sorted(glob.glob(out + "/tables/*.tsv") + glob.glob(out + "/figures/*.tsv")):
            read = pd.read_csv(path, sep="\t")
            check(f"pandas reads {os.path.basename(path)}",
                  len(read) > 0 and not read.columns.str.startswith("Unnamed").any(), read.head())
        metrics = pd.read_csv(out + "/tables/metrics.tsv", sep="\t").set_index(["model", "metric"])
        first = report["models"][0]
        check("... to the same bits as the JSON",
              metrics.loc[(first["name"], "auc"), "low"] == first["metrics"]["auc"]["low"])
    print(f"1..{CASES}")


sys.exit(main())
