#!/bin/sh
# SPDX-License-Identifier: MIT
# What train does besides plain training, through the program: the range test, batches as
# pictures, schedules, parts of a batch, balanced batches, augmentation, early stopping. TAP.
. "${srcdir:?}/test/program.sh"

leadseq synth --out sim --patients 90 --seed 2
leadseq render --ptbxl sim --out stack.h5 --size 32x24
cat >cnn.yaml <<'TEXT'
name: small
data: {split: patient, share: [0.6, 0.2, 0.2], invert: true}
model: {type: cnn, hidden: [4, 8]}
train: {loss: bce-logits, batch: 8, lr: 1e-2, epochs: 3, threads: 1}
TEXT

# --- the range test -----------------------------------------------------------------------

find="train cnn.yaml --data stack.h5 --lr-find"
mkdir full && : >full/file
absent=none refuses 2 'expected|--lr-steps' "a sweep of too few steps is wrong usage" $find --lr-steps 3 --out none
absent=none refuses 2 'lr-max must be above' "so is one that falls" $find --lr-min 1 --lr-max 0.1 --out none
absent=none refuses 2 'never resumed' "and one that is to resume" $find --resume --out none
refuses 1 'full: exists already' "a folder with files is not written into" $find --out full
absent=none refuses 1 'absent.h5' "a stack that is absent is named, and no folder left" \
    train cnn.yaml --data absent.h5 --lr-find --out none
ok "the range test runs" leadseq $find --lr-steps 40 --lr-min 1e-6 --out found
rate=$(grep -o "train.lr=.*" out | tail -n 1)
ok "... suggests a rate that can be given back" leadseq train cnn.yaml "$rate" --print
ok "... writes one row per step" test "$(wc -l <found/lr_find.tsv)" = 41
ok "... and a page" grep -q 'Learning-rate range test' found/lr_find.html
if command -v "${GNUPLOT:-gnuplot}" >/dev/null; then
    ok "... with its figure" grep -q '<svg' found/figures/lr_find.svg
else
    skip "no gnuplot: no figure"
fi
leadseq $find --lr-steps 40 --lr-min 1e-6 --out again
ok "... the same again, to the digit" cmp found/lr_find.tsv again/lr_find.tsv

# --- batches as pictures --------------------------------------------------------------------

ok "training batches are shown" leadseq train cnn.yaml data.augment=heartnet --data stack.h5 --show-batch shown
ok "... eight records of two epochs" test "$(ls shown | grep -c '^epoch[12]_.*_[0-9]*_\(mi\|normal\).png$')" = 16
refuses 1 'shown: exists already' "... never over other files" train cnn.yaml --data stack.h5 --show-batch shown

# --- all at once ------------------------------------------------------------------------------

everything="train.schedule=cosine train.warmup=3 train.min_lr=1e-5 train.accumulate=4 train.sampler=balanced
    data.augment=heartnet train.class_weights=balanced train.weight_decay=1e-3 train.optimizer=adamw"
ok "training with all of it" leadseq train cnn.yaml $everything --data stack.h5 --out one
leadseq train cnn.yaml $everything --data stack.h5 --out two
ok "... gives the same bits again" cmp one/checkpoints/last.h5 two/checkpoints/last.h5
ok "... and says what it resolved" grep -q 'class_weights: balanced' one/experiment.yaml
ok "... a run like any other" leadseq evaluate one --data stack.h5 --split test
leadseq train cnn.yaml $everything data.augment=none --data stack.h5 --out three
ok "augmentation changes what is learnt" test "$(cmp one/checkpoints/last.h5 three/checkpoints/last.h5 2>&1)"

# --- early stopping -----------------------------------------------------------------------------

stop="train.epochs=40 train.lr=0.1 train.patience=2 train.monitor=loss"
ok "training with patience" leadseq train cnn.yaml $stop --data stack.h5 --out early
epochs=$(($(wc -l <early/history.tsv) - 1))
ok "... stops after $epochs of 40 epochs and says so" test "$epochs" -lt 40 -a "$(grep -c 'stopped early after epoch' early/log.txt)" = 1
ok "... its best epoch is that of the least validation loss" awk -F'\t' '
    NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
    NR == 2 || $c["valid_loss"] < least { least = $c["valid_loss"]; at = $c["epoch"] }
    $c["best"] { best = $c["epoch"] } END { exit best != at }' early/history.tsv
leadseq diagnose early
ok "... and a diagnosis does not take it for cut short" test "$(grep -c 'cut short' out early/diagnosis.md | grep -vc ':0$')" = 0

# --- the last epoch's weights ---------------------------------------------------------------------

six="train.epochs=6 train.lr=0.1 train.monitor=loss"
leadseq train cnn.yaml $six --data stack.h5 --out best
leadseq train cnn.yaml $six train.keep=last --data stack.h5 --out kept
at=$(sed -n 's/.*test: .*of epoch //p' best/log.txt)
ok "of six epochs one before the last has the least loss here ($at)" test "$at" -ge 1 -a "$at" -lt 6
ok "train.keep: last keeps the sixth" grep -q 'test: .* of epoch 6$' kept/log.txt
leadseq evaluate best --data stack.h5 --split test --checkpoint last --out last
ok "... with the predictions that it has" cmp last/predictions-test.tsv kept/predictions-test.tsv

finish
