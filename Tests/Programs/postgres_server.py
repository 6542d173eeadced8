"""A PostgreSQL server of the test's own, on a private socket."""

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import tempfile


def programs():
    """The folder of the newest server programs on this machine."""
    found = [path for path in glob.glob("/usr/lib/postgresql/*/bin") if os.path.exists(os.path.join(path, "initdb"))]
    if not found:
        raise AssertionError("PostgreSQL's server is missing; packaging/install-packages.sh test installs it")
    return max(found, key=lambda path: int(path.split("/")[-2]))


class PostgresServer:
    """Started by `start`, gone after `remove`. Server programs refuse root, so root lends them the account `postgres`."""

    def __init__(self):
        self.programs = programs()
        self.folder = tempfile.mkdtemp(prefix="mktpg", dir="/tmp")
        self.data = os.path.join(self.folder, "data")
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "owner", "--no-sync", "-E", "UTF8")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nfsync = off\nmax_connections = 20\n")

    def run(self, program, *arguments):
        as_user = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*as_user, os.path.join(self.programs, program), *arguments], capture_output=True, timeout=60, check=False, cwd="/")
        if done.returncode != 0:
            raise AssertionError(f"{program}: {done.stderr.decode()}")

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.folder, "log"), "start")

    def kill(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    def freeze(self, number):
        """Sends a signal to all its processes, of which one may just have ended; gives them."""
        with open(os.path.join(self.data, "postmaster.pid"), encoding="utf-8") as file:
            server = int(file.readline())
        with open(f"/proc/{server}/task/{server}/children", encoding="utf-8") as file:
            every = [server, *map(int, file.read().split())]
        for process in every:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
        return every

    def sql(self, text):
        done = subprocess.run(["psql", "-h", self.folder, "-U", "owner", "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"], input=text.encode(),
                              capture_output=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr.decode())
        return done.stdout.decode().strip()

    @property
    def url(self):
        return f"postgres://owner@/postgres?host={self.folder}"

    def remove(self):
        try:
            self.kill()
        except AssertionError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)
