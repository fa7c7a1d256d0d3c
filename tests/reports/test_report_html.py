"""The report as one HTML file: what is in it, and what can never be."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest

from readiness.plugin import MARKS, Outcome, Report
from reports.html import render
from reports.text import visible

VOID = {"meta", "br", "link", "img", "input", "hr"}
THEMES = {"light": 0, "dark": 1}
INKS = ("text", "quiet", "link", "pass", "fail", "unknown", "manual", "blocked", "not-applicable", "error")


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.style = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text += data

    def all(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


@pytest.fixture
def page(report: Report, digest: str) -> Page:
    return Page(render(report, digest))


def test_elements_are_closed(page: Page) -> None:
    """Every element that opens closes in its turn, up to the end of the file."""
    assert page.open == []


def test_nothing_can_run_or_be_fetched(page: Page) -> None:
    """No script, no handler, no form, no frame, no image, no style outside the one element."""
    assert not page.tags() & {"script", "iframe", "object", "embed", "form", "img", "link", "base", "svg", "video"}
    attributes = {name for _, given in page.elements for name in given}
    assert not {name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action")}
    assert not re.search(r"url\(|@import|expression\(", page.style)
    assert all(link.startswith(("#", "https://learn.microsoft.com/")) for link in page.all("href"))


def test_the_policy_fits_the_style(page: Page, demo_report: Report, digest: str) -> None:
    """The hash in the policy is of the very bytes in the element, whatever they are."""
    for shown in (page, Page(render(demo_report, digest))):
        policy = next(given["content"] for tag, given in shown.elements if given.get("http-equiv"))
        digest_of_style = base64.b64encode(hashlib.sha256(shown.style.encode()).digest()).decode()
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digest_of_style}'; base-uri 'none'; form-action 'none'"
        )


def test_ids_are_unique_and_links_resolve(page: Page) -> None:
    """Every check has its own anchor, and every link of the page leads somewhere on it."""
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.all("href") if link.startswith("#")} <= set(ids)
    assert {reference for value in page.all("aria-labelledby") for reference in value.split()} <= set(ids)
    assert {"site-version-minimum", "collections-enabled", "tenant-reachable"} <= set(ids)


def test_hostile_names_stay_text(report: Report, poisoned_report: Report, hostile: str, digest: str) -> None:
    """The page has no element and no attribute that it would not have with plain names."""
    html = render(poisoned_report, digest)
    page, clean = Page(html), Page(render(report, digest))
    assert page.open == []
    assert page.tags() <= clean.tags()
    assert {name for _, given in page.elements for name in given} <= {
        name for _, given in clean.elements for name in given
    }
    assert visible(hostile)[:100] in page.text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", html)


def test_no_address_of_a_source_runs(report: Report, digest: str) -> None:
    """Only https becomes a link."""
    first = report.checks[0]
    for location in ("javascript:alert(1)", "http://plain.example", "data:text/html,x", "//evil.example"):
        bad = replace(first, sources=(replace(first.sources[0], location=location),))
        page = Page(render(replace(report, checks=(bad,), plan=()), digest))
        assert not [link for link in page.all("href") if not link.startswith("#")]
        assert location in page.text


def test_marks_are_sign_and_word(report: Report, digest: str) -> None:
    """No state by colour alone, and a screen reader hears the word without the sign."""
    html = render(report, digest)
    for outcome in Outcome:
        assert f'<span class="mark {outcome}"><span aria-hidden="true">{MARKS[outcome]}</span> {outcome}</span>' in html


def test_the_first_screen_is_the_decision(page: Page, report: Report) -> None:
    """State, sentence, who, what, when, until when, in which change: before the plan."""
    first = page.text[: page.text.index("Upgrade every site")]
    for words in (
        "not-ready",
        report.decision.sentence,
        "2026-11-24 07:30:00 UTC",
        "Contoso (contoso.onmicrosoft.com)",
        "P01 Contoso primary site",
        "All Windows Servers - EDR (P0100022)",
        "CONTOSO\\svc-readiness, rights: Read-only Analyst, All",
        "readiness 0.1.0",
        "2026.11 of 2026-11-20",
        "2026-11-23 07:30:12 UTC",
        "CHG0031337",
        "2026-12-01 20:00:00 UTC to 2026-12-01 23:00:00 UTC",
    ):
        assert words in first


def test_sections_stand_in_the_order_of_reading(page: Page) -> None:
    """Decision, plan, way, collections, checks, overlays, readings, rights, digest."""
    sections = [
        given["id"] for tag, given in page.elements if tag in ("section", "footer") and "phase" not in given["id"]
    ]
    assert sections == [
        "_decision",
        "_plan",
        "_way",
        "_collections",
        "_checks",
        "_overlays",
        "_readings",
        "_rights",
        "_digest",
    ]


def test_failing_checks_come_first_in_their_phase(page: Page) -> None:
    """Within a phase, by how bad it is; the catalogue's order otherwise."""
    articles = [given["id"] for tag, given in page.elements if tag == "article"]
    assert articles[2:7] == [
        "defender-heartbeat",
        "defender-connected",
        "site-version-minimum",
        "site-version-supported",
        "site-hotfix-kb4563473",
    ]


def test_tables_can_be_heard(page: Page) -> None:
    """Every table has a caption, every head a scope, the page a language and landmarks."""
    tags = [tag for tag, _ in page.elements]
    assert tags.count("table") == tags.count("caption") > 3
    assert all("scope" in given for tag, given in page.elements if tag == "th")
    assert page.elements[0] == ("html", {"lang": "en"})
    assert {"main", "nav", "footer"} <= page.tags()
    assert tags.count("h1") == tags.count("main") == 1


def test_headings_skip_no_level(page: Page) -> None:
    """h1 to h5, one step at a time, so that a reader can jump."""
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("theme", THEMES)
def test_colours_have_contrast(theme: str) -> None:
    """WCAG 2.2 AA: every ink on every paper at 4.5 to 1, in both themes."""
    css = files("reports").joinpath("templates", "report.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", css.split(":root {")[1 + THEMES[theme]]))
    for paper in ("page", "panel"):
        for ink in INKS:
            assert contrast(colours[ink], colours[paper]) >= 4.5, f"{ink} on {paper}"
    assert contrast(colours["demo-text"], colours["demo-page"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, by WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, by WCAG 2.2."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_digest_line_is_the_last(report: Report, digest: str) -> None:
    """Alone on its line, and after it nothing but closing tags."""
    lines = render(report, digest).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("report sha256: "))
    assert all(re.fullmatch(r"</\w+>", line) for line in lines[place + 1 :])


def test_an_empty_report_renders(report: Report, digest: str) -> None:
    """No checks, no plan, no readings, no change: the page says so, and nothing breaks."""
    nothing = replace(
        report, checks=(), plan=(), collections=(), overlays=(), readings=(), change=None,
        run=replace(report.run, tenant=None, site=None, identities=()),
        decision=replace(report.decision, valid_until=None, halves={}),
    )  # fmt: skip
    page = Page(render(nothing, digest))
    assert page.open == []
    assert "No collection was named." in page.text
    assert page.text.count("not judged by this version") == 14
