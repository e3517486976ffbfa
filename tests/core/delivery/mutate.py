#!/usr/bin/env python3
"""Shows that the tests of what the simulation does not run can fail: the lanes, the gates of calls, the consumer of a queue.
Applies each patch of mutations/ to a copy of the tree, builds the test program that its header names ("Tests: ") and runs
it. One of the failed tests must match "Expected: ", a regular expression. A mutant that all tests pass, that only others
notice, or that does not compile, and a patch that no longer applies fail the run.

    mutate.py --build FOLDER [--only REGEX] [--jobs N]
"""

import argparse
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
LONGEST_RUN_S = 600


def load_sibling():
    """The script of the simulation knows how to keep a copy of the tree."""
    spec = importlib.util.spec_from_file_location("simulation_mutate", HERE.parents[1] / "simulation" / "mutate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def header(patch, word):
    found = re.search(rf"^{word}: (.+)$", patch.read_text().split("\n--- ", 1)[0], re.MULTILINE)
    if not found:
        sys.exit(f"{patch.name}: its header does not say `{word}`")
    return found[1]


def make(scratch, target):
    done = subprocess.run(["cmake", "--build", str(scratch.build), "--parallel", str(scratch.jobs), "--target", target],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "" if done.returncode == 0 else done.stdout[-4000:]


def failed_tests(scratch, target):
    """The names, and what else was wrong. A test that waits for what a mutant never does takes two minutes to fail."""
    program = next(scratch.build.rglob(target), None)
    if program is None:
        return [], f"there is no {target}"
    trouble = ""
    try:
        done = subprocess.run([str(program), "--gtest_brief=1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=LONGEST_RUN_S, cwd=program.parent)
        output = done.stdout
        if done.returncode < 0:
            trouble = f"ended by signal {-done.returncode}"
    except subprocess.TimeoutExpired as late:
        output, trouble = late.stdout or b"", f"did not end within {LONGEST_RUN_S} s"
    names = re.findall(r"^\[  FAILED  \] (\w+\.\w+)", output.decode(errors="replace"), re.MULTILINE)
    return sorted(set(names)), trouble


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path, help="a folder for the copy and its build")
    parser.add_argument("--only", default="", help="mutations whose name matches")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()

    patches = [patch for patch in sorted((HERE / "mutations").glob("*.patch")) if re.search(arguments.only, patch.name)]
    scratch = load_sibling().Scratch(arguments.build.resolve(), arguments.jobs)
    for target in sorted({header(patch, "Tests") for patch in patches}):
        if broken := make(scratch, target):
            sys.exit(f"the tree does not build:\n{broken}")
        failed, trouble = failed_tests(scratch, target)
        if failed or trouble:
            sys.exit(f"without any mutation {target} fails: {', '.join(failed)}{trouble}")

    wrong = []
    for patch in patches:
        name, begin, target, expression = patch.stem, time.monotonic(), header(patch, "Tests"), header(patch, "Expected")
        if refused := scratch.apply(patch):
            wrong.append(f"{name}: the patch no longer applies; make it anew against today's sources:\n{refused}")
            continue
        broken = make(scratch, target)
        failed, trouble = ([], "") if broken else failed_tests(scratch, target)
        if refused := scratch.apply(patch, reverse=True):
            sys.exit(f"{name}: the patch cannot be taken back:\n{refused}")
        if broken:
            wrong.append(f"{name}: the mutant does not compile:\n{broken}")
            continue
        print(f"{name:<42} {time.monotonic() - begin:>5.0f} s  {', '.join(failed)[:150] or trouble or 'SURVIVED'}", flush=True)
        if not any(re.search(expression, test) for test in failed):
            wrong.append(f"{name}: no test failed that matches /{expression}/; {trouble or ', '.join(failed) or 'none did'}")
    print(f"{len(patches) - len(wrong)} of {len(patches)} mutations noticed")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
