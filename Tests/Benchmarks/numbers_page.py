"""docs/numbers.md: each benchmark keeps its own part, between marks."""

import os
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PATH = os.path.join(ROOT, "docs", "numbers.md")


def commit():
    done = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def keep(name, lines, is_printed_only):
    """Puts lines where the part of that name stood, or at the end; gives nothing, prints them."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = "\n".join([begin, *lines, end, ""])
    print(text)
    if is_printed_only:
        return
    with open(PATH, encoding="utf-8") as file:
        before, _, rest = file.read().partition(begin)
    behind = rest.partition(end)[2].lstrip("\n")
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(before.rstrip() + "\n\n" + text + ("\n" + behind if behind else ""))
