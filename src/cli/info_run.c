/* SPDX-License-Identifier: MIT
 *
 * leadseq info of a run's folder: its experiment, its best epoch, its scores
 * and its history, as the files in it say. */
#include "info.h"

#include "experiment/experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct run_files {
    struct leadseq_json *experiment; /* key -> text */
    struct leadseq_json *typed;      /* key -> the value that the text says */
    struct leadseq_task task;        /* of the experiment; mi where an old run has none */
    struct leadseq_json *metrics, *environment; /* NULL where the run has not come so far */
    struct leadseq_sheet history;               /* without rows before the first epoch's end */
};

/* A number, true or false as such, all else as text: for one value, or one of a list. */
static struct leadseq_json *word_json(const char *word)
{
    struct leadseq_json *held = leadseq_json_array(); // for its setters of numbers
    int64_t whole;
    double number;
    if (leadseq_parse_integer(word, 0, INT64_MAX, &whole))
        leadseq_json_append_count(held, (size_t)whole);
    else if (leadseq_parse_number(word, -INFINITY, INFINITY, &number))
        leadseq_json_append_number(held, number);
    else if (!strcmp(word, "true") || !strcmp(word, "false"))
        leadseq_json_append_bool(held, *word == 't');
    else
        leadseq_json_append(held, leadseq_json_string(word));
    return leadseq_json_take(held, 0);
}

static struct leadseq_json *value_json(const char *key, const char *value)
{
    size_t n = strlen(value);
    if (!strcmp(key, "name")) return leadseq_json_string(value); // also of digits alone
    if (n < 2 || value[0] != '[' || value[n - 1] != ']') return word_json(value);
    struct leadseq_json *list = leadseq_json_array();
    char *inner = strndup(value + 1, n - 2), *rest = inner, *item;
    while (rest && *rest && (item = strsep(&rest, ","))) {
        item += strspn(item, " ");
        size_t length = strlen(item);
        while (length && item[length - 1] == ' ') item[--length] = '\0';
        leadseq_json_append(list, word_json(item));
    }
    free(inner);
    return list;
}

static int keep_key(void *user, const char *key, const char *value, const struct leadseq_place *at)
{
    struct run_files *run = user;
    (void)at;
    leadseq_json_set_text(run->experiment, key, value);
    leadseq_json_set(run->typed, key, value_json(key, value));
    return strcmp(key, "data.task") ? 0 : leadseq_task_parse(&run->task, value);
}

static int read_run(struct run_files *run, const char *folder)
{
    *run = (struct run_files){0};
    int status = 0;
    char *path = leadseq_path_join(folder, "experiment.yaml");
    run->experiment = leadseq_json_object();
    run->typed = leadseq_json_object();
    struct leadseq_keys keys = {.set = keep_key, .user = run};
    if (leadseq_task_parse(&run->task, "mi") || !path || !run->experiment || !run->typed ||
        leadseq_keys_read(path, &keys))
        status = -1;
    if (!status && !leadseq_json_text(run->experiment, "name"))
        status = leadseq_fail("%s: expected the name of a run's experiment, found none; the file "
                              "is damaged or not of a run",
                              path);
    free(path);
    if (!status) status = leadseq_json_read_optional(&run->metrics, folder, "metrics.json");
    if (!status) status = leadseq_json_read_optional(&run->environment, folder, "environment.json");
    return status ? -1 : leadseq_sheet_read_unfinished(&run->history, folder, "history.tsv");
}

static void clear_run(struct run_files *run)
{
    leadseq_json_free(run->experiment);
    leadseq_json_free(run->typed);
    leadseq_json_free(run->metrics);
    leadseq_json_free(run->environment);
    leadseq_sheet_clear(&run->history);
}

/* --- For a person ----------------------------------------------------------------- */

static void print_leaf(const char *path, const char *value, void *indent)
{
    printf("  %-*s %s\n", *(int *)indent, leadseq_plain(path), leadseq_plain(value));
}

static double score(const struct leadseq_json *metrics, const char *part, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "parts.%s.%s", part, name);
    return leadseq_json_number(metrics, path);
}

#define SCORE(NAME, name) {#name, 4},
static const struct {
    const char *name;
    int decimals;
} scores[] = {
    {"n", 0},         {"positive", 0}, LEADSEQ_METRIC_TABLE(LEADSEQ_MONITOR_NONE, SCORE){"loss", 4},
    {"threshold", 6}, {"epoch", 0},
};
#undef SCORE

static void score_cell(struct leadseq_table *table, double value, int decimals)
{
    if (isnan(value))
        leadseq_table_cell(table, "–");
    else
        leadseq_table_cell(table, "%.*f", decimals, value);
}

/* One row per score, a column for each part that was predicted. */
static int print_scores(const struct leadseq_json *metrics)
{
    static const char *const parts[] = {"train", "valid", "test", "all"};
    struct leadseq_table *table = leadseq_table_new(NULL);
    if (!table) return -1;
    leadseq_table_column(table, LEADSEQ_LEFT, "score");
    for (size_t k = 0; k < LEADSEQ_COUNT(parts); k++)
        if (!isnan(score(metrics, parts[k], "n")))
            leadseq_table_column(table, LEADSEQ_RIGHT, parts[k]);
    for (size_t i = 0; i < LEADSEQ_COUNT(scores); i++) {
        leadseq_table_cell(table, "%s", scores[i].name);
        for (size_t k = 0; k < LEADSEQ_COUNT(parts); k++) {
            if (isnan(score(metrics, parts[k], "n"))) continue;
            double value = score(metrics, parts[k], scores[i].name);
            score_cell(table, value, scores[i].decimals);
        }
    }
    return info_print_table(table);
}

/* A part of a run with several outputs: one row per output, and their means. */
static int print_part(const struct leadseq_json *metrics, const struct leadseq_task *task,
                      const char *part)
{
    static const char *const skipped[] = {"loss", "epoch"}; // of the part, not of an output
    struct leadseq_table *table = leadseq_table_new(NULL);
    if (!table) return -1;
    leadseq_table_column(table, LEADSEQ_LEFT, part);
    for (size_t i = 0; i < LEADSEQ_COUNT(scores); i++)
        if (strcmp(scores[i].name, skipped[0]) && strcmp(scores[i].name, skipped[1]))
            leadseq_table_column(table, LEADSEQ_RIGHT, scores[i].name);
    for (int k = 0; k <= task->outputs; k++) {
        bool mean = k == task->outputs;
        leadseq_table_cell(table, "%s", mean ? "mean" : task->name[k]);
        for (size_t i = 0; i < LEADSEQ_COUNT(scores); i++) {
            char name[96];
            if (!strcmp(scores[i].name, skipped[0]) || !strcmp(scores[i].name, skipped[1]))
                continue;
            snprintf(name, sizeof name, "%s%s.%s", mean ? "macro" : "outputs.",
                     mean ? "" : task->name[k], scores[i].name);
            score_cell(table, score(metrics, part, name), scores[i].decimals);
        }
    }
    return info_print_table(table);
}

/* What a part's table cannot say: of records and not of an output. */
static void print_rest(const struct leadseq_json *metrics, const char *part)
{
    const double right = score(metrics, part, "class_accuracy");
    const double left_out = score(metrics, part, "left_out");
    if (!isnan(right))
        printf("most probable class right of %.1f %% of %s\n", 100 * right,
               leadseq_count((size_t)score(metrics, part, "n"), "record"));
    if (left_out > 0)
        printf("left out by the task: %s\n", leadseq_count((size_t)left_out, "record"));
}

/* By the experiment's task: one table of all parts, or one per part where it has several outputs.
 */
static int print_all_scores(const struct leadseq_json *metrics, const struct leadseq_task *task)
{
    static const char *const parts[] = {"train", "valid", "test", "all"};
    if (task->outputs == 1) return print_scores(metrics);
    for (size_t k = 0; k < LEADSEQ_COUNT(parts); k++) {
        if (isnan(score(metrics, parts[k], "loss"))) continue;
        if (print_part(metrics, task, parts[k])) return -1;
        print_rest(metrics, parts[k]);
        putchar('\n');
    }
    return 0;
}

static int print_history(const struct leadseq_sheet *history)
{
    struct leadseq_table *table = leadseq_table_new(NULL);
    if (!table) return -1;
    for (size_t c = 0; c < history->columns; c++)
        leadseq_table_column(table, LEADSEQ_RIGHT, leadseq_sheet_title(history, (int)c));
    for (size_t i = 0; i < history->rows * history->columns; i++) {
        const char *cell =
            leadseq_sheet_cell(history, i / history->columns, (int)(i % history->columns));
        double value;
        bool number = leadseq_parse_number(cell, -HUGE_VAL, HUGE_VAL, &value);
        if (number && value == floor(value) && fabs(value) < 1e15)
            leadseq_table_cell(table, "%.0f", value); // 100000 steps, not 1e+05
        else if (number)
            leadseq_table_cell(table, "%.5g", value);
        else
            leadseq_table_cell(table, "%s", cell);
    }
    return info_print_table(table);
}

static int print_text(const struct info_request *r, const struct run_files *run)
{
    int indent = 24;
    printf("Run %s: %s\n\nExperiment\n", leadseq_plain(r->path),
           leadseq_plain(leadseq_json_text(run->experiment, "name")));
    leadseq_json_leaves(run->experiment, print_leaf, &indent);
    if (run->environment) puts("\nMachine");
    if (run->environment) leadseq_json_leaves(run->environment, print_leaf, &indent);
    if (info_model_print(r->path)) return -1;
    puts(run->history.rows ? "\nHistory" : "\nNo epoch is finished yet.");
    if (run->history.rows && print_history(&run->history)) return -1;
    if (run->metrics) puts("\nScores");
    return run->metrics ? print_all_scores(run->metrics, &run->task) : 0;
}

/* --- For a program ------------------------------------------------------------------ */

static struct leadseq_json *history_json(const struct leadseq_sheet *history)
{
    struct leadseq_json *rows = leadseq_json_array();
    for (size_t i = 0; i < history->rows; i++) {
        struct leadseq_json *row = leadseq_json_object();
        for (size_t c = 0; c < history->columns; c++) {
            const char *cell = leadseq_sheet_cell(history, i, (int)c);
            const char *title = leadseq_sheet_title(history, (int)c);
            double value = NAN;
            bool number = leadseq_parse_number(cell, -HUGE_VAL, HUGE_VAL, &value);
            if (!number && !leadseq_is_absent(cell))
                leadseq_json_set_text(row, title, cell);
            else if (number && !cell[strspn(cell, "0123456789")])
                leadseq_json_set_count(row, title, (size_t)value);
            else
                leadseq_json_set_number(row, title, value);
        }
        leadseq_json_append(rows, row);
    }
    return rows;
}

/* Takes `child` over; what the run does not have is null. */
static void set_or_null(struct leadseq_json *json, const char *key, struct leadseq_json *child)
{
    if (child)
        leadseq_json_set(json, key, child);
    else
        leadseq_json_set_text(json, key, NULL);
}

/* Moves what the run has into one object. */
static int print_json(const struct info_request *r, struct run_files *run)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "kind", "run");
    leadseq_json_set_text(json, "path", r->path);
    leadseq_json_set(json, "experiment", run->typed);
    run->typed = NULL;
    set_or_null(json, "model", info_model_json(r->path));
    set_or_null(json, "metrics", run->metrics);
    run->metrics = NULL;
    set_or_null(json, "environment", run->environment);
    run->environment = NULL;
    leadseq_json_set(json, "history", history_json(&run->history));
    return info_print_json(json);
}

int info_run(const struct info_request *request)
{
    struct run_files run;
    int status = read_run(&run, request->path);
    if (!status) status = request->json ? print_json(request, &run) : print_text(request, &run);
    clear_run(&run);
    if (!status && request->png)
        status =
            leadseq_fail("%s: a run has no images; --png is for records and stacks", request->path);
    return status;
}
