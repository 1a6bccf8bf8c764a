/* SPDX-License-Identifier: MIT
 *
 * Between plain.c and text_file.c: the characters of UTF-8. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/base.h"

/* Bytes of the character at `text`, of which n >= 1 are there, and its number; 0 if there is none:
 * too long a form, a surrogate, a number beyond Unicode, or bytes that do not follow each other. */
size_t base_utf8_character(const unsigned char *text, size_t n, uint32_t *code);

#endif
