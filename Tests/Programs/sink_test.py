"""mkt-sink as a whole program: every row against an independent computation, faults, signals, kills.

    MKT_BIN=.build/debug python3 Tests/Programs/sink_test.py

Python's own sqlite3 and decimal are the witnesses. Nothing waits for a fixed time: tests wait on conditions.
"""

import os
import pathlib
import random
import re
import resource
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from datetime import datetime, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sink_events as events  # noqa: E402

BIN = os.path.abspath(os.path.join(os.environ.get("MKT_BIN", ".build/debug"), "mkt-sink"))
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("MKT_")} | {"HOME": "/nonexistent"}


def joined(lines):
    return "".join(line + "\n" for line in lines).encode()


class SinkCase(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="sink-test-")
        self.addCleanup(shutil.rmtree, self.dir, True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def run_sink(self, *arguments, data=b"", status=0, **more):
        """Runs the tool on a pipe; gives stdout and stderr."""
        done = subprocess.run([BIN, *arguments], input=data, capture_output=True, cwd=self.dir, env=ENVIRONMENT, timeout=120, **more)
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done.stdout, done.stderr.decode()

    def start(self, *arguments, **more):
        process = subprocess.Popen([BIN, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir, env=ENVIRONMENT, **more)
        self.addCleanup(lambda: (process.kill(), process.communicate()) if process.poll() is None else None)
        return process

    def wait_for(self, condition, what):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end, f"waited in vain for {what}")
            select.select([], [], [], 0.005)

    def rows(self, name="mkt.db"):
        with sqlite3.connect(self.path(name)) as connection:
            return {table: sorted(connection.execute(f"SELECT * FROM v_{table}").fetchall(), key=repr) for table in events.COLUMNS}

    def count(self, name="mkt.db", table="book_deltas"):
        try:
            with sqlite3.connect(f"file:{self.path(name)}?mode=ro", uri=True) as connection:
                return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        except sqlite3.OperationalError:
            return -1

    def dump(self, name="mkt.db"):
        return subprocess.run(["sqlite3", self.path(name), ".dump"], check=True, capture_output=True).stdout

    def counters(self, stderr):
        line = [line for line in stderr.splitlines() if "done: " in line][-1]
        return dict(pair.split("=") for pair in line.split("done: ")[1].split())

    def check(self, lines, name="mkt.db"):
        expected, got = events.expect(lines), self.rows(name)
        for table in events.COLUMNS:
            self.assertEqual(got[table], expected[table], table)


class Rows(SinkCase):
    def test_rows_equal_an_independent_computation(self):
        for seed in range(8):
            with self.subTest(seed=seed):
                lines = events.stream(seed, 3000)
                _, stderr = self.run_sink("--to", f"sqlite:{seed}.db", "--batch", str(1 + seed * 300), data=joined(lines))
                self.check(lines, f"{seed}.db")
                counters = self.counters(stderr)
                expected = events.expect(lines)
                self.assertEqual(counters["lines_in"], "3000")
                for table, rows in expected.items():
                    self.assertEqual(int(counters.get(f"rows_{table}", 0)), len(rows), table)
                self.assertEqual(int(counters["duplicates"]), 3000 - sum(map(len, expected.values())))

    def test_prices_are_whole_millionths(self):
        lines = events.stream(77, 2000)
        self.run_sink(data=joined(lines))
        trades = {tuple(map(str, (row[8], row[9]))) for row in events.expect(lines)["trades"]}
        with sqlite3.connect(self.path("mkt.db")) as connection:
            stored = connection.execute("SELECT price_e6, size_e6, typeof(price_e6), typeof(size_e6) FROM trades").fetchall()
        self.assertEqual({row[2:] for row in stored}, {("integer", "integer")})
        self.assertEqual({tuple(events.plain(events.Decimal(value) / 1_000_000) for value in row[:2]) for row in stored}, trades)

    def test_the_same_input_twice_changes_nothing(self):
        data = joined(events.stream(3, 5000))
        self.run_sink(data=data)
        before = self.dump()
        _, stderr = self.run_sink(data=data)
        self.assertEqual(self.dump(), before)
        self.assertEqual(self.counters(stderr)["duplicates"], "5000")

    def test_jq_makes_the_same_rows(self):
        data = joined(events.stream(4, 4000))
        self.run_sink(data=data)
        for options in ("-cS", "-c", "-S"):
            rewritten = subprocess.run(["jq", options, "."], input=data, capture_output=True, check=True).stdout
            if options == "-S":  # pretty printed: one event on many lines is not NDJSON
                rewritten = subprocess.run(["jq", "-c", "."], input=rewritten, capture_output=True, check=True).stdout
            self.assertNotEqual(rewritten, data)
            self.run_sink("--to", f"sqlite:{options}.db", data=rewritten)
            self.assertEqual(self.dump(f"{options}.db"), self.dump(), options)

    def test_blanks_escapes_and_other_spellings_make_the_same_rows(self):
        line = '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":100,"price":0.5,"size":12,"aggressor_side":"buy","tx":"é/"}'
        other = ' { "\\u0076" : 1.0, "tx" :"\\u00e9\\/","size":1.2e1, "price":"5e-1", "x":{"y":[]}, "aggressor_side":"sell", "aggressor_side":"buy", "type":"trade", "feed":"\\u0070m",' \
                ' "venue":"polymarket","market":"m","instrument":"i", "recv_us":100 , "label":null } \r'
        self.run_sink("--to", "sqlite:a.db", data=joined([line]))
        self.run_sink("--to", "sqlite:b.db", data=joined([other]))
        self.assertEqual(self.dump("a.db"), self.dump("b.db"))
        self.assertEqual(self.count("a.db", "trades"), 1)

    def test_queries_by_instrument_and_time_use_an_index(self):
        self.run_sink("--init")
        with sqlite3.connect(self.path("mkt.db")) as connection:
            for table in events.COLUMNS:
                if table in events.WITHOUT_SUBJECT or table.startswith("own_"):
                    continue
                plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM v_{table} WHERE instrument = 'x' AND recv_us BETWEEN 1 AND 2").fetchall()
                self.assertTrue(any("instrument_id=? AND recv_us>? AND recv_us<?" in row[3] for row in plan), plan)
                self.assertFalse(any(row[3].startswith("SCAN") for row in plan), plan)


class Faults(SinkCase):
    GOOD = '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":%d,"price":0.5,"size":12,"aggressor_side":"buy"}'
    BAD = ["", "{", "null", "[]", '"x"', GOOD % 1 + "x", GOOD[:40], (GOOD % 1).replace("0.5", "0.5000001"), (GOOD % 1).replace("0.5", "1.5"),
           (GOOD % 1).replace(':12', ':9223372036854.775808'), (GOOD % 1).replace('"price":0.5,', ""), (GOOD % 1).replace('"recv_us":1,', ""),
           (GOOD % 1).replace('"recv_us":1', '"recv_us":9223372036854775808'), (GOOD % 1).replace('"m"', "7"), (GOOD % 1).replace('"v":1', '"v":2'),
           (GOOD % 1).replace('"buy"', '"up"'), (GOOD % 1).replace('"i"', '"\\ud800"'), (GOOD % 1).replace('"recv_us"', '"conn":0,"recv_us"'),
           (GOOD % 1).replace('"buy"', '"buy","venue_us":1.5'), (GOOD % 1).replace('"trade"', '"instrument"').replace(":12", ':12,"fee":{"maker_rate":0.0000001}')]

    def test_a_faulty_line_is_counted_told_and_kept_in_rejects(self):
        good = [self.GOOD % n for n in range(100, 100 + len(self.BAD))]
        mixed = [line for pair in zip(good, self.BAD) for line in pair]
        out, stderr = self.run_sink("--to", "sqlite:mkt.db", "--to", "-", "--heartbeat", "0", "--rejects", "r", data=joined(mixed))
        self.assertEqual(self.count(table="trades"), len(good))
        self.assertEqual(out, joined(good))
        counters = self.counters(stderr)
        self.assertEqual(sum(int(value) for key, value in counters.items() if key.startswith("skipped_")), len(self.BAD))
        rejects = [events.parse(line) for line in pathlib.Path(self.path("r")).read_text().splitlines()]
        self.assertEqual([line["raw"] for line in rejects], self.BAD)

    def test_strict_ends_with_65_and_keeps_what_came_before(self):
        _, stderr = self.run_sink("--strict", data=joined([self.GOOD % 1, self.GOOD % 2, "{}", self.GOOD % 3]), status=65)
        self.assertIn("line 3", stderr)
        self.assertEqual(self.count(table="trades"), 2)

    def test_unknown_types_and_keys_are_no_faults(self):
        unknown = '{"v":1,"type":"weather","feed":"pm","venue":"polymarket","recv_us":3600000000,"bids":7}'
        out, stderr = self.run_sink("--to", "sqlite:mkt.db", "--to", "-", "--to", "ndjson:d", "--heartbeat", "0", "--strict", data=joined([unknown]))
        self.assertEqual(self.counters(stderr)["unknown_type"], "1")
        self.assertEqual(out, joined([unknown]))
        self.assertEqual(pathlib.Path(self.path("d/1970/01/01/01-pm.ndjson")).read_bytes(), joined([unknown]))
        self.assertEqual(sum(map(len, self.rows().values())), 0)

    def test_empty_and_truncated_and_binary_input(self):
        self.run_sink(data=b"")
        self.assertEqual(sum(map(len, self.rows().values())), 0)
        self.run_sink(data=(self.GOOD % 5).encode())  # no final newline
        self.assertEqual(self.count(table="trades"), 1)
        self.run_sink(data=(self.GOOD % 6).encode()[:-9])
        self.assertEqual(self.count(table="trades"), 1)
        noise = random.Random(1).randbytes(1 << 20)
        _, stderr = self.run_sink(data=noise + b"\n" + joined([self.GOOD % 7]))
        self.assertEqual(self.count(table="trades"), 2)
        self.assertIn("skipped_malformed_json", stderr)

    def test_every_prefix_of_a_line_is_one_fault_or_none(self):
        line = events.stream(9, 1)[0]
        cuts = [line.encode()[:n] for n in range(len(line.encode()))]
        _, stderr = self.run_sink(data=b"\n".join(cuts) + b"\n")
        self.assertEqual(sum(map(len, self.rows().values())), 0)

    def test_limit_counts_lines_taken(self):
        lines = [self.GOOD % n for n in range(50)]
        out, stderr = self.run_sink("--to", "sqlite:mkt.db", "--to", "-", "--heartbeat", "0", "--limit", "7", data=joined(lines))
        self.assertEqual(out, joined(lines[:7]))
        self.assertEqual(self.count(table="trades"), 7)


class Targets(SinkCase):
    def test_stdout_and_database_and_files_get_the_same(self):
        lines = events.stream(5, 4000)
        out, _ = self.run_sink("--to", "-", "--to", "sqlite:a.db", "--to", "ndjson:d", "--to", "sqlite:b.db", "--heartbeat", "0", data=joined(lines))
        self.assertEqual(out, joined(lines))
        self.check(lines, "a.db")
        self.assertEqual(self.dump("a.db"), self.dump("b.db"))
        self.assert_files(lines)

    def assert_files(self, lines, directory="d"):
        expected = {}
        for line in lines:
            event = events.parse(line)
            hour = datetime.fromtimestamp(int(event["recv_us"]) // 1_000_000, timezone.utc)
            feed = "".join(c if c.isascii() and (c.isalnum() or c in "_-" or (c == "." and i)) else "".join(f"%{b:02X}" for b in c.encode())
                           for i, c in enumerate(event["feed"]))
            name = hour.strftime("%Y/%m/%d/%H-") + feed + ".ndjson"
            expected[name] = expected.get(name, b"") + joined([line])
        root, found = pathlib.Path(self.path(directory)), {}
        # The segments of an hour and feed in the order of their numbers, one behind the other; beside them stand manifests and nothing else.
        for path in sorted(path for path in root.rglob("*") if path.is_file() and path.name != "manifest.jsonl"):
            name = str(path.relative_to(root).parent / re.sub(r"^(\d\d)\.\d{4,}-", r"\1-", path.name))
            found[name] = found.get(name, b"") + path.read_bytes()
        self.assertEqual(found, expected)

    def test_files_by_hour_and_feed_more_than_may_be_open(self):
        rng, lines = random.Random(6), []
        for _ in range(1500):
            feed = rng.choice(("pm", "../../up", "/etc/x", ".", "..", "a b", "ü", "kalshi"))
            micros = events.START_US + rng.randrange(30) * 3_600_000_000
            lines.append('{"v":1,"type":"feed_status","feed":"%s","venue":"x", "recv_us":%d,"state":"live"}' % (feed, micros))
        self.run_sink("--to", "ndjson:d", data=joined(lines))
        self.assert_files(lines)
        self.run_sink("--to", "ndjson:d", data=joined(lines[:10]))
        self.assert_files(lines + lines[:10])
        self.assertEqual(sorted(os.listdir(self.dir)), ["d"])

    def test_a_torn_tail_is_cut_and_told(self):
        line = '{"v":1,"type":"feed_status","feed":"pm","venue":"x","recv_us":1,"state":"live"}'
        folder = pathlib.Path(self.path("d/1970/01/01"))
        folder.mkdir(parents=True)
        # What a killed run leaves is ours to cut; a file with its final name is nobody's.
        for name in (".00-pm.ndjson.open", "00-old.ndjson"):
            (folder / name).write_bytes(joined([line]) + b'{"v":1,"ty')
        _, stderr = self.run_sink("--to", "ndjson:d", data=joined([line]))
        names = ("00-old.ndjson", "00-pm.ndjson", "00.0001-pm.ndjson")
        expected = dict.fromkeys(names, joined([line])) | {"00-old.ndjson": joined([line]) + b'{"v":1,"ty'}
        self.assertEqual({path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.jsonl"}, expected)
        self.assertEqual(stderr.count("its last 10 bytes were cut off"), 1, stderr)
        self.assertIn("00-old.ndjson ends without a newline", stderr)

    def test_sighup_seals_files_and_opens_new_ones(self):
        line = '{"v":1,"type":"feed_status","feed":"pm","venue":"x","recv_us":1,"state":"live"}'
        folder = pathlib.Path(self.path("d/1970/01/01"))
        process = self.start("--to", "ndjson:d", "--batch-delay", "10ms")
        process.stdin.write(joined([line]))
        process.stdin.flush()
        opened = folder / ".00-pm.ndjson.open"
        self.wait_for(lambda: opened.exists() and opened.stat().st_size > 0, "the first line")
        process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: (folder / "manifest.jsonl").exists(), "the file to be sealed")
        (folder / "00-pm.ndjson").rename(folder / "moved")
        process.stdin.write(joined([line]))
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, stderr)
        self.assertEqual((folder / "00.0001-pm.ndjson").read_bytes(), joined([line]))
        self.assertEqual((folder / "moved").read_bytes(), joined([line]))
        self.assertFalse((folder / "00-pm.ndjson").exists())

    def test_a_reader_that_goes_away_ends_it_quietly_and_keeps_what_came(self):
        process = self.start("--to", "sqlite:mkt.db", "--to", "-", "--batch-delay", "1h")
        process.stdin.write(joined([Faults.GOOD % 1]))
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        try:
            process.stdin.write(joined(Faults.GOOD % n for n in range(2, 3000)))
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(process.wait(30), 0)
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertGreater(self.count(table="trades"), 0)

    def test_heartbeats_go_to_stdout_only_while_lines_come(self):
        process = self.start("--to", "-", "--to", "sqlite:mkt.db", "--heartbeat", "50ms")
        beat = events.parse(process.stdout.readline())
        self.assertEqual((beat["type"], beat["state"], beat["feed"], beat["venue"]), ("stage_status", "heartbeat", "mkt-sink", "mktpipe"))
        process.communicate(timeout=30)
        with open(self.path("in"), "wb") as file:
            file.write(joined([Faults.GOOD % 1]))
        with open(self.path("in"), "rb") as file:
            done = subprocess.run([BIN, "--to", "-"], stdin=file, capture_output=True, cwd=self.dir, env=ENVIRONMENT, timeout=30)
        self.assertEqual(done.stdout, joined([Faults.GOOD % 1]))


class Ends(SinkCase):
    def test_a_lone_line_is_committed_after_the_batch_delay(self):
        process = self.start("--batch-delay", "300ms", "--heartbeat", "0")
        self.wait_for(lambda: self.count(table="trades") == 0, "the tables")
        started = time.monotonic()
        process.stdin.write(joined([Faults.GOOD % 1]))
        process.stdin.flush()
        self.wait_for(lambda: self.count(table="trades") == 1, "the commit")
        self.assertGreater(time.monotonic() - started, 0.25)
        self.assertIsNone(process.poll())
        process.communicate(timeout=30)

    def test_sigterm_drains_and_commits(self):
        process = self.start("--batch-delay", "1h", "--batch", "100000")
        process.stdin.write(joined(Faults.GOOD % n for n in range(500)))
        process.stdin.flush()
        self.wait_for(lambda: self.count(table="trades") == 0, "the tables")
        process.send_signal(signal.SIGTERM)
        process.stdin.write(joined(Faults.GOOD % n for n in range(500, 800)))
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, stderr)
        self.assertEqual(self.count(table="trades"), 800)

    def test_kill_9_anywhere_and_the_same_input_again(self):
        data = joined(events.stream(8, 6000))
        self.run_sink("--to", "sqlite:whole.db", data=data)
        whole, rng, kills = self.dump("whole.db"), random.Random(8), 0
        for number in range(24):
            name = f"killed{number}.db"
            process = self.start("--to", f"sqlite:{name}", "--batch", str(rng.choice((1, 7, 50))), "--log-level", "error")
            cut = rng.randrange(len(data) // 50, len(data))
            os.set_blocking(process.stdin.fileno(), True)
            process.stdin.write(data[:cut])
            process.stdin.flush()
            if number % 2:
                seen = len(events.expect(data[:cut].decode(errors="ignore").split("\n")[:-1])["book_deltas"])
                goal = rng.randrange(1, seen + 1)
                self.wait_for(lambda: self.count(name, "book_deltas") >= goal, "some rows")
            kills += process.poll() is None
            process.kill()
            process.communicate()
            for _ in range(rng.randrange(1, 3)):
                self.run_sink("--to", f"sqlite:{name}", data=data)
            self.assertEqual(self.dump(name), whole, f"killed after {cut} bytes")
        self.assertGreaterEqual(kills, 20)

    def test_a_full_disk_ends_with_74_and_no_half_batch(self):
        data = joined(events.stream(10, 20000))

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
        _, stderr = self.run_sink("--batch", "500", data=data, status=74, preexec_fn=limit)
        self.assertEqual(len([line for line in stderr.splitlines() if "mkt.db" in line]), 1, stderr)
        kept = sum(map(len, self.rows().values()))
        lines = data.decode().split("\n")[:-1]
        whole = next((n for n in range(0, 20001, 500) if sum(map(len, events.expect(lines[:n]).values())) == kept), None)
        self.assertIsNotNone(whole, "rows of a part of a batch")
        self.run_sink(data=data)
        self.check(lines)

    def test_a_clean_end_leaves_one_file(self):
        self.run_sink(data=joined(events.stream(1, 1000)))
        self.assertEqual(os.listdir(self.dir), ["mkt.db"])

    def test_a_full_stdout_ends_with_74(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BIN, "--to", "-"], input=joined([Faults.GOOD % 1]), stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=self.dir, timeout=30)
        self.assertEqual(done.returncode, 74)


class Databases(SinkCase):
    def refuse(self, *arguments, status, says):
        _, stderr = self.run_sink(*arguments, data=joined([Faults.GOOD % 1]), status=status)
        self.assertEqual(stderr.count("\n"), 1, stderr)
        self.assertIn(says, stderr)

    def test_wrong_targets_are_misuse_and_say_what_is_right(self):
        for target in ("mkt.db", "sqlite:", "postgres://a@b@c/d", "ndjson:", ""):
            self.refuse("--to", target, status=64, says="sqlite:mkt.db")
        self.refuse("--to", "-", "--to", "-", status=64, says="twice")

    def test_places_that_cannot_be_made(self):
        pathlib.Path(self.path("file")).write_text("x")
        self.refuse("--to", "sqlite:file/mkt.db", status=73, says="file/mkt.db")
        self.refuse("--to", "sqlite:no/such/mkt.db", status=73, says="directory")
        self.refuse("--to", f"sqlite:{self.dir}", status=73, says="cannot open")
        self.refuse("--to", "ndjson:file", status=73, says="it is a file")
        self.refuse("--to", "ndjson:file/deeper", status=73, says="file/deeper")
        self.refuse("--to", "sqlite:/proc/mkt.db", status=73, says="/proc/mkt.db")

    def test_a_file_that_is_no_database_is_left_alone(self):
        pathlib.Path(self.path("mkt.db")).write_bytes(b"not a database at all, but long enough" * 100)
        before = pathlib.Path(self.path("mkt.db")).read_bytes()
        self.refuse(status=73, says="give --to another file")
        self.assertEqual(pathlib.Path(self.path("mkt.db")).read_bytes(), before)

    def test_a_damaged_database(self):
        self.run_sink(data=joined(events.stream(1, 2000)))
        raw = bytearray(pathlib.Path(self.path("mkt.db")).read_bytes())
        raw[8192:] = b"\xff" * (len(raw) - 8192)
        pathlib.Path(self.path("mkt.db")).write_bytes(raw)
        _, stderr = self.run_sink(data=joined(events.stream(1, 2000)), status=74)
        self.assertIn(".recover", stderr)

    def test_another_programs_database_is_left_alone(self):
        with sqlite3.connect(self.path("mkt.db")) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        self.refuse(status=73, says="another program")

    def test_a_newer_database_is_refused(self):
        self.run_sink("--init")
        with sqlite3.connect(self.path("mkt.db")) as connection:
            connection.execute("PRAGMA user_version = 99")
        self.refuse(status=69, says="upgrade mktpipe")

    def test_a_locked_database_is_tried_again_later(self):
        self.run_sink("--init")
        connection = sqlite3.connect(self.path("mkt.db"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        self.refuse(status=75, says="try again later")
        connection.close()

    def test_readers_do_not_wait_and_do_not_disturb(self):
        self.run_sink("--init")
        reader = sqlite3.connect(self.path("mkt.db"), isolation_level=None)
        reader.execute("BEGIN")
        self.assertEqual(reader.execute("SELECT count(*) FROM trades").fetchone(), (0,))
        self.run_sink(data=joined(events.stream(2, 1000)))
        self.assertEqual(reader.execute("SELECT count(*) FROM trades").fetchone(), (0,))
        reader.close()
        self.check(events.stream(2, 1000))

    def test_schema_is_what_init_makes(self):
        text, _ = self.run_sink("--schema")
        subprocess.run(["sqlite3", self.path("shell.db")], input=text, check=True, capture_output=True)
        self.run_sink("--init", "--to", "sqlite:made.db")
        query = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
        with sqlite3.connect(self.path("shell.db")) as shell, sqlite3.connect(self.path("made.db")) as made:
            self.assertEqual(shell.execute(query).fetchall(), made.execute(query).fetchall())
            for pragma in ("application_id", "user_version"):
                self.assertEqual(shell.execute(f"PRAGMA {pragma}").fetchone(), made.execute(f"PRAGMA {pragma}").fetchone())
            self.assertEqual(made.execute("PRAGMA journal_mode").fetchone(), ("wal",))
        self.assertEqual(self.dump("shell.db"), self.dump("made.db"))
        lines = events.stream(1, 500)
        self.run_sink("--to", "sqlite:shell.db", data=joined(lines))
        self.check(lines, "shell.db")

    def test_help_and_settings(self):
        out, _ = self.run_sink("--help")
        for word in (b"--batch-delay", b"EXIT STATUS", b"EXAMPLES", b"ENVIRONMENT"):
            self.assertIn(word, out)
        out, _ = self.run_sink("--print-config", "--to", "sqlite:a", "--to", "-")
        self.assertIn(b'"sqlite:a,-"  # flag --to', out)
        self.assertEqual(os.listdir(self.dir), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
