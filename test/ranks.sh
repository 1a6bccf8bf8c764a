#!/bin/sh
# SPDX-License-Identifier: MIT
# One model trained by one, two and four processes: the same costs and weights up to the order of
# sums. A rank that dies ends the job with a message and a checkpoint, which any number of
# ranks can resume; a signal to one rank stops all at the same step. Needs mpirun and mpicc. TAP.
. "${srcdir:?}/test/program.sh"
. "$srcdir/test/mpi.sh"

mpi_program || { skip "$mpi_missing"; finish; exit; }

leadseq synth --out sim --patients 60 --seed 1
leadseq render --ptbxl sim --out s.h5 --size 32x32

cat >lstm.yaml <<'TEXT'
data: {invert: true, split: record, standardise: true}
model: {type: convlstm, hidden: [4], dropout: 0.25}
train: {loss: bce-logits, batch: 7, epochs: 3, max_steps: 20, threads: 1}
TEXT
# 54 training records in batches of 13 leave two for the last: fewer than four ranks.
cat >cnn.yaml <<'TEXT'
data: {invert: true, split: record, limit: 54}
model: {type: cnn, hidden: [8, 16], dropout: 0.25}
train: {loss: bce-logits, batch: 13, epochs: 5, max_steps: 20, threads: 1, optimizer: sgd, lr: 0.01}
TEXT
cat >parts.yaml <<'TEXT'
data: {invert: true, split: record, limit: 54, augment: heartnet}
model: {type: cnn, hidden: [8, 16], dropout: 0.25}
train: {loss: bce-logits, batch: 26, accumulate: 2, sampler: balanced, epochs: 7, max_steps: 20, threads: 1, optimizer: sgd, lr: 0.01}
TEXT

# agree RUN RUN COST WEIGHT: costs of the steps and of validation to a relative COST, weights and running
# statistics to WEIGHT of each tensor's largest (or of 0.1). Sums in another order differ by 1e-7; where that turns
# one ReLU on or off, a gradient differs by 1e-5, and so do the steps after it. Statistics of
# each rank's own records would be off by 1e-2 in the first step.
agree()
{
    $python - "$@" <<'PYTHON'
import sys, h5py, numpy
def table(run, name):
    rows = [line.rstrip("\n").split("\t") for line in open(f"{run}/{name}")]
    return {k: [r[i] for r in rows[1:]] for i, k in enumerate(rows[0])}
one, two, cost, weight = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
bad, most = [], {}
def compare(what, a, b, bound, scale):
    d = float(numpy.max(numpy.abs(a - b))) / max(float(scale), 1e-30) if a.size else 0
    most[what.split("/")[0]] = max(most.get(what.split("/")[0], 0), d)
    if not d <= bound:
        bad.append(f"{what}: {d:.3g}")
for name, columns in (("steps.tsv", ("cost",)), ("history.tsv", ("valid_loss",))):
    a, b = table(one, name), table(two, name)
    for c in columns:
        x, y = (numpy.array([float(v) for v in t[c] if v]) for t in (a, b))
        if len(x) != len(y) or not len(x):
            bad.append(f"{name}: {len(x)} and {len(y)} rows")
        else:
            compare(f"{name} {c}", x, y, cost, numpy.max(numpy.abs(x)))
def visit(name, x):
    if isinstance(x, h5py.Dataset) and x.dtype.kind == "f" and name.split("/")[0] in ("weights", "state"):
        a, b = x[...], other[name][...]
        if a.shape != b.shape: bad.append(f"{name}: {a.shape} and {b.shape}")
        elif a.size: compare(name, a, b, weight, max(numpy.max(numpy.abs(a)), 0.1))
with h5py.File(f"{one}/checkpoints/last.h5") as h, h5py.File(f"{two}/checkpoints/last.h5") as other:
    h.visititems(visit)
    if int(h.attrs["step"]) != 20: bad.append("not 20 steps")
print("#", one, two, " ".join(f"{k} {v:.1e}" for k, v in most.items()))
for line in bad: print("#  ", line)
sys.exit(bool(bad))
PYTHON
}

python=no
for name in python3 /usr/bin/python3; do
    $name -c 'import h5py, numpy' 2>/dev/null && python=$name
done
for model in lstm cnn parts; do
    for ranks in 1 2 4; do
        ok "$model: $ranks ranks train" mpi $ranks train $model.yaml --data s.h5 --out $model$ranks
    done
    for ranks in 2 4; do
        if [ $python != no ]; then
            ok "... $ranks ranks: costs as one rank's to 1e-4, weights to 1e-3" \
                agree ${model}1 $model$ranks 1e-4 1e-3
        else
            skip "python3 with h5py is not there to compare the weights"
        fi
    done
done
ok "the same ranks give the same bits" mpi 2 train cnn.yaml --data s.h5 --out again
ok "... in every checkpoint" cmp again/checkpoints/last.h5 cnn2/checkpoints/last.h5

# --- What is refused ------------------------------------------------------------------------

# refused STATUS PATTERN NAME RANKS ARGUMENT...
refused()
{
    expected=$1 pattern=$2 title=$3
    shift 3
    mpi "$@"
    status=$? said=1
    grep -qE -- "$pattern" err && said=0
    [ "$(grep -cE -- "$pattern" err)" = 1 ] || echo "#   said $(grep -cE -- "$pattern" err) times"
    result $((status != expected || said)) "$title"
}
refused 1 'train.batch: 2 records in a pass of all ranks .* each of 3 ranks' \
    "a batch smaller than the ranks is refused in words" 3 train cnn.yaml train.batch=2 --data s.h5 --out no
refused 1 'holds a run already' "a folder with a run in it is refused once" 2 train cnn.yaml --data s.h5 --out cnn2

# --- Signals --------------------------------------------------------------------------------

# The processes of a job started in the background: rank k's is the k-th line.
pids()
{
    for process in /proc/[0-9]*; do
        grep -qs "LEADSEQ_TEST_JOB=$1" "$process/environ" || continue
        [ "$(tr '\0' '\n' <"$process/cmdline" | sed -n 1p)" = "$mpi_leadseq" ] || continue
        rank=$(tr '\0' '\n' <"$process/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')
        [ -n "$rank" ] && echo "$rank ${process#/proc/}"
    done 2>/dev/null | sort -n | cut -d' ' -f2
}
# start RANKS ARGUMENT...: in the background, until ten steps are taken.
start()
{
    job=$work-$n-$$
    ranks=$1 run=$2
    shift 2
    LEADSEQ_TEST_JOB=$job
    export LEADSEQ_TEST_JOB
    mpi_start "$ranks" train "$@" --data s.h5 --out "$run" &
    launcher=$!
    tries=0
    until [ "$(steps_of "$run")" -gt 10 ] || [ $tries -gt 300 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}
# Longer than any machine trains before its signal comes; a resumed run ends END steps after it.
long="train.max_steps=1000000 train.epochs=100000"
steps_of()
{
    { tail -n 1 "$1/steps.tsv" | grep '^[0-9]' || echo 0; } 2>/dev/null | cut -f1
}

# end RUN STEPS: sets `end`, and max_steps in the run's own file, to STEPS after where it stopped.
end()
{
    end=$(($(steps_of "$1") + $2))
    sed -i "s/max_steps: .*/max_steps: $end/" "$1/experiment.yaml"
}
# whole STEPS: a run of two ranks that nobody stopped, as whole-STEPS.
whole()
{
    # shellcheck disable=SC2086 # overrides are words
    [ -d "whole-$1" ] || mpi 2 train cnn.yaml $long train.max_steps="$1" --data s.h5 --out "whole-$1"
}

for victim in 1 0; do
    # shellcheck disable=SC2086
    start 2 "killed$victim" cnn.yaml $long
    kill -9 "$(pids "$job" | sed -n "$((victim + 1))p")"
    wait $launcher
    status=$?
    ok "kill -9 of rank $victim ends the job" test $status != 0
    ok "... with a message" grep -qE 'exited on signal 9|saved after step|PMIX|killed' err
    [ -z "$(pids "$job")" ]
    result $? "... and no process stays"
    test -s "killed$victim/checkpoints/last.h5"
    result $? "... with a checkpoint"
done
grep -q 'a signal came while rank 0 waited' killed1/log.txt
result $? "rank 0, left waiting for a dead rank, saves where it is"
step=$(sed -n 's/.*saved after step \([0-9]*\);.*/\1/p' killed1/log.txt)
ok "... after the last step it took" test "${step:-0}" = "$(steps_of killed1)"
end killed1 20
whole $end
for ranks in 2 1 4; do
    cp -r killed1 "on$ranks"
    # shellcheck disable=SC2086
    ok "$ranks ranks resume it" mpi $ranks train cnn.yaml $long train.max_steps=$end --data s.h5 --out "on$ranks" --resume
    ok "... to the end" test "$(steps_of "on$ranks")" = $end
done
ok "two to the bits of a run that nobody killed" cmp on2/checkpoints/last.h5 whole-$end/checkpoints/last.h5

# shellcheck disable=SC2086
start 2 stopped cnn.yaml $long
kill -USR1 "$(pids "$job" | sed -n 2p)"
wait $launcher
status=$?
ok "a signal to rank 1 alone stops all, with its number" test $status = 138
ok "... at a step all know" grep -q 'stopped by SIGUSR1 after step' err
mkdir gone && mv stopped gone/stopped
end gone/stopped 20
whole $end
# shellcheck disable=SC2086
ok "... from which they resume" mpi 2 train cnn.yaml $long train.max_steps=$end --data s.h5 --out gone/stopped --resume
ok "... to the same bits" cmp gone/stopped/checkpoints/last.h5 whole-$end/checkpoints/last.h5

finish
