"""Any single flipped byte of a signed file is found: of evidence and of a report in every format, wherever it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

import pytest

from readiness.composition import seal
from readiness.verification import State, examine

FLIPS = (0x01, 0x20, 0x80, 0x07)
"""The last bit (a digit), the case of a letter, out of ASCII, and a line feed into a carriage return."""
PLACES = 120
"""How many of a file are tried, evenly spread; all of them, with every flip, with PROPERTY_TIMES."""
ENDS = 60
"""Bytes at each end of a file that are tried one and all."""
KINDS = ("evidence", "json", "html", "markdown")
SEALS = re.compile(rb"[0-9a-f]{128}|ed25519.{8}|signature.{4}")
ALL = int(os.environ.get("PROPERTY_TIMES", "1")) > 1


def places(data: bytes) -> list[int]:
    """Which bytes are tried: some of everywhere, and every second one of the signature."""
    if ALL:
        return list(range(len(data)))
    some = set(range(0, len(data), max(1, len(data) // PLACES)))
    some |= {*range(ENDS), *range(len(data) - ENDS, len(data))}
    return sorted(some.union(*(range(*found.span(), 2) for found in SEALS.finditer(data))))


def flipped(data: bytes, at: int, bits: int) -> bytes:
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def missed(data: bytes, some: Iterable[int], flips: Sequence[int] = FLIPS) -> list[int]:
    """Where a flip leaves a file intact."""
    tries = ((at, bits) for number, at in enumerate(some) for bits in (flips if ALL else [flips[number % len(flips)]]))
    return [at for at, bits in tries if examine(flipped(data, at, bits), seal().parse).state is State.INTACT]


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_byte_is_found_wherever_it_is(kind: str, signed: Mapping[str, bytes]) -> None:
    assert examine(signed[kind], seal().parse).state is State.INTACT
    assert missed(signed[kind], places(signed[kind])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_of_an_unsigned_file_every_byte_counts_but_the_name_of_the_report_in_a_page(
    kind: str, unsigned: Mapping[str, bytes]
) -> None:
    """The digest of the report in the seal of a page is of another file: without a signature nothing here proves it."""
    data = unsigned[kind]
    named = data.rfind(b"report sha256: ") + len("report sha256: ")
    proven = [at for at in places(data) if kind in ("evidence", "json") or not named <= at < named + 64]
    assert missed(data, proven, (0x01,)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_end_is_looked_at(kind: str, signed: Mapping[str, bytes]) -> None:
    """A line feed that became a carriage return, in a file that is otherwise as it was."""
    ends = [at for at, byte in enumerate(signed[kind]) if byte == 0x0A]
    assert missed(signed[kind], ends[:: max(1, len(ends) // 60)] + ends[-5:], (0x07,)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_turned_to_crlf_as_a_whole_stays_intact_and_every_byte_of_it_counts(
    kind: str, signed: Mapping[str, bytes]
) -> None:
    """As a mail does it."""
    data = signed[kind].replace(b"\n", b"\r\n")
    assert examine(data, seal().parse).state is State.INTACT
    assert missed(data, places(data)[::2], (0x01,)) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "changed",
    [
        lambda data: data + b"\n",
        lambda data: data + b" ",
        lambda data: data[:-1],
        lambda data: b" " + data,
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\xff\xfe" + data.decode().encode("utf-16-le"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: data.replace(b"\n", b"\r\n", 3),
        lambda data: data[: len(data) // 2],
    ],
    ids=["a line", "a space", "cut by one", "a space before", "mark", "UTF-16", "CR", "mixed", "half"],
)
def test_what_is_added_cut_or_encoded_anew_is_a_change(kind: str, changed: object, signed: Mapping[str, bytes]) -> None:
    assert callable(changed)
    assert examine(changed(signed[kind]), seal().parse).state is State.CHANGED
