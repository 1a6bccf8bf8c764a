# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A program with MPI for tests, and how it is started. Sourced after program.sh; then
#   mpi_program || { skip "$mpi_missing"; finish; exit; }
#   mpi RANKS ARGUMENT...           as `leadseq`, with output in out and messages in err
# A build without MPI links one more program, leadseq-mpi, from the same archives: only ranks.c
# differs (one test at a time makes it). Tests need mpirun to accept root, and more ranks than
# processors.
mpi_missing=""
mpi_leadseq=""

# Where the tests are built; `make check` runs them there.
mpi_built=$(dirname "$LEADSEQ")

# Whether a program knows MPI: what it says when it is started as one of two.
mpi_knows()
{
    ! env OMPI_COMM_WORLD_SIZE=2 "$1" train /dev/null --data none --out none </dev/null 2>&1 |
        grep -q 'built without MPI'
}

mpi_program()
{
    command -v mpirun >/dev/null || { mpi_missing="mpirun is not installed"; return 1; }
    command -v mpicc >/dev/null || { mpi_missing="mpicc is not installed"; return 1; }
    if mpi_knows "$LEADSEQ"; then
        mpi_leadseq=$LEADSEQ
    else
        flock "$mpi_built/Makefile" make -s -C "$mpi_built" leadseq-mpi >mpi.log 2>&1 || {
            sed 's/^/#   /' mpi.log
            result 1 "the program links with MPI"
            finish
            exit
        }
        mpi_leadseq=$mpi_built/leadseq-mpi
    fi
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
}

# In the foreground of a subshell, so that its process is the launcher's own.
mpi_start()
{
    ranks=$1
    shift
    exec mpirun -n "$ranks" "$mpi_leadseq" "$@" >out 2>err </dev/null
}

mpi()
{
    (mpi_start "$@")
}
