"""An answer that cannot be parsed: what it looks like, without a word of it."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.parsers.expat import ErrorString

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from readiness import documents

MOST_BYTES = 120
"""Of the beginning, of the end, and of what stands around the place where parsing ended."""
_RUNS = (
    (re.compile(r"[^\x00-\x7f]+"), "?"),
    (re.compile(r"[A-Za-z_]+"), "a"),
    (re.compile(r"[0-9]+"), "0"),
    (re.compile(r"[\t\r\n ]+"), " "),
    (re.compile(r"[\x00-\x1f\x7f]+"), "!"),
)
"""Runs of signs, and the one sign that stands for each: how long a word is could tell whose it is."""
_LOOKS = ((b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<", "XML"), (b"{", "JSON"), (b"[", "JSON"))


def unreadable(data: bytes, place: tuple[str, int] | None = None) -> dict[str, Any]:
    """What stands in place of an answer that cannot be parsed: its size, what it looks like, what is wrong and where.

    Args:
        place: why it cannot be parsed, and the byte at which that showed.
    """
    head = data[:MOST_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    looks = next((name for start, name in _LOOKS if head.startswith(start)), "text" if data.isascii() else "other")
    made: dict[str, Any] = {"bytes": len(data), "looks": looks}
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        made["byte_order_mark"] = True
    if place is not None:
        why, at = place
        around = data[max(0, at - MOST_BYTES // 2) : at + MOST_BYTES // 2]
        made.update(why=why, at=at, around=outline(around))
    return {**made, "begins": outline(data[:MOST_BYTES]), "ends": outline(data[-MOST_BYTES:])}


def outline(data: bytes) -> str:
    """The signs between words, and `a` for each word, `0` for each number, `?` for whatever is not ASCII."""
    text = data.decode("ascii", "replace")
    for pattern, sign in _RUNS:
        text = pattern.sub(sign, text)
    return text


def json_place(data: bytes) -> tuple[str, int] | None:
    """Why this is no JSON, and where."""
    try:
        documents.parse(data)
    except json.JSONDecodeError as error:
        return error.msg, len(data.decode("utf-8")[: error.pos].encode())
    except UnicodeDecodeError as error:
        return error.reason, error.start
    except ValueError as error:
        return str(error), 0
    return None


def xml_place(data: bytes) -> tuple[str, int] | None:
    """Why this is no XML that is read, and where; without the names that the parser's own words hold."""
    try:
        fromstring(data, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        before = b"\n".join(data.split(b"\n")[: line - 1])
        return ErrorString(error.code) or "not well-formed", len(before) + (line > 1) + column
    except (DefusedXmlException, ValueError, LookupError) as error:
        return type(error).__name__, 0
    return None
