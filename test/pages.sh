#!/bin/sh
# SPDX-License-Identifier: MIT
# Whole pages from simulated records to predictions: every style is rendered, a CNN is
# trained on dataset3, and stack, record and PNG file of a patient get one answer. TAP.
. "${srcdir:?}/test/program.sh"

leadseq synth --out sim --patients 24 --seed 3
records=$(($(find sim/records100 -name '*.dat' | wc -l)))

for style in dataset1 dataset2 dataset3 clinical; do
    ok "render draws $style" leadseq render --ptbxl sim --out $style.h5 --style $style \
        --size 160x120 --png $style --seed 7
    ok "... one page per record" \
        test "$(find $style -name '[0-9]*.png' | grep -vc _)" = "$records"
    leadseq info $style.h5 --json
    ok "... which info shows" grep -q '"images": 1' out
done
leadseq info dataset3.h5
ok "info shows the shadows' seed" grep -q 'one page of 160x120, RGB; style dataset3.*seed 7' out
leadseq info clinical.h5
ok "... and the printout" grep -q 'printout 3x4, rhythm II, grid pink, speed_mm_per_s 25' out

ok "12 x 1 in grey at 40 dpi" leadseq render --ptbxl sim --out grey.h5 --style clinical \
    --printout 12x1 --grey --grid none --dpi 40 --limit 3
leadseq info grey.h5
ok "... is as large as its millimetres" grep -q 'one page of 425x409, grey' out

cat >cnn.yaml <<'TEXT'
name: pages
seed: 5
data: {style: dataset3, invert: true, split: patient, share: [0.6, 0.2, 0.2]}
model: {type: cnn, hidden: [4, 8]}
train: {loss: bce-logits, batch: 4, epochs: 1, max_steps: 3, threads: 1}
TEXT
ok "train a CNN on pages" leadseq train cnn.yaml --data dataset3.h5 --out cnn
ok "evaluate it" leadseq evaluate cnn --data dataset3.h5 --split test --checkpoint last
leadseq train cnn.yaml model.type=convlstm --data dataset3.h5 --out lstm
ok "a ConvLSTM is refused on pages" grep -q 'show all leads on one page' err
record=$(find sim/records100 -name '*.hea' | sort | head -n 1)
record=${record%.hea}
id=$(basename "$record" | sed 's/_lr$//; s/^0*//')
answer()
{
    leadseq predict cnn "$@" --checkpoint last
    awk -F '\t' -v id="$id" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "logit") c = i }
        NR > 1 && ($1 + 0 == id) { print $c }' out
}
stack=$(answer dataset3.h5)
ok "predict answers for a stack" test -n "$stack"
ok "... the same for the record" test "$(answer "$record")" = "$stack"
ok "... and for its PNG file" test "$(answer "$(find dataset3 -name "$id.png")")" = "$stack"
leadseq predict cnn dataset2.h5
ok "a stack of another style is refused" grep -q 'expected images as the run was trained on (dataset3' err

finish
