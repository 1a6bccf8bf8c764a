/* SPDX-License-Identifier: MIT */
#include "page/page.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static char path[64];

static void make_path(void)
{
    strcpy(path, "/tmp/leadseq-sheet-XXXXXX");
    close(mkstemp(path));
}

static void remove_path(void)
{
    unlink(path);
}

TestSuite(sheet, .init = make_path, .fini = remove_path);

static void write_bytes(const char *text, size_t n)
{
    FILE *f = fopen(path, "w");
    fwrite(text, 1, n, f);
    fclose(f);
}

static const struct {
    const char *text;
    size_t bytes;
    const char *message;
} damaged[] = {
    {"", 0, "title line"},
    {"\n1\t2\n", 5, "title line"},
    {"a\tb\n1\t2\n3\n", 10, "line 3: expected 2 cells as in the title line, found 1"},
    {"a\tb\n1\t2\t3\n", 10, "line 2: expected 2 cells as in the title line, found 3"},
    {"a\tb\n1\t\0\n", 8, "zero byte"},
    {"a,b\n1,\"2\n3,4\n", 13, "line 2: a quote is opened and never closed"},
    {"a,b\n\"1\"2,3\n", 11, "line 2: expected a separator after a closing quote"},
    {"a,b,a\n1,2,3\n", 12, "two columns are named \"a\""},
    {"a,b\n\n1,\"x\ny\"\n2\n", 15, "line 5: expected 2 cells"},
};

Test(sheet, damaged_tables_are_refused_with_their_line)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(damaged); i++) {
        struct leadseq_sheet sheet;
        write_bytes(damaged[i].text, damaged[i].bytes);
        cr_assert_eq(leadseq_sheet_read(&sheet, path), -1, "case %zu", i);
        cr_assert(strstr(leadseq_error(), damaged[i].message), "%s", leadseq_error());
        cr_assert(strstr(leadseq_error(), path));
    }
}

Test(sheet, what_is_no_number_is_refused_by_column_and_record)
{
    const char text[] = "id\tp\n1\t.5\n2\t0.5x\n";
    struct leadseq_sheet sheet;
    double value;
    write_bytes(text, sizeof text - 1);
    cr_assert_eq(leadseq_sheet_read(&sheet, path), 0);
    cr_assert_eq(leadseq_sheet_number(&sheet, 0, 1, &value), 0);
    cr_assert_eq(value, .5);
    cr_assert_eq(leadseq_sheet_number(&sheet, 1, 1, &value), -1);
    cr_assert(strstr(leadseq_error(), "record 2: p: expected a number, found \"0.5x\""));
    leadseq_sheet_clear(&sheet);
}

static const char *const same[] = {
    "id\tname\n1\tx\n2\t\n",          "id\tname\r\n1\tx\r\n2\t\r\n",
    "\xef\xbb\xbfid,name\n1,x\n\n2,", "\"id\",\"name\"\n1,\"x\"\n2,\"\"\n",
    "id;name\r\n1;x\r\n2;\r\n",       "\xef\xbb\xbf\"id\"\t\"name\"\r\n1\tx\r\n2\t\"\"",
};

Test(sheet, tables_of_other_programs_read_alike)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(same); i++) {
        struct leadseq_sheet sheet;
        double value;
        write_bytes(same[i], strlen(same[i]));
        cr_assert_eq(leadseq_sheet_read(&sheet, path), 0, "case %zu: %s", i, leadseq_error());
        cr_assert(sheet.rows == 2 && sheet.columns == 2, "case %zu", i);
        cr_assert_eq(leadseq_sheet_column(&sheet, "name"), 1);
        cr_assert_eq(leadseq_sheet_column(&sheet, "nam"), -1);
        cr_assert_str_eq(sheet.cell[1], "x");
        cr_assert_eq(leadseq_sheet_number(&sheet, 1, 1, &value), 0);
        cr_assert(isnan(value));
        leadseq_sheet_clear(&sheet);
    }
}

Test(sheet, quoted_cells_may_hold_anything)
{
    const char text[] = ",id,\"na,me\"\r\n0,1,\"a \"\"b\"\", c\nd\"\r\n1,2,e\"f\r\n";
    struct leadseq_sheet sheet;
    write_bytes(text, sizeof text - 1);
    cr_assert_eq(leadseq_sheet_read(&sheet, path), 0, "%s", leadseq_error());
    cr_assert(sheet.rows == 2 && sheet.columns == 3);
    cr_assert_str_eq(sheet.title[0], "");
    cr_assert_str_eq(sheet.title[2], "na,me");
    cr_assert_str_eq(sheet.cell[2], "a \"b\", c\nd");
    cr_assert_str_eq(sheet.cell[5], "e\"f");
    leadseq_sheet_clear(&sheet);
}
