#!/bin/sh
# SPDX-License-Identifier: MIT
# HDF5 files made to harm who opens them: they are refused with the reason, in little memory, and
# no other file is read through them. TAP.
. "${srcdir:?}/test/program.sh"
python=
for name in "${PYTHON:-}" /usr/bin/python3 python3; do
    [ -n "$name" ] && "$name" -c 'import h5py, numpy' 2>/dev/null && python=$name && break
done
[ -n "$python" ] || { echo "1..0 # SKIP no python3 with h5py"; exit 0; }

MOST_MB=500 MOST_SECONDS=1.5
export srcdir LEADSEQ
hostile()
{
    "$python" "$srcdir/test/hostile_hdf5.py" "$@"
}

# refused NAME PATTERN ARGUMENT...: exit status 1, the reason, in little memory.
refused()
{
    title=$1 pattern=$2
    shift 2
    hostile run $MOST_MB $MOST_SECONDS "$LEADSEQ" "$@" >out 2>err </dev/null
    status=$?
    [ $status = 1 ] || echo "#   exit status $status, expected 1"
    [ $status = 1 ] && grep -qE -- "$pattern" err
    result $? "$title"
}

leadseq synth --out sim --patients 30 --seed 3
leadseq render --ptbxl sim --out stack.h5 --size 24x24
cp stack.h5 other.h5
cat >cnn.yaml <<'TEXT'
name: hostile
data: {train: [1, 2, 3, 4, 5, 6], valid: [7, 8], test: [9, 10]}
model: {type: cnn, hidden: [2]}
train: {loss: bce-logits, batch: 4, epochs: 1, threads: 1}
TEXT
ok "the good one is used" leadseq train cnn.yaml --data stack.h5 --out run

# --- stacks ---------------------------------------------------------------------------

tab=$(printf '\t')
hostile every stack.h5 >kinds
while IFS=$tab read -r kind pattern; do
    rm -rf new
    refused "train refuses a stack: $kind" "$kind\.h5.*($pattern)" train cnn.yaml --data "$kind.h5" --out new
done <kinds
ok "... eighteen kinds" test "$(wc -l <kinds)" = 18
refused "predict refuses one" 'external storage' predict run external-storage.h5 --out new.tsv
refused "evaluate refuses one" 'virtual data set' evaluate run --split test --data virtual.h5
refused "diagnose refuses one that is named" 'external storage' \
    diagnose run --data external-storage.h5 --out new
refused "... and one that is not there" 'none\.h5: cannot be read' diagnose run --data none.h5 --out new
ok "... before it writes anything" test ! -e new
refused "info refuses one" 'soft or external link' info soft-link.h5
for kind in shared-object many-names; do
    hostile $kind stack.h5 $kind.h5 images
    hostile run $MOST_MB $MOST_SECONDS "$LEADSEQ" info $kind.h5 >out 2>err
    result $? "names cost little: $kind"
done

# --- checkpoints and diagnostics --------------------------------------------------------

checkpoint=$(find run/checkpoints -name 'best*.h5' -o -name 'last.h5' | sort | head -n 1)
weights=$(hostile sets "$checkpoint" | grep '^weights/' | head -n 1)
cp "$checkpoint" good.h5
for kind in external-storage external-link virtual claim-contiguous; do
    rm -f "$checkpoint"
    hostile $kind good.h5 "$checkpoint" "$weights"
    refused "predict refuses a checkpoint: $kind" "$(awk -F"$tab" -v k=$kind '$1 == k { print $2 }' kinds)" \
        predict run stack.h5
done
cp good.h5 "$checkpoint"

# --- h5py's usual ways stay readable -----------------------------------------------------

hostile ordinary stack.h5 ordinary.h5 images
ok "a stack of h5py, with texts of variable length and chunks of its own, is read" \
    leadseq train cnn.yaml --data ordinary.h5 --out ordinary
ok "... and trains the same network" sh -c \
    'cut -f 1-4 run/steps.tsv >a; cut -f 1-4 ordinary/steps.tsv >b; test -s a && cmp a b'

# --- headers of the old format, damaged ---------------------------------------------------

OMP_NUM_THREADS=1
export OMP_NUM_THREADS
for name in stack.h5 "$checkpoint" run/diagnostics.h5; do
    cp "$name" kept.h5
    rm "$name"
    hostile old kept.h5 "$name" 2>err || { result 1 "old format: $name"; continue; }
    case $name in
    stack.h5) set -- 140 info stack.h5 ;;
    run/diagnostics.h5) set -- 60 diagnose run --no-rehearsal ;;
    *) set -- 100 predict run kept-stack.h5 ;;
    esac
    count=$1
    shift
    ok "$count files with damaged headers end well: ${name##*/}" \
        sh -c 'exec "$@" >out 2>err' - "$python" "$srcdir/test/hostile_hdf5.py" damage "$count" "$name" "$LEADSEQ" "$@"
    mv kept.h5 "$name"
    [ "$name" = stack.h5 ] && cp stack.h5 kept-stack.h5
done

cp -r run linked
"$python" -c '
import h5py
with h5py.File("linked/diagnostics.h5", "r+") as f:
    name = "output/nonfinite_layer" if "output/nonfinite_layer" in f else "input/pixel_mean"
    del f[name]
    f[name] = h5py.ExternalLink("/etc/passwd", "/x")'
leadseq diagnose linked --no-rehearsal --out said
ok "a diagnosis mentions links that are not followed" \
    grep -q 'incomplete: .*diagnostics.h5.*soft or external link' said/diagnosis.md

# --- reasons -------------------------------------------------------------------------------

head -c 20000 stack.h5 >short.h5
refused "a truncated stack: both sizes" "truncated.*expected $(stat -c %s stack.h5) bytes, found 20000" info short.h5
"$python" -c '
import h5py, os, shutil
shutil.copy("stack.h5", "open.h5")
f = h5py.File("open.h5", "r+", libver="latest")
f.attrs["x"] = 1
f.flush()
os._exit(0)'
refused "left open by a killed writer" 'already open for write.*h5clear' info open.h5
if command -v flock >/dev/null; then
    cp stack.h5 locked.h5
    flock -o -x locked.h5 sleep 20 >sleeping 2>&1 &
    holder=$!
    until ! flock -n locked.h5 true; do :; done
    refused "locked by another program" 'unable to lock.*HDF5_USE_FILE_LOCKING=FALSE' info locked.h5
    ok "... and read where that is set" sh -c 'HDF5_USE_FILE_LOCKING=FALSE "$LEADSEQ" info locked.h5 >out'
    kill $holder
else
    skip "no flock"
fi
finish
