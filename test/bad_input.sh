#!/bin/sh
# SPDX-License-Identifier: MIT
# What cannot be used is refused: status 1 (2 for wrong usage), a message that
# names the file, and nothing left under the name that was to be written. TAP.
. "${srcdir:?}/test/program.sh"

leadseq synth --out sim --patients 12 --seed 2
leadseq render --ptbxl sim --out stack.h5 --size 32x32
cat >cnn.yaml <<'TEXT'
name: bad-input
data: {train: [1, 2, 3, 4, 5, 6], valid: [7, 8], test: [9, 10]}
model: {type: cnn, hidden: [4]}
train: {loss: bce-logits, batch: 4, epochs: 1, max_steps: 1, threads: 1}
TEXT
leadseq train cnn.yaml --data stack.h5 --out run
ok "the good ones are used" leadseq predict run stack.h5

# --- records --------------------------------------------------------------------------

record=$(find sim/records100 -name '*.hea' | sort | head -n 1)
record=${record%.hea}
name=$(basename "$record")

# damaged NAME PATTERN SED: a record whose header is changed by sed, or by $change.
damaged()
{
    rm -rf damaged
    mkdir damaged
    cp "$record".hea "$record".dat damaged/
    [ -z "${3:-}" ] || sed -i -E "$3" "damaged/$name.hea"
    [ -z "${change:-}" ] || (cd damaged && eval "$change")
    absent="new.h5 new.h5.partial" refuses 1 "$name.*($2)" "render refuses $1" \
        render --records "damaged/$name" --out new.h5 --size 32x32
    refuses 1 "$name" "info refuses $1" info "damaged/$name.hea"
    absent=new.tsv refuses 1 "$name" "predict refuses $1" \
        predict run "damaged/$name.hea" --out new.tsv
    change= # some shells keep assignments that precede a function call
}

change="rm $name.dat" damaged "a missing .dat" 'No such file|cannot be read|missing'
change="truncate -s 23999 $name.dat" damaged "a truncated .dat" 'expected.*24000|23999'
change="truncate -s 24002 $name.dat" damaged "an oversized .dat" 'expected.*24000|24002'
change="printf '\\001' | dd of=$name.dat bs=1 seek=480 conv=notrunc 2>/dev/null" \
    damaged "a changed sample" 'checksum'
damaged "an unknown format" 'format' 's/ 16 / 999 /'
damaged "a gain of zero" 'gain' '2s/ 1000(\.0)?\(0\)/ 0(0)/; 2s,16 [0-9.]+,16 0,'
damaged "a wrong number of leads" 'lead|signal' '1s/ 12 / 11 /'
damaged "more leads than there are lines" 'lead|signal' '1s/ 12 / 13 /'
damaged "an absurd number of leads" 'lead|signal' '1s/ 12 / 99999999 /'
damaged "an absurd length" 'sample|long|length|bytes' '1s/ 1000 *$/ 99999999999999/'
damaged "an absurd rate" 'rate|frequency' '1s/ 100 / -5 /'
damaged "an unknown lead" 'lead' '2s/[A-Z0-9]+ *$/XX/'
change=": >$name.hea" damaged "an empty header" 'header|record|empty|expected'

# --- tables -------------------------------------------------------------------------------

# tables NAME PATTERN COMMAND: a PTB-XL folder whose tables are changed by a command in it.
tables()
{
    rm -rf changed
    mkdir changed
    cp sim/*.csv changed/
    ln -s "$work/sim/records100" changed/records100
    (cd changed && eval "$3")
    absent="new.h5 new.h5.partial" refuses 1 "(ptbxl_database|scp_statements)\.csv.*($2)" \
        "render refuses $1" render --ptbxl changed --out new.h5 --size 32x32
}

tables "a missing column" 'scp_codes' "sed -i '1s/scp_codes/codes/' ptbxl_database.csv"
tables "a broken quote" 'quote' "sed -i '2s/^/\"/' ptbxl_database.csv"
tables "a duplicate ecg_id" 'once' \
    "sed -n 2p ptbxl_database.csv >>ptbxl_database.csv"
tables "an ecg_id that is no number" 'ecg_id' "sed -i '2s/^[0-9]*/abc/' ptbxl_database.csv"
tables "an unknown code" 'XYZZY' "sed -i '2,\$s/NORM/XYZZY/' ptbxl_database.csv"
tables "a missing table" 'No such file|cannot be read' "rm scp_statements.csv"
tables "an empty table" 'expected|empty' ": >ptbxl_database.csv"
rm -rf fewer
cp -r sim fewer
find fewer -name "${name%_lr}_*" -exec rm {} +
absent="new.h5 new.h5.partial" refuses 1 "$name" "render refuses a folder that lacks a record" \
    render --ptbxl fewer --out new.h5 --size 32x32
ok "... but with --skip-missing" \
    leadseq render --ptbxl fewer --out fewer.h5 --size 32x32 --skip-missing
ok "... and says so" grep -qE '\b1 record' err

# --- stacks -------------------------------------------------------------------------------------

# stack NAME: every command that reads a stack refuses bad.h5.
stack()
{
    refuses 1 'bad\.h5' "info refuses $1" info bad.h5
    absent=new refuses 1 'bad\.h5' "train refuses $1" train cnn.yaml --data bad.h5 --out new
    refuses 1 'bad\.h5' "evaluate refuses $1" evaluate run --data bad.h5 --split test
    absent=new.tsv refuses 1 'bad\.h5' "predict refuses $1" predict run bad.h5 --out new.tsv
}

size=$(wc -c <stack.h5)
head -c $((size / 2)) stack.h5 >bad.h5
stack "a truncated stack"
head -c $((size - 100)) stack.h5 >bad.h5
stack "a stack that lacks its last bytes"
: >bad.h5
stack "an empty stack"
echo "no HDF5" >bad.h5
stack "a text in place of a stack"
{ head -c 8 stack.h5; head -c 4096 /dev/zero | tr '\0' '\377'; } >bad.h5
stack "a damaged stack"
cp run/checkpoints/"$(basename "$(find run/checkpoints -type f | head -n 1)")" bad.h5
stack "HDF5 that is no stack"
rm bad.h5
stack "a stack that is absent"
leadseq render --ptbxl sim --out large.h5 --size 40x32
refuses 1 'large\.h5.*(40|32)' "evaluate refuses a stack drawn otherwise" \
    evaluate run --data large.h5 --split test
refuses 1 'large\.h5.*(40|32)' "predict refuses a stack drawn otherwise" predict run large.h5
absent=new refuses 1 'large\.h5.*(40|32)|size' "train refuses a stack of another size" \
    train cnn.yaml data.size=32x32 --data large.h5 --out new

# --- signals in place of images ---------------------------------------------------------------------

leadseq render --ptbxl sim --out signals.h5 --signals-only
absent=new refuses 1 'signals\.h5.*images.*without --signals-only' "train refuses signals alone" \
    train cnn.yaml --data signals.h5 --out new
refuses 1 'signals\.h5.*images.*without --signals-only' "evaluate refuses signals alone" \
    evaluate run --data signals.h5 --split test
refuses 1 'signals\.h5.*images.*without --signals-only' "predict refuses signals alone" \
    predict run signals.h5
refuses 1 'signals\.h5.*images.*without --signals-only' "info --png refuses signals alone" \
    info signals.h5 --png pictures
refuses 1 'signals\.h5.*images.*without --signals-only' "bench refuses signals alone" \
    bench --data signals.h5 --repeat 1 --seconds 1
absent=new refuses 1 'data\.crop.*signals' "windows of pictures are refused" \
    train cnn.yaml data.crop=250 --data stack.h5 --out new
absent=new refuses 1 'data\.input.*images.*cnn' "a model of another input is refused" \
    train cnn.yaml data.input=signals --data stack.h5 --out new
absent=new.h5 refuses 2 'signals-only.*size' "pictures of signals alone are refused" \
    render --ptbxl sim --out new.h5 --signals-only --size 32x32
absent=new.h5 refuses 2 'signals-only.*seed' "and the seed of what is random in pictures" \
    render --ptbxl sim --out new.h5 --signals-only --seed 3
absent=new.h5 refuses 2 'signal-gain' "a gain without signals is refused" \
    render --ptbxl sim --out new.h5 --signal-gain 1000
absent="new.h5 new.h5.partial" refuses 1 '00001_lr.*16 bits' "a gain that is too large is refused" \
    render --ptbxl sim --out new.h5 --signals --signal-gain 1e6

# --- images ---------------------------------------------------------------------------------------

leadseq info stack.h5 --png png --first 1
id=$(basename "$(find png -name '*_I.png')" _I.png)

# image NAME PATTERN: predict refuses png/ID_V3.png as it is now.
image()
{
    # shellcheck disable=SC2046 # the names hold no blanks
    absent=new.tsv refuses 1 "${id}_V3.*($2)" "predict refuses $1" \
        predict run $(find png -name '*.png') --out new.tsv
}

cp "png/${id}_V3.png" good.png
echo "no PNG" >"png/${id}_V3.png"
image "a text in place of a PNG" 'PNG'
: >"png/${id}_V3.png"
image "an empty PNG" 'PNG'
head -c 60 good.png >"png/${id}_V3.png"
image "a truncated PNG" 'PNG|libpng'
if command -v python3 >/dev/null; then
    cat >png.py <<'TEXT'
# Writes PNG files of kinds leadseq does not take: WIDTH HEIGHT DEPTH COLOUR INTERLACE.
import struct, sys, zlib
width, height, depth, colour, interlace = map(int, sys.argv[2:])
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
rows = (b"\0" + b"\0" * ((width * samples * depth + 7) // 8)) * min(height, 4096)
with open(sys.argv[1], "wb") as f:
    f.write(b"\x89PNG\r\n\x1a\n")
    f.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)))
    if colour == 3:
        f.write(chunk(b"PLTE", bytes(6)))
    f.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
TEXT
    python3 png.py "png/${id}_V3.png" 32 32 8 0 1
    image "an interlaced PNG" 'interlace'
    python3 png.py "png/${id}_V3.png" 32 32 16 0 0
    image "a PNG of 16 bits" '16'
    python3 png.py "png/${id}_V3.png" 32 32 8 3 0
    image "a PNG with a palette" 'palette'
    python3 png.py "png/${id}_V3.png" 32 32 8 6 0
    image "a PNG with transparency" 'alpha|RGBA|transparen|colour'
    python3 png.py "png/${id}_V3.png" 100000 100000 8 0 0
    image "a huge PNG" '100000|huge|pixels|large'
    python3 png.py "png/${id}_V3.png" 48 32 8 0 0
    image "a PNG of another size" '48'
    python3 png.py "png/${id}_V3.png" 32 32 8 2 0
    image "a PNG in colour for a run on grey" 'channels|colour|RGB'
else
    skip "kinds of PNG: python3 is not installed"
fi
rm "png/${id}_V3.png"
# shellcheck disable=SC2046 # the names hold no blanks
refuses 1 'twelve' "predict refuses eleven images" predict run $(find png -name '*.png')

# --- experiments ---------------------------------------------------------------------------------------

# yaml NAME PLACE PATTERN TEXT
yaml()
{
    printf '%b' "$4" >bad.yaml
    absent=new refuses 1 "bad\.yaml:$2.*($3)" "train refuses $1 and says where" \
        train bad.yaml --data stack.h5 --out new
}

yaml "an unknown key" '2:10' 'train\.epochs' 'name: a\ntrain: { epoch: 3 }\n'
yaml "a wrong type" '3:3' 'train\.batch.*"many"' 'name: a\ntrain:\n  batch: many\n'
yaml "a value out of range" '1:9' 'train\.lr.*-1' 'train: {lr: -1}\n'
yaml "broken YAML" '' 'YAML' 'train: {lr: [1\n'
yaml "a duplicate key" '2:1' 'seed' 'seed: 1\nseed: 2\n'
yaml "a fold on both sides" '' 'fold 1' 'data: {train: [1, 2], valid: [1]}\n'
refuses 1 'absent\.yaml' "train refuses an absent experiment" train absent.yaml --data stack.h5 --out new
absent=new refuses 2 'train\.lrr.*train\.lr' "train refuses a wrong override" \
    train cnn.yaml train.lrr=1 --data stack.h5 --out new
absent=new refuses 2 'key=value' "train refuses an override without a value" \
    train cnn.yaml again --data stack.h5 --out new

# --- outputs -------------------------------------------------------------------------------------------

mkdir taken
echo mine >taken/file
refuses 1 'taken' "synth refuses a folder that holds something" synth --out taken --patients 3
refuses 1 'taken' "train refuses a folder that holds something" \
    train cnn.yaml --data stack.h5 --out taken
leadseq evaluate run --data stack.h5 --split test
cp -r run run2
refuses 1 'taken' "compare refuses a folder that holds something" compare run run2 --out taken
ok "... and it holds it still" grep -qx mine taken/file
echo mine >plain
refuses 1 'plain' "train refuses a file in the folder's place" \
    train cnn.yaml --data stack.h5 --out plain/run
refuses 1 'plain' "render refuses a file in the folder's place" \
    render --ptbxl sim --out plain/new.h5 --size 32x32
refuses 1 'run/absent|absent' "evaluate refuses a folder that is no run" \
    evaluate absent --data stack.h5 --split test
refuses 1 'taken' "info refuses a folder that is no run" info taken

# --- what is done to pictures after they were drawn ------------------------------------

absent=new.h5 refuses 2 'expected fading, crease, .*, found "shade"' "an unknown distortion lists the known" \
    render --ptbxl sim --out new.h5 --distort shade=0.5
absent=new.h5 refuses 2 'from 0 to 1, found "2"' "a strength beyond 1 is refused" \
    render --ptbxl sim --out new.h5 --distort shadow=2
absent=new.h5 refuses 2 'levels.*from 2 to 256' "one level is refused" \
    render --ptbxl sim --out new.h5 --levels 1
absent=new.h5 refuses 1 'taken' "a folder of sidecars that holds something is refused" \
    render --ptbxl sim --out new.h5 --size 32x32 --sidecar taken
absent=new.svg refuses 2 'without --out' "a vector picture is no stack" \
    render --records "$record" --svg new.svg --out new.h5
absent=new.svg refuses 2 'neither levels nor distortions' "a vector picture is not distorted" \
    render --records "$record" --svg new.svg --distort blur=1
absent=new.svg refuses 1 'expected one record, found 2' "a vector picture is of one record" \
    render --records "$record" "$record" --svg new.svg
ok "a vector picture is written" leadseq render --records "$record" --svg new.svg --style clinical
ok "... to its end" grep -q '^</svg>' new.svg

if [ "$(id -u)" != 0 ]; then
    mkdir -m 555 readonly
    absent=readonly/new.h5 refuses 1 'readonly' "render refuses a read-only folder" \
        render --ptbxl sim --out readonly/new.h5 --size 32x32
    absent=readonly/run refuses 1 'readonly' "train refuses a read-only folder" \
        train cnn.yaml --data stack.h5 --out readonly/run
    chmod 755 readonly
elif [ -d /proc/self ]; then
    refuses 1 '/proc/self/new' "render refuses a read-only folder" \
        render --ptbxl sim --out /proc/self/new.h5 --size 32x32
    refuses 1 '/proc/self/new' "train refuses a read-only folder" \
        train cnn.yaml --data stack.h5 --out /proc/self/new
else
    skip "read-only folders: root may write everywhere"
fi

# A full disk: files may grow to 8 KiB only, and the signal that says so is ignored.
# full NAME PATTERN ARGUMENT...
full()
{
    title=$1 pattern=$2 verdict=0
    shift 2
    (trap '' XFSZ; ulimit -f 8; exec "$LEADSEQ" "$@" 2>&1 </dev/null | head -c 4000 >err
     exit 0)
    grep -qE "$pattern" err || verdict=1
    for path in $absent; do [ ! -e "$path" ] || verdict=1; done
    : >out
    result $verdict "$title"
    absent=
}

leadseq render --ptbxl sim --out wide.h5 --size 256x256 # fits; the next one does not
absent="new.h5 new.h5.partial" full "render on a full disk leaves no stack, and says why" 'new\.h5.*File too large' \
    render --ptbxl sim --out new.h5 --size 256x256
if [ -c /dev/full ]; then
    "$LEADSEQ" predict run stack.h5 >/dev/full 2>err
    ok "predict into a full standard output fails" test $? = 1
else
    skip "a full standard output: no /dev/full"
fi

# --- wrong usage -----------------------------------------------------------------------------------------

refuses 2 'Usage' "no command"
refuses 2 "unknown command 'explain'\. Commands: synth render info train sweep evaluate predict diagnose watch compare export bench" \
    "an unknown command is told all" explain run
refuses 2 "nearest is 'compare'" "a misspelt command is told the nearest" comapre
refuses 2 "nearest is 'experiment'" "help knows the word experiment" help experimnt
refuses 2 "nearest is 'help'" "help is near, too" hlep
refuses 2 "unexpected argument 'run'" "words after help's are refused" help train run
refuses 2 "--only has no effect without --remedies" "an option without the one it belongs to" \
    diagnose . --only head-mean
refuses 2 "--steps has no effect on a run without --remedies" "... nor are steps of nothing" \
    diagnose . --steps 5
refuses 2 "--lr-max has no effect without --lr-find" "... in every command" \
    train e.yaml --data s.h5 --out r --lr-max 1
refuses 2 "leadseq: --shape: expected one of" \
    "an option's name is said once" bench --shape none
refuses 2 "[-]-style: expected" "... of styles" render --style none --out x.h5
refuses 2 '--out' "synth without --out" synth --patients 3
refuses 2 '--patients' "synth without --patients" synth --out new
refuses 2 '--patients' "synth of no patients" synth --out new --patients 0
refuses 2 '--mi-share' "synth of more infarctions than records" synth --out new --patients 3 --mi-share 1.5
refuses 2 '--difficulty' "synth easier than the textbook" synth --out new --patients 3 --difficulty -1
refuses 2 '--noise' "synth of noise that is no number" synth --out new --patients 3 --noise much
refuses 2 'ptbxl' "render without records" render --out new.h5
refuses 2 'ptbxl' "render of both" render --ptbxl sim --records "$record" --out new.h5
refuses 2 'dataset1, dataset2' "render in an unknown style" render --ptbxl sim --out new.h5 --style dataset9
refuses 2 'expected the profile paper-code' "a page as the text has it" \
    render --ptbxl sim --out new.h5 --style dataset2 --profile paper-text
refuses 2 'true scale by nature' "a clinical page of another profile" \
    render --ptbxl sim --out new.h5 --style clinical --profile fixed-mv
refuses 2 'belongs to --style clinical' "dpi of another style" render --ptbxl sim --out new.h5 --dpi 100
refuses 2 'give one' "dpi and size" \
    render --ptbxl sim --out new.h5 --style clinical --dpi 100 --size 400x300
refuses 2 'multiple of 4' "tiles of no whole pixels" \
    render --ptbxl sim --out new.h5 --style dataset1 --size 401x300
refuses 2 "expected none, I, II" "a rhythm strip of no lead" \
    render --ptbxl sim --out new.h5 --style clinical --rhythm V9
refuses 2 'profile' "render with an unknown profile" render --ptbxl sim --out new.h5 --profile p
refuses 2 'WIDTHxHEIGHT' "render at no size" render --ptbxl sim --out new.h5 --size 12
refuses 2 '100, 500' "render at another rate" render --ptbxl sim --out new.h5 --rate 250
refuses 2 'range' "a range without fixed-mv" render --ptbxl sim --out new.h5 --range-mv 2
refuses 2 'train, valid, test, all' "an unknown split" evaluate run --data stack.h5 --split fold
refuses 2 'split' "evaluate without a split" evaluate run --data stack.h5
refuses 2 'INPUT' "predict without input" predict run
refuses 2 'two or more' "compare of one run" compare run --out new
refuses 2 "RUN.*is missing" "diagnose of nothing" diagnose
refuses 1 'experiment.yaml' "diagnose of what is not there" diagnose nothing
refuses 1 '--data' "diagnose of an experiment without a stack" diagnose "$srcdir/experiments/cnn-stack/experiment.yaml"
refuses 2 'steps' "remedies of a wrong length" diagnose run --remedies --steps some
refuses 2 "RUN is missing" "watch of nothing" watch
refuses 1 'experiment.yaml' "watch of what is not there" watch nothing
refuses 2 "unknown option '--wrong'\. '" "an unknown option" train --wrong

finish
