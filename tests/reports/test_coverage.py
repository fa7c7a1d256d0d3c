"""What every format says of the reach of a report."""

from __future__ import annotations

from dataclasses import replace

from readiness.model.disclosure import RightUsed, Sees, Sight
from readiness.plugin import Half, Outcome, Reason, Report
from reports import coverage

HOSTILE = "invoice\u202egnp.exe"


def test_the_sentence_counts_what_was_judged_and_read(report: Report) -> None:
    """Deselected checks and readings without a value are missing from it."""
    some = replace(report, decision=replace(report.decision, deselected=("one", "two")))
    assert coverage.sentence(some) == "12 of 14 checks judged; 2 of 3 readings could be had"


def test_what_could_not_be_had_stands_by_reason_most_frequent_first(report: Report) -> None:
    first, second, missing = report.readings
    late = replace(first, reason=Reason.TIMED_OUT, error="no answer")
    several = replace(report, readings=(missing, late, replace(late, id="SiteUpdates"), second))
    assert [row[:2] for row in coverage.unread(several)] == [
        ("timed-out", "Hierarchy, SiteUpdates"),
        ("missing-permission", "ThreatDefenseConnectors"),
    ]
    assert coverage.unread(several)[0][2] == "no answer"
    assert coverage.unread(replace(report, readings=())) == ()


def test_unknown_checks_stand_by_reason_and_others_do_not(report: Report) -> None:
    assert coverage.unsettled(report) == ((Reason.MISSING_PERMISSION, ("defender-heartbeat",)),)
    settled = tuple(one for one in report.checks if one.outcome is not Outcome.UNKNOWN)
    assert coverage.unsettled(replace(report, checks=settled)) == ()


def test_rows_fit_their_heads_and_show_hostile_characters(report: Report) -> None:
    sight = Sight(Half.SITE, HOSTILE, HOSTILE, Sees.NOT_KNOWN, HOSTILE)
    right = RightUsed(HOSTILE, Half.TENANT, "permission", (HOSTILE,), (HOSTILE,), (HOSTILE,), HOSTILE)
    told = replace(report, sights=(sight,), rights=(right,))
    for heads, rows in (
        (coverage.SIGHT_HEADS, coverage.sights(told)),
        (coverage.RIGHT_HEADS, coverage.rights(told)),
    ):
        (row,) = rows
        assert len(row) == len(heads)
        assert "\\u202e" in "".join(row)
        assert "\u202e" not in "".join(row)


def test_a_right_says_what_was_refused_and_counts_where_naming_is_too_long() -> None:
    ids = tuple(f"Fact{number}" for number in range(coverage.FEW_READINGS + 1))
    right = RightUsed("A.Read", Half.TENANT, "permission", ("app",), ids, ids[:1], "only sometimes")
    row = coverage._right(right)
    assert row[3] == "7 readings"
    assert row[4] == "refused: Fact0; only sometimes"


def test_an_older_report_that_does_not_tell_has_no_rows(report: Report) -> None:
    older = replace(report, sights=None, rights=None, data_sent=None)
    assert coverage.sights(older) == coverage.rights(older) == coverage.sent(older) == ()


def test_data_sent_says_of_what_to_whom_and_on_what_basis() -> None:
    """Of the rule data that ships: what is inferred says so, and everything has a source and a date."""
    from checks import knowledge

    rows = [coverage._sent(row) for row in knowledge.rows("data_sent", "data")]
    assert rows[0][0].startswith("each collection that is made available")
    assert "id, name, type" in rows[0][1]
    assert {row[2] for row in rows} >= {"Microsoft Intune", "Microsoft Defender for Endpoint"}
    inferred = [row for row in rows if row[3].startswith("inferred")]
    assert len(inferred) == 1
    assert "not made available" in inferred[0][0]
    assert all(row[4].rstrip("0123456789-").endswith(", ") for row in rows)
