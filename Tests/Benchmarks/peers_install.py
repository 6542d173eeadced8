"""Makes `.build/bench-peers`, a Python environment with the clients that bench.py puts beside our tools, each at a fixed version.

kalshi-sdk needs Python 3.12 or newer: the newest interpreter in PATH or of pyenv is taken. Where none is new enough, kalshi-sdk is left out,
and the table says so.

usage: peers_install.py
"""

import glob
import os
import re
import shutil
import subprocess
import sys

import peers
import recordings

FOLDER = os.path.join(recordings.ROOT, ".build", "bench-peers")


def interpreters():
    """Every Python 3 that can make an environment, newest first."""
    paths = {sys.executable, *glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python3"))}
    paths |= {found for minor in range(11, 20) if (found := shutil.which(f"python3.{minor}"))}
    known = {}
    for path in paths:
        # pyenv's shims stand in PATH for versions that are not switched on.
        done = subprocess.run([path, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:3])"], capture_output=True, text=True, check=False)
        if done.returncode == 0 and re.fullmatch(r"3 \d+ \d+\n", done.stdout):
            known[tuple(map(int, done.stdout.split()))] = path
    return sorted(known.items(), reverse=True)


def main():
    version, python = interpreters()[0]
    wanted = [f"{name}=={number}" for name, number in peers.PACKAGES.items() if name != "kalshi-sdk" or version >= (3, 12)]
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([python, "-m", "venv", FOLDER], check=True)
    subprocess.run([os.path.join(FOLDER, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
    print(f"{FOLDER}: Python {'.'.join(map(str, version))}, {', '.join(wanted)}")
    if version < (3, 12):
        print("kalshi-sdk is left out: it needs Python 3.12 or newer, and none was found in PATH or of pyenv.")


if __name__ == "__main__":
    main()
