#!/bin/sh
# SPDX-License-Identifier: MIT
# Every command, every signal that ends programs: the exit status, nothing half-written under a final
# name, no temporary files, and what can be resumed is resumed. A new command needs a row. TAP.
. "${srcdir:?}/test/program.sh"

OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive TMPDIR=$work/tmp
export OMP_NUM_THREADS OMP_WAIT_POLICY TMPDIR
mkdir tmp

leadseq synth --out sim --patients 60 --seed 1
leadseq render --ptbxl sim --out s.h5 --size 48x48
cat >cnn.yaml <<'TEXT'
data: {valid: [9], test: [10], invert: true}
model: {type: cnn, hidden: [4, 8]}
train: {threads: 1, epochs: 1, batch: 8, loss: bce-logits}
diagnose: {probes: none}
TEXT
sed 's/epochs: 1,/epochs: 30,/' cnn.yaml >long.yaml
leadseq train cnn.yaml --data s.h5 --out run
leadseq train cnn.yaml seed=2 --data s.h5 --out other
ok "inputs are made" test -e run/metrics.json -a -e other/metrics.json

# row COMMAND KEEPS CONTINUE ARGUMENT...: one way to use a command, run in an empty folder that is
# beside the inputs. KEEPS "all": after a failure or a signal that folder is as it was before;
# "whole": it has whole files, from which the same command with CONTINUE resumes.
rows()
{
    row synth all '' synth --out new --patients 20000
    row render all '' render --ptbxl ../sim --out new.h5 --size 512x512
    row render all '' render --ptbxl ../sim --out new.h5 --size 256x256 --png png --sidecar boxes
    row render all '' render --records ../sim/records500/00000/00001_hr --svg new.svg --style clinical
    row info all '' info ../sim --quality
    row info all '' info ../s.h5
    row info all '' info ../s.h5 --png new --first 60
    row train whole --resume train ../long.yaml --data ../s.h5 --out run
    row train all '' train ../cnn.yaml --data ../s.h5 --lr-find --lr-steps 2000 --out found
    row train all '' train ../cnn.yaml --data ../s.h5 --dry-run
    row sweep whole '' sweep ../long.yaml seed=1,2 --data ../s.h5 --out swept --jobs 2
    row evaluate all '' evaluate run --data ../s.h5 --split all
    row predict all '' predict ../run ../sim/records100 ../sim/records500 --out new.tsv
    row predict all '' predict ../run ../sim/records100 ../sim/records500
    row diagnose whole '' diagnose ../run --data ../s.h5 --out diagnosis
    row compare all '' compare ../run ../other --out report --resamples 1000000 --threads 1
    row export all '' export ../run --format onnx --out new.onnx
    row bench all '' bench --records 8 --repeat 200 data.size=24x16 --threads 1
    row bench all '' bench --records 8 --repeat 200 data.size=24x16 --threads 1 --out new
    row watch all '' watch ../run
}
# The same with less to do, where the moment of its end does not matter.
short()
{
    echo "$*" | sed -e 's/20000/20/' -e 's/512x512/48x48/' -e 's/256x256/48x48/' -e 's/1000000/2000/' \
        -e 's/--lr-steps 2000/--lr-steps 20/' -e 's/--repeat 200/--repeat 1/' -e 's/long/cnn/'
}

# --- One run -------------------------------------------------------------------------------

fresh()
{
    cd "$work" && rm -rf cell && mkdir cell && cd cell || exit 99
    [ "$1" != evaluate ] || cp -r ../run .
    find . | sort >"$work/before"
}

complain()
{
    verdict=1
    echo "#   $*"
}

# What must hold after a run that ended with $status, for whatever reason.
check_folder()
{
    find . | sort >"$work/after"
    if [ "$keeps" = all ] && [ "$status" != 0 ] && ! cmp -s "$work/before" "$work/after"; then
        # a report that is whole before its table is printed may stay
        [ "$1" = PIPE ] && [ -z "$(find . -name '*partial*')" ] ||
            complain "left: $(comm -13 "$work/before" "$work/after" | head -n 5 | tr '\n' ' ')"
    fi
    left=$(find . "$TMPDIR" -mindepth 1 \( -name '*partial*' -o -name '*.next*' -o -path "$TMPDIR/*" \))
    [ -z "$left" ] || complain "temporary files: $left"
    rm -rf "${TMPDIR:?}"/*
    [ "$keeps" = whole ] || return 0
    find . -name '*.json' | while read -r file; do
        python_json "$file" || echo "$file"
    done >"$work/torn"
    [ ! -s "$work/torn" ] || complain "not whole: $(cat "$work/torn")"
}

# The same command resumes from what there is.
check_continued()
{
    [ "$keeps" = whole ] && [ "$status" != 0 ] || return 0
    # shellcheck disable=SC2086 # an option or nothing
    "$LEADSEQ" "$@" $continued >"$work/out" 2>"$work/err" </dev/null ||
        complain "is not continued: $(tail -n 1 "$work/err")"
}

# --- Signals ----------------------------------------------------------------------------------

# signalled NAME NUMBER SECONDS ARGUMENT...
signalled()
{
    name=$1 number=$2 moment=$3
    shift 3
    "$LEADSEQ" "$@" >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    sleep "$moment"
    kill -"$name" $pid 2>/dev/null
    wait $pid
    status=$?
    case $status in
    0 | $((128 + number))) ;;
    *) complain "SIG$name: exit status $status" ;;
    esac
}

# limited ARGUMENT...: files of 512 bytes (dash) or 1024 (bash) at most; what it says goes through a pipe.
limited()
{
    # shellcheck disable=SC3045 # dash has it
    { (ulimit -f 1; exec "$LEADSEQ" "$@" 2>&1 </dev/null); echo $? >"$work/status"; } |
        cat >"$work/err"
    status=$(cat "$work/status")
    case $1:$status in
    *:1) grep -q 'File too large' "$work/err" || complain "says nothing of the limit" ;;
    info:0 | watch:0 | predict:0 | train:0) [ -z "$(find . -newer "$work/before" -type f -size +1024c)" ] ||
        complain "wrote in spite of the limit" ;;
    *) complain "ulimit -f: exit status $status" ;;
    esac
}

# unread ARGUMENT...: nobody reads what it prints.
unread()
{
    { sleep 0.1; "$LEADSEQ" "$@" 2>"$work/err" </dev/null; echo $? >"$work/status"; } | true
    status=$(cat "$work/status")
    case $status in
    0 | 141) ;;
    *) complain "SIGPIPE: exit status $status" ;;
    esac
    ! grep -q '^leadseq:' "$work/err" || complain "SIGPIPE: not quiet: $(grep '^leadseq:' "$work/err")"
}

row()
{
    command=$1 keeps=$2 continued=$3
    shift 3
    tested="${tested:-} $command "
    for signal in HUP:1 INT:2 TERM:15; do
        verdict=0
        fresh "$command"
        signalled "${signal%:*}" "${signal#*:}" 0.3 "$@"
        check_folder "${signal%:*}"
        check_continued "$@"
        result $verdict "SIG${signal%:*} ($status): $*"
    done
    # shellcheck disable=SC2046 # words without blanks
    set -- $(short "$@")
    verdict=0
    fresh "$command"
    limited "$@"
    check_folder XFSZ
    check_continued "$@"
    result $verdict "SIGXFSZ ($status): $*"
    verdict=0
    fresh "$command"
    unread "$@"
    check_folder PIPE
    result $verdict "SIGPIPE ($status): $*"
}
rows
cd "$work" || exit 99

# A diagnosis keeps what it trained, and says so by the signal's name.
"$LEADSEQ" diagnose run --data s.h5 --out kept --remedies --steps 2000 >out 2>err </dev/null &
pid=$!
tries=0
until [ -n "$(find kept/remedies -name steps.tsv 2>/dev/null)" ] || [ $tries -gt 100 ]; do
    sleep 0.2
    tries=$((tries + 1))
done
kill -INT $pid
wait $pid
ok "a stopped diagnosis says what it keeps" \
    grep -q '^leadseq: stopped by Ctrl-C.*kept keeps what was found.*the same command continues' err
ok "... not that nothing was kept" sh -c '! grep -q "nothing was kept" err'

# What was started with SIGINT ignored on purpose continues, as it does with SIGHUP under nohup.
# Not seen where SIGQUIT is ignored too, as shells do for what they start in the background.
quit_is_ignored()
{
    bits=$(sed -n 's/^SigIgn:.*\(.\)$/\1/p' /proc/self/status 2>/dev/null)
    case $bits in [4-7c-f]) return 0 ;; *) return 1 ;; esac
}
sh -c "trap '' INT; (sleep 0.3; kill -INT \$\$; sleep 0.3; kill -TERM \$\$) &
    exec \"\$0\" train long.yaml train.epochs=3000 --data s.h5 --out unheard" "$LEADSEQ" >out 2>err </dev/null
heard=$?
if quit_is_ignored; then
    skip "SIGINT that is ignored is not heard, SIGTERM is: SIGQUIT is ignored"
else
    ok "SIGINT that is ignored is not heard, SIGTERM is" test $heard = 143
fi

lacking=$("$LEADSEQ" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | while read -r name; do
    case "$tested" in *" $name "*) ;; *) echo "$name" ;; esac
done)
ok "every command has a row: ${lacking:-none is lacking}" test -z "$lacking"

finish
