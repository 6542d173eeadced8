"""What tests of the spool share: a sink under way that is fed beside the test, both databases, streams whose lines have numbers."""

import array
import contextlib
import fcntl
import glob
import json
import os
import re
import select
import signal
import sqlite3
import subprocess
import termios
import threading
import time
from decimal import Decimal

import postgres_sink_test as postgres
import sink_events as events
import spool_model as model
from postgres_server import PostgresServer
from sink_test import BIN, ENVIRONMENT, SinkCase, joined

SECONDS = 60
TRADE = ('{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i%d","conn":1,"recv_us":%d,"venue_us":%d,"price":0.5,"size":12,'
         '"aggressor_side":"buy"}')


def trades(begin, end):
    """Trades with a number each, in `venue_us`."""
    return [TRADE % (number % 7, events.START_US + number, number) for number in range(begin, end)]


def numbered(seed, count):
    """Lines of every type, each with its number in `venue_us`, no two of which are one event."""
    lines = []
    for number, line in enumerate(events.stream(seed, count)):
        event = events.parse(line)
        if event["type"].startswith("book"):
            event["seq"] = Decimal(number + 1)
        if event["type"] == "decision":
            event["id"] = f"d{number}"
        if event.get("trade_id") is not None:
            event["trade_id"] = f"t{number}"
        keys = [key for key in events.ENVELOPE if key in event or key == "venue_us"] + [key for key in event if key not in events.ENVELOPE]
        event["venue_us"] = Decimal(number)
        lines.append(events.spell({key: event[key] for key in keys}))
    return lines


def number_in(line):
    """The number of a line of `trades` or `numbered`."""
    return json.loads(line)["venue_us"]


class Server(PostgresServer):
    """A server that can be taken away in several ways, and is given back once only."""

    def __init__(self):
        super().__init__()
        self.away = True

    def start(self):
        if self.away:
            super().start()
            self.away = False

    def kill(self):
        self.away = True
        super().kill()

    def murder(self):
        """SIGKILL to all its processes at once."""
        every = self.freeze(signal.SIGKILL)
        self.away = True
        end = time.monotonic() + SECONDS
        while any(map(self.lives, every)):
            assert time.monotonic() < end, "the server does not die"
            select.select([], [], [], 0.005)
        # Where nobody reaps it, the dead one keeps its number, which its successor would take for a server that runs.
        for path in (os.path.join(self.data, "postmaster.pid"), *glob.glob(os.path.join(self.folder, ".s.PGSQL.*.lock"))):
            os.remove(path)

    @staticmethod
    def lives(process):
        try:
            with open(f"/proc/{process}/stat", encoding="utf-8") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False


class Sink:
    """A mkt-sink on a pipe of the test's own, which keeps what the sink has not taken."""

    def __init__(self, case, *arguments, environment=None, **more):
        self.case, self.fed, self.waiting, self.over, self.out, self.pace = case, 0, [], False, bytearray(), None
        self.taken_from, into = os.pipe()
        os.set_blocking(into, False)
        self.into = into
        self.words = case.path(f"stderr{len(os.listdir(case.dir))}-{time.monotonic_ns()}")
        with open(self.words, "wb") as words:
            self.process = subprocess.Popen(
                [BIN, *map(str, arguments)], stdin=self.taken_from, stdout=subprocess.PIPE, stderr=words, cwd=case.dir, env=ENVIRONMENT | (environment or {}), **more)
        self.ready = threading.Condition()
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._give, self._hear)]
        for thread in self.threads:
            thread.start()
        case.addCleanup(self.end)

    def _give(self):
        while True:
            with self.ready:
                self.ready.wait_for(lambda: self.waiting or self.over)
                if not self.waiting:
                    break
                view = memoryview(self.waiting.pop(0))
            while view and self.process.poll() is None:
                if select.select([], [self.into], [], 0.05)[1]:
                    with contextlib.suppress(BlockingIOError):
                        count = os.write(self.into, view[:self.pace or 1 << 16])
                        self.fed += count
                        view = view[count:]
                        if self.pace:
                            select.select([], [], [], 0.002)
        os.close(self.into)

    def _hear(self):
        with self.process.stdout as out:
            while data := os.read(out.fileno(), 1 << 16):
                self.out += data

    def feed(self, lines, close=False):
        """Gives lines, or bytes, beside the test."""
        with self.ready:
            self.waiting.append(lines if isinstance(lines, bytes) else joined(lines))
            self.over = self.over or close
            self.ready.notify()
        return self

    def close(self):
        with self.ready:
            self.over = True
            self.ready.notify()
        return self

    @property
    def taken(self):
        """How many bytes have gone into the program."""
        unread = array.array("i", [0])
        before = self.fed
        fcntl.ioctl(self.taken_from, termios.FIONREAD, unread)
        return before - unread[0]

    def lines_out(self):
        """Lines on standard output that are not the sink's own."""
        return events_of(bytes(self.out))

    def statuses(self):
        """Counters of each stage_status on standard output."""
        whole = bytes(self.out).split(b"\n")[:-1]
        return [json.loads(line)["counters"] for line in whole if b'"type":"stage_status"' in line and b'"feed":"mkt-sink"' in line]

    def said(self):
        with open(self.words, encoding="utf-8", errors="replace") as words:
            return words.read()

    def warnings(self, about=""):
        return [line for line in self.said().splitlines() if line.startswith("mkt-sink: warning:") and re.search(about, line)]

    def until(self, condition, what, seconds=SECONDS):
        end = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None:
                if condition():
                    return
                self.case.fail(f"ended with {self.process.returncode} before {what}: {self.said()}")
            self.case.assertLess(time.monotonic(), end, f"waited in vain for {what}: {self.said()}")
            select.select([], [], [], 0.01)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, status=0, seconds=SECONDS):
        """Waits for the end; gives what was said."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.case.fail(f"does not end: {self.said()}")
        self.threads[1].join()
        self.case.assertEqual(self.process.returncode, status, self.said())
        return self.said()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.close()

    def end(self):
        if self.process.poll() is None:
            self.kill()
        self.close()
        for thread in self.threads:
            thread.join()
        if self.taken_from is not None:
            os.close(self.taken_from)
            self.taken_from = None

    def untaken(self):
        """What is left in the pipe after the end, as bytes."""
        self.close()
        self.threads[0].join()
        os.set_blocking(self.taken_from, False)
        found = b""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.taken_from, 1 << 16):
                found += data
        return found


def events_of(data):
    return b"".join(line for line in data.splitlines(True) if b'"feed":"mkt-sink"' not in line)


class SpoolCase(SinkCase):
    """Tests with a spool and SQLite."""

    lite = "sqlite:mkt.db"

    def setUp(self):
        super().setUp()
        self.spool = self.path("spool")

    def sink(self, *arguments, **more):
        return Sink(self, "--spool", "spool", *arguments, **more)

    def finish(self, *arguments, status=0):
        """The run after: its own input is empty. Gives what it said."""
        with open("/dev/null", "rb") as nothing:
            done = subprocess.run([BIN, "--spool", "spool", *arguments], stdin=nothing, capture_output=True, cwd=self.dir, env=ENVIRONMENT, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done.stderr.decode()

    def metrics(self, name="metrics"):
        try:
            with open(self.path(name), encoding="utf-8") as file:
                return {parts[1]: int(parts[2]) for parts in re.finditer(r"^mktpipe_(\w+?)(?:_total)?\{[^}]*\} (\d+)$", file.read(), re.MULTILINE)}
        except FileNotFoundError:
            return {}

    def log(self):
        """Whole lines of the log, quickly."""
        return model.raw_lines(self.spool)

    def log_bytes(self):
        total = 0
        for path in model.files(self.spool):
            with contextlib.suppress(FileNotFoundError):
                total += os.path.getsize(path)
        return total

    def check_empty(self, *but):
        """The spool has nothing left."""
        self.assertEqual(model.left(self.spool), sorted(but))

    def rejected(self, folder=None):
        path = os.path.join(folder or self.spool, model.REJECTED)
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            found = [json.loads(line) for line in file]
        for each in found:
            self.assertEqual(list(each), ["recv_us", "reason", "raw"])
        return found

    def lite_rows(self, query, name="mkt.db"):
        with contextlib.closing(sqlite3.connect(f"file:{self.path(name)}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query).fetchall()

    def rows(self, name="mkt.db"):
        return {table: sorted(self.lite_rows(f"SELECT * FROM v_{table}", name), key=repr) for table in events.COLUMNS}

    def numbers_query(self):
        return " UNION ALL ".join(f"SELECT venue_us FROM {table}" for table in events.COLUMNS)

    def lite_numbers(self, name="mkt.db"):
        try:
            return sorted(row[0] for row in self.lite_rows(self.numbers_query(), name))
        except sqlite3.OperationalError:
            return []

    def alter_lite(self, *statements, name="mkt.db"):
        self.run_sink("--init", "--to", f"sqlite:{name}")
        with contextlib.closing(sqlite3.connect(self.path(name), isolation_level=None)) as connection:
            for each in statements:
                connection.execute(each)

    def locked(self, name="mkt.db"):
        """A lock of another program on the SQLite file; it ends with the connection."""
        connection = sqlite3.connect(self.path(name), isolation_level=None, timeout=10)
        self.addCleanup(connection.close)
        connection.execute("BEGIN EXCLUSIVE")
        return connection

    def assert_rejected(self, lines, reason, folder=None):
        """Each of these lines was set aside once, byte for byte, and nothing else."""
        found = self.rejected(folder)
        self.assertEqual(sorted(each["raw"] for each in found), sorted(lines))
        for each in found:
            self.assertRegex(each["reason"], reason)


class PostgresSpoolCase(SpoolCase):
    """Tests with a spool, SQLite and a PostgreSQL server."""

    sql, views, row, check_postgres = postgres.PostgresSink.sql, postgres.PostgresSink.views, staticmethod(postgres.PostgresSink.row), postgres.PostgresSink.check
    address = postgres.PostgresSink.address

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.server.start()
        cls.server.sql("CREATE DATABASE made")
        subprocess.run([BIN, "--init", "--to", f"postgres://owner@/made?host={cls.server.folder}"], check=True, capture_output=True, env=ENVIRONMENT, timeout=60)

    def setUp(self):
        super().setUp()
        self.server.start()
        self.addCleanup(self.server.start)
        self.database = "d" + self.id().rsplit(".", 1)[1].lower()[-50:]
        self.server.sql(f"CREATE DATABASE {self.database} TEMPLATE made")
        self.url = self.address("owner")

    def numbers(self):
        """The numbers that PostgreSQL has, in one look."""
        return sorted(map(int, self.sql(self.numbers_query()).split()))

    def check_both(self, lines):
        self.check(lines)
        self.check_postgres(lines)

    def connected(self):
        return self.sql(f"SELECT 1 FROM pg_stat_activity WHERE application_name = 'mktpipe' AND datname = '{self.database}'") != ""

    def lock(self, table):
        """A lock of another client on a table; it ends with the process."""
        client = subprocess.Popen(["psql", "-h", self.server.folder, "-U", "owner", "-d", self.database, "-qAt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(lambda: (client.kill(), client.communicate()) if client.poll() is None else None)
        client.stdin.write(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n".encode())
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"locked\n")
        return client
