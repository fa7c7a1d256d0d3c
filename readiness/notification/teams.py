"""A workflow of Microsoft Teams ("When a Teams webhook request is received"): an adaptive card.

Sources: Microsoft, "Create incoming webhooks with Workflows" (the body is `type: message` with one attachment of
`application/vnd.microsoft.card.adaptive`), "Send or schedule messages: Adaptive Cards" (the schema). A workflow answers
202 before the card is posted: whether it arrives, Teams alone knows. Confidence: high.

Size: "the message size limit is approximately 28 KB" (Microsoft Teams connector, known issues and limitations). What is
counted there is not the request: a body of 24,453 bytes was refused as 28,897, "whereas max allowed size is 28672
bytes" (MicrosoftDocs/msteams-docs, issue 11274). That is what it comes to as JSON within JSON, each quotation mark with
a sign before it. So that is what is counted here. Confidence: medium.

Text stands in `TextRun`: "Markdown is not supported" there (Adaptive Cards, schema explorer), so no name of the estate
becomes a link or a list. What clients make links of without any markup, and `{{DATE(...)}}`, is broken by a sign
without width. Confidence: medium; no page says what clients do with addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from readiness.errors import NoticeError
from readiness.model.notice import Message, NoticeKind
from readiness.notification.line import Address, Line
from readiness.notification.wording import THE_RUN, Section, late, sections
from readiness.text import one_line

MOST_BYTES = 28_672
"""Of a message, as Teams counts them."""
MARGIN_BYTES = 2_048
"""For what the workflow adds: who posts, and when."""
LENGTHS = (1_000, 200, 50)
"""Signs of the headline and of a line: the most with which a card can be built, whatever signs they are."""
_BREAK = "\u200b"
_LINKS = re.compile(r"(?<=:)(?=//)|(?<=\{)(?=\{)|(?<=\$)(?=\{)|(?<=www)(?=\.)|(?<=@)(?=[\w-]+\.)", re.IGNORECASE)
_REFUSED = b"message delivery failed"
"""What the older connectors answer with 200 when a card was not posted."""


class Teams:
    """Posts cards to one workflow. It knows no keys: what may have been taken is not sent again at once."""

    def __init__(self, address: Address) -> None:
        self._line = Line(address, twice=False)

    def send(self, message: Message) -> None:
        answer = self._line.post(body(message), {})
        if _REFUSED in answer.body.lower():
            raise NoticeError("Teams says that the card was not posted")

    def close(self) -> None:
        self._line.close()


def body(message: Message) -> bytes:
    """The request: as much of the message as a card holds, each section cut between two lines, with how many are left
    out. Every section keeps something, so that who must do what is not lost behind five hundred differences."""
    longest = next((one for one in LENGTHS if _fits(_request(*_cut(message, one), 0))), LENGTHS[-1])
    message, wanted = _cut(message, longest)
    low, high = 0, max(len(one.lines) for one in wanted)  # lines of each section that fit: the most of them
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(_request(message, wanted, middle)) else (low, middle - 1)
    return _encoded(_request(message, wanted, low))


def _cut(message: Message, longest: int) -> tuple[Message, tuple[Section, ...]]:
    cut = (Section(one.heading, tuple(one_line(line, longest) for line in one.lines)) for one in sections(message))
    return replace(message, headline=one_line(message.headline, longest)), tuple(cut)


def _fits(request: dict[str, Any]) -> bool:
    counted = json.dumps(_encoded(request).decode("ascii"))
    return len(counted) <= MOST_BYTES - MARGIN_BYTES


def _encoded(request: dict[str, Any]) -> bytes:
    return json.dumps(request, separators=(",", ":")).encode("ascii")


def _request(message: Message, wanted: Sequence[Section], most: int) -> dict[str, Any]:
    """The request with so many lines of each section at most. Which run it was always stays."""
    blocks = [_text(message.headline, weight="Bolder", size="Medium", color=_colour(message))]
    told = late(message)
    if told is not None:
        blocks.append(_text(told, isSubtle=True))
    for section in wanted:
        shown = section.lines if section.heading == THE_RUN else section.lines[:most]
        blocks.append(_text(section.heading, weight="Bolder"))
        blocks += [_text(f"• {line}") for line in shown]
        if len(shown) < len(section.lines):
            blocks.append(_text(f"… and {len(section.lines) - len(shown)} more, in the report"))
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _text(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": _LINKS.sub(_BREAK, text), **style}]}


def _colour(message: Message) -> str:
    bad = message.worse or message.kind in (NoticeKind.FAILED, NoticeKind.IMPOSSIBLE)
    return "Attention" if bad else "Default"
