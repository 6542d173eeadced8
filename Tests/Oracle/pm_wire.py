"""Polymarket's bytes: frames as its two serialisers write them, and the SHA-1 of a whole book.

The initial dump is compact JSON; everything after has a blank behind each comma and none behind a colon.
"""

import hashlib
import json
import re

from fixed import ONE, padded, short

NUMBER = re.compile(r'"~([^"~]*)~"')


def number(text):
    """Marks decimal text that is to stand in JSON as a number, without going through a float."""
    return f"~{text}~"


def dense(value):
    """The serialiser of dumps and REST bodies."""
    return NUMBER.sub(r"\1", json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def airy(value):
    """The serialiser of increments."""
    return json.dumps(value, separators=(", ", ":"), ensure_ascii=False)


def rows(levels, falling):
    """Levels as the wire has them: bids rising, asks falling, so that the best stands last."""
    return [{"price": short(p), "size": short(s)} for p, s in sorted(levels.items(), reverse=falling)]


def last_price(price):
    """Last trade price as books carry it: three decimals (more where the tick is finer), `""` if nothing was ever traded."""
    if price is None:
        return ""
    return short(price) if price % 1000 else padded(price, 3)


def book_hash(market, token, millis, ladder, tick, negative, last):
    """The venue's hash: SHA-1 over the book as compact JSON with these ten keys in this order."""
    text = dense({
        "market": market, "asset_id": token, "timestamp": str(millis), "hash": "",
        "bids": rows(ladder.bids, False), "asks": rows(ladder.asks, True),
        "min_order_size": "5", "tick_size": short(tick), "neg_risk": negative, "last_trade_price": last_price(last),
    })
    return hashlib.sha1(text.encode()).hexdigest()


def top(ladder, blank):
    """Best bid and ask as messages state them; an empty side is `0` / `1`, or `""` where `blank`."""
    bid, ask = ladder.best("b"), ladder.best("a")
    none = ("", "") if blank else ("0", "1")
    return none[0] if bid is None else short(bid), none[1] if ask is None else short(ask)


def opening(market, token, millis, digest, ladder, tick, last):
    """A book of the initial dump."""
    return {"market": market, "asset_id": token, "timestamp": str(millis), "hash": digest,
            "bids": rows(ladder.bids, False), "asks": rows(ladder.asks, True),
            "tick_size": short(tick), "event_type": "book", "last_trade_price": last_price(last)}


def refresh(market, token, millis, digest, ladder):
    """A book sent again mid-stream: tick size and last trade price are left out."""
    return {"market": market, "asset_id": token, "timestamp": str(millis), "hash": digest,
            "bids": rows(ladder.bids, False), "asks": rows(ladder.asks, True), "event_type": "book"}


def change(market, entries, millis):
    """A price_change message; `entries` are `(token, side, price, size, hash, best bid, best ask)`."""
    return {"market": market, "price_changes": [
        {"asset_id": token, "price": short(price), "size": short(size), "side": "BUY" if side == "b" else "SELL",
         "hash": digest, "best_bid": bid, "best_ask": ask}
        for token, side, price, size, digest, bid, ask in entries], "timestamp": str(millis), "event_type": "price_change"}


def quote(market, token, ladder, millis):
    """A best_bid_ask message; empty sides show `0`."""
    bid, ask = ladder.best("b") or 0, ladder.best("a") or 0
    return {"market": market, "asset_id": token, "best_bid": short(bid), "best_ask": short(ask),
            "spread": short(ask - bid if bid and ask else 0), "timestamp": str(millis), "event_type": "best_bid_ask"}


def trade(market, token, price, size, side, millis, transaction):
    """A last_trade_price message; `side` is the taker's, `buy` or `sell`."""
    return {"market": market, "asset_id": token, "price": short(price), "size": short(size), "fee_rate_bps": "0",
            "side": side.upper(), "timestamp": str(millis), "event_type": "last_trade_price", "transaction_hash": transaction}


def tick_change(market, token, old, new, millis):
    """A tick_size_change message."""
    return {"market": market, "asset_id": token, "old_tick_size": short(old), "new_tick_size": short(new),
            "timestamp": str(millis), "event_type": "tick_size_change"}


def resolved(identity, market, tokens, winner, outcome, millis):
    """A market_resolved message."""
    return {"id": identity, "market": market, "assets_ids": list(tokens), "winning_asset_id": winner,
            "winning_outcome": outcome, "timestamp": str(millis), "event_type": "market_resolved", "tags": []}


def announced(identity, market, tokens, title, slug, millis):
    """A new_market message, which every connection gets, and many times over."""
    about = f"This market will resolve to \"Yes\" if it happens – “for sure”.\n\nOtherwise to \"No\". ({slug})"
    return {"id": identity, "question": title, "market": market, "slug": slug, "description": about,
            "assets_ids": list(tokens), "outcomes": ["Yes", "No"],
            "event_message": {"id": "9" + identity, "ticker": slug, "slug": slug, "title": title, "description": about},
            "timestamp": str(millis), "event_type": "new_market", "tags": [], "condition_id": market, "active": False,
            "clob_token_ids": list(tokens), "sports_market_type": "", "line": "", "game_start_time": "2026-10-04 14:25:00+00",
            "order_price_min_tick_size": "0.01", "group_item_title": "", "taker_base_fee": "1000", "fees_enabled": True,
            "fee_schedule": {"exponent": "1", "rate": "0.04", "taker_only": True, "rebate_rate": "0.25"}}


def rest_book(market, token, millis, digest, ladder, tick, negative, last):
    """Body of `GET /book`: what the socket says, and the two values that only REST tells."""
    return dense({"market": market, "asset_id": token, "timestamp": str(millis), "hash": digest,
                  "bids": rows(ladder.bids, False), "asks": rows(ladder.asks, True), "min_order_size": "5",
                  "tick_size": short(tick), "neg_risk": negative, "last_trade_price": last_price(last)})


def gamma_market(info, millionths_bid, millionths_ask):
    """One object of Gamma's `/markets`, with the field types it really has."""
    rate = info["rate"]
    value = {
        "id": info["id"], "question": info["question"], "conditionId": info["market"], "slug": info["slug"],
        "resolutionSource": "", "endDate": info["ends"], "description": f"An invented question: {info['question']}",
        "outcomes": json.dumps(info["outcomes"]), "outcomePrices": json.dumps(["0.5", "0.5"]), "volume": "79945.98005599984",
        "active": True, "closed": False, "archived": False, "enableOrderBook": True, "acceptingOrders": True,
        "orderPriceMinTickSize": number(short(info["tick"])), "orderMinSize": 5,
        "clobTokenIds": json.dumps(list(info["tokens"])), "negRisk": info["negative"], "negRiskOther": False,
        "bestBid": number(short(millionths_bid or 0)), "bestAsk": number(short(millionths_ask or ONE)),
        "volumeNum": number("79945.98005599984"), "takerBaseFee": 1000, "makerBaseFee": 1000,
        "feesEnabled": bool(rate), "feeType": info["fee_type"],
        "events": [{"id": info["event_id"], "slug": info["event"], "ticker": info["event"], "title": info["event_title"],
                    "negRisk": info["negative"]}],
    }
    if rate:
        value["feeSchedule"] = {"rate": number(short(rate)), "exponent": 1, "takerOnly": True, "rebateRate": number("0.2")}
    return value
