"""A small right feed for the self-test: live sessions with the local Kalshi, MarketEvents on stdout, recovery as the dossier's §4 has it.

Its mapping is that of the oracle's reference feed; it shares nothing with the tools but the documents. `--wrong NAME` makes it wrong on purpose.
"""

import argparse
import asyncio
import json
import logging
import ssl
import sys
import time
import urllib.parse
import urllib.request

import ks_world  # noqa: F401  first: it finds the oracle's modules
import websockets
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import ks_auth
from reffeed import Mil
from reffeed_ks import KalshiFeed, micros, millionths
from ks_socket import PATH

CHANNELS = ("orderbook_delta", "trade", "market_lifecycle_v2")
CHUNK = 50
WRONG = ("ignores gaps", "ignores repeats", "keeps books over a reconnect", "never asks again", "takes a change for a size", "says nothing of a close")


def wall_us():
    """Microseconds since 1970."""
    return time.time_ns() // 1000


class Mapper(KalshiFeed):
    """Frames to lines, with what only a live feed needs: trades once, results, and the ways of being wrong."""

    def __init__(self, out, yes_prices, wrong):
        self.wrong, self.told, self.lost_trades, self.surprise = wrong, set(), False, None
        super().__init__(out)
        self.yes_prices = yes_prices

    def received(self, text, us):
        """One frame; whatever it is, the feed lives on."""
        if self.wrong in ("ignores gaps", "ignores repeats"):
            self.misread(text)
        try:
            super().received(text, us)
        except (RecursionError, KeyError, TypeError, ValueError, AttributeError):
            return

    def misread(self, text):
        """Makes the next number look like the right one."""
        try:
            value = json.loads(text)
            sid, seq = value.get("sid"), value.get("seq")
            repeated = sid in self.last and seq is not None and seq <= self.last[sid]
            if sid in self.last and seq is not None and repeated == (self.wrong == "ignores repeats"):
                self.last[sid] = seq - 1
        except (ValueError, TypeError, AttributeError, RecursionError):
            pass

    def status(self, state, us, **payload):
        """Remembers that trades were lost."""
        if state == "gap" and payload.get("instruments") == []:
            self.lost_trades = True
        if self.wrong == "says nothing of a close" and state == "disconnected":
            return
        super().status(state, us, **payload)

    def forget_all(self):
        """Every book is unknown."""
        if self.wrong != "keeps books over a reconnect":
            super().forget_all()

    def whole(self, msg, us, asked):
        """A snapshot; one that differs from a known book is a surprise."""
        before = self.books.get(msg["market_ticker"])
        super().whole(msg, us, asked)
        if before is not None and before != self.books[msg["market_ticker"]]:
            self.surprise = msg["market_ticker"]

    def change(self, msg, us):
        """A signed change, or what a hasty reader takes it for."""
        if self.wrong == "takes a change for a size" and msg["delta_fp"][0] != "-" and msg["market_ticker"] in self.books:
            price = millionths(msg["price_dollars"])
            if msg["side"] == "no" and not self.yes_prices:
                price = 1_000_000 - price
            self.books[msg["market_ticker"]][0 if msg["side"] == "yes" else 1].pop(price, None)
        super().change(msg, us)

    def trade(self, msg, us):
        """A print, once."""
        if msg["trade_id"] not in self.told and msg["taker_outcome_side"] in ("yes", "no"):
            super().trade(msg, us)
            self.told.add(msg["trade_id"])


class Session:
    """Sockets one after the other, commands and their answers, and the care for what is not known."""

    def __init__(self, options):
        self.options = options
        self.feed = Mapper(Out(), options.yes_prices, options.wrong)
        self.tickers = options.tickers.split(",")
        self.settled, self.conns, self.ws = set(), 0, None
        self.commands, self.answers, self.live = 0, {}, False
        self.data_us, self.turn = 0, 0
        self.context = ssl.create_default_context(cafile=options.ca) if options.ca else None
        with open(options.key_file, "rb") as file:
            self.key = load_pem_private_key(file.read(), None)

    # REST.

    def get(self, path):
        """One GET, in a thread."""
        with urllib.request.urlopen(self.options.rest + path, context=self.context, timeout=5) as answer:
            return json.loads(answer.read())

    async def fetch(self, path, tries=20):
        """A GET that is tried again; None at last."""
        for _ in range(tries):
            try:
                return await asyncio.to_thread(self.get, path)
            except (OSError, ValueError):
                await asyncio.sleep(0.5)
        return None

    async def fill_trades(self):
        """Trades that were lost on the wire, from REST."""
        self.feed.lost_trades = False
        since = wall_us() // 1_000_000 - 10
        body = await self.fetch(f"/markets/trades?limit=1000&min_ts={since}")
        for each in reversed((body or {}).get("trades", [])):
            if each["ticker"] in self.tickers:
                stamp = micros(each["created_time"])
                msg = {**each, "market_ticker": each["ticker"], "ts_ms": stamp // 1000}
                self.feed.trade(msg, wall_us())

    # Connections.

    async def run(self):
        """Until the end of the process."""
        listing = await self.fetch("/markets?limit=1000&tickers=" + urllib.parse.quote(",".join(self.tickers)))
        if listing:
            self.feed.fetched("/markets", listing, wall_us())
        failures = 0
        while True:
            lived = await self.connect()
            failures = 0 if lived else failures + 1
            await asyncio.sleep(min(0.1 * 2 ** failures, 2))

    async def connect(self):
        """One socket's life; whether there was any."""
        self.conns += 1
        self.feed.conn, self.live, self.answers = self.conns, False, {}
        self.feed.begin()
        self.feed.status("connecting", wall_us())
        try:
            headers = ks_auth.headers(self.options.key_id, self.key, wall_us() // 1000, "GET", PATH)
            secure = {"ssl": self.context} if self.options.ws.startswith("wss") else {}
            self.ws = await websockets.connect(self.options.ws, extra_headers=headers, max_size=None, ping_interval=None, close_timeout=0.3,
                                               open_timeout=3, compression=None, **secure)
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException, EOFError) as wrong:
            self.feed.status("disconnected", wall_us(), reason=type(wrong).__name__)
            return False
        self.data_us = wall_us()
        caring = asyncio.create_task(self.care())
        try:
            async for message in self.ws:
                if isinstance(message, str):
                    self.take(message, wall_us())
        except websockets.ConnectionClosed:
            pass
        caring.cancel()
        self.feed.status("disconnected", wall_us(), reason=f"close {self.ws.close_code}")
        self.feed.forget_all()
        return self.live

    def take(self, message, us):
        """A text frame: answers to whom they belong, everything to the mapper."""
        self.data_us = us
        try:
            value = json.loads(message)
            waiter = self.answers.get(value.get("id"))
            kind, msg = value.get("type"), value.get("msg")
            if kind == "error" and waiter is None and isinstance(msg, dict) and msg.get("code") == 13:
                waiter = next(iter(self.answers.values()), None)  # an error that can lack its id
            if kind == "market_lifecycle_v2":
                self.lifecycle(msg, us)
        except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
            waiter = None
        self.feed.received(message, us)
        if waiter is not None and not waiter.done():
            waiter.set_result(value)
        missing = self.missing()
        if not missing and not self.live:
            self.live = True
            self.feed.status("live", wall_us())

    def lifecycle(self, msg, us):
        """The result of a market."""
        ticker = msg.get("market_ticker")
        if msg.get("event_type") == "determined" and ticker in self.tickers:
            self.settled.add(ticker)
            self.feed.line("resolution", us, ticker, ticker, settlement_price=Mil(millionths(msg["settlement_value"])))

    # Commands.

    def missing(self):
        """Tickers whose book is not known and should be."""
        return [each for each in self.tickers if each not in self.feed.books and each not in self.settled]

    async def ask(self, cmd, params, seconds=2):
        """Sends a command and waits for its first answer; None if there is none in time, or an error."""
        self.commands += 1
        identity = self.commands
        waiter = self.answers[identity] = asyncio.get_running_loop().create_future()
        await self.ws.send(json.dumps({"id": identity, "cmd": cmd, "params": params}))
        try:
            answer = await asyncio.wait_for(waiter, seconds)
            return answer if answer["type"] != "error" else None
        except asyncio.TimeoutError:
            return None
        finally:
            self.answers.pop(identity, None)

    def sid(self, channel):
        """The open sid of a channel, or None."""
        return next((sid for sid, each in self.feed.channel.items() if each == channel), None)

    async def subscribe(self, channel):
        """Opens a channel, in chunks; False if the venue does not answer."""
        filtered = channel != "market_lifecycle_v2"
        chunks = [self.tickers[i:i + CHUNK] for i in range(0, len(self.tickers), CHUNK)] if filtered else [None]
        for chunk in chunks:
            params = {"channels": [channel], "skip_ticker_ack": True, "use_yes_price": self.options.yes_prices}
            if chunk:
                params["market_tickers"] = chunk
            if await self.ask("subscribe", params) is None:
                return False
        return True

    async def renew(self, channel):
        """Closes a channel and opens it again."""
        sid = self.sid(channel)
        if sid is not None and await self.ask("unsubscribe", {"sids": [sid]}) is None:
            return False
        return await self.subscribe(channel)

    async def care(self):
        """Asks for what is missing, looks after what is quiet, gives a dead socket up."""
        try:
            while await self.cared():
                await asyncio.sleep(0.05)
        except websockets.ConnectionClosed:
            return
        self.ws.transport.abort()

    async def cared(self):
        """One round; False gives the socket up."""
        if self.options.wrong == "never asks again" and self.live:
            return True
        if wall_us() - self.data_us > self.options.patience * 1_000_000:
            self.feed.status("stale", wall_us(), since_us=self.data_us)
            self.feed.forget_all()
            return False
        for channel in CHANNELS:
            if self.sid(channel) is None and not await self.subscribe(channel):
                return False
        await asyncio.sleep(0.2 if not self.live else 0)
        missing = self.missing()
        if missing and not await self.snapshots(missing[:CHUNK]):
            return await self.renew("orderbook_delta")
        if self.feed.lost_trades:
            await self.fill_trades()
        self.turn += 1
        return self.turn % 20 != 0 or await self.audit()

    async def snapshots(self, tickers):
        """Fresh books; False if they do not come."""
        params = {"sid": self.sid("orderbook_delta"), "action": "get_snapshot", "market_tickers": tickers}
        if params["sid"] is None or await self.ask("update_subscription", params) is None:
            return False
        for _ in range(20):
            if not set(tickers) & set(self.missing()):
                return True
            await asyncio.sleep(0.05)
        return False

    async def audit(self):
        """One book and the trade channel are asked whether they live. A book that changed unseen is added anew."""
        ticker = self.tickers[self.turn // 20 % len(self.tickers)]
        before = self.feed.books.get(ticker)
        sid, trades = self.sid("orderbook_delta"), self.sid("trade")
        if before is not None and sid is not None:
            answer = await self.ask("update_subscription", {"sid": sid, "action": "get_snapshot", "market_tickers": [ticker]})
            if answer is None:
                return await self.renew("orderbook_delta")
            if self.feed.surprise:
                self.feed.surprise = None
                for action in ("delete_markets", "add_markets"):
                    if await self.ask("update_subscription", {"sid": sid, "action": action, "market_tickers": [ticker]}) is None:
                        return await self.renew("orderbook_delta")
        if trades is not None and await self.ask("update_subscription", {"sid": trades, "action": "add_markets", "market_tickers": [ticker]}) is None:
            return await self.renew("trade")
        return True


class Out(list):
    """Lines to standard output at once."""

    def append(self, text):
        """One line."""
        sys.stdout.write(text)
        sys.stdout.flush()


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--ws", "--rest", "--key-id", "--key-file", "--tickers"):
        parser.add_argument(name, required=True)
    parser.add_argument("--ca")
    parser.add_argument("--yes-prices", action="store_true")
    parser.add_argument("--patience", type=float, default=30)
    parser.add_argument("--wrong", choices=WRONG)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # the libraries' remarks about connections that were cut
    session = Session(options)
    try:
        asyncio.run(session.run())
    except KeyboardInterrupt:
        session.feed.line("feed_status", wall_us(), conn=False, state="stopped")


if __name__ == "__main__":
    main()
