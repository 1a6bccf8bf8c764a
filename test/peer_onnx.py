# SPDX-License-Identifier: MIT
# needs: numpy h5py onnxruntime
"""leadseq export --format onnx in onnxruntime: fed a stack's images as they are stored, the graph
gives the logits that `leadseq evaluate` writes, to 1e-4 of max(1, |logit|), and their
probabilities; for any number of records at once. Every kind of network, of a page, in colour, of
chosen leads, normalised, with several outputs. And networks on signals, random ones of
test/model_dump."""
import csv
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import onnxruntime

LEADSEQ = os.path.abspath(os.environ.get("LEADSEQ", "./leadseq"))
STACKS = {
    "leads": ["--size", "40x36"],
    "page": ["--style", "clinical", "--size", "160x120"],
    "grey": ["--style", "dataset1", "--size", "64x48"],
    "colour": ["--profile", "paper-code", "--size", "48x40"],
    "signals": ["--signals-only"],
}
CASES = {
    "ConvLSTM": ("leads", ["model.type=convlstm", "model.hidden=[4]"]),
    "ConvLSTM, stem, two layers, forget bias, maxima and means":
        ("leads", ["model.type=convlstm", "model.hidden=[5,3]", "model.stem=conv",
                   "model.stem_channels=[6,6]", "model.forget_bias=1", "model.pool_time=true",
                   "model.head=mean-max", "data.invert=true", "data.standardise=true"]),
    "ConvLSTM, norm of cells, patches, without bias":
        ("leads", ["model.type=convlstm", "model.hidden=[4]", "model.cell_norm=layer",
                   "model.bias=false", "model.stem=patch", "model.stem_channels=[5]",
                   "model.patch=4", "model.head_norm=true", "model.dropout=0.3"]),
    "ConvLSTM of three leads": ("leads", ["model.type=convlstm", "model.hidden=[3]",
                                          "data.leads=[V6,I,aVR]", "model.kernel=5"]),
    "CNN of a grey page, norm of the head":
        ("grey", ["model.type=cnn", "model.hidden=[4,6]", "model.head_norm=true",
                    "data.standardise=true"]),
    "CNN of leads in colour": ("colour", ["model.type=cnn", "model.hidden=[4]"]),
    "ConvLSTM of leads in colour":
        ("colour", ["model.type=convlstm", "model.hidden=[3]", "data.standardise=true"]),
    "CNN of leads, five outputs":
        ("leads", ["model.type=cnn", "model.hidden=[4,6]", "data.task=superclass",
                   "model.head=max"]),
    "CNN, softmax of five classes":
        ("leads", ["model.type=cnn", "model.hidden=[4]", "data.task=superclass-single"]),
    "residual network, depth 18, of leads": ("leads", ["model.type=resnet", "model.width=8",
                                                       "model.head=linear", "data.invert=true"]),
    "residual network, depth 50, fastai's head, softmax of two, a page in colour":
        ("page", ["model.type=resnet", "model.depth=50", "model.width=4", "train.loss=softmax",
                  "data.standardise=true"]),
    "CNN of signals with missing samples":
        ("signals", ["model.type=cnn1d", "model.hidden=[4,6]", "model.kernels=[5]",
                     "data.standardise=true", "data.standardise_by=lead",
                     "data.leads=[V6,I,aVR]"]),
    "GRU of signals with missing samples, in mV":
        ("signals", ["model.type=gru1d", "model.hidden=[5]"]),
}


def run(*words):
    done = subprocess.run([LEADSEQ, *words], capture_output=True, text=True)
    assert not done.returncode, (words, done.stderr)


def judge(stack, options):
    """The largest difference of logits, relative, and of probabilities."""
    shutil.rmtree("run", ignore_errors=True)
    with open("net.yaml", "w") as file:
        file.write("seed: 7\n")
    run("train", "net.yaml", *options, "train.batch=4", "train.max_steps=3", "train.lr=1e-2", "train.threads=1",
        "data.train=[1,2,3,4,5,6,7,8,9,10]", "data.valid=[]", "data.test=[]",
        "diagnose.probes=none", "--data", f"{stack}.h5", "--out", "run")
    run("evaluate", "run", "--data", f"{stack}.h5", "--split", "train", "--checkpoint", "last")
    run("export", "run", "--format", "onnx", "--checkpoint", "last", "--out", "net.onnx", "--force")
    net = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    source = "signals" if stack == "signals" else "images"
    assert [i.name for i in net.get_inputs()] == [source]
    assert net.get_inputs()[0].shape[0] == "N"
    with h5py.File(f"{stack}.h5") as file:
        place = {int(i): n for n, i in enumerate(file["ecg_id"][:])}
        values = file[source][:]
    whole = net.run(["logits", "probabilities"], {source: values})
    alone = net.run(["logits"], {source: values[1:2]})[0]
    assert np.allclose(alone, whole[0][1:2], rtol=1e-4, atol=1e-4)
    worst, seen = [0, 0], 0
    with open("run/predictions-train.tsv") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        for part, name in enumerate(("logit", "probability")):
            ours = [float(v) for k, v in row.items() if k.startswith(name)]
            theirs = whole[part][place[int(row["ecg_id"])]]
            assert len(ours) == len(theirs), (row, theirs)
            for a, b in zip(ours, theirs):
                worst[part] = max(worst[part], abs(a - b) / max(1, abs(a)))
        seen += 1
    assert seen > 3, rows
    return net.get_modelmeta().custom_metadata_map, worst


SIGNALS = {
    "cnn1d": ["type=cnn1d"],
    "resnet1d": ["type=resnet1d", "model.width=16"],
    "xresnet1d": ["type=xresnet1d", "model.width=8", "model.blocks=[1,2,1]"],
    "lstm1d": ["type=lstm1d", "model.hidden=[17,9]"],
    "gru1d": ["type=gru1d", "model.hidden=[9,17]"],
}


def judge_signals(options, batch=5, samples=101):
    """The same of logits, of a network with random weights and norms over random signals."""
    program = os.path.join(os.path.dirname(LEADSEQ), "test/model_dump")
    subprocess.run([program, "dump", *options, "leads=12", "channels=1", "height=1", "outputs=5",
                    f"width={samples}", f"batch={batch}", "random=1", "threads=1", "onnx=1"],
                   check=True)
    found = {}
    with open("dump") as file:
        for line in file:
            head, values = line.split(" :")
            kind, name = head.split()[:2]
            if kind == "array":
                found[name] = np.array([float.fromhex(v) for v in values.split()])
    net = onnxruntime.InferenceSession("dump.onnx", providers=["CPUExecutionProvider"])
    signals = found["images"].reshape(batch, 12, samples).astype(np.float32)
    logits, p = net.run(["logits", "probabilities"], {"signals": signals})
    assert np.allclose(p, 1 / (1 + np.exp(-logits)), atol=1e-6)
    ours = found["evaluated"].reshape(batch, 5)
    return float(np.max(np.abs(ours - logits) / np.maximum(1, np.abs(ours))))


def main():
    os.chdir(tempfile.mkdtemp())
    run("synth", "--out", "sim", "--patients", "30", "--seed", "4")
    for name, options in STACKS.items():
        run("render", "--ptbxl", "sim", "--out", f"{name}.h5", *options)
    with h5py.File("signals.h5", "r+") as file:
        mv = file["signals"][:]
        mv[::2, :, 100:300] = mv[1::3, ::4] = np.nan
        file["signals"][:] = mv + 0.3
    print(f"1..{len(CASES) + len(SIGNALS)}")
    failed = False
    for number, (name, (stack, options)) in enumerate(CASES.items(), 1):
        try:
            metadata, (logits, probabilities) = judge(stack, options)
        except Exception as error:
            print(f"not ok {number} - {name}")
            print("#", str(error).replace("\n", "\n# "), flush=True)
            failed = True
            continue
        leads = "I,II,III,AVR,AVL,AVF,V1,V2,V3,V4,V5,V6" if stack in ("leads", "colour", "signals") else "page"
        leads = "V6,I,AVR" if "data.leads=[V6,I,aVR]" in options else leads
        bad = not (logits <= 1e-4 and probabilities <= 1e-4 and metadata["leads"] == leads)
        failed |= bad
        print(f"{'not ok' if bad else 'ok'} {number} - {name}: logits to {logits:.1e}, "
              f"probabilities to {probabilities:.1e}", flush=True)
        if bad:
            print("#", metadata)
    for number, (name, options) in enumerate(SIGNALS.items(), 1 + len(CASES)):
        error = judge_signals(options)
        failed |= not error <= 1e-4
        print(f"{'ok' if error <= 1e-4 else 'not ok'} {number} - {name}: logits to {error:.1e}",
              flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
