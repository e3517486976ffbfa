"""A real Odoo: what people do there, and what a test reads back. Every record of a run carries the run's mark."""

import time

import processes


class RealOdoo:
    def __init__(self, url, database, login, api_key):
        self.url, self.database, self.login, self.api_key = url.rstrip("/"), database, login, api_key

    def call(self, model, method, args, **kwargs):
        return processes.rpc(self, model, method, args, kwargs)

    def named(self, model, records):
        names = self.call(model, "get_external_id", [[record["id"] for record in records]])
        for record in records:
            record["external_id"] = names[str(record["id"])] or None
            for key, value in record.items():
                if isinstance(value, list) and len(value) == 2:  # a many2one is [id, name]
                    record[key] = value[0]
        return records

    def dump(self, mark):
        found = self.call("sale.order", "search_read", [[["client_order_ref", "like", mark]]],
                          fields=["client_order_ref", "date_order", "amount_total", "state", "partner_id", "partner_invoice_id", "partner_shipping_id"])
        order_ids = [order["id"] for order in found]
        lines = self.call("sale.order.line", "search_read", [[["order_id", "in", order_ids]]],
                          fields=["order_id", "product_id", "product_uom_qty", "price_unit", "price_subtotal"])
        skus = {product["id"]: product["default_code"] for product in self.call("product.product", "search_read", [[]], fields=["default_code"])}
        lines = self.named("sale.order.line", lines)
        for line in lines:
            line["product"] = skus[line["product_id"]]
        partners = self.call("res.partner", "search_read", [["|", ["email", "like", mark], ["parent_id.email", "like", mark]]],
                             fields=["name", "email", "street", "street2", "zip", "city", "phone", "parent_id"])
        return {"orders": self.named("sale.order", found), "lines": lines, "partners": self.named("res.partner", partners)}


def new_mark():
    """Part of the connector's name, of references, e-mail addresses and SKUs."""
    return "t%d" % time.time_ns()
