/* SPDX-License-Identifier: MIT */
#include "io/io.h"

#include "folder.h"

#include <glob.h>
#include <math.h>

TestSuite(record_write, .init = make_folder, .fini = remove_folder);

enum { N = 50 };

static float *some_signal(size_t n)
{
    float *mv = calloc(12 * n, sizeof *mv);
    for (size_t i = 0; i < 12 * n; i++)
        mv[i] = (float)(sin(0.01 * (double)i * (double)(i % 12)) * 3);
    return mv;
}

Test(record_write, what_cannot_be_written_is_refused_and_leaves_nothing)
{
    float *mv = some_signal(N);
    cr_assert_eq(leadseq_record_write(folder, "a/b", 100, mv, N), -1);
    cr_assert_eq(leadseq_record_write(folder, "", 100, mv, N), -1);
    cr_assert_eq(leadseq_record_write(folder, "w", 0, mv, N), -1);
    cr_assert_eq(leadseq_record_write(folder, "w", (double)NAN, mv, N), -1);
    cr_assert_eq(leadseq_record_write(folder, "w", 100, mv, 0), -1);
    cr_assert_eq(leadseq_record_write("/nowhere", "w", 100, mv, N), -1);
    cr_assert_error_has("/nowhere/w.dat");
    static const float too_much[] = {32.768f, -32.768f, 1e30f, INFINITY, -INFINITY};
    for (size_t i = 0; i < LEADSEQ_COUNT(too_much); i++) {
        mv[3 * N + 7] = too_much[i];
        cr_assert_eq(leadseq_record_write(folder, "w", 100, mv, N), -1);
        cr_assert_error_has("lead AVR, sample 7");
    }
    glob_t found;
    cr_assert_eq(glob(in_folder("*"), 0, NULL, &found), GLOB_NOMATCH);
    free(mv);
}

Test(record_write, a_full_disk_leaves_nothing_under_the_names)
{
    static const struct {
        size_t n, most;
        const char *file;
    } cases[] = {{N, 100, "w.dat"}, {10, 300, "w.hea"}}; // 24 bytes a sample; a header of 500
    float *mv = some_signal(N);
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        glob_t found;
        limit_files(cases[i].most);
        cr_assert_eq(leadseq_record_write(folder, "w", 100, mv, cases[i].n), -1);
        cr_assert_error_has("File too large");
        cr_assert_error_has(cases[i].file);
        cr_assert_eq(glob(in_folder("*"), 0, NULL, &found), GLOB_NOMATCH);
    }
    free(mv);
}

Test(record_write, a_written_record_reads_back_to_the_microvolt)
{
    static const double rates[] = {100, 500, 257, 128.5, 1000. / 3};
    for (size_t i = 0; i < LEADSEQ_COUNT(rates); i++) {
        float *mv = some_signal(N);
        mv[5] = NAN, mv[0] = 32.767f, mv[1] = -32.767f;
        cr_assert_eq(leadseq_record_write(folder, "00001_lr", rates[i], mv, N), 0, "%s",
                     leadseq_error());
        struct leadseq_record *r = leadseq_record_open(in_folder("00001_lr"));
        cr_assert(r, "%s", leadseq_error());
        cr_assert_eq(r->rate_hz, rates[i]);
        cr_assert_eq(r->n_samples, N);
        for (size_t k = 0; k < 12 * N; k++) {
            if (isnan(mv[k]))
                cr_assert(isnan(r->mv[k]));
            else
                cr_assert_float_eq(r->mv[k], mv[k], 0.000502, "sample %zu", k);
        }
        leadseq_record_close(r);
        free(mv);
    }
}
