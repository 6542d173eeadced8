"""The REST side (dossier §6): listings with cursors, books, trades, series, and every way of being refused."""

import base64
import re

from fixed import ONE
import ks_wire as wire
from ks_auth import REFUSED
from ks_net import Answer

ROOT = "/trade-api/v2"
STATUS = {"active": "open", "inactive": "paused", "settled": "settled", "determined": "closed", "initialized": "unopened"}
HTML = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
NO_BOOK = {"yes_dollars": [], "no_dollars": []}


class Bad(Exception):
    """A request that is answered with an error status."""

    def __init__(self, status, code, text, flat=False):
        super().__init__(text)
        self.status = status
        self.body = {"code": code, "message": text, "details": ""} if flat else {"error": {"code": code, "message": text}}


def whole(request, name, default, low, high):
    """A number from the query, refused outside its bounds."""
    text = request.get(name, str(default))
    if not re.fullmatch(r"\d{1,12}", text) or not low <= int(text) <= high:
        raise Bad(400, "invalid_parameters", f"{name} must be between {low} and {high}", flat=True)
    return int(text)


def page(request, rows, low, high, default):
    """A page of rows and the cursor of the next one, empty on the last."""
    limit = whole(request, "limit", default, low, high) or default
    cursor = request.get("cursor", "")
    try:
        start = int(base64.urlsafe_b64decode(cursor + "==").decode().removeprefix("row:")) if cursor else 0
    except ValueError:
        raise Bad(400, "invalid_cursor", "the cursor is not one of ours") from None
    following = base64.urlsafe_b64encode(f"row:{start + limit}".encode()).decode().rstrip("=") if start + limit < len(rows) else ""
    return rows[start:start + limit], following


class Bucket:
    """Requests per second with a reserve of three seconds; `rate` 0 is without limit."""

    def __init__(self, rate, clock_s):
        self.rate, self.clock_s = rate, clock_s
        self.tokens, self.last = 3 * rate, clock_s()

    def take(self):
        """Whether one more request may come now."""
        now = self.clock_s()
        self.tokens = min(3 * self.rate, self.tokens + (now - self.last) * self.rate)
        self.last = now
        if self.rate and self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Rest:
    """Answers requests. `trouble` is None, `down`, `429`, `html` or `slow`."""

    def __init__(self, venue, rate):
        self.venue, self.log = venue, venue.log
        self.bucket = Bucket(rate, lambda: venue.clock() / ONE)
        self.trouble, self.refused = None, 0

    def handle(self, request):
        """One request, from the pacing to the answer; None hangs up."""
        answer = self.answer(request)
        if answer is not None and self.trouble == "slow":
            answer.delay_s = 8
        self.log.put("rest", method=request.method, target=request.target, status=answer.status if answer else 0)
        return answer

    def answer(self, request):
        """The answer without delays."""
        if self.trouble == "down":
            return None
        if self.trouble == "html":
            return Answer(502, HTML)
        if self.trouble == "429" or not self.bucket.take():
            self.refused += 1
            return Answer(429, {"error": "too many requests"} if self.refused % 2 else {"error": {"code": "too_many_requests", "message": "too many requests"}})
        try:
            return Answer(200, self.body(request))
        except Bad as bad:
            return Answer(bad.status, bad.body)

    def body(self, request):
        """The body of a good request."""
        if request.method != "GET":
            raise Bad(405, "method_not_allowed", "only GET is served here")
        signed = "KALSHI-ACCESS-SIGNATURE" in request.headers
        why = self.venue.door.why_not("GET", request.target, request.headers) if signed else None
        path = request.path.removeprefix(ROOT).rstrip("/")
        if why or (not signed and path.startswith(("/portfolio", "/account/limits"))):
            self.log.put("rest_refused", target=request.target, why=why or "not signed")
            raise Bad(401, REFUSED["error"]["code"], REFUSED["error"]["message"])
        if not request.path.startswith(ROOT):
            raise Bad(404, "not_found", "not found")
        for pattern, act in self.routes():
            found = re.fullmatch(pattern, path)
            if found:
                return act(request, *found.groups())
        raise Bad(404, "not_found", "not found")

    def routes(self):
        """Paths and what answers them, more special ones first."""
        return (
            ("/exchange/status", self.status), ("/markets", self.markets), ("/markets/orderbooks", self.orderbooks), ("/markets/trades", self.trades),
            ("/markets/([^/]+)/orderbook", self.orderbook), ("/markets/([^/]+)", self.market),
            ("/events/fee_changes", lambda request: {"event_fee_changes": [], "cursor": ""}), ("/events", self.events), ("/events/([^/]+)", self.event),
            ("/series/fee_changes", self.fee_changes), ("/series", self.all_series), ("/series/([^/]+)", self.series),
            ("/account/limits", lambda request: {"usage_tier": "basic", "read": {"refill": 200, "capacity": 600}, "write": {"refill": 100, "capacity": 100}}),
            ("/portfolio/balance", lambda request: {"balance": 0, "balance_dollars": "0.0000", "portfolio_value": 0, "updated_ts": self.venue.clock() // ONE}),
        )

    def status(self, _):
        """Everything is open."""
        shards = [{"description": name, "exchange_active": True, "exchange_index": index, "intra_exchange_transfers_active": True, "trading_active": True}
                  for index, name in ((0, "Default"), (2, "Crypto"))]
        return {"exchange_active": True, "trading_active": True, "intra_exchange_transfers_active": True, "exchange_index_statuses": shards}

    # Markets.

    def listed(self, market):
        """One market object."""
        ladder = market.ladder
        bid, ask = ladder.best("b"), ladder.best("a")
        value = wire.listed(market.info, ladder)
        value.update({
            "status": {"settled": "finalized"}.get(market.status, market.status), "yes_bid_size_fp": wire.count(ladder.bids.get(bid, 0)),
            "yes_ask_size_fp": wire.count(ladder.asks.get(ask, 0)), "no_bid_dollars": wire.dollars(ONE - ask if ask else 0),
            "no_ask_dollars": wire.dollars(ONE - bid if bid else ONE), "last_price_dollars": wire.dollars(market.last or 0),
            "volume_fp": wire.count(market.volume), "volume_24h_fp": wire.count(market.volume), "can_close_early": True})
        if market.value is not None:
            value.update({"result": {ONE: "yes", 0: "no"}.get(market.value, "scalar"), "settlement_value_dollars": wire.dollars(market.value)})
        return value

    def chosen(self, request):
        """Markets by the query's filters, newest first."""
        rows = self.venue.world.markets[::-1]
        tickers, event, series, status = (request.get(name) for name in ("tickers", "event_ticker", "series_ticker", "status"))
        if tickers:
            wanted = set(tickers.split(","))
            rows = [each for each in rows if each.ticker in wanted]
        if event:
            rows = [each for each in rows if each.info["event"] == event]
        if series:
            rows = [each for each in rows if each.info["series"] == series]
        if status:
            if status not in STATUS.values():
                raise Bad(400, "invalid_parameters", f"unknown status {status}", flat=True)
            rows = [each for each in rows if STATUS[each.status] == status]
        return rows

    def markets(self, request):
        """`/markets`."""
        rows, cursor = page(request, self.chosen(request), 0, 1000, 100)
        return {"cursor": cursor, "markets": [self.listed(market) for market in rows]}

    def market(self, _, ticker):
        """`/markets/T`; unknown is 404."""
        market = self.venue.world.by_ticker.get(ticker)
        if market is None:
            raise Bad(404, "not_found", "market not found")
        return {"market": self.listed(market)}

    def ladders(self, ticker, depth=0):
        """The two ladders of a book, best last; an unknown ticker has an empty book."""
        market = self.venue.world.by_ticker.get(ticker)
        if market is None:
            return NO_BOOK
        yes = [[wire.dollars(p), wire.count(s)] for p, s in sorted(market.ladder.bids.items())]
        no = [[wire.dollars(ONE - p), wire.count(s)] for p, s in sorted(market.ladder.asks.items(), reverse=True)]
        return {"yes_dollars": yes[-depth:], "no_dollars": no[-depth:]}

    def orderbook(self, request, ticker):
        """`/markets/T/orderbook`: 200 and an empty book for what does not exist."""
        return {"orderbook_fp": self.ladders(ticker, whole(request, "depth", 0, 0, 100))}

    def orderbooks(self, request):
        """`/markets/orderbooks?tickers=A&tickers=B`: a comma list is one unknown ticker."""
        tickers = request.query.get("tickers", [])
        if not 1 <= len(tickers) <= 100:
            raise Bad(400, "invalid_parameters", "tickers must be given 1 to 100 times", flat=True)
        return {"orderbooks": [{"ticker": each, "orderbook_fp": self.ladders(each)} for each in tickers]}

    def trades(self, request):
        """`/markets/trades`, newest first; what is called market_ticker on the wire is ticker here."""
        low, high = whole(request, "min_ts", 0, 0, 10 ** 11) * ONE, whole(request, "max_ts", 10 ** 11, 0, 10 ** 11) * ONE
        ticker = request.get("ticker")
        rows = [each for each in reversed(self.venue.world.trades) if low <= each["vus"] <= high and ticker in (None, "", each["ticker"])]
        rows, cursor = page(request, rows, 0, 1000, 100)
        return {"cursor": cursor, "trades": [self.told(each) for each in rows]}

    def told(self, each):
        """A trade as REST tells it."""
        value = wire.trade({"ticker": each["ticker"]}, each["trade_id"], each["price"], each["size"], each["side"], each["vus"])
        ticker = value.pop("market_ticker")
        del value["ts"], value["ts_ms"]
        return {"ticker": ticker, **value, "created_time": wire.rfc3339(each["vus"])}

    # Events and series.

    def event_object(self, name, nested):
        """One event, with its markets inside if asked for."""
        value = {"event_ticker": name, "series_ticker": "KXZEMBLA", "title": f"{name} of Zembla", "sub_title": "an invented event", "category": "Invented",
                 "mutually_exclusive": False, "collateral_return_type": "", "strike_period": "day", "fee_type_override": None, "fee_multiplier_override": None}
        if nested:
            value["markets"] = [self.listed(market) for market in self.venue.world.markets if market.info["event"] == name]
        return value

    def event_names(self):
        """Every event once."""
        return list(dict.fromkeys(market.info["event"] for market in self.venue.world.markets))

    def events(self, request):
        """`/events`."""
        series = request.get("series_ticker")
        rows, cursor = page(request, self.event_names() if series in (None, "KXZEMBLA") else [], 1, 200, 200)
        nested = request.get("with_nested_markets") == "true"
        return {"cursor": cursor, "events": [self.event_object(name, nested) for name in rows]}

    def event(self, request, name):
        """`/events/E`: markets inside the event if nested, else beside it."""
        if name not in self.event_names():
            raise Bad(404, "not_found", "event not found")
        nested = request.get("with_nested_markets") == "true"
        value = {"event": self.event_object(name, nested)}
        if not nested:
            value["markets"] = [self.listed(market) for market in self.venue.world.markets if market.info["event"] == name]
        return value

    def all_series(self, _):
        """`/series`, not paginated."""
        return {"series": [wire.series("KXZEMBLA", "Zembla index")["series"]]}

    def series(self, _, name):
        """`/series/S`."""
        if name != "KXZEMBLA":
            raise Bad(404, "not_found", "series not found")
        return wire.series(name, "Zembla index")

    def fee_changes(self, _):
        """`/series/fee_changes`: one that is scheduled."""
        change = {"id": "91b3a604-1798-4dc8-9831-5ecccf5e0758", "series_ticker": "KXZEMBLA", "fee_type": "quadratic", "fee_multiplier": 1,
                  "scheduled_ts": "2027-07-03T17:00:00Z"}
        return {"series_fee_change_arr": [change]}
