#!/usr/bin/env python3
"""The journey in against a real Odoo: new orders, repeats, edits, a burst of one guest, a host killed in the middle.

Runs where SLUICE_TEST_ODOO_URL, _DB, _LOGIN and _KEY name an Odoo 17 with sale_management, a plain Sales user's API key, and the
products of orders.CATALOGUE, SHIPPING and DISCOUNT (internal references, no taxes). Every record is marked: external ids, references and
e-mail addresses carry the run's own name.
"""

import argparse
import os
import pathlib
import sys
import tempfile

import expected
import orders
import processes
import real_odoo

SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def run(build, folder):
    odoo = real_odoo.RealOdoo(*(os.environ["SLUICE_TEST_ODOO_" + name] for name in ("URL", "DB", "LOGIN", "KEY")))
    mark = real_odoo.new_mark()
    version = odoo.call("ir.module.module", "search_count", [[["name", "=", "sale_management"], ["state", "=", "installed"]]])
    if not version:
        raise SystemExit("sale_management is not installed on " + odoo.url)
    host = processes.Host(build, folder, odoo, connector=mark)
    host.start()
    shop, shopify = orders.Shop(seed=5), processes.Shopify(host)

    def order(buyer):
        made = shop.order("%s.%s@example.com" % (buyer, mark))
        made["name"] = "#%s-%s" % (mark, made["order_number"])
        return made

    first = [order("buyer%d" % (i % 3)) for i in range(8)] + [order("guest") for _ in range(12)]
    creates = [shopify.delivery("orders/create", one) for one in first]
    shopify.send(creates, at_once=20)
    shopify.send(creates[:5])
    host.wait_until_idle()
    edits = [shop.edited(one) for one in first[::2]]
    shopify.after = (len(shopify.answers) + 5, host.program.kill)
    shopify.send([shopify.delivery("orders/updated", one) for one in edits])
    host.start()
    shopify.send_pending()
    host.wait_until_idle()
    letters = host.json("dead-letters", "list")["events"]
    dump = odoo.dump(mark)
    status = host.program.terminate()

    fixtures = [expected.order_fixture(one) for one in expected.newest(first + edits).values()]
    problems = expected.compare(fixtures, dump, "__sluice__.%s_" % mark)
    problems += ["dead letter: " + letter["outcome"] for letter in letters]
    if status:
        problems.append("the host did not drain: exit status %d" % status)
    for problem in problems:
        print("WRONG: " + problem)
    print("%d webhooks, %d orders, %d lines, %d partners in Odoo at %s, marked %s; %s" % (
        shopify.webhooks, len(dump["orders"]), len(dump["lines"]), len(dump["partners"]), odoo.url, mark,
        "as they should be" if not problems else "NOT as they should be"))
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    if not os.environ.get("SLUICE_TEST_ODOO_URL"):
        print("skipped: SLUICE_TEST_ODOO_URL, _DB, _LOGIN and _KEY name no real Odoo")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="sluice-real-odoo-") as folder:
        sys.exit(0 if run(arguments.build.resolve(), pathlib.Path(folder)) else 1)


if __name__ == "__main__":
    main()
