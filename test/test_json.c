/* SPDX-License-Identifier: MIT */
#include "page/page.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static char path[64];

static void make_path(void)
{
    strcpy(path, "/tmp/leadseq-json-XXXXXX");
    close(mkstemp(path));
}

static void remove_path(void)
{
    unlink(path);
}

TestSuite(json, .init = make_path, .fini = remove_path);

static void write_text(const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

Test(json, damage_is_refused_with_its_place)
{
    write_text("{\"a\": 1,\n \"b\": }");
    cr_assert_null(leadseq_json_read(path));
    cr_assert(strstr(leadseq_error(), path));
    cr_assert(strstr(leadseq_error(), "line 2"));
}

Test(json, what_is_not_there_is_not_a_number_and_no_text)
{
    write_text("{\"a\": {\"b\": 2.5, \"c\": \"x\"}}");
    struct leadseq_json *json = leadseq_json_read(path);
    cr_assert(json);
    cr_assert_eq(leadseq_json_number(json, "a.b"), 2.5);
    cr_assert_str_eq(leadseq_json_text(json, "a.c"), "x");
    cr_assert(isnan(leadseq_json_number(json, "a.c")));
    cr_assert(isnan(leadseq_json_number(json, "a.b.c")));
    cr_assert_null(leadseq_json_text(json, "q"));
    leadseq_json_free(json);
}

Test(json, keys_with_points_are_found)
{
    write_text(
        "{\"outputs\": {\"ST\": {\"auc\": 1}, \"ST.T\": {\"auc\": 2}, \"ST.auc\": {\"auc\": 3}}}");
    struct leadseq_json *json = leadseq_json_read(path);
    cr_assert_eq(leadseq_json_number(json, "outputs.ST.auc"), 1);
    cr_assert_eq(leadseq_json_number(json, "outputs.ST.T.auc"), 2);
    cr_assert_eq(leadseq_json_number(json, "outputs.ST.auc.auc"), 3);
    cr_assert(isnan(leadseq_json_number(json, "outputs.ST.T")));
    leadseq_json_free(json);
}

Test(json, a_list_is_no_file_of_ours)
{
    write_text("[1, 2]");
    cr_assert_null(leadseq_json_read(path));
    cr_assert(strstr(leadseq_error(), path) && strstr(leadseq_error(), "expected a JSON object"));
}

Test(json, numbers_are_as_short_as_they_can_be)
{
    static const struct {
        double value;
        const char *text;
    } all[] = {
        {0.296, "0.296"},
        {100000, "100000.0"},
        {1e-5, "1e-5"},
        {1e22, "1e22"},
        {0.1 + 0.2, "0.30000000000000004"},
        {-0., "-0.0"},
        {.1f, "0.10000000149011612"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct leadseq_json *json = leadseq_json_object();
        leadseq_json_set_number(json, "x", all[i].value);
        cr_assert_eq(leadseq_json_save(json, path), 0);
        char *text = leadseq_file_read(path, 10000, NULL), expected[64];
        snprintf(expected, sizeof expected, "{\n  \"x\": %s\n}\n", all[i].text);
        cr_assert_str_eq(text, expected);
        free(text);
        leadseq_json_free(json);
        json = leadseq_json_read(path);
        cr_assert_eq(leadseq_json_number(json, "x"), all[i].value);
        leadseq_json_free(json);
    }
}

Test(json, values_within_values_are_indented)
{
    struct leadseq_json *json = leadseq_json_object(), *list = leadseq_json_array();
    leadseq_json_append_count(list, 1);
    leadseq_json_append(list, leadseq_json_object());
    leadseq_json_append(list, leadseq_json_array());
    leadseq_json_append_bool(list, true);
    leadseq_json_set(json, "a \"b\"", list);
    leadseq_json_set_number(json, "c", 1. / 3);
    cr_assert_eq(leadseq_json_save(json, path), 0);
    char *text = leadseq_file_read(path, 10000, NULL);
    cr_assert_str_eq(text, "{\n  \"a \\\"b\\\"\": [\n    1,\n    {},\n    [],\n    true\n  ],\n"
                           "  \"c\": 0.3333333333333333\n}\n");
    free(text);
    cr_assert_eq(leadseq_json_save_small(json, path, 3), 0);
    text = leadseq_file_read(path, 10000, NULL);
    cr_assert_str_eq(text, "{\"a \\\"b\\\"\":[1,{},[],true],\"c\":0.333}\n");
    free(text);
    leadseq_json_free(json);
}

Test(json, a_figure_without_value_is_null_and_digits_are_kept)
{
    struct leadseq_json *json = leadseq_json_object(), *list = leadseq_json_array();
    leadseq_json_set_number(json, "nan", NAN);
    leadseq_json_set_number(json, "third", 1. / 3);
    leadseq_json_set_text(json, "none", NULL);
    leadseq_json_append(list, leadseq_json_string("é \xff <&>\""));
    leadseq_json_set(json, "list", list);
    cr_assert_eq(leadseq_json_save(json, path), 0);
    leadseq_json_free(json);

    char *text = leadseq_file_read(path, 10000, NULL);
    cr_assert(strstr(text, "\"nan\": null") && strstr(text, "\"none\": null"));
    free(text);
    json = leadseq_json_read(path);
    cr_assert(json);
    cr_assert_eq(leadseq_json_number(json, "third"), 1. / 3);
    leadseq_json_free(json);
}

static void count_leaf(const char *at, const char *value, void *state)
{
    char *list = state;
    sprintf(list + strlen(list), "%s=%s;", at, value);
}

Test(json, leaves_come_with_their_paths_in_order)
{
    char list[256] = "";
    write_text("{\"z\": {\"b\": 2, \"c\": \"x\"}, \"a\": [true, null]}");
    struct leadseq_json *json = leadseq_json_read(path);
    leadseq_json_leaves(json, count_leaf, list);
    cr_assert_str_eq(list, "z.b=2;z.c=x;a[0]=true;a[1]=null;");
    leadseq_json_free(json);
}
