/* SPDX-License-Identifier: MIT
 *
 * leadseq train --lr-find: the range test's table, figure, page and suggestion. */
#include "lr_find.h"
#include "status.h"

#include "page/page.h"

#include <math.h>
#include <stdlib.h>

static int save_table(const struct leadseq_lr_curve *c, const char *out)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    char *path = leadseq_path_join(out, "lr_find.tsv");
    static const char *const title[] = {"step", "lr", "cost", "smooth"};
    for (size_t i = 0; t && i < LEADSEQ_COUNT(title); i++)
        leadseq_table_column(t, LEADSEQ_RIGHT, title[i]);
    for (size_t i = 0; t && i < c->n; i++) {
        leadseq_table_cell(t, "%zu", i + 1);
        leadseq_table_exact(t, c->point[i].lr);
        leadseq_table_exact(t, c->point[i].cost);
        leadseq_table_exact(t, c->point[i].smooth);
    }
    int status = t && path ? leadseq_table_save_tsv(t, path) : -1;
    leadseq_table_free(t);
    free(path);
    return status;
}

/* --- The figure ------------------------------------------------------------------------------ */

/* Up to a little more than where it is called divergence: the last cost may be beyond measure. */
static double top_of(const struct leadseq_lr_curve *c)
{
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < c->n; i++) least = fmin(least, c->point[i].smooth);
    for (size_t i = 0; i < c->n; i++) most = fmax(most, fmin(c->point[i].smooth, 4.5 * least));
    return 1.15 * most;
}

static struct leadseq_series upright(const char *label, const double x[2], const double y[2],
                                     int colour)
{
    return (struct leadseq_series){.label = label,
                                   .n = isnan(x[0]) ? 0 : 2,
                                   .x = x,
                                   .y = y,
                                   .line = LEADSEQ_DASHED,
                                   .colour = colour};
}

static int draw(const struct leadseq_lr_curve *c, const char *folder, bool *drawn)
{
    double *x = leadseq_calloc(3 * c->n, sizeof *x), *cost = x + c->n, *mean = cost + c->n;
    if (!x) return -1;
    for (size_t i = 0; i < c->n; i++) {
        x[i] = c->point[i].lr;
        cost[i] = c->point[i].cost;
        mean[i] = c->point[i].smooth;
    }
    const double top = top_of(c), ends[2] = {0, top};
    const double steepest[2] = {c->steepest, c->steepest},
                 tenth[2] = {c->least / 10, c->least / 10};
    const struct leadseq_series series[] = {{.label = "cost of a step",
                                             .n = c->n,
                                             .x = x,
                                             .y = cost,
                                             .line = LEADSEQ_DOTS,
                                             .colour = 5},
                                            {.label = "running mean", .n = c->n, .x = x, .y = mean},
                                            upright("steepest fall", steepest, ends, 1),
                                            upright("a tenth of the least", tenth, ends, 2)};
    const struct leadseq_figure figure = {.name = "lr_find",
                                          .x_label = "learning rate",
                                          .y_label = "cost",
                                          .x_log = true,
                                          .y_low = 0,
                                          .y_high = top,
                                          .series = series,
                                          .n_series = LEADSEQ_COUNT(series)};
    int status = leadseq_figure_write(&figure, folder, drawn);
    free(x);
    return status;
}

/* --- The page -------------------------------------------------------------------------------- */

static void say_suggestion(struct leadseq_page *page, const struct leadseq_lr_curve *c)
{
    if (isnan(c->steepest))
        leadseq_page_note(page,
                          "Nowhere do the costs of a fifth of the sweep fall clearly (by four "
                          "standard errors). More --lr-steps or a larger train.batch show more.");
    else
        leadseq_page_note(page, "The cost falls fastest about a rate of %.2g.", c->steepest);
    if (!isnan(c->least))
        leadseq_page_note(page,
                          "The running mean is least at %.2g; a tenth of it, %.2g, keeps away from "
                          "where the cost rises.",
                          c->least, c->least / 10);
}

static void say_how(struct leadseq_page *page, const struct leadseq_experiment *e,
                    const struct leadseq_lr_options *o, const struct leadseq_lr_curve *c)
{
    leadseq_page_heading(page, "How it was found");
    leadseq_page_text(
        page,
        "From the weights of seed %llu, one step was taken at each of %d rates from %g "
        "to %g, each the same factor above the previous one, on batches of %d of the %zu "
        "training records; %s after step %zu. Where the cost falls fastest is the middle of the "
        "fifth "
        "of the sweep in which a line through the costs, by the logarithm of the rate, is "
        "steepest. "
        "The running mean keeps .98 of itself at each step and is corrected for its beginning: it "
        "follows the costs late. The first tenth of the steps and the last five do not count for "
        "its "
        "least. Schedule, epochs and patience play no part; optimiser, loss, sampler and "
        "augmentation do.",
        (unsigned long long)e->seed, o->steps, o->least, o->most, e->train.batch, c->records,
        c->diverged ? "it diverged (four times the least) and ended" : "it ended", c->n);
    leadseq_page_text(page, "%s", cli_command_line());
}

static int save_page(const struct leadseq_experiment *e, const struct leadseq_lr_options *o,
                     const struct leadseq_lr_curve *c, const char *out)
{
    bool drawn = false;
    struct leadseq_page *page = leadseq_page_new("Learning-rate range test");
    char *figures = leadseq_path_join(out, "figures");
    int status = page && figures ? leadseq_folder_make(figures) : -1;
    if (!status) status = draw(c, figures, &drawn);
    if (!status) {
        say_suggestion(page, c);
        if (drawn)
            leadseq_page_figure(page, figures, "figures", "lr_find",
                                "Cost of each step by its learning rate, and its running mean.");
        say_how(page, e, o, c);
        status = leadseq_page_save(page, out, "lr_find");
    }
    leadseq_page_free(page);
    free(figures);
    return status;
}

static void print_suggestion(const struct leadseq_lr_curve *c, const char *out)
{
    if (isnan(c->steepest))
        printf("The cost falls nowhere clearly in %s; more --lr-steps show more.\n",
               leadseq_count(c->n, "step"));
    else
        printf("Steepest fall  train.lr=%.2g\n", c->steepest);
    if (!isnan(c->least)) printf("Least / 10     train.lr=%.2g\n", c->least / 10);
    if (c->diverged) printf("It diverged after %s.\n", leadseq_count(c->n, "step"));
    printf("%s/lr_find.html\n", leadseq_plain(out));
}

int cli_lr_find(const struct leadseq_experiment *e, const struct leadseq_lr_options *o,
                const char *out)
{
    struct leadseq_lr_curve curve = {0};
    struct leadseq_folder *folder = leadseq_folder_begin(out, false);
    if (!folder) return -1;
    int status = leadseq_lr_find(e, o, &curve);
    if (!status) status = save_table(&curve, leadseq_folder_partial(folder));
    if (!status) status = save_page(e, o, &curve, leadseq_folder_partial(folder));
    if (!status) status = leadseq_stop_check();
    if (!status)
        status = leadseq_folder_commit(folder);
    else
        leadseq_folder_discard(folder);
    if (!status) print_suggestion(&curve, out);
    leadseq_lr_curve_clear(&curve);
    return status;
}
