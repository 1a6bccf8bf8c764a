/* SPDX-License-Identifier: MIT
 *
 * TRIPOD+AI (Collins et al., BMJ 2024; 385: e078378): the items' own numbers, our
 * words, and what this program can say to each. What it cannot know says so. */
#include "checklist.h"

#define AUTHORS(words) REPORT_AUTHORS, words, NULL
#define HERE(words)    REPORT_SAID, words, NULL
#define PARTLY(words)  REPORT_PARTLY, words, NULL
#define FILL(function) REPORT_SAID, NULL, report_fill_##function

static const struct report_item items[] = {
    {"1", "Title says: a prediction model, whom for, which outcome",
     AUTHORS("The manuscript: the program does not know it.")},
    {"2", "Structured abstract", AUTHORS("The manuscript: the program does not know it.")},
    {"3a", "Clinical background and why this model",
     AUTHORS("The manuscript: the program does not know it.")},
    {"3b", "Whom the model is meant for, where in care, used by whom",
     AUTHORS("The program makes no claim of use: not for clinical use.")},
    {"3c", "Known inequalities between groups of people",
     AUTHORS("The manuscript: the program does not know it.")},
    {"4", "Objectives: development, evaluation or both",
     PARTLY("An evaluation of the models named in the title; why: authors.")},
    {"5a", "Where the data of each part come from, and why these", FILL(data)},
    {"5b", "Dates of the recordings", AUTHORS("Not in the data: authors.")},
    {"6a", "Setting: kinds, number and places of centres", AUTHORS("Not in the data: authors.")},
    {"6b", "Who was eligible",
     PARTLY("What kept records out after recording: section Flow of records; who was recorded: "
            "authors.")},
    {"6c", "Treatments received", AUTHORS("Not in the data: authors.")},
    {"7", "Preparation and checks of the data", FILL(input)},
    {"8a", "The outcome and how it was determined",
     PARTLY(
         "Infarction as the label rule of the stack has it; how the annotators decided: authors.")},
    {"8b", "Who judged the outcome, where judgement is needed",
     AUTHORS("The likelihoods are the annotators'; who they were: authors.")},
    {"8c", "Blinding of those who judged the outcome", AUTHORS("Not in the data: authors.")},
    {"9a", "How the predictors were chosen",
     PARTLY("All twelve leads, nothing selected by outcome; why images: authors.")},
    {"9b", "The predictors defined: when and how measured", FILL(input)},
    {"9c", "Who judged predictors, where judgement is needed",
     HERE("No one: pixels are drawn by program.")},
    {"10", "How the sample size was arrived at", FILL(size)},
    {"11", "Missing data",
     PARTLY("Records without a label are left out and counted in section Flow of records; others: "
            "authors.")},
    {"12a", "Which data served development, which evaluation", FILL(partition)},
    {"12b", "How predictors enter the model", FILL(input)},
    {"12c", "Kind of model, how it was built and tuned", FILL(model)},
    {"12d", "Differences between centres or countries",
     AUTHORS("The data name no centres to the program.")},
    {"12e", "Measures and plots of performance, and how models are compared",
     HERE("Sections Discrimination, Decisions, Calibration, Differences, Decision curve; "
          "definitions: doc/statistics.md.")},
    {"12f", "Updating of a model after evaluation", FILL(updating)},
    {"12g", "How predictions were made", FILL(model)},
    {"13", "Class imbalance: what was done", FILL(imbalance)},
    {"14", "Fairness: what was done",
     PARTLY("No method of fairness is applied; differences between groups are shown in section "
            "Subgroups where --data is given.")},
    {"15", "What the model puts out, and how thresholds were found", FILL(threshold)},
    {"16", "How evaluation data differ from development data", FILL(people)},
    {"17", "Ethics approval", AUTHORS("The manuscript: the program does not know it.")},
    {"18a", "Funding", AUTHORS("The manuscript: the program does not know it.")},
    {"18b", "Conflicts of interest", AUTHORS("The manuscript: the program does not know it.")},
    {"18c", "Protocol", AUTHORS("The manuscript: the program does not know it.")},
    {"18d", "Registration", AUTHORS("The manuscript: the program does not know it.")},
    {"18e", "Where the data are available", FILL(data)},
    {"18f", "Where the code is available", FILL(software)},
    {"19", "Involvement of patients and the public",
     AUTHORS("The manuscript: the program does not know it.")},
    {"20a", "Flow of participants, with and without the outcome", FILL(flow)},
    {"20b", "Characteristics of the participants", FILL(people)},
    {"20c", "Characteristics of evaluation beside development", FILL(people)},
    {"21", "Participants and events in each analysis", FILL(partition)},
    {"22", "The full model, so that others can predict with it",
     PARTLY("Weights and options are in each run's folder (checkpoints, experiment.yaml, "
            "input.json); access: authors.")},
    {"23a", "Performance with intervals, also in subgroups",
     HERE("Sections Discrimination to Decision curve; subgroups where --data is given.")},
    {"23b", "Differences of performance between clusters",
     AUTHORS("The data name no centres to the program.")},
    {"24", "Results of updating", FILL(updating)},
    {"25", "Interpretation", AUTHORS("The manuscript: the program does not know it.")},
    {"26", "Limitations",
     PARTLY("What the program can see is in the notes at the head; others: authors.")},
    {"27a", "What to do with poor or missing input",
     PARTLY("Records with flags of quality are judged apart in section Subgroups where --data is "
            "given; what to do with them: authors.")},
    {"27b", "What users must do and know",
     AUTHORS("The manuscript: the program does not know it.")},
    {"27c", "Next steps", AUTHORS("The manuscript: the program does not know it.")},
};

const struct report_checklist report_tripod = {
    .name = "TRIPOD+AI",
    .title = "TRIPOD+AI, item by item",
    .source = "Collins et al., BMJ 2024; 385: e078378",
    .item = items,
    .n = LEADSEQ_COUNT(items),
};
