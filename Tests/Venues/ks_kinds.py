"""Faults of frames, subscriptions and commands. A kind is `act(fault, rng)`; it gives a reason if there was nothing to break."""

from websockets.frames import OP_TEXT

from fixed import ONE
import ks_wire as wire
from ks_breaks import FOREIGN
from ks_hub import compact

KINDS = {}
UNUSUAL = ("seq_back", "settle")  # only when asked for
FATES = ("torn", "binary", "unknown_field", "missing_field", "cents", "malformed_value")


def kind(act):
    """Puts a function into the catalog under its name."""
    KINDS[act.__name__] = act
    return act


def sub_of(fault, rng, default="orderbook_delta"):
    """The subscription that a fault is about."""
    fault.channel = fault.args.get("channel", default)
    if "socket" not in fault.args and fault.socket and fault.channel not in fault.socket.by_channel:
        able = [each for each in fault.venue.sockets if each.open and fault.channel in each.by_channel]
        fault.socket = rng.choice(able) if able else fault.socket
    return fault.socket.by_channel.get(fault.channel) if fault.socket else None


def market_of(fault, rng, sub):
    """A live market of a book subscription, a busy one by choice."""
    world = fault.venue.world
    if "ticker" in fault.args:
        market = world.by_ticker[fault.args["ticker"]]
    else:
        able = [world.by_ticker[each] for each in sub.tickers if each in world.by_ticker and each not in sub.waiting]
        able = [each for each in able if each.status == "active" and each.ladder.bids]
        able = [each for each in able if each.ticker not in sub.damaged] or able
        if not able:
            return None
        market = rng.choices(able, [each.weight for each in able])[0]
    fault.tickers = [market.ticker]
    return market


def with_market(act):
    """For faults of one market's book: `act(fault, rng, sub, market)`."""
    def wrapped(fault, rng):
        sub = sub_of(fault, rng)
        market = market_of(fault, rng, sub) if sub else None
        if market is None:
            return "no book subscription"
        return act(fault, rng, sub, market)
    wrapped.__name__ = act.__name__
    return kind(wrapped)


def fate(fault, sub, names):
    """The next frames of a subscription have these fates; the fault is over when they had them."""
    sub.fates.extend(names)
    fault.lasts(15, undo=sub.fates.clear, over_when=lambda: not sub.fates or sub.socket_gone())


@kind
def gap(fault, rng):
    """Numbers are skipped: messages of the book or the trade subscription are lost."""
    sub = sub_of(fault, rng, rng.choice(("orderbook_delta", "orderbook_delta", "trade")))
    if sub is None:
        return "no such subscription"
    fate(fault, sub, ["lost"] * fault.args.get("count", rng.choice((1, 1, 2, 5))))
    return None


@kind
def repeat(fault, rng):
    """A frame comes twice, number and all."""
    sub = sub_of(fault, rng, rng.choice(("orderbook_delta", "orderbook_delta", "trade")))
    if sub is None:
        return "no such subscription"
    fate(fault, sub, ["twice"] * fault.args.get("count", 1))
    return None


@kind
def seq_regress(fault, rng):
    """An old frame comes again, out of order."""
    sub = sub_of(fault, rng)
    if sub is None or len(sub.history) < 3:
        return "no history"
    fault.socket.put(rng.choice(list(sub.history)[:-1])[1])
    return None


@kind
def seq_back(fault, rng):
    """The venue's counter falls back: new messages with old numbers. Not in the schedule, since no reader can do more than resync."""
    sub = sub_of(fault, rng)
    if sub is None:
        return "no such subscription"
    sub.seq -= fault.args.get("count", 5)
    sub.hurt_all()
    return None


@with_market
def unasked_snapshot(fault, rng, sub, market):
    """A whole book that nobody asked for."""
    fault.venue.hub.snapshot(fault.socket, sub, market)


@with_market
def wrong_delta(fault, rng, sub, market):
    """A change that would leave less than nothing."""
    price = rng.choice(sorted(market.ladder.bids))
    change = -(market.ladder.bids[price] + rng.choice((10_000, ONE, 1_000_000 * ONE)))
    sub.damaged.add(market.ticker)
    body = compact(wire.delta(market.info, "b", price, change, fault.venue.clock(), sub.yes_prices))
    fault.venue.hub.emit(fault.socket, sub, "orderbook_delta", body, market.ticker)


@with_market
def dead_market(fault, rng, sub, market):
    """One market is silently forgotten: no deltas, no hole in the numbers; get_snapshot still answers."""
    fault.args.setdefault("revive", rng.choice(("snapshot", "added")))
    fault.args["of_socket"] = True
    sub.hushed.add(market.ticker)
    sub.hushed_by[market.ticker] = fault

    def undo():
        if market.ticker in sub.hushed and sub.hushed_by.get(market.ticker) is fault:
            sub.hushed.discard(market.ticker)
            sub.hushed_by.pop(market.ticker)
            if sub.sid in fault.socket.subs:
                fault.venue.hub.snapshot(fault.socket, sub, market)
    fault.lasts(4 * fault.venue.options.patience, undo, lambda: market.ticker not in sub.hushed or sub.socket_gone())


@kind
def dead_sid(fault, rng):
    """A subscription is silently dead while the others flow; its numbers go on, unseen."""
    sub = sub_of(fault, rng, rng.choice(("orderbook_delta", "orderbook_delta", "trade")))
    if sub is None:
        return "no such subscription"
    fault.args["of_socket"] = True
    sub.mute = True
    sub.hurt_all()

    def undo():
        sub.mute = False
    fault.lasts(4 * fault.venue.options.patience, undo, sub.socket_gone)
    return None


def ended(code):
    """The venue ends a subscription by itself."""
    def act(fault, rng):
        sub = sub_of(fault, rng, rng.choice(("orderbook_delta", "orderbook_delta", "orderbook_delta", "trade", "ticker", "market_lifecycle_v2")))
        if sub is None:
            return "no such subscription"
        fault.venue.desk.over(fault.socket, sub, code)
        return None
    act.__name__ = f"error{code}"
    return kind(act)


ended(10)
ended(25)


@kind
def error_no_id(fault, rng):
    """An error without an id: of a subscription, or of nothing that can be named."""
    fault.channel = rng.choice(("orderbook_delta", "trade", None))
    if fault.socket is None:
        return "no socket"
    sub = fault.socket.by_channel.get(fault.channel)
    fault.venue.desk.error(fault.socket, fault.args.get("code", rng.choice((13, 18, 99))), None, sub=sub)
    return None


def spoiled(name, on, answers, provoke):
    """The next command of a kind is answered wrongly or not at all; `provoke` makes the client send one."""
    def act(fault, rng):
        if fault.socket is None:
            return "no socket"
        answer = fault.args.get("answer", rng.choice(answers))
        fault.args.setdefault("done", bool(rng.randrange(2)))
        breaks = fault.venue.breaks
        breaks.plan(fault.args.get("on", on), answer, fault)

        def undo():
            breaks.planned = [each for each in breaks.planned if each[2] is not fault]
        fault.lasts(20, undo, lambda: fault.used)
        if fault.args.get("provoke", True):
            provoke(fault, rng)
        return None
    act.__name__ = name
    return kind(act)


def by_gap(fault, _):
    """A hole in the book's numbers makes a client ask for snapshots."""
    sub = fault.socket.by_channel.get("orderbook_delta")
    if sub:
        sub.fates.append("lost")


def by_drop(fault, _):
    """A lost connection makes a client subscribe."""
    fault.socket.drop()


def by_either(fault, rng):
    """One of the two."""
    rng.choice((by_gap, by_drop))(fault, rng)


spoiled("error18", "any", (18,), by_either)
spoiled("no_ack", "subscribe", ("none",), by_drop)
spoiled("snapshot_refused", "get_snapshot", (13,), by_gap)
spoiled("snapshot_unanswered", "get_snapshot", ("none",), by_gap)


@kind
def omit_snapshots(fault, rng):
    """After the next subscribe some first books never come, though their deltas do."""
    if fault.socket is None:
        return "no socket"
    breaks = fault.venue.breaks
    breaks.left_out = fault.args.get("count", rng.randrange(1, 4))
    breaks.left_out_now = fault.tickers = []

    def undo():
        breaks.left_out = 0
    fault.lasts(20, undo, lambda: breaks.left_out == 0)
    by_drop(fault, rng)
    return None


@kind
def garbage(fault, rng):
    """Something that is no message, or a message that is wrong."""
    sub = sub_of(fault, rng)
    if sub is None:
        return "no book subscription"
    what = fault.args.setdefault("what", rng.choice(FATES + ("foreign", "foreign", "unknown_type", "cents_snapshot")))
    if what in FATES:
        sub = sub_of(fault, rng, rng.choice(("orderbook_delta", "orderbook_delta", "trade"))) or sub
        fate(fault, sub, [what])
    elif what == "foreign":
        text = fault.args.get("text", rng.choice(FOREIGN))
        fault.args["text"] = text[:80]
        fault.socket.put(text)
    elif what == "unknown_type":
        fault.venue.hub.emit(fault.socket, sub, "some_future_type", '{"x":1,"market_ticker":"KXNEW-1"}')
    else:
        market = market_of(fault, rng, sub)
        if market is None:
            return "no market"
        fault.venue.breaks.cents_snapshot(fault.socket, sub, market)
    return None


@kind
def bad_utf8(fault, rng):
    """A text frame that is no UTF-8, in a message of its own or in a delta."""
    sub = sub_of(fault, rng)
    if sub is None or not fault.socket.open:
        return "no book subscription"
    if rng.randrange(2):
        fate(fault, sub, ["bad_utf8"])
    else:
        fault.socket.protocol.write_frame_sync(True, OP_TEXT, b'{"type":"\xed\xa0\x80\xff"}\n')
    return None


@with_market
def dump20mb(fault, rng, sub, market):
    """A snapshot of 20 MB: one field that nobody knows, or blanks between the tokens."""
    size = int(fault.args.get("bytes", 20_000_000))
    if rng.randrange(2):
        fault.venue.hub.snapshot(fault.socket, sub, market, extra={"padding": "x" * size})
    else:
        msg = compact(wire.snapshot(market.info, market.ladder, sub.yes_prices))
        _, done = fault.venue.hub.emit(fault.socket, sub, "orderbook_snapshot", msg[:-1] + " " * size + "}", market.ticker)
        fault.venue.log.put("snap", socket=fault.socket.number, sid=sub.sid, seq=sub.seq, ticker=market.ticker, k=market.k, how=done)


@kind
def lifecycle_burst(fault, rng):
    """A flood on the lifecycle channel; one of our markets pauses and goes on."""
    hub, world = fault.venue.hub, fault.venue.world
    for _ in range(fault.args.get("count", 300)):
        hub.lifecycle(hub.chatter())
    hub.lifecycle({"event_ticker": "KXOTHER-26SEP25", "exchange_index": 0, "title": "t", "subtitle": "", "collateral_return_type": "MECNET",
                   "series_ticker": "KXOTHER"}, "event_lifecycle")
    hub.lifecycle({"event_ticker": "KXOTHER-26SEP25", "fee_type_override": None, "fee_multiplier_override": None}, "event_fee_update")
    able = [market for market in world.markets if market.status == "active"]
    market = rng.choice(able)
    hub.lifecycle({"market_ticker": market.ticker, "event_type": "close_date_updated", "close_ts": 1798750800 + rng.randrange(1000)})
    world.pause(market, True)
    fault.lasts(1, undo=lambda: world.pause(market, False))


@kind
def settle(fault, rng):
    """A market ends: an empty book, then its result. Only when asked for, since it takes the market away."""
    world = fault.venue.world
    market = world.by_ticker[fault.args["ticker"]]
    fault.tickers = [market.ticker]
    world.settle(market, fault.args.get("result", rng.choice(("yes", "no", "scalar"))))


@kind
def clock_ahead(fault, rng):
    """The venue's times are 15 to 40 ms in our future."""
    hub = fault.venue.hub
    hub.ahead_us = fault.args.get("ms", rng.randrange(15, 41)) * 1000

    def undo():
        hub.ahead_us = 0
    fault.lasts(3, undo)


@kind
def demo_shapes(fault, rng):
    """What the demo host sends: empty market ids, trades without is_block_trade."""
    hub = fault.venue.hub
    hub.demo = True

    def undo():
        hub.demo = False
    fault.lasts(3, undo)
