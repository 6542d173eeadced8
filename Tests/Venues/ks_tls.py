"""A certificate authority for one run, and the keys a client signs with; all made by the openssl command."""

import contextlib
import fcntl
import os
import ssl
import subprocess

LEAF = """basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1
"""


def openssl(*words):
    """Runs openssl, and says what it said if it fails."""
    done = subprocess.run(("openssl", *words), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"openssl {words[0]}: {done.stderr.strip()}")


@contextlib.contextmanager
def alone(folder):
    """Keeps venues that share a folder from making the same files at once."""
    with open(os.path.join(folder, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def authority(folder):
    """Makes `ca.pem` and a certificate for localhost, unless they are there; gives the path of `ca.pem`."""
    def path(name):
        return os.path.join(folder, name)
    if os.path.exists(path("leaf.pem")):
        return path("ca.pem")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", path("ca.key"), "-out", path("ca.pem"), "-days", "2", "-subj", "/CN=mktpipe test CA",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *curve, "-keyout", path("leaf.key"), "-out", path("leaf.csr"), "-subj", "/CN=localhost")
    with open(path("leaf.ext"), "w", encoding="ascii") as file:
        file.write(LEAF)
    openssl("x509", "-req", "-in", path("leaf.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
            "-out", path("leaf.pem"), "-days", "2", "-extfile", path("leaf.ext"))
    return path("ca.pem")


def context(folder):
    """A server context with the certificate of `authority`, TLS 1.2 and 1.3, HTTP/1.1 only."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(os.path.join(folder, "leaf.pem"), os.path.join(folder, "leaf.key"))
    made.set_alpn_protocols(["http/1.1"])
    return made


def keys(folder):
    """A client's keys as files that only their owner can read, made unless they are there: RSA as PKCS#1 and PKCS#8, and Ed25519."""
    made = {name: os.path.join(folder, f"{name}.pem") for name in ("key", "key_pkcs8", "key_ed25519")}
    if all(map(os.path.exists, made.values())):
        return made
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", made["key_pkcs8"])
    openssl("rsa", "-traditional", "-in", made["key_pkcs8"], "-out", made["key"])
    openssl("genpkey", "-algorithm", "ed25519", "-out", made["key_ed25519"])
    for path in made.values():
        os.chmod(path, 0o600)
    return made
