/* SPDX-License-Identifier: MIT
 *
 * Lists of records: a path for each line, none of them empty or with a line's end in it. Lines that
 * lead out of the list's folder are left out, which would search the machine. */
#include "fuzz.h"

#include "cli/records.h"

static bool leaves(const char *text)
{
    return strstr(text, "..") || strchr(text, '/');
}

static size_t lines_of(const char *text)
{
    size_t n = 1;
    for (; *text; text++) n += *text == '\n' || *text == '\r';
    return n;
}

static void run(const uint8_t *data, size_t size)
{
    static bool made;
    if (!made) fuzz_put_text("a.hea", "a 1 500 1\na.dat 16\n");
    made = true;
    char *text = fuzz_text(data, size), *path = leadseq_format("%s", fuzz_put("L", data, size));
    struct cli_paths given = {.path = &path, .n = 1};
    const struct cli_records_rules rules = {.skip_missing = true};
    struct cli_records records;
    if (leaves(text)) {
        // not asked
    } else if (cli_records_expand(&records, &given, &rules)) {
        fuzz_refused();
    } else {
        fuzz_require(records.n >= 1 && records.n <= 2 * lines_of(text), "%zu records", records.n);
        for (size_t i = 0; i < records.n; i++)
            fuzz_require(*records.path[i] && !strpbrk(records.path[i], "\n\r"), "record %zu: '%s'",
                         i, records.path[i]);
        cli_records_clear(&records);
    }
    free(path);
    free(text);
}

static void seeds(void)
{
    fuzz_seed_text("a\nb\n");
    fuzz_seed_text("\xef\xbb\xbf"
                   "a.hea\r\nb.dat\r\n# comment\r\n\r\n");
    fuzz_seed_text("  a  \n\tb\t\n");
    fuzz_seed_text(".\n");
    fuzz_seed_text("\n\n");
    fuzz_seed_text("a\rb\r");
    fuzz_seed("a\0b\n", 4);
}

const struct fuzz_harness fuzz_lists = {"lists", "lists of records", run, seeds};
