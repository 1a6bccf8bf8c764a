/* SPDX-License-Identifier: MIT */
#include "io/io.h"

#include "folder.h"

#include <sys/resource.h>
#include <zlib.h>

TestSuite(png, .init = make_folder, .fini = remove_folder);

enum { PIXELS_MAX = 1 << 20 };

/* --- A PNG file built by hand, so that it can be any kind of wrong -------------- */

struct bytes {
    unsigned char data[65536];
    size_t n;
};

static void put_u32(struct bytes *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8) b->data[b->n++] = (unsigned char)(v >> shift);
}

static void put_chunk(struct bytes *b, const char *type, const void *data, size_t n)
{
    put_u32(b, (uint32_t)n);
    size_t start = b->n;
    memcpy(b->data + b->n, type, 4);
    if (n) memcpy(b->data + b->n + 4, data, n);
    b->n += 4 + n;
    put_u32(b, (uint32_t)crc32(0, b->data + start, (unsigned)(4 + n)));
}

static void start_png(struct bytes *b, uint32_t width, uint32_t height, int depth, int type,
                      int interlace)
{
    memcpy(b->data, "\x89PNG\r\n\x1a\n", 8);
    b->n = 8;
    struct bytes head = {.n = 0};
    put_u32(&head, width);
    put_u32(&head, height);
    const unsigned char rest[5] = {(unsigned char)depth, (unsigned char)type, 0, 0,
                                   (unsigned char)interlace};
    memcpy(head.data + 8, rest, 5);
    put_chunk(b, "IHDR", head.data, 13);
}

/* `n` bytes of filtered rows, all zero. */
static void end_png(struct bytes *b, size_t n)
{
    unsigned char zeros[1024] = {0}, packed[2048];
    uLongf size = sizeof packed;
    cr_assert_eq(compress(packed, &size, zeros, n), Z_OK);
    put_chunk(b, "IDAT", packed, size);
    put_chunk(b, "IEND", NULL, 0);
}

static int read_bytes(const struct bytes *b)
{
    struct leadseq_image image;
    leadseq_error_clear();
    int status = leadseq_png_read(&image, put_bytes("x.png", b->data, b->n), PIXELS_MAX);
    if (status) cr_assert_null(image.pixels);
    leadseq_image_clear(&image);
    return status;
}

Test(png, what_is_not_a_png_is_refused)
{
    static const char *const texts[] = {"", "\x89PN", "P6 1 1 255 ..."};
    for (size_t i = 0; i < LEADSEQ_COUNT(texts); i++) {
        struct leadseq_image image;
        cr_assert_eq(leadseq_png_read(&image, put("x.png", texts[i]), PIXELS_MAX), -1);
        cr_assert_error_has("x.png: expected a PNG file, found one without its signature");
    }
    static const struct {
        size_t n;
        const char *head, *says;
    } kinds[] = {
        {12, "GIF89a......", "found a GIF picture"},
        {20, "\xff\xd8\xff\xe0................", "found a JPEG picture"},
        {20, "II*\0................", "found a TIFF picture"},
        {20, "%PDF-1.7............", "found a PDF document"},
        {20, "RIFF....WEBP........", "found a WebP picture"},
        {20, "BM\x10\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0..", "found a BMP picture"},
        {20, "BM is how a text may", "found one without its signature"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(kinds); i++) {
        struct leadseq_image image;
        const char *path = put_bytes("x.png", kinds[i].head, kinds[i].n);
        cr_assert_eq(leadseq_png_read(&image, path, PIXELS_MAX), -1);
        cr_assert_error_has(kinds[i].says);
    }
    struct leadseq_image image;
    cr_assert_eq(leadseq_png_read(&image, in_folder("none.png"), PIXELS_MAX), -1);
    cr_assert_error_has("none.png: cannot be read");
    cr_assert_eq(leadseq_png_read(&image, folder, PIXELS_MAX), -1);
}

Test(png, other_kinds_are_refused_by_name)
{
    static const struct {
        uint32_t width, height;
        int depth, type, interlace;
        const char *says;
    } cases[] = {
        {4, 4, 8, 3, 0, "found a palette"},
        {4, 4, 8, 4, 0, "found grey with alpha"},
        {4, 4, 8, 6, 0, "found RGB with alpha"},
        {4, 4, 16, 0, 0, "found 16 bits (grey)"},
        {4, 4, 16, 2, 0, "found 16 bits (RGB)"},
        {8, 4, 1, 0, 0, "found 1 bits (grey)"},
        {4, 4, 8, 0, 1, "found an interlaced one"},
        {2000, 2000, 8, 0, 0, "expected at most 1048576 pixels, found 2000 x 2000"},
        {2000000000, 2000000000, 8, 2, 0, "found 2000000000 x 2000000000"},
        {0, 4, 8, 0, 0, "x.png: libpng"},
        {0x80000000u, 4, 8, 0, 0, "x.png: libpng"},
        {4, 4, 7, 0, 0, "x.png: libpng"},
        {4, 4, 8, 5, 0, "x.png: libpng"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct bytes b;
        start_png(&b, cases[i].width, cases[i].height, cases[i].depth, cases[i].type,
                  cases[i].interlace);
        if (cases[i].type == 3) put_chunk(&b, "PLTE", "\0\0\0\xff\xff\xff", 6);
        end_png(&b, 512);
        cr_assert_eq(read_bytes(&b), -1, "accepted case %zu", i);
        cr_assert_error_has("x.png");
        cr_assert_error_has(cases[i].says);
    }
}

Test(png, a_transparent_colour_is_refused)
{
    struct bytes b;
    start_png(&b, 4, 4, 8, 0, 0);
    put_chunk(&b, "tRNS", "\0\1", 2);
    end_png(&b, 20);
    cr_assert_eq(read_bytes(&b), -1);
    cr_assert_error_has("transparent");
}

Test(png, a_file_cut_anywhere_is_refused)
{
    struct bytes b;
    start_png(&b, 16, 16, 8, 0, 0);
    end_png(&b, 16 * 17);
    cr_assert_eq(read_bytes(&b), 0, "%s", leadseq_error());
    for (size_t n = b.n; n-- > 0;) {
        struct bytes cut = b;
        cut.n = n;
        cr_assert_eq(read_bytes(&cut), -1, "accepted %zu of %zu bytes", n, b.n);
        cr_assert_error_has("x.png");
    }
}

Test(png, image_data_that_ends_early_or_is_damaged_is_refused)
{
    struct bytes b;
    start_png(&b, 16, 16, 8, 0, 0);
    end_png(&b, 100); // of 272 bytes
    cr_assert_eq(read_bytes(&b), -1);
    cr_assert_error_has("x.png: libpng");
    start_png(&b, 16, 16, 8, 0, 0);
    end_png(&b, 272);
    b.data[8 + 25 + 12] ^= 0x40; // within IDAT, whose CRC it breaks
    cr_assert_eq(read_bytes(&b), -1);
    cr_assert_error_has("x.png: libpng");
}

/* No more than 256 MB beside what this process has already. */
static void limit_memory(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%lu", &pages) != 1) cr_skip_test("no /proc/self/statm");
    fclose(f);
    rlim_t most = pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)256 << 20);
    cr_assert_eq(setrlimit(RLIMIT_AS, &(struct rlimit){most, RLIM_INFINITY}), 0);
}

/* A claim costs nothing: a chunk of 1.6 GB in a file of 46 bytes, 16 million rows in one of 70. */
Test(png, what_a_file_claims_is_not_allocated)
{
    static const char claims[] = "\x61\x62\x63\x00tEXtk\0abc";
    struct bytes b;
    limit_memory();
    start_png(&b, 32, 32, 8, 0, 0);
    memcpy(b.data + b.n, claims, sizeof claims - 1);
    b.n += sizeof claims - 1;
    cr_assert_eq(read_bytes(&b), -1);
    cr_assert_error_has("libpng: Read Error"); // not: insufficient memory
    start_png(&b, 1, PIXELS_MAX, 8, 2, 0);
    end_png(&b, 100);
    cr_assert_eq(read_bytes(&b), -1);
    cr_assert_error_has("1048576 rows of 3 bytes, found a file of");
    start_png(&b, PIXELS_MAX, 1, 8, 0, 0);
    end_png(&b, 100);
    cr_assert_eq(read_bytes(&b), -1);
    cr_assert_error_has("1 rows of 1048576 bytes, found a file of");
}

/* Texts and profiles are not used: packed a thousandfold, they are not unpacked. */
Test(png, chunks_that_are_not_used_are_passed_over)
{
    unsigned char zeros[1024] = {0}, packed[256] = "k\0";
    uLongf size = sizeof packed - 3;
    cr_assert_eq(compress(packed + 3, &size, zeros, sizeof zeros), Z_OK);
    struct bytes b;
    start_png(&b, 16, 16, 8, 0, 0);
    for (int i = 0; i < 20; i++) put_chunk(&b, "zTXt", packed, size + 3);
    end_png(&b, 272);
    cr_assert_eq(read_bytes(&b), 0, "%s", leadseq_error());
}

static struct leadseq_image some_image(int width, int height, int channels)
{
    size_t n = (size_t)width * (size_t)height * (size_t)channels;
    struct leadseq_image image = {width, height, channels, malloc(n)};
    for (size_t i = 0; i < n; i++) image.pixels[i] = (uint8_t)(i * i % 251);
    return image;
}

Test(png, an_image_that_cannot_be_is_not_written)
{
    struct leadseq_image image = some_image(4, 4, 1);
    static const int shapes[][3] = {{0, 4, 1}, {4, -1, 1}, {4, 4, 2}, {4, 4, 4}, {1 << 30, 1, 1}};
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) {
        struct leadseq_image wrong = {shapes[i][0], shapes[i][1], shapes[i][2], image.pixels};
        cr_assert_eq(leadseq_png_write(&wrong, in_folder("x.png")), -1);
        cr_assert(!leadseq_path_exists(in_folder("x.png")));
    }
    cr_assert_eq(leadseq_png_write(&image, "/nowhere/x.png"), -1);
    cr_assert_error_has("/nowhere/x.png");
    leadseq_image_clear(&image);
}

Test(png, a_full_disk_leaves_nothing_under_the_name)
{
    struct leadseq_image image = some_image(600, 600, 3);
    limit_files(1000);
    cr_assert_eq(leadseq_png_write(&image, in_folder("x.png")), -1);
    cr_assert_error_has("x.png");
    cr_assert(!leadseq_path_exists(in_folder("x.png")));
    cr_assert(!leadseq_path_exists(in_folder("x.png.partial")));
    leadseq_image_clear(&image);
}

Test(png, grey_and_rgb_images_read_back_pixel_by_pixel)
{
    static const int shapes[][3] = {{1, 1, 1}, {1, 1, 3}, {17, 5, 1}, {5, 17, 3}, {640, 480, 3}};
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) {
        struct leadseq_image image = some_image(shapes[i][0], shapes[i][1], shapes[i][2]), back;
        cr_assert_eq(leadseq_png_write(&image, in_folder("x.png")), 0, "%s", leadseq_error());
        cr_assert(!leadseq_path_exists(in_folder("x.png.partial")));
        cr_assert_eq(leadseq_png_read(&back, in_folder("x.png"), PIXELS_MAX), 0, "%s",
                     leadseq_error());
        cr_assert(back.width == image.width && back.height == image.height);
        cr_assert_eq(back.channels, image.channels);
        size_t n = (size_t)image.width * (size_t)image.height * (size_t)image.channels;
        cr_assert_eq(memcmp(back.pixels, image.pixels, n), 0);
        leadseq_image_clear(&back);
        leadseq_image_clear(&image);
    }
    leadseq_image_clear(NULL);
}
