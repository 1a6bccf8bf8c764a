#!/bin/sh
# SPDX-License-Identifier: MIT
# Records without PTB-XL's tables, by the program: folders and lists, windows,
# filters, quality, and predictions for them. TAP.
. "${srcdir:?}/test/program.sh"

# value FILE NAME: the first value of that name in a JSON file, without its quotes.
value()
{
    sed -nE "s/^ *\"$2\": \"?([^\",]*)\"?,?\$/\1/p" "$1" | head -n 1
}

leadseq synth --out sim --patients 40 --seed 3 || exit 99
mkdir mine mine/below
for id in 1 2 3; do cp sim/records500/00000/0000${id}_hr.* mine; done
cp sim/records500/00000/00004_hr.* mine/below
printf '# Age: 61\n# Sex: Female\n' >>mine/00002_hr.hea

# --- folders and lists ---------------------------------------------------------------------

small="--size 32x24 --workers 1"
ok "render takes a folder of records" leadseq render --records mine $small --out folder.h5
ok "... and says that it resampled them" grep -q '4 records were resampled to 100 Hz' err
rm -f up.h5
ok "render raises the rate of records" leadseq render --records sim/records100/00000/00001_lr $small \
    --rate 500 --out up.h5
ok "... and warns that nothing is gained" \
    grep -q 'warning: 1 record was sampled at a lower rate than 500 Hz' err
leadseq info folder.h5 --json
ok "... with those below" test "$(value out records)" = 4
printf '# chosen\n00003_hr\r\nbelow\n\n' >mine/RECORDS
ok "... and a list, told from its folder" leadseq render --records mine/RECORDS $small --out list.h5
leadseq info list.h5 --json
ok "... of records and folders" test "$(value out records)" = 2
mkdir empty
refuses 1 'with records .\*\.hea. in it or below, found none' "a folder without records is refused" \
    render --records empty $small --out no.h5
printf '\n' >blank
refuses 1 'blank: expected a list with one record per line' "an empty list is refused" \
    render --records blank $small --out no.h5
printf 'nothing\n' >wrong
absent='no.h5 no.h5.partial'
refuses 1 'wrong:1: .*nothing\.hea' "a list of what is not there is refused" \
    render --records wrong $small --out no.h5

# --- windows and filters ---------------------------------------------------------------------

for arguments in '--window 3:x' '--window :5' '--window 5:' '--window 0:0' '--notch 55' \
    '--highpass 0' '--highpass 50' '--notch 50 --rate 100'; do
    # shellcheck disable=SC2086
    refuses 2 '(window|notch|highpass)' "render $arguments is wrong usage" \
        render --records mine $small --out no.h5 $arguments
done
refuses 1 'a record of 10 s: expected a window that begins before its end' \
    "a window after the end is refused" render --records mine $small --out no.h5 --window 10
ok "a window may reach over the end" leadseq render --records mine $small --window 8:4 \
    --profile fixed-mv --out over.h5
ok "... and that is said" grep -q '4 records end within the 4 s from second 8 on' err
ok "filters and a window" leadseq render --records mine $small --rate 500 --notch 50 \
    --highpass 0.5 --window 2:6 --out filtered.h5
leadseq info filtered.h5 --json
ok "... are stored in the stack" test \
    "$(value out notch_hz) $(value out highpass_hz) $(value out window_start_s) $(value out window_s)" = \
    "50.0 0.5 2.0 6.0"
leadseq info filtered.h5
ok "... and are told" grep -q 'high-pass 0.5 Hz, notch 50 Hz, window from 2 s for 6 s' out

# --- predictions -------------------------------------------------------------------------------

cat >tiny.yaml <<'END'
name: tiny
seed: 1
data: {profile: paper-text, size: 32x24}
model: {type: cnn, hidden: [4, 4, 4, 4]}
train: {epochs: 1, batch: 8, threads: 1, lr: 1e-2}
END
for kind in plain prepared; do
    extra=
    [ $kind = plain ] || extra="--rate 500 --notch 50 --highpass 0.5 --window 2:6"
    # shellcheck disable=SC2086
    leadseq render --ptbxl sim $small --out train.h5 $extra &&
        leadseq train tiny.yaml --data train.h5 --out "run-$kind" || result 1 "a run to predict by"
    # shellcheck disable=SC2086
    leadseq render --records mine $small --out mine.h5 $extra
    ok "predict draws records as a $kind run's stack" leadseq predict "run-$kind" mine --out a.tsv
    leadseq predict "run-$kind" mine.h5 --out b.tsv
    cut -f 2- a.tsv >a
    cut -f 2- b.tsv >b
    ok "... with the same numbers as from their stack" cmp a b
    ok "... for all four" test "$(wc -l <a)" = 5
    rm train.h5 mine.h5 a.tsv b.tsv
done
refuses 1 'notch 50 Hz, window from 2 s for 6 s' \
    "a stack that was prepared otherwise is refused in words" predict run-prepared folder.h5

leadseq render --records sim/records100/00000/00001_lr --svg up.svg --rate 500
ok "a vector picture of a higher rate than the record's is warned of" \
    grep -q 'was sampled at 100 Hz, a lower rate than 500 Hz' err

cp -r sim partly
rm partly/records100/00000/00002_lr.dat
leadseq render --ptbxl partly --out partly.h5 --size 16x16
ok "files of the other rate are named" grep -q \
    '1 record of [0-9]* without the files for 100 Hz: .*first: records500/.*00002_hr for records100' err
sed '1!s/,,,,,,\([0-9]*,records\)/,nihil,,,,,\1/' sim/ptbxl_database.csv >partly/ptbxl_database.csv
leadseq render --ptbxl partly --out flags.h5 --size 16x16
ok "a column that flags nearly all records is told" \
    grep -qE 'static_noise flags [0-9]* of [0-9]* records \(first: "' err
rm -r partly partly.h5 flags.h5

# --- quality --------------------------------------------------------------------------------------

ok "info --quality of a record" leadseq info mine/00001_hr --quality
ok "... shows the evidence" grep -qE 'agree with V1 to V6 by -?[0-9.]+' out
leadseq info mine/00001_hr --quality --json
ok "... and for a program" test -n "$(value out agreement)" -a -n "$(value out einthoven_rms_mv)"
# the arms exchanged: I turned round, II and III, AVR and AVL in each other's place
sed -E 's/^(.* )II$/\1X2/; s/^(.* )III$/\1II/; s/^(.* )X2$/\1III/
        s/^(.* )AVR$/\1XR/; s/^(.* )AVL$/\1AVR/; s/^(.* )XR$/\1AVL/' mine/00001_hr.hea >mine/mixed.hea
leadseq info mine/mixed --quality --json
ok "leads that are mislabelled break Einthoven's law" test "$(value out einthoven)" = true
printf 'damaged\n' >mine/below/damaged.hea
refuses 1 'mine: left out 1 record that cannot be read' \
    "info --quality of a folder continues after a damaged record" info mine --quality --json
ok "... counts the good" test "$(value out records)" = 5
ok "... and the damaged" test "$(value out unreadable)" = 1
ok "... and the flags" test "$(value out einthoven)" = 1
ok "info --quality of a stack" leadseq info folder.h5 --quality
ok "... has a row for every flag" test "$(grep -cE '^(baseline_drift|reversed|einthoven) ' out)" = 3
refuses 1 'expected a record, a stack, or a folder' "info --quality of a run is refused" \
    info run-plain --quality

{
    echo 'single 12 100 1'
    for lead in I II III aVR aVL aVF V1 V2 V3 V4 V5 V6; do echo "single.dat 16 1000/mV 16 0 0 0 0 $lead"; done
} >single.hea
head -c 24 /dev/zero >single.dat
ok "info of a single sample" leadseq info single
ok "... counts one" grep -q ' 1 sample,' out
echo "1..$n"
