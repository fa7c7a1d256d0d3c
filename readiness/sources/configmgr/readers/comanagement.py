"""Co-management policies: whether clients enrol by themselves, and which workloads Intune has.

The settings are in the lazy `SDMPackageXML`. Its rules are inferred from public code (reference: configmgr.md Q3) and
from the names under which clients log the same settings. Whatever is not exactly as expected says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from readiness.errors import SourceError
from readiness.model.facts import CO_MANAGEMENT_CATEGORY, CoManagementPolicies, CoManagementPolicy
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Answer, ProviderFault, Row
from readiness.sources.configmgr.readers.session import SiteSession, finding
from readiness.sources.configmgr.wsman import local
from readiness.sources.reader import Finding

MOST_POLICIES = 10
"""How many co-management policies are looked into; there are two or three."""
MOST_CHARACTERS = 1_000_000
"""A longer text is none of the few rules that such a policy has."""
_ENROLMENT = frozenset({"autoenroll_name", "comanagementsettings_autoenroll"})
_WORKLOADS = frozenset({"capabilities_name", "comanagementsettings_capabilities"})
_FLAGS = {"true": True, "false": False}

_COLUMNS = ("CI_ID", "LocalizedDisplayName", "IsAssigned", "CategoryInstance_UniqueIDs")


def policies(session: SiteSession) -> Finding[CoManagementPolicies]:
    answer = listed(session)
    wanted = CO_MANAGEMENT_CATEGORY.casefold()
    ours = [row for row in answer.rows if wanted in map(str.casefold, row.texts("CategoryInstance_UniqueIDs"))]
    if len(ours) > MOST_POLICIES:
        raise SourceError(Reason.BAD_ANSWER, f"the provider answered {len(ours)} co-management policies")
    return finding(CoManagementPolicies(tuple(_policy(session, row) for row in ours), len(answer.rows)), answer)


def listed(session: SiteSession) -> Answer:
    """The configuration policies of every kind, asked for once."""
    return session.once("SMS_ConfigurationPolicy", lambda: session.rows("SMS_ConfigurationPolicy", _COLUMNS))


def _policy(session: SiteSession, row: Row) -> CoManagementPolicy:
    number = row.integer("CI_ID")
    text = _package(session, number)
    return CoManagementPolicy(
        id=number,
        name=row.optional_text("LocalizedDisplayName") or "",
        assigned=row.flag("IsAssigned"),
        automatic_enrolment=enrolment(text),
        workloads=workloads(text),
    )


def _package(session: SiteSession, number: int) -> str:
    """The text of one policy; empty where the site refuses it or has none."""
    try:
        answer = session.instance("SMS_ConfigurationPolicy", {"CI_ID": number})
    except ProviderFault as fault:
        fault.must_be_lasting()
        return ""
    return "".join(row.optional_text("SDMPackageXML") or "" for row in answer.rows[:1])


def enrolment(package: str) -> bool | None:
    """What the rule for automatic enrolment says; None where there is none, or several that disagree."""
    return _FLAGS.get(_constant(package, _ENROLMENT).casefold())


def workloads(package: str) -> int | None:
    """Bits of the workloads that Intune has; None as above."""
    text = _constant(package, _WORKLOADS)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _constant(package: str, names: frozenset[str]) -> str:
    """The one constant of the rules that bear one of these names; empty where there is no such one."""
    if not package or len(package) > MOST_CHARACTERS:
        return ""
    try:
        root = fromstring(package, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return ""
    values = {value for rule in _rules(root) if names & set(_names(rule)) for value in _values(rule)}
    return values.pop() if len(values) == 1 else ""


def _rules(root: Element) -> Iterator[Element]:
    """Every rule that lies in no other one: looking into each of thousands that lie within each other takes hours."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if local(element.tag) == "Rule":
            yield element
        else:
            waiting.extend(element)


def _names(rule: Element) -> Iterator[str]:
    """What a rule is called and what it is about: its display name, and the setting that it refers to."""
    for element in rule.iter():
        for name in ("Text", "SettingLogicalName"):
            yield element.get(name, "").strip().casefold()


def _values(rule: Element) -> Iterator[str]:
    found = [element.get("Value", "").strip() for element in rule.iter() if local(element.tag) == "ConstantValue"]
    # Several constants are another kind of rule than the one that is known.
    yield found[0] if len(found) == 1 else ""
