"""A socket to a local Kalshi for tests, by the websockets library: it signs, sends commands, keeps what it read."""

import asyncio
import json
import logging
import os
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import websockets
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import ks_auth
from ks_socket import PATH

logging.getLogger("asyncio").setLevel(logging.ERROR)  # a busy machine is no news
HERE = os.path.dirname(os.path.abspath(__file__))
KEYS = tempfile.TemporaryDirectory(prefix="ks-keys-")  # made once, used by every venue of this process


class Wire:
    """A venue and one socket to it; frames are kept until they are asked for."""

    def __init__(self, *words):
        self.folder = tempfile.TemporaryDirectory(prefix="ks-wire-")
        self.truth = os.path.join(self.folder.name, "truth")
        self.venue = subprocess.Popen([sys.executable, os.path.join(HERE, "ks_venue.py"), "--duration", "120", "--truth", self.truth,
                                       "--folder", KEYS.name, *words],
                                      stdout=subprocess.PIPE, text=True)
        self.at = json.loads(self.venue.stdout.readline())
        self.context = ssl.create_default_context(cafile=self.at["ca"]) if self.at["ws"].startswith("wss") else None
        self.key = self.load("key_file")
        self.ws, self.kept, self.sent = None, [], 0

    def load(self, name):
        """A private key."""
        with open(self.at[name], "rb") as file:
            return load_pem_private_key(file.read(), None)

    def end(self):
        """Ends the venue."""
        self.venue.terminate()
        self.venue.wait(10)
        self.venue.stdout.close()
        self.folder.cleanup()

    async def upgrade(self, headers, path=None):
        """An upgrade with these headers."""
        url = self.at["ws"] if path is None else self.at["ws"].replace(PATH, path)
        return await websockets.connect(url, ssl=self.context, extra_headers=headers, max_size=None, ping_interval=None, compression=None)

    def headers(self, offset_ms=0, name="key", path=PATH):
        """Signed headers."""
        key_id, key = ("ed25519_key_id", "ed25519_key_file") if name == "ed25519" else ("key_id", f"{name}_file")
        return ks_auth.headers(self.at[key_id], self.load(key), time.time_ns() // 1_000_000 + offset_ms, "GET", path)

    async def open(self):
        """A good socket."""
        self.ws = await self.upgrade(self.headers())
        return self

    async def say(self, cmd, **params):
        """A command; gives its id."""
        self.sent += 1
        await self.ws.send(json.dumps({"id": self.sent, "cmd": cmd, "params": params}))
        return self.sent

    async def next(self, test, seconds=10):
        """The next frame that passes a test; what came before it is in `kept`."""
        async def search():
            while True:
                text = await self.ws.recv()
                assert text.endswith("\n"), text[-20:]
                value = json.loads(text)
                self.kept.append(value)
                if test(value):
                    return value
        return await asyncio.wait_for(search(), seconds)

    async def answer(self, identity):
        """The next answer to a command."""
        return await self.next(lambda value: value.get("id") == identity)

    async def subscribe(self, *channels, **params):
        """Subscribes to all markets."""
        identity = await self.say("subscribe", channels=list(channels), market_tickers=self.at["tickers"], use_yes_price=False, **params)
        return await self.answer(identity)

    def control(self, value):
        """The control port."""
        with urllib.request.urlopen(self.at["control"], json.dumps(value).encode(), timeout=10) as answer:
            return json.loads(answer.read())

    def get(self, path, headers=None):
        """REST: status, headers, body."""
        request = urllib.request.Request(self.at["rest"] + path, headers=headers or {})
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=10) as answer:
                return answer.status, answer.headers, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()


class WireCase(unittest.IsolatedAsyncioTestCase):
    """One venue for a test."""

    words = ()

    async def asyncSetUp(self):
        self.wire = Wire("--rate", "200", *self.words)
        self.addCleanup(self.wire.end)

    async def asyncTearDown(self):
        if self.wire.ws:
            await self.wire.ws.close()
