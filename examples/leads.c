/* SPDX-License-Identifier: MIT
 *
 * What is in the leads of a WFDB record, through the library:
 *
 *   cc leads.c $(pkg-config --cflags --libs leadseq) -o leads && ./leads records100/00000/00001_lr */
#include <leadseq/record.h>

#include <math.h>

static void print_lead(const struct leadseq_record *record, int lead)
{
    const float *mv = record->mv + (size_t)lead * record->n_samples;
    float least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < record->n_samples; i++) {
        least = fminf(least, mv[i]); /* a missing sample is NaN, which neither takes */
        most = fmaxf(most, mv[i]);
    }
    printf("%-4s %7.3f to %6.3f mV\n", leadseq_lead_name[lead], (double)least, (double)most);
}

int main(int argc, char **argv)
{
    struct leadseq_record *record = argc == 2 ? leadseq_record_open(argv[1]) : NULL;
    if (!record) {
        fprintf(stderr, "leads: %s\n", argc == 2 ? leadseq_error() : "expected a record");
        return 1;
    }
    printf("%s: %zu samples at %g Hz\n", record->name, record->n_samples, record->rate_hz);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) print_lead(record, lead);
    leadseq_record_close(record);
    return 0;
}
