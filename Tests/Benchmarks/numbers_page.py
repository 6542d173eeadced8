"""docs/numbers.md: each benchmark keeps its own part, between marks. docs/numbers.json: the same results for machines, by the same names."""

import datetime
import json
import os
import platform
import shutil
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PATH = os.path.join(ROOT, "docs", "numbers.md")


def commit():
    done = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())


def machine():
    """What the numbers hold for."""
    jq = subprocess.run(["jq", "--version"], capture_output=True, text=True, check=False).stdout.strip() if shutil.which("jq") else "no jq"
    return {"cores": os.cpu_count(), "processor": processor(), "system": f"Linux {platform.release().split('-')[0]}", "jq": jq}


def measured(command):
    """The sentence that every part begins with."""
    seen = machine()
    return (f"Measured {datetime.date.today()} at commit {commit() or '(none)'} with `{command}`: "
            f"{seen['cores']} cores, {seen['processor']}, {seen['system']}, {seen['jq']}.")


def keep_json(name, results, command, path, is_printed_only):
    """Puts results under that name into a file of JSON, docs/numbers.json where none is named; the other names stay."""
    if path is None:
        if is_printed_only:
            return
        path = PATH.removesuffix(".md") + ".json"
    kept = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
    kept[name] = {"date": str(datetime.date.today()), "commit": commit(), "command": command, "machine": machine(), **results}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1, ensure_ascii=False)
        file.write("\n")


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
