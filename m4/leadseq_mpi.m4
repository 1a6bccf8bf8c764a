# SPDX-License-Identifier: MIT
# LEADSEQ_MPI: MPI's compiler and linker flags into MPI_CFLAGS and MPI_LIBS, for the
# compiler in use: given ones, else what mpicc would add (Open MPI's and MPICH's
# tell in their own ways). --with-mpi=DIR looks for DIR/bin/mpicc first.
AC_DEFUN([LEADSEQ_MPI], [
AC_ARG_VAR([MPICC], [the MPI compiler that is asked for its flags])
AC_ARG_VAR([MPI_CFLAGS], [C compiler flags for MPI, in place of mpicc's])
AC_ARG_VAR([MPI_LIBS], [linker flags for MPI, in place of mpicc's])
AS_IF([test "x$MPI_LIBS" = x], [
  AC_PATH_PROGS([MPICC], [mpicc], [], [$with_mpi/bin$PATH_SEPARATOR$PATH])
  AS_IF([test "x$MPICC" = x],
    [AC_MSG_ERROR([--with-mpi: there is no mpicc (Debian: libopenmpi-dev and openmpi-bin)])])
  AS_IF([leadseq_said=`$MPICC --showme:compile 2>/dev/null`],
    [MPI_CFLAGS="$MPI_CFLAGS $leadseq_said"
     MPI_LIBS=`$MPICC --showme:link`],
    [leadseq_said=`$MPICC -compile_info 2>/dev/null`],
    [for leadseq_word in $leadseq_said; do
       AS_CASE([$leadseq_word], [-I*], [MPI_CFLAGS="$MPI_CFLAGS $leadseq_word"])
     done
     for leadseq_word in `$MPICC -link_info`; do
       AS_CASE([$leadseq_word], [-L*|-l*|-Wl*], [MPI_LIBS="$MPI_LIBS $leadseq_word"])
     done],
    [AC_MSG_ERROR([--with-mpi: $MPICC does not tell its flags; give MPI_CFLAGS and MPI_LIBS])])
])
leadseq_cflags=$CFLAGS leadseq_libs=$LIBS
CFLAGS="$CFLAGS $MPI_CFLAGS" LIBS="$MPI_LIBS $LIBS"
AC_MSG_CHECKING([whether an MPI program links ($MPI_LIBS)])
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <mpi.h>]],
    [[MPI_Request r; MPI_Ibarrier(MPI_COMM_WORLD, &r); return MPI_VERSION < 3;]])],
  [AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])
   AC_MSG_ERROR([--with-mpi: MPI 3 or later is needed and does not link; see config.log])])
CFLAGS=$leadseq_cflags LIBS=$leadseq_libs
])
