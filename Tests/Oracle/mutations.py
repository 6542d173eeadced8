"""Ways in which a feed could be wrong; the checker must see each.

A mutation takes parsed events, the parsed recording and a `random.Random`, and gives other events, or None where it does not apply.
"""

import json
from decimal import Decimal

from consumer import parse

MILLIONTH = Decimal("0.000001")


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
    """The events with `seq` without holes: a mistake that no sequence shows."""
    last = {}
    for event in events:
        if "seq" in event:
            last[event["instrument"]] = event["seq"] = last.get(event["instrument"], 0) + 1
    return events


def some(events, rng, test):
    """A place where an event of the wanted kind stands, from the middle half if there is one."""
    places = [index for index, event in enumerate(events) if test(event)]
    inner = places[len(places) // 4: max(len(places) // 4 + 1, len(places) * 3 // 4)]
    return rng.choice(inner) if inner else None


def is_delta(event):
    """A change with something in it."""
    return event["type"] == "book_delta" and (event["bids"] or event["asks"])


def status(state):
    """A test for feed_status lines."""
    return lambda event: event["type"] == "feed_status" and event["state"] == state


def is_trade(event):
    """A print."""
    return event["type"] == "trade"


def at(test, change):
    """A mutation that changes one event in place."""
    def mutate(events, recording, rng):
        place = some(events, rng, test)
        if place is None:
            return None
        return events if change(events[place], rng) is not False else None
    return mutate


def without(test, renumber=False):
    """A mutation that leaves one event out."""
    def mutate(events, recording, rng):
        place = some(events, rng, test)
        if place is None:
            return None
        del events[place]
        return renumbered(events) if renumber else events
    return mutate


def unsaid_change(events, recording, rng):
    """A delta that does change the book is left out, and the numbers hide it."""
    books, places = {}, []
    for index, event in enumerate(events):
        if event["type"] == "book_snapshot":
            books[event["instrument"]] = [{p: s for p, s in event[name]} for name in ("bids", "asks")]
        elif event["type"] == "book_delta":
            sides = books[event["instrument"]]
            if any(sides[i].get(p, 0) != s for i, name in enumerate(("bids", "asks")) for p, s in event[name]):
                places.append(index)
            for i, name in enumerate(("bids", "asks")):
                sides[i].update({p: s for p, s in event[name]})
    del events[rng.choice(places)]
    return renumbered(events)


def twice(test, renumber=False):
    """A mutation that says one event again."""
    def mutate(events, recording, rng):
        place = some(events, rng, test)
        if place is None:
            return None
        events.insert(place + 1, dict(events[place]))
        return renumbered(events) if renumber else events
    return mutate


def side_of(event):
    """A side that has levels."""
    return event["bids"] or event["asks"]


def flip(event, rng):
    """Bids for asks."""
    event["bids"], event["asks"] = event["asks"], event["bids"]


def nudge(event, rng):
    """A size that is off by the smallest step."""
    side_of(event)[0][1] += MILLIONTH


def backwards(event, rng):
    """Worst level first."""
    event["bids"].reverse()


def foreign_level(event, rng):
    """A level that the message had not."""
    event["bids"] = [*event["bids"], [MILLIONTH, 1]]


def lie(event, rng):
    """Nobody can have verified this."""
    event["verified"] = True


def half_a_message(events, recording, rng):
    """One message about one instrument as two lines."""
    place = some(events, rng, lambda e: e["type"] == "book_delta" and len(e["bids"]) + len(e["asks"]) > 1)
    if place is None:
        return None
    first, second = dict(events[place]), dict(events[place])
    if first["bids"] and first["asks"]:
        first["asks"], second["bids"] = [], []
    else:
        name = "bids" if first["bids"] else "asks"
        first[name], second[name] = first[name][:1], first[name][1:]
    events[place:place + 1] = [first, second]
    return renumbered(events)


def not_complemented(events, recording, rng):
    """NO prices shown as YES asks."""
    for event in events:
        for level in event.get("asks", ()):
            level[0] = 1 - level[0]
        if "asks" in event:
            event["asks"].reverse()
    return events


def change_as_size(events, recording, rng):
    """Kalshi's signed change taken for the new size."""
    changes = {line["recv_us"]: line["raw"] for line in recording if '"delta_fp":"' in line.get("raw", "")}
    place = some(events, rng, lambda e: is_delta(e) and e["recv_us"] in changes and side_of(e)[0][1] != 0)
    if place is None:
        return None
    wire = parse(changes[events[place]["recv_us"]])
    size = abs(Decimal(wire["msg"]["delta_fp"]))
    if size == side_of(events[place])[0][1]:
        return None
    side_of(events[place])[0][1] = size
    return events


def invented_gap(events, recording, rng):
    """A gap that hides a good book."""
    place = some(events, rng, is_delta)
    event = events[place]
    events.insert(place + 1, {"v": 1, "type": "feed_status", "feed": event["feed"], "venue": event["venue"], "conn": event["conn"],
                              "recv_us": event["recv_us"], "state": "gap", "reason": "fear", "since_us": event["recv_us"],
                              "instruments": [event["instrument"]]})
    return events


def swapped_trades(events, recording, rng):
    """Two prints in the wrong order."""
    places = [index for index, event in enumerate(events) if is_trade(event)]
    for first, second in zip(places, places[1:]):
        if events[first]["price"] != events[second]["price"]:
            for key in ("market", "instrument", "venue_us", "price", "size", "aggressor_side", "trade_id", "tx"):
                for one, other in ((events[first], events[second]),):
                    if key in one:
                        one[key], other[key] = other[key], one[key]
            return events
    return None


def shift(key, step):
    """A change of one number."""
    def change(event, rng):
        event[key] += step
    return change


def other_side(event, rng):
    """The aggressor reversed."""
    event["aggressor_side"] = {"buy": "sell", "sell": "buy"}[event["aggressor_side"]]


def stale_book(events, recording, rng):
    """A checkpoint of an old book."""
    place = some(events, rng, lambda e: e["type"] == "book_snapshot" and e["reason"] == "checkpoint" and e["bids"])
    if place is None:
        return None
    events[place]["bids"] = events[place]["bids"][1:]
    return events


def drop_instrument(events, recording, rng):
    """Books without an introduction."""
    used = {event.get("instrument") for event in events if event["type"] == "book_snapshot"}
    return [event for event in events if event["type"] != "instrument" or event["instrument"] != sorted(used)[0]]


def sequence_gap(event):
    """A gap that names numbers."""
    return status("gap")(event) and "expected_seq" in event


MUTATIONS = {
    "a delta is missing": without(is_delta),
    "a delta is missing and the numbers hide it": unsaid_change,
    "a delta has its sides flipped": at(is_delta, flip),
    "a size is off by 0.000001": at(lambda e: is_delta(e) and side_of(e)[0][1] != 0, nudge),
    "a snapshot size is off by 0.000001": at(lambda e: e["type"] == "book_snapshot" and (e["bids"] or e["asks"]), nudge),
    "a gap is missing": without(status("gap")),
    "a gap is told twice": twice(sequence_gap),
    "a gap has a wrong sequence number": at(sequence_gap, shift("got_seq", 1)),
    "a gap that nothing caused": invented_gap,
    "an extra trade": twice(is_trade),
    "a trade is missing": without(is_trade),
    "a trade size is off by 0.000001": at(is_trade, shift("size", MILLIONTH)),
    "a trade has its side reversed": at(is_trade, other_side),
    "a trade has a wrong venue time": at(is_trade, shift("venue_us", 1)),
    "trades in the wrong order": swapped_trades,
    "a snapshot is worst first": at(lambda e: e["type"] == "book_snapshot" and len(e["bids"]) > 1, backwards),
    "a hole in seq": at(lambda e: "seq" in e, shift("seq", 1)),
    "books are known after a close": without(status("disconnected")),
    "a connecting line is missing": without(status("connecting")),
    "a stale line is missing": without(status("stale")),
    "NO prices are not complemented": not_complemented,
    "a change is taken for a size": change_as_size,
    "a delta has a level of its own": at(is_delta, foreign_level),
    "one message is two lines": half_a_message,
    "a delta has a wrong venue time": at(is_delta, shift("venue_us", 1000)),
    "a delta is on the wrong connection": at(is_delta, shift("conn", 1)),
    "a snapshot is missing": without(lambda e: e["type"] == "book_snapshot" and e["reason"] in ("refresh", "resync"), True),
    "a checkpoint is wrong": stale_book,
    "a reason is wrong": at(lambda e: e.get("reason") == "refresh", lambda e, rng: e.__setitem__("reason", "initial")),
    "an instrument line is missing": drop_instrument,
    "a delta comes twice": twice(is_delta, True),
    "a wrong verified": at(lambda e: e["type"] == "book_delta" and "verified" not in e, lie),
    "a drift is missing": without(status("drift")),
    "a drift is told twice": twice(status("drift")),
}
