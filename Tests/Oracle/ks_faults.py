"""What goes wrong on a Kalshi session, when, and with which bytes; every fault is noted in the truth."""

import ks_wire as wire
from fixed import ONE
from rec import compact

GHOST = "KXGHOST-26SEP25-T1"


def plan(sim):
    """Puts the profile's faults on the session's calendar."""
    rng, seconds = sim.rng, sim.seconds
    sim.after(seconds * 3 // 10 * ONE, lambda: unasked(sim))
    if sim.profile == "sample":
        sim.after(seconds * 2 // 5 * ONE, lambda: hole(sim, sim.markets[0], "lost", 700_000))
        sim.after(seconds * 3 // 5 * ONE, lambda: reconnect(sim, 1006, ONE))
    if sim.profile != "chaos":
        return

    def often(every, act):
        for _ in range(max(1, seconds // every)):
            sim.after(rng.randrange(2 * ONE, max(3, seconds - 2) * ONE), act)

    def pick():
        return rng.choice(sim.markets)
    often(15, lambda: hole(sim, pick(), rng.choice(("lost", "lost", "torn")), rng.randrange(100_000, 3 * ONE)))
    often(30, lambda: lose_print(sim, rng.choice(("lost", "torn"))))
    often(15, lambda: repeat(sim))
    often(12, lambda: unasked(sim))
    often(15, lambda: impossible(sim, pick()))
    often(15, lambda: broken(sim, pick()))
    often(25, lambda: ghost(sim))
    often(10, lambda: foreign(sim))
    often(45, lambda: ended(sim))
    often(45, lambda: reconnect(sim, rng.choice((1006, 1001, 1000)), rng.randrange(200_000, 4 * ONE)))
    often(60, lambda: late_answer(sim))
    if seconds >= 100:
        sim.after(rng.randrange(20, seconds - 70) * ONE, lambda: stall(sim))


def note(sim, text):
    """Names the fault on the next line."""
    sim.truth.notes["fault"] = text


def hole(sim, market, fate, ask_after_us):
    """The market's next delta is lost or torn; the session asks for fresh books when the hole has shown."""
    if sim.conn is not None and not market.done:
        market.fate = fate
        sim.after(ask_after_us + ONE, sim.get_snapshots)


def late_answer(sim):
    """A hole, then snapshots of which one is lost too, then they are asked for once more."""
    if sim.conn is None:
        return
    for market in sim.markets:
        market.fate = "lost"
    sim.after(2 * ONE, lambda: sim.snap(sim.markets[0], 99, "lost"))
    sim.after(2 * ONE + 1000, lambda: sim.snap(sim.markets[-1], 99))
    sim.after(4 * ONE, sim.get_snapshots)


def lose_print(sim, fate):
    """The next trade print is lost or torn."""
    sim.fate = fate


def repeat(sim):
    """A frame of the book subscription comes again, or an older one: never to be applied twice."""
    if sim.conn is None or not sim.history:
        return
    sid, seq, text = sim.rng.choice(sim.history)
    if sid == sim.sid.get("orderbook_delta") and seq <= sim.seq[sid]:
        note(sim, f"seq {seq} again")
        last = sim.truth.last.get(sid)
        if last is not None and seq <= last:
            sim.raw(text)


def unasked(sim):
    """A snapshot that nobody asked for."""
    market = sim.rng.choice(sim.markets)
    if not market.done:
        sim.snap(market)


def spoil(sim, market, msg, how):
    """A delta whose ticker can be read and nothing else: retired integer cents, or broken values."""
    if how == "cents":
        msg = {"market_ticker": msg["market_ticker"], "market_id": msg["market_id"], "price": 51, "delta": -1, "side": msg["side"], "ts": msg["ts"]}
    else:
        key, value = sim.rng.choice((("price_dollars", "abc"), ("price_dollars", "0.12345678"), ("delta_fp", None), ("side", "maybe"),
                                     ("delta_fp", 5), ("price_dollars", "1.5000"), ("delta_fp", "99999999999999999999.00")))
        if value is None:
            del msg[key]
        elif value == 5:
            msg[key] = {"n": 5}
        else:
            msg[key] = value
    note(sim, f"delta: {how}")
    sim.sequenced("orderbook_delta", "orderbook_delta", msg, lambda: sim.truth.broken(market.ticker))
    sim.after(sim.rng.randrange(200_000, 3 * ONE), lambda: sim.snap(market, 98))


def broken(sim, market):
    """A retired or malformed message about a ticker."""
    if sim.conn is None or market.done:
        return
    kind = sim.rng.randrange(4)
    if kind == 0:
        market.fate = "cents"
    elif kind == 1:
        market.fate = "malformed"
    else:
        head = {"market_ticker": market.ticker, "market_id": market.info["id"]}
        body = ({"yes": [[3, 80000], [23, 200]], "no": [[1, 73590], [74, 3]]} if kind == 2 else
                sim.rng.choice(({"yes_dollars_fp": [["0.1000"]]}, {"no_dollars_fp": "none"}, {"yes_dollars_fp": [["0.1", "x"]]},
                                {"yes_dollars_fp": [["0.12345678", "1.00"]]})))
        note(sim, "snapshot in cents" if kind == 2 else "malformed snapshot")
        sim.sequenced("orderbook_delta", "orderbook_snapshot", {**head, **body}, lambda: sim.truth.broken(market.ticker))
        sim.after(sim.rng.randrange(200_000, 3 * ONE), lambda: sim.snap(market, 97))


def impossible(sim, market):
    """A change that would leave less than nothing."""
    if sim.conn is None or market.done or not market.ladder.bids:
        return
    price, now = sim.rng.choice(sorted(market.ladder.bids)), sim.now
    change = -(market.ladder.bids[price] + 1_000_000 * ONE)
    note(sim, "negative result")
    sim.sequenced("orderbook_delta", "orderbook_delta", wire.delta(market.info, "b", price, change, now, sim.yes_prices),
                  lambda: sim.truth.delta(market.ticker, "b", price, change, now))
    sim.after(sim.rng.randrange(200_000, 3 * ONE), lambda: sim.snap(market, 96))


def ghost(sim):
    """A delta for a market that never had a snapshot."""
    if sim.conn is None or "orderbook_delta" not in sim.sid:
        return
    note(sim, "delta without a snapshot")
    info = {"ticker": GHOST, "id": ""}
    now = sim.now
    sim.sequenced("orderbook_delta", "orderbook_delta", wire.delta(info, "b", 500_000, 3 * ONE, now, sim.yes_prices),
                  lambda: sim.truth.gap([GHOST], False))


def foreign(sim):
    """Messages that are none of ours, or that nobody knows yet."""
    if sim.conn is None or "orderbook_delta" not in sim.sid:
        return
    sid, rng = sim.sid["orderbook_delta"], sim.rng
    kind = rng.randrange(10)
    note(sim, f"foreign {kind}")
    if kind == 0:
        sim.sequenced("orderbook_delta", "some_future_type", {"x": 1})
    elif kind == 1:
        sim.sequenced("orderbook_delta", "error", {"code": 13, "msg": "Unsupported action"})
    elif kind == 2:
        sim.sequenced("trade", "error", {"code": 13, "msg": "Unsupported action"})
    elif kind == 3:
        sim.sequenced("orderbook_delta", "ok", {"market_tickers": [market.ticker for market in sim.markets]}, identity=90)
    elif kind == 4:
        perps = {"market_ticker": "KXPERP-BTC", "bids": [["84000.5", "1.2"]], "asks": [["84001.0", "0.3"]]}
        sim.raw(compact({"type": "orderbook_snapshot", "sid": 77, "seq": 1, "msg": perps}) + "\n")
    elif kind == 5:
        sim.raw(rng.choice(("not json at all\n", "{\"type\":5}\n", "[]\n", "{\"type\":\"trade\"", "42\n", "\u0001\u0002\ufffd", "\n", "null\n")))
    elif kind == 6:
        sim.raw(compact({"id": 123, "type": "error", "msg": {"code": 7, "msg": "Unknown subscription ID"}}) + "\n")
    elif kind == 7:
        sim.raw(compact({"id": 91, "type": "ok", "msg": [{"channel": "orderbook_delta", "sid": sid}]}) + "\n")
    elif kind == 8:
        sim.sequenced("trade", "trade", {"trade_id": "no-count", "market_ticker": sim.markets[0].ticker, "yes_price_dollars": "0.5000",
                                         "no_price_dollars": "0.5000", "taker_side": "yes", "ts": sim.now // ONE, "ts_ms": sim.now // 1000},
                      lambda: sim.truth.gap([], False))
    else:
        sim.raw(wire.frame("rfq_created", 15, 11, {"id": "rfq_1", "creator_id": "0", "market_ticker": sim.markets[0].ticker, "created_ts": "2026-09-25T10:00:00Z"}))


def ended(sim):
    """The venue ends the book subscription: error 25 or 10, or an unsubscribe; the session subscribes anew and gets a new sid."""
    if sim.conn is None or "orderbook_delta" not in sim.sid:
        return
    sid, rng = sim.sid["orderbook_delta"], sim.rng
    how = rng.choice((25, 25, 10, 0))
    note(sim, f"subscription ended: {how}")
    if how:
        text = {25: "Subscription buffer overflow", 10: "Channel error"}[how]
        sim.sequenced("orderbook_delta", "error", {"code": how, "msg": text}, lambda: sim.truth.over(sid))
    else:
        command = sim.send("unsubscribe", {"sids": [sid]})
        sim.seq[sid] = seq = sim.seq[sid] + 1

        def over():
            if sim.truth.takes(sid, seq):
                sim.truth.over(sid)
        sim.raw(compact({"id": command, "sid": sid, "seq": seq, "type": "unsubscribed"}) + "\n", over)
    del sim.sid["orderbook_delta"]
    sim.history = []
    conn = sim.conn
    sim.after(rng.randrange(100_000, 2 * ONE), lambda: again(sim, conn))


def again(sim, conn):
    """The session subscribes to the books once more."""
    if sim.conn != conn or "orderbook_delta" in sim.sid:
        return
    command = sim.send("subscribe", sim.params(["orderbook_delta"], [market.ticker for market in sim.markets]))
    sim.now += 30_000
    sim.acknowledge("orderbook_delta", command)
    for market in sim.markets:
        sim.snap(market)
        if not sim.rng.randrange(3):
            sim.tend(market)


def reconnect(sim, code, pause_us):
    """The socket breaks; the next one has the same sids, counting from one."""
    if sim.conn is not None:
        sim.close(code)
        for market in sim.markets:
            if sim.profile == "chaos":
                market.info["quiet_snapshot"] = sim.conns + 1 if not sim.rng.randrange(6) else None
        sim.after(pause_us, sim.open, tail=True)


def stall(sim):
    """Longer than half a minute without any frame; then the stream goes on, or a new connection comes."""
    if sim.conn is None:
        sim.after(500_000, lambda: stall(sim), tail=True)
        return
    sim.tick(sim.markets[0])  # the last data is good data
    sim.quiet_until = sim.now + sim.rng.randrange(34, 50) * ONE
    note(sim, "stall")
    if sim.rng.randrange(2):
        sim.after(sim.quiet_until - sim.now, lambda: reconnect(sim, 1006, ONE), tail=True)
