"""The real host, run below the shim and crashed, and what has to be true of it afterwards."""

import http.client
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

import disk  # noqa: E402
import expected  # noqa: E402
import orders  # noqa: E402
import processes  # noqa: E402
import trace_file  # noqa: E402

JOURNAL = "journal.db"


class Ledger:
    """What the outside world was told: webhooks that were answered 200, and events that the host said were done."""

    def __init__(self):
        self.accepted = {}  # event id: the body
        self.done = {}      # event id: the outcome
        self.lock = threading.Lock()

    def copy(self):
        ledger = Ledger()
        with self.lock:
            ledger.accepted.update(self.accepted)
            ledger.done.update(self.done)
        return ledger

    def problems(self, events, payload_of):
        """`events`: [{"event_id", "state", "outcome", ...}]; `payload_of` answers an event's bytes."""
        found = {}
        for event in events:
            found.setdefault(event["event_id"], []).append(event)
        problems = []
        for event_id, body in self.accepted.items():
            there = found.get(event_id, [])
            if not there:
                problems.append("lost: %s was answered 200 and is not in the journal" % event_id)
            elif len(there) > 1:
                problems.append("doubled: %s is in the journal %d times" % (event_id, len(there)))
            elif (payload := payload_of(there[0])) is not None and payload != body:
                problems.append("damaged: %s has another payload than was sent" % event_id)
        for event_id, outcome in self.done.items():
            there = found.get(event_id, [])
            if not there:
                problems.append("lost: %s was done and is not in the journal" % event_id)
            elif (there[0]["state"], there[0]["outcome"]) != ("done", outcome):
                problems.append("undone: %s was done (%s) and is %s (%s)" % (event_id, outcome, there[0]["state"], there[0]["outcome"]))
        return problems


class Host(processes.Host):
    """A host whose files are watched by the shim."""

    def __init__(self, build, folder, odoo):
        super().__init__(build, folder, odoo, retry="base_ms = 20\ncap_ms = 200\nlimit = 60")
        self.data = folder / "var"
        self.trace = folder / "trace"
        self.base = folder / "base"  # its files as they were when it was started
        # A sanitizer's runtime insists on being first.
        needs = subprocess.run(["ldd", str(self.sluice)], capture_output=True, text=True, check=True).stdout
        runtime = re.findall(r"=> (\S*/lib[at]san\.so\S*)", needs)
        self.preload = ":".join([*runtime, str(build / "lib" / "powerloss_shim.so")])

    def start_watched(self, lie="", kill_at="", kill_after_s=None):
        """False where it died before it listened."""
        self.trace.unlink(missing_ok=True)
        disk.write_folder(self.base, disk.read_folder(self.data))
        environment = {"LD_PRELOAD": self.preload, "POWERLOSS_DIR": str(self.data), "POWERLOSS_TRACE": str(self.trace)}
        environment.update({name: value for name, value in (("POWERLOSS_LIE", lie), ("POWERLOSS_KILL", kill_at)) if value})
        try:
            self.start(environment=environment, kill_after_s=kill_after_s)
            return True
        except SystemExit:
            return False

    def counts(self):
        return self.ask("/v0/status")["connectors"][0]["events"]

    def is_idle(self):
        """False also where it is dead."""
        try:
            counts = self.counts()
        except (OSError, ValueError, http.client.HTTPException):
            return False
        return counts["claimed"] == 0 and counts["ready"] == 0

    def wait_until_dead_or_idle(self):
        self.wait_until(lambda: not self.program.is_running() or self.is_idle(), "neither dead nor idle")

    def events(self):
        """All of them."""
        events, after = [], 0
        while after is not None:
            page = self.ask("/v0/events?limit=1000&after=%d" % after)
            events += page["events"]
            after = page["next"]
        return events

    def payload(self, event):
        return self.ask("/v0/events/%d" % event["seq"])["payload"].encode()


class Crash:
    """What the host that was killed left behind. Keeps everything to build it again: disk.py --base --trace --seed."""

    def __init__(self, host):
        self.base = disk.read_folder(host.base)
        self.records = trace_file.read(host.trace)
        self.folder = disk.read_folder(host.data)
        self.disk = disk.Disk(self.base).replay(self.records)

    def problems(self):
        """Whether the shim saw all that was done."""
        return ["the trace and the files differ: " + one for one in disk.differences(self.base, self.records, self.folder)]

    def images(self, seed, number, ledger):
        """So many power losses at that instant; the journal of each is opened by SQLite alone: (problems, counts)."""
        problems, counts = [], disk.Counts()
        for i in range(number):
            files, counted = self.disk.after_power_loss("%s/%d" % (seed, i))
            counts.add(counted)
            problems += ["%s (disk image %s/%d)" % (one, seed, i) for one in journal_problems(files, ledger)]
        return problems, counts


def journal_problems(files, ledger):
    """The journal in these files, without the host: sound, and with all that the outside world was told."""
    with tempfile.TemporaryDirectory(prefix="sluice-image-") as folder:
        disk.write_folder(pathlib.Path(folder), files)
        if not (pathlib.Path(folder) / JOURNAL).exists():
            return ledger.problems([], None)
        database = sqlite3.connect(pathlib.Path(folder) / JOURNAL)
        database.row_factory = sqlite3.Row
        try:
            answer = database.execute("PRAGMA integrity_check").fetchone()[0]
            if answer != "ok":
                return ["damaged: " + answer]
            if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                return ledger.problems([], None)
            rows = database.execute("SELECT event_id, CASE state WHEN 3 THEN 'done' ELSE state END AS state, outcome, payload"
                                    " FROM events JOIN contents USING (seq)").fetchall()
            return ledger.problems(rows, lambda row: bytes(row["payload"]))
        except sqlite3.DatabaseError as error:
            return ["damaged: %s" % error]
        finally:
            database.close()


class Watcher:
    """Asks the host again and again which events are done, until it is gone."""

    def __init__(self, host, ledger, after_seq):
        self.host, self.ledger, self.after_seq = host, ledger, after_seq
        self.stopping = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopping:
            try:
                done = self.host.ask("/v0/events?state=done&limit=1000&after=%d" % self.after_seq)["events"]
            except (OSError, ValueError, http.client.HTTPException):
                return  # it is gone
            with self.ledger.lock:
                self.ledger.done.update((event["event_id"], event["outcome"]) for event in done)
            time.sleep(0.01)

    def stop(self):
        self.stopping = True
        self.thread.join()


class Scene:
    """A shop, an Odoo and a host, through any number of crashes."""

    def __init__(self, build, folder, seed):
        folder = folder.resolve()
        self.odoo = processes.Odoo(build, folder, processes.products_of(orders.CATALOGUE), [])
        self.host = Host(build, folder, self.odoo)
        self.shop = orders.Shop(seed=seed)
        self.shopify = processes.Shopify(self.host)
        self.ledger = Ledger()
        self.sent = []     # every version of every order that was posted
        self.buyers = 0
        self.forgotten = (0, 0)
        self.last_seq = 0  # of the events that were looked at

    def forget_journal(self):
        """Somebody removes it; Odoo keeps what it has."""
        disk.write_folder(self.host.data, {})
        self.forgotten = self.told()
        self.ledger, self.last_seq = Ledger(), 0

    def told(self):
        """How many webhooks were answered 200, and how many events were seen done."""
        return self.forgotten[0] + len(self.ledger.accepted), self.forgotten[1] + len(self.ledger.done)

    def load(self, number, edits):
        """New orders, and a later version of some of them, as two groups of webhooks."""
        made = [self.shop.order("buyer%d@example.com" % (self.buyers + i % 6)) for i in range(number)]
        self.buyers += 6
        edited = [self.shop.edited(order) for order in made[:edits]]
        self.sent += made + edited
        return [[self.shopify.delivery("orders/create", order) for order in made],
                [self.shopify.delivery("orders/updated", order) for order in edited]]

    def post(self, deliveries):
        self.shopify.send(deliveries)
        refused = {id(delivery) for delivery in self.shopify.pending}
        with self.ledger.lock:
            self.ledger.accepted.update((event_id(one), one["body"]) for one in deliveries if id(one) not in refused)

    def post_pending(self):
        again, self.shopify.pending = self.shopify.pending, []
        self.post(again)

    def journal_problems(self, all_payloads=False):
        """What the running host's journal misses. Of events that were looked at before only the state is, unless all are asked for."""
        events = self.host.events()
        known, self.last_seq = self.last_seq, max((event["seq"] for event in events), default=0)
        return self.ledger.problems(events, lambda event: self.host.payload(event) if all_payloads or event["seq"] > known else None)

    def odoo_problems(self):
        """How Odoo differs from what the shop sent, once everything is delivered."""
        self.post_pending()
        self.host.wait_until_idle()
        fixtures = [expected.order_fixture(order) for order in expected.newest(self.sent).values()]
        problems = expected.compare(fixtures, self.odoo.dump(), processes.EXTERNAL_ID_PREFIX)
        return problems + ["dead letter: %s" % one["outcome"] for one in self.host.ask("/v0/dead-letters?limit=1000")["events"]]

    def stop(self):
        if self.host.program and self.host.program.is_running():
            self.host.program.terminate()
        self.odoo.stop()


def event_id(delivery):
    return "%s:%s" % (delivery["topic"], delivery["webhook_id"])
