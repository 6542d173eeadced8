"""Holds a live feed's MarketEvents against the truth of the local Kalshi; see KALSHI.md.

`ks_live_check.py --truth TRUTH EVENTS` prints a summary, and exits 1 with the first 20 problems.
"""

import argparse
import json
import statistics
import sys

from ks_live_books import Books, mil, parse
from ks_live_truth import S, Truth

CLOSING_US = S  # what was sent this shortly before a socket's end may not have been read
TOLD_US = 5 * S
WAIT_MAX_US = 30 * S  # between attempts, whatever went wrong before
FILLED_US = 10 * S
HOLES = ("lost", "torn", "binary")


class Checker:
    """One stream against one truth."""

    def __init__(self, truth, lag_s=3, redundant=False, from_rest=False, merged=False):
        self.truth, self.from_rest, self.merged, self.lag_us = truth, from_rest, merged, int(lag_s * S)
        self.problems = []
        self.books = Books(truth, self.complain, self.lag_us, redundant or merged)
        self.introduced, self.trades, self.resolved = set(), {}, {}
        self.lives, self.breaks, self.gaps, self.waits = [], [], [], []  # receive times; from and to
        self.conns, self.ended, self.last_us, self.conn_us = set(), set(), 0, {}
        self.first_us, self.stopped_us, self.count = None, None, 0

    def complain(self, us, text):
        """One thing that is wrong."""
        self.problems.append(f"{(us - self.truth.first_us) / S:9.3f} s: {text}")

    def run(self, lines):
        """The whole stream."""
        for number, text in enumerate(lines, 1):
            try:
                event = parse(text)
                kind, us = event["type"], event["recv_us"]
            except (ValueError, KeyError, TypeError) as wrong:
                self.complain(self.last_us or self.truth.first_us, f"line {number} is no event: {wrong}")
                continue
            self.count += 1
            self.times(event, us)
            act = {"book_snapshot": self.book, "book_delta": self.book, "trade": self.trade, "feed_status": self.status,
                   "resolution": self.resolution, "instrument": lambda each: self.introduced.add(each["instrument"])}.get(kind)
            if act:
                act(event)
        self.finish()

    # Lines.

    def times(self, event, us):
        """Receive times never run backwards, on a connection and on the whole."""
        self.first_us = self.first_us or us
        conn = (event.get("feed"), event.get("conn"))
        if conn[1] is not None and us < self.conn_us.get(conn, 0):
            self.complain(us, f"{event['type']} on conn {conn[1]} is {self.conn_us[conn] - us} µs before the line before it")
        if us < self.last_us - S:
            self.complain(us, f"{event['type']} is {(self.last_us - us) / S:.1f} s before a line that stands before it")
        self.conn_us[conn] = max(us, self.conn_us.get(conn, 0))
        self.last_us = max(us, self.last_us)

    def use(self, event):
        """Market data: of a connection that lives, of an instrument that was introduced."""
        if event["instrument"] not in self.introduced:
            self.introduced.add(event["instrument"])
            self.complain(event["recv_us"], f"{event['type']} of {event['instrument']} before its instrument line")
        copied = self.books.redundant and event["type"].startswith("book_")
        if not copied and (event["feed"], event.get("conn")) in self.ended:
            self.complain(event["recv_us"], f"{event['type']} on conn {event['conn']}, which is disconnected")

    def book(self, event):
        """A book line."""
        self.use(event)
        self.books.line(event)

    def trade(self, event):
        """A trade: once, and as the venue said it."""
        self.use(event)
        us, identity = event["recv_us"], event.get("trade_id")
        true = self.truth.trades.get(identity)
        if identity in self.trades:
            self.complain(us, f"trade {identity} comes twice")
        self.trades[identity] = us
        if true is None:
            self.complain(us, f"trade {identity} of {event['instrument']} never was")
            return
        told = (event["instrument"], mil(event["price"]), mil(event["size"]), event["aggressor_side"])
        if told != (true["ticker"], true["price"], true["size"], true["side"]):
            self.complain(us, f"trade {identity} is told as {told}, it was {true['ticker']}, {true['price']}, {true['size']}, {true['side']}")
        if "venue_us" in event and event["venue_us"] not in (true["vus"], true["vus"] // 1000 * 1000):
            self.complain(us, f"trade {identity} has venue time {event['venue_us']}, it was {true['vus']}")

    def resolution(self, event):
        """What a market pays."""
        ticker, us = event["instrument"], event["recv_us"]
        story = self.truth.stories.get(ticker)
        if story is None:
            return
        if story.value is None or mil(event["settlement_price"]) != round(float(story.value) * S):
            self.complain(us, f"{ticker} is resolved to {event['settlement_price']}, the venue said {story.value}")
        self.resolved[ticker] = us

    def status(self, event):
        """A feed_status: connections are numbered once, breaks touch books."""
        us, state, conn = event["recv_us"], event["state"], (event["feed"], event.get("conn"))
        if state == "connecting":
            if conn in self.conns:
                self.complain(us, f"conn {conn[1]} is used again")
            self.conns.add(conn)
        elif state == "live":
            self.lives.append(us)
            if conn in self.ended:
                self.complain(us, f"conn {conn[1]} is live after it was disconnected")
        elif state == "disconnected":
            self.ended.add(conn)
            self.breaks.append(us)
            wait = event.get("retry_in_us", 0)
            self.waits.append((us, us + wait))
            if wait > WAIT_MAX_US and "429" not in event.get("reason", "") and "503" not in event.get("reason", ""):
                self.complain(us, f"the next attempt is to come in {wait / S:.1f} s, at most {WAIT_MAX_US // S} s may be waited")
        elif state in ("gap", "stale", "resyncing") and (event.get("instruments") != [] or (self.books.redundant and "expected_seq" in event)):
            # Of two connections one may have a hole that touches no book: it is told, naming none.
            self.gaps.append(us)
        elif state == "stopped":
            self.stopped_us = us
        self.books.status(event)

    # What must be there.

    def finish(self):
        """Everything that can be said at the end only."""
        self.end_us = min(self.stopped_us or max(self.last_us, self.truth.last_us), self.truth.last_us)
        self.books.finish(self.end_us)
        if self.first_us is None:
            self.complain(self.truth.last_us, "the stream is empty")
            return
        self.recovered()
        self.all_trades()
        self.all_resolutions()
        if not self.merged:
            self.all_gaps(self.all_breaks())
            self.pongs()

    def recovered(self):
        """Every stretch in which a wanted book was not known and current must have a reason, and an end."""
        for ticker, bad_from, bad_to in self.books.bad:
            story = self.truth.stories[ticker]
            bad_to = min(bad_to, story.settled_us or bad_to, self.end_us)
            if not story.wanted or bad_to <= bad_from or not story.wanted_at(bad_from):
                continue
            limit = self.truth.excused_until(bad_from, story.wanted[0][0])
            # Waits that follow each other grow, and are told; what follows on the end of one has its time too.
            for begin, end in self.waits:
                if bad_from - S <= begin <= limit:
                    limit = max(limit, end + TOLD_US)
            if bad_to > limit:
                self.complain(bad_to, f"the book of {ticker} was not known and current for {(bad_to - bad_from) / S:.1f} s, from "
                              f"{(bad_from - self.truth.first_us) / S:.3f} s on; {max(0, limit - bad_from) / S:.1f} s were allowed")

    def healthy(self, value):
        """Whether a message went out on a socket that lived on, after the feed had said live."""
        for socket, _, _, *how in value["to"]:
            opened, closed, *_ = self.truth.sockets[socket]
            closed = min(closed or self.end_us, self.end_us)
            if not how and value["us"] + CLOSING_US < closed and any(opened <= us <= value["us"] for us in self.lives):
                return True
        return False

    def holed(self, value):
        """Whether a message left a hole in its numbers that the feed saw and had time to fill."""
        for socket, _, _, how in value["lost"]:
            opened, closed, *_ = self.truth.sockets[socket]
            if how in HOLES and value["us"] + FILLED_US < min(closed or self.end_us, self.end_us) and any(opened <= us <= value["us"] for us in self.lives):
                return True
        return False

    def all_trades(self):
        """No trade is missing that the venue sent on a healthy subscription after `live`; with REST, none that it lost either."""
        for identity, true in self.truth.trades.items():
            if identity in self.trades:
                continue
            if self.healthy(true):
                self.complain(true["us"], f"trade {identity} of {true['ticker']} is missing; it was sent to {true['to']}")
            elif self.from_rest and self.holed(true):
                self.complain(true["us"], f"trade {identity} of {true['ticker']} was lost on the wire and not fetched from REST")

    def all_breaks(self):
        """Each end of a socket by the venue is told by one `disconnected`; gives those that told of none."""
        told = sorted(self.breaks)
        for number, (opened, closed, ours, *_) in sorted(self.truth.sockets.items()):
            if not ours or closed is None or closed + TOLD_US > self.end_us or not any(opened <= us <= closed for us in self.lives):
                continue
            found = next((us for us in told if closed - TOLD_US <= us <= closed + TOLD_US), None)
            if found is None:
                self.complain(closed, f"the venue ended socket {number} and no disconnected was told")
            else:
                told.remove(found)
        return told

    def holes(self):
        """Losses in a row on one book subscription count as one."""
        before = None
        for lost in self.truth.lost:
            if lost["how"] not in ("lost", "torn"):
                continue
            here = (lost["socket"], lost["sid"])
            if before != (*here, lost["seq"] - 1):
                yield lost
            before = (*here, lost["seq"])

    def all_gaps(self, breaks):
        """Each hole in a book's numbers is told by a line of its own, unless the connection breaks."""
        signs = sorted(self.gaps + breaks)
        for lost in self.holes():
            opened, closed, *_ = self.truth.sockets[lost["socket"]]
            if lost["us"] + CLOSING_US > min(closed or self.end_us, self.end_us) or not any(opened <= us <= lost["us"] for us in self.lives):
                continue
            limit = self.truth.deadline(lost["ticker"], lost["us"], self.lag_us)
            found = next((us for us in signs if lost["us"] <= us <= limit), None)
            if found is None:
                self.complain(lost["us"], f"number {lost['seq']} of sid {lost['sid']} on socket {lost['socket']} was lost and no gap was told")
            else:
                signs.remove(found)

    def all_resolutions(self):
        """Results that were sent are told."""
        for value in self.truth.resolved:
            if value["ticker"] not in self.resolved and self.truth.stories[value["ticker"]].wanted and self.healthy(value):
                self.complain(value["us"], f"the result of {value['ticker']} is missing")

    def pongs(self):
        """The venue's pings were answered."""
        broken = {fault.socket for fault in self.truth.faults if fault.kind in ("half_open", "stall", "stall_silent", "fragments")}
        for number, (opened, closed, _, pings, pongs) in self.truth.sockets.items():
            if closed and number not in broken and pongs < pings - 1:
                self.complain(closed, f"socket {number} had {pings} pings and {pongs} pongs")

    # The summary.

    def recoveries(self):
        """Seconds from each fault's begin until everything was well, by kind."""
        by_kind, faults = {}, self.truth.faults
        for index, fault in enumerate(faults):
            following = faults[index + 1].begin if index + 1 < len(faults) else self.end_us
            ends = [bad_to for _, bad_from, bad_to in self.books.bad if fault.begin <= bad_from < following]
            by_kind.setdefault(fault.kind, []).append((max(ends, default=fault.begin) - fault.begin) / S)
        return by_kind

    def summary(self):
        """Lines for people."""
        yield (f"{self.count} lines, {self.books.compared} books compared, {len(self.trades)} trades of {len(self.truth.trades)}, "
               f"{len(self.truth.sockets)} sockets, {len(self.truth.faults)} faults ({self.truth.missed} found nothing to break)")
        for kind, times in sorted(self.recoveries().items()):
            yield f"  {kind:20} {len(times):4} times, recovered after p50 {statistics.median(times):7.3f} s, max {max(times):7.3f} s"
        yield f"{len(self.problems)} problems"


def pairs(words):
    """`kind=seconds` words as a dictionary."""
    return {kind: float(seconds) for kind, _, seconds in (word.partition("=") for word in words)}


def check(truth_lines, event_lines, detect=None, recover=None, key=None, **options):
    """A finished Checker."""
    checker = Checker(Truth(truth_lines, detect, recover, key), **options)
    checker.run(event_lines)
    return checker


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truth", required=True)
    parser.add_argument("events", help="the feed's standard output")
    parser.add_argument("--lag", type=float, default=3, help="seconds that a known book may be behind the venue")
    parser.add_argument("--redundant", action="store_true", help="several connections carry one book: its lines keep the conn of its snapshot")
    parser.add_argument("--trades-from-rest", action="store_true", help="trades lost on the wire must have been fetched")
    parser.add_argument("--detect", action="append", default=[], metavar="KIND=SECONDS", help="how long a fault may go unnoticed")
    parser.add_argument("--recover", action="append", default=[], metavar="KIND=SECONDS",
                        help="how long after a fault's end all must be well; KIND may be all")
    parser.add_argument("--key", help="only the sockets opened with this key id belong to the feed")
    parser.add_argument("--merged", action="store_true", help="the stream was merged from several feeds: their breaks need not show")
    parser.add_argument("--json", action="store_true", help="the summary as one JSON object")
    args = parser.parse_args()
    with open(args.truth, encoding="utf-8", newline="\n") as truth, open(args.events, encoding="utf-8", newline="\n") as events:
        checker = check(truth, events, pairs(args.detect), pairs(args.recover), args.key, lag_s=args.lag, redundant=args.redundant,
                        from_rest=args.trades_from_rest, merged=args.merged)
    if args.json:
        print(json.dumps({"lines": checker.count, "books": checker.books.compared, "trades": len(checker.trades), "faults": len(checker.truth.faults),
                          "recovery": checker.recoveries(), "problems": checker.problems[:20], "problem_count": len(checker.problems)}))
    else:
        print(*checker.summary(), *checker.problems[:20], sep="\n")
    sys.exit(1 if checker.problems else 0)


if __name__ == "__main__":
    main()
