"""mkt-decide's `stale_quote`, `resolution_arb`, `--set` and `--paper` against the oracle beside it: every line, its place, and all to the last millionth."""

import collections
import os
import re
import unittest
from fractions import Fraction

from arbitrage_streams import number
from arbitrage_test import ArbitrageCase, differences, is_ordered, parsed, shown
from paper_oracle import PaperOracle
from paper_streams import PaperStream, PaperWorld
from support import oracle

SEEDS = int(os.environ.get("MKT_PAPER_SEEDS", "100"))
FIRST = int(os.environ.get("MKT_PAPER_FIRST", "0"))
LINES = 240
OURS = re.compile(rb'\{"v":1,"type":"(decision|own_\w+)","feed":"mkt-decide"')
ORDERS = {
    "own_order": ["order_id", "client_id", "side", "price", "size", "filled", "remaining", "state", "reason"],
    "own_fill": ["trade_id", "order_id", "client_id", "side", "price", "size", "is_taker", "fee"],
    "own_position": ["size", "cost", "realized_pnl", "fees_paid", "rule"],
    "own_account": ["rule", "realized_pnl", "fees_paid", "unrealized_pnl", "pnl", "positions"],
}
ENVELOPE = ["v", "type", "feed", "venue", "market", "instrument", "label", "recv_us"]


# MARK: The comparison


def decision_differences(wanted, got):
    """As for rules about several books; what the page leaves open is not asked for."""
    strategy, free = wanted["strategy"], dict(got)
    told = {key: value for key, value in wanted.items() if not key.startswith("_")}
    if strategy == "stale_quote":
        # The page does not say on which lines it stands.
        times = [entry["recv_us"] for entry in got["because"]]
        told["because"] = got["because"] if times and times == sorted(times) else None
    has_data = strategy in ("arbitrage", "stale_quote") or bool(wanted.get("_is_linked"))
    found = ["data is told, or is not"] * (has_data != ("data" in got))
    if strategy != "arbitrage":
        free.pop("data", None)
    found += differences(told, free)
    if "_tells" in wanted and not got["note"].endswith(f"as {wanted['_tells']} tells"):
        found.append(f"note is {got['note']}")
    if "_moved" in wanted:
        venue, name, *numbers = wanted["_moved"]
        distance, before, after = (half(value) for value in numbers)
        leg = next(leg for leg in got["legs"] if "side" in leg)
        words = rf"{re.escape(venue)} {re.escape(name)} moved {distance} >= \S+ \({before} to {after}\) and {re.escape(leg['venue'])} "
        words += rf"{re.escape(leg['instrument'])} stood still for \S+: {leg['side']} {number(leg['size'])} at {number(leg['price'])}"
        if not re.fullmatch(words, got["note"]):
            found.append(f"note is {got['note']}, not {words}")
    return found


def half(value):
    """A mid: exact to half a millionth."""
    tenths = value * 10**7
    return f"{tenths // 10**7}.{int(tenths % 10**7):07}".rstrip("0").rstrip(".")


def own_differences(wanted, got, reasons):
    told = {"v": 1, "feed": "mkt-decide"} | {key: value for key, value in wanted.items() if not key.startswith("_")}
    if "_decision" in wanted:
        told["order_id"] = wanted["_decision"].get("_id")
        if "_trade" in wanted:
            told["trade_id"] = f"{told['order_id']}{wanted['_trade']}"
    if "_reasons" in wanted:
        told["reason"] = got.get("reason")
        # The page has no words: one for each reason will do, and of several any.
        reasons[got.get("reason")] &= wanted["_reasons"]
        if not got.get("reason") or not reasons[got["reason"]]:
            return [f"reason is {got.get('reason')}, not {wanted['_reasons']}"]
    found = [f"{key} is {shown(got.get(key))}, not {shown(told.get(key))}" for key in {**told, **got} if told.get(key) != got.get(key)]
    return found + [f"order of keys {list(got)}"] * (not is_ordered(got, ENVELOPE + ORDERS[wanted["type"]]))


def problems(expected, output, reasons=None):
    """What is wrong with an output; stops where another line stands than should."""
    reasons = collections.defaultdict(lambda: {"unknown", "crossed", "closed", "fee", "depth", "end"}) if reasons is None else reasons
    found, lines, place = [], output.decode().split("\n")[:-1], "the beginning"
    for count, wanted in enumerate(expected):
        got = lines[count] if count < len(lines) else "nothing"
        if isinstance(wanted, str):
            if wanted != got:
                return found + [f"behind {place}: {got} instead of the line {wanted}"]
            place = f"line {count} {wanted[:200]}"
            continue
        kind = wanted.get("type", "decision")
        if not got.startswith('{"v":1,"type":"%s","feed":"mkt-decide"' % kind):
            return found + [f"behind {place}: {got} instead of {kind} {shown(wanted)}"]
        got = parsed(got)
        if kind == "decision":
            wanted["_id"] = got.get("id")
        texts = decision_differences(wanted, got) if kind == "decision" else own_differences(wanted, got, reasons)
        found += [f"behind {place}: {kind} {got['recv_us']} {got.get('instrument', '')} {got.get('rule')}: {text}" for text in texts]
    if len(lines) > len(expected):
        found.append(f"too much at the end: {lines[len(expected)]}")
    ids = [wanted["_id"] for wanted in expected if isinstance(wanted, dict) and "_id" in wanted]
    return found + ["an id comes twice"] * (len(ids) != len(set(ids)))


def expectation(rules, links, lines, **more):
    model = PaperOracle(rules, links, **more)
    expected = [item for line in lines for item in model.feed(line)]
    return model, expected + list(model.end())


class PaperCase(ArbitrageCase):
    def paper(self, world, lines, *more, rules=None):
        has_trade = any(rule.get("action") == "trade" for rule in world.rules.values())
        arguments = ["--paper", "--latency", f"{world.latency}us"] if has_trade else []
        return self.decide(rules or world.rules, world.links, lines, more=(*arguments, *(more or ("--pass-through",))))


class AgreementTests(PaperCase):
    def test_random_streams(self):
        seen, reasons, kept = collections.Counter(), collections.defaultdict(lambda: {"unknown", "crossed", "closed", "fee", "depth", "end"}), b""
        for seed in range(FIRST, FIRST + SEEDS):
            with self.subTest(seed=seed):
                world = PaperWorld(seed)
                lines = PaperStream(world).make(LINES)
                model, expected = expectation(world.rules, world.links, lines, latency=world.latency)
                output = self.paper(world, lines)
                found = problems(expected, output, None if os.environ.get("MKT_PAPER_APART") else reasons)
                self.assertEqual(found[:4], [], f"seed {seed}: {len(found)} problems")
                kept += b"".join(line for line in output.splitlines(True) if OURS.match(line))
                for item in expected:
                    if isinstance(item, dict):
                        seen[item.get("type") or item["strategy"], item.get("state")] += 1
                        seen.update(("reason", reason) for reason in item.get("_reasons", ()))
        self.assertEqual(oracle("validate.py", self.write("decisions", kept.decode())).returncode, 0)
        if os.environ.get("MKT_PAPER_SAY"):
            print(sorted(seen.items(), key=str), dict(reasons))


class SumTests(PaperCase):
    """The lines of an account add up, whatever the oracle says: from the output alone."""

    def added_up(self, lines):
        """Each `own_account` against the fills, settlements and marks before it; gives how many there were."""
        cash, shares, fees, count, positions = collections.Counter(), {}, collections.Counter(), 0, {}
        # What was spent on an instrument since its position was told last.
        spent = collections.Counter()
        for line in lines:
            kind, rule = line["type"], line.get("rule", line.get("client_id"))
            key = (rule, line.get("venue"), line.get("instrument"))
            if kind == "own_fill":
                size = line["size"] if line["side"] == "buy" else -line["size"]
                cash[rule] -= size * line["price"]
                spent[key] += size * line["price"]
                shares[key] = shares.get(key, 0) + size
                fees[rule] += line["fee"]
            elif kind == "own_position":
                before = shares.get(key, 0)
                if line["size"] != before:
                    # A settlement: what it paid is what came of it, and a share pays nothing to a dollar.
                    self.assertEqual(line["size"], 0)
                    last = positions.get(key, {"cost": 0, "realized_pnl": 0})
                    paid = line["realized_pnl"] - last["realized_pnl"] + last["cost"] + spent[key]
                    self.assertLessEqual(abs(paid / before - Fraction(1, 2)), Fraction(1, 2) + Fraction(3, 1_000_000) / abs(before))
                    cash[rule] += paid
                shares[key], positions[key], spent[key] = line["size"], line, Fraction(0)
            elif kind == "own_account":
                count += 1
                mine = [each for (name, *_), each in positions.items() if name == rule]
                held = sum(each["cost"] for each in mine)
                self.assertEqual(line["fees_paid"], fees[rule])
                self.assertEqual(line["fees_paid"], sum(each["fees_paid"] for each in mine))
                self.assertEqual(line["positions"], sum(each["size"] != 0 for each in mine))
                self.assertEqual(line["pnl"], line["realized_pnl"] + line["unrealized_pnl"] - line["fees_paid"])
                # Each printed number is rounded against the account by less than a millionth.
                slack = Fraction(len(mine) * (2 + count), 1_000_000)
                self.assertLessEqual(abs(line["realized_pnl"] - sum(each["realized_pnl"] for each in mine)), slack)
                self.assertLessEqual(abs(line["realized_pnl"] - cash[rule] - held), slack)
        return count

    def test_accounts_add_up(self):
        count = 0
        for seed in range(FIRST, FIRST + SEEDS // 3):
            world = PaperWorld(seed)
            with self.subTest(seed=seed):
                output = self.paper(world, PaperStream(world).make(LINES))
                count += self.added_up([parsed(line) for line in output.splitlines() if OURS.match(line)])
        self.assertGreater(count, SEEDS // 3)


if __name__ == "__main__":
    unittest.main()
