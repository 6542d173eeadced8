"""Whole pipelines: the demo, what jq does to lines, what dies in the middle."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

from support import BIN, ENVIRONMENT, KALSHI_SAMPLE, PM_SAMPLE, ROOT, RULES, TIMEOUT, oracle, run, tool, without_stage_status

DEADLINE = 30.0


def eventually(what, condition):
    """Waits until the condition holds; fails with `what` at the deadline."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.005)
    raise AssertionError(f"not in {DEADLINE} s: {what}")


def bash(script, **more):
    environment = ENVIRONMENT | {"PATH": BIN + ":" + os.environ["PATH"], "MKT_BIN": BIN}
    return subprocess.run(["bash", "-c", script], capture_output=True, timeout=TIMEOUT, env=environment, **more)


class PipelineTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.pm = os.path.join(cls.folder, "pm.ndjson")
        cls.kalshi = os.path.join(cls.folder, "kalshi.ndjson")
        cls.merged = os.path.join(cls.folder, "merged.ndjson")
        for path, name, sample, more in (
            (cls.pm, "pm-feed", PM_SAMPLE, ()),
            (cls.kalshi, "kalshi-feed", KALSHI_SAMPLE, ("--channels", "book,trade,ticker,lifecycle")),
        ):
            with open(path, "wb") as file:
                file.write(run(name, "--replay", sample, *more).stdout)
        with open(cls.merged, "wb") as file:
            file.write(run("mkt-merge", cls.pm, cls.kalshi).stdout)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def test_demo_storesWhatTheSamplesSay(self):
        folder = self.path("demo")
        result = bash(f"'{ROOT}/pipelines/demo.sh' '{folder}'")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(b"try next", result.stdout)
        with open(os.path.join(folder, "events.ndjson"), "rb") as file:
            events = file.read()
        with open(self.merged, "rb") as file:
            self.assertEqual(without_stage_status(events), file.read())
        database = sqlite3.connect(os.path.join(folder, "mkt.db"))
        for table, kind in (("trades", "trade"), ("book_deltas", "book_delta"), ("book_snapshots", "book_snapshot"), ("tickers", "ticker")):
            stored = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            self.assertEqual(stored, events.count(b'"type":"%s"' % kind.encode()), table)
        decided = [json.loads(line) for line in open(os.path.join(folder, "decisions.ndjson"), "rb") if b'"decision"' in line]
        self.assertEqual(database.execute("SELECT count(*) FROM decisions").fetchone()[0], len(decided))
        self.assertEqual({decision["rule"] for decision in decided}, {"wide", "jump", "whale", "cross"})
        database.close()

    def test_demoOneLiners_work(self):
        folder = self.path("demo-liners")
        result = bash(f"cd '{self.folder}' && '{ROOT}/pipelines/demo.sh' demo-liners")
        self.assertEqual(result.returncode, 0, result.stderr)
        commands = [line.strip() for line in result.stdout.decode().split("try next:")[1].splitlines() if line.strip()]
        self.assertGreaterEqual(len(commands), 6)
        for command in commands:
            shown = bash(f"cd '{self.folder}' && {command}")
            self.assertEqual((shown.returncode, shown.stderr), (0, b""), command)
            self.assertTrue(shown.stdout.strip(), command)
        self.assertTrue(os.path.isdir(folder))

    def test_readmeRecipes_work(self):
        shutil.copy(self.merged, self.path("events.ndjson"))
        with open(self.merged, "rb") as events, open(self.path("decisions.ndjson"), "wb") as file:
            file.write(run("mkt-decide", "--rules", RULES, stdin=events.read()).stdout)
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            recipes = [line for line in file.read().split("## Recipes for jq")[1].split("## ")[0].splitlines() if line.startswith("jq ")]
        self.assertGreaterEqual(len(recipes), 6)
        for recipe in recipes:
            shown = bash(f"cd '{self.folder}' && {recipe}")
            self.assertEqual((shown.returncode, shown.stderr), (0, b""), recipe)
            self.assertTrue(shown.stdout.strip(), recipe)

    def test_everyPrintedLine_isOfTheSchema(self):
        decisions = self.path("decisions.ndjson")
        passed = self.path("passed.ndjson")
        with open(self.merged, "rb") as file:
            events = file.read()
        with open(decisions, "wb") as file:
            file.write(run("mkt-decide", "--rules", RULES, stdin=events).stdout)
        with open(passed, "wb") as file:
            file.write(run("mkt-sink", "--to", "-", stdin=events).stdout)
        for path in (self.pm, self.kalshi, self.merged, decisions, passed):
            result = oracle("validate.py", path)
            self.assertEqual(result.returncode, 0, f"{path}: {result.stdout}{result.stderr}")
        self.assertGreater(os.path.getsize(decisions), 1000)

    def test_jqCompactAndSorted_giveTheSameDecisionsRowsAndOrder(self):
        rewritten = {}
        for option in ("-c", "-cS"):
            rewritten[option] = bash(f"jq {option} . '{self.merged}'").stdout
        with open(self.merged, "rb") as file:
            rewritten["as it was"] = file.read()
        decisions = {key: run("mkt-decide", "--rules", RULES, "--heartbeat", "0", stdin=data).stdout for key, data in rewritten.items()}
        self.assertEqual(len(set(decisions.values())), 1)
        self.assertTrue(decisions["-c"])
        for key, data in rewritten.items():
            self.assertEqual(run("mkt-merge", "--heartbeat", "0", stdin=data).stdout, data, key)
        dumps = set()
        for key, data in rewritten.items():
            database = self.path(f"jq{key.replace(' ', '')}.db")
            result = run("mkt-sink", "--to", f"sqlite:{database}", stdin=data)
            self.assertEqual(result.returncode, 0, result.stderr)
            dumps.add(subprocess.run(["sqlite3", database, ".dump"], capture_output=True, check=True).stdout)
        self.assertEqual(len(dumps), 1)

    def test_secondPass_changesNothing(self):
        with open(self.merged, "rb") as file:
            data = file.read()
        self.assertEqual(run("mkt-merge", self.merged).stdout, data)
        self.assertEqual(run("mkt-merge", self.merged, self.merged).stdout.count(b"\n"), 2 * data.count(b"\n"))
        self.assertEqual(without_stage_status(run("mkt-sink", "--to", "-", stdin=data).stdout), data)

    def test_replayScript_sameDecisionsAsFromFiles(self):
        result = bash(f"'{ROOT}/pipelines/replay.sh' '{PM_SAMPLE}' '{KALSHI_SAMPLE}'")
        self.assertEqual(result.returncode, 0, result.stderr)
        pm = run("pm-feed", "--replay", PM_SAMPLE).stdout
        kalshi = run("kalshi-feed", "--replay", KALSHI_SAMPLE).stdout
        with open(self.path("a"), "wb") as a, open(self.path("b"), "wb") as b:
            a.write(pm)
            b.write(kalshi)
        merged = run("mkt-merge", self.path("a"), self.path("b")).stdout
        self.assertEqual(result.stdout, run("mkt-decide", "--rules", RULES, "--heartbeat", "0", stdin=merged).stdout)

    def test_liveAndRecordScripts_runTheFeedsThatTheMarketsNeed(self):
        # Recordings stand for the venues: the settings say where the feeds read from.
        settings = f"PM_FEED_REPLAY='{PM_SAMPLE}' KALSHI_FEED_REPLAY='{KALSHI_SAMPLE}'"
        live = bash(f"{settings} '{ROOT}/pipelines/live.sh' btc-above-84000-sep-25 | grep -c '\"venue\":\"polymarket\"'")
        self.assertEqual(live.returncode, 0, live.stderr)
        folder = self.path("recorded")
        record = bash(f"PM_FEED_REPLAY='{PM_SAMPLE}' '{ROOT}/pipelines/record.sh' '{folder}' btc-above-84000-sep-25")
        self.assertEqual(record.returncode, 0, record.stderr)
        files = [os.path.join(root, name) for root, _, names in os.walk(folder) for name in names]
        self.assertTrue(files and all(path.endswith((".ndjson", "manifest.jsonl")) for path in files), files)

    def test_scripts_sayHowTheyAreUsed(self):
        for script in ("backtest.sh", "demo.sh", "live.sh", "match.sh", "record.sh", "replay.sh", "to-parquet.sh"):
            helped = bash(f"'{ROOT}/pipelines/{script}' --help")
            self.assertEqual(helped.returncode, 0)
            self.assertIn(f"usage: {script}".encode(), helped.stdout)
        for script in ("backtest.sh", "live.sh", "record.sh", "replay.sh", "to-parquet.sh"):
            self.assertEqual(bash(f"'{ROOT}/pipelines/{script}'").returncode, 64)

    def test_headAtTheEnd_endsEveryStageWith0(self):
        script = (
            f"pm-feed --replay '{PM_SAMPLE}' | mkt-merge | mkt-decide --pass-through --rules '{RULES}' | mkt-sink --to - | head -n 1 > /dev/null;"
            " echo ${PIPESTATUS[@]}")
        started = time.monotonic()
        result = bash(script)
        self.assertEqual(result.stdout.split(), [b"0"] * 5, result.stderr)
        self.assertLess(time.monotonic() - started, 20)

    def test_anyStageKilled_leavesNoTornLineAndNoProcess(self):
        stages = ("pm-feed", "mkt-merge", "mkt-decide", "mkt-sink")
        for victim in stages:
            with self.subTest(victim=victim):
                self.kill_one(stages, victim)

    def kill_one(self, stages, victim):
        """A pipeline that is fed without end; one of its stages is killed in the middle."""
        commands = {
            "pm-feed": [tool("pm-feed"), "--replay", "-"],
            "mkt-merge": [tool("mkt-merge")],
            "mkt-decide": [tool("mkt-decide"), "--pass-through", "--rules", RULES],
            "mkt-sink": [tool("mkt-sink"), "--to", "-"],
        }
        feeder = subprocess.Popen(
            ["bash", "-c", f"while cat '{PM_SAMPLE}'; do :; done"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=os.setsid)
        processes, source = {}, feeder.stdout
        for name in stages:
            processes[name] = subprocess.Popen(
                commands[name], stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
            source.close()
            source = processes[name].stdout
        output = [source.read(1 << 16)]
        processes[victim].send_signal(signal.SIGKILL)
        end = time.monotonic() + DEADLINE
        while chunk := source.read(1 << 16):
            output.append(chunk)
            self.assertLess(time.monotonic(), end, "the pipeline does not end")
        source.close()
        os.killpg(feeder.pid, signal.SIGKILL)
        feeder.wait(DEADLINE)
        statuses = {name: process.wait(DEADLINE) for name, process in processes.items()}
        self.assertEqual({status for name, status in statuses.items() if name != victim}, {0}, statuses)
        data = b"".join(output)
        # A killed stage may leave a torn line of its own; every stage behind it must not pass one on.
        if victim != stages[-1]:
            self.assertTrue(data.endswith(b"\n"))
            for line in data.splitlines()[-200:]:
                json.loads(line)

    def test_foundation_isLoadedByNeitherMergeNorDecide(self):
        folder = os.environ.get("MKT_BIN_DYNAMIC")
        if not folder or not os.path.exists(os.path.join(folder, "mkt-merge")):
            self.skipTest("MKT_BIN_DYNAMIC does not name a dynamic build")
        for name in ("mkt-merge", "mkt-decide"):
            libraries = subprocess.run(["ldd", os.path.join(folder, name)], capture_output=True, text=True, check=True).stdout
            self.assertIn("libswiftCore", libraries)
            self.assertNotIn("libFoundation.so", libraries, name)


if __name__ == "__main__":
    unittest.main()
