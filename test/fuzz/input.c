/* SPDX-License-Identifier: MIT
 *
 * input.json of a run, which says how its records are drawn: what is accepted can be drawn, and is
 * written and reads back the same. */
#include "fuzz.h"

#include "train/records.h"

static void check(const struct train_input *input)
{
    struct train_input back;
    for (int i = 0; i < 3; i++)
        fuzz_require(isfinite(input->mean[i]) && input->deviation[i] > 0, "%g %g", input->mean[i],
                     input->deviation[i]);
    fuzz_require(!leadseq_drawing_check(&input->drawing), "accepted, and cannot be drawn");
    remove(fuzz_path("w.json"));
    fuzz_require(!train_input_write(input, fuzz_path("w.json")), "written");
    fuzz_require(!train_input_read(&back, fuzz_path("w.json")), "read back");
    for (int i = 0; i < 3; i++)
        fuzz_require(back.mean[i] == input->mean[i] && back.deviation[i] == input->deviation[i],
                     "%g %g", back.mean[i], back.deviation[i]);
    fuzz_require(
        back.drawing.width == input->drawing.width &&
            back.drawing.height == input->drawing.height &&
            back.drawing.profile == input->drawing.profile &&
            back.drawing.style == input->drawing.style &&
            back.drawing.rate_hz == input->drawing.rate_hz &&
            leadseq_drawing_range_mv(&back.drawing) ==
                leadseq_drawing_range_mv(&input->drawing), // not kept where it has no effect
        "another drawing");
    fuzz_require(back.samples == input->samples && back.gain == input->gain, "other signals");
    for (int i = 0; i < LEADSEQ_LEADS; i++)
        fuzz_require(back.lead_mean[i] == input->lead_mean[i] &&
                         back.lead_deviation[i] == input->lead_deviation[i],
                     "lead %d", i);
    fuzz_require(leadseq_preparation_same(&back.drawing.preparation, &input->drawing.preparation),
                 "another preparation");
}

static void seed(const struct train_input *input)
{
    remove(fuzz_path("s.json"));
    fuzz_require(!train_input_write(input, fuzz_path("s.json")), "seed");
    fuzz_seed_file("s.json");
}

static void run(const uint8_t *data, size_t size)
{
    struct train_input input;
    if (train_input_read(&input, fuzz_put("input.json", data, size)))
        fuzz_refused();
    else
        check(&input);
}

static void seeds(void)
{
    for (enum leadseq_style style = LEADSEQ_DATASET1; leadseq_style_type(style); style++) {
        struct train_input input = {.mean = {200, 0, 0.5}, .deviation = {30, 1, 0.25}};
        leadseq_drawing_init(&input.drawing, style, LEADSEQ_PAPER_CODE);
        if (leadseq_drawing_check(&input.drawing)) continue;
        snprintf(input.style, sizeof input.style, "%s", leadseq_style_type(style)->name);
        snprintf(input.source, sizeof input.source, "PTB-XL, crc32:00000000");
        snprintf(input.checksum, sizeof input.checksum, "fnv:0123456789abcdef");
        seed(&input);
        input.drawing.preparation.notch_hz = 50;
        seed(&input);
    }
    struct train_input signals = {
        .samples = 1000, .gain = 1000, .checksum = "fnv:0123456789abcdef"};
    leadseq_drawing_default(&signals.drawing, LEADSEQ_PAPER_TEXT);
    for (int i = 0; i < LEADSEQ_LEADS; i++) signals.lead_deviation[i] = 1 + i;
    seed(&signals);
    leadseq_error_clear();
}

const struct fuzz_harness fuzz_input = {"input", "input.json of a run", run, seeds};
