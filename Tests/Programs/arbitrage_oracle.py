"""What `arbitrage`, `complement` and `event_set` have to say about a stream: brute force over every size, exact numbers.

It shares no code and no idea with mkt-decide. Where the tool goes from step to step, this asks of every size, 0.01 shares after the other,
whether it may be traded, and works out each of them from nothing. Prices and sizes are whole millionths; all else are fractions.
"""

import bisect
import collections
import fnmatch
import json
from fractions import Fraction

MILLION = 1_000_000
# Sizes are multiples of 0.01 shares.
GRAIN = 10_000
BREAKS = ("gap", "stale", "resyncing", "disconnected", "stopped")
MARKET_DATA = ("instrument", "book_snapshot", "book_delta", "quote", "trade", "market_status", "resolution", "ticker")
STRATEGIES = ("arbitrage", "complement", "event_set")
ROUNDINGS = {"polymarket": "half_up_5", "kalshi": "cent_up"}
# Beyond a thousand shares the sizes are too many to try each.
TRIED_MAX = 1000 * MILLION
HELD_AFTER = 60 * MILLION


# MARK: Money


def floor(value, places):
    scale = 10**places
    return Fraction(value * scale // 1, scale)


def ceiling(value, places):
    return -floor(-value, places)


def rounded(fee, word):
    """A leg's whole fee as its venue charges it; rounded once, whatever it was made of."""
    if word == "half_up_5":
        return floor(fee + Fraction(1, 200_000), 5)
    return ceiling(fee, {"cent_up": 2, "up_4": 4, "up_6": 6}[word])


class Fee:
    """The taker's fee of an instrument."""

    def __init__(self, rate=0, exponent=1):
        self.rate, self.exponent = Fraction(rate), int(exponent)

    def of(self, price):
        """Dollars a share at a price in millionths, unrounded."""
        p = Fraction(price, MILLION)
        return self.rate * (p * (1 - p)) ** self.exponent

    @staticmethod
    def told(fee):
        """The fee that an `instrument` line tells; nil where it cannot be worked out exactly, which is never taken for zero."""
        if not isinstance(fee, dict):
            return None
        if fee.get("model") == "none":
            return Fee()
        if fee.get("model") != "quadratic" or any(key not in fee for key in ("taker_rate", "multiplier", "exponent")):
            return None
        rate, multiplier, exponent = (Fraction(fee[key]) for key in ("taker_rate", "multiplier", "exponent"))
        return Fee(rate * multiplier, exponent) if exponent in (0, 1, 2) and rate * multiplier <= 1 else None


# MARK: The best size


class Leg:
    """One side of one book: `levels` of (price, size), best first, and whether their prices are paid or got."""

    def __init__(self, levels, fee, rounding):
        self.levels, self.fee, self.rounding = levels, fee, rounding

    def filled(self, size):
        """What `size` shares take: a list of (price, size)."""
        taken = []
        for price, there in self.levels:
            if size > 0:
                taken.append((price, min(size, there)))
                size -= there
        return taken

    def ends(self):
        """The sizes at which a level is used up."""
        total, ends = 0, []
        for _, size in self.levels:
            total += size
            ends.append(total)
        return ends

    def price_at(self, size):
        """The price of the share that comes next after `size` shares; nil beyond the last level."""
        return next((price for (price, _), end in zip(self.levels, self.ends()) if size < end), None)


def reach(legs, is_buying, min_edge):
    """Where the earnings of one more share fall below `min_edge` for the first time, or a book ends."""
    for size in sorted({0}.union(*(leg.ends() for leg in legs))):
        prices = [leg.price_at(size) for leg in legs]
        if None in prices:
            return size
        earned = (MILLION - sum(prices) if is_buying else sum(prices) - MILLION) / Fraction(MILLION)
        if earned - sum(leg.fee.of(price) for leg, price in zip(legs, prices)) < min_edge:
            return size
    return None


def best_size(legs, is_buying, min_edge, max_size, max_cost, tried_max=TRIED_MAX):
    """The largest multiple of 0.01 shares of which every share earns `min_edge`, within both caps; tries them all, from the least on."""
    last, size = min(reach(legs, is_buying, min_edge), max_size), 0

    def fits(size):
        cost = sum(price * taken for leg in legs for price, taken in leg.filled(size)) if is_buying else size * MILLION
        return size <= last and cost <= max_cost * MILLION

    if last > tried_max:
        # A cost never falls with the size, so half of the sizes are answered at once.
        return bisect.bisect_left(range(1, last // GRAIN + 1), True, key=lambda n: not fits(n * GRAIN)) * GRAIN
    while fits(size + GRAIN):
        size += GRAIN
    return size


def finding(legs, is_buying, min_edge, max_size, max_cost):
    """The numbers of the trade at the best size; nil where it earns nothing, or less than `min_edge`."""
    size = best_size(legs, is_buying, min_edge, max_size, max_cost)
    if not size:
        return None
    shares, against = Fraction(size, MILLION), ceiling if is_buying else floor
    parts, total = [], Fraction(0)
    for leg in legs:
        taken = leg.filled(size)
        worth = sum(Fraction(price * each, MILLION**2) for price, each in taken)
        fee = sum(leg.fee.of(price) * Fraction(each, MILLION) for price, each in taken)
        total += worth
        parts.append({
            "price": Fraction(taken[-1][0], MILLION),
            "average_price": against(worth / shares, 6),
            "size": shares,
            "fee": rounded(fee, leg.rounding) if fee else Fraction(0),
        })
    cost, payout = (ceiling(total, 6), shares) if is_buying else (shares, floor(total, 6))
    fees = sum(part["fee"] for part in parts)
    profit = payout - cost - fees
    if profit <= 0 or profit < min_edge * shares:
        return None
    return parts, {"size": shares, "cost": cost, "payout": payout, "fees": fees, "edge": floor(profit / shares, 6), "profit": profit}


# MARK: Books and what is known of instruments


class Book:
    def __init__(self, feed):
        self.feed, self.known, self.conn, self.seq, self.time = feed, False, None, None, None
        self.bids, self.asks = {}, {}

    def best(self):
        return max(self.bids, default=None), min(self.asks, default=None)

    def is_crossed(self):
        bid, ask = self.best()
        return bid is not None and ask is not None and bid > ask

    def middle_twice(self):
        """The sum of best bid and best ask; nil where one is missing or the book is crossed."""
        bid, ask = self.best()
        return None if bid is None or ask is None or bid > ask else bid + ask

    def because(self, instrument):
        entry = {"instrument": instrument, "feed": self.feed, "conn": self.conn, "seq": self.seq, "recv_us": self.time}
        return {key: value for key, value in entry.items() if value is not None}


class Instrument:
    """What the lines of a stream told of one instrument so far."""

    def __init__(self, venue, name):
        self.venue, self.name = venue, name
        self.market = self.label = self.state = None
        # The latest `instrument` line, whole.
        self.told = {}
        # By feed, in the order in which they spoke of the instrument.
        self.books = {}

    def book(self):
        """The known book with the latest line; of equals that of the feed that came first."""
        known = [book for book in self.books.values() if book.known]
        return max(known, key=lambda book: book.time, default=None)

    def is_open(self):
        return self.state in (None, "open")

    def fits(self, rule):
        for key, value in (("venue", self.venue), ("market", self.market), ("instrument", self.name)):
            wanted = rule.get(key, value)
            if value not in (wanted if isinstance(wanted, list) else [wanted]):
                return False
        return "label" not in rule or (self.label is not None and fnmatch.fnmatchcase(self.label, rule["label"]))


# MARK: The stream


def millionths(value):
    whole = Fraction(value) * MILLION
    assert whole.denominator == 1, value
    return int(whole)


class Oracle:
    """Reads the lines of a stream; `line` gives the decisions on each, in order. Numbers of rules are fractions, spans microseconds."""

    def __init__(self, rules, links=()):
        self.rules = sorted(rules.items(), key=lambda item: item[0].encode())
        keys = ("left_venue", "left_instrument", "right_venue", "right_instrument")
        approved = [link for link in links if link["status"] == "approved"]
        self.links = sorted(approved, key=lambda link: [link[key].encode() for key in keys])
        self.instruments, self.runs, self.spoken, self.inverted, self.held = {}, {}, {}, {}, set()
        # Sights by strategy where every book, fee and state allowed a trade.
        self.decisions, self.usable_sights = [], collections.Counter()

    def line(self, text):
        event = json.loads(text, parse_float=Fraction, parse_int=Fraction)
        if event["type"] == "feed_status":
            self.feed_status(event)
        if event["type"] not in MARKET_DATA:
            return []
        self.decisions = []
        key = (event["venue"], event["instrument"])
        it = self.instruments.setdefault(key, Instrument(*key))
        it.books.setdefault(event["feed"], Book(event["feed"]))
        it.market, it.label = event["market"], event.get("label", it.label)
        if event["type"] == "instrument":
            it.told = event
        if event["type"] == "resolution":
            it.state = "determined"
        elif event["type"] in ("instrument", "market_status"):
            it.state = event.get("state", it.state)
        if event["type"].startswith("book_") and self.book_line(event, it):
            for name, rule in self.rules:
                for group in self.groups(rule):
                    if it in group.members and any(member.fits(rule) for member in group.members):
                        self.look(name, rule, group, event)
        return self.decisions

    # MARK: Breaks

    def feed_status(self, event):
        if event["state"] not in BREAKS:
            return
        for it in self.instruments.values():
            book = it.books.get(event["feed"])
            if book is None:
                continue
            if event["state"] != "stopped":
                if "conn" in event and book.conn is not None and book.conn != event["conn"]:
                    continue
                if "instruments" in event and it.name not in event["instruments"]:
                    continue
            self.break_off(book, it)

    def break_off(self, book, it):
        """A book that breaks takes along what was going on over it."""
        if book.known:
            book.known = False
            for key in [key for key in self.runs if (it.venue, it.name) in key[1]]:
                del self.runs[key]

    def book_line(self, event, it):
        """Whether the line says what the book is now."""
        book = it.books[event["feed"]]
        seq, conn = int(event["seq"]), event.get("conn")
        if not (book.known and seq == book.seq + 1 and conn == book.conn):
            self.break_off(book, it)
            if event["type"] == "book_delta":
                return False
        book.known, book.seq, book.conn, book.time = True, seq, conn, int(event["recv_us"])
        for side in ("bids", "asks"):
            levels = {} if event["type"] == "book_snapshot" else dict(getattr(book, side))
            levels.update({millionths(price): millionths(size) for price, size in event[side]})
            setattr(book, side, {price: size for price, size in levels.items() if size})
        return True

    # MARK: Groups

    def groups(self, rule):
        return {"arbitrage": self.linked, "complement": self.complements, "event_set": self.sets}[rule["strategy"]](rule)

    def linked(self, _):
        for link in self.links:
            left = self.instruments.get((link["left_venue"], link["left_instrument"]))
            right = self.instruments.get((link["right_venue"], link["right_instrument"]))
            if left and right:
                if link["relation"] == "same":
                    ways = [("buy", "opposite"), ("opposite", "buy")]
                else:
                    ways = [("buy", "buy"), ("opposite", "opposite")]
                yield Group([left, right], ways, link["relation"])

    def complements(self, _):
        for it in sorted(self.instruments.values(), key=lambda it: (it.name.encode(), it.venue.encode())):
            other = self.instruments.get((it.venue, it.told.get("complement")))
            if other and it.name.encode() < other.name.encode() and it.market == other.market and other.told.get("complement") == it.name:
                yield Group([it, other], [("buy", "buy"), ("sell", "sell")])

    def sets(self, rule):
        venues = sorted({it.venue for it in self.instruments.values()}, key=str.encode)
        for venue in venues:
            for name, count in sorted(rule["events"].items(), key=lambda item: item[0].encode()):
                event = [it for it in self.instruments.values() if it.venue == venue and it.told.get("event") == name]
                outcomes = sorted((it for it in event if it.told.get("outcome") == "Yes"), key=lambda it: it.name.encode())
                is_complete = len(outcomes) == int(count) == len({it.market for it in outcomes})
                if is_complete and all(it.told.get("neg_risk") == "standard" for it in event):
                    yield Group(outcomes, [("buy",) * len(outcomes), ("sell",) * len(outcomes)])

    # MARK: A sight

    def look(self, name, rule, group, event):
        now = int(event["recv_us"])
        books = [it.book() for it in group.members]
        are_fresh = all(book is not None and abs(now - book.time) < rule["max_age"] for book in books)
        key = (name, group.key())
        looks_inverted = group.relation and self.looks_inverted(key, rule, group, books, are_fresh, event)
        for way in group.ways:
            found = None
            if are_fresh and not looks_inverted and not any(book.is_crossed() for book in books):
                found = self.found(rule, group, books, way)
            if found is None:
                self.runs.pop((*key, way), None)
                continue
            run = self.runs.setdefault((*key, way), {"since": now, "said": None})
            run["since"] = min(run["since"], now)
            if now - run["since"] >= rule.get("hold", 0) and run["said"] != numbers_of(found):
                run["said"] = numbers_of(found)
                self.say(key, rule, now, self.decision(name, rule, event, group, books) | found)

    def found(self, rule, group, books, way):
        roundings = ROUNDINGS | rule.get("fee_rounding", {})
        legs, heads = [], []
        for it, book, kind in zip(group.members, books, way):
            fee = Fee.told(it.told.get("fee"))
            if fee is None or not it.is_open() or (fee.rate and it.venue not in roundings):
                return None
            if kind == "buy":
                levels = sorted(book.asks.items())
            else:
                levels = sorted(book.bids.items(), reverse=True)
            if kind == "opposite":
                levels = [(MILLION - price, size) for price, size in levels]
            legs.append(Leg(levels, fee, roundings.get(it.venue)))
            heads.append(self.head(it, kind))
        # Both ways are the same sight.
        self.usable_sights[rule["strategy"]] += way == group.ways[0]
        caps = millionths(rule["max_size"]), millionths(rule["max_cost"])
        numbers = finding(legs, "sell" not in way, rule["min_edge"], *caps)
        if numbers is None:
            return None
        parts, totals = numbers
        return {"legs": [head | part for head, part in zip(heads, parts)]} | totals

    def head(self, it, kind):
        """What is bought or sold, by its own name."""
        leg = {"venue": it.venue, "market": it.market, "instrument": it.name, "label": it.label, "outcome": it.told.get("outcome")}
        if kind == "opposite" and "complement" in it.told:
            name = it.told["complement"]
            other = self.instruments.get((it.venue, name), Instrument(it.venue, name))
            leg.update(market=other.market or it.market, instrument=name, label=other.label, outcome=other.told.get("outcome"))
        elif kind == "opposite":
            outcome = leg["outcome"]
            other = "opposite" if outcome is None else {"Yes": "No", "No": "Yes"}.get(outcome, f"not {outcome}")
            leg.update(label=None, outcome=other)
        if kind:
            leg["side"] = "sell" if kind == "sell" else "buy"
        return {key: value for key, value in leg.items() if value is not None}

    def decision(self, name, rule, event, group, books):
        entries = [book.because(it.name) for it, book in zip(group.members, books)]
        return {
            "venue": event["venue"], "recv_us": event["recv_us"], "rule": name, "strategy": rule["strategy"],
            "action": rule.get("action", "signal"), "because": sorted(entries, key=lambda entry: entry["recv_us"]),
        }

    def say(self, key, rule, now, decision):
        last = self.spoken.get(key)
        if last is None or abs(now - last) >= rule.get("cooldown", 0):
            self.spoken[key] = now
            self.decisions.append(decision)

    def looks_inverted(self, key, rule, group, books, are_fresh, event):
        """Whether nothing is found on a link since its prices say that it is the other way round; once so for long, it is told."""
        if key in self.held:
            return True
        middles = [book.middle_twice() for book in books] if are_fresh else [None]
        if None in middles:
            return key in self.inverted
        apart, off = abs(middles[0] - middles[1]), abs(sum(middles) - 2 * MILLION)
        wanted, other = (apart, off) if group.relation == "same" else (off, apart)
        if not (other <= 60_000 and wanted > 200_000):
            self.inverted.pop(key, None)
            return False
        now = int(event["recv_us"])
        self.inverted[key] = min(now, self.inverted.get(key, now))
        if now - self.inverted[key] >= HELD_AFTER:
            self.held.add(key)
            legs = [self.head(it, None) for it in group.members]
            self.decisions.append(self.decision(key[0], rule, event, group, books) | {"action": "alert", "legs": legs})
        return True


def numbers_of(found):
    """All numbers of a finding, without the words."""
    words = ("venue", "market", "instrument", "label", "outcome", "side")
    return [{key: value for key, value in part.items() if key not in words and key != "legs" and key[0] != "_"} for part in [found, *found["legs"]]]


class Group:
    """Instruments that are traded together, and the ways to do so: what is done with each."""

    def __init__(self, members, ways, relation=None):
        self.members, self.ways, self.relation = members, ways, relation

    def key(self):
        return tuple((it.venue, it.name) for it in self.members)
