"""What Python's clients need for the same frames: run by the interpreter of `.build/bench-peers`, which `make bench-peers` makes.

The raw frames are taken out of the recordings first, outside the timing; there is no socket, so all that is left is what the client does
with a message. Driven are the functions that the clients themselves call for each message that comes:

  polymarket-client, parse   `json.loads`, then `streams.clob.market_protocol.parse_events` (as `_read_loop` and `_on_message` do)
  polymarket-client, client  `json.loads`, then `ClobMarketStreamManager._on_message`: also matches the subscription and fills its queue
  msgspec, orjson, json      the untyped decoding alone
  kalshi-sdk                 `KalshiWebSocket._process_frame`: sequence, book, dispatch into the subscription's queue
  pykalshi                   `Feed._dispatch` with a handler that keeps an `OrderbookManager` a ticker, as its page shows

A package that is not installed is left out and named in `missing`. One that is there and does not do what is driven here, or has not
done the work, ends the whole run with an error: a peer that skips its work would flatter us.

usage: PYTHON peers.py --polymarket REC --kalshi REC [--frames 50000] [--only NAME,…]      (prints one JSON object)
"""

import argparse
import asyncio
import importlib.metadata
import json
import logging
import sys
import time
import types
from decimal import Decimal

PACKAGES = {"polymarket-client": "0.14.0", "msgspec": "0.22.0", "orjson": "3.13.0", "kalshi-sdk": "22.4.0", "pykalshi": "2.0.0"}


class Recording:
    """The JSON frames of a recording's first connection, and what the bench knows about them without any peer."""

    def __init__(self, path, limit):
        self.texts, self.values, self.yes_prices, whole = [], [], None, True
        with open(path, encoding="utf-8") as file:
            for line in file:
                value = json.loads(line)
                if "sent" in value and '"use_yes_price":' in value["sent"]:
                    self.yes_prices = '"use_yes_price":true' in value["sent"]
                text = value.get("raw", "")
                if text[:1] not in ("{", "["):
                    continue
                if limit and len(self.texts) == limit:
                    whole = False
                    break
                self.texts.append(text)
                self.values.append(json.loads(text))
        self.bytes = [text.encode() for text in self.texts]
        self.messages = [message for value in self.values for message in (value if isinstance(value, list) else [value])]
        self.books = None
        if whole:
            with open(path + ".books", encoding="utf-8") as file:
                self.books = json.load(file)


def need(condition, text):
    """A peer must have done the work."""
    if not condition:
        raise SystemExit(f"peers.py: {text}")


def timed(frames, act):
    """Seconds of one act for each frame."""
    began = time.perf_counter()
    for frame in frames:
        act(frame)
    return time.perf_counter() - began


def decoder(name, pm):
    """Untyped decoding, checked against json's on every hundredth frame."""
    if name == "json":
        act, frames = json.loads, pm.texts
    elif name == "orjson":
        import orjson
        act, frames = orjson.loads, pm.bytes
    else:
        import msgspec
        act, frames = msgspec.json.decode, pm.bytes
    for index in range(0, len(frames), 100):
        need(act(frames[index]) == pm.values[index], f"{name} read frame {index} otherwise than json")
    return timed(frames, act)


def polymarket_parse(pm):
    """The official client's way from text to its typed events."""
    from polymarket._internal.streams.clob.market_protocol import parse_events
    count, changes, lost = 0, 0, 0

    def act(text):
        nonlocal count, changes, lost
        events, dropped = parse_events(json.loads(text))
        count += len(events)
        lost += dropped
    seconds = timed(pm.texts, act)
    need(lost == 0 and count == len(pm.messages), f"polymarket-client made {count} events of {len(pm.messages)} messages and dropped {lost}")
    for text, value in zip(pm.texts[:2_000], pm.values[:2_000]):
        if isinstance(value, dict) and value["event_type"] == "price_change":
            event = parse_events(json.loads(text))[0][0]
            changes += 1
            need([Decimal(each["price"]) for each in value["price_changes"]] == [Decimal(each.price) for each in event.payload.price_changes],
                 "polymarket-client's price changes are not the frame's")
    need(changes > 0, "no price_change among the frames")
    return seconds


def polymarket_client(pm):
    """The official client's whole way from text into a subscription's queue."""
    from polymarket._internal.streams.clob.market import ClobMarketStreamManager
    from polymarket._internal.streams.clob.market_protocol import MarketSubscription, match_for
    from polymarket._internal.streams.handle import AsyncSubscriptionHandle

    async def run():
        manager = ClobMarketStreamManager(url="ws://127.0.0.1:1")
        tokens = {message["asset_id"] for message in pm.messages if "asset_id" in message}
        tokens |= {each["asset_id"] for message in pm.messages for each in message.get("price_changes", ())}
        sub = MarketSubscription(token_ids=tuple(tokens), custom_feature_enabled=True)
        handle = AsyncSubscriptionHandle(queue_size=1024)
        manager._registry.add(sub=sub, matcher=match_for(sub), handle=handle)
        seconds = timed(pm.texts, lambda text: manager._on_message(json.loads(text)))
        need(manager.dropped_events == 0, f"polymarket-client dropped {manager.dropped_events} events")
        queued = handle.dropped + handle._queue.qsize()
        need(queued == len(pm.messages), f"polymarket-client queued {queued} events of {len(pm.messages)} messages")
        return seconds
    return asyncio.run(run())


def same_books(name, kalshi, found, refused):
    """Compares the books at the end of the recording, but for those that may differ: of what the client refused, and of the last frame."""
    if kalshi.books is None:
        return
    last = kalshi.messages[-1].get("msg", {}).get("market_ticker")
    equal = 0
    for ticker, (bids, asks) in kalshi.books.items():
        yes = {Decimal(price) / 1_000_000: Decimal(size) / 1_000_000 for price, size in bids.items()}
        no = {(Decimal(price) if kalshi.yes_prices else 1_000_000 - Decimal(price)) / 1_000_000: Decimal(size) / 1_000_000 for price, size in asks.items()}
        if (yes, no) == found(ticker):
            equal += 1
        else:
            need(ticker in refused or ticker == last, f"{name}'s book of {ticker} is not the venue's")
    need(equal > 0, f"none of {name}'s books is the venue's")


def kalshi_sdk(kalshi):
    """kalshi-sdk's work for each frame; subscriptions are entered as its `subscribe` does after the venue's answer."""
    from kalshi.config import KalshiConfig
    from kalshi.ws.backpressure import MessageQueue
    from kalshi.ws.channels import Subscription, SubscriptionManager
    from kalshi.ws.client import KalshiWebSocket
    from kalshi.ws.dispatch import MessageDispatcher
    from kalshi.ws.orderbook import OrderbookManager
    from kalshi.ws.sequence import SequenceTracker

    async def gap(found):
        need(False, f"kalshi-sdk saw a gap: {found}")

    async def run():
        client = KalshiWebSocket(auth=None, config=KalshiConfig())
        client._sub_mgr = SubscriptionManager(None, json_loads=client._json_loads)
        client._seq_tracker = SequenceTracker(on_gap=gap)
        client._orderbook_mgr = OrderbookManager()
        client._dispatcher = MessageDispatcher(sub_mgr=client._sub_mgr, seq_tracker=client._seq_tracker, orderbook_mgr=client._orderbook_mgr)
        puts, frames = 0, []
        for text, value in zip(kalshi.texts, kalshi.values):
            if value["type"] == "subscribed":
                sub = Subscription(value["msg"]["sid"], value["msg"]["channel"], {}, MessageQueue(maxsize=1000))
                sub.server_sid = value["msg"]["sid"]
                client._sub_mgr._subscriptions[sub.client_id] = sub
                client._sub_mgr._sid_to_client[sub.server_sid] = sub.client_id
            elif value["type"] != "ok":
                frames.append((text, value))
        refused, process = set(), client._process_frame
        began = time.perf_counter()
        for text, value in frames:
            try:
                await process(text)
                puts += 1
            except ValueError:
                refused.add(value["msg"]["market_ticker"])
        seconds = time.perf_counter() - began
        need(puts > 0.99 * len(frames), f"kalshi-sdk took {puts} of {len(frames)} frames")
        kept = sum(sub.queue.qsize() for sub in client._sub_mgr._subscriptions.values())
        need(kept > 0, "kalshi-sdk dispatched nothing")

        def found(ticker):
            book = client._orderbook_mgr.get(ticker)
            return book and ({level.price: level.quantity for level in book.yes}, {level.price: level.quantity for level in book.no})
        same_books("kalshi-sdk", kalshi, found, refused)
        return seconds
    return asyncio.run(run())


def pykalshi(kalshi):
    """pykalshi's work for each frame."""
    from pykalshi.feed import Feed, OrderbookSnapshotMessage
    from pykalshi.orderbook import OrderbookManager
    feed, books, count = Feed(types.SimpleNamespace(api_base="https://127.0.0.1/demo")), {}, 0

    def handle(message):
        nonlocal count
        count += 1
        ticker = message.market_ticker
        if ticker not in books:
            books[ticker] = OrderbookManager(ticker)
        if isinstance(message, OrderbookSnapshotMessage):
            books[ticker].apply_snapshot(message.yes_dollars, message.no_dollars)
        else:
            books[ticker].apply_delta(message.side, message.price_dollars, message.delta_fp)
    feed.on("orderbook_delta", handle)
    others = {"trade": 0, "ticker": 0}
    for channel in others:
        feed.on(channel, lambda message, channel=channel: others.__setitem__(channel, others[channel] + 1))
    seconds = timed(kalshi.texts, feed._dispatch)
    expected = sum(message["type"] in ("orderbook_snapshot", "orderbook_delta") for message in kalshi.messages)
    need(count == expected, f"pykalshi handled {count} of {expected} book messages")
    need(others["trade"] == sum(message["type"] == "trade" for message in kalshi.messages), "pykalshi did not handle every trade")

    def found(ticker):
        book = books.get(ticker)
        return book and tuple({Decimal(price): Decimal(size) for price, size in side.items()} for side in (book.yes, book.no))
    same_books("pykalshi", kalshi, found, set())
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--polymarket", required=True)
    parser.add_argument("--kalshi", required=True)
    parser.add_argument("--frames", type=int, default=0, help="of each venue; 0 for all")
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    pm, kalshi = Recording(args.polymarket, args.frames), Recording(args.kalshi, args.frames)
    works = {
        "polymarket-client, parse": ("polymarket-client", pm, polymarket_parse), "polymarket-client, client": ("polymarket-client", pm, polymarket_client),
        "msgspec": ("msgspec", pm, lambda frames: decoder("msgspec", frames)), "orjson": ("orjson", pm, lambda frames: decoder("orjson", frames)),
        "json": (None, pm, lambda frames: decoder("json", frames)), "kalshi-sdk": ("kalshi-sdk", kalshi, kalshi_sdk), "pykalshi": ("pykalshi", kalshi, pykalshi),
    }
    results, missing = {}, []
    for name, (package, frames, work) in works.items():
        try:
            version = importlib.metadata.version(package) if package else sys.version.split()[0]
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        need(package is None or version == PACKAGES[package], f"{package} {version} is installed, not {PACKAGES.get(package)}")
        results[name] = {"version": version, "frames": len(frames.texts), "seconds": work(frames)}
    json.dump({"python": sys.version.split()[0], "results": results, "missing": missing}, sys.stdout)


if __name__ == "__main__":
    main()
