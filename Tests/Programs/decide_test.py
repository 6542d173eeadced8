"""mkt-decide as a program, held against a brute-force model of its rules.

The model below shares no code and no idea with the tool: it keeps every mid that a book ever had, every level in a dict, and looks at
everything again on every line.
"""

import fnmatch
import json
import os
import random
import subprocess
import tempfile
import unittest
from fractions import Fraction

from support import ENVIRONMENT, ROOT, RULES, tool

TOOL = tool("mkt-decide")
ONE = 1_000_000


# MARK: The model


class Book:
    def __init__(self):
        self.known, self.conn, self.seq = False, None, None
        self.sides = {"bids": {}, "asks": {}}

    def best(self):
        bids, asks = self.sides["bids"], self.sides["asks"]
        return max(bids, default=None), min(asks, default=None)


class Model:
    """All four strategies, as docs/strategies.md tells them."""

    def __init__(self, rules):
        self.rules = sorted(rules.items())
        self.books, self.labels, self.memory, self.spoken, self.decisions = {}, {}, {}, {}, []

    def line(self, text):
        try:
            event = json.loads(text, parse_float=Fraction, parse_int=Fraction)
            kind, now = event["type"], int(event["recv_us"])
        except (ValueError, KeyError, TypeError):
            return
        if kind == "feed_status":
            return self.feed_status(event)
        if kind not in ("instrument", "book_snapshot", "book_delta", "quote", "trade", "market_status", "resolution", "ticker"):
            return
        instrument = (event["venue"], event["instrument"])
        if "label" in event:
            self.labels[instrument] = event["label"]
        for name, rule in self.rules:
            if not self.matches(rule, event, instrument):
                for table in (self.memory, self.spoken):
                    for key in [key for key in table if key[0] == name and key[1] == instrument]:
                        del table[key]
        if kind.startswith("book_"):
            self.book_line(event, kind, now, instrument)
        elif kind == "trade":
            price, size = Fraction(event["price"]), Fraction(event["size"])
            for name, rule in self.rules:
                if self.matches(rule, event, instrument):
                    fires = getattr(self, "see_" + rule["strategy"], lambda *_: False)
                    if rule["strategy"] in ("trade_size", "threshold") and fires(rule, (name, instrument), price, size):
                        self.fire(name, rule, event, now, instrument)

    def matches(self, rule, event, instrument):
        for key in ("venue", "market", "instrument"):
            wanted = rule.get(key, event[key])
            if event[key] not in (wanted if isinstance(wanted, list) else [wanted]):
                return False
        if "label" in rule:
            label = self.labels.get(instrument)
            return label is not None and fnmatch.fnmatchcase(label, rule["label"])
        return True

    def fire(self, name, rule, event, now, instrument):
        last = self.spoken.get((name, instrument))
        if last is not None and abs(now - last) < rule.get("cooldown", 0):
            return
        self.spoken[name, instrument] = now
        self.decisions.append((name, rule["strategy"], now, event["feed"], event["venue"], event["instrument"]))

    def see_trade_size(self, rule, key, price, size):
        return price * size >= rule["min_notional"]

    def see_threshold(self, rule, key, price, size):
        last = self.memory.get(key)
        self.memory[key] = price
        if last is None:
            return False
        rises = "above" in rule and last < rule["above"] <= price
        return rises or ("below" in rule and last > rule["below"] >= price)

    def forget_book(self, book_key, instrument):
        for key in [key for key in self.memory if key[1] == instrument and key[2:] == (book_key,)]:
            del self.memory[key]

    def feed_status(self, event):
        state = event["state"]
        if state not in ("gap", "stale", "resyncing", "disconnected", "stopped"):
            return
        for (feed, venue, instrument), book in self.books.items():
            if feed != event["feed"]:
                continue
            if state != "stopped":
                conn = event.get("conn")
                if conn is not None and book.conn is not None and book.conn != conn:
                    continue
                if "instruments" in event and instrument not in event["instruments"]:
                    continue
            book.known = False
            self.forget_book((feed, venue, instrument), (venue, instrument))

    def book_line(self, event, kind, now, instrument):
        book_key = (event["feed"],) + instrument
        book = self.books.setdefault(book_key, Book())
        seq, conn = int(event["seq"]), event.get("conn")
        follows = book.known and seq == book.seq + 1 and conn == book.conn
        if not follows:
            book.known = False
            self.forget_book(book_key, instrument)
            if kind == "book_delta":
                return
        book.known, book.seq, book.conn = True, seq, conn
        for side in ("bids", "asks"):
            if kind == "book_snapshot":
                book.sides[side] = {}
            for price, size in event[side]:
                book.sides[side][Fraction(price)] = Fraction(size)
            book.sides[side] = {price: size for price, size in book.sides[side].items() if size > 0}
        bid, ask = book.best()
        for name, rule in self.rules:
            if rule["strategy"] in ("spread", "move") and self.matches(rule, event, instrument):
                see = getattr(self, "see_" + rule["strategy"])
                if see(rule, (name, instrument, book_key), bid, ask, now):
                    self.fire(name, rule, event, now, instrument)

    def see_spread(self, rule, key, bid, ask, now):
        wide = bid is not None and ask is not None and ask - bid >= rule["min_spread"]
        was_wide = self.memory.get(key, False)
        self.memory[key] = wide
        return wide and not was_wide

    def see_move(self, rule, key, bid, ask, now):
        if bid is None or ask is None or bid > ask:
            return False
        mid = (bid + ask) / 2
        history = self.memory.setdefault(key, [])
        if history and history[-1][1] == mid:
            return False
        if history and now < history[-1][0]:
            history.clear()
        history.append((now, mid))
        ends = [time for time, _ in history[1:]] + [float("inf")]
        seen = [value for (_, value), end in zip(history, ends) if end > now - rule["window"]]
        if max(abs(mid - value) for value in seen) < rule["min_move"]:
            return False
        history[:] = [(now, mid)]
        return True


# MARK: Streams


def decimal(millionths):
    """Plain decimal text."""
    whole, fraction = divmod(millionths, ONE)
    return str(whole) + ("." + f"{fraction:06}".rstrip("0") if fraction else "")


class Number(str):
    """Text that stands in JSON as it is."""


def spell(value, chance=None):
    """JSON text; with a `chance` in one of the many spellings that readers have to take."""
    if isinstance(value, Number):
        if chance and chance.random() < 0.1:
            return chance.choice([f'"{value}"', f"{value}e0", f"{value}" + ("0" if "." in value else ".0")])
        return str(value)
    if isinstance(value, dict):
        items = list(value.items())
        blank = ""
        if chance and chance.random() < 0.1:
            chance.shuffle(items)
            blank = " "
        return "{" + ",".join(f"{blank}{spell(key, chance)}:{blank}{spell(item, chance)}" for key, item in items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spell(item, chance) for item in value) + "]"
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and chance and value and chance.random() < 0.02:
        text = f'"\\u{ord(value[0]):04x}' + text[2:]
    return text


class Stream:
    """Random events of three feeds: snapshots, deltas, holes, breaks, reconnects, trades, labels that come and go, nonsense."""

    def __init__(self, seed, has_malformed=True):
        self.chance = random.Random(seed)
        self.has_malformed = has_malformed
        # Round steps only: the edges of windows and cooldowns are met exactly.
        self.is_round = seed % 2 == 0
        self.now = 1_790_000_000_000_000
        self.lines = []
        poly = [("polymarket", f"0xm{n // 2}", f"{7486 + n}" * 6) for n in range(4)]
        kalshi = [("kalshi", f"KX-{n}", f"KX-{n}") for n in range(3)]
        # pm-b tells the instruments of pm again; kalshi's lines have no conn.
        self.feeds = {"pm": poly, "pm-b": poly[:2], "kalshi": kalshi}
        self.conn = {"pm": 1, "pm-b": 7, "kalshi": None}
        self.seq, self.labels = {}, {}

    def make(self, count):
        while len(self.lines) < count:
            self.tick()
            feed = self.chance.choice(list(self.feeds))
            place = (feed,) + self.chance.choice(self.feeds[feed])
            what = self.chance.random()
            if what < 0.10:
                self.snapshot(place)
            elif what < 0.72:
                self.delta(place)
            elif what < 0.90:
                self.trade(place)
            elif what < 0.93:
                self.feed_status(place)
            elif what < 0.96:
                self.about(place)
            else:
                self.odd(place)
        return "".join(line + "\n" for line in self.lines).encode()

    def tick(self):
        step = self.chance.random()
        if step < 0.3:
            return
        if self.is_round:
            self.now += self.chance.randrange(1, 8) * 125_000
        elif step < 0.97:
            self.now += self.chance.randrange(1, 900_000)
        elif step < 0.99:
            self.now += self.chance.randrange(1, 9) * 1_000_000
        else:
            self.now -= self.chance.randrange(1, 3_000_000)

    def envelope(self, kind, place):
        feed, venue, market, instrument = place
        event = {"v": 1, "type": kind, "feed": feed, "venue": venue, "market": market, "instrument": instrument}
        if self.chance.random() < 0.02:
            self.labels[place] = self.chance.choice(["btc-up/Up", "btc-down/Up", "eth-up/Down", "größe/Ja", "btc-up/Dawn"])
        if place in self.labels and self.chance.random() < 0.9:
            event["label"] = self.labels[place]
        if self.conn[feed] is not None and kind != "instrument":
            event["conn"] = self.conn[feed]
        return event

    def say(self, event, **payload):
        event["recv_us"] = self.now
        event.update(payload)
        self.lines.append(spell(event, self.chance))

    def price(self, low, high):
        return Number(decimal(self.chance.randrange(low, high) * self.chance.choice([10_000, 10_000, 5_000, 1]) % (ONE + 1)))

    def size(self):
        return Number(decimal(self.chance.choice([ONE, 30 * ONE, 120_500_000, 1, 45_200_000])))

    def levels(self, low, high, count):
        prices = sorted({self.price(low, high) for _ in range(self.chance.randrange(count))}, key=Fraction)
        return [[price, self.size()] for price in prices]

    def next_seq(self, place):
        hole = 1 if self.chance.random() < 0.02 else 0
        self.seq[place] = self.seq.get(place, 0) + 1 + hole
        return self.seq[place]

    def snapshot(self, place):
        event = self.envelope("book_snapshot", place)
        event["seq"] = self.next_seq(place)
        middle = self.chance.randrange(20, 80)
        bids, asks = self.levels(middle - 12, middle, 6)[::-1], self.levels(middle - 1, middle + 12, 6)
        self.say(event, bids=bids, asks=asks, reason=self.chance.choice(["initial", "refresh", "resync", "checkpoint"]))

    def delta(self, place):
        event = self.envelope("book_delta", place)
        event["seq"] = self.next_seq(place)
        sides = {"bids": self.levels(10, 90, 2), "asks": self.levels(10, 90, 2)}
        for levels in sides.values():
            for level in levels:
                if self.chance.random() < 0.6:
                    level[1] = Number("0")
        if self.chance.random() < 0.6:
            # Near the best, where it matters.
            middle = self.chance.randrange(30, 70)
            sides = {"bids": self.levels(middle - 6, middle, 4)[::-1], "asks": self.levels(middle, middle + 6, 4)}
            for levels in sides.values():
                for level in levels:
                    if self.chance.random() < 0.5:
                        level[1] = Number("0")
        self.say(event, **sides)

    def trade(self, place):
        event = self.envelope("trade", place)
        payload = {"price": self.price(30, 70), "size": self.size(), "aggressor_side": "buy"}
        if self.chance.random() < 0.5:
            payload["trade_id"] = f"t{self.chance.randrange(10)}"
        for _ in range(self.chance.choice([1, 1, 1, 2])):
            self.say(event, **payload)

    def feed_status(self, place):
        feed, venue, _, instrument = place
        state = self.chance.choice(["gap", "stale", "resyncing", "disconnected", "stopped", "live", "heartbeat", "lagging", "drift"])
        event = {"v": 1, "type": "feed_status", "feed": feed, "venue": venue}
        conn = self.conn[feed]
        if conn is not None and self.chance.random() < 0.7:
            event["conn"] = self.chance.choice([conn, conn, conn + 1])
        elif conn is None and self.chance.random() < 0.3:
            event["conn"] = 1
        payload = {"state": state}
        if self.chance.random() < 0.4:
            payload["instruments"] = self.chance.choice([[], [instrument], [instrument, "nobody"]])
        self.say(event, **payload)
        if state == "disconnected" and conn is not None:
            self.conn[feed] = conn + 1

    def about(self, place):
        kind = self.chance.choice(["instrument", "ticker", "quote", "market_status"])
        event = self.envelope(kind, place)
        payload = {"instrument": {"outcome": "Up"}, "ticker": {"volume": Number("3")}, "quote": {"bid": None, "ask": None}}
        self.say(event, **payload.get(kind, {"state": "open"}))

    def odd(self, place):
        kind = self.chance.randrange(4 if self.has_malformed else 3)
        if kind == 0:
            self.say(self.envelope("tomorrow", place), price=Number("2"))
        elif kind == 1:
            self.say({"v": 1, "type": "decision", "feed": "other", "venue": "kalshi"}, rule="x", note="not ours")
        elif kind == 2:
            # A line went missing on its way: its number is used.
            self.next_seq(place)
        else:
            self.delta(place)
            self.lines[-1] = self.lines[-1][: self.chance.randrange(1, len(self.lines[-1]))]


def random_rules(chance):
    """A TOML text and what it says, spans in microseconds."""
    rules = {}
    for number in range(chance.randrange(5, 10)):
        strategy = chance.choice(["spread", "move", "trade_size", "threshold"])
        rule = {"strategy": strategy}
        if strategy == "spread":
            rule["min_spread"] = chance.choice(["0.01", "0.03", "0.05", "0.080001"])
        elif strategy == "move":
            rule["min_move"] = chance.choice(["0.005", "0.02", "0.05", "0.1"])
            rule["window"] = chance.choice([1_000_000, 250_000, 5_000_000, 60_000_000])
        elif strategy == "trade_size":
            rule["min_notional"] = chance.choice(["0", "15", "50.5", "0.000001"])
        else:
            sides = chance.choice([["above"], ["below"], ["above", "below"]])
            rule.update({side: chance.choice(["0.4", "0.5", "0.55"]) for side in sides})
        if chance.random() < 0.4:
            rule["cooldown"] = chance.choice([1, 1_000_000, 10_000_000])
        if chance.random() < 0.25:
            rule["label"] = chance.choice(["btc-*", "*/Up", "*", "btc-*/D[ao]wn", "[!b]*", "???-up/*", "gr??e/*"])
        if chance.random() < 0.2:
            rule["venue"] = chance.choice(["kalshi", "polymarket", ["kalshi", "polymarket"]])
        if chance.random() < 0.1:
            rule["market"] = ["0xm0", "KX-1"]
        if chance.random() < 0.1:
            rule["instrument"] = "KX-2"
        rules[f"r{number}"] = rule
    return rules


def toml(rules):
    text = ""
    for name, rule in rules.items():
        text += f"[rules.{name}]\n"
        for key, value in rule.items():
            if key in ("window", "cooldown"):
                text += f'{key} = "{value}us"\n'
            elif key.startswith("min_") or key in ("above", "below"):
                text += f"{key} = {value}\n"
            else:
                text += f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
    return text


def exact(rules):
    numeric = ("min_spread", "min_move", "min_notional", "above", "below")
    return {name: {key: Fraction(value) if key in numeric else value for key, value in rule.items()} for name, rule in rules.items()}


FOUR = """
[rules.wide]
strategy = "spread"
min_spread = 0.05
[rules.jump]
strategy = "move"
window = "10s"
min_move = 0.05
[rules.whale]
strategy = "trade_size"
min_notional = 15
[rules.cross]
strategy = "threshold"
above = 0.5
below = 0.45
"""


class ToolCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def run_tool(self, *arguments, stdin=b"", rules=None, status=0):
        """Runs over a regular file, so that no status lines come. `status` is what it must end with; None for anything."""
        arguments = list(arguments)
        if rules is not None:
            arguments += ["--rules", self.write("rules.toml", rules)]
        with open(self.write("input", stdin), "rb") as source:
            done = subprocess.run(
                [TOOL] + arguments, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder, timeout=120,
                env=ENVIRONMENT)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done


class ModelTests(ToolCase):
    """The tool and the model decide the same."""

    def test_random_streams(self):
        fired = {}
        for seed in range(60):
            with self.subTest(seed=seed):
                chance = random.Random(seed * 7919)
                rules = random_rules(chance)
                stream = Stream(seed).make(1200)
                model = Model(exact(rules))
                for line in stream.decode().split("\n")[:-1]:
                    model.line(line)
                done = self.run_tool("--log-level", "error", stdin=stream, rules=toml(rules))
                decisions = [json.loads(line) for line in done.stdout.splitlines()]
                got = [
                    (d["rule"], d["strategy"], d["recv_us"], d["because"][-1]["feed"], d["venue"], d["legs"][0]["instrument"])
                    for d in decisions
                ]
                self.assertEqual(got, model.decisions)
                self.check_ids(decisions)
                for decision in got:
                    fired[decision[1]] = fired.get(decision[1], 0) + 1
        for strategy in ("spread", "move", "trade_size", "threshold"):
            self.assertGreater(fired.get(strategy, 0), 500, f"{strategy} hardly ever fired: the streams prove nothing")

    def test_ids_are_unique(self):
        for seed in range(20):
            done = self.run_tool("--log-level", "error", stdin=Stream(seed).make(1500) * 2, rules=FOUR)
            self.check_ids([json.loads(line) for line in done.stdout.splitlines()])

    def check_ids(self, decisions):
        ids = [decision["id"] for decision in decisions]
        self.assertEqual(len(ids), len(set(ids)))

    def test_decisions_fit_the_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        with open(os.path.join(ROOT, "docs", "market-event.schema.json")) as file:
            validator = jsonschema.Draft202012Validator(json.load(file))
        done = self.run_tool("--log-level", "error", stdin=Stream(8).make(800), rules=FOUR)
        self.assertGreater(len(done.stdout.splitlines()), 50)
        for line in done.stdout.splitlines():
            self.assertEqual([error.message for error in validator.iter_errors(json.loads(line))], [])

    def test_because_names_lines_of_the_input(self):
        stream = Stream(5).make(1500)
        lines = {}
        for text in stream.decode().split("\n"):
            try:
                event = json.loads(text)
                key = (event["feed"], event["instrument"], event.get("seq"), event["recv_us"])
            except (ValueError, KeyError):
                continue
            lines[key] = event
        done = self.run_tool("--log-level", "error", stdin=stream, rules=FOUR)
        for decision in map(json.loads, done.stdout.splitlines()):
            for because in decision["because"]:
                line = lines[because["feed"], because["instrument"], because.get("seq"), because["recv_us"]]
                self.assertEqual(line.get("conn"), because.get("conn"))
            self.assertEqual(decision["because"][-1]["recv_us"], decision["recv_us"])


class SamenessTests(ToolCase):
    """The same input gives the same bytes, however it comes."""

    def test_twice(self):
        stream = Stream(1).make(3000)
        first = self.run_tool(stdin=stream, rules=FOUR).stdout
        self.assertEqual(first, self.run_tool(stdin=stream, rules=FOUR).stdout)
        self.assertGreater(len(first.splitlines()), 100)

    def test_file_and_pipe(self):
        stream = Stream(2).make(3000)
        rules = self.write("rules.toml", FOUR)
        piped = subprocess.run(
            [TOOL, "--rules", rules, "--heartbeat", "0"], input=stream, capture_output=True, env=ENVIRONMENT, timeout=120)
        self.assertEqual(piped.returncode, 0)
        self.assertEqual(piped.stdout, self.run_tool(stdin=stream, rules=FOUR).stdout)

    def test_in_small_pieces(self):
        stream = Stream(3).make(300)
        rules = self.write("rules.toml", FOUR)
        child = subprocess.Popen(
            [TOOL, "--rules", rules, "--heartbeat", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=ENVIRONMENT)
        for start in range(0, len(stream), 97):
            child.stdin.write(stream[start : start + 97])
            child.stdin.flush()
        # Few decisions: the pipe holds them all, so nobody waits for anybody.
        output, _ = child.communicate(timeout=60)
        self.assertEqual(output, self.run_tool(stdin=stream, rules=FOUR).stdout)

    def test_after_jq(self):
        stream = Stream(4, has_malformed=False).make(3000)
        plain = self.run_tool(stdin=stream, rules=FOUR).stdout
        self.assertGreater(len(plain.splitlines()), 100)
        for option in ("-c", "-Sc", "-ac"):
            with self.subTest(option=option):
                edited = subprocess.run(["jq", option, "."], input=stream, capture_output=True, check=True).stdout
                self.assertNotEqual(edited, stream)
                self.assertEqual(self.run_tool(stdin=edited, rules=FOUR).stdout, plain)

    def test_rules_spelled_otherwise(self):
        stream = Stream(4).make(2000)
        other = """
        # the same, by another hand
        rules.cross = { below = "0.450", above = 5e-1, strategy = "threshold", cooldown = "0" }
        [rules.whale]
        min_notional = "15.000"
        strategy = "trade_size"
        action = "signal"
        [rules.jump]
        min_move = +0.05
        window = "10000ms"
        strategy = "move"
        [rules.wide]
        min_spread = 0.050
        strategy = "spread"
        """
        self.assertEqual(self.run_tool(stdin=stream, rules=FOUR).stdout, self.run_tool(stdin=stream, rules=other).stdout)


class VerifyTests(ToolCase):
    """What was decided is decided again, or it is said where not."""

    def verify(self, told, stream, rules=FOUR):
        return self.run_tool("--verify", self.write("told.ndjson", told), stdin=stream, rules=rules, status=None)

    def setUp(self):
        super().setUp()
        self.stream = Stream(21).make(3000)
        self.told = self.run_tool(stdin=self.stream, rules=FOUR).stdout
        self.assertGreater(len(self.told.splitlines()), 100)

    def test_theSame_is0_andWritesNothing(self):
        mixed = self.run_tool("--pass-through", stdin=Stream(21, has_malformed=False).make(3000), rules=FOUR)
        for told, stream in ((self.told, self.stream), (mixed.stdout, Stream(21, has_malformed=False).make(3000))):
            done = self.verify(told, stream)
            self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
            self.assertIn(b"decided again, byte for byte", done.stderr)
        self.assertEqual(self.verify(b"", b"").returncode, 0)

    def test_eachByteOfADecision_counts(self):
        lines = self.told.splitlines(keepends=True)
        rng = random.Random(5)
        for _ in range(20):
            place = rng.randrange(len(lines))
            line = bytearray(lines[place])
            digits = [at for at, byte in enumerate(line) if 0x30 <= byte <= 0x38 and at > 20]
            line[rng.choice(digits)] += 1
            done = self.verify(b"".join(lines[:place] + [bytes(line)] + lines[place + 1:]), self.stream)
            self.assertEqual(done.returncode, 65, line)
            self.assertIn(f"told.ndjson:{place + 1}: ".encode(), done.stderr.splitlines()[-1])

    def test_missingMoreAndOthers_areTold(self):
        lines = self.told.splitlines(keepends=True)
        for told, stream, words in (
            (lines[:-1], self.stream, b"more is decided again"), (lines[1:], self.stream, b"decision 1 is not what is decided again"),
            (lines, self.stream[:len(self.stream) // 2], b"is not decided again"), ([b"no event\n"], self.stream, b"wants decision lines"),
        ):
            with self.subTest(words=words):
                done = self.verify(b"".join(told), stream)
                self.assertEqual(done.returncode, 65)
                self.assertIn(words, done.stderr.splitlines()[-1])
        other = self.verify(self.told, self.stream, rules=FOUR.replace("min_spread = 0.05", "min_spread = 0.06"))
        self.assertEqual(other.returncode, 65)
        self.assertIn(b"other rules", other.stderr.splitlines()[-1])

    def test_misuse(self):
        rules = self.write("rules.toml", FOUR)
        for options, status in ((["--verify", "/nowhere"], 66), (["--verify", rules, "--pass-through"], 64), (["--verify", rules, "--limit", "3"], 64)):
            done = subprocess.run([TOOL, "--rules", rules, *options], input=b"", capture_output=True, env=ENVIRONMENT, timeout=60)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)


class PassThroughTests(ToolCase):
    def test_bytes_and_order(self):
        stream = Stream(11, has_malformed=False).make(2000)
        plain = self.run_tool(stdin=stream, rules=FOUR).stdout.splitlines(keepends=True)
        mixed = self.run_tool("--pass-through", stdin=stream, rules=FOUR).stdout.splitlines(keepends=True)
        ours = [line for line in mixed if b'"feed":"mkt-decide"' in line]
        self.assertEqual(ours, plain)
        self.assertEqual(b"".join(line for line in mixed if b'"feed":"mkt-decide"' not in line), stream)
        trigger = None
        for line in mixed:
            if b'"feed":"mkt-decide"' in line:
                decision = json.loads(line)
                self.assertEqual(decision["recv_us"], trigger["recv_us"])
                self.assertEqual(decision["legs"][0]["instrument"], trigger["instrument"])
            else:
                trigger = json.loads(line)

    def test_malformed_lines_stay_behind(self):
        good = b'{"v":1,"type":"tomorrow","recv_us":5,"x":[1, 2]}\n'
        done = self.run_tool("--pass-through", stdin=good + b'{"v":1,"ty\n' + b"\xff\xfe\n" + good, rules=FOUR)
        self.assertEqual(done.stdout, good + good)
        self.assertIn(b"skipped_malformed_json=2", done.stderr)
        self.assertIn(b"unknown_type=2", done.stderr)

    def test_limit_counts_every_line(self):
        stream = Stream(11, has_malformed=False).make(500)
        done = self.run_tool("--pass-through", "--limit", "7", stdin=stream, rules=FOUR)
        self.assertEqual(len(done.stdout.splitlines()), 7)


class InputTests(ToolCase):
    def test_empty(self):
        done = self.run_tool(rules=FOUR)
        self.assertEqual(done.stdout, b"")

    def test_binary(self):
        noise = random.Random(1).randbytes(200_000)
        done = self.run_tool(stdin=noise, rules=FOUR)
        self.assertEqual(done.stdout, b"")
        self.run_tool("--strict", stdin=noise, rules=FOUR, status=65)

    def test_cut_anywhere(self):
        stream = Stream(6, has_malformed=False).make(40)
        whole = self.run_tool(stdin=stream, rules=FOUR).stdout
        for cut in range(0, len(stream), 61):
            part = self.run_tool("--log-level", "error", stdin=stream[:cut], rules=FOUR).stdout
            self.assertTrue(whole.startswith(part), cut)

    def test_last_line_without_newline(self):
        stream = Stream(6, has_malformed=False).make(40)
        self.assertEqual(self.run_tool(stdin=stream[:-1], rules=FOUR).stdout, self.run_tool(stdin=stream, rules=FOUR).stdout)

    def test_strict_names_the_line(self):
        done = self.run_tool("--strict", stdin=b'{"v":1,"type":"tomorrow","recv_us":5}\n{"v":1}\n', rules=FOUR, status=65)
        self.assertIn(b'line 2: "type" is missing', done.stderr)

    def test_rejects_keep_the_bytes(self):
        unknown = b'{"v":1,"type":"tomorrow","recv_us":5}'
        self.run_tool("--rejects", "rejects", stdin=b'{"v":2}\n' + unknown + b"\n", rules=FOUR)
        with open(os.path.join(self.folder, "rejects")) as file:
            kept = [json.loads(line) for line in file]
        self.assertEqual([line["raw"] for line in kept], ['{"v":2}', unknown.decode()])
        self.assertEqual(kept[1]["reason"], "line 2: unknown type")

    def test_reader_goes_away(self):
        stream = self.write("stream", Stream(1).make(4000) * 5)
        rules = self.write("rules.toml", FOUR)
        command = f"'{TOOL}' --rules '{rules}' --pass-through < '{stream}' | head -1 > /dev/null; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, env=ENVIRONMENT, timeout=60)
        self.assertEqual(done.stdout, b"0\n", done.stderr)

    def test_status_lines_only_in_pipes(self):
        rules = self.write("rules.toml", FOUR)
        stream = Stream(1).make(200)
        done = subprocess.run([TOOL, "--rules", rules], input=stream, capture_output=True, env=ENVIRONMENT, timeout=60)
        last = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual((last["type"], last["stage"], last["state"]), ("stage_status", "mkt-decide", "stopped"))
        self.assertEqual(last["counters"]["lines_in"], len(stream.splitlines()))
        self.assertEqual(last["counters"]["decisions"], sum(last["counters"][f"decisions_{name}"] for name in ("wide", "jump", "whale", "cross")))
        self.assertIn("latency_us_p99", last["counters"])
        self.assertNotIn(b"stage_status", self.run_tool(stdin=stream, rules=FOUR).stdout)


class RulesTests(ToolCase):
    def test_check(self):
        done = self.run_tool("--check", rules=FOUR)
        self.assertIn(b"4 rules, sha256 ", done.stdout)
        self.assertIn(b"wide: spread, signal when the spread reaches 0.05; all instruments", done.stdout)

    def test_rules_of_the_pipelines(self):
        self.run_tool("--check", "--rules", RULES)

    def test_rules_of_the_settings_file(self):
        self.write("mkt.toml", "[mkt-decide]\nstrict = true\n" + FOUR)
        self.assertIn(b"4 rules", self.run_tool("--check").stdout)

    def test_no_rules(self):
        done = self.run_tool(status=78)
        self.assertIn(b"no rules: there is no settings file; give --rules FILE", done.stderr)
        self.write("mkt.toml", "[mkt-decide]\nstrict = true\n")
        done = self.run_tool(status=78)
        self.assertIn(b"mkt.toml has no [rules.NAME] table", done.stderr)

    def test_bad_rules(self):
        done = self.run_tool("--check", rules='[rules.wide]\nstrategy = "spread"\nmin_spred = 0.05\n', status=78)
        self.assertIn(b"rules.toml:1: rule 'wide': min_spread is missing", done.stderr)
        done = self.run_tool(rules='[rules.wide]\nstrategy = "spread"\nmin_spread = 0.05\ncooldwon = "1s"\n', status=78)
        self.assertIn(b"rules.toml:4: rule 'wide': strategy spread has no key 'cooldwon'; did you mean 'cooldown'?", done.stderr)
        self.assertEqual(done.stdout, b"")

    def test_print_config(self):
        text = self.run_tool("--print-config", "--pass-through", rules=FOUR).stdout.decode()
        self.assertRegex(text, r'pass-through += "true" +# flag --pass-through')
        self.assertRegex(text, r'rules += ".*rules.toml" +# flag --rules')

    def test_missing_file(self):
        done = self.run_tool("--rules", "nowhere.toml", status=78)
        self.assertIn(b"nowhere.toml does not exist", done.stderr)

    def test_explain(self):
        rules = FOUR + '[rules.idle]\nstrategy = "spread"\nmin_spread = 1\nvenue = "x"\n'
        near = (
            b'{"v":1,"type":"book_snapshot","feed":"f","venue":"v","market":"m","instrument":"i","label":"a/Up","seq":1,"recv_us":7,'
            b'"bids":[[0.4,1]],"asks":[[0.445,1]],"reason":"initial"}\n'
        )
        done = self.run_tool("--explain", stdin=near, rules=rules)
        self.assertIn(b"rule wide at a/Up, recv_us 7: spread 0.045 < 0.05 (bid 0.4, ask 0.445)", done.stderr)
        self.assertIn(b"rule idle concerned no instrument of this input (venue x)", done.stderr)
        stream = Stream(1).make(800)
        cooling = FOUR.replace("min_notional = 15", 'min_notional = 0\ncooldown = "10s"')
        explained = self.run_tool("--explain", stdin=stream, rules=cooling)
        self.assertRegex(explained.stderr, rb"rule whale at .*, but its cooldown has \S+ left")
        self.assertEqual(explained.stdout, self.run_tool(stdin=stream, rules=cooling).stdout)

    def test_explain_tellsOfMovesThatWereFollowedOrWentBack(self):
        def book(venue, seq, bid, ask, at):
            return (f'{{"v":1,"type":"book_snapshot","feed":"{venue}","venue":"{venue}","market":"m","instrument":"i","seq":{seq},"recv_us":{at},'
                    f'"bids":[[{bid},1]],"asks":[[{ask},1]],"reason":"initial"}}\n').encode()

        rules = '[rules.late]\nstrategy = "stale_quote"\nwindow = "10s"\nmin_move = 0.05\nlag = "2s"\n'
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        links = os.path.join(folder.name, "links.csv")
        with open(links, "w", encoding="utf-8") as file:
            file.write("left_venue,left_instrument,right_venue,right_instrument,relation,confidence,status\na,i,b,i,same,1,approved\n")
        start = book("a", 1, 0.4, 0.42, 0) + book("b", 1, 0.4, 0.42, 0) + book("a", 2, 0.46, 0.48, 12_000_000)
        for last, words in ((book("b", 2, 0.46, 0.48, 13_500_000), b"b i changed with 500ms"), (book("a", 3, 0.4, 0.42, 13_000_000), b"it went back with 1s")):
            done = self.run_tool("--links", links, "--explain", stdin=start + last, rules=rules)
            self.assertIn(b"a i moved 0.06 (0.41 to 0.47), but " + words + b" of 2s left", done.stderr)
            self.assertEqual(done.stdout, b"")

    def test_links_and_fees(self):
        rules = (
            '[rules.xv]\nstrategy = "arbitrage"\nmin_edge = 0.005\nmax_size = 1000\nmax_cost = 5000\nmax_age = "2s"\n'
            'action = "trade"\n')
        head = "left_venue,left_instrument,right_venue,right_instrument,relation,confidence,status\n"
        links = self.write("links.csv", head + "p,a,k,b,same,0.9,approved\np,c,k,d,same,0.4,approved\np,e,k,f,same,0.4,pending\n")
        done = self.run_tool("--check", rules=rules, status=78)
        self.assertIn(b"rule 'xv' looks at linked instruments and there are no links; give --links FILE", done.stderr)
        done = self.run_tool("--links", self.write("bad.csv", head + "p,a,k,b,smae,0.9,approved\n"), rules=rules, status=78)
        self.assertIn(b"bad.csv:2: relation is 'smae'; did you mean 'same'?", done.stderr)
        text = self.run_tool("--check", "--links", links, rules=rules).stdout.decode()
        self.assertIn("xv: arbitrage, trade when two linked instruments earn 0.005 a share", text)
        self.assertIn("links: 2 approved, 1 pending, 0 rejected, sha256 ", text)
        self.assertIn("p a same as k b (confidence 0.9)", text)

        fee = '"fee":{"model":"quadratic","taker_rate":0.07,"exponent":%s,"multiplier":1}'
        lines = []
        for venue, name, sides, exponent in (("p", "a", '"bids":[],"asks":[[0.4,100]]', 1), ("k", "b", '"bids":[[0.5,100]],"asks":[]', 1.5)):
            place = f'"feed":"{venue}","venue":"{venue}","market":"m","instrument":"{name}"'
            lines.append(f'{{"v":1,"type":"instrument",{place},"recv_us":1,{fee % exponent}}}')
            for seq in range(1, 4):
                lines.append(f'{{"v":1,"type":"book_snapshot",{place},"seq":{seq},"recv_us":{seq},{sides}}}')
        stream = "".join(line + "\n" for line in lines).encode()
        named = rules + 'fee_rounding = { p = "half_up_5", k = "cent_up" }\n'
        done = self.run_tool("--links", links, "--explain", stdin=stream, rules=named)
        self.assertEqual(done.stdout, b"")
        warnings = [line for line in done.stderr.splitlines() if b"warning" in line.lower()]
        self.assertEqual(len(warnings), 1, done.stderr)
        self.assertIn(b"rule xv: no decision on k b: the exponent of its fee is not 0, 1 or 2", warnings[0])
        self.assertIn(b"linked instrument p c never showed up in this input", done.stderr)
        done = self.run_tool("--links", links, stdin=stream.replace(b"1.5", b"1"), rules=named)
        # 100 at 0.4 and 0.5: 10 before fees of 1.68 and 1.75.
        self.assertEqual([json.loads(line)["profit"] for line in done.stdout.splitlines()], [6.57])

    def test_help_and_version(self):
        text = self.run_tool("--help").stdout
        for part in (b"OVERVIEW", b"--pass-through", b"ENVIRONMENT:", b"EXIT STATUS:", b"EXAMPLES:"):
            self.assertIn(part, text)
        self.assertRegex(self.run_tool("--version").stdout, rb"^\d+\.\d+\.\d+\n$")
        self.run_tool("--nonsense", status=64)


if __name__ == "__main__":
    unittest.main()
