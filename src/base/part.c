/* SPDX-License-Identifier: MIT
 *
 * How a number of things is divided among ranks. */
#include "base/base.h"

size_t leadseq_part_count(size_t n, int part, int parts)
{
    return n / (size_t)parts + ((size_t)part < n % (size_t)parts);
}

size_t leadseq_part_first(size_t n, int part, int parts)
{
    size_t more = n % (size_t)parts;
    return n / (size_t)parts * (size_t)part + ((size_t)part < more ? (size_t)part : more);
}
