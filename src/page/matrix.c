/* SPDX-License-Identifier: MIT
 *
 * A figure of a confusion matrix: shares of each row as shades, with the counts: its data and the
 * gnuplot script. */
#include "page_private.h"

static double sum_of(const struct leadseq_matrix *m, size_t row)
{
    double sum = 0;
    for (size_t c = 0; c < m->n; c++) sum += (double)m->count[row * m->n + c];
    return sum;
}

/* Rows in the order of the matrix; x and y: where gnuplot draws them, the first row on top. */
void page_matrix_data(FILE *out, const struct leadseq_figure *f)
{
    const struct leadseq_matrix *m = f->matrix;
    fputs("truth\tcalled\tx\ty\trecords\tshare\n", out);
    for (size_t row = 0; row < m->n; row++)
        for (size_t c = 0; c < m->n; c++) {
            size_t records = m->count[row * m->n + c];
            double all = sum_of(m, row);
            page_put_plain(out, m->name[row]);
            putc('\t', out);
            page_put_plain(out, m->name[c]);
            fprintf(out, "\t%zu\t%zu\t%zu\t", c, row, records);
            if (all > 0)
                fprintf(out, "%.9g\n", (double)records / all);
            else
                fputs("nan\n", out);
        }
}

static void put_tics(FILE *out, char axis, const struct leadseq_matrix *m)
{
    fprintf(out, "set %ctics (", axis);
    for (size_t k = 0; k < m->n; k++) {
        if (k) fputs(", ", out);
        page_put_quoted(out, m->name[k], true);
        fprintf(out, " %zu", k);
    }
    fputs(") scale 0\n", out);
}

/* After the script's head. Dark cells have white letters; a row without records has no shade. */
void page_matrix_plot(FILE *out, const struct leadseq_figure *f)
{
    const struct leadseq_matrix *m = f->matrix;
    put_tics(out, 'x', m);
    put_tics(out, 'y', m);
    fprintf(out,
            "set xrange [-.5:%g]\nset yrange [%g:-.5]\nunset grid\nunset key\nset border 0\n"
            "set palette defined (0 '#ffffff', .5 '#7fb2d6', 1 '#08457e')\nset cbrange [0:1]\n"
            "unset colorbox\n"
            "shown(n, s) = s eq 'nan' ? n : n.sprintf(\"\\n%%.1f %%%%\", 100*real(s))\n",
            (double)m->n - .5, (double)m->n - .5);
    fprintf(out,
            "plot '%s.tsv' skip 1 using 3:4:($3-.48):($3+.48):($4-.48):($4+.48):6 with boxxyerror "
            "fs solid 1 noborder lc palette notitle, \\\n"
            "     '%s.tsv' skip 1 using 3:4:(shown(strcol(5), strcol(6))):(real(strcol(6)) > .55 ? "
            "0xffffff : "
            "0x222222) with "
            "labels offset 0, .4 tc rgb variable notitle\n",
            f->name, f->name);
}

int page_matrix_height(const struct leadseq_figure *f)
{
    return 90 + 70 * (int)f->matrix->n;
}
