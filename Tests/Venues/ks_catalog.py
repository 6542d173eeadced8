"""The faults by name, their begin and end in the truth, and the seeded schedule that makes them by itself."""

import asyncio
import random
import re

import ks_kinds
import ks_kinds_doors

POLL_S = 0.02
RECOVERY_MAX_S = 120


class Fault:
    """One fault while it lasts. A kind sets `over_when` (else it is over at once), `undo` and `seconds`."""

    def __init__(self, number, kind, args, venue):
        self.number, self.kind, self.args, self.venue = number, kind, args, venue
        self.socket, self.tickers, self.channel = None, None, None
        self.over_when, self.undo, self.seconds, self.used = None, None, args.get("seconds"), False
        self.deadline = None

    def lasts(self, seconds, undo=None, over_when=None):
        """It lasts so long at most, unless the command said otherwise; `over_when` may end it earlier."""
        self.seconds = self.args.get("seconds", seconds)
        self.undo, self.over_when = undo, over_when or (lambda: False)

    def facts(self):
        """For the truth and the control port."""
        return {"id": self.number, "kind": self.kind, "socket": self.socket.number if self.socket else None, "channel": self.channel,
                "tickers": self.tickers, "seconds": self.seconds, "args": self.args}


class Catalog:
    """Starts faults and ends them."""

    def __init__(self, venue):
        self.venue, self.going, self.numbers, self.done = venue, [], 0, False
        self.rng = random.Random(venue.options.chaos_seed)
        self.kinds = {**ks_kinds.KINDS, **ks_kinds_doors.KINDS}

    def start(self, kind, args):
        """Starts a fault; gives what the control port answers. A fault that finds nothing to break says so."""
        act = self.kinds[kind]
        self.numbers += 1
        fault = Fault(self.numbers, kind, args, self.venue)
        fault.socket = self.socket(args.get("socket"))
        us = self.venue.log.now()
        missed = act(fault, self.rng)
        if missed:
            self.venue.log.put("missed", id=fault.number, kind=kind, why=missed)
            return {"missed": missed}
        self.venue.log.put("fault", phase="begin", begin=us, **fault.facts())
        if fault.over_when is None:
            self.end(fault)
        else:
            fault.deadline = asyncio.get_running_loop().time() + fault.seconds
            self.going.append(fault)
        return fault.facts()

    def socket(self, number):
        """The socket of that number, or any that carries books."""
        if number is not None:
            return next((each for each in self.venue.sockets if each.number == number), None)
        able = [each for each in self.venue.sockets if each.open and each.subs and not each.stalled and not each.half_open]
        books = [each for each in able if "orderbook_delta" in each.by_channel]
        return self.rng.choice(books or able) if able else None

    def end(self, fault):
        """A fault is over."""
        if fault.undo:
            fault.undo()
        if fault in self.going:
            self.going.remove(fault)
        self.venue.log.put("fault", phase="end", **fault.facts())

    async def watch(self):
        """Ends faults that are over."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(POLL_S)
            for fault in list(self.going):
                gone = fault.socket is not None and fault.socket not in self.venue.sockets and fault.args.get("of_socket")
                if gone or loop.time() >= fault.deadline or fault.over_when():
                    self.end(fault)

    def facts(self):
        """Faults that last."""
        return [fault.facts() for fault in self.going]

    def healthy(self):
        """Whether every market and channel that a client wants is whole on some socket, as far as a venue can know."""
        if self.going:
            return False
        whole, channels = set(), set()
        for socket in self.venue.sockets:
            if not socket.open or socket.stalled or socket.half_open or socket.late:
                continue
            for channel, sub in socket.by_channel.items():
                if not sub.mute and not sub.fates:
                    channels.add(channel)
                    if sub.book:
                        whole.update(set(sub.tickers) - sub.waiting - sub.damaged - sub.hushed)
        wanted = {ticker for ticker in self.venue.wanted if self.venue.world.by_ticker[ticker].status != "settled"}
        return wanted <= whole and self.venue.channels <= channels and bool(self.venue.sockets)

    # The schedule.

    async def chaos(self):
        """Makes `--chaos` faults, all kinds in turn in a shuffled order, each after the recovery from the last."""
        options = self.venue.options
        if not options.chaos:
            return
        every = seconds_of(options.chaos_every)
        await self.recovery()
        names = []
        made = 0
        while made < options.chaos:
            await asyncio.sleep(every * self.rng.uniform(0.8, 1.2))
            if not names:
                names = self.deck()
            answer = self.start(*names.pop())
            made += "missed" not in answer
            await asyncio.sleep(POLL_S * 2)
            await self.recovery()
        self.venue.log.put("chaos_done", faults=made)
        self.done = True
        if options.exit_after_chaos:
            await asyncio.sleep(options.exit_after_chaos)
            self.venue.stop.set()

    def deck(self):
        """Every kind once, with its arguments, in any order."""
        wanted = [each for each in self.venue.options.chaos_kinds.split(",") if each]
        names = wanted or [kind for kind in self.kinds if kind not in ks_kinds.UNUSUAL]
        deck = [(kind, {}) for kind in names]
        self.rng.shuffle(deck)
        return deck

    async def recovery(self):
        """Until the clients have what they want again; after two minutes it goes on all the same."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + RECOVERY_MAX_S
        while not self.healthy() and loop.time() < limit + sum(fault.seconds for fault in self.going):
            await asyncio.sleep(POLL_S)
        if not self.healthy():
            self.venue.log.put("unhealthy", sockets=[socket.facts() for socket in self.venue.sockets])


def seconds_of(text):
    """`2s`, `250ms`, `1m` or a bare number."""
    number, unit = re.fullmatch(r"([0-9.]+)(ms|s|m)?", text).groups()
    return float(number) * {"ms": 0.001, "m": 60}.get(unit, 1)
