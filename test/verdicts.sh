#!/bin/sh
# SPDX-License-Identifier: MIT
# Deliberately broken and healthy experiments on simulated records, and what
# `leadseq diagnose` calls each of them first: the confusion matrix of
# doc/diagnostics.md. `make check` runs the quick ones; LEADSEQ_VERDICTS=all runs
# all of them (two minutes of one processor) and prints the matrix, and
# LEADSEQ_VERDICTS="saturated slow" these two; LEADSEQ_VERDICTS_SEED and _SIZE take
# other records and images. TAP.
. "${srcdir:?}/test/program.sh"
wanted=${LEADSEQ_VERDICTS:-healthy-cnn saturated record-split diverging}

seed=${LEADSEQ_VERDICTS_SEED:-3} size=${LEADSEQ_VERDICTS_SIZE:-64x48}

is_wanted()
{
    case " $wanted " in *" all "* | *" $1 "*) return 0 ;; esac
    return 1
}

base='seed=1 train.threads=1 data.train=[1,2,3,4,5,6] data.valid=[7,8] data.test=[9,10]'
cat >cnn.yaml <<'TEXT'
name: cnn
data: {invert: true}
model: {type: cnn, hidden: [8, 16, 32], head: mean}
train: {loss: bce-logits, optimizer: adamw, schedule: one-cycle, lr: 1e-2, weight_decay: 0.01, batch: 16, epochs: 8}
TEXT
cat >lstm.yaml <<'TEXT'
name: lstm
data: {invert: true}
model:
  {type: convlstm, hidden: [16], forget_bias: 1, stem: conv, stem_channels: [8, 16, 16], head: mean-max,
   head_norm: true}
train: {loss: bce-logits, optimizer: adamw, schedule: one-cycle, lr: 1e-2, weight_decay: 0.01, batch: 8, epochs: 9}
TEXT
# The paper's network on images so small that its learning rate must grow for its failure.
cat >paper.yaml <<'TEXT'
name: paper
model: {type: convlstm, hidden: [10], head: flatten}
train: {loss: bce, optimizer: adam, lr: 1e-3, batch: 2, max_steps: 40}
TEXT

# The ids of the findings of a diagnosis, the first first.
findings()
{
    sed -n 's/^ *"id": "\(.*\)",*$/\1/p' "$1/diagnosis.json"
}

# judge NAME EXPECTED: diagnoses the run of that name.
judge()
{
    leadseq diagnose "$1" --out "$1"
    found=$(findings "$1" | head -n 1)
    echo "$1 $2 ${found:-nothing}" >>matrix
    echo "# $1: $(findings "$1" | tr '\n' ' ')"
    ok "$1 is called $2" test "$found" = "$2"
}

# broken NAME EXPECTED FILE STACK OVERRIDE...: trains and judges.
broken()
{
    name=$1 expected=$2 file=$3 stack=$4
    shift 4
    is_wanted "$name" || return 0
    # shellcheck disable=SC2086
    leadseq train "$file.yaml" --data "$stack" --out "$name" $base "$@"
    judge "$name" "$expected"
}

python=$(python_with h5py)

# Permutes the labels of a stack's records, or changes weights of a run.
edit()
{
    "$python" - "$@" <<'TEXT'
import sys, h5py, numpy
path, what = sys.argv[1:3]
with h5py.File(path, "r+") as f:
    if what == "shuffle":
        mi = f["label/mi"][:]
        f["label/mi"][:] = numpy.random.default_rng(5).permutation(mi)
    else:
        w = f["weights/convlstm0.weight"]
        hidden = w.shape[0] // 4
        w[:, -hidden:] = w[:, -hidden:] * float(what)
TEXT
}

ok "records are simulated" leadseq synth --out sim --patients 400 --seed "$seed" --mi-share 0.4 --noise 0 \
    --difficulty 0
ok "and drawn" leadseq render --ptbxl sim --out stack.h5 --size "$size"

broken healthy-cnn healthy cnn stack.h5
broken healthy-standardised healthy cnn stack.h5 data.invert=false data.standardise=true seed=2
broken healthy-convlstm healthy lstm stack.h5
broken saturated saturated-output paper stack.h5 train.lr=3e-2
broken displaced head-displacement paper stack.h5 train.lr=3e-2 train.loss=bce-logits
broken decayed constant-classifier cnn stack.h5 train.optimizer=sgd train.weight_decay=50 \
    train.schedule=constant train.epochs=3
broken forgetful vanishing-through-leads paper stack.h5 model.forget_bias=-1.8 model.head=mean-max \
    train.loss=bce-logits data.invert=true train.max_steps=60 train.batch=8
broken stuck saturated-gates lstm stack.h5 model.forget_bias=20 train.epochs=2
broken leaping saturated-gates paper stack.h5 model.head=mean train.loss=bce-logits train.lr=0.3 \
    train.warmup=10 train.batch=8
broken dead dead-channels paper stack.h5 model.head=mean train.loss=bce-logits train.optimizer=sgd \
    train.weight_decay=50 train.lr=1e-2 train.batch=8
broken slow learning-rate-too-small cnn stack.h5 train.lr=1e-9 train.schedule=constant train.epochs=2
broken slow-convlstm learning-rate-too-small lstm stack.h5 train.lr=1e-7 train.epochs=2
broken record-split leakage cnn stack.h5 data.split=record train.epochs=2
if is_wanted by-heart; then # textbook cases are learned from forty records, others are not
    leadseq synth --out hard-sim --patients 400 --seed "$seed" --mi-share 0.4
    leadseq render --ptbxl hard-sim --out hard.h5 --size "$size"
    broken by-heart overfitting cnn hard.h5 data.limit=40 train.epochs=60
fi
broken white-paper input-not-standardised paper stack.h5 model.head=mean train.loss=bce-logits \
    train.max_steps=60 train.batch=8
broken diverging non-finite cnn stack.h5 train.optimizer=sgd train.weight_decay=100 train.lr=100
if is_wanted rare; then
    leadseq synth --out rare-sim --patients 400 --seed 4 --mi-share 0.06 --difficulty 0
    leadseq render --ptbxl rare-sim --out rare.h5 --size "$size"
    broken rare class-imbalance cnn rare.h5 train.epochs=4
fi
if [ -z "$python" ] && { is_wanted shuffled || is_wanted shuffled-convlstm || is_wanted exploding; }; then
    skip "shuffled and exploding: no python3 has h5py"
    wanted=
fi
if is_wanted shuffled || is_wanted shuffled-convlstm; then
    cp stack.h5 shuffled.h5
    edit shuffled.h5 shuffle
    broken shuffled shuffled-labels cnn shuffled.h5
    broken shuffled-convlstm shuffled-labels lstm shuffled.h5
fi
if is_wanted exploding; then
    # shellcheck disable=SC2086
    leadseq train paper.yaml --data stack.h5 --out exploding $base data.invert=true model.head=mean \
        train.loss=bce-logits train.batch=8 train.max_steps=10
    edit exploding/checkpoints/last.h5 40
    judge exploding exploding-through-leads
fi
awk '{ n++; wrong += $2 != $3; print "#", $0 } END { print "# " n - wrong " of " n " named rightly" }' matrix

finish
