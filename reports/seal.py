"""The last line of a report for people: the digest of the report, and of the text above the line.

It shows accidents, not forgery: whoever changes the text can compute a new line. A signature, where there is one,
stands on the next line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LINE = re.compile(r"^report sha256: ([0-9a-f]{64}); text sha256: ([0-9a-f]{64})$", re.MULTILINE)
_SIGNATURE = re.compile(r"\ned25519 key: ([0-9a-f]{64}); signature: ([0-9a-f]{128})$", re.MULTILINE)
_HTML = "<!doctype html>"
ENDS = {"html": "\n</p>\n</footer>\n</body>\n</html>\n", "markdown": "\n"}
"""What stands below the seal: to the letter. All that is not HTML ends in a line end, as Markdown does."""
_TITLES = {
    "summary": "# EDR readiness summary:",
    "jira-summary": "h1. EDR readiness summary:",
    "jira": "h1. EDR readiness:",
    "plain-summary": "EDR readiness summary:",
    "plain": "EDR readiness:",
}
"""How the text of a format begins, apart from HTML and Markdown."""


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
    """What follows: closing tags in HTML, the end of the line in all else."""
    signature: tuple[str, str] | None = None
    """The public key and the signature, both hexadecimal, as they stand there; nothing is proven by that."""

    @property
    def format(self) -> str:
        """The name of the format, by how the text begins: `html`, `summary`...; `markdown` where nothing else does."""
        if self.above[: len(_HTML)].lower() == _HTML:
            return "html"
        return next((name for name, title in _TITLES.items() if self.above.startswith(title)), "markdown")

    @property
    def intact(self) -> bool:
        """Whether the text above is the one that was sealed, and nothing else is below.

        A text for a ticket may come back from there without its last line end, which tickets drop.
        """
        if self.format in _TITLES and self.below == "":
            return text_digest(self.above) == self.text_digest
        return text_digest(self.above) == self.text_digest and self.below == ENDS.get(self.format, ENDS["markdown"])


def seal(text_above: str, digest: str) -> str:
    """The line that seals `text_above`, without line end; `digest` is the report's own SHA-256 in hexadecimal."""
    if _DIGEST.fullmatch(digest) is None:
        raise ValueError("the digest of a report is 64 hexadecimal digits in lower case")
    return f"report sha256: {digest}; text sha256: {text_digest(text_above)}"


def signed(text: str, sign: Callable[[str, str, str], tuple[str, str]]) -> str:
    """A sealed text with a signature below its seal.

    Args:
        sign: gives public key and signature, hexadecimal, for the format and the two digests of the seal.

    Raises:
        ValueError: the text carries no seal.
    """
    found = parse(text)
    if found is None:
        raise ValueError("a text without a seal cannot be signed")
    key, signature = sign(found.format, found.report_digest, found.text_digest)
    end = text.rindex(found.text_digest) + len(found.text_digest)
    return f"{text[:end]}\ned25519 key: {key}; signature: {signature}{text[end:]}"


def parse(text: str) -> Sealed | None:
    """Take a sealed text apart; None where no line is a seal."""
    normal = _normal(text)
    lines = list(_LINE.finditer(normal))
    if not lines:
        return None
    last = lines[-1]
    signature = _SIGNATURE.match(normal, last.end())
    return Sealed(
        report_digest=last[1],
        text_digest=last[2],
        above=normal[: last.start()],
        below=normal[signature.end() if signature else last.end() :],
        signature=(signature[1], signature[2]) if signature else None,
    )


def text_digest(text: str) -> str:
    """SHA-256 of the text as UTF-8 with `\\n` line ends, in hexadecimal."""
    return hashlib.sha256(_normal(text).encode("utf-8")).hexdigest()


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
