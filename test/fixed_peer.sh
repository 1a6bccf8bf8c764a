# SPDX-License-Identifier: MIT
# For tests of the bench, which read it: a peer that computes nothing.

# fixed_peer FILE: writes a program whose step takes 4 s; standard input: what it does first.
fixed_peer()
{
    {
        echo '#!/bin/sh'
        cat
        cat <<'TEXT'
while read -r line; do
    case $line in
    open) echo "ok a fixed peer" ;;
    run*) echo "ok 4 2 1.5 0.5" ;;
    peak) echo "ok 4000000000" ;;
    esac
done
TEXT
    } >"$1"
    chmod +x "$1"
}
