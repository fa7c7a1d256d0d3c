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

from readiness.plugin import MARKS, DataSent, Half, Report, RightUsed, Sees, Sight
from reports.coverage import NOT_TOLD
from reports.html import render
from reports.text import visible
from tests.reports.conftest import NOW

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
        self.script = ""
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
        elif self.open and self.open[-1] == "script":
            self.script += data
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
    """No script but ours, no handler, no form, no frame, no image, no style outside the one element."""
    assert not page.tags() & {"iframe", "object", "embed", "form", "img", "link", "base", "video", "foreignobject"}
    assert [given for tag, given in page.elements if tag in ("script", "style")] == [{}, {}]
    attributes = {name for _, given in page.elements for name in given}
    assert not {name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action")}
    assert not re.search(r"url\(|@import|expression\(", page.style)
    assert all(link.startswith(("#", "https://learn.microsoft.com/")) for link in page.all("href"))


def test_the_policy_fits_style_and_script(page: Page, demo_report: Report, digest: str) -> None:
    """The hashes in the policy are of the very bytes in the elements, whatever they are; nothing else may run."""
    for shown in (page, Page(render(demo_report, digest))):
        policy = next(given["content"] for tag, given in shown.elements if given.get("http-equiv"))
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{_hash(shown.style)}'; script-src 'sha256-{_hash(shown.script)}'; "
            "base-uri 'none'; form-action 'none'"
        )


def _hash(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def test_the_script_writes_no_markup_and_asks_nobody(page: Page) -> None:
    """Names of other people pass through it as text, and it reaches no host."""
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function|fetch|XMLHttp|import", page.script
    )
    assert ".textContent = " in page.script


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


def test_marks_are_sign_and_word(page: Page, report: Report, digest: str) -> None:
    """No state by colour alone, and a screen reader hears the word without the sign, which the style sheet draws."""
    html = render(report, digest)
    for outcome, sign in MARKS.items():
        assert f'<span class="mark {outcome}">{outcome}</span>' in html
        assert f'.mark.{outcome}::before{{content:"{sign}";content:"{sign}" / ""}}' in page.style


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
    """Decision, plan, way, collections, checks, overlays, coverage, readings, rights, data sent, digest."""
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
        "_coverage",
        "_readings",
        "_rights",
        "_sent",
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


def test_the_chain_says_in_words_what_it_draws(report: Report, digest: str) -> None:
    """Every phase in its order with its outcome; broken behind a blocker that did not pass, and nowhere else."""
    html = render(report, digest)
    drawn = html[html.index("<svg") : html.index('<ol class="way">')]
    title = re.search(r"<title[^>]*>(.*?)</title>", drawn, re.DOTALL)
    assert title
    assert (
        "1 connection: pass, 2 defender: unknown, 3 site: fail, 4 attach: pass, 5 collections: fail, 6 rights: manual, "
        "7 policy: not judged by this version."
    ) in title[1]
    links = re.findall(r'<line class="(link(?: broken)?)"', drawn)
    assert [link == "link broken" for link in links] == [False, True, True, False, True, True]
    assert re.findall(r'<svg class="([a-z-]+)', drawn)[1:] == [
        "pass", "unknown", "fail", "pass", "fail", "manual", "not-applicable",
    ]  # fmt: skip


def test_the_matrix_links_its_rows_and_columns(report: Report, page: Page, digest: str) -> None:
    """A column leads to its check, a row to the verdict of its collection, and a cell has its word as text."""
    html = render(report, digest)
    table = html[html.index('<table class="matrix">') : html.index('<p class="legend">')]
    assert '<a href="#collections-enabled">collections-enabled</a>' in table
    for number, target in enumerate(report.collections, start=1):
        assert f'<a href="#_target-{number}"><bdi>{target.name}</bdi></a>' in table
        assert f"_target-{number}" in page.all("id")
    row = next(line for line in table.splitlines() if "All Windows Servers - EDR" in line)
    assert '<td class="fail"><i>fail</i></td>' in row


def test_the_marks_of_the_matrix_are_those_of_everywhere(page: Page) -> None:
    """They stand in the style sheet, so that ten thousand cells stay small."""
    drawn = dict(re.findall(r'\.matrix \.([a-z-]+)::before,\.mark\.\1::before\{content:"(.)"', page.style))
    assert drawn == {outcome.value: mark for outcome, mark in MARKS.items()}


def test_expected_stands_beside_observed_also_where_it_is_folded(page: Page, report: Report) -> None:
    assert page.all("class").count("held") == len(report.checks)
    assert page.text.count("What the article asks for") == len(report.checks)


def test_coverage_tells_what_was_not_judged_not_read_and_not_seen(report: Report, digest: str) -> None:
    sight = Sight(Half.SITE, "CONTOSO\\svc-readiness", "Analyst on Default", Sees.NOT_KNOWN, "what is hidden from it")
    told = replace(report, sights=(sight,), decision=replace(report.decision, deselected=("edr-policy-intune",)))
    text = Page(render(told, digest)).text
    part = text[text.index("12 of 13 checks judged; 2 of 3 readings could be had.") : text.index("Everything that was")]
    for words in (
        "1 check deselected for this run: edr-policy-intune.",
        "defender-heartbeat",
        "missing-permission",
        "403: the application lacks",
        "what is hidden from it",
    ):
        assert words in part


def test_rights_and_data_sent_are_told_or_it_says_that_they_are_not(report: Report, digest: str) -> None:
    row = DataSent(
        name="collection", about="each enabled collection", to="Microsoft Intune", items=("id", "<b>name</b>"),
        basis="inferred", title="A page", location="a place", source="S", date=NOW.date(), confidence="low",
    )  # fmt: skip
    right = RightUsed("Organization.Read.All", Half.TENANT, "permission", ("the app",), ("Organization",), ())
    html = render(replace(report, data_sent=(row,), rights=(right,)), digest)
    text = Page(html).text
    for words in ("Organization.Read.All", "each enabled collection", "id, <b>name</b>", "inferred, confidence low"):
        assert words in text
    assert "readiness itself sends sign-in and read requests" in text
    assert "<b>name</b>" not in html
    assert Page(render(report, digest)).text.count(NOT_TOLD) == 3


def test_the_search_is_not_there_without_its_script(page: Page) -> None:
    """Its controls wait for the script, each with a label; what it came to is said aloud."""
    bar = next(given for _, given in page.elements if given.get("id") == "_filter")
    assert "hidden" in bar
    fields = {given["id"] for tag, given in page.elements if tag in ("input", "select")}
    assert fields == {given["for"] for tag, given in page.elements if tag == "label"} == {
        "_words", "_outcome", "_inphase", "_owner",
    }  # fmt: skip
    assert next(given for _, given in page.elements if given.get("id") == "_shown")["role"] == "status"


def test_a_step_of_the_plan_and_the_check_that_it_mends_lead_to_each_other(page: Page) -> None:
    assert {"#_step-1", "#_step-2"} <= set(page.all("href"))
    assert {"_step-1", "_step-2", "_step-3", "_step-4"} <= set(page.all("id"))


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
    assert page.text.count("not judged by this version") == 21
