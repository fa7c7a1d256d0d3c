"""Every time that is printed or written says of which zone it is, wherever the machine stands."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Estate, Program

Serve = Callable[..., Estate]
TIME = re.compile(
    r"(?<![\d:T-])(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?![\d:])(?P<zone>`?\s*UTC|Z|\+00:00)?"
)
COMMANDS = (("history",), ("history", "--json"), ("diff",), ("diff", "--format", "markdown"), ("diff", "--json"))
HAS_NO_ZONE = ".junit.xml"
"""Its schema allows none; programs read it as UTC."""


@pytest.fixture
def kolkata(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that is five and a half hours ahead."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        yield
    time.tzset()


def bare(text: str) -> list[str]:
    """The times in it that say no zone."""
    return [text[found.start() : found.end() + 20] for found in TIME.finditer(text) if not found["zone"]]


@pytest.mark.usefixtures("kolkata")
def test_every_time_says_its_zone(program: Program, estate: Serve, tmp_path: Path) -> None:
    served = estate("almost-ready")
    config = ("--config", str(served.config))
    options = ("--output", str(tmp_path / "out"), "--format", "html,markdown,json,plain,junit,summary,jira,csv,jsonl")
    said = [program("scan", *config, *options, "--log-file", "job.log", variables=served.secrets) for _ in range(2)]
    said += [program(*command, *config) for command in COMMANDS]
    assert "times are UTC" in " ".join(said[2].out.split())  # once, above its table
    said[2] = replace(said[2], out="")
    files = [*(tmp_path / "out").iterdir()]
    texts = {f"{number}": f"{one.out}\n{one.err}" for number, one in enumerate(said)}
    texts |= {one.name: one.read_text(encoding="utf-8") for one in files if not one.name.endswith(HAS_NO_ZONE)}
    texts["job.log"] = Path("job.log").read_text(encoding="utf-8")
    assert {name: found for name, text in texts.items() if (found := bare(text))} == {}
    assert sum(len(TIME.findall(text)) for text in texts.values()) > 50
