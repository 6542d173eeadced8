"""What databases cost: mkt-sink into SQLite and PostgreSQL, with and without --spool, beside their own loaders with the same rows.

The loaders get the rows ready-made (sqlite3's `.import` of CSV, psql's `\\copy` of text), into the same tables with the same indexes: no
JSON, no checks, no identities. Turn about, so that a slow moment of the machine falls on all alike.

usage: MKT_BIN=.build/release storage.py [--lines 2000000] [--runs 5] [--print]
"""

import argparse
import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import time

import corpus
import numbers_page

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Programs"))
import postgres_server  # noqa: E402  pylint: disable=wrong-import-position

TOOLS = os.path.abspath(os.environ.get("MKT_BIN", os.path.join(ROOT, ".build", "release")))
QUIET = ("--log-level", "error", "--heartbeat", "0")


def timed(command, source=None, env=None, cwd=None):
    """Runs a command; gives its seconds and the most memory that it had, in MB."""
    began = time.monotonic()
    with open(source or os.devnull, "rb") as stdin:
        child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, env=env, cwd=cwd)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    return time.monotonic() - began, usage.ru_maxrss / 1000


def output(*command, env=None):
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout


class SQLite:
    """The same rows into a new database each time."""

    def __init__(self, folder, events):
        self.folder, self.events = folder, events
        first = os.path.join(folder, "first.db")
        timed([os.path.join(TOOLS, "mkt-sink"), *QUIET, "--to", f"sqlite:{first}"], events)
        names = output("sqlite3", first, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").split()
        self.tables = [name for name in names if int(output("sqlite3", first, f'SELECT count(*) FROM "{name}"'))]
        self.rows = sum(int(output("sqlite3", first, f'SELECT count(*) FROM "{name}"')) for name in self.tables if name != "meta")
        self.columns = {name: output("sqlite3", first, f"SELECT name FROM pragma_table_xinfo('{name}') WHERE hidden = 0").split() for name in self.tables}
        for name in self.tables:
            with open(os.path.join(folder, name), "wb") as file:
                subprocess.run(["sqlite3", "-csv", first, f'SELECT {", ".join(self.columns[name])} FROM "{name}"'], check=True, stdout=file)
        # `.import` knows no NULL; its empty text is not for STRICT tables, and is the same for all trades without an id.
        self.schema = output(os.path.join(TOOLS, "mkt-sink"), "--schema").replace(") STRICT, WITHOUT", ") WITHOUT").replace(") STRICT", ")")
        self.schema = self.schema.replace("CREATE UNIQUE INDEX", "CREATE INDEX")

    def fresh(self, name):
        path = os.path.join(self.folder, name)
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(path + suffix):
                os.remove(path + suffix)
        return path

    def sink(self, *more):
        return timed([os.path.join(TOOLS, "mkt-sink"), *QUIET, *more, "--to", f"sqlite:{self.fresh('sink.db')}"], self.events)

    def loader(self):
        path = self.fresh("loader.db")
        subprocess.run(["sqlite3", path], input=self.schema, text=True, check=True, stdout=subprocess.DEVNULL)
        words = [f"DELETE FROM \"{name}\";" for name in self.tables]
        words += [f".import --csv {os.path.join(self.folder, name)} {name}" for name in self.tables]
        return timed(["sqlite3", path, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *words])


class Postgres:
    """The same rows into emptied tables each time."""

    def __init__(self, folder, events):
        self.folder, self.events = folder, events
        self.server = postgres_server.PostgresServer()
        self.server.start()
        self.address = f"postgres:///postgres?host={self.server.folder}&user=owner"
        timed([os.path.join(TOOLS, "mkt-sink"), *QUIET, "--init", "--to", self.address])
        self.sink()
        tables = self.query("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace").split()
        self.tables = [name for name in tables if self.query(f"SELECT count(*) FROM {name}").strip() not in ("0",) and not name.startswith("mkt_meta")]
        for name in self.tables:
            for form in ("text", "binary"):
                self.query(f"\\copy (SELECT * FROM {name}) TO '{os.path.join(folder, f'{form}_{name}')}' (FORMAT {form})")

    def query(self, text):
        return output("psql", "-X", "-q", "-At", "-h", self.server.folder, "-U", "owner", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", text)

    def empty(self):
        self.query(f"TRUNCATE {', '.join(self.tables)}")
        self.query("CHECKPOINT")

    def sink(self, *more):
        return timed([os.path.join(TOOLS, "mkt-sink"), *QUIET, *more, "--to", self.address], self.events)

    def loader(self, form):
        words = []
        for name in self.tables:
            words += ["-c", f"\\copy {name} FROM '{os.path.join(self.folder, f'{form}_{name}')}' (FORMAT {form})"]
        return timed(["psql", "-X", "-q", "-h", self.server.folder, "-U", "owner", "-d", "postgres", "-v", "ON_ERROR_STOP=1", *words])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--print", action="store_true", help="to standard output, not to docs/numbers.md")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        events = os.path.join(folder, "events.ndjson")
        parts = []
        for name, sample in (("pm-feed", "polymarket"), ("kalshi-feed", "kalshi")):
            parts.append(os.path.join(folder, sample))
            with open(parts[-1], "wb") as file:
                subprocess.run(
                    [os.path.join(TOOLS, name), *QUIET, "--replay", os.path.join(ROOT, "pipelines", "samples", f"{sample}.ndjson")],
                    check=True, stdout=file)
        merged = os.path.join(folder, "merged")
        with open(merged, "wb") as file:
            subprocess.run([os.path.join(TOOLS, "mkt-merge"), *QUIET, *parts], check=True, stdout=file)
        count = corpus.times_n(merged, events, args.lines, conn_step=100)
        size = os.path.getsize(events) / count
        spool = ("--spool", os.path.join(folder, "spool"))
        lite = SQLite(folder, events)
        server = Postgres(folder, events)
        try:
            works = {
                "sqlite3 .import": lite.loader, "mkt-sink sqlite": lite.sink, "mkt-sink sqlite --spool": lambda: lite.sink(*spool),
                "psql \\copy": lambda: (server.empty(), server.loader("text"))[1],
                "psql \\copy, binary": lambda: (server.empty(), server.loader("binary"))[1], "mkt-sink postgres": lambda: (server.empty(), server.sink())[1],
                "mkt-sink postgres --spool": lambda: (server.empty(), server.sink(*spool))[1],
            }
            results = {name: [] for name in works}
            for _ in range(args.runs):
                for name, work in works.items():
                    results[name].append(work())
        finally:
            server.server.remove()
        medians = {name: (statistics.median(seconds for seconds, _ in got), max(memory for _, memory in got)) for name, got in results.items()}
        rows = []
        for name, (seconds, memory) in medians.items():
            loader = medians["sqlite3 .import" if "sqlite" in name else "psql \\copy"][0]
            rows.append(f"| `{name}` | {seconds:.2f} | {count / seconds:,.0f} | {loader / seconds:.2f} | {memory:.0f} |")
    numbers_page.keep("storage", [
        "## Databases", "",
        f"Measured {datetime.date.today()} at commit {numbers_page.commit()} with `make bench-storage`: {os.cpu_count()} cores, medians of {args.runs} runs, turn about; {count:,} events of {size:.0f} B.",
        "The loaders get the rows ready-made, into the same tables with the same indexes: no JSON, no checks, no identities. PostgreSQL runs on the same cores, with `fsync = off`;",
        "SQLite's loader with the settings of ours. `mkt-sink` copies in the binary format. Memory is the client's.", "",
        "| work | seconds | events a second | × its loader | most MB |", "|---|---|---|---|---|", *rows], args.print)


if __name__ == "__main__":
    main()
