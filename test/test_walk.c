/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include "folder.h"

TestSuite(walk, .init = make_folder, .fini = remove_folder);

struct seen {
    char text[2048];
    int bad;
};

static int see(void *state, const char *path, const char *why, bool bad)
{
    struct seen *seen = state;
    size_t n = strlen(seen->text);
    snprintf(seen->text + n, sizeof seen->text - n, "%s%s ", path + strlen(folder) + 1,
             why ? "!" : "");
    seen->bad += bad;
    return 0;
}

static struct seen walk(const char *name)
{
    struct seen seen = {{0}, 0};
    cr_assert_eq(leadseq_folder_walk(in_folder(name), ".x", see, &seen), 0, "%s", leadseq_error());
    return seen;
}

Test(walk, a_walk_finds_files_below_in_the_order_of_their_names)
{
    cr_assert_eq(leadseq_folder_make(in_folder("w/b/c")), 0);
    cr_assert_eq(leadseq_folder_make(in_folder("w/.git")), 0);
    cr_assert_eq(leadseq_folder_make(in_folder("w/__MACOSX")), 0);
    cr_assert_eq(leadseq_folder_make(in_folder("w/folder.x")), 0);
    static const char *const names[] = {"w/z.x",     "w/b/2.x",    "w/b/10.x",
                                        "w/b/c/1.x", "w/a.x",      "w/other.y",
                                        "w/._a.x",   "w/.git/1.x", "w/__MACOSX/1.x"};
    for (size_t i = 0; i < LEADSEQ_COUNT(names); i++) put(names[i], "");
    struct seen seen = walk("w");
    cr_assert_str_eq(seen.text, "w/a.x w/b/10.x w/b/2.x w/b/c/1.x w/z.x ");
    seen = walk("w//");
    cr_assert_str_eq(seen.text, "w/a.x w/b/10.x w/b/2.x w/b/c/1.x w/z.x ");
}

Test(walk, a_walk_follows_links_once)
{
    cr_assert_eq(leadseq_folder_make(in_folder("w/real")), 0);
    cr_assert_eq(leadseq_folder_make(in_folder("out/inner")), 0);
    put("w/real/1.x", "");
    put("out/2.x", "");
    put("out/inner/3.x", "");
    static const char *const links[][2] = {
        {"real", "w/alias"},   {"..", "w/real/up"},      {"../out/inner", "w/inner"},
        {"../out", "w/outer"}, {"1.x", "w/real/same.x"}, {"../out/2.x", "w/one.x"},
        {"nothing", "w/gone"}, {"gone.x", "w/gone.x"},   {"gone.y", "w/gone.y"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(links); i++)
        cr_assert_eq(symlink(links[i][0], in_folder(links[i][1])), 0);
    struct seen seen = walk("w");
    cr_assert_eq(seen.bad, 2, "%s", seen.text);
    cr_assert_str_eq(seen.text, "w/gone! w/gone.x! w/alias! w/outer/inner! w/real/up! "
                                "w/one.x! w/real/same.x! w/inner/3.x w/outer/2.x w/real/1.x ");
}

Test(walk, links_to_files_without_content_are_passed_over)
{
    cr_assert_eq(leadseq_folder_make(in_folder("w")), 0);
    static const char *const links[][2] = {
        {".git/annex/objects/1a/2b/MD5-s1--x/MD5-s1--x", "w/notes"},
        {"gone", "w/RECORDS"},
        {"gone", "w/LICENSE"},
        {"gone", "w/SHA256SUMS"},
        {".git/annex/objects/1a/2b/MD5-s1--y.x/MD5-s1--y.x", "w/a.x"},
        {"/scratch/none", "w/WFDB"},
    };
    put("w/b.x", "");
    for (size_t i = 0; i < LEADSEQ_COUNT(links); i++)
        cr_assert_eq(symlink(links[i][0], in_folder(links[i][1])), 0);
    struct seen seen = walk("w");
    cr_assert_str_eq(seen.text, "w/WFDB! w/a.x! w/b.x "); // a folder that is gone, and a record
    cr_assert_eq(seen.bad, 2);
}

Test(walk, a_walk_names_a_folder_that_is_not_there)
{
    struct seen seen = walk("none");
    cr_assert_eq(seen.bad, 1);
    cr_assert_str_eq(seen.text, "none! ");
}
