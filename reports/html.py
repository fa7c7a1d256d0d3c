"""The report as one HTML file: no remote asset, complete without its script, a policy that forbids any other, print."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from readiness.plugin import MARKS, CheckResult, Phase, PlanStep, Report, TargetDecision
from reports import changes, coverage, groups, matrix, ruling, view, waivers
from reports.seal import ENDS, seal
from reports.steps import PEOPLE_HEADS, PERHAPS, at_a_glance, certain, perhaps, person, views
from reports.text import name, plural, prose, seconds, utc, visible

FEW_GROUPS = 25
FEW_TARGETS = 25
"""So many stand on the page; further ones, up to those that are shown at all, are folded."""
GROUPS_SHOWN = 100
TARGETS_SHOWN = 200
LINES_SHOWN = 60
REASONS_SHOWN = 8
STEPS_SHOWN = 100
ROWS_SHOWN = 200
NOT_NEEDED = ("none", "not needed")

_RULE_WORDS = ("ORIGINS", "asked", "disagreement", "outside_row", "plugin_row", "rule_row", "rules")
_VIEW_WORDS = (
    "DEMO",
    "FINE",
    "OVERLAY_HEADS",
    "REDACTED",
    "STATE_TONES",
    "TO_MEND",
    "change_window",
    "overlay_sentences",
    "overlay_words",
    "valid_until",
    "log",
)


def render(report: Report, digest: str) -> str:
    """The HTML; the last line of its content seals it."""
    style, script = _style(digest, demo=report.run.demo), _script()
    above = _template().render(
        **_lists(report),
        report=report,
        style=Markup(style),  # noqa: S704 - our own style sheet and a checked digest, nothing from outside
        style_hash=_hash(style),
        script=Markup(script),  # noqa: S704 - our own file
        script_hash=_hash(script),
        shown_readings={reading.id: reading for reading in report.readings[:ROWS_SHOWN]},
        check_ids={check.id for check in report.checks},
    )
    return above + seal(above, digest) + ENDS["html"]


def _lists(report: Report) -> dict[str, object]:
    """Everything that is listed, cut to what a page can hold."""
    listed = views(report.plan)
    targets = view.capped(matrix.worst_first(report), TARGETS_SHOWN)
    columns = matrix.columns(report)
    lined = view.capped(matrix.lines(targets.shown[:LINES_SHOWN], columns), LINES_SHOWN)
    return {
        "counts": view.counts(report),
        "phases": view.phases(report),
        "readers": view.readers(report),
        "steps": view.capped(certain(listed), STEPS_SHOWN),
        "perhaps": view.capped(perhaps(listed), STEPS_SHOWN),
        "glance": at_a_glance(report.plan_summary),
        "people": tuple(person(one) for one in report.plan_summary.people),
        "numbers_of": _numbers(report.plan),
        "owners": tuple(dict.fromkeys(check.owner for check in report.checks)),
        "targets": targets,
        "columns": columns,
        "lines": view.Capped(lined.shown, len(report.collections) - len(lined.shown)),
        "unread": coverage.unread(report),
        "unsettled": coverage.unsettled(report),
        "sights": coverage.sights(report),
        "rights": coverage.rights(report),
        "sent": coverage.sent(report),
        "overlays": view.capped(view.overlays(report), ROWS_SHOWN),
        "look_after": view.capped(waivers.lines(report), ROWS_SHOWN),
        "changed": view.capped(report.comparison.changes if report.comparison else (), ROWS_SHOWN),
        "readings": view.capped(report.readings, ROWS_SHOWN),
    }


def _style(digest: str, *, demo: bool) -> str:
    """The style sheet, with what stands in the margin of every printed page."""
    margins = [f'@bottom-left {{ content: "report sha256 {digest}"; }}']
    if demo:
        margins.append(f'@top-center {{ content: "{view.DEMO}"; }}')
    return f"\n{_sheet()}@media print {{ @page {{ {' '.join(margins)} }} }}\n"


@lru_cache(maxsize=1)
def _sheet() -> str:
    """The style sheet without the white space that only its authors need."""
    text = files("reports").joinpath("templates", "report.css").read_text(encoding="utf-8")
    dense = re.sub(r"\s*([{};])\s*|(?<=[:,]) | (?=> )|(?<=>) |(?<!\d)0(?=\.\d)", r"\1", text)
    return dense.replace(";}", "}").replace("}", "}\n")


@lru_cache(maxsize=1)
def _script() -> str:
    """The script without what only its authors need: indentation and comments."""
    text = files("reports").joinpath("templates", "report.js").read_text(encoding="utf-8")
    return re.sub(r"^ +(//.*\n)?", "", text, flags=re.MULTILINE)


def _hash(content: str) -> str:
    """As Content-Security-Policy wants it: over the element's content, byte for byte."""
    return b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")


def _numbers(plan: tuple[PlanStep, ...]) -> dict[str, list[int]]:
    """The numbers of the shown steps that unblock each check."""
    found: dict[str, list[int]] = {}
    for number, step in enumerate(plan[:STEPS_SHOWN], start=1):
        for check in step.unblocks:
            found.setdefault(check, []).append(number)
    return found


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        name=name, prose=prose, utc=utc, seconds=seconds, groups=_groups, reasons=_reasons, row=changes.row,
        reader=_reader, condensed=_condensed,
    )  # fmt: skip
    environment.globals.update(
        {word: getattr(view, word) for word in _VIEW_WORDS} | {word: getattr(ruling, word) for word in _RULE_WORDS},
        MARKS=MARKS,
        PEOPLE_HEADS=PEOPLE_HEADS,
        PERHAPS=PERHAPS,
        LOOK_AFTER=waivers.TITLE,
        changes=changes,
        coverage=coverage,
        few_groups=FEW_GROUPS,
        few_targets=FEW_TARGETS,
        place=_place,
        plural=plural,
    )
    return environment.get_template("report.html.j2")


def _shown(value: object) -> object:
    """What an expression of the template may put on the page: text, made visible, and whole numbers."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    raise TypeError(f"the template shows a {type(value).__name__}")


def _condensed(rows: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Labels and values; what is not needed stands together, in the last row."""
    yield from (row for row in rows if row[1] not in NOT_NEEDED)
    spared = [label.lower() for label, value in rows if value in NOT_NEEDED]
    if spared:
        yield "Not needed", ", ".join(spared)


def _groups(check: CheckResult) -> view.Capped[groups.Group]:
    return view.capped(groups.grouped(check), GROUPS_SHOWN)


def _reasons(target: TargetDecision) -> view.Capped[str]:
    return view.capped(target.reasons, REASONS_SHOWN)


def _reader(reader: view.Reader) -> tuple[str, ...]:
    """One who read, as a row."""
    scopes = prose("; ".join(reader.scopes)) or "not known"
    return name(reader.identity), scopes, f"{reader.readings:,}", f"{reader.refused:,}"


def _place(index: int) -> str:
    """Where a phase begins in the chain."""
    return f"{100 * index / len(Phase):.2f}%"
