"""Rules that are programs (`exec` of docs/strategies.md): what a program gets, what of its answers counts, what becomes of slow and broken ones.

Expectations are made here, from the page: which lines a rule concerns, what a decision of an answer looks like, where lines are missing.
"""

import concurrent.futures
import fnmatch
import json
import os
import random
import re
import select
import shlex
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from decimal import Decimal

from decide_test import FOUR, Stream
from live_support import wait_until
from support import ENVIRONMENT, ORACLE, run, tool

sys.path.insert(0, ORACLE)
try:
    from validate import Validator
except ImportError:
    Validator = None
START = 1_790_000_000_000_000
MIB = 1 << 20
# A pipe may hold as much of what a program has not read.
PIPE = MIB + 2 * 65_536
MARKET_TYPES = ("instrument", "book_snapshot", "book_delta", "quote", "trade", "market_status", "resolution", "ticker")
ALL_TYPES = (*MARKET_TYPES, "feed_status")
BIG = '[rules.big]\nstrategy = "trade_size"\nmin_notional = 0\n'
HEAD = f"""import json, os, signal, sys, threading, time
HERE = os.path.dirname(os.path.abspath(__file__))
def note(name, text):
    with open(os.path.join(HERE, name), "a") as file:
        file.write(str(text) + "\\n")
def leg(event):
    return {{key: event[key] for key in ("venue", "market", "instrument", "label") if key in event}}
def ground(event):
    return {{key: event[key] for key in ("instrument", "feed", "conn", "seq", "recv_us", "trade_id") if key in event}}
def answer(event, **more):
    return json.dumps({{"legs": [leg(event)], "because": [ground(event)], **more}}) + "\\n"
note("pids", os.getpid())
"""
# What programs do, by name; the first argument of some is the name of their file.
ECHO = """
for line in sys.stdin:
    event = json.loads(line)
    if event["type"] == "trade":
        sys.stdout.write(answer(event, note=event["trade_id"]))
        sys.stdout.flush()
"""
RECORD = """
note(sys.argv[1] + ".starts", time.monotonic())
with open(os.path.join(HERE, sys.argv[1]), "ab", 0) as file:
    while piece := os.read(0, 65536):
        file.write(piece)
"""
CANNED = """
sys.stdin.buffer.read()
with open(os.path.join(HERE, "answers"), "rb") as file:
    sys.stdout.buffer.write(file.read())
"""
# Takes as many bytes as a file allows, and not one more.
GATE = """
taken = 0
with open(os.path.join(HERE, "got"), "ab", 0) as file:
    while True:
        with open(os.path.join(HERE, "allowed")) as allowed:
            left = int(allowed.read()) - taken
        if left <= 0:
            time.sleep(0.005)
            continue
        if not (piece := os.read(0, min(left, 65536))):
            break
        taken += len(piece)
        file.write(piece)
"""
NEVER = """
note("never.starts", time.monotonic())
while True:
    signal.pause()
"""


# MARK: Lines, answers and what they make


def line(kind, instrument="KX", at=0, **more):
    """One event as bytes; `at` counts microseconds from a start."""
    feed, venue = ("kalshi", "kalshi") if instrument.startswith("K") else ("pm", "polymarket")
    head = {"v": 1, "type": kind, "feed": feed, "venue": venue}
    if kind != "feed_status":
        head |= {"market": "M" + instrument, "instrument": instrument}
    return json.dumps({**head, "recv_us": START + at, **more}, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def trade(number, instrument="KX", size=300, **more):
    return line("trade", instrument, number, price=0.5, size=size, aggressor_side="buy", trade_id=str(number), **more)


def long_trades(count, length, first=0):
    """Trades with a key that nobody knows, so that each is about that long."""
    return [trade(first + number, pad="x" * (length - 200)) for number in range(count)]


def leg(**more):
    return {"venue": "kalshi", "market": "MKX", "instrument": "KX", **more}


def ground(at=0, **more):
    return {"feed": "kalshi", "recv_us": START + at, **more}


def answer(at=0, legs=None, because=None, **more):
    return {"legs": [leg()] if legs is None else legs, "because": [ground(at)] if because is None else because, **more}


def bytes_of(answers):
    """A line for each answer: a dict, or the text itself."""
    return b"".join((each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in answers)


class Spelled:
    """A number of millionths, and one of the many ways to write it."""

    def __init__(self, millionths, chance):
        exact = Decimal(millionths).scaleb(-6)
        self.text = plain(exact)
        spelling = chance.choice([
            self.text, f"{exact:.6f}", f"{exact.scaleb(3):f}e-3", f"{exact.scaleb(-2):f}E+2", f"{millionths}e-6", f"{exact:.6f}", self.text])
        self.spelling = f'"{spelling}"' if chance.random() < 0.4 else spelling


def plain(number):
    """The decimal text of the contract: no exponent, no trailing zeros."""
    text = f"{Decimal(number):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def spelled(value, exact):
    """JSON text with the numbers of an answer as they are written (`exact` false) or as a decision has them."""
    if isinstance(value, Spelled):
        return value.text if exact else value.spelling
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{spelled(item, exact)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spelled(item, exact) for item in value) + "]"
    return json.dumps(value, ensure_ascii=not exact)


LEG_KEYS = ("venue", "market", "instrument", "label", "outcome", "side", "price", "average_price", "size", "fee")
BECAUSE_KEYS = ("instrument", "feed", "conn", "seq", "recv_us", "trade_id")
SUMS = ("size", "cost", "payout", "fees", "edge", "profit")


def decision_of(said, rules, build, rule="mine", action="signal"):
    """The decision line of an answer, but for its id."""
    def ordered(value, keys):
        return {key: value[key] for key in keys if value.get(key) is not None}

    body = {
        "v": 1, "type": "decision", "feed": "mkt-decide", "venue": said["legs"][0]["venue"],
        "recv_us": max(each["recv_us"] for each in said["because"]),
        "rule": rule, "strategy": "exec", "action": action, "id": "ID", "legs": [ordered(each, LEG_KEYS) for each in said["legs"]],
        **ordered(said, SUMS), **ordered(said, ("note",)), "because": [ordered(each, BECAUSE_KEYS) for each in said["because"]], "rules": rules,
        "build": build}
    return spelled(body, exact=True)


def without_id(text):
    return re.sub(r'"id":"[0-9a-f]{16}"', '"id":"ID"', text, count=1)


def toml(name, **rule):
    """The text of a rule; JSON of texts and arrays of texts is TOML."""
    return f"[rules.{name}]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in rule.items())


def concerned(lines, rule):
    """The lines that a rule gets, as the page tells it."""
    labels, wanted, events = {}, [], rule.get("events", ALL_TYPES)
    for raw in lines:
        try:
            event = json.loads(raw)
            kind = event["type"]
        except (ValueError, KeyError, TypeError):
            continue
        fits = all(event.get(key) in (value if isinstance(value, list) else [value])
                   for key in ("venue", *(("market", "instrument") if kind != "feed_status" else ())) if (value := rule.get(key)) is not None)
        if kind in MARKET_TYPES:
            place = (event["venue"], event["instrument"])
            labels[place] = event.get("label", labels.get(place))
            fits = fits and ("label" not in rule or (labels[place] is not None and fnmatch.fnmatchcase(labels[place], rule["label"])))
        elif kind != "feed_status":
            continue
        if fits and kind in events:
            wanted.append(raw)
    return wanted


def counters_of(errors):
    """The counters of the last line on standard error."""
    last = [text for text in errors.splitlines() if "mkt-decide: info: done: " in text][-1]
    return {name: int(value) for name, value in (part.rsplit("=", 1) for part in last.split() if "=" in part)}


# MARK: How tests run it


class Done:
    def __init__(self, status, output, errors):
        self.returncode, self.stdout, self.stderr = status, output, errors

    def counter(self, name):
        return counters_of(self.stderr).get(name)

    def decisions(self, rule=None):
        found = [json.loads(each) for each in self.stdout.splitlines() if b'"type":"decision"' in each]
        return [each for each in found if rule is None or each["rule"] == rule]

    def notes(self, rule="mine"):
        return [each.get("note") for each in self.decisions(rule)]


class Live:
    """mkt-decide behind a pipe, in a session of its own. What it writes is gathered as it comes; what it gets is given with a deadline."""

    def __init__(self, folder, arguments, environment, pass_fds=()):
        self.log = os.path.join(folder, "live.err")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [tool("mkt-decide"), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=folder, env=environment, bufsize=0,
                start_new_session=True, pass_fds=pass_fds)
        os.set_blocking(self.process.stdin.fileno(), False)
        self.lines, self.rest, self.given, self.looked = [], b"", 0, 0
        self.thread = threading.Thread(target=self.gather, daemon=True)
        self.thread.start()

    def gather(self):
        while piece := os.read(self.process.stdout.fileno(), 1 << 18):
            *whole, rest = piece.split(b"\n")
            if whole:
                self.lines += [self.rest + whole[0] + b"\n", *(each + b"\n" for each in whole[1:])]
                self.rest = rest
            else:
                self.rest += rest

    def errors(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def give(self, data, seconds=30):
        """Gives bytes; fails where they are not taken in time."""
        pipe, deadline, view = self.process.stdin.fileno(), time.monotonic() + seconds, memoryview(data)
        while view:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([], [pipe], [], left)[1]:
                raise AssertionError(f"the stream stood still for {seconds} s with {len(view)} bytes to give: {self.errors()[-1500:]}")
            taken = os.write(pipe, view[:65_536])
            self.given, view = self.given + taken, view[taken:]

    def wait(self, wanted, seconds=30, what="a line"):
        """The first line for which `wanted` holds; with `mark`, of those that come from then on."""
        place = self.looked

        def look():
            nonlocal place
            while place < len(self.lines):
                place += 1
                if wanted(self.lines[place - 1]):
                    return self.lines[place - 1]
            return None

        try:
            return wait_until(look, seconds, what)
        except AssertionError as late:
            raise AssertionError(f"{late}; status {self.process.poll()}; {self.errors()[-1500:]}") from None

    def mark(self):
        """Waiting need not look at what is here by now."""
        self.looked = len(self.lines)

    def decision(self, note, rule="mine", seconds=30):
        """The decision of a rule with this note, as soon as it comes."""
        wanted = f'"note":{json.dumps(note)}'.encode()
        return json.loads(self.wait(lambda each: b'"rule":"%s"' % rule.encode() in each and wanted in each, seconds, f"decision {note} of {rule}"))

    def seen(self, number, rule="big", seconds=30):
        """The decision of a rule of ours on the trade of this number."""
        wanted = b'"trade_id":"%d"' % number
        return self.wait(lambda each: b'"rule":"%s"' % rule.encode() in each and wanted in each, seconds, f"decision of {rule} on trade {number}")

    def counter(self, name):
        """What the latest status line counts."""
        for each in reversed(self.lines):
            if b'"type":"stage_status","feed":"mkt-decide"' in each:
                return json.loads(each)["counters"].get(name, 0)
        return 0

    def count(self, name, value, seconds=30):
        try:
            wait_until(lambda: self.counter(name) == value, seconds, "")
        except AssertionError:
            raise AssertionError(f"{name} is {self.counter(name)}, not {value}, after {seconds} s: {self.errors()[-1500:]}") from None

    def end_input(self):
        self.process.stdin.close()

    def signal(self, number):
        self.process.send_signal(number)

    def ended(self, seconds=40):
        """Its status, once it has ended and all that it wrote is here."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"mkt-decide did not end within {seconds} s: {self.errors()[-1500:]}") from None
        self.thread.join(5)
        if self.thread.is_alive():
            raise AssertionError("somebody holds mkt-decide's standard output open after its end")
        return status

    def done(self, seconds=40):
        """Ends the input and waits for its end."""
        self.end_input()
        return Done(self.ended(seconds), b"".join(self.lines), self.errors())

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)
        self.thread.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()


class ExecCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.addCleanup(self.end_programs)
        self.validator = None
        if Validator:
            with open(os.path.join(ORACLE, "..", "..", "docs", "market-event.schema.json"), encoding="utf-8") as file:
                self.validator = Validator(json.load(file), full=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        """Writes a file in one step."""
        with open(self.path(name + ".new"), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.rename(self.path(name + ".new"), self.path(name))
        return self.path(name)

    def read(self, name):
        if not os.path.exists(self.path(name)):
            return b""
        with open(self.path(name), "rb") as file:
            return file.read()

    def noted(self, name):
        return self.read(name).decode().splitlines()

    def program(self, name, body, *arguments):
        """A Python program that says its pid first; gives its words."""
        return [sys.executable, "-S", self.write(name + ".py", HEAD + body), *arguments]

    def recorder(self, name):
        """The cheapest program that keeps what it gets."""
        return ["/bin/sh", "-c", 'echo $$ >> "$1"; exec cat > "$0"', self.path(name), self.path("pids")]

    def pids(self):
        return [int(each) for each in self.noted("pids")]

    def is_alive(self, pid):
        """Whether it is there, is no zombie, and is one of this test's."""
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return self.folder.encode() in file.read() or os.readlink(f"/proc/{pid}/cwd") == self.folder
        except OSError:
            return False

    def end_programs(self):
        for pid in self.pids():
            if self.is_alive(pid):
                os.kill(pid, signal.SIGKILL)

    def check_gone(self):
        """No program is left behind."""
        wait_until(lambda: not any(map(self.is_alive, self.pids())), 3, f"the end of every program of {self.pids()}")

    def check_valid(self, output):
        """Every line is one of the contract."""
        if self.validator is None:
            return
        for text in output.decode().splitlines(True):
            self.assertIsNone(self.validator.problem(text), text[:2000])

    def run_tool(self, rules, stdin, *arguments, status=0, seconds=60, environment=None):
        """Over a regular file, with files for its output: a program that outlives it is no reason to wait."""
        with open(self.write("input", b"".join(stdin) if isinstance(stdin, list) else stdin), "rb") as source, \
                open(self.path("run.out"), "wb") as output, open(self.path("run.err"), "wb") as errors:
            process = subprocess.Popen(
                [tool("mkt-decide"), "--rules", self.write("rules.toml", rules), *arguments], stdin=source, stdout=output, stderr=errors,
                cwd=self.folder, env=ENVIRONMENT | (environment or {}))
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)
                self.fail(f"mkt-decide did not end within {seconds} s: {self.read('run.err')[-1500:]}")
        done = Done(process.returncode, self.read("run.out"), self.read("run.err").decode(errors="replace"))
        if status is not None:
            self.assertEqual(done.returncode, status, done.stderr[-2000:])
        self.check_gone()
        return done

    def live(self, rules, *arguments, environment=None, heartbeat="50ms"):
        live = Live(self.folder, ["--rules", self.write("rules.toml", rules), "--heartbeat", heartbeat, *arguments],
                    ENVIRONMENT | (environment or {}))
        self.addCleanup(live.stop)
        return live

    def finish(self, live, seconds=40, status=0):
        """Ends the input; gives what was said, once all is over and nobody is left."""
        done = live.done(seconds)
        self.assertEqual(done.returncode, status, done.stderr[-2000:])
        self.check_gone()
        return done

    def canned(self, answers, *, more="", lines=None, arguments=(), **rule):
        """A run whose program says these answers after its last line."""
        self.write("answers", answers if isinstance(answers, bytes) else bytes_of(answers))
        return self.run_tool(toml("mine", exec=self.program("canned", CANNED), **rule) + more, [trade(1000)] if lines is None else lines, *arguments)

    def walk(self, got, given):
        """Holds what a program got against what there was: lines are missing only where a marker says how many. Gives the holes and the lines."""
        place, holes, taken = 0, [], 0
        self.assertTrue(not got or got.endswith(b"\n"), got[-100:])
        for number, each in enumerate(got.splitlines(True)):
            if place < len(given) and each == given[place]:
                place, taken = place + 1, taken + 1
                continue
            self.assertTrue(each.startswith(b'{"v":1,"type":"stage_status",'),
                            f"line {number + 1} is neither line {place + 1} nor a marker: {each[:150]}")
            self.check_valid(each)
            event = json.loads(each)
            self.assertEqual((event["state"], list(event["counters"])), ("lagging", ["lost"]), each)
            self.assertGreater(event["counters"]["lost"], 0)
            holes.append((place, event["counters"]["lost"]))
            place += event["counters"]["lost"]
        self.assertEqual(place, len(given), f"of so many lines; holes {holes}")
        return holes, taken


class SideBySide(ExecCase):
    """Tests that mostly wait: all of a class begin with its first, and each tells its own outcome."""

    def __init__(self, name="runTest", begins=False):
        super().__init__(name)
        if not begins:
            setattr(self, name, lambda: self.outcomes[name].result())

    @classmethod
    def setUpClass(cls):
        cls.pool = concurrent.futures.ThreadPoolExecutor(6)
        cls.outcomes = {name: cls.pool.submit(cls(name, begins=True).begin, name) for name in unittest.defaultTestLoader.getTestCaseNames(cls)}

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown()

    def begin(self, name):
        try:
            self.setUp()
            getattr(self, name)()
        finally:
            self.doCleanups()


# MARK: What it gets


class RoutingTests(ExecCase):
    """Each line that the rule concerns, byte for byte, and no other."""

    def check(self, rules, lines):
        done = self.run_tool("".join(toml(name, exec=self.recorder(name + ".got"), **rule) for name, rule in rules.items()), lines)
        whole = [each for part in lines for each in part.split(b"\n") if each]
        for name, rule in rules.items():
            want = concerned(whole, rule)
            got = self.read(name + ".got").split(b"\n")
            self.assertEqual(got.pop(), b"")
            first = next((place for place, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
            self.assertEqual(got[first:first + 1], want[first:first + 1], f"rule {name} {rule}, line {first + 1} of {len(want)}")
            self.assertEqual(len(got), len(want), (name, rule))
            self.assertEqual([done.counter(f"exec_{key}_{name}") for key in ("lines", "lost", "refused", "starts")], [len(want), 0, 0, 1], name)
        return {name: len(concerned(whole, rule)) for name, rule in rules.items()}

    def test_randomStreams_areRoutedAsTheModelDoes(self):
        total = {}
        for seed in range(6):
            with self.subTest(seed=seed):
                chance = random.Random(seed * 7919)
                rules = {"all": {}}
                for number in range(7):
                    rule = {}
                    if chance.random() < 0.4:
                        rule["venue"] = chance.choice(["kalshi", "polymarket", ["polymarket", "kalshi"], ["elsewhere"]])
                    if chance.random() < 0.4:
                        rule["market"] = chance.choice(["0xm0", ["0xm1", "KX-1"], ["KX-0", "KX-1", "KX-2"]])
                    if chance.random() < 0.4:
                        rule["instrument"] = chance.choice(["KX-2", ["KX-1", "7486" * 6, "7487" * 6], ["7488" * 6, "7489" * 6]])
                    if chance.random() < 0.6:
                        rule["label"] = chance.choice(["btc-*", "*/Up", "*", "btc-*/D[ao]wn", "[!b]*", "???-up/*", "gr??e/*"])
                    if chance.random() < 0.6:
                        rule["events"] = chance.sample(ALL_TYPES, chance.randrange(1, 5))
                    rules[f"r{number}"] = rule
                for name, count in self.check(rules, Stream(seed + 100).make(1500).splitlines(True)).items():
                    total[name] = total.get(name, 0) + count
        self.assertGreater(min(total.values()), 20, "a rule hardly ever concerned a line: the streams prove little")

    def every_type(self, instrument):
        payloads = {
            "instrument": {"outcome": "Up"}, "book_snapshot": {"seq": 1, "bids": [[0.4, 1]], "asks": [], "reason": "initial"},
            "book_delta": {"seq": 2, "bids": [[0.4, 2]], "asks": []}, "quote": {"bid": None, "ask": None},
            "trade": {"price": 0.5, "size": 1, "aggressor_side": "buy"}, "market_status": {"state": "open"},
            "resolution": {"settlement_price": 1, "outcome_won": True}, "ticker": {"volume": 3}, "feed_status": {"state": "live"}}
        return [line(kind, instrument, at, **payload) for at, (kind, payload) in enumerate(payloads.items())]

    def test_eachTypeAlone_andAllByDefault(self):
        others = [
            line("tomorrow", x=1),
            b'{"v":1,"type":"stage_status","feed":"mkt-merge","venue":"mktpipe","recv_us":1,"stage":"mkt-merge","state":"stopped","counters":{}}\n',
            b'{"v":1,"type":"decision","feed":"x","venue":"kalshi","recv_us":1,"rule":"x","action":"signal","id":"1","because":[],"rules":"x"}\n',
            b'{"v":1,"ty\n', b"\n"]
        lines = self.every_type("KX") + others + self.every_type("74")
        counts = self.check({"all": {}} | {kind: {"events": [kind]} for kind in ALL_TYPES}, lines)
        self.assertEqual(list(counts.values()), [2 * len(ALL_TYPES)] + [2] * len(ALL_TYPES))

    def test_feedStatus_isRoutedByVenueAlone(self):
        rule = {"venue": "kalshi", "market": "MKX", "instrument": "KX", "label": "btc/*"}
        status = [line("feed_status", each, at, state="gap", reason="x", since_us=1, instruments=["other"])
                  for at, each in enumerate(("KX", "74", "KX"))]
        counts = self.check({"narrow": rule, "books": rule | {"events": ["book_delta", "trade"]}, "nobody": {"venue": "elsewhere"},
                             "market": {"market": "M74"}},
                            status + [trade(1), trade(2, "74")])
        self.assertEqual(counts, {"narrow": 2, "books": 0, "nobody": 0, "market": 4})

    def test_labelThatChanges_bringsTheInstrumentInAndOut(self):
        lines = [trade(1), trade(2, label="eth/Up"), trade(3), trade(4, label="btc/Up"), trade(5), line("ticker", at=6, label="btc/Down", volume=1),
                 trade(7),
                 line("feed_status", at=8, state="live"), line("quote", at=9, label="eth/Up", bid=None, ask=None), trade(10),
                 trade(11, "KY", label="btc/Up"),
                 line("tomorrow", at=12, label="btc/Up"), trade(13), line("instrument", at=14, label="btc/Up", outcome="Up"), trade(15),
                 trade(16, "KY")]
        counts = self.check({"all": {"label": "btc/*"}, "trades": {"label": "btc/*", "events": ["trade"]},
                             "other": {"label": "eth/*", "market": "MKX"}}, lines)
        self.assertEqual(counts, {"all": 9, "trades": 6, "other": 6})

    def test_oddBytes_arriveAsTheyAre(self):
        head = b'"v":1,"feed":"kalshi","recv_us":7,"market":"MKX"'
        side = b'"aggressor_side":"buy"'
        lines = [
            b'{%s,"type":"trade","venue":"kalshi","instrument":"KX","price":"0.50","size":5e-1,"new key":{"a":[1, {}]},%s}\n' % (head, side),
            b' \t{ "type" : "tr\\u0061de" , %s ,\t"venue":"k\\u0061lshi" , "instrument":"\\u004bX","price":0.5,"size":1.000, %s}  \n' % (head, side),
            b'{%s,"type":"trade","venue":"polymarket","instrument":"KX","price":0.5,"size":1,%s,"v\\u0065nue":"kalshi"}\n' % (head, side),
            b'{%s,"type":"trade","venue":"kalshi","instrument":"KX","price":0.5,"size":1,%s,"venue":"polymarket"}\n' % (head, side),
            b'{%s,"type":"trade","venue":"kalshi","instrument":"KX","price":0.5,"size":1,%s,"label":"%s \\ud83d\\ude00"}\n' % (
                head, side, "größe 😀".encode()),
            b'{%s,"type":"trade","venue":"kalshi","instrument":"KX","price":0.5,"size":1,%s}\r\n' % (head, side),
            b'{%s,"type":"trade","venue":"kalshi","instrument":"KX","price":0.5,"size":1,%s,"last":true}' % (head, side)]
        for end in (b"", b"\n"):
            counts = self.check({"mine": {"venue": "kalshi", "instrument": "KX"}, "other": {"venue": "polymarket"}}, lines[:-1] + [lines[-1] + end])
            self.assertEqual(counts, {"mine": 6, "other": 1})


    def test_theLongestLine_arrivesWhole(self):
        lines = [trade(1), trade(2, pad="x" * (4 * MIB - 300)), trade(3)]
        self.check({"mine": {}}, lines)
        live = self.live(toml("mine", exec=self.recorder("live.got")))
        live.give(b"".join(lines))
        self.assertEqual(self.finish(live).counter("exec_lines_mine"), 3)
        self.assertTrue(self.read("live.got") == b"".join(lines))


# MARK: What it answers


class AnswerTests(ExecCase):
    """What an answer may say, what is made of it, and what is left out."""

    def facts(self, rules):
        """The hash of the rules and the build, as the tool says them elsewhere."""
        text = self.run_tool(rules, b"", "--check").stdout.decode()
        return re.search(r"sha256 ([0-9a-f]{64})", text).group(1), run("mkt-decide", "--version").stdout.decode().strip()

    def check_exact(self, said, **rule):
        done = self.canned([spelled(each, exact=False).encode() for each in said], **rule)
        hash_, build = self.facts(toml("mine", exec=self.program("canned", CANNED), **rule))
        got = [without_id(text) for text in done.stdout.decode().splitlines()]
        for text, each in zip(got, said):
            self.assertEqual(text, decision_of(each, hash_, build, action=rule.get("action", "signal")))
        self.assertEqual(len(got), len(said), done.stderr[-1000:])
        self.assertEqual(done.counter("exec_refused_mine"), 0)
        self.check_valid(done.stdout)
        return done

    def test_everyKey_inTheOrderOfTheContract_withExactDecimals(self):
        chance = random.Random(4)
        # The schema's bounds are binary: those of the contract, and a little less.
        big = 9_223_372_036_854_774_999

        def number(low, high):
            return Spelled(chance.choice([low, high, 0, 1, 100_000, chance.randrange(low, high), chance.randrange(0, min(high, 99_000_000))]), chance)

        def some(**pairs):
            pairs = list(pairs.items())
            chance.shuffle(pairs)
            kept = [(key, None if chance.random() < 0.1 else value) for key, value in pairs if chance.random() < 0.6]
            return dict(kept)

        def mixed(value):
            pairs = list(value.items())
            chance.shuffle(pairs)
            return dict(pairs)

        said = []
        for count in range(400):
            legs = [mixed({"venue": chance.choice(["kalshi", "polymarket", "a-b_1"]), "market": chance.choice(["MKX", "größe"]), "instrument": "KX",
                           **some(label="btc/Up 😀", outcome=chance.choice(["Up", ""]), side=chance.choice(["buy", "sell"]),
                                  price=number(0, 1_000_000), average_price=number(0, 1_000_000), size=number(0, big), fee=number(-big, big))})
                    for _ in range(chance.choice([1, 1, 2, 5]))]
            times = sorted(START + chance.randrange(-5, 1000) for _ in range(chance.choice([1, 1, 2, 4])))
            because = [mixed({"feed": "pm", "recv_us": at, **some(
                instrument="KX", conn=chance.randrange(1, 9), seq=chance.randrange(1, 2**53), trade_id="t1")}) for at in times]
            note = chance.choice([f"answer {count}", "", 'a "quote" \\ / \n\t\b\f\r \x00\x1f é 😀', "</script>"])
            said.append(mixed({"legs": legs, "because": because, **some(
                note=note, size=number(0, big), **{key: number(-big, big) for key in SUMS if key != "size"})}))
        done = self.check_exact(said)
        self.assertEqual(len({each["id"] for each in done.decisions()}), len(said))
        for each in done.decisions():
            self.assertRegex(each["id"], "^[0-9a-f]{16}$")

    def test_theExampleOfThePage_decidesAsItSays(self):
        with open(os.path.join(ORACLE, "..", "..", "docs", "strategies.md"), encoding="utf-8") as file:
            section = file.read().split("\n## External programs: `exec`\n")[1].split("\n## ")[0]
        script = self.write("my.py", re.search(r"```python\n(.*?)```", section, flags=re.S).group(1))
        rules = toml("mine", exec=[sys.executable, "my.py"], events=["trade"], action="alert")
        lines = [line("book_snapshot", seq=1, bids=[], asks=[], reason="initial"), trade(1, size=199), trade(2, size=200, label="btc/Up", conn=3),
                 trade(3, "74", size=300.5)]
        done = self.run_tool(rules, lines)
        self.assertTrue(os.path.exists(script))
        hash_, build = self.facts(rules)
        want = [answer(2, [leg(label="btc/Up")], [ground(2, instrument="KX", conn=3, trade_id="2")], note="trade of 200"),
                answer(3, [{"venue": "polymarket", "market": "M74", "instrument": "74"}],
                       [{"instrument": "74", "feed": "pm", "recv_us": START + 3, "trade_id": "3"}], note="trade of 300.5")]
        self.assertEqual([without_id(each) for each in done.stdout.decode().splitlines()],
                         [decision_of(each, hash_, build, action="alert") for each in want])
        self.check_valid(done.stdout)

    def test_because_isToldOldestFirst_andTheLatestGivesTheTime(self):
        done = self.canned([answer(because=[ground(7, seq=2), ground(3, seq=9), ground(5)]),
                            answer(because=[ground(1, seq=3), ground(1, seq=2), ground(0)])])
        self.assertEqual([each["recv_us"] - START for each in done.decisions()], [7, 1])
        self.assertEqual([[(each["recv_us"] - START, each.get("seq")) for each in decision["because"]] for decision in done.decisions()],
                         [[(3, 9), (5, None), (7, 2)], [(0, None), (1, 3), (1, 2)]])

    def refused(self):
        """Answers of which none may count, by what is wrong with them."""
        def text(value):
            return json.dumps(value)

        def with_leg(**more):
            return answer(legs=[leg(), leg(**more)])

        def with_ground(**more):
            return answer(because=[ground(), ground(**more)])

        def with_number(value, key, number):
            return text(value).encode().replace(b'"x": 0', b'"%s": %s' % (key.encode(), number))

        def without(value, key):
            return {name: item for name, item in value.items() if name != key}

        cases = {f"ours: {key}": answer(**{key: value}) for key, value in {
            "rule": "mine", "strategy": "exec", "action": "signal", "id": "0123456789abcdef", "v": 1, "type": "decision", "feed": "mkt-decide",
            "venue": "kalshi",
            "recv_us": START, "rules": "x", "data": "x", "build": "0", "market": "MKX", "instrument": "KX", "label": "x"}.items()}
        cases |= {"unknown key": answer(confidence=0.5), "key in another case": answer(Note="x"), "unknown in a leg": with_leg(seq=1),
                  "unknown in because": with_ground(venue="kalshi")}
        body = text(answer())[1:-1]
        cases |= {
            "twice": b'{%s,"note":"a","note":"a"}' % body.encode(), "twice, escaped": b'{%s,"note":"a","n\\u006fte":"a"}' % body.encode(),
            "legs twice": b'{%s,"legs":%s}' % (body.encode(), text([leg()]).encode()),
            "twice, once null": b'{%s,"size":null,"size":1}' % body.encode(),
            "twice in a leg": text(answer()).replace('"market"', '"venue": "kalshi", "market"').encode(),
            "twice in because": text(answer()).replace('"recv_us"', '"feed": "kalshi", "recv_us"').encode()}
        cases |= {"no legs": without(answer(), "legs"), "no because": without(answer(), "because"), "legs null": answer() | {"legs": None},
                  "because null": answer() | {"because": None},
                  "legs empty": answer(legs=[]), "because empty": answer(because=[]), "legs an object": answer(legs=leg()),
                  "because an object": answer(because=ground()),
                  "a leg null": answer(legs=[None]), "a leg a text": answer(legs=["KX"]), "because a number": answer(because=[5])}
        cases |= {f"leg without {key}": answer(legs=[without(leg(), key)]) for key in ("venue", "market", "instrument")}
        cases |= {f"leg with {key} null": with_leg(**{key: None}) for key in ("venue", "market", "instrument")}
        cases |= {f"because without {key}": answer(because=[without(ground(), key)]) for key in ("feed", "recv_us")}
        cases |= {f"because with {key} null": with_ground(**{key: None}) for key in ("feed", "recv_us")}
        # Texts that a line of the contract cannot have.
        cases |= {f"leg {key} {value!r}": with_leg(**{key: value}) for key, value in (
            ("venue", "Kalshi X"), ("venue", ""), ("venue", 5), ("market", ""), ("instrument", ""), ("instrument", 74), ("label", ""), ("label", 1),
            ("side", 1), ("outcome", True))}
        cases |= {f"because {key} {value!r}": with_ground(**{key: value}) for key, value in (
            ("feed", ""), ("feed", 1), ("instrument", ""), ("trade_id", ""), ("trade_id", 5), ("conn", 0), ("conn", -1), ("conn", 1.5), ("conn", "x"),
            ("seq", 0), ("seq", -2),
            ("seq", 1.25), ("seq", True), ("recv_us", 1.5), ("recv_us", "soon"), ("recv_us", True), ("recv_us", 2**63))}
        cases |= {f"note {value!r}": answer(note=value) for value in (5, [], {}, True)}
        for key in ("price", "average_price", "size", "fee"):
            numbers = [b"0.1234567", b"1e-7", b'"0.0000001"', b'"x"', b'""', b'" 1"', b'"1,5"', b'"0x10"', b'"NaN"', b"true", b"[]", b"{}", b"1e30",
                       b"9223372036854.775808"]
            numbers += [b"-0.01", b'"-1"'] if key != "fee" else []
            numbers += [b"1.000001", b"2", b'"1.1"'] if "price" in key else []
            cases |= {f"leg {key} {number.decode()}": with_number(with_leg(x=0), key, number) for number in numbers}
        for key in SUMS:
            numbers = [b"0.1234567", b"-1e-7", b'"0.0000001"', b'"x"', b"false", b"[1]", b"1e30", b"9223372036854.775808",
                       b"-9223372036854.775808"]
            numbers += [b"-1", b'"-0.000001"'] if key == "size" else []
            cases |= {f"{key} {number.decode()}": with_number(answer(x=0), key, number) for number in numbers}
        cases |= {"from the future": answer(1001), "one of two from the future": answer(because=[ground(), ground(1001)]),
                  "far future": answer(10**12)}
        whole = text(answer()).encode()
        cases |= {f"not JSON {number}": value for number, value in enumerate((
            b"hello", b"{", whole[:-1], whole + b"}", whole + whole, b"null", b"5", b'"x"', b"[" + whole + b"]", whole.replace(b'"legs"', b"'legs'"),
            whole.replace(b"}]", b"},]", 1),
            whole[:-1] + b',"note":"\xff\xfe"}', whole[:-1] + b',"note":"\\ud800"}', whole[:-1] + b',"note":"a\tb"}',
            whole[:-1] + b',"note":"\\x41"}', whole[:-1] + b',"size":NaN}',
            whole[:-1] + b',"size":01}', whole[:-1] + b',"size":+1}', whole[:-1] + b',"size":.5}', whole[:-1] + b',"size":1.}', b"[" * 100_000,
            b'{"legs":' * 100_000, b"\x00", b"\xff" * 9))}
        cases["more than 1 MiB"] = text(answer(note="x" * MIB)).encode()
        cases["much more than 1 MiB"] = text(answer(note="x" * 5 * MIB)).encode()
        return cases

    def test_eachKindThatIsWrong_isLeftOut_toldAndCounted(self):
        cases = self.refused()
        for names in ([name for name in cases if "MiB" not in name], [name for name in cases if "MiB" in name]):
            said = []
            for number, name in enumerate(names):
                said += [cases[name], answer(1000, note=f"good {number}")]
            done = self.canned(said)
            self.check_valid(b"".join(each for each in done.stdout.splitlines(True) if b'"note":"good ' in each))
            notes, taken = done.notes(), []
            for number, name in enumerate(names):
                # What stands before a good answer came of the bad one.
                place = notes.index(f"good {number}") if f"good {number}" in notes else None
                self.assertIsNotNone(place, f"the good answer after {name!r} did not come")
                taken += [name] * place
                del notes[:place + 1]
            self.assertEqual(taken, [])
            self.assertEqual((notes, done.counter("exec_refused_mine"), done.counter("decisions_mine")), ([], len(names), len(names)))
            told = [text for text in done.stderr.splitlines() if "mine" in text and "info: done" not in text]
            self.assertTrue(1 <= len(told) <= 10, told[:30])

    def test_oneThatIsWrong_isToldWithTheRuleAndTheReason(self):
        for said, words in ((answer(confidence=1), "confidence"), (answer(legs=[]), "legs"), (answer(1001), "recv_us"),
                            (answer(legs=[leg(price=1.5)]), "price")):
            done = self.canned([said])
            told = [text for text in done.stderr.splitlines() if "info: done" not in text]
            self.assertEqual((len(told), done.counter("exec_refused_mine"), done.stdout), (1, 1, b""))
            self.assertIn("rule mine", told[0])
            self.assertIn(words, told[0])

    def test_1MiB_isTheMost(self):
        short = len(json.dumps(answer(note="")))
        for length, notes in ((MIB - 1, 1), (MIB, 1), (MIB + 1, 0), (MIB + 2, 0)):
            done = self.canned([answer(note="x" * (length - short)), answer(note="next")])
            self.assertEqual([len(note) for note in done.notes()], [length - short] * notes + [4], length)
            self.assertEqual(done.counter("exec_refused_mine"), 1 - notes)

    def test_oneWithoutEnd_takesNoMemory(self):
        body = """
event = json.loads(sys.stdin.readline())
for _ in range(96):
    os.write(1, b"x" * (1 << 20))
os.write(1, b"\\n" + answer(event, note="after").encode())
sys.stdin.read()
"""
        live = self.live(toml("mine", exec=self.program("endless", body)))
        live.count("exec_starts_mine", 1)
        before = self.peak(live)
        live.give(trade(1))
        live.decision("after")
        grown = self.peak(live) - before
        done = self.finish(live)
        self.assertEqual((done.counter("exec_refused_mine"), done.counter("decisions_mine")), (1, 1))
        self.assertLess(grown, 32 * MIB)

    def peak(self, live):
        """The most memory that mkt-decide has held, in bytes."""
        with open(f"/proc/{live.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) * 1024

    def test_aFloodOfWrongOnes_isFewWords_andCountedExactly(self):
        chance = random.Random(3)
        bad = [b"nonsense", b"{}", json.dumps(answer(x=1)).encode(), json.dumps(answer(2000)).encode(), b"[" * 50]
        said = [json.dumps(answer(note=str(number // 100))).encode() if number % 100 == 50 else chance.choice(bad) for number in range(20_000)]
        done = self.canned(said)
        self.assertEqual((done.counter("exec_refused_mine"), done.counter("decisions_mine")), (19_800, 200))
        self.assertEqual(done.notes(), [str(number) for number in range(200)])
        self.assertLess(len(done.stderr.splitlines()), 20)

    def test_theFuture_isWhatTheProgramItselfHasNotGot(self):
        # The later line is another venue's, or of a type that the rule does not want: the program never got it.
        lines = [trade(500), trade(900, "74"), line("ticker", at=800, volume=1)]
        said = [answer(at, note=str(at)) for at in (499, 500, 501, 800, 900)]
        for rule, notes in (({"venue": "kalshi", "events": ["trade"]}, ["499", "500"]), ({"venue": "kalshi"}, ["499", "500", "501", "800"]),
                            ({}, ["499", "500", "501", "800", "900"]), ({"venue": "elsewhere"}, [])):
            done = self.canned(said, lines=lines, **rule)
            self.assertEqual((done.notes(), done.counter("exec_refused_mine")), (notes, 5 - len(notes)), rule)
        # The latest line that it got counts, not the last.
        done = self.canned(said, lines=[trade(800), trade(500)])
        self.assertEqual(done.notes(), ["499", "500", "501", "800"])

    def test_beforeItsFirstLine_everythingIsTheFuture(self):
        body = """
os.write(1, answer({"venue": "kalshi", "market": "M", "instrument": "KX", "feed": "kalshi", "recv_us": int(sys.argv[1])}, note="early").encode())
event = json.loads(sys.stdin.readline())
os.write(1, answer(event, note="late").encode())
sys.stdin.read()
"""
        live = self.live(toml("mine", exec=self.program("early", body, str(START))))
        live.count("exec_refused_mine", 1)
        live.give(trade(5))
        live.decision("late")
        self.assertEqual(self.finish(live).notes(), ["late"])

    def test_blanksAndAMissingNewline_areAllowed(self):
        said = b' \t' + json.dumps(answer(note="a")).encode() + b" \r\n" + json.dumps(answer(note="b"), indent=None).encode()
        self.assertEqual(self.canned(said).notes(), ["a", "b"])


class DecisionTests(ExecCase):
    """Ids, cooldowns, actions, hashes."""

    def test_equalAnswers_haveDifferentIds_thatAreStable(self):
        said = [answer(5), answer(5), answer(9), answer(5), *(answer(number % 700, note=str(number)) for number in range(3000)), answer(5), answer(9),
                answer(9), answer(5)]
        said += [answer(5, [leg(price=0.5)]), answer(5, [leg(price=0.5)]), answer(5, [leg(), leg()]), answer(5, [leg(venue="polymarket")]), answer(5)]
        first = self.canned(said)
        ids = [each["id"] for each in first.decisions()]
        self.assertEqual(len(ids), len(said))
        for each in ids:
            self.assertRegex(each, "^[0-9a-f]{16}$")
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual(self.canned(said).stdout, first.stdout)
        live = self.live(toml("mine", exec=self.program("canned", CANNED)), heartbeat="0")
        live.give(trade(1000))
        self.assertEqual(self.finish(live).stdout, first.stdout)

    def test_rulesThatSayTheSame_haveDifferentIds(self):
        self.write("answers", bytes_of([answer(5), answer(5)]))
        words = self.program("canned", CANNED)
        done = self.run_tool("".join(toml(name, exec=words) for name in ("a", "b", "c")), [trade(9)])
        self.assertEqual(sorted(each["rule"] for each in done.decisions()), ["a", "a", "b", "b", "c", "c"])
        self.assertEqual(len({each["id"] for each in done.decisions()}), 6)

    def test_aNewProgram_thatSaysTheSame_getsNewIds(self):
        body = """
event = json.loads(sys.stdin.readline())
os.write(1, answer({**event, "recv_us": int(sys.argv[1])}).encode())
"""
        live = self.live(toml("mine", exec=self.program("again", body, str(START))) + BIG)
        for number in range(2):
            live.count("exec_starts_mine", number + 1)
            live.give(trade(number))
            live.count("decisions_mine", number + 1)
        ids = [each["id"] for each in self.finish(live).decisions("mine")]
        self.assertEqual((len(ids), len(set(ids))), (2, 2))

    def test_cooldown_isOfTheFirstLegsInstrument(self):
        chance = random.Random(11)
        said, want, spoken = [], [], {}
        for number in range(800):
            at = chance.randrange(0, 8 * 15) * 125_000
            legs = [leg(venue=chance.choice(["kalshi", "polymarket"]), instrument=chance.choice(["KX", "KY"]),
                        market=chance.choice(["A", "B"])) for _ in range(chance.choice([1, 2]))]
            said.append(answer(because=sorted([ground(at), ground(chance.randrange(0, at + 1))], key=lambda each: each["recv_us"]), legs=legs,
                               note=str(number)))
            place = (legs[0]["venue"], legs[0]["instrument"])
            if place not in spoken or abs(at - spoken[place]) >= 1_000_000:
                spoken[place] = at
                want.append(str(number))
        done = self.canned(said, lines=[trade(20_000_000)], cooldown="1s")
        self.assertTrue(200 < len(want) < 780, len(want))
        self.assertEqual(done.notes(), want)
        self.assertEqual((done.counter("exec_refused_mine"), done.counter("decisions_mine")), (0, len(want)))

    def test_cooldown_outlivesAProgram(self):
        body = """
note("starts", 1)
for line in sys.stdin:
    event = json.loads(line)
    os.write(1, answer(event, note=event["trade_id"]).encode())
    if len(open(os.path.join(HERE, "starts")).readlines()) == 1:
        break
"""
        live = self.live(toml("mine", exec=self.program("once", body), cooldown="1s"))
        live.give(trade(1))
        live.decision("1")
        live.count("exec_starts_mine", 2)
        live.give(trade(500_000) + trade(1_000_000) + trade(1_000_001))
        live.decision("1000001")
        self.assertEqual(self.finish(live).notes(), ["1", "1000001"])

    def test_action_isSignalUnlessTheRuleSaysAlert(self):
        for rule, action in (({}, "signal"), ({"action": "signal"}, "signal"), ({"action": "alert"}, "alert")):
            self.assertEqual([each["action"] for each in self.canned([answer()], **rule).decisions()], [action])

    def test_rulesHash_isOfWhatCanChangeADecision(self):
        def rules_of(*arguments, **rule):
            words = self.program("canned", CANNED, *rule.pop("words", ()))
            text = self.run_tool(toml("mine", exec=words, **rule), b"", "--check", *arguments).stdout.decode()
            return re.search(r"sha256 ([0-9a-f]{64})", text).group(1)

        plain_ = rules_of()
        others = [rules_of(words=["x"]), rules_of(events=["trade"]), rules_of(action="alert"), rules_of(cooldown="1s"), rules_of(venue="kalshi")]
        self.assertEqual(len({plain_, *others}), 6)
        self.assertEqual(rules_of(cooldown="1000ms"), rules_of(cooldown="1s"))
        # A replay that waits is held to the rules of the live run that did not.
        self.assertEqual(rules_of("--set", "rules.mine.on_slow=block"), plain_)


# MARK: The rule file


class RuleFileTests(ExecCase):
    """What cannot be right is said before a line is read, and nothing is started."""

    def check_wrong(self, rules, status, *words, arguments=(), environment=None):
        """Ends before its input does: there never is a line."""
        live = self.live(rules, *arguments, environment=environment)
        self.assertEqual(live.ended(10), status, live.errors())
        told = live.errors().splitlines()
        self.assertEqual(len(told), 1, told)
        for each in words:
            self.assertIn(each, told[0])
        self.assertEqual((live.lines, self.pids()), ([], []))
        return told[0]

    def test_shapesOfKeys(self):
        words = json.dumps(self.program("record", RECORD, "got"))
        spread = 'strategy = "spread"\nmin_spread = 0.1\n'
        wrong = (
            'action = "trade"', "events = []", 'events = ["decision"]', "events = [5]", 'on_slow = "wait"', "on_slow = true", "patience = 10",
            'patience = "0"', 'patience = "-1s"', 'cooldown = "soon"', "venue = []")
        for keys, place in (
            *((f"exec = {words}\n{each}", "rules.toml:3:") for each in wrong), (f'exec = {words}\nevents = ["trade", "trdae"]', "'trdae'"),
            (f'exec = {words}\npateince = "1s"', "did you mean 'patience'"), (f"exec = {words}\nmin_spread = 0.1", "'min_spread'"),
            (f"exec = {words}\n{spread}", "strategy"), ('strategy = "exec"', "exec"), ('action = "alert"', "strategy"),
            (spread + 'events = ["trade"]', "'events'"), (spread + 'on_slow = "drop"', "'on_slow'"), (spread + 'patience = "1s"', "'patience'"),
        ):
            with self.subTest(keys=keys):
                self.check_wrong(f"[rules.mine]\n{keys}\n", 78, "rule 'mine'", "rules.toml:", place)

    def test_shapesOfExec(self):
        for value in ('"python3"', "[]", '[""]', '["", "x"]', "[1]", '["cat", 1]', '["cat", ["x"]]', "{ program = \"cat\" }", "true", "5",
                      '["ca\\u0000t"]', '["cat", "a\\u0000b"]'):
            with self.subTest(value=value):
                self.check_wrong(f"[rules.mine]\naction = \"alert\"\nexec = {value}\n", 78, "rules.toml:3:", "rule 'mine'", "exec")

    def test_aProgramThatIsNotThere(self):
        self.write("plain", "#!/bin/sh\n")
        os.chmod(self.path("plain"), 0o644)
        os.mkdir(self.path("bin"))
        os.mkdir(self.path("bin/folder-tool"))
        self.write("bin/plain-tool", "#!/bin/sh\n")
        os.chmod(self.path("bin/plain-tool"), 0o644)
        for name in ("no-such-program-anywhere", "./nothing", self.path("nothing"), "nothing/at/all", self.path("plain"), "./plain", self.folder,
                     "./bin", "plain-tool", "folder-tool",
                     self.path("plain") + "/x", "./plain "):
            for arguments in ((), ("--pass-through",), ("--check",)):
                with self.subTest(name=name, arguments=arguments):
                    self.check_wrong(BIG + toml("mine", exec=[name, "x"]), 78, "rule 'mine'", name, arguments=arguments,
                                     environment={"PATH": self.path("bin") + ":" + ENVIRONMENT["PATH"]})

    def test_oneOfSeveralIsNotThere_startsNone(self):
        self.check_wrong(toml("a", exec=self.program("record", RECORD, "got")) + toml("b", exec=["no-such-program-anywhere"]), 78, "'b'")

    def test_set_changesAllButTheProgram(self):
        rules = toml("mine", exec=self.program("record", RECORD, "got"))
        for setting, words in (("exec=cat", "exec"), ('exec=["cat"]', "exec"), ("strategy=spread", "strategy"), ("on_slow=wait", "wait"),
                               ("patience=0", "patience"), ("action=trade", "trade"),
                               ("events=trdae", "trdae"), ("pateince=1s", "pateince")):
            with self.subTest(setting=setting):
                self.check_wrong(rules, 64, words, arguments=("--set", "rules.mine." + setting))

    def test_aDatabase_saysItsCooldownAlone(self):
        with open(os.path.join(ORACLE, "..", "..", "docs", "reference.md"), encoding="utf-8") as file:
            tables = [block for block in re.findall(r"```sql\n(.*?)```", file.read(), flags=re.S) if "CREATE TABLE" in block][1]
        self.write("answers", bytes_of([answer(5), answer(5)]))
        denied = (("exec", "cat", 78), ("events", "trade", 78), ("on_slow", "drop", 78), ("patience", "1s", 78))
        for key, value, status in (("cooldown", "1h", 0), *denied):
            database = sqlite3.connect(self.path(key + ".db"))
            database.executescript(tables + f"INSERT INTO strategy_parameters VALUES ('mine', '{key}', '{value}');")
            database.close()
            rules = toml("mine", exec=self.program("canned", CANNED), parameters="database")
            done = self.run_tool(rules, [trade(9)], "--db", "sqlite:" + self.path(key + ".db"), status=status)
            self.assertEqual((len(done.decisions()), len(self.pids())), (int(not status), 1), done.stderr)

    def test_check_tellsAndStartsNothing(self):
        rules = toml("mine", exec=self.program("record", RECORD, "got"), events=["trade"], label="btc-*", cooldown="1m")
        rules += toml("other", exec=self.program("echo", ECHO), action="alert")
        done = self.run_tool(rules, [trade(1)], "--check")
        text = done.stdout.decode()
        self.assertIn("2 rules, sha256 ", text)
        for words in ("mine: exec, signal", "record.py", "btc-*", "cooldown 1m", "other: exec, alert", "echo.py"):
            self.assertIn(words, text)
        self.assertEqual((self.pids(), done.stderr), ([], ""))
        self.run_tool(rules, [trade(1)], "--print-config")
        self.assertEqual(self.pids(), [])


# MARK: It is waited for


class BlockTests(SideBySide):
    """From a regular file every line waits until it fits."""

    def test_aSlowProgram_getsAndAnswersEveryLine(self):
        # More than the queue of `drop` waits while it does nothing; and more comes back than a pipe holds.
        body = """
wait = time.monotonic() + 1
while time.monotonic() < wait:
    time.sleep(0.05)
with open(os.path.join(HERE, "got"), "w") as file:
    for number, line in enumerate(sys.stdin):
        file.write(line)
        event = json.loads(line)
        sys.stdout.write(answer(event, note=event["trade_id"] + "." + "y" * 700))
        if number % 512 == 0:
            sys.stdout.flush()
            time.sleep(0.02)
"""
        lines = long_trades(3000, 3900)
        self.assertGreater(sum(map(len, lines)), 11 * MIB)
        done = self.run_tool(toml("mine", exec=self.program("slow", body), patience="5s"), lines)
        self.assertEqual([note.split(".")[0] for note in done.notes()], [str(number) for number in range(len(lines))])
        self.assertTrue(self.read("got") == b"".join(lines))
        self.assertEqual([done.counter(f"exec_{key}_mine") for key in ("lines", "lost", "refused", "starts")], [len(lines), 0, 0, 1])

    def test_oneThatAnswersOnlyAtTheEnd_isHeard(self):
        body = """
said = [answer(json.loads(line), note="y" * 2000) for line in sys.stdin]
sys.stdout.write("".join(said))
"""
        done = self.run_tool(toml("mine", exec=self.program("late", body)), [trade(number) for number in range(2000)])
        self.assertEqual(len(done.notes()), 2000)

    def test_oneThatEndsWith0_wantsNoMore(self):
        body = """
for _ in range(3):
    event = json.loads(sys.stdin.readline())
    os.write(1, answer(event, note=event["trade_id"]).encode())
"""
        lines = long_trades(3000, 4000)
        done = self.run_tool(toml("mine", exec=self.program("short", body)) + BIG, lines, "--pass-through")
        self.assertEqual((done.notes(), done.counter("exec_starts_mine")), (["0", "1", "2"], 1))
        self.assertEqual(b"".join(each for each in done.stdout.splitlines(True) if b'"type":"decision"' not in each), b"".join(lines))
        self.assertEqual(done.counter("decisions_big"), len(lines))
        # At once, and with little to give.
        done = self.run_tool(toml("mine", exec=self.program("nothing", "sys.exit(0)")) + BIG, lines[:5])
        self.assertEqual((done.counter("exec_starts_mine"), done.counter("decisions_big")), (1, 5))

    def check_69(self, body, lines, *arguments, rule=(), seconds=40):
        """Ends with 69 and one line that names the rule."""
        done = self.run_tool(toml("mine", exec=self.program("broken", body), **dict(rule)) + BIG, lines, *arguments, status=69, seconds=seconds)
        told = [text for text in done.stderr.splitlines() if not re.match("mkt-decide: (info|warning): ", text)]
        self.assertEqual(len(told), 1, done.stderr)
        self.assertIn("rule mine", told[0])
        self.assertEqual(len(self.noted("pids")), 1)
        os.remove(self.path("pids"))
        return told[0]

    def test_anyOtherStatus_is69(self):
        many = long_trades(1000, 4000)
        for body, words in (("sys.exit(3)", "3"), ("os.kill(os.getpid(), signal.SIGKILL)", "9"), ("os.kill(os.getpid(), signal.SIGTERM)", "15"),
                            ("sys.stdin.buffer.read(5000)\nsys.exit(3)", "3"), ("os._exit(255)", "255")):
            with self.subTest(body=body):
                self.assertIn(words, self.check_69(body, many))
        # After the last line, too; whatever it answered.
        for lines in (many[:2], []):
            self.assertIn("3", self.check_69("sys.stdin.read()\nsys.exit(3)", lines))
        self.check_69(ECHO + "sys.exit(3)", many[:500])

    def test_hung_is69(self):
        began = time.monotonic()
        self.check_69("signal.pause()", long_trades(1000, 4000), rule={"patience": "700ms"}.items())
        self.check_69("sys.stdin.buffer.read(3 << 20)\nsignal.pause()", long_trades(1400, 4000), rule={"patience": "500ms"}.items())
        # After the last line.
        self.check_69("sys.stdin.read()\nsignal.pause()", [trade(1)], rule={"patience": "500ms"}.items())
        self.assertGreater(time.monotonic() - began, 1.7)

    def test_inAPipe_itIsAskedForBySetOrRule(self):
        lines = long_trades(3100, 4000)
        self.write("allowed", "0")
        live = self.live(toml("mine", exec=self.program("gate", GATE)), "--set", "rules.mine.on_slow=block")
        given = threading.Thread(target=live.give, args=(b"".join(lines),), daemon=True)
        given.start()
        # The stream stands still where nothing more fits.
        wait_until(lambda: self.stands(live), 30, "a stream that stands still")
        self.assertLess(live.given, sum(map(len, lines)) - MIB)
        self.assertTrue(given.is_alive())
        self.write("allowed", str(1 << 40))
        given.join(30)
        self.assertFalse(given.is_alive())
        done = self.finish(live)
        self.assertTrue(self.read("got") == b"".join(lines))
        self.assertEqual((done.counter("exec_lost_mine"), done.counter("exec_lines_mine")), (0, len(lines)))
        for rule, arguments in (({"on_slow": "block"}, ()), ({}, ("--set", "rules.mine.on_slow=block"))):
            live = self.live(toml("mine", exec=self.program("broken", "sys.exit(3)"), **rule), *arguments)
            self.assertEqual(live.ended(10), 69, live.errors())

    def stands(self, live):
        """Whether something was given, and nothing more for half a second."""
        seen = live.given
        began = time.monotonic()
        while seen and live.given == seen:
            if time.monotonic() - began > 0.5:
                return True
            time.sleep(0.02)
        return False

    def test_dropFromAFile_whereTheRuleSaysSo(self):
        lines = long_trades(4000, 4000)
        self.write("allowed", "0")
        rules = toml("mine", exec=self.program("gate", GATE), on_slow="drop", patience="500ms")
        done = self.run_tool(rules + BIG, lines)
        self.assertEqual(done.counter("decisions_big"), len(lines))
        self.assertGreater(done.counter("exec_lost_mine"), 0)
        self.assertEqual(done.counter("exec_lines_mine") + done.counter("exec_lost_mine"), len(lines))


# MARK: It never holds up the stream


class DropTests(SideBySide):
    """From a pipe the stream does not wait."""

    def rss(self, live):
        with open(f"/proc/{live.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1)) * 1024

    def test_aProgramThatReadsNothing_stopsNobody(self):
        lines = long_trades(9000, 4000)
        self.assertGreater(sum(map(len, lines)), 30 * MIB)
        # Its patience is no way out of a stream that stands still.
        body = """
note("starts", 1)
if len(open(os.path.join(HERE, "starts")).readlines()) == 1:
    signal.pause()
"""
        live = self.live(toml("mine", exec=self.program("idle", body), patience="60s") + BIG, "--pass-through")
        live.give(trade(-1))
        live.seen(-1)
        before = self.rss(live)
        began = time.monotonic()
        live.give(b"".join(lines))
        live.seen(len(lines) - 1)
        self.assertLess(time.monotonic() - began, 30)
        self.assertLess(self.rss(live) - before, 24 * MIB)
        live.count("lines_in", len(lines) + 1)
        self.assertGreater(live.counter("exec_lost_mine"), (30 - 10) * MIB // 4000)
        os.kill(self.pids()[0], signal.SIGKILL)
        done = self.finish(live)
        passed = [each for each in done.stdout.splitlines(True) if b'"feed":"mkt-decide"' not in each]
        self.assertEqual(len(passed), len(lines) + 1)
        self.assertTrue(b"".join(passed) == trade(-1) + b"".join(lines), "the lines are not those that were given, or not in their order")
        self.assertEqual(done.counter("decisions_big"), len(lines) + 1)

    def test_sentAndLost_areAllThatThereWere(self):
        lines = long_trades(3500, 4000)
        live = self.live(toml("mine", exec=self.program("never", NEVER), patience="500ms"))
        live.give(b"".join(lines))
        done = self.finish(live)
        self.assertEqual(done.counter("exec_lines_mine") + done.counter("exec_lost_mine"), len(lines))
        self.assertLessEqual(done.counter("exec_lines_mine") * 4000, PIPE)

    def test_lateLines_areLostWholeUntilHalfIsTaken_andToldInTheirPlace(self):
        self.write("allowed", "0")
        live = self.live(toml("mine", exec=self.program("gate", GATE), patience="30s"))
        given = long_trades(600, 30_000)
        self.assertGreater(sum(map(len, given)), 16 * MIB)
        live.give(b"".join(given))
        live.count("lines_in", len(given))
        lost = live.counter("exec_lost_mine")
        kept = sum(map(len, given[:len(given) - lost]))
        # All that fit waits, and not more.
        self.assertTrue(8 * MIB - 2 * 30_000 <= kept <= 8 * MIB + PIPE, kept)

        def more(count):
            given.extend(long_trades(count, 30_000, first=len(given)))
            live.give(b"".join(given[-count:]))
            live.count("lines_in", len(given))
            return live.counter("exec_lost_mine")

        def allow(number):
            self.write("allowed", str(number))
            wait_until(lambda: len(self.read("got")) == number, 30, f"{number} bytes taken")

        # With less than half taken, all is still lost, and the hole grows.
        allow(2 * MIB)
        self.assertEqual(more(10), lost + 10)
        allow(3 * MIB)
        self.assertEqual(more(7), lost + 17)
        # With more than half taken, lines wait again.
        allow(6 * MIB)
        self.assertEqual(more(20), lost + 17)
        # And again too many.
        again = more(600)
        self.assertGreater(again, lost + 17)
        self.write("allowed", str(1 << 40))
        wait_until(lambda: b'"lost":%d}' % (lost + 17) in self.read("got"), 30, "the first marker")
        kept = given[:600 - lost] + given[617:len(given) - (again - lost - 17)]
        wait_until(lambda: os.path.getsize(self.path("got")) > sum(map(len, kept)), 30, "all that waited")
        self.assertEqual(more(5), again)
        done = self.finish(live)
        holes, taken = self.walk(self.read("got"), given)
        self.assertEqual(holes, [(600 - lost, lost + 17), (637 + 600 - (again - lost - 17), again - lost - 17)])
        self.assertEqual((done.counter("exec_lost_mine"), done.counter("exec_lines_mine"), done.counter("exec_starts_mine")), (again, taken, 1))

    def test_aHole_isToldToTheOneThatIsStartedAfterIt(self):
        body = """
note("starts", 1)
if len(open(os.path.join(HERE, "starts")).readlines()) == 1:
    signal.pause()
""" + RECORD
        live = self.live(toml("mine", exec=self.program("second", body, "got"), patience="60s"))
        lines = long_trades(500, 30_000)
        live.give(b"".join(lines))
        live.count("lines_in", len(lines))
        lost = live.counter("exec_lost_mine")
        self.assertGreater(lost, 0)
        os.kill(self.pids()[0], signal.SIGKILL)
        kept = lines[len(lines) - lost - 1]
        wait_until(lambda: kept in self.read("got"), 15, "the last line that waited")
        lines += long_trades(3, 30_000, first=len(lines))
        live.give(b"".join(lines[-3:]))
        self.finish(live)
        got = self.read("got")
        first = lines.index(got.splitlines(True)[0])
        # The first had a pipe full of lines, and no more.
        self.assertTrue(0 < first <= PIPE // 29_000, first)
        self.assertEqual(self.walk(got, lines[first:])[0], [(500 - lost - first, lost)])

    def test_aHoleAtTheEnd_isToldToo(self):
        self.write("allowed", "0")
        lines = long_trades(600, 30_000)
        live = self.live(toml("mine", exec=self.program("gate", GATE), patience="30s"))
        live.give(b"".join(lines))
        live.count("lines_in", len(lines))
        live.end_input()
        self.write("allowed", str(1 << 40))
        self.assertEqual(live.ended(), 0)
        holes, taken = self.walk(self.read("got"), lines)
        counters = counters_of(live.errors())
        self.assertEqual([(count, place + count) for place, count in holes], [(counters["exec_lost_mine"], len(lines))])
        self.assertEqual(counters["exec_lines_mine"], taken)

    def test_randomSpeeds_loseLinesOnlyWhereItIsTold(self):
        chance = random.Random(9)
        self.write("allowed", "0")
        live = self.live(toml("mine", exec=self.program("gate", GATE), patience="30s"))
        given, allowed = [], 0
        for _ in range(22):
            some = [trade(len(given) + number, pad="x" * chance.randrange(1, 200_000)) for number in range(chance.randrange(5, 20))]
            given += some
            live.give(b"".join(some))
            # At first slower than the stream, later faster.
            allowed += chance.randrange(0, 5 * MIB if len(given) > 150 else MIB // 2)
            self.write("allowed", str(allowed))
        live.count("lines_in", len(given))
        self.write("allowed", str(1 << 40))
        done = self.finish(live)
        holes, taken = self.walk(self.read("got"), given)
        self.assertGreater(len(holes), 0)
        self.assertEqual((sum(count for _, count in holes), taken), (done.counter("exec_lost_mine"), done.counter("exec_lines_mine")))

    def test_anAnswer_comesAtOnce(self):
        live = self.live(toml("mine", exec=self.program("echo", ECHO)), "--pass-through", heartbeat="0")
        for number in range(5):
            live.give(trade(number))
            decision = live.decision(str(number), seconds=5)
            self.assertEqual(decision["recv_us"], START + number)
        done = self.finish(live)
        self.assertEqual([b"decision" in each for each in done.stdout.splitlines()], [False, True] * 5)


class FloodTests(ExecCase):
    def flood(self, what):
        body = """
event = json.loads(sys.stdin.readline())
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
piece = ((%s) * 100).encode()
written = 0
while True:
    written += os.write(1, piece)
    if written > 2 << 20:
        note("flooding", 1)
        written = -1 << 60
""" % what
        live = self.live(toml("mine", exec=self.program("flood", body)) + BIG, heartbeat="0")
        live.give(trade(0))
        wait_until(lambda: self.noted("flooding"), 10, "a flood")
        for number in (1, 2):
            live.mark()
            live.give(trade(number), 3)
            live.seen(number, seconds=3)
        live.mark()
        # Many at once are not one by one.
        live.give(b"".join(trade(number) for number in range(3, 303)), 3)
        live.seen(302, seconds=5)
        done = self.finish(live)
        self.assertEqual(re.findall(rb'"rule":"big".*"trade_id":"(\d+)"', done.stdout), [b"%d" % number for number in range(303)])
        return done

    def test_withoutEnd_ofNonsense_doesNotHoldUpTheStream(self):
        done = self.flood('"nonsense\\n"')
        self.assertGreater(done.counter("exec_refused_mine"), 100)
        self.assertLess(len(done.stderr.splitlines()), 40)

    def test_withoutEnd_ofOneLine_doesNotHoldUpTheStream(self):
        self.flood('"nonsense" * 600')

    def test_withoutEnd_ofDecisions_doesNotHoldUpTheStream(self):
        done = self.flood('answer(event, note="again")')
        self.assertGreater(done.counter("decisions_mine"), 100)
        self.assertEqual(len(set(re.findall(rb'"id":"([0-9a-f]{16})"', done.stdout))), done.counter("decisions_mine") + 303)


class RestartTests(SideBySide):
    """A program that ends in a live stream is started again; one that moves no byte while lines wait is ended, and nobody else."""

    def test_whateverItsStatus_itIsStartedAgain_withGrowingPauses(self):
        ends = {"one": "sys.exit(1)", "zero": "sys.exit(0)", "killed": "os.kill(os.getpid(), signal.SIGKILL)"}
        begin = 'note(sys.argv[1] + ".starts", time.monotonic())\n'
        # One that is not there for a while.
        away = self.write("away", f'#!/bin/sh\necho 1 >> {shlex.quote(self.path("away.starts"))}\n')
        os.chmod(away, stat.S_IRWXU)
        rules = "".join(toml(name, exec=self.program(name, begin + body, name)) for name, body in ends.items())
        live = self.live(rules + toml("away", exec=[away]) + BIG)
        wait_until(lambda: self.noted("away.starts"), 5, "a start")
        os.rename(away, away + ".kept")
        number, began = 0, time.monotonic()
        while any(len(self.noted(f"{name}.starts")) < 4 for name in ends):
            if time.monotonic() - began > 1.5 and not os.path.exists(away):
                os.rename(away + ".kept", away)
            # The stream goes on meanwhile.
            live.give(trade(number), 5)
            live.seen(number)
            number += 1
            self.assertLess(number, 20_000)
            if number > 20:
                time.sleep(0.02)
        for name in ends:
            times = [float(each) for each in self.noted(f"{name}.starts")]
            for pause, gap in zip((1, 2, 4), (after - before for before, after in zip(times, times[1:]))):
                self.assertTrue(pause * 0.95 <= gap <= pause + 1, (name, pause, gap))
            live.count(f"exec_starts_{name}", 4, 3)
        self.assertGreater(len(self.noted("away.starts")), 1)
        self.finish(live)

    def test_whatWaits_staysForTheNewOne_inWholeLines(self):
        body = """
note("bite.starts", time.monotonic())
limit = 100_100 if len(open(os.path.join(HERE, "bite.starts")).readlines()) == 1 else 1 << 40
while not os.path.exists(os.path.join(HERE, "go")):
    time.sleep(0.01)
with open(os.path.join(HERE, f"got{limit}"), "ab", 0) as file:
    while limit and (piece := os.read(0, min(limit, 65536))):
        limit -= len(piece)
        file.write(piece)
sys.exit(0 if limit else 1)
"""
        lines = long_trades(1500, 3000)
        self.assertLess(sum(map(len, lines)), 7 * MIB)
        live = self.live(toml("mine", exec=self.program("bite", body)))
        live.give(b"".join(lines))
        live.count("lines_in", len(lines))
        self.write("go", "")
        wait_until(lambda: len(self.noted("bite.starts")) == 2, 10, "a new program")
        wait_until(lambda: lines[-1] in self.read(f"got{1 << 40}"), 30, "the last line")
        lines += long_trades(3, 3000, first=len(lines))
        live.give(b"".join(lines[-3:]))
        done = self.finish(live)
        self.assertEqual(self.read("got100100"), b"".join(lines)[:100_100])
        got = self.read(f"got{1 << 40}").splitlines(True)
        first = lines.index(got[0])
        self.assertEqual(got, lines[first:])
        # What is gone is what was given to the old one: no more than it had read, a pipe and a line.
        self.assertTrue(100_100 // 3100 <= first <= (100_100 + PIPE) // 2900 + 1, first)
        self.assertEqual(done.counter("exec_starts_mine"), 2)
        self.assertEqual(done.counter("exec_lines_mine") + done.counter("exec_lost_mine"), len(lines))

    def test_halfAnAnswer_isNotJoinedWithTheNext(self):
        body = """
event = json.loads(sys.stdin.readline())
whole = answer(event, note=event["trade_id"]).encode()
if event["trade_id"] == "1":
    os.write(1, whole + whole[:len(whole) // 2])
    sys.exit(1)
os.write(1, whole[len(whole) // 2:] + whole)
sys.stdin.read()
"""
        live = self.live(toml("mine", exec=self.program("half", body)))
        live.give(trade(1))
        live.decision("1")
        live.count("exec_starts_mine", 2)
        live.give(trade(2))
        live.decision("2")
        done = self.finish(live)
        self.assertEqual(done.notes(), ["1", "2"])
        self.assertTrue(1 <= done.counter("exec_refused_mine") <= 2)

    def test_aHungOne_isEndedWithAllThatItStarted_andStartedAgain(self):
        stubborn = """
note("stubborn.starts", time.monotonic())
if len(open(os.path.join(HERE, "stubborn.starts")).readlines()) > 1:
    while piece := os.read(0, 65536):
        note("read", len(piece))
    sys.exit(0)
signal.signal(signal.SIGTERM, lambda *_: note("asked", time.monotonic()))
os.fork()
note("pids", os.getpid())
note("group", os.getpid())
while True:
    signal.pause()
"""
        polite = """
def end(*_):
    note("polite.asked", time.monotonic())
    os._exit(0)
signal.signal(signal.SIGTERM, end)
note("polite.starts", time.monotonic())
while piece := len(open(os.path.join(HERE, "polite.starts")).readlines()) == 1 or os.read(0, 65536):
    if piece is True:
        signal.pause()
"""
        programs = {"mine": self.program("stubborn", stubborn), "polite": self.program("polite", polite)}
        rules = "".join(toml(name, exec=words, patience="1s") for name, words in programs.items())
        live = self.live(rules + BIG)
        wait_until(lambda: len(self.noted("group")) == 2 and self.noted("polite.starts"), 5, "the programs")
        began = time.monotonic()
        live.give(b"".join(long_trades(1000, 4000)))
        wait_until(lambda: len(self.noted("asked")) == 2 and self.noted("polite.asked"), 8, "a SIGTERM to all")
        for asked in map(float, self.noted("asked") + self.noted("polite.asked")):
            self.assertTrue(0.9 <= asked - began <= 3, asked - began)
        wait_until(lambda: len(self.noted("stubborn.starts")) == 2, 8, "a new program")
        self.assertEqual([pid for pid in map(int, self.noted("group")) if self.is_alive(pid)], [])
        # SIGKILL after two seconds, a new one a second later.
        pause = float(self.noted("stubborn.starts")[1]) - float(self.noted("asked")[0])
        self.assertTrue(2.9 <= pause <= 4.5, pause)
        # One that obeys is not waited for.
        pause = float(self.noted("polite.starts")[1]) - float(self.noted("polite.asked")[0])
        self.assertTrue(0.95 <= pause <= 2, pause)
        live.give(trade(5000))
        live.seen(5000)
        wait_until(lambda: self.read("read"), 5, "a line for the new program")
        done = self.finish(live)
        self.assertEqual((done.counter("exec_starts_mine"), done.counter("exec_starts_polite"), done.counter("decisions_big")), (2, 2, 1001))

    def test_whoMovesOrHasNothingToTake_isNotHung(self):
        programs = {
            # Takes slowly.
            "slow": 'while piece := os.read(0, 65536):\n    note("slow.read", len(piece))\n    time.sleep(0.3)\n',
            # Takes nothing, but says something.
            "speaking": """
for number in range(12):
    os.write(1, b"nonsense\\n")
    note("speaking.said", number)
    time.sleep(0.3)
sys.stdin.buffer.read()
""",
            # Has taken all there is and thinks.
            "thinking": 'sys.stdin.readline()\ntime.sleep(3.5)\nnote("thinking.done", 1)\nsys.stdin.read()\n',
            # Gets no line at all.
            "idle": "sys.stdin.read()\n"}
        scopes = {"thinking": {"instrument": "K1"}, "idle": {"venue": "elsewhere"}}
        live = self.live("".join(toml(name, exec=self.program(name, body), patience="1s", **scopes.get(name, {"instrument": "KX"}))
                                 for name, body in programs.items()))
        live.give(trade(0, "K1") + b"".join(long_trades(1300, 4000)))
        wait_until(lambda: [len(self.noted(name)) for name in ("thinking.done", "speaking.said")] == [1, 12], 12, "three seconds of work")
        self.assertGreater(len(self.noted("slow.read")), 8)
        for name in programs:
            self.assertEqual(live.counter(f"exec_starts_{name}"), 1, live.errors())
        self.assertNotIn("moved nothing", live.errors())
        for pid in self.pids():
            self.assertTrue(self.is_alive(pid))
            os.kill(pid, signal.SIGTERM)
        self.finish(live)


# MARK: The end


class EndTests(SideBySide):
    """Of the input, by --limit, by signals."""

    def test_atTheEndOfInput_itIsHeardToItsEnd(self):
        late = """
lines = sys.stdin.readlines()
sys.stdout.write("".join(answer(json.loads(each), note=json.loads(each)["trade_id"]) for each in lines))
"""
        # Longer than its patience, but never silent for so long.
        steady = """
event = json.loads(sys.stdin.readlines()[0])
for number in range(5):
    time.sleep(0.4)
    os.write(1, answer(event, note=str(number)).encode())
"""
        rules = toml("late", exec=self.program("late", late)) + toml("steady", exec=self.program("steady", steady), patience="1s")
        # One that never ends is ended after its patience.
        live = self.live(rules + toml("never", exec=self.program("never", NEVER), patience="1s") + BIG)
        live.give(b"".join(trade(number) for number in range(2000)))
        live.count("lines_in", 2000)
        began = time.monotonic()
        done = self.finish(live)
        self.assertGreater(time.monotonic() - began, 1.9)
        self.assertEqual(done.notes("late"), [str(number) for number in range(2000)])
        self.assertEqual(done.notes("steady"), [str(number) for number in range(5)])
        self.assertEqual([done.counter(f"exec_starts_{name}") for name in ("late", "never", "steady")], [1, 1, 1])

    def test_hungAtTheEnd_isEndedWithAllThatItStarted(self):
        body = """
signal.signal(signal.SIGTERM, lambda *_: note("asked", time.monotonic()))
os.fork()
note("pids", os.getpid())
note("ready", 1)
while True:
    signal.pause()
"""
        live = self.live(toml("mine", exec=self.program("stubborn", body), patience="500ms"))
        live.give(trade(1))
        wait_until(lambda: len(self.noted("ready")) == 2, 5, "two processes")
        live.count("lines_in", 1)
        began = time.monotonic()
        done = self.finish(live)
        self.assertTrue(2.4 <= time.monotonic() - began <= 6, time.monotonic() - began)
        self.assertEqual((len(self.noted("asked")), done.counter("exec_starts_mine")), (2, 1))

    def test_severalThatNeverEnd_areEndedAtOneTime(self):
        # Each after its own patience, which begins with the end of the input.
        live = self.live("".join(toml(f"r{number}", exec=self.program("never", NEVER), patience="1500ms") for number in range(3)))
        live.give(trade(1))
        wait_until(lambda: len(self.noted("never.starts")) == 3, 5, "three programs")
        live.count("lines_in", 1)
        began = time.monotonic()
        self.finish(live)
        self.assertTrue(1.4 <= time.monotonic() - began <= 3.5, time.monotonic() - began)

    def test_whoSaysNothingAfterTheEnd_isEndedAfterItsPatience(self):
        # The first word comes in time, the second does not.
        body = """
event = json.loads(sys.stdin.readlines()[0])
time.sleep(0.4)
os.write(1, answer(event, note="in time").encode())
time.sleep(30)
os.write(1, answer(event, note="too late").encode())
"""
        live = self.live(toml("mine", exec=self.program("silent", body), patience="1s"))
        live.give(trade(1))
        live.count("lines_in", 1)
        began = time.monotonic()
        done = self.finish(live)
        self.assertTrue(1.3 <= time.monotonic() - began <= 5, time.monotonic() - began)
        self.assertEqual(done.notes(), ["in time"])

    def test_aStatusAtTheEnd_isNoMatterWhereItIsNotWaitedFor(self):
        live = self.live(toml("mine", exec=self.program("broken", ECHO + "sys.exit(3)")))
        live.give(trade(1))
        live.decision("1")
        began = time.monotonic()
        self.assertEqual(self.finish(live).counter("exec_starts_mine"), 1)
        self.assertLess(time.monotonic() - began, 5)

    def test_oneThatSaysNothingEver_works(self):
        body = "os.close(1)\n" + RECORD
        lines = long_trades(700, 4000)
        rules = toml("mine", exec=self.program("mute", body, "got")) + BIG
        done = self.run_tool(rules, lines)
        self.assertEqual(self.read("got"), b"".join(lines))
        self.assertEqual(done.counter("decisions_big"), len(lines))
        os.remove(self.path("got"))
        live = self.live(rules)
        live.give(trade(-1))
        wait_until(lambda: self.read("got"), 5, "the first line")
        live.give(b"".join(lines))
        done = self.finish(live)
        self.assertEqual(self.read("got"), trade(-1) + b"".join(lines))
        self.assertEqual((done.counter("exec_lines_mine"), done.counter("exec_starts_mine")), (len(lines) + 1, 1))

    def test_limit_endsAtOnce(self):
        rules = toml("mine", exec=self.program("never", NEVER))
        rules += toml("stubborn", exec=self.program("stubborn", "signal.signal(signal.SIGTERM, signal.SIG_IGN)" + NEVER))
        live = self.live(rules + BIG, "--limit", "3", heartbeat="0")
        wait_until(lambda: len(self.noted("never.starts")) == 2, 5, "the programs' start")
        live.give(trade(1) + trade(2) + trade(3) + trade(4))
        began = time.monotonic()
        self.assertEqual(live.ended(), 0)
        # Not after its patience.
        self.assertLess(time.monotonic() - began, 5)
        self.check_gone()
        self.assertEqual(len(live.lines), 3)

    def test_limit_countsItsDecisions(self):
        live = self.live(toml("mine", exec=self.program("echo", ECHO)), "--limit", "2", heartbeat="0")
        live.give(trade(1) + trade(2) + trade(3) + trade(4))
        self.assertEqual(live.ended(), 0)
        self.assertEqual([json.loads(each)["note"] for each in live.lines], ["1", "2"])
        self.check_gone()

    def test_duration_ends(self):
        live = self.live(toml("mine", exec=self.program("echo", ECHO)), "--duration", "700ms")
        live.give(trade(1))
        live.decision("1")
        self.assertEqual(live.ended(10), 0, live.errors())
        self.check_gone()

    def test_sigterm_drains(self):
        body = 'said = [answer(json.loads(line), note=json.loads(line)["trade_id"]) for line in sys.stdin]\nsys.stdout.write("".join(said))\n'
        live = self.live(toml("mine", exec=self.program("late", body)) + BIG)
        live.give(trade(1))
        live.seen(1)
        live.signal(signal.SIGTERM)
        live.give(trade(2))
        live.seen(2)
        done = self.finish(live)
        self.assertEqual((done.notes(), done.notes("big") and done.counter("exec_lines_mine")), (["1", "2"], 2))

    def test_sigterm_withAnInputWithoutEnd_endsAfterDrain(self):
        live = self.live(toml("mine", exec=self.program("echo", ECHO)), "--drain", "300ms")
        live.give(trade(1))
        live.decision("1")
        live.signal(signal.SIGTERM)
        self.assertEqual(live.ended(8), 0, live.errors())
        self.check_gone()

    def test_aReaderThatGoesAway_endsAll(self):
        rules = self.write("rules.toml", toml("mine", exec=self.program("echo", ECHO)))
        self.write("stream", b"".join(long_trades(4000, 1000)))
        words = f"'{tool('mkt-decide')}' --rules '{rules}' --pass-through < '{self.path('stream')}' | head -1 > /dev/null; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", words], capture_output=True, env=ENVIRONMENT, timeout=30, cwd=self.folder, check=False)
        self.assertEqual(done.stdout, b"0\n", done.stderr)
        self.check_gone()

    def test_ctrlC_reachesUsAlone(self):
        body = """
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, _: note("signals", number))
note("places", f"{os.getpid()} {os.getpgrp()} {os.getppid()} {os.getpgid(os.getppid())}")
for line in sys.stdin:
    event = json.loads(line)
    os.write(1, answer(event, note=event["trade_id"]).encode())
note("signals", "end")
"""
        live = self.live(toml("mine", exec=self.program("group", body)) + toml("other", exec=self.program("group2", body)))
        live.give(trade(1))
        live.decision("1")
        live.decision("1", "other")
        os.killpg(live.process.pid, signal.SIGINT)
        live.give(trade(2))
        live.decision("2")
        live.decision("2", "other")
        self.assertEqual(self.read("signals"), b"")
        self.finish(live)
        self.assertEqual(self.noted("signals"), ["end", "end"])
        for each in self.noted("places"):
            pid, group, parent, parents = map(int, each.split())
            self.assertEqual((group, parent, parents), (pid, live.process.pid, live.process.pid))


# MARK: Its surroundings


class SurroundingsTests(ExecCase):
    def test_words_areGivenWithoutAShell(self):
        words = ["a b", "$HOME", "*", '"quoted" \'single\'', "", "größe", "\\n;|&", "-x", "--rules"]
        self.run_tool(toml("mine", exec=self.program("words", "note('words', json.dumps(sys.argv[1:]))\nsys.stdin.read()", *words)), [trade(1)])
        self.assertEqual(json.loads(self.read("words")), words)

    def test_aBareName_isOfOurPath_andAPathOfOurFolder(self):
        os.mkdir(self.path("bin"))
        for name in ("bin/my-strategy", "local-strategy"):
            self.write(name, f'#!/bin/sh\necho "$0" >> {self.path("ran")}\nexec cat > /dev/null\n')
            os.chmod(self.path(name), stat.S_IRWXU)
        for word in ("my-strategy", "./local-strategy", "bin/my-strategy", self.path("local-strategy")):
            self.run_tool(toml("mine", exec=[word]), [trade(1)], environment={"PATH": self.path("bin") + ":" + ENVIRONMENT["PATH"]})
        self.assertEqual([os.path.realpath(os.path.join(self.folder, each)) for each in self.noted("ran")],
                         [self.path(each) for each in ("bin/my-strategy", "local-strategy", "bin/my-strategy", "local-strategy")])

    def test_theEnvironment_isOurs_withoutWhatMayBeASecret(self):
        names = ("MKT_SECRET", "MKT_", "PM_FEED_X", "POLYMARKET_API_KEY", "KALSHI_API_KEY_ID", "PGPASSWORD", "PG", "DATABASE_URL", "DATABASE_URL_2")
        secret = dict.fromkeys(names, "s") | {"KALSHI_PRIVATE_KEY": "a\nb", "MKT_DECIDE_LOG_FORMAT": "text"}
        names = ("MKTX", "XMKT_", "PM_FEEDX", "POLYMARKET", "KALSHI", "XPG", "P", "DATABASE_UR", "pgpassword", "mkt_x")
        open_ = dict.fromkeys(names, "1") | {"PLAIN": "x=y z", "EMPTY": "", "GRÖSSE": "ä", "BOTH": "ours"}
        env_file = self.write("env", "FROM_FILE=1\nKALSHI_FROM_FILE=1\nBOTH=file\n")
        os.chmod(env_file, 0o600)
        body = 'with open("/proc/self/environ", "rb") as file:\n    open(os.path.join(HERE, "environ"), "wb").write(file.read())\nsys.stdin.read()\n'
        self.run_tool(toml("mine", exec=self.program("environment", body)), [trade(1)], "--env-file", env_file, environment=secret | open_)
        got = dict(each.split("=", 1) for each in self.read("environ").decode().split("\0") if each)
        want = {key: value for key, value in (ENVIRONMENT | open_).items() if not key.startswith(("PG", "DATABASE_URL"))}
        self.assertEqual(got, want)

    def test_folderAndStandardError_areOurs(self):
        body = """
note("places", json.dumps([os.getcwd(), os.readlink("/proc/self/fd/2"), os.readlink(f"/proc/{os.getppid()}/fd/2")]))
print("a word of the program", file=sys.stderr, flush=True)
sys.stdin.read()
"""
        os.mkdir(self.path("elsewhere"))
        done = self.run_tool(toml("mine", exec=self.program("places", body)), [trade(1)])
        self.assertEqual(json.loads(self.read("places")), [self.folder] + [self.path("run.err")] * 2)
        self.assertIn("a word of the program\n", done.stderr)

    def test_signals_areAsForAnyProgram(self):
        # No shell in between, which has its own mind about signals.
        rules = toml("mine", exec=["cp", "/proc/self/status", self.path("status")])
        for live in (False, True):
            if live:
                run_ = self.live(rules)
                wait_until(lambda: b"Mems_allowed_list" in self.read("status"), 5, "a status")
                self.finish(run_)
            else:
                self.run_tool(rules, [trade(1)])
            values = dict(re.findall(r"^(Sig\w+):\s*([0-9a-f]{16})$", self.read("status").decode(), flags=re.M))
            # 32 and 33 are the C library's own.
            self.assertEqual([int(values[name], 16) & 0x7fff_ffff for name in ("SigBlk", "SigIgn", "SigCgt")], [0, 0, 0])
            os.remove(self.path("status"))

    def test_noOtherDescriptors(self):
        body = """
found = {}
for name in os.listdir("/proc/self/fd"):
    try:
        found[name] = os.readlink("/proc/self/fd/" + name)
    except OSError:
        pass
note("descriptors", json.dumps({key: value for key, value in found.items() if value != os.path.abspath(__file__)}))
sys.stdin.readline()
sys.exit(1)
"""
        rules = "".join(toml(f"r{number}", exec=self.program("descriptors", body)) for number in range(4))
        live = self.live(rules + BIG, "--rejects", "rejects", "--metrics", "metrics")
        live.give(b"nonsense\n" + trade(1))
        # New ones are started while all else is open.
        wait_until(lambda: len(self.noted("descriptors")) >= 8, 10, "new programs")
        self.finish(live)
        for each in self.noted("descriptors"):
            self.assertEqual(sorted(json.loads(each)), ["0", "1", "2"], each)

    def test_several_endIndependently(self):
        # A descriptor of one in the hands of another would keep it from its end.
        rules = "".join(toml(f"r{number}", exec=self.program("record", RECORD, f"got{number}"), instrument=f"K{number}") for number in range(5))
        lines = [trade(number, f"K{number % 5}") for number in range(500)]
        began = time.monotonic()
        self.run_tool(rules, lines)
        self.assertLess(time.monotonic() - began, 5)
        for number in range(5):
            self.assertEqual(self.read(f"got{number}"), b"".join(lines[number::5]))


# MARK: All else


class OtherRulesTests(ExecCase):
    """What other rules decide is the same bytes, whatever a program does."""

    SPEEDY = """
with open(os.path.join(HERE, "speed")) as file:
    speed = file.read()
if speed == "none":
    signal.pause()
for number, line in enumerate(sys.stdin):
    if speed == "garbage":
        os.write(1, b"nonsense\\n")
    elif speed == "slow" and number % 40 == 0:
        time.sleep(0.02)
    elif speed in ("fast", "slow") and number % 3 == 0:
        event = json.loads(line)
        if "instrument" in event:
            os.write(1, answer(event, note=str(number)).encode())
    elif speed == "short" and number == 50:
        sys.exit(0)
"""

    def others(self, output):
        return b"".join(each for each in output.splitlines(True) if b'"rule":"mine"' not in each and b'"type":"stage_status"' not in each)

    def test_speed_doesNotMatterToThem(self):
        stream = Stream(31).make(1200)
        rules = toml("mine", exec=self.program("speedy", self.SPEEDY), patience="300ms")
        alone = self.run_tool(FOUR, stream, "--log-level", "error").stdout
        self.assertGreater(len(alone.splitlines()), 60)
        want = None
        for speed in ("fast", "slow", "garbage", "short", "none"):
            self.write("speed", speed)
            outputs = [] if speed == "none" else [self.run_tool(FOUR + rules, stream).stdout]
            live = self.live(FOUR + rules, heartbeat="0")
            live.give(stream)
            outputs.append(self.finish(live).stdout)
            for output in outputs:
                want = want or self.others(output)
                self.assertTrue(self.others(output) == want, speed)
                self.assertEqual(speed in ("fast", "slow"), b'"rule":"mine"' in output)
        # Without the program only the hash of the rules is another.
        hashes = [set(re.findall(rb'"rules":"([0-9a-f]{64})"', output)) for output in (alone, want)]
        self.assertEqual([len(each) for each in hashes], [1, 1])
        self.assertNotEqual(*hashes)
        self.assertEqual(alone.replace(hashes[0].pop(), b"RULES"), want.replace(hashes[1].pop(), b"RULES"))

    def test_passThrough_keepsTheOrder_andAnAnswerStandsBehindItsLine(self):
        stream = Stream(33, has_malformed=False).make(1500)
        self.write("speed", "fast")
        rules = FOUR + toml("mine", exec=self.program("speedy", self.SPEEDY))
        mixed = self.run_tool(rules, stream, "--pass-through").stdout
        plain_ = self.run_tool(rules, stream).stdout
        self.assertEqual(b"".join(each for each in mixed.splitlines(True) if b'"feed":"mkt-decide"' not in each), stream)
        # Others stand right behind their line, but for decisions of the program.
        seen, trigger, count = set(), None, 0
        for each in mixed.splitlines():
            event = json.loads(each)
            if event.get("rule") == "mine":
                ground_ = event["because"][0]
                self.assertIn((ground_["feed"], ground_["recv_us"], ground_["instrument"], ground_.get("seq")), seen)
                count += 1
            elif b'"feed":"mkt-decide"' in each:
                self.assertEqual((event["recv_us"], event["legs"][0]["instrument"]), (trigger["recv_us"], trigger["instrument"]))
            else:
                trigger = event
                seen.add((event["feed"], event["recv_us"], event.get("instrument"), event.get("seq")))
        self.assertGreater(count, 300)
        self.assertEqual(self.others(plain_), b"".join(each for each in self.others(mixed).splitlines(True) if b'"feed":"mkt-decide"' in each))
        self.assertEqual(sorted(self.ours(plain_)), sorted(self.ours(mixed)))

    def ours(self, output):
        return [each for each in output.splitlines() if b'"rule":"mine"' in each]

    def verify(self, rules, told, stream, status):
        os.rename(self.path("pids"), self.path("pids.before"))
        done = self.run_tool(rules, stream, "--verify", self.write("told", told), status=status)
        self.assertEqual((self.pids(), done.stdout), ([], b""))
        os.rename(self.path("pids.before"), self.path("pids"))
        return done

    def test_verify_passesOverWhatProgramsDecide_andSaysHowMany(self):
        stream = Stream(31).make(1500)
        self.write("speed", "fast")
        rules = FOUR + toml("mine", exec=self.program("speedy", self.SPEEDY))
        told = self.run_tool(rules, stream).stdout
        count, lines = len(self.ours(told)), told.splitlines(True)
        self.assertGreater(count, 100)

        def says(done, number):
            self.assertRegex(done.stderr, rf"verified: {len(self.others(told).splitlines())} .*\b{number}\b.*program")

        says(self.verify(rules, told, stream, 0), count)
        # They may be others, fewer, more or elsewhere.
        place = next(number for number, each in enumerate(lines) if b'"rule":"mine"' in each)
        changed = lines[place].replace(b'"note":"', b'"note":"1')
        self.verify(rules, b"".join(lines[:place] + [changed] + lines[place + 1:]), stream, 0)
        fewer = self.verify(rules, b"".join(lines[:place] + lines[place + 1:]), stream, 0)
        says(fewer, count - 1)
        self.verify(rules, b"".join([lines[place]] + lines + [lines[place]]), stream, 0)
        self.verify(rules, self.others(told), stream, 0)
        self.verify(rules, b"".join(self.ours(told)[:0]), stream, 65)
        # Those of others may not.
        place = next(number for number, each in enumerate(lines) if b'"rule":"mine"' not in each)
        self.verify(rules, b"".join(lines[:place] + lines[place + 1:]), stream, 65)
        self.verify(rules, told.replace(b'"rule":"wide"', b'"rule":"mine"', 1), stream, 65)
        mixed = self.run_tool(rules, Stream(31, has_malformed=False).make(1500), "--pass-through").stdout
        self.verify(rules, mixed, Stream(31, has_malformed=False).make(1500), 0)
        # The live run did not wait.
        live = self.live(rules)
        live.give(stream)
        self.verify(rules, self.finish(live).stdout, stream, 0)

    def test_variants_areAProgramEach(self):
        rules = toml("mine", exec=self.program("echo", ECHO))
        done = self.run_tool(rules, [trade(number * 1_000_000) for number in range(10)], "--set", "rules.mine.cooldown=0,3s,1h")
        want = {"mine[cooldown=0]": 10, "mine[cooldown=3s]": 4, "mine[cooldown=1h]": 1}
        self.assertEqual({name: len(done.decisions(name)) for name in want}, want)
        self.assertEqual({name: done.counter(f"exec_starts_{name}") for name in want}, dict.fromkeys(want, 1))
        self.assertEqual({name: done.counter(f"exec_lines_{name}") for name in want}, dict.fromkeys(want, 10))
        self.assertEqual((len(set(self.pids())), len({each["id"] for each in done.decisions()})), (3, 15))

    def test_counters_standInEveryPlace(self):
        live = self.live(toml("my-rule_1", exec=self.program("echo", ECHO)), "--metrics", "metrics")
        live.give(trade(1))
        live.decision("1", "my-rule_1")
        live.count("exec_lines_my-rule_1", 1)
        done = self.finish(live)
        self.check_valid(done.stdout)
        names = [f"exec_{key}_my-rule_1" for key in ("lines", "lost", "refused", "starts")]
        last = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual((last["state"], [last["counters"][name] for name in names]), ("stopped", [1, 0, 0, 1]))
        self.assertEqual([done.counter(name) for name in names], [1, 0, 0, 1])
        self.assertRegex(self.read("metrics").decode(), r"exec_lines_my.rule_1\w*(\{.*\})? 1\b")


class EndingTests(ExecCase):
    """What ends a run while a program holds it, and what a program leaves behind."""

    # Takes 4 KiB at a time, twenty times a second: it is never hung, and would take minutes.
    SLOW = """
while os.read(0, 4096):
    time.sleep(0.05)
"""

    def held(self, *arguments):
        """A run whose program does not keep up, and that waits for it."""
        live = self.live(toml("mine", exec=self.program("slow", self.SLOW), on_slow="block", patience="60s"), *arguments)
        data, taken = b"".join(long_trades(800, 30_000)), 0
        # All that the run, its queue and both pipes take, until nothing goes on.
        while select.select([], [live.process.stdin], [], 1)[1]:
            taken += os.write(live.process.stdin.fileno(), data[taken:taken + 65_536])
        self.assertLess(taken, len(data))
        return live

    def test_heldStream_hasItsHeartbeats_andEndsWithItsDuration(self):
        began = time.monotonic()
        live = self.held("--duration", "4s", "--drain", "500ms")
        live.mark()
        live.wait(lambda each: b'"state":"heartbeat"' in each, 2, "a heartbeat while the stream is held")
        self.assertEqual(live.ended(10), 0, live.errors()[-1500:])
        self.assertTrue(4.4 <= time.monotonic() - began <= 7, time.monotonic() - began)
        errors = live.errors()
        self.assertIn("the program of rule mine has not ended when the run had to; it is ended", errors)
        counters = counters_of(errors)
        self.assertEqual(counters["exec_lines_mine"] + counters["exec_lost_mine"], counters["lines_in"])
        self.assertGreater(counters["exec_lost_mine"], 0)
        self.check_gone()

    def test_heldStream_endsWithItsDrain(self):
        live = self.held("--drain", "500ms")
        began = time.monotonic()
        live.signal(signal.SIGTERM)
        self.assertEqual(live.ended(10), 0, live.errors()[-1500:])
        self.assertLess(time.monotonic() - began, 3)
        self.check_gone()

    def test_whatItLeavesBehind_endsWithIt(self):
        script = 'echo $$ >> pids; sleep 333 & echo $! >> pids; echo $! >> left; exit 0'
        live = self.live(toml("mine", exec=["/bin/sh", "-c", script]))
        wait_until(lambda: len(self.noted("left")) >= 2, 10, "two starts")
        first = int(self.noted("left")[0])
        wait_until(lambda: not self.is_alive(first), 5, "the end of what the first one left")
        self.finish(live)

    def test_whatIsNoProgram_isWrong_beforeALineIsRead(self):
        for name, content in (("garbage", b"\x01\x02\x03"), ("stranger", b"#!/nowhere/at/all\n")):
            path = self.write(name, content)
            os.chmod(path, 0o755)
            done = self.run_tool(toml("mine", exec=[path]), trade(1), status=78)
            self.assertRegex(done.stderr, rf"^mkt-decide: {re.escape(path)} cannot be started: .*; look at the file and its #! line\n$")
        done = self.run_tool("# a comment\n" + toml("mine", exec=["no-such-program"]), trade(1), status=78)
        self.assertIn("rules.toml:3: rule 'mine': exec: there is no program 'no-such-program' in PATH", done.stderr)

    def test_blankAnswers_areNothing(self):
        done = self.canned(b"\n  \r\n" + bytes_of([{"legs": [leg()], "because": [{"feed": "ks", "recv_us": START}], "note": "said"}]) + b"\t\n")
        self.assertEqual((done.notes(), done.counter("exec_refused_mine")), (["said"], 0))

    def test_strictEnd_keepsWhatWasDecidedBefore(self):
        done = self.run_tool(BIG, [trade(1), trade(2), b"{broken\n", trade(3)], "--strict", status=65)
        self.assertEqual([each["because"][0]["trade_id"] for each in done.decisions()], ["1", "2"])


if __name__ == "__main__":
    unittest.main()
