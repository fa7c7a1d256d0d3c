"""Other people's text in Jira's wiki markup: it stays text, in Jira Data Center and in what Jira Cloud makes of it.

A backslash is the documented escape, and works before `- # * _ + ? ^ ~ | % { } [ ] ( ) ! @` alone, where no other
backslash stands before it (Atlassian's `BackslashEscapeRendererComponent`, and `editor-wikimarkup-transformer`, which
says so of itself). It does not hold a bar together with its cell in Jira Cloud, and neither Cloud nor Pandoc reads
numeric entities: what no backslash stops is shown as an escape, as control characters are. Confidence: high, all of
it tried on Atlassian's transformer; of Data Center medium, by its sources.
"""

from __future__ import annotations

import re

from reports.text import visible

_ACTIVE = re.compile(
    r"""
      (?P<shown>
        \\(?![A-Za-z0-9])                               # two of them break the line; one may escape
      | [|]                                             # cells
      | (?<=\w):(?=//)                                  # addresses
      | (?:(?<=\bmailto)|(?<=\bnews)|(?<=\bxmpp)|(?<=\btel)|(?<=\bfile)|(?<=\bjavascript)|(?<=\bdata)):(?!\s)
      | (?<=\bwww)[.]
      | &(?=[#]?\w+;)                                   # entities, which Data Center lets through
      | [:;](?=-?(?:[()]|[PpD](?![^\W_])))              # smileys
      | (?<=^h[1-6])[.] | (?<=^bq)[.]                   # headings and quotations
      )
    | (?P<escaped>
        [*^~{}\[\]@]
      | (?<![^\W_])[_+] | [_+](?=[_+])
      | ^- | -(?=-) | (?<=-)- | (?<![^\W_])-(?!\s)      # deleted, dashes, lists; not within a word or between two
      | !(?!\s|$) | (?<![^\W_])!
      | [?](?=[?]) | (?<=[?])[?]
      | ^[#]
      | [(](?=(?:[ynix/!+?-]|on|off|\*[rgby]?|flag|flagoff)[)])   # icons
      )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def inline(text: str) -> str:
    """`text` on one line, at the beginning of a line or cell and anywhere else."""
    return _ACTIVE.sub(_inert, " ".join(visible(text).split())) or "none"


def code(text: str) -> str:
    """`text` in letters of one width."""
    return f"{{{{{inline(text)}}}}}"


def _inert(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}" if match["shown"] else f"\\{match[0]}"
