"""What Odoo must hold, computed from the webhooks alone: no code is shared with Sluice, and no rule is read from its contract."""

import datetime
import hashlib
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def utc(text):
    moment = datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def order_fixture(order):
    """An order as {external id, reference, date, e-mail, totals, lines}; a line as (product, quantity, price, net after discount, taxes).

    Net is in the shop's own notation: without taxes, or with them where its prices include them.
    """
    included = order["taxes_included"]

    def discount_on(item):
        return sum((Decimal(a["amount"]) for a in item["discount_allocations"]), Decimal(0))

    def taxes_of(item):
        return {(Decimal(str(tax["rate"])) * 100, included) for tax in item["tax_lines"]} if item.get("taxable", True) else set()

    lines = {}
    for item in order["line_items"]:
        left = item["current_quantity"]
        if left == 0:  # removed by an edit
            continue
        price = Decimal(item["price"])
        discount = (discount_on(item) * left / item["quantity"]).quantize(CENT, ROUND_HALF_UP)
        lines["order_%d_line_%d" % (order["id"], item["id"])] = {
            "product": "GIFT-CARD" if item["gift_card"] else item["sku"], "quantity": Decimal(left), "price": price,
            "net": price * left - discount, "taxes": taxes_of(item)}
    for item in order["shipping_lines"]:
        price = Decimal(item["price"])
        lines["order_%d_shipping_%d" % (order["id"], item["id"])] = {
            "product": "SHIPPING", "quantity": Decimal(1), "price": price, "net": price - discount_on(item), "taxes": taxes_of(item)}
    refunded_tax = Decimal(0)
    for adjustment in (one for refund in order["refunds"] for one in refund["order_adjustments"]):
        refunded_tax += Decimal(adjustment["tax_amount"])
        for suffix, member in (("", "amount"), ("_tax", "tax_amount")):
            amount = Decimal(adjustment[member])
            if amount:
                lines["order_%d_adjustment_%d%s" % (order["id"], adjustment["id"], suffix)] = {
                    "product": "REFUND", "quantity": Decimal(1), "price": amount, "net": amount, "taxes": set()}
    email = order["email"].strip().lower()
    delivery = order["shipping_address"]
    return {
        "external_id": "order_%d" % order["id"], "reference": order["name"], "date": utc(order["created_at"]),
        "email": email, "total": Decimal(order["current_total_price"]), "lines": lines,
        # What was refunded of no line has its tax as an amount, not as a tax.
        "tax": Decimal(order["current_total_tax"]) - refunded_tax, "taxes_included": included, "cancelled": bool(order["cancelled_at"]),
        "customer": {"external_id": "customer_" + digest(email), "email": email, **address_fixture(order["billing_address"])},
        "delivery": {"external_id": "delivery_" + digest(email, *(delivery[part] or "" for part in DELIVERY_IDENTITY)), **address_fixture(delivery)},
    }


DELIVERY_IDENTITY = ("name", "address1", "address2", "zip", "city", "country_code")


def digest(*texts):
    """Trimmed, A to Z made small (and no other letter: no two systems agree on those), one a line."""
    texts = ["".join(c.lower() if c.isascii() else c for c in text.strip()) for text in texts]
    return hashlib.sha256("".join(text + "\n" for text in texts).encode()).hexdigest()[:32]


def address_fixture(address):
    return {"name": address["name"], "street": address["address1"], "street2": address["address2"] or False, "city": address["city"],
            "zip": address["zip"], "phone": address["phone"] or False, "country": address["country_code"].lower()}


def newest(orders):
    """The newest version of each order, by its own updated_at."""
    latest = {}
    for order in orders:
        known = latest.get(order["id"])
        if known is None or datetime.datetime.fromisoformat(order["updated_at"]) >= datetime.datetime.fromisoformat(known["updated_at"]):
            latest[order["id"]] = order
    return latest


def compare(fixtures, dump, prefix, known_emails=()):
    """Every difference between the fixtures (by external id) and Odoo's dump, as text; none is success.

    `dump` is {"orders": [...], "lines": [...], "partners": [...]} with "external_id" on each record that has one. With "taxes", {id: (percent,
    included in the price)}, the lines' taxes and the order's sum of them are compared too.
    """
    problems = []
    orders = {}
    for order in dump["orders"]:
        name = order["external_id"]
        if name in orders:
            problems.append("%s is there twice" % name)
        orders[name] = order
    for name in sorted(set(orders) - {prefix + f["external_id"] for f in fixtures}):
        problems.append("%s is in Odoo and was never sent" % (name or orders[name]["client_order_ref"]))
    lines_of = {}
    for line in dump["lines"]:
        lines_of.setdefault(line["order_id"], []).append(line)
    partners = {partner["id"]: partner for partner in dump["partners"]}

    problems += compare_partners(fixtures, dump["partners"], prefix, known_emails)
    for fixture in fixtures:
        problems += ["%s: %s" % (fixture["external_id"], text)
                     for text in compare_order(fixture, orders.get(prefix + fixture["external_id"]), lines_of, partners, prefix, dump.get("taxes"))]
    return problems


def compare_partners(fixtures, found, prefix, known_emails):
    """Customers and delivery addresses: each once, with its address; those whom Odoo knew before are left as they were."""
    wanted = {}
    for fixture in fixtures:
        if fixture["email"] not in known_emails:
            wanted[prefix + fixture["customer"]["external_id"]] = {**fixture["customer"], "parent_email": None}
        wanted[prefix + fixture["delivery"]["external_id"]] = {**fixture["delivery"], "email": False, "parent_email": fixture["email"]}
    by_id = {partner["id"]: partner for partner in found}
    problems, seen = [], set()
    for partner in found:
        name = partner["external_id"] or ""
        if not name.startswith(prefix):
            if partner.get("parent_id") or (partner.get("email") and partner["email"] not in known_emails):
                problems.append("partner %d (%s) was never in a webhook" % (partner["id"], partner["name"]))
            continue
        if name in seen or name not in wanted:
            problems.append("partner %s %s" % (name, "is there twice" if name in seen else "was never in a webhook"))
            continue
        seen.add(name)
        expected = dict(wanted[name])
        parent = by_id.get(partner.get("parent_id") or 0)
        found_values = {**partner, "parent_email": parent and parent["email"].lower()}
        expected.pop("external_id")
        for field, value in expected.items():
            if field in found_values and (found_values[field] or None) != (value or None):
                problems.append("partner %s: %s is %r, wanted %r" % (name, field, found_values[field], value))
    problems += ["partner %s is not in Odoo" % name for name in sorted(set(wanted) - seen)]
    return problems


def compare_order(fixture, order, lines_of, partners, prefix, known_taxes=None):
    if order is None:
        return ["is not in Odoo"]
    problems = []

    def same(what, wanted, found):
        if wanted != found:
            problems.append("%s is %s, wanted %s" % (what, found, wanted))

    same("client_order_ref", fixture["reference"], order["client_order_ref"])
    if order["state"] == "draft":
        same("date_order", fixture["date"], order["date_order"])
    same("amount_total", fixture["total"], Decimal(str(order["amount_total"])).quantize(CENT))
    if known_taxes is not None:
        same("amount_tax", fixture["tax"], Decimal(str(order["amount_tax"])).quantize(CENT))
    if fixture["cancelled"]:
        same("state", "cancel", order["state"])
    same("partner e-mail", fixture["email"], (partners[order["partner_id"]]["email"] or "").lower())
    same("invoice partner", order["partner_id"], order["partner_invoice_id"])
    same("delivery address", prefix + fixture["delivery"]["external_id"], partners[order["partner_shipping_id"]]["external_id"])

    def amount_of(line):
        return Decimal(str(line["price_total" if fixture["taxes_included"] else "price_subtotal"]))

    def taxes_of(line):
        return {known_taxes[tax] for tax in line.get("tax_id", [])}

    found = {}
    extra = {}  # what a discount in percent cannot express
    for line in lines_of.get(order["id"], []):
        name = line["external_id"] or "line %d without external id" % line["id"]
        if name.startswith(prefix):
            name = name[len(prefix):]
        if name.endswith("_discount"):
            extra[name[: -len("_discount")]] = line
        elif name in found:
            problems.append("line %s is there twice" % name)
        else:
            found[name] = line
    for name in sorted(set(found) - set(fixture["lines"])):
        problems.append("line %s was never sent" % name)
    for name, wanted in fixture["lines"].items():
        line = found.get(name)
        if line is None:
            problems.append("line %s is missing" % name)
            continue
        same(name + " product", wanted["product"], line["product"])
        same(name + " quantity", wanted["quantity"], Decimal(str(line["product_uom_qty"])))
        same(name + " price", wanted["price"], Decimal(str(line["price_unit"])))
        parts = [line, extra.pop(name)] if name in extra else [line]
        same(name + " net", wanted["net"], sum(map(amount_of, parts)).quantize(CENT))
        if known_taxes is not None:
            for part in parts:
                same(name + " taxes", wanted["taxes"], taxes_of(part))
    problems += ["discount line of %s belongs to no line" % name for name in extra]
    return problems

