#!/bin/sh
# SPDX-License-Identifier: MIT
# Two builds of the program in turn, by processor time: what a change of kernels brings, measured
# on a machine that is doing other work, too. Usage: bench/in_turn.sh OLD NEW [SHAPE...]
# environment: BENCH_ROUNDS (3), BENCH_PRECISION (f32,bf16), BENCH_MEMORY (normal), BENCH_RECORDS (32)
# One thread, as threads that wait for each other use processor time. In each round a figure is the
# median of two; printed: median [least, most] over the rounds, and of old / new within a round.
[ $# -ge 2 ] || { sed -n '3,7s/^# //p' "$0"; exit 2; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
old=$1 new=$2
shift 2
[ $# -gt 0 ] || set -- cnn-128 cnn-512 pooled

# The monotonic clock of a program that loads this is its processor time.
cat >"$work/clock.c" <<'C'
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
    if (id == CLOCK_MONOTONIC) id = CLOCK_PROCESS_CPUTIME_ID;
    return (int)syscall(SYS_clock_gettime, id, t);
}
C
${CC:-cc} -O2 -shared -fPIC -o "$work/clock.so" "$work/clock.c" || exit 1

measure() # WHICH PROGRAM SHAPE ROUND
{
    LD_PRELOAD=$work/clock.so OMP_NUM_THREADS=1 "$2" bench --shape "$3" --threads 1 --repeat 2 \
        --records "${BENCH_RECORDS:-32}" --precision "${BENCH_PRECISION:-f32,bf16}" \
        --memory "${BENCH_MEMORY:-normal}" --out "$work/$1" --force >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 1
    }
    tail -n +2 "$work/$1/bench.tsv" | sed "s/^/$1	$3	$4	/" >>"$work/all"
}

for round in $(seq "${BENCH_ROUNDS:-3}"); do
    for shape; do
        measure old "$old" "$shape" "$round"
        measure new "$new" "$shape" "$round"
    done
done

# Fields: old or new, shape, round, entry, quantity, n, median.
sort -s -t'	' -k2,2 -k4,4 -k5,5 "$work/all" | awk -F'\t' '
    function three(v, n, f,    i, j, t) {
        for (i = 2; i <= n; i++)
            for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
        return sprintf(f " [" f ", " f "]", n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2, v[1], v[n])
    }
    function line(    r, n, a, b, q) {
        for (r in both) if (both[r] == 2) { n++; a[n] = at["old", r]; b[n] = at["new", r]; q[n] = a[n] / b[n] }
        if (n) print "| " last " | " three(a, n, "%.4g") " | " three(b, n, "%.4g") " | " three(q, n, "%.2f") " |"
        split("", both); split("", at)
    }
    BEGIN { print "| shape, entry, quantity | old | new | old / new |\n| --- | --- | --- | --- |"
            want["train_step_s"] = want["train_forward_s"] = want["backward_s"] = want["forward_s"] = 1000
            want["peak_bytes"] = want["forward_peak_bytes"] = 1e-6 }
    !($5 in want) { next }
    { key = $2 ", " $4 ", " $5 (want[$5] == 1000 ? ", ms" : ", MB")
      if (key != last) { line(); last = key }
      both[$3]++; at[$1, $3] = $7 * want[$5] }
    END { line() }'
