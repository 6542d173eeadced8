"""A client that does nothing but receive: the peer of pm-feed in `live.py`. Prints frames, seconds of the wall and of the processor."""

import asyncio
import ssl
import sys
import time

import websockets


async def main(url, authority):
    tls = ssl.create_default_context(cafile=authority)
    async with websockets.connect(url, ssl=tls, compression=None, ping_interval=None, max_size=64 << 20) as socket:
        await socket.send('{"assets_ids":[],"type":"market"}')
        await socket.recv()
        begin, processor, count = time.monotonic(), time.process_time(), 1
        try:
            async for _ in socket:
                count += 1
        except websockets.ConnectionClosed:
            pass
        print(count, time.monotonic() - begin, time.process_time() - processor)


asyncio.run(main(*sys.argv[1:]))
