#!/bin/sh
# SPDX-License-Identifier: MIT
# Adds examples to a copy of the sources as a researcher would: the file into its folder, the row
# into its table. Each example says both in its first lines:
#
#    * file  src/nn/leaky.c
#    * row   src/nn/layers.c TYPES ROW(leaky)
#
# The row goes to the end of the list `#define TYPES(ROW)` of that file. Nothing else is changed.
#
#   insert.sh TREE EXAMPLE.c...
set -eu
tree=$1
shift

# word EXAMPLE KIND: the words after "file" or "row" in the first lines.
word()
{
    sed -nE "1,/\*\//s/^ \* $2 +(.*[^ ]) *\$/\1/p" "$1" | head -n 1
}

for example in "$@"; do
    file=$(word "$example" file)
    row=$(word "$example" row)
    table=${row%% *} row=${row#* }
    list=${row%% *} row=${row#* }
    [ -n "$file" ] && [ -n "$table" ] && [ -n "$list" ] && [ -n "$row" ] ||
        { echo "$example: no file and row in its head" >&2; exit 1; }
    [ ! -e "$tree/$file" ] || { echo "$example: $file exists already" >&2; exit 1; }
    grep -q "^#define $list(" "$tree/$table" || { echo "$table has no list $list" >&2; exit 1; }
    cp "$example" "$tree/$file"
    # The last row of a list is its first line without a backslash at the end.
    awk -v list="#define $list(" -v row="    $row" '
        index($0, list) == 1 { inside = 1 }
        inside && !/\\$/ { print $0 " \\"; print row; inside = 0; next }
        { print }' "$tree/$table" >"$tree/$table.new"
    mv "$tree/$table.new" "$tree/$table"
    echo "$file $table"
done
