"""mkt-sink --to table on a real pseudo-terminal, against an independent model of what must stand there.

    MKT_BIN=.build/debug python3 Tests/Programs/table_test.py
"""

import json
import os
import pathlib
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import ENVIRONMENT, tool  # noqa: E402
from table_model import Model, plain_lines  # noqa: E402
from table_streams import Stream  # noqa: E402
from terminal_screen import Terminal, width  # noqa: E402

VARIABLES = {key: value for key, value in ENVIRONMENT.items() if key not in ("NO_COLOR", "COLUMNS", "LINES")} | {"TERM": "xterm"}


def joined(lines):
    return "".join(line + "\n" for line in lines).encode()


class TableCase(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="table-test-")
        self.addCleanup(shutil.rmtree, self.dir, True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def file(self, lines):
        with open(self.path("input.ndjson"), "wb") as file:
            file.write(joined(lines))
        return open(self.path("input.ndjson"), "rb")

    def start(self, *arguments, stdin=subprocess.PIPE, variables={}, to=("--to", "table"), before=(), **more):
        terminal = Terminal([*before, tool("mkt-sink"), *to, *arguments], stdin, environment=VARIABLES | variables, cwd=self.dir, **more)
        self.addCleanup(terminal.close)
        return terminal

    def start_job(self, *arguments):
        """The tool as the job of a shell; with the shell's ear, and what it tells: first the job's pid."""
        (told, tells), (asked, asks) = os.pipe(), os.pipe()
        shell = (sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "terminal_job.py"), str(tells), str(asked))
        terminal = self.start(*arguments, before=shell, pass_fds=(tells, asked))
        for end in (tells, asked):
            os.close(end)
        told, asks = os.fdopen(told), os.fdopen(asks, "w", 1)
        self.addCleanup(told.close)
        self.addCleanup(asks.close)
        job = int(told.readline())
        self.addCleanup(self.kill, terminal, job)
        return terminal, job, asks, told

    @staticmethod
    def kill(terminal, job):
        if terminal.process.poll() is None:
            os.kill(job, signal.SIGKILL)

    def send(self, terminal, lines):
        terminal.process.stdin.write(joined(lines))
        terminal.process.stdin.flush()

    def finish(self, terminal, status=0):
        if terminal.process.stdin:
            terminal.process.stdin.close()
        self.assertEqual(terminal.end(), status, "\n".join(terminal.screen.printed()))
        self.assertTrue(terminal.is_as_before(), terminal.screen.modes)

    def show(self, lines, *arguments, **more):
        """What is left on the terminal after a file was shown, as lines."""
        with self.file(lines) as file:
            terminal = self.start(*arguments, stdin=file, **more)
            self.finish(terminal)
        return terminal.screen.printed()

    def run_piped(self, lines, *arguments, variables={}):
        with self.file(lines) as file:
            done = subprocess.run([tool("mkt-sink"), "--to", "table", *arguments], stdin=file, capture_output=True, env=VARIABLES | variables, cwd=self.dir, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()


def block(lines, title):
    """The rows below a title, up to the next title or the end, as fields."""
    start = next(index for index, line in enumerate(lines) if line.split()[:1] == [title])
    rows = []
    for line in lines[start + 1 :]:
        fields = line.split()
        if not fields or fields[0] in ("INSTRUMENT", "RULE", "mkt-sink:"):
            break
        rows.append(fields)
    return rows


class Content(TableCase):
    def test_the_screen_equals_an_independent_model(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                lines = Stream(seed, leaps=seed % 2 == 1).take(300 * (seed + 1))
                model = Model()
                for line in lines:
                    model.take(line)
                shown = self.show(lines, columns=180, rows=60)
                now = model.latest
                self.assertEqual(block(shown, "INSTRUMENT"), [model.row(key, now) for key in model.order(now)])
                self.assertEqual(block(shown, "FEED"), model.feed_rows(now))
                self.assertEqual(block(shown, "RULE"), model.decision_rows(now, 10))
                summary = next(line for line in shown if " instruments  " in line)
                self.assertIn(f"  {len(model.instruments)} instruments  {model.lines} lines  ", summary)
                self.assertIn(f"  {model.malformed} malformed", summary)

    def test_the_live_screen_equals_an_independent_model(self):
        stream = Stream(50, instruments=12, start=time.time_ns() // 1000)
        terminal, model = self.start(columns=180, rows=60), Model()
        for _ in range(4):
            lines = stream.take(150)
            for line in lines:
                model.take(line)
            self.send(terminal, lines)
            expected = sorted(model.row(key) for key in model.instruments)
            lengths = {tuple(row[:2]): len(row) for row in expected}

            def is_there():
                shown = terminal.lines()
                if not any(f" {model.lines} lines " in line for line in shown):
                    return False
                rows = [row[: lengths.get(tuple(row[:2]))] for row in block(shown, "INSTRUMENT")]
                return sorted(rows) == expected

            terminal.wait_for(is_there, f"{expected}")
        self.finish(terminal)

    def test_numbers_stand_under_one_another_and_are_never_cut(self):
        lines = Stream(9).take(900)
        model = Model()
        for line in lines:
            model.take(line)
        rows = {model.instruments[key].name: model.row(key, model.latest) for key in model.instruments}
        # Digits at both ends: what is cut is still one of them only.
        self.assertEqual(len({(name[:2], name[-3:]) for name in rows}), len(rows))
        for columns in range(40, 180, 7):
            with self.subTest(columns=columns):
                shown = self.show(lines, columns=columns, rows=50)
                start = next(index for index, line in enumerate(shown) if line.startswith("INSTRUMENT"))
                end = shown[start].index("BID", shown[start].index("BIDSIZE") + 7 if "BIDSIZE" in shown[start] else 0) + 3
                points, seen = set(), 0
                for line in shown[start + 1 :]:
                    fields = line.split()
                    if not fields or fields[0] in ("RULE", "mkt-sink:"):
                        break
                    begins, _, ends = fields[0].partition("…") if "…" in fields[0] else (fields[0], "", fields[0])
                    found = [row for name, row in rows.items() if name.startswith(begins) and name.endswith(ends)]
                    self.assertEqual(len(found), 1, f"whose row is {fields}?")
                    rest = iter(found[0][1:])
                    self.assertTrue(all(field in rest for field in fields[1:]), f"{fields} are not some of {found[0]}, in their order")
                    seen += 1
                    # Wide characters take two cells, so a place in the text is not one on the screen.
                    wide = sum(width(character) - 1 for character in fields[0])
                    price = line[: end - wide].split()[-1]
                    if "." in price:
                        points.add(line[: end - wide].rindex(".") + wide)
                self.assertEqual(len(points), 1, "\n".join(shown))
                self.assertEqual(seen, len(rows))

    def test_what_a_foreign_label_says_does_not_reach_the_terminal(self):
        hostile = ["\x1b[31mred\x1b[0m", "a\x1b]0;title\x07b", "bell\x07\x08\x08", "\u202egnorw/Yes", "zero\u200bwidth\ufeff", "c1\x9b31m", "שלום/No", "line\r\nbreak\u2028", "wide" * 200, "🎉" * 100, "a" + "\u0301" * 50, "tab\tb", "family👩\u200d👩\u200d👧"]
        lines = [
            json.dumps({"v": 1, "type": "book_snapshot", "feed": label[:30], "venue": label[:30], "market": "m", "instrument": f"i{number}", "label": label, "conn": 1, "seq": 1, "recv_us": 1790267321000000 + number, "bids": [[0.25, number + 1]], "asks": [], "reason": label})
            for number, label in enumerate(hostile)
        ]
        lines += [json.dumps({"v": 1, "type": "feed_status", "feed": label[:30], "venue": "x", "recv_us": 1790267321000100, "state": label, "reason": label}) for label in hostile]
        lines += [json.dumps({"v": 1, "type": "decision", "feed": label[:30], "venue": "x", "recv_us": 1790267321000100, "rule": label, "action": label, "id": "1", "note": label, "because": [], "rules": "x"}) for label in hostile]
        for columns in (40, 61, 100, 200):
            shown = self.show(lines, columns=columns, rows=60)
            self.assertTrue(any("?[31mred" in line for line in shown))
            self.assertTrue(any("?gnorw/Yes" in line for line in shown))
            self.assertEqual(sum(line.split()[:2] == ["0.25", "-"] or " 0.25" in line for line in shown), len(hostile), "\n".join(shown))
        piped = self.run_piped(lines)
        self.assertEqual(len(piped.splitlines()), 3 * len(hostile))
        self.assertFalse([character for character in piped if not character.isprintable() and character != "\n"])

    def test_five_thousand_instruments(self):
        stream = Stream(3, instruments=5000)
        lines = stream.take(30_000)
        model = Model()
        for line in lines:
            model.take(line)
        shown = self.show(lines, columns=180, rows=40)
        rows = block(shown, "INSTRUMENT")
        self.assertTrue(any(f" {len(rows)} of {len(model.instruments)} instruments " in line for line in shown))
        self.assertEqual(rows, [model.row(key, model.latest) for key in model.order(model.latest)[: len(rows)]])


class Terminals(TableCase):
    LINE = '{"v":1,"type":"book_snapshot","feed":"pm","venue":"polymarket","market":"m","instrument":"one","conn":1,"seq":1,"recv_us":1,"bids":[[0.25,3]],"asks":[[0.5,4]],"reason":"initial"}'

    def shows(self, terminal, text):
        terminal.wait_for(lambda: any(text in line for line in terminal.lines()), repr(text))

    def test_it_follows_the_windows_size(self):
        terminal = self.start(columns=120, rows=30)
        self.send(terminal, Stream(4).take(400))
        self.shows(terminal, " 400 lines ")
        for columns, rows in ((60, 20), (200, 50), (40, 5), (39, 20), (10, 2), (1, 1), (100, 4), (80, 24)):
            terminal.resize(columns, rows)
            small = columns < 40 or rows < 5
            text = "window too small"[: max(columns // 2 - 1, 1)] if small else "INSTRUMENT"
            if columns > 1:
                self.shows(terminal, text)
            else:
                terminal.wait_for(lambda: terminal.lines() == ["…"], "a mark that the window is too small")
            if not small:
                self.assertLessEqual(len(terminal.lines()), rows)
        self.finish(terminal)

    def test_the_terminal_is_given_back_at_the_end_of_input(self):
        terminal = self.start()
        self.send(terminal, [self.LINE])
        self.shows(terminal, "one")
        self.assertFalse(terminal.is_as_before())
        self.assertTrue(terminal.screen.modes["?1049"])
        self.finish(terminal)
        self.assertTrue(any("0.25" in line for line in terminal.screen.printed()), "the last table stays on the screen")

    def test_the_terminal_is_given_back_after_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            terminal = self.start("--drain", "50ms")
            self.send(terminal, [self.LINE])
            self.shows(terminal, "one")
            terminal.process.send_signal(number)
            self.assertEqual(terminal.end(), 0)
            self.assertTrue(terminal.is_as_before(), terminal.screen.modes)

    def test_the_terminal_is_given_back_after_a_second_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            terminal = self.start("--drain", "60s", "--to", f"sqlite:{number}.db")
            self.send(terminal, [self.LINE])
            self.shows(terminal, "one")
            terminal.process.send_signal(number)
            self.shows(terminal, "stopping")
            terminal.process.send_signal(number)
            self.assertEqual(terminal.end(), -number)
            self.assertTrue(terminal.is_as_before(), terminal.screen.modes)

    def test_the_terminal_is_given_back_after_a_failure(self):
        terminal = self.start("--strict")
        self.send(terminal, [self.LINE])
        self.shows(terminal, "one")
        self.send(terminal, ["no event"])
        self.assertEqual(terminal.end(), 65)
        self.assertTrue(terminal.is_as_before(), terminal.screen.modes)
        self.assertTrue(any(line.startswith("mkt-sink: line 2") for line in terminal.screen.printed()), terminal.screen.printed())

    def test_the_terminal_is_given_back_when_another_target_fails(self):
        terminal = self.start("--to", "sqlite:x.db", "--batch-delay", "10ms")
        self.send(terminal, [self.LINE])
        self.shows(terminal, "one")
        with sqlite3.connect(self.path("x.db")) as connection:
            connection.execute("DROP TABLE trades")
        self.send(terminal, ['{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"one","recv_us":2,"price":0.5,"size":3,"aggressor_side":"buy"}'])
        self.assertEqual(terminal.end(), 69)
        self.assertTrue(terminal.is_as_before(), terminal.screen.modes)
        self.assertTrue(any("x.db" in line for line in terminal.screen.printed()), terminal.screen.printed())

    def test_the_terminal_is_given_back_after_signals_that_nobody_asks_for(self):
        for number in (signal.SIGQUIT, signal.SIGALRM, signal.SIGUSR2, signal.SIGABRT, signal.SIGXCPU):
            with self.subTest(number=number):
                terminal = self.start()
                self.send(terminal, [self.LINE])
                self.shows(terminal, "one")
                terminal.process.send_signal(number)
                self.assertEqual(terminal.end(), -number)
                self.assertTrue(terminal.is_as_before(), terminal.screen.modes)

    def test_a_terminal_that_takes_nothing_is_given_back_after_a_second_signal(self):
        terminal = self.start("--drain", "60s", columns=200, rows=60)
        self.send(terminal, [self.LINE])
        self.shows(terminal, "one")
        terminal.reads.clear()
        lines = [self.LINE.replace("one", f"i{number}") for number in range(100)]
        end = time.monotonic() + 20
        while not terminal.is_full():
            self.assertLess(time.monotonic(), end, "the terminal is never full")
            self.send(terminal, lines)
            terminal.process.send_signal(signal.SIGHUP)  # draws all anew
            time.sleep(0.005)
        terminal.process.send_signal(signal.SIGINT)
        terminal.wait_for(lambda: not terminal.has_pending(signal.SIGINT), "the first signal to be taken")
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.process.wait(timeout=20), -signal.SIGINT)
        terminal.reads.set()
        terminal.wait_for(terminal.is_as_before, "the terminal to be given back")

    def test_a_job_that_is_stopped_gives_the_terminal_back_until_it_goes_on(self):
        terminal, job, asks, told = self.start_job()
        self.send(terminal, [self.LINE])
        for _ in range(2):
            self.shows(terminal, "0.25")
            os.kill(job, signal.SIGTSTP)
            self.assertEqual(told.readline(), "stopped\n")
            terminal.wait_for(terminal.is_as_before, "the terminal to be given back")
            asks.write("fg\n")
            terminal.wait_for(lambda: terminal.screen.modes["?1049"], "the screen to be taken again")
            self.assertFalse(terminal.is_as_before())
        self.shows(terminal, "0.25")
        self.finish(terminal)

    def test_a_job_in_the_background_draws_nothing_and_goes_on_with_other_targets(self):
        terminal, job, asks, told = self.start_job("--to", "sqlite:x.db", "--batch-delay", "10ms")
        self.send(terminal, [self.LINE])
        self.shows(terminal, "0.25")
        os.kill(job, signal.SIGTSTP)
        self.assertEqual(told.readline(), "stopped\n")
        terminal.wait_for(terminal.is_as_before, "the terminal to be given back")
        asks.write("bg\n")
        drawn, sent, began = len(terminal.output), 1, time.monotonic()
        while time.monotonic() - began < 1.5:
            sent += 1
            self.send(terminal, [self.LINE.replace('"seq":1', f'"seq":{sent}').replace("0.25", "0.26")])
            terminal.wait_for(lambda: self.snapshots() == sent, "the line in the database")
        self.assertEqual(len(terminal.output), drawn)
        self.assertTrue(terminal.is_as_before())
        asks.write("fg\n")
        self.shows(terminal, "0.26")
        # A shell may give the terminal to a job that runs without a signal.
        asks.write("take\n")
        terminal.wait_for(lambda: os.tcgetpgrp(terminal.master) != job, "the shell to have the terminal")
        os.write(terminal.slave, "\x1b[2J\x1b[3;3Hgarbage".encode())
        self.shows(terminal, "garbage")
        asks.write("fg\n")
        self.shows(terminal, "0.26")
        self.finish(terminal)

    def snapshots(self):
        with sqlite3.connect(self.path("x.db")) as connection:
            return connection.execute("SELECT count(*) FROM book_snapshots").fetchone()[0]

    def test_a_job_that_nobody_could_let_go_on_is_not_stopped(self):
        terminal = self.start()
        self.send(terminal, [self.LINE])
        self.shows(terminal, "0.25")
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.wait_for(lambda: terminal.output.count(b"\x1b[?1049h") == 2, "the screen to be taken again")
        self.shows(terminal, "0.25")
        self.finish(terminal)

    def test_a_window_that_has_its_old_size_again_is_drawn_anew(self):
        terminal = self.start()
        self.send(terminal, [self.LINE])
        self.shows(terminal, "0.25")
        drawn = len(terminal.output)
        terminal.wait_for(lambda: len(terminal.output) > drawn, "the next second")
        # No other frame is due for a tenth of a second.
        terminal.resize(60, 20)
        terminal.resize(100, 24)
        self.shows(terminal, "0.25")
        self.finish(terminal)

    def test_a_log_to_the_terminal_by_another_name_waits(self):
        terminal = self.start(before=("/bin/sh", "-c", 'exec "$0" "$@" 2>/dev/tty'))
        self.send(terminal, [self.LINE, "no event"])
        self.shows(terminal, "mkt-sink: warning: skipped an input: line 2")
        self.finish(terminal)
        self.assertEqual(terminal.output.count(b"mkt-sink: warning: skipped an input: line 2"), 2, "on the table and at the end")

    def test_whoever_sends_a_hangup_gets_a_fresh_screen(self):
        terminal = self.start()
        self.send(terminal, [self.LINE])
        self.shows(terminal, "0.25")
        os.write(terminal.slave, "\x1b[2J\x1b[3;3Hgarbage".encode())
        self.shows(terminal, "garbage")
        terminal.process.send_signal(signal.SIGHUP)
        self.shows(terminal, "0.25")
        self.assertFalse(any("garbage" in line for line in terminal.lines()))
        self.finish(terminal)

    def test_a_terminal_that_goes_away_is_a_quiet_end(self):
        terminal = self.start("--to", "sqlite:x.db", stderr=subprocess.DEVNULL)
        self.send(terminal, [self.LINE])
        self.shows(terminal, "one")
        terminal.hang_up()
        terminal.process.stdin.write(joined([self.LINE]))
        terminal.process.stdin.flush()
        self.assertEqual(terminal.process.wait(timeout=20), 0)
        with sqlite3.connect(self.path("x.db")) as connection:
            self.assertEqual(connection.execute("SELECT count(*) FROM book_snapshots").fetchone()[0], 1)

    def test_log_lines_wait_while_the_table_is_up(self):
        terminal = self.start()
        self.send(terminal, [self.LINE, "no event"])
        self.shows(terminal, "mkt-sink: warning: skipped an input: line 2")
        self.shows(terminal, "0.25")
        self.assertFalse(any("warning" in line for line in terminal.screen.main and ["".join(row) for row in terminal.screen.main]))
        self.finish(terminal)
        printed = terminal.screen.printed()
        self.assertEqual(sum("mkt-sink: warning: skipped an input: line 2" in line for line in printed), 1)
        self.assertTrue(any("mkt-sink: info: done: " in line for line in printed))

    def test_a_log_elsewhere_is_written_at_once(self):
        with open(self.path("log"), "wb") as log:
            terminal = self.start(stderr=log)
            self.send(terminal, ["no event", self.LINE])
            terminal.wait_for(lambda: b"skipped" in pathlib.Path(self.path("log")).read_bytes(), "the log")
            self.shows(terminal, "one")
            self.assertFalse(any("skipped" in line for line in terminal.lines()))
            self.finish(terminal)

    def test_at_most_ten_frames_a_second_and_none_without_news(self):
        terminal, stream = self.start(columns=120, rows=30), Stream(8)
        self.send(terminal, stream.take(1))
        self.shows(terminal, "INSTRUMENT")
        began, at = time.monotonic(), len(terminal.output)
        while time.monotonic() - began < 1.5:
            self.send(terminal, stream.take(20))
            # Without a pause the thread that reads the screen is not let in, and frames are left out since nobody takes them.
            time.sleep(0.002)
        seconds = time.monotonic() - began
        frames = terminal.output[at:].count(b"\x1b[1;1H")  # the summary counts lines, so each frame paints it anew
        self.assertGreaterEqual(frames, 3)
        self.assertLessEqual(frames, seconds * 10 + 2)
        self.finish(terminal)

    def test_a_still_stream_is_drawn_once_a_second(self):
        terminal = self.start(columns=120, rows=30, variables={"TERM": "xterm-256color"})
        self.send(terminal, [self.LINE])
        self.shows(terminal, "one")
        at, began = len(terminal.output), time.monotonic()
        clocks = set()

        def has_ticked():
            clocks.add(terminal.lines()[0][:9])
            return len(clocks) >= 4

        terminal.wait_for(has_ticked, "the clock to go on")
        seconds = time.monotonic() - began
        # The clock and nothing else: the ages of a line of 1970 do not change.
        self.assertLessEqual(terminal.output[at:].count(b"\x1b["), (seconds + 2) * 4)
        self.finish(terminal)

    def test_colours_are_as_asked_for(self):
        lines = Stream(5).take(200)
        cases = [((), {}, True), ((), {"NO_COLOR": "1"}, False), ((), {"NO_COLOR": ""}, True), (("--color", "never"), {}, False), (("--color", "always"), {"NO_COLOR": "1"}, True), ((), {"MKT_SINK_COLOR": "never"}, False)]
        for arguments, variables, is_coloured in cases:
            with self.subTest(arguments=arguments, variables=variables), self.file(lines) as file:
                terminal = self.start(*arguments, stdin=file, variables=variables)
                self.finish(terminal)
                self.assertEqual(bool(terminal.screen.styles & {1, 2, 31, 32, 33}), is_coloured)

    def test_a_terminal_that_does_not_read_holds_up_no_other_target(self):
        lines = Stream(11, instruments=200).take(20_000)
        terminal = self.start("--to", "sqlite:x.db", "--batch-delay", "20ms", columns=180, rows=50, stderr=subprocess.DEVNULL)
        self.send(terminal, lines[:1000])
        self.shows(terminal, "1000 lines")
        terminal.reads.clear()
        model = Model()
        sent, events = 1000, sum(model.take(line) is not None and "of_tomorrow" not in line for line in lines)

        def rows():
            with sqlite3.connect(self.path("x.db")) as connection:
                tables = ("book_snapshots", "book_deltas", "trades", "quotes", "feed_statuses", "decisions", "stage_statuses")
                return sum(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)

        while sent < len(lines):
            self.send(terminal, lines[sent : sent + 500])
            sent += 500
        end = time.monotonic() + 20
        while rows() < events:
            self.assertLess(time.monotonic(), end, f"{rows()} of {events} lines are stored while the terminal does not read")
            time.sleep(0.02)
        began = time.monotonic()
        terminal.process.stdin.close()
        self.assertEqual(terminal.process.wait(timeout=20), 0)
        self.assertLess(time.monotonic() - began, 6, "the end waits for the terminal for a moment only")

    def test_after_a_pause_the_terminal_shows_what_is_true_now(self):
        lines = Stream(12, instruments=40).take(6000)
        terminal = self.start(columns=180, rows=50)
        self.send(terminal, lines[:500])
        self.shows(terminal, " 500 lines ")
        terminal.reads.clear()
        sent, end = 500, time.monotonic() + 20
        while sent < 6000 or not terminal.is_full():
            self.assertLess(time.monotonic(), end, "the terminal is never full")
            self.send(terminal, lines[sent : sent + 500] or [lines[-1]])
            sent += len(lines[sent : sent + 500]) or 1
            time.sleep(0.005)
        terminal.reads.set()
        self.shows(terminal, f" {sent} lines ")
        self.finish(terminal)


class Plain(TableCase):
    def test_lines_equal_an_independent_model(self):
        for seed in range(6):
            lines = Stream(100 + seed, instruments=10, leaps=seed % 2 == 1).take(1200)
            shown = self.run_piped(lines)
            self.assertEqual(shown.splitlines(), plain_lines(lines), f"seed {seed}")
            for line in shown.splitlines():
                fields = line.split()
                if fields[1] in ("book", "trade"):
                    self.assertEqual(len(fields), {"book": 9, "trade": 7}[fields[1]], line)
                else:
                    self.assertGreaterEqual(len(fields), {"feed": 5, "stage": 5, "decision": 6}[fields[1]], line)

    def test_an_instrument_has_one_book_line_a_second(self):
        shown = self.run_piped(Stream(7, instruments=4).take(3000))
        books = [(line[:19], line.split()[3]) for line in shown.splitlines() if line.split()[1] == "book"]
        self.assertGreater(len(books), 50)
        # What waited for the end of a second is told in the next one, with the time of its line: two lines of a second at most.
        self.assertLessEqual(max(books.count(one) for one in books), 2)

    def test_what_waits_is_told_without_another_line(self):
        process = subprocess.Popen([tool("mkt-sink"), "--to", "table", "--heartbeat", "0", "--batch-delay", "1ms"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=VARIABLES, cwd=self.dir)
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        line = '{"v":1,"type":"book_%s","feed":"pm","venue":"v","market":"m","instrument":"one","conn":1,"seq":%d,"recv_us":1,"bids":[[0.25,%d]],"asks":[],"reason":"initial"}'
        # However the seconds fall, the last of these must be told though nothing follows.
        process.stdin.write(joined([line % ("snapshot", 1, 1), *(line % ("delta", number, number) for number in range(2, 9))]))
        process.stdin.flush()
        told = b""
        while b" 0.25 8 " not in told:
            self.assertTrue(select.select([process.stdout], [], [], 10)[0], f"the last change is not told: {told}")
            piece = os.read(process.stdout.fileno(), 65536)
            self.assertTrue(piece)
            told += piece
        self.assertLessEqual(told.count(b"\n"), 3)

    def test_colours_are_as_asked_for(self):
        lines = Stream(5).take(100)
        plain = self.run_piped(lines)
        self.assertNotIn("\x1b", plain)
        coloured = self.run_piped(lines, "--color", "always", variables={"NO_COLOR": "1"})
        self.assertIn("\x1b[32m", coloured)
        self.assertEqual(re.sub(r"\x1b\[\d+m", "", coloured), plain)

    def test_a_terminal_without_a_cursor_gets_plain_lines(self):
        for name in ("dumb", ""):
            with self.file(Stream(5).take(100)) as file:
                terminal = self.start("--color", "never", stdin=file, variables={"TERM": name}, columns=200)
                self.finish(terminal)
                self.assertNotIn(b"\x1b", terminal.output)
                self.assertIn(b" book polymarket ", terminal.output)

    def test_a_reader_that_goes_away_is_a_quiet_end(self):
        done = subprocess.run(f"{tool('mkt-sink')} --to table | head -1", shell=True, input=joined(Stream(5).take(20_000)), capture_output=True, env=VARIABLES, cwd=self.dir, timeout=60)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertNotIn(b"cannot", done.stderr)

    def test_table_and_dash_are_one_output_too_many(self):
        for order in (("table", "-"), ("-", "table")):
            done = subprocess.run([tool("mkt-sink"), "--to", order[0], "--to", order[1]], stdin=subprocess.DEVNULL, capture_output=True, env=VARIABLES, cwd=self.dir)
            self.assertEqual((done.returncode, done.stdout), (64, b""))
            self.assertIn(b"both are standard output; give one of them", done.stderr)
        done = subprocess.run([tool("mkt-sink"), "--color", "red"], stdin=subprocess.DEVNULL, capture_output=True, env=VARIABLES, cwd=self.dir)
        self.assertEqual(done.returncode, 64)


if __name__ == "__main__":
    unittest.main()
