/* SPDX-License-Identifier: MIT
 *
 * One record's images to its places in a batch: which leads, in which order, in
 * which layout, at which scale. */
#include "dataset_private.h"

size_t dataset_lead_order(const struct leadseq_batch_options *o, uint64_t key,
                          size_t lead[LEADSEQ_LEADS])
{
    size_t n = o->order == LEADSEQ_LEADS_LIST ? (size_t)o->n_leads : LEADSEQ_LEADS;
    for (size_t t = 0; t < n; t++)
        lead[t] = o->order == LEADSEQ_LEADS_LIST ? (size_t)o->leads[t] : t;
    if (o->order == LEADSEQ_LEADS_SHUFFLED) {
        struct leadseq_random r;
        leadseq_random_init(&r, o->seed, LEADSEQ_STREAM_LEADS, key, 0);
        leadseq_random_permute(&r, lead, n);
    }
    return n;
}

/* Images of a record, as bytes or as p of each: one of the two. */
struct images {
    const uint8_t *bytes;
    const float *p;
};

static void pack(const struct leadseq_batch_options *o, const struct leadseq_drawing *drawing,
                 const struct images *images, uint64_t key, int i, int n, float *batch)
{
    size_t lead[LEADSEQ_LEADS] = {0}, leads = 1; // a page is one picture
    if (leadseq_drawing_images(drawing) > 1) leads = dataset_lead_order(o, key, lead);
    size_t channels = (size_t)leadseq_drawing_channels(drawing);
    size_t area = (size_t)drawing->width * (size_t)drawing->height, count = channels * area;
    for (size_t t = 0; t < leads; t++) {
        size_t image =
            o->layout == LEADSEQ_LAYOUT_TNCHW ? t * (size_t)n + (size_t)i : (size_t)i * leads + t;
        for (size_t c = 0; c < channels; c++) {
            const struct dataset_conversion how = {o->invert, o->mean[c], o->scale[c]};
            const size_t from = lead[t] * count + c;
            float *to = batch + (image * channels + c) * area;
            if (images->p)
                dataset_values_convert(&how, images->p + from, channels, to, area);
            else
                dataset_pixels_convert(&how, images->bytes + from, channels, to, area);
        }
    }
}

void leadseq_batch_pack(const struct leadseq_batch_options *o,
                        const struct leadseq_drawing *drawing, const uint8_t *images, uint64_t key,
                        int i, int n, float *batch)
{
    pack(o, drawing, &(struct images){.bytes = images}, key, i, n, batch);
}

void dataset_pack_values(const struct leadseq_batch_options *o,
                         const struct leadseq_drawing *drawing, const float *p, uint64_t key, int i,
                         int n, float *batch)
{
    pack(o, drawing, &(struct images){.p = p}, key, i, n, batch);
}
