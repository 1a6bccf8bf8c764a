/* SPDX-License-Identifier: MIT */
#include "folder.h"

TestSuite(text_file, .init = make_folder, .fini = remove_folder);

Test(text_file, marks_and_line_ends_of_all_systems_read_alike)
{
    static const char *const same[] = {"a\nb\n\nc", "a\r\nb\r\n\r\nc", "a\rb\r\rc",
                                       "\xef\xbb\xbf"
                                       "a\nb\r\n\nc",
                                       "\xef\xbb\xbf\xef\xbb\xbf"
                                       "a\nb\n\rc"};
    for (size_t i = 0; i < LEADSEQ_COUNT(same); i++) {
        size_t size;
        char *text = leadseq_text_read(put("t", same[i]), 100, &size);
        cr_assert(text, "%s", leadseq_error());
        cr_assert_str_eq(text, "a\nb\n\nc", "case %zu", i);
        cr_assert_eq(size, 6);
        free(text);
    }
}

Test(text_file, every_character_is_read)
{
    char text[4096];
    size_t n = 0;
    static const unsigned points[] = {1,      0x7f,   0x80,    0x7ff,   0x800,   0xd7ff,
                                      0xe000, 0xffff, 0x10000, 0x3ffff, 0x40000, 0x10ffff};
    for (size_t i = 0; i < LEADSEQ_COUNT(points); i++) {
        unsigned p = points[i];
        if (p < 0x80) {
            text[n++] = (char)p;
        } else {
            int more = p < 0x800 ? 1 : p < 0x10000 ? 2 : 3;
            text[n++] = (char)((0xf0 << (3 - more)) | (p >> (6 * more)));
            while (more--) text[n++] = (char)(0x80 | ((p >> (6 * more)) & 0x3f));
        }
    }
    text[n] = '\0';
    cr_assert_eq(leadseq_text_check(text, n, "t"), 0, "%s", leadseq_error());
    cr_assert_eq(n, 34);
}

Test(text_file, what_is_no_text_is_named)
{
#define BYTES(text) (text), sizeof(text) - 1
    static const struct {
        const char *text;
        size_t n;
        const char *says;
    } cases[] = {
        {BYTES("\xff\xfe"
               "a\0"),
         "found UTF-16; save it as UTF-8"},
        {BYTES("\xfe\xff\0a"), "found UTF-16"},
        {BYTES("\xff\xfe\0\0a\0\0\0"), "found UTF-32"},
        {BYTES("a\0b\0"), "zero byte"},
        {BYTES("\x1f\x8b\x08"), "gzip"},
        {BYTES("PK\x03\x04"), "zip archive"},
        {BYTES("<!DOCTYPE html>"), "a web page"},
        {BYTES("ab\n\ngr\xfc\xdf"), "t:3: expected UTF-8, found the byte 0xfc"},
        {BYTES("12345678\xbf"), "found the byte 0xbf"},
        {BYTES("\xc1\xbf"), "0xc1"},         // '\x7f' in two bytes
        {BYTES("\xe0\x9f\xbf"), "0xe0"},     // U+07FF in three
        {BYTES("\xf0\x8f\xbf\xbf"), "0xf0"}, // U+FFFF in four
        {BYTES("\xf4\x90\x80\x80"), "0xf4"}, // beyond U+10FFFF
        {BYTES("\xed\xbf\xbf"), "0xed"},     // a surrogate
        {BYTES("\xf5\x80\x80\x80"), "0xf5"},
        {BYTES("\xe2\x82"), "0xe2"}, // cut short
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        leadseq_error_clear();
        cr_assert_null(leadseq_text_read(put_bytes("t", cases[i].text, cases[i].n), 100, NULL),
                       "case %zu", i);
        cr_assert_error_has(cases[i].says);
        cr_assert_error_has(folder);
    }
}

Test(text_file, names_of_files_need_not_be_utf8)
{
    char *text = strdup("\xef\xbb\xbfgr\xfc\xdf\r\n");
    size_t n = strlen(text);
    cr_assert_eq(leadseq_text_clean(text, &n, "t"), 0);
    cr_assert_str_eq(text, "gr\xfc\xdf\n");
    cr_assert_eq(n, 5);
    free(text);
}

/* --- Answers ---------------------------------------------------------------------------- */

Test(answer, yes_no_and_nothing_are_known_however_they_are_written)
{
    static const struct {
        enum leadseq_answer answer;
        const char *words[20];
    } cases[] = {
        {LEADSEQ_ANSWER_YES,
         {"1", "1.0", "1.", "+1", "1e0", "10e-1", "True", "TRUE", "true", "T", "t", "yes", "Y"}},
        {LEADSEQ_ANSWER_NO, {"0", "0.0", "-0", "0e5", "False", "FALSE", "F", "no", "No", "n"}},
        {LEADSEQ_ANSWER_ABSENT,
         {"", "NaN", "nan", "-nan", "NULL", "null", "None", "NA", "N/A", "n/a", "<NA>", "NaT",
          "#N/A", "\\N", "."}},
        {LEADSEQ_ANSWER_OTHER,
         {"2", "0.5", "-1", "10", "maybe", "tru", "0x1", "inf", "1,0", "yes!", "nano", "nones"}},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++)
        for (const char *const *word = cases[i].words; *word; word++) {
            cr_assert_eq(leadseq_parse_answer(*word), cases[i].answer, "\"%s\"", *word);
            cr_assert_eq(leadseq_is_absent(*word), cases[i].answer == LEADSEQ_ANSWER_ABSENT);
        }
}
