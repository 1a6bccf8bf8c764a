/* SPDX-License-Identifier: MIT
 *
 * What all harnesses share. */
#include "harnesses.h"

#include <ftw.h>
#include <unistd.h>

char fuzz_folder[64];
void (*fuzz_take_seed)(const void *data, size_t size);

_Noreturn void fuzz_broken(const char *file, int line, const char *holds, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s:%d: does not hold: %s\n  ", file, line, holds);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n  last message: %s\n", leadseq_error());
    abort();
}

void fuzz_refused(void)
{
    fuzz_require(*leadseq_error(), "refused without a message");
}

const struct fuzz_harness *fuzz_find(const char *name)
{
    for (const struct fuzz_harness *const *h = fuzz_harnesses; *h; h++)
        if (!strcmp((*h)->name, name)) return *h;
    return NULL;
}

/* --- The folder -------------------------------------------------------------------------- */

void fuzz_begin(void)
{
    const char *parent = getenv("TMPDIR");
    if (!parent) parent = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
    snprintf(fuzz_folder, sizeof fuzz_folder, "%.40s/fuzz-XXXXXX", parent);
    if (!mkdtemp(fuzz_folder)) {
        perror(fuzz_folder);
        exit(99);
    }
    leadseq_log_level(LEADSEQ_LOG_NONE);
    leadseq_progress_show(false);
}

static int forget(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info, (void)type, (void)at;
    return remove(path);
}

void fuzz_end(void)
{
    nftw(fuzz_folder, forget, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_path(const char *name)
{
    static char path[8][256];
    static int next;
    char *p = path[next++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", fuzz_folder, name);
    return p;
}

const char *fuzz_put(const char *name, const void *data, size_t size)
{
    const char *path = fuzz_path(name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
        perror(path);
        exit(99);
    }
    return path;
}

const char *fuzz_put_text(const char *name, const char *text)
{
    return fuzz_put(name, text, strlen(text));
}

char *fuzz_get(const char *name, size_t *size)
{
    char *data = leadseq_file_read(fuzz_path(name), 1 << 26, size);
    fuzz_require(data, "%s", name);
    return data;
}

/* --- Inputs -------------------------------------------------------------------------------- */

void fuzz_seed(const void *data, size_t size)
{
    fuzz_take_seed(data, size);
}

void fuzz_seed_text(const char *text)
{
    fuzz_seed(text, strlen(text));
}

void fuzz_seed_file(const char *name)
{
    size_t size;
    char *data = fuzz_get(name, &size);
    fuzz_seed(data, size);
    free(data);
}

char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) abort();
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

unsigned fuzz_byte(struct fuzz_bytes *in)
{
    if (!in->left) return 0;
    in->left--;
    return *in->at++;
}

unsigned fuzz_below(struct fuzz_bytes *in, unsigned n)
{
    return fuzz_byte(in) % n;
}

void fuzz_line(struct fuzz_bytes *in, char *text, size_t size)
{
    size_t n = 0;
    for (unsigned byte; in->left && (byte = fuzz_byte(in)) != '\n';)
        if (byte && n + 1 < size) text[n++] = (char)byte;
    text[n] = '\0';
}

void fuzz_fill(struct fuzz_bytes *in, void *object, size_t size)
{
    for (unsigned char *p = object; size; size--) *p++ = (unsigned char)fuzz_byte(in);
}

void fuzz_run(const struct fuzz_harness *harness, const uint8_t *data, size_t size)
{
    leadseq_error_clear();
    harness->run(data, size);
}

/* --- Outputs ------------------------------------------------------------------------------- */

static char *printed;
static size_t printed_size;
static FILE *printing;

FILE *fuzz_print(void)
{
    printed = NULL;
    printing = open_memstream(&printed, &printed_size);
    if (!printing) abort();
    return printing;
}

char *fuzz_printed(size_t *size)
{
    fclose(printing);
    if (size) *size = printed_size;
    return printed;
}

bool fuzz_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}
