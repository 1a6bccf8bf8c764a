/* SPDX-License-Identifier: MIT
 *
 * The head of a network, for all types: options, and the layers around those of the
 * head's own type. */
#include "build.h"

// clang-format off
const struct leadseq_option model_head_rows[MODEL_HEAD_ROWS] = {
    {"model.head", &leadseq_option_choice, LEADSEQ_FIELD(struct model_head, type), .standard = "flatten",
     .choice = leadseq_head_name, .choice_help = model_head_help, .help = "how rows and columns reach the last dense layer"},
    {"model.head_norm", &leadseq_option_bool, LEADSEQ_FIELD(struct model_head, norm), .standard = "false",
     .help = "batch norm of each channel before the head"},
    {"model.dropout", &leadseq_option_number32, LEADSEQ_FIELD(struct model_head, dropout),
     .unit = "share of features", .standard = "0", .least = 0, .most = 0.99,
     .help = "share dropped before the last dense layer"},
};
// clang-format on

int model_add_head(struct model_builder *b, const struct model_head *head)
{
    const struct leadseq_head_type *type = model_head_at((size_t)head->type);
    b->head_slice = b->store->params->n_slices;
    if (head->norm &&
        model_add(b, nn_norm_new(b->store, "head_norm", b->shape, &(struct nn_norm_options){0})))
        return -1;
    if (type->build(b)) return -1;
    if (head->dropout > 0 &&
        model_add(b, nn_dropout_new(b->store, "dropout", b->shape, head->dropout)))
        return -1;
    struct nn_dense_options dense = {.features = b->spec->outputs,
                                     .bias = !type->no_bias,
                                     .paired = b->spec->paired,
                                     .deviation =
                                         type->kaiming ? model_head_deviation(b->shape.c) : 0};
    return model_add(b, nn_dense_new(b->store, "head", b->shape, &dense));
}
