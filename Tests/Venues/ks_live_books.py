"""A consumer that believes what the contract lets it believe, and holds every book against the venue's states."""

import json
from decimal import Decimal

from ks_live_truth import S, Levels

BREAKS = ("gap", "stale", "resyncing", "disconnected")
AHEAD_US = 50_000


def mil(number):
    """A JSON number as millionths; a ValueError if it does not fit."""
    scaled = number * S
    if isinstance(number, bool) or scaled != int(scaled):
        raise ValueError(f"not a number of millionths: {number}")
    return int(scaled)


def parse(text):
    """An event, its decimals exact."""
    return json.loads(text, parse_float=Decimal)


class Book:
    """One instrument as the stream tells it. `states` are the venue's states it may be, while it is known."""

    def __init__(self):
        self.known, self.conn, self.seq, self.levels = False, None, None, Levels()  # conn is (feed, conn)
        self.states, self.lost_us = [], None


class Books:
    """All books of the stream; `complain(us, text)` gets what is wrong."""

    def __init__(self, truth, complain, lag_us, redundant=False):
        self.truth, self.complain, self.lag_us, self.redundant = truth, complain, lag_us, redundant
        self.books = {ticker: Book() for ticker in truth.stories}
        self.compared, self.bad = 0, []  # bad: (ticker, from, to)
        for ticker, story in truth.stories.items():
            self.books[ticker].lost_us = story.wanted[0][0] if story.wanted else None

    def line(self, event):
        """A book_snapshot or a book_delta."""
        ticker, us = event["instrument"], event["recv_us"]
        book, story = self.books.get(ticker), self.truth.stories.get(ticker)
        if book is None:
            self.complain(us, f"{event['type']} of {ticker}, which the venue does not have")
            return
        self.sequence(book, event)
        sides = [self.side(event, name, falling) for name, falling in (("bids", True), ("asks", False))]
        if event["type"] == "book_snapshot":
            self.snapshot(ticker, book, story, event, sides)
        else:
            self.delta(ticker, book, story, event, sides)

    def sequence(self, book, event):
        """A hole makes the book unknown; a feed's own output has none."""
        if event["seq"] != (book.seq or 0) + 1:
            self.complain(event["recv_us"], f"seq of {event['instrument']} is {event['seq']} after {book.seq}")
            self.forget(event["instrument"], event["recv_us"])
        book.seq = event["seq"]

    def side(self, event, name, falling):
        """Levels of one side as `{price: size}`, best first and none twice."""
        levels = [(mil(price), mil(size)) for price, size in event[name]]
        prices = [price for price, _ in levels]
        if prices != sorted(set(prices), reverse=falling):
            self.complain(event["recv_us"], f"{name} of {event['instrument']} are not best first, or a price stands twice")
        return dict(levels)

    def snapshot(self, ticker, book, story, event, sides):
        """A whole book: it must be a state of now, and not an older one than was shown."""
        us = event["recv_us"]
        low = min(book.states) if book.known and book.states else 0
        self.leave(ticker, book, us)
        if any(size <= 0 for side in sides for size in side.values()):
            self.complain(us, f"a snapshot of {ticker} has a level without size")
        book.levels.replace(*sides)
        self.compared += 1
        book.states = self.fitting(ticker, story, book.levels.hash, low, us)
        if not book.states:
            self.explain(ticker, story, book, low, event)
        book.known, book.conn = True, (event["feed"], event.get("conn"))

    def fitting(self, ticker, story, value, low, us):
        """States that a book of this hash may be at this time."""
        found = []
        for k in story.same(value, low):
            old = story.until(k)
            if story.since[k] <= us + AHEAD_US and (old is None or us <= old + self.lag_us or us <= self.truth.deadline(ticker, old, self.lag_us)):
                found.append(k)
        return found

    def explain(self, ticker, story, book, low, event):
        """Says why no state fits."""
        us, what = event["recv_us"], f"{event['type']} {event['seq']} of {ticker} (conn {event.get('conn')})"
        same = story.same(book.levels.hash)
        now = max((k for k, since in enumerate(story.since) if since <= us), default=0)
        if not same:
            self.complain(us, f"{what} shows a book that never was (the venue is at state {now})")
            return
        nearest = min(same, key=lambda k: abs(k - now))
        why = f"went back behind state {low}" if nearest < low else "is too old" if nearest <= now else "is in the future"
        self.complain(us, f"{what} is state {nearest} while the venue is at {now}: {why}")

    def delta(self, ticker, book, story, event, sides):
        """Changed levels: exactly what the venue stated next."""
        us = event["recv_us"]
        if not book.known:
            self.complain(us, f"a delta of {ticker} (seq {event['seq']}), whose book is unknown")
            return
        if book.conn != (event["feed"], event.get("conn")) and not self.redundant:
            self.complain(us, f"a delta of {ticker} on conn {event.get('conn')} of {event['feed']}, its book is of conn {book.conn[1]} of {book.conn[0]}")
        self.too_old(ticker, book, us)
        stated = frozenset((side, price, size) for side, levels in enumerate(sides) for price, size in levels.items())
        before, last = book.states, len(story.since) - 1
        if self.redundant and before:
            # A connection that is further along may have the same book, and go on from there.
            before = story.same(book.levels.hash, min(before))
        for each in stated:
            book.levels.put(*each)
        self.compared += 1
        book.states = [k + 1 for k in before if k < last and story.hashes[k + 1] == book.levels.hash and story.since[k + 1] <= us + AHEAD_US]
        if before and not book.states:
            self.explain(ticker, story, book, min(before), event)
            book.states = story.same(book.levels.hash, min(before))
        elif book.states:
            self.stated(ticker, story, book.states, event, stated)

    def stated(self, ticker, story, states, event, stated):
        """Levels and venue time of a delta must be those of a message."""
        if not any(story.changes[k] == stated for k in states):
            self.complain(event["recv_us"], f"delta {event['seq']} of {ticker} names levels that the venue's message did not")
        told = event.get("venue_us")
        if told is not None and not any(story.vus[k] in (told, None) or story.vus[k] // 1000 * 1000 == told for k in states):
            self.complain(event["recv_us"], f"delta {event['seq']} of {ticker} has venue time {told}, the venue said {story.vus[states[-1]]}")

    # Time.

    def old_since(self, ticker, book):
        """Since when the book that is shown is not the venue's any more, or None."""
        return self.truth.stories[ticker].until(max(book.states)) if book.states else None

    def too_old(self, ticker, book, us):
        """Called when a known book is left: was it current until now?"""
        old = self.old_since(ticker, book)
        if old is None or us <= old + self.lag_us:
            return
        self.bad.append((ticker, old + self.lag_us, us))
        limit = self.truth.deadline(ticker, old, self.lag_us)
        if us > limit:
            self.complain(us, f"the book of {ticker} was shown as known while {(us - old) / S:.1f} s old, allowed were {(limit - old) / S:.1f} s")

    def leave(self, ticker, book, us):
        """The end of a stretch, known or not."""
        if book.known:
            self.too_old(ticker, book, us)
        elif book.lost_us is not None:
            self.bad.append((ticker, book.lost_us, us))
            book.lost_us = None

    def forget(self, ticker, us):
        """A book becomes unknown."""
        book = self.books[ticker]
        if book.known:
            self.leave(ticker, book, us)
            book.known, book.lost_us = False, us

    def status(self, event):
        """A feed_status line: whose books it makes unknown."""
        if event["state"] not in BREAKS:
            return
        if "instruments" in event:
            concerned = [each for each in event["instruments"] if each in self.books]
        else:
            concerned = list(self.books)
        concerned = [each for each in concerned if self.concerns(event, self.books[each])]
        for each in concerned:
            self.forget(each, event["recv_us"])

    def concerns(self, event, book):
        """Whether a status line speaks of this book: of its feed, and of its connection unless it names none."""
        return book.conn is not None and book.conn[0] == event["feed"] and ("conn" not in event or book.conn[1] == event["conn"])

    def finish(self, us):
        """The end of the stream."""
        for ticker, book in self.books.items():
            if book.known or book.lost_us is not None:
                self.leave(ticker, book, us)
