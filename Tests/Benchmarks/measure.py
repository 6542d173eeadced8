"""What a command costs: seconds of the clock, seconds of processor, instructions, memory."""

import hashlib
import os
import re
import subprocess
import sys
import time
from collections import namedtuple

import recordings

# `wall` and `cpu` (user and system) in seconds, `user` without the system's share.
Cost = namedtuple("Cost", "wall cpu user")
COLLECTED = re.compile(rb"Collected : (\d+)")
HIGH_WATER = re.compile(rb"VmHWM:\s*(\d+) kB")
QUIET = ("--log-level", "error", "--heartbeat", "0")


def ended(child, command):
    """Waits for a child; gives its resources. Anything but status 0 ends the benchmark."""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"ended with {child.returncode}: {' '.join(map(str, command))}")
    return usage


def cost(command, lines=None, source=None, output=subprocess.DEVNULL):
    """Runs a command; with `lines` it reads so many first lines of `source` on standard input, through a pipe."""
    head = None
    if lines is not None:
        head = subprocess.Popen(["head", "-n", str(lines), source], stdout=subprocess.PIPE)
    stdin = head.stdout if head else open(source or os.devnull, "rb")
    began = time.monotonic()
    with stdin:
        child = subprocess.Popen(command, stdin=stdin, stdout=output, stderr=subprocess.PIPE)
    said = child.stderr.read()
    usage = ended_or_said(child, command, said)
    wall = time.monotonic() - began
    if head:
        head.wait()
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_utime)


def ended_or_said(child, command, said):
    """`ended`, with what the command said about why not."""
    try:
        return ended(child, command)
    except SystemExit:
        sys.stderr.buffer.write(said)
        raise


def stripped(program):
    """A copy without debugging information, which valgrind 3.19 cannot read from this compiler; kept by the program's contents."""
    with open(program, "rb") as file:
        name = f"{os.path.basename(program)}-{hashlib.sha256(file.read()).hexdigest()[:10]}"
    path = os.path.join(recordings.FOLDER, name)
    if not os.path.exists(path):
        os.makedirs(recordings.FOLDER, exist_ok=True)
        subprocess.run(["strip", "--strip-debug", "-o", f"{path}.{os.getpid()}", program], check=True)
        os.replace(f"{path}.{os.getpid()}", path)
    return path


def instructions(command, lines, source):
    """Instructions of a command that reads the first lines of a file, by callgrind: the same on a busy machine."""
    command = [stripped(command[0]), *command[1:]]
    with subprocess.Popen(["head", "-n", str(lines), source], stdout=subprocess.PIPE) as head:
        valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
        done = subprocess.run(valgrind, stdin=head.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    found = COLLECTED.search(done.stderr)
    if done.returncode or not found:
        sys.stderr.buffer.write(done.stderr)
        raise SystemExit(f"valgrind ended with {done.returncode}: {' '.join(map(str, command))}")
    return int(found[1])


def shell(script):
    """Runs a pipeline in bash; gives its seconds by the clock and of processor, all stages together. A failing stage fails it."""
    began = time.monotonic()
    child = subprocess.Popen(["bash", "-o", "pipefail", "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    usage = ended_or_said(child, ["bash", "-c", script], said)
    child.stderr.close()
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


def resident(pid):
    """Resident memory of a process now, in bytes."""
    with open(f"/proc/{pid}/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def high_water(pid):
    """The most resident memory that a process had so far, in bytes; 0 once it has ended."""
    with open(f"/proc/{pid}/status", "rb") as file:
        found = HIGH_WATER.search(file.read())
    return int(found[1]) * 1024 if found else 0
