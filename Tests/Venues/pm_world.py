"""The questions of the local Polymarket: invented by the oracle's worlds, grouped in events, tagged, with volumes and a past."""

import venue_common  # noqa: F401
import worlds
from fixed import ONE

PATH_SECONDS = 60
PER_EVENT = 4
TAGS = (("2", "Politics", "politics"), ("21", "Crypto", "crypto"), ("1", "Sports", "sports"), ("100265", "Geopolitics", "geopolitics"))
DAY_US = 86_400 * ONE


def there_and_back(path):
    """A price path of `PATH_SECONDS` walked to its end and back, for ever."""
    length = PATH_SECONDS * ONE

    def target(elapsed):
        turn, rest = divmod(elapsed, length)
        return path(length - rest if turn % 2 else rest)
    return target


def event_of(index):
    """Which event a market belongs to, and how it is told."""
    group = index // PER_EVENT
    tag = TAGS[group % len(TAGS)]
    return {"event": f"zembla-vote-{group}", "event_id": str(7_000 + group), "event_title": f"Zembla vote {group}",
            "tags": [{"id": tag[0], "label": tag[1], "slug": tag[2]}]}


def dress(rng, info, index):
    """What a question needs in this venue besides what the oracle invents."""
    info.update(event_of(index))
    info["id"] = str(3_000_000 + 7 * index)
    info["target"] = there_and_back(info["target"])
    info["volume_cents"] = rng.randrange(10 ** rng.randrange(3, 10))
    info["weight"] = 1_200_000 // info["mean_us"]
    info["winner"] = rng.randrange(2)
    info["ends_us"] = DAY_US * rng.randrange(1, 60)
    for key in ("settles", "ticks"):
        info.pop(key, None)
    return info


def questions(rng, count):
    """`count` questions with a book, silent, empty and one-sided ones among them when there are enough."""
    infos = [dress(rng, info, index) for index, info in enumerate(worlds.polymarket(rng, count, PATH_SECONDS))]
    if count < 6:
        for info in infos:
            for key in ("silent", "kind", "untraded"):
                info.pop(key, None)
    return infos


def another(rng, index):
    """A question that is asked later."""
    info = dress(rng, worlds.polymarket(rng, 1, PATH_SECONDS)[0], index)
    info["slug"] = info["slug"].rsplit("-", 1)[0] + f"-{index}"
    info["question"] = info["question"].rsplit(" ", 1)[0] + f" {index}?"
    return info
