"""Faults of single messages: lost, broken, foreign, repeated, wrong; and markets that behave strangely."""


class DataFaults:
    """Faults of the data on a healthy socket."""

    async def do_omit_books(self, params, facts):
        """Whoever subscribes meanwhile does not get the first books of some tokens."""
        sockets = self.targets(params, facts, quiet=True)
        self.omit = frozenset(self.tokens(params, facts, sockets, 3)) if sockets or "tokens" in params else frozenset()
        facts.tell()
        for each in sockets:
            if not params.get("keep"):
                each.drop("fault omit_books")
        await self.wait(params, 3)
        self.omit = frozenset()

    async def do_lose(self, params, facts):
        """The next messages (`count`) about a market never reach a socket."""
        sockets = self.targets(params, facts)
        tokens = self.tokens(params, facts, sockets)
        facts.tell()
        for each in sockets:
            for token in tokens:
                each.lose_next[token] = int(params.get("count", self.rng.choice((1, 1, 2, 5))))
        await self.wait(params, 0)

    def spoilt(self, socket, message, how):
        """A message that does not arrive as it should."""
        how(socket, message)

    def repeat(self, socket, message):
        """A message comes again at once."""
        socket.deliver(message.data)
