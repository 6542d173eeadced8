"""Recordings to measure with, at the venues' mix and any number of instruments, made by the oracle's simulators and kept.

What the oracle makes is meant to hold every oddity once; here the mix is meant to be the venue's. So Polymarket's `best_bid_ask`
comes for one change of tops in ten (88 % of frames are `price_change` then), and a run ends with the frame that was asked for. The books,
their hashes and sequences are the simulators' own. The same seed gives the same bytes. Files stand in `.build/bench-corpora` under a name
that holds seed, size and the sources' digest, and are made once.

usage: recordings.py polymarket|kalshi --markets N --frames N [--seed N]
"""

import argparse
import collections
import hashlib
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
ORACLE = os.path.join(ROOT, "Tests", "Oracle")
FOLDER = os.path.join(ROOT, ".build", "bench-corpora")
sys.path.insert(0, ORACLE)

import generate  # noqa: E402  pylint: disable=wrong-import-position
import worlds  # noqa: E402  pylint: disable=wrong-import-position
from ks_sim import KsSim  # noqa: E402  pylint: disable=wrong-import-position
from pm_sim import PmSim  # noqa: E402  pylint: disable=wrong-import-position
from rec import Recorder  # noqa: E402  pylint: disable=wrong-import-position

# Frames a second of one market, seen; a world is planned for half as long again, since a run ends by its frames.
FRAMES_A_SECOND = {"polymarket": 4.0, "kalshi": 10.0}
SOURCES = ("fixed.py", "flow.py", "generate.py", "ks_sim.py", "ks_truth.py", "ks_wire.py", "pm_events.py", "pm_sim.py", "pm_truth.py", "pm_wire.py",
           "rec.py", "worlds.py")
QUOTES_KEPT = 10
HABITS = 50


class NoTruth:
    """Stands where the simulators keep what a checker needs, which costs a look at every instrument for each line."""

    lost, book = False, None

    def __init__(self):
        self.notes, self.watches = {}, collections.defaultdict(lambda: self)

    def end(self):
        self.notes = {}

    def takes(self, sid, seq):
        return False

    def __getattr__(self, name):
        return self.nothing

    def nothing(self, *args, **named):
        """All else that is told."""


class Counting:
    """Ends a simulator's run after so many text frames from the venue, and leaves out metadata that is fetched again."""

    frames_wanted, frames = 0, 0

    def write(self, value, *args, **named):
        if self.frames >= self.frames_wanted or ("get" in value and self.conn is not None):
            return
        super().write(value, *args, **named)
        if "raw" in value:
            self.frames += 1
            if self.frames == self.frames_wanted:
                self.end = self.now


class Polymarket(Counting, PmSim):
    """The venue with `best_bid_ask` as rare as it is."""

    def quotes(self, market, books, millis):
        if not self.rng.randrange(QUOTES_KEPT):
            super().quotes(market, books, millis)


class Kalshi(Counting, KsSim):
    """The venue as the oracle has it."""


def alike(infos):
    """The first fifty markets' habits for all others too, so that the mix is one and the same at any number of markets.

    Kalshi's have two sides from the start and do not end: kalshi-sdk refuses a snapshot without a side, and takes all after it for a gap.
    """
    for info in infos:
        if "ticker" in info:
            info["kind"], info["settles"] = "full", None
    for index, info in enumerate(infos[HABITS:]):
        model = infos[index % HABITS]
        for key in ("tick", "tapered", "negative", "blank", "mean_us", "shape", "kind", "untraded", "silent"):
            if key in model:
                info[key] = model[key]
    return infos


def simulate(venue, seed, markets, frames, target):
    """Writes a recording of so many frames; gives the books at its end, `{instrument: [bids, asks]}` in millionths."""
    seconds = max(5, int(frames / FRAMES_A_SECOND[venue] / markets * 1.5))
    while True:
        rng = random.Random(f"bench {venue} {seed} {markets} {frames} {seconds}")
        infos = alike(getattr(worlds, venue)(rng, markets, seconds))
        with open(target, "w", encoding="utf-8", newline="") as file:
            sim = (Polymarket if venue == "polymarket" else Kalshi)(rng, Recorder(file), infos, generate.START_US, seconds, "clean")
            sim.frames_wanted, sim.truth = frames, NoTruth()
            sim.run()
        if sim.frames == frames:
            break
        seconds *= 2  # These markets are quieter than most.
    if venue == "kalshi":
        return {market.ticker: [market.ladder.bids, market.ladder.asks] for market in sim.markets}
    return {token: [market.books[token].bids, market.books[token].asks] for market in sim.markets for token in market.tokens}


def digest():
    """What a kept file was made by."""
    total = hashlib.sha256()
    for path in [os.path.join(ORACLE, name) for name in SOURCES] + [os.path.abspath(__file__)]:
        with open(path, "rb") as file:
            total.update(file.read())
    return total.hexdigest()[:10]


def kept(venue, markets, frames, seed=1):
    """The path of such a recording, made now if it is not there; its books at the end stand beside it, with `.books`."""
    os.makedirs(FOLDER, exist_ok=True)
    path = os.path.join(FOLDER, f"{venue}-s{seed}-m{markets}-f{frames}-{digest()}.rec")
    if not os.path.exists(path):
        # A simulator that was stopped half way leaves nothing that looks whole.
        books = simulate(venue, seed, markets, frames, f"{path}.{os.getpid()}")
        with open(path + ".books", "w", encoding="utf-8") as file:
            json.dump(books, file)
        os.replace(f"{path}.{os.getpid()}", path)
    return path


def all_kept(wanted):
    """Several, `(venue, markets, frames[, seed])`, on all cores; gives their paths in order."""
    import multiprocessing
    with multiprocessing.Pool(min(len(wanted), os.cpu_count())) as pool:
        return pool.starmap(kept, wanted, chunksize=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venue", choices=FRAMES_A_SECOND)
    parser.add_argument("--markets", type=int, default=200)
    parser.add_argument("--frames", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print(kept(args.venue, args.markets, args.frames, args.seed))


if __name__ == "__main__":
    main()
