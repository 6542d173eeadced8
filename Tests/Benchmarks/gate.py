"""Fails when a hot path needs over 5 % more instructions than it did. Counts come from valgrind's callgrind: a busy machine changes none.

usage: MKT_BIN=.build/release gate.py [--bench FILE] [--update] [--json FILE]

Two kinds of paths: those of mkt-bench, on corpora that it makes of fixed seeds, and whole tools on so many lines of the samples and on twice
as many: the difference is what a line costs, without the start. What a path did when it was accepted is in thresholds.json; --update writes it.

Left out is what runs in libcrypto, which has other code for other processors. All else that asks which processor it is (glibc) is told
one answer for all, and Swift's hash tables have one seed.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import rules

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
SAMPLES = os.path.join(ROOT, "pipelines", "samples")
TOOLS = ("pm-feed", "kalshi-feed", "mkt-merge", "mkt-decide", "mkt-sink")
THRESHOLDS = os.path.join(HERE, "thresholds.json")
UPDATE = "if that is meant, accept it: make bench-gate UPDATE=1"
GROWTH_MAX = 0.05
# Two processes at a time take about as long as each other.
SHARES = ("^(json|event|book|websocket|merge|pm|kalshi)/.*/small$", "^(decide|sink)/.*/small$")
WORKERS = 2
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "SWIFT_DETERMINISTIC_HASHING": "1",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-BMI2,-SSSE3,-SSE4_1,-SSE4_2",
}
LEFT_OUT = re.compile(r"/libcrypto\.so")
NAMED = re.compile(r"c?ob=\((\d+)\)(?: (.*))?$")
QUIET = ["--log-level", "error", "--heartbeat", "0"]


# MARK: Comparing


def compare(accepted, counted, growth_max=GROWTH_MAX):
    """What is wrong, and what is only worth knowing; a line for each path."""
    failures, hints = [], []
    for name in sorted(accepted.keys() | counted.keys()):
        if name not in counted:
            failures.append(f"{name}: was {accepted[name]:,.1f} instructions a line and is no longer there")
        elif name not in accepted:
            failures.append(f"{name}: {counted[name]:,.1f} instructions a line, and nothing says what it may need")
        else:
            was, now = accepted[name], counted[name]
            growth = now / was - 1 if was else float("inf")
            if not now:
                failures.append(f"{name}: was {was:,.1f} instructions a line, and nothing was counted")
                continue
            line = f"{name}: was {was:,.1f} instructions a line, is {now:,.1f}: {growth:+.1%}"
            if growth > growth_max:
                failures.append(line)
            elif growth < -growth_max:
                hints.append(line)
    return failures, hints


# MARK: Counting


def instructions(path):
    """What a callgrind file counted outside libcrypto, and the name that it was dumped under."""
    objects, trigger = {}, ""
    is_left_out = is_call = False
    total = 0
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            first = line[0]
            if first.isdigit() or first in "+-*":
                # The line behind `calls=` tells what the called function needed, which counts where that function stands.
                if not is_call and not is_left_out:
                    total += int(line.split()[1])
                is_call = False
            elif line.startswith("calls="):
                is_call = True
            elif line.startswith(("ob=", "cob=")):
                number, name = NAMED.match(line.rstrip()).groups()
                if name is not None:
                    objects[number] = name
                if first == "o":
                    is_left_out = bool(LEFT_OUT.search(objects[number]))
            elif line.startswith("desc: Trigger: Client Request: "):
                trigger = line.rstrip().partition("Request: ")[2]
    return total, trigger


def callgrind(words, folder, *more, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL):
    """Runs a program under callgrind; gives its files and its output."""
    place = tempfile.mkdtemp(dir=folder)
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={place}/out", *more, *words],
        env=ENVIRONMENT | {"TMPDIR": place}, cwd=place, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return [os.path.join(place, name) for name in os.listdir(place) if name.startswith("out")], done.stdout


def bench_counts(program, pattern, folder):
    """Instructions a line of mkt-bench's paths that match."""
    files, said = callgrind([program, "--counted", "--path", pattern], folder, "--instr-atstart=no", stdout=subprocess.PIPE)
    lines = {name: int(count) for name, count in (line.split() for line in said.decode().splitlines())}
    totals = {name: total for total, name in map(instructions, files)}
    return {name: totals[name] / count for name, count in lines.items()}


def tool_count(words, inputs, folder):
    """Instructions a line of a whole tool: what the longer of two inputs needs more than the shorter.

    `words` has None where the file stands; without one it is standard input.
    """
    totals, lengths = [], []
    for path in inputs:
        with open(path, "rb") as file:
            lengths.append(len(file.readlines()))
        with open(path if None not in words else os.devnull, "rb") as source:
            files, _ = callgrind([word or path for word in words], folder, stdin=source)
        totals.append(sum(instructions(each)[0] for each in files))
    return (totals[1] - totals[0]) / (lengths[1] - lengths[0])


def heads(source, folder, lines):
    """Two files: so many lines of `source`, and twice as many."""
    with open(source, "rb") as file:
        all_lines = file.readlines()
    paths = []
    for count in (lines, 2 * lines):
        paths.append(os.path.join(folder, f"{os.path.basename(source)}.{count}"))
        with open(paths[-1], "wb") as file:
            file.writelines(all_lines[:count])
    return paths


def whole_tools(tools, folder):
    """The words of each path of a whole tool, and its two inputs; makes the inputs."""

    def tool(name):
        return os.path.join(tools, name)

    def path(name):
        return os.path.join(folder, name)

    for name, sample in (("pm-feed", "polymarket"), ("kalshi-feed", "kalshi")):
        with open(path(f"{sample}.events"), "wb") as file:
            subprocess.run([tool(name), "--replay", os.path.join(SAMPLES, f"{sample}.ndjson"), *QUIET], stdout=file, check=True)
    with open(path("sample.events"), "wb") as file:
        subprocess.run(
            [tool("mkt-merge"), *QUIET, path("polymarket.events"), path("kalshi.events")], stdout=file, check=True)
    with open(path("rules.toml"), "w", encoding="utf-8") as file:
        file.write(rules.TEN)

    events = heads(path("sample.events"), folder, 2000)
    pm_recording = heads(os.path.join(SAMPLES, "polymarket.ndjson"), folder, 1100)
    kalshi_recording = heads(os.path.join(SAMPLES, "kalshi.ndjson"), folder, 1400)
    return {
        "tool/mkt-merge, one file": ([tool("mkt-merge"), *QUIET, None], events),
        "tool/mkt-decide, ten rules": ([tool("mkt-decide"), *QUIET, "--rules", path("rules.toml")], events),
        "tool/mkt-sink -": ([tool("mkt-sink"), *QUIET, "--to", "-"], events),
        "tool/mkt-sink sqlite": ([tool("mkt-sink"), *QUIET, "--to", "sqlite:gate.db"], events),
        "tool/pm-feed --replay --verify off": ([tool("pm-feed"), *QUIET, "--verify", "off", "--replay", None], pm_recording),
        "tool/pm-feed --replay --verify all": ([tool("pm-feed"), *QUIET, "--verify", "all", "--replay", None], pm_recording),
        "tool/kalshi-feed --replay": ([tool("kalshi-feed"), *QUIET, "--replay", None], kalshi_recording),
    }


def stripped(paths, folder):
    """Copies of programs without what is for debuggers: this valgrind ends with "corrupted debuginfo" at what Swift writes there."""
    for path in paths:
        subprocess.run(["strip", "--strip-debug", "-o", os.path.join(folder, os.path.basename(path)), path], check=True)
    return folder


def count_all(tools, program):
    """Every path, two at a time."""
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        tools = stripped([os.path.join(tools, name) for name in TOOLS] + [program], folder)
        program = os.path.join(tools, os.path.basename(program))
        shares = [pool.submit(bench_counts, program, pattern, folder) for pattern in SHARES]
        whole = {
            name: pool.submit(tool_count, words, inputs, folder) for name, (words, inputs) in whole_tools(tools, folder).items()}
        counts = {name: job.result() for name, job in whole.items()}
        for share in shares:
            counts |= share.result()
    return {name: round(count, 1) for name, count in sorted(counts.items())}


def main():
    tools = os.path.abspath(os.environ.get("MKT_BIN", os.path.join(ROOT, ".build", "release")))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=os.path.join(tools, "mkt-bench"), help="mkt-bench, built with MKTPIPE_BENCH=1")
    parser.add_argument("--update", action="store_true", help="accept what is counted now")
    parser.add_argument("--json", help="write what was counted there too")
    args = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("valgrind is missing; run make packages-test")
    began = time.monotonic()
    counted = count_all(tools, os.path.abspath(args.bench))
    for path in [args.json] + ([THRESHOLDS] if args.update else []):
        if path:
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"instructions a line": counted}, file, indent=2)
                file.write("\n")
    with open(THRESHOLDS, encoding="utf-8") as file:
        accepted = json.load(file)["instructions a line"]
    failures, hints = compare(accepted, counted)
    print(f"{len(counted)} paths counted in {time.monotonic() - began:.0f} s")
    for line in hints:
        print(f"less: {line}")
    if hints:
        print("what is gained is kept only once it is accepted: make bench-gate UPDATE=1")
    for line in failures:
        print(f"FAILED {line}")
    if failures:
        sys.exit(f"{len(failures)} paths are not what they were; {UPDATE}")


if __name__ == "__main__":
    main()
