/* SPDX-License-Identifier: MIT
 *
 * What the items of reporting guidelines say from the comparison itself. */
#include "checklist.h"

#include "inputs.h"

#include <string.h>

const char *const report_answer_name[] = {
    [REPORT_SAID] = "here", [REPORT_PARTLY] = "in part", [REPORT_AUTHORS] = "authors"};

static const struct report_model *first_run(const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].experiment) return &r->model[i];
    return NULL;
}

static bool all_are_runs(const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (!r->model[i].experiment) return false;
    return true;
}

static bool has_threshold(const struct report_model *m)
{
    return !isnan(m->threshold);
}

static bool has_temperature(const struct report_model *m)
{
    return !isnan(m->temperature.value);
}

/* Of model i, or of its outputs, how many have it. */
static size_t count_questions(const struct report *r, size_t i,
                              bool (*has)(const struct report_model *m))
{
    size_t n = r->several ? 0 : has(&r->model[i]);
    for (size_t k = 0; r->several && k < r->n_outputs; k++) n += has(&r->output[k].model[i]);
    return n;
}

enum report_answer report_item_fill(char text[REPORT_WORDS], const struct report_item *item,
                                    const struct report *r)
{
    if (item->fill) return item->fill(text, r);
    snprintf(text, REPORT_WORDS, "%s", item->words);
    return item->answer;
}

enum report_answer report_fill_flow(char text[REPORT_WORDS], const struct report *r)
{
    char counts[96] = "";
    if (!r->several)
        snprintf(counts, sizeof counts, ", %zu positive and %zu negative", r->positives,
                 r->records - r->positives);
    snprintf(text, REPORT_WORDS, "%s compared%s: section Flow of records%s",
             leadseq_count(r->records, "record"), counts,
             r->stack.row ? "." : "; what came before the splits needs --data.");
    return r->stack.row ? REPORT_SAID : REPORT_PARTLY;
}

enum report_answer report_fill_data(char text[REPORT_WORDS], const struct report *r)
{
    const struct report_model *run = first_run(r);
    const char *source = r->stack.source ? r->stack.source : NULL;
    if (!source && run && run->environment)
        source = leadseq_json_text(run->environment, "stack.source");
    snprintf(text, REPORT_WORDS, "%s%.300s%s",
             source ? "Source as recorded: " : "The inputs do not say where the records come from",
             source ? source : "", source ? ". Why it was chosen: authors." : ".");
    return source ? REPORT_PARTLY : REPORT_AUTHORS;
}

enum report_answer report_fill_model(char text[REPORT_WORDS], const struct report *r)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < r->n_inputs && used < 380; i++) {
        const char *type = report_experiment_text(&r->model[i], "model.type");
        used += (size_t)snprintf(text + used, REPORT_WORDS - used, "%s%.60s: %.40s", i ? "; " : "",
                                 r->model[i].name, type ? type : "made by another program");
    }
    snprintf(text + used, REPORT_WORDS - used, "%s",
             all_are_runs(r) ? ". Every option: each run's experiment.yaml."
                             : ". Models of other programs: authors.");
    return all_are_runs(r) ? REPORT_SAID : REPORT_PARTLY;
}

enum report_answer report_fill_partition(char text[REPORT_WORDS], const struct report *r)
{
    const struct report_model *m = &r->model[0];
    bool known = m->train_records && m->valid.n;
    if (known)
        snprintf(text, REPORT_WORDS,
                 "%.60s: %zu training, %zu validation, %zu compared records; every model: section "
                 "Flow of records.",
                 m->name, m->train_records, m->valid.n, r->records);
    else
        snprintf(text, REPORT_WORDS,
                 "The parts that each input reports are listed in section Flow of records.");
    return known ? REPORT_SAID : REPORT_PARTLY;
}

enum report_answer report_fill_threshold(char text[REPORT_WORDS], const struct report *r)
{
    size_t with = 0, of = r->several ? r->n_inputs * r->n_outputs : r->n_inputs;
    for (size_t i = 0; i < r->n_inputs; i++) with += count_questions(r, i, has_threshold);
    snprintf(
        text, REPORT_WORDS,
        "Largest Youden index on each model's validation records (%zu of %zu have one): section "
        "What was chosen on which records. Why that index: authors.",
        with, of);
    return with == of ? REPORT_SAID : REPORT_PARTLY;
}

enum report_answer report_fill_subgroups(char text[REPORT_WORDS], const struct report *r)
{
    snprintf(text, REPORT_WORDS, "%s",
             r->n_subgroups
                 ? "AUC, sensitivity and specificity by sex, age, site and likelihood of "
                   "the infarction, and record quality, exploratory: section Subgroups."
                 : "Not examined: subgroups need the stack (--data FILE.h5).");
    return r->n_subgroups ? REPORT_SAID : REPORT_AUTHORS;
}

enum report_answer report_fill_people(char text[REPORT_WORDS], const struct report *r)
{
    snprintf(text, REPORT_WORDS, "%s",
             r->stack.row ? "Sex, age, sites, quality of the records compared beside the others: "
                            "section Flow of records. Treatments and other findings: authors."
                          : "Not known here: characteristics need the stack (--data FILE.h5).");
    return r->stack.row ? REPORT_PARTLY : REPORT_AUTHORS;
}

enum report_answer report_fill_updating(char text[REPORT_WORDS], const struct report *r)
{
    size_t tempered = 0, of = r->several ? r->n_inputs * r->n_outputs : r->n_inputs;
    for (size_t i = 0; i < r->n_inputs; i++) tempered += count_questions(r, i, has_temperature);
    snprintf(
        text, REPORT_WORDS,
        "Temperature scaling fitted on validation, shown beside the models as they are (%zu of "
        "%zu): section Calibration.",
        tempered, of);
    return tempered ? REPORT_SAID : REPORT_PARTLY;
}

enum report_answer report_fill_size(char text[REPORT_WORDS], const struct report *r)
{
    snprintf(text, REPORT_WORDS,
             "%s; the intervals show the precision. How the size was chosen: to be stated by the "
             "authors.",
             leadseq_count(r->records, "record"));
    return REPORT_PARTLY;
}

/* The first run that reads signals, or images; runs of earlier versions read images. */
static const struct report_model *first_reader(const struct report *r, bool of_signals)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        if (!r->model[i].experiment) continue;
        const char *input = report_experiment_text(&r->model[i], "data.input");
        if (of_signals == (input && !strcmp(input, "signals"))) return &r->model[i];
    }
    return NULL;
}

enum report_answer report_fill_input(char text[REPORT_WORDS], const struct report *r)
{
    const struct report_model *drawn = first_reader(r, false), *sampled = first_reader(r, true);
    size_t used = 0;
    if (!drawn && !sampled) {
        snprintf(text, REPORT_WORDS, "Tables of other programs do not say: authors.");
        return REPORT_AUTHORS;
    }
    if (drawn) {
        const char *style = report_experiment_text(drawn, "data.style");
        const char *profile = report_experiment_text(drawn, "data.profile");
        const char *size = report_experiment_text(drawn, "data.size");
        used = (size_t)snprintf(
            text, REPORT_WORDS,
            "Twelve leads drawn as images (%.60s: style %.40s, profile %.40s, %.20s); ",
            drawn->name, style ? style : "not recorded", profile ? profile : "not recorded",
            size ? size : "size not recorded");
    }
    if (sampled)
        used += (size_t)snprintf(
            text + used, REPORT_WORDS - used,
            "Leads as signals (%.60s: rate, filters and window in input.json); ", sampled->name);
    snprintf(text + used, REPORT_WORDS - used, "input.json of each run %s a record.",
             sampled ? "prepares" : "redraws");
    return all_are_runs(r) ? REPORT_SAID : REPORT_PARTLY;
}

enum report_answer report_fill_software(char text[REPORT_WORDS], const struct report *r)
{
    const struct report_model *run = first_run(r);
    const char *version =
        run && run->environment ? leadseq_json_text(run->environment, "versions.leadseq") : NULL;
    snprintf(text, REPORT_WORDS, "%s%.30s%s Recording devices: authors.", version ? "leadseq " : "",
             version ? version : "",
             version ? "; libraries, processor, commit: section Versions and hardware."
                     : "The inputs do not name their software.");
    return REPORT_PARTLY;
}

enum report_answer report_fill_imbalance(char text[REPORT_WORDS], const struct report *r)
{
    const struct report_model *run = first_run(r);
    const char *weight = run ? report_experiment_text(run, "train.positive_weight") : NULL;
    const char *select = run ? report_experiment_text(run, "data.select") : NULL;
    const char *sampler = run ? report_experiment_text(run, "train.sampler") : NULL;
    if (!weight) {
        snprintf(text, REPORT_WORDS, "The inputs do not say: authors.");
        return REPORT_AUTHORS;
    }
    snprintf(
        text, REPORT_WORDS,
        "%.60s: weight of positives %.20s, selection %.20s, batches %.20s; calibration is shown "
        "before and after tempering.",
        run->name, weight, select ? select : "not recorded", sampler ? sampler : "shuffle");
    return REPORT_SAID;
}

enum report_answer report_fill_severity(char text[REPORT_WORDS], const struct report *r)
{
    snprintf(text, REPORT_WORDS, "%s",
             r->stack.row ? "By site and by the likelihood the annotators stated: sections Flow of "
                            "records and Subgroups. Clinical severity is not in the data."
                          : "Sites and likelihoods need the stack (--data FILE.h5).");
    return r->stack.row ? REPORT_PARTLY : REPORT_AUTHORS;
}

struct leadseq_table *report_table_checklist(const struct report *r,
                                             const struct report_checklist *list)
{
    struct leadseq_table *t = leadseq_table_new(list->title);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Item");
    leadseq_table_column(t, LEADSEQ_LEFT, "What is asked (our words)");
    leadseq_table_column(t, LEADSEQ_LEFT, "Answered");
    leadseq_table_column(t, LEADSEQ_LEFT, "Where, or by whom");
    for (size_t i = 0; i < list->n; i++) {
        char text[REPORT_WORDS];
        enum report_answer answer = report_item_fill(text, &list->item[i], r);
        leadseq_table_cell(t, "%s", list->item[i].number);
        leadseq_table_cell(t, "%s", list->item[i].topic);
        leadseq_table_cell(t, "%s", report_answer_name[answer]);
        leadseq_table_cell(t, "%s", text);
    }
    return t;
}
