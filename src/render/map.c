/* SPDX-License-Identifier: MIT
 *
 * Where every sample went: the map that a drawing fills. */
#include "trace.h"

#include <math.h>
#include <stdlib.h>

int leadseq_map_init(struct leadseq_map *map, size_t n)
{
    *map = (struct leadseq_map){.n = n};
    map->x = leadseq_calloc(LEADSEQ_MAP_ROWS * n, sizeof *map->x);
    map->y = leadseq_calloc(LEADSEQ_MAP_ROWS * n, sizeof *map->y);
    map->sample = leadseq_calloc(LEADSEQ_MAP_ROWS * n, sizeof *map->sample);
    if (map->x && map->y && map->sample) return 0;
    leadseq_map_clear(map);
    return -1;
}

void leadseq_map_clear(struct leadseq_map *map)
{
    free(map->x);
    free(map->y);
    free(map->sample);
    *map = (struct leadseq_map){0};
}

void render_map_empty(struct leadseq_map *map)
{
    for (size_t i = 0; i < LEADSEQ_MAP_ROWS * map->n; i++) {
        map->x[i] = map->y[i] = NAN;
        map->sample[i] = LEADSEQ_SAMPLE_OUTSIDE;
    }
    for (int row = 0; row < LEADSEQ_MAP_ROWS; row++)
        map->box[row] = (struct leadseq_box){NAN, NAN, NAN, NAN};
}

void render_map_put(struct leadseq_map *map, int row, size_t k, struct render_point p,
                    enum leadseq_sample sample)
{
    size_t i = (size_t)row * map->n + k;
    map->sample[i] = (uint8_t)sample;
    map->x[i] = sample == LEADSEQ_SAMPLE_DRAWN ? (float)p.x : NAN;
    map->y[i] = sample == LEADSEQ_SAMPLE_DRAWN ? (float)p.y : NAN;
}

/* Positions are linear in sample and millivolts, so the two samples that are farthest apart
 * determine the scale most precisely. */
void leadseq_map_scale(const struct leadseq_map *map, int row, const float *mv,
                       struct leadseq_scale *scale)
{
    const float *x = map->x + (size_t)row * map->n, *y = map->y + (size_t)row * map->n;
    size_t first = SIZE_MAX, last = 0, low = 0, high = 0;
    *scale = (struct leadseq_scale){NAN, NAN, NAN, NAN};
    for (size_t k = 0; k < map->n; k++) {
        if (isnan(y[k])) continue;
        if (first == SIZE_MAX) first = low = high = k;
        last = k;
        if (mv[k] < mv[low]) low = k;
        if (mv[k] > mv[high]) high = k;
    }
    if (first == SIZE_MAX || first == last) return;
    scale->dx = ((double)x[last] - x[first]) / (double)(last - first);
    scale->x0 = x[first] - (double)first * scale->dx;
    scale->y0 = y[low];
    if (mv[high] <= mv[low]) return;
    scale->dy = ((double)y[high] - y[low]) / ((double)mv[high] - mv[low]);
    scale->y0 -= (double)mv[low] * scale->dy;
}
