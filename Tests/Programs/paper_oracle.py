"""What `stale_quote`, `resolution_arb` and `--paper` have to say about a stream, beside the rules about several books.

Written from docs/strategies.md alone. Every sight is looked at from nothing, every size is asked of the whole ladder, and time is a list of
moments that is sorted each time somebody asks.
"""

import json
from fractions import Fraction

from arbitrage_oracle import MILLION, ROUNDINGS, Fee, Group, Leg, Oracle, millionths
from paper_account import Account
from paper_finding import settled_finding


class PaperOracle(Oracle):
    """`feed` a line, get the whole output: texts of passed lines, and a dictionary for each line of mkt-decide's own."""

    def __init__(self, rules, links=(), latency=250_000, is_paper=True):
        super().__init__(rules, links)
        self.latency, self.stale, self.pays, self.orders, self.last_time = latency, {}, {}, [], None
        self.lines_read, self.places = 0, {}
        self.accounts = {
            name: Account(self, name, rule) for name, rule in self.rules if is_paper and rule.get("action") == "trade"}

    def feed(self, text):
        event = json.loads(text, parse_float=Fraction, parse_int=Fraction)
        out = []
        if event["type"] != "stage_status":
            self.last_time = int(event["recv_us"])
            out += self.pass_time(self.last_time)
        out.append(text)
        self.lines_read += 1
        decisions = self.line(text)
        if event["type"] == "resolution":
            decisions = self.resolution(event)
        for decision in decisions:
            if decision["rule"] in self.accounts and decision["action"] == "trade":
                place = b"" if event["type"] == "resolution" else decision["rule"].encode()
                self.orders.append((int(decision["recv_us"]) + self.latency, self.lines_read, place, decision))
        lines = []
        if event["type"] == "resolution":
            for account in self.accounts.values():
                lines += account.settled((event["venue"], event["instrument"]), self.last_time)
        out += lines + decisions
        if event["type"] in ("book_snapshot", "book_delta"):
            for account in self.accounts.values():
                account.look_at_depth(event["venue"], event["instrument"], event["feed"])
        return out

    def end(self):
        return [line for *_, decision in sorted(self.orders, key=lambda order: order[0]) for line in self.accounts[decision["rule"]].ended(decision, self.last_time)]

    # MARK: Moments between lines

    def pass_time(self, now):
        """All that is due, in the order of its time; what is due at once (as the page says): what was begun first, accounts last."""
        out = []
        while True:
            due = [(move["due"], (*move["began"], [[word.encode() for word in end] for end in key[1]]), 1, key, side)
                   for key, memory in self.stale.items() for side, move in enumerate(memory["moves"]) if move and not move["is_done"]]
            due += [(at, (line, place, [], number), 0, number, None)
                    for number, (at, line, place, _) in enumerate(self.orders)]
            due += [(account.mark, (1 << 60, name.encode()), 2, name, None) for name, account in self.accounts.items() if account.mark is not None]
            due = [item for item in due if item[0] <= now]
            if not due:
                return out
            at, _, kind, key, side = min(due, key=lambda item: item[:2])
            if kind == 1:
                out += self.fire(at, key, side)
            elif kind == 0:
                *_, decision = self.orders.pop(key)
                out += self.accounts[decision["rule"]].meets_books(decision, at)
            else:
                out += self.accounts[key].minute(at)

    # MARK: What a share pays

    def resolution(self, event):
        it = self.instruments[event["venue"], event["instrument"]]
        pays = event.get("settlement_price")
        if pays is None and "outcome_won" in event:
            pays = Fraction(int(event["outcome_won"]))
        self.decisions, pays = [], pays if pays is None else Fraction(pays)
        self.pays.pop((it.venue, it.name), None)
        self.pays[it.venue, it.name] = pays
        looks = [
            (name, rule, group) for name, rule in self.rules if rule["strategy"] == "resolution_arb"
            for group in self.groups(rule) if group.teller is it and group.members[0].fits(rule)]
        for name, rule, group in looks:
            self.look(name, rule, group, event)
        return self.decisions

    def complement(self, it):
        """The other outcome, where both name each other."""
        other = self.instruments.get((it.venue, it.told.get("complement")))
        return other if other and other.told.get("complement") == it.name else None

    def what_it_pays(self, it, rule):
        """What a share pays, the instrument that told it, and whether a link did; nil where nobody knows."""
        other = self.complement(it)
        if (it.venue, it.name) in self.pays:
            return self.pays[it.venue, it.name], it, False
        if other and (other.venue, other.name) in self.pays:
            return 1 - self.pays[other.venue, other.name], other, False
        for link in self.links if rule.get("through_links") == "true" else []:
            ends = [(link[f"{side}_venue"], link[f"{side}_instrument"]) for side in ("left", "right")]
            for end, far in (ends, ends[::-1]):
                if end == (it.venue, it.name) and far in self.pays:
                    pays = self.pays[far]
                    return pays if link["relation"] == "same" else 1 - pays, self.instruments[far], True
        return None


    def settled_groups(self, rule):
        # The page has no order for these: that of their first lines.
        for it in self.instruments.values():
            known = self.what_it_pays(it, rule)
            if known:
                group = Group([it], [("buy",), ("sell",)])
                group.pays, group.teller, group.is_linked = known
                yield group

    def groups(self, rule):
        if rule["strategy"] == "resolution_arb":
            return list(self.settled_groups(rule))
        return self.linked(rule) if rule["strategy"] == "stale_quote" else super().groups(rule)

    def found(self, rule, group, books, way):
        if rule["strategy"] != "resolution_arb":
            found = super().found(rule, group, books, way)
            return found and found | {"_from": list(zip(group.members, way))}
        it, book, roundings = group.members[0], books[0], ROUNDINGS | rule.get("fee_rounding", {})
        fee = Fee.told(it.told.get("fee"))
        is_open = it.is_open() or (it.venue, it.name) in self.pays
        if fee is None or not is_open or (fee.rate and it.venue not in roundings):
            return None
        self.usable_sights["resolution_arb"] += way == ("buy",)
        is_buying = way == ("buy",)
        levels = sorted(book.asks.items()) if is_buying else sorted(book.bids.items(), reverse=True)
        caps = millionths(rule["max_size"]), millionths(rule["max_cost"])
        numbers = settled_finding(Leg(levels, fee, roundings.get(it.venue)), is_buying, group.pays, rule["min_edge"], *caps)
        if numbers is None:
            return None
        parts, totals = numbers
        more = {"_from": [(it, way[0])], "_is_linked": group.is_linked, "_tells": f"{group.teller.venue} {group.teller.name}"}
        return {"legs": [self.head(it, way[0]) | parts[0]]} | totals | more

    # MARK: One moved, the other did not

    def break_off(self, book, it):
        if book.known:
            for key in [key for key in self.stale if (it.venue, it.name) in key[1]]:
                del self.stale[key]
        super().break_off(book, it)

    def look(self, name, rule, group, event):
        if rule["strategy"] != "stale_quote":
            return super().look(name, rule, group, event)
        now, key = int(event["recv_us"]), (name, group.key())
        books = [it.book() for it in group.members]
        if None in books or self.looks_inverted(key, rule, group, books, True, event):
            self.stale.pop(key, None)
            return None
        memory = self.stale.get(key)
        if memory is None or any(now < side["since"] for side in memory["sides"]):
            memory = self.stale[key] = {"sides": [{"best": None, "since": now, "mids": []} for _ in books], "moves": [None, None]}
        memory |= {"group": group, "rule": rule, "name": name}
        changed = []
        for side, book in zip(memory["sides"], books):
            changed.append(side["best"] != book.best())
            if changed[-1]:
                side |= {"best": book.best(), "since": now}
            middle = book.middle_twice()
            if middle is not None and (not side["mids"] or side["mids"][-1][1] != middle):
                side["mids"].append((now, middle))
        for one in (0, 1):
            self.moved(memory, one, changed, books[one].middle_twice(), now)
        self.usable_sights["stale_quote"] += 1

    def moved(self, memory, one, changed, middle, now):
        """Whether a move of `one` ends or begins at this sight. Mids are told twice as large."""
        rule, side, other = memory["rule"], memory["sides"][one], memory["sides"][1 - one]
        least, mids, move = 2 * millionths(rule["min_move"]), side["mids"], memory["moves"][one]
        if move:
            run = (mids[-1][1] - move["from"]) * move["way"]
            if changed[1 - one] or run < least:
                memory["moves"][one] = move = None
        is_new = bool(mids) and mids[-1][0] == now
        if move or not is_new or middle is None or other["since"] > now - rule["window"]:
            return
        held = [mid for (_, mid), (end, _) in zip(mids, mids[1:]) if end > now - rule["window"]]
        far = min(held, key=lambda mid: (-abs(mid - middle), mid), default=middle)
        if abs(middle - far) >= least:
            way = 1 if middle > far else -1
            # One that ended and began anew at the same time keeps its place.
            began = self.places.setdefault((now, memory["name"], memory["group"].key(), one), (self.lines_read, memory["name"].encode()))
            memory["moves"][one] = {"due": now + rule["lag"], "from": far, "to": middle, "way": way, "is_done": False, "began": began}
            side["mids"] = [(now, middle)]

    def fire(self, at, key, one):
        memory = self.stale[key]
        move, group, rule = memory["moves"][one], memory["group"], memory["rule"]
        move["is_done"] = True
        memory["moves"][one] = None
        it, book = group.members[1 - one], group.members[1 - one].book()
        is_buying = (move["way"] > 0) == (group.relation == "same")
        levels = book.asks if is_buying else book.bids
        if book.is_crossed() or not levels or not all(each.is_open() for each in group.members):
            return []
        price = min(levels) if is_buying else max(levels)
        legs = [self.head(each, None) for each in group.members]
        legs[1 - one] |= {"side": "buy" if is_buying else "sell", "price": Fraction(price, MILLION), "size": Fraction(levels[price], MILLION)}
        self.decisions = []
        decision = {"venue": it.venue, "recv_us": at, "rule": key[0], "strategy": "stale_quote", "action": rule.get("action", "signal")}
        mover, halves = group.members[one], 2 * MILLION
        last = memory["sides"][one]["mids"][-1][1]
        words = [mover.venue, mover.name, Fraction(abs(last - move["from"]), halves), Fraction(move["from"], halves), Fraction(last, halves)]
        self.say(key, rule, at, decision | {"legs": legs, "_moved": words})
        return self.decisions
