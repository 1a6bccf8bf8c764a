#!/bin/sh
# SPDX-License-Identifier: MIT
# The paper's failure appears on simulated records, in the smaller version of its
# network: the costs of batches of two rotate among exactly 0, 50 and 100, and no
# gradient is left. The same network on ink and logits does no such thing. TAP.
. "${srcdir:?}/test/program.sh"

experiment=$srcdir/experiments/heartnet-rnn-small/experiment.yaml

# Steps from the third on, and those of them whose cost is exactly 0, 50 or 100.
count_dead()
{
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        $column["step"] >= first { n++; c = $column["cost"]; dead += c == 0 || c == 50 || c == 100
                                   g = $column["grad_norm"]; zero += g != "" && g == 0 }
        END { print n + 0, dead + 0, zero + 0 }' first=3 "$1/steps.tsv"
}

leadseq synth --out sim --patients 50 --seed 1
leadseq render --ptbxl sim --out stack.h5 --size 256x192
# The file's seed dies on real records; on these, this one does at once.
ok "the paper's network trains" leadseq train "$experiment" seed=1 train.threads=1 train.max_steps=60 --data stack.h5 --out dead
read -r steps dead zero <<TEXT
$(count_dead dead)
TEXT
echo "# $dead of $steps costs from the third step on are exactly 0, 50 or 100; gradient 0 in $zero"
ok "at least 95 % of its costs are exactly 0, 50 or 100" \
    test "$steps" -ge 30 -a $((100 * dead)) -ge $((95 * steps))
ok "... and the gradient is exactly zero as often" test $((100 * zero)) -ge $((95 * steps))

ok "on ink and logits it trains" leadseq train "$experiment" train.loss=bce-logits data.invert=true \
    model.head=mean-max train.max_steps=12 train.threads=1 --data stack.h5 --out alive
read -r steps dead zero <<TEXT
$(count_dead alive)
TEXT
ok "... and no cost is 0, 50 or 100, no gradient zero" test "$steps" -ge 9 -a "$dead" = 0 -a "$zero" = 0

finish
