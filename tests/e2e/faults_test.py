#!/usr/bin/env python3
"""One fault of Odoo at a time, the real host before it: what the journal recorded, and what Odoo holds afterwards."""

import argparse
import pathlib
import sys
import tempfile
import unittest

import expected
import orders
import processes

BUILD = None


class WithHost(unittest.TestCase):
    """The host and the simulator, fresh for each test."""
    odoo_extra = ""
    connector_extra = ""
    retry = "base_ms = 20\ncap_ms = 200\nlimit = 6"

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="sluice-faults-")
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        self.odoo = processes.Odoo(BUILD, self.folder, processes.products_of(orders.CATALOGUE), [])
        self.addCleanup(lambda: self.odoo.program.kill())
        self.host = processes.Host(BUILD, self.folder, self.odoo, retry=self.retry, odoo_extra=self.odoo_extra, connector_extra=self.connector_extra)
        self.host.start()
        self.addCleanup(lambda: self.host.program.kill())
        self.shop = orders.Shop(seed=3)
        self.shopify = processes.Shopify(self.host)
        self.sent = []

    def send(self, order=None, topic="orders/create"):
        order = order or self.shop.order("buyer@example.com")
        self.sent.append(order)
        self.assertEqual(200, self.shopify.post(self.shopify.delivery(topic, order)))
        return order

    def verdicts(self, seq):
        return [attempt["verdict"] for attempt in self.host.json("events", "show", str(seq))["attempt_log"]]

    def assert_odoo_is_right(self):
        fixtures = [expected.order_fixture(order) for order in expected.newest(self.sent).values()]
        self.assertEqual([], expected.compare(fixtures, self.odoo.dump(), processes.EXTERNAL_ID_PREFIX))
        self.assertEqual([], self.host.json("dead-letters", "list")["events"])

    def assert_nothing_leaked(self):
        """No secret and no traceback in a log or the journal, whatever happened."""
        self.host.program.terminate()
        journal = b"".join(path.read_bytes() for path in (self.folder / "var").iterdir() if path.is_file())
        for name, content in (("log", (self.folder / "sluice.log").read_bytes()), ("journal", journal)):
            for what in (processes.SECRET, processes.API_KEY, "Traceback"):
                self.assertNotIn(what.encode(), content, "%s is in the %s" % (what[:9], name))


class Faults(WithHost):
    def test_a_refused_connection_is_an_outage_and_counts_no_attempt(self):
        self.odoo.stop()
        self.send()
        self.host.wait_until(lambda: "retry" in self.verdicts(1), "no attempt failed")
        self.odoo.start()
        self.host.wait_until_idle()
        self.assert_odoo_is_right()
        self.assertEqual(0, self.host.json("events", "show", "1")["counted_failures"])
        self.assert_nothing_leaked()

    def test_a_reset_connection_counts_where_the_probe_gets_through(self):
        self.send()
        self.host.wait_until_idle()
        self.odoo.fault("refuse")
        self.send()
        self.host.wait_until_idle()
        self.assert_odoo_is_right()
        self.assertEqual("done", self.verdicts(2)[-1])
        self.assertGreaterEqual(self.host.json("events", "show", "2")["counted_failures"], 1)

    def test_an_applied_call_whose_answer_is_lost_makes_one_order(self):
        for method in ("load", "search"):
            self.odoo.fault("die_after_apply", model="sale.order", method=method)
        self.send()
        self.host.wait_until_idle()
        self.assertIn("unknown", self.verdicts(1))
        self.assertEqual("done", self.verdicts(1)[-1])
        self.assert_odoo_is_right()

    def test_a_call_that_died_unapplied_is_done_again(self):
        self.odoo.fault("die_before_apply", model="res.partner", method="load")
        self.odoo.fault("die_before_apply", model="sale.order", method="load")
        self.send()
        self.host.wait_until_idle()
        self.assert_odoo_is_right()

    def test_a_truncated_answer_is_an_unknown_outcome(self):
        self.odoo.fault("truncate", model="sale.order", method="load")
        self.send()
        self.host.wait_until_idle()
        self.assertEqual(["unknown", "done"], self.verdicts(1))
        self.assert_odoo_is_right()

    def test_a_proxys_error_page_is_not_taken_for_an_answer(self):
        self.odoo.fault("html_page", model="sale.order", method="load", status=502, body="<html>Bad Gateway</html>")
        self.odoo.fault("html_page", model="sale.order", method="load", status=503, body="<html>Unavailable</html>")
        self.odoo.fault("html_page", model="sale.order", method="load", status=404, body="<html>No database</html>")
        self.odoo.fault("html_page", model="sale.order", method="load", status=200, body="<html>Log in</html>")
        self.send()
        self.host.wait_until_idle()
        self.assertEqual("done", self.verdicts(1)[-1])
        self.assertEqual(5, len(self.verdicts(1)))
        self.assert_odoo_is_right()

    def test_conflicts_are_retried(self):
        self.odoo.fault("conflict", model="sale.order", method="load", count=2)
        self.odoo.fault("conflict", model="res.partner", method="load")
        order = self.send()
        self.host.wait_until_idle()
        self.assertEqual(["retry", "retry", "retry", "done"], self.verdicts(1))
        self.odoo.fault("conflict", model="sale.order", method="write")
        self.send(self.shop.edited(order), "orders/updated")
        self.host.wait_until_idle()
        self.assertEqual(["retry", "done"], self.verdicts(2))
        self.assert_odoo_is_right()

    def test_an_update_survives_the_same_at_each_of_its_calls(self):
        order = self.send()
        self.host.wait_until_idle()
        for method in ("write", "load"):  # the changed line, then the new one
            for kind in ("die_before_apply", "die_after_apply", "truncate"):
                self.odoo.fault(kind, model="sale.order", method=method)
                order = self.send(self.shop.edited(order), "orders/updated")
                self.host.wait_until_idle()
                self.assert_odoo_is_right()

    def test_forgotten_sessions_are_not_noticed(self):
        self.send()
        self.host.wait_until_idle()
        self.odoo.fault("expire")
        self.send()
        self.host.wait_until_idle()
        self.assertEqual(["done"], self.verdicts(2))
        self.assert_odoo_is_right()

    def test_a_revoked_key_pauses_the_connector_until_an_operator_acts(self):
        self.send()
        self.host.wait_until_idle()
        self.odoo.fault("revoke_key")
        self.send()
        self.host.wait_until(lambda: "auth" in self.verdicts(2), "no attempt was refused")
        (connector,) = self.host.json("status")["connectors"]
        self.assertTrue(connector["paused_because"])
        tried = self.odoo.control("GET", "/_sim/stats")["calls"]
        self.send()  # still accepted, not tried
        self.assertEqual(tried, self.odoo.control("GET", "/_sim/stats")["calls"])
        self.assertEqual([], self.verdicts(3))
        self.odoo.control("POST", "/_sim/seed", {"users": [processes.SERVICE_USER]})
        self.host.command("connectors", "resume", processes.CONNECTOR)
        self.host.wait_until_idle()
        self.assert_odoo_is_right()
        self.assertEqual(0, self.host.json("events", "show", "2")["counted_failures"])
        self.assert_nothing_leaked()

    def test_postgresql_down_is_an_outage(self):
        self.send()
        self.host.wait_until_idle()
        self.odoo.fault("pg_down", count=4)
        self.send()
        self.host.wait_until_idle()
        self.host.wait_until(lambda: "done" in self.verdicts(2), "it was not delivered")
        self.assertEqual(0, self.host.json("events", "show", "2")["counted_failures"])
        self.assert_odoo_is_right()

    def test_what_odoo_refuses_is_a_dead_letter_with_its_words_and_holds_its_order(self):
        self.odoo.fault("user_error", model="sale.order", method="load", message="The warehouse is closed.")
        order = self.send()
        self.host.wait_until(lambda: self.host.counts()["dead"] == 1, "no dead letter")
        self.send(self.shop.edited(order), "orders/updated")  # waits behind it
        (letter,) = self.host.json("dead-letters", "list")["events"]
        self.assertIn("The warehouse is closed.", letter["outcome"])
        self.assertEqual(1, self.host.counts()["waiting"])
        self.host.command("dead-letters", "replay", str(letter["seq"]))
        self.host.wait_until(lambda: self.host.counts()["done"] == 2, "the replay was not delivered")
        self.assert_odoo_is_right()
        self.assert_nothing_leaked()

    def test_a_discarded_dead_letter_lets_the_next_event_through(self):
        self.odoo.fault("user_error", model="sale.order", method="load", message="No.")
        order = self.send()
        self.host.wait_until(lambda: self.host.counts()["dead"] == 1, "no dead letter")
        self.host.command("dead-letters", "discard", "1", "--reason", "the edit replaces it")
        self.send(self.shop.edited(order), "orders/updated")
        self.host.wait_until(lambda: self.host.counts()["done"] == 1, "the edit was not delivered")
        self.assert_odoo_is_right()

    def test_an_event_that_always_fails_ends_as_a_dead_letter_and_stops_nobody(self):
        self.odoo.fault("die_before_apply", model="sale.order", method="load", count=6)
        self.send()
        self.host.wait_until(lambda: self.host.counts()["dead"] == 1, "no dead letter")
        self.assertEqual(6, len(self.verdicts(1)))
        self.send()
        self.host.wait_until(lambda: self.host.counts()["done"] == 1, "the next order was not delivered")


class ShortTimeout(WithHost):
    """A server that hangs is given up; what it did meanwhile is looked at before anything is repeated."""
    odoo_extra = "timeout_ms = 1000"

    def test_a_hanging_call_is_an_unknown_outcome(self):
        self.odoo.fault("hang", model="sale.order", method="load")
        self.odoo.fault("hang_after_apply", model="sale.order", method="load")
        self.send()
        self.host.wait_until_idle()
        self.assertEqual(["unknown", "unknown", "done"], self.verdicts(1))
        self.assert_odoo_is_right()


class SkipConfirmed(WithHost):
    """The contract's rule for orders that are confirmed in Odoo, set to leave them alone."""
    connector_extra = 'confirmed_order = "skip"'

    def test_a_confirmed_order_is_left_alone_and_says_so(self):
        order = self.send()
        self.host.wait_until_idle()
        (record,) = self.odoo.call("sale.order", "search", [[["client_order_ref", "=", order["name"]]]])
        self.odoo.call("sale.order", "action_confirm", [[record]])
        edited = self.shop.edited(order)
        self.assertEqual(200, self.shopify.post(self.shopify.delivery("orders/updated", edited)))
        self.host.wait_until(lambda: self.host.counts()["done"] == 2, "the edit has no verdict")
        outcome = self.host.json("events", "show", "2")["outcome"]
        self.assertIn("protected", outcome)
        self.assertIn("product_uom_qty", outcome)
        self.assert_odoo_is_right()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    BUILD = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
