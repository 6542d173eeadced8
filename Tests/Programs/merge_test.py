"""mkt-merge as a process: files, FIFOs, signals, pipes. Needs MKT_BIN, the folder of the built programs."""

import fcntl
import json
import os
import random
import select
import signal
import subprocess
import tempfile
import time
import unittest

MERGE = os.path.join(os.environ.get("MKT_BIN", ".build/debug"), "mkt-merge")
DEADLINE = 20.0
F_SETPIPE_SZ = 1031


def line(received, kind="trade", **more):
    event = {"v": 1, "type": kind, "feed": "t", "venue": "test", "market": "M", "instrument": "I", "recv_us": received, **more}
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def eventually(what, condition):
    """Waits until the condition holds; fails with `what` at the deadline."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.002)
    raise AssertionError(f"not in {DEADLINE} s: {what}")


def without_status(output):
    return b"".join(l for l in output.splitlines(True) if b'"stage_status"' not in l)


class Running:
    """A started mkt-merge whose output is read as it comes."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL, pipe_bytes=None):
        # A file and not a pipe for stderr: nobody needs to drain it.
        self.stderr = tempfile.TemporaryFile()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MKT_")}
        self.process = subprocess.Popen(
            [MERGE, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=self.stderr, env=environment)
        self.output = self.process.stdout
        if pipe_bytes:
            fcntl.fcntl(self.output, F_SETPIPE_SZ, pipe_bytes)
        self.data = b""

    def read_until(self, count):
        """Reads until `count` lines are there, status lines left out; gives them with the time of the last."""
        end = time.monotonic() + DEADLINE
        while self.lines().count(b"\n") < count:
            ready, _, _ = select.select([self.output], [], [], max(end - time.monotonic(), 0))
            if not ready:
                raise AssertionError(f"{count} lines wanted, got {self.data!r}, stderr {self.errors()!r}")
            chunk = os.read(self.output.fileno(), 1 << 16)
            if not chunk:
                raise AssertionError(f"{count} lines wanted, ended after {self.data!r}, stderr {self.errors()!r}")
            self.data += chunk
        return self.lines()

    def lines(self):
        whole = self.data[: self.data.rfind(b"\n") + 1]
        return without_status(whole)

    def errors(self):
        self.stderr.seek(0)
        return self.stderr.read().decode()

    def finish(self):
        """Reads to the end; gives the status."""
        end = time.monotonic() + DEADLINE
        while True:
            ready, _, _ = select.select([self.output], [], [], max(end - time.monotonic(), 0))
            if not ready:
                self.process.kill()
                raise AssertionError(f"no end of output; stderr {self.errors()!r}")
            chunk = os.read(self.output.fileno(), 1 << 16)
            if not chunk:
                break
            self.data += chunk
        status = self.process.wait(DEADLINE)
        self.output.close()
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.output.close()
        self.stderr.close()


class MergeCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def file(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content)
        return self.path(name)

    def fifo(self, name):
        os.mkfifo(self.path(name))
        return self.path(name)

    def start(self, *arguments, **more):
        running = Running(*arguments, **more)
        self.addCleanup(running.close)
        return running

    def open_writer(self, path):
        """Opens a FIFO for writing once mkt-merge reads it."""

        def attempt():
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                return None

        descriptor = eventually(f"a reader of {path}", attempt)
        os.set_blocking(descriptor, True)
        return descriptor

    def assert_idle(self, running):
        """Fails if the process does anything but wait, over two of its waits; its heartbeats must come every 500 ms."""

        def ticks():
            with open(f"/proc/{running.process.pid}/stat") as f:
                return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))

        def switches():
            with open(f"/proc/{running.process.pid}/status") as f:
                return int(next(l for l in f if l.startswith("voluntary")).split()[1])

        # A loop that spins need not give up the processor of itself: it is then seen by its time.
        spent, waits = ticks(), switches()
        eventually("two waits", lambda: switches() >= waits + 2 or ticks() - spent > 50)
        self.assertLess(ticks() - spent, 20)
        self.assertLess(switches() - waits, 50)

    def run_merge(self, *arguments, stdin=b""):
        """A whole run: status, stdout, stderr."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MKT_")}
        done = subprocess.run([MERGE, *arguments], input=stdin, capture_output=True, timeout=DEADLINE * 3, env=environment)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")


class Files(MergeCase):
    def test_files_mergeAsAStableSort_byteForByte(self):
        chance = random.Random(1)
        every, paths = [], []
        for place in range(5):
            received = sorted(chance.randrange(3000) for _ in range(2000))
            lines = [line(r, x="é" * chance.randrange(4), n=i) for i, r in enumerate(received)]
            lines = [l[:-1] + b"\r\n" if chance.random() < 0.05 else l for l in lines]
            every += [(r, place, i, l) for i, (r, l) in enumerate(zip(received, lines))]
            paths.append(self.file(f"{place}", b"".join(lines)))
        status, out, err = self.run_merge(*paths)
        self.assertEqual(status, 0, err)
        self.assertEqual(out, b"".join(l for _, _, _, l in sorted(every, key=lambda e: e[:3])))
        self.assertEqual(self.run_merge(*paths)[1], out, "the same bytes each time")

    def test_emptyFile_givesNothing(self):
        self.assertEqual(self.run_merge(self.file("a", b""))[:2], (0, b""))
        self.assertEqual(self.run_merge(self.file("a", b""), self.file("b", line(1)))[:2], (0, line(1)))

    def test_binaryFile_isSkippedAndCounted_andTheOtherMerged(self):
        status, out, err = self.run_merge(self.file("a", random.Random(2).randbytes(300_000)), self.file("b", line(1)))
        self.assertEqual((status, out), (0, line(1)))
        self.assertIn("skipped_malformed=", err)

    def test_strict_endsWith65_atTheFirstMalformedLine(self):
        status, out, err = self.run_merge("--strict", self.file("a", line(1) + b"{\n" + line(2)))
        self.assertEqual(status, 65)
        self.assertIn("a:2:", err)

    def test_rejects_keepTheBytes(self):
        self.run_merge("--rejects", self.path("r"), self.file("a", b'{"a":"x"}\n\xff\x00\n' + line(1)))
        with open(self.path("r")) as f:
            rejects = [json.loads(l) for l in f]
        self.assertEqual([r.get("raw", r.get("raw_base64")) for r in rejects], ['{"a":"x"}', "/wA="])

    def test_lastLine_withoutNewline_passesIfWhole_elseIsTorn(self):
        self.assertEqual(self.run_merge(self.file("a", line(1) + line(2)[:-1]))[1], line(1) + line(2))
        for cut in (1, 2, 30):
            whole = line(2, fee={"model": "none"})
            status, out, err = self.run_merge(self.file("a", line(1) + whole[: -1 - cut]))
            self.assertEqual((status, out), (0, line(1)))
            self.assertIn("skipped_torn=1", err)

    def test_lineOf100MB_isSkipped_inBoundedMemory(self):
        path = self.path("long")
        with open(path, "wb") as f:
            f.write(line(1) + b'{"recv_us":2,"x":"')
            for _ in range(100):
                f.write(b"x" * 1_000_000)
            f.write(b'"}')
        done = subprocess.run(
            ["/usr/bin/env", "python3", "-c",
             "import resource,subprocess,sys;r=subprocess.run(sys.argv[1:]);"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr);sys.exit(r.returncode)",
             MERGE, path], capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, line(1)))
        self.assertIn(b"skipped_too_long=1", done.stderr)
        self.assertLess(int(done.stderr.split()[-1]), 60_000, "KiB")

    def test_outOfOrder_isKept_behindTheLineItFollows_andCounted(self):
        a = line(10, a=1) + line(5, a=2) + line(20, a=3)
        status, out, err = self.run_merge(self.file("a", a), self.file("b", line(7) + line(15)))
        self.assertEqual(out, line(7) + line(10, a=1) + line(5, a=2) + line(15) + line(20, a=3))
        self.assertIn("out_of_order=1", err)

    def test_cutsAndFilters(self):
        content = b"".join(line(i, kind=("trade", "quote")[i % 2], instrument=f"I{i % 3}") for i in range(100))
        path = self.file("a", content)
        got = self.run_merge("--from", "10", "--to", "1970-01-01T00:00:00.00005Z", "--only", "trade,x", "--market", "I0", path)[1]
        self.assertEqual([json.loads(l)["recv_us"] for l in got.splitlines()], [i for i in range(10, 50) if i % 6 == 0])

    def test_limit_writesSoManyLines(self):
        self.assertEqual(self.run_merge("--limit", "3", self.file("a", b"".join(map(line, range(9)))))[1].count(b"\n"), 3)

    def test_regularFileOnStandardInput_bearsNoStatusLines(self):
        with open(self.file("a", line(1)), "rb") as f:
            running = self.start(stdin=f)
            self.assertEqual(running.finish(), 0)
        self.assertEqual(running.data, line(1))

    def test_hundredFiles_merge(self):
        paths = [self.file(f"{i:03}", b"".join(line(j * 100 + i) for j in range(20))) for i in range(100)]
        out = self.run_merge(*paths)[1]
        self.assertEqual([json.loads(l)["recv_us"] for l in out.splitlines()], list(range(2000)))


class Misuse(MergeCase):
    def test_missingFileOrDirectory_endsWith66_beforeAnyOutput(self):
        for path in (self.path("none"), self.folder.name):
            status, out, err = self.run_merge(self.file("a", line(1)), path)
            self.assertEqual((status, out), (66, b""))
            self.assertIn(path, err)

    def test_badOption_endsWith64(self):
        for arguments in (["--bogus"], ["--speed", "0"], ["--speed", "x"], ["--window", "20"], ["--from", "noon"], ["-", "-"],
                          ["--from", "5", "--to", "5"], ["--only", "a,,b"], ["--dedupe", "--dead-after", "5"]):
            self.assertEqual(self.run_merge(*arguments)[0], 64, arguments)

    def test_outputThatIsAlsoAnInput_isRefused(self):
        path = self.file("a", line(1))
        with open(path, "ab") as f:
            self.assertEqual(subprocess.run([MERGE, path], stdout=f, stderr=subprocess.DEVNULL, timeout=DEADLINE).returncode, 64)

    def test_help_endsWithExamples(self):
        status, out, _ = self.run_merge("--help")
        self.assertEqual(status, 0)
        for word in (b"--window", b"ENVIRONMENT", b"EXIT STATUS", b"EXAMPLES"):
            self.assertIn(word, out)


class Live(MergeCase):
    def test_fifos_mergeWithinTheWindow(self):
        a, b = self.fifo("a"), self.fifo("b")
        running = self.start("--window", "10s", "--heartbeat", "0", a, b)
        wa, wb = self.open_writer(a), self.open_writer(b)
        os.write(wa, line(1) + line(4))
        os.write(wb, line(2))
        # 1 and 2 can be placed; 4 waits for an older line of b.
        self.assertEqual(running.read_until(2), line(1) + line(2))
        os.write(wb, line(3) + line(9))
        self.assertEqual(running.read_until(4), line(1) + line(2) + line(3) + line(4))
        os.close(wa)
        # An ended input is waited for no more.
        self.assertEqual(running.read_until(5), b"".join(map(line, (1, 2, 3, 4, 9))))
        os.close(wb)
        self.assertEqual(running.finish(), 0)

    def test_silentInput_holdsLinesForTheWindowOnly(self):
        a, b = self.fifo("a"), self.fifo("b")
        running = self.start("--window", "200ms", a, b)
        wa, wb = self.open_writer(a), self.open_writer(b)
        began = time.monotonic()
        os.write(wa, line(1))
        running.read_until(1)
        held = time.monotonic() - began
        self.assertGreaterEqual(held, 0.195)
        self.assertLess(held, 2)
        for w in (wa, wb):
            os.close(w)
        self.assertEqual(running.finish(), 0)

    def test_loneLiveInput_isNotHeld(self):
        a = self.fifo("a")
        running = self.start("--window", "10s", a)
        wa = self.open_writer(a)
        for i in range(20):
            began = time.monotonic()
            os.write(wa, line(i))
            running.read_until(i + 1)
            self.assertLess(time.monotonic() - began, 5)
        os.close(wa)
        self.assertEqual(running.finish(), 0)
        self.assertIn(b'"state":"stopped"', running.data)

    def test_fifoWithoutWriter_isNoEndOfInput(self):
        a, b = self.fifo("a"), self.fifo("b")
        running = self.start(a, b)
        wa = self.open_writer(a)
        os.write(wa, line(1))
        running.read_until(1)
        os.close(wa)
        wb = self.open_writer(b)
        os.write(wb, line(2))
        running.read_until(2)
        self.assertIsNone(running.process.poll())
        os.close(wb)
        self.assertEqual(running.finish(), 0)

    def test_follow_readsTheNextWriter_andLosesNothing(self):
        a, b = self.fifo("a"), self.fifo("b")
        running = self.start("--follow", "--window", "10s", "--drain", "1h", a, b)
        count = 0
        wb = self.open_writer(b)
        os.close(wb)
        for round in range(50):
            w = os.open(a, os.O_WRONLY)
            os.write(w, b"".join(line(round * 10 + i) for i in range(round % 5)))
            os.close(w)
            count += round % 5
        got = running.read_until(count)
        self.assertEqual(got.count(b"\n"), count)
        # Nobody has either open: the end comes with the signal, at once.
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.finish(), 0)

    def test_followedFifoWithoutWriter_doesNotSpin(self):
        a = self.fifo("a")
        running = self.start("--follow", "--heartbeat", "500ms", a)
        w = self.open_writer(a)
        os.write(w, line(1))
        running.read_until(1)
        os.close(w)
        self.assert_idle(running)
        running.process.send_signal(signal.SIGINT)
        self.assertEqual(running.finish(), 0)

    def test_tornLineOfAWriterThatDied_doesNotSpoilTheNextWriters(self):
        a = self.fifo("a")
        running = self.start("--follow", "--heartbeat", "0", "--rejects", self.path("r"), a)
        for round in range(4):
            w = self.open_writer(a)
            os.write(w, line(round) + b'{"v":1,"ty')
            os.close(w)
            eventually("the torn line kept", lambda: os.path.exists(self.path("r")) and os.path.getsize(self.path("r")) > 0)
            os.truncate(self.path("r"), 0)
        self.assertEqual(running.read_until(4), b"".join(map(line, range(4))))

    def test_endedInputWhoseLinesAreHeld_doesNotSpin(self):
        a, b = self.fifo("a"), self.fifo("b")
        running = self.start("--window", "1h", "--heartbeat", "500ms", a, b)
        wa, wb = self.open_writer(a), self.open_writer(b)
        os.write(wa, line(1) + line(2))
        os.close(wa)
        self.assert_idle(running)
        os.close(wb)
        self.assertEqual(running.finish(), 0)
        self.assertEqual(running.lines(), line(1) + line(2))

    def test_fastInput_isNotBufferedWithoutEnd_whileASlowOneIsSilent(self):
        a, b = self.fifo("a"), self.fifo("b")
        running = self.start("--window", "1h", a, b)
        wa, wb = self.open_writer(a), self.open_writer(b)
        os.set_blocking(wa, False)
        fcntl.fcntl(wa, F_SETPIPE_SZ, 1 << 16)
        sent, full = 0, []

        def push():
            nonlocal sent
            try:
                sent += os.write(wa, line(5, pad="x" * 1000) * 50)
                full.clear()
            except BlockingIOError:
                full.append(time.monotonic())
            # It takes no more: 100 attempts in a row.
            return len(full) > 100

        eventually("the writer is stopped", push)
        self.assertLess(sent, 6 << 20)
        os.close(wa)
        os.close(wb)
        self.assertEqual(running.finish(), 0)

    def test_mixOfFileAndFifo_isInOrder(self):
        a = self.fifo("a")
        path = self.file("f", b"".join(line(i) for i in range(0, 1000, 2)))
        running = self.start("--window", "10s", "--heartbeat", "0", path, a)
        w = self.open_writer(a)
        os.write(w, b"".join(line(i) for i in range(1, 1001, 2)))
        os.close(w)
        self.assertEqual(running.finish(), 0)
        self.assertEqual(running.data, b"".join(map(line, range(1000))))

    def test_pipesOfTheShell_end(self):
        done = subprocess.run(
            ["bash", "-c", f"{MERGE} --follow --window 10s <(echo '{{\"recv_us\":1}}') <(echo '{{\"recv_us\":2}}') -"],
            input=b'{"recv_us":3}\n', capture_output=True, timeout=DEADLINE)
        self.assertEqual(without_status(done.stdout), b'{"recv_us":1}\n{"recv_us":2}\n{"recv_us":3}\n')

    def test_megabytePipe_bothSides(self):
        content = b"".join(line(i) for i in range(60_000))
        left, right = os.pipe()
        fcntl.fcntl(right, F_SETPIPE_SZ, 1 << 20)
        running = self.start("--heartbeat", "0", stdin=left, pipe_bytes=1 << 20)
        os.close(left)
        if os.fork() == 0:
            with os.fdopen(right, "wb") as f:
                f.write(content)
            os._exit(0)
        os.close(right)
        self.assertEqual(running.finish(), 0)
        os.wait()
        self.assertEqual(running.data, content)


class Ends(MergeCase):
    def test_readerGone_endsWith0_evenWhenNothingIsToBeWritten(self):
        a = self.fifo("a")
        running = self.start("--heartbeat", "0", a)
        w = self.open_writer(a)
        os.write(w, line(1))
        running.read_until(1)
        running.output.close()
        self.assertEqual(running.process.wait(DEADLINE), 0)
        os.close(w)
        self.assertNotIn("error", running.errors())

    def test_head_endsALongMerge(self):
        path = self.file("a", b"".join(line(i) for i in range(200_000)))
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {MERGE} {path} | head -1"], capture_output=True, timeout=DEADLINE)
        self.assertEqual((done.returncode, done.stdout), (0, line(0)))

    def test_firstSignal_leavesOnlyWholeLines_andReadsToTheEnd(self):
        a = self.fifo("a")
        running = self.start(a)
        w = self.open_writer(a)
        os.write(w, b"".join(line(i) for i in range(1000)))
        running.read_until(10)
        running.process.send_signal(signal.SIGTERM)
        eventually("the signal seen", lambda: "stopping" in running.errors())
        os.write(w, line(1000))
        os.close(w)
        self.assertEqual(running.finish(), 0)
        self.assertTrue(running.data.endswith(b"}\n"))
        self.assertEqual(running.lines(), b"".join(map(line, range(1001))))

    def test_drain_endsWhenItsTimeIsOver(self):
        a = self.fifo("a")
        running = self.start("--drain", "100ms", a)
        w = self.open_writer(a)
        os.write(w, line(1) + b'{"recv')
        running.read_until(1)
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.finish(), 0)
        self.assertEqual(running.lines(), line(1))
        os.close(w)

    def test_secondSignal_endsTheProcess(self):
        a = self.fifo("a")
        running = self.start(a)
        w = self.open_writer(a)
        running.process.send_signal(signal.SIGTERM)
        eventually("the first seen", lambda: "stopping" in running.errors())
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.finish(), -signal.SIGTERM)
        os.close(w)

    def test_duration_flushesWhatIsHeld(self):
        a, b = self.fifo("a"), self.fifo("b")
        running = self.start("--window", "1h", "--duration", "300ms", a, b)
        wa, wb = self.open_writer(a), self.open_writer(b)
        os.write(wa, line(1) + line(2))
        self.assertEqual(running.finish(), 0)
        self.assertEqual(running.lines(), line(1) + line(2))
        os.close(wa)
        os.close(wb)


class Telling(MergeCase):
    def test_heartbeats_carryCountersAndLatency(self):
        a = self.fifo("a")
        running = self.start("--heartbeat", "50ms", a)
        w = self.open_writer(a)
        os.write(w, line(int(time.time() * 1e6)))
        running.read_until(1)

        def beat():
            ready, _, _ = select.select([running.output], [], [], 0.1)
            if ready:
                running.data += os.read(running.output.fileno(), 1 << 16)
            beats = [json.loads(l) for l in running.data.splitlines(True) if b'"heartbeat"' in l and l.endswith(b"\n")]
            return [b for b in beats if "latency_us_max" in b["counters"]]

        counters = eventually("a heartbeat with a latency", beat)[0]["counters"]
        self.assertEqual((counters["lines_in"], counters["lines_out"]), (1, 1))
        self.assertLess(counters["latency_us_max"], 10_000_000)
        os.close(w)
        self.assertEqual(running.finish(), 0)

    def test_sigusr1_tellsTheCountersOnStderr(self):
        a = self.fifo("a")
        running = self.start(a)
        w = self.open_writer(a)
        os.write(w, line(1))
        running.read_until(1)
        running.process.send_signal(signal.SIGUSR1)
        eventually("the counters", lambda: "counters: " in running.errors() and "lines_in=1" in running.errors())
        os.close(w)
        self.assertEqual(running.finish(), 0)

    def test_sighup_opensTheRejectsAnew(self):
        a, rejects = self.fifo("a"), self.path("r")
        running = self.start("--rejects", rejects, a)
        w = self.open_writer(a)
        os.write(w, b"{\n")
        eventually("the first reject", lambda: os.path.exists(rejects) and os.path.getsize(rejects) > 0)
        os.rename(rejects, rejects + ".1")
        running.process.send_signal(signal.SIGHUP)
        eventually("the file anew", lambda: os.path.exists(rejects))
        os.write(w, b"[\n")
        os.close(w)
        self.assertEqual(running.finish(), 0)
        with open(rejects) as f:
            self.assertEqual(json.loads(f.read())["raw"], "[")

    def test_metrics_areWrittenAtTheEnd(self):
        self.run_merge("--metrics", self.path("m"), self.file("a", line(1)))
        with open(self.path("m")) as f:
            self.assertIn('mktpipe_lines_out_total{tool="mkt-merge",feed="mkt-merge"} 1', f.read())


class Pace(MergeCase):
    def test_speed_playsTheDistances(self):
        path = self.file("a", b"".join(line(10**15 + i * 200_000) for i in range(4)))
        running = self.start("--speed", "2", path)
        times = []
        for count in range(1, 5):
            running.read_until(count)
            times.append(time.monotonic())
        self.assertEqual(running.finish(), 0)
        self.assertGreater(times[3] - times[0], 0.27)
        for before, after in zip(times, times[1:]):
            self.assertGreater(after - before, 0.05)

    def test_signal_endsAPacedRunAtOnce(self):
        running = self.start("--speed", "0.5", self.file("a", line(0) + line(3_600_000_000)))
        running.read_until(1)
        running.process.send_signal(signal.SIGINT)
        self.assertEqual(running.finish(), 0)
        self.assertEqual(running.data, line(0))

    def test_filteredLines_takeNoTime(self):
        content = line(0, kind="quote") + line(3_600_000_000) + line(3_600_001_000)
        running = self.start("--speed", "1", "--only", "trade", self.file("a", content))
        self.assertEqual(running.finish(), 0)
        self.assertEqual(running.data.count(b"\n"), 2)


if __name__ == "__main__":
    unittest.main()
