# SPDX-License-Identifier: MIT
"""What the programs of test/trust share: their command line, verdicts as TAP, rows of the table."""
import argparse
import resource
import subprocess
import time


class Trust:
    """check() and row() as often as there is something to say; done() at the end."""

    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--leadseq", required=True, help="the program that is tested")
        parser.add_argument("--work", required=True, help="an empty folder")
        parser.add_argument("--table", required=True, help="the file that rows are added to")
        parser.add_argument("--seconds", type=float, default=300, help="to be done in")
        options = parser.parse_args()
        self.leadseq, self.work, self.table = options.leadseq, options.work, options.table
        self.end = time.monotonic() + options.seconds
        self.cases = self.failed = 0

    def left(self):
        """Seconds."""
        return self.end - time.monotonic()

    def check(self, name, ok, detail=""):
        self.cases += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.cases} - {name}", flush=True)
        if not ok and detail:
            print(f"#   {detail}", flush=True)

    def row(self, what, how, reached):
        with open(self.table, "a") as out:
            out.write(f"| {what} | {how} | {reached} |\n")

    def run(self, *words):
        """leadseq with these words; its standard output."""
        done = subprocess.run([self.leadseq, *map(str, words)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(f"leadseq {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def done(self):
        """The plan, what it took, and the exit status."""
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        print(f"# processor time {sum(u.ru_utime + u.ru_stime for u in used):.0f} s, "
              f"{self.left():.0f} s left of the time given")
        print(f"1..{self.cases}")
        return 1 if self.failed or not self.cases else 0
