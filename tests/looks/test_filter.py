"""The filter of the checks shows what fits, says how many, and hides nothing from a link or from paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from readiness.plugin import CheckResult, Outcome, Phase
from tests.looks import audits, visit
from tests.looks.browser import Browser, Page
from tests.looks.conftest import File
from tests.looks.states import MADE
from tests.looks.views import PRINTED, View

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("tools")]

STATE = "demo"
SCREEN = View(1280, "light")
SHOWN = "[...document.querySelectorAll('.check')].filter((one) => one.checkVisibility()).map((one) => one.id)"
SECTIONS = "[...document.querySelectorAll('#_checks > section')].filter((one) => one.checkVisibility()).length"
TEXTS = "Object.fromEntries([...document.querySelectorAll('.check')].map((one) => [one.id, one.textContent]))"
FRAME = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


@pytest.fixture(scope="module")
def checks() -> tuple[CheckResult, ...]:
    return MADE[STATE]().checks


@pytest.fixture
def page(chromium: Browser, file: File) -> Iterator[Page]:
    with visit.opened(chromium, file(STATE).file) as opened:
        SCREEN.take(opened)
        yield opened


def write(page: Page, words: str) -> None:
    """As somebody types it into the field of words."""
    page.run("document.getElementById('_words').focus()")
    page.call("Input.insertText", text=words)


def choose(page: Page, field: str, label: str) -> None:
    """The option whose label ends so; a list of options is drawn outside of the page, where no test can click."""
    chosen = page.run(
        f"{{ const field = document.getElementById({field!r});"
        f" field.value = [...field.options].find((one) => one.label.endsWith({label!r})).value;"
        " field.dispatchEvent(new Event('input', { bubbles: true })); field.selectedOptions[0].label }"
    )
    assert chosen.endswith(label)


def shown(page: Page) -> set[str]:
    return set(page.run(SHOWN))


def said(page: Page) -> str:
    return str(page.run("document.getElementById('_shown').textContent"))


def follow(page: Page, check: str) -> None:
    page.run(f"document.querySelector('a[href=\"#{check}\"]').click(); {FRAME}")


def test_at_first_everything_is_shown(page: Page, checks: tuple[CheckResult, ...]) -> None:
    assert shown(page) == {one.id for one in checks}
    assert said(page) == f"{len(checks)} of {len(checks)} checks shown"


def test_words_show_the_checks_that_have_all_of_them(page: Page, checks: tuple[CheckResult, ...]) -> None:
    words = ("Licence", "defender")
    texts = page.run(TEXTS)
    fitting = {check for check, text in texts.items() if all(word.lower() in text.lower() for word in words)}
    assert 0 < len(fitting) < len(checks)
    write(page, "  ".join(words))
    assert shown(page) == fitting
    assert said(page) == f"{len(fitting)} of {len(checks)} checks shown"


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.PASS, Outcome.MANUAL])
def test_an_outcome_shows_the_checks_that_came_to_it(
    page: Page, checks: tuple[CheckResult, ...], outcome: Outcome
) -> None:
    fitting = {one.id for one in checks if one.outcome is outcome}
    choose(page, "_outcome", f" {outcome}")
    assert shown(page) == fitting
    assert said(page) == f"{len(fitting)} of {len(checks)} checks shown"


def test_a_phase_shows_its_checks_and_no_other_phase(page: Page, checks: tuple[CheckResult, ...]) -> None:
    choose(page, "_inphase", Phase.COLLECTIONS.heading)
    assert shown(page) == {one.id for one in checks if one.phase is Phase.COLLECTIONS}
    assert page.run(SECTIONS) == 1


def test_every_owner_shows_what_is_theirs(page: Page, checks: tuple[CheckResult, ...]) -> None:
    owners = {one.owner for one in checks}
    assert len(owners) > 2
    for owner in owners:
        choose(page, "_owner", str(owner))
        assert shown(page) == {one.id for one in checks if one.owner == owner}


def test_what_is_asked_together_narrows_and_show_all_undoes_it(page: Page, checks: tuple[CheckResult, ...]) -> None:
    choose(page, "_outcome", f" {Outcome.PASS}")
    choose(page, "_inphase", Phase.COLLECTIONS.heading)
    fitting = {one.id for one in checks if (one.outcome, one.phase) == (Outcome.PASS, Phase.COLLECTIONS)}
    assert fitting
    assert shown(page) == fitting
    page.run("document.getElementById('_clear').click()")
    assert shown(page) == {one.id for one in checks}
    assert said(page) == f"{len(checks)} of {len(checks)} checks shown"
    assert page.run("document.activeElement.id") == "_words"


def test_where_nothing_matches_it_says_so(page: Page, checks: tuple[CheckResult, ...]) -> None:
    write(page, "no check has these words")
    assert shown(page) == set()
    assert page.run(SECTIONS) == 0
    assert said(page) == f"Nothing matches: 0 of {len(checks)} checks shown"


def test_a_link_shows_what_the_filter_hides_however_often(page: Page, checks: tuple[CheckResult, ...]) -> None:
    wanted = next(one.id for one in checks if one.outcome is Outcome.PASS)
    for _ in range(2):  # the second time the address is the same, and the browser tells of no change
        choose(page, "_outcome", f" {Outcome.FAIL}")
        assert wanted not in shown(page)
        follow(page, wanted)
        assert shown(page) == {one.id for one in checks}
        assert page.run(f"document.getElementById({wanted!r}).getBoundingClientRect().top") < 900


def test_paper_shows_what_the_filter_hides(page: Page, checks: tuple[CheckResult, ...]) -> None:
    write(page, "no check has these words")
    PRINTED.take(page)
    assert shown(page) == {one.id for one in checks}
    assert list(audits.shape(page, [PRINTED])) == []
