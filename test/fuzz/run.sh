#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every harness of fuzz/ (in the build folder, where this is started) for FUZZ_SECONDS,
# FUZZ_JOBS at once, each from its seeds and what earlier runs found worth keeping in fuzz/corpus.
# A finding stays in fuzz/found. The last line counts: N passed, N failed, N skipped.
#   FUZZ_ONLY='header png'   these alone
#   --table                  the sums of all runs so far, as doc/testing.md has them
#   --skip                   says that nothing was built
seconds=${FUZZ_SECONDS:-20} jobs=${FUZZ_JOBS:-2}

if [ "${1-}" = --skip ]; then
    echo "make fuzz needs clang with libFuzzer and OpenMP (Debian: clang libclang-rt-dev libomp-dev)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

table()
{
    echo "From $(head -n 1 fuzz/results.tsv | cut -f 1) to $(tail -n 1 fuzz/results.tsv | cut -f 1)," \
        "$(sed -nE 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(clang_version):"
    echo
    echo "| harness | reads | executions | seconds | findings |"
    echo "| --- | --- | ---: | ---: | ---: |"
    fuzz/all --list | awk -F '\t' '
        NR == FNR { runs[$2] += $3; seconds[$2] += $4; found[$2] += $5; next }
        $1 in runs { printf "| `%s` | %s | %d | %d | %d |\n", $1, $2, runs[$1], seconds[$1], found[$1] }
    ' fuzz/results.tsv -
}

clang_version()
{
    strings -a fuzz/all 2>/dev/null | sed -nE 's/.*(clang version [0-9.]+).*/\1/p' | head -n 1
}

if [ "${1-}" = --table ]; then
    table
    exit 0
fi

# One harness. Memory is bounded as a whole and for a single request, an input takes five seconds at
# most. What was executed is in libFuzzer's closing statistics.
run_one()
{
    name=$1 log=fuzz/log/$1
    mkdir -p "fuzz/corpus/$name" fuzz/found fuzz/log
    begin=$(date +%s)
    TMPDIR=$folder "fuzz/$name" --seeds "fuzz/corpus/$name" >"$log" 2>&1 &&
        TMPDIR=$folder "fuzz/$name" "fuzz/corpus/$name" -max_total_time="$seconds" -timeout=5 \
            -rss_limit_mb=512 -malloc_limit_mb=64 -max_len=8192 -print_final_stats=1 \
            -artifact_prefix="fuzz/found/$name-" -verbosity=1 >>"$log" 2>&1
    status=$?
    took=$(($(date +%s) - begin))
    executed=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)$/\1/p' "$log" | tail -n 1)
    [ $status != 0 ] || [ -n "$executed" ] || status=1
    printf '%s\t%s\t%s\t%s\t%s\n' "$(date -u +%Y-%m-%d)" "$name" "${executed:-0}" "$took" \
        "$((status != 0))" >>fuzz/results.tsv
    if [ $status = 0 ]; then
        echo "ok - $name: $executed executions in $took s"
    else
        echo "not ok - $name: after $took s; fuzz/log/$name, and the input in fuzz/found"
        grep -a -E -A 12 'does not hold|runtime error|ERROR:|SUMMARY' "$log" | head -n 40 | sed 's/^/#   /'
    fi
}

# Folders of harnesses that a finding ended are swept away with this one.
parent=/dev/shm
[ -w $parent ] || parent=${TMPDIR:-/tmp}
folder=$(mktemp -d $parent/fuzz-XXXXXX) || exit 99
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
# Blocks that were freed are kept for a while to notice their use, which is not what is bounded.
# Room for a corpus that a finding must not take from the bound.
ASAN_OPTIONS=quarantine_size_mb=8:allocator_may_return_null=1:detect_stack_use_after_return=0
export ASAN_OPTIONS OMP_NUM_THREADS=1

if [ "${1-}" = --one ]; then
    run_one "$2"
    exit 0
fi
names=${FUZZ_ONLY:-$(fuzz/all --list | cut -f 1)}
export FUZZ_SECONDS="$seconds"
# shellcheck disable=SC2086 # names are words
printf '%s\n' $names | xargs -P "$jobs" -I NAME "${SHELL:-/bin/sh}" "$0" --one NAME | tee "$folder/results"
passed=$(grep -c '^ok' "$folder/results")
failed=$(grep -c '^not ok' "$folder/results")
missing=$(($(echo $names | wc -w) - passed - failed))
echo "$passed passed, $((failed + missing)) failed, 0 skipped"
[ $((failed + missing)) = 0 ]
