r"""Questions in WQL, from names that are checked and literals that are escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from readiness.sources.failures import GuardRefusal

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NAMESPACE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\\[A-Za-z_][A-Za-z0-9_]*)*")
UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry: control characters, lone surrogates."""

PORTION_VALUES = 50
PORTION_CHARACTERS = 4_000
"""How much one question lists at most: WMI bounds the number of ORs, http.sys the length of an address."""

SECRET_COLUMNS = frozenset({"secretkey"})
"""Columns that are never asked for, and dropped where an instance brings them unasked."""
SECRET_CLASSES = frozenset({"sms_aad_application", "sms_aad_application_ex"})
"""Classes that have such a column: of them columns are always named, and no instance is ever asked for whole."""


def class_name(text: str) -> str:
    """A class or column name, checked. Raises `GuardRefusal`."""
    if not NAME.fullmatch(text):
        raise GuardRefusal(f"{text!r:.80} is no name of a WMI class or column")
    return text


def resource_path(namespace: str) -> str:
    r"""`root\sms\site_P01` as a resource URI wants it: `root/sms/site_P01`. Raises `GuardRefusal`."""
    if not NAMESPACE.fullmatch(namespace):
        raise GuardRefusal(f"{namespace!r:.80} is no WMI namespace")
    return namespace.replace("\\", "/")


def sendable(text: str) -> str:
    """Text that XML can carry. Raises `GuardRefusal`."""
    if UNSENDABLE.search(text):
        raise GuardRefusal(f"{text!r:.80} holds a character that no request can carry")
    return text


def literal(value: str | int | bool) -> str:
    """A WQL literal. Strings are quoted, with backslash and quotes escaped by a backslash."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    escaped = sendable(value).replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    return f"'{escaped}'"


def select(
    cls: str,
    columns: Sequence[str],
    where: Mapping[str, str | int | bool] | None = None,
    any_of: tuple[str, Sequence[str | int]] | None = None,
) -> str:
    """`SELECT columns FROM cls WHERE ... AND (column = a OR column = b)`; columns are always named, `*` is refused."""
    names = ", ".join(chosen(cls, columns))
    # Every part is checked or escaped.
    return f"SELECT {names} FROM {class_name(cls)}{_condition(where, any_of)}"  # noqa: S608


def chosen(cls: str, columns: Sequence[str]) -> list[str]:
    """The columns, checked: at least one, each a name, none a secret. Raises `GuardRefusal`."""
    if not columns:
        raise GuardRefusal(f"no column of {cls} was chosen")
    if secret := SECRET_COLUMNS & {column.lower() for column in columns}:
        raise GuardRefusal(f"{cls}.{min(secret)} is a secret")
    return [class_name(column) for column in columns]


_QUESTION = re.compile(r"SELECT ([A-Za-z0-9_]+(?:, [A-Za-z0-9_]+)*) FROM [A-Za-z0-9_]+(?: WHERE .+)?", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)


def require_question(wql: str) -> None:
    """Let only a question out that names its columns, and no secret one, not even to compare it.

    Raises:
        GuardRefusal: anything else.
    """
    bare = _QUOTED.sub("''", wql)
    if not _QUESTION.fullmatch(bare):
        raise GuardRefusal("a question that is not a SELECT of named columns")
    require_no_secret(bare)


def require_no_secret(text: str) -> None:
    """Refuse a question, its literals taken out, that names a secret column. Raises `GuardRefusal`."""
    if secret := SECRET_COLUMNS & {word.lower() for word in NAME.findall(text)}:
        raise GuardRefusal(f"a question for {min(secret)}, which is a secret")


def require_whole(cls: str) -> None:
    """Refuse to ask for all columns of a class that has a secret one. Raises `GuardRefusal`."""
    if cls.lower() in SECRET_CLASSES:
        raise GuardRefusal(f"all columns of {cls}, one of which is a secret")


def select_instance(cls: str, keys: Mapping[str, str | int]) -> str:
    """The question that a Get by key stands for."""
    if not keys:
        raise GuardRefusal(f"no key of {cls} was given")
    require_whole(cls)
    return f"SELECT * FROM {class_name(cls)}{_condition(keys)}"  # noqa: S608


def call(cls: str, method: str, arguments: Mapping[str, str]) -> str:
    """How the evidence writes a call: `SMS_X.GetY(Z='...')`."""
    given = ", ".join(f"{class_name(name)}={literal(value)}" for name, value in arguments.items())
    return f"{class_name(cls)}.{class_name(method)}({given})"


def portions(values: Sequence[str | int]) -> Iterator[list[str | int]]:
    """The values, each once (text without regard to case, as WMI compares), as many at a time as one question holds.

    Raises:
        GuardRefusal: there are none: that would ask for nothing, and must not read as an answer.
    """
    distinct = list({value.casefold() if isinstance(value, str) else value: value for value in values}.values())
    if not distinct:
        raise GuardRefusal("a question for any of no values")
    portion: list[str | int] = []
    for value in distinct:
        if portion and (len(portion) >= PORTION_VALUES or _length([*portion, value]) > PORTION_CHARACTERS):
            yield portion
            portion = []
        portion.append(value)
    yield portion


def _length(values: Sequence[str | int]) -> int:
    return sum(len(str(value)) for value in values)


def _condition(
    where: Mapping[str, str | int | bool] | Mapping[str, str | int] | None,
    any_of: tuple[str, Sequence[str | int]] | None = None,
) -> str:
    parts = [f"{class_name(name)} = {literal(value)}" for name, value in (where or {}).items()]
    if any_of is not None:
        name, values = class_name(any_of[0]), any_of[1]
        parts.append(f"({' OR '.join(f'{name} = {literal(value)}' for value in values)})")
    return " WHERE " + " AND ".join(parts) if parts else ""
