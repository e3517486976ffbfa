"""The programs a test starts and stops: the Odoo simulator, the host, and a shop that signs and posts webhooks."""

import base64
import concurrent.futures
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

LIMIT_S = 240  # a bound against hanging, never a measure of speed
SECRET = "shpss_test_0123456789"
API_KEY = "0123456789abcdef0123456789abcdef01234567"
CONNECTOR = "shop"
SERVICE_USER = {"login": "svc_sluice", "password": "not-used", "api_keys": [API_KEY]}
EXTERNAL_ID_PREFIX = "__sluice__.%s_" % CONNECTOR  # what the RecordWriter puts before a contract's external id


class Program:
    """A child process that says on its first line where it listens. `kill_after_s`: it is killed then, listening or not."""

    def __init__(self, arguments, log, environment=None, kill_after_s=None):
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors, env={**os.environ, **(environment or {})})
        if kill_after_s is not None:
            threading.Timer(kill_after_s, self.process.kill).start()
        line = self.process.stdout.readline().decode()
        if "listening on" not in line:
            self.process.wait()
            raise SystemExit("%s did not start (exit %s): %s\n%s" % (
                arguments[0], self.process.returncode, line, pathlib.Path(log).read_text(errors="replace")[-2000:]))
        self.port = urllib.parse.urlsplit("//" + line.split("listening on ")[1].strip().removeprefix("http://")).port
        self.reader = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.reader.start()

    def kill(self):
        self.process.kill()
        return self.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        status = self.process.wait(LIMIT_S)
        self.reader.join()
        self.process.stdout.close()
        return status

    def is_running(self):
        return self.process.poll() is None


def rpc(odoo, model, method, args, kwargs):
    """One call of a method over /jsonrpc, with nothing of Sluice's client."""
    def post(service, name, arguments):
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": {"service": service, "method": name, "args": arguments}}
        request = urllib.request.Request(odoo.url + "/jsonrpc", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            answered = json.load(answer)
        if "error" in answered:
            raise SystemExit("%s: %s" % (arguments[3:5], answered["error"]["data"]["message"]))
        return answered.get("result")

    uid = post("common", "login", [odoo.database, odoo.login, odoo.api_key])
    return post("object", "execute_kw", [odoo.database, uid, odoo.api_key, model, method, args, kwargs])


class Odoo:
    """The simulator, with a store that outlives the process as PostgreSQL outlives Odoo."""
    database, login, api_key = "shop", SERVICE_USER["login"], API_KEY

    def __init__(self, build, folder, products, partners, on_hand=None):
        self.program_file = build / "bin" / "odoo-simulator"
        self.folder = folder
        self.port = 0
        self.seed_file = folder / "odoo-seed.json"
        self.seed_file.write_text(json.dumps({"users": [SERVICE_USER], "partners": partners, **self.goods(products, on_hand)}))
        self.start()

    @staticmethod
    def goods(products, on_hand):
        """Products; and, where stock is asked for, storable ones, so many of each in stock."""
        goods = [{"default_code": sku, "name": name, "list_price": 1.0} for sku, name in products]
        if on_hand is None:
            return {"products": goods}
        storable = [one for one in goods if one["default_code"] not in ("SHIPPING", "DISCOUNT")]
        for one in storable:
            one.update(detailed_type="product", external_id="goods." + one["default_code"])
        return {"products": goods, "stock": [
            {"product": one["external_id"], "location": "stock.stock_location_stock", "quantity": on_hand} for one in storable]}

    def start(self):
        seed = [] if self.port else ["--seed", str(self.seed_file)]  # a store that is there holds it already
        self.program = Program([str(self.program_file), "--port", str(self.port), "--database", "shop",
                                "--store", str(self.folder / "odoo.store"), *seed], self.folder / "odoo.log")
        self.port = self.program.port
        self.url = "http://127.0.0.1:%d" % self.port

    def stop(self):
        self.program.kill()

    def control(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise SystemExit("simulator %s %s: %s %s" % (method, path, answer.status, text))
        return json.loads(text or b"null")

    def fault(self, kind, count=1, model="", method="", **more):
        """Orders a fault (tests/simulators/odoo/faults.hpp) for the next `count` matching calls that no fault ordered before takes."""
        self.control("POST", "/_sim/faults", {"kind": kind, "match": {"model": model, "method": method, "count": count}, **more})

    def dump(self):
        """Orders, lines and partners with their external ids, lines with their product's reference, partners with their country's code."""
        dump = self.control("GET", "/_sim/dump")
        names = {(name["model"], name["res_id"]): name["external_id"] for name in dump["external_ids"]}
        for key, model in (("orders", "sale.order"), ("lines", "sale.order.line"), ("partners", "res.partner")):
            for record in dump[key]:
                record["external_id"] = names.get((model, record["id"]))
        skus = {product["id"]: product["default_code"] for product in dump["products"]}
        for line in dump["lines"]:
            line["product"] = skus[line["product_id"]]
        for partner in dump["partners"]:
            partner["country"] = names.get(("res.country", partner.get("country_id")), "").removeprefix("base.")
        return dump

    def call(self, model, method, args, **kwargs):
        """What a person does in Odoo meanwhile."""
        return rpc(self, model, method, args, kwargs)

    def later(self, model, method, args, **kwargs):
        """The same in a thread of its own; calling what this answers waits for its result."""
        pool = concurrent.futures.ThreadPoolExecutor(1)
        future = pool.submit(self.call, model, method, args, **kwargs)
        pool.shutdown(wait=False)
        return lambda: future.result(LIMIT_S)


class AdminConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("sluice", timeout=LIMIT_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Host:
    """`sluice run`, and the commands an operator has."""

    def __init__(self, build, folder, odoo, retry="base_ms = 50\ncap_ms = 1000\nlimit = 12", lanes=4, odoo_extra="", connector_extra="",
                 connector=CONNECTOR, flows=("order",)):
        self.sluice = build / "bin" / "sluice"
        self.connector = connector
        self.environment = {"SLUICE_ODOO_KEY": odoo.api_key}
        self.folder = folder
        secret = folder / "webhook-secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n")
        self.config = folder / "sluice.toml"
        self.config.write_text("""[host]
data_dir = "var"
contract_check_ms = 0
plugin_dirs = ["%s"]
log_level = "info"

[ingress]
listen = "127.0.0.1:0"
max_body_bytes = 262144

[odoo.main]
url = "%s"
database = "%s"
login = "%s"
api_key = { env = "SLUICE_ODOO_KEY" }
%s

[connector.%s]
plugin = "shopify"
odoo = "main"
lanes = %d
webhook_secret = { file = "webhook-secret" }
%s
%s""" % (build / "plugins", odoo.url, odoo.database, odoo.login, odoo_extra, connector, lanes, connector_extra,
         "".join("\n[connector.%s.retry.%s]\n%s\n" % (connector, flow, retry) for flow in flows)))
        self.program = None

    def start(self, crash_at=None, crash_log=None, environment=None, kill_after_s=None):
        environment = {**self.environment, **(environment or {})}
        if crash_at:
            environment.update(SLUICE_CRASH_AT=crash_at, SLUICE_CRASH_LOG=str(crash_log))
        self.program = Program([str(self.sluice), "run", "--config", str(self.config)], self.folder / "sluice.log", environment, kill_after_s)

    def try_command(self, *arguments):
        """The finished process, whatever came of it."""
        return subprocess.run([str(self.sluice), *arguments, "--config", str(self.config)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, **self.environment}, check=False)

    def command(self, *arguments):
        done = self.try_command(*arguments)
        if done.returncode:
            raise SystemExit("sluice %s: exit %d: %s%s" % (" ".join(arguments), done.returncode, done.stdout, done.stderr))
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.command(*arguments, "--json"))

    def ask(self, path):
        """The admin API itself: a command is a process each time, which is slow where thousands of events are looked at."""
        connection = AdminConnection(self.folder / "var" / "admin.sock")
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return json.loads(answer.read())
        finally:
            connection.close()

    def counts(self):
        (connector,) = [c for c in self.json("status")["connectors"] if c["name"] == self.connector]
        return connector["events"]

    def wait_until(self, condition, what):
        """Asks again until `condition()` holds."""
        end = time.monotonic() + LIMIT_S
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("gave up waiting: %s; %s" % (what, self.counts()))
            time.sleep(0.05)

    def wait_until_idle(self):
        def idle():
            counts = self.counts()
            return counts["claimed"] == 0 and counts["ready"] == 0
        self.wait_until(idle, "the journal is not empty")


class Shopify:
    """Signs and posts webhooks; an answer that is no 2xx is tried again later, as the shop does."""

    def __init__(self, host):
        self.host = host
        self.lock = threading.Lock()
        self.webhooks = 0
        self.answers = []  # (status, duplicate) of each request that was answered
        self.unanswered = 0
        self.pending = []  # what got no 2xx yet
        self.after = None  # (number of answers, what to do then)

    def delivery(self, topic, order, webhook_id=None):
        with self.lock:
            self.webhooks += 1
            number = self.webhooks
        body = json.dumps(order, ensure_ascii=False).encode()
        return {"topic": topic, "body": body, "order": order, "webhook_id": webhook_id or "b54557e4-bdd9-4b37-8a5f-%012d" % number}

    def post(self, delivery, secret=SECRET):
        """The HTTP status, or None where no whole answer came."""
        signature = base64.b64encode(hmac.new(secret.encode(), delivery["body"], hashlib.sha256).digest()).decode()
        status, duplicate = None, False
        connection = http.client.HTTPConnection("127.0.0.1", self.host.program.port, timeout=60)
        try:
            connection.request("POST", "/webhooks/" + self.host.connector, delivery["body"], {
                "Content-Type": "application/json", "X-Shopify-Topic": delivery["topic"], "X-Shopify-Hmac-Sha256": signature,
                "X-Shopify-Shop-Domain": "demo.myshopify.com", "X-Shopify-API-Version": "2026-10",
                "X-Shopify-Webhook-Id": delivery["webhook_id"], "X-Shopify-Triggered-At": delivery["order"].get("updated_at", "")})
            answer = connection.getresponse()
            text = answer.read()
            status = answer.status
            duplicate = status == 200 and json.loads(text).get("duplicate", False)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        with self.lock:
            if status is None:
                self.unanswered += 1
            else:
                self.answers.append((status, duplicate))
            action = self.after[1] if self.after and len(self.answers) == self.after[0] else None
        if action:
            action()
        return status

    def send(self, deliveries, at_once=8):
        """Posts all; what got no 2xx waits in `pending`."""
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            for delivery, status in zip(deliveries, pool.map(self.post, deliveries)):
                if status != 200:
                    self.pending.append(delivery)

    def send_pending(self):
        again, self.pending = self.pending, []
        self.send(again)

    def count(self, wanted):
        return sum(1 for answer in self.answers if wanted(*answer))


def products_of(catalogue):
    return [(sku, title) for sku, (title, _) in sorted(catalogue.items())] + [("SHIPPING", "Shipping"), ("DISCOUNT", "Discount")]
