#!/usr/bin/env python3
"""Shows that the simulation can fail: applies each patch of mutations/ to a copy of the tree, builds `simulate` there and
runs it. Each patch says in its header which violation must be the first ("Expected: " and a regular expression). A mutation
that no seed notices, or as anything else, a patch that no longer applies and a mutant that does not compile fail the run.
A mutant that a signal ends, or that comes to no end, is noticed only where the expression says so.

    mutate.py --build FOLDER [--seeds N] [--only REGEX] [--jobs N]
"""

import argparse
import filecmp
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LONGEST_RUN_S = 600
MOST_MEMORY_BYTES = 4 << 30  # a mutant whose queues grow without end must not take the machine with it


def tracked_files():
    """What a checkout has, and what is new in it; without what is built."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
        return [name for name in names if (ROOT / name).is_file()]
    skipped = {"build", ".git", "node_modules", "__pycache__"}
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
            if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)]


def copy_tree(tree):
    """Only what differs is copied, so that a second run builds little."""
    names = set(tracked_files())
    for path in list(tree.rglob("*")):
        if path.is_file() and str(path.relative_to(tree)) not in names:
            path.unlink()
    for name in names:
        source, copy = ROOT / name, tree / name
        if copy.is_file() and filecmp.cmp(source, copy, shallow=False):
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def expected(patch):
    """The expression of a patch's header."""
    header = patch.read_text().split("\n--- ", 1)[0]
    said = re.search(r"^Expected: (.+)$", header, re.MULTILINE)
    if not said:
        sys.exit(f"{patch.name}: its header does not say what is expected")
    return re.compile(said[1])


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))


class Scratch:
    def __init__(self, folder, jobs):
        self.tree, self.build, self.jobs = folder / "tree", folder / "build", jobs
        self.tree.mkdir(parents=True, exist_ok=True)
        copy_tree(self.tree)
        command = ["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                   "-DSLUICE_WERROR=OFF"]  # a mutant may leave something unused
        if shutil.which("ccache"):
            command.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
        self.must(command, "the copy of the tree cannot be configured")

    @staticmethod
    def must(command, what, **options):
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              **options)
        if done.returncode != 0:
            sys.exit(f"{what}:\n{done.stdout}")

    def apply(self, patch, reverse=False):
        """Empty, or why it does not apply. The copy lies below a repository, of which git must not know here."""
        environment = dict(os.environ, GIT_CEILING_DIRECTORIES=str(self.tree.parent))
        done = subprocess.run(["git", "apply", *(["-R"] if reverse else []), str(patch)], cwd=self.tree, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return "" if done.returncode == 0 else done.stdout

    def make(self):
        done = subprocess.run(["cmake", "--build", str(self.build), "--parallel", str(self.jobs), "--target", "simulate"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return "" if done.returncode == 0 else done.stdout[-4000:]

    def run(self, seeds):
        """How many seeds ran, and how that ended ("": all hold). Only what begins with FAILED is a violation."""
        command = [str(self.build / "bin" / "simulate"), "--seeds", str(seeds), "--quiet"]
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=LONGEST_RUN_S, preexec_fn=limit_memory)
        except subprocess.TimeoutExpired:
            return seeds, f"ENDED: not within {LONGEST_RUN_S} s"
        failed = re.search(r"^seed (\d+) FAILED: (.*)$", done.stdout, re.MULTILINE)
        if failed:
            return int(failed[1]), f"FAILED: {failed[2]}"
        if done.returncode < 0:
            return seeds, f"ENDED: by signal {-done.returncode}"
        # A kind of fault that was never met says nothing of the mutation.
        never = re.search(r"^never met.*$", done.stdout, re.MULTILINE)
        return seeds, "" if done.returncode == 0 or never else f"ENDED: with {done.returncode}: {done.stdout[-500:]}"


def judge(noticed, expression):
    """Empty where a run ended as it must, else what is wrong."""
    if not noticed:
        return "survived"
    what = noticed.removeprefix("FAILED: ")
    return "" if expression.search(what) else f"not noticed as /{expression.pattern}/ but as: {noticed[:300]}"


def check_itself():
    """What this script must not take for a mutation that was noticed."""
    cases = [("FAILED: event 11 is gone", "event .* is gone", True), ("FAILED: event 11 is gone", "lost", False),
             ("", ".*", False), ("ENDED: by signal 11", "event .* is gone", False),
             ("ENDED: by signal 11", "^ENDED: by signal 11$", True), ("ENDED: not within 600 s", "the run comes to no end", False)]
    wrong = [case for case in cases if (not judge(case[0], re.compile(case[1]))) != case[2]]
    return f"this script judges wrongly: {wrong}" if wrong else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path, help="a folder for the copy and its build")
    parser.add_argument("--seeds", type=int, default=2000, help="how many each mutant has to survive")
    parser.add_argument("--only", default="", help="mutations whose name matches")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()

    if wrong := check_itself():
        sys.exit(wrong)
    patches = [patch for patch in sorted((HERE / "mutations").glob("*.patch")) if re.search(arguments.only, patch.name)]
    scratch = Scratch(arguments.build.resolve(), arguments.jobs)
    if broken := scratch.make():
        sys.exit(f"the tree does not build:\n{broken}")
    expressions = {patch: expected(patch) for patch in patches}
    _, failure = scratch.run(arguments.seeds)
    if failure:
        sys.exit(f"without any mutation the simulation fails: {failure}")

    wrong = []
    print(f"{'mutation':<34} {'seed':>5} {'s':>5}  noticed as")
    for patch in patches:
        name, begin = patch.stem, time.monotonic()
        if refused := scratch.apply(patch):
            wrong.append(f"{name}: the patch no longer applies; make it anew against today's sources:\n{refused}")
            continue
        broken = scratch.make()
        seeds, noticed = (0, "") if broken else scratch.run(arguments.seeds)
        if refused := scratch.apply(patch, reverse=True):
            sys.exit(f"{name}: the patch cannot be taken back:\n{refused}")
        if broken:
            wrong.append(f"{name}: the mutant does not compile:\n{broken}")
            continue
        verdict = judge(noticed, expressions[patch])
        print(f"{name:<34} {seeds:>5} {time.monotonic() - begin:>5.0f}  {noticed[:150] or 'SURVIVED'}", flush=True)
        if verdict:
            wrong.append(f"{name}: {verdict} ({seeds} seeds)")
    print(f"{len(patches) - len(wrong)} of {len(patches)} mutations noticed")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
