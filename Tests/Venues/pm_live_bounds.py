"""How long a wrong or an old book may be shown as known, given what went wrong: the documented detection bounds of the feed."""

from pm_live_truth import FOREVER


class Bounds:
    """Seconds, all from the command line, kept in µs."""

    def __init__(self, options):
        for name in ("lag", "closed", "stale_after", "silent", "loss", "big", "recover", "start", "policy"):
            setattr(self, name, int(getattr(options, name) * 1_000_000))
        self.stale = self.stale_after + self.lag


class Excuses:
    """Judges lateness and wrongness of a token's book against the sockets' troubles."""

    def __init__(self, truth, bounds):
        self.truth, self.bounds = truth, bounds
        self.sockets = truth.feed_sockets()
        self.caches = [fault for fault in truth.faults.values() if fault.name == "rest_stale"]
        self.dumps = [fault for fault in truth.faults.values() if fault.name == "dump20mb"]

    def late_until(self, token, k, book):
        """Until when a book may still lack state `k` of a token. A healthy socket that carried it leaves no excuse."""
        timeline = self.truth.tokens[token]
        us = timeline.us[k]
        there = [socket for socket in self.sockets if socket.subscribed(token, us)]
        alive = [self.socket_limit(socket, token, k, us) for socket in there if not socket.half_open(us)]
        dead = [self.socket_limit(socket, token, k, us) for socket in there if socket.half_open(us)]
        limit = min(alive) if alive else max(dead) if dead else us + self.bounds.closed
        return max(limit, self.cache_limit(us, book))

    def cache_limit(self, us, book):
        """A book that came from REST's cache is as old as the cache."""
        for fault in self.caches:
            if fault.begin <= us and self.seeded(fault, book) and us <= book.snapshot_us:
                return fault.end + self.bounds.silent
        return 0

    @staticmethod
    def seeded(fault, book):
        """Whether the book's last snapshot may have come from this cache."""
        return fault.begin <= book.snapshot_us <= fault.end + 1_000_000

    def socket_limit(self, socket, token, k, us):
        """The limit that one socket sets."""
        bounds = self.bounds
        limit = us + bounds.lag
        if k in socket.lost.get(token, ()):
            limit = max(limit, self.loss_limit(socket, token, k))
        for fault in socket.faults:
            if not fault.begin <= us <= fault.end and fault.name != "half_open":
                continue
            if fault.name == "stall" and fault.facts.get("mode") == "hold" and not fault.tokens:
                limit = max(limit, min(fault.end + bounds.lag, fault.begin + bounds.stale))
            elif fault.name == "half_open" and us >= fault.begin:
                limit = max(limit, fault.begin + bounds.stale)
            elif fault.name == "throttle":
                limit = max(limit, fault.end + bounds.lag)
        limit = max(limit, us + self.grace(us, bounds.lag))
        if socket.closed < FOREVER and socket.why != "half-open too long":
            limit = min(limit, max(socket.closed, us) + bounds.lag)
        return limit

    def over(self, fault):
        """When a fault is over for a feed that behaves: 1008 says that the client is wrong, so it must not come back at once."""
        return min(fault.end + (self.bounds.policy if fault.facts.get("code") == 1008 else 0), self.truth.end)

    def grace(self, us, usual):
        """How long something may take to arrive: longer while a frame of 20 MB stands before it."""
        dump = any(fault.begin - 1_000_000 <= us <= fault.end + 1_000_000 for fault in self.dumps)
        return max(usual, self.bounds.big) if dump else usual

    def loss_limit(self, socket, token, k):
        """Until when a lost message must have been noticed: it shows in the token's next one, or in the audit of silence."""
        bounds, timeline = self.bounds, self.truth.tokens[token]
        us, lost = timeline.us[k], socket.lost[token]
        stall = next((fault for fault in socket.faults if fault.name == "stall" and not fault.tokens and fault.begin <= us <= fault.end), None)
        if stall and min(stall.end, socket.closed) >= stall.begin + bounds.stale_after:
            return stall.begin + bounds.stale
        limit = us + bounds.silent
        for following in range(k + 1, len(timeline.us)):
            if following not in lost:
                if socket.subscribed(token, timeline.us[following]):
                    limit = min(limit, timeline.us[following] + bounds.loss)
                break
        return limit

    def missing(self, token, book, us):
        """States that a wrong book may lack at a time: `{k: until when}`; those that a snapshot has healed are none."""
        timeline, found = self.truth.tokens[token], {}
        for socket in self.sockets:
            for k in socket.lost.get(token, ()):
                if timeline.us[k] >= book.snapshot_us - self.bounds.lag and timeline.us[k] <= us:
                    limit = self.loss_limit(socket, token, k)
                    if socket.closed < FOREVER:
                        limit = min(limit, max(socket.closed, timeline.us[k]) + self.bounds.lag)
                    found[k] = max(found.get(k, 0), limit)
        for fault in self.caches:
            if self.seeded(fault, book):
                for k in range(timeline.newest(fault.begin) + 1, timeline.newest(book.snapshot_us) + 1):
                    found[k] = max(found.get(k, 0), fault.end + self.bounds.silent)
        return {k: limit for k, limit in found.items() if limit >= us}
