#!/usr/bin/env python3
"""What an operator does about dead letters, with the real programs: causes, dry run, canary and rest, edit, discard; pauses that last."""

import argparse
import copy
import json
import os
import pathlib
import sys
import tempfile
import unittest

import expected
import orders
import processes

BUILD = None
MANY = 200
MISSING = "NOT-IN-ODOO-YET"  # a product that somebody forgot


class DeadLetters(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-dead-letters-")))
        self.odoo = processes.Odoo(BUILD, self.folder, processes.products_of(orders.CATALOGUE), [])
        self.addCleanup(self.odoo.stop)
        self.host = processes.Host(BUILD, self.folder, self.odoo)
        self.host.start()
        self.addCleanup(lambda: self.host.program.is_running() and self.host.program.kill())
        self.shop, self.shopify = orders.Shop(seed=11), processes.Shopify(self.host)

    def send(self, all_orders):
        self.shopify.send([self.shopify.delivery("orders/create", order) for order in all_orders])
        self.assertEqual([], self.shopify.pending)
        self.host.wait_until_idle()

    def unknown_product(self, number):
        return [self.shop.order("buyer%d@example.com" % (i % 9), skus=[MISSING]) for i in range(number)]

    def without_sku(self, number):
        made = []
        for i in range(number):
            order = self.shop.order("other%d@example.com" % i, skus=["MUG-BLUE"])
            order["line_items"][0]["sku"] = None
            made.append(order)
        return made

    def groups(self):
        return self.host.json("dead-letters", "groups")["groups"]

    def assert_odoo_has(self, all_orders):
        """These orders, each once, and no other."""
        fixtures = [expected.order_fixture(order) for order in all_orders]
        self.assertEqual([], expected.compare(fixtures, self.odoo.dump(), processes.EXTERNAL_ID_PREFIX))
        self.assertEqual(len(all_orders), len(self.odoo.dump()["orders"]))

    def test_a_cause_is_seen_tried_and_put_right_once_for_all(self):
        many, few = self.unknown_product(MANY), self.without_sku(3)
        self.send(many + few)
        common, rare = self.groups()
        self.assertEqual((MANY, 3), (common["count"], rare["count"]))
        self.assertEqual(("invalid", "invalid"), (common["class"], rare["class"]))
        self.assertIn(MISSING, common["message"])
        self.assertEqual(MANY, common["holding"])
        self.assertEqual(3, len(self.host.command("dead-letters", "groups").splitlines()), "a head, and a line a cause")
        oldest = str(common["first"])

        # As things are a delivery would fail, and a canary does: nothing else is touched.
        report = self.host.json("dead-letters", "replay", oldest, "--dry-run")
        self.assertEqual(("failed", "invalid", []), (report["ends"], report["class"], report["calls"]))
        failed = self.host.try_command("dead-letters", "replay", "--group", common["fingerprint"])
        self.assertEqual(1, failed.returncode, failed.stdout)
        self.assertIn("event %s failed again: invalid: " % oldest, failed.stderr)
        self.assertEqual(MANY + 3, self.host.counts()["dead"])
        self.assertEqual(2, self.host.json("events", "show", oldest)["attempts"])
        self.assertEqual(1, self.host.json("events", "show", str(common["last"]))["attempts"])

        self.odoo.control("POST", "/_sim/seed", {"products": [{"default_code": MISSING, "name": "Found", "list_price": 5.0}]})
        report = self.host.json("dead-letters", "replay", oldest, "--dry-run")
        self.assertEqual("done", report["ends"], report)
        self.assertEqual(["res.partner", "sale.order"], sorted({call["model"] for call in report["calls"]}))
        self.assertEqual({"load"}, {call["method"] for call in report["calls"]})
        references = [one["then"] for call in report["calls"] for one in call["differences"] if one["field"] == "client_order_ref"]
        self.assertEqual(1, len(references), report["calls"])
        self.assertEqual([], self.odoo.dump()["orders"], "nothing was written")
        self.assertEqual(2, self.host.json("events", "show", oldest)["attempts"], "and no attempt made")
        self.assertIn("nothing was written", self.host.command("dead-letters", "replay", oldest, "--dry-run"))

        said = self.host.command("dead-letters", "replay", "--group", common["fingerprint"])
        self.assertIn("event %s is replayed as a canary for %d dead letters" % (oldest, MANY), said)
        self.assertIn("event %s is done: created sale.order" % oldest, said)
        self.assertIn("%d dead letters replayed" % (MANY - 1), said)
        self.host.wait_until_idle()
        self.assertEqual((MANY, 3), (self.host.counts()["done"], self.host.counts()["dead"]))
        self.assert_odoo_has(many)
        notes = self.host.json("events", "show", str(common["last"]))["notes"]
        self.assertRegex(notes[0], r"replayed by .*uid %d" % os.getuid())

    def test_one_is_edited_and_the_rest_discarded(self):
        broken = self.without_sku(3)
        self.send(broken)
        (group,) = self.groups()
        seq = str(group["first"])
        shown = self.host.json("dead-letters", "show", seq)
        self.assertEqual("/line_items/0/sku", shown["mapping"]["broken"][0]["pointer"])
        came = shown["payload"]
        self.assertEqual(len(came) - len("null") + len('"MUG-BLUE"'), len(came.replace('"sku": null', '"sku": "MUG-BLUE"')))

        wrong = self.host.try_command("dead-letters", "edit", seq, "--set", '/line_items/7/sku="MUG-BLUE"', "--reason", "a typo")
        self.assertEqual((1, "there is nothing at /line_items/7/sku: /line_items is an array of 1\n"), (wrong.returncode, wrong.stderr))
        self.host.command("dead-letters", "edit", seq, "--set", '/line_items/0/sku="MUG-BLUE"', "--reason", "a typo", "--replay")
        self.host.wait_until_idle()
        shown = self.host.json("events", "show", seq)
        self.assertEqual("done", shown["state"], shown["outcome"])
        self.assertEqual(came, shown["payload"], "what came is kept")
        self.assertEqual(came.replace('"sku": null', '"sku": "MUG-BLUE"'), shown["edits"][0]["payload"], "no other byte changed")
        self.assertEqual("a typo", shown["edits"][0]["reason"])
        edited = copy.deepcopy(next(order for order in broken if str(order["id"]) == shown["ordering_key"]))
        edited["line_items"][0]["sku"] = "MUG-BLUE"
        self.assert_odoo_has([edited])

        asked = self.host.try_command("dead-letters", "discard", "--all-matching", "--connector", "shop", "--reason", "test orders")
        self.assertEqual((2, "2 dead letters would be discarded; add --yes\n"), (asked.returncode, asked.stderr))
        self.assertEqual(2, self.host.counts()["dead"])
        self.assertEqual(2, self.host.try_command("dead-letters", "discard", "--connector", "shop", "--reason", "x", "--yes").returncode,
                         "a connector alone is not enough to mean all of it")
        self.host.command("dead-letters", "discard", "--group", group["fingerprint"], "--reason", "test orders", "--yes")
        self.assertEqual((0, 2), (self.host.counts()["dead"], self.host.counts()["discarded"]))
        self.assertEqual([], self.groups())

    def test_a_pause_outlives_the_host(self):
        self.host.command("pause", "shop", "order", "--reason", "stock take")
        sent = [self.shop.order("buyer@example.com")]
        self.shopify.send([self.shopify.delivery("orders/create", order) for order in sent])
        self.host.program.terminate()
        self.host.start()
        self.assertIn("shop order is paused since ", self.host.command("status"))
        self.assertEqual((1, 0), (self.host.counts()["ready"], self.host.counts()["done"]))
        self.assertEqual([], self.odoo.dump()["orders"])
        # A dry run asks nobody's leave.
        self.assertEqual("done", self.host.json("events", "dry-run", "1")["ends"])
        self.host.program.kill()
        self.host.start()
        self.assertEqual((1, 0), (self.host.counts()["ready"], self.host.counts()["done"]))
        self.assertEqual(1, self.host.try_command("resume", "shop").returncode, "it is the flow that is paused")
        said = self.host.command("resume", "shop", "order")
        self.assertRegex(said, "flow `order` of connector `shop` was paused since .* by .*uid %d.*: stock take" % os.getuid())
        self.host.wait_until(lambda: self.host.counts()["done"] == 1, "the order was never delivered")
        self.assert_odoo_has(sent)

    def test_a_copy_of_an_encrypted_journal_is_a_journal_for_who_has_its_key(self):
        self.host.program.terminate()
        key = self.folder / "journal.key"
        key.touch(mode=0o600)
        key.write_text("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n")
        text = self.host.config.read_text()
        self.host.config.write_text(text.replace("[host]", '[host]\njournal_key = { file = "journal.key" }'))
        self.host.start()
        sent = [self.shop.order("zoe.mueller@example.com")]
        self.send(sent)
        self.assertIn("the journal is sound", self.host.command("journal", "check"))
        os.chdir(self.folder)
        self.addCleanup(os.chdir, "/")
        self.assertIn("copy.db: ", self.host.command("journal", "backup", "copy.db"))
        self.assertEqual(1, self.host.try_command("journal", "backup", "copy.db").returncode, "it is there already")
        files = b"".join(path.read_bytes() for path in [self.folder / "copy.db", *(self.folder / "var").glob("journal.db*")])
        self.assertNotIn(b"zoe.mueller", files)
        self.host.program.terminate()
        for path in (self.folder / "var").glob("journal.db*"):
            path.unlink()
        (self.folder / "copy.db").rename(self.folder / "var" / "journal.db")
        self.host.start()
        self.assertEqual(sent[0]["id"], json.loads(self.host.json("events", "show", "1")["payload"])["id"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    BUILD = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
