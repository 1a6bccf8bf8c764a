/* SPDX-License-Identifier: MIT
 *
 * Kinds of values that experiments alone have: how each is read from text, refused, and
 * printed so that it reads back to the same bits. Fields that belong together (order and
 * list of leads, width and height) are one value and lie side by side. */
#include "table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct leads { /* data.order, data.leads and data.n_leads */
    enum leadseq_lead_order order;
    int lead[LEADSEQ_LEADS], n;
};
_Static_assert(sizeof(struct leads) == EXPERIMENT_LEADS_BYTES, "the same fields as data's");

struct weights { /* train.positive_weight and train.n_weights */
    float weight[LEADSEQ_OUTPUTS_MOST];
    int n;
};
_Static_assert(sizeof(struct weights) == EXPERIMENT_WEIGHTS_BYTES, "the same fields as train's");

struct rates { /* train.group_lr and train.n_group_lr */
    double share[LEADSEQ_PARAMETER_GROUPS_MOST];
    int n;
};
_Static_assert(offsetof(struct rates, n) + sizeof(int) == EXPERIMENT_RATES_BYTES,
               "the same fields as train's");

/* --- Words ---------------------------------------------------------------------------------- */

static int read_name(void *block, const struct leadseq_option *o, const char *text)
{
    static const char allowed[] = "._-+";
    size_t n = strlen(text);
    if (n == 0 || n >= o->size || !isalnum((unsigned char)text[0])) return -1;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr(allowed, text[i])) return -1;
    memcpy(leadseq_option_field(block, o), text, n + 1);
    return 0;
}

static void print_text(const void *block, const struct leadseq_option *o, FILE *out)
{
    fputs(leadseq_option_value(block, o), out);
}

/* Whatever needs no quotes in an experiment file. */
static int read_path(void *block, const struct leadseq_option *o, const char *text)
{
    const size_t n = strlen(text);
    if (n == 0 || n >= o->size || strpbrk(text, "#\"'\\") || strstr(text, ": ")) return -1;
    if (strchr("[]{}&*!|>%@`,?-: ", text[0]) || text[n - 1] == ' ' || text[n - 1] == ':') return -1;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127) return -1;
    memset(leadseq_option_field(block, o), 0, o->size);
    memcpy(leadseq_option_field(block, o), text, n);
    return 0;
}

static int read_word(void *block, const struct leadseq_option *o, const char *text)
{
    const char *choice;
    for (size_t i = 0; (choice = leadseq_option_choice_at(o, i)); i++) {
        if (strcmp(choice, text) || strlen(text) >= o->size) continue;
        strcpy(leadseq_option_field(block, o), text);
        return 0;
    }
    return -1;
}

static int read_model_type(void *block, const struct leadseq_option *o, const char *text)
{
    const struct leadseq_model_type *type = leadseq_model_type_find(text);
    if (!type) return -1;
    memcpy(leadseq_option_field(block, o), &type, sizeof type);
    return 0;
}

static void print_model_type(const void *block, const struct leadseq_option *o, FILE *out)
{
    const struct leadseq_model_type *type;
    memcpy(&type, leadseq_option_value(block, o), sizeof type);
    fputs(type->name, out);
}

static int read_size(void *block, const struct leadseq_option *o, const char *text)
{
    int *size = leadseq_option_field(block, o);
    if (!strcmp(text, "any") || !strcmp(text, "0")) {
        size[0] = size[1] = 0;
        return 0;
    }
    return leadseq_parse_size(text, (int)o->most, &size[0], &size[1]) ? 0 : -1;
}

static void print_size(const void *block, const struct leadseq_option *o, FILE *out)
{
    const int *size = leadseq_option_value(block, o);
    if (size[0])
        fprintf(out, "%dx%d", size[0], size[1]);
    else
        fputs("any", out);
}

/* --- Lists ---------------------------------------------------------------------------------- */

static int read_folds(void *block, const struct leadseq_option *o, const char *text)
{
    struct leadseq_words list;
    unsigned bits = 0;
    if (leadseq_words_split(&list, text)) return -1;
    for (int i = 0; i < list.n; i++) {
        int fold;
        if (!leadseq_parse_int(list.item[i], 1, 10, &fold)) return -1;
        if (bits & 1u << fold) return -1;
        bits |= 1u << fold;
    }
    *(uint16_t *)leadseq_option_field(block, o) = (uint16_t)bits;
    return 0;
}

static void print_folds(const void *block, const struct leadseq_option *o, FILE *out)
{
    unsigned bits = *(const uint16_t *)leadseq_option_value(block, o);
    const char *between = "[";
    for (int fold = 1; fold <= 10; fold++) {
        if (!(bits & 1u << fold)) continue;
        fprintf(out, "%s%d", between, fold);
        between = ", ";
    }
    fputs(bits ? "]" : "[]", out);
}

static int read_shares(void *block, const struct leadseq_option *o, const char *text)
{
    static const struct leadseq_option unit = {.least = 0, .most = 1};
    double share[LEADSEQ_PARTS];
    if (leadseq_option_scan(&unit, text, share, LEADSEQ_PARTS)) return -1;
    if (share[0] + share[1] + share[2] > 1 + 1e-9) return -1;
    memcpy(leadseq_option_field(block, o), share, sizeof share);
    return 0;
}

static void print_shares(const void *block, const struct leadseq_option *o, FILE *out)
{
    leadseq_option_print_numbers(leadseq_option_value(block, o), LEADSEQ_PARTS, out);
}

static int read_lead_list(struct leads *leads, const char *text)
{
    struct leadseq_words list;
    unsigned seen = 0;
    if (leadseq_words_split(&list, text) || list.n < 1 || list.n > LEADSEQ_LEADS) return -1;
    *leads = (struct leads){.order = LEADSEQ_LEADS_LIST, .n = list.n};
    for (int i = 0; i < list.n; i++) {
        int lead = leads->lead[i] = leadseq_lead_index(list.item[i]);
        if (lead < 0 || seen & 1u << lead) return -1;
        seen |= 1u << lead;
    }
    return 0;
}

static int read_leads(void *block, const struct leadseq_option *o, const char *text)
{
    struct leads leads = {.order = LEADSEQ_LEADS_ORDERED, .n = LEADSEQ_LEADS};
    for (int i = 0; i < LEADSEQ_LEADS; i++) leads.lead[i] = i;
    if (!strcmp(text, "shuffled"))
        leads.order = LEADSEQ_LEADS_SHUFFLED;
    else if (strcmp(text, "ordered") && read_lead_list(&leads, text))
        return -1;
    memcpy(leadseq_option_field(block, o), &leads, sizeof leads);
    return 0;
}

static void print_leads(const void *block, const struct leadseq_option *o, FILE *out)
{
    struct leads leads;
    memcpy(&leads, leadseq_option_value(block, o), sizeof leads);
    if (leads.order != LEADSEQ_LEADS_LIST) {
        fputs(leads.order == LEADSEQ_LEADS_ORDERED ? "ordered" : "shuffled", out);
        return;
    }
    for (int i = 0; i < leads.n; i++)
        fprintf(out, "%s%s", i ? ", " : "[", leadseq_lead_name[leads.lead[i]]);
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

static int read_groups(void *block, const struct leadseq_option *o, const char *text)
{
    struct leadseq_words list;
    bool all = !strcmp(text, "all");
    uint32_t bits = all ? ALL_GROUPS : 0;
    if (!all && leadseq_words_split(&list, text)) return -1;
    for (int i = 0; !all && i < list.n; i++) {
        int group = group_of(list.item[i]);
        if (group == LEADSEQ_GROUPS || bits >> group & 1) return -1;
        bits |= UINT32_C(1) << group;
    }
    *(uint32_t *)leadseq_option_field(block, o) = bits;
    return 0;
}

static void print_groups(const void *block, const struct leadseq_option *o, FILE *out)
{
    uint32_t bits = *(const uint32_t *)leadseq_option_value(block, o);
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

static int read_task(void *block, const struct leadseq_option *o, const char *text)
{
    return leadseq_task_parse(leadseq_option_field(block, o), text);
}

static void print_task(const void *block, const struct leadseq_option *o, FILE *out)
{
    leadseq_task_print(leadseq_option_value(block, o), out);
}

static int read_weights(void *block, const struct leadseq_option *o, const char *text)
{
    struct leadseq_words list;
    struct weights weights = {{0}, 0};
    double value[LEADSEQ_OUTPUTS_MOST];
    if (leadseq_words_split(&list, text) || list.n < 1 || list.n > LEADSEQ_OUTPUTS_MOST) return -1;
    if (leadseq_option_scan(o, text, value, list.n)) return -1;
    for (weights.n = 0; weights.n < list.n; weights.n++)
        weights.weight[weights.n] = (float)value[weights.n];
    memcpy(leadseq_option_field(block, o), &weights, sizeof weights);
    return 0;
}

static void print_weights(const void *block, const struct leadseq_option *o, FILE *out)
{
    struct weights weights;
    memcpy(&weights, leadseq_option_value(block, o), sizeof weights);
    for (int i = 0; i < weights.n; i++) {
        fputs(i ? ", " : weights.n > 1 ? "[" : "", out);
        leadseq_option_print_float(weights.weight[i], out);
    }
    if (weights.n > 1) fputc(']', out);
}

static int read_rates(void *block, const struct leadseq_option *o, const char *text)
{
    struct leadseq_words list;
    struct rates rates = {{0}, 0};
    if (leadseq_words_split(&list, text) || list.n > LEADSEQ_PARAMETER_GROUPS_MOST) return -1;
    if (list.n && leadseq_option_scan(o, text, rates.share, list.n)) return -1;
    rates.n = list.n;
    memcpy(leadseq_option_field(block, o), &rates, EXPERIMENT_RATES_BYTES);
    return 0;
}

static void print_rates(const void *block, const struct leadseq_option *o, FILE *out)
{
    struct rates rates;
    memcpy(&rates, leadseq_option_value(block, o), EXPERIMENT_RATES_BYTES);
    fputc('[', out);
    for (int i = 0; i < rates.n; i++) {
        if (i) fputs(", ", out);
        leadseq_option_print_double(rates.share[i], out);
    }
    fputc(']', out);
}

const struct leadseq_option_kind
    experiment_name = {.name = "text", .read = read_name, .print = print_text},
    experiment_path = {.name = "file", .read = read_path, .print = print_text},
    experiment_word = {.name = "choice", .read = read_word, .print = print_text},
    experiment_model_type = {.name = "choice", .read = read_model_type, .print = print_model_type},
    experiment_size = {.name = "size", .read = read_size, .print = print_size},
    experiment_folds = {.name = "folds", .read = read_folds, .print = print_folds, .list = true},
    experiment_shares = {.name = "numbers",
                         .read = read_shares,
                         .print = print_shares,
                         .list = true},
    experiment_leads = {.name = "leads", .read = read_leads, .print = print_leads, .list = true},
    experiment_groups = {.name = "groups",
                         .read = read_groups,
                         .print = print_groups,
                         .list = true},
    experiment_task = {.name = "labels", .read = read_task, .print = print_task, .says = true},
    experiment_weights = {.name = "numbers",
                          .read = read_weights,
                          .print = print_weights,
                          .number = true},
    experiment_rates = {.name = "numbers", .read = read_rates, .print = print_rates, .list = true};
