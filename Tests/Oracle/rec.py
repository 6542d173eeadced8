"""Writes a recording and, line for line beside it, the truth about it.

Every receive time is used once and rises, so that a checker can say which recording line an event belongs to.
"""

import json


def compact(value):
    """JSON without blanks, text as it is."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Recorder:
    """Numbers the lines, hands out receive times, keeps recording and truth in step."""

    def __init__(self, recording, truth=None):
        self.recording, self.truth = recording, truth
        self.line, self.last_us = 0, 0

    def head(self, value):
        """The first line of the truth: what holds for the whole run."""
        if self.truth:
            self.truth.write(compact(value) + "\n")

    def stamp(self, wanted_us):
        """A receive time: the wanted one, or just after the last."""
        self.last_us = max(wanted_us, self.last_us + 1)
        return self.last_us

    def write(self, value, notes=None):
        """One recording line, with what the truth has to say of it."""
        self.line += 1
        self.recording.write(compact(value) + "\n")
        if notes and self.truth:
            us = value.get("recv_us", value.get("sent_us"))
            self.truth.write(compact({"n": self.line, "us": us, **notes}) + "\n")
