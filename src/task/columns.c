/* SPDX-License-Identifier: MIT
 *
 * Any labels of a stack: one name, or several in brackets. */
#include "types.h"

#include <stdlib.h>
#include <string.h>

static int fail_name(const char *name, const char *why)
{
    return leadseq_fail("expected mi, superclass, superclass-single, a label of the stack, or "
                        "several as [A, B], found \"%.100s\"%s",
                        name, why);
}

static int add_output(struct leadseq_task *task, const char *name)
{
    static const char *const reserved[] = {"mi_site", "mi_likelihood", "superclass",
                                           "superclass-single"};
    size_t n = strlen(name);
    if (n == 0) return fail_name(name, ": a name is missing");
    if (n >= LEADSEQ_LABEL_NAME || strpbrk(name, " \t[]{}:#/,")) return fail_name(name, "");
    for (size_t i = 0; i < LEADSEQ_COUNT(reserved); i++)
        if (!strcmp(name, reserved[i]))
            return fail_name(name, i < 2 ? ", which is no label" : ", which is a task by itself");
    for (int k = 0; k < task->outputs; k++)
        if (!strcmp(task->name[k], name)) return fail_name(name, " twice");
    if (task->outputs == LEADSEQ_OUTPUTS_MOST)
        return leadseq_fail("expected at most %d labels", LEADSEQ_OUTPUTS_MOST);
    strcpy(task->name[task->outputs++], name);
    return 0;
}

/* The names between the brackets, with commas and blanks between them. */
static int parse_list(struct leadseq_task *task, const char *text, size_t n)
{
    char *copy = leadseq_format("%.*s", (int)n, text), *rest = copy;
    int status = copy ? 0 : -1;
    for (char *name; !status && (name = strsep(&rest, ","));) {
        name += strspn(name, " ");
        size_t length = strlen(name);
        while (length && name[length - 1] == ' ') name[--length] = '\0';
        status = add_output(task, name);
    }
    free(copy);
    return status;
}

static int parse(struct leadseq_task *task, const char *text)
{
    size_t n = strlen(text);
    bool list = n >= 2 && text[0] == '[' && text[n - 1] == ']';
    if (list ? parse_list(task, text + 1, n - 2) : add_output(task, text)) return -1;
    task->kind = task->outputs > 1 ? LEADSEQ_TASK_MULTI_LABEL : LEADSEQ_TASK_BINARY;
    return 0;
}

static void print(const struct leadseq_task *task, FILE *out)
{
    for (int k = 0; k < task->outputs; k++)
        fprintf(out, "%s%s", k ? ", " : task->outputs > 1 ? "[" : "", task->name[k]);
    if (task->outputs > 1) fputc(']', out);
}

extern const struct leadseq_task_type task_columns;
const struct leadseq_task_type task_columns = {
    .name = "NAME or [A, B, C]",
    .help = "labels of the stack, which `leadseq info` lists: one, or several outputs",
    .loss = "bce-logits",
    .parse = parse,
    .print = print,
};
