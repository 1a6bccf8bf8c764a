#!/bin/sh
# SPDX-License-Identifier: MIT
# The program from simulated records to the report: every command on tiny images,
# what it writes, its exit status; and that a training stopped by a signal and
# resumed ends as one that was not. TAP.
. "${srcdir:?}/test/program.sh"

# --- records and stack ------------------------------------------------------------

ok "synth writes a folder" leadseq synth --out sim --patients 40 --seed 3
ok "... with PTB-XL's tables" test -s sim/ptbxl_database.csv -a -s sim/scp_statements.csv
records=$(($(find sim/records100 -name '*.dat' | wc -l)))
ok "... and a .dat file for each row" test "$records" -ge 40
leadseq synth --out sim2 --patients 40 --seed 3 --workers 1
ok "the same seed gives the same bytes, whatever the workers" diff -r sim sim2
leadseq synth --out sim2b --patients 40 --seed 4
ok "another seed gives others" sh -c '! diff -rq sim sim2b >/dev/null'

ok "render draws them" leadseq render --ptbxl sim --out stack.h5 --size 32x32 --png png
ok "... leaving nothing partial" test ! -e stack.h5.partial
ok "... and writes twelve images a record" \
    test "$(find png/mi png/normal -name '*.png' | wc -l)" = $((12 * records))
leadseq info stack.h5 --json
ok "info counts the records" grep -qE "\"records\": *$records," out
ok "info --json is JSON" python_json out
mi=$(sed -nE 's/^ *"mi": *([0-9]+),.*/\1/p' out | head -n 1)
ok "... and the infarctions, as many as there are images of" \
    test "$(find png/mi -name '*_I.png' | wc -l)" = "$mi"
ok "info is readable" leadseq info stack.h5
ok "... and says how it was drawn" grep -q 'profile paper-text' out

record=$(find sim/records100 -name '*.hea' | sort | head -n 1)
record=${record%.hea}
id=$(basename "$record" | sed 's/_lr$//; s/^0*//')
leadseq info "$record"
ok "info of a record shows its rate" grep -q '100 Hz' out
ok "info --png of the stack writes the record's images" \
    leadseq info stack.h5 --png one --ecg-id "$id"
ok "... the same that render wrote" \
    cmp one/"$id"_V2.png "$(find png -name "${id}_V2.png")"
ok "render --records draws records without tables" \
    leadseq render --records "$record.hea" --out record.h5 --size 32x32
leadseq info record.h5
ok "... whose labels are unknown" grep -q '1 unknown' out

# --- training -----------------------------------------------------------------------

cat >lstm.yaml <<'TEXT'
name: pipeline-convlstm
seed: 5
data: {size: 32x32, invert: true, train: [1, 2, 3, 4, 5, 6], valid: [7, 8], test: [9, 10]}
model: {type: convlstm, hidden: [4], stem: conv, stem_channels: [4, 4], head: mean-max}
train: {loss: bce-logits, optimizer: adamw, schedule: one-cycle, lr: 3e-3, batch: 4, epochs: 4, threads: 1}
TEXT
sed 's/convlstm/cnn/g; /^model/s/.*/model: {type: cnn, hidden: [4, 8]}/' lstm.yaml >cnn.yaml

ok "train --dry-run prints the resolved experiment" \
    leadseq train lstm.yaml train.lr=2e-3 --data stack.h5 --dry-run
ok "... with the override" grep -qE 'lr: *(2e-3|0\.002)' out
ok "train a ConvLSTM" leadseq train lstm.yaml train.lr=2e-3 --data stack.h5 --out lstm
for file in experiment.yaml overrides.txt environment.json log.txt history.tsv steps.tsv metrics.json \
    predictions-valid.tsv; do
    ok "... it leaves $file" test -s lstm/$file
done
ok "... a row of history for each epoch" test "$(rows lstm/history.tsv)" = 4
ok "... the override on record" grep -qx 'train.lr=2e-3' lstm/overrides.txt
ok "train a CNN" leadseq train cnn.yaml --data stack.h5 --out cnn
leadseq train cnn.yaml --data stack.h5 --out cnn2
ok "the same seed trains the same model" cmp cnn/predictions-valid.tsv cnn2/predictions-valid.tsv
leadseq train lstm.yaml train.lr=2e-3 --data stack.h5 --out lstm2
ok "... a ConvLSTM's files byte for byte" cmp lstm/checkpoints/last.h5 lstm2/checkpoints/last.h5
for run in lstm lstm2; do
    leadseq train lstm.yaml train.threads=2 train.max_steps=6 --data stack.h5 --out $run.threads
done
ok "... on two threads as well" cmp lstm.threads/checkpoints/last.h5 lstm2.threads/checkpoints/last.h5
leadseq train cnn.yaml seed=6 --data stack.h5 --out cnn3
ok "another seed does not" sh -c '! cmp -s cnn/predictions-valid.tsv cnn3/predictions-valid.tsv'
leadseq train lstm.yaml --data stack.h5 --summary
ok "train --summary lists the layers" grep -qE '^convlstm0 +convlstm +4 × 8 × 8 +n' out
summed=$(sed -nE 's/^total +([0-9]+) .*/\1/p' out)
ok "info of a run is readable" leadseq info lstm
ok "... and has the same table of layers" grep -qE "^total +$summed " out
leadseq info lstm --json
ok "info --json of a run is JSON" python_json out
ok "... with a row of history for each epoch" test "$(grep -c '"valid_loss"' out)" = 4
ok "... and the model's parameters" grep -q "\"parameters\": $summed," out

# --- stopped and resumed ----------------------------------------------------------------

# interrupt SIGNAL STATUS RUN: stopped after a few steps, the training ends with that status.
interrupt()
{
    "$LEADSEQ" train lstm.yaml train.epochs=40 --data stack.h5 --out "$3" >out 2>err &
    pid=$!
    for _ in $(seq 600); do
        [ -f "$3/steps.tsv" ] && [ "$(rows "$3/steps.tsv")" -ge 5 ] && break
        sleep 0.05
    done
    kill -"$1" $pid
    wait $pid
    [ $? = "$2" ]
}

leadseq train lstm.yaml train.epochs=40 --data stack.h5 --out whole
ok "SIGINT stops a training with 130" interrupt INT 130 stopped
ok "... before its end" test "$(rows stopped/steps.tsv)" -lt "$(rows whole/steps.tsv)"
ok "... saying how to resume" grep -q -- '--resume' err
refuses 1 'stopped' "a run that exists is not overwritten" \
    train lstm.yaml train.epochs=40 --data stack.h5 --out stopped
ok "--resume continues to the end" \
    leadseq train lstm.yaml train.epochs=40 --data stack.h5 --out stopped --resume
ok "... with the same predictions, bit for bit" \
    cmp whole/predictions-valid.tsv stopped/predictions-valid.tsv
ok "... and as many steps" test "$(rows stopped/steps.tsv)" = "$(rows whole/steps.tsv)"
for run in whole stopped; do
    cut -f 1-4 $run/steps.tsv >$run.steps
    leadseq predict $run stack.h5 --checkpoint last --out $run.last
done
ok "... the same costs and gradients in every step" cmp whole.steps stopped.steps
ok "... and the same last weights" cmp whole.last stopped.last
ok "SIGTERM stops a training with 143" interrupt TERM 143 stopped2

# --- predictions ------------------------------------------------------------------------

for run in lstm cnn; do
    ok "evaluate $run on the test split" leadseq evaluate $run --data stack.h5 --split test
    leadseq evaluate $run --data stack.h5 --split all
done
ok "... writes one row per record" test "$(rows lstm/predictions-all.tsv)" = "$records"
ok "... with the columns promised" \
    sh -c 'head -n 1 lstm/predictions-test.tsv | grep -q "^ecg_id	record	patient_id	fold	split	label	logit	probability"'
ok "... of the test folds alone" \
    sh -c '! tail -n +2 lstm/predictions-test.tsv | cut -f 4 | grep -qvE "^(9|10)$"'

for run in lstm cnn; do
    ok "predict a stack with $run" leadseq predict $run stack.h5 --out $run.tsv
    cut -f 1,7,8 $run/predictions-all.tsv | tail -n +2 | sort >evaluated
    cut -f 1,3,4 $run.tsv | tail -n +2 | sort >predicted
    ok "... as evaluate does" same_numbers evaluated predicted
    grep "^$id	" $run.tsv | cut -f 3-7 >of_stack
    ok "predict a record" leadseq predict $run "$record"
    tail -n 1 out | cut -f 3-7 >of_record
    ok "... as in the stack" same_numbers of_stack of_record
    # shellcheck disable=SC2046 # the names hold no blanks
    ok "predict its PNG files by their names" leadseq predict $run $(find png -name "${id}_*.png" | sort -r)
    tail -n 1 out | cut -f 2-6 >of_images
    ok "... as in the stack" same_numbers of_stack of_images
done
i=0
for lead in I II III AVR AVL AVF V1 V2 V3 V4 V5 V6; do
    i=$((i + 1))
    cp one/"${id}"_$lead.png "$(printf 'page%02d.png' $i)"
done
ok "predict PNG files without lead names in lead order" leadseq predict cnn page*.png
tail -n 1 out | cut -f 2-6 >of_images
ok "... as in the stack" same_numbers of_stack of_images

# --- comparison -----------------------------------------------------------------------------

ok "compare two runs" leadseq compare lstm cnn --out report
ok "... the table names both" sh -c 'grep -q pipeline-convlstm out && grep -q pipeline-cnn out'
ok "... and where the report is" grep -q 'report/report.html' out
for file in report.html report.md report.json; do
    ok "... it leaves $file" test -s report/$file
done
ok "... report.json is JSON" python_json report/report.json
ok "... with models and pairs" sh -c 'grep -q "\"models\"" report/report.json && grep -q "\"pairs\"" report/report.json'
ok "... report.html holds its figures" \
    sh -c 'grep -q "<svg" report/report.html && ! grep -qE "(src|href)=\"https?:" report/report.html'
leadseq train cnn.yaml data.test=[10] data.valid=[9] --data stack.h5 --out other
leadseq evaluate other --data stack.h5 --split test
absent=report2 refuses 1 'patient|record' "runs on different patients are not compared" \
    compare lstm other --out report2

finish
