"""Whether the cost of an event depends on how many instruments or rules there are, and whether memory stays as it is.

Growth: the same mix of frames over 100, 1,000 and 10,000 instruments; the first N lines and the first 2N, and the difference, so that
starting and the books at the beginning fall out. Two measures: instructions under callgrind, which no other program disturbs, and seconds
of processor, which hold cache misses as well: more instruments are more memory, so the second grows where the first does not. How far
that memory is hangs on the machine and its other guests, so it is measured in the same run (`far_memory.c`). All of one part take turns.
Memory: the most that a process ever had, and what it had after 1, 5 and 10 million lines of one stream.

usage: MKT_BIN=.build/release growth.py [--runs 5] [--small] [--timed-only] [--only growth|rules|memory|flat|far] [--print] [--json FILE]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys

import events
import flat
import measure
import numbers_page
import recordings
import rules
import table

TOOLS = os.path.abspath(os.environ.get("MKT_BIN", os.path.join(recordings.ROOT, ".build", "release")))


def tool(name, *more):
    return [os.path.join(TOOLS, name), *measure.QUIET, *more]


class Span:
    """The lines of an input between its middle and its end; under callgrind, which is some fifty times slower, fewer of them."""

    def __init__(self, source, opening, lines):
        self.source = source
        self.timed = (max(opening, lines // 2), lines)
        first = min(opening + WARM, lines - COUNTED)
        self.counted = (first, first + COUNTED)


def per_event(rows, runs):
    """Of rows of name, count, command and span: processor nanoseconds a line (median, least, most) and instructions a line, by name and count."""
    times = {}
    for _ in range(runs):
        for name, count, command, span in rows:
            times.setdefault((name, count), []).append(timed(command, span))
    found = {}
    for name, count, command, span in rows:
        seen = times[name, count]
        found.setdefault(name, {})[count] = each = {
            "instructions": counted(command, span), "ns": statistics.median(seen), "ns_min": min(seen), "ns_max": max(seen),
            "lines": span.timed[1] - span.timed[0]}
        print(f"{name}, {count}: {each['instructions']:.0f} instructions, {each['ns']:.0f} ns ({min(seen):.0f} to {max(seen):.0f})", file=sys.stderr)
    return found


def timed(command, span):
    """Processor nanoseconds a line. User time alone is no measure: the kernel tells its part from the whole by samples."""
    first, last = span.timed
    short = measure.cost(command, first, span.source).cpu
    return (measure.cost(command, last, span.source).cpu - short) / (last - first) * 1e9


def counted(command, span):
    """Instructions a line."""
    if not COUNTED:
        return 0
    begin, end = span.counted
    return (measure.instructions(command, end, span.source) - measure.instructions(command, begin, span.source)) / (end - begin)


# Lines after the beginning that are left out under callgrind, so that most instruments have been seen, and those that are counted.
WARM, COUNTED = 20_000, 10_000


def worlds(small):
    """Number of instruments, and how many frames each venue's recording has."""
    return ((20, 100, 400), 2_000, 2_000) if small else ((100, 1_000, 10_000), 400_000, 400_000)


# What stands at the head of a line that belongs to the beginning, in recordings and in streams of events.
OPENING = (b'"get"', b'"open"', b'"type":"instrument"', b'"type":"book_snapshot"')


def opening(path):
    """Lines up to the end of the books that a session begins with."""
    with open(path, "rb") as file:
        last = 0
        for number, line in enumerate(file, 1):
            if any(word in line[:64] for word in OPENING) or len(line) > 8_000 or b'"type\\":\\"orderbook_snapshot' in line[:120]:
                last = number
            elif number > last + 50:
                break
    return last


def grown(args):
    """Cost per event at each number of instruments."""
    counts, pm_frames, kalshi_frames = worlds(args.small)
    wanted = [("polymarket", count // 2, pm_frames) for count in counts] + [("kalshi", count, kalshi_frames) for count in counts]
    paths = recordings.all_kept(wanted[::-1])[::-1]
    rows = []
    for index, count in enumerate(counts):
        pm, kalshi = paths[index], paths[len(counts) + index]
        stream = events.of_feed(tool("pm-feed", "--checkpoint", "0"), pm)
        rows += [(name, count, command, span) for name, command, span in works(pm, kalshi, stream, pm_frames, kalshi_frames)]
    return per_event(sorted(rows, key=lambda row: row[0]), args.runs)


def works(pm, kalshi, stream, pm_frames, kalshi_frames):
    """What is run on one number of instruments."""
    flow = Span(stream, opening(stream), events.count(stream))
    yield "pm-feed --verify off", tool("pm-feed", "--checkpoint", "0", "--verify", "off", "--replay", "-"), Span(pm, opening(pm), pm_frames)
    yield "pm-feed --replay", tool("pm-feed", "--checkpoint", "0", "--replay", "-"), Span(pm, opening(pm), pm_frames)
    yield "kalshi-feed --replay", tool("kalshi-feed", "--checkpoint", "0", "--replay", "-"), Span(kalshi, opening(kalshi), kalshi_frames)
    yield "mkt-merge", tool("mkt-merge"), flow
    yield "mkt-merge --dedupe", tool("mkt-merge", "--dedupe"), flow
    yield "mkt-decide, ten rules", tool("mkt-decide", "--rules", rules.file("ten", rules.TEN)), flow
    yield "mkt-decide, ten rules that never fire", tool("mkt-decide", "--rules", rules.file("never", rules.NEVER)), flow


def ruled(args):
    """Cost per event with 10, 100 and 1,000 rules that do not concern it, of several kinds, beside one rule that does."""
    instruments, pm_frames, _ = worlds(args.small)
    stream = events.of_feed(tool("pm-feed", "--checkpoint", "0"), recordings.kept("polymarket", instruments[0] // 2, pm_frames))
    without = events.merged(tool("mkt-merge", "--only", "book_delta,book_snapshot,instrument,feed_status"), (stream,))
    rows = []
    for kind in rules.KINDS:
        for count in (10, 100) if args.small else (10, 100, 1_000):
            command = tool("mkt-decide", "--rules", rules.file(f"{kind}-{count}", rules.foreign(kind, count)))
            source = without if kind == "type" else stream
            span = Span(source, opening(source), events.count(source))
            rows.append((f"mkt-decide, rules of {rules.KINDS[kind]}", count, command, span))
    return per_event(rows, args.runs)


def far(_args):
    """Nanoseconds a read at random places of so many MB: each needing the one before, and eight side by side."""
    source = os.path.join(recordings.HERE, "far_memory.c")
    program = os.path.join(recordings.FOLDER, "far_memory")
    os.makedirs(recordings.FOLDER, exist_ok=True)
    subprocess.run([shutil.which("clang") or "cc", "-O2", "-o", program, source], check=True)
    told = subprocess.run([program, "1", "4", "16", "64"], check=True, capture_output=True, text=True).stdout
    return {size: [float(alone), float(beside)] for size, alone, beside in map(str.split, told.splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--small", action="store_true", help="small corpora, for a test")
    parser.add_argument("--timed-only", action="store_true", help="no instructions, which need valgrind and minutes")
    parser.add_argument("--only", choices=("growth", "rules", "memory", "flat", "far"))
    parser.add_argument("--print", action="store_true", help="to standard output, not to docs/numbers.md")
    parser.add_argument("--json", help="write the results here (default: docs/numbers.json)")
    args = parser.parse_args()
    if args.only and not args.print:
        parser.error("--only measures a part, and docs/numbers.md keeps whole runs: the other parts would be gone from it; add --print")
    global WARM, COUNTED
    if args.small:
        WARM, COUNTED = 500, 500
    if args.timed_only:
        COUNTED = 0
    elif not shutil.which("valgrind"):
        parser.error("valgrind is not installed; --timed-only does without")
    parts = {"growth": grown, "far": far, "rules": ruled, "memory": flat.most, "flat": flat.flat}
    results = {name: work(args) for name, work in parts.items() if args.only in (None, name)}
    numbers_page.keep_json("growth", results, "make bench-growth", args.json, args.print)
    numbers_page.keep("growth", table.growth(results, args), args.print)


if __name__ == "__main__":
    main()
