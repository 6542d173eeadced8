"""Tests of the checker on small made-up truths, one rule at a time."""

import json
import unittest

from ks_live_check import check

S = 1_000_000
TICKER, OTHER = "KXA-1", "KXB-2"


def truth(*more, states=8, every_us=S // 10):
    """A venue whose one bid grows by one every tenth of a second from second 10 on; `more` are further lines."""
    lines = [{"t": "head", "us": 0, "markets": [TICKER, OTHER], "patience": 30}, {"t": "want", "us": 1, "ticker": TICKER, "on": True},
             {"t": "socket", "us": 1, "socket": 1, "what": "open", "key": "mine"}, {"t": "book", "us": 1, "ticker": OTHER, "k": 0, "full": 1, "b": [], "a": []}]
    for k in range(states):
        lines.append({"t": "book", "us": 10 * S + k * every_us if k else 1, "ticker": TICKER, "k": k, "vus": k, "b": [[500_000, (k + 1) * S]], "a": [],
                      **({"full": 1} if k == 0 else {})})
    lines = sorted(lines + list(more), key=lambda each: each["us"])
    return [json.dumps(each) + "\n" for each in lines + [{"t": "end", "us": 60 * S}]]


class Stream(list):
    """Lines of a feed."""

    def __init__(self):
        super().__init__()
        self.seq = 0
        self.say("instrument", 2, instrument=TICKER)
        self.say("feed_status", 2, state="connecting", conn=1)

    def say(self, kind, us, **facts):
        """One line."""
        self.append(json.dumps({"v": 1, "type": kind, "feed": "kalshi", "recv_us": us, **facts}) + "\n")
        return self

    def book(self, us, k, kind="book_snapshot", conn=1, step=1):
        """The book of state `k`."""
        self.seq += step
        facts = {"reason": "initial"} if kind == "book_snapshot" else {"venue_us": k}
        return self.say(kind, us, instrument=TICKER, conn=conn, seq=self.seq, bids=[[0.5, k + 1]], asks=[], **facts)

    def status(self, us, state, **facts):
        """A feed_status line."""
        return self.say("feed_status", us, state=state, **facts)

    def stop(self, us):
        """The end of the stream."""
        return self.say("feed_status", us, state="stopped")


def at(k):
    """When state `k` began."""
    return 10 * S + k * S // 10


class CheckerTests(unittest.TestCase):
    """One rule at a time."""

    def right(self, stream, *more, **options):
        """The checker has nothing to say."""
        self.assertEqual(check(truth(*more), stream, **options).problems, [])

    def wrong(self, stream, words, *more, **options):
        """The checker says this and nothing else."""
        problems = check(truth(*more), stream, **options).problems
        self.assertEqual([words in each for each in problems], [True], problems)

    def following(self, last=7):
        """A stream that shows every state up to `last`."""
        stream = Stream().book(3, 0)
        for k in range(1, last + 1):
            stream.book(at(k) + 100, k, "book_delta")
        return stream

    def test_everyState_isRight(self):
        self.right(self.following().stop(20 * S))

    def test_bookThatGoesBack_isWrong(self):
        self.wrong(self.following(5).book(at(5) + 200, 3).book(at(5) + 300, 5).book(at(6) + 1, 6).book(at(7) + 1, 7).stop(20 * S), "went back behind state 5")

    def test_bookThatGoesBack_afterAGap_isRight(self):
        gap = self.following(5).status(at(5) + 150, "gap", conn=1).book(at(5) + 200, 3)
        self.right(gap.book(at(5) + 300, 5).book(at(6) + 1, 6).book(at(7) + 1, 7).stop(20 * S), fault(at(5), "gap", tickers=[TICKER]))

    def test_skippedState_isWrong(self):
        stream = Stream().book(3, 0).book(at(2) + 1, 2, "book_delta")
        self.wrong(stream.book(at(7) + 1, 7).stop(20 * S), "is state 2")

    def test_bookOfTheFuture_isWrong(self):
        self.wrong(Stream().book(at(3) - 90_000, 3).book(at(7) + 1, 7).stop(20 * S), "in the future")

    def test_bookThatNeverWas_isWrong(self):
        self.wrong(Stream().book(3, 30).book(at(7) + 1, 7).stop(20 * S), "never was")

    def test_oldBook_isWrong_atTheLag(self):
        self.right(self.following(6).book(at(7) + 3 * S - 10, 7).stop(20 * S))
        problems = check(truth(), self.following(6).book(at(7) + 3 * S + 10, 7).stop(20 * S)).problems
        self.assertTrue(any("while 3.0 s old" in each for each in problems), problems)

    def test_oldBook_isRight_whileAStallLasts(self):
        stalled = fault(at(6), "stall", end=at(6) + 20 * S)
        self.right(self.following(6).book(at(7) + 20 * S, 7).stop(40 * S), *stalled_lines(stalled))

    def test_stallBeyondTheBound_isWrong(self):
        stalled = fault(at(6), "stall", end=at(6) + 45 * S)
        problems = check(truth(*stalled_lines(stalled)), self.following(6).book(at(7) + 44 * S, 7).stop(58 * S)).problems
        self.assertTrue(any("was shown as known while" in each for each in problems), problems)

    def test_unknownBook_withoutAFault_isWrong(self):
        self.wrong(self.following().status(12 * S, "gap", conn=1).book(13 * S, 7).stop(20 * S), "was not known and current")

    def test_statusOfNoInstruments_concernsNone(self):
        self.right(self.following().status(12 * S, "gap", conn=1, instruments=[]).stop(20 * S))

    def test_statusOfAnother_concernsNone(self):
        self.right(self.following().status(12 * S, "gap", conn=2).status(13 * S, "gap", conn=1, instruments=[OTHER]).stop(20 * S))

    def test_deltaOfAnUnknownBook_isWrong(self):
        stream = self.following(6).status(at(6) + 200, "gap", conn=1).book(at(7) + 1, 7, "book_delta").book(at(7) + 2, 7)
        self.wrong(stream.stop(20 * S), "whose book is unknown", fault(at(6), "gap"))

    def test_holeInSeq_isWrong_andMakesUnknown(self):
        stream = self.following(6).book(at(7) + 1, 7, "book_delta", step=2).book(at(7) + 2, 7)
        problems = check(truth(), stream.stop(20 * S)).problems
        self.assertTrue(any("seq of" in each for each in problems) and any("is unknown" in each for each in problems), problems)

    def test_connOfABook_isKept(self):
        stream = self.following(6).book(at(7) + 1, 7, "book_delta", conn=2)
        self.wrong(stream.stop(20 * S), "its book is of conn 1")
        self.right(stream, redundant=True)

    def test_connAfterDisconnected_isWrong(self):
        stream = self.following().status(12 * S, "disconnected", conn=1).book(12 * S + 1, 7)
        self.wrong(stream.stop(20 * S), "which is disconnected", fault(12 * S - 1, "drop"))

    def test_socketThatTheVenueEnds_isTold(self):
        ended = {"t": "socket", "us": 12 * S, "socket": 1, "what": "close", "ours": True, "pings": 0, "pongs": 0, "code": None}
        stream = Stream().status(4, "live", conn=1).book(5, 0)
        for k in range(1, 8):
            stream.book(at(k) + 1, k, "book_delta")
        self.wrong(stream.stop(20 * S), "no disconnected was told", ended)

    def test_wait_thatWasTold_isGiven_butNoLongerOne(self):
        def stream(wait_s, back_s):
            broken = self.following().status(12 * S, "disconnected", conn=1, retry_in_us=wait_s * S).status(13 * S, "connecting", conn=2)
            return broken.book(back_s * S, 7, conn=2).stop(59 * S)
        dropped = stalled_lines(fault(12 * S - 1, "drop", end=12 * S))
        self.right(stream(25, 40), *dropped)
        self.wrong(stream(25, 44), "was not known and current", *dropped)
        self.wrong(stream(31, 40), "at most 30 s may be waited", *dropped)

    def test_tradesBetweenLiveAndTheEnd_areNeeded(self):
        def trade(us, name):
            return {"t": "trade", "us": us, "trade_id": name, "ticker": TICKER, "price": 500_000, "size": S, "side": "buy", "vus": us,
                    "to": [[1, 2, 3]], "lost": []}
        stream = self.following().status(12 * S, "live", conn=1)
        self.wrong(stream.stop(20 * S), "trade b of", trade(11 * S, "a"), trade(13 * S, "b"), trade(20 * S - 10, "c"))

    def test_wrongKey_hasNoSockets(self):
        self.assertEqual(len(check(truth(), self.following().stop(20 * S), key="other").truth.sockets), 0)


def fault(us, kind, end=None, tickers=None):
    """A fault's first line; `stalled_lines` gives both."""
    return {"t": "fault", "us": us, "phase": "begin", "begin": us, "id": 1, "kind": kind, "socket": 1, "channel": None, "tickers": tickers,
            "args": {}, "end": end}


def stalled_lines(begin):
    """Begin and end of a fault that lasts."""
    return begin, {**begin, "us": begin["end"], "phase": "end"}


if __name__ == "__main__":
    unittest.main()
