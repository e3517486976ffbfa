#!/usr/bin/env python3
"""Sweeps of the real host: one when it starts for the first time, one when a person asks, none because of a restart."""

import argparse
import pathlib
import sys
import tempfile
import unittest

import orders
import processes
import shop_api

SKUS = sorted(orders.CATALOGUE)


class Sweep(unittest.TestCase):
    build = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-sweep-")))
        self.odoo = processes.Odoo(self.build, self.folder, processes.products_of(orders.CATALOGUE), [], on_hand=100)
        self.addCleanup(self.odoo.stop)
        self.api = shop_api.ShopApi(self.folder)
        self.addCleanup(self.api.stop)
        self.api.sell(SKUS, 0)
        self.host = processes.Host(self.build, self.folder, self.odoo, connector_extra=self.api.connector_keys(),
                                   flows=("order", "fulfilment", "stock"))
        self.host.start()
        self.addCleanup(lambda: self.host.program.is_running() and self.host.program.kill())

    def events(self, topic, flow):
        events = self.host.json("events", "list", "--limit", "1000")["events"]
        return [event for event in events if (event["topic"], event["flow"]) == (topic, flow)]

    def sweeps(self):
        return [event["state"] for event in self.events("odoo_change/sweep", "stock")]

    def test_a_sweep_is_made_at_the_first_start_and_by_a_person_and_not_by_a_restart(self):
        self.host.wait_until(lambda: self.sweeps() == ["done"], "the first start sweeps")
        self.host.command("trigger", self.host.connector, "stock", "--sweep")
        self.host.wait_until(lambda: self.sweeps() == ["done", "done"], "a person sweeps")
        self.host.program.terminate()
        self.host.start()
        polls = len(self.events("odoo_change/poll", "stock"))
        self.host.command("trigger", self.host.connector, "stock")
        self.host.wait_until(lambda: len(self.events("odoo_change/poll", "stock")) > polls, "nothing was polled")
        self.host.wait_until_idle()
        self.assertEqual(["done", "done"], self.sweeps())

    def test_what_cannot_be_swept_is_refused_and_says_why(self):
        with self.assertRaisesRegex(SystemExit, "flow `order` watches no Odoo model"):
            self.host.command("trigger", self.host.connector, "order", "--sweep")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    Sweep.build = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
