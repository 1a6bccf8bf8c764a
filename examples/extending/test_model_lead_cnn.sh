# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example model from its gradient check to a comparison, without a word of it anywhere else.
small_stack
leadseq train "$srcdir/experiments/quickstart-cnn/experiment.yaml" model.type=cnn train.epochs=2 \
    train.threads=1 --data small.h5 --out run-cnn
printf 'name: lead-cnn\ndata: {invert: true}\nmodel: {type: lead-cnn, hidden: [4, 8]}\n' >lead.yaml
printf 'train: {loss: bce-logits, batch: 16, epochs: 2, threads: 1, lr: 3e-3}\n' >>lead.yaml
leadseq train lead.yaml --data small.h5 --summary
ok "model: the example model is summarised layer by layer" grep -q 'stage1.conv' out
leadseq train lead.yaml --data small.h5 --out run-lead
result $? "model: ... trained"
leadseq train lead.yaml model.stem=conv --data small.h5 --out none
ok "model: ... an option of other types is refused, and they are named" \
    grep -q 'model.stem.*convlstm' err
leadseq evaluate run-lead --data small.h5 --split all
result $? "model: ... evaluated"
leadseq diagnose run-lead
result $? "model: ... diagnosed"
leadseq compare run-lead run-cnn --out lead-report
result $? "model: ... compared"
leadseq bench --shape cnn-128 model.type=lead-cnn 'model.hidden=[4]' data.size=32x32 --threads 1 \
    --records 4 --repeat 1 --json
result $? "model: ... benchmarked"
refuses 1 'lead-cnn' "model: ... without a peer of its own, a peer is refused by name" bench \
    --shape cnn-128 model.type=lead-cnn 'model.hidden=[4]' data.size=32x32 --threads 1 --records 4 \
    --repeat 1 --peer "python3 $srcdir/bench/peer_torch.py"
if grep -q '^CRITERION_LIBS = .' "$made/Makefile"; then
    make -s -C "$made" test/test_model_reference test/test_model_gradient >out 2>err
    result $? "model: the tests of all models build with it"
    for suite in test_model_reference test_model_gradient; do
        CRITERION_OUTPUTS=tap:- "$made/test/$suite" >out 2>err
        result $? "model: ... its samples pass $suite"
    done
    flags=$(sed -n 's/^\(DNNL_LIBS\|GSL_LIBS\|LIBS\|CRITERION_LIBS\|OPENMP_CFLAGS\) = //p' \
        "$made/Makefile" | tr '\n' ' ')
    sh -c "$cc -D_GNU_SOURCE -I'$work/tree/include' -I'$work/tree/src' \
        '$srcdir/examples/extending/test_model_lead_cnn.c' -o own_test \
        '$made/libmodel.a' '$made/libnn.a' '$made/libbase.a' $flags" >out 2>err
    result $? "model: ... its own test builds"
    CRITERION_OUTPUTS=tap:- ./own_test >out 2>err
    result $? "model: ... and passes"
else
    skip "Criterion is not installed"
fi
