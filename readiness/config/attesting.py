"""Add one attestation to the text of a configuration file. Nothing else of the text changes, not by one character.

No writer of TOML: places where it may stand are tried one after the other, and the one is taken after which the text
parses to what it parsed to before, and the attestation at its end.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from typing import Any

from readiness.config.lines import statements
from readiness.config.writing import toml
from readiness.errors import ConfigurationError
from readiness.model.settings import Attestation

SECTION = "attestation"
KEYS = ("check", "collection", "site", "administrator", "statement", "by", "on", "expires")
"""In the order in which a person reads them. Contract: interfaces, section 3."""
_MOST_TRIED = 60
"""Places that are tried. Those of a file that a person wrote are few."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A text with something added to it."""

    before: str
    added: str
    after: str

    @property
    def text(self) -> str:
        return self.before + self.added + self.after

    @property
    def line(self) -> int:
        """The line on which it begins, counted from 1; blank lines in front of it left out."""
        blank = len(self.added) - len(self.added.lstrip())
        return (self.before + self.added[:blank]).count("\n") + 1


def addition(text: str, attestation: Attestation) -> Addition:
    """Where the attestation goes, and how it is written there.

    Args:
        text: of the file, its line ends as they are, without a byte order mark.

    Raises:
        ConfigurationError: there is no place where it can be added without changing anything else.
    """
    keys = written(attestation)
    found = _parsed(text)
    expected = repr({**(found or {}), SECTION: [*(found or {}).get(SECTION, []), keys]})
    for tried in islice(_places(text, keys), _MOST_TRIED):
        if found is not None and repr(_parsed(tried.text)) == expected:
            return tried
    raise ConfigurationError(
        "there is no place where an attestation could be added to this file without changing anything else; "
        f"write it as a block of its own:\n{block(keys)}"
    )


def written(attestation: Attestation) -> dict[str, Any]:
    """The keys of an attestation that are set, in their order."""
    values = asdict(attestation)
    return {key: values[key] for key in KEYS if values[key] is not None}


def block(keys: Mapping[str, Any], newline: str = "\n") -> str:
    """An attestation as a block of its own."""
    return newline.join([f"[[{SECTION}]]", *(f"{key} = {_value(value)}" for key, value in keys.items()), ""])


def _value(value: str | date) -> str:
    return toml(value).replace("\x7f", "\\u007f")


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return None


def _places(text: str, keys: Mapping[str, Any]) -> Iterator[Addition]:
    """Where it may be added, the best place first: into the list, after the last block, at the end."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    last, listed = _found(text.replace("\r\n", "\n"))
    if listed is not None:
        first, end = starts[listed[0] - 1], min(starts[listed[1]], len(text))
        yield from _in_list(text, first, end, keys)
        return
    if last is not None:
        yield _as_block(text, starts[_with_comments(lines, last)], keys)
    yield _as_block(text, len(text), keys)


def _found(text: str) -> tuple[int | None, tuple[int, int] | None]:
    """The last line of the last block, and the first and last line of the list, where there are such."""
    last, listed, inside, top = None, None, False, True
    for number, statement, parsed in statements(text):
        end = number + statement.count("\n")
        if statement.lstrip().startswith("["):
            top, inside = False, parsed == {SECTION: [{}]}
        elif top and isinstance(parsed.get(SECTION), list):
            listed = (number, end)
        if inside:
            last = end
    return last, listed


def _with_comments(lines: list[str], last: int) -> int:
    """The last line of a block with the comment right below it, unless that leads over to what follows."""
    end = last
    while end < len(lines) and lines[end].lstrip().startswith("#"):
        end += 1
    leads_over = end < len(lines) and lines[end].strip() != ""
    return last if leads_over else end


def _as_block(text: str, at: int, keys: Mapping[str, Any]) -> Addition:
    """A block that begins at `at`, where a line begins or the text ends, with a blank line before and after it."""
    before, after = text[:at], text[at:]
    newline = _newline(before or text)
    glue = "" if not before or before.endswith("\n") else newline
    if before and before.rstrip(" \t\r\n") and (before + glue).split("\n")[-2].strip():
        glue += newline
    follows = bool(after) and after.split("\n")[0].strip() != ""
    return Addition(before, glue + block(keys, newline) + (newline if follows else ""), after)


def _newline(text: str) -> str:
    """How the last line that ends in `text` ends."""
    at = text.rfind("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def _in_list(text: str, first: int, end: int, keys: Mapping[str, Any]) -> Iterator[Addition]:
    """As an element of the list in text[first:end]: after the last element, or where there is none, as the first."""
    inline = "{ " + ", ".join(f"{key} = {_value(value)}" for key, value in keys.items()) + " }"
    for at in range(end - 1, first, -1):
        if text[at] == "}":
            yield Addition(text[: at + 1], f", {inline}", text[at + 1 :])
        elif text[at] == "]":
            yield Addition(text[:at], inline, text[at:])
