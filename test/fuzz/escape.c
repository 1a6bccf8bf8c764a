/* SPDX-License-Identifier: MIT
 *
 * What is printed for other programs: HTML, Markdown, LaTeX, a shell, a terminal, tab-separated
 * tables. Whatever a text holds, it stays a text there. */
#include "fuzz.h"

#include "page/page.h"

static const struct {
    const char *entity;
    char is;
} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};

/* Reads HTML text back in place; whether it was one. */
static bool decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from;) {
        size_t n = 1, i = 0;
        if (strchr("<>\"'", *from)) return false;
        if (*from == '&') {
            while (i < LEADSEQ_COUNT(entities) &&
                   strncmp(from, entities[i].entity, strlen(entities[i].entity)))
                i++;
            if (i == LEADSEQ_COUNT(entities)) return false;
            n = strlen(entities[i].entity);
            *to++ = entities[i].is;
        } else {
            *to++ = *from;
        }
        from += n;
    }
    *to = '\0';
    return true;
}

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~') return false;
    return true;
}

static void check_html(const char *text)
{
    FILE *out = fuzz_print();
    leadseq_html_escape(out, text);
    char *html = fuzz_printed(NULL);
    fuzz_require(decode(html), "no HTML text: %s", html);
    fuzz_require(!is_printable(text) || !strcmp(html, text), "'%s' became '%s'", text, html);
    free(html);
}

/* Reads a word as a POSIX shell does, in place; whether it is exactly one. */
static bool unquote(char *word)
{
    char *to = word;
    bool quoted = false;
    for (const char *from = word; *from; from++)
        if (*from == '\'')
            quoted = !quoted;
        else if (quoted)
            *to++ = *from;
        else if (*from == '\\' && from[1])
            *to++ = *++from;
        else if (strchr(" \t\n\"\\$`;&|<>()*?[]#~!{}", *from))
            return false;
        else
            *to++ = *from;
    *to = '\0';
    return !quoted;
}

static void check_shell(const char *text)
{
    FILE *out = fuzz_print();
    leadseq_print_word(out, text);
    char *word = fuzz_printed(NULL);
    fuzz_require(*word && unquote(word) && !strcmp(word, text), "'%s' is read as '%s'", text, word);
    free(word);
}

static void check_terminal(const char *text)
{
    char wide[512], narrow[9];
    leadseq_plain_copy(wide, sizeof wide, text);
    leadseq_plain_copy(narrow, sizeof narrow, text);
    fuzz_require(!strncmp(wide, narrow, strlen(narrow)), "%s", narrow);
    for (const unsigned char *p = (unsigned char *)wide; *p; p++)
        fuzz_require(*p >= ' ' && *p != 0x7f, "byte %02x printed", *p);
    fuzz_require(!is_printable(text) || strlen(text) >= sizeof wide || !strcmp(wide, text),
                 "'%s' became '%s'", text, wide);
}

/* Commands that a text would be, outside those of the table itself: none may begin with what only
 * the text has. */
static void check_latex(const char *latex)
{
    int depth = 0;
    for (; *latex; latex++) {
        if (*latex == '\\' && latex[1])
            latex++;
        else
            depth += (*latex == '{') - (*latex == '}');
        fuzz_require(depth >= 0, "a brace is closed that was not opened");
    }
    fuzz_require(!depth, "%d braces are open", depth);
}

static size_t count(const char *text, char c)
{
    size_t n = 0;
    for (; *text; text++) n += *text == c;
    return n;
}

typedef int writer(const struct leadseq_table *t, FILE *out);

static char *write_as(const struct leadseq_table *t, writer *write)
{
    FILE *out = fuzz_print();
    int status = write(t, out);
    char *text = fuzz_printed(NULL);
    fuzz_require(!status, "written");
    return text;
}

static int write_narrow(const struct leadseq_table *t, FILE *out)
{
    return leadseq_table_write_text(t, 40, out);
}

/* Two rows of two cells: however the text looks, they stay two. */
static void check_tables(const char *text)
{
    struct leadseq_table *t = leadseq_table_new(text);
    leadseq_table_column(t, LEADSEQ_LEFT, text);
    leadseq_table_column(t, LEADSEQ_RIGHT, "b");
    for (int i = 0; i < 2; i++) {
        leadseq_table_cell(t, "%s", text);
        leadseq_table_interval(t, 2, true, i, -1, 1);
    }
    char *tsv = write_as(t, leadseq_table_write_tsv);
    fuzz_require(count(tsv, '\n') == 3 && count(tsv, '\t') == 3, "%s", tsv);
    char *latex = write_as(t, leadseq_table_write_latex);
    check_latex(latex);
    char *html = write_as(t, leadseq_table_write_html);
    fuzz_require(count(html, '<') == count(html, '>'), "%s", html);
    char *markdown = write_as(t, leadseq_table_write_markdown);
    free(write_as(t, write_narrow));
    free(markdown);
    free(html);
    free(latex);
    free(tsv);
    leadseq_table_free(t);
}

static void check_json(const char *text)
{
    struct leadseq_json *json = leadseq_json_object(), *back;
    leadseq_json_set_text(json, "t", text);
    remove(fuzz_path("e.json"));
    fuzz_require(!leadseq_json_save(json, fuzz_path("e.json")), "saved");
    back = leadseq_json_read(fuzz_path("e.json"));
    fuzz_require(back && leadseq_json_text(back, "t"), "read back");
    fuzz_require(!is_printable(text) || !strcmp(leadseq_json_text(back, "t"), text), "'%s'", text);
    leadseq_json_free(back);
    leadseq_json_free(json);
}

static void run(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check_html(text);
    check_shell(text);
    check_terminal(text);
    check_tables(text);
    check_json(text);
    free(text);
}

static void seeds(void)
{
    fuzz_seed_text("plain");
    fuzz_seed_text("]]> <script>&amp;'\"");
    fuzz_seed_text("it's $(rm -rf /) `x` \\ \"y\"\n");
    fuzz_seed_text("\x1b[2J\x1b]0;title\x07\r\x7f");
    fuzz_seed_text("\xc2\x9b"
                   "31m \xe2\x89\xa5 \xc3\xa9 \xff");
    fuzz_seed_text("a_b/c.d{e}\\f%g$h#i&j^k~l");
    fuzz_seed_text("| a | *b* [c](d) `e`");
    fuzz_seed_text("[1ex]\ttab");
    fuzz_seed_text("");
}

const struct fuzz_harness fuzz_escape = {"escape", "texts, as they are written elsewhere", run,
                                         seeds};
