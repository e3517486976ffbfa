"""Shopify orders as its webhooks carry them (REST shape, API version 2026-10), made up from a seed.

Amounts are exact decimals written as Shopify writes them (text with two digits); ids exceed 2**53.
"""

import copy
import datetime
import random
import zlib
from decimal import Decimal

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


def money_set(amount):
    value = {"amount": money(amount), "currency_code": "USD"}
    return {"shop_money": value, "presentment_money": value}


def allocations_of(discount):
    return [{"amount": money(discount), "amount_set": money_set(discount), "discount_application_index": 0}] if discount else []


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
        def total(lines, name):
            whole = sum((Decimal(line["price"]) * line["quantity"] for line in lines), Decimal(0))
            discounts = sum((Decimal(a["amount"]) for line in lines for a in line["discount_allocations"]), Decimal(0))
            shipping = sum((Decimal(line["discounted_price"]) for line in order["shipping_lines"]), Decimal(0))
            order.update({name + "total_discounts": money(discounts), name + "subtotal_price": money(whole - discounts),
                          name + "total_price": money(whole - discounts + shipping)})

        total(order["line_items"], "")
        total([line for line in order["line_items"] if line["current_quantity"]], "current_")
        return order

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
