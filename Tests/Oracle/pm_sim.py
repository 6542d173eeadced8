"""A Polymarket venue and one session with it: true books, real frames, and what the session's reader can know.

Venue time is the simulation's clock in milliseconds; every frame gets a receive time of its own a few milliseconds beside it.
"""

import heapq

import pm_faults
import pm_wire as wire
from fixed import ONE
from flow import Ladder, Maker
from pm_events import PmEvents
from pm_truth import PmTruth
from rec import compact

URL = "wss://ws-subscriptions-clob.polymarket.com/ws/market"


class Market:
    """One question of the venue: the books of its two tokens are mirror images and change together."""

    def __init__(self, info, rng):
        self.info, self.tokens = info, info["tokens"]
        self.tick = self.told_tick = info["tick"]
        self.books = {token: Ladder() for token in self.tokens}
        self.last = dict.fromkeys(self.tokens)
        self.changed_ms = 0
        self.serial, self.level_serial = 0, {}
        self.room = None  # how many more messages may come before a pending print or tick change is told
        self.done, self.fate, self.told_top = False, None, None
        self.shaky = False  # a repeated message made checks disagree; the next change must come before any trade
        shape = {**info["shape"], "tick": lambda price: self.tick}
        self.maker = Maker(rng, self.books[self.tokens[0]], info["target"], shape)

    @property
    def ladder(self):
        """The first token's book."""
        return self.books[self.tokens[0]]

    def put(self, side, price, size):
        """A level of the first token, and its mirror."""
        self.books[self.tokens[0]].put(side, price, size)
        self.books[self.tokens[1]].put("a" if side == "b" else "b", ONE - price, size)
        self.serial += 1
        self.level_serial[side, price] = self.serial


class PmSim(PmEvents):
    """Runs the venue for a number of seconds and records the session."""

    def __init__(self, rng, recorder, infos, start_us, seconds, profile, recipe_change=False):
        self.rng, self.rec = rng, recorder
        self.start, self.now, self.end = start_us, start_us, start_us + seconds * ONE
        self.profile, self.seconds, self.recipe_change = profile, seconds, recipe_change
        self.markets = [Market(info, rng) for info in infos]
        self.of_token = {token: market for market in self.markets for token in market.tokens}
        self.truth = PmTruth(list(self.of_token), lambda token: self.of_token[token].books[token])
        self.conn, self.opened_conns, self.quiet_until = None, 0, 0
        self.new_recipe, self.heap, self.pushed = False, [], 0
        self.lose_print, self.omit = False, False

    # Time.

    def after(self, delay_us, act, tail=False):
        """Does `act` later; a `tail` belongs to something that has begun, and is not held up by a stall."""
        self.pushed += 1
        heapq.heappush(self.heap, (self.now + delay_us, self.pushed, tail, act))

    def run(self):
        """The whole session."""
        for market in self.markets:
            self.prepare(market)
        self.gamma()
        self.open()
        for market in self.markets:
            self.after(self.pause(market), lambda m=market: self.wake(m))
        self.after(10 * ONE, self.ping, tail=True)
        self.after(self.rng.randrange(ONE, 9 * ONE), self.announce)
        pm_faults.plan(self)
        while self.heap and self.heap[0][0] < self.end:
            self.now, _, tail, act = heapq.heappop(self.heap)
            if self.now < self.quiet_until and not tail:
                self.after(self.quiet_until - self.now + self.rng.randrange(200_000), act)
            else:
                act()

    @property
    def millis(self):
        """Venue time."""
        return self.now // 1000

    @property
    def elapsed(self):
        """Microseconds since the start."""
        return self.now - self.start

    def pause(self, market):
        """Time to a market's next move: mostly short, sometimes a burst, sometimes a rest."""
        mean = market.info["mean_us"]
        return self.rng.choice((mean // 20, mean // 4, mean // 2, mean, mean, 2 * mean, 3 * mean)) + self.rng.randrange(1000)

    # Lines.

    def write(self, value, wanted=None, data=True, effect=None):
        """One recording line; `effect` tells the truth what it does."""
        stamp = self.rec.stamp(wanted or self.now + self.rng.randrange(-8_000, 40_000))
        key = "sent_us" if "sent" in value else "recv_us"
        self.truth.begin(stamp, data=data)
        if effect:
            effect()
        self.rec.write({key: stamp, **value}, self.truth.end())

    def raw(self, text, effect=None, data=True):
        """A text frame as it came; nothing comes without a connection."""
        if self.conn is not None:
            self.write({"conn": self.conn, "raw": text}, effect=effect, data=data)

    def sent(self, value):
        """A text frame that the session sent."""
        self.write({"conn": self.conn, "sent": value}, data=False)

    def frame(self, messages, fate=None):
        """A frame of one or more messages, each `(value, deliver, miss)`; `fate` may be `lost` or `torn`."""
        if self.conn is None:
            return
        text = wire.airy(messages[0][0] if len(messages) == 1 else [message[0] for message in messages])

        def delivered():
            for _, deliver, _ in messages:
                deliver()

        def missed():
            self.truth.notes["fault"] = fate
            for _, _, miss in messages:
                miss()
        if fate == "lost":
            missed()
        elif fate == "torn":
            self.raw(text[:self.rng.randrange(12, len(text) - 1)], missed)
        else:
            self.raw(text, delivered)

    # The session.

    def gamma(self):
        """The metadata that the session fetched before it connected."""
        path = "/markets?" + "&".join(f"clob_token_ids={token}" for m in self.markets for token in m.tokens)
        body = [wire.gamma_market(m.info, m.ladder.best("b"), m.ladder.best("a")) for m in self.markets]
        self.write({"get": path, "status": 200, "body": wire.dense(body)}, data=False)

    def open(self):
        """Connects, subscribes, and gets all books in one frame."""
        self.opened_conns += 1
        self.conn = self.opened_conns
        self.write({"conn": self.conn, "open": URL}, effect=lambda: self.truth.opened(self.conn), data=False)
        self.sent(compact({"assets_ids": list(self.of_token), "type": "market", "initial_dump": True, "level": 2, "custom_feature_enabled": True}))
        self.now += 60_000
        left_out = set(self.rng.sample(sorted(self.of_token), min(2, len(self.of_token) - 1))) if self.omit else set()
        self.omit = False
        books, shown = [], []
        for token, market in self.of_token.items():
            if market.info.get("silent") or market.done or token in left_out:
                continue
            millis = market.changed_ms
            digest = self.digest(market, token, millis, market.books[token])
            books.append(wire.opening(market.info["market"], token, millis, digest, market.books[token], market.tick, market.last[token]))
            shown.append(token)

        def effect():
            if left_out:
                self.truth.notes["fault"] = "books left out of the dump"
            for token in shown:
                self.truth.whole(token, not self.new_recipe, opening=True)
        self.raw(wire.dense(books) + "\n", effect)
        for market in self.markets:
            market.told_tick, market.room, market.told_top = market.tick, None, None

    def close(self, code=1006, reason=""):
        """The socket goes away without a warning."""
        if self.conn is not None:
            self.write({"conn": self.conn, "close": code, "reason": reason}, effect=self.truth.closed, data=False)
            self.conn = None

    def ping(self):
        """PING every ten seconds, and its answer."""
        if self.conn is not None:
            self.sent("PING")
            self.now += 140_000
            self.raw("PONG", data=False)
            if self.now >= self.quiet_until and not self.rng.randrange(6):
                self.raw(self.rng.choice(("NO NEW ASSETS", "[]\n")))
        self.after(10 * ONE - 140_000, self.ping, tail=True)

    def announce(self):
        """A new market, told many times."""
        serial = self.rng.randrange(1_000_000, 4_000_000)
        tokens = [str(self.rng.randrange(10**76, 10**77)) for _ in range(2)]
        market = "0x" + f"{self.rng.getrandbits(256):064x}"
        title = self.rng.choice(("Will Ruritania join the league — yes?", "Zażółć gęślą jaźń by \"Friday\"?", "Lunar café opens in 2031?"))
        text = wire.airy(wire.announced(str(serial), market, tokens, title, f"invented-{serial}", self.millis))
        for _ in range(1 if self.profile == "sample" else self.rng.choice((1, 3, 9))):
            self.raw(text)
            self.now += 3_000
        self.after(self.rng.randrange(20 * ONE, 90 * ONE), self.announce)

    # The market's life.

    def prepare(self, market):
        """Fills a book before anybody looks."""
        info = market.info
        kind = info.get("kind", "full")
        if kind != "empty":
            market.maker.fill(0)
            if kind == "onesided":
                market.ladder.asks.clear()
            for side, levels in (("b", dict(market.ladder.bids)), ("a", dict(market.ladder.asks))):
                for price, size in levels.items():
                    market.put(side, price, size)
        if kind == "full" and not info.get("untraded"):
            for token in market.tokens:
                market.last[token] = market.books[token].best("b")
        market.changed_ms = self.millis - self.rng.randrange(500, 3_000_000)
        for moment, tick in info.get("ticks", ()):
            self.after(moment * ONE, lambda t=tick: self.retick(market, t))
        if info.get("settles"):
            self.after(info["settles"] * ONE, lambda: self.settle(market))

    def digest(self, market, token, millis, book):
        """The hash that the venue states; after a recipe change it is one that nobody here can compute."""
        digest = wire.book_hash(market.info["market"], token, millis, book, market.tick, market.info["negative"], market.last[token])
        return digest[20:] + digest[:20] if self.new_recipe else digest

    def wake(self, market):
        """A market moves."""
        if market.done or market.info.get("silent"):
            return
        self.after(self.pause(market), lambda: self.wake(market))
        if market.room is not None:
            if market.room == 0:
                return
            market.room -= 1
        what, *details = market.maker.next(self.elapsed)
        if what == "trade" and market.room is None and not market.shaky and not market.info.get("untraded"):
            self.trade(market, *details)
        elif what == "quote":
            self.commit(market, [details[0]])
        elif what == "reprice":
            self.reprice(market, details[0])

    def reprice(self, market, changes):
        """Several levels move: as one message, as one millisecond's burst, or one after the other."""
        rng = self.rng
        if rng.randrange(5) == 0:
            changes = changes[::-1]  # new levels first: crossed for the length of a burst
        way = rng.randrange(4)
        if len(changes) == 1 or way == 0:
            self.commit(market, [changes])
        elif way == 1 or market.room is not None:
            self.commit(market, [[change] for change in changes])
        else:
            cut = rng.randrange(1, len(changes))
            self.commit(market, [part for part in (changes[:cut], changes[cut:]) if part])

    def commit(self, market, groups, extra=None, together=None):
        """Changes of one millisecond: a message a group, all with the final hash and top; `together` rides in the last frame."""
        rng, millis = self.rng, self.millis
        final = {token: book.copy() for token, book in market.books.items()}
        first, second = market.tokens
        for side, price, size in (change for group in groups for change in group):
            final[first].put(side, price, size)
            final[second].put("a" if side == "b" else "b", ONE - price, size)
        facts = {token: (self.digest(market, token, millis, book), *wire.top(book, market.info.get("blank")), (book.best("b"), book.best("a")))
                 for token, book in final.items()}
        tops = (final[first].best("b"), final[first].best("a"))
        early = tops != market.told_top and rng.randrange(2)
        if early:
            self.quotes(market, final, millis)
        market.changed_ms = millis
        fates = [None] * len(groups)
        if market.fate != "top":
            fates[rng.randrange(len(groups))], market.fate = market.fate, None
        elif tops != market.told_top:
            fates[0], market.fate = "lost", None
        for index, group in enumerate(groups):
            entries, levels = [], {first: [], second: []}
            before = {token: book.copy() for token, book in market.books.items()} if fates[index] else {}
            for side, price, size in group:
                market.put(side, price, size)
                mirror = "a" if side == "b" else "b"
                levels[first].append((side, price, size))
                levels[second].append((mirror, ONE - price, size))
                pair = [(first, side, price, size), (second, mirror, ONE - price, size)]
                entries += [(*entry, *facts[entry[0]][:3]) for entry in (pair if rng.randrange(2) else pair[::-1])]
            value = wire.change(market.info["market"], entries, millis)
            value.update(extra or {})
            message = self.message(value, levels, millis, facts, final, before)
            last = index == len(groups) - 1
            self.frame([message, *(together or [])] if last else [message], fates[index])
            if last and not fates[index] and not rng.randrange(40) and market.room is None:
                self.twice(market, message, group)
        if tops != market.told_top and not early and rng.randrange(10):
            self.after(rng.randrange(1_000, 25_000), lambda: self.quotes(market, final, millis), tail=True)
        market.told_top = tops

    def message(self, value, levels, millis, facts, final, before):
        """A price_change with what it does to a reader that gets it, and to one that does not."""
        verifies = not self.new_recipe

        def deliver():
            for token, changes in levels.items():
                self.truth.changed(token, changes, millis, facts[token][3], final[token], verifies)

        def miss():
            for token in levels:
                self.truth.missed(token, before[token])
        return value, deliver, miss

    def twice(self, market, message, group):
        """The venue repeats itself within 120 ms, as it does on busy markets."""
        serials = [market.level_serial[side, price] for side, price, _ in group]
        then, conn = market.serial, self.conn

        def again():
            same = [market.level_serial[side, price] for side, price, _ in group] == serials
            trusted = not any(self.truth.watches[token].lost for token in market.tokens)
            if same and trusted and self.conn == conn and market.room is None:
                self.frame([message])
                if market.serial != then:
                    market.shaky = True
                    self.after(self.rng.randrange(100_000, 600_000), lambda: self.follow(market), tail=True)
        self.after(self.rng.randrange(2_000, 100_000), again, tail=True)

    def follow(self, market):
        """One ordinary change, so that a reader's check can agree again."""
        if market.room is not None:
            self.after(30_000, lambda: self.follow(market), tail=True)
        elif not market.done:
            market.shaky = False
            bid, ask = market.maker.touch(self.elapsed)
            change = market.maker.tend("b", bid, ask)
            if market.ladder.asks and change[1] >= market.ladder.best("a"):
                change = ("b", market.maker.grid(ONE // 100, False), ONE)
            self.commit(market, [[change]])

    def quotes(self, market, books, millis):
        """best_bid_ask of both tokens: a second word about the top, never a source of books."""
        for token in market.tokens:
            self.raw(wire.airy(wire.quote(market.info["market"], token, books[token], millis)))
