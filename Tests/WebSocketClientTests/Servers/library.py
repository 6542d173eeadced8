"""Debian's python3-websockets as the server; the path says what it does. usage: library.py [CERTIFICATE KEY]"""

import asyncio
import ssl
import sys
import urllib.parse

import serving
import websockets


async def drain(connection):
    async for _ in connection:
        pass


async def serve(connection):
    what, *words = connection.path.strip("/").split("/")
    if what == "echo":
        async for message in connection:
            await connection.send(message)
    elif what == "greet":
        await connection.send("hello")
        await connection.wait_closed()
        serving.tell("CLOSED", connection.close_code, repr(connection.close_reason))
    elif what == "headers":
        for name in words:
            await connection.send(",".join(connection.request_headers.get_all(name)))
        await connection.close()
    elif what == "fragments":
        await connection.send(["one ", "two ", "", "three"])
        await connection.send([b"\x00", b"\xff"])
        await connection.close()
    elif what == "big":
        await connection.send("0123456789abcdef" * (int(words[0]) // 16))
        await connection.close()
    elif what == "count":
        reader = asyncio.create_task(drain(connection))
        for number in range(int(words[0])):
            await connection.send('{"number":%d,"text":"%s"}' % (number, "x" * 400))
            if number % 16 == 15:
                await connection.ping()
        await connection.close()
        await reader
    elif what == "ping":
        await (await connection.ping(b"are you there"))
        await connection.send("the pong came")
        await connection.close()
    elif what == "close":
        await connection.close(int(words[0]), urllib.parse.unquote(words[1]) if len(words) > 1 else "")


async def main():
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = serving.listen()
    async with websockets.serve(serve, sock=listener, ssl=context, max_size=None, close_timeout=300, ping_interval=None):
        await asyncio.Future()


asyncio.run(main())
