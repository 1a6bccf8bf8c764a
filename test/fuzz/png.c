/* SPDX-License-Identifier: MIT
 *
 * PNG files: what is accepted is grey or RGB, of at most as many pixels as were allowed, and is
 * written and reads back with the same pixels. Chunks of bytes get the checksum they need, which
 * hardly any would have. */
#include "fuzz.h"

#include "io/io.h"

#include <zlib.h>

enum { PIXELS_MOST = 1 << 20, HEAD = 8, CHUNK = 12 };

static uint32_t length_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* In place, as far as the chunks' lengths lead. */
static void repair(uint8_t *data, size_t size)
{
    for (size_t at = HEAD; at + CHUNK <= size;) {
        size_t n = length_at(data + at);
        if (n > size - at - CHUNK) return;
        uint32_t crc = (uint32_t)crc32(0, data + at + 4, (unsigned)n + 4);
        for (int i = 0; i < 4; i++) data[at + 8 + n + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += n + CHUNK;
    }
}

static void check_written(const struct leadseq_image *image)
{
    struct leadseq_image back;
    size_t n = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    if (image->width > LEADSEQ_SIDE_MAX || image->height > LEADSEQ_SIDE_MAX) return;
    remove(fuzz_path("w.png"));
    fuzz_require(!leadseq_png_write(image, fuzz_path("w.png")), "written");
    fuzz_require(!leadseq_png_read(&back, fuzz_path("w.png"), PIXELS_MOST), "read back");
    fuzz_require(back.width == image->width && back.height == image->height &&
                     back.channels == image->channels && !memcmp(back.pixels, image->pixels, n),
                 "%d x %d", back.width, back.height);
    leadseq_image_clear(&back);
}

static void run(const uint8_t *data, size_t size)
{
    struct leadseq_image image;
    uint8_t *copy = (uint8_t *)fuzz_text(data, size);
    repair(copy, size);
    const char *path = fuzz_put("r.png", copy, size);
    free(copy);
    if (leadseq_png_read(&image, path, PIXELS_MOST)) {
        fuzz_refused();
        return;
    }
    fuzz_require(image.width >= 1 && image.height >= 1 &&
                     (size_t)image.width * (size_t)image.height <= PIXELS_MOST,
                 "%d x %d", image.width, image.height);
    fuzz_require(image.channels == 1 || image.channels == 3, "%d channels", image.channels);
    check_written(&image);
    leadseq_image_clear(&image);
}

static void seed_image(int width, int height, int channels)
{
    uint8_t pixels[1024];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * i / 7);
    struct leadseq_image image = {width, height, channels, pixels};
    remove(fuzz_path("s.png"));
    fuzz_require(!leadseq_png_write(&image, fuzz_path("s.png")), "seed");
    fuzz_seed_file("s.png");
}

/* A header that asks for much, or for another kind of image, with no pixels. */
static void seed_header(uint32_t side, uint8_t depth, uint8_t kind, uint8_t interlaced)
{
    uint8_t file[57] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
                        0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    for (int i = 0; i < 4; i++) file[16 + i] = file[20 + i] = (uint8_t)(side >> (24 - 8 * i));
    file[24] = depth, file[25] = kind, file[28] = interlaced;
    memcpy(file + 37, "IDAT", 4);
    memcpy(file + 49, "IEND", 4);
    fuzz_seed(file, sizeof file);
}

static void seeds(void)
{
    seed_image(5, 3, 1);
    seed_image(16, 16, 3);
    seed_image(1, 1, 1);
    seed_header(4, 8, 0, 1);
    seed_header(4, 16, 2, 0);
    seed_header(4, 8, 3, 0);
    seed_header(4, 1, 0, 0);
    seed_header(1000, 8, 2, 0);
    seed_header(0x7fffffff, 8, 0, 0);
}

const struct fuzz_harness fuzz_png = {"png", "PNG images", run, seeds};
