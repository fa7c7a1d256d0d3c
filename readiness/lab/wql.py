"""The part of WQL that a read-only client needs: `SELECT * | columns FROM Class [WHERE term [AND ...]]`.

A term is `column = literal`, or several of them in parentheses: `(column = literal OR ...)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:(?P<word>[A-Za-z_]\w*)|(?P<number>-?\d+)|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<sign>[*,=()]))"""
)
_WORDS = {"TRUE": True, "FALSE": False, "NULL": None}

Literal = str | int | bool | None


class NotUnderstoodError(ValueError):
    """A query outside the grammar above. WMI would answer `invalid query`."""


@dataclass(frozen=True, slots=True)
class Query:
    cls: str
    columns: tuple[str, ...] | None
    """`None` for `*`."""
    where: tuple[tuple[tuple[str, Literal], ...], ...]
    """Every one of these must hold: any of its equalities."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


class _Reader:
    """Walks over the tokens of one query."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def ended(self) -> bool:
        return self._at == len(self._tokens)

    def skip(self, text: str) -> bool:
        """Step over the keyword or sign, if it comes next."""
        if not self.ended() and self._tokens[self._at].text.upper() == text:
            self._at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.skip(text):
            raise NotUnderstoodError(f"expected {text}")

    def take(self, *kinds: str) -> _Token:
        if self.ended() or self._tokens[self._at].kind not in kinds:
            raise NotUnderstoodError(f"expected {' or '.join(kinds)}")
        self._at += 1
        return self._tokens[self._at - 1]


def parse(text: str) -> Query:
    """The query; keywords in any case.

    Raises:
        NotUnderstoodError: anything outside the grammar.
    """
    reader = _Reader(text)
    reader.expect("SELECT")
    columns = None if reader.skip("*") else _columns(reader)
    reader.expect("FROM")
    cls = reader.take("word").text
    where = _conditions(reader) if reader.skip("WHERE") else ()
    if not reader.ended():
        raise NotUnderstoodError("something follows the query")
    return Query(cls, columns, where)


def _columns(reader: _Reader) -> tuple[str, ...]:
    names = [reader.take("word").text]
    while reader.skip(","):
        names.append(reader.take("word").text)
    return tuple(names)


def _conditions(reader: _Reader) -> tuple[tuple[tuple[str, Literal], ...], ...]:
    found = [_term(reader)]
    while reader.skip("AND"):
        found.append(_term(reader))
    return tuple(found)


def _term(reader: _Reader) -> tuple[tuple[str, Literal], ...]:
    if not reader.skip("("):
        return (_condition(reader),)
    found = [_condition(reader)]
    while reader.skip("OR"):
        found.append(_condition(reader))
    reader.expect(")")
    return tuple(found)


def _condition(reader: _Reader) -> tuple[str, Literal]:
    name = reader.take("word").text
    reader.expect("=")
    token = reader.take("number", "text", "word")
    if token.kind == "number":
        return name, int(token.text)
    if token.kind == "text":
        return name, re.sub(r"\\(.)", r"\1", token.text[1:-1])
    if token.text.upper() not in _WORDS:
        raise NotUnderstoodError(f"no literal: {token.text}")
    return name, _WORDS[token.text.upper()]


def _tokens(text: str) -> list[_Token]:
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise NotUnderstoodError(f"not understood at {at}")
        tokens.append(_Token(found.lastgroup, found.group(found.lastgroup)))
        at = found.end()
    return tokens
