"""What the queries of docs/queries.md must give, computed in Python over the lines: state machines, whole millionths and fractions, no SQL."""

import json
from decimal import Decimal
from fractions import Fraction

BREAKS = ("gap", "stale", "resyncing", "disconnected", "stopped")


def e6(value):
    return None if value is None else int(value * 1_000_000)


def read(lines):
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def stored(events, by_id_alone):
    """What the tables hold of the trades: in SQLite one of each id, in PostgreSQL one of each id, feed, connection and time."""
    seen, kept = set(), []
    for event in events:
        if event["type"] == "trade" and "trade_id" in event:
            key = (event["venue"], event["instrument"], event["trade_id"])
            if not by_id_alone:
                key += (event["feed"], event.get("conn"), event["recv_us"])
            if key in seen:
                continue
            seen.add(key)
        kept.append(event)
    return kept


def trades(events, begin, end):
    """Each trade once, in order of time: docs/dedupe.md."""
    counts, seen = {}, set()
    for event in sorted((e for e in events if e["type"] == "trade" and begin <= e["recv_us"] < end), key=lambda e: (e["recv_us"], e["price"], e["size"])):
        if "trade_id" in event:
            key = (event["venue"], event["instrument"], event["trade_id"])
        else:
            said = (event["venue"], event["instrument"], event["price"], event["size"], event["aggressor_side"], event.get("tx"), event.get("venue_us"))
            counts[event["feed"], said] = nth = counts.get((event["feed"], said), 0) + 1
            key = (said, nth)
        if key not in seen:
            seen.add(key)
            yield event


def candles(events, instrument, begin, end, width):
    found = {}
    for event in trades(events, begin, end):
        if event["instrument"] == instrument:
            found.setdefault(int(event["recv_us"]) // width * width, []).append(event)
    rows = []
    for start, each in sorted(found.items()):
        each.sort(key=lambda e: (e["recv_us"], e.get("venue_us", e["recv_us"]), e["price"]))
        prices = [e6(e["price"]) for e in each]
        rows.append((start, prices[0], max(prices), min(prices), prices[-1], sum(e6(e["size"]) for e in each), len(each)))
    return rows


def concerns(event, instrument):
    if event["type"] != "feed_status" or event["state"] not in BREAKS:
        return False
    listed = event.get("instruments")
    return concerns_all(event) or listed is None or instrument in listed


def concerns_all(event):
    """A feed's end, and a list of which nobody can tell what it means, concern all of the feed's connections."""
    return event["state"] == "stopped" or any(not isinstance(name, str) for name in event.get("instruments", ()))


def ends(event, conn):
    """Whether a break concerns a book or a top that came over a connection."""
    return concerns_all(event) or None in (event.get("conn"), conn) or event["conn"] == conn


def best(event):
    if event["type"] == "quote":
        return tuple(None if event[side] is None else e6(event[side][0]) for side in ("bid", "ask"))
    return tuple(e6(event[side][0][0]) if event[side] else None for side in ("bids", "asks"))


def tops(events, feed, instrument, begin, end, hold):
    """Intervals `(begin, end, bid, ask)` in which a top stood."""
    def order(event):
        if event["type"] == "feed_status":
            return (event["recv_us"], 3, 0)
        bid, ask = best(event)
        is_quote = event["type"] == "quote"
        return (event["recv_us"], 2 if is_quote else 1, event.get("venue_us", 0) if is_quote else event["seq"], -1 if bid is None else bid, -1 if ask is None else ask)

    mine = [e for e in events if e["feed"] == feed and begin <= e["recv_us"] < end and (
        concerns(e, instrument) or e["type"] in ("quote", "book_snapshot") and e["instrument"] == instrument)]
    rows, top, conn, since = [], None, None, None

    def close(now):
        if top is not None and now > since:
            rows.append((since, min(now, since + hold), *top))

    for event in sorted(mine, key=order):
        now = int(event["recv_us"])
        if event["type"] == "feed_status":
            if top is not None and ends(event, conn):
                close(now)
                top = None
        else:
            close(now)
            top, conn, since = best(event), event.get("conn"), now
    close(end)
    return rows


def spread(events, instrument, begin, end, hold):
    return [
        (feed, since, until, bid, ask, None if None in (bid, ask) else ask - bid)
        for feed in sorted({e["feed"] for e in events}) for since, until, bid, ask in tops(events, feed, instrument, begin, end, hold)]


def cut(number):
    """A fraction without what is behind its point."""
    return int(number) if number >= 0 else -int(-number)


def average_spread(events, instrument, begin, end, hold, width):
    found = {}
    for feed, since, until, _, _, value in spread(events, instrument, begin, end, hold):
        while value is not None and since < until:
            bucket = since // width * width
            piece = min(until, bucket + width)
            found.setdefault((feed, bucket), []).append((value, piece - since))
            since = piece
    rows = []
    for (feed, bucket), parts in sorted(found.items()):
        total = sum(span for _, span in parts)
        values = [value for value, _ in parts]
        rows.append((feed, bucket, cut(sum(Fraction(value * span, total) for value, span in parts)), min(values), max(values), total))
    return rows


def book(events, instrument, at, back):
    """The rows of every feed's book, by replaying its lines."""
    rows = []
    for feed in sorted({e["feed"] for e in events}):
        def order(event):
            if event["type"] == "feed_status":
                return (event["recv_us"], 2, 0)
            return (event["recv_us"], 1, event["seq"], event.get("conn", 0))

        mine = [e for e in events if e["feed"] == feed and e["recv_us"] <= at and (
            concerns(e, instrument) or e["type"].startswith("book_") and e["instrument"] == instrument and e["recv_us"] > at - back)]
        base, known, last, sides = None, False, None, None
        for event in sorted(mine, key=order):
            if event["type"] == "book_snapshot":
                base, known, last, seq, sides = event, True, event["recv_us"], event["seq"], ({}, {})
            elif base is None:
                continue
            elif event["type"] == "feed_status":
                if ends(event, base.get("conn")):
                    known = False
                continue
            else:
                last = event["recv_us"]
                if event["seq"] != seq + 1 or event.get("conn") != base.get("conn"):
                    known = False
                seq = event["seq"]
            for side, name in zip(sides, ("bids", "asks")):
                side.update((e6(price), e6(size)) for price, size in event[name])
        if base is None:
            continue
        head = (feed, int(base["conn"]), int(base["recv_us"]), int(last), int(known))
        levels = [("ask", price, size) for price, size in sorted(sides[1].items()) if size] + [("bid", price, size) for price, size in sorted(sides[0].items(), reverse=True) if size]
        rows += [(*head, *level) for level in levels] if known and levels else [(*head, None, None, None)]
    return rows


def volume(events, begin, end):
    found = {}
    for event in trades(events, begin, end):
        found.setdefault((event["venue"], event["market"]), {}).setdefault(event["instrument"], []).append(event)
    rows = []
    for (venue, market), instruments in sorted(found.items()):
        money = {name: sum(Fraction(e["price"]) * Fraction(e["size"]) for e in each) for name, each in instruments.items()}
        for name, each in sorted(instruments.items()):
            rows.append((venue, market, name, len(each), sum(e6(e["size"]) for e in each), int(money[name] * 1_000_000), int(sum(money.values()) * 1_000_000)))
    return rows


def difference(events, links, feeds, begin, end, hold):
    rows = []
    for left_venue, left, right_venue, right, relation, _, status in sorted(links, key=lambda link: " ".join(link[:4])):
        if status != "approved":
            continue
        def of(venue, name):
            return [row for feed in feeds for row in tops([e for e in events if e["venue"] == venue], feed, name, begin, end, hold)]

        lefts, rights = of(left_venue, left), of(right_venue, right)
        moments = sorted({time for row in lefts + rights for time in row[:2]})
        for now, until in zip(moments, moments[1:]):
            both = [next((row for row in side if row[0] <= now < row[1]), None) for side in (lefts, rights)]
            if None in both:
                continue
            (_, _, left_bid, left_ask), (_, _, right_bid, right_ask) = both
            if relation == "inverse":
                right_bid, right_ask = (None if price is None else 1_000_000 - price for price in (right_ask, right_bid))
            rows.append((left, right, now, until, left_bid, left_ask, right_bid, right_ask, *(
                None if None in (sold, bought) else sold - bought for sold, bought in ((right_bid, left_ask), (left_bid, right_ask)))))
    return rows


def uptime(events, begin, end, back, silent):
    """Every feed's time by a walk over its lines: which connections are live (True), down (False) or not heard yet (None)."""
    ranks = {"connecting": 0, "gap": 1, "stale": 1, "resyncing": 1, "disconnected": 1, "live": 2, "stopped": 4}
    words = ("connecting", "disconnected", "live", "stale", "gap", "resyncing")
    rows = []
    for feed in sorted({e["feed"] for e in events if e["type"] == "feed_status"}):
        mine = [e for e in events if e["type"] == "feed_status" and e["feed"] == feed and begin - back <= e["recv_us"] < end and (
            e["state"] != "heartbeat" or e["recv_us"] >= begin - silent)]
        mine.sort(key=lambda e: (e["recv_us"], ranks.get(e["state"], 3), e.get("conn", 0), e["state"]))
        if not mine or mine[-1]["recv_us"] < begin:
            continue
        runs, opened, seen = [0] * len(mine), None, set()
        for place, event in enumerate(mine):
            conn, is_opening = event.get("conn"), event["state"] == "connecting" and "conn" in event
            is_alone = opened is None or event["recv_us"] - opened > 60_000_000
            if event["state"] == "stopped" or is_opening and (conn in seen or conn == 1 and is_alone):
                seen.clear()
                runs[place] = 1
            if event["state"] == "connecting":
                opened = event["recv_us"]
            seen.add(conn)
        first_run = runs.index(1) if 1 in runs else len(runs)
        is_word = [e["state"] in words and ("instruments" not in e or e["state"] in ("connecting", "disconnected")) for e in mine]
        state, told = {}, False
        for event, counts in reversed(list(zip(mine[:first_run], is_word))):
            if counts and "conn" in event:
                # Going back, the first word is the last one that is met.
                state[event["conn"]] = None if event["state"] != "connecting" else "later"
        sums = dict.fromkeys(("live", "down", "silent", "unknown"), 0)
        for place, event in enumerate(mine):
            conn = event.get("conn")
            if runs[place]:
                state, told = {}, True
            if is_word[place] and conn is not None:
                state[conn], told = event["state"] == "live", True
            elif is_word[place] and event["state"] in ("stale", "resyncing", "disconnected"):
                told, state = True, {key: value if value == "later" else False for key, value in state.items()}
            if place + 1 == len(mine):
                break
            since, until = max(begin, int(event["recv_us"])), max(begin, int(mine[place + 1]["recv_us"]))
            heard = max(0, min(until, int(event["recv_us"]) + silent) - since)
            if True in state.values():
                sums["live"] += heard
                sums["silent"] += until - since - heard
            elif place < first_run and (not told or None in state.values()):
                sums["unknown"] += until - since
            else:
                sums["down"] += heard
                sums["silent"] += until - since - heard
        known = sums["live"] + sums["down"] + sums["silent"]
        rows.append((feed, max(begin, int(mine[0]["recv_us"])), int(mine[-1]["recv_us"]), *sums.values(), sums["live"] * 10_000 // known if known else None, mine[-1]["state"]))
    return rows


def sized(leg):
    """A leg's size, which may be a number or a text of one."""
    return None if "size" not in leg else Fraction(leg["size"])


def payment(events, leg, time):
    """What a share of a leg that was decided at a time pays, as a fraction of a dollar, or None."""
    results = [e for e in events if e["type"] == "resolution" and (e["venue"], e["instrument"]) == (leg["venue"], leg["instrument"])]
    if not results:
        return None
    result = max(results, key=lambda e: e["recv_us"])
    pays = Fraction(result["settlement_price"]) if "settlement_price" in result else Fraction(int(result["outcome_won"]))
    named = [e for e in events if e["type"] == "instrument" and (e["venue"], e["instrument"]) == (leg["venue"], leg["instrument"]) and "outcome" in e and e["recv_us"] <= time]
    own = max(named, key=lambda e: e["recv_us"])["outcome"] if named else None
    if leg.get("outcome") is None or leg["outcome"] == own:
        return pays
    return 1 - pays if own is not None or leg["outcome"] == "opposite" else None


def outcomes(events, begin, end):
    rows, sums = [], {}
    decided = [e for e in events if e["type"] == "decision" and begin <= e["recv_us"] < end]
    for event in sorted(decided, key=lambda e: (e["rule"], e["recv_us"], e["id"])):
        legs = event["legs"]
        pays = [payment(events, leg, event["recv_us"]) for leg in legs]
        money = [e6(event.get(key)) for key in ("cost", "payout", "fees", "profit")]
        realized, sides = None, {leg.get("side") for leg in legs}
        if legs and None not in pays and None not in money[:3] and None not in map(sized, legs) and len(sides) == 1 and sides <= {"buy", "sell"}:
            worth = sum(pay * sized(leg) for pay, leg in zip(pays, legs)) * 1_000_000
            realized = worth // 1 - money[0] - money[2] if sides == {"buy"} else money[1] + (-worth) // 1 - money[2]
            sums[event["rule"]] = sums.get(event["rule"], 0) + realized
        counts = (len(legs), pays.count(None)) if legs else (None, None)
        rows.append((int(event["recv_us"]), event["rule"], event["action"], event["id"], *counts, *money, realized, sums.get(event["rule"])))
    return rows
