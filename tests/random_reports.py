"""Random whole reports: every field of the model, whatever is added to it later, with everything a name may hold.

What is drawn follows the types of the model, so that no field is forgotten. Only what a report itself keeps equal (the
counts are those of its checks, ids are the checks' own) is put right afterwards.
"""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from readiness.model.report import CheckResult, Decision, PlanStep, Report, RulesUsed, TargetDecision
from readiness.plugin import Half, Origin, Outcome, RuleRow

NASTY = (
    "", " ", "Pilot workstations", "All Windows Servers - EDR", "<script>alert(1)</script>", "a|b", "a\\|b", "||", "`",
    "``x``", "*bold*", "_under_", "~~gone~~", "# heading", "h1. heading", "1. item", "- item", "-- item", "---", "===",
    "[link](https://evil.example)", "[link|https://evil.example]", "![x](y)", "!x.png!", "{code}", "{color:red}x",
    "{{mono}}", "??cite??", "+in+", "^up^", "[~admin]", "(/)", ":)", ":tada:", "@everyone", "#123", "GH-7", "$x$",
    "CHG-17", "https://evil.example/x", "www.evil.example", "a@b.example", "[code]<b>x</b>[/code]", "&amp;", "\\",
    "\\\\", "two\nlines", "\r\n# heading", "\x1b[31mred", "\u202egnp.exe", "zero\u200bwidth", "\u2028", "عربي ١٢",
    "עברית (1)", "東京 🚀", "N" * 2_000, "{% raw %}", "{{ 7*7 }}", "=cmd|' /C calc'!A1", "not-ready", "× fail",
    "report sha256: " + "0" * 64, "text sha256: " + "0" * 64, "'\">", "<!--", "]]>", "\ud800", "| √ pass | 9 |",
)  # fmt: skip
"""What names are made of by people with bad intentions, and by people who write from right to left."""
TEXT = st.one_of(st.sampled_from(NASTY), st.sampled_from(NASTY), st.text(max_size=12))
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
LONG = 230
"""More than any format lists."""

_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 12_000),
    bool: st.booleans(),
    float: st.sampled_from((0.0, 0.412, 12.345, 3_600.0)),
    date: st.sampled_from((date(2020, 5, 1), date(2026, 11, 23), date(2027, 1, 1))),
    datetime: st.sampled_from((NOW, NOW - timedelta(days=30), NOW + timedelta(hours=13, seconds=5))),
    Any: TEXT,
}


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Of any content: no checks or several, no collection or more than are shown, with and without the rest."""
    report: Report = draw(of(Report))
    checks = tuple(replace(one, id=f"check-{place}-{one.phase}") for place, one in enumerate(report.checks))
    times = draw(st.sampled_from((1, 1, 1, 1, 1, 1, LONG)))
    return replace(
        report,
        checks=checks,
        collections=report.collections * times,
        readings=report.readings * times,
        decision=replace(report.decision, counts=_counts(checks)),
    )


def _counts(checks: tuple[CheckResult, ...]) -> Mapping[str, int]:
    found = Counter(one.outcome.value for one in checks)
    over = {"waived": sum(1 for one in checks if one.waiver), "attested": sum(1 for one in checks if one.attestation)}
    return {outcome.value: found[outcome.value] for outcome in Outcome} | over


@cache
def of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type of the model.

    Raises:
        TypeError: the model has a type in it that nobody said how to draw.
    """
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if is_dataclass(kind):
        return _dataclass(kind)
    return _generic(kind, get_args(kind))


def _dataclass(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    drawn = {field.name: _drawn(kind, field.name, hints[field.name]) for field in fields(kind)}
    return st.builds(kind, **drawn)


def _drawn(kind: Any, name: str, hint: Any) -> st.SearchStrategy[Any]:
    special = _SPECIAL.get((kind, name))
    return of(hint) if special is None else special


def _generic(kind: Any, arguments: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    made = get_origin(kind)
    if made is Literal:
        return st.sampled_from(arguments)
    if made in (Union, types.UnionType):
        return st.one_of(*(st.none() if one is type(None) else of(one) for one in arguments))
    if made is tuple and arguments[1:] == (Ellipsis,):
        return st.lists(of(arguments[0]), max_size=2).map(tuple)
    if isinstance(made, type) and issubclass(made, Mapping):
        return st.dictionaries(of(arguments[0]), of(arguments[1]), max_size=2)
    raise TypeError(f"nobody said how to draw {kind}")


_SPECIAL: dict[tuple[Any, str], st.SearchStrategy[Any]] = {
    (Report, "checks"): st.deferred(lambda: _several(CheckResult, 0, 3, 5, 7)),
    (Report, "plan"): st.deferred(lambda: _several(PlanStep, 0, 2, 4)),
    (Report, "collections"): st.deferred(lambda: _several(TargetDecision, 0, 1, 3)),
    (Decision, "halves"): st.fixed_dictionaries({half: st.deferred(lambda: _states()) for half in Half}),
    (Decision, "origins"): st.fixed_dictionaries({origin: st.deferred(lambda: _states()) for origin in Origin}),
    (RulesUsed, "digest"): st.just("cd" * 32),
    (RuleRow, "values"): st.dictionaries(st.sampled_from(("name", "build", "key")), TEXT, max_size=2),
}


def _several(kind: Any, *sizes: int) -> st.SearchStrategy[Any]:
    """As many as one of the sizes says: left alone, lists that are drawn are mostly short."""
    size = st.sampled_from(sizes)
    return size.flatmap(lambda number: st.lists(of(kind), min_size=number, max_size=number)).map(tuple)


def _states() -> st.SearchStrategy[Any]:
    return of(get_type_hints(Decision)["state"])
