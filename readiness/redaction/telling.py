"""Sentences and questions: what stays of them is what this program says itself, and the names in them become aliases.

By allow-list: a word stays where it is one of the words of the program's own messages (`words.txt`, made by
`python -m readiness.redaction`) or a number of a few forms. Names that stand elsewhere as a whole are found first, so
that `All Windows Servers` becomes `COLL-1` although each of its words is ordinary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from urllib.parse import unquote

from readiness.aliases import Aliases, Category, shaped
from readiness.aliases.shapes import GUID, host

MOST_CHARACTERS = 4000
"""A longer text becomes one alias as a whole."""
MOST_WORDS = 40
"""Of a name that is looked for; the words of a longer one are looked at one by one."""

_END = r"[^\s\\'\"(),;:.<>=\[\]]"
_IN = r"[^\s\\'\"(),;<>=\[\]]"
TOKEN = re.compile(
    rf"https?://[^\s'\"<>(),;]*{_END}"
    rf"|[^\s@\\'\"(),;:/<>=\[\]]+@[^\s@\\'\"(),;:/<>=\[\]]*{_END}"
    rf"|\\{{0,2}}(?:{_IN}*{_END}\\+)+{_IN}*{_END}"
    rf"|(?<![0-9A-Za-z]){GUID.pattern}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])S-1(?:-\d{1,14}){2,15}"
    r"|(?<=\[)[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?=\])"
    r"|[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)+"
    r"|[^\W_]+",
    re.IGNORECASE,
)
"""What is looked at as one: addresses, people, accounts, paths, ids, what has dots, words."""
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(
    r"[0-9]{1,4}|0x[0-9a-f]{1,8}|AADSTS[0-9]{4,7}|21508[0-9]{5}|KB[0-9]{6,8}|v[0-9]\.[0-9]|[0-9]{1,2}\.[0-9]"
    r"|[0-9]{1,2}\.[0-9]{2}\.[0-9]{4}\.[0-9]{1,4}|20[0-9]{2}|P[0-9]{1,2}",
    re.ASCII | re.IGNORECASE,
)
"""Status codes, ports, error numbers, articles, versions, days."""
_FORMS = re.compile(rf"(?:{GUID.pattern})|(?=[A-Z]*[0-9])[0-9A-Z]{{3}}[0-9A-F]{{5}}", re.ASCII | re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_JOINS = re.compile(r"[ _'.+&-]{1,3}")
_SIGNS = re.compile(r"[^\x20-\x7e\n\t–]")


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """The words of the program's own messages; none where the list was not installed."""
    return frozenset(files("readiness.redaction").joinpath("words.txt").read_text(encoding="utf-8").split())


class Telling:
    """Redacts sentences, given the names that are known.

    Args:
        known: names, and what stands for each; one that is a single ordinary word is not looked for, because to replace
            it in sentences of ours would tell what it stands for.
        texts: all that will be asked about.
    """

    def __init__(self, aliases: Aliases, known: Mapping[str, str], texts: Iterable[str]) -> None:
        self._aliases = aliases
        self._known: dict[tuple[str, ...], str] = {}
        self._lengths: dict[str, set[int]] = {}
        everything = _run_together(" ".join(one for text in texts for one in (text, _decoded(text))))
        for name, stands in known.items():
            if _run_together(name[:MOST_CHARACTERS]) in everything:  # few of many names are: the others cost nothing
                self._learn(name, stands)

    def _learn(self, name: str, stands: str) -> None:
        if len(name) > MOST_CHARACTERS:
            return
        tokens = tuple(found[0].casefold() for found in TOKEN.finditer(name))
        ordinary = len(tokens) == 1 and any(word in vocabulary() for word in (*TOKEN.findall(name), *tokens))
        if tokens and len(tokens) <= MOST_WORDS and not ordinary:
            self._known.setdefault(tokens, stands)
            self._lengths.setdefault(tokens[0], set()).add(len(tokens))

    def asked(self, text: str) -> str:
        """A question, or where it was asked: as `told`, decoded."""
        return self.told(_decoded(text))

    def told(self, text: str) -> str:
        """A sentence with aliases for the names in it, and for every word that is not one of ours."""
        if len(text) > MOST_CHARACTERS:
            return self._aliases.name(text)
        tokens = list(TOKEN.finditer(text))
        out, at, pending = [], 0, ""
        for said, begin, end in self._pieces(tokens):
            between = text[at:begin]
            if said is None:  # a word of nobody's: several in a row become one alias
                joined = pending and _JOINS.fullmatch(between)
                out += [] if joined else [self._unknown(pending), _plain(between)]
                pending = f"{pending}{between}{text[begin:end]}" if joined else text[begin:end]
            else:
                out += [self._unknown(pending), _plain(between), said]
                pending = ""
            at = end
        return "".join([*out, self._unknown(pending), _plain(text[at:])])

    def _unknown(self, words: str) -> str:
        return self._aliases.name(words) if words else ""

    def _pieces(self, tokens: Sequence[re.Match[str]]) -> Iterator[tuple[str | None, int, int]]:
        """What stands for each token, or for several that are a name together; None for a word of nobody's."""
        folded, index = [found[0].casefold() for found in tokens], 0
        while index < len(tokens):
            stands, length = self._named(folded, index)
            first, last = tokens[index], tokens[index + length - 1]
            yield (stands if stands is not None else self._token(first[0])), first.start(), last.end()
            index += length

    def _named(self, folded: Sequence[str], index: int) -> tuple[str | None, int]:
        """The longest known name that begins here, and of how many tokens it is."""
        fitting = (length for length in self._lengths.get(folded[index], ()) if index + length <= len(folded))
        for length in sorted(fitting, reverse=True):
            stands = self._known.get(tuple(folded[index : index + length]))
            if stands is not None:
                return stands, length
        return None, 1

    def _token(self, token: str) -> str | None:
        ours = vocabulary()
        if token in ours or _NUMBER.fullmatch(token):
            return token
        if _WORD.fullmatch(token):
            return shaped(self._aliases, token) if _FORMS.fullmatch(token) else None
        parts = _WORD.findall(token)
        if "_" in token and "." not in token and all(part in ours for part in parts):
            return token
        if re.fullmatch(r"[0-9A-Za-z_.-]+", token) and "." in token:
            return host(self._aliases, token)
        return shaped(self._aliases, token, Category.HOST)


def _decoded(text: str) -> str:
    return unquote(text, errors="replace") if "%" in text and len(text) <= MOST_CHARACTERS else text


def _run_together(text: str) -> str:
    """Letters and digits only: what tokens are made of, wherever they end."""
    return _BETWEEN_WORDS.sub("", text.casefold())


def _plain(signs: str) -> str:
    """What stands between words: signs that everybody has."""
    return _SIGNS.sub("", signs)


def spoken(texts: Iterable[str]) -> Iterator[str]:
    """The words of such texts that may stay."""
    for text in texts:
        for found in TOKEN.finditer(text):
            token = found[0]
            if re.fullmatch(r"[A-Za-z][0-9A-Za-z]*(?:[._-][A-Za-z][0-9A-Za-z]*)*", token, re.ASCII):
                yield token
                yield from _WORD.findall(token) if "." not in token else ()
