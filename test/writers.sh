# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For races.sh and outputs.sh: small inputs, and every command with its outputs, one a row. A new
# command or output is covered by a row; a command without a row fails.

# Rows: ID|KIND|OUTPUT|COMMAND LINE, where OUT in the command line is the output's name. KIND says
# what is expected of it:
#   file    refused if it is there, replaced with --force; devices and pipes are written into
#   store   the same, but neither devices nor pipes
#   folder  made new; one with anything in it is refused
#   report  the same, but one that the command made is replaced
#   adds    a folder into which files are written; those that are there need --force
#   own     files that the command owns in OUT, which is there: replaced
#   none    the command writes nothing but to standard output
outputs()
{
    cat <<'ROWS'
synth|folder|new|synth --out OUT --patients 2 --seed 1 --workers 1
render|store|new.h5|render --ptbxl sim --out OUT --size 16x16 --workers 1
render --png|folder|new|render --ptbxl sim --out @.h5 --size 16x16 --workers 1 --png OUT
render --sidecar|folder|new|render --ptbxl sim --out @.h5 --size 16x16 --workers 1 --sidecar OUT
render --svg|file|new.svg|render --records sim/records100/00000/00001_lr --svg OUT
info --png|adds|new|info s.h5 --first 2 --png OUT
train|folder|new|train cnn.yaml --data s.h5 --out OUT
train --lr-find|folder|new|train cnn.yaml --data s.h5 --lr-find --lr-steps 20 --out OUT
train --show-batch|folder|new|train cnn.yaml --data s.h5 --show-batch OUT
sweep|folder|new|sweep cnn.yaml seed=1,2 --data s.h5 --out OUT
sweep --table|own|swept|sweep OUT --table
evaluate|own|run|evaluate OUT --data s.h5 --split valid
evaluate --out|adds|new|evaluate run --data s.h5 --split valid --out OUT
predict|file|new.tsv|predict run s.h5 --out OUT
diagnose|own|run|diagnose OUT --no-rehearsal
diagnose --out|report|new|diagnose run --no-rehearsal --out OUT
compare|report|new|compare a.tsv b.tsv --out OUT --threads 1
compare --published|report|new|compare a.tsv b.tsv --published p.tsv --out OUT --threads 1
export|file|new|export run --format safetensors --out OUT
export --format onnx|file|new|export run --format onnx --out OUT
bench|adds|new|bench --shape cnn-128 data.size=16x16 train.batch=2 --records 2 --repeat 1 --warmup 1 --threads 1 --out OUT
watch|none||watch --once run
ROWS
}

prepare()
{
    leadseq synth --out sim --patients 12 --seed 1
    leadseq render --ptbxl sim --out s.h5 --size 16x16
    cat >cnn.yaml <<'TEXT'
data: {invert: true, split: record}
model: {type: cnn, hidden: [2]}
train: {loss: bce-logits, batch: 4, epochs: 1, threads: 1}
diagnose: {probes: none}
TEXT
    leadseq train cnn.yaml --data s.h5 --out run
    leadseq sweep cnn.yaml seed=1,2 --data s.h5 --out swept
    for table in a b; do
        awk -v table=$table 'BEGIN { print "ecg_id\tpatient_id\tlabel\tprobability"
            for (i = 1; i <= 40; i++)
                printf "%d\t%d\t%d\t%.3f\n", i, i, i % 2, ((i * (table == "a" ? 7 : 11)) % 40) / 40 }' >$table.tsv
    done
    printf 'figure\tdataset\tselection\tdepth\tbatch\tepoch\ttp\tfp\tfn\ttn\n8\t2\tall\t50\t16\t\t1\t2\t3\t4\n' >p.tsv
    ok "the inputs are made" test -s s.h5 -a -s run/metrics.json -a -s swept/report.html
}

# every_command: each command that --help lists has a row.
every_command()
{
    "$LEADSEQ" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' >commands
    outputs | sed 's/|.*//; s/ .*//' | sort -u >covered
    test -s commands && sort commands | comm -23 - covered >lacking && test ! -s lacking ||
        { sed 's/^/#   no row in writers.sh: /' lacking; return 1; }
}

# command_of ROW OUT: its words, with OUT for the output and a name derived from it for the rest.
command_of()
{
    printf '%s\n' "$1" | sed "s|OUT|$2|g; s|@|$2|g"
}
