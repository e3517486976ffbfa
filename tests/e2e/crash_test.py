#!/usr/bin/env python3
"""Kills the real host at every named crash point under load, starts it again, and compares Odoo with the fixture.

Fails where a point was never hit, an order is missing, doubled or wrong, or anything became a dead letter.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import expected
import orders
import processes

ORDERS_A_CRASH = 12
WRITES = ("res.partner.load", "sale.order.load", "sale.order.line.load", "sale.order.write")


def crash_points(host):
    """Their names, from the program itself: it lists them when it is armed with a wrong one."""
    refused = subprocess.run([str(host.sluice), "run", "--config", str(host.config)], capture_output=True, text=True, check=False,
                             env={**os.environ, "SLUICE_CRASH_AT": "no-such-point:1", "SLUICE_ODOO_KEY": processes.API_KEY})
    names = re.search(r"NAME one of (.*)$", refused.stderr, re.M)
    if refused.returncode != 2 or not names:
        raise SystemExit("the host does not know its crash points: " + refused.stderr)
    return names.group(1).split(", ")


def aimed(points):
    """Around calls to Odoo each kind of write by its name: most calls are reads, and killing those proves little."""
    return [point for point in points if not point.startswith("odoo_")] + [
        point + "@" + write for point in points if point.startswith("odoo_") for write in WRITES]


def run(build, folder, hits):
    odoo = processes.Odoo(build, folder, processes.products_of(orders.CATALOGUE), [])
    host = processes.Host(build, folder, odoo, retry="base_ms = 20\ncap_ms = 200\nlimit = 30")
    shop = orders.Shop(seed=11)
    shopify = processes.Shopify(host)
    crash_log = folder / "crashes.log"
    sent, wanted = [], []

    for point in aimed(crash_points(host)):
        for hit in [hit for hit in hits if "@" not in point or hit <= ORDERS_A_CRASH // 2]:
            wanted.append(point)
            # New people each time, so that there are partners to make.
            number = max(ORDERS_A_CRASH, hit)  # at least one a round, see below
            batch = [shop.order("buyer%d.%d@example.com" % (len(wanted), i % 6)) for i in range(number)]
            edits = [shop.edited(order) for order in batch[::2]]
            sent += batch + edits
            if point.startswith("recovery_"):
                hit = 1  # once a start
                leave_claims_behind(host, odoo, shopify, shop, sent)
                if not starts(host, "%s:%d" % (point, hit), crash_log):
                    host.start()
            else:
                host.start(crash_at="%s:%d" % (point, hit), crash_log=crash_log)
            # What waits together goes to Odoo in one call: a point that is to be reached five times needs five rounds.
            for part in (batch[i::hit] for i in range(hit)):
                shopify.send([shopify.delivery("orders/create", order) for order in part])
                if hit > 1:
                    host.wait_until(lambda: not host.program.is_running() or is_idle(host), "neither crashed nor idle")
            shopify.send([shopify.delivery("orders/updated", order) for order in edits])
            host.wait_until(lambda: not host.program.is_running() or is_idle(host), "neither crashed nor idle")
            if point.startswith("decision_"):
                decide(host, shopify, shop, hit)
            if host.program.is_running():
                host.program.kill()
                continue  # reported below: the point was not hit
            host.program.wait()
            host.start()
            shopify.send_pending()
            host.wait_until_idle()
            host.program.kill()

    host.start()
    host.wait_until_idle()
    discard_unsellable(host)
    letters = host.json("dead-letters", "list")["events"]
    dump = odoo.dump()
    host.program.terminate()
    odoo.stop()

    hit_points = crash_log.read_text().split() if crash_log.exists() else []
    problems = ["crash point %s was hit %d of %d times" % (point, hit_points.count(point), wanted.count(point))
                for point in sorted(set(wanted)) if hit_points.count(point) != wanted.count(point)]
    fixtures = [expected.order_fixture(order) for order in expected.newest(sent).values()]
    problems += expected.compare(fixtures, dump, processes.EXTERNAL_ID_PREFIX)
    problems += ["dead letter: %s" % letter["outcome"] for letter in letters]
    for problem in problems:
        print("WRONG: " + problem)
    print("%d crashes at %d points; %d orders sent, %d in Odoo; %s" % (
        len(hit_points), len(set(hit_points)), len(fixtures), len(dump["orders"]), "as they should be" if not problems else "NOT as they should be"))
    return not problems


def leave_claims_behind(host, odoo, shopify, shop, sent):
    """Kills the host while a delivery waits for Odoo, so that the next start finds a claim without a verdict."""
    host.start()
    odoo.fault("hang", model="sale.order", method="load")
    order = shop.order("stuck@example.com")
    sent.append(order)
    shopify.send([shopify.delivery("orders/create", order)])
    host.wait_until(lambda: host.counts()["claimed"] == 1, "nothing was claimed")
    host.program.kill()


def starts(host, crash_at, crash_log):
    """False where the host died before it said that it listens."""
    try:
        host.start(crash_at=crash_at, crash_log=crash_log)
        return True
    except SystemExit:
        return False


def decide(host, shopify, shop, times):
    """An operator replays and discards dead letters, one at a time, until the host dies of it."""
    for _ in range(times):
        if not host.program.is_running():
            return
        shopify.send([shopify.delivery("orders/create", shop.order("curious@example.com", skus=["NO-SUCH-SKU"]))])
        host.wait_until(lambda: unsellable(host), "no dead letter")
        letter = str(unsellable(host)[0]["seq"])
        try:
            host.command("dead-letters", "replay", letter)
            host.wait_until(lambda: not host.program.is_running() or letter in [str(one["seq"]) for one in unsellable(host)], "it did not fail again")
            if host.program.is_running():
                host.command("dead-letters", "discard", letter, "--reason", "a test")
        except SystemExit:
            break  # it dies, or the wait below says that it does not
    host.program.wait()


def unsellable(host):
    """The dead letters of decide(): those of other orders would be reported at the end."""
    return [letter for letter in host.json("dead-letters", "list")["events"] if "NO-SUCH-SKU" in letter["outcome"]]


def discard_unsellable(host):
    for letter in unsellable(host):
        host.command("dead-letters", "discard", str(letter["seq"]), "--reason", "a test")


def is_idle(host):
    try:
        counts = host.counts()
    except SystemExit:  # it died between the two looks
        return False
    return counts["claimed"] == 0 and counts["ready"] == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--hits", type=lambda text: [int(part) for part in text.split(",")], default=[1, 5], help="at which times a point is reached to crash")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-crash-"))
    good = run(arguments.build.resolve(), folder, arguments.hits)
    if good:
        shutil.rmtree(folder)
    else:
        print("configuration, journal and logs: %s" % folder)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
