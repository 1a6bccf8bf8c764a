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
ok "... shows the origin of a file's values" grep -qE '^  lr: 0.001 +# top.yaml:3$' out
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

refuses 2 'leadseq sweep' "several values are for sweeps, train says" train top.yaml train.lr=1e-3,1e-4 --print

# --- what it will take --------------------------------------------------------------------

leadseq synth --out sim --patients 30 --seed 3
leadseq render --ptbxl sim --out stack.h5 --size 24x24
cat >small.yaml <<'TEXT'
data: {train: [1, 2, 3, 4, 5, 6], valid: [7, 8], test: [9, 10]}
model: {type: cnn, hidden: [2, 4]}
train: {loss: bce-logits, batch: 8, epochs: 2, threads: 1}
TEXT
ok "train --dry-run shows the origin of values, shapes, memory and time" \
    leadseq train small.yaml --data stack.h5 --out run --dry-run
ok "... origins" grep -qE '^  batch: 8 +# small.yaml:3$' out
ok "... shapes" grep -qE '^head +dense' out
ok "... memory" grep -qE '^needs +[0-9.]+ MB at its most' out
ok "... time, and how it was found" grep -qE '^time +about 0:00:[0-9]+: measured [0-9.e-]+ s per step' out
ok "... and writes nothing" test ! -e run
ok "sweep --dry-run shows the time of all jobs" \
    leadseq sweep small.yaml train.lr=1e-3,1e-4 --data stack.h5 --dry-run
ok "... after that of those measured" grep -qE '^0002 0:00:[0-9]+, [0-9.]+ MB' out
ok "... in all" grep -qE '^All 2 jobs: about 0:0' out

finish
