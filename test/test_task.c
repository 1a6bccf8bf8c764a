/* SPDX-License-Identifier: MIT */
#include "task/task.h"

#include "small_stack.h"

TestSuite(task, .init = small_begin, .fini = small_end);

static const char *printed(const struct leadseq_task *task)
{
    static char text[1024];
    FILE *out = fmemopen(text, sizeof text, "w");
    cr_assert(out);
    leadseq_task_print(task, out);
    fclose(out);
    return text;
}

Test(task, texts_become_tasks_and_texts_again)
{
    static const struct {
        const char *text, *again;
        enum leadseq_task_kind kind;
        int outputs;
        const char *last, *loss;
    } cases[] = {
        {"mi", "mi", LEADSEQ_TASK_BINARY, 1, "mi", "bce"},
        {"superclass", "superclass", LEADSEQ_TASK_MULTI_LABEL, 5, "HYP", "bce-logits"},
        {"superclass-single", "superclass-single", LEADSEQ_TASK_MULTI_CLASS, 5, "HYP", "softmax"},
        {"AF", "AF", LEADSEQ_TASK_BINARY, 1, "AF", "bce-logits"},
        {"[AF]", "AF", LEADSEQ_TASK_BINARY, 1, "AF", "bce-logits"},
        {"[ MI,CD ]", "[MI, CD]", LEADSEQ_TASK_MULTI_LABEL, 2, "CD", "bce-logits"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_task task, again;
        cr_assert_eq(leadseq_task_parse(&task, cases[i].text), 0, "%s", leadseq_error());
        cr_assert_eq(task.kind, cases[i].kind);
        cr_assert_eq(task.outputs, cases[i].outputs);
        cr_assert_str_eq(task.name[task.outputs - 1], cases[i].last);
        cr_assert_str_eq(leadseq_task_default_loss(&task), cases[i].loss);
        cr_assert_str_eq(printed(&task), cases[i].again);
        cr_assert_eq(leadseq_task_parse(&again, printed(&task)), 0);
        cr_assert_eq(again.outputs, task.outputs);
    }
}

Test(task, texts_that_are_none_are_refused)
{
    static const struct {
        const char *text, *words;
    } bad[] = {{"", "a name is missing"},
               {"[]", "a name is missing"},
               {"[A,]", "a name is missing"},
               {"two words", "found \"two words\""},
               {"[A, A]", "expected different labels, found A twice"},
               {"mi_site", "found mi_site, which has the sites of infarctions and is no label"},
               {"[A, mi_likelihood]", "found mi_likelihood, which has the likelihood"},
               {"[superclass, A]", "found superclass, which is a task by itself"},
               {"a_name_of_more_than_thirty_one_letters", "expected mi"}};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        struct leadseq_task task;
        leadseq_error_clear();
        cr_assert_eq(leadseq_task_parse(&task, bad[i].text), -1, "%s", bad[i].text);
        cr_assert(strstr(leadseq_error(), bad[i].words), "%s: %s", bad[i].text, leadseq_error());
    }
}

Test(task, more_labels_than_a_task_can_have_are_refused_with_the_limit)
{
    char text[1024] = "[A0", words[64];
    size_t n = strlen(text);
    for (int k = 1; k <= LEADSEQ_OUTPUTS_MOST; k++)
        n += (size_t)snprintf(text + n, sizeof text - n, ",A%d", k);
    snprintf(text + n, sizeof text - n, "]");
    snprintf(words, sizeof words, "expected at most %d labels, found more", LEADSEQ_OUTPUTS_MOST);
    struct leadseq_task task;
    cr_assert_eq(leadseq_task_parse(&task, text), -1);
    cr_assert(strstr(leadseq_error(), words), "%s", leadseq_error());
}

Test(task, losses_that_do_not_fit_are_refused_with_those_that_do)
{
    static const struct {
        const char *task, *loss, *words;
    } cases[] = {
        {"mi", "bce", NULL},
        {"superclass", "bce", NULL},
        {"mi", "softmax", NULL},
        {"[A, B]", "softmax", "expected bce or bce-logits for data.task: [A, B], found softmax"},
        {"superclass-single", "bce", "expected softmax for data.task: superclass-single"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_task task;
        cr_assert_eq(leadseq_task_parse(&task, cases[i].task), 0);
        leadseq_error_clear();
        int status = leadseq_task_check_loss(&task, leadseq_loss_find(cases[i].loss));
        cr_assert_eq(status, cases[i].words ? -1 : 0);
        if (cases[i].words)
            cr_assert(strstr(leadseq_error(), cases[i].words), "%s", leadseq_error());
    }
}

Test(task, every_loss_of_the_table_serves_some_tasks_and_every_task_its_default)
{
    for (size_t i = 0; leadseq_task_at(i); i++)
        cr_assert(leadseq_loss_find(leadseq_task_at(i)->loss), "%s", leadseq_task_at(i)->name);
    static const char *const tasks[] = {"mi", "superclass", "superclass-single", "AF", "[A, B]"};
    for (size_t k = 0; leadseq_loss_at(k); k++) {
        int served = 0;
        for (size_t i = 0; i < LEADSEQ_COUNT(tasks); i++) {
            struct leadseq_task task;
            cr_assert_eq(leadseq_task_parse(&task, tasks[i]), 0);
            const struct leadseq_loss_type *own =
                leadseq_loss_find(leadseq_task_default_loss(&task));
            cr_assert_eq(leadseq_task_check_loss(&task, own), 0, "%s", leadseq_error());
            const bool classes = task.kind == LEADSEQ_TASK_MULTI_CLASS;
            const int status = leadseq_task_check_loss(&task, leadseq_loss_at(k));
            const bool one = task.kind == LEADSEQ_TASK_BINARY;
            cr_assert_eq(status == 0, one || leadseq_loss_at(k)->exclusive == classes, "%s, %s",
                         tasks[i], leadseq_loss_name(k));
            served += !status;
        }
        cr_assert(served, "%s", leadseq_loss_name(k));
    }
}

/* Four records: no class, one class, two classes, nothing known. */
static void write_classes(void)
{
    struct leadseq_drawing drawing = small_drawing(LEADSEQ_PAPER_TEXT);
    uint8_t *images = calloc(1, leadseq_drawing_bytes(&drawing));
    struct leadseq_stack_writer *w = leadseq_stack_create(small_path, &drawing, "", "");
    cr_assert(w, "%s", leadseq_error());
    for (size_t i = 0; i < 4; i++) {
        struct leadseq_stack_row row = small_row(i);
        memset(row.superclass, i == 3 ? LEADSEQ_UNKNOWN : 0, sizeof row.superclass);
        row.mi = i == 3 ? LEADSEQ_UNKNOWN : i > 0;
        if (i == 1 || i == 2) row.superclass[LEADSEQ_MI] = 1;
        if (i == 2) row.superclass[LEADSEQ_HYP] = 1;
        cr_assert_eq(leadseq_stack_append_images(w, &row, images), 0);
    }
    cr_assert_eq(leadseq_stack_commit(w), 0, "%s", leadseq_error());
    free(images);
}

static void check_labels(const struct leadseq_stack *stack, const char *text,
                         const uint8_t *expected, const bool known[4])
{
    struct leadseq_task task;
    struct leadseq_labels labels;
    cr_assert_eq(leadseq_task_parse(&task, text), 0);
    cr_assert_eq(leadseq_task_labels(&task, stack, &labels), 0, "%s", leadseq_error());
    cr_assert_eq(labels.outputs, task.outputs);
    cr_assert_arr_eq(labels.value, expected, 4 * (size_t)task.outputs, "%s", text);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(leadseq_labels_known(&labels, i), known[i], "%s %zu", text, i);
    leadseq_task_labels_clear(&labels);
}

Test(task, labels_come_from_the_columns_of_the_stack)
{
    enum { U = LEADSEQ_UNKNOWN };
    static const uint8_t all[] = {0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, U, U, U, U, U};
    static const uint8_t single[] = {U, U, U, U, U, 0, 1, 0, 0, 0, U, U, U, U, U, U, U, U, U, U};
    static const bool three[4] = {true, true, true, false}, one[4] = {false, true, false, false};
    write_classes();
    struct leadseq_stack *stack = small_open();
    check_labels(stack, "mi", (uint8_t[]){0, 1, 1, U}, three);
    check_labels(stack, "superclass", all, three);
    check_labels(stack, "superclass-single", single, one);
    check_labels(stack, "MI", (uint8_t[]){0, 1, 1, U}, three);
    check_labels(stack, "[HYP, mi]", (uint8_t[]){0, 0, 0, 1, 1, 1, U, U}, three);
    leadseq_stack_close(stack);
}

Test(task, a_label_the_stack_lacks_is_refused_with_those_it_has)
{
    struct leadseq_task task;
    struct leadseq_labels labels;
    small_write(LEADSEQ_PAPER_TEXT, 3);
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_task_parse(&task, "[MI, AF]"), 0);
    cr_assert_eq(leadseq_task_labels(&task, stack, &labels), -1);
    cr_assert(strstr(leadseq_error(), "found mi, NORM, MI, STTC, CD, HYP; set data.task"), "%s",
              leadseq_error());
    cr_assert(strstr(leadseq_error(), "data.task: [MI, AF]: expected label AF"));
    leadseq_stack_close(stack);
}
