"""Events to measure with: what the feeds make of the kept recordings, kept beside them."""

import hashlib
import os
import subprocess


def _kept(source, command, more=()):
    """A file of what a command writes, made once for each command and each build of it."""
    with open(command[0], "rb") as file:
        build = hashlib.sha256(file.read()).hexdigest()
    key = hashlib.sha256(" ".join([build, *command[1:], *more]).encode()).hexdigest()[:10]
    path = f"{os.path.splitext(source)[0]}-{key}.events"
    if not os.path.exists(path):
        with open(f"{path}.{os.getpid()}", "wb") as file:
            subprocess.run([*command, *more], stdout=file, stderr=subprocess.PIPE, check=True)
        os.replace(f"{path}.{os.getpid()}", path)
    return path


def of_feed(command, recording):
    """A feed's events of a recording."""
    return _kept(recording, command, ("--replay", recording))


def merged(command, parts):
    """One stream of several."""
    return _kept(parts[0], command, parts)


def count(path):
    """Lines of a file."""
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
