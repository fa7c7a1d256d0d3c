"""Which facts a judge takes is read from its type hints; what cannot be given is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from readiness.model.injection import facts, parameters
from readiness.plugin import Context, Fact, Hierarchy, Organization, Outcome, Reading, Reason, SiteUpdates, Verdict
from tests.assessment.fakes import fake, outcomes, report, result, verdict
from tests.checks.builders import NOW, estate, hierarchy, other, site, unread


def test_facts_readings_and_context_are_passed_by_type() -> None:
    seen: dict[str, Any] = {}

    def judge(updates: Reading[SiteUpdates], context: Context, sites: Hierarchy) -> Verdict:
        seen.update(updates=updates, context=context, sites=sites)
        return verdict(Outcome.PASS)

    check = fake("one", judge)
    assert facts(check) == (SiteUpdates, Hierarchy)
    report(check)
    assert seen["updates"].value == SiteUpdates(seen["updates"].value.packages)
    assert seen["context"].now == NOW
    assert seen["sites"] == hierarchy(site())


def test_a_fact_that_was_not_read_makes_the_check_unknown_without_calling_it() -> None:
    def judge(sites: Hierarchy) -> Verdict:
        raise AssertionError(sites)

    found = report(fake("one", judge), on=other(estate(), Hierarchy=unread(Hierarchy, Reason.THROTTLED)))
    one = result(found, "one")
    assert (one.outcome, one.reason) == (Outcome.UNKNOWN, Reason.THROTTLED)
    assert one.summary == "Could not be verified: Hierarchy was not read: throttled"


def test_a_reading_that_failed_is_passed_to_who_weighs_it() -> None:
    def judge(updates: Reading[SiteUpdates]) -> Verdict:
        assert updates.reason is Reason.TIMED_OUT
        return verdict(Outcome.MANUAL)

    found = report(fake("one", judge), on=other(estate(), SiteUpdates=unread(SiteUpdates, Reason.TIMED_OUT)))
    assert outcomes(found) == {"one": Outcome.MANUAL}


def test_each_fact_is_named_once() -> None:
    def judge(sites: Hierarchy, again: Reading[Hierarchy]) -> Verdict:
        del sites, again
        return verdict(Outcome.PASS)

    assert facts(fake("one", judge)) == (Hierarchy,)


def optional(sites: Hierarchy | None) -> Verdict:
    raise NotImplementedError


def unhinted(sites: Hierarchy, more) -> Verdict:  # type: ignore[no-untyped-def]
    raise NotImplementedError


def no_fact(sites: str) -> Verdict:
    raise NotImplementedError


def any_fact(one: Fact) -> Verdict:
    raise NotImplementedError


def bare_reading(one: Reading) -> Verdict:  # type: ignore[type-arg]
    raise NotImplementedError


def reading_of_no_fact(one: Reading[int]) -> Verdict:  # type: ignore[type-var]
    raise NotImplementedError


def variadic(*sites: Hierarchy) -> Verdict:
    raise NotImplementedError


def keywords(**sites: Hierarchy) -> Verdict:
    raise NotImplementedError


def by_position(sites: Hierarchy, /) -> Verdict:
    raise NotImplementedError


def no_verdict(sites: Hierarchy) -> bool:
    raise NotImplementedError


def no_return(sites: Hierarchy):  # type: ignore[no-untyped-def]
    raise NotImplementedError


BAD = (
    optional,
    unhinted,
    no_fact,
    any_fact,
    bare_reading,
    reading_of_no_fact,
    variadic,
    keywords,
    by_position,
    no_verdict,
    no_return,
)


@pytest.mark.parametrize("judge", BAD, ids=lambda judge: judge.__name__)
def test_hints_that_cannot_be_served_are_refused_by_name(judge: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="check one"):
        parameters(fake("one", judge))


def test_a_check_without_judge_is_refused() -> None:
    check = fake("one", no_fact)
    check.function = None
    with pytest.raises(TypeError, match="no judge"):
        parameters(check)


def test_a_fact_that_the_product_does_not_know_is_unknown_and_not_a_crash() -> None:
    """A plugin may judge facts of its own; evidence that lacks them says so."""

    class Weather(Fact):
        half = Organization.half

    def judge(weather: Weather) -> Verdict:
        raise AssertionError(weather)

    judge.__annotations__ = {"weather": Weather, "return": Verdict}
    one = result(report(fake("one", judge)), "one")
    assert (one.outcome, one.reason) == (Outcome.UNKNOWN, Reason.UNSUPPORTED_VERSION)
    assert "lacks the reading Weather" in one.summary


def test_a_judge_that_crashes_is_an_error_and_the_others_are_judged() -> None:
    def crashes(sites: Hierarchy) -> Verdict:
        raise RuntimeError("s3cret", sites)

    def passes(sites: Hierarchy) -> Verdict:
        del sites
        return verdict(Outcome.PASS)

    found = report(fake("one", crashes), fake("two", passes))
    assert outcomes(found) == {"one": Outcome.ERROR, "two": Outcome.PASS}
    assert "RuntimeError" in result(found, "one").summary
    assert "s3cret" not in result(found, "one").summary


def test_a_judge_that_returns_no_verdict_is_an_error() -> None:
    def nothing(sites: Hierarchy) -> Verdict:
        del sites
        return None  # type: ignore[return-value]

    assert outcomes(report(fake("one", nothing))) == {"one": Outcome.ERROR}
