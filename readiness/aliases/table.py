"""The table of aliases: what stands for what, and how it is written once its number is known."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Category(StrEnum):
    """What a name is the name of. Where it is several things, the first of these that it is gives its alias."""

    COLLECTION = "COLL"
    HOST = "HOST"
    DOMAIN = "DOMAIN"
    USER = "USER"
    GROUP = "GROUP"
    POLICY = "POLICY"
    SITE = "SITE"
    TENANT = "TENANT"
    APPLICATION = "APP"
    ROLE = "ROLE"
    TEXT = "TEXT"


class Form(Enum):
    """What an alias looks like."""

    NAME = "name"
    DOMAIN = "domain"
    GUID = "guid"
    SID = "sid"
    THUMBPRINT = "thumbprint"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    SITE_CODE = "site code"
    COLLECTION_ID = "collection id"


_COUNTERS = {Form.DOMAIN: Category.DOMAIN.value}
"""`DOMAIN-1` and `domain-1.example` would be taken for one domain: they are numbered together."""
_COUNTED = re.compile(r"([A-Za-z]+)-([0-9]{1,9})(?:\.example)?\Z", re.ASCII)
LONGEST_KEPT = 200
"""A longer text is known again by its hash: the table holds names, not documents."""
_PLACEHOLDER = re.compile(r"⟦(\d{1,9})(l?)⟧")
_ORDER = tuple(Category)


@dataclass(frozen=True, slots=True)
class Named:
    """An alias that was given, and whose it is: one line of a map."""

    form: Form
    key: str = field(repr=False)
    """By which the name is known again: folded, or the hash of a long one."""
    name: str = field(repr=False)
    """As it was written first; of a long one the beginning."""
    alias: str


@dataclass(slots=True)
class _Entry:
    form: Form
    original: str = field(repr=False)
    categories: set[Category]
    alias: str = ""
    """Empty until it is settled."""


class Aliases:
    """Names and their aliases. For any number of threads.

    What `name` and its kin return is a placeholder (`⟦12⟧`); `settle` makes aliases of the placeholders in a text.
    An alias is numbered when it is settled first, so the order of settling decides, not that of asking.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._entries: list[_Entry] = []
        self._known: dict[tuple[Form, str], int] = {}
        self._given: set[str] = set()
        self._counts: Counter[str] = Counter()

    def name(self, text: str, category: Category = Category.TEXT, *, lower: bool = False) -> str:
        """Stands for a name without a form of its own, as `COLL-1`; `lower`: as `coll-1`, where case is not free."""
        return self._placeholder(Form.NAME, text, category, "l" if lower else "")

    def formed(self, form: Form, text: str, category: Category = Category.TEXT) -> str:
        """Stands for something of this form."""
        return self._placeholder(form, text, category)

    def settle(self, text: str) -> str:
        """The text with aliases in place of placeholders."""
        with self._lock:
            return _PLACEHOLDER.sub(self._settled, text)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Alias and name of everything that was settled; a long text only by its beginning."""
        with self._lock:
            yield from ((entry.alias, entry.original) for entry in self._entries if entry.alias)

    def named(self) -> Iterator[Named]:
        """Everything that was settled, to be kept for later."""
        with self._lock:
            for (form, key), number in self._known.items():
                entry = self._entries[number]
                if entry.alias:
                    yield Named(form, key, entry.original, entry.alias)

    def restore(self, named: Named) -> None:
        """Give a name the alias that it had before.

        Raises:
            ValueError: the name has one, the alias is another's, or has not the form of an alias.
        """
        pattern = PATTERNS[named.form]
        with self._lock:
            if re.fullmatch(pattern, named.alias, re.ASCII) is None:
                raise ValueError("an alias does not have the form of one")
            if (named.form, named.key) in self._known or named.alias.lower() in self._given:
                raise ValueError("a name or an alias stands in it twice")
            self._known[named.form, named.key] = len(self._entries)
            self._entries.append(_Entry(named.form, named.name, set(), named.alias))
            self._given.add(named.alias.lower())
            counted = _COUNTED.match(named.alias)
            if counted is not None:
                kind = counted[1].upper()
                self._counts[kind] = max(self._counts[kind], int(counted[2]))

    def _placeholder(self, form: Form, text: str, category: Category, mark: str = "") -> str:
        key = (form, folded(text))
        with self._lock:
            number = self._known.setdefault(key, len(self._entries))
            if number == len(self._entries):
                self._entries.append(_Entry(form, text[:LONGEST_KEPT], {category}))
            self._entries[number].categories.add(category)
        return f"⟦{number}{mark}⟧"

    def _settled(self, match: re.Match[str]) -> str:
        number = int(match[1])
        if number >= len(self._entries):
            return match[0]
        entry = self._entries[number]
        if not entry.alias:
            entry.alias = self._next(entry)
        return entry.alias.lower() if match[2] else entry.alias

    def _next(self, entry: _Entry) -> str:
        """The next alias of this form that is nobody's real name."""
        category = next(one for one in _ORDER if one in entry.categories)
        write = _WRITTEN.get(entry.form) or (lambda number: f"{category.value}-{number}")
        if entry.form is Form.COLLECTION_ID:
            site = self.settle(self.formed(Form.SITE_CODE, entry.original[:3]))
            write = lambda number: f"{site}{number:05X}"  # noqa: E731 - one of several ways to write it
        counter = category.value if entry.form is Form.NAME else _COUNTERS.get(entry.form, entry.form.value)
        while True:
            self._counts[counter] += 1
            alias = write(self._counts[counter])
            if (entry.form, folded(alias)) not in self._known and alias.lower() not in self._given:
                self._given.add(alias.lower())
                return alias


def folded(text: str) -> str:
    """A name as it is compared: composed, without control characters, case folded; a long one as its hash."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST_KEPT:
        return text.lower()
    kept = "".join(sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cc")
    folded = unicodedata.normalize("NFC", kept.casefold())
    if len(folded) <= LONGEST_KEPT:
        return folded
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()


def _site_code(number: int) -> str:
    # From the end of the alphabet: real codes rather begin with P, S or C.
    return f"{chr(90 - (number - 1) // 99 % 26)}{(number - 1) % 99 + 1:02}"


_WRITTEN: dict[Form, Callable[[int], str]] = {
    Form.DOMAIN: lambda number: f"domain-{number}.example",
    Form.GUID: lambda number: f"a11a5000-0000-4000-8000-{number:012x}",
    Form.SID: lambda number: f"S-1-5-21-1-1-1-{number}",
    Form.THUMBPRINT: lambda number: f"{number:040X}",
    Form.IPV4: lambda number: f"198.{18 + (number >> 16) % 2}.{number >> 8 & 255}.{number & 255}",
    Form.IPV6: lambda number: f"2001:db8::{number:x}",
    Form.SITE_CODE: _site_code,
}
"""RFC 2606 and 6761 (names), RFC 2544 and 3849 (addresses) keep these for examples."""

PATTERNS: dict[Form, str] = {
    Form.NAME: rf"(?:{'|'.join(category.value for category in Category)})-[1-9][0-9]{{0,8}}",
    Form.DOMAIN: r"domain-[1-9][0-9]{0,8}\.example",
    Form.GUID: r"a11a5000-0000-4000-8000-[0-9a-f]{12}",
    Form.SID: r"S-1-5-21-1-1-1-[1-9][0-9]{0,8}",
    Form.THUMBPRINT: r"[0-9A-F]{40}",
    Form.IPV4: r"198\.1[89]\.[0-9]{1,3}\.[0-9]{1,3}",
    Form.IPV6: r"2001:db8::[0-9a-f]{1,8}",
    Form.SITE_CODE: r"[A-Z][0-9]{2}",
    Form.COLLECTION_ID: r"[A-Z][0-9]{2}[0-9A-F]{5}",
}
"""What an alias of each form looks like."""
