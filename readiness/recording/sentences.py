"""Texts that are partly Microsoft's: names of updates and systems, sentences of errors, links."""

from __future__ import annotations

import re

from readiness.aliases import Aliases, Category, shaped
from readiness.aliases.shapes import host

_VOCABULARY = frozenset(
    {
        "advanced", "and", "centos", "configmgr", "configuration", "cumulative", "debian", "edition", "enterprise",
        "feature", "for", "hotfix", "linux", "mac", "macos", "manager", "microsoft", "multi-session", "nt", "os",
        "prerequisite", "private", "r2", "red", "hat", "rollup", "server", "session", "suse", "tablet", "ubuntu",
        "unix", "update", "version", "windows", "workstation", "x",
    }
)  # fmt: skip
"""Words in names of updates and of operating systems."""
_PLAIN = re.compile(r"(?:KB\s?)?\d{6,8}|\d{4}|\d{1,6}(?:\.\d{1,9}){1,4}|\d{1,2}", re.ASCII | re.IGNORECASE)
_TOKEN = re.compile(r"KB\s\d{6,8}|[^\s()|,;/]+", re.ASCII | re.IGNORECASE)

_SENTENCES = (
    "Request not applicable to target tenant",
    "Resource not found for the segment",
    "InvalidCloudInstance",
    "Insufficient privileges to complete the operation.",
    "Application is not authorized to perform this operation.",
    "Too many requests",
)
"""How sentences of Graph begin that decide, or that everybody knows. Source: reference on Graph, client behaviour."""
_FACTS = re.compile(
    r"AADSTS\d{4,7}\b|\b0x8[0-9a-fA-F]{7}\b"
    r"|\b(?:Application|Directory|Group|GroupMember|LicenseAssignment|Organization|User|DeviceManagement[A-Z][A-Za-z]{2,30}"
    r"|Role[A-Z][A-Za-z]{2,40})\.Read(?:Write|Basic)?(?:\.(?:All|Directory))?\b",
    re.ASCII,
)
"""What counts in a sentence whose words do not: numbers of errors, names of permissions."""
MOST_CHARACTERS = 20_000
_PAGES = frozenset(
    {
        "go.microsoft.com", "support.microsoft.com", "learn.microsoft.com", "docs.microsoft.com", "aka.ms",
        "www.microsoft.com",
    }
)  # fmt: skip
"""Where Microsoft explains: nothing of an estate stands in such an address."""
_LINK = re.compile(r"https?://([A-Za-z0-9.-]{1,253})(/[A-Za-z0-9/._-]{0,200})?(?:\?([A-Za-z0-9=&._-]{0,200}))?")
_KB = re.compile(r"(?<![0-9A-Za-z])(?:KB)?(\d{6,8})(?![0-9A-Za-z])", re.ASCII | re.IGNORECASE)


def vocabulary(aliases: Aliases, text: str) -> str:
    """A name made of words that Microsoft uses for updates and systems; each other word becomes an alias."""

    def word(found: re.Match[str]) -> str:
        token = found[0]
        return token if token.casefold() in _VOCABULARY or _PLAIN.fullmatch(token) else aliases.name(token)

    return _TOKEN.sub(word, text) if len(text) <= 500 else aliases.name(text)


def sentence(aliases: Aliases, text: str) -> str:
    """A sentence of an error: how it begins where that is known, then an alias, then what counts in it."""
    if not text.strip():
        return text
    head = text[:MOST_CHARACTERS]
    begins = next((known for known in _SENTENCES if head.startswith(known)), "")
    facts = list(dict.fromkeys(_FACTS.findall(head)))[:10]
    if text in (begins, *facts):
        return text
    return " ".join(part for part in (begins, aliases.name(text), *facts) if part)


def link(aliases: Aliases, text: str) -> str:
    """An address: of Microsoft's pages as it is; of others the host aliased, and the number of a KB article kept."""
    found = _LINK.fullmatch(text)
    if found is None:
        return shaped(aliases, text)
    if found[1].lower() in _PAGES:
        return text
    numbers = "".join(f"?KB{number}" for number in _KB.findall(text)[:1])
    return f"https://{host(aliases, found[1])}/{aliases.name(text, Category.TEXT)}{numbers}"


_NAMED = re.compile(
    r"(?<![\w:/\\])(?:[A-Za-z]:)?(?:[\\/][^\s\\/:'\"(),;]+){2,}"
    r"|[^\s()'\",]+@[^\s()'\",]+|[^\s()'\",\\]+\\[^\s()'\",\\]+"
    r"|(?<=sends us on to )[^\s,]+|[0-9A-Za-z_.-]+(?=:[0-9]{1,5}\b)"
    r"|(?:[0-9A-Za-z_-]+\.)+[0-9A-Za-z_-]+|\[[0-9a-f:]+\]|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
)
"""What in a sentence of ours can be somebody's: files, accounts, hosts (with a port, or with dots), addresses, ids."""
_NOT_NAMES = re.compile(r"v1\.0|[0-9]+\.[0-9]+|microsoft\.graph\.[a-zA-Z]+")


def own_words(aliases: Aliases, text: str, server: str = "") -> str:
    """A sentence of this program's, with aliases for the hosts, accounts and ids in it.

    Args:
        server: the host that it is about, which may have a name like any word.
    """
    named = re.compile(
        rf"(?<![\w.-]){re.escape(server)}(?![\w-])|{_NAMED.pattern}" if server else _NAMED, re.IGNORECASE
    )

    def one(found: re.Match[str]) -> str:
        word = found[0]
        if "/" in word or re.match(r"[A-Za-z]:\\", word):
            return aliases.name(word)
        if word.startswith("["):
            return f"[{host(aliases, word[1:-1])}]"
        if word.lower() == server.lower() or not re.search(r"[@\\]|^[0-9a-f]{8}-", word, re.IGNORECASE):
            return word if _NOT_NAMES.fullmatch(word) else host(aliases, word)
        return shaped(aliases, word, Category.HOST)

    return named.sub(one, text[:MOST_CHARACTERS])
