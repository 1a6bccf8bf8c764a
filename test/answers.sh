#!/bin/sh
# SPDX-License-Identifier: MIT
# What is said of runs, records and stacks: JSON with numbers as numbers, the same flags of a folder
# and its stack, no "best" without validation, outputs by name, damaged files found before the work,
# the age of what watch shows. TAP.
. "$srcdir/test/program.sh"
OMP_NUM_THREADS=1
export OMP_NUM_THREADS

# types FILE EXPRESSION: strict JSON of which a Python expression is true.
types()
{
    python3 - "$@" <<'PY'
import json, sys
def refuse(word):
    sys.exit("not JSON: " + word)
j = json.load(open(sys.argv[1], encoding="utf-8"), parse_constant=refuse)
def walk(value, path):
    if isinstance(value, dict):
        for k, v in value.items(): walk(v, path + "." + k)
    elif isinstance(value, list):
        for i, v in enumerate(value): walk(v, "%s[%d]" % (path, i))
    elif isinstance(value, str) and not path.endswith(".name") and ".versions." not in path:
        if value in ("true", "false", "nan", "NaN", "inf", "null") or (value[:1] == "[" and value[-1:] == "]"):
            sys.exit("%s is the text %r" % (path, value))
        try: float(value)
        except ValueError: return
        sys.exit("%s is the text %r" % (path, value))
walk(j, "")
if not eval("(" + sys.argv[2] + ")"): sys.exit("not true: " + sys.argv[2])
PY
}
command -v python3 >/dev/null || { skip "no python3"; finish; exit; }

leadseq synth --out px --patients 60 --seed 1 || exit 99
leadseq render --ptbxl px --out s.h5 --size 16x16 || exit 99
leadseq bench --shape cnn-128 data.size=16x16 train.batch=8 train.epochs=2 data.task='[MI, CD]' \
    model.hidden='[8]' train.loss=bce-logits data.split=folds data.train='[1,2,3,4,5,6,7,8]' \
    data.valid='[9]' data.test='[10]' --experiment || exit 99
cp out e.yaml
leadseq train e.yaml name=007 --data s.h5 --out run
ok "a run of two outputs" test -s run/metrics.json

leadseq info run --json
ok "info --json of a run: numbers, lists, booleans" types out \
    'j["experiment"]["train.batch"] == 8 and j["experiment"]["data.task"] == ["MI", "CD"]
     and j["experiment"]["model.hidden"] == [8] and j["experiment"]["data.invert"] in (True, False)
     and isinstance(j["experiment"]["train.lr"], float) and j["history"][1]["epoch"] == 2' 2>>err
leadseq info run
ok "info of a run shows lists as they are written" grep -q 'data.task .*\[MI, CD\]' out
mkdir bare
printf 'name: bare\nseed: 18446744073709551615\n' >bare/experiment.yaml
leadseq info bare --json
ok "what a run lacks is null" types out 'j["metrics"] is None and j["environment"] is None'
leadseq info s.h5 --json
ok "info --json of a stack" types out 'j["drawing"]["distortions"] is None and j["records"] > 30
     and type(j["file_bytes"]) is int and type(j["image_bytes"]) is int'
leadseq info px/records100/00000/00001_lr --json
ok "info --json of a record" types out 'j["samples"] == 1000 and j["quality"]["static_noise"] is None'
for file in run/metrics.json run/environment.json run/input.json; do
    ok "$file is strict JSON" python3 -c 'import json, sys
json.load(open(sys.argv[1]), parse_constant=sys.exit)' $file
done

# Flags that are measured are the same of a folder and of its stack; the table's own are not zero
# where there is no table.
leadseq info --quality --json px/records100
cp out folder.json
leadseq info --quality --json s.h5
cp out stack.json
ok "flags of a folder and of its stack" python3 -c '
import json
a, b = (json.load(open(n))["quality"] for n in ("folder.json", "stack.json"))
own = ("baseline_drift", "static_noise", "burst_noise", "electrodes")
assert all(a[k] is None and b[k] is not None for k in own), (a, b)
assert all(a[k] == b[k] for k in a if k not in own), (a, b)'
leadseq info --quality px/records100
ok "what is not measured is no zero" grep -q '^static_noise *– *–' out

# Without validation.
leadseq train e.yaml data.train='[1,2,3,4,5,6,7,8,9]' data.valid='[]' --data s.h5 --out unvalidated
cp err log
ok "no epoch is called the best" sh -c "! grep -E 'checkpoint best|\(best\)|counts as' log"
ok "metrics.json calls the checkpoint last" types unvalidated/metrics.json \
    'j["parts"]["test"]["checkpoint"] == "last"'
leadseq evaluate unvalidated --data s.h5 --split test
ok "evaluate says so" grep -q 'no epoch is the best' err

# An output without a threshold of its own is named: "rare" has one class in validation.
find px/records100 -name '*.hea' | LC_ALL=C sort | awk 'BEGIN { print "path,fold,common,rare" }
    NR <= 40 { sub(/\.hea$/, ""); sub("px/records100/", ""); print $0 "," NR % 10 + 1 "," int(NR / 10 + NR) % 2 "," (NR < 6) }' >own.csv
leadseq render --records px/records100 --table own.csv --out own.h5 --size 16x16 || result 1 "own labels"
leadseq train e.yaml data.task='[common, rare]' --data own.h5 --out named
ok "the origin of a threshold names an output" grep -q '"threshold_origin": ".*0.5 for rare"' named/metrics.json

# Damaged files are found before the work.
cp run/metrics.json kept
printf '{"parts": ' >run/metrics.json
refuses 1 'run/metrics.json: line 1' "a damaged metrics.json" evaluate run --data s.h5 --split valid
ok "... before predicting" sh -c "! grep -q 'valid \[' err"
printf '{"parts": 5}' >run/metrics.json
refuses 1 'parts: expected an object' "a metrics.json that is none" evaluate run --data s.h5 --split valid
cp kept run/metrics.json

# A run's results are those of its own stack; those of another go into a folder of their own.
everything_in()
{
    find "$1" -type f -exec cksum {} + | LC_ALL=C sort
}
leadseq render --ptbxl px --out turned.h5 --size 16x16 --distort rotation=0.5 --seed 1
everything_in run >before
refuses 1 'turned.h5: is not the stack that run was trained on.*--out DIR' \
    "results of another stack are not the run's" evaluate run --data turned.h5 --split test
everything_in run >after
ok "... which keeps its own" cmp before after
ok "... but another folder's" leadseq evaluate run --data turned.h5 --split test --out turned
ok "... whose metrics.json names the stack" grep -q '"stack": ".*turned.h5"' turned/metrics.json
refuses 1 'predictions-test.tsv: exists already.*--force' "... replaced only with --force" \
    evaluate run --data turned.h5 --split test --out turned
ok "... and with it" leadseq evaluate run --data turned.h5 --split test --out turned --force
ok "... and compared with the run's own" \
    leadseq compare run turned/predictions-test.tsv --out robust --threads 1
refuses 1 'unvalidated: is the folder of a run' "no other run's folder" \
    evaluate run --data turned.h5 --split test --out unvalidated
everything_in run >after
ok "... all without a change of the run" cmp before after

# To continue a run otherwise is refused, and changes nothing of it.
refuses 1 'expected the stack the run was begun with' "resuming with another stack" \
    train e.yaml name=007 --data turned.h5 --out run --resume
refuses 1 'the run was begun with 2' "resuming another experiment" \
    train e.yaml name=007 train.epochs=3 --data s.h5 --out run --resume
everything_in run >after
ok "... both leave the run as it is" cmp before after

# Every command that reads them, and every way of being damaged.
cp -r run other
damage()
{
    case $2 in
    empty) : >"$1" ;;
    short) printf '{"parts": {"test": ' >"$1" ;;
    binary) printf '\001\002\000\377\376' >"$1" ;;
    list) echo '[1, 2]' >"$1" ;;
    types) echo '{"parts": 5}' >"$1" ;;
    esac
}
while IFS='|' read -r files words; do
    for file in $files; do
        for how in empty short binary list types; do
            cp "run/$file" kept
            damage "run/$file" $how
            cp "run/$file" damaged
            # shellcheck disable=SC2086 # words
            refuses 1 "run/$file: .*expected|run/$file: .*(empty|binary|text)" "${words%% *}: $file $how" $words
            ok "... before any work, and kept" sh -c "cmp -s damaged run/$file && ! grep -E 'records/s|rehearsing|test \[' err && ! test -e made"
            cp kept "run/$file"
        done
    done
done <<'ROWS'
metrics.json environment.json|compare run other --out made --threads 1
metrics.json environment.json|diagnose run --no-rehearsal --out made
metrics.json environment.json|info run
metrics.json environment.json|info run --json
metrics.json|train e.yaml name=007 --data s.h5 --out run --resume
metrics.json|evaluate run --data s.h5 --split test
ROWS
cp run/experiment.yaml kept
echo 'train: {lr: 1}' >run/experiment.yaml
refuses 1 'run/experiment.yaml: expected the name' "an experiment without a name" info run
cp kept run/experiment.yaml

# watch: how old it is, and what is older than that.
leadseq watch run
ok "watch says when the last step ended" grep -Eq '; step [0-9]+ ended [0-9]+ s ago' out

# Progress in plain digits.
leadseq synth --out many --patients 40 --seed 1
ok "rates have no exponent" sh -c "! grep -E '[0-9]e[+-][0-9]+/s' err"
finish
