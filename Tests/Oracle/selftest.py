"""Tests the oracle itself: a right feed passes on every seed, and every way of being wrong is seen.

`selftest.py [--seeds N]`. The last line is `N passed, N failed`; exit 1 if any failed.
"""

import argparse
import io
import json
import os
import random
import sys

import generate
from check import check
from consumer import parse
from mutations import MUTATIONS, dump
from reffeed import convert
from validate import Validator

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "market-event.schema.json")
BASES = (("kalshi", 5, "chaos", False), ("polymarket", 5, "chaos", False), ("kalshi", 2, "clean", False), ("polymarket", 4, "clean", True),
         ("polymarket", 2, "sample", False))
BAD_LINES = {
    "a key order": '{"type":"trade","v":1,"feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.5,"size":1,"aggressor_side":"buy"}',
    "blanks": '{"v":1, "type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.5,"size":1,"aggressor_side":"buy"}',
    "a trailing zero": '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.50,"size":1,"aggressor_side":"buy"}',
    "a decimal zero": '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.5,"size":1.0,"aggressor_side":"buy"}',
    "an exponent": '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":5e-1,"size":1,"aggressor_side":"buy"}',
    "seven decimals": '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.1234567,"size":1,"aggressor_side":"buy"}',
    "a key said twice": '{"v":1,"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.5,"size":1,"aggressor_side":"buy"}',
    "an unknown key": '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.5,"size":1,"aggressor_side":"buy","x":1}',
    "a price above one": '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":1.5,"size":1,"aggressor_side":"buy"}',
    "a quoted number": '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":"0.5","size":1,"aggressor_side":"buy"}',
    "a missing key": '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.5,"size":1}',
    "an unknown type": '{"v":1,"type":"trades","feed":"pm","venue":"polymarket","recv_us":1}',
    "levels worst first": '{"v":1,"type":"book_delta","feed":"pm","venue":"polymarket","market":"m","instrument":"i","conn":1,"seq":1,"recv_us":1,"bids":[[0.4,1],[0.5,1]],"asks":[]}',
    "a price twice": '{"v":1,"type":"book_delta","feed":"pm","venue":"polymarket","market":"m","instrument":"i","conn":1,"seq":1,"recv_us":1,"bids":[],"asks":[[0.4,1],[0.4,2]]}',
    "an empty level in a snapshot": '{"v":1,"type":"book_snapshot","feed":"pm","venue":"polymarket","market":"m","instrument":"i","conn":1,"seq":1,"recv_us":1,"bids":[[0.4,0]],"asks":[],"reason":"initial"}',
    "a null": '{"v":1,"type":"feed_status","feed":"pm","venue":"polymarket","conn":null,"recv_us":1,"state":"live"}',
    "counters out of order": '{"v":1,"type":"feed_status","feed":"pm","venue":"polymarket","recv_us":1,"state":"heartbeat","counters":{"b":1,"a":1}}',
    "a needless escape": '{"v":1,"type":"feed_status","feed":"pm","venue":"polymarket","recv_us":1,"state":"drift","reason":"caf\\u00e9"}',
}
GOOD_LINES = (
    '{"v":1,"type":"quote","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"bid":[0.5,null],"ask":null}',
    '{"v":1,"type":"feed_status","feed":"pm","venue":"polymarket","recv_us":1,"state":"drift","reason":"café \\u0001 \\"x\\" \\\\u00e9 5.0] 1e5"}',
    '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.00001,"size":0.000001,"aggressor_side":"unknown"}',
)


class Tally:
    """Counts, and says what failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, good, text):
        """One result."""
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAILED: {text}")


def recording(venue, seed, profile, recipe=False, seconds=120, markets=5):
    """A recording and its truth as lists of lines."""
    made, truth = io.StringIO(), io.StringIO()
    generate.make(venue, seed, profile, seconds, markets, made, truth, recipe)
    return split(made.getvalue()), split(truth.getvalue())


def split(text):
    """Lines by newline only: frames may hold other separators, escaped or not."""
    return [line + "\n" for line in text.split("\n")[:-1]]


def seeds(tally, count, validator):
    """The reference feed on every seed, venue and profile, with and without all hashes verified."""
    runs = [(venue, seed, profile, False) for seed in range(1, count + 1) for venue in ("polymarket", "kalshi") for profile in ("clean", "chaos", "sample")]
    runs += [("polymarket", seed, profile, True) for seed in range(1, count // 2 + 1) for profile in ("clean", "chaos")]
    for run in runs:
        made, truth = recording(*run)
        for verify_all in (False, True) if run[0] == "polymarket" else (False,):
            events = convert(made, verify_all)
            problems = check(made, truth, events, verify_all).problems
            tally.expect(not problems, f"{run} verify_all={verify_all}: {problems[:1]}")
        reasons = [reason for reason in map(validator.problem, events) if reason]
        tally.expect(not reasons, f"{run}: an event is not canonical: {reasons[:1]}")


def wrong(tally):
    """Every mutation must be seen on each recording to which it applies, and apply to one at least."""
    applied, unseen = dict.fromkeys(MUTATIONS, 0), []
    for venue, seed, profile, recipe in BASES:
        made, truth = recording(venue, seed, profile, recipe, seconds=150)
        lines, base = [json.loads(line) for line in made], convert(made, True)
        tally.expect(not check(made, truth, base, True).problems, f"the unchanged events of {venue} {seed} {profile}")
        for name, mutate in MUTATIONS.items():
            if name == "NO prices are not complemented" and venue != "kalshi":
                continue
            for attempt in range(3):
                events = mutate([parse(line) for line in base], lines, random.Random(f"{name} {attempt}"))
                if events is None:
                    continue
                applied[name] += 1
                if not check(made, truth, [dump(event) + "\n" for event in events], True).problems:
                    unseen.append(f"{name}, on {venue} {seed} {profile}, attempt {attempt}")
    for name, count in applied.items():
        tally.expect(count, f"mutation {name!r} applied nowhere")
        tally.expect(not any(each.startswith(name + ",") for each in unseen), f"not seen: {[each for each in unseen if each.startswith(name + ',')]}")
    return applied


def sameness(tally):
    """The same seed gives the same bytes, another seed others."""
    for venue in ("polymarket", "kalshi"):
        first, again, other = recording(venue, 3, "chaos", seconds=30), recording(venue, 3, "chaos", seconds=30), recording(venue, 4, "chaos", seconds=30)
        tally.expect(first == again, f"{venue}: the same seed gave other bytes")
        tally.expect(first[0] != other[0], f"{venue}: another seed gave the same bytes")
        times = [json.loads(line).get("recv_us") for line in first[0]]
        times = [time for time in times if time is not None]
        tally.expect(all(a < b for a, b in zip(times, times[1:])), f"{venue}: receive times do not rise")


def canonical(tally, schema):
    """The validator refuses what is not canonical, by hand and by schema."""
    for full in (False, True):
        for name, line in BAD_LINES.items():
            tally.expect(Validator(schema, full).problem(line + "\n"), f"{name} was let through, full={full}")
        for line in GOOD_LINES:
            reason = Validator(schema, full).problem(line + "\n")
            tally.expect(reason is None, f"{line}: {reason}")
    tally.expect(Validator(schema).problem(GOOD_LINES[0]), "a line without its newline was let through")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="seeds a venue and profile (10 make 60 recordings and 10 with a changed hash)")
    args = parser.parse_args()
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    tally = Tally()
    canonical(tally, schema)
    sameness(tally)
    seeds(tally, args.seeds, Validator(schema))
    applied = wrong(tally)
    print(f"{len(MUTATIONS)} mutations, applied {sum(applied.values())} times")
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
