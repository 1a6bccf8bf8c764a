# SPDX-License-Identifier: MIT
# What `make bench` prints first: a line for each ratio of targets.tsv that summary.tsv (bench/run.sh) has
# measurements of, then which rounds scattered. awk -f ratios.awk targets.tsv summary.tsv
#   NAME: RATIO [QUARTILES]  ours TIME  peer TIME  required N: reached, goal M: NOT reached; noisy: ...
# The ratio is of the best of all rounds of each; the quartiles are of the ratios within a round.
BEGIN { FS = "\t"; NOISY = .15 }
/^#/ { next }
FNR == NR { name[++n] = $1; shape[n] = $2; of[n] = $3; against[n] = $4; quantity[n] = $5; kind[n] = $6
            required[n] = $7; goal[n] = $8; next }
{ k = $1 SUBSEP $2 SUBSEP $3; rounds[k] = $4; middle[k] = $5; low[k] = $6; high[k] = $7; least[k] = $8
  most[k] = $9; measured[$1] }

function amount(x, quantity) {
    if (quantity ~ /bytes$/) return x < 1e9 ? sprintf("%.0f MB", x / 1e6) : sprintf("%.2f GB", x / 1e9)
    return x < 1 ? sprintf("%.3g ms", 1e3 * x) : sprintf("%.3g s", x)
}
# Of the rounds of `who`: "" or what is wrong with them.
function scatter(who, k,    s) {
    if (rounds[k] < 2) return who " only round"
    s = most[k] / least[k] - 1
    return s > NOISY ? sprintf("%s rounds scatter by %.0f %%", who, 100 * s) : ""
}
function both(a, b) { return a b == "" ? "" : a (a != "" && b != "" ? ", " : "") b }
function number(x, kind) {
    return kind == "share" || kind == "ceiling" ? sprintf("%.1f %%", 100 * x) : sprintf("%.2f x", x)
}
function verdict(ratio, i,    good) {
    good = kind[i] == "faster" || kind[i] == "ceiling" ? ratio >= required[i] : ratio <= required[i]
    return good ? "reached" : "NOT reached"
}
function wanted(i) {
    return (kind[i] == "share" || kind[i] == "slower" ? "at most " : "") \
        (kind[i] == "share" || kind[i] == "ceiling" ? 100 * required[i] " %" : required[i] " x")
}
# What is aimed for beyond what is required, of times faster.
function further(ratio, i) {
    if (goal[i] == "" || ratio == "") return ""
    return sprintf(", goal %s x: %s", goal[i], ratio >= goal[i] ? "reached" : "NOT reached")
}
# An interval, of two ratios within rounds.
function interval(a, b, kind) {
    return kind == "ceiling" ? sprintf("[%.1f, %.1f]", 100 * a, 100 * b) : sprintf("[%.2f, %.2f]", a, b)
}

function line(i,    ours, other, whose, pair, ratio, range, numbers, wrong) {
    ours = shape[i] SUBSEP of[i] SUBSEP quantity[i]
    other = shape[i] SUBSEP against[i] SUBSEP quantity[i]
    whose = against[i] ~ /^peer/ ? "peer" : against[i]
    pair = shape[i] SUBSEP of[i] " against " against[i] SUBSEP \
        (quantity[i] == "forward_s" ? "forward_speedup" : "train_step_speedup")
    if (!(ours in least)) { printf "%-31s not measured\n", name[i] ":"; return }
    if (kind[i] != "share") wrong = scatter("our", ours)
    if (kind[i] == "ceiling") {
        ratio = middle[ours]
        range = interval(low[ours], high[ours], kind[i])
    } else if (other in least) {
        ratio = kind[i] == "faster" ? least[other] / least[ours] : least[ours] / least[other]
        if (kind[i] == "faster") range = interval(low[pair], high[pair], kind[i])
        if (kind[i] == "slower") range = interval(1 / high[pair], 1 / low[pair], kind[i])
        if (kind[i] != "share") wrong = both(wrong, scatter(whose "'s", other))
        numbers = ", " whose " " amount(least[other], quantity[i])
    }
    if (kind[i] != "ceiling") numbers = "ours " amount(least[ours], quantity[i]) numbers
    printf "%-31s %7s %-12s  %-28s  required %s%s%s%s\n", name[i] ":", \
        ratio == "" ? "no peer" : number(ratio, kind[i]), range, numbers, wanted(i), \
        ratio == "" ? "" : ": " verdict(ratio, i), further(ratio, i), wrong == "" ? "" : "; noisy: " wrong
    if (wrong != "") noisy++
}

END {
    for (i = 1; i <= n; i++) if (shape[i] in measured) line(i)
    if (noisy)
        printf "\nWARNING: in %d of these lines rounds scatter by more than %d %%, or are one: the " \
               "machine was doing other work.\nEnd it and repeat; BENCH_SECONDS=1200 has more " \
               "rounds, BENCH_SHAPES=... fewer lines.\n", noisy, 100 * NOISY
}
