/* SPDX-License-Identifier: MIT
 *
 * csv files: every row has as many fields as the first, lines ascend, and the table written again
 * with every field in quotes reads the same. */
#include "fuzz.h"

#include "io/csv.h"

static void put_quoted(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"') putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

static const char *field(const struct leadseq_csv *t, size_t row, size_t column)
{
    return row ? leadseq_csv_field(t, row - 1, (int)column) : leadseq_csv_name(t, (int)column);
}

static void check_again(const struct leadseq_csv *t)
{
    struct leadseq_csv again;
    FILE *out = fuzz_print();
    for (size_t row = 0; row <= t->n_rows; row++)
        for (size_t c = 0; c < t->n_columns; c++) {
            if (c) putc(',', out);
            put_quoted(out, field(t, row, c));
            if (c + 1 == t->n_columns) putc('\n', out);
        }
    char *text = fuzz_printed(NULL);
    fuzz_require(!leadseq_csv_read(&again, fuzz_put_text("again.csv", text)), "%s", text);
    fuzz_require(again.n_rows == t->n_rows && again.n_columns == t->n_columns, "other size: %s",
                 text);
    for (size_t row = 0; row <= t->n_rows; row++)
        for (size_t c = 0; c < t->n_columns; c++)
            fuzz_require(!strcmp(field(t, row, c), field(&again, row, c)), "'%s' and '%s'",
                         field(t, row, c), field(&again, row, c));
    free(text);
    leadseq_csv_clear(&again);
}

static void run(const uint8_t *data, size_t size)
{
    struct leadseq_csv t;
    if (leadseq_csv_read(&t, fuzz_put("t.csv", data, size))) {
        fuzz_refused();
        return;
    }
    for (size_t c = 0; c < t.n_columns; c++) {
        int at = leadseq_csv_find(&t, leadseq_csv_name(&t, (int)c));
        fuzz_require(at >= 0 && (size_t)at <= c, "column %zu found at %d", c, at);
    }
    for (size_t row = 1; row <= t.n_rows; row++)
        fuzz_require(t.line[row] >= t.line[row - 1], "line %zu after %zu", t.line[row],
                     t.line[row - 1]);
    if (t.n_columns > 1) check_again(&t);
    leadseq_csv_clear(&t);
}

static void seeds(void)
{
    fuzz_seed_text("ecg_id,patient_id,scp_codes\n1,15709.0,\"{'NORM': 100.0, 'SR': 0.0}\"\n");
    fuzz_seed_text("\xef\xbb\xbf"
                   "a,b\r\n1,\"two\nlines\"\r\n3,\r\n");
    fuzz_seed_text("a,b\n\n1,2\n \n\"\"\"q\"\"\",\n");
    fuzz_seed_text("a;b\n1;2\n");
    fuzz_seed_text("a\tb\n1\t2\n");
    fuzz_seed_text("a,b\r1,2\r");
    fuzz_seed_text("a b , c\n 1 ,\t2\n");
}

const struct fuzz_harness fuzz_csv = {"csv", "csv tables", run, seeds};
