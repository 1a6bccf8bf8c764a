/* SPDX-License-Identifier: MIT
 *
 * Several tests looked at together: Holm's step-down correction (Scandinavian
 * Journal of Statistics 1979), which holds the chance of one false finding. */
#include "stats/stats.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

int leadseq_holm(double *adjusted, const double *p, size_t n)
{
    double *kept = leadseq_calloc(n + 1, sizeof *kept);
    size_t *at = leadseq_calloc(n + 1, sizeof *at), *order = leadseq_calloc(n + 1, sizeof *order);
    if (kept && at && order) {
        size_t looks = 0;
        for (size_t i = 0; i < n; i++) {
            if (!isnan(p[i])) kept[looks] = p[i], at[looks++] = i;
            adjusted[i] = p[i];
        }
        gsl_sort_index(order, kept, 1, looks);
        double most = 0;
        for (size_t r = 0; r < looks; r++) {
            most = fmax(most, (double)(looks - r) * kept[order[r]]);
            adjusted[at[order[r]]] = fmin(1, most);
        }
    }
    int status = kept && at && order ? 0 : -1;
    free(kept);
    free(at);
    free(order);
    return status;
}
