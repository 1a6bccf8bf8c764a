#!/bin/sh
# SPDX-License-Identifier: MIT
# How many threads compute: OpenMP's limits and OMP_NUM_THREADS are obeyed by every command, nothing
# waits for threads that it does not give, and more threads than processors are warned about. TAP.
. "${srcdir:?}/test/program.sh"

unset OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_MAX_ACTIVE_LEVELS OMP_DYNAMIC
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY

# under "VARIABLE=VALUE..." ARGUMENT...: leadseq with these variables; what hangs is killed (137).
under()
{
    variables=$1
    shift
    # shellcheck disable=SC2086 # several variables
    timeout -k 2 "${LEADSEQ_PATIENCE:-60}" env $variables "$LEADSEQ" "$@" >out 2>err </dev/null
}
# limited "VARIABLE=VALUE..." PATTERN TITLE ARGUMENT...: it ends well, and warns like that.
limited()
{
    given=$1 pattern=$2 title=$3 verdict=0
    shift 3
    under "$given" "$@"
    status=$?
    [ $status = 0 ] || { verdict=1; echo "#   exit status $status"; }
    grep -qE -- "$pattern" err || { verdict=1; echo "#   no message like '$pattern'"; }
    result $verdict "${given:+$given: }$title"
}
threads_of()
{
    sed -n 's/^  "threads": \([0-9]*\),*$/\1/p' "$1/environment.json"
}

cat >cnn.yaml <<'TEXT'
data: {valid: [], test: [], invert: true}
model: {type: cnn, hidden: [4, 8]}
train: {threads: 2, max_steps: 3, batch: 4, loss: bce-logits}
diagnose: {probes: none}
TEXT
cat >lstm.yaml <<'TEXT'
data: {valid: [], test: [], invert: true}
model: {type: convlstm, hidden: [4]}
train: {threads: 2, max_steps: 2, batch: 2, loss: bce-logits}
TEXT
leadseq synth --out sim --patients 20 --seed 1
ok "a stack is drawn" leadseq render --ptbxl sim --out s.h5 --size 32x32

# --- Fewer than wanted ------------------------------------------------------------------------

leadseq train cnn.yaml train.threads=1 --data s.h5 --out one
limit='gives 1 of the 2 threads.*train\.threads.*OMP_THREAD_LIMIT=1\)'
levels='gives 1 of the 2 threads.*train\.threads.*OMP_MAX_ACTIVE_LEVELS=0\)'
limited OMP_THREAD_LIMIT=1 "$limit" "a training of two threads" train cnn.yaml --data s.h5 --out a
ok "... says that it had one" test "$(threads_of a)" = 1
ok "... has the bits of one" cmp one/checkpoints/last.h5 a/checkpoints/last.h5
limited OMP_MAX_ACTIVE_LEVELS=0 "$levels" "a training of two" train cnn.yaml --data s.h5 --out b
ok "... has the bits of one" cmp one/checkpoints/last.h5 b/checkpoints/last.h5
limited OMP_THREAD_LIMIT=1 "$limit" "a ConvLSTM of two" train lstm.yaml --data s.h5 --out c
limited OMP_THREAD_LIMIT=2 'gives 2 of the 4' "a training of four" \
    train cnn.yaml train.threads=4 --data s.h5 --out d
ok "... has two" test "$(threads_of d)" = 2
under "OMP_THREAD_LIMIT=2 OMP_DYNAMIC=true" train cnn.yaml --data s.h5 --out e
ok "a limit that is not reached is no reason to warn" test $? = 0 -a -z "$(grep 'OpenMP gives' err)"
ok "... and two threads there are" test "$(threads_of e)" = 2

# Every command that computes, with a run of two threads.
leadseq train cnn.yaml --data s.h5 --out run
limit="OpenMP gives 1 of the 2 threads.*OMP_THREAD_LIMIT=1"
limited OMP_THREAD_LIMIT=1 "$limit" predict predict run s.h5
limited OMP_MAX_ACTIVE_LEVELS=0 "gives 1 of the 2" predict predict run s.h5
limited OMP_THREAD_LIMIT=1 "$limit" evaluate evaluate run --data s.h5 --split all
limited OMP_THREAD_LIMIT=1 "$limit" diagnose diagnose run --data s.h5 --out diagnosis
limited OMP_THREAD_LIMIT=1 "$limit" "train --dry-run" train cnn.yaml --data s.h5 --dry-run
limited OMP_THREAD_LIMIT=1 "$limit" "train --lr-find" \
    train cnn.yaml --data s.h5 --lr-find --lr-steps 20 --out found
limited OMP_THREAD_LIMIT=1 "$limit" bench bench --threads 2 --records 4 --repeat 1 data.size=24x16
leadseq evaluate one --data s.h5 --split all
limited OMP_THREAD_LIMIT=1 'OpenMP gives 1 of the 3' compare \
    compare one run --split all --threads 3 --out report
limited OMP_THREAD_LIMIT=1 '' sweep sweep cnn.yaml seed=1,2 --data s.h5 --out swept --jobs 2
ok "... whose jobs say it" grep -qE "$limit" swept/jobs/0001.log

# --- As many as the environment says ------------------------------------------------------------

under OMP_NUM_THREADS=1 train cnn.yaml train.threads=0 --data s.h5 --out f
ok "OMP_NUM_THREADS=1 is obeyed where train.threads is 0" test "$(threads_of f)" = 1
under OMP_NUM_THREADS=3,1 train cnn.yaml train.threads=0 --data s.h5 --out g
ok "OMP_NUM_THREADS=3,1 too" test "$(threads_of g)" = 3
under OMP_NUM_THREADS=3 train cnn.yaml --data s.h5 --out h
ok "... and train.threads comes before it" test "$(threads_of h)" = 2
under "OMP_NUM_THREADS=3 OMP_THREAD_LIMIT=2" train cnn.yaml train.threads=0 --data s.h5 --out i
ok "... and OMP_THREAD_LIMIT before both" test "$(threads_of i)" = 2
under OMP_NUM_THREADS=3 sweep cnn.yaml train.threads=0 seed=1,2 --data s.h5 --out j --jobs 2
share=$(($(nproc) / 2 > 3 ? 3 : $(nproc) / 2 > 1 ? $(nproc) / 2 : 1))
ok "jobs of a sweep obey it each, within their share" test "$(threads_of j/0001)" = $share
under OMP_NUM_THREADS=2 bench --records 4 --repeat 1 data.size=24x16
ok "bench obeys it" grep -q '2 threads' out

# --- More than processors ---------------------------------------------------------------------

many='64 threads on [0-9]+ processors? slow each other down'
limited '' "$many" "64 threads on fewer processors are warned about" \
    train cnn.yaml train.threads=64 train.max_steps=1 --data s.h5 --out k
processors=$(sed -n 's/.*64 threads on \([0-9]*\) processor.*/\1/p' err)
ok "... and are not started" test "$(threads_of k)" = "${processors:-none}"
workers="$many; limit them with --workers [0-9]+$"
limited '' "$workers" "... in render" render --ptbxl sim --out t.h5 --size 8x8 --workers 64
limited '' "$workers" "... in synth" synth --out sim2 --patients 2 --workers 64
more=$((processors + 1))
limited '' "$more threads on .*train\.threads.* OMP_THREAD_LIMIT=$processors$" "one too many" \
    train cnn.yaml train.threads=$more train.max_steps=1 --data s.h5 --out l
ok "... is started" test "$(threads_of l)" = "$more"
under '' train cnn.yaml train.threads=1 train.max_steps=1 --data s.h5 --out m
ok "one is not" test -z "$(grep 'slow each other' err)"

# --- How threads wait ---------------------------------------------------------------------------

# spins "VARIABLE=VALUE..." ARGUMENT...: what OpenMP is told, once for each start of the program.
spins()
{
    under "-u OMP_WAIT_POLICY OMP_DISPLAY_ENV=verbose $1" $2
    sed -n "s/^ *GOMP_SPINCOUNT = '\([0-9]*\)'.*/\1/p" err | tr '\n' ' '
}
if [ -n "$(spins '' --version)" ]; then
    ok "threads that wait for each other soon sleep" \
        test "$(spins '' 'predict --help' | cut -d' ' -f2-)" = '3000 '
    ok "... unless the user says how long they spin" test "$(spins GOMP_SPINCOUNT=77 'predict --help')" = '77 '
    ok "... or says it" test "$(spins OMP_WAIT_POLICY=active 'train --help')" = '30000000000 '
    ok "other commands start once" test "$(spins '' 'info --help' | wc -w)" = 1
    under "-u OMP_WAIT_POLICY" bench --records 4 --repeat 1 data.size=24x16 --peer 'env >&2; exit 1'
    ok "programs that it starts wait as they like" \
        test -n "$(grep '^PATH=' err)" -a -z "$(grep -E 'OMP_WAIT_POLICY|STARTED_AGAIN' err)"
else
    skip "threads that wait for each other soon sleep" "this OpenMP does not tell"
fi

finish
