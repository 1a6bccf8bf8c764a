/* SPDX-License-Identifier: MIT
 *
 * The machine and the program a run was made with, as far as Linux reports them. What is unknown
 * stays empty. */
#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The first line of a small file, without its end; false where it cannot be read. */
static bool first_line(const char *path, char *line, size_t size)
{
    FILE *f = fopen(path, "r");
    if (!f) return false;
    bool found = fgets(line, (int)size, f) != NULL;
    fclose(f);
    if (found) line[strcspn(line, "\n")] = '\0';
    return found;
}

/* Quoted as a shell needs it, cut at `size`. Arguments are separated by zero bytes in that file. */
static void find_command(char *command, size_t size)
{
    FILE *f = fopen("/proc/self/cmdline", "r"), *out = fmemopen(command, size, "w");
    char *word = NULL;
    size_t room = 0;
    for (bool first = true; f && out && getdelim(&word, &room, '\0', f) > 0; first = false) {
        if (!first) fputc(' ', out);
        leadseq_print_word(out, word);
    }
    free(word);
    if (out) fclose(out);
    if (f) fclose(f);
    command[size - 1] = '\0';
}

/* The commit of a packed reference: "HASH refs/heads/main". */
static bool find_packed(const char *git, const char *ref, char *commit, size_t size)
{
    char path[4096], line[512];
    snprintf(path, sizeof path, "%s/packed-refs", git);
    FILE *f = fopen(path, "r");
    if (!f) return false;
    bool found = false;
    while (!found && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *space = strchr(line, ' ');
        if (!space || strcmp(space + 1, ref)) continue;
        *space = '\0';
        snprintf(commit, size, "%.63s", line);
        found = true;
    }
    fclose(f);
    return found;
}

static void read_head(const char *git, char *commit, size_t size)
{
    char path[4096], head[512];
    snprintf(path, sizeof path, "%s/HEAD", git);
    if (!first_line(path, head, sizeof head)) return;
    if (strncmp(head, "ref: ", 5)) {
        snprintf(commit, size, "%.63s", head); // a detached head is the commit itself
        return;
    }
    snprintf(path, sizeof path, "%.3000s/%s", git, head + 5);
    if (!first_line(path, commit, size) && !find_packed(git, head + 5, commit, size))
        commit[0] = '\0';
}

/* The commit checked out around the working folder, read without running git. */
static void find_git_commit(char *commit, size_t size)
{
    char folder[3072], git[3200];
    if (!getcwd(folder, sizeof folder)) return;
    for (;;) {
        snprintf(git, sizeof git, "%s/.git", folder);
        if (leadseq_path_is_folder(git)) {
            read_head(git, commit, size);
            return;
        }
        char *slash = strrchr(folder, '/');
        if (!slash || slash == folder) return;
        *slash = '\0';
    }
}

void train_environment_fill(struct train_environment *env, const struct leadseq_engine *engine,
                            const struct leadseq_stack *stack)
{
    struct utsname os;
    *env = (struct train_environment){0};
    leadseq_timestamp(env->started);
    if (gethostname(env->host, sizeof env->host - 1)) env->host[0] = '\0';
    if (!uname(&os))
        snprintf(env->system, sizeof env->system, "%s %s %s", os.sysname, os.release, os.machine);
    leadseq_cpu_name(env->cpu, sizeof env->cpu);
    find_command(env->command, sizeof env->command);
    find_git_commit(env->git_commit, sizeof env->git_commit);
    snprintf(env->engine, sizeof env->engine, "%s", leadseq_engine_describe(engine));
    env->threads = leadseq_engine_threads(engine);
    env->processors = leadseq_processors();
    env->stack_path = leadseq_stack_path(stack);
}
