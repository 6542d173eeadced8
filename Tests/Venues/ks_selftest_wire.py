"""Tests of the local Kalshi's door and of its commands."""

import asyncio
import time
import unittest

import ks_world  # noqa: F401  first: it finds the oracle's modules
import websockets
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

import ks_auth
from fixed import ONE, millionths
from ks_socket import PATH
from ks_wire_client import Wire, WireCase


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
        await self.wire.next(lambda each: each.get("sid") == 1)
        numbers = [each["seq"] for each in self.wire.kept if each.get("sid") == 1]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
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


class OwedTests(WireCase):
    """First books that take their time."""

    words = ("--markets", "60", "--snapshots-per-turn", "1", "--rate", "3000")

    async def test_deltasComeBetweenSnapshots_neverBeforeTheirOwn(self):
        await self.wire.open()
        await self.wire.subscribe("orderbook_delta")
        seen, between = set(), 0
        while len(seen) < 60:
            value = await self.wire.next(lambda each: each["type"].startswith("orderbook"))
            if value["type"] == "orderbook_snapshot":
                seen.add(value["msg"]["market_ticker"])
            else:
                between += 1
                self.assertIn(value["msg"]["market_ticker"], seen)
        self.assertGreater(between, 5)


class SlowReaderTests(WireCase):
    """A reader that leaves too much behind."""

    words = ("--backlog-max", "1000000")

    async def test_fullBuffer_endsEverySubscription_withError25(self):
        await self.wire.open()
        await self.wire.subscribe("orderbook_delta", "trade", "ticker")
        for _ in self.wire.at["tickers"]:
            await self.wire.next(lambda each: each["type"] == "orderbook_snapshot")
        self.wire.control({"fault": "dump20mb"})
        over = [await self.wire.next(lambda each: each["type"] == "error", 30) for _ in range(3)]
        self.assertEqual([(each["sid"], each["msg"]["code"], "seq" in each) for each in over], [(1, 25, True), (2, 25, True), (3, 25, False)])


if __name__ == "__main__":
    unittest.main()
