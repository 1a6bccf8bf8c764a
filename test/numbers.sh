#!/bin/sh
# SPDX-License-Identifier: MIT
# Every option and every key that takes a number refuses what overflows or is no decimal
# number. Both are read from the program's own help, so that new ones are tested too. TAP.
. "${srcdir:?}/test/program.sh"

cat >cnn.yaml <<'TEXT'
name: numbers
model: {type: cnn}
TEXT
printf '%s\n' 4294967360 1e400 -1e400 99999999999999999999 0x10 '1 ' ' 1' '' nan inf 1,5 >numbers

# Ends with 2 and names the option or key; otherwise says so.
refuses_number()
{
    name=$1 number=$2
    shift 2
    leadseq "$@"
    status=$?
    [ $status = 2 ] && grep -qE -- "$name.*: expected" err && return
    echo "#   $name '$number': status $status, $(head -n 1 err)"
    return 1
}

# NAME COMMAND: all numbers are tried after COMMAND --NAME.
option()
{
    verdict=0
    while IFS= read -r number; do
        [ "$1 $number" = "--seed 4294967360" ] && continue
        for form in $3; do
            # shellcheck disable=SC2059 # a form is a format
            refuses_number "$1" "$number" "$2" "$1=$(printf "$form" "$number")" || verdict=1
        done
    done <numbers
    result $verdict "$2 $1"
}

for command in $("$LEADSEQ" help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p'); do
    for pair in $("$LEADSEQ" "$command" --help | grep -oE -- '--[a-z-]+=[^ ,]+' | sort -u); do
        case ${pair#*=} in
        N | S | X | HZ | MV | MM | ID | RATE | SECONDS | '50|60') forms=%s ;;
        WxH) forms='%s %sx64 64x%s' ;;
        'START[:S]') forms='%s 0:%s' ;;
        *) continue ;;
        esac
        option "${pair%%=*}" "$command" "$forms"
    done
done

# Keys whose help expects a number; also where it is one of a list.
key()
{
    verdict=0
    while IFS= read -r number; do
        case "$1 $2 $number" in # some may be as large; a list may be empty and have blanks
        "seed %s 4294967360" | "train.clip_norm %s 4294967360") continue ;;
        *" [%s] " | *" [%s] "*' ' | *" [%s]  "* | *" [%s] 1,5") continue ;;
        esac
        for form in $2; do
            # shellcheck disable=SC2059
            refuses_number "$1" "$number" train cnn.yaml --print "$1=$(printf "$form" "$number")" ||
                verdict=1
        done
    done <numbers
    result $verdict "$1"
}

"$LEADSEQ" help experiment | sed -nE '/^[a-z0-9_.]+: /{s/:.*//;h};/^    expects /{G;s/\n/ /;p}' |
    sed -E 's/^    expects (.*) ([a-z0-9_.]+)$/\2 \1/' >keys
while read -r key expects; do
    case $expects in
    *'a list of one per output'*) key "$key" '[%s]' ;;
    'a whole number'* | 'a number'*) key "$key" %s ;;
    WIDTHxHEIGHT*) key "$key" '%sx64 64x%s' ;;
    *'list of folds'*) key "$key" '[%s]' ;;
    esac
done <keys
finish
