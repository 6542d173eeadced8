"""The exchange behind the sockets: markets that live in real time, their true books numbered state by state."""

import os
import sys
from array import array

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "Oracle"))

from fixed import ONE  # noqa: E402
from flow import Ladder, Maker  # noqa: E402
import worlds  # noqa: E402

PATH_S = 120


def uuid(rng):
    """An identifier in the venue's shape."""
    return "-".join(f"{rng.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12))


def there_and_back(target):
    """A fair price path of `PATH_S` seconds as one without end, played forwards and backwards."""
    whole = PATH_S * ONE

    def at(elapsed_us):
        place = elapsed_us % (2 * whole)
        return target(place if place <= whole else 2 * whole - place)
    return at


class Market:
    """One ticker; its ladder is the YES book, asks being NO bids at one minus the price. `k` numbers the book's states."""

    def __init__(self, info, rng, weight):
        self.info, self.ticker, self.weight = info, info["ticker"], weight
        self.ladder, self.k, self.status = Ladder(), 0, "active"
        self.last, self.last_size, self.volume, self.value = None, None, 0, None
        self.own = None  # an order of ours that rests here

        fair = info["target"].__self__
        fair.points = array("q", fair.points)

        def tick(price):
            return 1_000 if info["tapered"] and not 100_000 <= price < 900_000 else 10_000
        self.maker = Maker(rng, self.ladder, there_and_back(info["target"]), {**info["shape"], "tick": tick})
        if info["kind"] != "empty":
            self.maker.fill(0)
        if info["kind"] == "onesided":
            self.ladder.bids.clear()

    def levels(self):
        """The whole book for the truth: bids and asks as lists, best first."""
        return [sorted(map(list, self.ladder.bids.items()), reverse=True), sorted(map(list, self.ladder.asks.items()))]


class World:
    """All markets. What happens is told to `hub`: `level`, `trade`, `ticker`, `snapshot`, `lifecycle`."""

    def __init__(self, rng, count, log, clock):
        """`clock()` gives microseconds since 1970; `rng` decides everything that happens."""
        self.rng, self.log, self.clock, self.hub = rng, log, clock, None
        self.start_us = clock()
        infos = worlds.kalshi(rng, count, PATH_S)
        for index, info in enumerate(infos):
            day = 25 + index % 3
            info["ticker"] = info["ticker"].replace("26SEP25", f"26SEP{day}")
            info["event"] = f"KXZEMBLA-26SEP{day}"
        self.markets = [Market(info, rng, self.weight(index)) for index, info in enumerate(infos)]
        self.by_ticker = {market.ticker: market for market in self.markets}
        self.trades = []  # what REST knows of trades
        self.sums = self.running_sums()

    def weight(self, index):
        """How busy a market is: a few make most of the noise, every seventh is all but asleep."""
        return 1 if index % 7 == 6 else self.rng.choice((40, 100, 100, 300, 900))

    def running_sums(self):
        """For `choices` without adding up the weights each time."""
        total, sums = 0, []
        for market in self.markets:
            total += market.weight
            sums.append(total)
        return sums

    def tell_books(self):
        """State 0 of every book, for the truth."""
        for market in self.markets:
            bids, asks = market.levels()
            self.log.put("book", ticker=market.ticker, k=0, full=1, b=bids, a=asks)

    def step(self):
        """Something happens in one market; gives how many frames a subscriber of everything gets of it."""
        market = self.rng.choices(self.markets, cum_weights=self.sums)[0]
        if market.status != "active":
            return 1
        what, *details = market.maker.next(self.clock() - self.start_us)
        if what == "trade":
            return self.trade(market, *details)
        changes = details[0]
        if what == "reprice" and not self.rng.randrange(5):
            changes = changes[::-1]  # new levels first: crossed for an instant
        sent = sum(self.change(market, *change) for change in changes)
        if not self.rng.randrange(12):
            self.hub.ticker(market)
            sent += 1
        return max(1, sent)

    def change(self, market, side, price, size):
        """A level gets a new size; 1 if that changed anything."""
        ladder = market.ladder
        levels = ladder.bids if side == "b" else ladder.asks
        size -= size % 10_000
        step = size - levels.get(price, 0)
        if step == 0 or (step > 0 and self.crosses(ladder, side, price) and self.rng.randrange(4)):
            return 0
        ladder.put(side, price, size)
        market.k += 1
        self.hub.level(market, side, price, size, step)
        return 1

    def crosses(self, ladder, side, price):
        """Whether a level would meet the other side."""
        if side == "b":
            return price >= (ladder.best("a") or ONE)
        return price <= (ladder.best("b") or 0)

    def trade(self, market, taker, fills):
        """A taker's fills: deltas and prints, whose order does not hold between the channels."""
        side, sent = ("a" if taker == "buy" else "b"), 1
        for price, size in fills:
            levels = market.ladder.asks if side == "a" else market.ladder.bids
            before = self.rng.randrange(2)
            if before:
                self.print(market, taker, price, size)
            sent += 1 + self.change(market, side, price, levels.get(price, size) - size)
            if not before:
                self.print(market, taker, price, size)
        self.hub.ticker(market)
        return sent

    def print(self, market, taker, price, size):
        """One trade."""
        market.last, market.last_size, market.volume = price, size, market.volume + size
        print_ = {"trade_id": uuid(self.rng), "ticker": market.ticker, "price": price, "size": size, "side": taker, "vus": self.clock()}
        self.trades.append(print_)
        if len(self.trades) > 200_000:
            del self.trades[:100_000]
        self.hub.trade(market, print_)

    def settle(self, market, result):
        """A market ends: an empty book that nobody asked for, then the result."""
        if market.status in ("determined", "settled"):
            return
        for side, levels in (("b", market.ladder.bids), ("a", market.ladder.asks)):
            for price in list(levels):
                market.ladder.put(side, price, 0)
        market.k += 1
        market.status, market.value = "settled", {"yes": ONE, "no": 0, "scalar": ONE // 2}[result]
        self.log.put("book", ticker=market.ticker, k=market.k, full=1, b=[], a=[])
        self.hub.unasked(market)
        moment = self.clock() // ONE
        self.hub.lifecycle({"market_ticker": market.ticker, "determination_ts": moment, "result": result,
                            "settlement_value": f"{market.value / ONE:.4f}", "event_type": "determined"})
        self.hub.lifecycle({"market_ticker": market.ticker, "settled_ts": moment, "event_type": "settled"})

    def pause(self, market, paused):
        """A market stops or goes on."""
        if market.status in ("active", "inactive"):
            market.status = "inactive" if paused else "active"
            msg = {"market_ticker": market.ticker, "event_type": "deactivated" if paused else "activated"}
            self.hub.lifecycle({**msg, "is_deactivated": True} if paused else msg)
