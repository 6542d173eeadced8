"""A server over plain sockets that does what no library would. usage: raw.py [--tls CERTIFICATE KEY] BEHAVIOUR [WORD…]

What the client sends is told, a line a frame: CLIENT opcode payload in hex.
"""

import random
import socket
import ssl
import struct
import sys
import threading
import time

import serving
from serving import frame, upgrade


def handshake(connection, more=b""):
    lines, _ = serving.read_head(connection)
    connection.sendall(upgrade(lines) + more)
    return lines


def tell_frames(connection):
    """Until the client has closed or ended the connection."""
    try:
        while True:
            opcode, payload = serving.read_frame(connection)
            serving.tell("CLIENT", opcode, payload.hex() or "-")
            if opcode == 8:
                return
    except EOFError:
        serving.tell("CLIENT ended")
    except OSError as error:
        serving.tell("CLIENT broke", error)


def await_end(connection):
    try:
        while connection.recv(65536):
            pass
        serving.tell("CLIENT ended")
    except OSError as error:
        serving.tell("CLIENT broke", error)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def dribble(connection):
    """Everything one byte at a time."""
    lines, _ = serving.read_head(connection)
    stream = upgrade(lines) + frame(1, b"one") + frame(9, b"ping") + frame(1, b"two ", False) + frame(10) + frame(9, b"in between")
    stream += frame(0, b"halves \xe2", False) + frame(0, b"\x82\xac") + frame(2, bytes(200)) + frame(8, b"\x0f\xa1ta \x1b[31m")
    for byte in stream:
        connection.sendall(bytes([byte]))
    tell_frames(connection)


def together(connection):
    """The first frames come in one segment with the answer."""
    handshake(connection, frame(1, b"early") + frame(8, b"\x03\xe8"))
    tell_frames(connection)


def send_frames(connection, words):
    """The bytes of WORD, in hex, then what the client says to them."""
    handshake(connection, b"".join(bytes.fromhex(word) for word in words))
    tell_frames(connection)
    await_end(connection)


def never_answers_close(connection):
    handshake(connection)
    connection.sendall(frame(1, b"hello"))
    tell_frames(connection)
    connection.sendall(frame(1, b"still here"))
    await_end(connection)


def never_ends(connection):
    """Closes as it should, and then keeps the connection for ever."""
    handshake(connection, frame(8, b"\x03\xe9"))
    tell_frames(connection)
    await_end(connection)


def end_after(connection, words):
    """The bytes of WORD, in hex; then the end, with a FIN, a RST, or (over TLS) without close_notify."""
    handshake(connection, bytes.fromhex(words[1]))
    if words[0] == "reset":
        connection.recv(1)
        reset(connection)
    elif words[0] == "cut":
        connection.detach_and_close()
    else:
        connection.close()


def stay(connection):
    handshake(connection)
    time.sleep(serving.SECONDS_MAX)


def answer(connection, words):
    """WORD as the answer, with its escapes; then the end unless WORD is stay."""
    serving.read_head(connection)
    connection.sendall(words[0].encode().decode("unicode_escape").encode("latin-1"))
    if words[1:] == ["stay"]:
        await_end(connection)


def greet_first(connection, words):
    """WORD before anything was asked."""
    connection.sendall(words[0].encode().decode("unicode_escape").encode("latin-1"))
    await_end(connection)


def cuts(connection):
    """A stream in random pieces, cut at a random place; tells how many messages went out whole. The path is the seed."""
    lines, _ = serving.read_head(connection)
    seed = int(lines[0].split()[1].strip("/"))
    chance = random.Random(seed)
    stream, ends = upgrade(lines), []
    for number in range(chance.randrange(1, 40)):
        payload = (f"{number}:" + "é" * chance.choice([0, 1, 5, 70, 500, 40000])).encode()
        if chance.random() < 0.3:
            cut = chance.randrange(len(payload) + 1)
            stream += frame(1, payload[:cut], False) + frame(9, b"?") + frame(0, payload[cut:])
        else:
            stream += frame(1, payload)
        ends.append(len(stream))
    head = len(upgrade(lines))
    end = chance.choice([len(stream), chance.randrange(head, len(stream) + 1), chance.randrange(0, head)])
    stream = stream[:end]
    at = 0
    while at < len(stream):
        size = chance.choice([1, 2, 3, 14, 1000, 100000])
        connection.sendall(stream[at:at + size])
        at += size
        if chance.random() < 0.2:
            time.sleep(chance.random() * 0.002)
    serving.tell("CUT", seed, sum(1 for place in ends if place <= end), int(end < head))
    # The pongs are read, else the end would be a RST, which overtakes what was sent.
    connection.shutdown(socket.SHUT_WR)
    await_end(connection)


class Wrapped:
    """A TLS socket that can also be cut off without close_notify."""

    def __init__(self, secure, plain):
        self.secure, self.plain = secure, plain

    def __getattr__(self, name):
        return getattr(self.secure, name)

    def close(self):
        try:
            self.secure.unwrap()
        except OSError:
            pass
        self.secure.close()

    def detach_and_close(self):
        self.secure.shutdown(socket.SHUT_RDWR)
        self.secure.close()


def serve(connection, context, what, words):
    try:
        if what == "mute":
            time.sleep(serving.SECONDS_MAX)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            connection = Wrapped(context.wrap_socket(connection, server_side=True), connection)
        behaviour = globals()[what.replace("-", "_")]
        if words:
            behaviour(connection, words)
        else:
            behaviour(connection)
        connection.close()
    except (OSError, EOFError) as error:
        serving.tell("SERVER", repr(error))


def main():
    words = sys.argv[1:]
    context = None
    if words[0] == "--tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(words[1], words[2])
        words = words[3:]
    host = "127.0.0.1"
    if words[0] == "--host":
        host, words = words[1], words[2:]
    listener = serving.listen(host)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, context, words[0], words[1:]), daemon=True).start()


main()
