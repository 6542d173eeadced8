"""What `--set`, `--latency`, `--verify` and `--paper` as options do: runs of the program against runs of its own, and the oracle for the rest."""

import unittest
from fractions import Fraction

from arbitrage_streams import toml
from arbitrage_test import parsed
import paper_test
from paper_streams import PaperStream, PaperWorld
from support import run


class OptionTests(paper_test.PaperCase):
    VARIED = {"min_edge": ["0", "0.01", "0.05"], "max_size": ["1", "25"], "lag": ["100ms", "1s", "1us"], "min_move": ["0.01", "0.02"]}

    def test_variants_are_what_runs_of_their_own_say(self):
        seen = 0
        for seed in range(paper_test.FIRST, paper_test.FIRST + paper_test.SEEDS // 6):
            world = PaperWorld(seed)
            lines = PaperStream(world).make(paper_test.LINES)
            name = sorted(world.rules)[0]
            key = next(key for key in self.VARIED if key in world.rules[name])
            with self.subTest(seed=seed, rule=name, key=key):
                values = self.VARIED[key]
                together = self.paper(world, lines, "--set", f"rules.{name}.{key}={','.join(values)}")
                for value in values:
                    alone = self.paper(world, lines, "--set", f"rules.{name}.{key}={value}")
                    wanted = self.lines_of_rule(alone, name, name)
                    self.assertEqual(self.lines_of_rule(together, f"{name}[{key}={value}]", name), wanted)
                    seen += len(wanted)
                for other in set(world.rules) - {name}:
                    self.assertEqual(self.lines_of_rule(together, other, other), self.lines_of_rule(self.paper(world, lines), other, other))
        self.assertGreater(seen, paper_test.SEEDS)

    @staticmethod
    def lines_of_rule(output, rule, name):
        """What a rule said, with its name, ids and the rules' hash made equal."""
        ids, found = {}, []
        for line in map(parsed, output.splitlines()):
            if rule not in (line.get("rule"), line.get("client_id")):
                continue
            line.pop("rules", None)
            if "id" in line:
                ids[line["id"]] = line["id"] = len(ids)
            for key in ("order_id", "trade_id"):
                if key in line:
                    first, *rest = line[key].split("-")
                    line[key] = (ids[first], *rest)
            found.append({key: name if value == rule else value for key, value in line.items()})
        return found

    def traded(self):
        """A world where much is traded, its stream and its output."""
        for seed in range(100):
            world = PaperWorld(seed)
            lines = PaperStream(world).make(paper_test.LINES)
            if any(rule.get("action") == "trade" for rule in world.rules.values()):
                output = self.paper(world, lines)
                if output.count(b'"own_fill"') > 20:
                    return world, lines, output
        raise AssertionError("nothing is traded")

    def test_paper_decides_the_same_and_can_be_verified(self):
        world, lines, output = self.traded()
        plain = self.decide(world.rules, world.links, lines)
        others = [line for line in output.splitlines(True) if not line.startswith(b'{"v":1,"type":"own_')]
        self.assertEqual(sorted(others), sorted(plain.splitlines(True)))
        for more in ((), ("--paper", "--latency", f"{world.latency}us")):
            with self.subTest(more=more):
                self.assertEqual(self.decide(world.rules, world.links, lines, more=("--verify", self.write("said", output.decode()), *more)), b"")

    def test_latency(self):
        world, lines, _ = self.traded()
        for text, latency in (("250ms", 250_000), ("0", 0), ("1us", 1), ("5s", 5_000_000), ("1h", 3_600_000_000)):
            with self.subTest(latency=text):
                output = self.decide(world.rules, world.links, lines, more=("--pass-through", "--paper", "--latency", text))
                self.assertEqual(paper_test.problems(paper_test.expectation(world.rules, world.links, lines, latency=latency)[1], output), [])
        _, default = paper_test.expectation(world.rules, world.links, lines)
        self.assertEqual(paper_test.problems(default, self.decide(world.rules, world.links, lines, more=("--pass-through", "--paper"))), [])

    def test_refused(self):
        trade = {"strategy": "complement", "min_edge": Fraction(0), "max_size": Fraction(1), "max_cost": Fraction(1), "max_age": 1, "hold": 0}
        for rule, status, more in (
            (trade, 78, ["--paper"]), (trade | {"action": "alert"}, 78, ["--paper"]), (trade | {"action": "trade"}, 0, ["--paper"]),
            (trade, 64, ["--set", "rules.r.min_edge=x"]), (trade, 64, ["--set", "rules.r.strategy=spread"]), (trade, 64, ["--set", "rules.r.min_edge=0,2"]),
            (trade | {"action": "trade"}, 64, ["--paper", "--latency", "-1s"]), (trade | {"action": "trade"}, 64, ["--paper", "--latency", "soon"]),
        ):
            with self.subTest(more=more, action=rule.get("action")):
                done = run("mkt-decide", "--rules", self.write("rules.toml", toml({"r": rule})), *more)
                self.assertEqual(done.returncode, status, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
