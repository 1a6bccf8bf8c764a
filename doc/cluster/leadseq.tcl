#%Module1.0
# SPDX-License-Identifier: MIT
# Environment module (Tcl, for Environment Modules and Lmod): put it at
# MODULEPATH/leadseq/0.1.0 and set the prefix to what ./configure --prefix had.
proc ModulesHelp { } {
    puts stderr "leadseq: per-lead images of 12-lead ECGs, classifiers of them, and their comparison."
    puts stderr "See 'man leadseq' and 'leadseq help'. For research, not for clinical use."
}
module-whatis "per-lead images of 12-lead ECGs, ConvLSTM and CNN classifiers, and their comparison"
conflict leadseq

set prefix /opt/leadseq/0.1.0

# The MPI that leadseq was built with (--with-mpi), where it is a module of its own:
# depends-on openmpi/4.1

prepend-path PATH            $prefix/bin
prepend-path MANPATH         $prefix/share/man
prepend-path PKG_CONFIG_PATH $prefix/lib/pkgconfig
prepend-path LD_LIBRARY_PATH $prefix/lib
prepend-path XDG_DATA_DIRS   $prefix/share
# Threads that wait for others would otherwise keep a rank's processors busy.
setenv       OMP_WAIT_POLICY passive
