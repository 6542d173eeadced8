"""Runs servers, feeds and what stands behind them, and reads the last one's lines with the time of every read."""

import contextlib
import gc
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

from latency_session import FEEDS, HERE, QUIET, tool


class Server:
    """`latency_server.py` with a session that is prepared."""

    def __init__(self, session, rate, folder, settle):
        self.session, self.log = session, session.path("log")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.log)
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "latency_server.py"), session.path("session"), os.path.join(folder, "server.pem"),
             os.path.join(folder, "key.pem"), self.log, "--rate", str(rate), "--settle", str(settle)], stdout=subprocess.PIPE)
        self.ready = json.loads(self.process.stdout.readline())

    def written(self):
        """By frame: when it was written and how late that was, in nanoseconds."""
        with open(self.log, encoding="ascii") as file:
            return {int(number): (int(stamp), int(late)) for number, stamp, late in map(str.split, file)}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


def certify(folder):
    """A certificate for localhost; its key is the one with which Kalshi's feed signs, too."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "server.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"], cwd=folder, check=True, capture_output=True)
    os.chmod(os.path.join(folder, "key.pem"), 0o600)


def feed(server, folder):
    """The command of the feed for a server's venue."""
    session, ready = server.session, server.ready
    urls = ["--rest-url", ready["rest"]] if session.venue == "kalshi" else ["--clob-url", ready["rest"], "--gamma-url", ready["rest"]]
    return [tool(FEEDS[session.venue]), "--ws-url", ready["ws"], *urls, "--ca-file", os.path.join(folder, "server.pem"), *session.options, "--checkpoint",
            "0", *QUIET, *session.markets]


def environment(folder):
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("MKT_", "PM_FEED_", "POLYMARKET_", "KALSHI_"))}
    return plain | {"KALSHI_API_KEY_ID": "benchmark", "KALSHI_PRIVATE_KEY_FILE": os.path.join(folder, "key.pem")}


class Chain:
    """Programs behind one another; `run` gives every read of the last one's output with its time."""

    def __init__(self, folder, servers, stages, are_joined_by_fifos=False):
        """`stages` are commands, each of which reads what the one before it writes; several feeds write into a FIFO each."""
        self.processes, self.servers = [], servers
        env = environment(folder)
        last = None
        for server in servers:
            target = subprocess.PIPE
            if are_joined_by_fifos:
                # Both ends, so that neither side waits for the other; closed once the stages have opened theirs.
                target = os.open(server.session.path("fifo"), os.O_RDWR)
            last = subprocess.Popen(feed(server, folder), stdin=subprocess.DEVNULL, stdout=target, env=env)
            self.processes.append(last)
            if are_joined_by_fifos:
                os.close(target)
                last = None
        for command in stages:
            source = last.stdout if last else subprocess.DEVNULL
            process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, env=env)
            if last:
                source.close()
            last = process
            self.processes.append(last)
        self.output = last.stdout
        self.spent = []

    def run(self):
        """Reads to the end. The feeds are stopped when their servers are done, and the stages end behind them."""
        threading.Thread(target=self.stop, daemon=True).start()
        reads, descriptor = [], self.output.fileno()
        gc.disable()
        while data := os.read(descriptor, 1 << 20):
            reads.append((time.time_ns(), data))
        gc.enable()
        self.output.close()
        for process in self.processes:
            process.wait(20)
        return reads

    def stop(self):
        """Notes what each process spends from the first paced frame to the end, then stops the feeds."""
        told = []
        for _ in ("begins", "done"):
            for server in self.servers:
                server.process.stdout.readline()
            told.append([scheduled(process.pid) for process in (*(server.process for server in self.servers), *self.processes)])
        self.spent = [(after[0] - before[0], after[1] - before[1]) for before, after in zip(*told)]
        for process in self.processes[:len(self.servers)]:
            process.send_signal(signal.SIGTERM)


def scheduled(pid):
    """Seconds that a process ran, and that it waited for a processor though it could have run (all its threads)."""
    ran = waited = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
            told = file.read().split()
            ran, waited = ran + int(told[0]), waited + int(told[1])
    return ran / 1e9, waited / 1e9


def split(reads):
    """Whole lines, and the time of the read that brought each one's end."""
    lines, stamps, rest = [], [], b""
    for stamp, data in reads:
        *whole, rest = (rest + data).split(b"\n")
        lines += whole
        stamps += [stamp] * len(whole)
    return lines, stamps


def receive(server, folder):
    """The peer: this program reads the socket itself, with nothing between. Gives every read's time and the bytes so far."""
    tls = ssl.create_default_context(cafile=os.path.join(folder, "server.pem"))
    port = int(server.ready["ws"].rsplit(":", 1)[1].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as plain, tls.wrap_socket(plain, server_hostname="localhost") as sock:
        sock.sendall(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(1)
        sock.sendall(b"\x81\x82\0\0\0\0{}")
        ending = lambda: (server.process.stdout.readline(), server.process.stdout.readline(), sock.shutdown(socket.SHUT_RDWR))
        threading.Thread(target=ending, daemon=True).start()
        reads, count = [], 0
        gc.disable()
        with contextlib.suppress(OSError):
            while data := sock.recv(1 << 16):
                count += len(data)
                reads.append((time.time_ns(), count))
        gc.enable()
    return reads
