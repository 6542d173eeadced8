"""Holds a feed's events against the truth about its recording: `check.py --recording F --truth F --events F [--verify-all]`.

Events are played as the contract's consumer would, beside the recording, joined by `recv_us`. Prints at most 20 problems, each
with its recording line; exit 1 if there are any.
"""

import argparse
import itertools
import json
import sys

from consumer import Consumer, mil, parse

STALE_AFTER_US = 30_000_000
TRADE_KEYS = ("market", "instrument", "price", "size", "side", "venue_us", "tx", "trade_id", "conn")


class Checker:
    """Plays truth and events side by side."""

    def __init__(self, head, verify_all=False):
        self.head, self.mode = head, 1 if verify_all else 0
        self.problems, self.line, self.fault = [], 0, ""
        self.consumer = Consumer(self.complain)
        self.views, self.states = {}, dict.fromkeys(head["instruments"], "u")
        self.windows, self.gaps_now = {}, []
        self.conn, self.statuses, self.last_us = None, [], 0
        self.drifts, self.recipe_line, self.trades = [], None, 0
        self.compared = {"k": 0, "u": 0, "e": 0}

    def complain(self, text):
        """A problem at this line."""
        self.problems.append(f"line {self.line}{f' ({self.fault})' if self.fault else ''}: {text}")

    # One recording line.

    def step(self, number, us, notes, between, caused):
        """What timers said before the line, the line's truth, what the line caused."""
        self.fault = ""
        waiting = self.play(between, {}, us)
        if "stale" not in notes:
            self.compare(waiting)
            waiting = set()
        self.timers_done(between, notes)
        self.line, self.fault = number, notes.get("fault", "")
        for change in notes.get("gw", ()):
            if change[0] == "open":
                self.windows[change[1]] = {"inst": change[3], "conn": change[2], "told": 0, "need": False, "ended": False}
            elif change[0] == "due" and change[2] == ("d", "a")[self.mode]:
                self.windows[change[1]]["need"] = True
            elif change[0] == "many":
                self.windows[change[1]]["many"] = True
        changed = self.advance(notes)
        touched = self.play(caused, notes, us)
        self.compare(touched | changed | waiting)
        self.finish(notes)

    def timers_done(self, between, notes):
        """Silence must have been told by now, once."""
        stale = notes.get("stale")
        if stale:
            told = [event for event in between + self.earlier_stale if event["type"] == "feed_status" and event["state"] == "stale"
                    and event["recv_us"] >= stale[0] + STALE_AFTER_US]
            if len(told) != 1:
                self.complain(f"{len(told)} stale lines for a silence since {stale[0]}, expected 1")
        elif any(event["type"] == "feed_status" and event["state"] == "stale" for event in between):
            self.complain("a stale line without a silence")

    earlier_stale = ()

    def advance(self, notes):
        """Brings the views up to date; gives the instruments that changed."""
        for instrument, (bids, asks) in notes.get("book", {}).items():
            self.views[instrument] = (dict(map(tuple, bids)), dict(map(tuple, asks)))
        for instrument, (_, levels) in notes.get("lev", {}).items():
            if instrument in notes.get("book", {}):
                continue
            for side, price, size in levels:
                mine = self.views[instrument][0 if side == "b" else 1]
                if size:
                    mine[price] = size
                else:
                    mine.pop(price, None)
        for instrument, states in notes.get("st", {}).items():
            self.states[instrument] = states[self.mode]
        if "open" in notes:
            self.conn = notes["open"]
        return set(notes.get("book", ())) | set(notes.get("lev", ())) | set(notes.get("st", ()))

    def play(self, events, notes, us):
        """Plays events and checks each by itself."""
        touched, trades, snapshots, deltas = set(), [], {}, {}
        self.gaps_now = []
        self.statuses = []
        for event in events:
            if event["recv_us"] < self.last_us:
                self.complain(f"recv_us goes back to {event['recv_us']}")
            self.last_us = event["recv_us"]
            kind, instrument = event["type"], event.get("instrument")
            touched.update(self.consumer.take(event))
            if instrument is not None and self.head["instruments"].get(instrument, event["market"]) != event["market"]:
                self.complain(f"market of {instrument} is {event['market']}")
            if kind == "trade":
                trades.append(event)
            elif kind == "book_snapshot":
                self.snapshot(event, instrument, notes, snapshots)
            elif kind == "book_delta":
                self.delta(event, instrument, notes, deltas)
            elif kind == "feed_status":
                self.status(event)
        self.check_trades(trades, notes.get("trades", []))
        for instrument, count in notes.get("snap", {}).items():
            if not snapshots.get(instrument, 0) and instrument in notes.get("maybe", ()):
                continue  # It may have been known or not; if it was, the answer told nothing new.
            if snapshots.get(instrument, 0) != count:
                self.complain(f"{snapshots.get(instrument, 0)} snapshots of {instrument}, the venue sent {count}")
        return touched

    def snapshot(self, event, instrument, notes, counts):
        """A snapshot by itself."""
        if event["reason"] == "checkpoint":
            if not notes:
                self.compare([instrument])
        else:
            if instrument in notes.get("snap", {}):
                counts[instrument] = counts.get(instrument, 0) + 1
            elif self.states.get(instrument) != "e" and instrument not in notes.get("lev", {}):
                self.complain(f"a snapshot of {instrument} ({event['reason']}) that no message gave")
        self.verified(event, instrument, notes)

    def verified(self, event, instrument, notes):
        """`verified` only where the hash did agree."""
        if event.get("verified") and instrument in notes.get("hv", {}) and not notes["hv"][instrument]:
            self.complain(f"{event['type']} of {instrument} says verified, the hash does not agree")
        if event.get("verified") and self.head["venue"] == "kalshi":
            self.complain("verified on a venue without hashes")

    def delta(self, event, instrument, notes, counts):
        """A delta by itself: only levels of the message, one line a message, the venue's time."""
        counts[instrument] = counts.get(instrument, 0) + 1
        messages, levels = notes.get("lev", {}).get(instrument, (0, ()))
        if counts[instrument] > messages:
            self.complain(f"{counts[instrument]} deltas of {instrument} for {messages} messages")
            return
        touched = {(side, price) for side, price, _ in levels}
        told = [("b", mil(p)) for p, _ in event["bids"]] + [("a", mil(p)) for p, _ in event["asks"]]
        for level in told:
            if level not in touched:
                self.complain(f"a delta of {instrument} has level {level}, which its message has not")
        times = notes.get("vus", {}).get(instrument, [])
        if event.get("venue_us") not in times:
            self.complain(f"a delta of {instrument} has venue_us {event.get('venue_us')}, expected {times}")
        self.verified(event, instrument, notes)

    def status(self, event):
        """Collects what is counted at the end of the line."""
        state = event["state"]
        if state == "gap":
            if "since_us" not in event:
                self.complain("a gap without since_us")
            self.gaps_now.append(event)
        elif state == "drift":
            self.drifts.append((self.line, event.get("reason", "")))
        self.statuses.append((state, event.get("conn")))
        if state == "gap" and event.get("conn") != self.conn:
            self.complain(f"a gap on conn {event.get('conn')}, the connection is {self.conn}")
        if state == "gap" and event["recv_us"] is not None:
            self.claim(event)

    def claim(self, event):
        """A gap must have a cause: an open window of an instrument, or (later, in `finish`) this very line."""
        event["claimed"] = set()
        for window in self.windows.values():
            if not window["ended"] and window["conn"] == event.get("conn") and self.concerns(event, window["inst"]):
                window["told"] += 1
                event["claimed"].update(window["inst"])

    @staticmethod
    def concerns(event, instruments):
        """Whether a gap line is about these instruments."""
        return "instruments" not in event or any(each in event["instruments"] for each in instruments)

    def finish(self, notes):
        """Counts of the line: gaps, connection states."""
        pending = list(notes.get("now", ()))
        for event in self.gaps_now:
            cause = next((each for each in pending if self.fits(event, each)), None)
            if cause is not None:
                pending.remove(cause)
            elif not event["claimed"] or not set(event.get("instruments", self.head["instruments"])) <= event["claimed"]:
                self.complain(f"a gap that nothing caused: {event.get('reason')} {event.get('instruments', 'all')} {event.get('expected_seq')}")
        for cause in pending:
            if cause["need"]:
                self.complain(f"no gap told: {cause}")
        for state, key in (("connecting", "open"), ("disconnected", "close")):
            told = self.statuses.count((state, notes.get(key)))
            if key in notes and told != 1:
                self.complain(f"{told} {state} lines for conn {notes[key]}")
            elif key not in notes and any(each[0] == state for each in self.statuses):
                self.complain(f"a {state} line without a cause")
        for change in notes.get("gw", ()):
            if change[0] == "end":
                self.close_window(change[1])
        if "recipe" in notes:
            self.recipe_line = self.line
        if "close" in notes:
            self.conn = None

    def fits(self, event, cause):
        """Whether a gap line tells this cause."""
        if "exp" in cause and (event.get("expected_seq"), event.get("got_seq")) != (cause["exp"], cause["got"]):
            return False
        told = event.get("instruments")
        if cause["inst"] is None:
            return told is None or all(each in told for each, state in self.before.items() if state == "k")
        return told is not None and sorted(told) == sorted(cause["inst"])

    before = {}

    def close_window(self, identity):
        """A cause is gone: it must have been told once if it had to be, and never twice."""
        window = self.windows.pop(identity)
        if window["told"] > 1 and "many" not in window:
            self.complain(f"{window['told']} gaps told of {window['inst'][0]}, there was one")
        if window["need"] and not window["told"]:
            self.complain(f"no gap told of {window['inst'][0]}, whose book was lost")

    def compare(self, instruments):
        """The consumer's books against the truth."""
        for instrument in sorted(instruments):
            state, mine = self.states.get(instrument, "u"), self.consumer.books.get(instrument)
            known = mine is not None and mine.known
            self.compared[state] += 1
            if state == "k" and not known:
                self.complain(f"the book of {instrument} is unknown, and must be known")
            elif state == "u" and known:
                self.complain(f"the book of {instrument} is shown as known, and cannot be")
            elif known:
                view = self.views.get(instrument)
                if view is None or (mine.bids, mine.asks) != view:
                    self.complain(f"the book of {instrument} is wrong: {difference(mine, view)}")
                if mine.conn != self.conn:
                    self.complain(f"the book of {instrument} is of conn {mine.conn}, the connection is {self.conn}")

    def check_trades(self, told, expected):
        """Prints: each once, in order, exact."""
        for event, fact in itertools.zip_longest(told, expected):
            if fact is None:
                self.complain(f"a trade that the venue did not print: {event['instrument']} {event['price']}")
            elif event is None:
                self.complain(f"a trade is missing: {fact['instrument']} {fact['price']} x {fact['size']}")
            else:
                seen = {"side": event["aggressor_side"], **{key: event.get(key) for key in ("market", "instrument", "venue_us", "tx", "trade_id", "conn")},
                        "price": mil(event["price"]), "size": mil(event["size"])}
                wrong = [key for key in TRADE_KEYS if seen.get(key) != fact.get(key)]
                if wrong:
                    self.complain(f"a trade of {fact['instrument']} is wrong in {', '.join(wrong)}: {seen}, expected {fact}")
            self.trades += 1

    def done(self, rest):
        """After the last line: the remaining timers' lines, the windows that are still open, the drifts."""
        self.compare(self.play(rest, {}, None))
        self.compare(set(self.states))
        for identity in list(self.windows):
            self.close_window(identity)
        reasons = [reason for _, reason in self.drifts]
        for reason in sorted(set(reasons)):
            if reason and reasons.count(reason) > 1:
                self.complain(f"drift {reason!r} told {reasons.count(reason)} times")
        if self.head["recipe_change"] and self.mode:
            told = [line for line, _ in self.drifts if self.recipe_line and line >= self.recipe_line]
            wrong = len(told) != 1 if self.head["profile"] == "clean" else not told
            if wrong:
                self.complain(f"{len(told)} drifts told after the hash recipe changed, expected 1")


def difference(mine, view):
    """The first level that differs, for people."""
    if view is None:
        return "nothing is known of it"
    for name, left, right in (("bid", mine.bids, view[0]), ("ask", mine.asks, view[1])):
        for price in sorted(set(left) | set(right)):
            if left.get(price) != right.get(price):
                return f"{name} {price} is {left.get(price)}, truth {right.get(price)} (millionths)"
    return "no difference"


def check(recording, truth, events, verify_all=False):
    """Checks lines of text; gives the checker."""
    truth = iter(truth)
    checker = Checker(json.loads(next(truth)), verify_all)
    notes_of = {value["n"]: value for value in map(json.loads, truth)}
    queue, position = [], 0
    for number, text in enumerate(events, 1):
        try:
            queue.append(parse(text))
        except ValueError as error:
            checker.complain(f"event {number} cannot be read: {error}")
    stale_lines = [event for event in queue if event["type"] == "feed_status" and event["state"] == "stale"]
    for number, text in enumerate(recording, 1):
        value = json.loads(text)
        us = value.get("recv_us", value.get("sent_us"))
        between, caused = [], []
        while position < len(queue) and queue[position]["recv_us"] < us:
            between.append(queue[position])
            position += 1
        while position < len(queue) and queue[position]["recv_us"] == us:
            caused.append(queue[position])
            position += 1
        notes = notes_of.get(number, {})
        checker.earlier_stale = stale_before(stale_lines, notes, us, between)
        checker.before = dict(checker.states)
        checker.step(number, us, notes, between, caused)
    checker.done(queue[position:])
    return checker


def stale_before(lines, notes, us, between):
    """Stale lines of this silence that stood before an earlier recording line (a PONG, say)."""
    if "stale" not in notes:
        return []
    return [event for event in lines if notes["stale"][0] < event["recv_us"] < us and event not in between]


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", required=True)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--events", required=True)
    parser.add_argument("--verify-all", action="store_true", help="the feed ran with --verify all")
    args = parser.parse_args()
    with open(args.recording, encoding="utf-8", newline="\n") as recording, open(args.truth, encoding="utf-8") as truth, \
            open(args.events, encoding="utf-8", newline="\n") as events:
        checker = check(recording, truth, events, args.verify_all)
    for problem in checker.problems[:20]:
        print(problem)
    must, never, either = checker.compared.values()
    print(f"{must + never + either} comparisons ({must} known, {never} unknown, {either} either), {checker.trades} trades, {len(checker.problems)} problems")
    sys.exit(1 if checker.problems else 0)


if __name__ == "__main__":
    main()
