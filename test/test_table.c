/* SPDX-License-Identifier: MIT */
#include "page/page.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct leadseq_table *hostile_table(void)
{
    struct leadseq_table *t = leadseq_table_new("5 < 6 & more");
    leadseq_table_column(t, LEADSEQ_LEFT, "");
    leadseq_table_column(t, LEADSEQ_RIGHT, "run <512&\">");
    leadseq_table_cell(t, "AUC|x\ty\n");
    leadseq_table_interval(t, 3, false, .75, .5, 1);
    leadseq_table_cell(t, "none");
    leadseq_table_interval(t, 3, false, NAN, NAN, NAN);
    leadseq_table_remark(t, "one class only");
    return t;
}

/* What a writer makes of the table, in fresh memory. */
static char *written(int (*write)(const struct leadseq_table *table, FILE *out))
{
    char *text = NULL;
    size_t size;
    struct leadseq_table *t = hostile_table();
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(write(t, out), 0);
    fclose(out);
    leadseq_table_free(t);
    return text;
}

Test(table, tsv_keeps_rows_and_columns_whatever_the_cells_hold)
{
    char *text = written(leadseq_table_write_tsv);
    cr_assert_str_eq(text, "\trun <512&\">\n"
                           "AUC|x y \t0.750 [0.500, 1.000]\n"
                           "none\t– one class only\n");
    free(text);
}

Test(table, html_escapes_every_text)
{
    char *text = written(leadseq_table_write_html);
    cr_assert(strstr(text, "<caption>5 &lt; 6 &amp; more</caption>"));
    cr_assert(strstr(text, "run &lt;512&amp;&quot;&gt;"));
    cr_assert_null(strstr(text, "<512"));
    cr_assert(strstr(text, "<td class=\"right\">0.750 <small>[0.500, 1.000]</small></td>"));
    cr_assert(strstr(text, "<small class=\"remark\">one class only</small>"));
    free(text);
}

Test(table, markdown_escapes_what_would_break_the_row)
{
    char *text = written(leadseq_table_write_markdown);
    cr_assert(strstr(text, "| AUC\\|x y  | 0.750 \\[0.500, 1.000\\] |"), "%s", text);
    cr_assert(strstr(text, "run \\<512&amp;\"\\>"));
    cr_assert(strstr(text, "| --- | ---: |"));
    free(text);
}

Test(table, latex_escapes_its_own_characters)
{
    char *text = written(leadseq_table_write_latex);
    cr_assert(strstr(text, "run $<$512\\&\"$>$"));
    cr_assert(strstr(text, "{\\scriptsize {}[0.500, 1.000]}"));
    free(text);
}

static char *as_text(int width)
{
    char *text = NULL;
    size_t size;
    struct leadseq_table *t = leadseq_table_new(NULL);
    leadseq_table_column(t, LEADSEQ_LEFT, "");
    leadseq_table_column(t, LEADSEQ_RIGHT, "é");
    leadseq_table_column(t, LEADSEQ_RIGHT, "second");
    leadseq_table_cell(t, "AUC");
    leadseq_table_interval(t, 1, true, .5, -.5, 1);
    leadseq_table_cell(t, "12");
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_table_write_text(t, width, out), 0);
    fclose(out);
    leadseq_table_free(t);
    return text;
}

Test(table, text_is_aligned_by_characters_not_bytes)
{
    char *text = as_text(80);
    cr_assert_str_eq(text, "                      é   second\n"
                           "AUC   +0.5 [-0.5, +1.0]       12\n");
    free(text);
}

Test(table, columns_that_do_not_fit_follow_below_with_the_first_again)
{
    char *text = as_text(24);
    cr_assert_str_eq(text, "                      é\n"
                           "AUC   +0.5 [-0.5, +1.0]\n\n"
                           "      second\n"
                           "AUC       12\n");
    free(text);
}

Test(table, every_block_repeats_all_columns_that_name_a_row)
{
    char *text = NULL;
    size_t size;
    struct leadseq_table *t = leadseq_table_new(NULL);
    leadseq_table_column(t, LEADSEQ_LEFT, "lr");
    leadseq_table_column(t, LEADSEQ_LEFT, "batch");
    leadseq_table_keys(t);
    leadseq_table_column(t, LEADSEQ_RIGHT, "valid AUC");
    leadseq_table_column(t, LEADSEQ_RIGHT, "test AUC");
    for (int row = 0; row < 2; row++) {
        leadseq_table_cell(t, "0.1");
        leadseq_table_cell(t, "%d", 8 << row);
        leadseq_table_cell(t, "0.5");
        leadseq_table_cell(t, "0.6");
    }
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_table_write_text(t, 24, out), 0);
    fclose(out);
    leadseq_table_free(t);
    cr_assert_str_eq(text, "lr    batch   valid AUC\n"
                           "0.1   8             0.5\n"
                           "0.1   16            0.5\n\n"
                           "lr    batch   test AUC\n"
                           "0.1   8            0.6\n"
                           "0.1   16           0.6\n");
    free(text);
}

Test(table, no_format_lets_through_what_a_terminal_obeys_or_xml_refuses)
{
    static int (*const write[])(const struct leadseq_table *table,
                                FILE *out) = {leadseq_table_write_tsv, leadseq_table_write_markdown,
                                              leadseq_table_write_latex, leadseq_table_write_html};
    const char *hostile = "a\x1b[2J\xff\xc2\x9b\x7f\xe2\x80\xae";
    for (size_t i = 0; i <= LEADSEQ_COUNT(write); i++) {
        char *text = NULL;
        size_t size;
        struct leadseq_table *t = leadseq_table_new(hostile);
        leadseq_table_column(t, LEADSEQ_LEFT, hostile);
        leadseq_table_cell(t, "%s", hostile);
        leadseq_table_remark(t, hostile);
        FILE *out = open_memstream(&text, &size);
        cr_assert_eq(i ? write[i - 1](t, out) : leadseq_table_write_text(t, 80, out), 0);
        fclose(out);
        leadseq_table_free(t);
        cr_assert_null(strpbrk(text, "\x1b\xff\x7f\x9b\xae"), "format %zu: %s", i, text);
        cr_assert(strstr(text, "u001b") && strstr(text, "xff") && strstr(text, "u202e"));
        free(text);
    }
}

Test(table, exact_numbers_read_back_to_the_same_bits)
{
    const double values[] = {1. / 3, .1, 0, -2.5e-300, 123456789};
    for (size_t i = 0; i < LEADSEQ_COUNT(values); i++) {
        char *text = NULL;
        size_t size;
        struct leadseq_table *t = leadseq_table_new(NULL);
        leadseq_table_column(t, LEADSEQ_LEFT, "x");
        leadseq_table_exact(t, values[i]);
        FILE *out = open_memstream(&text, &size);
        cr_assert_eq(leadseq_table_write_tsv(t, out), 0);
        fclose(out);
        cr_assert_eq(strtod(text + 2, NULL), values[i], "%s", text);
        leadseq_table_free(t);
        free(text);
    }
}

Test(table, a_full_disk_is_an_error)
{
    FILE *out = fopen("/dev/full", "w");
    if (!out) cr_skip_test("no /dev/full");
    setvbuf(out, NULL, _IONBF, 0);
    struct leadseq_table *t = hostile_table();
    cr_assert_eq(leadseq_table_write_tsv(t, out), -1);
    cr_assert(strstr(leadseq_error(), "No space left"));
    leadseq_table_free(t);
    fclose(out);
}

Test(table, turned_rows_are_columns)
{
    struct leadseq_table *t = leadseq_table_new("caption");
    char *text = NULL;
    size_t size;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    leadseq_table_column(t, LEADSEQ_RIGHT, "a");
    leadseq_table_column(t, LEADSEQ_RIGHT, "b");
    leadseq_table_cell(t, "AUC");
    leadseq_table_interval(t, 1, false, .5, .4, .6);
    leadseq_table_cell(t, "2");
    leadseq_table_cell(t, "F1");
    leadseq_table_cell(t, "3");
    leadseq_table_cell(t, "4");
    t = leadseq_table_turn(t, "Model");
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_table_write_tsv(t, out), 0);
    fclose(out);
    cr_assert_str_eq(text, "Model\tAUC\tF1\na\t0.5 [0.4, 0.6]\t3\nb\t2\t4\n");
    free(text);
    leadseq_table_free(t);
    cr_assert_null(leadseq_table_turn(NULL, "x"));
}
