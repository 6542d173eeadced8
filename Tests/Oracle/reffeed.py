"""A small feed of our own, written from the contract: turns a recording into MarketEvents, so that the checker can be tested.

It shares nothing with the tools but the documents. `reffeed.py [--verify-all] RECORDING > EVENTS`.
"""

import argparse
import json
import sys

from fixed import short

HEARTBEAT_US, CHECKPOINT_US, STALE_US = 10_000_000, 60_000_000, 30_000_000


class Mil(int):
    """Millionths that are printed as a decimal."""


def render(value):
    """Canonical JSON of the contract."""
    if isinstance(value, Mil):
        return short(int(value))
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{render(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(render(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def levels(side, best_high):
    """Levels best first, as the contract has them."""
    return [[Mil(p), Mil(s)] for p, s in sorted(side.items(), reverse=best_high)]


class Feed:
    """What both venues' feeds share: lines, sequence per instrument, timers on the recording's clock."""

    name = venue = ""

    def __init__(self, out, verify_all=False):
        self.out, self.verify_all = out, verify_all
        self.conn, self.data_us, self.stale = None, None, False
        self.seq, self.counters = {}, {"frames": 0}
        self.beat_us = self.point_us = None
        self.now = 0

    def line(self, kind, us, market=None, instrument=None, conn=True, venue_us=None, seq=False, **payload):
        """Prints one event in the contract's key order."""
        value = {"v": 1, "type": kind, "feed": self.name, "venue": self.venue}
        if market is not None:
            value["market"] = market
            value["instrument"] = instrument
            label = self.label(instrument)
            if label:
                value["label"] = label
        if conn and self.conn is not None:
            value["conn"] = self.conn
        if seq:
            value["seq"] = self.seq[instrument] = self.seq.get(instrument, 0) + 1
        value["recv_us"] = us
        if venue_us is not None:
            value["venue_us"] = venue_us
        value.update(payload)
        self.out.append(render(value) + "\n")

    def status(self, state, us, **payload):
        """A feed_status line."""
        self.line("feed_status", us, state=state, **payload)

    def timers(self, us):
        """All that is due before `us`."""
        if self.beat_us is None:
            self.beat_us, self.point_us = us + HEARTBEAT_US, us + CHECKPOINT_US
        while True:
            due = [(self.beat_us, 0, self.beat), (self.point_us, 1, self.point)]
            if self.conn is not None and self.data_us is not None and not self.stale:
                due.append((self.data_us + STALE_US, 2, self.silent))
            due += self.more_timers()
            moment, _, act = min(due, key=lambda each: each[:2])
            if moment > us:
                return
            act(moment)

    def more_timers(self):
        """A venue's own timers."""
        return []

    def beat(self, us):
        """The heartbeat."""
        self.beat_us += HEARTBEAT_US
        self.line("feed_status", us, conn=False, state="heartbeat", counters=dict(sorted(self.counters.items())))

    def point(self, us):
        """Checkpoints of all known books."""
        self.point_us += CHECKPOINT_US
        for instrument in self.known():
            self.snapshot(instrument, us, "checkpoint")

    def silent(self, us):
        """No data for too long."""
        self.stale = True
        self.status("stale", us, since_us=self.data_us)
        self.forget_all()

    def run(self, lines):
        """The whole recording."""
        for text in lines:
            value = json.loads(text)
            if "sent_us" in value:
                self.timers(value["sent_us"])
                continue
            us = self.now = value["recv_us"]
            self.timers(us)
            if "open" in value:
                self.conn, self.data_us, self.stale = value["conn"], None, False
                self.begin()
                self.status("connecting", us)
            elif "close" in value:
                self.status("disconnected", us, reason=f"close {value['close']}", since_us=self.data_us or us)
                self.forget_all()
                self.conn = None
            elif "get" in value:
                try:
                    self.fetched(value["get"], json.loads(value["body"]), us)
                except ValueError:
                    self.counters["bad_get"] = self.counters.get("bad_get", 0) + 1
            else:
                self.counters["frames"] += 1
                if value["raw"] != "PONG":
                    self.data_us, self.stale = us, False
                self.received(value["raw"], us)
        self.line("feed_status", self.now, conn=False, state="stopped", counters=dict(sorted(self.counters.items())))


def convert(lines, verify_all=False):
    """Events of a recording, as a list of lines; the venue is told by its lines."""
    from reffeed_ks import KalshiFeed
    from reffeed_pm import PolymarketFeed
    lines = list(lines)
    kalshi = any('"open":"' in line and "kalshi" in line for line in lines[:20])
    out = []
    feed = (KalshiFeed if kalshi else PolymarketFeed)(out, verify_all)
    feed.run(lines)
    return out


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording")
    parser.add_argument("--verify-all", action="store_true")
    args = parser.parse_args()
    with open(args.recording, encoding="utf-8", newline="\n") as file:
        sys.stdout.writelines(convert(file, args.verify_all))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    main()
