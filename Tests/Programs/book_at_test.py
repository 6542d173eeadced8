"""mkt-sink --book-at as a whole program: the books of any moment, from each kind of target, against a model that reads every line.

Nothing waits for a fixed time: tests wait on conditions.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time as clock
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import book_model as model  # noqa: E402
import sink_events as events  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from segment_faults import HANGS, HangingProgram, build_shim, disturbed  # noqa: E402
from sink_test import BIN, ENVIRONMENT, SinkCase, joined  # noqa: E402
from support import oracle, run  # noqa: E402

SEEDS = range(1, int(os.environ.get("MKT_BOOK_SEEDS", "3")) + 1)
LINES = 1500
HOUR = 3_600_000_000
DAY = pathlib.Path("archive/2026/09/24")
START = model.START_US


def book(kind, seq, received, bids=(), asks=(), conn=1, feed="pm", instrument="77", **more):
    event = {"v": 1, "type": f"book_{kind}", "feed": feed, "venue": "polymarket", "market": "0xm", "instrument": instrument, "conn": conn, "seq": seq,
             "recv_us": received, "bids": [*bids], "asks": [*asks], **({"reason": "initial"} if kind == "snapshot" else {}), **more}
    return json.dumps(event, separators=(",", ":"))


def status(state, received, feed="pm", **more):
    return json.dumps({"v": 1, "type": "feed_status", "feed": feed, "venue": "polymarket", **({"conn": more.pop("conn")} if "conn" in more else {}),
                       "recv_us": received, "state": state, **more}, separators=(",", ":"))


def content(folder):
    """Every file below a folder: its bytes, and when it was changed."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            file = os.path.join(path, name)
            with open(file, "rb") as data:
                found[file] = data.read(), os.stat(file).st_mtime_ns
    return found


class BookAtCase(SinkCase):
    def ask(self, target, time, names, *arguments, status=None, environment=None):
        """Exit status, lines of standard output and of standard error."""
        done = subprocess.run([BIN, "--book-at", str(time), "--market", ",".join(names), "--to", target, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                              cwd=self.dir, env=ENVIRONMENT | (environment or {}), timeout=120, check=False)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode().splitlines()

    def check(self, target, lines, time, names, back=None):
        books = model.books_at(lines, time, names, back)
        out, unknown = model.expected(books, time)
        arguments = [] if back is None else ["--book-back", f"{back}us" if back % 1_000_000 else f"{back // 1_000_000}s"]
        code, stdout, stderr = self.ask(target, time, names, *arguments)
        self.assertEqual(stdout, out, (target, time, names, stderr))
        self.assertEqual([line for line in stderr if "is unknown at" in line], unknown, (target, time, names))
        met = {name for _, _, instrument in books for name in names if name in (instrument, self.markets.get(instrument))}
        self.assertEqual(code, 65 if unknown else 66 if set(names) - met or not books else 0, (target, time, names, stderr))

    def store(self, lines, *targets, **more):
        self.run_sink(*(word for target in targets for word in ("--to", target)), "--log-level", "error", *more.get("arguments", ()), data=joined(lines))


class BooksOfStreams(BookAtCase):
    """All kinds of targets against the model."""

    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer()
        cls.addClassCleanup(cls.server.remove)
        cls.server.start()

    def postgres(self, name, *arguments):
        self.server.sql(f"CREATE DATABASE {name}")
        url = f"postgres://owner@/{name}?host={self.server.folder}"
        self.run_sink("--init", "--to", url, *arguments)
        return url

    def sql(self, database, text, user="owner"):
        done = subprocess.run(["psql", "-h", self.server.folder, "-U", user, "-d", database, "-qAt", "-v", "ON_ERROR_STOP=1"], input=text.encode(),
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def function_rows(self, database, time, name, user="owner"):
        text = self.sql(database, "SELECT json_build_array(feed, venue, market, instrument, label, conn, seq, recv_us, side, \"position\", price::text, size::text, "
                        f"unknown, unknown_us) FROM mkt_book_at({time}, '{name}');", user)
        return sorted((json.loads(line) for line in text.split("\n") if line), key=repr)

    def test_everyTarget_saysWhatTheModelSays(self):
        for seed in SEEDS:
            lines, made = model.stream(seed, LINES)
            self.markets = {instrument: market for instrument, market, _ in made.instruments}
            files = [f"sqlite:s{seed}.db", f"ndjson:a{seed}", self.postgres(f"p{seed}", *(("--partition", "none") if seed % 2 else ()))]
            self.store(lines, *files, arguments=("--rotate", "6h", *(("--compress", "gzip -q") if seed % 2 else ())))
            before = self.files()
            for time, names in model.questions(made, lines, 25):
                with self.subTest(seed=seed, time=time, names=names):
                    for target in files:
                        self.check(target, lines, time, names)
                    for name in names:
                        self.assertEqual(self.function_rows(f"p{seed}", time, name), model.rows(model.books_at(lines, time, [name])))
            for time, names in model.questions(made, lines[::-1], 6):
                for target in files:
                    self.check(target, lines, time, names, back=7_200_000_000)
            # Not by assertEqual, which would print them.
            self.assertTrue(self.files() == before)

    def files(self):
        """Every file but those that SQLite has beside a database while it is open."""
        return {path: what for path, what in content(self.dir).items() if not path.endswith(("-shm", "-wal"))}

    def test_whatIsRare_isTheSame_ofTheFunctionAndTheTool(self):
        opened = book("snapshot", 1, START, [[0.5, 3]])
        self.markets = {"77": "0xm"}
        for number, (lines, time) in enumerate((
            ([status("gap", START), opened], START), ([opened, status("gap", START + 1), status("disconnected", START + 1)], START + 1),
            ([opened, book("delta", 3, START + 5), status("stale", START + 5)], START + 9), ([opened, book("delta", 3, START + 5), status("stale", START + 4)], START + 9),
            ([opened, book("delta", 1, START)], START), ([opened, book("snapshot", 2, START)], START), ([book("delta", 2, START), book("delta", 3, START + 1, feed="pm-2")], START + 9),
            ([opened, status("gap", START + 1, instruments=["78", 7], conn=9)], START + 2), ([opened, status("stopped", START + 1, instruments=[], conn=9)], START + 2),
            ([opened, status("gap", START + 1, instruments=["77"]).replace("polymarket", "kalshi")], START + 2), ([opened, status("gap", START + 1, instruments=["78"])], START + 2),
            ([opened, book("delta", 2, START + 1, [[0.5, 0]])], START + 2), ([book("snapshot", 9223372036854775807, START), book("delta", 1, START + 1)], START + 2),
            ([book("snapshot", 1, START, conn=2), book("delta", 2, START + 1, conn=1)], START + 2),
        )):
            with self.subTest(number=number):
                url = self.postgres(f"rare{number}", "--partition", "none")
                self.store(lines, url)
                self.check(url, lines, time, ["77"])
                self.assertEqual(self.function_rows(f"rare{number}", time, "77"), model.rows(model.books_at(lines, time, ["77"])))

    def test_theFunction_takesABreakForOneOfAll_whereItCannotReadTheList(self):
        url = self.postgres("zeros")
        self.store([book("snapshot", 1, START), status("gap", START + 1, instruments=["\0"])], url)
        self.assertEqual(self.sql("zeros", f"SELECT unknown FROM mkt_book_at({START + 1}, '77')"), "gap\n")
        self.ask(url, START + 1, ["77"], status=0)

    def test_theFunction_isForReaders_andComesToTablesOfVersionOne(self):
        url = self.postgres("older")
        lines = [book("snapshot", 1, START, [[0.5, 3]]), book("delta", 2, START + 5, [[0.5, 0]], [[0.6, 1.25]])]
        self.store(lines, url)
        self.sql("older", "DROP FUNCTION mkt_book_at(bigint, text, bigint); UPDATE mkt_meta SET value = 1 WHERE name = 'schema_version'; CREATE USER looker IN ROLE mkt_reader;")
        # What is there can be read as it is.
        _, out, _ = self.ask(url, START + 9, ["77"], status=0)
        self.run_sink("--init", "--to", url)
        self.assertEqual(self.sql("older", "SELECT value FROM mkt_meta WHERE name = 'schema_version'"), "2\n")
        rows = self.function_rows("older", START + 9, "0xm", user="looker")
        self.assertEqual(rows, model.rows(model.books_at(lines, START + 9, ["77"])))
        _, again, _ = self.ask(url.replace("owner@", "looker@"), START + 9, ["77"], status=0)
        self.assertEqual(again, out)
        self.assertEqual(json.loads(out[0])["asks"], [[0.6, 1.25]])

    def test_noTableOfBooks_isReadAsAWhole(self):
        url = self.postgres("plans")
        self.store([book("snapshot", 1, START, instrument=f"i{number}", market=f"0x{number}") for number in range(400)], url)
        self.sql("plans", f"SELECT mkt_make_partitions({START}, {START + 6_000_000_000});")
        # Rows for the planner: a snapshot a minute, and changes between.
        for table, count, more, values in (("book_snapshots", 100, ", reason", ", 'checkpoint'"), ("book_deltas", 400, "", "")):
            self.sql("plans", f"""
                INSERT INTO {table} (feed_id, venue_id, conn, recv_us, market_id, instrument_id, label_id, seq, bids, asks{more})
                SELECT s.feed_id, s.venue_id, 1, s.recv_us + n::bigint * {60_000_000 if more else 15_000_000}, s.market_id, s.instrument_id, 0, n + 1, '{{}}', '{{}}'{values}
                FROM (SELECT * FROM book_snapshots WHERE seq = 1) AS s, generate_series(1, {count}) AS n""")
        self.sql("plans", "ANALYZE")
        read = lambda: self.sql("plans", "SELECT sum(seq_tup_read) || ' ' || sum(idx_scan) FROM pg_stat_user_tables WHERE relname LIKE 'book\\_%'").split()  # noqa: E731
        for ask in (lambda: self.ask(url, START + 3_000_000_000, ["0x7"], status=65), lambda: self.function_rows("plans", START + 3_000_000_000, "0x7")):
            rows, scans = read()
            ask()
            self.wait_for(lambda scans=scans: read()[1] != scans, "what was read")
            self.assertEqual(read()[0], rows)

    def test_anotherSchema_andAnotherSearchPath(self):
        url = self.postgres("paths")
        self.store([book("snapshot", 1, START)], url)
        text = self.sql("paths", f"CREATE TEMP TABLE book_snapshots (x int); SET search_path = pg_catalog; SELECT count(*) FROM public.mkt_book_at({START}, '77') WHERE unknown IS NULL AND side IS NULL;")
        self.assertEqual(text, "1\n")

    def test_tablesThatAreNotThere_areTold(self):
        self.server.sql("CREATE DATABASE bare")
        _, _, stderr = self.ask(f"postgres://owner@/bare?host={self.server.folder}", START, ["77"], status=69)
        self.assertIn("--init", stderr[0])
        self.sql("bare", "CREATE USER nobody_here")
        self.run_sink("--init", "--to", f"postgres://owner@/bare?host={self.server.folder}")
        _, _, stderr = self.ask(f"postgres://nobody_here@/bare?host={self.server.folder}", START, ["77"], status=77)
        self.assertIn("mkt_reader", stderr[0])


class BooksOfFiles(BookAtCase):
    markets = {"77": "0xm", "78": "0xm"}

    def both(self, lines):
        self.store(lines, "sqlite:one.db", "ndjson:one")
        return "sqlite:one.db", "ndjson:one"

    def test_changesOfTheMomentCount_andThoseBehindItDoNot(self):
        lines = [book("snapshot", 1, START, [[0.5, 3], [0.4, 1]], [[0.6, 2]]), book("delta", 2, START + 5, [[0.5, 0]]), book("delta", 3, START + 5, [], [[0.6, 7.5]], verified=True),
                 book("delta", 4, START + 6, [[0.4, 0]])]
        for target in self.both(lines):
            for time, bids, asks, seq in ((START, [[0.5, 3], [0.4, 1]], [[0.6, 2]], 1), (START + 4, [[0.5, 3], [0.4, 1]], [[0.6, 2]], 1), (START + 5, [[0.4, 1]], [[0.6, 7.5]], 3),
                                          (START + 6, [], [[0.6, 7.5]], 4)):
                _, out, _ = self.ask(target, time, ["77"], status=0)
                found = json.loads(out[0])
                self.assertEqual([found[key] for key in ("bids", "asks", "seq", "reason", "recv_us")], [bids, asks, seq, "checkpoint", START + {1: 0, 3: 5, 4: 6}[seq]])
                self.assertEqual(found.get("verified"), True if seq == 3 else None)
            self.ask(target, START - 1, ["77"], status=66)

    def test_breaks_makeItUnknownUntilTheNextSnapshot(self):
        for state in model.BREAKS:
            with self.subTest(state=state):
                lines = [book("snapshot", 1, START), status(state, START + 5, conn=1), book("delta", 2, START + 7), book("snapshot", 3, START + 9), book("delta", 4, START + 10)]
                target = f"sqlite:{state}.db"
                self.store(lines, target)
                for time, code in ((START + 4, 0), (START + 5, 65), (START + 8, 65), (START + 9, 0), (START + 10, 0)):
                    _, out, stderr = self.ask(target, time, ["77"], status=code)
                    self.assertEqual(len(out), 0 if code else 1)
                    if code:
                        self.assertIn(f"its feed says {state}", stderr[0])

    def test_severalFeeds_areALineEach_andTheUnknownOnesAreTold(self):
        lines = [book("snapshot", 1, START, [[0.5, 1]]), book("snapshot", 1, START + 1, [[0.4, 1]], feed="pm-2"), book("snapshot", 9, START + 2, feed="pm-3"), status("gap", START + 3, feed="pm-2")]
        for target in self.both(lines):
            _, out, stderr = self.ask(target, START + 3, ["0xm"], status=65)
            self.assertEqual([json.loads(line)["feed"] for line in out], ["pm", "pm-3"])
            self.assertEqual([line for line in stderr if "is unknown" in line],
                             [f"mkt-sink: error: the book of 77 in feed pm-2 is unknown at {model.iso(START + 3)} since {model.iso(START + 3)} ({START + 3}): its feed says gap"])

    def test_aBreakOfAnotherConnection_feedOrInstrument_isNothing(self):
        lines = [book("snapshot", 1, START, conn=2), status("gap", START + 1, conn=1), status("gap", START + 2, feed="pm-2"), status("gap", START + 3, instruments=["78"]),
                 status("gap", START + 4, instruments=[]), status("live", START + 5), status("lagging", START + 6)]
        for target in self.both(lines):
            self.ask(target, START + 9, ["77"], status=0)

    def test_aBreakAndASnapshotOfOneMicrosecond_areNotGuessedAt(self):
        for target in self.both([status("gap", START), book("snapshot", 1, START)]):
            self.ask(target, START, ["77"], status=65)

    def test_numbersThatAreLarge_areExact(self):
        line = book("snapshot", 1, START, [[0.999999, 9223372036854.775807]]).replace("9223372036854.775", "9223372036854.775807")
        line = line.replace("9223372036854.775807807", "9223372036854.775807")
        for target in self.both([line]):
            _, out, _ = self.ask(target, START, ["77"], status=0)
            self.assertIn("[[0.999999,9223372036854.775807]]", out[0])

    def test_names_areMatchedByteByByte(self):
        lines = [book("snapshot", 1, START, instrument="e\u0301"), book("snapshot", 1, START, instrument="q\"\\\n")]
        for target in self.both(lines):
            self.ask(target, START, ["e\u0301"], status=0)
            self.ask(target, START, ["\u00e9"], status=66)
            self.ask(target, START, ["q\"\\\n"], status=0)
            self.ask(target, START, ["q"], status=66)
            _, out, _ = self.ask(target, START, ["e\u0301", "e\u0301"], status=0)
            self.assertEqual(len(out), 1)

    def test_theLine_isOneOfTheContract_andToolsReadIt(self):
        self.store([book("snapshot", 1, START, [[0.5, 3]], [[0.4, 1]], label="a/Yes", venue_us=START), book("delta", 2, START + 5, [[0.5, 1]])], "sqlite:mkt.db")
        _, out, _ = self.ask("sqlite:mkt.db", START + 5, ["77"], status=0)
        with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
            file.write(out[0] + "\n")
            file.flush()
            checked = oracle("validate.py", file.name)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            self.assertEqual(run("mkt-merge", file.name).stdout.decode(), out[0] + "\n")
            rules = self.path("rules.toml")
            with open(rules, "w", encoding="utf-8") as text:
                text.write("[rules.wide]\nstrategy = \"threshold\"\nabove = 0.1\n")
            done = run("mkt-decide", "--rules", rules, "--strict", stdin=out[0].encode() + b"\n")
            self.assertEqual(done.returncode, 0, done.stderr)
        # The next line of the stream follows it.
        self.store([out[0], book("delta", 3, START + 6, [[0.5, 0]])], "sqlite:next.db")
        self.ask("sqlite:next.db", START + 6, ["77"], status=0)

    def test_labelsAreNoIdentifiers(self):
        for target in self.both([book("snapshot", 1, START, label="a/Yes")]):
            _, _, stderr = self.ask(target, START, ["a/Yes"], status=66)
            self.assertIn("ids of markets or instruments", stderr[0])

    def test_oneNameOfTwo_isTold(self):
        for target in self.both([book("snapshot", 1, START)]):
            _, out, stderr = self.ask(target, START, ["77", "99"], status=66)
            self.assertEqual(len(out), 1)
            self.assertIn("no book of 99", stderr[0])

    # Only reading

    def test_nothingIsMade_whereNothingIs(self):
        for target in ("sqlite:none.db", "ndjson:none"):
            self.ask(target, START, ["77"], status=66)
        self.assertEqual(os.listdir(self.dir), [])
        os.mkdir(self.path("empty"))
        self.ask("ndjson:empty", START, ["77"], status=66)

    def test_filesOfOthers_areToldAndLeft(self):
        with sqlite3.connect(self.path("other.db")) as database:
            database.execute("CREATE TABLE book_snapshots (a)")
        database.close()
        with open(self.path("text.db"), "w", encoding="utf-8") as file:
            file.write("no database" * 1000)
        before = content(self.dir)
        for name in ("other.db", "text.db"):
            self.ask(f"sqlite:{name}", START, ["77"], status=66)
        self.assertEqual(content(self.dir), before)

    def test_aNewerDatabase_isRefused_andAnOlderOneIsReadAsItIs(self):
        self.store([book("snapshot", 1, START)], "sqlite:mkt.db")
        for version, code in ((99, 69), (1, 0)):
            with sqlite3.connect(self.path("mkt.db")) as database:
                database.execute(f"PRAGMA user_version = {version}")
            database.close()
            self.ask("sqlite:mkt.db", START, ["77"], status=code)
            with sqlite3.connect(self.path("mkt.db")) as database:
                self.assertEqual(database.execute("PRAGMA user_version").fetchone(), (version,))
            database.close()

    def test_targetsThatARunningSinkWritesTo_canBeAsked(self):
        process = self.start("--to", "sqlite:mkt.db", "--to", "ndjson:archive", "--batch", "1", "--heartbeat", "0")
        process.stdin.write(joined([book("snapshot", 1, START, [[0.5, 1]])]))
        process.stdin.flush()
        self.wait_for(lambda: os.path.exists(self.path("archive")) and any(data for data, _ in content(self.path("archive")).values()), "the line")
        for target in ("sqlite:mkt.db", "ndjson:archive"):
            self.wait_for(lambda target=target: self.ask(target, START + 1, ["77"])[0] == 0, target)
        for number in range(2, 40):
            process.stdin.write(joined([book("delta", number, START + number, [[0.5, number]])]))
            process.stdin.flush()
            target = ("sqlite:mkt.db", "ndjson:archive")[number % 2]
            _, out, _ = self.ask(target, START + 100, ["77"], status=0)
            found = json.loads(out[0])
            self.assertEqual(found["bids"], [[0.5, found["seq"]]])
        process.stdin.close()
        self.assertEqual(process.wait(60), 0)
        for target in ("sqlite:mkt.db", "ndjson:archive"):
            _, out, _ = self.ask(target, START + 100, ["77"], status=0)
            self.assertEqual(json.loads(out[0])["seq"], 39)

    def test_aWriterThatHoldsItsLock_doesNotHinder(self):
        self.store([book("snapshot", 1, START)], "sqlite:mkt.db")
        database = sqlite3.connect(self.path("mkt.db"), isolation_level=None)
        self.addCleanup(database.close)
        database.execute("BEGIN IMMEDIATE")
        database.execute("DELETE FROM book_snapshots")
        self.ask("sqlite:mkt.db", START, ["77"], status=0)
        database.execute("COMMIT")
        self.ask("sqlite:mkt.db", START, ["77"], status=66)

    # Segments

    def test_compressedSegments_andTheFolderOfADay(self):
        lines = [book("snapshot", 1, START, [[0.5, 1]]), book("delta", 2, START + 3_600_000_000, [[0.5, 2]]), book("delta", 3, START + 7_200_000_000, [[0.5, 3]])]
        for program in ("zstd -q -f --rm", "gzip -q"):
            folder = program[:4].strip()
            self.store(lines, f"ndjson:{folder}", arguments=("--compress", program))
            self.assertFalse([name for name in content(self.path(folder)) if name.endswith(".ndjson")])
            _, out, _ = self.ask(f"ndjson:{folder}", START + 7_200_000_000, ["77"], status=0)
            self.assertEqual(json.loads(out[0])["bids"], [[0.5, 3]])
            _, out, _ = self.ask(f"ndjson:{folder}/2026/09/24", START + 7_200_000_000, ["77"], status=0)
            self.assertEqual(json.loads(out[0])["seq"], 2)

    def test_segmentsBehindTheMoment_areNotOpened(self):
        self.store([book("snapshot", 1, START), book("delta", 2, START + 7_200_000_000)], "ndjson:archive")
        late = max(name for name in content(self.path("archive")) if name.endswith(".ndjson"))
        with open(late, "w", encoding="utf-8") as file:
            file.write("x" * (5 << 20) + "\n")
        self.ask("ndjson:archive", START + 5, ["77"], status=0)
        self.ask("ndjson:archive", START + 7_200_000_000, ["77"], status=65)

    def test_aCompressedSegmentThatIsDamaged_isAFault(self):
        self.store([book("snapshot", 1, START)], "ndjson:archive", arguments=("--compress", "gzip -q"))
        name, = (name for name in content(self.path("archive")) if name.endswith(".gz"))
        with open(name, "r+b") as file:
            file.truncate(20)
        self.ask("ndjson:archive", START, ["77"], status=74)

    def test_aTornLineOfAnOpenSegment_isNone(self):
        folder = self.path("archive/2026/09/24")
        os.makedirs(folder)
        with open(os.path.join(folder, ".22-pm.ndjson.open"), "w", encoding="utf-8") as file:
            file.write(book("snapshot", 1, START) + "\n" + book("delta", 2, START + 1)[:-9])
        _, out, _ = self.ask("ndjson:archive", START + 5, ["77"], status=0)
        self.assertEqual(json.loads(out[0])["seq"], 1)

    def test_aBreakThatCannotBeRead_mayConcernAnyBookOfItsFeed(self):
        folder = self.path("archive/2026/09/24")
        os.makedirs(folder)
        for broken in (status("gap", START + 1, instruments=["78", 7]), status("gap", START + 1, instruments=7), status("gap", START + 1).replace("\"venue\"", "\"wenue\"")):
            with open(os.path.join(folder, "22-pm.ndjson"), "w", encoding="utf-8") as file:
                file.write(book("snapshot", 1, START) + "\n" + broken + "\n")
            _, _, stderr = self.ask("ndjson:archive", START + 5, ["77"], status=65)
            self.assertIn("its feed says gap", "\n".join(stderr))

    # Options

    def test_whatIsMissingOrTooMuch_isWrongUsage(self):
        time = str(START)
        for arguments, what in (
            (("--book-at", time), "--market"), (("--market", "77"), "--book-at"), (("--book-back", "1d"), "--book-at"),
            (("--book-at", "tomorrow", "--market", "77"), "a time such as"), (("--book-at", time, "--market", "77,"), "ids of markets"),
            (("--book-at", time, "--market", "77", "--to", "-"), "one --to"), (("--book-at", time, "--market", "77", "--to", "table"), "one --to"),
            (("--book-at", time, "--market", "77", "--to", "sqlite:a", "--to", "sqlite:b"), "one --to"), (("--book-at", time, "--market", "77", "--init"), "--init"),
            (("--book-at", time, "--market", "77", "--schema"), "--schema"),
        ):
            _, stderr = self.run_sink(*arguments, status=64)
            self.assertIn(what, stderr)
            self.assertEqual(stderr.count("\n"), 1)
        self.assertEqual(os.listdir(self.dir), [])

    def test_timesAreThoseOfMktMerge(self):
        self.store([book("snapshot", 1, START)], "sqlite:mkt.db")
        for time, code in (("2026-09-24T22:46:40Z", 0), ("2026-09-25T00:46:40+02:00", 0), ("2026-09-24T22:46:39.999999Z", 66), ("2026-09-25", 0), ("2026-09-24", 66)):
            self.ask("sqlite:mkt.db", time, ["77"], status=code)


class BooksBesideASink(BookAtCase):
    """Asked while a sink writes, seals and compresses: every answer is that of all lines that had been kept before."""

    step = 20_000

    def script(self, name, text):
        path = pathlib.Path(self.dir, name)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def lines(self, count):
        """Two feeds that take turns at random; a time tells which line it is, and no book is as it was before."""
        rng, seqs, lines = random.Random(3), {"pm": 0, "pm-2": 0}, []
        for number in range(count):
            feed = rng.choice(list(seqs))
            seqs[feed] += 1
            kind = "snapshot" if seqs[feed] == 1 or rng.random() < 0.02 else "delta"
            lines.append(book(kind, seqs[feed], START + self.step * number, [[0.5, number + 1]], feed=feed, note="p" * 100))
        return lines

    def kept(self, lines):
        """How many lines from the first one on are kept by now, none missing; fewer than before while a segment has its new name and no record yet."""
        there = set()
        for path in pathlib.Path(self.dir, "archive").rglob(".*.open"):
            try:
                there.update(raw.decode().rstrip("\n") for raw in path.read_bytes().splitlines(True) if raw.endswith(b"\n"))
            except FileNotFoundError:
                pass  # Sealed in between.
        for path in pathlib.Path(self.dir, "archive").rglob("manifest.jsonl"):
            for record in map(json.loads, path.read_bytes().splitlines()):
                first, last = ((record[key] - START) // self.step for key in ("first_recv_us", "last_recv_us"))
                there.update(line for line in lines[first:last + 1] if json.loads(line)["feed"] == record["feed"])
        return next((number for number, line in enumerate(lines) if line not in there), len(lines))

    def test_everyAnswer_isThatOfAllThatWasKeptBefore(self):
        looks, part = 40, 60
        lines = self.lines(looks * part)
        program = self.script("slow.sh", 'printf half > "$1.gz"; head -c 3000000 /dev/zero | cksum > /dev/null; gzip -c "$1" > "$1.gz" && rm "$1"')
        process = self.start("--to", "ndjson:archive", "--rotate", "1s,3KB", "--compress", program, "--batch", "5", "--drain", "60s", "--log-level", "warning")
        turns = threading.Semaphore(0)

        def write():
            for number, line in enumerate(lines):
                if number % part == 0:
                    turns.acquire(timeout=60)
                process.stdin.write(line.encode() + b"\n")
                process.stdin.flush()

        writer = threading.Thread(target=write)
        writer.start()
        counts = []
        try:
            turns.release()
            self.wait_for(lambda: counts.append(self.kept(lines)) or counts[-1], "the first line")
            for _ in range(looks):
                # What was kept once is kept.
                counts.append(max(counts[-1], self.kept(lines)))
                turns.release()
                self.look(lines, counts[-1])
        finally:
            turns.release(looks)
            writer.join()
        self.assertGreater(len(set(counts)), 10, "the writer stood still")
        _, stderr = process.communicate(timeout=60)
        self.assertEqual((process.returncode, stderr), (0, b""))
        self.look(lines, len(lines))

    def look(self, lines, count):
        time = START + self.step * (count - 1)
        out, unknown = model.expected(model.books_at(lines[:count], time, ["77"]), time)
        self.assertFalse(unknown)
        code, stdout, stderr = self.ask("ndjson:archive", time, ["77"], "--strict")
        self.assertEqual((stdout, stderr, code), (out, [], 0))


class SegmentCase(BookAtCase):
    """A book over two segments, 22-pm and 23-pm, of which the second has the change that counts."""

    markets = {"77": "0xm"}
    moment = START + HOUR + 9

    def setUp(self):
        super().setUp()
        self.lines = [book("snapshot", 1, START, [[0.5, 1]]), book("delta", 2, START + HOUR, [[0.5, 2]])]
        self.store(self.lines, "ndjson:archive")
        self.day = pathlib.Path(self.dir, DAY)
        self.assertEqual(sorted(path.name for path in self.day.iterdir()), ["22-pm.ndjson", "23-pm.ndjson", "manifest.jsonl"])

    def is_told(self, *arguments, seq=2, time=None, environment=None):
        """Asks for the book, which is known and up to date; nothing else is told."""
        code, out, stderr = self.ask("ndjson:archive/2026/09/24", time or self.moment, ["77"], *arguments, environment=environment)
        self.assertEqual((code, stderr), (0, []))
        self.assertEqual([json.loads(line)["seq"] for line in out], [seq])

    def is_unknown(self, reason, *warnings, time=None, names=("77",)):
        code, out, stderr = self.ask("ndjson:archive", time or self.moment, list(names))
        self.assertEqual((code, out), (65, []), stderr)
        self.assertEqual([line for line in stderr if "is unknown at" in line],
                         [f"mkt-sink: error: the book of 77 in feed pm is unknown at {model.iso(time or self.moment)}: {DAY}/{reason}"])
        told = [line for line in stderr if ": warning: " in line]
        self.assertEqual(len(told), len(warnings), stderr)
        for line, text in zip(told, warnings):
            self.assertIn(text, line)
        self.assertIn("mend what the warnings tell of", stderr[-1])


class BooksWhileFilesMove(SegmentCase):
    """What a directory may do while it is listed: an entry that gets another name meanwhile may be passed over."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="book-at-shim-")
        cls.addClassCleanup(shutil.rmtree, folder, True)
        cls.shim = build_shim(folder)

    def setUp(self):
        super().setUp()
        manifest = self.day / "manifest.jsonl"
        # As it was before the second one was sealed.
        (self.day / "told").write_bytes(manifest.read_bytes())
        manifest.write_bytes(manifest.read_bytes().splitlines(True)[0])
        (self.day / "23-pm.ndjson").rename(self.day / ".23-pm.ndjson.open")
        self.seal = f"cd {self.day} && mv .23-pm.ndjson.open 23-pm.ndjson && mv told manifest.jsonl"

    def check(self, **asked):
        self.is_told("--strict", environment=disturbed(self.shim, **asked))
        self.assertFalse((self.day / ".23-pm.ndjson.open").exists(), "nothing was done")

    def test_sealedDuringAListing(self):
        self.check(RUN_1=self.seal, HIDE_1=".23-pm.ndjson.open 23-pm.ndjson")

    def test_sealedDuringTheNextOne(self):
        self.check(RUN_2=self.seal, HIDE_2=".23-pm.ndjson.open 23-pm.ndjson")

    def test_sealedDuringAListing_andNotToldOfYet(self):
        self.check(RUN_1=f"cd {self.day} && mv .23-pm.ndjson.open 23-pm.ndjson", HIDE_1=".23-pm.ndjson.open 23-pm.ndjson")

    def test_sealedDuringOne_andCompressedDuringTheNext(self):
        names = ".23-pm.ndjson.open 23-pm.ndjson 23-pm.ndjson.gz"
        self.check(RUN_1=self.seal, HIDE_1=names, RUN_2=f"cd {self.day} && gzip -q 23-pm.ndjson", HIDE_2=names)

    def test_compressedWhileItIsLookedFor(self):
        self.check(STAT="23-pm.ndjson.gz", DO=f"{self.seal}; gzip -q 23-pm.ndjson")

    def test_beingCompressedWhileItIsLookedFor(self):
        self.check(STAT="23-pm.ndjson.gz", DO=f"{self.seal}; printf half > 23-pm.ndjson.gz")

    def test_aListingThatFails_isAnError(self):
        for number in ("1", "2"):
            _, out, stderr = self.ask("ndjson:archive/2026/09/24", self.moment, ["77"], status=66, environment=disturbed(self.shim, **{f"FAIL_{number}": "1"}))
            self.assertEqual((out, len(stderr)), ([], 1))
            self.assertIn("cannot read the directory", stderr[0])


class SegmentsThatAreNotAsTheyShouldBe(SegmentCase):
    """No book is told as known that may be another one."""

    def test_missing(self):
        (self.day / "23-pm.ndjson").unlink()
        self.is_unknown("23-pm.ndjson, which may hold lines of it, is missing", "23-pm.ndjson is not there, though the manifest tells of it; its 1 lines are missing")
        # Before its first line nothing is missing.
        self.is_told(seq=1, time=START + HOUR - 1)
        _, _, stderr = self.ask("ndjson:archive", self.moment, ["77"], "--strict", status=65)
        self.assertRegex("\n".join(stderr), r"\Amkt-sink: [^\n]+ \(--strict\)\Z")

    def test_theOneWithTheSnapshot_isMissing(self):
        (self.day / "22-pm.ndjson").unlink()
        _, out, stderr = self.ask("ndjson:archive", self.moment, ["77"], status=65)
        self.assertEqual(out, [])
        self.assertIn(f"the book of 77 is unknown at {model.iso(self.moment)}: {DAY}/22-pm.ndjson, which may hold lines of it, is missing", "\n".join(stderr))

    def test_formsThatAreNotRead(self):
        for ending in (".xz", ".bz2", ".lz4"):
            moved = self.day / f"23-pm.ndjson{ending}"
            (self.day / "23-pm.ndjson").rename(moved)
            self.is_unknown(f"{moved.name}, which may hold lines of it, cannot be read", f"{moved.name} is no form of a segment that is read (.zst and .gz are); decompress it")
            moved.rename(self.day / "23-pm.ndjson")
        self.is_told()

    def test_aFormThatIsNotRead_ofWhichNoManifestTells_mayHoldWhatItsHourAndTheLongestSpanHold(self):
        (self.day / "manifest.jsonl").unlink()
        (self.day / "22-pm.ndjson").rename(self.day / "22-pm.ndjson.xz")
        self.store([book("snapshot", 3, START + 24 * HOUR, [[0.5, 3]]), book("snapshot", 4, START + 27 * HOUR, [[0.5, 4]])], "ndjson:archive")
        for time, known in ((START + 24 * HOUR - 1, []), (START + 24 * HOUR, []), (START + 27 * HOUR, [4])):
            _, out, stderr = self.ask("ndjson:archive", time, ["77"], status=65)
            self.assertEqual([json.loads(line)["seq"] for line in out], known, stderr)
        self.assertIn("what was printed is right, but a file that cannot be read may hold more books", stderr[-1])
        self.ask("ndjson:archive", START + 27 * HOUR, ["77"], "--book-back", "1h", status=0)

    def test_whatHasTheNameOfASegment_andIsNoFile(self):
        (self.day / "23-pm.ndjson").unlink()
        os.mkfifo(self.day / "23-pm.ndjson")
        self.is_unknown("23-pm.ndjson, which may hold lines of it, cannot be read", "23-pm.ndjson has the name of a segment and is no file")

    def test_whatIsWrittenTo_besideAnotherOfItsName(self):
        (self.day / ".22-pm.ndjson.open").write_text(self.lines[1] + "\n")
        self.is_unknown(".22-pm.ndjson.open, which may hold lines of it, cannot be read", ".22-pm.ndjson.open is left out")

    def test_moreLessAndOther_thanWasSealed(self):
        path = self.day / "23-pm.ndjson"
        for text in ("", self.lines[1][:-9], self.lines[1] + "\n" + book("delta", 3, START + HOUR + 1, [[0.5, 9]]) + "\n", self.lines[1].replace("[0.5,2]", "[0.5,27]") + "\n",
                     self.lines[1]):
            path.write_text(text)
            warning = f"23-pm.ndjson has {text.count(chr(10)) + (text[-1:] not in ('', chr(10)))} lines and {len(text)} bytes, and its manifest tells of 1 and {len(self.lines[1]) + 1}"
            skipped = ["skipped an input"] if text == self.lines[1][:-9] else []
            self.is_unknown("23-pm.ndjson, which may hold lines of it, is not what was sealed", *skipped, warning)

    def test_otherBytes_butAsMany(self):
        path = self.day / "23-pm.ndjson"
        path.write_text(self.lines[1].replace("[0.5,2]", "[0.5,7]") + "\n")
        for command in (["true"], ["gzip", "-q", path]):
            subprocess.run(command, check=True)
            self.is_unknown("23-pm.ndjson, which may hold lines of it, is not what was sealed", "23-pm.ndjson has other bytes than its manifest tells of, though as many")

    def test_whatIsFeigned_countsUntilALaterSnapshot(self):
        (self.day / "22-pm.ndjson").write_text(book("snapshot", 9, START + 2 * HOUR, [[0.5, 9]]) + "\n")
        self.store([book("snapshot", 3, START + 2 * HOUR + 1, [[0.5, 3]])], "ndjson:archive")
        self.is_unknown("22-pm.ndjson, which may hold lines of it, is not what was sealed", "22-pm.ndjson has other bytes", time=START + 2 * HOUR)
        _, out, _ = self.ask("ndjson:archive", START + 2 * HOUR + 1, ["77"], status=65)
        self.assertEqual([json.loads(line)["seq"] for line in out], [3])

    def test_aManifestThatCannotBeRead_mayTellOfMore(self):
        manifest = self.day / "manifest.jsonl"
        told = manifest.read_bytes()
        manifest.write_bytes(b"x\n" + told)
        self.is_unknown("manifest.jsonl, which may tell of more lines of it, cannot be read as a whole", "manifest.jsonl:1: no record of a segment")
        manifest.unlink()
        os.mkfifo(manifest)
        self.is_unknown("manifest.jsonl, which may tell of more lines of it, cannot be read as a whole", "manifest.jsonl is no file")
        manifest.unlink()
        # Without its last newline, and not there at all, it tells of nothing that is missing.
        self.is_told()
        manifest.write_bytes(told[:-1])
        self.is_told()

    def test_aLineThatAKillHasLeftTorn_isMendedByTheNextSink(self):
        manifest = self.day / "manifest.jsonl"
        manifest.write_bytes(manifest.read_bytes()[:-9])
        self.is_unknown("manifest.jsonl, which may tell of more lines of it, cannot be read as a whole", "manifest.jsonl:2: no record of a segment")
        self.run_sink("--to", "ndjson:archive", "--log-level", "error")
        self.is_told()

    def test_anotherFeedsBook_isPrinted_andMoreMayBeMissing(self):
        self.store([book("snapshot", 7, START, [[0.4, 1]], feed="k/a")], "ndjson:archive")
        (self.day / "23-pm.ndjson").unlink()
        _, out, stderr = self.ask("ndjson:archive", self.moment, ["0xm", "99"], status=65)
        self.assertEqual([json.loads(line)["feed"] for line in out], ["k/a"])
        self.assertIn("mkt-sink: error: no book of 99 was found in what can be read", stderr)
        (self.day / "22-pm.ndjson").unlink()
        _, out, stderr = self.ask("ndjson:archive", self.moment, ["77"], status=65)
        self.assertEqual([json.loads(line)["feed"] for line in out], ["k/a"])
        self.assertEqual(stderr[-1], "mkt-sink: what was printed is right, but 2 files that cannot be read may hold more books; "
                         "mend what the warnings tell of, or look less far back with --book-back")
        _, out, stderr = self.ask("ndjson:archive", self.moment, ["99"], status=65)
        self.assertEqual((out, stderr[-1]), ([], "mkt-sink: no book of 99 was found, and 2 files that cannot be read may hold one; "
                                             "mend what the warnings tell of, or look less far back with --book-back"))

    def test_nothingThatCanBeRead_isNoAnswer(self):
        for name in ("22-pm.ndjson", "23-pm.ndjson"):
            (self.day / name).unlink()
        self.ask("ndjson:archive", self.moment, ["77"], status=66)

    def test_whatIsNoDirectory_isTold(self):
        for name in ("none", "archive/2026/09/24/22-pm.ndjson"):
            _, _, stderr = self.ask(f"ndjson:{name}", self.moment, ["77"], status=66)
            self.assertEqual(len(stderr), 1)
            self.assertIn("give --to ndjson: the directory that mkt-sink writes to", stderr[0])


class ProgramsThatHang(SegmentCase):
    """A program that decompresses and does not go on holds nobody up for ever."""

    def setUp(self):
        super().setUp()
        subprocess.run(["gzip", "-q", self.day / "23-pm.ndjson"], check=True)
        self.program = HangingProgram(self.dir)

    def is_ended(self):
        self.wait_for(lambda: not self.program.is_running(), "the end of the program")

    def test_durationEndsIt(self):
        for text in HANGS:
            start = clock.monotonic()
            _, out, stderr = self.ask("ndjson:archive", self.moment, ["77"], "--duration", "300ms", status=75, environment=self.program.environment(text))
            self.assertLess(clock.monotonic() - start, 20)
            self.assertEqual((out, len(stderr)), ([], 1))
            self.assertIn("23-pm.ndjson.gz was read, before all was; raise --duration", stderr[0])
            self.is_ended()

    def test_signalsEndIt(self):
        for text in HANGS:
            self.program.begun.unlink(missing_ok=True)
            process = subprocess.Popen([BIN, "--book-at", str(self.moment), "--market", "77", "--to", "ndjson:archive"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, cwd=self.dir, env=ENVIRONMENT | self.program.environment(text))
            self.addCleanup(lambda process=process: process.poll() is None and process.kill())
            self.wait_for(lambda: self.program.begun.exists() and self.program.begun.read_text().endswith("\n"), "the program")
            process.send_signal(signal.SIGTERM)
            out, stderr = process.communicate(timeout=20)
            self.assertEqual((process.returncode, out), (75, b""), stderr)
            self.is_ended()


if __name__ == "__main__":
    unittest.main()
