#!/bin/sh
# SPDX-License-Identifier: MIT
# A training step measured from outside: `leadseq train` with two numbers of steps under
# /usr/bin/time, the difference divided, in turn with `leadseq bench`; both must agree within 10 %.
# Usage: bench/outside.sh [SHAPE [KEY=VALUE...]]    environment: LEADSEQ, BENCH_STEPS ("FEW MANY"),
# BENCH_ROUNDS, BENCH_THREADS, BENCH_OUT (default bench-results)
leadseq=${LEADSEQ:-leadseq}
shape=${1:-paper}
[ $# -eq 0 ] || shift
rounds=${BENCH_ROUNDS:-5}
out=${BENCH_OUT:-bench-results}
few=${BENCH_STEPS:-4 24} many=${few#* } few=${few% *}
[ -x /usr/bin/time ] || { echo "outside.sh: /usr/bin/time is missing (Debian: time)" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/leadseq-outside-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail()
{
    echo "outside.sh: $*" >&2
    exit 1
}

# value KEY FILE: the first number of that key in JSON.
value()
{
    sed -nE "s/^ *\"$1\": *([-+.0-9e]+),?$/\1/p" "$2" | head -n 1
}

# train STEPS: seconds and kilobytes of a whole `leadseq train`.
train()
{
    rm -rf "$work/run"
    /usr/bin/time -v "$leadseq" train "$work/experiment.yaml" "train.max_steps=$1" \
        --data "$work/stack.h5" --out "$work/run" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    awk -F': ' '/Elapsed/ { n = split($2, t, ":"); for (i = 1; i <= n; i++) s = 60 * s + t[i] }
        /Maximum resident/ { kb = $2 } END { print s, kb }' "$work/log"
}

# median: of the lines of standard input.
median()
{
    sort -g | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2 }'
}

"$leadseq" bench --shape "$shape" --threads "${BENCH_THREADS:-0}" "$@" --experiment \
    >"$work/experiment.yaml" || exit 1
size=$(sed -nE 's/^ *size: *([0-9]+x[0-9]+).*/\1/p' "$work/experiment.yaml")
batch=$(sed -nE 's/^ *batch: *([0-9]+).*/\1/p' "$work/experiment.yaml")
# Whole batches only: a smaller one at an epoch's end has a binding, and memory, of its own.
records=$((20 * batch))
"$leadseq" synth --out "$work/sim" --patients $records >"$work/log" 2>&1 &&
    "$leadseq" render --ptbxl "$work/sim" --out "$work/stack.h5" --size "$size" --limit $records \
        >"$work/log" 2>&1 || fail "$(cat "$work/log")"
# Enough epochs for the larger number of steps.
sed -i "s/^\( *epochs:\).*/\1 $many/" "$work/experiment.yaml"

round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    "$leadseq" bench --shape "$shape" --threads "${BENCH_THREADS:-0}" "$@" \
        --data "$work/stack.h5" --repeat 3 --json >"$work/bench.json" 2>"$work/log" ||
        fail "$(cat "$work/log")"
    first=$(train "$few")
    second=$(train "$many")
    echo "$first $second" | awk -v few="$few" -v many="$many" \
        -v step="$(value loop_step_s "$work/bench.json")" \
        -v peak="$(value peak_bytes "$work/bench.json")" '
        { printf "%.6g\t%.6g\t%.0f\t%.0f\n", step, ($3 - $1) / (many - few), peak, 1024 * $4 }' |
        tee -a "$work/rounds" | awk -v r=$round '
        { printf "round %d: step %.4g s by bench, %.4g s from outside; peak %.1f MB and %.1f MB\n",
              r, $1, $2, $3 / 1e6, $4 / 1e6 }'
done

# ratio A B: of the medians of two columns.
ratio()
{
    awk -v a="$(cut -f "$1" "$work/rounds" | median)" -v b="$(cut -f "$2" "$work/rounds" | median)" \
        'BEGIN { printf "%.3f", a / b }'
}

time_ratio=$(ratio 2 1)
peak_ratio=$(ratio 4 3)
echo "$shape: from outside / by bench, medians of $rounds rounds: time $time_ratio, memory $peak_ratio"
mkdir -p "$out" &&
    { printf 'bench_s\toutside_s\tbench_peak_bytes\toutside_peak_bytes\n'; cat "$work/rounds"; } \
        >"$out/outside-$shape.tsv"
awk -v t="$time_ratio" -v m="$peak_ratio" 'BEGIN { exit !(t > .9 && t < 1.1 && m > .9 && m < 1.1) }' ||
    fail "they do not agree within 10 %"
