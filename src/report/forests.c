/* SPDX-License-Identifier: MIT
 *
 * Figures with a line for each subgroup, experiment or superclass: its AUC with the
 * interval, model beside model. */
#include "report_private.h"

#include "page/drawing.h"

#include <stdlib.h>

/* Names that a figure borrows. */
struct names {
    char **text;
    size_t n;
};

static void names_clear(struct names *names)
{
    for (size_t i = 0; i < names->n; i++) free(names->text[i]);
    free(names->text);
}

/* Takes the text over. */
static int add_name(struct names *names, char *text)
{
    char **more = text ? leadseq_realloc(names->text, names->n + 1, sizeof *more) : NULL;
    if (!more) {
        free(text);
        return -1;
    }
    names->text = more;
    more[names->n++] = text;
    return 0;
}

/* Models share a line's height: the first above. */
static double place_of(size_t line, size_t model, size_t models)
{
    return (double)line + .56 * ((double)model - .5 * (double)(models - 1)) / (double)models;
}

static int write_forest(struct drawing *d, const struct names *names, const char *name,
                        const char *folder)
{
    struct leadseq_figure figure = {.name = name,
                                    .x_label = "AUC",
                                    .y_label = "",
                                    .y_name = (const char *const *)names->text,
                                    .n_y_names = names->n};
    bool drawn;
    return drawing_write(d, &figure, folder, &drawn);
}

/* --- Subgroups --------------------------------------------------------------------------- */

static int add_subgroup_model(struct drawing *d, const struct report *r, size_t m)
{
    char *label = leadseq_format("%s", r->model[m].name);
    if (drawing_series(d, label, r->n_subgroups, LEADSEQ_POINTS, m)) return -1;
    for (size_t s = 0; s < r->n_subgroups; s++) {
        const struct leadseq_estimate *e = &r->subgroup[s].metric[LEADSEQ_AUC][m];
        drawing_bar(d, e->value, place_of(s, m, r->n_inputs), e->low, e->high);
    }
    return 0;
}

static int write_subgroups(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    struct names names = {0};
    int status = 0;
    for (size_t s = 0; !status && s < r->n_subgroups; s++)
        status =
            add_name(&names, leadseq_format("%s: %s", r->subgroup[s].family, r->subgroup[s].name));
    for (size_t m = 0; !status && m < r->n_inputs; m++) status = add_subgroup_model(&d, r, m);
    if (!status) status = write_forest(&d, &names, "subgroups", folder);
    drawing_clear(&d);
    names_clear(&names);
    return status;
}

/* --- Seeds ---------------------------------------------------------------------------------- */

static int add_seeds(struct drawing *d, const struct report *r, size_t g)
{
    const struct report_group *group = &r->group[g];
    const struct leadseq_spread *spread = &group->spread[LEADSEQ_AUC];
    if (drawing_series(d, leadseq_format("%s, each seed", group->name), group->n, LEADSEQ_POINTS,
                       g))
        return -1;
    drawing_unlisted(d);
    for (size_t k = 0; k < group->n; k++)
        drawing_point(d, r->model[group->member[k]].metric[LEADSEQ_AUC].value, (double)g - .12);
    if (drawing_series(d, leadseq_format("%s, mean", group->name), 1, LEADSEQ_MARK, g)) return -1;
    drawing_unlisted(d);
    drawing_bar(d, spread->mean, (double)g + .12, spread->low, spread->high);
    return 0;
}

static int write_seeds(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    struct names names = {0};
    int status = 0;
    for (size_t g = 0; !status && g < r->n_groups; g++) {
        status = add_name(&names, leadseq_format("%s", r->group[g].name));
        if (!status) status = add_seeds(&d, r, g);
    }
    if (!status) status = write_forest(&d, &names, "seeds", folder);
    drawing_clear(&d);
    names_clear(&names);
    return status;
}

/* --- Superclasses ------------------------------------------------------------------------------
 */

static int add_class_model(struct drawing *d, const struct report *r, size_t i)
{
    const struct report_model *m = &r->model[i];
    if (!m->class) return 0;
    if (drawing_series(d, leadseq_format("%s", m->name), REPORT_CLASSES, LEADSEQ_POINTS, i))
        return -1;
    for (size_t k = 0; k < REPORT_CLASSES; k++) {
        const struct leadseq_estimate *e = &m->class[k].metric[LEADSEQ_AUC];
        drawing_bar(d, e->value, place_of(k, i, r->n_inputs), e->low, e->high);
    }
    return 0;
}

static int write_classes(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    struct names names = {0};
    int status = 0;
    for (size_t k = 0; !status && k < REPORT_CLASSES; k++)
        status = add_name(&names, leadseq_format("%s", leadseq_superclass_name[k]));
    for (size_t i = 0; !status && i < r->n_inputs; i++) status = add_class_model(&d, r, i);
    if (!status) status = write_forest(&d, &names, "superclasses", folder);
    drawing_clear(&d);
    names_clear(&names);
    return status;
}

int report_forests_write(struct report *r, const char *folder)
{
    if (r->n_subgroups && write_subgroups(r, folder)) return -1;
    if (r->n_groups && write_seeds(r, folder)) return -1;
    return r->with_classes ? write_classes(r, folder) : 0;
}
