/* SPDX-License-Identifier: MIT
 *
 * The table of commands, and how each of them ends. */
#include "cli_private.h"

#include <stdlib.h>
#include <string.h>

const struct cli_command cli_commands[] = {
    {"synth", "simulate a folder of records laid out as PTB-XL", cli_synth},
    {"render", "draw records, one image a lead, into an HDF5 stack", cli_render},
    {"info", "tell what is in a record, a stack or a run", cli_info},
    {"train", "train the model of an experiment file on a stack", cli_train},
    {"sweep", "train an experiment in many settings, and tell them apart", cli_sweep},
    {"evaluate", "predict one split of a stack with a run, and measure it", cli_evaluate},
    {"predict", "predict a stack, WFDB records or a patient's PNG files", cli_predict},
    {"diagnose", "tell why a run failed, or that nothing is wrong", cli_diagnose},
    {"watch", "show a run in the terminal while it goes on", cli_watch},
    {"compare", "compare runs on the same patients in a report", cli_compare},
    {"bench", "measure time and memory of each stage on this machine", cli_bench},
    {NULL, NULL, NULL},
};

const struct cli_command *cli_command_find(const char *name)
{
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (!strcmp(c->name, name)) return c;
    return NULL;
}

/* Levenshtein's distance: letters put in, taken out or changed. */
static size_t edits(const char *a, const char *b)
{
    enum { LONGEST = 32 };
    size_t n = strnlen(a, LONGEST), m = strnlen(b, LONGEST), row[LONGEST + 1];
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t least = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < least) least = row[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            row[j] = least;
        }
    }
    return row[m];
}

const struct cli_command *cli_command_nearest(const char *name)
{
    const struct cli_command *nearest = cli_commands;
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (edits(name, c->name) < edits(name, nearest->name)) nearest = c;
    return nearest;
}

int cli_finished(void)
{
    int number = leadseq_stop_signal();
    return number ? 128 + number : CLI_DONE;
}

int cli_failed(void)
{
    if (!leadseq_rank()) fprintf(stderr, "leadseq: %s\n", leadseq_error());
    int number = leadseq_stop_signal();
    return number ? 128 + number : CLI_FAILED;
}

static char *command_line;

const char *cli_command_line(void)
{
    return command_line ? command_line : "";
}

static void forget_command_line(void)
{
    free(command_line);
    command_line = NULL;
}

void cli_command_line_keep(int argc, char **argv)
{
    forget_command_line();
    size_t size;
    FILE *out = open_memstream(&command_line, &size);
    if (!out) return; // the files then lack this line, which is no reason to stop
    fputs("leadseq", out);
    for (int i = 1; i < argc; i++) {
        fputc(' ', out);
        leadseq_print_word(out, argv[i]);
    }
    fclose(out);
    static bool registered;
    if (!registered) atexit(forget_command_line);
    registered = true;
}
