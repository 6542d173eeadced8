"""What the venue's truth log says: every state of every book, who was subscribed to what when, what went wrong and how long.

Times are wall µs. A state of a token is found by its fingerprint; whole books are rebuilt by a cursor that only goes forward.
"""

import bisect
import json

from pm_live_book import Levels

FOREVER = 1 << 62


class Timeline:
    """The states of one token, from 0 on."""

    def __init__(self):
        self.us, self.ms, self.prints, self.changes = [], [], [], []
        self.levels, self.by_print, self.by_ms, self.wholes = None, {}, {}, []

    def add(self, us, ms, k, whole=None, changes=None):
        """The next state, as a whole book or as changes; or the newest one again as a whole book."""
        if whole is not None and k == len(self.us) - 1:
            if Levels(*whole).print != self.levels.print:
                raise ValueError(f"the truth about state {k} contradicts itself")
            self.wholes.append((k, whole))
            return
        if k != len(self.us):
            raise ValueError(f"state {k} after {len(self.us) - 1}")
        if whole is not None:
            self.levels = Levels(*whole)
            self.wholes.append((k, whole))
        else:
            for side, price, size in changes:
                self.levels.put(side, price, size)
        self.us.append(us)
        self.ms.append(ms)
        self.prints.append(self.levels.print)
        self.changes.append((whole, changes))
        self.by_print.setdefault(self.levels.print, []).append(k)
        self.by_ms.setdefault(ms, []).append(k)

    def newest(self, us):
        """The state that was current at a time, -1 before the first."""
        return bisect.bisect_right(self.us, us) - 1

    def next_us(self, k):
        """When state `k` ceased to be the truth."""
        return self.us[k + 1] if k + 1 < len(self.us) else FOREVER

    def equal(self, fingerprint, low, high):
        """The states with this fingerprint between two, in order."""
        found = self.by_print.get(fingerprint, [])
        return found[bisect.bisect_left(found, low):bisect.bisect_right(found, high)]

    def rebuilt(self, k):
        """The whole book of a state, from the last whole book before it."""
        start, whole = self.wholes[bisect.bisect_right(self.wholes, k, key=lambda each: each[0]) - 1]
        levels = Levels(*whole)
        for index in range(start + 1, k + 1):
            for change in self.changes[index][1]:
                levels.put(*change)
        return levels


class Socket:
    """One client's socket as the venue saw it."""

    def __init__(self, us, who):
        self.opened, self.closed, self.who, self.why = us, FOREVER, who, None
        self.spans = {}  # token -> [[from, to], …]
        self.lost = {}  # token -> {k: us}
        self.lost_trades = set()
        self.faults = []

    def half_open(self, us):
        """Whether the peer was cut off at a time; the venue never learns that the client has left such a socket."""
        return any(fault.name == "half_open" and fault.begin <= us for fault in self.faults)

    def subscribed(self, token, us):
        """Whether a token was active at a time."""
        return any(start <= us < end for start, end in self.spans.get(token, ()))


class Fault:
    """Something that went wrong, on purpose."""

    def __init__(self, line):
        self.id, self.name, self.begin, self.end = line["id"], line["name"], line["us"], FOREVER
        self.sockets, self.tokens, self.facts = line.get("sockets", []), set(line.get("tokens", [])), line
        self.recovery = 0


class Truth:
    """The whole log."""

    def __init__(self, lines, who=""):
        self.who = who
        self.tokens, self.markets, self.sockets, self.faults, self.trades = {}, {}, {}, {}, []
        self.wanted, self.resolved, self.end, self.market_of = {}, {}, 0, {}
        self.options, self.hash_wrong = {}, {}
        for line in lines:
            self.end = max(self.end, line["us"])
            handler = getattr(self, "on_" + line["t"], None)
            if handler:
                handler(line)
        self.ordered = sorted(self.faults.values(), key=lambda fault: fault.begin)

    @classmethod
    def read(cls, path, who=""):
        """From a file; a torn last line is a venue that was killed."""
        with open(path, encoding="utf-8") as file:
            return cls((json.loads(line) for line in file if line.endswith("\n")), who)

    def on_start(self, line):
        """The venue starts."""
        self.options = line["options"]

    def on_market(self, line):
        """A question."""
        for token in line["tokens"]:
            self.market_of[token] = line["market"]

    def on_book(self, line):
        """A whole book."""
        self.tokens.setdefault(line["token"], Timeline()).add(line["us"], line["ms"], line["k"], whole=(line["b"], line["a"]))

    def on_lev(self, line):
        """Changed levels."""
        self.tokens[line["token"]].add(line["us"], line["ms"], line["k"], changes=line["c"])

    def on_trade(self, line):
        """A print."""
        self.trades.append(line)

    def on_resolved(self, line):
        """A market is over."""
        self.resolved.update(dict.fromkeys(line["tokens"], line["us"]))

    def on_open(self, line):
        """A socket."""
        self.sockets[line["socket"]] = Socket(line["us"], line["who"])

    def mine(self, line):
        """The socket of a line if it belongs to the feed that is judged."""
        socket = self.sockets.get(line["socket"])
        return socket if socket and self.who in socket.who else None

    def on_sub(self, line):
        """Tokens become active on a socket."""
        if socket := self.mine(line):
            for token in line["tokens"]:
                socket.spans.setdefault(token, []).append([line["us"], FOREVER])
                self.wanted.setdefault(token, []).append((line["us"], True))

    def on_unsub(self, line):
        """Tokens are active no more; they are still wanted where another socket has them."""
        if socket := self.mine(line):
            for token in line["tokens"]:
                for span in socket.spans.get(token, ()):
                    span[1] = min(span[1], line["us"])
                if not any(each.subscribed(token, line["us"]) for each in self.sockets.values() if self.who in each.who):
                    self.wanted.setdefault(token, []).append((line["us"], False))

    def on_close(self, line):
        """A socket ends."""
        if socket := self.mine(line):
            socket.closed, socket.why = line["us"], line["why"]
            for spans in socket.spans.values():
                for span in spans:
                    span[1] = min(span[1], line["us"])

    def on_lost(self, line):
        """Something never reached a socket."""
        if socket := self.mine(line):
            for token, k in line["states"]:
                socket.lost.setdefault(token, {})[k] = line["us"]
            if line.get("trade"):
                socket.lost_trades.add(line["trade"])

    def on_hash_wrong(self, line):
        """A message carried a hash that fits nothing."""
        if self.mine(line):
            self.hash_wrong.setdefault(line["socket"], set()).update(map(tuple, line["states"]))

    def on_fault(self, line):
        """A fault begins."""
        fault = self.faults[line["id"]] = Fault(line)
        for number in fault.sockets:
            if number in self.sockets:
                self.sockets[number].faults.append(fault)

    def on_fault_end(self, line):
        """A fault ends."""
        if line["id"] in self.faults:
            self.faults[line["id"]].end = line["us"]

    # Questions.

    def hash_agrees(self, token, k):
        """Whether a message that told state `k` carried that state's hash: not within a burst, not where it was spoilt on every socket."""
        timeline = self.tokens[token]
        if timeline.prints[timeline.by_ms[timeline.ms[k]][-1]] != timeline.prints[k]:
            return False
        carriers = [number for number, socket in self.sockets.items() if self.who in socket.who and socket.subscribed(token, timeline.us[k])]
        return not carriers or any((token, k) not in self.hash_wrong.get(number, ()) for number in carriers)

    def feed_sockets(self):
        """Sockets of the feed that is judged."""
        return [socket for socket in self.sockets.values() if self.who in socket.who]

    def expected_spans(self, token):
        """When a token was wanted and its market open, as `(from, to)`."""
        spans, since = [], None
        for us, wanted in self.wanted.get(token, ()):
            if wanted and since is None:
                since = us
            elif not wanted and since is not None:
                spans.append((since, us))
                since = None
        if since is not None:
            spans.append((since, FOREVER))
        end = min(self.end, self.resolved.get(token, FOREVER))
        return [(start, min(stop, end)) for start, stop in spans if start < min(stop, end)]
