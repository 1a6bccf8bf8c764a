#!/bin/sh
# SPDX-License-Identifier: MIT
# The shape of the code, read from the sources: licences, where third-party
# headers are included, which layer includes which, lengths of files and functions,
# format. TAP.
srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
cd "$srcdir" || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
n=0

# result NAME COMMAND...: passes where the command prints nothing; else each line says what is wrong.
result()
{
    n=$((n + 1))
    name=$1
    shift
    "$@" >"$work/found"
    if [ -s "$work/found" ]; then
        echo "not ok $n - $name"
        sed 's/^/#   /' "$work/found"
    else
        echo "ok $n - $name"
    fi
}

c_files()
{
    find src include test -name '*.[ch]' | sort
}

# allowed_in REGEX FILES: headers matching REGEX are included only by files matching FILES.
allowed_in()
{
    c_files | xargs grep -nE "^ *# *include *[<\"]($1)" | grep -vE "^($2):"
}

# once_a_layer REGEX: at most one file of a layer includes such a header.
once_a_layer()
{
    grep -rlE --include='*.[ch]' "^ *# *include *[<\"]($1)" src | sed 's,/[^/]*$,,' | sort |
        uniq -d | sed "s,\$, includes $1 in more than one file,"
}

third_party()
{
    allowed_in 'png\.h' 'src/io/png\.c|test/.*'
    allowed_in '(hdf5|H5[A-Z]*public)\.h' 'src/io/store[a-z_]*\.c|test/.*'
    allowed_in 'libdeflate\.h|zlib\.h' 'src/.*|test/.*'
    allowed_in 'oneapi/|dnnl' 'src/nn/.*|test/.*'
    allowed_in 'cairo' 'src/render/.*'
    allowed_in 'gsl/' 'src/base/random\.c|src/(stats|signal|synth)/.*|src/probe/arnoldi\.c|test/.*'
    allowed_in 'libfyaml\.h' 'src/experiment/.*'
    allowed_in 'argp\.h' 'src/cli/.*'
    allowed_in 'n?curses(w/curses)?\.h' 'src/cli/watch\.c'
    allowed_in 'jansson\.h' 'src/(page|train|exchange)/.*|test/.*'
    allowed_in 'mpi\.h' 'src/train/.*'
    allowed_in 'criterion/' 'test/.*'
    once_a_layer 'zlib\.h'
    once_a_layer 'libdeflate\.h'
    once_a_layer 'jansson\.h'
}

# What each layer may include besides itself, as the table of doc/architecture.md says.
below()
{
    sed -nE "s/^\\| \`$1\` \\|[^|]*\\|([^|]*)\\|\$/\1/p" doc/architecture.md
}

# Every folder is in the map, and the map has no folder that is gone.
map_is_whole()
{
    ls src | while read -r folder; do
        [ ! -d "src/$folder" ] || grep -q "^| \`$folder\` |" doc/architecture.md ||
            echo "src/$folder is not in the table of doc/architecture.md"
    done
    sed -nE 's/^\| `([a-z]+)` \|.*/\1/p' doc/architecture.md | while read -r folder; do
        [ -d "src/$folder" ] || echo "doc/architecture.md has a folder $folder that src has not"
    done
}

# The layers whose headers a file includes: "nn/nn.h" gives nn.
includes_of()
{
    sed -nE 's,^ *# *include *"([a-z]+)/[^"]*".*,\1,p' "$1" | sort -u
}

upward()
{
    for file in $(find src -name '*.[ch]' | sort); do
        layer=${file#src/} layer=${layer%%/*}
        may=" $layer $(below "$layer") "
        for other in $(includes_of "$file"); do
            [ -d "src/$other" ] || continue
            case $may in
            *" $other "*) ;;
            *) echo "$file includes $other, which is not below $layer" ;;
            esac
        done
    done
}

# Another layer is included through its own header, named as the folder; model alone reaches
# into nn, for the layers it composes.
foreign_private()
{
    grep -rnE --include='*.[ch]' '^ *# *include *"[a-z]+/[^"]*"' src |
        sed -E 's,^src/([a-z]+)/([^:]*):[0-9]+: *# *include *"([a-z]+)/([^"]*)".*,\1 \2 \3 \4,' |
        awk '$1 != $3 && $4 != $3 ".h" && !($1 == "model" && $4 == "nn_private.h") &&
             $3 "/" $4 !~ /^(io\/store|render\/distort|page\/drawing|train\/session|base\/option)\.h$/ {
                 print "src/" $1 "/" $2 " includes " $3 "/" $4 }'
}

# Lines of each function, from the brace in the first column to its partner; the rows of a table of
# cases are no code.
functions()
{
    # shellcheck disable=SC2016
    find src include test -name '*.c' | sort | xargs awk '
        FNR == 1 { name = ""; start = 0 }
        /^[A-Za-z]/ { name = $0 }
        /^\{$/ { start = FNR; rows = 0 }
        /^ +\{.*\},?$/ { rows++ }
        /^\}/ && start { print FNR - start + 1 - rows, FILENAME ":" start ": " name; start = 0 }'
}

unlicensed()
{
    { c_files; find src test bench -name '*.mk' -o -name '*.sh' -o -name '*.py' -o -name '*.gp'
      ls configure.ac Makefile.am autogen.sh quickstart; } |
        while read -r file; do
            head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' || echo "$file"
        done
}

too_long()
{
    c_files | xargs wc -l | awk '$2 != "total" && $1 > 800 { print $2 ": " $1 " lines" }'
}

badly_formatted()
{
    find src include test -name '*.[ch]' | sort | xargs clang-format --dry-run 2>&1 |
        sed -nE 's/^([^:]+):([0-9]+):.*warning:.*/\1/p' | sort | uniq -c |
        awk '{ print $2 ": clang-format -i changes " $1 " places" }'
}

long_functions()
{
    awk '$1 > 60' "$work/functions"
}

long_as_a_whole()
{
    grep ' src/' "$work/functions" | sort -n | awk '{ lines[NR] = $1 }
        END { median = lines[int((NR + 1) / 2)]; tenth = lines[int(NR * 0.9 + 0.5)]
              if (median > 15 || tenth > 40)
                  print "median " median " lines, 90th percentile " tenth }'
}

functions >"$work/functions"
result "every source names its licence" unlicensed
result "each third-party header is included in one place only" third_party
result "doc/architecture.md maps every folder" map_is_whole
result "no layer includes one that is not below it" upward
result "a private header stays in its layer" foreign_private
result "no file is longer than 800 lines" too_long
result "no function is longer than 60 lines" long_functions
result "functions: at most 15 lines in the median, 40 at the 90th percentile" long_as_a_whole
if clang-format --version 2>/dev/null | grep -q 'version 14\.' && [ -f .clang-format ]; then
    result "the code is formatted as .clang-format says" badly_formatted
else
    n=$((n + 1))
    echo "ok $n # SKIP formatting: clang-format 14 is not installed"
fi
echo "1..$n"
