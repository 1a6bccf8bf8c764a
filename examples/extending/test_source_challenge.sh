# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example source: simulated records whose headers get diagnoses, and their labels in the stack.
simulated
mkdir challenge
i=0
find sim/records100 -name '*.hea' | sort | head -n 6 | while read -r header; do
    i=$((i + 1))
    cp "$header" "${header%.hea}.dat" challenge/
    case $i in
    1 | 2) echo '# Dx: 164889003,59118001' ;;
    3 | 4) echo '# Dx: 426783006' ;;
    5) echo '# Dx: 1648890030' ;;
    6) echo '# Age: 50' ;;
    esac >>"challenge/$(basename "$header")"
done
leadseq render --challenge challenge --out challenge.h5 --size 32x32
result $? "source: records are drawn from the example source"
leadseq info challenge.h5 --json
cp out challenge.json
cat >check.py <<'TEXT'
import h5py
with h5py.File("challenge.h5") as f:
    assert list(f["label/AF"][:]) == [1, 1, 0, 0, 0, 255], f["label/AF"][:]
    assert list(f["label/SR"][:]) == [0, 0, 1, 1, 0, 255], f["label/SR"][:]
TEXT
python_checks h5py "source: ... with the labels of their headers"
refuses 1 'expected a folder' "source: ... a folder that is not there is refused" \
    render --challenge nowhere --out none.h5
