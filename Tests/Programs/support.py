"""What the process tests share: where things are, and how a tool is run."""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BIN = os.path.abspath(os.environ.get("MKT_BIN", os.path.join(ROOT, ".build", "release")))
ORACLE = os.path.join(ROOT, "Tests", "Oracle")
SAMPLES = os.path.join(ROOT, "pipelines", "samples")
PM_SAMPLE = os.path.join(SAMPLES, "polymarket.ndjson")
KALSHI_SAMPLE = os.path.join(SAMPLES, "kalshi.ndjson")
RULES = os.path.join(ROOT, "pipelines", "rules.toml")
TIMEOUT = 120
# Settings of whoever runs the tests must not reach the tools.
ENVIRONMENT = {
    key: value
    for key, value in os.environ.items()
    if not key.startswith(("MKT_", "PM_FEED_", "POLYMARKET_", "KALSHI_")) and key != "XDG_CONFIG_HOME"
} | {"HOME": tempfile.gettempdir()}


def tool(name):
    return os.path.join(BIN, name)


def run(name, *arguments, stdin=b"", environment=None, **more):
    """Runs a tool to its end, with variables beside the usual ones; gives the completed process with bytes."""
    source = {"stdin": stdin} if hasattr(stdin, "fileno") else {"input": stdin}
    return subprocess.run([tool(name), *arguments], capture_output=True, timeout=TIMEOUT, env=ENVIRONMENT | (environment or {}), **source, **more)


def feed(venue):
    return {"polymarket": "pm-feed", "kalshi": "kalshi-feed"}[venue]


def oracle(script, *arguments):
    """Runs a program of the oracle; gives the completed process with text."""
    return subprocess.run(
        [sys.executable, os.path.join(ORACLE, script), *map(str, arguments)], capture_output=True, text=True, timeout=600)


def lines_of(output, *types):
    """The lines of the given types, as bytes."""
    wanted = [b'"type":"%s"' % name.encode() for name in types]
    return [line for line in output.splitlines(True) if any(want in line for want in wanted)]


def without_stage_status(output):
    return b"".join(line for line in output.splitlines(True) if b'"type":"stage_status"' not in line)
