"""Lay the options of the command line over the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from readiness.cli.guests import maybe_of_a_plugin, must_be_usable
from readiness.composition import all_checks, formats, rules
from readiness.config import (
    Configuration,
    ScanSettings,
    SiteSettings,
    SiteTransport,
    Until,
    load,
    unmatched_pattern,
    validate_checks,
    with_transport,
)
from readiness.config.kinds import TEXT
from readiness.config.origin import BadValueError
from readiness.config.rules import site as site_rule
from readiness.errors import ConfigurationError
from readiness.model.settings import JudgingSettings, Selection
from readiness.model.words import FailOn, Half
from readiness.report_files import as_file


def configured(
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    connecting: bool,
    plain: bool = False,
    only: Half | None = None,
) -> Configuration:
    """The configuration with the options over it.

    Args:
        connecting: whether the estate will be read, so that the files for it must be there.
        only: the half that will be read, where it is one alone.
        plain: only the named file counts, whatever lies in the working directory and the environment.

    Raises:
        ConfigurationError: in the file, a variable, or an option.
    """
    environ = {} if plain else environ
    configuration = load(options.get("config"), environ, connecting=connecting, only=only)
    scan = _waiting(configuration.scan, options)
    changes: dict[str, Any] = {
        "check": options.get("check") or scan.check,
        "skip": options.get("skip") or scan.skip,
        "tag": options.get("tag") or scan.tag,
        "collection": options.get("collection") or scan.collection,
        "format": _formats(options.get("formats"), configuration),
    }
    for name in ("output", "timeout", "save_evidence", "log_file", "redact_map", "knowledge"):
        if options.get(name) is not None:
            changes[name] = options[name]
    if options.get("against") is not None:
        changes["against"] = _against(options["against"], configuration, changes.get("output", scan.output))
    if options.get("sign") is not None:
        changes |= {"signing_key": options["sign"], "signing_key_env": None}
    for name, option in (
        ("quiet", "quiet"),
        ("json", "as_json"),
        ("no_color", "no_color"),
        ("no_input", "no_input"),
        ("no_cache", "no_cache"),
        ("debug", "debug"),
        ("redact", "redact"),
        ("keep_targets", "keep_targets"),
    ):
        changes[name] = bool(options.get(option)) or getattr(scan, name)
    scan = replace(scan, **changes)
    judging = _judging(configuration.judging, scan.check, scan.skip, scan.tag, scan.collection, options.get("fail_on"))
    site = _site(configuration.site, options.get("transport"))
    job = replace(configuration.job, deadline=options.get("deadline") or configuration.job.deadline)
    found = replace(configuration, site=site, scan=scan, judging=judging, job=job)
    _validate(found, options)
    return found


def _against(run: str, configuration: Configuration, folder: Path) -> Path:
    """The file of the earlier report; of a run that is in the history alone, its id stands for it."""
    path = as_file(run)
    if path is not None:
        return path
    from readiness.cli.runs import handed

    known = handed(run, configuration, folder)
    return known.file or Path(known.report.run.id)


def _waiting(scan: ScanSettings, options: Mapping[str, Any]) -> ScanSettings:
    """What `scan` waits for. Every other command reads once: the time that the file gives to waiting is none of it."""
    if "until" not in options:
        return replace(scan, timeout=scan.reading_seconds, until=None)
    return replace(scan, until=Until(options["until"])) if options["until"] else scan


def _site(site: SiteSettings | None, transport: str | None) -> SiteSettings | None:
    if site is None or transport is None:
        return site
    changed = with_transport(site, SiteTransport(transport))
    for key, words in site_rule(changed):
        raise ConfigurationError(f"--transport {transport}: [site] {key}: {words}")
    return changed


def _judging(
    judging: JudgingSettings,
    check: tuple[str, ...],
    skip: tuple[str, ...],
    tag: tuple[str, ...],
    collections: tuple[str, ...],
    fail_on: str | None,
) -> JudgingSettings:
    scope = replace(judging.scope, collections=collections) if collections else judging.scope
    policy = replace(judging.policy, fail_on=FailOn(fail_on)) if fail_on else judging.policy
    return replace(judging, scope=scope, policy=policy, selection=Selection(check, skip, tag))


def _formats(given: str | None, configuration: Configuration) -> tuple[str, ...]:
    named = configuration.scan.format if given is None else tuple(name.strip() for name in given.split(","))
    if named == ("none",):
        return ()
    known = formats()
    for name in named:
        if name not in known:
            place = "--format" if given is not None else configuration.origin.where(("scan", "format"))
            near = get_close_matches(name, known, 1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise ConfigurationError(
                f"{place}: there is no format '{name}'; {hint}there are {', '.join(known)}, or none alone"
            )
    must_be_usable([known[name] for name in named])
    return tuple(dict.fromkeys(named))


def _validate(configuration: Configuration, options: Mapping[str, Any]) -> None:
    known = {check.id: check.phase for check in all_checks()}
    for option, name in (("--map", "redact_map"), ("--keep-targets", "keep_targets")):
        if options.get(name) and not configuration.scan.redact:
            raise ConfigurationError(f"{option} goes with --redact: without it, names stay")
    for option in ("check", "skip"):
        for pattern in options.get(option) or ():
            problem = unmatched_pattern(pattern, known)
            if problem:
                raise ConfigurationError(f"--{option}: {problem}{maybe_of_a_plugin()}")
    for name in options.get("collection") or ():
        _collection(name)
    validate_checks(configuration, known, maybe_of_a_plugin)
    if configuration.scan.knowledge is not None:
        rules(configuration.scan.knowledge)
    tags = {tag for check in all_checks() for tag in check.tags}
    for tag in configuration.scan.tag:
        if tag not in tags:
            place = "--tag" if options.get("tag") else configuration.origin.where(("scan", "tag"))
            raise ConfigurationError(f"{place}: no check has the tag '{tag}'; there is {', '.join(sorted(tags))}")
    _some_check_left(configuration)


def _collection(name: str) -> None:
    """The rules of a name in [scope] collections hold for the option, too."""
    try:
        text = TEXT.read(name, Path())
    except BadValueError as error:
        raise ConfigurationError(f"--collection: {error}") from None
    if not text:
        raise ConfigurationError("--collection: is empty; name a collection by its id, its name or a glob")


def _some_check_left(configuration: Configuration) -> None:
    from readiness.assessment import selected

    if not selected(all_checks(), configuration.judging.selection):
        raise ConfigurationError("the selection (--check, --skip, --tag) leaves no check to judge")
