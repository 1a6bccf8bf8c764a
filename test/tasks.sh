#!/bin/sh
# SPDX-License-Identifier: MIT
# The five superclasses, several and one of a record, on images and on signals: weights, smoothing,
# thresholds, what a task leaves out and what it cannot use. TAP.
. "${srcdir:?}/test/program.sh"

export OMP_NUM_THREADS=1
leadseq synth --out sim --patients 150 --seed 3 || exit 99
leadseq render --ptbxl sim --out both.h5 --size 32x32 --signals || exit 99
cat >images.yaml <<'TEXT'
name: tasks
data: {task: superclass}
model: {type: cnn, hidden: [4]}
train: {batch: 8, epochs: 2, max_steps: 6, threads: 1, class_weights: balanced, label_smoothing: 0.1}
TEXT
cat >signals.yaml <<'TEXT'
include: images.yaml
data: {standardise: true, crop: 250}
model: {type: cnn1d, hidden: [4, 4], kernels: 5}
TEXT

# json FILE PATH: a value of metrics.json or environment.json, without a JSON program.
json()
{
    tr -d ' \n' <"$1" | grep -oE "$2" | head -n 1
}

# --- both tasks, on both -------------------------------------------------------------------------

for task in superclass superclass-single; do
    for kind in images signals; do
        run=$task-$kind
        ok "train $run" leadseq train $kind.yaml data.task=$task --data both.h5 --out $run
        ok "... with a weight of each class" grep -qE 'positive_weight: \[([0-9.e]+, ){4}[0-9.e]+\]' $run/experiment.yaml
        ok "... resume it" leadseq train $kind.yaml data.task=$task --data both.h5 --out $run --resume
        refuses 1 'label_smoothing|other experiment|experiment' "... with other smoothing it is another" \
            train $kind.yaml data.task=$task train.label_smoothing=0.2 --data both.h5 --out $run --resume
        ok "... evaluate it" leadseq evaluate $run --data both.h5 --split test
        ok "... a threshold of each output" test "$(grep -c '"threshold"' $run/metrics.json)" = 10
        ok "... predict with it" leadseq predict $run both.h5 --out $run.tsv
        ok "... each output's probability, decision and threshold" sh -c "
            for k in NORM MI STTC CD HYP; do
                head -n 1 $run.tsv | grep -q \"probability_\$k	decision_\$k	threshold_\$k\" || exit 1
            done"
        ok "... as a person asks" leadseq predict $run both.h5
        ok "... the same on standard output" cmp out $run.tsv
        ok "... describe it" sh -c "\"\$LEADSEQ\" info $run | grep -qE '^HYP +[0-9]+'"
        ok "... export it" leadseq export $run --format onnx --out $run.onnx
    done
done
for run in superclass-single-images superclass-single-signals; do
    ok "$run says how many are called rightly" grep -qE 'test: .* right class [01]\.[0-9]{4}, loss' $run/log.txt
    leadseq info $run
    ok "... also later" grep -qE '^most probable class right of [0-9.]+ % of [0-9]+ records' out
done

# --- records of no class or of several ---------------------------------------------------------------

lost=$(sed -nE 's/(^|.* )([0-9]+) of [0-9]+ records are left out: they have no superclass, several, or.*/\2/p' \
    superclass-single-signals/log.txt | head -n 1)
ok "a choice leaves out records of two classes, and says how many" test "${lost:-0}" -gt 5
ok "... environment.json too" test \
    "$(json superclass-single-signals/environment.json '"left_out":'"$lost"',"patients_on_both_sides"')" != ''
ok "... and metrics.json of each part" sh -c '
    sum=$(grep -oE "\"left_out\": [0-9]+" superclass-single-signals/metrics.json | grep -oE "[0-9]+" | paste -sd + -)
    test "$(($sum))" = '"$lost"
leadseq info superclass-single-signals
ok "... and info" grep -qE '^left out by the task: [0-9]+ records' out
ok "... several of a record leave none out" sh -c '! grep -q left_out superclass-signals/metrics.json'

# --- a class that a part lacks ----------------------------------------------------------------------

leadseq synth --out rare --patients 60 --seed 3
leadseq render --ptbxl rare --out rare.h5 --size 32x32 --signals
leadseq evaluate superclass-images --data rare.h5 --split all --out folds
bare=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
    { f = $c["fold"]; seen[f] = 1; if ($c["label_HYP"] == 1) has[f] = 1 }
    END { for (f = 1; f <= 10; f++) if (seen[f] && !has[f]) print f }' folds/predictions-all.tsv)
# shellcheck disable=SC2086 # two words
set -- $bare
ok "two folds have no hypertrophy" test $# -ge 2
others=$(for f in 1 2 3 4 5 6 7 8 9 10; do [ $f = "$1" ] || [ $f = "$2" ] || echo $f; done | paste -sd , -)
absent=no refuses 1 'label HYP: expected training records of both classes, found [0-9]+ labelled records, all with label 0.*leave HYP out' \
    "a class without a training record is named" \
    train images.yaml "data.train=[$1]" "data.valid=[$2]" "data.test=[]" --data rare.h5 --out no
ok "without one in validation and test" leadseq train signals.yaml "data.train=[$others]" "data.valid=[$1]" \
    "data.test=[$2]" train.monitor=f1 train.patience=1 --data rare.h5 --out bare
ok "... it is told" grep -qE 'label HYP: all [0-9]+ known labels of the valid part are 0: .* its threshold is 0\.5' bare/log.txt
ok "... the threshold is one half" test "$(json bare/metrics.json '"HYP":\{[^{]*"threshold":0\.5,')" != ''
ok "... its origin says that" grep -q '"threshold_origin": "valid, largest Youden index at epoch [0-9]*; 0.5 for HYP' bare/metrics.json
ok "... its AUC is none" test "$(json bare/metrics.json '"HYP":\{"n":[0-9]+,"positive":0,"auc":null')" != ''
leadseq info bare
ok "... a dash for a person" grep -qE '^HYP +[0-9]+ +0 +–' out
ok "... and the others have theirs" test "$(json bare/metrics.json '"macro":\{"auc":[0-9]')" != ''

# --- stacks that a task or a run cannot use --------------------------------------------------------------

leadseq render --ptbxl sim --out images.h5 --size 32x32 --limit 40
leadseq render --ptbxl sim --out signals.h5 --signals-only --limit 40
leadseq render --records sim/records100 --out unlabelled.h5 --size 32x32 --signals
(cd sim/records100 && ls ./*/*.hea) | sed 's,^\./,,; s/\.hea$//' |
    awk 'BEGIN { print "record,AF" } { print $0 "," NR % 2 }' >own.csv
leadseq render --records sim/records100 --table own.csv --out own.h5 --size 32x32 --signals
for run in superclass-images superclass-single-signals; do
    kind=${run##*-} other=images
    [ "$kind" = images ] && other=signals
    mixed="$other.h5: expected $kind, found $other only; render"
    lacks='data.task: superclass.*expected label NORM in own.h5, found AF; set data.task'
    none='unlabelled.h5: expected records that data.task has labels of, found none: 176 of 176 records are left out'
    absent=no refuses 1 "$mixed" "train on $kind refuses $other" train $kind.yaml --data $other.h5 --out no
    refuses 1 "$mixed" "evaluate refuses $other" evaluate $run --data $other.h5 --split all --out elsewhere
    absent=no.tsv refuses 1 "$mixed" "predict refuses $other" predict $run $other.h5 --out no.tsv
    absent=no refuses 1 "$lacks" "train on $kind refuses a stack of other labels" \
        train $kind.yaml --data own.h5 --out no
    refuses 1 "$lacks" "... evaluate too" evaluate $run --data own.h5 --split all --out elsewhere
    ok "... predict needs none" leadseq predict $run own.h5
    absent=no refuses 1 'unlabelled.h5: none of the 176 records has a label' \
        "train on $kind refuses a stack without labels" train $kind.yaml --data unlabelled.h5 --out no
    refuses 1 "$none" "... evaluate too" evaluate $run --data unlabelled.h5 --split all --out elsewhere
    ok "... predict needs none" leadseq predict $run unlabelled.h5
done
absent=no refuses 1 'data.crop: expected at most 1000 samples, as the signals of both.h5 have, found 1001' \
    "windows longer than the record" train signals.yaml data.crop=1001 --data both.h5 --out no
absent=no refuses 1 'data.stride: expected at most data.crop, 250, found 251' \
    "windows with samples between them" train signals.yaml data.stride=251 --data both.h5 --out no
absent=no refuses 1 'data.aggregate: mean has no effect without data.crop' \
    "a mean of one window" train signals.yaml data.crop=0 data.aggregate=mean --data both.h5 --out no
absent=no refuses 1 'data.aggregate: is for signals, and model.type cnn reads images' \
    "windows of images" train images.yaml data.aggregate=mean --data both.h5 --out no
absent=no refuses 1 'train.positive_weight: expected one weight, or one of each of the task.s 5 outputs, found 3' \
    "weights of another number" train images.yaml train.class_weights=none 'train.positive_weight=[1, 2, 3]' --data both.h5 --out no
absent=no refuses 1 'expected a weight of each of the 5 classes of data.task with train.loss: softmax, found 1' \
    "one weight of five classes" \
    train images.yaml data.task=superclass-single train.class_weights=none train.positive_weight=2 --data both.h5 --out no
for bad in '[1, 2, 3, 4, -5]' '[1, 2, 3, 4, nan]' '[1, 2, 3, 4, inf]' '[0, 1, 1, 1, 1]'; do
    refuses 2 'train.positive_weight: expected a number above 0' "weights $bad" \
        train images.yaml "train.positive_weight=$bad" --data both.h5 --out no
done
for bad in 1 -0.1 nan; do
    refuses 2 'train.label_smoothing: expected a number from 0 to 0.999, found' "smoothing of $bad" \
        train images.yaml train.label_smoothing=$bad --data both.h5 --out no
done
refuses 2 'a list of weights is train.positive_weight' "weights by the other name" \
    train images.yaml 'train.class_weights=[1, 2, 3, 4, 5]' --data both.h5 --out no

finish
