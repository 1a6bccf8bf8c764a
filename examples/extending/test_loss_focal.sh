# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example loss: usable by every task it serves, none of which knows it by name.
small_stack
quick=$srcdir/experiments/quickstart-cnn/experiment.yaml
for task in mi superclass '[MI, CD]'; do
    leadseq train "$quick" train.loss=focal "data.task=$task" train.positive_weight=1 train.epochs=2 train.threads=1 \
        --data small.h5 --out "run-focal-$task"
    result $? "loss: the example loss trains data.task: $task"
done
# Without skill every q is near 1/2 at first, so that the cost is near log(2) / 4 = 0.17.
ok "loss: ... and its cost begins where the formula says" sh -c "awk -F'\t' '
    NR == 2 { exit !(\$3 > 0.05 && \$3 < 0.5) }' run-focal-mi/steps.tsv"
if leadseq train "$quick" train.loss=focal data.task=superclass-single --print; then
    result 1 "loss: a task of classes that exclude each other refuses it"
else
    result 0 "loss: a task of classes that exclude each other refuses it"
fi
ok "loss: ... and names those that serve it" \
    grep -q 'expected softmax for data.task: superclass-single, found focal' err
