"""Names are hostile (architecture, property 4): whatever collections, devices, policies, accounts and errors are
called, every format has the structure that it has with plain names, and nothing that steers who reads it.

There is no CSV format in this version; formulas are tried all the same.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from readiness import documents
from readiness.assessment import Question, assess
from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.plugin import Reason, Report
from readiness.text import one_line, printable
from reports import html, markdown, terminal
from reports.text import visible
from reports.wrapping import columns
from tests import needed
from tests.assessment.fakes import RULES
from tests.checks.corruption import places, spoiled
from tests.conftest import Estate, Program
from tests.properties.counting import tried
from tests.properties.estates import CHECKS, lost, read
from tests.properties.hostile_names import EVERY, names
from tests.reports.conftest import DIGEST, poisoned
from tests.reports.test_report_browser import FLAGS, NAMES, console

PLAIN = "Nobody"
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
ACTIVE = re.compile(r"@\w|#\d|\bGH-\d|://|www\.|\$\w|:[a-z]\w*:")
"""What renderers look for in finished text."""

INLINE = ("text", "text_special", "code_inline", "softbreak", "strong_open", "strong_close")

often = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
every_name = pytest.mark.parametrize("text", EVERY, ids=lambda text: ascii(text[:24]))


class Page(HTMLParser):
    """The elements of a page, each with the names of its attributes, and what could run or load something."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[str] = []
        self.others: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value or "" for name, value in attrs if name in ("href", "src", "action", "style")]

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)


def same_page(bad: str, plain: str) -> None:
    """No element, attribute, comment or address more than with plain names, and the policy still stands."""
    found, expected = Page(bad), Page(plain)
    assert found.elements == expected.elements
    assert found.others == expected.others
    assert not [name for _, attributes in found.elements for name in attributes if name.startswith("on")]
    assert all(value.startswith(("#", "https://", "")) and ":" not in value.partition("//")[0].replace("https:", "")
               for value in found.values)  # fmt: skip
    assert bad.count("Content-Security-Policy") == plain.count("Content-Security-Policy") >= 1
    assert not STEERING.search(bad)


def shape(text: str) -> list[tuple[str, str, int]]:
    """The blocks of a Markdown page, as a renderer sees them; what is in a line is only text and code."""
    blocks = []
    for token in _renderer().parse(text):
        blocks.append((token.type, token.tag, token.level))
        for child in token.children or ():
            assert child.type in ("text", "text_special", "code_inline", "softbreak", "strong_open", "strong_close"), (
                child
            )
            if child.type == "text":
                assert not ACTIVE.search(child.content), child.content
    return blocks


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def steers_nobody(report: Report) -> None:
    """The terminal: nothing but line ends and what can be seen, and no line is too wide."""
    for ascii_only in (False, True):
        shown = terminal.render(report, width=80, colour=False, ascii_only=ascii_only)
        assert not STEERING.search(shown)
        assert max(map(columns, shown.splitlines())) <= 80
    assert "\n" not in terminal.decision_line(report)
    assert not STEERING.search(terminal.decision_line(report))


def unharmed(report: Report) -> None:
    """Every format, beside the one with plain names."""
    page, blocks = _plain()
    same_page(html.render(report, DIGEST), page)
    text = markdown.render(report, DIGEST)
    assert shape(text) == blocks
    assert not STEERING.search(text)
    steers_nobody(report)
    parsed = documents.parse(documents.report_json(report).encode())
    assert parsed == json.loads(json.dumps(documents.sealed(documents.report_document(report))), object_hook=_clean)
    tried("hostile names")


@cache
def _plain() -> tuple[str, list[tuple[str, str, int]]]:
    report = poisoned(PLAIN)
    return html.render(report, DIGEST), shape(markdown.render(report, DIGEST))


def _clean(found: dict[str, object]) -> dict[object, object]:
    """As the contract has it: lone surrogates replaced."""
    return {_replaced(name): _replaced(value) for name, value in found.items()}


def _replaced(value: object) -> object:
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    return [_replaced(one) for one in value] if isinstance(value, list) else value


@every_name
def test_each_name_stays_text_in_every_format(text: str) -> None:
    if text.strip():
        unharmed(poisoned(text))


@often
@given(names)
def test_any_name_stays_text_in_every_format(text: str) -> None:
    if visible(text).strip():
        unharmed(poisoned(text))


# The whole way: facts with such names, judged.

NAMED = {
    ("Collection", "name"), ("Device", "name"), ("EdrPolicy", "name"), ("Organization", "display_name"),
    ("Site", "name"), ("Site", "server"), ("CloudCollection", "name"), ("CloudCollection", "hierarchy_name"),
    ("SiteAccess", "account"), ("SiteAdministrator", "logon_name"), ("Administrator", "name"), ("RoleGrant",
    "role_name"),
    ("RoleGrant", "category_name"), ("CloudApplication", "name"), ("CloudTenant", "name"), ("CloudService", "name"),
    ("EntraApplication", "name"), ("CoManagementPolicy", "name"), ("SiteSystemRole", "server"),
    ("PolicySetting", "value"),
    ("Component", "machine"), ("EdrPolicy", "scope_tags"), ("UpdatePackage", "description"),
}  # fmt: skip


def called(evidence: Evidence, text: str) -> Evidence:
    """The evidence, everything in it called so; and every third reading failed in such words."""
    readings = (_called(one, text, failed=number % 3 == 2) for number, one in enumerate(evidence.readings))
    return replace(evidence, host=text, readings=tuple(readings))


def _called(reading: Reading[Fact], text: str, *, failed: bool) -> Reading[Fact]:
    if failed and reading.fact not in ("Organization", "Hierarchy", "Collections", "SiteProvider"):
        return replace(lost(reading, Reason.BAD_ANSWER), error=text, source=text, identity=text)
    value = reading.value
    for place in places(value) if value is not None else ():
        if place.key in NAMED:
            value = spoiled(value, place.path, text)
    return replace(reading, value=value, query=text, identity=text)


def judged(name: str, text: str) -> Report:
    estate = read(name)
    return assess(called(estate.evidence, text), Question(CHECKS, estate.settings, RULES), estate.evidence.finished)


@cache
def plainly(name: str) -> Report:
    return judged(name, PLAIN)


@pytest.mark.parametrize("name", ["almost-ready", "hierarchy"])
@settings(often, max_examples=12)
@given(text=names)
def test_what_is_called_so_in_an_estate_stays_text_in_every_format(name: str, text: str) -> None:
    """Facts, verdicts, plan, overlays, readings: whatever way a name takes. A name may change a verdict (two servers
    are no longer one), so the structure is compared where the verdicts are the same."""
    if not visible(text).strip():
        return
    report, plain = judged(name, text), plainly(name)
    steers_nobody(report)
    if [one.outcome for one in report.checks] == [one.outcome for one in plain.checks]:
        same_page(html.render(report, DIGEST), html.render(plain, DIGEST))
    shape(markdown.render(report, DIGEST))
    tried("hostile names")


# The program.


@pytest.mark.parametrize("text", [text for text in EVERY if text.strip()], ids=lambda text: ascii(text[:24]))
def test_what_is_typed_is_repeated_harmlessly(text: str, program: Program) -> None:
    """As a check, a file, a collection, a scenario, a setting: the sentence on standard error steers no terminal."""
    # As the system hands over bytes that are no text; a NUL it cannot hand over.
    given_ = text.replace("\x00", "\u2400")[:200].encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    for arguments in (
        ("explain", given_),
        ("assess", f"x{given_}"),
        ("scan", "--demo", f"x{given_}"),
        ("scan", "--check", given_),
    ):
        ran = program(*arguments)
        assert ran.code == 2
        assert not STEERING.search(ran.out + ran.err), arguments
    tried("hostile names")


@often
@given(names)
def test_texts_for_messages_are_printable(text: str) -> None:
    assert not STEERING.search(printable(text))
    assert not STEERING.search(one_line(text))
    assert len(one_line(text)) <= 200


def test_an_estate_of_hostile_names_is_scanned_and_told_of_harmlessly(
    program: Program, estate: Callable[..., Estate], tmp_path: Path
) -> None:
    """Over real sockets, every file, the log and `--debug`; and no file name is theirs."""
    bad = [
        text
        for text in EVERY
        if 0 < len(text) < 60 and text.strip() and not re.search("[\x00-\x1f\ud800-\udfff\ufffe]", text)
    ]
    quoted = [json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f") for text in bad]
    rows = "".join(
        f"[change.wmi.{place}]\nName = {name}\n"
        for place, name in zip(("SMS_Collection.P0100021", "SMS_Collection.P0100022"), quoted[::17], strict=False)
    )
    served = estate(toml=f'base = "almost-ready"\ntitle = "Hostile."\n{rows}')
    ran = program("scan", "--config", str(served.config), "--debug", "--log-file", "scan.log", variables=served.secrets)
    assert ran.code in (3, 5)
    assert not STEERING.search(ran.out + ran.err)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and "estate-" not in str(path)]
    assert {path.suffix for path in written} >= {".html", ".md", ".json", ".log"}
    assert all(re.fullmatch(r"[A-Za-z0-9.-]+", path.name) for path in written)
    for path in written:
        if path.suffix in (".html", ".md", ".log"):
            assert not STEERING.search(path.read_text(encoding="utf-8"))


# A browser.


@pytest.mark.real
def test_a_browser_sees_the_same_elements(tmp_path: Path) -> None:
    """All of them at once: no element more than with plain names, and a console that stays silent."""
    found = needed.which(*NAMES, package="chromium")
    # What is shown of a sentence is cut: so in portions.
    several = [" ".join(part) for part in _portions([text for text in EVERY if len(text) < 100], 40)]
    plain = _dumped(found, tmp_path, html.render(poisoned(PLAIN), DIGEST))
    for number, text in enumerate(several):
        bad = _dumped(found, tmp_path / str(number), html.render(poisoned(text), DIGEST))
        assert Page(bad).elements == Page(plain).elements


def _portions(every: list[str], size: int) -> Iterable[list[str]]:
    return (every[at : at + size] for at in range(0, len(every), size))


def _dumped(browser: str, folder: Path, page: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "page.html").write_text(page, encoding="utf-8", errors="replace")
    options = (f"--user-data-dir={folder / 'profile'}", "--dump-dom", (folder / "page.html").as_uri())
    done = subprocess.run([browser, *FLAGS, *options], capture_output=True, encoding="utf-8", check=True, timeout=120)
    assert console(done) == []
    return done.stdout
