"""How a simulated market lives: one fair price, one ladder of true levels, one maker that follows the price.

Both venues' simulators use these, so two recordings of one question tell the same story in two languages.
"""

import bisect

from fixed import ONE

STEP_US = 100_000


class Fair:
    """A fair price path in millionths, fixed before the run so that two venues can follow the same one."""

    def __init__(self, rng, start, seconds, swing=1500, jumps=()):
        """`jumps` are `(second, target, lasting seconds)`: the path is drawn to `target` within that time."""
        self.points = []
        price, pull = start, start
        pending = sorted(jumps)
        speed = 0
        for index in range(seconds * 10 + 20):
            while pending and index >= pending[0][0] * 10:
                _, pull, lasting = pending.pop(0)
                speed = max(1, abs(pull - price) // max(1, lasting * 10))
            if speed and abs(pull - price) > speed:
                price += speed if pull > price else -speed
            else:
                speed = 0
                drift = (pull - price) // 400
                price += rng.choice((-2, -1, -1, 0, 0, 1, 1, 2)) * swing // 2 + drift
            price = min(970_000, max(30_000, price))
            self.points.append(price)

    def at(self, elapsed_us):
        """The price `elapsed_us` after the start."""
        return self.points[min(len(self.points) - 1, max(0, elapsed_us // STEP_US))]


class Ladder:
    """The true levels of one outcome: absolute sizes by price, both in millionths."""

    def __init__(self):
        self.bids, self.asks = {}, {}

    def copy(self):
        """A ladder of its own with the same levels."""
        other = Ladder()
        other.bids, other.asks = dict(self.bids), dict(self.asks)
        return other

    def put(self, side, price, size):
        """States what rests at a price now; size 0 takes the level away. `side` is `b` or `a`."""
        levels = self.bids if side == "b" else self.asks
        if size:
            levels[price] = size
        else:
            levels.pop(price, None)

    def best(self, side):
        """Best price of a side, or None when nobody is there."""
        levels = self.bids if side == "b" else self.asks
        if not levels:
            return None
        return max(levels) if side == "b" else min(levels)

    def same(self, other):
        """Whether both say the same."""
        return self.bids == other.bids and self.asks == other.asks

    def mirrored(self):
        """The book of the complement: a bid at p is its ask at 1 - p."""
        other = Ladder()
        other.bids = {ONE - p: s for p, s in self.asks.items()}
        other.asks = {ONE - p: s for p, s in self.bids.items()}
        return other


class Maker:
    """Decides what happens next in a market: quotes, cancels, repricing and trades around a target price.

    `shape` gives the grid and the habits: `tick(price)`, `size(rng)`, `depth` (levels a side), `trade_chance` (per mille),
    `half` (function of elapsed µs: half spread in millionths), `big` (elapsed µs after which one large trade is due, list).
    """

    def __init__(self, rng, ladder, target, shape):
        self.rng, self.ladder, self.target, self.shape = rng, ladder, target, shape
        self.big = sorted(shape.get("big", ()))

    def grid(self, price, up):
        """`price` moved onto the tick grid, downwards or upwards, strictly between 0 and 1."""
        tick = self.shape["tick"](price)
        price = -(-price // tick) * tick if up else price // tick * tick
        return min(ONE - tick, max(tick, price))

    def touch(self, elapsed):
        """Where best bid and best ask belong now."""
        middle, half = self.target(elapsed), self.shape["half"](elapsed)
        bid, ask = self.grid(middle - half, False), self.grid(middle + half, True)
        if bid >= ask:
            ask = self.grid(bid + self.shape["tick"](bid), True)
        return bid, ask

    def fill(self, elapsed):
        """A first full ladder, for before the run."""
        bid, ask = self.touch(elapsed)
        for side, price, way in (("b", bid, -1), ("a", ask, 1)):
            for _ in range(self.shape["depth"] - 2):
                if not 0 < price < ONE:
                    break
                self.ladder.put(side, price, self.shape["size"](self.rng))
                gap = self.rng.choice((1, 1, 1, 2, 3))
                price = self.grid(price + way * gap * self.shape["tick"](price), way > 0)

    def next(self, elapsed):
        """One thing that happens: `("quote", changes)`, `("reprice", changes)` or `("trade", taker, fills)`."""
        rng, ladder = self.rng, self.ladder
        bid, ask = self.touch(elapsed)
        stale = [("b", p, 0) for p in sorted(ladder.bids) if p > bid][::-1] + [("a", p, 0) for p in sorted(ladder.asks) if p < ask]
        if stale:
            fresh = []
            if bid not in ladder.bids:
                fresh.append(("b", bid, self.shape["size"](rng)))
            if ask not in ladder.asks:
                fresh.append(("a", ask, self.shape["size"](rng)))
            return "reprice", stale + fresh
        if bid not in ladder.bids and rng.randrange(3):
            return "quote", [("b", bid, self.shape["size"](rng))]
        if ask not in ladder.asks and rng.randrange(3):
            return "quote", [("a", ask, self.shape["size"](rng))]
        if self.big and elapsed >= self.big[0] and ladder.asks:
            return self.heavy()
        if rng.randrange(1000) < self.shape["trade_chance"]:
            trade = self.trade(rng.choice("ba"))
            if trade:
                return trade
        return "quote", [self.tend(rng.choice("ba"), bid, ask)]

    def heavy(self):
        """A trade worth more than 10,000: the resting size is put there first, one quote before."""
        best = self.ladder.best("a")
        need = -(-11_000 * ONE * ONE // best) // ONE * ONE
        if self.ladder.asks[best] < need:
            return "quote", [("a", best, need + 250 * ONE)]
        self.big.pop(0)
        return "trade", "buy", [(best, need)]

    def trade(self, side):
        """A taker hits the best level of `side`, in part, whole, or into the next one."""
        levels = self.ladder.asks if side == "a" else self.ladder.bids
        if len(levels) < 3:
            return None
        prices = sorted(levels, reverse=side == "b")
        unit = self.shape["unit"]
        kind = self.rng.randrange(10)
        first = levels[prices[0]]
        part = max(unit, first * self.rng.randrange(5, 95) // 100 // unit * unit)
        if kind < 6 or first <= unit:
            fills = [(prices[0], min(part, first))]
        elif kind < 9:
            fills = [(prices[0], first)]
        else:
            second = levels[prices[1]]
            fills = [(prices[0], first), (prices[1], max(unit, second // 3 // unit * unit))]
        return "trade", "buy" if side == "a" else "sell", fills

    def tend(self, side, bid, ask):
        """One ordinary change on a side: a new level, another size, or one taken away."""
        rng = self.rng
        levels = self.ladder.bids if side == "b" else self.ladder.asks
        prices = sorted(levels, reverse=side == "b")
        pick = rng.randrange(10)
        if prices and (pick < 3 or len(prices) >= self.shape["depth"]):
            return side, prices[rng.randrange(len(prices))], 0
        if prices and pick < 7:
            return side, prices[min(len(prices) - 1, rng.randrange(8))], self.shape["size"](rng)
        top = bid if side == "b" else ask
        away = rng.choice((0, 1, 1, 2, 3, 5, 8, 13, 21)) * self.shape["tick"](top)
        price = self.grid(top - away if side == "b" else top + away, side == "a")
        return side, price, self.shape["size"](rng)


def stepwise(changes):
    """A half-spread function from `[(second, millionths), …]`, for shapes."""
    starts = [second * ONE for second, _ in changes]

    def half(elapsed):
        return changes[max(0, bisect.bisect_right(starts, elapsed) - 1)][1]
    return half
