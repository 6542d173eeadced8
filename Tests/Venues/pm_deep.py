"""A frame of 20 MB: the books of a few markets become very deep, are told whole in one array, and become ordinary again."""

import asyncio

import venue_common  # noqa: F401

from fixed import ONE, short
from pm_market import digest_of

LEVEL_BYTES = 37
MARKETS_MAX = 3
LEVELS_MAX = 200_000  # of one token, so that a reader can still say them in a line of 4 MiB


def deepen(rng, market, levels):
    """Adds levels below and above the touch of the first token; gives the old sides."""
    book = market.ladder
    old = dict(book.bids), dict(book.asks)
    bid, ask = book.best("b") or ONE // 2 - 1_000, book.best("a") or ONE // 2 + 1_000
    for side, first, last in ((book.bids, 1, bid), (book.asks, ask + 1, ONE)):
        room = last - first
        count = min(room, levels // 2)
        for index in range(count):
            side.setdefault(first + index * room // count, rng.randrange(1, 90_000) * 10_000)
    market.mirror()
    return old


def refresh_text(market, token):
    """The airy JSON of a whole book, as text because there are so many levels."""
    book, sides = market.books[token], []
    for levels, falling in ((book.bids, False), (book.asks, True)):
        sides.append(",".join([f'{{"price":"{short(p)}","size":"{short(s)}"}}' for p, s in sorted(levels.items(), reverse=falling)]))
    fingerprint = digest_of(market.id, token, market.ms, *sides, market.tick, market.info["negative"], market.last[token])
    bids, asks = (side.replace('","size', '", "size').replace("},{", "}, {") for side in sides)
    return (f'{{"market":"{market.id}", "asset_id":"{token}", "timestamp":"{market.ms}", "hash":"{fingerprint}", '
            f'"bids":[{bids}], "asks":[{asks}], "event_type":"book"}}')


async def tell(trouble, markets):
    """The whole books of these markets: the truth first, then one frame for each socket."""
    sockets, parts = {}, {}
    for market in markets:
        market.ms = max(trouble.venue.motion.now_ms(), market.ms + 1)
        for token in market.tokens:
            parts[token] = refresh_text(market, token)
            await asyncio.sleep(0)
        for socket in market.sockets:
            sockets.setdefault(socket, []).extend(market.tokens)
    for market in markets:
        for token in market.tokens:
            market.k[token] += 1
            market.tell_book(token)
    longest = 0
    for socket, tokens in sockets.items():
        mine = [token for token in tokens if token in socket.tokens]
        data = ("[" + ", ".join(parts[token] for token in mine) + "]").encode()
        longest = max(longest, len(data))
        socket.deliver(data, [(token, trouble.venue.motion.of_token[token].k[token]) for token in mine])
    return longest


async def dump(trouble, params, facts):
    """The fault: `bytes` of one frame, `seconds` until the books are ordinary again."""
    sockets = trouble.targets(params, facts)
    tokens = trouble.tokens(params, facts, sockets, 8)
    markets = list(dict.fromkeys(trouble.venue.motion.of_token[token] for token in tokens))[:MARKETS_MAX]
    facts["tokens"] = [token for market in markets for token in market.tokens]
    facts.tell()
    await trouble.until({}, lambda: not any(market.held for market in markets))
    markets = [market for market in markets if market.moves]
    for market in markets:
        market.deep = True
    levels = min(LEVELS_MAX, int(params.get("bytes", trouble.venue.options.dump_bytes)) // LEVEL_BYTES // max(1, 2 * len(markets)))
    old = [deepen(trouble.rng, market, levels) for market in markets]
    longest = await tell(trouble, markets)
    trouble.venue.truth.tell("frame", bytes=longest, levels=levels)
    await trouble.wait(params, 2)
    for market, (bids, asks) in zip(markets, old):
        market.ladder.bids, market.ladder.asks = bids, asks
        market.mirror()
    await tell(trouble, markets)
    for market in markets:
        market.deep = False
