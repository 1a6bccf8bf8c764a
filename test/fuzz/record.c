/* SPDX-License-Identifier: MIT
 *
 * Signal files of every format, with offsets, frames and skews: a header is made of the first
 * bytes, the rest is the file. Samples that are read are numbers or missing, the same every time,
 * and what is written of them reads back within half a unit. */
#include "fuzz.h"

#include "io/io_private.h"

static const int formats[] = {16, 212, 24, 32, 61, 80, 8, 160, 310, 311};

struct plan {
    int format, per_frame, offset, skew, samples;
    bool says, fits; /* the header says how many samples; the file is made as long as that */
    char gain[24];
};

static void take_plan(struct plan *p, struct fuzz_bytes *in)
{
    static const char *const gain[] = {"200(3)",     "1000.0(0)/mV", "200",         "-4.88(12)/uV",
                                       "1e-5(7)/nV", "0.001/V",      "1e12(-9)/mV", "32(-32768)"};
    p->format = formats[fuzz_below(in, LEADSEQ_COUNT(formats))];
    p->per_frame = 1 + (int)fuzz_below(in, 3);
    p->offset = (int)fuzz_below(in, 40);
    p->skew = (int)fuzz_below(in, 8);
    unsigned flags = fuzz_byte(in);
    p->says = flags & 1;
    p->fits = flags & 2;
    p->samples = 1 + (int)fuzz_below(in, 64);
    snprintf(p->gain, sizeof p->gain, "%s", gain[fuzz_below(in, LEADSEQ_COUNT(gain))]);
}

/* A signal's k-th sample; 0 where the format cannot be read. */
static int32_t sample(const struct plan *p, const uint8_t *data, int signal, size_t k)
{
    const struct io_wfdb_format *f = p->fits ? io_wfdb_format(p->format) : NULL;
    size_t each = (size_t)p->per_frame, frame = LEADSEQ_LEADS * each;
    return f ? f->sample(data + p->offset, k / each * frame + (size_t)signal * each + k % each) : 0;
}

/* With the initial values and sums that the file has. */
static void put_header(const struct plan *p, const uint8_t *data)
{
    FILE *out = fuzz_print();
    fprintf(out, "r 12 500");
    if (p->says) fprintf(out, " %d", p->samples);
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        uint32_t sum = 0;
        for (size_t k = 0; k < (size_t)(p->samples * p->per_frame); k++)
            sum += (uint32_t)sample(p, data, i, k);
        fprintf(out, "\nr.dat %dx%d:%d+%d %s 16 0 %d %d 0 %s", p->format, p->per_frame,
                i % 2 ? p->skew : 0, p->offset, p->gain, (int)sample(p, data, i, 0),
                (int)(int16_t)sum, leadseq_lead_name[i]);
    }
    char *text = fuzz_printed(NULL);
    fuzz_put_text("r.hea", text);
    free(text);
}

/* The file; where it is to fit, cut or filled up with zeros. */
static uint8_t *put_signals(const struct plan *p, const struct fuzz_bytes *in)
{
    const struct io_wfdb_format *f = io_wfdb_format(p->format);
    size_t all = (size_t)(LEADSEQ_LEADS * p->per_frame * p->samples), n = in->left;
    if (f && p->fits) n = (size_t)p->offset + f->bytes(all);
    uint8_t *data = calloc(n + 8, 1);
    if (!data) abort();
    if (in->left) memcpy(data, in->at, n < in->left ? n : in->left);
    fuzz_put("r.dat", data, n);
    return data;
}

static void check_again(const struct leadseq_record *r)
{
    struct leadseq_record *again = leadseq_record_open(fuzz_path("r"));
    fuzz_require(again && again->n_samples == r->n_samples, "read again");
    fuzz_require(!memcmp(again->mv, r->mv, LEADSEQ_LEADS * r->n_samples * sizeof *r->mv),
                 "other samples when read again");
    leadseq_record_close(again);
}

static void check_written(const struct leadseq_record *r)
{
    for (size_t i = 0; i < LEADSEQ_LEADS * r->n_samples; i++)
        if (fabsf(r->mv[i]) > 32.7f) return;
    fuzz_require(!leadseq_record_write(fuzz_folder, "w", r->rate_hz, r->mv, r->n_samples), "%s",
                 "written");
    struct leadseq_record *back = leadseq_record_open(fuzz_path("w"));
    fuzz_require(back && back->n_samples == r->n_samples && back->rate_hz == r->rate_hz,
                 "read back");
    for (size_t i = 0; i < LEADSEQ_LEADS * r->n_samples; i++)
        fuzz_require(isnan(r->mv[i]) ? isnan(back->mv[i])
                                     : fabs((double)r->mv[i] - back->mv[i]) <= .000501,
                     "sample %zu: %g and %g", i, r->mv[i], back->mv[i]);
    leadseq_record_close(back);
    remove(fuzz_path("w.dat"));
    remove(fuzz_path("w.hea"));
}

static void run(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    struct plan p;
    take_plan(&p, &in);
    uint8_t *file = put_signals(&p, &in);
    put_header(&p, file);
    free(file);
    leadseq_error_clear();
    struct leadseq_record *r = leadseq_record_open(fuzz_path("r"));
    if (!r) {
        fuzz_refused();
        fuzz_require(!p.fits || !io_wfdb_format(p.format) || *p.gain == '-',
                     "a record that is as its header says was refused");
        return;
    }
    for (size_t i = 0; i < LEADSEQ_LEADS * r->n_samples; i++)
        fuzz_require(isnan(r->mv[i]) || isfinite(r->mv[i]), "sample %zu: %g", i, r->mv[i]);
    check_again(r);
    if (r->n_samples) check_written(r);
    leadseq_record_close(r);
}

static void seeds(void)
{
    uint8_t data[600];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 37);
    for (uint8_t format = 0; format < LEADSEQ_COUNT(formats); format++) {
        const uint8_t head[] = {format, 0, (uint8_t)(format * 3), 1, 3, 15, format};
        memcpy(data, head, sizeof head);
        fuzz_seed(data, sizeof data);
        data[1] = 1, data[3] = 5, data[4] = 2; // the header does not say how many samples
        fuzz_seed(data, sizeof data);
        data[4] = 1; // the file is as long as it is
        fuzz_seed(data, sizeof head + 240);
    }
}

const struct fuzz_harness fuzz_record = {"record", "signal files of WFDB, all formats", run, seeds};
