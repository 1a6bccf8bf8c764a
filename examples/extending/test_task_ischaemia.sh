# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example task from training to predictions; it has as many positives as the stack says.
small_stack
leadseq train "$srcdir/experiments/quickstart-cnn/experiment.yaml" data.task=ischaemia \
    train.epochs=1 train.threads=1 --data small.h5 --out run-ischaemia
result $? "task: a network is trained on the example task"
ok "task: ... and its records are counted by its own labels" grep -q 'with ischaemia' run-ischaemia/log.txt
ok "task: ... the experiment says so" grep -q '^  task: ischaemia' run-ischaemia/experiment.yaml
leadseq evaluate run-ischaemia --data small.h5 --split all
ok "task: ... yes and no are both there" sh -c "awk -F'\t' '
    NR == 1 { for (i = 1; i <= NF; i++) if (\$i == \"label\") at = i; next }
    { seen[\$at]++ } END { exit !(seen[0] && seen[1]) }' run-ischaemia/predictions-all.tsv"
leadseq help experiment
ok "task: ... help lists it" grep -q ischaemia out
