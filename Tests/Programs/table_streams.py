"""Streams of events with everything that a table must not show wrongly; the same seed gives the same lines."""

import json
import random

START = 1_790_267_321_000_000
LABELS = ["btc-up-or-down/Up", "zembla-election/日本語", "rain-in-zembla/🎉No", "Café-e\u0301/Yes", None, "", "\u200d\ufe0f "]

# What makes a line no event, or hides which instruments it is about.
WRONG = [{"since_us": "soon"}, {"got_seq": 1.5}, {"conn": "one"}, {"conn": 0}, {"instruments": {}}, {"instruments": [5]}, {"state": 7}, {"reason": []}, {"recv_us": "now"}, {"counters": 3}]


class Stream:
    def __init__(self, seed, instruments=24, start=START, feeds=("pm", "pm-b", "kalshi"), leaps=False):
        self.random, self.now, self.feeds, self.leaps = random.Random(seed), start, list(feeds), leaps
        self.conns = {feed: 1 for feed in feeds}
        self.seqs, self.instruments = {}, []
        for number in range(instruments):
            venue = "kalshi" if number % 3 == 2 else "polymarket"
            label = LABELS[number % len(LABELS)]
            self.instruments.append((venue, f"inst-{number}", f"{label}-{number}" if label and label[0].isalpha() else label))

    def decimal(self, most):
        digits = self.random.choice((0, 1, 2, 2, 3, 6))
        return round(self.random.uniform(0, most), digits) or (1 if most > 1 else 0.5)

    def spell(self, event):
        text = json.dumps(event, ensure_ascii=self.random.random() < 0.5, separators=self.random.choice(((",", ":"), (", ", ": "))))
        return text

    def line(self, kind, feed, venue, **payload):
        return self.spell({"v": 1, "type": kind, "feed": feed, "venue": venue, **payload})

    def levels(self):
        prices = {self.decimal(1) for _ in range(self.random.randrange(4))}
        size = lambda: 0 if self.random.random() < 0.25 else self.decimal(self.random.choice((10, 1000, 100_000)))
        return [[price if self.random.random() < 0.9 else str(price), size()] for price in sorted(prices)]

    def book(self, feed, venue, name, label, snapshot):
        key = feed, name
        seq = self.seqs.get(key, 0) + (2 if self.random.random() < 0.03 else 1)
        self.seqs[key] = seq
        extra = {} if label is None else {"label": label}
        sides = {"bids": self.levels()[::-1], "asks": self.levels()}
        if snapshot:
            extra_end = {"reason": "initial"}
        else:
            extra_end = {}
        return self.line("book_snapshot" if snapshot else "book_delta", feed, venue, market="m", instrument=name, **extra, conn=self.conns[feed], seq=seq, recv_us=self.now, **sides, **extra_end)

    def status(self):
        feed = self.random.choice(self.feeds)
        venue = "kalshi" if feed == "kalshi" else "polymarket"
        state = self.random.choice(("live", "gap", "gap", "stale", "resyncing", "disconnected", "heartbeat", "drift", "lagging", "connecting", "stopped"))
        conn = max(self.conns[feed] - (self.random.random() < 0.3), 1)  # words about a connection that has gone come late
        payload = {"conn": conn} if self.random.random() < 0.8 else {}
        payload |= {"recv_us": self.now, "state": state}
        if state == "lagging" and self.random.random() < 0.5:
            payload["since_us"] = self.now
        if self.random.random() < 0.5:
            payload["reason"] = self.random.choice(("sequence", "read timed out", "close 1006"))
        if state in ("gap", "resyncing", "live") and self.random.random() < 0.7:
            own = [name for where, name, _ in self.instruments if where == venue]
            payload["instruments"] = self.random.sample(own, self.random.randrange(min(3, len(own) + 1)))
        if state == "disconnected" and conn == self.conns[feed]:
            if self.random.random() < 0.7:
                payload["retry_in_us"] = 1000
            self.conns[feed] += 1
        if self.random.random() < 0.1:
            payload |= self.random.choice(WRONG)
        line = self.line("feed_status", feed, venue, **payload)
        return line if self.random.random() < 0.9 else line[: self.random.randrange(1, len(line))]

    def next(self):
        self.now += self.random.randrange(0, 40_000)
        if self.leaps and self.random.random() < 0.01:
            self.now += self.random.choice((-20_000, -3_000_000, -8_000_000, -9_000_000, -3_600_000_000, 3_000_000, 86_400_000_000))
        venue, name, label = self.random.choice(self.instruments)
        feed = "kalshi" if venue == "kalshi" else self.random.choice([one for one in self.feeds if one != "kalshi"])
        extra = {} if label is None else {"label": label}
        chance = self.random.random()
        if chance < 0.12 or (chance < 0.75 and (feed, name) not in self.seqs):
            return self.book(feed, venue, name, label, True)
        if chance < 0.75:
            return self.book(feed, venue, name, label, False)
        if chance < 0.88:
            side = self.random.choice(("buy", "sell", "unknown"))
            return self.line("trade", feed, venue, market="m", instrument=name, **extra, recv_us=self.now, price=self.decimal(1), size=self.decimal(5000), aggressor_side=side)
        if chance < 0.90:
            return self.line("quote", feed, venue, market="m", instrument=name, **extra, recv_us=self.now, bid=[0.99, 1], ask=None)
        if chance < 0.93:
            return self.status()
        if chance < 0.95:
            return self.line("decision", "mkt-decide", "mktpipe", recv_us=self.now, rule=self.random.choice(("cheap", "wide")), action="signal", id=str(self.now), note=f"bid below {self.decimal(1)}", because=[], rules="x")
        if chance < 0.96:
            return self.line("stage_status", "mkt-merge", "mktpipe", recv_us=self.now, stage="mkt-merge", state=self.random.choice(("heartbeat", "heartbeat", "stopped")), counters={})
        if chance < 0.98:
            return self.line("of_tomorrow", feed, venue, recv_us=self.now)
        return '{"v":1,"type":"trade","fee'

    def take(self, count):
        return [self.next() for _ in range(count)]
