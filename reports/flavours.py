"""How blocks are written: one small writer for each kind of text that a ticket or a page takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reports.blocks import Block, Heading, Item, Items, Kind, Line, Pairs, Paragraph, Strong, Table, Words
from reports.markdown_text import code, inline


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
        return code(part.text) if part.kind is Kind.CODE else inline(part.text)

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


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


GITHUB = GitHub()
