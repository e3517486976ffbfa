#!/usr/bin/env python3
"""The whole story against a real Odoo 17 with sale_management and stock: orders in, deliveries and stock levels out, whatever happens.

The shop is the simulator that is held to Shopify's own schema. All records are the run's own: products, customers, orders and references
carry its mark; at the end quotations are cancelled and products and customers archived, so that only marked history stays. The account must
be allowed to create products and to apply inventory (a manager of sales and of stock), and Odoo should be one for tests.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

import demo
import expected
import orders
import processes
import real_odoo
import shop_api

ON_HAND = 50


class Warehouse:
    """What people at the warehouse do."""

    def __init__(self, odoo):
        self.odoo = odoo

    def make_products(self, skus, services):
        values = [{"name": "Sluice demo %s" % sku, "default_code": sku, "detailed_type": "service" if sku in services else "product", "taxes_id": [[6, 0, []]]}
                  for sku in skus]
        return self.odoo.call("product.product", "create", [values])

    def stock_up(self, products, quantity):
        (location,) = self.odoo.call("stock.warehouse", "search_read", [[]], fields=["lot_stock_id"], limit=1)
        quants = [self.odoo.call("stock.quant", "create", [{
            "product_id": product, "location_id": location["lot_stock_id"][0], "inventory_quantity": quantity}]) for product in products]
        self.odoo.call("stock.quant", "action_apply_inventory", [quants])

    def confirm(self, orders_sent):
        ids = self.odoo.call("sale.order", "search", [[["client_order_ref", "in", [order["name"] for order in orders_sent]]]])
        self.odoo.call("sale.order", "action_confirm", [ids])
        return self.odoo.call("stock.picking", "search", [[["sale_id", "in", ids]]])

    def ship(self, pickings):
        for picking in pickings:
            answer = self.odoo.call("stock.picking", "button_validate", [[picking]], context={"skip_sms": True, "skip_backorder": True})
            if answer is not True:
                raise SystemExit("Odoo asks something about a delivery: %s" % answer)

    def tidy_up(self, mark, products):
        """Cancels what is no history yet, archives the rest."""
        quotations = self.odoo.call("sale.order", "search", [[["client_order_ref", "like", mark], ["state", "in", ["draft", "sent"]]]])
        if quotations:
            self.odoo.call("sale.order", "action_cancel", [quotations])
        self.odoo.call("product.product", "write", [products, {"active": False}])
        partners = self.odoo.call("res.partner", "search", [["|", ["email", "like", mark], ["parent_id.email", "like", mark]]])
        self.odoo.call("res.partner", "write", [partners, {"active": False}])
        return len(quotations), len(products), len(partners)


def run(build, folder, odoo):
    story, mark = demo.Story(), real_odoo.new_mark()
    warehouse = Warehouse(odoo)
    catalogue = {"%s-%s" % (sku, mark): thing for sku, thing in orders.CATALOGUE.items()}
    services = {"SHIPPING-" + mark, "DISCOUNT-" + mark}
    products = warehouse.make_products(sorted(catalogue) + sorted(services), services)
    orders.CATALOGUE.clear()
    orders.CATALOGUE.update(catalogue)
    api = shop_api.ShopApi(folder)
    try:
        warehouse.stock_up(products[:len(catalogue)], ON_HAND)
        story.tell("%d products of our own in Odoo at %s, %d of each in stock; this run is %s" % (len(products), odoo.url, ON_HAND, mark))
        problems = tell(story, build, folder, odoo, warehouse, api, mark)
    finally:
        api.stop()
        cancelled, archived, people = warehouse.tidy_up(mark, products)
        story.tell("tidied up: %d quotations cancelled, %d products and %d customers archived; what was shipped stays, marked" % (
            cancelled, archived, people))
    for problem in problems:
        print("WRONG: " + problem)
    print("\nOdoo and the shop hold what they should, each record once." if not problems else "\n%d differences" % len(problems))
    return not problems


def tell(story, build, folder, odoo, warehouse, api, mark):
    """The story; what is wrong at its end."""
    api.sell(sorted(orders.CATALOGUE), 0)
    host = processes.Host(build, folder, odoo, connector=mark, flows=("order", "fulfilment", "stock"),
                          connector_extra=api.connector_keys() + 'shipping_product = "SHIPPING-%s"\ndiscount_product = "DISCOUNT-%s"\n' % (mark, mark))
    host.start()
    shop, shopify = orders.Shop(seed=9), processes.Shopify(host)

    def order(buyer):
        made = shop.order("%s.%s@example.com" % (buyer, mark))
        made["name"] = "#%s-%s" % (mark, made["order_number"])
        api.take(made)
        return made

    def poll(flow):
        host.command("trigger", mark, flow)
        host.wait_until_idle()

    poll("stock")
    story.tell("stock levels went out: the shop has %s of each" % sorted(set(api.available().values())))
    first = [order("buyer%d" % (i % 3)) for i in range(6)]
    creates = [shopify.delivery("orders/create", one) for one in first]
    shopify.send(creates)
    shopify.send(creates[:3])
    edits = [shop.edited(one) for one in first[3:]]
    shopify.send([shopify.delivery("orders/updated", one) for one in edits])
    burst = [order("guest") for _ in range(10)]
    shopify.send([shopify.delivery("orders/create", one) for one in burst], at_once=10)
    host.wait_until_idle()
    story.tell("%d orders, %d repeats, %d edits, and ten concurrent orders of one new guest" % (len(first), 3, len(edits)))

    rush = [order("rush%d" % (i % 3)) for i in range(8)]
    shopify.after = (len(shopify.answers) + 4, host.program.kill)
    shopify.send([shopify.delivery("orders/create", one) for one in rush])
    host.start()
    shopify.send_pending()
    host.wait_until_idle()
    story.tell("the host was killed (kill -9) in the middle of %d more orders and started again" % len(rush))

    shipped = first[:3] + burst[:2]
    pickings = warehouse.confirm(shipped)
    warehouse.ship(pickings)
    api.fault("die_after_apply", "fulfillmentCreate")
    api.fault("throttled_429", "fulfillmentCreate")
    poll("fulfilment")
    poll("fulfilment")
    story.tell("%d orders were confirmed and shipped in Odoo; one answer of the shop was lost, one request throttled" % len(shipped))
    api.fault("stale", "inventorySetQuantities")
    poll("stock")
    story.tell("stock levels went out again, one of them changed by somebody else in between")

    late = shop.edited(first[0])
    shopify.send([shopify.delivery("orders/updated", late)])
    host.wait_until_idle()
    letters = [letter["outcome"] for letter in host.json("dead-letters", "list")["events"]]
    status = host.program.terminate()
    story.tell("a shipped order was changed in the shop: %s" % (letters or ["no dead letter"])[0][:110])

    problems = differences(odoo, api, mark, first + edits + burst + rush, shipped, letters)
    if status:
        problems.append("the host did not drain: exit status %d" % status)
    return problems


def quoted(odoo, product):
    """What quotations hold of a product that is the run's own."""
    lines = odoo.call("sale.order.line", "search_read", [[["product_id", "=", product], ["order_id.state", "in", ["draft", "sent"]]]], fields=["product_uom_qty"])
    return sum(int(line["product_uom_qty"]) for line in lines)


def differences(odoo, api, mark, sent, shipped, letters):
    fixtures = [expected.order_fixture(one) for one in expected.newest(sent).values()]
    dump = odoo.dump(mark)
    for line in dump["lines"] + [line for fixture in fixtures for line in fixture["lines"].values()]:
        line["product"] = line["product"].removesuffix("-" + mark)
    problems = expected.compare(fixtures, dump, "__sluice__.%s_" % mark)
    pieces = api.fulfilled()
    wanted = {line["id"]: line["quantity"] for one in shipped for line in one["line_items"]}
    if pieces != wanted:
        problems.append("the shop's fulfilments are %s, wanted %s" % (pieces, wanted))
    free = odoo.call("product.product", "search_read", [[["default_code", "in", sorted(orders.CATALOGUE)]]], fields=["default_code", "free_qty"])
    levels = {product["default_code"]: int(product["free_qty"]) - quoted(odoo, product["id"]) for product in free}
    if levels != api.available():
        problems.append("the shop has %s, Odoo %s" % (api.available(), levels))
    if len(letters) != 1 or "protected" not in letters[0]:
        problems.append("wanted one dead letter, of the protected order: %s" % letters)
    return problems


def main():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--odoo", required=True, metavar="URL", help="where the Odoo is: http://127.0.0.1:8069")
    parser.add_argument("--db", required=True, help="its database")
    parser.add_argument("--login", required=True, help="the account; its API key is in SLUICE_ODOO_KEY")
    arguments = parser.parse_args()
    if not os.environ.get("SLUICE_ODOO_KEY"):
        parser.error("SLUICE_ODOO_KEY must hold an API key of that account")
    odoo = real_odoo.RealOdoo(arguments.odoo, arguments.db, arguments.login, os.environ["SLUICE_ODOO_KEY"])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-demo-"))
    good = False
    try:
        good = run(arguments.build.resolve(), folder, odoo)
    finally:
        if good:
            shutil.rmtree(folder)
        else:
            print("configuration, journal and logs: %s" % folder)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
