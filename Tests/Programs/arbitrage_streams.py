"""Rules, links and streams for `arbitrage`, `complement` and `event_set`, drawn by a seed: invented venues where prices often do not agree.

Nothing here knows how mkt-decide works. The same seed gives the same bytes.
"""

import json
import random
from fractions import Fraction

MILLION = 1_000_000
START = 1_790_000_000_000_000
KINDS = ("links", "pairs", "sets", "mixed")
LINK_COLUMNS = ("left_venue", "left_instrument", "right_venue", "right_instrument", "relation", "confidence", "status")


# MARK: Text


class Number(str):
    """Text that stands in JSON and TOML as it is."""


def number(value):
    """Plain decimal text of a fraction with at most six decimals."""
    whole, rest = divmod(int(value * MILLION), MILLION)
    return Number(f"{whole}.{rest:06}".rstrip("0").rstrip("."))


def millionths(value):
    return number(Fraction(value, MILLION))


def spell(value, chance=None):
    """JSON text; with a `chance` now and then as readers have to take it, too."""
    if isinstance(value, Number):
        if chance and chance.random() < 0.02:
            return chance.choice([f'"{value}"', f"{value}e0", value + ("0" if "." in value else ".0")])
        return str(value)
    if isinstance(value, dict):
        items = list(value.items())
        if chance and chance.random() < 0.03:
            chance.shuffle(items)
        return "{" + ",".join(f"{spell(key)}:{spell(item, chance)}" for key, item in items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spell(item, chance) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def toml(rules):
    """The rules as a file; fractions as numbers, spans (whole microseconds) as text."""
    text = ""
    for name, rule in rules.items():
        text += f"[rules.{name}]\n"
        for key, value in rule.items():
            if isinstance(value, Fraction):
                value = number(value)
            elif isinstance(value, int):
                value = f'"{value}us"'
            elif isinstance(value, dict):
                value = "{ " + ", ".join(f"{json.dumps(inner)} = {spell(item)}" for inner, item in value.items()) + " }"
            else:
                value = spell(value)
            text += f"{key} = {value}\n"
    return text


def links_csv(links, chance=None):
    """The links as a file, the columns in any order."""
    columns = list(LINK_COLUMNS)
    if chance:
        chance.shuffle(columns)
    rows = [columns] + [[link[column] for column in columns] for link in links]

    def quoted(field):
        is_needed = any(letter in field for letter in ',"\r\n')
        return '"' + field.replace('"', '""') + '"' if is_needed or (chance and chance.random() < 0.1) else field

    return "".join(",".join(map(quoted, row)) + "\n" for row in rows)


def links_toml(links):
    return "".join("[[links]]\n" + "".join(f"{key} = {link[key] if key == 'confidence' else spell(link[key])}\n" for key in link) for link in links)


# MARK: The world


class Place:
    """An instrument as its venue tells it, and which way it goes with its question: 1 with it, -1 against it."""

    def __init__(self, venue, market, instrument, question, way, **told):
        self.venue, self.market, self.instrument, self.question, self.way = venue, market, instrument, question, way
        self.label = None
        self.told = told

    def link_end(self, side):
        return {f"{side}_venue": self.venue, f"{side}_instrument": self.instrument}


class World:
    """The instruments of one run, its rules and its links."""

    def __init__(self, seed, kind=None):
        self.chance = chance = random.Random(f"arbitrage {seed}")
        self.kind = kind or KINDS[seed % len(KINDS)]
        # Round numbers only: every edge (least gain, caps, ages, spans) is met exactly.
        self.is_round = chance.random() < 0.4
        self.is_slow = chance.random() < 0.15
        self.is_backward = chance.random() < 0.1
        self.has_exact_fees = chance.random() < 0.7
        self.tick = 10_000 if self.is_round else chance.choice([10_000, 1_000, 1_000, 100])
        self.places, self.chances = [], []
        if self.kind in ("links", "mixed"):
            self.linked_questions()
        if self.kind in ("pairs", "mixed"):
            self.binary(f"0xm{len(self.places)}", chance.choice(["solo", None]), chance.choice(["none", None]))
        if self.kind in ("sets", "mixed"):
            self.event()
        for place in self.places:
            place.told["fee"] = self.fee(place.venue)
            if chance.random() < 0.85:
                place.label = f"{place.market.lower()}/{place.told.get('outcome', 'x')}"
        self.links = self.draw_links()
        names = ("a", "b", "c-1", "B", "z_9")
        self.rules = {name: self.rule() for name in chance.sample(names, chance.randrange(2, 5))}

    def question(self, value=None):
        self.chances.append(value or self.chance.choice([0.01, 0.99] + [self.chance.uniform(0.08, 0.92)] * 12))
        return len(self.chances) - 1

    def binary(self, market, event, neg_risk, question=None):
        """Both tokens of a Polymarket market."""
        number = 7486 + 3 * len(self.places)
        names = [str(number) * 4, str(number + self.chance.choice([-1, 1])) * 4]
        question = self.question() if question is None else question
        outcomes = self.chance.choice([("Yes", "No"), ("Up", "Down")]) if neg_risk is None else ("Yes", "No")
        for way, name, other, outcome in zip((1, -1), names, names[::-1], outcomes):
            told = {"outcome": outcome, "event": event, "complement": other, "state": "open", "neg_risk": neg_risk}
            if self.chance.random() < 0.04:
                del told["complement"]
            self.places.append(Place("polymarket", market, name, question, way, **{key: value for key, value in told.items() if value}))

    def single(self, venue, market, question, way, **told):
        self.places.append(Place(venue, market, market, question, way, **told))

    def linked_questions(self):
        """Questions that two or three venues have, one of them sometimes the other way round."""
        for number in range(self.chance.choice([1, 1, 2])):
            self.binary(f"0xm{len(self.places)}", None, None)
            question = len(self.chances) - 1
            told = {"outcome": self.chance.choice(["Yes", "Yes", "Over 3", None]), "state": "open"}
            told = {key: value for key, value in told.items() if value}
            self.single("kalshi", f"KX-{number}", question, self.chance.choice([1, 1, -1]), **told)
            if self.chance.random() < 0.3:
                name = self.chance.choice([f"OT-{number}", f"KX-{number}0", f'größe, "{number}"'])
                self.single(self.chance.choice(["other", "kalshi"]), name, question, self.chance.choice([1, -1]), outcome="Ja")

    def event(self):
        """An event whose outcomes exclude one another, here or there, told so or not."""
        count = self.chance.choice([2, 3, 3, 4])
        shares = [self.chance.uniform(0.3, 1) for _ in range(count)]
        questions = [self.question(share / sum(shares)) for share in shares]
        neg_risk = self.chance.choice(["standard"] * 8 + ["augmented", "none"])
        if self.chance.random() < 0.6:
            for question in questions:
                self.binary(f"0xm{len(self.places)}", "who-wins", neg_risk, question)
                if self.chance.random() < 0.4:
                    # Nobody looks at the other token: it is told in no line.
                    del self.places[-1]
        if self.chance.random() < 0.6 or not self.places:
            for number, question in enumerate(questions):
                self.single("kalshi", f"KXWHO-{chr(90 - number)}", question, 1, outcome="Yes", event="who-wins", state="open", neg_risk=neg_risk)
        if self.chance.random() < 0.08:
            self.chance.choice(self.places).told["neg_risk"] = "augmented"
        self.count = count

    # MARK: Fees, links, rules

    def fee(self, venue):
        """What the `instrument` line tells; nil for a line without."""
        chance = self.chance
        if chance.random() < (0.02 if self.has_exact_fees else 0.1):
            odd = [
                None, {"model": "unknown"}, {"model": "flat", "taker_rate": "0.01", "exponent": "1", "multiplier": "1"},
                {"model": "quadratic", "taker_rate": "0.07", "multiplier": "1"}, {"model": "quadratic", "exponent": "1", "multiplier": "1"},
                {"model": "quadratic", "taker_rate": "0.07", "exponent": "1"},
                {"model": "quadratic", "taker_rate": "0.07", "maker_rate": "0", "exponent": "0.5", "multiplier": "1"},
                {"model": "quadratic", "taker_rate": "0.07", "maker_rate": "0", "exponent": "3", "multiplier": "1"},
                {"model": "quadratic", "taker_rate": "0.07", "maker_rate": "0", "exponent": "1", "multiplier": "15"},
            ]
            return self.fee_of(chance.choice(odd))
        if chance.random() < 0.25:
            return self.fee_of({"model": "none"})
        if venue == "kalshi":
            multiplier = chance.choice(["1", "1", "0.5", "2", "0.333333", "0", "14.285714"])
            maker = chance.choice(["0", "0.0175", "0.035"])
            return self.fee_of({"model": "quadratic", "taker_rate": "0.07", "maker_rate": maker, "exponent": "1", "multiplier": multiplier})
        rate, exponent = chance.choice([("0.07", "1")] * 3 + [("0.04", "1"), ("0.05", "1"), ("0.25", "2"), ("0.012345", "0"), ("0", "1"), ("1", "2")])
        return self.fee_of({"model": "quadratic", "taker_rate": rate, "maker_rate": "0", "exponent": exponent, "multiplier": "1"})

    @staticmethod
    def fee_of(texts):
        return texts and {key: value if key == "model" else Number(value) for key, value in texts.items()}

    def draw_links(self):
        """Mostly right ones, some the wrong way round, some that do not count, some of instruments that never come."""
        chance, links, seen = self.chance, [], set()
        for _ in range(3 * len(self.places)):
            left, right = chance.sample(self.places, 2) if len(self.places) > 1 else (self.places[0], self.places[0])
            pair = frozenset([(left.venue, left.instrument), (right.venue, right.instrument)])
            wanted = left.question == right.question and left.venue != right.venue
            if len(pair) < 2 or pair in seen or chance.random() > (0.9 if wanted else 0.04):
                continue
            seen.add(pair)
            relation = "same" if (left.way == right.way) != (chance.random() < (0.5 if self.is_slow else 0.12)) else "inverse"
            status = chance.choice(["approved"] * 8 + ["pending", "rejected"])
            links.append(left.link_end("left") | right.link_end("right") | {"relation": relation, "confidence": "0.98", "status": status})
        place = chance.choice(self.places)
        nobody = {"right_venue": "kalshi", "right_instrument": "KX-NOBODY", "relation": "same", "confidence": "1", "status": "approved"}
        return links + [place.link_end("left") | nobody]

    def rule(self):
        chance = self.chance
        strategy = chance.choice({"links": ["arbitrage"] * 4 + ["complement"], "pairs": ["complement"], "sets": ["event_set"]}.get(
            self.kind, ["arbitrage", "complement", "event_set"]))
        spans = [125_000, 250_000, 500_000, 1_000_000] if self.is_round else [100_000, 333_333, 1_000_000]
        pick = lambda *texts: Fraction(chance.choice(texts))
        # Books of many instruments are seldom all young.
        ages = [250_000, 500_000] * (strategy != "event_set") + [2_000_000, 2_000_000, 10_000_000, 3_600_000_000]
        rule = {
            "strategy": strategy,
            "min_edge": pick("0", "0", "0.000001", "0.005", "0.01", "0.02", "0.03", "0.1"),
            "max_size": pick("0.01", "0.5", "1", "3.333333", "5", "9.999999", "12.34", "25", "25", "40", "200", "1000", "7000000000"),
            "max_cost": pick("0.4", "1", "2.718281", "4.5", "10", "10", "5000", "5000", "1000000", "123456789012.345678"),
            "max_age": chance.choice(ages) * (20 if self.is_slow else 1),
        }
        if strategy == "complement" or chance.random() < 0.25:
            rule["hold"] = chance.choice([0, 0, 0, *spans])
        if chance.random() < 0.3:
            rule["cooldown"] = chance.choice([1, 4_000_000, *spans])
        if chance.random() < 0.6:
            rule["action"] = chance.choice(["trade", "signal", "alert"])
        if chance.random() < 0.35:
            rule["fee_rounding"] = {venue: chance.choice(["half_up_5", "cent_up", "up_4", "up_6"]) for venue in ("polymarket", "kalshi")}
            if chance.random() < 0.5:
                rule["fee_rounding"]["other"] = "up_4"
            if chance.random() < 0.3:
                del rule["fee_rounding"][chance.choice(["polymarket", "kalshi"])]
        if strategy == "event_set":
            count = getattr(self, "count", 2)
            rule["events"] = {"who-wins": Number(count if chance.random() < 0.9 else count + 1)}
            if chance.random() < 0.3:
                rule["events"]["a \"b\"/c.d"] = Number(2)
        place = chance.choice(self.places)
        for key, value in (("venue", place.venue), ("market", place.market), ("instrument", [place.instrument, "nobody"]), ("label", "*/[UY]*")):
            if chance.random() < 0.06:
                rule[key] = value
        return rule


# MARK: The stream


class Stream:
    """The lines of three or four feeds over a world: books that move and break, facts that change."""

    def __init__(self, world):
        self.world, self.chance = world, world.chance
        self.now, self.lines = START, []
        at = lambda *venues: [place for place in world.places if place.venue in venues]
        self.feeds = {"pm": at("polymarket"), "kalshi": at("kalshi"), "other": at("other")}
        if self.chance.random() < 0.4:
            # Tells some instruments of pm again.
            self.feeds["pm-b"] = self.feeds["pm"][: self.chance.randrange(1, 3)]
        self.feeds = {feed: places for feed, places in self.feeds.items() if places}
        self.conns = {feed: None if feed == "kalshi" else 1 for feed in self.feeds}
        self.seqs, self.books, self.chances = {}, {}, list(world.chances)

    def make(self, count):
        for feed, places in self.feeds.items():
            for place in places:
                if self.chance.random() < 0.97:
                    self.instrument(feed, place)
        for feed, places in self.feeds.items():
            for place in places:
                self.snapshot(feed, place, "initial")
        kinds = [(self.snapshot, 14), (self.delta, 70), (self.other, 5), (self.status, 2), (self.facts, 2), (self.breaks, 3), (self.lost, 1)]
        while len(self.lines) < count:
            self.tick()
            feed = self.chance.choice(list(self.feeds))
            self.chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0](feed, self.chance.choice(self.feeds[feed]))
        return self.lines

    def tick(self):
        step = self.chance.random()
        if step < 0.25:
            return
        scale = 30 if self.world.is_slow else 1
        if self.world.is_round:
            self.now += self.chance.choice([1, 1, 1, 2, 4]) * 125_000 * scale
        elif step < 0.985:
            self.now += self.chance.randrange(1, 250_000) * scale
        elif self.world.is_backward:
            self.now -= self.chance.randrange(1, 2_000_000)
        else:
            self.now += self.chance.randrange(1, 4_000_000) * scale

    def say(self, kind, feed, place, **payload):
        event = {"v": 1, "type": kind, "feed": feed, "venue": place.venue, "market": place.market, "instrument": place.instrument}
        if place.label and self.chance.random() < 0.9:
            event["label"] = place.label
        if self.conns[feed] and kind != "instrument":
            event["conn"] = self.conns[feed]
        if kind.startswith("book_"):
            self.seqs[feed, place] = event["seq"] = self.seqs.get((feed, place), 0) + 1
        self.lines.append(spell(event | {"recv_us": self.now} | payload, self.chance))

    # MARK: Books

    def middle(self, place):
        """Where this venue sees the question now, in ticks; venues do not agree."""
        value = self.chances[place.question]
        value = value if place.way > 0 else 1 - value
        return round((value + self.chance.gauss(0, 0.03)) * MILLION / self.world.tick)

    def size(self):
        if self.world.is_round:
            return self.chance.choice([1, 1, 2, 5, 10]) * 500_000
        size = self.chance.choice([self.chance.randrange(1, 20_000_000), self.chance.randrange(1, 300) * 10_000, 5_000_000, 9_999, 1, 30_000_000])
        return size if self.chance.random() < 0.99 else size * self.chance.choice([1_000, 1_000_000, 1_000_000_000])

    def ladder(self, start, step, count):
        """Levels from the best on: {price: size}, in millionths."""
        levels, at = {}, start
        for _ in range(count):
            if 0 <= at * self.world.tick <= MILLION:
                levels[at * self.world.tick] = self.size()
            at += step * self.chance.choice([1, 1, 1, 2, 5])
        return levels

    def snapshot(self, feed, place, reason=None):
        chance = self.chance
        middle, kind = self.middle(place), chance.random()
        spread = -2 if kind < 0.03 else 0 if kind < 0.1 else chance.randrange(1, 4)
        bids, asks = self.ladder(middle, -1, chance.randrange(1, 6)), self.ladder(middle + spread, 1, chance.randrange(1, 6))
        if 0.1 < kind < 0.14:
            bids = {}
        if 0.12 < kind < 0.16:
            asks = {}
        self.books[feed, place] = bids, asks
        self.say("book_snapshot", feed, place, bids=self.levels(bids, True), asks=self.levels(asks, False),
                 reason=reason or chance.choice(["refresh", "resync", "checkpoint"]))

    @staticmethod
    def levels(side, falling):
        return [[millionths(price), millionths(size)] for price, size in sorted(side.items(), reverse=falling)]

    def delta(self, feed, place):
        """Some changes at and near the best; the question itself moves, too."""
        chance, changed = self.chance, ({}, {})
        self.chances[place.question] = min(1, max(0, self.chances[place.question] + chance.gauss(0, 0.004)))
        for book, new, way in zip(self.books[feed, place], changed, (-1, 1)):
            if chance.random() < 0.3:
                continue
            best = (min if way > 0 else max)(book, default=None)
            for _ in range(chance.choice([1, 1, 1, 2])):
                if book and chance.random() < 0.4:
                    new[best if chance.random() < 0.6 else chance.choice(list(book))] = 0
                elif book and chance.random() < 0.4:
                    new[best] = self.size()
                else:
                    new.update(self.ladder(self.middle(place) + way * chance.randrange(0, 3), way, 1))
            for price, size in new.items():
                book[price] = size
                if not size:
                    del book[price]
        self.say("book_delta", feed, place, bids=self.levels(changed[0], True), asks=self.levels(changed[1], False))

    def lost(self, feed, place):
        """A line that never came: its number is used."""
        self.seqs[feed, place] = self.seqs.get((feed, place), 0) + 1
        if self.chance.random() < 0.6:
            self.delta(feed, place)
            self.snapshot(feed, place, "resync")

    def breaks(self, feed, place):
        chance = self.chance
        state = chance.choice(["gap", "stale", "resyncing", "disconnected", "disconnected", "stopped", "live", "heartbeat", "lagging"])
        event = {"v": 1, "type": "feed_status", "feed": feed, "venue": place.venue}
        conn = self.conns[feed]
        if conn and chance.random() < 0.7:
            event["conn"] = chance.choice([conn, conn, conn + 1])
        event |= {"recv_us": self.now, "state": state}
        if chance.random() < 0.4:
            event["instruments"] = chance.choice([[], [place.instrument], [place.instrument, "nobody"]])
        self.lines.append(spell(event, chance))
        if state == "disconnected" and conn:
            self.conns[feed] = conn + 1
        if state not in ("live", "heartbeat", "lagging"):
            for each in self.feeds[feed]:
                if chance.random() < 0.7:
                    self.tick()
                    self.snapshot(feed, each, "resync")

    # MARK: Facts

    def instrument(self, feed, place):
        told = {key: value for key, value in place.told.items() if value is not None}
        order = ("outcome", "event", "complement", "state", "fee", "neg_risk")
        self.say("instrument", feed, place, **{key: told[key] for key in order if key in told})

    def facts(self, feed, place):
        """One fact changes for some lines, or for good."""
        before = dict(place.told)
        key = self.chance.choice(["fee", "fee", "state", "outcome", "neg_risk", "event", "complement", "label", "nothing"])
        if key == "fee":
            place.told["fee"] = self.world.fee(place.venue)
        elif key == "state":
            place.told["state"] = self.chance.choice([None, "open", "paused"])
        elif key in place.told:
            other = {"outcome": "Maybe", "neg_risk": "augmented", "event": "who-knows", "complement": self.chance.choice(self.feeds[feed]).instrument}
            place.told[key] = self.chance.choice([None, other[key]])
        elif key == "label":
            place.label = self.chance.choice(["a/Up", "b/x", "größe/Ja"])
        self.instrument(feed, place)
        self.everything(feed)
        if self.chance.random() < 0.8:
            place.told = before | {"state": "open"}
            self.instrument(feed, place)
            self.everything(feed)

    def everything(self, feed):
        """Every book once, so that a change of facts is seen everywhere at once."""
        for place in self.feeds[feed]:
            self.delta(feed, place)

    def status(self, feed, place):
        if self.chance.random() < 0.1:
            self.say("resolution", feed, place, settlement_price=Number("1"), outcome_won=True)
        else:
            self.say("market_status", feed, place, state=self.chance.choice(["paused", "closed", "determined", "open"]))
        for _ in range(self.chance.randrange(4)):
            self.delta(feed, place)
        if self.chance.random() < 0.9:
            self.say("market_status", feed, place, state="open")

    def other(self, feed, place):
        """Lines that no rule here is about."""
        payloads = {
            "trade": {"price": Number("0.5"), "size": Number("3"), "aggressor_side": "buy"}, "quote": {"bid": None, "ask": None},
            "ticker": {"volume": Number("3")}, "tomorrow": {"price": Number("2")},
        }
        kind = self.chance.choice(list(payloads))
        self.say(kind, feed, place, **payloads[kind])
