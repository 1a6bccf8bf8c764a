#!/bin/sh
# SPDX-License-Identifier: MIT
# Every file of the repository is in the archive that `make dist` makes: one that is missing there is
# missed only by those who build from it. TAP.
. "${srcdir:?}/test/program.sh"

if ! tracked=$(git -C "$srcdir" ls-files 2>/dev/null) || [ -z "$tracked" ]; then
    echo "ok 1 - the archive holds every tracked file # SKIP not a git repository"
    echo "1..1"
    exit 0
fi
# Files for git and for this repository's own automation alone.
echo "$tracked" | grep -vE '(^|/)\.git(ignore|keep|attributes)$' | sort >tracked
make -s -C "$(dirname "$LEADSEQ")" distdir distdir="$work/archive" >out 2>err
result $? "an archive's folder is made"
(cd archive && find . -type f | sed 's,^\./,,' | sort) >held
comm -23 tracked held >out
[ -s held ] && [ ! -s out ]
result $? "the archive holds every tracked file"
finish
