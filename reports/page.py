"""A page of text for a terminal: wrapped at its width, in the characters and colours that it can show."""

from __future__ import annotations

from readiness.plugin import MARKS, DecisionState, Outcome
from reports import view
from reports.wrapping import columns, wrap

NARROWEST = 40
BOLD = "1"
HANG = 2
"""Columns by which the further lines of a detail stand in."""

_ASCII_MARKS = {
    Outcome.PASS: "+",
    Outcome.FAIL: "x",
    Outcome.UNKNOWN: "?",
    Outcome.MANUAL: "o",
    Outcome.BLOCKED: "/",
    Outcome.NOT_APPLICABLE: "-",
    Outcome.ERROR: "!",
}
_ASCII_WORDS = str.maketrans({"–": "-", "—": "-", "…": "...", "→": "->", "·": "-", "’": "'", "“": '"', "”": '"'})
_WORD_COLUMNS = max(len(outcome) for outcome in Outcome)


class Page:
    """Lines under construction; knows the width, the colours and the signs that the terminal can show.

    Other people's text is made `reports.text.visible` before it comes here.
    """

    def __init__(self, width: int, *, colour: bool, ascii_only: bool) -> None:
        self.width = max(width, NARROWEST)
        self.colour = colour
        self.ascii_only = ascii_only
        self.details_at = 2 + 2 + _WORD_COLUMNS + 2 if self.width >= 72 else 4
        """Column where titles begin, and what is said under them."""
        self._lines: list[str] = []

    def blank(self) -> None:
        self._lines.append("")

    def put(self, text: str, *, indent: int = 0, hang: int = 0, tone: str = "") -> None:
        """`text`, wrapped; every line begins at column `indent`, those after the first `hang` columns further in."""
        first, *rest = wrap(self.plain(text), self.width - indent, hang)
        self._lines.append(" " * indent + self.paint(first, tone) if first else "")
        self._lines += [" " * (indent + hang) + self.paint(line, tone) for line in rest]

    def lead(self, lead: str, text: str, *, indent: int, tone: str = "", text_tone: str = "") -> None:
        """`lead`, then `text` wrapped and hanging at column `indent`; on its own lines where `lead` is too long."""
        lead = self.plain(lead)
        start = len(self._lines)
        self.put(text, indent=indent, tone=text_tone)
        room = indent - columns(lead)
        if room >= 1:
            self._lines[start] = self._margin(lead, tone) + " " * room + self._lines[start][indent:]
        else:
            self._lines.insert(start, self._margin(lead, tone))

    def mark(self, outcome: Outcome) -> str:
        """Sign and word."""
        sign = _ASCII_MARKS[outcome] if self.ascii_only else MARKS[outcome]
        return f"{sign} {outcome}"

    def state(self, state: DecisionState) -> str:
        """Sign and word."""
        sign = _ASCII_MARKS[view.STATE_TONES[state]] if self.ascii_only else view.STATE_MARKS[state]
        return f"{sign} {state}"

    def plain(self, text: str) -> str:
        """`text` in characters that the terminal can show."""
        if not self.ascii_only:
            return text
        return text.translate(_ASCII_WORDS).encode("ascii", "backslashreplace").decode("ascii")

    def paint(self, text: str, tone: str) -> str:
        return f"\x1b[{tone}m{text}\x1b[0m" if self.colour and tone and text else text

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _margin(self, lead: str, tone: str) -> str:
        """`lead` with the spaces in front of it left unpainted."""
        bare = lead.lstrip()
        return " " * (len(lead) - len(bare)) + self.paint(bare, tone)
