#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes src/FOLDER/files.mk for every folder of src: the sources of its archive, which are all .c
# and .h files in it, so that adding a file needs no edit of a Makefile. Run by ./autogen.sh; a list
# that has not changed is left alone, so that make rebuilds nothing.
cd "$(dirname "$0")/.." || exit 1

# Files with rules of their own in a layer.mk: main(), and the two ways to run ranks.
apart='src/cli/main.c src/train/ranks.c src/train/ranks_one.c'

for mk in src/*/layer.mk; do
    folder=${mk%/layer.mk}
    {
        echo "# SPDX-License-Identifier: MIT"
        echo "# Written by build-aux/files.sh."
        printf 'lib%s_a_SOURCES =' "${folder#src/}"
        find "$folder" -name '*.[ch]' | LC_ALL=C sort | while read -r file; do
            case " $apart " in *" $file "*) continue ;; esac
            printf ' \\\n    %s' "$file"
        done
        echo
    } >"$folder/files.mk.new"
    if cmp -s "$folder/files.mk.new" "$folder/files.mk"; then
        rm "$folder/files.mk.new"
    else
        mv "$folder/files.mk.new" "$folder/files.mk"
    fi
done
