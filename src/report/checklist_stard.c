/* SPDX-License-Identifier: MIT
 *
 * STARD-AI (Sounderajah et al., Nature Medicine 2025; 31: 3283): the items' own
 * numbers, our words, and what this program can say to each. What it cannot know
 * says so. */
#include "checklist.h"

#define AUTHORS(words) REPORT_AUTHORS, words, NULL
#define HERE(words)    REPORT_SAID, words, NULL
#define PARTLY(words)  REPORT_PARTLY, words, NULL
#define FILL(function) REPORT_SAID, NULL, report_fill_##function

static const struct report_item items[] = {
    {"1", "Title or abstract names a study of diagnostic accuracy by AI and a measure",
     AUTHORS("The manuscript: the program does not know it.")},
    {"2", "Structured abstract", AUTHORS("The manuscript: the program does not know it.")},
    {"3", "Background, intended use, place in the workflow",
     AUTHORS("The program makes no claim of use: not for clinical use.")},
    {"4", "Objectives and hypotheses", AUTHORS("The manuscript: the program does not know it.")},
    {"5", "Data collected before or after the study was planned",
     AUTHORS("Not in the data: authors.")},
    {"6", "Ethics approval", AUTHORS("The manuscript: the program does not know it.")},
    {"7", "Eligibility: of participants and of data, in order",
     PARTLY(
         "What kept records out after recording: section Flow of records; participants: authors.")},
    {"8", "On what basis participants were found", AUTHORS("Not in the data: authors.")},
    {"9", "Where and when", AUTHORS("Not in the data: authors.")},
    {"10", "Consecutive, random or convenience series", AUTHORS("Not in the data: authors.")},
    {"11", "Source of the data, and what they were collected for", FILL(data)},
    {"12", "Who annotated the data, and how", AUTHORS("Not in the data: authors.")},
    {"13", "Devices and software, with versions", FILL(software)},
    {"14", "Acquisition and preprocessing", FILL(input)},
    {"15a", "The index test, so that it can be repeated", FILL(model)},
    {"15b", "How the index test was developed, with the sizes of the parts", FILL(partition)},
    {"15c", "Cut-offs of the index test, planned or exploratory", FILL(threshold)},
    {"15d", "Who is to use the index test",
     AUTHORS("The manuscript: the program does not know it.")},
    {"16a", "The reference standard, so that it can be repeated",
     PARTLY("The label rule of the stack, from the data set's own codes; how they were given: "
            "authors.")},
    {"16b", "Why that reference standard",
     AUTHORS("The manuscript: the program does not know it.")},
    {"16c", "Cut-offs of the reference standard",
     PARTLY("Any code of infarction counts, whatever its likelihood, unless the labels come from "
            "another program.")},
    {"17a", "What readers of the index test knew", HERE("The model sees the drawn leads alone.")},
    {"17b", "What those who set the reference standard knew of the index test",
     PARTLY("Labels are older than the models, where they come from PTB-XL; else: authors.")},
    {"18", "How accuracy is estimated and compared",
     HERE("doc/statistics.md; methods are given with the figures and in report.json.")},
    {"19", "Indeterminate results",
     HERE("There are none: every record compared has a probability and a label, or the comparison "
          "is refused.")},
    {"20", "Missing data",
     PARTLY("Records without a label are left out and counted; predictions may not be missing. "
            "Before that: authors.")},
    {"21", "Variability, planned or exploratory", FILL(subgroups)},
    {"22", "Intended sample size", FILL(size)},
    {"23", "Analyses of errors and of fairness", FILL(subgroups)},
    {"24", "Flow of participants as a diagram", FILL(flow)},
    {"25", "Characteristics of training, validation and test sets", FILL(people)},
    {"26a", "Severity among those with the condition", FILL(severity)},
    {"26b", "Other diagnoses among those without it",
     AUTHORS("Superclasses are in the stack; they are judged where predictions have five "
             "probabilities.")},
    {"27", "Time and treatment between index test and reference standard",
     AUTHORS("Not in the data: authors.")},
    {"28", "Whether the test set is like those the test is meant for",
     AUTHORS("The manuscript: the program does not know it.")},
    {"29", "How an external data set differs",
     AUTHORS("The program does not know whether the records are external to the models.")},
    {"30", "Results of the index test against the reference standard",
     HERE("Confusion matrices: section Decisions; each record: tables/predictions.tsv.")},
    {"31", "Estimates and their precision",
     HERE("Sections Discrimination to Decision curve, 95 % intervals.")},
    {"32", "Adverse events", AUTHORS("Not in the data: authors.")},
    {"33", "Limitations",
     PARTLY("What the program can see is in the notes at the head; others: authors.")},
    {"34", "What it means for practice", AUTHORS("Not for clinical use.")},
    {"35", "Ethics and fairness of use", AUTHORS("The manuscript: the program does not know it.")},
    {"36", "Registration", AUTHORS("The manuscript: the program does not know it.")},
    {"37", "Protocol", AUTHORS("The manuscript: the program does not know it.")},
    {"38", "Funding", AUTHORS("The manuscript: the program does not know it.")},
    {"39", "Commercial interests", AUTHORS("The manuscript: the program does not know it.")},
    {"40a", "Where data and code are available", FILL(data)},
    {"40b", "Whether outputs are kept and can be examined",
     HERE("Every prediction compared: tables/predictions.tsv; every figure: report.json.")},
};

const struct report_checklist report_stard = {
    .name = "STARD-AI",
    .title = "STARD-AI, item by item",
    .source = "Sounderajah et al., Nature Medicine 2025; 31: 3283",
    .item = items,
    .n = LEADSEQ_COUNT(items),
};
