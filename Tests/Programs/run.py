"""Runs every process test against the programs in MKT_BIN, some at a time, and says so if a part of them cannot run.

`run.py [PATTERN]`: the test files, `*_test.py` by default. A session over sockets mostly waits, so each such test is a job of its own,
and so is each of the oracle; of the others, each class is. Jobs share nothing: their folders are temporary and their ports the kernel's choice.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = ("pm-feed", "kalshi-feed", "mkt-merge", "mkt-decide", "mkt-sink")
WORKERS = int(os.environ.get("MKT_TEST_JOBS", "4"))
JOB_SECONDS = 900
OUTCOME = re.compile(r"^Ran (\d+) tests? in .*\n\n(?:OK|FAILED)(?: \((.*)\))?$", re.MULTILINE)


def tests(suite):
    """Every test in a suite of suites."""
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from tests(each)
        else:
            yield each


def jobs(pattern):
    """Names for `python -m unittest`: those that wait for sockets first, one by one, then classes. Each once."""
    names = {}
    for test in tests(unittest.defaultTestLoader.discover(HERE, pattern=pattern)):
        module, kind, name = test.id().rsplit(".", 2)
        if module.startswith("unittest.loader"):
            names[name] = True  # A file that cannot be loaded fails as a job too.
        else:
            names[test.id() if any(word in module for word in ("live", "user", "oracle")) else f"{module}.{kind}"] = True
    return sorted(names, key=lambda name: (name.count(".") < 2, name))


def run(name):
    """Runs one job; gives its seconds, its output, and how many passed, failed and were left out."""
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "unittest", "-v", name], env=os.environ | {"PYTHONPATH": HERE}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=JOB_SECONDS)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        status, output = 1, f"{(late.stdout or b'').decode(errors='replace')}\n{name} did not end within {JOB_SECONDS} s\n"
    said = OUTCOME.search(output)
    counts = dict(part.split("=") for part in said.group(2).split(", ")) if said and said.group(2) else {}
    failed, skipped = int(counts.get("failures", 0)) + int(counts.get("errors", 0)), int(counts.get("skipped", 0))
    total = int(said.group(1)) if said else 0
    if (status or not total) and not failed:
        failed = 1
    return time.monotonic() - began, output, max(0, total - failed - skipped), failed, skipped


def main():
    folder = os.environ.get("MKT_BIN")
    if not folder:
        sys.exit("MKT_BIN is not set; it names the folder of the built programs: run make test-programs")
    missing = [tool for tool in TOOLS if not os.access(os.path.join(folder, tool), os.X_OK)]
    missing += [tool for tool in ("jq", "sqlite3", "bash") if not shutil.which(tool)]
    if missing:
        sys.exit(f"missing: {', '.join(missing)}; run make test, which builds and installs them")
    os.environ["MKT_BIN"] = os.path.abspath(folder)
    sys.path.insert(0, HERE)
    names = jobs(sys.argv[1] if len(sys.argv) > 1 else "*_test.py")
    totals, broken = [0, 0, 0], []
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        waiting = {pool.submit(run, name): name for name in names}
        for job in concurrent.futures.as_completed(waiting):
            name, (seconds, output, *counts) = waiting[job], job.result()
            totals = [a + b for a, b in zip(totals, counts)]
            print(f"{seconds:6.1f} s  {counts[0]:3} passed  {counts[1]:2} failed  {counts[2]:2} skipped  {name}", flush=True)
            if counts[1]:
                broken.append((name, output))
    for name, output in broken:
        print(f"\n{'=' * 100}\n{name}\n{output[-12_000:]}")
    print("{} passed, {} failed, {} skipped".format(*totals))
    sys.exit(0 if totals[0] and not totals[1] else 1)


if __name__ == "__main__":
    main()
