"""The last line of a report for people: the digest of the report, and of the text above the line.

It shows accidents, not forgery: whoever changes the text can compute a new line.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LINE = re.compile(r"^report sha256: ([0-9a-f]{64}); text sha256: ([0-9a-f]{64})$", re.MULTILINE)
_CLOSING_TAGS = re.compile(r"(\s*</[a-z]+>)*\s*")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A text that ends in a seal, taken apart."""

    report_digest: str
    """The report's SHA-256 that the line names."""
    text_digest: str
    """The SHA-256 of the text above that the line names."""
    above: str
    """The text above the line, line ends normalised."""
    below: str
    """What follows the line: closing tags in HTML, nothing in Markdown."""

    @property
    def intact(self) -> bool:
        """Whether the text above is the one that was sealed, and nothing was added below."""
        return text_digest(self.above) == self.text_digest and _CLOSING_TAGS.fullmatch(self.below) is not None


def seal(text_above: str, digest: str) -> str:
    """The line that seals `text_above`, without line end; `digest` is the report's own SHA-256 in hexadecimal."""
    if _DIGEST.fullmatch(digest) is None:
        raise ValueError("the digest of a report is 64 hexadecimal digits in lower case")
    return f"report sha256: {digest}; text sha256: {text_digest(text_above)}"


def parse(text: str) -> Sealed | None:
    """Take a sealed text apart; None where no line is a seal."""
    normal = _normal(text)
    lines = list(_LINE.finditer(normal))
    if not lines:
        return None
    last = lines[-1]
    return Sealed(last[1], last[2], above=normal[: last.start()], below=normal[last.end() :])


def text_digest(text: str) -> str:
    """SHA-256 of the text as UTF-8 with `\\n` line ends, in hexadecimal."""
    return hashlib.sha256(_normal(text).encode("utf-8")).hexdigest()


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
