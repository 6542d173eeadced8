"""Drives kalshi-sdk and pykalshi with Kalshi's frames, and holds their books at the end against the venue's."""

import asyncio
import types
from decimal import Decimal

from peer_frames import clock, need, since, timed


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


def subscribed(client, kalshi):
    """Enters the subscriptions as `subscribe` does after the venue's answer; gives the frames that are no answers."""
    from kalshi.ws.backpressure import MessageQueue
    from kalshi.ws.channels import Subscription
    frames = []
    for text, value in zip(kalshi.texts, kalshi.values):
        if value["type"] == "subscribed":
            sub = Subscription(value["msg"]["sid"], value["msg"]["channel"], {}, MessageQueue(maxsize=1000))
            sub.server_sid = value["msg"]["sid"]
            client._sub_mgr._subscriptions[sub.client_id] = sub
            client._sub_mgr._sid_to_client[sub.server_sid] = sub.client_id
        elif value["type"] != "ok":
            frames.append((text, value))
    return frames


def started():
    """A client as its `_start` leaves it, but for the socket."""
    from kalshi.config import KalshiConfig
    from kalshi.ws.channels import SubscriptionManager
    from kalshi.ws.client import KalshiWebSocket
    from kalshi.ws.dispatch import MessageDispatcher
    from kalshi.ws.orderbook import OrderbookManager
    from kalshi.ws.sequence import SequenceTracker

    async def gap(found):
        need(False, f"kalshi-sdk saw a gap: {found}")
    client = KalshiWebSocket(auth=None, config=KalshiConfig())
    client._sub_mgr = SubscriptionManager(None, json_loads=client._json_loads)
    client._seq_tracker = SequenceTracker(on_gap=gap)
    client._orderbook_mgr = OrderbookManager()
    client._dispatcher = MessageDispatcher(sub_mgr=client._sub_mgr, seq_tracker=client._seq_tracker, orderbook_mgr=client._orderbook_mgr)
    return client


async def processed(kalshi):
    """kalshi-sdk's work for each frame."""
    client = started()
    frames = subscribed(client, kalshi)
    refused, process, taken = set(), client._process_frame, 0
    began = clock()
    for text, value in frames:
        try:
            await process(text)
            taken += 1
        except ValueError:
            refused.add(value["msg"]["market_ticker"])
    seconds = since(began)
    need(taken > 0.99 * len(frames), f"kalshi-sdk took {taken} of {len(frames)} frames")
    queued = sum(sub.queue.qsize() for sub in client._sub_mgr._subscriptions.values())
    need(queued > 0, "kalshi-sdk dispatched nothing")

    def found(ticker):
        book = client._orderbook_mgr.get(ticker)
        return book and ({level.price: level.quantity for level in book.yes}, {level.price: level.quantity for level in book.no})
    same_books("kalshi-sdk", kalshi, found, refused)
    return seconds


def kalshi_sdk(kalshi):
    """The same, from outside."""
    return asyncio.run(processed(kalshi))


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
