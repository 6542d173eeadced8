"""A local Kalshi for tests of live sessions: WebSocket, REST and a control port on loopback; see KALSHI.md."""

import argparse
import asyncio
import json
import logging
import os
import random
import shutil
import signal
import sys
import tempfile

import ks_world  # noqa: I001  first: it finds the oracle's modules
import ks_auth
import ks_control
import ks_log
import ks_net
import ks_rest
import ks_tls
from ks_breaks import Breaks
from ks_desk import Desk
from ks_hub import BACKLOG_MAX, Hub
from ks_own import Own
from ks_socket import PATH, Always, KalshiProtocol

TURN_S = 0.002


class Venue:
    """Everything together, and the loop that drives it."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.rng = random.Random(options.seed)
        self.log = ks_log.Log(options.truth)
        self.sockets, self.numbers, self.backlog_max = [], 0, options.backlog_max or BACKLOG_MAX
        self.refusals = []  # answers to upgrades while a fault lasts
        self.wanted, self.channels = set(), set()  # what clients have asked for and not given back
        with ks_tls.alone(folder):
            keys = ks_tls.keys(folder)
        self.key_ids = {"key": ks_world.uuid(self.rng), "key_ed25519": ks_world.uuid(self.rng)}
        self.key_files = keys
        self.door = ks_auth.Door({self.key_ids[name]: keys[name] for name in self.key_ids}, lambda: self.clock() // 1000)
        self.world = ks_world.World(self.rng, options.markets, self.log, self.clock)
        self.hub, self.own, self.breaks = Hub(self), Own(self), Breaks(self)
        self.desk = Desk(self, not options.lenient, options.burst_max, options.markets_max, options.commands_max)
        self.rest, self.control = ks_rest.Rest(self, options.rest_rate), ks_control.Control(self)
        self.world.hub = self.hub
        self.credit, self.rate, self.stop = 0.0, options.rate, asyncio.Event()
        self.listeners = {}

    def clock(self):
        """The venue's wall clock in microseconds."""
        return ks_log.wall_us() + self.options.clock_skew_ms * 1000

    # Sockets.

    def next_socket(self):
        """A number for a new socket."""
        self.numbers += 1
        return self.numbers

    def opened(self, socket):
        """An upgrade succeeded."""
        self.sockets.append(socket)
        self.log.put("socket", socket=socket.number, what="open", key=socket.protocol.key_id, agent=socket.protocol.agent)

    def gone(self, socket):
        """A socket has ended, by whomever."""
        self.sockets.remove(socket)
        code = socket.protocol.close_rcvd.code if socket.protocol.close_rcvd else None
        self.log.put("socket", socket=socket.number, what="close", code=code, ours=socket.ending, pings=socket.pings, pongs=socket.protocol.pongs)

    def refusal(self):
        """What a fault answers to an upgrade, or None."""
        return self.refusals[-1]() if self.refusals else None

    def want(self, channel, tickers):
        """A client asked for a channel, and for markets on it."""
        self.channels.add(channel)
        if channel == "orderbook_delta":
            new = [ticker for ticker in tickers if ticker in self.world.by_ticker and ticker not in self.wanted]
            self.wanted.update(new)
            for ticker in new:
                self.log.put("want", ticker=ticker, on=True)

    def unwant(self, tickers):
        """A client gave markets back; those that no other socket has are not wanted any more."""
        for ticker in tickers:
            if ticker in self.wanted and not any(ticker in sub.tickers for socket in self.sockets for sub in socket.subs.values() if sub.book):
                self.wanted.discard(ticker)
                self.log.put("want", ticker=ticker, on=False)

    def later(self, seconds, act):
        """Does something after a while."""
        asyncio.get_running_loop().call_later(seconds, act)

    # Life.

    def listen(self):
        """Opens the ports."""
        tls = None
        if not self.options.plain:
            with ks_tls.alone(self.folder):
                ks_tls.authority(self.folder)
            tls = ks_tls.context(self.folder)
        always = Always()
        rest = ks_net.http_factory(self.rest.handle, lambda: self.clock() / 1e6)
        control = ks_net.http_factory(self.control.handle, lambda: self.clock() / 1e6)
        self.listeners = {"ws": ks_net.Listener(lambda: KalshiProtocol(self, always), tls, self.options.ws_port),
                          "rest": ks_net.Listener(rest, tls, self.options.rest_port), "control": ks_net.Listener(control)}
        for listener in self.listeners.values():
            listener.up()

    def ready(self):
        """The line that tells where everything is."""
        letter = "" if self.options.plain else "s"
        ports = {name: listener.port for name, listener in self.listeners.items()}
        return {"ws": f"ws{letter}://localhost:{ports['ws']}{PATH}", "rest": f"http{letter}://localhost:{ports['rest']}{ks_rest.ROOT}",
                "control": f"http://127.0.0.1:{ports['control']}", "ca": os.path.join(self.folder, "ca.pem"), "key_id": self.key_ids["key"],
                "key_file": self.key_files["key"], "key_pkcs8_file": self.key_files["key_pkcs8"], "ed25519_key_id": self.key_ids["key_ed25519"],
                "ed25519_key_file": self.key_files["key_ed25519"], "tickers": [market.ticker for market in self.world.markets],
                "event": self.world.markets[0].info["event"], "series": "KXZEMBLA", "pid": os.getpid()}

    async def run(self):
        """From the first line to the end."""
        self.listen()
        self.log.put("head", seed=self.options.seed, rate=self.rate, patience=self.options.patience,
                     markets=[market.ticker for market in self.world.markets])
        self.world.tell_books()
        self.log.flush()
        print(json.dumps(self.ready()), flush=True)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.stop.set)
        loop.call_later(self.options.duration, self.stop.set)
        tasks = [loop.create_task(each) for each in (self.turns(), self.pings(), self.chatter(), self.control.catalog.watch(), self.control.catalog.chaos())]
        tasks.append(loop.create_task(self.stop.wait()))
        await self.first_end(tasks)
        self.log.put("end")
        self.log.flush()

    async def first_end(self, tasks):
        """Until it is told to stop; a mistake of the venue's own ends it too, loudly."""
        waiting = set(tasks)
        while tasks[-1] in waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        for task in waiting:
            task.cancel()

    async def turns(self):
        """The market's pace, and whatever is due on the sockets."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(TURN_S)
            now = loop.time()
            self.credit = min(self.credit + (now - last) * self.rate, self.rate * 0.5 + 1)
            last = now
            while self.credit >= 1:
                self.credit -= self.world.step()
            for socket in list(self.sockets):
                if socket.inbox:
                    self.desk.serve(socket)
                self.hub.pending(socket, self.options.snapshots_per_turn)
                socket.turn()
            self.log.flush()

    async def pings(self):
        """The venue's heartbeat."""
        while True:
            await asyncio.sleep(self.options.ping_every)
            for socket in list(self.sockets):
                socket.ping()

    async def chatter(self):
        """Lifecycle of other markets, and our own orders."""
        while True:
            await asyncio.sleep(self.rng.uniform(0.5, 4))
            self.hub.lifecycle(self.hub.chatter())
            if self.own.active():
                self.own.act()


def parsed(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markets", type=int, default=8, help="how many markets there are")
    parser.add_argument("--rate", type=float, default=50, help="frames a second that a subscriber of everything gets")
    parser.add_argument("--truth", help="file for what really happened")
    parser.add_argument("--folder", help="where certificates and keys are made, and found again by the next one; else a new one each time")
    parser.add_argument("--duration", type=float, default=1800, help="seconds after which it ends by itself")
    parser.add_argument("--plain", action="store_true", help="ws and http instead of wss and https")
    parser.add_argument("--lenient", action="store_true", help="a subscribe may leave use_yes_price out")
    parser.add_argument("--ping-every", type=float, default=10, help="seconds between the venue's pings")
    parser.add_argument("--patience", type=float, default=30, help="seconds of silence after which the client gives up; stalls last longer")
    parser.add_argument("--clock-skew-ms", type=int, default=0, help="how far the venue's clock is ahead of ours")
    parser.add_argument("--burst-max", type=int, default=256, help="tickers in one command; more end the subscription with error 25")
    parser.add_argument("--markets-max", type=int, default=500_000, help="markets on one subscription; more are error 26")
    parser.add_argument("--commands-max", type=int, default=10_000, help="commands a second; more are error 27")
    parser.add_argument("--backlog-max", type=int, default=0, help="bytes that a slow reader may leave behind; more are error 25")
    parser.add_argument("--snapshots-per-turn", type=int, default=20, help="owed snapshots sent every 2 ms")
    parser.add_argument("--rest-rate", type=float, default=0, help="requests a second before 429; 0 for no limit")
    parser.add_argument("--ws-port", type=int, default=0)
    parser.add_argument("--rest-port", type=int, default=0)
    parser.add_argument("--chaos", type=int, default=0, help="how many faults to make by itself")
    parser.add_argument("--chaos-seed", type=int, default=1)
    parser.add_argument("--chaos-every", default="2s", help="pause between the recovery from one fault and the next")
    parser.add_argument("--chaos-kinds", default="", help="only these faults, separated by commas")
    parser.add_argument("--exit-after-chaos", type=float, default=0, help="end so many seconds after the last fault's recovery")
    return parser.parse_args(arguments)


def main():
    """Serves; a folder of its own making is gone afterwards."""
    logging.disable(logging.WARNING)  # the libraries' remarks about connections that were cut on purpose
    options = parsed(sys.argv[1:])
    folder = options.folder or tempfile.mkdtemp(prefix="ks-venue-")

    async def whole():
        await Venue(options, folder).run()
    try:
        asyncio.run(whole())
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
