#!/bin/sh
# SPDX-License-Identifier: MIT
# Folders and lists of records as they are in the field: links, folders that cannot be read, what
# macOS leaves in archives, lists by other editors, a bad record among many. TAP.
. "${srcdir:?}/test/program.sh"

value()
{
    sed -nE "s/^ *\"$2\": \"?([^\",]*)\"?,?\$/\1/p" "$1" | head -n 1
}

# records FOLDER N NAME: render takes N records of it.
records()
{
    rm -f set.h5
    leadseq render --records "$1" --out set.h5 --size 16x16 --workers 2 $4
    mv err rendered
    [ -s set.h5 ] && leadseq info set.h5 --json
    found=$([ -s set.h5 ] && value out records)
    mv rendered err
    [ "$found" = "$2" ] || echo "#   found ${found:-no} records"
    test "$found" = "$2"
    result $? "$3"
}

leadseq synth --out sim --patients 4 --seed 3 || exit 99
mkdir store
i=0
for header in sim/records100/00000/*.hea; do
    i=$((i + 1))
    name=$(basename "$header" .hea)
    sed "s/$name/r$i/" "$header" >store/r$i.hea
    cp "${header%.hea}.dat" store/r$i.dat
done
# put NAME FOLDER: a copy of a record; linked NAME FOLDER: links to it.
put()
{
    mkdir -p "$2"
    cp store/"$1".hea store/"$1".dat "$2"
}
linked()
{
    mkdir -p "$2"
    ln -s "$work/store/$1.hea" "$work/store/$1.dat" "$2"
}

# --- links ---------------------------------------------------------------------------------

put r1 mixed
linked r2 mixed
linked r1 links
ln -s mixed folder
records mixed 2 "links to records are followed"
records links 1 "... where there is nothing else"
records folder 2 "... and one to the folder itself"
mkdir tree
ln -s ../mixed tree/data
put r3 tree/own
records tree 3 "links to folders are followed"
ln -s .. tree/own/loop
ln -s ../tree tree/again
ln -s self tree/self.hea 2>/dev/null
rm -f tree/self.hea
records tree 3 "... and a loop of them ends"
ok "... which is told" grep -q 'again: left out: a link to a folder that is searched anyway' err
ln -s own/r3.hea tree/last.hea
records tree 3 "a link to a record of the same folder is not another record"
ok "... which is told" grep -q 'last.hea: left out: a link to a file that is found itself' err
ln -s ../mixed tree/aaa
records tree 3 "two links to one folder are followed once"

put r1 broken
ln -s nowhere broken/x.hea
ln -s loop.hea broken/loop.hea
ln -s /no/such/data broken/data
ln -s nowhere broken/x.dat
refuses 1 'broken/x.hea: .*a link to nothing' "a link to nothing is refused" \
    render --records broken --out no.h5 --size 16x16
ok "... all of them at once" test "$(grep -c '^warning: broken.*cannot be searched' err)" = 3
ok "... with what to do" grep -q 'mend them, or leave them out with --skip-bad' err
records broken 1 "... or left out with --skip-bad" --skip-bad
ok "... and named" test "$(grep -cE 'warning: broken/(data|loop.hea|x.hea): ' err)" = 3
ok "... and counted" grep -q 'left out 3 places that cannot be searched' err
refuses 1 'broken: left out 3 records that cannot be read' "info --quality counts them" \
    info --quality broken --json
ok "... with those that cannot be read" test "$(value out unreadable)" = 3
if mkfifo broken/pipe.hea 2>/dev/null; then
    records broken 1 "a pipe is no header, and nobody waits for it" --skip-bad
    ok "... and is named" grep -q 'pipe.hea: .*not a regular file' err
    rm broken/pipe.hea
fi

# --- folders that cannot be read -----------------------------------------------------------------

put r1 set/a
put r2 set/b
put r3 set/c
chmod a-rx set/b
chmod a-x set/c
absent='no.h5 no.h5.partial'
if ls set/b >ls.out 2>&1; then
    # root reads everything: another user is asked
    if command -v setpriv >/dev/null && setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$LEADSEQ" --version >/dev/null 2>&1; then
        as="setpriv --reuid 65534 --regid 65534 --clear-groups"
        chmod 755 "$work"
        mkdir own && chmod 777 own
    else
        as=skip
    fi
else
    as=
    mkdir own
fi
if [ "$as" = skip ]; then
    skip "folders that cannot be read: root reads everything, and there is no other user here"
else
    $as "$LEADSEQ" render --records set --out own/no.h5 --size 16x16 >out 2>err
    ok "a folder that cannot be read is an error" test $? = 1
    ok "... which names it" grep -q 'set/b: cannot be searched for records: Permission denied' err
    ok "... and what is in one that cannot be entered" grep -q 'set/c/r3.hea: .*Permission denied' err
    $as "$LEADSEQ" render --records set --out own/yes.h5 --size 16x16 --skip-bad >out 2>err
    ok "... unless it is to be left out" test $? = 0
    ok "... which is told" grep -q 'warning: set/b: .*Permission denied' err
fi
chmod -R u+rwx set

# --- what archives of macOS have beside files ---------------------------------------------------

put r1 mac
mkdir -p mac/__MACOSX mac/.hidden
printf '\000\005\026\007\000\002\000\000Mac OS X' >mac/._r1.hea
cp mac/._r1.hea mac/__MACOSX/._r1.hea
cp mac/._r1.hea mac/__MACOSX/r1.hea
cp mac/._r1.hea mac/.hidden/r1.hea
records mac 1 "files that begin with a dot and __MACOSX are passed over"

# --- lists -----------------------------------------------------------------------------------------

cd store || exit 99
printf '\357\273\277r1\n' >LIST-bom
printf 'r1  \t\r\nr2\r\n' >LIST-blanks
printf 'r1\rr2\r' >LIST-cr
printf '# all\n r1 # the first\n\t\nr2.hea\n' >LIST-comments
printf 'r1\nnothere\nr2\ngone\n' >LIST-absent
printf '0.1,0.2,0.3\n0.1,0.2,0.3\n' >table.txt
printf 'a;b\n1;2\n' >table.csv
cd ..
records store/LIST-bom 1 "a list may begin with a byte order mark"
records store/LIST-blanks 2 "... have blanks after names"
records store/LIST-cr 2 "... and lines that end in CR"
records store/LIST-comments 2 "... and comments"
refuses 1 'store/LIST-absent:2: expected a record or a folder, found nothing of the name store/nothere' \
    "a name that is not there is refused by line" \
    render --records store/LIST-absent --out no.h5 --size 16x16
ok "... all of them" grep -q 'store/LIST-absent:4: .*store/gone' err
records store/LIST-absent 2 "... or left out as missing" --skip-missing
records store/LIST-absent 2 "... or as bad" --skip-bad
for table in table.txt table.csv; do
    refuses 1 "store/$table:1: .*a table is no list of records" "$table is no list" \
        render --records store/$table --out no.h5 --size 16x16
done

# --- bad records among good ones -------------------------------------------------------------------

for r in r1 r2 r3 r4; do put $r bad; done
printf 'damaged\n' >bad/r0.hea
sed 's/V6$/X6/' store/r2.hea >bad/r2.hea
printf x >>bad/r4.dat
refuses 1 '3 records that cannot be read, as the warnings say .*skip-bad' "all bad records are named at once" \
    render --records bad --out no.h5 --size 16x16 --workers 3
sed -n 's/^warning: bad.\(r[0-9]\)[.].*/\1/p' err >order
ok "... in the order of their names" test "$(tr '\n' ' ' <order)" = 'r0 r2 r4 '
records bad 2 "--skip-bad draws the others" --skip-bad
sed -n 's/^warning: bad.\(r[0-9]\)[.].*/\1/p' err >order
ok "... and names those at the end" test "$(tr '\n' ' ' <order)" = 'r0 r2 r4 '
ok "... counted" grep -q 'left out 3 records that cannot be read' err
ok "... after what was made" test "$(grep -n 'set.h5: 2 records' err | cut -d: -f1)" -lt \
    "$(grep -n 'left out 3 records' err | cut -d: -f1)"
"$LEADSEQ" render --records store/r1 store/r3 --out plain.h5 --size 16x16 2>err
mv set.h5 left.h5
mkdir all
printf 'damaged\n' >all/r0.hea
printf 'damaged\n' >all/r1.hea
refuses 1 'nothing is left to draw' "where all are bad nothing is made" \
    render --records all --out no.h5 --size 16x16 --skip-bad
printf 'record,AF\nr1,1\nr2,0\nr3,0\nr4,1\nnone,1\n' >table.csv
refuses 1 'table.csv:6: .*none' "with a table, absent records are bad" \
    render --records bad --table table.csv --out no.h5 --size 16x16
absent=
i=0
mkdir -p many
while [ $i -lt 25 ]; do i=$((i + 1)) && printf 'damaged\n' >many/r$i.hea; done
refuses 1 '25 records that cannot be read' "of many the first are named" \
    render --records many --out no.h5 --size 16x16
ok "... and the rest counted" grep -q 'warning: ... and 5 more' err
rm -f set.h5
leadseq render --records bad --table table.csv --out set.h5 --size 16x16 --skip-bad
ok "... and left out" grep -q 'left out 3 records' err
leadseq info set.h5 --json
sed -n '/"AF": {/,/}/p' out >labels
ok "... with their labels" test "$(value labels yes) $(value labels no)" = "1 1"

# --- predictions ----------------------------------------------------------------------------------

cat >tiny.yaml <<'END'
name: tiny
seed: 1
data: {profile: paper-text, size: 16x16}
model: {type: cnn, hidden: [4, 4, 4, 4]}
train: {epochs: 1, batch: 8, threads: 1, lr: 1e-2}
END
leadseq synth --out more --patients 40 --seed 3 &&
    leadseq render --ptbxl more --out train.h5 --size 16x16 &&
    leadseq train tiny.yaml --data train.h5 --out run || result 1 "a run to predict by"
refuses 1 '3 records that cannot be read, as the warnings say .*skip-bad' "predict names all bad records at once" predict run bad
ok "... with what to do" grep -q 'leave them out with --skip-bad' err
ok "... and counts them on a bar" grep -q '^predict \[.*/[0-9]* inputs' err
refuses 1 'bad/r0' "a bad record after a good one" predict run bad/r1 bad/r0
ok "... leaves no row of the other" test ! -s out
refuses 1 'found nothing of that name$' "of an only input there is nothing to leave out" predict run nowhere
mkdir pictures && : >pictures/p1_I.png
refuses 1 'PNG files: give these by their names, pictures/\*.png' "a folder of pictures" predict run pictures
refuses 1 'expected a record .*a stack .*or a run.s folder, found another file' "info of a table" \
    info run/history.tsv
refuses 1 'other records than PTB-XL.s are given by --records' "a folder that is not PTB-XL's" \
    render --ptbxl bad --out no.h5
printf 'bad/r1\nbad/nowhere\n' >LIST-one
refuses 1 'find them, or leave them out with --skip-missing' "what is absent is no bad record" \
    render --records LIST-one --out no.h5
absent=rows.tsv
refuses 1 '3 records that cannot be read, as the warnings say .*skip-bad' "... and writes no table" \
    predict run bad --out rows.tsv
ok "predict --skip-bad continues" leadseq predict run bad --skip-bad --out rows.tsv
ok "... with the others" test "$(cut -f2 rows.tsv | tr '\n' ' ')" = 'record r1 r3 '
ok "... and names those" test "$(grep -c '^warning: bad/r' err)" = 3
ok "... and counts them" grep -q 'left out 3 records that cannot be read' err
leadseq predict run left.h5 --out left.tsv
leadseq predict run plain.h5 --out plain.tsv
ok "a stack without bad records is that of the others" cmp left.tsv plain.tsv
refuses 1 'nothing is left to predict' "... unless nothing is left" predict run all --skip-bad

# Fewer samples a second than the run was trained on: half as many, and a hair less.
mkdir slow same
cp bad/r1.* slow && cp bad/r1.* same
sed -E '1s/^([^ ]+ [0-9]+) [^ ]+/\1 50/' bad/r1.hea >slow/r1.hea
sed -E '1s/^([^ ]+ [0-9]+) [^ ]+/\1 99.95/' bad/r1.hea >same/r1.hea
ok "predict takes a record of a lower rate" leadseq predict run slow --out slow.tsv
ok "... and warns" grep -q '^warning: 1 record was sampled at a lower rate than the 100 Hz the run was trained at' err
ok "... but not of a clock that is a little slow" leadseq predict run same --out same.tsv
ok "... at all" sh -c '! grep -q "lower rate" err'
finish
