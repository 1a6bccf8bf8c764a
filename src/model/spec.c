/* SPDX-License-Identifier: MIT
 *
 * A specification: a model type, its options and the sizes of its input. Nothing is
 * built here. */
#include "build.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Products of these stay within int where layers count channels and weights of one output. */
enum { IMAGE_CHANNELS_MAX = 64, LEADS_MAX = 1024, OUTPUTS_MAX = 1024 };

void leadseq_model_spec_default(struct leadseq_model_spec *spec,
                                const struct leadseq_model_type *type)
{
    assert(type->bytes <= sizeof spec->options);
    *spec = (struct leadseq_model_spec){.type = type, .outputs = 1};
    leadseq_group_defaults(spec->options, type->options, type->standards);
    leadseq_model_head_default(spec);
}

size_t leadseq_model_head(const struct leadseq_model_spec *spec)
{
    const struct leadseq_option_group *group;
    const struct leadseq_option *o = leadseq_group_find(spec->type->options, "model.head", &group);
    int head;
    if (!o || o->choice != leadseq_head_name) return SIZE_MAX;
    memcpy(&head, spec->options + group->offset + o->offset, sizeof head);
    return (size_t)head;
}

void leadseq_model_head_default(struct leadseq_model_spec *spec)
{
    const struct leadseq_head_type *head = model_head_at(leadseq_model_head(spec));
    assert(!head || head->bytes <= sizeof spec->head);
    memset(spec->head, 0, sizeof spec->head);
    if (head) leadseq_group_defaults(spec->head, head->options, NULL);
}

/* The row of an option of the type or its head, and where its block is in the specification. */
static const struct leadseq_option *find(const struct leadseq_model_spec *spec, const char *key,
                                         size_t *offset)
{
    const struct leadseq_option_group *group;
    const struct leadseq_option *o = leadseq_group_find(spec->type->options, key, &group);
    *offset = offsetof(struct leadseq_model_spec, options);
    if (!o) {
        o = leadseq_group_find(leadseq_head_options(leadseq_model_head(spec)), key, &group);
        *offset = offsetof(struct leadseq_model_spec, head);
    }
    if (o) *offset += group->offset;
    return o;
}

const struct leadseq_option *leadseq_model_option(const struct leadseq_model_spec *spec,
                                                  const char *key, const void **block)
{
    size_t offset;
    const struct leadseq_option *o = find(spec, key, &offset);
    if (o) *block = (const char *)spec + offset;
    return o;
}

int leadseq_model_spec_set(struct leadseq_model_spec *spec, const char *key, const char *value)
{
    size_t offset, head = leadseq_model_head(spec);
    const struct leadseq_option *o = find(spec, key, &offset);
    if (!o) return leadseq_fail("%s: model.type %s has no such option", key, spec->type->name);
    if (leadseq_option_read((char *)spec + offset, o, value)) return -1;
    if (leadseq_model_head(spec) != head) leadseq_model_head_default(spec);
    return 0;
}

int leadseq_model_spec_set_all(struct leadseq_model_spec *spec, const char *assignments)
{
    char *copy = leadseq_format("%s", assignments), *rest = copy;
    int status = copy ? 0 : -1;
    for (char *key; !status && (key = strsep(&rest, " "));) {
        char *value = strchr(key, '=');
        if (!*key) continue;
        if (!value) status = leadseq_fail("'%s': expected KEY=VALUE", key);
        if (value) *value++ = '\0', status = leadseq_model_spec_set(spec, key, value);
    }
    free(copy);
    return status;
}

bool leadseq_model_spec_is(const struct leadseq_model_spec *spec, const char *key,
                           const char *value)
{
    const void *block;
    const struct leadseq_option *o = leadseq_model_option(spec, key, &block);
    return o && leadseq_option_is(block, o, value);
}

bool leadseq_model_spec_has_norm(const struct leadseq_model_spec *spec)
{
    const struct leadseq_head_type *head = model_head_at(leadseq_model_head(spec));
    return (head && head->has_norm) ||
           (spec->type->has_norm && spec->type->has_norm(spec->options));
}

static int check_range(const char *name, int value, int most)
{
    if (value >= 1 && value <= most) return 0;
    return leadseq_fail("model: %s: expected 1 to %d, found %d", name, most, value);
}

int leadseq_model_spec_check_options(const struct leadseq_model_spec *spec)
{
    return spec->type->check_options ? spec->type->check_options(spec->options) : 0;
}

int leadseq_model_spec_check(const struct leadseq_model_spec *spec)
{
    if (check_range("leads", spec->leads, LEADS_MAX) ||
        check_range("image channels", spec->channels, IMAGE_CHANNELS_MAX) ||
        check_range("image height", spec->height, LEADSEQ_SIDE_MAX) ||
        check_range("image width", spec->width, LEADSEQ_SIDE_MAX) ||
        check_range("outputs", spec->outputs, OUTPUTS_MAX) ||
        leadseq_model_spec_check_options(spec))
        return -1;
    return spec->type->check_sizes ? spec->type->check_sizes(spec) : 0;
}
