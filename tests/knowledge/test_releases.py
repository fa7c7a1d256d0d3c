"""Every release from 1910 to 2609, and builds that no table knows, with and without each update, tenant attached and
co-managed: judged as the catalogue has it.

What is expected stands here as the catalogue words it, and is not taken from the code or the tables that it judges by.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import checks
from checks import knowledge
from readiness.assessment import Question, assess
from readiness.composition import rules
from readiness.model.settings import JudgingSettings, Scope
from readiness.plugin import (
    CheckResult,
    Collection,
    Collections,
    CollectionType,
    SiteIdentification,
    SiteUpdateStatuses,
    TargetDevices,
    UpdatePackage,
    UpdateSiteStatus,
)
from tests.checks.builders import INSTALLED, NOW, RELEASE, estate, hierarchy, other, package, site, status
from tests.checks.collection_facts import device

DATA = Path(__file__).parents[1] / "data" / "knowledge"
SERVERS = "P0100021"
WANTED = (
    "site-reachable",
    "site-is-top-level",
    "site-version-minimum",
    "site-hotfix-kb4563473",
    "site-version-supported",
    "site-known-defects",
    "hierarchy-consistent",
    "collections-exist",
    "collection-devices-eligible",
)
CHECKS = tuple(check for check in checks.registered() if check.id in WANTED)
SHIPPED = rules()

HOTFIX, ROLLUP, NEXT_ROLLUP, SECURITY = 4563473, 36949461, 37864969, 38982839
UPDATES = (None, HOTFIX, ROLLUP, NEXT_ROLLUP, SECURITY)
MENDS_2509 = (ROLLUP, NEXT_ROLLUP, SECURITY)


def table(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


BUILDS = {row["release"]: int(row["build"]) for row in table("configmgr_releases") if row["build"]}
RULES = {row["release"]: row for row in table("release_rules")}
NO_BUILD = "2609"
"""The release of which no source gives the build: one above the newest that is known stands for it."""
RELEASES = (*(release for release in BUILDS if int(release[:4]) >= 1910), NO_BUILD)
INSIDE, ABOVE, BELOW = (8970, 9100, 9140, 9145), (9147, 9160, 10000), (8300, 8900)

PASS, FAIL, UNKNOWN, MOOT, BLOCKED = "pass", "fail", "unknown", "not-applicable", "blocked"


@dataclass(frozen=True)
class Row:
    """What the catalogue says of a release on 2026-11-23."""

    minimum: str
    supported: str
    hotfix: tuple[str, str] = (MOOT, MOOT)
    """Without KB4563473, and with it."""
    attached: tuple[str, str] = (PASS, PASS)
    """Known defects, of devices that are only tenant attached: without an update that mends it, and with one."""
    co_managed: tuple[str, str] = (PASS, PASS)


BEFORE_2002 = Row(FAIL, FAIL, (BLOCKED, BLOCKED), (BLOCKED, BLOCKED), (BLOCKED, BLOCKED))
RETIRED_GRAPH = Row(PASS, FAIL, attached=(FAIL, FAIL), co_managed=(FAIL, FAIL))
"""Build 9058 (2107) and earlier: fails, whoever manages the devices."""
OUT_OF_SUPPORT = Row(PASS, FAIL)
CATALOGUE = {
    "1910": BEFORE_2002,
    "2002": Row(PASS, FAIL, (FAIL, PASS), (FAIL, FAIL), (FAIL, FAIL)),
    "2006": RETIRED_GRAPH,
    "2010": RETIRED_GRAPH,
    "2103": RETIRED_GRAPH,
    "2107": RETIRED_GRAPH,
    "2111": OUT_OF_SUPPORT,
    "2203": OUT_OF_SUPPORT,
    "2207": OUT_OF_SUPPORT,
    "2211": OUT_OF_SUPPORT,
    "2303": OUT_OF_SUPPORT,
    "2309": OUT_OF_SUPPORT,
    "2403": OUT_OF_SUPPORT,
    "2409": OUT_OF_SUPPORT,
    "2503": Row(PASS, FAIL, attached=(FAIL, FAIL), co_managed=(MOOT, MOOT)),
    "2509": Row(PASS, PASS, attached=(FAIL, PASS), co_managed=(MOOT, PASS)),
    "2603": Row(PASS, PASS),
    "2609": Row(PASS, PASS),
}
NOT_IN_THE_TABLE = Row(UNKNOWN, UNKNOWN, (UNKNOWN, UNKNOWN), (UNKNOWN, UNKNOWN), (UNKNOWN, UNKNOWN))
"""Inside the range, but in no row: a technical preview."""


@cache
def judged(
    build: int, kb: int | None, *, co_managed: bool, monthly: int = 0, system: str = "10.0", version: str = ""
) -> dict[str, CheckResult]:
    """Every check of `WANTED`, on one primary site of this build with this update and one server."""
    sites = hierarchy(site(build=build))
    name = f"Configuration Manager update (KB{kb})"
    updates: list[UpdatePackage] = [RELEASE] if kb is None else [RELEASE, package(kb, INSTALLED, name=name)]
    states: list[UpdateSiteStatus] = [] if kb is None else [status("P01", INSTALLED)]
    own = "10.0.20348.2000" if system == "10.0" else "6.3.9600.1"
    client = version or f"5.00.{build}.9999"
    held = device(
        1, SERVERS, co_managed=co_managed, system=f"Microsoft Windows NT Server {system}", build=own, version=client
    )
    evidence = other(
        estate(sites, updates),
        SiteUpdateStatuses=SiteUpdateStatuses(tuple(states)),
        Collections=Collections((Collection(SERVERS, "Servers", CollectionType.DEVICE, 1, "SMS00001"),)),
        TargetDevices=TargetDevices((SERVERS,), (held,)),
        SiteIdentification=SiteIdentification("P01", monthly or None, build),
    )
    settings = JudgingSettings(scope=Scope(collections=(SERVERS,)))
    report = assess(evidence, Question(CHECKS, settings, SHIPPED), NOW)
    return {check.id: check for check in report.checks}


def outcomes(build: int, kb: int | None, *, co_managed: bool) -> tuple[str, str, str, str]:
    found = judged(build, kb, co_managed=co_managed)
    ids = ("site-version-minimum", "site-version-supported", "site-hotfix-kb4563473", "site-known-defects")
    return tuple(found[id_].outcome.value for id_ in ids)  # type: ignore[return-value]


def expected(row: Row, kb: int | None, *, co_managed: bool) -> tuple[str, str, str, str]:
    defects = row.co_managed if co_managed else row.attached
    return row.minimum, row.supported, row.hotfix[kb == HOTFIX], defects[kb in MENDS_2509]


def build_of(release: str) -> int:
    return BUILDS.get(release, max(BUILDS.values()) + 14)


@pytest.mark.parametrize("co_managed", [False, True], ids=["tenant-attached", "co-managed"])
@pytest.mark.parametrize("kb", UPDATES)
@pytest.mark.parametrize("release", RELEASES)
def test_a_release_is_judged_as_the_catalogue_has_it(release: str, kb: int | None, co_managed: bool) -> None:
    assert outcomes(build_of(release), kb, co_managed=co_managed) == expected(
        CATALOGUE[release], kb, co_managed=co_managed
    )


def test_the_table_is_of_every_release() -> None:
    assert tuple(CATALOGUE) == RELEASES
    assert RULES.keys() == CATALOGUE.keys() - {"1910"}


@pytest.mark.parametrize("co_managed", [False, True], ids=["tenant-attached", "co-managed"])
@pytest.mark.parametrize("kb", UPDATES)
@pytest.mark.parametrize("build", INSIDE)
def test_a_build_inside_the_table_without_a_row_is_unknown(build: int, kb: int | None, co_managed: bool) -> None:
    """Shown raw, as unknown-value; never passed."""
    assert build not in BUILDS.values()
    assert outcomes(build, kb, co_managed=co_managed) == expected(NOT_IN_THE_TABLE, kb, co_managed=co_managed)
    for id_ in ("site-version-minimum", "site-version-supported", "site-hotfix-kb4563473", "site-known-defects"):
        check = judged(build, kb, co_managed=co_managed)[id_]
        assert check.reason == "unknown-value"
        assert str(build) in check.summary
        assert not [row for row in check.rules if row.table == "releases"]


@pytest.mark.parametrize("co_managed", [False, True], ids=["tenant-attached", "co-managed"])
@pytest.mark.parametrize("kb", UPDATES)
@pytest.mark.parametrize("build", ABOVE)
def test_a_build_above_the_newest_passes_and_says_so(build: int, kb: int | None, co_managed: bool) -> None:
    assert outcomes(build, kb, co_managed=co_managed) == expected(CATALOGUE["2609"], kb, co_managed=co_managed)
    assert (
        f"build {build} (newer than 2603)" in judged(build, kb, co_managed=co_managed)["site-version-minimum"].summary
    )


@pytest.mark.parametrize("build", BELOW)
def test_a_build_before_2002_fails_even_where_no_table_knows_it(build: int) -> None:
    assert build not in BUILDS.values()
    found = judged(build, HOTFIX, co_managed=False)
    assert found["site-version-minimum"].outcome == FAIL
    for id_ in ("site-hotfix-kb4563473", "site-known-defects"):
        assert (found[id_].outcome, found[id_].blocked_by) == (BLOCKED, ("site-version-minimum",))


@pytest.mark.parametrize("release", RELEASES)
def test_the_row_that_decided_is_named(release: str) -> None:
    found = judged(build_of(release), None, co_managed=False)
    decided = "2603" if release == NO_BUILD else release
    for id_ in ("site-version-minimum", "site-version-supported", "hierarchy-consistent"):
        assert [(row.table, row.key) for row in found[id_].rules] == [("releases", decided)]
    hotfix = [(row.table, row.key) for row in found["site-hotfix-kb4563473"].rules]
    assert hotfix == ([] if release == "1910" else [("hotfixes", str(HOTFIX))])
    stopped = {"2503": "policy-not-applied-2503", "2509": "policy-not-applied-2509"}
    retired = "aad-graph-retired" if 2002 <= int(release) <= 2107 else stopped.get(release)
    named = [row.key for row in found["site-known-defects"].rules if row.table == "defects"]
    assert named == ([retired] if retired else [])


@pytest.mark.parametrize("co_managed", [False, True], ids=["tenant-attached", "co-managed"])
@pytest.mark.parametrize("kb", UPDATES)
@pytest.mark.parametrize("release", RELEASES)
def test_a_row_that_decided_is_of_what_the_check_says_that_it_consults(
    release: str, kb: int | None, co_managed: bool
) -> None:
    found = judged(build_of(release), kb, co_managed=co_managed)
    for check in CHECKS:
        assert {row.table for row in found[check.id].rules} <= {named.partition(":")[0] for named in check.rules}


@pytest.mark.parametrize(
    ("version", "co_managed", "outcome"),
    [
        ("5.00.9141.1011", False, FAIL),
        ("5.00.9141.1029", False, FAIL),
        ("5.00.9141.1030", False, PASS),
        ("5.00.9141.1032", False, PASS),
        ("5.00.9141.1011", True, PASS),
    ],
)
def test_on_2509_the_client_has_to_be_mended_too(version: str, co_managed: bool, outcome: str) -> None:
    found = judged(BUILDS["2509"], NEXT_ROLLUP, co_managed=co_managed, version=version)
    check = found["collection-devices-eligible"]
    assert check.outcome == outcome
    assert check.level == ("blocker" if outcome == FAIL else "advisory")
    assert ("defects", "policy-not-applied-2509") in [(row.table, row.key) for row in check.rules]


SERVER_2012_R2 = {
    release: FAIL if release in ("2002", "2006", "2609") else PASS for release in CATALOGUE if release != "1910"
}
"""Windows Server 2012 R2: from 2010 on, and no more from 2609 on."""


@pytest.mark.parametrize(("release", "outcome"), SERVER_2012_R2.items())
def test_server_2012_r2_is_allowed_from_2010_to_2603(release: str, outcome: str) -> None:
    found = judged(build_of(release), NEXT_ROLLUP, co_managed=True, monthly=int(release), system="6.3")
    assert found["collection-devices-eligible"].outcome == outcome


def test_whether_a_release_above_the_table_takes_server_2012_r2_is_unknown_where_it_does_not_say_its_name() -> None:
    found = judged(build_of(NO_BUILD), None, co_managed=True, system="6.3")
    assert found["collection-devices-eligible"].outcome == UNKNOWN


@pytest.mark.parametrize("release", [release for release in RULES if release != NO_BUILD])
def test_the_console_of_a_release_is_called_as_the_reference_has_it(release: str) -> None:
    node = RULES[release]["console_node"].rpartition(" > ")[2]
    wizard = RULES[release]["wizard_name"].partition(" (")[0]
    said = {place.name: knowledge.console(BUILDS[release])[place.text] for place in knowledge.places() if place.era}
    assert said["CLOUD_ATTACH"].rpartition(" > ")[2] == node
    assert said["WIZARD"].startswith(wizard)


def test_the_releases_are_those_of_the_reference() -> None:
    rows = {row["release"]: row for row in table("configmgr_releases") if row["build"] and "+" not in row["release"]}
    known = {row.name: row for row in knowledge.releases().values()}
    assert known.keys() == rows.keys()
    for name, row in known.items():
        said = rows[name]
        assert (str(row.build), row.available.isoformat(), row.end_of_support.isoformat()) == (
            said["build"],
            said["available"],
            said["end_of_support"],
        )


def test_the_states_of_updates_are_those_of_the_reference() -> None:
    rows = {int(row["value"]): row["name"] for row in table("configmgr_update_states")}
    assert {row.number: row.name for row in knowledge.rows("update_states", "state")} == rows


def test_a_release_with_a_defect_of_policy_in_the_reference_has_one_in_the_table() -> None:
    broken = {release for release, row in RULES.items() if row["edr_on_collections"].startswith("BROKEN")}
    assert broken == {"2503", "2509"}
    found = {release for release in RULES if (one := knowledge.defect_of(build_of(release))) and one.kind == "policy"}
    assert found == broken


def test_an_update_that_the_reference_requires_for_policy_is_in_a_table() -> None:
    required = {release for release, row in RULES.items() if "KB4563473" in row["required_update"]}
    assert required == {"2002"}
    assert knowledge.required_update(HOTFIX).build == BUILDS["2002"]
