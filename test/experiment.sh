#!/bin/sh
# SPDX-License-Identifier: MIT
# Experiment files by the program: the reference page, and what a file leads to. TAP.
. "${srcdir:?}/test/program.sh"

# --- the reference page -----------------------------------------------------------------

sed '1,/^<!-- The rest/d' "$srcdir/doc/experiment.md" >page
leadseq help experiment --markdown
ok "doc/experiment.md has the options that the program has (else: make update-doc)" cmp page out
ok "... a row for every one" test "$(grep -c '^| `' out)" = \
    "$("$LEADSEQ" help experiment | grep -cE '^[a-z_.]+: ')"

# --- where values are from ----------------------------------------------------------------

mkdir bases
printf 'name: shared\ntrain: {lr: 1e-2, batch: 4}\n' >bases/base.yaml
printf 'include: bases/base.yaml\nmodel: {type: cnn}\ntrain: {lr: 1e-3}\n' >top.yaml
ok "train --print needs no stack" leadseq train top.yaml train.epochs=3 --print
ok "... tells a file's values" grep -qE '^  lr: 0.001 +# top.yaml:3$' out
ok "... those of a file it includes" grep -qE '^  batch: 4 +# bases/base.yaml:2$' out
ok "... those of the command line" grep -qE '^  epochs: 3 +# command line$' out
ok "... defaults" grep -qE '^  hidden: \[16, 32, 64, 128\] +# default of model.type: cnn$' out
ok "... and the files" grep -q '^#   bases/base.yaml, included at top.yaml:1$' out
cp out printed.yaml
leadseq train printed.yaml --print
sed 's/ *#.*//' printed.yaml | grep . >values
sed 's/ *#.*//' out | grep . >again
ok "what it prints is an experiment file with the same values" cmp values again
refuses 1 'top2.yaml:1:10: bases/absent.yaml' "a missing base is refused with file and line" \
    train "$(sed 's/base.yaml/absent.yaml/' top.yaml >top2.yaml; echo top2.yaml)" --print

finish
