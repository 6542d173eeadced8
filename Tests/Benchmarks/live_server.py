"""Plays a recorded Polymarket session to every WebSocket that subscribes, fast or in step, over TLS; and its REST answers.

usage: live_server.py RECORDING CERTIFICATE KEY LOG [--rate N] [--frames N]

Frames are made before anybody connects and written to the socket as they are, so that the server is no part of what is measured:
without --rate as many at once as the socket takes, else one every 1/N s, with the time of each write in LOG.
"""

import argparse
import asyncio
import json
import ssl
import struct
import time

import websockets


def load(path, limit):
    """The text frames of the first connection, and the REST answers by path."""
    frames, answers = [], {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            value = json.loads(line)
            if "raw" in value and value["conn"] == 1 and value["raw"] != "PONG" and len(frames) < limit:
                frames.append(value["raw"])
            elif "get" in value:
                answers[value["get"].split("?")[0]] = value["body"]
    return frames, answers


def framed(text):
    """A server's text frame (RFC 6455 §5.2)."""
    body = text.encode()
    if len(body) < 126:
        return bytes([0x81, len(body)]) + body
    if len(body) < 1 << 16:
        return b"\x81\x7e" + struct.pack(">H", len(body)) + body
    return b"\x81\x7f" + struct.pack(">Q", len(body)) + body


class Server:
    def __init__(self, args):
        self.args = args
        frames, self.answers = load(args.recording, args.frames)
        self.frames = [framed(text) for text in frames]
        self.times = []

    async def session(self, socket, _path):
        await socket.recv()
        asyncio.ensure_future(self.listen(socket))
        await (self.paced(socket) if self.args.rate else self.burst(socket))
        await socket.close()

    @staticmethod
    async def listen(socket):
        async for _ in socket:
            await socket.send("PONG")

    async def burst(self, socket):
        for start in range(0, len(self.frames), 50):
            socket.transport.write(b"".join(self.frames[start:start + 50]))
            await socket._drain()  # pylint: disable=protected-access

    async def paced(self, socket):
        begin = time.monotonic()
        socket.transport.write(self.frames[0])
        await asyncio.sleep(1)
        begin += 1
        for number, frame in enumerate(self.frames[1:], 1):
            due = begin + number / self.args.rate
            while (left := due - time.monotonic()) > 0:
                await asyncio.sleep(left if left > 0.002 else 0)
            self.times.append((number, time.time_ns()))
            socket.transport.write(frame)
        await asyncio.sleep(1)
        with open(self.args.log, "w", encoding="utf-8") as file:
            file.writelines(f"{number} {stamp}\n" for number, stamp in self.times)

    async def rest(self, reader, writer):
        """One answer a connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            body = self.answers.get(head.split()[1].decode().split("?")[0], "[]").encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
            await writer.drain()
        finally:
            writer.close()

    async def run(self):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.args.certificate, self.args.key)
        ws = await websockets.serve(self.session, "localhost", 0, ssl=tls, compression=None, ping_interval=None, family=2)
        rest = await asyncio.start_server(self.rest, "localhost", 0, ssl=tls, family=2)
        ports = [server.sockets[0].getsockname()[1] for server in (ws, rest)]
        print(json.dumps({"ws": f"wss://localhost:{ports[0]}/ws/market", "rest": f"https://localhost:{ports[1]}", "frames": len(self.frames)}), flush=True)
        await asyncio.sleep(600)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("recording")
    parser.add_argument("certificate")
    parser.add_argument("key")
    parser.add_argument("log")
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--frames", type=int, default=1 << 40)
    asyncio.run(Server(parser.parse_args()).run())


if __name__ == "__main__":
    main()
