"""pm-feed --user against a local Polymarket: own orders and fills, refused keys, breaks, and no secret anywhere (docs/venues/polymarket.md)."""

import base64
import decimal
import hashlib
import json
import os
import re
import subprocess
import tempfile
import unittest

from live_support import LiveFeed, LocalVenue, wait_until
from support import ENVIRONMENT, oracle, tool

KEY = "0a1b2c3d-feed-4bad-9cab-5ec4e7000001"
SECRET = "c2VjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWUtMDEyMzQ="
PASSPHRASE = "passphrase-that-nobody-may-see"
ADDRESS = "0x71C7656EC7ab88b098defB751B7401B5f6d8976F"
CREDENTIALS = {"POLYMARKET_API_KEY": KEY, "POLYMARKET_API_SECRET": SECRET, "POLYMARKET_API_PASSPHRASE": PASSPHRASE}


def legs(value):
    """The legs of a trade of the venue's truth that are ours, as the contract has them; None in the place of one that cannot be told."""
    found = []
    if value["trader_side"] == "TAKER":
        found.append((value["taker_order_id"], value["asset_id"], value["side"], value["price"], value["size"], True))
    for each in value["maker_orders"]:
        if each["owner"] == KEY:
            found.append((each["order_id"], each["asset_id"], each["side"], each["price"], each["matched_amount"], False))
    return [None if exact(price).as_tuple().exponent < -6 else (
        value["id"], order, token, side.lower(), exact(price), exact(size), taker, value["status"].lower(), value["transaction_hash"] or None)
        for order, token, side, price, size, taker in found]


def exact(text):
    return decimal.Decimal(text)


def spellings(text):
    """The text in lower case, as it stands and with its escapes resolved, and what stands in it as base64."""
    def plain(match):
        return chr(int(match.group(1), 16)) if match.group(1) else match.group(2)
    yield text.lower()
    yield re.sub(r"\\+(?:u([0-9a-fA-F]{4})|(.))", plain, text).lower()
    for code in re.findall(r'"raw_base64":"([^"]*)"', text):
        yield base64.b64decode(code).decode("latin-1").lower()


class PolymarketUser(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def venue(self, *arguments, rate=0):
        venue = LocalVenue(
            "pm_venue.py", self.folder.name, "--markets", 4, "--rate", 20, "--seed", 7, "--user-rate", rate, "--api-key", KEY, "--api-secret",
            SECRET, "--api-passphrase", PASSPHRASE, *arguments)
        self.addCleanup(venue.__exit__)
        return venue

    def arguments(self, venue):
        ready = venue.ready
        return ["--ws-url", ready["ws"], "--clob-url", ready["clob"], "--gamma-url", ready["gamma"], "--ca-file", ready["ca"], "--user"]

    def feed(self, venue, *arguments, **environment):
        feed = LiveFeed(
            "pm-feed", self.folder.name, *self.arguments(venue), "--record", self.path("record.ndjson"), "--rejects", self.path("rejects"),
            "--heartbeat", "1s", "--log-level", "debug", *arguments, environment=CREDENTIALS | environment)
        self.addCleanup(feed.__exit__)
        return feed

    def live(self, *arguments, venue=None, **environment):
        """A venue and a feed whose user channel is live."""
        venue = venue or self.venue()
        feed = self.feed(venue, *arguments, **environment)
        feed.status("live", reason="own orders and fills")
        return venue, feed

    def truth(self, venue, kind):
        """What the venue has told, of one kind, in order."""
        with open(venue.truth, encoding="utf-8") as file:
            return [each["value"] for each in map(json.loads, file) if each["t"] == kind]

    def act(self, venue, feed, kind, count=1, **more):
        """A story of the venue; waits until its `count` lines are here."""
        mark = feed.mark()
        venue.post(do="user", kind=kind, **more)
        for _ in range(count):
            mark = feed.events.index(
                feed.wait(lambda event: event["type"] in ("own_order", "own_fill"), since=mark, what=f"a line of {kind}"), mark) + 1

    def fills(self, feed):
        """Own fills as they stand in the lines, numbers as they are spelled."""
        values = [json.loads(line, parse_float=decimal.Decimal) for line in feed.raw]
        return [(each["trade_id"], each["order_id"], each["instrument"], each["side"], exact(each["price"]), exact(each["size"]),
                 each["is_taker"], each["state"], each.get("tx")) for each in values if each["type"] == "own_fill"]

    def finish(self, feed, *replay):
        """Stops the feed: its lines keep the contract, its replay is the same bytes, and no secret is anywhere."""
        self.assertEqual(feed.stop(), 0, feed.errors())
        events = self.path("events.ndjson")
        with open(events, "wb") as file:
            file.writelines(feed.raw)
        valid = oracle("validate.py", events)
        self.assertEqual(valid.returncode, 0, valid.stdout + valid.stderr)
        again = self.run_tool("--replay", self.path("record.ndjson"), "--heartbeat", "1s", *replay)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout, b"".join(feed.raw), "the replay of the recording is not the run")
        self.check_secrets(feed)

    def check_secrets(self, feed):
        """Key, secret and passphrase stand nowhere, in no spelling; the address only where the venue has written it."""
        texts = {"stdout": b"".join(feed.raw).decode(), "stderr": feed.errors()}
        for name in ("record.ndjson", "rejects"):
            with open(self.path(name), encoding="utf-8") as file:
                texts[name] = file.read()
        for name, text in texts.items():
            for spelling in spellings(text):
                for secret in CREDENTIALS.values():
                    self.assertNotIn(secret.lower(), spelling, name)
        for line in texts["record.ndjson"].splitlines():
            value = json.loads(line)
            if "sent" in value or "open" in value:
                self.assertNotIn(ADDRESS, line)
            if "get" in value:
                self.assertNotIn(ADDRESS, value["get"])

    @staticmethod
    def run_tool(*arguments, **environment):
        return subprocess.run([tool("pm-feed"), *arguments], capture_output=True, timeout=60, env=ENVIRONMENT | environment)

    # What is told.

    def test_ownOrdersAndFills_areTheTruth_andTheReplayTheSameBytes(self):
        venue, feed = self.live()
        with open(f"/proc/{feed.process.pid}/cmdline", "rb") as file:
            command = file.read().decode()
        for secret in CREDENTIALS.values():
            self.assertNotIn(secret, command)
        for kind, count in (("order", 1), ("cancel", 2), ("killed", 1), ("failed", 2)):
            self.act(venue, feed, kind, count, odd=False)
        for taker in (True, False):
            self.act(venue, feed, "fill", 2, taker=taker, odd=False)
            feed.wait(lambda event: event.get("state") == "confirmed" and event["is_taker"] is taker, what="the last stage")
        # A frame is out before the truth of it is in its file.
        wait_until(lambda: sum(each["status"] == "CONFIRMED" for each in self.truth(venue, "own_trade")) == 2, 10, "the truth of the last stages")
        self.assertEqual(self.fills(feed), [leg for value in self.truth(venue, "own_trade") for leg in legs(value)])
        orders = [event for event in feed.events if event["type"] == "own_order"]
        self.assertEqual([(each["order_id"], each["instrument"], each["side"]) for each in orders],
                         [(each["id"], each["asset_id"], each["side"].lower()) for each in self.truth(venue, "own_order")])
        killed = [each for each in orders if "fully filled" in each.get("reason", "")]
        self.assertEqual([(each["state"], "filled" in each) for each in killed], [("canceled", False)])
        self.finish(feed)
        with open(self.path("record.ndjson"), encoding="utf-8") as file:
            sent = [value["sent"] for value in map(json.loads, file) if "sent" in value]
        fingerprint = "sha256:" + hashlib.sha256(KEY.encode()).hexdigest()
        self.assertEqual(json.loads(sent[0]), {"auth": {"apiKey": fingerprint, "secret": "****", "passphrase": "****"}, "type": "user"})
        self.assertEqual(set(sent[1:]) - {"PING"}, set())

    def test_whatTheVenueRepeats_isMaskedEverywhere_andTheReplayTheSameBytes(self):
        venue, feed = self.live()
        self.act(venue, feed, "fill", 2, taker=False, odd=False)
        venue.post(do="user", kind="echo")
        wait_until(lambda: feed.errors().count("the venue says on the user channel") == 3, 20, "three words of control")
        self.act(venue, feed, "fill", 2, taker=True, odd=False)
        self.assertIn("unknown message type gift on the user channel", [event.get("reason") for event in feed.events])
        wait_until(lambda: sum(each["status"] == "CONFIRMED" for each in self.truth(venue, "own_trade")) == 2, 10, "the last stages")
        wait_until(lambda: sum(each[7] == "confirmed" for each in self.fills(feed)) == 2, 10, "both fills to their end")
        # What is ours is known by the key's stand-in.
        self.assertEqual(self.fills(feed), [leg for value in self.truth(venue, "own_trade") for leg in legs(value)])
        self.finish(feed)
        with open(self.path("record.ndjson"), encoding="utf-8") as file:
            frames = [value["raw"] for value in map(json.loads, file) if "raw" in value]
        standIn = ("sha256:" + hashlib.sha256(KEY.encode()).hexdigest())[:len(KEY)]
        trades = [json.loads(frame) for frame in frames if '"TRADE"' in frame]
        self.assertEqual({(each["owner"], each["trade_owner"]) for each in trades}, {(standIn, standIn)})
        self.assertIn(standIn, {order["owner"] for each in trades for order in each["maker_orders"]})
        self.assertIn(f"NO {'*' * len(SECRET)} FOR {'*' * len(SECRET)}", frames)
        with open(self.path("rejects"), encoding="utf-8") as file:
            kept = file.read()
        for words in ("raw_base64", "control text", "not JSON", "unknown message type", "no object", standIn, "*" * len(PASSPHRASE)):
            self.assertIn(words, kept)

    def test_priceFinerThanSixDecimals_isRejected_countedAndToldOnce(self):
        venue, feed = self.live()
        for _ in range(2):
            mark = feed.mark()
            venue.post(do="user", kind="fill", taker=False, odd=True)
            feed.wait(lambda event: event["type"] == "own_order" and event["filled"] != "0", since=mark, what="the order's update")
        wait_until(lambda: sum(each["status"] == "CONFIRMED" for each in self.truth(venue, "own_trade")) == 2, 10, "the last stages")
        feed.status("heartbeat", since=feed.mark())
        heartbeat = feed.status("heartbeat", since=feed.mark())
        self.assertGreaterEqual(heartbeat["counters"]["skipped_own_out_of_range_price"], 6)
        self.assertEqual(self.fills(feed), [])
        drifts = [event["reason"] for event in feed.events if event.get("state") == "drift"]
        self.assertEqual(drifts, ["an own fill cannot be told: price is out of range or has more than six decimals"])
        self.finish(feed, "--rejects", self.path("rejects-of-replay"))

    def test_marketsBeside_areUntouched_andTheOwnSocketIsNeitherStaleNorRenewed(self):
        venue, feed = self.live("--top", "4", "--stale-after", "5s", "--rotate-every", "10s")
        feed.wait(lambda event: event["type"] == "book_delta", what="a delta")
        own = feed.status("live", reason="own orders and fills")["conn"]
        feed.wait(lambda event: event.get("state") == "disconnected" and event["conn"] != own, 60, what="a renewed market socket")
        for _ in range(6):
            feed.status("heartbeat", since=feed.mark())
        states = [event["state"] for event in feed.events if event["type"] == "feed_status" and event.get("conn") == own]
        self.assertEqual(states, ["connecting", "live"])
        self.finish(feed, "--stale-after", "5s")

    # Refused keys.

    def refused(self, *arguments, wrong="POLYMARKET_API_PASSPHRASE"):
        venue = self.venue(*arguments)
        feed = self.feed(venue, **{wrong: "wrong" + CREDENTIALS[wrong]})
        self.assertEqual(feed.process.wait(60), 77)
        feed.thread.join(10)
        self.assertIn("refuses the credentials", feed.errors().splitlines()[-1])
        self.check_secrets(feed)
        return [event for event in feed.events if event.get("state") == "disconnected"], feed

    def test_wrongKey_closedByPolicy_isTriedOnceAgain_then77(self):
        gone, _ = self.refused("--auth-close", 1008, wrong="POLYMARKET_API_KEY")
        self.assertEqual(len(gone), 2)

    def test_wrongKey_endWithoutAWord_isProvedByWaiting_then77(self):
        gone, feed = self.refused("--auth-close", 1006)
        # One suspicion, and two sockets that lived until they said who we are.
        self.assertEqual(len(gone), 3)
        opened = {event["conn"]: event["recv_us"] for event in feed.events if event.get("state") == "connecting"}
        self.assertTrue(all(event["recv_us"] - opened[event["conn"]] >= 1_900_000 for event in gone[1:]), gone)

    def test_cutsOfTheNetwork_areNoRefusal(self):
        venue = self.venue()
        # Shorter than the ten seconds after which a venue that was never reached is given up.
        venue.fault("accept_then_reset", seconds=7)
        feed = self.feed(venue)
        feed.status("live", seconds=90, reason="own orders and fills")
        gone = [event for event in feed.events if event.get("state") == "disconnected"]
        self.assertGreaterEqual(len(gone), 3, "cuts right after the upgrade")
        self.assertNotIn("credentials", feed.errors())
        self.finish(feed)

    # Breaks.

    def broken(self, venue, feed, **more):
        """A break in which one order is filled, and the socket that follows."""
        mark = feed.mark()
        venue.fault("refuse", status=503, retry_after=2, seconds=2)
        self.assertEqual(venue.post(do="cut_user")["cut"], 1)
        count = len(self.truth(venue, "own_trade"))
        venue.post(do="user", kind="fill", odd=False, **more)
        feed.status("live", since=mark, seconds=60, reason="own orders and fills")
        stages = [each for each in self.truth(venue, "own_trade")[count:]]
        self.assertEqual(stages[-1]["status"], "CONFIRMED")
        return mark, stages[-1]

    def test_breakWithAddress_fillsOfTheBreak_areFetched_andToldOnce(self):
        venue, feed = self.live(POLYMARKET_ADDRESS=ADDRESS)
        for taker in (True, False, True):
            self.act(venue, feed, "fill", 2, taker=taker, odd=False)
            feed.wait(lambda event: event.get("state") == "confirmed" and event["is_taker"] is taker, since=0, what="the last stage")
        wait_until(lambda: sum(each[7] == "confirmed" for each in self.fills(feed)) == 3, 10, "three fills")
        before = self.fills(feed)
        mark, missed = self.broken(venue, feed, taker=False)
        fill = feed.wait(lambda event: event["type"] == "own_fill", since=mark, what="the fill of the break")
        self.assertNotIn("conn", fill)
        wait_until(lambda: "were fetched" in feed.errors(), 20, "the second question")
        self.assertEqual(self.fills(feed), before + legs(missed))
        self.assertNotIn("refused_trades", open(venue.truth, encoding="utf-8").read())
        self.finish(feed)

    def test_breakWithAnswersInOtherUnits_nothingOfThemIsTold(self):
        venue, feed = self.live(POLYMARKET_ADDRESS=ADDRESS)
        venue.post(do="trades_in_millionths")
        self.act(venue, feed, "fill", 2, taker=True, odd=False)
        feed.wait(lambda event: event.get("state") == "confirmed", what="the last stage")
        before = self.fills(feed)
        mark, _ = self.broken(venue, feed, taker=True)
        feed.status("drift", since=mark, reason="own trades by REST have other prices or sizes than those of the user channel")
        wait_until(lambda: "were fetched" in feed.errors(), 20, "the second question")
        self.assertEqual(self.fills(feed), before)
        self.finish(feed, "--rejects", self.path("rejects-of-replay"))

    def test_breakWithoutAddress_isSaid_andTheChannelGoesOn(self):
        venue, feed = self.live()
        self.assertEqual(feed.errors().count("POLYMARKET_ADDRESS is not set"), 1)
        self.broken(venue, feed)
        self.act(venue, feed, "order")
        self.assertEqual(self.fills(feed), [])
        self.finish(feed)

    # Settings.

    def test_credentialsTooShortToBeMasked_are78(self):
        for name in CREDENTIALS:
            result = self.run_tool("--user", "--ws-url", "wss://nothing.invalid/ws/market", **CREDENTIALS | {name: "CANCELLATION"})
            self.assertEqual(result.returncode, 78)
            self.assertIn(f"{name} is shorter than 16 characters", result.stderr.decode())
            self.assertNotIn("CANCELLATION", result.stderr.decode())

    def test_missingCredentials_are78_beforeAnyNetwork(self):
        for given, missing in (({}, "POLYMARKET_API_KEY, POLYMARKET_API_SECRET, POLYMARKET_API_PASSPHRASE"),
                               ({"POLYMARKET_API_KEY": KEY, "POLYMARKET_API_SECRET": SECRET}, "POLYMARKET_API_PASSPHRASE")):
            result = self.run_tool("--user", "--ws-url", "wss://nothing.invalid/ws/market", **given)
            self.assertEqual(result.returncode, 78)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(f"--user needs {missing}:", result.stderr.decode())
            self.assertNotIn(SECRET, result.stderr.decode())

    def test_credentialsFile_isReadIfOnlyItsOwnerMay(self):
        listing = self.path("credentials")
        with open(listing, "w", encoding="utf-8") as file:
            file.write("".join(f"{name}={value}\n" for name, value in CREDENTIALS.items()))
        os.chmod(listing, 0o644)
        result = self.run_tool("--user", POLYMARKET_CREDENTIALS_FILE=listing)
        self.assertEqual((result.returncode, b"chmod 600" in result.stderr), (78, True), result.stderr)
        os.chmod(listing, 0o600)
        venue = self.venue()
        feed = LiveFeed("pm-feed", self.folder.name, *self.arguments(venue), environment={"POLYMARKET_CREDENTIALS_FILE": listing})
        self.addCleanup(feed.__exit__)
        feed.status("live", reason="own orders and fills")
        self.assertEqual(feed.stop(), 0)

    def test_check_triesTheKey(self):
        venue = self.venue()
        for wrong, status, mark in (("", 0, "✓"), ("wrong", 77, "✗")):
            result = self.run_tool(
                *self.arguments(venue), "--check", **CREDENTIALS | {"POLYMARKET_API_PASSPHRASE": wrong + PASSPHRASE})
            self.assertEqual(result.returncode, status, result.stdout)
            self.assertEqual([line[:1] for line in result.stdout.decode().splitlines() if "own channel" in line], [mark])
            self.assertNotIn(PASSPHRASE.encode(), result.stdout + result.stderr)

    def test_printConfig_masksSecrets(self):
        result = self.run_tool("--user", "--print-config", **CREDENTIALS)
        self.assertEqual(result.returncode, 0, result.stderr)
        text = result.stdout.decode() + result.stderr.decode()
        self.assertIn("****", text)
        for secret in CREDENTIALS.values():
            self.assertNotIn(secret, text)


if __name__ == "__main__":
    unittest.main()
