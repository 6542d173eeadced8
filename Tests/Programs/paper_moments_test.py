"""The paper account at moments that random streams seldom reach: a book that another feed's takes the place of, lines from the future, many positions."""

import json
import os
import tempfile
import time
import unittest

from support import run

T = 1_790_000_000_000_000
MINUTE = 60_000_000
HEAD = "left_venue,left_instrument,right_venue,right_instrument,relation,confidence,status\n"
RULES = '[rules.xv]\nstrategy = "arbitrage"\nmin_edge = 0.005\nmax_size = 100\nmax_cost = 500\nmax_age = "10s"\naction = "trade"\n'
PAIR = '[rules.pair]\nstrategy = "complement"\nhold = "0"\nmin_edge = 0.005\nmax_size = 100\nmax_cost = 500\nmax_age = "10s"\naction = "trade"\n'


class Stream:
    def __init__(self):
        self.lines, self.seq = [], {}

    def add(self, kind, instrument, at, feed=None, **more):
        venue = "kalshi" if instrument.startswith("K") else "polymarket"
        self.lines.append(json.dumps({"v": 1, "type": kind, "feed": feed or venue, "venue": venue, "market": "m" + instrument.strip("n"), "instrument": instrument,
                                      **more, "recv_us": T + at}, separators=(",", ":")) + "\n")

    def facts(self, instrument, at=0, complement=None):
        self.add("instrument", instrument, at, outcome="Yes", state="open", fee={"model": "none"}, **({"complement": complement} if complement else {}))

    def book(self, instrument, at, bid, ask, feed=None):
        key = (instrument, feed)
        self.seq[key] = self.seq.get(key, 0) + 1
        self.add("book_snapshot", instrument, at, feed, seq=self.seq[key], bids=[[bid, 100]], asks=[[ask, 100]], reason="refresh")

    def status(self, feed, at, state):
        self.lines.append(json.dumps({"v": 1, "type": "feed_status", "feed": feed, "venue": "polymarket", "recv_us": T + at, "state": state}, separators=(",", ":")) + "\n")


class PaperMoments(unittest.TestCase):
    def paper(self, stream, rules=RULES, has_links=True):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("rules.toml", "links.csv")]
            for path, text in zip(paths, (rules, HEAD + "polymarket,A,kalshi,KB,same,1,approved\n")):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            done = run("mkt-decide", "--rules", paths[0], *(["--links", paths[1]] if has_links else []), "--paper", "--heartbeat", "0",
                       stdin="".join(stream.lines).encode())
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def held(self):
        """A stream with 100 shares bought at 0.40 and 100 sold at 0.55, at 0.25 s."""
        stream = Stream()
        for instrument in ("A", "KB"):
            stream.facts(instrument)
        stream.book("A", 1, 0.38, 0.40)
        stream.book("KB", 2, 0.55, 0.57)
        # Behind the order: nothing is left to earn.
        stream.book("KB", 300_000, 0.40, 0.57)
        return stream

    def accounts(self, stream, **more):
        return [(event["recv_us"] - T, event["unrealized_pnl"]) for event in self.paper(stream, **more) if event["type"] == "own_account"]

    def test_bookOfAnotherFeed_countsFromTheBreakOn(self):
        stream = self.held()
        stream.book("A", 400_000, 0.30, 0.44, "second")
        stream.book("A", 500_000, 0.39, 0.41)
        stream.book("KB", 600_000, 0.40, 0.57)
        stream.status("polymarket", 70_000_000, "gap")
        stream.book("KB", 3 * MINUTE, 0.40, 0.57)
        # 100 x (0.38 - 0.40) and 100 x (0.55 - 0.57); the own feed's bid of 0.39 at one minute, the other feed's 0.30 at two.
        self.assertEqual(self.accounts(stream), [(250_002, -4), (MINUTE + 250_002, -3), (2 * MINUTE + 250_002, -12)])

    def test_deltaThatIsLeftOut_makesItsBookUnknown(self):
        stream = self.held()
        stream.book("A", 400_000, 0.30, 0.44, "second")
        stream.book("A", 500_000, 0.39, 0.41)
        stream.book("KB", 600_000, 0.40, 0.57)
        stream.add("book_delta", "A", 70_000_000, seq=77, bids=[[0.395, 10]], asks=[])
        stream.book("KB", 3 * MINUTE, 0.40, 0.57)
        self.assertEqual(self.accounts(stream)[1:], [(MINUTE + 250_002, -3), (2 * MINUTE + 250_002, -12)])

    def test_otherComplement_isAnotherMirror(self):
        stream = Stream()
        for name, other in (("A", "An"), ("An", "A")):
            stream.facts(name, complement=other)
        stream.facts("KB")
        stream.book("A", 1, 0.60, 0.62)
        stream.book("KB", 2, 0.40, 0.45)
        # Bought: the opposite of A (0.40) and KB (0.45). The complement has no book of its own, so it is A's mirror.
        stream.book("KB", 300_000, 0.40, 0.61)
        stream.facts("C", 70_000_000, "An")
        stream.book("C", 70_000_001, 0.20, 0.30)
        stream.facts("An", 70_000_002, "C")
        stream.facts("A", 70_000_003)
        stream.book("KB", 70_000_004, 0.40, 0.61)
        stream.book("KB", 3 * MINUTE, 0.40, 0.61)
        # 100 x (1 - 0.62 - 0.40) + 100 x (0.40 - 0.45); then 1 - 0.30.
        self.assertEqual(self.accounts(stream), [(250_002, -7), (2 * MINUTE + 250_002, 25)])

    def test_lineFromTheFuture_doesNotHoldTheTool_norEndTheMinutes(self):
        for ahead in (365 * 1440 * MINUTE, 10**18, 2**63 - 1 - T):
            stream = self.held()
            stream.book("KB", ahead, 0.40, 0.57)
            begin = time.monotonic()
            self.assertEqual([at for at, _ in self.accounts(stream)][:1], [250_002])
            self.assertLess(time.monotonic() - begin, 5)
        stream = self.held()
        for minute in range(1, 7):
            if minute == 2:
                stream.add("ticker", "Z", 1440 * MINUTE, last_price=0.5)
            stream.book("A", minute * MINUTE, round(0.38 + minute / 100, 2), 0.60)
        # Begun anew at the line behind the one from the future.
        self.assertEqual([at for at, _ in self.accounts(stream)], [250_002, MINUTE + 250_002, *(minute * MINUTE for minute in (3, 4, 5, 6))])

    def test_manyPositions_costWhatTheyAre(self):
        def seconds(count):
            stream = Stream()
            for number in range(count):
                at = number * 300_000
                for name, other in ((f"A{number}", f"A{number}n"), (f"A{number}n", f"A{number}")):
                    stream.facts(name, at, other)
                stream.book(f"A{number}", at, 0.38, 0.40)
                stream.book(f"A{number}n", at, 0.38, 0.50)
            begin = time.monotonic()
            events = self.paper(stream, PAIR, has_links=False)
            took = time.monotonic() - begin
            last = [event for event in events if event["type"] == "own_account"][-1]
            # Every pair was bought for 0.90 and would bring 0.76.
            self.assertEqual((last["positions"], last["unrealized_pnl"]), (2 * count - 2, -14 * (count - 1)))
            return took
        # Four times the markets, not sixteen times the time.
        self.assertLess(seconds(4000), 8 * max(seconds(1000), 0.1))


if __name__ == "__main__":
    unittest.main()
