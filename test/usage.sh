#!/bin/sh
# SPDX-License-Identifier: MIT
# What every command does with its words: help, exit statuses, mistyped options, empty texts,
# numbers out of range, options without effect. A command is covered by its row. TAP.
. "$srcdir/test/program.sh"

# COMMAND | right arguments before the one in question
cat >commands <<'LIST'
synth | --out new --patients 2
render | --ptbxl px --out new.h5
info | px/none
train | none.yaml --data none.h5 --out new
sweep | none.yaml seed=1 --data none.h5 --out new
evaluate | none --data none.h5 --split test
predict | none none.hea
diagnose | none
watch | none
compare | none1 none2 --out new
export | none --format onnx --out new
bench | --experiment
LIST
sed 's/ *|.*//' commands | while read -r command; do echo "  $command "; done >known
leadseq help
sed -n '/^Commands:/,/^$/s/^  \([a-z]*\).*/  \1 /p' out >listed
ok "every command has a row" cmp -s known listed

# empty FILE: a stream nothing was written to.
empty()
{
    [ ! -s "$1" ]
}

shown="leadseq [0-9]"
leadseq --version
ok "--version" grep -q "^$shown" out
leadseq -V
ok "-V" grep -q "^$shown" out
refuses 2 "^Usage: leadseq COMMAND" "no command"
refuses 2 "unknown command 'tain'; the nearest is 'train'" "a mistyped command" tain
refuses 2 "unknown command 'experimen'; the nearest is 'experiment'" "mistyped help" help experimen
refuses 2 "unknown command 'nonsense'\. Commands" "nonsense is like no command" help nonsense
refuses 2 "unknown option '--epochs'; .* is given as train.epochs=3\." "an experiment's value as an option" \
    train none.yaml --epochs 3
refuses 2 "given as train.lr=1e-3" "... by its name in other programs" train none.yaml --learning-rate=1e-3
refuses 2 "given as train.threads=VALUE" "... without a value that it does not take" train none.yaml --device cpu
refuses 2 "unknown option '--xyzzy'\. 'leadseq" "an option that is like no other" train none.yaml --xyzzy
refuses 2 "unexpected argument 'x'" "help of two" help info x
leadseq help experiment
ok "help experiment" grep -q 'train.lr' out

while IFS='|' read -r command right; do
    command=${command% }
    leadseq "$command" --help
    status=$?
    cp out help
    ok "$command --help" [ $status = 0 ]
    ok "$command --help says nothing on stderr" empty err
    ok "$command --help begins with how it is used" grep -q "^Usage: leadseq $command" help
    ok "$command --help has an example" grep -q "^Examples\{0,1\}:$" help
    leadseq help "$command"
    ok "help $command says the same" cmp -s help out
    leadseq "$command" -h
    ok "$command -h says the same" cmp -s help out
    leadseq "$command" --version
    ok "$command --version" grep -q "^$shown" out
    "$LEADSEQ" "$command" --help 2>err | head -n 1 >/dev/null
    ok "$command --help | head says nothing else" empty err
    if [ -c /dev/full ]; then
        "$LEADSEQ" "$command" --help 2>err >/dev/full
        [ $? = 1 ] && grep -q 'standard output could not be written' err
        result $? "$command --help that cannot be printed"
    fi
    # shellcheck disable=SC2086 # words
    refuses 2 "unknown option '--halp'; the nearest is --help" "$command: mistyped" "$command" $right --halp
    # shellcheck disable=SC2086
    refuses 2 "unknown option '-5'" "$command: a negative number" "$command" $right -5
    # Every option that takes a text: none at all, an empty one, and numbers that are none.
    sed -n 's/^ *\(-., *\)\{0,1\}--\([a-z0-9-]*\)=\([^ ]*\).*/\2/p' help | sort -u >texts
    while read -r option; do
        # shellcheck disable=SC2086
        refuses 2 "--$option" "$command --$option '' is refused" "$command" $right "--$option" ''
        # shellcheck disable=SC2086
        refuses 2 "$option" "$command --$option without a text" "$command" $right "--$option"
    done <texts
    sed -n 's/^ *\(-., *\)\{0,1\}--\([a-z0-9-]*\)=\([NSX]\|HZ\|MV\|SECONDS\|RATE\|ID\) .*/\2/p' help |
        sort -u >numbers
    while read -r option; do
        for value in 1e99999 99999999999999999999 -1e-400x nan 0x10 " 5" "5
6"; do
            # shellcheck disable=SC2086
            leadseq "$command" $right "--$option" "$value"
            status=$?
            [ $status = 2 ] && grep -q -- "--$option: expected" err ||
                { result 1 "$command --$option '$value': exit status $status"; }
            [ "$(wc -l <err)" -le 2 ] || result 1 "$command --$option '$value': the message has lines of its own"
        done
        result 0 "$command --$option refuses what is no number in its range"
    done <numbers
    ok "$command names no option twice" sh -c "! grep -E '(^|[ :-])([a-z-]+): ([a-z]+\.)?\2: ' err"
done <commands

# Data that are not there are no wrong usage; the message says what and where.
while IFS='|' read -r command right; do
    command=${command% }
    case $command in synth | bench) continue ;; esac
    # shellcheck disable=SC2086
    refuses 1 "none|px" "$command: files that are not there" "$command" $right
done <commands
long=$(printf '%5000s' '' | tr ' ' x)
while IFS='|' read -r command right; do
    command=${command% }
    case $command in synth | bench | render) continue ;; esac
    # shellcheck disable=SC2086
    refuses 1 'too long|not|cannot|found|expected' "$command: a name of 5000 letters" "$command" \
        $(echo "$right" | sed "s/none[0-9]*/$long/")
done <commands

refuses 2 "^leadseq render: --style: expected" "a style that is none" render --ptbxl px --out x.h5 --style y
refuses 2 "^leadseq render: --profile: expected" "a profile that is none" render --ptbxl px --out x.h5 --profile y
refuses 2 "^leadseq: --precision: expected" "a precision that is none" bench --precision y

# A source folder that was configured in place: quickstart says what to do before it does anything.
if command -v bash >/dev/null; then
    mkdir tree
    cp "$srcdir/quickstart" tree/
    : >tree/config.status
    (cd tree && bash ./quickstart >../out 2>../err)
    [ $? = 1 ] && grep -q "make distclean" err && [ ! -s out ]
    result $? "quickstart in a source folder that was configured"
else
    skip "no bash"
fi

# Options without effect: COMMAND | OPTIONS | pattern
while IFS='|' read -r words pattern; do
    # shellcheck disable=SC2086
    refuses 2 "$pattern" "no effect: $words" $words
done <<'LIST'
sweep none --slurm-options x|--slurm-options has no effect without --slurm or --slurm-dry-run
sweep none --jobs 2 --table|--jobs has no effect with --table
sweep none --job 1 --keep-going|--keep-going has no effect with --job
render --records a --labels b --out x.h5|--records.*--labels|--labels
render --records a --svg x.svg --limit 3|--limit has no effect with --svg
train none.yaml --data x --summary --print|--summary has no effect with --print
train none.yaml --data x --out y --lr-min 1e-3|--lr-min has no effect without --lr-find
info none --first 3|--first has no effect without --png
info none --png x --first 3 --ecg-id 4|--first has no effect with --ecg-id
info none --quality --png x|--png has no effect with --quality
watch none --once --every 3|--every has no effect with --once
diagnose none --pairs 3|--pairs has no effect without --remedies
bench --experiment --repeat 3|--repeat has no effect with --experiment
bench --data x --records 3|--records has no effect with --data
LIST
finish
