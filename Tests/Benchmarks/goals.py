"""The goals of speed, and whether a run has met them."""

import statistics
from collections import namedtuple

Ratio = namedtuple("Ratio", "middle least most")
# `seen` is text; `is_met` is None where nothing was measured.
Goal = namedtuple("Goal", "work goal seen is_met")


def ratio(peer, ours, what="seconds"):
    """How many times as fast as a peer: by medians, and the least and the greatest of one turn. Counts may differ. By the clock, or by `processor`."""
    scale = ours["count"] / peer["count"]
    pairs = [theirs / max(mine, 1e-4) * scale for theirs, mine in zip(peer[what], ours[what])]
    middle = statistics.median(peer[what]) / max(statistics.median(ours[what]), 1e-4) * scale
    return Ratio(middle, min(pairs), max(pairs))


# Work, at least so many times as fast as, peer.
TOOLS = (
    ("mkt-merge, one file", 20, "jq -c select"), ("mkt-merge, one file", 0.25, "grep -c -F"), ("mkt-merge, four files", 12, "jq -c select"),
    ("mkt-decide, ten rules", 8, "jq -c select"), ("pm-feed --verify off", 15, "polymarket-client, parse"),
    ("pm-feed --verify sample", 15, "polymarket-client, parse"), ("pm-feed --verify off", 1.5, "msgspec"), ("pm-feed --verify sample", 1.5, "msgspec"),
    ("kalshi-feed", 15, "kalshi-sdk"), ("mkt-sink sqlite", 2, "jq -c select"),
)
PIPELINE_EVENTS = 250_000
MEMORY = {"pm-feed --replay": 150e6, "kalshi-feed --replay": 150e6, "mkt-decide, ten rules": 100e6}
GROWTH = 0.15


def of_tools(results):
    """The goals that bench.py can judge."""
    found = []
    for work, least, peer in TOOLS:
        goal = f"≥ {least:g} × `{peer}`"
        if peer not in results:
            found.append(Goal(work, goal, "peer not installed", None))
            continue
        seen = ratio(results[peer], results[work])
        found.append(Goal(work, goal, f"{seen.middle:.2f} ({seen.least:.2f}–{seen.most:.2f}); processor {ratio(results[peer], results[work], 'processor').middle:.2f}",
                          seen.middle >= least))
    whole = results["whole pipeline"]
    rates = [whole["count"] / seconds for seconds in whole["seconds"]]
    found.append(Goal("whole pipeline", f"≥ {PIPELINE_EVENTS:,} events/s",
                      f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})", statistics.median(rates) >= PIPELINE_EVENTS))
    return found


def grown(seen, measure):
    """By how much the most is above what it is with the fewest, as a part of it; becoming cheaper is no growth. None if it was not measured."""
    values = [each[measure] for each in seen.values()]
    return max(values) / values[0] - 1 if values[0] > 0 else None


def percent(part):
    """The same for people."""
    return "not measured" if part is None else f"{part:+.0%}"


def of_growth(results):
    """The goals that growth.py can judge."""
    found = []
    for part, what in (("growth", "instruments"), ("rules", "foreign rules")):
        for work, seen in results.get(part, {}).items():
            more = [grown(seen, "instructions"), grown(seen, "ns")]
            counts = list(seen)
            found.append(Goal(work, f"≤ +{GROWTH:.0%} from {counts[0]:,} to {counts[-1]:,} {what}",
                              f"instructions {percent(more[0])}, time {percent(more[1])}", None if None in more else max(more) <= GROWTH))
    for work, seen in results.get("memory", {}).items():
        if work in MEMORY:
            found.append(Goal(work, f"≤ {MEMORY[work] / 1e6:.0f} MB at {seen['instruments']:,} instruments", f"{seen['rss'] / 1e6:.1f} MB", seen["rss"] <= MEMORY[work]))
    for work, seen in results.get("flat", {}).items():
        marks = list(seen["rss"].items())
        (first, least), (last, most) = marks[0], marks[-1]
        found.append(Goal(work, f"memory flat from {first:,} to {last:,} events", f"{least / 1e6:.1f} to {most / 1e6:.1f} MB", most <= least * 1.05 + 1e6))
    return found


def lines(found):
    """A table of goals."""
    words = {True: "met", False: "**not met**", None: "not measured"}
    return ["| goal | | seen | |", "|---|---|---|---|", *(f"| `{goal.work}` | {goal.goal} | {goal.seen} | {words[goal.is_met]} |" for goal in found)]
