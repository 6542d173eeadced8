"""mkt-merge --dedupe as a process: streams that break in all ways against a reader of the contract, real feeds, real processes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import unittest

from dedupe_model import Check, Reader, check_healthy, check_never_back, parse
from dedupe_streams import FAULTS, UNSEEN, Feed, Venue, faults
from merge_test import DEADLINE, MergeCase
from support import KALSHI_SAMPLE, PM_SAMPLE, feed, oracle, run

SEEDS = range(1, int(os.environ.get("MKT_DEDUPE_SEEDS", "40")) + 1)
SECONDS = 90


def streams(seed):
    """A venue and two or three feeds of it, each with faults of its own."""
    rng = random.Random(seed)
    heartbeat = rng.choice((1, 2, 10))
    names = ("a", "b", "c")[: rng.choice((2, 2, 2, 3))]
    venue = Venue(seed, SECONDS, stamped=("changes", "all", "changes", "none")[seed % 4])
    kinds = FAULTS if venue.stamped != "none" else tuple(kind for kind in FAULTS if kind not in UNSEEN)
    return venue, [
        Feed(venue, name, seed, faults(seed, name, SECONDS, kinds=kinds), heartbeat, redundant=rng.random() < 0.3) for name in names]


def of_type(output, *types):
    return [line for line in output.splitlines(True) if json.loads(line)["type"] in types]


class DedupeCase(MergeCase):
    def merge(self, *arguments):
        status, out, err = self.run_merge("--dedupe", *arguments)
        self.assertEqual(status, 0, err)
        return out, err

    def files(self, feeds):
        return [self.file(each.name, b"".join(line for _, line in each.lines)) for each in feeds]


class Streams(DedupeCase):
    def test_feedsThatBreakInAllWays_areOneThatDoesNot(self):
        switches = losses = 0
        for seed in SEEDS:
            with self.subTest(seed=seed):
                venue, feeds = streams(seed)
                paths = self.files(feeds)
                out, _ = self.merge(*paths)
                check = Check([each.lines for each in feeds], out)
                check_healthy(check, venue, feeds)
                check_never_back(check, venue)
                self.assertEqual(check.problems, [], [each.faults for each in feeds])
                self.assertEqual(self.merge(*paths)[0], out, "the same bytes each time")
                switches += check.switches
                losses += sum(event["type"] == "feed_status" and event["state"] == "gap" and event["feed"] == "merge" for event in check.events)
        self.assertGreater(switches, 5 * len(SEEDS))
        self.assertGreater(losses, len(SEEDS))

    def test_mergedLines_areByTheContract(self):
        for seed in (1, 2):
            paths = self.files(streams(seed)[1])
            path = self.file("out", self.merge(*paths)[0])
            checked = oracle("validate.py", path)
            self.assertEqual(checked.returncode, 0, checked.stdout[:2000])

    def test_oneFeed_isShownAsItIs(self):
        venue = Venue(3, SECONDS)
        lines = Feed(venue, "a", 3, [], 10).lines
        out, _ = self.merge(self.file("a", b"".join(line for _, line in lines)))
        conn = lambda event: {key: value for key, value in event.items() if key not in ("feed", "conn")}
        got = [event for event in map(parse, out.splitlines()) if not (event["feed"] == "merge" and event["type"] == "feed_status")]
        self.assertEqual([conn(event) for event in got], [conn(parse(line)) for _, line in lines])

    def test_namesAndLimits_cutTheMergedStream_andTimesItsInputs(self):
        _, feeds = streams(1)
        paths = self.files(feeds)
        whole, _ = self.merge(*paths)
        lines = whole.splitlines(True)
        self.assertEqual(self.merge("--only", "trade,book_snapshot", *paths)[0], b"".join(of_type(whole, "trade", "book_snapshot")))
        wanted = [line for line in lines if json.loads(line).get("instrument", "I2") == "I2"]
        self.assertEqual(self.merge("--market", "I2", *paths)[0], b"".join(wanted))
        for count in (1, 50, len(lines) - 1):
            self.assertEqual(self.merge("--limit", str(count), *paths)[0], b"".join(lines[:count]))
        first, last = feeds[0].lines[0][0] + 20_000_000, feeds[0].lines[0][0] + 60_000_000
        both = self.merge("--from", str(first), "--to", str(last), *paths)[0]
        for each in feeds:
            each.lines = [(received, line) for received, line in each.lines if first <= received]
        begun = self.merge(*self.files(feeds))[0].splitlines(True)
        self.assertEqual(both, b"".join(line for line in begun if json.loads(line)["recv_us"] < last))

    def test_name_isTheFeedOfBookLines(self):
        _, feeds = streams(2)
        out, _ = self.merge("--name", "both", *self.files(feeds))
        self.assertEqual({json.loads(line)["feed"] for line in of_type(out, "book_snapshot", "book_delta")}, {"both"})

    def test_feedOfTheSameName_isRefused(self):
        _, feeds = streams(2)
        status, _, err = self.run_merge("--dedupe", "--name", "b", *self.files(feeds))
        self.assertEqual(status, 64)
        self.assertIn("--name", err)

    def test_counters_tellWhatWasLeftOut(self):
        _, feeds = streams(1)
        _, err = self.merge(*self.files(feeds))
        for word in ("copies_trade=", "unused_book_lines=", "switches=", "books_lost="):
            self.assertIn(word, err)


class RealFeeds(DedupeCase):
    """The feeds' own output, cut and delayed."""

    def events(self, sample, venue, name):
        done = run(feed(venue), "--replay", sample, "--name", name, "--log-level", "error")
        self.assertEqual(done.returncode, 0, done.stderr)
        return [(json.loads(line)["recv_us"], line) for line in done.stdout.splitlines(True)]

    def later(self, lines, micros):
        return [(received + micros, line.replace(b'"recv_us":%d' % received, b'"recv_us":%d' % (received + micros))) for received, line in lines]

    def test_kalshiAndPolymarket_cutInTheMiddle_goOn(self):
        for venue, sample in (("kalshi", KALSHI_SAMPLE), ("polymarket", PM_SAMPLE)):
            a = self.events(sample, venue, "a")
            b = self.later(self.events(sample, venue, "b"), 30_000)
            for cut in (len(a) // 3, len(a) // 2, len(a) - 5):
                for feeds in ((a[:cut], b), (a, b[:cut]), (b[:cut], a), (a, b)):
                    with self.subTest(venue=venue, cut=cut):
                        out, _ = self.merge(*[self.file(str(n), b"".join(line for _, line in lines)) for n, lines in enumerate(feeds)])
                        check = Check(feeds, out)
                        self.assertEqual(check.problems, [])
                        if feeds[0] == a[:cut] and cut <= len(a) // 2 and venue == "polymarket":
                            self.assertGreater(check.switches, 0)
                        # Nothing is lost: at the end of the cut one all is as in the other alone.
                        alone = [line for _, line in a if b'"type":"trade"' in line]
                        self.assertEqual(len(of_type(out, "trade")), len(alone))

    def test_generatedSessions_brokenDifferently(self):
        for seed in (1, 2, 3):
            for venue in ("polymarket", "kalshi"):
                recording = self.path("recording")
                made = oracle("generate.py", venue, "--seed", seed, "--profile", "chaos", "--seconds", 100, "--recording", recording, "--truth", self.path("truth"))
                self.assertEqual(made.returncode, 0, made.stderr)
                with open(recording, "rb") as file:
                    entries = file.read().splitlines(True)
                rng, feeds = random.Random(seed), []
                for name in ("a", "b"):
                    # Each process misses other frames of the same session, and says what it makes of that.
                    kept = [line for line in entries if b'"raw"' not in line or rng.random() > 0.01]
                    feeds.append(self.events(self.file(name + ".rec", b"".join(kept)), venue, name))
                with self.subTest(seed=seed, venue=venue):
                    out, _ = self.merge(*[self.file(str(n), b"".join(line for _, line in lines)) for n, lines in enumerate(feeds)])
                    self.assertEqual(Check(feeds, out).problems, [])

    def test_decide_readsTheMergedStreamAsItIs(self):
        a, b = (self.events(PM_SAMPLE, "polymarket", name) for name in ("a", "b"))
        paths = [self.file("a", b"".join(line for _, line in a[: len(a) // 2])), self.file("b", b"".join(line for _, line in b))]
        rules = self.file("rules.toml", b'[rules.r]\nstrategy = "threshold"\nabove = 0.3\n[rules.s]\nstrategy = "spread"\nmin_spread = 0.01\n')
        decided = lambda stream: [
            {key: decision[key] for key in ("rule", "recv_us", "legs")}
            for decision in map(json.loads, run("mkt-decide", "--rules", rules, "--heartbeat", "0", stdin=stream).stdout.splitlines())]
        out = self.merge(*paths)[0]
        alone = b"".join(line for _, line in b)
        self.assertEqual({d["recv_us"] for d in decided(alone)} - {d["recv_us"] for d in decided(out)}, set())
        self.assertGreater(len(decided(out)), 0)


WRITER = """
import signal, sys, time
name, path, beat = sys.argv[1], sys.argv[2], float(sys.argv[3])
out, seq, next_beat, mute = open(path, "w"), 0, 0, []
signal.signal(signal.SIGUSR1, lambda *_: mute.append(1))
def head(kind): return '{"v":1,"type":"%s","feed":"%s","venue":"test"' % (kind, name)
while True:
    now = time.time()
    # The venue's state is its clock, so two processes know the same.
    tick = int(now * 10)
    if not mute:
        seq += 1
        about = ',"market":"M","instrument":"I","conn":1'
        times = ',"recv_us":%d,"venue_us":%d' % (now * 1e6, tick * 100000)
        book = about + ',"seq":%d' % seq + times + ',"bids":[[0.5,%d]],"asks":[]' % tick
        out.write(head("book_delta") + book + "}\\n" if seq > 1 else head("book_snapshot") + book + ',"reason":"initial"}\\n')
        out.write(head("trade") + about + times + ',"price":0.5,"size":1,"aggressor_side":"buy","trade_id":"%d"}\\n' % tick)
    if now >= next_beat:
        next_beat = now + beat
        out.write(head("feed_status") + ',"recv_us":%d,"state":"heartbeat","counters":{}}\\n' % (now * 1e6))
    out.flush()
    time.sleep(max(0, (tick + 1) / 10 - time.time() + 0.001))
"""


class Live(DedupeCase):
    """Two processes that show one book, whose only size is the venue's clock in tenths of a second."""

    # Their heartbeats come every half second; the rest is for a machine that does other things too.
    IN_TIME = 3

    def setUp(self):
        super().setUp()
        self.fifos = {name: self.fifo(name) for name in ("a", "b")}
        self.running = self.start("--dedupe", "--follow", "--heartbeat", "0", *self.fifos.values())
        self.taken, self.reader, self.trades, self.lags = 0, Reader(), [], []
        self.newest, self.received = 0, 0
        self.a = self.writer("a")
        self.read("the book of a", lambda event: event["type"] == "book_snapshot")
        self.b = self.writer("b")
        self.beats("a", "b")

    def writer(self, name):
        process = subprocess.Popen([sys.executable, "-c", WRITER, name, self.fifos[name], "0.5"])

        def stop():
            if process.poll() is None:
                process.kill()
            process.wait()

        self.addCleanup(stop)
        return process

    def read(self, what, condition):
        """Reads lines until one is as wanted; gives it."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            lines = self.running.lines().splitlines()
            while self.taken < len(lines):
                event = parse(lines[self.taken])
                self.taken += 1
                self.take(event)
                if condition(event):
                    return event
            self.running.read_until(len(lines) + 1)
        raise AssertionError(f"not in {DEADLINE} s: {what}; stderr {self.running.errors()!r}")

    def take(self, event):
        if event["type"] == "trade":
            self.trades.append(event["trade_id"])
        if event["feed"] != "merge":
            return
        self.assertGreaterEqual(event["recv_us"], self.received, "the merged feed's own time runs backwards")
        self.received = event["recv_us"]
        if event["type"] == "book_delta":
            self.assertIsNotNone(self.reader.known("I"), "a delta of an unknown book")
        self.reader.take(event)
        if event["type"] in ("book_delta", "book_snapshot"):
            tick = int(event["bids"][0][1])
            self.assertGreaterEqual(tick, self.newest, "the merged book goes back")
            self.newest = tick
            self.lags.append(event["recv_us"] / 1e6 - tick / 10)

    def beats(self, *names):
        """Reads until feeds have told their hearts' rhythm."""
        counts = dict.fromkeys(names, 0)

        def enough(event):
            if event["type"] == "feed_status" and event["state"] == "heartbeat" and event["feed"] in counts:
                counts[event["feed"]] += 1
            return min(counts.values()) >= 4

        self.read(f"heartbeats of {names}", enough)

    def switch(self, to, since):
        """Reads on to a switch, which must be in time and by a snapshot."""
        snapshot = self.read("a snapshot", lambda event: event["type"] == "book_snapshot" and event["reason"] == "resync")
        self.assertLess(snapshot["recv_us"] / 1e6 - since, self.IN_TIME)
        told = self.read("the switch told", lambda event: event["type"] == "feed_status" and event["feed"] == "merge")
        self.assertEqual((told["state"], told["instruments"]), ("live", ["I"]))
        self.assertTrue(told["reason"].startswith(f"books of {to}"), told)

    def goes_on(self):
        """Reads book lines, none of them a switch; they are as new as may be."""
        self.lags = []
        for _ in range(20):
            event = self.read("a book line", lambda event: event["feed"] == "merge")
            self.assertEqual(event["type"], "book_delta")
        self.assertLess(sorted(self.lags)[10], 0.5)

    def assert_trades_once(self):
        ticks = [int(name) for name in self.trades]
        self.assertEqual(len(ticks), len(set(ticks)))
        # A machine under load may keep a writer from a tick, but not both from many.
        self.assertGreater(len(ticks), (max(ticks) - min(ticks)) * 0.7)

    def test_killedFeed_isFollowedByTheOther_andComesBackAsTheSecond(self):
        self.a.kill()
        self.switch("b", time.time())
        self.goes_on()
        self.a.wait()
        self.writer("a")
        self.beats("a")
        self.goes_on()
        self.b.kill()
        self.switch("a", time.time())
        self.goes_on()
        self.assert_trades_once()

    def test_sleepingFeed_isLeft_andDoesNotComeBackOfItself(self):
        self.a.send_signal(signal.SIGSTOP)
        self.switch("b", time.time())
        self.goes_on()
        self.a.send_signal(signal.SIGCONT)
        self.beats("a")
        self.goes_on()
        self.assert_trades_once()

    def test_feedThatIsSilentButForHeartbeats_isLeft(self):
        self.a.send_signal(signal.SIGUSR1)
        self.switch("b", time.time())
        self.goes_on()
        self.assert_trades_once()

    def test_bothAsleep_isAGap_andOneAwake_aBookAgain(self):
        for process in (self.a, self.b):
            process.send_signal(signal.SIGSTOP)
        began = time.time()
        gap = self.read("a gap", lambda event: event["feed"] == "merge" and event.get("state") == "gap")
        self.assertLess(gap["recv_us"] / 1e6 - began, self.IN_TIME)
        self.assertEqual(gap["instruments"], ["I"])
        self.assertIsNone(self.reader.known("I"))
        self.b.send_signal(signal.SIGCONT)
        self.switch("b", time.time())
        self.goes_on()


if __name__ == "__main__":
    unittest.main()
