"""What happens in a Polymarket market besides quotes: trades and their prints, whole books again, tick changes, the end.

A part of the simulator in a file of its own; `PmSim` brings the markets, the clock and the frames.
"""

import pm_wire as wire
from fixed import ONE


class PmEvents:
    """Trades, refreshes, tick changes and settlement."""

    def trade(self, market, taker, fills):
        """A taker's fills: the book and the hash move first, the print follows."""
        rng, levels = self.rng, market.ladder.asks if taker == "buy" else market.ladder.bids
        changes = [("a" if taker == "buy" else "b", price, levels[price] - size) for price, size in fills]
        first = rng.randrange(10) < 7
        token = market.tokens[0 if first else 1]
        side = taker if first else {"buy": "sell", "sell": "buy"}[taker]
        prices = [price if first else ONE - price for price, _ in fills]
        market.last[token] = prices[-1]
        prints = [(token, price, size, side) for price, (_, size) in zip(prices, fills)]
        if not rng.randrange(12):
            self.commit(market, [changes], together=[self.printed(market, *each) for each in prints])
            self.afterwards(market)
            return
        self.commit(market, [changes] if rng.randrange(3) else [[change] for change in changes])
        market.room = 1
        self.after(rng.randrange(500, 25_000), lambda: self.print(market, prints), tail=True)

    def printed(self, market, token, price, size, side):
        """A last_trade_price message and what is expected of it."""
        transaction, millis, conn = "0x" + f"{self.rng.getrandbits(256):064x}", self.millis, self.conn
        value = wire.trade(market.info["market"], token, price, size, side, millis, transaction)
        fact = {"market": market.info["market"], "instrument": token, "price": price, "size": size, "side": side,
                "venue_us": millis * 1000, "tx": transaction, "conn": conn}
        watch = self.truth.watches[token]
        return value, lambda: self.truth.printed(fact), lambda: self.truth.soften(watch, True) if watch.book else None

    def print(self, market, prints):
        """The prints of a trade, each a frame."""
        market.room = None
        lost, self.lose_print = self.lose_print and self.conn is not None, False
        for each in prints:
            message = self.printed(market, *each)
            if lost:
                self.truth.notes["fault"] = "print lost"
                if self.truth.watches[each[0]].book is not None:
                    self.truth.soften(self.truth.watches[each[0]], True)
            else:
                self.frame([message])
        self.afterwards(market)

    def afterwards(self, market):
        """After some trades the venue sends whole books again."""
        if not self.rng.randrange(3):
            for token in market.tokens:
                if self.rng.randrange(4):
                    self.after(self.rng.randrange(200, 4_000), lambda t=token: self.again(market, t), tail=True)

    def again(self, market, token, event_type=True):
        """A whole book in mid-stream."""
        if self.conn is None or market.done or market.room is not None:
            return
        millis, book = self.millis, market.books[token]
        value = wire.refresh(market.info["market"], token, millis, self.digest(market, token, millis, book), book)
        if not event_type:
            del value["event_type"]
        verifies = not self.new_recipe
        self.frame([(value, lambda: self.truth.whole(token, verifies), lambda: None)])

    def retick(self, market, tick):
        """The tick size changes: hashes know it first, the message follows."""
        if market.room is not None or market.shaky or market.done or self.conn is None:
            self.after(300_000, lambda: self.retick(market, tick))
            return
        old, market.tick, market.room = market.tick, tick, 2

        def tell():
            market.room = None
            for token in market.tokens:
                self.raw(wire.airy(wire.tick_change(market.info["market"], token, old, tick, self.millis)))
        self.after(self.rng.randrange(50_000, 400_000), tell, tail=True)

    def settle(self, market):
        """The market ends: every level goes within a millisecond, then the result is told."""
        if market.room is not None or self.now < self.quiet_until:
            self.after(300_000, lambda: self.settle(market))
            return
        levels = [("b", price, 0) for price in sorted(market.ladder.bids)] + [("a", price, 0) for price in sorted(market.ladder.asks)]
        self.rng.shuffle(levels)
        groups = []
        while levels:
            size = self.rng.choice((1, 1, 2, 5))
            groups.append(levels[:size])
            levels = levels[size:]
        if groups:
            self.commit(market, groups)
        market.done = True
        info = market.info

        def tell():
            self.raw(wire.airy(wire.resolved(info["id"], info["market"], market.tokens, market.tokens[0], info["outcomes"][0], self.millis)))
        self.after(self.rng.randrange(ONE, 3 * ONE), tell)
