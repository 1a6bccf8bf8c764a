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
    png_structp png;
    png_infop info;
    png_bytep *rows;
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

static int make_rows(struct reading *r, struct leadseq_image *image)
{
    image->width = (int)png_get_image_width(r->png, r->info);
    image->height = (int)png_get_image_height(r->png, r->info);
    image->channels = png_get_channels(r->png, r->info);
    size_t stride = (size_t)image->width * (size_t)image->channels;
    image->pixels = leadseq_calloc((size_t)image->height, stride);
    r->rows = leadseq_calloc((size_t)image->height, sizeof *r->rows);
    if (!image->pixels || !r->rows) return -1;
    for (size_t y = 0; y < (size_t)image->height; y++) r->rows[y] = image->pixels + y * stride;
    return 0;
}

/* What libpng does may jump back here; what must survive that is in *r and *image. */
static int read_image(struct reading *r, struct leadseq_image *image, size_t max_pixels)
{
    if (setjmp(png_jmpbuf(r->png))) return -1;
    png_init_io(r->png, r->stream);
    png_set_sig_bytes(r->png, 8);
    png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // check_header() has its own
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
    png_read_info(r->png, r->info);
    if (check_header(r, max_pixels) || make_rows(r, image)) return -1;
    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL);
    return 0;
}

static int check_signature(const struct reading *r)
{
    png_byte head[8];
    if (fread(head, 1, sizeof head, r->stream) == sizeof head && !png_sig_cmp(head, 0, sizeof head))
        return 0;
    return leadseq_fail("%s: expected a PNG file, found one without its signature", r->path);
}

static int read_stream(struct reading *r, struct leadseq_image *image, size_t max_pixels)
{
    if (check_signature(r)) return -1;
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, (void *)(uintptr_t)r->path, on_error,
                                    on_warning);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    int status = r->info ? read_image(r, image, max_pixels) : leadseq_fail_memory(0);
    png_destroy_read_struct(&r->png, &r->info, NULL);
    free(r->rows);
    return status;
}

int leadseq_png_read(struct leadseq_image *image, const char *path, size_t max_pixels)
{
    *image = (struct leadseq_image){0};
    struct reading r = {.path = path, .stream = fopen(path, "rb")};
    if (!r.stream) return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
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
