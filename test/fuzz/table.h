/* SPDX-License-Identifier: MIT
 *
 * All harnesses: what WFDB has, tables, experiments, what a run leaves, HDF5, what is printed. */
ROW(header)
ROW(record)
ROW(matlab)
ROW(person)
ROW(sheet)
ROW(csv)
ROW(ptbxl)
ROW(scp)
ROW(number)
ROW(experiment)
ROW(override)
ROW(axis)
ROW(sweep)
ROW(json)
