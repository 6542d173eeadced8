"""What mkt-bench measures, into docs/numbers.md.

usage: MKT_BIN=.build/release micro.py [--rounds 9] [--json FILE] [--print]
"""

import argparse
import datetime
import json
import os
import subprocess
import tempfile

import numbers_page


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", help="keep the results there too")
    parser.add_argument("--print", action="store_true", help="to standard output, not to docs/numbers.md")
    args = parser.parse_args()
    program = os.path.join(os.environ.get("MKT_BIN", os.path.join(numbers_page.ROOT, ".build", "release")), "mkt-bench")
    with tempfile.TemporaryDirectory() as folder:
        path = args.json or os.path.join(folder, "micro.json")
        subprocess.run([program, "--rounds", str(args.rounds), "--json", path], stdout=subprocess.DEVNULL, check=True)
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    numbers_page.keep_json("micro", {"paths": results}, "make bench-micro", None, args.print)
    numbers_page.keep("micro", page(results, args.rounds), args.print)


def page(results, rounds):
    """The lines of the part: a row a path, its two sizes beside each other."""
    rows = {}
    for result in results:
        name, _, size = result["path"].rpartition("/")
        if size not in ("small", "large"):
            name, size = result["path"], "small"
        rows.setdefault(name, {})[size] = result
    lines = [
        "## Hot paths", "",
        f"Measured {datetime.date.today()} at commit {numbers_page.commit() or '(none)'} with `make bench-micro`: {os.cpu_count()} cores, medians of",
        f"{rounds} rounds. Corpora of fixed seeds: small is 36 instruments and 1,000 lines, large is 10,008 instruments and 20,000 lines.",
        "A line is a line, a frame or a message, whatever the path takes. Allocations are those of the round that had the fewest.", "",
        "| path | ns a line, small | large | allocations a line, small | large | lines a second, small |", "|---|---|---|---|---|---|",
    ]
    for name, sizes in rows.items():
        small, large = sizes["small"], sizes.get("large")
        lines.append(
            f"| `{name}` | {small['ns']:.0f} | {number(large, 'ns', 0)} | {small['allocations']:.2f} | {number(large, 'allocations', 2)}"
            f" | {small['lines_per_second']:,} |")
    return lines


def number(result, key, decimals):
    return f"{result[key]:.{decimals}f}" if result else ""


if __name__ == "__main__":
    main()
