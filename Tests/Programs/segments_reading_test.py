"""Directories of segments read by mkt-merge: beside sinks that write, compress and are killed, and where something is not as it should be.

Nothing that was sealed before may be missing, nothing may come twice, and what cannot be read is told. Nothing waits for a fixed time.
"""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import support
from segment_faults import HANGS, HangingProgram, build_shim, disturbed
from segments_test import HOUR, START, WHOLE_DAY, SegmentCase, feed_of, line


class Beside(SegmentCase):
    """Readers beside writers."""

    # Lines are that far from each other, so a time tells which line it is.
    step = 20_000

    def kept(self, everything):
        """The lines of all segments that the manifests tell of now, and whole ones of those that are written to."""
        lines = set()
        for path in self.root.rglob(".*.open"):
            try:
                lines.update(raw for raw in path.read_bytes().splitlines(True) if raw.endswith(b"\n"))
            except FileNotFoundError:
                pass  # Sealed in between.
        for record in self.manifests().values():
            first, last = ((record[key] - START) // self.step for key in ("first_recv_us", "last_recv_us"))
            lines.update(raw for raw in everything[first:last + 1] if feed_of(raw) == record["feed"])
        return lines

    def look(self, kept):
        """One run of mkt-merge: all that was kept is in it, nothing twice, and nothing is told, for nothing is wrong."""
        done = support.run("mkt-merge", "--strict", "--log-level", "warning", self.root)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        lines = done.stdout.splitlines(True)
        self.assertEqual(len(lines), len(set(lines)), "lines came twice")
        self.assertFalse(kept - set(lines), "lines are missing that were kept before")
        return set(lines)

    def test_all_that_was_kept_before_a_run_is_in_it_once(self):
        looks, part, rng = 20, 100, random.Random(1)
        everything = [line(rng.choice(("k", "pm", "pm-2")), START + self.step * number, number, 200) for number in range(looks * part)]
        # What it writes is of no use for most of the time in which it stands there.
        program = self.script("slow.sh", 'printf half > "$1.gz"; head -c 5000000 /dev/zero | cksum > /dev/null; gzip -c "$1" > "$1.gz" && rm "$1"')
        process = self.start("--rotate", "1s,3KB", "--compress", program, "--batch", "5", "--drain", "60s", "--log-level", "warning")
        turns = threading.Semaphore(0)

        def write():
            for number, raw in enumerate(everything):
                if number % part == 0:
                    turns.acquire(timeout=60)
                process.stdin.write(raw)
                process.stdin.flush()

        writer = threading.Thread(target=write)
        writer.start()
        counts = []
        try:
            for _ in range(looks):
                kept = self.kept(everything)
                turns.release()
                if not counts:
                    self.wait_for(lambda: list(self.root.rglob("*-*")), "the first segment")
                counts.append(len(self.look(kept)))
        finally:
            turns.release(looks)
            writer.join()
        self.assertGreater(len(set(counts)), 10, "the writer stood still")
        _, stderr = process.communicate(timeout=60)
        self.assertEqual((process.returncode, stderr), (0, b""))
        self.assertEqual(self.look(self.kept(everything)), set(everything))

    def test_sinks_that_are_killed_while_their_compressors_live_on(self):
        slow = self.script("slow.sh", 'head -c 20000000 /dev/zero | cksum > /dev/null; exec gzip -q "$1"')
        rng, outlived = random.Random(2), 0
        everything = [line(rng.choice(("k", "pm")), START + self.step * number, number, 300) for number in range(300)]
        options = ("--rotate", "1s,2KB", "--compress", slow, "--batch", "3", "--drain", "0ms")
        missing = everything
        for _ in range(10):
            process = self.start(*options)
            part = rng.randrange(15, 30)
            process.stdin.write(b"".join(missing[:part]))
            process.stdin.flush()
            told = len(self.manifests())
            self.wait_for(lambda: len(self.manifests()) > told, "a segment")
            before = self.look(self.kept(everything))
            process.kill()
            process.wait()
            process.stdin.close()
            outlived += bool(self.compressors(slow))
            # The next one starts at once.
            self.sink(*options)
            there = self.look(self.kept(everything))
            self.assertFalse(before - there, "lines are gone that were there")
            missing = [raw for raw in everything if raw not in there]
        self.sink(*options, data=b"".join(missing))
        self.assertEqual(self.look(self.kept(everything)), set(everything))
        self.assertGreater(outlived, 2)
        self.wait_for(lambda: not self.compressors(slow), "the last of the programs")
        self.sink("--compress", "gzip -q")
        self.assertEqual(self.look(self.kept(everything)), set(everything))
        self.assertEqual(set(self.files()), {f"{name}.gz" for name in self.manifests()})

    def script(self, name, text):
        path = pathlib.Path(self.dir, name)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def compressors(self, program):
        """Those that run, by what they were started as."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().split(b"\0")
            except OSError:
                continue  # It has ended.
            if os.fsencode(program) in words or (words[0] == b"gzip" and any(os.fsencode(self.root) in word for word in words)):
                found.append(entry)
        return found


class Listing(SegmentCase):
    """What a directory may do while it is listed: an entry that gets another name meanwhile may be passed over."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="segments-shim-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.shim = build_shim(cls.folder)

    def read(self, **asked):
        return support.run("mkt-merge", "--strict", "--log-level", "warning", self.root / WHOLE_DAY, environment=disturbed(self.shim, **asked))

    def setUp(self):
        super().setUp()
        self.first, self.second = line("pm", START, 1), line("pm", START + HOUR, 2)
        self.sink(data=self.first + self.second)
        self.day = self.root / WHOLE_DAY
        self.manifest = (self.day / "manifest.jsonl").read_bytes()
        # As it was before the second one was sealed.
        (self.day / "17-pm.ndjson").rename(self.day / ".17-pm.ndjson.open")
        (self.day / "manifest.jsonl").write_bytes(self.manifest.splitlines(True)[0])
        (self.day / "told").write_bytes(self.manifest)
        self.seal = f"cd {self.day} && mv .17-pm.ndjson.open 17-pm.ndjson && mv told manifest.jsonl"

    def test_sealed_during_a_listing(self):
        for number in (1, 2):
            with self.subTest(listing=number):
                done = self.read(**{f"RUN_{number}": self.seal, f"HIDE_{number}": ".17-pm.ndjson.open 17-pm.ndjson"})
                self.assertEqual((done.returncode, done.stderr, done.stdout), (0, b"", self.first + self.second))
                self.assertFalse((self.day / "told").exists(), "nothing was done")
                shutil.rmtree(self.root)
                self.setUp()

    def test_sealed_during_a_listing_and_not_told_of_yet(self):
        done = self.read(RUN_1=f"cd {self.day} && mv .17-pm.ndjson.open 17-pm.ndjson", HIDE_1=".17-pm.ndjson.open 17-pm.ndjson")
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, b"", self.first + self.second))

    def test_sealed_during_one_and_compressed_during_the_next(self):
        names = ".17-pm.ndjson.open 17-pm.ndjson 17-pm.ndjson.gz"
        done = self.read(RUN_1=self.seal, HIDE_1=names, RUN_2=f"cd {self.day} && gzip -q 17-pm.ndjson", HIDE_2=names)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, b"", self.first + self.second))

    def test_compressed_while_it_is_looked_for(self):
        # Looked for by its sealed name, then by this one.
        for command in ("printf half > 17-pm.ndjson.gz", "gzip -q 17-pm.ndjson"):
            with self.subTest(command=command):
                done = self.read(STAT="17-pm.ndjson.gz", DO=f"{self.seal}; {command}")
                self.assertEqual((done.returncode, done.stderr, done.stdout), (0, b"", self.first + self.second))
                self.assertFalse((self.day / "told").exists(), "nothing was done")
                shutil.rmtree(self.root)
                self.setUp()

    def test_a_listing_that_fails_stops_no_sink_and_is_told(self):
        last = line("k", START, 3)
        stderr = self.sink(data=last, environment=disturbed(self.shim, FAIL_2="1"))
        self.assertIn(f"warning: cannot read the directory {self.root / '2026'}: Input/output error; what is in it is left as it is", stderr)
        self.assertIn(last, self.lines())

    def test_a_listing_that_fails_is_an_error(self):
        for number in (1, 2):
            done = self.read(**{f"FAIL_{number}": "1"})
            self.assertEqual(done.returncode, 66)
            self.assertEqual(done.stdout, b"")
            self.assertRegex(done.stderr, rb"\Amkt-merge: cannot read the directory \S+: Input/output error; [^\n]+\n\Z")


class Hanging(SegmentCase):
    """Programs that decompress and do not go on."""

    def setUp(self):
        super().setUp()
        lines = [line("pm", START + number * HOUR, number) for number in range(3)]
        self.sink(data=b"".join(lines))
        self.lines_of_files = lines
        self.day = self.root / WHOLE_DAY
        subprocess.run(["gzip", "-q", self.day / "17-pm.ndjson"], check=True)
        self.program = HangingProgram(self.dir)

    def check_ended(self, stderr):
        self.assertIn(f"time was up while the program that decompresses {self.day / '17-pm.ndjson.gz'} gave nothing", stderr)
        self.wait_for(lambda: not self.program.is_running(), "the end of the program")

    def test_duration_ends_the_run(self):
        for isTold in (True, False):
            if not isTold:
                (self.day / "manifest.jsonl").unlink()
            for text in HANGS:
                with self.subTest(text=text, isTold=isTold):
                    start = time.monotonic()
                    done = support.run("mkt-merge", "--duration", "300ms", self.root, environment=self.program.environment(text))
                    self.assertLess(time.monotonic() - start, 20)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.check_ended(done.stderr.decode())
                    if isTold:
                        self.assertEqual(done.stdout.splitlines(True)[:1], self.lines_of_files[:1])

    def test_signals_end_the_run(self):
        for text in HANGS:
            with self.subTest(text=text):
                self.program.begun.unlink(missing_ok=True)
                process = subprocess.Popen(
                    [support.tool("mkt-merge"), "--drain", "100ms", self.root], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    env=support.ENVIRONMENT | self.program.environment(text))
                self.addCleanup(lambda process=process: process.poll() is None and process.kill())
                self.wait_for(lambda: self.program.begun.exists() and self.program.begun.read_text().endswith("\n"), "the program")
                process.send_signal(signal.SIGTERM)
                _, stderr = process.communicate(timeout=20)
                self.assertEqual(process.returncode, 0, stderr)
                self.check_ended(stderr.decode())

    def test_a_slow_program_is_waited_for(self):
        gate = pathlib.Path(self.dir, "gate")
        os.mkfifo(gate)
        process = subprocess.Popen(
            [support.tool("mkt-merge"), self.root], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=support.ENVIRONMENT | self.program.environment(f"read x < {gate}; exec /bin/gzip -dc"))
        self.addCleanup(lambda: process.poll() is None and process.kill())
        with open(gate, "wb"):
            pass
        out, stderr = process.communicate(timeout=20)
        self.assertEqual((process.returncode, out), (0, b"".join(self.lines_of_files)), stderr)


class NotAsItShouldBe(SegmentCase):
    """Each is told and counted, the rest is read, and --strict ends with 65."""

    def setUp(self):
        super().setUp()
        self.first, self.second = line("pm", START, 1), line("pm", START + HOUR, 2)
        self.sink(data=self.first + self.second)
        self.day = self.root / WHOLE_DAY
        self.manifest = self.day / "manifest.jsonl"

    def check(self, expected, counter, *says):
        done = support.run("mkt-merge", self.root)
        self.assertEqual((done.returncode, done.stdout), (0, expected), done.stderr)
        stderr = done.stderr.decode()
        warnings = [text for text in stderr.splitlines() if "warning" in text]
        self.assertEqual(len(warnings), len(says), stderr)
        for text, each in zip(warnings, says):
            self.assertIn(each, text)
        self.assertEqual(self.counters(stderr).get(counter), str(len(says)), stderr)
        done = support.run("mkt-merge", "--strict", "--log-level", "warning", self.root)
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertRegex(done.stderr, rb"\Amkt-merge: [^\n]+ \(--strict\)\n\Z")

    def test_a_file_that_is_not_there(self):
        (self.day / "16-pm.ndjson").unlink()
        self.check(self.second, "segments_missing", "16-pm.ndjson is not there, though the manifest tells of it; its 1 lines are missing")

    def test_other_compressions(self):
        for ending in (".xz", ".bz2", ".lz4"):
            (self.day / "16-pm.ndjson").rename(self.day / f"16-pm.ndjson{ending}")
            self.check(self.second, "segments_unreadable", f"16-pm.ndjson{ending} is no form of a segment that is read (.zst and .gz are); decompress it")
            (self.day / f"16-pm.ndjson{ending}").rename(self.day / "16-pm.ndjson")

    def test_more_and_less_than_was_sealed(self):
        path = self.day / "16-pm.ndjson"
        for data in (b"", self.first[:-9], self.first + self.second):
            path.write_bytes(data)
            done = support.run("mkt-merge", self.root)
            self.assertEqual(done.returncode, 0, done.stderr)
            says = f"16-pm.ndjson has {data.count(10) + (not data.endswith(b'}') and bool(data) and not data.endswith(bytes([10])))} lines and {len(data)} bytes, and its manifest tells of 1 and {len(self.first)}"
            self.assertIn(says, done.stderr.decode())
            self.assertEqual(self.counters(done.stderr.decode())["segments_differing"], "1")
            self.assertEqual(support.run("mkt-merge", "--strict", self.root).returncode, 65)

    def test_a_manifest_with_lines_that_are_none(self):
        self.manifest.write_bytes(b"x\n" + self.manifest.read_bytes() + b'{"name":"18')
        self.check(self.first + self.second, "manifest_faults", "manifest.jsonl:1: no record of a segment", "manifest.jsonl:4: no record of a segment")

    def test_a_manifest_without_its_last_newline_loses_nothing(self):
        self.manifest.write_bytes(self.manifest.read_bytes()[:-1])
        (self.day / "17-pm.ndjson").unlink()
        self.check(self.first, "segments_missing", "17-pm.ndjson is not there")

    def test_no_files(self):
        for number, make in enumerate((os.mkdir, os.mkfifo, lambda path: os.symlink("nowhere", path))):
            path = self.day / f"{18 + number}-pm.ndjson"
            make(path)
            self.check(self.first + self.second, "segments_unreadable", f"{path.name} has the name of a segment and is no file; it is left out")
            path.rmdir() if path.is_dir() else path.unlink()

    def test_names_that_are_not_utf_8_are_strangers(self):
        path = os.fsencode(self.day) + b"/18-\xff.ndjson"
        with open(path, "wb") as file:
            file.write(self.first)
        done = support.run("mkt-merge", "--strict", self.root)
        self.assertEqual((done.returncode, done.stdout), (0, self.first + self.second), done.stderr)
        self.assertIn("1 files in", done.stderr.decode())
        self.assertIn("are no segments and are left out", done.stderr.decode())

    def test_folders_that_are_none_of_a_time(self):
        shutil.copytree(self.root / "2026", self.root / "2026.bak")
        done = support.run("mkt-merge", "--strict", self.root)
        self.assertEqual((done.returncode, done.stdout), (0, self.first + self.second), done.stderr)
        self.assertIn("2026.bak", done.stderr.decode())

    def test_a_directory_by_two_names(self):
        os.symlink("24", self.day.parent / "25")
        done = support.run("mkt-merge", "--strict", self.root)
        self.assertEqual((done.returncode, done.stdout), (0, self.first + self.second), done.stderr)
        self.assertIn(f"{self.day.parent / '25'} is a directory that is read already, as {self.day}", done.stderr.decode())
        for names in ((self.root, self.root), (self.root, f"{self.root}/."), (self.root, self.day), (self.root, self.day.parent / "25")):
            done = support.run("mkt-merge", *names)
            self.assertEqual((done.returncode, done.stdout), (64, b""), done.stderr)
            self.assertIn("name each one once", done.stderr.decode().splitlines()[-1])


class AsDocumented(SegmentCase):
    """Sentences of docs/storage.md that nothing else holds to."""

    def test_a_line_is_kept_byte_for_byte_with_one_newline_behind_it(self):
        odd = b'{ "v":1, "type":"of_later", "recv_us":%d, "feed":"pm" }' % START
        stderr = self.sink(data=odd + b"\r\n\nno event\n" + odd)
        self.assertEqual(self.files(), {str(WHOLE_DAY / "16-pm.ndjson"): odd + b"\r\n" + odd + b"\n"})
        self.assertEqual(self.counters(stderr)["skipped_malformed_json"], "2")

    def test_names_are_given_again_only_where_the_manifest_is_gone_too(self):
        day = self.root / WHOLE_DAY
        for name, gone in (("16-pm.ndjson", "16-pm.ndjson"), ("16.0001-pm.ndjson", "*"), ("16-pm.ndjson", "*.ndjson")):
            self.sink(data=line("pm", START))
            self.assertEqual([path.name for path in day.glob("*.ndjson")], [name])
            for path in day.glob(gone):
                path.unlink()

    def test_the_check_of_a_manifest_where_all_is_compressed(self):
        page = pathlib.Path(support.ROOT, "docs", "storage.md").read_text()
        command = next(text for text in page.splitlines() if "sha256sum --check" in text)
        self.sink("--compress", "gzip -q", data=line("pm", START))
        done = subprocess.run(["bash", "-c", command], cwd=self.root / WHOLE_DAY, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no file was verified", done.stderr)

    def test_lines_of_one_time_where_spans_have_changed(self):
        early, late = (line("pm", START + HOUR, number) for number in (1, 2))
        self.sink("--rotate", "1h", data=early)
        self.sink("--rotate", "6h", data=late)
        self.assertEqual(set(self.files()), {str(WHOLE_DAY / name) for name in ("17-pm.ndjson", "12-pm.ndjson")})
        self.assertEqual(self.merge(self.root), late + early)
        self.sink("--rotate", "1h", data=late)
        self.assertEqual(self.merge(self.root), late + early + late)

    def test_a_directory_below_another_input(self):
        self.sink(data=line("pm", START))
        done = support.run("mkt-merge", self.root / "2026", self.root)
        self.assertEqual((done.returncode, done.stdout), (66, b""), done.stderr)
        self.sink(data=line("pm", START + 24 * HOUR))
        done = support.run("mkt-merge", self.root / WHOLE_DAY, self.root)
        self.assertEqual((done.returncode, done.stdout), (0, line("pm", START) + line("pm", START + 24 * HOUR)), done.stderr)
        self.assertIn("it is not read twice", done.stderr.decode())


if __name__ == "__main__":
    unittest.main(verbosity=1)
