"""Streams of several feeds that show one invented venue, each broken in its own ways, and what was true.

Nothing here knows how mkt-merge works: a feed is a list of lines as `docs/market-event.md` has them. The same seed gives the same bytes.
"""

import json
import random

START = 1_790_000_000_000_000
SECOND = 1_000_000
# From the end of a fault to where a feed counts as healthy again.
REST = 3 * SECOND
FAULTS = ("gap", "gap_all", "disconnect", "stall", "stall_cut", "socket", "stale", "lose", "slow", "restart", "redundant", "stopped")
# After these a feed tells every book anew.
ANEW = ("gap_all", "disconnect", "stall_cut", "stale", "restart", "stopped")
# In these a feed believes in an old book, and nothing but the venue's times shows it.
UNSEEN = ("stall", "stall_cut", "socket", "stale", "lose", "slow", "restart")


def number(millionths):
    text = f"{millionths // SECOND}.{millionths % SECOND:06}".rstrip("0").rstrip(".")
    return text


class Venue:
    """What happens: `events` of (time, instrument, kind, payload) and, by instrument, `history` of (time, bids, asks).

    `stamped` are the book lines that carry the venue's time, in milliseconds that changes may share: `all`, `changes` or `none`.
    """

    def __init__(self, seed, seconds, instruments=4, rate=12, stamped="changes"):
        rng = random.Random(f"venue {seed}")
        self.seconds, self.has_ids, self.stamped = seconds, rng.random() < 0.5, stamped
        self.instruments = [f"I{n}" for n in range(instruments)]
        # Some are quiet.
        weights = [rng.choice((1, 1, 5, 20)) for _ in self.instruments]
        self.history = {each: [(0, {}, {})] for each in self.instruments}
        self.events = []
        now, times = START, {}
        for each in self.instruments:
            self.change(START - SECOND, each, rng, 8)
        while now < START + seconds * SECOND:
            now += int(rng.expovariate(rate) * SECOND) + 1
            each = rng.choices(self.instruments, weights)[0]
            if rng.random() < 0.2:
                self.trade(now, each, rng)
            else:
                for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
                    # Changes come in bursts, of which the venue's clock, which ticks in milliseconds, tells some apart and some not.
                    now = times[each] = max(now, times.get(each, 0)) + rng.randrange(1, 600)
                    self.change(now, each, rng, rng.choice((1, 1, 2, 4)))

    def change(self, now, each, rng, count):
        _, bids, asks = self.history[each][-1]
        bids, asks, changed = dict(bids), dict(asks), ({}, {})
        for _ in range(count):
            side = rng.randrange(2)
            price = rng.randrange(1, 40) * 10_000 + (500_000 if side else 0)
            size = rng.choice((0, 1, 1)) * rng.randrange(1, 500_000_000)
            changed[side][price] = size
        for book, new in ((bids, changed[0]), (asks, changed[1])):
            for price, size in new.items():
                if size:
                    book[price] = size
                else:
                    book.pop(price, None)
        self.history[each].append((now, bids, asks))
        self.events.append((now, each, "delta", changed))

    def trade(self, now, each, rng):
        fields = {"price": rng.randrange(1, 99) * 10_000, "size": rng.randrange(1, 9) * SECOND, "side": rng.choice(("buy", "sell"))}
        name = f"{rng.getrandbits(64):016x}"
        fields |= {"trade_id": name} if self.has_ids else {"tx": "0x" + name}
        # The same print twice means two trades where there is no id.
        for _ in range(2 if not self.has_ids and rng.random() < 0.15 else 1):
            self.events.append((now, each, "trade", fields))

    def book(self, each, now):
        """What is true at a time."""
        latest = None
        for time, bids, asks in self.history[each]:
            if time > now:
                break
            latest = (time, bids, asks)
        return latest


class Feed:
    """One process: `lines` of (recv_us, bytes), `healthy` spans in which nothing ails it."""

    def __init__(self, venue, name, seed, faults, heartbeat, checkpoint=20, redundant=False):
        self.venue, self.name, self.redundant = venue, name, redundant
        self.rng = random.Random(f"feed {name} {seed}")
        self.heartbeat, self.checkpoint = heartbeat * SECOND, checkpoint * SECOND
        self.lines, self.now, self.conn = [], START, 1
        self.seq = {each: 0 for each in venue.instruments}
        self.known, self.lost_lines, self.losing, self.over = set(), 0, False, False
        self.delay, self.queue = 0, []
        self.faults = sorted(faults)
        self.run()
        self.healthy = self.spans()

    def spans(self):
        spans, free = [], START + REST
        for start, kind, length in self.faults:
            if start > free:
                spans.append((free, start))
            # What was lost between the feed and its reader makes the reader doubt it until all its books come anew.
            free = float("inf") if kind == "lose" else free if free == float("inf") and kind not in ANEW else start + length + REST
        spans.append((free, START + self.venue.seconds * SECOND))
        # With its last line its input ends.
        return [(first, min(last, self.lines[-1][0])) for first, last in spans if first < last]

    # Lines

    def write(self, kind, instrument=None, conn=True, seq=None, venue_us=None, payload=""):
        head = f'{{"v":1,"type":"{kind}","feed":"{self.name}","venue":"test"'
        if instrument:
            head += f',"market":"M{instrument}","instrument":"{instrument}"'
        if conn:
            # A second socket of the same process brings some of the lines.
            head += f',"conn":{self.conn + (self.rng.randrange(2) if self.redundant and kind == "book_delta" else 0)}'
        if seq:
            head += f',"seq":{seq}'
        head += f',"recv_us":{self.now}' + (f',"venue_us":{venue_us}' if venue_us else "") + payload + "}\n"
        if self.losing and kind != "feed_status":
            self.lost_lines += 1
        else:
            self.lines.append((self.now, head.encode()))

    def status(self, state, conn=True, **more):
        payload = f',"state":"{state}"' + "".join(f',"{key}":{json.dumps(value, separators=(",", ":"))}' for key, value in more.items())
        self.write("feed_status", conn=conn, payload=payload)

    def levels(self, bids, asks):
        sides = []
        for name, book, falling in (("bids", bids, True), ("asks", asks, False)):
            inside = ",".join(f"[{number(p)},{number(s)}]" for p, s in sorted(book.items(), reverse=falling))
            sides.append(f',"{name}":[{inside}]')
        return "".join(sides)

    def snapshot(self, each, at, reason):
        self.seq[each] += 1
        self.known.add(each)
        time, bids, asks = self.venue.book(each, at)
        venue_us = time // 1000 * 1000 if self.venue.stamped == "all" and reason != "checkpoint" else None
        self.write("book_snapshot", each, seq=self.seq[each], venue_us=venue_us, payload=self.levels(bids, asks) + f',"reason":"{reason}"')

    def tell(self, event):
        """A venue's message has come."""
        time, each, kind, payload = event
        if kind == "trade":
            tail = "".join(f',"{key}":"{payload[key]}"' for key in ("trade_id", "tx") if key in payload)
            text = f',"price":{number(payload["price"])},"size":{number(payload["size"])},"aggressor_side":"{payload["side"]}"'
            self.write("trade", each, venue_us=time, payload=text + tail)
        elif each in self.known:
            self.seq[each] += 1
            venue_us = None if self.venue.stamped == "none" else time // 1000 * 1000
            self.write("book_delta", each, seq=self.seq[each], venue_us=venue_us, payload=self.levels(*payload))
            if self.rng.random() < 0.1:
                self.write("quote", each, venue_us=time, payload=',"bid":null,"ask":null')

    # The run

    def step(self, time):
        """Time goes on; no two lines of a process are of one time, but those of two may be."""
        self.now = max(self.now + 1, time)

    def start(self):
        for each in self.venue.instruments:
            self.step(self.now)
            self.write("instrument", each, payload=',"outcome":"Yes"')
            self.snapshot(each, self.seen, "initial")

    def run(self):
        self.seen = START - SECOND
        events = [event for event in self.venue.events if event[0] >= START]
        self.status("connecting")
        self.start()
        end = START + self.venue.seconds * SECOND
        beat, check, place, pending = START + self.heartbeat, START + self.checkpoint, 0, 0
        faults = list(self.faults)
        while not self.over:
            fault = faults[0][0] if faults else end
            delay = self.rng.randrange(2000, 40_000) + self.delay
            arrival = max(events[place][0] + delay, pending) if place < len(events) else end
            due = min(fault, beat, check, arrival, end)
            if due >= end:
                break
            self.step(due)
            if due == fault:
                place, beat, check = self.fail(faults.pop(0), events, place, beat, check)
                pending = self.now
            elif due == beat:
                self.status("heartbeat", conn=False, counters={})
                beat += self.heartbeat
            elif due == check:
                check += self.checkpoint
                for each in sorted(self.known):
                    self.step(self.now)
                    self.snapshot(each, self.seen, "checkpoint")
            else:
                self.seen = events[place][0]
                self.tell(events[place])
                pending, place = arrival, place + 1
            if self.delay and self.now > self.slow_until:
                self.delay = 0
            if self.losing and self.now > self.lose_until:
                self.losing = False
        self.step(end)
        if not self.over:
            self.status("stopped", conn=False, counters={})

    def skip(self, events, place, until, isheard=()):
        """What the venue sends until a time is lost, but for what concerns the books that stay."""
        while place < len(events) and events[place][0] <= until:
            self.seen = events[place][0]
            if events[place][1] in isheard:
                self.step(max(self.now, events[place][0] + 5000))
                self.tell(events[place])
            place += 1
        return place

    def beats(self, beat, until):
        while beat <= until:
            self.step(beat)
            self.status("heartbeat", conn=False, counters={})
            beat += self.heartbeat
        return beat

    def reconnect(self, at):
        self.step(at)
        self.conn += 2
        self.status("connecting")
        self.start()
        self.status("live")

    def fail(self, fault, events, place, beat, check):
        start, kind, length = fault
        end = start + length
        check = max(check, end + self.checkpoint)
        everyone = self.venue.instruments
        if kind in ("gap", "gap_all"):
            concerned = list(everyone) if kind == "gap_all" else self.rng.sample(everyone, 2)
            more = {} if kind == "gap_all" else {"instruments": concerned}
            self.status("gap", reason="test", since_us=self.now, **more)
            self.known -= set(concerned)
            place = self.skip(events, place, end, [each for each in everyone if each not in concerned])
            self.step(max(end, self.now))
            for each in concerned:
                self.step(self.now)
                self.snapshot(each, self.seen, "resync")
            return place, max(beat, self.now), check
        if kind == "disconnect":
            self.status("disconnected", since_us=self.now)
            self.known.clear()
            beat = self.beats(beat, end)
            place = self.skip(events, place, end)
            self.reconnect(end)
        elif kind == "stall":
            # The process sleeps; then it tells first what its timers owe and then what waited in the socket.
            self.step(end)
            if beat <= end:
                self.status("heartbeat", conn=False, counters={})
                beat = end + self.heartbeat
            while place < len(events) and events[place][0] <= end:
                self.step(self.now)
                self.seen = events[place][0]
                self.tell(events[place])
                place += 1
        elif kind == "stall_cut":
            self.step(end)
            if beat <= end:
                self.status("heartbeat", conn=False, counters={})
                beat = end + self.heartbeat
            place = self.skip(events, place, end)
            self.status("disconnected", since_us=start)
            self.known.clear()
            self.reconnect(self.now)
        elif kind in ("socket", "stale"):
            # Nothing comes, and the process is in the best of health.
            half = start + length // 2
            beat = self.beats(beat, half)
            if kind == "stale":
                self.step(half)
                self.status("stale", since_us=start)
                self.known.clear()
            beat = self.beats(beat, end)
            self.step(end)
            if kind == "stale":
                place = self.skip(events, place, end)
                self.reconnect(self.now)
            while place < len(events) and events[place][0] <= end:
                self.step(self.now)
                self.seen = events[place][0]
                self.tell(events[place])
                place += 1
        elif kind == "lose":
            self.losing, self.lose_until = True, end
            check = end + SECOND
        elif kind == "slow":
            self.delay, self.slow_until = 2_500_000, end
        elif kind in ("restart", "stopped"):
            if kind == "stopped":
                self.status("stopped", conn=False, counters={})
            place = self.skip(events, place, end)
            self.step(end)
            self.conn, self.known, beat = -1, set(), end + self.heartbeat
            self.seq = {each: 0 for each in everyone}
            self.reconnect(self.now)
        elif kind == "redundant":
            self.conn += 2
            self.write("feed_status", payload=',"state":"disconnected","instruments":[]')
            self.conn -= 2
        elif kind == "kill":
            self.over = True
        return place, beat, check


def faults(seed, name, seconds, often=12, kinds=FAULTS):
    """Faults of these kinds at random times, one after the other."""
    rng = random.Random(f"faults {name} {seed}")
    chosen, now = [], START + 4 * SECOND
    while True:
        now += rng.randrange(SECOND, often * SECOND)
        kind, length = rng.choice(kinds), rng.randrange(SECOND // 2, 8 * SECOND)
        if now + length + 12 * SECOND > START + seconds * SECOND:
            break
        chosen.append((now, kind, length))
        now += length + 3 * SECOND
    if rng.random() < 0.3 and chosen:
        chosen.append((now, "kill", seconds * SECOND))
    return chosen
