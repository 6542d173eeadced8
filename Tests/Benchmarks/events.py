"""Events to measure with: what the feeds make of the kept recordings, kept beside them."""

import glob
import hashlib
import os
import subprocess


def _stem(path):
    """What a recording and all that was made of it begin with: venue, seed, markets, frames, digest."""
    return "-".join(os.path.basename(path).split(".")[0].split("-")[:5])


def _kept(source, command, more):
    """A file of what a command writes of `source`, made once for each build of the program; those of other builds go."""
    with open(command[0], "rb") as file:
        build = hashlib.sha256(file.read())
    build.update(" ".join(more).encode())
    words = [os.path.basename(command[0]), *command[1:], *map(_stem, more)]
    start = os.path.join(os.path.dirname(source), f"{_stem(source)}-{hashlib.sha256(' '.join(words).encode()).hexdigest()[:8]}-")
    path = f"{start}{build.hexdigest()[:8]}.events"
    if not os.path.exists(path):
        for old in glob.glob(f"{start}*"):
            os.remove(old)
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
