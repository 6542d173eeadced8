"""pm-feed over loopback TLS: frames a second and processor time a frame, beside a Python client that only receives; and latencies.

usage: MKT_BIN=.build/release live.py [--seconds 600] [--runs 5] [--print]

The session is generated (Tests/Oracle), the same for all. Latency is from the server's write to the socket to our read of the feed's
standard output, by one clock; the first line with a frame's venue time counts. Writes the part of docs/numbers.md between its marks.
"""

import argparse
import datetime
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import numbers_page

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))


class Server:
    def __init__(self, folder, *arguments):
        self.log = os.path.join(folder, "times")
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "live_server.py"), os.path.join(folder, "session"), os.path.join(folder, "server.pem"),
             os.path.join(folder, "key.pem"), self.log, *arguments], stdout=subprocess.PIPE)
        self.ready = json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


def prepare(folder, seconds):
    """A session and a certificate."""
    subprocess.run(
        [sys.executable, os.path.join(ROOT, "Tests", "Oracle", "generate.py"), "polymarket", "--seed", "5", "--profile", "clean", "--seconds",
         str(seconds), "--recording", os.path.join(folder, "session"), "--truth", os.path.join(folder, "truth")], check=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "server.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"], cwd=folder, check=True, capture_output=True)
    with open(os.path.join(folder, "session"), encoding="utf-8") as file:
        sent = next(json.loads(line)["sent"] for line in file if '"sent"' in line)
    return json.loads(sent)["assets_ids"]


def feed(folder, ready, tokens, **more):
    tool = os.path.join(os.path.abspath(os.environ.get("MKT_BIN", os.path.join(ROOT, ".build", "release"))), "pm-feed")
    return subprocess.Popen(
        [tool, "--ws-url", ready["ws"], "--clob-url", ready["rest"], "--gamma-url", ready["rest"], "--ca-file", os.path.join(folder, "server.pem"),
         "--log-level", "error", "--heartbeat", "0", "--checkpoint", "0", *tokens], **more)


def throughput(folder, tokens):
    """Frames a second and microseconds of processor time a frame, of the feed and of the Python client, one after the other."""
    found = {}
    with Server(folder) as server:
        process = feed(folder, server.ready, tokens, stdout=subprocess.PIPE)
        begin = None
        # It is done when the server has closed: the feed says so, and would connect again.
        for line in process.stdout:
            begin = begin or time.monotonic()
            if b'"state":"disconnected"' in line:
                break
        wall = time.monotonic() - begin
        used = os.sysconf("SC_CLK_TCK")
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        processor = (int(fields[11]) + int(fields[12])) / used
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()
        found["pm-feed"] = (server.ready["frames"], wall, processor)
    with Server(folder) as server:
        told = subprocess.run(
            [sys.executable, os.path.join(HERE, "live_client.py"), server.ready["ws"], os.path.join(folder, "server.pem")], capture_output=True,
            text=True, check=True).stdout.split()
        found["Python websockets, receiving only"] = (int(told[0]), float(told[1]), float(told[2]))
    return found


def latency(folder, tokens, rate, frames):
    """Microseconds from the server's write to our read of the line: sorted."""
    arrivals, first = [], {}
    with Server(folder, "--rate", str(rate), "--frames", str(frames)) as server:
        process = feed(folder, server.ready, tokens, stdout=subprocess.PIPE)
        descriptor = process.stdout.fileno()
        while data := os.read(descriptor, 1 << 20):
            arrivals.append((time.time_ns(), data))
            if b'"state":"disconnected"' in data:
                break
        process.kill()
        process.stdout.close()
        process.wait()
        with open(server.log, encoding="ascii") as file:
            written = {int(number): int(stamp) for number, stamp in map(str.split, file)}
    rest = b""
    for stamp, data in arrivals:
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        for line in lines:
            told = re.search(rb'"venue_us":(\d+)', line)
            if told:
                first.setdefault(int(told[1]) // 1000, stamp)
    sent, number = {}, 0
    with open(os.path.join(folder, "session"), encoding="utf-8") as file:
        for line in file:
            value = json.loads(line)
            if "raw" not in value or value["conn"] != 1 or value["raw"] == "PONG":
                continue
            told = re.search(r'"timestamp":\s*"(\d+)"', value["raw"])
            if number in written and told:
                sent.setdefault(int(told[1]), written[number])
            number += 1
    return sorted((first[ms] - stamp) / 1000 for ms, stamp in sent.items() if ms in first and first[ms] >= stamp)


def at(values, part):
    return values[min(len(values) - 1, int(len(values) * part))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--print", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tokens = prepare(folder, args.seconds)
        runs = [throughput(folder, tokens) for _ in range(args.runs)]
        rows = []
        for name in runs[0]:
            frames = runs[0][name][0]
            wall = statistics.median(run[name][1] for run in runs)
            processor = statistics.median(run[name][2] for run in runs)
            rows.append(f"| {name} | {frames:,} | {frames / wall:,.0f} | {processor * 1e6 / frames:.2f} |")
        waits = []
        for rate, frames in ((1000, 15_000), (5000, 50_000)):
            values = latency(folder, tokens, rate, frames)
            waits.append(f"| {rate:,} | {len(values):,} | {at(values, 0.5):.0f} | {at(values, 0.99):.0f} | {at(values, 0.999):.0f} |")
    numbers_page.keep("live", [
        "## Live, over loopback TLS", "",
        f"Measured {datetime.date.today()} at commit {numbers_page.commit()} with `make bench-live`: {os.cpu_count()} cores, medians of {args.runs} runs. A generated Polymarket",
        "session over TLS 1.3, from one server that writes frames made beforehand; the clients take turns. The feed parses, checks best prices and a sample of",
        "hashes, keeps books and writes events into a pipe; the Python client only receives.", "",
        "| client | frames | frames/s | µs of processor a frame |", "|---|---|---|---|", *rows, "",
        "From the server's write to the reader's read of the line; server, feed and reader share the cores.", "",
        "| messages/s | timed | p50 µs | p99 µs | p99.9 µs |", "|---|---|---|---|---|", *waits], args.print)


if __name__ == "__main__":
    main()
