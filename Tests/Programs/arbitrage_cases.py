"""Small streams whose decisions were worked out by hand, each with its arithmetic: the oracle and the program have to say the same.

A case is rules, links, lines and what is found, in order: totals, then for each leg instrument, outcome, side, limit, average price and fee;
`-` stands for what is not said.
"""

from fractions import Fraction

from arbitrage_streams import Number, spell

SECOND = 1_000_000
START = 1_790_000_000_000_000
LINK = {
    "left_venue": "polymarket", "left_instrument": "P", "right_venue": "kalshi", "right_instrument": "K", "relation": "same",
    "confidence": "1", "status": "approved",
}
NO_FEE = {"model": "none"}


def quadratic(rate, exponent="1", multiplier="1"):
    return {key: Number(value) for key, value in (("taker_rate", rate), ("maker_rate", "0"), ("exponent", exponent), ("multiplier", multiplier))} | {
        "model": "quadratic"}


class Script:
    """Writes a stream by hand: P and N are the two outcomes of a Polymarket market, all other instruments are Kalshi's."""

    def __init__(self):
        self.now, self.lines, self.seqs = START, [], {}

    def say(self, kind, instrument, **payload):
        is_token = instrument in "PN"
        feed, venue = ("pm", "polymarket") if is_token else ("kalshi", "kalshi")
        event = {"v": 1, "type": kind, "feed": feed, "venue": venue, "market": "0xm" if is_token else instrument, "instrument": instrument}
        if kind.startswith("book_"):
            self.seqs[instrument] = event["seq"] = self.seqs.get(instrument, 0) + 1
        self.lines.append(spell(event | {"recv_us": self.now} | payload))
        return self

    def told(self, instrument, fee=NO_FEE, **more):
        told = {"outcome": "No" if instrument == "N" else "Yes"}
        if instrument in "PN":
            told["complement"] = "N" if instrument == "P" else "P"
        return self.say("instrument", instrument, **told | more, **({"fee": fee} if fee else {}))

    def book(self, instrument, bids=(), asks=(), kind="book_snapshot", **more):
        sides = {"bids": [list(map(Number, level)) for level in bids], "asks": [list(map(Number, level)) for level in asks]}
        return self.say(kind, instrument, **sides, **({"reason": "initial"} if kind == "book_snapshot" else {}), **more)

    def status(self, feed, state, **more):
        self.lines.append(spell({"v": 1, "type": "feed_status", "feed": feed, "venue": "x", "recv_us": self.now, "state": state} | more))
        return self

    def wait(self, micros):
        self.now += micros
        return self


def spaced(value):
    """A word for words with blanks, so that a leg can be written as one text."""
    return value.replace(" ", "_") if isinstance(value, str) else value


class Case:
    def __init__(self, name, script, found, strategy="arbitrage", links=(LINK,), **rule):
        base = {"min_edge": "0.005", "max_size": "1000", "max_cost": "5000"} | rule
        numbers = {key: Fraction(base.pop(key)) for key in ("min_edge", "max_size", "max_cost")}
        self.name, self.lines, self.links, self.found = name, list(script.lines), list(links), found
        self.rules = {"r": {"strategy": strategy, "max_age": 2 * SECOND, "action": "trade"} | numbers | base}

    def problems(self, decisions):
        """How decisions (parsed, numbers as fractions) differ from what was worked out by hand."""
        keys = ("size", "cost", "payout", "fees", "profit", "edge")
        leg_keys = ("instrument", "outcome", "side", "price", "average_price", "fee")
        got = [
            (tuple(one.get(key) for key in keys), [tuple(spaced(leg.get(key, "-")) for key in leg_keys) for leg in one["legs"]])
            for one in decisions
        ]
        wanted = [
            (tuple(map(Fraction, totals.split())), [(*leg[:3], *map(Fraction, leg[3:])) for leg in map(str.split, legs)])
            for totals, *legs in self.found
        ]
        return [] if got == wanted else [f"{self.name}: got {got}, by hand {wanted}"]


def pair(fee=NO_FEE, other_fee=NO_FEE):
    return Script().told("P", fee).told("K", other_fee)


def plain(script=None):
    """The script goes on with 0.40 + (1 - 0.55) = 0.85 a pair, 100 of them."""
    return (script or pair()).book("P", asks=[("0.4", "100")]).book("K", bids=[("0.55", "100")])


# 100 pairs at 0.85 pay 100: 15 are left.
PLAIN = ("100 85 100 0 15 0.15", "P Yes buy 0.4 0.4 0", "K No buy 0.45 0.45 0")


def numbers():
    # Step 1: 1 - 0.4 - 0.45 - 0.0168 - 0.017325 = 0.115875, 100 shares. Step 2: 1 - 0.42 - 0.45 - 0.017052 - 0.017325 = 0.095623, 50 shares.
    # Cost 40 + 21 + 67.5. Fees 1.68 + 0.8526 = 2.5326, and 150 x 0.017325 = 2.59875, up to 2.60. 150 - 128.5 - 5.1326 = 16.3674; / 150 = 0.109116.
    # Average 61 / 150 = 0.40666..., up.
    script = pair(quadratic("0.07"), quadratic("0.07")).book("P", asks=[("0.4", "100"), ("0.42", "100")]).book("K", bids=[("0.55", "150")])
    yield Case("fees of both venues", script, [
        ("150 128.5 150 5.1326 16.3674 0.109116", "P Yes buy 0.42 0.406667 2.5326", "K No buy 0.45 0.45 2.6")])

    # Steps: 0.4 + 0.39 earns 0.21, 5 shares; 0.4 + 0.42 earns 0.18, 5 shares; 0.44 + 0.42 earns 0.14, 10 shares.
    deep = lambda: pair().book("P", asks=[("0.4", "10"), ("0.44", "10")]).book("K", bids=[("0.61", "5"), ("0.58", "20")])
    # Two steps: 4 + 1.95 + 2.1 = 8.05; average of K 4.05 / 10.
    yield Case("third step earns too little", deep(), [
        ("10 8.05 10 0 1.95 0.195", "P Yes buy 0.4 0.4 0", "K No buy 0.42 0.405 0")], min_edge="0.140001")
    # Three: 4 + 4.4 + 1.95 + 15 x 0.42 = 16.65; 3.35 / 20 = 0.1675; averages 8.4 / 20 and 8.25 / 20.
    yield Case("third step earns just enough", deep(), [
        ("20 16.65 20 0 3.35 0.1675", "P Yes buy 0.44 0.42 0", "K No buy 0.42 0.4125 0")], min_edge="0.14")

    # One share earns 0.06 - 0.07 x 0.46 x 0.54 = 0.042612 by the walk; charged are 2 cents: 1 - 0.94 - 0.02 = 0.04.
    cents = lambda: pair(NO_FEE, quadratic("0.07")).book("P", asks=[("0.48", "1")]).book("K", bids=[("0.54", "1")])
    yield Case("a fee is up to the next cent", cents(), [
        ("1 0.94 1 0.02 0.04 0.04", "P Yes buy 0.48 0.48 0", "K No buy 0.46 0.46 0.02")], min_edge="0.04")
    yield Case("a cent takes the edge", cents(), [], min_edge="0.040001")
    # 0.01 shares: 0.0006 before, a cent of fee.
    yield Case("a cent takes the profit", cents(), [], min_edge="0", max_size="0.01")
    # Up to the next 0.0001: 0.017388 makes 0.0174; 0.06 - 0.0174 = 0.0426.
    yield Case("another rounding", cents(), [
        ("1 0.94 1 0.0174 0.0426 0.0426", "P Yes buy 0.48 0.48 0", "K No buy 0.46 0.46 0.0174")],
        fee_rounding={"kalshi": "up_4"})

    # 10 / 0.85 = 11.7647...; 11.76 x 0.85 = 9.996; 11.76 - 9.996 = 1.764.
    yield Case("max_cost", plain(), [
        ("11.76 9.996 11.76 0 1.764 0.15", "P Yes buy 0.4 0.4 0", "K No buy 0.45 0.45 0")], max_cost="10")
    # 8.5 / 0.85 = 10 exactly.
    yield Case("max_cost met exactly", plain(), [("10 8.5 10 0 1.5 0.15", "P Yes buy 0.4 0.4 0", "K No buy 0.45 0.45 0")], max_cost="8.5")
    # 3.33 x 0.85 = 2.8305.
    yield Case("max_size", plain(), [("3.33 2.8305 3.33 0 0.4995 0.15", "P Yes buy 0.4 0.4 0", "K No buy 0.45 0.45 0")], max_size="3.333333")

    # 5.009999 shares are 5.00: nothing of the second level is left. 5 x 0.85 = 4.25.
    script = pair().book("P", asks=[("0.4", "5"), ("0.41", "0.009999")]).book("K", bids=[("0.55", "100")])
    yield Case("the worst step is cut away", script, [("5 4.25 5 0 0.75 0.15", "P Yes buy 0.4 0.4 0", "K No buy 0.45 0.45 0")])
    # 5.004 shares are 5.00: 4.995 at 0.40 and 0.005 at 0.41 = 1.998 + 0.00205 = 2.00005, with 2.25 4.25005; 2.00005 / 5 = 0.40001.
    script = pair().book("P", asks=[("0.4", "4.995"), ("0.41", "0.009")]).book("K", bids=[("0.55", "100")])
    yield Case("the worst step is cut", script, [("5 4.25005 5 0 0.74995 0.14999", "P Yes buy 0.41 0.40001 0", "K No buy 0.45 0.45 0")])

    # 0.333333 x 0.123 + 0.666667 x 0.1234 = 0.040999959 + 0.0822667078 = 0.1232666668, and 0.45: 0.5732666668, up.
    script = pair().book("P", asks=[("0.123", "0.333333"), ("0.1234", "9")]).book("K", bids=[("0.55", "100")])
    yield Case("a cost of ten decimals", script, [
        ("1 0.573267 1 0 0.426733 0.426733", "P Yes buy 0.1234 0.123267 0", "K No buy 0.45 0.45 0")], max_size="1")

    # 0.25 x (0.4 x 0.6)^2 = 0.0144, ten times 0.144. 10 - 8.5 - 0.144 = 1.356.
    script = pair(quadratic("0.25", "2")).book("P", asks=[("0.4", "10")]).book("K", bids=[("0.55", "10")])
    yield Case("exponent 2", script, [("10 8.5 10 0.144 1.356 0.1356", "P Yes buy 0.4 0.4 0.144", "K No buy 0.45 0.45 0")])
    # 0.012345 a share whatever the price: 0.12345. 1.5 - 0.12345 = 1.37655.
    script = pair(quadratic("0.012345", "0")).book("P", asks=[("0.4", "10")]).book("K", bids=[("0.55", "10")])
    yield Case("exponent 0", script, [("10 8.5 10 0.12345 1.37655 0.137655", "P Yes buy 0.4 0.4 0.12345", "K No buy 0.45 0.45 0")])

    # The other direction: NO of P is N at 1 - 0.62 = 0.38, K asks 0.5: 0.88, 4 of them 3.52.
    script = pair().told("N").book("P", bids=[("0.62", "10")]).book("K", asks=[("0.5", "4")])
    yield Case("the other direction", script, [("4 3.52 4 0 0.48 0.12", "N No buy 0.38 0.38 0", "K Yes buy 0.5 0.5 0")])
    script = pair().book("P", bids=[("0.62", "10")]).book("K", asks=[("0.5", "4")])
    yield Case("a complement never told", script, [("4 3.52 4 0 0.48 0.12", "N - buy 0.38 0.38 0", "K Yes buy 0.5 0.5 0")])
    for outcome, other in (("No", "Yes"), ("Over", "not Over"), (None, "opposite")):
        script = plain(Script().told("P").say("instrument", "K", fee=NO_FEE, **({"outcome": outcome} if outcome else {})))
        yield Case(f"the opposite of {outcome}", script, [(*PLAIN[:2], f"K {other.replace(' ', '_')} buy 0.45 0.45 0")])
    inverse = [LINK | {"relation": "inverse"}]
    # 0.4 + 0.35 = 0.75; ten of them.
    script = pair().book("P", asks=[("0.4", "10")]).book("K", asks=[("0.35", "20")])
    yield Case("inverse", script, [("10 7.5 10 0 2.5 0.25", "P Yes buy 0.4 0.4 0", "K Yes buy 0.35 0.35 0")], links=inverse)
    # (1 - 0.62) + (1 - 0.5) = 0.88.
    script = pair().told("N").book("P", bids=[("0.62", "10")]).book("K", bids=[("0.5", "4")])
    yield Case("inverse, the other direction", script, [("4 3.52 4 0 0.48 0.12", "N No buy 0.38 0.38 0", "K No buy 0.5 0.5 0")], links=inverse)


def sets():
    tokens = lambda fee=NO_FEE: Script().told("P", fee).told("N", fee)
    more = {"strategy": "complement", "links": (), "hold": 0}
    # 0.48 + 0.49 = 0.97, 80 of them 77.6. Legs in order of their names.
    script = tokens().book("P", asks=[("0.48", "100")]).book("N", asks=[("0.49", "80")])
    yield Case("both outcomes", script, [("80 77.6 80 0 2.4 0.03", "N No buy 0.49 0.49 0", "P Yes buy 0.48 0.48 0")], **more)
    # 0.52 + 0.5 - 1 - 0.04 x 0.2496 - 0.04 x 0.25 = 0.02 - 0.009984 - 0.01 = 0.000016; the second level of P loses. 10.2 - 10 - 0.09984 - 0.1.
    script = tokens(quadratic("0.04")).book("P", bids=[("0.52", "10"), ("0.51", "5")]).book("N", bids=[("0.5", "12")])
    yield Case("both outcomes sold", script, [
        ("10 10 10.2 0.19984 0.00016 0.000016", "N No sell 0.5 0.5 0.1", "P Yes sell 0.52 0.52 0.09984")], min_edge="0", **more)
    apart = Script().told("P").told("N", market="0xn").book("P", asks=[("0.48", "100")]).book("N", asks=[("0.49", "80")], market="0xn")
    yield Case("complements of two markets", apart, [], **more)
    apart = Script().told("P").told("N").told("N", complement="Q").book("P", asks=[("0.48", "100")]).book("N", asks=[("0.49", "80")])
    yield Case("a complement of another", apart, [], **more)
    # 0.05 x 0.25 x 0.01 = 0.000125, half up 0.00013; 0.05 x 0.24 x 0.01 = 0.00012. 0.01 - 0.009 - 0.00025 = 0.00075.
    script = tokens(quadratic("0.05")).book("P", asks=[("0.4", "0.01")]).book("N", asks=[("0.5", "0.01")])
    yield Case("half up", script, [("0.01 0.009 0.01 0.00025 0.00075 0.075", "N No buy 0.5 0.5 0.00013", "P Yes buy 0.4 0.4 0.00012")], **more)
    # Sold: 0.333333 x 0.6 + 0.666667 x 0.57 = 0.1999998 + 0.38000019 = 0.57999999, and 0.5: 1.07999999, down; the average down, too.
    script = tokens().book("P", bids=[("0.6", "0.333333"), ("0.57", "9")]).book("N", bids=[("0.5", "9")])
    yield Case("a payout of eight decimals", script, [
        ("1 1 1.079999 0 0.079999 0.079999", "N No sell 0.5 0.5 0", "P Yes sell 0.57 0.579999 0")], max_size="1", **more)

    more = {"strategy": "event_set", "links": (), "events": {"who": Number("3")}}
    three = lambda fee=NO_FEE, neg_risk="standard": [script for script in [Script()] for name in ("KA", "KB", "KC")
                                                     if script.told(name, fee, event="who", neg_risk=neg_risk)][0]
    asks = lambda script: script.book("KA", asks=[("0.3", "50")]).book("KB", asks=[("0.33", "50")]).book("KC", asks=[("0.31", "50")])
    # 0.3 + 0.33 + 0.31 = 0.94, 50 of them 47.
    wanted = ("50 47 50 0 3 0.06", "KA Yes buy 0.3 0.3 0", "KB Yes buy 0.33 0.33 0", "KC Yes buy 0.31 0.31 0")
    yield Case("a whole event", asks(three()), [wanted], **more)
    # 0.4 + 0.35 + 0.3 = 1.05; fees a share 0.035 x (0.24, 0.2275, 0.21) = 0.0084, 0.0079625, 0.00735; 7.5 shares 0.063, 0.05971875, 0.055125.
    # 7.875 - 7.5 - 0.07 - 0.06 - 0.06 = 0.185; / 7.5 = 0.024666...
    script = three(quadratic("0.07", multiplier="0.5")).book("KA", bids=[("0.4", "10")])
    script.book("KB", bids=[("0.35", "20")]).book("KC", bids=[("0.3", "7.5")])
    yield Case("a whole event sold", script, [
        ("7.5 7.5 7.875 0.19 0.185 0.024666", "KA Yes sell 0.4 0.4 0.07", "KB Yes sell 0.35 0.35 0.06", "KC Yes sell 0.3 0.3 0.06")],
        min_edge="0.02", **more)
    for neg_risk in ("augmented", "none"):
        yield Case(f"an event that is {neg_risk}", asks(three(neg_risk=neg_risk)), [], **more)
    yield Case("an event not known to exclude", asks(Script().told("KA", event="who").told("KB", event="who").told("KC", event="who")), [], **more)
    yield Case("an event with more outcomes", asks(three()), [], **more | {"events": {"who": Number("4")}})
    yield Case("an event with one too many", asks(three().told("KD", event="who", neg_risk="standard")), [], **more)
    yield Case("an event with a market that is not told so", asks(three().told("KD", event="who", outcome="No")), [], **more)
    both = Script().told("P", event="who", neg_risk="standard").told("N", event="who", neg_risk="standard", outcome="Yes")
    both.book("P", asks=[("0.3", "50")]).book("N", asks=[("0.33", "50")])
    yield Case("two outcomes of one market", both, [], **more | {"events": {"who": Number("2")}})
    # The fourth leaves the event: whole again.
    script = asks(three().told("KD", event="who", neg_risk="standard").told("KD", event="other"))
    yield Case("an event whole again", script, [wanted], **more)


def silences():
    for status in ("pending", "rejected"):
        yield Case(f"{status} link", plain(), [], links=[LINK | {"status": status}])
    yield Case("other link", plain(), [], links=[LINK | {"right_instrument": "L"}])
    yield Case("fees not told", plain(pair(None)), [])
    yield Case("an instrument never told", plain(Script().told("P")), [])
    for fee in ({"model": "unknown"}, quadratic("0.07", "0.5"), quadratic("0.07", "3"), quadratic("0.07", "1", "15")):
        yield Case(f"fee {spell(fee)}", plain(pair(fee)), [])
    for key in ("taker_rate", "exponent", "multiplier"):
        fee = quadratic("0.07")
        del fee[key]
        yield Case(f"fee without {key}", plain(pair(fee)), [])
    yield Case("fee found out later", plain(pair(None)).told("P").book("P", asks=[("0.4", "100")]), [PLAIN])

    crossed = pair().book("P", bids=[("0.41", "1")], asks=[("0.4", "100")]).book("K", bids=[("0.55", "100")])
    yield Case("crossed book", crossed, [])
    locked = pair().book("P", bids=[("0.4", "1")], asks=[("0.4", "100")]).book("K", bids=[("0.55", "100")])
    yield Case("locked book", locked, [PLAIN])
    yield Case("empty side", pair().book("P", bids=[("0.4", "1")]).book("K", bids=[("0.55", "100")]), [])
    yield Case("book never told", pair().book("K", bids=[("0.55", "100")]), [])
    delta = pair().book("P", asks=[("0.4", "100")], kind="book_delta").book("K", bids=[("0.55", "100")])
    yield Case("delta of a book never told", delta, [])
    for state in ("gap", "stale", "resyncing", "disconnected", "stopped"):
        script = pair().book("P", asks=[("0.4", "100")]).status("pm", state).book("K", bids=[("0.55", "100")])
        yield Case(f"book after {state}", script, [])
        yield Case(f"book after {state} and anew", script.book("P", asks=[("0.4", "100")]), [PLAIN])
    for state in ("live", "heartbeat", "lagging"):
        yield Case(f"book after {state}", plain(pair().status("pm", state)), [PLAIN])
    hole = pair().book("P", asks=[("0.4", "100")])
    hole.seqs["P"] += 1
    yield Case("hole", hole.book("P", asks=[("0.39", "1")], kind="book_delta").book("K", bids=[("0.55", "100")]), [])

    for age, found in ((2 * SECOND, []), (2 * SECOND - 1, [PLAIN])):
        script = pair().book("P", asks=[("0.4", "100")]).wait(age).book("K", bids=[("0.55", "100")])
        yield Case(f"book of age {age}", script, found)
    # A clock that was set back makes no book young.
    script = pair().wait(5 * SECOND).book("P", asks=[("0.4", "100")]).wait(-2 * SECOND).book("K", bids=[("0.55", "100")])
    yield Case("book of tomorrow", script, [])
    for state in ("unopened", "paused", "closed", "determined", "settled"):
        yield Case(f"market {state}", plain(pair().say("market_status", "K", state=state)), [])
        yield Case(f"market told as {state}", plain(pair().told("K", state=state)), [])
    yield Case("market settled", plain(pair().say("resolution", "P", settlement_price=Number("1"), outcome_won=True)), [])
    yield Case("market open again", plain(pair().say("market_status", "K", state="paused").say("market_status", "K", state="open")), [PLAIN])


def times():
    again = lambda script: script.book("K", bids=[("0.55", "100")])
    # The same finding is said once; after a sight without it, or after a break, again.
    yield Case("said once", again(plain()), [PLAIN])
    yield Case("said again", again(plain().book("K", bids=[("0.3", "100")])), [PLAIN, PLAIN])
    broken = plain().status("kalshi", "gap")
    yield Case("said again after a break", again(broken), [PLAIN, PLAIN])
    # 60 of 0.85: 51, and 9 are left.
    fewer = ("60 51 60 0 9 0.15", *PLAIN[1:])
    yield Case("fewer", plain().book("K", bids=[("0.55", "60")]), [PLAIN, fewer])
    # Silence uses the occasion up: no third decision for what was found within it.
    quick = plain().wait(SECOND - 1).book("K", bids=[("0.55", "60")]).wait(1)
    yield Case("within the cooldown", quick.book("K", bids=[("0.55", "60")]), [PLAIN], cooldown=SECOND)
    yield Case("at the end of the cooldown", plain().wait(SECOND).book("K", bids=[("0.55", "60")]), [PLAIN, fewer], cooldown=SECOND)
    yield Case("before hold is over", again(plain().wait(SECOND - 1)), [], hold=SECOND)
    yield Case("hold is over", again(plain().wait(SECOND)), [PLAIN], hold=SECOND)
    # Between them the chance is gone for a moment: hold begins anew.
    gone = lambda: again(plain().wait(SECOND // 2).book("K", bids=[("0.3", "100")]))
    yield Case("hold begins anew", again(gone().wait(SECOND - 1)), [], hold=SECOND)
    yield Case("hold begun anew is over", again(gone().wait(SECOND)), [PLAIN], hold=SECOND)

    back = again(plain().wait(-SECOND // 2))
    yield Case("hold begins anew at an earlier line", again(back.wait(SECOND - 1)), [], hold=SECOND)
    yield Case("hold begun at an earlier line is over", again(back.wait(1)), [PLAIN], hold=SECOND)

    # Mids 0.25 and 0.75 of a link that says `same`: sum 1. Bought here and sold there it would look like a gift.
    doubtful = lambda script: script.book("P", bids=[("0.24", "9")], asks=[("0.26", "9")]).book("K", bids=[("0.74", "9")], asks=[("0.76", "9")])
    yield Case("a link that looks inverted", doubtful(pair()), [])
    # K has no ask any more, so no mid: the doubt stays. With an ask at 0.9 its mid is 0.82, far off both; 0.26 + 0.26 = 0.52, nine times 4.68.
    yield Case("a link that looked inverted", doubtful(pair()).book("K", bids=[("0.74", "9")]), [])
    script = doubtful(pair()).book("K", bids=[("0.74", "9")]).book("K", bids=[("0.74", "9")], asks=[("0.9", "9")])
    yield Case("a link no longer looks inverted", script, [("9 4.68 9 0 4.32 0.48", "P Yes buy 0.26 0.26 0", "K No buy 0.26 0.26 0")])
    # Mids 0.25 and 0.75 of a link that says `inverse`: what it should be. 0.26 + 0.76 is too dear, 0.76 + 0.26 as well.
    yield Case("an inverse link that looks right", doubtful(pair()), [], links=[LINK | {"relation": "inverse"}])
    # Mids 0.25 and 0.781: sum 1.031, too far off. 0.26 + 0.23 = 0.49, nine times 4.41; 0.51 a share.
    script = pair().book("P", bids=[("0.24", "9")], asks=[("0.26", "9")]).book("K", bids=[("0.77", "9")], asks=[("0.792", "9")])
    wanted = ("9 4.41 9 0 4.59 0.51", "P Yes buy 0.26 0.26 0", "K No buy 0.23 0.23 0")
    yield Case("a link far off both", script, [wanted])
    # Mids 0.45 and 0.55: sum 1, but 0.1 apart is near enough. 0.46 + 0.46 = 0.92, nine times 8.28.
    script = pair().book("P", bids=[("0.44", "9")], asks=[("0.46", "9")]).book("K", bids=[("0.54", "9")], asks=[("0.56", "9")])
    yield Case("a link near a half", script, [("9 8.28 9 0 0.72 0.08", "P Yes buy 0.46 0.46 0", "K No buy 0.46 0.46 0")])
    # Mids 0.25 and 0.78: sum 1.03, within.
    script = pair().book("P", bids=[("0.24", "9")], asks=[("0.26", "9")]).book("K", bids=[("0.77", "9")], asks=[("0.79", "9")])
    yield Case("a link just near enough", script, [])


def cases():
    for group in (numbers, sets, silences, times):
        yield from group()
