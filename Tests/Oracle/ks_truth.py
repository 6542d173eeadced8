"""What a perfect Kalshi feed knows after each recording line: the sequence rules of the venue, played on what arrived."""

STALE_US = 30_000_000


class KsTruth:
    """The reader's side: sequence per subscription, view per ticker, gaps that must be told at once."""

    def __init__(self, tickers):
        self.views = dict.fromkeys(tickers)  # ticker -> Ladder, None while unknown
        self.soft = set()  # tickers of which either may be said, after silence
        self.seen = set()  # tickers that had a snapshot on this connection
        self.told, self.dirty = {}, set(tickers)
        self.last = {}  # sid -> last seq
        self.sids = {}  # sid -> channel
        self.conn, self.data_us, self.stalled, self.notes = None, None, False, {}

    def begin(self, us, data=True):
        """Silence makes every book stale."""
        if self.conn is not None and self.data_us is not None and us - self.data_us >= STALE_US and not self.stalled:
            self.stalled = True
            self.notes["stale"] = [self.data_us, us]
            self.soft |= {ticker for ticker, view in self.views.items() if view is not None}
            self.dirty |= self.soft
        if data and self.conn is not None:
            self.data_us, self.stalled = us, False

    def opened(self, conn):
        """A socket is up: sids and sequences start over."""
        self.conn, self.data_us, self.stalled = conn, None, False
        self.last, self.sids, self.seen = {}, {}, set()
        self.notes["open"] = conn

    def closed(self):
        """The socket is gone, and every book with it."""
        self.notes["close"] = self.conn
        self.lose_all()
        self.conn, self.data_us = None, None

    def lose_all(self):
        """Every book becomes unknown."""
        for ticker in self.views:
            self.views[ticker] = None
        self.soft.clear()
        self.dirty.update(self.views)

    def gap(self, instruments, need, **told):
        """A gap that belongs to this very line; `instruments` None is all of the connection."""
        self.notes.setdefault("now", []).append({"inst": instruments, "need": int(need), "conn": self.conn, **told})

    def subscribed(self, sid, channel):
        """The venue acknowledged a subscription."""
        self.sids[sid] = channel

    def takes(self, sid, seq):
        """The sequence check; False for what must be dropped."""
        last = self.last.get(sid)
        if last is not None and seq <= last:
            return False
        if last is not None and seq > last + 1:
            book = self.sids.get(sid) == "orderbook_delta"
            self.gap(None if book else [], True, exp=last + 1, got=seq)
            if book:
                self.lose_all()
        self.last[sid] = seq
        return True

    def snapshot(self, ticker, ladder, asked=False):
        """A whole book. An answer to get_snapshot that finds the book known and the same says nothing (docs/venues/kalshi.md)."""
        view, soft = self.views.get(ticker), ticker in self.soft
        is_told = not asked or view is None or (view.bids, view.asks) != (ladder.bids, ladder.asks)
        self.views[ticker] = ladder.copy()
        self.soft.discard(ticker)
        self.seen.add(ticker)
        self.dirty.add(ticker)
        if is_told or soft:
            self.notes.setdefault("snap", {})[ticker] = 1
        if not is_told and soft:
            self.notes.setdefault("maybe", []).append(ticker)
        self.notes.setdefault("book", {})[ticker] = [sorted(map(list, ladder.bids.items()), reverse=True), sorted(map(list, ladder.asks.items()))]

    def delta(self, ticker, side, price, change, venue_us):
        """A signed change; on a known book it must not lead below zero."""
        view = self.views.get(ticker)
        if view is None:
            if ticker not in self.seen:
                self.gap([ticker], False)
            return
        size = (view.bids if side == "b" else view.asks).get(price, 0) + change
        if size < 0:
            self.broken(ticker)
            return
        view.put(side, price, size)
        self.dirty.add(ticker)
        entry = self.notes.setdefault("lev", {}).setdefault(ticker, [0, []])
        entry[0] += 1
        entry[1].append([side, price, size])
        self.notes.setdefault("vus", {}).setdefault(ticker, []).append(venue_us)

    def broken(self, ticker):
        """A message about this ticker could not be applied."""
        self.gap([ticker], self.views.get(ticker) is not None and ticker not in self.soft)
        self.views[ticker] = None
        self.soft.discard(ticker)
        self.dirty.add(ticker)

    def over(self, sid):
        """The venue ended a subscription."""
        if self.sids.get(sid) == "orderbook_delta":
            known = any(view is not None and ticker not in self.soft for ticker, view in self.views.items())
            self.gap(None, known)
            self.lose_all()
        self.sids.pop(sid, None)
        self.last.pop(sid, None)

    def end(self):
        """The line is written: its notes, with the states that changed."""
        for ticker in sorted(self.dirty):
            state = "u" if self.views.get(ticker) is None else "e" if ticker in self.soft else "k"
            if self.told.get(ticker) != state:
                self.told[ticker] = state
                self.notes.setdefault("st", {})[ticker] = [state, state]
        self.dirty.clear()
        notes, self.notes = self.notes, {}
        return notes

