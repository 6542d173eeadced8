"""The user channel (dossier §3): authentication in the first message, then own orders and trades, the odd ones among them; and what REST says of
own trades, asked with signed headers."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import time
import uuid

from websockets.exceptions import ConnectionClosed

import pm_wire as wire
from fixed import ONE, short
from venue_common import Response, reset

KILLED = "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed."
ADDRESS = "0x71C7656EC7ab88b098defB751B7401B5f6d8976F"
STRANGER = "99999999-8888-7777-6666-555555555555"
TRADES_PAGE = 3
END_CURSOR = "LTE="


class UserSocket:
    """A client that proved who it is; `markets` is None for all."""

    def __init__(self, protocol, markets):
        self.protocol, self.markets = protocol, markets

    @property
    def open(self):
        """Whether frames can be written: the library may not have heard yet that its transport is closed."""
        return self.protocol.open and not self.protocol.transport.is_closing()

    def wants(self, market):
        """Whether it asked for this market."""
        return self.markets is None or market in self.markets


class UserChannel:
    """Own orders and trades of one account, told to every authenticated socket."""

    def __init__(self, venue, options):
        self.venue, self.options = venue, options
        self.rng = random.Random(f"users {options.seed}")
        self.sockets = set()
        self.orders = 0
        # What REST knows, by id, in the order of the matches; whether `size` counts millionths there.
        self.trades, self.millionths = {}, False
        self.asked = {}

    # Sockets.

    async def serve(self, protocol):
        """From the upgrade to the end."""
        try:
            first = await asyncio.wait_for(protocol.recv(), self.options.idle_close)
            socket = self.authenticate(protocol, first)
            if socket is None:
                await self.refuse(protocol, first)
                return
            self.sockets.add(socket)
            async for text in protocol:
                await self.take(socket, text)
        except (ConnectionClosed, asyncio.TimeoutError):
            pass
        finally:
            self.sockets = {each for each in self.sockets if each.protocol is not protocol}

    def authenticate(self, protocol, text):
        """The socket if the first message carries the right credentials."""
        try:
            value = json.loads(text)
            auth = value["auth"]
            good = value["type"].lower() == "user" and (auth["apiKey"], auth["secret"], auth["passphrase"]) == (
                self.options.api_key, self.options.api_secret, self.options.api_passphrase)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        markets = value.get("markets") or None
        return UserSocket(protocol, set(markets) if markets else None) if good else None

    async def refuse(self, protocol, first):
        """Wrong credentials end the socket; who says so repeats the key, as far as a close frame has room."""
        self.venue.truth.tell("refused_user")
        if self.options.auth_close == 1006:
            protocol.transport.abort()
        else:
            try:
                key = str(json.loads(first)["auth"]["apiKey"])
            except (ValueError, TypeError, KeyError):
                key = "no key"
            await protocol.close(self.options.auth_close, f"authentication failed: {key}"[:120])

    def cut(self):
        """All sockets of the channel end without a word."""
        for each in list(self.sockets):
            reset(each.protocol.transport)
        return {"cut": len(self.sockets)}

    # REST.

    def signed(self, request):
        """Whether the headers are right (dossier §3.2): the path is signed without its query."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        stamp = headers.get("poly_timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) - time.time()) > 60:
            return False
        code = hmac.new(base64.urlsafe_b64decode(self.options.api_secret), (stamp + request.method + request.path).encode(), hashlib.sha256)
        wanted = {"poly_address": ADDRESS, "poly_api_key": self.options.api_key, "poly_passphrase": self.options.api_passphrase,
                  "poly_signature": base64.urlsafe_b64encode(code.digest()).decode()}
        return all(headers.get(name) == value for name, value in wanted.items())

    def rest(self, request):
        """GET /data/trades: own trades, the newest first, in small pages."""
        if not self.signed(request):
            self.venue.truth.tell("refused_trades")
            return Response(401, {"error": "Unauthorized/Invalid api key"})
        after, cursor = int(request.one("after", "0")), request.one("next_cursor", "MA==")
        start = 0 if cursor == "MA==" else int(base64.b64decode(cursor))
        found = [each for each in reversed(self.trades.values()) if int(each["match_time"]) >= after]
        page = found[start:start + TRADES_PAGE]
        following = base64.b64encode(str(start + TRADES_PAGE).encode()).decode() if start + TRADES_PAGE < len(found) else END_CURSOR
        self.venue.truth.tell("asked_trades", count=len(page))
        return Response(200, {"limit": TRADES_PAGE, "count": len(page), "next_cursor": following, "data": page})

    def remember(self, value, seconds):
        """A trade as REST tells it: without the names of messages, with the status as its documentation has it."""
        known = {name: each for name, each in value.items() if name not in ("event_type", "type", "timestamp", "matchtime")}
        known["match_time"] = self.trades.get(value["id"], {}).get("match_time", seconds)
        if self.millionths:
            known["size"] = str(round(float(value["size"]) * ONE))
        self.trades[value["id"]] = known | {"status": "TRADE_STATUS_" + value["status"]}

    @staticmethod
    async def take(socket, text):
        """PING, or another choice of markets."""
        if text == "PING":
            await socket.protocol.send("PONG")
            return
        try:
            value = json.loads(text)
            operation, markets = value["operation"], set(value["markets"])
        except (ValueError, TypeError, KeyError):
            await socket.protocol.send("INVALID OPERATION")
            return
        if operation == "subscribe":
            socket.markets = (socket.markets or set()) | markets
        elif socket.markets is not None:
            socket.markets -= markets

    def say(self, market, value):
        """One message to all who want it."""
        data = wire.airy(value).encode()
        for each in list(self.sockets):
            if each.wants(market.id) and each.open:
                each.protocol.write_frame_sync(True, 1, data)

    # What happens.

    async def run(self):
        """Things happen at `--user-rate`."""
        while self.options.user_rate > 0:
            await asyncio.sleep(self.rng.expovariate(self.options.user_rate))
            if self.sockets and not self.venue.motion.paused:
                self.act({})

    def act(self, value):
        """One story: `kind` is order, fill, cancel, killed, failed, echo; in a market by chance; `taker` and `odd` (the price) where they matter."""
        market = self.venue.pick(value)
        kind = value.get("kind") or self.rng.choice(("order", "fill", "fill", "cancel", "killed", "failed"))
        self.asked = value
        self.venue.later(getattr(self, "story_" + kind)(market))
        return {"market": market.id, "kind": kind}

    def order(self, market):
        """A new order of ours, as the messages about it need it."""
        index = self.rng.randrange(2)
        token = market.tokens[index]
        self.orders += 1
        return {"id": "0x" + f"{self.rng.getrandbits(256):064x}", "token": token, "index": index, "outcome": market.info["outcomes"][index],
                "side": self.rng.choice(("BUY", "SELL")), "price": self.rng.randrange(1, 100) * ONE // 100,
                "size": self.rng.randrange(500, 90_000) * ONE // 100, "matched": 0, "asked": self.asked,
                "made": self.venue.motion.now_ms() // 1000}

    def tell_order(self, market, order, kind, status, odd=False):
        """An order message; `odd` ones have a sentence for a status and blanks where numbers were."""
        us_ms = self.venue.motion.now_ms()
        value = {"event_type": "order", "id": order["id"], "owner": self.options.api_key, "market": market.id, "asset_id": order["token"],
                 "side": order["side"], "order_owner": self.options.api_key, "original_size": short(order["size"]),
                 "size_matched": "" if odd else short(order["matched"]), "price": short(order["price"]),
                 "associate_trades": self.rng.choice((None, [])), "outcome": "" if odd else order["outcome"], "type": kind,
                 "created_at": "" if odd else str(order["made"]), "expiration": "0", "order_type": "FOK" if odd else "GTC", "status": status,
                 "maker_address": ADDRESS, "timestamp": str(us_ms)}
        if self.rng.randrange(4) == 0:
            del value["associate_trades"]
        self.venue.truth.tell("own_order", market=market.id, value=value)
        self.say(market, value)

    def tell_trade(self, market, order, trade, status):
        """A trade message; the same id comes again with every status."""
        us_ms = self.venue.motion.now_ms()
        seconds = str(us_ms // 1000)
        taker = trade["taker"]
        maker = {"order_id": order["id"] if not taker else "0x" + "cd" * 32, "owner": self.options.api_key if not taker else "",
                 "maker_address": ADDRESS, "matched_amount": short(trade["size"]), "price": trade["odd_price"] or short(order["price"]),
                 "fee_rate_bps": "", "asset_id": order["token"], "outcome": order["outcome"], "outcome_index": order["index"], "side": order["side"]}
        value = {"event_type": "trade", "type": "TRADE", "id": trade["id"], "taker_order_id": order["id"] if taker else "0x" + "ef" * 32,
                 "market": market.id, "asset_id": order["token"], "side": order["side"], "size": short(trade["size"]), "price": short(order["price"]),
                 "fee_rate_bps": self.rng.choice(("0", "")), "status": status, trade["time_key"]: seconds, "last_update": seconds,
                 "outcome": order["outcome"], "owner": self.options.api_key, "trade_owner": self.options.api_key, "maker_address": ADDRESS,
                 "transaction_hash": "" if status == "MATCHED" else trade["tx"], "bucket_index": 0, "maker_orders": [maker] if taker else [maker | {"order_id": "0x" + "ab" * 32, "owner": STRANGER}, maker],
                 "trader_side": "TAKER" if taker else "MAKER", "timestamp": seconds if self.rng.randrange(3) == 0 else str(us_ms)}
        self.venue.truth.tell("own_trade", market=market.id, value=value)
        self.remember(value, seconds)
        self.say(market, value)

    def fill(self, order):
        """A match of a part or the whole of an order."""
        size = order["size"] if self.rng.randrange(2) else max(10_000, order["size"] // 3 // 10_000 * 10_000)
        order["matched"] += size
        taker, odd = bool(self.rng.randrange(2)), self.rng.randrange(8) == 0
        return {"id": str(uuid.UUID(int=self.rng.getrandbits(128), version=4)), "size": size, "taker": order["asked"].get("taker", taker),
                "tx": "0x" + f"{self.rng.getrandbits(256):064x}", "time_key": self.rng.choice(("match_time", "matchtime")),
                "odd_price": "0.0030000000012" if order["asked"].get("odd", odd) else None}

    async def story_order(self, market):
        """An order that rests."""
        self.tell_order(market, self.order(market), "PLACEMENT", "LIVE")

    async def story_fill(self, market):
        """Placed, matched, mined, confirmed, now and then retried on the way."""
        order = self.order(market)
        self.tell_order(market, order, "PLACEMENT", "LIVE")
        await asyncio.sleep(0.05)
        trade = self.fill(order)
        self.tell_trade(market, order, trade, "MATCHED")
        self.tell_order(market, order, "UPDATE", "MATCHED" if order["matched"] == order["size"] else "LIVE")
        for status in ("RETRYING", "MINED", "CONFIRMED")[0 if self.rng.randrange(3) == 0 else 1:]:
            await asyncio.sleep(0.1)
            self.tell_trade(market, order, trade, status)

    async def story_cancel(self, market):
        """Placed and taken back."""
        order = self.order(market)
        self.tell_order(market, order, "PLACEMENT", "LIVE")
        await asyncio.sleep(0.05)
        self.tell_order(market, order, "CANCELLATION", "CANCELED")

    async def story_killed(self, market):
        """A fill-or-kill order that was killed: a sentence where a status belongs."""
        self.tell_order(market, self.order(market), "CANCELLATION", KILLED, odd=True)

    async def story_echo(self, _):
        """All that we were told comes back, where it belongs and where nobody expects it, in every spelling and kind of frame."""
        for secret in (self.options.api_key, self.options.api_secret, self.options.api_passphrase):
            escaped = "".join(f"\\u{ord(each):04x}" for each in secret)
            for text in (
                    json.dumps({"event_type": "gift", "id": secret, "owner": secret, secret: secret}),
                    f'{{"event_type":"gift","id":"{escaped}","text":"{{\\"owner\\":\\"{secret}\\"}}","list":["{secret.upper()}"]}}',
                    f'{{"event_type":"order","owner":"{secret}","id":"{escaped}', f"[{json.dumps(secret)}]", f"NO {secret} FOR {secret}"):
                self.tell(1, text.encode())
            self.tell(2, b"\xff" + secret.encode())

    def tell(self, opcode, data):
        """One frame to everybody."""
        for each in list(self.sockets):
            if each.open:
                each.protocol.write_frame_sync(True, opcode, data)

    async def story_failed(self, market):
        """A match that never made it to the chain."""
        order = self.order(market)
        trade = self.fill(order)
        self.tell_trade(market, order, trade, "MATCHED")
        await asyncio.sleep(0.1)
        self.tell_trade(market, order, trade, "FAILED")
