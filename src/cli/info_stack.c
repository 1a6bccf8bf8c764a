/* SPDX-License-Identifier: MIT
 *
 * leadseq info of a stack: how its images were drawn, who is in it, with which
 * labels in which fold. */
#include "draw.h"

#include "dataset/dataset.h"
#include "info.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDS = 11 }; /* 1 … 10, and 0 for records without one */

struct counts {
    size_t records, patients, mi, others, unlabelled;
    size_t superclass[LEADSEQ_SUPERCLASSES], site[4], quality[LEADSEQ_QUALITY_FLAGS];
    size_t fold[FOLDS], fold_mi[FOLDS];
    double file_bytes, image_bytes, signal_bytes;
    bool ptbxl; /* the stack has PTB-XL's labels */
};

static const char *const site_name[4] = {"anterior", "inferior", "lateral", "posterior"};

static int compare_int(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Different patient_ids; records without one count each. */
static int count_patients(const struct leadseq_stack_row *row, size_t n, size_t *patients)
{
    int *id = leadseq_calloc(n, sizeof *id);
    if (!id) return -1;
    for (size_t i = 0; i < n; i++) id[i] = row[i].patient_id;
    qsort(id, n, sizeof *id, compare_int);
    *patients = 0;
    for (size_t i = 0; i < n; i++) *patients += i == 0 || id[i] < 0 || id[i] != id[i - 1];
    free(id);
    return 0;
}

static void count_row(struct counts *c, const struct leadseq_stack_row *row)
{
    int fold = row->strat_fold >= 1 && row->strat_fold < FOLDS ? row->strat_fold : 0;
    c->fold[fold]++;
    c->fold_mi[fold] += row->mi == 1;
    c->mi += row->mi == 1;
    c->others += row->mi == 0;
    c->unlabelled += row->mi > 1;
    for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++) c->superclass[k] += row->superclass[k] == 1;
    for (int k = 0; k < 4; k++) c->site[k] += row->mi <= 1 && (row->mi_site >> k & 1);
    for (int k = 0; k < LEADSEQ_QUALITY_FLAGS; k++) c->quality[k] += row->quality >> k & 1;
}

static int count(struct counts *c, const struct leadseq_stack *stack)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    *c = (struct counts){.records = leadseq_stack_count(stack)};
    c->ptbxl = leadseq_stack_label(stack, "mi") != NULL;
    for (size_t i = 0; i < c->records; i++) count_row(c, &row[i]);
    struct stat info;
    if (!stat(leadseq_stack_path(stack), &info)) c->file_bytes = (double)info.st_size;
    c->image_bytes =
        (double)c->records * leadseq_stack_images(stack) * (double)leadseq_stack_image_bytes(stack);
    c->signal_bytes = (double)c->records * LEADSEQ_LEADS * (double)leadseq_stack_samples(stack) *
                      (leadseq_stack_gain(stack) > 0 ? sizeof(int16_t) : sizeof(float));
    return count_patients(row, c->records, &c->patients);
}

/* --- For a person ------------------------------------------------------------- */

static void print_images(const struct leadseq_stack *stack)
{
    const struct leadseq_drawing *d = leadseq_stack_drawing(stack);
    char prepared[128], more[256];
    printf("  images        %s of %dx%d, %s; style %s, profile %s, drawn at %g Hz",
           leadseq_drawing_images(d) == 1 ? "one page" : "12 leads", d->width, d->height,
           leadseq_drawing_channels(d) == 1 ? "grey" : "RGB", leadseq_stack_style(stack),
           leadseq_profile_name(d->profile), d->rate_hz);
    if (d->profile == LEADSEQ_FIXED_MV) printf(", -%g to +%g mV", d->range_mv, d->range_mv);
    printf("%s%s\n", leadseq_preparation_text(&d->preparation, prepared),
           leadseq_drawing_text(d, more));
    const char *distortions = leadseq_stack_attribute(stack, "distortions");
    if (distortions[0]) printf("  distorted     %s\n", leadseq_plain(distortions));
}

static void print_signals(const struct leadseq_stack *stack)
{
    const struct leadseq_drawing *d = leadseq_stack_drawing(stack);
    const double gain = leadseq_stack_gain(stack);
    char prepared[128];
    printf("  signals       12 leads of %zu samples at %g Hz%s, ", leadseq_stack_samples(stack),
           d->rate_hz, leadseq_preparation_text(&d->preparation, prepared));
    if (gain > 0)
        printf("16-bit integers, %g per mV\n", gain);
    else
        printf("float32, mV\n");
}

static void print_head(const struct leadseq_stack *stack, const struct counts *c)
{
    const bool images = leadseq_stack_images(stack) > 0, signals = leadseq_stack_samples(stack) > 0;
    printf("Stack %s: %s of %s\n", leadseq_plain(leadseq_stack_path(stack)),
           leadseq_count(c->records, "record"), leadseq_count(c->patients, "patient"));
    if (images) print_images(stack);
    if (signals) print_signals(stack);
    printf("  size          %.1f MB", c->file_bytes / 1e6);
    if (images) printf(", images unpacked %.1f MB", c->image_bytes / 1e6);
    if (signals) printf(", signals %.1f MB", c->signal_bytes / 1e6);
    printf("\n  source        %s\n", leadseq_plain(leadseq_stack_source(stack)));
    printf("  made          %s by %s\n                %s\n",
           leadseq_plain(leadseq_stack_attribute(stack, "created")),
           leadseq_plain(leadseq_stack_attribute(stack, "program_version")),
           leadseq_plain(leadseq_stack_attribute(stack, "command_line")));
}

static void print_named(const char *title, const char *const *name, const size_t *n, int count)
{
    printf("  %-13s", title);
    for (int k = 0; k < count; k++) printf("%s%s %zu", k ? ", " : " ", name[k], n[k]);
    putchar('\n');
}

/* Of a label: how many records are 0, 1 and LEADSEQ_UNKNOWN. */
static void count_label(const struct leadseq_stack *stack, size_t label, size_t of[256])
{
    const uint8_t *value = leadseq_stack_label(stack, leadseq_stack_label_name(stack, label));
    memset(of, 0, 256 * sizeof *of);
    for (size_t i = 0; i < leadseq_stack_count(stack); i++) of[value[i]]++;
}

static void print_labels(const struct leadseq_stack *stack, const struct counts *c)
{
    size_t of[256], n = leadseq_stack_labels(stack);
    for (size_t i = 0; i < n; i++) {
        count_label(stack, i, of);
        printf("  %-13s %-13s %zu yes, %zu no, %zu unknown\n", i ? "" : "labels",
               leadseq_plain(leadseq_stack_label_name(stack, i)), of[1], of[0],
               of[LEADSEQ_UNKNOWN]);
    }
    if (!n) puts("  labels        none");
    if (c->ptbxl) print_named("MI sites", site_name, c->site, 4);
    printf("  quality       ");
    const char *separator = "";
    for (int k = 0; k < LEADSEQ_QUALITY_FLAGS; k++)
        if (c->quality[k]) {
            char name[INFO_QUALITY_TEXT];
            printf("%s%s %zu", separator, info_quality(name, (uint16_t)(1 << k)), c->quality[k]);
            separator = ", ";
        }
    puts(*separator ? "\n" : "no flags\n");
}

static int print_text(const struct leadseq_stack *stack, const struct counts *c)
{
    print_head(stack, c);
    print_labels(stack, c);
    struct leadseq_table *table = leadseq_table_new(NULL);
    if (!table) return -1;
    leadseq_table_column(table, LEADSEQ_LEFT, "fold");
    leadseq_table_column(table, LEADSEQ_RIGHT, "records");
    if (c->ptbxl) leadseq_table_column(table, LEADSEQ_RIGHT, "MI");
    if (c->ptbxl) leadseq_table_column(table, LEADSEQ_RIGHT, "MI %");
    for (int k = 1; k <= FOLDS; k++) {
        int fold = k % FOLDS; // those without a fold come last
        if (!c->fold[fold]) continue;
        if (fold)
            leadseq_table_cell(table, "%d", fold);
        else
            leadseq_table_cell(table, "none");
        leadseq_table_cell(table, "%zu", c->fold[fold]);
        if (!c->ptbxl) continue;
        leadseq_table_cell(table, "%zu", c->fold_mi[fold]);
        leadseq_table_cell(table, "%.1f", 100.0 * (double)c->fold_mi[fold] / (double)c->fold[fold]);
    }
    return info_print_table(table);
}

/* --- For a program -------------------------------------------------------------- */

static void set_parameters(struct leadseq_json *json, const struct leadseq_drawing *d)
{
    struct leadseq_parameter p[LEADSEQ_PARAMETERS];
    size_t n = leadseq_drawing_parameters(d, p);
    for (size_t i = 0; i < n; i++) {
        if (p[i].optional && p[i].count == 0) continue;
        if (p[i].kind == LEADSEQ_PARAMETER_WORD)
            leadseq_json_set_text(json, p[i].name, p[i].word);
        else if (p[i].kind == LEADSEQ_PARAMETER_REAL)
            leadseq_json_set_number(json, p[i].name, p[i].real);
        else
            leadseq_json_set_count(json, p[i].name, (size_t)p[i].count);
    }
}

static struct leadseq_json *drawing_json(const struct leadseq_stack *stack)
{
    const struct leadseq_drawing *d = leadseq_stack_drawing(stack);
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "style", leadseq_stack_style(stack));
    leadseq_json_set_text(json, "profile", leadseq_profile_name(d->profile));
    leadseq_json_set_count(json, "width", (size_t)d->width);
    leadseq_json_set_count(json, "height", (size_t)d->height);
    leadseq_json_set_count(json, "channels", (size_t)leadseq_drawing_channels(d));
    leadseq_json_set_count(json, "images", (size_t)leadseq_drawing_images(d));
    leadseq_json_set_number(json, "rate_hz", d->rate_hz);
    if (d->profile == LEADSEQ_FIXED_MV) leadseq_json_set_number(json, "range_mv", d->range_mv);
    leadseq_json_set_number(json, "notch_hz", d->preparation.notch_hz);
    leadseq_json_set_number(json, "highpass_hz", d->preparation.highpass_hz);
    leadseq_json_set_number(json, "window_start_s", d->preparation.window_start_s);
    leadseq_json_set_number(json, "window_s", leadseq_preparation_seconds(&d->preparation));
    set_parameters(json, d);
    const char *distortions = leadseq_stack_attribute(stack, "distortions");
    leadseq_json_set_text(json, "distortions", *distortions ? distortions : NULL);
    return json;
}

static struct leadseq_json *signals_json(const struct leadseq_stack *stack)
{
    const struct leadseq_drawing *d = leadseq_stack_drawing(stack);
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_count(json, "leads", LEADSEQ_LEADS);
    leadseq_json_set_count(json, "samples", leadseq_stack_samples(stack));
    leadseq_json_set_number(json, "rate_hz", d->rate_hz);
    leadseq_json_set_number(json, "gain", leadseq_stack_gain(stack));
    leadseq_json_set_number(json, "notch_hz", d->preparation.notch_hz);
    leadseq_json_set_number(json, "highpass_hz", d->preparation.highpass_hz);
    leadseq_json_set_number(json, "window_start_s", d->preparation.window_start_s);
    leadseq_json_set_number(json, "window_s", leadseq_preparation_seconds(&d->preparation));
    return json;
}

static struct leadseq_json *named_json(const char *const *name, const size_t *n, int count)
{
    struct leadseq_json *json = leadseq_json_object();
    for (int k = 0; k < count; k++) leadseq_json_set_count(json, name[k], n[k]);
    return json;
}

static struct leadseq_json *folds_json(const struct counts *c)
{
    struct leadseq_json *folds = leadseq_json_array();
    for (int fold = 1; fold < FOLDS; fold++) {
        struct leadseq_json *json = leadseq_json_object();
        leadseq_json_set_count(json, "fold", (size_t)fold);
        leadseq_json_set_count(json, "records", c->fold[fold]);
        leadseq_json_set_count(json, "mi", c->fold_mi[fold]);
        leadseq_json_append(folds, json);
    }
    return folds;
}

static struct leadseq_json *quality_json(const struct counts *c)
{
    struct leadseq_json *json = leadseq_json_object();
    for (int k = 0; k < LEADSEQ_QUALITY_FLAGS; k++) {
        char name[INFO_QUALITY_TEXT];
        leadseq_json_set_count(json, info_quality(name, (uint16_t)(1 << k)), c->quality[k]);
    }
    return json;
}

static struct leadseq_json *labels_json(const struct leadseq_stack *stack)
{
    struct leadseq_json *labels = leadseq_json_object();
    for (size_t i = 0; i < leadseq_stack_labels(stack); i++) {
        struct leadseq_json *label = leadseq_json_object();
        size_t of[256];
        count_label(stack, i, of);
        leadseq_json_set_count(label, "yes", of[1]);
        leadseq_json_set_count(label, "no", of[0]);
        leadseq_json_set_count(label, "unknown", of[LEADSEQ_UNKNOWN]);
        leadseq_json_set(labels, leadseq_stack_label_name(stack, i), label);
    }
    return labels;
}

static int print_json(const struct leadseq_stack *stack, const struct counts *c)
{
    static const char *const attributes[] = {"created", "program_version", "command_line"};
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "kind", "stack");
    leadseq_json_set_text(json, "path", leadseq_stack_path(stack));
    leadseq_json_set_count(json, "records", c->records);
    leadseq_json_set_count(json, "patients", c->patients);
    leadseq_json_set_count(json, "mi", c->mi);
    leadseq_json_set_count(json, "not_mi", c->others);
    leadseq_json_set_count(json, "unlabelled", c->unlabelled);
    if (leadseq_stack_images(stack)) leadseq_json_set(json, "drawing", drawing_json(stack));
    if (leadseq_stack_samples(stack)) leadseq_json_set(json, "signals", signals_json(stack));
    leadseq_json_set_count(json, "file_bytes", (size_t)c->file_bytes);
    leadseq_json_set_count(json, "image_bytes", (size_t)c->image_bytes);
    leadseq_json_set_count(json, "signal_bytes", (size_t)c->signal_bytes);
    leadseq_json_set(json, "labels", labels_json(stack));
    leadseq_json_set(json, "superclass",
                     named_json(leadseq_superclass_name, c->superclass, LEADSEQ_SUPERCLASSES));
    leadseq_json_set(json, "mi_site", named_json(site_name, c->site, 4));
    leadseq_json_set(json, "quality", quality_json(c));
    leadseq_json_set(json, "folds", folds_json(c));
    leadseq_json_set_text(json, "source", leadseq_stack_source(stack));
    for (size_t i = 0; i < LEADSEQ_COUNT(attributes); i++) {
        const char *text = leadseq_stack_attribute(stack, attributes[i]);
        leadseq_json_set_text(json, attributes[i], *text ? text : NULL);
    }
    return info_print_json(json);
}

/* --- Images ------------------------------------------------------------------------ */

static int write_record(struct leadseq_stack *stack, size_t position, const struct info_request *r,
                        uint8_t *images)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack) + position;
    char name[LEADSEQ_ROW_FILE];
    if (leadseq_stack_read(stack, position, images)) return -1;
    return cli_write_pngs(r->png, r->force, leadseq_stack_row_file(row, name),
                          leadseq_stack_drawing(stack), images);
}

static int check_stop(const struct info_request *r, size_t written)
{
    if (!leadseq_stop_signal() || !r->png_exists) return leadseq_stop_check();
    return leadseq_fail("stopped by %s; %s has the images of %s", leadseq_stop_name(), r->png,
                        leadseq_count(written, "record"));
}

static int write_images(const struct info_request *r, struct leadseq_stack *stack)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    size_t n = leadseq_stack_count(stack), first = r->first ? r->first : 10, written = 0;
    uint8_t *images = leadseq_calloc(leadseq_drawing_bytes(leadseq_stack_drawing(stack)), 1);
    int status = images ? 0 : -1;
    for (size_t i = 0; !status && i < n; i++) {
        bool wanted = r->ecg_id >= 0 ? row[i].ecg_id == r->ecg_id : i < first;
        if (!wanted) continue;
        status = check_stop(r, written);
        if (!status) status = write_record(stack, i, r, images);
        written++;
    }
    free(images);
    if (!status && r->ecg_id >= 0 && !written)
        status = leadseq_fail("%s: has no record with ecg_id %d", r->path, r->ecg_id);
    return status;
}

int info_stack(const struct info_request *request)
{
    struct leadseq_stack *stack = leadseq_stack_open(request->path);
    if (!stack) return -1;
    struct counts counts;
    int status = count(&counts, stack);
    if (!status) status = request->json ? print_json(stack, &counts) : print_text(stack, &counts);
    if (!status && request->png) status = leadseq_stack_need_images(stack);
    if (!status && request->png) status = write_images(request, stack);
    leadseq_stack_close(stack);
    return status;
}
