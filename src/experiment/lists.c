/* SPDX-License-Identifier: MIT
 *
 * Kinds of option values that are lists: "[a, b]", "a, b" or a single value. */
#include "experiment/experiment.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MOST = LEADSEQ_OUTPUTS_MOST, ITEM_MOST = 32 };
struct list {
    char item[LIST_MOST][ITEM_MOST];
    int n;
};

static int split_list(struct list *list, const char *text)
{
    size_t n = strlen(text);
    char inner[512];
    bool brackets = n >= 2 && text[0] == '[' && text[n - 1] == ']';
    if (n >= sizeof inner) return -1;
    snprintf(inner, sizeof inner, "%.*s", (int)(brackets ? n - 2 : n), text + brackets);
    list->n = 0;
    if (inner[strspn(inner, " ")] == '\0') return brackets ? 0 : -1;
    for (char *rest = inner, *item; (item = strsep(&rest, ","));) {
        item += strspn(item, " ");
        size_t length = strcspn(item, " ");
        if (list->n == LIST_MOST || length == 0 || length >= ITEM_MOST) return -1;
        if (item[length + strspn(item + length, " ")]) return -1; // two words in one item
        memcpy(list->item[list->n], item, length);
        list->item[list->n++][length] = '\0';
    }
    return 0;
}

static int read_folds(struct leadseq_experiment *e, const struct leadseq_option *o,
                      const char *text)
{
    struct list list;
    unsigned bits = 0;
    if (split_list(&list, text)) return -1;
    for (int i = 0; i < list.n; i++) {
        int fold;
        if (!leadseq_parse_int(list.item[i], 1, 10, &fold)) return -1;
        if (bits & 1u << fold) return -1;
        bits |= 1u << fold;
    }
    *(uint16_t *)option_field(e, o) = (uint16_t)bits;
    return 0;
}

static void print_folds(const struct leadseq_experiment *e, const struct leadseq_option *o,
                        FILE *out)
{
    unsigned bits = *(const uint16_t *)option_value(e, o);
    const char *between = "[";
    for (int fold = 1; fold <= 10; fold++) {
        if (!(bits & 1u << fold)) continue;
        fprintf(out, "%s%d", between, fold);
        between = ", ";
    }
    fputs(bits ? "]" : "[]", out);
}

/* Exactly n numbers of the option's range. */
static int read_numbers(const struct leadseq_option *o, const char *text, double *value, int n)
{
    struct list list;
    if (split_list(&list, text) || list.n != n) return -1;
    for (int i = 0; i < n; i++)
        if (option_scan_number(o, list.item[i], &value[i])) return -1;
    return 0;
}

static void print_numbers(const double *value, int n, FILE *out)
{
    for (int i = 0; i < n; i++) {
        fputs(i ? ", " : "[", out);
        option_print_double(value[i], out);
    }
    fputc(']', out);
}

static int read_shares(struct leadseq_experiment *e, const struct leadseq_option *o,
                       const char *text)
{
    static const struct leadseq_option unit = {.least = 0, .most = 1};
    double share[LEADSEQ_PARTS];
    if (read_numbers(&unit, text, share, LEADSEQ_PARTS)) return -1;
    if (share[0] + share[1] + share[2] > 1 + 1e-9) return -1;
    memcpy(option_field(e, o), share, sizeof share);
    return 0;
}

static void print_shares(const struct leadseq_experiment *e, const struct leadseq_option *o,
                         FILE *out)
{
    print_numbers(option_value(e, o), LEADSEQ_PARTS, out);
}

static int read_pair(struct leadseq_experiment *e, const struct leadseq_option *o, const char *text)
{
    double pair[2];
    if (read_numbers(o, text, pair, 2)) return -1;
    memcpy(option_field(e, o), pair, sizeof pair);
    return 0;
}

static void print_pair(const struct leadseq_experiment *e, const struct leadseq_option *o,
                       FILE *out)
{
    print_numbers(option_value(e, o), 2, out);
}

/* Whether the option is the stem's list of channels, not the layers'. */
static bool is_stem(const struct leadseq_option *o)
{
    return o->offset == offsetof(struct leadseq_experiment, model.stem_channels);
}

static int read_channels(struct leadseq_experiment *e, const struct leadseq_option *o,
                         const char *text)
{
    struct list list;
    int channels[LEADSEQ_LAYERS_MAX] = {0};
    if (split_list(&list, text) || list.n < 1 || list.n > LEADSEQ_LAYERS_MAX) return -1;
    for (int i = 0; i < list.n; i++) {
        double value;
        if (option_scan_number(o, list.item[i], &value) || value != floor(value)) return -1;
        channels[i] = (int)value;
    }
    memcpy(option_field(e, o), channels, sizeof channels);
    *(is_stem(o) ? &e->model.n_stem : &e->model.n_layers) = list.n;
    return 0;
}

static void print_channels(const struct leadseq_experiment *e, const struct leadseq_option *o,
                           FILE *out)
{
    const int *channels = option_value(e, o);
    int n = is_stem(o) ? e->model.n_stem : e->model.n_layers;
    for (int i = 0; i < n; i++) fprintf(out, "%s%d", i ? ", " : "[", channels[i]);
    fputc(']', out);
}

static int read_lead_list(struct leadseq_experiment *e, const char *text)
{
    struct list list;
    int leads[LEADSEQ_LEADS] = {0};
    unsigned seen = 0;
    if (split_list(&list, text) || list.n < 1 || list.n > LEADSEQ_LEADS) return -1;
    for (int i = 0; i < list.n; i++) {
        leads[i] = leadseq_lead_index(list.item[i]);
        if (leads[i] < 0 || seen & 1u << leads[i]) return -1;
        seen |= 1u << leads[i];
    }
    memcpy(e->data.leads, leads, sizeof leads);
    e->data.n_leads = list.n;
    e->data.order = LEADSEQ_LEADS_LIST;
    return 0;
}

static int read_leads(struct leadseq_experiment *e, const struct leadseq_option *o,
                      const char *text)
{
    (void)o;
    bool ordered = !strcmp(text, "ordered");
    if (!ordered && strcmp(text, "shuffled")) return read_lead_list(e, text);
    e->data.order = ordered ? LEADSEQ_LEADS_ORDERED : LEADSEQ_LEADS_SHUFFLED;
    e->data.n_leads = LEADSEQ_LEADS;
    for (int i = 0; i < LEADSEQ_LEADS; i++) e->data.leads[i] = i;
    return 0;
}

static void print_leads(const struct leadseq_experiment *e, const struct leadseq_option *o,
                        FILE *out)
{
    (void)o;
    if (e->data.order != LEADSEQ_LEADS_LIST) {
        fputs(e->data.order == LEADSEQ_LEADS_ORDERED ? "ordered" : "shuffled", out);
        return;
    }
    for (int i = 0; i < e->data.n_leads; i++)
        fprintf(out, "%s%s", i ? ", " : "[", leadseq_lead_name[e->data.leads[i]]);
    fputc(']', out);
}

const char *const leadseq_group_name[LEADSEQ_GROUPS + 1] = {
    "output", "head", "flow", "parameters", "gates", "recurrence", "step", "input", NULL};
enum { ALL_GROUPS = (1 << LEADSEQ_GROUPS) - 1 };

static int group_of(const char *name)
{
    int group = 0;
    while (group < LEADSEQ_GROUPS && strcmp(name, leadseq_group_name[group])) group++;
    return group;
}

static int read_groups(struct leadseq_experiment *e, const struct leadseq_option *o,
                       const char *text)
{
    struct list list;
    bool all = !strcmp(text, "all");
    uint32_t bits = all ? ALL_GROUPS : 0;
    if (!all && split_list(&list, text)) return -1;
    for (int i = 0; !all && i < list.n; i++) {
        int group = group_of(list.item[i]);
        if (group == LEADSEQ_GROUPS || bits >> group & 1) return -1;
        bits |= UINT32_C(1) << group;
    }
    *(uint32_t *)option_field(e, o) = bits;
    return 0;
}

static void print_groups(const struct leadseq_experiment *e, const struct leadseq_option *o,
                         FILE *out)
{
    uint32_t bits = *(const uint32_t *)option_value(e, o);
    const char *between = "[";
    if (bits == ALL_GROUPS) {
        fputs("all", out);
        return;
    }
    for (int i = 0; i < LEADSEQ_GROUPS; i++) {
        if (!(bits >> i & 1)) continue;
        fprintf(out, "%s%s", between, leadseq_group_name[i]);
        between = ", ";
    }
    fputs(bits ? "]" : "[]", out);
}

static int read_task(struct leadseq_experiment *e, const struct leadseq_option *o, const char *text)
{
    return leadseq_task_parse(option_field(e, o), text);
}

static void print_task(const struct leadseq_experiment *e, const struct leadseq_option *o,
                       FILE *out)
{
    leadseq_task_print(option_value(e, o), out);
}

static int read_weights(struct leadseq_experiment *e, const struct leadseq_option *o,
                        const char *text)
{
    struct list list;
    if (split_list(&list, text) || list.n < 1 || list.n > LEADSEQ_OUTPUTS_MOST) return -1;
    for (int i = 0; i < list.n; i++) {
        double value;
        if (option_scan_number(o, list.item[i], &value)) return -1;
        e->train.positive_weight[i] = (float)value;
    }
    e->train.n_weights = list.n;
    return 0;
}

static void print_weights(const struct leadseq_experiment *e, const struct leadseq_option *o,
                          FILE *out)
{
    const float *weight = option_value(e, o);
    int n = e->train.n_weights;
    for (int i = 0; i < n; i++) {
        fputs(i ? ", " : n > 1 ? "[" : "", out);
        option_print_float(weight[i], out);
    }
    if (n > 1) fputc(']', out);
}

const struct option_kind
    option_folds = {.name = "folds", .read = read_folds, .print = print_folds, .list = true},
    option_shares = {.name = "numbers", .read = read_shares, .print = print_shares, .list = true},
    option_pair = {.name = "numbers", .read = read_pair, .print = print_pair, .list = true},
    option_channels = {.name = "whole numbers",
                       .read = read_channels,
                       .print = print_channels,
                       .list = true},
    option_leads = {.name = "leads", .read = read_leads, .print = print_leads, .list = true},
    option_groups = {.name = "groups", .read = read_groups, .print = print_groups, .list = true},
    option_task = {.name = "labels", .read = read_task, .print = print_task, .list = true},
    option_weights = {
        .name = "numbers", .read = read_weights, .print = print_weights, .number = true};
