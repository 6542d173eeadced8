"""Backtests: the script from recordings to the page, and that a live run, its own stream and its feeds' recordings decide the same."""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

from live_support import LocalVenue
from support import BIN, ENVIRONMENT, KALSHI_SAMPLE, PM_SAMPLE, ROOT, run, tool, without_stage_status

DEADLINE = 60.0
HEAD = "left_venue,left_instrument,right_venue,right_instrument,relation,confidence,status\n"
RULES = """
[rules.xv]
strategy = "arbitrage"
min_edge = 0.005
max_size = 100
max_cost = 500
max_age = "10s"
cooldown = "200ms"
action = "trade"

[rules.late]
strategy = "stale_quote"
window = "2s"
min_move = 0.005
lag = "300ms"

[rules.wide]
strategy = "spread"
min_spread = 0.02

[rules.run]
strategy = "move"
window = "2s"
min_move = 0.01
"""


def events(text, *types):
    return [event for event in map(json.loads, text.splitlines()) if event["type"] in types]


def firsts(lines, count):
    """The first instruments of a stream, in its order."""
    found = []
    for event in events(lines, "instrument"):
        if event["instrument"] not in found:
            found.append(event["instrument"])
    return found[:count]

# Answers every trade, and does not keep up.
SLOW = """
import json, sys, time
for number, line in enumerate(sys.stdin):
    if number % 100 == 0:
        time.sleep(0.002)
    event = json.loads(line)
    leg = {key: event[key] for key in ("venue", "market", "instrument")}
    print(json.dumps({"legs": [leg], "because": [{"feed": event["feed"], "recv_us": event["recv_us"]}]}))
"""


class BacktestTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.rules = self.write("rules.toml", RULES)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def links(self, left, right):
        rows = "".join(f"polymarket,{one},kalshi,{other},same,0.9,approved\n" for one in left for other in right)
        return self.write("links.csv", HEAD + rows)

    def backtest(self, *arguments):
        environment = ENVIRONMENT | {"MKT_BIN": BIN, "TMPDIR": self.folder}
        return subprocess.run([os.path.join(ROOT, "pipelines", "backtest.sh"), *arguments], capture_output=True, timeout=120, env=environment, cwd=self.folder)

    def sample(self):
        """Events and raw recordings of the samples, and links between some of their instruments."""
        feeds = {"pm": run("pm-feed", "--replay", PM_SAMPLE).stdout, "kalshi": run("kalshi-feed", "--replay", KALSHI_SAMPLE).stdout}
        for name, text in feeds.items():
            self.write(f"{name}.ndjson", text.decode())
        return self.links(firsts(feeds["pm"], 6), firsts(feeds["kalshi"], 3))

    # The script

    def test_recordingsAndEvents_giveTheSame_andThePageHasTheNumbers(self):
        links = self.sample()
        raw = self.backtest("--out", "raw", PM_SAMPLE, KALSHI_SAMPLE, "--rules", self.rules, "--links", links)
        self.assertEqual(raw.returncode, 0, raw.stderr)
        mixed = self.backtest("--out", "mixed", self.path("pm.ndjson"), KALSHI_SAMPLE, "--rules", self.rules, "--links", links)
        self.assertEqual(mixed.returncode, 0, mixed.stderr)
        self.assertEqual(self.read("raw/decisions.ndjson"), self.read("mixed/decisions.ndjson"))
        self.assertEqual(self.read("raw/report.html"), self.read("mixed/report.html"))
        merged = run("mkt-merge", self.path("pm.ndjson"), self.path("kalshi.ndjson"))
        by_hand = run("mkt-decide", "--rules", self.rules, "--links", links, "--paper", "--heartbeat", "0", stdin=merged.stdout)
        self.assertEqual(by_hand.stdout, self.read("raw/decisions.ndjson"))
        decisions = events(by_hand.stdout, "decision")
        trades = [event for event in decisions if event["action"] == "trade"]
        self.assertGreater(len(trades), 20)
        self.assertEqual(len(events(by_hand.stdout, "own_order")), 2 * len(trades))
        self.assertGreater(len(events(by_hand.stdout, "own_fill")), 20)
        page = self.read("raw/report.html").decode()
        self.assertIn(f"{len(decisions):,}", page)
        self.assertIn(f"{len(decisions)} decisions: raw/decisions.ndjson", raw.stdout.decode())
        self.assertEqual(sorted(os.listdir(self.path("raw"))), ["decisions.ndjson", "report.html"])
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("mktpipe.")], [])

    def test_recordings_areKnownByTheirFrames_howeverLateTheyCome_andWhateverNamesAreInThem(self):
        with open(PM_SAMPLE, encoding="utf-8") as file:
            lines = file.readlines()
        named = self.write("named.ndjson", "".join(lines).replace("btc-above-84000-sep-25", "kalshi-above-84000-sep-25"))
        late = self.write("late.ndjson", "".join([next(line for line in lines if '"get":' in line)] * 400) + "".join(lines))
        wide = self.write("wide.toml", '[rules.wide]\nstrategy = "spread"\nmin_spread = 0.02\n')
        counts = set()
        for path in (PM_SAMPLE, named, late):
            done = self.backtest("--out", "out", path, "--rules", wide)
            self.assertEqual(done.returncode, 0, done.stderr)
            counts.add(done.stdout.split()[0])
        self.assertEqual(len(counts), 1)
        self.assertGreater(int(counts.pop()), 20)
        empty = self.backtest("--out", "out", self.write("empty.ndjson", ""), "--rules", wide)
        self.assertEqual((empty.returncode, empty.stdout[:11]), (0, b"0 decisions"), empty.stderr)

    def test_aSlowProgram_isWaitedFor_throughAPipeToo(self):
        self.sample()
        program = self.write("slow.py", SLOW)
        rules = self.write("exec.toml", f'[rules.mine]\nexec = ["/usr/bin/python3", {json.dumps(program)}]\nevents = ["trade"]\n')
        # More than what may wait for a program: every trade many times, later and later.
        trades = [event for name in ("pm", "kalshi") for event in events(self.read(f"{name}.ndjson"), "trade")]
        last = max(event["recv_us"] for event in trades)
        rows = [json.dumps(event | {"recv_us": last + number, "tx": "x" * 400}) for number, event in enumerate(trades * 100)]
        done = self.backtest("--out", "out", self.path("pm.ndjson"), self.write("more.ndjson", "\n".join(rows) + "\n"), "--rules", rules)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        first = sum('"type":"trade"' in line for line in self.read("pm.ndjson").decode().splitlines())
        self.assertGreater(len("".join(rows)), 9 << 20)
        self.assertEqual(len(events(self.read("out/decisions.ndjson"), "decision")), first + len(rows))

    def test_tradesAreFilled_howeverTheRulesSayTrade(self):
        links = self.sample()
        plain = RULES.replace('action = "trade"\n', "")
        for name, text, more in (("single", RULES.replace('"trade"', "'trade'"), []), ("quoted", RULES.replace('action =', '"action" =', 1), []),
                                 ("set", plain, ["--set", "rules.xv.action=trade"])):
            done = self.backtest("--out", name, PM_SAMPLE, KALSHI_SAMPLE, "--rules", self.write(f"{name}.toml", text), "--links", links, *more)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreater(len(events(self.read(f"{name}/decisions.ndjson"), "own_fill")), 20)
        done = self.backtest("--out", "none", PM_SAMPLE, KALSHI_SAMPLE, "--rules", self.write("none.toml", plain), "--links", links)
        self.assertEqual((done.returncode, events(self.read("none/decisions.ndjson"), "own_order")), (0, []), done.stderr)

    def test_variants_areWhatSingleRunsAre(self):
        links = self.sample()
        sweep = self.backtest("--out", "sweep", PM_SAMPLE, KALSHI_SAMPLE, "--rules", self.rules, "--links", links, "--set", "rules.xv.min_edge=0.01,0.05")
        self.assertEqual(sweep.returncode, 0, sweep.stderr)
        all_lines = events(self.read("sweep/decisions.ndjson"), "decision", "own_order", "own_fill", "own_position", "own_account")
        for edge in ("0.01", "0.05"):
            one = self.backtest("--out", "one", PM_SAMPLE, KALSHI_SAMPLE, "--rules", self.rules, "--links", links, "--set", f"rules.xv.min_edge={edge}")
            self.assertEqual(one.returncode, 0, one.stderr)
            own = events(self.read("one/decisions.ndjson"), "decision", "own_order", "own_fill", "own_position", "own_account")
            name = f"xv[min_edge={edge}]"
            self.assertEqual([shape(each, "xv") for each in own if mine(each, "xv")], [shape(each, name) for each in all_lines if mine(each, name)])
            self.assertGreater(sum(mine(each, "xv") for each in own), 20)

    def test_faults_haveTheirStatus_andLeaveTheLastResult(self):
        os.mkdir(self.path("out"))
        self.write("out/decisions.ndjson", "kept\n")
        bad = self.write("bad.toml", "[rules.a]\nstrategy = \"spread\"\n")
        nothing = self.write("nothing.txt", "what is this\n")
        cases = [([], 64), (["--rules", self.rules], 64), ([PM_SAMPLE], 64), ([PM_SAMPLE, "--links", "x", "--rules", self.rules], 64),
                 (["none.ndjson", "--rules", self.rules], 66), ([PM_SAMPLE, "--rules", "none.toml"], 66), ([nothing, "--rules", self.rules], 65),
                 (["--out", "out", PM_SAMPLE, "--rules", bad], 78), (["--out", "nothing.txt", PM_SAMPLE, "--rules", self.rules], 73)]
        for arguments, status in cases:
            done = self.backtest(*arguments)
            self.assertEqual((done.returncode, done.stdout), (status, b""), (arguments, done.stderr))
            self.assertNotEqual(done.stderr, b"")
        self.assertEqual(self.read("out/decisions.ndjson"), b"kept\n")
        self.assertEqual(os.listdir(self.path("out")), ["decisions.ndjson"])

    # Live, its stream, its recordings

    def test_liveRun_itsOwnStream_andTheRawRecordings_decideTheSame(self):
        with LocalVenue("pm_venue.py", self.sub("pm"), "--markets", 4, "--rate", 150, "--seed", 9) as pm, \
                LocalVenue("ks_venue.py", self.sub("ks"), "--patience", 6, "--ping-every", 2, "--markets", 4, "--rate", 150, "--seed", 9) as kalshi:
            pm_urls = ["--ws-url", pm.ready["ws"], "--clob-url", pm.ready["clob"], "--gamma-url", pm.ready["gamma"], "--ca-file", pm.ready["ca"]]
            ks_urls = ["--ws-url", kalshi.ready["ws"], "--rest-url", kalshi.ready["rest"], "--ca-file", kalshi.ready["ca"]]
            key = {"KALSHI_API_KEY_ID": kalshi.ready["key_id"], "KALSHI_PRIVATE_KEY_FILE": kalshi.ready["key_file"]}
            listed = run("pm-feed", "--list", *pm_urls).stdout, run("kalshi-feed", "--list", *ks_urls).stdout
            links = self.links(firsts(listed[0], 8), firsts(listed[1], 4))
            self.live(["--top", "4", *pm_urls], ["series:KXZEMBLA", *ks_urls], key, links)
        live = self.read("live.ndjson")
        counts = {rule: sum(event["rule"] == rule for event in events(live, "decision")) for rule in ("xv", "late", "wide", "run")}
        self.assertGreater(counts["xv"], 5, counts)
        self.assertGreater(sum(counts.values()), 20, counts)
        self.assertGreater(len(events(live, "own_fill")), 5)
        decide = ["mkt-decide", "--rules", self.rules, "--links", links, "--paper", "--heartbeat", "0"]
        with open(self.path("merged.ndjson"), "rb") as merged:
            self.assertEqual(run(*decide, stdin=merged).stdout, live, "the live run's own stream decides otherwise")
        for name in ("pm", "kalshi"):
            again = run(f"{name}-feed", "--replay", self.path(f"{name}.raw"), "--heartbeat", "1s")
            self.write(f"{name}.again", again.stdout.decode())
        merged = run("mkt-merge", self.path("pm.again"), self.path("kalshi.again"))
        self.assertEqual(without_stage_status(merged.stdout), without_stage_status(self.read("merged.ndjson")), "the recordings merge otherwise")
        self.assertEqual(run(*decide, stdin=merged.stdout).stdout, live, "the recordings decide otherwise")

    def sub(self, name):
        os.mkdir(self.path(name))
        return self.path(name)

    def live(self, pm, kalshi, key, links):
        """The pipeline over FIFOs until it has decided enough; then the feeds are asked to stop and all the rest ends by itself."""
        for name in ("pm.fifo", "kalshi.fifo"):
            os.mkfifo(self.path(name))
        common = ["--heartbeat", "1s", "--log-level", "warning"]
        pipe = subprocess.Popen(
            ["bash", "-c", f"'{tool('mkt-merge')}' --window 2s --heartbeat 0 --log-level warning pm.fifo kalshi.fifo | tee merged.ndjson | "
             f"'{tool('mkt-decide')}' --rules '{self.rules}' --links '{links}' --paper --heartbeat 0 --log-level warning > live.ndjson"],
            cwd=self.folder, env=ENVIRONMENT, stderr=subprocess.PIPE)
        feeds = []
        for name, arguments, more in (("pm", pm, {}), ("kalshi", kalshi, key)):
            with open(self.path(f"{name}.fifo"), "wb") as fifo, open(self.path(f"{name}.err"), "wb") as errors:
                feeds.append(subprocess.Popen([tool(f"{name}-feed"), *arguments, *common, "--record", self.path(f"{name}.raw")], stdin=subprocess.DEVNULL,
                                              stdout=fifo, stderr=errors, env=ENVIRONMENT | more))
        try:
            end = time.monotonic() + DEADLINE
            while time.monotonic() < end:
                told = self.read("live.ndjson") if os.path.exists(self.path("live.ndjson")) else b""
                if told.count(b'"rule":"xv","strategy"') > 5 and told.count(b'"own_fill"') > 5 and told.count(b'"type":"decision"') > 30:
                    break
                time.sleep(0.1)
        finally:
            for feed in feeds:
                feed.send_signal(signal.SIGTERM)
        for name, feed in zip(("pm", "kalshi"), feeds):
            self.assertEqual(feed.wait(30), 0, self.read(f"{name}.err"))
        errors = pipe.communicate(timeout=30)[1]
        self.assertEqual(pipe.returncode, 0, errors)


def mine(event, rule):
    return event.get("rule", event.get("client_id")) == rule


def shape(event, rule):
    """An event of a rule without what tells the rule's variant."""
    return {key: value for key, value in event.items() if key not in ("id", "rule", "rules", "client_id", "order_id", "trade_id")}


if __name__ == "__main__":
    unittest.main()
