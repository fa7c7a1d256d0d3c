"""What the tests of the lab share: a running estate, and clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness.lab import Lab, Scenario, load_scenario

from .clients import Cloud, Site, session

Start = Callable[..., Lab]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a lab of a scenario, or of one with some sections changed; stops it afterwards."""
    with ExitStack() as stack:

        def started(scenario: str | Scenario = "ready", **options: Any) -> Lab:
            chosen = load_scenario(scenario) if isinstance(scenario, str) else scenario
            return stack.enter_context(Lab(chosen, **options))

        yield started


@pytest.fixture
def lab(start: Start) -> Lab:
    return start()


@pytest.fixture
def cloud(lab: Lab, tmp_path: Path) -> Iterator[Cloud]:
    with session(lab, tmp_path) as web:
        yield Cloud(lab, web)


@pytest.fixture
def site(lab: Lab, tmp_path: Path) -> Iterator[Site]:
    with session(lab, tmp_path) as web:
        yield Site(lab, web)


def changed(name: str, **sections: Any) -> Scenario:
    """A scenario with keys of `tenant` or `site` changed, or whole other sections replaced."""
    scenario = load_scenario(name)
    content = {
        section: msgspec.structs.replace(getattr(scenario, section), **value)
        if section in ("tenant", "site")
        else value
        for section, value in sections.items()
    }
    return msgspec.structs.replace(scenario, **content)
