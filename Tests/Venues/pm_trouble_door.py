"""Faults before a socket or an answer exists: refused upgrades, a server that is away, REST and Gamma in trouble."""

import email.utils
import http
import time

from venue_common import Resetter, Response

HTML = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"


def after(params, rng):
    """A Retry-After value: seconds, or a date."""
    seconds = int(params.get("retry_after", rng.randrange(1, 4)))
    as_date = params.get("as_date", bool(rng.randrange(2)))
    return email.utils.formatdate(time.time() + seconds, usegmt=True) if as_date else str(seconds)


class DoorFaults:
    """Faults of the doors: the socket's, REST's and Gamma's."""

    def all_out(self, params, facts):
        """Ends the sockets that are up, so that the fault is met; `keep` leaves them."""
        facts["sockets"] = []
        if not params.get("keep"):
            for each in self.targets({"all": True}, facts, quiet=True):
                each.drop("fault at the door")

    async def do_refuse(self, params, facts):
        """Upgrades are answered by an HTTP status for a time."""
        status = facts["status"] = int(params.get("status") or self.rng.choice((429, 429, 500, 503, 302)))
        headers = [("Content-Type", "text/html; charset=UTF-8"), ("Server", "cloudflare")]
        if status in (429, 503) and params.get("retry_after", 1) is not None:
            headers.append(("Retry-After", after(params, self.rng)))
        if status == 302:
            headers.append(("Location", "https://polymarket.example/elsewhere"))
        body = HTML.format(f"{status} {http.HTTPStatus(status).phrase}").encode()
        self.refusal = (http.HTTPStatus(status), headers, body)
        self.all_out(params, facts)
        facts.tell()
        await self.wait(params, 3)
        self.refusal = None

    async def do_server_down(self, params, facts):
        """Nobody listens on the socket's port for some seconds."""
        self.venue.door.close()
        self.all_out(params, facts)
        facts.tell()
        await self.wait(params, 3)
        self.venue.door.close()
        await self.venue.door.open()

    async def do_accept_then_reset(self, params, facts):
        """Connections are accepted and reset: by the kernel's hand (`tcp`), or right after the upgrade (`upgrade`)."""
        when = facts["when"] = params.get("when") or self.rng.choice(("tcp", "upgrade"))
        if when == "tcp":
            self.venue.door.close()
            await self.venue.door.open(Resetter, tls=False)
        else:
            self.after_upgrade = True
        self.all_out(params, facts)
        facts.tell()
        await self.wait(params, 3)
        self.after_upgrade = None
        if when == "tcp":
            self.venue.door.close()
            await self.venue.door.open()

    # REST.

    def rest(self, which, request):
        """What a fault answers instead of the venue; None where there is none."""
        make = self.rest_faults.get(which)
        return make(request) if make else None

    async def spoil_rest(self, which, params, facts, make, default=3):
        """Puts `make(request)` before one of the two interfaces for a time."""
        facts["rest"] = which
        facts.tell()
        self.rest_faults[which] = make
        await self.wait(params, default)
        if self.rest_faults.get(which) is make:
            del self.rest_faults[which]

    async def do_rest_down(self, params, facts):
        """The CLOB resets connections instead of answering."""
        await self.spoil_rest("clob", params, facts, lambda _: Response(200, "{}", cut=0))

    async def do_gamma_down(self, params, facts):
        """Gamma resets connections, or answers 503 with HTML."""
        how = facts["how"] = params.get("how") or self.rng.choice(("reset", "503"))
        answer = Response(200, "{}", cut=0) if how == "reset" else Response(503, HTML.format("503 Service Unavailable"), "text/html")
        await self.spoil_rest("gamma", params, facts, lambda _: answer)

    async def do_rest_429(self, params, facts):
        """The CLOB says 429, in HTML, with Retry-After."""
        answer = Response(429, HTML.format("429 Too Many Requests"), "text/html; charset=UTF-8", {"Retry-After": after(params, self.rng)})
        await self.spoil_rest("clob", params, facts, lambda _: answer)

    async def do_rest_html(self, params, facts):
        """The CLOB answers with a page for people, sometimes even with 200."""
        status = facts["status"] = int(params.get("status") or self.rng.choice((200, 502, 500)))
        await self.spoil_rest("clob", params, facts, lambda _: Response(status, HTML.format("Just a moment..."), "text/html"))

    async def do_rest_slow(self, params, facts):
        """The CLOB answers late and byte by byte, or half and then no more."""
        how = facts["how"] = params.get("how") or self.rng.choice(("late", "dribble", "torn"))

        def make(request):
            answer = self.venue.clob.route(request)
            if how == "torn":
                answer.cut = 150
            else:
                answer.delay, answer.speed = (float(params.get("delay", 2.0)), 0) if how == "late" else (0.0, int(params.get("speed", 2_000)))
            return answer
        await self.spoil_rest("clob", params, facts, make)

    async def do_rest_ghost(self, params, facts):
        """`/book` and `/books` show 0.01/0.99 under the true book's hash, or with `hash: own` under one that fits."""
        self.ghost = facts["hash"] = params.get("hash", "true")
        facts.tell()
        await self.wait(params, 4)
        self.ghost = None

    async def do_rest_stale(self, params, facts):
        """`/book` and `/books` come from a cache: every book as it is now, for some seconds."""
        motion = self.venue.motion
        facts.tell()
        self.cache = {token: market.rest(token) for token, market in motion.of_token.items() if market.has_book}
        await self.wait(params, 4)
        self.cache = {}
