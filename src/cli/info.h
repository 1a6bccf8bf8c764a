/* SPDX-License-Identifier: MIT
 *
 * Between the files of leadseq info. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "page/page.h"
#include "signal/signal.h"

enum { INFO_QUALITY_TEXT = 192 };

struct info_request {
    const char *path;
    const char *png; /* folder for images; NULL: none */
    bool png_exists; /* it was there before: what is written into it stays */
    bool json, quality, force;
    int ecg_id;   /* the record of a stack to write; -1: the first ones */
    size_t first; /* that many; 0: ten */
};

/* Each prints what is in request->path, for a person or as JSON. */
int info_quality_of(const struct info_request *request) LEADSEQ_CHECKED;
int info_record(const struct info_request *request) LEADSEQ_CHECKED;
int info_stack(const struct info_request *request) LEADSEQ_CHECKED;
int info_run(const struct info_request *request) LEADSEQ_CHECKED;
/* The model of the run in `folder`; where this machine cannot build it, that is said (NULL). */
int info_model_print(const char *folder) LEADSEQ_CHECKED;
struct leadseq_json *info_model_json(const char *folder);

/* --- info_print.c: what the others have in common --------------------------------------- */

/* "flat_lead, missing" of the bits of enum leadseq_quality, "none" for 0. */
const char *info_quality(char text[INFO_QUALITY_TEXT], uint16_t bits);
/* Flags that PTB-XL's table has and that no signal shows by itself. */
enum { INFO_QUALITY_OF_TABLE = 0xf };
/* true or false by name; null for those that are not `known`. */
struct leadseq_json *info_quality_json(uint16_t bits, uint16_t known);
/* The numbers they follow from. */
struct leadseq_json *info_evidence_json(const struct leadseq_signal_quality *quality);
/* A record for a program; its leads as a table for a person. */
int info_record_json(const struct leadseq_record *record,
                     const struct leadseq_signal_quality *quality) LEADSEQ_CHECKED;
int info_record_leads(const struct leadseq_record *record,
                      const struct leadseq_signal_quality *quality) LEADSEQ_CHECKED;
/* Prints and frees both or either; table may be NULL. */
int info_print_json(struct leadseq_json *json) LEADSEQ_CHECKED;
int info_print_table(struct leadseq_table *table) LEADSEQ_CHECKED;

#endif
