/* SPDX-License-Identifier: MIT
 *
 * Text tables: as many cells as columns and rows say, all of them within the text; lines ascend;
 * titles are found where they are; the table written again with every cell in quotes reads the
 * same. */
#include "fuzz.h"

#include "page/page.h"

static void put_quoted(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"') putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

/* Row 0 has the titles. */
static const char *text_at(const struct leadseq_sheet *s, size_t row, size_t column)
{
    if (!row) return leadseq_sheet_title(s, (int)column);
    return leadseq_sheet_cell(s, row - 1, (int)column);
}

static void check_again(const struct leadseq_sheet *s)
{
    struct leadseq_sheet again;
    FILE *out = fuzz_print();
    for (size_t row = 0; row <= s->rows; row++)
        for (size_t c = 0; c < s->columns; c++) {
            if (c) putc(',', out);
            put_quoted(out, text_at(s, row, c));
            if (c + 1 == s->columns) putc('\n', out);
        }
    char *text = fuzz_printed(NULL);
    fuzz_require(!leadseq_sheet_read(&again, fuzz_put_text("again.csv", text)), "%s", text);
    fuzz_require(again.rows == s->rows && again.columns == s->columns, "other size: %s", text);
    for (size_t row = 0; row <= s->rows; row++)
        for (size_t c = 0; c < s->columns; c++)
            fuzz_require(!strcmp(text_at(s, row, c), text_at(&again, row, c)), "'%s' and '%s'",
                         text_at(s, row, c), text_at(&again, row, c));
    free(text);
    leadseq_sheet_clear(&again);
}

static void check_cells(const struct leadseq_sheet *s, size_t size)
{
    size_t bytes = 0;
    for (size_t c = 0; c < s->columns; c++) {
        const char *title = leadseq_sheet_title(s, (int)c);
        int at = leadseq_sheet_column(s, title), any;
        fuzz_require(*title ? at == (int)c : at < 0, "title %zu found at %d", c, at);
        if (!leadseq_sheet_find(s, title, &any)) fuzz_require(!*title || any >= 0, "%s", title);
        bytes += strlen(title);
    }
    for (size_t i = 0; i < s->rows; i++) {
        fuzz_require(leadseq_sheet_line(s, i) > (i ? leadseq_sheet_line(s, i - 1) : s->line[0]),
                     "line %zu", leadseq_sheet_line(s, i));
        for (int c = 0; c < (int)s->columns; c++) {
            double value;
            bytes += strlen(leadseq_sheet_cell(s, i, c));
            if (leadseq_sheet_number(s, i, c, &value))
                fuzz_require(!leadseq_sheet_absent(s, i, c), "an absent cell is no number");
        }
    }
    fuzz_require(bytes <= size, "%zu bytes in cells of a text of %zu", bytes, size);
}

static void run(const uint8_t *data, size_t size)
{
    struct leadseq_sheet s, part;
    const char *path = fuzz_put("t.tsv", data, size), *slash = strrchr(path, '/');
    char folder[4096];
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    bool readable = !leadseq_sheet_read_unfinished(&part, folder, "t.tsv");
    if (leadseq_sheet_read(&s, path)) {
        fuzz_refused();
        if (readable) leadseq_sheet_clear(&part);
        return;
    }
    fuzz_require(readable && part.rows + (part.dropped > 0) + (part.columns == 0) >= s.rows,
                 "unfinished: %zu rows of %zu", part.rows, s.rows);
    fuzz_require(s.columns >= 1, "no columns");
    check_cells(&s, size);
    check_again(&s);
    leadseq_sheet_clear(&s);
    leadseq_sheet_clear(&part);
}

static void seeds(void)
{
    fuzz_seed_text("ecg_id\tlabel\tprobability\n1\t0\t0.25\n2\t1\t0.75\n");
    fuzz_seed_text("ecg_id,patient_id,scp_codes\n1,15709.0,\"{'NORM': 100.0, 'SR': 0.0}\"\n");
    fuzz_seed_text("\xef\xbb\xbf"
                   "a;b;c\r\n1;2;\"x;y\"\r\n\r\n4;5;6");
    fuzz_seed_text("id,probability\n\"a \"\"b\"\"\nc\",0.5\n7,nan\n");
    fuzz_seed_text("a\"b,c\nd,e\n1,2\n"); // a quote within a title
    fuzz_seed_text("a\rb\r1\r2\r");
    fuzz_seed_text("x, y ,z\n 1 , \"2\" , 3\n");
    fuzz_seed_text("a\t\t\t\t\n1\t2\t3\t4\t5\n");
    fuzz_seed_text("a,a\n1,2\n");
    fuzz_seed_text("\"open\n1\n2\n");
    fuzz_seed_text("sep=;\nA;a\n0,5;<NA>\n");
    fuzz_seed_text("a,b\n\n1,2\n \n\"\"\"q\"\"\",\n");
    fuzz_seed_text("a\n\"\"\n\" \"\nb");
}

const struct fuzz_harness fuzz_sheet = {"sheet", "text tables: tabs, commas, semicolons", run,
                                        seeds};
