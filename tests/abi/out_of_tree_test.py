#!/usr/bin/env python3
"""A plugin outside the tree: what is installed is enough to build one, by the lines of plugin-api/README.md, and the
installed host loads and runs it."""

import argparse
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "e2e"))

import processes  # noqa: E402

BUILD = None
SECRETS = {"SLUICE_ODOO_KEY": "odoo-key", "COURIER_API_KEY": "courier-key", "COURIER_WEBHOOK_SECRET": "warehouse-secret"}
# The compiler's choice, and nothing else that would let a build find its way back into this tree.
KEPT = ("PATH", "CC", "CXX", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")


def readme_block():
    text = (SOURCE / "plugin-api" / "README.md").read_text()
    section = text.split("\n## Build a plugin outside this tree\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return block, section


def one_line(text):
    """Without the line breaks CMake puts into its messages."""
    return " ".join(text.split())


class Courier(http.server.ThreadingHTTPServer):
    """Takes parcels: `answers` are the statuses it gives, `requests` what came."""

    def __init__(self, answers):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.answers = list(answers)
        self.requests = queue.Queue()
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.requests.put((self.path, dict(self.headers), body))
            self.send_response(self.server.answers.pop(0) if self.server.answers else 201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass


class OutOfTree(unittest.TestCase):
    """Installed and built once; each test looks at it from another side."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="sluice-out-of-tree-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.home = cls.folder / "home"
        cls.home.mkdir()
        cls.prefix = cls.home / "sluice"
        cls.plugin = cls.home / "courier" / "build" / "courier.so"
        cls.environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        cls.environment.update(HOME=str(cls.home), LC_ALL="C")
        tree = cls.folder / "tree" / "build"
        tree.mkdir(parents=True)
        (tree / "release").symlink_to(BUILD)  # the README's tree, with the build that is tested
        block, cls.readme = readme_block()
        cls.done = cls.run_program("bash", "-euxc", block, folder=tree.parent)
        if cls.done.returncode:
            raise AssertionError("the lines of plugin-api/README.md failed:\n%s%s" % (cls.done.stdout, cls.done.stderr))

    @classmethod
    def run_program(cls, *arguments, folder=None, environment=None):
        return subprocess.run([str(argument) for argument in arguments], cwd=folder or cls.folder, capture_output=True, text=True,
                              env={**cls.environment, **(environment or {})}, check=False)

    def sluice(self, *arguments):
        return self.run_program(self.prefix / "bin" / "sluice", *arguments, environment=SECRETS)

    def version(self):
        done = self.sluice("--version")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r"^sluice \d+\.\d+\.\d+\n$")
        return [int(part) for part in done.stdout.split()[1].split(".")]

    def configure(self, name, text):
        """Configures a project of its own against the installed package."""
        project = self.folder / name
        project.mkdir()
        (project / "CMakeLists.txt").write_text(text)
        (project / (name + ".cpp")).touch()
        return self.run_program("cmake", "-S", project, "-B", project / "build", "-G", "Ninja", "-DCMAKE_PREFIX_PATH=%s" % self.prefix)

    # ---- what is installed

    def test_component_plugin_api_has_every_header_and_no_other(self):
        def below(folder):
            return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        self.assertEqual(below(SOURCE / "plugin-api" / "include"), below(self.prefix / "include"))

    def test_the_template_is_installed_as_it_stands_in_the_tree(self):
        installed = self.prefix / "share" / "sluice" / "plugin-template"
        for file in (SOURCE / "plugin-api" / "template").iterdir():
            self.assertEqual(file.read_bytes(), (installed / file.name).read_bytes(), file.name)

    def test_component_host_has_the_program_its_plugins_contracts_and_documentation(self):
        self.version()
        self.assertTrue(list(self.prefix.glob("lib*/**/sluice/plugins/shopify.so")))
        share = self.prefix / "share"
        for file in ("sluice/contracts/shopify.contract.toml", "doc/sluice/README.md", "doc/sluice/LICENSE",
                     "doc/sluice/contracts/README.md", "doc/sluice/docs/configuration.md"):
            self.assertTrue((share / file).is_file(), file)

    # ---- what was built

    def test_the_readme_says_what_check_prints(self):
        (said,) = [line for line in self.done.stdout.splitlines() if line.startswith("configuration is fine")]
        self.assertIn("`%s`" % said, self.readme)

    def test_the_build_knows_nothing_of_this_tree(self):
        written = (self.home / "courier" / "build" / "build.ninja").read_text()
        self.assertIn(str(self.prefix / "include"), written)
        for tree in (SOURCE, BUILD):
            self.assertNotIn(str(tree), written)

    def test_the_plugin_exports_its_entry_point_and_nothing_else(self):
        done = self.run_program("nm", "-D", "--defined-only", self.plugin)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(["sluice_plugin_v0"], [line.split()[-1] for line in done.stdout.splitlines()])

    def test_the_plugin_needs_no_libstdcxx_and_no_sanitizer(self):
        done = self.run_program("readelf", "--dynamic", "--wide", self.plugin)
        self.assertEqual(0, done.returncode, done.stderr)
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", done.stdout)
        self.assertIn("libc.so.6", needed)
        self.assertEqual([], [name for name in needed if re.match(r"libstdc|libgcc|libasan|libubsan|libtsan", name)])

    def test_check_reads_the_plugins_contract(self):
        text = (self.home / "courier" / "sluice.toml").read_text()
        config = self.home / "courier" / "no-key.toml"
        config.write_text(text.replace('api_key = { env = "COURIER_API_KEY" }', 'api_kye = { env = "COURIER_API_KEY" }'))
        done = self.sluice("check", "--config", config)
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn("did you mean `api_key`?", done.stderr)
        self.assertIn("The courier's API key.", done.stderr)  # the contract's own help

    # ---- what is refused

    def test_a_plugin_without_a_contract_is_told_what_would_be_right(self):
        done = self.configure("bare", """cmake_minimum_required(VERSION 3.25)
project(bare LANGUAGES CXX)
find_package(SluicePluginApi REQUIRED)
sluice_add_plugin(bare VERSION 0.1.0 SOURCES bare.cpp)
""")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("sluice_add_plugin(bare): CONTRACT is missing; right would be "
                      "sluice_add_plugin(bare VERSION 0.1.0 CONTRACT bare.contract.toml SOURCES bare.cpp)", one_line(done.stderr))

    def test_while_0_x_another_minor_version_does_not_do(self):
        major, minor, _ = self.version()
        if major != 0:
            self.skipTest("from 1.0 on a newer minor version satisfies a request")
        text = "cmake_minimum_required(VERSION 3.25)\nproject(%s LANGUAGES NONE)\nfind_package(SluicePluginApi 0.%d REQUIRED)\n"
        self.assertEqual(0, self.configure("same", text % ("same", minor)).returncode)
        newer = self.configure("newer", text % ("newer", minor + 1))
        self.assertNotEqual(0, newer.returncode)
        self.assertIn("compatible with requested version", one_line(newer.stderr))
        if minor > 0:
            self.assertNotEqual(0, self.configure("older", text % ("older", minor - 1)).returncode)

    # ---- what it does

    def test_the_installed_host_runs_it_beside_the_shipped_plugins(self):
        courier = Courier(answers=[500])  # to the first attempt: it may have booked
        self.addCleanup(courier.stop)
        folders = sorted({str(file.parent) for file in self.prefix.rglob("*.so")})
        config = self.folder / "run.toml"
        config.write_text("""[host]
plugin_dirs = %s
[ingress]
listen = "127.0.0.1:0"
[odoo.main]
url = "http://odoo.invalid"
database = "none"
login = "none"
api_key = { env = "SLUICE_ODOO_KEY" }
[connector.parcels]
plugin = "courier"
api_url = "http://127.0.0.1:%d/v1"
api_key = { env = "COURIER_API_KEY" }
webhook_secret = { env = "COURIER_WEBHOOK_SECRET" }
[connector.parcels.retry.parcel]
base_ms = 20
cap_ms = 200
""" % (json.dumps(folders), courier.server_port))
        checked = self.sluice("check", "--config", config)
        self.assertEqual(0, checked.returncode, checked.stderr)
        self.assertIn("2 plugins", checked.stdout)
        host = processes.Program([self.prefix / "bin" / "sluice", "run", "--config", config], self.folder / "sluice.log", SECRETS)
        self.addCleanup(lambda: host.is_running() and host.kill())

        # What a double would change: the wrapper and the host pass it on as it came.
        packed = b'{"id": 9007199254740993, "updated_at": "2026-01-05T10:00:00Z", "weight": 12.50}'
        self.assertEqual(200, self.post(host.port, "d-1", packed))
        path, headers, body = courier.requests.get(timeout=processes.LIMIT_S)
        _, again, _ = courier.requests.get(timeout=processes.LIMIT_S)
        self.assertEqual("/v1/parcels", path)
        self.assertEqual("Bearer courier-key", headers["Authorization"])
        self.assertEqual(packed, body)
        self.assertRegex(headers["Idempotency-Key"], "^[0-9a-f]{64}$")
        self.assertEqual(headers["Idempotency-Key"], again["Idempotency-Key"])
        event = self.wait_until_done(config, 1)
        self.assertEqual(["unknown", "done"], [attempt["verdict"] for attempt in event["attempt_log"]])
        self.assertEqual("booked parcel 9007199254740993", event["attempt_log"][-1]["message"])

        self.assertEqual(200, self.post(host.port, "d-2", packed.replace(b"10:00", b"11:00")))
        event = self.wait_until_done(config, 2)
        self.assertEqual("parcel 9007199254740993 was booked before", event["attempt_log"][-1]["message"])
        self.assertTrue(courier.requests.empty(), "the second event of a booked parcel booked it again")
        self.assertEqual(0, host.terminate(), (self.folder / "sluice.log").read_text())

    def post(self, port, delivery, body):
        signature = hmac.new(SECRETS["COURIER_WEBHOOK_SECRET"].encode(), body, hashlib.sha256).digest()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=processes.LIMIT_S)
        connection.request("POST", "/webhooks/parcels", body, {
            "Content-Type": "application/json", "X-Warehouse-Topic": "parcels/packed", "X-Warehouse-Delivery": delivery,
            "X-Warehouse-Signature": base64.b64encode(signature).decode()})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def wait_until_done(self, config, seq):
        end = time.monotonic() + processes.LIMIT_S
        while True:
            done = self.sluice("events", "show", seq, "--json", "--config", config)
            self.assertEqual(0, done.returncode, done.stderr)
            event = json.loads(done.stdout)
            if event["state"] == "done":
                return event
            self.assertNotEqual("dead", event["state"], event)
            self.assertLess(time.monotonic(), end, event)
            time.sleep(0.05)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build folder, with bin/ and plugins/")
    arguments, rest = parser.parse_known_args()
    BUILD = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
