#!/usr/bin/env python3
"""A publisher, a real nats-server and a real host, of which server and host are killed in mid-stream again and again.

Every message whose publishing the server acknowledged is in the journal exactly once, in the stream's order, and in the end nothing is pending.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import nats
import processes

STREAM, CONNECTOR, FLOWS = "ORDERS", "bus", ("order", "twin")
KEYS = 7
AT_ONCE = 8  # messages published before their acknowledgements are read
BETWEEN_KILLS = 100  # messages
POISON_EVERY = 97  # one message of so many is no JSON
ACK_WAIT_S = 1


class Publisher(threading.Thread):
    """Goes on until it is stopped, over every restart of the server. What was not acknowledged is not sent again."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.lock = threading.Lock()
        self.acknowledged, self.poisoned, self.sent = set(), set(), 0
        self.stopping = threading.Event()

    def count(self):
        with self.lock:
            return len(self.acknowledged) + len(self.poisoned)

    def run(self):
        client = None
        while not self.stopping.is_set():
            if client is None:
                try:
                    client = nats.Client(self.server.port)
                except OSError:
                    self.stopping.wait(0.05)
                    continue
            batch = [self.message(self.sent + i + 1) for i in range(AT_ONCE)]
            self.sent += AT_ONCE
            acknowledged, goes_on = client.publish(batch)
            with self.lock:
                for number in acknowledged:
                    (self.poisoned if number % POISON_EVERY == 0 else self.acknowledged).add(number)
            if not goes_on:
                client = None
            self.stopping.wait(0.05)  # the load, not a wait for anything
        if client:
            client.close()

    @staticmethod
    def message(number):
        body = b"no json" if number % POISON_EVERY == 0 else json.dumps({"key": number % KEYS, "n": number}).encode()
        return number, "orders.%d" % (number % 3), body

    def stop(self):
        self.stopping.set()
        self.join(processes.LIMIT_S)


class Host:
    """`sluice run` with the plugin of this test, and no Odoo: nothing is written there."""

    def __init__(self, build, folder, server):
        self.sluice, self.folder, self.program = build / "bin" / "sluice", folder, None
        self.environment = {"SLUICE_ODOO_KEY": processes.API_KEY}
        self.config = folder / "sluice.toml"
        self.config.write_text("""[host]
data_dir = "var"
contract_check_ms = 0
plugin_dirs = ["%s"]
drain_ms = 20000
[ingress]
listen = "127.0.0.1:0"
[odoo.main]
url = "http://127.0.0.1:1"
database = "none"
login = "none"
api_key = { env = "SLUICE_ODOO_KEY" }
[nats.main]
url = "nats://127.0.0.1:%d"
[connector.%s]
plugin = "bus"
stream = "%s"
""" % (build / "tests" / "bus", server.port, CONNECTOR, STREAM))

    def start(self, crash_at=None):
        environment = dict(self.environment)
        if crash_at:
            environment.update(SLUICE_CRASH_AT=crash_at, SLUICE_CRASH_LOG=str(self.folder / "crashes.log"))
        self.program = processes.Program([str(self.sluice), "run", "--config", str(self.config)], self.folder / "sluice.log", environment)

    def command(self, *arguments):
        return subprocess.run([str(self.sluice), *arguments, "--config", str(self.config)], capture_output=True, text=True,
                              env={**os.environ, **self.environment}, check=False)

    def json(self, *arguments):
        done = self.command(*arguments, "--json")
        if done.returncode:
            raise SystemExit("sluice %s: exit %d: %s%s" % (" ".join(arguments), done.returncode, done.stdout, done.stderr))
        return json.loads(done.stdout)

    def status(self):
        (connector,) = [one for one in self.json("status")["connectors"] if one["name"] == CONNECTOR]
        return connector

    def queues(self):
        return {queue["flow"]: queue for queue in self.status()["queues"]}

    def events(self):
        found, after = [], 0
        while after is not None:
            page = self.json("events", "list", "--limit", "1000", *(["--after", str(after)] if after else []))
            found += page["events"]
            after = page["next"]
        return found

    def log(self):
        return (self.folder / "sluice.log").read_text()


def wait_until(condition, what):
    """Asks again until `condition()` holds."""
    end = time.monotonic() + processes.LIMIT_S
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("gave up waiting: " + what)
        time.sleep(0.05)


class Queue(unittest.TestCase):
    build = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-queue-")))
        self.server = nats.Server(self.folder)
        self.addCleanup(lambda: self.server.kill())
        client = nats.Client(self.server.port)
        client.request("$JS.API.STREAM.CREATE." + STREAM, {"name": STREAM, "subjects": ["orders.>"], "storage": "file", "retention": "limits"})
        for flow in FLOWS:  # with a short ack wait: after each death of the host it is waited for
            name = self.consumer(flow)
            client.request("$JS.API.CONSUMER.DURABLE.CREATE.%s.%s" % (STREAM, name), {"stream_name": STREAM, "config": {
                "durable_name": name, "ack_policy": "explicit", "ack_wait": ACK_WAIT_S * 10**9, "deliver_policy": "all", "replay_policy": "instant",
                "max_deliver": -1, "max_ack_pending": 1000, "filter_subject": "orders.>"}})
        client.close()
        self.host = Host(self.build, self.folder, self.server)
        self.publisher = Publisher(self.server)

    def tearDown(self):
        self.publisher.stopping.set()
        if self.host.program and self.host.program.is_running():
            self.host.program.kill()

    @staticmethod
    def consumer(flow):
        return "sluice_%s_%s" % (CONNECTOR, flow)

    def pending(self):
        client = nats.Client(self.server.port)
        infos = [client.request("$JS.API.CONSUMER.INFO.%s.%s" % (STREAM, self.consumer(flow)), None) for flow in FLOWS]
        client.close()
        return [info["num_pending"] + info["num_ack_pending"] for info in infos]

    def more(self, messages=BETWEEN_KILLS):
        """Waits until the server has acknowledged so many more."""
        wanted = self.publisher.count() + messages
        wait_until(lambda: self.publisher.count() >= wanted, "the publisher stands still")

    def received(self, flow="order"):
        return self.host.queues()[flow]["received"]

    def test_killed_in_mid_stream_nothing_is_lost_doubled_or_overtaken(self):
        self.host.start()
        self.publisher.start()
        for _ in range(4):
            self.more()
            wait_until(lambda: self.received() > 0, "nothing comes")
            self.server.kill()
            self.server.start()
        # Gone for longer: said once, shown, and over by itself.
        self.more()
        self.server.kill()
        wait_until(lambda: not any(queue["connected"] for queue in self.host.queues().values()), "the status shows no loss")
        self.assertIn("NOT connected", self.host.command("status").stdout)
        self.server.start()
        wait_until(lambda: all(queue["connected"] for queue in self.host.queues().values()), "it did not connect again")
        for _ in range(3):
            self.more()
            self.host.program.kill()
            self.more(AT_ONCE)  # what comes meanwhile is the server's to keep
            self.host.start()
            wait_until(lambda: self.received() > 0, "nothing comes after a kill of the host")
        for point in ("append_before_commit:3", "append_after_commit:3"):
            # Between fetch and commit, and between commit and acknowledgement.
            self.host.program.kill()
            self.host.start(crash_at=point)
            wait_until(lambda: not self.host.program.is_running(), "the host did not reach " + point)
            self.assertEqual(-signal.SIGKILL, self.host.program.wait())
        self.host.start()
        wait_until(lambda: sum(queue["duplicates"] for queue in self.host.queues().values()) > 0,
                   "what was journalled and not acknowledged did not come again")
        # Both at once.
        self.more()
        self.server.kill()
        self.host.program.kill()
        self.server.start()
        self.host.start()
        self.more()
        self.publisher.stop()
        wait_until(lambda: self.pending() == [0, 0], "something stays pending")
        wait_until(lambda: self.host.status()["events"]["ready"] + self.host.status()["events"]["claimed"] == 0, "the journal is not empty")
        self.check_events(self.host.events())
        self.check_clean_restart()

    def test_a_reload_reads_what_changed(self):
        text = self.host.config.read_text()
        self.host.config.write_text(text.replace("[nats.main]", "[host.nats]"))
        self.assertIn("has no NATS server for the queue of its flow `order`; add a table [nats.main]", self.host.command("check").stderr)
        self.host.config.write_text(text + "enabled = false\n")
        self.host.start()
        client = nats.Client(self.server.port)
        client.publish([(1, "orders.1", b'{"key": 1, "n": 1}')])
        self.assertEqual({}, self.host.queues())
        self.reload(text)
        wait_until(lambda: self.received("order") == 1 and self.received("twin") == 1, "the queues of a connector that is enabled are not read")
        self.reload(text.replace('stream = "ORDERS"', 'stream = "PARCELS"'))
        wait_until(lambda: "there is no stream PARCELS" in self.host.queues()["order"]["problem"], "a missing stream is not shown")
        client.request("$JS.API.STREAM.DELETE." + STREAM, None)  # a subject is one stream's
        client.request("$JS.API.STREAM.CREATE.PARCELS", {"name": "PARCELS", "subjects": ["orders.>"], "storage": "file", "retention": "limits"})
        wait_until(lambda: all(queue["connected"] for queue in self.host.queues().values()), "a stream that was made is not found")
        client.publish([(2, "orders.1", b'{"key": 1, "n": 2}')])
        wait_until(lambda: self.received("order") == 2 and self.received("twin") == 2, "it is not read, or was not counted on")
        client.close()
        self.assertEqual(0, self.host.program.terminate())

    def reload(self, text):
        self.host.config.write_text(text)
        before = self.host.log().count('message="configuration read again"')
        os.kill(self.host.program.process.pid, signal.SIGHUP)
        wait_until(lambda: self.host.log().count('message="configuration read again"') > before, "it was not read again")

    def check_events(self, events):
        good, poisoned = self.publisher.acknowledged, self.publisher.poisoned
        for flow in FLOWS:
            mine = [event for event in events if event["flow"] == flow]
            numbers = [int(event["record"]) for event in mine if event["record"]]
            self.assertEqual(len(set(numbers)), len(numbers), "one message, one event")
            self.assertEqual(set(), good - set(numbers), "every message that was acknowledged to its publisher is in the journal")
            self.assertEqual(sorted(numbers), numbers, "in the stream's order, in which they were published")
            dead = [event for event in mine if not event["record"]]
            self.assertEqual({"dead"}, {event["state"] for event in dead})
            self.assertGreaterEqual(len(dead), len(poisoned))
            self.assertEqual(len({event["event_id"] for event in dead}), len(dead))
            self.assertEqual({"done"}, {event["state"] for event in mine if event["record"]})
        places = [int(event["event_id"].split(":")[-2]) for event in events if event["flow"] == "order"]
        self.assertEqual(sorted(set(places)), places, "poison included, each place of the stream once and in order")
        print("%d messages published and acknowledged, %d of them no JSON; %d events" % (
            len(good) + len(poisoned), len(poisoned), len(events)))

    def check_clean_restart(self):
        """Who is stopped in order leaves nothing behind that the next would have to wait for."""
        waited = self.host.log().count("are waited for, to keep the order")
        self.assertEqual(0, self.host.program.terminate())
        self.host.start()
        wait_until(lambda: all(queue["connected"] for queue in self.host.queues().values()), "it did not connect again")
        self.assertEqual(waited, self.host.log().count("are waited for, to keep the order"))
        self.assertEqual(0, self.host.program.terminate())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    if not nats.find_server():
        print("skipped: nats-server is not installed (Debian's package nats-server)")
        sys.exit(77)
    Queue.build = arguments.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
