"""Reports for people: HTML and Markdown, by the seal at their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from readiness.integrity.signatures import Signature
from readiness.verification.finding import Finding, changed, intact


class Sealed(Protocol):
    """A text that ends in a seal, taken apart; as `reports.seal` does it."""

    @property
    def format(self) -> str: ...
    @property
    def report_digest(self) -> str: ...
    @property
    def text_digest(self) -> str: ...
    @property
    def signature(self) -> tuple[str, str] | None: ...
    @property
    def intact(self) -> bool: ...


def examine_text(text: str, doubt: str | None, parse: Callable[[str], Sealed | None]) -> Finding:
    """What a report for people shows.

    Args:
        doubt: what is wrong with its form already.
    """
    sealed = parse(text)
    if sealed is None:
        return changed(None, "the line with its digests, at its end, is missing or damaged")
    if doubt is not None:
        return changed(sealed.format, doubt)
    if not sealed.intact:
        return changed(sealed.format, "the text is not the one whose digest stands at its end, or more follows below")
    if sealed.signature is None:
        return intact(sealed.format, sealed.report_digest, None)
    signature = Signature(*sealed.signature)
    if not signature.signs(sealed.format, sealed.report_digest, sealed.text_digest):
        return changed(sealed.format, "the signature does not belong to it")
    return intact(sealed.format, sealed.report_digest, signature)
