"""Lines per second of every tool, beside jq and wc on the same file in the same run. Writes docs/numbers.md.

usage: MKT_BIN=.build/release bench.py [--lines 500000] [--runs 5] [--print]
"""

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import tempfile
import time

import corpus
import numbers_page

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SAMPLES = os.path.join(ROOT, "pipelines", "samples")
# What live.py has measured stands behind it.
LIVE_MARK = "<!-- live: begin -->"
TEN_RULES = "".join(
    f'[rules.r{n}]\nstrategy = "{strategy}"\n{more}\n'
    for n, (strategy, more) in enumerate(
        [("spread", "min_spread = 0.05"), ("spread", "min_spread = 0.1"), ("spread", 'min_spread = 0.03\nvenue = "kalshi"'),
         ("move", 'window = "10s"\nmin_move = 0.05'), ("move", 'window = "1m"\nmin_move = 0.1'), ("move", 'window = "1s"\nmin_move = 0.02'),
         ("trade_size", "min_notional = 10000"), ("trade_size", "min_notional = 1000"), ("threshold", "above = 0.6"),
         ("threshold", "below = 0.4")]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--print", action="store_true", help="to standard output, not to docs/numbers.md")
    args = parser.parse_args()
    tools = os.path.abspath(os.environ.get("MKT_BIN", os.path.join(ROOT, ".build", "release")))
    with tempfile.TemporaryDirectory() as folder:
        text = report(args, *measure(args, tools, folder))
    if args.print:
        print(text)
        return
    path = os.path.join(ROOT, "docs", "numbers.md")
    with open(path, encoding="utf-8") as file:
        live = file.read().partition(LIVE_MARK)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "".join(("\n", *live[1:])) if live[1] else text)
    print(text)


def measure(args, tools, folder):
    """Makes the corpora and runs everything, turn by turn, so that a slow moment of the machine falls on all alike."""

    def path(name):
        return os.path.join(folder, name)

    def tool(name):
        return os.path.join(tools, name)

    quiet = "--log-level error --heartbeat 0"
    for name, sample in (("pm-feed", "polymarket"), ("kalshi-feed", "kalshi")):
        with open(path(f"{sample}.events"), "wb") as file:
            subprocess.run([tool(name), "--replay", os.path.join(SAMPLES, f"{sample}.ndjson"), *quiet.split()], stdout=file, check=True)
    with open(path("sample.events"), "wb") as file:
        subprocess.run([tool("mkt-merge"), path("polymarket.events"), path("kalshi.events")], stdout=file, stderr=subprocess.DEVNULL, check=True)
    lines = corpus.times_n(path("sample.events"), path("events"), args.lines)
    corpus.split(path("events"), [path(f"part{n}") for n in range(4)])
    pm_frames = corpus.times_n(os.path.join(SAMPLES, "polymarket.ndjson"), path("pm.rec"), args.lines // 5, conn_step=10)
    kalshi_frames = corpus.times_n(os.path.join(SAMPLES, "kalshi.ndjson"), path("kalshi.rec"), args.lines // 2, conn_step=10)
    with open(path("rules.toml"), "w", encoding="utf-8") as file:
        file.write(TEN_RULES)

    events = path("events")
    parts = " ".join(path(f"part{n}") for n in range(4))
    select = "jq -c 'select(.type==\"trade\")'"
    work = {
        "wc -l": (lines, f"wc -l < {events}"),
        "grep -c -F": (lines, f"grep -c -F '\"type\":\"trade\"' {events} | cat"),
        "jq -c 'select(.type==\"trade\")'": (lines, f"{select} {events} > /dev/null"),
        "mkt-merge, one file": (lines, f"{tool('mkt-merge')} {quiet} {events} > /dev/null"),
        "mkt-merge --only trade": (lines, f"{tool('mkt-merge')} {quiet} --only trade {events} > /dev/null"),
        "mkt-merge, four files": (lines, f"{tool('mkt-merge')} {quiet} {parts} > /dev/null"),
        "mkt-merge, through pipes": (lines, f"cat {events} | {tool('mkt-merge')} {quiet} | cat > /dev/null"),
        "mkt-decide, ten rules": (lines, f"{tool('mkt-decide')} {quiet} --rules {path('rules.toml')} < {events} > /dev/null"),
        "mkt-sink sqlite": (
            lines, f"rm -f {path('b.db')}*; {tool('mkt-sink')} {quiet} --to sqlite:{path('b.db')} < {events} > /dev/null"),
        "mkt-sink -": (lines, f"{tool('mkt-sink')} {quiet} --to - < {events} > /dev/null"),
        "pm-feed --replay --verify off": (pm_frames, f"{tool('pm-feed')} {quiet} --verify off --replay {path('pm.rec')} > /dev/null"),
        "pm-feed --replay (sample)": (pm_frames, f"{tool('pm-feed')} {quiet} --replay {path('pm.rec')} > /dev/null"),
        "pm-feed --replay --verify all": (pm_frames, f"{tool('pm-feed')} {quiet} --verify all --replay {path('pm.rec')} > /dev/null"),
        "kalshi-feed --replay": (kalshi_frames, f"{tool('kalshi-feed')} {quiet} --replay {path('kalshi.rec')} > /dev/null"),
    }
    seconds = {name: [] for name in work}
    for _ in range(args.runs):
        for name, (_, command) in work.items():
            started = time.monotonic()
            subprocess.run(["bash", "-c", command], stdout=subprocess.DEVNULL, check=True)
            seconds[name].append(time.monotonic() - started)
    sizes = {"events": os.path.getsize(events) // lines, "pm": os.path.getsize(path("pm.rec")) // pm_frames,
             "kalshi": os.path.getsize(path("kalshi.rec")) // kalshi_frames}
    return {name: (work[name][0], statistics.median(seconds[name])) for name in work}, sizes


def report(args, results, sizes):
    """The table."""
    jq = next(count / median for name, (count, median) in results.items() if name.startswith("jq"))
    rows = "\n".join(
        f"| `{name}` | {count:,} | {median:.2f} | {count / median:,.0f} | {count / median / jq:.1f} |"
        for name, (count, median) in results.items())
    version = subprocess.run(["jq", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        processor = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    return f"""# Numbers

Measured {datetime.date.today()} at commit {numbers_page.commit() or "(none)"} with `make bench`: {os.cpu_count()} cores, {processor}, Linux {platform.release().split('-')[0]},
{version}. Medians of {args.runs} runs of the whole process, files in the page cache, turn about, so that a slow moment falls on all alike.
The machine is shared; believe the last column more than the others.

Events: {sizes["events"]} B a line (the samples, repeated later in time). Recordings: {sizes["pm"]} B a Polymarket frame, {sizes["kalshi"]} B a Kalshi frame.

| work | lines or frames | seconds | a second | × jq |
|---|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    main()
