/* SPDX-License-Identifier: MIT
 *
 * leadseq info: what is in a record, a stack or a run. */
#include "info.h"
#include "kind.h"
#include "options.h"
#include "records.h"
#include "status.h"

struct arguments {
    struct info_request request;
};

static const struct cli_option options[] = {
    {NULL, "FILE, RUN or RECORD", &cli_input, FIELD(request.path), .required = true},
    {"json", NULL, &cli_on, FIELD(request.json), "Print JSON, for a program"},
    {"quality", NULL, &cli_on, FIELD(request.quality),
     "Print what is doubtful about a record and why; how often in a stack, a folder or a list"},
    {"png", "DIR", &cli_out_folder, FIELD(request.png),
     "Also write images: of a record, or of records of a stack", .without = "quality"},
    {"force", NULL, &cli_on, FIELD(request.force),
     "With --png: replace images that are there already", .with = "png"},
    {"ecg-id", "ID", &cli_integer, FIELD(request.ecg_id), "With --png: the record of a stack",
     .most = INT32_MAX, .with = "png"},
    {"first", "N", &cli_count, FIELD(request.first),
     "With --png: the first N records of a stack (default 10)", .least = 1, .most = INT32_MAX,
     .with = "png", .without = "ecg-id"},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->request.ecg_id = -1;
}

static int describe(const struct info_request *request)
{
    enum cli_kind kind;
    if (request->quality) return info_quality_of(request);
    if (cli_kind(&kind, request->path)) return -1;
    if (kind != CLI_KIND_STACK && (request->first || request->ecg_id >= 0))
        return leadseq_fail("%s: --first and --ecg-id choose records of a stack, and this is none",
                            request->path);
    switch (kind) {
    case CLI_KIND_STACK:
        return info_stack(request);
    case CLI_KIND_RUN:
        return info_run(request);
    case CLI_KIND_RECORD:
        if (leadseq_path_exists(request->path) && cli_records_is_list(request->path))
            return leadseq_fail(
                "%s: expected a record (its name or its header .hea), a stack (.h5) "
                "or a run's folder, found another file; lists of records are for "
                "--quality",
                request->path);
        return info_record(request);
    default:
        return leadseq_fail("%s: expected a record, a stack or a run, found a PNG file",
                            request->path);
    }
}

/* Nobody else writes into the folder of images meanwhile. */
static int describe_into_old(struct info_request *request)
{
    int lock;
    if (leadseq_lock_claim(request->png, &lock)) return -1;
    int status = describe(request);
    leadseq_lock_release(lock);
    return status;
}

/* A folder that was not there appears when all images are in it. */
static int describe_into_new(struct info_request *request)
{
    struct leadseq_folder *folder = leadseq_folder_begin(request->png, false);
    if (!folder) return -1;
    request->png = leadseq_folder_partial(folder);
    if (!describe(request)) return leadseq_folder_commit(folder);
    leadseq_folder_discard(folder);
    return -1;
}

static int describe_with_images(struct info_request *request)
{
    enum cli_kind kind;
    if (cli_kind(&kind, request->path)) return -1; // before a folder is made for nothing
    request->png_exists = leadseq_path_exists(request->png);
    return request->png_exists ? describe_into_old(request) : describe_into_new(request);
}

static int run(void *arguments)
{
    struct info_request *request = &((struct arguments *)arguments)->request;
    int status = request->png ? describe_with_images(request) : describe(request);
    return status ? cli_failed() : CLI_DONE;
}

const struct cli_command cli_info = {
    .name = "info",
    .summary = "describe a record, a stack or a run",
    .usage = "FILE|RUN|RECORD\n--quality FILE|RECORD|DIR",
    .about = "Describes a WFDB record, a stack or a run's folder.",
    .examples = "Example:\n  leadseq info stack.h5 --json",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .run = run,
};
