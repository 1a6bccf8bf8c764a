/* SPDX-License-Identifier: MIT
 *
 * leadseq info of a run: its model, layer by layer, for a person and for a program. */
#include "info.h"
#include "run.h"

#include <stdlib.h>

static int describe(const char *folder, struct leadseq_model_table *table)
{
    struct leadseq_experiment e;
    char *path = leadseq_path_join(folder, "experiment.yaml");
    int status = path ? leadseq_experiment_read(&e, path) : -1;
    free(path);
    return status ? -1 : leadseq_run_describe(folder, &e, table);
}

int info_model_print(const char *folder)
{
    struct leadseq_model_table table;
    puts("\nModel");
    if (describe(folder, &table)) { /* what the run holds can be said nevertheless */
        printf("  It cannot be built here: %s\n", leadseq_error());
        leadseq_error_clear();
        return 0;
    }
    int status = leadseq_model_table_print(&table, stdout);
    leadseq_model_table_clear(&table);
    return status;
}

static struct leadseq_json *layer_json(const struct leadseq_layer_summary *l)
{
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "name", l->name);
    leadseq_json_set_text(json, "type", l->type);
    leadseq_json_set_count(json, "images", (size_t)l->images);
    leadseq_json_set_count(json, "channels", (size_t)l->channels);
    leadseq_json_set_count(json, "height", (size_t)l->height);
    leadseq_json_set_count(json, "width", (size_t)l->width);
    leadseq_json_set_text(json, "layout", *l->layout ? l->layout : NULL);
    leadseq_json_set_count(json, "parameters", l->parameters);
    leadseq_json_set_count(json, "multiply_adds", l->multiply_adds);
    leadseq_json_set_count(json, "kept_bytes", l->kept_bytes);
    return json;
}

struct leadseq_json *info_model_json(const char *folder)
{
    struct leadseq_model_table table;
    if (describe(folder, &table)) {
        leadseq_error_clear();
        return NULL;
    }
    struct leadseq_json *json = leadseq_json_object(), *layers = leadseq_json_array();
    for (int i = 0; i < table.n_layers; i++)
        leadseq_json_append(layers, layer_json(&table.layer[i]));
    leadseq_json_set(json, "layers", layers);
    leadseq_json_set_count(json, "batch", (size_t)table.batch);
    leadseq_json_set_count(json, "parameters", table.parameters);
    leadseq_json_set_count(json, "multiply_adds", table.multiply_adds);
    leadseq_json_set_count(json, "kept_bytes", table.kept_bytes);
    leadseq_json_set_bool(json, "exact", table.exact);
    leadseq_json_set_number(json, "step_flop", table.step_flop);
    leadseq_json_set_number(json, "forward_flop", table.forward_flop);
    leadseq_json_set_count(json, "training_bytes", table.training_bytes);
    leadseq_json_set_count(json, "evaluation_bytes", table.evaluation_bytes);
    leadseq_json_set_count(json, "parameter_bytes", table.parameter_bytes);
    leadseq_model_table_clear(&table);
    return json;
}
