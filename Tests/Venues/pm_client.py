"""A small right reference client of the local Polymarket, for the self-test: MarketEvents on standard output, recovery by reconnecting.

It trusts nothing: every hash is recomputed, silence is timed, REST is asked whether a token has moved on. On any trouble it says so,
leaves the socket and begins anew.
"""

import argparse
import asyncio
import collections
import http.client
import json
import random
import ssl
import sys
import urllib.request

import websockets
from websockets.exceptions import WebSocketException

import venue_common
import pm_wire as wire
from fixed import ONE, millionths, short
from flow import Ladder
from venue_common import now_us

TICKS = (100_000, 10_000, 5_000, 2_500, 1_000, 100)
AUDIT_SECONDS = 2.0
DOUBT_SECONDS = 1.5
SIDES = {"BUY": "b", "SELL": "a"}


class Trouble(Exception):
    """Why a socket is left; `state` is what the feed says of it."""

    def __init__(self, reason, state="gap"):
        super().__init__(reason)
        self.state = state


class Mine:
    """What the client has of one token."""

    def __init__(self):
        self.book, self.ms, self.market, self.tick, self.last = None, 0, None, 10_000, None
        self.negative, self.doubt, self.behind, self.seq = None, None, None, 0


class Client:
    """One feed process: sockets one after the other."""

    def __init__(self, options):
        self.options = options
        self.tls = ssl.create_default_context(cafile=options.ca) if options.ca else None
        self.mine = collections.defaultdict(Mine)
        self.conn, self.trades, self.introduced, self.heard = 0, set(), set(), 0
        self.rng, self.over = random.Random(options.seed), collections.Counter()

    # Out.

    def emit(self, kind, us, token=None, **more):
        """One MarketEvent."""
        head = {"v": 1, "type": kind, "feed": "ref", "venue": "polymarket"}
        if token is not None:
            head["market"], head["instrument"] = self.mine[token].market, token
            if token not in self.introduced:
                self.introduced.add(token)
                sys.stdout.write(wire.dense({**head, "type": "instrument", "recv_us": us}) + "\n")
        head["conn"] = self.conn
        if kind in ("book_snapshot", "book_delta"):
            self.mine[token].seq += 1
            head["seq"] = self.mine[token].seq
        head["recv_us"] = us
        sys.stdout.write(wire.dense({**head, **more}) + "\n")

    def status(self, state, **more):
        """A word about the socket; after a break nothing is trusted from now on."""
        us = now_us()
        since = {"since_us": us} if state in ("gap", "stale", "disconnected") else {}
        self.emit("feed_status", us, state=state, **more, **since)

    @staticmethod
    def levels(side, falling):
        """Levels best first."""
        return [[wire.number(short(p)), wire.number(short(s))] for p, s in sorted(side.items(), reverse=falling)]

    # REST.

    def fetch(self, tokens):
        """POST /books, in a thread."""
        body = json.dumps([{"token_id": token} for token in tokens]).encode()
        with urllib.request.urlopen(urllib.request.Request(self.options.clob + "/books", data=body), timeout=5, context=self.tls) as answer:
            return json.loads(answer.read())

    async def audit(self):
        """Asks REST again and again whether a token has moved on without us."""
        while True:
            await asyncio.sleep(AUDIT_SECONDS)
            try:
                asked = set(self.wanted)
                books = await asyncio.to_thread(self.fetch, asked)
            except (OSError, ValueError, http.client.HTTPException):
                continue
            if not isinstance(books, list):
                continue
            for token in asked - {value["asset_id"] for value in books}:
                self.over[token] += 1
                if self.over[token] > 2:
                    self.forget([token])
            for value in books:
                mine = self.mine[value["asset_id"]]
                self.over[value["asset_id"]] = 0
                mine.negative = value["neg_risk"]
                if mine.book and mine.behind and mine.ms < mine.behind and "no-audit" not in self.options.defect:
                    raise Trouble("token silent")
                mine.behind = int(value["timestamp"]) if int(value["timestamp"]) > mine.ms else None

    def forget(self, tokens):
        """A market is over: its tokens are wanted no more."""
        for token in tokens:
            self.wanted.pop(token, None)

    # In.

    def take(self, text, us):
        """One text frame."""
        if text in ("PONG", "NO NEW ASSETS", "INVALID OPERATION", "[]\n"):
            return
        try:
            value = json.loads(text)
        except ValueError:
            raise Trouble("malformed frame") from None
        self.heard = asyncio.get_running_loop().time()
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                try:
                    self.message(each, us)
                except (KeyError, ValueError, TypeError, AttributeError):
                    raise Trouble("broken message") from None

    def message(self, value, us):
        """One message."""
        kind = value.get("event_type")
        if kind == "book" and value["asset_id"] in self.wanted:
            self.whole(value, us)
        elif kind == "price_change":
            self.changes(value, us)
        elif kind == "last_trade_price" and value["asset_id"] in self.wanted:
            self.trade(value, us)
        elif kind == "market_resolved":
            self.forget(value["assets_ids"])
        elif kind == "tick_size_change" and value["asset_id"] in self.wanted:
            self.mine[value["asset_id"]].tick = millionths(value["new_tick_size"])

    @property
    def wanted(self):
        """The tokens that are shown."""
        return self.options.tokens

    def whole(self, value, us):
        """A book."""
        token = value["asset_id"]
        mine = self.mine[token]
        first = mine.book is None
        mine.book, mine.market, mine.ms, mine.doubt = Ladder(), value["market"], int(value["timestamp"]), None
        for side, name in (("b", "bids"), ("a", "asks")):
            for level in value[name]:
                mine.book.put(side, millionths(level["price"]), millionths(level["size"]))
        if "tick_size" in value:
            mine.tick = millionths(value["tick_size"])
            mine.last = millionths(value["last_trade_price"]) if value["last_trade_price"] else None
        bids, asks = self.levels(mine.book.bids, True), self.levels(mine.book.asks, False)
        self.emit("book_snapshot", us, token, venue_us=mine.ms * 1000, bids=bids, asks=asks, reason="initial" if first else "refresh")

    def changes(self, value, us):
        """A price_change: all entries of a token are one line."""
        stated, hashes = {}, {}
        for entry in value["price_changes"]:
            if entry["asset_id"] in self.wanted:
                size = millionths(entry["size"])
                price = millionths(entry["price"])
                if not 0 < price < ONE or size < 0:
                    raise ValueError("no such price or size")
                stated.setdefault(entry["asset_id"], []).append((SIDES[entry["side"]], price, size))
                hashes[entry["asset_id"]] = entry["hash"]
        for token, levels in stated.items():
            mine = self.mine[token]
            if mine.book is None or int(value["timestamp"]) < mine.ms:
                continue
            mine.ms = int(value["timestamp"])
            for level in levels:
                mine.book.put(*level)
            sides = {side: {price: size for which, price, size in levels if which == side} for side in "ba"}
            self.emit("book_delta", us, token, venue_us=mine.ms * 1000, bids=self.levels(sides["b"], True), asks=self.levels(sides["a"], False))
            self.verify(token, mine, hashes[token], {price for _, price, _ in levels})

    def verify(self, token, mine, stated, prices):
        """Suspicion while hashes disagree; a burst's last message, a trade's price or a new tick settles it."""
        now = asyncio.get_running_loop().time()
        if "no-hash" in self.options.defect:
            return
        negatives = (False, True) if mine.negative is None else (mine.negative,)
        for last in [mine.last, *sorted(prices)]:
            for tick in dict.fromkeys((mine.tick, *TICKS)):
                for negative in negatives:
                    if wire.book_hash(mine.market, token, mine.ms, mine.book, tick, negative, last) == stated:
                        mine.doubt, mine.tick, mine.last, mine.negative = None, tick, last, negative
                        return
        if mine.doubt is None:
            mine.doubt = now
        elif now - mine.doubt > DOUBT_SECONDS:
            raise Trouble("hash mismatch")

    def trade(self, value, us):
        """A print, once."""
        token = value["asset_id"]
        price, size, side = millionths(value["price"]), millionths(value["size"]), value["side"].lower()
        self.mine[token].last = price
        key = (value["transaction_hash"], token, price, size, side)
        if key not in self.trades:
            self.trades.add(key)
            self.mine[token].market = value["market"]
            self.emit("trade", us, token, venue_us=int(value["timestamp"]) * 1000, price=wire.number(short(price)), size=wire.number(short(size)),
                      aggressor_side=side, tx=value["transaction_hash"])

    # Sockets.

    async def session(self):
        """One socket, until something is wrong."""
        socket = await websockets.connect(self.options.ws, ssl=self.tls, max_size=64 << 20, max_queue=None, ping_interval=None, close_timeout=0.2,
                                          open_timeout=5, compression=None)
        self.status("connecting")
        tasks = []
        try:
            await socket.send(json.dumps({"assets_ids": list(self.wanted), "type": "market", "initial_dump": True, "level": 2,
                                          "custom_feature_enabled": True}))
            self.heard = asyncio.get_running_loop().time()
            tasks = [asyncio.ensure_future(each) for each in (self.read(socket), self.beat(socket), self.audit())]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            socket.transport.abort()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def read(self, socket):
        """Frames as they come."""
        live = False
        while True:
            data = await socket.recv()
            if isinstance(data, str):
                self.take(data, now_us())
                if not live and all(self.mine[token].book for token in self.wanted):
                    live = True
                    self.status("live")

    async def beat(self, socket):
        """PING, silence, books that never came."""
        loop, start = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        while True:
            await socket.send("PING")
            await asyncio.sleep(0.5)
            if loop.time() - self.heard > self.options.stale_after and "no-silence" not in self.options.defect:
                raise Trouble("silence", "stale")
            if loop.time() - start > 3 and any(self.mine[token].book is None for token in self.wanted):
                raise Trouble("books missing")
            if any(mine.doubt and loop.time() - mine.doubt > 2 * DOUBT_SECONDS for mine in self.mine.values()):
                raise Trouble("hash mismatch")

    async def run(self):
        """Socket after socket, until the time is over."""
        loop = asyncio.get_running_loop()
        end, wait = loop.time() + self.options.seconds, 0.2
        while loop.time() < end:
            self.conn += 1
            began, said = loop.time(), False
            try:
                await asyncio.wait_for(self.session(), end - loop.time())
            except Trouble as trouble:
                self.status(trouble.state, reason=str(trouble))
                said = True
            except asyncio.TimeoutError:
                pass
            except (OSError, WebSocketException, EOFError):
                said = True
            if said or loop.time() < end:
                self.status("disconnected")
            for mine in self.mine.values():
                mine.book, mine.doubt, mine.behind = None, None, None
            wait = 0.2 if loop.time() - began > 3 else min(2.0, wait * 2)
            await asyncio.sleep(min(wait * self.rng.random(), max(0, end - loop.time())))
        self.status("stopped")


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name in ("ws", "clob"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--ca")
    parser.add_argument("--tokens", required=True, type=lambda text: dict.fromkeys(text.split(",")))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--stale-after", type=float, default=3)
    parser.add_argument("--defect", action="append", default=[], help="no-hash, no-silence, no-audit: what a careless client leaves out")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    assert venue_common
    asyncio.run(Client(arguments()).run())
