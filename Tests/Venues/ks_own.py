"""An account of ours: one order at a time, its fill, the position after it (the private channels, dossier §3.6)."""

from fixed import ONE
import ks_wire as wire
from ks_world import uuid

USER = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"


class Own:
    """Rests an order now and then, fills it with a trade that happens anyway, tells the three private channels."""

    def __init__(self, venue):
        self.venue, self.order, self.positions, self.made = venue, None, {}, 0

    def active(self):
        """Whether anybody listens."""
        return any(channel in socket.by_channel for socket in self.venue.sockets for channel in ("fill", "user_orders", "market_positions"))

    def act(self):
        """Places an order, or cancels the one that rests too long."""
        rng, now = self.venue.rng, self.venue.clock()
        if self.order is None:
            self.place(rng.choice([each for each in self.venue.world.markets if each.status == "active"]))
        elif now - self.order["born"] > 15 * ONE:
            self.cancel()

    def place(self, market):
        rng = self.venue.rng
        self.made += 1
        self.order = {"id": uuid(rng), "market": market, "price": rng.randrange(1, 100) * 10_000, "left": 10 * ONE, "filled": 0,
                      "client": f"ours-{self.made}", "born": self.venue.clock(), "side": rng.choice(("yes", "no"))}
        self.tell("resting")

    def cancel(self):
        self.order["left"] = 0
        self.tell("canceled")
        self.order = None

    def tell(self, status):
        """The order as it stands."""
        order, now = self.order, self.venue.clock()
        bid = order["side"] == "yes"
        self.venue.hub.private("user_orders", "user_order", {
            "order_id": order["id"], "user_id": USER, "ticker": order["market"].ticker, "exchange_index": 0, "status": status, "side": order["side"],
            "is_yes": bid, "outcome_side": order["side"], "book_side": "bid" if bid else "ask", "yes_price_dollars": wire.dollars(order["price"]),
            "fill_count_fp": wire.count(order["filled"]), "remaining_count_fp": wire.count(order["left"]),
            "initial_count_fp": wire.count(10 * ONE), "taker_fill_cost_dollars": "0.0000", "maker_fill_cost_dollars": "0.0000",
            "taker_fees_dollars": "0.0000", "maker_fees_dollars": "0.0000", "client_order_id": order["client"],
            "created_time": wire.rfc3339(order["born"]), "created_ts_ms": order["born"] // 1000, "last_updated_ts_ms": now // 1000, "subaccount_number": 0})

    def watch(self, market, print_):
        """A trade in our order's market fills some of it. An order that nobody took for a while goes to where the trade is."""
        if self.order is None or not self.active():
            return
        if self.order["market"] is not market and not self.order["filled"] and self.venue.clock() - self.order["born"] > 5 * ONE:
            self.cancel()
            self.place(market)
        order = self.order
        if order["market"] is not market:
            return
        size = min(order["left"], print_["size"] // 10_000 * 10_000)
        if size <= 0:
            return
        order["left"] -= size
        order["filled"] += size
        bid = order["side"] == "yes"
        position = self.positions[market.ticker] = self.positions.get(market.ticker, 0) + (size if bid else -size)
        self.venue.hub.private("fill", "fill", {
            "trade_id": print_["trade_id"], "order_id": order["id"], "client_order_id": order["client"], "market_ticker": market.ticker,
            "exchange_index": 0, "is_taker": False, "side": order["side"], "yes_price_dollars": wire.dollars(print_["price"]), "count_fp": wire.count(size),
            "fee_cost": "0.0000", "action": "buy", "outcome_side": order["side"], "book_side": "bid" if bid else "ask", "ts": print_["vus"] // ONE,
            "ts_ms": print_["vus"] // 1000, "post_position_fp": wire.count(position), "purchased_side": order["side"], "subaccount": 0})
        self.venue.hub.private("market_positions", "market_position", {
            "user_id": USER, "market_ticker": market.ticker, "position_fp": wire.count(position), "position_cost_dollars": wire.dollars(0),
            "realized_pnl_dollars": "0.0000", "fees_paid_dollars": "0.0000", "position_fee_cost_dollars": "0.0000", "volume_fp": wire.count(order["filled"]),
            "subaccount": 0})
        self.tell("resting" if order["left"] else "executed")
        if not order["left"]:
            self.order = None
