"""Files as bytes: read, told apart by what is in them, and their line ends."""

from __future__ import annotations

import re
from collections.abc import Callable

from readiness.verification.documents import examine_document
from readiness.verification.finding import Finding, State, changed, not_ours
from readiness.verification.texts import Sealed, examine_text
from readiness.verification.unsealed import form_of

Parse = Callable[[str], Sealed | None]
"""Takes the text of a report for people apart; None where it carries no seal."""

_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_OF_A_DOCUMENT = re.compile(
    rb'"readiness/[a-z-]+/v[0-9]|"algorithm": ?"sha256"|"digest": ?\{\s*"algorithm"|"declared_level": '
)
_BEHEADED = re.compile(rb'.\r?\n "', re.DOTALL)
_OF_A_TEXT = re.compile(
    rb"report sha256:? [0-9a-f]{16}|text sha256: [0-9a-f]{16}|<title>[^<]{1,40}: EDR readiness of "
    rb"|\A(?:# |h1[.] )?EDR readiness(?: summary)?: "
)
"""What damage to one place of our files leaves of them."""


def examine(content: bytes, parse: Parse) -> Finding:
    """What a file of these bytes shows."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return _encoded_anew(content.removeprefix(mark), encoding, parse)
    is_document = _is_document(content)
    if not is_document and not _OF_A_TEXT.search(content):
        form, words = form_of(content) or (None, "nothing in it is of this tool")
        return not_ours(words, kind=form)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return changed(None, f"line {line} is not UTF-8")
    text, doubt = _line_ends(text)
    return examine_document(text, doubt) if is_document else examine_text(text, doubt, parse)


def _is_document(content: bytes) -> bool:
    """Whether it is one of our JSON files, or was one before its first byte or one of its marks was changed."""
    begins = content.lstrip()[:1] == b"{" or _BEHEADED.match(content) is not None
    return begins and _OF_A_DOCUMENT.search(content) is not None


def _encoded_anew(content: bytes, encoding: str, parse: Parse) -> Finding:
    """What became of a file that an editor or a shell wrote again: nothing of ours begins with a byte order mark."""
    inner = examine(content.decode(encoding, "replace").encode(), parse)
    if inner.state is State.NOT_OURS:
        return inner
    return changed(inner.kind, f"it begins with a byte order mark ({encoding}), which this tool does not write")


def _line_ends(text: str) -> tuple[str, str | None]:
    """The text with `\\n` at the ends of its lines, and what is wrong with them: a mail may turn them, but all."""
    pairs, returns = text.count("\r\n"), text.count("\r")
    if not returns:
        return text, None
    if pairs == returns == text.count("\n"):
        return text.replace("\r\n", "\n"), None
    return text, "some of its lines end in another way than the others"
