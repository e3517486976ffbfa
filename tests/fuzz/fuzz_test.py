"""Builds the fuzz targets with clang-19 and runs each a fixed number of times from a fixed seed."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

RUNS = {"json": 300_000, "contract": 20_000, "mapping": 30_000, "moments": 200_000}
SKIPPED = 77


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options = parser.parse_args()
    if not shutil.which("clang++-19"):
        print("skipped: clang++-19 is not installed (Debian: clang-19 and libclang-rt-19-dev)")
        return SKIPPED
    subprocess.run(["cmake", "--preset", "fuzz", "-B", options.build], cwd=options.source, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", options.build, "--target", "fuzzers"], check=True)
    corpus = pathlib.Path(__file__).parent / "corpus"
    failed = []
    for name, runs in RUNS.items():
        with tempfile.TemporaryDirectory() as found:
            run = subprocess.run([options.build / "bin" / f"fuzz_{name}", f"-runs={runs}", "-seed=1", "-max_len=4096",
                                  "-timeout=20", "-print_final_stats=1", f"-artifact_prefix={found}/", found,
                                  corpus / name],
                                 stderr=subprocess.PIPE, text=True, check=False,
                                 env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"})
            print(f"{name}: {runs} runs, {'failed' if run.returncode else 'nothing found'}")
            if run.returncode:
                failed.append(name)
                print(run.stderr[-6000:])
                for crash in pathlib.Path(found).glob("crash-*"):
                    print(f"input: {crash.read_bytes()!r}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
