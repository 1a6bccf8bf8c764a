/* SPDX-License-Identifier: MIT
 *
 * A command as data: its name, its arguments as rows of a table, and what it does
 * with them. One parser (options.c, over argp) fills the command's own struct, checks
 * every value and prints the help, so that commands contain no parsing.
 *
 *     struct arguments {
 *         const char *out;
 *         int patients;
 *     };
 *     static const struct cli_option options[] = {
 *         {"out", "DIR", &cli_text, FIELD(out), "Folder to make", .required = true},
 *         {"patients", "N", &cli_integer, FIELD(patients), "Patients", .least = 1, .most = 1e6},
 *         {0},
 *     };
 *
 * Texts and paths point into argv, which lives as long as the program. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/base.h"

struct cli_option;

/* What a path given as a value is to the command; outputs.c checks all of them before it runs. */
enum cli_place {
    CLI_NO_PLACE,
    CLI_INPUT,      /* const char *: read, so never written */
    CLI_INPUTS,     /* struct cli_paths: the same of each */
    CLI_OUT_FILE,   /* const char *: a file to write, or a device or pipe to write into */
    CLI_OUT_STORE,  /* ... an HDF5 file, which can be neither */
    CLI_OUT_FOLDER, /* ... a folder; what may be in it is the command's to judge */
};

/* How the text of an option becomes a value. */
struct cli_option_kind {
    /* Sets *field; text is NULL for a flag and else never empty. On failure -1 and a message that
     * says what was expected and found; the parser puts the option's name before it, in place of
     * any name of the same word that the message begins with. */
    int (*read)(const struct cli_option *option, char *text, void *field);
    bool flag; /* takes no text */
    bool many; /* takes several texts: all arguments that follow */
    enum cli_place place;
};

struct cli_option {
    const char *name;     /* "out" of --out; NULL: an argument without a name, or a heading */
    const char *argument; /* what the help calls the text: "DIR" */
    const struct cli_option_kind *kind; /* NULL: `help` is a heading over the rows that follow */
    size_t field;                       /* where in the command's struct; see FIELD */
    const char *help;
    bool required;
    /* Names of options, "png|svg": without all of the first, or with one of the second, the option
     * has no effect, which is wrong usage; NULL: none. */
    const char *with, *without;
    double least, most;         /* of numbers */
    const char *const *choices; /* of words, NULL-ended */
    const void *more;           /* for a kind of the command's own */
};
/* The field of the command's `struct arguments`. */
#define FIELD(name) offsetof(struct arguments, name)

/* Kinds, with the type of their field. */
extern const struct cli_option_kind cli_text,    /* const char * */
    cli_integer,                                 /* int; one of `choices` where they are given */
    cli_count,                                   /* size_t */
    cli_number,                                  /* double */
    cli_seed,                                    /* uint64_t */
    cli_on, cli_off,                             /* bool: flags that set it or clear it */
    cli_choice,                                  /* int or an enum: the place among the choices */
    cli_word,                                    /* const char *, one of the choices */
    cli_paths,                                   /* struct cli_paths, added to */
    cli_input, cli_inputs,                       /* as cli_text and cli_paths, of what is read */
    cli_out_file, cli_out_store, cli_out_folder; /* as cli_text, of what is written */

/* The row of a command that writes a file or more: a flag, bool, of the struct's field `force`. */
#define CLI_FORCE_OPTION                                                                           \
    {                                                                                              \
        "force", NULL, &cli_on, FIELD(force),                                                      \
            "Replace a file that is there already (never an input)", .with = "out"                 \
    }

/* Paths or other words in the order given. */
struct cli_paths {
    char **path;
    size_t n;
    bool named; /* the option's name was given */
};
void cli_paths_clear(struct cli_paths *paths);

struct cli_command {
    const char *name, *summary;
    const char *usage;    /* the arguments, one form per line */
    const char *about;    /* before the options in the help */
    const char *examples; /* after them */
    const struct cli_option *options;
    size_t size; /* of struct arguments, which begins as zeros */
    /* Each of these may be NULL: defaults, rows that other tables add, lists in the help after the
     * options, what only several options together can have wrong (-1 and a message), and what the
     * struct owns. */
    void (*init)(void *arguments);
    const struct cli_option *(*more)(void);
    void (*lists)(FILE *out);
    int (*check)(void *arguments);
    void (*clear)(void *arguments);
    int (*run)(void *arguments); /* the exit status */
    bool in_step; /* its threads wait for each other often (leadseq_threads_wait_asleep()) */
};

/* Puts "--NAME: " before the message, in place of a name of the same word that it begins with, such
 * as "train.precision: ". Returns -1. */
int cli_option_fail(const char *name);
/* A row that was parsed, for the check of outputs. */
struct cli_given {
    const struct cli_option *row;
    const void *value; /* its field */
};
/* Before a command runs: whether each output can be written, is none of the inputs, and is not
 * there already, unless `force`. -1 and a message that begins with the option's name. */
int cli_outputs_check(const struct cli_given *given, size_t n, bool force) LEADSEQ_CHECKED;

/* Parses and runs; the exit status. Wrong usage and --help end the program here. */
int cli_command_run(const struct cli_command *command, int argc, char **argv);

#endif
