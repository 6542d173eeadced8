"""WebSocket frames as a server writes them, for the venues that are measured against."""

import struct


def framed(text):
    """A server's text frame (RFC 6455 §5.2)."""
    body = text.encode()
    if len(body) < 126:
        return bytes([0x81, len(body)]) + body
    if len(body) < 1 << 16:
        return b"\x81\x7e" + struct.pack(">H", len(body)) + body
    return b"\x81\x7f" + struct.pack(">Q", len(body)) + body
