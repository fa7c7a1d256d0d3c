"""The pages of the documentation: their blocks, what stands before them in comments, their links and headings.

What a comment right before a block says of it:

    <!-- needs a real estate -->    not run; every `readiness` line in it must still parse
    <!-- needs PROGRAM -->          run where the machine has that program
    <!-- run by .ci/run -->         not run here, but there
    <!-- asks a person -->          not run: it waits for answers at a terminal
    <!-- before COMMAND -->         typed first, and not shown
    <!-- exits 3 -->                the codes of its commands, by commas; left out: 0, or what the output says
    <!-- second terminal -->        goes on in the background until the page ends, or the next of these begins
    <!-- file NAME -->              not run: the text of a file, which is there from then on
    <!-- part of a file -->         not a whole readiness.toml: a table of rule data, a scenario
    <!-- estate SCENARIO -->        before the page's first block: its folder is that of this simulated estate
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
SHELL = ("console", "sh", "bash", "shell", "powershell", "")
"""Words of fences whose lines somebody types."""


def everywhere() -> list[Path]:
    """Every page of the repository that people read."""
    return [*sorted(ROOT.glob("*.md")), *documentation()[1:]]


def documentation() -> list[Path]:
    """README.md and what is below docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Command:
    """One line that somebody types, and what it prints."""

    line: str
    output: str | None
    """None: the page does not show it."""


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    page: Path
    number: int
    """Of its line."""
    language: str
    text: str
    said: tuple[str, ...]
    """The comments right before it."""

    @property
    def typed(self) -> bool:
        """Whether somebody types it."""
        return self.language in SHELL and self.argument("file") is None

    def has(self, words: str) -> bool:
        return words in self.said

    def argument(self, word: str) -> str | None:
        """What follows a word in a comment: `file NAME`."""
        return next((one.removeprefix(f"{word} ") for one in self.said if one.startswith(f"{word} ")), None)

    @property
    def commands(self) -> Sequence[Command]:
        """What is typed. Lines that begin with `$ ` are followed by what they print; without any, all are typed."""
        text = self.text.replace("\\\n", " ")
        if "$ " not in text:
            lines = (line.strip() for line in text.splitlines())
            return [Command(line, None) for line in lines if line and not line.startswith("#")]
        parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
        return [Command(line, shown) for line, _, shown in (part.partition("\n") for part in parts)]

    def codes(self) -> list[int]:
        """The exit code that each command should have."""
        said = self.argument("exits")
        if said is not None:
            return [int(code) for code in said.split(",")]
        return [_told(command.output or "") for command in self.commands]


def _told(output: str) -> int:
    """The code that output names: `exit 3: 1 blocker failed`."""
    found = re.search(r"^exit (\d+):", output, re.MULTILINE)
    return int(found[1]) if found else 0


@cache
def tokens(page: Path) -> Sequence[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    before: tuple[str, ...] = ()
    for token in tokens(page):
        if token.type == "html_block":
            before += tuple(re.findall(r"<!--\s*(.*?)\s*-->", token.content, re.DOTALL))
        elif token.type == "fence":
            yield Block(page, (token.map or [0])[0] + 1, token.info.strip(), token.content, before)
        if token.type != "html_block":
            before = ()


def spans(page: Path) -> Iterator[str]:
    """The code within sentences."""
    inline = (child for token in tokens(page) for child in token.children or () if child.type == "code_inline")
    return (child.content for child in inline)


def links(page: Path) -> Iterator[str]:
    """Where links and pictures lead."""
    for token in tokens(page):
        for child in token.children or ():
            where = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
            yield from [str(where)] if where else []
        if token.type in ("html_block", "inline"):
            yield from re.findall(r'\b(?:src|srcset|href)="([^"]+)"', token.content)


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: dict[str, int] = {}
    all_ = tokens(page)
    for opening, inside in pairwise(all_):
        if opening.type == "heading_open":
            text = "".join(child.content for child in inside.children or () if child.type in ("text", "code_inline"))
            name = "".join(sign for sign in text.lower() if sign.isalnum() or sign in " -_").replace(" ", "-")
            times = found.get(name, 0)
            found[name] = times + 1
            if times:
                found[f"{name}-{times}"] = 1
    return frozenset(found)
