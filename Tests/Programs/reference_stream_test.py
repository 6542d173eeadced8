"""Reference data that a stream tells (`--db stream`), where a test can say to the microsecond when they change; and what a hostile one holds."""

import json
import os
import re
import sqlite3
import subprocess
import tempfile
import unittest

from support import ENVIRONMENT, ROOT, run, tool

LINK = "INSERT INTO market_links VALUES ('polymarket', '74', 'kalshi', 'KX', 'same', '0.98', '{}');"
LATE = '[rules.late]\nstrategy = "stale_quote"\nwindow = "10s"\nmin_move = 0.05\nlag = "2s"\n'
ENDED = '[rules.end]\nstrategy = "resolution_arb"\nthrough_links = true\nmin_edge = 0.01\nmax_size = 100\nmax_cost = 100\nmax_age = "100s"\n'
FAIR = '[rules.fair]\nstrategy = "threshold"\nreference = "fair"\nabove = 0.05\nbelow = 0.05\n'
ODD = '[rules.odd]\nstrategy = "anomaly"\nwindow = "24h"\nmin_z = 3\nmin_count = 3\n'


def line(kind, instrument, at, **more):
    feed, venue = ("kalshi", "kalshi") if instrument.startswith("K") else ("pm", "polymarket")
    return json.dumps({"v": 1, "type": kind, "feed": feed, "venue": venue, "market": "0x" + instrument, "instrument": instrument, "recv_us": at, **more},
                      separators=(",", ":")) + "\n"


def book(instrument, seq, bid, ask, at):
    return line("book_snapshot", instrument, at, seq=seq, bids=[[bid, 10]], asks=[[ask, 10]], reason="refresh")


def status(at):
    return json.dumps({"v": 1, "type": "stage_status", "feed": "mkt-merge", "venue": "mktpipe", "recv_us": at, "stage": "mkt-merge", "state": "heartbeat",
                       "counters": {}}, separators=(",", ":")) + "\n"


def trade(price, at):
    return line("trade", "74", at, price=price, size=1, aggressor_side="buy")


def decisions(output):
    return [(event["recv_us"], event["note"]) for event in map(json.loads, output.splitlines()) if event["type"] == "decision"]


class ReferenceStreamTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def database(self, rows):
        with open(os.path.join(ROOT, "docs", "reference.md"), encoding="utf-8") as file:
            tables = [block for block in re.findall(r"```sql\n(.*?)```", file.read(), flags=re.S) if "CREATE TABLE" in block]
        if os.path.exists(self.path("r.db")):
            os.remove(self.path("r.db"))
        database = sqlite3.connect(self.path("r.db"))
        database.executescript(tables[1] + rows)
        database.commit()
        database.close()
        return "sqlite:" + self.path("r.db")

    def decide(self, rules, stream, *arguments, db="stream", status=0):
        with open(self.path("rules.toml"), "w", encoding="utf-8") as file:
            file.write(rules)
        done = run("mkt-decide", "--rules", self.path("rules.toml"), "--heartbeat", "0", *(["--db", db] if db else []), *arguments, stdin=stream.encode())
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def reference(self, rules, rows, at):
        """The line that a run writes with these rows in its database, told at a time."""
        told = self.decide(rules, book("99", 1, 0.1, 0.9, 0), db=self.database(rows)).stdout.decode().splitlines()[0]
        return json.dumps(json.loads(told) | {"recv_us": at}, separators=(",", ":")) + "\n"

    # What changes while rules wait

    def test_linkThatGoes_endsWhatWaitsForIt_andItsSettlement(self):
        yes, no = (self.reference(LATE, LINK.format(word), 0) for word in ("approved", "rejected"))
        start = book("74", 1, 0.40, 0.42, 0) + book("KX", 1, 0.40, 0.42, 0) + book("74", 2, 0.46, 0.48, 12_000_000)
        end = book("99", 1, 0.1, 0.9, 15_000_000)
        self.assertEqual([at for at, _ in decisions(self.decide(LATE, yes + start + end).stdout)], [14_000_000])
        self.assertEqual(decisions(self.decide(LATE, yes + start + no + end).stdout), [])
        yes, no = (self.reference(ENDED, LINK.format(word), 0) for word in ("approved", "rejected"))
        facts = "".join(line("instrument", each, 0, outcome="Yes", fee={"model": "none"}) for each in ("74", "KX"))
        ended = line("resolution", "74", 1000, settlement_price=1, outcome_won=True)
        books = book("KX", 1, 0.4, 0.9, 3000) + book("KX", 2, 0.4, 0.91, 4000)
        times = [at for at, _ in decisions(self.decide(ENDED, yes + facts + ended + books).stdout)]
        self.assertEqual(times, [3000, 4000])
        self.assertEqual(decisions(self.decide(ENDED, yes + facts + ended + no + books).stdout), [])
        # One that comes counts from the next line on, whenever the instrument was settled.
        self.assertEqual([at for at, _ in decisions(self.decide(ENDED, no + facts + ended + yes + books).stdout)], times)
        self.assertEqual([at for at, _ in decisions(self.decide(ENDED, no + facts + book("KX", 1, 0.4, 0.9, 500) + ended + yes + books).stdout)], times)

    def test_decisionsOfAStream_areVerified_whereTheDataStand(self):
        low, high = (self.reference(FAIR, f"INSERT INTO reference_values VALUES ('polymarket', '74', 'fair', '{value}');", 0) for value in ("0.5", "0.8"))
        stream = low + trade(0.5, 1000) + trade(0.56, 2000) + high + trade(0.5, 3000) + trade(0.56, 4000) + trade(0.9, 5000)
        told = self.decide(FAIR, stream).stdout
        self.assertEqual([at for at, _ in decisions(told)], [2000, 5000])
        with open(self.path("told.ndjson"), "wb") as file:
            file.write(told)
        done = self.decide(FAIR, stream, "--verify", self.path("told.ndjson"))
        self.assertIn(b"verified: 2 decisions", done.stderr)
        # The data of a stream whose lines say other places.
        lines = "".join(json.dumps(json.loads(each) | ({"lines": 77} if '"reference"' in each else {}), separators=(",", ":")) + "\n" for each in stream.splitlines())
        with open(self.path("told.ndjson"), "wb") as file:
            file.write(self.decide(FAIR, lines).stdout)
        self.decide(FAIR, lines, "--verify", self.path("told.ndjson"))
        piped = subprocess.run(["bash", "-c", f"'{tool('mkt-decide')}' --rules '{self.path('rules.toml')}' --verify <(cat '{self.path('told.ndjson')}') < /dev/null"],
                               capture_output=True, timeout=30, env=ENVIRONMENT, check=False)
        self.assertEqual(piped.returncode, 64, piped.stderr)
        self.assertIn(b"give a regular file", piped.stderr)

    # What may be in it

    def test_valuesAtTheEndOf64Bits_areLevelsThatNobodyCrosses(self):
        for value in ("9223372036854.775807", "-9223372036854.775807"):
            db = self.database(f"INSERT INTO reference_values VALUES ('polymarket', '74', 'fair', '{value}');")
            self.assertEqual(decisions(self.decide(FAIR, trade(0.4, 1) + trade(0.6, 2), db=db).stdout), [])

    def test_hostileHistory_isRefused(self):
        rows = "INSERT INTO market_history VALUES ('polymarket', '74', 1, '0.40'), ('polymarket', '74', 2, '0.42'), ('polymarket', '74', 3, '0.41');"
        told = json.loads(self.reference(ODD, rows, 0))
        plain = self.decide(ODD, json.dumps(told, separators=(",", ":")) + "\n" + book("74", 1, 0.46, 0.48, 5)).stdout
        self.assertEqual([at for at, _ in decisions(plain)], [5])
        for key, value in (("count", "9000000000000000000"), ("count", "0"), ("count", "-3"), ("sum", str(2**127 - 1)), ("sum", "-1"), ("square_sum", str(2**127 - 1))):
            changed = json.loads(json.dumps(told))
            changed["content"]["history"][0][key] = value
            done = self.decide(ODD, json.dumps(changed, separators=(",", ":")) + "\n" + book("74", 1, 0.46, 0.48, 5), status=65)
            self.assertIn(b"a reference line cannot be read", done.stderr)

    def test_parametersOfOtherRules_areTold(self):
        rows = "INSERT INTO strategy_parameters VALUES ('wid', 'min_spread', '0.1'), ('other', 'min_spread', '0.1'), ('wide', 'min_spread', '0.2');"
        rules = '[rules.wide]\nstrategy = "spread"\nmin_spread = 0.5\nparameters = "database"\n[rules.other]\nstrategy = "spread"\nmin_spread = 0.4\n'
        words = b"the database has parameters of rules that are not here, or do not say parameters = \"database\": other, wid"
        db = self.database(rows)
        self.assertIn(words, self.decide(rules, "", "--check", db=db).stdout)
        self.assertIn(words, self.decide(rules, book("74", 1, 0.4, 0.5, 1), db=db).stderr)

    def test_statusOfStages_isNeitherCountedNorAClock(self):
        rules = FAIR
        data = self.reference(rules, "INSERT INTO reference_values VALUES ('polymarket', '74', 'fair', '0.5');", 0)
        db = self.database("INSERT INTO reference_values VALUES ('polymarket', '74', 'fair', '0.5');")
        stream = status(99_000_000) + trade(0.5, 1000) + status(99_000_001) + trade(0.56, 2000)
        told = self.decide(rules, stream, db=db).stdout
        first = json.loads(told.splitlines()[0])
        self.assertEqual((first["lines"], first["recv_us"], first["data"]), (0, 1000, json.loads(data)["data"]))
        with open(self.path("told.ndjson"), "wb") as file:
            file.write(told)
        self.decide(rules, stream, "--verify", self.path("told.ndjson"), db=None)

    def test_timeouts_haveBounds(self):
        db = self.database("")
        for value, status_ in (("30d", 78), ("0", 78), ("24d", 0), ("1ms", 0)):
            with open(self.path("mkt.toml"), "w", encoding="utf-8") as file:
                file.write(f'db-statement-timeout = "{value}"\n')
            self.decide(FAIR, "", "--config", self.path("mkt.toml"), db=db, status=status_)


if __name__ == "__main__":
    unittest.main()
