#!/usr/bin/env python3
"""Sale orders of three lines a second on a real Odoo: through the whole host one by one and as they wait together, beside a plain script.

    real_odoo_orders.py --build FOLDER [--orders N]

Runs where SLUICE_TEST_ODOO_URL, _DB, _LOGIN and _KEY name an Odoo prepared as for tests/e2e/real_odoo_test.py. One JSON line a benchmark.
Every order has a guest of its own, so that each is two records; the script creates the same two, one call each.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import orders  # noqa: E402
import processes  # noqa: E402
import real_odoo  # noqa: E402

SKUS = sorted(orders.CATALOGUE)


def made(shop, mark, number):
    order = shop.order("guest%d.%s@example.com" % (number, mark))
    order["name"] = "#%s-%d" % (mark, number)
    lines = [shop.line(SKUS[(number + i) % len(SKUS)]) for i in range(3)]
    for line in lines:
        line["discount_allocations"] = []
    order["line_items"], order["shipping_lines"] = lines, []
    return order


class Session:
    """The script's client: one login, then calls, as anybody would write it."""

    def __init__(self, odoo):
        self.odoo = odoo
        self.uid = self.post("common", "login", [odoo.database, odoo.login, odoo.api_key])

    def post(self, service, name, arguments):
        import urllib.request
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": {"service": service, "method": name, "args": arguments}}
        request = urllib.request.Request(self.odoo.url + "/jsonrpc", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            answered = json.load(answer)
        if "error" in answered:
            raise SystemExit(answered["error"]["data"]["message"])
        return answered["result"]

    def call(self, model, method, args, **kwargs):
        return self.post("object", "execute_kw", [self.odoo.database, self.uid, self.odoo.api_key, model, method, args, kwargs])


def script(odoo, count):
    mark, shop, session = real_odoo.new_mark(), orders.Shop(seed=3), Session(odoo)
    products = {p["default_code"]: p["id"] for p in session.call("product.product", "search_read", [[["default_code", "in", SKUS]]],
                                                                 fields=["default_code"])}
    wanted = [made(shop, mark, number) for number in range(count)]
    begin = time.monotonic()
    for order in wanted:
        partner = session.call("res.partner", "create", [{"name": order["billing_address"]["name"] if order.get("billing_address") else order["email"],
                                                          "email": order["email"]}])
        session.call("sale.order", "create", [{
            "partner_id": partner, "client_order_ref": order["name"],
            "order_line": [[0, 0, {"product_id": products[line["sku"]], "name": line["name"], "product_uom_qty": line["quantity"],
                                   "price_unit": float(line["price"]), "tax_id": [[6, 0, []]]}] for line in order["line_items"]]}])
    return count / (time.monotonic() - begin)


def through_the_host(build, odoo, count, together):
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder:
        mark, shop = real_odoo.new_mark(), orders.Shop(seed=4)
        host = processes.Host(build, pathlib.Path(folder), odoo, connector=mark, lanes=1)
        host.start()
        shopify = processes.Shopify(host)
        deliveries = [shopify.delivery("orders/create", made(shop, mark, number)) for number in range(count + 1)]
        shopify.send(deliveries[:1])  # the login, and what is cached
        host.wait_until_idle()
        if together:
            host.command("pause", mark, "--reason", "benchmark")
            shopify.send(deliveries[1:])
            begin = time.monotonic()
            host.command("resume", mark)
            host.wait_until_idle()
        else:
            begin = time.monotonic()
            for delivery in deliveries[1:]:
                shopify.send([delivery])
                while any(host.ask("/v0/status")["connectors"][0]["events"][state] for state in ("ready", "claimed", "waiting")):
                    time.sleep(0.002)
        took_s = time.monotonic() - begin
        letters = host.json("dead-letters", "list")["events"]
        if letters:
            raise SystemExit("dead letter: " + letters[0]["outcome"])
        host.program.terminate()
        return count / took_s


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--orders", type=int, default=100)
    arguments = parser.parse_args()
    if not os.environ.get("SLUICE_TEST_ODOO_URL"):
        sys.exit("skipped: SLUICE_TEST_ODOO_URL, _DB, _LOGIN and _KEY name no real Odoo")
    odoo = real_odoo.RealOdoo(*(os.environ["SLUICE_TEST_ODOO_" + name] for name in ("URL", "DB", "LOGIN", "KEY")))
    build = arguments.build.resolve()
    plain = script(odoo, arguments.orders)
    alone = through_the_host(build, odoo, arguments.orders, together=False)
    for name, value, yardstick in (("odoo_orders_alone", alone, plain),
                                   ("odoo_orders_together", through_the_host(build, odoo, arguments.orders, together=True), plain)):
        print(json.dumps({"name": name, "value": round(value, 2), "unit": "1/s", "yardstick": round(yardstick, 2),
                          "ratio": round(value / yardstick, 3), "to_alone": round(value / alone, 3)}), flush=True)


if __name__ == "__main__":
    main()
