/* SPDX-License-Identifier: MIT
 *
 * leadseq info: what is in a record, a stack or a run. */
#include "info.h"
#include "cli_private.h"

#include <string.h>

enum { JSON = 256, PNG, ECG_ID, FIRST, QUALITY };

static const struct argp_option options[] = {
    {"json", JSON, NULL, 0, "For a program", 0},
    {"quality", QUALITY, NULL, 0,
     "What is doubtful about a record and why; how often in a stack, a folder or a list", 0},
    {"png", PNG, "DIR", 0, "Also write images: of a record, or of records of a stack", 0},
    {"ecg-id", ECG_ID, "ID", 0, "With --png: the record of a stack", 0},
    {"first", FIRST, "N", 0, "With --png: the first N records of a stack (default 10)", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct info_request *r = state->input;
    switch (key) {
    case JSON:
        r->json = true;
        return 0;
    case QUALITY:
        r->quality = true;
        return 0;
    case PNG:
        r->png = text;
        return 0;
    case ECG_ID:
        r->ecg_id = (int)cli_integer(state, "--ecg-id", text, 0, INT32_MAX);
        return 0;
    case FIRST:
        r->first = (size_t)cli_integer(state, "--first", text, 1, INT32_MAX);
        return 0;
    case ARGP_KEY_ARG:
        if (r->path) argp_error(state, "unexpected argument '%s'", text);
        r->path = text;
        return 0;
    case ARGP_KEY_END:
        cli_need(state, "FILE, RUN or RECORD", r->path);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char *const quality_names[] = {
    "baseline_drift", "static_noise", "burst_noise", "electrodes", "flat_lead",
    "saturated",      "missing",      "einthoven",   "reversed",
};

const char *info_quality(char text[INFO_QUALITY_TEXT], uint16_t bits)
{
    size_t n = 0;
    strcpy(text, "none");
    for (size_t i = 0; i < LEADSEQ_COUNT(quality_names); i++)
        if (bits >> i & 1)
            n += (size_t)snprintf(text + n, INFO_QUALITY_TEXT - n, "%s%s", n ? ", " : "",
                                  quality_names[i]);
    return text;
}

struct leadseq_json *info_quality_json(uint16_t bits)
{
    struct leadseq_json *names = leadseq_json_object();
    for (size_t i = 0; i < LEADSEQ_COUNT(quality_names); i++)
        leadseq_json_set_bool(names, quality_names[i], bits >> i & 1);
    return names;
}

int info_print_json(struct leadseq_json *json)
{
    int status = leadseq_json_write(json, stdout);
    leadseq_json_free(json);
    return status;
}

int info_print_table(struct leadseq_table *table)
{
    int status = table ? leadseq_table_write_text(table, 100, stdout) : -1;
    leadseq_table_free(table);
    return status;
}

static int describe(const struct info_request *request)
{
    enum cli_kind kind;
    if (request->quality) return info_quality_of(request);
    if (cli_kind(&kind, request->path)) return -1;
    switch (kind) {
    case CLI_KIND_STACK:
        return info_stack(request);
    case CLI_KIND_RUN:
        return info_run(request);
    case CLI_KIND_RECORD:
        return info_record(request);
    default:
        return leadseq_fail("%s: expected a record, a stack or a run, found a PNG file",
                            request->path);
    }
}

int cli_info(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE|RUN|RECORD\n--quality FILE|RECORD|DIR",
        .doc = "Tells what is in a WFDB record, a stack or a run's folder.\vExample:\n"
               "  leadseq info stack.h5 --json",
    };
    struct info_request request = {.ecg_id = -1, .first = 10};
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    return describe(&request) ? cli_failed() : CLI_DONE;
}
