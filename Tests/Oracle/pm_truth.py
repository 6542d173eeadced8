"""What a perfect Polymarket feed can know after each recording line.

The stream has no sequence numbers, so a lost message shows only later, when a stated top (or a hash) disagrees with the
book. This class plays the reader that applies all it gets, counts the disagreements, and says from when on the reader
must know (`k`), must not know (`u`) or may do either (`e`), once for a feed that compares tops and once for `--verify all`.
"""

STALE_US = 30_000_000
SUSPECT_US = 2_000_000
MODES = ("d", "a")


class Watch:
    """One token on one connection: the reader's view, and how suspicious it has reason to be."""

    def __init__(self, token):
        self.token = token
        self.told = None
        self.window = None
        self.rest_seen = False
        self.forget()

    def forget(self):
        """A connection is gone: nothing is known, nothing suspected."""
        self.book, self.opened, self.blind = None, False, False
        self.settle()

    def settle(self):
        """A whole book came: right again, whatever was before."""
        self.lost = self.soft = self.proved = False
        self.calm()
        self.due = {"d": False, "a": False}
        self.noisy = 0

    def calm(self, modes=MODES):
        """An agreeing check clears suspicion."""
        for mode in modes:
            self.suspicion = {**getattr(self, "suspicion", {}), mode: [0, None, None]}

    def state(self, mode, truth):
        """`k`, `u` or `e`."""
        if self.book is None:
            return "u"
        if not self.opened or self.soft or self.blind:
            return "e"
        if self.lost:
            wrong = not self.book.same(truth)
            if self.due[mode]:
                # In a burst every message carries the last one's hash: a view that agrees with it is proved, a moment early.
                return "u" if wrong and not self.proved else "e"
            return "e"
        return "k"


class PmTruth:
    """Collects what holds after the line that is being written."""

    def __init__(self, tokens, ladder_of):
        """`ladder_of(token)` is the venue's true book now."""
        self.watches = {token: Watch(token) for token in tokens}
        self.ladder_of = ladder_of
        self.conn, self.data_us, self.stalled = None, None, False
        self.windows, self.notes, self.recipe_off = 0, {}, False
        self.dirty = set(tokens)
        self.all_blind = False  # a new hash recipe amid losses: no reader can tell one from the other

    def note(self, key, value):
        """Adds to a list of the line's notes."""
        self.notes.setdefault(key, []).append(value)

    def begin(self, us, data=True):
        """A line is about to be written: time alone can make a suspicion a gap, and silence stale."""
        for watch in self.watches.values():
            for mode in MODES:
                if watch.suspicion[mode][0] and us - watch.suspicion[mode][1] > SUSPECT_US:
                    self.fall(watch, mode)
        if self.conn is not None and self.data_us is not None and us - self.data_us >= STALE_US:
            if not self.stalled:
                self.stalled = True
                self.notes["stale"] = [self.data_us, us]
                for watch in self.watches.values():
                    if watch.book is not None:
                        self.soften(watch)
        if data and self.conn is not None:
            self.data_us, self.stalled = us, False

    def open_window(self, watch):
        """From here on one gap for this token is legitimate."""
        self.dirty.add(watch.token)
        if watch.window is None:
            self.windows += 1
            watch.window = self.windows
            self.note("gw", ["open", watch.window, self.conn, [watch.token]])
        if watch.blind:
            self.note("gw", ["many", watch.window])

    def close_window(self, watch):
        """The cause is gone; a gap told later has no ground."""
        if watch.window is not None:
            self.note("gw", ["end", watch.window])
            watch.window = None

    def soften(self, watch, blind=False):
        """Until the next whole book the reader may take either view; if `blind`, until the next print too, since no hash can be checked."""
        again = watch.window is not None
        watch.soft = True
        watch.blind = watch.blind or blind
        watch.calm()
        self.open_window(watch)
        if again:
            self.note("gw", ["many", watch.window])  # a reader that had recovered in between loses the book once more
        self.dirty.add(watch.token)

    def fall(self, watch, mode):
        """The bound is reached: in this mode the reader must have told a gap."""
        watch.suspicion[mode] = [0, None, None]
        if watch.soft or watch.blind or not watch.opened:
            return
        if not watch.lost:
            if mode == "a":
                return
            self.soften(watch)  # the rest of a burst came more than two seconds later: nobody can tell that from a loss
            return
        if not watch.due[mode] and not (mode == "a" and self.recipe_off):
            watch.due[mode] = True
            self.dirty.add(watch.token)
            self.note("gw", ["due", watch.window, mode])

    def opened(self, conn):
        """A socket is up."""
        self.conn, self.data_us, self.stalled = conn, None, False
        self.notes["open"] = conn

    def closed(self):
        """The socket is gone, and every book with it."""
        self.notes["close"] = self.conn
        for watch in self.watches.values():
            self.close_window(watch)
            watch.forget()
        self.dirty.update(self.watches)
        self.conn, self.data_us = None, None

    def whole(self, token, verifies, opening=False):
        """A `book` message arrived for the token; one that does not open a connection leaves out tick size and last price."""
        watch = self.watches[token]
        self.dirty.add(token)
        truth = self.ladder_of(token)
        if self.all_blind or (not watch.opened and not opening):
            watch.blind = True
            self.open_window(watch)
        watch.book, watch.opened = truth.copy(), True
        watch.settle()
        if not watch.blind:
            self.close_window(watch)
        self.full(token)
        self.notes.setdefault("snap", {})[token] = self.notes.get("snap", {}).get(token, 0) + 1
        self.mark(token, verifies)

    def full(self, token):
        """The view is to be taken whole at this line."""
        book = self.watches[token].book
        self.notes.setdefault("book", {})[token] = [sorted(map(list, book.bids.items()), reverse=True), sorted(map(list, book.asks.items()))]

    def mark(self, token, verifies):
        """Whether the line's hash agrees with the view: a `verified` without that is a lie."""
        self.notes.setdefault("hv", {})[token] = int(bool(verifies))

    def changed(self, token, levels, millis, stated, final, verifies):
        """A price_change arrived: `levels` are `(side, price, size)`, `stated` the tops it claims, `final` the book it hashed."""
        watch = self.watches[token]
        if watch.book is None:
            return
        self.dirty.add(token)
        for side, price, size in levels:
            watch.book.put(side, price, size)
        entry = self.notes.setdefault("lev", {}).setdefault(token, [0, []])
        entry[0] += 1
        entry[1] += [list(level) for level in levels]
        self.notes.setdefault("vus", {}).setdefault(token, []).append(millis * 1000)
        same = watch.book.same(final)
        self.mark(token, same and verifies)
        watch.proved = same and verifies
        tops = (watch.book.best("b"), watch.book.best("a")) == stated
        self.judge(watch, "d", tops, millis)
        self.judge(watch, "a", tops and (same or self.recipe_off), millis)
        if watch.lost and not (tops and same):
            watch.noisy += 1

    def printed(self, fact):
        """A trade print arrived: it must be told, and the last price is known again."""
        self.note("trades", fact)
        watch = self.watches[fact["instrument"]]
        if watch.blind and not self.all_blind:
            watch.blind, watch.soft = False, watch.book is not None
            self.dirty.add(watch.token)

    def judge(self, watch, mode, agrees, millis):
        """Three disagreeing tops in a row with venue times of their own are a gap.

        A hash alone has two seconds: it may be the recipe that changed, and a reader needs that long to find out.
        """
        if agrees:
            watch.calm((mode,))
            return
        count, first, last = watch.suspicion[mode]
        if last != millis:
            count += 1
        watch.suspicion[mode] = [count, first or self.data_us, millis]
        if count >= 3 and mode == "d":
            self.fall(watch, mode)

    def missed(self, token, before):
        """The venue's book moved from `before`, and the message is not in the recording."""
        watch = self.watches[token]
        self.dirty.add(token)
        if watch.book is None:
            return
        self.open_window(watch)
        watch.proved = False
        if watch.soft or any(watch.due.values()) or (watch.lost and watch.book.same(before)):
            self.note("gw", ["many", watch.window])
        if any(watch.due.values()) and watch.book.same(before):
            watch.due, watch.soft = {"d": False, "a": False}, True  # a reader may have verified it, and knows it again
        watch.lost = True

    def rested(self, token):
        """A REST book with the venue's present state was fetched: a reader in a gap may take it."""
        watch = self.watches[token]
        self.dirty.add(token)
        if watch.book is None or watch.due["d"]:
            watch.book = self.ladder_of(token).copy()
            self.full(token)
            self.notes.setdefault("rest", []).append(token)
            if watch.opened:
                watch.soft = True

    def end(self):
        """The line is written: gives its notes, with the states that changed."""
        for token in sorted(self.dirty):
            watch, truth = self.watches[token], self.ladder_of(token)
            if watch.lost and not any(watch.due.values()) and watch.noisy < 2 and not (watch.soft or watch.blind) and watch.book.same(truth):
                watch.lost, watch.noisy = False, 0
                self.close_window(watch)
            if not watch.lost and watch.book is not None and watch.opened and not watch.soft and not watch.book.same(truth):
                raise AssertionError(f"the view of {token[:8]} is wrong though nothing was lost")
            states = [watch.state(mode, truth) for mode in MODES]
            if states != watch.told:
                self.notes.setdefault("st", {})[token] = states
                watch.told = states
        self.dirty.clear()
        notes, self.notes = self.notes, {}
        return notes

