/* SPDX-License-Identifier: MIT
 *
 * Records as commands take them: one by one, as folders, or as lists. */
#ifndef CLI_RECORDS_H
#define CLI_RECORDS_H

#include "options.h"

/* What happens to what cannot be used. */
struct cli_records_rules {
    bool skip_bad;       /* kept in `bad`; else all of it is a failure */
    bool skip_missing;   /* a list may name records that are absent, which stay among the paths */
    bool pictures;       /* the command takes PNG files, by their names */
    bool offers_missing; /* it has --skip-missing */
    bool silent;         /* links that are left out are not told */
};
/* Paths in which folders and lists of records are replaced by their records; others stay as given.
 * Owns its texts. */
struct cli_records {
    char **path;
    size_t n;
    struct leadseq_faults bad; /* unreadable folders, links to nothing, lines of lists */
};
/* Links to what is found anyway are left out and told. */
int cli_records_expand(struct cli_records *records, const struct cli_paths *given,
                       const struct cli_records_rules *rules) LEADSEQ_CHECKED;
void cli_records_clear(struct cli_records *records);
/* Whether a file that is there is neither of a record nor has a header of its name beside it. */
bool cli_records_is_list(const char *path);
extern const char cli_skip_bad_help[];

#endif
