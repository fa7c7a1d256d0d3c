"""The report as one HTML file: no script, no remote asset, a policy that forbids both, a style that prints."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from readiness.plugin import MARKS, CheckResult, Report, SubjectResult, TargetDecision
from reports import changes, ruling, view, waivers
from reports.seal import ENDS, seal
from reports.steps import PEOPLE_HEADS, PERHAPS, at_a_glance, certain, perhaps, person, views
from reports.text import name, named, plural, prose, seconds, utc, visible

SUBJECTS_SHOWN = 25
TARGETS_SHOWN = 200
REASONS_SHOWN = 8
STEPS_SHOWN = 100
ROWS_SHOWN = 200

_RULE_WORDS = ("ORIGINS", "asked", "disagreement", "outside_row", "plugin_row", "rule_row", "rules")
_VIEW_WORDS = (
    "DEMO",
    "FINE",
    "OVERLAY_HEADS",
    "REDACTED",
    "STATE_MARKS",
    "STATE_TONES",
    "TO_MEND",
    "change_window",
    "overlay_sentences",
    "overlay_words",
    "valid_until",
)


def render(report: Report, digest: str) -> str:
    """The HTML; the last line of its content seals it."""
    style = _style(digest, demo=report.run.demo)
    above = _template().render(
        **_lists(report),
        report=report,
        style=Markup(style),  # noqa: S704 - our own style sheet and a checked digest, nothing from outside
        style_hash=_style_hash(style),
        shown_readings={reading.id: reading for reading in report.readings[:ROWS_SHOWN]},
        check_ids={check.id for check in report.checks},
    )
    return above + seal(above, digest) + ENDS["html"]


def _lists(report: Report) -> dict[str, object]:
    """Everything that is listed, cut to what a page can hold."""
    listed = views(report.plan)
    return {
        "counts": view.counts(report),
        "phases": view.phases(report),
        "readers": view.readers(report),
        "steps": view.capped(certain(listed), STEPS_SHOWN),
        "perhaps": view.capped(perhaps(listed), STEPS_SHOWN),
        "glance": at_a_glance(report.plan_summary),
        "people": tuple(person(one) for one in report.plan_summary.people),
        "targets": view.capped(report.collections, TARGETS_SHOWN),
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
    sheet = files("reports").joinpath("templates", "report.css").read_text(encoding="utf-8")
    return f"\n{sheet}@media print {{ @page {{ {' '.join(margins)} }} }}\n"


def _style_hash(style: str) -> str:
    """As Content-Security-Policy wants it: over the element's content, byte for byte."""
    return b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")


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
        name=name, prose=prose, utc=utc, seconds=seconds, subjects=_subjects, reasons=_reasons, row=changes.row
    )
    environment.globals.update(
        {word: getattr(view, word) for word in _VIEW_WORDS} | {word: getattr(ruling, word) for word in _RULE_WORDS},
        MARKS=MARKS,
        PEOPLE_HEADS=PEOPLE_HEADS,
        PERHAPS=PERHAPS,
        LOOK_AFTER=waivers.TITLE,
        changes=changes,
        named=named,
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


def _subjects(check: CheckResult) -> view.Capped[SubjectResult]:
    return view.capped(view.subjects_worst_first(check), SUBJECTS_SHOWN)


def _reasons(target: TargetDecision) -> view.Capped[str]:
    return view.capped(target.reasons, REASONS_SHOWN)
