#!/bin/sh
# SPDX-License-Identifier: MIT
# The paper's experiments with its CNN, a sweep for each depth of a figure:
#
#   [WEIGHTS=DIR] sweep.sh FIGURE SPLIT DATA OUT [OPTION or KEY=VALUE ...]
#
# FIGURE 6, 7, 8, 11, 12 or 13; SPLIT by-record (as published) or by-patient; DATA a folder with the
# stacks dataset1.h5, dataset2.h5 and dataset3.h5; OUT a folder for the sweeps. With WEIGHTS they
# start from DIR/resnet18.safetensors, resnet34.safetensors and so on. What follows goes to
# `leadseq sweep`, and replaces the sweep's own values: --slurm, --jobs N, train.epochs=2 ...
set -eu
[ $# -ge 4 ] || { sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2; }
figure=$1 split=$2 data=$3 out=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
[ -z "${WEIGHTS:-}" ] || WEIGHTS=$(cd "$WEIGHTS" && pwd) # jobs may run elsewhere
mkdir -p "$out"

sweep() # NAME DATASET DEPTH "KEY=VALUE ..." [OPTION or KEY=VALUE ...]
{
    name=$1 dataset=$2 own="name=$1 model.depth=$3 ${WEIGHTS:+model.weights=$WEIGHTS/resnet$3.safetensors} $4"
    shift 4
    for pair in $own; do
        given=
        for argument; do
            case $argument in "${pair%%=*}="*) given=yes ;; esac
        done
        [ "$given" ] || set -- "$@" "$pair"
    done
    "${LEADSEQ:-leadseq}" sweep "$here/$split.yaml" "$@" --data "$data/dataset$dataset.h5" --out "$out/$name"
}

# The mini set: as many records of each class, 1,244 of them to train on.
mini() # NAME DEPTH BATCHES [OPTION or KEY=VALUE ...]
{
    where=$1 depth=$2 own="train.batch=$3 data.select=balanced data.limit=1244 train.epochs=30"
    shift 3
    sweep "$where" 2 "$depth" "$own" "$@"
}

case $figure in
6)  for n in 18 34 50 101; do mini figure6-$n $n 16 "$@"; done
    mini figure6-152 152 8 "$@" ;;
7)  mini figure7-152 152 4,8,16,24 "$@"
    mini figure7-50 50 32 "$@"
    mini figure7-34 34 64,128 "$@" ;;
8)  for n in 50 152; do sweep figure8-$n 2 $n train.batch=8,16 "$@"; done ;;
11 | 12) sweep figure12 3 50 data.style=dataset3 "$@" ;;
13) sweep figure13-1 1 18 "data.style=dataset1 data.size=any" "$@"
    sweep figure13-2 2 50 "" "$@"
    sweep figure13-3 3 50 data.style=dataset3 "$@" ;;
*) echo "$0: expected figure 6, 7, 8, 11, 12 or 13, found $figure" >&2; exit 2 ;;
esac
