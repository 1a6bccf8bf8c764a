/* SPDX-License-Identifier: MIT */
#include "io/io.h"

#include "folder.h"

#include <glob.h>
#include <math.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>

TestSuite(record, .init = make_folder, .fini = remove_folder);

enum { N = 50, SIGNALS_MAX = 16 };

/* Sample k of signal i of the records written here. */
static int sample(int i, int k)
{
    return (i * 1000 + k * 37) % 4001 - 2000 + i;
}

struct layout { // of a record written by hand
    int n_signals, n_samples;
    const char *description[SIGNALS_MAX]; // NULL: the twelve leads in order
    const char *units;
    int offset;
    int wrong_initial, wrong_sum; // signals from 1; 0: none
    int odd;                      // a signal with this gain
    const char *odd_gain;
    bool without_count;
};

static void put_data(const char *name, const struct layout *l, int first, int n)
{
    char *data = calloc((size_t)l->offset + 2 * (size_t)(n * l->n_samples) + 1, 1), *p = data;
    for (int k = 0; k < l->offset; k++) *p++ = 'M';
    for (int k = 0; k < l->n_samples; k++)
        for (int i = first; i < first + n; i++) {
            unsigned v = (unsigned)sample(i, k) & 0xffff;
            *p++ = (char)(v & 0xff);
            *p++ = (char)(v >> 8);
        }
    put_bytes(name, data, (size_t)(p - data));
    free(data);
}

static void print_signal(FILE *f, const struct layout *l, int i, const char *file)
{
    int sum = 0, initial = sample(i, 0);
    for (int k = 0; k < l->n_samples; k++) sum += sample(i, k);
    sum = i % 2 ? (int16_t)sum : sum & 0xffff; // both ways of writing it are in use
    const char *name = i < 12 ? leadseq_lead_name[i] : "vx";
    char gain[64];
    snprintf(gain, sizeof gain, "1000/%s", l->units ? l->units : "mV");
    fprintf(f, "%s 16+%d %s 16 0 %d %d 0 %s\n", file, l->offset,
            l->odd == i + 1 ? l->odd_gain : gain, initial + (l->wrong_initial == i + 1),
            sum ^ (l->wrong_sum == i + 1), l->description[i] ? l->description[i] : name);
}

/* r.hea and r.dat; signals from `split` on in s.dat. */
static void put_record(const struct layout *l, int split)
{
    FILE *f = fopen(in_folder("r.hea"), "w");
    cr_assert(f);
    fprintf(f, "r %d 100", l->n_signals);
    if (!l->without_count) fprintf(f, " %d", l->n_samples);
    fprintf(f, "\n");
    for (int i = 0; i < l->n_signals; i++) print_signal(f, l, i, i < split ? "r.dat" : "s.dat");
    cr_assert_eq(fclose(f), 0);
    put_data("r.dat", l, 0, split < l->n_signals ? split : l->n_signals);
    if (split < l->n_signals) put_data("s.dat", l, split, l->n_signals - split);
}

static void refuse(const char *says, ...)
{
    leadseq_error_clear();
    struct leadseq_record *r = leadseq_record_open(in_folder("r"));
    cr_assert_null(r, "accepted, expected: %s", says);
    cr_assert_error_has(folder);
    va_list more;
    va_start(more, says);
    for (; says; says = va_arg(more, const char *)) cr_assert_error_has(says);
    va_end(more);
}

static struct leadseq_record *accept(const char *name)
{
    struct leadseq_record *r = leadseq_record_open(in_folder(name));
    cr_assert(r, "%s", leadseq_error());
    return r;
}

static const struct layout twelve = {.n_signals = 12, .n_samples = N};

Test(record, a_missing_signal_file_is_refused_with_the_bytes_expected)
{
    put_record(&twelve, 12);
    cr_assert_eq(unlink(in_folder("r.dat")), 0);
    refuse("r.dat", "expected 1200 bytes", "No such file", NULL);
    cr_assert_eq(unlink(in_folder("r.hea")), 0);
    refuse("r.hea", "No such file", NULL);
}

Test(record, a_truncated_or_oversized_file_is_refused_with_both_lengths)
{
    static const size_t sizes[] = {0, 1, 24, 1199, 1201, 1224, 100000};
    for (size_t i = 0; i < LEADSEQ_COUNT(sizes); i++) {
        put_record(&twelve, 12);
        cr_assert_eq(truncate(in_folder("r.dat"), (off_t)sizes[i]), 0);
        char found[32];
        snprintf(found, sizeof found, "found %zu", sizes[i]);
        refuse("r.dat", "expected 1200 bytes", found,
               sizes[i] < 1200 ? "truncated" : "longer than its header says", NULL);
    }
}

Test(record, a_header_that_asks_for_more_than_the_file_has_allocates_nothing)
{
    put_record(&twelve, 12);
    char *text = leadseq_file_read(in_folder("r.hea"), 10000, NULL);
    char *longer = leadseq_format("r 12 100 2147483647\n%s", strchr(text, '\n') + 1);
    put("r.hea", longer);
    refuse("found 51539607528 required", NULL);
    free(longer);
    free(text);
}

Test(record, a_wrong_checksum_is_refused_also_outside_the_twelve_leads)
{
    for (int i = 1; i <= 13; i++) {
        struct layout l = {.n_signals = 13, .n_samples = N, .wrong_sum = i};
        char number[32];
        snprintf(number, sizeof number, "signal %d (%s)", i,
                 i < 13 ? leadseq_lead_name[i - 1] : "vx");
        put_record(&l, 13);
        refuse("r.dat", number, "checksum", NULL);
    }
}

Test(record, a_wrong_initial_value_is_refused_also_outside_the_twelve_leads)
{
    for (int i = 1; i <= 13; i++) {
        struct layout l = {.n_signals = 13, .n_samples = N, .wrong_initial = i};
        char number[32];
        snprintf(number, sizeof number, "signal %d (%s)", i,
                 i < 13 ? leadseq_lead_name[i - 1] : "vx");
        put_record(&l, 13);
        refuse("r.dat", number, "initial value", NULL);
    }
}

Test(record, one_changed_byte_anywhere_in_the_signal_file_is_noticed)
{
    for (size_t at = 0; at < 1200; at += 7) {
        put_record(&twelve, 12);
        FILE *f = fopen(in_folder("r.dat"), "r+b");
        cr_assert(f && fseek(f, (long)at, SEEK_SET) == 0);
        int byte = fgetc(f);
        cr_assert(fseek(f, (long)at, SEEK_SET) == 0 && fputc(byte ^ 0x10, f) != EOF);
        cr_assert_eq(fclose(f), 0);
        refuse("r.dat", NULL);
    }
}

Test(record, missing_and_duplicate_leads_are_named)
{
    struct layout l = twelve;
    l.description[4] = "vz", l.description[11] = "V7";
    put_record(&l, 12);
    refuse("r.hea", "without: AVL V6", "(they are named I II III AVR vz AVF", NULL);
    l = twelve;
    l.description[4] = "avr";
    put_record(&l, 12);
    refuse("lead AVR as signals 4 and 5", NULL);
    l = (struct layout){.n_signals = 8, .n_samples = N};
    put_record(&l, 12);
    refuse("8 signals without: V3 V4 V5 V6", NULL);
}

Test(record, units_that_are_no_voltage_are_refused_for_a_lead)
{
    struct layout l = {.n_signals = 12, .n_samples = N, .units = "mmHg"};
    put_record(&l, 12);
    refuse("lead I", "mmHg", NULL);
}

Test(record, a_signal_that_is_not_drawn_may_have_any_gain_and_unit)
{
    static const char *const gains[] = {"0/mV",
                                        "1e-9/mV",
                                        "1e300/mV",
                                        "abc/mV",
                                        "200/mmHg",
                                        "200/",
                                        "1/aVeryLongUnit_s",
                                        "200(x)/mV",
                                        "200(9999999999)/mV"};
    for (size_t i = 0; i < LEADSEQ_COUNT(gains); i++) {
        put_record(&(struct layout){.n_signals = 13, .n_samples = N}, 13);
        struct leadseq_record *plain = accept("r");
        put_record(&(struct layout){13, N, .odd = 13, .odd_gain = gains[i]}, 13);
        struct leadseq_record *odd = accept("r");
        cr_assert_eq(memcmp(odd->mv, plain->mv, sizeof(float) * 12 * N), 0, "%s", gains[i]);
        leadseq_record_close(odd);
        leadseq_record_close(plain);
        put_record(&(struct layout){13, N, .odd = 4, .odd_gain = gains[i]}, 13);
        refuse("r.hea:5: lead AVR: ", NULL);
        put_record(&(struct layout){13, N, .odd = 13, .odd_gain = gains[i], .wrong_sum = 13}, 13);
        refuse("checksum", NULL);
    }
}

Test(record, a_file_without_leads_may_have_a_format_that_cannot_be_read)
{
    struct layout l = {.n_signals = 14, .n_samples = N};
    put_record(&l, 12);
    char *text = leadseq_file_read(in_folder("r.hea"), 10000, NULL), *at = text;
    while ((at = strstr(at, "s.dat 16"))) memcpy(at, "s.dat 08", 8), at++;
    put("r.hea", text);
    free(text);
    leadseq_record_close(accept("r"));
}

Test(record, a_negative_gain_turns_a_lead_round)
{
    put_record(&(struct layout){12, N, .odd = 2, .odd_gain = "-1000/mV"}, 12);
    struct leadseq_record *r = accept("r");
    for (int k = 0; k < N; k++)
        cr_assert_float_eq((double)r->mv[N + k], -sample(1, k) / 1000., 1e-6);
    leadseq_record_close(r);
}

Test(record, a_checksum_may_be_the_whole_sum)
{
    put_record(&twelve, 12);
    char *text = leadseq_file_read(in_folder("r.hea"), 10000, NULL), *line = text;
    FILE *f = fopen(in_folder("r.hea"), "w");
    for (int i = -1; i < 12; i++) {
        char *end = strchr(line, '\n');
        int sum = 0, field = 0;
        for (int k = 0; k < N; k++) sum += sample(i, k);
        for (char *word; (word = strsep(&line, " \n")) && field < 9; field++) {
            if (i >= 0 && field == 6)
                fprintf(f, "%d ", sum + 65536 * 3);
            else
                fprintf(f, "%s ", word);
            if (line == end + 1) break;
        }
        fputc('\n', f);
    }
    cr_assert_eq(fclose(f), 0);
    free(text);
    leadseq_record_close(accept("r"));
}

Test(record, what_is_no_record_s_file_is_told_by_its_first_bytes)
{
    put_record(&twelve, 12);
    put("r.dat", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1200\n");
    refuse("r.dat", "expected 1200 bytes", "a pointer of Git LFS; run git lfs pull", NULL);
    put_bytes("r.dat", "\x1f\x8b\x08\x00\x00", 5);
    refuse("r.dat", "a gzip file; unpack it first", NULL);
    put_bytes("r.hea", "PK\x03\x04\x00", 5);
    refuse("r.hea", "expected a WFDB header, found a zip archive; unpack it first", NULL);
    put("r.hea", "<html><body>404</body></html>");
    refuse("r.hea", "found a web page", NULL);
}

/* 4 GB that take no room on the disk would need four times as much memory. */
Test(record, what_does_not_fit_into_memory_is_refused_before_it_is_read)
{
    put_record(&twelve, 12);
    size_t n = 150000000; // of 24 bytes each: 3.6 GB
    char *text = leadseq_file_read(in_folder("r.hea"), 10000, NULL), *rest = strchr(text, '\n');
    char *longer = leadseq_format("r 12 100 %zu\n%s", n, rest + 1);
    put("r.hea", longer);
    if (truncate(in_folder("r.dat"), (off_t)(24 * n))) cr_skip_test("no sparse files here");
    struct rlimit limit, before;
    cr_assert_eq(getrlimit(RLIMIT_AS, &before), 0);
    limit = (struct rlimit){(rlim_t)4 << 30, before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    refuse("r.hea: a record of 416.7 hours: needs 21.6 GB of memory", NULL);
    cr_assert_eq(setrlimit(RLIMIT_AS, &before), 0);
    free(longer);
    free(text);
}

Test(record, what_the_signal_lines_ask_for_and_cannot_have_is_refused)
{
    static const struct {
        const char *format, *says;
        bool all; // of the signals; else the last one alone
    } cases[] = {
        {"310", "signal format 310 (threes of 10-bit two's complement) is not supported; ", true},
        {"999",
         "signal format 999 (unknown to WFDB) is not supported; expected one of: 16, 24, 32, 61, "
         "80, 212",
         true},
        {"0", "signal format 0", true},
        {"16x2", "at one rate, found I at 100 Hz and V6 at 200 Hz", false},
        {"16x1025", "from 1 to 1024", false},
        {"16:-3", "skew", false},
        {"16+24", "format 16+0 as of the other signals", false},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        FILE *f = fopen(in_folder("r.hea"), "w");
        fprintf(f, "r 12 100 50\n");
        for (int k = 0; k < 12; k++)
            fprintf(f, "r.dat %s 200 16 0 0 0 0 %s\n",
                    k == 11 || cases[i].all ? cases[i].format : "16", leadseq_lead_name[k]);
        fclose(f);
        refuse(cases[i].says, NULL);
    }
}

Test(record, signals_of_a_file_that_do_not_follow_each_other_are_refused)
{
    FILE *f = fopen(in_folder("r.hea"), "w");
    fprintf(f, "r 12 100 50\n");
    for (int k = 0; k < 12; k++)
        fprintf(f, "%s 16 200 16 0 0 0 0 %s\n", k == 5 ? "s.dat" : "r.dat", leadseq_lead_name[k]);
    fclose(f);
    put_data("r.dat", &twelve, 0, 5);
    put_data("s.dat", &twelve, 0, 1);
    refuse("signal 7", "one after the other", NULL);
}

static void check_lead(const struct leadseq_record *r, int lead, int signal)
{
    for (int k = 0; k < N; k++)
        cr_assert_float_eq(r->mv[lead * N + k], sample(signal, k) / 1000., 1e-6,
                           "lead %d sample %d", lead, k);
}

Test(record, leads_are_found_in_any_order_and_case_and_others_dropped)
{
    static const char *const names[] = {"v6",  "vx",  "V5",  "v4",  "V3", "v2", "V1",
                                        "aVF", "aVL", "avr", "iii", "Ii", "i",  "RESP"};
    struct layout l = {.n_signals = 14, .n_samples = N};
    memcpy(l.description, names, sizeof names);
    put_record(&l, 14);
    struct leadseq_record *r = accept("r");
    cr_assert_str_eq(r->name, "r");
    cr_assert_eq(r->n_samples, N);
    cr_assert_eq(r->rate_hz, 100);
    for (int i = 0; i < 14; i++)
        if (leadseq_lead_index(names[i]) >= 0) check_lead(r, leadseq_lead_index(names[i]), i);
    leadseq_record_close(r);
}

Test(record, the_path_may_be_of_the_header_the_data_or_neither)
{
    put_record(&twelve, 12);
    static const char *const names[] = {"r", "r.hea", "r.dat", "r.mat"};
    for (size_t i = 0; i < LEADSEQ_COUNT(names); i++) {
        struct leadseq_record *r = accept(names[i]);
        cr_assert_str_eq(r->path, in_folder("r.hea"));
        check_lead(r, 11, 11);
        leadseq_record_close(r);
    }
}

Test(record, signals_may_stand_in_two_files_behind_a_byte_offset)
{
    struct layout l = {.n_signals = 15, .n_samples = N, .offset = 24};
    put_record(&l, 7);
    struct leadseq_record *r = accept("r");
    for (int lead = 0; lead < 12; lead++) check_lead(r, lead, lead);
    leadseq_record_close(r);
    cr_assert_eq(truncate(in_folder("s.dat"), 24 + 2 * 8 * N - 2), 0);
    refuse("s.dat", "expected 824 bytes", "found 822", NULL);
}

Test(record, the_number_of_samples_comes_from_the_file_where_the_header_does_not_say)
{
    struct layout l = {.n_signals = 12, .n_samples = N, .without_count = true, .offset = 24};
    put_record(&l, 12);
    struct leadseq_record *r = accept("r");
    cr_assert_eq(r->n_samples, N);
    check_lead(r, 3, 3);
    leadseq_record_close(r);
    cr_assert_eq(truncate(in_folder("r.dat"), 24 + 1199), 0);
    refuse("whole frames of 12 samples", "found 1223", NULL);
    cr_assert_eq(truncate(in_folder("r.dat"), 24), 0);
    refuse("found 24", NULL);
}

Test(record, the_value_minus_32768_is_a_missing_sample)
{
    FILE *f = fopen(in_folder("r.hea"), "w");
    fprintf(f, "r 12 100 2\n");
    for (int k = 0; k < 12; k++)
        fprintf(f, "r.dat 16 10(5)/uV 16 0 -32768 %d 0 %s\n", (-32768 + 105) & 0xffff,
                leadseq_lead_name[k]);
    fclose(f);
    unsigned char data[48];
    for (int i = 0; i < 12; i++) {
        data[2 * i] = 0, data[2 * i + 1] = 0x80;
        data[24 + 2 * i] = 105, data[24 + 2 * i + 1] = 0;
    }
    put_bytes("r.dat", data, sizeof data);
    struct leadseq_record *r = accept("r");
    for (int lead = 0; lead < 12; lead++) {
        cr_assert(isnan(r->mv[2 * lead]));
        cr_assert_float_eq(r->mv[2 * lead + 1], 0.01, 1e-9, "(105 - 5)/10 uV");
    }
    leadseq_record_close(r);
}

Test(record, age_and_sex_are_found_in_the_comments_that_are_in_use)
{
    static const struct {
        const char *comments;
        int age, sex;
    } cases[] = {
        {"Age: 80\nSex: Male\nDx: 1", 80, 0},
        {"age: 81\nsex: female", 81, 1},
        {"<age>: 51  <sex>: F  <diagnoses>", 51, 1},
        {"Age: NaN\nSex: Unknown", -1, -1},
        {"Age: 7y", 7, -1},
        {"Age: 45Y", 45, -1},
        {"Age: 045Y\nSex : F", 45, 1},
        {"Age : 45", 45, -1},
        {"Age = 45", 45, -1},
        {"Age: 45 years", 45, -1},
        {"Age: 45 Sex: F", 45, 1},
        {"Age: 45, Sex: F", 45, 1},
        {"Age: 45; male", 45, -1},
        {"Age: 45.", 45, -1},
        {"Age: 4 months", 0, -1},
        {"Age: 36 mo", 3, -1},
        {"Age: 006M", 0, -1},
        {"Age: 3 d", 0, -1},
        {"Age: 800 days\nSex: M", 2, 0},
        {"Age: 6 weeks", 0, -1},
        {"Age (months): 30", 2, -1},
        {"Age (years) : 45", 45, -1},
        {"Age (at admission): 45", -1, -1},
        {"Age: 45 M", -1, -1}, // a man, or months
        {"Age: 45-50", -1, -1},
        {"Age: 45furlongs", -1, -1},
        {"Age: 1.2.3", -1, -1},
        {"Age: 99999999999999999999999999999999999999999999", -1, -1},
        {"Age: 300", -1, -1},
        {"Dosage: 5\nUnisex: M", -1, -1},
        {"Sex: M, Age: 0", 0, 0},
        {"Age:", -1, -1},
        {"", -1, -1},
        {"Sex: Femalex", -1, -1},
        {"Age: 64.5", 64, -1},
        {"Age: 4 Monate", -1, -1}, // a unit that is not known
        {"Age: 4 (months)", 0, -1},
        {"Age: 45 (at admission)", -1, -1},
        {"Age: 3 \xc3\xa5r", -1, -1},
        {"Age: 45 46", -1, -1},
        {"Age: 45 female", 45, -1},
        {"Age: 45 F", 45, -1},
        {"Age: 45 Diagnosis: MI", 45, -1},
        {"Age (years): 45 at admission", 45, -1},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        char *text = strdup(cases[i].comments);
        struct leadseq_record r = {.comments = text};
        int age, sex;
        leadseq_record_person(&r, &age, &sex);
        cr_assert(age == cases[i].age && sex == cases[i].sex, "\"%s\": %d and %d", text, age, sex);
        free(text);
    }
    int age, sex;
    leadseq_record_person(&(struct leadseq_record){.comments = NULL}, &age, &sex);
    cr_assert(age == -1 && sex == -1);
}

/* --- Real records ---------------------------------------------------------------- */

/* Opens every `step`-th match; returns how many were opened. */
static size_t open_all(const char *root, const char *pattern, size_t step, double rate_hz)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, pattern);
    glob_t found = {0};
    size_t n = 0;
    if (!glob(path, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i += step, n++) {
            struct leadseq_record *r = leadseq_record_open(found.gl_pathv[i]);
            cr_assert(r, "%s", leadseq_error());
            cr_assert(rate_hz == 0 || r->rate_hz == rate_hz);
            cr_assert(rate_hz == 0 || r->n_samples == (size_t)(10 * rate_hz));
            leadseq_record_close(r);
        }
    globfree(&found);
    return n;
}

Test(record, real_records_of_ptbxl_pass_every_check)
{
    const char *root = real_folder("LEADSEQ_PTBXL", "ptbxl");
    if (!root) cr_skip_test("no folder of PTB-XL records (LEADSEQ_PTBXL)");
    cr_assert_gt(open_all(root, "records100/*/*.hea", 10, 100), 0);
}

Test(record, original_records_pass_every_check_at_both_rates)
{
    const char *root = real_folder(NULL, "ptbxl-original");
    if (!root) cr_skip_test("no folder ptbxl-original");
    cr_assert_eq(open_all(root, "records100/*/*.hea", 1, 100), 50);
    cr_assert_eq(open_all(root, "records500/*/*.hea", 1, 500), 77);
}

Test(record, records_of_other_sets_pass_every_check)
{
    const char *root = real_folder(NULL, "other-ecg");
    if (!root) cr_skip_test("no folder other-ecg");
    cr_assert_eq(open_all(root, "*.hea", 1, 0), 19);
}
