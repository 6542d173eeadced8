"""Tests of what the local Kalshi says on the wire, by the websockets library and urllib."""

import asyncio
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import ks_world  # noqa: F401  first: it finds the oracle's modules
import websockets
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import ks_auth
from fixed import ONE, millionths
from ks_socket import PATH

HERE = os.path.dirname(os.path.abspath(__file__))
KEYS = tempfile.TemporaryDirectory(prefix="ks-keys-")  # made once, used by every venue of this process


class Wire:
    """A venue and one socket to it; frames are kept until they are asked for."""

    def __init__(self, *words):
        self.folder = tempfile.TemporaryDirectory(prefix="ks-wire-")
        self.truth = os.path.join(self.folder.name, "truth")
        self.venue = subprocess.Popen([sys.executable, os.path.join(HERE, "ks_venue.py"), "--duration", "120", "--truth", self.truth,
                                       "--folder", KEYS.name, *words],
                                      stdout=subprocess.PIPE, text=True)
        self.at = json.loads(self.venue.stdout.readline())
        self.context = ssl.create_default_context(cafile=self.at["ca"]) if self.at["ws"].startswith("wss") else None
        self.key = self.load("key_file")
        self.ws, self.kept, self.sent = None, [], 0

    def load(self, name):
        """A private key."""
        with open(self.at[name], "rb") as file:
            return load_pem_private_key(file.read(), None)

    def end(self):
        """Ends the venue."""
        self.venue.terminate()
        self.venue.wait(10)
        self.venue.stdout.close()
        self.folder.cleanup()

    async def upgrade(self, headers, path=None):
        """An upgrade with these headers."""
        url = self.at["ws"] if path is None else self.at["ws"].replace(PATH, path)
        return await websockets.connect(url, ssl=self.context, extra_headers=headers, max_size=None, ping_interval=None, compression=None)

    def headers(self, offset_ms=0, name="key", path=PATH):
        """Signed headers."""
        key_id, key = ("ed25519_key_id", "ed25519_key_file") if name == "ed25519" else ("key_id", f"{name}_file")
        return ks_auth.headers(self.at[key_id], self.load(key), time.time_ns() // 1_000_000 + offset_ms, "GET", path)

    async def open(self):
        """A good socket."""
        self.ws = await self.upgrade(self.headers())
        return self

    async def say(self, cmd, **params):
        """A command; gives its id."""
        self.sent += 1
        await self.ws.send(json.dumps({"id": self.sent, "cmd": cmd, "params": params}))
        return self.sent

    async def next(self, test, seconds=10):
        """The next frame that passes a test; what came before it is in `kept`."""
        async def search():
            while True:
                text = await self.ws.recv()
                assert text.endswith("\n"), text[-20:]
                value = json.loads(text)
                self.kept.append(value)
                if test(value):
                    return value
        return await asyncio.wait_for(search(), seconds)

    async def answer(self, identity):
        """The next answer to a command."""
        return await self.next(lambda value: value.get("id") == identity)

    async def subscribe(self, *channels, **params):
        """Subscribes to all markets."""
        identity = await self.say("subscribe", channels=list(channels), market_tickers=self.at["tickers"], use_yes_price=False, **params)
        return await self.answer(identity)

    def control(self, value):
        """The control port."""
        with urllib.request.urlopen(self.at["control"], json.dumps(value).encode(), timeout=10) as answer:
            return json.loads(answer.read())

    def get(self, path, headers=None):
        """REST: status, headers, body."""
        request = urllib.request.Request(self.at["rest"] + path, headers=headers or {})
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=10) as answer:
                return answer.status, answer.headers, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()


class WireCase(unittest.IsolatedAsyncioTestCase):
    """One venue for a test."""

    words = ()

    async def asyncSetUp(self):
        self.wire = Wire("--rate", "200", *self.words)
        self.addCleanup(self.wire.end)

    async def asyncTearDown(self):
        if self.wire.ws:
            await self.wire.ws.close()


class UpgradeTests(WireCase):
    """Who may come in."""

    async def refused(self, headers, status, path=None):
        """The upgrade is refused."""
        with self.assertRaises(websockets.InvalidStatusCode) as caught:
            await self.wire.upgrade(headers, path)
        self.assertEqual(caught.exception.status_code, status)

    async def test_goodSignatures_areTaken_once(self):
        for name in ("key", "key_pkcs8", "ed25519"):
            headers = self.wire.headers(name=name)
            await (await self.wire.upgrade(headers)).close()
            await self.refused(headers, 401)

    async def test_badSignatures_areRefused(self):
        good = self.wire.headers()
        await self.refused({}, 401)
        await self.refused({**good, "KALSHI-ACCESS-KEY": "nobody"}, 401)
        await self.refused({**good, "KALSHI-ACCESS-TIMESTAMP": str(int(good["KALSHI-ACCESS-TIMESTAMP"]) + 1)}, 401)
        await self.refused(self.wire.headers(path="/trade-api/ws/v2/"), 401)
        await self.refused(self.wire.headers(offset_ms=-31_000), 401)
        await self.refused(self.wire.headers(offset_ms=31_000), 401)
        await self.refused({**good, "KALSHI-ACCESS-SIGNATURE": good["KALSHI-ACCESS-SIGNATURE"].rstrip("=") + "!"}, 401)
        await self.refused(self.wire.headers(path="/other"), 404, "/other")

    async def test_otherSalt_isRefused(self):
        stamp = str(time.time_ns() // 1_000_000)
        text = ks_auth.text_signed(stamp, "GET", PATH)
        raw = self.wire.key.sign(text, padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.MAX_LENGTH), hashes.SHA256())
        headers = {"KALSHI-ACCESS-KEY": self.wire.at["key_id"], "KALSHI-ACCESS-TIMESTAMP": stamp,
                   "KALSHI-ACCESS-SIGNATURE": ks_auth.base64.b64encode(raw).decode()}
        await self.refused(headers, 401)

    async def test_refusals_haveTheirStatus(self):
        for kind, status in (("refuse401", 401), ("refuse403", 403), ("refuse429", 429), ("refuse500", 500), ("refuse503", 503)):
            self.wire.control({"fault": kind, "times": 1})
            await self.refused(self.wire.headers(), status)


class CommandTests(WireCase):
    """Commands and answers of the dossier's §2."""

    words = ("--markets", "4", "--burst-max", "6", "--markets-max", "6", "--commands-max", "30")

    async def asyncSetUp(self):
        await super().asyncSetUp()
        await self.wire.open()

    async def error(self, code, cmd, **params):
        """A command is answered with an error."""
        answer = await self.wire.answer(await self.wire.say(cmd, **params))
        self.assertEqual((answer["type"], answer["msg"]["code"]), ("error", code), answer)
        return answer

    async def test_subscribe_givesSidInside_thenBooksInSequence(self):
        answer = await self.wire.subscribe("orderbook_delta")
        self.assertEqual(answer, {"type": "subscribed", "id": 1, "msg": {"channel": "orderbook_delta", "sid": 1}})
        seen, last = set(), 0
        while len(seen) < 4:
            value = await self.wire.next(lambda each: "seq" in each)
            self.assertEqual(value["seq"], last + 1)
            last = value["seq"]
            if value["type"] == "orderbook_snapshot":
                seen.add(value["msg"]["market_ticker"])
            else:
                self.assertIn(value["msg"]["market_ticker"], seen, "a delta before its snapshot")

    async def test_emptyLadder_isAbsent(self):
        await self.wire.subscribe("orderbook_delta")
        for _ in range(4):
            value = await self.wire.next(lambda each: each["type"] == "orderbook_snapshot")
            for key in ("yes_dollars_fp", "no_dollars_fp"):
                self.assertNotEqual(value["msg"].get(key), [])

    async def test_secondSubscribe_mergesWithOk_thatUsesANumber(self):
        tickers = self.wire.at["tickers"]
        await self.wire.say("subscribe", channels=["trade", "ticker"], market_tickers=tickers[:2])
        await self.wire.next(lambda each: each["type"] == "subscribed" and each["msg"]["sid"] == 2)
        identity = await self.wire.say("subscribe", channels=["trade"], market_tickers=tickers[2:])
        answer = await self.wire.answer(identity)
        self.assertEqual((answer["type"], answer["sid"], answer["msg"]), ("ok", 1, {"market_tickers": tickers}))
        following = await self.wire.next(lambda each: each.get("sid") == 1)
        self.assertEqual(following["seq"], answer["seq"] + 1)
        identity = await self.wire.say("subscribe", channels=["ticker"], market_tickers=tickers[2:], skip_ticker_ack=True)
        answer = await self.wire.answer(identity)
        self.assertEqual(answer, {"type": "ok", "id": identity, "sid": 2, "msg": {}})

    async def test_ticker_hasNoNumber(self):
        await self.wire.subscribe("ticker", send_initial_snapshot=True)
        for _ in range(4):
            value = await self.wire.next(lambda each: each["type"] == "ticker")
            self.assertNotIn("seq", value)

    async def test_yesPrices_areTheComplement(self):
        await self.wire.subscribe("orderbook_delta")
        self.wire.control({"do": "rate", "rate": 0})
        other = Wire.__new__(Wire)
        other.__dict__.update(self.wire.__dict__, ws=await self.wire.upgrade(self.wire.headers()), kept=[], sent=0)
        await other.say("subscribe", channels=["orderbook_delta"], market_tickers=self.wire.at["tickers"], use_yes_price=True)
        await self.wire.say("update_subscription", sid=1, action="get_snapshot", market_tickers=self.wire.at["tickers"])
        for _ in range(4):
            mine = await self.wire.next(lambda each: each["type"] == "orderbook_snapshot" and each.get("id") == 2)
            yes = await other.next(lambda each: each["type"] == "orderbook_snapshot")
            complement = [[ONE - millionths(price), size] for price, size in mine["msg"].get("no_dollars_fp", [])]
            self.assertEqual(complement, [[millionths(price), size] for price, size in yes["msg"].get("no_dollars_fp", [])])
        await other.ws.close()

    async def test_getSnapshot_hasTheId_andItsPlaceInTheSequence(self):
        await self.wire.subscribe("orderbook_delta")
        identity = await self.wire.say("update_subscription", sids=[1], action="get_snapshot", market_tickers=self.wire.at["tickers"][:2])
        for ticker in self.wire.at["tickers"][:2]:
            value = await self.wire.answer(identity)
            self.assertEqual((value["type"], value["msg"]["market_ticker"]), ("orderbook_snapshot", ticker))
        numbers = [each["seq"] for each in self.wire.kept if "seq" in each]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    async def test_getSnapshotOnTradeSid_isError13_withoutId(self):
        await self.wire.subscribe("trade")
        await self.wire.say("update_subscription", sid=1, action="get_snapshot", market_tickers=self.wire.at["tickers"])
        value = await self.wire.next(lambda each: each["type"] == "error")
        self.assertEqual((value["sid"], value["msg"]["code"], "id" in value, "seq" in value), (1, 13, False, True))

    async def test_unsubscribe_andList(self):
        await self.wire.subscribe("orderbook_delta", "ticker")
        answer = await self.wire.answer(await self.wire.say("list_subscriptions"))
        self.assertEqual(answer["msg"], [{"channel": "orderbook_delta", "sid": 1}, {"channel": "ticker", "sid": 2}])
        identity = await self.wire.say("unsubscribe", sids=[1, 2, 9])
        first, second, third = [await self.wire.answer(identity) for _ in range(3)]
        self.assertEqual(set(first), {"id", "sid", "seq", "type"})
        self.assertEqual(second, {"id": identity, "sid": 2, "type": "unsubscribed"})
        self.assertEqual(third["msg"]["code"], 7)
        answer = await self.wire.answer(await self.wire.say("list_subscriptions"))
        self.assertEqual(answer["msg"], [])

    async def test_errors_haveTheirCodes(self):
        tickers = self.wire.at["tickers"]
        await self.wire.ws.send("no json")
        self.assertEqual((await self.wire.next(lambda each: True))["msg"]["code"], 1)
        await self.error(3, "subscribe", market_tickers=tickers)
        await self.error(8, "subscribe", channels=["multivariate"], market_tickers=tickers)
        await self.error(14, "subscribe", channels=["orderbook_delta"], use_yes_price=False)
        await self.error(11, "subscribe", channels=["orderbook_delta"], market_tickers=tickers)
        await self.error(11, "subscribe", channels=["trade"], market_tickers=tickers, market_ticker=tickers[0])
        await self.error(11, "subscribe", channels=["trade"], market_tickers=[5])
        await self.error(5, "nonsense")
        await self.error(4, "unsubscribe")
        await self.error(7, "update_subscription", sid=9, action="add_markets", market_tickers=tickers)
        await self.error(12, "update_subscription", sids=[1, 2], action="add_markets", market_tickers=tickers)
        await self.wire.subscribe("trade")
        await self.error(15, "update_subscription", sid=1, market_tickers=tickers)
        await self.error(26, "update_subscription", sid=1, action="add_markets", market_tickers=["A", "B", "C"])
        await self.wire.ws.send('{"id":77,"cmd":"subscribe"}')
        self.assertEqual((await self.wire.answer(77))["msg"]["code"], 2)

    async def test_tooManyCommands_areError27(self):
        for _ in range(70):
            await self.wire.say("list_subscriptions")
        await self.wire.next(lambda each: each["type"] == "error" and each["msg"]["code"] == 27)

    async def test_deletedMarket_isQuiet_addedMarket_hasABook(self):
        tickers = self.wire.at["tickers"]
        await self.wire.subscribe("orderbook_delta")
        answer = await self.wire.answer(await self.wire.say("update_subscription", sid=1, action="delete_markets", market_tickers=tickers[:3]))
        self.assertEqual(answer["msg"]["market_tickers"], tickers[3:])
        self.wire.kept.clear()
        identity = await self.wire.say("update_subscription", sid=1, action="add_markets", market_tickers=tickers[:1])
        await self.wire.answer(identity)
        self.assertFalse([each for each in self.wire.kept if each.get("msg", {}).get("market_ticker") in tickers[:3]])
        value = await self.wire.next(lambda each: each["type"] == "orderbook_snapshot")
        self.assertEqual((value["msg"]["market_ticker"], "id" in value), (tickers[0], False))

    async def test_ping_isAnsweredAndSent(self):
        await asyncio.wait_for(await self.wire.ws.ping(b"mine"), 5)


class BurstTests(WireCase):
    """Too much at once."""

    words = ("--markets", "12", "--burst-max", "6")

    async def test_bigBurst_endsTheSubscription_withError25(self):
        await self.wire.open()
        await self.wire.subscribe("orderbook_delta")
        value = await self.wire.next(lambda each: each["type"] == "error")
        self.assertEqual((value["sid"], value["msg"]["code"], "id" in value), (1, 25, False))
        books = [each for each in self.wire.kept if each["type"] == "orderbook_snapshot"]
        self.assertTrue(0 < len(books) < 12)
        answer = await self.wire.answer(await self.wire.say("list_subscriptions"))
        self.assertEqual(answer["msg"], [])


class FrameFaultTests(WireCase):
    """Faults as a reader sees them."""

    words = ("--ping-every", "0.3")

    async def asyncSetUp(self):
        await super().asyncSetUp()
        await self.wire.open()
        await self.wire.subscribe("orderbook_delta", "trade", "ticker", "market_lifecycle_v2")
        for _ in self.wire.at["tickers"]:
            await self.wire.next(lambda each: each["type"] == "orderbook_snapshot")

    async def numbers(self, count, sid=1):
        """The next numbers of a sid."""
        return [(await self.wire.next(lambda each: each.get("sid") == sid and "seq" in each))["seq"] for _ in range(count)]

    def steps(self, numbers):
        """Differences that are not one."""
        return [after - before for before, after in zip(numbers, numbers[1:]) if after != before + 1]

    async def first_steps(self):
        """The first wrong steps that come, and those of some frames after them."""
        numbers = [each["seq"] for each in self.wire.kept if each.get("sid") == 1 and "seq" in each]
        while not self.steps(numbers) and len(numbers) < 5000:
            numbers += await self.numbers(1)
        return self.steps(numbers + await self.numbers(20))

    async def test_gap_skipsNumbers(self):
        self.wire.control({"fault": "gap", "channel": "orderbook_delta", "count": 3})
        self.assertEqual(await self.first_steps(), [4])

    async def test_repeat_sendsANumberTwice(self):
        self.wire.control({"fault": "repeat", "channel": "orderbook_delta"})
        self.assertEqual(await self.first_steps(), [0])

    async def test_seqRegress_sendsAnOldFrame(self):
        await self.numbers(30)
        self.wire.control({"fault": "seq_regress"})
        back, forth = await self.first_steps()
        self.assertLess(back, 0)
        self.assertEqual(forth, 1 - back)

    async def test_deadSid_isSilent_whileOthersFlow(self):
        self.wire.control({"fault": "dead_sid", "channel": "orderbook_delta"})
        await asyncio.sleep(0.1)
        self.wire.kept.clear()
        for _ in range(6):
            await self.wire.next(lambda each: each["type"] == "ticker")
        self.assertLess(len([each for each in self.wire.kept if each.get("sid") == 1]), 6)

    async def test_wrongDelta_leadsBelowZero(self):
        found = self.wire.control({"fault": "wrong_delta"})
        value = await self.wire.next(lambda each: each["type"] == "orderbook_delta" and each["msg"]["market_ticker"] == found["tickers"][0])
        while not value["msg"]["delta_fp"].startswith("-"):
            value = await self.wire.next(lambda each: each["type"] == "orderbook_delta")

    async def test_garbage_neverStopsTheVenue(self):
        for what in ("torn", "unknown_field", "missing_field", "cents", "malformed_value", "foreign", "unknown_type", "cents_snapshot"):
            found = self.wire.control({"fault": "garbage", "what": what, "channel": "orderbook_delta"})
            self.assertIn("id", found)
        received = 0
        while received < 100:
            await asyncio.wait_for(self.wire.ws.recv(), 10)
            received += 1

    async def test_fragments_makeWholeMessages(self):
        self.wire.control({"fault": "fragments", "frames": 5})
        self.assertEqual(self.steps(await self.numbers(20)), [])

    async def test_dump_isTwentyMegabytes(self):
        self.wire.control({"fault": "dump20mb"})
        text = ""
        while len(text) < 20_000_000:
            text = await asyncio.wait_for(self.wire.ws.recv(), 20)
        self.assertEqual(json.loads(text)["type"], "orderbook_snapshot")

    async def test_close_hasItsCode(self):
        self.wire.control({"fault": "close", "code": 1013})
        with self.assertRaises(websockets.ConnectionClosed):
            while True:
                await asyncio.wait_for(self.wire.ws.recv(), 10)
        self.assertEqual(self.wire.ws.close_code, 1013)

    async def test_badUtf8_isSeenByTheLibrary(self):
        self.wire.control({"fault": "bad_utf8"})
        with self.assertRaises(websockets.ConnectionClosed):
            while True:
                await asyncio.wait_for(self.wire.ws.recv(), 10)
        self.assertEqual(self.wire.ws.close_sent.code, 1007)

    async def test_stall_isSilence_andAHole(self):
        self.wire.control({"fault": "stall", "mode": "hole", "seconds": 3})
        self.assertEqual(len(await self.first_steps()), 1)

    async def test_stall_isSilence_andThenEverything(self):
        self.wire.control({"fault": "stall", "mode": "burst", "seconds": 1})
        self.assertEqual(self.steps(await self.numbers(300)), [])

    async def test_clockAhead_isAhead(self):
        self.wire.control({"fault": "clock_ahead", "ms": 5_000, "seconds": 5})
        value = await self.wire.next(lambda each: each["type"] == "orderbook_delta" and each["msg"]["ts_ms"] > time.time() * 1000 + 3_000)
        self.assertTrue(value["msg"]["ts"].endswith("Z"))


class RestTests(WireCase):
    """REST of the dossier's §6."""

    words = ("--markets", "30", "--plain", "--clock-skew-ms", "5000")

    async def test_cursors_leadToTheEnd_onceEach(self):
        seen, cursor = [], ""
        while True:
            _, _, body = self.wire.get(f"/markets?limit=7&cursor={cursor}")
            seen += [each["ticker"] for each in body["markets"]]
            cursor = body["cursor"]
            if not cursor:
                break
        self.assertEqual(sorted(seen), sorted(self.wire.at["tickers"]))

    async def test_unknownTicker_isAnEmptyBook_and404(self):
        status, _, body = self.wire.get("/markets/NOPE/orderbook")
        self.assertEqual((status, body), (200, {"orderbook_fp": {"yes_dollars": [], "no_dollars": []}}))
        self.assertEqual(self.wire.get("/markets/NOPE")[0], 404)

    async def test_limits_areRefused(self):
        for path in ("/markets?limit=1001", "/markets?status=nonsense", f"/markets/{self.wire.at['tickers'][0]}/orderbook?depth=101", "/events?limit=0"):
            self.assertEqual(self.wire.get(path)[0], 400, path)

    async def test_trades_comeWithTimes_andFilters(self):
        await asyncio.sleep(1)
        _, _, body = self.wire.get("/markets/trades?limit=5")
        ticker = body["trades"][0]["ticker"]
        _, _, one = self.wire.get(f"/markets/trades?ticker={ticker}")
        self.assertTrue(one["trades"] and all(each["ticker"] == ticker for each in one["trades"]))
        self.assertEqual(self.wire.get("/markets/trades?min_ts=99999999999")[2]["trades"], [])

    async def test_signedCalls_areVerified(self):
        path = "/trade-api/v2/portfolio/balance"
        self.assertEqual(self.wire.get("/portfolio/balance")[0], 401)
        self.assertEqual(self.wire.get("/portfolio/balance", self.wire.headers(path=path, offset_ms=5000))[0], 200)
        self.assertEqual(self.wire.get("/portfolio/balance?x=1", self.wire.headers(path=path, offset_ms=5000))[0], 200)
        self.assertEqual(self.wire.get("/portfolio/balance", self.wire.headers(path="/portfolio/balance"))[0], 401)

    async def test_troubles(self):
        for kind, status in (("rest_429", 429), ("rest_html", 502)):
            self.wire.control({"fault": kind, "seconds": 1, "drop": False})
            found, headers, _ = self.wire.get("/exchange/status")
            self.assertEqual((found, headers.get("Retry-After")), (status, None))
        self.wire.control({"fault": "rest_down", "seconds": 0.5, "drop": False})
        with self.assertRaises(OSError):
            self.wire.get("/exchange/status")


if __name__ == "__main__":
    unittest.main()
