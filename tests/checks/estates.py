"""Estates that are healthy, and estates that are not; and what passes on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from readiness.plugin import Evidence, Fact, Outcome, SiteAccess, ThreatDefenseConnectors
from tests.assessment.fakes import report
from tests.checks.builders import (
    HIDDEN,
    NOW,
    READY_TO_INSTALL,
    RELEASE,
    RELEASE_1910,
    RELEASE_2002,
    access,
    connector,
    estate,
    estate_2002,
    evidence,
    grant,
    hierarchy,
    package,
    provider,
    site,
    status,
    whole_hierarchy,
    with_site,
)

Facts = tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """An estate with a name."""

    name: str
    facts: Facts

    def __repr__(self) -> str:
        return self.name


def changed(facts_: Facts, changed: Fact) -> Facts:
    return tuple(changed if type(fact) is type(changed) else fact for fact in facts_)


HEALTHY = (
    Named("one primary site", estate()),
    Named("2002 with the update", estate_2002()),
    Named("a hierarchy", estate(whole_hierarchy())),
    Named("a hierarchy on 2002", estate_2002(whole_hierarchy(RELEASE_2002))),
    Named("rights through a group", changed(estate(), access(listed=False))),
)
LIMITED = access(grant("P0100001", "SMS00UNA"))
AT_A_CHILD = hierarchy(*whole_hierarchy().sites, provider="P01")
SICK = (
    Named("not connected", changed(estate(), ThreatDefenseConnectors((connector("notSetUp"),)))),
    Named("another vendor only", changed(estate(), ThreatDefenseConnectors((connector("enabled", "x"),)))),
    Named("on 1910", estate(hierarchy(site(build=RELEASE_1910)))),
    Named("a primary on 1910", estate(with_site(whole_hierarchy(), "P02", build=RELEASE_1910))),
    Named("a preview", estate(hierarchy(site(build=9000)))),
    Named("update not installed", estate_2002(state=READY_TO_INSTALL)),
    Named("update hidden", estate_2002(state=HIDDEN)),
    Named("update in an unknown state", estate_2002(state=12345)),
    Named(
        "update missing at one primary",
        estate(
            whole_hierarchy(RELEASE_2002),
            (RELEASE, package()),
            (status("C01"), status("P01"), status("P02", READY_TO_INSTALL)),
        ),
    ),
    Named("update not offered", estate(hierarchy(site(build=RELEASE_2002)), (RELEASE,), ())),
    Named("no update visible", changed(estate(hierarchy(site(build=RELEASE_2002)), (), ()), LIMITED)),
    Named("read at a child site", estate(AT_A_CHILD)),
    Named("own site hidden", changed(estate(), hierarchy(site("P02"), provider="P01"))),
    Named("parent hidden", estate(hierarchy(site(parent="C01")))),
    Named("provider of another site", changed(estate(), provider("P09"))),
    Named("no administrator visible", changed(estate(), SiteAccess(None, 0, listed=False, grants=()))),
)
EVERY = (*HEALTHY, *SICK)


@cache
def passing(facts_: Facts) -> frozenset[str]:
    return passes(evidence(*facts_))


def passes(found: Evidence, now: datetime = NOW) -> frozenset[str]:
    return frozenset(check.id for check in report(on=found, now=now).checks if check.outcome is Outcome.PASS)
