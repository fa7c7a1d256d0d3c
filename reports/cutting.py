"""Text within a limit: whole rows are left out, from the end on, and the place where they are missing says so."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from reports.blocks import Block, Heading, Items, Pairs, Paragraph, Table, line
from reports.flavours import Flavour
from reports.seal import ENDS, seal


@dataclass(frozen=True, slots=True)
class Limit:
    """What a target takes."""

    most: int
    in_bytes: bool = False
    """Bytes of UTF-8. Else characters as Jira and ServiceNow count them: units of UTF-16, never fewer than others
    count."""

    def holds(self, text: str) -> bool:
        if self.in_bytes:
            return len(text.encode()) <= self.most
        return len(text.encode("utf-16-le")) // 2 <= self.most

    @property
    def words(self) -> str:
        return f"{self.most:,} {'bytes' if self.in_bytes else 'characters'}"


def written(blocks: Sequence[Block], digest: str, flavour: Flavour, limit: Limit | None = None) -> str:
    """The blocks as text, sealed; within the limit.

    Args:
        digest: the report's SHA-256 in hexadecimal.

    Raises:
        ValueError: what is never cut does not fit either.
    """
    whole = _sealed(blocks, digest, flavour)
    if limit is None or limit.holds(whole):
        return whole
    most = sum(map(_rows, blocks))
    too_long = bisect_right(
        range(most), 0, key=lambda rows: 0 if limit.holds(_sealed(cut(blocks, rows, limit), digest, flavour)) else 1
    )
    if too_long == 0:
        raise ValueError(f"the decision, the counts and the digest of a report need more than {limit.words}")
    return _sealed(cut(blocks, too_long - 1, limit), digest, flavour)


def cut(blocks: Sequence[Block], rows: int, limit: Limit) -> list[Block]:
    """The first rows, and those that are always kept; where the first one is missing, how many are."""
    left, missing, place = rows, 0, None
    found: list[Block] = []
    for block in blocks:
        shown = max(block.kept, min(_rows(block), left))
        left = max(0, left - shown + block.kept)
        if shown or isinstance(block, Heading):
            found.append(_first(block, shown))
        if shown < _rows(block):
            missing += _rows(block) - shown
            place = len(found) if place is None else place
    if place is not None:
        row, are = ("row", "it is") if missing == 1 else ("rows", "they are")
        said = (
            f"Cut here to stay within {limit.words}: {missing:,} {row} left out; {are} in the JSON report of this run."
        )
        found.insert(place, Paragraph(line(said), kept=1))
    return [block for at, block in enumerate(found) if not _bare(block, found[at + 1 :])]


def _rows(block: Block) -> int:
    """How many rows can be left out of a block one by one, those that are kept included."""
    if isinstance(block, Heading):
        return block.kept
    return 1 if isinstance(block, Paragraph) else len(block.rows)


def _first(block: Block, shown: int) -> Block:
    match block:
        case Pairs():
            return replace(block, rows=block.rows[:shown])
        case Table():
            return replace(block, rows=block.rows[:shown])
        case Items():
            return replace(block, rows=block.rows[:shown])
        case _:
            return block


def _bare(block: Block, below: Sequence[Block]) -> bool:
    """Whether it is a heading with nothing under it any more but what is always kept, as the notice is."""
    if not isinstance(block, Heading) or block.kept:
        return False
    under = takewhile(lambda one: not isinstance(one, Heading) or one.level > block.level, below)
    return not any(not isinstance(one, Heading) and not (isinstance(one, Paragraph) and one.kept) for one in under)


def _sealed(blocks: Sequence[Block], digest: str, flavour: Flavour) -> str:
    above = flavour.text(blocks) + "\n\n"
    return f"{above}{seal(above, digest)}{ENDS['markdown']}"
