#!/usr/bin/env python3
"""The main job, shown: Shopify orders become sales orders in Odoo, each once, whatever happens in between.

Starts the Odoo simulator and the host with the Shopify plugin, sends signed webhooks with everything that goes wrong on the
way, and exits non-zero unless Odoo holds exactly what a fixture computed from the webhooks says.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import time

import expected
import orders
import processes

KNOWN_EMAIL = "bob.norman@hostmail.com"
GUEST_EMAIL = "new.guest@example.com"


class Story:
    """Prints the timeline."""

    def __init__(self):
        self.begun = time.monotonic()

    def tell(self, text):
        print("%6.1f s  %s" % (time.monotonic() - self.begun, text), flush=True)


def run(build, folder):
    story = Story()
    odoo = processes.Odoo(build, folder, processes.products_of(orders.CATALOGUE), [{"name": "Bob Norman", "email": KNOWN_EMAIL, "street": "Old Road 1"}])
    host = processes.Host(build, folder, odoo)
    host.start()
    shopify = processes.Shopify(host)
    shop = orders.Shop()
    sent = []           # every version of an order that Odoo should know
    dead = []           # and what should wait for a person

    def deliveries(topic, versions):
        return [shopify.delivery(topic, order) for order in versions]

    story.tell("the Odoo simulator and the host with the Shopify plugin are up")

    first = [shop.order(KNOWN_EMAIL, guest=False) for _ in range(6)] + [shop.order("guest%d@example.com" % i) for i in range(6)]
    first.append(shop.order("gift@example.com", address=orders.ADDRESSES[0], delivery=orders.ADDRESSES[2]))
    sent += first
    creates = deliveries("orders/create", first)
    shopify.send(creates)
    shopify.send(creates[:8])  # the same deliveries again
    edits = [shop.edited(order) for order in first[::3]]
    sent += edits
    edit_deliveries = deliveries("orders/updated", edits)
    shopify.send(edit_deliveries + edit_deliveries)
    story.tell("%d orders of known customers and guests, %d edits, %d deliveries repeated" % (len(first), len(edits), 8 + len(edits)))

    forged = shopify.delivery("orders/create", shop.order("mallory@example.com"))
    statuses = [shopify.post(forged, secret="guessed")]
    oversized = shopify.delivery("orders/create", {**shop.order("big@example.com"), "note": "x" * 400_000})
    statuses.append(shopify.post(oversized))
    story.tell("a forged signature got %s, an oversized body %s" % tuple(statuses))
    if statuses != [401, 413]:
        raise SystemExit("a forged signature must get 401 and an oversized body 413")

    burst = [shop.order(GUEST_EMAIL) for _ in range(50)]
    sent += burst
    shopify.send(deliveries("orders/create", burst), at_once=50)
    story.tell("fifty concurrent orders of one new guest")

    late = shop.order("impatient@example.com")
    early_edit = shop.edited(late)
    sent += [late, early_edit]
    shopify.send(deliveries("orders/updated", [early_edit]))
    host.wait_until_idle()
    shopify.send(deliveries("orders/create", [late]))
    story.tell("an update came before its create")

    unknown = shop.order("curious@example.com", skus=["TEE-M", "NO-SUCH-SKU"])
    dead.append("NO-SUCH-SKU")
    shopify.send(deliveries("orders/create", [unknown]))
    story.tell("an order with a SKU that Odoo does not know")

    host.wait_until_idle()
    confirmed = shop.order("settled@example.com")
    sent.append(confirmed)
    shopify.send(deliveries("orders/create", [confirmed]))
    host.wait_until_idle()
    (record,) = odoo.call("sale.order", "search", [[["client_order_ref", "=", confirmed["name"]]]])
    odoo.call("sale.order", "action_confirm", [[record]])
    shopify.send(deliveries("orders/updated", [shop.edited(confirmed)]))
    dead.append("protected")
    story.tell("an order was confirmed in Odoo, then changed in the shop")

    odoo.stop()
    during_outage = [shop.order("outage%d@example.com" % i) for i in range(10)]
    sent += during_outage
    shopify.send(deliveries("orders/create", during_outage))
    story.tell("Odoo was stopped; %d orders came meanwhile and were accepted" % len(during_outage))
    odoo.start()
    host.wait_until_idle()
    story.tell("Odoo is back and has them")

    for kind in ("die_after_apply", "die_before_apply", "html_page", "conflict"):
        odoo.fault(kind, model="sale.order", method="load", count=2)
    unlucky = [shop.order("unlucky%d@example.com" % i) for i in range(12)]
    sent += unlucky
    shopify.send(deliveries("orders/create", unlucky))
    story.tell("answers were lost, conflicts and a proxy's error page came instead")

    rush = [shop.order("rush%d@example.com" % (i % 7)) for i in range(40)]
    sent += rush
    shopify.after = (len(shopify.answers) + 15, host.program.kill)
    shopify.send(deliveries("orders/create", rush))
    story.tell("the host was killed (kill -9) in the middle of %d more orders; %d of them got no answer" % (len(rush), len(shopify.pending)))
    if not shopify.pending:
        raise SystemExit("the host was not killed in the middle")
    host.start()
    shopify.send_pending()
    host.wait_until_idle()
    story.tell("the host is back; the shop delivered again what was not acknowledged")

    dump = odoo.dump()
    letters = host.json("dead-letters", "list")["events"]
    status = host.program.terminate()
    story.tell("SIGTERM drained the host (exit status %d)" % status)
    stats = odoo.control("GET", "/_sim/stats")
    odoo.stop()

    fixtures = [expected.order_fixture(order) for order in expected.newest(sent).values()]
    problems = expected.compare(fixtures, dump, processes.EXTERNAL_ID_PREFIX, known_emails=[KNOWN_EMAIL])
    reasons = [letter["outcome"] for letter in letters]
    for wanted in dead:
        if sum(wanted in reason for reason in reasons) != 1:
            problems.append("wanted one dead letter that names %s" % wanted)
    if len(letters) != len(dead):
        problems.append("%d dead letters, wanted %d" % (len(letters), len(dead)))
    if status != 0:
        problems.append("the host did not drain: exit status %d" % status)

    print_table(shopify, letters, dump, fixtures, stats)
    for problem in problems:
        print("WRONG: " + problem)
    print("Odoo holds what the webhooks say, each order once." if not problems else "%d differences" % len(problems))
    return not problems


def print_table(shopify, letters, dump, fixtures, stats):
    rows = [
        ("webhooks sent", len(shopify.answers) + shopify.unanswered),
        ("accepted", shopify.count(lambda status, duplicate: status == 200 and not duplicate)),
        ("repeats dropped", shopify.count(lambda status, duplicate: status == 200 and duplicate)),
        ("refused", shopify.count(lambda status, _: status != 200)),
        ("got no answer (host down), delivered again", shopify.unanswered),
        ("dead letters", len(letters)),
    ]
    rows += [("  event %d" % letter["seq"], letter["outcome"][:96]) for letter in letters]
    rows += [
        ("orders in Odoo", len(dump["orders"])), ("  wanted", len(fixtures)), ("lines in Odoo", len(dump["lines"])),
        ("partners in Odoo", len([p for p in dump["partners"] if p.get("email")])),
        ("calls to Odoo", sum(stats["calls"].values())),
    ]
    print()
    for name, value in rows:
        print("  %-44s %s" % (name, value))
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="build folder with bin/ and plugins/")
    parser.add_argument("--keep", action="store_true", help="keep the folder with configuration, journal and logs")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-demo-"))
    good = False
    try:
        good = run(arguments.build.resolve(), folder)
    finally:
        if good and not arguments.keep:
            shutil.rmtree(folder)
        else:
            print("configuration, journal and logs: %s" % folder)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
