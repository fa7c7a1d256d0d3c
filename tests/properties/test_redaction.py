"""Redaction leaves no original name in any output, in all formats, whatever the names are.

Two ways to look: what is redacted does not depend on the names at all (another naming, the same bytes), and no name is
found again in anything that is said or written, however it is escaped, wrapped, spelled or cut apart by signs.
"""

from __future__ import annotations

import html
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness import documents
from readiness import evidence as bodies
from readiness.aliases import Aliases
from readiness.cli.finish import judge
from readiness.composition import formats, terminal_format
from readiness.config import Configuration
from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.settings import Attestation, Change, Waiver
from readiness.model.words import Reason
from readiness.redaction import redact
from readiness.redaction.declared import COLLECTION, FIELDS, GROUP, POLICY, ROLE, SITE, TENANT, TEXT, USER
from readiness.redaction.redacting import Redacted
from readiness.redaction.telling import TOKEN, vocabulary
from readiness.redaction.treatments import Treat, asked, kept, told
from readiness.redaction.walking import walked
from tests.properties.counting import tried
from tests.properties.hostile_names import EVERY, names
from tests.redaction.conftest import Case, case

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
often = settings(max_examples=6 * TIMES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SCENARIOS = ("almost-ready", "hierarchy", "rights-limited")
BY_NAME = (COLLECTION, GROUP, POLICY, ROLE, SITE, TENANT, USER, TEXT)
"""Treatments of fields that may hold any name. Hosts and domains have a form, and keep it here."""
PLAIN_NAME = re.compile(r"[A-Za-z]+[ A-Za-z0-9()&-]*")
SHORTEST = 3


def renamed(found: Case, name: Callable[[str], str]) -> Case:
    """The estate with other names wherever any name may stand; what has the form of an id keeps it."""

    def say(treat: Treat, _target: bool, text: str) -> str:
        is_name = treat in BY_NAME and PLAIN_NAME.fullmatch(text) and not re.fullmatch(r"[0-9A-Z]{8}|uuid.*", text)
        return name(text) if is_name and text not in ("Full Administrator", "Read-only Analyst") else text

    evidence = walked(found.evidence, say)
    configuration = found.configuration
    judging = replace(
        walked(configuration.judging, say),
        change=Change(ticket=name("ticket"), approver=name("approver")),
        waivers=(
            Waiver("attach-app-healthy", name("requester"), name("approver"), name("reason"), END, name("ticket")),
            Waiver("collections-enabled", name("asker"), name("boss"), name("why"), END, collection=name("nobody's")),
        ),
        attestations=(Attestation("attach-sync-working", name("statement"), name("witness"), DAY, END),),
    )
    return Case(_failing(evidence, name), replace(configuration, judging=judging))


STRAY = "Zebulon <b>Quimby</b> & Sons, 4711 Vandelay-Platz"
"""What a server said: nothing else holds it."""
DAY, END = (case("almost-ready").evidence.finished.date(),) * 2


def _failing(evidence: Evidence, name: Callable[[str], str]) -> Evidence:
    """Two readings that failed, in words that hold names: one that stands elsewhere, and one that does not."""
    sentences = {
        "PolicyStatuses": f"Microsoft Graph refuses /deviceManagement/reports: {name('All Windows Servers - EDR')}",
        "ComponentStatuses": f"cm01.contoso.com:5986 refused the sign-in of CONTOSO\\svc-readiness: {STRAY}",
    }
    return replace(evidence, readings=tuple(_failed(one, sentences.get(one.fact)) for one in evidence.readings))


def _failed(reading: Reading[Fact], words: str | None) -> Reading[Fact]:
    if words is None:
        return reading
    query = f"SELECT * FROM SMS_Collection WHERE Name = '{words.rpartition(': ')[2]}'"  # noqa: S608 - asked of nobody
    return replace(reading, value=None, rows=None, reason=Reason.ACCESS_DENIED, error=words, query=query)


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that a redacted run tells, by where."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, made: Redacted, found: Case) -> Told:
        report = judge(made.configuration, made.evidence, found.evidence.finished)
        digest = documents.digest(documents.report_document(report))
        terminal = terminal_format()
        shown = {name: one.render(report, digest) for name, one in formats().items()}
        return cls(
            {
                **shown,
                "terminal": terminal.render(report, width=80, colour=False, ascii_only=False),
                "terminal, ascii": terminal.render(report, width=80, colour=False, ascii_only=True),
                "--quiet": terminal.decision_line(report),
                "evidence": documents.readable(documents.sealed(bodies.document(made.evidence))),
                "file name": made.evidence.tenant or made.evidence.site or "",
            }
        )

    def decoded(self) -> Iterator[tuple[str, str]]:
        """As who reads it sees it: entities, escapes of Markdown and JSON resolved; lines that were wrapped, joined."""
        for place, text in self.texts.items():
            if place in ("json", "evidence"):
                seen = "\n".join(_strings(json.loads(text)))
            else:
                seen = html.unescape(html.unescape(text)).replace("\\", "")
            yield place, unicodedata.normalize("NFC", re.sub(r"\s+", " ", seen)).casefold()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    else:
        yield str(value)


def redacted(found: Case) -> Redacted:
    return redact(found.evidence, found.configuration, Aliases(), None)


def originals(found: Case) -> set[str]:
    """Every text of the estate and its configuration that does not stay."""
    every: set[str] = set()

    def hear(treat: Treat, _target: bool, text: str) -> str:
        if treat not in (kept, told, asked) and treat(Aliases(), text) != text:
            every.add(text)
        return text

    for whole in (found.evidence, *_settings(found.configuration)):
        walked(whole, hear)
    return every


def _settings(configuration: Configuration) -> list[Any]:
    wholes = (configuration.tenant, configuration.site, configuration.scan, configuration.judging)
    return [one for one in wholes if one is not None]


@cache
def usual_words(scenario: str) -> tuple[str, ...]:
    """What a redacted report says, whatever is called how: as of an estate whose names are nobody's."""
    numbered: dict[str, str] = {}
    nobody = renamed(case(scenario), lambda text: numbered.setdefault(text, f"Zzqx{len(numbered)}"))
    return tuple(text for _, text in Told.of(redacted(nobody), nobody).decoded())


def leaks(scenario: str, found: Case) -> list[str]:
    """Originals that are found again, by where; not the words that the product says itself."""
    outputs = list(Told.of(redacted(found), found).decoded())
    joined = [(place, _only_letters(text)) for place, text in outputs]
    usual, usual_joined = usual_words(scenario), tuple(map(_only_letters, usual_words(scenario)))
    found_again = []
    for original in (one for one in originals(found) if not is_usual(one)):
        text = unicodedata.normalize("NFC", " ".join(original.split())).casefold()
        if len(text) >= SHORTEST and not any(text in one for one in usual):
            found_again += [f"{original!r:.60} in {place}" for place, told_ in outputs if text in told_]
        bare = _only_letters(text)
        if len(bare) >= 2 * SHORTEST and not any(bare in one for one in usual_joined):
            found_again += [f"letters of {original!r:.60} in {place}" for place, told_ in joined if bare in told_]
    stray = [word for word in ("zebulon", "quimby", "vandelay") if any(word in text for _, text in outputs)]
    return [*found_again, *stray]


def is_usual(name: str) -> bool:
    """Whether a name tells nothing: signs and digits, or a single word of the product's own."""
    tokens = TOKEN.findall(name)
    return re.search(r"[^\W\d_]", name) is None or (
        len(tokens) == 1 and {tokens[0], name.lower()} & vocabulary() != set()
    )


def _only_letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_original_is_in_any_output(scenario: str) -> None:
    found = renamed(case(scenario), lambda text: text)
    assert len(originals(found)) > 20
    assert leaks(scenario, found) == []


@pytest.mark.parametrize("scenario", SCENARIOS)
@often
@given(words=st.lists(st.from_regex(r"[A-Z][a-z]{2,9}( [A-Z][a-z]{2,9}){0,2}", fullmatch=True), min_size=3, max_size=8))
def test_other_names_give_the_same_bytes(scenario: str, words: list[str]) -> None:
    """Nothing of a name, not its length, letters or place in the alphabet, comes through: an estate whose collections,
    people, policies and tenants are called otherwise gives the same evidence and the same report in every format."""
    given_: dict[str, str] = {}

    def name(text: str) -> str:
        return given_.setdefault(
            text, f"{words[len(given_) % len(words)]} Zzqx{chr(97 + len(given_) % 26)}{len(given_)}q"
        )

    one, other = renamed(case(scenario), name), renamed(case(scenario), lambda text: f"Zzqy{name(text)}")
    assert Told.of(redacted(one), one).texts == Told.of(redacted(other), other).texts
    tried("redacted estates")


def called(texts: Sequence[str]) -> Callable[[str], str]:
    """Gives out these names one after the other; from the second round on longer ones that begin like them."""
    given_: dict[str, str] = {}

    def name(old: str) -> str:
        turn, number = divmod(len(given_), len(texts))
        new = texts[number] if not turn else f"{texts[number][:60]}{' ' * (turn % 2)}{turn}"
        return given_.setdefault(old, re.sub("[\ud800-\udfff]", "\ufffd", new))  # as evidence is read

    return name


@pytest.mark.parametrize("scenario", SCENARIOS[:2])
@often
@given(texts=st.lists(names, min_size=1, max_size=6))
def test_no_hostile_name_is_in_any_output(scenario: str, texts: list[str]) -> None:
    assert leaks(scenario, renamed(case(scenario), called(texts))) == []
    tried("redacted estates")


HARD = (
    "Server", "Servers", "All", "pass", "ready", "not ready", "Graph", "the tenant", "account", "read",
    "SMS_Collection", "COLL-1", "HOST-2", "USER-1", "TEXT-1", "Z01", "Z0100001", "⟦1⟧", "⟦0l⟧", "P0100021", "2001",
    "a11a5000-0000-4000-8000-000000000001", "Jörg Müller", "JO\u0308RG MU\u0308LLER", "STRASSE", "straße", "Contoso",
    "CONTOSO", "contoso.com", "cm01", "CM01.CONTOSO.COM", "admin@contoso.com", "CONTOSO\\admin", "10.0.0.5",
    "fe80::1", "404", "HTTP 401", "https://cm01.contoso.com/x?y=z", r"\\cm01\share\x", "C:\\Users\\jane\\contoso.pfx",
    "Windows", "KB4563473", "Microsoft Windows NT Server 10.0", "Full Administrator", "x" * 5_000_000,
    "DeviceManagementApps.Read.All",
)  # fmt: skip
PORTION = 20


@pytest.mark.parametrize("first", range(0, len(EVERY) + len(HARD), PORTION))
def test_names_that_steer_are_words_aliases_or_parts_of_others_are_in_no_output(first: int) -> None:
    texts = [text for text in (*EVERY, *HARD) if text][first : first + PORTION]
    if texts:
        assert leaks("almost-ready", renamed(case("almost-ready"), called(texts))) == []


def test_what_may_stay_of_sentences_is_no_name_of_an_example() -> None:
    names_ = {text.casefold() for name in SCENARIOS for text in originals(case(name)) if PLAIN_NAME.fullmatch(text)}
    assert names_
    assert [word for word in vocabulary() if word.casefold() in names_ or "contoso" in word.casefold()] == []
    assert FIELDS["Reading.error"] is told
