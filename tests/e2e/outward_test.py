#!/usr/bin/env python3
"""The journey out: deliveries and stock levels of Odoo reach the shop once, whatever happens in between.

Against the Odoo simulator; the same journey on a real Odoo is demo_real.py. The shop is the simulator that is held to Shopify's own schema.
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
        self.poll("fulfilment")  # what was there before is remembered, not told

    # ---- what people do

    def sold(self, skus=None, pieces=None, reserve=True):
        """An order of the shop, whose webhook is accepted; `pieces` of its first line."""
        order = self.shop.order("buyer@example.com", skus=skus)
        if pieces:
            order["line_items"][0].update(quantity=pieces, current_quantity=pieces, fulfillable_quantity=pieces, discount_allocations=[])
            self.shop.totals(order)
        self.api.take(order, reserve)
        self.shopify.send([self.shopify.delivery("orders/create", order)])
        return order

    def quotations(self, order):
        return self.odoo.call("sale.order", "search", [[["client_order_ref", "=", order["name"]]]])

    def confirm(self, order):
        """A person confirms it in Odoo: (the order's id, its picking's id)."""
        (sale,) = self.quotations(order)
        self.odoo.call("sale.order", "action_confirm", [[sale]])
        (picking,) = self.odoo.call("stock.picking", "search", [[["sale_id", "=", sale]]])
        return sale, picking

    def confirmed_order(self, skus=None, pieces=None, reserve=True):
        """An order of the shop that a person has confirmed in Odoo: (the shop's, Odoo's id, its picking's id)."""
        order = self.sold(skus, pieces, reserve)
        self.host.wait_until_idle()
        return order, *self.confirm(order)

    def product(self, sku):
        (product,) = self.odoo.call("product.product", "search", [[["default_code", "=", sku]]])
        return product

    def count(self, product, difference):
        """So many more or fewer of it lie on the shelf."""
        self.odoo.control("POST", "/_sim/seed", {"stock": [{"product": product, "location": "stock.stock_location_stock", "quantity": difference}]})

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

    def test_two_equal_deliveries_are_two_fulfilments_also_where_answers_are_lost(self):
        order, sale, picking = self.confirmed_order(skus=[SKUS[0]], pieces=2)
        self.ship(picking, [1])
        self.api.fault("die_after_apply", "fulfillmentCreate")
        self.poll("fulfilment")
        self.assertEqual({order["line_items"][0]["id"]: 1}, self.api.fulfilled())
        (rest,) = self.odoo.call("stock.picking", "search", [[["sale_id", "=", sale], ["state", "!=", "done"]]])
        self.ship(rest)
        self.api.fault("die_after_apply", "fulfillmentCreate")
        self.poll("fulfilment")
        self.assert_fulfilled_once(order)
        self.assertEqual(2, len(self.api.applied("fulfillmentCreate")))
        self.assertEqual([], self.letters())

    def test_a_tracking_number_typed_later_reaches_the_fulfilment_that_is_there(self):
        self.odoo.control("POST", "/_sim/seed", {"modules": ["stock_delivery"]})
        order, sale, picking = self.confirmed_order(skus=[SKUS[0]], pieces=3)
        line = order["line_items"][0]["id"]
        self.ship(picking, [1])
        self.poll("fulfilment")
        for number, kind in (("T1", "die_before_apply"), ("T2", "die_after_apply")):
            self.odoo.call("stock.picking", "write", [[picking], {"carrier_tracking_ref": number}])
            self.api.fault(kind, "fulfillmentTrackingInfoUpdate")
            self.poll("fulfilment")
            self.assertEqual([[number]], self.api.tracking())
            self.assertEqual({line: 1}, self.api.fulfilled(), "a number is no shipment")
        self.odoo.call("stock.picking", "write", [[picking], {"carrier_tracking_ref": False}])
        self.poll("fulfilment")
        (rest,) = self.odoo.call("stock.picking", "search", [[["sale_id", "=", sale], ["state", "!=", "done"]]])
        self.odoo.call("stock.picking", "write", [[rest], {"carrier_tracking_ref": "T3"}])
        self.ship(rest)
        self.poll("fulfilment")
        self.assert_fulfilled_once(order)
        self.assertEqual([["T2"], ["T3"]], self.api.tracking())
        self.odoo.call("stock.picking", "write", [[rest], {"carrier_tracking_ref": "T4"}])
        self.poll("fulfilment")
        self.assert_fulfilled_once(order)
        self.assertEqual([["T2"], ["T4"]], self.api.tracking(), "nothing was left to fulfil")
        self.assertEqual(2, len(self.api.applied("fulfillmentCreate")))
        self.assertEqual(3, len(self.api.applied("fulfillmentTrackingInfoUpdate")))
        self.assertEqual([], self.letters())

    # ---- stock levels

    def test_stock_levels_follow_odoo(self):
        self.poll("stock")
        self.assertEqual({sku: ON_HAND for sku in SKUS}, self.api.available(), "what was there before")
        sets = len(self.api.applied("inventorySetQuantities"))
        self.confirmed_order()
        self.poll("stock")
        self.assert_levels_are_odoos()
        self.assertLess(min(self.api.available().values()), ON_HAND)
        self.assertEqual(sets, len(self.api.applied("inventorySetQuantities")), "the shop took its own sale off itself")
        self.count(self.product(SKUS[0]), 5)
        for _ in range(2):
            self.poll("stock")
            self.assert_levels_are_odoos()
            self.assertEqual(sets + 1, len(self.api.applied("inventorySetQuantities")))

    def test_what_is_sold_and_not_confirmed_yet_is_not_for_sale_again(self):
        self.poll("stock")
        sets = len(self.api.applied("inventorySetQuantities"))
        waiting, confirmed = (self.sold(skus=[SKUS[0]], pieces=1) for _ in range(2))
        self.host.wait_until_idle()
        self.confirm(confirmed)
        self.poll("stock")
        self.assertEqual(ON_HAND - 2, self.api.available()[SKUS[0]])
        self.assertEqual(sets, len(self.api.applied("inventorySetQuantities")))
        # What a person offers somebody is not sold.
        (partner,) = self.odoo.call("res.partner", "search", [[["email", "=", "buyer@example.com"], ["parent_id", "=", False]]])
        self.odoo.call("sale.order", "create", [{"partner_id": partner, "order_line": [
            [0, 0, {"product_id": self.product(SKUS[0]), "product_uom_qty": 7}]]}])
        self.count(self.product(SKUS[0]), 10)
        self.poll("stock")
        self.assertEqual(ON_HAND + 8, self.api.available()[SKUS[0]])
        self.confirm(waiting)
        self.poll("stock")
        self.assertEqual(ON_HAND + 8, self.api.available()[SKUS[0]])
        self.assert_levels_are_odoos()

    def test_what_the_shop_sells_while_odoo_is_read_makes_the_set_stale(self):
        self.poll("stock")
        self.count(self.product(SKUS[0]), 10)
        self.odoo.fault("commit_late", model="product.product", method="search_read")
        self.host.command("trigger", self.host.connector, "stock")
        self.host.wait_until(lambda: self.odoo.control("GET", "/_sim/stats")["calls_held"] == 1, "nobody asked Odoo for its stock")
        order = self.sold(skus=[SKUS[0]], pieces=1)
        self.host.wait_until(lambda: self.quotations(order), "the order is not in Odoo")
        self.odoo.control("POST", "/_sim/release")
        self.host.wait_until_idle()
        self.assertEqual(ON_HAND + 9, self.api.available()[SKUS[0]])
        self.assertEqual(1, len(self.api.refused("inventorySetQuantities", "CHANGE_FROM_QUANTITY_STALE")))

    def test_somebody_else_in_between_and_lost_answers(self):
        self.poll("stock")
        for kind in ("stale", "failed_key", "die_after_apply", "truncate", "die_before_apply", "refuse", "throttled_200"):
            with self.subTest(kind):
                self.api.fault(kind, "inventorySetQuantities")
                self.count(self.product(SKUS[0]), -3)
                self.poll("stock")
                self.assert_levels_are_odoos()
        self.assertEqual([], self.letters())
        self.assertEqual(1, len(self.api.refused("inventorySetQuantities", "CHANGE_FROM_QUANTITY_STALE")))
        self.assertEqual(1, len(self.api.refused("inventorySetQuantities", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")))
        sets = self.api.executed("inventorySetQuantities")
        for entry in sets:
            (quantity,) = entry["arguments"]["input"]["quantities"]
            self.assertIsInstance(quantity["changeFromQuantity"], int)
        self.assertEqual(len(sets), len({entry["idempotency_key"] for entry in sets}), "another attempt has another key")

    def test_a_level_that_came_back_before_the_repeat_is_set_again(self):
        self.poll("stock")
        self.api.fault("die_after_apply", "inventorySetQuantities")
        self.api.control("POST", "faults", {"kind": "status", "status": 503, "body": "", "match": {
            "operation": "productVariants", "count": None, "skip": 1}})
        self.count(self.product(SKUS[0]), -1)
        self.host.command("trigger", self.host.connector, "stock")
        self.host.wait_until(lambda: self.api.control("GET", "stats")["statuses"].get("503", 0), "the set is not tried again")
        self.assertEqual(ON_HAND - 1, self.api.available()[SKUS[0]])
        self.api.set_level(SKUS[0], ON_HAND)
        self.api.control("DELETE", "faults")
        self.host.wait_until_idle()
        self.assert_levels_are_odoos()
        self.assertEqual([], self.letters())

    def test_one_sku_is_one_product_that_is_not_archived(self):
        def another(name, **more):
            self.odoo.control("POST", "/_sim/seed", {
                "products": [{"default_code": SKUS[0], "name": name, "list_price": 1.0, "detailed_type": "product", "external_id": "goods." + name,
                              **more}],
                "stock": [{"product": "goods." + name, "location": "stock.stock_location_stock", "quantity": 5}]})

        self.poll("stock")
        self.sold(skus=[SKUS[0]], pieces=1)
        self.host.wait_until_idle()
        another("old", active=False)
        self.poll("stock")
        self.assertEqual(ON_HAND - 1, self.api.available()[SKUS[0]])
        self.assertEqual([], self.letters())
        another("twin")
        self.poll("stock")
        (letter,) = self.letters()
        self.assertIn("2 products in Odoo have the internal reference `%s`" % SKUS[0], letter)
        self.assertEqual(ON_HAND - 1, self.api.available()[SKUS[0]])

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
            order, _, picking = self.confirmed_order(reserve=False)  # so that there is a level to set
            all_orders.append(order)
            self.ship(picking)
            self.host.program.terminate()
            if not crash_test.starts(self.host, point + ":3", crash_log):  # its own polls reached the point before it listened
                self.host.start()
            for flow in ("fulfilment", "stock"):
                try:
                    self.host.command("trigger", self.host.connector, flow)
                except SystemExit:
                    pass  # it died of it
            if point.startswith(("append", "response")):  # a webhook's too
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
