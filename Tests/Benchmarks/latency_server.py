"""Plays a prepared session to the first WebSocket that subscribes, over TLS, one frame every 1/RATE s, and tells when each was written.

usage: latency_server.py SESSION CERTIFICATE KEY LOG --rate N [--settle SECONDS]

SESSION is what `latency_session.py` has written. One thread with one blocking wait, so that the server takes as little of the
processor as it can: it sleeps until the next frame is due or the feed says something, and never spins. LOG gets, for each paced frame,
its number, the time of the write and how late that was, in nanoseconds. Says `begins` on standard output before
the first of them and `done` a while after the last.
"""

import argparse
import array
import base64
import ctypes
import gc
import hashlib
import http.server
import json
import select
import socket
import ssl
import threading
import time

from server_frames import framed

PR_SET_TIMERSLACK = 29
ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer:
    """The feed's end of the socket: its handshake, its commands, its pings.

    Kalshi's commands are answered channel by channel with the recorded ids (`sids`), Polymarket's by its books.
    """

    def __init__(self, sock, sids):
        self.sock, self.sids, self.bytes, self.wanted = sock, sids, b"", len(sids) or 1
        self.open = []

    def shake(self):
        while b"\r\n\r\n" not in self.bytes:
            self.bytes += self.sock.recv(65536)
        head, _, self.bytes = self.bytes.partition(b"\r\n\r\n")
        key = next(line.split(b":", 1)[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
        accept = base64.b64encode(hashlib.sha1(key + ACCEPT).digest())
        self.sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")

    def wait(self, seconds):
        """Sleeps for so long; answers what the feed says meanwhile."""
        if not select.select([self.sock], [], [], seconds)[0]:
            return
        got = self.sock.recv(65536)
        if not got:
            raise ConnectionError("the feed has gone")
        self.bytes += got
        while (frame := self.frame()) is not None:
            code, text = frame
            if code == 9:
                self.sock.sendall(bytes([0x8A, len(text)]) + text)
            elif text == b"PING":
                self.sock.sendall(framed("PONG"))
            elif code == 1:
                self.obey(json.loads(text))

    def obey(self, command):
        """Answers a command; `wanted` is how many are still to come before the session begins."""
        if not self.sids:
            self.wanted -= 1
        elif command["cmd"] == "list_subscriptions":
            self.say({"id": command["id"], "type": "ok", "msg": [{"channel": channel, "sid": self.sids[channel]} for channel in self.open]})
        for channel in command.get("params", {}).get("channels", []):
            self.open.append(channel)
            self.say({"type": "subscribed", "id": command["id"], "msg": {"channel": channel, "sid": self.sids[channel]}})
            self.wanted -= 1

    def say(self, value):
        self.sock.sendall(framed(json.dumps(value, separators=(",", ":")) + "\n"))

    def frame(self):
        """The next whole frame of a client, unmasked: its opcode and its text; nothing while it is not all here."""
        if len(self.bytes) < 6:
            return None
        size, at = self.bytes[1] & 0x7F, 2
        if size > 125:
            width = {126: 2, 127: 8}[size]
            size, at = int.from_bytes(self.bytes[2:2 + width], "big"), 2 + width
        if len(self.bytes) < at + 4 + size:
            return None
        mask, body = self.bytes[at:at + 4], self.bytes[at + 4:at + 4 + size]
        code, self.bytes = self.bytes[0] & 15, self.bytes[at + 4 + size:]
        return code, bytes(byte ^ mask[place % 4] for place, byte in enumerate(body))


def play(peer, session, args):
    """The session; gives the numbers, times and delays of what was paced."""
    frames = [framed(text) for text in session["frames"]]
    setup, write, wait = session["setup"], peer.sock.sendall, peer.wait
    while peer.wanted > 0:
        wait(10)
    for frame in frames[:0 if peer.sids else setup]:
        write(frame)
    # What the feed asks REST for about these goes by.
    settled = time.monotonic() + args.settle
    while (left := settled - time.monotonic()) > 0:
        wait(left)
    print("begins", flush=True)
    log, interval, begin = array.array("q"), 1e9 / args.rate, time.monotonic_ns()
    gc.disable()
    for number in range(setup, len(frames)):
        due = begin + int((number - setup) * interval)
        while (left := due - time.monotonic_ns()) > 0:
            wait(left / 1e9)
        log.extend((number, time.time_ns(), -left))
        write(frames[number])
    gc.enable()
    ended = time.monotonic() + args.settle
    while (left := ended - time.monotonic()) > 0:
        wait(left)
    return log


def rest(answers, nothing, tls):
    """Answers REST by path, on a thread of its own; gives the port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # pylint: disable=invalid-name
            body = answers.get(self.path.split("?")[0], nothing).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format, *args):  # pylint: disable=redefined-builtin
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    parser = argparse.ArgumentParser()
    for name in ("session", "certificate", "key", "log"):
        parser.add_argument(name)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--settle", type=float, default=1)
    args = parser.parse_args()
    with open(args.session, encoding="utf-8") as file:
        session = json.load(file)
    # A sleeper is woken when it asks to be, not up to 50 µs later.
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(args.certificate, args.key)
    listener = socket.create_server(("127.0.0.1", 0))
    ready = {"ws": f"wss://localhost:{listener.getsockname()[1]}/ws", "rest": f"https://localhost:{rest(session['answers'], session['nothing'], tls)}"}
    print(json.dumps(ready), flush=True)
    sock = listener.accept()[0]
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer = Peer(tls.wrap_socket(sock, server_side=True), session["sids"])
    peer.shake()
    log = play(peer, session, args)
    with open(args.log, "w", encoding="utf-8") as file:
        file.writelines(f"{log[at]} {log[at + 1]} {log[at + 2]}\n" for at in range(0, len(log), 3))
    print("done", flush=True)
    # The feed is asked to stop now; it goes first.
    try:
        while True:
            peer.wait(60)
    except (ConnectionError, OSError):
        pass


if __name__ == "__main__":
    main()
