"""What can be done to frames, answers and first books; the faults of the catalog are made of these."""

import json

from websockets.frames import OP_TEXT

from ks_hub import compact

WRONG = (("price_dollars", "abc"), ("price_dollars", "0.12345678"), ("delta_fp", {"n": 5}), ("side", "maybe"), ("price_dollars", "1.5000"),
         ("delta_fp", "99999999999999999999.00"), ("delta_fp", 5), ("price_dollars", None), ("count_fp", "x"), ("yes_price_dollars", "-0.1"))
FOREIGN = ("not json at all\n", "{\"type\":5}\n", "[]\n", "{\"type\":\"trade\"", "42\n", "\u0001\u0002\ufffd", "\n", "null\n", "", "\"text\"\n", "{}\n",
           "{\"type\":\"orderbook_delta\"}\n", "{\"type\":\"orderbook_delta\",\"sid\":\"one\",\"seq\":\"two\",\"msg\":[]}\n",
           "{\"type\":\"orderbook_snapshot\",\"sid\":77,\"seq\":1,\"msg\":{\"market_ticker\":\"KXPERP-BTC\",\"bids\":[[\"84000.5\",\"1.2\"]]}}\n",
           "{\"type\":\"rfq_created\",\"sid\":15,\"seq\":11,\"msg\":{\"id\":\"rfq_1\",\"creator_id\":\"0\",\"created_ts\":\"2026-09-25T10:00:00Z\"}}\n",
           "[" * 100_000, "{\"type\":\"orderbook_delta\",\"msg\":" * 5_000)


class Breaks:
    """State of everything that is broken at the moment, outside single sockets and subscriptions."""

    def __init__(self, venue):
        self.venue, self.rng = venue, venue.rng
        self.planned = []  # [what kind of command, answer, its fault]
        self.left_out = 0  # first books that will not come
        self.left_out_now = []

    # Frames.

    def apply(self, fate, socket, sub, text, ticker):
        """The fate of one frame that has its number; gives what the truth calls it, `sent` if a reader can use it."""
        change = {"torn": self.torn, "binary": self.binary, "bad_utf8": self.bad_utf8, "twice": self.twice, "unknown_field": self.unknown_field,
                  "missing_field": self.missing_field, "cents": self.cents, "malformed_value": self.malformed_value}.get(fate)
        if change is None:  # lost
            sub.hurt_all()
            return fate
        return change(socket, sub, text, ticker)

    def put(self, socket, sub, value, ticker, name):
        """Sends what a reader cannot use: its number is right, its market is not to be trusted."""
        if sub.book:
            sub.damaged.add(ticker)
        socket.put(compact(value) + "\n")
        return name

    def torn(self, socket, sub, text, _):
        """Only the beginning."""
        sub.hurt_all()
        socket.put(text[:self.rng.randrange(5, len(text) - 3)])
        return "torn"

    def binary(self, socket, sub, text, _):
        """The same bytes in a binary frame, which the venue never sends."""
        sub.hurt_all()
        socket.put(text.encode())
        return "binary"

    def bad_utf8(self, socket, sub, text, _):
        """Bytes that are no UTF-8 in a text frame: the connection is over."""
        sub.hurt_all()
        if socket.open and not socket.stalled and not socket.half_open:
            socket.protocol.write_frame_sync(True, OP_TEXT, text.encode().replace(b"KX", b"\xc3\x28"))
        return "bad_utf8"

    def twice(self, socket, sub, text, _):
        """The same frame again, the same number too."""
        done = socket.put(text)
        socket.put(text)
        if done == "unsent":
            sub.hurt_all()
        return done

    def unknown_field(self, socket, sub, text, _):
        """A field that nobody knows yet, in the envelope and in the message."""
        value = json.loads(text)
        value["msg"]["Clock"] = 123456789012345678901234567890
        value["msg"]["nested"] = {"price_dollars": "0.9999", "side": "no", "list": [1.5e300, None, True, {"\u00e4\U0001f600": []}]}
        done = socket.put(compact({"service": "x", **value}) + "\n")
        if done == "unsent":
            sub.hurt_all()
        return done

    def missing_field(self, socket, sub, text, ticker):
        """One deciding field is not there."""
        value = json.loads(text)
        fields = [each for each in ("price_dollars", "delta_fp", "side", "yes_price_dollars", "count_fp", "trade_id") if each in value["msg"]]
        if "delta_fp" not in value["msg"]:
            fields = [each for each in fields if each != "price_dollars"] or fields
        del value["msg"][self.rng.choice(fields)]
        return self.put(socket, sub, value, ticker, "missing_field")

    def cents(self, socket, sub, text, ticker):
        """The integer cents of 2025 instead of today's fields."""
        value = json.loads(text)
        msg = value["msg"]
        if "delta_fp" in msg:
            kept = {key: msg[key] for key in ("market_ticker", "market_id", "side", "ts")}
            value["msg"] = {**kept, "price": 51, "delta": -1}
        else:
            value["msg"] = {"market_ticker": msg["market_ticker"], "yes_price": 51, "no_price": 49, "count": 3, "taker_side": "yes", "ts": 1790363592}
        return self.put(socket, sub, value, ticker, "cents")

    def malformed_value(self, socket, sub, text, ticker):
        """A deciding field with a value that is none."""
        value = json.loads(text)
        key, wrong = self.rng.choice([each for each in WRONG if each[0] in value["msg"]])
        value["msg"][key] = wrong
        return self.put(socket, sub, value, ticker, "malformed_value")

    def cents_snapshot(self, socket, sub, market):
        """A whole book in retired cents: no book at all for a reader of today."""
        body = compact({"market_ticker": market.ticker, "market_id": market.info["id"], "yes": [[3, 80000], [23, 200]], "no": [[1, 73590]]})
        sub.damaged.add(market.ticker)
        self.venue.hub.emit(socket, sub, "orderbook_snapshot", body, market.ticker)

    # Answers.

    def plan(self, kind, answer, fault):
        """The next command of a kind gets this answer: an error code, or `none`."""
        self.planned.append([kind, answer, fault])

    def find(self, command):
        """The plan for a command."""
        params = command.get("params") if isinstance(command.get("params"), dict) else {}
        kind = params.get("action", command.get("cmd"))
        return next((each for each in self.planned if each[0] in (kind, "any")), None)

    def answers(self, _, command):
        """The planned answer to a command, or None."""
        plan = self.find(command)
        return plan and plan[1]

    def take_answer(self, socket, command):
        """The same, used up. After error 18 the command may still be carried out, a second later."""
        plan = self.find(command)
        if plan is None:
            return None
        self.planned.remove(plan)
        plan[2].used = True
        self.venue.log.put("spoiled", socket=socket.number, id=command.get("id"), cmd=command.get("cmd"), answer=plan[1], fault=plan[2].number)
        if plan[1] == 18 and plan[2].args.get("done"):
            self.venue.later(1, lambda: socket.inbox.append(json.dumps(command)))
        return plan[1]

    # First books.

    def omits(self, socket, sub, ticker):
        """Whether an initial snapshot is left out; deltas come all the same."""
        if self.left_out <= 0:
            return False
        self.left_out -= 1
        self.left_out_now.append(ticker)
        self.venue.log.put("omitted", socket=socket.number, sid=sub.sid, ticker=ticker)
        return True

    def revived(self, _, sub, ticker, how):
        """A forgotten market was asked for: by get_snapshot, or by adding it anew."""
        fault = sub.hushed_by.get(ticker)
        if fault is not None and (how == "added" or fault.args.get("revive") == "snapshot"):
            sub.hushed.discard(ticker)
            sub.hushed_by.pop(ticker)
