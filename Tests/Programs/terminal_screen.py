"""A small terminal: what a VT100 with an alternate screen would show of some bytes, and a pseudo-terminal to run a tool on.

It knows the sequences that the table may use and no others: anything else is an error, so a label that reaches the terminal as a sequence is found.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
import unicodedata

SEQUENCE = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])")
START = re.compile(r"\x1b(\[\??[0-9;]*)?\Z")


def width(character):
    """Cells, by Python's own Unicode tables."""
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    """Cells, cursor and modes. A wide character stands in its first cell; its second is empty."""

    def __init__(self, columns, rows):
        self.modes = {"?1049": False, "?25": True, "?7": True}
        self.styles, self.scrolled, self.pending = set(), [], ""
        self.main = self.alternate = None
        self.resize(columns, rows)
        self.is_loose = False

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        # What was on its way is of the old size; a terminal keeps it at its edge, until the screen is drawn anew.
        self.is_loose = True
        self.main, self.alternate = self.blank(), self.blank()
        self.row = self.column = 0

    def blank(self):
        return [[" "] * self.columns for _ in range(self.rows)]

    @property
    def grid(self):
        return self.alternate if self.modes["?1049"] else self.main

    def lines(self):
        return ["".join(row).rstrip() for row in self.grid]

    def printed(self):
        """Everything that stands on the screen that scrolls."""
        return self.scrolled + ["".join(row).rstrip() for row in self.main]

    def feed(self, text):
        text, self.pending = self.pending + text, ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self.put(text[at])
                at += 1
                continue
            found = SEQUENCE.match(text, at)
            if not found:
                if START.match(text, at):
                    self.pending = text[at:]
                    return
                if text[at + 1 :].lstrip("[?0123456789;")[:1] == "\x18":  # CAN ends a sequence that was cut
                    at = text.index("\x18", at) + 1
                    continue
                raise ValueError(f"no sequence of a table: {text[at:at + 20]!r}")
            self.obey(*found.groups())
            at = found.end()

    def obey(self, private, numbers, letter):
        values = [int(number or 0) for number in numbers.split(";")] if numbers else []
        if private:
            mode = f"?{numbers}"
            if mode not in self.modes or letter not in "hl":
                raise ValueError(f"no mode of a table: {mode}{letter}")
            self.modes[mode] = letter == "h"
            if mode == "?1049" and letter == "h":
                self.saved, self.alternate = (self.row, self.column), self.blank()
            if mode == "?1049" and letter == "l":
                self.row, self.column = self.saved
        elif letter == "H":
            self.row, self.column = (max(value, 1) - 1 for value in (values + [1, 1])[:2])
            if self.is_loose:
                self.row, self.column = min(self.row, self.rows - 1), min(self.column, self.columns - 1)
            if self.row >= self.rows or self.column >= self.columns:
                raise ValueError(f"the cursor is moved to {self.row},{self.column}, out of {self.rows},{self.columns}")
        elif letter == "J" and values == [2]:
            self.is_loose = False
            self.grid[:] = self.blank()
        elif letter == "K" and values == [2]:
            self.grid[self.row] = [" "] * self.columns
        elif letter == "m":
            self.styles |= set(values or [0])
        else:
            raise ValueError(f"no sequence of a table: {numbers}{letter}")

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
            if self.row == self.rows:
                self.row -= 1
                self.scrolled.append("".join(self.grid.pop(0)).rstrip())
                self.grid.append([" "] * self.columns)
        elif character == "\x18":
            pass
        elif ord(character) < 32 or 0x7F <= ord(character) < 0xA0 or unicodedata.category(character) in ("Cf", "Zl", "Zp"):
            raise ValueError(f"a control character: {character!r}")
        elif width(character) == 0:
            self.grid[self.row][self.column - 1] += character
        else:
            cells = width(character)
            if self.column + cells > self.columns:
                if self.is_loose:
                    return
                if self.modes["?1049"]:
                    raise ValueError(f"{character!r} is written beyond the right edge")
                self.put("\n")
                self.column = 0
            self.grid[self.row][self.column] = character
            if cells == 2:
                self.grid[self.row][self.column + 1] = ""
            self.column += cells


class Terminal:
    """A pseudo-terminal with a tool on it, whose bytes a thread hands to a `Screen`."""

    def __init__(self, command, stdin, columns=100, rows=24, environment=None, stderr=None, cwd=None, pass_fds=()):
        self.master, self.slave = pty.openpty()
        self.screen = Screen(columns, rows)
        self.set_size(columns, rows)
        self.before = termios.tcgetattr(self.slave)
        self.output, self.fault, self.is_over = b"", None, False
        self.reads = threading.Event()
        self.reads.set()
        self.lock = threading.Lock()
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=self.slave, stderr=self.slave if stderr is None else stderr, env=environment, cwd=cwd, pass_fds=pass_fds,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0))
        # Whatever a broken tool does, nothing waits for it for ever.
        self.watch = threading.Timer(60, self.process.kill)
        self.watch.daemon = True
        self.watch.start()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def set_size(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        """As a terminal does it: the program hears of it after the terminal has changed."""
        with self.lock:
            self.screen.resize(columns, rows)
            self.set_size(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    def read(self):
        held = b""
        while not self.is_over:
            self.reads.wait()
            try:
                if not select.select([self.master], [], [], 0.05)[0]:
                    continue
                data = os.read(self.master, 65536)
            except (OSError, ValueError):
                return
            if not data:
                return
            with self.lock:
                self.output += data
                held += data
                end = len(held)
                while end and end > len(held) - 4 and held[end - 1] >= 0x80:  # a character may be cut
                    try:
                        held[:end].decode()
                        break
                    except UnicodeDecodeError:
                        end -= 1
                try:
                    self.screen.feed(held[:end].decode())
                except Exception as fault:  # told to the test, which is another thread
                    self.fault = self.fault or fault
                held = held[end:]

    def has_read(self, last):
        """Whether these bytes came last, and are on the screen too."""
        with self.lock:
            return self.output.endswith(last)

    def lines(self):
        with self.lock:
            if self.fault:
                raise self.fault
            return self.screen.lines()

    def wait_for(self, condition, what, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}; on the screen:\n" + "\n".join(self.lines()))
            time.sleep(0.005)

    def end(self, seconds=20):
        """Waits for the tool, and for its last bytes; gives the status."""
        status = self.process.wait(timeout=seconds)
        os.write(self.slave, b"\r\n\xe2\x90\x84")  # a character that no table has
        self.reads.set()
        self.wait_for(lambda: self.has_read(b"\xe2\x90\x84"), "the last bytes")
        if self.fault:
            raise self.fault
        return status

    def is_as_before(self):
        """Whether the terminal is as the tool found it."""
        modes = self.screen.modes
        return termios.tcgetattr(self.slave) == self.before and not modes["?1049"] and modes["?25"] and modes["?7"]

    def is_full(self):
        """Whether it has no room for what a program writes."""
        return not select.select([], [self.slave], [], 0)[1]

    def has_pending(self, number):
        """Whether the tool was sent a signal that it has not seen yet."""
        with open(f"/proc/{self.process.pid}/status") as status:
            masks = [int(line.split()[1], 16) for line in status if line.startswith(("SigPnd:", "ShdPnd:"))]
        return any(mask >> (number - 1) & 1 for mask in masks)

    def hang_up(self):
        """The terminal goes away."""
        if self.is_over:
            return
        self.is_over = True
        self.reads.set()
        self.reader.join()
        os.close(self.master)
        os.close(self.slave)

    def close(self):
        self.watch.cancel()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.hang_up()
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except OSError:
                pass
