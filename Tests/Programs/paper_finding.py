"""The best trade of one leg whose share pays a known sum, for `resolution_arb`: asks of sizes whether they fit, and works each out from the whole ladder."""

from fractions import Fraction

from arbitrage_oracle import GRAIN, MILLION, ceiling, floor, rounded


def settled_finding(leg, is_buying, pays, min_edge, max_size, max_cost):
    """The numbers of a trade against what a share pays; prices and sizes in millionths, `pays` in dollars."""
    reach = 0
    for price, size in leg.levels:
        gain = Fraction(price, MILLION) - pays
        if (-gain if is_buying else gain) - leg.fee.of(price) < min_edge:
            break
        reach += size

    def worth(size):
        return sum(Fraction(price * taken, MILLION**2) for price, taken in leg.filled(size))

    def capital(size):
        return worth(size) if is_buying else Fraction(size, MILLION) * pays

    low, high = 0, min(reach, max_size) // GRAIN
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if capital(middle * GRAIN) <= Fraction(max_cost, MILLION) else (low, middle - 1)
    size = low * GRAIN
    if not size:
        return None
    shares, taken = Fraction(size, MILLION), leg.filled(size)
    fee = sum(leg.fee.of(price) * Fraction(each, MILLION) for price, each in taken)
    fee = rounded(fee, leg.rounding) if fee else Fraction(0)
    paid, got = (worth(size), shares * pays) if is_buying else (shares * pays, worth(size))
    cost, payout = ceiling(paid, 6), floor(got, 6)
    profit = payout - cost - fee
    if profit <= 0 or profit < min_edge * shares:
        return None
    average = (ceiling if is_buying else floor)(worth(size) / shares, 6)
    part = {"price": Fraction(taken[-1][0], MILLION), "average_price": average, "size": shares, "fee": fee}
    return [part], {"size": shares, "cost": cost, "payout": payout, "fees": fee, "edge": floor(profit / shares, 6), "profit": profit}
