/* SPDX-License-Identifier: MIT
 *
 * Files of measurements that hold other things than they should: as many values as rows and axes
 * say, and names that end. */
#include "store.h"

#include "io/store.h"
#include "probe/probe.h"

enum { ROWS = 3 };
static const char *const quantity[] = {"head/predicted", "flow/norm", "head/step", "none/at_all"};
static const char *const list[] = {"layers", "chain", "tensors", "leads", "outputs"};

static void make_group(struct leadseq_store *store, const char *group, const char *name, int rank)
{
    static const int64_t step[ROWS] = {1, 2, 4};
    static const double value[ROWS * 4] = {1, NAN, 3};
    char path[64];
    struct leadseq_store_spec spec = {.type = LEADSEQ_STORE_INT64};
    bool made = !leadseq_store_add_group(store, group) &&
                !leadseq_store_set_text(store, group, "status", "measured");
    snprintf(path, sizeof path, "%s/step", group);
    made = made && !leadseq_store_add(store, path, &spec) &&
           !leadseq_store_append(store, path, ROWS, step);
    spec = (struct leadseq_store_spec){.type = LEADSEQ_STORE_FLOAT64, .rank = rank, .shape = {4}};
    made = made && !leadseq_store_add(store, name, &spec) &&
           !leadseq_store_append(store, name, ROWS, value);
    fuzz_require(made, "%s", group);
}

static void make(const char *path)
{
    static const char *const names[] = {"one", "two"};
    struct leadseq_store *store = leadseq_store_create(path);
    bool made = store && !leadseq_store_set_text(store, "/", "kind", "leadseq diagnostics") &&
                !leadseq_store_set_int(store, "/", "schema", LEADSEQ_DIAGNOSTICS_SCHEMA) &&
                !leadseq_store_set_real(store, "/", "lr", 1e-3);
    for (size_t i = 0; made && i < LEADSEQ_COUNT(list); i++)
        made = !leadseq_store_set_texts(store, "/", list[i], names, LEADSEQ_COUNT(names));
    fuzz_require(made, "created");
    make_group(store, "head", "head/predicted", 0);
    make_group(store, "flow", "flow/norm", 1);
    fuzz_require(!leadseq_store_commit(store), "committed");
}

static const struct fuzz_store *valid(void)
{
    static struct fuzz_store store;
    return fuzz_store_made(&store, make);
}

static void check_quantity(struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_measured m;
    if (leadseq_diagnostics_read(d, name, &m)) {
        fuzz_refused();
        return;
    }
    size_t items = 1;
    for (int i = 0; i < m.rank; i++) items *= m.shape[i];
    fuzz_require(m.rank >= 0 && m.rank <= LEADSEQ_QUANTITY_RANK && items == m.items, "rank %d",
                 m.rank);
    double sum = 0;
    for (size_t i = 0; i < m.rows * m.items; i++) sum += isnan(m.value[i]);
    for (size_t i = 0; i < m.rows; i++) sum += m.step[i] > 0;
    fuzz_require(sum >= 0, "%g", sum);
    leadseq_measured_clear(&m);
}

static void run(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    struct leadseq_diagnostics *d = leadseq_diagnostics_open(fuzz_store_change(valid(), &in));
    if (!d) {
        fuzz_refused();
        return;
    }
    for (size_t i = 0; i < LEADSEQ_COUNT(quantity); i++) check_quantity(d, quantity[i]);
    for (size_t i = 0; i < LEADSEQ_COUNT(list); i++) {
        size_t k = 0;
        for (const char *name; (name = leadseq_diagnostics_label(d, list[i], k)); k++)
            fuzz_require(strlen(name) < 64, "%s", name);
    }
    leadseq_diagnostics_rows(d, "head");
    leadseq_diagnostics_absent(d, "flow");
    leadseq_diagnostics_number(d, "lr");
    leadseq_diagnostics_close(d);
}

static void seeds(void)
{
    fuzz_store_seeds(valid());
}

const struct fuzz_harness fuzz_diagnostics = {"diagnostics", "measurements of a run (HDF5)", run,
                                              seeds};
