"""Segments as whole programs: what mkt-sink --to ndjson: leaves after any end, and what mkt-merge reads back from it.

The model below says which line stands in which file; it knows the rules of docs/storage.md and no code of the tools. Nothing waits for a fixed time.
"""

import collections
import hashlib
import json
import os
import pathlib
import random
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from datetime import datetime, timezone

import support

HOUR = 3_600_000_000
START = 1_790_265_600_000_000  # 2026-09-24T16:00:00Z
WHOLE_DAY = pathlib.Path("2026/09/24")


def line(feed, received, number=0, pad=0):
    event = {"v": 1, "type": "feed_status", "feed": feed, "venue": "x", "conn": 1 + number, "recv_us": received, "state": "live"}
    if pad:
        event["reason"] = "p" * pad
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def received(raw):
    return json.loads(raw)["recv_us"]


def feed_of(raw):
    return json.loads(raw)["feed"]


def safe(feed):
    """A feed's name in the name of a file."""
    name = ""
    for place, byte in enumerate(feed.encode()):
        letter = chr(byte)
        name += letter if letter.isascii() and (letter.isalnum() or letter in "_-" or letter == "." and place) else f"%{byte:02X}"
        if len(name) > 120:
            value = 0xCBF29CE484222325
            for each in feed.encode():
                value = (value ^ each) * 0x100000001B3 % (1 << 64)
            return name + f"%{value:016X}"
    return name


class Model:
    """Which line stands in which file."""

    def __init__(self, span, size=None):
        self.span, self.size = span, size
        self.files, self.sealed, self.open, self.numbers = {}, [], {}, collections.Counter()

    def take(self, raw):
        feed, start = feed_of(raw), received(raw) // self.span * self.span
        name = self.open.get((feed, start))
        if name and self.size and len(self.files[name]) + len(raw) > self.size:
            self.seal((feed, start))
            name = None
        if not name:
            mine = [key for key in self.open if key[0] == feed]
            if all(key[1] < start for key in mine):
                for key in mine:
                    self.seal(key)
            when = datetime.fromtimestamp(start // 1_000_000, timezone.utc)
            first = when.strftime("%Y/%m/%d/%H"), safe(feed)
            number = self.numbers[first]
            self.numbers[first] += 1
            name = first[0] + (f".{number:04}" if number else "") + f"-{first[1]}.ndjson"
            self.files[name] = b""
            self.open[feed, start] = name
        self.files[name] += raw

    def seal(self, key):
        self.sealed.append(self.open.pop(key))

    def end(self):
        for key in list(self.open):
            self.seal(key)
        return self.files


def stream(seed, count, feeds=("pm", "kalshi", "pm-b"), step=200_000_000, late=0.1):
    """Lines of some feeds over some hours; a part of them comes late."""
    rng, now, lines = random.Random(seed), START, []
    for number in range(count):
        now += rng.randrange(step)
        back = rng.randrange(2 * HOUR) if rng.random() < late else 0
        lines.append(line(rng.choice(feeds), now - back, number, rng.choice((0, 0, 40, 700))))
    return lines


class SegmentCase(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="segments-test-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.root = pathlib.Path(self.dir, "d")

    def sink(self, *arguments, data=b"", status=0, **more):
        """Runs mkt-sink into the directory; gives its standard error."""
        done = support.run("mkt-sink", "--to", f"ndjson:{self.root}", *arguments, stdin=data, **more)
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done.stderr.decode()

    def merge(self, *arguments, status=0, **more):
        done = support.run("mkt-merge", *arguments, **more)
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done.stdout

    def start(self, *arguments):
        process = subprocess.Popen(
            [support.tool("mkt-sink"), "--to", f"ndjson:{self.root}", *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=support.ENVIRONMENT)
        self.addCleanup(lambda: (process.kill(), process.communicate()) if process.poll() is None else process.stderr.close())
        return process

    def wait_for(self, condition, what):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end, f"waited in vain for {what}")
            select.select([], [], [], 0.002)

    def entries(self):
        """The files below the directory, by path; open ones too."""
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = pathlib.Path(folder, name)
                try:
                    found[str(path.relative_to(self.root))] = path.read_bytes()
                except FileNotFoundError:
                    pass  # Sealed in between: its new name may have been passed already.
        return found

    def files(self):
        return {name: data for name, data in self.entries().items() if os.path.basename(name) != "manifest.jsonl"}

    def lines(self):
        """Whole lines of all files; of one that was killed while it got its second name, once."""
        files = self.files()
        once = [data for name, data in files.items() if not (name.endswith(".open") and self.sealed_name(name) in files)]
        return collections.Counter(raw for data in once for raw in data.splitlines(True) if raw.endswith(b"\n"))

    @staticmethod
    def sealed_name(name):
        folder, file = os.path.split(name)
        return os.path.join(folder, file.removeprefix(".").removesuffix(".open"))

    def manifests(self):
        told = {}
        for path in self.root.rglob("manifest.jsonl"):
            for raw in path.read_bytes().splitlines(True):
                self.assertTrue(raw.endswith(b"\n"), path)
                record = json.loads(raw)
                name = str(path.parent.relative_to(self.root) / record["name"])
                self.assertNotIn(name, told, "told twice")
                told[name] = record
        return told

    def check_manifest(self):
        """Every file is sealed, whole, and told of as it is."""
        files, told = self.files(), self.manifests()
        self.assertEqual(set(files), set(told))
        for name, data in files.items():
            self.assertTrue(data.endswith(b"\n"), name)
            times = [received(raw) for raw in data.splitlines()]
            self.assertEqual(list(told[name]), ["name", "feed", "lines", "bytes", "first_recv_us", "last_recv_us", "sha256"])
            self.assertEqual(told[name], {
                "name": os.path.basename(name), "feed": feed_of(data.splitlines()[0]), "lines": len(times), "bytes": len(data), "first_recv_us": min(times),
                "last_recv_us": max(times), "sha256": hashlib.sha256(data).hexdigest()}, name)

    @staticmethod
    def counters(stderr):
        last = [text for text in stderr.splitlines() if "done: " in text][-1]
        return dict(pair.split("=") for pair in last.split("done: ")[1].split())


class Rotating(SegmentCase):
    def test_lines_stand_where_an_independent_model_puts_them(self):
        for seed, (option, span, size) in enumerate((
                ("1h", HOUR, None), ("15m", HOUR // 4, None), ("4KB", HOUR, 4000), ("1KiB,30m", HOUR // 2, 1024), ("6h", 6 * HOUR, None), ("90m,2KB", 3 * HOUR // 2, 2000))):
            with self.subTest(option=option):
                lines = stream(seed, 600)
                model = Model(span, size)
                for raw in lines:
                    model.take(raw)
                stderr = self.sink("--rotate", option, "--batch", str(1 + 40 * seed), data=b"".join(lines))
                self.assertEqual(self.files(), model.end())
                self.assertGreater(len(model.files), 8)
                self.check_manifest()
                self.assertEqual(self.counters(stderr)["ndjson_segments"], str(len(model.files)))
                shutil.rmtree(self.root)

    def test_what_is_sealed_and_what_is_open_while_lines_come(self):
        lines, model = stream(20, 300), Model(HOUR)
        for raw in lines:
            model.take(raw)
        process = self.start("--batch-delay", "1ms")
        process.stdin.write(b"".join(lines))
        process.stdin.flush()
        expected = {name: model.files[name] for name in model.sealed} | {
            str(pathlib.Path(name).parent / f".{pathlib.Path(name).name}.open"): model.files[name] for name in model.open.values()}
        self.wait_for(lambda: self.files() == expected, "all lines in their files")
        self.assertEqual(set(self.manifests()), set(model.sealed))
        # Whole lines of both kinds are there for readers.
        self.assertEqual(collections.Counter(self.merge(self.root).splitlines(True)), collections.Counter(lines))
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, stderr)
        self.check_manifest()

    def test_a_span_that_is_over_and_quiet_is_sealed_by_the_clock(self):
        process = self.start("--batch-delay", "1ms", "--heartbeat", "0")
        process.stdin.write(line("pm", START))
        process.stdin.flush()
        self.wait_for(lambda: self.manifests(), "the manifest")
        self.check_manifest()
        # A span that is not over stays open.
        now = line("pm", time.time_ns() // 1000)
        process.stdin.write(now)
        process.stdin.flush()
        self.wait_for(lambda: now in self.lines(), "the second line")
        self.assertEqual(len(self.manifests()), 1)
        process.communicate(timeout=30)
        self.check_manifest()

    def test_more_feeds_than_may_be_open(self):
        rng = random.Random(3)
        lines = [line(f"feed{rng.randrange(90)}", START + number, number) for number in range(1500)]
        self.sink(data=b"".join(lines), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)))
        self.assertEqual(self.lines(), collections.Counter(lines))
        self.check_manifest()

    def test_sighup_seals_and_goes_on_in_a_new_directory_if_the_old_one_is_gone(self):
        process = self.start("--batch-delay", "1ms")
        first, second, third = (line("pm", START, number) for number in range(3))
        process.stdin.write(first)
        process.stdin.flush()
        self.wait_for(lambda: first in self.lines(), "the first line")
        process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.manifests(), "the first manifest")
        self.assertEqual(self.files(), {str(WHOLE_DAY / "16-pm.ndjson"): first})
        old = self.root.rename(self.root.with_name("old"))
        process.send_signal(signal.SIGHUP)
        self.wait_for(self.root.exists, "the new directory")
        process.stdin.write(second)
        process.stdin.flush()
        self.wait_for(lambda: second in self.lines(), "the second line")
        self.sink(data=third, status=75)  # The new one is locked, the old one is not.
        new, self.root = self.root, old
        self.sink(data=third)
        self.root = new
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, stderr)
        self.assertEqual(self.files(), {str(WHOLE_DAY / "16-pm.ndjson"): second})
        self.check_manifest()

    def test_hostile_feed_names(self):
        feeds = ["..", ".", "", "a/b", "/etc/x", "pm.0001", "0001-pm", "pm", "a b", "ü", "q\"uote", "back\\slash", "x\ny", ".ndjson", "n" * 300, "n" * 299 + "m", "%2F", "manifest"]
        lines = [line(feed, START + 1000 * number, number) for number, feed in enumerate(feeds * 3)]
        model = Model(HOUR)
        for raw in lines:
            model.take(raw)
        self.sink(data=b"".join(lines))
        self.assertEqual(self.files(), model.end())
        self.check_manifest()
        self.assertEqual(os.listdir(self.dir), ["d"])
        self.assertEqual({record["feed"] for record in self.manifests().values()}, set(feeds))
        self.assertEqual(self.merge(self.root), b"".join(lines))

    def test_misuse(self):
        for text in ("", "1", "2d", "1h,1h", "10B"):
            if text:
                self.assertIn("a size from 1KB up", self.sink("--rotate", text, status=64))
        self.assertIn("no program 'no-such-program' in PATH", self.sink("--compress", "no-such-program -q", status=78))
        self.assertFalse(self.root.exists())
        out = support.run("mkt-sink", "--rotate", "15m,1MB", "--compress", "gzip -q", "--print-config").stdout.decode()
        for text in ('"15m,1MB"  # flag --rotate', '"gzip -q"  # flag --compress'):
            self.assertIn(text, out)


class Ending(SegmentCase):
    def test_kill_9_anywhere_and_on_from_what_is_there(self):
        rng, kills, recovered = random.Random(9), 0, 0
        for number in range(40):
            self.root = pathlib.Path(self.dir, f"killed{number}")
            lines = stream(100 + number, 120)
            options = ("--rotate", rng.choice(("1h", "5m", "1KB", "15m,2KB")), "--batch", str(rng.choice((1, 3, 50))))
            missing = lines
            for _ in range(rng.randrange(1, 3)):
                process = self.start(*options)
                cut = rng.randrange(1, sum(map(len, missing)) + 1)
                process.stdin.write(b"".join(missing)[:cut])
                process.stdin.flush()
                whole = b"".join(missing)[:cut].count(b"\n")
                before = sum(self.lines().values())
                goal = before + rng.randrange(max(whole // 2, 1)) if number % 4 else 0
                seen = collections.Counter()
                while sum(seen.values()) < goal and process.poll() is None and sum(seen.values()) < before + whole - 50:
                    seen = self.lines()
                kills += process.poll() is None
                process.kill()
                process.communicate()
                left = self.lines()
                # What was seen is still there; a file that was renamed during a look may have been missed by it.
                self.assertFalse(seen - left, "lines are gone that were committed")
                recovered += "was not sealed by the run before" in self.sink(*options)
                self.assertEqual(self.lines(), left, "recovering has changed lines")
                self.check_manifest()
                missing = self.missing(lines)
            self.sink(*options, data=b"".join(missing))
            self.assertEqual(self.lines(), collections.Counter(lines))
            self.assertEqual(sum(record["lines"] for record in self.manifests().values()), len(lines))
            self.check_manifest()
            self.assertEqual(self.merge(self.root), self.in_order())
        self.assertGreaterEqual(kills, 40)
        self.assertGreaterEqual(recovered, 10)

    def missing(self, lines):
        there = self.lines()
        self.assertLessEqual(set(there.values()), {1}, "lines stand there twice")
        return [raw for raw in lines if raw not in there]

    def in_order(self):
        """What merging all files must give: by time, then by feed and the order of the segments; a late line of a file goes behind the one before it."""
        merged = []
        for name, data in sorted(self.files().items(), key=lambda item: self.place(item[0])):
            newest = -1
            for raw in data.splitlines(True):
                newest = max(newest, received(raw))
                merged.append((newest, self.place(name), len(merged), raw))
        return b"".join(raw for *_, raw in sorted(merged))

    @staticmethod
    def place(path):
        folder, name = os.path.split(path)
        begin, feed = name.split("-", 1)
        hour, _, number = begin.partition(".")
        return feed.removesuffix(".ndjson"), folder, int(hour), int(number or 0)

    def test_killed_between_the_name_and_the_manifest(self):
        lines = stream(31, 300)
        self.sink("--rotate", "15m", data=b"".join(lines))
        expected, folders = self.entries(), sorted(self.root.rglob("manifest.jsonl"))
        for manifest in folders:
            whole = manifest.read_bytes()
            for cut in (0, 7, len(whole) - 1, len(whole) - 60, whole.rindex(b"\n", 0, -1) + 1):
                manifest.write_bytes(whole[:cut])
                self.sink("--rotate", "15m")
                self.assertEqual(sorted(manifest.read_bytes().splitlines()), sorted(whole.splitlines()), cut)
            manifest.unlink()
        self.sink()
        self.check_manifest()
        self.assertEqual({name: data for name, data in self.entries().items() if name in self.files()}, {
            name: data for name, data in expected.items() if not name.endswith("manifest.jsonl")})

    def test_a_full_disk(self):
        lines = [line("pm", START + number, number, 300) for number in range(2000)] + [line("k", START + 5, 1, 300)]

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        stderr = self.sink("--batch", "100", "--log-level", "warning", data=b"".join(lines), status=74, preexec_fn=limit)
        self.assertEqual(stderr.count("\n"), 1, stderr)
        self.assertIn("free some space", stderr)
        there = self.missing(lines)
        self.assertTrue(0 < len(there) < len(lines))
        self.assertEqual(there, lines[len(lines) - len(there):], "not the first lines")
        self.sink(data=b"".join(there))
        self.assertEqual(self.lines(), collections.Counter(lines))
        self.check_manifest()

    def test_a_full_disk_with_two_feeds_by_turns(self):
        feeds = {feed: [line(feed, START + 2 * number + place, number, 300) for number in range(900)] for place, feed in enumerate(("k", "pm"))}
        feeds["pm"] = [raw.replace(b'"reason":"', b'"reason":"longer') for raw in feeds["pm"]]
        lines = [raw for pair in zip(*feeds.values()) for raw in pair]

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        stderr = self.sink("--batch", "100", "--log-level", "warning", data=b"".join(lines), status=74, preexec_fn=limit)
        self.assertIn("go on from each feed's last line", stderr)
        kept = self.lines()
        for feed, whole in feeds.items():
            count = sum(raw in kept for raw in whole)
            self.assertTrue(0 < count < len(whole))
            self.assertTrue(all(raw in kept for raw in whole[:count]), f"not the first lines of {feed}")
        self.sink(data=b"".join(self.missing(lines)))
        self.assertEqual(self.lines(), collections.Counter(lines))
        self.check_manifest()

    def test_a_full_disk_for_the_manifest_too(self):
        lines = [line("pm", START + number * HOUR // 20, number, 300) for number in range(400)]

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
        self.sink("--rotate", "6m", data=b"".join(lines), status=74, preexec_fn=limit)
        self.manifests()  # Has no half line.
        self.sink(data=b"".join(self.missing(lines)))
        self.assertEqual(self.lines(), collections.Counter(lines))
        self.check_manifest()

    def test_directories_that_cannot_be_written(self):
        for path, says in (("/sys/kernel", "cannot make the directory /sys/kernel/2026"), ("/proc/no/such", "/proc/no"), (__file__, "it is a file")):
            self.root = path
            stderr = self.sink("--log-level", "warning", data=line("pm", START), status=73)
            self.assertEqual(stderr.count("\n"), 1, stderr)
            self.assertIn(says, stderr)

    def test_a_second_sink_is_told_to_wait(self):
        process = self.start("--batch-delay", "1ms")
        first = line("pm", START)
        process.stdin.write(first)
        process.stdin.flush()
        self.wait_for(lambda: first in self.lines(), "the first line")
        before = self.entries()
        stderr = self.sink("--log-level", "warning", data=line("k", START), status=75)
        self.assertEqual(stderr.count("\n"), 1, stderr)
        self.assertIn("is written by another program", stderr)
        self.assertEqual(self.entries(), before)
        process.kill()
        process.communicate()
        self.sink(data=line("k", START))
        self.assertEqual(sum(self.lines().values()), 2)
        self.check_manifest()


class Compressing(SegmentCase):
    def setUp(self):
        super().setUp()
        self.input = [line(feed, START + number * HOUR // 4, number) for number in range(40) for feed in ("k", "pm")]

    def script(self, text):
        path = pathlib.Path(self.dir, "program.sh")
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)
        return str(path)

    def test_sealed_files_are_compressed_and_read_back(self):
        for command, suffix, reader in (("gzip -q", ".gz", "gzip"), ("zstd -q -f --rm", ".zst", "zstd")):
            with self.subTest(command=command):
                if not shutil.which(reader):
                    self.skipTest(f"no {reader} in PATH")
                self.root = pathlib.Path(self.dir, reader)
                stderr = self.sink("--compress", command, data=b"".join(self.input))
                told = self.manifests()
                self.assertEqual(set(self.files()), {name + suffix for name in told})
                self.assertEqual(self.counters(stderr)["compressed_segments"], str(len(told)))
                for name, record in told.items():
                    data = subprocess.run([reader, "-dc", self.root / (name + suffix)], stdout=subprocess.PIPE, check=True).stdout
                    self.assertEqual((hashlib.sha256(data).hexdigest(), len(data), data.count(b"\n")), (record["sha256"], record["bytes"], record["lines"]))
                self.assertEqual(self.merge(self.root), b"".join(self.input))
                # The names that they had are not given again.
                self.sink("--compress", command, data=b"".join(self.input))
                self.assertEqual(len(self.manifests()), 2 * len(told))
                self.assertEqual(len(self.files()), 2 * len(told))

    def test_a_command_that_fails_leaves_the_files(self):
        stderr = self.sink("--compress", "false", data=b"".join(self.input))
        self.check_manifest()
        self.assertEqual(self.counters(stderr)["compress_failures"], str(len(self.files())))
        self.assertEqual(stderr.count("ended with status 1"), len(self.files()))
        self.assertEqual(self.merge(self.root), b"".join(self.input))
        # The next run does what is left.
        self.sink("--compress", "gzip -q")
        self.assertTrue(all(name.endswith(".ndjson.gz") for name in self.files()), self.files().keys())
        self.assertEqual(self.merge(self.root), b"".join(self.input))

    def test_a_command_that_hangs_holds_up_nothing_and_is_ended(self):
        running = pathlib.Path(self.dir, "running")
        process = self.start("--compress", self.script(f"echo $$ >> {running}; sleep 1000; true"), "--drain", "100ms", "--batch-delay", "1ms")
        half = len(self.input) // 2
        process.stdin.write(b"".join(self.input[:half]))
        process.stdin.flush()
        self.wait_for(lambda: running.exists() and running.read_text().endswith("\n"), "the program")
        process.stdin.write(b"".join(self.input[half:]))
        process.stdin.flush()
        self.wait_for(lambda: sum(self.lines().values()) == len(self.input), "the stream to go on")
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, stderr)
        self.assertIn(b"did not end within 100ms", stderr)
        self.assertIn(b"not compressed yet", stderr)
        programs = running.read_text().split()
        self.assertEqual(len(programs), 1, "more than one at a time")
        self.assertFalse(os.path.exists(f"/proc/{programs[0]}/exe"), "it goes on")
        self.check_manifest()

    def test_one_at_a_time_and_only_sealed_files(self):
        log = pathlib.Path(self.dir, "log")
        program = self.script(f'mkdir {self.dir}/alone || echo twice >> {log}; test -f "$1" && echo "$# $1" >> {log}; rmdir {self.dir}/alone')
        self.sink("--compress", f"  {program}\t", data=b"".join(self.input))
        self.assertEqual(sorted(log.read_text().splitlines()), sorted(f"1 {self.root}/{name}" for name in self.manifests()))

    def test_a_damaged_file_is_an_error_that_names_it(self):
        self.sink("--compress", "gzip -q", data=b"".join(self.input))
        victim = sorted(self.root.rglob("*.gz"))[3]
        victim.write_bytes(victim.read_bytes()[:-9])
        done = support.run("mkt-merge", self.root)
        self.assertEqual(done.returncode, 74)
        self.assertIn(str(victim), done.stderr.decode().splitlines()[-1])


class ReadingBack(SegmentCase):
    def test_the_samples_come_back_in_order_of_time(self):
        lines = []
        for venue, sample in (("polymarket", support.PM_SAMPLE), ("kalshi", support.KALSHI_SAMPLE)):
            done = support.run(support.feed(venue), "--replay", sample)
            self.assertEqual(done.returncode, 0, done.stderr)
            lines += done.stdout.splitlines(True)
        expected = b"".join(sorted(lines, key=lambda raw: (received(raw), feed_of(raw))))
        for number, options in enumerate(((), ("--rotate", "15m"), ("--rotate", "100KB"), ("--rotate", "1m,20KB", "--compress", "gzip -q"))):
            self.root = pathlib.Path(self.dir, str(number))
            self.sink(*options, data=b"".join(lines))
            self.assertEqual(self.merge(self.root), expected, options)
        # As one input among others, of a day, and cut.
        nothing = pathlib.Path(self.dir, "nothing")
        nothing.touch()
        self.assertEqual(self.merge(self.root, nothing), expected)
        days = sorted(path.parent for path in self.root.rglob("manifest.jsonl"))
        self.assertEqual(b"".join(self.merge(day) for day in days), expected)
        times = sorted(received(raw) for raw in lines)
        first, last = times[len(times) // 4], times[3 * len(times) // 4]
        cut = b"".join(raw for raw in expected.splitlines(True) if first <= received(raw) < last)
        self.assertEqual(self.merge("--from", str(first), "--to", str(last), self.root), cut)

    def test_lines_of_one_time_go_by_feed_and_then_as_they_were_written(self):
        lines = [line(feed, START + number // 50, number) for number in range(300) for feed in ("pm", "k", "pm.1")]
        self.sink("--rotate", "1KB", data=b"".join(lines))
        self.assertGreater(len(self.files()), 60)
        self.assertEqual(self.merge(self.root), b"".join(sorted(lines, key=lambda raw: (received(raw), feed_of(raw)))))

    def test_merging_with_dedupe_gives_what_the_files_give(self):
        done = support.run("pm-feed", "--replay", support.PM_SAMPLE)
        self.sink("--rotate", "1m,20KB", data=done.stdout)
        file = pathlib.Path(self.dir, "pm.ndjson")
        file.write_bytes(done.stdout)
        self.assertGreater(len(self.files()), 3)
        self.assertEqual(self.merge("--dedupe", self.root), self.merge("--dedupe", file))

    def test_thousands_of_segments_with_few_descriptors_and_little_memory(self):
        lines, told, rng = [], collections.defaultdict(bytes), random.Random(5)
        for number in range(1500):
            for feed in ("a", "b"):
                data = b"".join(line(feed, START + number * 7_000_000 + each * 3_400_000, each, 8000) for each in range(3))
                lines += data.splitlines(True)
                when = datetime.fromtimestamp((START + number * 7_000_000) // 1_000_000, timezone.utc)
                folder = self.root / when.strftime("%Y/%m/%d")
                folder.mkdir(parents=True, exist_ok=True)
                name = f"{when.strftime('%H')}.{number + 1:04}-{feed}.ndjson"
                (folder / name).write_bytes(data)
                times = [received(raw) for raw in data.splitlines()]
                told[folder] += json.dumps({"name": name, "lines": 3, "bytes": len(data), "first_recv_us": min(times), "last_recv_us": max(times)}).encode() + b"\n"
        expected = b"".join(sorted(lines, key=lambda raw: (received(raw), feed_of(raw))))
        for isTold in (False, True):
            if isTold:
                for folder, text in told.items():
                    (folder / "manifest.jsonl").write_bytes(text)
            out = pathlib.Path(self.dir, "out")

            def limit():
                resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
                resource.setrlimit(resource.RLIMIT_DATA, (64 << 20, 64 << 20))  # A buffer for each of them would be ten times that.
            with open(out, "wb") as file:
                done = subprocess.run([support.tool("mkt-merge"), self.root], stdout=file, stderr=subprocess.PIPE, env=support.ENVIRONMENT, preexec_fn=limit, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(out.read_bytes() == expected, "other lines or another order")

    def test_the_documented_check_of_a_manifest(self):
        page = pathlib.Path(support.ROOT, "docs", "storage.md").read_text()
        command = next(text for text in page.splitlines() if "sha256sum --check" in text)
        self.sink(data=b"".join(stream(50, 300)))
        folder = next(path.parent for path in self.root.rglob("manifest.jsonl"))
        done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        victim = next(folder.glob("*-pm.ndjson"))
        victim.write_bytes(victim.read_bytes()[:-2] + b" \n")
        done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"{victim.name}: FAILED", done.stdout)

    def test_directories_that_hold_no_segments(self):
        self.root.mkdir()
        for _ in range(2):
            done = support.run("mkt-merge", self.root)
            self.assertEqual(done.returncode, 66)
            self.assertEqual(done.stderr.count(b"\n"), 1 if not list(self.root.iterdir()) else 2)
            self.assertIn(b"name the files in it", done.stderr)
            (self.root / "x.ndjson").write_bytes(line("pm", START))
        self.sink(data=line("pm", START))
        done = support.run("mkt-merge", self.root)
        self.assertEqual((done.returncode, done.stdout), (0, line("pm", START)))
        self.assertIn(b"are no segments and are left out", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
