"""Holds the WebSocket client against the Autobahn fuzzing suite (PyPI kosoku) and prints how many cases ended how.

usage: run.py [--cases 1,2,3,4,5,6,7,9,10] [--client .build/debug/ws-echo] [--report FOLDER]
"""

import argparse
import collections
import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.path.join(ROOT, ".build")
SUITE = "kosoku==0.1.0"
GROUPS = ("1", "2", "3", "4", "5", "6", "7", "9", "10", "12", "13")
GOOD = ("OK", "NON-STRICT", "INFORMATIONAL")
AGENT = "mktpipe"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", default="1,2,3,4,5,6,7,10", help="groups of cases, with commas; 9 is large messages")
    parser.add_argument("--client", default=os.path.join(BUILD, "debug", "ws-echo"), help="the built ws-echo")
    parser.add_argument("--report", default=os.path.join(BUILD, "autobahn-report"), help="the folder for the suite's report")
    parser.add_argument("--seconds", type=int, default=900, help="how long it may take")
    return parser.parse_args()


def server_program():
    """The suite in an environment of its own, made once."""
    environment = os.path.join(BUILD, "autobahn-venv")
    program = os.path.join(environment, "bin", "kosoku")
    if not os.access(program, os.X_OK):
        shutil.rmtree(environment, ignore_errors=True)
        pip = [os.path.join(environment, "bin", "pip"), "install", "-q", "--disable-pip-version-check", SUITE]
        for command in ["/usr/bin/python3", "-m", "venv", environment], pip:
            if subprocess.run(command).returncode:
                sys.exit(f"cannot install {SUITE} into {environment}; it needs python3-venv, and PyPI the first time")
    return program


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, server):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if server.poll() is not None:
            sys.exit("the fuzzing server ended before it listened")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit("the fuzzing server does not listen")


def run(options):
    shutil.rmtree(options.report, ignore_errors=True)
    os.makedirs(options.report)
    port = free_port()
    chosen = options.cases.split(",")
    left_out = [word for group in GROUPS if group not in chosen for word in ("-x", f"{group}.*")]
    log = open(os.path.join(options.report, "server.log"), "wb")
    server = subprocess.Popen(
        [server_program(), "-m", "fuzzingserver", *left_out, "-o", options.report, f"127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        wait_for(port, server)
        subprocess.run([options.client, "cases", f"ws://127.0.0.1:{port}", AGENT], check=True, timeout=options.seconds)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            pass
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def results(folder):
    """Every case of the suite's own index."""
    for path in glob.glob(os.path.join(folder, "**", "*.json"), recursive=True):
        with open(path) as file:
            content = json.load(file)
        if isinstance(content, dict) and isinstance(content.get(AGENT), dict):
            return content[AGENT]
    sys.exit(f"no report in {folder}")


def main():
    options = arguments()
    if not os.access(options.client, os.X_OK):
        sys.exit(f"{options.client} is missing; run swift build, or name the built ws-echo with --client")
    start = time.monotonic()
    run(options)
    cases = results(options.report)
    counts = collections.Counter()
    bad = []
    for name, case in sorted(cases.items(), key=lambda item: [int(part) for part in item[0].split(".")]):
        for part in ("behavior", "behaviorClose"):
            counts[case[part]] += part == "behavior"
            if case[part] not in GOOD:
                bad.append(f"{name}: {part} {case[part]}")
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    print(f"Autobahn groups {options.cases}: {len(cases)} cases: {told} ({time.monotonic() - start:.0f} s)")
    missing = [group for group in options.cases.split(",") if not any(name.split(".")[0] == group for name in cases)]
    for line in bad + [f"no case of group {group} was run" for group in missing]:
        print(line)
    sys.exit(1 if bad or missing or not cases else 0)


if __name__ == "__main__":
    main()
