/* SPDX-License-Identifier: MIT
 *
 * Experiment files: what is refused, and which line the message names; then that flow and
 * block mappings, lists, included files and overrides reach the options, and which origin
 * is reported for each value. */
#include "experiment/experiment.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int parse(struct leadseq_experiment *e, const char *text)
{
    leadseq_error_clear();
    return leadseq_experiment_parse(e, "exp.yaml", text, strlen(text));
}

static const struct bad {
    const char *text, *place, *said;
} bad[] = {
    {"", "exp.yaml:1:1", "keys and values"},
    {"# only a comment\n", "exp.yaml:", "keys and values"},
    {"just words\n", "exp.yaml:1:1", "keys and values"},
    {"- 1\n- 2\n", "exp.yaml:1:1", "keys and values"},
    {"name: a\ntrain:\n  lrr: 1\n", "exp.yaml:3:3", "train.lr"},
    {"model: {type: convlstm, hiden: [3]}\n", "exp.yaml:1:25", "model.hidden"},
    {"seed: 1\ntrain: {batch: two}\n", "exp.yaml:2:9", "train.batch"},
    {"train:\n  epochs: -1\n", "exp.yaml:2:3", "train.epochs"},
    {"train: {lr: 0}\n", "exp.yaml:1:9", "train.lr"},
    {"model:\n  hidden: 10.5\n", "exp.yaml:2:3", "model.hidden"},
    {"model: {type: vgg}\n", "exp.yaml:1:9", "model.type"},
    {"data: {invert: [true]}\n", "exp.yaml:1:8", "data.invert"},
    {"data: {train: [1, [2]]}\n", "exp.yaml:1:19", "list"},
    {"data: {train: [1, 11]}\n", "exp.yaml:1:8", "data.train"},
    {"seed: 1\nname: x\nseed: 2\n", "exp.yaml:3:1", "seed"},
    {"train: {lr: 1e-3}\ntrain: {lr: 1e-4}\n", "exp.yaml:2:", "train"},
    {"train:\n", "exp.yaml:1:1", "nothing"},
    {"train: 5\n", "exp.yaml:1:1", "train"},
    {"seed: {a: 1}\n", "exp.yaml:1:8", "seed.a"},
    {"a: {b: {c: {d: {e: {f: {g: 1}}}}}}\n", "exp.yaml", "deep"},
    {"seed: [1, 2\n", "exp.yaml:", "not valid YAML"},
    {"train: {lr: 1e-3\n", "exp.yaml:", "not valid YAML"},
    {"name: \"open\n", "exp.yaml:", "not valid YAML"},
    {"name: a\n\tseed: 1\n", "exp.yaml:", "exp.yaml"},
    {"seed: &s 1\nname: *s\n", "exp.yaml:2:1", "alias"},
    {"? [a, b]\n: 1\n", "exp.yaml:1:", "expected a key"},
    {"seed: 1\n---\nseed: 2\n", "exp.yaml:", "second"},
    {"seed: \xff\xfe\n", "exp.yaml:1", "expected UTF-8, found the byte 0xff"},
    {"name: a\nseed: \x01\n", "exp.yaml:2", "control character 0x01"},
    {"%a \x99", "exp.yaml:1", "expected UTF-8"}, // hung in libfyaml
    {"%a b\n---\nseed: 1\n", "exp.yaml:1", "directive of YAML; take it out"},
    {"? a: \t|", "exp.yaml:1:3", "expected a key"}, // crashed in libfyaml
    {"? \xc3\xa9}'':\t- !!str ''  }", "exp.yaml:1:", "expected a key"},
};

Test(experiment_file, what_is_wrong_is_refused_with_its_place)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        struct leadseq_experiment e;
        cr_expect_eq(parse(&e, bad[i].text), -1, "case %zu is accepted:\n%s", i, bad[i].text);
        const char *message = leadseq_error();
        cr_expect_eq(strncmp(message, bad[i].place, strlen(bad[i].place)), 0,
                     "case %zu: expected the place %s in: %s", i, bad[i].place, message);
        cr_expect(strstr(message, bad[i].said), "case %zu: expected '%s' in: %s", i, bad[i].said,
                  message);
    }
}

/* What takes time that grows with its square is refused before. */
Test(experiment_file, long_lines_and_large_files_are_refused_at_once, .timeout = 30)
{
    enum { SIZE = 1 << 18 };
    static const char *const again[] = {"[", "{", "!<x", "&a ", "a: [", "? ", "- "};
    char *text = leadseq_calloc(SIZE + 1, 1);
    for (size_t i = 0; i < LEADSEQ_COUNT(again); i++) {
        struct leadseq_experiment e;
        size_t n = strlen(again[i]);
        for (size_t k = 0; k < SIZE; k++) text[k] = again[i][k % n];
        cr_assert_eq(parse(&e, text), -1);
        cr_assert(strstr(leadseq_error(), "exp.yaml:1: expected at most 4096 bytes on a line"),
                  "%s", leadseq_error());
        for (size_t k = 80; k < SIZE; k += 81) text[k] = '\n';
        cr_assert_eq(parse(&e, text), -1, "case %zu", i);
    }
    free(text);
}

Test(experiment_file, files_of_other_systems_read_the_same)
{
    static const char *const same[] = {
        "name: x\ndata:\n  train: [1, 2]\n",
        "name: x\r\ndata:\r\n  train: [1, 2]\r\n",
        "name: x\rdata:\r  train: [1, 2]\r",
        "\xef\xbb\xbfname: x\ndata:\n  train: [1, 2]",
        "%YAML 1.2\n---\nname:\tx\t# a comment\t\ndata: \n  train:   [1,\t2] \n",
    };
    char *first = NULL;
    for (size_t i = 0; i < LEADSEQ_COUNT(same); i++) {
        static struct leadseq_experiment e;
        char path[] = "/tmp/leadseq-yaml-XXXXXX";
        int fd = mkstemp(path);
        cr_assert(fd >= 0 && write(fd, same[i], strlen(same[i])) == (ssize_t)strlen(same[i]));
        close(fd);
        leadseq_experiment_default(&e);
        cr_assert_eq(leadseq_experiment_read(&e, path), 0, "case %zu: %s", i, leadseq_error());
        unlink(path);
        char *text = leadseq_experiment_text(&e);
        if (first) cr_assert_str_eq(text, first, "case %zu", i);
        if (!first)
            first = text;
        else
            free(text);
    }
    free(first);
}

Test(experiment_file, an_embedded_zero_byte_is_refused)
{
    static const char text[] = "name: a\0b\nseed: 3\n";
    struct leadseq_experiment e;
    cr_assert_eq(leadseq_experiment_parse(&e, "exp.yaml", text, sizeof text - 1), -1);
    cr_assert(strstr(leadseq_error(), "exp.yaml"), "%s", leadseq_error());
}

/* Any prefix of a good file is read or refused, and never crashes. */
Test(experiment_file, every_truncation_is_read_or_refused)
{
    static const char text[] = "name: x\nseed: 7\ndata: {train: [1, 2], invert: true}\nmodel:\n"
                               "  type: convlstm\n  hidden: [4, 8]\n  'head': \"mean\"\n";
    for (size_t n = 0; n < sizeof text; n++) {
        struct leadseq_experiment e;
        leadseq_error_clear();
        int status = leadseq_experiment_parse(&e, "exp.yaml", text, n);
        cr_expect_eq(status == 0, !*leadseq_error(), "%zu bytes: status %d, message '%s'", n,
                     status, leadseq_error());
    }
}

Test(experiment_file, flow_and_block_mappings_set_the_same)
{
    static const char flow[] = "{name: both, seed: 7, data: {train: [1, 2], valid: [3], leads: "
                               "[V1, I]}, model: {hidden: [4, 8], kernel: 5}, train: {lr: 1e-4}}";
    static const char block[] =
        "# the same\nname: both\nseed: 7\ndata:\n  train:\n    - 1\n    - 2\n"
        "  valid: [3]\n  leads:\n  - V1\n  - \"I\"\nmodel:\n  hidden: [4,\n"
        "    8]\n  kernel: 5\ntrain:\n  lr: 1e-4 # slower\n";
    struct leadseq_experiment a, b;
    memset(&a, 0xaa, sizeof a);
    memset(&b, 0x55, sizeof b);
    cr_assert_eq(parse(&a, flow), 0, "%s", leadseq_error());
    cr_assert_eq(parse(&b, block), 0, "%s", leadseq_error());
    cr_expect_eq(memcmp(&a, &b, sizeof a), 0);
    cr_expect_str_eq(a.name, "both");
    cr_expect_eq(a.seed, 7);
    cr_expect_eq(a.data.folds[LEADSEQ_TRAIN], 1 << 1 | 1 << 2);
    cr_expect_eq(a.data.n_leads, 2);
    cr_expect(leadseq_experiment_says(&a, "model.hidden", "[4, 8]"));
    cr_expect_eq(a.train.lr, 1e-4);
}

Test(experiment_file, what_is_not_said_has_its_default)
{
    struct leadseq_experiment standard, e;
    leadseq_experiment_default(&standard);
    cr_assert_eq(parse(&e, "train: {batch: 3}"), 0, "%s", leadseq_error());
    cr_expect_eq(e.train.batch, 3);
    cr_expect_eq(e.train.epochs, standard.train.epochs);
    cr_expect_eq(e.seed, standard.seed);
    cr_expect(leadseq_experiment_says(&e, "model.hidden", "[10]"));
}

Test(experiment_file, an_override_wins_and_a_wrong_one_is_refused)
{
    struct leadseq_experiment e;
    cr_assert_eq(parse(&e, "train: {lr: 1e-3}"), 0);
    cr_expect_eq(leadseq_experiment_override(&e, "train.lr=1e-5"), 0);
    cr_expect_eq(e.train.lr, 1e-5);
    cr_expect_eq(leadseq_experiment_override(&e, "model.hidden=[2, 3]"), 0);
    cr_expect(leadseq_experiment_says(&e, "model.hidden", "[2, 3]"));
    static const char *const wrong[] = {
        "", "=", "train.lr", "train.lr=", "=3", "train.lrr=1", "train.lr=fast", "train.epochs=0"};
    for (size_t i = 0; i < LEADSEQ_COUNT(wrong); i++) {
        leadseq_error_clear();
        cr_expect_eq(leadseq_experiment_override(&e, wrong[i]), -1, "'%s' is accepted", wrong[i]);
        cr_expect(strstr(leadseq_error(), wrong[i]), "'%s': %s", wrong[i], leadseq_error());
    }
    cr_expect_eq(e.train.lr, 1e-5);
}

Test(experiment_file, the_resolved_file_reads_back_the_same)
{
    struct leadseq_experiment e, again;
    cr_assert_eq(parse(&e, "model: {type: cnn}\ndata: {leads: [V6, II], select: balanced}\n"), 0,
                 "%s", leadseq_error());
    char *text = NULL, *text_again = NULL;
    size_t size, size_again;
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_experiment_write(&e, out), 0);
    fclose(out);
    cr_assert_eq(parse(&again, text), 0, "%s", leadseq_error());
    out = open_memstream(&text_again, &size_again);
    cr_assert_eq(leadseq_experiment_write(&again, out), 0);
    fclose(out);
    cr_expect_str_eq(text, text_again);
    free(text);
    free(text_again);
}

Test(experiment_file, a_missing_file_is_named)
{
    struct leadseq_experiment e;
    cr_expect_eq(leadseq_experiment_read(&e, "/nowhere/exp.yaml"), -1);
    cr_expect(strstr(leadseq_error(), "/nowhere/exp.yaml"));
}

/* --- Included files ------------------------------------------------------------------------- */

static const struct bad_include {
    const char *text, *place, *said;
} bad_includes[] = {
    {"include: nowhere.yaml\n", "top.yaml:1:10", "nowhere.yaml: cannot be read"},
    {"include: top.yaml\n", "top.yaml:1:10", "include itself"},
    {"include: ./top.yaml\n", "top.yaml:1:10", "include itself"},
    {"include: again.yaml\n", "top.yaml:1:10", "again.yaml:2:3: include"},
    {"include: [good.yaml, wrong.yaml]\n", "top.yaml:1:22", "wrong.yaml:2:3: train.lrr"},
    {"include: []\nseed: x\n", "top.yaml:2:1", "seed"},
    {"include: {a: 1}\n", "top.yaml:1:10", "a file's name"},
    {"include: [[good.yaml]]\n", "top.yaml:1:11", "a file's name"},
    {"include:\n", "top.yaml:1:1", "a file's name"},
    {"include: .\n", "top.yaml:1:10", "/.: expected a regular file"},
    {"seed: 1\ninclude: good.yaml\n", "top.yaml:2:1", "before all other keys"},
    {"include: good.yaml\ninclude: good.yaml\n", "top.yaml:2:1", "twice"},
    {"train: {include: good.yaml}\n", "top.yaml:1:9", "train.include"},
    {"include: many.yaml\n", "top.yaml:1:10", "at most 63 files"},
};

static void put_bases(void)
{
    make_folder();
    put("good.yaml", "seed: 7\ntrain: {batch: 3, lr: 1e-2}\n");
    put("wrong.yaml", "train:\n  lrr: 3\n");
    put("again.yaml", "include:\n- top.yaml\n");
    put("many.yaml", "include: [m, m, m, m]\n");
    put("m", "include: [n, n, n, n]\n");
    put("n", "include: [good.yaml, good.yaml, good.yaml, good.yaml]\n");
}

Test(experiment_file, an_include_that_cannot_be_is_refused_with_its_place, .init = put_bases,
     .fini = remove_folder)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(bad_includes); i++) {
        const struct bad_include *b = &bad_includes[i];
        struct leadseq_experiment e;
        const char *top = put("top.yaml", b->text);
        leadseq_error_clear();
        cr_expect_eq(leadseq_experiment_read(&e, top), -1, "case %zu is accepted", i);
        const char *place = leadseq_error() + strlen(folder) + 1; // "FOLDER/top.yaml:…"
        cr_expect(!strncmp(leadseq_error(), folder, strlen(folder)), "%s", leadseq_error());
        cr_expect(!strncmp(place, b->place, strlen(b->place)), "case %zu: expected %s in: %s", i,
                  b->place, place);
        cr_expect(strstr(place, b->said), "case %zu: expected %s in: %s", i, b->said, place);
    }
}

/* "  lr: 0.001    # top.yaml:3" has the remark after the value. */
static void expect_origin(const char *text, const char *value, const char *remark)
{
    const char *line = strstr(text, value);
    cr_assert(line, "no %s in:\n%s", value, text);
    const char *end = line + strcspn(line, "\n");
    size_t n = strlen(remark);
    cr_expect((size_t)(end - line) > n && !strncmp(end - n, remark, n), "%s: expected %s in: %.*s",
              value, remark, (int)(end - line), line);
}

Test(experiment_file, what_comes_later_wins_and_says_where_it_is_from, .init = put_bases,
     .fini = remove_folder)
{
    struct leadseq_experiment e;
    struct leadseq_origins origins;
    cr_assert_eq(mkdir(in_folder("sub"), 0700), 0);
    put("sub/base.yaml", "# its neighbour is found from here\ninclude: ../good.yaml\nname: base\n"
                         "train: {lr: 1e-3, epochs: 4}\nmodel: {hidden: [3]}\n");
    const char *top = put("top.yaml", "include: sub/base.yaml\nmodel: {type: cnn}\n"
                                      "train: {epochs: 5}\n");
    cr_assert_eq(leadseq_origins_init(&origins), 0);
    cr_assert_eq(leadseq_experiment_read_from(&e, &origins, top), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_experiment_override_from(&e, &origins, "train.warmup=2"), 0);
    cr_assert_eq(leadseq_experiment_override_from(&e, &origins, "data.train=[1, 2]"), 0);
    cr_expect_eq(e.seed, 7);
    cr_expect_eq(e.train.batch, 3);
    cr_expect_eq(e.train.lr, 1e-3);
    cr_expect_eq(e.train.epochs, 5);
    cr_expect(leadseq_experiment_says(&e, "model.hidden", "[3]"),
              "a type set later leaves what was given");
    cr_expect(leadseq_experiment_says(&e, "model.head", "mean"), "and the rest follows it");
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_origins_print(&origins, &e, out), 0);
    fclose(out);
    expect_origin(text, "seed: 7", "sub/../good.yaml:1");
    expect_origin(text, "lr: 0.001", "sub/base.yaml:4");
    expect_origin(text, "epochs: 5", "top.yaml:3");
    expect_origin(text, "hidden: [3]", "sub/base.yaml:5");
    expect_origin(text, "head: mean", "default of model.type: cnn");
    expect_origin(text, "kernel: 3", "default");
    expect_origin(text, "warmup: 2", "command line");
    expect_origin(text, "train: [1, 2]", "command line");
    expect_origin(text, "# ", "top.yaml");
    expect_origin(text, "#   ", "top.yaml:1");
    expect_origin(text, "#     ", "sub/base.yaml:2");
    struct leadseq_experiment again;
    cr_assert_eq(parse(&again, text), 0, "what is printed is read again: %s", leadseq_error());
    memcpy(again.given, e.given, sizeof e.given);
    cr_expect_eq(memcmp(&e, &again, sizeof e), 0);
    leadseq_origins_clear(&origins);
    free(text);
}
