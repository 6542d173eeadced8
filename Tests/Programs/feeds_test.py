"""The feeds as programs: what they do with their input, good and bad, with their reader and with signals."""

import json
import os
import random
import signal
import subprocess
import tempfile
import unittest

from support import BIN, ENVIRONMENT, KALSHI_SAMPLE, PM_SAMPLE, TIMEOUT, feed, lines_of, run, tool

SAMPLE = {"polymarket": PM_SAMPLE, "kalshi": KALSHI_SAMPLE}
VENUES = tuple(SAMPLE)


class FeedTests(unittest.TestCase):
    def each(self):
        for venue in VENUES:
            with self.subTest(venue=venue):
                yield venue, feed(venue)

    def test_replayTwice_sameBytes(self):
        for venue, name in self.each():
            first, again = (run(name, "--replay", SAMPLE[venue]) for _ in range(2))
            self.assertEqual(first.returncode, 0, first.stderr)
            self.assertEqual(first.stdout, again.stdout)
            self.assertTrue(first.stdout.endswith(b"\n"))

    def test_replayFromStandardInput_sameBytesAsFromFile(self):
        for venue, name in self.each():
            with open(SAMPLE[venue], "rb") as file:
                piped = run(name, "--replay", "-", stdin=file.read())
            self.assertEqual(piped.stdout, run(name, "--replay", SAMPLE[venue]).stdout)

    def test_emptyRecording_isOneStoppedLine(self):
        for _, name in self.each():
            result = run(name, "--replay", "-", stdin=b"")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual([json.loads(line)["state"] for line in result.stdout.splitlines()], ["stopped"])

    def test_missingRecording_is66AndOneLine(self):
        for _, name in self.each():
            result = run(name, "--replay", "/nonexistent/recording")
            self.assertEqual(result.returncode, 66)
            self.assertEqual(result.stderr.count(b"\n"), 1)
            self.assertIn(b"No such file", result.stderr)

    def test_unknownOption_is64AndNamesTheHelp(self):
        for _, name in self.each():
            result = run(name, "--replya", "x")
            self.assertEqual(result.returncode, 64)
            self.assertEqual(result.stderr.count(b"\n"), 1)
            self.assertIn(b"--help", result.stderr)

    def test_neitherMarketNorRecording_isMisuse_inOneLine(self):
        for _, name in self.each():
            result = run(name)
            self.assertEqual(result.returncode, 64, result.stderr)
            self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)

    def test_help_endsWithEnvironmentStatusAndExamples(self):
        for _, name in self.each():
            result = run(name, "--help")
            self.assertEqual(result.returncode, 0)
            text = result.stdout.decode()
            places = [text.index(title) for title in ("OVERVIEW:", "USAGE:", "OPTIONS:", "ENVIRONMENT:", "EXIT STATUS:", "EXAMPLES:")]
            self.assertEqual(places, sorted(places))
            self.assertEqual(result.stderr, b"")

    def test_version_isOnStandardOutput(self):
        for _, name in self.each():
            result = run(name, "--version")
            self.assertEqual((result.returncode, result.stderr), (0, b""))
            self.assertRegex(result.stdout, rb"^mktpipe \d+\.\d+\.\d+\n$")

    def test_wrongSettingInFile_is78AndNamesTheLine(self):
        for _, name in self.each():
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "mkt.toml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(f"# a comment\n[{name}]\nheartbeet = \"5s\"\n")
                result = run(name, "--config", path, "--replay", os.devnull)
                self.assertEqual(result.returncode, 78)
                self.assertIn(b"mkt.toml:3", result.stderr)

    def test_printConfig_tellsOriginsAndReadsNothing(self):
        for _, name in self.each():
            result = run(name, "--replay", "/nonexistent", "--heartbeat", "5s", "--print-config")
            self.assertEqual(result.returncode, 0, result.stderr)
            text = result.stdout.decode()
            self.assertRegex(text, r'heartbeat +="? ?"5s"  # flag --heartbeat')
            self.assertRegex(text, r'checkpoint +="? ?"1m"  # default')

    # MARK: Bad input

    def bad_input(self, name, data, *options):
        result = run(name, "--replay", "-", *options, stdin=data)
        for line in result.stdout.splitlines():
            json.loads(line)
        return result

    def test_binaryInput_isSkippedAndCounted(self):
        noise = random.Random(7).randbytes(1 << 20)
        for _, name in self.each():
            result = self.bad_input(name, noise)
            self.assertEqual(result.returncode, 0, result.stderr)
            stopped = json.loads(result.stdout.splitlines()[-1])
            self.assertGreater(stopped["counters"]["skipped_recording_line"], 100)

    def test_binaryInputUnderStrict_is65(self):
        for _, name in self.each():
            result = self.bad_input(name, b"\xff\xfe\x00garbage\n", "--strict")
            self.assertEqual(result.returncode, 65)
            self.assertEqual(result.stderr.count(b"\n"), 1)

    def test_lineOf200Megabytes_isSkippedInBoundedMemory(self):
        # 200 MB is beyond the longest frame that a venue may send.
        for venue, name in self.each():
            with open(SAMPLE[venue], "rb") as file:
                sample = file.read()
            producer = subprocess.Popen(
                ["bash", "-c", "head -c 200000000 /dev/zero | tr '\\0' x; echo; cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            consumer = subprocess.Popen(
                ["bash", "-c", f"ulimit -v 1500000; exec {tool(name)} --replay -"], stdin=producer.stdout, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=ENVIRONMENT)
            producer.stdout.close()
            producer.stdin.write(sample)
            producer.stdin.close()
            output, errors = consumer.communicate(timeout=TIMEOUT)
            producer.wait()
            self.assertEqual(consumer.returncode, 0, errors)
            self.assertEqual(
                lines_of(output, "book_delta", "trade"), lines_of(run(name, "--replay", SAMPLE[venue]).stdout, "book_delta", "trade"))

    def test_truncatedLastLine_isCountedAndTheRestIsUntouched(self):
        for venue, name in self.each():
            with open(SAMPLE[venue], "rb") as file:
                lines = file.read().splitlines(True)
            whole = run(name, "--replay", "-", stdin=b"".join(lines[:400]))
            torn = run(name, "--replay", "-", stdin=b"".join(lines[:400]) + lines[400][: len(lines[400]) // 2])
            self.assertEqual(torn.returncode, 0, torn.stderr)
            # Only the counters of the last line tell of it.
            self.assertEqual(torn.stdout.splitlines()[:-1], whole.stdout.splitlines()[:-1])
            self.assertEqual(json.loads(torn.stdout.splitlines()[-1])["counters"]["skipped_recording_line"], 1)

    def test_wrongTypesInRecording_areSkippedAndCounted(self):
        lines = [
            b'{"recv_us":"soon","conn":1,"raw":"x"}', b'{"recv_us":1,"conn":0,"raw":"x"}', b'{"recv_us":1,"conn":1}', b"[]", b"42", b'"x"',
            b'{"recv_us":1,"conn":1,"raw":{"a":1}}', b'{"recv_us":1e30,"conn":1,"raw":"x"}', b'{"get":"/x","recv_us":1}', b"{", b"nul",
        ]
        for _, name in self.each():
            result = self.bad_input(name, b"\n".join(lines) + b"\n")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(json.loads(result.stdout.splitlines()[-1])["counters"]["skipped_recording_line"], len(lines))

    def test_rejects_keepWhatWasSkippedVerbatim(self):
        for _, name in self.each():
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "rejects")
                frame = '{"type":"trade","event_type":"last_trade_price","asset_id":"1'
                line = json.dumps({"recv_us": 5, "conn": 1, "raw": frame}).encode()
                result = self.bad_input(name, line + b"\n\xffbinary\n", "--rejects", path)
                self.assertEqual(result.returncode, 0, result.stderr)
                with open(path, encoding="utf-8") as file:
                    rejects = [json.loads(line) for line in file]
                self.assertEqual(rejects[0]["raw"], frame)
                self.assertEqual(rejects[0]["recv_us"], 5)
                self.assertIn("raw_base64", rejects[1])

    # MARK: Readers and signals

    def test_readerThatLeavesAfterOneLine_endsTheFeedWith0(self):
        for venue, name in self.each():
            script = f"set -o pipefail; {tool(name)} --replay {SAMPLE[venue]} --line-buffered | head -n 1 > /dev/null"
            result = subprocess.run(["bash", "-c", script], capture_output=True, timeout=TIMEOUT, env=ENVIRONMENT)
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_limit_writesSoManyLinesAndEnds(self):
        for venue, name in self.each():
            result = run(name, "--replay", SAMPLE[venue], "--limit", "25")
            self.assertEqual((result.returncode, result.stdout.count(b"\n")), (0, 25))
            self.assertEqual(result.stdout, b"".join(run(name, "--replay", SAMPLE[venue]).stdout.splitlines(True)[:25]))

    def test_duration_isOfTheRecordingsTime(self):
        for venue, name in self.each():
            result = run(name, "--replay", SAMPLE[venue], "--duration", "30s", "--heartbeat", "0")
            times = [json.loads(line)["recv_us"] for line in result.stdout.splitlines()]
            self.assertLessEqual(max(times) - min(times), 30_000_000)
            self.assertGreater(max(times) - min(times), 20_000_000)

    def test_sigterm_whileWaitingForInput_tellsStoppedAndEndsWith0(self):
        for venue, name in self.each():
            with subprocess.Popen(
                [tool(name), "--replay", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
            ) as process:
                with open(SAMPLE[venue], "rb") as file:
                    for _ in range(50):
                        process.stdin.write(file.readline())
                process.stdin.flush()
                # The tool is idle once its first lines are out.
                first = process.stdout.readline()
                self.assertTrue(first.endswith(b"\n"))
                process.send_signal(signal.SIGTERM)
                output, errors = process.communicate(timeout=TIMEOUT)
                self.assertEqual(process.returncode, 0, errors)
                self.assertEqual(json.loads(output.splitlines()[-1])["state"], "stopped")
                self.assertTrue(output.endswith(b"\n"))

    def test_metrics_areOnePrometheusTextFile(self):
        for venue, name in self.each():
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "feed.prom")
                self.assertEqual(run(name, "--replay", SAMPLE[venue], "--metrics", path).returncode, 0)
                with open(path, encoding="utf-8") as file:
                    lines = file.read().splitlines()
                samples = [line for line in lines if not line.startswith("#")]
                self.assertTrue(any(line.startswith("mktpipe_frames_in_total{") for line in samples), lines)
                for line in samples:
                    self.assertRegex(line, r'^[a-z_][a-z0-9_]*\{[^}]*\} -?\d+$')
                self.assertEqual(os.listdir(folder), ["feed.prom"])

    def test_booksOnlyAndTradesOnly_areThePartsOfTheWhole(self):
        for venue, name in self.each():
            whole = run(name, "--replay", SAMPLE[venue], "--heartbeat", "0").stdout
            books = run(name, "--replay", SAMPLE[venue], "--books-only").stdout
            trades = run(name, "--replay", SAMPLE[venue], "--trades-only").stdout
            kinds = ("book_snapshot", "book_delta")
            self.assertEqual(lines_of(books, *kinds), lines_of(whole, *kinds))
            self.assertEqual(lines_of(books, "trade", "quote", "ticker"), [])
            self.assertEqual(lines_of(trades, "trade"), lines_of(whole, "trade"))
            self.assertEqual(lines_of(trades, *kinds, "quote", "ticker"), [])

    def test_quotes_followTheBooks(self):
        for venue, name in self.each():
            books, top, quoted = {}, {}, {}
            for raw in run(name, "--replay", SAMPLE[venue], "--books-only", "--quotes").stdout.splitlines():
                event = json.loads(raw)
                key = event.get("instrument")
                if event["type"] == "book_snapshot":
                    books[key] = (dict(map(tuple, event["bids"])), dict(map(tuple, event["asks"])))
                elif event["type"] == "book_delta":
                    for side, name_ in zip(books[key], ("bids", "asks")):
                        for price, size in event[name_]:
                            side.pop(price, None) if size == 0 else side.__setitem__(price, size)
                elif event["type"] == "quote":
                    quoted[key] = (event["bid"], event["ask"])
                    bids, asks = books[key]
                    top[key] = (
                        [max(bids), bids[max(bids)]] if bids else None,
                        [min(asks), asks[min(asks)]] if asks else None,
                    )
                    self.assertEqual(quoted[key], top[key])
            self.assertTrue(quoted)


class BinaryTests(unittest.TestCase):
    def test_everyTool_isThere(self):
        for name in ("pm-feed", "kalshi-feed", "mkt-merge", "mkt-decide", "mkt-sink"):
            self.assertTrue(os.access(os.path.join(BIN, name), os.X_OK), name)


if __name__ == "__main__":
    unittest.main()
