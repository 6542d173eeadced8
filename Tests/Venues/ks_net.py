"""Listening sockets that can go away and come back on their port, and HTTP/1.1 as far as a test needs it."""

import asyncio
import email.utils
import json
import socket
import struct
import urllib.parse

PHRASES = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


def cut(sock):
    """Closes a socket so that its peer sees a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class Listener:
    """One loopback port. `resetting` accepts and resets; `down()` closes the port, `up()` opens the same one again."""

    def __init__(self, factory, context=None, port=0):
        """`factory` makes a protocol; with `context` it speaks TLS."""
        self.factory, self.context, self.port = factory, context, port
        self.resetting, self.sock, self.task = False, None, None

    def up(self):
        """Opens the port."""
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(("127.0.0.1", self.port))
        self.sock.listen(256)
        self.sock.setblocking(False)
        self.port = self.sock.getsockname()[1]
        self.task = asyncio.get_running_loop().create_task(self.accept(self.sock))

    def down(self):
        """Closes the port: whoever comes is refused by the system."""
        if self.sock is not None:
            self.task.cancel()
            self.sock.close()
            self.sock = self.task = None

    async def accept(self, listening):
        """Takes connections until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(listening)
            if self.resetting:
                cut(sock)
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            loop.create_task(self.welcome(sock))

    async def welcome(self, sock):
        """Hands one connection to a protocol of its own; a failed TLS handshake is the client's affair."""
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self.factory, sock, ssl=self.context)
        except (OSError, asyncio.TimeoutError):
            sock.close()


class Request:
    """One HTTP request: method, path without query, query as lists, headers in lower case, body."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.path, _, query = target.partition("?")
        self.path = urllib.parse.unquote(self.path)
        self.query = urllib.parse.parse_qs(query, keep_blank_values=True)

    def get(self, name, default=None):
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]


class Answer:
    """One HTTP answer; `body` is an object for JSON, or text for HTML."""

    def __init__(self, status, body, headers=(), delay_s=0):
        self.status, self.headers, self.delay_s = status, list(headers), delay_s
        html = isinstance(body, str)
        self.kind = "text/html; charset=utf-8" if html else "application/json"
        self.body = body.encode() if html else json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()

    def data(self, clock_s, keep):
        """The bytes, with a Date of the venue's clock."""
        lines = [f"HTTP/1.1 {self.status} {PHRASES[self.status]}", f"Date: {email.utils.formatdate(clock_s, usegmt=True)}",
                 f"Content-Type: {self.kind}", f"Content-Length: {len(self.body)}", f"Connection: {'keep-alive' if keep else 'close'}",
                 *(f"{name}: {value}" for name, value in self.headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


async def read_request(reader):
    """The next request of a connection, or None at its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *rest = head[:-4].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in rest:
        name, _, value = line.partition(":")
        headers[name.strip().upper()] = value.strip()
    length = int(headers.get("CONTENT-LENGTH", "0"))
    return Request(method, target, headers, await reader.readexactly(length) if length else b"")


def http_factory(handle, clock_s):
    """A protocol factory; `handle(request)` gives an Answer, or None to hang up without one."""
    async def serve(reader, writer):
        try:
            while True:
                request = await read_request(reader)
                answer = handle(request)
                if answer is None:
                    writer.transport.abort()
                    return
                if answer.delay_s:
                    await asyncio.sleep(answer.delay_s)
                keep = request.headers.get("CONNECTION", "").lower() != "close"
                writer.write(answer.data(clock_s(), keep))
                await writer.drain()
                if not keep:
                    break
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    def factory():
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), serve)
    return factory
