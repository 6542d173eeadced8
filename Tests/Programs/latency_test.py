"""The benchmark of latencies (Tests/Benchmarks/latency.py): every line and decision is matched with the frame that it comes from."""

import os
import sys
import tempfile
import unittest

from support import ROOT

sys.path.insert(0, os.path.join(ROOT, "Tests", "Benchmarks"))

import latency  # noqa: E402  pylint: disable=wrong-import-position
from latency_chain import certify  # noqa: E402  pylint: disable=wrong-import-position
from latency_session import RECEIVED, Session  # noqa: E402  pylint: disable=wrong-import-position

RATE, FRAMES, SETTLE = 1000, 200, 0.15


class LatencyBenchmark(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        certify(cls.folder)
        cls.sessions = [Session(cls.folder, venue, 60, FRAMES) for venue in ("polymarket", "kalshi")]
        for session in cls.sessions:
            session.prepare(RATE, FRAMES)

    def measured(self, name):
        """One way of the benchmark; nothing was guessed in it."""
        found = latency.ways(self.folder, self.sessions, RATE, SETTLE)[name]()
        self.assertEqual([found["unmatched"], found.get("missing", 0), found.get("impossible", 0)], [0, 0, 0], found)
        self.assertGreater(found["p50"], 0)
        self.assertLessEqual(found["p50"], found["p99"])
        return found

    def test_serverAlone_timesEveryPacedFrame(self):
        self.assertEqual(self.measured("server and reader alone")["timed"], FRAMES - self.sessions[0].setup)

    def test_decisionsOfBothVenues_haveTheirFrames(self):
        found = self.measured("both feeds, merge, decide")
        paced = [sum(number >= session.setup for numbers in session.decisions.frames.values() for number in numbers) for session in self.sessions]
        self.assertGreater(min(paced), 20)
        self.assertEqual(found["timed"], sum(paced))
        self.assertGreater(min(ran for ran, _ in found["us_a_frame"].values()), 0)

    def test_linesOfAFeed_haveTheirFrames_andEachFrameCountsOnce(self):
        for venue, session in zip(("pm", "kalshi"), self.sessions):
            found = self.measured(f"{venue}-feed")
            paced = {number for numbers in session.lines.frames.values() for number in numbers if number >= session.setup}
            self.assertEqual(found["timed"], len(paced))

    def test_lineThatNoFrameGave_isUnmatched_andEqualLinesComeInOrder(self):
        expected = self.sessions[0].decisions
        text = next(iter(expected.frames))
        whole = text.replace(b'"feed"', b'"recv_us":1,"feed"', 1)
        self.assertEqual(RECEIVED.search(whole)[1], b"1")
        count, strange = len(expected.frames[text]), whole.replace(b'"rule":"', b'"rule":"not_')
        found, unmatched = expected.match([whole] * (count + 1) + [strange])
        self.assertEqual(([number for number, _ in found], unmatched), (list(expected.frames[text]), [whole, strange]))


if __name__ == "__main__":
    unittest.main()
