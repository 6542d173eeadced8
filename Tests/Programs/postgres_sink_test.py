"""mkt-sink into a real PostgreSQL server: every row against an independent computation, kills of both, two sinks, rights, faults."""

import json
import os
import pathlib
import random
import re
import select
import signal
import subprocess
import sys
import time
import unittest
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sink_events as events  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from sink_test import BIN, ENVIRONMENT, SinkCase, joined  # noqa: E402
from support import ROOT, run  # noqa: E402


def stored(value, column):
    """A cell of the oracle as PostgreSQL has it."""
    if column in ("bids", "asks"):
        return [int(Decimal(number) * 1_000_000) for level in events.parse(value) for number in level]
    if column in ("verified", "outcome_won") and value is not None:
        return bool(value)
    return value


def expected(lines):
    """The rows of every view."""
    rows = {}
    for table, found in events.expect(lines, by_moment=True).items():
        columns = [] if events.COLUMNS[table] == "payload" else events.COLUMNS[table].split()
        rows[table] = sorted(
            ([*row[:len(row) - len(columns)], *(stored(value, column) for value, column in zip(row[len(row) - len(columns):], columns))] for row in found), key=repr)
    return rows


class PostgresCase(SinkCase):
    """A database of its own for each test."""

    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer()
        cls.addClassCleanup(cls.server.remove)
        cls.server.start()

    def setUp(self):
        super().setUp()
        self.database = "d" + self.id().rsplit(".", 1)[1].lower()[-50:]
        self.server.sql(f"CREATE DATABASE {self.database}")
        self.url = self.address("owner")

    def connected(self, *arguments):
        """A sink that is past its start."""
        process = self.start("--to", self.url, *arguments)
        self.wait_for(lambda: self.sql(f"SELECT 1 FROM pg_stat_activity WHERE application_name = 'mktpipe' AND datname = '{self.database}'"), "the sink")
        return process

    def address(self, user):
        return f"postgres://{user}@/{self.database}?host={self.server.folder}"

    def sql(self, text, user="owner"):
        done = subprocess.run(["psql", "-h", self.server.folder, "-U", user, "-d", self.database, "-qAt", "-v", "ON_ERROR_STOP=1"], input=text.encode(),
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def prepare(self, *arguments):
        self.run_sink("--init", "--to", self.url, *arguments)

    def views(self):
        """Every row of every view, as Python has it."""
        rows = {}
        for table, columns in events.COLUMNS.items():
            subject = "" if table in events.WITHOUT_SUBJECT else "market, instrument, label, "
            seq = "seq, " if table in ("book_snapshots", "book_deltas") else ""
            text = self.sql(f"SELECT json_build_array(feed, venue, {subject}conn, {seq}recv_us, venue_us, {', '.join(columns.split())}) FROM v_{table};")
            rows[table] = sorted(([events.plain(value) if isinstance(value, Decimal) else value for value in self.row(line)] for line in text.split("\n") if line), key=repr)
        return rows

    @staticmethod
    def row(line):
        return json.loads(line, parse_float=Decimal)

    def check(self, lines):
        wanted, got = expected(lines), self.views()
        for table, columns in events.COLUMNS.items():
            decimals = [place for place, column in enumerate(columns.split()) if column in events.DECIMALS or column.endswith(("_price", "_size"))]
            count = len(columns.split())
            rows = []
            for row in got[table]:
                for place in decimals:
                    # A whole number is a decimal too, where the column is one.
                    if isinstance(row[len(row) - count + place], int):
                        row[len(row) - count + place] = str(row[len(row) - count + place])
                rows.append(row)
            self.assertEqual(sorted(rows, key=repr), wanted[table], table)


class PostgresSink(PostgresCase):
    def test_rows_equalAnIndependentComputation(self):
        self.prepare()
        lines = events.stream(1, 4000)
        _, stderr = self.run_sink("--to", self.url, "--batch", "700", data=joined(lines))
        self.check(lines)
        counters = self.counters(stderr)
        self.assertEqual(int(counters["duplicates"]), 4000 - sum(map(len, expected(lines).values())))
        _, stderr = self.run_sink("--to", self.url, data=joined(lines))
        self.assertEqual(self.counters(stderr)["duplicates"], "4000")
        self.check(lines)

    def test_theFirstOfSeveralWithOneIdentity_isKept_alsoInALargeBatch(self):
        # A heap does not keep the order in which rows of several sizes came.
        self.prepare()
        lines = events.stream(61, 9000)
        self.run_sink("--to", self.url, data=joined(lines))
        self.check(lines)

    def test_theLargestSizes_areExact_inViewsAndInTheBookFunction(self):
        self.prepare()
        largest = "9223372036854.775807"
        line = '{"v":1,"type":"%s","feed":"pm","venue":"v","market":"m","instrument":"i","conn":1,"recv_us":1758800000000000,%s}'
        self.run_sink("--to", self.url, data=joined([
            line % ("trade", f'"price":0.5,"size":{largest},"aggressor_side":"buy"'),
            line % ("book_snapshot", f'"seq":1,"reason":"subscribe","bids":[[0.123456,{largest}]],"asks":[]'),
        ]))
        self.assertEqual(self.sql("SELECT size FROM v_trades"), largest + "\n")
        self.assertEqual(self.sql("SELECT price, size FROM mkt_book_at(1758800000000000, 'm')"), f"0.123456|{largest}\n")
        self.assertEqual(self.sql("SELECT count(*) FROM mkt_book_at(1758800000000009, 'i', 5)"), "0\n")

    def test_theBookFunction_runsNobodysCodeButPostgreSQLsOwn(self):
        self.prepare()
        book = '{"v":1,"type":"book_snapshot","feed":"pm","venue":"v","market":"m","instrument":"i","conn":1,"seq":1,"recv_us":5,"reason":"subscribe","bids":[[0.1,2]],"asks":[]}'
        self.run_sink("--to", self.url, data=joined([book]))
        self.sql("CREATE ROLE mallory LOGIN; GRANT CREATE ON SCHEMA public TO mallory; CREATE TABLE taken (by text); GRANT INSERT ON taken TO mallory")
        self.addCleanup(self.server.sql, "DROP ROLE mallory")
        self.addCleanup(self.sql, "DROP OWNED BY mallory")
        trap = "LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.taken VALUES (current_user); RETURN 0; END $$;"
        self.sql(f"CREATE FUNCTION public.cardinality(bigint[]) RETURNS integer {trap} CREATE FUNCTION public.min(integer) RETURNS integer {trap}", "mallory")
        self.assertEqual(self.sql("SELECT price, size FROM mkt_book_at(9, 'm')"), "0.1|2\n")
        self.assertEqual(self.sql("SELECT * FROM taken"), "")

    def test_plainTables_takeTheSame_andTheSchemaIsWhatInitMakes(self):
        schema, _ = self.run_sink("--schema", "--to", self.url, "--partition", "none")
        self.sql(schema.decode())
        lines = events.stream(2, 3000)
        self.run_sink("--to", self.url, data=joined(lines))
        self.check(lines)
        self.assertEqual(self.sql("SELECT count(*) FROM pg_partitioned_table"), "0\n")
        # Run again it changes nothing, whatever it says of partitions.
        for arguments in (("--partition", "none"), ()):
            self.prepare(*arguments)
            self.check(lines)
            lines += events.stream(3, 500)
            self.run_sink("--to", self.url, data=joined(lines))
            self.check(lines)

    def test_partitions_stay_whateverIsSaidLater(self):
        self.prepare()
        self.prepare("--partition", "none")
        lines = events.stream(4, 500)
        self.run_sink("--to", self.url, data=joined(lines))
        self.check(lines)

    def test_days_arePartitions(self):
        self.prepare()
        day = 86_400_000_000
        trade = {"v": 1, "type": "trade", "feed": "pm", "venue": "polymarket", "market": "m", "instrument": "i", "price": 0.5, "size": 1, "aggressor_side": "buy"}
        times = [-1, 0, day - 1, day, 20_000 * day + 5, events.START_US]
        self.run_sink("--to", self.url, "--batch", "1", data=joined(json.dumps(trade | {"recv_us": each}) for each in times))
        self.assertEqual(self.sql("SELECT tableoid::regclass, recv_us FROM trades ORDER BY recv_us").split(),
                         ["trades_19691231|-1", "trades_19700101|0", f"trades_19700101|{day - 1}", f"trades_19700102|{day}",
                          f"trades_20241004|{20_000 * day + 5}", f"trades_20260924|{events.START_US}"])

    def test_retain_takesOldDaysAway(self):
        self.prepare()
        today = int(time.time()) // 86_400
        trade = {"v": 1, "type": "trade", "feed": "pm", "venue": "polymarket", "market": "m", "instrument": "i", "price": 0.5, "size": 1, "aggressor_side": "buy"}
        ages = (0, 1, 9, 10, 11, 12, 300)
        data = joined(json.dumps(trade | {"recv_us": (today - age) * 86_400_000_000}) for age in ages)
        self.run_sink("--to", self.url, data=data)
        ahead = self.sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'trades'::regclass")
        self.assertEqual(int(ahead), 7 + len(ages))
        _, stderr = self.run_sink("--init", "--to", self.url, "--retain", "11d", "--detach")
        self.assertIn(f"{2 * len(events.COLUMNS)} old partitions detached", stderr)
        self.assertEqual(self.sql("SELECT count(*) FROM trades"), "5\n")
        gone = time.strftime("trades_%Y%m%d_detached", time.gmtime((today - 300) * 86_400))
        self.assertEqual(self.sql(f"SELECT count(*) FROM {gone}"), "1\n")
        _, stderr = self.run_sink("--init", "--to", self.url, "--retain", "1d")
        self.assertIn(f"{3 * len(events.COLUMNS)} old partitions dropped", stderr)
        self.assertEqual(self.sql("SELECT count(*) FROM trades"), "2\n")
        for arguments in (("--retain", "1d"), ("--detach", "--init"), ("--partition", "none")):
            self.run_sink("--to", self.url, *arguments, status=64)

    def day(self, age):
        """Midnight so many days ago, in microseconds."""
        return (int(time.time()) // 86_400 - age) * 86_400_000_000

    def test_lateLines_forDaysThatWereTakenAway_areKept(self):
        self.prepare()
        trade = {"v": 1, "type": "trade", "feed": "pm", "venue": "polymarket", "market": "m", "instrument": "i", "price": 0.5, "size": 1, "aggressor_side": "buy"}
        old = [json.dumps(trade | {"recv_us": self.day(40) + number}) for number in range(4)]
        process = self.connected("--batch", "1")
        for number, detach in ((0, ["--detach"]), (1, [])):
            process.stdin.write(joined([old[number]]))
            process.stdin.flush()
            self.wait_for(lambda: self.sql("SELECT count(*) FROM trades") == "1\n", "the old line")
            # The sink still believes that the day's partition is there.
            self.run_sink("--init", "--to", self.url, "--retain", "10d", *detach)
            self.assertEqual(self.sql("SELECT count(*) FROM trades"), "0\n")
        process.stdin.write(joined(old[2:]))
        stderr = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 0, stderr)
        self.assertEqual(self.sql("SELECT count(*) FROM trades"), "2\n")
        detached = time.strftime("trades_%Y%m%d_detached", time.gmtime(self.day(40) // 1_000_000))
        self.assertEqual(self.sql(f"SELECT count(*) FROM {detached}"), "1\n")

    def test_retain_goesByBounds_notByNames(self):
        self.prepare()
        self.sql(f"CREATE TABLE tickers_20200101 PARTITION OF tickers FOR VALUES FROM ({self.day(40)}) TO ({self.day(5)}); "
                 f"CREATE TABLE tickers_99999999 PARTITION OF tickers FOR VALUES FROM ({self.day(60)}) TO ({self.day(59)});")
        self.run_sink("--init", "--to", self.url, "--retain", "20d")
        self.assertEqual(self.sql("SELECT count(*) FROM pg_class WHERE relname IN ('tickers_20200101', 'tickers_99999999')"), "2\n")

    # Kills

    def test_killsOfTheSink_loseAndDoubleNothing(self):
        self.prepare()
        rng = random.Random(5)
        lines = events.stream(5, 20_000)
        data = joined(lines)
        killed = 0
        while killed < 40:
            process = self.start("--to", self.url, "--batch", str(rng.choice((50, 333, 1000))))
            self.feed(process, data, until=rng.randrange(len(data)))
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        # Some have stored something.
        self.assertGreater(int(self.sql("SELECT lines FROM mkt_progress")), 1000)
        _, stderr = self.run_sink("--to", self.url, data=data)
        self.assertGreater(int(self.counters(stderr)["duplicates"]), 1000)
        self.check(lines)

    def feed(self, process, data, until):
        """Gives that much of the data, without waiting for more than it takes; then nothing."""
        view, at = memoryview(data)[:until], 0
        os.set_blocking(process.stdin.fileno(), False)
        end = time.monotonic() + 30
        while at < len(view) and time.monotonic() < end:
            _, ready, _ = select.select([], [process.stdin], [], 1)
            if ready:
                try:
                    at += os.write(process.stdin.fileno(), view[at:at + (1 << 16)])
                except BlockingIOError:
                    pass

    def test_restartsOfTheServer_underLoad_loseAndDoubleNothing(self):
        self.prepare()
        rng = random.Random(6)
        lines = events.stream(6, 30_000)
        data = joined(lines)
        process = self.connected("--batch", "200")
        parts = sorted(rng.randrange(len(data)) for _ in range(8))
        for begin, end in zip([0, *parts], [*parts, len(data)]):
            feeder = data[begin:end]
            process.stdin.write(feeder)
            process.stdin.flush()
            if end < len(data):
                self.server.kill()
                self.server.start()
        stderr = process.communicate(timeout=120)[1].decode()
        self.assertEqual(process.returncode, 0, stderr)
        self.assertGreater(int(self.counters(stderr)["reconnects"]), 3, stderr)
        self.check(lines)

    def test_stoppedWhileTheServerIsAway_saysWhatIsNotStored(self):
        self.prepare()
        process = self.connected("--batch", "10", "--drain", "300ms")
        data = joined(events.stream(7, 100))
        self.server.kill()
        try:
            process.stdin.write(data)
            process.stdin.flush()
            self.wait_for(lambda: select.select([process.stderr], [], [], 0)[0], "the warning")
            process.send_signal(signal.SIGTERM)
            stderr = process.communicate(timeout=30)[1].decode()
        finally:
            self.server.start()
        self.assertEqual(process.returncode, 75, stderr)
        self.assertRegex(stderr, r"; [1-9]\d* lines are not stored, give the same input again: nothing is stored twice\n$")

    def test_durationAndDrain_countWhileTheServerIsAway(self):
        self.prepare()
        data = joined(events.stream(7, 100))
        process = self.connected("--batch", "10", "--duration", "4s", "--drain", "500ms")
        began = time.monotonic()
        self.server.kill()
        try:
            process.stdin.write(data)
            process.stdin.flush()
            stderr = process.communicate(timeout=30)[1].decode()
        finally:
            self.server.start()
        self.assertEqual(process.returncode, 75, stderr)
        self.assertTrue(2 <= time.monotonic() - began <= 8, time.monotonic() - began)

    def test_databaseThatIsAnotherOne_isToldFromTheOneBefore(self):
        self.prepare()
        trade = {"v": 1, "type": "trade", "feed": "pm", "venue": "polymarket", "market": "m", "instrument": "old", "price": 0.5, "size": 1, "aggressor_side": "buy", "recv_us": events.START_US}
        self.run_sink("--to", self.url, data=joined([json.dumps(trade)]))
        self.server.sql(f"CREATE DATABASE {self.database}_copy TEMPLATE {self.database}")
        process = self.connected("--batch", "1000", "--batch-delay", "1h")
        process.stdin.write(joined([json.dumps(trade | {"instrument": "new"})]))
        process.stdin.flush()
        self.wait_for(lambda: self.sql("SELECT count(*) FROM mkt_texts WHERE text = 'new'") == "1\n", "the name")
        self.server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}'; ALTER DATABASE {self.database} RENAME TO {self.database}_away; "
                        f"ALTER DATABASE {self.database}_copy RENAME TO {self.database};")
        # Its number is somebody else's here.
        self.run_sink("--to", self.url, data=joined([json.dumps(trade | {"instrument": "other"})]))
        stderr = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 75, stderr)
        self.assertIn("is another database than before, or has lost what it had: names have other numbers; 1 lines are not stored", stderr)
        self.assertEqual(self.sql("SELECT instrument FROM v_trades ORDER BY 1").split(), ["old", "other"])

    # Several

    def test_twoSinks_ofTheSameStream_doubleNothing_andHoldEachOtherUpNever(self):
        self.prepare()
        lines = events.stream(8, 12_000)
        data = joined(lines)
        both = [self.start("--to", self.url, "--batch", batch) for batch in ("37", "251")]
        for at in range(0, len(data), 5000):
            for process in both:
                process.stdin.write(data[at:at + 5000])
                process.stdin.flush()
        for process in both:
            stderr = process.communicate(timeout=120)[1].decode()
            self.assertEqual(process.returncode, 0, stderr)
        self.check(lines)

    # Rights and faults

    def test_writer_insertsAndNoMore_readerReads(self):
        self.prepare()
        self.sql("DROP ROLE IF EXISTS a_writer; DROP ROLE IF EXISTS a_reader; CREATE ROLE a_writer LOGIN IN ROLE mkt_writer; CREATE ROLE a_reader LOGIN IN ROLE mkt_reader;")
        lines = events.stream(9, 2000)
        for _ in range(2):
            self.run_sink("--to", self.address("a_writer"), data=joined(lines))
        self.check(lines)
        for text in ("DELETE FROM trades", "UPDATE trades SET price_e6 = 1", "TRUNCATE trades", "DROP TABLE trades", "CREATE TABLE x (y int)"):
            done = subprocess.run(["psql", "-h", self.server.folder, "-U", "a_writer", "-d", self.database, "-c", text], capture_output=True, check=False)
            self.assertNotEqual(done.returncode, 0, text)
        self.assertGreater(int(self.sql("SELECT count(*) FROM v_trades", user="a_reader")), 100)
        _, stderr = self.run_sink("--to", self.address("a_reader"), data=joined(lines), status=77)
        self.assertIn("let its owner run --init, and grant mkt_writer to this user", stderr)
        _, stderr = self.run_sink("--init", "--to", self.address("a_writer"), status=77)
        self.assertIn("run --init as the owner of the database", stderr)

    def test_decideReads_asAReader_whatTheSinkHasStored(self):
        self.prepare()
        trade = '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","conn":1,"recv_us":%d,"price":%s,"size":1,"aggressor_side":"buy"}'
        self.run_sink("--to", self.url, data=joined([trade % (at, price) for at, price in ((1, "0.2"), (3, "0.4"), (2, "0.9"))]))
        self.sql("DROP ROLE IF EXISTS a_decider; CREATE ROLE a_decider LOGIN IN ROLE mkt_reader;")
        page = pathlib.Path(ROOT, "docs", "reference.md").read_text(encoding="utf-8")
        query = next(text for text in re.findall(r"```toml\n(.*?)```", page, flags=re.S) if "v_trades" in text)
        rules, settings = pathlib.Path(self.path("rules.toml")), pathlib.Path(self.path("settings.toml"))
        settings.write_text(query, encoding="utf-8")
        rules.write_text('[rules.fair]\nstrategy = "threshold"\nreference = "last"\nabove = 0.05\n', encoding="utf-8")
        done = run("mkt-decide", "--config", settings, "--rules", rules, "--db", self.address("a_decider"), stdin=joined([trade % (9, "0.44"), trade % (10, "0.46")]))
        self.assertEqual(done.returncode, 0, done.stderr)
        decisions = [json.loads(line) for line in done.stdout.splitlines() if b'"decision"' in line]
        self.assertEqual([(each["rule"], each["recv_us"]) for each in decisions], [("fair", 10)])

    def test_writer_doesNothingWithItsOwnersRights(self):
        self.prepare()
        self.sql("DROP ROLE IF EXISTS an_evil; CREATE ROLE an_evil LOGIN IN ROLE mkt_writer;")
        tricks = """
            CREATE FUNCTION pg_temp.own() RETURNS "char" LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ALTER ROLE an_evil SUPERUSER'; RETURN 'p'; END $$;
            CREATE TEMP VIEW pg_class AS SELECT c.oid, pg_temp.own() AS relkind FROM pg_catalog.pg_class c;
            CREATE FUNCTION pg_temp.look(v pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ALTER ROLE an_evil SUPERUSER'; RETURN true; END $$;
            CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (pg_temp.look(value));
            CREATE DOMAIN pg_temp.int8 AS pg_catalog.int8 CHECK (pg_temp.look(value::pg_catalog.text));
            SELECT mkt_make_partitions(0::pg_catalog.int8, 0::pg_catalog.int8);
        """
        subprocess.run(["psql", "-h", self.server.folder, "-U", "an_evil", "-d", self.database], input=tricks.encode(), capture_output=True, check=False)
        self.assertEqual(self.sql("SELECT rolsuper FROM pg_roles WHERE rolname = 'an_evil'"), "f\n")
        for text in ("INSERT INTO mkt_texts (text_id, text) OVERRIDING SYSTEM VALUE VALUES (777777, 'forged')", "DELETE FROM mkt_progress"):
            done = subprocess.run(["psql", "-h", self.server.folder, "-U", "an_evil", "-d", self.database, "-c", text], capture_output=True, check=False)
            self.assertIn(b"permission denied", done.stderr, text)
        # Nobody else may make partitions.
        self.sql("DROP ROLE IF EXISTS a_stranger; CREATE ROLE a_stranger LOGIN;")
        done = subprocess.run(["psql", "-h", self.server.folder, "-U", "a_stranger", "-d", self.database, "-c", "SELECT mkt_make_partitions(0, 0)"], capture_output=True, check=False)
        self.assertIn(b"permission denied", done.stderr)

    def test_readers_holdUpNobody_whoMakesPartitions(self):
        self.prepare()
        reader = subprocess.Popen(["psql", "-h", self.server.folder, "-U", "owner", "-d", self.database, "-qAt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            reader.stdin.write(b"BEGIN; SELECT count(*) FROM trades; SELECT count(*) FROM tickers;\n")
            reader.stdin.flush()
            reader.stdout.readline()
            trade = {"v": 1, "type": "trade", "feed": "pm", "venue": "polymarket", "market": "m", "instrument": "i", "price": 0.5, "size": 1, "aggressor_side": "buy"}
            began = time.monotonic()
            self.run_sink("--to", self.url, data=joined([json.dumps(trade | {"recv_us": 5})]))
            self.assertLess(time.monotonic() - began, 10)
        finally:
            reader.kill()
            reader.communicate()

    def test_initAtOnce_andInAnotherSchema(self):
        several = [self.start("--init", "--to", self.url) for _ in range(6)]
        for process in several:
            stderr = process.communicate(timeout=60)[1].decode()
            self.assertEqual(process.returncode, 0, stderr)
        self.sql("CREATE SCHEMA elsewhere; DROP ROLE IF EXISTS b_writer; CREATE ROLE b_writer LOGIN IN ROLE mkt_writer;")
        other = "&options=-csearch_path%3Delsewhere"
        self.run_sink("--init", "--to", self.url + other)
        lines = events.stream(11, 500)
        for _ in range(2):
            self.run_sink("--to", self.address("b_writer") + other, data=joined(lines))
        self.assertEqual(self.sql("SELECT (SELECT count(*) FROM elsewhere.book_deltas) > 50, (SELECT count(*) FROM public.book_deltas)"), "t|0\n")

    def test_faultsAtTheStart(self):
        _, stderr = self.run_sink("--to", self.url, status=69)
        self.assertIn("has no tables of mktpipe; make them, as their owner: mkt-sink --init --to ADDRESS", stderr)
        self.prepare()
        self.sql("UPDATE mkt_meta SET value = 99")
        for arguments in ((), ("--init",)):
            _, stderr = self.run_sink(*arguments, "--to", self.url, status=69)
            self.assertIn("was made by a newer mktpipe (schema 99, this one knows 2); upgrade mktpipe", stderr)
        _, stderr = self.run_sink("--to", f"postgres://owner@/nowhere?host={self.server.folder}", status=69)
        self.assertIn("make the database, then mkt-sink --init", stderr)
        _, stderr = self.run_sink("--to", f"postgres://owner@/postgres?host={self.dir}", status=75)
        self.assertIn("try again later", stderr)
        _, stderr = self.run_sink("--to", f"postgres://nobody@/{self.database}?host={self.server.folder}", status=77)
        self.assertIn("correct user or password", stderr)
        _, stderr = self.run_sink("--to", f"postgres://nobody:secret-word@/{self.database}?host={self.server.folder}", status=64)
        self.assertNotIn("secret-word", stderr)

    def test_whatPostgreSQLCannotStore_isRefused_andTheRestIsKept(self):
        self.prepare()
        lines = events.stream(10, 300)
        bad = '{"v":1,"type":"market_status","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":5,"state":"open","reason":"a\\u0000b"}'
        name = bad.replace('"i"', '"i\\u0000"')
        far = [bad.replace("\\u0000", "").replace('"recv_us":5', f'"recv_us":{each}')
               for each in (-(1 << 63), (1 << 63) - 1, -62_135_596_800_000_001, 253_402_300_800_000_000)]
        _, stderr = self.run_sink("--to", self.url, data=joined([*lines[:100], bad, name, *far, *lines[100:]]))
        self.assertEqual(self.counters(stderr)["skipped_refused_row"], "6")
        self.assertIn("PostgreSQL cannot store", stderr)
        self.check(lines)
        self.run_sink("--to", self.url, "--strict", data=joined([bad]), status=65)
        # What one target cannot store the others keep, whatever their order; a long name is no stop either.
        long = bad.replace('"i"', f'"{"x" * 2001}"').replace("\\u0000", "")
        for number, order in enumerate((("sqlite:a.db", self.url), (self.url, "sqlite:b.db"))):
            _, stderr = self.run_sink("--to", order[0], "--to", order[1], data=joined([lines[0], bad, long, lines[1]]))
            self.assertEqual(self.counters(stderr)["skipped_refused_row"], "2")
            self.assertEqual(self.count("ab"[number] + ".db", "market_statuses"), len(events.expect([*lines[:2], bad, long])["market_statuses"]))
        edges = [far[0].replace(str(-(1 << 63)), str(each)) for each in (-62_135_596_800_000_000, 253_402_300_799_999_999)]
        self.run_sink("--to", self.url, data=joined(edges))
        self.check(lines + edges)


# Its own tests are in sink_test.py.
del SinkCase

if __name__ == "__main__":
    unittest.main()
