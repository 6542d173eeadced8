"""The paper account of one rule as docs/strategies.md tells it: every number is a fraction, and is worked out again from the fills when it is asked for."""

from fractions import Fraction

from arbitrage_oracle import MILLION, ROUNDINGS, Fee, ceiling, floor, rounded

MINUTE = 60 * MILLION


class Position:
    def __init__(self):
        self.size = self.cost = self.realized = self.fees = Fraction(0)

    def trade(self, size, price):
        """Adds shares, or takes them away where `size` is below zero."""
        if self.size * size < 0:
            # What comes back, and its part of the cost.
            back = min(abs(size), abs(self.size))
            part = ceiling(self.cost * back / abs(self.size), 12)
            back = back if size > 0 else -back
            self.realized -= part + back * price
            self.cost -= part
            self.size += back
            size -= back
        self.cost += size * price
        self.size += size


class Account:
    """`stream` is what the oracle knows; `taken` is (what we took, of what size) by instrument, side and price."""

    def __init__(self, stream, name, rule):
        self.stream, self.name, self.rule = stream, name, rule
        self.positions, self.taken, self.told, self.mark, self.sums, self.held = {}, {}, None, None, [], False

    # MARK: Orders

    def ordered(self, decision, number):
        """The leg as an order: (instrument, its book's side, own side, price told of a price there, size, limit there)."""
        it, kind = decision["_from"][number]
        leg = decision["legs"][number]
        price = int(leg["price"] * MILLION)
        if kind != "opposite":
            return it, it, kind, lambda at: at, leg["size"], price
        if leg["instrument"] != it.name:
            return it, (it.venue, leg["instrument"]), "buy", lambda at: MILLION - at, leg["size"], MILLION - price
        return it, it, "sell", lambda at: at, leg["size"], MILLION - price

    def head(self, kind, where, at, source):
        """The envelope of a line about an instrument."""
        if isinstance(where, tuple):
            told = self.stream.instruments.get(where)
            market, label = (told.market, told.label) if told else (source.market if source else None, None)
        else:
            market, label, where = where.market, where.label, (where.venue, where.name)
        line = {"type": kind, "venue": where[0], "market": market, "instrument": where[1], "label": label, "recv_us": at}
        return {key: value for key, value in line.items() if value is not None}

    def meets_books(self, decision, at):
        out, changed, sources = [], [], {}
        for number in range(len(decision["legs"])):
            it, where, side, told, size, limit = self.ordered(decision, number)
            wanted, reasons, fills = int(size * MILLION), set(), []
            book, fee = it.book(), Fee.told(it.told.get("fee"))
            if book is None:
                reasons.add("unknown")
            elif book.is_crossed():
                reasons.add("crossed")
            if not it.is_open() and (it.venue, it.name) not in self.stream.pays:
                reasons.add("closed")
            roundings = ROUNDINGS | self.rule.get("fee_rounding", {})
            if fee is None or (fee.rate and it.venue not in roundings):
                reasons.add("fee")
            if not reasons:
                fills = self.take(it, book, decision["_from"][number][1] == "buy", limit, wanted)
            left = wanted - sum(taken for _, taken in fills)
            if left and not reasons:
                reasons.add("depth")
            key = where if isinstance(where, tuple) else (where.venue, where.name)
            sources[key] = it
            order = {"_decision": decision, "client_id": self.name, "side": side}
            out.append(self.head("own_order", where, at, it) | order | {
                "price": Fraction(told(limit), MILLION), "size": size, "filled": size - Fraction(left, MILLION), "remaining": Fraction(left, MILLION),
                "state": "canceled" if left else "filled"} | ({"_reasons": reasons} if left else {}))
            raw = charged = Fraction(0)
            for place, (price, taken) in enumerate(fills):
                shares, paid = Fraction(taken, MILLION), Fraction(told(price), MILLION)
                raw += fee.of(price) * shares
                before, charged = charged, rounded(raw, roundings[it.venue]) if raw else Fraction(0)
                out.append(self.head("own_fill", where, at, it) | order | {
                    "_trade": f"-{number}-{place}", "price": paid, "size": shares, "is_taker": True, "fee": charged - before})
                position = self.positions.setdefault(key, Position())
                position.trade(shares if side == "buy" else -shares, paid)
                position.fees += charged - before
                self.sums.append((key, side, shares, paid, charged - before))
                changed += [key] * (key not in changed)
        if not changed:
            return out
        if self.mark is None or not self.held:
            self.mark = at + MINUTE
        for key in changed:
            worth = self.worth(key)
            if worth is not None and self.positions[key].size:
                self.sums.append((key, "settled", self.positions[key].size, worth, Fraction(0)))
                self.positions[key].trade(-self.positions[key].size, worth)
        self.held = any(position.size for position in self.positions.values())
        return out + [self.position_line(key, at, sources[key]) for key in changed] + [self.account_line(at)]

    def worth(self, key):
        """What a share pays, where it or its complement is settled."""
        if key in self.stream.pays:
            return self.stream.pays[key]
        other = self.other(key)
        return 1 - self.stream.pays[other.venue, other.name] if other and (other.venue, other.name) in self.stream.pays else None

    def other(self, key):
        """The other outcome: the one that it names, or else one that names it."""
        stream, it = self.stream, self.stream.instruments.get(key)
        named = stream.instruments.get((key[0], it.told.get("complement"))) if it else None
        return named or next((each for (venue, _), each in stream.instruments.items() if venue == key[0] and each.told.get("complement") == key[1]), None)

    def take(self, it, book, is_asks, limit, wanted):
        """(price, size) of each level that is taken."""
        levels = sorted(book.asks.items()) if is_asks else sorted(book.bids.items(), reverse=True)
        fills = []
        for price, size in levels:
            if not wanted or (price > limit if is_asks else price < limit):
                break
            key = (it.venue, it.name, "asks" if is_asks else "bids", price)
            before = self.taken.get(key, (0, size))
            before = before[0] if before[1] == size else 0
            each = min(size - before, wanted)
            if each:
                self.taken[key] = (before + each, size)
                wanted -= each
                fills.append((price, each))
        return fills

    def look_at_depth(self, venue, name, feed):
        """Another size at a price, at a line of the book that counts, means that others have acted there."""
        it = self.stream.instruments[venue, name]
        book = it.book()
        if book is None or it.books.get(feed) is not book:
            return
        for key, (_, size) in list(self.taken.items()):
            if key[:2] == (venue, name) and getattr(book, key[2]).get(key[3]) != size:
                del self.taken[key]

    def ended(self, decision, at):
        for number in range(len(decision["legs"])):
            it, where, side, told, size, limit = self.ordered(decision, number)
            yield self.head("own_order", where, at, it) | {
                "_decision": decision, "client_id": self.name, "side": side, "price": Fraction(told(limit), MILLION), "size": size,
                "filled": 0, "remaining": size, "state": "canceled", "_reasons": {"end"}}

    # MARK: What it comes to

    def settled(self, key, at):
        """Ends what is held of an instrument that pays, and of its complement."""
        if key not in self.stream.pays:
            return []
        pays, out = self.stream.pays[key], []
        it = self.stream.instruments[key]
        other = self.other(key)
        for where, each in ((key, pays), ((key[0], other.name if other else it.told.get("complement")), 1 - pays)):
            position = self.positions.get(where)
            if position and position.size:
                self.sums.append((where, "settled", position.size, each, Fraction(0)))
                position.trade(-position.size, each)
                out.append(self.position_line(where, at, it))
        self.held = any(position.size for position in self.positions.values())
        return out + [self.account_line(at)] if out else []

    def minute(self, at):
        self.mark += MINUTE
        if any(position.size for position in self.positions.values()):
            before = self.told
            line = self.account_line(at)
            return [line] if before != self.told else []
        return []

    def position_line(self, key, at, source=None):
        position = self.positions[key]
        return self.head("own_position", key, at, source) | {
            "size": position.size, "cost": ceiling(position.cost, 6), "realized_pnl": floor(position.realized, 6),
            "fees_paid": position.fees, "rule": self.name}

    def account_line(self, at):
        all_of = self.positions.values()
        realized, fees = floor(sum(each.realized for each in all_of), 6), sum(each.fees for each in all_of)
        unrealized = floor(sum((self.unrealized(key, each) for key, each in self.positions.items()), Fraction(0)), 6)
        self.told = {
            "realized_pnl": realized, "fees_paid": fees, "unrealized_pnl": unrealized, "pnl": realized + unrealized - fees,
            "positions": sum(bool(each.size) for each in all_of)}
        return {"type": "own_account", "venue": "mktpipe", "recv_us": at, "rule": self.name} | self.told

    def unrealized(self, key, position):
        if not position.size:
            return Fraction(0)
        it, other, worth = self.stream.instruments.get(key), self.other(key), self.worth(key)
        if worth is not None:
            return position.size * worth - position.cost
        best = self.best(it) if it else None
        if best is None and other and self.best(other):
            best = tuple(None if price is None else MILLION - price for price in self.best(other)[::-1])
        if best is None:
            return Fraction(0)
        bid, ask = (0 if best[0] is None else best[0]), (MILLION if best[1] is None else best[1])
        return position.size * Fraction(bid if position.size > 0 else ask, MILLION) - position.cost

    @staticmethod
    def best(it):
        """The best prices of the known book, or else of the one that was seen last; nil where none ever was."""
        seen = [book for book in it.books.values() if book.time is not None]
        book = it.book() or max(seen, key=lambda book: book.time, default=None)
        return book and book.best()
