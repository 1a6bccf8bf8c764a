/* SPDX-License-Identifier: MIT
 *
 * Text tables: as many cells as columns and rows say, all of them within the text; titles are found
 * where they are; what is written of a table reads back the same. */
#include "fuzz.h"

#include "page/page.h"

/* What the writer keeps: it writes no quotes, and blanks for what would break a row. */
static bool is_plain(const char *text)
{
    size_t n = strlen(text);
    if (n && (text[0] == ' ' || text[n - 1] == ' ')) return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == '"') return false;
    return true;
}

static bool all_plain(const struct leadseq_sheet *s)
{
    bool plain = *s->title[0] && strncmp(s->title[0], "\xef\xbb\xbf", 3);
    for (size_t c = 0; plain && c < s->columns; c++) plain = is_plain(s->title[c]);
    for (size_t i = 0; plain && i < s->rows * s->columns; i++) plain = is_plain(s->cell[i]);
    return plain && s->columns > 1;
}

static void check_written(const struct leadseq_sheet *s)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    struct leadseq_sheet back;
    for (size_t c = 0; c < s->columns; c++) leadseq_table_column(t, LEADSEQ_LEFT, s->title[c]);
    for (size_t i = 0; i < s->rows * s->columns; i++) leadseq_table_cell(t, "%s", s->cell[i]);
    remove(fuzz_path("w.tsv"));
    fuzz_require(!leadseq_table_save_tsv(t, fuzz_path("w.tsv")), "written");
    fuzz_require(!leadseq_sheet_read(&back, fuzz_path("w.tsv")), "read back");
    fuzz_require(back.rows == s->rows && back.columns == s->columns, "%zu x %zu, then %zu x %zu",
                 s->rows, s->columns, back.rows, back.columns);
    for (size_t c = 0; c < s->columns; c++)
        fuzz_require(!strcmp(back.title[c], s->title[c]), "title %zu: %s", c, back.title[c]);
    for (size_t i = 0; i < s->rows * s->columns; i++)
        fuzz_require(!strcmp(back.cell[i], s->cell[i]), "cell %zu: '%s' '%s'", i, s->cell[i],
                     back.cell[i]);
    leadseq_sheet_clear(&back);
    leadseq_table_free(t);
}

static void run(const uint8_t *data, size_t size)
{
    struct leadseq_sheet s;
    if (leadseq_sheet_read(&s, fuzz_put("t.tsv", data, size))) {
        fuzz_refused();
        return;
    }
    size_t bytes = 0;
    fuzz_require(s.columns >= 1, "no columns");
    for (size_t c = 0; c < s.columns; c++) {
        int at = leadseq_sheet_column(&s, s.title[c]);
        fuzz_require(at >= 0 && (size_t)at <= c, "title %zu found at %d", c, at);
        bytes += strlen(s.title[c]);
    }
    for (size_t i = 0; i < s.rows * s.columns; i++) {
        double value = 0;
        bytes += strlen(s.cell[i]);
        if (leadseq_sheet_number(&s, i / s.columns, (int)(i % s.columns), &value))
            fuzz_require(*s.cell[i], "an empty cell is no number");
    }
    fuzz_require(bytes <= size, "%zu bytes in cells of a text of %zu", bytes, size);
    if (all_plain(&s)) check_written(&s);
    leadseq_sheet_clear(&s);
}

static void seeds(void)
{
    fuzz_seed_text("ecg_id\tlabel\tprobability\n1\t0\t0.25\n2\t1\t0.75\n");
    fuzz_seed_text("\xef\xbb\xbf"
                   "a;b;c\r\n1;2;\"x;y\"\r\n\r\n4;5;6");
    fuzz_seed_text("id,probability\n\"a \"\"b\"\"\nc\",0.5\n7,nan\n");
    fuzz_seed_text("a\"b,c\nd,e\n1,2\n"); // a quote within a title
    fuzz_seed_text("a\rb\r1\r2\r");
    fuzz_seed_text("x, y ,z\n 1 , 2, 3\n");
    fuzz_seed_text("a\t\t\t\t\n1\t2\t3\t4\t5\n");
    fuzz_seed_text("a,a\n1,2\n");
    fuzz_seed_text("\"open\n1\n2\n");
}

const struct fuzz_harness fuzz_sheet = {"sheet", "text tables: tabs, commas, semicolons", run,
                                        seeds};
