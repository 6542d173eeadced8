"""One WebSocket of the local Polymarket's market channel: what the dossier §1 says a client meets, and what can go wrong on the way.

The protocol is Debian's python3-websockets (legacy server); frames are written through it, one by one where a fault asks for that.
"""

import asyncio
import json
import random

from websockets.exceptions import ConnectionClosed
from websockets.frames import OP_CONT, OP_PING, OP_TEXT, Frame, Opcode

import pm_wire as wire
import venue_common

RESOLVED = "all subscribed assets resolved"
INVALID = "invalid subscription payload"


def strings(value):
    """Whether this is a list of strings."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


class MarketSocket:
    """A client's socket: its tokens, its flag, and the faults that lie on it."""

    def __init__(self, venue, protocol, number):
        self.venue, self.protocol, self.number = venue, protocol, number
        self.who = protocol.path.partition("?")[2]
        self.tokens, self.custom, self.subscribed, self.open = {}, False, False, True
        self.stall = None  # None, "hold" or "lose"
        self.kept = []
        self.silent_tokens = set()
        self.lose_next = {}  # token -> how many messages about it get lost
        self.spoil = []  # (how, token or None) for next messages
        self.repeat = 0
        self.fragments = 0
        self.speed, self.slow = 0, b""
        self.half_open = False
        self.heard = self.spoke = asyncio.get_running_loop().time()

    @property
    def transport(self):
        """The socket's transport."""
        return self.protocol.transport

    # Life.

    async def serve(self):
        """From the upgrade to the end."""
        self.venue.truth.tell("open", socket=self.number, who=self.who)
        watch = asyncio.get_running_loop().create_task(self.watch())
        try:
            async for text in self.protocol:
                self.heard = asyncio.get_running_loop().time()
                await self.take(text)
                if not self.open:
                    break
        except ConnectionClosed:
            pass
        finally:
            watch.cancel()
            self.ended("client")

    def ended(self, why):
        """Takes the socket out of the venue, once."""
        if self.open:
            self.open = False
            self.leave(list(self.tokens))
            self.venue.truth.tell("close", socket=self.number, why=why, code=self.protocol.close_code)
            self.venue.gone(self)

    async def watch(self):
        """Closes a socket that never subscribes, and drops one on which nothing at all happens."""
        loop = asyncio.get_running_loop()
        options = self.venue.options
        await asyncio.sleep(options.idle_close)
        if not self.subscribed and self.open:
            await self.close(1000, "", "idle")
            return
        while self.open:
            await asyncio.sleep(1)
            if not self.half_open and loop.time() - max(self.heard, self.spoke) > options.silence_close:
                self.drop("silence")

    async def take(self, text):
        """One message of the client."""
        if self.half_open:
            return
        if text == "PING":
            if self.subscribed:
                self.write("PONG")
            else:
                await self.close(1008, INVALID, "ping before subscription")
            return
        try:
            value = json.loads(text) if isinstance(text, str) else None
        except ValueError:
            value = None
        if not self.subscribed:
            await self.first(value)
        elif isinstance(value, dict) and value.get("operation") in ("subscribe", "unsubscribe") and strings(value.get("assets_ids")):
            await self.change(value)
        else:
            self.write("INVALID OPERATION")

    async def first(self, value):
        """The first subscription, which comes once."""
        good = isinstance(value, dict) and str(value.get("type", "")).lower() == "market" and strings(value.get("assets_ids"))
        if not good or "operation" in value:
            await self.close(1008, INVALID, "bad first subscription")
            return
        self.subscribed = True
        self.custom = value.get("custom_feature_enabled") is True
        await self.join(value["assets_ids"], value.get("initial_dump", True))

    async def change(self, value):
        """Tokens added or dropped later; the flag is applied before anything else."""
        if "custom_feature_enabled" in value:
            self.custom = value["custom_feature_enabled"] is True
        if value["operation"] == "subscribe":
            await self.join(value["assets_ids"], value.get("initial_dump", True))
        else:
            self.leave(value["assets_ids"])
            self.venue.wanted.difference_update(value["assets_ids"])
            self.venue.truth.tell("unsub", socket=self.number, tokens=value["assets_ids"])

    # Tokens.

    async def join(self, asked, dump):
        """Tokens become active; their books come in one frame, those beyond the threshold do not come at all."""
        if len(asked) > self.venue.options.frame_tokens_max:
            self.drop("too many tokens in one frame")
            return
        fresh, ignored, shown, missing = [], [], [], []
        for token in dict.fromkeys(asked):
            market = self.venue.motion.of_token.get(token)
            if token in self.tokens:
                continue
            if market is None or not market.has_book:
                ignored.append(token)
                continue
            self.tokens[token] = None
            market.sockets[self] = None
            fresh.append(token)
            left_out = len(self.tokens) > self.venue.options.books_max or not dump or token in self.venue.trouble.omit
            (missing if left_out else shown).append(token)
        self.venue.wanted.update(fresh)
        states = [(token, self.venue.motion.of_token[token].k[token]) for token in shown]
        self.venue.truth.tell("sub", socket=self.number, tokens=fresh, ignored=ignored, omitted=missing, custom=self.custom)
        if shown:
            books = [self.venue.motion.of_token[token].opening(token) for token in shown]
            self.deliver((wire.dense(books) + "\n").encode(), states)
        elif not fresh and (ignored or not asked):
            self.write("[]\n")

    def leave(self, tokens):
        """Tokens are active no more."""
        for token in tokens:
            if self.tokens.pop(token, 0) is None:
                market = self.venue.motion.of_token[token]
                if not any(each in self.tokens for each in market.tokens):
                    market.sockets.pop(self, None)

    def wants(self, message):
        """Whether a message is for this socket."""
        if message.custom and not self.custom:
            return False
        return not message.tokens or any(token in self.tokens for token in message.tokens)

    # The way out.

    def publish(self, message):
        """A message of the venue, through whatever fault lies in its way."""
        if not self.wants(message):
            return
        if self.silent_tokens and any(token in self.silent_tokens for token in message.tokens):
            self.lost(message, "stall")
        elif self.losing(message):
            self.lost(message, "lose")
        elif self.spoil and message.states and not self.stall:
            self.spoil.pop(0)(self, message)
        else:
            self.deliver(message.data, message.states, message)
            if self.repeat and message.tokens:
                self.repeat -= 1
                self.venue.trouble.repeat(self, message)

    def losing(self, message):
        """Whether this message is one to lose."""
        for token in message.tokens:
            if self.lose_next.get(token) and (message.states or message.trade):
                for each in message.tokens:
                    self.lose_next[each] = max(0, self.lose_next.get(each, 0) - 1)
                return True
        return False

    def lost(self, message, why):
        """The truth learns what this client never got."""
        self.tell_lost(message.states, message.trade, why)

    def tell_lost(self, states, trade, why):
        """A message about a token tells of its complement too, whether or not that is subscribed here."""
        states = list(states) if any(token in self.tokens for token, _ in states) else []
        if states or trade:
            self.venue.truth.tell("lost", socket=self.number, states=states, trade=trade, why=why)

    def deliver(self, data, states=(), message=None):
        """Data to the client, held back or lost while the socket stalls."""
        if self.half_open or not self.open:
            return
        if self.stall == "hold":
            self.kept.append(data)
        elif self.stall == "lose":
            self.tell_lost(states, message and message.trade, "stall")
        else:
            self.write(data)

    def release(self):
        """A stall ends: what was held comes now."""
        self.stall, kept, self.kept = None, self.kept, []
        for data in kept:
            self.write(data)

    def write(self, data, opcode=OP_TEXT):
        """One message as one frame, or as many small ones."""
        if isinstance(data, str):
            data = data.encode()
        if self.half_open or not self.protocol.open or self.transport.is_closing():
            return
        self.spoke = asyncio.get_running_loop().time()
        if self.fragments and opcode == OP_TEXT and data:
            self.fragments -= 1
            self.write_fragments(data)
        else:
            self.frame(True, opcode, data)
        if self.transport.get_write_buffer_size() + len(self.slow) > self.venue.options.buffer_bytes_max:
            self.venue.later(self.close(1013, "slow consumer: send buffer full", "slow"))

    def write_fragments(self, data):
        """One byte a frame, with pings between."""
        for index in range(len(data)):
            if index % 50 == 7:
                self.frame(True, OP_PING, b"%d" % index)
            self.frame(index == len(data) - 1, OP_CONT if index else OP_TEXT, data[index:index + 1])

    def frame(self, fin, opcode, data):
        """A frame by the library, at once or at the speed of a slow line."""
        if self.speed or self.slow:
            if not self.slow:
                self.venue.later(self.trickle())
            self.slow += Frame(Opcode(opcode), data, fin).serialize(mask=False)
        else:
            self.protocol.write_frame_sync(fin, opcode, data)

    async def trickle(self):
        """Writes what waits, `speed` bytes a second."""
        while self.open and self.protocol.open:
            await asyncio.sleep(0.05)
            if self.transport.is_closing():
                return
            step = max(1, self.speed // 20) if self.speed else len(self.slow)
            part, self.slow = self.slow[:step], self.slow[step:]
            self.transport.write(part)
            if not self.slow:
                return

    # Ends.

    async def close(self, code, reason, why):
        """A close frame, then the end."""
        if not self.open:
            return
        self.open = False
        self.leave(list(self.tokens))
        self.venue.truth.tell("close", socket=self.number, why=why, code=code)
        self.venue.gone(self)
        try:
            await asyncio.wait_for(self.protocol.close(code, reason), 5)
        except (asyncio.TimeoutError, ConnectionError):
            self.transport.abort()

    def drop(self, why, by_reset=False, notify=False):
        """The TCP connection ends without a close frame; `notify` says so on the TLS layer first."""
        self.ended(why)
        if by_reset:
            venue_common.reset(self.transport)
        elif notify:
            self.transport.close()
        else:
            self.transport.abort()

    def cut_off(self):
        """Half-open: nothing is read, nothing is written, nothing is said."""
        self.half_open = True
        under = getattr(getattr(self.transport, "_ssl_protocol", None), "_transport", None)
        for each in (self.transport, under):
            if each is not None:
                each.pause_reading()


def one_of(rng: random.Random, sockets):
    """A socket of these, or None."""
    sockets = sorted(sockets, key=lambda each: each.number)
    return rng.choice(sockets) if sockets else None
