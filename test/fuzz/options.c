/* SPDX-License-Identifier: MIT
 *
 * Values of a command's options, one kind after the other: what is accepted lies in the option's
 * range; what is refused is refused with a message. (Names and order of options are argp's.) */
#include "fuzz.h"

#include "cli/options.h"

static const char *const words[] = {"first", "second", "third", NULL};

#define OPTION(...)                                                                                \
    &(const struct cli_option)                                                                     \
    {                                                                                              \
        .name = "o", .argument = "X", __VA_ARGS__                                                  \
    }

static bool reads(const struct cli_option *o, const char *text, void *field)
{
    char *copy = leadseq_format("%s", text);
    leadseq_error_clear();
    bool accepted = !o->kind->read(o, copy, field);
    if (!accepted) fuzz_refused();
    free(copy);
    return accepted;
}

static void check_numbers(const char *text)
{
    int whole = -5;
    size_t count = 0;
    double real = 0;
    uint64_t seed;
    if (reads(OPTION(.kind = &cli_integer, .least = -3, .most = 4096), text, &whole))
        fuzz_require(whole >= -3 && whole <= 4096, "%d", whole);
    if (reads(OPTION(.kind = &cli_count, .least = 1, .most = 1e12), text, &count))
        fuzz_require(count >= 1 && count <= 1000000000000, "%zu", count);
    if (reads(OPTION(.kind = &cli_number, .least = .05, .most = 150), text, &real))
        fuzz_require(real >= .05 && real <= 150, "%g", real);
    if (reads(OPTION(.kind = &cli_seed), text, &seed))
        fuzz_require(*text && text[strspn(text, "0123456789")] == '\0', "%s", text);
}

static void check_words(const char *text)
{
    int place = -1;
    const char *word = NULL;
    bool chosen = reads(OPTION(.kind = &cli_choice, .choices = words), text, &place);
    bool known = reads(OPTION(.kind = &cli_word, .choices = words), text, &word);
    fuzz_require(chosen == known, "one kind of choice knows a word, another does not");
    if (chosen) fuzz_require(!strcmp(words[place], text) && word == words[place], "%s", text);
}

static void check_paths(const char *text)
{
    struct cli_paths paths = {0};
    char *copy = leadseq_format("%s", text), *rest = copy;
    size_t n = 0;
    for (char *path; n < 100 && (path = strsep(&rest, "\n")); n++)
        fuzz_require(!cli_paths.read(OPTION(.kind = &cli_paths), path, &paths), "%s", path);
    fuzz_require(paths.n == n, "%zu of %zu", paths.n, n);
    cli_paths_clear(&paths);
    free(copy);
}

static void run(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check_numbers(text);
    check_words(text);
    check_paths(text);
    free(text);
}

static void seeds(void)
{
    static const char *const text[] = {"0",
                                       "-3",
                                       "4096",
                                       "4097",
                                       "1e3",
                                       "0.05",
                                       "150.0",
                                       "second",
                                       "third ",
                                       "1000000000000",
                                       "",
                                       "a\nb\n\nc",
                                       "18446744073709551615",
                                       "9999999999999999999999"};
    for (size_t i = 0; i < LEADSEQ_COUNT(text); i++) fuzz_seed_text(text[i]);
}

const struct fuzz_harness fuzz_options = {"options", "values of commands' options", run, seeds};
