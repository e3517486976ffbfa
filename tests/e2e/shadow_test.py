#!/usr/bin/env python3
"""A company runs Sluice in shadow mode beside its old integration: it writes nothing, and the report says where the two differ.

The old integration is another host with a connector of another name, whose external ids mean nothing to the one in shadow mode.
"""

import argparse
import pathlib
import sys
import tempfile
import unittest

import orders
import processes


class Shadow(unittest.TestCase):
    build = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-shadow-")))
        self.odoo = processes.Odoo(self.build, self.folder, processes.products_of(orders.CATALOGUE), [])
        self.addCleanup(self.odoo.stop)
        self.shop = orders.Shop(seed=11)
        self.shopify = {}

    def host(self, connector, mode=""):
        folder = self.folder / connector
        folder.mkdir()
        host = processes.Host(self.build, folder, self.odoo, connector=connector, connector_extra=mode)
        host.start()
        self.addCleanup(lambda: host.program.is_running() and host.program.kill())
        return host

    def send(self, host, some):
        shopify = self.shopify.setdefault(host, processes.Shopify(host))  # a second one would repeat the ids of the first
        shopify.send([shopify.delivery("orders/create", order) for order in some])
        self.assertEqual([], shopify.pending)
        host.wait_until_idle()

    def test_it_writes_nothing_and_says_where_it_differs(self):
        some = [self.shop.order("buyer%d@example.com" % number) for number in range(5)]
        old = self.host("old")
        self.send(old, some)
        self.assertEqual(5, old.counts()["done"])
        old.program.terminate()
        # What the old integration did otherwise.
        (other,) = self.odoo.call("sale.order", "search", [[["client_order_ref", "=", some[1]["name"]]]])
        lines = self.odoo.call("sale.order.line", "search", [[["order_id", "=", other]]])
        self.odoo.call("sale.order.line", "write", [[lines[0]], {"name": "Written by hand"}])

        new = self.host("shop", 'mode = "shadow"')
        before = self.odoo.dump()
        unknown = self.shop.order("nobody@example.com")
        unreadable = self.shop.order("buyer0@example.com")
        unreadable["line_items"][0]["sku"] = "NOT-A-SKU"
        self.send(new, some + [unknown, unreadable])
        self.assertEqual(before, self.odoo.dump(), "something was written")
        self.assertEqual(7, new.counts()["done"], new.counts())

        (flow,) = new.json("shadow", "report")["flows"]
        self.assertEqual(("shop", "order", 7), (flow["connector"], flow["flow"], flow["events"]))
        self.assertEqual({"same": 4, "different": 1, "create": 1, "call": 0, "fails": 1, "stopped": 0},
                         {kind: flow[kind] for kind in ("same", "different", "create", "call", "fails", "stopped")}, flow)
        (field,) = [field for field in flow["fields"] if field["field"]]
        self.assertEqual(("sale.order.line", "name", 1), (field["model"], field["field"], field["events"]))
        self.assertEqual('"Written by hand"', field["examples"][0]["now"])
        self.assertIn("NOT-A-SKU", flow["reasons"][0]["message"])
        text = new.command("shadow", "report", "shop", "order")
        self.assertIn("shop order: 7 events", text)
        self.assertIn("Written by hand", text)
        self.assertIn("shop order is shadow by its configuration", new.command("status"))

        # The week is over: the same configuration without the mode, the same journal.
        new.program.terminate()
        new.config.write_text(new.config.read_text().replace('mode = "shadow"', ""))
        new.start()
        later = self.shop.order("later@example.com")
        self.send(new, [later])
        self.assertEqual(1, len(self.odoo.call("sale.order", "search", [[["client_order_ref", "=", later["name"]]]])))
        self.assertEqual(7, new.json("shadow", "report")["flows"][0]["events"])

    def test_a_flow_that_its_configuration_pauses_waits(self):
        host = self.host("shop", '[connector.shop.modes]\norder = "paused"')
        shopify = processes.Shopify(host)
        order = self.shop.order("buyer@example.com")
        shopify.send([shopify.delivery("orders/create", order)])
        self.assertEqual(1, host.counts()["ready"])
        with self.assertRaisesRegex(SystemExit, "paused by the configuration"):
            host.command("resume", "shop", "order")
        self.assertIn("shop order is paused by its configuration", host.command("status"))
        host.program.terminate()
        host.config.write_text(host.config.read_text().replace('order = "paused"', 'order = "live"'))
        host.start()
        host.wait_until_idle()
        self.assertEqual(1, len(self.odoo.call("sale.order", "search", [[["client_order_ref", "=", order["name"]]]])))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    Shadow.build = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
