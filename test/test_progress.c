/* SPDX-License-Identifier: MIT
 *
 * Log lines and bars of many threads on one terminal: every line must arrive whole. */
#include "base/base.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LOGGERS = 4, LINES_EACH = 400 };

/* A pseudo-terminal that takes the place of stderr; what arrives is collected by a thread. */
struct screen {
    int master, slave, before;
    char *text;
    size_t n;
    pthread_t reader;
};

static void *collect(void *user)
{
    struct screen *s = user;
    char part[4096];
    ssize_t n;
    while ((n = read(s->master, part, sizeof part)) > 0) {
        s->text = realloc(s->text, s->n + (size_t)n + 1);
        memcpy(s->text + s->n, part, (size_t)n);
        s->n += (size_t)n;
        s->text[s->n] = '\0';
    }
    return NULL;
}

static void open_screen(struct screen *s)
{
    *s = (struct screen){.master = posix_openpt(O_RDWR | O_NOCTTY)};
    cr_assert(s->master >= 0 && !grantpt(s->master) && !unlockpt(s->master));
    s->slave = open(ptsname(s->master), O_RDWR | O_NOCTTY);
    cr_assert(s->slave >= 0);
    struct termios raw;
    tcgetattr(s->slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(s->slave, TCSANOW, &raw);
    s->before = dup(STDERR_FILENO);
    dup2(s->slave, STDERR_FILENO);
    pthread_create(&s->reader, NULL, collect, s);
}

/* The collector ends when the last descriptor of the terminal is closed. */
static void close_screen(struct screen *s)
{
    fflush(stderr);
    tcdrain(s->slave);
    dup2(s->before, STDERR_FILENO);
    close(s->before);
    close(s->slave);
    pthread_join(s->reader, NULL);
    close(s->master);
}

Test(progress, names_in_lines_and_bars_cannot_move_the_cursor)
{
    struct screen s;
    open_screen(&s);
    leadseq_info("record %s", "\x1b[1Aforged\nline");
    struct leadseq_progress *bar = leadseq_progress_new("\x1b[2J", "steps", 1);
    leadseq_progress_step(bar, 1, "note\r\x9b");
    leadseq_progress_free(bar);
    close_screen(&s);
    cr_assert(strstr(s.text, "record \\u001b[1Aforged\\nline\n"));
    cr_assert(strstr(s.text, "\\u001b[2J [") && strstr(s.text, "note\\r\\x9b"));
    cr_assert_null(strstr(s.text, "\x1b[1A"));
    cr_assert_null(strstr(s.text, "\x1b[2J"));
    free(s.text);
}

static void *write_lines(void *user)
{
    for (int i = 0; i < LINES_EACH; i++)
        leadseq_info("line %d of logger %d, which ends here", i, *(const int *)user);
    return NULL;
}

static void *make_bars(void *user)
{
    const bool *stop = user;
    while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
        struct leadseq_progress *bar = leadseq_progress_new("bar", "steps", 3);
        leadseq_progress_step(bar, 1, "note");
        leadseq_progress_free(bar);
    }
    return NULL;
}

/* One line of the screen: a whole log line, or a bar's last picture. */
static bool is_whole(const char *line, int *seen)
{
    int i, logger, used = 0;
    static const char clear[] = "\r\033[K";
    if (!strncmp(line, clear, strlen(clear))) line += strlen(clear);
    if (sscanf(line, "line %d of logger %d, which ends here%n", &i, &logger, &used) == 2 && used)
        return !line[used] && i == seen[logger]++;
    return !strncmp(line, "bar [", 5) && leadseq_ends_with(line, "taken  note") &&
           !strstr(line + 1, "line");
}

Test(progress, lines_and_bars_of_several_threads_arrive_whole)
{
    struct screen s;
    pthread_t logger[LOGGERS], drawer[2];
    int number[LOGGERS], seen[LOGGERS] = {0};
    bool stop = false;
    open_screen(&s);
    for (int i = 0; i < 2; i++) pthread_create(&drawer[i], NULL, make_bars, &stop);
    for (int i = 0; i < LOGGERS; i++) {
        number[i] = i;
        pthread_create(&logger[i], NULL, write_lines, &number[i]);
    }
    for (int i = 0; i < LOGGERS; i++) pthread_join(logger[i], NULL);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++) pthread_join(drawer[i], NULL);
    close_screen(&s);
    char *rest = s.text;
    for (char *line; (line = strsep(&rest, "\n"));)
        cr_assert(!*line || is_whole(line, seen), "found '%s'", line);
    for (int i = 0; i < LOGGERS; i++) cr_assert_eq(seen[i], LINES_EACH);
    free(s.text);
}

Test(progress, settings_say_what_they_were)
{
    cr_assert_eq(leadseq_log_level(LEADSEQ_LOG_WARN), LEADSEQ_LOG_INFO);
    cr_assert_eq(leadseq_log_level(LEADSEQ_LOG_DEBUG), LEADSEQ_LOG_WARN);
    cr_assert_eq(leadseq_progress_show(false), true);
    cr_assert_eq(leadseq_progress_show(true), false);
}
