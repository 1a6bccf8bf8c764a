#!/bin/sh
# SPDX-License-Identifier: MIT
# Every example of every command's help, of README and of doc/, pasted into a shell: whatever the
# files in it hold, it is no wrong usage (status 2), and the shell understands it. TAP.
. "$srcdir/test/program.sh"
command -v timeout >/dev/null || { skip "no timeout"; finish; exit; }
mkdir bin
ln -s "$LEADSEQ" bin/leadseq
PATH=$work/bin:$PATH
export PATH

# Lines that a backslash continues are joined.
joined()
{
    sed -e ':again' -e '/\\$/{N;s/\\\n */ /;b again' -e '}'
}

"$LEADSEQ" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' >names
: >list
while read -r command; do
    # what follows an example and is no line of its own was cut off by the width of the page
    "$LEADSEQ" help "$command" | sed -n '/^Examples\{0,1\}:/,$p' | joined >help
    grep '^  leadseq ' help | sed "s/^/help $command|/" >>list
    grep -vE '^(  leadseq |Examples{0,1}:|More in |$)' help >rest
    ok "help $command: no example is broken in two" test ! -s rest
done <names
# Blocks of code; words in capitals or with an ellipsis are places to fill in.
for page in "$srcdir/README.md" "$srcdir"/doc/*.md; do
    sed -n '/^```/,/^```/p' "$page" | joined | sed -n 's/^\(\$ \)\{0,1\}\(leadseq [a-z]\)/\2/p' |
        grep -vE '\.\.\.|…|(^| )\[|<|(^|[ =/])[A-Z]{3,}[A-Za-z.0-9]*( |$)' |
        sed "s|^|${page##*/}|;s/leadseq /|leadseq /" >>list
done
ok "examples are found" test "$(wc -l <list)" -gt 30

# In a folder that has only what is made here, so that most end soon. Threads of one.
OMP_NUM_THREADS=1
export OMP_NUM_THREADS
mkdir folder
while IFS='|' read -r where line; do
    rm -rf folder/* 2>/dev/null || { sleep 1 && rm -rf folder/*; } # none continues another's work
    mkdir folder/sweep
    ln -s "$srcdir/experiments" folder/experiments
    : >folder/stack.h5
    # bench would measure for long
    case $line in *bench*) line="$(echo "$line" | sed 's/ --json//') --experiment" ;; esac
    (cd folder && timeout 5 sh -c "$line" >../out 2>../err </dev/null)
    status=$?
    case $status in
    0 | 1 | 124) result 0 "$where: $line" ;;
    *) result 1 "$where: exit status $status of $line" ;;
    esac
done <list
finish
