#!/bin/sh
# SPDX-License-Identifier: MIT
# doc/cluster/preempted.sbatch under a real Slurm started for the test: a job that is preempted by a more
# urgent one, and a job told by SIGUSR1 that its time is nearly up, leave a checkpoint, are queued again and
# end with the same bits as an uninterrupted training. TAP.
. "${srcdir:?}/test/program.sh"
. "$srcdir/test/slurm_start.sh"
. "$srcdir/test/mpi.sh"

trap 'slurm_stop; cd /; rm -rf "$work"' EXIT
slurm_start || { skip "$slurm_missing"; finish; exit; }

export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
PATH=$work/bin:$PATH
mkdir bin && ln -s "$LEADSEQ" bin/leadseq
chmod 755 "$work"
leadseq synth --out sim --patients 60 --seed 1
leadseq render --ptbxl sim --out s.h5 --size 32x32
cat >cnn.yaml <<'TEXT'
data: {invert: true, split: record}
model: {type: cnn, hidden: [4, 8], dropout: 0.25}
train: {loss: bce-logits, batch: 4, epochs: 400, max_steps: 4000, threads: 1}
TEXT
leadseq train cnn.yaml --data s.h5 --out whole

# submit RUN [OPTION...]: the job's number.
submit()
{
    submitted=$1
    shift
    sbatch --parsable --export=ALL --time=20 "$@" "$srcdir/doc/cluster/preempted.sbatch" cnn.yaml s.h5 "$submitted" "$steps"
}
# await SECONDS COMMAND...
await()
{
    left=$(($1 * 5))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $left -gt 0 ] || return 1
        left=$((left - 1))
        sleep 0.2
    done
}
steps_of()
{
    { tail -n 1 "$1/steps.tsv" | grep '^[0-9]' || echo 0; } 2>/dev/null | cut -f1
}
has_steps()
{
    [ "$(steps_of "$1")" -gt "$2" ]
}
state()
{
    scontrol show job "$1" | sed -nE 's/^ *JobState=([A-Z_]+).*/\1/p'
}
is()
{
    [ "$(state "$1")" = "$2" ]
}
# ended NAME JOB RUN: it was stopped once, restarted, and is whole.
ended()
{
    await 300 is "$2" COMPLETED
    result $? "$1: queued again, it ends"
    grep -q 'stopped by SIG' "$3/log.txt"
    result $? "... stopped after a checkpoint"
    grep -q 'resumed after step' "$3/log.txt"
    result $? "... and resumed from it"
    restarts=$(scontrol show job "$2" | sed -nE 's/.*Restarts=([0-9]+).*/\1/p')
    ok "... by Slurm's own count" test "${restarts:-0}" -ge 1
    ok "... to the bits of a training that nobody disturbed" \
        cmp "$3/checkpoints/last.h5" whole/checkpoints/last.h5
    sed 's/^/#   /' "leadseq-$2.log" | grep -vE 'epoch|validation' | tail -n 15
}

LAUNCHER=srun
export LAUNCHER
steps=train.max_steps=4000
job=$(submit preempted --partition=main --ntasks=1 --cpus-per-task="${slurm_cpus:-2}")
ok "a job that trains" await 60 has_steps preempted 20
urgent=$(sbatch --parsable --partition=urgent --cpus-per-task="${slurm_cpus:-2}" --output=/dev/null --wrap 'sleep 1')
await 90 is "$urgent" COMPLETED
result $? "an urgent job gets its processors"
ended "preemption" "$job" preempted

if mpi_program; then
    ln -sf "$mpi_leadseq" bin/leadseq
    steps=train.max_steps=1000
    mpirun -n 2 leadseq train cnn.yaml $steps --data s.h5 --out two >out 2>err </dev/null
    rm -rf whole && mv two whole
    LAUNCHER=mpirun
    # Open MPI asks srun for its daemons; one machine needs none.
    job=$(submit ranks --ntasks=2)
    ok "a job of two ranks" await 60 has_steps ranks 20
    scancel --batch --signal=USR1 "$job"
    ended "SIGUSR1 to two ranks" "$job" ranks
else
    skip "two ranks: $mpi_missing"
fi
finish
