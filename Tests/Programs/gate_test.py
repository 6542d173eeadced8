"""The gate of Tests/Benchmarks/gate.py: what it lets pass, what it does not, and how it reads callgrind's files."""

import os
import sys
import tempfile
import unittest

import support

sys.path.insert(0, os.path.join(support.ROOT, "Tests", "Benchmarks"))
import gate  # noqa: E402 (it stands beside the benchmarks)

# Two functions of ours, of which one calls libcrypto; the names are told once and then stand for themselves.
CALLGRIND = """# callgrind format
version: 1
creator: callgrind-3.19.0
pid: 1
cmd:  mkt-bench
part: 2

desc: I1 cache:
desc: Trigger: Client Request: pm/hash/small

positions: line
events: Ir
summary: 1234

ob=(1) /bin/mkt-bench
fl=(1) ???
fn=(1) hash
0 30
cob=(2) /usr/lib/x86_64-linux-gnu/libcrypto.so.3
cfn=(2) sha1
calls=7 0
0 1000
0 2

ob=(2)
fn=(2)
0 900
cob=(3) /usr/lib/x86_64-linux-gnu/libc.so.6
cfn=(3) memcpy
calls=1 0
* 100

ob=(3)
fn=(3)
+3 100

ob=(1)
fn=(4) other
-2 4

totals: 1036
"""


class Comparing(unittest.TestCase):
    def compare(self, accepted, counted):
        return gate.compare(accepted, counted)

    def test_nothing_is_said_of_what_stays_within_the_bound(self):
        self.assertEqual(self.compare({"a": 1000.0, "b": 10.0}, {"a": 1049.0, "b": 9.6}), ([], []))

    def test_growth_beyond_the_bound_fails_and_tells_was_is_and_growth(self):
        failures, hints = self.compare({"a": 1000.0, "b": 10.0}, {"a": 1051.0, "b": 10.0})
        self.assertEqual(failures, ["a: was 1,000.0 instructions a line, is 1,051.0: +5.1%"])
        self.assertEqual(hints, [])

    def test_each_path_that_grew_has_its_line(self):
        failures, _ = self.compare({"a": 10.0, "b": 20.0, "c": 30.0}, {"a": 20.0, "b": 20.0, "c": 60.0})
        self.assertEqual([line.partition(":")[0] for line in failures], ["a", "c"])

    def test_shrinking_is_a_hint(self):
        failures, hints = self.compare({"a": 1000.0}, {"a": 900.0})
        self.assertEqual((failures, len(hints)), ([], 1))
        self.assertIn("-10.0%", hints[0])

    def test_a_path_that_is_gone_fails(self):
        failures, hints = self.compare({"a": 1000.0, "b": 1.0}, {"b": 1.0})
        self.assertEqual((len(failures), hints), (1, []))
        self.assertIn("no longer there", failures[0])

    def test_a_path_that_is_new_fails(self):
        failures, hints = self.compare({}, {"a": 1000.0})
        self.assertEqual((len(failures), hints), (1, []))
        self.assertIn("nothing says what it may need", failures[0])

    def test_a_path_that_needed_nothing_and_needs_something_fails(self):
        self.assertEqual(len(self.compare({"a": 0.0}, {"a": 1.0})[0]), 1)

    def test_a_path_that_counts_nothing_any_more_fails(self):
        self.assertEqual(len(self.compare({"a": 10.0}, {"a": 0.0})[0]), 1)


class Reading(unittest.TestCase):
    def test_instructions_are_those_of_each_function_itself_outside_libcrypto(self):
        with tempfile.NamedTemporaryFile("w", suffix=".out") as file:
            file.write(CALLGRIND)
            file.flush()
            self.assertEqual(gate.instructions(file.name), (30 + 2 + 100 + 4, "pm/hash/small"))

    def test_what_is_accepted_is_there(self):
        with open(gate.THRESHOLDS, encoding="utf-8") as file:
            accepted = gate.json.load(file)["instructions a line"]
        self.assertTrue(accepted)
        self.assertTrue(all(count > 0 for count in accepted.values()))


if __name__ == "__main__":
    unittest.main()
