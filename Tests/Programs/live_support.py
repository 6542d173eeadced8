"""A local venue and a feed that is connected to it, for the tests of live sessions."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request

from support import ENVIRONMENT, ROOT, tool

VENUES = os.path.join(ROOT, "Tests", "Venues")


class LocalVenue:
    """One of Tests/Venues in a process of its own; `with` ends it."""

    def __init__(self, script, folder, *arguments):
        self.folder, self.truth = folder, os.path.join(folder, "truth.ndjson")
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(VENUES, script), "--truth", self.truth, *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=open(os.path.join(folder, "venue.err"), "wb"), env=ENVIRONMENT)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"{script} did not start: {self.said()}")
        self.ready = json.loads(line)

    def said(self):
        with open(os.path.join(self.folder, "venue.err"), encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def post(self, **value):
        """A command to the control port; gives its answer."""
        request = urllib.request.Request(self.ready["control"], json.dumps(value).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def fault(self, name, **params):
        """Something goes wrong; gives when it began, by the wall clock in microseconds."""
        begin = now_us()
        self.post(fault=name, **params)
        return begin

    def look(self, name):
        with urllib.request.urlopen(f"{self.ready['control']}/{name}", timeout=10) as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


class LiveFeed:
    """A feed that runs; its lines are gathered as they come, and waited for with a deadline, never slept for."""

    def __init__(self, name, folder, *arguments, environment=None, stdout=subprocess.PIPE, through=None):
        """`through` is a file that takes the lines in between: it is never slow, and so the feed folds nothing."""
        self.folder = folder
        self.record = os.path.join(folder, "record.ndjson")
        self.log = os.path.join(folder, f"{name}.err")
        self.through = through
        self.process = subprocess.Popen(
            [tool(name), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=open(through, "wb") if through else stdout,
            stderr=open(self.log, "wb"), env=ENVIRONMENT | (environment or {}))
        self.raw, self.events, self.changed = [], [], threading.Condition()
        self.thread = None
        if stdout == subprocess.PIPE or through:
            self.thread = threading.Thread(target=self.gather, daemon=True)
            self.thread.start()

    def gather(self):
        for line in self.lines():
            event = json.loads(line)
            with self.changed:
                self.raw.append(line)
                self.events.append(event)
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def lines(self):
        """Whole lines as they come."""
        if not self.through:
            yield from self.process.stdout
            return
        rest = b""
        with open(self.through, "rb") as file:
            while True:
                isover = self.process.poll() is not None
                rest += file.read()
                *whole, rest = rest.split(b"\n")
                yield from (line + b"\n" for line in whole)
                if isover:
                    return
                time.sleep(0.02)

    def errors(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait(self, wanted, seconds=30, since=0, what="an event"):
        """The first event from number `since` on for which `wanted` holds."""
        deadline, seen = time.monotonic() + seconds, since
        with self.changed:
            while True:
                while seen < len(self.events):
                    seen += 1
                    if wanted(self.events[seen - 1]):
                        return self.events[seen - 1]
                left = deadline - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self.thread.is_alive()):
                    tail = "\n".join(line.decode()[:300] for line in self.raw[-5:])
                    raise AssertionError(f"{what} did not come within {seconds} s; last lines:\n{tail}\n{self.errors()[-1500:]}")
                self.changed.wait(min(left, 0.5))

    def status(self, state, since=0, seconds=30, **more):
        """The first `feed_status` of a state, with these values, after the event of number `since`."""
        return self.wait(
            lambda event: event["type"] == "feed_status" and event["state"] == state and all(event.get(k) == v for k, v in more.items()),
            seconds, since, f"feed_status {state} {more or ''}")

    def mark(self):
        """How many events there are: what comes from now on has higher numbers."""
        with self.changed:
            return len(self.events)

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Asks it to stop; gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(seconds)
        if self.thread:
            self.thread.join(seconds)
            if self.process.stdout:
                self.process.stdout.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)


def now_us():
    return time.time_ns() // 1000


def wait_until(condition, seconds, what):
    """Waits for something that tells nobody when it happens."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)
    return found
