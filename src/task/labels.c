/* SPDX-License-Identifier: MIT
 *
 * A task's labels from the columns of a stack, and what is asked about a task: its losses, its
 * words. */
#include "task/task.h"

#include <stdlib.h>
#include <string.h>

void leadseq_task_print(const struct leadseq_task *task, FILE *out)
{
    if (task->type->print)
        task->type->print(task, out);
    else
        fputs(task->type->name, out);
}

/* The text of data.task in fresh memory. */
static char *task_text(const struct leadseq_task *task)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out) {
        leadseq_task_print(task, out);
        if (!fclose(out)) return text;
    }
    (void)leadseq_fail_memory(0);
    free(text);
    return NULL;
}

const char *leadseq_task_default_loss(const struct leadseq_task *task)
{
    return task->type->loss;
}

const char *leadseq_task_positive(const struct leadseq_task *task, int output)
{
    return task->type->positive ? task->type->positive : task->name[output];
}

int leadseq_task_check_loss(const struct leadseq_task *task, const struct leadseq_loss_type *loss)
{
    const bool exclusive = task->kind == LEADSEQ_TASK_MULTI_CLASS;
    char names[128] = "";
    if (loss->exclusive == exclusive || task->kind == LEADSEQ_TASK_BINARY) return 0;
    for (size_t i = 0; leadseq_loss_at(i); i++) {
        if (leadseq_loss_at(i)->exclusive != exclusive) continue;
        size_t n = strlen(names);
        snprintf(names + n, sizeof names - n, "%s%s", n ? " or " : "", leadseq_loss_name(i));
    }
    char *text = task_text(task);
    if (!text) return -1;
    leadseq_fail("train.loss: expected %s for data.task: %s, found %s", names, text, loss->name);
    free(text);
    return -1;
}

/* --- Labels -------------------------------------------------------------------------------- */

static int fail_column(const struct leadseq_task *task, const struct leadseq_stack *stack,
                       const char *name)
{
    char *names = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&names, &size);
    if (!out) return leadseq_fail_memory(0);
    for (size_t i = 0; i < leadseq_stack_labels(stack); i++)
        fprintf(out, "%s%s", i ? ", " : "", leadseq_stack_label_name(stack, i));
    if (fclose(out)) return leadseq_fail_memory(0);
    char *text = task_text(task);
    if (text && *names)
        leadseq_fail("data.task: %s: expected label %s in %s, found %s; set data.task to one of "
                     "these, or to several as [A, B]",
                     text, name, leadseq_stack_path(stack), names);
    else if (text)
        leadseq_fail("data.task: %s: expected label %s in %s, found no labels; render the records "
                     "with a table of labels",
                     text, name, leadseq_stack_path(stack));
    free(text);
    free(names);
    return -1;
}

/* The columns of a task in the stack; returns how many, -1 on failure. */
static int find_columns(const struct leadseq_task *task, const struct leadseq_stack *stack,
                        const uint8_t *column[LEADSEQ_OUTPUTS_MOST])
{
    const char *const *named = task->type->columns;
    int n = 0;
    for (; n < LEADSEQ_OUTPUTS_MOST && (named ? named[n] != NULL : n < task->outputs); n++) {
        const char *name = named ? named[n] : task->name[n];
        column[n] = leadseq_stack_label(stack, name);
        if (!column[n]) return fail_column(task, stack, name);
    }
    return n;
}

int leadseq_task_labels(const struct leadseq_task *task, const struct leadseq_stack *stack,
                        struct leadseq_labels *labels)
{
    const uint8_t *column[LEADSEQ_OUTPUTS_MOST];
    size_t count = leadseq_stack_count(stack), outputs = (size_t)task->outputs;
    *labels = (struct leadseq_labels){.outputs = task->outputs,
                                      .exclusive = task->kind == LEADSEQ_TASK_MULTI_CLASS};
    int n = find_columns(task, stack, column);
    if (n < 0) return -1;
    labels->name = leadseq_calloc(outputs, sizeof *labels->name);
    labels->value = leadseq_calloc(count * outputs, 1);
    if (!labels->name || !labels->value) {
        leadseq_task_labels_clear(labels);
        return -1;
    }
    memcpy(labels->name, task->name, outputs * sizeof *labels->name);
    for (size_t i = 0; i < count; i++) {
        uint8_t read[LEADSEQ_OUTPUTS_MOST], *label = labels->value + i * outputs;
        for (int k = 0; k < n; k++) read[k] = column[k][i];
        if (task->type->combine)
            task->type->combine(task, read, label);
        else
            memcpy(label, read, outputs);
    }
    return 0;
}

void leadseq_task_labels_clear(struct leadseq_labels *labels)
{
    if (!labels) return;
    free(labels->name);
    free(labels->value);
    *labels = (struct leadseq_labels){0};
}
