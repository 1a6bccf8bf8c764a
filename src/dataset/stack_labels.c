/* SPDX-License-Identifier: MIT
 *
 * The labels of a stack by name. PTB-XL's are the columns mi and superclass, whose five values are
 * labels of their own; all others are data sets /label/NAME of one byte per record:
 *
 *   /label/mi (record)             mi
 *   /label/superclass (record, 5)  NORM MI STTC CD HYP
 *   /label/AF (record)             AF
 *
 * Bits and likelihoods (mi_site, mi_likelihood) and data sets of another shape are no labels. */
#include "dataset_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Names that mean something else, in a stack or as a task. */
static const struct {
    const char *name, *meaning;
} reserved[] = {
    {"mi", "is PTB-XL's label of infarction"},
    {"superclass", "is the task of PTB-XL's five superclasses"},
    {"superclass-single", "is the task of exactly one superclass"},
    {"mi_site", "has the sites of PTB-XL's infarctions and is no label"},
    {"mi_likelihood", "has the likelihood of PTB-XL's infarctions and is no label"},
};

static const char *meaning_of(const char *name)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(reserved); i++)
        if (!strcmp(reserved[i].name, name)) return reserved[i].meaning;
    return NULL;
}

int leadseq_label_name_check(const char *name)
{
    size_t n = strlen(name);
    bool plain = n > 0 && n < LEADSEQ_LABEL_NAME && isalnum((unsigned char)name[0]);
    for (size_t i = 0; plain && i < n; i++)
        plain = isalnum((unsigned char)name[i]) || strchr("_-+", name[i]);
    if (!plain)
        return leadseq_fail("expected a label's name of 1 to %d letters, digits, '_', '-' or '+', "
                            "the first a letter or digit, found \"%.100s\"; rename it",
                            LEADSEQ_LABEL_NAME - 1, name);
    const char *meaning = meaning_of(name);
    return meaning ? leadseq_fail("the name \"%s\" %s; rename it", name, meaning) : 0;
}

void dataset_labels_clear(struct dataset_labels *labels)
{
    for (size_t i = 0; i < labels->n; i++) {
        free(labels->rule[i]);
        free(labels->value[i]);
    }
    labels->n = 0;
}

int dataset_labels_find(const struct dataset_labels *labels, const char *name)
{
    for (size_t i = 0; i < labels->n; i++)
        if (!strcmp(labels->name[i], name)) return (int)i;
    return -1;
}

uint8_t *dataset_labels_add(struct dataset_labels *labels, const char *name, const char *rule,
                            size_t n)
{
    if (labels->n == LEADSEQ_LABELS_MOST) {
        leadseq_fail("label %s: expected at most %d labels", name, LEADSEQ_LABELS_MOST);
        return NULL;
    }
    if (dataset_labels_find(labels, name) >= 0) {
        leadseq_fail("label %s: appears twice; a stack has each label once", name);
        return NULL;
    }
    uint8_t *value = leadseq_calloc(n, 1);
    char *copy = value && rule ? leadseq_format("%s", rule) : NULL;
    if (!value || (rule && !copy)) {
        free(value);
        return NULL;
    }
    snprintf(labels->name[labels->n], LEADSEQ_LABEL_NAME, "%s", name);
    labels->rule[labels->n] = copy;
    labels->value[labels->n++] = value;
    return value;
}

/* --- Reading ------------------------------------------------------------------------ */

static int read_ptbxl(struct dataset_labels *labels, struct leadseq_store *store,
                      const struct leadseq_stack_row *row, size_t n)
{
    if (leadseq_store_has(store, "label/mi")) {
        uint8_t *mi = dataset_labels_add(labels, "mi", NULL, n);
        if (!mi) return -1;
        for (size_t i = 0; i < n; i++) mi[i] = row[i].mi;
    }
    if (!leadseq_store_has(store, "label/superclass")) return 0;
    for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++) {
        uint8_t *of = dataset_labels_add(labels, leadseq_superclass_name[k], NULL, n);
        if (!of) return -1;
        for (size_t i = 0; i < n; i++) of[i] = row[i].superclass[k];
    }
    return 0;
}

static int read_label(struct dataset_labels *labels, struct leadseq_store *store, const char *name,
                      size_t n)
{
    struct leadseq_store_info info;
    char set[LEADSEQ_LABEL_NAME + 16];
    snprintf(set, sizeof set, "label/%s", name);
    if (leadseq_store_describe(store, set, &info)) return -1;
    if (info.kind != LEADSEQ_KIND_INTEGER || info.item_bytes != 1 || info.rank) return 0;
    if (info.rows != n)
        return leadseq_fail("/%s: expected %zu rows, as /%s has, found %zu", set, n,
                            dataset_contents(store), info.rows);
    uint8_t *value = dataset_labels_add(labels, name, NULL, n);
    if (!value || leadseq_store_read(store, set, LEADSEQ_STORE_UINT8, 0, 1, 0, n, value)) return -1;
    for (size_t i = 0; i < n; i++)
        if (value[i] > 1 && value[i] != LEADSEQ_UNKNOWN)
            return leadseq_fail("/%s: row %zu: expected 0, 1 or 255 (unknown), found %d", set, i,
                                value[i]);
    return 0;
}

int dataset_labels_read(struct dataset_labels *labels, struct leadseq_store *store,
                        const struct leadseq_stack_row *row, size_t n)
{
    if (!leadseq_store_has(store, "label")) return 0; // another program's, without labels
    char *names = leadseq_store_names(store, "label"), *rest = names;
    int status = names ? read_ptbxl(labels, store, row, n) : -1;
    for (char *name; !status && (name = strsep(&rest, "\n"));)
        if (*name && strlen(name) < LEADSEQ_LABEL_NAME && !meaning_of(name))
            status = read_label(labels, store, name, n);
    free(names);
    return status ? leadseq_fail_in("%s", leadseq_store_path(store)) : 0;
}

/* --- Writing ------------------------------------------------------------------------ */

int dataset_labels_write(const struct dataset_labels *labels, struct leadseq_store *store, size_t n)
{
    static const struct leadseq_store_spec spec = {
        .type = LEADSEQ_STORE_UINT8, .chunk_rows = 4096, .deflate = 6};
    for (size_t i = 0; i < labels->n; i++) {
        char set[LEADSEQ_LABEL_NAME + 16];
        snprintf(set, sizeof set, "label/%s", labels->name[i]);
        if (leadseq_store_add(store, set, &spec)) return -1;
        if (leadseq_store_append(store, set, n, labels->value[i])) return -1;
        if (labels->rule[i] && leadseq_store_set_text(store, set, "rule", labels->rule[i]))
            return -1;
    }
    return 0;
}
