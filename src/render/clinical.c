/* SPDX-License-Identifier: MIT
 *
 * A printed page: page.c says where everything is, here it is drawn. Leads follow each
 * other in time, column by column; a printout has no frame between its rows, so tall
 * waves run over their neighbours. */
#include "canvas.h"
#include "page.h"
#include "words.h"

#include <math.h>
#include <stdlib.h>

struct clinical {
    const struct leadseq_drawing *d;
    struct render_page page;
    struct render_paper paper; /* its place on the picture */
    struct render_canvas canvas;
    struct render_pen pen;
    struct render_point *points;
    const float *mv;
    size_t n, shown; /* samples of a lead, those within 10 s */
    struct leadseq_trace_report *report;
    struct leadseq_map *map;
};

static const struct render_colour INK = RENDER_PRINTER;
static const double NAME_MM = 3, TRACE_MM = 0.28, TEXT_MM = 0.25;

static const char *const printed_name[LEADSEQ_LEADS] = {"I",  "II", "III", "aVR", "aVL", "aVF",
                                                        "V1", "V2", "V3",  "V4",  "V5",  "V6"};

static double x_of(const struct clinical *c, double mm)
{
    return c->paper.left + mm * c->paper.px_per_mm;
}

static double y_of(const struct clinical *c, double mm)
{
    return c->paper.top + mm * c->paper.px_per_mm;
}

/* Height of a row's zero line, mm. */
static double zero_mm(const struct clinical *c, int row)
{
    return c->page.top_mm + (row + 0.5) * c->page.pitch_mm;
}

static double trace_width(const struct clinical *c)
{
    return fmax(TRACE_MM * c->d->dpi / 25.4, 1);
}

static void draw_paper(struct clinical *c)
{
    static const struct {
        struct render_colour fine, bold;
    } ink[] = {[LEADSEQ_GRID_PINK] = {{255, 222, 226}, {243, 168, 176}},
               [LEADSEQ_GRID_GREY] = {{232, 232, 232}, {184, 184, 184}}};
    if (c->d->grid != LEADSEQ_GRID_NONE)
        render_paper_draw(&c->canvas, &c->paper, &ink[c->d->grid].fine, &ink[c->d->grid].bold);
}

/* 1 mV for 0.2 s, on the row's zero line. */
static int draw_pulse(struct clinical *c, int row)
{
    const struct render_page *p = &c->page;
    double low = y_of(c, zero_mm(c, row));
    double high = y_of(c, zero_mm(c, row) - c->d->gain_mm_per_mv);
    double right = p->left_mm - 2.5, left = right - p->pulse_mm;
    struct render_point pulse[] = {
        {x_of(c, left - 2.5), low}, {x_of(c, left), low},  {x_of(c, left), high},
        {x_of(c, right), high},     {x_of(c, right), low}, {x_of(c, right + 2.5), low},
    };
    return render_canvas_stroke(&c->canvas, pulse, LEADSEQ_COUNT(pulse), trace_width(c), &INK);
}

static int draw_name(struct clinical *c, int row, int column, int lead)
{
    double x = c->page.left_mm + column * c->page.column_mm + 1.5;
    double y = zero_mm(c, row) - c->page.pitch_mm / 2 + 1.5;
    return render_text_draw(&c->canvas, printed_name[lead], x_of(c, x), y_of(c, y), &c->pen);
}

/* Samples first … end - 1 of a lead on the row; map row `at`. */
static int draw_span(struct clinical *c, int row, int lead, size_t first, size_t end, int at)
{
    const float *mv = c->mv + (size_t)lead * c->n;
    double dx = c->d->speed_mm_per_s / c->d->rate_hz * c->paper.px_per_mm;
    struct render_geometry g = {
        .x0 = x_of(c, c->page.left_mm) + (double)first * dx,
        .dx = dx,
        .y0 = y_of(c, zero_mm(c, row)),
        .dy = -c->d->gain_mm_per_mv * c->paper.px_per_mm,
        .top = c->paper.top,
        .bottom = y_of(c, c->page.height_mm),
    };
    struct leadseq_trace_report again = {0}; // the rhythm strip's samples count once
    if (end > first &&
        render_canvas_trace(&c->canvas, &g, mv + first, end - first, trace_width(c), &INK,
                            c->points, at < LEADSEQ_LEADS ? c->report : &again))
        return -1;
    if (!c->map) return 0;
    for (size_t k = first; k < end; k++) {
        struct render_point p = {g.x0 + (double)(k - first) * dx, g.y0 + (double)mv[k] * g.dy};
        bool within = p.y >= g.top && p.y <= g.bottom;
        render_map_put(c->map, at, k, p,
                       isnan(mv[k]) ? LEADSEQ_SAMPLE_MISSING
                       : within     ? LEADSEQ_SAMPLE_DRAWN
                                    : LEADSEQ_SAMPLE_CLIPPED);
    }
    return 0;
}

static void put_box(struct clinical *c, int at, int row, int column, int columns)
{
    double left = c->page.left_mm + column * c->page.column_mm;
    double top = c->page.top_mm + row * c->page.pitch_mm;
    if (c->map)
        c->map->box[at] = (struct leadseq_box){(float)x_of(c, left), (float)y_of(c, top),
                                               (float)x_of(c, left + columns * c->page.column_mm),
                                               (float)y_of(c, top + c->page.pitch_mm)};
}

/* Samples before the time at which a column begins. */
static size_t before(const struct clinical *c, int column)
{
    double samples = RENDER_SHOWN_S * column / c->page.columns * c->d->rate_hz;
    size_t n = (size_t)ceil(samples - 1e-6);
    return n < c->shown ? n : c->shown;
}

static int draw_row(struct clinical *c, int row)
{
    bool rhythm = row == c->page.rows;
    if (c->d->calibration && draw_pulse(c, row)) return -1;
    for (int column = 0; column < (rhythm ? 1 : c->page.columns); column++) {
        int lead = rhythm ? c->d->rhythm : column * c->page.rows + row;
        int at = rhythm ? LEADSEQ_LEADS : lead;
        size_t end = rhythm ? c->shown : before(c, column + 1);
        if (c->d->names && draw_name(c, row, column, lead)) return -1;
        if (draw_span(c, row, lead, before(c, column), end, at))
            return leadseq_fail_in("lead %s", leadseq_lead_name[lead]);
        put_box(c, at, row, column, rhythm ? c->page.columns : 1);
    }
    return 0;
}

static int draw_foot(struct clinical *c)
{
    char text[64];
    snprintf(text, sizeof text, "%g mm/s   %g mm/mV", c->d->speed_mm_per_s, c->d->gain_mm_per_mv);
    return render_text_draw(&c->canvas, text, x_of(c, c->page.left_mm),
                            y_of(c, c->page.height_mm - 5 - NAME_MM / 2), &c->pen);
}

static int draw_page(struct clinical *c)
{
    struct render_range r;
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        if (render_range_find(&r, c->mv + (size_t)lead * c->n, c->n))
            return leadseq_fail_in("lead %s", leadseq_lead_name[lead]);
    draw_paper(c);
    for (int row = 0; row < c->page.rows + c->page.rhythm; row++)
        if (draw_row(c, row)) return -1;
    return c->d->names ? draw_foot(c) : 0;
}

static int draw(const struct leadseq_drawing *d, const float *mv, size_t n,
                const struct render_sheet *sheet, struct leadseq_trace_report *report,
                struct leadseq_map *map)
{
    struct clinical c = {
        .d = d, .mv = mv, .n = n, .shown = render_shown(d, n), .report = report, .map = map};
    render_page_make(&c.page, d);
    double mm = d->dpi / 25.4;
    c.paper = (struct render_paper){.left = floor((d->width - c.page.width_mm * mm) / 2 + 0.5),
                                    .top = floor((d->height - c.page.height_mm * mm) / 2 + 0.5),
                                    .width_mm = c.page.width_mm,
                                    .height_mm = c.page.height_mm,
                                    .px_per_mm = mm};
    c.pen = (struct render_pen){
        .height = NAME_MM * mm, .width = fmax(TEXT_MM * mm, 0.8), .colour = INK};
    render_canvas_init(&c.canvas, d, sheet);
    render_canvas_clip(&c.canvas, c.paper.left, c.paper.top, x_of(&c, c.page.width_mm),
                       y_of(&c, c.page.height_mm));
    c.points = leadseq_calloc(n, sizeof *c.points);
    int status = c.points ? draw_page(&c) : -1;
    free(c.points);
    return status;
}

/* --- The style -------------------------------------------------------------------------------- */

/* A page as large as its dpi make it, or as many dpi as fit into its size. */
static void fit_size(struct leadseq_drawing *d, bool by_parameter)
{
    if (by_parameter)
        render_page_size(d, d->dpi, &d->width, &d->height);
    else
        d->dpi = render_page_dpi(d, d->width, d->height);
}

static void init(struct leadseq_drawing *d)
{
    d->speed_mm_per_s = 25;
    d->gain_mm_per_mv = 10;
    d->dpi = 100;
    d->rhythm = 1;
    d->calibration = d->names = d->colour = true;
    fit_size(d, true);
}

static int channels(const struct leadseq_drawing *d)
{
    return d->colour ? 3 : 1;
}

static struct leadseq_pen line(const struct leadseq_drawing *d)
{
    return (struct leadseq_pen){INK.r, INK.g, INK.b, trace_width(&(struct clinical){.d = d})};
}

static int check(const struct leadseq_drawing *d)
{
    int width, height;
    render_page_size(d, d->dpi, &width, &height);
    if (width <= d->width && height <= d->height) return 0;
    return leadseq_fail("a clinical page of %dx%d pixels at %g dpi does not fit into %dx%d", width,
                        height, d->dpi, d->width, d->height);
}

/* Only one printout has a rhythm strip. */
static bool ignores(const struct leadseq_drawing *d, const struct leadseq_style_parameter *p)
{
    return p->field == offsetof(struct leadseq_drawing, rhythm) &&
           d->printout != LEADSEQ_PRINTOUT_3X4;
}

#define FIELD(name) offsetof(struct leadseq_drawing, name)
static const struct leadseq_style_parameter parameters[] = {
    {"printout", "printout", "3x4|6x2|12x1", "Rows and columns of leads (default 3x4)",
     LEADSEQ_FIELD_WORD, .field = FIELD(printout), .words = render_printout_names},
    {"rhythm", "rhythm", "LEAD", "3x4: the lead drawn whole below, or none (default II)",
     LEADSEQ_FIELD_WORD, FIELD(rhythm), .words = render_rhythm_names, .first = -1},
    {"grid", "grid", "NAME", "pink (default), grey or none", LEADSEQ_FIELD_WORD, FIELD(grid),
     .words = render_grid_names},
    {"speed_mm_per_s", "speed", "MM", "Millimetres per second (default 25)", LEADSEQ_FIELD_REAL,
     FIELD(speed_mm_per_s), .least = 5, .most = 200},
    {"gain_mm_per_mv", "gain", "MM", "Millimetres per millivolt (default 10)", LEADSEQ_FIELD_REAL,
     FIELD(gain_mm_per_mv), .least = 1, .most = 100},
    {"dpi", "dpi", "N", "Pixels per inch (default 100, or the most that fit into --size)",
     LEADSEQ_FIELD_REAL, FIELD(dpi), .least = 10, .most = 1200, .sizes = true},
    {"calibration", "no-calibration", NULL, "Without the pulse of 1 mV before each row",
     LEADSEQ_FIELD_OFF, .field = FIELD(calibration)},
    {"names", "no-names", NULL, "Without names of leads, speed and gain", LEADSEQ_FIELD_OFF,
     .field = FIELD(names)},
    {"colour", "grey", NULL, "Grey instead of colour", LEADSEQ_FIELD_OFF, .field = FIELD(colour)},
    {0},
};

const struct leadseq_style_type render_clinical = {
    .name = "clinical",
    .help = "a printer's page",
    .profiles = 1u << LEADSEQ_TRUE_SCALE,
    .profile = LEADSEQ_TRUE_SCALE,
    .other_profiles = "a printed page has a true scale by nature; for other scales draw dataset2",
    .page = true,
    .parameter = parameters,
    .init = init,
    .channels = channels,
    .line = line,
    .draw = draw,
    .check = check,
    .fit_size = fit_size,
    .ignores = ignores,
    .paper = true,
};
