#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make bench` runs: `leadseq bench` for each shape, in turn with the newest PyTorch there is. Prints a
# line for each ratio of bench/targets.tsv, then what was measured in detail; leaves TSV and JSON.
# Usage: bench/run.sh [SHAPE...]    environment: LEADSEQ (the program), BENCH_OUT (a folder, default
# bench-results), BENCH_SHAPES, BENCH_SECONDS (560, of all shapes, PyTorch's compiling included),
# BENCH_REPEAT (15 rounds at most), BENCH_THREADS, BENCH_PRECISION, BENCH_MEMORY, BENCH_OVERRIDES
# (KEY=VALUE...),
# PYTHON (of the peer; default the newest PyTorch of python3 on the path and /usr/bin/python3)
here=$(cd "$(dirname "$0")" && pwd)
leadseq=${LEADSEQ:-leadseq}
out=${BENCH_OUT:-bench-results}
seconds=${BENCH_SECONDS:-560}
begun=$(date +%s)
[ $# -gt 0 ] || set -- ${BENCH_SHAPES:-paper cnn-128 cnn-512 pooled stem-32 stem-64}

# "VERSION PYTHON" of the newest PyTorch.
find_peer()
{
    for python in ${PYTHON:-$(which -a python3) /usr/bin/python3}; do
        version=$("$python" -c 'import torch; print(torch.__version__)' 2>/dev/null) &&
            echo "$version $python"
    done | sort -rV | head -n 1
}

# Of the time of all shapes: the paper's step takes longest, PyTorch compiles a CNN fastest.
weight()
{
    case $1 in
    paper) echo 2.5 ;;
    cnn*) echo 0.7 ;;
    *) echo 1.2 ;;
    esac
}

# Seconds of the first of the shapes: its part of those that are left.
share()
{
    for each; do weight "$each"; done | awk -v left=$((seconds - $(date +%s) + begun)) '
        NR == 1 { first = $1 } { sum += $1 } END { s = left * first / sum; printf "%.1f", s < 1 ? 1 : s }'
}

# In every memory the paper's, whose ratios need them.
memory()
{
    [ "$1" = paper ] && echo normal,low,high || echo normal
}

mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1
peer=$(find_peer)
python=${peer#* }
if [ -z "$peer" ]; then
    about="No peer: ${PYTHON:-python3} has no PyTorch (PYTHON=... names one that has). Ours alone."
else
    about="Peer: PyTorch ${peer%% *} of $python"
fi
echo "$about" >&2
# What PyTorch compiles is kept for the next time.
export TORCHINDUCTOR_CACHE_DIR="${TORCHINDUCTOR_CACHE_DIR:-$out/torch}"
summary=$out/summary.tsv
printf '#shape\tentry\tquantity\tn\tmedian\tlow\thigh\tleast\tmost\n' >"$summary"
# measure SHAPE SECONDS
measure()
{
    shape=$1
    set -- --shape "$shape" --seconds "$2" --repeat "${BENCH_REPEAT:-15}" \
        --threads "${BENCH_THREADS:-0}" --precision "${BENCH_PRECISION:-f32,bf16}" \
        --memory "${BENCH_MEMORY:-$(memory "$shape")}" --out "$out/$shape" --force
    [ -z "$python" ] || set -- "$@" --peer "'$python' '$here/peer_torch.py'"
    # shellcheck disable=SC2086 # several words
    "$leadseq" bench "$@" $BENCH_OVERRIDES >/dev/null &&
        tail -n +2 "$out/$shape/bench.tsv" | sed "s/^/$shape	/" >>"$summary"
}

status=0 done='' left=$*
for shape; do
    # shellcheck disable=SC2086 # a word a shape
    time=$(share $left)
    echo "$(($(date +%s) - begun)) s of $seconds: $left: $shape has $time s" >&2
    measure "$shape" "$time" && done="$done $shape" || status=1
    left=${left#"$shape"} left=${left# }
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

{
    awk -f "$here/ratios.awk" "$here/targets.tsv" "$summary"
    printf '\n%s\nRatios of the best of all rounds of each; [quartiles] of the ratios within ' "$about"
    echo "a round."
    echo "Measured in $(($(date +%s) - begun)) s; all of it: $out/"
} | tee "$out/ratios.txt"
for shape in $done; do
    echo && cat "$out/$shape/bench.txt"
done
exit $status
