"""Every state in a real browser. `python -m tests.looks` does the same in all views, and for every simulated estate."""

from __future__ import annotations

import pytest

from tests.looks import markup, visit
from tests.looks.browser import Browser
from tests.looks.conftest import File
from tests.looks.states import MADE
from tests.looks.views import COVERING, PRINTED, View

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("tools")]

SHAPES = (*(View(width, "light") for width in (360, 768, 1280, 1920)), View(360, "zoomed"), View(1280, "zoomed"))
SHAPES = (*SHAPES, View(1280, "still"), View(360, "forced colours"), PRINTED)
PAIRS = [(name, *COVERING[number % len(COVERING)]) for number, name in enumerate(MADE)]
WITH_ALL = ("every outcome", "demo", "compared")


@pytest.mark.parametrize(("name", "view", "other"), PAIRS, ids=list(MADE))
def test_every_state_is_accessible_fits_its_window_and_keeps_silent(
    chromium: Browser, file: File, name: str, view: View, other: View
) -> None:
    with visit.opened(chromium, file(name).file) as page:
        assert list(visit.looks(page, [view], [other], SHAPES)) == []


def test_the_markup_of_every_state_is_valid(tools: str, file: File) -> None:
    found = markup.audit(tools, [file(name).file for name in MADE])
    assert [one for listed in found.values() for one in listed] == []


@pytest.mark.parametrize("name", WITH_ALL)
@pytest.mark.parametrize("view", [View(360, "light"), View(1280, "dark")], ids=str)
def test_the_keyboard_reaches_everything_in_order_and_sees_where_it_is(
    chromium: Browser, file: File, name: str, view: View
) -> None:
    assert list(visit.keys(chromium, file(name).file, view)) == []


@pytest.mark.parametrize("name", [*WITH_ALL, "500 collections", "one endless word", "right to left"])
def test_paper_shows_all_of_it_and_so_does_a_browser_without_script(chromium: Browser, file: File, name: str) -> None:
    assert list(visit.paper_and_plain(chromium, file(name).file)) == []
