# SPDX-License-Identifier: MIT
# Draws scaling.tsv (variables: table, out): time over x, and memory, of the largest point each.
set terminal svg size 900,420 font "sans-serif,13" background "white"
set output out
set datafile separator "\t"
set multiplot layout 1,2
set logscale xy
set xlabel "x, as a share of its largest"
set key left top
set format y "10^{%L}"
axes = "pixels leads batch records"
array X[4]; array S[4]; array M[4]
do for [i=1:4] {
    stats table using (strcol(1) eq word(axes, i) ? $2 : NaN) name "x" nooutput
    stats table using (strcol(1) eq word(axes, i) ? $3 : NaN) name "s" nooutput
    stats table using (strcol(1) eq word(axes, i) ? $4 : NaN) name "m" nooutput
    X[i] = x_max; S[i] = s_max; M[i] = m_max
}
set title "Time of a step (records: of an epoch)"
plot for [i=1:4] table using (strcol(1) eq word(axes, i) ? $2 / X[i] : NaN):($3 / S[i]) \
     with linespoints pointtype 7 title word(axes, i), x with lines dashtype 3 linecolor "grey" title "linear"
set title "Peak memory"
plot for [i=1:4] table using (strcol(1) eq word(axes, i) ? $2 / X[i] : NaN):($4 / M[i]) \
     with linespoints pointtype 7 title word(axes, i), x with lines dashtype 3 linecolor "grey" notitle
