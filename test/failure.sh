#!/bin/sh
# SPDX-License-Identifier: MIT
# The paper's failure appears on simulated records, in the smaller version of its
# network: the costs of batches of two rotate among exactly 0, 50 and 100, and no
# gradient is left. The same network on ink and logits does no such thing. The
# diagnosis names the mechanism and proves it by numbers. TAP.
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

# The first number of that name in the diagnosis.
number()
{
    sed -n "s/^ *\"$1\": \([-+.0-9e]*\),*$/\1/p" dead/diagnosis.json | head -n 1
}
# holds EXPRESSION: over the diagnosis' numbers, as '$relative_error < 0.15'.
holds()
{
    awk -v error="$(number relative_error)" \
        -v predicted="$(number predicted)" -v bound="$(number bound)" -v measured="$(number measured)" \
        -v parts="$(awk "BEGIN { print $(number dw_h) + $(number w_dh) + $(number dw_dh) + $(number db) }")" \
        -v factor="$(number factor_per_lead)" -v after="$(number gradient_after)" "
        function abs(x) { return x < 0 ? -x : x }
        BEGIN { exit !($1) }"
}

ok "the failed run is diagnosed" leadseq diagnose dead
ids=$(sed -n 's/^ *"id": "\(.*\)",*$/\1/p' dead/diagnosis.json | tr '\n' ' ')
echo "# $ids"
ok "... as saturated by the head's displacement" \
    test "${ids%%head-displacement*}" = "saturated-output " -a "${ids#*head-displacement}" != "$ids"
ok "... with the gradient through the leads as a second finding" \
    test "${ids#*vanishing-through-leads}" != "$ids"
ok "... the displacement predicted to 15 %" holds "error != \"\" && error < 0.15 && abs(predicted) > 10"
ok "... which the bound bounds" holds "abs(predicted) <= bound * 1.01"
ok "... the measured one split to 1 %" holds "abs(parts - measured) < 0.01 * abs(measured)"
ok "... no gradient afterwards" holds "after != \"\" && after == 0"
ok "... and about 0.6 of it left a lead before" holds "factor > 0.45 && factor < 0.75"
cp dead/steps.tsv steps && rm dead/diagnostics.h5 && mv stack.h5 moved.h5
ok "without probes and stack it is diagnosed by its tables" leadseq diagnose dead --out bare
ok "... to the same first finding" grep -q '"id": "saturated-output"' bare/diagnosis.json
ok "... and says what is missing" grep -q 'diagnostics.h5' bare/diagnosis.json
ok "with the stack where it is now, the first steps are rehearsed" \
    leadseq diagnose dead --out rehearsed --data moved.h5
ok "... to the same displacement" grep -q '"dw_h"' rehearsed/diagnosis.json
ok "... without touching the run" cmp -s steps dead/steps.tsv
mv moved.h5 stack.h5
ok "a look at it from outside a terminal" leadseq watch dead
ok "... shows loss and saturation" grep -q '100.0 %' out
cp -r dead young && rm young/steps.tsv young/environment.json
ok "a look at a run before its first step" leadseq watch --once young
ok "... says what is not known in no number" sh -c "grep -q 'step 0 of' out && ! grep -qi nan out"

ok "on ink and logits it trains" leadseq train "$experiment" train.loss=bce-logits data.invert=true \
    model.head=mean-max train.max_steps=12 train.threads=1 --data stack.h5 --out alive
read -r steps dead zero <<TEXT
$(count_dead alive)
TEXT
ok "... and no cost is 0, 50 or 100, no gradient zero" test "$steps" -ge 9 -a "$dead" = 0 -a "$zero" = 0

finish
