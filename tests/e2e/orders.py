"""Shopify orders as its webhooks carry them (REST shape, API version 2026-10), made up from a seed.

Amounts are exact decimals written as Shopify writes them (text with two digits); ids exceed 2**53.
"""

import copy
import datetime
import itertools
import random
import zlib
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
FIRST_ID = 820982911946154508

CATALOGUE = {  # SKU: (title, price)
    "IPOD2008GREEN": ("IPod Nano - 8gb - green", "199.00"),
    "IPOD2008RED": ("IPod Nano - 8gb - red", "199.00"),
    "IPOD2008BLACK": ("IPod Nano - 8gb - black", "1234.57"),
    "IPOD2008PINK": ("IPod Nano - 8gb - pink", "0.10"),
    "MUG-BLUE": ("Mug, blue", "7.35"),
    "TEE-M": ("T-shirt, medium", "19.99"),
}

ADDRESSES = [
    {"first_name": "Bob", "last_name": "Norman", "name": "Bob Norman", "company": None, "phone": "555-625-1199",
     "address1": "Chestnut Street 92", "address2": "", "city": "Louisville", "zip": "40202", "province": "Kentucky",
     "province_code": "KY", "country": "United States", "country_code": "US", "latitude": "45.41634", "longitude": "-75.6868"},
    {"first_name": "Zoë", "last_name": "Müller-Ångström", "name": "Zoë Müller-Ångström", "company": "Öl & Söhne", "phone": None,
     "address1": "Straße des 17. Juni 135", "address2": "c/o \"Hof\" 3", "city": "Berlin", "zip": "10623", "province": None,
     "province_code": None, "country": "Germany", "country_code": "DE", "latitude": None, "longitude": None},
    {"first_name": "Ann", "last_name": "O'Neil", "name": "Ann O'Neil", "company": None, "phone": "+1 613 555 0101",
     "address1": "123 Elm St.", "address2": None, "city": "Ottawa", "zip": "K2H7A8", "province": "Ontario",
     "province_code": "ON", "country": "Canada", "country_code": "CA", "latitude": None, "longitude": None},
]


def money(amount):
    return str(Decimal(amount).quantize(CENT))


def cents(amount):
    """Rounded as a shop rounds."""
    return Decimal(amount).quantize(CENT, ROUND_HALF_UP)


def money_set(amount):
    value = {"amount": money(amount), "currency_code": "USD"}
    return {"shop_money": value, "presentment_money": value}


def allocations_of(*discounts):
    """One an application: a discount on the line, and the line's part of one on the order."""
    return [{"amount": money(discount), "amount_set": money_set(discount), "discount_application_index": index}
            for index, discount in enumerate(discounts) if discount]


def discount_on(item):
    return sum((Decimal(a["amount"]) for a in item["discount_allocations"]), Decimal(0))


def taxes_on(amount, rates, included):
    """[(rate, tax)]: each rate on its own, on top of the amount or within it."""
    base = amount / (1 + sum(rates, Decimal(0))) if included else amount
    return [(rate, cents(base * rate)) for rate in rates]


def tax_lines_of(amount, rates, included):
    return [{"title": "Tax %s" % rate, "rate": float(rate), "price": money(tax), "price_set": money_set(tax), "channel_liable": False}
            for rate, tax in taxes_on(amount, rates, included)]


def rates_of(item):
    return [Decimal(str(line["rate"])) for line in item["tax_lines"]]


class Shop:
    """Makes orders; the same seed makes the same ones."""

    def __init__(self, seed=7):
        self.random = random.Random(seed)
        self.next_id = FIRST_ID
        self.next_number = 1001
        self.clock = datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=-5)))

    def new_id(self):
        self.next_id += self.random.randrange(1, 1 << 20)
        return self.next_id

    def tick(self):
        self.clock += datetime.timedelta(seconds=self.random.randrange(1, 90))
        return self.clock.isoformat()

    def line(self, sku=None):
        sku = sku or self.random.choice(sorted(CATALOGUE))
        title, price = CATALOGUE.get(sku, ("A thing nobody knows", "5.00"))
        quantity = self.random.randrange(1, 5)
        whole = Decimal(price) * quantity
        discount = Decimal(0)
        if self.random.random() < 0.5:
            discount = (whole * Decimal(self.random.randrange(1, 90)) / 100).quantize(CENT)
        return {
            "id": self.new_id(), "admin_graphql_api_id": "gid://shopify/LineItem/%d" % self.next_id, "current_quantity": quantity,
            "fulfillable_quantity": quantity, "fulfillment_service": "manual", "fulfillment_status": None, "gift_card": False, "grams": 567,
            "name": title, "price": money(price), "price_set": money_set(price), "product_exists": True, "product_id": 632910392,
            "properties": [], "quantity": quantity, "requires_shipping": True, "sku": sku, "taxable": True, "title": title,
            "total_discount": "0.00", "total_discount_set": money_set(0), "variant_id": 808950810, "variant_title": None, "vendor": None,
            "tax_lines": [], "duties": [], "discount_allocations": allocations_of(discount),
        }

    def shipping(self):
        price = Decimal(self.random.choice(["0.00", "5.00", "9.95", "12.50"]))
        discount = (price * self.random.choice([0, 0, 0, 33, 100]) / 100).quantize(CENT)
        discounted = price - discount
        return {
            "id": self.new_id(), "carrier_identifier": None, "code": "STANDARD", "discounted_price": money(discounted),
            "discounted_price_set": money_set(discounted), "is_removed": False, "phone": None, "price": money(price), "price_set": money_set(price),
            "requested_fulfillment_service_id": None, "source": "shopify", "title": "Standard Shipping", "tax_lines": [],
            "discount_allocations": allocations_of(discount),
        }

    def order(self, email, guest=True, address=None, delivery=None, skus=None, lines=None):
        order_id, number, created = self.new_id(), self.next_number, self.tick()
        self.next_number += 1
        # A buyer lives in one place and has things sent to several.
        address = copy.deepcopy(address or ADDRESSES[zlib.crc32(email.encode()) % len(ADDRESSES)])
        delivery = copy.deepcopy(delivery or self.random.choice([address, *ADDRESSES]))
        items = [self.line(sku) for sku in skus] if skus else [self.line() for _ in range(lines or self.random.randrange(1, 5))]
        order = {
            "id": order_id, "admin_graphql_api_id": "gid://shopify/Order/%d" % order_id, "app_id": 580111, "browser_ip": "203.0.113.7",
            "buyer_accepts_marketing": False, "cancel_reason": None, "cancelled_at": None, "cart_token": None, "checkout_id": None,
            "closed_at": None, "confirmed": True, "contact_email": email, "created_at": created, "currency": "USD",
            "customer_locale": "en", "discount_codes": [], "email": email, "estimated_taxes": False, "financial_status": "paid",
            "fulfillment_status": None, "name": "#%d" % number, "note": "Ring twice – \"now\"\n", "note_attributes": [], "number": number - 1000,
            "order_number": number, "phone": None, "presentment_currency": "USD", "processed_at": created, "source_name": "web", "tags": "",
            "tax_exempt": False, "tax_lines": [], "taxes_included": False, "test": False, "token": "b1946ac92492d2347c6235b4d2611184",
            "total_tax": "0.00", "total_tax_set": money_set(0), "updated_at": created, "user_id": None, "billing_address": address,
            "customer": None if guest else {"id": self.new_id(), "email": email, "first_name": address["first_name"], "last_name": address["last_name"],
                                            "state": "enabled", "verified_email": True, "tags": "", "currency": "USD"},
            "discount_applications": [], "fulfillments": [], "line_items": items, "payment_terms": None, "refunds": [],
            "shipping_address": delivery, "shipping_lines": [self.shipping()], "returns": [],
        }
        return self.totals(order)

    def totals(self, order):
        """The totals as the shop computes them, from its own prices: of all that was bought, and of what is left of it."""
        included = order["taxes_included"]

        def total(name, quantity_of, refunds):
            whole = discounts = tax = shipping = Decimal(0)
            for line in order["line_items"]:
                quantity = quantity_of(line)
                discount = cents(discount_on(line) * quantity / line["quantity"])
                amount = Decimal(line["price"]) * quantity
                whole, discounts = whole + amount, discounts + discount
                tax += sum((tax for _, tax in taxes_on(amount - discount, rates_of(line), included)), Decimal(0))
            for line in order["shipping_lines"]:
                amount = Decimal(line["price"]) - discount_on(line)
                shipping += amount
                tax += sum((tax for _, tax in taxes_on(amount, rates_of(line), included)), Decimal(0))
            price = whole - discounts + shipping + (0 if included else tax)
            for refund in refunds:
                for adjustment in refund["order_adjustments"]:
                    price += Decimal(adjustment["amount"]) + Decimal(adjustment["tax_amount"])
                    tax += Decimal(adjustment["tax_amount"])
            order.update({name + "total_discounts": money(discounts), name + "subtotal_price": money(whole - discounts),
                          name + "total_tax": money(tax), name + "total_price": money(price)})

        total("", lambda line: line["quantity"], [])
        total("current_", lambda line: line["current_quantity"], order["refunds"])
        return order

    def taxed(self, order, rates, included=False, shipping_rates=None):
        """The same order with taxes on what is taxable: `rates` are each line's, in turn."""
        order = copy.deepcopy(order)
        order["taxes_included"] = included
        for line, line_rates in zip(order["line_items"], itertools.cycle(rates)):
            if line["taxable"]:
                line["tax_lines"] = tax_lines_of(Decimal(line["price"]) * line["quantity"] - discount_on(line), line_rates, included)
        for line in order["shipping_lines"]:
            line["tax_lines"] = tax_lines_of(Decimal(line["price"]) - discount_on(line), shipping_rates or rates[0], included)
        return self.totals(order)

    def gift_card(self, price):
        """A gift card that is sold: no SKU, no tax."""
        return {**self.line("MUG-BLUE"), "name": "Gift card", "title": "Gift card", "gift_card": True, "sku": None, "taxable": False,
                "requires_shipping": False, "price": money(price), "price_set": money_set(price), "discount_allocations": []}

    def refunded(self, order, quantities=(), adjustments=()):
        """The same order later: of the first lines so many were refunded, and amounts of no line: (kind, amount, tax)."""
        order = copy.deepcopy(order)
        refund_id = self.new_id()
        lines = []
        for line, quantity in zip(order["line_items"], quantities):
            line["current_quantity"] -= quantity
            line["fulfillable_quantity"] -= quantity
            if quantity:
                lines.append({"id": self.new_id(), "line_item_id": line["id"], "quantity": quantity, "restock_type": "cancel",
                              "location_id": None, "subtotal": float(Decimal(line["price"]) * quantity), "total_tax": 0.0})
        order["updated_at"] = self.tick()
        order["refunds"].append({
            "id": refund_id, "order_id": order["id"], "created_at": order["updated_at"], "note": None, "restock": True, "user_id": None,
            "transactions": [], "refund_line_items": lines, "refund_shipping_lines": [],
            "order_adjustments": [
                {"id": self.new_id(), "order_id": order["id"], "refund_id": refund_id, "amount": money(amount), "tax_amount": money(tax),
                 "kind": kind, "reason": kind.replace("_", " ").capitalize(), "amount_set": money_set(amount), "tax_amount_set": money_set(tax)}
                for kind, amount, tax in adjustments]})
        return self.totals(order)

    def cancelled(self, order):
        """The same order later, cancelled. Nothing of it was paid, so that nothing is refunded."""
        order = copy.deepcopy(order)
        order["updated_at"] = order["cancelled_at"] = self.tick()
        order.update(cancel_reason="customer", financial_status="voided")
        return order

    def touched(self, order, **changes):
        """The same order later, with some members changed."""
        return {**copy.deepcopy(order), "updated_at": self.tick(), **changes}

    def edited(self, order):
        """The same order later: one line's quantity changed, one line added, and one removed where there are several. A removed line stays in
        the document, with a current_quantity of 0."""
        order = copy.deepcopy(order)
        changed, *others = [line for line in order["line_items"] if line["current_quantity"]]
        if len(others) > 1:
            self.random.choice(others).update(current_quantity=0, fulfillable_quantity=0)
        changed["quantity"] += 1
        changed["current_quantity"] = changed["quantity"]
        order["line_items"].append(self.line())
        order["updated_at"] = self.tick()
        return self.totals(order)
