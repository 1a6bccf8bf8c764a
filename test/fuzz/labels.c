/* SPDX-License-Identifier: MIT
 *
 * Tables of own records with labels: every label is 0, 1 or unknown, every person's data lies in
 * its range, and each label has a name that a stack may use. */
#include "fuzz.h"

#include "dataset/dataset_private.h"

static void check(const struct leadseq_source *source)
{
    fuzz_require(source->n >= 1 && source->n_labels >= 1, "%zu records, %zu labels", source->n,
                 source->n_labels);
    for (size_t k = 0; k < source->n_labels; k++)
        fuzz_require(!leadseq_label_name_check(source->label_name[k]), "%s", source->label_name[k]);
    for (size_t i = 0; i < source->n; i++) {
        const struct leadseq_source_record *r = &source->record[i];
        for (size_t k = 0; k < source->n_labels; k++)
            fuzz_require(r->label[k] <= 1 || r->label[k] == LEADSEQ_UNKNOWN, "%d", r->label[k]);
        fuzz_require(r->row.strat_fold >= -1 && r->row.strat_fold <= 10, "%d", r->row.strat_fold);
        fuzz_require(r->row.age_years >= -1 && r->row.age_years <= 300, "%d", r->row.age_years);
        fuzz_require(r->row.sex >= -1 && r->row.sex <= 1, "%d", r->row.sex);
    }
}

static void run(const uint8_t *data, size_t size)
{
    static bool made;
    static const struct leadseq_source_type *type;
    static const char *const given[] = {"table", "records"};
    if (!made) {
        for (char name[] = "a.hea"; *name <= 'c'; ++*name)
            fuzz_put_text(name, "x 1 500 1\nx.dat 16\n");
        type = leadseq_source_choose(given, LEADSEQ_COUNT(given));
        fuzz_require(type, "no source of tables");
    }
    made = true;
    char *table = leadseq_format("%s", fuzz_put("t.csv", data, size)), *folder = fuzz_folder;
    struct leadseq_source_value value[LEADSEQ_SOURCE_OPTIONS] = {{&table, 1}, {&folder, 1}};
    struct leadseq_build_options options = {.skip_missing = size % 2};
    struct leadseq_source source;
    if (dataset_source_open(&source, type, value, &options))
        fuzz_refused();
    else
        check(&source);
    dataset_source_close(&source);
    free(table);
}

static void seeds(void)
{
    fuzz_seed_text("record,patient_id,fold,age,sex,AF,RBBB\na,1,1,50,male,1,0\nb,2,2,,F,,1\n");
    fuzz_seed_text("\xef\xbb\xbfpath;AF\r\na.hea;TRUE\r\nb.dat;False\r\nc;\r\n");
    fuzz_seed_text("record,patient_id,AF\na,x,1\nb,x,0\nc,,1.0\n");
    fuzz_seed_text("record,AF,AF\na,1,0\n");
    fuzz_seed_text("record,other\na,2\n");
    fuzz_seed_text("record,AF\na,1\na.hea,0\n");
    fuzz_seed_text("record,AF\n../a,1\n");
}

const struct fuzz_harness fuzz_labels = {"labels", "tables of own records with labels", run, seeds};
