"""What goes wrong on a Polymarket session, when, and with which bytes.

Every fault is noted in the truth (`fault`), so that a failing check can say what the feed had to live through.
"""

import pm_wire as wire
from fixed import ONE, short


def plan(sim):
    """Puts the profile's faults on the session's calendar."""
    rng, seconds = sim.rng, sim.seconds
    for _ in range(max(2, len(sim.markets))):
        sim.after(rng.randrange(ONE, 20 * ONE), lambda: metadata(sim))
    if sim.recipe_change:
        sim.after(seconds * ONE // 2, lambda: recipe(sim))
    if sim.profile == "sample":
        sim.after(seconds * 2 // 5 * ONE, lambda: lose_visibly(sim, sim.markets[0], 12))
        sim.after(seconds * 3 // 5 * ONE, lambda: reconnect(sim, 1006, 1_400_000))
    if sim.profile != "chaos":
        return

    def often(every, act):
        for _ in range(max(1, seconds // every)):
            sim.after(rng.randrange(2 * ONE, max(3, seconds - 2) * ONE), act)
    often(14, lambda: lose(sim, "lost", rng.choice(sim.markets)))
    often(30, lambda: lose(sim, "torn", rng.choice(sim.markets)))
    often(7, lambda: garbage(sim))
    often(60, lambda: lose_print(sim))
    often(50, lambda: stale_rest(sim))
    often(45, lambda: reconnect(sim, rng.choice((1006, 1006, 1013, 1001)), rng.randrange(200_000, 4 * ONE)))
    often(35, lambda: nameless(sim))
    for second in range(1, seconds):
        sim.after(second * ONE + rng.randrange(ONE), lambda: mend(sim))
    if seconds >= 100:
        sim.after(rng.randrange(20, seconds - 70) * ONE, lambda: stall(sim))


def note(sim, text):
    """Names the fault on the next line."""
    sim.truth.notes["fault"] = text


def fetch(sim, market, token, millis, last=None, changed=None):
    """A `/book` answer: the venue's present state, or `changed`, an older one."""
    book = changed or market.books[token]
    last = market.last[token] if last is None else last
    digest = wire.book_hash(market.info["market"], token, millis, book, market.tick, market.info["negative"], last)
    if sim.new_recipe:
        digest = digest[20:] + digest[:20]
    body = wire.rest_book(market.info["market"], token, millis, digest, book, market.tick, market.info["negative"], last)
    return {"get": f"/book?token_id={token}", "status": 200, "body": body}


def metadata(sim):
    """The session reads `/book` for what only REST tells; the book in it is the present one."""
    market = sim.rng.choice(sim.markets)
    if sim.conn is None or market.done or market.info.get("silent") or market.room is not None:
        return
    token = sim.rng.choice(market.tokens)
    if sim.truth.watches[token].book is not None and not sim.truth.watches[token].lost:
        sim.write(fetch(sim, market, token, market.changed_ms), data=False)


def stale_rest(sim):
    """A cached `/book` answer from before the last changes: a reader with a known book must not go back to it."""
    market = sim.rng.choice(sim.markets)
    token = sim.rng.choice(market.tokens)
    watch = sim.truth.watches[token]
    if sim.conn is None or market.done or watch.book is None or watch.lost or watch.soft or not watch.opened or market.room is not None:
        return
    old = market.books[token].copy()
    if len(old.bids) < 3:
        return
    old.put("b", old.best("b"), 0)
    note(sim, "old REST book")
    sim.write(fetch(sim, market, token, market.changed_ms - 4_000, changed=old), data=False)


def lose(sim, fate, market):
    """The market's next price_change does not arrive, or arrives in part."""
    if not market.done:
        market.fate = fate


def lose_visibly(sim, market, tries):
    """Loses a change of the top, until one is lost that a reader must notice; then whole books come unasked."""
    if any(sim.truth.watches[token].due["d"] for token in market.tokens):
        sim.after(2 * ONE, lambda: heal(sim, market))
    elif tries:
        lose(sim, "top", market)
        sim.after(ONE, lambda: lose_visibly(sim, market, tries - 1))
    else:
        market.fate = None


def lose_print(sim):
    """The next print does not arrive: hashes of that token cannot be checked until the next whole book."""
    sim.lose_print = True


def heal(sim, market):
    """Whole books come unasked."""
    if market.room is not None:
        sim.after(40_000, lambda: heal(sim, market), tail=True)
        return
    for token in market.tokens:
        sim.again(market, token)


def mend(sim):
    """Where the reader must have noticed a loss, a whole book comes now and then, or a REST answer."""
    for market in sim.markets:
        for token in market.tokens:
            watch = sim.truth.watches[token]
            if sim.conn is None or market.done or market.room is not None or market.info.get("silent") or sim.rng.randrange(4):
                continue
            if watch.due["d"] or (watch.book is None and sim.rng.randrange(2)) or (watch.soft and not sim.rng.randrange(4)):
                if sim.rng.randrange(3) and not (watch.book is not None and not watch.due["d"]):
                    sim.write(fetch(sim, market, token, market.changed_ms), effect=lambda t=token: sim.truth.rested(t), data=False)
                else:
                    sim.again(market, token)


def nameless(sim):
    """An old server's book object without `event_type`."""
    market = sim.rng.choice(sim.markets)
    if not market.info.get("silent"):
        sim.again(market, sim.rng.choice(market.tokens), event_type=False)


def reconnect(sim, code, pause_us):
    """The socket breaks; some time later there is a new one, perhaps without all books."""
    if sim.conn is None:
        return
    sim.close(code, "slow consumer: send buffer full" if code == 1013 else "")
    sim.omit = sim.profile == "chaos" and not sim.rng.randrange(3)
    sim.after(pause_us, sim.open, tail=True)


def stall(sim):
    """Longer than half a minute without data, PONGs going on; then the stream goes on, or a new connection comes."""
    if sim.conn is None or any(market.room is not None or market.shaky for market in sim.markets):
        sim.after(500_000, lambda: stall(sim), tail=True)
        return
    heal(sim, next(market for market in sim.markets if not market.done and not market.info.get("silent")))  # the last data is good data
    sim.quiet_until = sim.now + sim.rng.randrange(34, 50) * ONE
    note(sim, "stall")
    if sim.rng.randrange(2):
        sim.after(sim.quiet_until - sim.now, lambda: reconnect(sim, 1006, ONE), tail=True)


def recipe(sim):
    """From now on the venue hashes in a way that nobody here knows; each market moves in turn, three times."""
    if sim.conn is None or any(market.room is not None or market.shaky for market in sim.markets):
        sim.after(50_000, lambda: recipe(sim), tail=True)
        return
    sim.new_recipe = sim.truth.recipe_off = True
    note(sim, "hash recipe changed")
    sim.truth.notes["recipe"] = 1
    if sim.profile == "chaos":
        sim.truth.all_blind = True
        for watch in sim.truth.watches.values():
            if watch.book is not None:
                sim.truth.soften(watch, True)
    for _ in range(3):
        for market in sim.markets:
            if not market.done and not market.info.get("silent"):
                sim.now += 3_000
                sim.follow(market)
    sim.after(300_000, lambda: witness(sim), tail=True)


def witness(sim):
    """The reader, in doubt about every market at once, asks REST for two whole books: what they hash to decides (a session does so)."""
    if any(market.room is not None for market in sim.markets):
        sim.after(20_000, lambda: witness(sim), tail=True)
        return
    live = [market for market in sim.markets if not market.done and not market.info.get("silent")]
    for market in live[:2]:
        token = market.tokens[0]
        sim.write(fetch(sim, market, token, market.changed_ms), effect=lambda t=token: sim.truth.rested(t), data=False)


def garbage(sim):
    """A frame that no reader can use, or not wholly; where it names a token, that token's book may become unknown."""
    rng = sim.rng
    market = rng.choice(sim.markets)
    token = rng.choice(market.tokens)
    book, millis = market.books[token], sim.millis
    if sim.conn is None or market.done or market.info.get("silent") or not book.bids or market.room is not None:
        return
    price = rng.choice(sorted(book.bids))
    entry = {"asset_id": token, "price": short(price), "size": short(book.bids[price]), "side": "BUY", "hash": "0" * 40}
    entry["best_bid"], entry["best_ask"] = wire.top(book, False)

    def changes(**odd):
        made = {**entry, **odd}
        return wire.airy({"market": market.info["market"], "price_changes": [{k: v for k, v in made.items() if v is not None}],
                          "timestamp": str(millis), "event_type": "price_change"})
    kind = rng.randrange(22)
    harmless = {
        0: "\u0000\u0001\ufffd\ufffdgarbage\u0007", 1: '{"market":"0xdead", "price_changes":[{"asset_id":"12',
        2: '[1,"x",null,{}]', 3: '"text"', 4: "42", 5: "{}", 6: "[" * 200 + "]" * 200, 7: "INVALID OPERATION",
        8: wire.airy({"market": market.info["market"], "asset_id": token, "shine": "0.5", "timestamp": str(millis), "event_type": "sparkle"}),
        9: changes(asset_id="777"), 10: changes(asset_id="778", price="0.7"), 11: "",
        12: wire.airy({"market": market.info["market"], "asset_id": token, "best_bid": "", "best_ask": "", "spread": "",
                       "timestamp": str(millis), "event_type": "best_bid_ask"}),
    }
    harmful = {
        13: {"size": "abc"}, 14: {"price": None}, 15: {"price": "0.1234567"}, 16: {"price": "1.5"}, 17: {"size": "99999999999999999999"},
        18: {"size": "-5"}, 19: {"side": "HOLD"}, 20: {"size": None},
    }
    note(sim, f"garbage {kind}")
    if kind in harmless:
        sim.raw(harmless[kind])
    elif kind in harmful:
        sim.raw(changes(**harmful[kind]), lambda: soil(sim, token))
    else:
        value = wire.refresh(market.info["market"], token, millis, "0" * 40, book)
        value["bids"][0] = {"price": value["bids"][0]["price"]}
        sim.raw(wire.airy(value), lambda: soil(sim, token))


def soil(sim, token):
    """A broken message named this token."""
    watch = sim.truth.watches[token]
    if watch.book is not None:
        sim.truth.soften(watch)
