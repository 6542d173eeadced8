"""What the self-tests of the local Polymarket share: the venue as a process, its control port, runs with the reference client."""

import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

FOLDER = os.path.dirname(os.path.abspath(__file__))
BOUNDS = ("--stale-after", "3", "--silent", "14", "--loss", "6")
START_SECONDS_MAX = 60


class LocalVenue:
    """A venue as a child process; ends with the `with` block."""

    def __init__(self, *arguments, script="pm_venue.py"):
        self.folder = tempfile.TemporaryDirectory(prefix="venue-test-")
        self.truth = os.path.join(self.folder.name, "truth.ndjson")
        self.child = subprocess.Popen(
            [sys.executable, os.path.join(FOLDER, script), "--with-parent", "--truth", self.truth, *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.child.stdout.readline())
        self.tls = ssl.create_default_context(cafile=self.ready["ca"]) if self.ready["ca"] else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def stop(self):
        """Ends the venue; the truth is complete then."""
        if self.child.poll() is None:
            self.child.terminate()
        self.child.stdin.close()
        self.child.wait(20)
        self.child.stdout.close()

    def fetch(self, url, value=None, context=None):
        """Status, headers and body of a request; with a value it is a POST of JSON."""
        data = None if value is None else json.dumps(value).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=20, context=context) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def control(self, **value):
        """A command; its answer."""
        status, _, body = self.fetch(self.ready["control"], value)
        if status != 200:
            raise ValueError(body.decode())
        return json.loads(body)

    def look(self, name):
        """What the control port tells."""
        return json.loads(self.fetch(f"{self.ready['control']}/{name}")[2])

    def rest(self, which, path, value=None):
        """Status and decoded body of REST (`clob` or `gamma`)."""
        status, _, body = self.fetch(self.ready[which] + path, value, self.tls)
        return status, json.loads(body)

    def tokens(self):
        """All tokens with a book."""
        return [token for market in self.look("markets") if market["has_book"] for token in market["tokens"]]

    def lines(self, *kinds):
        """Lines of the truth so far."""
        with open(self.truth, encoding="utf-8") as file:
            marks = tuple(f'{{"t":"{kind}"' for kind in kinds)
            return [json.loads(line) for line in file if line.startswith(marks) and line.endswith("\n")]

    def wait(self, condition, seconds=20):
        """Waits for a condition; a TimeoutError when it does not come true."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the venue did not do what was waited for")
            time.sleep(0.02)


class LiveRun:
    """The reference client at a venue for some seconds, then the checker over what it said."""

    def __init__(self, seconds, *arguments, client=()):
        self.venue = LocalVenue(*arguments)
        self.events = os.path.join(self.venue.folder.name, "events.ndjson")
        ready = self.venue.ready
        with open(self.events, "w", encoding="utf-8") as out:
            self.client = subprocess.Popen(
                [sys.executable, os.path.join(FOLDER, "pm_client.py"), "--ws", ready["ws"], "--clob", ready["clob"], "--ca", ready["ca"],
                 "--tokens", ",".join(self.venue.tokens()), "--seconds", str(seconds), *client], stdout=out)
        self.venue.wait(lambda: self.venue.look("state")["sockets"])

    def finish(self):
        """Waits for the client, ends the venue."""
        status = self.client.wait(180)
        self.venue.stop()
        return status

    def check(self, events=None, bounds=BOUNDS):
        """Exit status and output of the checker."""
        done = subprocess.run(
            [sys.executable, os.path.join(FOLDER, "pm_live_check.py"), "--truth", self.venue.truth, "--events", events or self.events, *bounds],
            capture_output=True, text=True, timeout=180, check=False)
        return done.returncode, done.stdout + done.stderr

    def close(self):
        """Removes everything."""
        self.client.kill()
        self.client.wait(5)
        self.venue.stop()
        self.venue.folder.cleanup()
