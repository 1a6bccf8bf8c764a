#!/bin/sh
# SPDX-License-Identifier: MIT
# The paper's experiments with its CNN, one sweep for each figure:
#
#   sweep.sh FIGURE SPLIT DATA OUT [OPTION or KEY=VALUE ...]
#
# FIGURE 6, 7, 8, 12 or 13; SPLIT by-record (as published) or by-patient; DATA a folder with the
# stacks dataset1.h5, dataset2.h5 and dataset3.h5; OUT a folder for the sweeps. What follows goes to
# `leadseq sweep` as it is: --slurm, --jobs N, model.weights=resnet18.safetensors, train.epochs=2 ...
set -eu
[ $# -ge 4 ] || { sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2; }
figure=$1 split=$2 data=$3 out=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
# The mini set: as many records of each class, 1,244 of them to train on.
mini="data.select=balanced data.limit=1244"

sweep() # NAME DATASET KEY=VALUE...
{
    name=$1 dataset=$2
    shift 2
    "${LEADSEQ:-leadseq}" sweep "$here/$split.yaml" "$@" --data "$data/dataset$dataset.h5" --out "$out/$name"
}

case $figure in
6) sweep figure6 2 $mini model.depth=18,34,50,101 train.epochs=30 "$@"
   sweep figure6-152 2 $mini model.depth=152 train.batch=8 train.epochs=30 "$@" ;;
7) sweep figure7-152 2 $mini model.depth=152 train.batch=4,8,16,24 train.epochs=30 "$@"
   sweep figure7-50 2 $mini model.depth=50 train.batch=32 train.epochs=30 "$@"
   sweep figure7-34 2 $mini model.depth=34 train.batch=64,128 train.epochs=30 "$@" ;;
8) sweep figure8 2 model.depth=50,152 train.batch=8,16 "$@" ;;
11 | 12) sweep figure12 3 data.style=dataset3 model.depth=50 "$@" ;;
13) sweep figure13-1 1 data.style=dataset1 data.size=any model.depth=18 "$@"
    sweep figure13-2 2 model.depth=50 "$@"
    sweep figure13-3 3 data.style=dataset3 model.depth=50 "$@" ;;
*) echo "$0: expected figure 6, 7, 8, 11, 12 or 13, found $figure" >&2; exit 2 ;;
esac
