#!/bin/sh
# SPDX-License-Identifier: MIT
# Keeps old-fashioned and compressed phrases out of sources, tests, scripts and documentation: a
# researcher whose first language may not be English reads them. TAP.
#
# A file is compared as a stream of lower-case words: comment marks and line breaks between them do
# not matter, so a phrase is found across two lines of a comment as well; punctuation ends a phrase.
srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# PHRASE | WRITE INSTEAD | A SENTENCE THAT MUST BE FOUND. A phrase is an extended regular expression
# of whole words; UNIT is one word of the list below, ANY any word.
cat >"$work/words" <<'LIST'
behind | after, following | The norm is behind the convolution.
stands? | is, is stored, is in | The label stands in the last column.
(stand|stands|standing|stood) in for | replaces, is used instead of; padding | Records that stand in for none.
(go|goes|going|gone|went) on | continues, resumes, is running | The run goes on after a kill.
the way back | the backward pass | Gates are kept for the way back.
in vain | without effect | It was tried in vain.
(dear|dearer|dearest) | expensive | The dearest quantity is measured last.
wish(es|ed|ing)? | request, option | Every wish is checked.
(tell|tells|telling|told) (ANY )?(ANY )?(ANY )?apart | distinguish, compare | It tells the two kinds apart.
(tell|tells|telling|told) (why|where|what|whether|which|how) | explain, show, report | It tells where a value is from.
so many (bytes|values|records|rows|steps|threads|times|channels|bits|levels|of) | N, the given number of | Takes so many bytes.
(of|from|with|after|every|most) so many | N, the given number of | A stream of so many.
none other | no other | It is none other than the first.
whoever | the caller, a program that | Whoever opened it closes it.
whosoever | anyone who | Whosoever reads it.
(wherein|thereof|therein|whereof|wherefrom|lest|nought|hitherto) | plain words | The file and the rows thereof.
anew | again | The weights are drawn anew.
spoilt | damaged | A spoilt file is refused.
one s own | your own, a user's own | A stack of one's own.
to be had | available | No threads to be had.
that can be had | available | The best that can be had.
nothing else is said | without further detail | A code of which nothing else is said.
an? UNIT an? UNIT | one UNIT per UNIT | It has a row an epoch.
one UNIT an? UNIT | one UNIT per UNIT | It has one order a record.
LIST
unit='(row|value|file|record|line|folder|number|picture|image|page|column|lead|table|job|key|word'
unit="$unit|thread|rank|model|run|name|epoch|step|patient|layer|batch|sample|seed|fold|core|processor"
unit="$unit|process|order|packer|pixel|channel|bit|byte|call|part)"

# Uses that are right, FILE | PHRASE | REASON: the files' names as a shell pattern.
cat >"$work/allowed" <<'LIST'
src/synth/*.[ch] | behind | a place in the body, seen from the front
test/test_synth_heart.c | behind | the same
src/render/simplify.c | behind | a direction: the opposite of ahead
ANY | stands for | has the meaning of
test/test_ptbxl.c | goes on | part of a path
LIST

# hits FOLDER < names of files in it: FILE:LINE: phrase; what to write instead.
hits()
{
    (cd "$1" && LC_ALL=C awk -v words="$work/words" -v allowed="$work/allowed" -v unit="$unit" \
        -v used="$work/used" '
    function trim(text) { gsub(/^ +| +$/, "", text); return text }
    # Lower-case words with one space around each.
    function plain(text) {
        text = tolower(text)
        gsub(/[,.;:()?!"|=<>&{}+-]+/, " , ", text)
        gsub(/[^a-z0-9_,]+/, " ", text)
        return " " trim(text) " "
    }
    # A pattern of the shell with * as a regular expression.
    function glob(text) { gsub(/\./, "[.]", text); gsub(/\*/, ".*", text); return "^" text "$" }
    function pattern(text) {
        gsub(/UNIT/, unit, text)
        gsub(/ANY /, "[^ ]+ ", text)
        return " " text " "
    }
    BEGIN {
        while ((getline line < words) > 0) {
            split(line, part, / [|] /)
            # the phrases themselves contain |, but never with spaces around it
            phrase[++n] = pattern(trim(part[1]))
            instead[n] = trim(part[2])
            any = any (n > 1 ? "|" : "") phrase[n]
        }
        while ((getline line < allowed) > 0) {
            split(line, part, / [|] /)
            where[++m] = trim(part[1]) == "ANY" ? "." : glob(trim(part[1]))
            right[m] = " " trim(part[2]) " "
            entry[m] = line
        }
    }
    # The words of a line with the first four of the next, so that a phrase may cross the break;
    # one that begins in the next line is reported there.
    function look(file, number, text, next_text,    i, k, joined, begins, word) {
        split(next_text, word, " ")
        begins = length(text) - 1
        joined = text
        for (i = 1; i <= 4 && word[i] != ""; i++) joined = joined word[i] " "
        if (joined !~ any) return
        for (k = 1; k <= m; k++)
            if (file ~ where[k] && index(joined, right[k])) {
                gsub(right[k], " ", joined)
                print entry[k] > used
            }
        for (k = 1; k <= n; k++)
            if (match(joined, phrase[k]) && RSTART <= begins)
                print file ":" number ": \"" trim(substr(joined, RSTART, RLENGTH)) \
                      "\"; write: " instead[k]
    }
    function read_file(file,    number, line, text, before) {
        number = 0
        before = " "
        while ((getline line < file) > 0) {
            text = plain(line)
            if (number) look(file, number, before, text)
            before = text
            number++
        }
        if (number) look(file, number, before, "")
        close(file)
    }
    { read_file($0) }')
}

n=0
# result NAME FILE: passes if the file is empty; otherwise each of its lines says what is wrong.
result()
{
    n=$((n + 1))
    if [ -s "$2" ]; then
        echo "not ok $n - $1"
        sed 's/^/#   /' "$2"
    else
        echo "ok $n - $1"
    fi
}

# Every text that people read, but for this file, which is made of the phrases.
: >"$work/used"
(cd "$srcdir" &&
    find src include test examples bench doc experiments README.md NEWS.md data quickstart \
        Makefile.am configure.ac .ci build-aux/files.sh -type f \( -name '*.[ch]' -o -name '*.sh' \
        -o -name '*.py' -o -name '*.md' -o -name '*.mk' -o -name '*.am' -o -name '*.ac' \
        -o -name '*.yaml' -o -name '*.gp' -o -name '*.txt' -o -name '*.tcl' -o -name '*.sbatch' \
        -o -name '*.supp' -o -name quickstart -o -name run \) ! -path test/language.sh) |
    sort >"$work/files"
hits "$srcdir" <"$work/files" >"$work/found"
result "no text has a phrase of the list" "$work/found"

sort -u "$work/used" | grep -vxFf - "$work/allowed" >"$work/idle"
result "every exception is still needed" "$work/idle"

# The check itself: each sentence is found in one line, and broken into two lines of a comment at a
# place within the phrase; a text without the phrases passes.
mkdir "$work/planted"
: >"$work/missed"
k=0
while IFS= read -r line; do
    k=$((k + 1))
    sentence=${line##* | }
    printf '/* One line.\n * %s */\n' "$sentence" >"$work/planted/$k.c"
    echo "$sentence" | awk '{ for (i = 1; i < NF; i++) { text = $1
        for (j = 2; j <= NF; j++) text = text (j == i + 1 ? "\n * " : " ") $j
        print text > (folder "/" k "." i ".h") } }' k=$k folder="$work/planted"
done <"$work/words"
(cd "$work/planted" && ls) | hits "$work/planted" >"$work/planted.found"
for name in $(cd "$work/planted" && ls); do
    grep -q "^$name:" "$work/planted.found" || echo "$name: $(cat "$work/planted/$name")"
done >"$work/missed"
result "each phrase is found, also across two lines" "$work/missed"
printf 'The gates of each lead are kept for the backward pass, one row per step.\n' >"$work/plain.c"
echo plain.c | hits "$work" >"$work/found"
result "plain English passes" "$work/found"

# "1 epochs": a noun in the plural right after a number of printf is wrong for one of it, except
# where a limit above one is said. leadseq_count() has both forms.
counted='%(d|zu|u|llu) (epochs|steps|jobs|seeds|runs|models|threads|workers|patients|settings|folders)'
counted="$counted([^a-z]|\$)"
limits='expected|from 1 to|in a pass|wanted by'
(cd "$srcdir" && grep -rnE "\"[^\"]*$counted" src --include='*.c' | grep -vE "$limits") >"$work/found"
result "nouns are counted by leadseq_count" "$work/found"
printf 'printf("at most %%d epochs", n);\n' >"$work/plain.c"
grep -qE "\"[^\"]*$counted" "$work/plain.c" || echo "at most %d epochs" >"$work/missed"
result "... and one that is not is found" "$work/missed"
echo "1..$n"
