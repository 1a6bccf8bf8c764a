/* SPDX-License-Identifier: MIT
 *
 * Tables in which an answer may be taken for the truth. What leadseq predict writes is known by its
 * columns:
 *
 *   since 0.2     ecg_id record (or file) … decision threshold threshold_origin, no label
 *   before        id … label threshold threshold_origin, whose label is the decision
 *
 * Other programs may write decisions as labels too, at a threshold that their table need not have.
 * Then some threshold reproduces every label, which that of no model worth a comparison does. */
#include "inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool begins_so(const char *title, const char *word)
{
    size_t n = strlen(word);
    return !strncmp(title, word, n) && (!title[n] || title[n] == '_');
}

/* A column WORD or WORD_NAME. */
static bool has_column(const struct leadseq_sheet *sheet, const char *word)
{
    for (size_t i = 0; i < sheet->columns; i++)
        if (begins_so(leadseq_sheet_title(sheet, (int)i), word)) return true;
    return false;
}

int report_decisions_refuse(const struct leadseq_sheet *sheet, bool truth)
{
    if (leadseq_sheet_column(sheet, "threshold_origin") < 0) return 0;
    bool label = has_column(sheet, "label"), decision = has_column(sheet, "decision");
    if (label && !decision)
        return leadseq_fail("%s: expected true labels, found a table of an older leadseq predict, "
                            "whose column \"label\" is its decision; write labelled predictions "
                            "by: leadseq evaluate RUN --data FILE.h5 --split all",
                            sheet->path);
    if (label || !decision || truth) return 0;
    return leadseq_fail(
        "%s: expected labels, found a table of leadseq predict, which has decisions "
        "and no truth; take the labels from a stack by --data FILE.h5, or write "
        "labelled predictions by: leadseq evaluate RUN --data FILE.h5 --split all",
        sheet->path);
}

/* --- Labels that are decisions --------------------------------------------------------------- */

/* A number, -1 where there is none. */
static double number_of(const struct leadseq_sheet *sheet, size_t row, int column)
{
    double value;
    bool is = leadseq_parse_number(leadseq_sheet_cell(sheet, row, column), 0, 1, &value);
    return is ? value : -1;
}

/* Whether some threshold, or the rows' own, calls every record what its label says, of both kinds.
 * Rows without a label or a probability say nothing. */
static bool decided(const struct leadseq_sheet *sheet, int label, int probability, int threshold)
{
    double least_yes = INFINITY, most_no = -INFINITY;
    bool agree = threshold >= 0;
    for (size_t i = 0; i < sheet->rows; i++) {
        enum leadseq_answer truth = leadseq_sheet_answer(sheet, i, label);
        double p = number_of(sheet, i, probability);
        if (p < 0 || (truth != LEADSEQ_ANSWER_YES && truth != LEADSEQ_ANSWER_NO)) continue;
        bool yes = truth == LEADSEQ_ANSWER_YES;
        if (yes)
            least_yes = fmin(least_yes, p);
        else
            most_no = fmax(most_no, p);
        if (agree) agree = (p >= number_of(sheet, i, threshold)) == yes;
    }
    return isfinite(least_yes) && isfinite(most_no) && (agree || least_yes > most_no);
}

/* Whether the label names the most probable output in every row that has one. */
static bool names_agree(const struct leadseq_sheet *sheet, int label)
{
    size_t found = 0;
    for (size_t i = 0; i < sheet->rows; i++) {
        const char *truth = leadseq_sheet_cell(sheet, i, label), *best = NULL;
        double most = -1;
        for (int k = 0; k < (int)sheet->columns; k++) {
            const char *title = leadseq_sheet_title(sheet, k);
            if (strncmp(title, "probability_", 12)) continue;
            double p = number_of(sheet, i, k);
            if (p > most) most = p, best = title + 12;
        }
        bool absent = leadseq_is_absent(truth);
        if (!best || (!absent && strcmp(truth, best))) return false;
        found += !absent;
    }
    return found > 0;
}

static int column_of(const struct leadseq_sheet *sheet, const char *word, const char *ending)
{
    char title[96];
    snprintf(title, sizeof title, "%s%s", word, ending);
    return leadseq_sheet_column(sheet, title);
}

/* The probability that a column "label" alone belongs to in a table of five superclasses. */
static int infarction_of(const struct leadseq_sheet *sheet)
{
    int column = leadseq_sheet_column(sheet, "probability_MI");
    return column >= 0 ? column : leadseq_sheet_column(sheet, "MI");
}

int report_decisions_find(const struct leadseq_sheet *sheet)
{
    bool labelled = false;
    int plain = leadseq_sheet_column(sheet, "label");
    for (size_t k = 0; k < sheet->columns; k++) {
        const char *title = leadseq_sheet_title(sheet, (int)k), *word = "probability";
        if (!begins_so(title, word)) continue;
        const char *ending = title + strlen(word);
        int label = column_of(sheet, "label", ending);
        labelled = labelled || label >= 0;
        if (label >= 0 && decided(sheet, label, (int)k, column_of(sheet, "threshold", ending)))
            return label;
    }
    if (labelled || plain < 0) return -1;
    if (names_agree(sheet, plain)) return plain;
    int infarction = infarction_of(sheet);
    return infarction >= 0 && decided(sheet, plain, infarction, -1) ? plain : -1;
}
