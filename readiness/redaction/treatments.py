"""What becomes of a text: it stays where it has the form of a word of Microsoft's, else an alias stands for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from readiness.aliases import Aliases, Category, Form, shaped
from readiness.aliases.shapes import GUID, domain, host
from readiness.evidence.parts import BETWEEN_NAMES
from readiness.recording.sentences import link

Treat = Callable[[Aliases, str], str]
"""What stands for a text, with placeholders for aliases (see `Aliases.settle`)."""


def of(category: Category) -> Treat:
    """The name of something: an alias in the form of the name."""
    return partial(shaped, category=category)


def kept(_aliases: Aliases, text: str) -> str:
    """Ours, or a place that no report shows: it stays."""
    return text


def told(aliases: Aliases, text: str) -> str:
    """A sentence or a question: see `readiness.redaction.telling`, which knows all names when it comes to these."""
    return aliases.name(text)


def asked(aliases: Aliases, text: str) -> str:
    """A question as it was asked: as `told`, decoded."""
    return aliases.name(text)


def form(pattern: str, otherwise: Treat = shaped) -> Treat:
    """It stays where all of it has this form; other texts are treated as names."""
    wanted = re.compile(pattern, re.ASCII)

    def treat(aliases: Aliases, text: str) -> str:
        return text if wanted.fullmatch(text) else otherwise(aliases, text)

    return treat


def words(*known: str, otherwise: Treat = shaped) -> Treat:
    """It stays where it is one of these words."""
    wanted = frozenset(known)
    return lambda aliases, text: text if text in wanted else otherwise(aliases, text)


def site_code(aliases: Aliases, text: str) -> str:
    """The code of a site: three letters or digits."""
    code = text.strip()
    return aliases.formed(Form.SITE_CODE, code) if re.fullmatch("[0-9A-Za-z]{3}", code) else shaped(aliases, text)


def server(aliases: Aliases, text: str) -> str:
    """A server by name or address, or a path on one."""
    return shaped(aliases, text, Category.HOST) if "\\" in text else host(aliases, text)


def servers(aliases: Aliases, text: str) -> str:
    """Several of them, as merged evidence names them: one after the other."""
    return BETWEEN_NAMES.join(server(aliases, one) for one in text.split(BETWEEN_NAMES))


def tenant(aliases: Aliases, text: str) -> str:
    """A tenant by its id or one of its domains."""
    if re.fullmatch(GUID.pattern, text, re.ASCII | re.IGNORECASE):
        return shaped(aliases, text, Category.TENANT)
    return domain(aliases, text)


def below(aliases: Aliases, text: str) -> str:
    """A scope of the directory: `/` is all of it."""
    parts = text.split("/")
    return "/".join(one if one in ("", "administrativeUnits") else shaped(aliases, one) for one in parts)


address: Treat = link
"""A link: pages of Microsoft's stay, of others the number of the article."""

_TITLE_WORDS = frozenset(
    {
        "advanced", "and", "centos", "client", "configmgr", "configuration", "core", "cumulative", "current", "branch",
        "datacenter", "debian", "edition", "enterprise", "feature", "for", "hotfix", "hat", "linux", "mac", "macos",
        "manager", "microsoft", "multi", "nt", "os", "prerequisite", "private", "r2", "red", "rollup", "server",
        "session", "standard", "suse", "tablet", "ubuntu", "unix", "update", "version", "windows", "workstation", "x",
    }
)  # fmt: skip
"""Words in the names of updates and of operating systems."""
_TITLE_WORD = re.compile(r"[^\W_]+(?:\.[0-9]+)*")
_TITLE_NUMBER = re.compile(r"(?:KB)?[0-9]{4,8}|[0-9]{1,6}(?:\.[0-9]{1,9}){0,4}|KB", re.ASCII | re.IGNORECASE)
_TITLE_SIGNS = re.compile(r"[ \t\r\n!-/:-@\[-`{-~]*")
MOST_CHARACTERS = 4000
"""A longer text is a name as a whole."""


def title(aliases: Aliases, text: str) -> str:
    """Made of words that Microsoft uses for updates and systems: each other word becomes an alias."""
    if len(text) > MOST_CHARACTERS or not _TITLE_SIGNS.fullmatch(_TITLE_WORD.sub("", text)):
        return aliases.name(text)

    def word(found: re.Match[str]) -> str:
        token = found[0]
        return token if token.lower() in _TITLE_WORDS or _TITLE_NUMBER.fullmatch(token) else aliases.name(token)

    return _TITLE_WORD.sub(word, text)
