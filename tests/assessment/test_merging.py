"""Evidence of several people becomes one, where it is of one estate and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from readiness.errors import EvidenceError
from readiness.evidence import merge, must_be_of
from readiness.plugin import (
    CloudTenant,
    CloudTenants,
    Evidence,
    Fact,
    Hierarchy,
    Organization,
    Outcome,
    Reading,
    Reason,
    SiteProvider,
    SiteUpdates,
)
from tests.assessment.fakes import report
from tests.checks.builders import (
    NOW,
    READ,
    TENANT,
    collections,
    estate,
    evidence,
    hierarchy,
    organization,
    package,
    provider,
    reading,
    site,
    unread,
    with_site,
)

FABRIKAM = Organization("11111111-6a4e-4b3f-9f0e-2d1c5a7b9e10", "Fabrikam", ("fabrikam.com",))
UPDATES = SiteUpdates(())
ELSEWHERE = with_site(hierarchy(site()), "P01", server="cm77.fabrikam.com")


def piece(*facts: Fact | Reading[Fact], tenant: str | None = None, server: str | None = None) -> Evidence:
    return replace(evidence(*facts), tenant=tenant, site=server)


def refused(*pieces: Evidence) -> bool:
    """Whether they cannot be merged, in whatever order."""
    said = {_refused(order) for order in permutations(pieces)}
    assert len(said) == 1
    return said.pop()


def _refused(pieces: Sequence[Evidence]) -> bool:
    try:
        merge(pieces)
    except EvidenceError as error:
        assert str(error).startswith("the evidence files speak of different estates: ")  # noqa: PT017
        return True
    return False


# The tenant.


def test_two_organizations_are_two_estates_whatever_was_configured() -> None:
    assert refused(
        piece(organization(), tenant="contoso.com"),
        piece(FABRIKAM, tenant="contoso.com"),
    )


def test_a_newer_organization_of_another_tenant_does_not_replace_the_older_one() -> None:
    newer = reading(FABRIKAM, NOW - timedelta(minutes=1))
    assert refused(piece(*estate(), tenant=TENANT, server="cm01"), piece(newer, tenant=TENANT))


@pytest.mark.parametrize("names", [("contoso.com", TENANT), (TENANT.upper(), "CONTOSO.onmicrosoft.com")])
def test_an_id_and_a_domain_are_one_tenant_where_the_organization_says_so(names: tuple[str, str]) -> None:
    assert not refused(piece(organization(), tenant=names[0]), piece(tenant=names[1]))
    assert not refused(piece(unread(Organization), tenant=names[0]), piece(organization(), tenant=names[1]))


def test_names_that_no_organization_proves_to_be_one_are_different_tenants() -> None:
    assert refused(piece(tenant="contoso.com"), piece(tenant=TENANT))
    assert refused(piece(organization(), tenant="contoso.com"), piece(tenant="fabrikam.com"))
    assert refused(piece(organization(), tenant="fabrikam.com"), piece(tenant="contoso.com"))


def test_the_case_of_a_name_does_not_matter() -> None:
    assert not refused(piece(tenant="contoso.com"), piece(tenant="CONTOSO.com"))


CONNECTED = CloudTenants((CloudTenant(1, "Contoso", TENANT.upper(), 0), CloudTenant(2, "Another", "2222", 0)))
ELSEWHERE_CONNECTED = CloudTenants((CloudTenant(1, "Fabrikam", FABRIKAM.tenant_id, 0),))


def test_halves_of_a_site_and_of_a_tenant_that_it_is_not_connected_to_are_refused() -> None:
    ours = piece(organization(), tenant="contoso.com")
    assert not refused(ours, piece(provider(), CONNECTED, server="cm01"))
    assert not refused(ours, piece(provider(), CloudTenants(()), server="cm01"))
    assert refused(ours, piece(provider(), ELSEWHERE_CONNECTED, server="cm01"))


def test_what_one_person_read_of_both_is_for_the_checks_to_judge() -> None:
    """A site may really be attached to another tenant than the configured one."""
    both = piece(organization(), provider(), ELSEWHERE_CONNECTED, tenant="contoso.com", server="cm01")
    assert not refused(both, piece(organization(), tenant="contoso.com"))
    assert not refused(both, piece(provider(), ELSEWHERE_CONNECTED, server="cm01"))


# The site.


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((provider(),), (provider("P02"),)),
        ((hierarchy(site()),), (hierarchy(site("P02")),)),
        ((provider(),), (hierarchy(site("P02")),)),
        ((hierarchy(site()),), (ELSEWHERE,)),
        ((provider(), hierarchy(site())), (provider(), ELSEWHERE)),
        ((provider(),), (provider(), hierarchy(site("P02")))),
    ],
    ids=str,
)
def test_another_code_or_site_server_is_another_estate_though_configured_alike(
    first: tuple[Fact, ...], second: tuple[Fact, ...]
) -> None:
    assert refused(piece(*first, server="cm01.contoso.com"), piece(*second, server="cm01.contoso.com"))


@pytest.mark.parametrize("newer", [hierarchy(site("P02")), ELSEWHERE, provider("P02")], ids=str)
def test_a_newer_site_does_not_replace_an_older_one(newer: Fact) -> None:
    whole = piece(*estate(), server="cm01.contoso.com")
    assert refused(whole, piece(reading(newer, READ + timedelta(seconds=1)), server="cm01.contoso.com"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((provider(), hierarchy(site())), (provider(), hierarchy(site()))),
        ((hierarchy(site()),), (replace(hierarchy(site()), provider_site_code="p01"),)),
        ((provider(),), (provider(machine="cm02.contoso.com"),)),
        ((provider(),), (hierarchy(site()),)),
    ],
    ids=str,
)
def test_the_same_site_may_be_read_through_another_server(first: tuple[Fact, ...], second: tuple[Fact, ...]) -> None:
    assert not refused(piece(*first, server="cm01.contoso.com"), piece(*second, server="CM02.contoso.com"))


def test_what_cannot_be_compared_goes_by_the_configured_name() -> None:
    read = (unread(SiteProvider), unread(Hierarchy), UPDATES)
    assert not refused(piece(*estate(), server="cm77"), piece(*read, server="CM77"))
    assert refused(piece(*estate(), server="cm77"), piece(*read, server="cm78"))
    assert refused(piece(UPDATES, server="cm77"), piece(collections(), server="cm78"))


def test_the_same_code_alone_is_no_proof() -> None:
    """P01 is what many hierarchies call their first site."""
    first, second = piece(provider(), server="cm01"), replace(provider(), machine="x", machines=("x",))
    assert refused(first, piece(second, server="x"))
    assert not refused(first, piece(second, server="cm01"))


def test_names_may_be_joined_by_a_third_piece() -> None:
    joined = piece(provider(), server="cm77")
    assert not refused(piece(UPDATES, server="cm77"), joined, piece(collections(), server="cm02.contoso.com"))


# What becomes of it.


def test_two_halves_of_two_people_are_judged_as_one_estate() -> None:
    tenant = [fact for fact in estate() if fact.half.value == "tenant"]
    rest = [fact for fact in estate() if fact.half.value == "site"]
    gone = [unread(type(fact), Reason.NOT_CONFIGURED) for fact in tenant]
    merged = merge([piece(*tenant, tenant="contoso.com"), piece(*rest, *gone, server="cm01.contoso.com")])
    assert not merged.partial
    assert {check.outcome for check in report(on=merged).checks} <= {Outcome.PASS, Outcome.NOT_APPLICABLE}


def test_what_one_could_not_read_and_nobody_else_did_leaves_it_partial() -> None:
    merged = merge([piece(organization(), tenant="contoso.com"), piece(unread(SiteProvider), server="cm01")])
    assert merged.partial


# Which reading of a fact counts.

SOME, OTHER = SiteUpdates(()), SiteUpdates((package(),))


def at(minutes: float, value: Fact | Reason = SOME, *, skew: float | None = None) -> Evidence:
    """What one person read, so many minutes later by the clock of their machine."""
    moment = READ + timedelta(minutes=minutes)
    found = replace(unread(SiteUpdates, value), started=moment) if isinstance(value, Reason) else reading(value, moment)
    read = piece(provider(), replace(found, clock_skew_seconds=skew), server="cm01")
    return replace(read, started=READ, finished=max(moment, READ))


def of(*pieces: Evidence) -> Reading[Fact]:
    """What the whole says of the updates, whatever the order of the pieces."""
    found = [merge(order).reading(SiteUpdates) for order in permutations(pieces)]
    assert found[0] is not None
    assert all(one == found[0] for one in found)
    return found[0]


def test_the_newest_reading_counts() -> None:
    assert of(at(0, SOME), at(1, OTHER)).value == OTHER
    assert of(at(1, SOME), at(0, OTHER), at(0.5, OTHER)).value == SOME


def test_two_of_one_moment_that_say_different_things_are_contradicting() -> None:
    found = of(at(0, SOME), at(0, OTHER))
    assert (found.value, found.rows, found.reason) == (None, None, Reason.CONTRADICTING)
    assert of(at(0, SOME), at(0, SOME)).value == SOME
    assert of(at(0, SOME), at(0, Reason.UNREACHABLE)).reason is Reason.CONTRADICTING


def test_a_contradiction_stays_one_until_somebody_reads_again() -> None:
    contradiction = merge([at(0, SOME), at(0, OTHER)])
    assert of(contradiction, at(0, SOME)).reason is Reason.CONTRADICTING
    assert of(contradiction, at(-1, SOME)).reason is Reason.CONTRADICTING
    assert of(contradiction, at(1, SOME)).value == SOME
    assert of(at(0, SOME), at(1, SOME), at(0, OTHER)).value == SOME


def test_the_newest_attempt_counts_also_where_it_failed() -> None:
    """What could be read before and cannot be read now is not known now; that nobody tried says nothing."""
    assert of(at(0, SOME), at(1, Reason.UNREACHABLE)).reason is Reason.UNREACHABLE
    assert of(at(2, SOME), at(1, Reason.UNREACHABLE)).value == SOME
    assert of(at(0, SOME), at(1, Reason.NOT_CONFIGURED)).value == SOME
    assert of(at(0, Reason.THROTTLED), at(1, Reason.NOT_CONFIGURED)).reason is Reason.THROTTLED


@pytest.mark.parametrize("hours", [2, -2, 24 * 400])
def test_a_clock_that_is_wrong_does_not_decide_which_reading_is_the_newest(hours: int) -> None:
    """The server's clock does: it is the same one for both, and each reading says how far off its machine's was."""
    ahead = 60.0 * hours
    late = at(1 + ahead, OTHER, skew=-ahead * 60)
    assert of(at(0, SOME, skew=0.4), late).value == OTHER
    early = at(-1 + ahead, OTHER, skew=-ahead * 60)
    assert of(at(0, SOME, skew=-0.9), early).value == SOME
    assert of(at(0, SOME), at(ahead, OTHER, skew=-ahead * 60)).reason is Reason.CONTRADICTING


def test_what_measuring_alone_makes_of_a_clock_does_not_decide() -> None:
    """The Date of an answer has whole seconds, and it was on its way for some."""
    assert of(at(0, SOME, skew=-0.999), at(0.01, OTHER, skew=-4.0)).value == OTHER
    assert of(at(0, SOME, skew=-0.999), at(0, OTHER, skew=3.0)).reason is Reason.CONTRADICTING


@pytest.mark.parametrize("skew", [1e300, -1e300, 1e14])
def test_a_clock_that_no_clock_shows_is_compared_all_the_same(skew: float) -> None:
    found = of(at(0, SOME), at(0, OTHER, skew=skew))
    assert found.value == (OTHER if skew > 0 else SOME)


# Who read, in one list.


def test_all_who_read_are_named_once_and_in_order() -> None:
    def by(host: str, version: str, server: str) -> Evidence:
        return replace(piece(provider(), server=server), host=host, tool_version=version)

    whole = merge([by("zeta", "1.1", "cm01"), by("ALPHA", "1.0", "CM01"), by("alpha, beta", "1.1", "cm02.contoso.com")])
    assert (whole.host, whole.tool_version, whole.site) == ("ALPHA, beta, zeta", "1.0, 1.1", "CM01, cm02.contoso.com")


def test_a_tenant_is_known_by_its_id_where_somebody_configured_that() -> None:
    named = [piece(organization(), tenant=name) for name in ("contoso.com", TENANT, "CONTOSO.com")]
    assert {merge(order).tenant for order in permutations(named)} == {TENANT}
    assert {merge(order).tenant for order in permutations(named[::2])} == {"CONTOSO.com"}


def test_a_name_that_joined_a_piece_joins_the_next_one_too() -> None:
    """Of servers that only somebody else's reading proves to be one: the names of merged evidence are all kept."""
    short, long = piece(UPDATES, server="cm77"), piece(provider(), server="cm77")
    other = piece(collections(), server="cm02.contoso.com")
    assert merge([short, merge([long, other])]) == merge([merge([short, long]), other])


# The configuration by which it is judged.


@pytest.mark.parametrize("tenant", [None, TENANT, TENANT.upper(), "contoso.com", "CONTOSO.onmicrosoft.com"])
@pytest.mark.parametrize("site_code", [None, "P01", "p01"])
def test_a_configuration_of_the_same_estate_is_accepted(tenant: str | None, site_code: str | None) -> None:
    must_be_of(evidence(*estate()), tenant=tenant, site_code=site_code)


@pytest.mark.parametrize("tenant", ["fabrikam.com", FABRIKAM.tenant_id])
def test_a_configuration_of_another_tenant_is_refused(tenant: str) -> None:
    with pytest.raises(EvidenceError) as refused_:
        must_be_of(evidence(*estate()), tenant=tenant, site_code="P01")
    words = f"the configuration is for tenant {tenant}, but the evidence is of Contoso ({TENANT})"
    assert str(refused_.value) == words


@pytest.mark.parametrize("found", [provider(), hierarchy(site())], ids=str)
def test_a_configuration_of_another_site_is_refused(found: Fact) -> None:
    with pytest.raises(EvidenceError) as refused_:
        must_be_of(piece(found), tenant="contoso.com", site_code="P09")
    assert str(refused_.value) == "the configuration is for site P09, but the evidence is of site P01"


def test_without_an_organization_two_ids_prove_what_two_domains_do_not() -> None:
    must_be_of(piece(tenant="contoso.com"), tenant="fabrikam.com", site_code="P01")
    must_be_of(piece(tenant="contoso.com"), tenant=TENANT, site_code="P01")
    must_be_of(piece(tenant=TENANT), tenant=TENANT.upper(), site_code=None)
    with pytest.raises(EvidenceError, match=f"but the evidence is of tenant {TENANT}"):
        must_be_of(piece(unread(Organization), tenant=TENANT), tenant=FABRIKAM.tenant_id, site_code=None)


def test_what_the_evidence_calls_itself_cannot_write_on_the_terminal() -> None:
    named = piece(replace(organization(), display_name="\x1b[31mContoso\n"))
    with pytest.raises(EvidenceError) as refused_:
        must_be_of(named, tenant="fabrikam.com", site_code=None)
    assert str(refused_.value).isprintable()
