#!/bin/sh
# SPDX-License-Identifier: MIT
# What pretraining on simulated records gains, on five parts of two folds each, so that every record
# is tested once by a network that saw nothing of its patient:
#
#   [PRETRAIN="KEY=VALUE ..."] run.sh DEPTH SIMULATED.h5 REAL.h5 OUT [KEY=VALUE ...]
#
# OUT gets the runs and the tables scratch-DEPTH.tsv, fine-tuned-DEPTH.tsv and simulated-DEPTH.tsv (the
# pretrained network as it is) of the same records. What is finished is left alone. What follows goes
# to the ten trainings on real records, PRETRAIN to that on simulated ones: train.epochs=4 ...
set -eu
[ $# -ge 4 ] || { sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2; }
depth=$1 simulated=$2 real=$3 out=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
leadseq=${LEADSEQ:-leadseq}
mkdir -p "$out"

# A folder that is there but not finished is from an interrupted run: start over.
training() # NAME FILE STACK KEY=VALUE...
{
    run=$out/$1-$depth file=$here/$2.yaml data=$3
    shift 3
    [ ! -e "$run/finished" ] || return 0
    rm -rf "$run"
    "$leadseq" train "$file" model.depth="$depth" "$@" --data "$data" --out "$run"
    : >"$run/finished"
}

# The test predictions of the five parts in one table.
together() # NAME
{
    for part in 1 2 3 4 5; do
        sed "$([ $part = 1 ] || echo 1d)" "$out/$1-$part-$depth/predictions-test.tsv"
    done >"$out/$1-$depth.tsv"
}

training simulated pretrain "$simulated" ${PRETRAIN:-}
weights=$out/simulated-$depth/checkpoints/best.h5
for part in 1 2 3 4 5; do
    test=$((2 * part - 1)),$((2 * part)) train=
    for fold in 1 2 3 4 5 6 7 8 9 10; do
        case ,$test, in *,$fold,*) ;; *) train=$train${train:+,}$fold ;; esac
    done
    folds="data.train=[$train] data.test=[$test]"
    training scratch-$part scratch "$real" $folds "$@"
    training fine-tuned-$part fine-tune "$real" $folds model.weights="$weights" "$@"
done
together scratch
together fine-tuned

# The pretrained network as it is: all real records are new to it; those of the other two tables.
"$leadseq" evaluate "$out/simulated-$depth" --data "$real" --split all --force --out "$out/simulated-$depth-real"
awk -F '\t' -v OFS='\t' 'NR == FNR { kept[$1]; next }
    FNR == 1 { for (i = 1; i <= NF; i++) if ($i == "split") split_at = i; print; next }
    $1 in kept { $split_at = "test"; print }' \
    "$out/scratch-$depth.tsv" "$out/simulated-$depth-real/predictions-all.tsv" >"$out/simulated-$depth.tsv"
