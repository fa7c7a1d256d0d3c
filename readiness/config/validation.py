"""What can be said about a configuration only by who knows the checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from readiness.config.origin import Problems
from readiness.config.settings import Configuration
from readiness.config.wording import KeyPath, nearest, shown
from readiness.model.words import Phase

NEVER_WAIVED = ("tenant-matches",)
"""Checks that no waiver can answer, besides those of the connection phase."""


def validate_checks(
    configuration: Configuration, known: Mapping[str, Phase], aside: Callable[[], str] = lambda: ""
) -> None:
    """Every check that the configuration names exists, and every waiver is for one that can be waived.

    Args:
        configuration: as loaded.
        known: the ids of all checks, with their phases.
        aside: what else there is to say where one does not exist.

    Raises:
        ConfigurationError: with one line per problem: file, line, key, and the nearest id.
    """
    problems = Problems(configuration.origin)
    for index, waiver in enumerate(configuration.judging.waivers):
        unknown = unknown_check(waiver.check, known)
        words = f"{unknown}{aside()}" if unknown else not_waivable(waiver.check, known[waiver.check])
        _note(problems, ("waiver", index, "check"), words)
    for index, attestation in enumerate(configuration.judging.attestations):
        unknown = unknown_check(attestation.check, known)
        _note(problems, ("attestation", index, "check"), unknown and f"{unknown}{aside()}")
    for option, patterns in (("check", configuration.scan.check), ("skip", configuration.scan.skip)):
        for pattern in patterns:
            unknown = unmatched_pattern(pattern, known)
            _note(problems, ("scan", option), unknown and f"{unknown}{aside()}")
    problems.raise_for_any()


def unknown_check(name: str, known: Mapping[str, Phase]) -> str | None:
    """What to say of a check id that does not exist; None where it does."""
    if name in known:
        return None
    near = nearest(name, known)
    hint = f'did you mean "{near}"?' if near else "`readiness checks` lists them"
    return f'there is no check "{shown(name)}"; {hint}'


def unmatched_pattern(pattern: str, known: Mapping[str, Phase]) -> str | None:
    """What to say of an id or glob of `--check` or `--skip` that matches no check; None where one matches."""
    if any(fnmatchcase(name, pattern) for name in known):
        return None
    return unknown_check(pattern, known)


def not_waivable(name: str, phase: Phase) -> str | None:
    """Why a waiver can never answer this check; None where it can."""
    if phase is Phase.CONNECTION:
        return f'"{name}" cannot be waived: without the connection nothing is known'
    if name in NEVER_WAIVED:
        return f'"{name}" cannot be waived: the readings would be of another tenant'
    return None


def _note(problems: Problems, key: KeyPath, words: str | None) -> None:
    if words is not None:
        problems.add(key, words)
