"""Microsoft still supports the site's version: an unsupported one gets no mending of what breaks in the cloud."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from checks import knowledge
from checks.hierarchy import doubt, flaw, present
from readiness.plugin import (
    Basis,
    Check,
    Context,
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
    Subject,
    Verdict,
    by_subjects,
)

CHECK = Check(
    id="site-version-supported",
    title="Microsoft still supports the site's version",
    phase=Phase.SITE,
    level=Level.ADVISORY,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    rules=("releases",),
    why="The cloud side of tenant attach changes without asking the site; a release that is out of support gets no "
    "update that follows, and Microsoft helps with none of it.",
    judged=(
        "The release of every site that is not deleted, by SMS_Site.BuildNumber, in the table of releases: up to its "
        "end of support, that day included, it passes; later it is an advisory fail. The ends of the newest releases "
        "are computed, 18 months after they became available, and then the verdict is inferred. A build above the "
        "newest one known passes, and says so, as long as the newest known is supported; after that the table is too "
        "old to tell. A build inside the range of the table that it does not hold (technical preview) is unknown."
    ),
    inferred=(
        "The end of support of the newest releases is computed, 18 months after they became available, until a "
        "published table gives it."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Update the top-level site to the newest release offered, then the primaries follow. A release that "
                "is not offered: look which one the update needs before it",
                where="Administration > Updates and Servicing > the update > Install Update Pack",
                command="Get-CMSiteUpdate -Fast | Sort-Object DateReleased | Select-Object Name, State",
                id="update-sites",
            ),
            Step(
                "Update secondary sites by hand once their primary is done",
                where="Administration > Site Configuration > Sites > the secondary site > Upgrade",
                id="update-secondaries",
                condition="where a secondary site is behind its primary",
            ),
        ),
        role="Full Administrator, scope All",
        wait="hours: replication and installation at every site, then client upgrade",
        verify="Monitoring > Updates and Servicing Status; CMUpdate.log on the site server; "
        "Administration > Site Configuration > Sites, column Build Number",
        rollback="none: a site update is not undone but by restoring the site",
        change_window=True,
    ),
    sources=(
        Source("Updates and servicing", "memdocs intune/configmgr/core/servers/manage/updates.md", date(2024, 12, 4)),
        Source(
            "Support for Windows 11 in Configuration Manager",
            "memdocs support-for-windows-11.md: the releases that Microsoft lists",
            date(2026, 9, 22),
        ),
    ),
)

EXPECTED = "a release whose support has not ended, at every site"


@CHECK.judge
def judge(hierarchy: Hierarchy, context: Context) -> Verdict:
    sites = present(hierarchy)
    builds = ", ".join(f"{site.code} build {site.build}" for site in sites) or "no site is visible"
    observed = f"{builds}; table of releases of {knowledge.releases_as_of()}"
    found = flaw(hierarchy)
    if found is not None:
        reason, summary = found
        return Verdict(Outcome.UNKNOWN, summary, expected=EXPECTED, observed=observed, reason=reason)
    subjects = [_subject(site, context.now.date()) for site in sites]
    return by_subjects(
        subjects,
        CHECK.level,
        expected=EXPECTED,
        observed=observed,
        passed=_passed(subjects),
        basis=Basis.INFERRED if any(map(_computed, sites)) else Basis.DOCUMENTED,
        rules=knowledge.release_rules(site.build for site in sites),
    )


def _subject(site: Site, today: date) -> Subject:
    doubtful = doubt(site) or _gap(site.build)
    if doubtful is not None:
        return _of(site, Outcome.UNKNOWN, doubtful, Reason.UNKNOWN_VALUE)
    release = knowledge.releases().get(site.build)
    if release is not None:
        return _dated(site, release, today)
    oldest, newest = _ends()
    if site.build < oldest.build:
        words = f"runs build {site.build}, older than {oldest.name}, whose support ended on {oldest.end_of_support}"
        return _of(site, Outcome.FAIL, words)
    words = f"runs build {site.build}, newer than {newest.name}, the newest release of the table"
    if today <= newest.end_of_support:
        return _of(site, Outcome.PASS, f"{words}, which is itself supported until {newest.end_of_support}")
    words += f" of {knowledge.releases_as_of()}, which is too old to tell: the support of {newest.name} has ended"
    return _of(site, Outcome.UNKNOWN, words, Reason.STALE)


def _dated(site: Site, release: knowledge.Release, today: date) -> Subject:
    """A site whose release the table knows."""
    said = f"runs release {release.name} (build {release.build}), whose support"
    computed = ", a computed date" if release.end_computed else ""
    if today > release.end_of_support:
        return _of(site, Outcome.FAIL, f"{said} ended on {release.end_of_support}{computed}")
    return _of(site, Outcome.PASS, f"{said} ends on {release.end_of_support}{computed}")


def _gap(build: int) -> str | None:
    """That a build is between two releases of the table; None where it is not."""
    oldest, newest = _ends()
    if oldest.build < build < newest.build and build not in knowledge.releases():
        return f"runs build {build}, which is no release that is known (a technical preview?)"
    return None


def _ends() -> tuple[knowledge.Release, knowledge.Release]:
    """The oldest and the newest release that the table knows."""
    known = list(knowledge.releases().values())
    return known[0], known[-1]


def _computed(site: Site) -> bool:
    """Whether no published date says when the support of this site's release ends."""
    release = knowledge.releases().get(site.build)
    return release.end_computed if release is not None else True


def _of(site: Site, outcome: Outcome, words: str, reason: Reason | None = None) -> Subject:
    return Subject("site", site.code, site.name, outcome, f"{site.label} {words}", reason=reason)


def _passed(subjects: Sequence[Subject]) -> str:
    first = subjects[0].summary
    return first if len(subjects) == 1 else f"{first} (and {len(subjects) - 1} more, all supported)"
