"""The files that bench.py measures with, made once and kept: two recordings, their events, and the events dealt out to four."""

import os

import events
import measure
import recordings
import rules
from corpus import split


class Files:
    """Paths and counts."""

    def __init__(self, pm, kalshi, merged, parts):
        self.pm, self.kalshi, self.events, self.parts = pm, kalshi, merged, parts
        self.rules = rules.file("ten", rules.TEN)
        self.pm_frames, self.kalshi_frames = frames(pm), frames(kalshi)
        self.lines = events.count(merged)

    def facts(self):
        """What a reader of the numbers wants to know about them."""
        return {
            "events": self.lines, "event_bytes": os.path.getsize(self.events) / self.lines,
            "polymarket_frames": self.pm_frames, "polymarket_bytes": os.path.getsize(self.pm) / self.pm_frames,
            "kalshi_frames": self.kalshi_frames, "kalshi_bytes": os.path.getsize(self.kalshi) / self.kalshi_frames,
        }


def frames(path):
    """Text frames from the venue in a recording."""
    with open(path, "rb") as file:
        return sum(b'"raw":' in line[:64] for line in file)


def made(tools, small, seed):
    """The files: 200 markets of Polymarket (400 instruments) and 100 of Kalshi over the same minutes, or a few thousand frames."""
    pm, kalshi = recordings.all_kept(
        [("polymarket", 20, 3_000, seed), ("kalshi", 10, 3_000, seed)] if small else [("polymarket", 200, 200_000, seed), ("kalshi", 100, 250_000, seed)])

    def tool(name):
        return [os.path.join(tools, name), *measure.QUIET]
    merged = events.merged(tool("mkt-merge"), (events.of_feed(tool("pm-feed"), pm), events.of_feed(tool("kalshi-feed"), kalshi)))
    parts = [f"{merged}.part{number}" for number in range(4)]
    if not all(os.path.exists(part) for part in parts):
        split(merged, parts)
    return Files(pm, kalshi, merged, parts)
