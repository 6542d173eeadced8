"""What every tool does in a second, over files and over pipes, beside jq, grep, wc and Python's clients on the same input in the same run.

All works take turns, so that a slow moment of the machine falls on all alike; a ratio is the quotient of two medians, its spread the least
and the greatest quotient of one turn. The result is a part of docs/numbers.md and of docs/numbers.json; the goals of speed stand first.

`make bench` builds and runs it; `make bench-peers` once before brings the Python clients, which are otherwise left out and named.

usage: MKT_BIN=.build/release bench.py [--runs 5] [--small] [--seed 1] [--print] [--json FILE]
"""

import argparse
import os
import shutil

import corpora
import measure
import numbers_page
import peer_runs
import recordings
import table
import works

TOOLS = os.path.abspath(os.environ.get("MKT_BIN", os.path.join(recordings.ROOT, ".build", "release")))


def measured(args):
    """Runs everything, turn by turn; gives results by name and what was left out."""
    files = corpora.made(TOOLS, args.small, args.seed)
    todo = works.all_of(TOOLS, files)
    seconds, processor = {name: [] for name in todo}, {name: [] for name in todo}
    results = {name: {"count": work.count, "unit": work.unit} for name, work in todo.items()}
    works.proved(TOOLS, files)
    peers = peer_runs.Peers(files, 2_000 if args.small else 50_000)
    for _ in range(args.runs):
        for name, work in todo.items():
            wall, cpu = measure.shell(work.script)
            seconds[name].append(wall)
            processor[name].append(cpu)
        for name, peer in peers.turn().items():
            results[name] = {"count": peer["frames"], "unit": "frames", "version": peer["version"]}
            seconds.setdefault(name, []).append(peer["seconds"])
            processor.setdefault(name, []).append(peer["processor"])
    shutil.rmtree(works.sink_folder(), ignore_errors=True)
    for name, result in results.items():
        result["seconds"], result["processor"] = seconds[name], processor[name]
    return {"files": files.facts(), "results": results, "left_out": peers.left_out}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="small corpora, for a test")
    parser.add_argument("--print", action="store_true", help="to standard output, not to docs/numbers.md")
    parser.add_argument("--json", help="write the results here (default: docs/numbers.json, unless --print)")
    args = parser.parse_args()
    found = measured(args)
    numbers_page.keep_json("tools", found, "make bench", args.json, args.print)
    numbers_page.keep("tools", table.tools(found, args), args.print)


if __name__ == "__main__":
    main()
