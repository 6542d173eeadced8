"""Seeded streams of books that break in every way, and what is known of each book at a moment, by brute force.

The model reads all lines in their order and keeps each book by the rules of `docs/market-event.md`, forwards; it knows no store and no code
of the tools. The order is that of `docs/storage.md`, "The book at a moment": by receive time, then by number, breaks of a microsecond last.
"""

import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import sink_events as events

BREAKS = ("gap", "stale", "resyncing", "disconnected", "stopped")
START_US = 1_790_290_000_000_000  # 2026-09-24T22:46:40Z, so that streams go over midnight
ENVELOPE = ("conn", "seq", "recv_us", "venue_us")


def iso(micros):
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=micros)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def number(event, key):
    return None if event.get(key) is None else int(event[key])


class Book:
    """One book while lines are read."""

    def __init__(self):
        self.sides, self.cause, self.last = {"bids": {}, "asks": {}}, None, None

    def take(self, event):
        mark = (number(event, "conn"), number(event, "seq"))
        if event["type"] == "book_snapshot":
            self.sides = {side: {} for side in self.sides}
            self.cause, self.snapshot = None, event
        elif self.cause:
            return
        elif mark[0] != self.mark[0]:
            self.cause = (f"its changes are those of connection {mark[0] or 0}, of which there is no snapshot", number(event, "recv_us"), "connection")
            return
        elif mark[1] != self.mark[1] + 1:
            self.cause = (f"its line {mark[1]} does not follow line {self.mark[1]}", number(event, "recv_us"), "sequence")
            return
        self.mark, self.last = mark, event
        for side, levels in self.sides.items():
            for price, size in event[side]:
                levels[price] = size
                if size == 0:
                    del levels[price]

    def levels(self, side):
        return [[price, self.sides[side][price]] for price in sorted(self.sides[side], reverse=side == "bids")]


def concerns(event, key, conn):
    """Whether a break concerns a book."""
    feed, venue, instrument = key
    if event["feed"] != feed:
        return False
    names = event.get("instruments")
    if event["state"] == "stopped" or names is not None and not all(isinstance(name, str) for name in names):
        return True
    own = number(event, "conn")
    if own is not None and conn is not None and own != conn:
        return False
    return names is None or event["venue"] == venue and instrument in names


def order(entry):
    place, event = entry
    if event["type"] == "feed_status":
        return (number(event, "recv_us"), 1, event["state"].encode(), 0, 0, place)
    return (number(event, "recv_us"), 0, number(event, "seq"), number(event, "conn") or 0, event["type"] == "book_delta", place)


def books_at(lines, time, names, back=None):
    """Every book at a moment by its feed, venue and instrument; the feed is "" where no feed has told a snapshot."""
    parsed = [events.parse(line) for line in lines]
    wanted = [event for event in enumerate(parsed) if event[1]["type"] in ("book_snapshot", "book_delta", "feed_status")
              and (back is None or number(event[1], "recv_us") >= time - back) and number(event[1], "recv_us") <= time]
    books, bare, seen = {}, {}, set()
    for _, event in sorted(wanted, key=order):
        if event["type"] == "feed_status":
            for key, book in books.items():
                if event["state"] in BREAKS and not book.cause and concerns(event, key, book.mark[0]):
                    book.cause = (f"its feed says {event['state']}", number(event, "recv_us"), event["state"])
            continue
        if not {event["market"], event["instrument"]} & set(names):
            continue
        key = event["feed"], event["venue"], event["instrument"]
        same = (*key, event["type"], number(event, "recv_us"), number(event, "seq"), number(event, "conn"))
        if same in seen:
            continue
        seen.add(same)
        if event["type"] == "book_snapshot":
            books.setdefault(key, Book())
        if key in books:
            books[key].take(event)
        else:
            bare["", key[1], key[2]] = event
    for key, event in bare.items():
        if not any(key[1:] == other[1:] for other in books):
            book = books[key] = Book()
            book.snapshot, book.cause = event, ("there is no snapshot before its changes", number(event, "recv_us"), "no_snapshot")
    return books


def moment(entry):
    (feed, venue, instrument), book = entry
    received = book.cause[1] if book.cause else number(book.last, "recv_us")
    return received, venue.encode(), instrument.encode(), feed.encode()


def expected(books, time):
    """What stands on standard output, and the lines of standard error about unknown books."""
    out, unknown = [], []
    for (feed, venue, instrument), book in sorted(books.items(), key=moment):
        label = book.snapshot.get("label") if feed else None
        if book.cause:
            name = f"{label} ({instrument})" if label is not None else instrument
            since = f" since {iso(book.cause[1])} ({book.cause[1]})" if feed else ""
            where = f" in feed {feed}" if feed else ""
            unknown.append(f"mkt-sink: error: the book of {name}{where} is unknown at {iso(time)}{since}: {book.cause[0]}")
            continue
        event = {"v": 1, "type": "book_snapshot", "feed": feed, "venue": venue, "market": book.snapshot["market"], "instrument": instrument,
                 "label": label, **{key: book.last.get(key) for key in ENVELOPE}, "bids": book.levels("bids"), "asks": book.levels("asks"),
                 "reason": "checkpoint", "verified": book.last.get("verified")}
        out.append(events.spell({key: value for key, value in event.items() if value is not None}))
    return out, unknown


def rows(books):
    """What `mkt_book_at` gives for one name, sorted."""
    found = []
    for (feed, venue, instrument), book in books.items():
        told = book.last if not book.cause else book.snapshot
        head = [feed or None, venue, book.snapshot["market"], instrument, book.snapshot.get("label") if feed else None]
        head += [number(told, key) for key in ("conn", "seq", "recv_us")] if feed else [None] * 3
        if book.cause:
            found.append([*head, None, None, None, None, book.cause[2], book.cause[1]])
            continue
        levels = [[side[:3], place + 1, events.plain(price), events.plain(size), None, None]
                  for side in ("bids", "asks") for place, (price, size) in enumerate(book.levels(side))]
        found += [[*head, *level] for level in levels or [[None] * 6]]
    return sorted(found, key=repr)


class Stream:
    """Feeds that carry the same instruments, lose lines, change connections, start over and break."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.lines, self.now = [], START_US
        self.feeds = [("pm", "polymarket"), ("pm-2", "polymarket"), ("a \"b\"/ü", "polymarket")]
        self.instruments = [(f"{self.rng.getrandbits(200)}", f"0x{market:x}", None if outcome and market else f"slug-{market}/{'YN'[outcome]}")
                            for market in range(3) for outcome in range(2)]
        self.conns, self.seqs = {}, {}
        self.books = {}

    def tell(self, event):
        self.lines.append(events.spell({key: value for key, value in event.items() if value is not None}))

    def step(self):
        rng = self.rng
        self.now += rng.choice((0, 0, 0, 1, 40, 3000, 2_000_000, 2_000_000, rng.choice((60_000_000, 3_600_000_000))))
        feed, venue = rng.choice(self.feeds)
        if rng.random() < 0.08:
            return self.status(feed, venue)
        self.line(feed, venue, *rng.choice(self.instruments))

    def status(self, feed, venue):
        rng = self.rng
        state = rng.choice((*BREAKS[:4], "gap", "live", "heartbeat", "lagging", "connecting", *(["stopped"] if rng.random() < 0.3 else [])))
        names = rng.choice((None, None, [], [rng.choice(self.instruments)[0] for _ in range(rng.randrange(1, 4))], [rng.choice(self.instruments)[0], "\n\"é\\"]))
        if rng.random() < 0.03:
            names = [rng.choice(self.instruments)[0], 7]
        self.tell({"v": 1, "type": "feed_status", "feed": feed, "venue": venue if rng.random() < 0.9 else "other", "conn": rng.choice((None, 1, self.conns.get(feed, 1), self.conns.get(feed, 1))),
                   "recv_us": self.now, "state": state, "instruments": names})

    def line(self, feed, venue, instrument, market, label):
        rng = self.rng
        key = feed, instrument
        if rng.random() < 0.01:
            # The process is another one: numbers begin anew.
            self.conns[feed] = 1
            self.seqs = {each: value for each, value in self.seqs.items() if each[0] != feed}
        if rng.random() < 0.02:
            self.conns[feed] = self.conns.get(feed, 1) + 1
        self.seqs[key] = self.seqs.get(key, 0) + 1
        if rng.random() < 0.02:
            self.seqs[key] += rng.choice((1, 1, 5))
        base = rng.randrange(20, 60)
        side = lambda count, low, zero: {Decimal(low + rng.randrange(12)) / 100: Decimal(rng.choice((rng.randrange(1, 10**9), *([0] * zero)))) / 10**6  # noqa: E731
                                         for _ in range(rng.randrange(count))}
        isSnapshot = self.seqs[key] == 1 and rng.random() < 0.9 or rng.random() < 0.15
        count, zero = (9, 0) if isSnapshot else (3, 1)
        bids, asks = side(count, base - 12, zero), side(count, base + 1, zero)
        self.tell({"v": 1, "type": "book_snapshot" if isSnapshot else "book_delta", "feed": feed, "venue": venue, "market": market, "instrument": instrument,
                   "label": label if rng.random() < 0.8 else None, "conn": None if feed == "pm-2" else self.conns.get(feed, 1), "seq": self.seqs[key],
                   "recv_us": self.now, "venue_us": rng.choice((None, self.now - 80_000)), "bids": [[price, bids[price]] for price in sorted(bids, reverse=True)],
                   "asks": [[price, asks[price]] for price in sorted(asks)], "reason": rng.choice(("initial", "refresh", "resync", "checkpoint")) if isSnapshot else None,
                   "verified": rng.choice((None, True))})

    def disturb(self):
        """Some lines come late, and some twice."""
        rng = self.rng
        for _ in range(len(self.lines) // 30):
            line = self.lines.pop(rng.randrange(len(self.lines)))
            self.lines.insert(rng.randrange(len(self.lines) + 1), line)
        for _ in range(len(self.lines) // 40):
            self.lines.insert(rng.randrange(len(self.lines) + 1), rng.choice(self.lines))


def stream(seed, count):
    made = Stream(seed)
    while len(made.lines) < count:
        made.step()
    made.disturb()
    return made.lines, made


def questions(made, lines, count):
    """Moments and names that are worth asking for: those of lines, just before and behind them, and any."""
    rng = random.Random(len(lines) + made.now)
    times = [int(events.parse(line)["recv_us"]) for line in lines]
    for _ in range(count):
        time = rng.choice(times if rng.randrange(4) else sorted(times)[:len(times) // 20]) + rng.choice((0, 0, 0, -1, 1, 5_000_000))
        instrument, market, _ = rng.choice(made.instruments)
        yield time, rng.choice(([market], [instrument], [market, rng.choice(made.instruments)[0]]))
