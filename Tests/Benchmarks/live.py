"""pm-feed over loopback TLS: frames a second and processor time a frame, beside a Python client that only receives; and latencies.

usage: MKT_BIN=.build/release live.py [--seconds 3000] [--runs 5] [--paced 5] [--print] [--json FILE]

The sessions are generated (Tests/Oracle), the same for all. Latencies are those of `latency.py`, which says how: of lines, and of decisions
behind `mkt-merge | mkt-decide`, at 1,000 and 5,000 messages a second. Writes the part of docs/numbers.md between its marks; FILE gets the
numbers of every run.
"""

import argparse
import datetime
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import latency
import numbers_page
from latency_chain import certify

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))


class Server:
    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "live_server.py"), os.path.join(folder, "session"), os.path.join(folder, "server.pem"),
             os.path.join(folder, "key.pem")], stdout=subprocess.PIPE)
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
    certify(folder)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--paced", type=int, default=5, help="seconds of each session that is timed")
    parser.add_argument("--print", action="store_true")
    parser.add_argument("--json")
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
    waits = latency.measure((1000, 5000), args.paced, args.runs)
    results = {"throughput": runs, "latency": waits}
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    numbers_page.keep_json("live", results, "make bench-live", None, args.print)
    numbers_page.keep("live", [
        "## Live, over loopback TLS", "",
        f"Measured {datetime.date.today()} at commit {numbers_page.commit()} with `make bench-live`: {os.cpu_count()} cores, medians of {args.runs} runs. A generated Polymarket",
        "session over TLS 1.3, from one server that writes frames made beforehand; the clients take turns. The feed parses, checks best prices and a sample of",
        "hashes, keeps books and writes events into a pipe; the Python client only receives.", "",
        "| client | frames | frames/s | µs of processor a frame |", "|---|---|---|---|", *rows, "",
        "From the server's write to the reader's read of a line, or of a decision where there is a `decide`; medians of the runs' percentiles. Server, programs and",
        "reader share the cores: what the server, a socket and the reader cost without us stands in the first rows, and what three programs cost that do nothing",
        "in those with cats. One input of `mkt-merge` is never held back; of two feeds, at half the messages each, a line waits for the other feed up to `--window`.",
        "`feed's read` is the part up to the feed's `recv_us`. `server late` is how late the server, which only sleeps between frames, was woken by the machine:",
        "where that is more than a millisecond, other work had the cores, and p99 tells of it.", "",
        *latency.table(waits)], args.print)


if __name__ == "__main__":
    main()
