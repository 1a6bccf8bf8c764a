/* SPDX-License-Identifier: MIT
 *
 * Text from outside (names, notes, labels, paths, comments of headers) as a terminal, a log and a
 * page can show it. A terminal obeys control characters: "\x1b[2J" in the name of a record would
 * empty the screen, a line end forges a line of ours, and marks that turn the direction of writing
 * let "exe.png" look like "png.exe". They are shown as what they are instead. */
#include "utf8.h"

#include <string.h>

static bool is_within(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

/* C0, DEL, C1; marks and overrides of the direction of writing; Unicode's own line ends; the mark
 * of byte order; numbers that are no characters, which XML does not allow. */
static bool is_hidden(uint32_t code)
{
    return code < 0x20 || is_within(code, 0x7f, 0x9f) || code == 0x61c ||
           is_within(code, 0x200e, 0x200f) || is_within(code, 0x2028, 0x202e) ||
           is_within(code, 0x2066, 0x2069) || code == 0xfeff || is_within(code, 0xfffe, 0xffff);
}

size_t leadseq_plain_next(const char *text, size_t n, char shown[LEADSEQ_PLAIN_NEXT])
{
    uint32_t code;
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = base_utf8_character(bytes, n, &code);
    if (!length) {
        snprintf(shown, LEADSEQ_PLAIN_NEXT, "\\x%02x", *bytes);
        return 1;
    }
    const char *letter = code ? strchr("\nn\tt\rr", (int)code) : NULL;
    if (!is_hidden(code))
        snprintf(shown, LEADSEQ_PLAIN_NEXT, "%.*s", (int)length, text);
    else if (letter && code < 0x20)
        snprintf(shown, LEADSEQ_PLAIN_NEXT, "\\%c", letter[1]);
    else
        snprintf(shown, LEADSEQ_PLAIN_NEXT, "\\u%04x", code); // in JSON too
    return length;
}

size_t leadseq_plain_copy(char *to, size_t room, const char *text)
{
    char shown[LEADSEQ_PLAIN_NEXT];
    size_t used = 0, left = strlen(text);
    if (room) *to = '\0';
    while (left) {
        size_t read = leadseq_plain_next(text, left, shown), n = strlen(shown);
        if (used + n >= room) break;
        memcpy(to + used, shown, n + 1);
        used += n;
        text += read;
        left -= read;
    }
    return used;
}

void leadseq_plain_put(FILE *out, const char *text)
{
    char shown[LEADSEQ_PLAIN_NEXT];
    size_t left = strlen(text);
    while (left) {
        size_t read = leadseq_plain_next(text, left, shown);
        fputs(shown, out);
        text += read;
        left -= read;
    }
}

struct leadseq_plained leadseq_plained(const char *text)
{
    struct leadseq_plained p;
    leadseq_plain_copy(p.text, sizeof p.text, text);
    return p;
}
