#!/usr/bin/env python3
"""The journey out: deliveries and stock levels of Odoo reach the shop once, whatever happens in between.

Against the Odoo simulator, or a real Odoo 17 where SLUICE_TEST_ODOO_URL, _DB, _LOGIN and _KEY name one (then without the tests that order
faults of Odoo). The shop is the simulator that is held to Shopify's own schema.
"""

import argparse
import pathlib
import sys
import tempfile
import unittest

import crash_test
import orders
import processes
import shop_api

SKUS = sorted(orders.CATALOGUE)
ON_HAND = 100


class Outward(unittest.TestCase):
    build = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-outward-")))
        self.odoo = processes.Odoo(self.build, self.folder, processes.products_of(orders.CATALOGUE), [], on_hand=ON_HAND)
        self.addCleanup(self.odoo.stop)
        self.api = shop_api.ShopApi(self.folder)
        self.addCleanup(self.api.stop)
        self.api.sell(SKUS, 0)
        self.shop = orders.Shop(seed=7)
        self.host = processes.Host(self.build, self.folder, self.odoo, connector_extra=self.api.connector_keys(),
                                   flows=("order", "fulfilment", "stock"))
        self.host.start()
        self.addCleanup(lambda: self.host.program.is_running() and self.host.program.kill())
        self.shopify = processes.Shopify(self.host)

    # ---- what people do

    def confirmed_order(self, skus=None):
        """An order of the shop that a person has confirmed in Odoo: (the shop's, Odoo's id, its picking's id)."""
        order = self.shop.order("buyer@example.com", skus=skus)
        self.api.take(order)
        self.shopify.send([self.shopify.delivery("orders/create", order)])
        self.host.wait_until_idle()
        (sale,) = self.odoo.call("sale.order", "search_read", [[["client_order_ref", "=", order["name"]]]], fields=["state"])
        self.odoo.call("sale.order", "action_confirm", [[sale["id"]]])
        (picking,) = self.odoo.call("stock.picking", "search_read", [[["sale_id", "=", sale["id"]]]], fields=["state"])
        return order, sale["id"], picking["id"]

    def ship(self, picking, quantities=None):
        """All of it, or so much of the first lines: the rest becomes a back order."""
        if quantities:
            moves = self.odoo.call("stock.move", "search_read", [[["picking_id", "=", picking]]], fields=["quantity"], order="id")
            for move, quantity in zip(moves, quantities + [0] * len(moves)):
                self.odoo.call("stock.move", "write", [[move["id"]], {"quantity": quantity, "picked": quantity > 0}])
        answer = self.odoo.call("stock.picking", "button_validate", [[picking]], context={"skip_backorder": True, "skip_sms": True})
        self.assertIs(answer, True)

    def poll(self, flow):
        self.host.command("trigger", self.host.connector, flow)
        self.host.wait_until_idle()

    # ---- what must be so

    def assert_fulfilled_once(self, *all_orders):
        self.assertEqual({line["id"]: line["quantity"] for order in all_orders for line in order["line_items"]}, self.api.fulfilled())

    def assert_levels_are_odoos(self):
        free = self.odoo.call("product.product", "search_read", [[["default_code", "in", SKUS]]], fields=["default_code", "free_qty"])
        self.assertEqual({product["default_code"]: int(product["free_qty"]) for product in free}, self.api.available())

    def letters(self):
        return [letter["outcome"] for letter in self.host.json("dead-letters", "list")["events"]]

    # ---- deliveries

    def test_a_delivery_that_is_done_is_a_fulfilment_once(self):
        order, _, picking = self.confirmed_order()
        self.poll("fulfilment")
        self.assertEqual({}, self.api.fulfilled(), "nothing is shipped yet")
        self.ship(picking)
        self.poll("fulfilment")
        self.poll("fulfilment")
        self.assert_fulfilled_once(order)
        self.assertEqual(1, len(self.api.applied("fulfillmentCreate")))
        self.assertEqual([], self.letters())

    def test_a_back_order_is_a_second_fulfilment_of_the_rest(self):
        order, sale, picking = self.confirmed_order(skus=[SKUS[0], SKUS[1]])
        self.ship(picking, [order["line_items"][0]["quantity"]])
        self.poll("fulfilment")
        self.assertEqual({order["line_items"][0]["id"]: order["line_items"][0]["quantity"]}, self.api.fulfilled())
        (rest,) = self.odoo.call("stock.picking", "search", [[["sale_id", "=", sale], ["state", "!=", "done"]]])
        self.ship(rest)
        self.poll("fulfilment")
        self.assert_fulfilled_once(order)
        self.assertEqual(2, len(self.api.applied("fulfillmentCreate")))

    def test_lost_answers_and_refusals_of_the_shop_double_nothing(self):
        for kind in ("die_after_apply", "truncate", "die_before_apply", "refuse", "throttled_200", "throttled_429"):
            with self.subTest(kind):
                before = len(self.api.applied("fulfillmentCreate"))
                order, _, picking = self.confirmed_order()
                self.ship(picking)
                self.api.fault(kind, "fulfillmentCreate")
                self.poll("fulfilment")
                self.assertEqual(before + 1, len(self.api.applied("fulfillmentCreate")))
                pieces = self.api.fulfilled()
                for line in order["line_items"]:
                    self.assertEqual(line["quantity"], pieces[line["id"]])
        self.assertEqual([], self.letters())

    def test_retry_after_is_a_floor_and_counts_nothing(self):
        order, _, picking = self.confirmed_order()
        self.ship(picking)
        self.api.fault("status", "fulfillmentCreate", count=3, status=429, headers={"Retry-After": "1"}, body="slow down")
        self.poll("fulfilment")
        self.assert_fulfilled_once(order)
        (event,) = [one for one in self.host.json("events", "list", "--limit", "200")["events"] if (one["topic"], one["flow"]) == ("odoo_change", "fulfilment")]
        attempts = self.host.json("events", "show", str(event["seq"]))["attempt_log"]
        self.assertEqual(["rate_limited"] * 3 + ["done"], [attempt["verdict"] for attempt in attempts])
        for earlier, later in zip(attempts, attempts[1:]):
            self.assertGreaterEqual(later["started_at_ms"] - earlier["started_at_ms"], 1000)

    def test_a_shop_that_is_down_is_waited_for_and_nothing_counted(self):
        order, _, picking = self.confirmed_order()
        self.ship(picking)
        self.api.fault("status", "fulfillmentCreate", count=None, status=503, body="<html>")
        self.host.command("trigger", self.host.connector, "fulfilment")
        self.host.wait_until(lambda: self.api.control("GET", "stats")["statuses"].get("503", 0) > 2, "nobody asked the shop")
        self.api.control("DELETE", "faults")
        self.host.wait_until_idle()
        self.assert_fulfilled_once(order)
        self.assertEqual([], self.letters())

    def test_what_the_shop_has_none_of_left_is_a_dead_letter_that_says_so(self):
        order, _, picking = self.confirmed_order(skus=[SKUS[0]])
        line = order["line_items"][0]
        self.odoo.call("sale.order.line", "write", [self.odoo.call("sale.order.line", "search", [[["order_id.client_order_ref", "=", order["name"]], [
            "product_id.default_code", "=", SKUS[0]]]]), {"product_uom_qty": line["quantity"] + 3}])
        self.ship(picking)
        self.poll("fulfilment")
        (letter,) = self.letters()
        self.assertIn("3 pieces of gid://shopify/LineItem/%d were shipped" % line["id"], letter)

    # ---- stock levels

    def test_stock_levels_follow_odoo(self):
        self.poll("stock")
        self.assertEqual({sku: ON_HAND for sku in SKUS}, self.api.available(), "what was there before")
        self.confirmed_order()
        self.poll("stock")
        self.assert_levels_are_odoos()
        self.assertLess(min(self.api.available().values()), ON_HAND)
        sets = len(self.api.applied("inventorySetQuantities"))
        self.poll("stock")
        self.assertEqual(sets, len(self.api.applied("inventorySetQuantities")), "nothing changed")

    def test_somebody_else_in_between_and_lost_answers(self):
        self.poll("stock")
        for kind in ("stale", "die_after_apply", "truncate", "die_before_apply", "refuse", "throttled_200"):
            with self.subTest(kind):
                self.api.fault(kind, "inventorySetQuantities")
                self.confirmed_order(skus=[SKUS[0]])
                self.poll("stock")
                self.assert_levels_are_odoos()
        self.assertEqual([], self.letters())

    def test_the_shop_may_answer_stale_to_the_repeat_of_a_success(self):
        self.poll("stock")
        self.api.control("POST", "configure", {"idempotency": {"repeat": "reevaluate"}})
        self.api.fault("die_after_apply", "inventorySetQuantities")
        self.confirmed_order(skus=[SKUS[0]])
        self.poll("stock")
        self.assert_levels_are_odoos()

    # ---- the host itself

    def test_a_change_that_commits_behind_the_cursor_is_told(self):
        order, _, picking = self.confirmed_order()
        self.odoo.fault("commit_late", model="stock.picking", method="button_validate")
        validating = self.odoo.later("stock.picking", "button_validate", [[picking]])
        other, _, quick = self.confirmed_order()
        self.ship(quick)
        self.poll("fulfilment")
        self.assert_fulfilled_once(other)
        self.odoo.control("POST", "/_sim/release")
        self.assertIs(validating(), True)
        self.poll("fulfilment")
        self.assert_fulfilled_once(order, other)

    def test_the_host_killed_at_every_point_while_it_sends(self):
        self.host.program.terminate()
        crash_log = self.folder / "crashes.log"
        all_orders, sets = [], 0
        points = [point for point in crash_test.crash_points(self.host) if not point.startswith(("recovery", "decision"))]
        for point in points:
            self.host.start()
            order, _, picking = self.confirmed_order()
            all_orders.append(order)
            self.ship(picking)
            self.host.program.terminate()
            self.host.start(crash_at=point + ":3", crash_log=crash_log)
            for flow in ("fulfilment", "stock"):
                try:
                    self.host.command("trigger", self.host.connector, flow)
                except SystemExit:
                    pass  # it died of it
            if point == "response_before_send":  # a webhook's
                self.shopify.send([self.shopify.delivery("orders/updated", order) for _ in range(3)])
            self.host.wait_until(lambda: not self.host.program.is_running() or crash_test.is_idle(self.host), "neither crashed nor idle")
            if self.host.program.is_running():
                self.host.program.kill()
            self.host.program.wait()
            self.host.start()
            self.shopify.send_pending()
            for flow in ("fulfilment", "stock"):
                self.poll(flow)
            self.host.program.terminate()
        self.host.start()
        self.assertEqual(points, crash_log.read_text().split())
        self.assert_fulfilled_once(*all_orders)
        self.assert_levels_are_odoos()
        self.assertEqual([], self.letters())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    Outward.build = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
