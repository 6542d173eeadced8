"""The recipe of docs/columns.md for ClickHouse, run by its engine as a library (chdb): tables, INSERT and query, exact against the lines. Left out where chdb is not there."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

import sink_events as events
from support import ROOT, TIMEOUT, run

PYTHON = os.environ.get("MKT_CHDB_PYTHON", sys.executable)
# Statements on standard input, a JSON list; answers to those that give rows, a line each.
DRIVER = """
import json, sys
from chdb import session
engine = session.Session(sys.argv[1])
for statement in json.load(sys.stdin):
    print(json.dumps(str(engine.query(statement))))
"""
QUOTED = " FORMAT JSONEachRow SETTINGS output_format_json_quote_decimals = 1, output_format_json_quote_64bit_integers = 0"


def page():
    with open(os.path.join(ROOT, "docs", "columns.md"), encoding="utf-8") as file:
        text = file.read().split("\n## ClickHouse\n")[1]
    tables, query = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    insert = re.search(r"clickhouse-client --query '([^']*)'", text)[1]
    return [each for each in tables.split(";\n") if each.strip()], insert, query.strip().rstrip(";")


def decimal(value):
    return None if value is None else events.plain(Decimal(value))


def head(event, *keys):
    row = {key: event.get(key) or "" for key in keys}
    return row | {"conn": int(event.get("conn", 0)), "recv_us": int(event["recv_us"])}


def expected(lines):
    """What each table must hold, as sorted texts."""
    rows = {"mkt_books": [], "mkt_trades": [], "mkt_quotes": [], "mkt_feed_statuses": []}
    for event in map(events.parse, lines):
        venue_us = {"venue_us": int(event["venue_us"]) if "venue_us" in event else None}
        subject = ("feed", "venue", "market", "instrument", "label")
        if event["type"] in ("book_snapshot", "book_delta"):
            levels = {side: [{"price": decimal(price), "size": decimal(size)} for price, size in event[side]] for side in ("bids", "asks")}
            rows["mkt_books"].append(
                head(event, *subject, "reason") | venue_us | levels | {"kind": event["type"], "seq": int(event["seq"]), "verified": event.get("verified")})
        elif event["type"] == "trade":
            rows["mkt_trades"].append(head(event, *subject, "aggressor_side", "trade_id", "tx") | venue_us | {key: decimal(event[key]) for key in ("price", "size")})
        elif event["type"] == "quote":
            tops = {f"{side}_{name}": decimal((event[side] or (None, None))[place]) for side in ("bid", "ask") for place, name in enumerate(("price", "size"))}
            rows["mkt_quotes"].append(head(event, *subject) | venue_us | tops)
        elif event["type"] == "feed_status":
            row = head(event, "feed", "venue", "state", "reason") | {"since_us": int(event["since_us"]) if "since_us" in event else None}
            rows["mkt_feed_statuses"].append(row | {"instruments": event.get("instruments")})
    return {table: sorted(json.dumps(row, sort_keys=True) for row in found) for table, found in rows.items()}


def printed(lines):
    """The trades, with their numbers as decimals."""
    return [event | {key: Decimal(event[key]) for key in ("price", "size")} for event in map(events.parse, lines) if event["type"] == "trade"]


def candles(lines, instrument, begin, end):
    found = {}
    for event in printed(lines):
        if event["instrument"] == instrument and begin <= event["recv_us"] < end:
            found.setdefault(int(event["recv_us"]) // 60_000_000, []).append(event)
    rows = []
    for _, each in sorted(found.items()):
        each.sort(key=lambda e: (e["recv_us"], e.get("venue_us", e["recv_us"]), e["price"]))
        prices = [e["price"] for e in each]
        numbers = (prices[0], max(prices), min(prices), prices[-1], sum(e["size"] for e in each), sum(e["price"] * e["size"] for e in each))
        rows.append([*map(events.plain, numbers), len(each)])
    return rows


class ColumnsTests(unittest.TestCase):
    def setUp(self):
        probe = subprocess.run([PYTHON, "-c", "import chdb"], capture_output=True, timeout=TIMEOUT, check=False)
        if probe.returncode != 0:
            self.skipTest("no Python with chdb: the ClickHouse recipe is not run (pip install chdb in a virtual environment, and MKT_CHDB_PYTHON=its python)")
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.tables, self.insert, self.query = page()

    def ask(self, statements):
        done = subprocess.run([PYTHON, "-c", DRIVER, os.path.join(self.folder, "store")], input=json.dumps(statements), capture_output=True, text=True, timeout=TIMEOUT, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        return [[json.loads(line, parse_float=Decimal) for line in json.loads(answer).split("\n") if line] for answer in done.stdout.splitlines()]

    def shown(self, rows):
        """Rows of a table as `expected` has them."""
        texts = []
        for row in rows:
            row = {key: decimal(value) if key.endswith(("price", "size")) else value for key, value in row.items()}
            for side in ("bids", "asks"):
                if side in row:
                    row[side] = [{key: decimal(value) for key, value in level.items()} for level in row[side]]
            if isinstance(row.get("instruments"), str):
                row["instruments"] = json.loads(row["instruments"])
            texts.append(json.dumps(row, sort_keys=True))
        return sorted(texts)

    def test_pagesStatements_keepEveryLineExactly(self):
        base = '{"v":1,"feed":"pm","venue":"polymarket","market":"m","instrument":"1","conn":1,"recv_us":1790267321911204,'
        lines = [
            base + '"type":"trade","price":0.123457,"size":9223372036854.775807,"aggressor_side":"buy"}',
            base + '"type":"trade","price":"0.50","size":5e-1,"aggressor_side":"sell"}',
            base + '"type":"book_delta","seq":1,"bids":[[0.1,900000000000.000001]],"asks":[]}',
            *events.stream(11, 3000)]
        instrument = "1"
        path = os.path.join(self.folder, "lines.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
        merged = run("mkt-merge", "--heartbeat", "0", path).stdout.decode()
        self.assertEqual(merged.split("\n")[:-1], lines)
        names = ("mkt_books", "mkt_trades", "mkt_quotes", "mkt_feed_statuses")
        asked = []
        for name in (instrument, self.busiest(lines)):
            query = self.query.replace("KXBTC-26SEP2516-T84000", name).replace("1790267400000000", "1790277400000000")
            asked.append((name, query))
        answers = self.ask([
            *self.tables, f"{self.insert}\n{merged}", *(f"SELECT * FROM {name}{' FINAL' if name == 'mkt_books' else ''}" + QUOTED for name in names),
            *(query + QUOTED for _, query in asked), "SELECT sum(price * size) AS money, count() AS trades FROM mkt_trades" + QUOTED,
            "SELECT DISTINCT toTypeName(recv_at) AS name, toUnixTimestamp64Micro(recv_at) - recv_us AS off FROM mkt_trades" + QUOTED])[len(self.tables) + 1:]
        wanted = expected(lines)
        wanted["mkt_books"] = sorted(set(wanted["mkt_books"]))
        for name, rows in zip(names, answers):
            self.assertEqual(self.shown(rows), wanted[name], name)
        for (name, _), rows in zip(asked, answers[len(names):]):
            self.assertEqual([[*(decimal(value) for value in list(row.values())[1:7]), row["trades"]] for row in rows], candles(lines, name, 1790267100000000, 1790277400000000))
            self.assertTrue(rows)
        trades = printed(lines)
        self.assertEqual([(decimal(row["money"]), row["trades"]) for row in answers[-2]], [(events.plain(sum(e["price"] * e["size"] for e in trades)), len(trades))])
        self.assertEqual(answers[-1], [{"name": "DateTime64(6, 'UTC')", "off": 0}])

    @staticmethod
    def busiest(lines):
        named = [event["instrument"] for event in printed(lines)]
        return max(sorted(set(named)), key=named.count)


if __name__ == "__main__":
    unittest.main()
