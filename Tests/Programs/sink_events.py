"""Seeded MarketEvents for the tests of mkt-sink, and what its tables must hold after them, computed by other means.

The oracle reads lines with Python's json (numbers kept as Decimal) and knows nothing of how the tool works: it follows
`docs/market-event.md` and the identity of each type only.
"""

import json
import random
from decimal import Decimal

START_US = 1_790_267_321_911_204
ENVELOPE = ("v", "type", "feed", "venue", "market", "instrument", "label", "conn", "seq", "recv_us", "venue_us")
TEXTS = ("plain", "with \"quotes\"", "back\\slash", "tab\tand\nline", "Zürich 🏛", "", "\x7f", "a/b", "null", "\u2028")

# The payload columns of each view, in order.
COLUMNS = {
    "instruments": "outcome question event slug complement state tick_size min_size price_ranges open_us close_us fee neg_risk",
    "book_snapshots": "bids asks reason verified",
    "book_deltas": "bids asks verified",
    "quotes": "bid_price bid_size ask_price ask_size",
    "trades": "price size aggressor_side trade_id tx",
    "market_statuses": "state reason",
    "resolutions": "settlement_price outcome_won",
    "tickers": "last_price volume open_interest bid_price bid_size ask_price ask_size",
    "feed_statuses": "state reason since_us instruments expected_seq got_seq retry_in_us counters",
    "stage_statuses": "stage state counters",
    "own_orders": "payload", "own_fills": "payload", "own_positions": "payload",
    "own_accounts": "rule realized_pnl fees_paid unrealized_pnl pnl positions",
    "reference_changes": "lines content rules data",
    "decisions": "rule strategy action id legs size cost payout fees edge profit note because rules data build",
}
TABLES = {
    "instrument": "instruments", "book_snapshot": "book_snapshots", "book_delta": "book_deltas", "quote": "quotes", "trade": "trades",
    "market_status": "market_statuses", "resolution": "resolutions", "ticker": "tickers", "feed_status": "feed_statuses",
    "stage_status": "stage_statuses", "own_order": "own_orders", "own_fill": "own_fills", "own_position": "own_positions", "own_account": "own_accounts",
    "reference": "reference_changes", "decision": "decisions",
}
WITHOUT_SUBJECT = ("feed_statuses", "stage_statuses", "own_accounts", "reference_changes", "decisions")
DECIMALS = {"tick_size", "min_size", "price", "size", "settlement_price", "last_price", "volume", "open_interest", "cost", "payout", "fees", "edge", "profit", "realized_pnl", "fees_paid", "unrealized_pnl",
            "pnl"}
CONTAINERS = {"content", "price_ranges", "fee", "instruments", "counters", "legs", "because"}


def plain(value):
    """A decimal without exponent and trailing zeros."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def canonical(value):
    """JSON text with sorted keys, no blanks, plain decimals; `value` has Decimals for all numbers."""
    if isinstance(value, dict):
        return "{" + ",".join(quoted(key) + ":" + canonical(value[key]) for key in sorted(value, key=lambda k: k.encode())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return plain(value)


def quoted(text):
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def parse(line):
    return json.loads(line, parse_float=Decimal, parse_int=Decimal)


def side(value, present):
    if not present:
        return [None, None]
    if value is None:
        return [None, "0"]
    return [plain(value[0]), None if value[1] is None else plain(value[1])]


def payload(event, table):
    """The payload cells of an event, as its view shows them."""
    if COLUMNS[table] == "payload":
        return [canonical({key: value for key, value in event.items() if key not in ENVELOPE})]
    cells = []
    for column in COLUMNS[table].split():
        if column in ("bids", "asks"):
            cells.append(canonical(event[column]))
        elif column in ("bid_price", "ask_price"):
            key = column[:3]
            cells += side(event.get(key), key in event)
        elif column in ("bid_size", "ask_size"):
            continue
        else:
            value = event.get(column)
            if value is not None and column in CONTAINERS:
                value = canonical(value)
            elif isinstance(value, bool):
                value = int(value)
            elif isinstance(value, Decimal):
                value = plain(value) if column in DECIMALS else int(value)
            cells.append(value)
    return cells


def number(value):
    return None if value is None else int(value)


def expect(lines, by_moment=False):
    """Rows of every view, sorted: what the tables hold after `lines` came in this order.

    `by_moment`: ids of trades and decisions count for their feed and moment only, as where tables are parted by time.
    """
    rows, seen, counts, moments = {name: [] for name in COLUMNS}, set(), {}, {}
    for line in lines:
        event = parse(line)
        table = TABLES.get(event["type"])
        if table is None:
            continue
        cells = payload(event, table)
        conn, received, venue_us = number(event.get("conn")), number(event["recv_us"]), number(event.get("venue_us"))
        subject = [] if table in WITHOUT_SUBJECT else [event.get("market"), event.get("instrument"), event.get("label")]
        row = [event["feed"], event["venue"], *subject, conn]
        instrument = None if table in WITHOUT_SUBJECT else event.get("instrument")
        keys = []
        if table in ("book_snapshots", "book_deltas"):
            row.append(int(event["seq"]))
            keys.append((table, event["feed"], conn, instrument, int(event["seq"]), received))
        elif table == "decisions":
            keys.append((table, event["id"], received if by_moment else None))
        else:
            said = (table, event["feed"], conn, instrument, received, venue_us, *map(repr, cells))
            nth = 0
            if table == "trades" and event.get("trade_id") is not None and by_moment:
                keys.append((table, "id", event["feed"], conn, instrument, event["trade_id"], received))
                said = None
            elif table == "trades" and event.get("trade_id") is not None:
                keys.append((table, "id", event["venue"], instrument, event["trade_id"]))
            else:
                source = (event["feed"], instrument)
                if moments.get(source) != received:
                    moments[source], counts[source] = received, {}
                nth = counts[source].get(said, 0)
                counts[source][said] = nth + 1
            if said is not None:
                keys.append((*said, nth))
        if any(key in seen for key in keys):
            continue
        seen.update(keys)
        rows[table].append(tuple([*row, received, venue_us, *cells]))
    return {name: sorted(value, key=repr) for name, value in rows.items()}


def millionths(rng, top):
    return Decimal(rng.choice((rng.randrange(top), rng.randrange(top) // 10_000 * 10_000, 0, 1, top))) / 1_000_000


def price(rng):
    return millionths(rng, 1_000_000)


def size(rng):
    return millionths(rng, rng.choice((1_000_000, 5_000_000_000, 900_000_000_000)))


def levels(rng, count):
    prices = sorted({Decimal(rng.randrange(1, 1000)) / 1000 for _ in range(count)})
    return [[value, size(rng)] for value in prices]


def body(rng, kind):
    """A payload of a type, in the contract's key order; keys with None are left out."""
    text = lambda: rng.choice(TEXTS)  # noqa: E731
    maybe = lambda make: make() if rng.randrange(3) else None  # noqa: E731
    quote = lambda: rng.choice((None, [price(rng), size(rng)], [price(rng), None]))  # noqa: E731
    if kind == "book_delta":
        return {"bids": levels(rng, rng.randrange(3)), "asks": levels(rng, rng.randrange(3)), "verified": rng.choice((None, True))}
    if kind == "book_snapshot":
        return {"bids": levels(rng, rng.randrange(30))[::-1], "asks": levels(rng, rng.randrange(30)), "reason": rng.choice(("initial", "resync")), "verified": True}
    if kind == "trade":
        return {"price": price(rng), "size": size(rng), "aggressor_side": rng.choice(("buy", "sell", "unknown")),
                "trade_id": f"t-{rng.randrange(500)}" if rng.randrange(2) else None, "tx": rng.choice((None, "0xabc", ""))}
    if kind == "quote":
        return {"bid": quote(), "ask": quote()}
    if kind == "ticker":
        event = {"last_price": maybe(lambda: price(rng)), "volume": maybe(lambda: size(rng)), "open_interest": maybe(lambda: size(rng))}
        for key in ("bid", "ask"):
            if rng.randrange(3):
                event[key] = quote()
        return event
    if kind == "instrument":
        return {"outcome": text(), "question": text(), "event": maybe(text), "slug": maybe(text), "complement": maybe(lambda: "77"), "state": "open",
                "tick_size": price(rng), "min_size": size(rng), "price_ranges": maybe(lambda: [{"start": Decimal(0), "end": Decimal(1), "step": Decimal("0.01")}]),
                "open_us": START_US - rng.randrange(9), "close_us": maybe(lambda: START_US),
                "fee": rng.choice((None, {"model": "none"}, {"model": "quadratic", "taker_rate": Decimal("0.07"), "maker_rate": Decimal(0), "exponent": Decimal(1)})),
                "neg_risk": rng.choice((None, "none", "standard", "augmented"))}
    if kind == "market_status":
        return {"state": rng.choice(("open", "paused", "closed")), "reason": maybe(text)}
    if kind == "resolution":
        return {"settlement_price": Decimal(rng.choice(("0", "1", "0.5"))), "outcome_won": rng.choice((None, True, False))}
    if kind == "feed_status":
        return {"state": rng.choice(("live", "gap", "heartbeat")), "reason": maybe(text), "since_us": maybe(lambda: START_US),
                "instruments": maybe(lambda: [text(), "1"]), "expected_seq": maybe(lambda: 5), "got_seq": None, "retry_in_us": maybe(lambda: 250_000),
                "counters": maybe(lambda: {"b": rng.randrange(9), "a": 10**12, "zürich": 0})}
    if kind == "stage_status":
        return {"stage": "mkt-merge", "state": "heartbeat", "counters": {"lines_in": rng.randrange(10**6)}}
    if kind == "own_account":
        return {"rule": rng.choice(("arb", "arb[min_edge=0.01]")), "realized_pnl": -size(rng), "fees_paid": price(rng), "unrealized_pnl": maybe(lambda: -price(rng)),
                "pnl": maybe(lambda: size(rng)), "positions": rng.randrange(9)}
    if kind == "reference":
        return {"lines": rng.randrange(10**6), "content": {"z": [text()], "links": [], "a": "0.5"}, "rules": "ab" * 32, "data": f"{rng.randrange(9)}"}
    if kind == "decision":
        because = [{"instrument": "1", "feed": "pm", "conn": 1, "seq": rng.randrange(1, 9), "recv_us": START_US}]
        return {"rule": "arb", "strategy": maybe(text), "action": rng.choice(("signal", "alert")), "id": f"d{rng.randrange(300)}",
                "legs": maybe(lambda: [{"venue": "kalshi", "side": "buy", "price": price(rng), "size": size(rng)}]), "size": size(rng),
                "cost": -size(rng), "payout": size(rng), "fees": price(rng), "edge": -price(rng), "profit": None, "note": maybe(text),
                "because": because, "rules": "ab" * 32, "data": maybe(text), "build": "0.1.0"}
    return {"order_id": text(), "price": price(rng), "nested": {"z": [price(rng), {"y": text(), "b": None}], "a": True}, "time_us": START_US}


KINDS = ["book_delta"] * 30 + ["trade"] * 12 + ["book_snapshot", "quote", "ticker", "instrument", "market_status", "resolution", "feed_status",
                                                "stage_status", "own_order", "own_fill", "own_position", "own_account", "reference",
                                                "decision"]


def spell(value):
    """JSON in the contract's key order and numbers."""
    if isinstance(value, dict):
        return "{" + ",".join(quoted(key) + ":" + spell(item) for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(spell, value)) + "]"
    return canonical(value)


def stream(seed, count, instruments=12):
    """`count` lines of every type, some repeated exactly, without newlines."""
    rng, lines, seqs, now = random.Random(seed), [], {}, START_US
    names = [(f"{rng.getrandbits(250)}", f"0x{rng.getrandbits(256):064x}", rng.choice((None, f"slug-{i}/Yes", "Ü/No"))) for i in range(instruments)]
    while len(lines) < count:
        now += rng.choice((0, 1, 50, 4000))
        kind, feed = rng.choice(KINDS), rng.choice(("pm", "pm", "kalshi", "a/..\\b \"x\""))
        token, market, label = rng.choice(names)
        event = {"v": 1, "type": kind, "feed": feed, "venue": "kalshi" if feed == "kalshi" else "polymarket"}
        if TABLES[kind] not in WITHOUT_SUBJECT:
            event |= {"market": market, "instrument": token, "label": label}
        if kind.startswith("own_") and rng.randrange(2):
            event["instrument"] = event["market"] = None
        event["conn"] = rng.choice((None, 1, 1, 2)) if kind != "stage_status" else None
        if kind.startswith("book"):
            seqs[feed, token] = seqs.get((feed, token), 0) + 1
            event["seq"] = seqs[feed, token]
        event |= {"recv_us": now, "venue_us": rng.choice((None, now - 80_000, now + 5))}
        content = body(rng, kind)
        optional = {key for key, value in content.items() if value is None and key not in ("bid", "ask")}
        event = {key: value for key, value in (event | content).items() if key not in optional and (value is not None or key in ("bid", "ask"))}
        lines += [spell(event)] * (rng.choice((2, 3)) if rng.randrange(12) == 0 else 1)
        if not kind.startswith("book") and rng.randrange(4) == 0:
            # A twin of the same moment that differs in one thing, and then the first one again.
            other = body(rng, kind)
            key = rng.choice(sorted(content))
            twin = event | {key: other.get(key)} | rng.choice(({}, {"venue_us": now + 9}))
            lines.append(spell({key: value for key, value in twin.items() if value is not None or key in ("bid", "ask")}))
            lines.append(spell(event))
    return lines[:count]
