# SPDX-License-Identifier: MIT
"""Spack recipe: copy the folder's parent into a repository as packages/leadseq/package.py, then
`spack install leadseq +mpi`. Spack's libfyaml, jansson, libdeflate and onednn are the libraries
that ./configure asks for; those without a pkg-config file are found by Spack's compiler wrapper."""

from spack.package import *


class Leadseq(AutotoolsPackage):
    """Sequential, per-lead classifiers of 12-lead ECG images: rendering, ConvLSTM and CNN on oneDNN,
    gradient diagnostics, and comparison on the same patients."""

    # Where your copy of the sources is: a repository's address or file:///path.
    git = "file:///opt/src/leadseq"

    license("MIT")

    version("main", branch="main")

    variant("mpi", default=False, description="Train on several processes and machines")
    variant("shared", default=False, description="Build libleadseq.so beside libleadseq.a")

    depends_on("c", type="build")
    depends_on("autoconf", type="build")
    depends_on("automake@1.16:", type="build")
    depends_on("autoconf-archive", type="build")
    depends_on("pkgconfig", type="build")

    depends_on("onednn@2.6:3 cpu_runtime=omp")
    depends_on("hdf5@1.10:")
    depends_on("gsl@2.7:")
    depends_on("libpng@1.6:")
    depends_on("zlib-api")
    depends_on("libdeflate@1.10:")
    depends_on("ncurses@6:")
    depends_on("libfyaml@0.7:")
    depends_on("jansson@2.13:")
    depends_on("gnuplot", type="run")
    depends_on("mpi@3:", when="+mpi")

    def autoreconf(self, spec, prefix):
        Executable("./autogen.sh")()

    def configure_args(self):
        args = self.with_or_without("mpi")
        args += self.enable_or_disable("shared")
        if self.spec.satisfies("+mpi"):
            args.append(f"MPICC={self.spec['mpi'].mpicc}")
        return args
