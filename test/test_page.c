/* SPDX-License-Identifier: MIT */
#include "page/page.h"

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
    leadseq_page_alternative(page, "What the \"curve\" shows");
    leadseq_page_figure(page, folder, "figures", "absent", "Another");
    leadseq_page_step(page, "2 <unlabelled>", "%d records", 12);
    leadseq_page_step(page, NULL, "10 records");
    leadseq_page_subheading(page, "beneath");
    return page;
}

static char *saved(const char *name)
{
    struct leadseq_page *page = small_page();
    write_text("there.svg",
               "<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg viewBox=\"0 0 1 1\">"
               "<title>curve</title><circle id='gpDot'/><use xlink:href='#gpDot'/></svg>\n");
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
    cr_assert(
        strstr(text, "<svg role=\"img\" aria-label=\"What the &quot;curve&quot; shows\" viewBox"));
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

Test(page, marks_of_drawings_have_ids_of_their_own)
{
    char *text = saved("p.html");
    cr_assert(strstr(text, "id='there-gpDot'"));
    cr_assert(strstr(text, "href='#there-gpDot'"));
    cr_assert_null(strstr(text, "'gpDot'"));
    free(text);
}

Test(page, steps_of_a_flow_are_one_list_that_says_what_was_left_out)
{
    char *html = saved("p.html"), *markdown = saved("p.md");
    char *begin = strstr(html, "<ol class=\"flow\">");
    cr_assert(begin);
    cr_assert_null(strstr(begin + 1, "<ol class"));
    cr_assert(strstr(begin, "12 records</span><span class=\"out\">left out: 2 &lt;unlabelled&gt;"));
    cr_assert(strstr(begin, "<li><span class=\"box\">10 records</span></li>\n</ol>"));
    cr_assert(strstr(markdown, "1. 12 records (left out: 2 \\<unlabelled\\>)"));
    free(html);
    free(markdown);
}

Test(page, a_long_page_begins_with_its_contents)
{
    struct leadseq_page *page = leadseq_page_new("long");
    char *text = NULL;
    size_t size;
    for (int i = 1; i <= 9; i++) leadseq_page_heading(page, "part <%d>", i);
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_page_write_html(page, out), 0);
    fclose(out);
    cr_assert(strstr(text, "<li><a href=\"#s9\">part &lt;9&gt;</a></li>"));
    cr_assert(strstr(text, "<h2 id=\"s9\">part &lt;9&gt;</h2>"));
    free(text);
    leadseq_page_free(page);
}
