"""Documents: strict JSON in, canonical JSON out, digests, and files that are whole or not there.

Contract: interfaces, section 5 (canonical JSON, digest).
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from readiness.errors import ConfigurationError, EvidenceError, OutputError
from readiness.intake import content
from readiness.integrity.digests import Digests, carried, digests, listed, places, undamaged
from readiness.integrity.signatures import ALGORITHM, Signature, Signer
from readiness.json_faults import described
from readiness.model.report import REPORT_SCHEMA, Report
from readiness.pieces import LONE_SURROGATE, pieces, plain

__all__ = [
    "canonical",
    "digest",
    "must_be_writable",
    "parse",
    "plain",
    "proven",
    "put_in_place",
    "read",
    "readable",
    "readable_pieces",
    "report_document",
    "report_json",
    "sealed",
    "write",
    "write_bytes",
    "write_pieces",
]

HELD_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Pauses before a file that another program holds is tried again."""
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(data: bytes) -> Any:
    """JSON as the contract reads it: UTF-8, no duplicate key, no NaN, lone surrogates replaced.

    Raises:
        ValueError: with what is wrong and where, never the content of a value.
    """
    text = data.decode("utf-8")  # which refuses surrogates: only escapes can bring some
    pairs = _clean_pairs if _SURROGATE_ESCAPE.search(data) else _pairs
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("an object has the same key twice")
    return fields


def _clean_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return _pairs([(_clean(key), _clean(value)) for key, value in pairs])


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_constant(f"a number as large as {text:.20}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def canonical(document: Any) -> bytes:
    """Canonical JSON: UTF-8, keys sorted, no white space, no ASCII escaping, no NaN."""
    return b"".join(pieces(document))


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, over the canonical JSON of the document without its `digest`."""
    found = hashlib.sha256()
    for piece in pieces({key: value for key, value in document.items() if key != "digest"}):
        found.update(piece)
    return found.hexdigest()


def sealed(document: Mapping[str, Any], signer: Signer | None = None) -> dict[str, Any]:
    """The document with its digest, those of its parts, and a signature where there is somebody to sign."""
    found = digests({**document})
    seal: dict[str, Any] = {"algorithm": "sha256", "value": found.whole, "parts": carried(found.parts)}
    if signer is not None:
        made = signer.sign(str(document.get("schema")), found.whole)
        seal["signature"] = {"algorithm": ALGORITHM, "key": made.key, "value": made.value}
    return {**document, "digest": seal}


def readable(document: Mapping[str, Any]) -> str:
    """The document as files hold it: keys sorted, indented. Its canonical form, and so its digest, is the same."""
    return b"".join(readable_pieces(document)).decode()


def readable_pieces(document: Mapping[str, Any]) -> Iterator[bytes]:
    """The same, piece by piece: what is large is never held whole."""
    yield from pieces(document, indented=True)
    yield b"\n"


def report_json(report: Report, signer: Signer | None = None) -> str:
    """A report as its JSON file holds it, schema, digest and signature included."""
    return readable(sealed(report_document(report), signer))


def report_document(report: Report) -> dict[str, Any]:
    """A report as a JSON document, without its digest."""
    return {"schema": REPORT_SCHEMA, **plain(report)}


def read(path: Path) -> dict[str, Any]:
    """A document from a file, its digest proven.

    Raises:
        EvidenceError: naming the file and what is wrong with it.
    """
    return proven(path, content(path))


def proven(path: Path, data: bytes) -> dict[str, Any]:
    """A document from what a file holds, its digest proven.

    Raises:
        EvidenceError: naming the file and what is wrong with it.
    """
    try:
        document = parse(data)
    except ValueError as error:
        raise EvidenceError(f"{path}: not a JSON document of this tool: {described(data, error)}") from error
    if not isinstance(document, dict):
        raise EvidenceError(f"{path}: not a JSON document of this tool: the outermost value is no object")
    _prove(path, document)
    return document


def _prove(path: Path, document: Mapping[str, Any]) -> None:
    stated = document.get("digest")
    if not isinstance(stated, dict) or stated.get("algorithm") != "sha256":
        raise EvidenceError(f"{path}: it carries no sha256 digest, so it was not written by this tool")
    try:
        proven = digests(document)
    except RecursionError as error:
        raise EvidenceError(f"{path}: not a JSON document of this tool: it is nested too deeply") from error
    problem = contradiction(document, stated, proven)
    if problem is not None:
        raise EvidenceError(f"{path}: {problem}")


def contradiction(document: Mapping[str, Any], stated: Mapping[str, Any], proven: Digests) -> str | None:
    """What a document's digest says that is not so; None where it is the document's own.

    By the contract the digest of the whole is what counts: who seals anew by it need not know of parts. They may then
    tell of what was there before, which `verify` tells; but they may not be damaged.
    """
    parts = stated.get("parts")
    if stated.get("value") != proven.whole:
        changed = places(document, proven.parts, parts) if parts is not None else []
        where = f", at {listed(changed)}" if changed else ""
        return f"changed after it was written: the digest does not match{where}"
    if "parts" in stated and undamaged(parts) is None:
        return "changed after it was written: the digests of its parts are damaged"
    if "signature" not in stated:
        return None
    if not signature_holds(document, stated["signature"], proven.whole):
        return "changed after it was signed: the signature does not belong to it"
    changed = places(document, proven.parts, parts) if "parts" in stated else []
    return f"changed after it was signed: its parts are others, at {listed(changed)}" if changed else None


def signature_of(stated: object) -> Signature | None:
    """The signature that a digest carries, in the form that this tool writes; None where it has another."""
    if not isinstance(stated, dict) or stated.keys() != {"algorithm", "key", "value"}:
        return None
    if stated["algorithm"] != ALGORITHM or not all(isinstance(one, str) for one in stated.values()):
        return None
    return Signature(stated["key"], stated["value"])


def signature_holds(document: Mapping[str, Any], stated: object, whole: str) -> bool:
    """Whether this is a signature of the document whose digest is `whole`; whose it is, it does not say."""
    signature = signature_of(stated)
    return signature is not None and signature.signs(str(document.get("schema")), whole)


def write(path: Path, text: str) -> None:
    """Write a file of text, UTF-8, so that it is whole or not there: the same bytes on every system.

    Raises:
        OutputError: naming the file.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file so that it is whole or not there, as `write_pieces` does."""
    write_pieces(path, (content,), private=private)


def write_pieces(path: Path, content: Iterable[bytes], *, private: bool = False) -> None:
    """Write a file so that it is whole or not there: a temporary file beside it, then a rename.

    Args:
        content: what it holds, piece by piece.
        private: nobody else may read it; not even for a moment.

    Raises:
        OutputError: naming the file.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "xb", opener=_private if private else None) as file:
            file.writelines(content)
        put_in_place(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written: {_why(error, path)}") from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def put_in_place(
    temporary: Path,
    path: Path,
    *,
    replace: Callable[[Path, Path], None] = os.replace,
    pause: Callable[[float], None] = time.sleep,
    held_for_a_moment: bool = os.name == "nt",
) -> None:
    """Let a file take the place of another, patiently: on Windows a virus scanner may hold either for a moment.

    Raises:
        OSError: it cannot, or is held for longer.
    """
    for seconds in HELD_SECONDS if held_for_a_moment else ():
        try:
            return replace(temporary, path)
        except PermissionError:
            pause(seconds)
    return replace(temporary, path)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _why(error: OSError, path: Path) -> str:
    words = str(error.strerror or error)
    if isinstance(error, PermissionError) and path.is_file():
        words += "; another program may hold the file: close it there, or name another place"
    return words


def must_be_writable(path: Path) -> None:
    """Find out, before anything is read, whether a file could be written here; its folder is made.

    Raises:
        ConfigurationError: naming the place.
    """
    probe = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        path.parent.mkdir(parents=True, exist_ok=True)
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror or error}") from error
