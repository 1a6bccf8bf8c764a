/* SPDX-License-Identifier: MIT
 *
 * What a run writes as JSON: environment.json, input.json, metrics.json. The
 * only file of train that knows jansson. A figure that is NaN is written null. */
#include "records.h"
#include "config.h"

#include "page/page.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Text from outside may hold bytes that are not UTF-8, and what is cut to its room may end within a
 * character. */
static json_t *text(const char *value)
{
    json_t *t = json_string(value);
    if (t) return t;
    return value ? json_string(leadseq_plain(value)) : json_null();
}

static struct leadseq_json *outer(json_t *root)
{
    return (struct leadseq_json *)root;
}

/* Takes the file over. */
static int put_root(json_t *root, struct leadseq_file *file, const char *path)
{
    if (!leadseq_json_write(outer(root), leadseq_file_stream(file)))
        return leadseq_file_commit(file);
    leadseq_file_discard(file);
    return leadseq_fail_in("%s", path);
}

/* Writes `root` and lets go of it; the file appears whole. */
static int write_root(json_t *root, const char *path)
{
    if (!root) return leadseq_fail_memory(0);
    int status = leadseq_json_save(outer(root), path);
    json_decref(root);
    return status;
}

static json_t *read_root(const char *path)
{
    return (json_t *)leadseq_json_read(path);
}

/* --- environment.json ------------------------------------------------------------------ */

/* Of classes that exclude each other also where it is 0. */
static void add_left_out(json_t *root, size_t left_out, bool exclusive)
{
    if (left_out || exclusive)
        json_object_set_new(root, "left_out", json_integer((json_int_t)left_out));
}

/* Of one output "positive", of several an object by output. */
static json_t *counts_object(const struct train_part *part)
{
    json_t *root = json_pack("{s:I}", "n", (json_int_t)part->n), *outputs = json_object();
    const struct train_counts *of = part->output;
    add_left_out(root, part->left_out, part->labels->exclusive);
    if (part->labels->outputs == 1)
        json_object_set_new(root, "positive", json_integer((json_int_t)of->positive));
    for (int k = 0; k < part->labels->outputs; k++)
        json_object_set_new(outputs, part->labels->name[k],
                            json_pack("{s:I, s:I}", "positive", (json_int_t)of[k].positive,
                                      "label_unknown", (json_int_t)of[k].unknown));
    if (part->labels->outputs > 1) json_object_set(root, "outputs", outputs);
    json_decref(outputs);
    return root;
}

static json_t *parts_object(const struct train_environment *env)
{
    json_t *parts = json_object();
    for (int i = 0; i < LEADSEQ_PARTS; i++)
        json_object_set_new(parts, leadseq_part_name[i], counts_object(&env->part[i]));
    add_left_out(parts, env->left_out, env->part[LEADSEQ_TRAIN].labels->exclusive);
    json_object_set_new(parts, "patients_on_both_sides",
                        json_integer((json_int_t)env->patients_on_both_sides));
    json_object_set_new(parts, "records_of_those", json_integer((json_int_t)env->records_of_those));
    return parts;
}

/* Written once, when a run begins, and left as it is when the run is resumed elsewhere: it
 * describes the machine that drew the initial weights. */
int train_environment_write(const struct train_environment *env, const struct train_input *input,
                            const char *path)
{
    char *absolute = leadseq_path_absolute(env->stack_path);
    json_t *stack = json_pack(
        "{s:o, s:o, s:o, s:o}", "path", text(absolute ? absolute : env->stack_path), "given",
        text(env->stack_path), "source", text(input->source), "checksum", text(input->checksum));
    free(absolute);
    json_t *versions = json_pack("{s:s, s:s, s:s, s:s, s:s?}", "leadseq", PACKAGE_VERSION,
                                 "compiler", __VERSION__, "jansson", jansson_version_str(),
                                 "engine", env->engine, "mpi", leadseq_ranks_library());
    json_t *root = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:i, s:i, s:i, s:o, s:o, s:o, s:o}", "started", env->started,
        "host", env->host, "system", text(env->system), "cpu", text(env->cpu), "versions", versions,
        "threads", env->threads, "ranks", leadseq_ranks(), "processors", env->processors,
        "git_commit", env->git_commit[0] ? text(env->git_commit) : json_null(), "command",
        text(env->command), "stack", stack, "parts", parts_object(env));
    return write_root(root, path);
}

/* --- input.json ------------------------------------------------------------------------ */

/* What the style has besides; a count may exceed what a JSON integer holds. */
static void add_parameters(json_t *drawing, const struct leadseq_drawing *d)
{
    struct leadseq_parameter p[LEADSEQ_PARAMETERS];
    size_t n = leadseq_drawing_parameters(d, p);
    for (size_t i = 0; i < n; i++) {
        char digits[32];
        snprintf(digits, sizeof digits, "%ju", (uintmax_t)p[i].count);
        if (p[i].optional && p[i].count == 0) continue;
        if (p[i].kind == LEADSEQ_PARAMETER_REAL)
            json_object_set_new(drawing, p[i].name, json_real(p[i].real));
        else if (p[i].kind == LEADSEQ_PARAMETER_WORD)
            json_object_set_new(drawing, p[i].name, json_string(p[i].word));
        else
            json_object_set_new(drawing, p[i].name, json_string(digits));
    }
}

static int read_parameters(struct leadseq_drawing *d, const json_t *drawing, const char *path)
{
    struct leadseq_parameter p[LEADSEQ_PARAMETERS];
    size_t n = leadseq_drawing_parameters(d, p);
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_object_get(drawing, p[i].name);
        if (!value && p[i].optional) continue;
        bool real = p[i].kind == LEADSEQ_PARAMETER_REAL;
        if (real ? !json_is_number(value) : !json_is_string(value))
            return leadseq_fail("%s: drawing.%s: not what a run writes", path, p[i].name);
        p[i].real = json_number_value(value);
        p[i].word = json_string_value(value);
        if (!real && !leadseq_parse_seed(p[i].word, &p[i].count)) p[i].count = 0; // a word
        if (leadseq_drawing_put(d, &p[i])) return leadseq_fail_in("%s", path);
    }
    return 0;
}

/* Whether colours are normalised apart. */
static bool differ(const struct train_input *input)
{
    bool same = true;
    for (int c = 1; c < 3; c++)
        same =
            same && input->mean[c] == input->mean[0] && input->deviation[c] == input->deviation[0];
    return !same;
}

static json_t *of_colours(const double v[3])
{
    return json_pack("[f, f, f]", v[0], v[1], v[2]);
}

static json_t *preparation_object(const struct leadseq_preparation *p)
{
    return json_pack("{s:f, s:f, s:f, s:f}", "notch_hz", p->notch_hz, "highpass_hz", p->highpass_hz,
                     "window_start_s", p->window_start_s, "window_s", p->window_s);
}

static json_t *of_leads(const double v[LEADSEQ_LEADS])
{
    json_t *list = json_array();
    for (int i = 0; i < LEADSEQ_LEADS; i++) json_array_append_new(list, json_real(v[i]));
    return list;
}

static int write_signals(const struct train_input *input, const char *path)
{
    const struct leadseq_drawing *d = &input->drawing;
    json_t *signals = json_pack("{s:I, s:f, s:o}", "samples", (json_int_t)input->samples, "rate_hz",
                                d->rate_hz, "preparation", preparation_object(&d->preparation));
    if (input->gain > 0) json_object_set_new(signals, "gain", json_real(input->gain));
    return write_root(json_pack("{s:o, s:o, s:o, s:o, s:o}", "signals", signals, "lead_mean",
                                of_leads(input->lead_mean), "lead_deviation",
                                of_leads(input->lead_deviation), "source", text(input->source),
                                "checksum", text(input->checksum)),
                      path);
}

int train_input_write(const struct train_input *input, const char *path)
{
    const struct leadseq_drawing *d = &input->drawing;
    if (input->samples) return write_signals(input, path);
    json_t *drawing =
        json_pack("{s:s, s:s, s:i, s:i, s:i, s:f}", "style", input->style, "profile",
                  leadseq_profile_name(d->profile), "width", d->width, "height", d->height,
                  "channels", leadseq_drawing_channels(d), "rate_hz", d->rate_hz);
    const double range = leadseq_drawing_range_mv(d); // 0: it follows the record
    if (range > 0) json_object_set_new(drawing, "range_mv", json_real(range));
    const struct leadseq_preparation *p = &d->preparation, none = {0};
    if (!leadseq_preparation_same(p, &none))
        json_object_set_new(drawing, "preparation", preparation_object(p));
    add_parameters(drawing, d);
    json_t *root = json_pack("{s:o, s:f, s:f, s:o, s:o}", "drawing", drawing, "mean",
                             input->mean[0], "deviation", input->deviation[0], "source",
                             text(input->source), "checksum", text(input->checksum));
    if (root && differ(input)) {
        json_object_set_new(root, "colour_mean", of_colours(input->mean));
        json_object_set_new(root, "colour_deviation", of_colours(input->deviation));
    }
    return write_root(root, path);
}

/* The parts of input.json that are text, borrowed from the parsed file. */
struct words {
    const char *style, *profile, *source, *checksum;
};

/* Leaves what is there where the file has one number for all. */
static int read_colours(const json_t *root, const char *key, double v[3], const char *path)
{
    const json_t *list = json_object_get(root, key);
    for (size_t c = 0; list && c < 3; c++) {
        const json_t *one = json_array_get(list, c);
        if (!json_is_number(one) || json_array_size(list) != 3)
            return leadseq_fail("%s: %s: expected three numbers", path, key);
        v[c] = json_number_value(one);
    }
    return 0;
}

static int unpack_input(struct train_input *input, struct words *w, json_t *root, const char *path)
{
    struct leadseq_drawing *d = &input->drawing;
    struct leadseq_preparation *p = &d->preparation;
    json_error_t error;
    if (json_unpack_ex(
            root, &error, 0,
            "{s:{s?{s:F, s:F, s:F, s:F}, s:s, s:s, s:i, s:i, s?F, s:F}, s:F, s:F, s:s, s:s}",
            "drawing", "preparation", "notch_hz", &p->notch_hz, "highpass_hz", &p->highpass_hz,
            "window_start_s", &p->window_start_s, "window_s", &p->window_s, "style", &w->style,
            "profile", &w->profile, "width", &d->width, "height", &d->height, "range_mv",
            &d->range_mv, "rate_hz", &d->rate_hz, "mean", &input->mean[0], "deviation",
            &input->deviation[0], "source", &w->source, "checksum", &w->checksum))
        return leadseq_fail("%s: not what a run writes: %s", path, error.text);
    for (int c = 1; c < 3; c++)
        input->mean[c] = input->mean[0], input->deviation[c] = input->deviation[0];
    return read_colours(root, "colour_mean", input->mean, path) ||
                   read_colours(root, "colour_deviation", input->deviation, path)
               ? -1
               : 0;
}

static int check_input(const struct train_input *input, const char *path)
{
    if (leadseq_drawing_check(&input->drawing)) return leadseq_fail_in("%s", path);
    for (int c = 0; c < 3; c++)
        if (!isfinite(input->mean[c]) || !(input->deviation[c] > 0))
            return leadseq_fail("%s: expected a mean and a deviation above 0, found %g and %g",
                                path, input->mean[c], input->deviation[c]);
    return 0;
}

static int read_leads(const json_t *root, const char *key, double v[LEADSEQ_LEADS],
                      const char *path)
{
    const json_t *list = json_object_get(root, key);
    for (size_t i = 0; i < LEADSEQ_LEADS; i++) {
        const json_t *one = json_array_get(list, i);
        if (!json_is_number(one) || json_array_size(list) != LEADSEQ_LEADS)
            return leadseq_fail("%s: %s: expected a list of %d numbers", path, key, LEADSEQ_LEADS);
        v[i] = json_number_value(one);
    }
    return 0;
}

static int check_signals(const struct train_input *input, const char *path)
{
    const struct leadseq_drawing *d = &input->drawing;
    if (!(d->rate_hz > 0 && d->rate_hz <= 1e6) || leadseq_preparation_check(&d->preparation) ||
        input->samples != leadseq_drawing_samples(d))
        return leadseq_fail("%s: signals: expected a rate, and the samples of its window, found "
                            "%zu at %g Hz",
                            path, input->samples, d->rate_hz);
    if (input->gain != 0 && leadseq_signals_gain_check(input->gain))
        return leadseq_fail_in("%s: signals", path);
    for (int i = 0; i < LEADSEQ_LEADS; i++)
        if (!isfinite(input->lead_mean[i]) || !(input->lead_deviation[i] > 0))
            return leadseq_fail("%s: lead %s: expected a mean and a deviation above 0, found %g "
                                "and %g",
                                path, leadseq_lead_name[i], input->lead_mean[i],
                                input->lead_deviation[i]);
    return 0;
}

/* What a run on signals writes. */
static int unpack_signals(struct train_input *input, json_t *root, const char *path)
{
    struct leadseq_preparation p = {0};
    const char *source, *checksum;
    json_error_t error;
    json_int_t samples;
    double rate_hz, gain = 0;
    if (json_unpack_ex(root, &error, 0, "{s:{s:I, s:F, s?F, s:{s:F, s:F, s:F, s:F}}, s:s, s:s}",
                       "signals", "samples", &samples, "rate_hz", &rate_hz, "gain", &gain,
                       "preparation", "notch_hz", &p.notch_hz, "highpass_hz", &p.highpass_hz,
                       "window_start_s", &p.window_start_s, "window_s", &p.window_s, "source",
                       &source, "checksum", &checksum))
        return leadseq_fail("%s: not what a run writes: %s", path, error.text);
    leadseq_drawing_default(&input->drawing, LEADSEQ_PAPER_TEXT);
    input->drawing.rate_hz = rate_hz;
    input->drawing.preparation = p;
    input->gain = gain;
    input->samples = samples > 0 ? (size_t)samples : 0;
    for (int c = 0; c < 3; c++) input->deviation[c] = 1;
    snprintf(input->source, sizeof input->source, "%s", source);
    snprintf(input->checksum, sizeof input->checksum, "%s", checksum);
    if (read_leads(root, "lead_mean", input->lead_mean, path) ||
        read_leads(root, "lead_deviation", input->lead_deviation, path))
        return -1;
    return check_signals(input, path);
}

/* What a run on images writes. */
static int unpack_images(struct train_input *input, json_t *root, const char *path)
{
    struct words w = {0};
    int status = unpack_input(input, &w, root, path);
    if (!status && leadseq_profile_parse(&input->drawing.profile, w.profile))
        status = leadseq_fail_in("%s: profile", path);
    if (!status && leadseq_style_parse(&input->drawing.style, w.style))
        status = leadseq_fail_in("%s: style", path);
    if (!status) status = read_parameters(&input->drawing, json_object_get(root, "drawing"), path);
    if (!status) {
        snprintf(input->style, sizeof input->style, "%s", w.style);
        snprintf(input->source, sizeof input->source, "%s", w.source);
        snprintf(input->checksum, sizeof input->checksum, "%s", w.checksum);
        status = check_input(input, path);
    }
    return status;
}

int train_input_read(struct train_input *input, const char *path)
{
    json_t *root = read_root(path);
    if (!root) return -1;
    *input = (struct train_input){0};
    int status = json_object_get(root, "signals") ? unpack_signals(input, root, path)
                                                  : unpack_images(input, root, path);
    json_decref(root);
    return status;
}

/* --- metrics.json ---------------------------------------------------------------------- */

/* Metrics of one output; `counted`: with its records whose label is unknown. */
static json_t *output_object(const struct train_output_scores *s, bool counted)
{
    const struct leadseq_confusion *c = &s->at_threshold;
    json_t *confusion =
        json_pack("{s:I, s:I, s:I, s:I}", "tp", (json_int_t)c->tp, "fp", (json_int_t)c->fp, "fn",
                  (json_int_t)c->fn, "tn", (json_int_t)c->tn);
    json_t *root =
        json_pack("{s:I, s:I}", "n", (json_int_t)s->n, "positive", (json_int_t)s->positive);
    bool told = false; // the threshold, before what is decided at it
    for (int m = 0; root && m < LEADSEQ_MONITOR_LOSS; m++) {
        bool decided = leadseq_metrics[leadseq_monitor_metric[m]]->needs == LEADSEQ_OF_DECISIONS;
        if (decided && !told) json_object_set_new(root, "threshold", number(s->threshold));
        told = told || decided;
        json_object_set_new(root, leadseq_monitor_name[m], number(s->value[m]));
    }
    if (!root || json_object_set_new(root, "confusion", confusion)) {
        json_decref(root);
        return NULL;
    }
    if (counted) json_object_set_new(root, "label_unknown", json_integer((json_int_t)s->unknown));
    return root;
}

/* The means over the outputs where a metric is defined. */
static json_t *macro_object(json_t *outputs)
{
    json_t *root = json_object(), *output;
    const char *name;
    for (size_t m = 0; root && m < LEADSEQ_MONITOR_LOSS; m++) {
        double sum = 0;
        int defined = 0;
        json_object_foreach(outputs, name, output)
        {
            const json_t *value = json_object_get(output, leadseq_monitor_name[m]);
            if (json_is_number(value)) sum += json_number_value(value), defined++;
        }
        json_object_set_new(root, leadseq_monitor_name[m], number(defined ? sum / defined : NAN));
    }
    return root;
}

static json_t *several_object(const struct train_scores *s)
{
    json_t *root = json_object(), *outputs = json_object();
    for (int k = 0; k < s->outputs; k++)
        json_object_set_new(outputs, s->output[k].name, output_object(&s->output[k], true));
    json_object_set(root, "outputs", outputs);
    json_object_set_new(root, "macro", macro_object(outputs));
    if (!isnan(s->class_accuracy))
        json_object_set_new(root, "class_accuracy", number(s->class_accuracy));
    json_decref(outputs);
    return root;
}

/* One output's metrics are the part's own; several are in "outputs", their means in "macro". */
static json_t *scores_object(const struct train_scores *s)
{
    json_t *root =
        json_pack("{s:s, s:I, s:I, s:I, s:o, s:s, s:s}", "checkpoint", s->checkpoint, "epoch",
                  (json_int_t)s->epoch, "step", (json_int_t)s->step, "n", (json_int_t)s->n, "loss",
                  number(s->loss), "threshold_origin", s->threshold_origin, "computed_in",
                  leadseq_precision_names[s->computed_in]);
    if (root && s->empty) json_object_set_new(root, "empty", json_integer((json_int_t)s->empty));
    if (root) add_left_out(root, s->left_out, !isnan(s->class_accuracy));
    if (root && s->stack) json_object_set_new(root, "stack", json_string(s->stack));
    json_t *more = s->outputs == 1 ? output_object(&s->output[0], false) : several_object(s);
    if (!root || !more || json_object_update(root, more)) {
        json_decref(root);
        root = NULL;
    }
    json_decref(more);
    return root;
}

/* parts of an object that may not have them yet; NULL and a message on failure. */
static json_t *parts_in(json_t *root, const char *path)
{
    json_t *parts = json_object_get(root, "parts");
    if (json_is_object(parts)) return parts;
    if (json_object_set_new(root, "parts", json_object()))
        leadseq_fail("%s: the scores cannot be put into JSON", path);
    return json_object_get(root, "parts");
}

/* Puts `object`, which is let go of, under parts.NAME. The new file is begun before the old one is
 * read, so that nobody changes it in between. */
static int write_part(json_t *object, const char *part, bool replace, const char *path)
{
    struct leadseq_file *file = leadseq_file_await(path);
    if (!file) {
        json_decref(object);
        return -1;
    }
    json_t *root = leadseq_path_exists(path) ? read_root(path) : json_object();
    json_t *parts = root ? parts_in(root, path) : NULL;
    int status = parts ? 0 : -1;
    bool kept = parts && json_object_get(parts, part) && !replace;
    if (!status && !kept && json_object_set(parts, part, object))
        status = leadseq_fail("%s: the scores cannot be put into JSON", path);
    json_decref(object);
    if (!status)
        status = put_root(root, file, path);
    else
        leadseq_file_discard(file);
    json_decref(root);
    return status;
}

int train_scores_check(const char *path)
{
    json_t *root = leadseq_path_exists(path) ? read_root(path) : json_object();
    json_t *parts = root ? json_object_get(root, "parts") : NULL;
    int status = root ? 0
                      : leadseq_fail_in("scores cannot be added (move the file away to begin "
                                        "a new one)");
    if (parts && !json_is_object(parts))
        status = leadseq_fail(
            "%s: parts: expected an object; move the file away to begin a new one", path);
    json_decref(root);
    return status;
}

int train_scores_write(const struct train_scores *scores, const char *part, const char *path)
{
    return write_part(scores_object(scores), part, true, path);
}

int train_counts_write(const struct train_part *counts, const char *part, const char *path)
{
    return write_part(counts_object(counts), part, false, path);
}
