"""One WebSocket: the upgrade, what goes out and through which obstacles, pings; by the websockets library."""

import asyncio
import http
import json
from collections import deque

from websockets.exceptions import ConnectionClosed
from websockets.frames import OP_BINARY, OP_PING, OP_PONG, OP_TEXT
from websockets.legacy.protocol import State
from websockets.legacy.server import WebSocketServer, WebSocketServerProtocol

import ks_auth
import ks_net

PATH = "/trade-api/ws/v2"


class Always(WebSocketServer):
    """A server object for protocols that are made by a listener of our own."""

    def is_serving(self):
        """Whether upgrades are taken; ports that are down are not reached at all."""
        return True


class KalshiProtocol(WebSocketServerProtocol):
    """The library's server side of one connection, with the venue's door in front."""

    def __init__(self, venue, server):
        super().__init__(self.run, server, max_size=None, max_queue=None, ping_interval=None, close_timeout=5, write_limit=1 << 26,
                         server_header="awselb/2.0")
        self.venue, self.out, self.pongs = venue, None, 0
        self.key_id = self.agent = None

    async def process_request(self, path, headers):
        """None to go on; else the HTTP answer to the upgrade."""
        plain = {name.upper(): value for name, value in headers.raw_items()}
        self.key_id, self.agent = plain.get("KALSHI-ACCESS-KEY"), plain.get("USER-AGENT")
        refusal = self.venue.refusal()
        if refusal is None:
            why = "no such path" if path.partition("?")[0] != PATH else self.venue.door.why_not("GET", path, plain)
            if why is None:
                return None
            # Who is refused hears for which key: a client must not pass that on.
            told = {"error": ks_auth.REFUSED["error"] | {"details": f"no access for key {self.key_id}"}}
            refusal = ks_net.Answer(404 if why == "no such path" else 401, told)
            self.venue.log.put("socket", what="refused", status=refusal.status, why=why)
        else:
            self.venue.log.put("socket", what="refused", status=refusal.status, why="fault")
        return http.HTTPStatus(refusal.status), [("Content-Type", refusal.kind), *refusal.headers], refusal.body

    async def run(self, _):
        """The connection's life after the upgrade."""
        self.out = Socket(self, self.venue)
        self.venue.opened(self.out)
        try:
            async for message in self:
                self.out.received(message)
        except ConnectionClosed:
            pass
        finally:
            self.venue.gone(self.out)

    async def read_frame(self, max_size):
        """Counts pongs on the way."""
        frame = await super().read_frame(max_size)
        if frame.opcode == OP_PONG and frame.data == b"heartbeat":
            self.pongs += 1
        return frame

    def connection_lost(self, exc):
        """The library forgets the transport here; so must we."""
        if self.out:
            self.out.dead = True
        super().connection_lost(exc)


class Socket:
    """What the venue knows of one connection. Faults set the fields below `Obstacles`."""

    def __init__(self, protocol, venue):
        self.protocol, self.venue = protocol, venue
        self.number, self.dead, self.pings = venue.next_socket(), False, 0
        self.subs, self.by_channel, self.next_sid, self.inbox = {}, {}, 1, []
        # Obstacles.
        self.stalled = None  # "hole" or "burst"
        self.silent = False  # no pings either
        self.half_open = False
        self.late, self.late_bytes = deque(), 0  # frames held back
        self.per_turn, self.allowed = None, 0  # bytes that may leave in one turn while throttled, and what is saved up
        self.fragments = 0  # frames to be sent byte by byte
        self.ending = False  # a close was begun

    def received(self, message):
        """A command came; it is answered in the next turn, unless nobody listens."""
        self.venue.log.put("cmd", socket=self.number, text=message if isinstance(message, str) else "(binary)",
                           heard=not (self.stalled or self.half_open))
        if not (self.stalled or self.half_open):
            self.inbox.append(message)

    @property
    def open(self):
        """Whether frames can be written: the library may not have heard yet that its transport is closed, which cannot be written to."""
        return not self.dead and not self.ending and self.protocol.state is State.OPEN and not self.protocol.transport.is_closing()

    # Frames.

    def put(self, text):
        """Sends a text frame: `sent`, `late` (held back, comes in order) or `unsent`."""
        if not self.open or self.half_open or self.stalled == "hole":
            return "unsent"
        if self.stalled or self.per_turn is not None or self.late:
            self.late.append(text)
            self.late_bytes += len(text)
            return "late"
        self.write(text)
        return "sent"

    def write(self, text):
        """Bytes onto the transport."""
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
        if self.fragments:
            self.fragments -= 1
            self.bytewise(data)
        else:
            self.protocol.write_frame_sync(True, OP_BINARY if isinstance(text, bytes) else OP_TEXT, data)

    def bytewise(self, data):
        """One byte a fragment, with pings between."""
        last = len(data) - 1
        for index in range(len(data)):
            self.protocol.write_frame_sync(index == last, 0 if index else OP_TEXT, data[index:index + 1])
            if index % 50 == 25:
                self.protocol.write_frame_sync(True, OP_PING, b"between")

    def turn(self):
        """Once a turn of the loop: late frames that may go now."""
        if not self.open or self.stalled or self.half_open:
            return
        if self.per_turn is not None:
            self.allowed = min(self.allowed + self.per_turn, 1000)
        while self.late and (self.per_turn is None or self.allowed > 0):
            text = self.late.popleft()
            self.late_bytes -= len(text)
            self.write(text)
            self.allowed -= len(text)

    def ping(self):
        """The venue's heartbeat, `heartbeat` inside."""
        if self.open and not self.silent and not self.half_open:
            self.pings += 1
            self.protocol.write_frame_sync(True, OP_PING, b"heartbeat")

    @property
    def backlog(self):
        """Bytes that the reader has not taken. asyncio's TLS transport does not count those that wait in the transport under it."""
        if not self.open:
            return 0
        transport = self.protocol.transport
        under = getattr(transport, "_ssl_protocol", None)
        if under is None and hasattr(transport, "_ssl_protocol"):
            return 0  # It was closed a moment ago, and has nothing any more.
        below = under._transport.get_write_buffer_size() if under is not None and under._transport is not None else 0
        return transport.get_write_buffer_size() + below + self.late_bytes

    # Ends.

    def close(self, code, reason=""):
        """A close frame, then the closing handshake."""
        if self.open:
            self.ending = True
            asyncio.get_running_loop().create_task(self.protocol.close(code, reason))

    def raw(self):
        """The operating system's socket under TLS and transport."""
        return self.protocol.transport.get_extra_info("socket")

    def drop(self, polite=False):
        """The TCP connection ends without a close frame; `polite` says good-bye in TLS first."""
        if self.open:
            self.ending = True
            if polite:
                self.protocol.transport.close()
            else:
                self.protocol.transport.abort()

    def reset(self):
        """The peer sees a reset."""
        if self.open:
            self.ending = True
            self.raw().setsockopt(ks_net.socket.SOL_SOCKET, ks_net.socket.SO_LINGER, ks_net.struct.pack("ii", 1, 0))
            self.protocol.transport.abort()

    def facts(self):
        """For the control port and the truth."""
        return {"socket": self.number, "pings": self.pings, "pongs": self.protocol.pongs,
                "sids": {sub.sid: [sub.channel, len(sub.tickers), sub.seq] for sub in self.subs.values()}}

    @staticmethod
    def binary(text):
        """A text as it would come in a binary frame: `put` sends bytes so."""
        return json.dumps(json.loads(text), separators=(",", ":")).encode()
