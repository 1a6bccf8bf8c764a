#!/bin/sh
# SPDX-License-Identifier: MIT
# Every output path of every command, by the table of writers.sh: a file that is there, --force, an
# input as output, a folder that is read-only or missing, a full disk, devices, pipes, symbolic
# links. TAP.
. "${srcdir:?}/test/program.sh"
. "$srcdir/test/writers.sh"
export OMP_NUM_THREADS=1

# words COMMAND OUT MORE...: runs it.
words()
{
    line=$(command_of "$1" "$2")
    shift 2
    # shellcheck disable=SC2086 # words
    leadseq $line "$@"
}

# refused COMMAND OUT PATTERN MORE...: status 1 and a message.
refused()
{
    pattern=$3 command=$1 to=$2
    shift 3
    words "$command" "$to" "$@"
    status=$?
    [ $status = 1 ] && grep -qE -- "$pattern" err && return
    echo "#   status $status, expected 1 and '$pattern'"
    return 1
}

# The lists of records, tables and pictures a user may have beside the results.
file_rows()
{
    id=$1 kind=$2 out=$3 command=$4
    echo precious >"$out"
    ok "$id: a file that is there is refused" refused "$command" "$out" "$out: exists already.*--force"
    ok "... and kept" grep -q precious "$out"
    ok "... and replaced with --force" words "$command" "$out" --force
    ok "... as a whole" sh -c "test -s '$out' && ! grep -q precious '$out' && test ! -e '$out.partial'"
    echo precious >other && rm -f "$out" && ln -s other "$out.partial"
    ok "$id: a symbolic link under the partial name is not followed" refused "$command" "$out" "symbolic link"
    ok "... and what it leads to is kept" sh -c "grep -q precious other && test ! -e '$out'"
    rm "$out.partial" && ln -s nothing "$out"
    ok "$id: a symbolic link to nothing is there" refused "$command" "$out" 'link to nothing'
    rm "$out"
    ok "$id: a missing folder is named" refused "$command" "none/$out" 'the folder none, found none'
    ok "$id: a folder is no file" refused "$command" sim 'sim: expected the name of a file, found a folder'
    for device in full null; do
        [ -c "$devices/$device" ] || continue
        case $kind$device in
        store*) ok "$id: /dev/$device is refused" refused "$command" "$devices/$device" 'device or a pipe' --force ;;
        filefull) ok "$id: /dev/full is full" refused "$command" "$devices/full" 'No space left' --force ;;
        *) ok "$id: /dev/null takes everything" words "$command" "$devices/null" ;;
        esac
        ok "... and stays a device" test -c "$devices/$device"
    done
    mkfifo pipe
    if [ "$kind" = store ]; then
        ok "$id: a pipe is refused" refused "$command" pipe 'device or a pipe' --force
    else
        words "$command" "$out"
        cat pipe >piped &
        ok "$id: a pipe is written into" words "$command" pipe
        wait
        ok "... everything" cmp -s "$out" piped
        words "$command" /dev/stdout
        ok "$id: /dev/stdout is written into, also where it is a file" cmp -s "$out" out
    fi
    rm -f pipe "$out" "$out.h5"
}

folder_rows()
{
    id=$1 kind=$2 out=$3 command=$4
    mkdir "$out" && echo precious >"$out/mine"
    ok "$id: a folder with other files is refused" refused "$command" "$out" "$out"
    ok "... and kept" grep -q precious "$out/mine"
    rm -rf "$out" "$out.h5" && echo precious >"$out"
    ok "$id: a file is no folder" refused "$command" "$out" "$out"
    ok "... and kept" grep -q precious "$out"
    rm -rf "$out" "$out.h5" && mkdir elsewhere && ln -s elsewhere "$out.partial"
    [ "$kind$id" = foldertrain ] || words "$command" "$out"
    ok "$id: a symbolic link under the partial name is not followed" test -z "$(ls -A elsewhere)"
    rm -rf "$out" "$out.partial" "$out.h5" elsewhere
}

# As another user where this one may write everywhere.
unprivileged()
{
    if [ "$(id -u)" != 0 ]; then
        "$@"
    else
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    fi
}

read_only()
{
    id=$1 command=$2 name=$3
    # shellcheck disable=SC2046 # words
    unprivileged "$LEADSEQ" $(command_of "$command" "$name") >out 2>err </dev/null
    status=$?
    ok "$id: a read-only folder is refused for the true reason" \
        sh -c "test $status = 1 && grep -q 'Permission denied' err && ! grep -q 'No such file' err"
    ok "... before any work" sh -c "! grep -q '/s\\b\\|epoch 1' err && test ! -s out"
}

# root could replace the machine's own devices, which a faulty program would do: only copies.
devices=/dev
if [ "$(id -u)" = 0 ]; then
    devices=$work/devices
    mkdir "$devices"
    mknod "$devices/null" c 1 3 2>err && (echo >"$devices/null") 2>err && mknod "$devices/full" c 1 7 ||
        { rm -rf "$devices"; skip "devices: none can be made here"; }
fi

prepare
ok "every command is in the table" every_command
outputs >rows
while IFS='|' read -r id kind out command; do
    case $kind in
    file | store) file_rows "$id" "$kind" "$out" "$command" ;;
    folder | report) folder_rows "$id" "$kind" "$out" "$command" ;;
    esac
done <rows

# What needs --force file by file.
ok "info --png: of nothing" refused 'info absent --png OUT' images 'found nothing of that name'
ok "... no folder is made" test ! -e images
ok "info --png writes into a folder" leadseq info s.h5 --first 1 --png images
ok "... not over images" refused 'info s.h5 --first 2 --png OUT' images 'exists already.*--force'
ok "... but with --force" leadseq info s.h5 --first 2 --png images --force
mkdir measured && echo precious >measured/bench.json
ok "bench --out not over files" refused 'bench --shape cnn-128 --out OUT' measured 'bench.json: exists already.*--force'
ok "... before it measures" grep -q precious measured/bench.json

# Reports replace reports.
compare='compare a.tsv b.tsv --out OUT --threads 1'
ok "compare writes a report" words "$compare" report
sed 's/"split"/"old"/' report/report.json >old.json
ok "... in whose place it writes another" words "$compare" report
ok "... whole" sh -c 'test -s report/report.html && test ! -e report.partial && test ! -e report/.unfinished'
echo precious >report/notes.txt
ok "... but not where something else is in it" refused "$compare" report 'notes.txt in it is not'
ok "... which is kept" grep -q precious report/notes.txt
rm report/notes.txt && cp a.tsv report/tables/a.tsv
ok "... nor over an input" refused 'compare report/tables/a.tsv b.tsv --out OUT' report 'never replaced'
cp report/report.json elsewhere.json && mkdir theirs && echo '{"program": "another"}' >theirs/report.json
ok "... nor over another program's" refused "$compare" theirs 'not a report of compare'

# Diagnoses replace diagnoses.
diagnose='diagnose run --no-rehearsal --out OUT'
mkdir ours && echo precious >ours/diagnosis.json && cp ours/diagnosis.json precious.json
ok "diagnose writes none into a folder of the same names" refused "$diagnose" ours 'found diagnosis.json'
ok "... and keeps them" cmp -s ours/diagnosis.json precious.json
rm -r ours && mkdir -p ours/figures && ok "... nor figures" refused "$diagnose" ours 'found figures'
rm -r ours && mkdir ours && ok "... but one into an empty folder" words "$diagnose" ours
ok "... in whose place it writes another" words "$diagnose" ours
echo precious >ours/notes.txt
ok "... but not where something else is in it" refused "$diagnose" ours 'found notes.txt'
rm ours/notes.txt && touch ours/rehearsed-end.h5.partial ours/figures/a.svg.partial
ok "... but where a killed one left something" words "$diagnose" ours
ok "diagnose writes none into another run" refused "$diagnose" swept/0001 'swept/0001: expected a new or empty folder'
ok "... but into its own" words "$diagnose" run

# An input is never an output.
record=sim/records100/00000/00001_lr
cksum s.h5 $record.hea $record.dat run/metrics.json run/checkpoints/best.h5 >before
ln -f s.h5 again.h5 && echo $record >list
for out in s.h5 ./s.h5 again.h5 run/metrics.json run/checkpoints/best.h5; do
    ok "predict --out $out is refused" refused 'predict run s.h5 --out OUT' $out 'never replaced' --force
done
for inputs in $record $record.hea sim/records100 list; do
    for ending in hea dat; do
        ok "render --records $inputs --svg r.$ending is refused" \
            refused "render --records $inputs --svg OUT" $record.$ending 'never replaced' --force
    done
done
ok "render --out over the records' table is refused" \
    refused 'render --ptbxl sim --out OUT' sim/ptbxl_database.csv 'never replaced' --force
cksum s.h5 $record.hea $record.dat run/metrics.json run/checkpoints/best.h5 >after
ok "... and nothing of them changed" cmp -s before after

# The first file that is opened has the number of a stream that was closed.
"$LEADSEQ" train cnn.yaml --data s.h5 --out closed >&- 2>&-
ok "closed standard streams: no message goes into a file" sh -c \
    'test -s closed/log.txt && ! grep -v "^20[0-9][0-9]-" closed/log.txt'
rm -rf closed

# A folder that cannot be written into: everything but it can be read.
if [ "$(id -u)" != 0 ] || setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
    chmod -R a+rX "$work" && mkdir closed && chmod 555 closed
    cp "$LEADSEQ" program && chmod 755 program && LEADSEQ=$work/program
    while IFS='|' read -r id kind out command; do
        case $kind in
        none | own) ;;
        *) read_only "$id" "$(echo "$command" | sed "s|@|$work/closed/x|")" "closed/$out" ;;
        esac
    done <rows
    chmod 755 closed
else
    skip "read-only folders: this user may write everywhere"
fi

# --- "-" -------------------------------------------------------------------------------------------

absent=-
refuses 1 '--out: -: expected a name; standard output is /dev/stdout' "a file is never called -" \
    synth --out - --patients 2

finish
