#!/bin/sh
# SPDX-License-Identifier: MIT
# Weak scaling over ranks on this machine: a fixed number of records per rank and step, one thread per rank; median
# seconds per step of `leadseq train`. Numbers of ranks take turns, round after round, so that slow phases of the
# machine affect all of them alike. Also the time of the sum of gradients alone, for each network's parameters. To
# ranks.tsv. Usage: bench/ranks.sh   environment: LEADSEQ (built with MPI, or leadseq-mpi in the same folder),
# BENCH_OUT (default bench-results), BENCH_RANKS ("1 2"), BENCH_ROUNDS (3), BENCH_STEPS (12),
# BENCH_BATCH (records per rank, 2), BENCH_SIZES ("128x128 256x256"), MPIRUN
leadseq=${LEADSEQ:-leadseq}
out=${BENCH_OUT:-bench-results}
ranks_list=${BENCH_RANKS:-1 2}
rounds=${BENCH_ROUNDS:-3}
steps=${BENCH_STEPS:-12}
batch=${BENCH_BATCH:-2}
sizes=${BENCH_SIZES:-128x128 256x256}
mpirun=${MPIRUN:-mpirun}
here=$(cd "$(dirname "$0")" && pwd)

fail()
{
    echo "ranks.sh: $*" >&2
    exit 1
}

command -v "$mpirun" >/dev/null || fail "$mpirun is missing (Debian: openmpi-bin)"
work=$(mktemp -d "${TMPDIR:-/tmp}/leadseq-ranks-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$out" || exit 1
[ "$(id -u)" != 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive

records=$((4 * batch * steps))
[ $records -ge 80 ] || records=80
"$leadseq" synth --out "$work/sim" --patients $records --seed 1 2>"$work/log" || fail "$(cat "$work/log")"

experiment()
{
    echo "data: {invert: true, split: record}"
    case $1 in
    convlstm) echo "model: {type: convlstm, hidden: [10], head: flatten}" ;;
    cnn) echo "model: {type: cnn}" ;;
    esac
    echo "train: {loss: bce-logits, lr: 1e-6, epochs: 1000, max_steps: $steps, threads: 1}"
    echo "diagnose: {probes: none}"
}

# Median of a column of numbers.
median()
{
    sort -g | awk '{ x[NR] = $1 } END { print NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2 }'
}

# run MODEL SIZE RANKS: seconds of its steps, without the first two, onto the file of the three.
run()
{
    rm -rf "$work/run"
    $mpirun -n "$3" "$leadseq" train "$work/$1.yaml" train.batch=$((batch * $3)) --data "$work/$2.h5" \
        --out "$work/run" >"$work/log" 2>&1 </dev/null || fail "$(tail -n 5 "$work/log")"
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "step_s") c = i } NR > 3 { print $c }' \
        "$work/run/steps.tsv" >>"$work/$1.$2.$3"
}

parameters()
{
    "$leadseq" info "$work/run" --json | sed -nE 's/^ *"parameters": ([0-9]+),?$/\1/p' | sort -n | tail -n 1
}

echo "model	size	ranks	records_a_step	step_s	records_per_s	efficiency	parameters	sum_s" >"$out/ranks.tsv"
mpicc -O2 -o "$work/allreduce" "$here/allreduce.c" || fail "mpicc is missing (Debian: libopenmpi-dev)"
for size in $sizes; do
    "$leadseq" render --ptbxl "$work/sim" --out "$work/$size.h5" --size "$size" 2>"$work/log" ||
        fail "$(cat "$work/log")"
    for model in convlstm cnn; do
        experiment $model >"$work/$model.yaml"
        for round in $(seq "$rounds"); do
            for ranks in $ranks_list; do
                echo "$model $size, $ranks ranks, round $round of $rounds" >&2
                run $model "$size" "$ranks"
            done
        done
        count=$(parameters)
        first=
        for ranks in $ranks_list; do
            step=$(median <"$work/$model.$size.$ranks")
            [ -n "$first" ] || first=$step
            sum=$($mpirun -n "$ranks" "$work/allreduce" "$count" 2>/dev/null | cut -f 2)
            awk -v OFS='\t' -v m="$model" -v z="$size" -v r="$ranks" -v b="$batch" -v s="$step" -v f="$first" \
                -v p="$count" -v sum="$sum" \
                'BEGIN { print m, z, r, b * r, s, b * r / s, f / s, p, sum }' >>"$out/ranks.tsv"
        done
    done
done
column -t -s "$(printf '\t')" "$out/ranks.tsv" 2>/dev/null || cat "$out/ranks.tsv"
