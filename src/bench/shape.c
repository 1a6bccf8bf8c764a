/* SPDX-License-Identifier: MIT
 *
 * The shapes that are measured by name. */
#include "bench_private.h"

#include <stdlib.h>
#include <string.h>

/* Steps that stay where they are: a network that saturates would multiply zeros. All records are
 * trained on. */
static const char common[] = "train.lr=1e-6 data.train=[1,2,3,4,5,6,7,8,9,10] data.valid=[] "
                             "data.test=[] diagnose.probes=none";

#define STEM                                                                                       \
    "data.size=512x512 train.batch=2 model.stem=conv model.stem_channels=[16,16,16,32,64,64] "
#define RESNET                                                                                     \
    "model.type=resnet model.head=linear train.loss=bce-logits data.invert=true "                  \
    "data.leads=[I,II,V1] data.size=224x224 "                                                      \
    "train.batch=8 "
#define CNN "model.type=cnn train.loss=bce-logits data.invert=true "
#define SIGNALS                                                                                    \
    "data.task=superclass data.crop=250 train.loss=bce-logits train.optimizer=adamw "              \
    "train.batch=128"

const struct leadseq_bench_shape leadseq_bench_shapes[] = {
    {"paper", "the paper's ConvLSTM: 12 leads of 512x512, 10 hidden channels, batch 2",
     "data.size=512x512 train.batch=2"},
    {"paper-small", "the same on 128x128, for little time", "data.size=128x128 train.batch=2"},
    {"pooled", "experiments/convlstm-pooled: strided stem, 32 hidden channels, 128x128, batch 32",
     "data.size=128x128 data.invert=true train.batch=32 train.loss=bce-logits "
     "train.optimizer=adamw model.hidden=[32] model.forget_bias=1 model.stem=conv "
     "model.stem_channels=[16,32,64,64] model.head=mean-max model.dropout=0.3"},
    {"stem-32", "experiments/heartnet-rnn-stem with 32 hidden channels: 512x512 to 8x8, batch 2",
     STEM "model.hidden=[32]"},
    {"stem-64", "the same with 64 hidden channels", STEM "model.hidden=[64]"},
    {"cnn-128", "the CNN of 16, 32, 64 and 128 channels, 128x128, batch 32",
     CNN "data.size=128x128 train.batch=32"},
    {"cnn-512", "the same on 512x512, batch 8", CNN "data.size=512x512 train.batch=8"},
    {"resnet18",
     "a residual network of depth 18 on three leads of 224x224, as many values as a colour page, "
     "batch 8",
     RESNET "model.depth=18"},
    {"resnet50", "the same of depth 50", RESNET "model.depth=50"},
    {"resnet1d", "the benchmark's resnet1d_wang: 12 leads of 250 samples, five outputs, batch 128",
     "model.type=resnet1d " SIGNALS},
    {"xresnet1d", "the benchmark's xresnet1d101 on the same", "model.type=xresnet1d " SIGNALS},
    {"lstm1d", "two LSTM layers of 256 units on the same", "model.type=lstm1d " SIGNALS},
    {"gru1d", "two GRU layers of 256 units on the same", "model.type=gru1d " SIGNALS},
    {NULL, NULL, NULL},
};

static int fail_unknown(const char *name)
{
    char list[256] = "";
    for (const struct leadseq_bench_shape *s = leadseq_bench_shapes; s->name; s++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", *list ? ", " : "",
                 s->name);
    return leadseq_fail("expected one of %s, found '%s'", list, name);
}

/* "key=value key=value"; `text` is changed. */
static int set_all(struct leadseq_experiment *e, char *text)
{
    for (char *word; (word = strsep(&text, " "));) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        if (leadseq_experiment_set(e, word, value)) return -1;
    }
    return 0;
}

int leadseq_bench_experiment(struct leadseq_experiment *e, const char *shape)
{
    const struct leadseq_bench_shape *s = leadseq_bench_shapes;
    while (s->name && strcmp(s->name, shape)) s++;
    if (!s->name) return fail_unknown(shape);
    char *text = leadseq_format("%s %s", common, s->options);
    if (!text) return -1;
    leadseq_experiment_default(e);
    int status = leadseq_experiment_set(e, "name", s->name);
    if (!status) status = set_all(e, text);
    free(text);
    return status;
}
