"""Gamma, the metadata interface (dossier §4.2): markets and events by slug, id or token, in pages, with the field types it really has."""

import json

import pm_wire as wire
from fixed import ONE, short
from venue_common import Response

LIMIT_MAX, LIMIT_DEFAULT = 100, 20
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


class Refused(Exception):
    """A request that Gamma answers with 4xx."""

    def __init__(self, status, text):
        super().__init__(text)
        self.response = Response(status, {"type": "validation error" if status == 422 else "error", "error": text})


def stamp(us):
    """ISO-8601 with Z."""
    import datetime
    return datetime.datetime.fromtimestamp(us // ONE, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Gamma:
    """Answers one request; `trouble` may stand between."""

    def __init__(self, motion, trouble):
        self.motion, self.trouble = motion, trouble

    def answer(self, request):
        """The answer to a request, after whatever fault is on."""
        return self.trouble.rest("gamma", request) or self.route(request)

    def route(self, request):
        """The answer of a healthy venue."""
        if request.method not in ("GET", "HEAD"):
            return Response(405, {"error": "method not allowed"})
        parts = request.path.strip("/").split("/")
        try:
            if parts[0] in ("markets", "events") and len(parts) == 1:
                return self.by_offset(parts[0], request)
            if parts[0] in ("markets", "events") and parts[1:] == ["keyset"]:
                return self.by_key(parts[0], request)
            if parts[0] in ("markets", "events"):
                return self.single(parts[0], parts[1:])
            if parts[0] == "tags":
                return self.tags(parts[1:])
        except Refused as refused:
            return refused.response
        return Response(404, {"type": "not found error", "error": "not found"})

    # What there is.

    def market(self, market, inside_event=False):
        """One market object."""
        info = market.info
        value = json.loads(json.dumps(wire.gamma_market(info, *market.top())))
        paid = ["1" if token == market.winner else "0" for token in market.tokens]
        value["outcomePrices"] = json.dumps(paid if market.gamma_done else ["0.5", "0.5"])
        value["orderPriceMinTickSize"] = wire.number(short(market.tick))
        value.update({
            "active": True, "closed": market.gamma_done, "acceptingOrders": market.has_book and not market.done,
            "volume": cents(info["volume_cents"]), "volumeNum": wire.number(cents(info["volume_cents"])), "volume24hr": wire.number(cents(info["volume_cents"] // 7)),
            "liquidity": cents(info["volume_cents"] // 11), "liquidityNum": wire.number(cents(info["volume_cents"] // 11)),
            "createdAt": stamp(self.motion.started_us - 40 * 86_400 * ONE), "updatedAt": stamp(market.ms * 1000 or self.motion.started_us),
            "endDate": stamp(self.motion.started_us + info["ends_us"]), "umaResolutionStatuses": '["proposed"]' if market.gamma_done else "[]",
            "negRiskOther": info["negative"] and info["volume_cents"] % 5 == 0, "automaticallyResolved": market.gamma_done})
        if market.gamma_done:
            value["umaResolutionStatus"] = "resolved"
            value["closedTime"] = stamp(market.ms * 1000).replace("T", " ").replace("Z", "+00")
        if inside_event:
            del value["events"]
        return value

    def events(self):
        """All events: id → (facts, markets)."""
        found = {}
        for market in self.motion.markets:
            found.setdefault(market.info["event_id"], []).append(market)
        return found

    def event(self, markets):
        """One event object with its markets."""
        info = markets[0].info
        volume = sum(market.info["volume_cents"] for market in markets)
        return {"id": info["event_id"], "ticker": info["event"], "slug": info["event"], "title": info["event_title"],
                "description": "An invented vote.", "active": True, "closed": all(market.gamma_done for market in markets), "archived": False,
                "negRisk": info["negative"], "enableNegRisk": info["negative"], "negRiskAugmented": info["negative"],
                "volume": wire.number(cents(volume)), "volume24hr": wire.number(cents(volume // 7)), "liquidity": wire.number(cents(volume // 11)),
                "endDate": stamp(self.motion.started_us + info["ends_us"]),
                "tags": info["tags"], "markets": [self.market(market, inside_event=True) for market in markets]}

    # Choosing.

    def chosen(self, kind, request):
        """Markets, or lists of markets of an event, that pass the filters and are in the order asked for."""
        rows = [[market] for market in self.motion.markets] if kind == "markets" else list(self.events().values())
        wanted = closed_filter(request)
        rows = [row for row in rows if wanted is None or all(market.gamma_done for market in row) is wanted]
        for name, key in (("id", "id" if kind == "markets" else "event_id"), ("slug", "slug" if kind == "markets" else "event")):
            if request.many(name):
                rows = [row for row in rows if row[0].info[key] in request.many(name)]
        for name, of in (("condition_ids", lambda market: {market.id}), ("clob_token_ids", lambda market: set(market.tokens)),
                         ("tag_id", lambda market: {tag["id"] for tag in market.info["tags"]}),
                         ("tag_slug", lambda market: {tag["slug"] for tag in market.info["tags"]})):
            if request.many(name):
                rows = [row for row in rows if any(of(market) & set(request.many(name)) for market in row)]
        return self.ordered(rows, request)

    @staticmethod
    def ordered(rows, request):
        """By the first known key of `order`; else as they were made."""
        order = request.one("order", "").split(",")[0]
        keys = {"volume24hr": lambda row: sum(each.info["volume_cents"] // 7 for each in row), "id": lambda row: int(row[0].info["id"]),
                "endDate": lambda row: row[0].info["ends_us"]}
        for alias in ("volume", "volumeNum", "volume_num", "volume_24hr", "liquidity", "liquidityNum"):
            keys[alias] = keys["volume24hr"]
        if order and order not in keys:
            raise Refused(422, f"order fields are not valid: {order}")
        ascending = BOOLEANS.get(request.one("ascending", "true" if not order else "false").lower(), True)
        return sorted(rows, key=keys[order], reverse=not ascending) if order else rows

    def show(self, kind, row):
        """One object of a listing."""
        return self.market(row[0]) if kind == "markets" else self.event(row)

    def by_offset(self, kind, request):
        """GET /markets and /events: a bare array."""
        limit, offset = whole(request, "limit", LIMIT_DEFAULT, 500), whole(request, "offset", 0, 1 << 40)
        rows = self.chosen(kind, request)[offset:offset + limit]
        return Response(200, wire.dense([self.show(kind, row) for row in rows]))

    def by_key(self, kind, request):
        """GET /markets/keyset and /events/keyset: a page and the cursor of the next, which the last page lacks."""
        if "offset" in request.query:
            raise Refused(422, "offset is not supported, use after_cursor")
        limit = whole(request, "limit", LIMIT_DEFAULT, 1 << 40)
        if limit > LIMIT_MAX:
            raise Refused(422, f"limit must be at most {LIMIT_MAX}")
        rows = self.chosen(kind, request)
        start = 0
        if cursor := request.one("after_cursor"):
            keys = [f"k{row[0].info['id']}" for row in rows]
            if cursor not in keys:
                raise Refused(422, "after_cursor is not valid")
            start = keys.index(cursor) + 1
        page = rows[start:start + limit]
        value = {kind: [self.show(kind, row) for row in page]}
        if start + limit < len(rows):
            value["next_cursor"] = f"k{page[-1][0].info['id']}"
        return Response(200, wire.dense(value))

    def single(self, kind, rest):
        """GET /markets/{id}, /markets/slug/{slug} and the same for events."""
        name = rest[-1]
        key = {"markets": ("id", "slug"), "events": ("event_id", "event")}[kind][rest[0] == "slug" and len(rest) == 2]
        rows = [market for market in self.motion.markets if market.info[key] == name]
        if not rows:
            raise Refused(404, f"{kind[:-1]} not found")
        return Response(200, wire.dense(self.show(kind, rows[:1] if kind == "markets" else rows)))

    def tags(self, rest):
        """GET /tags, /tags/{id}, /tags/slug/{slug}."""
        known = {tag["id"]: tag for market in self.motion.markets for tag in market.info["tags"]}
        if not rest:
            return Response(200, list(known.values()))
        for tag in known.values():
            if rest[-1] == tag["slug" if rest[0] == "slug" else "id"]:
                return Response(200, tag)
        raise Refused(404, "tag not found")


def cents(value):
    """Money as text."""
    return short(value * 10_000)


def whole(request, name, default, most):
    """A whole number of the query."""
    text = request.one(name, str(default))
    if not text.isdigit():
        raise Refused(422, f"{name} is not a whole number")
    return min(int(text), most)


def closed_filter(request):
    """`closed` is false where it is not given."""
    text = request.one("closed", "false").lower()
    if text not in BOOLEANS:
        raise Refused(422, "closed is not true or false")
    return BOOLEANS[text]
