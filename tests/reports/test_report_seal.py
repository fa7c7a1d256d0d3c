"""The last line of a report for people."""

from __future__ import annotations

import hashlib

import pytest

from readiness.plugin import Report
from reports import FORMATS, Format
from reports.seal import parse, seal

SEALED = [known for known in FORMATS if known.sealed]


@pytest.mark.parametrize("known", SEALED, ids=lambda known: known.name)
def test_the_line_names_the_report_and_the_text_above_it(known: Format, report: Report, digest: str) -> None:
    """Anyone with sha256sum can check the line, without this program."""
    text = known.render(report, digest)
    above, _, below = text.partition("report sha256: ")
    line = "report sha256: " + below.split("\n")[0]
    assert line == f"report sha256: {digest}; text sha256: {hashlib.sha256(above.encode()).hexdigest()}"


@pytest.mark.parametrize("known", SEALED, ids=lambda known: known.name)
def test_what_was_sealed_is_intact(known: Format, poisoned_report: Report, digest: str) -> None:
    """No name in a report can break its seal."""
    sealed = parse(known.render(poisoned_report, digest))
    assert sealed is not None
    assert sealed.report_digest == digest
    assert sealed.intact


@pytest.mark.parametrize("known", SEALED, ids=lambda known: known.name)
def test_line_ends_do_not_matter(known: Format, report: Report, digest: str) -> None:
    """A mail gateway or an editor on Windows may turn line ends."""
    sealed = parse(known.render(report, digest).replace("\n", "\r\n"))
    assert sealed is not None
    assert sealed.intact


@pytest.mark.parametrize(
    ("old", "new"),
    [("not-ready", "ready"), ("Pilot workstations", "Pilot"), ("</html>", "</html><p>more</p>")],
    ids=["state", "name", "added below"],
)
def test_a_changed_text_is_seen(old: str, new: str, report: Report, digest: str) -> None:
    """One changed word above, or one added below, is no longer what was sealed."""
    text = FORMATS[0].render(report, digest)
    sealed = parse(text.replace(old, new))
    assert sealed is not None
    assert not sealed.intact


def test_text_added_below_markdown_is_seen(report: Report, digest: str) -> None:
    """Nothing follows the line in Markdown."""
    sealed = parse(FORMATS[1].render(report, digest) + "Approved.\n")
    assert sealed is not None
    assert not sealed.intact


def test_other_files_hold_no_seal() -> None:
    """A file that is not ours is not called changed."""
    assert parse("# Some other text\n") is None


@pytest.mark.parametrize("wrong", ["", "abc", "G" * 64, "a" * 64 + "\n", '"; }'])
def test_a_digest_that_is_none_is_refused(wrong: str) -> None:
    """The digest stands on the page as it is, so it has to be one."""
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        seal("text", wrong)
