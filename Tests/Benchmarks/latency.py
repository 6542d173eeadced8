"""From the server's write to our read, at a pace, over loopback TLS: a feed's lines, and decisions behind `mkt-merge | mkt-decide`.

`live.py` runs it with the rest and keeps the table; alone, for a look:

usage: MKT_BIN=.build/release latency.py [--seconds N] [--runs N] [--rates N,…] [--only WORDS] [--json FILE]

Both ends share one clock. Server, programs and reader share the cores, so the same is measured with nothing between server and reader
(`server and reader alone`), and with programs that do nothing (`three cats`). Lines and decisions are matched with the frames that they
come from by a replay of the same frames (`latency_session.py`); what does not match is counted, never guessed. A frame counts once, with
the first line about it; of decisions each counts.
"""

import argparse
import itertools
import json
import os
import statistics
import tempfile

from latency_chain import Chain, Server, certify, receive, split
from latency_server import framed
from latency_session import QUIET, RECEIVED, Session, tool

MEDIANS = ("timed", "p50", "p99", "p99.9", "socket_p50", "server_late_p99")


def stages(session, *merge):
    return [[tool("mkt-merge"), *QUIET, *merge], [tool("mkt-decide"), "--rules", session.path("rules.toml"), *QUIET]]


def part(values, share):
    """A percentile by nearest rank, in whole microseconds; nothing of nothing."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))]) if values else None


def summary(waits, lates, names, spent, frames, **counts):
    """Microseconds; of a process microseconds a frame, running and waiting for a processor."""
    found = {name: part(waits, share) for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999))}
    found |= {"timed": len(waits), "server_late_p99": part(lates, 0.99)} | counts
    found["us_a_frame"] = {name: [round(ran * 1e6 / frames, 1), round(waited * 1e6 / frames, 1)] for name, (ran, waited) in zip(names, spent)}
    return found


def alone(folder, session, rate, settle):
    """Server and reader with nothing between."""
    with Server(session, rate, folder, settle) as server:
        reads = receive(server, folder)
        written = server.written()
    waits, at, end = [], 0, 0
    for number, text in enumerate(session.frames):
        end += len(framed(text))
        while at < len(reads) and reads[at][1] < end:
            at += 1
        if number in written and at < len(reads):
            waits.append((reads[at][0] - written[number][0]) / 1000)
    return summary(waits, [late / 1000 for _, late in written.values()], [], [], len(written), unmatched=len(written) - len(waits), socket_p50=None)


def chained(folder, sessions, rate, settle, commands, is_decided, has_fifos=False):
    """A feed a session, and commands behind them."""
    for session in sessions if has_fifos else []:
        os.mkfifo(session.path("fifo"))
    servers = [Server(session, rate / len(sessions), folder, settle) for session in sessions]
    try:
        chain = Chain(folder, servers, commands, has_fifos)
        lines, stamps = split(chain.run())
        written = [server.written() for server in servers]
    finally:
        for server in servers:
            server.__exit__()
        for session in sessions if has_fifos else []:
            os.unlink(session.path("fifo"))
    waits, reading, missing, unmatched = [], [], 0, []
    times = [int(RECEIVED.search(line)[1]) for line in lines]
    disordered = sum(time < top for time, top in zip(times, itertools.accumulate(times, max)))
    for session, log in zip(sessions, written):
        own = [place for place, line in enumerate(lines) if b'"venue":"%s"' % session.venue.encode() in line]
        expected = session.decisions if is_decided else session.lines
        found, strange = expected.match([lines[place] for place in own])
        seen = set()
        unmatched, missing = unmatched + strange, missing + expected.count - len(found)
        for number, place in found:
            if number not in log or (number in seen and not is_decided):
                continue
            seen.add(number)
            stamp = log[number][0]
            waits.append((stamps[own[place]] - stamp) / 1000)
            reading.append(times[own[place]] - stamp / 1000)
    names = [f"server {session.venue}" for session in sessions]
    names += [f"{place} {os.path.basename(process.args[0])}" for place, process in enumerate(chain.processes, 1)]
    lates = [late / 1000 for log in written for _, late in log.values()]
    return summary(
        waits, lates, names, chain.spent, sum(map(len, written)), unmatched=len(unmatched), missing=missing, disordered=disordered,
        # Read before it was written: then the match is wrong.
        impossible=sum(wait < -1 for wait in reading), socket_p50=part(reading, 0.5), socket_p99=part(reading, 0.99),
        examples=[line.decode() for line in unmatched[:3]])


def ways(folder, sessions, rate, settle):
    """What is measured, by name."""
    polymarket, kalshi = sessions
    both = [f.path("fifo") for f in sessions]
    return {
        "server and reader alone": lambda: alone(folder, polymarket, rate, settle),
        "pm-feed": lambda: chained(folder, [polymarket], rate, settle, [], False),
        "kalshi-feed": lambda: chained(folder, [kalshi], rate, settle, [], False),
        "pm-feed, three cats": lambda: chained(folder, [polymarket], rate, settle, [["cat"]] * 3, False),
        "pm-feed, merge, decide": lambda: chained(folder, [polymarket], rate, settle, stages(polymarket), True),
        "kalshi-feed, merge, decide": lambda: chained(folder, [kalshi], rate, settle, stages(kalshi), True),
    } | {
        f"both feeds, merge{word}, decide": lambda window=window: chained(
            folder, sessions, rate, settle, stages(polymarket, *window, *both), True, True)
        for word, window in (("", ()), (" --window 1ms", ("--window", "1ms")), (" --window 0", ("--window", "0")))
    }


def measure(rates, seconds, runs, settle=1, only=""):
    """Results by rate and way: the medians of the runs' percentiles, and every run. The ways take turns."""
    results, most = [], max(rates) * seconds
    with tempfile.TemporaryDirectory() as folder:
        certify(folder)
        sessions = [Session(folder, venue, most // 12 + 60, most) for venue in ("polymarket", "kalshi")]
        for rate in rates:
            for session in sessions:
                session.prepare(rate, min(rate * seconds, *(len(each.all) for each in sessions)))
            measured = {name: way for name, way in ways(folder, sessions, rate, settle).items() if only in name}
            found = {name: [] for name in measured}
            for _ in range(runs):
                for name, way in measured.items():
                    found[name].append(way())
            for name, each in found.items():
                results.append({"rate": rate, "way": name, **{key: median(run[key] for run in each) for key in MEDIANS}, "runs": each})
    return results


def median(values):
    """Of the values that there are."""
    there = [value for value in values if value is not None]
    return round(statistics.median(there)) if there else None


def table(results):
    """The rows of a page, smallest rate first. What does not match in any run is added up."""
    lines = ["| messages/s | from the server's write to the reader's read | timed | not matched | p50 µs | p99 µs | p99.9 µs | feed's read, p50 µs | server late, p99 µs |",
             "|---|---|---|---|---|---|---|---|---|"]
    for each in results:
        strange = sum(run["unmatched"] + run.get("missing", 0) + run.get("impossible", 0) for run in each["runs"])
        cells = [f"{each['rate']:,}", each["way"], f"{each['timed']:,}", f"{strange:,}", *(each[key] or "" for key in MEDIANS[1:])]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5, help="of each paced session")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rates", default="1000,5000")
    parser.add_argument("--only", default="", help="ways whose name has this")
    parser.add_argument("--settle", type=float, default=1, help="seconds before and after what is paced")
    parser.add_argument("--json", help="every run's numbers")
    args = parser.parse_args()
    results = measure([int(rate) for rate in args.rates.split(",")], args.seconds, args.runs, args.settle, args.only)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()
