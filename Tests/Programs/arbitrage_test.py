"""mkt-decide's `arbitrage`, `complement` and `event_set` against the oracle beside it, line by line and to the last millionth."""

import collections
import copy
import functools
import json
import os
import random
import re
import tempfile
import unittest
from decimal import Decimal
from fractions import Fraction

from arbitrage_cases import Case, LINK, SECOND, cases, pair
from arbitrage_oracle import STRATEGIES, Fee, Leg, Oracle, best_size, finding, rounded
from arbitrage_streams import Stream, World, links_csv, links_toml, toml
from support import oracle, run

SEEDS = int(os.environ.get("MKT_ARB_SEEDS", "240"))
LINES = 220
TOTALS = ("size", "cost", "payout", "fees", "edge", "profit")
COMPARED = ("venue", "recv_us", "rule", "strategy", "action", "because", "legs", *TOTALS)
ORDER = ["v", "type", "feed", "venue", "recv_us", "rule", "strategy", "action", "id", "legs", *TOTALS[:3], "fees", "edge", "profit",
         "note", "because", "rules", "data", "build"]
LEG_ORDER = ["venue", "market", "instrument", "label", "outcome", "side", "price", "average_price", "size", "fee"]


# MARK: The comparison


def parsed(line):
    return json.loads(line, parse_float=Fraction, parse_int=Fraction)


def is_ordered(keys, order):
    places = [order.index(key) for key in keys if key in order]
    return len(places) == len(keys) and places == sorted(places)


def differences(expected, printed):
    """How a decision differs from what the oracle says."""
    found = [
        f"{key} is {shown(printed.get(key))}, not {shown(expected.get(key))}" for key in COMPARED if printed.get(key) != expected.get(key)
    ]
    legs = printed["legs"]
    if not is_ordered(printed, ORDER) or not all(is_ordered(leg, LEG_ORDER) for leg in legs):
        found.append(f"order of keys {list(printed)}, {[list(leg) for leg in legs]}")
    for key, form in (("note", ".+"), ("id", "[0-9a-f]{16}"), ("rules", "[0-9a-f]{64}")):
        if not re.fullmatch(form, printed.get(key, "")):
            found.append(f"{key} is {printed.get(key)}")
    # The links are the data that a decision stands on.
    if bool(re.fullmatch("[0-9a-f]{64}", printed.get("data", ""))) != (printed["strategy"] == "arbitrage"):
        found.append(f"data is {printed.get('data')}")
    return found


def shown(value):
    """Exact decimals where there are some."""
    if isinstance(value, Fraction):
        return f"{value} ({float(value)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(shown, value)) + "]" if isinstance(value, list) else repr(value)


def by_line(output, lines):
    """The decisions behind each line of the stream, and whether all else is the stream as it was."""
    rest, decisions = [], collections.defaultdict(list)
    for line in output.decode().split("\n")[:-1]:
        if line.startswith('{"v":1,"type":"decision","feed":"mkt-decide"'):
            decisions[len(rest) - 1].append(parsed(line))
        else:
            rest.append(line)
    return decisions, rest == lines


def problems(expected, output, lines):
    """What is wrong with the output of a run over `lines`, with what the oracle has to say on each."""
    printed, is_whole = by_line(output, lines)
    found = [] if is_whole else ["the stream is not what it was"]
    for number, line in enumerate(lines):
        wanted, got = expected[number], printed.get(number, [])
        at = f"line {number} {line[:160]}"
        if len(wanted) != len(got):
            found.append(f"{at}: {len(got)} decisions, not {len(wanted)}: {shown(got or wanted)}")
        found += [f"{at}: {text}" for one, other in zip(wanted, got) for text in differences(one, other)]
    ids = [decision.get("id") for decisions in printed.values() for decision in decisions]
    return found + ["an id comes twice"] * (len(ids) != len(set(ids)))


def expectation(rules, links, lines):
    """The oracle, and what it says on each line."""
    model = Oracle(rules, links)
    return model, [model.line(line) for line in lines]


class ArbitrageCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)
        return os.path.join(self.folder, name)

    def decide(self, rules, links, lines, *, spelled=links_csv, more=("--pass-through",)):
        """The output of the program over a regular file, so that no status lines come."""
        arguments = ["--rules", self.write("rules.toml", toml(rules)), "--log-level", "error", *more]
        if links is not None:
            arguments += ["--links", self.write("links.toml" if spelled is links_toml else "links.csv", spelled(links))]
        with open(self.write("stream", "".join(line + "\n" for line in lines))) as stream:
            done = run("mkt-decide", *arguments, stdin=stream)
        self.assertEqual(done.returncode, 0, f"{done.stderr.decode()}\n{toml(rules)}")
        return done.stdout


# MARK: The oracle itself


class OracleTests(unittest.TestCase):
    def test_by_hand(self):
        count = 0
        for case in cases():
            with self.subTest(case=case.name):
                _, said = expectation(case.rules, case.links, case.lines)
                self.assertEqual(case.problems([decision for decisions in said for decision in decisions]), [])
                count += 1
        self.assertGreater(count, 60)

    def test_fees_of_the_venues(self):
        # The venues' own tables, 100 shares at 0.07: p 0.50, 0.30, 0.10; 0.01 makes 0.0693.
        for price, fee in (("0.5", "1.75"), ("0.3", "1.47"), ("0.1", "0.63"), ("0.01", "0.0693")):
            self.assertEqual(100 * Fee("0.07").of(int(Fraction(price) * 1_000_000)), Fraction(fee))
        # 0.07 x 0.055 x 0.945 = 0.00363825.
        self.assertEqual(Fee("0.07").of(55_000), Fraction("0.00363825"))
        for word, fee in (("half_up_5", "0.00364"), ("cent_up", "0.01"), ("up_4", "0.0037"), ("up_6", "0.003639")):
            self.assertEqual(rounded(Fraction("0.00363825"), word), Fraction(fee))
        for raw, fee in (("0.000005", "0.00001"), ("0.00000499", "0"), ("0.000015", "0.00002")):
            self.assertEqual(rounded(Fraction(raw), "half_up_5"), Fraction(fee))
        self.assertEqual(rounded(Fraction("0.02"), "cent_up"), Fraction("0.02"))
        self.assertEqual(rounded(Fraction("0.0200000001"), "cent_up"), Fraction("0.03"))

    def test_no_larger_size_and_no_other_would_do(self):
        """The best size against one that is found the slow way round: from the definition, share by share in millionths."""
        chance = random.Random(5)
        for _ in range(60):
            levels = lambda: [(200_000 + 50_000 * n + chance.randrange(40_000), chance.randrange(1, 30_000)) for n in range(3)]
            legs = [Leg(levels(), Fee("0.07"), "up_6") for _ in range(2)]
            edge, cap, cost = Fraction(chance.randrange(200), 1000), chance.randrange(10_000, 60_000), chance.randrange(5_000, 40_000)
            units, spent = 0, 0
            queues = [[price for price, size in leg.levels for _ in range(size)] for leg in legs]
            earn = functools.cache(
                lambda prices: 1 - Fraction(sum(prices), 1_000_000) - sum(leg.fee.of(price) for leg, price in zip(legs, prices)))
            for prices in zip(*queues):
                earned = earn(prices)
                spent += sum(prices)
                if earned < edge or units == cap or spent > cost * 1_000_000:
                    break
                units += 1
            self.assertEqual(best_size(legs, True, edge, cap, cost), units // 10_000 * 10_000)
            self.assertEqual(best_size(legs, True, edge, cap, cost, tried_max=0), units // 10_000 * 10_000)

    def test_numbers_add_up(self):
        chance = random.Random(6)
        for _ in range(200):
            legs = [
                Leg([(300_000 + n * 1_000, chance.randrange(1, 9_000_000)) for n in range(4)], Fee("0.07", chance.randrange(3)), "half_up_5")
                for _ in range(2)
            ]
            found = finding(legs, True, Fraction(0), 9_000_000, 9_000_000)
            if found:
                parts, totals = found
                self.assertEqual(totals["profit"], totals["payout"] - totals["cost"] - sum(part["fee"] for part in parts))
                self.assertLessEqual(totals["edge"] * totals["size"], totals["profit"])
                self.assertTrue(all((value * 1_000_000).denominator == 1 for value in totals.values()))
                self.assertTrue(all(part["average_price"] <= part["price"] for part in parts))


# MARK: The program


class HandCaseTests(ArbitrageCase):
    """What was worked out by hand, said by the program."""

    def test_by_hand(self):
        for case in cases():
            with self.subTest(case=case.name):
                links = case.links if case.rules["r"]["strategy"] == "arbitrage" else None
                output = self.decide(case.rules, links, case.lines)
                decisions, _ = by_line(output, case.lines)
                self.assertEqual(case.problems([one for number in sorted(decisions) for one in decisions[number]]), [])
                self.assertEqual(problems(expectation(case.rules, case.links, case.lines)[1], output, case.lines), [])

    def doubtful(self, relation, seconds):
        """A link of the wrong relation, seen once a second and looked at to the end."""
        script = pair()
        for second in range(seconds):
            for instrument in "PK":
                # Mids 0.25 here; there 0.75, or 0.25 where the link says inverse.
                is_low = instrument == "P" or relation == "inverse"
                script.book(instrument, bids=[("0.24" if is_low else "0.74", "9")], asks=[("0.26" if is_low else "0.76", "9")])
            script.wait(SECOND)
        return Case("doubtful", script, [], links=[LINK | {"relation": relation}])

    def test_links_that_look_inverted_are_told_once(self):
        for relation in ("same", "inverse"):
            for seconds, count in ((60, 0), (61, 1), (90, 1)):
                with self.subTest(relation=relation, seconds=seconds):
                    case = self.doubtful(relation, seconds)
                    _, said = expectation(case.rules, case.links, case.lines)
                    output = self.decide(case.rules, case.links, case.lines)
                    self.assertEqual(sum(map(len, said)), count)
                    self.assertEqual(problems(said, output, case.lines), [])

    def test_links_that_are_held_stay_so(self):
        case = self.doubtful("same", 70)
        script = pair().wait(100 * SECOND).book("P", asks=[("0.4", "100")]).book("K", bids=[("0.55", "100")])
        lines = case.lines + [line.replace('"seq":', '"conn":2,"seq":') for line in script.lines]
        _, said = expectation(case.rules, case.links, lines)
        self.assertEqual([decision["action"] for decisions in said for decision in decisions], ["alert"])
        self.assertEqual(problems(said, self.decide(case.rules, case.links, lines), lines), [])


class AgreementTests(ArbitrageCase):
    """Random worlds: the program says what the oracle says, where it says it, and nothing else."""

    def test_random_streams(self):
        said, sights, kept = collections.Counter(), collections.Counter(), b""
        for seed in range(SEEDS):
            with self.subTest(seed=seed):
                world = World(seed)
                lines = Stream(world).make(LINES)
                model, expected = expectation(world.rules, world.links, lines)
                spelled = links_toml if seed % 4 == 0 else lambda links: links_csv(links, random.Random(seed))
                output = self.decide(world.rules, world.links, lines, spelled=spelled)
                found = problems(expected, output, lines)
                self.assertEqual(found[:6], [], f"seed {seed}: {len(found)} problems")
                sights += model.usable_sights
                kept += b"".join(line for line in output.splitlines(True) if b'"feed":"mkt-decide"' in line)
                for decision in (decision for decisions in expected for decision in decisions):
                    what = decision["legs"][0].get("side", "held")
                    said[decision["strategy"], what] += 1
        self.assertEqual(oracle("validate.py", self.write("decisions", kept.decode())).returncode, 0)
        if SEEDS >= 240:
            # The streams are not about nothing.
            for strategy in STRATEGIES:
                self.assertGreater(sights[strategy], 2000, strategy)
            for strategy, side, least in (
                ("arbitrage", "buy", 800), ("complement", "buy", 150), ("complement", "sell", 150), ("event_set", "buy", 80),
                ("event_set", "sell", 80), ("arbitrage", "held", 1),
            ):
                self.assertGreaterEqual(said[strategy, side], least, f"{strategy} {side}")

    def test_same_output_twice_and_for_links_spelled_otherwise(self):
        world = World(1, "mixed")
        lines = Stream(world).make(LINES)
        first = self.decide(world.rules, world.links, lines)
        self.assertEqual(first, self.decide(world.rules, world.links, lines))
        self.assertEqual(first, self.decide(world.rules, world.links[::-1], lines, spelled=links_toml))
        self.assertEqual(first, self.decide(world.rules, [link for link in world.links if link["status"] == "approved"], lines))


class MutationTests(ArbitrageCase):
    """The comparison notices whatever is changed in the program's output."""

    def setUp(self):
        super().setUp()
        self.chance = random.Random(3)
        self.runs = []
        for seed, kind in enumerate(("links", "pairs", "sets", "mixed") * 2):
            world = World(seed, kind)
            lines = Stream(world).make(LINES)
            _, expected = expectation(world.rules, world.links, lines)
            if any(expected):
                output = self.decide(world.rules, world.links, lines)
                self.assertEqual(problems(expected, output, lines)[:3], [])
                self.runs.append((expected, output, lines))

    def is_noticed(self, change):
        """Changes one decision line of every run; `change` gives the lines that stand in its place."""
        for expected, output, lines in self.runs:
            texts = output.decode().split("\n")[:-1]
            place = self.chance.choice([n for n, text in enumerate(texts[:-1]) if '"feed":"mkt-decide"' in text and '"average_price"' in text])
            texts[place : place + 2] = change(texts[place], texts[place + 1])
            changed = "".join(text + "\n" for text in texts).encode()
            self.assertNotEqual(changed, output)
            self.assertNotEqual(problems(expected, changed, lines), [])

    def edited(self, edit):
        def change(line, after):
            decision = json.loads(line, parse_float=Spelled, parse_int=Spelled)
            edit(decision)
            return [dumped(decision), after]
        return change

    def test_numbers(self):
        nudge = lambda value: Spelled(Decimal(value) + self.chance.choice([-1, 1]) * Decimal("0.000001"))
        for key in TOTALS:
            with self.subTest(key=key):
                self.is_noticed(self.edited(lambda decision: decision.update({key: nudge(decision[key])})))
                self.is_noticed(self.edited(lambda decision: decision.pop(key)))
        for key in ("price", "average_price", "size", "fee"):
            with self.subTest(key=key):
                self.is_noticed(self.edited(lambda decision: decision["legs"][-1].update({key: nudge(decision["legs"][-1][key])})))
                self.is_noticed(self.edited(lambda decision: decision["legs"][0].pop(key)))

    def test_words(self):
        for key in ("rule", "strategy", "action", "venue", "id", "note", "rules", "because", "legs"):
            with self.subTest(key=key):
                self.is_noticed(self.edited(lambda decision: decision.update({key: decision[key][:0]})))
        for key, value in (("venue", "x"), ("market", "x"), ("instrument", "x"), ("outcome", "Perhaps"), ("side", "hold"), ("label", "x/y")):
            with self.subTest(key=key):
                self.is_noticed(self.edited(lambda decision: decision["legs"][0].update({key: value})))
        self.is_noticed(self.edited(lambda decision: decision["legs"].reverse()))
        self.is_noticed(self.edited(lambda decision: decision["legs"].append(copy.deepcopy(decision["legs"][0]))))
        self.is_noticed(self.edited(lambda decision: decision["because"].pop()))
        for key in ("instrument", "feed", "seq", "recv_us"):
            with self.subTest(key=key):
                self.is_noticed(self.edited(lambda decision: decision["because"][0].pop(key)))
                self.is_noticed(self.edited(lambda decision: decision["because"][-1].update({key: Spelled("7")})))

    def test_places(self):
        self.is_noticed(lambda line, after: [after])
        self.is_noticed(lambda line, after: [line, line, after])
        self.is_noticed(lambda line, after: [after, line])
        self.is_noticed(lambda line, after: [line, after, line])


class Spelled(str):
    """A number as it was printed."""


def dumped(value):
    """JSON text with numbers as they were printed."""
    if isinstance(value, Spelled):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dumped(item)}" for key, item in value.items()) + "}"
    return "[" + ",".join(map(dumped, value)) + "]" if isinstance(value, list) else json.dumps(value)


if __name__ == "__main__":
    unittest.main()
