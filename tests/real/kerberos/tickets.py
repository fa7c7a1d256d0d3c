"""Ticket caches that time has spoilt: files in the format of MIT, version 4, as its documentation has it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

HEADER = b"\x05\x04"
DELTA_TIME = 1


def expired(cache: Path, into: Path) -> str:
    """A cache whose tickets ended an hour ago; as `KRB5CCNAME` names it."""
    import krb5

    content, context = cache.read_bytes(), krb5.init_context()
    tickets: Any = krb5.cc_resolve(context, f"FILE:{cache}".encode())
    for ticket in (
        one for one in tickets if one.times.endtime
    ):  # settings of the cache look like tickets without an end
        start, end = ticket.times.starttime or ticket.times.authtime, ticket.times.endtime
        content = content.replace(struct.pack(">II", start, end), struct.pack(">II", start - 7200, start - 3600))
    assert content != cache.read_bytes()
    into.write_bytes(content)
    return f"FILE:{into}"


def ahead(cache: Path, into: Path, seconds: int) -> str:
    """A cache that says our clock must be set forward by so many seconds, as if a domain controller had told so."""
    content = cache.read_bytes()
    assert content[:2] == HEADER
    (length,) = struct.unpack_from(">H", content, 2)
    header = struct.pack(">HHiI", DELTA_TIME, 8, seconds, 0)
    into.write_bytes(HEADER + struct.pack(">H", len(header)) + header + content[4 + length :])
    return f"FILE:{into}"
