"""What must hold of a scan that met a fault, whatever the fault was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from readiness.assessment.blocking import dependencies
from readiness.composition import all_checks, readers
from readiness.model.check import Check
from readiness.model.facts import FACTS
from readiness.model.injection import parameters
from readiness.model.report import CheckResult
from readiness.model.words import DecisionState, Half, Level, Outcome, Reason
from tests.faults.exchanges import SIGN_IN
from tests.faults.scanning import Estate, Scan, same
from tests.faults.striking import Reach, Strike

HALVES = {fact.__name__: fact.half for fact in FACTS}
LONGEST_SENTENCE = 1000
WEIGHED: Mapping[tuple[str, str], str] = {
    ("policy-kind-matches-devices", "CoManagementPolicies"): "no target holds a device that is co-managed",
    **dict.fromkeys(
        (
            ("site-known-defects", fact)
            for fact in ("SiteUpdates", "SiteUpdateStatuses", "Collections", "TargetDevices")
        ),
        "the sites run a release of which no defect is known, so neither fixes nor devices are looked for",
    ),
    ("collection-devices-eligible", "SiteIdentification"): "the site's own release tells what it supports",
}
"""Checks that may pass though a reading that they take is missing or empty, by check and fact: why they may."""

PARTLY: Mapping[str, str] = {
    r"^entra discovery$": "a document that says nothing of the cloud is one; the sign-in needs more of it, and fails",
    r"/settings$": "the settings of a policy are told where they can be read, and the checks weigh that",
    r"/transitiveRoleAssignments": "without it the groups are said not to have been read",
    r"/roleAssignmentScheduleInstances|/roleEligibilityScheduleInstances": "without it management of roles is unknown",
    r"accountEnabled$": "basic rights name a person, and leave open whether the account is enabled",
    r"SMS_ConfigurationPolicy CI_ID=": "without the text of a policy enrolment and workloads are not known",
    r"SMS_R_System": "which devices are domain controllers is then not known",
}
"""Exchanges that a reading does without where they are refused, and says so in its value: what it says instead."""

HOLLOW = ("every field of every row null", "every row without fields")
"""Faults that leave nothing to judge."""


def resting(exchange: str) -> frozenset[str]:
    """The facts whose readers ask for this exchange, by their own declarations."""
    server, _, asked = exchange.partition(" ")
    if server == "entra":
        return _of_half(Half.TENANT) - (frozenset() if asked == "discovery" else _only_metadata())
    if server == "graph":
        version, method, url = asked.split(" ", 2)
        call = f"Graph {version} {'POST ' if method == 'POST' else ''}{url.partition('?')[0]}"
        return frozenset(
            reader.fact.__name__ for reader in readers().values() if any(one.matches(call) for one in reader.calls)
        )
    return _of_site(asked)


def _of_site(asked: str) -> frozenset[str]:
    """The facts made of a class. Everything of a site rests on what says which site the provider is for."""
    found = re.search(r"\bFROM (\w+)", asked) or re.match(r"(?:(?:Get|Pull|Release) )?(\w+)", asked)
    cls = found[1] if found else ""
    if cls in ("SMS_ProviderLocation", "") or "SMSProviderServer" in asked:
        return _of_half(Half.SITE)
    return frozenset(
        reader.fact.__name__
        for reader in readers().values()
        if reader.fact.half is Half.SITE and any(re.match(rf"{cls}\b", call.name) for call in reader.calls)
    )


def _of_half(half: Half) -> frozenset[str]:
    return frozenset(name for name, its in HALVES.items() if its is half)


@cache
def _only_metadata() -> frozenset[str]:
    """The facts that are read without signing in."""
    return frozenset(
        reader.fact.__name__
        for reader in readers().values()
        if all(call.name.startswith("Entra ID ") for call in reader.calls)
    )


def touched(scan: Scan) -> frozenset[str]:
    """The facts that the fault could reach."""
    strike = scan.strike
    if strike is None:
        return frozenset()
    if strike.fault.reach is Reach.HALF or strike.target.endswith(f" {SIGN_IN}"):
        return _of_half(Half.TENANT if strike.target.split()[0] in ("entra", "graph") else Half.SITE)
    return frozenset().union(*(resting(name) for name in strike.along or {strike.target}))


def leaning(facts: frozenset[str]) -> frozenset[str]:
    """The checks that rest on these facts: they take one, or depend on a check that does."""
    found: set[str] = set()
    checks = all_checks()
    while more := {c.id for c in checks if c.id not in found and (_taken(c) & facts or found & set(dependencies(c)))}:
        found |= more
    return frozenset(found)


@cache
def _taken(check: Check) -> frozenset[str]:
    return frozenset(one.fact.__name__ for one in parameters(check) if one.fact is not None)


def broken(estate: Estate, scan: Scan) -> list[str]:
    """Every rule that the scan broke, in words; none when all is well."""
    if scan.strike is None or scan.strike.met == 0:
        return ["the fault did not meet the exchange"]
    reached = touched(scan)
    found = [*_refused(scan), *_readings(estate, scan, reached), *_checks(estate, scan, reached), *_end(estate, scan)]
    attempt = "" if scan.strike.times is None else f" (first {scan.strike.times})"
    return [f"{scan.strike.fault}{attempt} of {scan.strike.target[:110]}: {words}" for words in found]


def _refused(scan: Scan) -> Iterator[str]:
    """Each answer that is none costs a reading, also where what it says happens to be the truth."""
    strike = scan.strike
    if strike is None or strike.times is not None or strike.fault.plausible or strike.fault.harmless:
        return
    if strike.target.endswith(f" {SIGN_IN}"):  # of such a leg only its status and its headers count
        return
    if scan.report is None:
        yield "it was believed: every reading is as before"


def _readings(estate: Estate, scan: Scan, reached: frozenset[str]) -> Iterator[str]:
    strike = scan.strike
    for name, reading in scan.readings.items():
        before = estate.healthy.readings[name]
        if same(reading, before):
            continue
        if name not in reached:
            yield f"{name} does not rest on it and is other than before: {reading.error}"
        if reading.available and strike is not None and not _believed(strike, name):
            yield f"{name} was read, and is other than before"
        if reading.error is not None:
            yield from (f"{name}: {words}" for words in _sentence(estate, reading.error, reading.reason))


def _sentence(estate: Estate, error: str, reason: Reason | None) -> Iterator[str]:
    """What is wrong with the words for a person."""
    if not error.strip() or not error.isprintable() or len(error) > LONGEST_SENTENCE:
        yield f"no sentence of one printable line: {error[:200]!r}"
    if reason in (None, Reason.NOT_CONFIGURED, Reason.NO_TARGET, Reason.STALE):
        yield f"the reason {reason} is not of a fault: {error}"
    if not re.search(
        r"localhost|the provider|Microsoft Graph|Entra ID|Intune|scan|sign-in|report|SMS_\w+|/\w+|application", error
    ):
        yield f"names neither the host nor what was asked: {error}"
    if re.search(r"Traceback|\bFile \"|object at 0x|the reader broke", error):
        yield f"words of the program, not for a person: {error}"
    if any(secret in error for secret in (*estate.secrets.values(), *estate.seam.tokens)):
        yield "a secret is in the words"


def _checks(estate: Estate, scan: Scan, reached: frozenset[str]) -> Iterator[str]:
    if scan.report is None or estate.healthy.report is None:
        return
    before = {check.id: check for check in estate.healthy.report.checks}
    leans = leaning(reached)
    lacking = any(reading.reason is Reason.MISSING_PERMISSION for reading in scan.readings.values())
    for check in scan.report.checks:
        if check.outcome is Outcome.ERROR:
            yield f"{check.id} crashed"
        if check.outcome is Outcome.PASS and not _may_pass(before[check.id]):
            yield f"{check.id} came to pass, from {before[check.id].outcome}"
        if check.id in leans:
            yield from _pass(estate, scan, check)
        elif not _alike(check, before[check.id], only_outcome=lacking and check.id == "tenant-reachable"):
            yield f"{check.id} does not rest on it and is other than before: {check.outcome}, {check.summary}"


def _may_pass(before: CheckResult) -> bool:
    """Where it can no longer be told that a role is not needed, its holder is judged, and truly holds it."""
    moot = before.id in ("global-administrator", "administrator-licensed") and before.outcome is Outcome.NOT_APPLICABLE
    return before.outcome is Outcome.PASS or moot


def _believed(strike: Strike, name: str) -> bool:
    """Whether a reading of this fact that is other than before may come of it."""
    struck = {strike.target, *strike.along}  # what travels together depends on who was quick enough
    without = [one for one in struck if any(re.search(pattern, one) for pattern in PARTLY)]
    return strike.fault.plausible or (strike.fault.refusal and any(name in resting(one) for one in without))


def _alike(one: CheckResult, other: CheckResult, *, only_outcome: bool) -> bool:
    return one.outcome is other.outcome if only_outcome else one == other


def _pass(estate: Estate, scan: Scan, check: CheckResult) -> Iterator[str]:
    """A check that rests on the exchange passes on whole and equal readings only."""
    if check.outcome is not Outcome.PASS:
        return
    taken = next(_taken(one) for one in all_checks() if one.id == check.id)
    for name in sorted(taken):
        reading = scan.readings.get(name)
        if reading is None or same(reading, estate.healthy.readings[name]):
            continue
        strike = scan.strike
        if strike is not None and reading.available and _believed(strike, name) and strike.fault.name not in HOLLOW:
            continue  # judged as what it says: see `tests/test_no_false_pass.py`
        if (check.id, name) not in WEIGHED:
            yield f"{check.id} passes, and its {name} is {reading.reason}"


def _end(estate: Estate, scan: Scan) -> Iterator[str]:
    if scan.code not in (0, 3, 5):
        yield f"exit code {scan.code}"
    if scan.report is None or estate.healthy.report is None:
        return
    before = {check.id: check.outcome for check in estate.healthy.report.checks}
    worse = [c.id for c in scan.report.checks if c.level is Level.BLOCKER and c.outcome is not before[c.id]]
    if worse and scan.report.decision.state is DecisionState.READY:
        yield f"ready, though {', '.join(worse)} changed"
