"""What a table must show of some lines: an independent reading of the contract, in Python's decimals."""

import json
from collections import Counter, defaultdict
from datetime import datetime, timezone
from decimal import Decimal

BREAKS = {"gap", "stale", "resyncing", "disconnected", "stopped"}


def plain(value):
    """As the contract prints a decimal."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def age(micros):
    seconds = max(micros, 0) // 1_000_000
    for most, unit, letter in ((60, 1, "s"), (3600, 60, "m"), (86400, 3600, "h"), (86400 * 366, 86400, "d")):
        if seconds < most:
            return f"{seconds // unit}{letter}"
    return ">1y"


def rate(seconds, now):
    return plain(Decimal(sum(seconds[now - back] for back in range(1, 6))) / 5)


class Book:
    def __init__(self):
        self.known, self.conn, self.seq, self.recv, self.sides = False, None, 0, 0, ({}, {})

    def take(self, event):
        snapshot = event["type"] == "book_snapshot"
        if snapshot:
            self.sides = ({}, {})
            self.known = True
        elif not self.known:
            return
        elif event["seq"] != self.seq + 1 or event.get("conn") != self.conn:
            self.known = False
            return
        self.conn, self.seq, self.recv = event.get("conn"), event["seq"], event["recv_us"]
        for side, levels in zip(self.sides, (event["bids"], event["asks"])):
            for price, size in levels:
                side[Decimal(str(price))] = Decimal(str(size))
                if not Decimal(str(size)):
                    del side[Decimal(str(price))]

    def best(self):
        """Bid, its size, ask, its size; None for a side that is empty."""
        bids, asks = self.sides
        bid, ask = max(bids, default=None), min(asks, default=None)
        return bid, bids.get(bid), ask, asks.get(ask)


class Instrument:
    def __init__(self, venue, name):
        self.venue, self.name, self.labelled, self.trade, self.recv = venue, name, False, None, 0
        self.books, self.seconds, self.lines = {}, Counter(), 0

    def top(self):
        """None where no book is known, else best bid and ask of the known book with the latest line."""
        known = [book for book in self.books.values() if book.known]
        return max(known, key=lambda book: book.recv).best() if known else None


class Model:
    def __init__(self):
        self.instruments, self.feeds, self.decisions, self.lines, self.malformed = {}, {}, [], 0, 0
        self.seconds, self.latest = Counter(), 0

    def take(self, line):
        """Gives the event, or None where the line is none."""
        self.lines += 1
        try:
            event = json.loads(line, parse_float=Decimal)
        except ValueError:
            self.malformed += 1
            self.seconds[self.latest // 1_000_000] += 1
            return None
        self.latest = max(self.latest, event["recv_us"])
        now = self.latest // 1_000_000
        self.seconds[now] += 1
        kind = event["type"]
        if kind == "of_tomorrow":
            return event
        feed = self.feeds.setdefault(event["feed"], {"state": None, "reason": "", "since": 0, "recv": 0, "up": set(), "down": 0, "gaps": 0, "stage": False, "seconds": Counter()})
        feed["seconds"][now] += 1
        feed["recv"] = max(feed["recv"], event["recv_us"])
        if kind == "feed_status":
            self.take_status(event, feed)
        elif kind == "stage_status":
            feed["stage"] = True
            if event["state"] != "heartbeat" or feed["state"] is None:
                feed.update(state=event["state"], since=event["recv_us"])
        elif kind == "decision":
            self.decisions.append(event)
        else:
            self.take_instrument(event, feed, now)
        return event

    def take_instrument(self, event, feed, now):
        key = event["venue"], event["instrument"]
        instrument = self.instruments.setdefault(key, Instrument(event["venue"], event["instrument"]))
        instrument.lines += 1
        instrument.seconds[now] += 1
        instrument.recv = max(instrument.recv, event["recv_us"])
        if event.get("label") and not instrument.labelled:
            instrument.name, instrument.labelled = event["label"], True
        if event["type"] in ("book_snapshot", "book_delta"):
            instrument.books.setdefault(event["feed"], Book()).take(event)
            if event["type"] == "book_snapshot" and "conn" in event:
                self.up(feed, event["conn"])
        elif event["type"] == "trade":
            instrument.trade = event

    @staticmethod
    def up(feed, conn):
        if conn not in feed["up"]:
            feed["up"].add(conn)
            feed["down"] = max(feed["down"] - 1, 0)

    def take_status(self, event, feed):
        state, conn = event["state"], event.get("conn")
        if state in BREAKS:
            everything = state == "stopped" or "instruments" not in event
            for (venue, name), instrument in self.instruments.items():
                book = instrument.books.get(event["feed"])
                concerned = everything or (venue == event["venue"] and name in event["instruments"])
                if book and concerned and (state == "stopped" or conn is None or book.conn in (None, conn)):
                    book.known = False
        if state in ("heartbeat", "drift"):
            if state == "heartbeat" and feed["state"] is None:
                feed.update(state=state, since=event["recv_us"])
            return
        if state in ("connecting", "live") and conn is not None:
            self.up(feed, conn)
        elif state == "disconnected" and conn is not None:
            if conn in feed["up"]:
                feed["up"].remove(conn)
                feed["down"] += "retry_in_us" in event
            if not feed["up"]:
                feed["down"] = max(feed["down"], 1)
        elif state == "stopped":
            feed["up"], feed["down"] = set(), 0
        elif state == "gap":
            feed["gaps"] += 1
        feed.update(state=state, reason=event.get("reason", ""), since=event["recv_us"])

    # What is shown, as fields without the empty ones

    def row(self, key, now=None):
        """The fields of an instrument; without ages and rates where `now` is None."""
        instrument = self.instruments[key]
        top, trade, fields = instrument.top(), instrument.trade, [instrument.name, instrument.venue]
        if top is None:
            fields += ["?", "?"]
        else:
            bid, bid_size, ask, ask_size = top
            fields += ["-"] if bid is None else [plain(bid_size), plain(bid)]
            fields += ["-"] if ask is None else [plain(ask), plain(ask_size)]
            if bid is not None and ask is not None:
                fields += [plain(ask - bid)] + (["X"] if ask < bid else ["="] if ask == bid else [])
        if trade:
            fields += [plain(Decimal(str(trade["price"]))), plain(Decimal(str(trade["size"]))), {"unknown": "-"}.get(trade["aggressor_side"], trade["aggressor_side"])]
        if now is not None:
            fields += [age(now - trade["recv_us"])] if trade else []
            fields += [age(now - instrument.recv), rate(instrument.seconds, now // 1_000_000)]
        return fields

    def order(self, now):
        """The instruments, the most active first."""
        second = now // 1_000_000
        recent = {key: sum(one.seconds[second - back] for back in range(1, 6)) for key, one in self.instruments.items()}
        return sorted(self.instruments, key=lambda key: (-recent[key], -self.instruments[key].lines))

    def healthy(self, feed):
        return feed["down"] == 0 and (feed["state"] in (None, "live", "heartbeat") or (feed["state"] == "stopped" and feed["stage"]))

    def feed_rows(self, now):
        order = sorted(self.feeds, key=lambda name: self.healthy(self.feeds[name]))
        rows = []
        for name in order:
            feed = self.feeds[name]
            row = [name] + ([feed["state"], age(now - feed["since"])] if feed["state"] else [])
            row += [age(now - feed["recv"]), rate(feed["seconds"], now // 1_000_000)]
            row += [str(feed["down"]), str(feed["gaps"])] if feed["state"] and not feed["stage"] else []
            rows.append(row + feed["reason"].split())
        return rows

    def decision_rows(self, now, most):
        return [[one["rule"], one["action"], age(now - one["recv_us"])] + one["note"].split() for one in reversed(self.decisions[-most:])]


def moment(micros):
    return datetime.fromtimestamp(micros // 1_000_000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{micros % 1_000_000:06}Z"


def plain_lines(lines):
    """The lines of a table that is no terminal, for input from a file."""
    model, told, seconds, pending, second, out = Model(), {}, {}, [], None, []

    def tell(key):
        top, one = model.instruments[key].top(), model.instruments[key]
        told[key], seconds[key] = top, second
        if top is None:
            values = ["?"] * 5
        else:
            bid, bid_size, ask, ask_size = top
            values = ["-" if value is None else plain(value) for value in (bid, bid_size, ask, ask_size, None if bid is None or ask is None else ask - bid)]
        out.append(" ".join([moment(one.recv), "book", one.venue, one.name, *values]))

    def tell_pending():
        waiting, pending[:] = list(pending), []
        for key in waiting:
            if model.instruments[key].top() != told[key]:
                tell(key)

    def look(key):
        top = model.instruments[key].top()
        if key in pending or top == told.get(key):
            return
        if seconds.get(key) != second:
            tell(key)
        else:
            pending.append(key)

    for line in lines:
        try:
            now = max(model.latest, json.loads(line)["recv_us"]) // 1_000_000
        except ValueError:
            model.take(line)
            continue
        if second is None or now > second:
            second = now
            tell_pending()
        event = model.take(line)
        kind = event["type"]
        if kind in ("book_snapshot", "book_delta"):
            look((event["venue"], event["instrument"]))
        elif kind == "trade":
            one = model.instruments[event["venue"], event["instrument"]]
            out.append(" ".join([moment(event["recv_us"]), "trade", one.venue, one.name, {"unknown": "-"}.get(event["aggressor_side"], event["aggressor_side"]), plain(Decimal(str(event["price"]))), plain(Decimal(str(event["size"])))]))
        elif kind == "decision":
            out.append(" ".join([moment(event["recv_us"]), "decision", event["feed"], event["rule"], event["action"], event["note"]]))
        elif kind in ("feed_status", "stage_status") and event["state"] not in ("heartbeat", "drift"):
            feed = model.feeds[event["feed"]]
            out.append(" ".join([moment(event["recv_us"]), "stage" if feed["stage"] else "feed", event["feed"], event["state"], feed["reason"] or "-"]))
            for key in model.instruments:
                look(key)
    tell_pending()
    return out
