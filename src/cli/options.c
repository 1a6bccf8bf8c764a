/* SPDX-License-Identifier: MIT
 *
 * From a command's table of options to its struct. What cannot be used is wrong
 * usage: argp says so and ends the program with status 2. */
#include "options.h"

#include "status.h"

#include "experiment/experiment.h"

#include <argp.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- Kinds ---------------------------------------------------------------------------- */

static int read_text(const struct cli_option *o, char *text, void *field)
{
    (void)o;
    *(const char **)field = text;
    return 0;
}

/* The place of a word among the choices, -1 and a message if it is none of them. */
static int choose(const struct cli_option *o, const char *text)
{
    char list[256] = "";
    for (int i = 0; o->choices[i]; i++) {
        if (!strcmp(o->choices[i], text)) return i;
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", o->choices[i]);
    }
    return leadseq_fail("expected one of %s, found '%s'", list, text);
}

static int read_whole(const struct cli_option *o, const char *text, int64_t *value)
{
    if (o->choices && choose(o, text) < 0) return -1;
    int64_t least = o->choices ? INT32_MIN : (int64_t)o->least;
    int64_t most = o->choices ? INT32_MAX : (int64_t)o->most;
    if (leadseq_parse_integer(text, least, most, value)) return 0;
    return leadseq_fail("expected a whole number from %lld to %lld, found '%s'", (long long)least,
                        (long long)most, text);
}

static int read_integer(const struct cli_option *o, char *text, void *field)
{
    int64_t value;
    if (read_whole(o, text, &value)) return -1;
    *(int *)field = (int)value;
    return 0;
}

static int read_count(const struct cli_option *o, char *text, void *field)
{
    int64_t value;
    if (read_whole(o, text, &value)) return -1;
    *(size_t *)field = (size_t)value;
    return 0;
}

static int read_number(const struct cli_option *o, char *text, void *field)
{
    if (leadseq_parse_number(text, o->least, o->most, field)) return 0;
    return leadseq_fail("expected a number from %.12g to %.12g, found '%s'", o->least, o->most,
                        text);
}

static int read_seed(const struct cli_option *o, char *text, void *field)
{
    (void)o;
    if (leadseq_parse_seed(text, field)) return 0;
    return leadseq_fail("expected a whole number from 0 to 2^64 - 1, found '%s'", text);
}

static int read_on(const struct cli_option *o, char *text, void *field)
{
    (void)o, (void)text;
    *(bool *)field = true;
    return 0;
}

static int read_off(const struct cli_option *o, char *text, void *field)
{
    (void)o, (void)text;
    *(bool *)field = false;
    return 0;
}

static int read_choice(const struct cli_option *o, char *text, void *field)
{
    int i = choose(o, text);
    if (i < 0) return -1;
    memcpy(field, &i, sizeof i); // the storage of an enum
    return 0;
}

static int read_word(const struct cli_option *o, char *text, void *field)
{
    int i = choose(o, text);
    if (i < 0) return -1;
    *(const char **)field = o->choices[i];
    return 0;
}

static int read_paths(const struct cli_option *o, char *text, void *field)
{
    struct cli_paths *paths = field;
    char **longer = leadseq_realloc(paths->path, paths->n + 1, sizeof *longer);
    if (!longer) return -1;
    paths->path = longer;
    paths->path[paths->n++] = text;
    paths->named |= o->name != NULL;
    return 0;
}

void cli_paths_clear(struct cli_paths *paths)
{
    free(paths->path);
    *paths = (struct cli_paths){0};
}

const struct cli_option_kind cli_text = {.read = read_text}, cli_integer = {.read = read_integer},
                             cli_count = {.read = read_count}, cli_number = {.read = read_number},
                             cli_seed = {.read = read_seed},
                             cli_on = {.read = read_on, .flag = true},
                             cli_off = {.read = read_off, .flag = true},
                             cli_choice = {.read = read_choice}, cli_word = {.read = read_word},
                             cli_paths = {.read = read_paths, .many = true},
                             cli_input = {.read = read_text, .place = CLI_INPUT},
                             cli_inputs = {.read = read_paths, .many = true, .place = CLI_INPUTS},
                             cli_out_file = {.read = read_text, .place = CLI_OUT_FILE},
                             cli_out_store = {.read = read_text, .place = CLI_OUT_STORE},
                             cli_out_folder = {.read = read_text, .place = CLI_OUT_FOLDER};

/* --- argp ------------------------------------------------------------------------------ */

enum { ROWS_MOST = 96, FIRST_KEY = 256 };

struct parser {
    const struct cli_command *command;
    void *arguments;
    const struct cli_option *row[ROWS_MOST];
    struct argp_option option[ROWS_MOST + 1]; /* those with a name, and headings */
    bool seen[ROWS_MOST];
    size_t n;
    int latest; /* the last row with a name that takes several texts; or -1 */
};

/* Every heading begins a group of the help; argp sorts the options of a group. */
static void add_rows(struct parser *p, const struct cli_option *rows, size_t *n_options, int *group)
{
    for (; rows && (rows->kind || rows->help); rows++) {
        assert(p->n < ROWS_MOST);
        p->row[p->n++] = rows;
        if (!rows->kind) ++*group;
        if (!rows->name && rows->kind) continue;
        p->option[(*n_options)++] = (struct argp_option){
            .name = rows->name,
            .key = rows->kind ? FIRST_KEY + (int)p->n - 1 : 0,
            .arg = rows->kind && rows->kind->flag ? NULL : rows->argument,
            .doc = rows->help,
            .group = *group,
        };
    }
}

/* Wrong usage: prints the message, shown plainly, and ends the program. */
static void refuse(const struct argp_state *state)
{
    argp_error(state, "%s", leadseq_error());
}

/* A message without the name it begins with, "train.precision: " before what --precision expects:
 * who reads it typed the option. */
static const char *without_name(const char *message, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t n = strspn(message, letters), m = strlen(name);
    if (n < m || message[n] != ':' || message[n + 1] != ' ') return message;
    if (n > m && message[n - m - 1] != '.') return message;
    for (size_t i = 0; i < m; i++) {
        char c = message[n - m + i];
        if ((c == '_' ? '-' : c) != name[i]) return message;
    }
    return message + n + 2;
}

int cli_option_fail(const char *name)
{
    return leadseq_fail("--%s: %s", name, without_name(leadseq_error(), name));
}

static void read_row(struct argp_state *state, size_t i, char *text)
{
    struct parser *p = state->input;
    const struct cli_option *o = p->row[i];
    p->seen[i] = true;
    if (o->name && o->kind->many) p->latest = (int)i;
    int status = text && !*text
                     ? leadseq_fail("expected %s, found nothing: an empty text", o->argument)
                     : o->kind->read(o, text, (char *)p->arguments + o->field);
    if (!status) return;
    if (o->name)
        cli_option_fail(o->name);
    else
        leadseq_fail_in("%s", o->argument);
    refuse(state);
}

/* For the next row without a name that is not filled or takes several, or else one more text of
 * the option before it: --records A B C. */
static void read_argument(struct argp_state *state, char *text)
{
    struct parser *p = state->input;
    for (size_t i = 0; i < p->n; i++) {
        const struct cli_option *o = p->row[i];
        if (o->name || !o->kind || (p->seen[i] && !o->kind->many)) continue;
        read_row(state, i, text);
        return;
    }
    if (p->latest < 0) {
        leadseq_fail("unexpected argument '%s'", text);
        refuse(state);
    }
    read_row(state, (size_t)p->latest, text);
}

/* The first given of the options of a list such as "png|svg"; NULL: none. */
static const char *given_of(const struct parser *p, const char *names)
{
    for (size_t i = 0; names && i < p->n; i++) {
        const char *name = p->row[i]->name, *at = names;
        size_t n = p->seen[i] && name ? strlen(name) : 0;
        for (; n && at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
            if (!strncmp(at, name, n) && (!at[n] || at[n] == '|')) return name;
    }
    return NULL;
}

/* An option that changes nothing is more likely a mistake than meant. */
static void check_effect(const struct argp_state *state, const struct parser *p,
                         const struct cli_option *o)
{
    const char *other = given_of(p, o->without);
    char names[128] = "";
    if (other) {
        leadseq_fail("--%s has no effect with --%s; give one of them", o->name, other);
        refuse(state);
    }
    if (!o->with || given_of(p, o->with)) return;
    for (const char *at = o->with; *at;) {
        size_t n = strcspn(at, "|"), used = strlen(names);
        snprintf(names + used, sizeof names - used, "--%.*s%s", (int)n, at, at[n] ? " or " : "");
        at += n + (at[n] == '|');
    }
    leadseq_fail("--%s has no effect without %s; give both or neither", o->name, names);
    refuse(state);
}

static void finish(struct argp_state *state)
{
    struct parser *p = state->input;
    for (size_t i = 0; i < p->n; i++) {
        const struct cli_option *o = p->row[i];
        if (p->seen[i]) check_effect(state, p, o);
        if (!o->required || p->seen[i]) continue;
        if (o->name)
            argp_error(state, "--%s %s is missing", o->name, o->argument);
        else
            argp_error(state, "%s is missing", o->argument);
    }
    if (p->command->check && p->command->check(p->arguments)) refuse(state);
}

/* --- Options that are none ----------------------------------------------------------------- */

static const char *const of_argp[] = {"help", "usage", "version"};

/* The row of an option by its name or the beginning of it, as getopt takes it; NULL: none. Names
 * of argp's own are *own. */
static const struct cli_option *find_row(const struct parser *p, const char *name, size_t n,
                                         bool *own)
{
    *own = false;
    for (size_t i = 0; i < LEADSEQ_COUNT(of_argp); i++)
        if (!strncmp(of_argp[i], name, n)) *own = true;
    for (size_t i = 0; i < p->n; i++)
        if (p->row[i]->name && p->row[i]->kind && !strncmp(p->row[i]->name, name, n))
            return p->row[i];
    return NULL;
}

/* NULL: none is near. */
static const char *nearest_option(const struct parser *p, const char *name)
{
    const char *nearest = of_argp[0];
    for (size_t i = 0; i < p->n; i++) {
        const char *other = p->row[i]->kind ? p->row[i]->name : NULL;
        if (other && leadseq_edits(name, other) < leadseq_edits(name, nearest)) nearest = other;
    }
    return leadseq_is_near(name, nearest) ? nearest : NULL;
}

/* The key of an experiment that is meant, where the command takes such keys; else NULL. */
static const char *meant_key(const struct parser *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (!p->row[i]->name && p->row[i]->argument && !strcmp(p->row[i]->argument, "KEY=VALUE"))
            return leadseq_option_meant(name);
    return NULL;
}

/* "cpu" is a device, but no number of threads. */
static bool takes(const char *key, const char *value)
{
    struct leadseq_experiment *e = leadseq_experiment_new();
    bool good = e && !leadseq_experiment_set(e, key, value);
    leadseq_experiment_free(e);
    leadseq_error_clear();
    return good;
}

/* `next` (NULL: none) is the word after it, perhaps its value. */
static int refuse_option(const struct parser *p, const char *word, const char *next)
{
    const char *name = word + strspn(word, "-"), *given = strchr(name, '=');
    const char *value = given ? given + 1 : next && *next != '-' ? next : "VALUE";
    char *only = strndup(name, strcspn(name, "="));
    const char *option = only ? nearest_option(p, only) : NULL;
    const char *key = only && !option ? meant_key(p, only) : NULL;
    char hint[256] = "";
    if (option) snprintf(hint, sizeof hint, "; the nearest is --%s", option);
    if (key)
        snprintf(hint, sizeof hint, "; a value of the experiment is given as %s=%.128s", key,
                 takes(key, value) ? value : "VALUE");
    const char *command = p->command->name;
    leadseq_fail("leadseq %s: unknown option '%s'%s. 'leadseq %s --help' lists all", command, word,
                 hint, command);
    free(only);
    fprintf(stderr, "%s\n", leadseq_error());
    return -1;
}

/* Before argp sees them, because getopt prints a word as it is and names no other. -h is --help. */
static int check_words(const struct parser *p, int argc, char **argv)
{
    static char help[] = "--help";
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        bool own;
        const char *word = argv[i];
        if (!strcmp(word, "-h")) argv[i] = help;
        if (word[0] != '-' || !word[1] || !strcmp(word, "-?") || !strcmp(word, "-V") ||
            argv[i] == help)
            continue;
        size_t n = strcspn(word + 2, "=");
        const struct cli_option *o = word[1] == '-' ? find_row(p, word + 2, n, &own) : NULL;
        if (!o && (word[1] != '-' || !own)) return refuse_option(p, word, argv[i + 1]);
        if (o && !o->kind->flag && word[2 + n] != '=') i++; // its text
    }
    return 0;
}

/* --- The whole ------------------------------------------------------------------------------ */

static error_t parse(int key, char *text, struct argp_state *state)
{
    const struct parser *p = state->input;
    if (key == ARGP_KEY_ARG)
        read_argument(state, text);
    else if (key == ARGP_KEY_END)
        finish(state);
    else if (key >= FIRST_KEY && key < FIRST_KEY + (int)p->n)
        read_row(state, (size_t)(key - FIRST_KEY), text);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* The command's lists before its examples. argp frees what is not `text` itself. */
static char *filter_help(int key, const char *text, void *input)
{
    const struct parser *p = input;
    char *help = NULL;
    size_t size;
    if (key != ARGP_KEY_HELP_POST_DOC || !p || !p->command->lists) return (char *)(uintptr_t)text;
    FILE *out = open_memstream(&help, &size);
    if (!out) return (char *)(uintptr_t)text;
    p->command->lists(out);
    if (text) fprintf(out, "\n%s", text);
    return fclose(out) ? (char *)(uintptr_t)text : help;
}

static int check_outputs(const struct parser *p)
{
    struct cli_given given[ROWS_MOST];
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->seen[i] && p->row[i]->kind->place)
            given[n++] =
                (struct cli_given){p->row[i], (const char *)p->arguments + p->row[i]->field};
    return cli_outputs_check(given, n, given_of(p, "force") != NULL);
}

/* The exit status where the command cannot run. */
static int parse_all(const struct cli_command *c, void *arguments, int argc, char **argv)
{
    struct parser p = {.command = c, .arguments = arguments, .latest = -1};
    size_t n_options = 0;
    int group = 0;
    add_rows(&p, c->options, &n_options, &group);
    if (c->more) add_rows(&p, c->more(), &n_options, &group);
    if (check_words(&p, argc, argv)) return argp_err_exit_status;
    char *doc = leadseq_format("%s\v%s", c->about, c->examples ? c->examples : "");
    const struct argp argp = {.options = p.option,
                              .parser = parse,
                              .args_doc = c->usage,
                              .doc = doc ? doc : c->about,
                              .help_filter = filter_help};
    argp_parse(&argp, argc, argv, 0, NULL, &p);
    free(doc);
    return check_outputs(&p) ? cli_failed() : CLI_DONE;
}

int cli_command_run(const struct cli_command *c, int argc, char **argv)
{
    void *arguments = calloc(1, c->size ? c->size : 1);
    if (!arguments) abort();
    if (c->init) c->init(arguments);
    int status = parse_all(c, arguments, argc, argv);
    if (status == CLI_DONE) status = c->run(arguments);
    if (c->clear) c->clear(arguments);
    free(arguments);
    return status;
}
