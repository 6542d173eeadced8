"""What the venue says it did: every state of every book, every trade, every fault with its bounds."""

import bisect
import hashlib
import json

S = 1_000_000
NO_BOOK = 0

# Seconds after a fault's begin within which a feed must have noticed, as multiples of its patience and a rest; others show at once.
DETECT = {"stall": (1, 5), "stall_silent": (1, 5), "half_open": (1, 5), "dead_sid": (2, 5), "dead_market": (3, 5), "throttle": (0, 10)}
# Seconds after a fault's end within which every book must be known and current again.
RECOVER = {"no_ack": 30, "error18": 30, "snapshot_unanswered": 25, "omit_snapshots": 30, "rest_slow": 30, "server_down": 30, "accept_then_reset": 30,
           "refuse401": 35, "refuse403": 35, "refuse429": 25, "refuse500": 25, "refuse503": 25, "refuse302": 25}
RECOVER_S, START_S = 15, 20

_hashes = {}


def level_hash(side, price, size):
    """A number for one level; a book is the exclusive-or of its levels."""
    if not size:
        return NO_BOOK
    key = (side, price, size)
    found = _hashes.get(key)
    if found is None:
        if len(_hashes) > 1_000_000:
            _hashes.clear()
        found = _hashes[key] = int.from_bytes(hashlib.blake2b(f"{side}{price}/{size}".encode(), digest_size=16).digest(), "big")
    return found


class Levels:
    """A book's levels with its hash kept beside them. Side 0 is bids, 1 is asks."""

    def __init__(self):
        self.sides, self.hash = ({}, {}), NO_BOOK

    def replace(self, bids, asks):
        """A whole book."""
        self.sides, self.hash = (dict(bids), dict(asks)), NO_BOOK
        for side, levels in enumerate(self.sides):
            for price, size in levels.items():
                self.hash ^= level_hash(side, price, size)

    def put(self, side, price, size):
        """One level, absolute."""
        levels = self.sides[side]
        self.hash ^= level_hash(side, price, levels.get(price, 0)) ^ level_hash(side, price, size)
        if size:
            levels[price] = size
        else:
            levels.pop(price, None)


class Story:
    """Every state of one ticker's book: since when it held, its hash, what changed, the venue's time of that."""

    def __init__(self):
        self.levels = Levels()
        self.since, self.hashes, self.changes, self.vus, self.places = [], [], [], [], {}
        self.settled_us, self.value = None, None
        self.wanted = []  # [from, to or None]

    def add(self, value):
        """The next state."""
        if value["k"] != len(self.since):
            raise ValueError(f"state {value['k']} of {value['ticker']} follows {len(self.since) - 1}")
        if value.get("full"):
            self.levels.replace(value["b"], value["a"])
            change = None
        else:
            change = frozenset((side, price, size) for side, name in enumerate("ba") for price, size in value[name])
            for each in change:
                self.levels.put(*each)
        self.places.setdefault(self.levels.hash, []).append(len(self.since))
        self.since.append(value["us"])
        self.hashes.append(self.levels.hash)
        self.changes.append(change)
        self.vus.append(value.get("vus"))

    def until(self, k):
        """When state `k` was followed by another; None for the last."""
        return self.since[k + 1] if k + 1 < len(self.since) else None

    def same(self, value, low=0):
        """States from `low` on that equal a hash."""
        found = self.places.get(value, [])
        return found[bisect.bisect_left(found, low):]

    def wanted_at(self, us):
        """Whether a client wants this book then, and it is still open."""
        return any(since <= us and (to is None or us < to) for since, to in self.wanted) and (self.settled_us is None or us < self.settled_us)


class Fault:
    """One fault: what it touched, and how long its effects are accepted."""

    def __init__(self, value, patience, detect, recover):
        self.number, self.kind, self.begin, self.end = value["id"], value["kind"], value["begin"], None
        self.tickers, self.channel, self.args, self.socket = value["tickers"], value["channel"], value["args"], value["socket"]
        times, rest = DETECT.get(self.kind, (0, 0))
        self.detect_us = int(detect.get(self.kind, times * patience + rest) * S)
        self.recover_us = int(recover.get(self.kind, recover.get("all", RECOVER.get(self.kind, RECOVER_S))) * S)

    def unseen_until(self):
        """Until when its effects may go unnoticed."""
        return min(self.end, self.begin + self.detect_us)

    def healed_by(self):
        """When everything must be well again."""
        return self.end + self.recover_us


class Truth:
    """The whole log."""

    def __init__(self, lines, detect=None, recover=None, key=None):
        """With `key`, only sockets that were opened with that key id count; another feed had the others."""
        self.detect, self.recover, self.key = detect or {}, recover or {}, key
        self.patience, self.stories, self.trades, self.faults, self.sockets = 30, {}, {}, [], {}
        self.lost, self.resolved, self.life_open, self.missed, self.unhealthy = [], [], {}, 0, 0
        self.first_us = self.last_us = None
        for line in lines:
            if not line.endswith("\n"):
                break  # the venue was killed in the middle of a line
            value = json.loads(line)
            self.first_us = self.first_us or value["us"]
            self.last_us = value["us"]
            getattr(self, "on_" + value["t"], self.ignore)(value)
        for fault in self.faults:
            fault.end = fault.end or self.last_us

    def ignore(self, _):
        """Lines for people."""

    def on_head(self, value):
        """Names."""
        self.patience = value["patience"]
        self.stories = {ticker: Story() for ticker in value["markets"]}

    def on_book(self, value):
        """A state."""
        self.stories[value["ticker"]].add(value)

    def on_trade(self, value):
        """A trade and where it went."""
        self.ours(value)
        self.trades[value["trade_id"]] = value

    def on_life(self, value):
        """The end of a market."""
        self.ours(value)
        story = self.stories.get(value["ticker"])
        if story is not None and value["msg"].get("event_type") == "determined":
            story.settled_us = value["us"]
            story.value = value["msg"]["settlement_value"]
            self.resolved.append(value)

    def ours(self, value):
        """Leaves the sockets of others out of `to` and `lost`."""
        for name in ("to", "lost"):
            value[name] = [each for each in value[name] if each[0] in self.sockets]

    def on_want(self, value):
        """What clients want."""
        wanted = self.stories[value["ticker"]].wanted
        if value["on"]:
            wanted.append([value["us"], None])
        elif wanted:
            wanted[-1][1] = value["us"]

    def on_socket(self, value):
        """Sockets by number: `[open, close or None, closed by the venue, pings, pongs]`."""
        if value["what"] == "open" and self.key in (None, value["key"]):
            self.sockets[value["socket"]] = [value["us"], None, False, 0, 0]
        elif value["what"] == "close" and value["socket"] in self.sockets:
            self.sockets[value["socket"]][1:] = [value["us"], value["ours"], value["pings"], value["pongs"]]

    def on_fault(self, value):
        """A fault's begin and end."""
        if value["phase"] == "begin":
            self.faults.append(Fault(value, self.patience, self.detect, self.recover))
        else:
            next(each for each in self.faults if each.number == value["id"]).end = value["us"]

    def on_lost(self, value):
        """A book message that a reader did not get."""
        if value["socket"] in self.sockets:
            self.lost.append(value)

    def on_missed(self, _):
        """A fault that found nothing to break."""
        self.missed += 1

    def on_unhealthy(self, _):
        """The venue waited in vain for its clients."""
        self.unhealthy += 1

    # Bounds.

    def deadline(self, ticker, old_us, lag_us):
        """Until when a book that became old at `old_us` may still be shown. Only faults that cannot be seen at once give more time."""
        limit, moved = old_us + lag_us, True
        while moved:
            moved = False
            for fault in self.faults:
                if fault.detect_us and fault.begin <= limit < fault.unseen_until() + lag_us and touches(fault, ticker):
                    limit, moved = fault.unseen_until() + lag_us, True
        return limit

    def excused_until(self, bad_from, started_us):
        """Until when a book may be unknown that was lost at `bad_from`: by the fault before, and at most two that came on top."""
        before = [each for each in self.faults if each.begin <= bad_from + S // 2]
        start = started_us + START_S * S if bad_from <= started_us else bad_from
        limit = max([start] + [each.healed_by() for each in before if each.healed_by() >= bad_from])
        later = [each for each in self.faults if each.begin > bad_from + S // 2]
        for fault in later[:2]:
            if fault.begin <= limit:
                limit = max(limit, fault.healed_by())
        return limit


def touches(fault, ticker):
    """Whether a fault can have touched a ticker's book."""
    if fault.channel not in (None, "orderbook_delta"):
        return False
    return not fault.tickers or ticker in fault.tickers
