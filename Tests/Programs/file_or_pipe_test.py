"""A file on standard input, which a second thread decodes ahead, gives what the same bytes through a pipe give, faults and all."""

import os
import random
import re
import shutil
import sqlite3
import tempfile
import unittest

import support

LONGEST = 4 << 20
RULES = b"""
[rules.a-wide]
strategy = "spread"
min_spread = "0.01"
cooldown = "1s"

[rules.b-move]
strategy = "move"
window = "10s"
min_move = "0.005"

[rules.c-size]
strategy = "trade_size"
min_notional = "1"
"""
TOKENS = [b"null", b"-1", b"1e400", b'"', b"{", b"]", b"\\", b"\xff", b"\x00", b"9" * 40, b'"v":2', b",,", b'"bids":[[0.5,1],[0.5,2]]', b'"label":"a\\"b",']


def damaged(line, chance):
    """A line with something wrong in it, or with what only looks so."""
    kind = chance.randrange(7)
    at = chance.randrange(len(line))
    if kind == 0:
        return line[:at]
    if kind == 1:
        return line[:at] + chance.choice(TOKENS) + line[at:]
    if kind == 2:
        return line[:at] + chance.choice(TOKENS) + line[at + 1 + chance.randrange(20):]
    if kind == 3:
        return line.replace(b'"seq":', b'"seq":1', 1)
    if kind == 4:
        return line.replace(b'"type":"', b'"type":"new_', 1)
    if kind == 5:
        return line[:-1] + b',"more":"' + b"x" * chance.randrange(300_000) + b'"}'
    return b"" if chance.random() < 0.9 else b"z" * (LONGEST + chance.randrange(1, 200_000))


def stream(events, seed):
    """The events with damage to one in forty, lines twice and out of order, and an end without a newline now and then."""
    chance = random.Random(seed)
    lines = []
    for line in events:
        lines.append(damaged(line, chance) if chance.random() < 0.025 else line)
        if chance.random() < 0.01:
            lines.append(line)
        if chance.random() < 0.01 and len(lines) > 1:
            lines[-1], lines[-2] = lines[-2], lines[-1]
    return b"\n".join(lines) + (b"\n" if seed % 2 else b"")


def told(stderr):
    """What was said, without what the clock says."""
    return re.sub(rb" ?(latency|lag)\w*=\S+", b"", stderr)


class FileOrPipe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="file-or-pipe-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        events = [support.run(support.feed(venue), "--replay", path).stdout.splitlines() for venue, path in (("polymarket", support.PM_SAMPLE), ("kalshi", support.KALSHI_SAMPLE))]
        cls.streams = [stream(events[seed % 2], seed) for seed in range(6)]
        with open(cls.path("rules.toml"), "wb") as file:
            file.write(RULES)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    def both(self, name, *arguments):
        """For each stream: what comes of the file and of the pipe. `REJECTS` and `DATABASE` among the arguments are new files each time."""
        seen = []
        for number, data in enumerate(self.streams):
            with open(self.path("input"), "wb") as file:
                file.write(data)
            results = []
            for way in ("file", "pipe"):
                for old in ("rejects", "database"):
                    if os.path.exists(self.path(old)):
                        os.remove(self.path(old))
                words = [word.replace("REJECTS", self.path("rejects")).replace("DATABASE", self.path("database")) for word in arguments]
                with open(self.path("input"), "rb") as file:
                    done = support.run(name, "--heartbeat", "0", *words, stdin=file if way == "file" else data)
                results.append((done.returncode, done.stdout, told(done.stderr), self.kept("rejects"), self.rows()))
            with self.subTest(stream=number):
                self.assertEqual(results[0][0], results[1][0], results[0][2])
                for file, pipe in zip(*results):
                    self.assertTrue(file == pipe, (results[0][2], results[1][2]))
            seen.append(results[0])
        return seen

    def kept(self, name):
        if not os.path.exists(self.path(name)):
            return None
        with open(self.path(name), "rb") as file:
            # A line that tells no time was rejected when the clock says.
            return re.sub(rb'(?m)^{"recv_us":\d+', b"{", file.read())

    def rows(self):
        """Every row of every table."""
        if not os.path.exists(self.path("database")):
            return None
        with sqlite3.connect(self.path("database")) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            return [(name, sorted(database.execute(f"SELECT * FROM {name}"), key=repr)) for name in tables]

    def test_decide(self):
        seen = self.both("mkt-decide", "--rules", self.path("rules.toml"), "--rejects", "REJECTS")
        self.assertEqual(len(seen), len(self.streams))
        for status, decisions, said, rejects, _ in seen:
            self.assertEqual(status, 0, said)
            self.assertGreater(decisions.count(b"\n"), 20)
            self.assertGreater(rejects.count(b"\n"), 20)

    def test_decide_passThrough(self):
        for _, output, _, _, _ in self.both("mkt-decide", "--rules", self.path("rules.toml"), "--pass-through"):
            self.assertGreater(output.count(b"\n"), 1000)

    def test_decide_strict_andLimit(self):
        for status, _, said, _, _ in self.both("mkt-decide", "--rules", self.path("rules.toml"), "--strict"):
            self.assertEqual(status, 65, said)
        for status, decisions, said, _, _ in self.both("mkt-decide", "--rules", self.path("rules.toml"), "--limit", "7"):
            self.assertEqual((status, decisions.count(b"\n")), (0, 7), said)

    def test_sink_toOutput(self):
        for _, output, _, rejects, _ in self.both("mkt-sink", "--to", "-", "--rejects", "REJECTS"):
            self.assertGreater(output.count(b"\n"), 1000)
            self.assertGreater(rejects.count(b"\n"), 20)

    def test_sink_toSQLite(self):
        for _, _, _, _, rows in self.both("mkt-sink", "--to", "sqlite:DATABASE"):
            self.assertGreater(sum(len(table) for _, table in rows), 1000)

    def test_sink_limit(self):
        for _, output, _, _, _ in self.both("mkt-sink", "--to", "-", "--limit", "900"):
            self.assertLessEqual(output.count(b"\n"), 900)


if __name__ == "__main__":
    unittest.main()
