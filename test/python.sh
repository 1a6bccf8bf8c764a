#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a Python test (TAP) with the first python3 that has the modules of its
# line "# needs: numpy sklearn"; where none has them the test is a visible skip.
script=$1
shift
modules=$(sed -n 's/^# needs: *//p' "$script" | tr -s ' ' ',')
for python in "${PYTHON:-}" /usr/bin/python3 python3; do
    [ -n "$python" ] || continue
    "$python" -c "import ${modules:-sys}" 2>/dev/null && exec "$python" "$script" "$@"
done
echo "1..0 # SKIP no python3 with ${modules:-the standard library}"
