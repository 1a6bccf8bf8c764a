#!/bin/sh
# SPDX-License-Identifier: MIT
# Weights out of a run and into PyTorch, and back into another run: torchvision's network with the
# exported file, by examples/torch_model.py, predicts what the run predicts. TAP.
. "${srcdir:?}/test/program.sh"

python=$(python_with torchvision,h5py)
ok "synth and render" sh -c "'$LEADSEQ' synth --out sim --patients 8 --seed 3 >out 2>err &&
    '$LEADSEQ' render --ptbxl sim --out stack.h5 --size 40x32 >out 2>err"
cat >net.yaml <<'TEXT'
seed: 5
data: {size: 40x32, invert: true, train: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], valid: [], test: []}
model: {type: resnet, head: linear}
train: {loss: bce-logits, lr: 1e-3, batch: 4, max_steps: 2, threads: 1}
diagnose: {probes: none}
TEXT
ok "train a residual network for two steps" leadseq train net.yaml --data stack.h5 --out run
ok "export writes a file" leadseq export run --format safetensors --checkpoint last --out net.safetensors
refuses 1 'net.safetensors.*(exists|there)' "... and replaces none" \
    export run --format safetensors --checkpoint last --out net.safetensors
ok "... except with --force" \
    leadseq export run --format safetensors --checkpoint last --out net.safetensors --force
refuses 2 'format' "... in no other format" export run --format pickle --out net.pkl
ok "export writes a graph" leadseq export run --format onnx --checkpoint last --out net.onnx
refuses 1 'net.onnx.*(exists|there)' "... and replaces none" \
    export run --format onnx --checkpoint last --out net.onnx
ok "train with leads in an order of their own for each record" leadseq train net.yaml \
    data.leads=shuffled --data stack.h5 --out shuffled
absent=shuffled.onnx
refuses 1 'shuffled.onnx: data.leads: shuffled .*ONNX' "... which a graph cannot express" \
    export shuffled --format onnx --checkpoint last --out shuffled.onnx

ok "the run predicts" leadseq evaluate run --data stack.h5 --split train --checkpoint last
if [ -n "$python" ]; then
    "$python" "$srcdir/examples/torch_model.py" stack.h5 net.safetensors 18 >torch.tsv 2>err
    result $? "PyTorch loads the file into torchvision's network"
    awk -F '\t' 'NR == FNR { z[$1] = $2; n++; next }
        FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        { a = $column["logit"]; b = z[$column["ecg_id"]]; d = a > b ? a - b : b - a
          m = a > 1 ? a : a < -1 ? -a : 1; seen++
          if (b == "" || d > 1e-5 * m) { print "record " $1 ": " a " and " b; bad = 1 } }
        END { exit bad || !seen || seen != n }' torch.tsv run/predictions-train.tsv >out
    result $? "... and it gives the same logits to 1e-5"
else
    skip "no python3 with torchvision and h5py"
    skip "no python3 with torchvision and h5py"
fi

ok "a training begins from the file" leadseq train net.yaml model.weights=net.safetensors \
    model.weights_strict=true train.lr=1e-30 --data stack.h5 --out again
ok "... and says so" grep -q '102 tensors loaded' err
refuses 1 'missing|no tensor|not in the file|another shape' "one of another depth is refused where strict" train net.yaml \
    model.depth=34 model.weights=net.safetensors model.weights_strict=true --data stack.h5 --out other
ok "a training begins from a checkpoint" leadseq train net.yaml train.lr=1e-30 \
    model.weights=run/checkpoints/last.h5 model.weights_strict=true --data stack.h5 --out third
refuses 1 'expected the checkpoint of a run' "a stack is no checkpoint" train net.yaml \
    model.weights=stack.h5 --data stack.h5 --out other
leadseq render --ptbxl sim --out small.h5 --size 24x40
refuses 1 'expected at least 32 rows and columns, found images of 24 x 40' "images too small for five halvings are refused" \
    train net.yaml data.size=24x40 --data small.h5 --out other
refuses 1 'train.group_lr and model.freeze: body: nothing is left to train' "a frozen model with nothing left to train is refused" \
    train net.yaml model.type=convlstm model.hidden=[4] model.head=mean model.freeze=body train.group_lr=[1,0] \
    --data stack.h5 --out other
refuses 1 'train.group_lr: nothing is left to train' "... and rates that are all 0" \
    train net.yaml train.group_lr=[0,0,0] --data stack.h5 --out other
refuses 1 'train.group_lr: expected 3 shares .*resnet.*found 2' "rates for another number of groups are refused" \
    train net.yaml train.group_lr=[0.1,1] --data stack.h5 --out other
refuses 1 'train.drop_last: true leaves nothing .*64' "an epoch of less than a batch is refused where the last one is dropped" \
    train net.yaml train.drop_last=true train.batch=64 --data stack.h5 --out other
refuses 1 'train.freeze_epochs: expected at most train.epochs' "more frozen epochs than epochs are refused" \
    train net.yaml train.freeze_epochs=3 train.epochs=2 --data stack.h5 --out other
ok "train with the recipe" leadseq train net.yaml train.recipe=fastai-fine-tune train.max_steps=4 \
    model.weights=net.safetensors --data stack.h5 --out tuned
ok "... whose input is normalised for each run" grep -q '"mean": 0.449' tuned/input.json
ok "... exports, too" leadseq export tuned --format onnx --checkpoint last --out tuned.onnx
echo 'model: {type: resnet, depth: 19}' >odd.yaml
refuses 1 'odd.yaml:1.*model.depth.*18.*152.*19' "another depth is refused with file and line" \
    train odd.yaml --data stack.h5 --out other
finish
