/* SPDX-License-Identifier: MIT
 *
 * What identifies a record in a comparison: one number, the key. PTB-XL's records have an ecg_id,
 * which is the key. Others have a name, and get keys below -1 in the order in which their names
 * first appear in any input:
 *
 *   ecg_id  record            key
 *   17      00017_lr          17
 *   -1      ward3/0001        INT_MIN
 *           ward3/0002        INT_MIN + 1
 *           00017_lr          17: an input read before has that name with an ecg_id
 *
 * A record that one input knows by name alone, and a later one also by ecg_id, keeps the key of
 * its name, so that the order of the inputs does not matter. */
#include "inputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct report_names {
    size_t n, room;
    struct known {
        char *name;
        int key;
    } * known;    /* (n) in the order of their first appearance */
    size_t *slot; /* (2 room) 1 + the place in `known`, by hash; 0: free */
};

struct report_names *report_names_new(void)
{
    return leadseq_calloc(1, sizeof(struct report_names));
}

void report_names_free(struct report_names *names)
{
    for (size_t i = 0; names && i < names->n; i++) free(names->known[i].name);
    if (names) free(names->known);
    if (names) free(names->slot);
    free(names);
}

/* The slot of a name, or the free one where it belongs; at most half of them are taken. */
static size_t *find_slot(const struct report_names *names, const char *name)
{
    size_t at = (size_t)leadseq_hash_text(name) % (2 * names->room);
    while (names->slot[at] && strcmp(names->known[names->slot[at] - 1].name, name))
        at = (at + 1) % (2 * names->room);
    return &names->slot[at];
}

static int grow(struct report_names *names)
{
    size_t room = names->room ? 2 * names->room : 1024;
    struct known *known = leadseq_calloc(room, sizeof *known);
    size_t *slot = leadseq_calloc(2 * room, sizeof *slot);
    if (!known || !slot) {
        free(known);
        free(slot);
        return -1;
    }
    if (names->n) memcpy(known, names->known, names->n * sizeof *known);
    free(names->known);
    free(names->slot);
    names->known = known;
    names->slot = slot;
    names->room = room;
    for (size_t i = 0; i < names->n; i++) *find_slot(names, known[i].name) = i + 1;
    return 0;
}

int report_names_key(struct report_names *names, int ecg_id, const char *record, int *key)
{
    *key = ecg_id;
    if (!*record) return 0;
    if (names->n == names->room && grow(names)) return -1;
    size_t *slot = find_slot(names, record);
    if (*slot) {
        int known = names->known[*slot - 1].key;
        if (ecg_id < 0 || known < 0) *key = known;
        return 0;
    }
    char *name = leadseq_format("%s", record);
    if (!name) return -1;
    if (ecg_id < 0) *key = INT_MIN + (int)names->n;
    names->known[names->n] = (struct known){name, *key};
    *slot = ++names->n;
    return 0;
}

const char *report_names_name(const struct report_names *names, int key)
{
    return key < -1 ? names->known[(size_t)((int64_t)key - INT_MIN)].name : NULL;
}

const char *report_names_text(const struct report_names *names, int key,
                              char text[REPORT_RECORD_TEXT])
{
    const char *name = report_names_name(names, key);
    if (name)
        snprintf(text, REPORT_RECORD_TEXT, "record %.80s", name);
    else
        snprintf(text, REPORT_RECORD_TEXT, "ecg_id %d", key);
    return text;
}
