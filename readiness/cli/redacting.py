"""`--redact`: aliases in place of names, before anything is judged; and the proof that this changed no verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from readiness.aliases import Aliases
from readiness.cli.finish import judge
from readiness.cli.runs import earlier
from readiness.config import Configuration
from readiness.errors import ConfigurationError, OutputError
from readiness.model.reading import Evidence
from readiness.model.report import Report
from readiness.redaction import Map, Redacted, differences, load_map, names_in, redact, redact_configuration
from readiness.redaction.redacting import is_glob
from readiness.text import printable

_MOST_NAMED = 5


def must_be_apart(written: Mapping[str, Path | None], read: Mapping[Path, str]) -> None:
    """No file is written over another that is read or written along with it: the one with the names would be lost, or
    be where the one without them is looked for.

    Args:
        written: the files that will be written, by the options that name them.
        read: files that stay as they are, and what they are.

    Raises:
        ConfigurationError: naming the option and the file.
    """
    known = {_place(path): what for path, what in read.items()}
    for option, path in written.items():
        what = known.get(_place(path)) if path is not None else None
        if what is not None:
            raise ConfigurationError(f"{option}: {printable(str(path))} is {what}: name another file")
        if path is not None:
            known[_place(path)] = f"what {option} names, too"


def _place(path: Path) -> str:
    """Where a path leads, through links; also one that leads nowhere."""
    return os.path.normcase(os.path.realpath(path))


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a run with `--redact` redacts by."""

    map: Map | None
    """None: nothing is kept that would map the aliases back."""
    keep_targets: bool

    def configured(self, configuration: Configuration, evidence: Evidence) -> Configuration:
        """The configuration by which this evidence is judged: with aliases where the evidence has them already.

        Raises:
            ConfigurationError: it cannot be said which aliases those are.
        """
        if evidence.redacted is None:
            return configuration
        if self.map is None:
            if names_in(configuration):
                raise ConfigurationError(
                    "the evidence is redacted already, and the configuration holds names: give the map that it was "
                    "redacted with (--map), or the configuration that was redacted with it"
                )
            return configuration
        if self.map.mark != evidence.redacted:
            raise ConfigurationError(
                f"{self.map.path}: the evidence was redacted by other aliases than those of this map"
            )
        if any(map(is_glob, configuration.judging.scope.collections)):
            raise ConfigurationError(
                "a glob fits no alias: name the collections of the roll-out by id or name, or use the configuration "
                "that 'readiness redact --write-config' wrote"
            )
        return redact_configuration(configuration, self.map.aliases)

    def reported(self, configuration: Configuration, evidence: Evidence, now: datetime) -> tuple[Report, Redacted]:
        """The report without names, and what it was made of. The map is written: no file may be without it.

        Raises:
            OutputError: names changed what the report decides, or the map cannot be written.
        """
        made = Redacted(evidence, configuration)
        if evidence.redacted is None:
            made = self._redacted(configuration, evidence)
        report = judge(made.configuration, made.evidence, now, knowledge=configuration.scan.knowledge)
        if evidence.redacted is None:
            _must_be_the_same(judge(configuration, evidence, now), report)
        if self.map is not None:
            self.map.save()
        return report, made

    def _redacted(self, configuration: Configuration, evidence: Evidence) -> Redacted:
        aliases, mark = (self.map.aliases, self.map.mark) if self.map is not None else (Aliases(), None)
        return redact(evidence, configuration, aliases, mark, keep_targets=self.keep_targets)


def prepared(configuration: Configuration) -> Redaction | None:
    """What this run redacts by; None where names stay. Before anything is read: the map must be one.

    Raises:
        EvidenceError: the map is none.
    """
    scan = configuration.scan
    if not scan.redact:
        return None
    must_be_apart(
        {"--map": scan.redact_map, "--save-evidence": scan.save_evidence},
        {configuration.path: "the configuration"} if configuration.path else {},
    )
    redaction = Redaction(load_map(scan.redact_map) if scan.redact_map else None, scan.keep_targets)
    if scan.against is not None and (
        redaction.map is None or earlier(configuration).run.redacted != redaction.map.mark
    ):
        raise ConfigurationError(
            f"{printable(str(scan.against))}: a redacted report can only be held against one that was redacted by the "
            "same map: name that map with --map, or leave --against out"
        )
    return redaction


def reported(
    redaction: Redaction | None, configuration: Configuration, evidence: Evidence, now: datetime
) -> tuple[Report, Evidence]:
    """The report, and the evidence that it is of: both without names where that was asked for.

    Raises:
        OutputError: see `Redaction.reported`.
    """
    if redaction is None:
        _must_have_the_same_aliases(configuration, evidence)
        return judge(configuration, evidence, now), evidence
    report, made = redaction.reported(configuration, evidence, now)
    return report, made.evidence


def _must_have_the_same_aliases(configuration: Configuration, evidence: Evidence) -> None:
    """Names are not held against aliases: everything would have changed."""
    against = configuration.scan.against
    if against is not None and earlier(configuration).run.redacted != evidence.redacted:
        raise ConfigurationError(
            f"{printable(str(against))}: names cannot be held against aliases: that report is redacted, or this one is"
        )


def _must_be_the_same(plain: Report, redacted: Report) -> None:
    found = differences(plain, redacted)
    if found:
        where = ", ".join(found[:_MOST_NAMED])
        raise OutputError(
            f"with aliases in place of names the report would decide otherwise ({where}), so nothing was written; "
            "without --redact it can be made. Please tell us which of these it was: it is a limit of this tool"
        )
