#!/bin/sh
# SPDX-License-Identifier: MIT
# What the program prints and writes about names from elsewhere: nothing that a terminal obeys, and
# drawings that are XML. TAP.
. "$srcdir/test/program.sh"

escape=$(printf '\033') # as a shell's $'...', which not every shell has
direction=$(printf '\342\200\256')
name="a${escape}[31mb${direction}]]>&<c>$(printf '\233\302\233\177')"

# plain FILE...: no control character but line ends and tabs, none that turns the direction of
# writing, and UTF-8 throughout.
plain()
{
    python3 - "$@" <<'PY'
import re, sys
for path in sys.argv[1:]:
    text = open(path, "rb").read().decode("utf-8")  # an error ends it
    bad = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)
    if bad:
        sys.exit("%s: %r in %r" % (path, bad.group(), text[max(0, bad.start() - 40):bad.end() + 9]))
PY
}

xml()
{
    python3 -c 'import sys, xml.dom.minidom as m
for path in sys.argv[1:]: m.parse(path)' "$@"
}

command -v python3 >/dev/null || { skip "no python3"; finish; exit; }

leadseq synth --out px --patients 12 --seed 1 || exit 99
mkdir "$name"
for end in hea dat; do
    cp px/records100/00000/00001_lr.$end "$name/"
done
printf '# note %s[2J%s\r# more \233\n' "$escape" "$direction" >>"$name/00001_lr.hea"

# printed NAME ARGUMENT...: both streams hold nothing that a terminal obeys.
printed()
{
    title=$1
    shift
    leadseq "$@"
    plain out err 2>>err
    result $? "$title"
}

printed "info of a record" info "$name/00001_lr"
printed "info --json of a record" info --json "$name/00001_lr"
printed "info --quality of a folder" info --quality "$name"
printed "a record that is not there" info "$name/none"
printed "a command that is not there" "$name"
printed "an option that is not there" info "--$name" x
printed "a value that is none" synth --patients "$name" --out y
printed "an argument too many" info x "$name"
printed "render says what it made" render --records "$name" --out "$name/x.h5" --size 16x16
printed "info of a stack" info "$name/x.h5"
printed "info --quality of a stack" info --quality "$name/x.h5"
printed "a picture of a record" render --records "$name/00001_lr" --svg "$name/x.svg"
ok "the picture is XML" xml "$name/x.svg"
ok "the picture holds nothing that a terminal obeys" plain "$name/x.svg"

# Predictions of models with such names, compared.
{
    printf 'ecg_id\tpatient_id\tsplit\tlabel\tprobability\n'
    awk 'BEGIN { for (i = 1; i <= 60; i++) print i "\t" i "\ttest\t" i % 2 "\t" (i * 7 % 11 + i % 2 * 4) / 16 }'
} >"$name.tsv"
sed 's/5$/4/' "$name.tsv" >"other ]]> $name.tsv"
printed "compare prints models' names" compare "$name.tsv" "other ]]> $name.tsv" --out "report$name" \
    --resamples 2000
set -- "report$name"
ok "the report's files hold nothing that a terminal obeys" \
    plain "$1/report.html" "$1/report.md" "$1"/tables/* "$1"/figures/*
ok "the report's JSON is JSON" python_json "$1/report.json"
set -- "$1"/figures/*.svg
if [ -e "$1" ]; then
    ok "every figure is XML" xml "$@"
else
    skip "figures (no gnuplot)"
fi

# A foreign run: its files say anything.
mkdir run
printf 'name: hostile\n' >run/experiment.yaml
printf '{"program": "%s", "nested": {"%s": ["\\u001b[2J", 1]}}\n' 'a\u001b[31m\u202e' 'key\u001b' >run/environment.json
printf 'epoch\tstep\ttrain_loss\tgot%s[2J\n1\t1\t0.5\t%s\n' "$escape" "$direction" >run/history.tsv
printed "info of a run" info run
printed "info --json of a run" info --json run
printed "watch of a run" watch run
printed "diagnose of a run" diagnose run --out diagnosis
finish
