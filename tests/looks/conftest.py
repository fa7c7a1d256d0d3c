"""A browser for all tests of this folder, and a file for every state."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.looks import audits, markup
from tests.looks.browser import Browser, browser, found
from tests.looks.states import MADE
from tests.looks.visit import Rendered, rendered
from tests.needed import without

NEEDS = "npm ci --prefix tests/looks --ignore-scripts"
File = Callable[[str], Rendered]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One process for all."""
    with browser(found() or without("no Chromium on this machine")) as running:
        yield running


@pytest.fixture(scope="session")
def tools() -> str:
    """Path of Node, where axe and the validator are installed, too."""
    if not (audits.AXE.is_file() and markup.VALIDATOR.is_file()):
        return without(f"axe-core and html-validate are not installed: {NEEDS}")
    return shutil.which("node") or without("no Node on this machine")


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> File:
    """The state of this name, rendered once."""
    folder = tmp_path_factory.mktemp("states")
    return cache(lambda name: rendered(folder, name, MADE[name]()))
