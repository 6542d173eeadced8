"""Ways in which a feed's stream could be wrong; `ks_live_check` must see each.

A mutation takes parsed events and a `random.Random`, and gives other events, or None where it does not apply.
"""

import json
from decimal import Decimal

MILLIONTH = Decimal("0.000001")
SECOND = 1_000_000


def dump(value):
    """An event as text, its decimals as they are."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def renumbered(events):
    """Without holes in `seq`: a mistake that no number shows."""
    last = {}
    for event in events:
        if "seq" in event:
            last[event["instrument"]] = event["seq"] = last.get(event["instrument"], 0) + 1
    return events


def is_delta(event):
    """A change with something in it."""
    return event["type"] == "book_delta"


def is_trade(event):
    """A print."""
    return event["type"] == "trade"


def kind(name):
    """A test for a type."""
    return lambda event: event["type"] == name


def state(name, **facts):
    """A test for feed_status lines."""
    return lambda event: event["type"] == "feed_status" and event["state"] == name and all(event.get(key) == value for key, value in facts.items())


def place(events, rng, test, low=0.25, high=0.75):
    """Where an event of the wanted kind stands, from the middle of the stream if there is one."""
    places = [index for index, event in enumerate(events) if test(event)]
    inner = places[int(len(places) * low):max(int(len(places) * low) + 1, int(len(places) * high))]
    return rng.choice(inner) if inner else None


def at(test, change):
    """Changes one event in place."""
    def mutate(events, rng):
        index = place(events, rng, test)
        if index is None:
            return None
        change(events[index])
        return events
    return mutate


def without(test, renumber=False):
    """Leaves one event out."""
    def mutate(events, rng):
        index = place(events, rng, test)
        if index is None:
            return None
        del events[index]
        return renumbered(events) if renumber else events
    return mutate


def twice(test):
    """Says one event again."""
    def mutate(events, rng):
        index = place(events, rng, test)
        if index is None:
            return None
        events.insert(index + 1, dict(events[index]))
        return events
    return mutate


def level(event):
    """The one level of a delta."""
    return (event["bids"] or event["asks"])[0]


def nudge(event):
    """A size that is off by the smallest step."""
    level(event)[1] += MILLIONTH


def flip(event):
    """Bids for asks."""
    event["bids"], event["asks"] = event["asks"], event["bids"]


def not_complemented(events, _):
    """NO prices shown as YES asks."""
    for event in events:
        if "asks" in event:
            event["asks"] = [[1 - price, size] for price, size in reversed(event["asks"])]
    return events


def old_book(events, rng):
    """A book of some seconds ago is said again, as a checkpoint."""
    index = place(events, rng, lambda each: each["type"] == "book_snapshot" and each["reason"] == "initial", 0, 0.5)
    old = events[index]
    later = [i for i, each in enumerate(events) if i > index and is_delta(each) and each["instrument"] == old["instrument"]]
    if len(later) < 20:
        return None
    after = events[later[len(later) // 3]]
    again = {**old, "conn": after["conn"], "seq": 0, "recv_us": after["recv_us"], "reason": "checkpoint"}
    events.insert(later[len(later) // 3] + 1, again)
    return renumbered(events)


def busiest(events):
    """The instrument with most deltas."""
    counts = {}
    for event in events:
        if is_delta(event):
            counts[event["instrument"]] = counts.get(event["instrument"], 0) + 1
    return max(counts, key=counts.get)


def frozen(events, _):
    """One book stands still from the middle on, and the feed is none the wiser."""
    name = busiest(events)
    half = len(events) // 2
    return renumbered([each for i, each in enumerate(events) if i < half or each.get("instrument") != name or "seq" not in each])


def lost_for_good(events, _):
    """After a gap one book never comes back."""
    gap = next((i for i, each in enumerate(events) if state("gap")(each) and "instruments" not in each), None)
    name = busiest(events)
    if gap is None:
        return None
    return renumbered([each for i, each in enumerate(events) if i < gap or each.get("instrument") != name or "seq" not in each])


def one_number(events, _):
    """All connections are called 1."""
    for event in events:
        if "conn" in event:
            event["conn"] = 1
    return events


def merged(events, rng):
    """Two messages about one instrument become one line."""
    for i, event in enumerate(events):
        after = next((j for j in range(i + 1, min(i + 40, len(events))) if events[j].get("instrument") == event.get("instrument") and "seq" in events[j]), None)
        if i > len(events) // 3 and is_delta(event) and after is not None and is_delta(events[after]) and bool(event["bids"]) != bool(events[after]["bids"]):
            event["bids"], event["asks"] = event["bids"] + events[after]["bids"], event["asks"] + events[after]["asks"]
            del events[after]
            return renumbered(events)
    return None


def delayed(events, _):
    """Everything comes ten seconds late."""
    for event in events:
        event["recv_us"] += 10 * SECOND
    return events


def second_level(events, rng):
    """A delta says a level too that it had not, though it is right."""
    index = place(events, rng, lambda each: is_delta(each) and len(each["bids"]) == 1)
    price = events[index]["bids"][0][0]
    lower = price - Decimal("0.0001")
    events[index]["bids"].append([lower, 0])
    return events


def missing_trades(events, _):
    """Some prints in a row are not told."""
    places = [index for index, event in enumerate(events) if is_trade(event)]
    gone = set(places[len(places) // 2:len(places) // 2 + 10])
    return [event for index, event in enumerate(events) if index not in gone]


def invented_trade(events, rng):
    """A print that never was."""
    index = place(events, rng, is_trade)
    events.insert(index + 1, {**events[index], "trade_id": "00000000-0000-4000-8000-000000000000"})
    return events


def into_unknown(events, _):
    """The snapshot after a gap is left out, the deltas are not."""
    gap = next((i for i, each in enumerate(events) if state("gap")(each) and "instruments" not in each), None)
    name = busiest(events)
    for i in range(gap or 0, len(events)):
        if events[i]["type"] == "book_snapshot" and events[i]["instrument"] == name:
            del events[i]
            return renumbered(events)
    return None


def shift(key, step):
    """A change of one number."""
    def change(event):
        event[key] += step
    return change


def reversed_side(event):
    """The aggressor reversed."""
    event["aggressor_side"] = {"buy": "sell", "sell": "buy"}[event["aggressor_side"]]


def drop_instrument(events, _):
    """Books without an introduction."""
    name = busiest(events)
    return [each for each in events if each["type"] != "instrument" or each["instrument"] != name]


MUTANTS = {
    "a delta is missing": without(is_delta),
    "a delta is missing and the numbers hide it": without(is_delta, True),
    "a delta comes twice": twice(is_delta),
    "a size is off by 0.000001": at(lambda each: is_delta(each) and level(each)[1], nudge),
    "a delta has its sides flipped": at(is_delta, flip),
    "NO prices are not complemented": not_complemented,
    "two messages are one line": merged,
    "a delta names a level of its own": second_level,
    "a delta has a wrong venue time": at(is_delta, shift("venue_us", 1000)),
    "a delta is on another connection": at(is_delta, shift("conn", 7)),
    "an old book is shown again": old_book,
    "a book stands still": frozen,
    "a book never comes back": lost_for_good,
    "deltas without a snapshot after a gap": into_unknown,
    "everything is ten seconds late": delayed,
    "a time runs backwards": at(is_delta, shift("recv_us", -5 * SECOND)),
    "a gap is not told": without(lambda each: state("gap")(each) and "instruments" not in each),
    "a disconnect is not told": without(state("disconnected")),
    "a connection's number is used again": one_number,
    "a trade comes twice": twice(is_trade),
    "trades are missing": missing_trades,
    "a trade that never was": invented_trade,
    "a trade's size is off by 0.000001": at(is_trade, shift("size", MILLIONTH)),
    "a trade has its side reversed": at(is_trade, reversed_side),
    "a trade has a wrong venue time": at(is_trade, shift("venue_us", 1000)),
    "a result is wrong": at(kind("resolution"), lambda each: each.__setitem__("settlement_price", Decimal("0.25"))),
    "a result is missing": without(kind("resolution")),
    "an instrument is not introduced": drop_instrument,
}
