/* SPDX-License-Identifier: MIT
 *
 * Phases of a training, as fastai's fine_tune has two:
 *
 *   train.freeze_epochs   the head learns at train.freeze_lr, and the body's batch norms at a tenth
 *   the other epochs      all groups learn, each at its share train.group_lr of train.lr
 *
 * Each phase has the schedule to itself, and moments that begin at 0. model.freeze: body keeps the
 * second phase frozen as well. */
#include "phase.h"

#include <string.h>

/* Of the groups before the head, in frozen epochs: fastai's slice(lr). */
static const double FROZEN_SHARE = 0.1;

static struct train_phase phase_at(const struct train_session *s, uint64_t step)
{
    const uint64_t all = train_total_steps(s);
    const uint64_t frozen = (uint64_t)s->e.train.freeze_epochs * train_epoch_steps(s);
    const uint64_t first = frozen < all ? frozen : all;
    if (step < first) return (struct train_phase){0, first, true, true};
    return (struct train_phase){first, all - first, s->e.freeze == LEADSEQ_FREEZE_BODY, false};
}

static double frozen_lr(const struct leadseq_experiment *e)
{
    return e->train.freeze_lr > 0 ? e->train.freeze_lr : e->train.lr;
}

static void set_groups(struct leadseq_optimizer *o, const struct train_session *s,
                       const struct train_phase *phase)
{
    const struct leadseq_experiment *e = &s->e;
    o->frozen = phase->frozen;
    o->last = leadseq_model_groups(s->net.model) - 1;
    for (int i = 0; i < LEADSEQ_PARAMETER_GROUPS_MOST; i++) {
        const double share = i < e->train.n_group_lr ? e->train.group_lr[i] : 1;
        o->share[i] = !phase->separate ? share : i < o->last ? FROZEN_SHARE : 1;
    }
}

void train_phase_enter(struct train_work *t)
{
    /* In the range test, whose rates are fixed, the whole training is one phase. */
    const uint64_t first = t->state.step - t->state.batch; /* the epoch's first step */
    t->phase = phase_at(t->s, t->fixed ? UINT64_MAX : first);
    set_groups(&t->optimizer, t->s, &t->phase);
    t->optimizer.how.lr = t->phase.separate ? frozen_lr(&t->s->e) : t->s->e.train.lr;
    if (!t->fixed && first && t->state.step == t->phase.first)
        leadseq_optimizer_restart(&t->optimizer);
}

void train_phase_resume(struct train_work *t)
{
    train_phase_enter(t);
    t->optimizer.step = t->state.step - t->phase.first;
}

static int fail_groups(const struct train_session *s, int groups)
{
    return leadseq_fail("train.group_lr: expected %d shares of train.lr, one for each group of "
                        "parameters of model.type %s, the head's the last, found %d",
                        groups, s->e.model.type->name, s->e.train.n_group_lr);
}

/* Values that a phase moves. */
static size_t count_moving(struct train_session *s, const struct train_phase *phase)
{
    struct leadseq_optimizer o = {0};
    const struct leadseq_params *params = leadseq_model_params(s->net.model);
    size_t n = 0;
    set_groups(&o, s, phase);
    for (size_t i = 0; i < params->n_slices; i++)
        if (leadseq_optimizer_moves(&o, &params->slice[i])) n += params->slice[i].count;
    return n;
}

int train_phase_check(struct train_session *s)
{
    const struct leadseq_experiment *e = &s->e;
    const int groups = leadseq_model_groups(s->net.model);
    const struct train_phase last = phase_at(s, UINT64_MAX);
    if (!train_epoch_steps(s))
        return leadseq_fail("train.drop_last: true leaves nothing of an epoch: expected at least "
                            "train.batch training records, %d, found %zu",
                            e->train.batch, s->split.n[LEADSEQ_TRAIN]);
    if (e->train.n_group_lr && e->train.n_group_lr != groups) return fail_groups(s, groups);
    if (e->train.freeze_epochs > e->train.epochs)
        return leadseq_fail("train.freeze_epochs: expected at most train.epochs, %d, found %d",
                            e->train.epochs, e->train.freeze_epochs);
    if (count_moving(s, &last)) return 0;
    return leadseq_fail("train.group_lr%s: nothing is left to train; expected a share above 0 of a "
                        "group that is not frozen",
                        last.frozen ? " and model.freeze: body" : "");
}
