"""Faults of sockets, of the doors to the venue, and of REST."""

import socket as sockets

from ks_net import Answer
from ks_rest import HTML

KINDS = {}
CLOSES = (1000, 1001, 1008, 1011, 1012, 1013, 4000)
TCP_ENDED = (7, 8)  # closed by a reset, or by the peer


def kind(act):
    """Puts a function into the catalog under its name."""
    KINDS[act.__name__] = act
    return act


def of_socket(act):
    """For faults of one socket, which are over when it is gone."""
    def wrapped(fault, rng):
        if fault.socket is None or not fault.socket.open:
            return "no socket"
        fault.args["of_socket"] = True
        return act(fault, rng)
    wrapped.__name__ = act.__name__
    return kind(wrapped)


@of_socket
def drop(fault, rng):
    """The TCP connection ends without a close frame, with or without a good-bye in TLS (1006)."""
    fault.socket.drop(fault.args.setdefault("polite", bool(rng.randrange(2))))


@of_socket
def reset(fault, rng):
    """The TCP connection is reset."""
    fault.socket.reset()


@of_socket
def close(fault, rng):
    """A close frame with a code."""
    fault.socket.close(fault.args.setdefault("code", rng.choice(CLOSES)), fault.args.get("reason", "so it goes"))


def silence(fault, rng, silent):
    """No data for a time, shorter or longer than a client's patience; afterwards a hole, or everything at once."""
    patience = fault.venue.options.patience
    mode = fault.args.setdefault("mode", rng.choice(("hole", "burst")))
    socket = fault.socket
    socket.stalled, socket.silent = mode, silent

    def undo():
        socket.stalled, socket.silent = None, False
    fault.lasts(rng.choice((0.15, 1.6, 1.6)) * patience, undo)


@of_socket
def stall(fault, rng):
    """No data, while pings go on."""
    silence(fault, rng, False)


@of_socket
def stall_silent(fault, rng):
    """Neither data nor pings."""
    silence(fault, rng, True)


@of_socket
def half_open(fault, rng):
    """The peer is gone and nobody says so: nothing comes, nothing is read."""
    socket = fault.socket
    socket.half_open = True
    socket.protocol.transport.pause_reading()
    raw = socket.raw()

    def left():
        try:
            return raw.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_INFO, 1)[0] in TCP_ENDED
        except OSError:
            return True

    def undo():
        socket.drop()
    fault.lasts(4 * fault.venue.options.patience, undo, left)


@of_socket
def throttle(fault, rng):
    """Frames leave slowly for a time; then the rest comes at once."""
    socket = fault.socket
    socket.per_turn = fault.args.get("bytes_per_turn", 4)

    def undo():
        socket.per_turn = None
    fault.lasts(rng.choice((2, 4)), undo)


@of_socket
def fragments(fault, rng):
    """Frames come one byte at a time, with pings between the bytes."""
    socket = fault.socket
    socket.fragments = fault.args.get("frames", rng.randrange(3, 30))
    fault.lasts(15, over_when=lambda: socket.fragments == 0)


def drop_all(fault):
    """Every socket is lost."""
    fault.socket = None
    for socket in list(fault.venue.sockets):
        socket.drop()


def refusal(name, status, body, times=None, seconds=2, headers=()):
    """Upgrades are refused, a number of times or for a while; the connections are lost first."""
    def act(fault, rng):
        left = [fault.args.get("times", times)]
        seen = fault.args.get("status", status)

        def refuse():
            if left[0] is not None:
                left[0] -= 1
                if left[0] <= 0:
                    fault.venue.later(0, lambda: fault.venue.refusals.remove(refuse) if refuse in fault.venue.refusals else None)
            chosen = headers if not callable(headers) else headers(rng)
            return Answer(seen, body, chosen)

        def undo():
            if refuse in fault.venue.refusals:
                fault.venue.refusals.remove(refuse)
        fault.venue.refusals.append(refuse)
        drop_all(fault)
        fault.lasts(seconds if times is None else 30, undo, lambda: refuse not in fault.venue.refusals)
    act.__name__ = name
    return kind(act)


JSON_ERROR = {"error": {"code": "internal_error", "message": "internal error"}}
refusal("refuse401", 401, {"error": {"code": "token_authentication_failure", "message": "token authentication failure"}}, times=1)
refusal("refuse403", 403, HTML.replace("502 Bad Gateway", "403 Forbidden"), times=1)
refusal("refuse429", 429, {"error": "too many requests"}, headers=lambda rng: rng.choice(((), (("Retry-After", "1"),))))
refusal("refuse500", 500, HTML.replace("502 Bad Gateway", "500 Internal Server Error"))
refusal("refuse503", 503, JSON_ERROR)
refusal("refuse302", 302, "", headers=(("Location", "https://kalshi.com/maintenance"),))


@kind
def server_down(fault, rng):
    """Both ports are closed for some seconds, and every connection is lost."""
    listeners = [fault.venue.listeners[name] for name in ("ws", "rest")]
    drop_all(fault)
    fault.venue.rest.trouble = "down"
    for listener in listeners:
        listener.down()

    def undo():
        fault.venue.rest.trouble = None
        for listener in listeners:
            listener.up()
    fault.lasts(rng.uniform(1, 5), undo)


@kind
def accept_then_reset(fault, rng):
    """Connections are accepted and reset at once."""
    listener = fault.venue.listeners["ws"]
    listener.resetting = True
    drop_all(fault)

    def undo():
        listener.resetting = False
    fault.lasts(rng.uniform(1, 4), undo)


def rest_trouble(trouble):
    """REST is out of order in one way; the stream goes on."""
    def act(fault, rng):
        rest = fault.venue.rest
        rest.trouble = trouble
        fault.socket = None

        def undo():
            rest.trouble = None
        fault.lasts(rng.uniform(1, 4), undo)
        if fault.args.get("drop", bool(rng.randrange(2))):
            for socket in list(fault.venue.sockets):
                socket.drop()
    act.__name__ = f"rest_{trouble}"
    return kind(act)


for each in ("down", "429", "html", "slow"):
    rest_trouble(each)
