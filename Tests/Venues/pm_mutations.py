"""Ways of being wrong: each takes the events of a right live run and spoils them; the checker must notice every one.

A mutation gets a list of events and a seeded generator and gives a new list, or None where the run has nothing to spoil. `seq` is
numbered anew afterwards (unless the hole is the point), so that nothing is noticed for a wrong reason.
"""

import copy
from decimal import Decimal

BOOKS = ("book_snapshot", "book_delta")
BREAKS = ("gap", "stale", "disconnected")


def choose(rng, events, condition, low=0.2, high=0.9):
    """The index of an event in the middle of the run."""
    found = [index for index in range(int(len(events) * low), int(len(events) * high)) if condition(events[index])]
    return rng.choice(found) if found else None


def deltas(event):
    """A delta."""
    return event["type"] == "book_delta"


def trades(event):
    """A trade."""
    return event["type"] == "trade"


def change(events, index, act):
    """A copy with one event changed by `act`."""
    events = list(events)
    events[index] = copy.deepcopy(events[index])
    act(events[index])
    return events


def first_level(event):
    """The first level of a delta."""
    return (event["bids"] or event["asks"])[0]


def prices(event):
    """Where a delta changes something."""
    return {(side, level[0]) for side in ("bids", "asks") for level in event[side]}


def lasting(events):
    """The deltas in the middle whose levels the next line of their token does not say again, so that what is wrong stays wrong."""
    following, found = {}, []
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if event["type"] in BOOKS:
            later = following.get(event["instrument"])
            if deltas(event) and later and deltas(later) and not prices(event) & prices(later):
                found.append(index)
            following[event["instrument"]] = event
    return sorted(found)[len(found) // 5:len(found) * 4 // 5]


def delta_lost(events, rng):
    """A delta was never said."""
    index = rng.choice(lasting(events))
    return events[:index] + events[index + 1:]


def size_wrong(events, rng):
    """One size is another."""
    def act(event):
        first_level(event)[1] += 1
    return change(events, choose(rng, events, deltas), act)


def price_wrong(events, rng):
    """One price is another."""
    def act(event):
        first_level(event)[0] += Decimal("0.000001")
    return change(events, choose(rng, events, deltas), act)


def sides_swapped(events, rng):
    """Bids are asks."""
    def act(event):
        event["bids"], event["asks"] = event["asks"], event["bids"]
    return change(events, choose(rng, events, lambda event: deltas(event) and len(event["bids"]) + len(event["asks"]) == 1), act)


def removal_ignored(events, rng):
    """Levels that go away stay."""
    def act(event):
        event["bids"] = [level for level in event["bids"] if level[1]]
        event["asks"] = [level for level in event["asks"] if level[1]]
    removals = [index for index in lasting(events) if not all(size for _, size in events[index]["bids"] + events[index]["asks"])]
    return change(events, rng.choice(removals), act)


def message_split(events, rng):
    """One message is two lines, so that half an update is shown."""
    index = choose(rng, events, lambda event: deltas(event) and event["bids"] and event["asks"])
    if index is None:
        return None
    one, two = copy.deepcopy(events[index]), copy.deepcopy(events[index])
    one["asks"], two["bids"] = [], []
    return events[:index] + [one, two] + events[index + 1:]


def deltas_reordered(events, rng):
    """Two deltas of a token come in the wrong order."""
    for _ in range(100):
        index = choose(rng, events, deltas)
        following = next((each for each in range(index + 1, len(events)) if events[each].get("instrument") == events[index]["instrument"]), None)
        if following and deltas(events[following]) and any(events[following][side] != events[index][side] for side in ("bids", "asks")):
            events = copy.deepcopy(events)
            for key in ("bids", "asks", "venue_us"):
                events[index][key], events[following][key] = events[following][key], events[index][key]
            return events
    return None


def tokens_mixed_up(events, rng):
    """A delta is said of another token."""
    others = sorted({event["instrument"] for event in events if deltas(event)})
    index = choose(rng, events, deltas)
    chosen = rng.choice([each for each in others if each != events[index]["instrument"]])
    other = next(event for event in events if deltas(event) and event["instrument"] == chosen)

    def act(event):
        event["instrument"], event["market"] = other["instrument"], other["market"]
    return change(events, index, act)


def snapshot_short(events, rng):
    """A snapshot lacks a level."""
    def act(event):
        (event["bids"] or event["asks"]).pop()
    return change(events, choose(rng, events, lambda event: event["type"] == "book_snapshot" and event["bids"] + event["asks"], 0, 1), act)


def snapshot_old(events, rng):
    """After a reconnect an old snapshot is shown again."""
    first = {}
    for index, event in enumerate(events):
        if event["type"] == "book_snapshot":
            old = first.setdefault(event["instrument"], event)
            if old["conn"] != event["conn"] and (old["bids"], old["asks"]) != (event["bids"], event["asks"]):
                def act(event, old=old):
                    event.update({key: old[key] for key in ("bids", "asks", "venue_us")})
                return change(events, index, act)
    return None


def break_hidden(events, _):
    """Books are kept as known while there is no connection."""
    return [event for event in events if event["type"] != "feed_status" or event["state"] not in BREAKS]


def delta_before_snapshot(events, rng):
    """After a break deltas come before the snapshot."""
    index = choose(rng, events, lambda event: event["type"] == "feed_status" and event["state"] == "connecting")
    if index is None:
        return None
    following = next(each for each in range(index, len(events)) if deltas(events[each]))
    moved = dict(events[following], recv_us=events[index]["recv_us"])
    return events[:index + 1] + [moved] + events[index + 1:following] + events[following + 1:]


def token_frozen(events, rng):
    """From the middle on nothing is said of a token any more."""
    index = choose(rng, events, deltas, 0.3, 0.5)
    token = events[index]["instrument"]
    return events[:index] + [event for event in events[index:] if event.get("instrument") != token or event["type"] not in BOOKS]


def token_forgotten(events, _):
    """After the first reconnect a token does not come back."""
    ends = [index for index, event in enumerate(events) if event["type"] == "feed_status" and event["state"] == "disconnected"]
    token = next(event["instrument"] for event in events if deltas(event))
    return events[:ends[0] + 1] + [event for event in events[ends[0] + 1:] if event.get("instrument") != token] if len(ends) > 1 else None


def stream_ends(events, rng):
    """The feed stops talking in the middle, without a word."""
    return events[:choose(rng, events, deltas, 0.3, 0.4)]


def seq_hole(events, rng):
    """A number is left out, and the book goes on as if it were known."""
    index = choose(rng, events, deltas)
    token = events[index]["instrument"]
    return [dict(event, seq=event["seq"] + 1) if position >= index and event.get("instrument") == token and "seq" in event else event
            for position, event in enumerate(events)]


def conn_reused(events, _):
    """Every socket has the same number."""
    return [dict(event, conn=1) if "conn" in event else event for event in events]


def time_backwards(events, rng):
    """A receive time lies before the one ahead of it."""
    def act(event):
        event["recv_us"] -= 400_000
    return change(events, choose(rng, events, deltas), act)


def venue_time_wrong(events, rng):
    """A venue time is that of nothing."""
    def act(event):
        event["venue_us"] = event["recv_us"]
    return change(events, choose(rng, events, deltas), act)


def market_wrong(events, rng):
    """A line names another market."""
    def act(event):
        event["market"] = event["market"][:-1] + ("0" if event["market"][-1] != "0" else "1")
    return change(events, choose(rng, events, deltas), act)


def trade_twice(events, rng):
    """A trade is there twice."""
    index = choose(rng, events, trades)
    later = index + 1 + rng.randrange(min(30, len(events) - index - 1))
    return events[:later] + [dict(events[index], recv_us=events[later - 1]["recv_us"])] + events[later:]


def trade_lost(events, rng):
    """A trade is not there that came on a socket which went on."""
    ends = [event["recv_us"] for event in events if event["type"] == "feed_status" and event["state"] in ("disconnected", "stopped")]
    index = choose(rng, events, lambda event: trades(event) and all(not 0 <= end - event["recv_us"] < 1_500_000 for end in ends))
    return events[:index] + events[index + 1:]


def trade_invented(events, rng):
    """A trade has another transaction."""
    def act(event):
        event["tx"] = event["tx"][:-1] + ("0" if event["tx"][-1] != "0" else "1")
    return change(events, choose(rng, events, trades), act)


def trade_side_wrong(events, rng):
    """The maker's side is told as the aggressor's."""
    def act(event):
        event["aggressor_side"] = {"buy": "sell", "sell": "buy"}[event["aggressor_side"]]
    return change(events, choose(rng, events, trades), act)


def trade_size_wrong(events, rng):
    """A trade has another size."""
    def act(event):
        event["size"] += 1
    return change(events, choose(rng, events, trades), act)


def levels_unordered(events, rng):
    """Levels are not best first."""
    def act(event):
        event["bids"].reverse()
    return change(events, choose(rng, events, lambda event: event["type"] == "book_snapshot" and len(event["bids"]) > 1, 0, 1), act)


def verified_lie(events, rng):
    """The first message of a millisecond's burst is said to be verified, though its hash is that of the last."""
    latest, found = {}, []
    for index, event in enumerate(events):
        if event["type"] in BOOKS:
            before = latest.get(event["instrument"])
            if before is not None and deltas(event) and deltas(events[before]) and event["venue_us"] == events[before]["venue_us"]:
                found.append(before)
            latest[event["instrument"]] = index
    return change(events, rng.choice(found), lambda event: event.update(verified=True)) if found else None


ALL = (
    delta_lost, size_wrong, price_wrong, sides_swapped, removal_ignored, message_split, deltas_reordered, tokens_mixed_up, snapshot_short, snapshot_old,
    break_hidden, delta_before_snapshot, token_frozen, token_forgotten, stream_ends, seq_hole, conn_reused, time_backwards, venue_time_wrong,
    market_wrong, trade_twice, trade_lost, trade_invented, trade_side_wrong, trade_size_wrong, levels_unordered,
    verified_lie,
)
KEEP_SEQ = (seq_hole,)


def renumbered(events):
    """Book lines with `seq` 1, 2, 3 … of each token."""
    count, made = {}, []
    for event in events:
        if event["type"] in BOOKS:
            count[event["instrument"]] = count.get(event["instrument"], 0) + 1
            event = dict(event, seq=count[event["instrument"]])
        made.append(event)
    return made
