#!/usr/bin/env python3
"""Crashes the real host again and again, at random instants and in the middle of named file operations, as kill -9 of the process or as a power loss,
starts it on what is left, and holds it to what it told the outside world.

After each crash: every webhook answered 200 is in the journal once, byte for byte; every event that was done is done, with the same outcome; and when
all is delivered, Odoo holds each order, line and partner once and right. A failure keeps everything and says how to build the same disk again.
"""

import argparse
import collections
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

import crashes
import disk

ORDERS, EDITS = 12, 6
MOST_SHOWN = 30
# About what these take, so that a kill at a random instant of twice that hits some. Nothing is asserted of them.
START_S, LOAD_S, STOP_S = 0.15, 0.4, 0.05


class Cycles:
    def __init__(self, build, folder, seed, images):
        self.seed, self.images = seed, images
        self.dice = random.Random(seed)
        self.scene = crashes.Scene(build, folder, seed)
        self.host = self.scene.host
        self.counts, self.image_counts, self.image_number = disk.Counts(), disk.Counts(), 0
        self.crashes = collections.Counter()

    def run(self, cycles):
        """What is wrong, up to the first cycle that finds something."""
        ways, power_losses = [], []
        for cycle in range(1, cycles + 1):
            # Every way before any comes again, so that a few cycles have seen them all.
            ways = ways or self.dice.sample(WAYS, len(WAYS))
            power_losses = power_losses or self.dice.sample((True, False), 2)  # half of them
            power_loss = power_losses.pop()
            if cycle % 12 == 0:
                self.scene.forget_journal()
            way = ways.pop()
            instant = way(self)
            self.crashes["power losses" if power_loss else "kill -9"] += 1
            self.crashes[way.__name__.replace("_", " ")] += 1
            problems = self.after_crash(cycle, power_loss) or self.after_restart(last=cycle == cycles)
            print("cycle %d: %s %s: %s" % (cycle, "power loss" if power_loss else "kill -9", way.__name__.replace("_", " "), instant), flush=True)
            if problems:
                return problems + ["disk.py --base %s --trace %s --seed %s/%d --to FOLDER builds the disk of that power loss again" % (
                    self.host.base, self.host.trace, self.seed, cycle)]
        return []

    # Ways to crash: each leaves the host dead and says when that was.

    def under_load(self, meanwhile=lambda: None, end=crashes.processes.Program.kill):
        """Webhooks, and a look at what is done, until the host is dead or has nothing left to do; then it is ended. True where it was alive."""
        watcher = crashes.Watcher(self.host, self.scene.ledger, self.scene.last_seq)
        meanwhile()
        for group in self.scene.load(ORDERS, EDITS):
            self.scene.post(group)
        self.host.wait_until_dead_or_idle()
        was_running = self.host.program.is_running()
        end(self.host.program)
        watcher.stop()
        return was_running

    def at_an_answer(self):
        self.start_honest()
        answers = self.dice.randrange(1, ORDERS + EDITS + 1)
        delay_s = self.dice.choice((0, 0.002, 0.02))
        self.scene.shopify.after = (len(self.scene.shopify.answers) + answers,
                                    lambda: (time.sleep(delay_s), self.host.program.process.kill()))
        self.under_load()
        return "the %d. of this cycle" % answers

    def at_an_instant(self):
        self.start_honest()
        after_s = self.dice.random() * LOAD_S * 2
        timer = threading.Timer(after_s, self.host.program.process.kill)
        self.under_load(timer.start)
        timer.cancel()
        return "%.3f s after the first webhook" % after_s

    def at_the_start(self):
        after_s = self.dice.random() * START_S * 2
        if self.host.start_watched(kill_after_s=after_s):
            self.under_load()
        return "%.3f s after it" % after_s

    def at_the_stop(self):
        """It is asked to end, and dies on the way or just behind."""
        self.start_honest()
        after_s = self.dice.random() * STOP_S * 2
        timer = threading.Timer(after_s, self.host.program.process.kill)

        def end(program):
            timer.start()
            program.terminate()
            timer.cancel()

        self.under_load(end=end)
        return "%.3f s after it was asked to" % after_s

    def at_a_sync(self):
        return self.at_a_file_operation("sync_begin", "-wal", self.dice.choice((3, 40)))

    def after_a_sync(self):
        return self.at_a_file_operation("sync_end", "-wal", 40)

    def at_a_write(self):
        return self.at_a_file_operation("write", "-wal", 200)

    def in_a_checkpoint(self):
        """One that a commit makes when the log is long, or the last one, of a host that is asked to end."""
        operation, most = self.dice.choice((("write", 60), ("write", 60), ("sync_begin", 1)))
        return self.at_a_file_operation(operation, crashes.JOURNAL, most, end=crashes.processes.Program.terminate)

    def at_a_file_operation(self, operation, suffix, most, end=crashes.processes.Program.kill):
        times = self.dice.randrange(1, most + 1)
        reached = not self.host.start_watched(kill_at="%s:%s:%d" % (operation, suffix, times)) or not self.under_load(end=end)
        if end != crashes.processes.Program.kill:
            reached = reached or self.host.program.process.returncode == -signal.SIGKILL
        return "%s of %s number %d%s" % (operation, suffix, times, "" if reached else ", which did not come")

    def start_honest(self):
        if not self.host.start_watched():
            raise SystemExit("the host does not start below the shim; %s" % self.host.folder)

    # What is left, and what has to be true of it.

    def after_crash(self, cycle, power_loss):
        crash = crashes.Crash(self.host)
        seed = "%s/%d" % (self.seed, cycle)
        problems, counted = crash.images(seed, self.images, self.scene.ledger)
        self.image_counts.add(counted)
        self.image_number += self.images
        if power_loss:
            files, counted = crash.disk.after_power_loss(seed)
            self.counts.add(counted)
            disk.write_folder(self.host.data, files)
        return crash.problems() + problems

    def after_restart(self, last):
        """The host runs without the shim when this returns, unless it does not start."""
        try:
            self.host.start()
        except SystemExit as refused:
            return ["the host does not start on what the crash left: %s" % refused]
        problems = self.scene.journal_problems(all_payloads=last)
        problems += self.scene.odoo_problems()
        self.host.program.kill()
        return problems


WAYS = (Cycles.at_an_answer, Cycles.at_an_instant, Cycles.at_the_start, Cycles.at_the_stop, Cycles.at_a_sync, Cycles.after_a_sync, Cycles.at_a_write,
        Cycles.in_a_checkpoint)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--cycles", type=int, required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="of all choices; when each thread gets how far is the machine's")
    parser.add_argument("--images", type=int, default=10, help="further power losses at the instant of each crash, opened by SQLite alone")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-powerloss-"))
    print("seed %d" % arguments.seed)
    cycles = Cycles(arguments.build.resolve(), folder, arguments.seed, arguments.images)
    try:
        problems = cycles.run(arguments.cycles)
    finally:
        cycles.scene.stop()
    for problem in problems[:MOST_SHOWN]:
        print("WRONG: " + problem)
    if len(problems) > MOST_SHOWN:
        print("and %d more; %s" % (len(problems) - MOST_SHOWN, problems[-1]))
    print("%s\n%d webhooks acknowledged, %d events seen done; %s" % (
        ", ".join("%d %s" % (number, what) for what, number in sorted(cycles.crashes.items())), *cycles.scene.told(),
        "nothing lost, nothing doubled" if not problems else "NOT as it should be"))
    print("the disks the host was started on: %s\n%d further disks: %s" % (cycles.counts, cycles.image_number, cycles.image_counts))
    if problems:
        print("configuration, journal, trace and logs: %s" % folder)
    else:
        shutil.rmtree(folder)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
