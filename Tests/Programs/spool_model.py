"""The spool as docs/storage.md tells of it: a reader of its log that shares no code with mkt-sink, with a CRC-32C of its own."""

import os
import re

# RFC 3720, B.4: what is summed, and the sum as a number (the RFC prints its bytes in the order in which they are sent, the least first).
VECTORS = (
    (bytes(32), "8a9136aa"),
    (b"\xff" * 32, "62a8ab43"),
    (bytes(range(32)), "46dd794e"),
    (bytes(range(31, -1, -1)), "113fdb5c"),
    (bytes.fromhex("01c00000000000000000000000000000140000000000040000000014000000182800000000000000" "0200000000000000"), "d9963a56"),
    (b"123456789", "e3069283"),
)
NAME = re.compile(r"\d{20}\.ndjson")
LINE = re.compile(rb'\{"crc32c":"([0-9a-f]{8})",("number":(0|[1-9]\d*),"occurrence":(0|[1-9]\d*),"line":(.*)\})', re.DOTALL)
REJECTED = "rejected.ndjson"


def _table():
    sums = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        sums.append(byte)
    return sums


TABLE = _table()


def crc32c(data):
    """Eight hexadecimal digits."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ TABLE[(value ^ byte) & 0xFF]
    return f"{value ^ 0xFFFFFFFF:08x}"


def files(folder):
    """The files of the log, in order."""
    try:
        return sorted(os.path.join(folder, name) for name in os.listdir(folder) if NAME.fullmatch(name))
    except FileNotFoundError:
        return []


def raw_lines(folder):
    """Whole lines as they stand there, without newlines. Quick, nothing is checked; a file may go away meanwhile."""
    found = []
    for path in files(folder):
        try:
            with open(path, "rb") as file:
                found += file.read().split(b"\n")[:-1]
        except FileNotFoundError:
            pass
    return found


def number_of(raw):
    return int(LINE.fullmatch(raw).group(3))


def event_of(raw):
    """The event of a line of the log, byte for byte."""
    return LINE.fullmatch(raw).group(5)


def spelled(number, occurrence, event):
    """A line of the log, without its newline."""
    rest = b'"number":%d,"occurrence":%d,"line":%s}' % (number, occurrence, event)
    return b'{"crc32c":"%s",%s' % (crc32c(rest).encode(), rest)


def read(folder, torn=False):
    """All of the log as (number, occurrence, event). A line that is not as the page says is an AssertionError; only the last may be `torn`."""
    found, paths = [], files(folder)
    for path in paths:
        with open(path, "rb") as file:
            *whole, rest = file.read().split(b"\n")
        assert not rest or (torn and path == paths[-1]), f"{path} ends within a line: {rest!r}"
        for place, raw in enumerate(whole):
            parts = LINE.fullmatch(raw)
            assert parts, f"not a line of the log: {raw!r}"
            assert crc32c(parts.group(2)) == parts.group(1).decode(), f"wrong checksum, {crc32c(parts.group(2))} would be right: {raw!r}"
            number = int(parts.group(3))
            assert place or f"{number:020}.ndjson" == os.path.basename(path), f"{path} begins with number {number}"
            assert not found or number == found[-1][0] + 1, f"number {number} follows {found[-1][0]}"
            found.append((number, int(parts.group(4)), parts.group(5)))
    return found


def left(folder):
    """What there is beside small `.position` files, which an empty spool has not."""
    return sorted(name for name in os.listdir(folder) if not (name.endswith(".position") and os.path.getsize(os.path.join(folder, name)) < 4096))
