"""Faults by a seeded schedule: every kind as often as any other, one after the other, with time between to see the recovery."""

import asyncio
import random

SETTLE_SECONDS_MAX = 25
REST_FAULTS = ("rest_down", "rest_429", "rest_html", "rest_slow", "rest_ghost", "rest_stale")


def deck(rng, names):
    """All kinds in some order, for ever."""
    while True:
        names = list(names)
        rng.shuffle(names)
        yield from names


def settings(rng, name):
    """What a fault of the schedule is told."""
    params = {}
    if name in ("drop", "reset", "close", "stall", "half_open", "throttle", "garbage", "bad_utf8", "fragments", "duplicates", "lose"):
        params["all"] = rng.randrange(4) == 0
    if name == "stall":
        params["some"] = rng.randrange(3) == 0
    return params


class Chaos:
    """Runs `count` faults; the venue is told when it is over."""

    def __init__(self, venue, count, seed, every, only=()):
        self.venue, self.count, self.every = venue, count, every
        self.rng = random.Random(f"chaos {seed}")
        self.names = [name for name in venue.trouble.names() if not only or name in only]
        self.done = 0

    async def run(self):
        """Waits for a first subscription, then one fault after the other."""
        while not self.venue.wanted:
            await asyncio.sleep(0.05)
        await asyncio.sleep(max(2.0, self.every))
        names = deck(self.rng, self.names)
        while self.done < self.count:
            await self.settled()
            await asyncio.sleep(self.every)
            await self.one(next(names))
            self.done += 1
        await self.settled()
        self.venue.truth.tell("chaos_end", faults=self.done)

    async def one(self, name):
        """One fault; REST's faults come with a reason to ask REST."""
        tasks = [self.venue.trouble.begin(name, settings(self.rng, name))[0]]
        if name in REST_FAULTS and self.rng.randrange(3):
            tasks.append(self.venue.trouble.begin("omit_books", {})[0])
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                self.venue.truth.tell("fault_void", name=name, error=str(result))

    async def settled(self):
        """Waits until somebody listens again to every token that was wanted, not for ever."""
        loop = asyncio.get_running_loop()
        end = loop.time() + SETTLE_SECONDS_MAX
        while loop.time() < end and not self.all_heard():
            await asyncio.sleep(0.05)

    def all_heard(self):
        """Whether every wanted token that goes on has a healthy socket."""
        heard = set()
        for socket in self.venue.sockets.values():
            if socket.open and not socket.half_open and not socket.stall:
                heard.update(socket.tokens)
        return all(token in heard or self.venue.motion.of_token[token].done for token in self.venue.wanted)


async def rare(venue, every, act):
    """Something that happens every so often, with some chance about it."""
    rng = random.Random(f"rare {act.__name__} {venue.options.seed}")
    while every > 0:
        await asyncio.sleep(every * (0.5 + rng.random()))
        if not venue.motion.paused:
            act(rng)


def resolve(venue):
    """Settles one of the markets that move, unless too few are left."""
    def act(rng):
        left = [market for market in venue.motion.markets if market.moves]
        if len(left) > 2:
            venue.later(venue.motion.settle(rng.choice(left), told=rng.randrange(4) > 0))
    act.__name__ = "resolve"
    return act


def mint(venue):
    """Asks a new question."""
    def act(rng):
        venue.later(venue.motion.mint(rng.choice((1, 12, 30))))
    act.__name__ = "mint"
    return act
