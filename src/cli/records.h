/* SPDX-License-Identifier: MIT
 *
 * Records as commands take them: one by one, as folders, or as lists. */
#ifndef CLI_RECORDS_H
#define CLI_RECORDS_H

#include "options.h"

/* Paths in which folders and lists of records are replaced by their records; others stay as given.
 * Owns its texts. */
struct cli_records {
    char **path;
    size_t n;
};
int cli_records_expand(struct cli_records *records, const struct cli_paths *given) LEADSEQ_CHECKED;
void cli_records_clear(struct cli_records *records);

#endif
