"""The faults of the local Polymarket: who asks for one, whom it hits, how the truth learns when it began and ended."""

import asyncio
import random

import pm_trouble_data
import pm_trouble_door
import pm_trouble_socket
from pm_socket import one_of


class Trouble(pm_trouble_socket.SocketFaults, pm_trouble_door.DoorFaults, pm_trouble_data.DataFaults):
    """All faults; each is a coroutine `do_NAME(params, facts)` that lasts as long as the fault does.

    `facts` is what the truth is told: a fault adds whom it hits before its first wait.
    """

    def __init__(self, venue, seed):
        self.venue, self.rng = venue, random.Random(f"trouble {seed}")
        self.count, self.running, self.ended = 0, {}, {}
        self.omit, self.cache, self.ghost = frozenset(), {}, None
        self.skew_seconds = 0
        self.refusal = self.after_upgrade = None
        self.rest_faults = {}

    def names(self):
        """All faults by name."""
        return sorted(name[3:] for name in dir(self) if name.startswith("do_"))

    async def command(self, value):
        """`{"fault": NAME, …}`: begins and gives its number; a wrong parameter is a ValueError before anything happens."""
        name = value.pop("fault")
        if name not in self.names():
            raise ValueError(f"no fault {name}; there are {', '.join(self.names())}")
        task, number = self.begin(name, value)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if task.done() and task.exception():
            raise ValueError(str(task.exception()))
        return {"id": number, "running": not task.done()}

    def begin(self, name, params):
        """Starts a fault; gives its task and number."""
        self.count += 1
        number = self.count
        return self.venue.later(self.inflict(number, name, params)), number

    async def inflict(self, number, name, params):
        """One fault from its beginning to its end."""
        facts = FactsOnce(lambda told: self.venue.truth.tell("fault", id=number, name=name, params=params, **told))
        self.running[number] = name
        try:
            await getattr(self, "do_" + name)(params, facts)
        finally:
            facts.tell()
            self.running.pop(number, None)
            self.ended[name] = self.ended.get(name, 0) + 1
            self.venue.truth.tell("fault_end", id=number, name=name)

    # Whom it hits.

    def targets(self, params, facts, quiet=False):
        """Sockets of the market channel: one by number, `all`, or one by chance. None is an error unless `quiet`."""
        sockets = [each for each in self.venue.sockets.values() if each.open and not each.half_open and each.subscribed]
        if "socket" in params:
            sockets = [each for each in sockets if each.number == params["socket"]]
        elif not params.get("all"):
            chosen = one_of(self.rng, [each for each in sockets if each.tokens] or sockets)
            sockets = [chosen] if chosen else []
        if not sockets and not quiet:
            raise ValueError("no such socket")
        facts["sockets"] = [each.number for each in sockets]
        return sockets

    def tokens(self, params, facts, sockets, markets=1):
        """Tokens by name, or those of some markets of these sockets that move; both outcomes, as they change together."""
        motion = self.venue.motion
        if "tokens" in params:
            chosen = [motion.of_token[token] for token in params["tokens"]]
        else:
            there = sorted({motion.of_token[token].id for each in sockets for token in each.tokens})
            there = [motion.of_condition[name] for name in there if not motion.of_condition[name].done and not motion.of_condition[name].deep]
            if not there:
                raise ValueError("no market that moves on this socket")
            chosen = self.rng.choices(there, [each.info["weight"] for each in there], k=params.get("markets", markets))
        tokens = sorted({token for market in chosen for token in market.tokens})
        facts["tokens"] = tokens
        return tokens

    @staticmethod
    async def wait(params, default):
        """The length of a fault, `seconds`."""
        await asyncio.sleep(float(params.get("seconds", default)))


class FactsOnce(dict):
    """Facts about a fault; told once, at the first wait or at the end."""

    def __init__(self, teller):
        super().__init__()
        self.teller = teller

    def tell(self):
        """Tells them if that has not happened yet."""
        if self.teller:
            teller, self.teller = self.teller, None
            teller(dict(self))
