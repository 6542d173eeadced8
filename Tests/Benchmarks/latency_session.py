"""A session to be played at a pace, and which frame each line about it comes from: told by a replay, so nothing is guessed.

The replay's recording has the same frames, each with a receive time of its own, so the `recv_us` of every line that a replay gives
names its frame, and the `recv_us` of every decision about these lines names the frame that it was taken on. A line of a live run is
the same line but for the times (and the `id` of a decision, which follows from them) and for words that REST may tell later than the
first books: label and outcome. Equal lines come in the same order.
"""

import collections
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
BIN = os.path.abspath(os.environ.get("MKT_BIN", os.path.join(ROOT, ".build", "release")))
FEEDS = {"polymarket": "pm-feed", "kalshi": "kalshi-feed"}
# What the generated sessions have subscribed to.
OPTIONS = {"polymarket": (), "kalshi": ("--channels", "book,trade,ticker,lifecycle")}
QUIET = ("--log-level", "error", "--heartbeat", "0")
# Every move of the middle, every trade, every wide spread: nearly each frame of Polymarket's gives a decision.
RULES = """
[rules.mid]
strategy = "move"
window = "10s"
min_move = 0.000001

[rules.print]
strategy = "trade_size"
min_notional = 0

[rules.wide]
strategy = "spread"
min_spread = 0.02
"""
TIMES = re.compile(rb'"recv_us":\d+,?|(?<="action":"signal",)"id":"[0-9a-f]+",|,"(?:label|outcome)":"(?:[^"\\]|\\.)*"')
RECEIVED = re.compile(rb'"recv_us":(\d+)')
# What says how the feed is, and not what a frame said.
ASIDE = re.compile(rb'"type":"(?:feed_status|stage_status|instrument)"')


def tool(name):
    return os.path.join(BIN, name)


class Session:
    """The first connection of a generated recording, its first `limit` frames."""

    def __init__(self, folder, venue, seconds, limit):
        self.folder, self.venue, self.options = os.path.join(folder, venue), venue, OPTIONS[venue]
        os.makedirs(self.folder)
        for seed in range(5, 50):
            commands = self.generate(seed, seconds, limit)
            # One subscription a channel, in the form that our feed asks for; the generator draws lots.
            if venue == "polymarket" or (len(commands) == 2 and commands[0]["params"]["use_yes_price"]):
                break
        answers = [json.loads(text) for text in self.all[:20] if '"subscribed"' in text]
        self.sids = {answer["msg"]["channel"]: answer["msg"]["sid"] for answer in answers}
        # Not paced: the answers to the commands, or the first books.
        self.setup = len(answers) or 1
        self.markets = commands[0]["assets_ids"] if venue == "polymarket" else commands[0]["params"]["market_tickers"]

    def generate(self, seed, seconds, limit):
        """Reads a recording made by the generator; gives the commands before its first frame."""
        recording = self.path("recording")
        subprocess.run(
            [sys.executable, os.path.join(ROOT, "Tests", "Oracle", "generate.py"), self.venue, "--seed", str(seed), "--profile", "clean", "--seconds",
             str(seconds), "--recording", recording, "--truth", self.path("truth")], check=True)
        self.all, self.head, self.answers, commands = [], [], {}, []
        with open(recording, encoding="utf-8") as file:
            for line in file:
                value = json.loads(line)
                if "get" in value:
                    self.answers[value["get"].split("?")[0]] = value["body"]
                if not self.all and "raw" not in value:
                    self.head.append(line)
                    self.start_us = value.get("recv_us", value.get("sent_us"))
                    commands += [json.loads(value["sent"])] if "sent" in value else []
                if value.get("conn") == 1 and value.get("raw", "PONG") != "PONG" and len(self.all) < limit:
                    self.all.append(value["raw"])
        return commands

    def path(self, name):
        return os.path.join(self.folder, name)

    def prepare(self, rate, count):
        """Writes what the server plays, the first `count` frames, and the lines and decisions to expect when it does."""
        self.frames = self.all[:count]
        with open(self.path("session"), "w", encoding="utf-8") as file:
            json.dump(
                {"frames": self.frames, "setup": self.setup, "sids": self.sids, "answers": self.answers, "nothing": "[]" if self.venue == "polymarket" else "{}"},
                file)
        with open(self.path("rules.toml"), "w", encoding="utf-8") as file:
            file.write(RULES)
        number_of = {}
        with open(self.path("replay"), "w", encoding="utf-8") as file:
            file.writelines(self.head)
            for number, text in enumerate(self.frames):
                at = self.start_us + 1000 + number + (1_000_000 + int(number * 1e6 / rate) if number >= self.setup else 0)
                number_of[at] = number
                file.write(json.dumps({"recv_us": at, "conn": 1, "raw": text}, separators=(",", ":"), ensure_ascii=False) + "\n")
        replay = [tool(FEEDS[self.venue]), "--replay", self.path("replay"), "--checkpoint", "0", *self.options, *QUIET, *self.markets]
        lines = subprocess.run(replay, capture_output=True, check=True).stdout
        decide = [tool("mkt-decide"), "--rules", self.path("rules.toml"), *QUIET]
        decisions = subprocess.run(decide, input=lines, capture_output=True, check=True).stdout
        self.lines, self.decisions = Expected(lines, number_of), Expected(decisions, number_of)


class Expected:
    """Lines without their times, and the frames they come from, in order."""

    def __init__(self, output, number_of):
        self.frames = collections.defaultdict(collections.deque)
        self.count = 0
        for line in output.splitlines():
            number = number_of.get(int(RECEIVED.search(line)[1]))
            # Timers give lines too; no frame is to be timed by them.
            if number is not None and not ASIDE.search(line):
                self.frames[TIMES.sub(b"", line)].append(number)
                self.count += 1

    def match(self, lines):
        """For lines of a live run: (frame, line's place) of each that is expected, and the others."""
        left = {text: collections.deque(numbers) for text, numbers in self.frames.items()}
        found, unmatched = [], []
        for place, line in enumerate(lines):
            numbers = left.get(TIMES.sub(b"", line))
            if numbers:
                found.append((numbers.popleft(), place))
            elif not ASIDE.search(line):
                unmatched.append(line)
        return found, unmatched
