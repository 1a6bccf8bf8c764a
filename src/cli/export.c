/* SPDX-License-Identifier: MIT
 *
 * leadseq export: a run's model for another program. */
#include "exchange/exchange.h"
#include "options.h"
#include "run.h"
#include "status.h"

struct arguments {
    const char *run, *out;
    int format;
    bool force;
    enum leadseq_checkpoint checkpoint;
};

static const struct cli_option options[] = {
    {NULL, "RUN", &cli_input, FIELD(run), .required = true},
    {"format", "NAME", &cli_choice, FIELD(format),
     "safetensors: parameters and running statistics, as PyTorch reads them; onnx: the network, "
     "from the images of a stack to logits and probabilities",
     .required = true, .choices = leadseq_export_format_names},
    {"out", "FILE", &cli_out_file, FIELD(out), "File to write", .required = true},
    CLI_FORCE_OPTION,
    CLI_CHECKPOINT_OPTION,
    {0},
};

static int write_model(const struct arguments *a, struct leadseq_run *run)
{
    struct leadseq_file *file = leadseq_output_create(a->out, a->force);
    if (!file) return -1;
    if (!leadseq_run_export(run, leadseq_export_format_at((size_t)a->format),
                            leadseq_file_stream(file)))
        return leadseq_file_commit(file);
    leadseq_file_discard(file);
    return leadseq_fail_in("%s", a->out);
}

static int run(void *arguments)
{
    const struct arguments *a = arguments;
    struct leadseq_experiment e;
    struct leadseq_run *run = cli_run_open_in(a->run, a->checkpoint, NULL, &e);
    int status = run ? write_model(a, run) : -1;
    leadseq_run_close(run);
    if (status) return cli_failed();
    leadseq_info("%s is written", a->out);
    return CLI_DONE;
}

const struct cli_command cli_export = {
    .name = "export",
    .summary = "write a run's model for another program",
    .usage = "RUN --format safetensors|onnx --out FILE",
    .about = "Writes the model of a run's best epoch for other programs. Of safetensors a residual "
             "network's tensors have torchvision's names, a ConvLSTM's those of ndrplz' ConvLSTM "
             "(cell_list.0.conv.weight), others the names that the run has. ONNX has the whole "
             "network: it is fed the images of a stack as they are stored.",
    .examples = "Examples:\n  leadseq export run --format safetensors --out run.safetensors\n"
                "  leadseq export run --format onnx --out run.onnx",
    .options = options,
    .size = sizeof(struct arguments),
    .run = run,
};
