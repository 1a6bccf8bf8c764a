#!/bin/sh
# SPDX-License-Identifier: MIT
# leadseq(1) and a page a command, from what the program says of itself: nothing is
# written twice. generate.sh PROGRAM FOLDER VERSION
program=$1 folder=$2 version=$3
mkdir -p "$folder" || exit 1

# Text to roff: backslashes and dashes as such, no line that looks like a request.
quote()
{
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\\([.']\\)/\\\\\&\\1/"
}

head_of()
{
    printf '.\\" Generated from the program by doc/man/generate.sh.\n'
    printf '.TH %s 1 "" "leadseq %s" "leadseq"\n.SH NAME\n' \
        "$(echo "$1" | tr '[:lower:]-' '[:upper:]_' | sed 's/_/\\-/g')" "$version"
    printf '%s \\- %s\n' "$(echo "$1" | quote)" "$(echo "$2" | quote)"
}

# argp's help: usage lines, a paragraph, options indented by 6, groups by 1, the rest after
# the last option.
page_of_command()
{
    "$program" "$1" --help | quote | awk '
        function section(name) { if (at != name) { print ".SH " name; at = name } }
        # An option begins at column 7, its help at column 30 or on the next line.
        /^(Usage:|  or:) / {
            section("SYNOPSIS")
            sub(/^(Usage:|  or:) */, ""); if (said++) print ".br"
            print; next
        }
        /^      (\\-\\-|[a-z])/ || /^  \\-[^ ],/ {
            section("OPTIONS"); option = 1
            line = $0; sub(/^ */, "", line)
            split_at = match(line, /   */)
            print ".TP"
            if (split_at) {
                print ".B " substr(line, 1, split_at - 1)
                rest = substr(line, split_at); sub(/^ */, "", rest); print rest
            } else print ".B " line
            next
        }
        option && /^             / { sub(/^ */, ""); print; next }
        /^$/ { if (at == "OPTIONS") blank = 1; else if (literal) print ""; next }
        at == "OPTIONS" && /^ [A-Z]/ { sub(/^ */, ""); sub(/:$/, ""); print ".SS " $0; option = 0; next }
        at == "SYNOPSIS" { section("DESCRIPTION"); print; next }
        at == "OPTIONS" { section("NOTES"); print ".nf"; literal = 1; print; next }
        { print }
        END { if (literal) print ".fi" }'
    printf '.SH SEE ALSO\n.BR leadseq (1)\n'
}

commands=$("$program" help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) +(.*)/\1\t\2/p')
[ -n "$commands" ] || { echo "generate.sh: $program help lists no commands" >&2; exit 1; }

{
    head_of leadseq "per-lead images of 12-lead ECGs, classifiers of them, and their comparison"
    printf '.SH SYNOPSIS\n.B leadseq\n.I COMMAND\n.RI [ ARGUMENT ...]\n.br\n.B leadseq help\n'
    printf '.RI [ COMMAND |\n.BR experiment ]\n.SH DESCRIPTION\n'
    "$program" help | sed -n '2,/^$/p' | grep . | quote
    printf '.PP\nFor research, not for clinical use.\n.SH COMMANDS\n'
    echo "$commands" | while IFS='	' read -r name summary; do
        printf '.TP\n.BR leadseq\\-%s (1)\n%s\n' "$name" "$(echo "$summary" | quote)"
    done
    printf '.SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 128 and the number of a signal that\n'
    printf 'stopped it after a checkpoint: 130, 138, 143.\n.SH EXPERIMENT FILES\n.nf\n'
    "$program" help experiment | quote
    printf '.fi\n.SH SEE ALSO\n'
    echo "$commands" | cut -f1 | sed 's/.*/.BR leadseq\\-& (1),/' | sed '$s/,$//'
} >"$folder/leadseq.1" || exit 1

echo "$commands" | while IFS='	' read -r name summary; do
    { head_of "leadseq-$name" "$summary"; page_of_command "$name"; } >"$folder/leadseq-$name.1" || exit 1
done
