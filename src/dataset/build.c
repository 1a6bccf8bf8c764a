/* SPDX-License-Identifier: MIT
 *
 * Turns a source of records into a stack, and into the folders of images and sidecars that were
 * requested. The source decides which records, files and labels are used (source_*.c); the work
 * itself is in build_work.c. */
#include "dataset_private.h"

#include <stdlib.h>
#include <string.h>

static void say_lengths(const struct dataset_build *build)
{
    double rate = build->options->drawing.rate_hz;
    if (build->resampled)
        leadseq_info("%s resampled to %g Hz",
                     leadseq_count_of(build->resampled, "record was", "records were"), rate);
    if (build->upsampled)
        leadseq_warn("%s sampled at a lower rate than %g Hz: resampling adds no detail, and shapes "
                     "are not those of records of that rate",
                     leadseq_count_of(build->upsampled, "record was", "records were"), rate);
    const struct leadseq_preparation *p = &build->options->drawing.preparation;
    double window_s = leadseq_preparation_seconds(p);
    if (build->shortened)
        leadseq_info("%s longer: %g s from second %g on were %s",
                     leadseq_count_of(build->shortened, "record is", "records are"), window_s,
                     p->window_start_s, dataset_build_draws(build) ? "drawn" : "stored");
    if (build->too_short)
        leadseq_info(
            "%s within the %g s from second %g on: %s%s%s",
            leadseq_count_of(build->too_short, "record ends", "records end"), window_s,
            p->window_start_s,
            dataset_build_draws(build)
                ? "the paper's profiles stretch the shorter signal over the whole width, the "
                  "others leave the rest empty"
                : "",
            dataset_build_draws(build) && dataset_build_keeps(build) ? "; " : "",
            dataset_build_keeps(build) ? "the samples after it are stored as missing" : "");
}

static void say_empty(const struct dataset_build *build)
{
    if (build->empty)
        leadseq_warn("%s: every lead is missing or flat, and the %s show nothing (first: %s); "
                     "their quality is flagged \"empty\"",
                     leadseq_count(build->empty, "record"),
                     dataset_build_draws(build) ? "pictures" : "signals", build->first_empty);
}

static int begin_folders(struct dataset_build *build)
{
    const char *png = build->options->png_folder, *sidecar = build->options->sidecar_folder;
    if (png && !(build->png = leadseq_folder_begin(png, false))) return -1;
    if (sidecar && png && !strcmp(sidecar, png))
        build->sidecar = build->png;
    else if (sidecar && !(build->sidecar = leadseq_folder_begin(sidecar, false)))
        return -1;
    return 0;
}

static int commit_folders(struct dataset_build *build)
{
    int status = 0;
    if (build->sidecar != build->png) status = leadseq_folder_commit(build->sidecar);
    if (!status) return leadseq_folder_commit(build->png);
    leadseq_folder_discard(build->png);
    return status;
}

static int begin_traces(struct dataset_build *build, struct leadseq_stack_writer *writer)
{
    build->distorted = leadseq_distort_any(&build->options->distort);
    build->traced = build->distorted || build->sidecar;
    if (!build->traced) return 0;
    return dataset_stack_traces_begin(dataset_writer_store(writer), build->options);
}

/* Labels that the source has of its own, of the records that were drawn. */
static int add_labels(const struct dataset_build *build, const struct leadseq_source *source,
                      struct leadseq_stack_writer *writer)
{
    uint8_t *value = leadseq_calloc(source->n, 1);
    int status = value ? 0 : -1;
    for (size_t k = 0; !status && k < source->n_labels; k++) {
        size_t n = 0;
        for (size_t i = 0; i < source->n; i++)
            if (!build->left_out[i]) value[n++] = source->record[i].label[k];
        status =
            leadseq_stack_add_label(writer, source->label_name[k], source->label_rule[k], value, n);
    }
    free(value);
    return status;
}

/* Records that cannot be read are an error unless they are to be left out. */
static int check_bad(const struct dataset_build *build)
{
    bool skip = build->options->skip_bad;
    if (!build->bad.n || (skip && build->report->records)) return 0;
    const char *advice = skip                            ? "nothing is left to draw"
                         : build->absent == build->bad.n ? "find them, or leave them out with "
                                                           "--skip-missing"
                                                         : "mend them, or leave them out with "
                                                           "--skip-bad";
    return leadseq_faults_fail(&build->bad, "records that cannot be read", advice);
}

/* Those that the source found, before those that were not to be read. */
static int take_bad(struct dataset_build *build, struct leadseq_source *source)
{
    build->bad = source->bad;
    build->absent = source->absent;
    source->bad = (struct leadseq_faults){0};
    return build->options->skip_bad ? 0 : check_bad(build);
}

static int make_stack(struct dataset_build *build, const struct leadseq_source *source,
                      const char *out, const char *text)
{
    const struct leadseq_build_options *options = build->options;
    const struct leadseq_stack_plan plan = {
        .drawing = &options->drawing,
        .images = dataset_build_draws(build),
        .signals = dataset_build_keeps(build),
        .gain = options->gain,
        .replace = options->force,
    };
    build->record_bytes = plan.images ? leadseq_drawing_bytes(&options->drawing) : 0;
    struct leadseq_stack_writer *writer =
        leadseq_stack_begin(out, &plan, text, options->command_line);
    if (!writer) return -1;
    if (begin_folders(build) || begin_traces(build, writer)) goto fail;
    if (dataset_build_run(build, writer) || check_bad(build)) goto fail;
    if (add_labels(build, source, writer)) goto fail;
    int status = leadseq_stack_commit(writer);
    writer = NULL;
    if (status) goto fail;
    say_lengths(build);
    say_empty(build);
    return commit_folders(build);
fail:
    leadseq_stack_discard(writer);
    if (build->sidecar != build->png) leadseq_folder_discard(build->sidecar);
    leadseq_folder_discard(build->png);
    return -1;
}

int leadseq_build(const struct leadseq_source_type *type, const struct leadseq_source_value *value,
                  const char *out, const struct leadseq_build_options *options,
                  struct leadseq_build_report *report)
{
    double begin = leadseq_seconds();
    struct dataset_build build = {.options = options, .report = report};
    struct leadseq_source source;
    *report = (struct leadseq_build_report){0};
    if (leadseq_drawing_check(&options->drawing)) return -1;
    int status = dataset_source_open(&source, type, value, options);
    report->missing = source.missing;
    if (!status) dataset_source_sample(&source, options->limit);
    char *text = status ? NULL : type->describe(&source);
    build.job = source.record;
    build.n = source.n;
    build.left_out = status ? NULL : leadseq_calloc(source.n, sizeof *build.left_out);
    if (!status) status = text && build.left_out ? take_bad(&build, &source) : -1;
    if (!status) status = make_stack(&build, &source, out, text);
    if (!status) leadseq_faults_warn(&build.bad);
    report->bad = build.bad.n;
    leadseq_faults_clear(&build.bad);
    free(build.left_out);
    free(text);
    dataset_source_close(&source);
    report->seconds = leadseq_seconds() - begin;
    return status;
}

int leadseq_build_ptbxl(const char *folder, const char *out,
                        const struct leadseq_build_options *options,
                        struct leadseq_build_report *report)
{
    char *const paths[] = {(char *)(uintptr_t)folder};
    const struct leadseq_source_value value[LEADSEQ_SOURCE_OPTIONS] = {{paths, 1}};
    return leadseq_build(&dataset_source_ptbxl, value, out, options, report);
}

int leadseq_build_records(char *const *paths, size_t n, const char *out,
                          const struct leadseq_build_options *options,
                          struct leadseq_build_report *report)
{
    const struct leadseq_source_value value[LEADSEQ_SOURCE_OPTIONS] = {{paths, n}};
    return leadseq_build(&dataset_source_records, value, out, options, report);
}
