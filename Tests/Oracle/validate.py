"""Holds every line of MarketEvents against docs/market-event.schema.json and against the canonical form of the text.

`validate.py [--full] [--schema FILE] FILE…|-`. Book lines and trades are checked here by hand and by the schema once a key shape
and for a sample; other types by the schema each time. `--full` asks the schema about every line. Exit 1 with the first 20 problems.
"""

import argparse
import json
import os
import re
import sys
from decimal import Decimal

import jsonschema

LINE_MAX = 4 * 1024 * 1024
SAMPLE_EVERY = 500
HOT = {"book_snapshot", "book_delta", "trade"}
STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
ESCAPE = re.compile(r'\\(?!["\\bfnrt]|u00[01][0-9a-fA-F])')
NUMBER = re.compile(r"-?[0-9][0-9.eE+-]*")
CANONICAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]{0,5}[1-9])?")
ODD = re.compile(r"\.\d{7}|\d[eE][+-]?\d|\.0[,\]}]|-0[,\]}]|\\u|\\/|\x7f")


def exact(text):
    """A decimal that jsonschema takes for a number."""
    return Decimal(text)


class Validator:
    """One run over any number of lines."""

    def __init__(self, schema, full=False):
        self.full, self.seen, self.lines = full, {}, 0
        self.order, self.of_type = {}, {}
        for kind in schema["properties"]["type"]["enum"]:
            part = {**schema["$defs"][kind], "$defs": schema["$defs"]}
            self.order[kind] = {key: index for index, key in enumerate(schema["$defs"][kind]["properties"])}
            self.of_type[kind] = jsonschema.Draft202012Validator(part)
        self.schema = schema

    def problem(self, text):
        """Why a line (with its newline) is not one of ours, or None."""
        self.lines += 1
        if not text.endswith("\n"):
            return "does not end with a newline"
        if len(text) * 4 > LINE_MAX and len(text.encode()) > LINE_MAX:
            return "longer than 4 MiB"
        body = text[:-1]
        try:
            value = json.loads(body)
            if not isinstance(value, dict):
                return "not an object"
            if ODD.search(body) or json.dumps(value, separators=(",", ":"), ensure_ascii=False) != body:
                reason = self.form(body)
                if reason:
                    return reason
        except (ValueError, RecursionError) as error:
            return f"not JSON: {error}"
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in self.order:
            return f"type {kind!r}"
        return self.shape(kind, value, body) or (self.hot(kind, value) if kind in HOT else None)

    def shape(self, kind, value, body):
        """Key order, and the schema where it is due."""
        keys = (kind, *value)
        count = self.seen.get(keys, 0)
        self.seen[keys] = count + 1
        if not count:
            places = [self.order[kind].get(key, 999) for key in value]
            if places != sorted(places):
                return f"keys of {kind} out of order: {', '.join(value)}"
            if kind == "stage_status" and value.get("venue") != "mktpipe":
                return "venue of stage_status is not mktpipe"
        if self.full or kind not in HOT or count % SAMPLE_EVERY == 0:
            return self.ask(kind, json.loads(body, parse_float=exact))
        return None

    def ask(self, kind, value):
        """The schema's word, and the order of keys inside."""
        error = next(self.of_type[kind].iter_errors(value), None)
        if error is not None:
            return f"{kind}: {'/'.join(map(str, error.absolute_path)) or 'line'}: {error.message[:200]}"
        counters = value.get("counters")
        if counters is not None and list(counters) != sorted(counters, key=str.encode):
            return "counters out of order"
        nested = [(value.get("fee") if kind == "instrument" else None, "fee")] + [(leg, "leg") for leg in value.get("legs", ())] + [
            (each, "priceRange") for each in value.get("price_ranges", ())]
        for each, name in nested:
            if each is not None and list(each) != [key for key in self.schema["$defs"][name]["properties"] if key in each]:
                return f"keys of {name} out of order"
        starts = [each["start"] for each in value.get("price_ranges", ())]
        if starts != sorted(starts):
            return "price_ranges out of order"
        because = ["instrument", "feed", "conn", "seq", "trade_id", "recv_us"]
        for each in value.get("because", ()):
            if [key for key in each if key != "trade_id"] != [key for key in because if key in each and key != "trade_id"]:
                return "keys of because out of order"
        return None

    def hot(self, kind, value):
        """What the schema would say of book lines and trades, and the order of levels."""
        for key in ("recv_us", "venue_us", "conn", "seq"):
            if type(value.get(key, 0)) is not int:
                return f"{key} is not an integer"
        if value["v"] != 1 or value.get("conn", 1) < 1 or value.get("seq", 1) < 1:
            return "v, conn or seq out of range"
        for key in ("feed", "venue", "market", "instrument", "label", "trade_id", "tx"):
            if key in value and (type(value[key]) is not str or not value[key]):
                return f"{key} is not text"
        if value.get("verified", True) is not True:
            return "verified is not true"
        if kind == "trade":
            return self.level([value["price"], value["size"]], False)
        for side, sign in (("bids", -1), ("asks", 1)):
            before = None
            for level in value[side]:
                reason = self.level(level, kind == "book_snapshot")
                if reason:
                    return f"{side}: {reason}"
                place = sign * level[0]
                if before is not None and place <= before:
                    return f"{side} are not best first, or a price stands twice: {level[0]}"
                before = place
        return None

    @staticmethod
    def level(level, resting):
        """A price and a size."""
        if type(level) is not list or len(level) != 2:
            return "not a level"
        price, size = level
        if type(price) not in (int, float) or type(size) not in (int, float):
            return "not numbers"
        if not 0 <= price <= 1:
            return f"price {price}"
        return f"size {size}" if size < 0 or size > 9223372036854.775807 or (resting and not size) else None

    @staticmethod
    def form(body):
        """The slow look at the text: blanks, numbers, escapes, keys said twice."""
        outside = STRING.sub('""', body)
        if re.search(r"\s", outside):
            return "blanks outside strings"
        for number in NUMBER.findall(outside):
            if not CANONICAL.fullmatch(number) or number == "-0":
                return f"number {number} is not canonical"
            if abs(Decimal(number)) > Decimal("9223372036854.775807") and "." in number:
                return f"number {number} out of range"
        for text in STRING.findall(body):
            if ESCAPE.search(text.replace("\\\\", "")):
                return f"needless escape in {text[:60]}"

        def once(pairs):
            if len({key for key, _ in pairs}) != len(pairs):
                raise ValueError("a key is said twice: " + ", ".join(key for key, _ in pairs))
            return dict(pairs)
        json.loads(body, object_pairs_hook=once)
        return None


def lines_of(path):
    """Lines of a file or of standard input, bad UTF-8 kept visible."""
    if path == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
        yield from sys.stdin
        return
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        yield from file


def main():
    """The command line."""
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", help="- is standard input")
    parser.add_argument("--full", action="store_true", help="ask the schema about every line")
    parser.add_argument("--schema", default=os.path.join(here, "..", "..", "docs", "market-event.schema.json"))
    args = parser.parse_args()
    with open(args.schema, encoding="utf-8") as file:
        validator = Validator(json.load(file), args.full)
    problems = 0
    for path in args.files:
        for number, text in enumerate(lines_of(path), 1):
            reason = validator.problem(text)
            if reason is None and any("\ud800" <= char <= "\udfff" for char in text if char > "\ud7ff"):
                reason = "not UTF-8"
            if reason:
                problems += 1
                print(f"{path}:{number}: {reason}")
                if problems == 20:
                    sys.exit(1)
    print(f"{validator.lines} lines, {problems} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
