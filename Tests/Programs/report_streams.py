"""Seeded lines of a run of mkt-decide with a paper account, and what a page about them must say, computed by other means.

The model reads the lines with Python's json and adds Decimals up; it knows nothing of how the tool works.
"""

import json
import random
from decimal import ROUND_FLOOR, Decimal, getcontext

getcontext().prec = 60
START_US = 1_790_267_321_911_204
MILLIONTH = Decimal("0.000001")
HOSTILE = ("</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "<!--", "]]>", "&lt;b&gt;", "&#x3C;i&#x3E;",
           "\u202egnp.exe", "a\x00b\x1b[31m", "\ufffe\uffff", "Zürich 🏛 / Ja", "</title></style>", "tab\tand\nline")


def spell(event):
    """A line in the contract's numbers; Decimals stand bare."""
    if isinstance(event, Decimal):
        text = format(event, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    if isinstance(event, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{spell(value)}" for key, value in event.items() if value is not None) + "}"
    if isinstance(event, list):
        return "[" + ",".join(map(spell, event)) + "]"
    return json.dumps(event, ensure_ascii=False)


class Run:
    """A run that trades on paper: every decision may be tried, filled in pieces, and changes positions and accounts."""

    def __init__(self, seed, rules, *, instruments=6, step_us=9_000_000, labels=("up/Yes", "down/No"), paper=True):
        self.rng, self.rules, self.step_us, self.labels, self.paper = random.Random(seed), rules, step_us, labels, paper
        self.now, self.number = START_US, 0
        self.names = [(self.rng.choice(("polymarket", "kalshi")), f"m{i}", f"{self.rng.getrandbits(80)}") for i in range(instruments)]
        self.positions, self.accounts = {}, {}

    def decimal(self, low, high, places):
        return Decimal(self.rng.randrange(int(low * 10**places), int(high * 10**places) + 1)).scaleb(-places)

    def envelope(self, kind, place=None, label=None):
        venue, market, instrument = place or ("mktpipe", None, None)
        return {"v": 1, "type": kind, "feed": "mkt-decide", "venue": venue, "market": market, "instrument": instrument, "label": label, "recv_us": self.now}

    def decisions(self, count):
        """Lines of so many decisions and of what came of them."""
        for _ in range(count):
            self.now += self.rng.choice((0, 1, self.step_us // 50, self.step_us, self.step_us * 2))
            yield from self.decision(self.rng.choice(self.rules))

    def decision(self, rule):
        rng = self.rng
        self.number += 1
        place, label = rng.choice(self.names), rng.choice(self.labels)
        trades = rng.randrange(3) > 0
        size = self.decimal(1, 500, rng.choice((0, 2, 6)))
        identity = f"{self.number:016x}"
        money = trades or rng.randrange(2)
        yield self.envelope("decision", (place[0], None, None)) | {
            "rule": rule, "strategy": "arbitrage", "action": "trade" if trades else rng.choice(("signal", "alert")), "id": identity,
            "legs": [{"venue": place[0], "market": place[1], "instrument": place[2], "label": label, "side": "buy"}],
            "size": size if money else None, "cost": (size / 2).quantize(MILLIONTH, ROUND_FLOOR) if money else None, "edge": self.decimal(-0.02, 0.2, 6) if money else None,
            "profit": self.decimal(-3, 30, 6) if money else None, "note": rng.choice(self.labels) + " >= 0.01",
            "because": [], "rules": "9f" * 32, "build": "0.1.0"}
        if trades and self.paper:
            yield from self.trade(rule, place, label, size, identity)

    def trade(self, rule, place, label, size, identity):
        rng = self.rng
        filled = size if rng.randrange(3) == 0 else (size * self.decimal(0, 1, 2)).quantize(MILLIONTH, ROUND_FLOOR)
        side, price = rng.choice(("buy", "sell")), self.decimal(0.01, 0.99, 3)
        order = {"order_id": identity, "client_id": rule, "side": side, "price": price}
        yield self.envelope("own_order", place, label) | order | {
            "size": size, "filled": filled, "remaining": size - filled, "state": "filled" if filled == size else "canceled",
            "reason": None if filled == size else rng.choice(self.labels)}
        fees, left = Decimal(0), filled
        while left > 0:
            part = left if rng.randrange(2) else min(left, self.decimal(1, 300, 2))
            fee = (part * self.decimal(0, 0.02, 4)).quantize(MILLIONTH)
            yield self.envelope("own_fill", place, label) | {"trade_id": f"{identity}-{left}", **order, "size": part, "is_taker": True, "fee": fee}
            fees, left = fees + fee, left - part
        if filled > 0:
            yield from self.book(rule, place, label, filled if side == "buy" else -filled, price, fees)

    def book(self, rule, place, label, signed, price, fees):
        held, cost, realized, paid = self.positions.get((rule, place), (Decimal(0),) * 4)
        gain = self.decimal(-20, 22, 6) if held and self.rng.randrange(2) else Decimal(0)
        self.positions[rule, place] = held, cost, realized, paid = (
            held + signed, cost + (signed * price).quantize(MILLIONTH), realized + gain, paid + fees)
        yield self.envelope("own_position", place, label) | {"size": held, "cost": cost, "realized_pnl": realized, "fees_paid": paid, "rule": rule}
        earned, spent, _ = self.accounts.get(rule, (Decimal(0),) * 3)
        self.accounts[rule] = earned, spent, unrealized = earned + gain, spent + fees, self.decimal(-40, 45, 6)
        yield self.envelope("own_account") | {
            "rule": rule, "realized_pnl": earned, "fees_paid": spent, "unrealized_pnl": unrealized, "pnl": earned + unrealized - spent,
            "positions": sum(1 for (name, _), position in self.positions.items() if name == rule and position[0] != 0)}


def lines(run, count):
    """The lines of so many decisions, as bytes with their newlines."""
    return [(spell(event) + "\n").encode() for event in run.decisions(count)]


class Row:
    """What the table says of one rule."""

    def __init__(self):
        self.sums = {"Decisions": 0, "Trades": 0, "Tried": 0, "Shares": Decimal(0)}
        self.promised, self.filled, self.asked, self.edges, self.times, self.pnls, self.last = [], Decimal(0), Decimal(0), [], [], [], None


def expect(data):
    """The cells of every rule by their columns, as `<data value>` has them; None where there is a dash."""
    rows = {}
    for text in data:
        event = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        if event["feed"] != "mkt-decide":
            continue
        kind, row = event["type"], rows.setdefault(event.get("rule", event.get("client_id")), Row())
        if kind == "decision":
            row.sums["Decisions"] += 1
            row.sums["Trades"] += event["action"] == "trade"
            row.promised += [event["profit"]] if event["action"] == "trade" else []
            row.edges += [event["edge"]] if "edge" in event else []
            row.times.append(int(event["recv_us"]))
        elif kind == "own_order":
            row.sums["Tried"] += 1
            row.asked, row.filled = row.asked + event["size"], row.filled + event["filled"]
        elif kind == "own_fill":
            row.sums["Shares"] += event["size"]
        elif kind == "own_account":
            row.last = event
            row.pnls.append(event["pnl"])
    return {name: cells(row) for name, row in rows.items()}


def cells(row):
    last = row.last or {}
    best = {"P&L": last.get("pnl"), "Realized": last.get("realized_pnl"), "Unrealized": last.get("unrealized_pnl"), "Fees": last.get("fees_paid"),
            "Held": last.get("positions"), "Max drawdown": drawdown(row.pnls) if row.pnls else None,
            "Promised": sum(row.promised) if row.promised else None,
            "Mean edge": (sum(row.edges) / len(row.edges)).quantize(MILLIONTH, ROUND_FLOOR) if row.edges else None,
            "Best edge": max(row.edges) if row.edges else None}
    plain = {name: None if value is None else spell(Decimal(value)) for name, value in (best | row.sums).items()}
    return plain | {"Filled": f"{spell(row.filled)}/{spell(row.asked)}" if row.asked else None,
                    "First decision": stamp(min(row.times)) if row.times else None, "Last decision": stamp(max(row.times)) if row.times else None}


def drawdown(pnls):
    """By looking at every pair: the deepest fall from any value, or from nothing, to any later one."""
    best, deepest = Decimal(0), Decimal(0)
    for pnl in pnls:
        best = max(best, pnl)
        deepest = max(deepest, best - pnl)
    return deepest


def stamp(micros):
    import datetime
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
