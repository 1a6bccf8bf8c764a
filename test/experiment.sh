#!/bin/sh
# SPDX-License-Identifier: MIT
# Experiment files by the program: the reference page, and what a file leads to. TAP.
. "${srcdir:?}/test/program.sh"

# --- the reference page -----------------------------------------------------------------

sed '1,/^<!-- The rest/d' "$srcdir/doc/experiment.md" >page
leadseq help experiment --markdown
ok "doc/experiment.md has the options that the program has (else: make update-doc)" cmp page out
ok "... a row for every one" test "$(grep -c '^| `' out)" = \
    "$("$LEADSEQ" help experiment | grep -cE '^[a-z_.]+: ')"

finish
