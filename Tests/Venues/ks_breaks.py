"""What can be done to frames, answers and doors; the faults of ks_catalog are made of these."""


class Breaks:
    """State of everything that is broken at the moment, outside single sockets and subscriptions."""

    def __init__(self, venue):
        self.venue = venue

    def apply(self, fate, socket, sub, text, ticker):
        """The fate of one frame that has its number: `lost` is the plainest."""
        sub.hurt_all()
        return fate

    def omits(self, socket, sub, ticker):
        """Whether an initial snapshot is left out."""
        return False

    def revived(self, socket, sub, ticker, how):
        """A market was asked for anew."""

    def answers(self, socket, command):
        """The planned answer to a command, or None."""
        return None

    def take_answer(self, socket, command):
        """The same, used up."""
        return None
