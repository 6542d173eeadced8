"""Writes the two sample recordings that the pipelines and the documentation show: `samples.py --out DIR`.

Four minutes of both venues quoting the same three invented questions. One fair price a question drives both; now and then a venue
lags or leads for some seconds, so that buying YES here and NO there costs less than one dollar after fees.
"""

import argparse
import os
import random

import worlds
from fixed import ONE
from flow import Fair, stepwise
from ks_sim import KsSim
from pm_sim import PmSim
from rec import Recorder

START_US = 1_790_267_100_000_000
SECONDS = 240
FEES = {"btc": 70_000, "fed": 50_000, "quill": 40_000}


def windows(*spans):
    """An offset function from `(from second, to second, millionths)` spans; zero elsewhere."""
    def offset(elapsed):
        for start, end, value in spans:
            if start * ONE <= elapsed < end * ONE:
                return value
        return 0
    return offset


def shifted(price, offset):
    """A venue's own opinion: the fair price plus the offset."""
    return lambda elapsed: min(970_000, max(30_000, price(elapsed) + offset(elapsed)))


def story(seed):
    """Fair prices by question, the same for both venues."""
    rng = random.Random(f"story {seed}")
    btc = Fair(rng, 540_000, SECONDS, 1200, ((30, 575_000, 10), (62, 640_000, 6), (120, 660_000, 10), (150, 560_000, 8), (205, 630_000, 8)))
    fed = Fair(rng, 815_000, SECONDS, 500, ((90, 800_000, 20), (170, 870_000, 7)))
    quill = Fair(rng, 420_000, SECONDS, 900, ((75, 455_000, 15), (135, 390_000, 5), (210, 440_000, 8)))
    return {"btc": btc.at, "fed": fed.at, "quill": quill.at}


def shape(depth, trades, half, big=()):
    """Habits of one sample market."""
    return {"size": worlds.sizes(10_000, 7, (50, 200, 200, 1_000, 2_500)), "unit": 10_000, "depth": depth, "trade_chance": trades, "half": half,
            "big": [second * ONE for second in big]}


def polymarket(fair):
    """Five Polymarket markets: two alone, three that exclude one another."""
    rng = random.Random("sample ids polymarket")

    def market(slug, question, event, title, target, mean, habits, rate, kind, negative=False):
        return {"id": str(3_100_000 + rng.randrange(90_000)), "market": "0x" + f"{rng.getrandbits(256):064x}",
                "tokens": tuple(str(rng.randrange(10**76, 10**77)) for _ in range(2)), "question": question, "slug": slug, "event": event,
                "event_id": str(700_000 + len(event)), "event_title": title, "ends": "2026-09-25T20:00:00Z", "outcomes": ["Yes", "No"],
                "negative": negative, "tick": 10_000, "rate": rate, "fee_type": kind, "target": target, "mean_us": mean, "shape": habits}
    low = {"btc": windows((45, 52, -40_000), (100, 106, 42_000), (180, 187, -42_000)), "fed": windows((60, 66, -32_000), (196, 203, 33_000)),
           "quill": windows((110, 117, -36_000), (160, 165, 37_000))}
    quill = shifted(fair["quill"], low["quill"])

    def thistle(elapsed):
        return (ONE - fair["quill"](elapsed)) * 6 // 10

    def novak(elapsed):
        return ONE - fair["quill"](elapsed) - thistle(elapsed)
    tight, wide = stepwise([(0, 6_000)]), stepwise([(0, 8_000), (128, 32_000), (142, 8_000), (222, 30_000), (231, 8_000)])
    chair = ("zembla-president-2026", "Who becomes president of Zembla?")
    return [
        market("btc-above-84000-sep-25", "Will Bitcoin be above $84,000 on September 25?", "btc-price-sep-25", "Bitcoin on September 25",
               shifted(fair["btc"], low["btc"]), 500_000, shape(9, 150, tight, (20, 140)), FEES["btc"], "crypto_fees_v2"),
        market("fed-cuts-25-bps-in-october", "Will the Fed cut by 25 bps in October?", "fed-decision-october", "Fed decision in October",
               shifted(fair["fed"], low["fed"]), 800_000, shape(8, 100, wide, (55,)), FEES["fed"], "economics_fees_v1"),
        market("quill-president-of-zembla", "Will Ada Quill become president of Zembla?", *chair, quill, 900_000, shape(8, 90, tight, (85,)),
               FEES["quill"], "politics_fees_v1", True),
        market("thistle-president-of-zembla", "Will Bram Thistle become president of Zembla?", *chair,
               shifted(thistle, windows((70, 76, -20_000))), 1_600_000, shape(7, 70, tight), FEES["quill"], "politics_fees_v1", True),
        market("novak-president-of-zembla", "Will Iva Novak become president of Zembla?", *chair,
               shifted(novak, windows((70, 76, -20_000))), 1_600_000, shape(7, 70, tight), FEES["quill"], "politics_fees_v1", True),
    ]


def kalshi(fair):
    """The same three questions as tickers."""
    rng = random.Random("sample ids kalshi")

    def market(ticker, event, series, title, target, mean, habits):
        return {"ticker": ticker, "event": event, "series": series, "id": "-".join(f"{rng.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12)),
                "title": title, "tapered": False, "target": target, "mean_us": mean, "kind": "full", "settles": None, "shape": habits}
    high = {"btc": windows((45, 52, 40_000), (100, 106, -36_000), (180, 187, 40_000)), "fed": windows((60, 66, 32_000), (196, 203, -32_000)),
            "quill": windows((110, 117, 35_000), (160, 165, -37_000))}
    wide = stepwise([(0, 9_000), (70, 30_000), (80, 9_000), (190, 28_000), (195, 9_000)])
    return [
        market("KXBTC-26SEP2516-T84000", "KXBTC-26SEP2516", "KXBTC", "Bitcoin above $84,000 on Sep 25 at 4pm?", shifted(fair["btc"], high["btc"]),
               180_000, shape(14, 60, stepwise([(0, 7_000)]), (24, 110))),
        market("KXFED-26OCT-C25", "KXFED-26OCT", "KXFED", "Fed cuts 25 bps in October?", shifted(fair["fed"], high["fed"]), 350_000, shape(12, 70, wide, (165,))),
        market("KXZEMPRES-26-QUILL", "KXZEMPRES-26", "KXZEMPRES", "Ada Quill president of Zembla?", shifted(fair["quill"], high["quill"]),
               350_000, shape(12, 80, stepwise([(0, 8_000)]), (150,))),
    ]


def write(out, seed=7, truth=None):
    """Both recordings, and with `truth`, a directory, what is true of them; gives the recordings' sizes."""
    fair, made = story(seed), {}
    for name, infos, sim in (("polymarket", polymarket(fair), PmSim), ("kalshi", kalshi(fair), KsSim)):
        path = os.path.join(out, f"{name}.ndjson")
        beside = os.path.join(truth, f"{name}.truth.ndjson") if truth else os.devnull
        instruments = {each: info.get("market", each) for info in infos for each in info.get("tokens", (info.get("ticker"),))}
        with open(path, "w", encoding="utf-8", newline="") as recording, open(beside, "w", encoding="utf-8", newline="") as notes:
            recorder = Recorder(recording, notes)
            recorder.head({"truth": 1, "venue": name, "seed": seed, "profile": "sample", "recipe_change": False, "instruments": instruments})
            sim(random.Random(f"{name} {seed}"), recorder, infos, START_US, SECONDS, "sample").run()
        made[path] = os.path.getsize(path)
    return made


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, help="an existing directory")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--truth", help="an existing directory for the truth about both, to check a feed with")
    args = parser.parse_args()
    for path, size in write(args.out, args.seed, args.truth).items():
        print(f"{path} {size}")


if __name__ == "__main__":
    main()
