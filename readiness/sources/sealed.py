"""The outside of an encrypted WS-Man message: what its Content-Type must say ([MS-WSMV] 2.2.9.1)."""

from __future__ import annotations

from email.message import Message

PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
BOUNDARY = "Encrypted Boundary"
LONGEST = 500
"""Characters of a Content-Type; the parser fails on parameters with thousands of digits, and is slow on many quotes."""
CONTENT_TYPE = f'multipart/encrypted;protocol="{PROTOCOL}";boundary="{BOUNDARY}"'


def says_sealed(content_type: str | bytes | None) -> bool:
    """Whether a Content-Type announces one message encrypted with the keys of the sign-in, and nothing else."""
    if content_type is None:
        return False
    text = content_type.decode("latin-1") if isinstance(content_type, bytes) else content_type
    if len(text) > LONGEST:
        return False
    header = Message()
    header["Content-Type"] = text
    return (
        header.get_content_type() == "multipart/encrypted"
        and str(header.get_param("protocol")).lower() == PROTOCOL.lower()
        and header.get_param("boundary") == BOUNDARY
    )
