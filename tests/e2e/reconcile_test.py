#!/usr/bin/env python3
"""Webhooks are lost on purpose, records are changed behind Sluice's back, and the host is killed in between: a reconciliation of the real
host names every record that is not as it should be, goes on at its page, and repairs what it is told to."""

import argparse
import datetime
import json
import pathlib
import sys
import tempfile
import unittest

import expected
import orders
import processes
import shop_api

PREFIX = processes.EXTERNAL_ID_PREFIX


class Reconcile(unittest.TestCase):
    build = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-reconcile-")))
        self.odoo = processes.Odoo(self.build, self.folder, processes.products_of(orders.CATALOGUE), [])
        self.addCleanup(self.odoo.stop)
        self.api = shop_api.ShopApi(self.folder)
        self.addCleanup(self.api.stop)
        keys = "".join(line + "\n" for line in self.api.connector_keys().splitlines() if not line.startswith("location_id"))
        self.host = processes.Host(self.build, self.folder, self.odoo, connector_extra=keys)
        self.host.start()
        self.addCleanup(lambda: self.host.program.is_running() and self.host.program.kill())
        self.webhooks = processes.Shopify(self.host)
        self.shop = orders.Shop(seed=23)
        # Yesterday: within the contract's period, and nothing of it is under way any more.
        self.shop.clock = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(days=1)

    def sold(self, *some, delivered=True):
        """Orders as the shop has them now; `delivered`: their webhooks arrive too."""
        self.api.control("POST", "documents", {"documents": [json.dumps(order) for order in some]})
        if delivered:
            self.webhooks.send([self.webhooks.delivery("orders/updated", order) for order in some])
            self.assertEqual([], self.webhooks.pending)
            self.host.wait_until_idle()

    def order(self, delivered=True):
        order = self.shop.order("buyer%d@example.com" % self.shop.next_number)
        self.sold(order, delivered=delivered)
        return order

    def in_odoo(self, order):
        return self.odoo.call("sale.order", "search", [[["client_order_ref", "=", order["name"]]]])

    def change_in_odoo(self, order, price=999.5):
        (there,) = self.in_odoo(order)
        lines = self.odoo.call("sale.order.line", "search", [[["order_id", "=", there]]])
        self.odoo.call("sale.order.line", "write", [[lines[0]], {"price_unit": price}])
        self.odoo.call("sale.order", "write", [[there], {"note": "A person was here"}])

    def report(self):
        return self.host.json("reconcile", "report", self.host.connector, "order")

    def has_ended(self, run=None):
        report = self.report()["run"]
        return report is not None and report["phase"] == "done" and report["run"] != run

    def reconcile(self, *options):
        """What a run finds: {order's id: (kind, whether it is written again, what keeps it from that)}."""
        before = (self.report()["run"] or {}).get("run")
        self.host.command("reconcile", "start", self.host.connector, "order", *options)
        self.host.wait_until(lambda: self.has_ended(before), "the run does not end")
        self.host.wait_until_idle()
        return self.found()

    def found(self):
        report = self.report()
        found = {finding["record"]: (finding["kind"], finding["repaired"], finding["guard"]) for finding in report["findings"]}
        self.assertEqual(len(found), len(report["findings"]), "a record is reported twice")
        return found

    def assert_as_sold(self, *some):
        dump = self.odoo.dump()
        by_name = {order["external_id"]: order for order in dump["orders"]}
        lines = {}
        for line in dump["lines"]:
            lines.setdefault(line["order_id"], []).append(line)
        partners = {partner["id"]: partner for partner in dump["partners"]}
        for order in some:
            fixture = expected.order_fixture(order)
            self.assertEqual([], expected.compare_order(fixture, by_name.get(PREFIX + fixture["external_id"]), lines, partners, PREFIX))

    def test_what_was_lost_and_changed_is_named_and_repaired_once(self):
        before = self.order()
        self.change_in_odoo(before)  # the shop has not changed it since
        start = self.shop.tick()
        same = self.order()
        missing = [self.order(delivered=False) for _ in range(2)]
        stale, conflict, extra, confirmed, cancelled = [self.order() for _ in range(5)]
        stale = self.shop.edited(stale)
        self.sold(stale, delivered=False)
        self.change_in_odoo(conflict)
        self.api.control("POST", "documents", {"remove": [str(extra["id"])]})
        self.odoo.call("sale.order", "action_confirm", [self.in_odoo(confirmed)])
        confirmed = self.shop.edited(confirmed)
        self.sold(confirmed, delivered=False)
        moment = self.shop.tick()
        cancelled = {**cancelled, "cancelled_at": moment, "cancel_reason": "customer", "updated_at": moment}
        self.sold(cancelled, delivered=False)
        foreign = self.odoo.call("sale.order", "create", [{"partner_id": 1, "client_order_ref": "by hand"}])

        changed_in_odoo = {str(conflict["id"]): ("conflict", False, ""), str(before["id"]): ("conflict", False, ""),
                           str(extra["id"]): ("extra", False, "")}
        guarded = {str(confirmed["id"]): ("stale", False, "state is `sale`")}
        lost = [*missing, stale, cancelled]
        kinds = ["missing", "missing", "stale", "stale"]

        def is_written(written):
            return {str(order["id"]): (kind, written, "") for order, kind in zip(lost, kinds)}

        untouched = self.odoo.dump()
        self.api.control("POST", "configure", {"rest": {"max_page": 3}})
        self.assertEqual({**changed_in_odoo, **guarded, **is_written(False)}, self.reconcile("--from", start))
        self.assertEqual(untouched, self.odoo.dump(), "a comparison has written")
        run = self.report()["run"]
        self.assertEqual((1, "none"), (run["counts"]["same"], run["repair"]), run)
        self.assertGreater(run["pages"], 3)
        (finding,) = [one for one in self.report()["findings"] if one["record"] == str(conflict["id"])]
        self.assertIn(("price_unit", "999.5"), [(one["field"], one["now"]) for one in finding["differences"]])
        text = self.host.command("reconcile", "report", self.host.connector, "order")
        self.assertIn("2 missing, 3 stale, 2 conflict, 1 extra", text)
        self.assertIn("price_unit: 999.5 -> ", text)

        # What lost webhooks would have brought; what somebody changed in Odoo stays.
        self.assertEqual({**changed_in_odoo, **guarded, **is_written(True)}, self.reconcile("--from", start, "--repair", "missed"))
        self.assert_as_sold(same, *lost)
        self.assertEqual({**changed_in_odoo, **guarded}, self.reconcile("--from", start, "--repair", "missed"))

        written = {str(one["id"]): ("conflict", True, "") for one in (conflict, before)}
        self.assertEqual({**changed_in_odoo, **guarded, **written}, self.reconcile("--from", start, "--repair", "all"))
        self.assert_as_sold(same, conflict, before, *lost)
        left = {**guarded, str(extra["id"]): ("extra", False, "")}
        counted = len(self.odoo.dump()["orders"])
        for _ in range(2):
            self.assertEqual(left, self.reconcile("--from", start, "--repair", "all"))
        self.assertEqual(counted, len(self.odoo.dump()["orders"]), "a repair has doubled something")
        self.assertEqual(1, len(self.odoo.call("sale.order", "search", [[["id", "=", foreign]]])))
        self.assertEqual(0, self.host.counts()["dead"], self.host.counts())

    def test_a_host_that_is_killed_goes_on_at_its_page(self):
        lost = [self.order(delivered=False) for _ in range(7)]
        self.api.control("POST", "configure", {"rest": {"max_page": 2}})
        for page in range(1, 4):
            before = self.api.control("GET", "stats")["roots"].get("orders.json", 0)
            self.api.control("POST", "faults", {"kind": "hang", "match": {"operation": "orders.json", "skip": page}})
            last = (self.report()["run"] or {}).get("run")
            self.host.command("reconcile", "start", self.host.connector, "order", *(["--repair", "missed"] if page == 3 else []))
            self.host.wait_until(lambda: self.api.control("GET", "stats")["held"] == 1, "page %d is not asked for" % (page + 1))
            self.assertEqual((page, "listed"), (self.report()["run"]["pages"], self.report()["run"]["phase"]))
            self.host.program.kill()
            self.api.control("DELETE", "faults")
            self.host.start()
            self.host.wait_until(lambda: self.has_ended(last), "the run does not go on")
            self.host.wait_until_idle()
            self.assertEqual({str(order["id"]): ("missing", page == 3, "") for order in lost}, self.found())
            asked = self.api.control("GET", "stats")["roots"]["orders.json"] - before
            if page < 3:  # the shop's four pages, one of them twice; with repairs Odoo's side has some that are ours
                self.assertEqual(4 + 1, asked)
        self.assert_as_sold(*lost)
        self.assertEqual(7, len(self.odoo.dump()["orders"]))
        self.assertEqual({}, self.reconcile("--repair", "missed"))

    def test_what_cannot_be_reconciled_is_refused_and_says_why(self):
        for arguments, why in ((("fulfilment",), "does not say how flow `fulfilment` is reconciled"),
                               (("ordr",), "did you mean `order`"),
                               (("order", "--from", "yesterday"), "give a day or a time"),
                               (("order", "--from", "2026-02-01", "--to", "2026-01-01"), "ends before it begins")):
            with self.assertRaisesRegex(SystemExit, why):
                self.host.command("reconcile", "start", self.host.connector, *arguments)
        self.assertIn("shop order: never reconciled", self.host.command("reconcile", "report", self.host.connector, "order"))

    def test_a_timetable_of_the_operators_reconciles_and_repairs(self):
        lost = self.order(delivered=False)
        self.host.program.terminate()
        (self.folder / "ours.toml").write_text("""[extension]
contract = "shopify"
[flow.order.reconcile]
schedule = { every = "1s" }
repair = "missed"
""")
        self.host.config.write_text(self.host.config.read_text().replace('plugin = "shopify"',
                                                                         'plugin = "shopify"\ncontract_extension = "ours.toml"'))
        self.host.start()
        self.host.wait_until(lambda: self.in_odoo(lost), "the timetable repairs nothing")
        self.assert_as_sold(lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    Reconcile.build = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
