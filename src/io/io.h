/* SPDX-License-Identifier: MIT
 *
 * Files of others: WFDB records, PTB-XL's tables, PNG, HDF5. No meaning beyond
 * the format is given to anything here.
 *
 * Ownership: what `open` or `read` fills or returns is freed by the matching
 * `close` or `clear`, which take NULL. */
#ifndef LEADSEQ_IO_H
#define LEADSEQ_IO_H

#include <leadseq/record.h>

#include "base/base.h"

/* --- WFDB headers (https://physionet.org/physiotools/wag/header-5.htm) ------- */

enum {
    LEADSEQ_WFDB_SIGNALS_MAX = 1024,
    LEADSEQ_WFDB_RATE_MAX = 100000,       /* Hz */
    LEADSEQ_WFDB_SAMPLES_MAX = INT32_MAX, /* of one signal */
};

struct leadseq_wfdb_signal {
    char file_name[256];
    int format;             /* 16, ... */
    int samples_per_frame;  /* "16x4": 4; 1 where not said */
    int skew;               /* "16:3": samples before the record's first; 0 where not said */
    long byte_offset;       /* "16+24": bytes before the first sample */
    double gain_adu_per_mv; /* ADC units per millivolt, units already resolved; 200 where the
                               header has no gain; NaN where unknown */
    double baseline_adu;    /* the value of 0 mV */
    char units[16];         /* as written: mV, uV; "mV" where not said */
    int adc_resolution_bits, adc_zero, initial_value, checksum, block_size;
    bool has_initial_value, has_checksum;
    char description[64];   /* the lead's name */
    char uncalibrated[256]; /* why there are no millivolts: no voltage, a gain of 0, ...; else "" */
    int line;               /* of the header */
};

struct leadseq_wfdb_header {
    char record_name[128];
    int n_signals;
    double rate_hz;                      /* frames a second; 250 where not said */
    size_t n_samples;                    /* frames: of each signal with one sample in a frame; 0:
                                            not said */
    char start[64];                      /* time and date as written, "" where not said */
    struct leadseq_wfdb_signal *signals; /* (n_signals) */
    char *comments;                      /* comment lines, "\n" between them */
};

/* Refuses, by file and line: several segments, file names that leave the folder, and numbers no
 * recording has (LEADSEQ_WFDB_*_MAX). Which formats can be read is not decided here, nor whether a
 * signal must be calibrated. Lines end in LF, CR LF or CR; a byte order mark is passed over. */
int leadseq_wfdb_header_read(struct leadseq_wfdb_header *header,
                             const char *hea_path) LEADSEQ_CHECKED;
void leadseq_wfdb_header_clear(struct leadseq_wfdb_header *header);

/* --- PTB-XL's tables ------------------------------------------------------------ */

enum leadseq_mi_site { /* bits */
                       LEADSEQ_SITE_ANTERIOR = 1,
                       LEADSEQ_SITE_INFERIOR = 2,
                       LEADSEQ_SITE_LATERAL = 4,
                       LEADSEQ_SITE_POSTERIOR = 8,
};

enum { LEADSEQ_AGE_OVER_89 = 300 }; /* PTB-XL's way of saying so */

enum { LEADSEQ_QUALITY_FLAGS = 11 };

struct leadseq_ptbxl_row {
    int ecg_id, patient_id; /* the patient: -1 where unknown */
    int age_years, sex;     /* -1 where unknown; the age may be LEADSEQ_AGE_OVER_89; sex as
                               in the table: 0 male, 1 female */
    int strat_fold;         /* 1 … 10; -1 where unknown */
    char filename_lr[64], filename_hr[64]; /* one of them may be "" */
    uint8_t mi;                            /* 1: some code is diagnostic of class MI, whatever its
                                              likelihood */
    uint8_t mi_site;                       /* bits of enum leadseq_mi_site */
    float mi_likelihood;                   /* the largest of an MI code, 0 … 100; 0 where no MI */
    uint8_t superclass[LEADSEQ_SUPERCLASSES];
    uint8_t quality; /* the table's flags */
};

struct leadseq_ptbxl {
    char *folder;
    struct leadseq_ptbxl_row *row; /* (n), in ascending ecg_id */
    size_t n;
    char checksum[32]; /* "crc32:1a2b3c4d" of ptbxl_database.csv */
};

/* Reads FOLDER/ptbxl_database.csv and scp_statements.csv. A superclass holds where
 * some code with diagnostic == 1 has that diagnostic_class; likelihoods, also of 0,
 * are ignored, as in the published label rule. Columns are found by name; ecg_id,
 * scp_codes and one of filename_lr and filename_hr are needed. Errors name file and
 * line: a missing column, a broken quote, rows of another length, fields that are no
 * numbers, codes that scp_statements.csv lacks, duplicate ids. */
struct leadseq_ptbxl *leadseq_ptbxl_open(const char *folder) LEADSEQ_CHECKED;
void leadseq_ptbxl_close(struct leadseq_ptbxl *ptbxl);
/* The row of an ecg_id, NULL where there is none (38 ids were withdrawn in 1.0.3). */
const struct leadseq_ptbxl_row *leadseq_ptbxl_find(const struct leadseq_ptbxl *ptbxl, int ecg_id);

/* Years of an age as headers write it, "45Y" or "8 months"; -1: unclear. */
int leadseq_parse_age(const char *text);

/* --- Images ----------------------------------------------------------------------- */

struct leadseq_image {
    int width, height, channels; /* channels: 1 grey, 3 RGB */
    uint8_t *pixels;             /* (height, width, channels) */
};

/* 8-bit grey or RGB, not interlaced, at most `max_pixels`; anything else is refused by name. What
 * is allocated is bounded by the file's size. */
int leadseq_png_read(struct leadseq_image *image, const char *path,
                     size_t max_pixels) LEADSEQ_CHECKED;
/* "a JPEG picture" of a file that begins so (of LEADSEQ_PICTURE_HEAD bytes, or all there are); NULL
 * where it is none that is known, or a PNG. */
enum { LEADSEQ_PICTURE_HEAD = 132 };
const char *leadseq_picture_kind(const void *head, size_t n);
int leadseq_png_write(const struct leadseq_image *image, const char *path) LEADSEQ_CHECKED;
void leadseq_image_clear(struct leadseq_image *image);

/* --- HDF5: see store.h ------------------------------------------------------------- */

#endif
