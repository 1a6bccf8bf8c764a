/* SPDX-License-Identifier: MIT
 *
 * A folder laid out as PTB-XL: keys, folds and labels from its two tables, files of the rate asked
 * for or else of the other one. */
#include "dataset_private.h"

#include <stdlib.h>
#include <string.h>

static struct leadseq_stack_row row_of(const struct leadseq_ptbxl_row *from)
{
    struct leadseq_stack_row row = {
        .ecg_id = from->ecg_id,
        .patient_id = from->patient_id,
        .strat_fold = from->strat_fold,
        .age_years = from->age_years,
        .sex = from->sex,
        .mi = from->mi,
        .mi_site = from->mi_site,
        .quality = from->quality,
        .mi_likelihood = from->mi_likelihood,
    };
    memcpy(row.superclass, from->superclass, sizeof row.superclass);
    return row;
}

/* FOLDER/NAME where its header and its signals exist, else NULL, as of the empty name; *failed: no
 * memory. */
static char *present(const char *folder, const char *name, bool *failed)
{
    char *header = leadseq_format("%s/%s.hea", folder, name);
    char *signals = leadseq_format("%s/%s.dat", folder, name);
    char *path = NULL;
    *failed = !header || !signals;
    if (!*failed && *name && !dataset_is_absent(header) && !dataset_is_absent(signals)) {
        path = leadseq_path_join(folder, name);
        *failed = !path;
    }
    free(header);
    free(signals);
    return path;
}

struct replaced { // records whose files of the rate asked for are absent
    size_t n;
    const char *first, *by;
};

static int add_row(struct leadseq_source *source, const char *folder,
                   const struct leadseq_ptbxl_row *from, struct replaced *replaced)
{
    bool fast = source->rate_hz > 100, failed;
    const char *first = fast ? from->filename_hr : from->filename_lr;
    const char *second = fast ? from->filename_lr : from->filename_hr;
    char *path = present(folder, first, &failed);
    if (!path && !failed) {
        path = present(folder, second, &failed);
        if (path && *first && !replaced->n++) replaced->first = first, replaced->by = second;
    }
    if (failed) return -1;
    if (path) {
        struct leadseq_stack_row row = row_of(from);
        int status = leadseq_source_add(source, path, &row, NULL);
        free(path);
        return status;
    }
    if (!*first || !*second)
        leadseq_fail("%s: record %d: expected %s.hea and .dat, found not both; skip missing "
                     "records to continue without them",
                     folder, from->ecg_id, *first ? first : second);
    else
        leadseq_fail("%s: record %d: expected %s.hea and .dat, or %s.hea and .dat, found neither "
                     "pair; skip missing records to continue without them",
                     folder, from->ecg_id, first, second);
    return leadseq_source_absent(source);
}

/* A folder of records that is not PTB-XL's belongs to another option. */
static int fail_folder(const char *folder)
{
    if (leadseq_folder_has(folder, "ptbxl_database.csv") &&
        leadseq_folder_has(folder, "scp_statements.csv"))
        return -1;
    return leadseq_fail("%s; other records than PTB-XL's are given by --records", leadseq_error());
}

static int open_ptbxl(struct leadseq_source *source)
{
    struct leadseq_ptbxl *ptbxl = leadseq_ptbxl_open(source->value[0].text[0]);
    if (!ptbxl) return fail_folder(source->value[0].text[0]);
    source->state = ptbxl;
    struct replaced replaced = {0};
    for (size_t i = 0; i < ptbxl->n; i++)
        if (add_row(source, ptbxl->folder, &ptbxl->row[i], &replaced)) return -1;
    if (replaced.n)
        leadseq_warn("%s: %s of %zu without the files for %g Hz: those of the other rate are taken "
                     "(first: %s for %s)",
                     ptbxl->folder, leadseq_count(replaced.n, "record"), ptbxl->n, source->rate_hz,
                     replaced.by, replaced.first);
    if (source->n) return 0;
    return leadseq_fail("%s: none of the %zu records of the table has its files there",
                        ptbxl->folder, ptbxl->n);
}

static void close_ptbxl(struct leadseq_source *source)
{
    leadseq_ptbxl_close(source->state);
}

/* The simulator leaves a file beside its tables. */
static bool is_simulated(const struct leadseq_ptbxl *ptbxl)
{
    return leadseq_folder_has(ptbxl->folder, "SIMULATED.txt");
}

static char *describe_ptbxl(const struct leadseq_source *source)
{
    static const struct {
        const char *checksum, *version;
    } release[] = {{"crc32:680586bc", "PTB-XL 1.0.3"}};
    const struct leadseq_ptbxl *ptbxl = source->state;
    const char *version = "a folder laid out as PTB-XL, not the table of a known release";
    if (is_simulated(ptbxl)) version = "simulated records, laid out as PTB-XL";
    for (size_t i = 0; i < LEADSEQ_COUNT(release); i++)
        if (!strcmp(ptbxl->checksum, release[i].checksum)) version = release[i].version;
    return leadseq_format("%s; ptbxl_database.csv of %zu records, %s", version, ptbxl->n,
                          ptbxl->checksum);
}

const struct leadseq_source_type dataset_source_ptbxl = {
    .name = "ptbxl",
    .help = "PTB-XL, or a folder laid out like it",
    .option = {{.name = "ptbxl", .argument = "DIR", .help = "Folder laid out as PTB-XL"}},
    .open = open_ptbxl,
    .describe = describe_ptbxl,
    .close = close_ptbxl,
};
