"""mkt-sink --spool: kills of the sink and of the server, rows that a database refuses, logs that are torn or damaged.

MKT_KILLS and MKT_SERVER_KILLS say how many kills there are (10 and 5). Nothing waits for a fixed time; a kill comes at a random one.
"""

import contextlib
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import sqlite3
import time
import unittest

import sink_events as events
import spool_model as model
from sink_test import joined
from spool_case import PostgresSpoolCase, Sink, SpoolCase, number_in, numbered, trades

KILLS = int(os.environ.get("MKT_KILLS", "10"))
SERVER_KILLS = int(os.environ.get("MKT_SERVER_KILLS", "5"))


def pause(seconds):
    select.select([], [], [], seconds)


class Kills(PostgresSpoolCase):
    @staticmethod
    def options(rng):
        return ["--batch", str(rng.choice((7, 50, 333, 5000))), "--batch-delay", rng.choice(("1ms", "200ms")), "--fsync", rng.choice(("each", "100ms", "never")),
                *rng.choice(((), ("--spool-max", "1MB")))]  # Then its files are short.

    def loaded(self, rng, *arguments):
        sink = self.sink("--to", self.lite, "--to", self.url, *self.options(rng), *arguments)
        sink.pace = rng.choice((None, 3000, 20_000))
        return sink

    def test_kills_of_the_sink_with_the_same_input_again_lose_and_double_nothing(self):
        rng, lines = random.Random(61), events.stream(61, 5000)
        taken = 0
        for _ in range(KILLS):
            sink = self.loaded(rng).feed(lines)
            if rng.randrange(2):
                goal = rng.randrange(len(joined(lines)))
                sink.until(lambda sink=sink, goal=goal: sink.fed >= goal, "a part of the lines")
            pause(rng.random() * 0.4)
            taken += sink.taken
            sink.kill()
            model.read(self.spool, torn=True)
        self.assertGreater(taken, 100_000)
        self.sink("--to", self.lite, "--to", self.url).feed(lines, close=True).wait()
        self.check_both(lines)
        self.check_empty()

    def test_kills_of_the_sink_going_on_from_where_it_was_lose_and_double_nothing(self):
        rng, lines, at = random.Random(62), numbered(62, 700 * (KILLS + 1)), 0
        for number in range(KILLS):
            sink = self.loaded(rng).feed(lines[at:at + rng.randrange(1, 1400)])
            pause(rng.random() * 0.4)
            sink.kill()
            at = self.after_kill(sink, lines, at)
            # What a kill has left the next run stores also without any input.
            if number % 4 == 0:
                self.finish("--to", self.lite, "--to", self.url)
                self.check_empty()
                self.assertEqual(self.numbers(), list(range(at)))
                self.assertEqual(self.lite_numbers(), list(range(at)))
        self.assertGreater(at, 0)
        self.sink("--to", self.lite, "--to", self.url).feed(lines[at:], close=True).wait()
        self.check_both(lines)
        self.check_empty()

    def after_kill(self, sink, lines, before):
        """Checks what a kill has left; gives how many lines are safe."""
        logged = [number_in(event) for _, _, event in model.read(self.spool, torn=True)]
        stored, lite = self.numbers(), self.lite_numbers()
        for each in (stored, lite):
            self.assertEqual(each, list(range(len(each))), "not the first lines")
        safe = max([*logged, *stored, *lite], default=-1) + 1
        self.assertEqual(logged, list(range(safe - len(logged), safe)))
        self.assertLessEqual(safe - len(logged), min(len(stored), len(lite)), "lines are in the log no more, and not in a database")
        # No more can be lost than what the last reading of standard input has brought.
        text = joined(lines[before:])[:sink.taken]
        self.assertLessEqual(text.count(b"\n") - (safe - before), (1 << 20) // 100)
        return safe

    def test_kills_of_the_sink_while_databases_come_and_go(self):
        rng, lines, at = random.Random(63), numbered(63, 500 * (KILLS + 1)), 0
        for _ in range(KILLS):
            if self.server.away and rng.randrange(2):
                self.server.start()
            elif not self.server.away and rng.randrange(3) == 0:
                self.server.kill()
            held = self.locked() if rng.randrange(3) == 0 and os.path.exists(self.path("mkt.db")) else contextlib.nullcontext()
            sink = self.loaded(rng).feed(lines[at:at + rng.randrange(1, 1000)])
            with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(held) if hasattr(held, "close") else held:
                pause(rng.random() * 0.3)
                sink.kill()
            was_away = self.server.away
            self.server.start()
            at = self.after_kill(sink, lines, at)
            if was_away and rng.randrange(2):
                self.server.kill()
        self.server.start()
        self.sink("--to", self.lite, "--to", self.url).feed(lines[at:], close=True).wait()
        self.check_both(lines)
        self.check_empty()

    def test_a_kill_between_lines_that_say_the_same_loses_neither(self):
        line, other = trades(5, 7)
        same = line.replace('"venue_us":5,', "")
        for copies in (2, 3):
            with self.subTest(copies=copies):
                lines = [same.replace('"size":12', f'"size":{copies}')] * copies + [other.replace('"size":12', f'"size":{copies}')]
                holder = self.lock("trades")
                sink = self.sink("--to", self.url, "--batch", "1", "--batch-delay", "1ms")
                for number, each in enumerate(lines[:copies]):
                    sink.feed([each])
                    sink.until(lambda number=number: len(self.log()) == number + 1, "the line in the log")
                sink.kill()
                self.assertEqual([occurrence for _, occurrence, _ in model.read(self.spool)], list(range(copies)))
                holder.kill()
                holder.wait()
                # The first of them only is stored, then a kill again.
                self.sql(f"CREATE FUNCTION hold{copies}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.occurrence > 0 THEN PERFORM pg_sleep(60); END IF; RETURN NEW; END $$;"
                         f"CREATE TRIGGER hold BEFORE INSERT ON trades FOR EACH ROW EXECUTE FUNCTION hold{copies}();")
                sink = self.sink("--to", self.url, "--batch", "1", "--batch-delay", "1ms")
                size = f"SELECT count(*) FROM trades WHERE size_e6 = {copies}000000"
                sink.until(lambda size=size: self.sql(size) == "1\n", "the first row")
                sink.kill()
                self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}' AND pid <> pg_backend_pid(); DROP TRIGGER hold ON trades;")
                self.sink("--to", self.url).feed(lines[copies:], close=True).wait()
                self.assertEqual(self.sql(size), f"{copies + 1}\n")
                self.check_empty()


class ServerKills(PostgresSpoolCase):
    def test_kills_of_the_server_under_load_need_no_operator(self):
        for word in ("SIGKILL", "immediate"):
            with self.subTest(word):
                rng, lines = random.Random(64), events.stream(64 + len(word), 1500 * (SERVER_KILLS + 1))
                self.sql("".join(f"DELETE FROM {table};" for table in events.COLUMNS))
                shutil.rmtree(self.spool, True)
                for name in pathlib.Path(self.dir).glob("mkt.db*"):
                    name.unlink()
                sink = self.sink("--to", self.lite, "--to", self.url, "--batch", "100", "--batch-delay", "5ms", "--metrics", "metrics", "--heartbeat", "100ms")
                sink.pace = 8000
                sink.feed(lines)
                before = 0
                for kill in range(SERVER_KILLS):
                    goal = len(joined(lines)) * (kill + 1) // (SERVER_KILLS + 2)
                    sink.until(lambda goal=goal: sink.fed >= goal, "a part of the lines")
                    pause(rng.random() * 0.05)
                    (self.server.murder if word == "SIGKILL" else self.server.kill)()
                    pause(rng.random() * 0.2)
                    self.server.start()
                    count = f"SELECT count(*) FROM ({self.numbers_query()}) x"
                    sink.until(lambda count=count, before=before: int(self.sql(count)) > before, "rows after a kill")
                    before = int(self.sql(count))
                sink.close().wait()
                self.check_both(lines)
                self.check_empty()


class Everything(PostgresSpoolCase):
    """All faults at random moments: kills of both, locks, pauses, refused rows, torn ends. One seed for ten kills of MKT_KILLS."""

    LITE, POSTGRES = (37, 3), (41, 5)  # Trades that are refused: of each so many, the one with this rest.

    def test_any_faults_at_any_moment_lose_and_double_nothing(self):
        refusal = "NEW.venue_us %% %d = %d"
        self.alter_lite(f"CREATE TRIGGER mine BEFORE INSERT ON trades WHEN {refusal % self.LITE} BEGIN SELECT RAISE(ABORT, 'not this one'); END")
        self.sql(f"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refusal % self.POSTGRES} THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;"
                 "CREATE TRIGGER mine BEFORE INSERT ON trades FOR EACH ROW EXECUTE FUNCTION mine();")
        for seed in range(max(1, KILLS // 10)):
            with self.subTest(seed=seed):
                self.server.start()
                self.sql("".join(f"DELETE FROM {table};" for table in events.COLUMNS))
                self.alter_lite(*(f"DELETE FROM {table}" for table in events.COLUMNS))
                shutil.rmtree(self.spool, True)
                self.session(random.Random(seed), numbered(1000 + seed, 6000))

    def session(self, rng, lines):
        at, self.held = 0, None
        while at < len(lines) - 1500:
            sink = self.sink("--to", self.lite, "--to", self.url, *Kills.options(rng))
            sink.pace = rng.choice((None, 2000, 20_000))
            sink.feed(lines[at:at + rng.randrange(1, 1500)])
            for _ in range(rng.randrange(4)):
                pause(rng.random() * 0.15)
                self.fault(rng)
            pause(rng.random() * 0.2)
            if rng.randrange(4) == 0:
                sink.signal(signal.SIGTERM)
                pause(rng.random())
            sink.kill()
            self.unlock(rng.randrange(2))
            away = self.server.away
            self.server.start()
            at = self.safe()
            at -= rng.randrange(3) == 0 and self.tear(rng, at - 1)
            if away and rng.randrange(2):
                self.server.kill()
        self.unlock(True)
        self.server.start()
        self.sink("--to", self.lite, "--to", self.url).feed(lines[at:], close=True).wait(seconds=120)
        lite, other = ({line for number, line in enumerate(lines) if number % every == rest and '"type":"trade"' in line} for every, rest in (self.LITE, self.POSTGRES))
        self.check([line for line in lines if line not in lite])
        self.check_postgres([line for line in lines if line not in other])
        self.assert_rejected([*lite, *other], "not this one")
        self.check_empty(model.REJECTED)

    def fault(self, rng):
        fault = rng.randrange(5)
        if fault == 0 and not self.server.away:
            rng.choice((self.server.kill, self.server.murder))()
        elif fault == 1:
            self.server.start()
        elif fault == 2 and not self.held:
            with contextlib.suppress(sqlite3.OperationalError):
                self.held = self.locked()
        elif fault == 3:
            self.unlock(True)
        elif fault == 4 and not self.server.away:
            self.server.freeze(signal.SIGSTOP)
            pause(0.1)
            self.server.freeze(signal.SIGCONT)

    def unlock(self, really):
        if self.held and really:
            self.held.close()
            self.held = None

    def safe(self):
        """How many lines are in the log, or in both databases, or set aside: the first ones, and none is missing."""
        log = [number_in(event) for _, _, event in model.read(self.spool, torn=True)]
        self.had = set(self.numbers()) | set(self.lite_numbers()) | {number_in(each["raw"]) for each in self.rejected()}
        whole = set(self.numbers()) & set(self.lite_numbers()) | {number_in(each["raw"]) for each in self.rejected()}
        count = max([*log, *self.had], default=-1) + 1
        self.assertEqual(log, list(range(count - len(log), count)))
        self.assertEqual(set(range(count - len(log))) - whole, set(), "lines are gone")
        return count

    def tear(self, rng, number):
        """Cuts the last line of the log, if nobody has it yet."""
        for path in model.files(self.spool)[-1:]:
            data = pathlib.Path(path).read_bytes()
            if data.endswith(b"\n") and number not in self.had:
                os.truncate(path, rng.randrange(data.rfind(b"\n", 0, -1) + 1, len(data) - 1))
                return True
        return False


class Refused(PostgresSpoolCase):
    """Rows that a constraint or trigger of the user refuses."""

    @staticmethod
    def lite_trigger(condition, table="trades"):
        return f"CREATE TRIGGER mine BEFORE INSERT ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'not this one'); END"

    def postgres_trigger(self, condition, table="trades"):
        self.sql(f"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;"
                 f"CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION mine();")

    CASES = (
        ("one", lambda: numbered_with_trade(71, 5000, 3333), "NEW.venue_us = 3333", lambda number: number == 3333),
        ("thirds", lambda: trades(0, 300), "NEW.venue_us % 3 = 1", lambda number: number % 3 == 1),
        ("all", lambda: trades(0, 300), "NEW.venue_us >= 0", lambda number: True),
        ("ends", lambda: trades(0, 300), "NEW.venue_us IN (0, 299)", lambda number: number in (0, 299)),
    )

    def test_rows_that_sqlite_refuses_are_set_aside_and_the_rest_is_stored(self):
        for name, make, condition, refused in self.CASES:
            with self.subTest(name):
                lines = make()
                self.alter_lite(self.lite_trigger(condition), name=f"{name}.db")
                sink = Sink(self, "--spool", name, "--to", f"sqlite:{name}.db", "--to", "-", "--heartbeat", "0").feed(lines, close=True)
                said = sink.wait()
                self.check_refused(lines, refused, said, name, "not this one")
                self.check([line for line in lines if not refused(number_in(line))], f"{name}.db")
                self.assertEqual(sink.lines_out(), joined(lines))

    def check_refused(self, lines, refused, said, folder, reason):
        gone = [line for line in lines if refused(number_in(line))]
        self.assert_rejected(gone, reason, self.path(folder))
        self.assertEqual(self.counters(said)["skipped_refused_row"], str(len(gone)))
        self.assertIn("warning", said)
        self.assertIn("not this one" if reason == "not this one" else "", said)
        self.assertEqual(model.left(self.path(folder)), [model.REJECTED])

    def test_rows_that_postgresql_refuses_are_set_aside_and_the_rest_is_stored(self):
        for name, make, condition, refused in self.CASES:
            with self.subTest(name):
                self.sql("DROP TRIGGER IF EXISTS mine ON trades; DROP FUNCTION IF EXISTS mine;" + "".join(f"DELETE FROM {table};" for table in events.COLUMNS))
                lines = make()
                self.postgres_trigger(condition)
                said = Sink(self, "--spool", name, "--to", self.url, "--to", f"sqlite:{name}.db").feed(lines, close=True).wait()
                self.check_refused(lines, refused, said, name, "not this one")
                self.check_postgres([line for line in lines if not refused(number_in(line))])
                # The other database has all.
                self.check(lines, f"{name}.db")
                for each in self.rejected(self.path(name)):
                    self.assertRegex(each["reason"], f"(?i)postgres|{self.database}")

    def test_constraints_of_every_kind_refuse_in_postgresql(self):
        lines = trades(0, 400)
        for name, statement, refused in (
                ("check", "ALTER TABLE trades ADD CONSTRAINT mine CHECK (venue_us % 100 <> 7)", lambda number: number % 100 == 7),
                ("null", "CREATE FUNCTION nulls() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.venue_us % 100 = 8 THEN NEW.venue_us = NULL; END IF; RETURN NEW; END $$;"
                         "CREATE TRIGGER nulls BEFORE INSERT ON trades FOR EACH ROW EXECUTE FUNCTION nulls(); ALTER TABLE trades ALTER venue_us SET NOT NULL",
                 lambda number: number % 100 == 8),
                ("deferred", "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.venue_us % 100 = 9 THEN RAISE EXCEPTION 'too late'; END IF; RETURN NEW; END $$;"
                             "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON trades DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()",
                 lambda number: number % 100 == 9),
                ("division", "CREATE FUNCTION zero() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.price_e6 = NEW.price_e6 + 0 / (NEW.venue_us % 100 - 10); RETURN NEW; END $$;"
                             "CREATE TRIGGER zero BEFORE INSERT ON trades FOR EACH ROW EXECUTE FUNCTION zero()",
                 lambda number: number % 100 == 10)):
            with self.subTest(name):
                database = self.database
                self.database = f"{database}_{name}"[-60:]
                self.server.sql(f"CREATE DATABASE {self.database} TEMPLATE made")
                self.sql(statement)
                said = Sink(self, "--spool", name, "--to", self.address("owner")).feed(lines, close=True).wait()
                self.check_refused(lines, refused, said, name, "(?i)postgres|" + self.database)
                self.check_postgres([line for line in lines if not refused(number_in(line))])
                self.database = database

    def test_a_check_in_sqlite_refuses_too(self):
        # SQLite takes a new CHECK only with a new table; INSERT OR IGNORE would pass over it without a word.
        schema, _ = self.run_sink("--schema")
        head, found, tail = schema.decode().partition("aggressor_side TEXT NOT NULL,")
        self.assertTrue(found)
        with contextlib.closing(sqlite3.connect(self.path("mkt.db"))) as connection:
            connection.executescript(head + "aggressor_side TEXT NOT NULL CHECK (venue_us % 50 <> 3)," + tail)
        lines = trades(0, 300)
        said = self.sink("--to", self.lite).feed(lines, close=True).wait()
        self.check_refused(lines, lambda number: number % 50 == 3, said, "spool", "CHECK")
        self.check([line for line in lines if number_in(line) % 50 != 3])

    def test_what_both_refuse_is_set_aside_for_each(self):
        self.alter_lite(self.lite_trigger("NEW.venue_us % 10 = 3"))
        self.postgres_trigger("NEW.venue_us % 15 = 3")
        lines = trades(0, 300)
        self.sink("--to", self.lite, "--to", self.url).feed(lines, close=True).wait()
        want = [line for line in lines for each in (10, 15) if number_in(line) % each == 3]
        found = self.rejected()
        self.assertEqual(sorted(each["raw"] for each in found), sorted(want))
        self.assertEqual(len({(each["raw"], each["reason"]) for each in found}), len(want))
        for name, each in (("(?i)sqlite|mkt.db", 10), (f"(?i)postgres|{self.database}", 15)):
            raws = [entry["raw"] for entry in found if re.search(name, entry["reason"])]
            self.assertEqual(sorted(raws), sorted(line for line in lines if number_in(line) % each == 3), name)
        self.assertEqual(self.lite_numbers(), [number for number in range(300) if number % 10 != 3])
        self.assertEqual(self.numbers(), [number for number in range(300) if number % 15 != 3])

    def test_characters_that_postgresql_cannot_store(self):
        lines = events.stream(72, 500)
        bad = '{"v":1,"type":"market_status","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":5,"state":"open","reason":"a\\u0000b"}'
        worse = [bad, bad.replace('"i"', '"i\\u0000"'),
                 bad.replace("\\u0000", "").replace('"recv_us":5', f'"recv_us":{(1 << 63) - 1}'), bad.replace('"i"', f'"{"x" * 2001}"').replace("\\u0000", "")]
        mixed = [*lines[:200], *worse, *lines[200:]]
        _, stderr = self.run_sink("--to", self.url, "--to", self.lite, "--spool", "spool", data=joined(mixed))
        self.assert_rejected(worse, f"(?i)postgres|{self.database}")
        self.assertEqual(self.counters(stderr)["skipped_refused_row"], "4")
        self.check_postgres(lines)
        self.check(mixed)
        self.check_empty(model.REJECTED)

    def test_refusals_by_sqlite_and_other_spellings_stand_byte_for_byte(self):
        self.alter_lite(self.lite_trigger("1"))
        line = ' { "v":1 ,"type":"trade","feed":"pm\\u00fc","venue":"x", "market":"ü\\/\\"","instrument":"\\ud83d\\ude00\U0001f600\u2028\x7f",' \
               '"recv_us":1,"price":5e-1,"size":"1.0","aggressor_side":"buy"}\t'
        huge = trades(5, 6)[0][:-1] + ',"tx":"%s"}' % ("x" * 3_000_000)
        self.sink("--to", self.lite).feed([line, huge], close=True).wait()
        self.assert_rejected([line, huge], "not this one")

    def test_a_name_that_a_database_refuses_is_that_lines_own_fault(self):
        lines = trades(0, 200)
        bad = [lines[number].replace('"m"', f'"bad{number}"') for number in (50, 51, 150)]
        mixed = [bad[(50, 51, 150).index(number)] if number in (50, 51, 150) else line for number, line in enumerate(lines)]
        self.sql("ALTER TABLE mkt_texts ADD CONSTRAINT mine CHECK (text NOT LIKE 'bad%')")
        self.sink("--to", self.url, "--to", self.lite).feed(mixed, close=True).wait()
        self.assert_rejected(bad, "mine")
        self.check_postgres([line for line in mixed if line not in bad])
        self.check(mixed)
        self.check_empty(model.REJECTED)

    def test_strict_ends_with_65_at_a_refused_row_and_loses_nothing(self):
        lines = trades(0, 300)
        for name, url in (("lite", self.lite), ("postgres", self.url)):
            with self.subTest(name):
                if name == "lite":
                    self.alter_lite(self.lite_trigger("NEW.venue_us = 100"))
                else:
                    self.postgres_trigger("NEW.venue_us = 100")
                Sink(self, "--spool", name, "--to", url, "--strict", "--batch", "40").feed(lines, close=True).wait(65)
                logged = [number_in(event) for _, _, event in model.read(self.path(name))]
                Sink(self, "--spool", name, "--to", url).feed(lines[max(logged, default=-1) + 1 if logged else 0:], close=True).wait()
                self.assertEqual(self.lite_numbers() if name == "lite" else self.numbers(), [number for number in range(300) if number != 100])
                self.assertEqual([each["raw"] for each in self.rejected(self.path(name))], [lines[100]])

    def test_refusals_hold_up_neither_the_stream_nor_the_other_database(self):
        self.sql("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.01); RAISE EXCEPTION 'not this one'; END $$;"
                 "CREATE TRIGGER mine BEFORE INSERT ON trades FOR EACH ROW EXECUTE FUNCTION mine();")
        sink = self.sink("--to", self.url, "--to", self.lite, "--to", "-", "--heartbeat", "0", "--metrics", "metrics").feed(trades(0, 300))
        sink.until(lambda: len(self.lite_numbers()) == 300, "SQLite's rows")
        self.assertLess(len(self.rejected_raw()), 300)
        sink.close().wait()
        self.assert_rejected(trades(0, 300), "not this one")
        self.assertEqual(self.numbers(), [])

    def rejected_raw(self):
        try:
            return pathlib.Path(self.spool, model.REJECTED).read_bytes().splitlines()
        except FileNotFoundError:
            return []

    def test_a_kill_while_rows_are_refused_leaves_each_of_them_once(self):
        self.alter_lite(self.lite_trigger("NEW.venue_us % 3 = 1"))
        self.postgres_trigger("NEW.venue_us % 3 = 2")
        lines, rng, kills = trades(0, 3000), random.Random(73), 0
        sink = self.sink("--to", self.lite, "--to", self.url, "--batch", "50").feed(lines)
        sink.until(lambda: len(self.rejected_raw()) > 20 and model.event_of(self.log()[-1]).decode() == lines[-1], "the first refusals")
        for _ in range(KILLS):
            kills += sink.process.poll() is None
            sink.kill()
            sink = self.sink("--to", self.lite, "--to", self.url, "--batch", str(rng.choice((3, 20, 50))))
            pause(rng.random() * 0.25)
        sink.close().wait()
        self.assertEqual(kills, KILLS)
        self.assertEqual(self.lite_numbers(), [number for number in range(3000) if number % 3 != 1])
        self.assertEqual(self.numbers(), [number for number in range(3000) if number % 3 != 2])
        found = [each["raw"] for each in self.rejected()]
        want = [line for line in lines if number_in(line) % 3]
        self.assertEqual(sorted(set(found)), sorted(want))
        self.assertEqual(len(found), len(want), "refused lines were set aside twice")
        self.check_empty(model.REJECTED)

    def test_a_database_that_is_away_amid_refusals_refuses_nothing_by_that(self):
        self.postgres_trigger("NEW.venue_us % 3 = 1")
        lines = trades(0, 1500)
        sink = self.sink("--to", self.url, "--batch", "30").feed(lines)
        for goal in (20, 200, 350):
            sink.until(lambda goal=goal: len(self.rejected_raw()) >= goal, "refusals")
            (self.server.kill if goal != 200 else self.server.murder)()
            self.server.start()
        sink.close().wait()
        self.assert_rejected([line for line in lines if number_in(line) % 3 == 1], "not this one")
        self.assertEqual(self.numbers(), [number for number in range(1500) if number % 3 != 1])


def numbered_with_trade(seed, count, place):
    """Lines of every type, of which that one is a trade."""
    lines = numbered(seed, count)
    lines[place] = trades(place, place + 1)[0]
    return lines


class Refusing(PostgresSpoolCase):
    """A database that takes nothing for a reason that is no row's fault: nothing is set aside, all is stored when it takes again."""

    def under_way(self, *arguments):
        sink = self.sink("--to", self.url, "--to", self.lite, "--batch", "50", "--batch-delay", "10ms", "--metrics", "metrics", "--heartbeat", "100ms", *arguments).feed(trades(0, 100))
        sink.until(lambda: len(self.numbers()) == 100 and len(self.lite_numbers()) == 100, "the first rows")
        return sink

    def refused_for_a_while(self, take, back, target="postgres"):
        sink = self.under_way()
        take()
        sink.feed(trades(100, 300))
        other = self.numbers if target == "sqlite" else self.lite_numbers
        sink.until(lambda: len(other()) == 300, "the other database to go on")
        sink.until(lambda: self.metrics().get(f"retries_{target}", 0) >= 2, "it to be tried again")
        self.assertEqual(self.rejected(), [])
        self.assertEqual(len(sink.warnings(self.database)), 1, sink.said())
        back()
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(300)))
        self.assertEqual(self.lite_numbers(), list(range(300)))
        self.check_empty()

    def test_a_table_that_is_missing_for_a_while(self):
        self.refused_for_a_while(lambda: self.sql("ALTER TABLE trades RENAME TO elsewhere"), lambda: self.sql("ALTER TABLE elsewhere RENAME TO trades"))

    def test_a_database_that_lets_nobody_in_for_a_while(self):
        def take():
            self.server.sql(f"ALTER DATABASE {self.database} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}'")
        self.refused_for_a_while(take, lambda: self.server.sql(f"ALTER DATABASE {self.database} ALLOW_CONNECTIONS true"))

    def test_conditions_of_the_server_are_no_faults_of_rows(self):
        for code in ("53100", "40001", "55P03", "53300"):  # A full disk, a conflict, a lock, too many clients.
            with self.subTest(code):
                self.sql("".join(f"DELETE FROM {table};" for table in events.COLUMNS))
                for name in pathlib.Path(self.dir).glob("mkt.db*"):
                    name.unlink()
                shutil.rmtree(self.spool, True)
                pathlib.Path(self.dir, "metrics").unlink(True)
                self.refused_for_a_while(
                    lambda code=code: self.sql(
                        f"CREATE OR REPLACE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{code}'; END $$;"
                        "CREATE TRIGGER mine BEFORE INSERT ON trades FOR EACH ROW EXECUTE FUNCTION mine();"),
                    lambda: self.sql("DROP TRIGGER mine ON trades"))

    def test_connections_that_are_ended_from_outside(self):
        sink = self.under_way()
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}' AND pid <> pg_backend_pid()"
        for begin in range(100, 2000, 100):
            sink.feed(trades(begin, begin + 100))
            self.sql(end)
        sink.close().wait()
        self.assertEqual(self.numbers(), list(range(2000)))
        self.assertEqual(self.rejected(), [])
        self.check_empty()

    def test_a_right_that_is_taken_away_ends_a_run_with_77_and_the_lines_stay(self):
        self.sql("DROP ROLE IF EXISTS a_writer; CREATE ROLE a_writer LOGIN IN ROLE mkt_writer;")
        url = self.address("a_writer")
        sink = self.sink("--to", url, "--to", self.lite, "--drain", "500ms").feed(trades(0, 100))
        sink.until(lambda: len(self.numbers()) == 100, "the first rows")
        self.sql("REVOKE mkt_writer FROM a_writer")
        sink.feed(trades(100, 200))
        sink.until(lambda: len(self.lite_numbers()) == 200, "SQLite to go on")
        sink.feed(trades(200, 300), close=True).process.wait(60)
        self.assertIn(sink.process.returncode, (75, 77), sink.said())
        self.assertEqual(self.lite_numbers(), list(range(300)))
        self.assertEqual(self.rejected(), [])
        self.sql("GRANT mkt_writer TO a_writer")
        self.finish("--to", url, "--to", self.lite)
        self.assertEqual(self.numbers(), list(range(300)))
        self.check_empty()

    def test_a_table_of_sqlite_that_is_missing_for_a_while(self):
        def rename(old, new):
            with contextlib.closing(sqlite3.connect(self.path("mkt.db"), isolation_level=None, timeout=30)) as connection:
                connection.executescript(f"DROP VIEW IF EXISTS v_{old}; ALTER TABLE {old} RENAME TO {new};")

        sink = self.under_way()
        rename("quotes", "elsewhere")
        quote = trades(100, 101)[0].replace('"trade"', '"quote"').replace('"price":0.5,"size":12,"aggressor_side":"buy"', '"bid":[0.5,1],"ask":null')
        sink.feed([quote, *trades(101, 200)])
        sink.until(lambda: len(self.numbers()) == 200, "the other database to go on")
        sink.until(lambda: self.metrics().get("retries_sqlite", 0) >= 2, "it to be tried again")
        self.assertEqual(self.rejected(), [])
        rename("elsewhere", "quotes")
        sink.close().wait()
        self.assertEqual(self.lite_numbers(), list(range(200)))
        self.check_empty()

    def test_another_database_in_its_place_gets_no_wrong_names(self):
        sink = self.under_way("--drain", "2s")
        other = self.database + "_other"
        self.server.sql(f"CREATE DATABASE {other} TEMPLATE made")
        database, self.database = self.database, other
        self.run_sink("--to", self.address("owner"), data=joined(numbered(65, 300)))  # Its names have other numbers.
        self.database = database
        self.server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'; ALTER DATABASE {database} RENAME TO {database}_before; "
                        f"ALTER DATABASE {other} RENAME TO {database};")
        sink.feed(trades(1000, 1100), close=True)
        sink.process.wait(60)
        self.assertIn(sink.process.returncode, (0, 75), sink.said())
        if sink.process.returncode:
            self.finish("--to", self.url, "--to", self.lite)
        self.check_postgres(numbered(65, 300) + trades(1000, 1100))
        self.check_empty()


class Damaged(SpoolCase):
    """Logs that a kill or something else has changed, for SQLite."""

    COUNT = 40

    def setUp(self):
        super().setUp()
        self.lines = numbered(81, self.COUNT)
        self.run_sink("--init", "--to", self.lite)
        held = self.locked()
        sink = self.sink("--to", self.lite, "--log-level", "error").feed(self.lines)
        sink.until(lambda: len(self.log()) == self.COUNT, "the lines in the log")
        sink.kill()
        held.close()
        self.assertEqual(self.lite_numbers(), [])
        self.assertEqual([event.decode() for _, _, event in model.read(self.spool)], self.lines)
        [self.file] = model.files(self.spool)
        self.whole = pathlib.Path(self.file).read_bytes()
        self.raw = self.whole.splitlines(True)
        self.first = model.number_of(self.raw[0][:-1])
        self.kept = {name: pathlib.Path(self.dir, name).read_bytes() for name in os.listdir(self.dir) if name.startswith("mkt.db")}
        self.kept_spool = {name: pathlib.Path(self.spool, name).read_bytes() for name in os.listdir(self.spool)}

    def again(self, data=None, files=None):
        """All as the kill left it, but for the log."""
        for name in os.listdir(self.dir):
            if name.startswith("mkt.db"):
                os.remove(self.path(name))
        for name, content in self.kept.items():
            pathlib.Path(self.dir, name).write_bytes(content)
        shutil.rmtree(self.spool)
        os.mkdir(self.spool)
        for name, content in self.kept_spool.items():
            pathlib.Path(self.spool, name).write_bytes(content)
        if files is not None:
            os.remove(self.file)
            for name, content in files.items():
                pathlib.Path(self.spool, name).write_bytes(content)
        else:
            pathlib.Path(self.file).write_bytes(data)

    def stored(self, numbers, but=()):
        self.check([line for number, line in enumerate(self.lines + self.more) if number in set(numbers) and number not in but])

    more = trades(COUNT, COUNT + 5)

    def test_a_log_that_is_cut_anywhere_keeps_its_whole_lines(self):
        last = len(self.whole) - len(self.raw[-1])
        end, first = len(self.whole), len(self.raw[0])
        places = sorted({*range(last - 3, last + 60), *range(last, end, 11), *range(end - 5, end + 1), 0, 1, first - 1, first, end // 2})
        for place in places:
            with self.subTest(cut=place - last):
                self.again(self.whole[:place])
                count = self.whole[:place].count(b"\n")
                said = self.sink("--to", self.lite).feed(self.more, close=True).wait()
                got = self.lite_numbers()
                options = [[*range(count), *range(self.COUNT, self.COUNT + 5)]]
                if self.whole[place:] == b"\n":  # Whole but for its newline.
                    options.append([*range(self.COUNT + 5)])
                self.assertIn(got, options)
                self.stored(got)
                torn = place and self.whole[place - 1:place] != b"\n"
                if len(options) == 1:
                    self.assertEqual("warning" in said, bool(torn), said)
                self.assertLessEqual(said.count("warning"), 1, said)
                self.check_empty()

    def test_garbage_behind_the_end_is_no_loss(self):
        rng = random.Random(82)
        for name, tail in (
                ("zeros", bytes(4096)), ("zero", b"\0"), ("noise", rng.randbytes(300).replace(b"\n", b"x")), ("half a line", self.raw[3][:77]), ("brace", b"}"),
                ("lines", b"x\ny\n"), ("zeros with newlines", bytes(100) + b"\n" + bytes(100)), ("blank", b"\n"), ("much", bytes(9_000_000))):
            with self.subTest(name):
                self.again(self.whole + tail)
                said = self.sink("--to", self.lite).feed(self.more, close=True).wait()
                self.assertEqual(self.lite_numbers(), list(range(self.COUNT + 5)))
                self.stored(range(self.COUNT + 5))
                if name != "blank":
                    self.assertIn("warning", said)
                self.assertEqual([each for each in model.left(self.spool) if each != model.REJECTED], [])

    def test_a_line_that_something_has_changed_is_set_aside_and_told(self):
        rng = random.Random(83)
        for number in (0, 17, 38):
            begin = sum(map(len, self.raw[:number]))
            length = len(self.raw[number])
            start = self.raw[number].index(b'"line":') + 7
            for place in (2, 12, 15, 24, 32, start - 2, start + 1, start + 20, rng.randrange(start, length - 3), length - 3, length - 2):
                with self.subTest(number=number, place=place):
                    data = bytearray(self.whole)
                    data[begin + place] ^= 1 << rng.randrange(3)
                    if data[begin + place] == 10:
                        data[begin + place] ^= 0x20
                    self.again(bytes(data))
                    sink = self.sink("--to", self.lite).feed(self.more, close=True)
                    said = sink.wait()
                    self.stored(range(self.COUNT + 5), but=(number,))
                    self.assertEqual(self.counters(said)["skipped_spool_damage"], "1", said)
                    self.assertIn("warning", said)
                    rejected = self.rejected()
                    self.assertEqual(len(rejected), 1)
                    self.assertRegex(rejected[0]["reason"], "(?i)checksum|damage|changed|spool|log")
                    self.check_empty(model.REJECTED)

    def test_strict_ends_with_65_at_a_damaged_line_and_the_rest_can_be_stored_later(self):
        data = bytearray(self.whole)
        data[sum(map(len, self.raw[:20])) + 90] ^= 1
        self.again(bytes(data))
        self.sink("--to", self.lite, "--strict").close().wait(65)
        self.finish("--to", self.lite)
        self.stored(range(self.COUNT), but=(20,))
        self.check_empty(model.REJECTED)

    def parts(self, *cuts):
        """The log as files that begin with these lines."""
        bounds = [0, *cuts, self.COUNT]
        return {f"{self.first + begin:020}.ndjson": b"".join(self.raw[begin:end]) for begin, end in zip(bounds, bounds[1:])}

    def test_a_log_of_several_files_is_read_in_order(self):
        self.again(files=self.parts(9, 10, 30))
        said = self.finish("--to", self.lite)
        self.assertNotIn("warning", said)
        self.stored(range(self.COUNT))
        self.check_empty()

    def test_missing_numbers_are_told(self):
        for name, files, gone in (
                ("a file in the middle", {key: value for key, value in self.parts(10, 20).items() if int(key[:20]) != self.first + 10}, range(10, 20)),
                ("the first file", {key: value for key, value in self.parts(10, 20).items() if int(key[:20]) != self.first}, range(10)),
                ("lines in a file", {os.path.basename(self.file): b"".join(self.raw[:5] + self.raw[8:])}, range(5, 8))):
            with self.subTest(name):
                self.again(files=files)
                said = self.sink("--to", self.lite).feed(self.more, close=True).wait()
                self.stored(range(self.COUNT + 5), but=gone)
                self.assertIn("warning", said)
                self.assertGreater(int(self.counters(said).get("skipped_spool_damage", 0)), 0, said)
                self.assertEqual([each for each in model.left(self.spool) if each != model.REJECTED], [])
                self.again(files=files)
                self.sink("--to", self.lite, "--strict").close().wait(65)
                self.finish("--to", self.lite)
                self.stored(range(self.COUNT), but=gone)

    def test_files_of_others_in_the_folder_are_left_alone(self):
        for name in ("notes.txt", "12.ndjson", "00000000000000000001.ndjson.bak", ".hidden"):
            pathlib.Path(self.spool, name).write_bytes(b"mine\n")
        self.finish("--to", self.lite)
        self.stored(range(self.COUNT))
        self.assertEqual({name: pathlib.Path(self.spool, name).read_bytes() for name in model.left(self.spool)},
                         dict.fromkeys(("notes.txt", "12.ndjson", "00000000000000000001.ndjson.bak", ".hidden"), b"mine\n"))

    def test_a_position_that_is_lost_or_torn_stores_nothing_twice(self):
        # The first half is stored and noted; then the note is as old as at the kill, gone, empty or cut.
        positions = [name for name in self.kept_spool if name.endswith(".position")]
        for change in ("gone", "empty", "cut", "noise"):
            with self.subTest(change):
                self.again(self.whole)
                self.finish("--to", self.lite)
                stored = {name: pathlib.Path(self.dir, name).read_bytes() for name in os.listdir(self.dir) if name.startswith("mkt.db")}
                self.again(self.whole)
                for name, content in stored.items():
                    pathlib.Path(self.dir, name).write_bytes(content)
                for name in positions:
                    path = pathlib.Path(self.spool, name)
                    content = path.read_bytes()
                    if change == "gone":
                        path.unlink()
                    else:
                        path.write_bytes({"empty": b"", "cut": content[:len(content) // 2], "noise": b"\xff\0noise"}[change])
                sink = self.sink("--to", self.lite).feed(self.more, close=True)
                sink.process.wait(30)
                self.assertEqual(sum(number < self.COUNT for number in self.lite_numbers()), self.COUNT, sink.said())
                if sink.process.returncode == 0:
                    self.stored(range(self.COUNT + 5))


    def test_a_log_that_lost_its_end_gives_no_number_twice(self):
        # A machine that ends may take the end of the log with it, and leave a position, and rows, that are behind it.
        self.again(self.whole)
        self.finish("--to", self.lite)
        stored = {name: pathlib.Path(self.dir, name).read_bytes() for name in os.listdir(self.dir) if name.startswith("mkt.db")}
        positions = {name: pathlib.Path(self.spool, name).read_bytes() for name in os.listdir(self.spool) if name.endswith(".position")}
        for left in (30, 0):
            with self.subTest(left=left):
                self.again(b"".join(self.raw[:left]))
                for name, content in stored.items():
                    pathlib.Path(self.dir, name).write_bytes(content)
                for name, content in positions.items():
                    pathlib.Path(self.spool, name).write_bytes(content)
                self.sink("--to", self.lite).feed(self.more, close=True).wait()
                self.stored(range(self.COUNT + 5))
                self.check_empty()


class Copies(SpoolCase):
    """Streams of repeated lines and clocks that go back, with kills; SQLite alone, so that there can be many."""

    def test_kills_amid_lines_that_say_the_same(self):
        rng = random.Random(91)
        for round_ in range(max(3, KILLS // 2)):
            with self.subTest(round=round_):
                name = f"{round_}.db"
                lines = events.stream(910 + round_, 400)
                for _ in range(20):
                    place = rng.randrange(1, len(lines))
                    lines[place:place] = rng.choice(([lines[place - 1]] * rng.randrange(1, 3), lines[max(0, place - 9):place]))
                self.run_sink("--init", "--to", f"sqlite:{name}")
                held = self.locked(name)
                sink = Sink(self, "--spool", f"spool{round_}", "--to", f"sqlite:{name}", "--batch", "3").feed(lines)
                sink.until(lambda round_=round_: len(model.raw_lines(self.path(f"spool{round_}"))) == len(lines), "the lines in the log")
                held.close()
                for _ in range(3):
                    pause(rng.random() * 0.03)
                    sink.kill()
                    sink = Sink(self, "--spool", f"spool{round_}", "--to", f"sqlite:{name}", "--batch", str(rng.choice((1, 2, 5))))
                sink.close().wait()
                self.check(lines, name)
                self.assertEqual(model.left(self.path(f"spool{round_}")), [])


if __name__ == "__main__":
    unittest.main()
