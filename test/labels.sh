#!/bin/sh
# SPDX-License-Identifier: MIT
# Labels of a researcher's own table, and every kind of task from records to predictions: stacks,
# training, tables, resuming. TAP.
. "${srcdir:?}/test/program.sh"

# rows FILE: without the names of the columns.
rows()
{
    tail -n +2 "$1" | wc -l | tr -d ' '
}

# cells FILE COLUMN: of all rows.
cells()
{
    awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
        { print c ? $c : "no such column" }' "$1"
}

leadseq synth --out sim --patients 100 --seed 5 || exit 99
small='--size 32x32'
printf 'name: labels\nseed: 1\ntrain: {epochs: 2, batch: 8, threads: 1}\n' >tiny.yaml

# --- a table of own records ---------------------------------------------------------------

# AF by turns, BBB unknown in every seventh; patients of two records; no folds.
(cd sim/records100 && ls ./*/*.hea) | sed 's,^\./,,; s/\.hea$//' | awk 'BEGIN {
        print "record,patient_id,age,sex,AF,BBB,grade,note" }
    { printf "%s,p%d,%d,%s,%d,%s,%d,\"a, b\"\n", $0, NR / 2, 40 + NR % 40, NR % 2 ? "f" : "male",
          NR % 3 == 0, NR % 7 ? NR % 2 : "", NR % 4 }' >own.csv
count=$(rows own.csv)

# shellcheck disable=SC2086 # words
ok "render takes a table" leadseq render --records sim/records100 --table own.csv $small --out own.h5
ok "... names the labels it found" grep -qE "label AF: [0-9]+ yes, [0-9]+ no, 0 unknown" err
ok "... and what it ignores" grep -q "column 7 (grade) is ignored: line [0-9]* has \"[23]\" (labels are 1 or 0, yes or no, or empty)" err
leadseq info own.h5 --json
ok "info counts the labels" sh -c 'tr -d " \n" <out | grep -qE "\"BBB\":\{\"yes\":[0-9]+,\"no\":[0-9]+,\"unknown\":[1-9]"'
ok "... and the records" grep -qE "\"records\": *$count," out
leadseq info own.h5
ok "... also for a person" grep -qE "AF +[0-9]+ yes" out
# what predict wrote, as it does and as it did, is no truth
for word in decision label decision_AF; do
    sed "1s/AF/$word/; 1s/\$/,threshold_origin/; 2,\$s/\$/,default/" own.csv >answers.csv
    absent='answers.h5 answers.h5.partial'
    refuses 1 "answers.csv:1: column 5 .$word.: expected a label, found a decision of leadseq predict" \
        "a column $word of predict is no label" \
        render --records sim/records100 --table answers.csv --out answers.h5
done
# shellcheck disable=SC2086
ok "... but one beside it is" \
    leadseq render --records sim/records100 --table answers.csv --labels BBB $small --out beside.h5
sed 's/$/\r/' own.csv >crlf.csv
# shellcheck disable=SC2086
ok "named labels alone are taken, whatever the line ends" \
    leadseq render --records sim/records100 --table crlf.csv --labels BBB $small --out one.h5
leadseq info one.h5
ok "... and no other" sh -c '! grep -q "AF" out && grep -q "BBB" out'

# pandas: names in another case, True and False.
sed -E '1s/record,patient_id/Record,Patient_ID/; 2,$s/^(([^,]*,){4})0/\1False/; 2,$s/^(([^,]*,){4})1/\1True/' \
    own.csv >pandas.csv
# shellcheck disable=SC2086
ok "True, False and names in another case are taken" \
    leadseq render --records sim/records100 --table pandas.csv $small --out pandas.h5
"$LEADSEQ" info own.h5 | grep -oE "(AF|BBB) +[0-9].*" >a
"$LEADSEQ" info pandas.h5 | grep -oE "(AF|BBB) +[0-9].*" >b
ok "... as the same labels" cmp a b
cut -d , -f 1,7 own.csv >bad.csv
absent=bad.h5 refuses 1 'found none; column 2 \(grade\) is ignored: line [0-9]+ has "[23]"' \
    "without a label column the reasons are named" \
    render --records sim/records100 --table bad.csv --out bad.h5

# Two wards name their records alike.
first=$(sed -n '2s/,.*//p' own.csv)
for ward in ward3 ward4; do
    mkdir -p wards/$ward
    cp "sim/records100/$first.hea" "sim/records100/$first.dat" wards/$ward
done
name=${first##*/}
printf 'path,AF\nward3/%s,1\nward4/%s.hea,0\n' "$name" "$name" >wards.csv
# shellcheck disable=SC2086
ok "records of the same name in two folders" \
    leadseq render --records wards --table wards.csv $small --out wards.h5 --png wards-png --sidecar wards-side
ok "... have pictures by their paths" test -f "wards-png/unlabelled/ward4--${name}_II.png"
ok "... and sidecars" grep -q "\"ward3/$name\"" "wards-side/ward3--$name.json"
printf 'path,AF\nward3/%s,1\nward3/%s.dat,0\n' "$name" "$name" >bad.csv
absent=bad.h5 refuses 1 'expected each record once' "the same path twice is refused" \
    render --records wards --table bad.csv --out bad.h5
long=wards/$(printf '%060d' 0)
mkdir -p "$long"
cp wards/ward3/* "$long"
printf 'path,AF\n%s/%s,1\n' "${long#wards/}" "$name" >bad.csv
absent=bad.h5 refuses 1 'bad\.csv:2: path: expected a path of at most 63 bytes' \
    "a path that is too long is refused" render --records wards --table bad.csv --out bad.h5

# bad NAME PATTERN SED: the table changed by a sed script is refused.
bad()
{
    sed -E "$3" own.csv >bad.csv
    absent=bad.h5 refuses 1 "$2" "a table with $1 is refused" \
        render --records sim/records100 --table bad.csv --labels AF,BBB --out bad.h5
}
bad "a cell that is no label" 'bad\.csv:3: AF: expected 0, 1 or nothing, found "9"' \
    '3s/^(([^,]*,){4})[01]/\19/'
bad "a record that is not there" 'bad\.csv:4: record: expected a record whose header' \
    '4s/^[^,]*/none/'
bad "a record twice" 'bad\.csv:[0-9]+: record: expected each record once' '$p'
bad "no rows" 'expected one row per record' '2,$d'
bad "no column of records" 'expected a column named "record" or "path"' '1s/record/file/'
bad "a strange age" 'bad\.csv:5: age: expected an age' '5s/,[0-9]+,/,old,/'
bad "a label that is absent" 'found "AF"' '1s/AF/AFL/'
bad "a short row" 'bad\.csv:6: expected 8 cells between commas' '6s/,"a, b"$//'
sed '1s/AF/mi/' own.csv >bad.csv
absent=bad.h5 refuses 1 'the name "mi" is .*rename it' "a reserved name is refused" \
    render --records sim/records100 --table bad.csv --out bad.h5
refuses 2 'expected either .*--table FILE.csv --records DIR' "a table without records is refused" \
    render --table own.csv --out bad.h5
refuses 1 'expected the one folder' "a table and a record are refused" \
    render --records own.csv --table own.csv --out bad.h5

# --- tasks --------------------------------------------------------------------------------

# shellcheck disable=SC2086
leadseq render --ptbxl sim $small --out sim.h5 || result 1 "a stack of simulated records"

# learn RUN STACK OVERRIDE...: trains, evaluates, predicts.
learn()
{
    run=$1 stack=$2
    shift 2
    ok "train $run" leadseq train tiny.yaml --data "$stack" --out "$run" "$@"
    ok "... evaluate it" leadseq evaluate "$run" --data "$stack" --split all
    ok "... predict with it" leadseq predict "$run" "$stack" --out "$run.tsv"
}

for model in convlstm cnn; do
    learn five-$model sim.h5 data.task=superclass model.type=$model
    learn single-$model sim.h5 data.task=superclass-single model.type=$model
    learn two-$model sim.h5 'data.task=[MI, CD]' model.type=$model
    learn af-$model own.h5 data.task=AF model.type=$model
done
ok "several outputs have three columns each" \
    sh -c 'head -n 1 five-cnn/predictions-test.tsv | grep -q "^ecg_id	record	patient_id	fold	split	label_NORM	logit_NORM	probability_NORM	label_MI	.*	probability_HYP$"'
ok "... one has them without names" \
    sh -c 'head -n 1 af-cnn/predictions-test.tsv | grep -q "^ecg_id	record	patient_id	fold	split	label	logit	probability$"'
ok "... exclusive classes have their name" \
    sh -c 'head -n 1 single-cnn/predictions-all.tsv | grep -q "	split	label	label_NORM	"'
ok "... and only records of one class are there" \
    sh -c 'test "$(tail -n +2 single-cnn/predictions-all.tsv | cut -f 6 | sort -u | tr "\n" " ")" = "CD HYP MI NORM STTC "'
ok "... fewer than all" test "$(rows single-cnn/predictions-all.tsv)" -lt "$(rows five-cnn/predictions-all.tsv)"
cells single-cnn.tsv decision_NORM >decision
ok "predict has decisions by output" sh -c '! grep -qvE "^[01]$" decision'
ok "... and the class" sh -c 'head -n 1 single-cnn.tsv | grep -q "^ecg_id	record	decision	logit_NORM"'
cells two-cnn/predictions-all.tsv logit_CD | sort >evaluated
cells two-cnn.tsv logit_CD | sort >predicted
ok "... the same numbers as evaluate" cmp evaluated predicted
ok "probabilities of exclusive classes sum to one" awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++)
        if ($i ~ /^probability_/) c[i]; next }
    { s = 0; for (i in c) s += $i; if (s < .99999 || s > 1.00001) exit 1 }' single-cnn.tsv
ok "metrics.json has each output and the means" \
    sh -c 'grep -q "\"outputs\"" five-cnn/metrics.json && grep -q "\"macro\"" five-cnn/metrics.json && grep -q "\"label_unknown\"" five-cnn/metrics.json'
ok "... of one output neither" sh -c '! grep -qE "macro|outputs" af-cnn/metrics.json'
ok "history.tsv has an AUC per output" grep -q 'valid_auc_HYP' five-cnn/history.tsv
leadseq info five-cnn
ok "info shows the outputs' scores" sh -c 'grep -qE "^STTC +[0-9]+" out && grep -q "^mean" out'
ok "the loss follows the task" sh -c 'grep -q "loss: softmax" single-cnn/experiment.yaml && grep -q "loss: bce-logits" five-cnn/experiment.yaml'
ok "compare reads them" leadseq compare five-cnn five-convlstm --out report --split test

# --- unknown labels and splits ----------------------------------------------------------------

learn bbb own.h5 'data.task=[AF, BBB]'
learn bbb-cnn own.h5 'data.task=[AF, BBB]' model.type=cnn
ok "a label that is not known is empty in the table" \
    sh -c 'test "$(awk -F "\t" "NR > 1 && \$9 == \"\"" bbb/predictions-all.tsv | wc -l)" -gt 5'
ok "... and counted" sh -c 'grep -qE "\"label_unknown\": *[1-9]" bbb/metrics.json'
leadseq train tiny.yaml data.task=BBB train.max_steps=1 --data own.h5 --out lone
leadseq evaluate lone --data own.h5 --split all
ok "records without the one label are left out" test "$(rows lone/predictions-all.tsv)" -lt "$count"
ok "a stack without folds is split by patient" grep -q 'the stack has no folds: its records are split by patient' af-cnn/log.txt
ok "... which its experiment says" grep -q 'split: patient' af-cnn/experiment.yaml
ok "... no patient on both sides" sh -c '
    cut -f 3,5 af-cnn/predictions-all.tsv | tail -n +2 | sort -u | cut -f 1 | uniq -d | grep -q . && exit 1; exit 0'
cut -d , -f 1,5,6 own.csv >alone.csv
# shellcheck disable=SC2086
leadseq render --records sim/records100 --table alone.csv $small --out alone.h5
ok "without patients each record is its own" \
    leadseq train tiny.yaml data.task=AF train.max_steps=1 --data alone.h5 --out alone
ok "... and that is said" grep -qE "[0-9]+ of [0-9]+ records have no patient_id" alone/log.txt

# --- comparing runs whose records have names alone ------------------------------------------------

cmd='--resamples 2000'
# shellcheck disable=SC2086
for data in '' '--data own.h5'; do
    ok "compare joins records without ecg_id by their names $data" \
        leadseq compare af-cnn af-convlstm $cmd $data --out "joined${data#--data }"
    ok "... with two outputs" \
        leadseq compare bbb bbb-cnn $cmd $data --out "two-joined${data#--data }"
done
ok "... whose table has the names" \
    sh -c 'head -n 1 joined/tables/predictions.tsv | grep -q "^record	patient_id	label	"'
awk -F '\t' 'NR == 1 { print "record,ecg_id,probability"; next } { print $2 ",," $8 }' \
    af-cnn/predictions-test.tsv >foreign.csv
ok "... an empty ecg_id is none" leadseq compare foreign.csv af-convlstm --resamples 2000 --out empty
cut -d , -f 1,3 foreign.csv >named.csv
ok "... nor is a missing column one" \
    leadseq compare af-convlstm named.csv --resamples 2000 --data own.h5 --out named
sed '3s/^[^,]*/none/' named.csv >bad.csv
refuses 1 '1 only in bad\.csv \(record none\), 1 only in af-cnn \(record [0-9]' \
    "other records are refused by name" compare bad.csv af-cnn --out no
sed '$p' named.csv >bad.csv
refuses 1 'bad\.csv:[0-9]+: expected one row per record, found record [^ ]* on line [0-9]+ too' "a record twice in a prediction table" \
    compare bad.csv af-cnn --out no
sed '3s/^[^,]*//' named.csv >bad.csv
refuses 1 'bad\.csv:3: record: expected the record.s name' "a record without a name" \
    compare bad.csv af-cnn --out no

leadseq train tiny.yaml 'data.task=[AF, BBB]' --data own.h5 --show-batch shown
ok "a batch's pictures are named by record and labels" \
    sh -c 'ls shown | grep -qE "^epoch1_01_.*[0-9]_lr_AF=[01],BBB=([01]|unknown)\.png$"'
leadseq train tiny.yaml --data sim.h5 --show-batch shown-mi
ok "... those of PTB-XL as ever" sh -c 'ls shown-mi | grep -qE "^epoch1_01_[0-9]{5}_(mi|normal)\.png$"'

learn paired sim.h5 train.loss=softmax # yes or no: two units

# --- what does not go together ------------------------------------------------------------------

refuses 1 'expected label CD in own.h5, found AF, BBB' "a label the stack lacks is refused with those it has" \
    train tiny.yaml data.task=CD --data own.h5 --out no
refuses 1 'expected label mi in own.h5, found AF, BBB' "... also the default" train tiny.yaml --data own.h5 --out no
refuses 1 'expected softmax for data.task: superclass-single, found bce' "a loss that does not fit" \
    train tiny.yaml data.task=superclass-single train.loss=bce --data sim.h5 --out no
refuses 1 'train.loss: expected bce or bce-logits' "softmax of labels that exclude no other" \
    train tiny.yaml data.task=superclass train.loss=softmax --data sim.h5 --out no
refuses 1 'data.select: expected all, because data.task has 5 outputs' "balanced choice of five" \
    train tiny.yaml data.task=superclass data.select=balanced --data sim.h5 --out no
refuses 1 'train.sampler: expected shuffle' "balanced batches of five" \
    train tiny.yaml data.task=superclass train.sampler=balanced --data sim.h5 --out no
refuses 2 'expected different labels, found A twice' "a label twice" \
    train tiny.yaml 'data.task=[A, A]' --data sim.h5 --out no
sed -E '2,$s/^(([^,]*,){4})[01]/\11/' own.csv >ones.csv
# shellcheck disable=SC2086
leadseq render --records sim/records100 --table ones.csv $small --out ones.h5
refuses 1 'label AF: expected training records of both classes, found 97 labelled records, all with label 1' \
    "one class in training is named" train tiny.yaml data.task='[AF, BBB]' --data ones.h5 --out no

# --- names of another program -------------------------------------------------------------------

# Points in names also divide the paths by which scores are looked up.
cp own.h5 points.h5
python=none
for name in "${PYTHON:-}" /usr/bin/python3 python3; do
    [ -n "$name" ] && "$name" -c 'import h5py' 2>/dev/null && python=$name && break
done
if [ "$python" = none ]; then
    skip "no python3 with h5py"
else
    "$python" -c 'import h5py
f = h5py.File("points.h5", "r+")
f.move("label/AF", "label/A.F")
f.move("label/BBB", "label/A")'
    learn points points.h5 'data.task=[A.F, A]'
    learn points-cnn points.h5 'data.task=[A.F, A]' model.type=cnn
    leadseq info points
    ok "an output with a point in its name has its scores" \
        sh -c 'test "$(grep -cE "^A(\.F)? +[0-9]+ +[0-9]+" out)" -ge 3 && ! grep -qE "^A(\.F)? +– +–" out'
    ok "... and is compared" leadseq compare points points-cnn --out dotted --split test
    ok "... by its name" grep -q '"A\.F"' dotted/report.json
    leadseq diagnose points --no-rehearsal --out dotted-why
    ok "... and diagnosed" test -s dotted-why/diagnosis.json
fi

# --- resuming -----------------------------------------------------------------------------------

ok "train with balanced weights of each output" \
    leadseq train tiny.yaml data.task=superclass train.class_weights=balanced train.epochs=30 --data sim.h5 --out whole
ok "... one weight per output" grep -qE 'positive_weight: \[([0-9.]+, ){4}[0-9.]+\]' whole/experiment.yaml
"$LEADSEQ" train tiny.yaml data.task=superclass train.class_weights=balanced train.epochs=30 --data sim.h5 --out half >out 2>err &
pid=$!
for _ in $(seq 600); do
    [ -f half/steps.tsv ] && [ "$(rows half/steps.tsv)" -ge 15 ] && break
    sleep 0.05
done
kill -TERM $pid
wait $pid
ok "a training stopped by a signal" test $? = 143
ok "... resumes" leadseq train tiny.yaml data.task=superclass train.class_weights=balanced train.epochs=30 --data sim.h5 --out half --resume
ok "... to the same predictions, bit for bit" cmp whole/predictions-test.tsv half/predictions-test.tsv
ok "... and the same history" sh -c 'cut -f 1-20 whole/history.tsv >a; cut -f 1-20 half/history.tsv >b; cmp a b'

finish
