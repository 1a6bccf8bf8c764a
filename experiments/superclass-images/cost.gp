# SPDX-License-Identifier: MIT
# cost.tsv: blocks of a model each, a row for each seed. gnuplot cost.gp writes cost.svg.
set terminal svg size 820,440 dynamic font "sans-serif,13" background "white"
set output "cost.svg"
set datafile separator "\t"
set key off
set title "Five superclasses: mean AUC on fold 10, a point with its 95 % interval for each seed"
set ylabel "mean AUC of the five outputs"
set xrange [-0.6:7.7]
set offsets 0, 0, 0.025, 0.005
set bmargin 4
set grid ytics lc rgb "#dddddd"
set arrow 1 from 3.5, graph 0 to 3.5, graph 1 nohead dt 2 lc rgb "#888888"
set label 1 "pictures" at 1.5, graph 0.95 center
set label 2 "signals" at 5.5, graph 0.95 center
set xtics ("CNN\n64 x 64" 0, "CNN\n128 x 128" 1, "CNN\n256 x 256" 2, "ConvLSTM\n128 x 128" 3, \
           "cnn1d" 4, "resnet1d" 5, "xresnet1d" 6, "lstm1d" 7)
set label 3 "hollow: published, of all of PTB-XL (other records)" at 7.6, graph 0.04 right font ",11"
plot for [i=0:7] "cost.tsv" index i using (i + 0.18 * (column(2) - 2)):3:4:5 with yerrorbars \
    pt 7 ps 0.8 lw 1.5 lc rgb (i < 4 ? "#1f77b4" : "#d62728"), \
    "cost.tsv" index 8 using (5.35 + $0):3:4:5 with yerrorbars pt 12 ps 1.1 lw 1.2 lc rgb "#555555"
