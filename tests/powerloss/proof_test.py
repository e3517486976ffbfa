#!/usr/bin/env python3
"""The proof of the proof: a host whose syncs are lies must be caught losing what it acknowledged, on the same disk by the same checks.

Three lies: `off` lets SQLite run with synchronous=OFF (the shim changes the word in the pragma), `normal` with NORMAL, which syncs at checkpoints only and
loses nothing but the last commits; `swallow` lets SQLite ask for its syncs, and the shim answers at once without doing them. The host itself is the
program that ships, unchanged.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

import crashes
import disk
from trace_file import Operation

CYCLES = 4
IMAGES = 15


def prove(build, lie):
    """True where it was caught."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-powerloss-"))
    scene = crashes.Scene(build, folder, seed=3)
    try:
        problems = prove_with(scene, folder, lie)
    finally:
        scene.stop()
    for problem in problems:
        print("WRONG: " + problem)
    if not problems:
        shutil.rmtree(folder)
    return not problems


def prove_with(scene, folder, lie):
    host, counts = scene.host, disk.Counts()
    first_caught, lost, refused, images_caught, lies = None, 0, 0, 0, 0

    host.start_watched()
    for group in scene.load(6, 3):
        scene.post(group)
    host.wait_until_idle()
    host.program.terminate()  # what it holds now is on the disk: the lie begins with the next start
    problems = []

    honest = disk.read_folder(host.data)
    for cycle in range(1, CYCLES + 1):
        disk.write_folder(host.data, honest)
        ledger = scene.ledger
        scene.ledger = ledger.copy()
        if not host.start_watched(lie=lie):
            raise SystemExit("the host does not start below the shim: see %s" % folder)
        for group in scene.load(12, 6):
            scene.post(group)
        acknowledged = len(scene.ledger.accepted) - len(ledger.accepted)
        host.program.kill()
        crash = crashes.Crash(host)
        problems += crash.problems()
        lies += sum(record.operation == Operation.NOTE for record in crash.records)
        found, counted = crash.images("%s/%d" % (lie, cycle), IMAGES, scene.ledger)
        images_caught += len({one[one.rindex("(disk image"):] for one in found})
        counts.add(counted)

        files, _ = crash.disk.after_power_loss("%s/%d" % (lie, cycle))
        disk.write_folder(host.data, files)
        try:
            host.start()
        except SystemExit:
            refused += 1
            print("%s, cycle %d: the host refuses the journal" % (lie, cycle))
        else:
            found = [one for one in scene.journal_problems() if one.startswith("lost")]
            host.program.kill()
            lost += len(found)
            if found and first_caught is None:
                first_caught = cycle
            print("%s, cycle %d: %d of %d acknowledged events lost" % (lie, cycle, len(found), acknowledged))
        scene.ledger, scene.last_seq = ledger, 0
        scene.shopify.pending = []

    if first_caught is None:
        problems.append("%d cycles with %s lost nothing: this test would not notice a host that does not sync" % (CYCLES, lie))
    if lies == 0:
        problems.append("the shim did not lie: %s was never asked for" % lie)
    if lie == "off" and any(record.operation == Operation.SYNC_BEGIN and record.path.startswith(crashes.JOURNAL) for record in crash.records):
        problems.append("SQLite asked for a sync, so it did not run with synchronous=OFF")
    for what in ("lost", "torn", "reordered"):
        if getattr(counts, what) == 0:
            problems.append("no write was %s" % what)
    print("%s: first caught in cycle %s; in %d cycles %d acknowledged events lost, %d journals refused; %d of %d further disk images caught\n%s: %s" % (
        lie, first_caught, CYCLES, lost, refused, images_caught, CYCLES * IMAGES, lie, counts))
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    caught = [prove(arguments.build.resolve(), lie) for lie in ("off", "normal", "swallow")]
    sys.exit(0 if all(caught) else 1)


if __name__ == "__main__":
    main()
