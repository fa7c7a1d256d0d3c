"""How far a report reaches, as blocks: what its accounts see, by which rights they read, and what is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readiness.plugin import Report
from reports import coverage
from reports.blocks import Block, Heading, Paragraph, joined, line, table, theirs
from reports.text import name

Rows = Sequence[Sequence[str]]


def blocks(report: Report) -> Iterator[Block]:
    """Coverage, rights used, data sent; where an older version wrote the report, that it does not tell."""
    yield Heading(2, line("Coverage"))
    yield Paragraph(line(theirs(f"{coverage.sentence(report)}.")))
    if unsettled := coverage.unsettled(report):
        rows = [(str(reason), joined(", ", (theirs(name(id_)) for id_ in ids))) for reason, ids in unsettled]
        yield table(coverage.UNSETTLED_HEADS, rows)
    yield from _told(coverage.SIGHT_HEADS, coverage.sights(report), told=report.sights is not None)
    yield Heading(2, line("Rights used"))
    yield Paragraph(line(f"{coverage.RIGHTS_CAPTION}."))
    yield from _told(coverage.RIGHT_HEADS, coverage.rights(report), told=report.rights is not None)
    yield Heading(2, line("Data sent to the cloud"))
    yield Paragraph(line(f"{coverage.SENT_CAPTION}."))
    yield from _told(coverage.SENT_HEADS, coverage.sent(report), told=report.data_sent is not None)
    yield Paragraph(line(coverage.TOOL_SENDS))


def _told(heads: Sequence[str], rows: Rows, *, told: bool) -> Iterator[Block]:
    if rows:
        yield table(heads, [[theirs(cell) for cell in row] for row in rows])
    else:
        yield Paragraph(line("None." if told else coverage.NOT_TOLD))
