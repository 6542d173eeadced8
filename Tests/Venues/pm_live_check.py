"""Holds what a feed printed in a live session against the venue's truth: `pm_live_check.py --truth F --events F [bounds]`.

At every moment every book that is shown as known must be a true state of its token, never an earlier one than before, and not older than the
bounds allow; every delta must say what the venue said; no trade may be there twice, invented or missing; after each fault all books
must come back. Prints a summary, and exits 1 with the first 20 problems if there are any. README.md explains the bounds.
"""

import argparse
import json
import statistics
import sys

from pm_live_book import Reader, mil, parse
from pm_live_bounds import Bounds, Excuses
from pm_live_truth import Truth

SHOWN = 20
CLOCK_US = 2_000
TRADE_GRACE_US = 1_000_000
TROUBLED = ("stall", "half_open", "throttle")


class Checker:
    """Plays the events and keeps what is wrong."""

    def __init__(self, truth, bounds, merged=False):
        self.truth, self.bounds, self.excuses = truth, bounds, Excuses(truth, bounds)
        self.problems, self.reader = [], Reader(self.complain, self.before, self.after, merged)
        self.counts = dict.fromkeys(("lines", "books", "verified", "late_excused", "wrong_excused", "trades", "gaps", "stales", "disconnects"), 0)
        self.known = {}  # token -> [(us, known), …]
        self.bad = []  # (token, from, to): shown although late or wrong, with an excuse
        self.trades, self.lives, self.stopped = {}, [], None

    def complain(self, us, text):
        """A problem."""
        fault = next((each for each in reversed(self.truth.ordered) if each.begin <= us), None)
        context = f" (last fault: {fault.name} {fault.id}, {(us - fault.begin) / 1e6:.2f} s before)" if fault else ""
        self.problems.append(f"{us}: {text}{context}")

    # Books.

    def before(self, instrument, book, event):
        """The end of a stretch in which a book was shown unchanged."""
        if book.known:
            self.judge(instrument, book, min(event["recv_us"], self.truth.end))
            if book.wrong and event["type"] == "book_snapshot" and event["reason"] == "resync":
                self.complain(event["recv_us"], f"a wrong book of {short(instrument)} is made good by a resync, no gap was told")

    def after(self, instrument, book, event):
        """The beginning of a stretch."""
        us = event["recv_us"]
        states = self.known.setdefault(instrument, [])
        if not states or states[-1][1] != book.known:
            states.append((us, book.known))
        if not book.known:
            book.wrong = False
            return
        if instrument not in self.truth.tokens:
            self.complain(us, f"a book of {short(instrument)}, which the venue does not have")
            return
        self.judge(instrument, book, us)
        self.times(instrument, book, event)

    def judge(self, token, book, us):
        """Whether the book that is shown at a time is a true one and young enough."""
        timeline = self.truth.tokens.get(token)
        if timeline is None or us > self.truth.end:
            return
        self.counts["books"] += 1
        newest = timeline.newest(us + CLOCK_US)
        equal = timeline.equal(book.levels.print, 0, newest)
        later = [k for k in equal if book.k is None or k >= book.k]
        if not later:
            self.not_true(token, book, us, newest, equal)
            return
        book.k, book.wrong, book.not_true_told = later[0], False, False
        left = later[-1] + 1
        if left <= newest and us - timeline.us[left] > self.bounds.closed:
            if us > self.excuses.late_until(token, left, book):
                age = (us - timeline.us[left]) / 1e6
                self.once(book, us, f"the book of {short(token)} is shown {age:.2f} s after it ceased to be true (state {later[-1]} of {newest})")
            elif us - timeline.us[left] > self.bounds.lag:
                self.counts["late_excused"] += 1
                self.bad.append((token, timeline.us[left], us))

    def once(self, book, us, text):
        """A problem of a state that lasts, told once."""
        if book.late_told != book.k:
            book.late_told = book.k
            self.complain(us, text)

    def not_true(self, token, book, us, newest, equal):
        """A book that no state of the truth equals: a loss that is not noticed yet, or a lie."""
        timeline = self.truth.tokens[token]
        missing = self.excuses.missing(token, book, us)
        # A book that lacks a lost message may happen to be one of before.
        if equal and not missing:
            self.complain(us, f"the book of {short(token)} goes back to state {equal[-1]} from {book.k}")
            book.k = None
            return
        mask = {(side, price) for k in missing for side, price, _ in timeline.changes[k][1] or ()}
        if mask and self.fits(timeline, book, mask, newest):
            book.wrong = True
            self.counts["wrong_excused"] += 1
            self.bad.append((token, min(timeline.us[k] for k in missing), us))
        elif not book.not_true_told:
            book.not_true_told = True
            said = self.nearest(timeline, book, newest)
            self.complain(us, f"the book of {short(token)} is no state of the truth (newest {newest}, last seen {book.k}): {said}")

    def fits(self, timeline, book, mask, newest):
        """Whether the book equals a state in all levels but those of lost messages."""
        mine = book.levels.without(mask)
        levels = timeline.rebuilt(newest)
        low = max(0, (book.k or 0) - 1, newest - 3_000)
        if levels.without(mask) == mine:
            return True
        levels = timeline.rebuilt(low)
        for k in range(low, newest + 1):
            if k > low:
                whole, changes = timeline.changes[k]
                if whole is not None:
                    levels = timeline.rebuilt(k)
                for change in changes or ():
                    levels.put(*change)
            if levels.without(mask) == mine:
                return True
        return False

    @staticmethod
    def nearest(timeline, book, newest):
        """How the book differs from the newest state, for people."""
        true = timeline.rebuilt(newest).sides if newest >= 0 else {"b": {}, "a": {}}
        mine = book.levels.sides
        differences = [f"{side}{price}: {mine[side].get(price, 0)} for {true[side].get(price, 0)}" for side in "ba"
                       for price in sorted(set(true[side]) | set(mine[side])) if true[side].get(price) != mine[side].get(price)]
        return f"{len(differences)} levels differ from the newest, {'; '.join(differences[:3])}"

    def times(self, token, book, event):
        """`venue_us` and the levels of a delta must be what the venue stated."""
        timeline, us, told = self.truth.tokens[token], event["recv_us"], event.get("venue_us")
        if event["market"] != self.truth.market_of[token]:
            self.complain(us, f"market of {short(token)} is {event['market']}")
        if event.get("verified"):
            self.counts["verified"] += 1
            same = [k for k in timeline.by_ms.get((told or 0) // 1000, ()) if timeline.prints[k] == book.levels.print]
            if event["type"] == "book_delta" and same and not any(self.truth.hash_agrees(token, k) for k in same):
                self.complain(us, f"a delta of {short(token)} says verified, its message's hash was another")
        if event["type"] == "book_snapshot":
            if told is None and (event["reason"] == "checkpoint" or self.reader.merged):
                return
            if told is None or (told // 1000 not in timeline.by_ms and not book.wrong):
                self.complain(us, f"a snapshot of {short(token)} has venue_us {told}, which no state of it has")
            elif not book.wrong and book.k is not None and not any(timeline.prints[k] == book.levels.print for k in timeline.by_ms[told // 1000]):
                self.complain(us, f"a snapshot of {short(token)} has venue_us {told}, its book is of another time")
            return
        levels = {(side, mil(price), mil(size)) for side, name in (("b", "bids"), ("a", "asks")) for price, size in event[name]}
        stated = [set(map(tuple, timeline.changes[k][1] or ())) for k in timeline.by_ms.get((told or 0) // 1000, ())]
        if told is None or told % 1000 or not stated:
            self.complain(us, f"a delta of {short(token)} has venue_us {told}, which no change of it has")
        elif not any(levels <= each for each in stated):
            self.complain(us, f"a delta of {short(token)} has levels that the venue did not state at {told}: {sorted(levels - stated[0])[:3]}")

    # Everything else.

    def take(self, event):
        """One event; one that lacks what the contract wants is a problem."""
        self.counts["lines"] += 1
        try:
            self.play(event)
        except (KeyError, ValueError, TypeError) as error:
            self.complain(self.reader.last_us, f"a {event.get('type')} line breaks the contract: {type(error).__name__} {error}")

    def take_source(self, event):
        """A line of a feed that a merged one is made of: books of it are not shown, its trades are, and from its first `live` on they come."""
        self.counts["lines"] += 1
        if event["type"] == "trade":
            self.trade(event)
        elif event["type"] == "feed_status" and event["state"] == "live":
            self.lives.append(event["recv_us"])

    def play(self, event):
        """One event by its type."""
        self.reader.take(event)
        if event["type"] == "trade":
            self.trade(event)
        elif event["type"] == "feed_status":
            state = event["state"]
            if state == "live":
                self.lives.append(event["recv_us"])
            if state == "stopped":
                self.stopped = event["recv_us"]
            for name, key in (("gap", "gaps"), ("stale", "stales"), ("disconnected", "disconnects")):
                self.counts[key] += state == name
            if state in ("gap", "disconnected") and event.get("since_us", 0) > event["recv_us"]:
                self.complain(event["recv_us"], f"{state} since a time to come")
            if state == "gap" and "since_us" not in event:
                self.complain(event["recv_us"], "a gap without since_us")

    def trade(self, event):
        """A print that the feed shows."""
        key = (event.get("tx"), event["instrument"], mil(event["price"]), mil(event["size"]), event["aggressor_side"])
        if key in self.trades:
            self.complain(event["recv_us"], f"a trade of {short(event['instrument'])} is there twice: {key[0]} {key[2]} {key[3]}")
        self.trades.setdefault(key, event)
        self.counts["trades"] += 1

    def finish(self):
        """What can be said at the end only."""
        end = self.truth.end if self.stopped is None else min(self.stopped, self.truth.end)
        for token, book in self.reader.books.items():
            if book.known:
                self.judge(token, book, end)
        self.compare_trades(end)
        self.coverage(end)

    def compare_trades(self, end):
        """Invented trades, and those that are missing although a healthy socket carried them."""
        true = {(each["tx"], each["token"], each["price"], each["size"], each["side"]): each for each in self.truth.trades}
        for key, event in self.trades.items():
            told = true.get(key)
            if told is None:
                self.complain(event["recv_us"], f"a trade of {short(key[1])} that never was: {key[0]} {key[2]} {key[3]} {key[4]}")
            elif event.get("venue_us") != told["ms"] * 1000 or event["market"] != told["market"]:
                said = f"venue_us {event.get('venue_us')} and market {event['market']}, not {told['ms'] * 1000} and {told['market']}"
                self.complain(event["recv_us"], f"a trade of {short(key[1])} has {said}")
        for key, told in true.items():
            if key not in self.trades and told["us"] < end - TRADE_GRACE_US and self.carried(told):
                self.complain(told["us"], f"a trade of {short(key[1])} is missing: {key[0]} {key[2]} {key[3]}")

    def carried(self, told):
        """Whether a trade went over a socket that was healthy from then until a moment later, when the feed was live."""
        us, token, grace = told["us"], told["token"], self.excuses.grace(told["us"], TRADE_GRACE_US)
        if not self.lives or us < self.lives[0]:
            return False
        for socket in self.truth.feed_sockets():
            troubled = any(fault.name in TROUBLED and fault.begin <= us + grace and us <= fault.end + grace for fault in socket.faults)
            lost = told["n"] in socket.lost_trades or socket.half_open(us)
            if socket.subscribed(token, us) and socket.closed > us + grace and not troubled and not lost:
                return True
        return False

    # Recovery.

    def unknown_spans(self, token, start, end):
        """When a wanted token's book was unknown."""
        spans, since = [], start
        for us, known in self.known.get(token, ()):
            if known and since is not None:
                if us > start:
                    spans.append((since, min(us, end)))
                since = None
            elif not known and since is None:
                since = max(us, start)
        if since is not None:
            spans.append((since, end))
        return [(first, last) for first, last in spans if first < last]

    def coverage(self, end):
        """Every wanted token of an open market is known again soon after each fault."""
        for token in self.truth.wanted:
            for start, stop in self.truth.expected_spans(token):
                stop = min(stop, end)
                for first, last in self.unknown_spans(token, start, stop) if start < stop else ():
                    allowed = self.explained(first, last, first == start)
                    if last > allowed:
                        much = f"{(last - first) / 1e6:.1f} s, {(last - allowed) / 1e6:.1f} s longer than the faults explain"
                        self.complain(allowed, f"the book of {short(token)} is unknown for {much}")
                    self.bad.append((token, first, last))
        for token, first, last in self.bad:
            fault = next((each for each in reversed(self.truth.ordered) if each.begin <= first + 100_000), None)
            if fault:
                fault.recovery = max(fault.recovery, last - fault.begin)

    def explained(self, first, last, beginning):
        """Until when a book may be unknown that became so at `first`."""
        bound = self.bounds.recover
        until = first + (self.bounds.start if beginning else 0)
        for fault in self.truth.ordered:
            if fault.begin <= until + bound and self.excuses.over(fault) >= first - self.bounds.stale and fault.begin <= last:
                until = max(until, self.excuses.over(fault))
        return until + bound

    def summary(self, events_end):
        """What was seen."""
        kinds = {}
        for fault in self.truth.ordered:
            kinds.setdefault(fault.name, []).append(fault.recovery / 1e6)
        tokens = [token for token in self.truth.wanted if token in self.known]
        seconds = sum(stop - start for token in self.truth.wanted for start, stop in self.truth.expected_spans(token)) / 1e6
        unknown = sum(last - first for token in self.truth.wanted for start, stop in self.truth.expected_spans(token)
                      for first, last in self.unknown_spans(token, start, min(stop, events_end))) / 1e6
        return {**self.counts, "tokens_wanted": len(self.truth.wanted), "tokens_shown": len(tokens),
                "states": sum(len(each.us) for each in self.truth.tokens.values()), "venue_trades": len(self.truth.trades), "connections": len(self.reader.conns), "faults": len(self.truth.ordered),
                "token_seconds": round(seconds), "token_seconds_unknown": round(unknown, 1),
                "recovery": {name: {"n": len(times), "p50_s": round(statistics.median(times), 2), "max_s": round(max(times), 2)}
                             for name, times in sorted(kinds.items())}}


def short(token):
    """A token for people."""
    return f"{str(token)[:6]}…{str(token)[-4:]}"


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--truth", required=True)
    parser.add_argument("--events", required=True, help="the feed's standard output; - for standard input")
    parser.add_argument("--who", default="", help="only sockets whose URL had this query")
    parser.add_argument("--feed", help="only events of this feed")
    for name, value, text in (
            ("lag", 3, "age of a known book on a healthy socket"), ("closed", 1.5, "age of a known book whose sockets the venue has closed"),
            ("stale-after", 30, "the feed's --stale-after: silence of a socket"),
            ("silent", 75, "a token that is silent, or a loss that nothing reveals"), ("loss", 15, "a loss, from the token's next message on"),
            ("big", 10, "age of books while 20 MB come"), ("recover", 15, "until books are back after a fault"), ("start", 10, "until a first book"),
            ("policy", 30, "how long a feed stays away after close code 1008")):
        parser.add_argument("--" + name, type=float, default=value, help=f"seconds: {text} (default {value})")
    parser.add_argument("--merged", action="store_true", help="what mkt-merge --dedupe made: its books have no instrument lines, its snapshots may have no venue time, its trades are of all feeds")
    parser.add_argument("--json", action="store_true", help="the summary as one JSON line")
    return parser.parse_args()


def lines(path):
    """Lines of a file."""
    if path == "-":
        yield from sys.stdin
    else:
        with open(path, encoding="utf-8") as file:
            yield from file


def main():
    """Reads both, checks, tells."""
    options = arguments()
    truth = Truth.read(options.truth, options.who)
    checker = Checker(truth, Bounds(options), options.merged)
    last = 0
    for number, text in enumerate(lines(options.events), 1):
        if not text.endswith("\n"):
            checker.complain(last, f"line {number} is torn")
            break
        try:
            event = parse(text)
        except ValueError as error:
            checker.complain(last, f"line {number} is no JSON: {error}")
            continue
        if options.feed and event.get("feed") != options.feed:
            if options.merged:
                checker.take_source(event)
            continue
        last = event.get("recv_us", last)
        checker.take(event)
    if not checker.counts["lines"]:
        checker.complain(0, "no events at all")
    checker.finish()
    summary = checker.summary(checker.stopped or truth.end)
    print(json.dumps(summary) if options.json else "\n".join(f"{key}: {value}" for key, value in summary.items() if key != "recovery"))
    if not options.json:
        for name, row in summary["recovery"].items():
            print(f"  {name:18} {row['n']:4} faults, recovery p50 {row['p50_s']:6.2f} s, max {row['max_s']:6.2f} s")
    for problem in checker.problems[:SHOWN]:
        print("PROBLEM", problem)
    if checker.problems:
        print(f"{len(checker.problems)} problems")
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
