#!/bin/sh
# SPDX-License-Identifier: MIT
# leadseq compare on tables of other programs: what it refuses, leaving nothing; what
# it writes; that it is the same for any number of threads. TAP.
. "${srcdir:?}/test/program.sh"

# table FILE SKILL FIRST LAST [TITLE-OF-PROBABILITY]: ids, every third positive; CSV.
table()
{
    awk -v skill="$2" -v first="$3" -v last="$4" -v title="${5:-probability}" 'BEGIN {
        print "ecg_id,label," title
        for (i = first; i <= last; i++)
            printf "%d,%d,%.7f\n", i, i % 3 == 0, ((i * 37 + skill * 11) % 89 + (i % 3 == 0) * skill) / 128
    }' >"$1"
}

table a.csv 30 1 300
table b.csv 12 1 300
table short.csv 12 1 299
table wrong.csv 12 1 300 p
sed 's/^7,.*/7,0,1.5/' a.csv >outside.csv
sed 's/^7,.*/7,0,nan/' a.csv >nan.csv
sed 's/^7,.*/8,0,.5/' a.csv >twice.csv
sed 's/^\([0-9]*\),[01],/\1,0,/' a.csv >one.csv
sed 's/^7,0/7,1/' a.csv >label.csv
cut -d , -f 1,3 a.csv >bare.csv
printf 'ecg_id,probability\n1,"0.5\n' >quote.csv

absent='rep rep.partial'
refuses 1 'different records: 1 only in a.csv \(ecg_id 300\)' "records that differ are named" \
    compare a.csv short.csv --out rep
absent='rep rep.partial'
refuses 1 'wrong.csv:1: expected a column "probability"' "a column that is not there is named" \
    compare a.csv wrong.csv --out rep
absent='rep rep.partial'
refuses 1 'outside.csv:[0-9]+: probability: .*from 0 to 1, found "1.5"' "a probability above one is refused" \
    compare a.csv outside.csv --out rep
absent='rep rep.partial'
refuses 1 'nan.csv:[0-9]+: probability: .*found "nan"' "one that is no number is refused" \
    compare a.csv nan.csv --out rep
absent='rep rep.partial'
refuses 1 'twice.csv:[0-9]+: expected one row per record, found ecg_id 8 on line' "an id that appears twice is refused" \
    compare a.csv twice.csv --out rep
absent='rep rep.partial'
refuses 1 'all 300 records compared \(split unknown\) have label 0' "one class only is refused" \
    compare one.csv one.csv --out rep
absent='rep rep.partial'
refuses 1 'labels of 1 of 300 records differ' "labels that differ are refused" \
    compare a.csv label.csv --out rep
absent='rep rep.partial'
refuses 1 'column "label".*--data' "labels that are nowhere are asked for" \
    compare bare.csv bare.csv --out rep
absent='rep rep.partial'
refuses 1 'quote.csv:2: a quote is opened' "a broken quote is told by its line" \
    compare a.csv quote.csv --out rep
absent='rep rep.partial'
refuses 2 'two or more' "one input is wrong usage" compare a.csv --out rep
refuses 2 'resamples' "fewer than 2,000 resamples are wrong usage" \
    compare a.csv b.csv --out rep --resamples 1999

ok "a table without labels takes them from the other" leadseq compare bare.csv b.csv --out borrowed
ok "two tables are compared" leadseq compare a.csv b.csv --out one --threads 1
ok "... the terminal says which is better" grep -q 'AUC of a minus b: +' out
ok "... and that nothing was decided" grep -q 'a has no threshold' out
ok "... nothing partial is left" test ! -e one.partial
ok "with more threads too" leadseq compare a.csv b.csv --out again --threads 3
ok "... with the same figures, bit for bit" cmp one/tables/metrics.tsv again/tables/metrics.tsv
ok "... and the same tests" cmp one/tables/pairs.tsv again/tables/pairs.tsv
leadseq compare a.csv b.csv --out other --seed 2
ok "another seed draws others" sh -c '! cmp -s one/tables/metrics.tsv other/tables/metrics.tsv'
cut -f 1-3 one/tables/metrics.tsv >one.values
cut -f 1-3 other/tables/metrics.tsv >other.values
ok "... around the same values" cmp one.values other.values
for file in report.html report.md report.json tables/metrics.tsv tables/predictions.tsv \
    tables/discrimination.tex tables/tables.tex figures/roc.tsv figures/roc.gp; do
    ok "it leaves $file" test -s one/$file
done
ok "report.json is JSON" python_json one/report.json
ok "the page fetches nothing" \
    sh -c '! grep -qE "(src|href)=\"?(https?:|//)|@import|url\(.?http|<script|<link" one/report.html'
ok "... says what it is not for" grep -q 'Not for clinical use' one/report.html
ok "... and why nothing was decided" grep -q 'no rows of split valid' one/report.html
ok "... has words for every drawing" \
    sh -c 'test "$(grep -o "<svg" one/report.html | wc -l)" = "$(grep -o "<svg role=\"img\" aria-label=\"[^\"]" one/report.html | wc -l)"'
ok "... no id twice" \
    sh -c 'test -z "$(grep -oE " id=[\"'"'"'][^\"'"'"']*" one/report.html | sort | uniq -d)"'
ok "... a title for every column" sh -c '! grep -qE "<th scope=\"col\"[^>]*></th>" one/report.html'
# answers taken for the truth: tables of predict, old and new, and labels that are decisions
awk -F , -v OFS='\t' 'NR == 1 { print "ecg_id", "record", "logit", "probability", "decision", "threshold",
    "threshold_origin", "warning"; next } { print $1, "r" $1, 0, $3, ($3 >= .4), .4, "default", "" }' \
    a.csv >predicted.tsv
awk -F , -v OFS='\t' 'NR == 1 { print "ecg_id", "logit", "probability", "label", "threshold",
    "threshold_origin"; next } { print $1, 0, $3, ($3 >= .4), .4, "default" }' a.csv >old.tsv
sed 's/ecg_id/id/' old.tsv >older.tsv
awk -F , -v OFS=, 'NR > 1 { $2 = $3 >= .5 ? "True" : "False" } 1' a.csv >decided.csv
for table in predicted old older; do
    absent='rep rep.partial'
    refuses 1 "$table.tsv: expected (true )?labels, found a table of .*leadseq predict.*evaluate" \
        "a table that predict wrote is refused ($table)" compare $table.tsv $table.tsv --out rep
    absent='rep rep.partial'
    refuses 1 "$table.tsv: expected (true )?labels, found a table of .*leadseq predict.*evaluate" \
        "... also beside one with labels ($table)" compare a.csv $table.tsv --out rep
done
ok "labels that are decisions in every row are compared" \
    leadseq compare decided.csv decided.csv --out decided
ok "... with a warning" grep -q 'decided.csv: every label is what its probability is called' err
ok "... and a note in the report" grep -q 'labels are decisions and not the truth' decided/report.html
for at in .3 .7; do
    awk -F , -v OFS=, -v at=$at 'NR > 1 { $2 = $3 >= at } 1' a.csv >cut.csv
    leadseq compare cut.csv cut.csv --out cut-$at
    ok "... whatever their threshold ($at)" grep -q 'cut.csv: every label is what .*column label' err
done
awk -F , -v OFS=, 'NR == 1 { print "ecg_id", "label_A", "probability_A", "label_B", "probability_B"; next }
    { print $1, $2, $3, ($3 >= .5), $3 }' a.csv >second.csv
leadseq compare second.csv second.csv --out second
ok "... of one output among several" grep -q 'second.csv: every label is what .*column label_B' err
leadseq compare a.csv b.csv --out honest
ok "... which others do not get" sh -c '! grep -q "every label is what" err honest/report.html'
ok "a split that no table states is not claimed" sh -c '! grep -q "split .test" out honest/report.*'
ok "... but said to be unknown" grep -q 'split unknown' honest/report.html
ok "... for programs too" grep -q '"split": "unknown"' honest/report.json
absent='rep rep.partial'
refuses 1 'split valid: expected a column "split" or folds in a.csv, found none' \
    "... and none can be chosen" compare a.csv b.csv --split valid --out rep
for file in a b; do
    awk -F , -v OFS=, 'NR == 1 { print $0, "split"; next } { print $0, $1 % 5 ? "Test" : "VALID" }' \
        $file.csv >$file-split.csv
done
ok "names of splits may have capitals" leadseq compare a-split.csv b-split.csv --out splits
ok "... all of them" grep -q '240' splits/report.md
# predict says nothing about a record that shows nothing
sed 's/^\(7,[01],\).*/\1/' a.csv >empty-a.csv
sed 's/^\(7,[01],\).*/\1/' b.csv >empty-b.csv
ok "records without a probability are left out" leadseq compare empty-a.csv empty-b.csv --out empty
ok "... counted" grep -q 'empty-b.csv: 1 record has no probability and is left out (first: line 8)' err
ok "... in the report too" grep -q 'empty-a: 1 record has no probability and is left out' empty/report.md
ok "... the others compared" grep -q '"records": *299' empty/report.json
# published results: what fits no table of another program, and tables that are none
printf 'figure\tdataset\tselection\tdepth\tbatch\tepoch\ttp\tfp\tfn\ttn\n8\t2\tall\t50\t16\t\t1\t2\t3\t4\n' >p.tsv
ok "a table beside published results" leadseq compare a.csv b.csv --published p.tsv --out beside
ok "... fits none, and why is printed" grep -q '^a: nothing published fits: no experiment' out
ok "... and in the report" grep -q 'nothing published fits' beside/report.html
ok "one input beside published results" leadseq compare a.csv --published p.tsv --out alone
ok "... has no differences" sh -c 'grep -q "nothing published fits" alone/report.html && ! grep -q ">Differences<" alone/report.html'
sed 's/\ttn$//; s/\t4$//' p.tsv >short.tsv
sed 's/\t3\t/\t2.5\t/' p.tsv >half.tsv
absent='rep rep.partial'
refuses 1 'short.tsv:1: expected a column named "tn", found none' "published results without a count are refused" \
    compare a.csv b.csv --published short.tsv --out rep
absent='rep rep.partial'
refuses 1 'half.tsv:2: fn: expected a whole number.*found "2.5"' "... and half a record" \
    compare a.csv b.csv --published half.tsv --out rep
absent='rep rep.partial'
refuses 1 'none.tsv' "... and a file that is not there" compare a.csv b.csv --published none.tsv --out rep
mkdir full
touch full/mine
refuses 1 'full' "a folder that holds something is left alone" compare a.csv b.csv --out full
ok "... as it was" test "$(ls full)" = mine

finish
