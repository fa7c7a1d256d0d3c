"""OData as the administration service speaks it: `$select` and `$filter` in, rows as JSON out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from readiness.lab.classes import Instance
from readiness.lab.wql import Literal, Query

_LITERAL = r"(?:'(?:[^']|'')*'|-?\d+|true|false|null)"
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|-?\d+\b|\w+|[()])")
_KEY = re.compile(rf"(?:(\w+)=)?({_LITERAL})")
_SPLIT = re.compile(r",(?=(?:[^']*'[^']*')*[^']*$)")

Term = tuple[tuple[str, Literal], ...]


class NotUnderstoodError(ValueError):
    """Something outside the part of OData that is served."""


def query(cls: str, options: Mapping[str, str]) -> Query:
    """The question in the options of a request. Raises `NotUnderstoodError`."""
    unknown = set(options) - {"$select", "$filter", "$top", "$skip"}
    if unknown:
        raise NotUnderstoodError(f"the option {min(unknown)} is not understood")
    chosen_columns = options.get("$select")
    columns = None if chosen_columns is None else tuple(name.strip() for name in chosen_columns.split(","))
    return Query(cls, columns, _filter(options["$filter"]) if "$filter" in options else ())


def selectors(keys: Sequence[str], text: str) -> dict[str, str]:
    """The key in parentheses: one value, or `Name=value` of each key column. Raises `NotUnderstoodError`."""
    found = [_KEY.fullmatch(part) for part in _SPLIT.split(text)]
    if not all(found):
        raise NotUnderstoodError(f"no key: {text}")
    pairs = [(part[1], _literal(part[2])) for part in found if part]
    if len(pairs) == 1 and pairs[0][0] is None and len(keys) == 1:
        return {keys[0]: str(pairs[0][1])}
    return {name or "": str(value) for name, value in pairs}


def chosen(row: Instance, columns: Sequence[str]) -> dict[str, object]:
    """A row of some columns."""
    return {"@odata.etag": row.key, **{name: _value(row, name) for name in columns}}


def whole(row: Instance, server: str, namespace: str) -> dict[str, object]:
    """A row as it comes without `$select`: with what WMI says of the instance."""
    relative = f"{row.cls.name}.{_relative(row)}"
    machine = server.partition(".")[0].upper()
    return {
        "@odata.etag": row.key,
        "__LAZYPROPERTIES": ["__QUALIFIER_SECURITYVERBS", *row.cls.lazy],
        "__QUALIFIER_SECURITYVERBS": None,
        "__GENUS": 2,
        "__CLASS": row.cls.name,
        "__SUPERCLASS": "SMS_BaseClass",
        "__DYNASTY": "SMS_BaseClass",
        "__RELPATH": relative,
        "__PROPERTY_COUNT": len(row.cells),
        "__DERIVATION": ["SMS_BaseClass"],
        "__SERVER": machine,
        "__NAMESPACE": namespace,
        "__PATH": rf"\\{machine}\{namespace}:{relative}",
        **{name: _value(row, name) for name in row.cells},
    }


def _value(row: Instance, name: str) -> object:
    value = row.cells[name]
    if value is None and row.cls.columns[name].endswith("[]"):
        return []  # of lazy columns too: an array is never null
    if isinstance(value, list):
        return [_item(item) for item in value]
    return _item(value)


def _item(value: object) -> object:
    if not isinstance(value, Instance):
        return value
    return {"@odata.type": f"#AdminService.{value.cls.name}", **{name: _value(value, name) for name in value.cells}}


def _relative(row: Instance) -> str:
    """The keys as an object path has them."""
    return ",".join(f"{name}={_quoted(row.cells[name])}" for name in row.cls.keys)


def _quoted(value: object) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)


def _filter(text: str) -> tuple[Term, ...]:
    tokens = _tokens(text)
    terms = [_term(tokens)]
    while tokens:
        _expect(tokens, "and")
        terms.append(_term(tokens))
    return tuple(terms)


def _term(tokens: list[str]) -> Term:
    if not tokens or tokens[0] != "(":
        return (_condition(tokens),)
    tokens.pop(0)
    found = [_condition(tokens)]
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        found.append(_condition(tokens))
    _expect(tokens, ")")
    return tuple(found)


def _condition(tokens: list[str]) -> tuple[str, Literal]:
    if len(tokens) < 3:
        raise NotUnderstoodError("the filter ends early")
    name = tokens.pop(0)
    _expect(tokens, "eq")
    if not re.fullmatch(r"[A-Za-z_]\w*", name) or not re.fullmatch(_LITERAL, tokens[0]):
        raise NotUnderstoodError("the filter compares something else than a column with a literal")
    return name, _literal(tokens.pop(0))


def _expect(tokens: list[str], word: str) -> None:
    if not tokens or tokens.pop(0) != word:
        raise NotUnderstoodError(f"expected {word}")


def _literal(text: str) -> Literal:
    words: dict[str, Literal] = {"true": True, "false": False, "null": None}
    if text in words:
        return words[text]
    return text[1:-1].replace("''", "'") if text.startswith("'") else int(text)


def _tokens(text: str) -> list[str]:
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise NotUnderstoodError(f"not understood at {at}")
        tokens.append(found[1])
        at = found.end()
    return tokens
