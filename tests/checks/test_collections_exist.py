"""collections-exist: each name of the roll-out stands for one device collection that holds devices."""

import pytest

from checks.collections.collections_exist import judge
from readiness.plugin import (
    ALL_SCOPES,
    FULL_ADMINISTRATOR,
    READ_ONLY_ANALYST,
    Collection,
    Collections,
    CollectionType,
    Level,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    Verdict,
)
from tests.checks.attach_facts import absent, analyst, full_administrator
from tests.checks.builders import access, grant, reading, unread
from tests.checks.collection_facts import KIOSKS, PILOT, SERVERS, USERS, collection, naming, site_collections

ONE_SCOPE = reading(access(grant(READ_ONLY_ANALYST, "SMS00UNA")))


def judged(
    *names: str, on: Collections | Reading[Collections] | None = None, seen_by: Reading[SiteAccess] | None = None
) -> Verdict:
    found = on if isinstance(on, Reading) else reading(on or site_collections())
    return judge(found, seen_by or analyst(), naming(*names))


def test_collections_that_hold_devices_pass() -> None:
    verdict = judged(SERVERS, "Pilot*")
    assert (verdict.outcome, verdict.summary) == (Outcome.PASS, "2 collections found, each with devices")
    assert [(one.kind, one.id, one.name) for one in verdict.subjects] == [
        ("collection", SERVERS, "All Windows Servers - EDR"),
        ("collection", PILOT, "Pilot - Workstations EDR"),
    ]
    assert "All Windows Servers - EDR (P0100021) with 37 members" in verdict.observed


@pytest.mark.parametrize("proof", [analyst(), full_administrator()], ids=["analyst", "full administrator"])
@pytest.mark.parametrize("name", ["No such", "P01FFFFF", "Nothing like*"])
def test_what_is_not_there_fails_where_every_collection_is_visible(name: str, proof: Reading[SiteAccess]) -> None:
    verdict = judged(name, seen_by=proof)
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
    assert verdict.summary == f"{name}: there is no such collection; the account sees every one"
    assert [(one.id, one.name) for one in verdict.subjects] == [(name, name)]


@pytest.mark.parametrize(
    "proof",
    [
        ONE_SCOPE,
        reading(access(listed=False)),
        reading(access(grant("SMS0009R", ALL_SCOPES))),
        reading(access(grant(FULL_ADMINISTRATOR, "SMS00UNA"))),
        unread(SiteAccess),
    ],
    ids=["one scope", "through a group", "another role", "full but one scope", "not read"],
)
def test_what_is_not_visible_is_unknown_where_it_may_be_hidden(proof: Reading[SiteAccess]) -> None:
    verdict = judged("No such", seen_by=proof)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "not known to be every one" in verdict.observed


def test_a_name_that_two_have_is_contradicting_and_says_to_use_the_id() -> None:
    twins = site_collections(collection("P0100041", name="Twin"), collection("P0100042", name="twin"))
    verdict = judged("Twin", on=twins)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert "P0100041, P0100042" in verdict.summary
    assert verdict.remediation is not None
    assert "by its id" in verdict.remediation.steps[0].text
    assert judged("P0100042", on=twins).outcome is Outcome.PASS


def test_an_id_that_is_listed_twice_is_contradicting_by_whatever_it_is_named() -> None:
    twice = site_collections(collection("P0100041", name="One"), collection("P0100041", name="Two"))
    for name in ("P0100041", "One", "Tw*"):
        assert judged(name, on=twice).reason is Reason.CONTRADICTING


@pytest.mark.parametrize("name", [USERS, "All Users", "*Users"])
def test_a_user_collection_fails(name: str) -> None:
    verdict = judged(name)
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
    assert "All Users (SMS00002): it is no device collection" in verdict.summary


def test_a_type_that_no_table_knows_is_shown_raw_and_unknown() -> None:
    verdict = judged(SERVERS, on=site_collections(collection(type_=CollectionType(9))))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert "type 9" in verdict.summary


def test_a_type_that_is_known_and_no_devices_fails() -> None:
    assert judged(SERVERS, on=site_collections(collection(type_=CollectionType.OTHER))).outcome is Outcome.FAIL


def test_an_empty_collection_is_advisory() -> None:
    verdict = judged(SERVERS, on=site_collections(collection(members=0)))
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.ADVISORY)
    assert "fill it" in verdict.summary
    assert verdict.remediation is not None
    assert "Membership Rules" in str(verdict.remediation.steps[0].where)


def test_a_number_of_members_that_cannot_be_is_no_pass() -> None:
    verdict = judged(SERVERS, on=site_collections(collection(members=-1)))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)


def test_the_worst_target_speaks_and_an_unknown_one_is_not_hidden_behind_an_empty_one() -> None:
    some = site_collections(collection(members=0), collection(PILOT), collection(KIOSKS, type_=CollectionType(9)))
    verdict = judged(SERVERS, PILOT, KIOSKS, on=some)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert verdict.remediation is None
    assert judged(SERVERS, PILOT, KIOSKS, USERS, on=some).outcome is Outcome.FAIL


@pytest.mark.parametrize("names", [(SERVERS, SERVERS.lower(), "all windows servers - edr", "*Servers*")])
def test_a_collection_that_is_named_in_several_ways_counts_once(names: tuple[str, ...]) -> None:
    assert [one.id for one in judged(*names).subjects] == [SERVERS]


def test_a_name_that_stands_for_nothing_counts_once() -> None:
    assert [one.id for one in judged("No such", "no SUCH").subjects] == ["No such"]


# No target named.


def test_no_target_is_unknown_and_the_summary_lists_what_could_be_chosen() -> None:
    verdict = judged()
    assert (verdict.outcome, verdict.reason, verdict.subjects) == (Outcome.UNKNOWN, Reason.NO_TARGET, ())
    assert "All Windows Servers - EDR (P0100021), Kiosks (P0100023), Pilot" in verdict.summary
    assert "All Users" not in verdict.summary
    assert "enabled" not in verdict.summary


def test_no_target_names_what_shows_as_enabled() -> None:
    some = site_collections(collection(partners=1), collection(PILOT, partners=0), collection(KIOSKS, partners=2))
    assert "All Windows Servers - EDR (P0100021) with ServicePartners 1, Kiosks" in judged(on=some).summary
    masked = judge(reading(some), analyst(), naming(mask=2))
    assert "enabled, as far as it shows: Kiosks (P0100023) with ServicePartners 2;" in masked.summary


def test_the_list_of_what_could_be_chosen_is_capped() -> None:
    many = Collections(tuple(collection(f"P01{n:05}", name=f"{n:05} {'N' * 300}") for n in range(5_000)))
    verdict = judged(on=many)
    assert "and 4,990 more" in verdict.summary
    assert len(verdict.summary) < 1_600


def test_without_the_site_it_is_not_configured_and_not_read_is_its_own_reason() -> None:
    assert judged(on=absent(Collections)).reason is Reason.NOT_CONFIGURED
    assert judged(SERVERS, on=absent(Collections)).reason is Reason.NOT_CONFIGURED
    assert judged(on=unread(Collections)).reason is Reason.NO_TARGET
    assert judged(SERVERS, on=unread(Collections)).reason is Reason.ACCESS_DENIED


def test_no_collection_at_all_is_no_good_news() -> None:
    assert judged(SERVERS, on=Collections(()), seen_by=ONE_SCOPE).outcome is Outcome.UNKNOWN
    assert judged("*", on=Collections((Collection("SMS00002", "U", CollectionType.USER, 1),))).outcome is Outcome.FAIL


def test_a_long_name_leaves_room_for_what_is_said() -> None:
    verdict = judged("N" * 10_000)
    assert len(verdict.summary) < 300
    assert "there is no such collection" in verdict.summary
