"""Seeded lines for the queries of docs/queries.md: feeds that break, are killed and come back, copies of trades, late lines, decisions with and without an outcome."""

import random
from decimal import Decimal

from sink_events import spell

START_US = 1_790_267_100_000_000
ODD = '10"03\\ü\'s'  # What JSON escapes, and SQL.
SUBJECTS = {
    "polymarket": [("0xm1", "1001"), ("0xm1", "1002"), ("0xm2", ODD)],
    "kalshi": [("KXA", "KXA"), ("KXB", "KXB")],
}
FEEDS = {"pm": "polymarket", "pm2": "polymarket", "kalshi": "kalshi", "kalshi2": "kalshi"}
OUTCOMES = {"1001": "Yes", "1002": "No", "KXA": "Yes"}  # The others have no instrument line, or one without an outcome.
LINKS = [
    ("polymarket", "1001", "kalshi", "KXA", "same", "0.9", "approved"),
    ("kalshi", "KXA", "polymarket", "1002", "inverse", "0.9", "approved"),
    ("polymarket", ODD, "kalshi", "KXB", "inverse", "1", "approved"),
    ("polymarket", ODD, "kalshi", "KXA", "same", "1", "rejected"),
    ("polymarket", "9999", "kalshi", "KXB", "same", "1", "approved"),
]


def millionths(number):
    return Decimal(number) / 1_000_000


class Feed:
    """One feed process after another, under one name."""

    def __init__(self, stream, name):
        self.stream, self.rng, self.name, self.venue = stream, stream.rng, name, FEEDS[name]
        self.begin()

    def begin(self):
        self.conns, self.seqs, self.books, self.silent_until = 0, {}, {}, 0
        self.loses_snapshots = self.rng.randrange(3) == 0
        if self.rng.randrange(3) == 0:
            # Two sockets at once, of which the second may be the first to tell.
            self.conns = 2
            numbers = [1, 2]
            self.rng.shuffle(numbers)
            for number in numbers:
                self.status("connecting", number)
                if self.rng.randrange(2):
                    self.stream.wait()
            for number in numbers:
                self.status("live", number)
            for subject in SUBJECTS[self.venue]:
                self.snapshot(subject, "initial", numbers[0])
        else:
            self.connect(list(SUBJECTS[self.venue]))
        self.loses_snapshots = False

    def line(self, kind, subject=None, **more):
        event = {"v": 1, "type": kind, "feed": self.name, "venue": self.venue}
        if subject:
            event |= {"market": subject[0], "instrument": subject[1]}
        return event | {key: value for key, value in more.items() if value is not None or key in ("bid", "ask")}

    def tell(self, event):
        self.stream.tell(event)

    def status(self, state, conn=None, **more):
        self.tell(self.line("feed_status", conn=conn, recv_us=self.stream.now, state=state, **more))

    def connect(self, subjects):
        self.conns += 1
        conn = self.conns
        self.status("connecting", conn)
        if self.rng.randrange(3):
            self.stream.wait()
        for subject in subjects:
            self.snapshot(subject, "initial", conn)
        self.status("live", conn)

    def level(self, side):
        price = self.rng.randrange(150, 240) * 2000 if side == "bids" else self.rng.randrange(140, 240) * 2000 + 1000
        return [price + self.rng.choice((0, 0, 0, 77)), self.rng.choice((1, 1_000_000, 330_700_000, 12_345_678, 900_000_000_000_000_001))]

    def snapshot(self, subject, reason, conn):
        sides = {}
        for side in ("bids", "asks"):
            sides[side] = dict(self.level(side) for _ in range(self.rng.choice((0, 1, 3, 8))))
        self.books[subject] = [conn, sides]
        self.book_line("book_snapshot", subject, conn, {side: sorted(levels.items(), reverse=side == "bids") for side, levels in sides.items()}, reason=reason)

    def book_line(self, kind, subject, conn, sides, **more):
        self.seqs[subject] = self.seqs.get(subject, 0) + 1
        if self.loses_snapshots:
            return
        levels = {side: [[millionths(price), millionths(size)] for price, size in items] for side, items in sides.items()}
        self.tell(self.line(kind, subject, conn=conn, seq=self.seqs[subject], recv_us=self.stream.now, **levels, **more))

    def delta(self, subject):
        conn, sides = self.books[subject]
        changed = {"bids": {}, "asks": {}}
        for _ in range(self.rng.randrange(1, 4)):
            side = self.rng.choice(("bids", "asks"))
            if sides[side] and self.rng.randrange(3) == 0:
                changed[side][self.rng.choice(sorted(sides[side]))] = 0
            else:
                price, size = self.level(side)
                changed[side][price] = size
        for side, levels in changed.items():
            sides[side] = {price: size for price, size in (sides[side] | levels).items() if size}
        if self.rng.randrange(150) == 0:
            self.seqs[subject] += 1
        if self.rng.randrange(100) == 0:
            # One number twice, and one not at all: as many lines as there should be.
            for shift in (-1, 1):
                self.seqs[subject] += shift
                self.stream.now += 1
                self.book_line("book_delta", subject, conn, {"bids": [], "asks": []})
        self.book_line("book_delta", subject, conn if self.rng.randrange(150) else conn + 7, {side: sorted(levels.items()) for side, levels in changed.items()})

    def quote(self, subject):
        conn, sides = self.books[subject]
        top = {"bid": max(sides["bids"].items(), default=None), "ask": min(sides["asks"].items(), default=None)}
        if self.rng.randrange(6) == 0:
            top["ask"] = (self.rng.randrange(1, 999) * 1000, None)
        told = {side: level and [millionths(level[0]), level[1] if level[1] is None else millionths(level[1])] for side, level in top.items()}
        conn = None if self.rng.randrange(8) == 0 else conn
        self.tell(self.line("quote", subject, conn=conn, recv_us=self.stream.now, venue_us=self.rng.choice((None, self.stream.now - 900, self.stream.now + 7)), **told))

    def trade(self, subject):
        event = self.line(
            "trade", subject, conn=self.conns, recv_us=self.stream.now, venue_us=self.rng.choice((None, self.stream.now - self.rng.randrange(90_000))),
            price=millionths(self.rng.choice((0, 1, 410_000, 420_000, self.rng.randrange(1_000_001)))),
            size=millionths(self.rng.choice((1, 5_000_000, 999_999, self.rng.randrange(1, 10**9), 4_000_000_000_000))),
            aggressor_side=self.rng.choice(("buy", "sell", "unknown")))
        if self.venue == "kalshi":
            self.stream.trades += 1
            event["trade_id"] = f"t-{self.stream.trades}"
        elif self.rng.randrange(3):
            event["tx"] = self.rng.choice(("0xa", "0xb"))
        for _ in range(self.rng.choice((1, 1, 1, 2)) if "trade_id" not in event else 1):
            self.tell(event)
        self.stream.told.append(event)
        if "tx" in event and self.rng.randrange(3) == 0:
            # The same is said of another outcome.
            market, instrument = self.rng.choice(SUBJECTS[self.venue])
            self.tell(event | {"market": market, "instrument": instrument})

    def step(self):
        """Something happens at this feed, if it is not dead."""
        if self.stream.now < self.silent_until:
            return
        if self.silent_until:
            self.begin()
        chance, subject = self.rng.randrange(1000), self.rng.choice(SUBJECTS[self.venue])
        if chance < 330:
            self.delta(subject)
        elif chance < 520:
            self.quote(subject)
        elif chance < 700:
            self.trade(subject)
        elif chance < 760:
            self.copy(subject)
        elif chance < 830:
            self.snapshot(subject, self.rng.choice(("checkpoint", "refresh")), self.books[subject][0])
        elif chance < 900:
            self.status(self.rng.choice(("heartbeat", "lagging", "drift")), counters={"lines": 1})
        else:
            self.trouble(chance, subject)

    def copy(self, subject):
        """A trade of this venue that the other feed told, or that was told before, by this one's socket."""
        known = [event for event in self.stream.told[-30:] if event["venue"] == self.venue and event["feed"] != self.name]
        if known:
            self.tell(self.rng.choice(known) | {"feed": self.name, "conn": self.conns, "recv_us": self.stream.now})

    def trouble(self, chance, subject):
        conn, names = self.books[subject][0], self.rng.choice((None, [subject[1]], [subject[1]], [], [], ["9", subject[1] + "0"], ["9", 5]))
        if chance < 930:
            self.status(self.rng.choice(("gap", "stale", "resyncing")), self.rng.choice((conn, conn, conn, None)), instruments=names, since_us=self.stream.now - 5)
            if self.rng.randrange(2):
                if self.rng.randrange(2):
                    self.stream.wait()
                self.snapshot(subject, "resync", conn)
            if self.rng.randrange(2):
                self.status("live", conn, instruments=names)
        elif chance < 955:
            self.status("disconnected", conn, instruments=self.rng.choice((None, None, [])), since_us=self.stream.now)
            self.stream.wait()
            self.connect(SUBJECTS[self.venue])
        elif chance < 970:
            # A second connection beside the first takes some of the books over.
            self.connect([subject])
        elif chance < 985:
            self.silent_until = self.stream.now + self.rng.choice((400_000, 50_000_000))
        else:
            if self.rng.randrange(2):
                self.quote(subject)
            if self.rng.randrange(2):
                self.snapshot(subject, "refresh", conn)
            self.status("stopped", self.rng.choice((None, conn + 1)), instruments=self.rng.choice((None, [])), counters={"lines": 1})
            self.silent_until = self.stream.now + self.rng.choice((1_000, 3_000_000))


class Stream:
    def __init__(self, seed, count):
        self.rng, self.now, self.lines, self.told, self.trades, self.groups = random.Random(seed), START_US, [], [], 0, 0
        self.instruments()
        feeds = [Feed(self, name) for name in FEEDS]
        while len(self.lines) < count:
            self.wait()
            self.rng.choice(feeds).step()
            if self.rng.randrange(10) == 0:
                self.decision()
            if self.rng.randrange(200) == 0:
                self.wait()
                self.tell({"v": 1, "type": "instrument", "feed": "pm", "venue": "polymarket", "market": "0xm1", "instrument": "1001", "conn": 1, "recv_us": self.now,
                           "outcome": self.rng.choice(("Yes", "Higher", "No"))})
        for name, venue in (("pm", "polymarket"), ("kalshi", "kalshi")):
            for market, instrument in SUBJECTS[venue]:
                self.resolution(name, venue, market, instrument)

    def wait(self):
        self.now += self.rng.choice((0, 0, 1, 350, 90_000, 700_000, 2_500_000))

    def tell(self, event):
        self.lines.append(spell(event))

    def instruments(self):
        for name, venue in (("pm", "polymarket"), ("kalshi", "kalshi")):
            for market, instrument in SUBJECTS[venue]:
                event = {"v": 1, "type": "instrument", "feed": name, "venue": venue, "market": market, "instrument": instrument, "conn": 1, "recv_us": START_US}
                if instrument in OUTCOMES:
                    self.tell(event | {"outcome": "draft", "label": f"{market}/x"})
                    self.tell(event | {"outcome": OUTCOMES[instrument], "recv_us": START_US + 1})
                elif instrument == ODD:
                    self.tell(event)

    def resolution(self, name, venue, market, instrument):
        event = {"v": 1, "type": "resolution", "feed": name, "venue": venue, "market": market, "instrument": instrument, "recv_us": self.now}
        if instrument == "KXB" and self.rng.randrange(2):
            return
        for _ in range(self.rng.choice((1, 2))):
            event["recv_us"] += self.rng.randrange(1, 90)
            what = self.rng.choice(({"settlement_price": millionths(self.rng.choice((0, 1_000_000, 500_000, 333_333)))}, {"outcome_won": True}, {"outcome_won": False}))
            self.tell(event | what)

    def decision(self):
        self.groups += 1
        side, legs = self.rng.choice(("buy", "sell")), []
        for _ in range(self.rng.randrange(0, 4)):
            venue = self.rng.choice(tuple(SUBJECTS))
            market, instrument = self.rng.choice(SUBJECTS[venue])
            leg = {"venue": venue, "market": market, "instrument": instrument, "side": side if self.rng.randrange(9) else "sell",
                   "size": millionths(self.rng.choice((10_000, 80_000_000, 123_450_001, 5_000_000_000_000)))}
            outcome = self.rng.choice((None, OUTCOMES.get(instrument), "No", "opposite"))
            legs.append(leg | ({"outcome": outcome} if outcome else {}))
            if self.rng.randrange(6) == 0:
                legs[-1]["size"] = format(legs[-1]["size"], ".7f")
            if self.rng.randrange(12) == 0:
                del legs[-1][self.rng.choice(("size", "side"))]
        event = {"v": 1, "type": "decision", "feed": "mkt-decide", "venue": "polymarket", "recv_us": self.now, "rule": self.rng.choice(("arb", "set", "wide")),
                 "action": "trade", "id": f"d{self.groups}", "legs": legs, "because": [{"feed": "pm", "recv_us": self.now}], "rules": "ab" * 32}
        if self.rng.randrange(5):
            cost, payout, fees = (self.rng.randrange(10**9) for _ in range(3))
            event |= {"cost": millionths(cost), "payout": millionths(payout), "fees": millionths(fees), "profit": millionths(payout - cost - fees)}
            if self.rng.randrange(5) == 0:
                del event[self.rng.choice(("cost", "payout", "fees"))]
        self.tell(event)


def late(rng, lines):
    """Some lines come later than they should. Equal ones of a moment stay together: they tell how many there were."""
    lines = list(lines)
    for _ in range(len(lines) // 12):
        place = rng.randrange(len(lines) - 60)
        if lines.count(lines[place]) > 1 or '"t-' in lines[place]:
            continue
        line, target = lines.pop(place), place + rng.randrange(1, 50)
        if lines[target - 1] != lines[target]:
            lines.insert(target, line)
        else:
            lines.insert(place, line)
    return lines


def stream(seed, count):
    made = Stream(seed, count)
    return late(made.rng, made.lines)
