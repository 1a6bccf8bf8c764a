/* SPDX-License-Identifier: MIT
 *
 * Any labels of a stack: one name, or several in brackets. */
#include "types.h"

#include <stdlib.h>
#include <string.h>

/* Names that mean something else in a stack or as a task. */
static const struct {
    const char *name, *meaning;
} reserved[] = {
    {"mi_site", "has the sites of infarctions and is no label; the label is mi"},
    {"mi_likelihood", "has the likelihood of infarctions and is no label; the label is mi"},
    {"superclass", "is a task by itself; its labels are NORM, MI, STTC, CD and HYP"},
    {"superclass-single", "is a task by itself; its labels are NORM, MI, STTC, CD and HYP"},
};

static int check_name(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n >= LEADSEQ_LABEL_NAME || strpbrk(name, " \t[]{}:#/,"))
        return leadseq_fail("expected mi, superclass, superclass-single, a label of the stack, or "
                            "several as [A, B], found \"%.100s\"%s",
                            name, n ? "" : ": a name is missing");
    for (size_t i = 0; i < LEADSEQ_COUNT(reserved); i++)
        if (!strcmp(name, reserved[i].name))
            return leadseq_fail("expected labels of the stack, found %s, which %s", name,
                                reserved[i].meaning);
    return 0;
}

static int add_output(struct leadseq_task *task, const char *name)
{
    if (check_name(name)) return -1;
    for (int k = 0; k < task->outputs; k++)
        if (!strcmp(task->name[k], name))
            return leadseq_fail("expected different labels, found %s twice; remove one", name);
    if (task->outputs == LEADSEQ_OUTPUTS_MOST)
        return leadseq_fail("expected at most %d labels, found more, the next is %s",
                            LEADSEQ_OUTPUTS_MOST, name);
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
    .name = "the name of a label, or several as [A, B]",
    .help = "labels of the stack, which `leadseq info` lists: one, or several outputs",
    .loss = "bce-logits",
    .parse = parse,
    .print = print,
};
