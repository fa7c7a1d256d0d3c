"""Random whole reports: every format says the same."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings

from readiness import documents
from readiness.plugin import Report
from reports import html, markdown
from tests.random_reports import reports
from tests.report_readers import from_html, from_json, from_markdown

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
often = settings(max_examples=25 * TIMES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


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
