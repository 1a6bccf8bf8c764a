/* SPDX-License-Identifier: MIT */
#include "page/page.h"

#include "folder.h"

#include <math.h>

TestSuite(sheet, .init = make_folder, .fini = remove_folder);

static struct leadseq_sheet sheet;

static int read_bytes(const char *text, size_t n)
{
    put_bytes("t.csv", text, n);
    leadseq_error_clear();
    return leadseq_sheet_read(&sheet, in_folder("t.csv"));
}

static int read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

#define TEXT(text) (text), sizeof(text) - 1

/* --- What is refused ------------------------------------------------------------------ */

static const struct {
    const char *text;
    size_t bytes;
    const char *message;
} damaged[] = {
    {TEXT(""), "expected a title line"},
    {TEXT("\n\n  \n"), "expected a title line"},
    {TEXT("a\tb\n1\t2\n3\n"),
     "t.csv:3: expected 2 cells between tabs as in the title line, found 1"},
    {TEXT("a\tb\n1\t2\t3\n"),
     "t.csv:2: expected 2 cells between tabs as in the title line, found 3"},
    {TEXT("a;b\n0,7;1;2\n"), "t.csv:2: expected 2 cells between semicolons"},
    {TEXT("a\tb\n1\t\0\n"), "zero byte"},
    {TEXT("a,b\n1,\"2\n3,4\n"), "t.csv:2: a quote is opened and never closed"},
    {TEXT("a,\"b\n1,2\n3,4\n"), "t.csv:1: a quote is opened and never closed"},
    {TEXT("a,b\n\"1\"2,3\n"), "t.csv:2: expected commas between cells, found \"2,3"},
    {TEXT("a,b\n\"1\n\"2,3\n"), "t.csv:3: expected commas between cells"},
    {TEXT("a,b,a\n1,2,3\n"), "t.csv:1: expected each column once, found \"a\" as columns 1 and 3"},
    {TEXT("a,b, \"a\" \n1,2,3\n"), "found \"a\" as columns 1 and 3"},
    {TEXT("a,b\n\n1,\"x\ny\"\n2\n"), "t.csv:5: expected 2 cells"},
    {TEXT("a,b\r1,\"x\ry\"\r2\r"), "t.csv:4: expected 2 cells"},
    {TEXT("a,b\r\n1,\"x\r\ny\"\r\n2\r\n"), "t.csv:4: expected 2 cells"},
    {TEXT("\xff\xfe"
          "a\0,\0b\0\n\0"),
     "UTF-16; save it as UTF-8"},
    {TEXT("\xfe\xff\0a\0,\0b\0\n"), "UTF-16"},
    {TEXT("a\0,\0b\0\n\0"), "UTF-16"},
    {TEXT("a,b\n1,M\xfcller\n"), "t.csv:2: expected UTF-8, found the byte 0xfc: text in Latin-1"},
    {TEXT("a,b\n1,\xc0\x80\n"), "t.csv:2: expected UTF-8"},
    {TEXT("a,b\n1,\xed\xa0\x80\n"), "t.csv:2: expected UTF-8"},
    {TEXT("a,b\n1,\xe2\x82"), "t.csv:2: expected UTF-8"},
    {TEXT("PK\x03\x04xxxx"), ".xlsx"},
    {TEXT("\x1f\x8b\x08xxx"), "a gzip file; unpack it first"},
};

Test(sheet, damaged_tables_are_refused_with_their_line)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(damaged); i++) {
        cr_assert_eq(read_bytes(damaged[i].text, damaged[i].bytes), -1, "case %zu", i);
        cr_assert(strstr(leadseq_error(), damaged[i].message), "case %zu: %s", i, leadseq_error());
        cr_assert(strstr(leadseq_error(), in_folder("t.csv")));
    }
}

/* --- Dialects ------------------------------------------------------------------------- */

static const char *const same[] = {
    "id\tname\n1\tx\n2\t\n",
    "id\tname\r\n1\tx\r\n2\t\r\n",
    "id,name\r1,x\r2,\r",
    "\xef\xbb\xbfid,name\n1,x\n\n2,",
    "\xef\xbb\xbf\xef\xbb\xbfid,name\n1,x\n\n2,",
    "id,name\n\xef\xbb\xbf"
    "1,x\r\n\xef\xbb\xbf\xef\xbb\xbf\r\n\xef\xbb\xbf\"2\",\n",
    "\"id\",\"name\"\n1,\"x\"\n2,\"\"\n",
    "id;name\r\n1;x\r\n2;\r\n",
    "\xef\xbb\xbf\"id\"\t\"name\"\r\n1\tx\r\n2\t\"\"",
    "id, name\n1, x\n2, \n",
    "id ,name \n1 , \"x\" \n2,\t\n",
    "\n \nid,name\n   \n1,x\n2,\n\n",
    "sep=;\nid;name\n1;x\n2;\n",
    "\xef\xbb\xbfSEP=,\r\nid,name\r\n1,x\r\n2,",
    "\"id\";\" name\"\n\"1\";\"x \"\n2;\n",
};

Test(sheet, tables_of_other_programs_read_alike)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(same); i++) {
        double value;
        cr_assert_eq(read_text(same[i]), 0, "case %zu: %s", i, leadseq_error());
        cr_assert(sheet.rows == 2 && sheet.columns == 2, "case %zu", i);
        cr_assert_eq(leadseq_sheet_column(&sheet, "name"), 1, "case %zu", i);
        cr_assert_eq(leadseq_sheet_column(&sheet, "nam"), -1);
        cr_assert_str_eq(leadseq_sheet_cell(&sheet, 0, 1), "x");
        cr_assert_eq(leadseq_sheet_number(&sheet, 1, 0, &value), 0);
        cr_assert_eq(value, 2, "case %zu", i);
        cr_assert_eq(leadseq_sheet_number(&sheet, 1, 1, &value), 0);
        cr_assert(isnan(value));
        leadseq_sheet_clear(&sheet);
    }
}

Test(sheet, separators_are_counted_outside_quotes)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"a;b,c;d\n1;2;3\n", 3},         {"\"a;b;c\",d\n1,2\n", 2},    {"\"a\n;;;\",d\n1,2\n", 2},
        {"\"\"\"a;;\",b\n1,2\n", 2},     {"a,b\t\n1,2\n", 2},          {"a\n1\n", 1},
        {"a\tb,c\n1\t2\n", 2},           {"only;\n1;\n", 2},           {"a\t\n1\t2\n", 2},
        {"a 5\";b;c,d;e\n1;2;3;4\n", 4}, {" \"a;\";\"b;\"\n1;2\n", 2}, {"a\n", 1},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        cr_assert_eq(read_text(cases[i].text), 0, "case %zu: %s", i, leadseq_error());
        cr_assert_eq(sheet.columns, cases[i].columns, "case %zu", i);
        leadseq_sheet_clear(&sheet);
    }
}

Test(sheet, quoted_cells_may_hold_anything)
{
    const char text[] = ",id,\"na,me\"\r\n0,1,\"a \"\"b\"\", c\nd\"\r\n1,2,e\"f\r\n";
    cr_assert_eq(read_text(text), 0, "%s", leadseq_error());
    cr_assert(sheet.rows == 2 && sheet.columns == 3);
    cr_assert_str_eq(leadseq_sheet_title(&sheet, 0), "");
    cr_assert_str_eq(leadseq_sheet_title(&sheet, 2), "na,me");
    cr_assert_str_eq(leadseq_sheet_cell(&sheet, 0, 2), "a \"b\", c\nd");
    cr_assert_str_eq(leadseq_sheet_cell(&sheet, 1, 2), "e\"f");
    cr_assert_eq(leadseq_sheet_line(&sheet, 1), 4);
    leadseq_sheet_clear(&sheet);
}

/* Counting columns and cutting cells once disagreed about quotes. */
Test(sheet, a_title_of_several_lines_is_one_title)
{
    cr_assert_eq(read_text("a\"b,\"x\ny\",ecg_id\n1,2,3\n"), 0, "%s", leadseq_error());
    cr_assert_eq(sheet.columns, 3);
    leadseq_sheet_clear(&sheet);
    cr_assert_eq(read_text("a\",\"x\ny\",ecg_id\n1,2,3\n"), 0, "%s", leadseq_error());
    cr_assert_eq(sheet.columns, 3);
    cr_assert_str_eq(leadseq_sheet_cell(&sheet, 0, 2), "3");
    leadseq_sheet_clear(&sheet);
}

Test(sheet, titles_are_found_among_many)
{
    enum { COLUMNS = 300000 };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (int i = 0; i < COLUMNS; i++) fprintf(out, "c%d,", i);
    for (int i = 0; i < COLUMNS; i++) fputc(',', out); // as many without a name
    fclose(out);
    double start = leadseq_cpu_seconds();
    cr_assert_eq(read_bytes(text, size), 0, "%s", leadseq_error());
    cr_assert_eq(sheet.columns, 2 * COLUMNS + 1);
    for (int i = 0; i < COLUMNS; i += 1000) {
        char title[16];
        snprintf(title, sizeof title, "c%d", i);
        cr_assert_eq(leadseq_sheet_column(&sheet, title), i);
    }
    cr_assert(leadseq_cpu_seconds() - start < 5);
    leadseq_sheet_clear(&sheet);
    free(text);
}

Test(sheet, titles_with_a_meaning_are_found_in_any_case)
{
    int column;
    cr_assert_eq(read_text("Record,AF,af\na,1,0\n"), 0);
    cr_assert_eq(leadseq_sheet_find(&sheet, "record", &column), 0);
    cr_assert_eq(column, 0);
    cr_assert_eq(leadseq_sheet_find(&sheet, "age", &column), 0);
    cr_assert_eq(column, -1);
    cr_assert_eq(leadseq_sheet_find(&sheet, "AF", &column), -1);
    cr_assert(strstr(leadseq_error(), "t.csv:1: expected each column once, found AF as columns"));
    cr_assert_eq(leadseq_sheet_need(&sheet, "age", &column), -1);
    cr_assert(strstr(leadseq_error(), "among 3 columns (Record, AF, af)"), "%s", leadseq_error());
    leadseq_sheet_clear(&sheet);
}

/* --- Cells ------------------------------------------------------------------------------ */

Test(sheet, what_is_no_number_is_refused_by_line_and_column)
{
    static const struct {
        const char *cell, *message;
    } cases[] = {
        {"0.5x", "t.csv:3: p: expected a number, found \"0.5x\""},
        {"0x10", "expected a number"},
        {"\"0,71\"", "found \"0,71\" (a decimal comma; write a decimal point)"},
        {"1e999", "expected a number"},
        {"infinite", "expected a number"},
        {"--1", "expected a number"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        char text[64];
        double value;
        snprintf(text, sizeof text, "id\tp\n1\t.5\n2\t%s\n", cases[i].cell);
        cr_assert_eq(read_text(text), 0);
        cr_assert_eq(leadseq_sheet_number(&sheet, 0, 1, &value), 0);
        cr_assert_eq(value, .5);
        cr_assert_eq(leadseq_sheet_number(&sheet, 1, 1, &value), -1, "case %zu", i);
        cr_assert(strstr(leadseq_error(), cases[i].message), "%s", leadseq_error());
        leadseq_sheet_clear(&sheet);
    }
}

Test(sheet, numbers_are_read_as_programs_write_them)
{
    static const struct {
        const char *cell;
        double value;
    } cases[] = {{"1e-3", .001}, {"+0.5", .5}, {" 0.5 ", .5},     {"5.", 5},          {".5", .5},
                 {"1E3", 1000},  {"-0", 0},    {"inf", INFINITY}, {"-inf", -INFINITY}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        char text[64];
        double value;
        snprintf(text, sizeof text, "a,b\n%s,\n", cases[i].cell);
        cr_assert_eq(read_text(text), 0);
        cr_assert_eq(leadseq_sheet_number(&sheet, 0, 0, &value), 0, "%s", leadseq_error());
        cr_assert_eq(value, cases[i].value, "%s", cases[i].cell);
        leadseq_sheet_clear(&sheet);
    }
}

Test(sheet, whole_numbers_have_a_range_and_may_be_absent)
{
    int value;
    cr_assert_eq(read_text("a,b\n7.0,\n1.5,NaN\n300,<NA>\n"), 0);
    cr_assert_eq(leadseq_sheet_whole(&sheet, 0, 0, 1, 10, false, &value), 0);
    cr_assert_eq(value, 7);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(leadseq_sheet_whole(&sheet, i, 1, 1, 10, true, &value), 0);
        cr_assert_eq(value, -1);
        cr_assert_eq(leadseq_sheet_whole(&sheet, i, 1, 1, 10, false, &value), -1);
    }
    cr_assert_eq(leadseq_sheet_whole(&sheet, 1, 0, 1, 10, true, &value), -1);
    cr_assert_eq(leadseq_sheet_whole(&sheet, 2, 0, 1, 10, true, &value), -1);
    cr_assert(strstr(leadseq_error(),
                     "t.csv:4: a: expected a whole number from 1 to 10 or nothing, "
                     "found \"300\""),
              "%s", leadseq_error());
    leadseq_sheet_clear(&sheet);
}

/* --- Tables that are being written ------------------------------------------------------- */

Test(sheet, an_unfinished_table_ends_before_what_is_cut_short)
{
    static const struct {
        const char *text;
        size_t columns, rows, dropped;
    } cases[] = {
        {"a\tb\n1\t2\n3\t4\n", 2, 2, 0},
        {"a\tb\n1\t2\n3\t4", 2, 1, 1},
        {"a\tb\n1\t2\n3", 2, 1, 1},
        {"a\tb\n1\n3\t4\n5\t6\n", 2, 0, 3},
        {"a\tb", 0, 0, 0},
        {"", 0, 0, 0},
        {"a\tb\n", 2, 0, 0},
        {"a\tb\n1\t\"2\n", 2, 0, 1},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        put("u.tsv", cases[i].text);
        cr_assert_eq(leadseq_sheet_read_unfinished(&sheet, folder, "u.tsv"), 0, "%s",
                     leadseq_error());
        cr_assert_eq(sheet.columns, cases[i].columns, "case %zu", i);
        cr_assert_eq(sheet.rows, cases[i].rows, "case %zu", i);
        cr_assert_eq(sheet.dropped, cases[i].dropped, "case %zu: %zu", i, sheet.dropped);
        leadseq_sheet_clear(&sheet);
    }
    put_bytes("u.tsv", TEXT("a\tb\n1\t2\n\0\0\0\0")); // the machine lost power
    cr_assert_eq(leadseq_sheet_read_unfinished(&sheet, folder, "u.tsv"), 0, "%s", leadseq_error());
    cr_assert_eq(sheet.rows, 1);
    leadseq_sheet_clear(&sheet);
    cr_assert_eq(leadseq_sheet_read(&sheet, in_folder("u.tsv")), -1);
    cr_assert_eq(leadseq_sheet_read_unfinished(&sheet, folder, "none.tsv"), 0);
    cr_assert_eq(sheet.columns, 0);
    cr_assert_eq(leadseq_sheet_column(&sheet, "a"), -1);
    leadseq_sheet_clear(&sheet);
}
