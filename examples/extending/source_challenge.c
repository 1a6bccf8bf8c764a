/* SPDX-License-Identifier: MIT
 *
 * Records of the PhysioNet challenges: a folder of WFDB records whose headers list diagnoses as
 * SNOMED codes ("# Dx: 164889003,426783006"). Two of them become labels here.
 *
 * file  src/dataset/source_challenge.c
 * row   src/dataset/sources.c SOURCES ROW(challenge)
 */
#include "dataset_private.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *label, *code;
} diagnoses[] = {{"AF", "164889003"}, {"SR", "426783006"}};

/* 1 where the header lists the code, 0 where it lists others, else unknown. */
static uint8_t read_label(const char *comments, const char *code)
{
    const char *list = comments ? strstr(comments, "Dx:") : NULL;
    if (!list) return LEADSEQ_UNKNOWN;
    size_t n = strcspn(list, "\n");
    for (const char *at = list; (at = strstr(at, code)) && at < list + n; at++)
        if (!strchr("0123456789", at[strlen(code)]) || !at[strlen(code)]) return 1;
    return 0;
}

static int add_record(struct leadseq_source *source, const char *path)
{
    struct leadseq_wfdb_header header = {0};
    struct leadseq_stack_row row;
    uint8_t label[LEADSEQ_COUNT(diagnoses)];
    leadseq_stack_row_init(&row);
    if (leadseq_wfdb_header_read(&header, path)) return -1;
    for (size_t i = 0; i < LEADSEQ_COUNT(diagnoses); i++)
        label[i] = read_label(header.comments, diagnoses[i].code);
    leadseq_wfdb_header_clear(&header);
    return leadseq_source_add(source, path, &row, label);
}

static int is_header(const struct dirent *entry)
{
    return leadseq_ends_with(entry->d_name, ".hea");
}

static int open_challenge(struct leadseq_source *source)
{
    const char *folder = source->value[0].text[0];
    struct dirent **entry;
    for (size_t i = 0; i < LEADSEQ_COUNT(diagnoses); i++)
        if (leadseq_source_label(source, diagnoses[i].label, "SNOMED codes of the header"))
            return -1;
    int n = scandir(folder, &entry, is_header, alphasort), status = 0;
    if (n < 0) return leadseq_fail("%s: expected a folder of WFDB records", folder);
    for (int i = 0; i < n; i++) {
        char *path = status ? NULL : leadseq_path_join(folder, entry[i]->d_name);
        if (!status) status = path ? add_record(source, path) : -1;
        free(path);
        free(entry[i]);
    }
    free(entry);
    if (!status && !n) status = leadseq_fail("%s: expected WFDB records, found none", folder);
    return status ? -1 : dataset_source_check_names(source);
}

static char *describe_challenge(const struct leadseq_source *source)
{
    return leadseq_format("%zu records of a PhysioNet challenge", source->n);
}

const struct leadseq_source_type dataset_source_challenge = {
    .name = "challenge",
    .help = "records of the PhysioNet challenges, labelled by the SNOMED codes of their headers",
    .option = {{.name = "challenge",
                .argument = "DIR",
                .help = "Folder of records with diagnoses in their headers"}},
    .open = open_challenge,
    .describe = describe_challenge,
};
