"""The parts still in preview at this version are named: a preview has no support promise, and labels that change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from checks import knowledge
from checks.hierarchy import MINIMUM_BUILD, doubt, flaw
from readiness.plugin import (
    Basis,
    Check,
    Hierarchy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reason,
    Remediation,
    Site,
    Source,
    Step,
    Verdict,
)

CHECK = Check(
    id="preview-features-known",
    title="The parts still in preview at this version are named",
    phase=Phase.POLICY,
    level=Level.INFO,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("intune-active",),
    tags=("article",),
    rules=("previews", "releases"),
    why="The article of 2020 calls EDR policy for Configuration Manager devices a preview; a change ticket should say "
    "what of the roll-out still is one.",
    judged=(
        "By the dated table of parts that Microsoft published as a preview, for the build of the top-level site. A "
        "preview ends in a document, not in a build, so between the last document that says preview and the first "
        "that does not, it is not established, and said so. A build before 2002 has no such part; one that is no "
        "known release is unknown."
    ),
    inferred=(
        "A preview ends in a document, not in a build: between the last document that says preview and the first that "
        "does not, what is in preview is concluded from their dates."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Write the parts that are named into the change ticket, or update to a release without them",
                where="Administration > Updates and Servicing",
                id="note-previews",
            ),
        ),
        role="none to read; Full Administrator, scope All, to update",
        verify="Administration > Site Configuration > Sites, column Build Number",
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, EDR profiles",
            date(2020, 5, 22),
        ),
        Source(
            "Prerequisites of EDR policy with tenant attach",
            "memdocs intune/intune-service/includes/tenant-attach-edr-prerequisites.md",
            date(2024, 8, 19),
        ),
    ),
)

EXPECTED = "a release of which the table of previews says what is a preview"


@CHECK.judge
def judge(hierarchy: Hierarchy) -> Verdict:
    site = hierarchy.provider_site
    builds = (site.build,) if site is not None else ()
    rules = (*(f"previews:{part.name}" for part in knowledge.previews()), *knowledge.release_rules(builds))
    return replace(_judged(hierarchy), rules=rules)


def _judged(hierarchy: Hierarchy) -> Verdict:
    found, site = flaw(hierarchy), hierarchy.provider_site
    if found is not None or site is None:
        reason, words = found or (Reason.NOT_VISIBLE, "The top-level site is not visible")
        return _verdict(Outcome.UNKNOWN, words, f"{len(hierarchy.sites)} sites visible", reason)
    observed = f"{site.code} build {site.build} ({knowledge.release_name(site.build)})"
    doubtful = doubt(site)
    if doubtful is not None:
        return _verdict(Outcome.UNKNOWN, f"{site.label} {doubtful}", observed, Reason.UNKNOWN_VALUE)
    if site.build < MINIMUM_BUILD:
        words = f"{site.label} runs {knowledge.release_name(site.build)}, which has no part of this"
        return _verdict(Outcome.NOT_APPLICABLE, words, observed)
    said = _said(site)
    if not said:
        return _verdict(Outcome.PASS, f"At {observed} no part is known to be in preview", observed)
    return _verdict(Outcome.PASS, f"At {observed}: {'; '.join(said)}", observed, basis=Basis.INFERRED)


def _said(site: Site) -> Sequence[str]:
    """What is in preview at the build of a site, or may be."""
    found: list[str] = []
    for part in knowledge.previews():
        if part.first_build <= site.build <= part.preview_until:
            found.append(f"in preview is {part.name} (so a document of {part.said_preview} says)")
        elif part.preview_until < site.build < part.general_from:
            found.append(
                f"it is not established whether in preview is {part.name} (a document of {part.said_preview} says so, "
                f"one of {part.said_general} no longer)"
            )
    return found


def _verdict(
    outcome: Outcome, summary: str, observed: str, reason: Reason | None = None, basis: Basis = Basis.DOCUMENTED
) -> Verdict:
    return Verdict(outcome, summary, expected=EXPECTED, observed=observed, basis=basis, reason=reason)
