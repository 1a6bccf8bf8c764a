/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(error, fail_returns_minus_one_and_keeps_the_message)
{
    cr_assert_eq(leadseq_fail("%s: %d", "a.dat", 7), -1);
    cr_assert_str_eq(leadseq_error(), "a.dat: 7");
}

Test(error, context_is_put_before_the_message)
{
    (void)leadseq_fail("too short");
    (void)leadseq_fail_in("record %d", 8);
    cr_assert_str_eq(leadseq_error(), "record 8: too short");
}

Test(error, a_message_may_quote_the_one_before)
{
    (void)leadseq_fail("inner");
    (void)leadseq_fail("outer (%s)", leadseq_error());
    cr_assert_str_eq(leadseq_error(), "outer (inner)");
}

Test(error, a_file_is_named_once)
{
    (void)leadseq_fail("a.h5: height: is missing");
    (void)leadseq_fail_in("%s", "a.h5");
    cr_assert_str_eq(leadseq_error(), "a.h5: height: is missing");
    (void)leadseq_fail("a.h5.partial: is missing");
    (void)leadseq_fail_in("%s", "a.h5");
    cr_assert_str_eq(leadseq_error(), "a.h5: a.h5.partial: is missing");
}

Test(error, control_characters_are_written_out)
{
    (void)leadseq_fail("%s", "a\rb\x1b[31mc\x7f\xc2\x9b\td\n\xc2\xb5V\x01");
    cr_assert_str_eq(leadseq_error(), "a\\rb\\u001b[31mc\\u007f\\u009b\\td\\n\xc2\xb5V\\u0001");
    (void)leadseq_fail_in("%s", "x\ry");
    cr_assert_eq(strncmp(leadseq_error(), "x\\ry: a\\rb\\u001b", 16), 0, "%s", leadseq_error());
    char text[9000];
    memset(text, '\x1b', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)leadseq_fail("%s", text);
    cr_assert_lt(strlen(leadseq_error()), 4096);
}

Test(error, long_context_is_cut_not_overrun)
{
    char text[9000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)leadseq_fail("%s", text);
    (void)leadseq_fail_in("%s", text);
    cr_assert_lt(strlen(leadseq_error()), 4096);
}

Test(error, several_faults_are_told_together)
{
    struct leadseq_faults f = {0};
    (void)leadseq_fail("a: wrong");
    cr_assert_eq(leadseq_faults_add(&f), 0);
    cr_assert_str_eq(leadseq_error(), "");
    cr_assert_eq(leadseq_faults_fail(&f, "records", "mend it"), -1);
    cr_assert_str_eq(leadseq_error(), "a: wrong; mend it");
    (void)leadseq_fail("b: wrong");
    cr_assert_eq(leadseq_faults_add(&f), 0);
    (void)leadseq_faults_fail(&f, "records", "mend them");
    cr_assert_str_eq(leadseq_error(), "2 records, as the warnings say (first a: wrong); mend them");
    leadseq_faults_clear(&f);
    cr_assert_eq(f.n, 0);
}

Test(error, absurd_allocations_are_refused_with_a_message)
{
    cr_assert_null(leadseq_calloc(SIZE_MAX / 2, 4));
    cr_assert(strstr(leadseq_error(), "out of memory"));
    cr_assert_null(leadseq_realloc(NULL, SIZE_MAX / 2, 4));
}

Test(error, the_library_is_of_the_version_its_headers_say)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", LEADSEQ_VERSION_MAJOR, LEADSEQ_VERSION_MINOR,
             LEADSEQ_VERSION_PATCH);
    cr_assert_str_eq(leadseq_version(), text);
    cr_assert(LEADSEQ_VERSION == LEADSEQ_VERSION_OF(0, 2, 0));
}

Test(error, messages_hold_nothing_that_a_terminal_obeys)
{
    leadseq_fail("%s: cannot be read", "\x1b]0;owned\x07name\nok");
    leadseq_fail_in("in \xe2\x80\xae%s", "\xff");
    cr_assert_str_eq(leadseq_error(), "in \\u202e\\xff: \\u001b]0;owned\\u0007name\\nok: cannot be "
                                      "read");
    leadseq_fail("%s", leadseq_error());
    cr_assert_null(strpbrk(leadseq_error(), "\x1b\x07\n"));
}

Test(error, what_is_wrong_is_said_however_long_the_name_is)
{
    char name[9001];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    leadseq_fail("%s: cannot be read: %s", name, "File name too long");
    leadseq_fail_in("begin é%s", name);
    cr_assert(leadseq_ends_with(leadseq_error(), "cannot be read: File name too long"));
    cr_assert_eq(strncmp(leadseq_error(), "begin éxxx", 10), 0);
    cr_assert(strstr(leadseq_error(), "x ... x") && strlen(leadseq_error()) < 2000);
}
