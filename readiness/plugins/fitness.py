"""Whether a class of a plugin can be a fact: it travels through files, schemas and redaction like one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from readiness.model.facts import FACTS, Fact
from readiness.model.words import Half
from readiness.plugins.entries import LONGEST, UnfitError

_PLAIN = (str, int, float, bool, date, datetime, NoneType)
_OURS = frozenset(fact.__name__ for fact in FACTS)


def must_be_fit(fact: type[Fact]) -> None:
    """A fact of a plugin is a frozen dataclass of values that JSON can hold, and has a name of its own.

    Raises:
        UnfitError: naming the class and what is wrong with it.
    """
    name = fact.__name__
    if name in _OURS or fact is Fact:
        raise UnfitError(f"its fact {name} has the name of one of ours")
    if not (name.isascii() and name.isidentifier() and len(name) <= LONGEST):
        raise UnfitError("the name of its fact is no identifier in ASCII")
    if not isinstance(getattr(fact, "half", None), Half):
        raise UnfitError(f"its fact {name} does not say which half it is read from (half = Half.SITE or Half.TENANT)")
    _must_be_record(fact, name, ())


def _must_be_record(kind: type[Any], where: str, above: tuple[type[Any], ...]) -> None:
    """A frozen dataclass, all of whose fields are given to it, and does not hold itself."""
    parameters = getattr(kind, "__dataclass_params__", None)
    if "__dataclass_params__" not in vars(kind) or parameters is None or not parameters.frozen:
        raise UnfitError(f"{where} is no frozen dataclass")
    if kind in above:
        raise UnfitError(f"{where} holds itself")
    if not all(field.init for field in fields(kind)):
        raise UnfitError(f"{where} has a field that is not given to it")
    for name, hint in _hints(kind, where):
        _must_be_kept(hint, f"{where}.{name}", (*above, kind))


def _hints(kind: type[Any], where: str) -> Iterator[tuple[str, Any]]:
    try:
        hints = get_type_hints(kind)
    except Exception as error:
        raise UnfitError(f"the types of {where} cannot be told: {type(error).__name__}") from error
    return ((field.name, hints[field.name]) for field in fields(kind))


def _must_be_kept(hint: Any, where: str, above: tuple[type[Any], ...]) -> None:
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _PLAIN or (isinstance(hint, type) and issubclass(hint, Enum)):
        return
    if origin in (Union, UnionType):
        if sum(one is not NoneType for one in inner) != 1:
            raise UnfitError(f"{where}: of several types only one and None can be kept")
        _must_be_kept(next(one for one in inner if one is not NoneType), where, above)
    elif origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        _must_be_kept(inner[0], where, above)
    elif isinstance(hint, type) and is_dataclass(hint):
        _must_be_record(hint, where, above)
    else:
        raise UnfitError(
            f"{where} can hold what evidence cannot: str, int, float, bool, date, datetime, an Enum, a frozen "
            "dataclass, tuple[one of these, ...], or one of these and None"
        )
