"""Every fault of the local Polymarket is what its name says, seen from a client, and the truth tells of it."""

import asyncio
import json
import unittest

import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatusCode, InvalidURI

from pm_support import LocalVenue
from pm_venue_test import FIRST, connected


class Faults(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.venue = LocalVenue("--markets", 6, "--rate", 200, "--seed", 9, "--stall-seconds", 1)
        cls.addClassCleanup(cls.venue.__exit__)
        cls.tokens = cls.venue.tokens()

    async def asyncSetUp(self):
        self.enterings = []
        self.client = await self.join()

    async def asyncTearDown(self):
        for each in self.enterings:
            await each.__aexit__(None, None, None)
        await asyncio.to_thread(self.venue.wait, lambda: not self.venue.look("state")["running"])

    async def join(self, tokens=None):
        """A subscribed client."""
        entering = connected(self.venue)
        client = await entering.__aenter__()
        self.enterings.append(entering)
        await client.send({**FIRST, "assets_ids": tokens or self.tokens})
        await client.text()
        state = await asyncio.to_thread(self.venue.look, "state")
        client.number = max(each["socket"] for each in state["sockets"])
        return client

    async def fault(self, name, **more):
        """Begins a fault, on this test's socket where it is one of a socket; gives its number."""
        return (await asyncio.to_thread(lambda: self.venue.control(fault=name, **more)))["id"]

    async def told(self, number):
        """What the truth says of a fault."""
        def line():
            return next((each for each in self.venue.lines("fault") if each["id"] == number), None)
        await asyncio.to_thread(self.venue.wait, line)
        return line()

    async def fence(self):
        """Reads what was on its way before."""
        await self.client.send("PING")
        await self.client.text(lambda text: text == "PONG")

    async def lost(self):
        """Lines of the truth about lost messages of this socket."""
        return [each for each in await asyncio.to_thread(self.venue.lines, "lost") if each["socket"] == self.client.number]

    async def test_drop_endsWithoutCloseFrame(self):
        number = await self.fault("drop", socket=self.client.number)
        self.assertEqual((await self.client.closed())[0], 1006)
        self.assertEqual((await self.told(number))["sockets"], [self.client.number])

    async def test_reset_isAReset(self):
        await self.fault("reset", socket=self.client.number)
        self.assertEqual((await self.client.closed())[0], 1006)
        self.assertIsInstance(self.client.socket.transfer_data_exc, ConnectionError)

    async def test_close_codes(self):
        for code in (1001, 1008, 1011, 1012, 1013, 4000):
            client = await self.join(self.tokens[:1])
            await self.fault("close", socket=client.number, code=code)
            self.assertEqual((await client.closed())[0], code)

    async def test_close1000_whileSomethingGoesOn_isNoLie(self):
        await self.fault("close", socket=self.client.number, code=1000)
        self.assertEqual((await self.client.closed())[0], 1006)

    async def test_stall_pongsComeDataDoesNot_restMovesOn(self):
        await self.fault("stall", socket=self.client.number, mode="lose", seconds=4)
        await self.fence()
        self.assertTrue(await self.client.quiet(lambda text: text[0] == "{", 0.8))
        self.assertTrue(await self.lost())
        await self.client.message("price_change")

    async def test_stallHold_everythingComesLater(self):
        await self.fault("stall", socket=self.client.number, mode="hold", seconds=1)
        await self.client.message("price_change")
        self.assertFalse(await self.lost())

    async def test_stallOfSomeTokens_othersGoOn(self):
        number = await self.fault("stall", socket=self.client.number, some=True, mode="lose", seconds=4)
        tokens = (await self.told(number))["tokens"]
        await self.fence()
        self.assertTrue(await self.client.quiet(lambda text: "price_change" in text and any(token in text for token in tokens), 0.8))
        self.assertTrue(await self.lost())

    async def test_halfOpen_isSilentForEver(self):
        await self.fault("half_open", socket=self.client.number, seconds=0.2)
        for _ in range(2_000):
            if await self.client.quiet(lambda text: True, 0.5):
                break
        await self.client.send("PING")
        self.assertTrue(await self.client.quiet(lambda text: True, 1.5))

    async def test_throttle_bytesTrickle(self):
        await self.fault("throttle", socket=self.client.number, speed=200, seconds=1)
        self.assertTrue(await self.client.quiet(lambda text: False, 0.3))
        await self.client.send("PING")
        await self.client.text(lambda text: text == "PONG", 15)

    async def test_lose_theNextMessagesOfAMarket(self):
        await self.fault("lose", socket=self.client.number, count=3)
        while len(lost := await self.lost()) < 3:
            await asyncio.sleep(0.02)
        self.assertEqual({each["why"] for each in lost}, {"lose"})

    async def test_omitBooks_leavesSomeOut(self):
        number = await self.fault("omit_books", socket=self.client.number, seconds=6)
        missing = set((await self.told(number))["tokens"])
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens})
            books = json.loads(await client.text())
            self.assertEqual({each["asset_id"] for each in books}, set(self.tokens) - missing)
        self.assertEqual(set(self.venue.lines("sub")[-1]["omitted"]), missing)

    async def test_refuse_statusAndRetryAfter(self):
        for status in (401, 403, 429, 500, 503, 302):
            await self.fault("refuse", status=status, retry_after=2, as_date=False, seconds=1, keep=True)
            with self.assertRaises(InvalidURI if status == 302 else InvalidStatusCode) as caught:
                await websockets.connect(self.venue.ready["ws"], ssl=self.venue.tls)
            if status == 302:
                await asyncio.to_thread(self.venue.wait, lambda: not self.venue.look("state")["running"])
                continue  # the library tried to follow it
            self.assertEqual(caught.exception.status_code, status)
            self.assertEqual(caught.exception.headers.get("Retry-After"), "2" if status in (429, 503) else None)
            await asyncio.to_thread(self.venue.wait, lambda: not self.venue.look("state")["running"])

    async def test_refuse_retryAfterAsDate(self):
        await self.fault("refuse", status=429, retry_after=2, as_date=True, seconds=1, keep=True)
        with self.assertRaises(InvalidStatusCode) as caught:
            await websockets.connect(self.venue.ready["ws"], ssl=self.venue.tls)
        self.assertIn("GMT", caught.exception.headers["Retry-After"])

    async def test_serverDown_nobodyListens_thenAgain(self):
        await self.fault("server_down", seconds=1)
        with self.assertRaises(OSError):
            await websockets.connect(self.venue.ready["ws"], ssl=self.venue.tls)
        await asyncio.to_thread(self.venue.wait, lambda: not self.venue.look("state")["running"])
        await self.join()

    async def test_acceptThenReset_bothWays(self):
        await self.fault("accept_then_reset", when="tcp", seconds=1)
        with self.assertRaises((ConnectionError, EOFError)):
            await websockets.connect(self.venue.ready["ws"], ssl=self.venue.tls)
        await asyncio.to_thread(self.venue.wait, lambda: not self.venue.look("state")["running"])
        await self.fault("accept_then_reset", when="upgrade", seconds=1)
        with self.assertRaises((ConnectionClosed, InvalidHandshake)):
            socket = await websockets.connect(self.venue.ready["ws"], ssl=self.venue.tls)
            await socket.recv()

    async def test_dump20mb_oneFrameOfThatSize_thenOrdinaryAgain(self):
        self.client.socket.max_size = None
        number = await self.fault("dump20mb", socket=self.client.number, seconds=0.5)
        text = await self.client.text(lambda text: len(text) > 20 << 20, 60)
        books = json.loads(text)
        self.assertEqual({each["asset_id"] for each in books}, set((await self.told(number))["tokens"]))
        again = json.loads(await self.client.text(lambda text: text[0] == "[", 60))
        self.assertLess(max(len(each["bids"]) for each in again), 100)

    async def test_fragments_oneByteAFrame_pingsBetween(self):
        count, pings, read = [0], [0], self.client.socket.read_frame

        async def counting(max_size):
            frame = await read(max_size)
            count[0] += frame.opcode == 0
            pings[0] += frame.opcode == 9
            return frame
        self.client.socket.read_frame = counting
        await self.fault("fragments", socket=self.client.number, count=2)
        await asyncio.to_thread(self.venue.wait, lambda: not self.venue.look("state")["running"])
        for _ in range(6):
            await self.client.message("price_change")
        self.assertGreater(count[0], 300)
        self.assertGreater(pings[0], 3)

    async def test_badUtf8_isRefusedByAnyLibrary(self):
        await self.fault("bad_utf8", socket=self.client.number)
        await self.client.closed()
        self.assertEqual(self.client.socket.close_sent.code, 1007)
        self.assertEqual((await self.lost())[0]["why"], "bad_utf8")

    async def test_garbage_ofAllKinds(self):
        wanted = {
            "torn": lambda text: text[0] == "{" and not text.endswith("}"),
            "noise": lambda text: text in ("42", "{}", "null", "NO NEW ASSETS") or "dead" in text,
            "type": lambda text: "sparkle" in text, "field": lambda text: "shine" in text and "sequel" in text,
            "value": lambda text: '"hash":"' + "0" * 40 in text}
        for kind, condition in wanted.items():
            await self.fault("garbage", socket=self.client.number, kind=kind)
            try:
                await self.client.text(lambda text, condition=condition: isinstance(text, str) and text and condition(text), 6)
            except asyncio.TimeoutError:
                self.assertEqual(kind, "noise")  # four of many, not always these
        await self.fault("garbage", socket=self.client.number, kind="binary")
        await self.client.text(lambda text: isinstance(text, bytes))

    async def test_duplicates_comeTwiceWithin120ms(self):
        await self.fault("duplicates", socket=self.client.number, count=5)
        loop = asyncio.get_running_loop()
        seen, twice, end = {}, 0, loop.time() + 10
        while twice < 5:
            text = await self.client.text(lambda text: text[0] == "{")
            if text in seen:
                self.assertLess(loop.time() - seen[text], 2)
                twice += 1
            seen[text] = loop.time()
            self.assertLess(loop.time(), end)

    async def test_crossed_andHealed(self):
        number = await self.fault("crossed", socket=self.client.number)
        token = (await self.told(number))["tokens"][0]
        await asyncio.to_thread(self.venue.wait, lambda: not self.venue.look("state")["running"])
        bids, asks, crossed = {}, {}, False
        for line in self.venue.lines("book", "lev"):
            if line["token"] == token:
                if line["t"] == "book":
                    bids, asks = dict(map(tuple, line["b"])), dict(map(tuple, line["a"]))
                for side, price, size in line.get("c", ()):
                    (bids if side == "b" else asks)[price] = size
                best = max((p for p, s in bids.items() if s), default=0), min((p for p, s in asks.items() if s), default=1_000_000)
                crossed |= best[0] >= best[1]
        self.assertTrue(crossed)
        self.assertLess(*best)

    async def test_tick_isTold(self):
        await self.fault("tick", socket=self.client.number, tick=100)
        told = await self.client.message("tick_size_change")
        self.assertEqual(told["new_tick_size"], "0.0001")

    async def test_rest_faults(self):
        token = self.tokens[0]
        path = f"/book?token_id={token}"

        def get(which="clob", path=path):
            try:
                return self.venue.fetch(self.venue.ready[which] + path, context=self.venue.tls)
            except OSError as error:
                return type(error).__name__, {}, b""

        async def during(name, **more):
            await self.fault(name, **more)
            answer = await asyncio.to_thread(get, *(("gamma", "/markets") if name == "gamma_down" else ()))
            await asyncio.to_thread(self.venue.wait, lambda: not self.venue.look("state")["running"])
            return answer
        self.assertIsInstance((await during("rest_down", seconds=0.5))[0], str)
        status, headers, body = await during("rest_429", seconds=0.5, retry_after=3, as_date=False)
        self.assertEqual((status, headers["Retry-After"]), (429, "3"))
        self.assertTrue(body.startswith(b"<html>"))
        self.assertEqual((await during("rest_html", seconds=0.5, status=200))[2][:6], b"<html>")
        self.assertEqual((await during("gamma_down", seconds=0.5, how="503"))[0], 503)
        before = asyncio.get_running_loop().time()
        await during("rest_slow", seconds=0.5, how="late", delay=1)
        self.assertGreater(asyncio.get_running_loop().time() - before, 0.9)
        ghost = json.loads((await during("rest_ghost", seconds=0.5))[2])
        self.assertEqual((ghost["bids"][-1]["price"], ghost["asks"][-1]["price"]), ("0.01", "0.99"))

    async def test_restStale_olderThanTheStream(self):
        path = f"/book?token_id={self.tokens[0]}"
        await self.fault("rest_stale", seconds=1.5)
        first = await asyncio.to_thread(self.venue.rest, "clob", path)
        await self.client.text(lambda text: "price_change" in text and self.tokens[0] in text, 15)
        self.assertEqual(await asyncio.to_thread(self.venue.rest, "clob", path), first)

    async def test_wrongFault_isRefused(self):
        for value in ({"fault": "no-such"}, {"do": "no-such"}, {"fault": "drop", "socket": 9999}):
            with self.assertRaises(ValueError):
                await asyncio.to_thread(lambda value=value: self.venue.control(**value))


class SlowReader(unittest.IsolatedAsyncioTestCase):
    async def test_readerThatDoesNotRead_is1013(self):
        with LocalVenue("--markets", 6, "--rate", 400, "--seed", 9, "--buffer-bytes-max", 2_000_000, "--plain") as venue:
            async with connected(venue) as client:
                await client.send({**FIRST, "assets_ids": venue.tokens()})
                await client.text()
                client.socket.transport.pause_reading()
                venue.control(do="rate", value=3000)
                await asyncio.to_thread(venue.wait, lambda: any(each["why"] == "slow" for each in venue.lines("close")), 90)
                self.assertEqual(next(each for each in venue.lines("close") if each["why"] == "slow")["code"], 1013)


if __name__ == "__main__":
    unittest.main()
