/* SPDX-License-Identifier: MIT
 *
 * SCP statements: which codes are diagnostic and of which class, where an
 * infarction code says the infarction is, and a record's codes to its labels. */
#include "io_private.h"

#include "page/page.h"

#include <stdlib.h>
#include <string.h>

const char *const leadseq_superclass_name[LEADSEQ_SUPERCLASSES] = {"NORM", "MI", "STTC", "CD",
                                                                   "HYP"};

enum {
    A = LEADSEQ_SITE_ANTERIOR,
    I = LEADSEQ_SITE_INFERIOR,
    L = LEADSEQ_SITE_LATERAL,
    P = LEADSEQ_SITE_POSTERIOR
};

/* The walls that a code's description names, one by one. Septal counts as anterior
 * (leads V1 to V4, the same artery). The table's own subclass is coarser: it files
 * INJLA, injury in lateral leads, under AMI, and IPLMI under IMI alone. */
static const struct {
    char code[8];
    uint8_t site;
} infarctions[] = {
    {"AMI", A},           // anterior
    {"ASMI", A},          // anteroseptal
    {"ALMI", A | L},      // anterolateral
    {"INJAS", A},         // subendocardial injury in anteroseptal leads
    {"INJAL", A | L},     // ... in anterolateral leads
    {"INJLA", L},         // ... in lateral leads
    {"LMI", L},           // lateral
    {"IMI", I},           // inferior
    {"ILMI", I | L},      // inferolateral
    {"INJIN", I},         // subendocardial injury in inferior leads
    {"INJIL", I | L},     // ... in inferolateral leads
    {"IPMI", I | P},      // inferoposterior
    {"IPLMI", I | P | L}, // inferoposterolateral
    {"PMI", P},           // posterior
};

/* The site of an MI code, or of its subclass where the code is new. */
static uint8_t site_of(const char *code, const char *subclass)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(infarctions); i++)
        if (!strcmp(code, infarctions[i].code)) return infarctions[i].site;
    for (size_t i = 0; i < LEADSEQ_COUNT(infarctions); i++)
        if (!strcmp(subclass, infarctions[i].code)) return infarctions[i].site;
    return 0;
}

static int superclass_of(const char *name)
{
    for (int i = 0; i < LEADSEQ_SUPERCLASSES; i++)
        if (!strcmp(name, leadseq_superclass_name[i])) return i;
    return -1;
}

static const struct io_scp_statement *find_code(const struct io_scp *scp, const char *code)
{
    for (size_t i = 0; i < scp->n; i++)
        if (!strcmp(scp->statement[i].code, code)) return &scp->statement[i];
    return NULL;
}

struct columns {
    int code, diagnostic, superclass, subclass;
};

static int read_statement(struct io_scp *scp, const struct leadseq_sheet *t, size_t row,
                          const struct columns *c)
{
    struct io_scp_statement *s = &scp->statement[scp->n];
    *s = (struct io_scp_statement){.superclass = -1};
    const char *code = leadseq_sheet_cell(t, row, c->code);
    if (!*code || !io_copy(s->code, sizeof s->code, code))
        return leadseq_sheet_fail(t, row, c->code, "a code of 1 to 15 characters");
    if (find_code(scp, code)) return leadseq_sheet_fail(t, row, c->code, "each code once");
    enum leadseq_answer diagnostic = leadseq_sheet_answer(t, row, c->diagnostic);
    if (diagnostic == LEADSEQ_ANSWER_OTHER)
        return leadseq_sheet_fail(t, row, c->diagnostic, "1, 0 or nothing");
    scp->n++;
    if (diagnostic != LEADSEQ_ANSWER_YES) return 0;

    s->superclass = superclass_of(leadseq_sheet_cell(t, row, c->superclass));
    if (s->superclass < 0)
        return leadseq_sheet_fail(t, row, c->superclass, "NORM, MI, STTC, CD or HYP");
    if (s->superclass == LEADSEQ_MI)
        s->mi_site = site_of(code, leadseq_sheet_cell(t, row, c->subclass));
    return 0;
}

static int read_statements(struct io_scp *scp, const struct leadseq_sheet *t)
{
    struct columns c = {0}; // the codes are in the first column, whose title is empty
    if (leadseq_sheet_need(t, "diagnostic", &c.diagnostic) ||
        leadseq_sheet_need(t, "diagnostic_class", &c.superclass) ||
        leadseq_sheet_need(t, "diagnostic_subclass", &c.subclass))
        return -1;
    scp->statement = leadseq_calloc(t->rows, sizeof *scp->statement);
    if (!scp->statement) return -1;
    for (size_t row = 0; row < t->rows; row++)
        if (read_statement(scp, t, row, &c)) return -1;
    if (!find_code(scp, "NORM"))
        return leadseq_fail("%s: expected SCP statements, found none named NORM", t->path);
    return 0;
}

int io_scp_read(struct io_scp *scp, const char *path)
{
    *scp = (struct io_scp){0};
    struct leadseq_sheet table;
    if (leadseq_sheet_read(&table, path)) return -1;
    int status = read_statements(scp, &table);
    leadseq_sheet_clear(&table);
    if (status) io_scp_clear(scp);
    return status;
}

void io_scp_clear(struct io_scp *scp)
{
    free(scp->statement);
    *scp = (struct io_scp){0};
}

/* --- A record's codes ---------------------------------------------------------- */

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* 'CODE': likelihood; returns what follows, or NULL and a message if the text is something else. */
static const char *read_pair(const char *p, char code[16], double *likelihood)
{
    char quote = *p, number[32];
    const char *end = quote == '\'' || quote == '"' ? strchr(p + 1, quote) : NULL;
    if (!end || end == p + 1 || end - p > 16) goto fail;
    memcpy(code, p + 1, (size_t)(end - p - 1));
    code[end - p - 1] = '\0';
    end = skip_blanks(end + 1);
    if (*end != ':') goto fail;
    end = skip_blanks(end + 1);
    size_t n = strcspn(end, ",} \t\r\n");
    if (n >= sizeof number) goto fail;
    memcpy(number, end, n);
    number[n] = '\0';
    if (!leadseq_parse_number(number, 0, 100, likelihood)) goto fail;
    return skip_blanks(end + n);
fail:
    leadseq_fail("expected 'CODE': likelihood with a likelihood from 0 to 100, found %.40s", p);
    return NULL;
}

static int apply_code(const struct io_scp *scp, const char *code, double likelihood, bool *seen,
                      struct leadseq_ptbxl_row *row)
{
    const struct io_scp_statement *s = find_code(scp, code);
    if (!s) return leadseq_fail("expected codes of scp_statements.csv, found '%s'", code);
    if (seen[s - scp->statement])
        return leadseq_fail("expected each code once, found '%s' twice", code);
    seen[s - scp->statement] = true;
    if (s->superclass < 0) return 0;
    row->superclass[s->superclass] = 1;
    if (s->superclass != LEADSEQ_MI) return 0;
    row->mi = 1; // whatever the likelihood
    row->mi_site |= s->mi_site;
    if (likelihood > row->mi_likelihood) row->mi_likelihood = (float)likelihood;
    return 0;
}

static int apply_codes(const struct io_scp *scp, const char *codes, bool *seen,
                       struct leadseq_ptbxl_row *row)
{
    const char *p = skip_blanks(codes);
    if (*p != '{') return leadseq_fail("expected {'CODE': likelihood, ...}, found %.40s", codes);
    p = skip_blanks(p + 1);
    while (*p != '}') {
        char code[16];
        double likelihood;
        if (!(p = read_pair(p, code, &likelihood))) return -1;
        if (apply_code(scp, code, likelihood, seen, row)) return -1;
        if (*p == ',')
            p = skip_blanks(p + 1);
        else if (*p != '}')
            return leadseq_fail("expected , or } after '%s', found %.40s", code, p);
    }
    p = skip_blanks(p + 1);
    return *p ? leadseq_fail("expected nothing after the }, found %.40s", p) : 0;
}

int io_scp_label(const struct io_scp *scp, const char *codes, struct leadseq_ptbxl_row *row)
{
    bool *seen = leadseq_calloc(scp->n, sizeof *seen);
    if (!seen) return -1;
    int status = apply_codes(scp, codes, seen, row);
    free(seen);
    return status;
}
