/* SPDX-License-Identifier: MIT
 *
 * Falls every step_size epochs, as torch's StepLR, after the linear warmup:
 *   max(min_lr, lr · gamma^⌊epoch/step_size⌋) · min(1, (step + 1)/w) */
#include "rates.h"

struct step {
    int step_size; /* epochs between two falls */
    double gamma, min_lr;
};

#define FIELD(member) LEADSEQ_FIELD(struct step, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"train.step_size", &leadseq_option_integer, FIELD(step_size), .unit = "epochs", .standard = "3",
     .least = 1, .most = 1e6, .help = "epochs between two reductions of the rate"},
    {"train.gamma", &leadseq_option_number, FIELD(gamma), .standard = "0.1", .least = 0, .above = true,
     .most = 1, .help = "factor of the rate at each reduction"},
    {"train.min_lr", &leadseq_option_number, FIELD(min_lr), .standard = "0", .least = 0, .most = 100,
     .help = "smallest rate"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static int check(const struct leadseq_optim *how)
{
    const struct step *o = (const void *)&how->of_schedule;
    return rates_check_least(how, o->min_lr);
}

static void rate(const struct leadseq_optim *how, const struct leadseq_training_place *at,
                 bool plain, struct leadseq_rate *rate)
{
    const struct step *o = (const void *)&how->of_schedule;
    (void)plain;
    uint64_t falls = at->step / at->epoch_steps / (uint64_t)o->step_size;
    double lr = fmax(o->min_lr, how->lr * pow(o->gamma, (double)falls));
    rate->lr = lr * rates_warmth(at->step, (uint64_t)how->warmup);
}

const struct leadseq_schedule_type optim_step = {
    .name = "step",
    .help = "lr times gamma every step_size epochs",
    .bytes = sizeof(struct step),
    .options = groups,
    .check = check,
    .rate = rate,
};
