"""What moves the local Polymarket: a seeded choice of what happens next, paced to a number of messages a second.

Quotes, repricing, trades and their prints, whole books again, tick changes, settlement and new questions.
"""

import asyncio
import itertools
import random

import pm_wire as wire
import pm_world
import venue_common
from fixed import ONE
from pm_market import Market, Message

BEHIND_SECONDS_MAX = 1.0


class Motion:
    """Lets time pass in the markets; `publish(market, message)` takes what the venue says."""

    def __init__(self, rng, truth, count, rate, publish):
        self.rng, self.truth, self.rate, self.publish = rng, truth, rate, publish
        self.started_us = venue_common.now_us()
        self.markets, self.of_token, self.of_condition = [], {}, {}
        self.weights = []
        self.trades = itertools.count(1)
        self.rng_rest = random.Random(rng.random())
        self.told, self.tasks, self.paused = 0, set(), False
        self.settings = {"gamma_lag": 3.0, "resolve_delay": 1.5, "born_after": 2.0}
        for info in pm_world.questions(random.Random(rng.random()), count):
            self.add(info)
        for index in range(count, count + 1 + count // 8):
            self.past(self.add(pm_world.another(random.Random(rng.random()), index)))

    @staticmethod
    def past(market):
        """A question that was answered before the venue started."""
        market.done = market.rest_done = market.told_done = market.gamma_done = True
        market.winner, market.ms = market.tokens[market.info["winner"]], 1_790_000_000_000

    def add(self, info, born=True):
        """A market joins the venue; one that is not born yet has no book."""
        market = Market(info, random.Random(self.rng.random()), self.truth)
        market.born = born
        self.markets.append(market)
        self.of_condition[market.id] = market
        self.of_token.update(dict.fromkeys(market.tokens, market))
        self.weights.append((self.weights[-1] if self.weights else 0) + info["weight"])
        return market

    def start(self):
        """Fills the first books and tells the truth what there is."""
        for market in self.markets:
            self.introduce(market)
            if market.has_book:
                market.prepare(self.now_ms())

    def introduce(self, market):
        """The truth learns of a market."""
        self.truth.tell("market", market=market.id, tokens=list(market.tokens), slug=market.info["slug"], outcomes=market.info["outcomes"],
                        silent=bool(market.info.get("silent")))

    @staticmethod
    def now_ms():
        """Venue time."""
        return venue_common.now_us() // 1000

    @property
    def elapsed(self):
        """Microseconds since the start."""
        return venue_common.now_us() - self.started_us

    def later(self, coroutine):
        """Runs something that has begun."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # Pace.

    async def run(self):
        """Moves markets for ever, `rate` messages a second in total."""
        loop = asyncio.get_running_loop()
        due, turn = loop.time(), 0
        while True:
            if self.paused or not self.rate:
                await asyncio.sleep(0.02)
                due = loop.time()
                continue
            before = self.told
            self.step()
            due += max(1, self.told - before) * self.rng.expovariate(1.0) / self.rate
            wait, turn = due - loop.time(), turn + 1
            if wait > 0.0005:
                await asyncio.sleep(wait)
            elif turn % 8 == 0:
                await asyncio.sleep(0)
            if wait < -BEHIND_SECONDS_MAX:
                due = loop.time()

    def say(self, market, message):
        """One message goes out."""
        self.told += 1
        self.publish(market, message)

    def pick(self):
        """A market that may move, the busy ones more often."""
        for _ in range(20):
            market = self.rng.choices(self.markets, cum_weights=self.weights)[0]
            if market.moves:
                return market
        return None

    def step(self):
        """One thing happens somewhere."""
        market = self.pick()
        if market is None:
            return
        what, *details = market.maker.next(self.elapsed)
        if what == "trade":
            if not market.info.get("untraded"):
                self.trade(market, *details)
        elif what == "quote":
            self.commit(market, [[details[0][0]]])
        else:
            self.reprice(market, details[0])

    def reprice(self, market, changes):
        """Several levels move: as one message, as one millisecond's burst, or in two parts."""
        if self.rng.randrange(5) == 0:
            changes = changes[::-1]  # new levels first: crossed for the length of a burst
        way = self.rng.randrange(4)
        if len(changes) == 1 or way == 0:
            self.commit(market, [changes])
        elif way == 1:
            self.commit(market, [[change] for change in changes])
        else:
            cut = self.rng.randrange(1, len(changes))
            self.commit(market, [changes[:cut], changes[cut:]])

    def commit(self, market, groups, extra=None):
        """A change of books with its messages; the top is told before, after, or now and then not at all."""
        messages = market.commit(groups, self.now_ms(), extra)
        quotes = []
        if market.top() != market.told_top:
            market.told_top = market.top()
            quotes = market.quotes() if self.rng.randrange(10) else []
        early = self.rng.randrange(2)
        for message in (quotes + messages if early else messages + quotes):
            self.say(market, message)

    # Trades.

    def trade(self, market, taker, fills):
        """A taker's fills: book and hash move first, the prints follow some milliseconds later."""
        rng, levels = self.rng, market.ladder.asks if taker == "buy" else market.ladder.bids
        changes = [("a" if taker == "buy" else "b", price, levels[price] - size) for price, size in fills]
        first = rng.randrange(10) < 7
        token = market.tokens[0 if first else 1]
        side = taker if first else {"buy": "sell", "sell": "buy"}[taker]
        prints = [(token, price if first else ONE - price, size, side) for price, size in fills]
        market.last[token] = prints[-1][1]
        transaction = "0x" + f"{rng.getrandbits(256):064x}"
        self.commit(market, [changes] if rng.randrange(3) else [[change] for change in changes])
        market.held += 1
        self.later(self.prints(market, prints, transaction, rng.randrange(500, 25_000) / 1e6))

    async def prints(self, market, prints, transaction, pause):
        """The prints of one transaction, and now and then whole books again."""
        await asyncio.sleep(pause)
        for each in prints:
            self.say(market, market.print(*each, self.now_ms(), transaction, next(self.trades)))
        market.held -= 1
        if not self.rng.randrange(3) and not market.done and not market.deep:
            for token in market.tokens:
                if self.rng.randrange(4):
                    self.say(market, market.refresh(token))

    # Rarer things.

    async def retick(self, market, tick):
        """The tick size changes: the hash knows it first, finer prices come next, the message last."""
        market.held += 1
        old, market.tick = market.tick, tick
        bid, ask = market.top()
        if tick < old and bid and ask and ask - bid > 2 * tick:
            self.commit(market, [[("b", bid + tick, 7 * ONE)]])
        await asyncio.sleep(self.rng.randrange(20, 200) / 1000)
        for message in market.retold_tick(old, self.now_ms()):
            self.say(market, message)
        market.held -= 1

    async def settle(self, market, told=True):
        """The market ends: every level goes within a millisecond, REST and Gamma follow, the result is told or not."""
        while market.held or market.deep:
            await asyncio.sleep(0.01)
        levels = [("b", price, 0) for price in market.ladder.bids] + [("a", price, 0) for price in market.ladder.asks]
        self.rng.shuffle(levels)
        groups = []
        while levels:
            size = self.rng.choice((1, 1, 2, 5))
            groups.append(levels[:size])
            levels = levels[size:]
        if groups:
            self.commit(market, groups)
        market.done, market.winner = True, market.tokens[market.info["winner"]]
        self.truth.tell("resolved", market=market.id, tokens=list(market.tokens), winner=market.winner, told=told)
        await asyncio.sleep(self.settings["resolve_delay"])
        market.rest_done = market.told_done = True
        if told:
            self.say(market, market.resolved(self.now_ms()))
        await asyncio.sleep(self.settings["gamma_lag"])
        market.gamma_done = True

    async def mint(self, repeats=12):
        """A new question: told many times to everybody, with a book only some time later."""
        index = len(self.markets)
        market = self.add(pm_world.another(random.Random(self.rng.random()), index), born=False)
        self.introduce(market)
        info = market.info
        value = wire.announced(info["id"], market.id, market.tokens, info["question"], info["slug"], self.now_ms())
        self.later(self.announce(market, value, repeats))
        await asyncio.sleep(self.settings["born_after"])
        market.born = True
        market.prepare(self.now_ms())
        return market

    async def announce(self, market, value, repeats):
        """One announcement, again and again."""
        for _ in range(repeats):
            self.publish(None, Message("new_market", value, (), custom=True))
            await asyncio.sleep(self.rng.randrange(5, 400) / 1000)
