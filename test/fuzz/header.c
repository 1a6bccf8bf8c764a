/* SPDX-License-Identifier: MIT
 *
 * A header that is accepted has a rate, counts within its limits and names that stay in its folder;
 * written out again from what was read, it reads the same. */
#include "fuzz.h"

#include "io/io.h"

static void check_signal(const struct leadseq_wfdb_signal *s)
{
    fuzz_require(!strchr(s->file_name, '/') && *s->file_name, "%s", s->file_name);
    fuzz_require(s->samples_per_frame >= 1 && s->byte_offset >= 0 && s->skew >= 0, "%d %ld %d",
                 s->samples_per_frame, s->byte_offset, s->skew);
    fuzz_require(isnan(s->gain_adu_per_mv) ||
                     (isfinite(s->gain_adu_per_mv) && s->gain_adu_per_mv != 0),
                 "gain %g", s->gain_adu_per_mv);
    fuzz_require(isfinite(s->baseline_adu), "baseline %g", s->baseline_adu);
}

static char *print(const struct leadseq_wfdb_header *h)
{
    FILE *out = fuzz_print();
    fputs("# a name may begin as other kinds of files do\n", out);
    fprintf(out, "%s %d %.17g %zu\n", h->record_name, h->n_signals, h->rate_hz, h->n_samples);
    for (int i = 0; i < h->n_signals; i++) {
        const struct leadseq_wfdb_signal *s = &h->signals[i];
        fprintf(out, " %s %dx%d:%d+%ld", s->file_name, s->format, s->samples_per_frame, s->skew,
                s->byte_offset);
        if (isfinite(s->gain_adu_per_mv))
            fprintf(out, " %.17g(%.17g)/mV", s->gain_adu_per_mv, s->baseline_adu);
        else
            fprintf(out, " 1(%.17g)/mmHg", s->baseline_adu);
        fprintf(out, " %d %d", s->adc_resolution_bits, s->adc_zero);
        if (s->has_initial_value) fprintf(out, " %d", s->initial_value);
        if (s->has_checksum) fprintf(out, " %d %d %s", s->checksum, s->block_size, s->description);
        fputs("\n", out);
    }
    return fuzz_printed(NULL);
}

/* Numbers with a fraction are skipped: a gain in other units than mV is scaled when it is read. */
static void compare(const struct leadseq_wfdb_header *a, const struct leadseq_wfdb_header *b)
{
    fuzz_require(a->n_signals == b->n_signals && a->n_samples == b->n_samples, "counts");
    fuzz_require(a->rate_hz == b->rate_hz, "%.17g %.17g", a->rate_hz, b->rate_hz);
    for (int i = 0; i < a->n_signals; i++) {
        const struct leadseq_wfdb_signal *s = &a->signals[i], *t = &b->signals[i];
        fuzz_require(!strcmp(s->file_name, t->file_name), "%s %s", s->file_name, t->file_name);
        fuzz_require(s->format == t->format && s->samples_per_frame == t->samples_per_frame &&
                         s->skew == t->skew && s->byte_offset == t->byte_offset,
                     "signal %d: format", i);
        fuzz_require(fuzz_same(s->gain_adu_per_mv, t->gain_adu_per_mv), "signal %d: gain %g %g", i,
                     s->gain_adu_per_mv, t->gain_adu_per_mv);
        fuzz_require(s->baseline_adu == t->baseline_adu, "signal %d: baseline", i);
        fuzz_require(s->initial_value == t->initial_value && s->checksum == t->checksum,
                     "signal %d: initial value, checksum", i);
    }
}

static void run(const uint8_t *data, size_t size)
{
    struct leadseq_wfdb_header h, again;
    if (leadseq_wfdb_header_read(&h, fuzz_put("r.hea", data, size))) {
        fuzz_refused();
        return;
    }
    fuzz_require(h.n_signals >= 1 && h.n_signals <= LEADSEQ_WFDB_SIGNALS_MAX, "%d", h.n_signals);
    fuzz_require(h.rate_hz > 0 && h.rate_hz <= LEADSEQ_WFDB_RATE_MAX, "%g", h.rate_hz);
    fuzz_require(h.n_samples <= LEADSEQ_WFDB_SAMPLES_MAX, "%zu", h.n_samples);
    for (int i = 0; i < h.n_signals; i++) check_signal(&h.signals[i]);
    char *text = print(&h);
    fuzz_require(!leadseq_wfdb_header_read(&again, fuzz_put_text("again.hea", text)),
                 "written again: %s", text);
    compare(&h, &again);
    free(text);
    leadseq_wfdb_header_clear(&h);
    leadseq_wfdb_header_clear(&again);
}

static void seeds(void)
{
    fuzz_seed_text("r 2 500 1000\nr.dat 16 1000.0(0)/mV 16 0 -119 1508 0 I\n"
                   "r.dat 16 1000.0(0)/mV 16 0 -55 723 0 II\n# Age: 80\n# Sex: Male\n");
    fuzz_seed_text(
        "r 1 360/360(0) 650000 0:0:0 1/1/1990\nr.dat 212x2:3+24 200(1024)/uV 11 1024 995 "
        "-22131 0 MLII\n");
    fuzz_seed_text("\xef\xbb\xbf# made by\r\nr 1 249.887 10\r\nr.mat 16+24 -200/V 16\r\n");
    fuzz_seed_text("r/3 1 250\nr_1 100\nr_2 200\nr_3 1");
    fuzz_seed_text("r 1 1e3 0\nr.dat 61 0 12 0 0 75000 0 V1");
    fuzz_seed_text("r 1\n../r.dat 310 200.5(-3000000000)/mmHg 10 0 0 -32769 512 a b c");
    fuzz_seed_text("r 1 999.4121 1\nr.dat 80 6.549e3");
}

const struct fuzz_harness fuzz_header = {"header", "WFDB headers", run, seeds};
