#!/bin/sh
# SPDX-License-Identifier: MIT
# What pictures of three sizes cost against signals, on the same records:
#
#   run.sh PTBXL OUT [SEED ...]        (seeds 1 2 3 unless given)
#
# Draws the records of the folder PTBXL, trains each model with each seed, compares the models of one seed
# in OUT/report-SEED, and writes OUT/cost.tsv with OUT/cost.gp and OUT/cost.svg. What is finished is left alone.
# KEYS="train.epochs=1 ..." is given to every training.
set -eu
[ $# -ge 2 ] || { sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2; }
ptbxl=$1 out=$2
shift 2
[ $# -gt 0 ] || set -- 1 2 3
here=$(cd "$(dirname "$0")" && pwd)
signals=$here/../superclass-signals
leadseq=${LEADSEQ:-leadseq}
mkdir -p "$out"

# Pictures and signals of a record are in one stack, so that all models have the same patients.
for size in 64 128 256; do
    [ -e "$out/ptbxl-$size.h5" ] ||
        "$leadseq" render --ptbxl "$ptbxl" --out "$out/ptbxl-$size.h5" --size ${size}x$size --signals
done

# A folder that is there but not finished is from an interrupted run: start over.
training() # NAME FILE SIZE SEED
{
    run=$out/$1-$4
    [ ! -e "$run/finished" ] || return 0
    rm -rf "$run"
    # shellcheck disable=SC2086 # KEYS are words
    "$leadseq" train "$2" name="$1" seed="$4" ${KEYS:-} --data "$out/ptbxl-$3.h5" --out "$run"
    : >"$run/finished"
}

models="cnn-64 cnn-128 cnn-256 convlstm cnn1d resnet1d xresnet1d lstm1d"
for seed in "$@"; do
    for size in 64 128 256; do training cnn-$size "$here/cnn.yaml" $size "$seed"; done
    training convlstm "$here/convlstm.yaml" 128 "$seed"
    for model in cnn1d resnet1d xresnet1d lstm1d; do training $model "$signals/$model.yaml" 128 "$seed"; done
    runs=
    for model in $models; do runs="$runs $out/$model-$seed"; done
    # shellcheck disable=SC2086
    [ -e "$out/report-$seed" ] || "$leadseq" compare $runs --out "$out/report-$seed"
done

# A row for each model and seed: the mean AUC of the five outputs with its interval.
{
    printf 'model\tseed\tauc\tlow\thigh\n'
    for model in $models; do
        for seed in "$@"; do
            awk -F'\t' -v model="$model" -v seed="$seed" '
                NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
                $c["output"] == "mean" && $c["metric"] == "auc" && $c["model"] == model {
                    print model "\t" seed "\t" $c["value"] "\t" $c["low"] "\t" $c["high"] }
                ' "$out/report-$seed/tables/metrics.tsv"
        done
        printf '\n\n'
    done
    # What was published, of other records: no seed.
    awk -F'\t' 'NR > 1 { print $1 "\tpublished\t" $2 "\t" $2 - $3 "\t" $2 + $3 }' "$signals/published.tsv"
} >"$out/cost.tsv"
cp "$here/cost.gp" "$out/cost.gp"
(cd "$out" && gnuplot cost.gp)
