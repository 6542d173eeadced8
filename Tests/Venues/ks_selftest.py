"""Tests the local Kalshi and its checker: a right client passes, every kind of wrong one fails. `--chaos N` adds a run with all faults."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

import ks_world  # noqa: F401  first: it finds the oracle's modules
from ks_client import WRONG
from ks_live_books import parse
from ks_live_check import check
from ks_mutants import MUTANTS, dump
from ks_selftest_check import CheckerTests  # noqa: F401
from ks_selftest_faults import FrameFaultTests, RestTests  # noqa: F401
from ks_selftest_wire import BurstTests, CommandTests, OwedTests, SlowReaderTests, UpgradeTests  # noqa: F401
from ks_wire_client import KEYS

HERE = os.path.dirname(os.path.abspath(__file__))
CHAOS = 0


class Run:
    """A venue and a client in a folder of their own; everything ends within `limit` seconds."""

    def __init__(self, *venue, client=(), limit=120):
        self.folder = tempfile.TemporaryDirectory(prefix="ks-selftest-")
        self.truth, self.events = (os.path.join(self.folder.name, name) for name in ("truth", "events"))
        self.venue = subprocess.Popen([sys.executable, os.path.join(HERE, "ks_venue.py"), "--truth", self.truth, "--duration", str(limit),
                                       "--folder", KEYS.name, *venue],
                                      stdout=subprocess.PIPE, text=True)
        self.at = json.loads(self.venue.stdout.readline())
        self.client = self.follow(client)

    def follow(self, words, key="", events=None):
        """Starts a client on all markets; gives its process."""
        given = [f"--{name}={self.at[name]}" for name in ("ws", "rest")]
        given += ["--key-id", self.at[key + "key_id"], "--key-file", self.at[key + "key_file"]]
        given += ["--tickers", ",".join(self.at["tickers"])] + (["--ca", self.at["ca"]] if self.at["ws"].startswith("wss") else [])
        with open(events or self.events, "w", encoding="utf-8") as out:
            return subprocess.Popen([sys.executable, os.path.join(HERE, "ks_client.py"), *given, *words], stdout=out)

    def ask(self, value=None):
        """POSTs to the control port, or GETs its state."""
        data = json.dumps(value).encode() if value is not None else None
        with urllib.request.urlopen(self.at["control"] + "/state", data, timeout=10) as answer:
            return json.loads(answer.read())

    def until(self, test, seconds=30):
        """Waits for a state of the venue."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            state = self.ask()
            if test(state):
                return state
            time.sleep(0.05)
        raise AssertionError(f"not reached within {seconds} s: {state}")

    def healthy(self):
        """Waits until the client has everything."""
        return self.until(lambda state: state["healthy"] and state["sockets"])

    def frames(self, more, seconds=30):
        """Waits until so many more book states have passed."""
        goal = sum(self.ask()["k"].values()) + more
        self.until(lambda state: sum(state["k"].values()) >= goal, seconds)

    def end(self):
        """Ends both; gives the lines of truth and events."""
        self.client.send_signal(signal.SIGINT)
        self.client.wait(10)
        self.venue.terminate()
        self.venue.wait(10)
        self.venue.stdout.close()
        lines = []
        for path in (self.truth, self.events):
            with open(path, encoding="utf-8", newline="\n") as file:
                lines.append(file.readlines())
        self.folder.cleanup()
        return lines


def eventful(*client):
    """A run with drops, resets, holes in both channels and a result; `end()` of it."""
    run = Run("--rate", "500", "--markets", "9", "--seed", "5", client=client)
    run.healthy()
    run.frames(200)
    for fault in ({"fault": "gap", "channel": "orderbook_delta", "count": 2}, {"fault": "gap", "channel": "trade", "count": 2},
                  {"fault": "repeat", "channel": "orderbook_delta", "count": 8}, {"fault": "seq_regress"}, {"fault": "drop"}, {"fault": "reset"},
                  {"fault": "gap", "channel": "orderbook_delta"}, {"fault": "settle", "ticker": run.at["tickers"][4], "result": "scalar"}):
        run.ask(fault)
        if client:  # a wrong one may never be well again
            time.sleep(1.2)
        else:
            run.healthy()
        run.frames(250)
    run.frames(1500)
    return run.end()


class RightTests(unittest.TestCase):
    """A right client passes."""

    def passes(self, lines, **options):
        """The checker has nothing to say."""
        checker = check(*lines, **options)
        self.assertEqual(checker.problems[:5], [])
        self.assertGreater(checker.books.compared, 300)
        self.assertGreater(len(checker.trades), 10)
        return checker

    def test_rightClient_passes_withoutFaults(self):
        for seed, words, client in (("1", ["--plain"], []), ("2", [], ["--yes-prices"])):
            run = Run("--rate", "250", "--seed", seed, *words, client=client)
            run.healthy()
            run.frames(500)
            self.passes(run.end())

    def test_twoClients_areToldApart_byTheirKeys(self):
        run = Run("--rate", "200", "--seed", "3")
        run.healthy()
        path = os.path.join(run.folder.name, "events-b")
        other = run.follow(["--yes-prices"], "ed25519_", path)
        run.until(lambda state: len(state["sockets"]) == 2 and all(len(each["sids"]) == 3 for each in state["sockets"]))
        for socket in (1, 2):
            run.frames(300)
            run.ask({"fault": "drop", "socket": socket})
        run.frames(300)
        run.healthy()
        other.send_signal(signal.SIGINT)
        other.wait(10)
        with open(path, encoding="utf-8") as file:
            second = file.readlines()
        keys = run.at["key_id"], run.at["ed25519_key_id"]
        truth, first = run.end()
        for key, events in zip(keys, (first, second)):
            self.assertEqual(len(self.passes((truth, events), key=key).truth.sockets), 2)
        self.assertEqual(len(self.passes((truth, first)).truth.sockets), 4)

    def test_rightClient_passes_andEveryMutationFails(self):
        truth, events = eventful()
        checker = self.passes((truth, events), from_rest=True, recover={"all": 3})
        self.assertEqual(len(checker.truth.faults), 8)
        for name, mutate in MUTANTS.items():
            with self.subTest(name):
                changed = mutate([parse(line) for line in events], random.Random(7))
                self.assertIsNotNone(changed, "the mutation does not apply")
                wrong = check(truth, [dump(each) + "\n" for each in changed], recover={"all": 3})
                self.assertNotEqual(wrong.problems, [], "the checker saw nothing")

    def test_wrongClients_fail(self):
        results = {}

        def one(name):
            results[name] = check(*eventful("--wrong", name), recover={"all": 3})
        threads = [threading.Thread(target=one, args=(name,)) for name in WRONG]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name in WRONG:
            with self.subTest(name):
                self.assertNotEqual(results[name].problems, [], "the checker saw nothing")

    def test_rightClient_passes_withAllFaults(self):
        if not CHAOS:
            self.skipTest("only with --chaos N")
        run = Run("--rate", "200", "--markets", "12", "--patience", "4", "--ping-every", "1", "--chaos", str(CHAOS), "--chaos-every", "1s",
                  client=["--patience", "4"], limit=CHAOS * 60)
        run.until(lambda state: state["chaos_done"], CHAOS * 60)
        run.frames(600)
        checker = self.passes(run.end(), from_rest=True)
        print(*checker.summary(), sep="\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--chaos"]:
        CHAOS = int(sys.argv[2])
        del sys.argv[1:3]
    unittest.main()
