#!/bin/sh
# SPDX-License-Identifier: MIT
# What a step on R ranks should take, on paper: computing, and what ranks say to each other, as a ring:
#
#   t(R) = compute + 2 (R - 1) a + 2 (R - 1)/R bytes/B      the gradients' sum
#                  + (R - 1) a                              the logits of the whole batch
#                  + 2 ceil(log2 R) a (1 + 2 norms)         the request to stop; batch norm, both ways
#
# with a the latency and B the bandwidth of a link. Usage: ranks_model.sh COMPUTE_S BYTES NORMS
[ $# = 3 ] || { echo "usage: ranks_model.sh COMPUTE_S BYTES NORMS" >&2; exit 2; }
awk -v compute="$1" -v bytes="$2" -v norms="$3" 'BEGIN {
    n = split("2 8 16 64", ranks, " ")
    name[1] = "InfiniBand, 2 µs, 10 GB/s"; a[1] = 2e-6; b[1] = 10e9
    name[2] = "10 Gb/s Ethernet, 25 µs, 1.1 GB/s"; a[2] = 25e-6; b[2] = 1.1e9
    name[3] = "1 Gb/s Ethernet, 50 µs, 0.11 GB/s"; a[3] = 50e-6; b[3] = 0.11e9
    printf "| link |"; for (i = 1; i <= n; i++) printf " %d ranks |", ranks[i]
    printf "\n| --- |"; for (i = 1; i <= n; i++) printf " --- |"; print ""
    for (k = 1; k <= 3; k++) {
        printf "| %s |", name[k]
        for (i = 1; i <= n; i++) {
            r = ranks[i]; rounds = 0
            while (2 ^ rounds < r) rounds++
            said = 3 * (r - 1) * a[k] + 2 * (r - 1) / r * bytes / b[k] + 2 * rounds * a[k] * (1 + 2 * norms)
            printf " %.1f ms, %.1f %% |", 1e3 * said, 100 * compute / (compute + said)
        }
        print ""
    }
}'
