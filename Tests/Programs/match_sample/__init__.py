"""Questions of two venues, labelled by hand, and what stands around them: `instrument` lines for `mkt-decide --match`."""

import datetime
import hashlib
import json

from . import distractors, held_out, tuning

EPOCH = datetime.datetime(1970, 1, 1)


def micros(text):
    return int((datetime.datetime.fromisoformat(text) - EPOCH).total_seconds()) * 1_000_000 if text else None


def line(**values):
    """An instrument line with the keys of the contract, those without a value left out."""
    head = {"v": 1, "type": "instrument"}
    return json.dumps(head | {key: value for key, value in values.items() if value is not None}, ensure_ascii=False, separators=(",", ":"))


def token(slug, outcome):
    """The id of an outcome as the left venue has them: digits."""
    return str(int(hashlib.sha256(f"{slug}/{outcome}".encode()).hexdigest(), 16))


def left(question, slug, close, outcomes):
    """Both outcomes of a market, each the other's complement."""
    for outcome in outcomes:
        other = next((each for each in outcomes if each != outcome), None)
        yield line(
            feed="pm", venue="polymarket", market="0x" + hashlib.sha256(slug.encode()).hexdigest(), instrument=token(slug, outcome), label=f"{slug}/{outcome}",
            recv_us=1_790_000_000_000_000, outcome=outcome, question=question, event=slug, slug=slug, complement=token(slug, other) if other else None,
            state="open", close_us=micros(close))


def right(ticker, title, close):
    yield line(
        feed="kalshi", venue="kalshi", market=ticker, instrument=ticker, label=f"{ticker}/Yes", recv_us=1_790_000_000_000_000, outcome="Yes",
        question=title, event=ticker.rsplit("-", 1)[0], state="open", close_us=micros(close))


def lines(pairs, negatives, around=()):
    """Every line once."""
    found = {}
    for _, question, slug, close, outcomes, ticker, title, closes, *_ in [*pairs, *negatives]:
        for each in [*left(question, slug, close, outcomes), *right(ticker, title, closes)]:
            found[each] = True
    return [*found, *around]


def wanted(pairs):
    """What must be proposed: (right instrument, left instrument, relation), by name."""
    return {name: (ticker, token(slug, outcome), "same") for name, _, slug, _, _, ticker, _, _, outcome in pairs}


def around():
    """Instruments that are nobody's counterpart."""
    found = []
    for question, slug, close, outcomes in distractors.left():
        found += left(question, slug, close, outcomes)
    for ticker, title, close in distractors.right():
        found += right(ticker, title, close)
    return found


__all__ = ["around", "held_out", "left", "line", "lines", "right", "token", "tuning", "wanted"]
