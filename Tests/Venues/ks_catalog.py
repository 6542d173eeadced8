"""The faults by name, their begin and end in the truth, and the seeded schedule that makes them by itself."""

import asyncio


class Fault:
    """One fault of the catalog while it lasts."""

    def __init__(self, number, kind, args):
        self.number, self.kind, self.args, self.over = number, kind, args, False
        self.socket, self.sid, self.tickers = None, None, None


class Catalog:
    """Starts faults and ends them."""

    def __init__(self, venue):
        self.venue, self.faults, self.numbers, self.done = venue, [], 0, False

    def start(self, kind, args):
        """Starts a fault; gives what the control port answers."""
        act = {"drop": self.drop, "reset": self.reset, "gap": self.gap}[kind]
        self.numbers += 1
        fault = Fault(self.numbers, kind, args)
        fault.socket = next((each for each in self.venue.sockets if each.number == args.get("socket", each.number)), None)
        self.venue.log.put("fault", id=fault.number, kind=kind, phase="begin", socket=fault.socket.number if fault.socket else None, args=args)
        act(fault)
        self.venue.log.put("fault", id=fault.number, kind=kind, phase="end")
        return {"id": fault.number, "socket": fault.socket.number if fault.socket else None}

    def drop(self, fault):
        """The TCP connection ends."""
        if fault.socket:
            fault.socket.drop()

    def reset(self, fault):
        """The TCP connection is reset."""
        if fault.socket:
            fault.socket.reset()

    def gap(self, fault):
        """The next frames of a subscription are lost."""
        sub = fault.socket.by_channel.get(fault.args.get("channel", "orderbook_delta")) if fault.socket else None
        if sub:
            sub.fates.extend(["lost"] * fault.args.get("count", 1))

    def closed(self, socket):
        """A socket ended."""

    def facts(self):
        """Faults that last."""
        return []

    def healthy(self):
        """Whether every wanted market is whole on some socket."""
        return True

    async def chaos(self):
        """The seeded schedule."""
        await asyncio.sleep(0)
