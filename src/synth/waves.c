/* SPDX-License-Identifier: MIT
 *
 * Vectors added and scaled, and waves made larger, smaller, longer or flatter with them. */
#include "synth_private.h"

void synth_add(double v[3], double scale, const double direction[3])
{
    for (int i = 0; i < 3; i++) v[i] += scale * direction[i];
}

void synth_scale(double v[3], double scale)
{
    for (int i = 0; i < 3; i++) v[i] *= scale;
}

void synth_add_wave(struct synth_heart *h, enum synth_wave_name name, double scale,
                    const double direction[3])
{
    synth_add(h->wave[name].v, scale, direction);
}

/* All of QRS takes that much longer, and its shape stays. */
void synth_stretch_qrs(struct synth_heart *h, double scale)
{
    for (int k = WAVE_SEPTUM; k <= WAVE_SCAR_LATE; k++) {
        h->wave[k].at_s *= scale;
        h->wave[k].width_s *= scale;
    }
}

void synth_add_st(struct synth_heart *h, double mv, const double toward[3])
{
    synth_add_wave(h, WAVE_ST, mv, toward);
    synth_add_wave(h, WAVE_ST_LATE, mv, toward);
}

void synth_add_t(struct synth_heart *h, double mv, const double toward[3])
{
    synth_add_wave(h, WAVE_T_RISE, 0.45 * mv, toward);
    synth_add_wave(h, WAVE_T_PEAK, 0.75 * mv, toward);
}

void synth_scale_t(struct synth_heart *h, double scale)
{
    synth_scale(h->wave[WAVE_T_RISE].v, scale);
    synth_scale(h->wave[WAVE_T_PEAK].v, scale);
}

/* Recovery that fails loses its way to the left and down first; towards the chest it lasts. */
void synth_flatten_t(struct synth_heart *h, double scale)
{
    for (int k = WAVE_T_RISE; k <= WAVE_T_PEAK; k++) {
        h->wave[k].v[0] *= scale;
        h->wave[k].v[1] *= scale;
        h->wave[k].v[2] *= 0.7 + 0.3 * scale;
    }
}
