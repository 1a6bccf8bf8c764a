# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example metric in a comparison: its value follows from the two it is made of.
awk 'BEGIN { print "ecg_id\tpatient_id\tsplit\tlabel\tprobability"
             for (i = 1; i <= 120; i++) {
                 y = i % 3 == 0; p = (i * 37 % 100) / 100; if (y) p = (p + 1) / 2
                 printf "%d\t%d\t%s\t%d\t%.3f\n", i, i, i % 2 ? "valid" : "test", y, p } }' >one.tsv
awk 'BEGIN { FS = OFS = "\t" } NR > 1 { $5 = 1 - $5 / 2 } { print }' one.tsv >two.tsv
leadseq compare one.tsv two.tsv --out g-mean-report
result $? "metric: a comparison with the example metric"
cat >check.py <<'TEXT'
import json
metrics = json.load(open("g-mean-report/report.json"))["models"][0]["metrics"]
product = metrics["sensitivity"]["value"] * metrics["specificity"]["value"]
assert abs(metrics["g_mean"]["value"] - product ** 0.5) < 1e-12, metrics["g_mean"]
assert metrics["g_mean"]["low"] < metrics["g_mean"]["value"] < metrics["g_mean"]["high"]
TEXT
python_checks json "metric: ... its value is the root of the product, within its interval"
