"""Two feeds of one venue, merged by mkt-merge --dedupe, against the venue's own truth: one is killed, one is put to sleep."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

from live_support import VENUES, LiveFeed, LocalVenue, now_us
from support import oracle


class TwoFeedsOfOneVenue(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.venue = LocalVenue("pm_venue.py", self.folder.name, "--markets", 6, "--rate", 80, "--seed", 8)
        self.addCleanup(self.venue.__exit__)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self):
        """Two feeds into FIFOs, and the merge of them."""
        ready = self.venue.ready
        urls = ["--ws-url", ready["ws"], "--clob-url", ready["clob"], "--gamma-url", ready["gamma"], "--ca-file", ready["ca"]]
        for name in "ab":
            os.mkfifo(self.path(name))
        merge = LiveFeed("mkt-merge", self.folder.name, "--dedupe", "--heartbeat", "1s", self.path("a"), self.path("b"))
        self.addCleanup(merge.__exit__)
        feeds = {}
        for name in "ab":
            with open(self.path(name), "wb") as fifo:
                os.makedirs(self.path(f"of-{name}"))
                feeds[name] = LiveFeed(
                    "pm-feed", self.path(f"of-{name}"), *urls, "--top", "6", "--name", name, "--heartbeat", "1s", stdout=fifo)
            self.addCleanup(feeds[name].__exit__)
        for name in "ab":
            merge.status("live", feed=name, seconds=40)
        return feeds, merge

    def finish(self, feeds, merge):
        """Ends what still runs; the merged books and trades are the venue's."""
        for feed in feeds.values():
            feed.process.send_signal(signal.SIGCONT)
            feed.stop()
        self.assertEqual(merge.process.wait(30), 0, merge.errors())
        merge.thread.join(10)
        events = self.path("events.ndjson")
        with open(events, "wb") as file:
            file.writelines(merge.raw)
        valid = oracle("validate.py", events)
        self.assertEqual(valid.returncode, 0, valid.stdout + valid.stderr)
        trades = [
            tuple(event.get(key) for key in ("instrument", "tx", "price", "size", "aggressor_side"))
            for event in merge.events if event["type"] == "trade"]
        self.assertEqual(len(trades), len(set(trades)), "each trade once")
        books = [event for event in merge.events if event["type"].startswith("book_")]
        self.assertEqual({event["feed"] for event in books}, {"merge"})
        last = {}
        for event in books:
            self.assertEqual(event["seq"], last.get(event["instrument"], 0) + 1, "the merged feed has numbers of its own, without a hole")
            last[event["instrument"]] = event["seq"]
        status, said = self.check(events)
        self.assertEqual(status, 0, said)
        self.assertIn(f"\ntrades: {len(trades)}\n", said, "the trades of both feeds are judged")
        self.assert_lostTradeIsSeen(merge)

    def check(self, events):
        """What the venue's truth says of a merged stream."""
        done = subprocess.run(
            [sys.executable, os.path.join(VENUES, "pm_live_check.py"), "--truth", self.venue.truth, "--events", events, "--feed", "merge", "--merged", "--lag", "15"],
            capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def assert_lostTradeIsSeen(self, merge):
        """The check that has passed fails if one trade is taken out: the first that came well after the feeds were live."""
        judged = self.judged(merge)
        lost = next(place for place, event in enumerate(merge.events) if judged(event))
        path = self.path("lost.ndjson")
        with open(path, "wb") as file:
            file.writelines(merge.raw[:lost] + merge.raw[lost + 1:])
        status, said = self.check(path)
        self.assertEqual(status, 1, f"{said}taken out: {merge.events[lost]}")
        self.assertIn(" is missing: ", said)

    @staticmethod
    def judged(merge):
        """Whether an event is a trade that came when both feeds were live: the check wants those, but for the last second's."""
        live = max(next(event["recv_us"] for event in merge.events if event.get("state") == "live" and event["feed"] == name) for name in "ab")
        return lambda event: event["type"] == "trade" and event["recv_us"] > live and event["venue_us"] > live

    def books_go_on(self, merge, mark, seconds):
        """A line of a merged book comes after `mark`, and within so long."""
        return merge.wait(lambda event: event["type"] == "book_delta", seconds, mark, "a merged change")

    def test_oneIsKilled_theOtherGoesOn(self):
        feeds, merge = self.start()
        feeds["a"].process.kill()
        feeds["a"].process.wait(10)
        mark = merge.mark()
        self.books_go_on(merge, mark, 5)
        # Long enough for what b saw alone to be judged, and for the trade that is taken out: the first one may be long in coming.
        first = merge.wait(self.judged(merge), 30, 0, "a trade of both feeds' time")
        end = max(now_us(), first["recv_us"]) + 3_000_000
        merge.wait(lambda event: event["type"] == "trade" and event["recv_us"] > end, 30, mark, "a trade")
        self.finish({"b": feeds["b"]}, merge)

    def test_oneSleeps_theOtherTakesOverWithinAHeartbeat(self):
        feeds, merge = self.start()
        for name in "ab":
            mark = merge.mark()
            feeds[name].process.send_signal(signal.SIGSTOP)
            # Whichever was shown: what comes from now on comes from the other one.
            merge.wait(
                lambda event: event["type"] == "book_snapshot" and event["feed"] == "merge", 20, mark, "a snapshot of the other feed's book")
            self.books_go_on(merge, merge.mark(), 10)
            feeds[name].process.send_signal(signal.SIGCONT)
            merge.wait(lambda event, name=name: event.get("state") == "heartbeat" and event["feed"] == name, 20, merge.mark(), "its heartbeat")
        self.finish(feeds, merge)


if __name__ == "__main__":
    unittest.main()
