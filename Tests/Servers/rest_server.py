"""A small HTTP/1.1 server for the tests of the REST client; says its port on standard output, ends with its standard input.

usage: rest_server.py [FOLDER]    FOLDER holds server.pem and server.key: TLS
"""
import gzip
import json
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SECONDS_MAX = 60


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    lock = threading.Lock()
    connections = 0
    open_now = 0
    open_most = 0
    requests = 0
    tls = None

    def process_request(self, request, address):
        with self.lock:
            self.connections += 1
            self.open_now += 1
            self.open_most = max(self.open_most, self.open_now)
        super().process_request(request, address)

    def finish_request(self, request, address):
        try:
            if self.tls:
                request = self.tls.wrap_socket(request, server_side=True)
            super().finish_request(request, address)
        finally:
            if self.tls:
                try:
                    request.close()
                except OSError:
                    pass
            with self.lock:
                self.open_now -= 1

    def handle_error(self, request, address):
        pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_MAX
    server_version = "test"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.body = b""
        self.route()

    def do_POST(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.route()

    def route(self):
        with self.server.lock:
            self.server.requests += 1
        parts = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        getattr(self, "at_" + parts.path.strip("/"), self.at_nowhere)(asked)

    def at_nowhere(self, _):
        self.answer(404, b'{"error":"not found"}')

    def at_json(self, _):
        self.answer(200, b'{"ok":true}')

    def at_status(self, asked):
        self.answer(int(asked["code"]), b'{"error":"as asked"}')

    def at_busy(self, asked):
        self.answer(429, b"<html>slow down</html>", "text/html; charset=utf-8", [("Retry-After", asked["after"])])

    def at_failed(self, _):
        self.answer(500, b"<html><h1>oops</h1></html>", "text/html")

    def at_gzip(self, asked):
        body = b"x" * int(asked["bytes"])
        self.answer(200, gzip.compress(body), "text/plain", [("Content-Encoding", "gzip")])

    def at_badgzip(self, _):
        self.answer(200, b"this is not gzip", "text/plain", [("Content-Encoding", "gzip")])

    def at_chunked(self, asked):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(int(asked["chunks"])):
            piece = b"%d," % number
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        if "cut" in asked:
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def at_big(self, asked):
        """A body of a length that is told."""
        self.answer(200, b"b" * int(asked["bytes"]), "application/octet-stream")

    def at_endless(self, _):
        """A body without a length, until nobody listens."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            self.wfile.write(b"e" * 65536)

    def at_echo(self, _):
        """What came, as JSON."""
        said = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.body.decode("latin-1"),
        }
        self.answer(200, json.dumps(said).encode())

    def at_slow(self, asked):
        time.sleep(float(asked["seconds"]))
        self.answer(200, b'{"slow":true}')

    def at_trickle(self, asked):
        """A byte now and then."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        for _ in range(int(SECONDS_MAX / float(asked["seconds"]))):
            self.wfile.write(b"t")
            self.wfile.flush()
            time.sleep(float(asked["seconds"]))

    def at_reset(self, asked):
        """So many bytes of a longer answer, then RST."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"[: int(asked.get("head", "1000"))])
        self.wfile.write(b"r" * int(asked.get("bytes", "0")))
        self.wfile.flush()
        time.sleep(0.05)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def at_cut(self, _):
        """A part of what was promised, then an orderly end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        self.close_connection = True

    def at_silent(self, _):
        """An end without an answer."""
        self.close_connection = True

    def at_garbage(self, _):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        self.close_connection = True

    def at_strange(self, asked):
        """Headers that nobody should send."""
        self.send_response_only(200)
        self.send_header("Content-Type", "text/\x1b[31mred")
        self.send_header("Date", asked.get("date", "yesterday"))
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def at_redirect(self, asked):
        self.answer(int(asked.get("code", "302")), b"elsewhere", "text/plain", [("Location", asked["to"])])

    def at_again(self, asked):
        """Redirects to itself until `left` is used up."""
        left = int(asked["left"])
        if left == 0:
            return self.at_echo(asked)
        self.answer(302, b"", "text/plain", [("Location", "/again?left=%d" % (left - 1))])

    def at_counts(self, _):
        with self.server.lock:
            counts = {
                "connections": self.server.connections,
                "most": self.server.open_most,
                "open": self.server.open_now,
                "requests": self.server.requests,
            }
        self.answer(200, json.dumps(counts).encode())


def main():
    server = Server(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 1:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(sys.argv[1] + "/server.pem", sys.argv[1] + "/server.key")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
