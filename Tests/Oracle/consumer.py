"""A reader of MarketEvents that does what the contract says about books, and nothing else."""

import json
from decimal import Decimal

from fixed import ONE


def mil(number):
    """A JSON number as millionths; a ValueError if it does not fit."""
    scaled = number * ONE
    if isinstance(number, bool) or scaled != int(scaled):
        raise ValueError(f"not a number of millionths: {number}")
    return int(scaled)


def parse(text):
    """An event, its decimals exact."""
    return json.loads(text, parse_float=Decimal)


class Book:
    """What the stream has said of one instrument."""

    def __init__(self):
        self.known, self.conn, self.seq, self.bids, self.asks = False, None, None, {}, {}
        self.doubt = None  # the state of the feed_status line that made it unknown


class Consumer:
    """Books by instrument; `complain(text)` is called where the stream breaks the contract."""

    def __init__(self, complain):
        self.complain, self.books, self.introduced = complain, {}, set()
        self.snapshot_conns = {}  # instrument -> conns on which it had a snapshot

    def take(self, event):
        """Plays one event; gives the instruments whose book it touched."""
        kind = event["type"]
        instrument = event.get("instrument")
        if kind == "instrument":
            self.introduced.add(instrument)
        elif instrument is not None and instrument not in self.introduced:
            self.introduced.add(instrument)
            self.complain(f"{kind} of {instrument} before its instrument line")
        if kind in ("book_snapshot", "book_delta"):
            self.sides(event, instrument)
            return [instrument]
        if kind == "feed_status" and event["state"] in ("gap", "stale", "resyncing", "disconnected"):
            return self.doubt(event)
        return []

    def doubt(self, event):
        """A break: the books it concerns are unknown until their next snapshot."""
        if "instruments" in event:
            concerned = [each for each in event["instruments"] if each in self.books]
        else:
            conn = event.get("conn")
            concerned = [each for each, book in self.books.items() if conn is None or book.conn == conn]
        for each in concerned:
            self.books[each].known = False
            self.books[each].doubt = event["state"]
        return concerned

    def sides(self, event, instrument):
        """A snapshot replaces, a delta changes levels."""
        book = self.books.setdefault(instrument, Book())
        if book.seq is not None and event["seq"] != book.seq + 1:
            self.complain(f"seq of {instrument} is {event['seq']} after {book.seq}")
            book.known = False
        if book.seq is None and event["seq"] != 1:
            self.complain(f"seq of {instrument} begins with {event['seq']}")
        book.seq = event["seq"]
        sides = {}
        for name, falling in (("bids", True), ("asks", False)):
            levels = [(mil(price), mil(size)) for price, size in event[name]]
            prices = [price for price, _ in levels]
            if prices != sorted(set(prices), reverse=falling):
                self.complain(f"{name} of {instrument} are not best first, or a price stands twice")
            sides[name] = dict(levels)
        if event["type"] == "book_snapshot":
            if any(size <= 0 for side in sides.values() for size in side.values()):
                self.complain(f"a snapshot of {instrument} has a level without size")
            self.reason(event, instrument, book)
            book.known, book.conn, book.bids, book.asks = True, event.get("conn"), sides["bids"], sides["asks"]
            return
        if not book.known:
            self.complain(f"a delta of {instrument}, whose book is unknown")
        elif book.conn != event.get("conn"):
            self.complain(f"a delta of {instrument} on conn {event.get('conn')}, its book is of conn {book.conn}")
        for mine, new in ((book.bids, sides["bids"]), (book.asks, sides["asks"])):
            for price, size in new.items():
                if size:
                    mine[price] = size
                else:
                    mine.pop(price, None)

    def reason(self, event, instrument, book):
        """The reason of a snapshot must fit what was known before it."""
        before = self.snapshot_conns.setdefault(instrument, {})
        conn, reason = event.get("conn"), event["reason"]
        if book.known and book.conn == conn:
            allowed = {"refresh", "checkpoint"} | ({"initial"} if before.get(conn) == "resync" else set())
            if event["venue"] == "kalshi":
                allowed.add("resync")  # an answer to get_snapshot that another snapshot has overtaken
        elif conn in before:
            allowed = {"resync", "refresh"} if book.doubt == "stale" else {"resync"}
        else:
            allowed = {"initial", "resync"}
        if reason not in allowed:
            self.complain(f"a snapshot of {instrument} has reason {reason}, expected {'/'.join(sorted(allowed))}")
        before.setdefault(conn, reason)
