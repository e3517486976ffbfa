"""The Shopify simulator (tests/simulators/shopify): the shop's Admin API, held to Shopify's own schema."""

import json
import pathlib
import shutil
import urllib.error
import urllib.request

import processes

TOKEN = "shpat_test_0123456789"
SIMULATOR = pathlib.Path(__file__).resolve().parent.parent / "simulators" / "shopify" / "simulator.js"


class ShopApi:
    def __init__(self, folder):
        self.folder = folder
        self.port = 0
        self.start()
        self.location = self.control("POST", "seed", {"locations": [{"name": "Warehouse"}]})["locations"][0]
        self.items = {}

    def start(self):
        self.program = processes.Program([shutil.which("node"), str(SIMULATOR), "--port", str(self.port), "--token", TOKEN],
                                         self.folder / "shopify.log")
        self.port = self.program.port
        self.url = "http://127.0.0.1:%d" % self.port

    def stop(self):
        self.program.kill()

    def control(self, method, path, body=None):
        request = urllib.request.Request(self.url + "/_sim/" + path, None if body is None else json.dumps(body).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit("shop simulator %s %s: %s %s" % (method, path, error.code, error.read())) from error

    def fault(self, kind, operation, count=1, **more):
        self.control("POST", "faults", {"kind": kind, "match": {"operation": operation, "count": count}, **more})

    def connector_keys(self):
        """What the connector's table holds beside the webhook's secret."""
        token = self.folder / "access-token"
        token.touch(mode=0o600)
        token.write_text(TOKEN + "\n")
        return 'shop_url = "%s"\naccess_token = { file = "access-token" }\nlocation_id = "%s"\n' % (self.url, self.location)

    def sell(self, skus, available):
        """Variants with these SKUs, so many of each at the warehouse."""
        made = self.control("POST", "seed", {
            "products": [{"title": sku, "variants": [{"sku": sku}]} for sku in skus],
            "levels": [{"location": self.location, "sku": sku, "available": available} for sku in skus]})
        return made

    def take(self, order, reserve=True):
        """The order of a webhook, with its fulfilment order. `reserve`: what it sold is not available any more."""
        return self.control("POST", "seed", {"orders": [{**order, "reserve": reserve}]})

    def set_level(self, sku, available):
        """Somebody in the shop sets it."""
        self.control("POST", "seed", {"levels": [{"location": self.location, "sku": sku, "available": available}]})

    def dump(self):
        return self.control("GET", "dump")

    def fulfilled(self):
        """Pieces of each order line (by its number) in fulfilments."""
        pieces = {}
        for item in self.dump().get("FulfillmentLineItem", []):
            line = int(item["lineItem"].rsplit("/", 1)[1])
            pieces[line] = pieces.get(line, 0) + item["quantity"]
        return pieces

    def tracking(self):
        """The tracking numbers of each fulfilment, in the order they were made."""
        made = sorted(self.dump().get("Fulfillment", []), key=lambda one: int(one["id"].rsplit("/", 1)[1]))
        return [[info["number"] for info in one["trackingInfo"]] for one in made]

    def available(self):
        return {level["sku"]: level["available"] for level in self.dump()["levels"]}

    def executed(self, operation):
        """The mutations of this kind that reached the shop, whatever it answered."""
        return [entry for entry in self.dump()["journal"] if entry["operation"] == operation]

    def applied(self, operation):
        """Those that had an effect."""
        return [entry for entry in self.executed(operation) if entry["outcome"] == "applied"]

    def refused(self, operation, code):
        """Those that were refused with this code."""
        return [entry for entry in self.executed(operation) if code in [error.get("code") for error in entry["user_errors"]]]
