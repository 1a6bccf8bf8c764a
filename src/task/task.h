/* SPDX-License-Identifier: MIT
 *
 * Tasks: what a network is to say about a record, and which labels of a stack that is learned from.
 * Each kind of task is a type in its own file and a row of table.c; `data.task` of an experiment
 * names one:
 *
 *   mi                  one output, infarction
 *   superclass          five outputs, each yes or no
 *   superclass-single   one of five classes, of records that have exactly one
 *   AF                  one output from the label of that name
 *   [AF, CD]            several outputs from labels of these names, each yes or no
 *
 * A task is a plain value: it may be copied, and read by any number of threads. */
#ifndef LEADSEQ_TASK_H
#define LEADSEQ_TASK_H

#include "dataset/dataset.h"
#include "nn/nn.h"

enum leadseq_task_kind {
    LEADSEQ_TASK_BINARY,      /* one output, yes or no */
    LEADSEQ_TASK_MULTI_LABEL, /* several outputs, each yes or no */
    LEADSEQ_TASK_MULTI_CLASS, /* several outputs, exactly one of them yes */
};

struct leadseq_task_type;
struct leadseq_task {
    const struct leadseq_task_type *type;
    enum leadseq_task_kind kind;
    int outputs;
    char name[LEADSEQ_OUTPUTS_MOST][LEADSEQ_LABEL_NAME]; /* (outputs) */
};

struct leadseq_task_type {
    const char *name; /* as in data.task, or what stands for it in help: "NAME" */
    const char *help;
    const char *positive; /* of a task with one output, in texts: "infarction"; NULL: its name */
    /* The default loss. Any other that serves tasks of its kind (leadseq_loss_type.exclusive) may
     * be chosen. */
    const char *loss;
    /* Fills kind and outputs where `text` is this type's: 0; 1 where it is another's; -1 and a
     * message where it is this type's and wrong. */
    int (*parse)(struct leadseq_task *task, const char *text);
    /* Writes what parse() reads; NULL: the type's name. */
    void (*print)(const struct leadseq_task *task, FILE *out);
    /* Why combine() leaves records without labels, after "left out: "; NULL: labels are unknown. */
    const char *left_out;
    /* The label columns it reads, ended by NULL; NULL: those named as its outputs. */
    const char *const *columns;
    /* label (outputs) of a record from the values of its columns, each 0, 1 or LEADSEQ_UNKNOWN;
     * NULL: the same values. */
    void (*combine)(const struct leadseq_task *task, const uint8_t *column, uint8_t *label);
};
/* 0 … n-1 in the order of the documentation; NULL from n. */
const struct leadseq_task_type *leadseq_task_at(size_t i);
const char *leadseq_task_name(size_t i); /* or NULL */
const char *leadseq_task_help(size_t i);

/* Parses the text of data.task. Outputs are in the order of the text. */
int leadseq_task_parse(struct leadseq_task *task, const char *text) LEADSEQ_CHECKED;
/* Writes it back. */
void leadseq_task_print(const struct leadseq_task *task, FILE *out);
/* Whether the task can be trained with the loss; the message names those that it can. */
int leadseq_task_check_loss(const struct leadseq_task *task,
                            const struct leadseq_loss_type *loss) LEADSEQ_CHECKED;
const char *leadseq_task_default_loss(const struct leadseq_task *task);
/* What a yes of an output means, in texts: "infarction", "AF". */
const char *leadseq_task_positive(const struct leadseq_task *task, int output);

/* The labels of every record of a stack, to be cleared. A stack without one of the columns is
 * refused with the names of those it has. */
int leadseq_task_labels(const struct leadseq_task *task, const struct leadseq_stack *stack,
                        struct leadseq_labels *labels) LEADSEQ_CHECKED;
void leadseq_task_labels_clear(struct leadseq_labels *labels);

#endif
