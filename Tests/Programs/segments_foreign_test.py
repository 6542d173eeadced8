"""Directories of segments that hold what no sink has written, or that a kill or another hand has left damaged."""

import os
import pathlib
import shutil
import signal
import socket
import unittest

import support
from segments_test import START, WHOLE_DAY, SegmentCase, line


class Compressors(SegmentCase):
    """Programs of --compress that outlive their sink."""

    def setUp(self):
        super().setUp()
        self.day = self.root / WHOLE_DAY
        self.gate = pathlib.Path(self.dir, "gate")
        os.mkfifo(self.gate)

    def script(self, name, text):
        path = pathlib.Path(self.dir, name)
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)
        return str(path)

    def killed_sink(self, text):
        """A sink that was killed while its compressor is at work; gives the compressor's process."""
        begun = pathlib.Path(self.dir, "begun")
        process = self.start("--compress", self.script("slow.sh", f"echo $$ > {begun}; {text}"), "--batch-delay", "1ms")
        second = line("pm", START + 3_600_000_000, 2)
        process.stdin.write(line("pm", START, 1) + second)
        process.stdin.flush()
        self.wait_for(lambda: begun.exists() and begun.read_text().endswith("\n"), "the program")
        self.wait_for(lambda: second in self.lines(), "the line behind it")
        program = int(begun.read_text())
        self.addCleanup(lambda: os.path.exists(f"/proc/{program}/exe") and os.killpg(program, signal.SIGKILL))
        process.kill()
        process.wait()  # Not for the end of its standard error, which the program has too.
        process.stdin.close()
        return program

    def open_gate(self):
        with open(self.gate, "wb"):
            pass

    def test_a_program_that_outlives_its_sink_is_not_run_into_by_another(self):
        program = self.killed_sink(f'printf half > "$1.zst"; read x < {self.gate}; zstd -q -f --rm "$1"')
        other = self.script("other.sh", 'rm -f "$1.zst"; exit 9')
        stderr = self.sink("--compress", other)
        self.assertIn("16-pm.ndjson is being compressed by a program that an earlier run has started", stderr)
        self.assertEqual((self.day / "16-pm.ndjson.zst").read_bytes(), b"half")
        self.assertEqual((self.day / "16-pm.ndjson").read_bytes(), line("pm", START, 1))
        self.open_gate()
        self.wait_for(lambda: not os.path.exists(f"/proc/{program}/exe"), "the end of the program")
        self.assertEqual(self.merge(self.root), line("pm", START, 1) + line("pm", START + 3_600_000_000, 2))
        self.assertFalse((self.day / "16-pm.ndjson").exists())

    def test_what_programs_that_were_killed_leave_is_done_again(self):
        program = self.killed_sink(f'printf half > "$1.gz"; read x < {self.gate}')
        os.killpg(program, signal.SIGKILL)
        self.wait_for(lambda: not os.path.exists(f"/proc/{program}/exe"), "the end of the program")
        stderr = self.sink("--compress", "gzip -q")
        self.assertEqual(self.counters(stderr)["compress_failures"], "0", stderr)
        self.assertEqual(sorted(path.name for path in self.day.glob("*-pm*")), ["16-pm.ndjson.gz", "17-pm.ndjson.gz"])
        self.assertEqual(self.merge(self.root), line("pm", START, 1) + line("pm", START + 3_600_000_000, 2))

    def test_a_text_that_is_gone_does_not_stay_as_it_is(self):
        stderr = self.sink("--compress", self.script("bad.sh", 'rm "$1"; exit 3'), data=line("pm", START))
        self.assertIn("ended with status 3", stderr)
        self.assertIn("16-pm.ndjson is not there any more", stderr)
        self.assertNotIn("stays as it is", stderr)

    def test_a_directory_that_looks_like_an_option(self):
        done = support.run("mkt-sink", "--to", "ndjson:-k", "--compress", "gzip -q", stdin=line("pm", START), cwd=self.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(pathlib.Path(self.dir, "-k", WHOLE_DAY, "16-pm.ndjson.gz").exists(), done.stderr)


class Foreign(SegmentCase):
    """What a sink finds and has not written."""

    def setUp(self):
        super().setUp()
        self.day = self.root / WHOLE_DAY
        self.first, self.second = line("pm", START, 1), line("pm", START + 1, 2)
        self.sink(data=self.first)
        self.manifest = self.day / "manifest.jsonl"

    def test_a_huge_number_is_nobodys(self):
        (self.day / "16.9223372036854775807-pm.ndjson").write_bytes(b"theirs\n")
        self.sink(data=self.second)
        self.assertEqual((self.day / "16.0001-pm.ndjson").read_bytes(), self.second)

    def test_names_that_are_taken_are_never_written_over(self):
        process = self.start("--batch-delay", "1ms")
        process.stdin.write(self.second)
        process.stdin.flush()
        self.wait_for(lambda: self.second in self.lines(), "the line")
        (self.day / "16.0001-pm.ndjson").write_bytes(b"theirs\n")
        (self.day / "16.0002-pm.ndjson").mkdir()
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, stderr)
        self.assertEqual((self.day / "16.0001-pm.ndjson").read_bytes(), b"theirs\n")
        self.assertEqual((self.day / "16.0003-pm.ndjson").read_bytes(), self.second)
        self.assertIn(str(WHOLE_DAY / "16.0003-pm.ndjson"), self.manifests())

    def test_a_kill_between_both_names_leaves_one(self):
        os.link(self.day / "16-pm.ndjson", self.day / ".16-pm.ndjson.open")
        told = self.manifest.read_bytes()
        self.manifest.unlink()
        self.sink()
        self.assertEqual(self.files(), {str(WHOLE_DAY / "16-pm.ndjson"): self.first})
        self.assertEqual(self.manifest.read_bytes(), told)

    def test_a_sealed_file_without_its_last_newline_is_left_alone(self):
        path = self.day / "17-pm.ndjson"
        path.write_bytes(self.first + self.second[:-1])
        stderr = self.sink()
        self.assertIn("17-pm.ndjson ends without a newline", stderr)
        self.assertEqual(path.read_bytes(), self.first + self.second[:-1])
        record = self.manifests()[str(WHOLE_DAY / "17-pm.ndjson")]
        self.assertEqual((record["lines"], record["bytes"]), (2, path.stat().st_size))
        self.assertEqual(support.run("mkt-merge", "--strict", self.root).stdout, self.first + self.first + self.second)

    def test_a_manifest_keeps_a_whole_last_record(self):
        whole = self.manifest.read_bytes()
        self.manifest.write_bytes(whole[:-1])
        (self.day / "16-pm.ndjson").unlink()  # Nobody could tell of it again.
        stderr = self.sink()
        self.assertEqual(self.manifest.read_bytes(), whole)
        self.assertNotIn("cut off", stderr)
        self.manifest.write_bytes(whole + b'{"name":"17')
        self.assertIn("manifest.jsonl ended inside a line; its last 11 bytes were cut off", self.sink())
        self.assertEqual(self.manifest.read_bytes(), whole)

    def test_odd_entries_stop_nothing(self):
        for name, make in (("17-dir.ndjson", os.mkdir), ("17-fifo.ndjson", os.mkfifo), (".18-fifo.ndjson.open", os.mkfifo), ("18-loop.ndjson", lambda path: os.symlink(path, path))):
            make(self.day / name)
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(self.day / "19-door.ndjson"))
        with open(os.fsencode(self.day) + b"/17-\xff.ndjson", "wb") as file:
            file.write(self.second)
        (self.root / "lost+found").mkdir()
        os.symlink("24", self.day.parent / "25")
        stderr = self.sink(data=self.second)
        for name in ("17-dir.ndjson", "17-fifo.ndjson", ".18-fifo.ndjson.open", "19-door.ndjson"):
            self.assertIn(f"{name} has the name of a segment and is no file", stderr)
        self.assertEqual((self.day / "16.0001-pm.ndjson").read_bytes(), self.second)

    def test_a_day_whose_manifest_is_no_file_is_left_alone(self):
        for make in (os.mkdir, os.mkfifo):
            with self.subTest(make=make):
                day = self.root / "2026/09/01"
                shutil.rmtree(day, True)
                day.mkdir(parents=True)
                make(day / "manifest.jsonl")
                (day / ".16-pm.ndjson.open").write_bytes(self.first)
                self.assertIn("manifest must be one", self.sink(data=self.second))
                self.assertEqual((day / ".16-pm.ndjson.open").read_bytes(), self.first)

    def test_a_line_of_an_unknown_type_without_a_feed_is_kept(self):
        unknown = b'{"v":1,"type":"of_later","recv_us":%d}\n' % START
        self.sink("--strict", data=unknown)
        self.assertEqual((self.day / "16-.ndjson").read_bytes(), unknown)

    def test_two_spellings_of_one_directory_are_a_slip(self):
        for other in (f"{self.root}/", f"{self.root}/../d", f"{self.root}/./"):
            stderr = self.sink("--to", f"ndjson:{other}", data=self.second, status=64)
            self.assertIn("twice", stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
