#!/bin/sh
# SPDX-License-Identifier: MIT
# leadseq predict where there is little or nothing to answer, records of one name, and pictures
# whose names do or do not say their leads. TAP.
. "${srcdir:?}/test/program.sh"

leadseq synth --out sim --patients 40 --seed 3 || exit 99
leadseq render --ptbxl sim --out train.h5 --size 32x24 --workers 1 --png png || exit 99
cat >tiny.yaml <<'END'
name: tiny
seed: 1
data: {profile: paper-text, size: 32x24}
model: {type: cnn, hidden: [4, 4, 4, 4]}
train: {epochs: 1, batch: 8, threads: 1, lr: 1e-2}
END
leadseq train tiny.yaml --data train.h5 --out run || exit 99

# record NAME SAMPLES VALUE BYTES CHECKSUM: twelve leads of that value, two bytes in octal.
record()
{
    name=$(basename "$1")
    echo "$name 12 100 $2" >"$1.hea"
    for lead in I II III AVR AVL AVF V1 V2 V3 V4 V5 V6; do
        echo "$name.dat 16 1000/mV 16 0 $3 $5 0 $lead"
    done >>"$1.hea"
    i=0
    while [ $i -lt $((12 * $2)) ]; do
        # shellcheck disable=SC2059
        printf "$4"
        i=$((i + 1))
    done >"$1.dat"
}

# --- nothing there -----------------------------------------------------------------------------

mkdir none
record none/empty 200 -32768 '\000\200' 0
record none/zero 200 0 '\000\000' 0
record none/one 1 5 '\005\000' 5
for name in empty zero one; do
    absent=no.tsv
    refuses 1 "$name: expected a signal, found none" "a record that is $name gets no answer" \
        predict run none/$name --out no.tsv
    ok "... nor a line" test ! -s out
done
leadseq info none/empty
ok "info calls leads without a sample missing" sh -c 'grep -qE "^V6 .* missing *$" out && ! grep -q " ok" out'
cp sim/records100/00000/00001_lr.* none
ok "among others it has a row" leadseq predict run none --out some.tsv
ok "... without an answer" test "$(cut -f 2-5 some.tsv | grep -cE '^(empty|zero|one)			$')" = 3
ok "... and with a word" test "$(cut -f 8 some.tsv | grep -c empty)" = 3
ok "... which is told" grep -q '3 records have no signal and no prediction' err
ok "render warns of such records" leadseq render --records none --out none.h5 --size 32x24
ok "... with their number" grep -q '3 records: every lead is missing or flat' err
ok "... and the stack knows them" leadseq predict run none.h5 --out stack.tsv
ok "... as their files do" test "$(cut -f 2-5 stack.tsv | grep -cE '^(empty|zero|one)			$')" = 3
head -c 4800 sim/records100/00000/00001_lr.dat >short.dat # two of ten seconds
sed '1s/.*/short 12 100/; s/^00001_lr/short/' sim/records100/00000/00001_lr.hea >short.hea
ok "a short record has an answer" leadseq predict run short --out short.tsv
ok "... and a warning" sh -c 'cut -f 8 short.tsv | grep -q short && grep -q "short, 80 % missing" err'

# --- records of one name -------------------------------------------------------------------------

mkdir -p set/one set/two
for folder in one two; do cp sim/records100/00000/0000[12]_lr.* set/$folder; done
rm set/two/00002_lr.*
ok "records of one name are predicted" leadseq predict run set --out two.tsv
ok "... by their paths" test "$(cut -f 2 two.tsv | tr '\n' ' ')" = \
    'record set/one/00001_lr 00002_lr set/two/00001_lr '
refuses 1 'set/one/00001_lr: is given twice' "the same record twice is refused" \
    predict run set/one/00001_lr set/one/00001_lr.hea
refuses 1 'two inputs are called 00001_lr' "... also in a stack and by its file" \
    predict run train.h5 sim/records100/00000/00001_lr

# --- the order of leads drawn by the name of a record without a number ----------------------------

mkdir plain
echo 'record,A,patient_id,fold' >plain.csv
i=0
for header in sim/records100/00000/*.hea; do
    i=$((i + 1))
    [ $i -le 30 ] || break
    id=$(basename "$header" .hea)
    sed "s/$id/p$i/" "$header" >plain/p$i.hea
    cp "${header%.hea}.dat" plain/p$i.dat
    echo "p$i,$((i / 10 % 2)),$i,$((1 + i % 10))" >>plain.csv
done
leadseq render --records plain --table plain.csv --out plain.h5 --size 32x24
leadseq train tiny.yaml data.leads=shuffled data.task=A --data plain.h5 --out shuffled
leadseq evaluate shuffled --data plain.h5 --split all
tail -n +2 shuffled/predictions-all.tsv | cut -f 2,7,8 | sort >evaluated
leadseq predict shuffled plain --out plain.tsv
tail -n +2 plain.tsv | cut -f 2,3,4 | sort >predicted
ok "shuffled leads of records without a number are predicted as evaluated" \
    same_numbers evaluated predicted

printf 'record,A\nempty,1\nzero,0\none,0\n00001_lr,1\n' >none.csv
leadseq render --records none --table none.csv --out labelled.h5 --size 32x24
ok "evaluation warns of records without a signal" \
    leadseq evaluate shuffled --data labelled.h5 --split all --out nothing
ok "... with their number" grep -q '3 records with a label, whose pictures show nothing' err
ok "... beside the scores they count in" grep -q 'all: these scores include 3 records that show nothing' err
ok "... and in metrics.json" grep -q '"empty": *3' nothing/metrics.json

# --- pictures --------------------------------------------------------------------------------------

leads='I II III AVR AVL AVF V1 V2 V3 V4 V5 V6'
first=$(find png -name '1_I.png')
from=${first%1_I.png}
leadseq predict run "$from"1_*.png
tail -n +2 out | cut -f 2-4 >expected
# named SED-PROGRAM: copies of the files of record 1 under other names, in folder `pics`.
named()
{
    rm -rf pics
    mkdir pics
    i=1
    for lead in $leads; do
        cp "$from"1_$lead.png "pics/$(echo "$lead $i" | sed "$1")"
        i=$((i + 1))
    done
}
for program in 's/\(.*\) .*/p1-\1.png/' 's/\(.*\) .*/p1_\L\1.PNG/' 's/\(.*\) .*/p1.\1.png/' \
    's/\(.*\) .*/p1 \1.png/' 's/\(.*\) .*/\1_p1.png/' 's/\(.*\) .*/lead_\1.png/' \
    's/\(.*\) .*/p1-lead\1.png/' 's/\(.*\) \(.*\)/\2-\1.png/' 's/\(.*\) .*/I-\1.png/; s/AV/aV/' \
    's/\(.*\) .*/p1\1.png/' 's/\(.*\) .*/patient7lead\L\1.png/' 's/\(.*\) .*/Miller\1.png/' \
    's/\(.*\) .*/\1x.png/' 's/\(.*\) \(.*\)/\2\1.png/' 's/\(.*\) .*/-\1.png/' \
    's/.* \(.*\)/\1.png/' 's/.* \(.*\)/V1 page \1.png/'; do
    named "$program"
    leadseq predict run pics/*
    ok "names are understood: $(basename "$(find pics | sort | tail -n 1)")" \
        sh -c 'tail -n +2 out | cut -f 2-4 | cmp - expected'
    ok "... and the assignment is told" grep -qE 'I=.* II=.* AVF=.* V6=' err
done
ok "... in the table too" sh -c 'cut -f 8 out | grep -q "V6=V1 page 12.png"'
named 's/\(.*\) .*/p1\1.png/'
leadseq predict run pics/*
ok "the patient is what comes before the lead" sh -c 'cut -f 1 out | grep -qx p1'
mv pics/p1AVF.png pics/p2AVF.png
refuses 1 'expected names that say each lead, .*found 12 of twelve that seem to' \
    "names that seem to say leads are not taken in another order" predict run pics/*
named 's/\(.*\) .*/x_\1.png/'
mv pics/x_AVR.png pics/x_-aVR.png
refuses 1 'x_-aVR.png: expected a lead as it is, found one with a minus' \
    "an inverted lead is not taken for the lead" predict run pics/*
named 's/\(.*\) .*/p1-\1.png/'
mv pics/p1-AVF.png pics/p1.v6.png
refuses 1 'found 12; AVF is missing; V6 is given twice or more: pics/p1-V6.png and pics/p1.v6.png' \
    "a lead given twice and a missing one are named" predict run pics/*
rm pics/p1.v6.png
refuses 1 'found 11; AVF is missing' "... also with fewer files" predict run pics/*
cp "$from"1_I.png pics/p1-x.png
refuses 1 'AVF is missing; pics/p1-x.png names no lead' "a name without a lead is named" \
    predict run pics/*
mv pics/p1-x.png pics/p2-AVF.png
refuses 1 'p2-AVF.png: expected a file of the same patient' "another patient is refused" \
    predict run pics/*
leadseq render --records none/empty --out empty.h5 --size 32x24 --png blank
blank=$(dirname "$(find blank -name 'empty_I.png')")
absent=no.tsv
refuses 1 'empty: expected a signal, found none' "blank pictures get no answer" \
    predict run "$blank"/*.png --out no.tsv
named 's/\(.*\) .*/p1-\1.png/'
for lead in I V3; do cp "$blank/empty_$lead.png" pics/p1-$lead.png; done
ok "some of them are predicted" leadseq predict run pics/*
ok "... with a warning" sh -c 'cut -f 7 out | grep -qx missing && grep -q "doubtful.*p1: missing" err'
# a page without a signal is no blank paper: it has a grid, and names of leads
page="--style dataset2 --size 64x96"
# shellcheck disable=SC2086
leadseq render --ptbxl sim --out page.h5 $page && leadseq render --records none/empty --out nopage.h5 \
    $page --png nopage && leadseq train tiny.yaml data.size=any data.profile=any \
    --data page.h5 --out pages || result 1 "a run on pages"
refuses 1 'empty: expected a signal, found none' "a page without a signal gets no answer" \
    predict pages "$(find nopage -name 'empty.png')"
leadseq render --records none/empty --svg empty.svg
ok "a vector picture of nothing is warned of" grep -q 'the picture shows nothing' err
printf '\377\330\377\340\000\020JFIF\000\001\001' >photo.jpg
refuses 1 'photo.jpg: expected a picture to be a PNG file.*found a JPEG picture' \
    "a picture of another kind is refused by name" predict run photo.jpg
cp photo.jpg pics/p1-I.png
refuses 1 'p1-I.png: expected a picture to be a PNG file.*found a JPEG picture' \
    "... whatever its name" predict run pics/*
finish
