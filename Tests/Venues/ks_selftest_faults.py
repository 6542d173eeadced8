"""Tests of the local Kalshi's faults as a reader sees them, and of its REST side."""

import asyncio
import json
import time
import unittest

import ks_world  # noqa: F401  first: it finds the oracle's modules
import websockets

from ks_wire_client import WireCase


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
