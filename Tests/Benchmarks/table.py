"""The parts of docs/numbers.md that bench.py and growth.py write."""

import statistics

import goals
import numbers_page

HEAD = "| work | lines or frames | seconds | a second | × `jq` | spread | µs of processor each |"


def tools(found, args):
    """What bench.py saw: the goals first, then every work."""
    results, files = found["results"], found["files"]
    lines = [
        "## Tools", "",
        f"{numbers_page.measured('make bench')} Medians of {args.runs} runs of the whole process, files in the page cache, turn about. "
        "A ratio is the quotient of two medians of this run, its spread the least and the greatest quotient of one turn.",
        "",
        f"{files['events']:,} events of {files['event_bytes']:.0f} B, {files['polymarket_frames']:,} Polymarket frames of {files['polymarket_bytes']:.0f} B "
        f"(a line of the recording), {files['kalshi_frames']:,} Kalshi frames of {files['kalshi_bytes']:.0f} B; made by `recordings.py`.",
        "", *goals.lines(goals.of_tools(results)), "", HEAD, "|---|---|---|---|---|---|---|",
    ]
    jq = results.get("jq -c select")
    for name, result in results.items():
        median = statistics.median(result["seconds"])
        processor = statistics.median(result["processor"]) / result["count"] * 1e6
        ratio = goals.ratio(jq, result) if jq else None
        times = f"{ratio.middle:.2f} | {ratio.least:.2f}–{ratio.most:.2f}" if ratio else "no jq | "
        version = f" {result['version']}" if "version" in result else ""
        lines.append(f"| `{name}`{version} | {result['count']:,} | {median:.3f} | {result['count'] / median:,.0f} | {times} | {processor:.3f} |")
    lines += [f"| {name} | {why} | | | | | |" for name, why in found["left_out"].items()]
    return lines


def growth(results, args):
    """What growth.py saw."""
    lines = [
        "## Growth and memory", "",
        f"{numbers_page.measured('make bench-growth')} The cost of one more line (of one more frame, for a feed): N lines against 2N, so that starting falls out. "
        "Instructions are callgrind's, of fewer lines (hashes without the processor's SHA instructions, which valgrind does not have); "
        f"nanoseconds are processor time, of the user and of the system, medians of {args.runs} runs that take turns.", "",
        *goals.lines(goals.of_growth(results)),
    ]
    for part, what in (("growth", "instruments"), ("rules", "rules that do not concern the line")):
        if part in results:
            counts = list(next(iter(results[part].values())))
            lines += ["", f"| {what} |" + "".join(f" {count:,} |" for count in counts) + " instructions | time |",
                      "|---|" + "---|" * (len(counts) + 2)]
            for name, seen in results[part].items():
                cells = "".join(f" {each['instructions']:,.0f} / {each['ns']:,.0f} ns |" for each in seen.values())
                lines.append(f"| `{name}` |{cells} {goals.percent(goals.grown(seen, 'instructions'))} | {goals.percent(goals.grown(seen, 'ns'))} |")
    if "far" in results:
        sizes = results["far"]
        lines += ["", "| a read of memory at random places of |" + "".join(f" {size} MB |" for size in sizes), "|---|" + "---|" * len(sizes)]
        lines += [f"| {how} |" + "".join(f" {seen[place]:.1f} ns |" for seen in sizes.values())
                  for place, how in enumerate(("each needs the one before", "eight side by side"))]
    if "memory" in results:
        lines += ["", "| most memory | instruments | MB |", "|---|---|---|"]
        lines += [f"| `{name}` | {seen['instruments']:,} | {seen['rss'] / 1e6:.1f} |" for name, seen in results["memory"].items()]
    if "flat" in results:
        marks = list(next(iter(results["flat"].values()))["rss"])
        lines += ["", "| resident MB after |" + "".join(f" {mark:,} events |" for mark in marks), "|---|" + "---|" * len(marks)]
        lines += [f"| `{name}` |" + "".join(f" {rss / 1e6:.1f} |" for rss in seen["rss"].values()) for name, seen in results["flat"].items()]
    return lines
