"""mkt-sink into PostgreSQL whose disk is full: a tablespace on a small tmpfs. Mounting is for root; others are told that these tests are left out."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sink_events as events  # noqa: E402
import support  # noqa: E402
from postgres_sink_test import PostgresCase  # noqa: E402
from sink_test import joined  # noqa: E402

MEGABYTES = 48


class DiskFull(PostgresCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("only root may mount a small disk")
        super().setUp()
        self.disk = tempfile.mkdtemp(prefix="mktfull", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.disk)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0755", "tmpfs", self.disk], capture_output=True, text=True, check=False)
        if done.returncode:
            self.skipTest(f"no small disk can be mounted: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True)
        inner = os.path.join(self.disk, "space")
        os.mkdir(inner, 0o700)
        shutil.chown(inner, self.server.user)
        self.server.sql(f"CREATE TABLESPACE {self.database} LOCATION '{inner}'")
        # In the reverse order of these: the disk goes when nothing is on it.
        self.addCleanup(self.server.sql, f"DROP TABLESPACE {self.database}")
        self.server.sql(f"DROP DATABASE {self.database}")
        self.server.sql(f"CREATE DATABASE {self.database} TABLESPACE {self.database}")
        self.addCleanup(self.server.sql, f"DROP DATABASE {self.database} WITH (FORCE)")
        self.prepare()
        # Room for less than the stream.
        self.filler = os.path.join(self.disk, "filler")
        state = os.statvfs(self.disk)
        with open(self.filler, "wb") as file:
            file.write(bytes(max(state.f_bavail * state.f_frsize - 1_500_000, 0)))
        self.addCleanup(self.make_room)
        self.lines = events.stream(seed=61, count=9000)

    def test_the_batch_is_held_until_there_is_room(self):
        process = self.start("--to", self.url, "--batch", "500")
        errors = self.drain(process.stderr)
        # A held batch leaves the pipe full.
        self.beside(lambda: (process.stdin.write(joined(self.lines)), process.stdin.close()))
        self.wait_for(lambda: b"No space left" in b"".join(errors) or process.poll() is not None, "the disk to be full")
        self.assertIsNone(process.poll(), b"".join(errors))
        self.make_room()
        self.assertEqual(process.wait(timeout=support.TIMEOUT), 0, b"".join(errors))
        self.check(self.lines)

    def test_with_a_spool_the_stream_goes_on(self):
        out = self.path("out")
        process = self.start("--to", self.url, "--batch", "500", "--spool", self.path("spool"), "--to", f"ndjson:{out}", "--drain", "1s")
        errors = self.drain(process.stderr)
        process.stdin.write(joined(self.lines))
        process.stdin.close()
        self.assertEqual(process.wait(timeout=support.TIMEOUT), 75, b"".join(errors))
        self.assertIn(b"No space left", b"".join(errors))
        self.assertIn(b"the spool keeps lines for", b"".join(errors))
        self.make_room()
        self.run_sink("--to", self.url, "--spool", self.path("spool"))
        self.check(self.lines)

    def make_room(self):
        if os.path.exists(self.filler):
            os.remove(self.filler)

    def drain(self, pipe):
        """What a program says, as it comes."""
        found = []

        def read():
            while chunk := pipe.read1(65536):
                found.append(chunk)
        self.beside(read)
        return found

    def beside(self, work):
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
