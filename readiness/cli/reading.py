"""Collect evidence for a command: sources of the configuration, one deadline, a live line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from readiness.assessment import along, needed_facts, selected
from readiness.cli.person import is_asked, show
from readiness.cli.progress import Progress
from readiness.composition import all_checks, estate, heard, sign_in
from readiness.config import Configuration, require_half
from readiness.evidence import collect, utc_now
from readiness.model.check import Check
from readiness.model.reading import Evidence
from readiness.model.settings import JudgingSettings
from readiness.sources.deadline import Deadline
from readiness.sources.reader import Heard


def read_estate(configuration: Configuration, environ: Mapping[str, str], *, demo: bool = False) -> Evidence:
    """Read what the selected checks need.

    Raises:
        ConfigurationError: no half is configured, a secret is missing, or a person is to sign in and cannot be asked.
    """
    evidence, _ = read_and_hear(configuration, environ)
    return replace(evidence, demo=True) if demo else evidence


def read_and_hear(configuration: Configuration, environ: Mapping[str, str]) -> tuple[Evidence, tuple[Heard, ...]]:
    """Read what the selected checks need; also how every call to Microsoft Graph ended.

    Raises:
        ConfigurationError: as `read_estate`.
    """
    require_half(configuration)
    person = is_asked(configuration)
    judging = configuration.judging
    deadline = Deadline(configuration.scan.timeout)
    where = estate(configuration, environ, deadline)
    if person:
        sign_in(where, show)
        deadline.restart()
    with Progress() as progress:
        facts = needed_facts(judged(judging), judging)
        try:
            evidence = collect(where, facts, deadline, clock=utc_now, observer=progress)
        except KeyboardInterrupt:
            deadline.cancel()
            raise
    return evidence, heard(where)


def judged(judging: JudgingSettings) -> tuple[Check, ...]:
    """The selected checks, and those that they depend on."""
    return along(all_checks(), selected(all_checks(), judging.selection))
