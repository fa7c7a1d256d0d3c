"""One state of the report, visited: which audits, in which views, and what they found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from readiness.plugin import Report
from reports.html import render
from tests.looks import audits
from tests.looks.audits import Finding
from tests.looks.browser import Browser, Page
from tests.looks.views import View
from tests.reports.conftest import DIGEST

AUDITS = ("axe", "contrast", "console", "markup", "overflow", "keyboard", "links", "print", "script", "motion")
"""The columns of the table, in this order."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A state as a file. The name stands in it as a folder, so that it may hold any sign."""

    state: str
    file: Path

    @property
    def bytes(self) -> int:
        return self.file.stat().st_size


def rendered(folder: Path, state: str, report: Report, digest: str = DIGEST) -> Rendered:
    """The report as HTML in a folder."""
    file = folder / f"{state.replace(' ', '-').replace(',', '')}.html"
    file.write_text(render(report, digest), encoding="utf-8")
    return Rendered(state, file)


@contextmanager
def opened(browser: Browser, file: Path, *, script: bool = True) -> Iterator[Page]:
    """A page of its own that shows the file."""
    with browser.page(script=script) as page:
        page.open(file)
        yield page


def looks(page: Page, deeply: Sequence[View], colours: Sequence[View], shapes: Sequence[View]) -> Iterator[Finding]:
    """How it looks and what axe says of it, without going through it. `colours`: where axe judges contrast only."""
    for view in deeply:
        yield from audits.axe(page, view)
    for view in colours:
        yield from audits.axe(page, view, audits.CONTRAST)
    yield from audits.shape(page, shapes)
    yield from audits.links(page, deeply[0])
    yield from audits.silence(page)


def keys(browser: Browser, file: Path, view: View) -> Iterator[Finding]:
    """Going through it by keyboard."""
    with opened(browser, file) as page:
        yield from audits.keyboard(page, view)
    with opened(browser, file) as page:
        yield from audits.skip_link(page, view)


def paper_and_plain(browser: Browser, file: Path) -> Iterator[Finding]:
    """What paper shows, and what is there without script."""
    with opened(browser, file) as page, opened(browser, file, script=False) as plain:
        yield from audits.paper(page, DIGEST)
        yield from audits.without_script(page, plain)


def row(visited: Rendered, findings: Sequence[Finding]) -> str:
    """A line of the table."""
    counted: Mapping[str, int] = Counter(one.audit for one in findings)
    cells = "".join(f"{counted.get(audit, 0) or '-':>10}" for audit in AUDITS)
    return f"{visited.state:34}{visited.bytes / 1000:8.1f} KB{cells}"


def head() -> str:
    return f"{'state':34}{'size':>11}" + "".join(f"{audit:>10}" for audit in AUDITS)
