"""Every query of docs/queries.md, pasted into sqlite3 and psql over seeded streams, against an independent computation over the same lines."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

import query_model as model
import query_streams as streams
from postgres_server import PostgresServer
from support import ENVIRONMENT, KALSHI_SAMPLE, PM_SAMPLE, ROOT, TIMEOUT, run

SEEDS = (1, 2, 3)
START = streams.START_US
LINES = 1800
HOLD, SILENT, HOUR = 9_000_000, 6_000_000, 3_600_000_000


def literal(value):
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


LINKS = ("CREATE TABLE market_links (left_venue TEXT NOT NULL, left_instrument TEXT NOT NULL, right_venue TEXT NOT NULL, right_instrument TEXT NOT NULL, relation TEXT NOT NULL,"
         " confidence TEXT NOT NULL, status TEXT NOT NULL);\n" + "\n".join(f"INSERT INTO market_links VALUES ({', '.join(map(literal, link))});" for link in streams.LINKS) + "\n")
ASKED = re.compile(r"asked\(([^)]*)\) AS NOT MATERIALIZED \(\s*VALUES \(([^)]*)\)\s*\)")
MARK = "-- next --"


def page():
    """The blocks of SQL by their headings, without the blocks that are told apart by their database."""
    with open(os.path.join(ROOT, "docs", "queries.md"), encoding="utf-8") as file:
        text = file.read()
    blocks = {}
    for part in re.split(r"^#+ ", text, flags=re.MULTILINE):
        for count, block in enumerate(re.findall(r"```sql\n(.*?)```", part, re.DOTALL)):
            blocks[part.split("\n")[0] + (f" {count}" if count else "")] = block
    return blocks


BLOCKS = page()
VIEWS = {"sqlite": BLOCKS.pop("Once a session"), "postgres": BLOCKS.pop("Once a session 1")}


def ask(name, *values):
    """A query with other values in its first lines, as a person would change them."""
    found = ASKED.search(BLOCKS[name])
    assert found and len(found[1].split(",")) == len(values), (name, values)
    spelled = ", ".join(map(literal, values))
    return BLOCKS[name][:found.start(2)] + spelled + BLOCKS[name][found.end(2):]


def shown(rows):
    """Rows as both shells print them."""
    return ["|".join("" if cell is None else str(cell) for cell in row) for row in rows]


def questions(events):
    """Queries with values, and the rows they must give: `(name, SQL, rows)`."""
    times = sorted(int(event["recv_us"]) for event in events)
    first, last = times[0], times[-1] + 1
    middle, third = (first + last) // 2, first + (last - first) // 3
    names = [subject[1] for subjects in streams.SUBJECTS.values() for subject in subjects]
    for instrument in names:
        prints = sorted(int(event["recv_us"]) for event in events if event["type"] == "trade" and event["instrument"] == instrument)
        exact = (prints[len(prints) // 3], prints[-1])
        for begin, end, width in ((first, last, 60_000_000), (third, middle, 7_777_777), (first, last, 1), (first, last, HOUR), (*exact, 1_000_000)):
            yield "Candles", ask("Candles", instrument, begin, end, width), model.candles(events, instrument, begin, end, width)
        for begin, end, hold in ((first, last, HOLD), (third, last - 1_000_000, HOUR), (first, middle, 1_000_001), (first, last // 60_000_000 * 60_000_000, HOUR)):
            yield "Spread", ask("Spread", instrument, begin, end, hold), model.spread(events, instrument, begin, end, hold)
            for width in (60_000_000, 333_333):
                yield "Average spread", ask("Average spread", instrument, begin, end, hold, width), model.average_spread(events, instrument, begin, end, hold, width)
        lines = {}
        for event in events:
            if event["type"].startswith("book_") and event["instrument"] == instrument:
                lines.setdefault((event["feed"], int(event["recv_us"])), []).append(event["type"])
        # A snapshot behind a delta of the same moment.
        busy = [time for (_, time), types in lines.items() if "book_delta" in types[:-1] and types[-1] == "book_snapshot"]
        statuses = [int(event["recv_us"]) for event in events if event["type"] == "feed_status" and event["state"] in model.BREAKS]
        for at in (*range(first, last, (last - first) // 12), *statuses[::30], *(time + 1 for time in statuses[15::30]), *busy[:6], times[len(times) // 3], first - 1):
            yield "Book at a moment", ask("Book at a moment", instrument, at, HOUR), model.book(events, instrument, at, HOUR)
        yield "Book at a moment", ask("Book at a moment", instrument, middle, 4_000_000), model.book(events, instrument, middle, 4_000_000)
    for begin, end in ((first, last), (third, middle), (middle, middle)):
        yield "Volume by market", ask("Volume by market", begin, end), model.volume(events, begin, end)
        yield "Decisions and outcomes", ask("Decisions and outcomes", begin, end), model.outcomes(events, begin, end)
        for back, silent in ((HOUR, SILENT), (20_000_000, 300_000), (0, HOUR), (0, SILENT)):
            yield "Feed uptime", ask("Feed uptime", begin, end, back, silent), model.uptime(events, begin, end, back, silent)
        for feeds in (("pm", "kalshi"), ("kalshi2", "pm2")):
            for hold in (HOLD, HOUR):
                yield "Price difference between venues", ask("Price difference between venues", *feeds, begin, end, hold), model.difference(
                    events, streams.LINKS, feeds, begin, end, hold)


class QueryTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.server = PostgresServer()
        cls.addClassCleanup(cls.server.remove)
        cls.server.start()
        cls.lines = {seed: streams.stream(seed, LINES) for seed in SEEDS}

    def sqlite(self, seed):
        path = os.path.join(self.folder, f"{seed}.db")
        if not os.path.exists(path):
            done = run("mkt-sink", "--to", f"sqlite:{path}", stdin="\n".join(self.lines[seed]).encode() + b"\n")
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            self.assertNotIn(b"skipped", done.stderr)
            database = sqlite3.connect(path)
            database.executescript(LINKS)
            database.close()
        return path

    def pasted(self, path, text, *options):
        done = subprocess.run(["sqlite3", *options, path], input=text, capture_output=True, text=True, timeout=TIMEOUT, env=ENVIRONMENT, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def psql(self, database, text, user="owner"):
        done = subprocess.run(["psql", "-h", self.server.folder, "-U", user, "-d", database, "-qAt", "-v", "ON_ERROR_STOP=1"], input=text,
                              capture_output=True, text=True, timeout=TIMEOUT, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def postgres(self, name, lines):
        self.server.sql(f"CREATE DATABASE {name}")
        address = f"postgres://owner@/{name}?host={self.server.folder}"
        self.assertEqual(run("mkt-sink", "--init", "--to", address).returncode, 0)
        done = run("mkt-sink", "--to", address, stdin="\n".join(lines).encode() + b"\n")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.psql(name, LINKS)

    def compare(self, asked, outputs):
        counts = {}
        for (name, query, rows), output in zip(asked, outputs, strict=True):
            self.assertEqual(output, shown(rows), f"{name}\n{query}")
            counts[name] = counts.get(name, 0) + len(rows)
        self.assertEqual(set(counts), {name for name in BLOCKS if ASKED.search(BLOCKS[name])}, "every query of the page is asked")
        self.assertTrue(all(counts.values()), counts)

    def test_sqlite_modelAgrees(self):
        for seed, lines in self.lines.items():
            with self.subTest(seed=seed):
                asked = list(questions(model.stored(model.read(lines), by_id_alone=True)))
                database = sqlite3.connect(self.sqlite(seed))
                database.executescript(VIEWS["sqlite"])
                found = [database.execute(query).fetchall() for _, query, _ in asked]
                database.close()
                self.compare(asked, [shown(rows) for rows in found])
                self.assertFalse([cell for rows in found for row in rows for cell in row if isinstance(cell, float)])

    def test_sqliteShell_pastedAgrees(self):
        seed = SEEDS[0]
        asked = list(questions(model.stored(model.read(self.lines[seed]), by_id_alone=True)))
        output = self.pasted(self.sqlite(seed), VIEWS["sqlite"] + f"\n.print {MARK}\n".join(query for _, query, _ in asked))
        self.compare(asked, [part.splitlines() for part in output.replace(f"{MARK}\n", "\f").split("\f")])

    def test_postgres_modelAgrees(self):
        for seed, lines in self.lines.items():
            with self.subTest(seed=seed):
                self.postgres(f"s{seed}", lines)
                asked = list(questions(model.stored(model.read(lines), by_id_alone=False)))
                output = self.psql(f"s{seed}", VIEWS["postgres"] + f"\n\\echo {MARK}\n".join(query for _, query, _ in asked))
                self.compare(asked, [part.splitlines() for part in output.replace(f"{MARK}\n", "\f").split("\f")])

    def test_pageAsItStands_givesRowsOfTheDemo(self):
        """Nothing is changed in the text, and nobody may write: both databases give the same rows, and there are some."""
        events = run("pm-feed", "--quotes", "--replay", PM_SAMPLE).stdout + run("kalshi-feed", "--quotes", "--replay", KALSHI_SAMPLE).stdout
        lines = run("mkt-decide", "--pass-through", "--heartbeat", "0", "--rules", os.path.join(ROOT, "pipelines", "rules.toml"), stdin=events).stdout.decode().splitlines()
        path = os.path.join(self.folder, "demo.db")
        self.assertEqual(run("mkt-sink", "--to", f"sqlite:{path}", stdin="\n".join(lines).encode() + b"\n").returncode, 0)
        token = next(json.loads(line)["instrument"] for line in lines if '"label":"btc-above-84000-sep-25/Yes"' in line)
        link = LINKS.replace("'1001', 'kalshi', 'KXA'", f"'{token}', 'kalshi', 'KXBTC-26SEP2516-T84000'")
        self.postgres("demo", lines)
        self.psql("demo", "TRUNCATE market_links;" + link.split(";\n", 1)[1])
        self.psql("demo", "CREATE ROLE reader LOGIN IN ROLE mkt_reader; GRANT SELECT ON market_links TO mkt_reader;")
        self.pasted(path, link)
        for name, query in BLOCKS.items():
            with self.subTest(query=name):
                rows = self.pasted(path, VIEWS["sqlite"] + query, "-readonly")
                self.assertTrue(rows.strip())
                self.assertEqual(sorted(self.psql("demo", VIEWS["postgres"] + query, "reader").splitlines()), sorted(rows.splitlines()))

    def answers(self, name, lines, *queries):
        """What both databases say of a few lines, which is the same."""
        path = os.path.join(self.folder, f"{name}.db")
        self.assertEqual(run("mkt-sink", "--to", f"sqlite:{path}", stdin="\n".join(lines).encode() + b"\n").returncode, 0)
        self.postgres(name, lines)
        found = self.pasted(path, VIEWS["sqlite"] + f"\n.print {MARK}\n".join(queries))
        self.assertEqual(self.psql(name, VIEWS["postgres"] + f"\n\\echo {MARK}\n".join(queries)), found)
        return [part.splitlines() for part in found.replace(f"{MARK}\n", "\f").split("\f")]

    @staticmethod
    def book_lines(name, *lines):
        """Lines `(recv_us, seq, conn)` of a book, the first a snapshot; `(recv_us, conn, instruments)` with JSON for a list are gaps."""
        for count, (time, number, last) in enumerate(lines):
            head = f'{{"v":1,"type":"%s","feed":"{name}","venue":"polymarket",%s%s"recv_us":{START + time},%s}}'
            conn = number if isinstance(last, str) else last
            conn = f'"conn":{conn},' if conn else ""
            if isinstance(last, str):
                yield head % ("feed_status", "", conn, f'"state":"gap","instruments":{last}')
            else:
                levels = f'"seq":{number},"bids":[[0.5,{count + 1}]],"asks":[]' + ("" if count else ',"reason":"initial"')
                yield head % ("book_delta" if count else "book_snapshot", '"market":"m","instrument":"a\\"b",', conn, levels)

    def test_bookAtAMoment_isKnownOnlyWithoutAHole(self):
        cases = (
            ("follows", 1, (0, 500, 1), (1, 501, 1), (1, 502, 1)),
            ("late", 1, (5, 500, 1), (4, 499, 1), (5, 501, 1)),
            ("back", 0, (0, 500, 1), *((time, time + 1, 1) for time in range(1, 7))),
            ("twice", 0, (0, 1, 1), (1, 2, 1), (2, 2, 1), (3, 4, 1)),
            ("other", 0, (0, 1, 1), (1, 2, 2)),
            ("named", 0, (0, 1, 1), (2, 1, '["x","a\\"b"]')),
            ("bare", 0, (0, 1, 0), (2, 1, '["a\\"b"]')),
            ("others", 1, (0, 1, 1), (2, 1, '["a","b"]'), (2, 1, '[]'), (2, 2, '["a\\"b"]')),
            ("number", 0, (0, 1, 1), (2, 2, '["x",5]')),
            ("list", 0, (0, 1, 1), (2, 2, '[["a"]]')))
        lines = [line for name, _, *told in cases for line in self.book_lines(name, *told)]
        books, tops = self.answers("holes", lines, ask("Book at a moment", 'a"b', START + 9, HOUR), ask("Spread", 'a"b', START, START + 9, HOUR))
        books = {row.split("|")[0]: row.split("|")[2:] for row in books}
        self.assertEqual(len(books), len(cases))
        for name, known, *told in cases:
            with self.subTest(name):
                last = sum(isinstance(line[2], int) for line in told)
                self.assertEqual((books[name][0], books[name][2:]), (str(START + told[0][0]), [str(known), *(["bid", "500000", f"{last}000000"] if known else ["", "", ""])]))
        # A top ends with it too.
        untils = {name: START + (2 if name in ("named", "number", "list", "bare") else 9) for name, *_ in cases}
        self.assertEqual(tops, [f"{name}|{START + told[0][0]}|{untils[name]}|500000||" for name, _, *told in sorted(cases)])

    def test_feedUptime_isWhatIsKnown(self):
        beats = [(hour * HOUR, "heartbeat", None) for hour in range(-5, 24)]
        cases = (
            # first, last, live, down, silent, unknown, live_bp; times in hours behind the begin of the day that is asked for
            ("yesterday", (0, 23, 23, 0, 0, 0, "10000"), (-4, "live", 1)),
            ("before", (0, 23, 0, 0, 0, 23, ""), (-9, "live", 1)),
            ("found", (0, 23, 0, 15, 0, 8, "0"), (8, "disconnected", 1)),
            ("beside", (0, 23, 17, 3, 0, 3, "8500"), (3, "disconnected", 1), (6, "live", 2), (6, "connecting", 2)),
            ("unmet", (0, 23, 0, 14, 0, 9, "0"), (3, "disconnected", 1), (9, "stale", 2)),
            ("reader", (0, 23, 23, 0, 0, 0, "10000"), (-4, "live", 1), (5, "gap", None)),
            ("whole", (0, 23, 5, 18, 0, 0, "2173"), (-4, "live", 1), (5, "disconnected", None)),
            ("stopped", (0, 23, 5, 18, 0, 0, "2173"), (-4, "live", 1), (5, "stopped", None)),
            ("overlap", (0, 23, 23, 0, 0, 0, "10000"), (-3, "connecting", 2), (-3, "live", 2), (-3 + 1 / 3600, "connecting", 1), (2, "disconnected", 1)),
            ("again", (0, 23, 18, 5, 0, 0, "7826"), (-3, "connecting", 1), (-3, "connecting", 2), (-3, "live", 2), (4, "connecting", 2),
             (4 + 1 / 3600, "connecting", 1), (9, "live", 1)),
            ("bare", (0, 23, 0, 18, 0, 5, "0"), (5, "disconnected", None)),
            ("later", (0, 23, 14, 8, 0, 1, "6363"), (1, "disconnected", 1), (3, "stale", None), (9, "connecting", 2), (9, "live", 2)),
            ("twice", (0, 23, 0, 23, 0, 0, "0"), (-3, "connecting", 1), (-3, "connecting", 2), (-3, "live", 2), (-3 + 1 / 3600, "connecting", 1)),
            ("renewed", (0, 23, 8, 15, 0, 0, "3478"), (-3, "live", 7), (8, "connecting", 1)))
        told = [(name, time, state, conn) for name, _, *words in cases for time, state, conn in (*beats, *((int(hour * HOUR), state, conn) for hour, state, conn in words))]
        lines = [f'{{"v":1,"type":"feed_status","feed":"{name}","venue":"polymarket",' + (f'"conn":{conn},' if conn else "") + f'"recv_us":{START + time},"state":"{state}"}}'
                 for name, time, state, conn in told]
        wanted = {name: [START + first * HOUR, START + last * HOUR, *(span * HOUR for span in spans), share, "heartbeat"] for name, (first, last, *spans, share), *_ in cases}
        found, = self.answers("uptimes", lines, ask("Feed uptime", START, START + 24 * HOUR, 6 * HOUR, 2 * HOUR))
        self.assertEqual(found, ["|".join(map(str, (name, *row))) for name, row in sorted(wanted.items())])
        # A line before the asked time vouches for what it says as long as any other.
        lines = [f'{{"v":1,"type":"feed_status","feed":"f","venue":"polymarket","conn":1,"recv_us":{START + time},"state":"live"}}' for time in (-7, 10)]
        self.assertEqual(self.answers("vouched", lines, ask("Feed uptime", START, START + 20, 7, 12), ask("Feed uptime", START, START + 10, 7, 12)),
                         [[f"f|{START}|{START + 10}|5|0|5|0|5000|live"], []])

    def test_decisions_paysWhatWasMeant(self):
        head = '"feed":"f","venue":"polymarket",'
        subject = '"market":"m","instrument":"i",'
        lines = [
            f'{{"v":1,"type":"instrument",{head}{subject}"recv_us":{START - 5},"outcome":"Up"}}',
            f'{{"v":1,"type":"instrument",{head}{subject}"recv_us":{START + 6},"outcome":"Higher"}}',
            f'{{"v":1,"type":"resolution",{head}{subject}"recv_us":{START + 9},"settlement_price":1}}',
        ]
        spelled = ("3", '"3"', '"3.0000000"', '"0.50"', "0.000001", "5e-1", '"9223372036854.775807"',
                   "null", '""', '"."', '"3."', '".5"', '"x"', '"1.0000001"', '"-1"', '"1 "', '"9223372036854.775808"', '"10000000000000"')
        for number, size in enumerate(spelled):
            lines.append(self.decision(number, START + number, "Up" if number < 6 else "Higher", size))
        lines += [self.decision(18, START + 18, "Down", "1"), self.decision(19, START - 6, "Up", "1")]
        rows = [row.split("|") for row in self.answers("legs", lines, ask("Decisions and outcomes", START - 6, START + 99))[0]]
        realized = {row[3]: row[10] for row in rows}
        self.assertEqual([realized[f"d{number}"] for number in range(20)], [
            "2000000", "2000000", "2000000", "-500000", "-999999", "-500000", "9223372036853775807", *[""] * 11, "-1000000", ""])
        self.assertEqual([row[3] for row in rows if row[5] == "1"], ["d19"])

    @staticmethod
    def decision(number, time, outcome, size):
        return (f'{{"v":1,"type":"decision","feed":"mkt-decide","venue":"polymarket","recv_us":{time},"rule":"r{number}","action":"trade","id":"d{number}",'
                f'"legs":[{{"venue":"polymarket","market":"m","instrument":"i","outcome":"{outcome}","side":"buy","size":{size}}}],'
                '"cost":1,"payout":3,"fees":0,"profit":2,"because":[],"rules":"ab"}')

    def test_sumsBeyond64Bits_areErrorsOrExact(self):
        trade = ('{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"KXBTC-26SEP2516-T84000","recv_us":1790267100000000,'
                 '"price":1,"size":9223372036854.775807,"aggressor_side":"buy","tx":"%d"}')
        path = os.path.join(self.folder, "much.db")
        for count in (1, 2):
            lines = [trade % number for number in range(count)]
            self.assertEqual(run("mkt-sink", "--to", f"sqlite:{path}", stdin="\n".join(lines).encode() + b"\n").returncode, 0)
            self.postgres(f"much{count}", lines)
            shares = str(count * 9_223_372_036_854_775_807)
            self.assertIn(f"|{shares}|", self.psql(f"much{count}", VIEWS["postgres"] + BLOCKS["Candles"]))
            for name in ("Candles", "Volume by market"):
                if count == 1:
                    self.assertIn(f"|{shares}|", self.pasted(path, VIEWS["sqlite"] + BLOCKS[name]))
                else:
                    with self.assertRaisesRegex(AssertionError, "integer overflow"):
                        self.pasted(path, VIEWS["sqlite"] + BLOCKS[name])
        with self.assertRaisesRegex(AssertionError, "out of range"):
            self.psql("much2", VIEWS["postgres"] + BLOCKS["Volume by market"])

    BIG = "trades|quotes|book_snapshots|book_deltas|feed_statuses|decisions"

    def test_sqlite_walksNoTableOfEvents(self):
        """But for the volume of all markets, every query seeks its instrument or its time."""
        database = sqlite3.connect(self.sqlite(SEEDS[0]))
        database.executescript(VIEWS["sqlite"])
        tables = dict(database.execute("SELECT rootpage, tbl_name FROM sqlite_master WHERE rootpage > 0"))
        for name in [name for name in BLOCKS if ASKED.search(BLOCKS[name])]:
            opened, walked = {}, []
            for _, code, cursor, page, place, _, _, _ in database.execute("EXPLAIN " + BLOCKS[name]):
                if code == "OpenRead" and place == 0:
                    opened[cursor] = tables.get(page, "")
                elif code in ("Rewind", "Last"):
                    walked.append(opened.get(cursor, ""))
            self.assertTrue(opened)
            self.assertEqual([table for table in walked if re.fullmatch(self.BIG, table)], ["trades"] if name == "Volume by market" else [], name)
        database.close()

    def test_postgres_readsTheDaysThatAreAsked(self):
        self.postgres("days", self.lines[SEEDS[0]])
        self.assertGreater(int(self.psql("days", "SELECT count(*) FROM pg_inherits WHERE inhparent = 'trades'::regclass")), 5)
        for name in [name for name in BLOCKS if ASKED.search(BLOCKS[name])]:
            with self.subTest(query=name):
                plan = self.psql("days", VIEWS["postgres"] + "SET enable_seqscan = off; EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + ask(name, *self.of_the_stream(name)))
                read = [line for line in plan.splitlines() if "never executed" not in line and re.search(rf" on (?:{self.BIG})_\d", line)]
                self.assertTrue(read, plan)
                self.assertEqual([line for line in read if not re.search(rf" on (?:{self.BIG})_2026092[34]\w*", line)], [])
                if name != "Volume by market":
                    self.assertEqual([line for line in read if re.search(" Seq Scan on ", line)], [])

    @staticmethod
    def of_the_stream(name):
        """The values of the page, with an instrument of the streams."""
        values = [json.loads(value.replace("'", '"')) for value in ASKED.search(BLOCKS[name])[2].split(", ")]
        return ["KXA" if value == "KXBTC-26SEP2516-T84000" else value for value in values]


if __name__ == "__main__":
    unittest.main()
