#!/bin/sh
# SPDX-License-Identifier: MIT
# Every table the program reads, as pandas, R, spreadsheets and other systems write it: all say the
# same. A new table is a row of `tables`, a new way of writing one a row of `dialects`. TAP.
. "${srcdir:?}/test/program.sh"

leadseq synth --out sim --patients 6 --seed 5 || exit 99
(cd sim/records100 && ls ./*/*.hea) | sed 's,^\./,,; s/\.hea$//' | awk 'BEGIN {
        print "record,patient_id,fold,age,sex,AF,note" }
    { printf "%s,%d,%d,%d,%s,%s,\"a, b\"\n", $0, NR, NR, 40 + NR, NR % 2 ? "f" : "male",
          NR == 3 ? "" : NR % 2 }' >own.csv
awk 'BEGIN { print "ecg_id,probability,label,patient_id,remark"
    for (i = 1; i <= 40; i++) printf "%d,%.2f,%d,%d,\"x, y\"\n", i, (i * 37 % 40) / 40, i % 3 == 0,
        100 + int(i / 2) }' >predictions.csv

# parsed AWK FILE: the cells of each line of a csv file in c[1] … c[n], then AWK.
parsed()
{
    awk 'function put(s) { c[++n] = s }
    { n = 0; rest = $0; cell = ""; quoted = 0
      while (length(rest)) {
          ch = substr(rest, 1, 1); rest = substr(rest, 2)
          if (ch == "\"") quoted = !quoted
          else if (ch == "," && !quoted) { put(cell); cell = "" }
          else cell = cell ch
      }
      put(cell) }
    function q(s) { gsub(/"/, "\"\"", s); return "\"" s "\"" }
    function plain(s, sep) { return index(s, sep) || index(s, ",") ? q(s) : s }
    '"$1" "$2"
}
joined='{ line = ""; for (i = 1; i <= n; i++) line = line (i > 1 ? sep : "") CELL; print line }'

cells() # SEPARATOR CELL FILE
{
    parsed "BEGIN { sep = \"$1\" } $(echo "$joined" | sed "s/CELL/$2/")" "$3"
}

crlf() { sed 's/$/\r/' "$1"; }
cr() { tr '\n' '\r' <"$1"; }
mark() { printf '\357\273\277'; cat "$1"; }
excel() { printf '\357\273\277'; cells ';' 'plain(c[i], sep)' "$1" | sed 's/$/\r/'; }
sep_line() { printf 'sep=;\r\n'; cells ';' 'plain(c[i], sep)' "$1" | sed 's/$/\r/'; }
tabs() { cells '\t' 'c[i]' "$1"; }
quotes() { cells , 'q(c[i])' "$1"; }
blanks() { cells ', ' 'plain(c[i], sep)' "$1"; }
trailing() { sed 's/,/ ,/; s/$/  /' "$1"; }
padded() { cells , 'q(" " c[i] " ")' "$1"; }
gaps() { echo; sed '1!s/^/\n/' "$1"; echo; }
NaN() { cells , '(c[i] == "" ? "NaN" : plain(c[i], sep))' "$1"; }
NULL() { cells , '(c[i] == "" ? "NULL" : plain(c[i], sep))' "$1"; }
pandas_NA() { cells , '(c[i] == "" ? "<NA>" : plain(c[i], sep))' "$1"; }
None() { cells , '(c[i] == "" ? "None" : plain(c[i], sep))' "$1"; }
# R and Excel write TRUE and FALSE, pandas True and False, SQL t and f: labels and quality flags.
words() # YES NO FILE
{
    parsed "NR == 1 { for (i = 1; i <= n; i++)
            is[i] = c[i] ~ /^(label|AF|baseline_drift|static_noise|burst_noise|electrodes_problems)\$/
            for (i = 1; i <= n; i++) quality[i] = c[i] ~ /_(drift|noise|problems)\$/ }
        BEGIN { sep = \",\" }
        $(echo "$joined" | sed "s/CELL/(NR > 1 \&\& is[i] \&\& quality[i] ? (c[i] == \"\" ? \"$2\" : \"$1\") : NR > 1 \&\& is[i] \&\& c[i] == 1 ? \"$1\" : NR > 1 \&\& is[i] \&\& c[i] == \"0\" ? \"$2\" : plain(c[i], sep))/")" "$3"
}
R() { words TRUE FALSE "$1"; }
bool() { words True False "$1"; }
SQL() { words t f "$1"; }
yes_no() { words yes No "$1"; }
real() { words 1.0 0.0 "$1"; }
dialects='crlf cr mark excel sep_line tabs quotes blanks trailing padded gaps NaN NULL pandas_NA None R bool SQL
    yes_no real'

# What each table says, in words that do not name the file.
said_by_stack() { "$LEADSEQ" info said.h5 | sed '/^Stack/d; /source/d; /made/d; /leadseq render/d'; }
ptbxl()
{
    rm -rf px said.h5
    mkdir px && ln -s "$work/sim/records100" px/records100 && cp sim/scp_statements.csv px/
    cp "$1" px/ptbxl_database.csv
    leadseq render --ptbxl px --out said.h5 --size 16x16 && said_by_stack
}
own()
{
    rm -f said.h5
    leadseq render --records sim/records100 --table "$1" --labels AF --out said.h5 --size 16x16 &&
        said_by_stack
}
predictions()
{
    rm -rf rep
    cp "$1" a.csv
    leadseq compare a.csv predictions.csv --out rep --resamples 2000 --threads 1 &&
        cat rep/tables/metrics.tsv
}
statements()
{
    rm -rf px said.h5
    mkdir px && ln -s "$work/sim/records100" px/records100 && cp sim/ptbxl_database.csv px/
    cp "$1" px/scp_statements.csv
    leadseq render --ptbxl px --out said.h5 --size 16x16 && said_by_stack
}
tables='ptbxl:sim/ptbxl_database.csv own:own.csv predictions:predictions.csv'

for table in $tables; do
    reader=${table%%:*} file=${table#*:}
    $reader "$file" >first || { sed 's/^/# /' err; echo "not ok - $reader"; exit 1; }
    for dialect in $dialects; do
        $dialect "$file" >written.csv
        $reader written.csv >again && cmp -s first again
        result $? "$reader: $dialect"
    done
done
statements sim/scp_statements.csv >first
for dialect in excel tabs cr quotes; do
    $dialect sim/scp_statements.csv >written.csv
    statements written.csv >again && cmp -s first again
    result $? "statements: $dialect"
done

# --- What is refused says why ------------------------------------------------------------------

for table in $tables; do
    reader=${table%%:*} file=${table#*:}
    case $reader in
    ptbxl) run='render --ptbxl px --out no.h5 --size 16x16' to=px/ptbxl_database.csv ;;
    own) run='render --records sim/records100 --table no.csv --out no.h5 --size 16x16' to=no.csv ;;
    predictions) run='compare no.csv predictions.csv --out no' to=no.csv ;;
    esac
    rm -rf px
    mkdir px && ln -s "$work/sim/records100" px/records100 && cp sim/scp_statements.csv px/
    iconv -f UTF-8 -t UTF-16 "$file" >$to
    absent=no.h5 refuses 1 "$to: expected text, found UTF-16; save it as UTF-8" "$reader: UTF-16" $run
    { cat "$file"; printf 'M\374ller\n'; } >$to
    absent=no.h5 refuses 1 "$to:[0-9]+: expected UTF-8, found the byte 0xfc" "$reader: Latin-1" $run
    gzip -c "$file" >$to
    absent=no.h5 refuses 1 "$to: .*gzip file; unpack it first" "$reader: gzip" $run
    { cat "$file"; echo '1,2'; } >$to
    absent=no.h5 refuses 1 "$to:[0-9]+: expected [0-9]+ cells between commas" "$reader: a short line" $run
    sed '1s/^\([^,]*\),/\1,\1,/; 1!s/,/,,/' "$file" >$to
    absent=no.h5 refuses 1 "$to:1: expected each column once" "$reader: a title twice" $run
done
printf 'ecg_id;probability;label\n1;0,71;1\n2;0,3;0\n' >no.csv
refuses 1 'no.csv:2: probability: expected a number from 0 to 1, found "0,71" .a decimal comma' "a decimal comma" \
    compare no.csv predictions.csv --out no

# Quotes that open within a title: columns were counted and cells cut by different rules.
{
    printf 'a","x\ny",ecg_id,probability,label\n'
    awk 'BEGIN { for (i = 1; i <= 40; i++) printf "1,2,%d,.%02d,%d\n", i, i, i % 3 == 0 }'
} >odd.csv
ok "a quote within a title is a character" leadseq compare odd.csv odd.csv --out odd --resamples 2000

# A few patients that are not known do not make the others unknown.
awk -F, -v OFS=, 'NR == 3 || NR == 8 { $4 = NR == 3 ? "" : "NaN" } 1' predictions.csv >some.csv
ok "a few absent patients" leadseq compare some.csv some.csv --out some --resamples 2000
ok "... are counted" grep -q '2 records of those compared have no patient_id' err

# What is not used is not needed.
for column in filename_hr baseline_drift electrodes_problems age sex patient_id; do
    sed "1s/$column/spare_$column/" sim/ptbxl_database.csv >written.csv
    ptbxl written.csv >again
    result $? "a table without $column"
done
echo "1..$n"
