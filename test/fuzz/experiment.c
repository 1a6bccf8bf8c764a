/* SPDX-License-Identifier: MIT
 *
 * Experiment files: what is accepted is written, and what is written reads back to the same text,
 * as the file that a run keeps and as YAML. */
#include "fuzz.h"

#include "experiment/experiment.h"

static void check_back(struct leadseq_experiment *e, const char *text)
{
    char *copy = leadseq_format("%s", text);
    leadseq_experiment_default(e);
    fuzz_require(!leadseq_experiment_read_back(e, copy), "read back: %s", text);
    char *again = leadseq_experiment_text(e);
    fuzz_require(!strcmp(text, again), "%s\nread back and written:\n%s", text, again);
    free(again);
    free(copy);
}

static void check_yaml(struct leadseq_experiment *e, const char *text)
{
    leadseq_experiment_default(e);
    fuzz_require(!leadseq_experiment_parse(e, "written.yaml", text, strlen(text)), "as YAML: %s",
                 text);
    char *again = leadseq_experiment_text(e);
    fuzz_require(!strcmp(text, again), "%s\nread as YAML and written:\n%s", text, again);
    free(again);
}

/* What it includes is not a matter of bytes, and would be read from anywhere. */
static bool includes(const char *text)
{
    return strstr(text, "include") || strstr(text, "\\");
}

static void run(const uint8_t *data, size_t size)
{
    static struct leadseq_experiment e;
    char *text = fuzz_text(data, size);
    leadseq_experiment_default(&e);
    if (includes(text)) {
        free(text);
        return;
    }
    if (leadseq_experiment_parse(&e, "e.yaml", text, size)) {
        fuzz_refused();
    } else if (!leadseq_experiment_check(&e)) {
        char *written = leadseq_experiment_text(&e);
        fuzz_require(written, "written");
        check_back(&e, written);
        check_yaml(&e, written);
        free(written);
    }
    free(text);
}

static void seeds(void)
{
    fuzz_seed_text("name: mi-convlstm\nseed: 2\ndata:\n  task: mi\n  leads: [II, V1]\n"
                   "model:\n  type: convlstm\n  hidden: [8, 16]\n  kernel: 3\n"
                   "train:\n  lr: 1e-3\n  batch: 8\n  epochs: 3\n  schedule: one-cycle\n");
    fuzz_seed_text("data: {size: 64x64, train: [1, 2], valid: 9, test: 10}\n");
    fuzz_seed_text("train.lr: 0.01\ntrain.optimizer: sgd\nmodel.type: cnn\n");
    fuzz_seed_text("name: \"quoted: \xc3\xa9\"\n# comment\ntrain:\n    loss: bce\n");
    fuzz_seed_text("%YAML 1.2\n---\nseed: 1\n...\n");
    fuzz_seed_text("\xef\xbb\xbfseed: 3\n");
    fuzz_seed_text("seed: &a 1\nname: *a\n");
    fuzz_seed_text("name: |\n  block\nseed: >-\n  4\n");
    fuzz_seed_text("? seed\n: 1\n");
    fuzz_seed_text("{seed: 1, name: [a, b]}");
    fuzz_seed_text("%\xf4\n"); // libfyaml reads on forever
}

const struct fuzz_harness fuzz_experiment = {"experiment", "experiment files (YAML)", run, seeds};
