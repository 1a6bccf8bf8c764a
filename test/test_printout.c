/* SPDX-License-Identifier: MIT
 *
 * The clinical page in millimetres, in the map and in the pixels. */
#include "page_record.h"

Test(printout, a_printout_is_as_large_as_its_millimetres)
{
    static const struct {
        enum leadseq_printout printout;
        double width_mm, height_mm;
    } sheets[] = {{LEADSEQ_PRINTOUT_3X4, 270, 140},
                  {LEADSEQ_PRINTOUT_6X2, 270, 170},
                  {LEADSEQ_PRINTOUT_12X1, 270, 260}};
    for (size_t i = 0; i < LEADSEQ_COUNT(sheets); i++)
        for (int dpi = 50; dpi <= 300; dpi += 50) {
            struct leadseq_drawing d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
            d.printout = sheets[i].printout;
            leadseq_drawing_set_dpi(&d, dpi);
            cr_assert_eq(d.width, lround(sheets[i].width_mm * dpi / 25.4));
            cr_assert_eq(d.height, lround(sheets[i].height_mm * dpi / 25.4));
            cr_assert_eq(leadseq_drawing_check(&d), 0, "%s", leadseq_error());
        }
    struct leadseq_drawing d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    leadseq_drawing_set_size(&d, 2000, 500); // the height decides
    cr_assert_float_eq(d.dpi, 500 * 25.4 / 140, 1e-9);
    cr_assert_eq(leadseq_drawing_check(&d), 0, "%s", leadseq_error());
}

Test(printout, a_printout_keeps_seconds_and_millivolts)
{
    struct leadseq_drawing d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    struct leadseq_map map;
    for (int speed = 25; speed <= 50; speed += 25)
        for (int gain = 5; gain <= 20; gain *= 2) {
            make_record(0);
            for (int lead = 0; lead < LEADSEQ_LEADS; lead++) mv[lead * N + 990] = 1; // of V4 … V6
            mv[1 * N + 10] = -0.5f;
            d.speed_mm_per_s = speed, d.gain_mm_per_mv = gain;
            leadseq_drawing_set_dpi(&d, 127);
            double mm = 5; // px
            free(draw(&d, 1, NULL, &map));
            cr_assert_float_eq(map.x[100] - map.x[0], speed * mm, 1e-2, "a second of I");
            cr_assert_float_eq(map.x[3 * N + 250] - map.x[0], 2.5 * speed * mm, 1e-2,
                               "aVR continues where I ends");
            cr_assert_float_eq(map.y[1 * N + 10] - map.y[1 * N + 9], 0.5 * gain * mm, 1e-2);
            cr_assert_float_eq(map.y[9 * N + 989] - map.y[9 * N + 990], gain * mm, 1e-2);
            cr_assert_float_eq(map.x[LEADSEQ_LEADS * N + 700] - map.x[0], 7 * speed * mm, 1e-2);
            leadseq_map_clear(&map);
        }
}

/* Rows of ink darker than 90 in column x of a grey page. */
static int ink_rows(const struct leadseq_drawing *d, const uint8_t *p, int x, int *first)
{
    int n = 0;
    for (int y = 0; y < d->height; y++)
        if (p[y * d->width + x] < 90) {
            if (n++ == 0) *first = y;
        }
    return n;
}

Test(printout, the_calibration_pulse_is_one_millivolt_high)
{
    enum { LEVEL = 2 }; // rows more than half inked of a level line .28 mm wide, between two rows
    struct leadseq_drawing d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    make_record(0);
    d.colour = d.names = false;
    d.grid = LEADSEQ_GRID_NONE;
    leadseq_drawing_set_dpi(&d, 254); // 10 px a millimetre
    cr_assert_eq(leadseq_drawing_channels(&d), 1);
    uint8_t *p = draw(&d, 1, NULL, NULL);
    int top = 0, flank = 0, level = 0;
    for (int x = 50; x < 150; x++) { // between margin and first lead
        int first = 0, rows = ink_rows(&d, p, x, &first);
        if (rows > 4 * 50) flank++;
        if (rows == 4 * LEVEL && flank == 0 && level++ == 0) top = first;
    }
    cr_assert(flank >= 4 && flank <= 12, "two flanks, each a line wide: %d", flank);
    int first = 0, x = 100; // in the middle of the pulse
    cr_assert_eq(ink_rows(&d, p, x, &first), 4 * LEVEL);
    cr_assert_leq(abs(top - first - 100), 1, "1 mV is 10 mm: %d", top - first);
    d.calibration = false;
    leadseq_drawing_set_dpi(&d, 254);
    cr_assert_eq(d.width, 2600);
    free(p);
}

Test(printout, names_and_grid_are_ink_that_can_be_left_out)
{
    struct leadseq_drawing d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    make_record(0);
    d.grid = LEADSEQ_GRID_NONE;
    d.calibration = false;
    for (int k = 0; k < TOTAL; k++) mv[k] = NAN;
    leadseq_drawing_set_dpi(&d, 100);
    uint8_t *p = draw(&d, 1, NULL, NULL);
    size_t pixels = (size_t)d.width * (size_t)d.height;
    size_t named = pixels - count_colour(p, pixels, 255, 255, 255);
    cr_assert(named > 500 && named < 10000, "%zu", named);
    free(p);
    d.names = false;
    p = draw(&d, 1, NULL, NULL);
    cr_assert_eq(count_colour(p, pixels, 255, 255, 255), pixels);
    free(p);
    d.grid = LEADSEQ_GRID_PINK;
    p = draw(&d, 1, NULL, NULL);
    cr_assert_lt(count_colour(p, pixels, 255, 255, 255), pixels * 8 / 10);
    free(p);
}

Test(printout, a_printouts_other_sheets_show_every_lead_whole)
{
    struct leadseq_drawing d = drawing_of(LEADSEQ_CLINICAL, LEADSEQ_TRUE_SCALE);
    struct leadseq_map map;
    make_record(0.4);
    d.printout = LEADSEQ_PRINTOUT_12X1;
    leadseq_drawing_set_dpi(&d, 60);
    free(draw(&d, 1, NULL, &map));
    for (int i = 0; i < TOTAL; i++) cr_assert_eq(map.sample[i], LEADSEQ_SAMPLE_DRAWN);
    cr_assert(isnan(map.box[LEADSEQ_LEADS].left), "no rhythm strip");
    leadseq_map_clear(&map);
    d.printout = LEADSEQ_PRINTOUT_6X2;
    leadseq_drawing_set_dpi(&d, 60);
    free(draw(&d, 1, NULL, &map));
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        for (int k = 0; k < N; k++)
            cr_assert_eq(map.sample[lead * N + k] == LEADSEQ_SAMPLE_DRAWN, k / 500 == lead / 6);
    leadseq_map_clear(&map);
}
