"""Random whole reports: every format says the same."""

from __future__ import annotations

import os
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings

from readiness import documents
from readiness.plugin import Report
from reports import html, jira, markdown, plain, summary
from reports.flavours import FLAVOURS
from tests.random_reports import reports
from tests.report_readers import from_html, from_json, from_lines, from_markdown, from_summary

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
often = settings(
    max_examples=15 * TIMES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking a whole report takes minutes
    suppress_health_check=list(HealthCheck),
)


def digest_of(report: Report) -> str:
    """The digest that its files carry."""
    return documents.digest(documents.report_document(report))


@often
@given(reports())
def test_counts_outcomes_decision_and_digest_are_equal_in_every_format(report: Report) -> None:
    """As far as a reader of each can see, whatever the names are and however much there is."""
    digest = digest_of(report)
    seen = from_json(documents.report_json(report))
    assert seen.digest == digest
    assert dict(seen.counts) == dict(report.decision.counts)
    assert from_html(html.render(report, digest)) == seen
    assert from_markdown(markdown.render(report, digest)) == seen
    assert from_lines(jira.render(report, digest), "jira") == seen
    assert from_lines(plain.render(report, digest), "plain") == seen
    for flavour in FLAVOURS:
        assert from_summary(summary.render(report, digest, flavour=flavour)) == replace(seen, outcomes={})


@often
@given(reports())
def test_decision_counts_and_digest_are_never_cut(report: Report) -> None:
    """However little a ticket takes; nor is a row cut in its middle, or shown where it is not there."""
    digest = digest_of(report)
    whole = from_markdown(markdown.render(report, digest))
    for limit in (8_000, 20_000):
        cut = from_markdown(markdown.render(report, digest, limit=limit))
        assert (cut.state, cut.counts, cut.digest) == (whole.state, whole.counts, whole.digest)
        assert cut.outcomes.items() <= whole.outcomes.items()
    for flavour in FLAVOURS:
        brief = from_summary(summary.render(report, digest, flavour=flavour, limit=3_000))
        assert (brief.state, brief.counts, brief.digest) == (whole.state, whole.counts, whole.digest)
