"""The checker of live runs: a right client passes, whatever the venue does; careless clients and spoilt events fail."""

import os
import random
import unittest
from decimal import Decimal

import pm_mutations
import venue_common  # noqa: F401
import pm_wire as wire
from consumer import parse
from pm_support import LiveRun

SEED = int(os.environ.get("MKT_VENUE_SEED", "3"))
FAULTS = int(os.environ.get("MKT_VENUE_FAULTS", "27"))


def plain(value):
    """Decimals as the marks that the writer turns into numbers."""
    if isinstance(value, Decimal):
        return wire.number(format(value, "f"))
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def write(path, events):
    """Events as lines."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(wire.dense(plain(event)) + "\n" for event in events)


class Clean(unittest.TestCase):
    def test_cleanRun_passes(self):
        run = LiveRun(8, "--markets", 8, "--rate", 200, "--seed", SEED)
        self.addCleanup(run.close)
        self.assertEqual(run.finish(), 0)
        status, said = run.check()
        self.assertEqual(status, 0, said)
        self.assertGreater(int(said.split("lines: ")[1].split()[0]), 500, said)


class Spoilt(unittest.TestCase):
    """One run with drops, resets and an outage; it passes, and fails in each way of being wrong."""

    @classmethod
    def setUpClass(cls):
        cls.run_ = LiveRun(22, "--markets", 6, "--rate", 250, "--seed", SEED + 1)
        cls.addClassCleanup(cls.run_.close)
        venue = cls.run_.venue
        venue.wait(lambda: venue.look("state")["messages"] > 800)
        for name, more in (("drop", {}), ("reset", {}), ("server_down", {"seconds": 4}), ("drop", {"notify": True})):
            before = venue.look("state")["messages"]
            venue.control(fault=name, **more)
            venue.wait(lambda before=before: any(each["tokens"] for each in venue.look("state")["sockets"])
                       and venue.look("state")["messages"] > before + 500)
        cls.status = cls.run_.finish()
        with open(cls.run_.events, encoding="utf-8") as file:
            cls.events = [parse(line) for line in file]

    def test_dropsAndResets_pass(self):
        self.assertEqual(self.status, 0)
        status, said = self.run_.check()
        self.assertEqual(status, 0, said)
        self.assertIn("reset", said)

    def test_rewrittenUnchanged_passes(self):
        path = os.path.join(self.run_.venue.folder.name, "same.ndjson")
        write(path, pm_mutations.renumbered(self.events))
        status, said = self.run_.check(path)
        self.assertEqual(status, 0, said)

    def test_everyMutation_fails(self):
        for number, mutation in enumerate(pm_mutations.ALL):
            with self.subTest(mutation=mutation.__name__):
                spoilt = mutation(self.events, random.Random(SEED * 100 + number))
                self.assertIsNotNone(spoilt, "the run has nothing to spoil")
                path = os.path.join(self.run_.venue.folder.name, f"{mutation.__name__}.ndjson")
                write(path, spoilt if mutation in pm_mutations.KEEP_SEQ else pm_mutations.renumbered(spoilt))
                status, said = self.run_.check(path)
                self.assertEqual(status, 1, f"not noticed: {mutation.__doc__}\n{said}")

    def test_tornLine_fails(self):
        path = os.path.join(self.run_.venue.folder.name, "torn.ndjson")
        with open(self.run_.events, encoding="utf-8") as file, open(path, "w", encoding="utf-8") as out:
            out.write(file.read()[:-5])
        self.assertEqual(self.run_.check(path)[0], 1)


class Careless(unittest.TestCase):
    """Clients that leave a check out fail where that check was needed, and a careful one passes."""

    def run_with(self, fault, times, defects, rate):
        run = LiveRun(30, "--markets", 4, "--rate", rate, "--seed", SEED, client=[part for each in defects for part in ("--defect", each)])
        self.addCleanup(run.close)
        for turn in range(times):
            run.venue.wait(lambda turn=turn: run.venue.look("state")["messages"] > rate * (2 + turn))
            try:
                run.venue.control(**fault)
            except ValueError:
                pass  # the client is between two sockets
        run.finish()
        return run.check()

    def both(self, fault, *defects, times=1, rate=150):
        status, said = self.run_with(fault, times, (), rate)
        self.assertEqual(status, 0, said)
        status, said = self.run_with(fault, times, defects, rate)
        self.assertEqual(status, 1, said)

    def test_lostMessages_areNoticedByHashOnly(self):
        self.both({"fault": "lose", "count": 2}, "no-hash", "no-audit", times=12, rate=40)

    def test_silentSocket_isNoticedByTimeOnly(self):
        self.both({"fault": "stall", "mode": "lose", "seconds": 60}, "no-silence", "no-audit")

    def test_silentToken_isNoticedByRestOnly(self):
        self.both({"fault": "stall", "mode": "lose", "some": True, "seconds": 60}, "no-audit")


class Chaos(unittest.TestCase):
    def test_everyKindOfFault_rightClientPasses(self):
        run = LiveRun(600, "--markets", 8, "--rate", 150, "--seed", SEED + 2, "--chaos", FAULTS, "--chaos-every", "0.5s", "--chaos-seed", SEED,
                      "--dump-bytes", 500_000, "--stall-seconds", 5, "--mint-every", 10, "--resolve-every", 40)
        self.addCleanup(run.close)
        run.venue.wait(lambda: run.venue.look("state")["chaos_done"] == FAULTS, 550)
        run.venue.stop()
        status, said = run.check()
        self.assertEqual(status, 0, said)
        self.assertGreaterEqual(said.count(" faults, recovery"), min(FAULTS, 26), said)


if __name__ == "__main__":
    unittest.main()
