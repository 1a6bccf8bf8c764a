# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example head: its option reaches the network, is in the resolved file and nobody else's.
small_stack
quick=$srcdir/experiments/quickstart-cnn/experiment.yaml
leadseq train "$quick" model.head_features=5 model.head=hidden train.epochs=1 train.threads=1 \
    --data small.h5 --out run-hidden
result $? "head: a network with the example head is trained"
ok "head: ... its option is in the resolved file" grep -q '^  head_features: 5' run-hidden/experiment.yaml
leadseq train "$quick" model.head=hidden model.head_features=5 --summary --data small.h5
ok "head: ... and decides the size of its layer" grep -Eq '^hidden +dense +5 ' out
leadseq train "$quick" model.head=mean --print
ok "head: other heads do not have the option" sh -c "! grep -q head_features out"
not_ok()
{
    if leadseq "$@"; then result 1 "$message"; else result 0 "$message"; fi
}
message="head: ... and refuse a value that is not its default"
not_ok train "$quick" model.head=mean model.head_features=5 --print
ok "head: ... with the names of the heads that have it" \
    grep -q 'model.head_features: model.head mean has no such option, .*hidden.* have' err
leadseq predict run-hidden small.h5 --out predicted.tsv
result $? "head: the run is opened again and predicts"
