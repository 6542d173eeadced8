"""mkt-sink --spool: what the log and both databases hold, while databases are away, when it ends, and with which status.

What must be there is computed from docs/storage.md and the contract alone. Nothing waits for a fixed time.
"""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import stat
import subprocess
import time
import unittest

import sink_events as events
import sink_test
import spool_model as model
from sink_test import BIN, ENVIRONMENT, joined
from spool_case import PostgresSpoolCase, Sink, SpoolCase, number_in, numbered, trades

NOWHERE = "postgres://owner@/markets?host=%s"
GOOD, BAD = sink_test.Faults.GOOD, [line for line in sink_test.Faults.BAD if line]


class Format(unittest.TestCase):
    def test_the_models_checksum_is_that_of_rfc_3720(self):
        for data, said in model.VECTORS:
            self.assertEqual(model.crc32c(data), said)


class Straight(PostgresSpoolCase):
    def test_file_and_pipe_fill_both_databases_and_leave_the_spool_empty(self):
        for seed, (source, fsync) in enumerate((("pipe", "each"), ("file", "100ms"), ("pipe", "never"), ("file", "each"), ("pipe", None), ("file", "1h"))):
            with self.subTest(source=source, fsync=fsync):
                lines = events.stream(seed, 2500)
                arguments = ["--to", self.lite, "--to", self.url, "--spool", "spool", "--batch", str(1 + 600 * seed), *(("--fsync", fsync) if fsync else ())]
                self.sql("".join(f"DELETE FROM {table};" for table in events.COLUMNS))
                if os.path.exists(self.path("mkt.db")):
                    os.remove(self.path("mkt.db"))
                if source == "file":
                    pathlib.Path(self.path("in")).write_bytes(joined(lines))
                    with open(self.path("in"), "rb") as file:
                        done = subprocess.run([BIN, *arguments], stdin=file, capture_output=True, cwd=self.dir, env=ENVIRONMENT, timeout=60, check=False)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    stderr = done.stderr.decode()
                else:
                    _, stderr = self.run_sink(*arguments, data=joined(lines))
                self.check_both(lines)
                self.check_empty()
                self.assertEqual(self.counters(stderr)["spool_lines"], "2500")
                self.assertEqual(self.counters(stderr).get("lag_lines_postgres_now", "0"), "0")
                self.assertNotIn("warning", stderr)

    def test_the_same_input_again_changes_nothing(self):
        lines = events.stream(21, 3000)
        for again in range(3):
            _, stderr = self.run_sink("--to", self.lite, "--to", self.url, "--spool", "spool", data=joined(lines))
            self.check_both(lines)
            self.check_empty()
        self.assertEqual(self.counters(stderr)["duplicates"], str(2 * 3000))
        # Nor does a run without a spool.
        self.run_sink("--to", self.lite, "--to", self.url, data=joined(lines))
        self.check_both(lines)

    def test_unknown_types_and_invalid_lines_are_no_obstacle(self):
        lines, rng = events.stream(22, 2000), random.Random(22)
        mixed = list(lines)
        unknown = (GOOD % 1).replace('"trade"', '"weather"')
        for each in [*BAD, unknown, unknown] * 4:
            mixed.insert(rng.randrange(len(mixed)), each)
        out, stderr = self.run_sink("--to", self.lite, "--to", self.url, "--to", "-", "--heartbeat", "0", "--rejects", "r", "--spool", "spool", data=joined(mixed))
        self.check_both(lines)
        self.check_empty()
        self.assertEqual(out, joined([each for each in mixed if each not in BAD]))
        counters = self.counters(stderr)
        self.assertEqual(sum(int(value) for key, value in counters.items() if key.startswith("skipped_")), 4 * len(BAD))
        kept = [json.loads(each)["raw"] for each in pathlib.Path(self.path("r")).read_text().splitlines()]
        self.assertEqual([each for each in kept if each in BAD], [each for each in mixed if each in BAD])
        self.run_sink("--strict", "--to", self.lite, "--spool", "spool", data=joined([lines[0], "{}", lines[1]]), status=65)

    def test_times_that_go_backwards_and_two_feeds_of_one_name(self):
        rng = random.Random(23)
        one, two = events.stream(23, 1500), events.stream(24, 1500)
        lines = []
        while one or two:
            source = rng.choice([each for each in (one, two) if each])
            for _ in range(min(rng.randrange(1, 6), len(source))):
                lines.append(source.pop(0))
            if rng.randrange(8) == 0:
                lines += lines[-rng.randrange(1, 20):]  # The clock jumps back, and all is said again.
        self.run_sink("--to", self.lite, "--to", self.url, "--spool", "spool", "--batch", "113", data=joined(lines))
        self.check_both(lines)
        self.check_empty()

    def test_lines_of_any_spelling_and_size(self):
        plain = events.stream(25, 600)
        data = joined(plain)
        other = subprocess.run(["jq", "-cSa", "."], input=data, capture_output=True, check=True).stdout.replace(b'":', b'" :\t').replace(b"\n", b" \r\n")
        huge = (GOOD % 7)[:-1] + ',"tx":"%s"}' % ("x" * 3_000_000)
        self.run_sink("--to", self.lite, "--to", self.url, "--spool", "spool", data=other + joined([huge, GOOD % 8]) + (GOOD % 9).encode())
        self.check_both([*plain, huge, GOOD % 8, GOOD % 9])
        self.check_empty()

    def test_two_files_and_two_servers_databases_at_once(self):
        self.server.sql(f"CREATE DATABASE {self.database}_other TEMPLATE made")
        other = self.url.replace(self.database, self.database + "_other")
        lines = events.stream(26, 2000)
        self.run_sink("--to", "sqlite:a.db", "--to", self.url, "--to", "sqlite:b.db", "--to", other, "--spool", "spool", "--metrics", "metrics", data=joined(lines))
        self.check(lines, "a.db")
        self.check(lines, "b.db")
        self.check_postgres(lines)
        self.database += "_other"
        self.check_postgres(lines)
        for target in ("sqlite", "sqlite_2", "postgres", "postgres_2"):
            self.assertEqual(self.metrics()[f"lag_lines_{target}_now"], 0, target)


class Log(PostgresSpoolCase):
    def test_the_log_holds_every_line_as_it_came_while_the_database_is_away(self):
        self.server.kill()
        lines = events.stream(31, 1500)
        lines[7:7] = [(GOOD % 1).replace(",", " ,\t").replace('"m"', '"\\u006d"').replace("0.5", "5e-1"), "  " + GOOD % 2 + " \r"]
        mixed = list(lines)
        mixed[900:900] = BAD
        sink = self.sink("--to", self.url, "--fsync", "each", "--log-level", "error").feed(mixed)
        sink.until(lambda: len(self.log()) >= len(lines), "all lines in the log")
        read = model.read(self.spool)
        self.assertEqual([event.decode() for _, _, event in read], lines)
        self.assertIn(read[0][0], (0, 1))
        self.check_occurrences(read)
        sink.kill()
        self.assertEqual(model.read(self.spool), read)
        self.server.start()
        self.finish("--to", self.url)
        self.check_postgres(lines)
        self.check_empty()

    def check_occurrences(self, read):
        """Lines that say the same at one moment have 0, 1, 2 …"""
        counts, moments, seen = {}, {}, 0
        for _, occurrence, raw in read:
            event = events.parse(raw)
            if event["type"].startswith("book") or event["type"] == "decision" or "trade_id" in event:
                continue  # They have another identity.
            source = event["feed"], event.get("instrument")
            if moments.get(source) != event["recv_us"]:
                moments[source], counts[source] = event["recv_us"], {}
            said = events.canonical({key: value for key, value in event.items() if key not in ("market", "label")})
            nth = counts[source].get(said, 0)
            counts[source][said] = nth + 1
            self.assertEqual(occurrence, nth, raw)
            seen += nth > 0
        self.assertGreater(seen, 10)

    def test_lines_are_in_the_log_before_a_database_has_them(self):
        sink = self.sink("--to", self.url, "--to", self.lite, "--batch", "10", "--batch-delay", "1ms")
        holder = self.lock("trades")
        sink.feed(trades(0, 40))
        sink.until(lambda: self.lite_numbers() == list(range(40)), "SQLite's rows")
        self.assertEqual([number_in(event) for _, _, event in model.read(self.spool)], list(range(40)))
        holder.kill()
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(40)))
        self.check_empty()

    def test_what_all_databases_have_is_removed_from_the_log(self):
        sink = self.sink("--to", self.url, "--to", self.lite, "--metrics", "metrics", "--heartbeat", "100ms", "--spool-max", "4MB")
        count = 0
        for _ in range(3):
            sink.feed(trades(count, count + 20_000))
            count += 20_000
            sink.until(lambda: self.metrics().get("lag_lines_postgres_now", 1) == 0 and len(self.numbers()) == count, "all rows")
            # 20,000 lines are more than the spool may hold, so some of the log has gone.
            self.assertLess(self.log_bytes(), 4_500_000)
        sink.close().wait()
        self.assertEqual(self.lite_numbers(), list(range(count)))
        self.assertEqual(self.numbers(), list(range(count)))
        self.check_empty()

    def test_numbers_go_on_over_runs(self):
        self.run_sink("--to", self.lite, "--spool", "spool", data=joined(trades(0, 50)))
        self.check_empty()
        with_lock = self.locked()
        sink = self.sink("--to", self.lite).feed(trades(50, 60))
        sink.until(lambda: len(self.log()) == 10, "ten lines")
        first = model.read(self.spool)[0][0]
        self.assertIn(first, (50, 51))
        with_lock.close()
        sink.close().wait()
        self.assertEqual(self.lite_numbers(), list(range(60)))


class Disk(SpoolCase):
    """When the log is put on the disk, as strace sees it."""

    def calls(self, fsync, enough):
        """What was done to the log, in order: `write`, `sync`, and `store` for writes of SQLite's."""
        trace = self.path("trace")
        process = subprocess.Popen(
            ["strace", "-f", "-s", "20", "-o", trace, "-e", "trace=openat,write,fsync,fdatasync,pwrite64,close", BIN, "--spool", "spool", "--to", self.lite, "--fsync", fsync, "--batch", "1",
             "--log-level", "error"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.dir, env=ENVIRONMENT)
        try:
            for line in trades(0, 60):
                process.stdin.write(joined([line]))
                process.stdin.flush()
                self.wait_for(lambda line=line: number_in(line) in self.lite_numbers(), "the row")
            self.wait_for(lambda: enough(self.order(trace)), "the calls that are looked for")
        finally:
            _, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, stderr)
        return self.order(trace)

    @staticmethod
    def order(trace):
        found, log, wal = [], None, None
        for line in pathlib.Path(trace).read_text(errors="replace").splitlines():
            if opened := re.search(r'openat\(.*"([^"]*)", (\S+)\) = (\d+)|openat\(.*"([^"]*)", (\S+), 0\d+\) = (\d+)', line):
                name, flags, number = (each for each in opened.groups() if each)
                if model.NAME.fullmatch(os.path.basename(name)) and "WRONLY" in flags or "RDWR" in flags and name.endswith(".ndjson"):
                    log = number
                elif name.endswith("-wal"):
                    wal = number
            elif log and re.search(rf"\bwrite\({log}, ", line):
                found.append("write")
            elif log and re.search(rf"\bf(data)?sync\({log}\b", line):
                found.append("sync")
            elif log and wal and re.search(rf"\bpwrite64\({wal}, ", line):
                found.append("store")
        return found

    def test_each_puts_every_write_on_the_disk_before_a_database_sees_it(self):
        order = self.calls("each", lambda found: True)
        self.assertGreaterEqual(order.count("write"), 60)
        for before, after in zip(order, order[1:]):
            if before == "write":
                self.assertEqual(after, "sync", order)

    def test_a_span_puts_it_there_so_much_later_and_never_never(self):
        order = self.calls("200ms", lambda found: found and found[-1] != "write" and "sync" in found[-1:] or "sync" in found[len(found) - found[::-1].index("write"):])
        self.assertTrue(1 <= order.count("sync") <= 40, order)
        for name in os.listdir(self.dir):
            if name.startswith("mkt.db"):
                os.remove(self.path(name))
        shutil.rmtree(self.spool)
        self.assertEqual(self.calls("never", lambda found: True).count("sync"), 0)


class Away(PostgresSpoolCase):
    AWAY = "[Pp]ostgre|mktpg"

    def test_away_at_the_start_and_back_later(self):
        lines = numbered(41, 4000)
        self.make_days(lines)
        self.server.kill()
        sink = self.sink("--to", self.url, "--to", self.lite, "--to", "-", "--heartbeat", "0", "--batch", "200").feed(lines)
        sink.until(lambda: sink.lines_out().count(b"\n") == 4000 and len(self.lite_numbers()) == 4000, "the stream to go on")
        self.assertEqual(len(self.log()), 4000)
        self.server.start()
        self.catch_up(sink, 4000)
        self.assertEqual(len(sink.warnings(self.AWAY)), 1, sink.said())
        sink.close().wait()
        self.assertEqual(sink.lines_out(), joined(lines))
        self.check_both(lines)
        self.check_empty()

    def make_days(self, lines):
        """A look that is planned while a day's partitions come sees those of some tables only."""
        times = [json.loads(line)["recv_us"] for line in lines]
        self.sql(f"SELECT mkt_make_partitions({min(times)}, {max(times)})")

    def catch_up(self, sink, count):
        """Waits until PostgreSQL has all; at every look it has the first lines and no others."""
        seen = []

        def look():
            seen.append(self.numbers())
            return len(seen[-1]) == count
        sink.until(look, "PostgreSQL's rows")
        for each in seen:
            self.assertEqual(each, list(range(len(each))))

    def away_in_the_middle(self, take, back, reopened):
        lines = numbered(42, 3000)
        self.make_days(lines)
        sink = self.sink(
            "--to", "ndjson:d", "--to", self.url, "--to", self.lite, "--to", "-", "--heartbeat", "200ms", "--batch", "100", "--batch-delay", "20ms", "--metrics", "metrics",
            "--drain", "60s")
        sink.feed(lines[:1000])
        sink.until(lambda: len(self.numbers()) == 1000, "the first rows")
        held = take()
        sink.feed(lines[1000:2000])
        sink.until(lambda: sink.lines_out().count(b"\n") == 2000, "standard output to go on")
        sink.until(lambda: len(self.lite_numbers()) == 2000, "SQLite to go on")
        sink.until(lambda: sum(path.read_bytes().count(b"\n") for path in pathlib.Path(self.path("d")).rglob("*-*")) == 2000, "the files to go on")
        # A quick machine is here before the first heartbeat.
        for counters in (lambda: (sink.statuses() or [{}])[-1], self.metrics):
            sink.until(lambda counters=counters: 1000 <= counters().get("lag_lines_postgres_now", 0) <= 1100 and counters()["lag_lines_sqlite_now"] == 0, "the lag")
            before = counters()["lag_ms_postgres_now"]
            sink.until(lambda before=before, counters=counters: counters()["lag_ms_postgres_now"] >= before + 300, "a greater lag")
            self.assertLess(counters()["lag_ms_postgres_now"], 60_000)
            self.assertGreater(counters()["spool_bytes_now"], 1000 * 100)
        back(held)
        sink.feed(lines[2000:])
        self.catch_up(sink, 3000)
        sink.until(lambda: self.metrics()["lag_lines_postgres_now"] == 0 and self.metrics()["lag_ms_postgres_now"] < 1000, "no lag")
        if reopened:
            self.assertEqual(len(sink.warnings(self.AWAY)), 1, sink.said())
            self.assertGreater(self.metrics()["retries_postgres"], 0)
        sink.close().wait()
        self.check_both(lines)
        self.assertEqual(sink.lines_out(), joined(lines))
        self.check_empty()

    def test_a_server_that_is_stopped_holds_up_nobody_else(self):
        self.away_in_the_middle(self.server.kill, lambda _: self.server.start(), True)

    def test_a_locked_table_holds_up_nobody_else(self):
        def back(client):
            client.kill()
            client.wait()
        self.away_in_the_middle(lambda: self.lock("book_deltas"), back, False)

    def test_a_server_that_hangs_holds_up_nobody_else(self):
        self.addCleanup(self.server.freeze, signal.SIGCONT)
        # While it hangs it cannot be asked, so SQLite and the rest are looked at first.
        self.away_in_the_middle(lambda: self.server.freeze(signal.SIGSTOP), lambda _: self.server.freeze(signal.SIGCONT), False)

    def test_away_again_and_again(self):
        lines, rng = numbered(43, 6000), random.Random(43)
        sink = self.sink("--to", self.url, "--batch", "50", "--batch-delay", "5ms", "--metrics", "metrics", "--heartbeat", "100ms")
        for begin in range(0, 6000, 1000):
            sink.feed(lines[begin:begin + 1000])
            if rng.randrange(2):
                sink.until(lambda begin=begin: len(self.numbers()) > begin, "some of the rows")
            self.server.kill()
            sink.until(lambda begin=begin: self.metrics().get("spool_lines") == begin + 1000, "the lines to be in the log")
            self.server.start()
        sink.close().wait()
        self.check_postgres(lines)
        self.check_empty()

    def test_a_locked_sqlite_file_does_not_stop_the_stream(self):
        sink = self.sink("--to", self.lite, "--to", self.url, "--to", "-", "--heartbeat", "0", "--batch-delay", "20ms").feed(trades(0, 10))
        sink.until(lambda: self.lite_numbers() == list(range(10)), "the first rows")
        held = self.locked()
        self.others_go_on(sink, held, 10)

    def others_go_on(self, sink, held, begin):
        began = time.monotonic()
        sink.feed(trades(begin, 500))
        sink.until(lambda: len(self.numbers()) == 500, "PostgreSQL to go on")
        sink.until(lambda: time.monotonic() > began + 8, "longer than SQLite itself would wait")
        sink.feed(trades(500, 1000))
        sink.until(lambda: sink.lines_out().count(b"\n") == 1000 and len(self.numbers()) == 1000, "the stream to go on")
        self.assertEqual(len(self.lite_numbers()), begin)
        self.assertLessEqual(len(sink.warnings("mkt.db")), 1, sink.said())
        held.close()
        sink.close().wait()
        self.assertEqual(self.lite_numbers(), list(range(1000)))
        self.check_empty()

    def test_a_sqlite_file_that_is_locked_at_the_start_does_not_stop_the_stream(self):
        self.run_sink("--init", "--to", self.lite)
        held = self.locked()
        self.others_go_on(self.sink("--to", self.lite, "--to", self.url, "--to", "-", "--heartbeat", "0", "--batch-delay", "20ms"), held, 0)

    def test_a_server_that_hangs_at_the_start_holds_up_nobody_else(self):
        self.server.freeze(signal.SIGSTOP)
        self.addCleanup(self.server.freeze, signal.SIGCONT)
        began = time.monotonic()
        sink = self.sink("--to", self.url, "--to", self.lite, "--to", "-", "--heartbeat", "0").feed(trades(0, 500))
        sink.until(lambda: sink.lines_out().count(b"\n") == 500 and len(self.lite_numbers()) == 500, "the stream to go on")
        waited = time.monotonic() - began
        self.server.freeze(signal.SIGCONT)
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(500)))
        self.check_empty()
        self.assertLess(waited, 5)

    def test_a_slow_database_is_waited_for_at_the_end_as_long_as_it_goes_on(self):
        self.sql("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END $$;"
                 "CREATE TRIGGER slow BEFORE INSERT ON trades FOR EACH ROW EXECUTE FUNCTION slow();")
        began = time.monotonic()
        sink = self.sink("--to", self.url, "--batch", "20", "--drain", "1s").feed(trades(0, 400), close=True)
        sink.wait()
        self.assertGreater(time.monotonic() - began, 3)
        self.assertEqual(self.numbers(), list(range(400)))
        self.check_empty()


class Ending(PostgresSpoolCase):
    def stays(self, said):
        """The number of lines that stay, as the last words say."""
        found = [word for line in said.splitlines()[-3:] for word in re.findall(r"\b(\d+) lines?\b", line)]
        self.assertTrue(found, said)
        return int(found[-1])

    def test_the_end_of_input_while_the_database_is_away_is_75_and_the_next_run_stores_the_rest(self):
        self.server.kill()
        lines = numbered(51, 1000)
        said = self.sink("--to", self.url, "--to", self.lite, "--drain", "500ms").feed(lines, close=True).wait(75)
        self.assertEqual(self.stays(said), 1000)
        self.check(lines)
        said = self.sink("--to", self.url, "--to", self.lite, "--drain", "500ms").close().wait(75)
        self.assertEqual(self.stays(said), 1000)
        self.server.start()
        # SQLite has had all, and is given nothing again; the order of the targets is no matter.
        said = self.finish("--to", self.lite, "--to", self.url)
        self.assertEqual(self.counters(said)["duplicates"], "0")
        self.check_both(lines)
        self.check_empty()

    def test_a_signal_ends_a_wait_after_drain_and_a_second_one_at_once(self):
        self.server.kill()
        for signals, number, status in ((1, signal.SIGTERM, 75), (2, signal.SIGTERM, -signal.SIGTERM), (1, signal.SIGINT, 75), (2, signal.SIGINT, -signal.SIGINT)):
            with self.subTest(signals=signals, number=number):
                sink = self.sink("--to", self.url, "--drain", "600ms" if signals == 1 else "60s").feed(trades(0, 100))
                before = len(self.log())
                sink.until(lambda before=before: len(self.log()) == before + 100, "the lines in the log")
                began = time.monotonic()
                for _ in range(signals):
                    sink.signal(number)
                    # Two signals at once would be one.
                    sink.until(lambda: sink.process.poll() is not None or "ShdPnd:\t0000000000000000" in self.status(sink), "the signal to come")
                sink.process.wait(20)
                self.assertEqual(sink.process.returncode, status, sink.said())
                self.assertLess(time.monotonic() - began, 5)
        self.server.start()
        self.finish("--to", self.url)
        self.assertEqual(self.numbers(), list(range(100)))
        self.check_empty()

    def test_a_server_that_hangs_holds_up_no_end(self):
        # The second one stores what the first has left.
        for signals, status, stored in ((0, 75, 100), (2, -signal.SIGTERM, 200)):
            with self.subTest(signals=signals):
                sink = self.sink("--to", self.url, "--drain", "1s", "--batch-delay", "10ms").feed(trades(0, 100))
                sink.until(lambda: len(self.numbers()) == stored, "the first rows")
                self.server.freeze(signal.SIGSTOP)
                try:
                    sink.feed(trades(100, 200))
                    sink.until(lambda: self.log() and number_in(model.event_of(self.log()[-1])) == 199, "the lines in the log")
                    for _ in range(signals):
                        sink.signal(signal.SIGTERM)
                        sink.until(lambda: sink.process.poll() is not None or "ShdPnd:\t0000000000000000" in self.status(sink), "the signal to come")
                    sink.close().process.wait(90)
                finally:
                    self.server.freeze(signal.SIGCONT)
                self.assertEqual(sink.process.returncode, status, sink.said())
        self.finish("--to", self.url)
        self.assertEqual(self.numbers(), list(range(200)))
        self.check_empty()

    @staticmethod
    def status(sink):
        try:
            return pathlib.Path(f"/proc/{sink.process.pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return "ShdPnd:\t0000000000000000"

    def test_a_signal_lets_the_rest_be_stored(self):
        sink = self.sink("--to", self.url, "--to", self.lite, "--batch-delay", "1h", "--batch", "100000").feed(trades(0, 500))
        sink.until(lambda: len(self.log()) == 500, "the lines in the log")
        sink.signal(signal.SIGTERM)
        sink.feed(trades(500, 800), close=True).wait()
        self.assertEqual(self.numbers(), list(range(800)))
        self.assertEqual(self.lite_numbers(), list(range(800)))
        self.check_empty()

    def test_duration_ends_a_run_with_0_or_if_a_database_is_away_with_75(self):
        sink = self.sink("--to", self.url, "--duration", "1s", "--drain", "500ms").feed(trades(0, 100))
        sink.wait()
        self.assertEqual(self.numbers(), list(range(100)))
        self.check_empty()
        self.server.kill()
        began = time.monotonic()
        sink = self.sink("--to", self.url, "--duration", "1s", "--drain", "500ms").feed(trades(100, 200))
        said = sink.wait(75)
        self.assertTrue(1 <= time.monotonic() - began <= 8)
        self.assertEqual(self.stays(said), 100)
        self.server.start()
        self.finish("--to", self.url)
        self.assertEqual(self.numbers(), list(range(200)))

    def test_limit_counts_lines_taken(self):
        for count in (1, 777):
            out, _ = self.run_sink("--to", self.lite, "--to", self.url, "--to", "-", "--heartbeat", "0", "--spool", "spool", "--limit", str(count), data=joined(trades(0, 2000)))
            self.assertEqual(out, joined(trades(0, count)))
            self.assertEqual(self.lite_numbers(), list(range(count)))
            self.assertEqual(self.numbers(), list(range(count)))
            self.check_empty()
        self.server.kill()
        self.sink("--to", self.url, "--limit", "900", "--drain", "300ms").feed(trades(0, 2000)).wait(75)
        self.assertEqual([number_in(event) for _, _, event in model.read(self.spool)], list(range(900)))

    def test_sighup_and_sigusr1_disturb_nothing(self):
        self.server.kill()
        sink = self.sink("--to", self.url, "--to", self.lite, "--rejects", "r")
        sink.until(lambda: "SigCgt" in self.status(sink) and os.path.exists(self.spool) and os.path.exists(self.path("r")), "the start")
        for round_ in range(6):
            sink.feed(trades(100 * round_, 100 * round_ + 100))
            sink.signal(signal.SIGHUP if round_ % 2 else signal.SIGUSR1)
            sink.until(lambda round_=round_: len(self.log()) == 100 * (round_ + 1), "the lines in the log")
        sink.until(lambda: "spool_lines=" in sink.said(), "the counters")
        self.server.start()
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(600)))
        self.assertEqual(self.lite_numbers(), list(range(600)))
        self.check_empty()

    def test_a_reader_that_goes_away_loses_nothing_that_came(self):
        process = self.start("--to", self.lite, "--to", "-", "--spool", "spool", "--batch-delay", "1h")
        process.stdin.write(joined(trades(0, 10)))
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        try:
            process.stdin.write(joined(trades(10, 3000)))
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(process.wait(30), 0, process.stderr.read())
        process.stderr.close()
        process.stdin = None
        stored = self.lite_numbers()
        self.assertEqual(stored, list(range(len(stored))))
        self.assertGreaterEqual(len(stored), 10)
        self.check_empty()


class Memory(SpoolCase):
    def test_memory_is_flat_while_the_log_grows(self):
        sink = self.sink("--to", NOWHERE % self.dir, "--fsync", "never", "--metrics", "metrics", "--heartbeat", "100ms", "--drain", "100ms")
        sizes = {}
        for goal in (200_000, 1_000_000):
            for begin in range(0 if goal == 200_000 else 200_000, goal, 50_000):
                sink.feed(trades(begin, begin + 50_000))
                sink.until(lambda begin=begin: self.metrics().get("spool_lines", 0) >= begin + 50_000, "the lines in the log")
            sizes[goal] = int(Ending.status(sink).split("VmRSS:")[1].split()[0])
        self.assertLess(sizes[1_000_000] - sizes[200_000], 6_000, sizes)
        self.assertLess(sizes[1_000_000], 100_000, sizes)
        said = sink.close().wait(75)
        self.assertEqual(Ending.stays(self, said), 1_000_000)


class TooLong(PostgresSpoolCase):
    LINES = 30_000

    def fill(self, *arguments, size="1MB"):
        """A sink whose log is as long as it may be."""
        self.server.kill()
        sink = self.sink("--to", self.url, "--to", "-", "--heartbeat", "100ms", "--metrics", "metrics", "--spool-max", size, *arguments).feed(trades(0, self.LINES))
        sink.until(lambda: self.metrics().get("spool_waits", 0) > 0 and self.still(sink), "the log to be full")
        return sink

    def still(self, sink):
        """Nothing is taken from the pipe any more."""
        last = getattr(self, "last", None)
        self.last = sink.taken, self.last[1] if last and last[0] == sink.taken else time.monotonic()
        return time.monotonic() > self.last[1] + 0.5

    def test_a_log_that_is_too_long_slows_the_stage_before_and_goes_on_later(self):
        sink = self.fill()
        self.assertLess(sink.taken, sink.fed)
        self.assertLess(self.log_bytes(), 1_600_000)
        self.assertGreater(self.log_bytes(), 700_000)
        self.assertTrue(sink.warnings("spool"), sink.said())
        self.assertLessEqual(len(sink.warnings("spool-max|too long|full")), 1, sink.said())
        self.server.start()
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(self.LINES)))
        self.assertEqual(sink.lines_out(), joined(trades(0, self.LINES)))
        self.check_empty()

    def test_a_signal_ends_that_with_75_and_every_line_taken_stays(self):
        sink = self.fill("--drain", "500ms")
        sink.signal(signal.SIGTERM)
        said = sink.wait(75)
        self.after(sink, said)

    def after(self, sink, said):
        """What was taken is in the log, what was not is in the pipe, and the next run stores the first."""
        rest = sink.untaken()
        whole = joined(trades(0, self.LINES))[:sink.fed]
        taken = whole[:len(whole) - len(rest)]
        self.assertEqual(taken + rest, whole)
        logged = [number_in(event) for _, _, event in model.read(self.spool)]
        self.assertEqual(logged, list(range(len(logged))))
        self.assertLessEqual(taken.count(b"\n") - len(logged), 0, "lines were taken and are not in the log")
        self.assertEqual(Ending.stays(self, said), len(logged))
        self.server.start()
        self.finish("--to", self.url)
        self.assertEqual(self.numbers(), logged)
        self.check_empty()

    def test_the_next_run_stores_a_full_spool_and_its_own_input(self):
        sink = self.fill("--drain", "300ms")
        sink.signal(signal.SIGTERM)
        sink.wait(75)
        logged = len(self.log())
        self.server.start()
        self.sink("--to", self.url, "--spool-max", "1MB").feed(trades(logged, self.LINES), close=True).wait()
        self.assertEqual(self.numbers(), list(range(self.LINES)))
        self.check_empty()

    def test_a_kill_while_the_log_is_full(self):
        sink = self.fill()
        sink.kill()
        logged = [number_in(event) for _, _, event in model.read(self.spool)]
        self.assertEqual(logged, list(range(len(logged))))
        again = self.sink("--to", self.url, "--spool-max", "1MB").feed(trades(0, self.LINES), close=True)
        self.server.start()
        again.wait()
        self.assertEqual(self.numbers(), list(range(self.LINES)))
        self.check_empty()


@unittest.skipUnless(os.geteuid() == 0, "only root can mount a small disk")
class FullDisk(PostgresSpoolCase):
    def disk(self, name, size, options=""):
        """A small disk of the test's own."""
        path = self.path(name)
        os.mkdir(path)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=777{options}", "tmpfs", path], capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest("no small disk can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", path], capture_output=True, check=False)
        return path

    @staticmethod
    def fill(path):
        """Takes all room there is."""
        with open(path, "wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1 << 8, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass

    def test_a_full_disk_under_the_spool_is_waited_for(self):
        disk = self.disk("small", "3m")
        self.server.kill()
        sink = self.sink_on(disk).feed(trades(0, 20_000))
        sink.until(lambda: sink.warnings("(?i)space|full"), "the warning")
        self.assertIsNone(sink.process.poll())
        self.server.start()
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(20_000)))
        self.assertEqual(model.left(os.path.join(disk, "spool")), [])

    def sink_on(self, disk, *arguments):
        return Sink(self, "--spool", os.path.join(disk, "spool"), "--to", self.url, "--fsync", "each", *arguments)

    def test_a_disk_that_another_fills_and_frees_loses_nothing(self):
        disk = self.disk("small", "8m")
        self.server.kill()
        sink = self.sink_on(disk).feed(trades(0, 2000))
        sink.until(lambda: len(model.raw_lines(os.path.join(disk, "spool"))) == 2000, "the first lines")
        self.fill(os.path.join(disk, "filler"))
        sink.feed(trades(2000, 4000))
        sink.until(lambda: sink.warnings("(?i)space|full"), "the warning")
        os.remove(os.path.join(disk, "filler"))
        sink.until(lambda: len(model.raw_lines(os.path.join(disk, "spool"))) == 4000, "the rest")
        model.read(os.path.join(disk, "spool"))
        self.fill(os.path.join(disk, "filler"))
        sink.feed(trades(4000, 5000))
        sink.until(lambda: sink.taken == sink.fed, "the last to be taken")
        self.server.start()
        # All is stored though nothing can be noted on the full disk.
        sink.until(lambda: len(self.numbers()) >= 4000, "the rows")
        os.remove(os.path.join(disk, "filler"))
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(5000)))
        self.assertEqual(model.left(os.path.join(disk, "spool")), [])

    def test_a_kill_while_the_disk_is_full(self):
        disk = self.disk("small", "1m")
        self.server.kill()
        sink = self.sink_on(disk).feed(trades(0, 20_000))
        sink.until(lambda: sink.warnings("(?i)space|full"), "the warning")
        sink.kill()
        self.server.start()
        again = self.sink_on(disk).feed(trades(0, 20_000), close=True)
        again.wait()
        self.assertEqual(self.numbers(), list(range(20_000)))
        self.assertEqual(model.left(os.path.join(disk, "spool")), [])

    def test_a_full_disk_under_postgresql_is_waited_for(self):
        disk = self.disk("small", "64m")
        for path in (self.dir, disk):
            os.chmod(path, 0o755)
        shutil.chown(disk, self.server.user)
        self.server.sql(f"CREATE TABLESPACE small LOCATION '{disk}'")
        self.addCleanup(lambda: self.server.sql(f"DROP DATABASE {self.database} WITH (FORCE)") or self.server.sql("DROP TABLESPACE small"))
        self.server.sql(f"DROP DATABASE {self.database}")
        self.server.sql(f"CREATE DATABASE {self.database} TEMPLATE made TABLESPACE small")
        sink = self.sink("--to", self.url, "--to", self.lite, "--batch", "500", "--metrics", "metrics", "--heartbeat", "100ms").feed(trades(0, 1000))
        sink.until(lambda: len(self.numbers()) == 1000, "the first rows")
        self.fill(os.path.join(disk, "filler"))
        sink.feed(trades(1000, 30_000))
        sink.until(lambda: len(self.lite_numbers()) == 30_000 and self.metrics().get("retries_postgres", 0) >= 2, "SQLite to go on")
        self.assertEqual(self.rejected(), [])
        os.remove(os.path.join(disk, "filler"))
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(30_000)))
        self.check_empty()

    def test_a_full_disk_under_sqlite_is_waited_for(self):
        disk = self.disk("small", "4m")
        lite = f"sqlite:{disk}/mkt.db"
        sink = self.sink("--to", lite, "--to", self.url, "--batch", "500").feed(trades(0, 1000))
        sink.until(lambda: len(self.lite_numbers("small/mkt.db")) == 1000, "the first rows")
        self.fill(os.path.join(disk, "filler"))
        sink.feed(trades(1000, 30_000))
        sink.until(lambda: len(self.numbers()) == 30_000, "PostgreSQL to go on")
        self.assertIsNone(sink.process.poll())
        os.remove(os.path.join(disk, "filler"))
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        sink.close().wait()
        self.assertEqual(self.lite_numbers("small/mkt.db"), list(range(30_000)))
        self.check_empty()

    def test_a_spool_on_a_disk_that_cannot_be_written_is_73_or_77(self):
        self.disk("small", "1m", ",ro")
        for folder in ("small/spool", "small"):
            done = subprocess.run([BIN, "--to", self.lite, "--spool", folder], input=joined(trades(0, 1)), capture_output=True, cwd=self.dir, env=ENVIRONMENT, timeout=60, check=False)
            stderr = done.stderr.decode()
            self.assertIn(done.returncode, (73, 77), stderr)
            self.assertEqual(stderr.count("\n"), 1, stderr)
            self.assertIn("small", stderr)


class Statuses(PostgresSpoolCase):
    def refuse(self, *arguments, status, says, spool="spool", environment=None):
        """A run that must end at once; it says in one line why. Standard input stays open."""
        sink = Sink(self, *(("--spool", spool) if spool else ()), *arguments, environment=environment)
        sink.feed(trades(0, 5))
        said = sink.wait(status, seconds=20)
        # Beside that only a database that is away may have its warning.
        reasons = [line for line in said.splitlines() if "lines wait in the spool" not in line]
        self.assertEqual(len(reasons), 1, said)
        self.assertRegex(reasons[0], says)

    def test_wrong_usage_is_64(self):
        self.refuse("--to", "-", status=64, says="database")
        self.refuse("--to", "ndjson:d", "--to", "-", status=64, says="database")
        self.refuse("--to", self.lite, "--spool-max", "999KB", status=64, says="1MB")
        self.refuse("--to", self.lite, "--spool-max", "much", status=64, says="spool-max")
        self.refuse("--to", self.lite, "--spool-max", "0", status=64, says="spool-max")
        self.refuse("--to", self.lite, "--fsync", "sometimes", status=64, says="each.*never|never.*each")
        self.refuse("--to", self.lite, "--fsync", "-1s", status=64, says="each.*never|never.*each|[Mm]issing value")
        self.refuse("--to", self.lite, "--spool", "", status=64, says="spool", spool="")
        self.assertFalse(os.path.exists(self.path("mkt.db")))
        self.assertFalse(os.path.exists(self.spool))

    def test_options_are_settings_too(self):
        out, _ = self.run_sink("--print-config", "--spool", "there", "--spool-max", "2GB", "--fsync", "each")
        for text in ('"there"  # flag --spool', '"2GB"  # flag --spool-max', '"each"  # flag --fsync'):
            self.assertIn(text, out.decode())
        out, _ = self.run_sink("--print-config")
        self.assertIn('"100ms"', [line for line in out.decode().splitlines() if "fsync" in line][0])
        self.assertIn('"10GB"', [line for line in out.decode().splitlines() if "spool" in line and "max" in line][0])
        out, _ = self.run_sink("--help")
        for text in (b"--spool ", b"--spool-max", b"--fsync"):
            self.assertIn(text, out)

    def test_the_environment_names_a_spool_which_may_be_moved_between_runs(self):
        self.server.kill()
        sink = Sink(self, "--to", self.url, "--drain", "200ms", environment={"MKT_SINK_SPOOL": "one"}).feed(trades(0, 100), close=True)
        sink.wait(75)
        os.rename(self.path("one"), self.spool)
        self.server.start()
        self.finish("--to", self.url)
        self.assertEqual(self.numbers(), list(range(100)))
        self.check_empty()

    def test_the_smallest_spool_is_1MB(self):
        self.run_sink("--to", self.lite, "--spool", "spool", "--spool-max", "1MB", data=joined(trades(0, 100)))
        self.assertEqual(self.lite_numbers(), list(range(100)))

    def test_a_spool_that_cannot_be_made_is_73(self):
        pathlib.Path(self.path("file")).write_text("x")
        for folder in ("file", "file/deeper", "file/x/y", "/proc/spool"):
            self.refuse("--to", self.lite, status=73, says=folder, spool=folder)
        self.assertEqual(pathlib.Path(self.path("file")).read_text(), "x")

    def test_a_path_that_cannot_be_made_is_73(self):
        pathlib.Path(self.path("file")).write_text("x")
        self.refuse("--to", "sqlite:file/mkt.db", status=73, says="file/mkt.db")
        self.refuse("--to", self.url, "--to", "sqlite:no/such/mkt.db", status=73, says="no/such/mkt.db")

    def test_databases_that_refuse_for_good_end_the_run_at_once(self):
        self.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        self.refuse("--to", self.url, status=69, says="has no tables of mktpipe; make them")
        self.refuse("--to", self.lite, "--to", self.url, status=69, says="has no tables of mktpipe; make them")
        self.run_sink("--init", "--to", self.url)
        self.sql("UPDATE mkt_meta SET value = 99")
        self.refuse("--to", self.url, status=69, says="newer mktpipe")
        self.refuse("--to", f"postgres://owner@/nowhere?host={self.server.folder}", status=69, says="make the database")
        self.alter_lite("PRAGMA user_version = 99", name="new.db")
        self.refuse("--to", "sqlite:new.db", status=69, says="upgrade mktpipe")

    def test_refused_passwords_and_users_are_77(self):
        path = os.path.join(self.server.data, "pg_hba.conf")
        before = pathlib.Path(path).read_text()
        self.sql("DROP ROLE IF EXISTS secretive; CREATE ROLE secretive LOGIN PASSWORD 'right';")
        self.addCleanup(lambda: (pathlib.Path(path).write_text(before), self.server.sql("SELECT pg_reload_conf()")))
        pathlib.Path(path).write_text("local all secretive scram-sha-256\n" + before)
        self.server.sql("SELECT pg_reload_conf()")
        self.refuse("--to", self.address("secretive"), status=77, says="password", environment={"PGPASSWORD": "wrong-word"})
        self.refuse("--to", self.address("nobody"), status=77, says="user")
        self.refuse("--to", self.address("secretive:right"), status=64, says="PGPASSWORD")

    def test_a_spool_serves_one_sink_at_a_time(self):
        sink = self.sink("--to", self.lite).feed(trades(0, 10))
        sink.until(lambda: self.lite_numbers() == list(range(10)), "the first rows")
        self.refuse("--to", self.lite, status=75, says="spool")
        self.refuse("--to", "sqlite:other.db", status=75, says="spool")
        sink.feed(trades(10, 20), close=True).wait()
        self.assertEqual(self.lite_numbers(), list(range(20)))
        # One that was killed holds nothing.
        sink = self.sink("--to", self.lite).feed(trades(20, 30))
        sink.until(lambda: len(self.lite_numbers()) == 30, "more rows")
        sink.kill()
        self.finish("--to", self.lite)
        self.check_empty()

    def test_a_spool_with_lines_for_another_database_is_not_touched(self):
        self.server.kill()
        self.sink("--to", self.url, "--to", self.lite, "--drain", "200ms").feed(trades(0, 100), close=True).wait(75)
        before = self.everything()
        self.refuse("--to", self.lite, status=78, says=self.database)
        self.refuse("--to", "sqlite:new.db", status=78, says=self.database)
        self.refuse("--to", f"postgres://owner@/other?host={self.server.folder}", "--to", self.lite, status=78, says=self.database)
        self.assertEqual(self.everything(), before)
        self.server.start()
        # SQLite has all of its lines, so that it is not named any more is no matter.
        self.finish("--to", self.url)
        self.assertEqual(self.numbers(), list(range(100)))
        self.check_empty()
        self.run_sink("--to", "sqlite:new.db", "--spool", "spool", data=joined(trades(100, 110)))
        self.assertEqual(self.lite_numbers("new.db"), list(range(100, 110)))

    def everything(self):
        return {name: pathlib.Path(self.spool, name).read_bytes() for name in os.listdir(self.spool)}

    def test_a_database_that_is_new_to_a_spool_gets_the_lines_from_now_on(self):
        self.server.kill()
        self.sink("--to", self.url, "--drain", "200ms").feed(trades(0, 100), close=True).wait(75)
        self.server.start()
        self.sink("--to", self.url, "--to", self.lite).feed(trades(100, 150), close=True).wait()
        self.assertEqual(self.numbers(), list(range(150)))
        self.assertEqual(self.lite_numbers(), list(range(100, 150)))
        self.check_empty()

    def test_passwords_do_not_stand_in_the_spool(self):
        self.server.kill()
        sink = Sink(self, "--spool", "spool", "--to", self.url, "--drain", "200ms", environment={"PGPASSWORD": "a-secret-word"})
        sink.feed(trades(0, 10), close=True).wait(75)
        for name, data in self.everything().items():
            self.assertNotIn(b"a-secret-word", data, name)
            self.assertFalse(stat.S_IMODE(os.stat(os.path.join(self.spool, name)).st_mode) & 0o002, name)

    def test_tables_that_are_missing_when_an_absent_database_comes_back(self):
        self.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        self.server.kill()
        sink = self.sink("--to", self.url, "--to", self.lite, "--drain", "1s").feed(trades(0, 50))
        sink.until(lambda: len(self.lite_numbers()) == 50, "SQLite's rows")
        self.server.start()
        sink.feed(trades(50, 60), close=True)
        sink.process.wait(60)
        self.assertIn(sink.process.returncode, (69, 75), sink.said())
        self.run_sink("--init", "--to", self.url)
        self.finish("--to", self.url, "--to", self.lite)
        self.assertEqual(self.numbers(), list(range(60)))
        self.assertEqual(self.lite_numbers(), list(range(60)))
        self.check_empty()

if __name__ == "__main__":
    unittest.main()
