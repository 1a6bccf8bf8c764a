/* SPDX-License-Identifier: MIT
 *
 * A figure as its data (TSV), the gnuplot script that draws it, and what gnuplot
 * made of them. The script runs again in its folder: gnuplot NAME.gp */
#include "page_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Okabe & Ito's palette: distinct for all common kinds of colour blindness. */
static const char *const palette[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                      "#E69F00", "#56B4E9", "#5B4B8A", "#7A5C3E"};

/* In double quotes, whatever has a meaning there (a backquote runs a command) as its octal code. */
static void put_quoted(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text; text++) {
        if (strchr("\"\\`$", *text))
            fprintf(out, "\\%03o", (unsigned char)*text);
        else
            putc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
    putc('"', out);
}

static void put_cell(FILE *out, const char *text)
{
    for (; *text; text++) putc((unsigned char)*text < ' ' ? ' ' : *text, out);
}

static bool has_points(const struct leadseq_series *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!isnan(s->x[i]) && !isnan(s->y[i])) return true;
    return false;
}

/* One block a series, two empty lines between them: gnuplot's index, and pandas skips them. */
static void put_data(FILE *out, const struct leadseq_figure *f)
{
    bool first = true;
    fprintf(out, "series\tx\ty\n");
    for (size_t s = 0; s < f->n_series; s++) {
        const struct leadseq_series *series = &f->series[s];
        if (!has_points(series)) continue;
        if (!first) fputs("\n\n", out);
        first = false;
        for (size_t i = 0; i < series->n; i++) {
            if (isnan(series->x[i]) || isnan(series->y[i])) continue;
            put_cell(out, series->label);
            fprintf(out, "\t%.9g\t%.9g\n", series->x[i], series->y[i]);
        }
    }
}

static void put_range(FILE *out, char axis, double low, double high)
{
    if (low != high) fprintf(out, "set %crange [%g:%g]\n", axis, low, high);
}

static void put_style(FILE *out, const struct leadseq_series *s)
{
    const char *colour = palette[(size_t)s->colour % LEADSEQ_COUNT(palette)];
    if (s->line == LEADSEQ_DOTS)
        fprintf(out, "with points pt 7 ps .35 lc rgb '%s'", colour);
    else if (s->line == LEADSEQ_MARK)
        fprintf(out, "with points pt 7 ps 1.1 lc rgb '%s'", colour);
    else if (s->line == LEADSEQ_REFERENCE)
        fputs("with lines lw 1.2 dt 3 lc rgb '#888888'", out);
    else if (s->n < 2)
        fprintf(out, "with points pt 7 ps .8 lc rgb '%s'", colour);
    else
        fprintf(out, "with lines lw 2.2%s lc rgb '%s'",
                s->line == LEADSEQ_DASHED ? " dt (8,5)" : "", colour);
}

/* Series without points have no block in the data. */
static void put_plot(FILE *out, const struct leadseq_figure *f)
{
    size_t index = 0;
    for (size_t s = 0; s < f->n_series; s++) {
        if (!has_points(&f->series[s])) continue;
        fprintf(out, "%s'%s.tsv' skip 1 index %zu using 2:3 title ",
                index ? ", \\\n     " : "plot ", f->name, index);
        put_quoted(out, f->series[s].unlisted ? "" : f->series[s].label);
        putc(' ', out);
        put_style(out, &f->series[s]);
        index++;
    }
    putc('\n', out);
}

/* The legend stands below, a line a series, and the drawing keeps its size. */
static int height_of(const struct leadseq_figure *f)
{
    int listed = 0;
    for (size_t s = 0; s < f->n_series; s++)
        listed += !f->series[s].unlisted && has_points(&f->series[s]);
    return (f->square ? 550 : 350) + 22 * listed;
}

static double widest(const struct leadseq_figure *f)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t s = 0; s < f->n_series; s++)
        for (size_t i = 0; i < f->series[s].n; i++) {
            low = fmin(low, f->series[s].x[i]);
            high = fmax(high, f->series[s].x[i]);
        }
    return high - low;
}

static void put_script(FILE *out, const struct leadseq_figure *f)
{
    fprintf(out,
            "# Draws %s.svg from %s.tsv: gnuplot %s.gp\n"
            "set encoding utf8\n"
            "set terminal svg size 560,%d dynamic noenhanced font 'sans-serif,15' name '%s' "
            "background '#ffffff'\n"
            "set output '%s.svg'\n"
            "set datafile separator tab\n",
            f->name, f->name, f->name, height_of(f), f->name, f->name);
    fputs("set border 3 lc rgb '#666666'\nset tics nomirror textcolor rgb '#333333'\n"
          "set grid lc rgb '#e4e4e4' lw 1 lt 1\n"
          "set key below left vertical maxcols 1 reverse Left samplen 1.6 spacing 1.1\n",
          out);
    fputs(f->square ? "set size ratio -1\n"
                    : "set autoscale fix\nset offsets 0, 0, graph .04, graph .04\n",
          out);
    fputs("set xlabel ", out);
    put_quoted(out, f->x_label);
    fputs(" offset 0, .5\nset ylabel ", out);
    put_quoted(out, f->y_label);
    putc('\n', out);
    put_range(out, 'x', f->x_low, f->x_high);
    put_range(out, 'y', f->y_low, f->y_high);
    if (f->x_counts && widest(f) <= 8) fputs("set xtics 1\n", out);
    put_plot(out, f);
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

/* A report without a drawing is worth more than none: gnuplot's failure is a warning. */
static int draw(const struct leadseq_figure *f, const char *folder, bool *drawn)
{
    char *script = leadseq_format("%s.gp", f->name);
    char *svg = leadseq_format("%s/%s.svg", folder, f->name);
    int status = script && svg ? 0 : -1;
    if (!status && page_gnuplot_run(folder, script, drawn)) {
        leadseq_warn("%s", leadseq_error());
        unlink(svg); // what it began
    }
    free(script);
    free(svg);
    return status;
}

int leadseq_figure_write(const struct leadseq_figure *f, const char *folder, bool *drawn)
{
    *drawn = false;
    if (save(f, folder, "tsv", put_data) || save(f, folder, "gp", put_script)) return -1;
    bool any = false;
    for (size_t s = 0; s < f->n_series; s++) any = any || has_points(&f->series[s]);
    if (!any) return 0;
    return draw(f, folder, drawn);
}
