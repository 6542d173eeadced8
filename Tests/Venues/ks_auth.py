"""Who may come in: the three KALSHI-ACCESS headers, their signature verified by an independent library (dossier §1.2, §1.3)."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding

WINDOW_MS = 30_000
REFUSED = {"error": {"code": "token_authentication_failure", "message": "token authentication failure"}}


def text_signed(stamp, method, path):
    """What is signed: time, method and path without its query, joined without separators."""
    return f"{stamp}{method}{path.partition('?')[0]}".encode()


class Door:
    """Knows the public keys by key id, and which signatures were used before."""

    def __init__(self, key_files, clock_ms):
        """`key_files` is `{key id: private key file}`; `clock_ms` gives the venue's wall clock."""
        self.clock_ms, self.used, self.public = clock_ms, set(), {}
        for identity, path in key_files.items():
            with open(path, "rb") as file:
                self.public[identity] = serialization.load_pem_private_key(file.read(), None).public_key()

    def why_not(self, method, path, headers):
        """None for a good request, else what is wrong with it; a signature counts once."""
        identity, stamp, signature = (headers.get(f"KALSHI-ACCESS-{name}") for name in ("KEY", "TIMESTAMP", "SIGNATURE"))
        if identity is None or stamp is None or signature is None:
            return "a header is missing"
        if identity not in self.public:
            return "unknown key id"
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) != 13:
            return "the timestamp is not in milliseconds"
        if abs(int(stamp) - self.clock_ms()) > WINDOW_MS:
            return "the timestamp is too old or too new"
        if not verified(self.public[identity], signature, text_signed(stamp, method, path)):
            return "the signature does not verify"
        if signature in self.used:
            return "the signature was used before"
        self.used.add(signature)
        return None


def verified(public, signature, text):
    """Whether `signature` (standard base64, padded) is one of `text`: RSA-PSS with SHA-256 and 32 bytes of salt, or Ed25519."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(raw, text)
        else:
            public.verify(raw, text, padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def sign(private, text):
    """Signs as a client does; the self-test's client uses it."""
    if isinstance(private, ed25519.Ed25519PrivateKey):
        raw = private.sign(text)
    else:
        raw = private.sign(text, padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256())
    return base64.b64encode(raw).decode()


def headers(key_id, private, stamp_ms, method, path):
    """The three headers of a signed request."""
    signature = sign(private, text_signed(stamp_ms, method, path))
    return {"KALSHI-ACCESS-KEY": key_id, "KALSHI-ACCESS-TIMESTAMP": str(stamp_ms), "KALSHI-ACCESS-SIGNATURE": signature}
