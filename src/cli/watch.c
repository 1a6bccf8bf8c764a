/* SPDX-License-Identifier: MIT
 *
 * leadseq watch: a run on the terminal, redrawn every second while it goes on;
 * where the output is no terminal, one look at it. */
#include "watch.h"
#include "cli_private.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *run;
    bool once;
    int seconds;
};

enum { ONCE = 256, EVERY };

static const struct argp_option options[] = {
    {"once", ONCE, NULL, 0, "Print one look at it and end", 0},
    {"every", EVERY, "SECONDS", 0, "Time between looks (default 1)", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ONCE:
        a->once = true;
        return 0;
    case EVERY:
        a->seconds = (int)cli_integer(state, "--every", text, 1, 3600);
        return 0;
    case ARGP_KEY_ARG:
        if (a->run) argp_error(state, "expected one run, found also '%s'", text);
        a->run = text;
        return 0;
    case ARGP_KEY_END:
        if (!a->run) argp_error(state, "expected a run's folder");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* One look as text in fresh memory. */
static char *look(const struct arguments *a, const struct leadseq_experiment *e, int width,
                  bool blocks)
{
    struct leadseq_glance g;
    struct watch_page page = {.name = e->name, .width = width, .blocks = blocks};
    char *text = NULL;
    size_t size;
    if (leadseq_glance_read(&g, a->run, e)) return NULL;
    FILE *memory = open_memstream(&text, &size);
    int status = memory ? watch_write(&g, &page, memory) : leadseq_fail_memory(0);
    if (memory) fclose(memory);
    leadseq_glance_clear(&g);
    if (!status) return text;
    free(text);
    return NULL;
}

static int print_once(const struct arguments *a, const struct leadseq_experiment *e, bool blocks)
{
    char *text = look(a, e, 100, blocks);
    if (!text) return -1;
    fputs(text, stdout);
    free(text);
    return 0;
}

static void show(const char *text)
{
    int row = 0;
    erase();
    for (const char *line = text; *line && row < LINES - 1; row++) {
        size_t n = strcspn(line, "\n");
        mvaddnstr(row, 0, line, (int)n);
        line += n + (line[n] == '\n');
    }
    attron(A_REVERSE);
    mvaddstr(LINES - 1, 0, " q ends; the run goes on ");
    attroff(A_REVERSE);
    refresh();
}

/* Until q, or a signal. */
static int watch(const struct arguments *a, const struct leadseq_experiment *e, bool blocks)
{
    int status = 0, key = 0;
    initscr();
    cbreak();
    noecho();
    curs_set(0);
    timeout(a->seconds * 1000);
    while (!status && key != 'q' && key != 'Q' && !leadseq_stop_signal()) {
        char *text = look(a, e, COLS, blocks);
        if (text) show(text);
        status = text ? 0 : -1;
        free(text);
        if (!status) key = getch();
    }
    endwin();
    return status;
}

int cli_watch(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN",
        .doc =
            "Shows loss, gradient by lead and saturation of a run while it goes on; the run does "
            "not notice. What they mean: leadseq diagnose RUN, also while it goes on.\vExample:\n"
            "  leadseq watch run",
    };
    struct leadseq_experiment e;
    struct arguments a = {.seconds = 1};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (cli_run_experiment(a.run, &e)) return cli_failed();
    setlocale(LC_CTYPE, "");
    bool blocks = !strcmp(nl_langinfo(CODESET), "UTF-8");
    const char *term = getenv("TERM");
    leadseq_stop_install();
    bool screen = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb");
    int status = a.once || !screen ? print_once(&a, &e, blocks) : watch(&a, &e, blocks);
    return status ? cli_failed() : CLI_DONE;
}
