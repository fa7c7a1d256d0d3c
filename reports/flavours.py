"""How blocks are written: one small writer for each kind of text that a ticket or a page takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from reports import jira_text, markdown_text, plain_text
from reports.blocks import Block, Heading, Item, Items, Kind, Line, Pairs, Paragraph, Strong, Table, Words


class Flavour:
    """Writes blocks. What a subclass says is how each of them looks, and how words stay words."""

    name = ""

    def text(self, blocks: Iterable[Block]) -> str:
        """All blocks, a blank line between them, without line end."""
        return "\n\n".join("\n".join(self.rows(block)) for block in blocks)

    def rows(self, block: Block) -> Iterator[str]:
        """The lines of a block."""
        match block:
            case Heading(level, words):
                yield self.heading(level, self.line(words))
            case Paragraph(words, quoted):
                yield self.quote(self.line(words)) if quoted else self.line(words)
            case Pairs(rows):
                yield from self.pairs([(self.line(label), self.line(value)) for label, value in rows])
            case Table(heads, rows):
                cells = [self.cells(row) for row in rows]
                yield from self.table(self.cells(heads), cells, block.numbers)
            case Items(rows):
                for item in rows:
                    yield from self.item(item)

    def cells(self, row: Sequence[Line]) -> tuple[str, ...]:
        return tuple(self.line(cell) for cell in row)

    def line(self, words: Line) -> str:
        """Words of all kinds on one line."""
        raise NotImplementedError

    def heading(self, level: int, text: str) -> str:
        raise NotImplementedError

    def quote(self, text: str) -> str:
        raise NotImplementedError

    def pairs(self, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
        raise NotImplementedError

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> Iterator[str]:
        raise NotImplementedError

    def item(self, item: Item) -> Iterator[str]:
        raise NotImplementedError


class GitHub(Flavour):
    """GitHub-flavoured Markdown: pure tables, no HTML, no images. Words of ours hold nothing that needs escaping."""

    name = "github"

    def line(self, words: Line) -> str:
        return "".join(self._part(part) for part in words)

    def _part(self, part: Words | Strong) -> str:
        if isinstance(part, Strong):
            return f"**{self.line(part.words)}**"
        if part.kind is Kind.OURS:
            return part.text
        return (markdown_text.code if part.kind is Kind.CODE else markdown_text.inline)(part.text)

    def heading(self, level: int, text: str) -> str:
        return f"{'#' * level} {text}"

    def quote(self, text: str) -> str:
        return f"> {text}"

    def pairs(self, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
        """The first pair is the head that every table must have."""
        yield from self.table(rows[0], rows[1:], ())

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> Iterator[str]:
        yield _row(heads)
        yield _row(["---:" if place in numbers else "---" for place in range(len(heads))])
        yield from map(_row, rows)

    def item(self, item: Item) -> Iterator[str]:
        yield f"{'-' if item.number is None else f'{item.number}.'} {self.line(item.words)}"
        for detail in item.details:
            yield f"    - {self.line(detail)}"


class Jira(Flavour):
    """Jira's wiki markup. Numbers stand in the text: its own lists count from one, and a plan goes on counting.

    Others' words are never bold: Jira Cloud reads what stands between asterisks twice, the second time without our
    escapes (tried on `@atlaskit/editor-wikimarkup-transformer` 12.2).
    """

    name = "jira"

    def line(self, words: Line) -> str:
        """What is written the same way is escaped together: what is active depends on what stands beside it."""
        found = ""
        for how, run in groupby(words, _how):
            parts = tuple(run)
            if how is Strong:
                found += "".join(self._strong(part) for part in parts if isinstance(part, Strong))
            else:
                found += self._run(how, "".join(_word(part) for part in parts if isinstance(part, Words)), found)
        return found

    def _strong(self, part: Strong) -> str:
        ours = all(words.kind is Kind.OURS for words in part.words)
        return f"*{self.line(part.words)}*" if ours else self.line(part.words)

    def _run(self, how: object, text: str, before: str) -> str:
        if how is Kind.CODE:
            return jira_text.code(text)
        if how is Kind.ADDRESS and _OFFICIAL.fullmatch(text):
            return text
        lead, trail = " " * text.startswith(" "), " " * (text.endswith(" ") and text != " ")
        return (lead if before else "") + (jira_text.inline(text) if text.strip() or not text else "") + trail

    def heading(self, level: int, text: str) -> str:
        return f"h{level}. {text}"

    def quote(self, text: str) -> str:
        return f"bq. {text}"

    def pairs(self, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
        yield from (f"|| {label} | {value} |" for label, value in rows)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> Iterator[str]:
        del numbers
        yield "|| " + " || ".join(heads) + " ||"
        yield from map(_row, rows)

    def item(self, item: Item) -> Iterator[str]:
        yield f"* {'' if item.number is None else f'{item.number}. '}{self.line(item.words)}"
        for detail in item.details:
            yield f"** {self.line(detail)}"


class Plain(Flavour):
    """Text without any markup, readable in any font: nothing is aligned by spaces, a row says its heads."""

    name = "plain"

    def line(self, words: Line) -> str:
        return plain_text.inline("".join(_plain(part) for part in words))

    def heading(self, level: int, text: str) -> str:
        return text.upper() if level in _CAPITALS else text

    def quote(self, text: str) -> str:
        return text

    def pairs(self, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
        yield from (f"{label}: {value}" for label, value in rows)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> Iterator[str]:
        del numbers
        yield f"{heads[0]}:"
        for first, *others in rows:
            told = (f"{head}: {cell}" for head, cell in zip(heads[1:], others, strict=True) if cell != NOTHING)
            yield "; ".join([f"- {first}", *told])

    def item(self, item: Item) -> Iterator[str]:
        yield f"{'-' if item.number is None else f'{item.number}.'} {self.line(item.words)}"
        for detail in item.details:
            yield f"   - {self.line(detail)}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _how(part: Words | Strong) -> object:
    """What is written in one way; ours and theirs alike."""
    if isinstance(part, Strong):
        return Strong
    return part.kind if part.kind in (Kind.CODE, Kind.ADDRESS) else Words


def _plain(part: Words | Strong) -> str:
    return "".join(map(_word, part.words)) if isinstance(part, Strong) else _word(part)


def _word(part: Words) -> str:
    """Words, or that there are none where somebody else's should be."""
    return part.text if part.kind is Kind.OURS or part.text.strip() else "none"


NOTHING = "–"
"""Stands in a cell that has nothing to say."""
_CAPITALS = (2, 3)
"""Levels of headings whose words are all ours."""
_OFFICIAL = re.compile(r"https://learn\.microsoft\.com/[A-Za-z0-9/._-]+")
"""What may become a link."""

GITHUB, JIRA, PLAIN = GitHub(), Jira(), Plain()
FLAVOURS = {flavour.name: flavour for flavour in (GITHUB, JIRA, PLAIN)}
