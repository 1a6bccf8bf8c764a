# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For tests that drive the program: a folder of their own, TAP results, and what
# they check. Sourced by them, with $LEADSEQ and $srcdir set by `make check`.
: "${LEADSEQ:?the program to test}" "${srcdir:?the top of the sources}"
work=$(mktemp -d "${TMPDIR:-/tmp}/leadseq-test-XXXXXX") || exit 99
trap 'cd /; rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
cd "$work" || exit 99
n=0

# python_with MODULE: the first python3 that has it, or nothing.
python_with()
{
    for python in "${PYTHON:-}" /usr/bin/python3 python3; do
        [ -n "$python" ] && "$python" -c "import $1" 2>/dev/null && echo "$python" && return
    done
}

# The program, with its messages kept in err and its output in out.
leadseq()
{
    "$LEADSEQ" "$@" >out 2>err </dev/null
}

result()
{
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        sed 's/^/#   out: /' out 2>/dev/null | tail -n 12
        sed 's/^/#   err: /' err 2>/dev/null | tail -n 12
    fi
}

# ok NAME COMMAND...: the command succeeds.
ok()
{
    title=$1
    shift
    "$@"
    result $? "$title"
}

skip()
{
    n=$((n + 1))
    echo "ok $n # SKIP $1"
}

# refuses STATUS PATTERN NAME ARGUMENT...: leadseq ends with that status, its message matches the
# pattern (extended), and none of the names in $absent exists.
refuses()
{
    expected=$1 pattern=$2 title=$3
    shift 3
    leadseq "$@"
    status=$? verdict=0
    [ $status = "$expected" ] || { verdict=1; echo "#   exit status $status, expected $expected"; }
    grep -qE -- "$pattern" err || { verdict=1; echo "#   no message like '$pattern'"; }
    for path in ${absent:-}; do
        [ ! -e "$path" ] || { verdict=1; echo "#   $path was not removed"; }
    done
    result $verdict "$title"
    absent= # some shells keep assignments that precede a function call
}

# same FILE FILE: two tables agree; numbers to 1e-4 (another batch may round otherwise).
same_numbers()
{
    [ -s "$1" ] && [ -s "$2" ] && paste "$1" "$2" | awk -F'\t' '
        NF % 2 { bad = 1 }
        { for (i = 1; i <= NF / 2; i++) {
              a = $i; b = $(i + NF / 2); d = a - b; if (d < 0) d = -d
              if (a != b && !(a ~ /^[-+.0-9e]+$/ && b ~ /^[-+.0-9e]+$/ && d <= 1e-4)) bad = 1 } }
        END { exit bad }'
}

# JSON by another program's judgement; without one, that it is not empty.
python_json()
{
    if command -v python3 >/dev/null; then
        python3 -m json.tool "$1" >/dev/null
    else
        test -s "$1"
    fi
}

rows()
{
    tail -n +2 "$1" | wc -l | tr -d ' '
}

finish()
{
    echo "1..$n"
}
