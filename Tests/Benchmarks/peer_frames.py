"""What the peers are driven with, and how it is timed and held to have been done."""

import json
import time


class Recording:
    """The JSON frames of a recording's first connection, and what the bench knows about them without any peer."""

    def __init__(self, path, limit):
        self.texts, self.values, self.yes_prices, whole = [], [], None, True
        with open(path, encoding="utf-8") as file:
            for line in file:
                value = json.loads(line)
                if "sent" in value and '"use_yes_price":' in value["sent"]:
                    self.yes_prices = '"use_yes_price":true' in value["sent"]
                text = value.get("raw", "")
                if text[:1] not in ("{", "["):
                    continue
                if limit and len(self.texts) == limit:
                    whole = False
                    break
                self.texts.append(text)
                self.values.append(json.loads(text))
        self.bytes = [text.encode() for text in self.texts]
        self.messages = [message for value in self.values for message in (value if isinstance(value, list) else [value])]
        self.books = None
        if whole:
            with open(path + ".books", encoding="utf-8") as file:
                self.books = json.load(file)


def need(condition, text):
    """A peer must have done the work."""
    if not condition:
        raise SystemExit(f"peers.py: {text}")


def clock():
    """Seconds by the clock and of processor."""
    return time.perf_counter(), time.process_time()


def since(began):
    """What has passed of both."""
    return tuple(now - then for now, then in zip(clock(), began))


def timed(frames, act):
    """Seconds of one act for each frame."""
    began = clock()
    for frame in frames:
        act(frame)
    return since(began)
