/* SPDX-License-Identifier: MIT
 *
 * leadseq synth: simulated records in a folder laid out as PTB-XL. */
#include "options.h"
#include "status.h"

#include "synth/synth.h"

struct arguments {
    const char *out;
    struct leadseq_synth_options options;
};

static const struct cli_option options[] = {
    {"out", "DIR", &cli_out_folder, FIELD(out), "Folder to make; must be new or empty",
     .required = true},
    {"patients", "N", &cli_integer, FIELD(options.patients), "Patients; some have several records",
     .required = true, .least = 1, .most = 1000000},
    {"seed", "S", &cli_seed, FIELD(options.seed),
     "Decides everything that is random; the same seed gives the same records (default 1)"},
    {"mi-share", "X", &cli_number, FIELD(options.mi_share),
     "Share of records with an infarction (default 0.25)", .most = 1},
    {"difficulty", "X", &cli_number, FIELD(options.difficulty),
     "0: textbook cases; 1: as faint and as varied as in real records (default); up to 3: harder",
     .most = 3},
    {"noise", "X", &cli_number, FIELD(options.noise), "1: as in real records (default); 0: none",
     .most = 100},
    {"workers", "N", &cli_integer, FIELD(options.workers),
     "Threads; 0: OMP_NUM_THREADS, else one per processor (default)", .most = 1024},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    leadseq_synth_default(&a->options);
}

static int run(void *arguments)
{
    const struct arguments *a = arguments;
    return leadseq_synth(a->out, &a->options) ? cli_failed() : CLI_DONE;
}

const struct cli_command cli_synth = {
    .name = "synth",
    .summary = "simulate a folder of records laid out as PTB-XL",
    .usage = "--out DIR --patients N",
    .about = "Simulates 12-lead records with and without myocardial infarction and writes them in "
             "the layout of PTB-XL: WFDB records at 100 and 500 Hz, ptbxl_database.csv, "
             "scp_statements.csv.",
    .examples = "Example:\n  leadseq synth --out simulated --patients 300 --seed 1",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .run = run,
};
