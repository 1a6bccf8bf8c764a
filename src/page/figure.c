/* SPDX-License-Identifier: MIT
 *
 * A figure as its data (TSV), the gnuplot script that draws it, and what gnuplot
 * made of them. The script runs again in its folder: gnuplot NAME.gp */
#include "page_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "nan" where there is no bar: gnuplot leaves it out, and pandas reads it. */
static void put_bar(FILE *out, const struct leadseq_series *s, size_t i)
{
    bool known = s->low && s->high && !isnan(s->low[i]) && !isnan(s->high[i]);
    if (known)
        fprintf(out, "\t%.9g\t%.9g", s->low[i], s->high[i]);
    else
        fputs("\tnan\tnan", out);
}

/* One block a series, two empty lines between them: gnuplot's index, and pandas skips them. */
static void put_data(FILE *out, const struct leadseq_figure *f)
{
    bool first = true, bars = false;
    for (size_t s = 0; s < f->n_series; s++) bars = bars || f->series[s].low;
    fprintf(out, "series\tx\ty%s\n", bars ? "\tlow\thigh" : "");
    for (size_t s = 0; s < f->n_series; s++) {
        const struct leadseq_series *series = &f->series[s];
        if (!page_series_has_points(series)) continue;
        if (!first) fputs("\n\n", out);
        first = false;
        for (size_t i = 0; i < series->n; i++) {
            if (isnan(series->x[i]) || isnan(series->y[i])) continue;
            page_put_plain(out, series->label);
            fprintf(out, "\t%.9g\t%.9g", series->x[i], series->y[i]);
            if (bars) put_bar(out, series, i);
            putc('\n', out);
        }
    }
}

static int save(const struct leadseq_figure *f, const char *folder, const char *ending,
                void (*put)(FILE *out, const struct leadseq_figure *f))
{
    char *path = leadseq_format("%s/%s.%s", folder, f->name, ending);
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    if (!file) return -1;
    put(leadseq_file_stream(file), f);
    return leadseq_file_commit(file);
}

/* Into a file that gets its name when it is complete; takes the file over. */
static int draw_into(struct leadseq_file *file, const char *folder, const char *script, bool *drawn)
{
    struct stat info;
    const int out = fileno(leadseq_file_stream(file));
    bool ran = false;
    int status = page_gnuplot_run(folder, script, out, &ran);
    if (!status && ran && !fstat(out, &info) && !info.st_size)
        status =
            leadseq_fail("gnuplot drew nothing for %s/%s; run it there to see why", folder, script);
    if (!status && ran) {
        *drawn = true;
        return leadseq_file_commit(file);
    }
    leadseq_file_discard(file);
    return status;
}

/* A report without a drawing is worth more than none: gnuplot's failure is a warning. */
static int draw(const struct leadseq_figure *f, const char *folder, bool *drawn)
{
    char *script = leadseq_format("%s.gp", f->name);
    char *svg = leadseq_format("%s/%s.svg", folder, f->name);
    struct leadseq_file *file = script && svg ? leadseq_file_create(svg) : NULL;
    int status = file ? 0 : -1;
    if (file && draw_into(file, folder, script, drawn)) {
        *drawn = false;
        status = leadseq_stop_check();
        if (!status) {
            unlink(svg); // an older one, of other data
            leadseq_warn("%s", leadseq_error());
        }
    }
    free(script);
    free(svg);
    return status;
}

int leadseq_figure_write(const struct leadseq_figure *f, const char *folder, bool *drawn)
{
    *drawn = false;
    if (save(f, folder, "tsv", f->matrix ? page_matrix_data : put_data) ||
        save(f, folder, "gp", page_figure_script))
        return -1;
    bool any = f->matrix;
    for (size_t s = 0; s < f->n_series; s++) any = any || page_series_has_points(&f->series[s]);
    if (!any) return 0;
    return draw(f, folder, drawn);
}
