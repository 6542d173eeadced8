"""Faults of single messages: lost, broken, foreign, repeated, wrong; and markets that behave strangely."""

import asyncio

from websockets.frames import OP_BINARY

import pm_deep
import pm_wire as wire
from fixed import ONE

REPEAT_SECONDS_MAX = 0.1
PATIENCE_SECONDS = 5
NOISE = (
    "NO NEW ASSETS", "INVALID OPERATION", "\u0000\u0001\ufffdgarbage\u0007", '[1,"x",null,{}]', '{"market":"0xdead", "price_changes":[{"asset_id":"12',
    '"text"', "42", "{}", "[" * 200 + "]" * 200, "", "null", '{"event_type":"price_change"}', '{"event_type":"book", "asset_id":"1"}',
    '{"event_type":"last_trade_price", "market":"0x1", "asset_id":"2", "price":"", "size":"", "fee_rate_bps":"", "side":"", "timestamp":"1"}',
)


class DataFaults:
    """Faults of the data on a healthy socket."""

    async def do_omit_books(self, params, facts):
        """Whoever subscribes meanwhile does not get the first books of some tokens."""
        sockets = self.targets(params, facts, quiet=True)
        self.omit = frozenset(self.tokens(params, facts, sockets, 3)) if sockets or "tokens" in params else frozenset()
        facts.tell()
        for each in sockets:
            if not params.get("keep"):
                each.drop("fault omit_books")
        await self.wait(params, 3)
        self.omit = frozenset()

    async def do_lose(self, params, facts):
        """The next messages (`count`) about a market never reach a socket."""
        sockets = self.targets(params, facts)
        tokens = self.tokens(params, facts, sockets)
        count = facts["count"] = int(params.get("count", self.rng.choice((1, 1, 2, 5))))
        facts.tell()
        for each in sockets:
            each.lose_next.update(dict.fromkeys(tokens, count))
        await self.until(params, lambda: not any(each.open and any(each.lose_next.get(token) for token in tokens) for each in sockets))
        for each in sockets:
            for token in tokens:
                each.lose_next.pop(token, None)

    @staticmethod
    async def until(params, done):
        """Waits for something to have happened, not for ever."""
        end = asyncio.get_running_loop().time() + float(params.get("seconds", PATIENCE_SECONDS))
        while not done() and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.01)

    async def spoil(self, params, facts, how, sockets=None):
        """Lets `how(socket, message)` have the next message with book data of each socket."""
        sockets = self.targets(params, facts) if sockets is None else sockets
        facts.tell()
        for each in sockets:
            each.spoil.append(how)
        await self.until(params, lambda: not any(each.open and how in each.spoil for each in sockets))
        for each in sockets:
            if how in each.spoil:
                each.spoil.remove(how)

    async def do_bad_utf8(self, params, facts):
        """A text message with bytes that are no UTF-8; what it said is lost."""
        def how(socket, message):
            socket.lost(message, "bad_utf8")
            cut = self.rng.randrange(1, len(message.data) - 1)
            socket.write(message.data[:cut] + self.rng.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80")) + message.data[cut:])
        await self.spoil(params, facts, how)

    async def do_garbage(self, params, facts):
        """Something that no reader can use: `kind` is torn, noise, type, field, binary or value."""
        kind = facts["kind"] = params.get("kind") or self.rng.choice(("torn", "noise", "type", "field", "binary", "value"))
        await self.spoil(params, facts, getattr(self, "garbage_" + kind))

    def garbage_torn(self, socket, message):
        """JSON that ends in the middle; what it said is lost."""
        socket.lost(message, "torn")
        socket.write(message.data[:self.rng.randrange(12, len(message.data) - 1)])

    def garbage_noise(self, socket, message):
        """Control words and broken JSON that name nobody, then the message."""
        for text in self.rng.sample(NOISE, 4):
            socket.deliver(text.encode())
        socket.deliver(message.data, message.states, message)

    def garbage_type(self, socket, message):
        """A type that nobody has heard of, then the message."""
        value = {"market": message.value["market"], "asset_id": message.tokens[0], "shine": "0.5", "timestamp": message.value["timestamp"],
                 "event_type": "sparkle"}
        socket.deliver(wire.airy(value).encode())
        socket.deliver(message.data, message.states, message)

    def garbage_field(self, socket, message):
        """The message with fields that nobody has heard of."""
        value = {"shine": {"a": [1, "\u2028", None]}, **message.value, "sequel": "7"}
        if "price_changes" in value:
            value["price_changes"] = [{**each, "mood": None} for each in value["price_changes"]]
        socket.deliver(wire.airy(value).encode(), message.states, message)

    def garbage_binary(self, socket, message):
        """A binary message, then the true one."""
        if not socket.stall:
            socket.write(bytes(self.rng.randrange(256) for _ in range(300)), OP_BINARY)
        socket.deliver(message.data, message.states, message)

    def garbage_value(self, socket, message):
        """A change of this token with a value that cannot be, then the true message."""
        odd = self.rng.choice((
            {"size": "abc"}, {"price": "1.5"}, {"price": "0.1234567"}, {"size": "-5"}, {"side": "HOLD"}, {"size": "99999999999999999999"}))
        entry = {"asset_id": message.tokens[0], "price": "0.01", "size": "1", "side": "BUY", "hash": "0" * 40, "best_bid": "0.01", "best_ask": "0.99"}
        value = {"market": message.value["market"], "price_changes": [{**entry, **odd}], "timestamp": message.value["timestamp"],
                 "event_type": "price_change"}
        socket.deliver(wire.airy(value).encode())
        socket.deliver(message.data, message.states, message)

    async def do_hash_wrong(self, params, facts):
        """One message whose hash fits nothing; its levels are true."""
        def how(socket, message):
            wrong = f"{self.rng.getrandbits(160):040x}"
            value = dict(message.value)
            if "price_changes" in value:
                value["price_changes"] = [{**each, "hash": wrong} for each in value["price_changes"]]
            else:
                value["hash"] = wrong
            self.venue.truth.tell("hash_wrong", socket=socket.number, states=[list(each) for each in message.states])
            socket.deliver(wire.airy(value).encode(), message.states, message)
        await self.spoil(params, facts, how)

    async def do_fragments(self, params, facts):
        """The next messages (`count`) come one byte a frame, with pings between."""
        sockets = self.targets(params, facts)
        facts.tell()
        for each in sockets:
            each.fragments = int(params.get("count", 5))
        await self.until(params, lambda: not any(each.open and each.fragments for each in sockets))

    async def do_duplicates(self, params, facts):
        """The next messages (`count`) come twice within 120 ms; the market does not move between."""
        sockets = self.targets(params, facts)
        facts.tell()
        for each in sockets:
            each.repeat = int(params.get("count", 8))
        await self.until(params, lambda: not any(each.open and each.repeat for each in sockets))

    def repeat(self, socket, message):
        """A message comes again, at once or somewhat later; nothing happens in its market between."""
        if self.rng.randrange(3) == 0:
            socket.deliver(message.data)
            return
        market = self.venue.motion.of_token[message.tokens[0]]
        market.held += 1
        self.venue.later(self.repeat_later(socket, message, market))

    async def repeat_later(self, socket, message, market):
        """The second time."""
        try:
            await asyncio.sleep(self.rng.random() * REPEAT_SECONDS_MAX)
            if all(market.k[token] == k for token, k in message.states):
                socket.deliver(message.data)
        finally:
            market.held -= 1

    # Strange markets.

    async def still(self, params, facts):
        """A market with both sides in which nothing else happens from now on; whoever asked gives it back."""
        sockets = self.targets(params, facts)
        market = self.venue.motion.of_token[self.tokens(params, facts, sockets)[0]]
        facts.tell()
        await self.until({}, lambda: market.moves and None not in market.top())
        if not market.moves or None in market.top():
            return None
        market.held += 1
        return market

    async def do_crossed(self, params, facts):
        """Bid and ask cross for a moment: within one millisecond's messages, or for `seconds` (below one)."""
        market = await self.still(params, facts)
        if market is None:
            return
        try:
            _, ask = market.top()
            size = market.ladder.asks[ask]
            cross, heal = ("b", ask, size + ONE), self.rng.choice((("a", ask, 0), ("b", ask, 0)))
            if self.rng.randrange(2):
                self.venue.motion.commit(market, [[cross], [heal]])
            else:
                self.venue.motion.commit(market, [[cross]])
                await asyncio.sleep(min(0.9, float(params.get("seconds", self.rng.random() * 0.3))))
                self.venue.motion.commit(market, [[heal]])
        finally:
            market.held -= 1

    async def do_tick(self, params, facts):
        """The tick size changes; finer prices and a hash that knows it come before it is told."""
        market = await self.still(params, facts)
        if market is not None:
            try:
                tick = params.get("tick") or (1_000 if market.tick != 1_000 else self.rng.choice((10_000, 5_000)))
                await self.venue.motion.retick(market, tick)
            finally:
                market.held -= 1

    async def do_dump20mb(self, params, facts):
        """Books so deep that one frame has 20 MB; some seconds later the books are ordinary again."""
        await pm_deep.dump(self, params, facts)
