"""Invented questions for the simulators: names, grids and habits, all drawn from the seed."""

from fixed import ONE
from flow import Fair, stepwise

NAMES = ("Vargas", "Lindqvist", "Okonjo", "Thistle", "Moreau", "Petrov-Hale", "Sato", "Ibarra", "Quill", "Novak")


def sizes(unit, whole, tops=(50, 200, 200, 1_000, 5_000, 60_000)):
    """A size chooser: mostly small, sometimes large, on a grid of `unit`; `whole` of ten are whole numbers."""
    def choose(rng):
        top = rng.choice(tops)
        if rng.randrange(10) < whole:
            return rng.randrange(1, top) * ONE
        return max(unit, rng.randrange(unit, top * ONE) // unit * unit)
    return choose


def path(rng, seconds):
    """A fair price with a jump or two."""
    jumps = [(rng.randrange(2, max(3, seconds)), rng.randrange(60, 940) * 1000, rng.randrange(2, 12)) for _ in range(1 + seconds // 60)]
    return Fair(rng, rng.randrange(80, 920) * 1000, seconds, rng.choice((800, 1500, 4000)), jumps)


def polymarket(rng, count, seconds):
    """`count` markets with every oddity that a healthy venue shows."""
    infos = []
    for index in range(count):
        fair = path(rng, seconds)
        tick = rng.choice((10_000, 10_000, 1_000))
        length = rng.choice((64, 64, 62))
        name = NAMES[(index + rng.randrange(3)) % len(NAMES)]
        info = {
            "id": str(3_000_000 + rng.randrange(900_000)), "market": "0x" + f"{rng.getrandbits(256):064x}"[:length],
            "tokens": tuple(str(rng.randrange(10 ** digits, 10 ** (digits + 1))) for digits in rng.choices((75, 76, 76, 77), k=2)),
            "question": f"Will {name} win the Zembla vote no. {index}?", "slug": f"will-{name.lower()}-win-zembla-{index}",
            "event": "zembla-vote", "event_id": "7001", "event_title": "Zembla vote", "ends": "2026-12-31T12:00:00Z",
            "outcomes": ["Yes", "No"] if index % 3 else ["Up", "Down"], "negative": rng.randrange(3) == 0, "tick": tick,
            "rate": rng.choice((0, 40_000, 70_000)), "fee_type": "general_fees_v1", "target": fair.at,
            "mean_us": rng.choice((150_000, 400_000, 1_200_000)), "blank": rng.randrange(4) == 0,
            "shape": {"size": sizes(rng.choice((10_000, 10_000, 1)), 4), "unit": 10_000, "depth": rng.choice((6, 12, 25)),
                      "trade_chance": rng.choice((30, 120, 250)), "half": stepwise([(0, rng.choice((4_000, 9_000, 16_000)))])},
        }
        if index == 1:
            info["settles"] = max(2, seconds * 7 // 10)
        if index == 2:
            info["kind"], info["untraded"] = rng.choice(("empty", "onesided")), True
            info["mean_us"] = 2_500_000
        if index == 3:
            info["silent"] = True
        if index == 0 and seconds >= 20:
            info["ticks"] = ((seconds // 3, 1_000), (seconds * 2 // 3, tick if rng.randrange(2) else 1_000))
        infos.append(info)
    return infos


def kalshi(rng, count, seconds):
    """`count` tickers, some quoted on a tapered grid."""
    infos = []
    for index in range(count):
        fair = path(rng, seconds)
        tapered = rng.randrange(3) == 0
        strike = rng.choice((f"T{84_000 + 250 * index}", f"B{83_950 + 100 * index}", f"T{83_999 + index}.99"))
        infos.append({
            "ticker": f"KXZEMBLA-26SEP25-{strike}", "event": "KXZEMBLA-26SEP25", "series": "KXZEMBLA",
            "id": "-".join(f"{rng.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12)), "title": f"Zembla index at {strike}?",
            "sub": (f"Zembla index at {strike}", f"{strike[1:]} or above", "")[index % 3],
            "tapered": tapered, "target": fair.at, "mean_us": rng.choice((60_000, 200_000, 700_000)), "kind": ("full", "full", "full", "empty", "onesided")[index % 5],
            "settles": seconds * 7 // 10 if index == 1 else None,
            "shape": {"size": sizes(10_000, 7), "unit": 10_000, "depth": rng.choice((6, 12, 25)), "trade_chance": rng.choice((30, 120, 250)),
                      "half": stepwise([(0, rng.choice((5_000, 10_000, 20_000)))])},
        })
    return infos
