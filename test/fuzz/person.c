/* SPDX-License-Identifier: MIT
 *
 * Whatever comments say, an age is one that people have, and a sex is one of two or unknown.
 * Another comment after it changes nothing. */
#include "fuzz.h"

#include "io/io.h"

static void run(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct leadseq_record r = {.comments = text};
    int age, sex;
    leadseq_record_person(&r, &age, &sex);
    fuzz_require(age >= -1 && age <= LEADSEQ_AGE_OVER_89, "%d", age);
    fuzz_require(sex >= -1 && sex <= 1, "%d", sex);
    r.comments = leadseq_format("%s\nHeight: 170\n", text);
    int age_again, sex_again;
    leadseq_record_person(&r, &age_again, &sex_again);
    fuzz_require(age == age_again && sex == sex_again, "%d %d, then %d %d", age, sex, age_again,
                 sex_again);
    free(r.comments);
    free(text);
}

static void seeds(void)
{
    fuzz_seed_text("Age: 80\nSex: Female\nDx: 426783006");
    fuzz_seed_text("<age>: 51  <sex>: F <diagnoses>");
    fuzz_seed_text("Age : 45\nsex :m");
    fuzz_seed_text("age: 45Y\nSex: MALE");
    fuzz_seed_text("age: 7 months, Sex: unknown");
    fuzz_seed_text("Age: NaN\nSex:");
    fuzz_seed_text("average: 3\nAge: 1e9\nSex: f,");
}

const struct fuzz_harness fuzz_person = {"person", "age and sex in comments of a header", run,
                                         seeds};
