"""A Kalshi venue and one session with it: true YES books, sequenced frames, and what the session's reader can know."""

import heapq

import ks_faults
import ks_wire as wire
from fixed import ONE
from flow import Ladder, Maker
from ks_truth import KsTruth
from rec import compact

URL = "wss://external-api-ws.kalshi.com/trade-api/ws/v2"
CHANNELS = ("orderbook_delta", "trade", "ticker")


class Market:
    """One ticker of the venue; its ladder is the YES book, asks being NO bids at one minus the price."""

    def __init__(self, info, rng):
        self.info, self.ticker, self.ladder = info, info["ticker"], Ladder()
        self.last, self.last_size, self.volume, self.done, self.fate = None, None, 0, False, None

        def tick(price):
            return 1_000 if info["tapered"] and not 100_000 <= price < 900_000 else 10_000
        self.maker = Maker(rng, self.ladder, info["target"], {**info["shape"], "tick": tick})


class KsSim:
    """Runs the venue for a number of seconds and records the session."""

    def __init__(self, rng, recorder, infos, start_us, seconds, profile):
        self.rng, self.rec = rng, recorder
        self.start, self.now, self.end = start_us, start_us, start_us + seconds * ONE
        self.profile, self.seconds = profile, seconds
        self.markets = [Market(info, rng) for info in infos]
        self.truth = KsTruth([market.ticker for market in self.markets])
        self.yes_prices = bool(rng.randrange(2))
        self.conn, self.conns, self.quiet_until, self.heap, self.pushed = None, 0, 0, [], 0
        self.command, self.next_sid, self.sid, self.seq = 0, 1, {}, {}
        self.history = []  # frames of the book sid, for repeats
        self.fate = None  # what happens to the next sequenced frame of the trade channel

    def after(self, delay_us, act, tail=False):
        """Does `act` later; a `tail` is not held up by a stall."""
        self.pushed += 1
        heapq.heappush(self.heap, (self.now + delay_us, self.pushed, tail, act))

    def run(self):
        """The whole session."""
        for market in self.markets:
            if market.info["kind"] != "empty":
                market.maker.fill(0)
            if market.info["kind"] == "onesided":
                market.ladder.bids.clear()
            if market.info["settles"]:
                self.after(market.info["settles"] * ONE, lambda m=market: self.settle(m))
        self.listing()
        self.open()
        for market in self.markets:
            self.after(self.pause(market), lambda m=market: self.wake(m))
        self.after(4 * ONE, self.chatter)
        ks_faults.plan(self)
        while self.heap and self.heap[0][0] < self.end:
            self.now, _, tail, act = heapq.heappop(self.heap)
            if self.now < self.quiet_until and not tail:
                self.after(self.quiet_until - self.now + self.rng.randrange(200_000), act)
            else:
                act()

    @property
    def elapsed(self):
        """Microseconds since the start."""
        return self.now - self.start

    def pause(self, market):
        """Time to a market's next move."""
        mean = market.info["mean_us"]
        return self.rng.choice((mean // 20, mean // 4, mean // 2, mean, mean, 2 * mean, 3 * mean)) + self.rng.randrange(1000)

    # Lines.

    def write(self, value, data=True, effect=None):
        """One recording line; venue time may be ahead of ours."""
        stamp = self.rec.stamp(self.now + self.rng.randrange(-30_000, 25_000))
        key = "sent_us" if "sent" in value else "recv_us"
        self.truth.begin(stamp, data=data)
        if effect:
            effect()
        self.rec.write({key: stamp, **value}, self.truth.end())

    def raw(self, text, effect=None):
        """A text frame as it came; a few come without the newline."""
        if self.conn is not None:
            if text.endswith("\n") and not self.rng.randrange(50):
                text = text[:-1]
            self.write({"conn": self.conn, "raw": text}, effect=effect)

    def send(self, cmd, params):
        """A command of ours; gives its id."""
        self.command += 1
        self.write({"conn": self.conn, "sent": compact({"id": self.command, "cmd": cmd, "params": params})}, data=False)
        return self.command

    def sequenced(self, channel, kind, msg, effect=None, identity=None, fate=None):
        """A frame that uses up a number of its channel's sequence, whatever becomes of it."""
        sid = self.sid.get(channel)
        if self.conn is None or sid is None:
            return
        self.seq[sid] = seq = self.seq.get(sid, 0) + 1
        text = wire.frame(kind, sid, seq, msg, identity)
        if seq == 1:
            fate = None

        def arrives():
            if self.truth.takes(sid, seq) and effect:
                effect()
        if fate == "lost":
            self.truth.notes["fault"] = f"{kind} {seq} of sid {sid} lost"
        elif fate == "torn":
            self.truth.notes["fault"] = f"{kind} {seq} of sid {sid} torn"
            self.raw(text[:self.rng.randrange(5, len(text) - 3)])
        else:
            self.raw(text, arrives)
            if channel == "orderbook_delta":
                self.history = self.history[-20:] + [(sid, seq, text)]

    # The session.

    def listing(self):
        """What the session fetched before it connected."""
        tickers = ",".join(market.ticker for market in self.markets)
        body = {"cursor": "", "markets": [wire.listed(market.info, market.ladder) for market in self.markets]}
        self.write({"get": f"/markets?tickers={tickers}", "status": 200, "body": compact(body)}, data=False)
        for name in sorted({market.info["series"] for market in self.markets}):
            self.write({"get": f"/series/{name}", "status": 200, "body": compact(wire.series(name, f"{name} of Zembla"))}, data=False)

    def open(self):
        """Connects and subscribes; sids and sequences begin anew."""
        self.conns += 1
        self.conn, self.next_sid, self.sid, self.seq, self.history = self.conns, 1, {}, {}, []
        self.write({"conn": self.conn, "open": URL}, effect=lambda: self.truth.opened(self.conn), data=False)
        tickers = [market.ticker for market in self.markets]
        size = self.rng.choice((len(tickers), max(1, len(tickers) // 2)))
        chunks = [tickers[i:i + size] for i in range(0, len(tickers), size)]
        commands = [self.send("subscribe", self.params(list(CHANNELS), chunk)) for chunk in chunks]
        life = self.send("subscribe", {"channels": ["market_lifecycle_v2"]})
        self.now += 50_000
        for channel in CHANNELS:
            self.acknowledge(channel, commands[0])
        for command in commands[1:]:
            for channel in CHANNELS[::-1]:
                self.okay(channel, command, tickers)
        self.acknowledge("market_lifecycle_v2", life)
        for market in self.markets:
            if market.info.get("quiet_snapshot") != self.conn:
                self.snap(market)
            if not self.rng.randrange(3):
                self.tend(self.rng.choice(self.markets))

    def params(self, channels, tickers):
        """A subscribe command's parameters; `use_yes_price` is always said."""
        return {"channels": channels, "market_tickers": tickers, "use_yes_price": self.yes_prices, "skip_ticker_ack": True}

    def acknowledge(self, channel, command):
        """`subscribed`: without sequence, the sid inside."""
        sid, self.next_sid = self.next_sid, self.next_sid + 1
        self.sid[channel] = sid
        text = wire.frame("subscribed", None, None, {"channel": channel, "sid": sid}, command)
        self.raw(text, lambda: self.truth.subscribed(sid, channel))

    def okay(self, channel, command, tickers):
        """`ok` for markets merged into an open subscription; it takes a number where the channel has them."""
        if channel == "ticker":
            self.raw(wire.frame("ok", self.sid[channel], None, {"market_tickers": tickers}, command))
        else:
            self.sequenced(channel, "ok", {"market_tickers": tickers}, identity=command)

    def snap(self, market, identity=None, fate=None):
        """A whole book of one ticker."""
        book = market.ladder.copy()
        self.sequenced("orderbook_delta", "orderbook_snapshot", wire.snapshot(market.info, book, self.yes_prices),
                       lambda: self.truth.snapshot(market.ticker, book, identity is not None), identity, fate)

    def get_snapshots(self):
        """The session asks for fresh books of all tickers, in two chunks, and gets them amid the deltas."""
        if self.conn is None or "orderbook_delta" not in self.sid:
            return
        half = max(1, len(self.markets) // 2)
        for chunk in (self.markets[:half], self.markets[half:]):
            if not chunk:
                continue
            command = self.send("update_subscription", {"sid": self.sid["orderbook_delta"], "action": "get_snapshot",
                                                         "market_tickers": [market.ticker for market in chunk]})
            self.now += 20_000
            for market in chunk:
                self.snap(market, command)
                if not self.rng.randrange(3):
                    self.tend(market)

    def close(self, code=1006, reason=""):
        """The socket goes away."""
        if self.conn is not None:
            self.write({"conn": self.conn, "close": code, "reason": reason}, effect=self.truth.closed, data=False)
            self.conn, self.sid = None, {}

    # The market's life.

    def wake(self, market):
        """A market moves."""
        if market.done:
            return
        self.after(self.pause(market), lambda: self.wake(market))
        what, *details = market.maker.next(self.elapsed)
        if what == "trade":
            self.trade(market, *details)
        else:
            changes = details[0]
            if what == "reprice" and not self.rng.randrange(5):
                changes = changes[::-1]  # new levels first: crossed for an instant
            stamp = self.now
            for change in changes:
                self.change(market, *change, stamp)
                self.now += self.rng.randrange(0, 900)
                stamp = stamp if self.rng.randrange(2) else self.now
        if not self.rng.randrange(12):
            self.tick(market)

    def tend(self, market):
        """One ordinary change."""
        if not market.done:
            bid, ask = market.maker.touch(self.elapsed)
            self.change(market, *market.maker.tend("b", bid, ask), self.now)

    def change(self, market, side, price, size, venue_us):
        """A level gets a new size: on the wire it is a signed change."""
        levels = market.ladder.bids if side == "b" else market.ladder.asks
        size -= size % 10_000
        step = size - levels.get(price, 0)
        if step == 0:
            return
        if step > 0 and ((side == "b" and price >= (market.ladder.best("a") or ONE)) or (side == "a" and price <= (market.ladder.best("b") or 0))) and self.rng.randrange(4):
            return
        market.ladder.put(side, price, size)
        digits = self.rng.choice((6, 6, 6, 6, 9, 3, 0))
        fate, market.fate = market.fate, None
        told_us = venue_us if digits >= 6 else venue_us // 10 ** (6 - digits) * 10 ** (6 - digits)
        msg = wire.delta(market.info, side, price, step, told_us, self.yes_prices, digits)
        if fate in ("cents", "malformed"):
            ks_faults.spoil(self, market, msg, fate)
            return
        self.sequenced("orderbook_delta", "orderbook_delta", msg,
                       lambda: self.truth.delta(market.ticker, side, price, step, told_us), fate=fate)

    def trade(self, market, taker, fills):
        """A taker's fills: deltas and prints, on channels whose order does not hold between them."""
        side = "a" if taker == "buy" else "b"
        for price, size in fills:
            levels = market.ladder.asks if side == "a" else market.ladder.bids
            before = self.rng.randrange(2)
            if before:
                self.print(market, taker, price, size)
            self.change(market, side, price, levels[price] - size, self.now)
            if not before:
                self.print(market, taker, price, size)
        self.tick(market)

    def print(self, market, taker, price, size):
        """One trade print."""
        rng = self.rng
        identity = "-".join(f"{rng.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12))
        market.last, market.last_size, market.volume = price, size, market.volume + size
        fact = {"market": market.ticker, "instrument": market.ticker, "price": price, "size": size, "side": taker,
                "venue_us": self.now // 1000 * 1000, "trade_id": identity, "conn": self.conn}
        fate, self.fate = self.fate, None
        self.sequenced("trade", "trade", wire.trade(market.info, identity, price, size, taker, self.now),
                       lambda: self.truth.notes.setdefault("trades", []).append(fact), fate=fate)

    def tick(self, market):
        """A ticker message: statistics without a sequence."""
        if self.conn is not None and "ticker" in self.sid:
            self.raw(wire.frame("ticker", self.sid["ticker"], None,
                                wire.ticker(market.info, market.ladder, market.last, market.last_size, market.volume, self.now)))

    def chatter(self):
        """Lifecycle of other markets, which every subscriber gets."""
        self.after(self.rng.randrange(3, 20) * ONE, self.chatter)
        other = f"KXOTHER-26SEP25-{self.rng.randrange(100)}.5"
        msg = self.rng.choice((
            {"market_ticker": other, "settled_ts": self.now // ONE, "event_type": "settled"},
            {"market_ticker": other, "determination_ts": self.now // ONE, "result": "scalar", "settlement_value": "0.5000", "event_type": "determined"},
            {"market_ticker": other, "close_ts": self.now // ONE + 60, "event_type": "close_date_updated"},
            {"market_ticker": other, "is_deactivated": True, "event_type": "deactivated"}))
        self.sequenced("market_lifecycle_v2", "market_lifecycle_v2", msg)

    def settle(self, market):
        """The market ends: an unasked snapshot without ladders, then the result."""
        if self.conn is None or self.now < self.quiet_until:
            self.after(500_000, lambda: self.settle(market))
            return
        market.done = True
        market.ladder.bids.clear()
        market.ladder.asks.clear()
        self.snap(market)
        moment = self.now // ONE
        self.sequenced("market_lifecycle_v2", "market_lifecycle_v2",
                       {"market_ticker": market.ticker, "determination_ts": moment, "result": "yes", "settlement_value": "1.0000", "event_type": "determined"})
        self.sequenced("market_lifecycle_v2", "market_lifecycle_v2", {"market_ticker": market.ticker, "settled_ts": moment, "event_type": "settled"})
