#!/bin/sh
# SPDX-License-Identifier: MIT
# How cost grows: a training step over pixels, leads and batch (by `leadseq bench`), a whole
# `leadseq train` of one epoch over the number of records (under /usr/bin/time). All points are
# measured in turn, round after round; medians go to scaling.tsv, and with gnuplot to scaling.svg.
# Usage: bench/scaling.sh    environment: LEADSEQ, BENCH_OUT (default bench-results), BENCH_ROUNDS,
# BENCH_THREADS, BENCH_SIZES, BENCH_LEADS, BENCH_BATCHES, BENCH_RECORDS, GNUPLOT
leadseq=${LEADSEQ:-leadseq}
out=${BENCH_OUT:-bench-results}
rounds=${BENCH_ROUNDS:-3}
threads=${BENCH_THREADS:-0}
here=$(cd "$(dirname "$0")" && pwd)
[ -x /usr/bin/time ] || { echo "scaling.sh: /usr/bin/time is missing (Debian: time)" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/leadseq-scaling-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$out" || exit 1

fail()
{
    echo "scaling.sh: $*" >&2
    exit 1
}

# value KEY FILE: the first number of that key in JSON.
value()
{
    sed -nE "s/^ *\"$1\": *([-+.0-9e]+),?$/\1/p" "$2" | head -n 1
}

# The first N leads as a list.
leads()
{
    echo "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6" | cut -d ' ' -f 1-"$1" | sed 's/ /,/g; s/.*/[&]/'
}

# step AXIS X KEY=VALUE...: a row of a training step.
step()
{
    axis=$1 x=$2
    shift 2
    "$leadseq" bench --shape paper-small --threads "$threads" --records 8 --repeat 3 --json "$@" \
        >"$work/json" 2>"$work/log" || fail "$(cat "$work/log")"
    printf '%s\t%s\t%s\t%s\t%s\n' "$axis" "$x" "$(value train_step_s "$work/json")" \
        "$(value peak_bytes "$work/json")" "$(value useful_flop_per_step "$work/json")" >>"$work/rows"
}

# epoch N: a row of a whole training on N records.
epoch()
{
    rm -rf "$work/run"
    /usr/bin/time -v "$leadseq" train "$work/experiment.yaml" --data "$work/stack-$1.h5" \
        --out "$work/run" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
    awk -v n="$1" -F': ' '/Elapsed/ { k = split($2, t, ":"); for (i = 1; i <= k; i++) s = 60 * s + t[i] }
        /Maximum resident/ { kb = $2 } END { printf "records\t%d\t%.6g\t%.0f\t\n", n, s, 1024 * kb }' \
        "$work/log" >>"$work/rows"
}

records=${BENCH_RECORDS:-128 256 512 1024}
most=${records##* }
"$leadseq" bench --shape paper-small --threads "$threads" data.size=64x64 \
    train.epochs=1 --experiment >"$work/experiment.yaml" || exit 1
"$leadseq" synth --out "$work/sim" --patients "$most" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
for n in $records; do
    "$leadseq" render --ptbxl "$work/sim" --out "$work/stack-$n.h5" --size 64x64 --limit "$n" \
        >"$work/log" 2>&1 || fail "$(cat "$work/log")"
done

round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    echo "round $round of $rounds" >&2
    for side in ${BENCH_SIZES:-64 128 256 512}; do
        step pixels $((side * side)) "data.size=${side}x$side"
    done
    for n in ${BENCH_LEADS:-2 3 6 12}; do step leads "$n" "data.leads=$(leads "$n")"; done
    for n in ${BENCH_BATCHES:-1 2 4 8}; do step batch "$n" "train.batch=$n"; done
    for n in $records; do epoch "$n"; done
done

# Medians of the rounds.
printf 'axis\tx\tseconds\tpeak_bytes\tuseful_flop\n' >"$out/scaling.tsv"
awk -F'\t' '!(($1, $2) in n) { order[++points] = $1 FS $2 }
    { key = $1 SUBSEP $2; i = ++n[key]; s[key, i] = $3; b[key, i] = $4; f[key] = $5 }
    function median(v, key, m,    i, j, t, a) {
        for (i = 1; i <= m; i++) a[i] = v[key, i]
        for (i = 2; i <= m; i++)
            for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        return (a[int((m + 1) / 2)] + a[int(m / 2) + 1]) / 2 }
    END { for (p = 1; p <= points; p++) {
        split(order[p], at, FS); key = at[1] SUBSEP at[2]
        printf "%s\t%s\t%.6g\t%.0f\t%s\n", at[1], at[2], median(s, key, n[key]),
               median(b, key, n[key]), f[key] } }' "$work/rows" >>"$out/scaling.tsv"

# time = a + b x by least squares, its worst miss, and the memory of the largest over the smallest.
tail -n +2 "$out/scaling.tsv" | awk -F'\t' '
    { a = $1; if (!(a in n)) axes[++k] = a
      i = ++n[a]; x[a, i] = $2; y[a, i] = $3; m[a, i] = $4
      sx[a] += $2; sy[a] += $3; sxx[a] += $2 * $2; sxy[a] += $2 * $3 }
    END { for (j = 1; j <= k; j++) {
        a = axes[j]; c = n[a]; slope = (c * sxy[a] - sx[a] * sy[a]) / (c * sxx[a] - sx[a] ^ 2)
        start = (sy[a] - slope * sx[a]) / c; worst = 0
        for (i = 1; i <= c; i++) { d = y[a, i] / (start + slope * x[a, i]) - 1
            if (d < 0) d = -d; if (d > worst) worst = d }
        printf "%-8s time = %.3g s + %.3g s a unit, no point further than %.0f %% from it; " \
               "memory %.1f MB at %g, %.1f MB at %g\n", a, start, slope, 100 * worst,
               m[a, 1] / 1e6, x[a, 1], m[a, c] / 1e6, x[a, c] } }'

gnuplot=${GNUPLOT:-gnuplot}
if command -v "$gnuplot" >/dev/null; then
    "$gnuplot" -e "table='$out/scaling.tsv'; out='$out/scaling.svg'" "$here/scaling.gp"
fi
echo "All of it: $out/scaling.tsv"
