/* SPDX-License-Identifier: MIT
 *
 * The gnuplot script of a figure: it runs again in its folder by gnuplot NAME.gp. */
#include "page_private.h"

#include <math.h>
#include <string.h>

/* Okabe & Ito's palette: distinct for all common kinds of colour blindness. */
static const char *const palette[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                      "#E69F00", "#56B4E9", "#5B4B8A", "#7A5C3E"};

bool page_series_has_points(const struct leadseq_series *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!isnan(s->x[i]) && !isnan(s->y[i])) return true;
    return false;
}

static void put_range(FILE *out, char axis, double low, double high)
{
    if (low != high) fprintf(out, "set %crange [%g:%g]\n", axis, low, high);
}

static const char *colour_of(const struct leadseq_series *s)
{
    return palette[(size_t)s->colour % LEADSEQ_COUNT(palette)];
}

static void put_style(FILE *out, const struct leadseq_series *s)
{
    const char *colour = colour_of(s);
    if (s->line == LEADSEQ_POINTS)
        fprintf(out, "with points pt 7 ps .7 lc rgb '%s'", colour);
    else if (s->line == LEADSEQ_JOINED)
        fprintf(out, "with linespoints lw 1.4 pt 7 ps .6 lc rgb '%s'", colour);
    else if (s->line == LEADSEQ_DOTS)
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

/* Bars as vectors with flat heads, for points without a bar are left out of them alone (gnuplot's
 * own error bars paint over the lines). */
static void put_bars(FILE *out, const struct leadseq_figure *f, const struct leadseq_series *s,
                     size_t index)
{
    if (!s->low || !s->high) return;
    fprintf(out,
            ", \\\n     '%s.tsv' skip 1 index %zu using %s notitle with vectors heads size graph "
            ".008,90 lw 1.4 lc rgb '%s'",
            f->name, index, f->n_y_names ? "4:3:($5-$4):(0)" : "2:4:(0):($5-$4)", colour_of(s));
}

/* Series without points have no block in the data. */
static void put_plot(FILE *out, const struct leadseq_figure *f)
{
    size_t index = 0;
    for (size_t s = 0; s < f->n_series; s++) {
        if (!page_series_has_points(&f->series[s])) continue;
        fprintf(out, "%s'%s.tsv' skip 1 index %zu using 2:3 title ",
                index ? ", \\\n     " : "plot ", f->name, index);
        page_put_quoted(out, f->series[s].unlisted ? "" : f->series[s].label, false);
        putc(' ', out);
        put_style(out, &f->series[s]);
        put_bars(out, f, &f->series[s], index);
        index++;
    }
    putc('\n', out);
}

/* The legend is below, one line per series, and the drawing keeps its size. */
static int height_of(const struct leadseq_figure *f)
{
    int listed = 0;
    if (f->matrix) return page_matrix_height(f);
    for (size_t s = 0; s < f->n_series; s++)
        listed += !f->series[s].unlisted && page_series_has_points(&f->series[s]);
    const int line = listed > 3 ? 11 * listed : 34; // of a name: all series share it
    if (f->n_y_names) return 90 + line * (int)f->n_y_names + 22 * listed;
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

/* 1, 2 or 5 times a power of ten, so that the figure has at most six tics. */
static double step_of(const struct leadseq_figure *f)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t s = 0; s < f->n_series; s++)
        for (size_t i = 0; i < f->series[s].n; i++) {
            const struct leadseq_series *of = &f->series[s];
            low = fmin(low, fmin(of->x[i], of->low ? of->low[i] : NAN));
            high = fmax(high, fmax(of->x[i], of->high ? of->high[i] : NAN));
        }
    if (!(high > low)) return 0;
    double power = pow(10, floor(log10((high - low) / 5)));
    double times = (high - low) / 5 / power;
    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

/* Room for the names; gnuplot, which does not know the font, leaves too much. */
static void put_margins(FILE *out, const struct leadseq_figure *f)
{
    size_t longest = 0;
    for (size_t i = 0; i < f->n_y_names; i++) {
        size_t n = strlen(f->y_name[i]);
        if (n > longest) longest = n;
    }
    double left = .075 + .0148 * (double)longest;
    double step = step_of(f);
    if (step > 0) fprintf(out, "set xtics %g\n", step);
    fprintf(out, "set lmargin at screen %.3f\nset rmargin at screen .96\n", left < .6 ? left : .6);
}

/* Names at y = 0, 1 … from the top down, half a line above the first and below the last. */
static void put_names(FILE *out, const struct leadseq_figure *f)
{
    fputs("set ytics (", out);
    for (size_t i = 0; i < f->n_y_names; i++) {
        if (i) fputs(", ", out);
        page_put_quoted(out, f->y_name[i], true);
        fprintf(out, " %zu", i);
    }
    fprintf(out, ")\nset yrange [%g:-.5]\nset offsets graph .04, graph .04, 0, 0\n",
            (double)f->n_y_names - .5);
    put_margins(out, f);
}

void page_figure_script(FILE *out, const struct leadseq_figure *f)
{
    fprintf(out,
            "# Draws %s.svg from %s.tsv: gnuplot %s.gp\n"
            "set encoding utf8\n"
            "set terminal svg size 560,%d dynamic noenhanced font 'sans-serif,15' name '%s' "
            "background '#ffffff'\n"
            "if (!exists('" PAGE_TO_STDOUT "')) set output '%s.svg'\n"
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
    page_put_quoted(out, f->x_label, false);
    fputs(" offset 0, .5\nset ylabel ", out);
    page_put_quoted(out, f->y_label, false);
    putc('\n', out);
    put_range(out, 'x', f->x_low, f->x_high);
    put_range(out, 'y', f->y_low, f->y_high);
    if (f->n_y_names) put_names(out, f);
    if (f->matrix) {
        page_matrix_plot(out, f);
        return;
    }
    if (f->x_log) fputs("set logscale x\nset format x '1e%T'\n", out);
    if (f->x_counts && widest(f) <= 8) fputs("set xtics 1\n", out);
    put_plot(out, f);
}
