"""A local Polymarket for tests of live sessions: `pm_venue.py [--markets N] [--rate R] [--seed S] [--truth FILE] …`, see README.md.

Serves the market and the user channel, the CLOB's and Gamma's public reads, and a control port, all on loopback ports that one JSON line
on standard output names. It ends on SIGTERM, SIGINT, `{"do":"quit"}`, after `--seconds`, or when standard input closes under `--with-parent`.
"""

import argparse
import asyncio
import http
import logging
import random
import signal
import sys
import tempfile
import traceback

from websockets.legacy.server import WebSocketServer, WebSocketServerProtocol

import pm_chaos
import venue_common
from pm_gamma import Gamma
from pm_motion import Motion
from pm_rest import ClobRest
from pm_socket import MarketSocket
from pm_trouble import Trouble
from pm_users import UserChannel
from venue_common import ControlServer, HttpServer, Listener, TruthLog

MESSAGE_BYTES_MAX = 4 << 20


class Door(WebSocketServerProtocol):
    """The upgrade: refused while a fault says so, else handed to the channel of its path."""

    venue = None

    async def process_request(self, path, request_headers):
        """An HTTP answer instead of an upgrade, or None."""
        if self.venue.trouble.refusal:
            return self.venue.trouble.refusal
        if path.partition("?")[0] not in ("/ws/market", "/ws/user"):
            return http.HTTPStatus.NOT_FOUND, [("Content-Type", "text/plain")], b"404 page not found\n"
        return None


class Sockets(WebSocketServer):
    """The library's list of connections; listening is the `Listener`'s business."""

    def is_serving(self):
        """A connection that came in is always welcome."""
        return True


class Venue:
    """Everything of the venue, wired together."""

    def __init__(self, options, tls):
        self.options, self.truth = options, TruthLog(options.truth)
        self.sockets, self.numbers, self.wanted = {}, 0, set()
        self.motion = Motion(random.Random(options.seed), self.truth, options.markets, options.rate, self.publish)
        self.motion.settings.update(gamma_lag=options.gamma_lag, resolve_delay=options.resolve_delay, born_after=options.born_after)
        self.trouble = Trouble(self, options.seed)
        self.users = UserChannel(self, options)
        self.clob, self.gamma = ClobRest(self.motion, self.trouble), Gamma(self.motion, self.trouble)
        self.clob.fixed["/data/trades"] = self.users.rest
        self.clob_http, self.gamma_http = HttpServer(self.clob.answer, tls), HttpServer(self.gamma.answer, tls)
        self.clob_http.skew_seconds = self.gamma_http.skew_seconds = self.trouble.skew_seconds = options.skew
        self.control = ControlServer(self.command, self.look)
        logger = logging.getLogger("venue.sockets")
        logger.setLevel(logging.CRITICAL)
        self.socket_server = Sockets(logger=logger)
        self.door = Listener(self.protocol, tls)
        self.chaos = pm_chaos.Chaos(self, options.chaos, options.chaos_seed, options.chaos_every, options.chaos_only)
        self.over, self.status = asyncio.Event(), 0
        self.connected = 0

    # Sockets.

    def protocol(self):
        """One connection's protocol."""
        made = Door(self.serve, self.socket_server, logger=self.socket_server.logger, ping_interval=None, max_size=MESSAGE_BYTES_MAX,
                    max_queue=256, close_timeout=3, server_header="cloudflare")
        made.venue = self
        return made

    async def serve(self, protocol):
        """One upgraded connection."""
        self.connected += 1
        if self.trouble.after_upgrade:
            venue_common.reset(protocol.transport)
            return
        if protocol.path.partition("?")[0] == "/ws/user":
            await self.users.serve(protocol)
            return
        self.numbers += 1
        socket = self.sockets[self.numbers] = MarketSocket(self, protocol, self.numbers)
        await socket.serve()

    def gone(self, socket):
        """A socket has ended."""
        self.sockets.pop(socket.number, None)

    def publish(self, market, message):
        """A message of the venue to all whom it concerns."""
        for socket in list(self.sockets.values() if market is None else market.sockets):
            socket.publish(message)
        if message.kind == "market_resolved":
            for socket in list(market.sockets):
                if self.trouble.all_resolved(socket):
                    self.later(socket.close(1000, "all subscribed assets resolved", "resolved"))

    def later(self, coroutine):
        """Runs something beside everything else."""
        return self.motion.later(coroutine)

    def vital(self, coroutine):
        """Runs something without which the venue is none: if it breaks, the venue ends with 70."""
        def ended(task):
            if not task.cancelled() and task.exception():
                traceback.print_exception(task.exception())
                self.status = 70
                self.over.set()
        self.later(coroutine).add_done_callback(ended)

    # Control.

    async def command(self, value):
        """`{"fault": …}` or `{"do": …}`."""
        if "fault" in value:
            return await self.trouble.command(value)
        act = value.get("do")
        if act == "quit":
            self.over.set()
        elif act == "rate":
            self.motion.rate = float(value["value"])
        elif act == "pause":
            self.motion.paused = bool(value.get("value", True))
        elif act == "resolve":
            self.later(self.motion.settle(self.pick(value), value.get("told", True)))
        elif act == "mint":
            market = await self.motion.mint(int(value.get("repeats", 12)))
            return {"market": market.id, "tokens": market.tokens, "slug": market.info["slug"]}
        elif act == "user":
            return self.users.act(value)
        elif act == "cut_user":
            return self.users.cut()
        elif act == "trades_in_millionths":
            self.users.millionths = True
        else:
            raise ValueError(f"no command {act}; there are quit, rate, pause, resolve, mint, user, cut_user, trades_in_millionths")
        return {"done": act}

    def pick(self, value):
        """A market by condition id, or one by chance that still moves."""
        if "market" in value:
            return self.motion.of_condition[value["market"]]
        market = self.motion.pick()
        if market is None:
            raise ValueError("no market moves")
        return market

    def look(self, name):
        """`state`, `markets` or `faults`."""
        if name == "state":
            return {"us": venue_common.now_us(), "messages": self.motion.told, "connected": self.connected, "running": self.trouble.running,
                    "chaos_done": self.chaos.done, "faults": self.trouble.ended, "fault_count": self.trouble.count, "sockets": [
                        {"socket": each.number, "who": each.who, "tokens": len(each.tokens), "custom": each.custom, "stall": each.stall,
                         "half_open": each.half_open} for each in self.sockets.values()]}
        if name == "markets":
            return [{"market": each.id, "slug": each.info["slug"], "event": each.info["event"], "tokens": each.tokens,
                     "outcomes": each.info["outcomes"], "has_book": each.has_book, "done": each.done, "weight": each.info["weight"]} for each in self.motion.markets]
        if name == "faults":
            return self.trouble.names()
        raise ValueError(f"nothing at {name}; there are state, markets, faults")

    # Life.

    async def open(self):
        """Opens all ports; gives the facts of the ready line."""
        for each in (self.door, self.clob_http.listener, self.gamma_http.listener, self.control.listener):
            await each.open()
        secure = "" if self.options.plain else "s"
        door, clob, gamma = self.door.port, self.clob_http.listener.port, self.gamma_http.listener.port
        return {"ws": f"ws{secure}://localhost:{door}/ws/market", "user": f"ws{secure}://localhost:{door}/ws/user",
                "clob": f"http{secure}://localhost:{clob}", "gamma": f"http{secure}://localhost:{gamma}",
                "control": f"http://127.0.0.1:{self.control.listener.port}"}

    async def run(self, ca):
        """Until it is over."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.over.set)
        if self.options.with_parent:
            loop.add_reader(sys.stdin.fileno(), self.parent_spoke)
        options = {key: value for key, value in vars(self.options).items() if key not in ("api_secret", "api_passphrase")}
        self.truth.tell("start", venue="polymarket", options=options)
        self.motion.start()
        facts = await self.open()
        venue_common.say_ready({**facts, "ca": ca, "truth": self.options.truth})
        self.vital(self.motion.run())
        self.vital(self.users.run())
        self.vital(pm_chaos.rare(self, self.options.resolve_every, pm_chaos.resolve(self)))
        self.vital(pm_chaos.rare(self, self.options.mint_every, pm_chaos.mint(self)))
        if self.options.chaos:
            self.vital(self.chaos.run())
        try:
            await asyncio.wait_for(self.over.wait(), self.options.seconds or None)
        except asyncio.TimeoutError:
            pass
        self.truth.end(messages=self.motion.told)
        loop.set_exception_handler(lambda *_: None)
        for protocol in list(self.socket_server.websockets):
            protocol.transport.abort()
        await asyncio.sleep(0.05)

    def parent_spoke(self):
        """Standard input has something or is closed."""
        if not sys.stdin.buffer.raw.read(1024):
            self.over.set()


def span(text):
    """Seconds, with or without the `s`."""
    return float(text.removesuffix("s"))


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--markets", type=int, default=6, help="questions that have a book at the start")
    parser.add_argument("--rate", type=float, default=50, help="messages a second, all markets together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--truth", help="file for what was true")
    parser.add_argument("--seconds", type=float, default=0, help="end after so long; 0: never")
    parser.add_argument("--plain", action="store_true", help="ws and http instead of wss and https")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    parser.add_argument("--books-max", type=int, default=500, help="tokens on a socket that get a first book")
    parser.add_argument("--frame-tokens-max", type=int, default=1000, help="tokens in one subscription beyond which the socket ends")
    parser.add_argument("--buffer-bytes-max", type=int, default=48 << 20, help="unread bytes at which a reader is too slow")
    parser.add_argument("--idle-close", type=float, default=10, help="seconds without a subscription")
    parser.add_argument("--silence-close", type=float, default=125, help="seconds without any traffic")
    parser.add_argument("--stall-seconds", type=float, default=6, help="length of a stall or a half-open connection where none is given")
    parser.add_argument("--dump-bytes", type=int, default=21 << 20, help="size of a dump20mb frame where none is given")
    parser.add_argument("--gamma-lag", type=float, default=3, help="seconds by which Gamma learns of a resolution later than the CLOB")
    parser.add_argument("--resolve-delay", type=float, default=1.5, help="seconds from the end of a market to its result")
    parser.add_argument("--born-after", type=float, default=2, help="seconds from new_market to the first book")
    parser.add_argument("--resolve-every", type=float, default=0, help="seconds between settlements; 0: none")
    parser.add_argument("--mint-every", type=float, default=0, help="seconds between new questions; 0: none")
    parser.add_argument("--chaos", type=int, default=0, help="how many faults of all kinds, one after the other")
    parser.add_argument("--chaos-seed", type=int, default=1)
    parser.add_argument("--chaos-every", type=span, default=2, help="seconds (2 or 2s) between a recovery and the next fault")
    parser.add_argument("--chaos-only", type=lambda text: tuple(text.split(",")), default=(), help="kinds of faults, by commas")
    parser.add_argument("--skew", type=float, default=0, help="seconds by which the Date header and /time are ahead")
    parser.add_argument("--user-rate", type=float, default=1, help="own orders and trades a second on the user channel")
    parser.add_argument("--auth-close", type=int, default=1008, help="close code for wrong credentials; 1006: no close frame")
    for name, value in (("api-key", "11111111-2222-3333-4444-555555555555"), ("api-secret", "A" * 43 + "="), ("api-passphrase", "a-test-passphrase")):
        parser.add_argument("--" + name, default=value)
    return parser.parse_args()


async def main():
    """Makes the certificates, runs the venue."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="pm-venue-") as folder:
        ca, tls = (None, None) if options.plain else venue_common.certificates(folder)
        venue = Venue(options, tls)
        await venue.run(ca)
        return venue.status


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
