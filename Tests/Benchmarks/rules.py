"""Rules to measure with: ten that a user would have, and any number that do not concern what is read."""

import os

import recordings


def text(rules):
    """TOML of `(strategy, more)`."""
    return "".join(f'[rules.r{number}]\nstrategy = "{strategy}"\n{more}\n' for number, (strategy, more) in enumerate(rules))


TEN = text([
    ("spread", "min_spread = 0.05"), ("spread", "min_spread = 0.1"), ("spread", 'min_spread = 0.03\nvenue = "kalshi"'),
    ("move", 'window = "10s"\nmin_move = 0.05'), ("move", 'window = "1m"\nmin_move = 0.1'), ("move", 'window = "1s"\nmin_move = 0.02'),
    ("trade_size", "min_notional = 10000"), ("trade_size", "min_notional = 1000"), ("threshold", "above = 0.6"), ("threshold", "below = 0.4")])

# The same work for each event, and no decision: how many decisions a book brings depends on how long it is watched.
NEVER = text([
    ("spread", "min_spread = 0.99"), ("spread", "min_spread = 0.98"), ("spread", 'min_spread = 0.97\nvenue = "kalshi"'),
    ("move", 'window = "10s"\nmin_move = 0.97'), ("move", 'window = "1m"\nmin_move = 0.98'), ("move", 'window = "1s"\nmin_move = 0.99'),
    ("trade_size", "min_notional = 1000000000"), ("trade_size", "min_notional = 2000000000"), ("threshold", "above = 0.999999"),
    ("threshold", "below = 0.000001")])

KINDS = {
    "venue": "the other venue", "market": "another market", "instrument": "another instrument", "label": "another label (a name*)",
    "pattern": "another label (*name*)", "type": "trades, over lines without trades",
}


def foreign(kind, count):
    """So many rules about something else than Polymarket's sample, after one that concerns every book."""
    def one(number):
        what = {
            "venue": 'venue = "kalshi"', "market": f'market = "0x{number:064x}"', "instrument": f'instrument = "{number:077d}"',
            "label": f'label = "nobody-{number}-*"', "pattern": f'label = "*nobody-{number}*"', "type": "",
        }[kind]
        if kind == "type":
            return "trade_size", f"min_notional = {1_000_000_000 + number}"
        strategy = ("spread", "min_spread = 0.5"), ("move", 'window = "10s"\nmin_move = 0.5'), ("imbalance", "levels = 5\nmin_share = 0.9999")
        name, more = strategy[number % len(strategy)]
        return name, f"{more}\n{what}"
    return text([("spread", "min_spread = 0.99"), *(one(number) for number in range(count))])


def file(name, rules):
    """Writes rules beside the corpora; gives the path."""
    os.makedirs(recordings.FOLDER, exist_ok=True)
    path = os.path.join(recordings.FOLDER, f"rules-{name}.toml")
    with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as target:
        target.write(rules)
    os.replace(f"{path}.{os.getpid()}", path)
    return path
