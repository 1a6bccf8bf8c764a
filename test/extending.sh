#!/bin/sh
# SPDX-License-Identifier: MIT
# The examples of doc/extending.md: a copy of the sources gets each example's file and table row,
# and nothing else; it must build, and each example's own test must pass with that program. TAP.
. "${srcdir:?}/test/program.sh"
command -v autoreconf >/dev/null || { skip "autoreconf is not installed"; finish; exit; }
built=$(dirname "$LEADSEQ")
[ -f "$built/Makefile" ] || { skip "there is no build folder to build alike"; finish; exit; }
examples=$srcdir/examples/extending

# --- The copy ---------------------------------------------------------------------------------

# What a distribution has, without build folders.
mkdir tree
(cd "$srcdir" && find . \( -name '.git' -o -name 'build*' ! -name 'build-aux' ! -name 'build*.[ch]' \
    -o -name autom4te.cache -o -name 'quickstart-run*' -o -name 'leadseq-[0-9]*' \) -prune -o \
    -type f ! -name '*.o' ! -name '*.a' -print | cpio -pdm --quiet "$work/tree" 2>/dev/null ||
    tar -cf - --exclude=./.git --exclude='./build' --exclude='./build-sanitize' . | tar -xf - -C "$work/tree")
chmod -R u+w tree
cp -r tree/src before

list=$(find "$examples" -name '*.c' ! -name 'test_*' | sort)
# shellcheck disable=SC2086 # names without blanks
sh "$examples/insert.sh" tree $list >out 2>err
result $? "every example is one file and one row of a table"

# Files that differ are the tables, by one line each example; new ones are the examples'.
diff -r before tree/src | grep -v '^[<>-]' >changes
expected=$(echo "$list" | wc -l)
ok "... and no other file is changed" sh -c "
    test \$(grep -c '^Only in tree/src' changes) = $expected &&
    ! grep -q '^Only in before' changes"
# A list's last line gets a backslash, and the row follows it: one old line, two new ones.
diff -r before tree/src >out
ok "... by one row each" sh -c "
    test \$(grep -c '^<' out) -le $expected &&
    test \$(grep -c '^>' out) -le $((2 * expected))"

cc=$(sed -n 's/^CC = //p' "$built/Makefile")
ok "the copy is configured" sh -c "cd tree && ./autogen.sh >../out 2>../err && mkdir made && cd made &&
    ../configure -q CC='$cc' CFLAGS='-g -O1' >>../../out 2>>../../err"
ok "... and built" sh -c "make -s -C tree/made -j2 leadseq >out 2>err"
[ -x tree/made/leadseq ] || { finish; exit; }

# --- Each example's own test --------------------------------------------------------------------

LEADSEQ=$work/tree/made/leadseq
# Simulated records, and a small stack of them, for the tests that want them.
simulated()
{
    [ -d sim ] || leadseq synth --out sim --patients 60 --seed 1
}
small_stack()
{
    simulated
    [ -f small.h5 ] || leadseq render --ptbxl sim --out small.h5 --size 32x32
}
made=$work/tree/made
# python_checks MODULE NAME: check.py by a python3 that has the module, or a skip.
python_checks()
{
    python=$(python_with "$1")
    [ -n "$python" ] || { skip "$1 is not installed for python3"; return; }
    ok "$2" "$python" check.py
}
for test in "$examples"/test_*.sh; do
    . "$test"
done
finish
