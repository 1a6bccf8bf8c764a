#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make bench` runs: `leadseq bench` for each shape, in turn with PyTorch where it is
# installed; tables on the terminal, and beside them TSV and JSON.
# Usage: bench/run.sh [SHAPE...]    environment: LEADSEQ (the program), BENCH_OUT (a folder, default
# bench-results), BENCH_SHAPES, BENCH_REPEAT, BENCH_THREADS, BENCH_PRECISION, BENCH_MEMORY, PYTHON
here=$(cd "$(dirname "$0")" && pwd)
leadseq=${LEADSEQ:-leadseq}
out=${BENCH_OUT:-bench-results}
[ $# -gt 0 ] || set -- ${BENCH_SHAPES:-paper cnn-128 cnn-512 pooled}

# The first Python that has PyTorch.
find_python()
{
    for python in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3; do
        "$python" -c 'import torch' 2>/dev/null && echo "$python" && return
    done
}

mkdir -p "$out" || exit 1
python=$(find_python)
[ -n "$python" ] || echo "No python3 with torch (Debian: python3-torch): ours alone."
summary=$out/summary.tsv
printf 'shape\tentry\tquantity\tn\tmedian\tlow\thigh\tleast\tmost\n' >"$summary"
status=0
for shape; do
    set -- --shape "$shape" --repeat "${BENCH_REPEAT:-7}" --threads "${BENCH_THREADS:-0}" \
        --precision "${BENCH_PRECISION:-f32,bf16}" --memory "${BENCH_MEMORY:-normal,low}" \
        --out "$out/$shape"
    [ -z "$python" ] || set -- "$@" --peer "'$python' '$here/peer_torch.py'"
    if "$leadseq" bench "$@"; then
        tail -n +2 "$out/$shape/bench.tsv" | sed "s/^/$shape	/" >>"$summary"
    else
        status=1
    fi
    echo
done

echo "Ratios, medians [quartiles]; above 1: leadseq is faster. All of it: $out/"
awk -F'\t' '$2 ~ / against / {
    value = $4 > 1 ? sprintf("%.2f [%.2f, %.2f]", $5, $6, $7) : sprintf("%.1f %%", 100 * $5)
    printf "%-12s %-34s %-26s %s\n", $1, $2, $3, value }' "$summary"
exit $status
