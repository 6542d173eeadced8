"""Plays a recorded Polymarket session to every WebSocket that subscribes, as fast as the socket takes it, over TLS; and its REST answers.

usage: live_server.py RECORDING CERTIFICATE KEY

Frames are made before anybody connects and written to the socket as they are, so that the server is no part of what is measured.
`latency_server.py` is the one that keeps a pace.
"""

import argparse
import asyncio
import json
import ssl

import websockets

from server_frames import framed


def load(path):
    """The text frames of the first connection, and the REST answers by path."""
    frames, answers = [], {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            value = json.loads(line)
            if "raw" in value and value["conn"] == 1 and value["raw"] != "PONG":
                frames.append(value["raw"])
            elif "get" in value:
                answers[value["get"].split("?")[0]] = value["body"]
    return frames, answers


class Server:
    def __init__(self, args):
        self.args = args
        frames, self.answers = load(args.recording)
        self.frames = [framed(text) for text in frames]

    async def session(self, socket, _path):
        await socket.recv()
        asyncio.ensure_future(self.listen(socket))
        await self.burst(socket)
        await socket.close()

    @staticmethod
    async def listen(socket):
        async for _ in socket:
            await socket.send("PONG")

    async def burst(self, socket):
        for start in range(0, len(self.frames), 50):
            socket.transport.write(b"".join(self.frames[start:start + 50]))
            await socket._drain()  # pylint: disable=protected-access

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
    asyncio.run(Server(parser.parse_args()).run())


if __name__ == "__main__":
    main()
