"""kalshi-feed against a local Kalshi: real sockets, real faults, and the venue's own truth (docs/venues/kalshi.md, complaints)."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

from live_support import VENUES, LiveFeed, LocalVenue, wait_until
from support import ENVIRONMENT, lines_of, oracle, run, tool

STALE = ("--stale-after", "6s")


def urls(venue):
    ready = venue.ready
    return ["--ws-url", ready["ws"], "--rest-url", ready["rest"], "--ca-file", ready["ca"]]


def key(venue):
    return {"KALSHI_API_KEY_ID": venue.ready["key_id"], "KALSHI_PRIVATE_KEY_FILE": venue.ready["key_file"]}


class KalshiLive(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def venue(self, *arguments):
        venue = LocalVenue(
            "ks_venue.py", self.folder.name, "--patience", 6, "--ping-every", 2, *(arguments or ("--markets", 8, "--rate", 60, "--seed", 5)))
        self.addCleanup(venue.__exit__)
        return venue

    def feed(self, venue, *arguments, environment=None):
        feed = LiveFeed(
            "kalshi-feed", self.folder.name, *urls(venue), "--record", self.path("record.ndjson"), "--heartbeat", "1s", *arguments,
            environment=environment or key(venue))
        self.addCleanup(feed.__exit__)
        return feed

    def live(self, *arguments, venue=None, environment=None):
        """A venue and a feed whose socket is live."""
        venue = venue or self.venue()
        feed = self.feed(venue, *(arguments or ("series:KXZEMBLA",)), environment=environment)
        feed.status("live")
        return venue, feed

    def finish(self, venue, feed, *replay, bounds=(), has_truth=True):
        """Stops the feed; its lines are right by the schema, by the venue's truth, and by a replay of its recording."""
        self.assertEqual(feed.stop(), 0, feed.errors())
        events = self.path("events.ndjson")
        with open(events, "wb") as file:
            file.writelines(feed.raw)
        valid = oracle("validate.py", events)
        self.assertEqual(valid.returncode, 0, valid.stdout + valid.stderr)
        again = run("kalshi-feed", "--replay", self.path("record.ndjson"), "--heartbeat", "1s", *(replay or ("series:KXZEMBLA",)))
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout, b"".join(feed.raw), "the replay of the recording is not the run")
        if not has_truth:
            return
        venue.look("state")  # The truth stands up to here.
        check = subprocess.run(
            [sys.executable, os.path.join(VENUES, "ks_live_check.py"), "--truth", venue.truth, "--trades-from-rest", *bounds, events],
            capture_output=True, text=True, timeout=120)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr + feed.errors()[-3000:])

    def attempts(self, venue):
        """Lines of the truth about sockets: whether anybody has knocked at all."""
        return [line for line in self.truth(venue) if '"t":"socket"' in line]

    def truth(self, venue):
        """What the venue has done up to now. It writes that down once a turn, and before it tells its state."""
        venue.look("state")
        with open(venue.truth, encoding="utf-8") as file:
            return file.read().splitlines()

    def healed(self, venue, feed, kind, **params):
        """A fault begins, ends, and the feed has everything back."""
        answer = venue.post(fault=kind, **params)
        self.assertNotIn("missed", answer)
        number = answer["id"]
        wait_until(
            lambda: (state := venue.look("state"))["healthy"] and all(each["id"] != number for each in state["faults"]), 90,
            f"recovery from {kind} {params}")
        feed.status("heartbeat", since=feed.mark())

    # A healthy session.

    def test_healthySession_isTheTruth_andItsReplayTheSameBytes(self):
        venue, feed = self.live()
        feed.wait(lambda event: event["type"] == "trade", what="a trade")
        feed.wait(lambda event: event["type"] == "instrument" and event.get("fee", {}).get("model") == "quadratic", what="a fee")
        self.finish(venue, feed)

    def test_oneTicker_isSubscribedAlone(self):
        venue = self.venue()
        ticker = venue.ready["tickers"][0]
        venue, feed = self.live(ticker, venue=venue)
        feed.wait(lambda event: event["type"] == "book_delta", what="a delta")
        self.assertEqual({event["instrument"] for event in feed.events if event["type"] == "book_snapshot"}, {ticker})
        self.finish(venue, feed, ticker)

    def test_topMarkets_areThoseWithTheMostVolume(self):
        venue, feed = self.live("--top", "3")
        self.assertEqual(len({event["instrument"] for event in feed.events if event["type"] == "book_snapshot"}), 3)
        self.finish(venue, feed, "--top", "3")

    def test_shards_areAllTogether(self):
        venue = self.venue()
        seen = []
        for shard in ("1/2", "2/2"):
            feed = self.feed(venue, "series:KXZEMBLA", "--shard", shard)
            feed.status("live")
            seen.append({event["instrument"] for event in feed.events if event["type"] == "book_snapshot"})
            self.assertEqual(feed.stop(), 0)
        self.assertFalse(seen[0] & seen[1])
        self.assertEqual(seen[0] | seen[1], set(venue.ready["tickers"]))

    def test_pipeline_worksUnchanged(self):
        venue = self.venue()
        feed = subprocess.Popen(
            [tool("kalshi-feed"), *urls(venue), "series:KXZEMBLA", "--duration", "4s"], stdout=subprocess.PIPE, env=ENVIRONMENT | key(venue))
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

    # Complaints 1 and 2: credentials.

    def refused(self, venue, environment, *arguments):
        """Runs to its end; gives the status and the line that says why."""
        done = run("kalshi-feed", *urls(venue), *(arguments or ("series:KXZEMBLA",)), environment=environment)
        lines = done.stderr.decode().splitlines()
        self.assertTrue(lines)
        # The venue says it with each refusal.
        if "KALSHI_API_KEY_ID" in environment:
            self.assertNotIn(environment["KALSHI_API_KEY_ID"], done.stderr.decode() + done.stdout.decode())
        return done.returncode, lines[-1]

    def test_missingOrBadCredentials_endTheRun_beforeAByteOfNetwork(self):
        venue = self.venue()
        with open(venue.ready["key_file"], encoding="utf-8") as file:
            pem = file.read()
        public = self.path("public.pem")
        subprocess.run(["openssl", "pkey", "-in", venue.ready["key_file"], "-pubout", "-out", public], check=True, capture_output=True)
        os.chmod(public, 0o600)
        readable = self.path("readable.pem")
        with open(readable, "w", encoding="utf-8") as file:
            file.write(pem)
        os.chmod(readable, 0o644)
        identity = {"KALSHI_API_KEY_ID": venue.ready["key_id"]}
        cases = [
            ({}, 78, "KALSHI_API_KEY_ID is not set"),
            (identity, 78, "no private key"),
            (identity | {"KALSHI_PRIVATE_KEY_FILE": readable}, 78, f"chmod 600 {readable}"),
            (identity | {"KALSHI_PRIVATE_KEY_FILE": self.path("none.pem")}, 78, "none.pem"),
            (identity | {"KALSHI_PRIVATE_KEY_FILE": public}, 77, "public key"),
            (identity | {"KALSHI_PRIVATE_KEY": pem[: len(pem) // 2]}, 77, "KALSHI_PRIVATE_KEY: "),
            (identity | {"KALSHI_PRIVATE_KEY": pem, "KALSHI_PRIVATE_KEY_FILE": readable}, 78, "both set"),
        ]
        for environment, status, words in cases:
            with self.subTest(words):
                found, line = self.refused(venue, environment)
                self.assertEqual(found, status, line)
                self.assertIn(words, line)
                self.assertNotIn(pem.splitlines()[1][:20], line)
        self.assertEqual(self.attempts(venue), [])

    def test_everyFormOfTheKey_opensTheDoor(self):
        venue = self.venue("--markets", 2, "--rate", 20)
        ready = venue.ready
        with open(ready["key_file"], encoding="utf-8") as file:
            pem = file.read()
        forms = [
            {"KALSHI_API_KEY_ID": ready["key_id"], "KALSHI_PRIVATE_KEY_FILE": ready["key_file"]},
            {"KALSHI_API_KEY_ID": ready["key_id"], "KALSHI_PRIVATE_KEY_FILE": ready["key_pkcs8_file"]},
            {"KALSHI_API_KEY_ID": ready["ed25519_key_id"], "KALSHI_PRIVATE_KEY_FILE": ready["ed25519_key_file"]},
            {"KALSHI_API_KEY_ID": ready["key_id"], "KALSHI_PRIVATE_KEY": pem.replace("\n", "\\n")},
            {"KALSHI_API_KEY_ID": ready["key_id"], "KALSHI_PRIVATE_KEY": "\n  " + pem.replace("\n", "\r\n")},
        ]
        for form in forms:
            with self.subTest(sorted(form)):
                self.live(venue=venue, environment=form)[1].stop()

    def test_unknownKey_isTriedTwice_thenTheRunEndsWith77(self):
        venue = self.venue()
        status, line = self.refused(venue, key(venue) | {"KALSHI_API_KEY_ID": "11111111-2222-3333-4444-555555555555"})
        self.assertEqual(status, 77, line)
        self.assertIn("refuses the credentials", line)
        self.assertIn("no access for key ****", line)
        self.assertEqual(len([each for each in self.attempts(venue) if '"what":"refused"' in each]), 2)

    def test_secrets_areNowhere(self):
        venue, feed = self.live("--user", "series:KXZEMBLA", "--log-level", "trace")
        feed.wait(lambda event: event["type"] == "book_delta", what="a delta")
        self.assertEqual(feed.stop(), 0)
        with open(venue.ready["key_file"], encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines() if not line.startswith("-----")]
        report = run("kalshi-feed", "--print-config", environment=key(venue) | {"KALSHI_PRIVATE_KEY_FILE": "", "KALSHI_PRIVATE_KEY": "\n".join(lines)})
        self.assertEqual(report.returncode, 0, report.stderr)
        with open(self.path("record.ndjson"), encoding="utf-8") as file:
            seen = [file.read(), feed.errors(), b"".join(feed.raw).decode(), report.stdout.decode() + report.stderr.decode()]
        for text in seen:
            for secret in [venue.ready["key_id"], *lines, "KALSHI-ACCESS-SIGNATURE"]:
                self.assertNotIn(secret, text)

    # Faults of frames and subscriptions: complaints 3, 6 to 10, 12, 13, 18, 19.

    def test_faultsOfFrames_heal(self):
        venue, feed = self.live("series:KXZEMBLA", *STALE)
        for kind, params in [
            ("gap", {"channel": "orderbook_delta"}), ("gap", {"channel": "trade", "count": 2}), ("repeat", {"channel": "orderbook_delta"}),
            ("seq_regress", {}), ("unasked_snapshot", {}), ("wrong_delta", {}), ("error_no_id", {"code": 13}), ("error_no_id", {"code": 99}),
            ("garbage", {"what": "torn"}), ("garbage", {"what": "binary"}), ("garbage", {"what": "unknown_field"}),
            ("garbage", {"what": "missing_field"}), ("garbage", {"what": "cents"}), ("garbage", {"what": "malformed_value"}),
            ("garbage", {"what": "foreign"}), ("garbage", {"what": "unknown_type"}), ("garbage", {"what": "cents_snapshot"}),
            ("fragments", {}), ("lifecycle_burst", {}), ("clock_ahead", {}), ("demo_shapes", {}),
        ]:
            with self.subTest(kind=kind, **params):
                self.healed(venue, feed, kind, **params)
        self.assertEqual(len(venue.look("state")["sockets"]), 1)
        self.finish(venue, feed, "series:KXZEMBLA", *STALE)

    def test_faultsOfSubscriptions_heal(self):
        venue, feed = self.live("series:KXZEMBLA", *STALE)
        for kind, params in [
            ("error25", {"channel": "orderbook_delta"}), ("error10", {"channel": "orderbook_delta"}), ("error25", {"channel": "trade"}),
            ("error10", {"channel": "market_lifecycle_v2"}), ("snapshot_refused", {}), ("snapshot_unanswered", {}), ("omit_snapshots", {}),
            ("error18", {"done": True}), ("error18", {"done": False}), ("no_ack", {}), ("dead_sid", {"channel": "orderbook_delta"}),
            ("dead_sid", {"channel": "trade"}), ("dead_market", {"revive": "snapshot"}), ("dead_market", {"revive": "added"}),
        ]:
            with self.subTest(kind=kind, **params):
                self.healed(venue, feed, kind, **params)
        self.finish(venue, feed, "series:KXZEMBLA", *STALE)

    # Faults of sockets and doors: complaints 1, 11, 19.

    def all_healed(self, *faults):
        """One fault after the other, each after data that is good for long enough: waits begin anew then (at most 30 s otherwise)."""
        venue, feed = self.live("series:KXZEMBLA", *STALE)
        for kind, params in faults:
            with self.subTest(kind=kind, **params):
                self.healed(venue, feed, kind, **params)
                for _ in range(6):
                    feed.status("heartbeat", since=feed.mark())
        self.finish(venue, feed, "series:KXZEMBLA", *STALE)

    def test_endsOfSockets_heal(self):
        self.all_healed(
            ("drop", {"polite": True}), ("drop", {"polite": False}), ("reset", {}), ("close", {"code": 1000}), ("close", {"code": 1008}),
            ("bad_utf8", {}))

    def test_silentSockets_heal(self):
        self.all_healed(
            ("stall", {"mode": "hole", "seconds": 8}), ("stall_silent", {"mode": "burst", "seconds": 8}), ("half_open", {}), ("throttle", {}))

    def test_refusals_heal(self):
        self.all_healed(("refuse401", {}), ("refuse403", {}), ("refuse429", {}), ("refuse503", {}), ("refuse302", {}))

    def test_serverThatIsAway_heals(self):
        self.all_healed(("server_down", {}), ("accept_then_reset", {}))

    def test_faultsOfREST_doNotTouchTheStream(self):
        venue, feed = self.live("series:KXZEMBLA", *STALE)
        for kind in ("rest_down", "rest_429", "rest_html", "rest_slow"):
            for drop in (False, True):
                with self.subTest(kind=kind, drop=drop):
                    self.healed(venue, feed, kind, drop=drop)
        self.finish(venue, feed, "series:KXZEMBLA", *STALE)

    def test_quietMarkets_areNotStale(self):
        venue, feed = self.live("series:KXZEMBLA", *STALE)
        venue.post(do="rate", rate=0.05)
        mark = feed.mark()
        for _ in range(14):
            feed.status("heartbeat", since=feed.mark())
        states = {event["state"] for event in feed.events[mark:] if event["type"] == "feed_status"}
        self.assertEqual(states, {"heartbeat"})
        self.assertGreater(feed.events[-1].get("counters", {}).get("audits", 1), 0)
        self.finish(venue, feed, "series:KXZEMBLA", *STALE)

    # Complaint 12: storms.

    def test_overflowOnEveryLargePiece_endsInSmallOnes(self):
        venue = self.venue("--markets", 120, "--rate", 60, "--burst-max", 40, "--seed", 3)
        venue, feed = self.live("series:KXZEMBLA", venue=venue)
        wait_until(lambda: venue.look("state")["healthy"], 60, "every market subscribed")
        commands = [line for line in self.truth(venue) if '"t":"cmd"' in line]
        self.assertLess(len(commands), 40)
        # The checker knows faults, and excuses nothing that the venue's limits do.
        self.finish(venue, feed, has_truth=False)

    def test_limitOnOneSubscription_takesMoreSockets(self):
        venue = self.venue("--markets", 30, "--rate", 60, "--markets-max", 12, "--seed", 3)
        venue, feed = self.live("series:KXZEMBLA", venue=venue)
        wait_until(lambda: venue.look("state")["healthy"] and len(venue.look("state")["sockets"]) == 3, 60, "three sockets")
        self.finish(venue, feed)

    # Redundancy and rotation.

    def test_twoSockets_showNoBreakOfOne(self):
        venue, feed = self.live("series:KXZEMBLA", *STALE, "--redundant", "2", "--channels", "book,trade,ticker,lifecycle")
        wait_until(lambda: len(venue.look("state")["sockets"]) == 2 and venue.look("state")["healthy"], 30, "two sockets")
        # The second carries no book before it is live: a drop of the first before that is a loss, and told as one.
        wait_until(lambda: len({event["conn"] for event in feed.events if event.get("state") == "live"}) == 2, 30, "two live connections")
        mark = feed.mark()
        for kind, params in [("drop", {}), ("gap", {"channel": "orderbook_delta"}), ("error25", {"channel": "orderbook_delta"}), ("reset", {})]:
            with self.subTest(kind=kind):
                self.healed(venue, feed, kind, **params)
        live = {event["conn"] for event in feed.events if event.get("state") == "live"}
        lost = [event for event in feed.events[mark:] if event.get("state") in ("gap", "disconnected") and event["conn"] in live]
        self.assertTrue(lost)
        self.assertEqual({tuple(event.get("instruments", ["all"])) for event in lost}, {()})
        self.finish(
            venue, feed, "series:KXZEMBLA", *STALE, "--channels", "book,trade,ticker,lifecycle", bounds=("--redundant",))

    def test_rotation_renewsTheSocketWithoutAHole(self):
        venue, feed = self.live("series:KXZEMBLA", "--rotate-every", "10s")
        for conn in (1, 2):
            gone = feed.status("disconnected", conn=conn, seconds=40)
            self.assertEqual(gone.get("instruments"), [])
        self.finish(venue, feed, bounds=("--redundant",))

    # The directory: complaints 14, 15, 16.

    def test_unknownTickers_areLeftOut_andNoneAtAllIs66(self):
        venue = self.venue()
        ticker = venue.ready["tickers"][0]
        venue, feed = self.live("KXNOBODY-1", ticker, venue=venue)
        wait_until(lambda: "knows no market KXNOBODY-1" in feed.errors(), 10, "a warning")
        self.finish(venue, feed, "KXNOBODY-1", ticker)
        status, line = self.refused(venue, key(venue), "KXNOBODY-1", "series:KXNOBODY")
        self.assertEqual(status, 66, line)
        self.assertIn("KXNOBODY-1", line)

    def test_withoutREST_tickersAreStreamed(self):
        venue = self.venue()
        venue.fault("rest_down", drop=False, seconds=600)
        venue, feed = self.live(*venue.ready["tickers"], venue=venue)
        wait_until(lambda: "REST does not answer" in feed.errors(), 10, "a warning")
        self.assertEqual(feed.errors().count("REST does not answer"), 1)
        self.finish(venue, feed, *venue.ready["tickers"])

    def test_marketsFile_isReadAgainOnSIGHUP(self):
        venue = self.venue()
        tickers = venue.ready["tickers"]
        file = self.path("markets.txt")

        def write(names):
            with open(file, "w", encoding="utf-8") as out:
                out.write("# ours\n" + "\n".join(names) + "\n")
        write(tickers[:3])
        venue, feed = self.live("--markets-file", file, venue=venue)
        write(tickers[1:4])
        mark = feed.mark()
        feed.process.send_signal(signal.SIGHUP)
        feed.wait(lambda event: event["type"] == "book_snapshot" and event["instrument"] == tickers[3], since=mark, what="the new market")
        feed.wait(
            lambda event: event.get("state") == "gap" and event.get("instruments") == [tickers[0]], since=mark, what="the end of the dropped one")
        self.finish(venue, feed, "--markets-file", file)

    def test_settledMarkets_endTheRun(self):
        venue = self.venue()
        tickers = venue.ready["tickers"][:2]
        venue, feed = self.live(*tickers, venue=venue)
        for ticker in tickers:
            venue.post(do="settle", ticker=ticker, result="yes")
        self.assertEqual(feed.process.wait(30), 0)
        self.finish(venue, feed, *tickers)
        self.assertEqual({event["instrument"] for event in feed.events if event["type"] == "resolution"}, set(tickers))

    def test_list_needsNoKey_andPrintsInstrumentsOnly(self):
        venue = self.venue()
        found = run("kalshi-feed", "--list", *urls(venue))
        self.assertEqual(found.returncode, 0, found.stderr)
        lines = [json.loads(line) for line in found.stdout.splitlines()]
        self.assertEqual({line["type"] for line in lines}, {"instrument"})
        self.assertEqual({line["instrument"] for line in lines}, set(venue.ready["tickers"]))
        ticker = venue.ready["tickers"][0]
        one = run("kalshi-feed", "--list", *urls(venue), ticker.lower())
        self.assertEqual([json.loads(line)["instrument"] for line in one.stdout.splitlines()], [ticker])
        self.assertEqual(run("kalshi-feed", "--list", *urls(venue), "no such words").stdout, b"")

    def test_check_saysWhatWorks(self):
        venue = self.venue()
        done = run("kalshi-feed", "--check", *urls(venue), "series:KXZEMBLA", environment=key(venue))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.decode().count("✓"), 7, done.stdout.decode())
        self.assertNotIn("✗", done.stdout.decode())
        wrong = run("kalshi-feed", "--check", *urls(venue), environment=key(venue) | {"KALSHI_API_KEY_ID": "11111111-2222-3333-4444-555555555555"})
        self.assertEqual(wrong.returncode, 77)
        self.assertIn("✗ socket", wrong.stdout.decode())
        self.assertNotIn("11111111-2222", wrong.stdout.decode() + wrong.stderr.decode())
        none = run("kalshi-feed", "--check", *urls(venue))
        self.assertEqual(none.returncode, 78)
        self.assertIn("✗ credentials", none.stdout.decode())

    def test_withoutANetwork_itSaysSo_andNamesTheDemo(self):
        venue = self.venue()
        away = ["--ws-url", "wss://localhost:9/x", "--rest-url", "https://localhost:9"]
        done = run("kalshi-feed", *away, "series:KXZEMBLA", environment=key(venue))
        self.assertEqual(done.returncode, 69)
        self.assertIn("make demo", done.stderr.decode().splitlines()[-1])

    # Own channels.

    def test_ownOrdersFillsAndPositions_areTold(self):
        venue, feed = self.live("--user", "series:KXZEMBLA")
        for kind in ("own_order", "own_fill", "own_position"):
            feed.wait(lambda event, kind=kind: event["type"] == kind, seconds=60, what=kind)
        told = [value for line in self.truth(venue) if '"t":"own"' in line and (value := json.loads(line))["kind"] == "fill" and value["to"]]
        fill = next(event for event in feed.events if event["type"] == "own_fill")
        true = next(value["msg"] for value in told if value["msg"]["trade_id"] == fill["trade_id"])
        self.assertEqual(fill["instrument"], true["market_ticker"])
        self.assertEqual((fill["price"], fill["size"]), (float(true["yes_price_dollars"]), float(true["count_fp"])))
        self.assertEqual(fill["side"], "buy" if true["book_side"] == "bid" else "sell")
        self.finish(venue, feed, "--user", "series:KXZEMBLA")


if __name__ == "__main__":
    unittest.main()
