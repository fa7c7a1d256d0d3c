"""Answers as a broken or hostile server would give them: good ones, changed; and what may come of them."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from xml.etree import ElementTree

from hypothesis import HealthCheck, Phase, settings

from readiness.errors import SourceError
from readiness.model.words import Reason
from tests.properties.counting import tried

MOST_SECONDS = 5.0
"""Of processor time for one answer, on a slow machine; in most cases it is a few milliseconds."""
MOST_WORDS = 1_000
"""Characters of the longest sentence that a person is shown of one failure."""
DIGITS = "9" * 5_000
"""More digits than Python turns into a number."""
DEEP = 3_000
"""Deeper than any recursion goes."""

TEXTS = (
    "", " ", "0", "-1", "1", "true", "FALSE", "NaN", "1e999", "2147483648", "18446744073709551616", DIGITS,
    f"-{DIGITS}", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00",
    "20260101000000.0", "two\nlines", "\u202eright to left", "\x85next line", "\u200d", "\u2028", "\ufffd", "P01",
    "../..", "https://attacker.example/", "<b>", "]]>", "&amp;", "\N{ARABIC-INDIC DIGIT FIVE}", "x" * 100_000, "-0",
    "0x80041003",
)  # fmt: skip
"""Texts that a document can hold and that no field wants."""


def thorough(examples: int) -> settings:
    """Always the same examples, as many as said; how long each takes is measured by `told`."""
    skipped = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large)
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),  # what is drawn is a seed: there is nothing to shrink
        suppress_health_check=skipped,
    )


@contextmanager
def told() -> Iterator[list[SourceError]]:
    """Nothing but our own error may come out, soon, with one printable sentence. Holds it, if there is one."""
    caught: list[SourceError] = []
    tried("hostile answers parsed")
    started = time.thread_time()
    try:
        yield caught
    except SourceError as error:
        caught.append(error)
    assert time.thread_time() - started < MOST_SECONDS, "too slow"
    for one in caught:
        fit(one)


def fit(error: SourceError) -> None:
    """Whether this can be shown to a person: a reason of the contract, one line, printable, not too long."""
    words = error.diagnostics()
    assert error.reason in Reason
    assert words.isprintable(), ascii(words)
    assert 0 < len(words) <= MOST_WORDS, f"{len(words)} characters"
    assert all(name.isprintable() for name in error.missing)


# Bytes.


def shaken(random: Random, data: bytes) -> bytes:
    """The same bytes with one accident: cut, flipped, doubled, filled up."""
    at, end = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    junk = bytes(random.randrange(256) for _ in range(random.randint(1, 8)))
    return random.choice(
        (
            data[:at],
            data[at:],
            data[:at] + data[end:],
            data[:end] + data[at:],
            data[:at] + junk + data[at:],
            data[:at] + junk + data[at + len(junk) :],
            data[:at] + bytes(byte ^ 1 << random.randrange(8) for byte in data[at : at + 1]) + data[at + 1 :],
            data.replace(b"\n", junk),
            data[at:end],
        )
    )


# XML.

PROLOGUES = (
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    '<!DOCTYPE x SYSTEM "file:///etc/hostname">',
    '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname">%p;]>',
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<?xml version="1.0" encoding="EBCDIC-CP-US"?>',
    '<?xml version="1.0" encoding="rot13"?>',
    '<?xml version="1.1"?>',
    '<?xml-stylesheet href="x"?>',
    "<!-- a comment -->",
    "\ufeff",
    " ",
    "<a/>",
)


def estranged(random: Random, data: bytes) -> bytes:
    """The same document with a few changes that leave it well-formed; or, one time in five, hardly so."""
    root = ElementTree.fromstring(data)  # noqa: S314  (our own lab's)
    for _ in range(random.randint(1, 3)):
        random.choice(XML_CHANGES)(random, root)
    text = ElementTree.tostring(root, encoding="unicode")
    for name, deep in _BURIED.items():
        text = text.replace(f"<{name} />", deep)
    if random.random() < 0.2:
        text = random.choice(PROLOGUES) + text
    if random.random() < 0.1:
        text = text.replace(">", ">&a;", random.randint(1, 40))
    return text.encode("utf-16" if random.random() < 0.03 else "utf-8")


def _anyone(random: Random, root: ElementTree.Element) -> ElementTree.Element:
    return random.choice(list(root.iter()))


def _parent(random: Random, root: ElementTree.Element) -> ElementTree.Element:
    return random.choice([element for element in root.iter() if len(element)] or [root])


def _remove(random: Random, root: ElementTree.Element) -> None:
    parent = _parent(random, root)
    if len(parent):
        parent.remove(random.choice(list(parent)))


def _double(random: Random, root: ElementTree.Element) -> None:
    parent = _parent(random, root)
    if len(parent):
        parent.insert(random.randint(0, len(parent)), copy.deepcopy(random.choice(list(parent))))


def _swap(random: Random, root: ElementTree.Element) -> None:
    """The text of two elements."""
    one, other = _anyone(random, root), _anyone(random, root)
    one.text, other.text = other.text, one.text


def _rename(random: Random, root: ElementTree.Element) -> None:
    element = _anyone(random, root)
    namespace, _, name = element.tag.rpartition("}")
    names = (
        "Fault",
        "Items",
        "EndOfSequence",
        "Datetime",
        "WSManFault",
        "error_Code",
        name.swapcase(),
        "s\u200dt",
        "SecretKey",
    )
    element.tag = f"{namespace}}}{random.choice(names)}" if namespace else random.choice(names)


def _move(random: Random, root: ElementTree.Element) -> None:
    """Into another namespace."""
    element = _anyone(random, root)
    spaces = {one.tag.rpartition("}")[0].lstrip("{") for one in root.iter()} | {"", "urn:other"}
    space = random.choice(sorted(spaces))
    name = element.tag.rpartition("}")[2]
    element.tag = f"{{{space}}}{name}" if space else name


def _say(random: Random, root: ElementTree.Element) -> None:
    _anyone(random, root).text = random.choice(TEXTS)


def _attribute(random: Random, root: ElementTree.Element) -> None:
    element = _anyone(random, root)
    instance = "{http://www.w3.org/2001/XMLSchema-instance}"
    names = [*element.attrib, f"{instance}nil", f"{instance}type", "Code", "Value", "Text"]
    element.set(random.choice(names), random.choice((*TEXTS, "true", "p:SMS_\nThing_Type", "p:" + "y" * 2_000)))


def _bury(random: Random, root: ElementTree.Element) -> None:
    """An element under many others of one name."""
    at = _anyone(random, root)
    if random.random() < 0.5:
        ElementTree.SubElement(at, random.choice(tuple(_BURIED)))
        return
    for _ in range(random.choice((5, 20))):
        at = ElementTree.SubElement(at, at.tag)


_BURIED = {f"buried-{name}": f"<{name}>" * DEEP + f"</{name}>" * DEEP for name in ("Rule", "x")}
"""What is too deep for the serializer: each stands as one element until the end."""


def _many(random: Random, root: ElementTree.Element) -> None:
    parent = _anyone(random, root)
    name = random.choice(("x", parent.tag))
    for _ in range(2_000):
        ElementTree.SubElement(parent, name)


def _nothing(random: Random, root: ElementTree.Element) -> None:
    _anyone(random, root).clear()


XML_CHANGES: tuple[Callable[[Random, ElementTree.Element], None], ...] = (
    _remove, _double, _swap, _rename, _move, _say, _say, _attribute, _bury, _many, _nothing,
)  # fmt: skip


# JSON.

_RAW = {
    '"@digits@"': DIGITS,
    '"@nan@"': "NaN",
    '"@infinity@"': "-Infinity",
    '"@large@"': "1e999",
    '"@deep list@"': "[" * DEEP + "]" * DEEP,
    '"@deep object@"': '{"error":' * DEEP + "1" + "}" * DEEP,
    '"@surrogate@"': '"\\ud800 alone"',
    '"@twice@"': '{"a":1,"a":2}',
}
"""What `json` does not write: each stands as a text of its own until the end."""
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63, 2**64, 10**400, [], {}, [[]], [None], [{}], {"value": []}, {"": None},
    *TEXTS, *(name.strip('"') for name in _RAW),
)  # fmt: skip


def written(document: Any) -> bytes:
    """The document as JSON, with what JSON forbids where it was asked for."""
    text = json.dumps(document)
    for name, raw in _RAW.items():
        text = text.replace(name, raw)
    return text.encode("utf-8", "surrogatepass")


def distorted(random: Random, document: Any) -> Any:
    """The same document with a few values of it gone, changed, doubled or elsewhere."""
    document = copy.deepcopy(document)
    for _ in range(random.randint(1, 3)):
        places = list(_places(document))
        if not places:
            return copy.deepcopy(random.choice(VALUES))
        holder, key = random.choice(places)
        random.choice(JSON_CHANGES)(random, holder, key)
    return document


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every value in a document, by what holds it and where."""
    waiting = [document]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            yield holder, key
            waiting.append(holder[key])


def _exchange(random: Random, holder: Any, key: Any) -> None:
    holder[key] = copy.deepcopy(random.choice(VALUES))


def _drop(_random: Random, holder: Any, key: Any) -> None:
    del holder[key]


def _repeat(_random: Random, holder: Any, key: Any) -> None:
    if isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[str(key).swapcase()] = copy.deepcopy(holder[key])


def _wrap(random: Random, holder: Any, key: Any) -> None:
    holder[key] = random.choice(([holder[key]], {"value": holder[key]}, [holder[key], copy.deepcopy(holder[key])]))


def _entitle(random: Random, holder: Any, key: Any) -> None:
    """Another name for a value, or a name that only annotations have."""
    if isinstance(holder, dict):
        name = random.choice(("@odata.type", "@odata.nextLink", "error", "value", "two\nlines", "__x", "SecretKey", ""))
        holder[name] = copy.deepcopy(random.choice((holder[key], *TEXTS)))


JSON_CHANGES: tuple[Callable[[Random, Any, Any], None], ...] = (
    _exchange,
    _exchange,
    _exchange,
    _drop,
    _repeat,
    _wrap,
    _entitle,
)


def either(random: Random, data: bytes) -> bytes:
    """An XML or JSON document, changed as what it is, or as bytes."""
    if not data or random.random() < 0.15:
        return shaken(random, data)
    if data.lstrip()[:1] == b"<":
        return estranged(random, data)
    return written(distorted(random, json.loads(data)))
