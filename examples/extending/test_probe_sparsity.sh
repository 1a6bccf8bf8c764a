# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example probe in a training: its rows are in diagnostics.h5, and are shares.
small_stack
leadseq train "$srcdir/experiments/quickstart-cnn/experiment.yaml" diagnose.probes=full \
    train.epochs=1 train.threads=1 --data small.h5 --out run-sparsity
result $? "probe: a training with the example probe"
cat >check.py <<'TEXT'
import h5py
import numpy
with h5py.File("run-sparsity/diagnostics.h5") as f:
    value, step = f["parameters/sparsity"][:], f["parameters/step"][:]
    assert len(value) == len(step) > 0 and value.shape[1] == len(f.attrs["tensors"]), value.shape
    assert numpy.all((value >= 0) & (value <= 1)), value
TEXT
python_checks h5py "probe: ... has one row per step and one share per tensor"
leadseq diagnose run-sparsity
result $? "probe: ... and the run can still be diagnosed"
