"""Puts the house together: the one module that names `checks` and `reports`. What connects is in `connecting`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import readiness
from readiness.errors import ConfigurationError
from readiness.plugins.entries import Group, entries

if TYPE_CHECKING:
    from readiness.assessment import Rules
    from readiness.model.check import Check
    from readiness.model.disclosure import RightUsed
    from readiness.model.facts import Fact
    from readiness.model.guide import Guide
    from readiness.model.knowledge import Knowledge
    from readiness.model.reading import Reading
    from readiness.model.report import PluginUsed, Report
    from readiness.plugins.checks import GuestChecks
    from readiness.sources.reader import Reader
    from reports.page import Page

DISTRIBUTION = "edr-readiness"
HOME = Path(readiness.__file__).resolve().parents[1]
"""Where this package lies; `checks` and `reports` lie beside it."""


def ours(name: str) -> ModuleType:
    """Our package of this name. A foreign one that hides it is found out before anything of it runs.

    Raises:
        ConfigurationError: a foreign package of the same name hides ours, or ours is missing.
    """
    if name not in sys.modules:
        spec = find_spec(name)
        if spec is None:
            raise ConfigurationError(f"the package '{name}' of {DISTRIBUTION} is missing: install it again")
        where = spec.origin or next(iter(spec.submodule_search_locations or ["an unknown place"]))
        if Path(where).resolve() != HOME / name / "__init__.py":
            raise ConfigurationError(
                f"another package named '{name}' hides the one of {DISTRIBUTION}: {where}. "
                "Run readiness from another folder, take that one out of PYTHONPATH, or use an environment of its own"
            )
    return import_module(name)


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check: ours in catalogue order, then those of plugins.

    A plugin that cannot be used is reported by name and skipped.
    """
    guests = guest_checks()
    return (*ours("checks").registered(), *(() if guests is None else guests.checks))


@cache
def guest_checks() -> GuestChecks | None:
    """The checks of plugins, loaded; None where nobody adds any."""
    if not entries(Group.CHECKS):
        return None
    from readiness.plugins.checks import guest_checks as found

    return found(ours("checks").registered())


def plugins_used() -> tuple[PluginUsed, ...]:
    """The plugins that take part in judging, and those that are skipped."""
    if not entries(Group.CHECKS) and not entries(Group.SOURCES):
        return ()
    from readiness.plugins.telling import used

    return used(guest_checks())


def all_plugins() -> tuple[PluginUsed, ...]:
    """Every plugin of every group, and what became of it. Loads them all."""
    from readiness.notification.opening import BUILT_IN as CHANNELS
    from readiness.plugins.telling import listing
    from readiness.targets.opening import BUILT_IN

    return listing(guest_checks(), {one.name: one for one in ours("reports").FORMATS}, BUILT_IN, CHANNELS)


def formats() -> Mapping[str, Any]:
    """The report formats, by name, in the order in which they are written; those of plugins are not loaded."""
    from readiness.plugins.formats import guest_formats

    known = {format_.name: format_ for format_ in ours("reports").FORMATS}
    return {**known, **guest_formats(known)[0]}


def terminal_format() -> ModuleType:
    """What prints a report on a terminal."""
    ours("reports")
    return import_module("reports.terminal")


def seal() -> ModuleType:
    """What seals reports for people, and takes their seals apart."""
    ours("reports")
    return import_module("reports.seal")


def terminal_page() -> type[Page]:
    """What lays out text for a terminal that is no report."""
    ours("reports")
    page: type[Page] = import_module("reports.page").Page
    return page


def wrapping() -> Callable[[str, int, int], list[str]]:
    """What breaks text into lines: of the text, the columns, and how far the lines after the first stand in."""
    ours("reports")
    wrap: Callable[[str, int, int], list[str]] = import_module("reports.wrapping").wrap
    return wrap


def machine_format(name: str) -> ModuleType:
    """What writes a report for programs, and what its keys mean: `rows`, `jsonl`, `prometheus`."""
    ours("reports")
    return import_module(f"reports.{name}")


def plan_format(name: str) -> ModuleType:
    """What shows a plan by itself: `plan_terminal`, `plan_csv`, and `steps`, which gives both their words."""
    ours("reports")
    return import_module(f"reports.{name}")


def summary(report: Report, digest: str, flavour: str, limit: int | None) -> str:
    """A report in a few lines, for a note or a comment.

    Args:
        flavour: `plain`, `jira` or `github`; any other one is plain.
        limit: of characters. Where even the shortest summary is longer, it is the beginning of the decision.
    """
    ours("reports")
    known = import_module("reports.flavours").FLAVOURS
    try:
        text: str = import_module("reports.summary").render(
            report, digest, flavour=flavour if flavour in known else "plain", limit=limit
        )
    except ValueError:
        demo = "DEMO DATA: " if report.run.demo else ""
        return f"{demo}{line_in(flavour, '{}', report.decision.sentence)}"[:limit]
    return text


def line_in(flavour: str, template: str, *others: str) -> str:
    """A line of a note: a template of ours, and for each `{}` other people's words, which stay words there."""
    ours("reports")
    known, blocks = import_module("reports.flavours").FLAVOURS, import_module("reports.blocks")
    first, *rest = template.split("{}")
    parts: list[Any] = [first] if first else []
    for other, after in zip(others, rest, strict=True):
        parts += [blocks.theirs(other), after] if after else [blocks.theirs(other)]
    line: str = known.get(flavour, known["plain"]).line(blocks.line(*parts))
    return line


def diff_format(name: str) -> ModuleType:
    """What shows what is different between two runs: `terminal`, `markdown`, `html`."""
    ours("reports")
    return import_module(f"reports.diff_{name}")


def history_format(name: str) -> ModuleType:
    """What shows the history: `terminal`, `csv`."""
    ours("reports")
    return import_module(f"reports.history_{name}")


def waivers() -> ModuleType:
    """What tells of waivers and attestations over time."""
    ours("reports")
    return import_module("reports.waivers")


def readers() -> Mapping[type[Fact], Reader[Any, Any]]:
    """The reader of each fact. Asking for them loads nothing that connects."""
    from readiness.plugins.sources import readers_of_guests
    from readiness.sources.configmgr.readers import READERS as SITE
    from readiness.sources.graph.readers import READERS as TENANT

    found: list[Reader[Any, Any]] = [*TENANT, *SITE, *readers_of_guests("tenant"), *readers_of_guests("site")]
    return {reader.fact: reader for reader in found}


def knowledge(folder: Path | None = None) -> Knowledge:
    """The tables of the rule data.

    Args:
        folder: tables whose rows are laid over those that ship (`--knowledge`).

    Raises:
        ConfigurationError: naming file and line of what is wrong in them.
    """
    return _shipped() if folder is None else _read(folder)


@cache
def _shipped() -> Knowledge:
    """Read once, however often the program judges: `--until`, a diff, a test."""
    return _read(None)


def _read(folder: Path | None) -> Knowledge:
    from readiness.knowledge import load

    specs = import_module(f"{ours('checks').__name__}.knowledge.tables").SPECS
    return load(specs, HOME / "checks" / "knowledge", folder)


def rules(folder: Path | None = None) -> Rules:
    """The rule data that judges. Rows from outside make it another version.

    Raises:
        ConfigurationError: as `knowledge`.
    """
    from readiness.assessment import Rules

    known = knowledge(folder)
    version = str(known.tables["releases"].head["version"])
    return Rules(f"{version}+{known.digest[:8]}" if known.outside else version, known.as_of, known)


def guide() -> Guide:
    """What the rule data in force tells a plan."""
    ours("checks")
    found: Guide = import_module("checks.guide").guide()
    return found


def rights_used(readings: Sequence[Reading[Fact]]) -> tuple[RightUsed, ...]:
    """The least rights that are enough for these readings, by whom, as the readers declare them."""
    from readiness.access.used import used

    return used(readings, readers())
