"""How `readiness permissions` looks on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from readiness.access.telling import OF_A_PERSON
from readiness.model.words import Half, Outcome
from readiness.text import printable

if TYPE_CHECKING:
    from reports.page import Page

Told = Mapping[str, Any]

BOLD = "1"
_HEADINGS = {
    Half.TENANT: "The tenant: permissions of Microsoft Graph",
    Half.SITE: "The site: rights of the reading account",
}
_STANDINGS = {
    "held": (Outcome.PASS, "held", "32"),
    "missing": (Outcome.FAIL, "missing", "31"),
    "not-told": (Outcome.UNKNOWN, "not told", "33"),
    "not-used": (Outcome.NOT_APPLICABLE, "not used", "2"),
}
"""Sign, word and colour of what became of a right."""


def show(page: Page, told: Told) -> None:
    """Lay the needed rights out; what was tested first, then what is read, and for which check.

    One cause may stop many rights from being told: it is told once.
    """
    told_at: dict[str, str] = {}
    tested = any("standing" in right for right in told["rights"])
    for half in map(Half, told["halves"]):
        mine = [right for right in told["rights"] if right["half"] == half]
        _heading(page, _HEADINGS[half])
        for place, right in enumerate(mine):
            if tested:
                _tested(page, right, told_at)
                continue
            _needed(page, right)
            if place + 1 == len(mine) or mine[place + 1]["kind"] != right["kind"]:
                _where(page, right, at=2)
        if half is Half.TENANT and tested:
            page.put("Held: this one, or one that includes it; by what answered, not by what the token says.", indent=2)
        elif half is Half.TENANT:
            _of_the_tenant(page, told)
    if not tested:
        _calls(page, told)
        _checks(page, told)


def _heading(page: Page, heading: str) -> None:
    if page.text().strip():
        page.blank()
    page.put(heading, tone=BOLD)


def _needed(page: Page, right: Told) -> None:
    page.put(right["name"], indent=2, tone=BOLD)
    for line in _details(right):
        page.put(line, indent=6, hang=2)
    page.put(_for(right), indent=6, hang=2)


def _tested(page: Page, right: Told, told_at: dict[str, str]) -> None:
    outcome, word, tone = _STANDINGS[right["standing"]]
    sign = page.mark(outcome).split()[0]
    page.lead(f"  {sign} {word}", right["name"], indent=14, tone=tone)
    if right["standing"] == "held":
        return
    if right["words"]:
        reason = f"{right['reason']}: " if right["reason"] else ""
        first = told_at.setdefault(right["words"], right["name"])
        words = right["words"] if first == right["name"] else f"the same as for {first}"
        page.put(f"{reason}{printable(words)}", indent=14)
    if right["standing"] == "missing":
        _where(page, right, at=14)
    page.put(_for(right), indent=14)


def _details(right: Told) -> Iterator[str]:
    if right["remark"]:
        yield right["remark"]
    if right["kind"] != "permission":
        return
    for form in ("application", "delegated"):
        if right[form] is not None:
            consent = "needs admin consent" if right[form]["admin_consent"] else "needs no admin consent"
            yield f"{form} {right[form]['id']}, {consent}"
    if right["wider"]:
        yield f"also enough: {', '.join(right['wider'])}"


def _where(page: Page, right: Told, *, at: int) -> None:
    page.put(f"Granted by: {right['who']}", indent=at)
    page.put(f"Where: {right['where']}", indent=at)


def _for(right: Told) -> str:
    if right["kind"] == "group":
        return "for: everything that is read of the site"
    return f"for: {', '.join(right['checks'] or right['facts'])}"


def _of_the_tenant(page: Page, told: Told) -> None:
    if told["signs_in"] != "application":
        page.put(OF_A_PERSON, indent=2)
    page.put(f"Ids and wider permissions: {told['source']}.", indent=2)


def _calls(page: Page, told: Told) -> None:
    """Every call once, under the rights of which any one is enough."""
    _heading(page, "What is read, and nothing else")
    calls: Sequence[Told] = told["calls"]
    for rights in dict.fromkeys(tuple(call["rights"]) for call in calls):
        page.put(" or ".join(rights) or "without any right", indent=2)
        same = [call for call in calls if tuple(call["rights"]) == rights]
        for name in dict.fromkeys(call["name"] for call in same):
            whens = [call["when"] for call in same if call["name"] == name]
            only = f": only where {', or '.join(dict.fromkeys(whens))}" if all(whens) else ""
            page.put(f"{name}{only}", indent=6, hang=2)


def _checks(page: Page, told: Told) -> None:
    _heading(page, "Which check needs which right")
    groups = [right["name"] for right in told["rights"] if right["kind"] == "group"]
    at = max((len(check["id"]) for check in told["checks"]), default=0) + 4
    for check in told["checks"]:
        rights = "; ".join(name for name in check["rights"] if name not in groups)
        page.lead(f"  {check['id']}", rights or "none", indent=at)
    if groups:
        page.put(f"What is read of the site needs {' and '.join(groups)} besides.", indent=2)
