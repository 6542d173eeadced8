"""The reference feed's Polymarket half: absolute levels, tops compared after every message, book hashes if asked for."""

import hashlib
import json

from fixed import ONE, millionths, padded, short
from reffeed import Feed, Mil, levels

TICKS = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")
SUSPECT_US = 2_000_000


def price_of(text):
    """A price, 0 to 1."""
    value = millionths(text)
    if not 0 <= value <= ONE:
        raise ValueError("price out of range")
    return value


def size_of(text):
    """A size."""
    value = millionths(text)
    if value < 0:
        raise ValueError("negative size")
    return value


class Book:
    """One token on this connection."""

    def __init__(self, market):
        self.market, self.bids, self.asks = market, {}, {}
        self.known = False
        self.tick, self.last, self.pending = "0.01", "", None
        self.count, self.first_us, self.millis = 0, None, None

    def calm(self):
        """An agreeing check."""
        self.count, self.first_us, self.millis, self.pending = 0, None, None, None


class PolymarketFeed(Feed):
    """State of one session."""

    name, venue = "pm", "polymarket"

    def __init__(self, *args):
        super().__init__(*args)
        self.meta, self.books, self.said = {}, {}, set()
        self.had, self.bad, self.recipe_off = set(), {}, False

    def begin(self):
        """A new connection."""
        self.books, self.had = {}, set()

    def label(self, token):
        """For people."""
        meta = self.meta.get(token)
        return f"{meta['slug']}/{meta['outcome']}" if meta else None

    def known(self):
        """Tokens whose books are known."""
        return [token for token, book in self.books.items() if book.known]

    def forget_all(self):
        """Every book is unknown."""
        for book in self.books.values():
            book.known = False
            book.calm()

    def more_timers(self):
        """Suspicions that last too long."""
        return [(book.first_us + SUSPECT_US + 1, 3, lambda us, t=token: self.gap(t, us))
                for token, book in self.books.items() if book.first_us is not None and book.known]

    def fetched(self, path, body, us):
        """Gamma's metadata; a `/book` is taken where ours is lost."""
        if path.startswith("/markets"):
            for market in body:
                tokens, outcomes = json.loads(market["clobTokenIds"]), json.loads(market["outcomes"])
                for index, token in enumerate(tokens):
                    self.meta[token] = {"slug": market["slug"], "outcome": outcomes[index], "negative": market["negRisk"], "market": market["conditionId"]}
                    self.said.add(token)
                    self.line("instrument", us, market["conditionId"], token, conn=False, outcome=outcomes[index], question=market["question"],
                              event=market["events"][0]["slug"], slug=market["slug"], complement=tokens[1 - index], state="open",
                              tick_size=Mil(millionths(str(market["orderPriceMinTickSize"]))), min_size=market["orderMinSize"])
        elif path.startswith("/book?"):
            book = self.books.get(body["asset_id"])
            if self.conn is not None and book is not None and not book.known:
                self.take(body, us, "resync")

    def introduce(self, market, token, us):
        """An instrument line before first use."""
        if token not in self.said:
            self.said.add(token)
            self.line("instrument", us, market, token, conn=False)

    def snapshot(self, token, us, reason, **more):
        """A book_snapshot line."""
        book = self.books[token]
        self.line("book_snapshot", us, book.market, token, seq=True, bids=levels(book.bids, True), asks=levels(book.asks, False), reason=reason, **more)

    def received(self, text, us):
        """One frame: an object, or several in an array."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return
        for message in value if isinstance(value, list) else [value]:
            if isinstance(message, dict):
                self.message(message, us)

    def message(self, message, us):
        """One message."""
        kind = message.get("event_type", "book" if "bids" in message and "asks" in message else None)
        try:
            if kind == "book":
                token = message["asset_id"]
                known = token in self.books and self.books[token].known
                self.take(message, us, "initial" if token not in self.had else "refresh" if known else "resync")
                self.had.add(token)
            elif kind == "price_change":
                self.changes(message, us)
            elif kind == "last_trade_price":
                self.trade(message, us)
            elif kind == "tick_size_change" and message["asset_id"] in self.books:
                self.books[message["asset_id"]].tick = message["new_tick_size"]
                self.again(message["asset_id"])
        except (ValueError, KeyError, TypeError):
            self.counters["bad"] = self.counters.get("bad", 0) + 1

    def take(self, message, us, reason):
        """A whole book."""
        token = message["asset_id"]
        bids = {price_of(each["price"]): size_of(each["size"]) for each in message["bids"]}
        asks = {price_of(each["price"]): size_of(each["size"]) for each in message["asks"]}
        self.introduce(message["market"], token, us)
        book = self.books.setdefault(token, Book(message["market"]))
        book.bids, book.asks, book.known = bids, asks, True
        book.tick, book.last = message.get("tick_size", book.tick), message.get("last_trade_price", book.last)
        book.calm()
        agrees = self.verify_all and not self.recipe_off and self.hash(token, message["timestamp"], book.last, book.tick) == message["hash"]
        more = {"verified": True} if agrees else {}
        bids, asks = levels(bids, True), levels(asks, False)
        self.line("book_snapshot", us, book.market, token, seq=True, venue_us=int(message["timestamp"]) * 1000, bids=bids, asks=asks, reason=reason, **more)

    def changes(self, message, us):
        """Level changes: all of a message for a token are one line."""
        of_token = {}
        for entry in message["price_changes"]:
            side = {"BUY": 0, "SELL": 1}[entry["side"]]
            of_token.setdefault(entry["asset_id"], []).append((side, price_of(entry["price"]), size_of(entry["size"]), entry))
        for token, entries in of_token.items():
            book = self.books.get(token)
            if book is None:
                continue
            shown = [{}, {}]
            for side, price, size, _ in entries:
                shown[side][price] = size
                levels_of = (book.bids, book.asks)[side]
                levels_of[price] = size
                if not size:
                    del levels_of[price]
            if not book.known:
                continue
            entry = entries[-1][3]
            tops = (entry["best_bid"] or "0", entry["best_ask"] or "1") == (short(max(book.bids, default=0)), short(min(book.asks, default=ONE)))
            hashed = self.check(token, message["timestamp"], entry["hash"]) if self.verify_all and not self.recipe_off else None
            more = {"verified": True} if hashed else {}
            self.line("book_delta", us, book.market, token, seq=True, venue_us=int(message["timestamp"]) * 1000,
                      bids=levels(shown[0], True), asks=levels(shown[1], False), **more)
            self.judge(token, tops, hashed, message["timestamp"], us)

    def judge(self, token, tops, hashed, millis, us):
        """Counts disagreement; three in a row with venue times of their own are a gap, unless all hashes are off."""
        book = self.books[token]
        if hashed:
            self.bad.clear()
        if tops and hashed is not False:
            book.calm()
            return
        if tops and not self.recipe_off:
            self.bad[token] = book.market
            live = [other for other, other_book in self.books.items() if other_book.known and (other_book.bids or other_book.asks)]
            if len(set(self.bad.values())) > 1 and all(other in self.bad for other in live):
                self.recipe_off = True
                self.status("drift", us, reason="book hash")
                for other in self.books.values():
                    other.calm()
                return
        if book.millis != millis:
            book.count += 1
        book.millis, book.first_us = millis, book.first_us or us
        if book.count >= 3:
            self.gap(token, us)

    def gap(self, token, us):
        """The book cannot be right."""
        book = self.books[token]
        book.calm()
        book.known = False
        self.status("gap", us, reason="disagreement", since_us=us, instruments=[token])

    def hash(self, token, millis, last, tick):
        """SHA-1 of our book in the venue's form."""
        book = self.books[token]
        value = {"market": book.market, "asset_id": token, "timestamp": millis, "hash": "",
                 "bids": [{"price": short(p), "size": short(s)} for p, s in sorted(book.bids.items())],
                 "asks": [{"price": short(p), "size": short(s)} for p, s in sorted(book.asks.items(), reverse=True)],
                 "min_order_size": "5", "tick_size": tick, "neg_risk": self.meta[token]["negative"], "last_trade_price": last}
        return hashlib.sha1(json.dumps(value, separators=(",", ":")).encode()).hexdigest()

    def check(self, token, millis, digest):
        """Whether the stated hash is that of our book, with this tick or another."""
        book = self.books[token]
        book.pending = (millis, digest)
        for tick in (book.tick, *TICKS):
            if self.hash(token, millis, book.last, tick) == digest:
                return True
        return False

    def again(self, token):
        """A print or a new tick came: perhaps the last hash agrees now."""
        book = self.books[token]
        if book.pending and book.count and self.check(token, *book.pending):
            book.calm()
            self.bad.pop(token, None)

    def trade(self, message, us):
        """A print."""
        token = message["asset_id"]
        price, size = price_of(message["price"]), size_of(message["size"])
        self.introduce(message["market"], token, us)
        self.line("trade", us, message["market"], token, venue_us=int(message["timestamp"]) * 1000, price=Mil(price), size=Mil(size),
                  aggressor_side={"BUY": "buy", "SELL": "sell"}[message["side"]], tx=message["transaction_hash"])
        if token in self.books:
            self.books[token].last = padded(price, 3)
            self.again(token)
