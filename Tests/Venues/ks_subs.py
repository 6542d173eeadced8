"""Subscriptions of one socket: a sid, its sequence, its markets, and what has gone wrong with it."""

from collections import deque

SEQUENCED = {"orderbook_delta": True, "trade": True, "ticker": False, "market_lifecycle_v2": True, "multivariate_market_lifecycle": True,
             "fill": False, "user_orders": False, "market_positions": False}
UNFILTERED = ("market_lifecycle_v2", "multivariate_market_lifecycle")


class Sub:
    """One channel on one socket. `tickers` None is all markets; the sequence counts every frame that carries it."""

    def __init__(self, sid, channel, yes_prices):
        self.sid, self.channel, self.yes_prices = sid, channel, yes_prices
        self.sequenced = SEQUENCED[channel]
        self.seq, self.tickers, self.full = 0, {}, False
        self.pending = deque()  # (ticker, id): snapshots to be sent; id None for the initial ones
        self.waiting = set()  # tickers whose initial snapshot is still to come: no deltas yet
        self.hushed, self.hushed_by = set(), {}  # tickers that were silently forgotten, and by which fault
        self.damaged = set()  # tickers whose reader cannot know the book before a snapshot
        self.history = deque(maxlen=24)  # (seq, text) of frames that went out, for repeats
        self.fates = deque()  # what happens to the next frames
        self.mute = False  # the whole sid is silently dead
        self.socket_gone = lambda: False  # whether this subscription has ended, or its socket
        self.closes_at = None  # pending snapshots left when the buffer overflows

    @property
    def book(self):
        """Whether this is a book subscription."""
        return self.channel == "orderbook_delta"

    def wants(self, ticker):
        """Whether frames of a market go here."""
        return self.full or ticker in self.tickers

    def hurt_all(self):
        """A hole: nothing on this sid can be trusted before its next snapshot."""
        if self.book:
            self.damaged.update(self.tickers)

    def number(self):
        """The next sequence number."""
        self.seq += 1
        return self.seq

    def frame(self, kind, body, identity=None, seq=None):
        """An envelope around a message's text; keys in the venue's order."""
        parts = [f'{{"type":"{kind}"']
        if identity is not None:
            parts.append(f'"id":{identity}')
        parts.append(f'"sid":{self.sid}')
        if seq is not None:
            parts.append(f'"seq":{seq}')
        parts.append(f'"msg":{body}}}\n')
        return ",".join(parts)
