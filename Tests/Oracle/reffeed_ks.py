"""The reference feed's Kalshi half: sequence per sid, signed changes, two ladders into one YES book."""

import json
import re

from fixed import ONE, millionths
from reffeed import Feed, Mil, levels

MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z")


def micros(text):
    """Microseconds of an RFC 3339 time; what is finer is left off."""
    year, month, day, hour, minute, second = (int(part) for part in MOMENT.fullmatch(text).groups()[:6])
    fraction = (MOMENT.fullmatch(text).group(7) or "")[:6].ljust(6, "0")
    year, month = (year, month) if month > 2 else (year - 1, month + 12)
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719_469
    return ((days * 24 + hour) * 60 + minute) * 60 * ONE + second * ONE + int(fraction)


def question(market):
    """The title, and behind it what tells the market from the others of its event, unless the title says it."""
    title, sub = market["title"], market["yes_sub_title"]
    return title if sub.lower() in title.lower() else f"{title} ({sub})"


class Broken(Exception):
    """A message about a ticker that cannot be used."""


def price_of(text):
    """A price, 0 to 1."""
    value = millionths(text)
    if not 0 <= value <= ONE:
        raise ValueError("price out of range")
    return value


class KalshiFeed(Feed):
    """State of one session."""

    name, venue = "kalshi", "kalshi"

    def __init__(self, *args):
        super().__init__(*args)
        self.books, self.had, self.said = {}, set(), set()
        self.yes_prices, self.told_broken = False, set()
        self.begin()

    def run(self, lines):
        """Looks for `use_yes_price` in what was sent, then plays."""
        lines = list(lines)
        self.yes_prices = any('\\"use_yes_price\\":true' in line for line in lines)
        super().run(lines)

    def begin(self):
        """A new connection: sids start over."""
        self.last, self.channel = {}, {}
        self.had, self.told_broken = set(), set()

    def label(self, instrument):
        """For people."""
        return f"{instrument}/Yes"

    def known(self):
        """Tickers whose books are known."""
        return sorted(self.books)

    def forget_all(self):
        """Every book is unknown."""
        self.books.clear()

    def fetched(self, path, body, us):
        """Instruments of a listing."""
        for market in body.get("markets", ()) if path.startswith("/markets") else ():
            ranges = [{key: Mil(millionths(each[key])) for key in ("start", "end", "step")} for each in market["price_ranges"]]
            self.said.add(market["ticker"])
            self.line("instrument", us, market["ticker"], market["ticker"], conn=False, outcome="Yes", question=question(market),
                      event=market["event_ticker"], state="open", price_ranges=ranges,
                      open_us=micros(market["open_time"]), close_us=micros(market["close_time"]))

    def introduce(self, ticker, us):
        """An instrument line before first use."""
        if ticker not in self.said:
            self.said.add(ticker)
            self.line("instrument", us, ticker, ticker, conn=False, outcome="Yes")

    def snapshot(self, ticker, us, reason):
        """A book_snapshot line."""
        bids, asks = self.books[ticker]
        self.line("book_snapshot", us, ticker, ticker, seq=True, bids=levels(bids, True), asks=levels(asks, False), reason=reason)

    def received(self, text, us):
        """One frame."""
        try:
            value = json.loads(text)
            kind, msg, sid, seq = value["type"], value.get("msg"), value.get("sid"), value.get("seq")
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        if kind == "subscribed":
            self.channel[msg["sid"]] = msg["channel"]
            return
        if sid not in self.channel:
            return
        books = self.channel[sid] == "orderbook_delta"
        if seq is not None:
            last = self.last.get(sid)
            if last is not None and seq <= last:
                return
            self.last[sid] = seq
            if last is not None and seq > last + 1:
                told = {} if books else {"instruments": []}
                self.status("gap", us, reason="sequence", since_us=self.data_us, **told, expected_seq=last + 1, got_seq=seq)
                if books:
                    self.forget_all()
        if kind == "unsubscribed" or (kind == "error" and msg["code"] in (10, 25)):
            if books:
                self.status("gap", us, reason="subscription ended", since_us=us)
                self.forget_all()
            del self.channel[sid]
            self.last.pop(sid, None)
        elif kind == "trade":
            self.trade(msg, us)
        elif kind in ("orderbook_snapshot", "orderbook_delta") and books:
            try:
                self.whole(msg, us, "id" in value) if kind == "orderbook_snapshot" else self.change(msg, us)
            except (Broken, ValueError, KeyError, TypeError, AttributeError):
                self.broken(msg.get("market_ticker"), us)

    def broken(self, ticker, us):
        """A message about this ticker was lost on us."""
        if ticker in self.books:
            self.status("gap", us, reason="message", since_us=us, instruments=[ticker])
            del self.books[ticker]

    def whole(self, msg, us, asked):
        """A snapshot; one that was asked for and finds its book known and the same says nothing."""
        ticker = msg["market_ticker"]
        if "yes" in msg or "no" in msg or "bids" in msg:
            raise Broken
        bids = {price_of(p): millionths(s) for p, s in msg.get("yes_dollars_fp", ())}
        asks = {(price_of(p) if self.yes_prices else ONE - price_of(p)): millionths(s) for p, s in msg.get("no_dollars_fp", ())}
        self.introduce(ticker, us)
        if asked and self.books.get(ticker) == (bids, asks):
            return
        reason = "refresh" if ticker in self.books else "resync" if ticker in self.had else "initial"
        self.had.add(ticker)
        self.books[ticker] = (bids, asks)
        self.snapshot(ticker, us, reason)

    def change(self, msg, us):
        """A signed change of one level."""
        ticker = msg["market_ticker"]
        price, change, side = price_of(msg["price_dollars"]), millionths(msg["delta_fp"]), msg["side"]
        if side not in ("yes", "no"):
            raise Broken
        if ticker not in self.books:
            return
        book = self.books[ticker][0 if side == "yes" else 1]
        if side == "no" and not self.yes_prices:
            price = ONE - price
        size = book.get(price, 0) + change
        if size < 0:
            raise Broken
        book[price] = size
        if not size:
            del book[price]
        level = [[Mil(price), Mil(size)]]
        bids, asks = (level, []) if side == "yes" else ([], level)
        self.line("book_delta", us, ticker, ticker, seq=True, venue_us=micros(msg["ts"]), bids=bids, asks=asks)

    def trade(self, msg, us):
        """A print."""
        try:
            price, size, ticker = price_of(msg["yes_price_dollars"]), millionths(msg["count_fp"]), msg["market_ticker"]
        except (KeyError, ValueError):
            return
        self.introduce(ticker, us)
        self.line("trade", us, ticker, ticker, venue_us=msg["ts_ms"] * 1000, price=Mil(price), size=Mil(size),
                  aggressor_side="buy" if msg["taker_outcome_side"] == "yes" else "sell", trade_id=msg["trade_id"])
