/* SPDX-License-Identifier: MIT
 *
 * leadseq: finds the command and hands it its arguments. The only place that
 * ends the program, apart from argp on wrong usage. */
#include "commands.h"
#include "printed.h"
#include "status.h"

#include "experiment/experiment.h"

#include <argp.h>
#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_usage(FILE *out)
{
    fputs("Usage: leadseq COMMAND [ARGUMENT...]\n"
          "Per-lead images of 12-lead ECGs, sequential and convolutional classifiers of them,\n"
          "and their comparison on the same patients.\n\nCommands:\n",
          out);
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fputs("\n'leadseq COMMAND --help' lists the options of a command, 'leadseq help experiment' "
          "the keys\n"
          "of an experiment file, 'leadseq --version' the version.\n"
          "For research, not for clinical use.\n",
          out);
}

/* What is like a command: "help", and for help a subject of its own. */
static void print_unknown(const char *name, const char *subject)
{
    const char *nearest = cli_command_nearest(name, subject);
    fprintf(stderr, "leadseq: unknown command '%s'", leadseq_plain(name));
    if (nearest) fprintf(stderr, "; the nearest is '%s'", nearest);
    fputs(". Commands:", stderr);
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        fprintf(stderr, " %s", (*c)->name);
    fputs("\n", stderr);
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
    char name[64];
    snprintf(name, sizeof name, "leadseq %s", command->name);
    argv[0] = name; // what argp calls the program in its messages
    return cli_command_run(command, argc, argv);
}

/* The keys of an experiment file for a person, or as doc/experiment.md has them. */
static int help_experiment(bool markdown)
{
    int status = markdown ? leadseq_experiment_reference(stdout) : leadseq_experiment_help(stdout);
    return status ? cli_failed() : CLI_DONE;
}

static int refuse_word(const char *word)
{
    fprintf(stderr,
            "leadseq help: unexpected argument '%s'; expected one command, experiment, or "
            "nothing\n",
            leadseq_plain(word));
    return CLI_USAGE;
}

/* `leadseq help`, `leadseq help COMMAND`, `leadseq help experiment [--markdown]`. */
static int help(int argc, char **argv)
{
    const char *of = argc < 2 ? "help" : argv[1];
    bool keys = !strcmp(of, "experiment");
    bool markdown = keys && argc > 2 && !strcmp(argv[2], "--markdown");
    if (argc > 2 + markdown) return refuse_word(argv[2 + markdown]);
    if (keys) return help_experiment(markdown);
    if (!strcmp(of, "help") || !strcmp(of, "--help")) {
        print_usage(stdout);
        return CLI_DONE;
    }
    const struct cli_command *command = cli_command_find(of);
    if (!command) {
        print_unknown(of, "experiment");
        return CLI_USAGE;
    }
    char *arguments[] = {NULL, (char[]){"--help"}, NULL};
    return run_command(command, 2, arguments);
}

static bool stdout_closed;

/* A file that could not be written completely must not look done: stdout on a full disk. */
static int close_stdout(int status)
{
    stdout_closed = true;
    bool lost = ferror(stdout) || fflush(stdout);
    if (lost && status == CLI_DONE) {
        leadseq_fail("standard output could not be written: %s", leadseq_write_reason(stdout));
        status = cli_failed();
    }
    if (fclose(stdout) && status == CLI_DONE) {
        leadseq_fail("standard output could not be written: %s", strerror(errno));
        status = cli_failed();
    }
    return status;
}

/* argp ends the program itself after --help and --version. */
static void close_stdout_at_exit(void)
{
    if (stdout_closed || (!ferror(stdout) && !fflush(stdout))) return;
    _exit(close_stdout(CLI_DONE));
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return CLI_USAGE;
    }
    const char *word = argv[1];
    if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
        puts(argp_program_version);
        return CLI_DONE;
    }
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help"))
        return help(argc - 1, argv + 1);
    const struct cli_command *command = cli_command_find(word);
    if (command) return run_command(command, argc - 1, argv + 1);
    print_unknown(word, "help");
    return CLI_USAGE;
}

/* Where one was closed (>&-), the first file that is opened would have its number, and what is
 * printed would go into that file. Reading or writing it fails as before. */
static void occupy_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0) return;
}

int main(int argc, char **argv)
{
    const struct cli_command *command = argc > 1 ? cli_command_find(argv[1]) : NULL;
    if (command && command->in_step) leadseq_threads_wait_asleep(argv);
    occupy_standard_streams();
    cli_printed_plainly();
    argp_program_version = PACKAGE_STRING;
    argp_err_exit_status = CLI_USAGE;
    setenv("ARGP_HELP_FMT", "rmargin=99", 0); // examples fit a line
    cli_command_line_keep(argc, argv);
    leadseq_stop_install();
    atexit(close_stdout_at_exit);
    int status = close_stdout(dispatch(argc, argv));
    return status == CLI_DONE ? cli_finished() : status;
}
