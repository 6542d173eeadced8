"""Commands and their answers, exactly as the dossier's §2 has them."""

import json

from ks_subs import SEQUENCED, UNFILTERED, Sub

WORDS = {1: "Unable to process message", 2: "Params required", 3: "Channels required", 4: "Subscription IDs required", 5: "Unknown command",
         7: "Unknown subscription ID", 8: "Unknown channel name", 9: "Authentication required", 10: "Channel error", 11: "Invalid parameter",
         12: "Exactly one subscription ID is required", 13: "Unsupported action", 14: "Market ticker required", 15: "Action required",
         18: "Command timed out", 25: "Subscription buffer overflow", 26: "Too many markets on subscription", 27: "Too many subscription commands"}


def compact(value):
    """JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Refused(Exception):
    """A command that is answered with an error."""

    def __init__(self, code, text=None):
        super().__init__(text or WORDS.get(code))
        self.code = code


class Desk:
    """Answers commands. Limits: `burst_max` tickers in one command, `markets_max` on one subscription, `commands_max` a second."""

    def __init__(self, venue, strict=True, burst_max=256, markets_max=500_000, commands_max=10_000):
        self.venue, self.strict = venue, strict
        self.burst_max, self.markets_max, self.commands_max = burst_max, markets_max, commands_max
        self.second, self.spent = 0, {}

    def serve(self, socket):
        """Answers what came since the last turn; subscribe commands that came together are answered channel by channel."""
        inbox, socket.inbox = socket.inbox, []
        group = []
        for text in inbox:
            command = self.parsed(socket, text)
            if command is None or self.too_many(socket, command):
                continue
            if command.get("cmd") != "subscribe" or self.venue.breaks.answers(socket, command) is not None:
                self.subscribe_all(socket, group)
                group = []
                self.one(socket, command)
            else:
                group.append(command)
        self.subscribe_all(socket, group)

    def parsed(self, socket, text):
        """A command as an object, or None after an error."""
        try:
            command = json.loads(text)
            if isinstance(command, dict) and isinstance(command.get("id", 0), int):
                return command
        except ValueError:
            pass
        self.error(socket, 1, None)
        return None

    def too_many(self, socket, command):
        """More commands in this second than allowed: error 27."""
        second = self.venue.clock() // 1_000_000
        if second != self.second:
            self.second, self.spent = second, {}
        self.spent[socket.number] = self.spent.get(socket.number, 0) + 1
        if self.spent[socket.number] <= self.commands_max:
            return False
        self.error(socket, 27, command.get("id"))
        return True

    def one(self, socket, command):
        """A command that is not part of a group of subscribes."""
        identity = command.get("id") or None
        planned = self.venue.breaks.take_answer(socket, command)
        if planned == "none":
            return
        if planned is not None:
            self.error(socket, planned, identity)
            return
        act = {"subscribe": self.subscribe, "update_subscription": self.update, "unsubscribe": self.unsubscribe,
               "list_subscriptions": self.listing}.get(command.get("cmd"))
        try:
            if act is None:
                raise Refused(5)
            act(socket, command.get("params"), identity)
        except Refused as refused:
            self.error(socket, refused.code, identity, str(refused), getattr(refused, "sub", None))

    # Subscribing.

    def subscribe_all(self, socket, group):
        """A group of subscribe commands: for each channel, the answers of all commands."""
        checked = []
        for command in group:
            try:
                checked.append((command, self.wanted(command.get("params"))))
            except Refused as refused:
                self.error(socket, refused.code, command.get("id") or None, str(refused))
        channels = list(dict.fromkeys(channel for _, (names, *_) in checked for channel in names))
        for channel in channels:
            for command, (names, tickers, params) in checked:
                if channel in names:
                    self.join(socket, channel, tickers, params, command.get("id") or None)

    def subscribe(self, socket, params, identity):
        """One subscribe command alone."""
        names, tickers, checked = self.wanted(params)
        for channel in names:
            self.join(socket, channel, tickers, checked, identity)

    def wanted(self, params):
        """Channels, tickers (None for all) and options of a subscribe, checked."""
        if not isinstance(params, dict):
            raise Refused(2)
        names = params.get("channels")
        if not isinstance(names, list) or not names:
            raise Refused(3)
        if any(name not in SEQUENCED for name in names):
            raise Refused(8)
        tickers = self.tickers(params)
        if "orderbook_delta" in names:
            if not tickers:
                raise Refused(14)
            if self.strict and not isinstance(params.get("use_yes_price"), bool):
                raise Refused(11, "use_yes_price must be given")
        return names, tickers, params

    def tickers(self, params):
        """The tickers of a command, or None when it names none."""
        one, many = params.get("market_ticker"), params.get("market_tickers")
        ids = params.get("market_ids") or ([params["market_id"]] if "market_id" in params else None)
        if sum(each is not None for each in (one, many, ids)) > 1:
            raise Refused(11, "only one of market_ticker and market_tickers")
        if ids is not None:
            known = {market.info["id"]: market.ticker for market in self.venue.world.markets}
            return [known[each] for each in ids if each in known]
        tickers = [one] if one is not None else many
        if tickers is not None and (not isinstance(tickers, list) or any(not isinstance(each, str) or not each for each in tickers)):
            raise Refused(11)
        return tickers

    def join(self, socket, channel, tickers, params, identity):
        """Opens a channel, or merges markets into the open one."""
        sub = socket.by_channel.get(channel)
        fresh = sub is None
        if fresh:
            sub = Sub(socket.next_sid, channel, params.get("use_yes_price", False))
            socket.next_sid += 1
            sub.socket_gone = lambda: socket.subs.get(sub.sid) is not sub or socket not in self.venue.sockets
            socket.subs[sub.sid] = socket.by_channel[channel] = sub
            self.say(socket, {"type": "subscribed", **self.id(identity), "msg": {"channel": channel, "sid": sub.sid}})
        try:
            added = self.add(sub, None if channel in UNFILTERED else tickers)
        except Refused as refused:
            self.error(socket, refused.code, identity, str(refused), sub)
            return
        self.venue.log.put("sub", socket=socket.number, sid=sub.sid, channel=channel, tickers=tickers, id=identity, fresh=fresh)
        if not fresh:
            self.ok(socket, sub, identity, params.get("skip_ticker_ack"))
        self.owe(socket, sub, added, params)

    def add(self, sub, tickers):
        """Puts markets on a subscription; gives those that are new to it."""
        if tickers is None:
            sub.full = True
            self.venue.want(sub.channel, ())
            return []
        if len(sub.tickers) + len(tickers) > self.markets_max:
            raise Refused(26)
        added = [ticker for ticker in dict.fromkeys(tickers) if ticker not in sub.tickers]
        sub.tickers.update(dict.fromkeys(added))
        self.venue.want(sub.channel, added)
        if len(tickers) > self.burst_max:
            sub.closes_at = len(added) // 2
        return added

    def owe(self, socket, sub, added, params):
        """What a subscriber gets at once: books for the book channel, statistics if asked for."""
        if sub.book:
            sub.waiting.update(added)
            sub.damaged.update(added)
            sub.pending.extend((ticker, None) for ticker in added)
            for ticker in added:
                self.venue.breaks.revived(socket, sub, ticker, "added")
        elif sub.closes_at is not None:
            self.over(socket, sub, 25)
        elif sub.channel == "ticker" and params.get("send_initial_snapshot"):
            for ticker in added:
                if ticker in self.venue.world.by_ticker:
                    self.venue.hub.ticker(self.venue.world.by_ticker[ticker])

    # The other commands.

    def only_sub(self, socket, params):
        """The one subscription that a command names."""
        if not isinstance(params, dict):
            raise Refused(2)
        sids = params.get("sids", [params["sid"]] if "sid" in params else None)
        if sids is None:
            raise Refused(12)
        if not isinstance(sids, list) or len(sids) != 1:
            raise Refused(12)
        if sids[0] not in socket.subs:
            raise Refused(7)
        return socket.subs[sids[0]]

    def update(self, socket, params, identity):
        """`add_markets`, `delete_markets`, `get_snapshot`."""
        sub = self.only_sub(socket, params)
        action = params.get("action")
        if not action:
            raise Refused(15)
        tickers = self.tickers(params)
        if action == "get_snapshot":
            self.get_snapshot(sub, tickers, identity)
            return
        if sub.channel in UNFILTERED or action not in ("add_markets", "delete_markets"):
            raise self.on(sub, Refused(13))
        if not tickers:
            raise self.on(sub, Refused(14))
        added = []
        if action == "add_markets":
            added = self.add(sub, tickers)
        else:
            self.remove(sub, tickers)
        self.venue.log.put("sub", socket=socket.number, sid=sub.sid, channel=sub.channel, tickers=tickers, id=identity, fresh=False, action=action)
        self.ok(socket, sub, identity, params.get("skip_ticker_ack"))
        self.owe(socket, sub, added, params)

    def get_snapshot(self, sub, tickers, identity):
        """The answers are snapshots with the command's id, in their place in the sequence."""
        if not sub.book:
            raise self.on(sub, Refused(13))
        if not tickers:
            raise self.on(sub, Refused(14))
        sub.pending.extend((ticker, identity or 0) for ticker in tickers if ticker in sub.tickers)

    def on(self, sub, refused):
        """An error that belongs to a subscription and takes a number there."""
        refused.sub = sub
        return refused

    def remove(self, sub, tickers):
        """Takes markets off a subscription."""
        for ticker in tickers:
            sub.tickers.pop(ticker, None)
            for each in (sub.waiting, sub.damaged, sub.hushed):
                each.discard(ticker)
            sub.hushed_by.pop(ticker, None)
        if sub.book:
            self.venue.unwant(tickers)

    def unsubscribe(self, socket, params, identity):
        """One `unsubscribed` for each sid."""
        sids = params.get("sids") if isinstance(params, dict) else None
        if not isinstance(sids, list) or not sids:
            raise Refused(4)
        for sid in sids:
            sub = socket.subs.get(sid)
            if sub is None:
                self.error(socket, 7, identity)
                continue
            seq = {"seq": sub.number()} if sub.sequenced else {}
            self.say(socket, {**self.id(identity), "sid": sid, **seq, "type": "unsubscribed"})
            self.forget(socket, sub, "unsubscribed")

    def listing(self, socket, _, identity):
        """Which subscriptions the venue thinks are open."""
        open_ones = [{"channel": sub.channel, "sid": sub.sid} for sub in socket.subs.values()]
        self.say(socket, {**self.id(identity), "type": "ok", "msg": open_ones})

    # Answers.

    def id(self, identity):
        """The `id` of an answer, if the command had one."""
        return {"id": identity} if identity else {}

    def say(self, socket, value):
        """A frame outside any subscription's numbers."""
        self.venue.log.put("say", socket=socket.number, value=value, how=socket.put(compact(value) + "\n"))

    def ok(self, socket, sub, identity, short):
        """`ok` with all markets of the sid, taking a number where the channel has them; older servers list them outside `msg`."""
        msg = {} if short or sub.full else {"market_tickers": list(sub.tickers)}
        body = compact({}) + "," + compact(msg)[1:-1] if self.venue.hub.demo and msg else compact(msg)
        self.venue.hub.emit(socket, sub, "ok", body, identity=identity)

    def error(self, socket, code, identity, text=None, sub=None):
        """An error: of a subscription (with its sid and number) or of the connection."""
        msg = {"code": code, "msg": text or WORDS.get(code, "Something new")}
        self.venue.log.put("error", socket=socket.number, id=identity, sid=sub.sid if sub else None, code=code)
        if sub is not None:
            # Seen on the demo host: "unsupported action" names its sid and takes a number there, but has no id.
            self.venue.hub.emit(socket, sub, "error", compact(msg), identity=None if code == 13 else identity)
        else:
            socket.put(compact({**self.id(identity), "type": "error", "msg": msg}) + "\n")

    def over(self, socket, sub, code):
        """The venue ends a subscription by itself."""
        self.error(socket, code, None, None, sub)
        self.forget(socket, sub, f"error {code}")

    def overflow(self, socket):
        """The reader is too slow: every subscription of the socket ends."""
        for sub in list(socket.subs.values()):
            self.forget(socket, sub, "error 25")
            seq = {"seq": sub.number()} if sub.sequenced else {}
            socket.put(compact({"type": "error", "sid": sub.sid, **seq, "msg": {"code": 25, "msg": WORDS[25]}}) + "\n")
        self.venue.log.put("overflow", socket=socket.number)

    def forget(self, socket, sub, why):
        """A subscription is gone."""
        socket.subs.pop(sub.sid, None)
        if socket.by_channel.get(sub.channel) is sub:
            del socket.by_channel[sub.channel]
        self.venue.log.put("unsub", socket=socket.number, sid=sub.sid, channel=sub.channel, why=why)
