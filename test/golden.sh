#!/bin/sh
# SPDX-License-Identifier: MIT
# Golden results: what one version of the program computes, recorded, and compared with what
# another computes, bit for bit. For a change that must not change results.
#
#   test/golden.sh record DIR         run $LEADSEQ (and $LEADSEQ_MPI under mpirun) into DIR, new
#   test/golden.sh compare OLD NEW    compare two such folders
#   test/golden.sh check OLD          record $LEADSEQ in a folder that is removed again, compare it
#                                     with OLD, and let it read what the old program wrote there
#   test/golden.sh both OLD_LEADSEQ NEW_LEADSEQ   record the old, then as check; each program's
#                                     NAME-mpi in the same folder is used if it exists
#
# Records are simulated; with LEADSEQ_PTBXL=DIR real ones of PTB-XL are drawn, learnt and predicted
# too. GOLDEN_KEEP=DIR keeps what check and both record, in DIR. Exit status: 0 identical, 1 at
# least one difference, each printed, 2 wrong usage or a program that is not there.
#
# A folder has made/ (what a program does with its own files), read/ (what it does with copies
# of the runs and stacks in a made/, maybe another program's), and skipped.txt. Of each command
# NAME.out, NAME.status and NAME.err are kept. golden_compare.py says at its top what of all
# that is left out by name: times, versions, paths, prose.
#
# Both folders must come from one machine: another processor adds up in another order.
#
# --- DELIBERATE DIFFERENCES -----------------------------------------------------------------
# One a line:   #! FILE-PATTERN OBJECT-PATTERN | why results differ here on purpose
# Patterns are of the shell (* also matches /), without blanks; file and object are those of the
# line that golden_compare.py prints. Each row is printed with the number of differences it
# covers, also where that is 0. Example, not in force:
#   #! *.json parts.*.n_positive | 'positive' is counted by class now
#
#! */predict*.out id | predict names records by ecg_id and record, pictures by file
#! */predict*.out label | predict calls what it decides decision; label is what is known
#! *used/* id | the same
#! *used/* label | the same
#! * *model.bias | a resolved file lists the options of the types it chose; a CNN has none of these
#! * *model.forget_bias | the same
#! * *model.cell_norm | the same
#! * *model.recurrent_init | the same
#! * *model.pool_time | the same
#! * *train.momentum | the same, of optimisers and schedules
#! * *train.betas | the same
#! * *train.epsilon | the same
#! * *train.cycle_momentum | the same
#! * *train.gamma | the same
#! * *train.min_lr | the same
#! * *train.step_size | the same
#! * *data.max_* | the same, of augmentations
#! * *data.p_affine | the same
#! * *data.p_lighting | the same
#! */report*/tables/* * | F1 is listed before accuracy, more metrics are in the summary; report.json is compared
#! */compare*.out numbers* | the same, as printed
#! *checklist_*.tex numbers* | sentences of the checklists were rewritten
#! *-diagnose.out numbers* | sentences and advice were rewritten; diagnosis.json is compared
#! */remedies.out numbers* | the same
#! */diagnosis.json remedies.answer* | a sentence
#! */remedies/settings.txt bytes* | the texts of experiments have data.task now
#! */diagnostics.h5 /input/records@meaning* | a sentence
#! */input.json drawing.range_mv | written where a range is drawn, and then that one
#! */patch*/diagnostics.h5 /recurrence/* | the receptive field of a patch stem was wrong
#! *used/other.out * | predict prints no header before it refuses
#! */info/png.out numbers* | info lists the labels of a stack, and render's time is in it
# --- END OF DELIBERATE DIFFERENCES ----------------------------------------------------------

# shellcheck disable=SC2015,SC2086 # overrides are words, and no name here holds a blank
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
# What could reach the results from outside: the date in a stack, threads that are left open.
SOURCE_DATE_EPOCH=1700000000 OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive LC_ALL=C
export SOURCE_DATE_EPOCH OMP_NUM_THREADS OMP_WAIT_POLICY LC_ALL
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none

usage()
{
    sed -n 's/^#   \(test\/golden.sh.*\)/\1/p' "$0" >&2
    exit 2
}

say()
{
    echo "golden: $*" >&2
}

# absolute FILE: programs are started from other folders.
absolute()
{
    echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
}

# --- Running the program ----------------------------------------------------------------------

# run NAME ARGUMENT...: the program, with what it says in NAME.out, its messages in NAME.err and
# its exit status in NAME.status. Failing is said, not fatal: the comparison finds the status.
run()
{
    run_as 0 "$@"
}

# fails NAME ARGUMENT...: the same of what is to be refused.
fails()
{
    run_as 1 "$@"
}

# maybe NAME ARGUMENT...: the same of what depends on the machine.
maybe()
{
    run_as any "$@"
}

run_as()
{
    run_expected=$1 run_name=$2
    shift 2
    mkdir -p "$(dirname "$run_name")"
    "$LEADSEQ" "$@" >"$run_name.out" 2>"$run_name.err" </dev/null
    status_is $?
}

status_is()
{
    echo "$1" >"$run_name.status"
    case $run_expected in
    any) return ;;
    0) [ "$1" != 0 ] || return ;;
    *) [ "$1" = 0 ] || return ;;
    esac
    say "$(basename "$PWD")/$run_name ended with $1: $(head -n 1 "$run_name.err")"
    unexpected=$((unexpected + 1))
}

# ranks NAME ARGUMENT...: the program as two ranks.
ranks()
{
    run_expected=0 run_name=$1
    shift
    mkdir -p "$(dirname "$run_name")"
    mpirun -n 2 "$LEADSEQ_MPI" "$@" >"$run_name.out" 2>"$run_name.err" </dev/null
    status_is $?
}

# --- What is recorded -------------------------------------------------------------------------

# draw NAME OPTION...: a stack of six records. Few, for pages are large.
draw()
{
    name=$1
    shift
    run "draw/$name" render --ptbxl sim --limit 6 --out "draw/$name.h5" "$@"
}

stacks()
{
    run synth synth --out sim --patients 60 --seed 3 --mi-share 0.4
    run synth-other synth --out sim-other --patients 3 --seed 4 --difficulty 2 --noise 0
    run s render --ptbxl sim --out s.h5 --size 48x48
    run small render --ptbxl sim --out small.h5 --size 32x32
    run high render --ptbxl sim --out high.h5 --size 40x32 --rate 500 --notch 50 --highpass 0.5 \
        --window 2:6 --limit 40
    run page render --ptbxl sim --out page.h5 --style clinical --size 128x72 --limit 40

    draw dataset4-code --profile paper-code --size 96x72
    draw dataset4-code-own --profile paper-code --limit 2
    draw dataset4-clinical --profile clinical --size 48x48
    draw dataset4-fixed --profile fixed-mv --range-mv 1.5 --size 40x32
    draw dataset1 --style dataset1 --size 160x120
    draw dataset1-fixed --style dataset1 --profile fixed-mv --size 160x120
    draw dataset1-clinical --style dataset1 --profile clinical --size 160x120
    draw dataset2 --style dataset2 --size 160x120
    draw dataset3 --style dataset3 --seed 7 --size 160x120
    draw dataset3-fixed --style dataset3 --seed 8 --profile fixed-mv --size 160x120
    draw clinical --style clinical --dpi 40
    draw clinical-grey --style clinical --grey --grid grey --dpi 40
    draw clinical-bare --style clinical --grid none --no-names --no-calibration --rhythm none \
        --dpi 40
    draw clinical-6x2 --style clinical --printout 6x2 --gain 5 --speed 50 --size 400x300
    draw clinical-12x1 --style clinical --printout 12x1 --rate 500 --dpi 40
    draw clinical-v1 --style clinical --rhythm V1 --window 1:4 --highpass 0.5 --dpi 40
    draw levels --size 64x48 --levels 16
    draw levels-colour --style clinical --dpi 30 --levels 4
    draw window --size 64x48 --window 3:5 --highpass 0.7
    draw notch --size 64x48 --rate 500 --notch 60
    draw distorted --style clinical --dpi 40 --seed 3 --levels 16 --sidecar draw/side \
        --png draw/side --distort shadow=0.5:0.5,rotation=0.5,fading=0.5,crease=0.5,perspective=0.5
    draw distorted-leads --size 64x48 --seed 4 --sidecar draw/leads --png draw/leads \
        --distort crop=0.5,blur=0.5:0.7,noise=0.3,blocking=0.5
    draw plain-png --size 48x48 --sidecar draw/json --png draw/png
    draw workers --style dataset3 --seed 7 --size 160x120 --workers 1

    mkdir mine
    for id in 1 2 3; do cp sim/records500/00000/0000${id}_hr.* mine; done
    printf '00003_hr\n00001_hr\n' >mine/RECORDS
    run draw/folder render --records mine --out draw/folder.h5 --size 48x48
    run draw/list render --records mine/RECORDS --out draw/list.h5 --size 48x48 --rate 500
    fails draw/refused render --records mine --out draw/no.h5 --window 10
    fails draw/usage render --ptbxl sim --out draw/no.h5 --style dataset5
    record=sim/records100/00000/00001_lr
    for style in dataset1 dataset2 clinical dataset4; do
        run draw/svg-$style render --records $record --svg draw/$style.svg --style $style
    done
    run draw/svg-grey render --records $record --svg draw/grey.svg --style clinical --grey \
        --printout 12x1 --window 2:4

    for stack in s high page draw/distorted draw/levels draw/folder; do
        run "info/$(basename $stack)" info $stack.h5 --json
    done
    run info/record info $record --json
    run info/record500 info sim/records500/00000/00002_hr --json
    run info/quality info sim/records100 --quality --json
    run info/quality-stack info s.h5 --quality --json
    run info/png info s.h5 --png info/png --first 3
    run info/record-png info $record --png info/record-png
}

experiments()
{
    mkdir experiments
    cat >experiments/base.yaml <<'TEXT'
seed: 5
data: {invert: true, train: [1, 2, 3, 4, 5, 6], valid: [7, 8], test: [9, 10]}
train: {loss: bce-logits, lr: 3e-3, batch: 4, epochs: 2, threads: 1}
diagnose: {probes: none}
TEXT
    cat >lstm.yaml <<'TEXT'
include: experiments/base.yaml
name: golden-lstm
model: {type: convlstm, hidden: [4], head: mean-max}
train: {max_steps: 14}
TEXT
    cat >cnn.yaml <<'TEXT'
include: experiments/base.yaml
name: golden-cnn
model: {type: cnn, hidden: [4, 8]}
train: {batch: 8}
TEXT
    # The paper's network, whose output saturates; by the paper's own cost.
    cat >paper.yaml <<'TEXT'
include: experiments/base.yaml
name: golden-paper
data: {invert: false}
model: {type: convlstm, hidden: [10], head: flatten}
train: {loss: bce, optimizer: adam, lr: 3e-2, batch: 2, max_steps: 40}
TEXT
    cat >healthy.yaml <<'TEXT'
include: cnn.yaml
name: golden-healthy
model: {hidden: [8, 16, 32], head: mean}
train: {optimizer: adamw, schedule: one-cycle, lr: 1e-2, weight_decay: 0.01, batch: 16, epochs: 8}
TEXT
    for file in lstm cnn paper healthy; do run print/$file train $file.yaml --print; done
    run print/override train cnn.yaml train.lr=2e-4 'data.leads=[I, II, V1]' seed=9 --print
    printf 'name: bare\n' >experiments/bare.yaml
    run print/bare train experiments/bare.yaml --print
    # The experiments of this repository, where a base file may be.
    cp -r "$here/../experiments" shipped
    for file in shipped/*/experiment.yaml; do
        run "print/$(basename "$(dirname "$file")")" train "$file" --print
    done
    fails print/unknown train cnn.yaml train.lrr=1 --print
    fails print/range train cnn.yaml train.lr=-1 --print
    for file in lstm cnn; do run layers/$file train $file.yaml --data s.h5 --summary; done
}

# train NAME FILE STACK OVERRIDE...: a run of its own in train/NAME; its weights are compared.
train()
{
    name=$1 file=$2 stack=$3
    shift 3
    run "train/$name.train" train "$file.yaml" "$@" --data "$stack.h5" --out "train/$name"
}

models()
{
    train lstm lstm s
    train lstm-paper paper small train.lr=1e-4 train.max_steps=10
    train lstm-16 lstm small 'model.hidden=[16]' train.max_steps=6
    train lstm-24 lstm small 'model.hidden=[24]' model.kernel=5 train.max_steps=6
    train lstm-two lstm s 'model.hidden=[4, 6]'
    train lstm-three lstm small 'model.hidden=[3, 4, 5]' model.cell_norm=layer train.max_steps=6
    train lstm-conv lstm s model.stem=conv 'model.stem_channels=[4, 8]'
    train lstm-patch lstm s model.stem=patch model.patch=8 'model.stem_channels=[4]'
    train lstm-norm lstm s model.cell_norm=layer model.forget_bias=1
    train lstm-norm-two lstm s model.cell_norm=layer 'model.hidden=[4, 4]' model.stem=conv \
        model.pool_time=true
    train lstm-init lstm s model.recurrent_init=orthogonal model.head_norm=true model.bias=false
    train lstm-dropout lstm s model.dropout=0.5 model.head=mean
    for head in flatten mean max mean-max; do
        train lstm-time-$head lstm s model.pool_time=true model.head=$head train.max_steps=8
        train cnn-$head cnn s model.head=$head model.dropout=0.25
    done
    train lstm-flatten lstm s model.head=flatten train.max_steps=8
    train lstm-max lstm s model.head=max train.max_steps=8
    train cnn cnn s
    train cnn-deep cnn s 'model.hidden=[4, 8, 12, 16]' model.kernel=5 model.head_norm=true
    train cnn-stem cnn s model.stem=conv 'model.stem_channels=[4]'
    train cnn-page cnn page
    fails train/lstm-page.train train lstm.yaml --data page.h5 --out train/lstm-page
    train cnn-high cnn high
}

ways()
{
    train data-shuffled lstm s data.leads=shuffled
    train data-leads cnn s 'data.leads=[I, II, V1, V5]'
    train data-standardise lstm s data.standardise=true data.invert=false
    train data-patient cnn s data.split=patient 'data.share=[0.6, 0.2, 0.2]'
    train data-record cnn s data.split=record data.select=balanced
    train data-select cnn s data.select=heartnet-rnn
    train data-limit lstm s data.limit=17 train.batch=5
    train data-no-valid cnn s 'data.valid=[]'
    train augment-lstm lstm s data.augment=heartnet
    train augment-cnn cnn s data.augment=heartnet data.max_rotate=20 data.max_zoom=1.3 \
        data.p_affine=1 train.batch=4
    train accumulate-lstm lstm s train.batch=6 train.accumulate=3 train.max_steps=8
    train accumulate-cnn cnn s train.batch=12 train.accumulate=4 train.sampler=balanced
    train weights cnn s train.class_weights=balanced train.clip_norm=0.05
    train positive lstm s train.positive_weight=3 train.clip_norm=0.1
    train patience cnn s train.patience=1 train.monitor=loss train.min_delta=0.05 train.epochs=9
    for monitor in average_precision brier f1; do
        train monitor-$monitor cnn s train.monitor=$monitor train.epochs=3 train.lr=3e-2
    done

    train sgd cnn s train.optimizer=sgd train.lr=1e-2
    train sgd-cycle lstm s train.optimizer=sgd train.momentum=0.9 train.weight_decay=1e-2 \
        train.schedule=one-cycle train.lr=1e-2
    train adam-cosine cnn s train.optimizer=adam train.schedule=cosine train.warmup=3 \
        train.min_lr=1e-5 train.weight_decay=1e-2
    train adamw-step cnn s train.optimizer=adamw train.schedule=step train.step_size=1 \
        train.gamma=0.3 train.weight_decay=1e-2 'train.betas=[0.8, 0.99]' train.epochs=3
    train adamw-cycle lstm s train.optimizer=adamw train.schedule=one-cycle train.weight_decay=0.1
    train adam-cycle-still cnn s train.schedule=one-cycle train.warmup=4 \
        train.cycle_momentum=false train.epsilon=1e-5

    for model in lstm cnn; do
        train emulated-$model $model small train.precision=bf16-emulated train.max_steps=6
        train threads-$model $model s train.threads=2
    done
    train emulated-norm lstm small train.precision=bf16-emulated model.cell_norm=layer \
        'model.hidden=[8, 8]' train.max_steps=4
    train threads-emulated lstm small train.precision=bf16-emulated train.threads=2 \
        train.max_steps=4
    maybe train/native.train train lstm.yaml train.precision=bf16 --data s.h5 --out train/native
    for memory in low high; do
        train memory-$memory lstm s train.memory=$memory
        train memory-$memory-norm lstm s train.memory=$memory model.cell_norm=layer \
            'model.hidden=[4, 6]' train.max_steps=6
    done

    train probes-lstm lstm small diagnose.probes=full diagnose.first=2 diagnose.every=4 \
        train.max_steps=7
    train probes-two lstm small diagnose.probes=full diagnose.first=1 diagnose.every=3 \
        'model.hidden=[3, 4]' model.stem=conv 'model.stem_channels=[4]' train.max_steps=4
    train probes-cnn cnn small diagnose.probes=full diagnose.first=2 diagnose.growth=2
    fails train/small.train train cnn.yaml data.size=64x64 --data s.h5 --out train/refused
    fails train/there.train train cnn.yaml --data s.h5 --out train/cnn
}

# interrupted RUN FILE: a training that SIGTERM ends after some steps, wherever it is then.
interrupted()
{
    "$LEADSEQ" train "$2.yaml" $long --data s.h5 --out "$1" >/dev/null 2>&1 </dev/null &
    pid=$!
    tries=0
    until { [ -f "$1/steps.tsv" ] && [ "$(wc -l <"$1/steps.tsv")" -gt 6 ]; } || [ $tries -gt 300 ]
    do
        sleep 0.03
        tries=$((tries + 1))
    done
    kill -TERM $pid
    wait $pid
    ended=$?
    run_name=train/$(basename "$1").stopped run_expected=1
    : >"$run_name.err"
    status_is $ended
}
long="train.max_steps=0 train.epochs=30"

# after RUN STEPS: extends the run's own experiment to STEPS, so that --resume continues to there.
after()
{
    sed "s/max_steps: .*/max_steps: $2/" "$1/experiment.yaml" >"$1/experiment.new" &&
        mv "$1/experiment.new" "$1/experiment.yaml"
}

# What stopped/ holds is left out of the comparison: where a signal comes in is left to chance.
resumed()
{
    mkdir stopped
    train part lstm s train.max_steps=7 model.dropout=0.5
    for model in lstm cnn; do
        interrupted stopped/$model $model
        cp -r stopped/$model train/went-on-$model
        run train/went-on-$model.resume train $model.yaml $long --data s.h5 \
            --out train/went-on-$model --resume
        train whole-$model $model s $long
        cmp -s train/went-on-$model/checkpoints/last.h5 train/whole-$model/checkpoints/last.h5
        echo $? >train/went-on-$model.whole.status
    done
}

# evaluated NAME RUN STACK SPLIT OPTION...: with copies of what the next evaluation writes over.
evaluated()
{
    copy=used/$1 run_of=$2 split=$4 data=$3.h5
    shift 4
    run "$copy" evaluate "$run_of" --data "$data" --split "$split" "$@"
    for table in metrics.json "predictions-$split.tsv"; do
        [ ! -f "$run_of/$table" ] || cp "$run_of/$table" "$copy-$table"
    done
}

# used RUN STACK: a run's predictions and what is told of it.
used()
{
    name=$(basename "$1")
    for part in train valid test all; do
        evaluated "$name-$part" "$1" "$2" $part
    done
    evaluated "$name-last" "$1" "$2" test --checkpoint last
    evaluated "$name-again" "$1" "$2" test --precision bf16-emulated
    evaluated "$name-best" "$1" "$2" test
    run "used/$name-stack" predict "$1" "$2.h5"
    run "used/$name-stack-last" predict "$1" "$2.h5" --checkpoint last --out "used/$name-last.tsv"
    run "used/$name-info" info "$1" --json
}

# predicted RUN: of records and PNG files.
predicted()
{
    name=$(basename "$1")
    run "used/$name-record" predict "$1" sim/records100/00000/00001_lr
    run "used/$name-folder" predict "$1" mine
    images=$(find draw/png -name '*_V6.png' | sort | head -n 1)
    # shellcheck disable=SC2046 # the names hold no blanks
    run "used/$name-png" predict "$1" $(ls "${images%_V6.png}"_*.png)
}

# diagnosed RUN STACK: with what the diagnosis writes, which is compared too.
diagnosed()
{
    run "used/$(basename "$1")-diagnose" diagnose "$1" --data "$2.h5"
}

uses()
{
    for name in lstm lstm-conv cnn accumulate-cnn threads-lstm; do used train/$name s; done
    used train/cnn-page page
    used train/cnn-high high
    for name in lstm cnn; do predicted train/$name; done
    run used/high-folder predict train/cnn-high mine
    fails used/other predict train/cnn-high s.h5

    for name in probes-lstm probes-two probes-cnn; do diagnosed train/$name small; done
    train saturated paper s diagnose.probes=full diagnose.first=2 diagnose.every=20 \
        'diagnose.groups=[output, head, flow, gates, parameters, step]'
    train saturated-unprobed paper s
    run big synth --out big --patients 300 --seed 3 --mi-share 0.4 --difficulty 0 --noise 0
    run big-stack render --ptbxl big --out big.h5 --size 48x48
    rm -rf big
    train healthy healthy big
    for name in saturated saturated-unprobed; do diagnosed train/$name s; done
    diagnosed train/healthy big
    run used/saturated-apart diagnose train/saturated-unprobed --no-rehearsal --out used/apart
    run used/remedies diagnose train/lstm --data s.h5 --remedies --steps 6 --records 24 --pairs 1 \
        --only loss-logits,head-max,stem-conv,lr-div-1e1 --out used/remedies

    used train/whole-lstm s
    used train/whole-cnn s
    run used/compare compare train/whole-lstm train/whole-cnn --data s.h5 --out used/report
    cp train/whole-cnn/predictions-test.tsv theirs.tsv
    run used/compare-file compare train/whole-lstm theirs.tsv train/lstm --data s.h5 \
        --out used/report-three --seed 2
    fails used/compare-other compare train/whole-lstm train/cnn-page --out used/no
    run used/lr-find train healthy.yaml --data big.h5 --lr-find --lr-steps 60 \
        --lr-min 1e-6 --out used/rates
    run used/batch train cnn.yaml data.augment=heartnet --data s.h5 --show-batch used/batch
    run used/sweep-print sweep cnn.yaml train.lr=1e-3..1e-1:log3 seed=1..2 --print
    run used/sweep sweep cnn.yaml train.lr=1e-3,1e-2 seed=1..2 train.threads=1 --data s.h5 \
        --out used/sweep
    run used/sweep-table sweep used/sweep --table
}

real()
{
    [ -n "${LEADSEQ_PTBXL:-}" ] && [ -f "$LEADSEQ_PTBXL/ptbxl_database.csv" ] ||
        { left_out "LEADSEQ_PTBXL names no folder of PTB-XL" real train/real- used/real-; return; }
    mkdir real
    some="--ptbxl $LEADSEQ_PTBXL --skip-missing"
    # shellcheck disable=SC2086 # options are words
    {
        run real/stack render $some --limit 120 --out real/stack.h5 --size 48x48
        run real/page render $some --limit 4 --out real/page.h5 --style clinical --dpi 40 \
            --sidecar real/side --png real/side
        run real/code render $some --limit 4 --out real/code.h5 --profile paper-code --size 96x72
        run real/dataset3 render $some --limit 4 --out real/dataset3.h5 --style dataset3
    }
    run real/info info real/stack.h5 --json
    run real/quality info real/stack.h5 --quality --json
    train real-lstm lstm real/stack
    train real-cnn cnn real/stack train.epochs=3
    used train/real-lstm real/stack
    used train/real-cnn real/stack
    run real/compare compare train/real-lstm train/real-cnn --out real/report
    first=$(find -L "$LEADSEQ_PTBXL/records100" -name '*_lr.hea' | sort | head -n 1)
    run real/record info "${first%.hea}" --json
    run real/predict predict train/real-cnn "${first%.hea}"
    run real/svg render --records "${first%.hea}" --svg real/first.svg --style clinical
}

two_ranks()
{
    [ -n "${LEADSEQ_MPI:-}" ] && command -v mpirun >/dev/null ||
        { left_out "LEADSEQ_MPI is not set or mpirun not there" ranks; return; }
    mkdir ranks
    for model in lstm cnn; do
        ranks ranks/$model.train train $model.yaml train.batch=7 --data s.h5 --out ranks/$model
        run ranks/$model-all evaluate ranks/$model --data s.h5 --split all
    done
    ranks ranks/parts.train train cnn.yaml train.batch=12 train.accumulate=2 model.dropout=0.25 \
        train.sampler=balanced data.augment=heartnet --data s.h5 --out ranks/parts
    ranks ranks/norm.train train lstm.yaml model.cell_norm=layer model.stem=conv train.batch=6 \
        --data s.h5 --out ranks/norm
    ranks ranks/part.train train lstm.yaml train.max_steps=7 --data s.h5 --out ranks/part
    after ranks/part 16
    ranks ranks/part.resume train lstm.yaml train.max_steps=16 --data s.h5 --out ranks/part \
        --resume
}

# left_out WHY PREFIX...: what is not recorded here, for the comparison to say so.
left_out()
{
    why=$1
    shift
    for prefix in "$@"; do echo "made/$prefix* $why"; done >>../skipped.txt
}

# make_all: all of it, in the current folder.
make_all()
{
    stacks
    experiments
    models
    ways
    resumed
    uses
    real
    two_ranks
}

# read_all MADE: the program reads runs, stacks and experiments that are in the folder MADE.
read_all()
{
    mkdir train
    cp "$1"/*.yaml "$1"/*.h5 .
    cp -r "$1/experiments" "$1/mine" "$1/sim" .
    mkdir draw
    cp -r "$1/draw/png" "$1/draw/distorted.h5" draw
    for name in lstm lstm-two lstm-norm-two cnn cnn-page cnn-high emulated-lstm part probes-lstm \
        healthy saturated saturated-unprobed native; do
        [ ! -d "$1/train/$name" ] || cp -r "$1/train/$name" train
    done
    for name in s page high; do run info/$name info $name.h5 --json; done
    run info/distorted info draw/distorted.h5 --json
    for name in lstm lstm-two lstm-norm-two cnn; do used train/$name s; done
    used train/cnn-page page
    used train/cnn-high high
    used train/emulated-lstm small
    for name in lstm cnn; do
        predicted train/$name
        run print/$name train $name.yaml --print
        run print/resolved-$name train train/$name/experiment.yaml --print
    done
    rm -f train/probes-lstm/diagnosis.*
    diagnosed train/probes-lstm small
    diagnosed train/saturated s
    diagnosed train/healthy big
    rm -rf train/saturated-unprobed/rehearsed-*
    diagnosed train/saturated-unprobed s
    run used/compare compare train/lstm train/cnn --out used/report

    after train/part 20
    run train/part.resume train lstm.yaml train.max_steps=20 model.dropout=0.5 --data s.h5 \
        --out train/part --resume
    for model in lstm cnn; do
        cp -r "$1/stopped/$model" train/went-on-$model
        run train/went-on-$model.resume train $model.yaml $long --data s.h5 \
            --out train/went-on-$model --resume
        cmp -s train/went-on-$model/checkpoints/last.h5 \
            "$1/train/whole-$model/checkpoints/last.h5"
        echo $? >train/went-on-$model.whole.status
    done
    # From a run's own experiment file, as someone does who trains it again.
    run train/again.train train train/lstm/experiment.yaml --data s.h5 --out train/again
    run train/on-high.train train cnn.yaml --data high.h5 --out train/on-high
}

# --- Modes ------------------------------------------------------------------------------------

# present: the programs, by names that do not depend on the folder.
present()
{
    if ! [ -x "${LEADSEQ:-}" ]; then
        say "LEADSEQ names no program: '${LEADSEQ:-}'"
        exit 2
    fi
    LEADSEQ=$(absolute "$LEADSEQ")
    [ -z "${LEADSEQ_MPI:-}" ] || LEADSEQ_MPI=$(absolute "$LEADSEQ_MPI")
    [ -z "${LEADSEQ_PTBXL:-}" ] || LEADSEQ_PTBXL=$(cd "$LEADSEQ_PTBXL" && pwd)
}

# record DIR
record()
{
    [ ! -e "$1" ] || { say "$1 exists already"; exit 2; }
    mkdir -p "$1/made" "$1/read" || exit 2
    folder=$(cd "$1" && pwd)
    : >"$folder/skipped.txt"
    unexpected=0
    began=$(date +%s)
    cd "$folder/made" || exit 2
    make_all
    cd "$folder/read" || exit 2
    read_all "$folder/made"
    cd "$here" || exit 2
    say "$(find "$folder" -name '*.status' | wc -l) commands of $LEADSEQ recorded in $folder:" \
        "$(($(date +%s) - began)) s, $unexpected with an unexpected status"
    sed 's/^/golden: not recorded: /' "$folder/skipped.txt" >&2
}

# compare OLD NEW
compare()
{
    for python in python3 /usr/bin/python3 none; do
        "$python" -c 'import h5py, numpy' 2>/dev/null && break
    done
    [ $python != none ] || { say "no python3 with numpy and h5py"; exit 2; }
    "$python" "$here/golden_compare.py" --deliberate "$here/golden.sh" "$1" "$2"
}

# check OLD KEEP: the program in $LEADSEQ against a folder that another recorded.
check()
{
    old=$(cd "$1" && pwd) || exit 2
    new=$2
    record "$new/new"
    mkdir "$new/reads-old" "$new/reads-old/read"
    echo "made/* the old program's own, compared above" >"$new/reads-old/skipped.txt"
    cd "$new/reads-old/read" || exit 2
    read_all "$old/made"
    cd "$here" || exit 2
    verdict=0
    echo "--- results, old and new program"
    compare "$old" "$new/new" || verdict=1
    echo "--- runs and stacks of the old program, read by itself and by the new one"
    compare "$old" "$new/reads-old" || verdict=1
    [ $verdict = 0 ] && echo "golden: the same" || echo "golden: NOT the same"
    return $verdict
}

# A folder for what is recorded, removed at the end unless it is to be kept.
scratch()
{
    if [ -n "${GOLDEN_KEEP:-}" ]; then
        mkdir -p "$GOLDEN_KEEP" && scratch=$(cd "$GOLDEN_KEEP" && pwd) || exit 2
    else
        scratch=$(mktemp -d "${TMPDIR:-/tmp}/leadseq-golden-XXXXXX") || exit 2
        trap 'cd /; rm -rf "$scratch"' EXIT
        trap 'exit 2' HUP INT TERM
    fi
}

[ $# -ge 1 ] || usage
mode=$1
shift
case $mode:$# in
record:1)
    present
    record "$1"
    ;;
compare:2) compare "$1" "$2" ;;
check:1)
    present
    scratch
    check "$1" "$scratch"
    ;;
both:2)
    for program in "$1" "$2"; do
        [ -x "$program" ] || { say "no program: $program"; exit 2; }
    done
    new=$(absolute "$2") mpi="" new_mpi=""
    # Only where both have it; else the ranks would be missing on one side.
    [ ! -x "$1-mpi" ] || [ ! -x "$2-mpi" ] || mpi=$(absolute "$1-mpi") new_mpi=$new-mpi
    scratch
    LEADSEQ=$1 LEADSEQ_MPI=$mpi
    present
    record "$scratch/old"
    LEADSEQ=$new LEADSEQ_MPI=$new_mpi
    check "$scratch/old" "$scratch"
    ;;
*) usage ;;
esac
