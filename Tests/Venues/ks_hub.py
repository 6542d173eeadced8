"""From what happens at the exchange to frames on sockets, and to the truth about both."""

import json

from fixed import ONE
import ks_wire as wire

BACKLOG_MAX = 96 << 20


def compact(value):
    """JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Hub:
    """Fans out. `ahead_us` puts the venue's clock ahead, `demo` makes the demo host's shapes."""

    def __init__(self, venue):
        self.venue, self.log, self.rng = venue, venue.log, venue.rng
        self.ahead_us, self.demo, self.spoil = 0, False, None

    def stamp(self):
        """The venue's time of what happens now."""
        return self.venue.clock() + self.ahead_us

    def subs(self, channel):
        """Open subscriptions of a channel, with their sockets."""
        for socket in self.venue.sockets:
            sub = socket.by_channel.get(channel)
            if sub is not None:
                yield socket, sub

    # Sending.

    def emit(self, socket, sub, kind, body, ticker=None, identity=None):
        """One frame on one subscription, whatever becomes of it: gives its number and `sent`, `late`, `unsent` or a fate."""
        if ticker in sub.hushed and kind != "orderbook_snapshot":
            return None, "hushed"
        seq = sub.number() if sub.sequenced else None
        if sub.mute:
            sub.hurt_all()
            return seq, "mute"
        text = sub.frame(kind, body, identity, seq)
        if sub.fates and kind in ("orderbook_delta", "trade", "ticker"):
            return seq, self.venue.breaks.apply(sub.fates.popleft(), socket, sub, text, ticker)
        done = socket.put(text)
        if done == "unsent":
            sub.hurt_all()
        elif sub.sequenced:
            sub.history.append((seq, text))
        if socket.backlog > self.venue.backlog_max:
            self.venue.desk.overflow(socket)
        return seq, done

    def told(self, socket, sub, seq, done, where):
        """Sorts a frame's fate into the truth's lists `to` and `lost`."""
        where["to" if done in ("sent", "late") else "lost"].append([socket.number, sub.sid, seq] + ([] if done == "sent" else [done]))

    # What happens.

    def level(self, market, side, price, size, step):
        """One level changed: a delta for everyone who watches the book."""
        vus = self.stamp()
        digits = 6 if self.demo else self.rng.choice((6, 6, 6, 6, 6, 9))
        self.log.level(market.ticker, market.k, vus, side, price, size)
        bodies = {}
        for socket, sub in self.subs("orderbook_delta"):
            if market.ticker not in sub.tickers or market.ticker in sub.waiting:
                continue
            if sub.yes_prices not in bodies:
                msg = wire.delta(self.shape(market), side, price, step, vus, sub.yes_prices, digits)
                bodies[sub.yes_prices] = compact(msg)
            seq, done = self.emit(socket, sub, "orderbook_delta", bodies[sub.yes_prices], market.ticker)
            if done not in ("sent", "late"):
                sub.damaged.add(market.ticker)
                self.log.put("lost", socket=socket.number, sid=sub.sid, seq=seq, ticker=market.ticker, k=market.k, how=done)

    def shape(self, market):
        """What the wire says of a market; the demo host knows no market id."""
        return {**market.info, "id": ""} if self.demo else market.info

    def trade(self, market, print_):
        """A trade, for everyone who watches trades."""
        print_["vus"] += self.ahead_us
        msg = wire.trade(market.info, print_["trade_id"], print_["price"], print_["size"], print_["side"], print_["vus"])
        if self.demo:
            del msg["is_block_trade"]
        body, where = compact(msg), {"to": [], "lost": []}
        for socket, sub in self.subs("trade"):
            if sub.wants(market.ticker):
                self.told(socket, sub, *self.emit(socket, sub, "trade", body, market.ticker), where)
        self.log.put("trade", **print_, **where)
        self.venue.own.watch(market, print_)

    def ticker(self, market):
        """Statistics."""
        body = None
        for socket, sub in self.subs("ticker"):
            if sub.wants(market.ticker):
                body = body or compact(wire.ticker(self.shape(market), market.ladder, market.last, market.last_size, market.volume, self.stamp()))
                self.emit(socket, sub, "ticker", body, market.ticker)

    def lifecycle(self, msg, kind="market_lifecycle_v2"):
        """A lifecycle message; everybody on the channel gets every one."""
        body, where = compact(msg), {"to": [], "lost": []}
        for socket, sub in self.subs("market_lifecycle_v2"):
            self.told(socket, sub, *self.emit(socket, sub, kind, body), where)
        self.log.put("life", kind=kind, ticker=msg.get("market_ticker"), msg=msg, **where)

    def private(self, channel, kind, msg):
        """A message about our own account."""
        body, where = compact(msg), {"to": [], "lost": []}
        for socket, sub in self.subs(channel):
            if sub.wants(msg.get("market_ticker", msg.get("ticker"))):
                self.told(socket, sub, *self.emit(socket, sub, kind, body), where)
        self.log.put("own", kind=kind, msg=msg, **where)

    # Whole books.

    def snapshot(self, socket, sub, market, identity=None, extra=None):
        """A whole book of one market to one subscription."""
        msg = wire.snapshot(self.shape(market), market.ladder, sub.yes_prices)
        seq, done = self.emit(socket, sub, "orderbook_snapshot", compact({**msg, **(extra or {})}), market.ticker, identity)
        if done in ("sent", "late"):
            sub.damaged.discard(market.ticker)
        self.log.put("snap", socket=socket.number, sid=sub.sid, seq=seq, ticker=market.ticker, k=market.k, how=done)
        return done

    def unasked(self, market):
        """A snapshot that nobody asked for, to everyone who watches the book."""
        for socket, sub in self.subs("orderbook_delta"):
            if market.ticker in sub.tickers and market.ticker not in sub.waiting:
                self.snapshot(socket, sub, market)

    def pending(self, socket, most):
        """Sends some of the snapshots that are still owed on a socket; deltas of other markets come between."""
        sub = socket.by_channel.get("orderbook_delta")
        for _ in range(most):
            if sub is None or not sub.pending or not socket.open or socket.half_open:
                return
            if sub.closes_at is not None and len(sub.pending) <= sub.closes_at:
                self.venue.desk.over(socket, sub, 25)
                return
            ticker, identity = sub.pending.popleft()
            market = self.venue.world.by_ticker.get(ticker)
            if identity is None:
                sub.waiting.discard(ticker)
            if market is None or ticker not in sub.tickers:
                continue
            if identity is None and self.venue.breaks.omits(socket, sub, ticker):
                continue
            self.snapshot(socket, sub, market, identity)
            if identity is not None:
                self.venue.breaks.revived(socket, sub, ticker, "snapshot")

    def chatter(self):
        """Lifecycle of markets that are none of ours."""
        now, rng = self.stamp() // ONE, self.rng
        other = f"KXOTHER-26SEP25-{rng.randrange(1000)}.5"
        return rng.choice((
            {"market_ticker": other, "settled_ts": now, "event_type": "settled"},
            {"market_ticker": other, "determination_ts": now, "result": "scalar", "settlement_value": "0.5000", "event_type": "determined"},
            {"market_ticker": other, "close_ts": now + 60, "event_type": "close_date_updated"},
            {"market_ticker": other, "event_type": "activated"},
            {"market_ticker": other, "event_type": "metadata_updated", "floor_strike": 83950.62, "yes_sub_title": "über 83950.62"},
            {"market_ticker": other, "is_deactivated": True, "event_type": "deactivated"}))
