/* SPDX-License-Identifier: MIT
 *
 * Which of one patient's files shows which lead. A name is words between separators (all but
 * letters and digits); a word that is a lead's name, whatever its case, says the lead:
 *
 *   p1-I.png  p1_aVR.png  p1.II.png  V1 p1.png  lead_V1.png  leadV1.png
 *
 * The word is the k-th from the end, or from the beginning, the same k in every name, so that a
 * patient called "I" is no lead. Names that are alike but for the lead need no separator:
 *
 *   p1I.png  p1AVR.png  patient7leadI.png  01I.png  02II.png
 *
 * Names without leads are taken in natural order: 1, 2, 10. */
#include "predict.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 64 };

struct name {
    const char *path, *text; /* text: after the last slash */
    size_t bytes;            /* of text, without .png */
    struct {
        const char *at;
        size_t n;
    } word[WORDS_MOST];
    size_t words;
    size_t at;   /* among the files given */
    int lead;    /* -1: none is named */
    size_t said; /* by which word */
    bool alike;  /* but for the lead, which begins at `begin` */
    size_t begin;
};

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static void split(struct name *name, const char *path, size_t at)
{
    const char *slash = strrchr(path, '/'), *text = slash ? slash + 1 : path;
    *name = (struct name){.path = path, .text = text, .bytes = strlen(text), .at = at, .lead = -1};
    if (name->bytes > 4 && !strcasecmp(text + name->bytes - 4, ".png")) name->bytes -= 4;
    for (size_t i = 0; i < name->bytes && name->words < WORDS_MOST;) {
        size_t begin = i;
        while (i < name->bytes && is_of_word(text[i])) i++;
        if (i > begin) {
            name->word[name->words].at = text + begin;
            name->word[name->words++].n = i - begin;
        } else {
            i++;
        }
    }
}

static int lead_of(const struct name *name, size_t word)
{
    char text[8] = "";
    const char *at = name->word[word].at;
    size_t n = name->word[word].n;
    if (n > 4 && !strncasecmp(at, "lead", 4)) at += 4, n -= 4;
    if (n >= sizeof text) return -1;
    memcpy(text, at, n);
    return leadseq_lead_index(text);
}

/* The k-th word from the end or the beginning; words: there is none. */
static size_t place(const struct name *name, size_t k, bool from_end)
{
    if (k >= name->words) return name->words;
    return from_end ? name->words - 1 - k : k;
}

/* Whether every name says another lead at that place. */
static bool try_place(struct name *name, size_t k, bool from_end, int lead[LEADSEQ_LEADS])
{
    bool taken[LEADSEQ_LEADS] = {false};
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        size_t at = place(&name[i], k, from_end);
        lead[i] = at < name[i].words ? lead_of(&name[i], at) : -1;
        if (lead[i] < 0 || taken[lead[i]]) return false;
        taken[lead[i]] = true;
    }
    return true;
}

static int read_places(struct name *name, bool *found)
{
    for (int turn = 0; turn < 2; turn++)
        for (size_t k = 0; k < WORDS_MOST; k++) {
            int lead[LEADSEQ_LEADS];
            if (!try_place(name, k, !turn, lead)) continue;
            for (int i = 0; i < LEADSEQ_LEADS; i++) {
                if (*found && name[i].lead != lead[i])
                    return leadseq_fail("%s: expected a name that says one lead, found %s and %s",
                                        name[i].path, leadseq_lead_name[name[i].lead],
                                        leadseq_lead_name[lead[i]]);
                name[i].lead = lead[i];
                name[i].said = place(&name[i], k, !turn);
            }
            *found = true;
        }
    return 0;
}

/* --- Names without separators ----------------------------------------------------------------- */

/* How many bytes all names begin with, or end with. */
static size_t count_alike(const struct name *name, bool at_end)
{
    for (size_t k = 0;; k++)
        for (int i = 0; i < LEADSEQ_LEADS; i++) {
            const struct name *a = &name[0], *b = &name[i];
            if (k >= a->bytes || k >= b->bytes) return k;
            if (at_end ? a->text[a->bytes - 1 - k] != b->text[b->bytes - 1 - k]
                       : a->text[k] != b->text[k])
                return k;
        }
}

/* "AVR", or with the lead's number, from 1 or from 0: "04AVR". */
static int lead_with_number(const char *at, size_t n)
{
    char text[8] = "";
    int number = 0;
    if (n >= sizeof text) return -1;
    memcpy(text, at, n);
    size_t digits = strspn(text, "0123456789");
    int lead = leadseq_lead_index(text + digits);
    for (size_t i = 0; i < digits; i++) number = 10 * number + (text[i] - '0');
    return !digits || number == lead || number == lead + 1 ? lead : -1;
}

/* Whether the names are alike but for the lead, each another one. */
static bool read_rest(struct name *name)
{
    size_t begin = count_alike(name, false), end = count_alike(name, true);
    int lead[LEADSEQ_LEADS];
    bool taken[LEADSEQ_LEADS] = {false};
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        if (begin + end >= name[i].bytes) return false;
        lead[i] = lead_with_number(name[i].text + begin, name[i].bytes - begin - end);
        if (lead[i] < 0 || taken[lead[i]]) return false;
        taken[lead[i]] = true;
    }
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        name[i].lead = lead[i];
        name[i].begin = begin;
        name[i].alike = true;
    }
    return true;
}

/* Names of which most end in a lead, though it is not clear where it begins. */
static int check_silent(const struct name *name)
{
    bool seen[LEADSEQ_LEADS] = {false};
    int leads = 0;
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        int lead = -1;
        for (size_t n = 3; lead < 0 && n > 0; n--) {
            char text[4] = "";
            if (n > name[i].bytes) continue;
            memcpy(text, name[i].text + name[i].bytes - n, n);
            lead = leadseq_lead_index(text);
        }
        leads += lead >= 0 && !seen[lead];
        if (lead >= 0) seen[lead] = true;
    }
    if (leads <= LEADSEQ_LEADS / 2) return 0;
    return leadseq_fail("%s: expected names that say each lead, such as p1_I.png, or none, found "
                        "%d of twelve that seem to end in one",
                        name[0].path, leads);
}

/* "x_-AVR.png": a lead turned upside down, unless all names have the minus. */
static int check_turned(const struct name *name)
{
    int turned = 0, which = 0;
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        const char *at = name[i].alike ? name[i].text : name[i].word[name[i].said].at;
        if (at == name[i].text || at[-1] != '-') continue;
        if (at - 1 > name[i].text && (is_of_word(at[-2]) || strchr("-)]", at[-2]))) continue;
        which = i;
        turned++;
    }
    if (!turned || turned == LEADSEQ_LEADS) return 0;
    return leadseq_fail("%s: expected a lead as it is, found one with a minus, as an inverted lead "
                        "has; rename the file if it is not inverted",
                        name[which].path);
}

/* --- Names that do not say twelve leads ------------------------------------------------------ */

static bool same_word(const struct name *a, const struct name *b, size_t k)
{
    return k < a->words && k < b->words && a->word[k].n == b->word[k].n &&
           !strncmp(a->word[k].at, b->word[k].at, a->word[k].n);
}

/* The last word that is a lead and not the same in all names. */
static void read_each(struct name *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < name[i].words; k++) {
            bool same = n > 1;
            for (size_t j = 0; same && j < n; j++) same = same_word(&name[i], &name[j], k);
            int lead = same ? -1 : lead_of(&name[i], k);
            if (lead >= 0) name[i].lead = lead;
        }
}

static int fail_leads(const struct name *name, size_t n)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return leadseq_fail_memory(0);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        size_t count = 0;
        for (size_t i = 0; i < n; i++) count += name[i].lead == lead;
        if (!count) fprintf(out, "; %s is missing", leadseq_lead_name[lead]);
        if (count > 1) fprintf(out, "; %s is given twice or more: ", leadseq_lead_name[lead]);
        for (size_t i = 0, k = 0; count > 1 && i < n; i++)
            if (name[i].lead == lead) fprintf(out, "%s%s", k++ ? " and " : "", name[i].path);
    }
    for (size_t i = 0; i < n; i++)
        if (name[i].lead < 0) fprintf(out, "; %s names no lead", name[i].path);
    if (fclose(out)) return leadseq_fail_memory(0);
    int status = leadseq_fail(
        "expected one patient's twelve PNG files, each lead once, found %zu%s", n, text);
    free(text);
    return status;
}

/* --- Natural order ---------------------------------------------------------------------------- */

static int natural(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            while (*a == '0' && isdigit((unsigned char)a[1])) a++;
            while (*b == '0' && isdigit((unsigned char)b[1])) b++;
            size_t n = strspn(a, "0123456789"), m = strspn(b, "0123456789");
            int order = n != m ? (n < m ? -1 : 1) : strncmp(a, b, n);
            if (order) return order;
            a += n, b += m;
        } else if (*a != *b) {
            break;
        } else {
            a++, b++;
        }
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static int by_nature(const void *a, const void *b)
{
    return natural(((const struct name *)a)->path, ((const struct name *)b)->path);
}

static int by_lead(const void *a, const void *b)
{
    return ((const struct name *)a)->lead - ((const struct name *)b)->lead;
}

/* --- One patient ------------------------------------------------------------------------------ */

/* Whether a word is the number of its lead, from 1 or from 0: "01_I", "02_II". */
static bool is_number(const struct name *name, size_t k, int lead)
{
    char text[8] = "";
    int number;
    if (k >= name->words || name->word[k].n >= sizeof text) return false;
    memcpy(text, name->word[k].at, name->word[k].n);
    const char *digits = text + strspn(text, "0");
    if (!*digits && *text) return lead == 0;
    return leadseq_parse_int(digits, 0, 99, &number) && (number == lead + 1 || number == lead);
}

/* Sorted by lead: the same folder and the same words but for the lead. */
static int check_patient(const struct name *name)
{
    for (int i = 1; i < LEADSEQ_LEADS; i++) {
        bool same = name[i].words == name[0].words && name[i].said == name[0].said &&
                    name[i].text - name[i].path == name[0].text - name[0].path &&
                    !strncmp(name[i].path, name[0].path, (size_t)(name[0].text - name[0].path));
        for (size_t k = 0; same && !name[0].alike && k < name[0].words; k++)
            same = k == name[0].said || same_word(&name[i], &name[0], k) ||
                   (is_number(&name[i], k, i) && is_number(&name[0], k, 0));
        if (!same)
            return leadseq_fail("%s: expected a file of the same patient as %s", name[i].path,
                                name[0].path);
    }
    return 0;
}

/* What comes before the lead of names without separators: "p1", also of "p1leadI"; NULL: nothing.
 */
static char *id_before(const struct name *name)
{
    size_t n = name->alike ? name->begin : 0;
    while (n && !is_of_word(name->text[n - 1])) n--;
    if (n >= 4 && !strncasecmp(name->text + n - 4, "lead", 4)) n -= 4;
    while (n && !is_of_word(name->text[n - 1])) n--;
    return n ? leadseq_format("%.*s", (int)n, name->text) : NULL;
}

/* The words that all names begin with, else their folder, else the first file. */
static char *id_of(const struct name *name)
{
    const struct name *a = &name[0];
    size_t words = 0, last = a->words;
    bool same = true;
    char *before = id_before(a);
    if (before) return before;
    while (same && words < a->words) {
        for (int i = 1; same && i < LEADSEQ_LEADS; i++) same = same_word(a, &name[i], words);
        words += same;
    }
    if (words)
        return leadseq_format("%.*s", (int)(a->word[words - 1].at + a->word[words - 1].n - a->text),
                              a->text);
    while (last > 0) { // … or end with
        for (int i = 1; same && i < LEADSEQ_LEADS; i++) same = same_word(a, &name[i], last - 1);
        if (a->lead >= 0 && last - 1 == a->said) break;
        last--;
    }
    if (a->lead >= 0 && last < a->words)
        return leadseq_format("%.*s", (int)(a->text + a->bytes - a->word[last].at),
                              a->word[last].at);
    size_t folder = (size_t)(a->text - a->path), begin;
    if (folder) folder--; // the slash
    for (begin = folder; begin && a->path[begin - 1] != '/'; begin--) {
    }
    bool named = folder > begin && a->path[begin] != '.';
    return named ? leadseq_format("%.*s", (int)(folder - begin), a->path + begin)
                 : leadseq_format("%s", a->text);
}

static char *text_of(const struct name *name)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        leadseq_fail_memory(0);
        return NULL;
    }
    for (int i = 0; i < LEADSEQ_LEADS; i++)
        fprintf(out, "%s%s=%s", i ? " " : "", leadseq_lead_name[i], name[i].text);
    fclose(out);
    return text;
}

static int order(struct predict_leads *leads, struct name *name, size_t n)
{
    size_t found = 0;
    if (n == LEADSEQ_LEADS && read_places(name, &leads->named)) return -1;
    if (n == LEADSEQ_LEADS && !leads->named) leads->named = read_rest(name);
    if (!leads->named) read_each(name, n);
    for (size_t i = 0; i < n; i++) found += name[i].lead >= 0;
    if (n != LEADSEQ_LEADS && !found)
        return leadseq_fail("expected the twelve PNG files of one patient, found %zu", n);
    if (!leads->named && found) return fail_leads(name, n);
    if (leads->named ? check_turned(name) : check_silent(name)) return -1;
    qsort(name, n, sizeof *name, leads->named ? by_lead : by_nature);
    if (leads->named && check_patient(name)) return -1;
    for (int i = 0; i < LEADSEQ_LEADS; i++) leads->which[i] = (int)name[i].at;
    leads->id = id_of(name);
    leads->text = leads->id ? text_of(name) : NULL;
    return leads->text ? 0 : -1;
}

int predict_leads_find(struct predict_leads *leads, char *const *paths, size_t n)
{
    *leads = (struct predict_leads){0};
    struct name *name = leadseq_calloc(n, sizeof *name);
    if (!name) return -1;
    for (size_t i = 0; i < n; i++) split(&name[i], paths[i], i);
    int status = order(leads, name, n);
    free(name);
    if (status) predict_leads_clear(leads);
    return status;
}

void predict_leads_clear(struct predict_leads *leads)
{
    free(leads->id);
    free(leads->text);
    *leads = (struct predict_leads){0};
}
