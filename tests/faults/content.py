"""What goes wrong within the JSON of an answer."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tests.faults.exchanges import Answer
from tests.faults.record import CANARY
from tests.faults.striking import PAGE, Fault

DEEP = 100_000
DIGITS = 5_000
LONG = 5_000_000
GONE = object()
"""Instead of a value: its field is missing."""

Path = tuple[str, ...]
"""Names from the outermost object inwards; `[]` for every item of a list."""


def document_of(answer: Answer) -> Any:
    return json.loads(answer.body) if answer.body else None


def _with(answer: Answer, document: Any) -> Answer:
    return replace(answer, body=json.dumps(document).encode())


def _text(body: bytes) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, body=body)


def _member(text: bytes) -> Callable[[Answer], Answer | None]:
    """The object of the answer with one more field, of this name and text."""

    def change(answer: Answer) -> Answer | None:
        body = answer.body.strip()
        return replace(answer, body=body[:-1] + b"," + text + b"}") if body.startswith(b"{") and body != b"{}" else None

    return change


def _twice(answer: Answer) -> Answer | None:
    """The first field of the object once more, empty: which of both is meant?"""
    document = document_of(answer)
    if not isinstance(document, dict) or not document:
        return None
    name = "value" if "value" in document else next(iter(document))
    return replace(answer, body=answer.body.strip()[:-1] + b"," + json.dumps(name).encode() + b":[]}")


def places(document: Any, path: Path = ()) -> Iterator[Path]:
    """Every field of a document, those of all rows of a list as one."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield (*path, name)
            yield from places(value, (*path, name))
    elif isinstance(document, list):
        seen: dict[Path, None] = {}
        for item in document:
            seen.update(dict.fromkeys(places(item, (*path, "[]"))))
        yield from seen


def changed(document: Any, path: Path, new: Callable[[Any], Any]) -> Any:
    """The document with what stands at this path (in every row) replaced; `GONE` takes the field away."""
    if not path:
        return new(document)
    head, rest = path[0], path[1:]
    if head == "[]":
        return [changed(item, rest, new) for item in document] if isinstance(document, list) else document
    if not isinstance(document, dict) or head not in document:
        return document
    value = changed(document[head], rest, new)
    return {name: value if name == head else old for name, old in document.items() if name != head or value is not GONE}


UNREAD = ("intentCount",)
"""Fields of Graph that answers hold although nobody asks for them."""


def _everywhere(kind: type, new: Callable[[Any], Any]) -> Callable[[Answer], Answer | None]:
    """Every value of a type replaced; those of annotations, and of fields that nobody reads, left out."""

    def walk(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: walk(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item, name) for item in value]
        return new(value) if type(value) is kind and "@" not in name and name not in UNREAD else value

    def change(answer: Answer) -> Answer | None:
        document = document_of(answer)
        after = walk(document)
        return None if after == document else _with(answer, after)

    return change


def _rows(change: Callable[[list[Any]], list[Any]]) -> Callable[[Answer], Answer | None]:
    """The rows of a list changed."""

    def struck(answer: Answer) -> Answer | None:
        document = document_of(answer)
        rows = document.get("value") if isinstance(document, dict) else None
        if not isinstance(rows, list):
            return None
        after = change(rows)
        return None if after == rows else _with(answer, {**document, "value": after})

    return struck


def error(words: str) -> bytes:
    """An error as OData has it."""
    return json.dumps({"error": {"code": words, "message": words, "innererror": {"message": words}}}).encode()


def malformed() -> tuple[Fault, ...]:
    """Texts that are no JSON, or none that a parser should take in."""
    deep = b"[" * DEEP + b"]" * DEEP
    found = (
        Fault("100,000 levels deep", answer=_text(deep)),
        Fault("100,000 levels deep within a field", answer=_member(b'"more":' + deep)),
        *(Fault(f"{word} in a field", answer=_member(b'"more":' + word.encode())) for word in NUMBERS),
        Fault("an integer of 5,000 digits in a field", answer=_member(b'"more":' + b"9" * DIGITS)),
        Fault("the same key twice", answer=_twice),
        Fault("a byte order mark", answer=lambda answer: replace(answer, body=b"\xef\xbb\xbf" + answer.body)),
        Fault("no JSON", answer=_text(b"OK")),
        Fault("half of it", answer=lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2])),
    )
    return tuple(replace(fault, whole=True) for fault in found)


NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999")


def mistyped() -> tuple[Fault, ...]:
    """JSON, and of another form than any answer of this service."""
    texts = (b"[]", b"7", b'"text"', b"true", b'{"value":null}', b'{"value":{}}', b'{"value":[[]]}', b'{"value":[7]}')
    return (
        *(Fault(f"the whole answer is {text.decode()}", answer=_text(text)) for text in texts),
        Fault("the whole answer is null", answer=_text(b"null")),
        Fault("the whole answer is {}", answer=_text(b"{}")),
        Fault("an error that says 200", answer=_text(b'{"error":{"code":"Whatever","message":"no"}}')),
        Fault("every number has 4,000 digits", answer=_everywhere(int, lambda _: 10**4000)),
        Fault("every text is a list", answer=_everywhere(str, lambda value: [value])),
        Fault("every flag is a text", answer=_everywhere(bool, lambda value: str(value).lower()), plausible=True),
    )


def doubtful() -> tuple[Fault, ...]:
    """Answers that may be true, and that say less or other things than the healthy one."""
    return (
        Fault(
            "a text of 5 MB in a field that nobody knows",
            answer=_member(b'"more":"' + b"x" * LONG + b'"'),
            harmless=True,
        ),
        Fault("a text of 5 MB where the first text was", answer=_first_text("x" * LONG), plausible=True),
        Fault(
            "lone surrogates in a field that nobody knows",
            answer=_member(b'"more":"\\ud800\\udfff\\udc00"'),
            harmless=True,
        ),
        Fault("a lone surrogate in every text", answer=_everywhere(str, lambda text: text + "\ud800"), plausible=True),
        Fault("every text unknown", answer=_everywhere(str, lambda _: "somethingNew"), plausible=True),
        Fault("every number unknown", answer=_everywhere(int, lambda _: 987_654), plausible=True),
        Fault("every number negative", answer=_everywhere(int, lambda _: -1), plausible=True),
        Fault("every field of every row null", answer=_rows(_emptied(None)), plausible=True),
        Fault("every row without fields", answer=_rows(_emptied(GONE)), plausible=True),
        Fault("no rows", answer=_rows(lambda _rows: []), plausible=True),
        Fault("every row twice", answer=_rows(lambda rows: rows * 2), plausible=True),
        Fault("a row that is null", answer=_rows(lambda rows: [*rows, None])),
    )


def _emptied(new: object) -> Callable[[list[Any]], list[Any]]:
    def change(rows: list[Any]) -> list[Any]:
        if new is GONE:
            return [{} for _ in rows]
        return [dict.fromkeys(row) if isinstance(row, dict) else row for row in rows]

    return change


def _first_text(new: str) -> Callable[[Answer], Answer | None]:
    """The first text, in one row alone."""

    def change(answer: Answer) -> Answer | None:
        document = document_of(answer)
        for path in places(document):
            found: list[Any] = []
            changed(document, path, found.append)
            if found and isinstance(found[0], str) and "@" not in path[-1]:
                return _with(answer, changed(document, path, _once(new)))
        return None

    return change


def _once(new: object) -> Callable[[Any], Any]:
    """This value for the first one, and each other one as it is."""
    left = [new]
    return lambda old: left.pop() if left else old


# Field by field.


def fields(answer: Answer) -> Iterator[Fault]:
    """Each field of an answer, in all its rows: null, missing, a word or number that no table knows, another type."""
    for path in places(document_of(answer)):
        if path[-1].startswith("@odata") or path[-1].startswith("__"):
            continue  # annotations, and what WMI says of every instance: what of them matters is tried by name
        name = ".".join(path)
        for how, new, plausible in WAYS:
            # Harmless, because nobody reads some of them.
            yield Fault(f"{name} {how}", answer=partial(_field, path, new), plausible=plausible, harmless=True)


def _field(path: Path, new: Callable[[Any], Any], answer: Answer) -> Answer | None:
    document = document_of(answer)
    after = changed(document, path, new)
    return None if after == document else _with(answer, after)


def _strange(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return 987_654
    return "somethingNew" if isinstance(value, str) else value


WAYS: Sequence[tuple[str, Callable[[Any], Any], bool]] = (
    ("null", lambda _: None, True),
    ("missing", lambda _: GONE, True),
    ("unknown", _strange, True),
    ("of another type", lambda value: [value] if isinstance(value, dict) else {"x": value}, False),
)


# Pages.


def links(own: Callable[[], str], stands: str) -> tuple[Fault, ...]:
    """Next pages that lie elsewhere. `own`: the origin of the service; `stands`: a path that it has."""

    def good() -> str:
        return own().partition("://")[2]

    def bad() -> str:
        return CANARY.origin.partition("://")[2]

    made: dict[str, Callable[[], object]] = {
        "on another host": lambda: f"https://{bad()}{stands}?$skip=1",
        "over http": lambda: f"http://{good()}{stands}?$skip=1",
        "behind a user name": lambda: f"https://{good()}@{bad()}{stands}?$skip=1",
        "behind a user name and a password": lambda: f"https://graph:443@{bad()}{stands}?$skip=1",
        "behind a backslash": lambda: f"https://{good()}\\@{bad()}{stands}?$skip=1",
        "without scheme": lambda: f"//{bad()}{stands}?$skip=1",
        "with a host that begins alike": lambda: f"https://{good()}.invalid{stands}?$skip=1",
        "with a line break": lambda: f"{own()}{stands}?$skip=1\r\nHost: {bad()}",
        "that climbs": lambda: f"{own()}{stands}/../../../elsewhere?$skip=1",
        "that climbs, encoded": lambda: f"{own()}{stands}/%2e%2e/%2e%2e/elsewhere?$skip=1",
        "with a fragment": lambda: f"{own()}{stands}?$skip=1#x",
        "that is a number": lambda: 7,
        "of 5 MB on another host": lambda: f"https://{bad()}{stands}?$skip=" + "1" * LONG,
    }
    return tuple(Fault(f"a next page {name}", answer=_linked(make)) for name, make in made.items())


def _linked(make: Callable[[], object]) -> Callable[[Answer], Answer | None]:
    def change(answer: Answer) -> Answer | None:
        document = document_of(answer)
        if not isinstance(document, dict) or not isinstance(document.get("value"), list):
            return None
        return _with(answer, {**document, "@odata.nextLink": make()})

    return change


def loop(own: str) -> Fault:
    """A page that names itself as the next one. `own`: the address of the exchange."""
    return Fault("a next page that is this one", answer=_linked(lambda: own))


def endless(own: str, healthy: Answer) -> Fault:
    """Always another page, the rows the same or none."""
    numbers = itertools.count(1)
    address = own + ("&" if "?" in own else "?") + PAGE
    link = _linked(lambda: f"{address}{next(numbers)}")
    return Fault("next pages without end", answer=lambda now: link(replace(healthy, headers=now.headers)), pages=True)


def full_page(rows: int) -> Fault:
    """The same full page for every page that is asked for."""
    return Fault("the same full page for ever", answer=_rows(lambda found: (found * rows)[:rows] if found else found))
