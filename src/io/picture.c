/* SPDX-License-Identifier: MIT
 *
 * Kinds of pictures by their first bytes, to say what a file is that should be a PNG. */
#include "io/io.h"

#include <string.h>

static const struct {
    size_t at, n;
    const char *bytes, *name;
} signatures[] = {
    {0, 3, "\xff\xd8\xff", "a JPEG picture"},
    {0, 4, "II*\0", "a TIFF picture"},
    {0, 4, "MM\0*", "a TIFF picture"},
    {0, 4, "II+\0", "a TIFF picture"},
    {0, 4, "MM\0+", "a TIFF picture"},
    {0, 5, "%PDF-", "a PDF document"},
    {0, 4, "GIF8", "a GIF picture"},
    {8, 4, "WEBP", "a WebP picture"},
    {128, 4, "DICM", "a DICOM file"},
    {4, 4, "ftyp", "a HEIF, AVIF or other MPEG-4 file"},
    {0, 12, "\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"},
    {0, 4, "\xff\x4f\xff\x51", "a JPEG 2000 picture"},
    {0, 2, "\xff\x0a", "a JPEG XL picture"},
    {0, 4, "8BPS", "a Photoshop picture"},
    {0, 5, "<svg ", "an SVG picture"},
};

/* "BM" alone may begin a text; the reserved bytes and the offset's upper half are zero. */
static bool is_bmp(const unsigned char *head, size_t n)
{
    return n >= 18 && !memcmp(head, "BM", 2) && !memcmp(head + 6, "\0\0\0\0", 4) &&
           !memcmp(head + 12, "\0\0", 2);
}

const char *leadseq_picture_kind(const void *head, size_t n)
{
    const unsigned char *first = head;
    for (size_t i = 0; i < LEADSEQ_COUNT(signatures); i++) {
        size_t end = signatures[i].at + signatures[i].n;
        if (n >= end && !memcmp(first + signatures[i].at, signatures[i].bytes, signatures[i].n))
            return signatures[i].name;
    }
    return is_bmp(first, n) ? "a BMP picture" : NULL;
}
