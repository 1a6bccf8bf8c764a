/* SPDX-License-Identifier: MIT
 *
 * WFDB headers: lines, comments and the record line,
 *   name[/segments] nsig [freq[/counterfreq][(base)] [nsamp [time [date]]]]
 * Signal lines are parsed by wfdb_signal_line.c; no signal file is touched. */
#include "io_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES_MAX = 4 << 20 };

struct lines { // of the header, taken apart in place
    const char *path;
    char *next;
    int number;     // of the line last returned
    char *comments; // grows after `next`, in memory as large as the whole text
    size_t n_comments;
};

static void keep_comment(struct lines *in, const char *line)
{
    line += *line == '#';
    line += strspn(line, " \t");
    if (in->n_comments) in->comments[in->n_comments++] = '\n';
    size_t n = strlen(line);
    memcpy(in->comments + in->n_comments, line, n);
    in->n_comments += n;
    in->comments[in->n_comments] = '\0';
}

/* The next line that is neither empty nor a comment; NULL at the end. */
static char *next_line(struct lines *in)
{
    while (*in->next) {
        char *line = in->next, *end = line + strcspn(line, "\n");
        in->next = end + (*end != '\0');
        *end = '\0';
        in->number++;
        line = io_trim(line);
        if (*line == '#')
            keep_comment(in, line);
        else if (*line)
            return line;
    }
    return NULL;
}

static int bad(const struct lines *in, const char *field, const char *expected, const char *found)
{
    return leadseq_fail("%s:%d: %s: expected %s, found \"%.100s\"", in->path, in->number, field,
                        expected, found);
}

static int parse_name(struct leadseq_wfdb_header *header, const struct lines *in, char *word)
{
    char *slash = strchr(word, '/');
    if (slash && slash[1] && strspn(slash + 1, "0123456789") == strlen(slash + 1))
        return leadseq_fail("%s:%d: a record of %s segments: expected a record of a single "
                            "segment; open its segments one by one",
                            in->path, in->number, slash + 1);
    if (!io_is_plain_name(word)) return bad(in, "record name", "a name without a folder", word);
    if (!io_copy(header->record_name, sizeof header->record_name, word))
        return bad(in, "record name", "at most 127 characters", word);
    return 0;
}

/* freq[/counterfreq][(base)]; the counter serves tape decks and is dropped. */
static int parse_rate(struct leadseq_wfdb_header *header, const struct lines *in, char *word)
{
    char *rest = strpbrk(word, "/(");
    double counter;
    if (rest && *rest == '/') {
        char *text = rest + 1, *base = strchr(text, '(');
        if (base) *base = '\0';
        if (!leadseq_parse_number(text, -1e12, 1e12, &counter))
            return bad(in, "counter frequency", "a number", text);
    }
    if (rest) *rest = '\0';
    if (!leadseq_parse_number(word, 0, LEADSEQ_WFDB_RATE_MAX, &header->rate_hz) ||
        header->rate_hz <= 0)
        return bad(in, "sampling frequency", "a number over 0 and up to 100000 Hz", word);
    return 0;
}

static int parse_record_line(struct leadseq_wfdb_header *header, const struct lines *in, char *line)
{
    char *word = io_next_word(&line);
    if (parse_name(header, in, word)) return -1;

    int64_t value = 0;
    word = io_next_word(&line);
    if (!word || !leadseq_parse_integer(word, 1, LEADSEQ_WFDB_SIGNALS_MAX, &value))
        return bad(in, "number of signals", "1 to 1024", word ? word : "nothing");
    header->n_signals = (int)value;

    header->rate_hz = 250; // WFDB's default
    if ((word = io_next_word(&line)) && parse_rate(header, in, word)) return -1;
    value = 0;
    if ((word = io_next_word(&line)) &&
        !leadseq_parse_integer(word, 0, LEADSEQ_WFDB_SAMPLES_MAX, &value))
        return bad(in, "number of samples", "0 to 2147483647", word);
    header->n_samples = (size_t)value;
    io_copy(header->start, sizeof header->start, io_trim(line));
    return 0;
}

static int parse_signals(struct leadseq_wfdb_header *header, struct lines *in)
{
    header->signals = leadseq_calloc((size_t)header->n_signals, sizeof *header->signals);
    if (!header->signals) return -1;
    for (int i = 0; i < header->n_signals; i++) {
        char *line = next_line(in);
        if (!line)
            return leadseq_fail("%s: expected %d signal lines as its record line says, found %d",
                                in->path, header->n_signals, i);
        if (io_wfdb_signal_parse(&header->signals[i], line, in->path, in->number)) return -1;
    }
    char *more = next_line(in);
    if (more)
        return leadseq_fail("%s:%d: expected %d signal lines as its record line says, found "
                            "another: \"%.100s\"",
                            in->path, in->number, header->n_signals, more);
    return 0;
}

static int parse_header(struct leadseq_wfdb_header *header, const char *path, char *text,
                        size_t size)
{
    const char *foreign = leadseq_foreign(text, size);
    if (foreign) return leadseq_fail("%s: expected a WFDB header, found %s", path, foreign);
    if (memchr(text, '\0', size))
        return leadseq_fail("%s: expected a WFDB header, found a file that is no text", path);
    if (leadseq_text_clean(text, &size, path)) return -1;
    header->comments = leadseq_calloc(size + 1, 1);
    if (!header->comments) return -1;
    struct lines in = {.path = path, .next = text, .comments = header->comments};
    char *line = next_line(&in);
    if (!line) return leadseq_fail("%s: expected a WFDB header, found no record line", path);
    if (parse_record_line(header, &in, line)) return -1;
    return parse_signals(header, &in);
}

int leadseq_wfdb_header_read(struct leadseq_wfdb_header *header, const char *hea_path)
{
    *header = (struct leadseq_wfdb_header){0};
    size_t size;
    char *text = leadseq_file_read(hea_path, HEADER_BYTES_MAX, &size);
    if (!text) return -1;
    int status = parse_header(header, hea_path, text, size);
    free(text);
    if (status) leadseq_wfdb_header_clear(header);
    return status;
}

void leadseq_wfdb_header_clear(struct leadseq_wfdb_header *header)
{
    if (!header) return;
    free(header->signals);
    free(header->comments);
    *header = (struct leadseq_wfdb_header){0};
}
