"""What bench.py runs: a name, how many lines or frames it works through, and a script of bash."""

import os
import shlex
import shutil
import subprocess
from collections import namedtuple

import measure
import recordings

Work = namedtuple("Work", "count unit script")
TRADES = '"type":"trade"'
JQ_SELECT = "jq -c 'select(.type==\"trade\")'"


def all_of(tools, files):
    """Every work by its name."""
    def tool(name, *more):
        return shlex.join([os.path.join(tools, name), *measure.QUIET, *more])
    works = {}

    def filters(name, command):
        """A program that reads the events, as a file and through pipes."""
        # grep that sees /dev/null as its output stops at the first match, so a cat stands between for all.
        works[name] = Work(files.lines, "lines", f"{command} < {files.events} | cat > /dev/null")
        works[f"{name}, pipes"] = Work(files.lines, "lines", f"cat {files.events} | {command} | cat > /dev/null")

    def feed(name, command, recording, frames):
        works[name] = Work(frames, "frames", f"{command} {recording} > /dev/null")
        works[f"{name}, pipes"] = Work(frames, "frames", f"cat {recording} | {command} - | cat > /dev/null")
    filters("wc -l", "wc -l")
    filters("grep -c -F", f"grep -c -F '{TRADES}'")
    if shutil.which("jq"):
        filters("jq -c select", JQ_SELECT)
        filters("jq .", "jq .")
    works["mkt-merge, one file"] = Work(files.lines, "lines", f"{tool('mkt-merge', files.events)} > /dev/null")
    works["mkt-merge, one file, pipes"] = Work(files.lines, "lines", f"cat {files.events} | {tool('mkt-merge')} | cat > /dev/null")
    works["mkt-merge --only trade"] = Work(files.lines, "lines", f"{tool('mkt-merge', '--only', 'trade', files.events)} > /dev/null")
    works["mkt-merge --only trade, pipes"] = Work(files.lines, "lines", f"cat {files.events} | {tool('mkt-merge', '--only', 'trade')} | cat > /dev/null")
    works["mkt-merge, four files"] = Work(files.lines, "lines", f"{tool('mkt-merge', *files.parts)} > /dev/null")
    four = " ".join(f"<(cat {part})" for part in files.parts)
    works["mkt-merge, four pipes"] = Work(files.lines, "lines", f"{tool('mkt-merge')} {four} | cat > /dev/null")
    filters("mkt-decide, ten rules", tool("mkt-decide", "--rules", files.rules))
    for name, target in (("sqlite", "sqlite:{}/bench.db"), ("-", "-"), ("ndjson", "ndjson:{}/bench-segments")):
        sink(works, files, tool, name, target)
    for how in ("off", "sample", "all"):
        feed(f"pm-feed --verify {how}", tool("pm-feed", "--verify", how, "--replay"), files.pm, files.pm_frames)
    feed("kalshi-feed", tool("kalshi-feed", "--replay"), files.kalshi, files.kalshi_frames)
    works["whole pipeline"] = Work(files.lines, "events", f"{pipeline(tool, files)} | {tool('mkt-decide', '--rules', files.rules)} > /dev/null")
    return works


def sink_folder():
    """Where the sink writes: another one in each run of the bench, whose end takes it away."""
    return os.path.join(recordings.FOLDER, f"sink-{os.getpid()}")


def sink(works, files, tool, name, target):
    """mkt-sink into something new each time."""
    folder = sink_folder()
    fresh = f"rm -rf {folder} && mkdir -p {folder}"
    command = tool("mkt-sink", "--to", target.format(folder))
    works[f"mkt-sink {name}"] = Work(files.lines, "lines", f"{fresh} && {command} < {files.events} > /dev/null")
    works[f"mkt-sink {name}, pipes"] = Work(files.lines, "lines", f"{fresh} && cat {files.events} | {command} | cat > /dev/null")


def pipeline(tool, files):
    """Both feeds into one stream."""
    return f"{tool('mkt-merge')} <({tool('pm-feed', '--replay', files.pm)}) <({tool('kalshi-feed', '--replay', files.kalshi)})"


def proved(tools, files):
    """Before anything is timed: what is timed does all of the work."""
    def tool(name, *more):
        return shlex.join([os.path.join(tools, name), *measure.QUIET, *more])

    def lines(script):
        return int(subprocess.run(["bash", "-o", "pipefail", "-c", f"{script} | wc -l"], check=True, capture_output=True).stdout)
    trades = int(subprocess.run(["grep", "-c", "-F", TRADES, files.events], check=True, capture_output=True).stdout)
    for script, expected in (
        (tool("mkt-merge", files.events), files.lines), (tool("mkt-merge", *files.parts), files.lines), (pipeline(tool, files), files.lines),
        (tool("mkt-merge", "--only", "trade", files.events), trades), (f"{tool('mkt-sink', '--to', '-')} < {files.events}", files.lines),
    ):
        if lines(script) != expected:
            raise SystemExit(f"{lines(script)} lines instead of {expected}: {script}")
    if not lines(f"{tool('mkt-decide', '--rules', files.rules)} < {files.events}"):
        raise SystemExit("no decision by ten rules: nothing would be measured")
