"""What Odoo must hold, computed from the webhooks alone: no code is shared with Sluice, and no rule is read from its contract."""

import datetime
import hashlib
from decimal import Decimal

CENT = Decimal("0.01")


def utc(text):
    moment = datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def order_fixture(order):
    """An order as {external id, reference, date, e-mail, total, lines}; a line as (product, quantity, price, net after discount)."""
    def discount_on(item):
        return sum((Decimal(a["amount"]) for a in item["discount_allocations"]), Decimal(0))

    lines = {}
    for item in order["line_items"]:
        if item["current_quantity"] == 0:  # removed by an edit
            continue
        whole = Decimal(item["price"]) * item["quantity"]
        lines["order_%d_line_%d" % (order["id"], item["id"])] = {
            "product": item["sku"], "quantity": Decimal(item["quantity"]), "price": Decimal(item["price"]), "net": whole - discount_on(item)}
    for item in order["shipping_lines"]:
        price = Decimal(item["price"])
        lines["order_%d_shipping_%d" % (order["id"], item["id"])] = {
            "product": "SHIPPING", "quantity": Decimal(1), "price": price, "net": price - discount_on(item)}
    email = order["email"].strip().lower()
    delivery = order["shipping_address"]
    return {
        "external_id": "order_%d" % order["id"], "reference": order["name"], "date": utc(order["created_at"]),
        "email": email, "total": Decimal(order["current_total_price"]), "lines": lines,
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

    `dump` is {"orders": [...], "lines": [...], "partners": [...]} with "external_id" on each record that has one.
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
                     for text in compare_order(fixture, orders.get(prefix + fixture["external_id"]), lines_of, partners, prefix)]
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


def compare_order(fixture, order, lines_of, partners, prefix):
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
    same("partner e-mail", fixture["email"], (partners[order["partner_id"]]["email"] or "").lower())
    same("invoice partner", order["partner_id"], order["partner_invoice_id"])
    same("delivery address", prefix + fixture["delivery"]["external_id"], partners[order["partner_shipping_id"]]["external_id"])

    found = {}
    extra = {}  # what a discount in percent cannot express
    for line in lines_of.get(order["id"], []):
        name = line["external_id"] or "line %d without external id" % line["id"]
        if name.startswith(prefix):
            name = name[len(prefix):]
        if name.endswith("_discount"):
            extra[name[: -len("_discount")]] = Decimal(str(line["price_subtotal"]))
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
        net = Decimal(str(line["price_subtotal"])) + extra.pop(name, Decimal(0))
        same(name + " net", wanted["net"], net.quantize(CENT))
    problems += ["discount line of %s belongs to no line" % name for name in extra]
    return problems

