"""pm-feed against a local Polymarket: real sockets, real faults, and the venue's own truth (docs/venues/polymarket.md, complaints)."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

from live_support import VENUES, LiveFeed, LocalVenue, wait_until
from support import ENVIRONMENT, lines_of, oracle, run, tool


def urls(venue):
    ready = venue.ready
    return ["--ws-url", ready["ws"], "--clob-url", ready["clob"], "--gamma-url", ready["gamma"], "--ca-file", ready["ca"]]


class PolymarketLive(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def venue(self, *arguments):
        venue = LocalVenue("pm_venue.py", self.folder.name, *(arguments or ("--markets", 6, "--rate", 80, "--seed", 5)))
        self.addCleanup(venue.__exit__)
        return venue

    def feed(self, venue, *arguments):
        feed = LiveFeed("pm-feed", self.folder.name, *urls(venue), "--record", self.path("record.ndjson"), "--heartbeat", "1s", *arguments)
        self.addCleanup(feed.__exit__)
        return feed

    def live(self, *arguments, venue=None):
        """A venue and a feed whose socket is live."""
        venue = venue or self.venue()
        feed = self.feed(venue, *(arguments or ("--top", "6")))
        feed.status("live")
        return venue, feed

    def finish(self, venue, feed, *replay, bounds=()):
        """Stops the feed; its lines are right by the schema, by the venue's truth, and by a replay of its recording."""
        self.assertEqual(feed.stop(), 0, feed.errors())
        events = self.path("events.ndjson")
        with open(events, "wb") as file:
            file.writelines(feed.raw)
        valid = oracle("validate.py", events)
        self.assertEqual(valid.returncode, 0, valid.stdout + valid.stderr)
        again = run("pm-feed", "--replay", self.path("record.ndjson"), "--heartbeat", "1s", *replay)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout, b"".join(feed.raw), "the replay of the recording is not the run")
        check = subprocess.run(
            [sys.executable, os.path.join(VENUES, "pm_live_check.py"), "--truth", venue.truth, "--events", events, *bounds],
            capture_output=True, text=True, timeout=120)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)

    def back(self, feed, mark, seconds=60):
        """A socket comes up after `mark` and is live."""
        return feed.wait(
            lambda event: event.get("state") == "live" and event["type"] == "feed_status" and "instruments" not in event,
            seconds, mark, "a live socket")

    # A healthy session.

    def test_healthySession_isTheTruth_andItsReplayTheSameBytes(self):
        venue, feed = self.live()
        feed.wait(lambda event: event["type"] == "trade", what="a trade")
        feed.status("heartbeat", since=feed.mark())
        self.finish(venue, feed)

    def test_oneSlug_isSubscribedAlone(self):
        venue = self.venue()
        market = next(each for each in venue.look("markets") if each["has_book"])
        venue, feed = self.live(market["slug"], venue=venue)
        shown = {event["instrument"] for event in feed.events if event["type"] == "book_snapshot"}
        self.assertEqual(shown, set(market["tokens"]))
        self.finish(venue, feed, market["slug"])

    def test_pipeline_worksUnchanged(self):
        venue = self.venue()
        slug = next(each["slug"] for each in venue.look("markets") if each["has_book"])
        feed = subprocess.Popen([tool("pm-feed"), *urls(venue), slug, "--duration", "4s"], stdout=subprocess.PIPE, env=ENVIRONMENT)
        merge = subprocess.Popen([tool("mkt-merge")], stdin=feed.stdout, stdout=subprocess.PIPE, env=ENVIRONMENT)
        rules = self.path("rules.toml")
        with open(rules, "w", encoding="utf-8") as file:
            file.write('[rules.wide]\nstrategy = "spread"\nmin_spread = 0.000001\n')
        decide = subprocess.run(
            [tool("mkt-decide"), "--rules", rules, "--pass-through"], stdin=merge.stdout, capture_output=True, timeout=60, env=ENVIRONMENT)
        feed.stdout.close()
        merge.stdout.close()
        self.assertEqual((feed.wait(20), merge.wait(20), decide.returncode), (0, 0, 0), decide.stderr)
        self.assertTrue(lines_of(decide.stdout, "book_snapshot"))
        self.assertTrue(lines_of(decide.stdout, "decision"), decide.stderr)

    # Complaint 1, 2: data stops, heartbeats go on.

    def test_stallWithHealthyHeartbeats_isStale_andAnotherSocketHeals(self):
        venue, feed = self.live("--top", "6", "--stale-after", "6s")
        mark = feed.mark()
        venue.fault("stall", seconds=60)
        stale = feed.status("stale", since=mark, seconds=30)
        self.assertLessEqual(stale["recv_us"] - stale["since_us"], 15_000_000)
        self.back(feed, mark)
        self.finish(venue, feed, "--stale-after", "6s", bounds=("--stale-after", "6"))

    def test_quietMarket_isNotStale(self):
        venue, feed = self.live("--top", "6", "--stale-after", "4s")
        venue.post(do="pause")
        mark = feed.mark()
        for _ in range(9):
            feed.status("heartbeat", since=feed.mark())
        states = [event["state"] for event in feed.events[mark:] if event["type"] == "feed_status"]
        self.assertEqual(set(states), {"heartbeat"}, "REST says that nothing happened, so the silence is a quiet market's")
        venue.post(do="pause", value=False)
        feed.wait(lambda event: event["type"] == "book_delta", since=feed.mark(), what="a delta")
        self.finish(venue, feed, "--stale-after", "4s")

    # Complaint 3: books left out.

    def test_booksLeftOut_areCounted_andSeededByREST(self):
        venue = self.venue()
        venue.fault("omit_books")
        feed = self.feed(venue, "--top", "6")
        feed.status("live", seconds=20)
        self.assertIn('"get":"/books"', open(self.path("record.ndjson"), encoding="utf-8").read())
        self.finish(venue, feed)

    # Complaint 4, 5: half-open, accept and reset.

    def test_acceptAndReset_waitsLongerEachTime(self):
        venue, feed = self.live()
        mark = feed.mark()
        venue.fault("accept_then_reset", seconds=6)
        self.back(feed, mark)
        broken = [event for event in feed.events[mark:] if event["type"] == "feed_status" and event["state"] == "disconnected"]
        self.assertLessEqual(len(broken), 8, "no storm")
        self.assertTrue(all("retry_in_us" in event for event in broken), broken)
        self.finish(venue, feed)

    def test_halfOpenSocket_isNoticedWithinHalfAMinute(self):
        venue, feed = self.live()
        mark = feed.mark()
        begin = venue.fault("half_open")
        gone = feed.status("disconnected", since=mark, seconds=60)
        self.assertLess(gone["recv_us"] - begin, 30_000_000)
        self.back(feed, mark)
        self.finish(venue, feed)

    # Complaint 19, and the codes with which the venue closes.

    def test_brokenFramesAndCloses_heal(self):
        venue, feed = self.live()
        for fault, params in (("bad_utf8", {}), ("close", {"code": 1006}), ("close", {"code": 1013}), ("reset", {})):
            with self.subTest(fault=fault, **params):
                mark = feed.mark()
                venue.fault(fault, **params)
                feed.status("disconnected", since=mark)
                self.back(feed, mark)
                feed.wait(lambda event: event["type"] == "book_delta", since=feed.mark(), what="a delta")
        self.finish(venue, feed)

    # Complaint 6, 7: intent and order of frames.

    def test_reconnect_asksForEverythingAgain_inTheRightOrder(self):
        venue, feed = self.live()
        mark = feed.mark()
        venue.fault("drop")
        self.back(feed, mark)
        self.finish(venue, feed)
        sent = {}
        for line in open(self.path("record.ndjson"), encoding="utf-8"):
            value = json.loads(line)
            if "sent" in value:
                sent.setdefault(value["conn"], []).append(value["sent"])
        self.assertGreaterEqual(len(sent), 2)
        asked = []
        for frames in sent.values():
            first = json.loads(frames[0])
            self.assertEqual((first["type"], first["custom_feature_enabled"], first["level"]), ("market", True, 2))
            self.assertTrue(all(frame == "PING" or '"operation"' in frame for frame in frames[1:]), frames)
            asked.append({token for frame in frames if frame != "PING" for token in json.loads(frame)["assets_ids"]})
        self.assertTrue(all(tokens == asked[0] for tokens in asked))

    # Losses that only the venue's own hash shows (complaints 11, 12).

    def test_lostMessage_isAGap_andHeals(self):
        venue, feed = self.live("--top", "6", "--verify", "all")
        mark = feed.mark()
        for attempt in range(5):
            venue.fault("lose", count=3)
            try:
                feed.status("gap", since=mark, seconds=12)
                break
            except AssertionError:
                # What was lost may have been undone by the next message: then the book is right, and nothing is to be told.
                self.assertLess(attempt, 4, "five losses in a row left no trace")
        feed.wait(lambda event: event["type"] == "book_snapshot" and event["reason"] == "resync", since=mark, seconds=40, what="the book")
        self.finish(venue, feed, "--verify", "all")

    # The upgrade.

    def test_429_waitsAsLongAsItIsTold(self):
        venue, feed = self.live()
        mark = feed.mark()
        venue.fault("refuse", status=429, retry_after=3, seconds=2)
        refused = feed.wait(
            lambda event: event["type"] == "feed_status" and event["state"] == "disconnected" and "429" in event.get("reason", ""),
            since=mark, what="the refusal")
        # A date is told to a whole second.
        self.assertGreaterEqual(refused["retry_in_us"], 2_000_000)
        self.back(feed, mark)
        self.finish(venue, feed)

    def test_401Twice_endsWith77(self):
        venue = self.venue()
        venue.fault("refuse", status=401, seconds=60)
        feed = self.feed(venue, "--top", "6")
        self.assertEqual(feed.process.wait(40), 77)
        self.assertIn("credentials", feed.errors().splitlines()[-1])
        refused = [event for event in feed.events if event.get("state") == "disconnected"]
        self.assertEqual(len(refused), 2, "one more try, then a clear stop")

    # Directory.

    def test_gammaAway_streamsTokensWithoutLabels_andAddsThem(self):
        venue = self.venue()
        token = next(each["tokens"][0] for each in venue.look("markets") if each["has_book"])
        venue.fault("gamma_down", seconds=5)
        feed = self.feed(venue, token)
        first = feed.wait(lambda event: event["type"] == "book_snapshot", what="a book")
        self.assertNotIn("label", first)
        feed.wait(lambda event: event["type"] == "instrument" and "label" in event, seconds=40, what="the label")
        self.assertEqual(feed.errors().count("Gamma is away"), 1)
        self.finish(venue, feed, token)

    def test_marketsFile_isReadAgainOnSIGHUP(self):
        venue = self.venue()
        markets = [each for each in venue.look("markets") if each["has_book"]][:2]
        listing = self.path("markets.txt")

        def write(*slugs):
            with open(listing, "w", encoding="utf-8") as file:
                file.write("# wanted\n" + "".join(f"{slug}  # note\n" for slug in slugs))

        write(markets[0]["slug"])
        venue, feed = self.live("--markets-file", listing, venue=venue)
        write(markets[1]["slug"])
        feed.process.send_signal(signal.SIGHUP)
        wanted = set(markets[1]["tokens"])
        feed.wait(lambda event: event["type"] == "book_snapshot" and event["instrument"] in wanted, what="the new market's book")
        feed.status("disconnected", conn=1)
        wait_until(lambda: venue.look("state")["sockets"][0]["tokens"] == 2, 10, "the venue carries two tokens")
        self.finish(venue, feed, "--markets-file", listing)

    def test_all_takesNewMarketsAtOnce(self):
        venue, feed = self.live("--all")
        minted = venue.post(do="mint")
        feed.wait(
            lambda event: event["type"] == "book_snapshot" and event["instrument"] in minted["tokens"], seconds=40, what="the new market's book")
        self.finish(venue, feed)

    def test_shards_areAPartition(self):
        venue = self.venue("--markets", 12, "--rate", 20, "--seed", 9)
        def listed(*arguments):
            result = run("pm-feed", *urls(venue), "--list", *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            return {json.loads(line)["instrument"] for line in result.stdout.splitlines()}
        parts = [listed("--shard", f"{number}/3") for number in (1, 2, 3)]
        self.assertEqual(set.union(*parts), listed())
        self.assertEqual(sum(map(len, parts)), len(listed()))

    def test_unknownMarket_is66_andNoNetwork69NamingTheDemo(self):
        venue = self.venue()
        result = run("pm-feed", *urls(venue), "no-such-market")
        self.assertEqual(result.returncode, 66)
        self.assertIn(b"no open market answers to no-such-market", result.stderr)
        result = run(
            "pm-feed", "--ws-url", "wss://nothing.invalid/ws", "--gamma-url", "https://nothing.invalid", "--log-level", "warning", "some-market")
        self.assertEqual(result.returncode, 69)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(b"make demo", result.stderr)

    def test_check_tellsWhatWorks(self):
        venue = self.venue()
        result = run("pm-feed", *urls(venue), "--check")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual([line[:1] for line in result.stdout.decode().splitlines()], ["✓"] * 6)
        ready = venue.ready
        result = run("pm-feed", "--ws-url", ready["ws"], "--clob-url", ready["clob"], "--gamma-url", ready["gamma"], "--check")
        self.assertEqual(result.returncode, 69, "the test authority is not trusted without --ca-file")
        self.assertIn("✗", result.stdout.decode())
        self.assertIn("--ca-file", result.stdout.decode())

    # Two sockets for everything.

    def test_redundant_oneSocketBreaks_andNothingIsLost(self):
        venue = self.venue()
        feed = self.feed(venue, "--top", "6", "--redundant", "2")
        conns = {feed.status("live", conn=1)["conn"], feed.status("live", conn=2)["conn"]}
        self.assertEqual(conns, {1, 2})
        for _ in range(3):
            mark = feed.mark()
            venue.fault("drop", count=1)
            broken = feed.status("disconnected", since=mark)
            self.assertEqual(broken.get("instruments"), [], "the other socket carries every book")
            self.back(feed, mark)
        self.assertFalse([event for event in feed.events if event.get("state") in ("gap", "stale")])
        self.finish(venue, feed, "--redundant", "2")

    def test_rotation_renewsSockets_withoutAHole(self):
        venue = self.venue()
        feed = self.feed(venue, "--top", "6", "--rotate-every", "10s")
        feed.status("live", conn=1)
        feed.status("live", conn=2, seconds=60)
        gone = feed.status("disconnected", conn=1)
        self.assertEqual(gone.get("instruments", []), [])
        self.finish(venue, feed)

    # Signals.

    def test_signal_stopsCleanly_andTheSecondEndsIt(self):
        venue, feed = self.live()
        self.assertEqual(feed.stop(signal.SIGINT), 0)
        self.assertEqual(feed.events[-1]["state"], "stopped")


if __name__ == "__main__":
    unittest.main()
