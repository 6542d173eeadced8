"""A reader of MarketEvents for live runs: books by instrument, with a fingerprint that moves along with every level.

A fingerprint is the sum of one number for each level, so that a book can be found among thousands of true states at no cost.
"""

import functools
import hashlib

import venue_common  # noqa: F401
from consumer import mil, parse

MASK = (1 << 64) - 1
BREAKS = ("gap", "stale", "resyncing", "disconnected")
__all__ = ["Book", "Levels", "Reader", "level_print", "mil", "parse"]


@functools.lru_cache(1 << 18)
def level_print(side, price, size):
    """The number of one level; a level without size has none."""
    if not size:
        return 0
    return int.from_bytes(hashlib.blake2b(f"{side}{price}/{size}".encode(), digest_size=8).digest(), "big")


class Levels:
    """Two sides and their fingerprint."""

    def __init__(self, bids=(), asks=()):
        self.sides = {"b": dict(bids), "a": dict(asks)}
        self.print = sum(level_print(side, p, s) for side, levels in self.sides.items() for p, s in levels.items()) & MASK

    def copy(self):
        """Levels of its own."""
        other = Levels()
        other.sides, other.print = {side: dict(levels) for side, levels in self.sides.items()}, self.print
        return other

    def put(self, side, price, size):
        """What rests at a price now."""
        levels = self.sides[side]
        self.print = (self.print - level_print(side, price, levels.get(price, 0)) + level_print(side, price, size)) & MASK
        if size:
            levels[price] = size
        else:
            levels.pop(price, None)

    def without(self, mask):
        """The fingerprint of all levels but those of `mask`, a set of `(side, price)`."""
        return (self.print - sum(level_print(side, price, self.sides[side].get(price, 0)) for side, price in mask)) & MASK


class Book:
    """What the stream says of one instrument."""

    def __init__(self):
        self.known, self.conn, self.seq, self.levels = False, None, 0, Levels()
        self.k = None  # the state of the truth it was found equal to last, within this known stretch
        self.snapshot_us = 0
        self.wrong = self.not_true_told = False
        self.late_told = None


class Reader:
    """Plays events by the contract; `complain(text)` where a line breaks it.

    `before(instrument, book, event)` is called ahead of every change of what is shown, `after` behind it.
    """

    def __init__(self, complain, before, after, merged=False):
        self.complain, self.before, self.after, self.merged = complain, before, after, merged
        self.books, self.introduced, self.ended_conns, self.conns = {}, set(), set(), []
        self.last_us = 0

    def take(self, event):
        """One event."""
        kind, us = event["type"], event["recv_us"]
        if us < self.last_us:
            self.complain(us, f"recv_us goes back by {self.last_us - us} µs at a {kind} line")
        self.last_us = max(us, self.last_us)
        instrument = event.get("instrument")
        if kind == "instrument":
            self.introduced.add(instrument)
        elif instrument is not None and instrument not in self.introduced and not self.merged:
            self.introduced.add(instrument)
            self.complain(us, f"{kind} of {instrument} before its instrument line")
        # A change is told with the connection of its book's snapshot, though another of two sockets brings it by now.
        if event.get("conn") in self.ended_conns and kind in ("book_snapshot", "trade"):
            self.complain(us, f"{kind} of {instrument} on conn {event['conn']}, which is disconnected")
        if kind in ("book_snapshot", "book_delta"):
            self.line(event, instrument, us)
        elif kind == "feed_status":
            self.status(event, us)

    def line(self, event, instrument, us):
        """A book line."""
        book = self.books.setdefault(instrument, Book())
        self.before(instrument, book, event)
        if event["seq"] != book.seq + 1:
            self.complain(us, f"seq of {instrument} is {event['seq']} after {book.seq}")
            book.known = False
        book.seq = event["seq"]
        sides = self.sides(event, instrument, us)
        if event["type"] == "book_snapshot":
            if any(size <= 0 for levels in sides.values() for size in levels.values()):
                self.complain(us, f"a snapshot of {instrument} has a level without size")
            book.levels = Levels(sides["b"], sides["a"])
            # What is made of several feeds does not go back even over a gap.
            if not book.known and not self.merged:
                book.k = None
            book.known, book.conn, book.snapshot_us = True, event.get("conn"), us
        else:
            if not book.known:
                self.complain(us, f"a delta of {instrument}, whose book is unknown")
            elif book.conn != event.get("conn"):
                self.complain(us, f"a delta of {instrument} on conn {event.get('conn')}, its book is of conn {book.conn}")
            for side, levels in sides.items():
                for price, size in levels.items():
                    book.levels.put(side, price, size)
        self.after(instrument, book, event)

    def sides(self, event, instrument, us):
        """Both sides of a line in millionths, checked for order."""
        found = {}
        for side, name, falling in (("b", "bids", True), ("a", "asks", False)):
            levels = [(mil(price), mil(size)) for price, size in event[name]]
            prices = [price for price, _ in levels]
            if prices != sorted(set(prices), reverse=falling):
                self.complain(us, f"{name} of {instrument} are not best first, or a price stands twice")
            found[side] = dict(levels)
        return found

    def status(self, event, us):
        """A word about a connection."""
        state, conn = event["state"], event.get("conn")
        if state == "connecting":
            if conn in self.conns or (self.conns and conn is not None and conn < max(self.conns)):
                self.complain(us, f"conn {conn} is used again")
            self.conns.append(conn)
        if state in BREAKS or state == "stopped":
            for instrument in self.concerned(event):
                book = self.books[instrument]
                self.before(instrument, book, event)
                book.known = False
                self.after(instrument, book, event)
        if state == "disconnected" and "instruments" not in event:
            self.ended_conns.add(conn)  # with a list, books of this number may live on by another socket's messages

    def concerned(self, event):
        """The instruments whose books a break makes unknown."""
        if "instruments" in event:
            return [each for each in event["instruments"] if each in self.books]
        conn = event.get("conn")
        return [each for each, book in self.books.items() if conn is None or event["state"] == "stopped" or book.conn == conn]
