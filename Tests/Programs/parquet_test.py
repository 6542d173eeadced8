"""pipelines/to-parquet.sh: every value of every line read back from Parquet, exact; what it refuses. The round trip needs DuckDB's program in PATH and is left out without it."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from decimal import Decimal

import sink_events as events
from support import BIN, ENVIRONMENT, ROOT, TIMEOUT, run

SCRIPT = os.path.join(ROOT, "pipelines", "to-parquet.sh")
ENVELOPE = ("feed", "venue", "market", "instrument", "label")
TEXTS = {
    "instrument": "outcome question event slug complement state neg_risk", "book_snapshot": "reason", "book_delta": "", "quote": "", "trade": "aggressor_side trade_id tx",
    "market_status": "state reason", "resolution": "", "ticker": "", "feed_status": "state reason", "stage_status": "stage state",
    "own_order": "order_id client_id side state reason", "own_fill": "trade_id order_id client_id side state tx", "own_position": "rule", "own_account": "rule",
    "reference": "rules data", "decision": "rule strategy action id note rules data build",
}
DECIMALS = {
    "instrument": "tick_size min_size", "trade": "price size", "resolution": "settlement_price", "ticker": "last_price volume open_interest",
    "own_order": "price size filled remaining", "own_fill": "price size fee", "own_position": "size cost realized_pnl fees_paid",
    "own_account": "realized_pnl fees_paid unrealized_pnl pnl", "decision": "size cost payout fees edge profit",
}
WHOLE = {"instrument": "open_us close_us", "feed_status": "since_us expected_seq got_seq retry_in_us", "own_account": "positions", "reference": "lines"}
TRUTHS = {"book_snapshot": "verified", "book_delta": "verified", "resolution": "outcome_won", "own_fill": "is_taker"}
LEG = {"venue": str, "market": str, "instrument": str, "label": str, "outcome": str, "side": str, "price": Decimal, "average_price": Decimal, "size": Decimal, "fee": Decimal}
BECAUSE = {"instrument": str, "feed": str, "conn": int, "seq": int, "recv_us": int, "trade_id": str}
RANGE = {"start": Decimal, "end": Decimal, "step": Decimal}
# Decimals inside of lists and objects: the program prints them as binary numbers, so they are asked for as texts.
NESTED = {kind: "REPLACE (" + ", ".join(f"CAST({column} AS {shape}) AS {column}" for column, shape in columns.items()) + ")" for kind, columns in {
    "book_snapshot": {"bids": "STRUCT(price VARCHAR, size VARCHAR)[]", "asks": "STRUCT(price VARCHAR, size VARCHAR)[]"},
    "book_delta": {"bids": "STRUCT(price VARCHAR, size VARCHAR)[]", "asks": "STRUCT(price VARCHAR, size VARCHAR)[]"},
    "instrument": {"price_ranges": 'STRUCT("start" VARCHAR, "end" VARCHAR, step VARCHAR)[]',
                   "fee": "STRUCT(model VARCHAR, taker_rate VARCHAR, maker_rate VARCHAR, exponent VARCHAR, multiplier VARCHAR)"},
    "decision": {"legs": "STRUCT(venue VARCHAR, market VARCHAR, instrument VARCHAR, label VARCHAR, outcome VARCHAR, side VARCHAR, price VARCHAR, average_price VARCHAR,"
                         " size VARCHAR, fee VARCHAR)[]"},
}.items()}
FEE = {"model": str, "taker_rate": Decimal, "maker_rate": Decimal, "exponent": Decimal, "multiplier": Decimal}


def exact(value):
    """A decimal as the program prints a DECIMAL(19,6): a text with six decimals."""
    return None if value is None else format(Decimal(value), ".6f")


def whole(value):
    return None if value is None else int(value)


def fields(value, shape):
    return {key: {Decimal: exact, int: whole, str: lambda text: text}[kind](value.get(key)) for key, kind in shape.items()}


def row(line):
    """The cells that a line must have in the file of its type."""
    event = events.parse(line)
    kind = event["type"]
    cells = {"v": 1} | {key: event.get(key) for key in ENVELOPE} | {key: whole(event.get(key)) for key in ("conn", "seq", "recv_us", "venue_us")}
    for keys, make in ((TEXTS, lambda text: text), (DECIMALS, exact), (WHOLE, whole), (TRUTHS, lambda truth: truth)):
        cells |= {key: make(event.get(key)) for key in keys.get(kind, "").split()}
    if kind in ("book_snapshot", "book_delta"):
        cells |= {side: [{"price": exact(price), "size": exact(size)} for price, size in event[side]] for side in ("bids", "asks")}
    if kind in ("quote", "ticker"):
        for side in ("bid", "ask"):
            price, size = event.get(side) or (None, None)
            cells |= {f"{side}_price": exact(price), f"{side}_size": exact(size)}
    if kind == "instrument":
        cells["price_ranges"] = [fields(each, RANGE) for each in event["price_ranges"]] if "price_ranges" in event else None
        cells["fee"] = fields(event["fee"], FEE) if "fee" in event else None
    if kind == "feed_status":
        cells["instruments"] = event.get("instruments")
    if kind in ("feed_status", "stage_status"):
        cells["counters"] = {key: int(value) for key, value in event["counters"].items()} if "counters" in event else None
    if kind == "decision":
        cells["legs"] = [fields(leg, LEG) for leg in event["legs"]] if "legs" in event else None
        cells["because"] = [fields(each, BECAUSE) for each in event["because"]]
    if kind == "reference":
        cells["line"] = line
    return cells


class ParquetCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "parquet")

    def write(self, name, lines):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
        return path

    def script(self, *arguments, path=None, stdin="", script=SCRIPT, cwd=None, **more):
        environment = ENVIRONMENT | {"MKT_BIN": BIN, "PATH": path or os.environ["PATH"]} | more
        return subprocess.run([shutil.which("bash"), script, *arguments], input=stdin, capture_output=True, text=True, timeout=TIMEOUT, env=environment, cwd=cwd, check=False)


class ParquetRefusalTests(ParquetCase):
    def test_withoutDuckDB_saysHowToGetIt(self):
        tools = os.path.join(self.folder, "tools")
        os.mkdir(tools)
        for tool in ("bash", "dirname", "sed", "mktemp", "rm"):
            os.symlink(shutil.which(tool), os.path.join(tools, tool))
        done = self.script("--out", self.out, path=tools)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (69, 1), done.stderr)
        self.assertIn("duckdb is missing", done.stderr)
        self.assertIn("pip install duckdb-cli", done.stderr)
        self.assertEqual(os.listdir(self.folder), ["tools"])

    def test_wrongUse_isToldBeforeAnythingIsMade(self):
        os.mkdir(self.out)
        for status, *arguments in ((64,), (64, "--out"), (64, "--all", "--out", self.out), (66, "--out", self.out + "2", "no-such-file"), (73, "--out", self.out)):
            done = self.script(*arguments)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (status, 1), done.stderr)
        self.assertEqual(os.listdir(self.folder), ["parquet"])
        self.assertIn("usage: to-parquet.sh", self.script("--help").stdout)


class ParquetTests(ParquetCase):
    def setUp(self):
        if not shutil.which("duckdb"):
            self.skipTest("no duckdb in PATH: Parquet files are not read back (pip install duckdb-cli in a virtual environment, and its bin in PATH)")
        super().setUp()

    def duck(self, query):
        done = subprocess.run(["duckdb", "-init", os.devnull, "-batch", "-jsonlines", "-c", query], capture_output=True, text=True, timeout=TIMEOUT, cwd=self.out, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line, strict=False) for line in done.stdout.split("\n") if line]

    def check(self, lines):
        """All that stands in the files is what stands in the lines, in their order."""
        wanted = {}
        for line in lines:
            wanted.setdefault(events.parse(line)["type"], []).append(row(line))
        self.assertEqual(sorted(os.listdir(self.out)), sorted(f"{kind}.parquet" for kind in wanted))
        for kind, rows in wanted.items():
            got = self.duck(f"SELECT * EXCLUDE (recv_at) {NESTED.get(kind, '')}, epoch_us(recv_at) AS recv_at FROM '{kind}.parquet'")
            for cells in got:
                self.assertEqual(cells.pop("recv_at"), cells["recv_us"])
            self.assertEqual(got, rows, kind)

    SPECIAL = [
        '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"1","label":"a \\"1\\", b:2,[-3e5] \\\\","recv_us":1790267321911204,'
        '"price":0.123457,"size":9223372036854.775807,"aggressor_side":"buy","tx":"7"}',
        '{"v":1,"type":"own_position","feed":"pm","venue":"polymarket","market":"m","instrument":"1","recv_us":1790267321911204,"size":-9223372036854.775807,"cost":900000000000.000001}',
        '{ "recv_us" : 1790267321911204 , "v" : 1, "type":"trade" ,"feed":"pm","venue":"polymarket","market":"m","instrument":"1","price":5e-1,"size":"0.50","aggressor_side":"-1"}',
        '{"v":1,"type":"book_delta","feed":"pm","venue":"polymarket","market":"m","instrument":"1","conn":1,"seq":1,"recv_us":1790267321911204,"bids":[[0.1,900000000000.000001]],"asks":[]}',
    ]

    def test_allTypes_comeBackExactly(self):
        for seed in (1, 2):
            with self.subTest(seed=seed):
                lines = self.SPECIAL + events.stream(seed, 1200)
                done = self.script("--replace", "--out", self.out, self.write("lines.ndjson", lines))
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.check(lines)
                self.assertEqual(sorted(os.listdir(self.folder)), ["lines.ndjson", "parquet"])

    def test_noColumnIsFloatingPoint(self):
        self.assertEqual(self.script("--out", self.out, self.write("lines.ndjson", self.SPECIAL + events.stream(3, 400))).returncode, 0)
        types = {row["type"] for row in self.duck("SELECT DISTINCT coalesce(type, '-') AS type FROM parquet_schema('*.parquet')")}
        self.assertIn("INT64", types)
        self.assertFalse(types & {"DOUBLE", "FLOAT"}, types)
        sizes = self.duck("SELECT DISTINCT logical_type AS type FROM parquet_schema('trade.parquet') WHERE name IN ('price', 'size')")
        self.assertEqual(len(sizes), 1)
        self.assertIn("scale=6, precision=19", sizes[0]["type"])

    def test_segmentsAndStandardInput_giveTheSame(self):
        lines = [line for line in events.stream(4, 400) if '"stage_status"' not in line]
        archive = os.path.join(self.folder, "archive")
        self.assertEqual(run("mkt-sink", "--to", f"ndjson:{archive}", stdin="\n".join(lines).encode() + b"\n").returncode, 0)
        merged = run("mkt-merge", "--heartbeat", "0", archive).stdout.decode().split("\n")[:-1]
        self.assertEqual(sorted(merged), sorted(lines))
        self.assertEqual(self.script("--out", self.out, archive).returncode, 0)
        self.check(merged)
        self.assertEqual(self.script("--replace", "--out", self.out, "-", stdin="\n".join(lines) + "\n").returncode, 0)
        self.check(lines)

    def test_pagesQuery_addsUpExactly(self):
        with open(os.path.join(ROOT, "docs", "columns.md"), encoding="utf-8") as file:
            command = next(line.strip() for line in file if line.startswith("duckdb -c "))
        lines = [line for line in events.stream(5, 1500) if '"type":"trade"' in line]
        sums = {}
        for event in map(events.parse, lines):
            sums[event["instrument"]] = sums.get(event["instrument"], 0) + event["size"]
        for number in (0, 1):
            self.out = os.path.join(self.folder, "parquet", str(number))
            os.makedirs(os.path.dirname(self.out), exist_ok=True)
            self.assertEqual(self.script("--out", self.out, self.write("lines.ndjson", lines[number::2])).returncode, 0)
        done = subprocess.run(["bash", "-c", command.replace("duckdb -c", f"duckdb -init {os.devnull} -jsonlines -c")], capture_output=True, text=True, timeout=TIMEOUT, cwd=self.folder, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        best = sorted(sums.items(), key=lambda item: -item[1])[:5]
        self.assertEqual([json.loads(line) for line in done.stdout.split("\n") if line], [{"instrument": name, "shares": exact(shares)} for name, shares in best])

    def test_inexactNumbers_areRefusedAndNothingIsLeft(self):
        good = self.SPECIAL[0]
        for spelled in ("0.1234567", "1.5e-1", "1e-7", "-0.0000001"):
            path = self.write("lines.ndjson", [good, good.replace("0.123457", spelled)])
            done = self.script("--out", self.out, path)
            self.assertEqual(done.returncode, 65, spelled)
            self.assertIn(spelled, done.stderr)
            self.assertEqual(os.listdir(self.folder), ["lines.ndjson"])
        for spelled in ('"x"', "true", "10000000000000"):
            self.assertEqual(self.script("--out", self.out, self.write("lines.ndjson", [good, good.replace("0.123457", spelled)])).returncode, 65, spelled)
            self.assertEqual(os.listdir(self.folder), ["lines.ndjson"])
        for spelled in ('"conn":1.5', '"seq" : 2e0', '"venue_us":"7.25"', '"type":"stage_status","counters":{"a":1,"b":0.5}'):
            done = self.script("--out", self.out, self.write("lines.ndjson", [good, good[:-1] + "," + spelled + "}"]))
            self.assertEqual(done.returncode, 65, spelled)
            self.assertIn("stay exact", done.stderr)
        # What is there stays there.
        self.assertEqual(self.script("--out", self.out, self.write("lines.ndjson", [good])).returncode, 0)
        self.assertEqual(self.script("--replace", "--out", self.out, self.write("lines.ndjson", [good.replace("0.123457", "0.1234567")])).returncode, 65)
        self.check([good])

    def test_archiveThatIsNotWhole_is65AndNothingIsMade(self):
        lines = [line for line in events.stream(6, 60) if '"stage_status"' not in line]
        archive = os.path.join(self.folder, "archive")
        self.assertEqual(run("mkt-sink", "--to", f"ndjson:{archive}", stdin="\n".join(lines).encode() + b"\n").returncode, 0)
        segments = sorted(os.path.join(folder, name) for folder, _, names in os.walk(archive) for name in names if name.endswith(".ndjson"))
        kept = self.write("kept", [])
        for counter, spoil in (
                ("segments_differing", lambda path: self.write(path, [self.SPECIAL[0]])), ("segments_unreadable", os.mkdir), ("segments_missing", lambda path: None)):
            shutil.move(segments[0], kept)
            spoil(segments[0])
            done = self.script("--out", self.out, archive)
            self.assertEqual(done.returncode, 65, done.stderr)
            self.assertIn(f"{counter}=1", done.stderr.splitlines()[-1])
            self.assertIn("mkt-merge: warning: ", done.stderr)
            self.assertEqual(sorted(os.listdir(self.folder)), ["archive", "kept"] if os.path.exists(kept) else ["archive"])
            if os.path.isdir(segments[0]):
                os.rmdir(segments[0])
            shutil.move(kept, segments[0])
        self.assertEqual(self.script("--out", self.out, archive).returncode, 0)

    def test_textsThatLookLikeNumbers_stayTexts(self):
        trade, delta = self.SPECIAL[0][:-1].replace('"tx":"7"', '"tx":"1e-7"'), self.SPECIAL[3][:-1]
        lines = [
            trade + ',"trade_id":"17.1234567"}',
            '{"v":1,"type":"feed_status","feed":"5e-7","venue":"polymarket","recv_us":7,"state":"gap","instruments":["17.1234567","[0.1234567"]}',
        ]
        done = self.script("--out", self.out, self.write("lines.ndjson", lines))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.check(lines)
        # Where a number belongs, a text of one is a number.
        for spoiled in (
                trade.replace("0.123457", '"0.1234567"'), delta.replace("[[0.1,", '[["5.0","1e-1"],["0.1234567",'), delta.replace("[[0.1,", "[[0.1234567,"),
                '{"v":1,"type":"quote","feed":"pm","venue":"polymarket","market":"m","instrument":"1","recv_us":7,"bid":["0.5","0.1234567"],"ask":null'):
            done = self.script("--replace", "--out", self.out, self.write("lines.ndjson", [spoiled + "}"]))
            self.assertEqual(done.returncode, 65, spoiled)
            self.assertIn("would not stay exact", done.stderr)
        self.check(lines)

    def test_namesOfAllKinds(self):
        lines = self.SPECIAL[:1]
        path = self.write("lines.ndjson", lines)
        real, link = self.out, os.path.join(self.folder, "link")
        os.mkdir(real)
        os.symlink("parquet", link)
        self.assertEqual(self.script("--out", link, path).returncode, 73)
        self.assertEqual(self.script("--replace", "--out", link + "/", path).returncode, 0)
        self.assertTrue(os.path.islink(link))
        self.check(lines)
        # Relative ones, and those that look like options, with a CDPATH that leads elsewhere.
        os.makedirs(os.path.join(self.folder, "elsewhere", "-dash"))
        shutil.copytree(os.path.dirname(SCRIPT), os.path.join(self.folder, "pipelines"))
        os.makedirs(os.path.join(self.folder, "elsewhere", "pipelines"))
        done = self.script("--out", "-dash", path, script="pipelines/to-parquet.sh", cwd=self.folder, CDPATH=os.path.join(self.folder, "elsewhere"))
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", "-dash: ./trade.parquet\n"))
        self.out = os.path.join(self.folder, "-dash")
        self.check(lines)
        self.assertEqual(sorted(os.listdir(self.folder)), ["-dash", "elsewhere", "lines.ndjson", "link", "parquet", "pipelines"])

    def test_signalBetweenTheNames_losesNothing(self):
        """A program in the place of `mv` tells the script to end before each of its steps."""
        tools = os.path.join(self.folder, "tools")
        os.mkdir(tools)
        with open(os.path.join(tools, "mv"), "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nkill -TERM $PPID\nkill -HUP $PPID\nexec {shutil.which("mv")} "$@"\n')
        os.chmod(os.path.join(tools, "mv"), 0o755)
        path = self.write("lines.ndjson", self.SPECIAL[:1])
        self.assertEqual(self.script("--out", self.out, self.write("before.ndjson", self.SPECIAL[3:])).returncode, 0)
        done = self.script("--replace", "--out", self.out, path, path=f"{tools}:{os.environ['PATH']}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.check(self.SPECIAL[:1])
        self.assertEqual(sorted(os.listdir(self.folder)), ["before.ndjson", "lines.ndjson", "parquet", "tools"])

    def test_strangersAndTornLines(self):
        newline = '{"v":1,"type":"a\\ntype trade","feed":"pm","venue":"polymarket","recv_us":4,"x":0.1234567}'
        done = self.script("--out", self.out, self.write("lines.ndjson", [newline]))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.duck("FROM 'others.parquet'"), [{"v": 1, "type": "a\ntype trade", "feed": "pm", "venue": "polymarket", "recv_us": 4, "line": newline}])
        self.assertEqual(os.listdir(self.out), ["others.parquet"])
        shutil.rmtree(self.out)
        strange = '{"v":1,"type":"../new","feed":"pm","venue":"polymarket","recv_us":5,"x":900000000000.000001}'
        done = self.script("--out", self.out, self.write("lines.ndjson", [strange, '{"v":1,"type":"trade","recv_us":6,"price":.5}', '{"v":1,"type":"trade","recv_us"', self.SPECIAL[0]]))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("left out 1 lines", done.stderr)
        self.assertEqual(self.duck("FROM 'others.parquet'"), [{"v": 1, "type": "../new", "feed": "pm", "venue": "polymarket", "recv_us": 5, "line": strange}])
        os.remove(os.path.join(self.out, "others.parquet"))
        self.check(self.SPECIAL[:1])


if __name__ == "__main__":
    unittest.main()
