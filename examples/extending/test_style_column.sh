# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example style: a stack of pages, a picture, a sidecar, a vector picture; a wrong size.
simulated
leadseq render --ptbxl sim --style column --size 64x192 --limit 4 --out column.h5 --png column-png \
    --sidecar column-json
result $? "style: records are drawn in the example style"
leadseq info column.h5
ok "style: ... info names it" grep -q 'column' out
ok "style: ... as one page per record" sh -c 'test $(find column-png -name "*.png" | wc -l) = 4'
ok "style: ... with a sidecar for each" sh -c 'test $(ls column-json/*.json | wc -l) = 4'
record=$(find sim/records100 -name '*.hea' | sort | head -n 1)
leadseq render --records "$record" --style column --svg column.svg
ok "style: ... and as a vector picture" grep -q '</svg>' column.svg
refuses 2 'multiple of 12' "style: ... a height that is no multiple of twelve is refused" \
    render --ptbxl sim --style column --size 64x100 --out none.h5
cat >check.py <<'TEXT'
import h5py
with h5py.File("column.h5") as f:
    images = f["images"][:]
    assert images.shape == (4, 192, 64), images.shape
    strips = images.reshape(4, 12, 16, 64)
    assert (strips.min(axis=(2, 3)) < 200).all()  # ink in every strip
TEXT
python_checks h5py "style: ... and every strip has ink"
