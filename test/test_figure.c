/* SPDX-License-Identifier: MIT */
#include "page/page.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/leadseq-figure-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(figure, .init = make_folder, .fini = remove_folder);

static const double x[] = {0, .5, 1}, y[] = {0, .8, 1}, gap[] = {.2, NAN, .4};
static const struct leadseq_series series[] = {
    {.label = "it's <512&\"> `rm` $x", .n = 3, .x = x, .y = y, .line = LEADSEQ_SOLID},
    {.label = "empty", .n = 0, .colour = 1},
    {.label = "gap", .n = 3, .x = x, .y = gap, .line = LEADSEQ_DASHED, .colour = 2},
};
static const struct leadseq_figure figure = {
    .name = "roc",
    .x_label = "1 - specificity",
    .y_label = "'sensitivity'",
    .x_high = 1,
    .y_high = 1,
    .square = true,
    .series = series,
    .n_series = 3,
};

static char *text_of(const char *name)
{
    char *path = leadseq_path_join(folder, name);
    char *text = leadseq_path_exists(path) ? leadseq_file_read(path, 1 << 20, NULL) : NULL;
    free(path);
    return text;
}

Test(figure, a_folder_that_is_not_there_is_an_error)
{
    bool drawn;
    cr_assert_eq(leadseq_figure_write(&figure, "/nowhere/at/all", &drawn), -1);
    cr_assert(strstr(leadseq_error(), "/nowhere/at/all/roc.tsv"));
}

Test(figure, without_gnuplot_data_and_script_are_there)
{
    bool drawn = true;
    setenv("GNUPLOT", "/nowhere/gnuplot", 1);
    cr_assert_eq(leadseq_figure_write(&figure, folder, &drawn), 0, "%s", leadseq_error());
    cr_assert(!drawn);
    char *svg = text_of("roc.svg"), *data = text_of("roc.tsv"), *script = text_of("roc.gp");
    cr_assert(!svg && data && script);
    free(data);
    free(script);
}

Test(figure, a_gnuplot_that_fails_leaves_data_and_script_and_no_drawing)
{
    bool drawn = true;
    setenv("GNUPLOT", "false", 1);
    cr_assert_eq(leadseq_figure_write(&figure, folder, &drawn), 0);
    cr_assert(!drawn);
    cr_assert(strstr(leadseq_error(), "roc.gp; run it there"));
    char *svg = text_of("roc.svg"), *data = text_of("roc.tsv"), *script = text_of("roc.gp");
    cr_assert(!svg && data && script);
    free(data);
    free(script);
}

static void put_program(const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    chmod(path, 0700);
    setenv("GNUPLOT", path, 1);
}

Test(figure, a_program_that_is_killed_leaves_no_half_drawing)
{
    int status;
    put_program("half.sh", "#!/bin/sh\n"
                           "for script; do :; done\n"
                           "case $(grep 'set output' \"$script\") in\n"
                           "set*) echo half >roc.svg ;;\n"
                           "*) echo half ;;\n"
                           "esac\n"
                           "kill -9 $PPID\n");
    pid_t child = fork();
    if (!child) _exit(leadseq_figure_write(&figure, folder, &(bool){false}) != 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    char *svg = text_of("roc.svg");
    cr_assert(!svg, "a half drawing has its final name");
    unsetenv("GNUPLOT");
    if (system("gnuplot --version >/dev/null 2>&1")) cr_skip_test("no gnuplot");
    bool drawn;
    cr_assert_eq(leadseq_figure_write(&figure, folder, &drawn), 0);
    cr_assert(drawn, "%s", leadseq_error());
    char command[300];
    snprintf(command, sizeof command, "cd %s && cp roc.svg a && gnuplot roc.gp && cmp a roc.svg",
             folder);
    cr_assert_eq(system(command), 0, "the script draws the same by hand");
}

Test(figure, a_gnuplot_that_draws_nothing_has_failed)
{
    bool drawn;
    put_program("nothing.sh", "#!/bin/sh\n");
    cr_assert_eq(leadseq_figure_write(&figure, folder, &drawn), 0);
    cr_assert(!drawn && !text_of("roc.svg"));
    cr_assert(strstr(leadseq_error(), "drew nothing"));
}

Test(figure, data_hold_the_points_and_leave_out_what_is_no_number)
{
    bool drawn;
    setenv("GNUPLOT", "/nowhere/gnuplot", 1);
    cr_assert_eq(leadseq_figure_write(&figure, folder, &drawn), 0);
    char *data = text_of("roc.tsv");
    cr_assert(strstr(data, "series\tx\ty\n"));
    cr_assert(strstr(data, "\t0.5\t0.8\n"));
    cr_assert(strstr(data, "gap\t0\t0.2\ngap\t1\t0.4\n"));
    free(data);
}

Test(figure, gnuplot_draws_every_series_and_shows_labels_literally)
{
    bool drawn;
    unsetenv("GNUPLOT");
    if (system("gnuplot --version >/dev/null 2>&1")) cr_skip_test("no gnuplot");
    cr_assert_eq(leadseq_figure_write(&figure, folder, &drawn), 0);
    cr_assert(drawn, "%s", leadseq_error());
    char *svg = text_of("roc.svg");
    cr_assert(svg);
    cr_assert(strstr(svg, "it's &lt;512&amp;"), "label not found or not escaped");
    cr_assert(strstr(svg, "`rm` $x"));
    cr_assert(strstr(svg, ">gap<") && !strstr(svg, ">empty<"));
    cr_assert(strstr(svg, "</svg>"));
    free(svg);
}

Test(figure, whatever_names_hold_the_drawing_is_xml)
{
    static const char hostile[] = "a]]>b &<\"'> ]]]>> \x1b[2J \xff \xef\xbf\xbf \x01 %s é";
    static const char *const names[] = {hostile, "plain"};
    const double place[] = {0, 1};
    const struct leadseq_series points[] = {
        {.label = hostile, .n = 2, .x = place, .y = place, .line = LEADSEQ_POINTS},
        {.label = "]]>", .n = 2, .x = place, .y = place, .line = LEADSEQ_SOLID}};
    const struct leadseq_figure f = {.name = "hostile",
                                     .x_label = hostile,
                                     .y_label = hostile,
                                     .y_name = names,
                                     .n_y_names = 2,
                                     .series = points,
                                     .n_series = 2};
    char command[256];
    bool drawn;
    if (system("gnuplot --version >/dev/null 2>&1")) cr_skip_test("no gnuplot");
    if (system("python3 -c '' 2>/dev/null")) cr_skip_test("no python3");
    cr_assert_eq(leadseq_figure_write(&f, folder, &drawn), 0);
    cr_assert(drawn, "%s", leadseq_error());
    snprintf(command, sizeof command,
             "python3 -c 'import xml.dom.minidom as m; m.parse(\"%s/hostile.svg\")'", folder);
    cr_assert_eq(system(command), 0, "the drawing is not XML");
}

Test(figure, error_bars_and_names_reach_data_and_script)
{
    static const char *const names[] = {"women, 50 %", "men `x`"};
    const double at[] = {.8, .7}, place[] = {0, 1}, low[] = {.6, NAN}, high[] = {.9, NAN};
    const struct leadseq_series with_bars = {.label = "a",
                                             .n = 2,
                                             .x = at,
                                             .y = place,
                                             .low = low,
                                             .high = high,
                                             .line = LEADSEQ_POINTS};
    const struct leadseq_figure forest = {.name = "forest",
                                          .x_label = "AUC",
                                          .y_label = "",
                                          .y_name = names,
                                          .n_y_names = 2,
                                          .series = &with_bars,
                                          .n_series = 1};
    bool drawn;
    cr_assert_eq(leadseq_figure_write(&forest, folder, &drawn), 0);
    char *data = text_of("forest.tsv"), *script = text_of("forest.gp");
    cr_assert_str_eq(data, "series\tx\ty\tlow\thigh\na\t0.8\t0\t0.6\t0.9\na\t0.7\t1\tnan\tnan\n");
    cr_assert(strstr(script, "using 4:3:($5-$4):(0) notitle with vectors"));
    cr_assert(strstr(script, "set ytics (\"women, 50 %%\" 0, \"men \\140x\\140\" 1)"));
    free(data);
    free(script);
}
