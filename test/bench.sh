#!/bin/sh
# SPDX-License-Identifier: MIT
# leadseq bench on tiny images: what it prints and writes, what it refuses, that it removes its
# temporary files, how it measures a peer; and the scripts of make bench. TAP.
. "${srcdir:?}/test/fixed_peer.sh"
. "$srcdir/test/program.sh"
mkdir tmp
TMPDIR=$work/tmp
export TMPDIR
tiny="data.size=24x16 --threads 1 --records 4 --repeat 1"

# number KEY FILE: the first one of that key.
number()
{
    sed -nE "s/^ *\"$1\": *([-+.0-9e]+),?\$/\1/p" "$2" | head -n 1
}

# shellcheck disable=SC2086 # options are words
ok "bench measures the paper's network" leadseq bench $tiny --out new --json
for word in 'training step' 'backward' 'evaluation' 'waiting for the batch' 'peak memory' 'ceiling in f32'; do
    ok "... the table for a person has '$word'" grep -q "$word" new/bench.txt
done
ok "... the one for a program a row of the step" grep -q "^f32	train_step_s	1	" new/bench.tsv
ok "... temporary files are removed" test -z "$(ls tmp)"
cp out json
ok "--json prints JSON" python_json json
ok "... the same numbers as in the other file" \
    test "$(number train_step_s json)" = "$(number train_step_s new/bench.json)"
for key in train_step_s forward_s backward_s render_s stack_read_s loop_step_s peak_bytes \
    ceiling_flop_per_s useful_flop_per_step threads; do
    ok "... with a number for $key" test -n "$(number $key json)"
done
ok "... the precision in words" grep -q '"precision": "f32"' json
# 4 flop a multiply-add of two records: 360 · pixels · (122 forward + 110 to h + 122 to weights),
# and thrice the head's 10 · pixels
expected=$((4 * 384 * (360 * (122 + 110 + 122) + 30)))
ok "... and the arithmetic of a step, exactly" \
    sh -c "awk 'BEGIN { exit !($(number useful_flop_per_step json) == $expected) }'"
# shellcheck disable=SC2086
leadseq bench --shape cnn-128 $tiny data.size=48x32 --json
ok "a CNN is measured too" test "$(number train_step_s out)" != ""
ok "... with overrides" grep -q '"width": 48' out

# --- several at once, and a peer -------------------------------------------------------------

fixed_peer peer <<'TEXT'
echo "$*" >>words
TEXT
# shellcheck disable=SC2086
ok "a peer is measured with two precisions" \
    leadseq bench $tiny --precision f32,bf16-emulated --peer "'$work/peer'" --out peer-out
ok "... the table compares them" grep -qE '^bf16-emulated against peer f32 +[0-9]' out
ok "... the peer receives what to build" grep -q \
    'stage=step threads=1 precision=f32 type=convlstm leads=12 channels=1 height=16 width=24' words
for key in hidden kernel bias forget_bias cell_norm recurrent_init pool_time stem stem_channels patch \
    head head_norm dropout; do
    ok "... and told model.$key" grep -q " model\.$key=" words
done
step=$(awk -F'\t' '$1 == "f32" && $2 == "train_step_s" { print $4 }' peer-out/bench.tsv)
ratio=$(awk -F'\t' '$1 == "f32 against peer f32" && $2 == "train_step_speedup" { print $4 }' \
    peer-out/bench.tsv)
ok "... the ratio is its time over ours" \
    awk -v s="$step" -v r="$ratio" 'BEGIN { d = r * s / 4 - 1; exit !(d < 1e-6 && d > -1e-6) }'
ok "... memory is ours over its" grep -q '^f32 against peer f32	peak_bytes_ratio	1	0\.0' \
    peer-out/bench.tsv
# shellcheck disable=SC2086
refuses 1 'peer.*status 3' "a peer that fails is told" bench $tiny --peer "sh -c 'exit 3'"

# --- scripts ------------------------------------------------------------------------------------

LEADSEQ=$LEADSEQ BENCH_OUT=results BENCH_REPEAT=1 PYTHON=/no/python \
    sh "$srcdir/bench/run.sh" papre >out 2>err
ok "bench/run.sh fails where a shape cannot be measured" test $? = 1
if [ -x /usr/bin/time ]; then
    # At such a size times differ by whatever else the machine does: only that it measures both.
    LEADSEQ=$LEADSEQ BENCH_OUT=results BENCH_ROUNDS=1 BENCH_THREADS=1 BENCH_STEPS="1 9" \
        sh "$srcdir/bench/outside.sh" paper-small data.size=24x16 >out 2>err
    ok "bench/outside.sh measures from outside and by bench" \
        sh -c "tail -n 1 results/outside-paper-small.tsv | grep -qE '^[0-9.e-]+	[0-9.e-]+	[0-9]+	[0-9]+\$'"
else
    skip "bench/outside.sh: /usr/bin/time is not installed"
fi
leadseq synth --out sim --patients 4
leadseq render --ptbxl sim --out stack.h5 --size 24x16
leadseq bench --shape paper data.size=24x16 train.epochs=1 --threads 1 --experiment
cp out experiment.yaml
ok "the shape's experiment is one that leadseq train takes" \
    leadseq train experiment.yaml train.max_steps=1 --data stack.h5 --out run
ok "a user's own stack is measured" \
    leadseq bench --data stack.h5 --threads 1 --repeat 1
ok "... without drawing" sh -c '! grep -q "drawing and compressing" out'

# --- what is refused ------------------------------------------------------------------------------

refuses 2 "paper, paper-small.*found 'papre'" "an unknown shape" bench --shape papre
refuses 2 'precision.*f32.*f16' "an unknown precision" bench --precision f16
refuses 2 'memory.*normal.*none' "an unknown memory" bench --memory none
refuses 2 'threads' "an impossible number of threads" bench --threads -1
refuses 2 'repeat' "no rounds" bench --repeat 0
refuses 2 'records' "no records" bench --records 0
refuses 2 "unexpected argument 'paper'" "a shape without its option" bench paper
refuses 2 'train\.batch' "a batch of none" bench train.batch=0
refuses 2 'data\.size' "no size" bench data.size=any
refuses 1 'absent\.h5' "an absent stack" bench --data absent.h5
refuses 1 'stack\.h5.*24x16' "a stack of another size" bench --data stack.h5 data.size=32x32
(OMP_WAIT_POLICY=active && export OMP_WAIT_POLICY &&
    ! "$LEADSEQ" bench data.size=24x16 2>err && grep -q 'OMP_WAIT_POLICY' err)
ok "threads that wait by spinning are refused" test $? = 0

"$LEADSEQ" bench --threads 1 --repeat 1000 data.size=24x16 >out 2>err &
pid=$!
for _ in $(seq 100); do
    [ -z "$(find tmp -name stack.h5)" ] || break
    sleep 0.05
done
kill -INT $pid
(for _ in $(seq 600); do
     [ ! -e ended ] || exit
     sleep 0.1
 done
 kill -KILL $pid) >/dev/null 2>&1 & # no test waits for ever
wait $pid
status=$?
: >ended
ok "SIGINT ends a measurement with 130" test $status = 130
ok "... removing its temporary files" test -z "$(ls tmp)"

finish
