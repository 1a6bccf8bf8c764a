#!/bin/sh
# SPDX-License-Identifier: MIT
# Two writers of one output at once, for every command by the table of writers.sh: at least one
# succeeds, the output is whole and of one of them, a writer that fails ends with status 1 and says
# which program has it or that it is there already, and nothing unfinished is left. TAP.
. "${srcdir:?}/test/program.sh"
. "$srcdir/test/writers.sh"
export OMP_NUM_THREADS=1

# contents PATH: every file's name; of tables and pictures, which hold no times, the contents too.
contents()
{
    find "$1" -type f ! -name '*.log' ! -name log.txt | sort | while read -r file; do
        case $file in
        */history.tsv | */steps.tsv | */bench.* | */runs.tsv | */settings.tsv) echo "$file" ;;
        *.png | *.svg | *.tsv | *.dat | *.hea) echo "$file $(cksum <"$file")" ;;
        *) echo "$file" ;;
        esac
    done
}

# said FILE STATUS: success, or a refusal in words.
said()
{
    [ "$2" = 0 ] || { [ "$2" = 1 ] && grep -qE 'is writing it|is training into|another sweep|exists already|holds a run already|appeared|expected a run or an empty' "$1"; }
}

# race KIND OUTPUT COMMAND: in a folder of their own.
race()
{
    kind=$1 output=$2 words=$3 verdict=0 alone=alone${2#new}
    # shellcheck disable=SC2086 # words
    [ "$kind" = own ] || {
        "$LEADSEQ" $(command_of "$words" "$alone") >out 2>err </dev/null || verdict=1
        contents "$alone" | sed "s|^$alone||" >expected
    }
    tries=0
    while [ $tries -lt "${LEADSEQ_RACES:-2}" ]; do
        tries=$((tries + 1))
        # shellcheck disable=SC2086 # words
        "$LEADSEQ" $(command_of "$words" "$output") >out.1 2>err.1 </dev/null &
        first=$!
        # shellcheck disable=SC2086 # words
        "$LEADSEQ" $(command_of "$words" "$output") >out.2 2>err.2 </dev/null &
        second=$!
        wait $first
        a=$?
        wait $second
        b=$?
        [ $a = 0 ] || [ $b = 0 ] || { verdict=1; echo "#   both failed"; }
        { said err.1 $a && said err.2 $b; } || { verdict=1; echo "#   status $a and $b"; cat err.1 err.2 >err; }
        [ -z "$(find . -name '*.partial' -o -name .unfinished)" ] || { verdict=1; echo "#   left: $(find . -name '*.partial' -o -name .unfinished)"; }
        [ "$kind" = own ] && continue
        contents "$output" | sed "s|^$output||" | cmp - expected >differing 2>&1 || { verdict=1; sed 's/^/#   /' differing; }
        rm -rf "$output" "$output.h5"
    done
    rm -rf "$alone" "$alone.h5"
    return $verdict
}

prepare
ok "every command is in the table" every_command
outputs >rows
while IFS='|' read -r id kind output words; do
    [ "$kind" != none ] || continue
    race "$kind" "$output" "$words"
    result $? "$id: of two writers at once"
    rm -rf "$work/new" # of what has its own files there
done <rows
python_json run/metrics.json
result $? "metrics.json is whole after two evaluations at once"

# Two parts of one run at once: both are in metrics.json.
cp -r run parts
"$LEADSEQ" evaluate parts --data s.h5 --split valid >out 2>err &
"$LEADSEQ" evaluate parts --data s.h5 --split train >out.2 2>err.2 &
wait
ok "two parts of a run, evaluated at once, are both kept" \
    sh -c 'grep -q "\"train\"" parts/metrics.json && grep -q "\"valid\"" parts/metrics.json && test -s parts/predictions-train.tsv'

finish
