"""Other people's text in the work notes of ServiceNow, which are plain text but for two things.

Text between `[code]` and `[/code]` is shown as HTML (ServiceNow, "Journal field type": journal fields render text
wrapped in code tags as HTML; confidence: high), and `@[` begins a mention (confidence: low, seen in records only).
"""

from __future__ import annotations

import re

from reports.text import visible

_ACTIVE = re.compile(r"\[(?=\s*/?\s*code\b)|(?<=@)\[", re.IGNORECASE)


def inline(text: str) -> str:
    """`text` on one line."""
    return _ACTIVE.sub(r"\\x5b", " ".join(visible(text).split())) or "none"
