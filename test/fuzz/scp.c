/* SPDX-License-Identifier: MIT
 *
 * A record's SCP codes; where the first byte is not {, PTB-XL's table of statements. */
#include "fuzz.h"

#include "io/io_private.h"

static const char statements[] = ",diagnostic,diagnostic_class,diagnostic_subclass\n"
                                 "NORM,1.0,NORM,NORM\nIMI,1.0,MI,IMI\nAMI,1.0,MI,AMI\nSR,,,\n";

static void run_codes(const char *codes)
{
    static struct io_scp scp;
    if (!scp.n)
        fuzz_require(!io_scp_read(&scp, fuzz_put_text("scp.csv", statements)), "statements");
    struct leadseq_ptbxl_row row = {0};
    if (io_scp_label(&scp, codes, &row)) {
        fuzz_refused();
        return;
    }
    for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++)
        fuzz_require(row.superclass[k] <= 1, "%d", row.superclass[k]);
    fuzz_require(row.mi == row.superclass[LEADSEQ_MI], "mi %d", row.mi);
    fuzz_require(row.mi_likelihood >= 0 && row.mi_likelihood <= 100, "likelihood %g",
                 (double)row.mi_likelihood);
    fuzz_require(row.mi_site < 16 && (row.mi || !row.mi_site), "site %d", row.mi_site);
    if (row.mi)
        fuzz_require(strstr(codes, "AMI") || strstr(codes, "IMI"), "an infarction of nothing");
}

static void run_statements(const uint8_t *data, size_t size)
{
    struct io_scp scp;
    if (io_scp_read(&scp, fuzz_put("statements.csv", data, size))) {
        fuzz_refused();
        return;
    }
    for (size_t i = 0; i < scp.n; i++) {
        const struct io_scp_statement *s = &scp.statement[i];
        fuzz_require(*s->code && s->superclass >= -1 && s->superclass < LEADSEQ_SUPERCLASSES,
                     "%s %d", s->code, s->superclass);
        fuzz_require(s->superclass == LEADSEQ_MI || !s->mi_site, "a site without an infarction");
    }
    io_scp_clear(&scp);
}

static void run(const uint8_t *data, size_t size)
{
    if (size && data[0] != '{' && data[0] != ' ') {
        run_statements(data, size);
        return;
    }
    char *text = fuzz_text(data, size);
    run_codes(text);
    free(text);
}

static void seeds(void)
{
    fuzz_seed_text("{'NORM': 100.0, 'SR': 0.0}");
    fuzz_seed_text("{\"IMI\": 35, 'AMI' : 0.0,}");
    fuzz_seed_text(" { } ");
    fuzz_seed_text("{'IMI': 1e2}");
    fuzz_seed_text("{'SR': 101}");
    fuzz_seed_text(statements);
    fuzz_seed_text(",diagnostic,diagnostic_class,diagnostic_subclass\nNORM,1.0,NORM,\nX,0,,\n"
                   "NEW,1,MI,ILMI\n");
}

const struct fuzz_harness fuzz_scp = {"scp", "SCP codes and PTB-XL's table of them", run, seeds};
