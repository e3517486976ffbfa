"""A nats-server of the test's own, and as much of NATS's text protocol as a publisher and an observer need."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

LIMIT_S = 240  # a bound against hanging


def find_server():
    return shutil.which("nats-server", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/bin")


class Server:
    """With JetStream, on a port of its own choice that it keeps over restarts, as it keeps its store."""

    def __init__(self, folder):
        self.folder = folder
        self.port = -1
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [find_server(), "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder / "nats-store"),
             "--ports_file_dir", str(self.folder), "-l", str(self.folder / "nats.log")])
        ports = self.folder / ("nats-server_%d.ports" % self.process.pid)
        end = time.monotonic() + LIMIT_S
        while True:
            try:
                self.port = int(json.loads(ports.read_text())["nats"][0].rpartition(":")[2])
                return
            except (OSError, ValueError, KeyError):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("nats-server did not start: " + (self.folder / "nats.log").read_text()[-2000:])
                time.sleep(0.01)

    def kill(self):
        self.process.kill()
        self.process.wait()
        pathlib.Path(self.folder / ("nats-server_%d.ports" % self.process.pid)).unlink(missing_ok=True)


class Client:
    """One connection, blocking. OSError where it breaks."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.input = self.socket.makefile("rb")
        self.inbox = "_INBOX.%s" % os.urandom(8).hex()
        try:
            self.line()  # INFO
        except OSError:
            self.close()
            raise
        options = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True, "lang": "test", "version": "0"}
        self.socket.sendall(b"CONNECT %s\r\nSUB %s.* 1\r\n" % (json.dumps(options).encode(), self.inbox.encode()))

    def close(self):
        self.input.close()
        self.socket.close()

    def line(self):
        line = self.input.readline()
        if not line.endswith(b"\r\n"):
            raise OSError("the server is gone")
        return line.rstrip().decode()

    def message(self):
        """The last token of the next message's subject, and its body."""
        while True:
            words = self.line().split(" ")
            if words[0] == "PING":
                self.socket.sendall(b"PONG\r\n")
            elif words[0] in ("MSG", "HMSG"):
                body = self.input.read(int(words[-1]) + 2)
                if len(body) < int(words[-1]) + 2:
                    raise OSError("the server is gone")
                head = int(words[-2]) if words[0] == "HMSG" else 0
                return words[1].rpartition(".")[2], body[head:-2]
            elif words[0] == "-ERR":
                raise OSError(" ".join(words))

    def request(self, subject, body):
        data = json.dumps(body).encode() if body else b""
        self.socket.sendall(b"PUB %s %s.api %d\r\n%s\r\n" % (subject.encode(), self.inbox.encode(), len(data), data))
        answer = json.loads(self.message()[1])
        if "error" in answer:
            raise SystemExit("%s: %s" % (subject, answer["error"]))
        return answer

    def publish(self, messages):
        """Publishes (number, subject, body), and answers the numbers of those the server acknowledged."""
        out = b""
        for number, subject, body in messages:
            head = b"NATS/1.0\r\nNats-Msg-Id: m-%d\r\n\r\n" % number
            out += b"HPUB %s %s.%d %d %d\r\n%s%s\r\n" % (subject.encode(), self.inbox.encode(), number, len(head), len(head) + len(body), head, body)
        acknowledged = []
        try:
            self.socket.sendall(out)
            while len(acknowledged) < len(messages):
                number, answer = self.message()
                if "seq" in json.loads(answer or b"{}"):
                    acknowledged.append(int(number))
                else:
                    raise OSError("refused: %s" % answer)
        except (OSError, ValueError):
            self.close()
            return acknowledged, False
        return acknowledged, True
