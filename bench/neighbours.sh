#!/bin/sh
# SPDX-License-Identifier: MIT
# What two threads take, beside other processes that compute at the same priority, over what one takes:
# threads that wait by spinning take from their own what a neighbour leaves them. The two are
# measured in turn. Usage: bench/neighbours.sh PROGRAM [SHAPE [KEY=VALUE...]]
# environment: BENCH_ROUNDS (5), BENCH_NEIGHBOURS (2), and what says how threads wait
[ $# -ge 1 ] || { sed -n '3,7s/^# //p' "$0"; exit 2; }
program=$1 shape=${2:-cnn-128}
[ $# -ge 2 ] && shift
shift
work=$(mktemp -d) || exit 1
neighbours=
trap 'kill $neighbours 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
for _ in $(seq "${BENCH_NEIGHBOURS:-2}"); do
    sh -c 'while :; do :; done' &
    neighbours="$neighbours $!"
done

seconds() # THREADS QUANTITY...
{
    threads=$1
    shift
    "$program" bench --shape "$shape" --threads "$threads" --repeat 3 --records 32 --json $keys \
        2>"$work/log" >"$work/json" || { cat "$work/log" >&2; exit 1; }
    for quantity; do
        sed -n "s/^.*\"$quantity\": *\([0-9.e+-]*\).*/\1/p" "$work/json" | head -1
    done
}
keys=$*
echo "round: step of one thread, of two (ratio); evaluation of one, of two (ratio)"
for round in $(seq "${BENCH_ROUNDS:-5}"); do
    one=$(seconds 1 train_step_s forward_s) || exit 1
    two=$(seconds 2 train_step_s forward_s) || exit 1
    echo "$round" $one $two | awk '{ printf "%d: %.4g s, %.4g s (%.2f); %.4g s, %.4g s (%.2f)\n", $1, $2, $4, $4 / $2, $3, $5, $5 / $3 }'
done
