"""What the servers of these tests share: a free port of loopback that is told, and an end to it all."""

import base64
import hashlib
import os
import signal
import socket

SECONDS_MAX = 900


def tell(*words):
    """A line on standard output in one write: several threads tell, and print would write word by word."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def listen(host="127.0.0.1", backlog=16):
    """A listening socket; its port is told on standard output, and the program ends by itself if a test forgets it."""
    signal.alarm(SECONDS_MAX)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, 0))
    listener.listen(backlog)
    tell("PORT", listener.getsockname()[1])
    return listener


def read_head(connection):
    """The lines of a request up to the blank one; what comes behind them is given as bytes."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise EOFError
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode("latin-1").split("\r\n"), rest


def header(lines, name):
    for line in lines[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


def accept_key(lines):
    key = header(lines, "Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()


def upgrade(lines, accept=None, more=""):
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"{more}Sec-WebSocket-Accept: {accept or accept_key(lines)}\r\n\r\n"
    ).encode()


def frame(opcode, payload=b"", final=True):
    first = (0x80 if final else 0) | opcode
    if len(payload) < 126:
        return bytes([first, len(payload)]) + payload
    if len(payload) < 65536:
        return bytes([first, 126]) + len(payload).to_bytes(2, "big") + payload
    return bytes([first, 127]) + len(payload).to_bytes(8, "big") + payload


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_frame(connection):
    """One masked frame of a client: opcode and payload."""
    first, second = read_exactly(connection, 2)
    assert second & 0x80, "a client masks"
    length = second & 0x7F
    if length == 126:
        length = int.from_bytes(read_exactly(connection, 2), "big")
    elif length == 127:
        length = int.from_bytes(read_exactly(connection, 8), "big")
    mask = read_exactly(connection, 4)
    payload = read_exactly(connection, length)
    return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
