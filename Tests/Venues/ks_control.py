"""The control port: POST a JSON object to have something happen, GET to see how things stand."""

import json

from ks_catalog import Catalog
from ks_net import Answer


class Control:
    """`{"fault":name,…}` starts a fault, `{"do":name,…}` changes the world, GET `/state` tells all."""

    def __init__(self, venue):
        self.venue, self.catalog = venue, Catalog(venue)

    def handle(self, request):
        """One request."""
        if request.method == "GET":
            return Answer(200, self.state())
        try:
            wanted = json.loads(request.body)
            if "fault" in wanted:
                return Answer(200, self.catalog.start(wanted.pop("fault"), wanted))
            return Answer(200, self.do(wanted.pop("do"), wanted))
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            return Answer(400, {"error": f"{type(wrong).__name__}: {wrong}"})

    def state(self):
        """Sockets, faults, health. The truth stands in its file up to here."""
        self.venue.log.flush()
        return {"sockets": [socket.facts() for socket in self.venue.sockets], "faults": self.catalog.facts(), "healthy": self.catalog.healthy(),
                "chaos_done": self.catalog.done, "k": {market.ticker: market.k for market in self.venue.world.markets}}

    def do(self, name, wanted):
        """Changes that are no faults."""
        world = self.venue.world
        if name == "settle":
            world.settle(world.by_ticker[wanted["ticker"]], wanted.get("result", "yes"))
        elif name in ("pause", "resume"):
            world.pause(world.by_ticker[wanted["ticker"]], name == "pause")
        elif name == "rate":
            self.venue.rate = float(wanted["rate"])
        elif name == "order":
            self.venue.own.act()
        elif name == "stop":
            self.venue.stop.set()
        else:
            raise KeyError(name)
        return {"done": name}
