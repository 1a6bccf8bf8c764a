/* SPDX-License-Identifier: MIT
 *
 * 8-bit grey and RGB PNG files through libpng, whose errors become messages. Any
 * other kind is refused by name: nothing is converted silently. */
#include "io/io.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Deflate packs at most 1,032 bytes into one; a row has one more than its pixels. */
enum { PACKED_MOST = 1032, CHUNK_MOST = 8 << 20 };

static void on_error(png_structp png, png_const_charp text)
{
    leadseq_fail("%s: libpng: %s", (const char *)png_get_error_ptr(png), text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png, (void)text; // of ancillary chunks, which are not used
}

/* --- Reading --------------------------------------------------------------------- */

struct reading {
    const char *path;
    FILE *stream;
    uint64_t bytes; /* of the file; UINT64_MAX where it is a pipe */
    png_structp png;
    png_infop info;
};

static const char *kind_name(int type)
{
    switch (type) {
    case PNG_COLOR_TYPE_PALETTE:
        return "a palette";
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return "grey with alpha";
    case PNG_COLOR_TYPE_RGB_ALPHA:
        return "RGB with alpha";
    case PNG_COLOR_TYPE_GRAY:
        return "grey";
    case PNG_COLOR_TYPE_RGB:
        return "RGB";
    default:
        return "an unknown kind";
    }
}

static int check_header(const struct reading *r, size_t max_pixels)
{
    int type = png_get_color_type(r->png, r->info), depth = png_get_bit_depth(r->png, r->info);
    size_t width = png_get_image_width(r->png, r->info);
    size_t height = png_get_image_height(r->png, r->info);
    if (type != PNG_COLOR_TYPE_GRAY && type != PNG_COLOR_TYPE_RGB)
        return leadseq_fail("%s: expected an 8-bit grey or RGB PNG, found %s", r->path,
                            kind_name(type));
    if (depth != 8)
        return leadseq_fail("%s: expected 8 bits per sample, found %d bits (%s)", r->path, depth,
                            kind_name(type));
    if (png_get_valid(r->png, r->info, PNG_INFO_tRNS))
        return leadseq_fail("%s: expected an 8-bit grey or RGB PNG, found %s with a transparent "
                            "colour",
                            r->path, kind_name(type));
    if (png_get_interlace_type(r->png, r->info) != PNG_INTERLACE_NONE)
        return leadseq_fail("%s: expected a PNG without interlacing, found an interlaced one",
                            r->path);
    if (width > max_pixels / height) // libpng refuses sizes of 0
        return leadseq_fail("%s: expected at most %zu pixels, found %zu x %zu", r->path, max_pixels,
                            width, height);
    return 0;
}

static int check_size(const struct reading *r, uint64_t rows, uint64_t stride)
{
    if (r->bytes == UINT64_MAX || rows * (stride + 1) / PACKED_MOST <= r->bytes) return 0;
    return leadseq_fail("%s: expected %llu rows of %llu bytes, found a file of %llu bytes, which "
                        "cannot hold them",
                        r->path, (unsigned long long)rows, (unsigned long long)stride,
                        (unsigned long long)r->bytes);
}

static int make_pixels(struct reading *r, struct leadseq_image *image)
{
    image->width = (int)png_get_image_width(r->png, r->info);
    image->height = (int)png_get_image_height(r->png, r->info);
    image->channels = png_get_channels(r->png, r->info);
    size_t stride = (size_t)image->width * (size_t)image->channels;
    if (check_size(r, (uint64_t)image->height, stride)) return -1;
    if (leadseq_memory_check(r->path, (uint64_t)image->height * stride)) return -1;
    image->pixels = leadseq_calloc((size_t)image->height, stride);
    return image->pixels ? 0 : -1;
}

/* A chunk may claim any length: none is longer than the file, and those that are not used are not
 * kept. */
static void set_limits(const struct reading *r)
{
    png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // check_header() has its own
    png_set_chunk_malloc_max(r->png,
                             r->bytes < CHUNK_MOST ? (png_alloc_size_t)r->bytes : CHUNK_MOST);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
}

/* What libpng does may jump back here; what must survive that is in *r and *image. */
static int read_image(struct reading *r, struct leadseq_image *image, size_t max_pixels)
{
    if (setjmp(png_jmpbuf(r->png))) return -1;
    png_init_io(r->png, r->stream);
    png_set_sig_bytes(r->png, 8);
    set_limits(r);
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
    png_read_info(r->png, r->info);
    if (check_header(r, max_pixels) || make_pixels(r, image)) return -1;
    size_t stride = (size_t)image->width * (size_t)image->channels;
    for (size_t y = 0; y < (size_t)image->height; y++)
        png_read_row(r->png, image->pixels + y * stride, NULL);
    png_read_end(r->png, NULL);
    return 0;
}

static int check_signature(const struct reading *r)
{
    png_byte head[LEADSEQ_PICTURE_HEAD];
    size_t n = fread(head, 1, 8, r->stream);
    if (n == 8 && !png_sig_cmp(head, 0, 8)) return 0;
    if (n == 8) n += fread(head + 8, 1, sizeof head - 8, r->stream);
    const char *kind = leadseq_picture_kind(head, n);
    return leadseq_fail("%s: expected a PNG file, found %s", r->path,
                        kind ? kind : "one without its signature");
}

static int read_stream(struct reading *r, struct leadseq_image *image, size_t max_pixels)
{
    if (check_signature(r)) return -1;
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, (void *)(uintptr_t)r->path, on_error,
                                    on_warning);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    int status = r->info ? read_image(r, image, max_pixels) : leadseq_fail_memory(0);
    png_destroy_read_struct(&r->png, &r->info, NULL);
    return status;
}

int leadseq_png_read(struct leadseq_image *image, const char *path, size_t max_pixels)
{
    *image = (struct leadseq_image){0};
    struct reading r = {.path = path, .stream = fopen(path, "rb")};
    if (!r.stream) return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    struct stat info;
    r.bytes = UINT64_MAX;
    if (!fstat(fileno(r.stream), &info) && S_ISREG(info.st_mode)) r.bytes = (uint64_t)info.st_size;
    int status = read_stream(&r, image, max_pixels);
    fclose(r.stream);
    if (status) leadseq_image_clear(image);
    return status;
}

void leadseq_image_clear(struct leadseq_image *image)
{
    if (!image) return;
    free(image->pixels);
    *image = (struct leadseq_image){0};
}

/* --- Writing ------------------------------------------------------------------------ */

static int check_image(const struct leadseq_image *image, const char *path)
{
    bool fits = image->width >= 1 && image->width <= LEADSEQ_SIDE_MAX && image->height >= 1 &&
                image->height <= LEADSEQ_SIDE_MAX;
    if (!fits || (image->channels != 1 && image->channels != 3) || !image->pixels)
        return leadseq_fail("%s: expected an image of 1 to %d pixels a side and 1 or 3 channels, "
                            "found %d x %d x %d",
                            path, LEADSEQ_SIDE_MAX, image->width, image->height, image->channels);
    return 0;
}

/* Line drawings: long runs of paper make fast settings compress nearly as well as slow ones. */
static int write_image(png_structp png, png_infop info, const struct leadseq_image *image,
                       FILE *stream)
{
    if (setjmp(png_jmpbuf(png))) return -1;
    png_init_io(png, stream);
    png_set_compression_level(png, 2);
    png_set_filter(png, 0, PNG_FILTER_NONE);
    png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8,
                 image->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    size_t stride = (size_t)image->width * (size_t)image->channels;
    for (size_t y = 0; y < (size_t)image->height; y++)
        png_write_row(png, image->pixels + y * stride);
    png_write_end(png, info);
    return 0;
}

static int write_stream(const struct leadseq_image *image, const char *path, FILE *stream)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, (void *)(uintptr_t)path,
                                              on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    int status = info ? write_image(png, info, image, stream) : leadseq_fail_memory(0);
    png_destroy_write_struct(&png, &info);
    return status;
}

int leadseq_png_write(const struct leadseq_image *image, const char *path)
{
    if (check_image(image, path)) return -1;
    struct leadseq_file *file = leadseq_file_create(path);
    if (!file) return -1;
    if (write_stream(image, path, leadseq_file_stream(file))) {
        leadseq_file_discard(file);
        return -1;
    }
    return leadseq_file_commit_unsynced(file);
}
