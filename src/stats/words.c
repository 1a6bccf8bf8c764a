/* SPDX-License-Identifier: MIT
 *
 * Estimates as words of a sentence. An undefined number is never printed: a dash and the
 * reason take its place. */
#include "stats/stats.h"

#include <math.h>
#include <string.h>

void leadseq_number_text(char text[32], double value, int decimals)
{
    if (isnan(value))
        snprintf(text, 32, "–");
    else
        snprintf(text, 32, "%.*f", decimals, value);
}

static void reason(char *text, size_t room, const char *method, const char *otherwise)
{
    snprintf(text, room, " (%s)", method && *method ? method : otherwise);
}

void leadseq_estimate_text(char text[LEADSEQ_ESTIMATE_TEXT], const struct leadseq_estimate *e,
                           int decimals)
{
    leadseq_number_text(text, e->value, decimals);
    size_t used = strlen(text), room = LEADSEQ_ESTIMATE_TEXT - used;
    if (isnan(e->value))
        reason(text + used, room, e->method, "not defined");
    else if (isnan(e->low) || isnan(e->high))
        reason(text + used, room, e->method, "no interval");
    else
        snprintf(text + used, room, " [%.*f, %.*f]", decimals, e->low, decimals, e->high);
}

void leadseq_difference_text(char text[LEADSEQ_ESTIMATE_TEXT], const struct leadseq_difference *d,
                             int decimals)
{
    int used = isnan(d->difference)
                   ? snprintf(text, LEADSEQ_ESTIMATE_TEXT, "–")
                   : snprintf(text, LEADSEQ_ESTIMATE_TEXT, "%+.*f", decimals, d->difference);
    size_t room = LEADSEQ_ESTIMATE_TEXT - (size_t)used;
    if (!isnan(d->difference) && !isnan(d->low) && !isnan(d->high))
        used += snprintf(text + used, room, " [%+.*f, %+.*f]", decimals, d->low, decimals, d->high);
    room = LEADSEQ_ESTIMATE_TEXT - (size_t)used;
    if (!isnan(d->p)) {
        char p[32];
        leadseq_p_text(p, d->p);
        used += snprintf(text + used, room, ", p %s%s", *p == '<' ? "" : "= ", p);
        room = LEADSEQ_ESTIMATE_TEXT - (size_t)used;
    }
    reason(text + used, room, d->method, "not defined");
}

void leadseq_p_text(char text[32], double p)
{
    if (isnan(p))
        snprintf(text, 32, "–");
    else if (p < .0001)
        snprintf(text, 32, "< 0.0001");
    else
        snprintf(text, 32, "%.*f", p < .001 ? 4 : 3, p);
}
