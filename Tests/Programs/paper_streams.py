"""Rules, links and streams for `stale_quote`, `resolution_arb` and `--paper`, drawn by a seed: the worlds of arbitrage_streams.py with settlements,
quiet books, and moments that are met to the microsecond. The same seed gives the same bytes.
"""

import json
import random
from fractions import Fraction

from arbitrage_streams import START, Number, Stream, World, millionths

LATENCIES = (250_000, 250_000, 250_000, 0, 1, 100_000, 125_000, 1_000_000, 3_000_000, 60_000_000)


class PaperWorld(World):
    def __init__(self, seed, kind=None):
        super().__init__(seed, kind or ("links", "links", "mixed", "links", "pairs", "mixed", "links", "sets")[seed % 8])
        self.chance = random.Random(f"paper {seed}")
        self.latency = self.chance.choice(LATENCIES)
        self.is_backward = self.chance.random() < 0.25
        # Books that move by themselves hide what `stale_quote` looks for.
        self.is_calm = any(rule["strategy"] == "stale_quote" for rule in self.rules.values())

    def rule(self):
        chance = self.chance
        kinds = {"links": ["stale_quote"] * 3 + ["resolution_arb"] * 2 + ["arbitrage"] * 3, "pairs": ["complement", "resolution_arb"],
                 "sets": ["event_set", "event_set", "resolution_arb"]}
        strategy = chance.choice(kinds.get(self.kind, ["arbitrage", "complement", "event_set", "resolution_arb", "stale_quote"]))
        spans = [125_000, 250_000, 500_000, 1_000_000] if self.is_round else [100_000, 333_333, 1_000_000]
        pick = lambda *texts: Fraction(chance.choice(texts))
        if strategy == "stale_quote":
            rule = {"strategy": strategy, "window": chance.choice([*spans, 1]), "min_move": pick("0.01", "0.02", "0.05", "0.03", "0.000001"),
                    "lag": chance.choice([*spans, *spans, 1])}
            if chance.random() < 0.3:
                rule["cooldown"] = chance.choice([1, 4_000_000, *spans])
            if chance.random() < 0.3:
                rule["action"] = chance.choice(["signal", "alert"])
            return rule
        rule = super().rule()
        while rule["strategy"] != strategy and strategy != "resolution_arb":
            rule = super().rule()
        if strategy == "resolution_arb":
            rule.pop("events", None)
            rule["strategy"] = strategy
            if chance.random() < 0.7:
                rule["through_links"] = Number(chance.choice(["true", "true", "false"]))
        rule["max_age"] = max(rule["max_age"], 2_000_000)
        # Sizes that are small beside the books meet what was taken before.
        rule["max_size"] = chance.choice([rule["max_size"], pick("1", "3.333333", "25", "40"), Fraction(1000)])
        rule["min_edge"] = min(rule["min_edge"], pick("0", "0.01", "0.1"))
        for key in ("venue", "market", "instrument", "label"):
            rule.pop(key, None)
        if chance.random() < 0.85:
            rule["action"] = "trade"
        return rule


class PaperStream(Stream):
    """As before, and the moments at which something falls due are met, or missed by a microsecond."""

    def __init__(self, world):
        super().__init__(world)
        self.moments = []
        self.spans = [world.latency] * 3 + [60_000_000 + world.latency]
        for rule in world.rules.values():
            self.spans += [rule[key] for key in ("window", "lag", "hold", "cooldown", "lag") if key in rule]

    def make(self, count):
        for feed, places in self.feeds.items():
            for place in places:
                if self.chance.random() < 0.97:
                    self.instrument(feed, place)
        for feed, places in self.feeds.items():
            for place in places:
                self.snapshot(feed, place, "initial")
        kinds = [(self.snapshot, 8), (self.delta, 40), (self.other, 3), (self.status, 2), (self.facts, 2), (self.breaks, 3), (self.lost, 1),
                 (self.run, 14), (self.flicker, 8), (self.again, 5), (self.settles, 3), (self.clock, 2)]
        while len(self.lines) < count:
            self.tick()
            feed = self.chance.choice(list(self.feeds))
            self.chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0](feed, self.chance.choice(self.feeds[feed]))
        return self.lines[:count]

    def tick(self):
        chance = self.chance
        if self.moments and chance.random() < 0.3:
            # What a late line left behind falls due at, before or after this one.
            at = chance.choice(self.moments[-6:]) + chance.choice(self.spans) + chance.choice([-1, 0, 0, 1])
            if self.now <= at < self.now + 4_000_000 or (chance.random() < 0.1 and at > self.now):
                self.now = at
        elif chance.random() < 0.01:
            self.now += chance.choice([60_000_000, 61_234_567, 200_000_000])
        elif self.world.is_backward and chance.random() < 0.05:
            self.now -= chance.choice([1, 100_000, 250_000, 1_000_000])
        else:
            super().tick()
        self.moments.append(self.now)

    def instrument(self, feed, place):
        # Nothing is its own opposite.
        if place.told.get("complement") == place.instrument:
            place.told["complement"] = None
        super().instrument(feed, place)

    def status(self, feed, place):
        """As before, but settlements come of their own."""
        self.say("market_status", feed, place, state=self.chance.choice(["paused", "closed", "determined", "settled", "open"]))
        for _ in range(self.chance.randrange(4)):
            self.tick()
            self.delta(feed, place)
        if self.chance.random() < 0.85:
            self.say("market_status", feed, place, state="open")

    def run(self, feed, place):
        """One instrument runs while all others stand still."""
        pace = self.chance.choice([-1, 1]) * self.chance.choice([0.01, 0.02, 0.05, 0.06])
        for _ in range(self.chance.randrange(1, 5)):
            self.tick()
            before = self.chances[place.question]
            self.chances[place.question] = min(0.97, max(0.03, before + pace))
            self.chance.choice([self.snapshot, self.delta])(feed, place)
            if self.chance.random() < 0.4:
                self.chances[place.question] = before
        self.tick()
        self.other(feed, place)

    def flicker(self, feed, place):
        """The best level goes and comes again with the size it had, or with another."""
        bids, asks = self.books[feed, place]
        side, best = self.chance.choice([(bids, max), (asks, min)])
        if not side:
            return
        price = best(side)
        size = side[price]
        changes = [0, size if self.chance.random() < 0.7 else self.size()]
        for change in changes if self.chance.random() < 0.6 else changes[1:]:
            told = [[[millionths(price), millionths(change)]], []]
            side.pop(price, None)
            if change:
                side[price] = change
            told = told if side is bids else told[::-1]
            self.say("book_delta", feed, place, bids=told[0], asks=told[1])
            if self.chance.random() < 0.7:
                self.tick()

    def again(self, feed, place):
        """The book as it stands: a checkpoint, or what follows a break; now and then the other feed says the same."""
        if self.chance.random() < 0.3:
            self.seqs[feed, place] = self.seqs.get((feed, place), 0) + 1
        for each in (feed, "pm-b" if feed == "pm" else "pm"):
            if (each, place) in self.books and (each == feed or self.chance.random() < 0.5):
                self.books[each, place] = tuple(dict(side) for side in self.books[feed, place])
                bids, asks = self.books[each, place]
                self.say("book_snapshot", each, place, bids=self.levels(bids, True), asks=self.levels(asks, False), reason="checkpoint")

    def settles(self, feed, place):
        """What a share pays: told once, again, otherwise, or not at all; trading goes on behind it."""
        chance = self.chance
        for _ in range(chance.choice([1, 1, 1, 2])):
            price = chance.choice(["1", "0", "1", "0", "0.5", "0.333333", "0.97"])
            told = {"settlement_price": Number(price)}
            if chance.random() < 0.4:
                told = {"outcome_won": chance.random() < 0.5}
            elif price in "10":
                told["outcome_won"] = price == "1"
            self.say("resolution", feed, place, **told)
            self.tick()
        if chance.random() < 0.6:
            self.snapshot(feed, place)
        if chance.random() < 0.7:
            self.say("market_status", feed, place, state=chance.choice(["open", "open", "settled"]))
        if chance.random() < 0.5:
            self.delta(feed, place)

    def clock(self, feed, place):
        """A stage tells of the real clock, far ahead."""
        event = {"v": 1, "type": "stage_status", "feed": "mkt-merge", "venue": "mktpipe", "recv_us": START + 10**13, "stage": "mkt-merge",
                 "state": "heartbeat", "counters": {}}
        self.lines.append(json.dumps(event, separators=(",", ":")))

    def delta(self, feed, place):
        if self.world.is_calm and self.chance.random() < 0.5:
            return self.flicker(feed, place)
        return super().delta(feed, place)
