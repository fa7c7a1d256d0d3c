"""What is different between two runs, in GitHub-flavoured Markdown: tables, no HTML, other people's text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readiness.plugin import RunDiff
from reports import differing
from reports.markdown_text import inline


def render(diff: RunDiff) -> str:
    """The Markdown; ends in a line end."""
    return "\n".join(_lines(diff)) + "\n"


def _lines(diff: RunDiff) -> Iterator[str]:
    yield f"# {differing.TITLE}"
    if differing.is_demo(diff):
        yield from ("", f"> **{differing.DEMO}**")
    yield from ("", f"**{inline(differing.line(diff))}**", "")
    yield from (f"- {label}: {inline(words)}" for label, words in differing.sides(diff))
    yield from (f"- Note: {inline(note)}" for note in differing.notes(diff))
    for section in differing.sections(diff):
        yield from ("", f"## {section.heading}", "")
        yield _row(differing.HEADS)
        yield _row(["---"] * len(differing.HEADS))
        yield from (_row([inline(cell) for cell in row.cells]) for row in section.rows.shown)
        if section.rows.hidden:
            yield from ("", section.rows.notice.replace("JSON report lists", "JSON has"))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
