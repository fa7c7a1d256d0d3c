"""Which facts a judge takes, read from its own type hints, as pytest reads fixtures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any, get_args, get_origin, get_type_hints

from readiness.model.check import Check, Context
from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.remediation import Ahead
from readiness.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a judge."""

    name: str
    fact: type[Fact] | None
    """None for the context."""
    whole: bool
    """True where the judge takes the reading itself, to weigh partial evidence."""


@cache
def parameters(check: Check) -> tuple[Parameter, ...]:
    """The parameters of the check's judge.

    Raises:
        TypeError: where one is neither a fact, a reading of a fact nor the context, or cannot be passed by its name,
            or the result is no verdict.
    """
    if check.function is None:
        raise TypeError(f"check {check.id} has no judge")
    return _taken(check, check.function, Verdict)


@cache
def foreseen_from(check: Check) -> tuple[Parameter, ...]:
    """The parameters of what foretells the check's steps: readings, and the context.

    Raises:
        TypeError: as `parameters`; and where it takes a fact that may be missing.
    """
    taken = _taken(check, check.ahead, Ahead) if check.ahead is not None else ()
    if any(one.fact is not None and not one.whole for one in taken):
        raise TypeError(f"check {check.id}: what foresees takes readings, because facts may be missing")
    return taken


def _taken(check: Check, function: Callable[..., Any], returned: type[Any]) -> tuple[Parameter, ...]:
    hints = get_type_hints(function)
    if hints.get("return") is not returned:
        raise TypeError(f"check {check.id}: {function.__name__} must return {_a(returned.__name__)}")
    taken = signature(function).parameters.values()
    return tuple(_parameter(check, one.name, hints.get(one.name)) for one in taken if _by_name(check, one))


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "AEIO" else f"a {name}"


def _by_name(check: Check, parameter: inspect.Parameter) -> bool:
    if parameter.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY):
        return True
    raise TypeError(f"check {check.id}: parameter {parameter.name} cannot be passed by its name")


def _parameter(check: Check, name: str, hint: Any) -> Parameter:
    if hint is Context:
        return Parameter(name, None, whole=False)
    whole = get_origin(hint) is Reading
    fact = get_args(hint)[0] if whole else hint
    if isinstance(fact, type) and issubclass(fact, Fact) and fact is not Fact:
        return Parameter(name, fact, whole=whole)
    raise TypeError(f"check {check.id}: parameter {name} is neither a fact, a Reading of one, nor the Context")


def facts(check: Check) -> tuple[type[Fact], ...]:
    """The facts that the check judges, each once."""
    return tuple(dict.fromkeys(taken.fact for taken in parameters(check) if taken.fact is not None))
