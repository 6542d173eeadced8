"""Faults of a connection: ends of all kinds, silence, slowness."""

import asyncio

HALF_OPEN_SECONDS_MAX = 150
CLOSES = (1000, 1001, 1006, 1008, 1011, 1012, 1013, 4000)
REASONS = {1001: "going away", 1008: "invalid subscription payload", 1011: "internal error", 1012: "service restart",
           1013: "slow consumer: send buffer full", 4000: "bye"}


class SocketFaults:
    """Faults that hit whole sockets."""

    async def do_drop(self, params, facts):
        """The TCP connection ends without a close frame; `notify` ends TLS properly first."""
        for each in self.targets(params, facts):
            facts.tell()
            each.drop("fault drop", notify=params.get("notify", bool(self.rng.randrange(2))))

    async def do_reset(self, params, facts):
        """The TCP connection is reset."""
        for each in self.targets(params, facts):
            facts.tell()
            each.drop("fault reset", by_reset=True)

    async def do_close(self, params, facts):
        """A close frame with a code; 1006 is none at all; 1000 is told only where all tokens are resolved."""
        code = params.get("code") or self.rng.choice(CLOSES)
        facts["code"] = code
        for each in self.targets(params, facts):
            facts.tell()
            if code == 1006 or (code == 1000 and not self.all_resolved(each)):
                each.drop("fault close 1006")
            else:
                await each.close(code, params.get("reason", REASONS.get(code, "")), "fault close")

    def all_resolved(self, socket):
        """Whether nothing of a socket goes on."""
        return bool(socket.tokens) and all(self.venue.motion.of_token[token].told_done for token in socket.tokens)

    async def do_stall(self, params, facts):
        """Data stops while PONGs keep coming and REST moves on; for a socket, or with `some`/`tokens` for some markets of it.

        `mode` is `lose` (what was not sent never comes) or `hold` (it comes at the end).
        """
        sockets = self.targets(params, facts)
        mode = facts["mode"] = params.get("mode") or self.rng.choice(("lose", "lose", "hold"))
        some = "tokens" in params or params.get("some", False)
        tokens = self.tokens(params, facts, sockets, 2) if some else None
        facts.tell()
        for each in sockets:
            if some:
                each.silent_tokens.update(tokens)
            else:
                each.stall = mode
        await self.wait(params, self.venue.options.stall_seconds)
        for each in sockets:
            if some:
                each.silent_tokens.difference_update(tokens)
            else:
                each.release()

    async def do_half_open(self, params, facts):
        """The peer is gone and nobody said so: nothing is read, nothing written, no FIN."""
        sockets = self.targets(params, facts)
        facts.tell()
        for each in sockets:
            each.cut_off()
        await self.wait(params, self.venue.options.stall_seconds)
        for each in sockets:
            self.venue.later(self.bury(each))

    async def bury(self, socket):
        """Forgets a half-open socket in the end."""
        await asyncio.sleep(HALF_OPEN_SECONDS_MAX)
        socket.drop("half-open too long")

    async def do_throttle(self, params, facts):
        """Bytes come slowly; at the end everything that waits comes at once."""
        sockets = self.targets(params, facts)
        speed = facts["speed"] = int(params.get("speed", self.rng.choice((300, 2_000, 20_000))))
        facts.tell()
        for each in sockets:
            each.speed = speed
        await self.wait(params, 4)
        for each in sockets:
            each.speed = 0
        while any(each.open and each.slow for each in sockets):
            await asyncio.sleep(0.02)
