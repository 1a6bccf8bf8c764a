/* SPDX-License-Identifier: MIT
 *
 * Millivolts of a record's twelve leads as float32 to standard output, its rate
 * and number of samples to standard error: record_dump RECORD. Scripts compare
 * them with those of other programs. */
#include "io/io.h"

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    struct leadseq_record *record = leadseq_record_open(argv[1]);
    if (!record) {
        fprintf(stderr, "record_dump: %s\n", leadseq_error());
        return 1;
    }
    size_t n = LEADSEQ_LEADS * record->n_samples;
    fprintf(stderr, "%g %zu\n", record->rate_hz, record->n_samples);
    int status = fwrite(record->mv, sizeof *record->mv, n, stdout) == n ? 0 : 1;
    leadseq_record_close(record);
    return status;
}
