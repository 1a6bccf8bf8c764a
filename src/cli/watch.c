/* SPDX-License-Identifier: MIT
 *
 * leadseq watch: a run on the terminal, redrawn every second while it continues; if the
 * output is no terminal, its present state once. */
#include "watch.h"
#include "options.h"
#include "run.h"
#include "status.h"

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

static const struct cli_option options[] = {
    {NULL, "RUN", &cli_text, FIELD(run), .required = true},
    {"once", NULL, &cli_on, FIELD(once), "Print the present state once and end"},
    {"every", "SECONDS", &cli_integer, FIELD(seconds), "Time between updates (default 1)",
     .least = 1, .most = 3600, .without = "once"},
    {0},
};

static void init(void *arguments)
{
    struct arguments *a = arguments;
    a->seconds = 1;
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
    mvaddstr(LINES - 1, 0, " q ends; the run continues ");
    attroff(A_REVERSE);
    refresh();
}

/* Until q, or a signal. */
static int watch(const struct arguments *a, const struct leadseq_experiment *e, bool blocks)
{
    int status = 0, key = 0;
    FILE *terminal =
        fdopen(dup(STDOUT_FILENO), "w"); // curses writes what stdout would not let pass
    SCREEN *screen = terminal ? newterm(NULL, terminal, stdin) : NULL;
    if (!screen) {
        if (terminal) fclose(terminal);
        return leadseq_fail("this terminal (TERM=%s) cannot be drawn on; use --once",
                            getenv("TERM"));
    }
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
    delscreen(screen);
    fclose(terminal);
    return status;
}

static int run(void *arguments)
{
    const struct arguments *a = arguments;
    struct leadseq_experiment e;
    if (leadseq_run_experiment(a->run, &e)) return cli_failed();
    setlocale(LC_CTYPE, "");
    bool blocks = !strcmp(nl_langinfo(CODESET), "UTF-8");
    const char *term = getenv("TERM");
    bool screen = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb");
    int status = a->once || !screen ? print_once(a, &e, blocks) : watch(a, &e, blocks);
    return status ? cli_failed() : CLI_DONE;
}

const struct cli_command cli_watch = {
    .name = "watch",
    .summary = "show a run in the terminal while it is in progress",
    .usage = "RUN",
    .about = "Shows loss, gradient by lead and saturation of a run while it is in progress; the "
             "run is not affected. leadseq diagnose RUN explains them, also during the run.",
    .examples = "Example:\n  leadseq watch run",
    .options = options,
    .size = sizeof(struct arguments),
    .init = init,
    .run = run,
};
