"""One question of the local Polymarket: the true books of its two tokens, every state numbered, and the messages about them.

Each message about a token makes one state of that token. State `k` of a token is what its book is after `k` changes, so a reader's book
can be held against exactly one line of the truth.
"""

import functools
import hashlib

import venue_common  # noqa: F401  (puts the oracle's folder on the path)
import pm_wire as wire
from fixed import ONE, short
from flow import Ladder, Maker

WHOLE_EVERY = 400  # states from one whole book in the truth to the next
OTHER = {"b": "a", "a": "b"}


@functools.lru_cache(1 << 17)
def row(price, size):
    """A level as the hash wants it."""
    return f'{{"price":"{short(price)}","size":"{short(size)}"}}'


def digest(market, token, millis, ladder, tick, negative, last):
    """The venue's hash of a whole book (dossier §2.9), built as text because it is taken for every message."""
    bids = ",".join([row(p, s) for p, s in sorted(ladder.bids.items())])
    asks = ",".join([row(p, s) for p, s in sorted(ladder.asks.items(), reverse=True)])
    return digest_of(market, token, millis, bids, asks, tick, negative, last)


def digest_of(market, token, millis, bids, asks, tick, negative, last):
    """The same of sides that are text already."""
    text = (f'{{"market":"{market}","asset_id":"{token}","timestamp":"{millis}","hash":"","bids":[{bids}],"asks":[{asks}],'
            f'"min_order_size":"5","tick_size":"{short(tick)}","neg_risk":{"true" if negative else "false"},'
            f'"last_trade_price":"{wire.last_price(last)}"}}')
    return hashlib.sha1(text.encode()).hexdigest()


class Message:
    """What goes to sockets: bytes, whose they are, and which states or trade they carry.

    `tokens` are the instruments whose subscribers get it (none: every socket with the custom flag); `states` are `(token, k)`.
    """

    __slots__ = ("data", "tokens", "states", "trade", "custom", "kind", "value")

    def __init__(self, kind, value, tokens, states=(), trade=None, custom=False):
        self.kind, self.value, self.tokens = kind, value, tokens
        self.data = wire.airy(value).encode()
        self.states, self.trade, self.custom = states, trade, custom


class Market:
    """The books of both tokens, which are mirror images and change together."""

    def __init__(self, info, rng, truth):
        self.info, self.rng, self.truth = info, rng, truth
        self.id, self.tokens = info["market"], info["tokens"]
        self.tick = info["tick"]
        self.books = {token: Ladder() for token in self.tokens}
        self.k = dict.fromkeys(self.tokens, 0)
        self.last = dict.fromkeys(self.tokens)
        self.ms = 0
        self.born, self.done, self.winner = True, False, None
        self.told_done = self.rest_done = self.gamma_done = False
        self.held = 0  # how many things that have begun forbid another change
        self.told_top = None
        self.deep = False
        self.sockets = {}  # socket -> None; sockets with one of the tokens
        shape = {**info["shape"], "tick": lambda price: self.tick}
        self.maker = Maker(rng, self.books[self.tokens[0]], info["target"], shape)

    @property
    def ladder(self):
        """The first token's book; the maker works on it."""
        return self.books[self.tokens[0]]

    @property
    def has_book(self):
        """Whether the venue knows a book of this market now."""
        return self.born and not self.info.get("silent") and not self.rest_done

    @property
    def moves(self):
        """Whether the market may change now."""
        return self.born and not self.done and not self.held and not self.info.get("silent") and not self.deep

    def prepare(self, now_ms):
        """Fills the book before anybody looks."""
        kind = self.info.get("kind", "full")
        if kind != "empty":
            self.maker.fill(0)
            if kind == "onesided":
                self.ladder.asks.clear()
        self.mirror()
        if kind == "full" and not self.info.get("untraded"):
            for token in self.tokens:
                self.last[token] = self.books[token].best("b")
        self.ms = now_ms - self.rng.randrange(500, 3_000)
        self.told_top = self.top()
        for token in self.tokens:
            self.tell_book(token)

    def mirror(self):
        """Makes the second book from the first, in place because the maker holds the ladder."""
        image = self.ladder.mirrored()
        second = self.books[self.tokens[1]]
        second.bids, second.asks = image.bids, image.asks

    def top(self):
        """Best bid and ask of the first token."""
        return self.ladder.best("b"), self.ladder.best("a")

    def digest(self, token, millis=None, book=None):
        """Hash of a token's book as it stands (or of `book`)."""
        return digest(self.id, token, millis or self.ms, book or self.books[token], self.tick, self.info["negative"], self.last[token])

    def tell_book(self, token):
        """The truth gets the whole book of a state."""
        if self.truth:
            book = self.books[token]
            self.truth.tell("book", ms=self.ms, token=token, k=self.k[token], b=sorted(book.bids.items(), reverse=True), a=sorted(book.asks.items()))

    # Messages.

    def opening(self, token):
        """The book of a token as it comes after subscribing."""
        return wire.opening(self.id, token, self.ms, self.digest(token), self.books[token], self.tick, self.last[token])

    def refresh(self, token):
        """A whole book again, in mid-stream."""
        value = wire.refresh(self.id, token, self.ms, self.digest(token), self.books[token])
        return Message("book", value, (token,), ((token, self.k[token]),))

    def rest(self, token):
        """Body of `GET /book`."""
        return wire.rest_book(self.id, token, self.ms, self.digest(token), self.books[token], self.tick, self.info["negative"], self.last[token])

    def commit(self, groups, now_ms, extra=None):
        """Changes of one millisecond, a message a group; all carry the hash and the top after the last one."""
        self.ms = max(now_ms, self.ms + 1)
        first, second = self.tokens
        final = {token: book.copy() for token, book in self.books.items()}
        for side, price, size in (change for group in groups for change in group):
            final[first].put(side, price, size)
            final[second].put(OTHER[side], ONE - price, size)
        facts = {token: (self.digest(token, self.ms, book), *wire.top(book, self.info.get("blank"))) for token, book in final.items()}
        return [self.change(group, facts, extra or {}) for group in groups]

    def change(self, group, facts, extra):
        """One price_change: moves the books on, tells the truth, gives the message."""
        first, second = self.tokens
        stated = {first: [list(each) for each in group], second: [[OTHER[side], ONE - price, size] for side, price, size in group]}
        entries = []
        for mine, other in zip(stated[first], stated[second]):
            pair = [(first, *mine), (second, *other)]
            entries += pair if self.rng.randrange(2) else pair[::-1]
        for token, levels in stated.items():
            for side, price, size in levels:
                self.books[token].put(side, price, size)
            self.k[token] += 1
            self.truth.tell("lev", ms=self.ms, token=token, k=self.k[token], c=levels)
            if self.k[token] % WHOLE_EVERY == 0:
                self.tell_book(token)
        value = wire.change(self.id, [(*entry, *facts[entry[0]]) for entry in entries], self.ms)
        value.update(extra)
        return Message("price_change", value, self.tokens, tuple(self.k.items()))

    def quotes(self):
        """best_bid_ask of both tokens as they stand."""
        return [Message("best_bid_ask", wire.quote(self.id, token, self.books[token], self.ms), (token,), custom=True) for token in self.tokens]

    def print(self, token, price, size, side, millis, transaction, number):
        """A trade; the truth knows it under `number`."""
        self.truth.tell("trade", ms=millis, n=number, token=token, market=self.id, price=price, size=size, side=side, tx=transaction)
        value = wire.trade(self.id, token, price, size, side, millis, transaction)
        return Message("last_trade_price", value, (token,), trade=number)

    def retold_tick(self, old, millis):
        """tick_size_change of both tokens."""
        return [Message("tick_size_change", wire.tick_change(self.id, token, old, self.tick, millis), (token,)) for token in self.tokens]

    def resolved(self, millis):
        """market_resolved."""
        outcome = self.info["outcomes"][self.tokens.index(self.winner)]
        value = wire.resolved(self.info["id"], self.id, self.tokens, self.winner, outcome, millis)
        return Message("market_resolved", value, self.tokens, custom=True)
