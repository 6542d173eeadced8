"""A live session under fault after fault: the books against the venue's truth, the recording against the run, memory and idle processor time.

usage: MKT_BIN=.build/release chaos.py polymarket|kalshi [--faults 100] [--seed 1] [--redundant] [--keep FOLDER]

One line for each thing that was looked at; ends with 1 if any was not as it must be.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from live_support import VENUES, LiveFeed, LocalVenue
from support import run

# Silence of data that makes a socket stale; short, so that silent faults are over soon.
STALE = 8


class Polymarket:
    tool, script, checker = "pm-feed", "pm_venue.py", "pm_live_check.py"

    def __init__(self, args):
        self.venue = ["--markets", 10, "--rate", 150, "--seed", args.seed, "--chaos", args.faults, "--chaos-seed", args.seed, "--chaos-every", "1s"]
        self.feed = ["--top", "8", "--verify", "all"]
        self.bounds = ["--lag", "20", "--stale-after", STALE]

    @staticmethod
    def urls(ready):
        return ["--ws-url", ready["ws"], "--clob-url", ready["clob"], "--gamma-url", ready["gamma"], "--ca-file", ready["ca"]], {}

    def check(self, truth, events):
        return ["--truth", truth, "--events", events, *self.bounds]

    @staticmethod
    def done(venue, faults):
        return venue.look("state")["chaos_done"] >= faults

    @staticmethod
    def pause(venue):
        venue.post(do="pause")


class Kalshi:
    tool, script, checker = "kalshi-feed", "ks_venue.py", "ks_live_check.py"

    def __init__(self, args):
        self.venue = ["--markets", 12, "--rate", 150, "--seed", args.seed, "--patience", STALE, "--ping-every", "1", "--chaos", args.faults,
                      "--chaos-seed", args.seed, "--chaos-every", "1s", "--duration", 7200]
        self.feed = []
        self.redundant = args.redundant

    def urls(self, ready):
        self.feed = [f"event:{ready['event']}"]
        environment = {"KALSHI_API_KEY_ID": ready["key_id"], "KALSHI_PRIVATE_KEY_FILE": ready["key_file"]}
        return ["--ws-url", ready["ws"], "--rest-url", ready["rest"], "--ca-file", ready["ca"]], environment

    def check(self, truth, events):
        return ["--truth", truth, "--trades-from-rest", *(["--redundant"] if self.redundant else []), events]

    @staticmethod
    def done(venue, _faults):
        return bool(venue.look("state")["chaos_done"])

    @staticmethod
    def pause(venue):
        venue.post(do="rate", rate=0)


class Watch(threading.Thread):
    """Resident memory of a process, once a second."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.kilobytes = process, []
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(1):
            try:
                with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
                    self.kilobytes.append(int(file.read().split()[1]) * 4)
            except (OSError, IndexError):
                return

    def drift(self):
        """Medians of the second and of the last quarter, in kB: the first quarter warms up."""
        quarter = max(1, len(self.kilobytes) // 4)
        return statistics.median(self.kilobytes[quarter:2 * quarter]), statistics.median(self.kilobytes[-quarter:])


def idle_percent(process, seconds=5):
    """Processor time while nothing comes, in per cent of one core."""

    def used():
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(seconds)  # What is measured is a span of time.
    return 100 * (used() - before) / seconds


def session(args, folder):
    """Runs all of it; gives the problems."""
    kind = {"polymarket": Polymarket, "kalshi": Kalshi}[args.venue](args)
    problems = []
    with LocalVenue(kind.script, folder, *kind.venue) as venue:
        urls, environment = kind.urls(venue.ready)
        record = os.path.join(folder, "record.ndjson")
        options = ["--heartbeat", "5s", "--stale-after", f"{STALE}s", *kind.feed, *(["--redundant", "2"] if args.redundant else [])]
        with LiveFeed(kind.tool, folder, *urls, "--record", record, *options, environment=environment, through=os.path.join(folder, "lines")) as feed:
            watch = Watch(feed.process)
            watch.start()
            deadline = time.monotonic() + 60 + 25 * args.faults
            while not kind.done(venue, args.faults) and feed.process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.5)
            if feed.process.poll() is not None:
                problems.append(f"the feed ended by itself with {feed.process.returncode}: {feed.errors()[-400:]}")
            elif not kind.done(venue, args.faults):
                problems.append("the venue was not healthy again after a fault")
            else:
                feed.wait(lambda event: event["type"] == "book_delta", 60, feed.mark(), "a change after the last fault")
                kind.pause(venue)
                feed.status("heartbeat", since=feed.mark())
                idle = idle_percent(feed.process)
                print(f"idle processor time: {idle:.1f} %")
                if idle > 2:
                    problems.append(f"{idle:.1f} % of a core with nothing to do")
            watch.over.set()
            if feed.process.poll() is None and feed.stop() != 0:
                problems.append(f"status {feed.process.returncode} after SIGTERM")
            early, late = watch.drift()
            print(f"resident memory: {early / 1024:.1f} MB in the second quarter, {late / 1024:.1f} MB in the last, {len(watch.kilobytes)} s")
            if late > 1.1 * early:
                problems.append(f"memory grew from {early} kB to {late} kB")
            events = os.path.join(folder, "events.ndjson")
            with open(events, "wb") as file:
                file.writelines(feed.raw)
        again = run(kind.tool, "--replay", record, *options)
        print(f"replay of the recording: {'the same bytes' if again.stdout == b''.join(feed.raw) else 'OTHER BYTES'}")
        if again.stdout != b"".join(feed.raw):
            problems.append("the replay of the recording is not the run")
        check = subprocess.run(
            [sys.executable, os.path.join(VENUES, kind.checker), *map(str, kind.check(venue.truth, events))], capture_output=True, text=True, check=False)
        print(check.stdout)
        if check.returncode:
            problems.append(f"the checker of the truth says {check.returncode}: {check.stderr[-400:]}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venue", choices=("polymarket", "kalshi"))
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--redundant", action="store_true")
    parser.add_argument("--keep", help="a folder for truth, recording and events; it stays")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.keep:
            os.makedirs(args.keep, exist_ok=True)
        problems = session(args, args.keep or folder)
    for problem in problems:
        print(f"PROBLEM {problem}")
    print(f"{args.venue}, seed {args.seed}, {args.faults} faults: {'not as it must be' if problems else 'as it must be'}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
