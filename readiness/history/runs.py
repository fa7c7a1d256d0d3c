"""What the history knows of a run without opening its report."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from readiness import documents
from readiness.assessment.wholeness import is_whole
from readiness.errors import EvidenceError
from readiness.intake import MOST_BYTES
from readiness.integrity.signatures import Signer
from readiness.model.report import CheckResult, Report, Run
from readiness.model.words import DecisionState, Level, Outcome, Reason
from readiness.pieces import pieces

_SELECTING = ("check", "skip", "tag")
_AT = "%Y%m%dT%H%M%S"


class Kind(StrEnum):
    """By which command a run came to be."""

    SCAN = "scan"
    ASSESS = "assess"


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run, as the history lists it."""

    id: str
    kind: Kind
    judged: datetime
    """When, by the clock of the program or by `--now`."""
    started: datetime
    finished: datetime
    kept: datetime
    """When it came into the history, by the clock of the program."""
    host: str
    tenant: str | None
    site: str | None
    estate: str
    """The same for runs that are about the same: estate, selected checks and collections."""
    demo: bool
    redacted: str | None
    whole: bool
    """Whether nothing was missing that another night may bring."""
    state: DecisionState
    sentence: str
    valid_until: datetime | None
    code: int
    """The exit code."""
    counts: Mapping[str, int]
    rules_version: str
    tool_version: str
    configuration_digest: str
    digest: str
    seconds: float
    has_evidence: bool = False
    sequence: int = 0
    """Its place in the order in which runs were kept; 0: not kept yet."""

    @property
    def series(self) -> tuple[str, str | None]:
        """Runs with the same one can be held against each other."""
        return self.estate, self.redacted


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """What a check came to in a run."""

    check: str
    outcome: Outcome
    level: Level
    reason: Reason | None
    over: str
    """`waived`, `attested`, or nothing."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that is about to be kept."""

    run: KeptRun
    outcomes: tuple[KeptOutcome, ...]
    report: bytes
    """Its JSON, packed."""
    evidence: bytes | None = None


def new_run(
    report: Report,
    kind: Kind,
    code: int,
    now: datetime,
    *,
    digest: str,
    evidence: Mapping[str, Any] | None = None,
    signer: Signer | None = None,
) -> NewRun:
    """A run as it is kept.

    Args:
        code: with which the command ends.
        now: by the clock of the program.
        digest: of the report.
        evidence: what was read, sealed; None: it is not kept.
    """
    packed = _packed(documents.sealed(documents.report_document(report), signer))
    kept = None if evidence is None else _packed(evidence)
    outcomes = tuple(map(_outcome, report.checks))
    return NewRun(_kept(report, kind, code, now, digest, has_evidence=kept is not None), outcomes, packed, kept)


def _kept(report: Report, kind: Kind, code: int, now: datetime, digest: str, *, has_evidence: bool) -> KeptRun:
    run, decision = report.run, report.decision
    return KeptRun(
        id=run.id,
        kind=kind,
        judged=judged(run),
        started=run.started,
        finished=run.finished,
        kept=now,
        host=run.host,
        tenant=run.tenant,
        site=run.site,
        estate=estate(run),
        demo=run.demo,
        redacted=run.redacted,
        whole=is_whole(report),
        state=decision.state,
        sentence=decision.sentence,
        valid_until=decision.valid_until,
        code=code,
        counts=dict(decision.counts),
        rules_version=run.rules_version,
        tool_version=run.tool_version,
        configuration_digest=run.configuration_digest,
        digest=digest,
        seconds=run.duration_seconds,
        has_evidence=has_evidence,
    )


def judged(run: Run) -> datetime:
    """When a run was judged: its id begins with that. Where it does not, the end of its reading."""
    try:
        return datetime.strptime(run.id.partition("Z-")[0], _AT).replace(tzinfo=UTC)
    except ValueError:
        return run.finished


def estate(run: Run) -> str:
    """What a run is about: which estate, which of the checks, and which collections where not all are asked for."""
    named = (("tenant", "id", run.tenant), ("site", "server", run.site))
    of = [(_configured(run, section, key) or called or "").casefold() for section, key, called in named]
    scan = run.configuration.get("scan")
    selected = [list(scan.get(name) or ()) for name in _SELECTING] if isinstance(scan, Mapping) else []
    alone = list(scan.get("collection") or ()) if isinstance(scan, Mapping) else []
    return json.dumps([run.demo, *of, selected, *([alone] if alone else [])], ensure_ascii=False)


def _configured(run: Run, section: str, key: str) -> str:
    found = run.configuration.get(section)
    return str(found.get(key) or "") if isinstance(found, Mapping) else ""


def _outcome(check: CheckResult) -> KeptOutcome:
    over = "waived" if check.waiver else "attested" if check.attestation else ""
    return KeptOutcome(check.id, check.outcome, check.level, check.reason, over)


def _packed(document: Mapping[str, Any]) -> bytes:
    packer = zlib.compressobj()
    return b"".join([*map(packer.compress, pieces(document)), packer.flush()])


def unpacked(packed: bytes, called: str) -> bytes:
    """What was packed.

    Raises:
        EvidenceError: it is damaged, or larger than any report.
    """
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, MOST_BYTES)
    except zlib.error as error:
        raise EvidenceError(f"{called}: damaged in the history") from error
    if not unpacker.eof:
        raise EvidenceError(f"{called}: damaged in the history")
    return data
