/* SPDX-License-Identifier: MIT
 *
 * What the kinds of leadseq info have in common: flags of quality by name, with the
 * numbers they follow from, and printing. */
#include "info.h"

#include <string.h>

static const char *const quality_names[] = {
    "baseline_drift", "static_noise", "burst_noise", "electrodes", "flat_lead", "saturated",
    "missing",        "einthoven",    "reversed",    "empty",      "amplitude",
};

const char *info_quality(char text[INFO_QUALITY_TEXT], uint16_t bits)
{
    size_t n = 0;
    strcpy(text, "none");
    for (size_t i = 0; i < LEADSEQ_COUNT(quality_names); i++)
        if (bits >> i & 1)
            n += (size_t)snprintf(text + n, INFO_QUALITY_TEXT - n, "%s%s", n ? ", " : "",
                                  quality_names[i]);
    return text;
}

struct leadseq_json *info_quality_json(uint16_t bits, uint16_t known)
{
    struct leadseq_json *names = leadseq_json_object();
    for (size_t i = 0; i < LEADSEQ_COUNT(quality_names); i++)
        if (known >> i & 1)
            leadseq_json_set_bool(names, quality_names[i], bits >> i & 1);
        else
            leadseq_json_set_text(names, quality_names[i], NULL);
    return names;
}

int info_print_json(struct leadseq_json *json)
{
    int status = leadseq_json_write(json, stdout);
    leadseq_json_free(json);
    return status;
}

int info_print_table(struct leadseq_table *table)
{
    int status = table ? leadseq_table_write_text(table, 100, stdout) : -1;
    leadseq_table_free(table);
    return status;
}

struct leadseq_json *info_evidence_json(const struct leadseq_signal_quality *q)
{
    static const char *const limb[] = {"rms_i_mv", "rms_ii_mv", "rms_iii_mv"};
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_number(json, "einthoven_rms_mv", q->einthoven_mv);
    leadseq_json_set_number(json, "augmented_rms_mv", q->augmented_mv);
    leadseq_json_set_number(json, "agreement", q->agreement);
    leadseq_json_set_number(json, "agreement_exchanged", q->agreement_exchanged);
    leadseq_json_set_text(json, "exchange", leadseq_reversal_text(q->exchange));
    for (int i = 0; i < 3; i++) leadseq_json_set_number(json, limb[i], q->limb_mv[i]);
    leadseq_json_set_text(json, "suspected", leadseq_reversal_text(q->reversal));
    return json;
}
