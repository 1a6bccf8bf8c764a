/* SPDX-License-Identifier: MIT
 *
 * Files of every kind with bytes flipped, inserted, removed and cut off, by seeded
 * draws: whatever comes, a reader returns or fails with a message that names the
 * file. Meant to run under sanitizers too. */
#include "io/io.h"

#include "folder.h"

#include <math.h>

TestSuite(io_fuzz, .init = make_folder, .fini = remove_folder);

enum { TRIES = 400 };

struct text {
    char *data;
    size_t n;
};

static struct text load(const char *name)
{
    struct text t;
    t.data = leadseq_file_read(in_folder(name), 1 << 24, &t.n);
    cr_assert(t.data, "%s", leadseq_error());
    return t;
}

/* One change of one of five kinds, in place; the room is 64 bytes more than n. */
static void change(struct text *t, struct leadseq_random *r)
{
    static const char telling[] = "0/(,\"'-+.\n #{}:xe9";
    size_t at = leadseq_random_below(r, t->n), more;
    switch (leadseq_random_below(r, 5)) {
    case 0:
        t->data[at] ^= (char)(1 << leadseq_random_below(r, 8));
        break;
    case 1:
        t->data[at] = telling[leadseq_random_below(r, sizeof telling - 1)];
        break;
    case 2:
        t->n = at + 1;
        break;
    case 3: // a few bytes go
        more = leadseq_random_below(r, 8) + 1;
        if (more >= t->n - at) break;
        memmove(t->data + at, t->data + at + more, t->n - at - more);
        t->n -= more;
        break;
    default: // a few bytes twice
        more = leadseq_random_below(r, 8) + 1;
        if (more > t->n - at) break;
        memmove(t->data + at + more, t->data + at, t->n - at);
        t->n += more;
    }
}

/* Puts changed versions of a file in its place and reads each of them. */
static size_t fuzz(const char *name, uint64_t key, int (*read)(void))
{
    struct text whole = load(name);
    char *room = calloc(whole.n + 64, 1);
    size_t refused = 0;
    for (uint64_t i = 0; i < TRIES; i++) {
        struct leadseq_random r;
        leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, key, i);
        struct text t = {room, whole.n};
        memcpy(room, whole.data, whole.n);
        for (uint64_t k = leadseq_random_below(&r, 3) + 1; k > 0; k--) change(&t, &r);
        put_bytes(name, t.data, t.n);
        leadseq_error_clear();
        if (!read()) continue;
        cr_assert_error_has(folder);
        refused++;
    }
    put_bytes(name, whole.data, whole.n);
    cr_assert_eq(read(), 0, "the unchanged file: %s", leadseq_error());
    free(room);
    free(whole.data);
    return refused;
}

static int read_record(void)
{
    struct leadseq_record *r = leadseq_record_open(in_folder("r"));
    int status = r ? 0 : -1;
    if (r) cr_assert(r->n_samples > 0 && r->rate_hz > 0);
    leadseq_record_close(r);
    return status;
}

static void put_some_record(void)
{
    enum { SAMPLES = 60 };
    float mv[12 * SAMPLES];
    for (int i = 0; i < 12 * SAMPLES; i++) mv[i] = (float)sin(i * 0.37);
    cr_assert_eq(leadseq_record_write(folder, "r", 100, mv, SAMPLES), 0, "%s", leadseq_error());
}

Test(io_fuzz, headers)
{
    put_some_record();
    cr_assert_gt(fuzz("r.hea", 1, read_record), TRIES / 2);
}

Test(io_fuzz, signal_files)
{
    put_some_record();
    cr_assert_gt(fuzz("r.dat", 2, read_record), TRIES * 9 / 10);
}

/* Four files of unlike formats, one a MATLAB v4 matrix; all samples are 0, and so are the sums. */
static void put_formats(void)
{
    enum { SAMPLES = 33, EACH = 3 };
    static const char *const file[] = {"a.dat 212", "b.dat 24:2", "c.dat 61+7", "r.mat 16+24"};
    static const int bytes[] = {149, 297, 205, 222}; // of 99 samples
    char text[1024];
    int n = snprintf(text, sizeof text, "r 12 100 %d\n", SAMPLES);
    for (int i = 0; i < 12; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s 200(3)/mV 16 0 %d %d 0 %s\n",
                      file[i / EACH], 0, 0, leadseq_lead_name[i]);
    put("r.hea", text);
    unsigned char data[512] = {0};
    for (int k = 0; k < 3; k++)
        put_bytes((char[]){(char)('a' + k), '.', 'd', 'a', 't', 0}, data, (size_t)bytes[k]);
    memcpy(data, (int32_t[]){30, EACH, SAMPLES, 0, 4}, 20);
    put_bytes("r.mat", data, (size_t)bytes[3]);
}

Test(io_fuzz, headers_and_files_of_many_formats)
{
    put_formats();
    fuzz("r.hea", 6, read_record);
    fuzz("r.mat", 7, read_record);
    fuzz("a.dat", 8, read_record);
}

static int read_ptbxl(void)
{
    struct leadseq_ptbxl *p = leadseq_ptbxl_open(folder);
    int status = p ? 0 : -1;
    for (size_t i = 1; p && i < p->n; i++) cr_assert_gt(p->row[i].ecg_id, p->row[i - 1].ecg_id);
    leadseq_ptbxl_close(p);
    return status;
}

static void put_tables(void)
{
    put("scp_statements.csv", ",diagnostic,diagnostic_class,diagnostic_subclass\n"
                              "NORM,1.0,NORM,NORM\nIMI,1.0,MI,IMI\nSR,,,\n"
                              "\"LAO/LAE\",1.0,HYP,LAO/LAE\n");
    put("ptbxl_database.csv",
        "ecg_id,patient_id,age,sex,report,scp_codes,baseline_drift,static_noise,burst_noise,"
        "electrodes_problems,strat_fold,filename_lr,filename_hr\n"
        "1,15709.0,56.0,1,\"a, \"\"b\"\"\",\"{'NORM': 100.0, 'SR': 0.0}\",,\" , I-V1 \",,,3,"
        "records100/00000/00001_lr,records500/00000/00001_hr\n"
        "8,13243.0,,0,\"two\nlines\",\"{'IMI': 35.0, 'SR': 0.0}\",,,alles,,2,"
        "records100/00000/00008_lr,records500/00000/00008_hr\n");
}

Test(io_fuzz, the_table_of_records)
{
    put_tables();
    cr_assert_gt(fuzz("ptbxl_database.csv", 3, read_ptbxl), TRIES / 4);
}

Test(io_fuzz, the_table_of_statements)
{
    put_tables();
    cr_assert_gt(fuzz("scp_statements.csv", 4, read_ptbxl), TRIES / 4);
}

static int read_png(void)
{
    struct leadseq_image image;
    int status = leadseq_png_read(&image, in_folder("x.png"), 1 << 16);
    cr_assert_eq(status == 0, image.pixels != NULL);
    leadseq_image_clear(&image);
    return status;
}

Test(io_fuzz, png_files)
{
    uint8_t pixels[40 * 30 * 3];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * i);
    struct leadseq_image image = {40, 30, 3, pixels};
    cr_assert_eq(leadseq_png_write(&image, in_folder("x.png")), 0, "%s", leadseq_error());
    cr_assert_gt(fuzz("x.png", 5, read_png), TRIES / 2);
}
