/* SPDX-License-Identifier: MIT
 *
 * How every command ends, and the command line as it was typed. */
#include "status.h"

#include "train/train.h"

#include <signal.h>
#include <stdlib.h>

int cli_finished(void)
{
    int number = leadseq_stop_signal();
    return number ? 128 + number : CLI_DONE;
}

/* Nothing is said where nobody reads any more: leadseq info ... | head. */
int cli_failed(void)
{
    int number = leadseq_stop_signal();
    if (!leadseq_rank() && number != SIGPIPE) fprintf(stderr, "leadseq: %s\n", leadseq_error());
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
    if (!out) return; // the files will lack this line, which is no reason to stop
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
