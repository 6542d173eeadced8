"""Exact decimals as whole millionths, because a price that passes through binary floating point is a guess.

Everything in this folder that is a price, a size or money is an `int` of millionths; text is made and read here only.
"""

ONE = 1_000_000
LIMIT = (1 << 63) - 1


def short(value):
    """The shortest plain decimal of `value` millionths: `0.2`, `120.5`, `3` (Polymarket's way, and the contract's)."""
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole, part = divmod(value, ONE)
    digits = f"{part:06d}".rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def padded(value, places):
    """Plain decimal with exactly `places` decimals: Kalshi's `0.2000` and `5.00`, Polymarket's last trade `0.780`."""
    sign, value = ("-", -value) if value < 0 else ("", value)
    unit = 10 ** (6 - places)
    if value % unit:
        raise ValueError(f"{value} millionths do not fit {places} decimals")
    whole, part = divmod(value, ONE)
    return f"{sign}{whole}.{part // unit:0{places}d}"


def millionths(text):
    """Reads a plain decimal exactly; more than six decimals, an exponent or no digits is a ValueError."""
    if not isinstance(text, str):
        raise ValueError("not text")
    body = text[1:] if text[:1] == "-" else text
    whole, dot, part = body.partition(".")
    if not (whole + part).isascii() or not (whole + part).isdigit() or (dot and not part) or len(part) > 6:
        raise ValueError(f"not a decimal of at most six places: {text!r}")
    value = int(whole or "0") * ONE + int(part.ljust(6, "0") or "0")
    if value > LIMIT:
        raise ValueError("out of range")
    return -value if text[:1] == "-" else value
