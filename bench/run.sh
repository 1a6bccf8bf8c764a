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

# The same as Markdown, for a page.
awk -F'\t' -v OFS=' | ' '
    function seconds(k) { return k in low ? sprintf("%.4g [%.4g, %.4g]", mid[k], low[k], high[k]) : "" }
    function percent(k) { return k in mid ? sprintf("%.1f %%", 100 * mid[k]) : "" }
    function bytes(k) { return k in mid ? sprintf("%.3f GB", mid[k] / 1e9) : "" }
    NR == 1 { next }
    { k = $1 SUBSEP $2 SUBSEP $3; mid[k] = $5; low[k] = $6; high[k] = $7
      if (!(($1, $2) in seen)) { seen[$1, $2]; if ($2 ~ / against /) pair[++p] = $1 SUBSEP $2
                                 else if ($2 !~ /^machine/) entry[++e] = $1 SUBSEP $2 } }
    END {
        print "| shape | what | step, s | of the ceiling | forward, s | of the ceiling | waiting | " \
              "peak, step | peak, forward |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        for (i = 1; i <= e; i++) { split(entry[i], at, SUBSEP); k = entry[i] SUBSEP
            print "| " at[1], at[2], seconds(k "train_step_s"), percent(k "train_step_share_of_ceiling"),
                seconds(k "forward_s"), percent(k "forward_share_of_ceiling"),
                percent(k "wait_share"), bytes(k "peak_bytes"), bytes(k "forward_peak_bytes") " |" }
        print "\n| shape | of, against | step, times faster | forward, times faster | memory, step | " \
              "memory, forward |\n| --- | --- | --- | --- | --- | --- |"
        for (i = 1; i <= p; i++) { split(pair[i], at, SUBSEP); k = pair[i] SUBSEP
            print "| " at[1], at[2], seconds(k "train_step_speedup"), seconds(k "forward_speedup"),
                percent(k "peak_bytes_ratio"), percent(k "forward_peak_bytes_ratio") " |" } }' \
    "$summary" >"$out/summary.md"

cat "$out/summary.md"
echo "Medians [quartiles] of ${BENCH_REPEAT:-7} rounds; all of it: $out/"
exit $status
