/* SPDX-License-Identifier: MIT
 *
 * leadseq synth: simulated records in a folder laid out as PTB-XL. */
#include "cli_private.h"

#include "synth/synth.h"

struct arguments {
    const char *out;
    bool has_patients;
    struct leadseq_synth_options options;
};

enum { OUT = 256, PATIENTS, SEED, MI_SHARE, DIFFICULTY, NOISE, WORKERS };

static const struct argp_option options[] = {
    {"out", OUT, "DIR", 0, "Folder to make; must not exist yet", 0},
    {"patients", PATIENTS, "N", 0, "Patients; some have several records", 0},
    {"seed", SEED, "S", 0, "What is drawn depends on this number alone (default 1)", 0},
    {"mi-share", MI_SHARE, "X", 0, "Share of infarctions among records (default 0.25)", 0},
    {"difficulty", DIFFICULTY, "X", 0,
     "0: textbook cases; 1: as faint and as mixed as in real records (default); up to 3: harder",
     0},
    {"noise", NOISE, "X", 0, "1: as in real records (default); 0: none", 0},
    {"workers", WORKERS, "N", 0, "Threads; 0: one a processor (default)", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OUT:
        a->out = text;
        return 0;
    case PATIENTS:
        a->options.patients = (int)cli_integer(state, "--patients", text, 1, 1000000);
        a->has_patients = true;
        return 0;
    case SEED:
        a->options.seed = cli_seed(state, text);
        return 0;
    case MI_SHARE:
        a->options.mi_share = cli_number(state, "--mi-share", text, 0, 1);
        return 0;
    case DIFFICULTY:
        a->options.difficulty = cli_number(state, "--difficulty", text, 0, 3);
        return 0;
    case NOISE:
        a->options.noise = cli_number(state, "--noise", text, 0, 100);
        return 0;
    case WORKERS:
        a->options.workers = (int)cli_integer(state, "--workers", text, 0, 1024);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", text);
        return 0;
    case ARGP_KEY_END:
        cli_need(state, "--out DIR", a->out);
        if (!a->has_patients) argp_error(state, "--patients N is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cli_synth(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "--out DIR --patients N",
        .doc =
            "Simulates 12-lead records with and without myocardial infarction and writes them as "
            "PTB-XL is laid out: WFDB records at 100 and 500 Hz, ptbxl_database.csv, "
            "scp_statements.csv.\vExample:\n  leadseq synth --out simulated --patients 300 --seed "
            "1",
    };
    struct arguments a = {0};
    leadseq_synth_default(&a.options);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    leadseq_stop_install();
    if (leadseq_synth(a.out, &a.options)) return cli_failed();
    return cli_finished();
}
