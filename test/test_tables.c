/* SPDX-License-Identifier: MIT
 *
 * steps.tsv and history.tsv as they are cut back to a checkpoint. */
#include "folder.h"
#include "train/tables.h"

TestSuite(tables, .init = make_folder, .fini = remove_folder);

struct cut {
    const char *before;
    uint64_t last;
    const char *after; /* the header is "n\tx\n" */
};

static const struct cut cuts[] = {
    {"", 5, "n\tx\n"},
    {"n\tx\n1\ta\n2\tb\n3\tc\n", 2, "n\tx\n1\ta\n2\tb\n"},
    {"n\tx\n1\ta\n2\tb\n3\tc\n", 0, "n\tx\n"},
    {"n\tx\n1\ta\n2\tb\n", 9, "n\tx\n1\ta\n2\tb\n"},
    {"n\tx\n1\ta\n2\tb", 9, "n\tx\n1\ta\n"}, /* killed within a row */
    {"n\tx\n1\ta\nrubbish\n2\tb\n", 9, "n\tx\n1\ta\n"},
    {"n\t", 9, "n\tx\n"},
};

Test(tables, rows_behind_the_checkpoint_and_half_rows_are_dropped)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(cuts); i++) {
        const char *path = put("t.tsv", cuts[i].before);
        FILE *table = train_table_open(path, "n\tx\n", cuts[i].last);
        cr_assert(table, "%s", leadseq_error());
        fputs("7\tz\n", table);
        fclose(table);
        char *text = leadseq_file_read(path, 1000, NULL), expected[200];
        snprintf(expected, sizeof expected, "%s7\tz\n", cuts[i].after);
        cr_assert_str_eq(text, expected, "case %zu", i);
        free(text);
    }
}

Test(tables, rows_of_another_versions_columns_are_refused_and_stay)
{
    const char *path = put("t.tsv", "n\tx\ty\n1\ta\tb\n");
    cr_assert_null(train_table_open(path, "n\tx\n", 9));
    cr_assert_error_has("expected the columns this version writes");
    char *text = leadseq_file_read(path, 1000, NULL);
    cr_assert_str_eq(text, "n\tx\ty\n1\ta\tb\n");
    free(text);
}

Test(tables, a_table_that_cannot_be_written_is_refused_by_name)
{
    cr_assert_null(train_table_open(in_folder("no/such/t.tsv"), "n\n", 0));
    cr_assert_error_has("t.tsv");
}

Test(tables, a_full_disk_is_noticed_at_the_row)
{
    if (access("/dev/full", W_OK)) cr_skip_test("no /dev/full");
    FILE *full = fopen("/dev/full", "w");
    cr_assert(full);
    struct train_step_row row = {.step = 1};
    cr_assert_eq(train_steps_append(full, &row), -1);
    cr_assert_error_has("steps.tsv: writing failed: No space left");
    fclose(full);
}

Test(tables, costs_keep_every_digit_of_a_float)
{
    FILE *f = fopen(in_folder("s.tsv"), "w+");
    struct leadseq_step seen = {.cell[LEADSEQ_CELL_ON_LATTICE] = {true, 1}};
    struct train_step_row row = {.step = 3,
                                 .seen = &seen,
                                 .epoch = 1,
                                 .cost = 0.693147182464599609375,
                                 .lr = 1e-3,
                                 .probed = true,
                                 .logit_min = -165.4,
                                 .saturated = 2};
    cr_assert_eq(train_steps_append(f, &row), 0);
    row.cost = 50;
    row.counted = true;
    row.zero_gradient = 1;
    cr_assert_eq(train_steps_append(f, &row), 0);
    fclose(f);
    char *text = leadseq_file_read(in_folder("s.tsv"), 1000, NULL);
#define CELLS "\t\t\t1\t\t\t\t\t\t\t\t\t\t" // the third of thirteen
    cr_assert_str_eq(text, "3\t1\t0.693147182\t0\t0.001\t0\t-165.4\t0\t2\t" CELLS
                           "\t0.000000\t0.000000\t0.000000\n"
                           "3\t1\t50\t0\t0.001\t0\t-165.4\t0\t2\t1" CELLS
                           "\t0.000000\t0.000000\t0.000000\n");
    free(text);
}
