/* SPDX-License-Identifier: MIT
 *
 * Findings, and the rules that make them. Adding a rule: a file with it, and one row
 * in rules.c. */
#ifndef VERDICT_FINDING_H
#define VERDICT_FINDING_H

#include "evidence.h"

enum verdict_severity { VERDICT_NONE, VERDICT_MINOR, VERDICT_MAJOR, VERDICT_CRITICAL };
extern const char *const verdict_severity_name[];

enum { VERDICT_NUMBERS = 24 };
struct finding {
    const char *id, *title;
    const char *output; /* that it is about, "": the run, or its only output */
    char outputs[512];  /* all of which it says the same, as "NORM, MI"; "" as `output` */
    enum verdict_severity severity;
    double first_step;   /* NaN: not bound to a step */
    double confidence;   /* 0 … 1 */
    const char *follows; /* id of the finding that explains this one, NULL */
    struct {
        const char *name;
        double value;
    } number[VERDICT_NUMBERS];
    size_t n_numbers;
    char mechanism[2400], advice[1400], figure[96], caption[300];
    const struct verdict_output *now; /* the output it was judged on */
    int (*draw)(const struct verdict *v, const char *folder, const char *name); /* NULL: none */
};
/* A number of the evidence, as diagnosis.json has it; NaN: left out there. */
void finding_number(struct finding *f, const char *name, double value);
/* A number rounded to the digits that its relative error allows; NaN where that is none, or where
 * the error is not known. */
double finding_rounded(double value, double error);
/* Adds a sentence to the mechanism. One with a number that is not known is left out, so that no
 * text says "nan": sentences with such numbers are said by calls of their own. */
void finding_say(struct finding *f, const char *format, ...) LEADSEQ_PRINTF(2, 3);
/* That unseen records are ranked above chance in spite of what was found, with the AUC; nothing
 * where they are not. */
void finding_say_learned(struct finding *f, const struct verdict *v);
/* Adds a sentence to what to change. `change`: the assignments it proposes, as
 * "train.loss=bce-logits" or, where several do, "model.head!=flatten", "train.clip_norm<=1",
 * "model.dropout>=0.1", with spaces between them; NULL: none. Advice is left out where the run has
 * all of that already, and where its experiment would not accept it. */
void finding_advise(struct finding *f, const struct verdict *v, const char *change,
                    const char *format, ...) LEADSEQ_PRINTF(4, 5);

struct findings {
    struct finding *finding;
    size_t n;
    const char *output; /* the one that is being judged, "": the run */
};
/* The finding of that id on the run or on the output being judged. */
const struct finding *findings_find(const struct findings *all, const char *id);

/* A rule looks at the evidence and at what earlier rules found; true: it holds. */
struct verdict_rule {
    const char *id, *title;
    bool (*holds)(struct verdict *v, const struct findings *before, struct finding *f);
    int (*draw)(const struct verdict *v, const char *folder, const char *name); /* NULL: none */
    const char *caption;
    bool each; /* judged for each output */
};
/* Every rule once, or once per output; sorted, the most severe first (rules.c). */
int verdict_judge(struct verdict *v, struct findings *all) LEADSEQ_CHECKED;

/* --- Figures (draw.c): 1 where there is nothing to draw --------------------------------------- */

int draw_cost(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_logits(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_displacement(const struct verdict *v, const char *folder,
                      const char *name) LEADSEQ_CHECKED;
int draw_flow(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_gates(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_history(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_scores(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
int draw_classes(const struct verdict *v, const char *folder, const char *name) LEADSEQ_CHECKED;
/* All of them into OUT/figures; findings then know theirs. */
int verdict_draw(struct verdict *v, struct findings *all, const char *out) LEADSEQ_CHECKED;

/* --- A diagnosis in the making (verdict.c) ---------------------------------------------------- */

enum verdict_stage { VERDICT_START, VERDICT_END, VERDICT_LOOK, VERDICT_YARDSTICK, VERDICT_JUDGED };

struct leadseq_verdict {
    struct verdict v;
    struct leadseq_verdict_options options;
    struct findings all;
    enum verdict_stage stage; /* what is asked for now, or next */
    size_t notes;             /* made before judging */
    char *file;               /* of the request */
    char *stack;              /* found where the run had it, or near; v.data where none is given */
    struct leadseq_experiment yardstick;
};

/* --- Writing (write.c) ------------------------------------------------------------------------ */

/* tried NULL: no remedies were asked for. */
int verdict_write_json(const struct verdict *v, const struct findings *all,
                       const struct leadseq_remedies *tried, const char *out) LEADSEQ_CHECKED;
int verdict_write(const struct verdict *v, const struct findings *all,
                  const struct leadseq_remedies *tried,
                  const struct leadseq_verdict_options *options) LEADSEQ_CHECKED;
int verdict_print(const struct verdict *v, const struct findings *all, FILE *out) LEADSEQ_CHECKED;

#endif
