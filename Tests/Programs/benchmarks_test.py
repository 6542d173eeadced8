"""The benchmarks' machinery, once over small corpora: every row is there, and counts are what the corpora hold."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BENCHMARKS = os.path.join(HERE, "..", "Benchmarks")


def run(script, *more):
    """Runs a benchmark in its small form; gives its part of the JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "numbers.json")
        command = [sys.executable, os.path.join(BENCHMARKS, script), "--small", "--runs", "1", "--print", "--json", path, *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"{script} ended with {done.returncode}: {done.stderr}")
        with open(path, encoding="utf-8") as file:
            return json.load(file), done.stdout


class BenchmarksTest(unittest.TestCase):
    def test_bench_measuresEveryToolOverFilesAndPipes(self):
        found, page = run("bench.py")
        results, files = found["tools"]["results"], found["tools"]["files"]
        self.assertEqual((files["polymarket_frames"], files["kalshi_frames"]), (3_000, 3_000))
        for name in ("wc -l", "grep -c -F", "jq -c select", "jq .", "mkt-merge, one file", "mkt-merge --only trade", "mkt-decide, ten rules",
                     "mkt-sink sqlite", "mkt-sink -", "mkt-sink ndjson"):
            for row in (name, f"{name}, pipes"):
                self.assertEqual(results[row]["count"], files["events"], row)
        for name in ("pm-feed --verify off", "pm-feed --verify sample", "pm-feed --verify all", "kalshi-feed"):
            for row in (name, f"{name}, pipes"):
                self.assertEqual(results[row]["count"], 3_000, row)
        for row in ("mkt-merge, four files", "mkt-merge, four pipes", "whole pipeline"):
            self.assertEqual(results[row]["count"], files["events"], row)
        self.assertTrue(all(seconds > 0 for result in results.values() for seconds in result["seconds"]))
        self.assertIn("`whole pipeline` | ≥ 250,000 events/s", page)

    def test_growth_ofAPart_isNotKeptInPlaceOfTheWhole(self):
        command = [sys.executable, os.path.join(BENCHMARKS, "growth.py"), "--small", "--timed-only", "--only", "far"]
        pages = [pathlib.Path(HERE, "..", "..", "docs", name) for name in ("numbers.md", "numbers.json")]
        before = [page.read_bytes() for page in pages]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("add --print", done.stderr)
        self.assertEqual([page.read_bytes() for page in pages], before)

    def test_growth_measuresEveryToolAtEveryNumber(self):
        found, page = run("growth.py", "--timed-only")
        growth = found["growth"]
        for name in ("pm-feed --replay", "pm-feed --verify off", "kalshi-feed --replay", "mkt-merge", "mkt-merge --dedupe", "mkt-decide, ten rules"):
            self.assertEqual(list(growth["growth"][name]), ["20", "100", "400"], name)
        self.assertEqual(len(growth["rules"]), 6)
        self.assertTrue(all(each["ns_min"] <= each["ns"] <= each["ns_max"] for seen in growth["rules"].values() for each in seen.values()))
        self.assertTrue(all(0 < beside < alone for alone, beside in growth["far"].values()))
        self.assertTrue(all(list(seen) == ["10", "100"] for seen in growth["rules"].values()))
        for name in ("pm-feed --replay", "kalshi-feed --replay", "mkt-merge", "mkt-decide, ten rules"):
            self.assertGreater(growth["memory"][name]["rss"], 1_000_000, name)
            self.assertEqual(list(growth["flat"][name]["rss"]), ["5000", "25000", "50000"], name)
            self.assertGreaterEqual(growth["flat"][name]["written" if "feed" in name else "read"], 50_000, name)
        self.assertIn("memory flat from 5,000 to 50,000 events", page)


if __name__ == "__main__":
    unittest.main()
