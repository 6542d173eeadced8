"""A reader of feeds that does what `docs/market-event.md` says and nothing else, and what must hold of merged feeds by it."""

import json
from decimal import Decimal


# How long what was shown last may stand while no other source is known to have come as far.
LAG = 1_000_000


def mil(value):
    return int(Decimal(value) * 1_000_000) if not isinstance(value, int) else value * 1_000_000


class Reader:
    """The books of one feed."""

    def __init__(self):
        self.books = {}  # instrument -> [known, conns, seq, bids, asks]

    def take(self, event):
        kind = event["type"]
        if kind == "book_snapshot":
            self.books[event["instrument"]] = [True, {event.get("conn")}, event["seq"], self.side(event["bids"]), self.side(event["asks"])]
        elif kind == "book_delta":
            book = self.books.setdefault(event["instrument"], [False, set(), 0, {}, {}])
            if not book[0] or event["seq"] != book[2] + 1:
                book[0] = False
                return
            book[2] = event["seq"]
            book[1].add(event.get("conn"))
            for mine, name in ((book[3], "bids"), (book[4], "asks")):
                for price, size in self.side(event[name]).items():
                    if size:
                        mine[price] = size
                    else:
                        mine.pop(price, None)
        elif kind == "feed_status" and event["state"] in ("gap", "stale", "resyncing", "disconnected", "stopped"):
            isend = event["state"] == "stopped"
            for instrument, book in self.books.items():
                conn = None if isend else event.get("conn")
                if not isend and "instruments" in event and instrument not in event["instruments"]:
                    continue
                if conn is None or conn in book[1] or None in book[1]:
                    book[0] = False

    @staticmethod
    def side(levels):
        return {mil(price): mil(size) for price, size in levels}

    def end(self):
        for book in self.books.values():
            book[0] = False

    def known(self, instrument):
        """The book as something that can be compared; None if it is unknown."""
        book = self.books.get(instrument)
        if book is None or not book[0]:
            return None
        return (tuple(sorted(book[3].items())), tuple(sorted(book[4].items())))


def parse(line):
    return json.loads(line, parse_float=Decimal)


def merged_order(feeds):
    """All lines of the inputs as an exact merge has them: (recv_us, input, bytes, whether it is the input's last)."""
    keyed = []
    for place, lines in enumerate(feeds):
        for index, (received, line) in enumerate(lines):
            keyed.append((received, place, index, line, index == len(lines) - 1))
    return [(received, place, line, islast) for received, place, index, line, islast in sorted(keyed, key=lambda k: k[:3])]


def expected_trades(order):
    """Which trade lines pass: an id once, else the k-th of a feed is the k-th of any."""
    seen, passed, counts, lines = set(), {}, {}, []
    for _, place, line, _ in order:
        if b'"type":"trade"' not in line:
            continue
        event = parse(line)
        about = (event["venue"], event["instrument"])
        if "trade_id" in event:
            key = (*about, event["trade_id"])
            if key in seen:
                continue
            seen.add(key)
        else:
            key = (*about, event.get("tx"), event["price"], event["size"], event["aggressor_side"], event.get("venue_us"))
            counts[place, key] = counts.get((place, key), 0) + 1
            if counts[place, key] <= passed.get(key, 0):
                continue
            passed[key] = counts[place, key]
        lines.append(line)
    return lines


class Check:
    """Holds a merged stream against its inputs; `problems` says what is wrong."""

    def __init__(self, inputs, output, name="merge"):
        self.problems, self.name = [], name
        self.inputs = inputs
        self.order = merged_order(inputs)
        self.lines = output.splitlines(True)
        self.events = [parse(line) for line in self.lines]
        # (time, {instrument: book or None}) after every time at which anything happened
        self.states = []
        # (time, instrument, book) of every merged book line
        self.shown = []
        self.switches = 0
        self.rest()
        self.walk()

    def say(self, text):
        if len(self.problems) < 10:
            self.problems.append(text)

    def rest(self):
        """Trades exactly once, all other lines as they were and in order, no source's book line."""
        others = [line for _, _, line, _ in self.order if not any(k in line for k in (b'"type":"trade"', b'"type":"book_'))]
        got = [line for line, event in zip(self.lines, self.events) if event["feed"] != self.name]
        if [line for line in got if b'"type":"trade"' not in line] != others:
            self.say("the other lines are not as they were")
        if [line for line in got if b'"type":"trade"' in line] != expected_trades(self.order):
            self.say("trades are not there exactly once, the first of each")
        for event in self.events:
            if event["feed"] == self.name and (event["type"] not in ("book_snapshot", "book_delta", "feed_status") or "conn" in event):
                self.say(f"a line that is not the merged feed's: {event}")

    def walk(self):
        """At every moment each known merged book is one source's known book, of that moment or of one for which others may be waited for."""
        readers, merged, seqs, standing = [Reader() for _ in self.inputs], Reader(), {}, {}
        outputs = [event for event in self.events if event["feed"] == self.name]
        for before, after in zip(outputs, outputs[1:]):
            if after["recv_us"] < before["recv_us"]:
                self.say(f"time runs backwards at {after['recv_us']}")
        at = place = 0
        while at < len(self.order) or place < len(outputs):
            now = min(self.order[at][0] if at < len(self.order) else outputs[place]["recv_us"],
                      outputs[place]["recv_us"] if place < len(outputs) else self.order[at][0])
            last = place
            while last < len(outputs) and outputs[last]["recv_us"] == now:
                last += 1
            touched = {event.get("instrument") for event in outputs[place:last]}
            # Every book that a source had at this time, before or behind any line of it.
            allowed = {each: {reader.known(each) for reader in readers} for each in touched}
            while at < len(self.order) and self.order[at][0] == now:
                _, source, line, islast = self.order[at]
                readers[source].take(parse(line))
                for each in touched:
                    allowed[each] |= {reader.known(each) for reader in readers}
                if islast:
                    readers[source].end()
                at += 1
            for event in outputs[place:last]:
                self.line(event, merged, seqs, allowed)
            place = last
            state = {}
            for each in merged.books:
                book = state[each] = merged.known(each)
                known = {reader.known(each) for reader in readers}
                if book is None or book in known:
                    standing.pop(each, None)
                elif known == {None}:
                    self.say(f"{now}: the merged book of {each} is known and no source has one")
                elif standing.setdefault(each, now) + LAG <= now:
                    self.say(f"{now}: the merged book of {each} is known and has been no source's since {standing[each]}")
            self.states.append((now, state))

    def line(self, event, merged, seqs, allowed):
        if event["type"] == "feed_status":
            if event["state"] not in ("gap", "live") or not event.get("instruments"):
                self.say(f"a status of the merged feed: {event}")
            return merged.take(event)
        each = event["instrument"]
        if event["seq"] != seqs.get(each, 0) + 1:
            self.say(f"seq of {each} is {event['seq']} after {seqs.get(each, 0)}")
        seqs[each] = event["seq"]
        wasknown = merged.known(each) is not None
        if event["type"] == "book_delta" and not wasknown:
            self.say(f"{event['recv_us']}: a delta of {each}, whose merged book is unknown")
        if event["type"] == "book_snapshot" and event["reason"] == "resync" and wasknown and "venue_us" not in event:
            self.switches += 1
        merged.take(event)
        self.shown.append((event["recv_us"], each, merged.known(each)))
        if merged.known(each) not in allowed[each]:
            self.say(f"{event['recv_us']}: the merged book of {each} (seq {event['seq']}) is no source's")


def check_healthy(check, venue, feeds, grace=2_000_000):
    """While a feed is healthy, every merged book is known, and not older than it takes to see that the one shown is behind."""
    place = {}
    for now, state in check.states:
        if not any(first + grace <= now < last for feed in feeds for first, last in feed.healthy):
            continue
        for each in venue.instruments:
            book = state.get(each)
            if book is None:
                check.say(f"{now}: the merged book of {each} is unknown and a feed is healthy")
                continue
            history = venue.history[each]
            first = place.get(each, 0)
            while first + 1 < len(history) and history[first + 1][0] <= now - grace:
                first += 1
            place[each] = first
            if not any(book == (tuple(sorted(bids.items())), tuple(sorted(asks.items())))
                       for time, bids, asks in history[first:] if time <= now):
                check.say(f"{now}: the merged book of {each} is older than {grace} µs and a feed is healthy")


def check_never_back(check, venue):
    """What a merged book shows is never an older state of the venue's than what it showed before, gaps or not."""
    places = {}
    for each, history in venue.history.items():
        places[each] = {}
        for place, (_, bids, asks) in enumerate(history):
            places[each].setdefault((tuple(sorted(bids.items())), tuple(sorted(asks.items()))), []).append(place)
    newest = {}
    for now, each, book in check.shown:
        found = places[each].get(book, [])
        later = [place for place in found if place >= newest.get(each, 0)]
        if later:
            newest[each] = later[0]
        elif found:
            check.say(f"{now}: the merged book of {each} goes back to state {found[-1]} from {newest[each]}")
        elif book is not None:
            check.say(f"{now}: the merged book of {each} is no state of the venue's")
