"""Memory: the most that a tool needs for 5,000 instruments, and what it has after 1, 5 and 10 million lines of one stream.

The long stream is a recording, or its events, again and again, each time a thousand seconds later: all times within a turn begin with the
same seven digits, so a turn is the text with these replaced, and no line is looked at. In recordings the connection is a new one each turn
(some ninety in ten million events of 5,000 instruments), so what is kept for each connection shows too.
"""

import os
import re
import subprocess
import sys
import threading
import time

import events
import measure
import recordings
import rules

TOOLS = os.path.abspath(os.environ.get("MKT_BIN", os.path.join(recordings.ROOT, ".build", "release")))
TURN_SECONDS = 1_000
PIECE_BYTES = 1 << 20
START = recordings.generate.START_US // 1_000_000 // TURN_SECONDS


def tool(name, *more):
    return [os.path.join(TOOLS, name), *measure.QUIET, *more]


def sizes(small):
    """Instruments, frames of each venue, and the lines after which memory is looked at."""
    return (40, 3_000, (5_000, 25_000, 50_000)) if small else (5_000, 60_000, (1_000_000, 5_000_000, 10_000_000))


def sources(small):
    """Recordings with as many instruments, and the events of one of them."""
    count, frames, _ = sizes(small)
    pm, kalshi = recordings.all_kept([("polymarket", count // 2, frames), ("kalshi", count, frames)])
    return pm, kalshi, events.of_feed(tool("pm-feed"), pm)


def commands(small):
    """What is looked at: a command that reads standard input, and the file that it reads."""
    pm, kalshi, stream = sources(small)
    yield "pm-feed --replay", tool("pm-feed", "--replay", "-"), pm
    yield "kalshi-feed --replay", tool("kalshi-feed", "--replay", "-"), kalshi
    yield "mkt-merge", tool("mkt-merge"), stream
    yield "mkt-decide, ten rules", tool("mkt-decide", "--rules", rules.file("ten", rules.TEN)), stream


def high_water(command, source):
    """The most memory of a run. `wait4` would tell at least what this interpreter had when it forked, so the kernel's mark is read while it lives."""
    with open(source, "rb") as stdin:
        child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL)
    seen = 0
    while child.poll() is None:
        seen = max(seen, measure.high_water(child.pid))
        time.sleep(0.002)
    if child.returncode:
        raise SystemExit(f"ended with {child.returncode}: {' '.join(command)}")
    return seen


def most(args):
    """The most memory of each over the whole file, in bytes."""
    count = sizes(args.small)[0]
    found = {}
    for name, command, source in commands(args.small):
        lines = events.count(source)
        found[name] = {"instruments": count, "lines": lines, "rss": max(high_water(command, source) for _ in range(2))}
        print(f"{name}, {count} instruments: {found[name]['rss'] / 1e6:.1f} MB", file=sys.stderr)
    return found


class Turns:
    """A file again and again, later each time, in pieces of whole lines."""

    def __init__(self, path):
        self.is_recording = path.endswith(".rec")
        with open(path, "rb") as file:
            self.pieces = list(iter(lambda: b"".join(file.readlines(PIECE_BYTES)), b""))
        if self.is_recording:
            last = re.findall(rb'"(?:recv|sent)_us":(\d+)', self.pieces[-1])[-1]
            self.pieces.append(b'{"recv_us":%d,"conn":1,"close":1006,"reason":""}\n' % (int(last) + 1))
        stamps = re.findall(rb'^\{"(?:recv|sent)_us":(\d+)' if self.is_recording else rb'"recv_us":(\d+)', b"".join(self.pieces), re.MULTILINE)
        if any(len(stamp) != 16 or int(stamp[:7]) != START for stamp in (min(stamps), max(stamps))):
            raise SystemExit(f"{path} is longer than a turn of {TURN_SECONDS} seconds")

    def __iter__(self):
        turn = 0
        while True:
            for piece in self.pieces:
                if turn:
                    piece = piece.replace(b'_us":%d' % START, b'_us":%d' % (START + turn))
                    piece = piece.replace(b'"conn":1,', b'"conn":%d,' % (1 + turn))
                yield piece
            turn += 1


class Counter:
    """Reads a stream to its end on a thread and counts its lines."""

    def __init__(self, stream):
        self.lines, self.stream = 0, stream
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while block := os.read(self.stream.fileno(), 1 << 20):
            self.lines += block.count(b"\n")


def flat(args):
    """Resident memory after so many events: lines out of a feed, lines into any other tool."""
    marks = sizes(args.small)[2]
    found = {}
    for name, command, source in commands(args.small):
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        counter, seen, read = Counter(child.stdout), {}, 0
        for piece in Turns(source):
            child.stdin.write(piece)
            read += piece.count(b"\n")
            # A pipe holds less than a piece: what is counted here has nearly all been read there.
            while len(seen) < len(marks) and (counter.lines if "feed" in name else read) >= marks[len(seen)]:
                seen[marks[len(seen)]] = measure.resident(child.pid)
            if len(seen) == len(marks):
                break
        child.stdin.close()
        measure.ended(child, command)
        counter.thread.join()
        child.stdout.close()
        found[name] = {"rss": seen, "read": read, "written": counter.lines}
        print(f"{name}: {', '.join(f'{lines:,}: {rss / 1e6:.1f} MB' for lines, rss in seen.items())}; {counter.lines:,} written", file=sys.stderr)
    return found
