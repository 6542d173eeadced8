"""What local venues share: the truth log, certificates made on the fly, loopback listeners, a small HTTP server, the control port.

Nothing here knows a venue. Everything runs on one asyncio loop, on loopback, and dies with the process.
"""

import asyncio
import email.utils
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import time
import urllib.parse

ORACLE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Oracle")
if ORACLE not in sys.path:
    sys.path.append(ORACLE)

BODY_BYTES_MAX = 32 << 20
REASONS = {
    200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    413: "Payload Too Large", 422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway",
    503: "Service Unavailable",
}


def now_us():
    """The wall clock in microseconds, as the feed's `recv_us` has it."""
    return time.time_ns() // 1000


def compact(value):
    """JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class TruthLog:
    """An NDJSON file of what was true; each line has `t` and `us`. Without a path nothing is written."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8") if path else None
        self.dirty = False

    def __bool__(self):
        return self.file is not None

    def tell(self, kind, /, **facts):
        """One line; flushed before the loop does anything else."""
        if self.file is None:
            return
        self.file.write(compact({"t": kind, "us": now_us(), **facts}) + "\n")
        if not self.dirty:
            self.dirty = True
            asyncio.get_running_loop().call_soon(self.flush)

    def end(self, **facts):
        """The last line."""
        self.tell("end", **facts)
        self.flush()
        self.file = None

    def flush(self):
        """Brings what was told to the file."""
        self.dirty = False
        if self.file:
            self.file.flush()


# Certificates.


def openssl(folder, *arguments):
    """Runs the openssl command; its complaints are ours."""
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"openssl {arguments[0]} failed in {folder}: {done.stderr.strip()}")


def certificates(folder):
    """A test authority and a server certificate for localhost; gives (path of the authority, server's TLS context)."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=mktpipe test authority",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl(folder, "req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    with open(os.path.join(folder, "server.ext"), "w", encoding="utf-8") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n")
    openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-out", "server.pem", "-extfile", "server.ext")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    return os.path.join(folder, "ca.pem"), context


# Listening.


def loopback_sockets(port):
    """Listening sockets on 127.0.0.1 and, where there is one, ::1, with one port number for both."""
    first = listening(socket.AF_INET, "127.0.0.1", port)
    port = first.getsockname()[1]
    try:
        return [first, listening(socket.AF_INET6, "::1", port)], port
    except OSError:
        return [first], port


def listening(family, host, port):
    """One listening socket."""
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def reset(transport):
    """Ends a TCP connection by RST."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Resetter(asyncio.Protocol):
    """Accepts a connection and resets it at once."""

    def connection_made(self, transport):
        reset(transport)


class Listener:
    """A port that can go away and come back; `factory` makes a protocol per connection."""

    def __init__(self, factory, tls=None):
        self.factory, self.tls, self.port, self.servers = factory, tls, 0, []

    async def open(self, factory=None, tls=True):
        """Listens; the port is kept for the next time. Another `factory` may stand in, without TLS if need be."""
        loop = asyncio.get_running_loop()
        sockets, self.port = loopback_sockets(self.port)
        for each in sockets:
            server = await loop.create_server(factory or self.factory, sock=each, ssl=self.tls if tls else None, backlog=512)
            self.servers.append(server)

    def close(self):
        """Stops listening; connections live on."""
        for server in self.servers:
            server.close()
        self.servers = []


# HTTP.


class Request:
    """One HTTP request: `query` holds lists, as parameters may be repeated."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        parts = urllib.parse.urlsplit(target)
        self.path = urllib.parse.unquote(parts.path)
        self.query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)

    def one(self, name, default=None):
        """The last value of a parameter."""
        return self.query.get(name, [default])[-1]

    def many(self, name):
        """All values of a parameter, given again and again or separated by commas."""
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]

    def json(self):
        """The body as JSON; a ValueError if it is none."""
        return json.loads(self.body.decode() or "null")


class Response:
    """An answer. `delay` seconds come before it, `speed` is bytes a second, `cut` resets the connection after that many bytes."""

    def __init__(self, status=200, body=b"", kind="application/json", headers=(), delay=0.0, speed=0, cut=None):
        self.status, self.kind, self.headers = status, kind, dict(headers)
        self.body = body if isinstance(body, bytes) else (body if isinstance(body, str) else compact(body)).encode()
        self.delay, self.speed, self.cut = delay, speed, cut


class HttpServer:
    """HTTP/1.1 with keep-alive over a `Listener`; `answer(request)` gives a `Response` or awaits one."""

    def __init__(self, answer, tls=None):
        self.answer, self.skew_seconds, self.writers = answer, 0, set()
        self.listener = Listener(self.protocol, tls)

    def protocol(self):
        """A protocol that calls `serve` for each connection."""
        loop = asyncio.get_running_loop()
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(limit=1 << 20, loop=loop), self.serve, loop=loop)

    async def serve(self, reader, writer):
        """Requests of one connection, one after the other."""
        self.writers.add(writer)
        try:
            while await self.exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, ssl.SSLError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def exchange(self, reader, writer):
        """One request and its answer; whether another may follow."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, version = head[0].split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await self.read_body(reader, writer, headers)
        response = self.answer(Request(method, target, headers, body))
        if asyncio.iscoroutine(response):
            response = await response
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        await self.write(writer, response, keep, method == "HEAD")
        return keep and response.cut is None

    async def read_body(self, reader, writer, headers):
        """A body by length or in chunks; `Expect: 100-continue` is obeyed."""
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readuntil(b"\r\n")
            return body
        length = int(headers.get("content-length", "0"))
        if length > BODY_BYTES_MAX:
            raise ValueError("body too long")
        return await reader.readexactly(length)

    async def write(self, writer, response, keep, headless):
        """Head and body; slowly, late or in part where the answer says so."""
        if response.delay:
            await asyncio.sleep(response.delay)
        lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Status')}",
                 f"Date: {email.utils.formatdate(time.time() + self.skew_seconds, usegmt=True)}", f"Content-Type: {response.kind}",
                 f"Content-Length: {len(response.body)}", f"Connection: {'keep-alive' if keep else 'close'}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        data = ("\r\n".join(lines) + "\r\n\r\n").encode() + (b"" if headless else response.body)
        if response.cut is not None:
            writer.write(data[:response.cut])
            await writer.drain()
            reset(writer.transport)
            return
        step = max(1, response.speed // 10) if response.speed else len(data)
        for start in range(0, len(data), step):
            writer.write(data[start:start + step])
            await writer.drain()
            if response.speed:
                await asyncio.sleep(0.1)

    def cut_all(self):
        """Resets every connection."""
        for writer in list(self.writers):
            reset(writer.transport)


class ControlServer(HttpServer):
    """The control port: `POST /` with a JSON object goes to `command(object)`, `GET /NAME` to `look(name)`; both give JSON."""

    def __init__(self, command, look):
        super().__init__(self.route)
        self.command, self.look = command, look

    async def route(self, request):
        """One command; a wrong one is answered by 400 and why."""
        try:
            if request.method == "POST":
                value = request.json()
                if not isinstance(value, dict):
                    raise ValueError("a command is a JSON object")
                return Response(200, await self.command(value))
            return Response(200, self.look(request.path.strip("/")))
        except (KeyError, ValueError, TypeError) as error:
            return Response(400, {"error": f"{type(error).__name__}: {error}"})


def say_ready(facts):
    """The one line on standard output that tells a test where everything is."""
    sys.stdout.write(compact(facts) + "\n")
    sys.stdout.flush()
