/* SPDX-License-Identifier: MIT
 *
 * Tables of predictions, of this program or any other: probabilities from 0 to 1, labels 0, 1 or
 * unknown, and a set of each part in ascending order without a record twice. */
#include "fuzz.h"

#include "report/inputs.h"

static void check_set(const struct report_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        fuzz_require(!i || set->ecg_id[i] > set->ecg_id[i - 1], "order");
        fuzz_require(report_set_find(set, set->ecg_id[i]) == i, "found elsewhere");
        if (set->label)
            fuzz_require(set->label[i] <= 1 || set->label[i] == LEADSEQ_UNKNOWN, "%d",
                         set->label[i]);
        if (set->probability)
            fuzz_require(set->probability[i] >= 0 && set->probability[i] <= 1, "%g",
                         set->probability[i]);
        for (size_t k = 0; set->output_probability && k < set->outputs.n; k++) {
            double p = set->output_probability[i * set->outputs.n + k];
            fuzz_require(p >= 0 && p <= 1, "%g", p);
        }
    }
}

static void take_parts(const struct report_rows *rows)
{
    for (enum report_part part = 0; part < REPORT_PARTS; part++) {
        struct report_set set;
        if (report_set_take(&set, rows, part, "p.tsv")) {
            fuzz_refused();
            continue;
        }
        check_set(&set);
        size_t patients = 0;
        fuzz_require(report_set_positives(&set) <= set.n, "positives");
        fuzz_require(!report_set_patients(&patients, &set) && patients <= set.n, "%zu patients",
                     patients);
        report_set_clear(&set);
    }
}

static void run(const uint8_t *data, size_t size)
{
    struct leadseq_sheet sheet;
    struct report_rows rows;
    if (leadseq_sheet_read(&sheet, fuzz_put("p.tsv", data, size))) {
        fuzz_refused();
        return;
    }
    struct report_names *names = report_names_new();
    if (!report_rows_read(&rows, &sheet, names)) {
        fuzz_require(rows.n + rows.unanswered == sheet.rows, "%zu and %zu of %zu rows", rows.n,
                     rows.unanswered, sheet.rows);
        take_parts(&rows);
        report_rows_clear(&rows);
    } else {
        fuzz_refused();
    }
    report_names_free(names);
    leadseq_sheet_clear(&sheet);
}

static void seeds(void)
{
    fuzz_seed_text("ecg_id\tpatient_id\tfold\tlabel\tlogit\tprobability\tsplit\n"
                   "1\t7\t10\t0\t-1\t0.25\ttest\n2\t8\t9\t1\t1\t0.75\tvalid\n");
    fuzz_seed_text("record,probability_NORM,probability_MI,label_NORM,label_MI,label\n"
                   "a,0.1,0.9,0,1,MI\nb,0.5,0.5,1,,NORM\n");
    fuzz_seed_text("ecg_id,NORM,MI,STTC,CD,HYP\n1,.1,.2,.3,.4,0\n");
    fuzz_seed_text("ecg_id,probability\n1,1.5\n");
    fuzz_seed_text("ecg_id,probability\n1,.5\n1,.6\n");
    fuzz_seed_text("ecg_id,record,probability,label\n-1,x,0,2\n,y,1,\n");
    fuzz_seed_text("ecg_id,patient_id,fold,probability\n2147483648,,nan,0.5\n");
}

const struct fuzz_harness fuzz_predictions = {"predictions", "tables of predictions", run, seeds};
