#!/bin/sh
# SPDX-License-Identifier: MIT
# leadseq sweep on this machine: what is refused, jobs in order and at once, what a
# signal, a kill and a failure leave and how it resumes, and the table at the end. TAP.
. "${srcdir:?}/test/program.sh"
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY

leadseq synth --out sim --patients 40 --seed 3
leadseq render --ptbxl sim --out stack.h5 --size 24x24
cat >cnn.yaml <<'TEXT'
name: swept
data: {invert: true, train: [1, 2, 3, 4, 5, 6], valid: [7, 8], test: [9, 10]}
model: {type: cnn, hidden: [2, 4]}
train: {loss: bce-logits, optimizer: adamw, lr: 3e-3, batch: 8, epochs: 2}
diagnose: {probes: none}
TEXT

# --- refused -----------------------------------------------------------------------------

refuses 2 'train\.lrr.*train\.lr' "an unknown key" sweep cnn.yaml train.lrr=1,2 --data stack.h5 --out new
refuses 2 'is empty' "an empty range" sweep cnn.yaml seed=5..1 --data stack.h5 --out new
refuses 2 '1000000 jobs.*at most 9999' "millions of jobs" \
    sweep cnn.yaml seed=1..1000 train.batch=1..1000 --data stack.h5 --out new
refuses 2 'appears twice' "the same setting twice" \
    sweep cnn.yaml train.lr=1e-3,0.001 --data stack.h5 --out new
refuses 2 'one list or several' "an ambiguous list" \
    sweep cnn.yaml data.train=1,2 --data stack.h5 --out new
refuses 2 'job 0002' "a setting that disagrees with itself" \
    sweep cnn.yaml data.valid=[7],[1] --data stack.h5 --out new
absent=new refuses 1 'absent\.h5' "an absent stack" sweep cnn.yaml seed=1,2 --data absent.h5 --out new
absent=new refuses 1 'job 0002.*size' "a stack that a job cannot use" \
    sweep cnn.yaml data.size=any,32x32 --data stack.h5 --out new
refuses 2 '--out' "no folder" sweep cnn.yaml seed=1,2 --data stack.h5
refuses 2 '--data' "no stack" sweep cnn.yaml seed=1,2 --out new
refuses 1 '/proc/self/new' "a folder that cannot be written" \
    sweep cnn.yaml seed=1,2 --data stack.h5 --out /proc/self/new
refuses 1 'found other files' "a folder of something else" \
    sweep cnn.yaml seed=1,2 --data stack.h5 --out sim
refuses 1 'sweep.json' "a folder that is no sweep" sweep sim
refuses 2 'folder' "a job of no folder" sweep cnn.yaml --job 1
refuses 1 'absent.yaml' "an absent experiment" sweep absent.yaml seed=1,2 --data stack.h5 --out new
refuses 2 'from 1' "no job at once" sweep cnn.yaml seed=1,2 --jobs 0 --data stack.h5 --out new

# --- a sweep -------------------------------------------------------------------------------

ok "--print lists the jobs and needs no stack" leadseq sweep cnn.yaml train.lr=1e-3,1e-2 seed=1..2 --print
ok "... and where values are from" grep -qE '^  epochs: 2 +# cnn.yaml:4$' out
ok "... that some are swept over" grep -qE '^  lr: .*# swept over' out
ok "... each with its setting" grep -qx '0003 train.lr=0.01 seed=1' out
ok "a sweep, two jobs at once" \
    leadseq sweep cnn.yaml train.lr=1e-3,1e-2 seed=1..2 train.batch=4 --data stack.h5 --out two --jobs 2
ok "... prints a table of the settings" grep -qE '^0\.01 +2 ' out
ok "... with the index of jobs" test "$(sed -n 4p two/jobs.tsv)" = "$(printf '0003\t0.01\t1')"
ok "... a run folder for each" test -s two/0004/metrics.json
ok "... of the setting it says" grep -q '^  lr: 0.01$' two/0003/experiment.yaml
ok "... settings.tsv has a row for each setting" test "$(rows two/settings.tsv)" = 2
ok "... runs.tsv one for each job" test "$(rows two/runs.tsv)" = 4
ok "... report.html is whole and has the figure" sh -c \
    'grep -q "</html>" two/report.html && { ! command -v gnuplot >/dev/null || grep -q "<svg" two/report.html; }'
leadseq train cnn.yaml train.lr=1e-2 seed=1 train.batch=4 train.threads=1 --data stack.h5 --out alone
ok "a job is what train makes of its setting" \
    cmp alone/predictions-valid.tsv two/0003/predictions-valid.tsv
ok "leadseq compare takes its runs" leadseq compare two/0001 two/0003 --out compared

# mean and spread against another program's arithmetic
column()
{
    awk -F'\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }' "$1"
}
column two/runs.tsv valid_auc | awk 'NR <= 2 { s += $1; q += $1 * $1 } END {
    m = s / 2; printf "%.9f %.9f\n", m, sqrt((q - 2 * m * m) > 0 ? q - 2 * m * m : 0) }' >expected
{ column two/settings.tsv valid_auc_mean; column two/settings.tsv valid_auc_sd; } |
    awk '{ v[NR] = $1 } END { printf "%.9f %.9f\n", v[1], v[3] }' >found
ok "mean and standard deviation over seeds are those of the runs" cmp expected found

touch -d '2020-01-01' two/0001/metrics.json
ok "the same command again has nothing to do" \
    leadseq sweep cnn.yaml train.lr=1e-3,1e-2 seed=1..2 train.batch=4 --data stack.h5 --out two
ok "... and touches no run" test -n "$(find two/0001/metrics.json ! -newermt 2020-01-02)"
ok "... and says so" grep -q '4 finished' err
refuses 1 'swept keys: the sweep was planned with train.lr, seed' "a changed plan is refused" \
    sweep cnn.yaml train.lr=1e-3,1e-2 train.batch=4 --data stack.h5 --out two
refuses 1 'train.epochs: the sweep was planned with 2, now it says 3' "... a changed experiment" \
    sweep cnn.yaml train.lr=1e-3,1e-2 seed=1..2 train.batch=4 train.epochs=3 --data stack.h5 --out two
refuses 2 'plan of a sweep is fixed' "... new keys for a folder" sweep two seed=1..3
refuses 1 'from 1 to 4' "a job that is not there" sweep two --job 5
ok "--table makes it again" leadseq sweep two --table

# --- stopped, killed, failed --------------------------------------------------------------------

# Until a run has taken some steps.
until_steps()
{
    for _ in $(seq 400); do
        [ -f "$1/steps.tsv" ] && [ "$(rows "$1/steps.tsv")" -ge 5 ] && return 0
        sleep 0.05
    done
    return 1
}

long="train.epochs=400 train.lr=1e-3,1e-2 --data stack.h5 --jobs 2"
# shellcheck disable=SC2086 # words
"$LEADSEQ" sweep cnn.yaml $long --out stopped >out 2>err &
pid=$!
until_steps stopped/0002
refuses 1 'another sweep' "a second sweep in the folder is refused" sweep stopped
refuses 1 'job 0002: another program .*runs it' "a job that is running is refused" sweep stopped --job 2
ok "... and not called failed" test ! -e stopped/jobs/0002.status
kill -INT $pid
wait $pid
ok "SIGINT ends a sweep with 130" test $? = 130
ok "... after checkpoints of its jobs" test -s stopped/0001/checkpoints/last.h5 -a -s stopped/0002/checkpoints/last.h5
ok "... none of them called finished" test ! -e stopped/jobs/0001.status
taken=$(rows stopped/0002/steps.tsv)
"$LEADSEQ" sweep stopped --jobs 2 >out 2>err &
pid=$!
for _ in $(seq 400); do
    [ "$(rows stopped/0002/steps.tsv)" -gt $((taken + 5)) ] && break
    sleep 0.05
done
kill -TERM $pid
wait $pid
ok "SIGTERM with 143" test $? = 143
ok "... resumed, not started again" grep -q 'resumed after step' stopped/0002/log.txt
"$LEADSEQ" sweep stopped --jobs 2 >out 2>err &
pid=$!
sleep 1
kill -9 $pid
wait $pid 2>/dev/null
ok "after kill -9 the next sweep waits for the jobs and continues" sh -c '
    "$LEADSEQ" sweep stopped --jobs 2 >out 2>err & pid=$!
    for _ in $(seq 400); do grep -q "0 finished, 2 begun" err && break; sleep 0.05; done
    sleep 0.5; kill -INT $pid; wait $pid; test $? = 130'
ok "... no job is still running" sh -c 'flock -n stopped/sweep.lock true'

# The second of three requests a model that is too large.
failing="model.stem_channels=[2,2],[4096,4096,4096,4096,4096,4096,4096,4096],[2,4] model.stem=conv"
# shellcheck disable=SC2086
refuses 1 'job 0002 .*failed' "a job that fails stops the sweep" \
    sweep cnn.yaml $failing --data stack.h5 --out failed
ok "... the previous one is finished" grep -qx finished failed/jobs/0001.status
ok "... it says why it failed" grep -q '^failed: ' failed/jobs/0002.status
ok "... the next one is not begun" test ! -e failed/0003
refuses 1 '1 of 3 jobs failed' "--keep-going continues after it" sweep failed --keep-going
ok "... to the end" grep -qx finished failed/jobs/0003.status
ok "... and the page says why it failed" grep -q 'Failed jobs' failed/report.html

finish
