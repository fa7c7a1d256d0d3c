"""The renderers that tickets have: Atlassian's reader of wiki markup, and GitHub's of Markdown."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.needed import without

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / "@atlaskit" / "editor-wikimarkup-transformer"
GFM = ("--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tagfilter")


def wanted(there: bool, what: str) -> None:
    """Skip where a renderer is missing, but in CI, which installs it."""
    if not there:
        without(f"{what} is not installed")


def github(text: str) -> str:
    """HTML as GitHub makes it, by the reference implementation of its Markdown."""
    wanted(shutil.which("cmark-gfm") is not None, "cmark-gfm (a Debian package)")
    done = subprocess.run(["cmark-gfm", *GFM], input=text, capture_output=True, encoding="utf-8", check=True)
    return done.stdout


@dataclass
class Read:
    """What Jira Cloud made of a text."""

    kinds: set[str] = field(default_factory=set)
    """Of nodes and marks, `text` and `doc` apart."""
    texts: list[str] = field(default_factory=list)
    """Of each paragraph or heading."""
    words: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """Each run of text with its marks."""


def jira(texts: Sequence[str]) -> list[Read]:
    """What Jira Cloud makes of each text."""
    wanted(shutil.which("node") is not None and INSTALLED.exists(), "the reader of wiki markup (npm ci here)")
    given = json.dumps(list(texts))
    done = subprocess.run(
        ["node", str(HERE / "jira.cjs")], input=given, capture_output=True, encoding="utf-8", check=True
    )
    return [_read(json.loads(line)) for line in done.stdout.splitlines()]


def _read(document: dict[str, Any]) -> Read:
    read = Read()
    for node in _nodes(document):
        kind = node["type"]
        read.kinds |= {kind} - {"doc", "text"} | {mark["type"] for mark in node.get("marks", ())}
        if kind in ("paragraph", "heading") or (kind == "text" and not read.texts):
            read.texts.append("")
        if kind == "text":
            read.texts[-1] += node["text"]
            read.words.append((node["text"], frozenset(mark["type"] for mark in node.get("marks", ()))))
    return read


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("content", ()):
        yield from _nodes(inner)
