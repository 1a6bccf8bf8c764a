#!/bin/sh
# SPDX-License-Identifier: MIT
# The paper's experiments with its CNN as files: every sweep is planned as it is, with both splits,
# and has a job for each published result of its figure; what follows the command replaces its own
# values. The small experiment's files are planned, too. TAP.
. "${srcdir:?}/test/program.sh"

folder=$(cd "$srcdir/experiments" && pwd)
sweeps=$folder/heartnet-cnn

# "dataset selection depth batch" of every job in what --print wrote.
planned()
{
    sed 's/ *#.*//' "$1" | awk '
        $1 == "style:" { style = $2; sub("dataset", "", style) }
        $1 == "select:" { select = $2 == "balanced" ? "mini" : $2 }
        $1 == "depth:" { depth = $2 }
        $1 == "batch:" { batch = $2 }
        /^[0-9][0-9][0-9][0-9]( |$)/ {
            for (i = 2; i <= NF; i++) if ($i ~ /^train.batch=/) { batch = $i; sub(".*=", "", batch) }
            print style, select, depth, batch }' | sort -u
}

for figure in 6 7 8 11 12 13; do
    for split in by-record by-patient; do
        sh "$sweeps/sweep.sh" $figure $split . sweeps --print >out 2>err
        result $? "figure $figure is planned, $split"
        cp out plan-$split
    done
    planned plan-by-record >jobs
    awk -F '\t' -v figure=$figure '$1 == figure || ($1 == 12 && figure == 11) { print $2, $3, $4, $5 }' \
        "$sweeps/published.tsv" | sort -u >published
    ok "... figure $figure has published results" test -s published
    ok "... and a job for each of them" test -z "$(comm -13 jobs published)"
    ok "... the split as published is by record, four fifths to train on" \
        sh -c 'grep -q "^  split: record " plan-by-record && grep -q "share: \[0.8, 0.2, 0\]" plan-by-record'
    ok "... the other by folds, which no patient is on both sides of" grep -q '^  split: folds ' plan-by-patient
done

mkdir weights
WEIGHTS=weights sh "$sweeps/sweep.sh" 8 by-record . sweeps --print train.epochs=2 >out 2>err
result $? "each depth has weights of its own"
ok "... its own file" sh -c 'grep -q "weights: $PWD/weights/resnet50.safetensors " out &&
    grep -q "weights: $PWD/weights/resnet152.safetensors " out'
ok "... and epochs that are given replace the sweep's" test "$(grep -c '^  epochs: 2 ' out)" = 2
sh "$sweeps/sweep.sh" 9 by-record . sweeps --print >out 2>err
ok "another figure is refused" test $? = 2 -a -s err

for file in pretrain fine-tune scratch; do
    ok "heartnet-cnn-small/$file.yaml is planned" \
        leadseq train "$folder/heartnet-cnn-small/$file.yaml" model.depth=34 --print
done

finish
