"""The CLOB's public reads (dossier §4.1), answered from the books as they are now, or as a fault makes them look."""

import pm_wire as wire
from fixed import ONE, short
from flow import Ladder
from pm_market import digest
from venue_common import Response

BOOKS_MAX = 500
PAGE = 100
NO_BOOK = {"error": "No orderbook exists for the requested token id"}
INVALID_TOKEN = {"error": "Invalid token id"}
END_CURSOR = "LTE="


def error(status, text):
    """An error as the CLOB words it."""
    return Response(status, {"error": text})


class ClobRest:
    """Answers one request; `trouble` may stand between."""

    def __init__(self, motion, trouble):
        self.motion, self.trouble = motion, trouble
        self.fixed = {
            "/": lambda _: Response(200, '"OK"'), "/ok": lambda _: Response(200, '"OK"'), "/time": self.time, "/book": self.book,
            "/books": self.books, "/tick-size": self.tick_size, "/neg-risk": self.neg_risk, "/fee-rate": self.fee_rate,
            "/price": self.price, "/midpoint": self.midpoint, "/spread": self.spread, "/last-trade-price": self.last_trade,
            "/markets": self.listing, "/sampling-markets": self.listing, "/simplified-markets": self.listing,
        }

    def answer(self, request):
        """The answer to a request, after whatever fault is on."""
        return self.trouble.rest("clob", request) or self.route(request)

    def route(self, request):
        """The answer of a healthy venue."""
        if request.method == "POST" and request.path != "/books":
            return error(405, "method not allowed")
        if request.path in self.fixed:
            return self.fixed[request.path](request)
        for prefix, handler in (("/markets-by-token/", self.by_token), ("/clob-markets/", self.compact), ("/markets/", self.market)):
            if request.path.startswith(prefix):
                return handler(request.path[len(prefix):])
        return error(404, "not found")

    def time(self, _):
        """Seconds since 1970, a bare number."""
        return Response(200, str(self.motion.now_ms() // 1000 + int(self.trouble.skew_seconds)))

    # Books.

    def token(self, request):
        """The token asked for and its market with a book; or the error."""
        token = request.one("token_id", "")
        if not token.isdigit():
            return None, error(400, INVALID_TOKEN["error"])
        market = self.motion.of_token.get(token)
        if market is None or not market.has_book:
            return None, Response(404, NO_BOOK)
        return (token, market), None

    def text(self, market, token):
        """A book's JSON: true, a ghost, or from the cache."""
        if token in self.trouble.cache:
            return self.trouble.cache[token]
        if self.trouble.ghost:
            return ghost(market, token, self.trouble.ghost)
        return market.rest(token)

    def book(self, request):
        """GET /book."""
        found, wrong = self.token(request)
        return wrong or Response(200, self.text(found[1], found[0]))

    def books(self, request):
        """POST /books: unknown tokens are left out, the order is anyone's guess."""
        try:
            asked = [each["token_id"] for each in request.json()]
        except (ValueError, TypeError, KeyError):
            return error(400, "Invalid payload")
        if request.method != "POST" or len(asked) > BOOKS_MAX:
            return error(400, "Payload exceeds the limit")
        known = [token for token in dict.fromkeys(asked) if token in self.motion.of_token and self.motion.of_token[token].has_book]
        self.motion.rng_rest.shuffle(known)
        return Response(200, "[" + ",".join(self.text(self.motion.of_token[token], token) for token in known) + "]")

    # Small answers about one token; they stay right while `/book` shows ghosts.

    def small(self, request, make):
        """An object about a token with a book."""
        found, wrong = self.token(request)
        return wrong or Response(200, wire.dense(make(*found)))

    def tick_size(self, request):
        """GET /tick-size: a number."""
        return self.small(request, lambda _, market: {"minimum_tick_size": wire.number(short(market.tick))})

    def neg_risk(self, request):
        """GET /neg-risk."""
        return self.small(request, lambda _, market: {"neg_risk": market.info["negative"]})

    def fee_rate(self, request):
        """GET /fee-rate: a cap, not the rate."""
        return self.small(request, lambda _, market: {"base_fee": 1000 if market.info["rate"] else 0})

    def price(self, request):
        """GET /price: BUY is the best bid, as one live test has it."""
        side = "b" if request.one("side", "").upper() == "BUY" else "a"
        return self.small(request, lambda token, market: {"price": short(market.books[token].best(side) or 0)})

    def midpoint(self, request):
        """GET /midpoint."""
        return self.small(request, lambda token, market: {"mid": short(sum(touch(market.books[token])) // 2)})

    def spread(self, request):
        """GET /spread."""
        def make(token, market):
            bid, ask = touch(market.books[token])
            return {"spread": short(ask - bid)}
        return self.small(request, make)

    def last_trade(self, request):
        """GET /last-trade-price."""
        return self.small(request, lambda token, market: {"price": short(market.last[token] or 0), "side": "BUY" if market.last[token] else ""})

    # Markets.

    def listing(self, request):
        """GET /markets, with the CLOB's own cursors."""
        cursor = request.one("next_cursor", "MA==")
        if cursor == END_CURSOR:
            return Response(200, {"limit": PAGE, "count": 0, "next_cursor": END_CURSOR, "data": []})
        start = 0 if cursor == "MA==" else int(cursor) if cursor.isdigit() else -1
        if start < 0:
            return error(400, "next item should be greater than or equal to 0")
        page = self.motion.markets[start:start + PAGE]
        following = str(start + PAGE) if start + PAGE < len(self.motion.markets) else END_CURSOR
        return Response(200, wire.dense({"limit": PAGE, "count": len(page), "next_cursor": following, "data": [self.full(each) for each in page]}))

    def full(self, market):
        """One CLOB market."""
        info, done = market.info, market.rest_done
        tokens = [{"token_id": token, "outcome": outcome, "price": wire.number("1" if market.winner == token else "0" if done else "0.5"),
                   "winner": done and market.winner == token} for token, outcome in zip(market.tokens, info["outcomes"])]
        return {"enable_order_book": True, "active": True, "closed": done, "archived": False, "accepting_orders": market.has_book and not done,
                "minimum_order_size": 5, "minimum_tick_size": wire.number(short(market.tick)), "condition_id": market.id,
                "question_id": "0x" + "ab" * 32, "question": info["question"], "description": "", "market_slug": info["slug"],
                "end_date_iso": info["ends"], "seconds_delay": 0, "maker_base_fee": 1000, "taker_base_fee": 1000,
                "neg_risk": info["negative"], "neg_risk_market_id": "", "tokens": tokens, "tags": [tag["label"] for tag in info["tags"]]}

    def market(self, condition):
        """GET /markets/{condition_id}."""
        market = self.motion.of_condition.get(condition)
        return Response(200, wire.dense(self.full(market))) if market else error(404, "market not found")

    def by_token(self, token):
        """GET /markets-by-token/{token_id}."""
        market = self.motion.of_token.get(token)
        if market is None:
            return error(404, "market not found")
        first, second = market.tokens
        return Response(200, {"condition_id": market.id, "primary_token_id": first, "secondary_token_id": second})

    def compact(self, condition):
        """GET /clob-markets/{condition_id}: the compact form with the effective fees."""
        market = self.motion.of_condition.get(condition)
        if market is None:
            return error(404, "market not found")
        info = market.info
        value = {"gst": None, "r": None, "t": [{"t": token, "o": outcome} for token, outcome in zip(market.tokens, info["outcomes"])], "mos": 5,
                 "mts": wire.number(short(market.tick)), "mbf": 1000, "tbf": 1000, "rfqe": False, "itode": False, "ibce": False,
                 "nr": info["negative"]}
        if info["rate"]:
            value["fd"] = {"r": wire.number(short(info["rate"])), "e": 1, "to": True}
        return Response(200, wire.dense(value))


def touch(book):
    """Best bid and ask, 0 and 1 where nobody is."""
    return book.best("b") or 0, book.best("a") or ONE


def ghost(market, token, manner):
    """A 0.01/0.99 book; its hash is the true book's, or (`own`) fits the ghost."""
    book = Ladder()
    book.put("b", ONE // 100, 5_000 * ONE)
    book.put("a", ONE - ONE // 100, 5_000 * ONE)
    fingerprint = market.digest(token)
    if manner == "own":
        fingerprint = digest(market.id, token, market.ms, book, market.tick, market.info["negative"], market.last[token])
    return wire.rest_book(market.id, token, market.ms, fingerprint, book, market.tick, market.info["negative"], market.last[token])


