"""Other people's text in GitHub-flavoured Markdown: it stays text.

Backslashes keep characters from becoming structure. They do not stop a renderer that looks at finished text for
mentions, issue numbers, addresses, emoji names and formulas: words that hold such a thing become code.
"""

from __future__ import annotations

import re

from reports.text import visible

_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&]")
_ORDINAL = re.compile(r"^(\d+)([.)])(?=\s|$)")
_ACTIVE = re.compile(
    r"""@                          # mentions, mail addresses
    | [#]\d | \bgh-\d              # issues
    | :// | //\w | \bwww\.         # addresses
    | \b(mailto|xmpp|tel|javascript|data): # addresses without slashes
    | \w\.[^\W\d_]{2,}             # host names, which some renderers link
    | :[\w+-]+:                    # emoji names
    | [$]                          # formulas
    | \b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b  # commits
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OPENING, _CLOSING = "([{<\"'", ")]}>\"',;!?."


def inline(text: str) -> str:
    """`text` on one line, anywhere in Markdown, also in a cell of a table."""
    words = [_word(word) for word in visible(text).split()]
    return _guarded(" ".join(words)) if words else "none"


def code(text: str) -> str:
    """`text` as a code span, for use outside tables; character by character as it is."""
    shown = visible(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    at_edges = shown.startswith(("`", " ")) or shown.endswith(("`", " "))
    pad = " " if at_edges and shown.strip(" ") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else "none"


def _word(word: str) -> str:
    if not _ACTIVE.search(word):
        return _escaped(word)
    core = word.lstrip(_OPENING).rstrip(_CLOSING) or word
    before, _, after = word.partition(core)
    return _escaped(before) + _code_word(core) + _escaped(after)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _code_word(word: str) -> str:
    """A code span that holds in a table too: no pipe and no backtick in it, whatever the renderer unescapes."""
    return "`" + word.replace("|", "\\x7c").replace("`", "\\x60") + "`"


def _guarded(line: str) -> str:
    """`line` kept from starting a list, a rule or an underline."""
    if line[0] in "-+=":
        return "\\" + line
    return _ORDINAL.sub(r"\1\\\2", line)
