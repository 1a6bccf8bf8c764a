#!/bin/sh
# SPDX-License-Identifier: MIT
# kill -9 at random moments of train, render and sweep: no incomplete file looks complete, and resumed
# work ends with the same bits as work that was not interrupted. LEADSEQ_KILLS is how many times
# each is killed (5; 50 before a release), LEADSEQ_KILL_SEED the seed of the moments. TAP.
. "${srcdir:?}/test/program.sh"

kills=${LEADSEQ_KILLS:-5}
python=none
for name in "${PYTHON:-}" /usr/bin/python3 python3; do
    [ -n "$name" ] && "$name" -c 'import h5py' 2>/dev/null && python=$name && break
done
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive

leadseq synth --out sim --patients 40 --seed 1
leadseq render --ptbxl sim --out s.h5 --size 32x32 --seed 1 ||
    leadseq render --ptbxl sim --out s.h5 --size 32x32

# now: seconds
now()
{
    date +%s.%N
}

# moment SECONDS: somewhere in 0 … SECONDS, the next of a seeded stream.
drawn=0
moment()
{
    drawn=$((drawn + 1))
    awk -v seed="${LEADSEQ_KILL_SEED:-1}" -v k=$drawn -v most="$1" 'BEGIN {
        srand(seed); while (k-- >= 0) u = rand(); printf "%.3f", u * most }'
}

# interrupted SECONDS COMMAND...: runs it, kills it somewhere within; 0: it had been done before.
interrupted()
{
    most=$1
    shift
    "$@" >out 2>err </dev/null &
    pid=$!
    sleep "$(moment "$most")"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
}

# whole_files FOLDER: every file under its final name can be read to its end.
whole_files()
{
    find "$1" -name '*.json' >list
    while read -r file; do
        python_json "$file" || { echo "#   $file is not whole"; return 1; }
    done <list
    [ $python != none ] || return 0
    find "$1" -name '*.h5' >list
    $python - list <<'PYTHON'
import sys, h5py
for name in open(sys.argv[1]).read().split("\n")[:-1]:
    with h5py.File(name) as h:
        h.visititems(lambda _, x: x[...] if isinstance(x, h5py.Dataset) else None)
PYTHON
}

# same_run RUN RUN: all but times.
same_run()
{
    for file in checkpoints/last.h5 checkpoints/best.h5 metrics.json predictions-valid.tsv predictions-test.tsv; do
        cmp "$1/$file" "$2/$file" || return 1
    done
    for run in "$1" "$2"; do
        awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /_s$/) time[i] = 1 }
            { for (i in time) $i = ""; print }' "$run/steps.tsv" >"steps.$(echo "$run" | tr / .)"
        awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") time[i] = 1 }
            { for (i in time) $i = ""; print }' "$run/history.tsv" >"history.$(echo "$run" | tr / .)"
    done
    cmp "steps.$(echo "$1" | tr / .)" "steps.$(echo "$2" | tr / .)" &&
        cmp "history.$(echo "$1" | tr / .)" "history.$(echo "$2" | tr / .)"
}

# --- train ------------------------------------------------------------------------------------

cat >cnn.yaml <<'TEXT'
data: {invert: true, split: record, standardise: true}
model: {type: cnn, hidden: [4, 8], dropout: 0.25}
train: {loss: bce-logits, batch: 4, epochs: 6, threads: 1}
diagnose: {probes: standard}
TEXT
train()
{
    resume=
    [ ! -e "$1/experiment.yaml" ] || resume=--resume
    # shellcheck disable=SC2086 # an option or nothing
    exec "$LEADSEQ" train cnn.yaml --data s.h5 --out "$1" $resume
}
begun=$(now)
(train whole) >out 2>err
status=$?
took=$(awk -v a="$begun" -v b="$(now)" 'BEGIN { printf "%.3f", b - a }')
ok "a training that nobody interrupts ends" test $status = 0
echo "# it takes $took s; train, render and sweep are killed $kills times each"

killed=0 runs=0 broken=0 differing=0
while [ $killed -lt "$kills" ]; do
    runs=$((runs + 1))
    for _ in 1 2 3; do
        [ $killed -lt "$kills" ] || break
        interrupted "$took" train "run$runs"
        killed=$((killed + 1))
        [ ! -d "run$runs" ] || whole_files "run$runs" || broken=$((broken + 1))
    done
    (train "run$runs") >out 2>err
    [ $? = 0 ] && same_run whole "run$runs" || { differing=$((differing + 1)); cp err "err.$runs"; sed 's/^/#   /' err | tail -n 3; }
    [ -z "$(find "run$runs" -name '*.partial' -o -name '*.next')" ] || echo "# run$runs keeps $(find "run$runs" -name '*.partial' -o -name '*.next')"
done
ok "train: killed $killed times, no file looks whole that is not" test $broken = 0
ok "... and $runs resumed runs end with the same bits" test $differing = 0

# --- render -----------------------------------------------------------------------------------

render()
{
    exec "$LEADSEQ" render --ptbxl sim --out "$1" --size 96x96 --workers 2
}
# The stack without the time it was made: by h5py, else by what a training sees of it.
contents()
{
    if [ $python != none ]; then
        $python - "$1" <<'PYTHON'
import hashlib, sys, h5py
with h5py.File(sys.argv[1]) as h:
    d = hashlib.sha256()
    for k in sorted(h.attrs):
        if k not in ("created", "command_line"): d.update(f"{k}={h.attrs[k]!r}\n".encode())
    h.visititems(lambda n, x: d.update(n.encode() + x[...].tobytes()) if isinstance(x, h5py.Dataset) and x.dtype.kind != "O"
                 else d.update(repr(x[...]).encode()) if isinstance(x, h5py.Dataset) else None)
    print(d.hexdigest())
PYTHON
    else
        "$LEADSEQ" info "$1" --json | grep -v -e created -e command_line -e '"path"'
    fi
}
begun=$(now)
(render all.h5) >out 2>err
took=$(awk -v a="$begun" -v b="$(now)" 'BEGIN { printf "%.3f", b - a }')
contents all.h5 >all.contents
killed=0 finished=0 differing=0
while [ $killed -lt "$kills" ]; do
    rm -f one.h5
    interrupted "$took" render one.h5
    killed=$((killed + 1))
    if [ -e one.h5 ]; then
        finished=$((finished + 1))
    elif [ $((killed % 4)) != 0 ]; then
        continue # with what this one left in the folder
    else
        (render one.h5) >out 2>err
    fi
    contents one.h5 >one.contents && cmp all.contents one.contents || differing=$((differing + 1))
done
rm -f one.h5
(render one.h5) >out 2>err
contents one.h5 >one.contents
cmp all.contents one.contents || differing=$((differing + 1))
ok "render: killed $killed times, $finished had ended: a stack is whole or not there" test $differing = 0
ok "... and no part of one is left once one is done" test ! -e one.h5.partial

# --- sweep ------------------------------------------------------------------------------------

cat >small.yaml <<'TEXT'
name: swept
data: {invert: true, split: record}
model: {type: cnn, hidden: [2, 4]}
train: {loss: bce-logits, batch: 8, epochs: 2, threads: 1}
diagnose: {probes: none}
TEXT
sweep()
{
    exec "$LEADSEQ" sweep small.yaml seed=1..3 --data s.h5 --out "$1" --jobs 2
}
begun=$(now)
(sweep swept) >out 2>err
took=$(awk -v a="$begun" -v b="$(now)" 'BEGIN { printf "%.3f", b - a }')
killed=0 sweeps=0 broken=0 differing=0
while [ $killed -lt "$kills" ]; do
    sweeps=$((sweeps + 1))
    for _ in 1 2; do
        [ $killed -lt "$kills" ] || break
        interrupted "$took" sweep "swept$sweeps"
        killed=$((killed + 1))
        [ ! -d "swept$sweeps" ] || whole_files "swept$sweeps" || broken=$((broken + 1))
    done
    (sweep "swept$sweeps") >out 2>err || { differing=$((differing + 1)); sed 's/^/#   /' err | tail -n 3; }
    for job in swept/0*; do
        for file in checkpoints/last.h5 metrics.json predictions-valid.tsv; do
            cmp "$job/$file" "swept$sweeps/${job#swept/}/$file" || differing=$((differing + 1))
        done
    done
done
ok "sweep: killed $killed times, no file looks whole that is not" test $broken = 0
ok "... and $sweeps resumed sweeps end with the same bits" test $differing = 0

finish
