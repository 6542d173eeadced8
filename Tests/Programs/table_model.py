"""What a table must show of some lines: an independent reading of the contract, in Python's decimals."""

import json
import re
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal

BREAKS = {"gap", "stale", "resyncing", "disconnected", "stopped"}
RANKS = {"live": 0, "heartbeat": 0, "connecting": 1, "resyncing": 3, "stale": 4, "gap": 5, "disconnected": 6, "stopped": 7}
BACK = 8_000_000  # a clock that goes back further was set back


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


class Window:
    """Lines of each second; begins anew where the clock was set back."""

    def __init__(self):
        self.counts, self.latest = Counter(), None

    def count(self, second):
        if self.latest is not None and self.latest - second >= 8:
            self.counts.clear()
            self.latest = second
        self.latest = second if self.latest is None else max(self.latest, second)
        self.counts[self.latest] += 1

    def recent(self, now):
        return sum(self.counts[second] for second in range(now - 5, now) if self.latest is not None and self.latest - second < 8)


def rate(window, now):
    return plain(Decimal(window.recent(now)) / 5)


def later(past, micros):
    """The clock after a line of that time."""
    return micros if micros > past or past - micros > BACK else past


def is_seen(label):
    return bool(label and re.sub("[\u200c\u200d\ufe00-\ufe0f ]", "", label))


def is_whole(number, least=None):
    return number is None or (isinstance(number, int) and not isinstance(number, bool) and (least is None or number >= least))


def is_status(event):
    """Whether a `feed_status` is what the contract says."""
    words = isinstance(event.get("state"), str) and isinstance(event.get("reason", ""), str)
    numbers = is_whole(event.get("conn"), 1) and all(is_whole(event.get(key)) for key in ("since_us", "expected_seq", "got_seq", "retry_in_us"))
    return words and numbers and is_whole(event.get("recv_us", "")) and isinstance(event.get("instruments", []), list) and isinstance(event.get("counters", {}), dict)


def broken_feed(line):
    """The feed of which a line that is no event may tell a break; it may be torn."""
    told = {key: re.search(f'"{key}":\\s*"([^"]*)"', line) for key in ("type", "feed", "state")}
    if not told["type"] or told["type"][1] != "feed_status" or not told["feed"]:
        return None
    return told["feed"][1] if not told["state"] or told["state"][1] in BREAKS else None


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
        self.books, self.seconds, self.lines = {}, Window(), 0

    def top(self):
        """None where no book is known, else best bid and ask of the known book with the latest line."""
        known = [book for book in self.books.values() if book.known]
        return max(known, key=lambda book: book.recv).best() if known else None


class Connections:
    """What a feed says of its connections: each is `{"conn", "word", "partial", "filled"}`, a word `(rank, time, state, reason)`, what is partial `[word, names]`."""

    def __init__(self):
        self.up, self.lost, self.gone, self.whole, self.partial, self.lagging = [], [], [], None, None, None

    def find(self, conn):
        return next((one for one in self.up if one["conn"] == conn), None)

    def open(self, conn):
        if self.find(conn) is None:
            self.gone = [one for one in self.gone if one != conn]
            filled = self.lost.pop(0) if self.lost else None
            self.up.append({"conn": conn, "word": None, "partial": None, "filled": filled if filled and filled[2] != "stopped" else None})
        return self.find(conn)

    def close(self, conn, is_retried, word):
        self.gone = (self.gone + [conn])[-64:]
        one = self.find(conn)
        if one:
            is_newest = one is self.up[-1]
            self.up.remove(one)
            if is_retried:
                self.lost.append(word)
            elif not is_newest and self.up[-1]["filled"]:
                self.lost.append(self.up[-1]["filled"])
                self.up[-1]["filled"] = None
        elif self.lost:
            self.lost[-1] = word
        if not self.up and not self.lost:
            self.lost.append(word)

    def concerned(self, conn):
        """The connection that a word is about: one that has not ended is there."""
        return None if conn in self.gone else self.open(conn)

    def take(self, state, event, word):
        conn, names = event.get("conn"), event.get("instruments")
        if names is not None and not all(isinstance(name, str) for name in names):
            names = None
        if state in ("connecting", "live") and conn is not None:
            self.open(conn)
        if state == "disconnected" and conn is not None:
            self.close(conn, "retry_in_us" in event, word)
        elif state == "stopped":
            self.__init__()
            self.lost = [word]
        elif state == "lagging":
            self.lagging = None if "since_us" in event else word
        elif names is None or state in ("connecting", "disconnected"):
            if conn is None:
                self.whole, self.partial = word, None
            for one in self.up if conn is None else [self.concerned(conn)]:
                if one:
                    one["word"], one["partial"] = word, None
        elif state == "live":
            self.partial = self.healed(self.partial, names)
            for one in self.up:
                if conn is None or one["conn"] == conn:
                    one["partial"] = self.healed(one["partial"], names)
        elif names:
            if conn is None:
                self.partial = [word, (self.partial[1] if self.partial else set()) | set(names)]
            else:
                one = self.concerned(conn)
                if one:
                    one["partial"] = [word, (one["partial"][1] if one["partial"] else set()) | set(names)]

    @staticmethod
    def healed(partial, names):
        if not partial or not partial[1] - set(names):
            return None
        return [partial[0], partial[1] - set(names)]

    def worst(self):
        words = [word for one in self.up for word in (one["word"], one["partial"] and one["partial"][0])]
        words = [word for word in [*words, self.partial and self.partial[0], self.lagging, *self.lost] if word]
        return max(words, key=lambda word: word[:2]) if words else self.whole


class Model:
    def __init__(self):
        self.instruments, self.feeds, self.decisions, self.lines, self.malformed = {}, {}, [], 0, 0
        self.seconds, self.latest = Window(), 0
        self.broken = []  # instruments of which the last line may have made a book unknown

    def take(self, line):
        """Gives the event, or None where the line is none."""
        self.lines += 1
        self.broken = []
        try:
            event = json.loads(line, parse_float=Decimal)
        except ValueError:
            event = None
        if event is None or (event["type"] == "feed_status" and not is_status(event)):
            self.malformed += 1
            self.seconds.count(self.latest // 1_000_000)
            feed = broken_feed(line)
            if feed is not None:
                self.forget(feed, None, None, None)
            return None
        self.latest = later(self.latest, event["recv_us"])
        now = self.latest // 1_000_000
        self.seconds.count(now)
        kind = event["type"]
        if kind == "of_tomorrow":
            return event
        feed = self.feeds.setdefault(event["feed"], {"last": None, "conns": Connections(), "recv": 0, "gaps": 0, "stage": False, "seconds": Window()})
        feed["seconds"].count(now)
        feed["recv"] = later(feed["recv"], event["recv_us"])
        if kind == "feed_status":
            self.take_status(event, feed)
        elif kind == "stage_status":
            feed["stage"] = True
            if event["state"] != "heartbeat" or feed["last"] is None:
                feed["last"] = self.word(event)
        elif kind == "decision":
            self.decisions.append(event)
        else:
            self.take_instrument(event, feed, now)
        return event

    def take_instrument(self, event, feed, now):
        key = event["venue"], event["instrument"]
        instrument = self.instruments.setdefault(key, Instrument(event["venue"], event["instrument"]))
        instrument.lines += 1
        instrument.seconds.count(now)
        instrument.recv = later(instrument.recv, event["recv_us"])
        if is_seen(event.get("label")) and not instrument.labelled:
            instrument.name, instrument.labelled = event["label"], True
        if event["type"] in ("book_snapshot", "book_delta"):
            instrument.books.setdefault(event["feed"], Book()).take(event)
            if event["type"] == "book_snapshot" and "conn" in event:
                feed["conns"].open(event["conn"])
        elif event["type"] == "trade":
            instrument.trade = event

    @staticmethod
    def word(event):
        return RANKS.get(event["state"], 2), event["recv_us"], event["state"], event.get("reason", "") if event["type"] == "feed_status" else ""

    def forget(self, feed, venue, conn, names):
        """Books of a feed are unknown: of one connection or all (None), of the named instruments or all (None)."""
        for (where, name), instrument in self.instruments.items():
            book = instrument.books.get(feed)
            if book and (names is None or (where == venue and name in names)) and (conn is None or book.conn in (None, conn)):
                self.broken += [(where, name)] if book.known else []
                book.known = False

    def take_status(self, event, feed):
        state, names = event["state"], event.get("instruments")
        if state in BREAKS:
            if state == "stopped" or not all(isinstance(name, str) for name in names or []):
                self.forget(event["feed"], None, None, None)
            else:
                self.forget(event["feed"], event["venue"], event.get("conn"), names)
        if state in ("heartbeat", "drift"):
            if state == "heartbeat" and feed["conns"].whole is None:
                feed["conns"].whole = self.word(event)
            return
        feed["gaps"] += state == "gap"
        feed["last"] = self.word(event)
        feed["conns"].take(state, event, feed["last"])

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
        recent = {key: one.seconds.recent(second) for key, one in self.instruments.items()}
        return sorted(self.instruments, key=lambda key: (-recent[key], -self.instruments[key].lines))

    def healthy(self, feed):
        shown = self.shown(feed)
        return not feed["conns"].lost and (not shown or shown[0] == 0 or (shown[2] == "stopped" and feed["stage"]))

    @staticmethod
    def shown(feed):
        return feed["last"] if feed["stage"] else feed["conns"].worst()

    def feed_rows(self, now):
        order = sorted(self.feeds, key=lambda name: self.healthy(self.feeds[name]))
        rows = []
        for name in order:
            feed = self.feeds[name]
            shown = self.shown(feed)
            row = [name] + ([shown[2], age(now - shown[1])] if shown else [])
            row += [age(now - feed["recv"]), rate(feed["seconds"], now // 1_000_000)]
            row += [str(len(feed["conns"].lost)), str(feed["gaps"])] if (shown or feed["last"]) and not feed["stage"] else []
            rows.append(row + (shown[3].split() if shown else []))
        return rows

    def decision_rows(self, now, most):
        return [[one["rule"], one["action"], age(now - one["recv_us"])] + one["note"].split() for one in reversed(self.decisions[-most:])]


def moment(micros):
    return datetime.fromtimestamp(micros // 1_000_000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{micros % 1_000_000:06}Z"


def plain_lines(lines):
    """The lines of a table that is no terminal, for input from a file."""
    model, told, seconds, pending, second, out = Model(), {}, {}, [], None, []
    tops, changed = {}, {}  # what is to tell, and the time of the book line or break that made it so

    def tell(key):
        top, one = model.instruments[key].top(), model.instruments[key]
        told[key], seconds[key] = top, second
        if top is None:
            values = ["?"] * 5
        else:
            bid, bid_size, ask, ask_size = top
            values = ["-" if value is None else plain(value) for value in (bid, bid_size, ask, ask_size, None if bid is None or ask is None else ask - bid)]
        out.append(" ".join([moment(changed[key]), "book", one.venue, one.name, *values]))

    def tell_pending():
        waiting, pending[:] = list(pending), []
        for key in waiting:
            if model.instruments[key].top() != told[key]:
                tell(key)

    def look(key, time):
        top = model.instruments[key].top()
        if top != tops.get(key):
            tops[key], changed[key] = top, time
        if key in pending or top == told.get(key):
            return
        if seconds.get(key) != second:
            tell(key)
        else:
            pending.append(key)

    for line in lines:
        # A line is looked at when what waited for its second is told.
        before = Model()
        before.latest = model.latest
        event = before.take(line)
        if event is None:
            model.take(line)
            for key in model.broken:
                look(key, model.latest)
            continue
        if second != before.latest // 1_000_000:
            second = before.latest // 1_000_000
            tell_pending()
        event = model.take(line)
        kind = event["type"]
        if kind in ("book_snapshot", "book_delta"):
            look((event["venue"], event["instrument"]), event["recv_us"])
        elif kind == "trade":
            one = model.instruments[event["venue"], event["instrument"]]
            out.append(" ".join([moment(event["recv_us"]), "trade", one.venue, one.name, {"unknown": "-"}.get(event["aggressor_side"], event["aggressor_side"]), plain(Decimal(str(event["price"]))), plain(Decimal(str(event["size"])))]))
        elif kind == "decision":
            out.append(" ".join([moment(event["recv_us"]), "decision", event["feed"], event["rule"], event["action"], event["note"]]))
        elif kind in ("feed_status", "stage_status") and event["state"] not in ("heartbeat", "drift"):
            feed = model.feeds[event["feed"]]
            reason = event.get("reason", "") if kind == "feed_status" else ""
            out.append(" ".join([moment(event["recv_us"]), "stage" if feed["stage"] else "feed", event["feed"], event["state"], reason or "-"]))
            for key in model.broken:
                look(key, event["recv_us"])
    tell_pending()
    return out
