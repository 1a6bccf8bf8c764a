/* SPDX-License-Identifier: MIT
 *
 * The few signs a page needs, as lines on a grid of 4 × 6 units: no font is asked of
 * the machine, and the same picture comes out everywhere. */
#include "canvas.h"

#include <string.h>

/* Points as pairs of digits, x right and y down from the top; '|' lifts the pen. */
static const struct {
    char sign;
    int width;
    const char *strokes;
} glyphs[] = {
    {'0', 4, "10304145361605 0110"},
    {'1', 4, "112026|1636"},
    {'2', 4, "0110304142 0646"},
    {'3', 4, "0110304142 3323|334445361605"},
    {'4', 4, "36300444"},
    {'5', 4, "40000232434536 1605"},
    {'6', 4, "41301001051636454433 1304"},
    {'7', 4, "004016"},
    {'8', 4, "1302011030414233130405163645 4433"},
    {'9', 4, "051636454130100102133342"},
    {'.', 0, "0506"},
    {'/', 4, "0640"},
    {'-', 4, "0343"},
    {'I', 0, "0006"},
    {'V', 4, "002640"},
    {'R', 4, "060030414233 03|2346"},
    {'L', 4, "000646"},
    {'F', 4, "400006|0333"},
    {'a', 4, "123243461605 1444"},
    {'m', 4, "0602|031223 26|23324346"},
    {'s', 4, "433212 031434453616 05"},
    {' ', 2, ""},
};

enum { GAP = 2, HEIGHT = 6, POINTS_MOST = 32 };

static int draw_strokes(struct render_canvas *c, const char *strokes, double x, double y,
                        const struct render_pen *pen)
{
    struct render_point p[POINTS_MOST];
    size_t n = 0;
    for (;; strokes++) {
        if (*strokes == ' ') continue;
        if (*strokes && *strokes != '|') {
            double unit = pen->height / HEIGHT;
            p[n++] =
                (struct render_point){x + (strokes[0] - '0') * unit, y + (strokes[1] - '0') * unit};
            strokes++;
            continue;
        }
        if (n && render_canvas_stroke(c, p, n, pen->width, &pen->colour)) return -1;
        if (!*strokes) return 0;
        n = 0;
    }
}

int render_text_draw(struct render_canvas *c, const char *text, double x, double y,
                     const struct render_pen *pen)
{
    for (; *text; text++) {
        for (size_t i = 0; i < LEADSEQ_COUNT(glyphs); i++) {
            if (glyphs[i].sign != *text) continue;
            if (draw_strokes(c, glyphs[i].strokes, x, y, pen)) return -1;
            x += (glyphs[i].width + GAP) * pen->height / HEIGHT;
            break;
        }
    }
    return 0;
}
