"""mkt-decide and the databases that it reads: PostgreSQL for real, SQLite; what changes, what dies, what must not be seen."""

import json
import os
import re
import selectors
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

from postgres_server import PostgresServer
from support import ENVIRONMENT, ROOT, run, tool

DEADLINE = 30.0
RULES = """
[rules.late]
strategy = "stale_quote"
parameters = "database"
window = "10s"
min_move = 0.05
lag = "2s"

[rules.odd]
strategy = "anomaly"
window = "24h"
min_z = 3
min_count = 3

[rules.fair]
strategy = "threshold"
reference = "fair"
above = 0.05

[rules.wide]
strategy = "spread"
parameters = "database"
min_spread = 0.5
"""
ROWS = """
INSERT INTO market_links VALUES ('polymarket', '74', 'kalshi', 'KX', 'same', '0.98', 'approved');
INSERT INTO strategy_parameters VALUES ('late', 'lag', '3s');
INSERT INTO reference_values VALUES ('polymarket', '74', 'fair', '0.5');
INSERT INTO market_history VALUES ('polymarket', '74', 1, '0.40'), ('polymarket', '74', 2, '0.42'), ('polymarket', '74', 3, '0.41');
"""


def ddl(language):
    """The statements of the page, as it prints them: PostgreSQL's come first."""
    with open(os.path.join(ROOT, "docs", "reference.md"), encoding="utf-8") as file:
        blocks = re.findall(r"```sql\n(.*?)```", file.read(), flags=re.S)
    tables = [block for block in blocks if "CREATE TABLE" in block]
    assert len(tables) == 2, len(tables)
    notify = [block for block in blocks if "TRIGGER" in block and "CREATE TABLE" not in block]
    return tables[0] + "".join(notify) if language == "postgres" else tables[1]


def book(instrument, seq, bid, ask, at):
    feed, venue = ("pm", "polymarket") if instrument == "74" else ("kalshi", "kalshi")
    return json.dumps({"v": 1, "type": "book_snapshot", "feed": feed, "venue": venue, "market": "0x", "instrument": instrument, "conn": 1, "seq": seq,
                       "recv_us": at, "bids": [[bid, 10]], "asks": [[ask, 10]], "reason": "refresh"}, separators=(",", ":")) + "\n"


def trade(price, at):
    return json.dumps({"v": 1, "type": "trade", "feed": "pm", "venue": "polymarket", "market": "0x", "instrument": "74", "conn": 1, "recv_us": at,
                       "price": price, "size": 1, "aggressor_side": "buy"}, separators=(",", ":")) + "\n"


STATUS = (json.dumps({"v": 1, "type": "stage_status", "feed": "mkt-merge", "venue": "mktpipe", "recv_us": 1790000000000000, "stage": "mkt-merge",
                      "state": "heartbeat", "counters": {}}, separators=(",", ":")) + "\n").encode()
STREAM = [book("74", 1, 0.40, 0.42, 0), book("KX", 1, 0.40, 0.42, 0), book("74", 2, 0.46, 0.48, 12_000_000), trade(0.5, 12_500_000), trade(0.56, 20_000_000)]
NOTES = {"odd": "mid 0.47 is 6 >= 3 deviations from 0.41 (3 prices of 1d)", "fair": "trade 0.56 >= 0.55 (before 0.5)",
         "late": "polymarket 74 moved 0.06 >= 0.05 (0.41 to 0.47) and kalshi KX stood still for 3s: buy 10 at 0.42"}


def notes(output):
    return {event["rule"]: event["note"] for event in map(json.loads, output.splitlines()) if event["type"] == "decision"}


class Live:
    """mkt-decide at the end of a pipe that stays open."""

    def __init__(self, folder, url, *arguments):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([tool("mkt-decide"), "--rules", os.path.join(folder, "rules.toml"), "--heartbeat", "0", "--line-buffered",
                                         "--pass-through", *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=ENVIRONMENT | {"MKT_DB": url})
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.seq, self.at, self.buffer, self.everything = 0, 0, b"", []

    def send(self, spread=0.02):
        """A book line; gives what came of it, its own copy included, and how long that took."""
        self.seq, self.at = self.seq + 1, self.at + 1000
        line = book("KX", self.seq, 0.4, round(0.4 + spread, 6), self.at).encode()
        # As mkt-merge tells of itself: by the real clock, between the lines.
        line = STATUS + line
        # What comes of a line stands behind it, so a second one tells that all is here.
        mark = trade(0.1, self.at + 1).encode()
        begin = time.monotonic()
        self.process.stdin.write(line + mark)
        self.process.stdin.flush()
        while mark not in self.buffer and time.monotonic() - begin < DEADLINE:
            if self.selector.select(1):
                self.buffer += os.read(self.process.stdout.fileno(), 1 << 20)
        assert mark in self.buffer
        took = time.monotonic() - begin
        lines = self.buffer.decode().splitlines(keepends=True)
        self.everything += lines
        lines = [each for each in lines if each not in (mark.decode(), STATUS.decode())]
        self.buffer = b""
        return [json.loads(line) for line in lines], took

    def until(self, what, condition):
        """Sends lines until one of what comes back is as it should be; gives that event and the longest wait for a line."""
        end, longest = time.monotonic() + DEADLINE, 0.0
        while time.monotonic() < end:
            events, took = self.send()
            longest = max(longest, took)
            for event in events:
                if condition(event):
                    return event, longest
            time.sleep(0.01)
        raise AssertionError(f"{what} did not come; {self.text()[-800:]}")

    def text(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def end(self):
        self.process.stdin.close()
        rest = self.process.stdout.read().decode()
        status = self.process.wait(DEADLINE)
        self.process.stdout.close()
        text = self.text()
        self.errors.close()
        return status, rest, text


class ReferenceTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer()
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.remove()

    def setUp(self):
        self.server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + ddl("postgres") + ROWS)
        self.folder = self.enterContext(tempfile.TemporaryDirectory()) if hasattr(self, "enterContext") else tempfile.mkdtemp()
        self.write("rules.toml", RULES)
        self.stream = "".join(STREAM).encode()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def decide(self, *arguments, stream=None, environment=None):
        return run("mkt-decide", "--rules", os.path.join(self.folder, "rules.toml"), "--heartbeat", "0", *arguments, stdin=stream or self.stream,
                   environment=environment or {})

    def test_bothDatabases_giveTheSameBytes_andTheStreamAloneDoesToo(self):
        path = os.path.join(self.folder, "r.db")
        with sqlite3.connect(path) as database:
            database.executescript(ddl("sqlite") + ROWS)
        sqlite = self.decide("--db", f"sqlite:{path}")
        postgres = self.decide("--db", self.server.url)
        self.assertEqual((sqlite.returncode, postgres.returncode), (0, 0), sqlite.stderr + postgres.stderr)
        self.assertEqual(sqlite.stdout, postgres.stdout)
        self.assertEqual(notes(sqlite.stdout), NOTES)
        first = json.loads(sqlite.stdout.splitlines()[0])
        self.assertEqual((first["type"], first["lines"], first["recv_us"]), ("reference", 0, 0))
        for event in map(json.loads, sqlite.stdout.splitlines()[1:]):
            self.assertEqual(event["data"], first["data"])
        decisions = self.write("d.ndjson", sqlite.stdout.decode())
        self.assertEqual(self.decide("--verify", decisions).returncode, 0)
        self.write("d.ndjson", sqlite.stdout.decode().replace("3s: buy", "2s: buy"))
        self.assertEqual(self.decide("--verify", decisions).returncode, 65)
        through = self.decide("--db", f"sqlite:{path}", "--pass-through")
        again = self.decide("--db", "stream", stream=through.stdout)
        self.assertEqual(again.stdout, sqlite.stdout)

    def test_change_isALine_countsFromThere_andCanBeDecidedAgain(self):
        live = Live(self.folder, self.server.url)
        events, _ = live.send(spread=0.2)
        self.assertEqual([event["type"] for event in events], ["reference", "book_snapshot"])
        self.server.sql("INSERT INTO strategy_parameters VALUES ('wide', 'min_spread', '0.1')")
        change, _ = live.until("the change", lambda event: event["type"] == "reference")
        self.assertNotEqual((change["data"], change["rules"]), (events[0]["data"], events[0]["rules"]))
        told, _ = live.send(spread=0.2)
        self.assertEqual([event["note"] for event in told if event["type"] == "decision"], ["spread 0.2 >= 0.1 (bid 0.4, ask 0.6)"])
        # A value that cannot be right changes nothing.
        self.server.sql("UPDATE strategy_parameters SET value = 'much' WHERE rule = 'wide'")
        live.until("the warning", lambda event: "parameter 'min_spread' of rule 'wide' in the database" in live.text())
        status, rest, text = live.end()
        self.assertEqual(status, 0, text)
        self.assertNotIn("SELECT", text)
        self.assertEqual(rest.count('"type":"reference"'), 0)

    def test_liveRun_isDecidedAgainFromItsOwnLines(self):
        live = Live(self.folder, self.server.url)
        live.send()
        for number, width in enumerate((0.1, 0.3, 0.05)):
            self.server.sql(f"INSERT INTO strategy_parameters VALUES ('wide', 'min_spread', '{width}') ON CONFLICT (rule, key) DO UPDATE SET value = '{width}'")
            fresh = []
            while not any(event["type"] == "reference" for event in fresh):
                fresh = live.send(spread=0.2 + number / 100)[0]
            live.send(spread=0.04)
            live.send(spread=0.2)
        status, _, text = live.end()
        self.assertEqual(status, 0, text)
        decided = "".join(line for line in live.everything if json.loads(line)["type"] in ("decision", "reference"))
        inputs = "".join(line for line in live.everything if json.loads(line)["type"] in ("book_snapshot", "trade"))
        self.assertGreaterEqual(decided.count('"type":"reference"'), 4)
        self.assertGreaterEqual(decided.count('"type":"decision"'), 2)
        done = self.decide("--verify", self.write("live.ndjson", decided), stream=inputs.encode())
        self.assertEqual(done.returncode, 0, done.stderr)
        again = self.decide("--db", "stream", stream="".join(live.everything).encode())
        self.assertEqual(again.stdout.decode(), decided)

    def test_serverThatDies_doesNotHoldTheStream_andComesBack(self):
        live = Live(self.folder, self.server.url)
        live.send()
        self.server.kill()
        _, longest = live.until("the warning", lambda event: "warning" in live.text())
        # The stream does not wait for a database. 10 ms are asked; a loaded machine may be slow by itself.
        self.assertLess(longest, 0.25)
        self.server.start()
        self.server.sql("INSERT INTO strategy_parameters VALUES ('wide', 'min_spread', '0.3')")
        change, longest = live.until("the change", lambda event: event["type"] == "reference")
        self.assertIn(["wide", "min_spread", "0.3"], change["content"]["parameters"])
        self.assertLess(longest, 0.25)
        status, _, text = live.end()
        self.assertEqual(status, 0, text)

    def test_serverThatHangs_doesNotHoldTheStream(self):
        live = Live(self.folder, self.server.url)
        live.send()
        self.server.freeze(signal.SIGSTOP)
        try:
            # SIGHUP asks for a load, which now waits for its time to run out.
            live.process.send_signal(signal.SIGHUP)
            longest = max(live.send()[1] for _ in range(300))
            self.assertLess(longest, 0.25)
        finally:
            self.server.freeze(signal.SIGCONT)
        self.server.sql("INSERT INTO strategy_parameters VALUES ('wide', 'min_spread', '0.3')")
        live.until("the change", lambda event: event["type"] == "reference")
        self.assertEqual(live.end()[0], 0)

    def test_statusTellsTheAgeOfTheData(self):
        live = Live(self.folder, self.server.url, "--heartbeat", "100ms")
        event, _ = live.until("a heartbeat", lambda event: event["type"] == "stage_status" and event["feed"] == "mkt-decide")
        self.assertGreater(event["counters"]["reference_age_us"], 0)
        self.assertGreaterEqual(event["counters"]["reference_loads"], 1)
        self.assertEqual(event["counters"]["reference_failures"], 0)
        self.assertEqual(live.end()[0], 0)

    def test_links_comeAndGo(self):
        self.write("rules.toml", RULES + "\n[rules.xv]\nstrategy = \"arbitrage\"\nmin_edge = 0.01\nmax_size = 100\nmax_cost = 100\nmax_age = \"10s\"\n")
        self.server.sql("UPDATE market_links SET status = 'pending'")
        live = Live(self.folder, self.server.url)
        live.send()
        for word in ("approved", "rejected"):
            self.server.sql(f"UPDATE market_links SET status = '{word}'")
            change, _ = live.until("the link", lambda event: event["type"] == "reference")
            self.assertEqual(change["content"]["links"][0][-1], word)
        status, _, text = live.end()
        self.assertEqual(status, 0, text)

    def test_faults_haveTheirStatus_andNoSecretIsTold(self):
        secret = "hunter2secret"
        cases = [
            (["--db", f"postgres://owner:{secret}@localhost/postgres"], {}, 64, "PGPASSWORD"),
            (["--db", "mysql://x"], {}, 64, "postgres://"),
            (["--db", "postgres://127.0.0.1:1/x"], {}, 69, "check the address"),
            ([], {"MKT_DB": f"postgres://owner:{secret}@127.0.0.1:1/x"}, 69, "check the address"),
            (["--db", f"sqlite:{self.folder}/none.db"], {}, 66, "none.db"),
            ([], {}, 78, "give --db"),
        ]
        for arguments, environment, status, word in cases:
            done = self.decide(*arguments, environment=environment)
            self.assertEqual((done.returncode, done.stdout), (status, b""), done.stderr)
            self.assertIn(word, done.stderr.decode())
            self.assertNotIn(secret, done.stderr.decode())
        config = self.write("mkt.toml", f'db = "postgres://owner:{secret}@127.0.0.1:1/x"\n')
        for mode, status, word in ((0o644, 78, "chmod 600"), (0o600, 69, "check the address")):
            os.chmod(config, mode)
            done = self.decide("--config", config)
            self.assertEqual((done.returncode, done.stdout), (status, b""), done.stderr)
            self.assertIn(word, done.stderr.decode())
            shown = self.decide("--config", config, "--print-config")
            self.assertNotIn(secret, (done.stderr + shown.stderr + shown.stdout).decode())
        self.server.sql("DROP TABLE reference_values")
        done = self.decide("--db", self.server.url)
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertNotIn("SELECT", done.stderr.decode())
        self.write("rules.toml", RULES.replace('parameters = "database"\nmin', 'parameters = "db"\nmin'))
        self.assertEqual(self.decide("--db", self.server.url).returncode, 78)

    def test_settingsFile_saysOtherStatements(self):
        self.server.sql("ALTER TABLE reference_values RENAME TO mine")
        config = self.write("mkt.toml", "[database.queries]\nvalues = \"SELECT venue, instrument, name, value FROM mine\"\n")
        done = self.decide("--db", self.server.url, "--config", config)
        self.assertEqual((done.returncode, notes(done.stdout)), (0, NOTES), done.stderr)
        self.write("mkt.toml", "[database.queries]\nvalue = \"SELECT 1\"\n")
        done = self.decide("--db", self.server.url, "--config", config)
        self.assertEqual(done.returncode, 78)
        self.assertIn("did you mean 'values'?", done.stderr.decode())

    def test_check_tellsRulesLinksAndData(self):
        done = self.decide("--db", self.server.url, "--check")
        self.assertEqual(done.returncode, 0, done.stderr)
        for text in ("stands still for 3s", "polymarket 74 same as kalshi KX", "reference data: 1 parameters, 1 values, 1 histories, 1 links, version"):
            self.assertIn(text, done.stdout.decode())


if __name__ == "__main__":
    unittest.main()
