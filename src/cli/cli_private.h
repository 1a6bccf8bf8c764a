/* SPDX-License-Identifier: MIT
 *
 * Between the files of cli: the table of commands, arguments, experiment files,
 * and what a path leads to. */
#ifndef CLI_PRIVATE_H
#define CLI_PRIVATE_H

#include "train/train.h"

#include <argp.h>

/* Exit statuses; stopped by a signal is 128 + its number. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct cli_command {
    const char *name, *summary;
    int (*run)(int argc, char **argv); /* argv[0] is "leadseq NAME"; the exit status */
};
extern const struct cli_command cli_commands[]; /* ends with a NULL name */
const struct cli_command *cli_command_find(const char *name);
/* The command whose name takes the fewest edits to reach. */
const struct cli_command *cli_command_nearest(const char *name);

int cli_synth(int argc, char **argv);
int cli_render(int argc, char **argv);
int cli_info(int argc, char **argv);
int cli_train(int argc, char **argv);
int cli_sweep(int argc, char **argv);
int cli_evaluate(int argc, char **argv);
int cli_predict(int argc, char **argv);
int cli_compare(int argc, char **argv);
int cli_diagnose(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_watch(int argc, char **argv);
/* The options of an experiment for a person, or as doc/experiment.md has them. */
int cli_help_experiment(bool markdown);

/* Prints the chain's message to stderr; CLI_FAILED, or 128 + the signal that asked to stop. */
int cli_failed(void);
/* CLI_DONE, or 128 + the signal that asked to stop. */
int cli_finished(void);
/* The command line as typed, for files that say how they were made; lives as long as the program.
 */
const char *cli_command_line(void);
void cli_command_line_keep(int argc, char **argv);

/* --- Arguments: what cannot be used ends the program with status 2 (argp_error) ---- */

long cli_integer(struct argp_state *state, const char *option, const char *text, long least,
                 long most);
uint64_t cli_seed(struct argp_state *state, const char *text);
double cli_number(struct argp_state *state, const char *option, const char *text, double least,
                  double most);
/* "START" or "START:LENGTH", in seconds. */
void cli_window(struct argp_state *state, const char *text,
                struct leadseq_preparation *preparation);
/* "512x512" */
void cli_size(struct argp_state *state, const char *text, int *width, int *height);
/* The index of text in a NULL-ended list of names. */
int cli_choice(struct argp_state *state, const char *option, const char *text,
               const char *const names[]);
/* The text of a --precision that there is. */
const char *cli_precision(struct argp_state *state, const char *text);
/* best or last */
enum leadseq_checkpoint cli_checkpoint(struct argp_state *state, const char *text);
/* Ends with "--NAME is missing" where value is NULL. */
void cli_need(struct argp_state *state, const char *option, const char *value);

/* --- After drawing: --distort, --levels, --sidecar; the child's input is this -------- */

struct cli_afterwards {
    struct leadseq_distort distort;
    int levels; /* 0: all */
    const char *sidecar;
};
extern const struct argp cli_afterwards_argp;
void cli_afterwards_apply(const struct cli_afterwards *a, uint64_t seed,
                          struct leadseq_build_options *build);

/* --- Lists of paths, kept in the order given; they belong to argv ------------------ */

struct cli_paths {
    char **path;
    size_t n;
};
int cli_paths_add(struct cli_paths *paths, char *path) LEADSEQ_CHECKED;
void cli_paths_clear(struct cli_paths *paths);

/* Paths in which folders and lists of records are replaced by the records; others stay as given. */
struct cli_records {
    char **path;
    size_t n;
};
int cli_records_expand(struct cli_records *records, const struct cli_paths *given) LEADSEQ_CHECKED;
void cli_records_clear(struct cli_records *records);

/* --- Runs ------------------------------------------------------------------------------ */

/* The resolved experiment of a run folder. */
int cli_run_experiment(const char *folder, struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* Opens a run with the experiment it was made from, computing in the precision it was trained in
 * or, where not NULL, in another: "bf16-emulated". */
struct leadseq_run *cli_run_open_in(const char *folder, enum leadseq_checkpoint which,
                                    const char *precision,
                                    struct leadseq_experiment *e) LEADSEQ_CHECKED;
struct leadseq_run *cli_run_open(const char *folder, enum leadseq_checkpoint which,
                                 struct leadseq_experiment *e) LEADSEQ_CHECKED;

/* --- What a path leads to -------------------------------------------------------------- */

enum cli_kind { CLI_KIND_STACK, CLI_KIND_RUN, CLI_KIND_PNG, CLI_KIND_RECORD };
/* Told by content (signatures, RUN/experiment.yaml); what is none of the others
 * is taken for a record's name. -1 where nothing of the name exists. */
int cli_kind(enum cli_kind *kind, const char *path) LEADSEQ_CHECKED;

/* --- Drawing ------------------------------------------------------------------------------ */

struct cli_drawing { /* what was asked for; NULL: nothing */
    const char *style, *profile, *size, *range_mv, *printout, *rhythm, *grid, *speed, *gain, *dpi;
    const char *no_pulse, *no_names, *grey;
    uint64_t seed;
};
/* A child of a command's own options; its input is a struct cli_drawing. */
extern const struct argp cli_drawing_argp;
/* The drawing asked for, its rate and preparation left at their defaults. */
void cli_drawing_finish(struct argp_state *state, const struct cli_drawing *asked,
                        struct leadseq_drawing *drawing);

/* Images of one record: (leadseq_drawing_images(), height, width, channels) bytes. */

/* Draws all leads as render does; ecg_id -1 where unknown. */
int cli_draw_record(const struct leadseq_drawing *drawing, const struct leadseq_record *record,
                    int ecg_id, uint8_t *images) LEADSEQ_CHECKED;
/* Writes a record as render --svg does. */
int cli_write_svg(const char *path, const struct leadseq_drawing *drawing,
                  const char *record_path) LEADSEQ_CHECKED;
/* Writes FOLDER/ID_I.png … FOLDER/ID_V6.png, or FOLDER/ID.png of a page. */
int cli_write_pngs(const char *folder, const char *id, const struct leadseq_drawing *drawing,
                   uint8_t *images) LEADSEQ_CHECKED;

#endif
