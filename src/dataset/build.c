/* SPDX-License-Identifier: MIT
 *
 * A folder of records, or a list of them, into a stack: which records, from which
 * files, with which labels. The work itself is in build_work.c. */
#include "dataset_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void build_clear(struct dataset_build *build)
{
    for (size_t i = 0; i < build->n; i++) free(build->job[i].path);
    free(build->job);
}

/* Leaves an even sample of at most `limit` jobs. */
static void keep_sample(struct dataset_build *build, int limit)
{
    size_t most = (size_t)limit, n = build->n;
    if (limit <= 0 || n <= most) return;
    for (size_t i = 0, kept = 0; i < n; i++) {
        if (kept < most && i == kept * n / most)
            build->job[kept++] = build->job[i];
        else
            free(build->job[i].path);
    }
    build->n = most;
}

/* --- From PTB-XL's tables ---------------------------------------------------------- */

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

/* FOLDER/NAME where its header and its signals are there, else NULL; *failed: no memory. */
static char *present(const char *folder, const char *name, bool *failed)
{
    char *header = leadseq_format("%s/%s.hea", folder, name);
    char *signals = leadseq_format("%s/%s.dat", folder, name);
    char *path = NULL;
    *failed = !header || !signals;
    if (!*failed && leadseq_path_exists(header) && leadseq_path_exists(signals)) {
        path = leadseq_path_join(folder, name);
        *failed = !path;
    }
    free(header);
    free(signals);
    return path;
}

/* The files of the rate asked for, else the other ones. */
static int add_row(struct dataset_build *build, const char *folder,
                   const struct leadseq_ptbxl_row *row)
{
    bool fast = build->options->drawing.rate_hz > 100, failed;
    const char *first = fast ? row->filename_hr : row->filename_lr;
    const char *second = fast ? row->filename_lr : row->filename_hr;
    char *path = present(folder, first, &failed);
    if (!path && !failed) path = present(folder, second, &failed);
    if (failed) return -1;
    if (path) {
        build->job[build->n++] = (struct dataset_job){.path = path, .row = row_of(row)};
        return 0;
    }
    build->report->missing++;
    if (build->options->skip_missing) return 0;
    return leadseq_fail(
        "%s: record %d: expected %s.hea and .dat, or %s.hea and .dat, found neither "
        "pair; skip missing records to go on without them",
        folder, row->ecg_id, first, second);
}

static int list_ptbxl(struct dataset_build *build, const struct leadseq_ptbxl *ptbxl)
{
    build->job = leadseq_calloc(ptbxl->n, sizeof *build->job);
    if (!build->job) return -1;
    for (size_t i = 0; i < ptbxl->n; i++)
        if (add_row(build, ptbxl->folder, &ptbxl->row[i])) return -1;
    if (build->n == 0)
        return leadseq_fail("%s: none of the %zu records of the table has its files there",
                            ptbxl->folder, ptbxl->n);
    keep_sample(build, build->options->limit);
    return 0;
}

/* The simulator leaves a file beside its tables. */
static bool is_simulated(const struct leadseq_ptbxl *ptbxl)
{
    char *path = leadseq_path_join(ptbxl->folder, "SIMULATED.txt");
    bool there = path && leadseq_path_exists(path);
    free(path);
    return there;
}

static char *source_of_ptbxl(const struct leadseq_ptbxl *ptbxl)
{
    static const struct {
        const char *checksum, *version;
    } release[] = {{"crc32:680586bc", "PTB-XL 1.0.3"}};
    const char *version = "a folder laid out as PTB-XL, not the table of a known release";
    if (is_simulated(ptbxl)) version = "simulated records, laid out as PTB-XL";
    for (size_t i = 0; i < LEADSEQ_COUNT(release); i++)
        if (!strcmp(ptbxl->checksum, release[i].checksum)) version = release[i].version;
    return leadseq_format("%s; ptbxl_database.csv of %zu records, %s", version, ptbxl->n,
                          ptbxl->checksum);
}

/* --- From records alone --------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && !strcmp(text + n - m, end);
}

/* PATH.hea of PATH, PATH.hea, PATH.dat or PATH.mat. */
static char *header_of(const char *path)
{
    size_t n = strlen(path);
    if (ends_with(path, ".hea") || ends_with(path, ".dat") || ends_with(path, ".mat")) n -= 4;
    return leadseq_format("%.*s.hea", (int)n, path);
}

/* One record, with no key and no label; `crc` goes on over its header. */
static int add_record(struct dataset_build *build, const char *path, uint32_t *crc)
{
    enum { HEADER_MAX = 1 << 20 };
    struct dataset_job job = {
        .row = {.ecg_id = -1, .patient_id = -1, .strat_fold = -1, .age_years = -1, .sex = -1}};
    job.row.mi = 255;
    job.row.mi_likelihood = NAN;
    memset(job.row.superclass, 255, sizeof job.row.superclass);
    job.path = header_of(path);
    if (!job.path) return -1;
    if (build->options->skip_missing && !leadseq_path_exists(job.path)) {
        build->report->missing++;
        free(job.path);
        return 0;
    }
    build->job[build->n++] = job;
    size_t bytes;
    char *header = leadseq_file_read(job.path, HEADER_MAX, &bytes);
    if (!header) return -1;
    *crc = dataset_crc32(*crc, header, bytes);
    free(header);
    return 0;
}

static const char *name_of(const struct dataset_job *job)
{
    const char *slash = strrchr(job->path, '/');
    return slash ? slash + 1 : job->path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(name_of(a), name_of(b));
}

/* Known before the work, not after it. */
static int check_names(const struct dataset_build *build)
{
    struct dataset_job *sorted = leadseq_calloc(build->n, sizeof *sorted);
    if (!sorted) return -1;
    memcpy(sorted, build->job, build->n * sizeof *sorted);
    qsort(sorted, build->n, sizeof *sorted, by_name);
    int status = 0;
    for (size_t i = 1; !status && i < build->n; i++)
        if (!by_name(&sorted[i - 1], &sorted[i]))
            status =
                leadseq_fail("%s and %s: two records of one name; a stack tells records without "
                             "ecg_id apart by name",
                             sorted[i - 1].path, sorted[i].path);
    free(sorted);
    return status;
}

static int list_records(struct dataset_build *build, char *const *paths, size_t n, uint32_t *crc)
{
    build->job = leadseq_calloc(n, sizeof *build->job);
    if (!build->job) return -1;
    for (size_t i = 0; i < n; i++)
        if (add_record(build, paths[i], crc)) return -1;
    if (build->n == 0) return leadseq_fail("none of the %zu records is there", n);
    if (check_names(build)) return -1;
    keep_sample(build, build->options->limit);
    return 0;
}

/* --- Both ----------------------------------------------------------------------------- */

static void say_lengths(const struct dataset_build *build)
{
    double rate = build->options->drawing.rate_hz;
    if (build->resampled)
        leadseq_info("%zu records were resampled to %g Hz", build->resampled, rate);
    const struct leadseq_preparation *p = &build->options->drawing.preparation;
    double window_s = leadseq_preparation_seconds(p);
    if (build->shortened)
        leadseq_info("%zu records are longer: their %g s from second %g on were drawn",
                     build->shortened, window_s, p->window_start_s);
    if (build->too_short)
        leadseq_info("%zu records end within the %g s from second %g on: the paper's profiles "
                     "draw what is there over the whole width, the others leave the rest empty",
                     build->too_short, window_s, p->window_start_s);
}

static int begin_folders(struct dataset_build *build)
{
    const char *png = build->options->png_folder, *sidecar = build->options->sidecar_folder;
    if (png && !(build->png = dataset_folder_begin(png))) return -1;
    if (sidecar && png && !strcmp(sidecar, png))
        build->sidecar = build->png;
    else if (sidecar && !(build->sidecar = dataset_folder_begin(sidecar)))
        return -1;
    return 0;
}

static int commit_folders(struct dataset_build *build)
{
    int status = 0;
    if (build->sidecar != build->png) status = dataset_folder_commit(build->sidecar);
    if (!status) return dataset_folder_commit(build->png);
    dataset_folder_discard(build->png);
    return status;
}

static int begin_traces(struct dataset_build *build, struct leadseq_stack_writer *writer)
{
    build->distorted = leadseq_distort_any(&build->options->distort);
    build->traced = build->distorted || build->sidecar;
    if (!build->traced) return 0;
    return dataset_stack_traces_begin(dataset_writer_store(writer), build->options);
}

static int make_stack(struct dataset_build *build, const char *out, const char *source)
{
    const struct leadseq_build_options *options = build->options;
    build->record_bytes = leadseq_drawing_bytes(&options->drawing);
    struct leadseq_stack_writer *writer =
        leadseq_stack_create(out, &options->drawing, source, options->command_line);
    if (!writer) return -1;
    if (begin_folders(build) || begin_traces(build, writer)) goto fail;
    if (dataset_build_run(build, writer)) goto fail;
    int status = leadseq_stack_commit(writer);
    writer = NULL;
    if (status) goto fail;
    say_lengths(build);
    return commit_folders(build);
fail:
    leadseq_stack_discard(writer);
    if (build->sidecar != build->png) dataset_folder_discard(build->sidecar);
    dataset_folder_discard(build->png);
    return -1;
}

int leadseq_build_ptbxl(const char *folder, const char *out,
                        const struct leadseq_build_options *options,
                        struct leadseq_build_report *report)
{
    double begin = leadseq_seconds();
    struct dataset_build build = {.options = options, .report = report};
    *report = (struct leadseq_build_report){0};
    if (leadseq_drawing_check(&options->drawing)) return -1;
    struct leadseq_ptbxl *ptbxl = leadseq_ptbxl_open(folder);
    if (!ptbxl) return -1;
    char *source = source_of_ptbxl(ptbxl);
    int status = source ? list_ptbxl(&build, ptbxl) : -1;
    if (!status) status = make_stack(&build, out, source);
    free(source);
    build_clear(&build);
    leadseq_ptbxl_close(ptbxl);
    report->seconds = leadseq_seconds() - begin;
    return status;
}

int leadseq_build_records(char *const *paths, size_t n, const char *out,
                          const struct leadseq_build_options *options,
                          struct leadseq_build_report *report)
{
    double begin = leadseq_seconds();
    struct dataset_build build = {.options = options, .report = report};
    *report = (struct leadseq_build_report){0};
    if (leadseq_drawing_check(&options->drawing)) return -1;
    uint32_t crc = 0;
    int status = list_records(&build, paths, n, &crc);
    char *source =
        leadseq_format("%zu WFDB records, crc32 of their headers: %08x", build.n, (unsigned)crc);
    if (!status) status = source ? make_stack(&build, out, source) : -1;
    free(source);
    build_clear(&build);
    report->seconds = leadseq_seconds() - begin;
    return status;
}
