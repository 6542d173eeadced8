"""mkt-decide --match on labelled questions, and pipelines/match.sh around it."""

import csv
import io
import json
import os
import random
import subprocess
import tempfile
import unittest

import match_sample
from live_support import LocalVenue
from match_sample import held_out, tuning
from support import ENVIRONMENT, ROOT, RULES, TIMEOUT, run, tool

COLUMNS = ["left_venue", "left_instrument", "right_venue", "right_instrument", "relation", "confidence", "status", "note"]
# What docs/strategies.md says of the sample.
SAFE = 0.9


def match(lines, *arguments):
    return run("mkt-decide", "--match", *arguments, stdin="".join(line + "\n" for line in lines).encode())


def rows(output):
    return list(csv.DictReader(io.StringIO(output.decode("utf-8"))))


def link(row):
    return row["left_instrument"], row["right_instrument"], row["relation"]


class MatchSample(unittest.TestCase):
    def measure(self, pairs, negatives, *arguments):
        """Proposals over the labelled questions among the others: those that are right and wrong, and the pairs that were missed."""
        lines = match_sample.lines(pairs, negatives, match_sample.around())
        self.assertGreaterEqual(len(lines), 300)
        random.Random(3).shuffle(lines)
        done = match(lines, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = rows(done.stdout)
        wanted = match_sample.wanted(pairs)
        right = [row for row in found if link(row) in set(wanted.values())]
        missed = [name for name, each in wanted.items() if each not in {link(row) for row in found}]
        wrong = [row for row in found if row not in right]
        return right, wrong, missed

    def check(self, pairs, negatives, missed_most):
        right, wrong, missed = self.measure(pairs, negatives)
        told = f"precision {len(right)}/{len(right) + len(wrong)}, recall {len(pairs) - len(missed)}/{len(pairs)}, missed {missed}, wrong {wrong}"
        # Every proposal is right; what was reached must not be lost in silence.
        self.assertEqual(wrong, [], told)
        self.assertLessEqual(len(missed), missed_most, told)
        bad = {(ticker, match_sample.token(slug, outcome)) for _, _, slug, _, outcomes, ticker, *_ in negatives for outcome in outcomes}
        for row in wrong:
            self.assertNotIn((row["left_instrument"], row["right_instrument"]), bad, row)
            self.assertLess(float(row["confidence"]), SAFE, row)

    def test_tuningPart(self):
        self.check(tuning.PAIRS, tuning.NEGATIVES, missed_most=1)

    def test_heldOutPart(self):
        self.check(held_out.PAIRS, held_out.NEGATIVES, missed_most=1)

    def test_allTogether(self):
        self.assertGreaterEqual(len(tuning.PAIRS) + len(held_out.PAIRS), 100)
        self.assertGreaterEqual(len(tuning.NEGATIVES) + len(held_out.NEGATIVES), 25)
        self.check(tuning.PAIRS + held_out.PAIRS, tuning.NEGATIVES + held_out.NEGATIVES, missed_most=3)

    def test_withoutTheRightAnswers_nothingSureIsProposed(self):
        # Of every third question the counterpart is taken away: what is best for it then is wrong.
        pairs, negatives = tuning.PAIRS + held_out.PAIRS, tuning.NEGATIVES + held_out.NEGATIVES
        judged = 0
        for third in range(3):
            taken = {pair[5] for pair in pairs[third::3]}
            lines = [line for line in match_sample.lines(pairs, negatives, match_sample.around()) if json.loads(line)["instrument"] not in taken]
            done = match(lines)
            self.assertEqual(done.returncode, 0, done.stderr)
            wanted = set(match_sample.wanted(pairs).values())
            wrong = [row for row in rows(done.stdout) if link(row) not in wanted]
            judged += len(pairs) - len(rows(done.stdout)) + len(wrong)
            for row in wrong:
                self.assertLess(float(row["confidence"]), SAFE, row)
        self.assertGreaterEqual(judged, len(pairs))

    def test_sameBytes_inAnyOrder(self):
        lines = match_sample.lines(tuning.PAIRS, tuning.NEGATIVES)
        outputs = set()
        for seed in range(3):
            random.Random(seed).shuffle(lines)
            done = match(lines)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreater(len(rows(done.stdout)), 50)
            outputs.add(done.stdout)
        self.assertEqual(len(outputs), 1)


class MatchTool(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.lines = match_sample.lines(tuning.PAIRS[:8], [])

    def test_proposals_areLinksThatTradeOnlyOnceApproved(self):
        done = match(self.lines)
        self.assertEqual(done.stdout.splitlines()[0].decode().split(","), COLUMNS)
        self.assertEqual({row["status"] for row in rows(done.stdout)}, {"pending"})
        path = os.path.join(self.folder.name, "links.csv")
        for status, words in (("pending", b"links: 0 approved, 8 pending"), ("approved", b"links: 8 approved, 0 pending")):
            with open(path, "wb") as file:
                file.write(done.stdout.replace(b",pending,", f",{status},".encode()))
            checked = run("mkt-decide", "--rules", RULES, "--links", path, "--check")
            self.assertEqual(checked.returncode, 0, checked.stderr)
            self.assertIn(words, checked.stdout)

    def test_otherLines_areIgnored_malformedSkipped_andFatalUnderStrict(self):
        noise = ['{"v":1,"type":"trade","feed":"f","venue":"v","market":"m","instrument":"i","recv_us":1,"price":0.5,"size":1,"aggressor_side":"buy"}',
                 '{"v":1,"type":"tomorrow","recv_us":1}']
        wanted = match(self.lines).stdout
        self.assertEqual(match(noise + self.lines).stdout, wanted)
        broken = ['{"v":1,"type":"instr', self.lines[0].replace('"close_us":', '"close_us":"soon","x":'), self.lines[0].replace('"Yes"', "7", 1)]
        done = match(broken + self.lines)
        self.assertEqual((done.returncode, done.stdout), (0, wanted))
        self.assertIn(b"skipped_", done.stderr)
        strict = match(broken + self.lines, "--strict")
        self.assertEqual((strict.returncode, strict.stdout), (65, b""))

    def test_nothing_isAHeadAlone(self):
        self.assertEqual(match([]).stdout.decode().strip().split(","), COLUMNS)

    def test_hugeAndHostileQuestions_areLeftOutOrMadeSafe(self):
        huge = json.loads(self.lines[0]) | {"question": "Will it " * (1 << 17) + "?", "instrument": "huge", "complement": "huger"}
        evil = [json.loads(line) | {"question": "=cmd|'/C calc'!A0 Will Zembla join?\u0007\u202e\n🚀\"", "venue": venue, "market": venue, "instrument": venue}
                for line, venue in zip(self.lines, ("a", "b"))]
        for each in evil:
            each.pop("complement", None)
        done = match([json.dumps(each) for each in [huge, *evil]])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"instruments_question_too_long=1", done.stderr)
        text = done.stdout.decode()
        self.assertEqual(len(rows(done.stdout)), 1)
        self.assertFalse([character for character in text if (ord(character) < 32 and character != "\n") or character == "\u202e"])
        for row in rows(done.stdout):
            self.assertFalse([field for field in row.values() if field[0] in "=+-@\t\r"])

    def test_optionsThatMakeNoSense_are64(self):
        for arguments in (["--check"], ["--verify", "x"], ["--pass-through"], ["--explain"], ["--rules", RULES], ["--links", "x"], ["--limit", "3"],
                          ["--match-top", "0"], ["--match-top", "x"], ["--match-min", "1.1"], ["--match-min", "-1"]):
            done = match([], *arguments)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count(b"\n")), (64, b"", 1), arguments)
        self.assertEqual(run("mkt-decide", "--rules", RULES, "--match-top", "2").returncode, 64)

    def test_settingsOfOtherRuns_areNoHindrance(self):
        done = run("mkt-decide", "--match", stdin="".join(line + "\n" for line in self.lines).encode(),
                   environment={"MKT_RULES": "/nowhere", "MKT_PASS_THROUGH": "true", "MKT_DECIDE_LINKS": "/nowhere", "MKT_LIMIT": "2"})
        self.assertEqual((done.returncode, done.stdout), (0, match(self.lines).stdout), done.stderr)


class MatchPipeline(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bin = os.path.join(self.folder.name, "bin")
        os.mkdir(self.bin)
        for name in ("pm-feed", "kalshi-feed", "mkt-merge", "mkt-decide", "mkt-sink"):
            os.symlink(tool(name), os.path.join(self.bin, name))

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def stand_in(self, name, script):
        """Something else in the place of a feed."""
        path = os.path.join(self.bin, name)
        os.remove(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, 0o755)

    def lists(self):
        lines = match_sample.lines(tuning.PAIRS[:8], [])
        for name, venue in (("pm-feed", "polymarket"), ("kalshi-feed", "kalshi")):
            with open(self.path(venue), "w", encoding="utf-8") as file:
                file.writelines(line + "\n" for line in lines if f'"venue":"{venue}"' in line)
            self.stand_in(name, f"echo \"$@\" > '{self.path(name)}.args'; cat '{self.path(venue)}'")
        return match(lines).stdout

    def match(self, *arguments, environment=None):
        return subprocess.run(
            [os.path.join(ROOT, "pipelines", "match.sh"), *arguments], capture_output=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL, cwd=self.folder.name,
            env=ENVIRONMENT | {"MKT_BIN": self.bin, "TMPDIR": self.folder.name} | (environment or {}))

    def left_behind(self):
        return sorted(name for name in os.listdir(self.folder.name) if name.startswith(("mktpipe", "links")))

    def test_proposals_goToStandardOutput_orToAFileThatIsNeverWrittenOver(self):
        wanted = self.lists()
        done = self.match("bitcoin", "price")
        self.assertEqual((done.returncode, done.stdout), (0, wanted), done.stderr)
        for name in ("pm-feed", "kalshi-feed"):
            with open(self.path(f"{name}.args"), encoding="utf-8") as file:
                self.assertEqual(file.read().split(), ["--list", "bitcoin", "price"])
        done = self.match("-o", "links.csv")
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        with open(self.path("links.csv"), "rb") as file:
            self.assertEqual(file.read(), wanted)
        self.assertEqual(self.match("-o", "links.csv").returncode, 73)
        self.assertEqual(self.left_behind(), ["links.csv"])

    def test_aListThatFails_givesItsStatus_andNoFile(self):
        self.lists()
        self.stand_in("kalshi-feed", "echo '{\"v\":1'; echo 'kalshi-feed: no network' >&2; exit 69")
        done = self.match("-o", "links.csv")
        self.assertEqual((done.returncode, done.stdout), (69, b""))
        self.assertIn(b"no network", done.stderr)
        self.assertEqual(self.left_behind(), [])
        self.assertEqual(self.match("-o", "nowhere/links.csv").returncode, 69)
        self.lists_again()
        self.assertEqual(self.match("-o", "nowhere/links.csv").returncode, 73)
        self.assertEqual(self.left_behind(), [])

    def lists_again(self):
        self.stand_in("kalshi-feed", f"cat '{self.path('kalshi')}'")

    def test_usage(self):
        for arguments in (["-o"], ["-o", ""], ["--list"], ["-o", "x", "--all"]):
            self.assertEqual(self.match(*arguments).returncode, 64, arguments)
        helped = self.match("--help")
        self.assertEqual(helped.returncode, 0)
        self.assertIn(b"usage: match.sh", helped.stdout)

    def test_bothVenues_areListed(self):
        # The feeds themselves against local venues, whose invented questions have nothing in common.
        folders = [tempfile.mkdtemp(dir=self.folder.name) for _ in range(2)]
        with LocalVenue("pm_venue.py", folders[0], "--markets", 4, "--rate", 1, "--seed", 5) as left, \
                LocalVenue("ks_venue.py", folders[1], "--seed", 5) as right:
            done = self.match(environment={
                "PM_FEED_WS_URL": left.ready["ws"], "PM_FEED_CLOB_URL": left.ready["clob"], "PM_FEED_GAMMA_URL": left.ready["gamma"],
                "PM_FEED_CA_FILE": left.ready["ca"], "KALSHI_FEED_WS_URL": right.ready["ws"], "KALSHI_FEED_REST_URL": right.ready["rest"],
                "KALSHI_FEED_CA_FILE": right.ready["ca"], "MKT_LOG_LEVEL": "info"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.decode().strip().split(","), COLUMNS)
        counts = dict(part.split("=") for part in done.stderr.decode().split("done: ")[-1].split())
        self.assertGreater(int(counts["instruments"]), 8)


if __name__ == "__main__":
    unittest.main()
