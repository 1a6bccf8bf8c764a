#!/bin/sh
# SPDX-License-Identifier: MIT
# leadseq sweep --slurm with a real Slurm started for the test (test/slurm_start.sh): the
# scripts, an array and the table made after it, a job that is preempted and resumes, a
# job that fails. Skipped without Slurm or without root to start it. TAP.
. "${srcdir:?}/test/program.sh"
. "${srcdir:?}/test/slurm_start.sh"
trap 'slurm_stop; cd /; rm -rf "$work"' EXIT
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY

leadseq synth --out sim --patients 40 --seed 3
leadseq render --ptbxl sim --out stack.h5 --size 24x24
cat >cnn.yaml <<'TEXT'
name: queued
data: {invert: true, train: [1, 2, 3, 4, 5, 6], valid: [7, 8], test: [9, 10]}
model: {type: cnn, hidden: [2, 4]}
train: {loss: bce-logits, optimizer: adamw, lr: 3e-3, batch: 8, epochs: 2}
diagnose: {probes: none}
TEXT

# --- without a Slurm --------------------------------------------------------------------------

ok "--slurm-dry-run writes the scripts" leadseq sweep cnn.yaml train.lr=1e-3,1e-2 seed=1..2 \
    --data stack.h5 --out dry --slurm-dry-run --jobs 2 --slurm-options "--partition=cpu --time=10"
ok "... an array of all jobs, two at once" grep -qx '#SBATCH --array=1-4%2' dry/slurm/array.sh
ok "... with the options asked for" grep -qx '#SBATCH --partition=cpu --time=10' dry/slurm/array.sh
ok "... that the shell can read" sh -n dry/slurm/array.sh
ok "... and those of the table" sh -n dry/slurm/table.sh
leadseq sweep dry --job 2
leadseq sweep dry --job 3
leadseq sweep dry --slurm-dry-run
ok "... again, of those not finished" grep -qx '#SBATCH --array=1,4' dry/slurm/array.sh
refuses 1 'one line' "options of two lines" sweep dry --slurm-dry-run --slurm-options "--time=1
rm -rf x"
PATH=/nowhere "$LEADSEQ" sweep dry --slurm >out 2>err </dev/null
ok "without sbatch it says what is missing" grep -q "cannot be run here" err

# --- with one ------------------------------------------------------------------------------------

slurm_start || { skip "$slurm_missing"; finish; exit 0; }

# wait_for SECONDS COMMAND...
wait_for()
{
    end=$(($(date +%s) + $1))
    shift
    while ! "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 0.2
    done
}

queue_is_empty()
{
    [ -z "$(squeue -h)" ]
}

ok "a sweep as a job array" leadseq sweep cnn.yaml train.lr=1e-3,1e-2 seed=1..2 \
    --data stack.h5 --out array --slurm --slurm-options "--time=10"
refuses 1 'Slurm still has the array' "a second submission is refused" sweep array --slurm
ok "... ends" wait_for 90 queue_is_empty
ok "... with all jobs finished" test "$(cat array/jobs/*.status | grep -cx finished)" = 4
ok "... and the table made by the job after it" test "$(rows array/settings.tsv)" = 2
leadseq sweep cnn.yaml train.lr=1e-3,1e-2 seed=1..2 train.threads=1 --data stack.h5 --out here
ok "... the same results as here" cmp array/0003/predictions-test.tsv here/0003/predictions-test.tsv
ok "... and nothing left to submit" leadseq sweep array --slurm
ok "... as it says" grep -q 'Nothing to submit: 4 of 4 jobs finished' out

# Preempted by a job that takes all processors: checkpoint, requeue, and the same end.
leadseq sweep cnn.yaml seed=1,2 train.epochs=150 train.threads=1 --data stack.h5 --out taken --slurm \
    --slurm-options "--time=10"
has_steps()
{
    [ -f taken/0001/steps.tsv ] && [ "$(rows taken/0001/steps.tsv)" -ge 5 ]
}
wait_for 30 has_steps
sbatch --parsable --partition=urgent --ntasks=2 --output=/dev/null --wrap 'sleep 1' >out 2>err
is_queued_again()
{
    grep -q 'stopped by SIGTERM' taken/jobs/0001.log
}
ok "a task that is preempted stops after a checkpoint" wait_for 60 is_queued_again
ok "... is queued again and ends" wait_for 120 queue_is_empty
ok "... having resumed from it" grep -q 'resumed after step' taken/0001/log.txt
ok "... finished" test "$(cat taken/jobs/*.status | grep -cx finished)" = 2
leadseq train cnn.yaml seed=1 train.epochs=150 train.threads=1 --data stack.h5 --out whole
ok "... with the bits of one that was left alone" \
    cmp whole/predictions-test.tsv taken/0001/predictions-test.tsv

# A failure removes the jobs after it from the queue.
leadseq sweep cnn.yaml seed=1..3 --data stack.h5 --out broken --slurm-dry-run
mv stack.h5 gone.h5
leadseq sweep broken --slurm --jobs 1 --slurm-options "--time=10"
ok "an array whose task fails ends" wait_for 60 queue_is_empty
ok "... the task says why" grep -q 'failed: .*stack.h5' broken/jobs/0001.status
ok "... those after it were not begun" test ! -e broken/jobs/0003.status
slurm_stop

finish
