/* SPDX-License-Identifier: MIT
 *
 * steps.tsv and history.tsv of a run: the first byte is the last step that is kept. What a resumed
 * run keeps are whole lines from the table's beginning, none of a later step. */
#include "fuzz.h"

#include "train/tables.h"

static const char header[] = "epoch\tstep\tloss\tseconds\n";

static void check_kept(const uint8_t *data, size_t size, unsigned last)
{
    size_t n;
    char *kept = fuzz_get("t.tsv", &n);
    fuzz_require(n >= strlen(header) && !strncmp(kept, header, strlen(header)), "%s", kept);
    fuzz_require(kept[n - 1] == '\n', "half a line is kept");
    fuzz_require(n == strlen(header) || (n <= size && !memcmp(kept, data, n)), "other bytes");
    char *row = strchr(kept, '\n') + 1;
    for (; *row; row = strchr(row, '\n') + 1)
        fuzz_require(strtoull(row, NULL, 10) <= last, "a later row is kept: %.20s", row);
    free(kept);
}

static void run(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    unsigned last = fuzz_byte(&in);
    const char *path = fuzz_put("t.tsv", in.at, in.left);
    FILE *table = train_table_open(path, header, last);
    if (!table) {
        fuzz_refused();
        return;
    }
    double seconds = train_history_seconds(table);
    fuzz_require(isfinite(seconds), "%g seconds", seconds);
    fclose(table);
    fuzz_require(train_table_is(path, header), "no longer a table");
    if (!memchr(in.at, '\0', in.left)) check_kept(in.at, in.left, last);
}

static void seeds(void)
{
    fuzz_seed_text("\x03"
                   "epoch\tstep\tloss\tseconds\n1\t10\t0.5\t1.25\n2\t20\tnan\t2.5\n");
    fuzz_seed_text("\x01"
                   "epoch\tstep\tloss\tseconds\n1\t10\t0.5\t1.25\n2\t20\t0.4\t2.5\n3\t3");
    fuzz_seed_text("\x09"
                   "epoch\tstep\tloss\tseconds\n1\t10\t\t\nx\n");
    fuzz_seed_text("\x09"
                   "other\n1\n");
    fuzz_seed_text("\x09");
    fuzz_seed_text("\x09"
                   "epoch\tstep\tloss\tseconds\n1\t1\t1\tinf\n");
}

const struct fuzz_harness fuzz_steps = {"steps", "steps.tsv and history.tsv of a run", run, seeds};
