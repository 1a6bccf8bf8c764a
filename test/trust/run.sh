#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the programs test/trust/NAME.py one after the other, in the build folder, and leaves
# check-trust/trust.md, the table of what they reached, and check-trust/NAME.log. Each is started as
#   NAME.py --leadseq PATH --work DIR --table FILE --seconds N
# and prints TAP; N is its line "# seconds: N", or what is left of TRUST_SECONDS. The last line counts.
#   TRUST_ONLY='steps norm'   these alone
source=$(cd "$(dirname "$0")" && pwd) out=check-trust
leadseq=${LEADSEQ:-$PWD/leadseq}
end=$(($(date +%s) + ${TRUST_SECONDS:-4800}))
names=${TRUST_ONLY:-$(cd "$source" && ls ./*.py 2>/dev/null | sed 's,^./,,; s,\.py$,,')}
export PYTHONDONTWRITEBYTECODE=1
mkdir -p $out || exit 99
rm -f $out/*.log $out/*.part $out/trust.md

# run NAME: its verdicts on standard output, its rows of the table in NAME.part.
run()
{
    script=$source/$1.py left=$((end - $(date +%s)))
    seconds=$(sed -n 's/^# seconds: *//p' "$script")
    [ "${seconds:-300}" -le $left ] || seconds=$left
    if [ $left -le 0 ]; then
        echo "not ok - $1: no time is left of TRUST_SECONDS"
        return
    fi
    rm -rf "${out:?}/$1" && mkdir -p "$out/$1"
    : >"$out/$1.part"
    begun=$(date +%s)
    "${SHELL:-/bin/sh}" "$source/../python.sh" "$script" --leadseq "$leadseq" --work "$out/$1" \
        --table "$out/$1.part" --seconds "${seconds:-300}" >"$out/$1.log" 2>&1
    status=$?
    grep -E '^(ok|not ok|#|1\.\.0)' "$out/$1.log"
    [ $status = 0 ] || grep -q '^not ok' "$out/$1.log" ||
        echo "not ok - $1: ended with $status; $out/$1.log"
    echo "# $1 took $(($(date +%s) - begun)) s"
    rm -rf "${out:?}/$1"
}

begun=$(date +%s)
for name in $names; do
    if [ -f "$source/$name.py" ]; then
        run "$name"
    else
        echo "not ok - $name: expected $source/$name.py, found no such file"
    fi
done | tee $out/results
{
    echo "$(sed -nE 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) processors," \
        "$("$leadseq" --version | head -n 1), $(date -u +%Y-%m-%d)," \
        "\`make check-trust\`, $(($(date +%s) - begun)) s."
    echo
    echo "| what | how | reached |"
    echo "| --- | --- | --- |"
    for name in $names; do
        [ ! -f "$out/$name.part" ] || cat "$out/$name.part"
    done
} >$out/trust.md
echo "The table: $out/trust.md"
failed=$(grep -c '^not ok' $out/results)
echo "$(grep -c '^ok' $out/results) passed, $failed failed, $(grep -c '^1\.\.0' $out/results) skipped"
[ "$failed" = 0 ]
