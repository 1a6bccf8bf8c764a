/* SPDX-License-Identifier: MIT
 *
 * From the options that say how records are drawn to a drawing. An option that belongs
 * to another style is refused rather than ignored. */
#include "drawing.h"

#include <string.h>

/* --- The options of styles ------------------------------------------------------------------ */

/* Each once, in the order of the table; several styles may have one. */
static const struct leadseq_style_parameter *own[CLI_STYLE_OPTIONS_MOST];
static int n_own;

static int find_own(const char *option)
{
    for (int i = 0; i < n_own; i++)
        if (!strcmp(own[i]->option, option)) return i;
    return -1;
}

static const struct leadseq_style_parameter *find_in(const struct leadseq_style_type *type,
                                                     const char *option)
{
    for (const struct leadseq_style_parameter *p = type->parameter; p && p->name; p++)
        if (p->option && !strcmp(p->option, option)) return p;
    return NULL;
}

/* "dataset2 or dataset3": the styles that have an option. */
static void list_styles(const char *option, char text[256])
{
    size_t n = 0;
    text[0] = '\0';
    for (int i = 0; leadseq_style_types[i] && n < 256; i++)
        if (find_in(leadseq_style_types[i], option))
            n += (size_t)snprintf(text + n, 256 - n, "%s%s", n ? " or " : "",
                                  leadseq_style_types[i]->name);
}

/* --- Kinds ------------------------------------------------------------------------------------ */

static int read_size(const struct cli_option *o, char *text, void *field)
{
    int *size = field;
    (void)o;
    if (leadseq_parse_size(text, LEADSEQ_SIDE_MAX, &size[0], &size[1])) return 0;
    return leadseq_fail("expected WIDTHxHEIGHT in pixels, each at most %d, such as 512x512, found "
                        "'%s'",
                        LEADSEQ_SIDE_MAX, text);
}

static int read_style(const struct cli_option *o, char *text, void *field)
{
    enum leadseq_style style;
    (void)o;
    *(const char **)field = text;
    return leadseq_style_parse(&style, text);
}

static int read_profile(const struct cli_option *o, char *text, void *field)
{
    enum leadseq_profile profile;
    (void)o;
    *(const char **)field = text;
    return leadseq_profile_parse(&profile, text);
}

/* Checked at once on a drawing that is thrown away; set when the style is known. */
static int read_own(const struct cli_option *o, char *text, void *field)
{
    struct leadseq_drawing scratch = {0};
    *(const char **)field = text ? text : "";
    return leadseq_style_parameter_set(&scratch, o->more, text);
}

const struct cli_option_kind cli_size = {.read = read_size};
static const struct cli_option_kind style = {.read = read_style}, profile = {.read = read_profile},
                                    own_value = {.read = read_own},
                                    own_flag = {.read = read_own, .flag = true};

/* --- Rows ------------------------------------------------------------------------------------- */

static struct cli_option row[CLI_STYLE_OPTIONS_MOST + 16]; // the last stays empty
static size_t n_rows;

static void add(const struct cli_option *option)
{
    if (n_rows + 1 < LEADSEQ_COUNT(row)) row[n_rows++] = *option;
}

/* The options of a style that no style before it has, under a heading of its own. */
static void add_style(const struct leadseq_style_type *type, size_t offset)
{
    bool headed = false;
    for (const struct leadseq_style_parameter *p = type->parameter; p && p->name; p++) {
        if (!p->option || find_own(p->option) >= 0 || n_own == CLI_STYLE_OPTIONS_MOST) continue;
        if (!headed)
            add(&(struct cli_option){.help = leadseq_format("Of --style %s:", type->name)});
        headed = true;
        add(&(struct cli_option){
            .name = p->option,
            .argument = p->argument,
            .kind = p->argument ? &own_value : &own_flag,
            .field = offset + offsetof(struct cli_drawing, own) + (size_t)n_own * sizeof(char *),
            .help = p->help,
            .more = p,
        });
        own[n_own++] = p;
    }
}

const struct cli_option *cli_drawing_options(size_t offset)
{
#define OF(name) offset + offsetof(struct cli_drawing, name)
    if (n_rows) return row;
    const struct cli_option common[] = {
        {.help = "How records are drawn:"},
        {"style", "STYLE", &style, OF(style), "One of those below (default dataset4)"},
        {"profile", "NAME", &profile, OF(profile),
         "paper-text (dataset4's default), paper-code (of datasets 1 to 3), fixed-mv, or clinical: "
         "one true scale for all leads"},
        {"size", "WxH", &cli_size, OF(width),
         "Pixels of one image: by default 512x512, paper-code 640x480, dataset1 2048x1536, "
         "clinical "
         "by --dpi"},
        {"range-mv", "MV", &cli_number, OF(range_mv),
         "fixed-mv: a lead's height is -MV to +MV (default 2)", .least = 0.01, .most = 1000},
    };
#undef OF
    for (size_t i = 0; i < LEADSEQ_COUNT(common); i++) add(&common[i]);
    for (int i = 0; leadseq_style_types[i]; i++) add_style(leadseq_style_types[i], offset);
    return row;
}

void cli_drawing_list(FILE *out)
{
    fputs("Styles:\n", out);
    for (int i = 0; leadseq_style_types[i]; i++)
        fprintf(out, "  %-12s %s\n", leadseq_style_types[i]->name, leadseq_style_types[i]->help);
}

/* --- The drawing ------------------------------------------------------------------------------ */

static int set_own(struct leadseq_drawing *d, const struct cli_drawing *a)
{
    const struct leadseq_style_type *type = leadseq_style_type(d->style);
    char styles[256];
    for (int i = 0; i < n_own; i++) {
        if (!a->own[i]) continue;
        const struct leadseq_style_parameter *p = find_in(type, own[i]->option);
        if (!p) {
            list_styles(own[i]->option, styles);
            return leadseq_fail("--%s belongs to --style %s", own[i]->option, styles);
        }
        if (leadseq_style_parameter_set(d, p, a->own[i])) return cli_option_fail(p->option);
        if (p->sizes && a->width)
            return leadseq_fail("--size and --%s each say how large the picture is; give one",
                                p->option);
    }
    for (int i = 0; i < n_own; i++) // only now all values it could depend on are set
        if (a->own[i] && type->ignores && type->ignores(d, find_in(type, own[i]->option)))
            return leadseq_fail("--%s has no effect with the other options; see --help",
                                own[i]->option);
    return 0;
}

static void set_seed(struct leadseq_drawing *d, uint64_t seed)
{
    const struct leadseq_style_parameter *p = leadseq_style_type(d->style)->parameter;
    for (; p && p->name; p++)
        if (p->type == LEADSEQ_FIELD_SEED) d->seed = seed;
}

int cli_drawing_make(struct leadseq_drawing *d, const struct cli_drawing *a, uint64_t seed)
{
    enum leadseq_style number = LEADSEQ_DATASET4;
    if (a->style && leadseq_style_parse(&number, a->style)) return cli_option_fail("style");
    enum leadseq_profile of = leadseq_style_profile(number);
    if (a->profile && leadseq_profile_parse(&of, a->profile)) return cli_option_fail("profile");
    const struct leadseq_style_type *type = leadseq_style_type(number);
    leadseq_drawing_init(d, number, of);
    if (a->range_mv > 0 && of != LEADSEQ_FIXED_MV)
        return leadseq_fail("--range-mv belongs to --profile fixed-mv");
    if (set_own(d, a)) return -1;
    if (a->width)
        leadseq_drawing_set_size(d, a->width, a->height);
    else if (type->fit_size)
        type->fit_size(d, true);
    if (a->range_mv > 0) d->range_mv = a->range_mv;
    set_seed(d, seed);
    return 0;
}
