#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make bench` prints first, from times that are given: bench/ratios.awk. And bench/run.sh on tiny
# images: its lines, with a peer and without one, and the time it may take. TAP.
. "${srcdir:?}/test/fixed_peer.sh"
. "$srcdir/test/program.sh"
case $srcdir in /*) ;; *) srcdir=$OLDPWD/$srcdir ;; esac

# row ENTRY QUANTITY N MEDIAN LOW HIGH LEAST MOST: of the shape "paper", or $shape.
row()
{
    printf %s "${shape:-paper}" && printf '\t%s' "$@" && echo
}

# lines: what is printed of the rows on standard input.
lines()
{
    { echo '#shape	entry' && cat; } >summary.tsv
    awk -f "$srcdir/bench/ratios.awk" "$srcdir/bench/targets.tsv" summary.tsv >out 2>err
}

# has NAME LINE: the output has it, up to its blanks.
has()
{
    sed 's/  */ /g' out >narrow
    ok "$1" grep -qxF "$2" narrow
}

{
    row f32 train_step_s 5 0.82 0.81 0.83 0.8 0.84
    row f32 peak_bytes 1 700e6 700e6 700e6 700e6 700e6
    row f32 forward_s 5 0.25 0.24 0.26 0.24 0.288
    row 'f32, memory low' train_step_s 5 0.9 0.9 0.9 0.88 0.92
    row 'f32, memory low' peak_bytes 1 500e6 500e6 500e6 500e6 500e6
    row 'f32, memory high' train_step_share_of_ceiling 5 0.86 0.85 0.87 0.84 0.9
    row bf16 train_step_s 5 0.5 0.5 0.5 0.5 0.52
    row 'peer f32' train_step_s 5 2.1 2.05 2.2 2 2.1
    row 'peer f32' forward_s 5 0.61 0.6 0.62 0.6 0.61
    row 'peer f32' peak_bytes 1 2.9e9 2.9e9 2.9e9 2.9e9 2.9e9
    row 'f32 against peer f32' train_step_speedup 5 2.5 2.45 2.6 2.4 2.7
    row 'f32 against peer f32' forward_speedup 5 2.5 2.4 2.55 2.3 2.6
    row 'f32, memory low against f32' train_step_speedup 5 0.9 0.8 1 0.8 1
} | lines
has "a ratio is of the best of each, its interval of the ratios within a round" \
    'paper, step, f32: 2.50 x [2.45, 2.60] ours 800 ms, peer 2 s required 2.4 x: reached'
has "20 % between a program's rounds are told" 'paper, evaluation, f32: 2.50 x [2.40, 2.55] ours 240 ms, peer 600 ms required 2.6 x: NOT reached; noisy: our rounds scatter by 20 %'
has "memory is a share, and has a limit" \
    'paper, memory normal: 24.1 % ours 700 MB, peer 2.90 GB required at most 25 %: reached'
has "... which can be missed" \
    'paper, memory low: 17.2 % ours 500 MB, peer 2.90 GB required at most 15 %: NOT reached'
has "low memory's time is over normal's" 'paper, time of low over normal: 1.10 x [1.00, 1.25] ours 880 ms, f32 800 ms required at most 1.2 x: reached'
has "a share of the ceiling is the rounds' median" \
    'paper, step, of ceiling, high: 86.0 % [85.0, 87.0] required 85 %: reached'
has "where the peer has none, ours is there" \
    'paper, step, bf16: no peer ours 500 ms required 2.2 x'
has "what was not measured is said" 'paper, evaluation, bf16: not measured'
ok "one line warns, and is counted" grep -q '^WARNING: in 1 of these lines rounds scatter by more than 15 %' out
ok "nothing is said of other shapes" sh -c '! grep -q cnn out'
ok "the ratios come first" sh -c 'head -n 1 out | grep -q "^paper, step, f32:"'

{
    row f32 train_step_s 5 0.82 0.81 0.83 0.8 0.84
    row 'peer f32' train_step_s 5 2.1 2.05 2.2 2 2.1
    row 'f32 against peer f32' train_step_speedup 5 2.5 2.45 2.6 2.4 2.7
} | lines
ok "5 % are no reason to warn" sh -c '! grep -q -e noisy -e WARNING out'
{
    row f32 train_step_s 5 0.82 0.81 0.83 0.8 0.84
    row 'peer f32' train_step_s 5 2.1 2.05 2.2 2 2.4
    row 'f32 against peer f32' train_step_speedup 5 2.5 2.45 2.6 2.4 2.7
} | lines
ok "it is told whose rounds scatter" grep -q "; noisy: peer's rounds scatter by 20 %$" out
shape=resnet18
{
    row f32 train_step_s 5 0.82 0.81 0.83 0.8 0.84
    row 'peer f32' train_step_s 5 0.9 0.9 0.9 0.88 0.9
    row 'f32 against peer f32' train_step_speedup 5 1.1 1.1 1.1 1.1 1.1
} | lines
has "a further goal is told after what is required" 'resnet18, step, f32: 1.10 x [1.10, 1.10] ours 800 ms, peer 880 ms required 1 x: reached, goal 1.2 x: NOT reached'
shape=
row f32 train_step_s 1 0.8 0.8 0.8 0.8 0.8 | lines
ok "a single round says nothing of scatter" grep -q '; noisy: our only round$' out

# --- bench/run.sh ------------------------------------------------------------------------------

TMPDIR=$work BENCH_OUT=results BENCH_THREADS=1 BENCH_OVERRIDES='data.size=24x16'
export LEADSEQ TMPDIR BENCH_OUT BENCH_THREADS BENCH_OVERRIDES

# run PYTHON SECONDS: of the paper's shape.
run()
{
    PYTHON=$1 BENCH_SECONDS=$2 sh "$srcdir/bench/run.sh" paper >out 2>err
}

ok "without PyTorch ours is measured" run /no/python 1
ok "... its lines come first" sh -c 'head -n 1 out | grep -qE "^paper, step, f32: +no peer +ours [0-9]"'
ok "... and it is said why" grep -q '^No peer: /no/python has no PyTorch' out
ok "... details follow" grep -q '^training step' out
ok "... of one round, where there is no time for two" \
    grep -q "^paper	f32	train_step_s	1	" results/summary.tsv
ok "a second one replaces it" run /no/python 1

fixed_peer python <<'TEXT'
# As a Python that has PyTorch, whose step takes 4 s.
[ "$1" != -c ] || { echo 9.8.7; exit; }
echo "$*" >>words
echo "$TORCHINDUCTOR_CACHE_DIR" >folder
TEXT
begun=$(date +%s)
ok "with PyTorch both are measured" run "$work/python" 8
took=$(($(date +%s) - begun))
ok "... ratios come first" sh -c 'head -n 1 out | grep -qE "^paper, step, f32: +[0-9.]+ x \[.*peer 4 s"'
ok "... and it is named" grep -qx "Peer: PyTorch 9.8.7 of $work/python" out
rounds=$(awk -F'\t' '$2 == "f32" && $3 == "train_step_s" { print $4 }' results/summary.tsv)
ok "... in rounds that fit the time ($rounds)" test "$rounds" -ge 1 -a "$rounds" -le 15
# Not a measurement: 1,000 rounds of a quarter of a second for each process would take an hour.
ok "... which is limited ($took s)" test "$took" -lt 120
ok "... the peer knows how much is left" grep -qE ' seconds=[0-9.]+ ' words
ok "... and where what it compiles is kept" grep -qx "$work/results/torch" folder

finish
