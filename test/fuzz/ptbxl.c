/* SPDX-License-Identifier: MIT
 *
 * PTB-XL's table of records beside a table of statements: rows that are accepted are in ascending
 * order, with folds, ages and paths within their ranges. */
#include "fuzz.h"

#include "io/io.h"

static const char statements[] = ",diagnostic,diagnostic_class,diagnostic_subclass\n"
                                 "NORM,1.0,NORM,NORM\nIMI,1.0,MI,IMI\nASMI,1.0,MI,AMI\n"
                                 "NDT,1.0,STTC,STTC\nLVH,1,HYP,LVH\nCLBBB,1.0,CD,CLBBB\nSR,,,\n";
#define NAMES                                                                                      \
    "ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr,baseline_drift,"       \
    "static_noise,burst_noise,electrodes_problems\n"

static void check(const struct leadseq_ptbxl_row *row)
{
    fuzz_require(row->ecg_id >= 1, "ecg_id %d", row->ecg_id);
    fuzz_require(row->age_years >= -1 && row->age_years <= LEADSEQ_AGE_OVER_89, "age %d",
                 row->age_years);
    fuzz_require(row->sex >= -1 && row->sex <= 1, "sex %d", row->sex);
    fuzz_require(row->mi <= 1 && row->mi == row->superclass[LEADSEQ_MI], "mi %d", row->mi);
    fuzz_require(row->mi_likelihood >= 0 && row->mi_likelihood <= 100, "likelihood %g",
                 (double)row->mi_likelihood);
    fuzz_require(!strstr(row->filename_lr, "..") && row->filename_lr[0] != '/', "path %s",
                 row->filename_lr);
}

static void run(const uint8_t *data, size_t size)
{
    static bool made;
    if (!made) fuzz_put_text("scp_statements.csv", statements);
    made = true;
    fuzz_put("ptbxl_database.csv", data, size);
    struct leadseq_ptbxl *p = leadseq_ptbxl_open(fuzz_folder);
    if (!p) {
        fuzz_refused();
        return;
    }
    for (size_t i = 0; i < p->n; i++) {
        check(&p->row[i]);
        fuzz_require(!i || p->row[i].ecg_id > p->row[i - 1].ecg_id, "order");
        fuzz_require(leadseq_ptbxl_find(p, p->row[i].ecg_id) == &p->row[i], "found elsewhere");
    }
    leadseq_ptbxl_close(p);
}

static void seeds(void)
{
    fuzz_seed_text(NAMES "1,15709.0,56.0,1,\"{'NORM': 100.0, 'SR': 0.0}\",3,records100/1_lr,"
                         "records500/1_hr,,,,\n"
                         "2,13243,300,0,\"{'IMI': 15.0, 'ASMI': 100.0}\",10,records100/2_lr,"
                         "records500/2_hr,\" , II,III\",,, V1\n");
    fuzz_seed_text(NAMES "7,,nan,,{},1,a,b,NaN,None,False,0\n");
    fuzz_seed_text("\xef\xbb\xbf" NAMES "9,3,,1,\"{\"\"LVH\"\": 50}\",2,x,y,TRUE,NULL,0.0,nan\r\n");
    fuzz_seed_text(NAMES "1,1,1,1,{},1,../a,/b,,,,\n");
    fuzz_seed_text("ecg_id;patient_id\n1;2\n");
}

const struct fuzz_harness fuzz_ptbxl = {"ptbxl", "PTB-XL's table of records", run, seeds};
