#!/usr/bin/env python3
"""Shopify orders of every shape, through the real host: taxes, gift cards, discounts, refunds, edits, cancellations, currencies.

Each webhook comes again, as it was and as a new delivery; what Odoo holds is compared with what the webhook says, totals to the cent.
"""

import argparse
import pathlib
import sys
import tempfile
import unittest
from decimal import Decimal

import expected
import orders
import processes

BUILD = None
TAXES = [  # (percent, included in the price)
    ("15", False), ("7.25", False), ("1.5", False), ("8.875", False), ("21", True), ("6", True), ("9.975", True), ("21", False)]
DEFAULT_TAX = 101  # what products have of their own; no order says it
STATE, CITY, ODD = Decimal("0.0725"), Decimal("0.015"), Decimal("0.08875")
HIGH, LOW, QUEBEC = Decimal("0.21"), Decimal("0.06"), Decimal("0.09975")


def seed():
    """Taxes, products that have a tax of their own, and a price list in euros."""
    products = [*processes.products_of(orders.CATALOGUE), ("GIFT-CARD", "Gift card"), ("REFUND", "Refund")]
    return {
        "records": {
            "account.tax": [{"id": 101 + i, "name": "%s %%%s" % (amount, " included" if included else ""), "amount": float(amount),
                             "price_include": included} for i, (amount, included) in enumerate(TAXES)] + [
                {"id": 200, "name": "21 %, of purchases", "amount": 21.0, "type_tax_use": "purchase"},
                {"id": 201, "name": "21 apiece", "amount": 21.0, "amount_type": "fixed"}],
            "product.pricelist": [{"id": 301, "name": "Euro", "currency_id": "base.EUR", "discount_policy": "with_discount"}]},
        "products": [{"default_code": sku, "name": name, "list_price": 1.0, "taxes_id": [[6, 0, [DEFAULT_TAX]]]} for sku, name in products]}


class WithHost(unittest.TestCase):
    connector_extra = ""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="sluice-shapes-")
        self.addCleanup(temporary.cleanup)
        folder = pathlib.Path(temporary.name)
        self.odoo = processes.Odoo(BUILD, folder, [], [])
        self.addCleanup(lambda: self.odoo.program.kill())
        self.odoo.control("POST", "/_sim/seed", seed())
        self.host = processes.Host(BUILD, folder, self.odoo, connector_extra=self.connector_extra)
        self.host.start()
        self.addCleanup(lambda: self.host.program.kill())
        self.shop = orders.Shop(seed=11)
        self.shopify = processes.Shopify(self.host)
        self.sent = []

    def send(self, order, topic="orders/create"):
        """Once, again as it was, and again as a delivery of its own."""
        delivery = self.shopify.delivery(topic, order)
        for again in (delivery, delivery, self.shopify.delivery(topic, order)):
            self.assertEqual(200, self.shopify.post(again))
        self.host.wait_until_idle()
        return order

    def order(self, order, topic="orders/create"):
        """One that Odoo must hold."""
        self.sent.append(self.send(order, topic))
        return order

    def new(self, **how):
        return self.shop.order("buyer@example.com", **how)

    def record_of(self, order):
        (record,) = self.odoo.call("sale.order", "search", [[["client_order_ref", "=", order["name"]]]])
        return record

    def state_of(self, order):
        return self.odoo.call("sale.order", "read", [[self.record_of(order)]], fields=["state"])[0]["state"]

    def dead_letters(self):
        return [letter["outcome"] for letter in self.host.json("dead-letters", "list")["events"]]

    def assert_one_dead_letter(self, *words):
        """Of one order: what comes after it waits behind it."""
        (reason,) = self.dead_letters()
        for word in words:
            self.assertIn(word, reason)
        for letter in self.host.json("dead-letters", "list")["events"]:
            self.host.command("dead-letters", "discard", str(letter["seq"]), "--reason", "seen")
        self.host.wait_until_idle()
        for letter in self.host.json("dead-letters", "list")["events"]:  # its repeat
            self.assertEqual(reason, letter["outcome"])
            self.host.command("dead-letters", "discard", str(letter["seq"]), "--reason", "seen")
        self.host.wait_until_idle()

    def assert_odoo_is_right(self):
        dump = self.odoo.dump()
        dump["taxes"] = {101 + i: (Decimal(amount), included) for i, (amount, included) in enumerate(TAXES)}
        fixtures = [expected.order_fixture(order) for order in expected.newest(self.sent).values()]
        self.assertEqual([], expected.compare(fixtures, dump, processes.EXTERNAL_ID_PREFIX))
        self.assertEqual([], self.dead_letters())


class Taxes(WithHost):
    def test_on_top_of_the_prices(self):
        self.order(self.shop.taxed(self.new(lines=4), [[STATE], [STATE, CITY], [ODD], []]))
        self.order(self.shop.taxed(self.new(lines=4), [[ODD], [CITY]], shipping_rates=[STATE, CITY]))
        self.assert_odoo_is_right()

    def test_included_in_the_prices(self):
        self.order(self.shop.taxed(self.new(lines=4), [[HIGH], [LOW], []], included=True))
        self.order(self.shop.taxed(self.new(lines=2), [[HIGH, QUEBEC]], included=True, shipping_rates=[HIGH]))
        self.assert_odoo_is_right()

    def test_what_is_not_taxable_has_no_tax_at_all(self):
        order = self.new(lines=3)
        order["line_items"][0]["taxable"] = False
        order = self.shop.taxed(order, [[STATE]])
        self.order(order)
        self.order(self.new(lines=2))  # no tax_lines
        self.assert_odoo_is_right()

    def test_a_rate_that_odoo_has_not_is_named(self):
        self.send(self.shop.taxed(self.new(lines=1), [[Decimal("0.19")]]))
        self.assert_one_dead_letter("no account.tax with amount `19", "price_include `false`", "/line_items/0/tax_lines/0/rate")
        self.send(self.shop.taxed(self.new(lines=1), [[STATE]], included=True))
        self.assert_one_dead_letter("no account.tax with amount `7.25` ", "price_include `true`")
        self.assert_odoo_is_right()

    def test_two_taxes_of_one_rate_are_not_one(self):
        self.send(self.shop.taxed(self.new(lines=1), [[CITY, CITY]], shipping_rates=[CITY]))
        self.assert_one_dead_letter("is found twice", "/line_items/0/tax_lines/1/rate")

    def test_taxes_that_change(self):
        order = self.order(self.shop.taxed(self.new(lines=2), [[STATE]]))
        order = self.order(self.shop.taxed(self.shop.edited(order), [[STATE, CITY]]), "orders/updated")
        self.assert_odoo_is_right()
        self.order(self.shop.taxed(self.shop.touched(order), [[]], shipping_rates=[ODD]), "orders/updated")
        self.assert_odoo_is_right()


class SeveralTaxesOfOneRate(WithHost):
    """As real charts of accounts have them: one for goods and one for services."""

    def setUp(self):
        super().setUp()
        self.odoo.control("POST", "/_sim/seed", {"records": {"account.tax": [
            {"id": 901, "name": "21 % services", "amount": 21.0, "price_include": True}]}})

    def test_are_a_dead_letter_that_names_them(self):
        self.send(self.shop.taxed(self.new(lines=1), [[HIGH]], included=True))
        self.assert_one_dead_letter("more than one account.tax with amount `21", "ids 105, 901")


class TheFirstOfSeveralTaxes(SeveralTaxesOfOneRate):
    connector_extra = 'several_taxes = "first"'

    def test_are_a_dead_letter_that_names_them(self):
        self.order(self.shop.taxed(self.new(lines=1), [[HIGH]], included=True))
        self.assert_odoo_is_right()


class GiftCardsAndDiscounts(WithHost):
    def test_a_gift_card_that_is_sold_and_one_that_pays(self):
        order = self.new(lines=1)
        order["line_items"].append(self.shop.gift_card("50.00"))
        self.order(self.shop.taxed(order, [[STATE]]))
        order = self.new(lines=2)
        order.update(payment_gateway_names=["gift_card", "shopify_payments"])
        self.order(self.shop.totals(order))
        self.assert_odoo_is_right()

    def test_discounts_on_the_line_and_on_the_order(self):
        for rates, included in (([[STATE], [ODD]], False), ([[HIGH], [LOW]], True)):
            for sku in ("IPOD2008BLACK", "TEE-M", "MUG-BLUE"):
                order = self.new(skus=[sku, "IPOD2008RED"])
                for line in order["line_items"]:
                    whole = Decimal(line["price"]) * line["quantity"]
                    line["discount_allocations"] = orders.allocations_of(orders.cents(whole / 7), orders.cents(whole / 11))
                self.order(self.shop.taxed(order, rates, included=included))
        self.assert_odoo_is_right()


class RefundsAndEdits(WithHost):
    def test_refunds_of_lines_and_of_shipping(self):
        for rates, included in (([[STATE]], False), ([[HIGH]], True), ([[]], False)):
            order = self.order(self.shop.taxed(self.new(lines=3), rates, included=included))
            order = self.shop.refunded(order, [1, order["line_items"][1]["quantity"]], [("shipping_refund", "-3.00", "-0.63")])
            self.order(order, "orders/updated")
            self.assert_odoo_is_right()
            self.order(self.shop.refunded(order, [], [("refund_discrepancy", "-1.25", "0.00"), ("refund_discrepancy", "0.75", "0.00")]),
                       "orders/updated")
            self.assert_odoo_is_right()

    def test_a_quantity_that_is_less_and_its_discount(self):
        for quantity, price, discount, left in ((3, "19.99", "1.00", 2), (4, "1234.57", "100.01", 1), (3, "0.10", "0.07", 1)):
            order = self.new(lines=2)
            order["line_items"][0].update(quantity=quantity, current_quantity=quantity, price=price,
                                          discount_allocations=orders.allocations_of(Decimal(discount)))
            order = self.order(self.shop.totals(order))
            order["line_items"][0]["current_quantity"] = left
            self.order(self.shop.totals(self.shop.touched(order)), "orders/updated")
            self.assert_odoo_is_right()

    def test_a_refund_of_a_confirmed_order_is_a_persons(self):
        order = self.order(self.new(lines=1))
        self.odoo.call("sale.order", "action_confirm", [[self.record_of(order)]])
        self.send(self.shop.refunded(order, [], [("shipping_refund", "-5.00", "0.00")]), "orders/updated")
        self.assert_one_dead_letter("is `sale` and protected", "_adjustment_", "is new")
        self.assert_odoo_is_right()


class Cancellations(WithHost):
    def test_a_quotation_is_cancelled(self):
        for state in ("draft", "sent"):
            order = self.order(self.new(lines=2))
            self.odoo.call("sale.order", "write", [[self.record_of(order)], {"state": state}])
            order = self.order(self.shop.cancelled(order), "orders/cancelled")
            self.assertEqual("cancel", self.state_of(order))
            self.order(self.shop.touched(order, note="late"), "orders/updated")  # nothing that Odoo holds is another
        self.assert_odoo_is_right()

    def test_an_order_that_was_cancelled_before_it_was_seen(self):
        for topic in ("orders/cancelled", "orders/updated"):  # either says it
            order = self.new(lines=2)
            self.order(self.shop.cancelled(order), topic)
            self.sent.append(self.send(order))  # the creation comes late
        self.assert_odoo_is_right()

    def test_a_cancelled_order_whose_content_differs_is_a_persons(self):
        order = self.order(self.shop.cancelled(self.new(lines=2)), "orders/cancelled")
        self.send(self.shop.edited(order), "orders/updated")
        self.assert_one_dead_letter("is `cancel` and protected", "product_uom_qty")
        self.assert_odoo_is_right()

    def test_a_confirmed_order_is_not_cancelled(self):
        order = self.order(self.new(lines=1))
        self.odoo.call("sale.order", "action_confirm", [[self.record_of(order)]])
        self.send(self.shop.cancelled(order), "orders/cancelled")
        self.assert_one_dead_letter("is `sale`, and /cancelled_at asks for state `cancel`, to which nothing leads from there")
        self.assertEqual("sale", self.state_of(order))
        self.assert_odoo_is_right()

    def test_a_cancellation_whose_answer_is_lost(self):
        for method in ("action_cancel", "read"):
            order = self.order(self.new(lines=1))
            self.odoo.fault("die_after_apply", model="sale.order", method=method)
            self.odoo.fault("die_before_apply", model="sale.order", method=method)
            self.order(self.shop.cancelled(order), "orders/cancelled")
        self.assert_odoo_is_right()


class SkippedCancellations(WithHost):
    connector_extra = 'cancel_confirmed_order = "skip"'

    def test_a_confirmed_order_is_left_alone_and_says_so(self):
        order = self.order(self.new(lines=1))
        self.odoo.call("sale.order", "action_confirm", [[self.record_of(order)]])
        before = self.host.counts()["done"]
        self.send(self.shop.cancelled(order), "orders/cancelled")
        self.assertEqual(before + 2, self.host.counts()["done"])
        self.assertEqual("sale", self.state_of(order))
        outcome = self.host.json("events", "show", str(before + 1))["outcome"]
        self.assertIn("/cancelled_at asks for state `cancel`", outcome)
        self.assert_odoo_is_right()


class Currencies(WithHost):
    def in_currency(self, code):
        return self.shop.totals({**self.new(lines=2), "currency": code, "presentment_currency": code})

    def test_an_order_takes_the_price_list_of_its_currency(self):
        dollars, euros = self.order(self.new(lines=2)), self.order(self.in_currency("EUR"))
        self.assert_odoo_is_right()
        found = {order: self.odoo.call("sale.order", "read", [[self.record_of(order_)]], fields=["pricelist_id", "currency_id"])[0]
                 for order, order_ in (("dollars", dollars), ("euros", euros))}
        self.assertEqual((False, "USD"), (found["dollars"]["pricelist_id"], found["dollars"]["currency_id"][1]))
        self.assertEqual((301, "EUR"), (found["euros"]["pricelist_id"][0], found["euros"]["currency_id"][1]))

    def test_a_currency_without_a_price_list_is_named(self):
        self.send(self.in_currency("GBP"))
        self.assert_one_dead_letter("no product.pricelist with currency_id.name `GBP`, and no res.company with currency_id.name `GBP`")
        self.assert_odoo_is_right()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    BUILD = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
