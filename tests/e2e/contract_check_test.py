#!/usr/bin/env python3
"""`sluice contract check`, `sluice odoo check` and `rights` with the real program against the Odoo simulator."""

import argparse
import csv
import io
import pathlib
import sys
import tempfile
import unittest

import orders
import processes


class ContractCheck(unittest.TestCase):
    build = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-contract-")))
        self.odoo = processes.Odoo(self.build, self.folder, processes.products_of(orders.CATALOGUE), [])
        self.addCleanup(self.odoo.stop)
        self.host = processes.Host(self.build, self.folder, self.odoo)

    def test_the_shipped_contract_fits_until_somebody_removes_a_field(self):
        fits = self.host.try_command("contract", "check")
        self.assertEqual(0, fits.returncode, fits.stdout + fits.stderr)
        self.assertIn("0 errors, 0 warnings", fits.stdout)
        self.odoo.control("POST", "/_sim/seed", {"removed_fields": ["sale.order.client_order_ref"]})
        wrong = self.host.try_command("contract", "check")
        self.assertEqual(1, wrong.returncode)
        self.assertRegex(wrong.stdout, r"shopify\.contract\.toml:\d+:\d+: error: flow\.order\.record\.fields\.client_order_ref: "
                                       r"sale\.order has no field `client_order_ref`")
        self.assertIn("somebody removed it", wrong.stdout)
        self.assertIn("flow.order.record.candidates[0].client_order_ref", wrong.stdout, "all at once")

    def test_the_running_host_tells_it_and_delivers_on(self):
        self.host.config.write_text(self.host.config.read_text().replace("contract_check_ms = 0", "contract_check_ms = 3600000"))
        self.odoo.control("POST", "/_sim/seed", {"removed_fields": ["res.partner.street2"]})
        self.host.start()
        self.addCleanup(self.host.program.kill)

        def findings():
            (connector,) = self.host.json("status")["connectors"]
            return (connector["contract"] or {}).get("findings", [])
        self.host.wait_until(findings, "nothing was found")
        self.assertEqual({"street2"}, {finding["field"] for finding in findings()})
        self.assertIn("res.partner has no field `street2`", self.host.command("status"))
        self.assertEqual("running", self.host.json("status")["connectors"][0]["state"])

    def test_offline_it_asks_nobody(self):
        self.odoo.stop()
        for version in ("16", "17", "18", "19"):
            done = self.host.try_command("contract", "check", "--offline", version)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        unknown = self.host.try_command("contract", "check", "--offline", "12")
        self.assertEqual(2, unknown.returncode)
        self.assertEqual(1, self.host.try_command("contract", "check").returncode, "nobody answers")

    def test_the_account_and_the_rights_it_needs(self):
        done = self.host.try_command("odoo", "check")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("Odoo 17.0", done.stdout)
        self.assertIn("shop order: may do what it needs", done.stdout)
        rows = list(csv.DictReader(io.StringIO(self.host.command("odoo", "rights", "--csv"))))
        needed = {row["model_id"]: row["perm_read"] + row["perm_write"] + row["perm_create"] + row["perm_unlink"] for row in rows}
        self.assertEqual("1110", needed["sale.order"])
        self.assertEqual("1111", needed["sale.order.line"])
        self.assertEqual("1010", needed["res.partner"])
        self.assertEqual("1000", needed["account.tax"])
        self.assertEqual("1000", needed["ir.model.data"])
        self.assertNotIn("stock.quant", needed, "its flow is off")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    ContractCheck.build = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
