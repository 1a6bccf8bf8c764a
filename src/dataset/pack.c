/* SPDX-License-Identifier: MIT
 *
 * zlib streams of pictures, which HDF5's deflate filter reads: packed by an encoder that knows
 * pictures of lines (deflate.c), unpacked by libdeflate. */
#include "dataset_private.h"

#include "deflate.h"

#include <libdeflate.h>
#include <stdlib.h>

enum { HEAD = 2, TAIL = 4 }; /* zlib's own bytes (RFC 1950) */

struct dataset_packer {
    struct deflate *deflate;
    uint8_t *stream;
};

struct dataset_packer *dataset_packer_new(const struct leadseq_drawing *drawing)
{
    struct dataset_packer *packer = leadseq_calloc(1, sizeof *packer);
    if (!packer) return NULL;
    size_t pixel = (size_t)leadseq_drawing_channels(drawing),
           bytes = leadseq_drawing_bytes(drawing);
    packer->deflate = deflate_new(pixel, pixel * (size_t)drawing->width);
    packer->stream = leadseq_calloc(HEAD + deflate_bound(bytes) + TAIL, 1);
    if (packer->deflate && packer->stream) return packer;
    dataset_packer_free(packer);
    return NULL;
}

void dataset_packer_free(struct dataset_packer *packer)
{
    if (!packer) return;
    deflate_free(packer->deflate);
    free(packer->stream);
    free(packer);
}

const void *dataset_pack(struct dataset_packer *packer, const void *block, size_t bytes,
                         size_t *packed)
{
    uint8_t *stream = packer->stream;
    stream[0] = 0x78, stream[1] = 0x01; // deflate, a window of 32 KiB, the fastest way
    size_t n = HEAD + deflate_encode(packer->deflate, block, bytes, stream + HEAD);
    uint32_t sum = libdeflate_adler32(1, block, bytes);
    for (int i = 0; i < TAIL; i++) stream[n++] = (uint8_t)(sum >> (24 - 8 * i));
    *packed = n;
    return stream;
}

int dataset_unpack(const void *stream, size_t packed, void *block, size_t bytes)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!d) return -1;
    size_t used, found;
    enum libdeflate_result result =
        libdeflate_zlib_decompress_ex(d, stream, packed, block, bytes, &used, &found);
    libdeflate_free_decompressor(d);
    return result == LIBDEFLATE_SUCCESS && found == bytes ? 0 : -1;
}

uint32_t dataset_crc32(uint32_t crc, const void *data, size_t bytes)
{
    return libdeflate_crc32(crc, data, bytes);
}
