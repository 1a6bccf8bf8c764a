/* SPDX-License-Identifier: MIT */
#include <leadseq/page.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/leadseq-page-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(page, .init = make_folder, .fini = remove_folder);

static void write_text(const char *name, const char *text)
{
    char *path = leadseq_path_join(folder, name);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    free(path);
}

static struct leadseq_page *small_page(void)
{
    struct leadseq_page *page = leadseq_page_new("<script>alert(1)</script>");
    struct leadseq_table *table = leadseq_table_new(NULL);
    leadseq_table_column(table, LEADSEQ_LEFT, "a");
    leadseq_table_cell(table, "cell");
    leadseq_page_heading(page, "%d & %s", 1, "more");
    leadseq_page_text(page, "*plain* <b>text</b>");
    leadseq_page_note(page, "note");
    leadseq_page_table(page, table);
    leadseq_page_figure(page, folder, "figures", "there", "A \"caption\"");
    leadseq_page_figure(page, folder, "figures", "absent", "Another");
    return page;
}

static char *saved(const char *name)
{
    struct leadseq_page *page = small_page();
    write_text("there.svg", "<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg viewBox=\"0 0 1 1\">"
                            "<title>curve</title></svg>\n");
    cr_assert_eq(leadseq_page_save(page, folder, "p"), 0);
    leadseq_page_free(page);
    char *path = leadseq_path_join(folder, name);
    char *text = leadseq_file_read(path, 1 << 20, NULL);
    cr_assert(text);
    free(path);
    return text;
}

Test(page, a_folder_that_is_not_there_is_an_error)
{
    struct leadseq_page *page = small_page();
    cr_assert_eq(leadseq_page_save(page, "/nowhere/at/all", "p"), -1);
    cr_assert(strstr(leadseq_error(), "/nowhere/at/all/p.html"));
    leadseq_page_free(page);
}

Test(page, html_escapes_text_and_stands_alone)
{
    char *text = saved("p.html");
    cr_assert_null(strstr(text, "<script"));
    cr_assert_null(strstr(text, "http"));
    cr_assert(strstr(text, "<h2>1 &amp; more</h2>"));
    cr_assert(strstr(text, "<p>*plain* &lt;b&gt;text&lt;/b&gt;</p>"));
    cr_assert(strstr(text, "name=\"viewport\""));
    cr_assert(strstr(text, "@media print"));
    free(text);
}

Test(page, drawings_stand_inside_and_absent_ones_say_where_their_data_are)
{
    char *text = saved("p.html");
    cr_assert(strstr(text, "<svg role=\"img\" aria-label=\"A &quot;caption&quot;\" viewBox"));
    cr_assert_null(strstr(text, "<?xml"));
    cr_assert(strstr(text, "Not drawn"));
    cr_assert(strstr(text, "figures/absent.tsv"));
    free(text);
}

Test(page, markdown_shows_the_same)
{
    char *text = saved("p.md");
    cr_assert(strstr(text, "# \\<script\\>"));
    cr_assert(strstr(text, "\\*plain\\* \\<b\\>"));
    cr_assert(strstr(text, "> note"));
    cr_assert(strstr(text, "| cell |"));
    cr_assert(strstr(text, "![A \"caption\"](figures/there.svg)"));
    cr_assert(strstr(text, "[Another](figures/absent.tsv)"));
    free(text);
}
