"""Makes one recording and the truth about it: `generate.py polymarket|kalshi --seed N --profile clean|chaos|sample …`.

The same arguments give the same bytes; no clock and no machine is asked.
"""

import argparse
import random

import worlds
from ks_sim import KsSim
from pm_sim import PmSim
from rec import Recorder

START_US = 1_790_267_100_000_000


def make(venue, seed, profile, seconds, markets, recording, truth, recipe_change=False, start_us=START_US):
    """Writes a recording and its truth to two open text files."""
    rng = random.Random(f"{venue} {seed} {profile} {seconds} {markets} {recipe_change}")
    recorder = Recorder(recording, truth)
    if venue == "polymarket":
        infos = worlds.polymarket(rng, markets, seconds)
        instruments = {token: info["market"] for info in infos for token in info["tokens"]}
        sim = PmSim(rng, recorder, infos, start_us, seconds, profile, recipe_change)
    else:
        infos = worlds.kalshi(rng, markets, seconds)
        instruments = {info["ticker"]: info["ticker"] for info in infos}
        sim = KsSim(rng, recorder, infos, start_us, seconds, profile)
    recorder.head({"truth": 1, "venue": venue, "seed": seed, "profile": profile, "recipe_change": recipe_change, "instruments": instruments})
    sim.run()


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venue", choices=("polymarket", "kalshi"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=("clean", "chaos", "sample"), default="clean")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--markets", type=int, default=5)
    parser.add_argument("--recipe-change", action="store_true", help="Polymarket: half way, the book hash becomes one that nobody can compute")
    parser.add_argument("--start-us", type=int, default=START_US)
    parser.add_argument("--recording", required=True)
    parser.add_argument("--truth", required=True)
    args = parser.parse_args()
    if args.seconds < 5 or args.markets < 1:
        parser.error("at least 5 seconds and 1 market")
    with open(args.recording, "w", encoding="utf-8", newline="") as recording, open(args.truth, "w", encoding="utf-8", newline="") as truth:
        make(args.venue, args.seed, args.profile, args.seconds, args.markets, recording, truth, args.recipe_change, args.start_us)


if __name__ == "__main__":
    main()
