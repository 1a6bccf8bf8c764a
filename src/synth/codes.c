/* SPDX-License-Identifier: MIT
 *
 * SCP codes: what the simulator may say of a record, and what it says of one. The
 * likelihood of an infarction is the greater the more of a wall is dead. */
#include "synth_private.h"

#include <string.h>

const struct synth_statement synth_statement[] = {
    {"NORM", "healthy", "NORM", "NORM", false, false},
    {"IMI", NULL, "MI", "IMI", false, false},
    {"ASMI", NULL, "MI", "AMI", false, false},
    {"ILMI", NULL, "MI", "IMI", false, false},
    {"AMI", NULL, "MI", "AMI", false, false},
    {"ALMI", NULL, "MI", "AMI", false, false},
    {"INJAS", NULL, "MI", "AMI", false, false},
    {"LMI", NULL, "MI", "LMI", false, false},
    {"INJAL", NULL, "MI", "AMI", false, false},
    {"IPLMI", NULL, "MI", "IMI", false, false},
    {"IPMI", NULL, "MI", "IMI", false, false},
    {"INJIN", NULL, "MI", "IMI", false, false},
    {"INJLA", NULL, "MI", "AMI", false, false},
    {"PMI", NULL, "MI", "PMI", false, false},
    {"INJIL", NULL, "MI", "IMI", false, false},
    {"NDT", "flat or inverted T waves without a sure cause", "STTC", "STTC", true, false},
    {"NST_", "slight ST depression", "STTC", "NST_", true, false},
    {"ISC_", "signs of ischaemia", "STTC", "ISC_", false, false},
    {"ISCAL", "signs of ischaemia, anterolateral", "STTC", "ISCA", false, false},
    {"ISCIN", "signs of ischaemia, inferior", "STTC", "ISCI", false, false},
    {"DIG", "digitalis effect", "STTC", "STTC", true, false},
    {"LNGQT", "long QT interval", "STTC", "STTC", true, false},
    {"CLBBB", "left bundle branch block", "CD", "CLBBB", false, false},
    {"CRBBB", "right bundle branch block", "CD", "CRBBB", false, false},
    {"IRBBB", "partial right bundle branch block", "CD", "IRBBB", false, false},
    {"LAFB", "left anterior fascicular block", "CD", "LAFB/LPFB", false, false},
    {"IVCD", "slow conduction within the ventricles", "CD", "IVCD", false, false},
    {"1AVB", "slow conduction from atria to ventricles", "CD", "_AVB", false, false},
    {"LVH", "left ventricular hypertrophy", "HYP", "LVH", false, false},
    {"RVH", "right ventricular hypertrophy", "HYP", "RVH", false, false},
    {"STE_", "ST elevation without a sure cause", NULL, NULL, true, false},
    {"PVC", "ventricular extra beats", NULL, NULL, true, false},
    {"SR", "sinus rhythm", NULL, NULL, false, true},
    {"SBRAD", "slow sinus rhythm", NULL, NULL, false, true},
    {"STACH", "fast sinus rhythm", NULL, NULL, false, true},
    {"SARRH", "uneven sinus rhythm", NULL, NULL, false, true},
    {"AFIB", "atrial fibrillation", NULL, NULL, false, true},
};
const size_t synth_statements = LEADSEQ_COUNT(synth_statement);

static const char *const repol_code[SYNTH_REPOLS] = {NULL,    "NDT", "NST_",  "ISC_", "ISCAL",
                                                     "ISCIN", "DIG", "LNGQT", "STE_"};
static const char *const block_code[SYNTH_BLOCKS] = {NULL,   "CLBBB", "CRBBB", "IRBBB",
                                                     "LAFB", "IVCD",  "1AVB"};
static const char *const rhythm_code[SYNTH_RHYTHMS] = {"SR", "SBRAD", "STACH", "SARRH", "AFIB"};

const char *synth_code_text(const char *code)
{
    for (int i = 0; i < SYNTH_INFARCTS; i++)
        if (!strcmp(code, synth_infarct[i].code)) return synth_infarct[i].text;
    for (size_t i = 0; i < synth_statements; i++)
        if (!strcmp(code, synth_statement[i].code)) return synth_statement[i].text;
    return code;
}

/* PTB-XL's readers were sure of half of their infarcts, and thought the faintest fifth
 * only possible. */
static double likelihood_of_infarct(const struct synth_disease *d)
{
    if (d->size > 0.48) return 100;
    if (d->size > 0.44) return 80;
    return d->size > 0.28 ? 50 : 15;
}

int synth_codes(const struct synth_patient *patient, const struct synth_findings *findings,
                struct synth_code codes[SYNTH_CODES_MAX])
{
    const struct synth_disease *d = &patient->disease;
    int n = 0;
    if (d->class == SYNTH_HEALTHY)
        codes[n++] = (struct synth_code){"NORM", d->rhythm == SYNTH_SINUS ? 100 : 80};
    if (d->infarct >= 0)
        codes[n++] = (struct synth_code){synth_infarct[d->infarct].code, likelihood_of_infarct(d)};
    if (d->infarct >= 0 && d->second)
        codes[n++] =
            (struct synth_code){synth_infarct[d->second - 1].code, likelihood_of_infarct(d)};
    if (d->left_hypertrophy)
        codes[n++] = (struct synth_code){"LVH", d->hypertrophy > 0.3 ? 100 : 50};
    if (d->right_hypertrophy) codes[n++] = (struct synth_code){"RVH", 100};
    if (d->block) codes[n++] = (struct synth_code){block_code[d->block], 100};
    if (d->repol)
        codes[n++] = (struct synth_code){repol_code[d->repol], d->repol == SYNTH_EARLY   ? 0
                                                               : d->repol_strength > 0.4 ? 100
                                                                                         : 50};
    if (findings->extra_beats) codes[n++] = (struct synth_code){"PVC", 100};
    codes[n++] = (struct synth_code){rhythm_code[d->rhythm], 0};
    return n;
}
