/* SPDX-License-Identifier: MIT
 *
 * The table of options written out: an experiment's values as YAML, with a remark
 * on each or without, and the options themselves for a person, as text and as the
 * tables of doc/experiment.md. */
#include "experiment/experiment.h"

#include <stdlib.h>
#include <string.h>

size_t leadseq_option_count(void)
{
    return option_table_size;
}

const char *leadseq_option_key(size_t i)
{
    return option_table[i].key;
}

size_t leadseq_option_find(const char *key)
{
    const struct leadseq_option *o = option_find(key);
    return o ? (size_t)(o - option_table) : option_table_size;
}

/* The length of "train" in "train.lr", 0 where there is no section. */
static size_t section_length(const struct leadseq_option *o)
{
    const char *dot = strchr(o->key, '.');
    return dot ? (size_t)(dot - o->key) : 0;
}

/* Whether the option begins a section that `section` is not yet; then it is. */
static bool begins_section(const struct leadseq_option *o, char section[32])
{
    size_t n = section_length(o);
    if (!strncmp(section, o->key, n) && !section[n]) return false;
    snprintf(section, 32, "%.*s", (int)n, o->key);
    return true;
}

/* "  lr: 0.001", and "  # where it is from" behind it. */
static int write_value(const struct leadseq_experiment *e, const struct leadseq_option *o,
                       const char *remark, FILE *out)
{
    enum { REMARK_COLUMN = 40 };
    size_t n = section_length(o);
    char *value = option_print(e, o);
    if (!value) return leadseq_fail_memory(0);
    int width = fprintf(out, "%s%s: %s", n ? "  " : "", n ? o->key + n + 1 : o->key, value);
    if (remark)
        fprintf(out, "%*s# %s", width < REMARK_COLUMN ? REMARK_COLUMN - width : 1, "", remark);
    fputc('\n', out);
    free(value);
    return 0;
}

static const char *default_remark(const struct leadseq_experiment *e,
                                  const struct leadseq_option *o)
{
    bool cnn = e->model.type == LEADSEQ_MODEL_CNN && o->standard_cnn;
    return cnn ? "default of model.type: cnn" : "default";
}

/* "data.train" stands as "  train: …" under "data:". */
static int write_values(const struct leadseq_experiment *e, bool all, const char *const *remark,
                        FILE *out)
{
    char section[32] = "";
    for (size_t i = 0; i < option_table_size; i++) {
        const struct leadseq_option *o = &option_table[i];
        if (!all && !e->given[i]) continue;
        if (begins_section(o, section) && *section) fprintf(out, "%s:\n", section);
        const char *said = !remark ? NULL : remark[i] ? remark[i] : default_remark(e, o);
        if (write_value(e, o, said, out)) return -1;
    }
    return ferror(out) ? leadseq_fail("the experiment cannot be written") : 0;
}

int leadseq_experiment_write(const struct leadseq_experiment *e, FILE *out)
{
    return write_values(e, true, NULL, out);
}

int leadseq_experiment_write_given(const struct leadseq_experiment *e, FILE *out)
{
    return write_values(e, false, NULL, out);
}

int leadseq_experiment_write_remarked(const struct leadseq_experiment *e, const char *const *remark,
                                      FILE *out)
{
    return write_values(e, true, remark, out);
}

/* --- The options themselves ------------------------------------------------------------ */

int leadseq_experiment_help(FILE *out)
{
    for (size_t i = 0; i < option_table_size; i++) {
        const struct leadseq_option *o = &option_table[i];
        fprintf(out, "%s: %s", o->key, o->standard);
        if (o->standard_cnn) fprintf(out, " (cnn: %s)", o->standard_cnn);
        fputs("\n    expects ", out);
        option_expected(o, out);
        if (o->unit) fprintf(out, "; in %s", o->unit);
        fprintf(out, "\n    %s\n", o->help);
    }
    return ferror(out) ? leadseq_fail("the options cannot be written") : 0;
}

/* A heading, and the head of a table. */
static void begin_table(const char *section, FILE *out)
{
    fprintf(out,
            "\n### %s\n\n| key | type | unit | default | values | meaning |\n"
            "| --- | --- | --- | --- | --- | --- |\n",
            *section ? section : "the experiment");
}

static void write_row(const struct leadseq_option *o, FILE *out)
{
    fprintf(out, "| `%s` | %s | %s | `%s`", o->key, o->kind->name, o->unit ? o->unit : "",
            o->standard);
    if (o->standard_cnn) fprintf(out, ", of a cnn `%s`", o->standard_cnn);
    fputs(" | ", out);
    option_expected(o, out);
    fprintf(out, " | %s |\n", o->help);
}

int leadseq_experiment_reference(FILE *out)
{
    char section[32] = "";
    begin_table(section, out);
    for (size_t i = 0; i < option_table_size; i++) {
        if (begins_section(&option_table[i], section)) begin_table(section, out);
        write_row(&option_table[i], out);
    }
    return ferror(out) ? leadseq_fail("the options cannot be written") : 0;
}
