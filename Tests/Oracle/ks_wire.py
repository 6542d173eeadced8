"""Kalshi's bytes: compact JSON frames that end with a newline, dollars with four decimals, counts with two."""

from datetime import datetime, timezone

from fixed import ONE, padded
from rec import compact


def dollars(value):
    """A price as Kalshi writes it."""
    return padded(value, 4)


def count(value):
    """A number of contracts as Kalshi writes it."""
    return padded(value, 2)


def rfc3339(us, digits=6):
    """Venue time as text with 0 to 9 fraction digits, trailing zeros left off as the venue does."""
    whole = datetime.fromtimestamp(us // ONE, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    part = f"{us % ONE:06d}"[:min(digits, 6)] + "417"[:max(0, digits - 6)]
    part = part.rstrip("0") if digits <= 6 else part
    return f"{whole}.{part}Z" if part else f"{whole}Z"


def frame(kind, sid, seq, msg, identity=None):
    """An envelope as the venue orders it."""
    value = {"type": kind}
    if identity is not None:
        value["id"] = identity
    if sid is not None:
        value["sid"] = sid
    if seq is not None:
        value["seq"] = seq
    value["msg"] = msg
    return compact(value) + "\n"


def snapshot(info, ladder, yes_prices):
    """An orderbook_snapshot's message: YES bids and NO bids, rising on their own legs; an empty ladder is an absent key."""
    msg = {"market_ticker": info["ticker"], "market_id": info["id"]}
    if ladder.bids:
        msg["yes_dollars_fp"] = [[dollars(p), count(s)] for p, s in sorted(ladder.bids.items())]
    if ladder.asks:
        msg["no_dollars_fp"] = [[dollars(p if yes_prices else ONE - p), count(s)] for p, s in sorted(ladder.asks.items(), reverse=True)]
    return msg


def delta(info, side, price, change, us, yes_prices, digits=6):
    """An orderbook_delta's message; `change` is signed, `price` on the YES scale."""
    shown = price if side == "b" or yes_prices else ONE - price
    return {"market_ticker": info["ticker"], "market_id": info["id"], "price_dollars": dollars(shown), "delta_fp": count(change),
            "side": "yes" if side == "b" else "no", "ts": rfc3339(us, digits), "ts_ms": us // 1000}


def trade(info, identity, price, size, side, us):
    """A trade's message; `side` is the taker's in terms of YES."""
    outcome = "yes" if side == "buy" else "no"
    return {"trade_id": identity, "market_ticker": info["ticker"], "yes_price_dollars": dollars(price), "no_price_dollars": dollars(ONE - price),
            "count_fp": count(size), "taker_side": outcome, "taker_outcome_side": outcome, "taker_book_side": "bid" if side == "buy" else "ask",
            "is_block_trade": False, "ts": us // ONE, "ts_ms": us // 1000}


def ticker(info, ladder, last, size, volume, us):
    """A ticker's message: no quote is price 0 or 1 with size zero, never null."""
    bid, ask = ladder.best("b"), ladder.best("a")
    return {"market_id": info["id"], "market_ticker": info["ticker"], "price_dollars": dollars(last or 0),
            "yes_bid_dollars": dollars(bid or 0), "yes_ask_dollars": dollars(ask or ONE), "volume_fp": count(volume),
            "open_interest_fp": count(volume // 2 // 10_000 * 10_000), "dollar_volume": volume // ONE // 2, "dollar_open_interest": volume // ONE // 4,
            "yes_bid_size_fp": count(ladder.bids[bid] if bid else 0), "yes_ask_size_fp": count(ladder.asks[ask] if ask else 0),
            "last_trade_size_fp": count(size or 0), "ts": us // ONE, "ts_ms": us // 1000, "time": rfc3339(us)}


def listed(info, ladder):
    """One object of `GET /markets`."""
    ranges = [("0.0000", "1.0000", "0.0100")] if not info["tapered"] else [
        ("0.0000", "0.1000", "0.0010"), ("0.1000", "0.9000", "0.0100"), ("0.9000", "1.0000", "0.0010")]
    return {
        "ticker": info["ticker"], "event_ticker": info["event"], "market_type": "binary", "title": info["title"], "yes_sub_title": info.get("sub", info["title"]),
        "no_sub_title": info["title"], "status": "active", "result": "", "exchange_index": 0, "created_time": "2026-09-20T20:01:37.409856Z",
        "open_time": "2026-09-21T14:00:00Z", "close_time": "2026-12-31T21:00:00Z", "expected_expiration_time": "2026-12-31T21:05:00Z",
        "expiration_time": "2027-01-07T21:00:00Z", "latest_expiration_time": "2027-01-07T21:00:00Z", "settlement_timer_seconds": 60,
        "can_close_early": True, "strike_type": "greater", "price_level_structure": "tapered_deci_cent" if info["tapered"] else "linear_cent",
        "price_ranges": [{"start": a, "end": b, "step": c} for a, b, c in ranges], "notional_value_dollars": "1.0000",
        "last_price_dollars": "0.0000", "yes_bid_dollars": dollars(ladder.best("b") or 0), "yes_ask_dollars": dollars(ladder.best("a") or ONE),
        "open_interest_fp": "0.00", "volume_fp": "0.00", "volume_24h_fp": "0.00", "rules_primary": "An invented question.", "rules_secondary": "",
    }


def series(name, title):
    """Body of `GET /series/…`."""
    return {"series": {"ticker": name, "title": title, "category": "Invented", "categories": ["Invented"], "tags": ["test"], "frequency": "daily",
                       "fee_type": "quadratic", "fee_multiplier": 1, "exchange_index": 0, "contract_terms_url": "", "settlement_sources": [],
                       "last_updated_ts": "2026-09-18T15:20:18.321673Z"}}
