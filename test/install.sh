#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make install` leaves: program, library, headers, pkg-config file, man pages, completion; a program
# built against it; a configure that finds a library in an odd place. TAP.
. "${srcdir:?}/test/program.sh"
built=$(dirname "$LEADSEQ")
[ -f "$built/Makefile" ] || { skip "there is no build folder to install from"; finish; exit; }
make=${MAKE:-make}

prefix=$(sed -n 's/^prefix = //p' "$built/Makefile")
ok "make install into DESTDIR" sh -c "$make -s -C '$built' install DESTDIR='$work/dest' >out 2>err"
root=$work/dest$prefix
commands=$("$LEADSEQ" help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p')
ok "the program" test "$("$root/bin/leadseq" --version)" = "$("$LEADSEQ" --version)"
ok "the library" test -s "$root/lib/libleadseq.a"
missing=
for header in "$srcdir"/include/leadseq/*.h; do
    [ -s "$root/include/leadseq/$(basename "$header")" ] || missing="$missing $(basename "$header")"
done
ok "every public header${missing:+, not$missing}" test -z "$missing"
ok "... and no others" test "$(ls "$root/include/leadseq" | wc -l)" = "$(ls "$srcdir"/include/leadseq/*.h | wc -l)"
missing=
for page in leadseq $(for c in $commands; do echo "leadseq-$c"; done); do
    [ -s "$root/share/man/man1/$page.1" ] || missing="$missing $page.1"
done
ok "a man page for each command${missing:+, not$missing}" test -z "$missing"
if command -v groff >/dev/null; then
    for page in "$root"/share/man/man1/*.1; do groff -man -ww -Tutf8 -z "$page" 2>&1; done >warnings
    sed 's/^/#   /' warnings
    ok "... without a warning of groff" test ! -s warnings
else
    skip "groff is not installed"
fi
missing=
for command in $commands; do
    "$LEADSEQ" "$command" --help | grep -oE '^ +--[a-z-]+' | tr -d ' -' >options
    tr -d '\\-' <"$root/share/man/man1/leadseq-$command.1" >page
    while read -r option; do grep -q "$option" page || missing="$missing $command:$option"; done <options
done
ok "... with every option${missing:+, not$missing}" test -z "$missing"

# complete WORD...: what bash offers for the last word.
complete_words()
{
    bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leadseq; echo "${COMPREPLY[*]}"' \
        "$root/share/bash-completion/completions/leadseq" "$@"
}
if command -v bash >/dev/null; then
    ok "completion: a command" test "$(complete_words leadseq tr)" = train
    ok "... an option" test "$(complete_words leadseq train --res)" = --resume
    ok "... a key" test "$(complete_words leadseq train x.yaml train.epo)" = train.epochs=
else
    skip "bash is not installed"
fi

# --- A program of somebody else's -----------------------------------------------------------

cc=$(sed -n 's/^CC = //p' "$built/Makefile")
flags=$(PKG_CONFIG_PATH="$root/lib/pkgconfig:${PKG_CONFIG_PATH:-}" \
    pkg-config --define-variable=prefix="$root" --cflags --libs leadseq)
# What this build was configured with beyond the defaults (sanitizers, prefixes).
own=$(sed -nE 's/^(CFLAGS|CPPFLAGS|LDFLAGS) = //p' "$built/Makefile" | tr '\n' ' ')
grep -q '^STRICT_CFLAGS = .*-fsanitize' "$built/Makefile" && own="$own -fsanitize=address,undefined"
for example in leads predict; do
    ok "examples/$example.c is built against it" \
        sh -c "$cc $own '$srcdir/examples/$example.c' $flags -lm -o $example 2>err"
done
LD_LIBRARY_PATH=$root/lib # where the library is shared
export LD_LIBRARY_PATH
leadseq synth --out sim --patients 40 --seed 1
record=$(find sim/records100 -name '*.hea' | sort | head -n 1)
mkdir pictures
./leads "$record" pictures >found 2>err
ok "... and shows what is in a record" sh -c "grep -q '1000 samples at 100 Hz' found && test \$(grep -c mV found) = 12"
leadseq info "$record" --png drawn
leadseq render --records "$record" --out drawn.h5 --size 256x192 --png drawn
ok "... and draws its leads: 256 x 192 bytes after the head of each" sh -c "
    test \$(ls pictures/*.pgm | wc -l) = 12 && test \$(wc -c <pictures/V6.pgm) = \$((256 * 192 + 15))"
./leads absent >found 2>err
ok "... or why it cannot" grep -q 'absent' err
leadseq render --ptbxl sim --out small.h5 --size 24x24
leadseq train "$srcdir/experiments/quickstart-cnn/experiment.yaml" train.epochs=1 train.threads=1 --data small.h5 --out run
leadseq predict run "$record" --out table.tsv
./predict run "$record" >found 2>err
result $? "... the other opens a run and predicts"
# Columns by name: the table may have more of them in another version.
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
             NR == 2 { printf "%.6f\t%s\n", $at["probability"], $at["decision"] ? "yes" : "no" }' table.tsv >expected
ok "... the same as the program" sh -c "cut -f3,4 found | diff - expected"
./predict nowhere "$record" >found 2>err
ok "... or says why it cannot" grep -q "nowhere: expected a run" err
missing=
for header in "$root"/include/leadseq/*.h; do
    echo "#include <leadseq/$(basename "$header")>" >alone.c
    # shellcheck disable=SC2086 # words
    $cc -std=c11 -D_GNU_SOURCE -Wall -Werror -fsyntax-only "-I$root/include" alone.c 2>>err ||
        missing="$missing $(basename "$header")"
done
ok "each header can be included alone${missing:+, not$missing}" test -z "$missing"
cat >version.c <<'TEXT'
#include <leadseq/leadseq.h>
#if LEADSEQ_VERSION < LEADSEQ_VERSION_OF(0, 2, 0)
#error "an older version"
#endif
int main(void)
{
    return leadseq_version()[0] == '\0';
}
TEXT
ok "a program can ask for a version" sh -c "$cc $own version.c $flags -lm -o version 2>err && ./version"
if command -v c++ >/dev/null; then
    cp version.c version.cc
    ok "... in C++ too" sh -c "c++ -fsyntax-only -Wall -Werror -I'$root/include' version.cc 2>err"
else
    skip "there is no C++ compiler"
fi

if [ -e "$root/lib/libleadseq.so" ]; then
    nm -D --defined-only "$root/lib/libleadseq.so" | awk '{ print $NF }' | sort >exported
    sed -n 's/^ *\(leadseq_[a-z0-9_]*\);$/\1/p' "$built/libleadseq.map" | sort >declared
    ok "the shared library has the declared names alone, and all of them" diff declared exported
    ok "... and it was what the example ran with" sh -c "LC_ALL=C ldd leads | grep -q '$root/lib/libleadseq.so.0'"
fi

ok "make uninstall takes it all away" sh -c "$make -s -C '$built' uninstall DESTDIR='$work/dest' >out 2>err; test -z \"\$(find '$work/dest' -type f -o -type l)\""

# --- A library in an odd place ---------------------------------------------------------------

# libdeflate by its pkg-config file, oneDNN, which has none, by CPPFLAGS and LDFLAGS: links to the
# installed ones in a prefix that no compiler looks into.
if [ -x "$srcdir/configure" ]; then
    mkdir -p odd/include odd/lib/pkgconfig tree
    libdir=$(pkg-config --variable=libdir libdeflate)
    ln -s "$(pkg-config --variable=includedir libdeflate)/libdeflate.h" odd/include/
    for library in "$libdir"/libdeflate.* "$libdir"/libdnnl.*; do ln -s "$library" odd/lib/; done
    for folder in /usr/include /usr/local/include; do
        [ ! -d $folder/oneapi ] || ln -sfn $folder/oneapi odd/include/oneapi
    done
    sed "s,^prefix=.*,prefix=$work/odd," "$(pkg-config --variable=pcfiledir libdeflate)/libdeflate.pc" |
        sed 's,^libdir=.*,libdir=${prefix}/lib,; s,^includedir=.*,includedir=${prefix}/include,' \
            >odd/lib/pkgconfig/libdeflate.pc
    mpi=
    command -v mpicc >/dev/null && mpi=--with-mpi
    # An archive of a program's parts may be read-only, and no one is root.
    configure="PKG_CONFIG_PATH=$work/odd/lib/pkgconfig CPPFLAGS=-I$work/odd/include LDFLAGS=-L$work/odd/lib"
    ok "configure $mpi with libraries in odd places, out of tree" \
        sh -c "cd tree && '$srcdir/configure' -q $mpi $configure --prefix='$work/away' >../out 2>../err"
    ok "... finds them there" sh -c "grep -q 'DEFLATE_LIBS=.*$work/odd' tree/config.log"
    (cd tree && $make -s src/nn/libnn_a-conv.o src/dataset/libdataset_a-pack.o \
        src/train/libtrain_a-"$([ -n "$mpi" ] && echo ranks || echo ranks_one)".o) >out 2>err
    result $? "... and compiles against them"
    ok "a library that is not there is named, with its package" \
        sh -c "mkdir none && cd none && ! PKG_CONFIG_LIBDIR=/nowhere '$srcdir/configure' -q >../out 2>../err && grep -q 'Debian: lib' ../err"
else
    skip "there is no configure"
fi

# --- What doc/cluster starts from ---------------------------------------------------------------

if command -v python3 >/dev/null; then
    ok "the Spack recipe is Python" python3 -c "import ast, sys; ast.parse(open(sys.argv[1]).read())" \
        "$srcdir/doc/cluster/package.py"
else
    skip "python3 is not installed"
fi
if command -v tclsh >/dev/null; then
    cat >module.tcl <<'TEXT'
foreach command {module-whatis conflict setenv} { proc $command args {} }
proc prepend-path {name path} { puts "$name $path" }
source [lindex $argv 0]
ModulesHelp
TEXT
    tclsh module.tcl "$srcdir/doc/cluster/leadseq.tcl" >out 2>err
    ok "the module file is Tcl, and sets PATH" grep -q '^PATH /.*/bin$' out
else
    skip "tclsh is not installed"
fi
ok "the Slurm script is bash" bash -n "$srcdir/doc/cluster/preempted.sbatch"
finish
