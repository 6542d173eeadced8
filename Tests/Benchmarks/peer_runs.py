"""Runs peers.py by the interpreter of `.build/bench-peers`, if `make bench-peers` has made it."""

import json
import os
import subprocess

import recordings

PYTHON = os.path.join(recordings.ROOT, ".build", "bench-peers", "bin", "python")
# What to do about a peer that is not there, and what stands in the table instead of its row.
HOWEVER = {"kalshi-sdk": "needs Python 3.12 or newer; "}


class Peers:
    """The Python clients' turns."""

    def __init__(self, files, frames):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers.py")
        self.command = [PYTHON, script, "--polymarket", files.pm, "--kalshi", files.kalshi, "--frames", str(frames)]
        self.left_out = {}
        if not os.path.exists(PYTHON):
            self.left_out["Python's clients"] = "not installed: make bench-peers"

    def turn(self):
        """Each peer's frames and seconds."""
        if "Python's clients" in self.left_out:
            return {}
        done = subprocess.run(self.command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"peers.py: {done.stderr.strip()}")
        found = json.loads(done.stdout)
        for name in found["missing"]:
            self.left_out[name] = f"not installed: {HOWEVER.get(name, '')}make bench-peers"
        return found["results"]
