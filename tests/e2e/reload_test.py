#!/usr/bin/env python3
"""SIGHUP under load: only what changed is started, stopped or restarted, and no event is dropped."""

import argparse
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import unittest

import expected
import orders
import processes


class Reload(unittest.TestCase):
    build = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-reload-")))
        self.odoo = processes.Odoo(self.build, self.folder, processes.products_of(orders.CATALOGUE), [])
        self.addCleanup(self.odoo.stop)
        self.host = processes.Host(self.build, self.folder, self.odoo)
        # A plugin folder of its own, so that its file may change.
        (self.folder / "plugins").mkdir()
        self.plugin = self.folder / "plugins" / "shopify.so"
        shutil.copy(self.build / "plugins" / "shopify.so", self.plugin)
        self.configure(self.host.config.read_text().replace(str(self.build / "plugins"), str(self.folder / "plugins")))
        self.host.start()
        self.addCleanup(lambda: self.host.program.is_running() and self.host.program.kill())
        self.shop, self.shopify, self.sent = orders.Shop(seed=3), processes.Shopify(self.host), []

    def configure(self, text):
        self.host.config.write_text(text)

    def log(self):
        return (self.folder / "sluice.log").read_text()

    def reload(self, says):
        """Sends the signal and waits until the log holds one more line with this text."""
        before = self.log().count(says)
        os.kill(self.host.program.process.pid, signal.SIGHUP)
        self.host.wait_until(lambda: self.log().count(says) > before, "the log never said: " + says)

    def test_under_load_nothing_is_dropped(self):
        stop = threading.Event()

        def load():
            while not stop.is_set():
                order = self.shop.order("buyer%d@example.com" % (len(self.sent) % 7))
                self.sent.append(order)
                self.shopify.send([self.shopify.delivery("orders/create", order)])

        loading = threading.Thread(target=load)
        loading.start()
        text = self.host.config.read_text()
        for lanes in (1, 6, 2, 4, 3):
            self.configure(text.replace("lanes = 4", "lanes = %d" % lanes))
            self.reload('message="configuration read again"')
        stop.set()
        loading.join()
        self.host.wait_until_idle()
        self.assertEqual([], self.shopify.pending, "every webhook was answered 200")
        fixtures = [expected.order_fixture(order) for order in self.sent]
        self.assertEqual([], expected.compare(fixtures, self.odoo.dump(), processes.EXTERNAL_ID_PREFIX))
        attempts = [event["attempts"] for event in self.host.json("events", "list", "--limit", "1000")["events"]]
        self.assertEqual({1}, set(attempts), "no delivery was broken off")
        self.assertGreater(self.log().count("connector restarted"), 3)

    def test_only_what_changed_is_touched(self):
        text = self.host.config.read_text()
        self.reload("connectors_changed=0")
        self.assertNotIn("connector restarted", self.log())
        second = text[text.index("[connector.shop]"):].replace("connector.shop", "connector.outlet")
        self.configure(text + second)
        self.reload('message="connector started" connector=outlet')
        self.assertNotRegex(self.log(), 'message="connector (started|stopped|restarted)[^"]*" connector=shop')
        self.assertEqual({"shop": "running", "outlet": "running"}, self.states())
        self.configure(text + second.replace("lanes = 4", "lanes = 4\nenabled = false"))
        self.reload('message="connector stopped" connector=outlet')
        self.assertEqual({"shop": "running", "outlet": "disabled"}, self.states())
        self.assertNotIn("connector restarted", self.log())

    def test_a_wrong_configuration_changes_nothing_and_says_why(self):
        text = self.host.config.read_text()
        self.configure(text.replace("lanes = 4", "lanes = 0\ncolour = 3"))
        self.reload("the host goes on with the configuration it has")
        self.assertIn("`lanes` must be an integer from 1 to 64", self.log())
        self.assertIn("unknown key `colour`", self.log())
        self.configure(text.replace('listen = "127.0.0.1:0"', 'listen = "127.0.0.1:1"'))
        self.reload("a changed setting needs a restart of the host")
        self.assertIn("setting=ingress.listen", self.log())
        order = self.shop.order("buyer@example.com")
        self.shopify.send([self.shopify.delivery("orders/create", order)])
        self.host.wait_until_idle()
        self.assertEqual(1, self.host.counts()["done"])

    def test_a_changed_plugin_file_is_reported_as_needing_a_restart(self):
        fresh = self.plugin.with_suffix(".new")
        shutil.copy(self.build / "plugins" / "shopify.so", fresh)
        fresh.rename(self.plugin)
        self.reload("has changed; restart the host to run it")
        self.plugin.unlink()
        self.reload("is gone; it runs on until the host is restarted")
        self.assertEqual({"shop": "running"}, self.states())

    def test_the_host_ends_while_a_reload_waits_for_what_hangs(self):
        log = self.hang_while_reloading()
        # The grace is an hour: that it ends at all is the proof. Nothing is left that would have to be waited for.
        self.assertEqual(0, self.host.program.terminate())
        self.assertNotIn("connector restarted", self.log()[len(log):])
        self.odoo.control("DELETE", "/_sim/faults")
        self.host.start()
        self.host.wait_until_idle()
        self.assertEqual([], expected.compare([expected.order_fixture(self.sent[0])], self.odoo.dump(), processes.EXTERNAL_ID_PREFIX))

    def test_a_second_signal_ends_the_host_at_once(self):
        log = self.hang_while_reloading(also_a_connector_that_stays=True)
        os.kill(self.host.program.process.pid, signal.SIGTERM)
        self.host.wait_until(lambda: "a second signal ends the host at once" in self.log()[len(log):], "the first signal was not heard")
        self.assertEqual(-signal.SIGTERM, self.host.program.terminate())

    def hang_while_reloading(self, also_a_connector_that_stays=False):
        """With a grace of an hour, a reload that waits for a call of Odoo that never comes back; the log before it."""
        self.host.program.terminate()
        text = self.host.config.read_text().replace("[host]", "[host]\ndrain_ms = 3600000")
        text = text.replace("[odoo.main]", "[odoo.main]\ntimeout_ms = 3600000")
        second = text[text.index("[connector.shop]"):].replace("connector.shop", "connector.outlet")
        if also_a_connector_that_stays:
            text += second
        self.configure(text)
        self.host.start()
        self.odoo.fault("hang", model="sale.order", count=0)
        names = ("shop", "outlet") if also_a_connector_that_stays else ("shop",)
        for name in names:
            self.host.connector = name
            self.sent.append(self.shop.order("buyer@example.com"))
            self.shopify.send([self.shopify.delivery("orders/create", self.sent[-1])])
            self.host.wait_until(lambda: self.host.counts()["claimed"] == 1, "no delivery runs")
        self.host.wait_until(lambda: self.odoo.control("GET", "/_sim/stats")["faults_fired"] == len(names), "no call hangs")
        log = self.log()
        self.configure(text.replace("lanes = 4", "lanes = 5", 1) + "\n# changed\n")
        os.kill(self.host.program.process.pid, signal.SIGHUP)
        self.host.wait_until(lambda: 'message="stopping connectors' in self.log()[len(log):], "nothing waits for shop")
        return log

    def states(self):
        return {connector["name"]: connector["state"] for connector in self.host.json("status")["connectors"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    Reload.build = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
