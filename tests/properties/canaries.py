"""Secrets that can be found again in whatever form they come out: as they are, quoted, encoded, in headers, hashed."""

from __future__ import annotations

import base64
import binascii
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.kept import said_in

SHORTEST = 8


def forms(secret: str) -> frozenset[bytes]:
    """Every form in which a secret could stand in a text or in bytes; in base64 at each of its three offsets."""
    texts = {
        secret, quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), repr(secret)[1:-1],
        json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[3:-3],
    }  # fmt: skip
    found: set[bytes] = set()
    for text in texts:
        for encoded in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
            found |= {encoded, binascii.hexlify(encoded), binascii.hexlify(encoded).upper(), *_base64(encoded)}
    return frozenset(form for form in found if len(form) >= SHORTEST)


def _base64(data: bytes) -> Iterator[bytes]:
    """What is in the base64 of any text that holds the data, wherever it begins; both alphabets."""
    for offset in range(3):
        encoded = base64.b64encode(b"\x00" * offset + data)
        begin, end = (4 if offset else 0), len(encoded) // 4 * 4 - (4 if (offset + len(data)) % 3 else 0)
        inner = encoded[begin:end]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def header_forms(user: str, password: str) -> frozenset[bytes]:
    """As Basic writes a user and a password, and as NTLM keeps the password."""
    pair = f"{user}:{password}"
    return forms(pair) | {base64.b64encode(pair.encode()), *_hashes(password)}


def _hashes(password: str) -> Iterator[bytes]:
    from spnego._ntlm_raw.crypto import ntowfv1

    digest: bytes = ntowfv1(password)
    yield from (digest, binascii.hexlify(digest), binascii.hexlify(digest).upper(), *_base64(digest))


def found_in(places: Mapping[str, bytes], secrets: Mapping[str, Iterable[bytes]]) -> list[str]:
    """Which secrets stand where: `client secret in stdout`."""
    return [
        f"{name} in {place}"
        for place, content in places.items()
        for name, every in secrets.items()
        if any(form in content for form in every)
    ]


def files(*folders: Path, but: Iterable[str]) -> dict[str, bytes]:
    """Every file below the folders, and its name; without those that hold secrets because they are to."""
    left_out = set(but)
    every = (path for folder in folders for path in folder.rglob("*") if path.is_file() and path.name not in left_out)
    return {f"file {path}": path.name.encode() + b"\n" + said_in(path) for path in every}
