"""The local Polymarket keeps to the dossier: subscriptions, frames, hashes, REST, Gamma, the user channel."""

import asyncio
import contextlib
import hashlib
import json
import unittest

import websockets
from websockets.exceptions import ConnectionClosed

import venue_common  # noqa: F401
import pm_wire as wire
from fixed import millionths
from flow import Ladder
from pm_market import digest
from pm_support import LocalVenue

FIRST = {"type": "market", "initial_dump": True, "level": 2, "custom_feature_enabled": True}
KEYS = {"apiKey": "11111111-2222-3333-4444-555555555555", "secret": "A" * 43 + "=", "passphrase": "a-test-passphrase"}


def book_of(value):
    """A ladder from a book message."""
    made = Ladder()
    for side, name in (("b", "bids"), ("a", "asks")):
        for level in value[name]:
            made.put(side, millionths(level["price"]), millionths(level["size"]))
    return made


class Client:
    """One socket of a test."""

    def __init__(self, venue, socket):
        self.venue, self.socket = venue, socket

    async def send(self, value):
        """A message, JSON or text."""
        await self.socket.send(value if isinstance(value, str) else json.dumps(value))

    async def text(self, wanted=lambda text: True, seconds=10):
        """The next text that is wanted."""
        async def find():
            while True:
                text = await self.socket.recv()
                if wanted(text):
                    return text
        return await asyncio.wait_for(find(), seconds)

    async def message(self, kind, seconds=10):
        """The next message of a kind."""
        return json.loads(await self.text(lambda text: f'"event_type":"{kind}"' in text and text[0] == "{", seconds))

    async def quiet(self, wanted, seconds=0.7):
        """Whether nothing that is wanted comes for a while."""
        try:
            await self.text(wanted, seconds)
        except asyncio.TimeoutError:
            return True
        return False

    async def closed(self, seconds=10):
        """Code and reason of the close."""
        try:
            await self.text(lambda text: False, seconds)
        except ConnectionClosed:
            return self.socket.close_code, self.socket.close_reason


@contextlib.asynccontextmanager
async def connected(venue, path="ws"):
    """A client's socket."""
    socket = await websockets.connect(venue.ready[path], ssl=venue.tls, max_size=None, ping_interval=None, close_timeout=1, open_timeout=10)
    try:
        yield Client(venue, socket)
    finally:
        socket.transport.abort()


class Subscriptions(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.venue = LocalVenue("--markets", 6, "--rate", 150, "--seed", 2, "--books-max", 7, "--frame-tokens-max", 20, "--idle-close", 1.5)
        cls.addClassCleanup(cls.venue.__exit__)
        cls.tokens = cls.venue.tokens()

    async def test_firstSubscription_oneFrameOfBooksThenIncrements(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens[:4]})
            first = await client.text()
            self.assertTrue(first.startswith('[{"market":"0x') and first.endswith("}]\n"), first[:80])
            self.assertNotIn(", ", first)
            self.assertEqual([each["asset_id"] for each in json.loads(first)], self.tokens[:4])
            text = await client.text(lambda text: "price_change" in text)
            self.assertIn('", "', text)
            self.assertFalse(text.startswith('{"event_type"'))
            self.assertEqual({each["asset_id"] for each in json.loads(text)["price_changes"]} & set(self.tokens[:4]),
                             {each["asset_id"] for each in json.loads(text)["price_changes"]})

    async def test_hashes_areThoseOfTheWholeBook(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens[:2]})
            books = {each["asset_id"]: each for each in json.loads(await client.text())}
            _, rest = await asyncio.to_thread(self.venue.rest, "clob", f"/book?token_id={self.tokens[0]}")
            ladders = {token: book_of(value) for token, value in books.items()}
            agreed = 0
            for token, value in books.items():
                last = millionths(value["last_trade_price"]) if value["last_trade_price"] else None
                agreed += value["hash"] == wire.book_hash(
                    value["market"], token, value["timestamp"], ladders[token], millionths(value["tick_size"]), rest["neg_risk"], last)
            self.assertEqual(agreed, 2)
            checked, last = 0, {token: value["last_trade_price"] for token, value in books.items()}
            for _ in range(60):
                value = json.loads(await client.text(lambda text: "price_changes" in text or "last_trade" in text))
                if value["event_type"] == "last_trade_price":
                    last[value["asset_id"]] = value["price"]
                    continue
                for entry in value["price_changes"]:
                    ladders[entry["asset_id"]].put("b" if entry["side"] == "BUY" else "a", millionths(entry["price"]), millionths(entry["size"]))
                for token, entry in {entry["asset_id"]: entry for entry in value["price_changes"]}.items():
                    last_price = millionths(last[token]) if last[token] else None
                    checked += entry["hash"] == wire.book_hash(
                        value["market"], token, value["timestamp"], ladders[token], millionths(books[token]["tick_size"]), rest["neg_risk"], last_price)
                    self.assertEqual(ladders[token].same(ladders[[each for each in ladders if each != token][0]].mirrored()), True)
            self.assertGreater(checked, 20)

    def test_hashOfTheClientsTestVector(self):
        book = Ladder()
        for side, price, size in (("b", 300_000, 100), ("b", 400_000, 100), ("a", 600_000, 100), ("a", 700_000, 100)):
            book.put(side, price, size * 1_000_000)
        mine = digest("0xaabbcc", "100", 123456789, book, 10_000, False, 500_000)
        self.assertEqual(mine, wire.book_hash("0xaabbcc", "100", 123456789, book, 10_000, False, 500_000))
        text = ('{"market":"0xaabbcc","asset_id":"100","timestamp":"123456789","hash":"","bids":[{"price":"0.3","size":"100"},{"price":"0.4","size":"100"}],'
                '"asks":[{"price":"0.7","size":"100"},{"price":"0.6","size":"100"}],"min_order_size":"100","tick_size":"0.01","neg_risk":false,'
                '"last_trade_price":"0.5"}')
        given = text.replace('{"price":"0.7","size":"100"},{"price":"0.6","size":"100"}', '{"price":"0.6","size":"100"},{"price":"0.7","size":"100"}')
        self.assertEqual(hashlib.sha1(given.encode()).hexdigest(), "0458ea5755c9f73d64a14636fa5c36ed460ec394")
        ours = text.replace('"min_order_size":"100"', '"min_order_size":"5"').replace('"0.5"', '"0.500"')
        self.assertEqual(hashlib.sha1(ours.encode()).hexdigest(), mine)

    async def test_secondFirstForm_isInvalidOperation(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens[:1]})
            await client.send({**FIRST, "assets_ids": self.tokens[1:2]})
            self.assertEqual(await client.text(lambda text: text[0] not in "{["), "INVALID OPERATION")

    async def test_pingBeforeSubscription_closes1008(self):
        async with connected(self.venue) as client:
            await client.send("PING")
            self.assertEqual(await client.closed(), (1008, "invalid subscription payload"))

    async def test_pingAfterSubscription_isAnswered(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens[:1]})
            await client.send("PING")
            self.assertEqual(await client.text(lambda text: text[0] not in "{["), "PONG")

    async def test_noSubscription_closesSoon(self):
        async with connected(self.venue) as client:
            self.assertIsNotNone(await client.closed(8))

    async def test_unknownTokensOnly_emptyArray(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": ["123", "456"]})
            self.assertEqual(await client.text(), "[]\n")

    async def test_laterTokens_giveBooks_activeOnesDoNot(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens[:2]})
            await client.text()
            await client.send({"operation": "subscribe", "assets_ids": self.tokens[1:3]})
            dump = json.loads(await client.text(lambda text: text[0] == "["))
            self.assertEqual([each["asset_id"] for each in dump], self.tokens[2:3])
            await client.send({"operation": "subscribe", "assets_ids": self.tokens[:3]})
            self.assertTrue(await client.quiet(lambda text: text[0] == "["))

    async def test_unsubscribed_isSilent(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens[:2]})
            await client.text()
            await client.send({"operation": "unsubscribe", "assets_ids": self.tokens[:2]})
            await client.send("PING")
            await client.text(lambda text: text == "PONG")
            self.assertTrue(await client.quiet(lambda text: True))

    async def test_tooManyTokens_booksLeftOutDeltasFlow(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens})
            self.assertEqual(len(json.loads(await client.text())), 7)
            late = set(self.tokens[8:])
            await client.text(lambda text: "price_changes" in text and any(token in text for token in late), 15)

    async def test_tooManyTokensInOneFrame_ends(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": [str(number) for number in range(21)]})
            self.assertEqual((await client.closed())[0], 1006)

    async def test_customFlag_gatesQuotes(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": self.tokens, "custom_feature_enabled": False})
            await client.text()
            self.assertTrue(await client.quiet(lambda text: "best_bid_ask" in text, 1.0))
            await client.send({"operation": "subscribe", "assets_ids": self.tokens[:1], "custom_feature_enabled": True})
            await client.message("best_bid_ask")

    async def test_newMarket_toDiscoveryConnection_againAndAgain_thenABook(self):
        async with connected(self.venue) as client:
            await client.send({**FIRST, "assets_ids": []})
            minted = asyncio.create_task(asyncio.to_thread(lambda: self.venue.control(do="mint")))
            told = [await client.message("new_market") for _ in range(3)]
            self.assertEqual(len({each["id"] for each in told}), 1)
            status, _ = await asyncio.to_thread(self.venue.rest, "clob", f"/book?token_id={told[0]['assets_ids'][0]}")
            self.assertEqual(status, 404)
            self.assertEqual((await minted)["tokens"], told[0]["assets_ids"])
            await client.send({"operation": "subscribe", "assets_ids": told[0]["assets_ids"]})
            self.assertEqual(len(json.loads(await client.text(lambda text: text[0] == "[" and len(text) > 10))), 2)


class Ends(unittest.IsolatedAsyncioTestCase):
    async def test_settlement_booksEmptyResultTold_socketClosed1000_restFollows(self):
        with LocalVenue("--markets", 3, "--rate", 100, "--seed", 4, "--gamma-lag", 0.5, "--resolve-delay", 0.3) as venue:
            market = venue.look("markets")[0]
            async with connected(venue) as client:
                await client.send({**FIRST, "assets_ids": market["tokens"]})
                await client.text()
                await asyncio.to_thread(lambda: venue.control(do="resolve", market=market["market"]))
                resolved = await client.message("market_resolved")
                self.assertIn(resolved["winning_asset_id"], market["tokens"])
                self.assertEqual(await client.closed(), (1000, "all subscribed assets resolved"))
            self.assertEqual(venue.rest("clob", f"/book?token_id={market['tokens'][0]}")[0], 404)
            winner = next(each for each in venue.rest("clob", f"/markets/{market['market']}")[1]["tokens"] if each["winner"])
            self.assertEqual(winner["token_id"], resolved["winning_asset_id"])
            venue.wait(lambda: venue.rest("gamma", f"/markets/slug/{market['slug']}")[1]["closed"])
            self.assertEqual(venue.rest("gamma", f"/markets?slug={market['slug']}")[1], [])
            self.assertEqual(len(venue.rest("gamma", f"/markets?slug={market['slug']}&closed=true")[1]), 1)


class Rest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.venue = LocalVenue("--markets", 230, "--rate", 50, "--seed", 5, "--skew", "90")
        cls.addClassCleanup(cls.venue.__exit__)
        cls.tokens = cls.venue.tokens()
        cls.markets = cls.venue.look("markets")

    def test_book_hasTenKeysAndATrueHash(self):
        status, value = self.venue.rest("clob", f"/book?token_id={self.tokens[0]}")
        self.assertEqual((status, list(value)), (200, ["market", "asset_id", "timestamp", "hash", "bids", "asks", "min_order_size", "tick_size", "neg_risk",
                                                       "last_trade_price"]))
        text = json.dumps({**value, "hash": ""}, separators=(",", ":"))
        self.assertEqual(hashlib.sha1(text.encode()).hexdigest(), value["hash"])

    def test_books_unknownLeftOut_atMost500(self):
        asked = [{"token_id": token} for token in [*self.tokens[:498], "77"]]
        status, value = self.venue.rest("clob", "/books", asked)
        self.assertEqual((status, {each["asset_id"] for each in value}), (200, set(self.tokens[:498])))
        self.assertNotEqual([each["asset_id"] for each in value], self.tokens[:len(value)])
        self.assertEqual(self.venue.rest("clob", "/books", asked + asked)[0], 400)
        self.assertEqual(self.venue.rest("clob", "/books", {"a": 1})[0], 400)

    def test_errors_asTheClobWordsThem(self):
        self.assertEqual(self.venue.rest("clob", "/book?token_id=abc"), (400, {"error": "Invalid token id"}))
        self.assertEqual(self.venue.rest("clob", "/book?token_id=77"), (404, {"error": "No orderbook exists for the requested token id"}))
        silent = next(each for each in self.markets if not each["has_book"] and not each["done"])
        self.assertEqual(self.venue.rest("clob", f"/book?token_id={silent['tokens'][0]}")[0], 404)

    def test_smallAnswers(self):
        self.assertIsInstance(self.venue.rest("clob", "/time")[1], int)
        self.assertIsInstance(self.venue.rest("clob", f"/tick-size?token_id={self.tokens[0]}")[1]["minimum_tick_size"], float)
        self.assertIsInstance(self.venue.rest("clob", f"/neg-risk?token_id={self.tokens[0]}")[1]["neg_risk"], bool)
        market = self.markets[0]
        self.assertEqual(self.venue.rest("clob", f"/markets-by-token/{market['tokens'][1]}")[1]["condition_id"], market["market"])
        self.assertEqual([each["t"] for each in self.venue.rest("clob", f"/clob-markets/{market['market']}")[1]["t"]], market["tokens"])

    def test_dateHeader_showsTheSkew(self):
        _, headers, _ = self.venue.fetch(self.venue.ready["clob"] + "/ok", context=self.venue.tls)
        self.assertIn("GMT", headers["Date"])

    def test_keyset_allPagesOnce(self):
        seen, cursor = [], ""
        while True:
            status, value = self.venue.rest("gamma", f"/markets/keyset?limit=100&closed=false&order=volume24hr&ascending=false{cursor}")
            self.assertEqual(status, 200)
            seen += value["markets"]
            if "next_cursor" not in value:
                break
            cursor = f"&after_cursor={value['next_cursor']}"
        self.assertEqual(len({each["id"] for each in seen}), 230)
        volumes = [each["volume24hr"] for each in seen]
        self.assertEqual(volumes, sorted(volumes, reverse=True))
        self.assertIsInstance(json.loads(seen[0]["clobTokenIds"]), list)

    def test_keyset_refusals(self):
        for path in ("/markets/keyset?limit=101", "/markets/keyset?offset=1", "/events/keyset?after_cursor=zz", "/events/keyset?closed=perhaps"):
            self.assertEqual(self.venue.rest("gamma", path)[0], 422, path)
        self.assertEqual(self.venue.rest("gamma", "/events/slug/no-such")[0], 404)

    def test_gammaFilters(self):
        one, two = self.markets[0], self.markets[5]
        by_tokens = self.venue.rest("gamma", f"/markets?clob_token_ids={one['tokens'][0]}&clob_token_ids={two['tokens'][1]}")[1]
        self.assertEqual({each["conditionId"] for each in by_tokens}, {one["market"], two["market"]})
        self.assertEqual(len(self.venue.rest("gamma", f"/markets?condition_ids={one['market']}&condition_ids={two['market']}")[1]), 2)
        tag = self.venue.rest("gamma", "/tags/slug/crypto")[1]
        events = self.venue.rest("gamma", f"/events/keyset?tag_id={tag['id']}&limit=100")[1]["events"]
        self.assertTrue(events and all(each["tags"][0]["slug"] == "crypto" for each in events))
        self.assertEqual(self.venue.rest("gamma", f"/events/slug/{one['event']}")[1]["markets"][0]["conditionId"], one["market"])


class Users(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.venue = LocalVenue("--markets", 4, "--rate", 20, "--seed", 6, "--user-rate", 0)
        cls.addClassCleanup(cls.venue.__exit__)

    async def test_wrongCredentials_close(self):
        async with connected(self.venue, "user") as client:
            await client.send({"auth": {**KEYS, "secret": "no"}, "type": "user"})
            self.assertEqual((await client.closed())[0], 1008)

    async def test_stories(self):
        async with connected(self.venue, "user") as client:
            await client.send({"auth": KEYS, "type": "user", "markets": []})
            await client.send("PING")
            self.assertEqual(await client.text(), "PONG")
            await asyncio.to_thread(lambda: self.venue.control(do="user", kind="killed"))
            killed = await client.message("order")
            self.assertTrue(killed["status"].startswith("CANCELED_order couldn't") and killed["size_matched"] == "")
            await asyncio.to_thread(lambda: self.venue.control(do="user", kind="fill"))
            self.assertEqual((await client.message("order"))["type"], "PLACEMENT")
            trades = [await client.message("trade")]
            while trades[-1]["status"] != "CONFIRMED":
                trades.append(await client.message("trade"))
            self.assertEqual(len({each["id"] for each in trades}), 1)
            self.assertEqual(trades[0]["status"], "MATCHED")


if __name__ == "__main__":
    unittest.main()
