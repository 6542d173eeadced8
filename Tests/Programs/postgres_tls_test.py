"""libpq's own settings reach PostgreSQL: TLS that proves the server, passwords in --env-file; for mkt-decide, which reads, and mkt-sink, which writes."""

import os
import shutil
import socket
import subprocess
import tempfile
import unittest

from postgres_server import PostgresServer
from support import run

LINE = b'{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1790267321911204,"price":0.5,"size":12,"aggressor_side":"buy"}\n'
RULES = '[rules.wide]\nstrategy = "spread"\nmin_spread = 0.9\nparameters = "database"\n'
PASSWORD = "a word that nobody guesses"


class PostgresTLS(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.server = PostgresServer()
        cls.addClassCleanup(cls.server.remove)
        for name in ("server", "other"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                            "-keyout", cls.path(f"{name}.key"), "-out", cls.path(f"{name}.pem")], check=True, capture_output=True)
        for name, mode in (("server.key", 0o600), ("server.pem", 0o644)):
            target = os.path.join(cls.server.data, name)
            shutil.copy(cls.path(name), target)
            os.chmod(target, mode)
            if os.geteuid() == 0:
                shutil.chown(target, cls.server.user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.port = probe.getsockname()[1]
        with open(os.path.join(cls.server.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(f"listen_addresses = 'localhost'\nport = {cls.port}\nssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n")
        with open(os.path.join(cls.server.data, "pg_hba.conf"), "w", encoding="utf-8") as file:
            # Over the network with TLS and a password only.
            file.write("local all all trust\nhostssl all all all scram-sha-256\n")
        cls.server.start()
        cls.sql(f"ALTER ROLE owner PASSWORD '{PASSWORD}'; CREATE TABLE strategy_parameters (rule text, key text, value text);")

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def sql(cls, text):
        done = subprocess.run(["psql", "-h", cls.server.folder, "-p", str(cls.port), "-U", "owner", "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"],
                              input=text.encode(), capture_output=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr.decode())
        return done.stdout.decode().strip()

    def url(self, mode="verify-full", root="server.pem"):
        return f"postgres://owner@localhost:{self.port}/postgres?sslmode={mode}&sslrootcert={self.path(root)}"

    def tools(self, url, *arguments, environment=None, stream=b""):
        """Both tools at this address."""
        with open(self.path("rules.toml"), "w", encoding="utf-8") as file:
            file.write(RULES)
        decide = run("mkt-decide", "--rules", self.path("rules.toml"), "--heartbeat", "0", "--db", url, *arguments, stdin=stream, environment=environment or {})
        sink = run("mkt-sink", "--to", url, *arguments, stdin=stream, environment=environment or {})
        return decide, sink

    def test_verifiedServer_andAPasswordInTheEnvFile(self):
        self.assertEqual(run("mkt-sink", "--init", "--to", self.url(), environment={"PGPASSWORD": PASSWORD}).returncode, 0)
        with open(self.path("env"), "w", encoding="utf-8") as file:
            file.write(f"PGPASSWORD='{PASSWORD}'\n")
        os.chmod(self.path("env"), 0o600)
        for arguments, environment in (((), {"PGPASSWORD": PASSWORD}), (("--env-file", self.path("env")), {})):
            self.sql("DELETE FROM trades")
            for done in self.tools(self.url(), *arguments, environment=environment, stream=LINE):
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn(PASSWORD.encode(), done.stderr + done.stdout)
            self.assertEqual(self.sql("SELECT count(*) FROM trades"), "1")
        # The environment of the process counts before the file.
        for done in self.tools(self.url(), "--env-file", self.path("env"), environment={"PGPASSWORD": "another"}, stream=LINE):
            self.assertEqual(done.returncode, 77, done.stderr)
            self.assertNotIn(PASSWORD.encode(), done.stderr)

    def test_whoCannotProveItself_isNotTrusted(self):
        for url in (self.url(root="other.pem"), self.url().replace("localhost", "127.0.0.1")):
            for done in self.tools(url, environment={"PGPASSWORD": PASSWORD}):
                self.assertIn(done.returncode, (69, 75), done.stderr)
                self.assertRegex(done.stderr.decode(), r"certificate|SSL error")
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)

    def test_withoutTLS_theServerRefuses(self):
        for done in self.tools(self.url(mode="disable"), environment={"PGPASSWORD": PASSWORD}):
            self.assertEqual(done.returncode, 77, done.stderr)
            self.assertIn(b"no encryption", done.stderr)


if __name__ == "__main__":
    unittest.main()
