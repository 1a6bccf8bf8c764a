/* SPDX-License-Identifier: MIT
 *
 * Findings in the making: numbers, sentences, and advice that applies to the run. */
#include "finding.h"

#include <stdlib.h>
#include <string.h>

const char *const verdict_severity_name[] = {"none", "minor", "major", "critical"};

void finding_number(struct finding *f, const char *name, double value)
{
    if (f->n_numbers == VERDICT_NUMBERS) return;
    f->number[f->n_numbers].name = name;
    f->number[f->n_numbers++].value = value;
}

double finding_rounded(double value, double error)
{
    double off = fabs(value) * error;
    if (!isfinite(off)) return NAN;
    if (off < 1e-12) return value;
    double unit = pow(10, ceil(log10(2 * off))); // an error of half a unit of the last digit
    return round(value / unit) == 0 ? NAN : round(value / unit) * unit;
}

/* Adds a sentence after a space; one with an undefined number is left out. */
static LEADSEQ_PRINTF(3, 0) void append(char *text, size_t room, const char *format,
                                        va_list arguments)
{
    char sentence[1200];
    vsnprintf(sentence, sizeof sentence, format, arguments);
    if (verdict_is_undefined(sentence)) return;
    size_t n = strlen(text);
    snprintf(text + n, room - n, "%s%s", n ? " " : "", sentence);
}

void finding_say(struct finding *f, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(f->mechanism, sizeof f->mechanism, format, arguments);
    va_end(arguments);
}

void finding_say_learned(struct finding *f, const struct verdict *v)
{
    const struct verdict_scored *s = &v->now->scored;
    if (verdict_learned(v) != 1 || !s->n) return;
    finding_say(f, "%s (%s) are ranked above chance all the same: AUC %s.",
                leadseq_count(s->n, "unseen record"), s->parts, verdict_estimate(&s->auc).text);
}

const struct finding *findings_find(const struct findings *all, const char *id)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct finding *f = &all->finding[i];
        if (!strcmp(f->id, id) && (!*f->output || !strcmp(f->output, all->output))) return f;
    }
    return NULL;
}

/* --- Advice that applies ---------------------------------------------------------------------- */

enum relation { IS, IS_NOT, AT_MOST, AT_LEAST };

struct proposal {
    char key[64], value[64];
    enum relation relation;
};

/* "train.clip_norm<=1" */
static bool read_proposal(struct proposal *p, const char *text, size_t n)
{
    size_t key = strcspn(text, "!<>=");
    if (key >= n || key >= sizeof p->key) return false;
    const char *value = text + key + (text[key] != '=' ? 2 : 1);
    p->relation = text[key] == '!'   ? IS_NOT
                  : text[key] == '<' ? AT_MOST
                  : text[key] == '>' ? AT_LEAST
                                     : IS;
    snprintf(p->key, sizeof p->key, "%.*s", (int)key, text);
    snprintf(p->value, sizeof p->value, "%.*s", (int)(n - (size_t)(value - text)), value);
    return true;
}

/* Options where 0 says "off" are not at most anything while they are. */
static bool is_done(const struct leadseq_experiment *e, const struct proposal *p)
{
    double now = NAN, value = strtod(p->value, NULL);
    (void)leadseq_experiment_number(e, p->key, &now);
    switch (p->relation) {
    case IS:
        return leadseq_experiment_says(e, p->key, p->value);
    case IS_NOT:
        return !leadseq_experiment_says(e, p->key, p->value);
    case AT_MOST:
        return now > 0 && now <= value;
    default:
        return now >= value;
    }
}

/* Makes the proposal in `other`; false where the option is refused. */
static bool make(struct leadseq_experiment *other, const struct proposal *p)
{
    return p->relation == IS_NOT || !leadseq_experiment_set(other, p->key, p->value);
}

/* Whether any of the changes is left to make, and the experiment with all of them is accepted: an
 * option of another type of model is not, for example. */
static bool applies(const struct leadseq_experiment *e, const char *change)
{
    struct leadseq_experiment other = *e;
    const bool sound = !leadseq_experiment_check(e);
    bool left = false, possible = true;
    for (const char *at = change; *at && possible; at += strspn(at, " ")) {
        struct proposal p;
        size_t n = strcspn(at, " ");
        possible = read_proposal(&p, at, n) && make(&other, &p);
        left = left || (possible && !is_done(e, &p));
        at += n;
    }
    if (possible && sound) possible = !leadseq_experiment_check(&other);
    leadseq_error_clear();
    return possible && left;
}

void finding_advise(struct finding *f, const struct verdict *v, const char *change,
                    const char *format, ...)
{
    va_list arguments;
    if (change && !applies(v->e, change)) return;
    va_start(arguments, format);
    append(f->advice, sizeof f->advice, format, arguments);
    va_end(arguments);
}
